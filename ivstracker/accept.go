package ivstracker

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// The places of events among those of equal time.
const (
	rankStart = iota + 1
	rankInterruption
	rankEnd
	rankFailure
	rankExchange
)

// rank is the place of an event among those of equal time; 0 for an event that
// the Tracker does not know.
func rank(e ivsevents.Event) int8 {
	switch e.(type) {
	case *ivsevents.ParticipantPublished, *ivsevents.ParticipantReplicationStart, *ivsevents.RecordingStart, *ivsevents.CompositionSessionStart, *ivsevents.CompositionDestinationStart:
		return rankStart
	case *ivsevents.CompositionDestinationReconnecting:
		return rankInterruption
	case *ivsevents.ParticipantUnpublished, *ivsevents.ParticipantReplicationEnd, *ivsevents.RecordingEnd, *ivsevents.CompositionSessionEnd, *ivsevents.CompositionDestinationEnd:
		return rankEnd
	case *ivsevents.ParticipantPublishError, *ivsevents.RecordingStartFailure, *ivsevents.RecordingEndFailure, *ivsevents.CompositionSessionFailure, *ivsevents.CompositionDestinationFailure:
		return rankFailure
	case *ivsevents.TokenExchanged:
		return rankExchange
	}
	return 0
}

// The longest texts, in bytes, that the service can send. The API reference limits
// all but event IDs, session IDs, destination IDs, codes and reasons, which are
// far shorter than this wherever they are shown.
const (
	maxEvent      = 64 << 10 // a whole event has a few KiB
	maxARN        = 128
	maxID         = 64
	maxUser       = 128     // characters
	maxAttributes = 2 << 10 // 1 KB, it does not say of what
	maxBucket     = 63
	maxPrefix     = 256
	maxCode       = 64
	maxReason     = 1 << 10
	maxName       = 128

	maxCapabilities = 8 // there are two
)

// within reports whether no text is longer than a number of bytes.
func within(most int, texts ...string) bool {
	for _, text := range texts {
		if len(text) > most {
			return false
		}
	}
	return true
}

func isUser(id string) bool {
	return len(id) <= maxUser || len(id) <= maxUser*utf8.UTFMax && utf8.RuneCountInString(id) <= maxUser
}

func areAttributes(attributes map[string]string) bool {
	total := 0
	for k, v := range attributes {
		if total += len(k) + len(v) + len(`"":"",`); total > maxAttributes {
			return false
		}
	}
	return true
}

func areCapabilities(capabilities []ivsrealtime.ParticipantTokenCapability) bool {
	if len(capabilities) > maxCapabilities {
		return false
	}
	for _, c := range capabilities {
		if len(c) > maxCode {
			return false
		}
	}
	return true
}

// sendable reports whether the texts that are kept of an event are ones that the
// service can send. The memory that a Tracker takes depends on it.
func sendable(e ivsevents.Event, sum ivsevents.Summary) bool {
	if len(e.Meta().Raw) > maxEvent || !within(maxARN, sum.StageARN, sum.CompositionARN) || !within(maxID, e.Meta().ID, sum.SessionID, sum.ParticipantID) {
		return false
	}
	switch e := e.(type) {
	case *ivsevents.ParticipantPublished:
		return isUser(e.UserID) && within(maxARN, e.SourceStageARN) && within(maxID, e.SourceSessionID)
	case *ivsevents.ParticipantUnpublished:
		return isUser(e.UserID) && within(maxARN, e.SourceStageARN) && within(maxID, e.SourceSessionID)
	case *ivsevents.ParticipantPublishError:
		return isUser(e.UserID) && within(maxARN, e.SourceStageARN) && within(maxID, e.SourceSessionID) && within(maxCode, string(e.ErrorCode))
	case *ivsevents.ParticipantReplicationStart:
		return isUser(e.UserID) && within(maxARN, e.DestinationStageARN) && within(maxID, e.DestinationSessionID)
	case *ivsevents.ParticipantReplicationEnd:
		return isUser(e.UserID) && within(maxARN, e.DestinationStageARN) && within(maxID, e.DestinationSessionID)
	case *ivsevents.TokenExchanged:
		return isUser(e.UserID) && isUser(e.NewToken.UserID) && areAttributes(e.NewToken.Attributes) && areCapabilities(e.NewToken.Capabilities)
	case *ivsevents.RecordingStart:
		return within(maxBucket, e.RecordingS3BucketName) && within(maxPrefix, e.RecordingS3KeyPrefix)
	case *ivsevents.RecordingEnd:
		return within(maxBucket, e.RecordingS3BucketName) && within(maxPrefix, e.RecordingS3KeyPrefix)
	case *ivsevents.RecordingStartFailure:
		return within(maxBucket, e.RecordingS3BucketName) && within(maxPrefix, e.RecordingS3KeyPrefix) && within(maxCode, string(e.ErrorCode)) && within(maxReason, e.Reason)
	case *ivsevents.RecordingEndFailure:
		return within(maxBucket, e.RecordingS3BucketName) && within(maxPrefix, e.RecordingS3KeyPrefix) && within(maxCode, string(e.ErrorCode)) && within(maxReason, e.Reason)
	case *ivsevents.CompositionSessionFailure:
		return within(maxCode, string(e.ErrorCode)) && within(maxReason, e.Reason)
	case *ivsevents.CompositionDestinationStart:
		return within(maxID, e.DestinationID)
	case *ivsevents.CompositionDestinationReconnecting:
		return within(maxID, e.DestinationID)
	case *ivsevents.CompositionDestinationEnd:
		return within(maxID, e.DestinationID)
	case *ivsevents.CompositionDestinationFailure:
		return within(maxID, e.DestinationID) && within(maxCode, string(e.ErrorCode)) && within(maxReason, e.Reason)
	}
	return true
}

// isJSON reports whether JSON can have a time, which an offset can lead out of the
// years that it has. Otherwise no Snapshot could be written any more.
func isJSON(t time.Time) bool { return t.Year() >= 0 && t.Year() <= 9999 }

// isAhead reports whether a time is further ahead than MaxAhead.
func (u *update) isAhead(t time.Time) bool {
	most := u.tracker.options.MaxAhead
	return most >= 0 && t.Sub(u.now) > most
}

// believed returns a time that the API told. One that MaxAhead excludes becomes now.
func (u *update) believed(t time.Time) time.Time {
	switch {
	case u.isAhead(t):
		return u.now
	case !isJSON(t):
		return time.Time{}
	}
	return t
}

// own returns the new text, in memory of its own, since it may be a small part of a
// large one; or the old text if it is the same.
func own[T ~string](old, text T) T {
	if old == text {
		return old
	}
	return T(strings.Clone(string(text)))
}

func ownAttributes(attributes map[string]string) map[string]string {
	if attributes == nil {
		return nil
	}
	all := make(map[string]string, len(attributes))
	for k, v := range attributes {
		all[strings.Clone(k)] = strings.Clone(v)
	}
	return all
}

func ownCapabilities(capabilities []ivsrealtime.ParticipantTokenCapability) []ivsrealtime.ParticipantTokenCapability {
	all := slices.Clone(capabilities)
	for i, c := range all {
		all[i] = own("", c)
	}
	return all
}
