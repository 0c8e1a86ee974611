package ivstracker_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// Events per second are 1e9 divided by the ns/op.
func BenchmarkTracker(b *testing.B) {
	story, end := tellStory(2, 10_000)
	clock := func(o *ivstracker.Options) { o.Now = func() time.Time { return end } }
	run := func(name string, optFns ...func(*ivstracker.Options)) {
		b.Run(name, func(b *testing.B) {
			ctx := context.Background()
			b.ReportAllocs()
			tracker, n := ivstracker.NewTracker(append(optFns, clock)...), 0
			for b.Loop() {
				if n == len(story) { // the time that a new one takes counts for little
					tracker, n = ivstracker.NewTracker(append(optFns, clock)...), 0
				}
				if err := tracker.Handle(ctx, story[n]); err != nil {
					b.Fatal(err)
				}
				n++
			}
		})
	}
	run("story")
	run("story with OnChange", func(o *ivstracker.Options) { o.OnChange = func(ivstracker.Change) {} })

	b.Run("story from JSON", func(b *testing.B) {
		ctx := context.Background()
		var bodies [][]byte
		for _, e := range story {
			body, err := e.MarshalJSON()
			require.NoError(b, err)
			bodies = append(bodies, body)
		}
		b.ReportAllocs()
		tracker, n := ivstracker.NewTracker(clock), 0
		for b.Loop() {
			if n == len(bodies) {
				tracker, n = ivstracker.NewTracker(clock), 0
			}
			e, err := ivsevents.Decode(bodies[n])
			if err == nil {
				err = tracker.Handle(ctx, e)
			}
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	})

	// What is full drops something now and then.
	b.Run("full", func(b *testing.B) {
		ctx := context.Background()
		b.ReportAllocs()
		tracker := ivstracker.NewTracker(func(o *ivstracker.Options) { o.Now = func() time.Time { return end } })
		n := 0
		for b.Loop() {
			e := ivsevents.ParticipantPublished{StageARN: stageA, SessionID: fmt.Sprint(n), ParticipantID: fmt.Sprint(n), EventTime: end.Add(time.Duration(n) * time.Microsecond)}
			e.ID = e.SessionID
			if err := tracker.Handle(ctx, &e); err != nil {
				b.Fatal(err)
			}
			n++
		}
	})
}

// The memory that a tracker full of participants takes, each alone on a stage of
// its own.
func BenchmarkTrackerMemory(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		b.StartTimer()
		tracker := ivstracker.NewTracker()
		now := time.Now()
		for i := range 50_000 {
			e := ivsevents.ParticipantPublished{Envelope: ivsevents.Envelope{ID: fmt.Sprintf("%036d", i)}, StageARN: fmt.Sprintf("%s%d", stageA, i), SessionID: fmt.Sprintf("st-%013d", i), ParticipantID: fmt.Sprintf("%012d", i), EventTime: now}
			require.NoError(b, tracker.Handle(context.Background(), &e))
		}
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
		b.StartTimer()
		runtime.KeepAlive(tracker)
	}
}

// One event when its stage has had 4,000 sessions.
func BenchmarkTrackerManySessions(b *testing.B) {
	tracker, _ := newTracker(func(o *ivstracker.Options) { o.OnChange = func(ivstracker.Change) {} })
	for i := range 4000 {
		require.NoError(b, tracker.Handle(b.Context(), published(stageA, fmt.Sprint("s", i), "p", float64(i)/10)))
	}
	n := 0
	for b.Loop() {
		n++
		if err := tracker.Handle(b.Context(), published(stageA, fmt.Sprint("s", n%4000), "p", 400+float64(n)/1e4)); err != nil {
			b.Fatal(err)
		}
	}
}
