package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivsrecording"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// worker receives events over HTTP and keeps the state that they tell of.
type worker struct {
	mux     *ivsevents.Mux // the HTTP handler
	tracker *ivstracker.Tracker
	client  *ivsrealtime.Client
	process func(ivsrecording.Location) error
}

// newWorker returns a worker that accepts events with this Authorization header.
// process is called for every recording that has ended, for some more than once.
func newWorker(client *ivsrealtime.Client, authorization ivsrealtime.Secret, logger *slog.Logger, process func(ivsrecording.Location) error, now func() time.Time) *worker {
	w := &worker{client: client, process: process}
	w.tracker = ivstracker.NewTracker(func(o *ivstracker.Options) {
		o.Now = now
		o.Logger = logger
		o.OnChange = func(c ivstracker.Change) {
			if p := c.Participant; p != nil {
				logger.Info("participant", "stage", c.StageARN, "user", p.UserID, "publishing", p.Publishing)
			}
		}
	})
	w.mux = ivsevents.NewMux(func(o *ivsevents.MuxOptions) {
		o.AuthorizationValues = []ivsrealtime.Secret{authorization}
		o.Logger = logger
	})
	ivsevents.On(w.mux, w.tracker.Handle)
	// An error makes EventBridge send the event again, to all handlers. The tracker
	// does not mind.
	ivsevents.On(w.mux, func(_ context.Context, e *ivsevents.RecordingEnd) error {
		location, err := ivsrecording.FromEvent(e)
		if err != nil {
			return nil // another delivery would say the same
		}
		return w.process(location)
	})
	return w
}

// reconcile asks the API for what no event told.
func (w *worker) reconcile(ctx context.Context, optFns ...func(*ivstracker.ReconcileOptions)) error {
	changes, err := w.tracker.Reconcile(ctx, w.client, optFns...)
	for _, c := range changes {
		if c.Recording == nil || c.Recording.State != ivsrealtime.ParticipantRecordingStateStopped {
			continue
		}
		location, lost := ivsrecording.FromRecording(*c.Recording)
		if lost != nil {
			continue // the API did not tell the place
		}
		err = errors.Join(err, w.process(location))
	}
	return err
}

// run reconciles every hour until the context ends.
func (w *worker) run(ctx context.Context, logger *slog.Logger) {
	for tick := time.Tick(time.Hour); ; {
		if err := w.reconcile(ctx); err != nil && ctx.Err() == nil {
			logger.Error("reconcile", "error", err) // what could be read is known all the same
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

// serve receives events until the context ends. EventBridge sends again what fails
// meanwhile.
func (w *worker) serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: w.mux, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(ctx)
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return err
	}
	return <-stopped
}
