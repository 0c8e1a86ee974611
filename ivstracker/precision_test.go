package ivstracker_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// exchangedTo returns a Token Exchanged event with a new user, and an attribute and a
// capability of the same name.
func exchangedTo(user string, seconds float64) *ivsevents.TokenExchanged {
	return &ivsevents.TokenExchanged{
		Envelope: ivsevents.Envelope{ID: "event of " + user}, StageARN: stageA, SessionID: "s1", ParticipantID: "p1", EventTime: secs(seconds),
		NewToken: ivsrealtime.ExchangedParticipantToken{
			UserID: user, Attributes: map[string]string{"of": user}, Capabilities: []ivsrealtime.ParticipantTokenCapability{ivsrealtime.ParticipantTokenCapability(user)},
		},
	}
}

// named returns a Participant Published event with a user.
func named(user string, seconds float64) *ivsevents.ParticipantPublished {
	e := published(stageA, "s1", "p1", seconds)
	e.UserID = user
	return e
}

// Of two events with times as exact as a fraction the later counts, in either order.
func TestTrackerPrecision(t *testing.T) {
	for name, tt := range map[string]struct {
		one, two ivsevents.Event
		want     string
	}{
		"exchanges 0.8 s apart":                    {exchangedTo("z", 5.1), exchangedTo("a", 5.9), "a"},
		"exchanges 0.8 s apart, whole":             {exchangedTo("z", 5), exchangedTo("a", 5.8), "a"},
		"exchanges a microsecond apart":            {exchangedTo("z", 5.1), exchangedTo("a", 5.100001), "a"},
		"exchanges in one second":                  {exchangedTo("a", 5), exchangedTo("z", 5), "z"}, // which is not known
		"named 0.8 s after the exchange":           {exchangedTo("z", 5.1), named("a", 5.9), "a"},
		"exchanged 0.8 s after being named":        {named("z", 5.1), exchangedTo("a", 5.9), "a"},
		"exchanged in the second of being named":   {named("z", 5.9), exchangedTo("a", 5), "a"},
		"exchanged in the second before":           {named("z", 6.1), exchangedTo("a", 5), "z"},
		"exchanged, and named in the whole second": {named("z", 5), exchangedTo("a", 5.1), "a"},
		"named in the next whole second":           {exchangedTo("z", 5.1), named("a", 6), "a"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, events := range [][]ivsevents.Event{{tt.one, tt.two}, {tt.two, tt.one}, {tt.two, tt.one, tt.two, tt.one}} {
				tracker, _ := newTracker()
				for _, e := range events {
					tracker.Apply(ivsevents.Fill(e))
				}
				p := only(t, tracker, stageA)
				require.Equal(t, tt.want, p.UserID)
				if len(p.Capabilities) == 1 && tt.want == string(p.Capabilities[0]) {
					require.Equal(t, map[string]string{"of": tt.want}, p.Attributes)
				}
			}
		})
	}
	tracker, _ := newTracker()
	for _, e := range []ivsevents.Event{exchangedTo("a", 5.9), exchangedTo("z", 5.1)} {
		require.NoError(t, tracker.Handle(t.Context(), e))
	}
	require.Equal(t, map[string]string{"of": "a"}, only(t, tracker, stageA).Attributes)
	require.Equal(t, []ivsrealtime.ParticipantTokenCapability{"a"}, only(t, tracker, stageA).Capabilities)
}

// What an exchange gave is compared as exactly with what the API says of one.
func TestReconcilePrecision(t *testing.T) {
	exchange := func(capability ivsrealtime.ParticipantTokenCapability, seconds float64) ivsrealtime.Event {
		return ivsrealtime.Event{Name: "TOKEN_EXCHANGED", EventTime: secs(seconds), NewToken: &ivsrealtime.ExchangedParticipantToken{Capabilities: []ivsrealtime.ParticipantTokenCapability{capability}}}
	}
	for name, tt := range map[string]struct {
		told  []ivsrealtime.Event
		event float64
		want  ivsrealtime.ParticipantTokenCapability
	}{
		"the API's are in any order":     {[]ivsrealtime.Event{exchange("late", 5.9), exchange("early", 5.1)}, 4, "late"},
		"the event is later":             {[]ivsrealtime.Event{exchange("early", 5.1)}, 5.9, "event"},
		"the event is later in a second": {[]ivsrealtime.Event{exchange("early", 5.1)}, 5, "event"},
		"the API's is later":             {[]ivsrealtime.Event{exchange("late", 5.9)}, 5.1, "late"},
	} {
		t.Run(name, func(t *testing.T) {
			tracker, now := newTracker()
			now.now = secs(100)
			e := exchangedTo("event", tt.event)
			e.SessionID, e.ParticipantID = "s", "p"
			require.NoError(t, tracker.Handle(t.Context(), ivsevents.Fill(e)))
			reconcile(t, tracker, inSession(ivsrealtime.Participant{State: "CONNECTED"}, tt.told...))
			require.Equal(t, []ivsrealtime.ParticipantTokenCapability{tt.want}, only(t, tracker, stageA).Capabilities)
		})
	}
}

// OnChange gets all changes although it panics or ends its goroutine, and once each.
func TestTrackerOnChangePanics(t *testing.T) {
	var got []string
	misbehave := map[string]func(){}
	tracker, _ := newTracker(func(o *ivstracker.Options) {
		o.OnChange = func(c ivstracker.Change) {
			what := fmt.Sprint(c.SessionID, c.ParticipantID)
			got = append(got, what)
			if does := misbehave[what]; does != nil {
				does()
			}
		}
	})
	apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s1", "p1", 1))
	require.Equal(t, []string{"s1", "s1p1"}, got)

	got = nil
	misbehave["s1"] = func() { panic("no board") }
	require.PanicsWithValue(t, "no board", func() { tracker.Handle(t.Context(), published(stageA, "s2", "p2", 2)) })
	require.Equal(t, []string{"s1", "s2", "s2p2"}, got, "the others of the event")

	got = nil
	misbehave["s2"] = func() { panic("neither") }
	require.Panics(t, func() { tracker.Handle(t.Context(), published(stageA, "s3", "p3", 3)) })
	require.Equal(t, []string{"s2", "s3", "s3p3"}, got)

	got = nil
	misbehave["s3"] = runtime.Goexit
	ended := make(chan bool)
	go func() {
		defer close(ended)
		tracker.Handle(t.Context(), published(stageA, "s4", "p4", 4))
	}()
	<-ended
	require.Equal(t, []string{"s3", "s4", "s4p4"}, got)

	got = nil
	apply(t, tracker, ivstracker.ResultApplied, unpublished(stageA, "s4", "p4", 5))
	require.Equal(t, []string{"s4p4"}, got, "and then it goes on")

	got = nil
	for _, what := range []string{"s4", "s5", "s5p5"} {
		misbehave[what] = func() { panic(what) }
	}
	require.PanicsWithValue(t, "s4", func() { tracker.Handle(t.Context(), published(stageA, "s5", "p5", 6)) }, "the first")
	require.Equal(t, []string{"s4", "s5", "s5p5"}, got)

	for _, what := range []string{"s4", "s5", "s5p5", "s6", "s6p6"} {
		misbehave[what] = runtime.Goexit
	}
	got, ended = nil, make(chan bool)
	go func() {
		defer close(ended)
		tracker.Handle(t.Context(), published(stageA, "s6", "p6", 7))
	}()
	<-ended
	require.Equal(t, []string{"s5", "s6", "s6p6"}, got)
}

// However many changes wait, and fail, the stack stays small: a goroutine that
// needs more than a gigabyte ends the process.
func TestTrackerOnChangePanicsOften(t *testing.T) {
	var tracker *ivstracker.Tracker
	calls, deepest := 0, 0
	tracker, _ = newTracker(func(o *ivstracker.Options) {
		o.OnChange = func(ivstracker.Change) {
			if calls++; calls == 1 {
				for i := range 500 {
					tracker.Apply(published(stageA, "s", fmt.Sprint("q", i), float64(i)))
				}
			}
			deepest = max(deepest, runtime.Callers(0, make([]uintptr, 1000)))
			panic("again")
		}
	})
	require.PanicsWithValue(t, "again", func() { tracker.Apply(published(stageA, "s", "p", 0)) })
	require.Equal(t, 502, calls)
	require.Less(t, deepest, 100)
}

// A nil event is ignored, also one that has a type.
func TestTrackerNilEvents(t *testing.T) {
	tracker, _ := newTracker()
	for _, e := range []ivsevents.Event{
		nil, (*ivsevents.ParticipantPublished)(nil), (*ivsevents.TokenExchanged)(nil), (*ivsevents.RecordingEnd)(nil), (*ivsevents.CompositionDestinationFailure)(nil),
		(*ivsevents.Unknown)(nil), (*ivsevents.LowLatency)(nil), struct{ ivsevents.Event }{},
	} {
		require.Equal(t, ivstracker.ResultIgnored, tracker.Apply(e), "%T", e)
	}
}

// A change of one of many sessions does not cost what all of them take: the ended
// ones have their ends looked up.
func TestTrackerManySessionsOfAStage(t *testing.T) {
	perEvent := func(sessions int) float64 {
		changes := 0
		tracker, _ := newTracker(func(o *ivstracker.Options) { o.OnChange = func(ivstracker.Change) { changes++ } })
		for i := range sessions {
			require.NoError(t, tracker.Handle(t.Context(), published(stageA, fmt.Sprint("s", i), "p", float64(i)/10)))
		}
		changes = 0
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for i := range 100 {
			require.NoError(t, tracker.Handle(t.Context(), unpublished(stageA, fmt.Sprint("s", i), "p", float64(i)/10+0.05)))
			require.NoError(t, tracker.Handle(t.Context(), published(stageA, fmt.Sprint("s", i), "q", float64(i)/10-0.01)))
		}
		runtime.ReadMemStats(&after)
		require.GreaterOrEqual(t, changes, 200)
		return float64(after.TotalAlloc-before.TotalAlloc) / 200
	}
	few, many := perEvent(100), perEvent(4000)
	require.Less(t, many, few+2000, "bytes allocated per event")
}

// The ends of sessions stay right while sessions turn out to have begun earlier, and
// while they are dropped.
func TestTrackerSessionBeganEarlier(t *testing.T) {
	var changed []string
	tracker, now := newTracker(func(o *ivstracker.Options) {
		o.OnChange = func(c ivstracker.Change) {
			if c.Session != nil {
				changed = append(changed, fmt.Sprint(c.SessionID, c.Session.EndCause))
			}
		}
	})
	for i, session := range []string{"a", "b", "c"} {
		apply(t, tracker, ivstracker.ResultApplied, published(stageA, session, "p", float64(10*i+10)))
	}
	require.Equal(t, []string{"a", "aNEWER_SESSION", "b", "bNEWER_SESSION", "c"}, changed)
	changed = nil
	apply(t, tracker, ivstracker.ResultApplied, published(stageA, "c", "q", 15))
	require.Equal(t, []string{"b", "cNEWER_SESSION"}, changed, "c began between a and b")
	s, _ := tracker.Stage(stageA)
	require.Equal(t, []time.Time{secs(15), secs(20), {}}, []time.Time{s.Sessions[0].EndTime, s.Sessions[1].EndTime, s.Sessions[2].EndTime})
	require.Equal(t, "b", s.ActiveSessionID)

	// b is dropped; a, of which something is heard late, does not go on after all.
	changed = nil
	now.now = secs(10).Add(24 * time.Hour)
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingEnd{Envelope: ivsevents.Envelope{Time: now.now}, StageARN: stageA, SessionID: "a", ParticipantID: "p"})
	now.now = now.now.Add(time.Minute)
	s = tracker.Snapshot().Stages[0]
	require.Len(t, s.Sessions, 1)
	require.Equal(t, ivstracker.SessionEndCauseNewerSession, s.Sessions[0].EndCause)
	require.Equal(t, secs(20), s.Sessions[0].EndTime)
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingEnd{Envelope: ivsevents.Envelope{Time: now.now}, StageARN: stageA, SessionID: "a", ParticipantID: "p"})
	require.Empty(t, changed)
}
