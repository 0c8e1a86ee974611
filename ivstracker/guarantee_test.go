package ivstracker_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// The guarantee of the Tracker's documentation: events in any order and with repeats
// have the same outcome as in order; and an event that was applied changes nothing when
// it comes again, however late, so that nothing that was dropped comes back.
func TestTrackerRepeats(t *testing.T) {
	for seed := range uint64(12) {
		checkRepeats(t, seed, 60+int(seed)*20, seed+1)
	}
}

func FuzzTrackerRepeats(f *testing.F) {
	f.Add(uint64(1), uint16(50), uint64(2))
	f.Add(uint64(2), uint16(300), uint64(3))
	f.Fuzz(func(t *testing.T, story uint64, length uint16, order uint64) {
		checkRepeats(t, story, int(length%500), order)
	})
}

func checkRepeats(t testing.TB, seed uint64, length int, order uint64) {
	t.Helper()
	s := newTeller(seed, length)
	chance := rand.New(rand.NewPCG(order, 5))
	retention := []time.Duration{time.Minute, time.Hour, 30 * time.Hour}[chance.IntN(3)]
	clock := &clock{s.now}
	options := func(o *ivstracker.Options) { o.Now, o.Retention = clock.Now, retention }
	inOrder, repeated := ivstracker.NewTracker(options), ivstracker.NewTracker(options)

	for _, e := range s.events {
		if result := inOrder.Apply(e); s.now.Sub(e.Summary().Time) > retention {
			require.Equal(t, ivstracker.ResultStale, result)
		}
	}
	for _, e := range shuffled(s.events, order) {
		repeated.Apply(e)
	}
	require.Equal(t, inOrder.Snapshot(), repeated.Snapshot(), "story %d, order %d", seed, order)

	// Time passes, and they come again.
	for range 12 {
		clock.now = clock.now.Add(time.Duration(chance.Int64N(int64(max(retention, 24*time.Hour)) / 4)))
		for _, e := range shuffled(s.events, chance.Uint64())[:len(s.events)/2] {
			require.NotEqual(t, ivstracker.ResultApplied, repeated.Apply(e), "story %d, order %d, %v", seed, order, e.Summary())
		}
		require.Equal(t, inOrder.Snapshot(), repeated.Snapshot(), "story %d, order %d", seed, order)
	}
	clock.now = clock.now.Add(retention + 24*time.Hour)
	for _, e := range s.events {
		repeated.Apply(e)
	}
	require.Empty(t, repeated.Snapshot().Stages)
	require.Empty(t, repeated.Snapshot().Compositions)
	require.Zero(t, repeated.Stats().Bytes)
}

// Nor do old events change what was dropped and is heard of again.
func TestTrackerHeardOfAgain(t *testing.T) {
	old := []ivsevents.Event{
		exchangedTo("host", 1), unpublished(stageA, "s1", "p1", 2),
		&ivsevents.RecordingStart{Envelope: stamped(1), StageARN: stageA, SessionID: "s1", ParticipantID: "p1", RecordingS3KeyPrefix: "x"},
		&ivsevents.RecordingEnd{Envelope: stamped(2), StageARN: stageA, SessionID: "s1", ParticipantID: "p1", RecordingS3KeyPrefix: "x"},
		&ivsevents.ParticipantReplicationEnd{StageARN: stageA, SessionID: "s1", ParticipantID: "p1", EventTime: secs(2), DestinationSessionID: "d"},
		&ivsevents.CompositionDestinationEnd{Envelope: stamped(2), CompositionARN: compA, DestinationID: "d"},
		&ivsevents.CompositionSessionEnd{Envelope: stamped(2), CompositionARN: compA},
	}
	tracker, now := newTracker()
	for _, e := range old {
		tracker.Apply(e)
	}
	now.now = noon.Add(25 * time.Hour)
	tracker.Snapshot()
	again := now.now.Add(-time.Minute)
	for _, e := range []ivsevents.Event{
		&ivsevents.ParticipantPublished{StageARN: stageA, SessionID: "s1", ParticipantID: "p1", EventTime: again},
		&ivsevents.CompositionSessionStart{Envelope: ivsevents.Envelope{Time: again}, CompositionARN: compA},
	} {
		apply(t, tracker, ivstracker.ResultApplied, e)
	}
	want := tracker.Snapshot()
	for _, e := range old {
		require.Equal(t, ivstracker.ResultStale, tracker.Apply(e))
	}
	require.Equal(t, want, tracker.Snapshot())
}

// An event may be as late as Retention, be it about something known or not.
func TestTrackerLate(t *testing.T) {
	for name, tt := range map[string]struct {
		late  time.Duration
		known bool
		want  ivstracker.ApplyResult
	}{
		"as late as may be":         {24 * time.Hour, false, ivstracker.ResultApplied},
		"too late":                  {24*time.Hour + 1, false, ivstracker.ResultStale},
		"too late, about the known": {24*time.Hour + 1, true, ivstracker.ResultStale},
		"late, about the known":     {24 * time.Hour, true, ivstracker.ResultApplied},
	} {
		for _, e := range []ivsevents.Event{
			unpublished(stageA, "s", "p", 0),
			&ivsevents.RecordingEnd{Envelope: stamped(0), StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3KeyPrefix: "x"},
			&ivsevents.CompositionDestinationFailure{Envelope: stamped(0), CompositionARN: compA, DestinationID: "d"},
			&ivsevents.ParticipantReplicationEnd{StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: noon, DestinationSessionID: "d"},
		} {
			t.Run(fmt.Sprintf("%s %T", name, e), func(t *testing.T) {
				tracker, now := newTracker()
				if tt.known {
					now.now = noon.Add(time.Minute)
					apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s", "p", -1))
					apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingStart{Envelope: stamped(-1), StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3KeyPrefix: "x"})
					apply(t, tracker, ivstracker.ResultApplied, &ivsevents.CompositionDestinationStart{Envelope: stamped(-1), CompositionARN: compA, DestinationID: "d"})
					apply(t, tracker, ivstracker.ResultApplied, &ivsevents.ParticipantReplicationStart{StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: secs(-1), DestinationSessionID: "d"})
				}
				now.now = noon.Add(tt.late)
				apply(t, tracker, tt.want, e)
			})
		}
	}
}

// Zero options are the defaults.
func TestTrackerDefaults(t *testing.T) {
	tracker := ivstracker.NewTracker(func(o *ivstracker.Options) {
		o.Retention, o.MaxBytes, o.MaxAhead, o.Now = 0, 0, 0, nil
		o.Logger = slog.New(slog.DiscardHandler)
	})
	now := time.Now().UTC()
	event := func(id string, at time.Time) ivsevents.Event {
		return &ivsevents.CompositionSessionStart{Envelope: ivsevents.Envelope{Time: at}, CompositionARN: id}
	}
	apply(t, tracker, ivstracker.ResultApplied, event("now", now))
	apply(t, tracker, ivstracker.ResultApplied, event("ahead", now.Add(15*time.Minute)))
	apply(t, tracker, ivstracker.ResultIgnored, event("too far ahead", now.Add(15*time.Minute+time.Hour)))
	apply(t, tracker, ivstracker.ResultApplied, event("old", now.Add(-23*time.Hour)))
	apply(t, tracker, ivstracker.ResultStale, event("too old", now.Add(-25*time.Hour)))
	require.Len(t, tracker.Snapshot().Compositions, 3)
}

// Between events of the same time their place in life decides, whatever their order
// and IDs.
func TestTrackerRanks(t *testing.T) {
	recording := func(id, kind string) ivsevents.Event {
		env := ivsevents.Envelope{ID: id, Time: secs(1)}
		switch kind {
		case "ACTIVE":
			return &ivsevents.RecordingStart{Envelope: env, StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3KeyPrefix: "x"}
		case "STOPPED":
			return &ivsevents.RecordingEnd{Envelope: env, StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3KeyPrefix: "x"}
		case "START FAILED":
			return &ivsevents.RecordingStartFailure{Envelope: env, StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3KeyPrefix: "x"}
		}
		return &ivsevents.RecordingEndFailure{Envelope: env, StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3KeyPrefix: "x"}
	}
	composition := func(id, kind string) ivsevents.Event {
		e := ivsevents.CompositionSessionStart{Envelope: ivsevents.Envelope{ID: id, Time: secs(1)}, CompositionARN: compA}
		switch kind {
		case "ACTIVE":
			return &e
		case "STOPPED":
			return (*ivsevents.CompositionSessionEnd)(&e)
		}
		return &ivsevents.CompositionSessionFailure{Envelope: e.Envelope, CompositionARN: compA}
	}
	destination := func(id, kind string) ivsevents.Event {
		e := ivsevents.CompositionDestinationStart{Envelope: ivsevents.Envelope{ID: id, Time: secs(1)}, CompositionARN: compA, DestinationID: "d"}
		switch kind {
		case "ACTIVE":
			return &e
		case "RECONNECTING":
			return (*ivsevents.CompositionDestinationReconnecting)(&e)
		case "STOPPED":
			return (*ivsevents.CompositionDestinationEnd)(&e)
		}
		return &ivsevents.CompositionDestinationFailure{Envelope: e.Envelope, CompositionARN: compA, DestinationID: "d"}
	}
	replication := func(id, kind string) ivsevents.Event {
		e := ivsevents.ParticipantReplicationStart{Envelope: ivsevents.Envelope{ID: id}, StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: secs(1), DestinationSessionID: "d"}
		if kind == "active" {
			return &e
		}
		return (*ivsevents.ParticipantReplicationEnd)(&e)
	}
	state := map[string]func(*ivstracker.Tracker) string{
		"recording":   func(t *ivstracker.Tracker) string { return string(t.Snapshot().Stages[0].Recordings[0].State) },
		"composition": func(t *ivstracker.Tracker) string { return string(t.Snapshot().Compositions[0].State) },
		"destination": func(t *ivstracker.Tracker) string { return string(t.Snapshot().Compositions[0].Destinations[0].State) },
		"replication": func(t *ivstracker.Tracker) string {
			return fmt.Sprint(t.Snapshot().Stages[0].Sessions[0].Participants[0].Replications[0].Active)
		},
	}
	for _, tt := range []struct {
		what       string
		event      func(id, kind string) ivsevents.Event
		less, more string
		want       string
	}{
		{"recording", recording, "ACTIVE", "STOPPED", "STOPPED"},
		{"recording", recording, "ACTIVE", "START FAILED", "FAILED"},
		{"recording", recording, "STOPPED", "END FAILED", "FAILED"},
		{"composition", composition, "ACTIVE", "STOPPED", "STOPPED"},
		{"composition", composition, "STOPPED", "FAILED", "FAILED"},
		{"destination", destination, "ACTIVE", "RECONNECTING", "RECONNECTING"},
		{"destination", destination, "RECONNECTING", "STOPPED", "STOPPED"},
		{"destination", destination, "STOPPED", "FAILED", "FAILED"},
		{"replication", replication, "active", "over", "false"},
	} {
		for _, ids := range [][2]string{{"a", "z"}, {"z", "a"}} {
			less, more := tt.event(ids[0], tt.less), tt.event(ids[1], tt.more)
			for _, events := range [][]ivsevents.Event{{less, more}, {more, less}} {
				tracker, _ := newTracker()
				for _, e := range events {
					tracker.Apply(ivsevents.Fill(e))
				}
				require.Equal(t, tt.want, state[tt.what](tracker), "%s %s %s", tt.what, tt.less, tt.more)
			}
		}
	}
	for _, events := range [][]string{{"a", "z"}, {"z", "a"}} { // the same place: the ID decides
		tracker, _ := newTracker()
		for _, id := range events {
			e := exchangedTo(id, 1)
			e.ID = id
			tracker.Apply(ivsevents.Fill(e))
		}
		require.Equal(t, "z", only(t, tracker, stageA).UserID)
	}
}

// Events that lack the ID of what they are about are ignored, and nothing is known of
// then.
func TestTrackerWithoutIDs(t *testing.T) {
	env := stamped(1)
	for name, e := range map[string]ivsevents.Event{
		"publish without stage":            &ivsevents.ParticipantPublished{Envelope: env, SessionID: "s", ParticipantID: "p"},
		"publish without session":          &ivsevents.ParticipantPublished{Envelope: env, StageARN: stageA, ParticipantID: "p"},
		"publish without participant":      &ivsevents.ParticipantUnpublished{Envelope: env, StageARN: stageA, SessionID: "s"},
		"error without participant":        &ivsevents.ParticipantPublishError{Envelope: env, StageARN: stageA, SessionID: "s"},
		"replication without participant":  &ivsevents.ParticipantReplicationStart{Envelope: env, StageARN: stageA, SessionID: "s"},
		"exchange without participant":     &ivsevents.TokenExchanged{Envelope: env, StageARN: stageA, SessionID: "s"},
		"recording without stage":          &ivsevents.RecordingStart{Envelope: env, SessionID: "s", ParticipantID: "p"},
		"recording without session":        &ivsevents.RecordingStart{Envelope: env, StageARN: stageA, ParticipantID: "p"},
		"recording without participant":    &ivsevents.RecordingEndFailure{Envelope: env, StageARN: stageA, SessionID: "s"},
		"composition without ARN":          &ivsevents.CompositionSessionStart{Envelope: env, StageARN: stageA},
		"composition failure without ARN":  &ivsevents.CompositionSessionFailure{Envelope: env, StageARN: stageA},
		"destination without composition":  &ivsevents.CompositionDestinationStart{Envelope: env, StageARN: stageA, DestinationID: "d"},
		"destination without ID":           &ivsevents.CompositionDestinationFailure{Envelope: env, CompositionARN: compA},
		"destination that ends without ID": &ivsevents.CompositionDestinationEnd{Envelope: env, CompositionARN: compA},
	} {
		t.Run(name, func(t *testing.T) {
			tracker, _ := newTracker()
			require.Equal(t, ivstracker.ResultIgnored, tracker.Apply(e)) // as it is, not filled
			require.Empty(t, tracker.Snapshot().Stages)
			require.Empty(t, tracker.Snapshot().Compositions)
			require.EqualValues(t, 1, tracker.Stats().Ignored)
		})
	}
}
