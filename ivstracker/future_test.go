package ivstracker_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// publishedAt is an event as EventBridge delivers it, whose detail has a time.
func publishedAt(stage, at string) string {
	return `{"version":"0","id":"6f0c1d2e-0001-4a5b-9c8d-000000000001","detail-type":"IVS Stage Update","source":"aws.ivs","account":"111122223333",
		"time":"2026-10-01T13:00:00Z","region":"us-east-1","resources":["` + stage + `"],
		"detail":{"session_id":"st-A1b2C3d4E5f6G","event_name":"Participant Published","event_time":"` + at + `","participant_id":"Pq12Rs34Tu56"}}`
}

func TestTrackerMaxAhead(t *testing.T) {
	for name, tt := range map[string]struct {
		maxAhead time.Duration
		at       string // the clock shows 13:00
		want     ivstracker.ApplyResult
	}{
		"the year 9999":                  {0, "9999-12-31T23:59:59Z", ivstracker.ResultIgnored},
		"as far as the default":          {0, "2026-10-01T13:15:00Z", ivstracker.ResultApplied},
		"further than the default":       {0, "2026-10-01T13:15:00.000001Z", ivstracker.ResultIgnored},
		"as far as a minute":             {time.Minute, "2026-10-01T13:01:00Z", ivstracker.ResultApplied},
		"further than a minute":          {time.Minute, "2026-10-01T13:01:01Z", ivstracker.ResultIgnored},
		"no limit":                       {-1, "9999-12-31T23:59:59Z", ivstracker.ResultApplied},
		"no limit, but JSON has no year": {-1, "9999-12-31T23:59:59-01:00", ivstracker.ResultIgnored},
		"the present":                    {0, "2026-10-01T13:00:00Z", ivstracker.ResultApplied},
	} {
		t.Run(name, func(t *testing.T) {
			tracker, _ := newTracker(func(o *ivstracker.Options) {
				o.MaxAhead, o.Logger = tt.maxAhead, slog.New(slog.DiscardHandler)
			})
			got := tracker.Apply(mustDecode(t, publishedAt(stageA, tt.at)))
			require.Equal(t, tt.want, got)
			_, known := tracker.Stage(stageA)
			require.Equal(t, tt.want == ivstracker.ResultApplied, known)
		})
	}
}

// Events of the far future are counted, the first is logged, and none displaces what is
// real, whatever their type.
func TestTrackerFromTheFuture(t *testing.T) {
	var log bytes.Buffer
	tracker, now := newTracker(func(o *ivstracker.Options) {
		o.MaxBytes, o.Logger = 16<<10, slog.New(slog.NewTextHandler(&log, nil))
	})
	apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s", "p", 3590))
	far := ivsevents.Envelope{Time: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	for i := range 1000 {
		id := fmt.Sprint(i)
		for _, e := range []ivsevents.Event{
			&ivsevents.ParticipantPublished{Envelope: far, StageARN: stageB + id, SessionID: "s", ParticipantID: "p", EventTimePrecise: far.Time},
			&ivsevents.RecordingStart{Envelope: far, StageARN: stageB + id, SessionID: "s", ParticipantID: "p"},
			&ivsevents.CompositionSessionStart{Envelope: far, CompositionARN: compA + id},
			&ivsevents.TokenExchanged{Envelope: far, StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: far.Time},
		} {
			apply(t, tracker, ivstracker.ResultIgnored, e)
		}
	}
	stats := tracker.Stats()
	require.EqualValues(t, 4000, stats.Ahead)
	require.EqualValues(t, 4000, stats.Ignored)
	require.Equal(t, []int{1, 1, 1, 0, 0}, []int{stats.Stages, stats.Sessions, stats.Participants, stats.Recordings, stats.Compositions})
	require.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
	require.Contains(t, log.String(), `name="Participant Published" time=9999-01-01T00:00:00.000Z now=2026-10-01T13:00:00.000Z maxAhead=15m0s`)
	now.now = now.now.Add(time.Hour)
	apply(t, tracker, ivstracker.ResultApplied, published(stageB, "s3", "p1", 3601))
	require.Equal(t, "host", func() string {
		e := &ivsevents.TokenExchanged{StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: secs(3600)}
		e.NewToken.UserID = "host"
		apply(t, tracker, ivstracker.ResultApplied, e)
		return only(t, tracker, stageA).UserID
	}())
}

// The clock of a bubble starts in the year 2000.
func TestTrackerInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tracker := ivstracker.NewTracker(func(o *ivstracker.Options) { o.Logger = slog.New(slog.DiscardHandler) })
		apply(t, tracker, ivstracker.ResultIgnored, published(stageA, "s", "p", 0))
		apply(t, tracker, ivstracker.ResultApplied, &ivsevents.ParticipantPublished{StageARN: stageA, EventTime: time.Now()})
	})
}

// Times of the API that are further ahead than MaxAhead count as the present.
func TestReconcileFromTheFuture(t *testing.T) {
	far := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	tracker, now := newTracker()
	now.now = secs(100)
	a := inSession(ivsrealtime.Participant{State: "CONNECTED", FirstJoinTime: far, RecordingState: "STOPPED", RecordingS3BucketName: "b", RecordingS3Prefix: "A/s/p/2026-10-01T12-00-01Z"},
		ivsrealtime.Event{Name: "PUBLISH_STARTED", EventTime: far}, ivsrealtime.Event{Name: "PUBLISH_STOPPED", EventTime: far},
		ivsrealtime.Event{Name: "PUBLISH_ERROR", EventTime: far, ErrorCode: "BITRATE_EXCEEDED"},
		ivsrealtime.Event{Name: "REPLICATION_STARTED", EventTime: far, DestinationStageARN: stageB, DestinationSessionID: "s9"})
	a.session.StartTime, a.session.EndTime = far, far
	reconcile(t, tracker, a)
	text, err := json.Marshal(tracker.Snapshot())
	require.NoError(t, err)
	require.NotContains(t, string(text), "9999")
	now.now = now.now.Add(24*time.Hour + time.Second)
	require.Len(t, tracker.Snapshot().Stages, 0, "it is dropped in time")
}

// Texts that are longer than the service can send have the event refused; those as
// long as that do not.
func TestTrackerTextsTooLong(t *testing.T) {
	text := func(n int) string { return strings.Repeat("x", n) }
	published := func(n int, change func(*ivsevents.ParticipantPublished, string)) ivsevents.Event {
		e := ivsevents.ParticipantPublished{StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: secs(1)}
		change(&e, text(n))
		return &e
	}
	exchanged := func(change func(*ivsevents.TokenExchanged)) ivsevents.Event {
		e := &ivsevents.TokenExchanged{StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: secs(1)}
		change(e)
		return e
	}
	code := func(n int) ivsevents.ErrorCode { return ivsevents.ErrorCode(text(n)) }
	for name, tt := range map[string]struct {
		longest int
		event   func(n int) ivsevents.Event
	}{
		"event ID": {64, func(n int) ivsevents.Event {
			return published(n, func(e *ivsevents.ParticipantPublished, s string) { e.ID = s })
		}},
		"stage": {128, func(n int) ivsevents.Event {
			return published(n, func(e *ivsevents.ParticipantPublished, s string) { e.StageARN = s })
		}},
		"session": {64, func(n int) ivsevents.Event {
			return published(n, func(e *ivsevents.ParticipantPublished, s string) { e.SessionID = s })
		}},
		"participant": {64, func(n int) ivsevents.Event {
			return published(n, func(e *ivsevents.ParticipantPublished, s string) { e.ParticipantID = s })
		}},
		"user": {128, func(n int) ivsevents.Event {
			return published(n, func(e *ivsevents.ParticipantPublished, s string) { e.UserID = s })
		}},
		"user, in wide characters": {128, func(n int) ivsevents.Event {
			return published(0, func(e *ivsevents.ParticipantPublished, _ string) { e.UserID = strings.Repeat("😀", n) })
		}},
		"source stage": {128, func(n int) ivsevents.Event {
			return published(n, func(e *ivsevents.ParticipantPublished, s string) { e.SourceStageARN = s })
		}},
		"source session": {64, func(n int) ivsevents.Event {
			return published(n, func(e *ivsevents.ParticipantPublished, s string) { e.SourceSessionID = s })
		}},
		"of who unpublished": {128, func(n int) ivsevents.Event {
			return &ivsevents.ParticipantUnpublished{StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: secs(1), UserID: text(n)}
		}},
		"publish error": {64, func(n int) ivsevents.Event {
			return &ivsevents.ParticipantPublishError{StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: secs(1), ErrorCode: ivsrealtime.EventErrorCode(text(n))}
		}},
		"replicated to": {128, func(n int) ivsevents.Event {
			return &ivsevents.ParticipantReplicationStart{StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: secs(1), DestinationStageARN: text(n)}
		}},
		"replicated to session": {64, func(n int) ivsevents.Event {
			return &ivsevents.ParticipantReplicationEnd{StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: secs(1), DestinationSessionID: text(n)}
		}},
		"new user": {128, func(n int) ivsevents.Event {
			return exchanged(func(e *ivsevents.TokenExchanged) { e.NewToken.UserID = text(n) })
		}},
		"attributes": {2048 - 7, func(n int) ivsevents.Event {
			return exchanged(func(e *ivsevents.TokenExchanged) { e.NewToken.Attributes = map[string]string{"a": text(n)} })
		}},
		"capabilities": {8, func(n int) ivsevents.Event {
			return exchanged(func(e *ivsevents.TokenExchanged) {
				e.NewToken.Capabilities = make([]ivsrealtime.ParticipantTokenCapability, n)
			})
		}},
		"capability": {64, func(n int) ivsevents.Event {
			return exchanged(func(e *ivsevents.TokenExchanged) {
				e.NewToken.Capabilities = []ivsrealtime.ParticipantTokenCapability{ivsrealtime.ParticipantTokenCapability(text(n))}
			})
		}},
		"bucket": {63, func(n int) ivsevents.Event {
			return &ivsevents.RecordingStart{Envelope: stamped(1), StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3BucketName: text(n)}
		}},
		"prefix": {256, func(n int) ivsevents.Event {
			return &ivsevents.RecordingEnd{Envelope: stamped(1), StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3KeyPrefix: text(n)}
		}},
		"code": {64, func(n int) ivsevents.Event {
			return &ivsevents.RecordingStartFailure{Envelope: stamped(1), StageARN: stageA, SessionID: "s", ParticipantID: "p", ErrorCode: code(n)}
		}},
		"reason": {1024, func(n int) ivsevents.Event {
			return &ivsevents.RecordingEndFailure{Envelope: stamped(1), StageARN: stageA, SessionID: "s", ParticipantID: "p", Reason: text(n)}
		}},
		"composition": {128, func(n int) ivsevents.Event {
			return &ivsevents.CompositionSessionStart{Envelope: stamped(1), CompositionARN: text(n)}
		}},
		"stage of composition": {128, func(n int) ivsevents.Event {
			return &ivsevents.CompositionSessionEnd{Envelope: stamped(1), CompositionARN: compA, StageARN: text(n)}
		}},
		"reason of composition": {1024, func(n int) ivsevents.Event {
			return &ivsevents.CompositionSessionFailure{Envelope: stamped(1), CompositionARN: compA, Reason: text(n)}
		}},
		"destination": {64, func(n int) ivsevents.Event {
			return &ivsevents.CompositionDestinationStart{Envelope: stamped(1), CompositionARN: compA, DestinationID: text(n)}
		}},
		"destination that ends": {64, func(n int) ivsevents.Event {
			return &ivsevents.CompositionDestinationEnd{Envelope: stamped(1), CompositionARN: compA, DestinationID: text(n)}
		}},
		"destination that reconnects": {64, func(n int) ivsevents.Event {
			return &ivsevents.CompositionDestinationReconnecting{Envelope: stamped(1), CompositionARN: compA, DestinationID: text(n)}
		}},
		"reason of destination": {1024, func(n int) ivsevents.Event {
			return &ivsevents.CompositionDestinationFailure{Envelope: stamped(1), CompositionARN: compA, DestinationID: "d", Reason: text(n)}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			tracker, _ := newTracker()
			got := tracker.Apply(tt.event(tt.longest + 1))
			require.Equal(t, ivstracker.ResultIgnored, got)
			require.Empty(t, tracker.Snapshot().Stages)
			require.Empty(t, tracker.Snapshot().Compositions)
			got = tracker.Apply(tt.event(tt.longest))
			require.Equal(t, ivstracker.ResultApplied, got)
		})
	}
}
