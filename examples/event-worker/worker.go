package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivsrecording"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// worker is what receives events: mux is the HTTP handler, tracker knows what they
// come to.
type worker struct {
	mux     *ivsevents.Mux
	tracker *ivstracker.Tracker
	changed atomic.Bool                         // since the board was drawn
	archive func(l ivsrecording.Location) error // told of every recording, some twice
}

func newWorker(authorization ivsrealtime.Secret, now func() time.Time, logger *slog.Logger, archive func(ivsrecording.Location) error) *worker {
	w := &worker{archive: archive}
	w.tracker = ivstracker.NewTracker(func(o *ivstracker.Options) {
		o.Now = now
		o.OnChange = func(ivstracker.Change) { w.changed.Store(true) }
	})
	w.mux = ivsevents.NewMux(func(o *ivsevents.MuxOptions) {
		o.AuthorizationValues = []ivsrealtime.Secret{authorization}
		o.Logger = logger
	})
	ivsevents.On(w.mux, w.tracker.Handle)
	// An error makes EventBridge send the event again, to all handlers: the tracker
	// sees it twice, which changes nothing, and the archive must not mind either.
	ivsevents.On(w.mux, func(_ context.Context, e *ivsevents.RecordingEnd) error {
		location, err := ivsrecording.FromEvent(e)
		if err != nil {
			return nil // again would be no better
		}
		return w.archive(location)
	})
	return w
}

// recorded archives a recording whose end Reconcile found out.
func (w *worker) recorded(c ivstracker.Change) error {
	if c.Recording == nil || c.Recording.State != ivsrealtime.ParticipantRecordingStateStopped {
		return nil
	}
	location, err := ivsrecording.FromRecording(*c.Recording)
	if err != nil {
		return nil // the API did not tell the place
	}
	return w.archive(location)
}
