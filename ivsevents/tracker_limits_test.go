package ivsevents_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// sessionsOf lists the sessions of a stage.
func sessionsOf(tracker *ivsevents.Tracker, stage string) (ids []string) {
	s, _ := tracker.Stage(stage)
	for _, ses := range s.Sessions {
		ids = append(ids, ses.SessionID)
	}
	return ids
}

func TestTrackerRetention(t *testing.T) {
	tests := map[string]struct {
		retention time.Duration
		events    []ivsevents.Event
		kept      time.Duration // after the last event
	}{
		"idle":                     {24 * time.Hour, []ivsevents.Event{published(stageA, "s", "p", -1), unpublished(stageA, "s", "p", 0)}, 24 * time.Hour},
		"live":                     {24 * time.Hour, []ivsevents.Event{published(stageA, "s", "p", 0)}, 24 * time.Hour},
		"idle, kept shortly":       {time.Hour, []ivsevents.Event{published(stageA, "s", "p", -1), unpublished(stageA, "s", "p", 0)}, time.Hour},
		"live, kept as long as":    {time.Hour, []ivsevents.Event{published(stageA, "s", "p", 0)}, 24 * time.Hour},
		"kept longer than a day":   {48 * time.Hour, []ivsevents.Event{published(stageA, "s", "p", 0)}, 48 * time.Hour},
		"recorded":                 {time.Hour, []ivsevents.Event{&ivsevents.RecordingEnd{Envelope: stamped(0), StageARN: stageA, SessionID: "s", ParticipantID: "p"}}, time.Hour},
		"being recorded":           {time.Hour, []ivsevents.Event{&ivsevents.RecordingStart{Envelope: stamped(0), StageARN: stageA, SessionID: "s", ParticipantID: "p"}}, 24 * time.Hour},
		"a composition":            {time.Hour, []ivsevents.Event{&ivsevents.CompositionSessionEnd{Envelope: stamped(0), CompositionARN: compA}}, time.Hour},
		"a composition that runs":  {time.Hour, []ivsevents.Event{&ivsevents.CompositionSessionStart{Envelope: stamped(0), CompositionARN: compA}}, 24 * time.Hour},
		"an event from the future": {time.Hour, []ivsevents.Event{&ivsevents.CompositionSessionEnd{Envelope: stamped(600), CompositionARN: compA}}, 70 * time.Minute},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tracker, now := newTracker(func(o *ivsevents.TrackerOptions) { o.Retention = tt.retention })
			now.now = noon
			for _, e := range tt.events {
				apply(t, tracker, ivsevents.ResultApplied, e)
			}
			now.now = noon.Add(tt.kept)
			s := tracker.Snapshot()
			require.Equal(t, 1, len(s.Stages)+len(s.Compositions))
			now.now = now.now.Add(1)
			s = tracker.Snapshot()
			require.Zero(t, len(s.Stages)+len(s.Compositions))
			require.Zero(t, tracker.Stats().Participants+tracker.Stats().Sessions+tracker.Stats().Recordings)

			now.now = now.now.Add(24 * time.Hour)
			for _, e := range tt.events { // long after
				apply(t, tracker, ivsevents.ResultStale, e)
			}
			s = tracker.Snapshot()
			require.Zero(t, len(s.Stages)+len(s.Compositions), "old events bring nothing back")
		})
	}
}

// A session that goes on for days does not keep all who were there.
func TestTrackerRetentionOfParticipants(t *testing.T) {
	tracker, now := newTracker()
	for day := range 5 {
		seconds := float64(day * 24 * 3600)
		now.now = secs(seconds + 60)
		apply(t, tracker, ivsevents.ResultApplied, published(stageA, "s", fmt.Sprint("p", day), seconds))
		apply(t, tracker, ivsevents.ResultApplied, unpublished(stageA, "s", fmt.Sprint("p", day), seconds+30))
		s := tracker.Snapshot()
		require.Len(t, s.Stages[0].Sessions[0].Participants, 1)
	}
	apply(t, tracker, ivsevents.ResultStale, published(stageA, "s", "p0", 1))
	require.Len(t, sessionsOf(tracker, stageA), 1)
}

// Beyond MaxEntries the quiet go first, the longest ago, and their events do not
// bring them back.
func TestTrackerMaxEntries(t *testing.T) {
	t.Run("sessions", func(t *testing.T) {
		tracker, _ := newTracker(func(o *ivsevents.TrackerOptions) { o.MaxEntries = 3 })
		apply(t, tracker, ivsevents.ResultApplied, published(stageA, "live", "p", 1))
		apply(t, tracker, ivsevents.ResultApplied, unpublished(stageB, "idle", "p", 3))
		apply(t, tracker, ivsevents.ResultApplied, unpublished(stageC, "older", "p", 2))
		apply(t, tracker, ivsevents.ResultApplied, unpublished(stageC, "newer", "p", 4))
		require.Equal(t, []string{"newer"}, sessionsOf(tracker, stageC))
		apply(t, tracker, ivsevents.ResultStale, published(stageC, "older", "p", 2))
		apply(t, tracker, ivsevents.ResultApplied, published(stageC, "older", "p", 2.5))
		require.Equal(t, []string{"newer"}, sessionsOf(tracker, stageC), "it is the oldest again, as another has to go")
		require.Equal(t, []string{"idle"}, sessionsOf(tracker, stageB))
		require.Equal(t, []string{"live"}, sessionsOf(tracker, stageA))
		for i := range 3 {
			apply(t, tracker, ivsevents.ResultApplied, published(stageB, fmt.Sprint("s", i), "p", float64(10+i)))
		}
		require.Equal(t, 3, tracker.Stats().Sessions, "never more")
	})
	t.Run("participants", func(t *testing.T) {
		tracker, _ := newTracker(func(o *ivsevents.TrackerOptions) { o.MaxEntries = 2 })
		apply(t, tracker, ivsevents.ResultApplied, published(stageA, "s", "live", 1))
		apply(t, tracker, ivsevents.ResultApplied, published(stageA, "s", "gone", 2))
		apply(t, tracker, ivsevents.ResultApplied, unpublished(stageA, "s", "gone", 3))
		apply(t, tracker, ivsevents.ResultApplied, published(stageA, "s", "new", 4))
		s, _ := tracker.Stage(stageA)
		require.Len(t, s.Sessions[0].Participants, 2)
		require.Equal(t, "live", s.Sessions[0].Participants[0].ParticipantID)
		apply(t, tracker, ivsevents.ResultStale, published(stageA, "s", "gone", 2.5))
	})
	t.Run("recordings", func(t *testing.T) {
		tracker, _ := newTracker(func(o *ivsevents.TrackerOptions) { o.MaxEntries = 2 })
		start := func(seconds int, prefix string) ivsevents.Event {
			return &ivsevents.RecordingStart{Envelope: stamped(seconds), StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3KeyPrefix: prefix}
		}
		apply(t, tracker, ivsevents.ResultApplied, start(1, "going"))
		apply(t, tracker, ivsevents.ResultApplied, &ivsevents.RecordingEnd{Envelope: stamped(3), StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3KeyPrefix: "over"})
		apply(t, tracker, ivsevents.ResultApplied, start(4, "new"))
		s, _ := tracker.Stage(stageA)
		require.Len(t, s.Recordings, 2)
		require.Equal(t, "going", s.Recordings[0].KeyPrefix)
		apply(t, tracker, ivsevents.ResultStale, start(3, "over"))
	})
	t.Run("compositions and their destinations", func(t *testing.T) {
		tracker, _ := newTracker(func(o *ivsevents.TrackerOptions) { o.MaxEntries = 2 })
		for i := range 3 {
			apply(t, tracker, ivsevents.ResultApplied, &ivsevents.CompositionSessionEnd{Envelope: stamped(i), CompositionARN: compA + fmt.Sprint(i)})
		}
		require.Len(t, tracker.Snapshot().Compositions, 2)
		apply(t, tracker, ivsevents.ResultStale, &ivsevents.CompositionSessionStart{Envelope: stamped(0), CompositionARN: compA + "0"})
		for i := range 40 {
			apply(t, tracker, ivsevents.ResultApplied, &ivsevents.CompositionDestinationEnd{Envelope: stamped(100 + i), CompositionARN: compA, DestinationID: fmt.Sprint(i)})
		}
		c, _ := tracker.Composition(compA)
		require.LessOrEqual(t, len(c.Destinations), 16)
		apply(t, tracker, ivsevents.ResultStale, &ivsevents.CompositionDestinationStart{Envelope: stamped(100), CompositionARN: compA, DestinationID: "0"})
	})
	t.Run("replications", func(t *testing.T) {
		tracker, _ := newTracker()
		to := func(i, seconds int) ivsevents.Event {
			return &ivsevents.ParticipantReplicationStart{StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: secs(float64(seconds)), DestinationStageARN: fmt.Sprint(stageB, i)}
		}
		for i := range 40 {
			apply(t, tracker, ivsevents.ResultApplied, to(i, i))
		}
		require.LessOrEqual(t, len(only(t, tracker, stageA).Replications), 16)
		apply(t, tracker, ivsevents.ResultStale, to(0, 0))
	})
}

// What was dropped and is heard of again does not get old parts back.
func TestTrackerHeardOfAgain(t *testing.T) {
	one := func(o *ivsevents.TrackerOptions) { o.MaxEntries = 1 }
	t.Run("participants of a session", func(t *testing.T) {
		tracker, _ := newTracker(one)
		apply(t, tracker, ivsevents.ResultApplied, published(stageA, "s1", "p1", 1))
		apply(t, tracker, ivsevents.ResultApplied, unpublished(stageA, "s1", "p1", 3))
		apply(t, tracker, ivsevents.ResultApplied, published(stageA, "s2", "p1", 10))
		apply(t, tracker, ivsevents.ResultApplied, published(stageA, "s1", "p2", 20))
		apply(t, tracker, ivsevents.ResultStale, published(stageA, "s1", "p1", 2))
		require.Equal(t, "p2", only(t, tracker, stageA).ParticipantID)
	})
	t.Run("recordings of a stage", func(t *testing.T) {
		tracker, _ := newTracker(one)
		recording := ivsevents.RecordingStart{StageARN: stageA, SessionID: "s1", ParticipantID: "p1", RecordingS3KeyPrefix: "x"}
		start, again, end := recording, recording, ivsevents.RecordingEnd{StageARN: stageA, SessionID: "s1", ParticipantID: "p1", RecordingS3KeyPrefix: "x"}
		start.Envelope, again.Envelope, end.Envelope = stamped(1), stamped(2), stamped(3)
		apply(t, tracker, ivsevents.ResultApplied, &start)
		apply(t, tracker, ivsevents.ResultApplied, &end)
		apply(t, tracker, ivsevents.ResultApplied, published(stageB, "s2", "p1", 10))
		apply(t, tracker, ivsevents.ResultApplied, published(stageA, "s3", "p2", 20))
		apply(t, tracker, ivsevents.ResultStale, &again)
	})
	t.Run("replications of a participant", func(t *testing.T) {
		tracker, _ := newTracker(one)
		to := func(seconds float64) *ivsevents.ParticipantReplicationStart {
			return &ivsevents.ParticipantReplicationStart{StageARN: stageA, SessionID: "s", ParticipantID: "p1", EventTime: secs(seconds)}
		}
		apply(t, tracker, ivsevents.ResultApplied, to(1))
		apply(t, tracker, ivsevents.ResultApplied, (*ivsevents.ParticipantReplicationEnd)(to(3)))
		apply(t, tracker, ivsevents.ResultApplied, published(stageA, "s", "p2", 4))
		apply(t, tracker, ivsevents.ResultApplied, published(stageA, "s", "p1", 5))
		apply(t, tracker, ivsevents.ResultStale, to(2))
		require.Empty(t, only(t, tracker, stageA).Replications)
	})
	t.Run("destinations of a composition", func(t *testing.T) {
		tracker, _ := newTracker(one)
		to := func(seconds int, composition string) *ivsevents.CompositionDestinationStart {
			return &ivsevents.CompositionDestinationStart{Envelope: stamped(seconds), CompositionARN: composition}
		}
		apply(t, tracker, ivsevents.ResultApplied, (*ivsevents.CompositionDestinationEnd)(to(3, compA)))
		apply(t, tracker, ivsevents.ResultApplied, to(4, compA+"other"))
		apply(t, tracker, ivsevents.ResultApplied, &ivsevents.CompositionSessionStart{Envelope: stamped(5), CompositionARN: compA})
		apply(t, tracker, ivsevents.ResultStale, to(2, compA))
	})
}

// Whatever comes, no more is kept than the limits say.
func TestTrackerEndlessStream(t *testing.T) {
	const most = 100
	chance := rand.New(rand.NewPCG(1, 1))
	tracker, now := newTracker(func(o *ivsevents.TrackerOptions) { o.MaxEntries = most })
	now.now = noon
	name := func(n int) string { return fmt.Sprint(chance.IntN(n)) }
	for range 20_000 {
		now.now = now.now.Add(time.Second)
		when := now.now.Add(-time.Duration(chance.IntN(7200)) * time.Second)
		env := ivsevents.Envelope{Time: when}
		var e ivsevents.Event
		switch stage := stageA + name(10_000); chance.IntN(4) {
		case 0:
			e = &ivsevents.ParticipantPublished{Envelope: env, StageARN: stage, SessionID: name(1e9), ParticipantID: name(1e9)}
		case 1:
			e = &ivsevents.ParticipantUnpublished{Envelope: env, StageARN: stageA, SessionID: "s", ParticipantID: name(1e9)}
		case 2:
			e = &ivsevents.RecordingStart{Envelope: env, StageARN: stageA, SessionID: name(1e9), ParticipantID: name(1e9), RecordingS3KeyPrefix: name(1e9)}
		case 3:
			e = &ivsevents.CompositionSessionStart{Envelope: env, CompositionARN: compA + name(1e9)}
		}
		require.NoError(t, tracker.Handle(t.Context(), ivsevents.Fill(e)))
		s := tracker.Stats()
		require.LessOrEqual(t, max(s.Stages, s.Sessions, s.Participants, s.Recordings, s.Compositions), most)
	}
	var sessions, participants, recordings int
	snapshot, stats := tracker.Snapshot(), tracker.Stats()
	for _, st := range snapshot.Stages {
		sessions += len(st.Sessions)
		recordings += len(st.Recordings)
		for _, s := range st.Sessions {
			participants += len(s.Participants)
		}
	}
	require.Equal(t, []int{stats.Stages, stats.Sessions, stats.Participants, stats.Recordings}, []int{len(snapshot.Stages), sessions, participants, recordings}, "it counts right")
	require.Positive(t, stats.Stale)
}

// A clock that was far ahead does not keep the Tracker from dropping what is old
// once it is set right.
func TestTrackerClockSetBack(t *testing.T) {
	tracker, now := newTracker()
	now.now = noon.AddDate(1, 0, 0)
	tracker.Snapshot()
	for day := range 4 {
		now.now = noon.AddDate(0, 0, 2*day)
		require.NoError(t, tracker.Handle(t.Context(), published(stageA, fmt.Sprint("s", day), "p", float64(day)*48*3600)))
		require.Equal(t, 1, tracker.Stats().Sessions, "the one of two days ago went")
	}
}

// What is too large to be an event of IVS would make MaxEntries no limit of memory.
func TestTrackerEventTooLarge(t *testing.T) {
	tracker, _ := newTracker()
	for size, want := range map[int]ivsevents.Result{1 << 10: ivsevents.ResultApplied, 64 << 10: ivsevents.ResultIgnored} {
		e := ivsevents.Fill(&ivsevents.TokenExchanged{StageARN: stageA, EventTime: secs(1)})
		e.NewToken.Attributes = map[string]string{"a": strings.Repeat("b", size)}
		data, err := json.Marshal(e)
		require.NoError(t, err)
		got, err := tracker.Apply(t.Context(), mustDecode(t, string(data)))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
