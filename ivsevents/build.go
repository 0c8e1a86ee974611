package ivsevents

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
)

// What Fill takes for what is not given.
const (
	defaultRegion        = "us-east-1"
	defaultAccount       = "111122223333"
	defaultStage         = "Ab12Cd34Ef56"
	defaultSession       = "st-A1b2C3d4E5f6G"
	defaultParticipant   = "Pq12Rs34Tu56"
	defaultComposition   = "Cc11Dd22Ee33"
	defaultDestination   = "Ff44Gg55Hh66" // of a composition
	defaultToStage       = "Kk11Ll22Mm33" // of a replication
	defaultToSession     = "st-H7g6F5d4S3a2P"
	defaultFromStage     = "Zz98Yy76Xx54" // of a replica
	defaultFromSession   = "st-Q1w2E3r4T5y6U"
	defaultBucket        = "my-bucket"
	defaultTokenDuration = 12 * time.Hour // as of the API
)

// Fill completes an event where its fields are zero, in place, and returns it: a
// literal that names what matters becomes an event such as the service sends. It
// is meant for tests. Every call makes a new ID and, unless the event has a time,
// takes the time from the clock; all else is fixed, so that events that name no
// stage, session or participant are about the same ones.
//
//   - ID is a random UUID.
//   - Account and Region are those of the ARN that is given, else 111122223333 and
//     us-east-1. ARNs that are missing get them.
//   - EventTimePrecise, EventTime and Time come from one another, in this order, each
//     in the precision that the service uses. Given times become UTC, and Time is cut
//     to seconds.
//   - RecordingS3KeyPrefix is made of stage, session, participant and the start.
//   - A failure is an internal one of the service. Reason follows from ErrorCode.
//   - A replica gets a source. Exchanged tokens get capabilities and expire after 12
//     hours; the new one has the UserID of the event, and the event that of the token.
//
// What is optional stays empty: UserID, Replica, and RecordingDuration, which is
// written as 0.
func Fill[E Event](event E) E {
	env, d := event.Meta(), event.detail()
	fillTimes(env, d)
	fillARNs(env, d)
	fillIn(&env.ID, newUUID())
	fillIn(&env.DetailType, d.detailType)
	fillIn(&env.Source, Source)
	env.Resources = resources(env, d)

	fillIn(d.SessionID, defaultSession)
	fillIn(d.ParticipantID, defaultParticipant)
	fillIn(d.DestinationID, defaultDestination)
	fillIn(d.DestinationSessionID, defaultToSession)
	if d.isReplica() {
		fillIn(d.SourceSessionID, defaultFromSession)
	}
	if d.NewToken != nil {
		fillTokens(d)
	}
	if d.RecordingS3KeyPrefix != nil {
		fillIn(d.RecordingS3BucketName, defaultBucket)
		fillIn(d.RecordingS3KeyPrefix, keyPrefix(env, d))
	}
	if d.Reason != nil {
		fillIn(d.ErrorCode, optional(ErrorCodeInternalServer))
		fillIn(d.Reason, reason(ErrorCode(*d.ErrorCode)))
	} else { // a publish error, if an error at all
		fillIn(d.ErrorCode, optional(ivsrealtime.EventErrorCodeInternalServerException))
	}
	return event
}

// fillIn gives an empty field a value, if the event has the field.
func fillIn[S ~string](field *S, value S) {
	if field != nil && *field == "" {
		*field = value
	}
}

// isReplica says whether the event is about a participant that is a replica.
func (d detail) isReplica() bool { return d.Replica != nil && bool(*d.Replica) }

func fillTimes(env *Envelope, d detail) {
	at := d.time()
	if at.IsZero() {
		at = env.Time
	}
	if at.IsZero() {
		at = time.Now()
	}
	fillTime((*time.Time)(d.EventTimePrecise), at.Truncate(time.Microsecond))
	if d.nanoseconds {
		fillTime((*time.Time)(d.EventTime), at)
	} else {
		fillTime((*time.Time)(d.EventTime), at.Truncate(time.Second))
	}
	fillTime(&env.Time, at)
	env.Time = env.Time.Truncate(time.Second)
}

// fillTime gives a zero field a value, if the event has the field, and makes it
// UTC.
func fillTime(field *time.Time, value time.Time) {
	if field == nil {
		return
	}
	if field.IsZero() {
		*field = value
	}
	*field = field.UTC() // which also drops the monotonic part
}

func fillARNs(env *Envelope, d detail) {
	// arn:aws:ivs:region:account:kind/id
	given := strings.SplitN(cmp.Or(valueOf(d.resource()), valueOf(d.stageARN)), ":", 6)
	if len(given) == 6 {
		fillIn(&env.Region, given[3])
		fillIn(&env.Account, given[4])
	}
	fillIn(&env.Region, defaultRegion)
	fillIn(&env.Account, defaultAccount)

	prefix := "arn:aws:ivs:" + env.Region + ":" + env.Account + ":"
	fillIn(d.stageARN, prefix+"stage/"+defaultStage)
	fillIn(d.compositionARN, prefix+"composition/"+defaultComposition)
	fillIn(d.DestinationStageARN, prefix+"stage/"+defaultToStage)
	if d.isReplica() {
		fillIn(d.SourceStageARN, optional(prefix+"stage/"+defaultFromStage))
	}
}

func fillTokens(d detail) {
	expires := d.time().Truncate(time.Second).Add(defaultTokenDuration)
	for _, token := range []*exchangedToken{d.PreviousToken, d.NewToken} {
		if token.Capabilities == nil {
			token.Capabilities = ivsrealtime.ParticipantTokenCapability("").Values()
		}
		fillTime(&token.ExpirationTime, expires)
	}
	fillIn(d.UserID, optional(d.NewToken.UserID))
	fillIn(&d.NewToken.UserID, string(*d.UserID))
}

// keyPrefix returns where the service would put a recording that started now or,
// if it has a duration, that long ago.
func keyPrefix(env *Envelope, d detail) string {
	start := env.Time
	if d.RecordingDuration != nil {
		start = start.Add(-time.Duration(*d.RecordingDuration))
	}
	_, stageID, _ := strings.Cut(*d.stageARN, "/")
	return strings.Join([]string{stageID, *d.SessionID, *d.ParticipantID, start.Format("2006-01-02T15-04-05Z")}, "/")
}

// reason returns what the service says with an error code, "" if that is unknown.
// The words for a bucket that is not found are ours.
func reason(code ErrorCode) string {
	switch code {
	case ErrorCodeAccessDenied:
		return "Access denied to S3 bucket. Please verify your bucket policy."
	case ErrorCodeConflict:
		return "Stream already exists"
	case ErrorCodeDestinationFailure:
		return "One or more outputs failed"
	case ErrorCodeInternalServer:
		return "Service internal error"
	case ErrorCodeResourceNotFound:
		return "S3 bucket not found."
	case ErrorCodeStageDeleted:
		return "Stage has been deleted"
	case ErrorCodeValidation:
		return "Video codec not supported for recording"
	}
	return ""
}

// newUUID returns a random UUID, version 4.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
