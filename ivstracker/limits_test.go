package ivstracker_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// sessionsOf lists the sessions of a stage.
func sessionsOf(tracker *ivstracker.Tracker, stage string) (ids []string) {
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
			tracker, now := newTracker(func(o *ivstracker.Options) { o.Retention = tt.retention })
			now.now = noon
			for _, e := range tt.events {
				apply(t, tracker, ivstracker.ResultApplied, e)
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
				apply(t, tracker, ivstracker.ResultStale, e)
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
		apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s", fmt.Sprint("p", day), seconds))
		apply(t, tracker, ivstracker.ResultApplied, unpublished(stageA, "s", fmt.Sprint("p", day), seconds+30))
		s := tracker.Snapshot()
		require.Len(t, s.Stages[0].Sessions[0].Participants, 1)
	}
	apply(t, tracker, ivstracker.ResultStale, published(stageA, "s", "p0", 1))
	require.Len(t, sessionsOf(tracker, stageA), 1)
}

// bytesOf returns what a tracker weighs that has nothing but what these events tell.
func bytesOf(t *testing.T, events ...ivsevents.Event) int {
	tracker, _ := newTracker()
	for _, e := range events {
		apply(t, tracker, ivstracker.ResultApplied, e)
	}
	return tracker.Stats().Bytes
}

// Above MaxBytes the quiet go first, the longest ago before the others, and then what
// is live.
func TestTrackerMaxBytes(t *testing.T) {
	start := func(seconds int, prefix string) *ivsevents.RecordingStart {
		return &ivsevents.RecordingStart{Envelope: stamped(seconds), StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3KeyPrefix: prefix}
	}
	end := func(seconds int, prefix string) *ivsevents.RecordingEnd {
		return &ivsevents.RecordingEnd{Envelope: stamped(seconds), StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3KeyPrefix: prefix}
	}
	composition := func(seconds int, arn string) *ivsevents.CompositionSessionStart {
		return &ivsevents.CompositionSessionStart{Envelope: stamped(seconds), CompositionARN: arn}
	}
	for name, tt := range map[string]struct {
		events []ivsevents.Event // the last is too much
		gone   string            // of what is known of then
	}{
		"a participant that is quiet": {[]ivsevents.Event{
			published(stageA, "s", "live", 1), unpublished(stageA, "s", "older", 2), unpublished(stageA, "s", "newer", 3), published(stageA, "s", "newest", 4),
		}, "older"},
		"the longest ago of those that are live": {[]ivsevents.Event{
			published(stageA, "s", "first", 1), published(stageA, "s", "second", 2), published(stageA, "s", "third", 3),
		}, "first"},
		"a recording that is over": {[]ivsevents.Event{
			published(stageA, "s", "p", 9), start(1, "going"), end(3, "over"), start(4, "new"),
		}, "over"},
		"a composition that is over": {[]ivsevents.Event{
			composition(1, compA+"a"), (*ivsevents.CompositionSessionEnd)(composition(2, compA+"b")), composition(3, compA+"c"),
		}, compA + "b"},
		"a participant of an ended session": {[]ivsevents.Event{
			published(stageA, "s1", "left", 2), published(stageB, "s2", "older", 1), published(stageA, "s3", "other", 3), published(stageA, "s3", "last", 4),
		}, "left"},
	} {
		t.Run(name, func(t *testing.T) {
			all := bytesOf(t, tt.events...)
			tracker, _ := newTracker(func(o *ivstracker.Options) { o.MaxBytes = all - 1 })
			for _, e := range tt.events {
				require.Zero(t, tracker.Stats().Evicted)
				apply(t, tracker, ivstracker.ResultApplied, e)
			}
			require.Positive(t, tracker.Stats().Evicted)
			require.LessOrEqual(t, tracker.Stats().Bytes, all-all/8)
			text, err := json.Marshal(tracker.Snapshot())
			require.NoError(t, err)
			require.NotContains(t, string(text), `"`+tt.gone+`"`)
		})
	}
}

// What can come back is what was evicted, with what the event tells that has it come
// back.
func TestTrackerEvictedComesBack(t *testing.T) {
	exchange := exchangedTo("host", 1)
	events := []ivsevents.Event{exchange, unpublished(stageA, "s1", "p1", 2), published(stageB, "s2", "p2", 10)}
	tracker, _ := newTracker(func(o *ivstracker.Options) { o.MaxBytes = bytesOf(t, events...) - 1 })
	for _, e := range events {
		apply(t, tracker, ivstracker.ResultApplied, e)
	}
	for range 2 {
		apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s1", "p1", 3)) // live: the other is older, and not
		_, known := tracker.Stage(stageA)
		if known {
			break
		}
	}
	p := only(t, tracker, stageA)
	require.Equal(t, ivstracker.Participant{ParticipantID: "p1", Published: true, Publishing: true, PublishTime: secs(3)}, p)
}

// Of a participant's replications and a composition's destinations the latest are
// kept, whatever the order of the events.
func TestTrackerLatestParts(t *testing.T) {
	var events []ivsevents.Event
	for i := range 100 {
		at := secs(float64(i))
		events = append(events,
			&ivsevents.ParticipantReplicationStart{Envelope: ivsevents.Envelope{ID: fmt.Sprint("r", i)}, StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: at, DestinationStageARN: fmt.Sprint(stageB, i%80), DestinationSessionID: "d"},
			&ivsevents.CompositionDestinationEnd{Envelope: ivsevents.Envelope{ID: fmt.Sprint("c", i), Time: at}, CompositionARN: compA, StageARN: stageA, DestinationID: fmt.Sprint("d", i%80)})
	}
	end := noon.Add(time.Minute * 10)
	want := track(t, events, end)
	require.Len(t, want.Stages[0].Sessions[0].Participants[0].Replications, 64)
	require.Len(t, want.Compositions[0].Destinations, 16)
	for _, d := range want.Compositions[0].Destinations {
		require.False(t, d.Time.Before(secs(84)))
	}
	for order := range uint64(20) {
		require.Equal(t, want, track(t, shuffled(events, order), end))
	}
	tracker, _ := newTracker()
	for _, e := range events {
		tracker.Apply(e)
	}
	require.Equal(t, ivstracker.ResultStale, tracker.Apply(events[40]))
	require.Equal(t, ivstracker.ResultStale, tracker.Apply(events[41]))
}

// Whatever comes, no more is kept than the limit says, and what is kept is counted
// right.
func TestTrackerEndlessStream(t *testing.T) {
	const most = 100 << 10
	chance := rand.New(rand.NewPCG(1, 1))
	tracker, now := newTracker(func(o *ivstracker.Options) { o.MaxBytes = most })
	now.now = noon
	name := func(n int) string { return fmt.Sprint(chance.IntN(n)) }
	for range 20_000 {
		now.now = now.now.Add(time.Second)
		when := now.now.Add(-time.Duration(chance.IntN(7200)) * time.Second)
		env := ivsevents.Envelope{Time: when}
		var e ivsevents.Event
		switch stage := stageA + name(10_000); chance.IntN(6) {
		case 0:
			e = &ivsevents.ParticipantPublished{Envelope: env, StageARN: stage, SessionID: name(1e9), ParticipantID: name(1e9)}
		case 1:
			e = &ivsevents.ParticipantUnpublished{Envelope: env, StageARN: stageA, SessionID: "s", ParticipantID: name(1e9)}
		case 2:
			e = &ivsevents.RecordingStart{Envelope: env, StageARN: stageA, SessionID: name(1e9), ParticipantID: name(1e9), RecordingS3KeyPrefix: name(1e9)}
		case 3:
			e = &ivsevents.CompositionSessionStart{Envelope: env, CompositionARN: compA + name(1e9)}
		case 4:
			e = &ivsevents.ParticipantReplicationStart{Envelope: env, StageARN: stageA, SessionID: "s", ParticipantID: name(3), DestinationSessionID: name(1e9)}
		case 5:
			e = &ivsevents.CompositionDestinationStart{Envelope: env, CompositionARN: compA + name(3), DestinationID: name(1e9)}
		}
		tracker.Apply(ivsevents.Fill(e))
		require.LessOrEqual(t, tracker.Stats().Bytes, most)
	}
	require.Positive(t, tracker.Stats().Evicted)
	var sessions, participants, recordings int
	snapshot, stats := tracker.Snapshot(), tracker.Stats()
	for _, st := range snapshot.Stages {
		sessions += len(st.Sessions)
		recordings += len(st.Recordings)
		for _, s := range st.Sessions {
			participants += len(s.Participants)
		}
	}
	require.Equal(t, []int{stats.Stages, stats.Sessions, stats.Participants, stats.Recordings}, []int{len(snapshot.Stages), sessions, participants, recordings})
	now.now = now.now.Add(72 * time.Hour)
	tracker.Snapshot()
	stats = tracker.Stats()
	require.Equal(t, make([]int, 6), []int{stats.Stages, stats.Sessions, stats.Participants, stats.Recordings, stats.Compositions, stats.Bytes}, "all that was added was taken away")
}

// The memory of the state is at most MaxBytes, whatever fills it.
func TestTrackerMemory(t *testing.T) {
	const most = 4 << 20
	text := func(n, i int) string { // a small part of a large text
		s := fmt.Sprintf("%0*d", 4<<10, i)
		return s[len(s)-n:]
	}
	for name, event := range map[string]func(i int) ivsevents.Event{
		"participants, each alone on a stage": func(i int) ivsevents.Event {
			return &ivsevents.ParticipantPublished{Envelope: ivsevents.Envelope{ID: text(64, i)}, StageARN: text(128, i), SessionID: text(64, i), ParticipantID: text(64, i), UserID: text(128, i), SourceStageARN: text(128, i), SourceSessionID: text(64, i), EventTime: noon}
		},
		"short ones": func(i int) ivsevents.Event {
			return &ivsevents.ParticipantPublished{StageARN: fmt.Sprint(i), SessionID: "s", ParticipantID: "p", EventTime: noon}
		},
		"participants of a session": func(i int) ivsevents.Event {
			return &ivsevents.ParticipantPublished{StageARN: stageA, SessionID: "s", ParticipantID: fmt.Sprint(i), EventTime: noon}
		},
		"sessions of a stage": func(i int) ivsevents.Event {
			return &ivsevents.ParticipantUnpublished{StageARN: stageA, SessionID: fmt.Sprint(i), ParticipantID: "p", EventTime: noon}
		},
		"attributes": func(i int) ivsevents.Event {
			e := &ivsevents.TokenExchanged{StageARN: stageA, SessionID: "s", ParticipantID: fmt.Sprint(i), EventTime: noon}
			e.NewToken.Attributes = map[string]string{}
			for j := range 200 {
				e.NewToken.Attributes[fmt.Sprint(j)] = "v"
			}
			for range 8 {
				e.NewToken.Capabilities = append(e.NewToken.Capabilities, ivsrealtime.ParticipantTokenCapability(text(64, i)))
			}
			return e
		},
		"one long attribute": func(i int) ivsevents.Event {
			e := &ivsevents.TokenExchanged{StageARN: stageA, SessionID: "s", ParticipantID: fmt.Sprint(i), EventTime: noon}
			e.NewToken.Attributes = map[string]string{"a": text(2000, i)}
			return e
		},
		"replications": func(i int) ivsevents.Event {
			return &ivsevents.ParticipantReplicationStart{StageARN: stageA, SessionID: "s", ParticipantID: fmt.Sprint(i / 60), EventTime: noon, DestinationStageARN: fmt.Sprint(i), DestinationSessionID: "d"}
		},
		"recordings": func(i int) ivsevents.Event {
			return &ivsevents.RecordingEndFailure{Envelope: stamped(0), StageARN: stageA, SessionID: "s", ParticipantID: fmt.Sprint(i), RecordingS3BucketName: text(63, i), RecordingS3KeyPrefix: text(256, i), ErrorCode: ivsevents.ErrorCode(text(64, i)), Reason: text(1024, i)}
		},
		"recordings of a participant": func(i int) ivsevents.Event {
			return &ivsevents.RecordingStart{Envelope: stamped(0), StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3KeyPrefix: fmt.Sprint(i)}
		},
		"recordings, each alone on a stage": func(i int) ivsevents.Event {
			return &ivsevents.RecordingStart{Envelope: stamped(0), StageARN: fmt.Sprint(i), SessionID: "s", ParticipantID: "p", RecordingS3KeyPrefix: "x"}
		},
		"compositions": func(i int) ivsevents.Event {
			return &ivsevents.CompositionSessionStart{Envelope: stamped(0), CompositionARN: fmt.Sprint(i), StageARN: text(128, i)}
		},
		"destinations": func(i int) ivsevents.Event {
			return &ivsevents.CompositionDestinationFailure{Envelope: stamped(0), CompositionARN: fmt.Sprint(i / 15), DestinationID: fmt.Sprint(i), Reason: text(512, i)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			tracker, _ := newTracker(func(o *ivstracker.Options) { o.MaxBytes = most })
			largest := 0
			for i := 0; tracker.Stats().Evicted == 0; i++ {
				largest = tracker.Stats().Bytes
				tracker.Apply(event(i))
			}
			for i := 1 << 24; tracker.Stats().Bytes < largest-most/50; i++ { // full again
				tracker.Apply(event(i))
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			took := int(after.HeapAlloc) - int(before.HeapAlloc)
			t.Logf("%d KiB for %d KiB", took>>10, tracker.Stats().Bytes>>10)
			require.LessOrEqual(t, took, most)
			require.Greater(t, took, most/4, "the estimate is no idle guess")
			runtime.KeepAlive(tracker)
		})
	}
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

// What is too large to be an event of IVS is not looked at.
func TestTrackerEventTooLarge(t *testing.T) {
	tracker, _ := newTracker()
	for size, want := range map[int]ivstracker.ApplyResult{1 << 10: ivstracker.ResultApplied, 64 << 10: ivstracker.ResultIgnored} {
		e := ivsevents.Fill(&ivsevents.TokenExchanged{StageARN: stageA, EventTime: secs(1)})
		e.NewToken.Attributes = map[string]string{"a": strings.Repeat("b", size)}
		data, err := json.Marshal(e)
		require.NoError(t, err)
		got := tracker.Apply(mustDecode(t, string(data)))
		require.Equal(t, want, got)
	}
}
