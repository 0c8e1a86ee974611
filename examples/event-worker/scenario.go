package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
	"github.com/seed-433ec77c/ivsrealtime/ivsrecording"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// play lets a worker follow a stage of the fake on which anna, ben and carla publish
// and are recorded. Another seed loses other events.
func play(ctx context.Context, out io.Writer, seed uint64) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	authorization := ivsrealtime.Secret("Bearer " + rand.Text())
	clock := ivsrealtimetest.NewManualClock(time.Date(2026, 11, 28, 20, 0, 0, 0, time.UTC))
	posted := 0
	fake := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) {
		o.Clock, o.Seed, o.SkipSignatureCheck = clock, seed, true
		o.Delivery = ivsrealtimetest.Delivery{Drop: 0.3, Duplicate: 0.3, Reorder: 0.3}
		o.OnEvent = func(event []byte) {
			posted++
			if status := post("http://"+listener.Addr().String(), authorization, event); status != http.StatusNoContent {
				err = fmt.Errorf("the worker did not accept an event: status %d", status)
			}
		}
	})
	recorded := map[ivsrecording.Location]bool{}
	w := newWorker(fake.Client(), authorization, slog.New(slog.DiscardHandler), func(l ivsrecording.Location) error {
		recorded[l] = true // the same location twice is the same recording
		return nil
	}, clock.Now)
	served := make(chan error, 1)
	go func() { served <- w.serve(ctx, listener) }()

	if err := publish(ctx, fake, clock); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d events happened, %d were posted.\n\nWhat the worker knows from them:\n", len(fake.Events()), posted)
	show(out, w.tracker.Snapshot())

	quickly := func(o *ivstracker.ReconcileOptions) { o.CallsPerSecond = 1000 } // the fake has no quota
	if err := w.reconcile(ctx, quickly); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nAfter asking the API with Reconcile:")
	show(out, w.tracker.Snapshot())
	fmt.Fprintf(out, "\nRecordings to process: %d\n", len(recorded))
	cancel()
	if stopped := <-served; err == nil {
		err = stopped
	}
	return err
}

// publish has three people join and publish, of whom carla stays.
func publish(ctx context.Context, fake *ivsrealtimetest.Server, clock *ivsrealtimetest.ManualClock) error {
	client := fake.Client()
	storage, err := client.CreateStorageConfiguration(ctx, &ivsrealtime.CreateStorageConfigurationInput{S3: &ivsrealtime.S3StorageConfiguration{BucketName: "recordings"}})
	if err != nil {
		return err
	}
	created, err := client.CreateStage(ctx, &ivsrealtime.CreateStageInput{
		Name:                                  "town-hall",
		AutoParticipantRecordingConfiguration: &ivsrealtime.AutoParticipantRecordingConfiguration{StorageConfigurationARN: storage.StorageConfiguration.ARN},
	})
	if err != nil {
		return err
	}
	for _, user := range []string{"anna", "ben", "carla"} {
		token, err := client.CreateParticipantToken(ctx, &ivsrealtime.CreateParticipantTokenInput{StageARN: created.Stage.ARN, UserID: user})
		if err != nil {
			return err
		}
		p, err := fake.Join(token.ParticipantToken.Token)
		if err != nil {
			return err
		}
		if err := p.Publish(); err != nil {
			return err
		}
		clock.Advance(10 * time.Minute)
		if user != "carla" {
			p.Leave()
			clock.Advance(time.Minute)
		}
	}
	return nil
}

// post sends an event as EventBridge does and returns the status of the response, 0
// for none.
func post(url string, authorization ivsrealtime.Secret, event []byte) int {
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(event))
	if err != nil {
		return 0
	}
	r.Header.Set("Authorization", string(authorization))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

func show(out io.Writer, s ivstracker.Snapshot) {
	for _, stage := range s.Stages {
		for _, session := range stage.Sessions {
			for _, p := range session.Participants {
				fmt.Fprintf(out, "  %q publishing %t\n", p.UserID, p.Publishing)
			}
		}
		for _, r := range stage.Recordings {
			fmt.Fprintf(out, "  recording %s\n", r.State)
		}
	}
}
