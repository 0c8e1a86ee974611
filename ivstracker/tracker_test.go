package ivstracker_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// What a participant's events, each applied in both orders, come to.
func TestTrackerParticipant(t *testing.T) {
	id := func(seconds float64) *ivsevents.TokenExchanged {
		return &ivsevents.TokenExchanged{
			StageARN: stageA, SessionID: "s1", ParticipantID: "p1", EventTime: secs(seconds),
			NewToken: ivsrealtime.ExchangedParticipantToken{UserID: "host", Attributes: map[string]string{"role": "host"}},
		}
	}
	failure := func(seconds float64) *ivsevents.ParticipantPublishError {
		return &ivsevents.ParticipantPublishError{StageARN: stageA, SessionID: "s1", ParticipantID: "p1", EventTime: secs(seconds), ErrorCode: ivsrealtime.EventErrorCodeBitrateExceeded}
	}
	named := func(e *ivsevents.ParticipantPublished) *ivsevents.ParticipantPublished {
		e.UserID = "guest"
		return e
	}
	replica := func(e *ivsevents.ParticipantPublished) *ivsevents.ParticipantPublished {
		e.Replica, e.SourceStageARN, e.SourceSessionID = true, stageB, "s9"
		return e
	}
	to := func(session string, seconds int) *ivsevents.ParticipantReplicationStart {
		return &ivsevents.ParticipantReplicationStart{StageARN: stageA, SessionID: "s1", ParticipantID: "p1", EventTime: secs(float64(seconds)), DestinationStageARN: stageB, DestinationSessionID: session}
	}
	noReplication := []ivstracker.Replication(nil)
	tests := map[string]struct {
		events []ivsevents.Event
		want   func(*ivstracker.Participant)
	}{
		"published": {
			[]ivsevents.Event{published(stageA, "s1", "p1", 1.5)},
			func(p *ivstracker.Participant) { p.Published, p.Publishing, p.PublishTime = true, true, secs(1.5) },
		},
		"and unpublished": {
			[]ivsevents.Event{published(stageA, "s1", "p1", 1.5), unpublished(stageA, "s1", "p1", 1.6)},
			func(p *ivstracker.Participant) { p.Published, p.PublishTime = true, secs(1.6) },
		},
		"at the same time": {
			[]ivsevents.Event{published(stageA, "s1", "p1", 2), unpublished(stageA, "s1", "p1", 2)},
			func(p *ivstracker.Participant) { p.Published, p.PublishTime = true, secs(2) },
		},
		"and published again": {
			[]ivsevents.Event{published(stageA, "s1", "p1", 1.5), unpublished(stageA, "s1", "p1", 1.6), published(stageA, "s1", "p1", 1.7)},
			func(p *ivstracker.Participant) { p.Published, p.Publishing, p.PublishTime = true, true, secs(1.7) },
		},
		"only unpublished is known": {
			[]ivsevents.Event{unpublished(stageA, "s1", "p1", 1.6)},
			func(p *ivstracker.Participant) { p.Published, p.PublishTime = true, secs(1.6) },
		},
		"an error": {
			[]ivsevents.Event{published(stageA, "s1", "p1", 1), unpublished(stageA, "s1", "p1", 2), failure(2)},
			func(p *ivstracker.Participant) {
				p.Published, p.PublishTime, p.PublishError = true, secs(2), &ivstracker.PublishError{Code: ivsrealtime.EventErrorCodeBitrateExceeded, Time: secs(2)}
			},
		},
		"an error, but published after it": {
			[]ivsevents.Event{failure(2), published(stageA, "s1", "p1", 3), unpublished(stageA, "s1", "p1", 4)},
			func(p *ivstracker.Participant) { p.Published, p.PublishTime = true, secs(4) },
		},
		"exchanged after a precise time of the same second": {
			[]ivsevents.Event{named(published(stageA, "s1", "p1", 5.4)), id(5)},
			func(p *ivstracker.Participant) {
				p.UserID, p.Attributes, p.Capabilities = "host", map[string]string{"role": "host"}, ivsrealtime.ParticipantTokenCapability("").Values()
				p.Published, p.Publishing, p.PublishTime = true, true, secs(5.4)
			},
		},
		"a replica": {
			[]ivsevents.Event{replica(published(stageA, "s1", "p1", 1)), (*ivsevents.ParticipantUnpublished)(replica(published(stageA, "s1", "p1", 2)))},
			func(p *ivstracker.Participant) {
				p.Published, p.PublishTime, p.Replica, p.SourceStageARN, p.SourceSessionID = true, secs(2), true, stageB, "s9"
			},
		},
		"replicated": {
			[]ivsevents.Event{to("s8", 1), (*ivsevents.ParticipantReplicationEnd)(to("s8", 2)), to("s9", 2), (*ivsevents.ParticipantReplicationEnd)(to("s7", 2))},
			func(p *ivstracker.Participant) {
				p.Replications = append(noReplication,
					ivstracker.Replication{DestinationStageARN: stageB, DestinationSessionID: "s7", Time: secs(2)},
					ivstracker.Replication{DestinationStageARN: stageB, DestinationSessionID: "s8", Time: secs(2)},
					ivstracker.Replication{DestinationStageARN: stageB, DestinationSessionID: "s9", Active: true, Time: secs(2)})
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := ivstracker.Participant{ParticipantID: "p1"}
			tt.want(&want)
			forth, _ := newTracker()
			back, _ := newTracker()
			for i := range tt.events {
				apply(t, forth, ivstracker.ResultApplied, tt.events[i])
				back.Apply(ivsevents.Fill(tt.events[len(tt.events)-1-i]))
			}
			require.Equal(t, want, only(t, forth, stageA))
			require.Equal(t, want, only(t, back, stageA))
		})
	}
}

func TestTrackerSessions(t *testing.T) {
	tracker, _ := newTracker()
	status := func() (got []string) {
		s, ok := tracker.Stage(stageA)
		require.True(t, ok)
		for _, s := range s.Sessions {
			got = append(got, fmt.Sprint(s.SessionID, " ", s.Status, s.EndCause))
		}
		return append(got, "active "+s.ActiveSessionID)
	}
	apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s1", "p1", 10))
	require.Equal(t, []string{"s1 LIVE", "active s1"}, status())
	apply(t, tracker, ivstracker.ResultApplied, unpublished(stageA, "s1", "p1", 20))
	require.Equal(t, []string{"s1 IDLE", "active s1"}, status(), "nothing says that it ended")
	apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s1", "p1", 21))

	apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s2", "p2", 30))
	require.Equal(t, []string{"s1 ENDEDNEWER_SESSION", "s2 LIVE", "active s2"}, status())
	s, _ := tracker.Stage(stageA)
	require.Equal(t, secs(30), s.Sessions[0].EndTime)
	require.False(t, s.Sessions[0].Participants[0].Publishing, "its end got lost")
	require.Equal(t, secs(30), s.Sessions[0].Participants[0].PublishTime)

	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingEnd{Envelope: stamped(40), StageARN: stageA, SessionID: "s1", ParticipantID: "p1"})
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingEnd{Envelope: stamped(45), StageARN: stageA, SessionID: "s0", ParticipantID: "p1"})
	require.Equal(t, []string{"s1 ENDEDNEWER_SESSION", "s2 LIVE", "s0 IDLE", "active s0"}, status(), "what comes after the end of a session does not end others")

	apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s0", "p1", 5))
	require.Equal(t, []string{"s0 ENDEDNEWER_SESSION", "s1 ENDEDNEWER_SESSION", "s2 LIVE", "active s2"}, status())
	apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s2", "p1", 4))
	require.Equal(t, []string{"s2 ENDEDNEWER_SESSION", "s0 ENDEDNEWER_SESSION", "s1 LIVE", "active s1"}, status(), "s2 began earlier than was thought")
}

// A session ended when the next one began, however many come after that.
func TestTrackerSessionEndStays(t *testing.T) {
	events := []ivsevents.Event{
		published(stageA, "s1", "p1", 10), published(stageA, "s2", "p2", 30), published(stageA, "s3", "p3", 50), published(stageA, "s4", "p4", 70),
		unpublished(stageA, "s2", "p2", 40),
	}
	for order := range uint64(8) {
		tracker, _ := newTracker()
		for _, e := range shuffled(events, order) {
			require.NoError(t, tracker.Handle(t.Context(), e))
		}
		s, _ := tracker.Stage(stageA)
		var ends []time.Time
		for _, ses := range s.Sessions {
			ends = append(ends, ses.EndTime)
		}
		require.Equal(t, []time.Time{secs(30), secs(50), secs(70), {}}, ends)
		require.Equal(t, secs(30), s.Sessions[0].Participants[0].PublishTime)
		require.Equal(t, secs(40), s.Sessions[1].Participants[0].PublishTime)
	}
}

func TestTrackerRecordings(t *testing.T) {
	start := func(seconds int, session, prefix string) *ivsevents.RecordingStart {
		return ivsevents.Fill(&ivsevents.RecordingStart{Envelope: stamped(seconds), StageARN: stageA, SessionID: session, ParticipantID: "p1", RecordingS3BucketName: "b", RecordingS3KeyPrefix: prefix})
	}
	tracker, _ := newTracker()
	apply(t, tracker, ivstracker.ResultApplied, start(1, "s1", "A/s1/p1/one"))
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingEnd{ // merged: it went on in another session
		Envelope: stamped(9), StageARN: stageA, SessionID: "s2", ParticipantID: "p1", RecordingS3BucketName: "b", RecordingS3KeyPrefix: "A/s1/p1/one", RecordingDuration: 7500 * time.Millisecond,
	})
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingStartFailure{
		Envelope: stamped(11), StageARN: stageA, SessionID: "s2", ParticipantID: "p1", RecordingS3BucketName: "b", RecordingS3KeyPrefix: "A/s2/p1/two", ErrorCode: ivsevents.ErrorCodeAccessDenied,
	})
	apply(t, tracker, ivstracker.ResultSuperseded, start(2, "s1", "A/s1/p1/one"))
	apply(t, tracker, ivstracker.ResultApplied, start(12, "s2", "A/s2/p1/three"))
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingEndFailure{
		Envelope: stamped(12), StageARN: stageA, SessionID: "s2", ParticipantID: "p1", RecordingS3BucketName: "b", RecordingS3KeyPrefix: "A/s2/p1/three", RecordingDuration: time.Second, ErrorCode: ivsevents.ErrorCodeInternalServer,
	})
	s, _ := tracker.Stage(stageA)
	require.Equal(t, []ivstracker.Recording{
		{ParticipantID: "p1", SessionID: "s2", BucketName: "b", KeyPrefix: "A/s1/p1/one", State: "STOPPED", Time: secs(9), StartTime: secs(1), Duration: 7500 * time.Millisecond},
		{ParticipantID: "p1", SessionID: "s2", BucketName: "b", KeyPrefix: "A/s2/p1/three", State: "FAILED", Time: secs(12), StartTime: secs(12), Duration: time.Second, ErrorCode: ivsevents.ErrorCodeInternalServer, Reason: "Service internal error"},
		{ParticipantID: "p1", SessionID: "s2", BucketName: "b", KeyPrefix: "A/s2/p1/two", State: "FAILED", Time: secs(11), ErrorCode: ivsevents.ErrorCodeAccessDenied, Reason: "Access denied to S3 bucket. Please verify your bucket policy."},
	}, s.Recordings)
	require.Len(t, s.Sessions, 2, "who is recorded is there")
}

func TestTrackerCompositions(t *testing.T) {
	tracker, _ := newTracker()
	type destination = ivsevents.CompositionDestinationStart
	to := func(seconds int, id string) *destination {
		return &destination{Envelope: stamped(seconds), CompositionARN: compA, StageARN: stageA, DestinationID: id}
	}
	state := func() string {
		c, ok := tracker.Composition(compA)
		require.True(t, ok)
		got := fmt.Sprint(c.State, c.ErrorCode)
		for _, d := range c.Destinations {
			got += fmt.Sprint(" ", d.ID, d.State, d.ErrorCode)
		}
		return got
	}
	apply(t, tracker, ivstracker.ResultApplied, to(2, "d1"))
	require.Equal(t, "ACTIVE d1ACTIVE", state(), "its start is inferred")
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.CompositionSessionStart{Envelope: stamped(1), CompositionARN: compA, StageARN: stageA})
	apply(t, tracker, ivstracker.ResultApplied, to(3, "d2"))
	apply(t, tracker, ivstracker.ResultApplied, (*ivsevents.CompositionDestinationReconnecting)(to(4, "d1")))
	require.Equal(t, "ACTIVE d1RECONNECTING d2ACTIVE", state())
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.CompositionDestinationFailure{Envelope: stamped(5), CompositionARN: compA, StageARN: stageA, DestinationID: "d1", ErrorCode: ivsevents.ErrorCodeConflict})
	apply(t, tracker, ivstracker.ResultSuperseded, to(4, "d1"))
	require.Equal(t, "ACTIVE d1FAILEDConflictException d2ACTIVE", state())
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.CompositionSessionFailure{Envelope: stamped(9), CompositionARN: compA, StageARN: stageA, ErrorCode: ivsevents.ErrorCodeStageDeleted})
	require.Equal(t, "FAILEDStageDeleted d1FAILEDConflictException d2STOPPED", state(), "nothing is sent any more")
	apply(t, tracker, ivstracker.ResultApplied, (*ivsevents.CompositionDestinationEnd)(to(9, "d2")))
	c, _ := tracker.Composition(compA)
	require.Equal(t, stageA, c.StageARN)
	require.Equal(t, "Stage has been deleted", c.Reason)
	require.Equal(t, secs(9), c.Time)
	require.Equal(t, ivstracker.Destination{ID: "d2", State: "STOPPED", Time: secs(9)}, c.Destinations[1])
	_, ok := tracker.Composition(stageA)
	require.False(t, ok)
}

func TestTrackerResults(t *testing.T) {
	tracker, now := newTracker()
	e := published(stageA, "s1", "p1", 10)
	apply(t, tracker, ivstracker.ResultApplied, e)
	apply(t, tracker, ivstracker.ResultSuperseded, e)
	apply(t, tracker, ivstracker.ResultSuperseded, published(stageA, "s1", "p1", 9))
	for _, body := range []string{
		`{"source":"aws.ivs","detail-type":"IVS Stage Update","id":"1","detail":{"event_name":"Participant Danced"}}`,
		`{"source":"aws.ivs","detail-type":"IVS Stream State Change","id":"2","detail":{"event_name":"Stream Start"}}`,
	} {
		e, err := ivsevents.Decode([]byte(body))
		require.NoError(t, err)
		got := tracker.Apply(e)
		require.Equal(t, ivstracker.ResultIgnored, got)
	}
	for name, e := range map[string]ivsevents.Event{
		"no stage":       &ivsevents.ParticipantPublished{SessionID: "s", ParticipantID: "p"},
		"no session":     &ivsevents.RecordingEnd{StageARN: stageA, ParticipantID: "p"},
		"no composition": &ivsevents.CompositionSessionEnd{StageARN: stageA},
		"no destination": &ivsevents.CompositionDestinationEnd{StageARN: stageA, CompositionARN: compA},
	} {
		got := tracker.Apply(e)
		require.Equal(t, ivstracker.ResultIgnored, got, name)
	}
	now.now = secs(0).Add(25 * time.Hour)
	apply(t, tracker, ivstracker.ResultStale, published(stageB, "s1", "p1", 11))
	require.Equal(t, ivstracker.ResultIgnored, tracker.Apply(nil))
	require.Equal(t, ivstracker.Stats{Applied: 1, Superseded: 2, Ignored: 7, Stale: 1}, tracker.Stats(), "and the session is gone")
}

func TestTrackerChanges(t *testing.T) {
	var tracker *ivstracker.Tracker
	var got []string
	tracker, _ = newTracker(func(o *ivstracker.Options) {
		o.OnChange = func(c ivstracker.Change) {
			b, err := json.Marshal(c)
			require.NoError(t, err)
			require.Contains(t, string(b), `"source":"event","event":{"version":"0"`)
			switch {
			case c.Session != nil:
				got = append(got, fmt.Sprint("session ", c.SessionID, " ", c.Session.Status))
			case c.Participant != nil:
				got = append(got, fmt.Sprint("participant ", c.ParticipantID, " ", c.Participant.Publishing))
				if c.ParticipantID == "p1" && !c.Participant.Publishing { // it may use the tracker
					apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s2", "p2", 30))
					require.Equal(t, "s2", tracker.Snapshot().Stages[0].ActiveSessionID)
					got = append(got, "applied")
				}
			case c.Recording != nil:
				got = append(got, fmt.Sprint("recording ", c.Recording.State))
			case c.Composition != nil:
				got = append(got, fmt.Sprint("composition ", c.CompositionARN == compA, c.Composition.State))
			}
		}
	})
	apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s1", "p1", 10))
	apply(t, tracker, ivstracker.ResultSuperseded, published(stageA, "s1", "p1", 9))
	apply(t, tracker, ivstracker.ResultApplied, unpublished(stageA, "s1", "p1", 20))
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingStart{Envelope: stamped(31), StageARN: stageA, SessionID: "s2", ParticipantID: "p2"})
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.CompositionSessionStart{Envelope: stamped(31), CompositionARN: compA, StageARN: stageA})
	require.Equal(t, []string{
		"session s1 IDLE", "participant p1 true", "participant p1 false", "applied",
		"session s1 ENDED", "session s2 IDLE", "participant p2 true",
		"recording ACTIVE", "composition trueACTIVE",
	}, got)
}

// What a Tracker hands out is not what it keeps, and what it is handed it does
// not keep.
func TestTrackerCopies(t *testing.T) {
	tracker, _ := newTracker()
	e := ivsevents.Fill(&ivsevents.TokenExchanged{
		Envelope: stamped(10), StageARN: stageA, SessionID: "s1", ParticipantID: "p1",
		NewToken: ivsrealtime.ExchangedParticipantToken{Attributes: map[string]string{"a": "1"}},
	})
	apply(t, tracker, ivstracker.ResultApplied, e)
	before := tracker.Snapshot()
	e.NewToken.Attributes["a"], e.NewToken.Capabilities[0] = "2", "?"
	got := only(t, tracker, stageA)
	got.Attributes["a"], got.Capabilities[0] = "3", "?"
	require.Equal(t, before, tracker.Snapshot())
	require.Equal(t, map[string]string{"a": "1"}, only(t, tracker, stageA).Attributes)
	require.EqualValues(t, "PUBLISH", only(t, tracker, stageA).Capabilities[0])
}

func TestSnapshotJSON(t *testing.T) {
	tracker, _ := newTracker()
	e := published(stageA, "s1", "p1", 10.5)
	e.UserID = "anna"
	apply(t, tracker, ivstracker.ResultApplied, e)
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingEnd{Envelope: stamped(11), StageARN: stageA, SessionID: "s1", ParticipantID: "p1", RecordingS3KeyPrefix: "x", RecordingDuration: time.Second})
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.CompositionDestinationStart{Envelope: stamped(11), CompositionARN: compA, StageARN: stageA, DestinationID: "d1"})
	b, err := json.Marshal(tracker.Snapshot())
	require.NoError(t, err)
	require.JSONEq(t, `{
		"time": "2026-10-01T13:00:00Z",
		"stages": [{
			"arn": "`+stageA+`",
			"activeSessionId": "s1",
			"sessions": [{
				"sessionId": "s1",
				"status": "LIVE",
				"firstEventTime": "2026-10-01T12:00:10.5Z",
				"lastEventTime": "2026-10-01T12:00:11Z",
				"participants": [{"participantId": "p1", "userId": "anna", "published": true, "publishing": true, "publishTime": "2026-10-01T12:00:10.5Z"}]
			}],
			"recordings": [{"participantId": "p1", "sessionId": "s1", "bucketName": "my-bucket", "keyPrefix": "x", "state": "STOPPED", "time": "2026-10-01T12:00:11Z", "durationNs": 1000000000}]
		}],
		"compositions": [{
			"arn": "`+compA+`",
			"stageArn": "`+stageA+`",
			"state": "ACTIVE",
			"destinations": [{"id": "d1", "state": "ACTIVE", "time": "2026-10-01T12:00:11Z"}]
		}]
	}`, string(b))
}

// Many goroutines apply the same events, read, and get changes, under -race.
func TestTrackerConcurrently(t *testing.T) {
	story, end := tellStory(1, 2000)
	want, now := newTracker()
	now.now = end
	for _, e := range story {
		require.NoError(t, want.Handle(t.Context(), e))
	}
	var changes, at int
	tracker, now := newTracker(func(o *ivstracker.Options) {
		o.OnChange = func(ivstracker.Change) { // without a lock: one at a time is promised
			at++
			changes += at
			at--
		}
	})
	now.now = end
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for _, e := range story {
				if err := tracker.Handle(context.Background(), e); err != nil {
					t.Error(err)
				}
			}
		})
		group.Go(func() {
			for range 20 {
				s := tracker.Snapshot()
				if len(s.Stages) > 0 {
					tracker.Stage(s.Stages[0].ARN)
				}
				tracker.Stats()
			}
		})
	}
	group.Wait()
	require.Equal(t, want.Snapshot(), tracker.Snapshot())
	require.Positive(t, changes)
}
