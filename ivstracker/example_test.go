package ivstracker_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// Who publishes, from events that come repeatedly and in the wrong order.
func ExampleTracker() {
	tracker := ivstracker.NewTracker()
	start := time.Now()
	event := func(user string, seconds int) *ivsevents.ParticipantPublished {
		return ivsevents.Fill(&ivsevents.ParticipantPublished{
			ParticipantID:    "participant-of-" + user,
			UserID:           user,
			EventTimePrecise: start.Add(time.Duration(seconds) * time.Second),
		})
	}
	anna := event("anna", 1)
	left := (*ivsevents.ParticipantUnpublished)(event("ben", 3))
	for _, e := range []ivsevents.Event{left, anna, event("ben", 2), anna} {
		result := tracker.Apply(e)
		fmt.Println(e.Summary().ParticipantID, e.Summary().Name, result)
	}
	for _, stage := range tracker.Snapshot().Stages {
		for _, session := range stage.Sessions {
			for _, p := range session.Participants {
				fmt.Println(p.UserID, p.Publishing)
			}
		}
	}
	// Output:
	// participant-of-ben Participant Unpublished applied
	// participant-of-anna Participant Published applied
	// participant-of-ben Participant Published superseded
	// participant-of-anna Participant Published superseded
	// anna true
	// ben false
}

// A live board that hears of every change, from a Mux.
func ExampleTracker_onChange() {
	tracker := ivstracker.NewTracker(func(o *ivstracker.Options) {
		o.OnChange = func(c ivstracker.Change) {
			switch {
			case c.Participant != nil:
				fmt.Println(c.Participant.UserID, "publishes:", c.Participant.Publishing)
			case c.Recording != nil && c.Recording.State == ivsrealtime.ParticipantRecordingStateStopped:
				fmt.Println("to be worked on:", c.Recording.KeyPrefix)
			}
		}
	})
	mux := ivsevents.NewMux()
	ivsevents.On(mux, tracker.Handle)

	for _, e := range []ivsevents.Event{
		ivsevents.Fill(&ivsevents.ParticipantPublished{UserID: "anna"}),
		ivsevents.Fill(&ivsevents.RecordingEnd{RecordingS3KeyPrefix: "Ab12Cd34Ef56/st-A1b2C3d4E5f6G/Pq12Rs34Tu56/2026-10-01T08-15-31Z"}),
	} {
		body, err := json.Marshal(e)
		if err == nil {
			_, err = mux.Lambda(context.Background(), body)
		}
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// anna publishes: true
	// to be worked on: Ab12Cd34Ef56/st-A1b2C3d4E5f6G/Pq12Rs34Tu56/2026-10-01T08-15-31Z
}

// Events got lost: Reconcile asks the API. The client is that of a fake here.
func ExampleTracker_Reconcile() {
	ctx := context.Background()
	service := ivsrealtimetest.NewServer()
	client := service.Client()
	stage, err := client.CreateStage(ctx, &ivsrealtime.CreateStageInput{
		Name:                           "show",
		ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{{UserID: "anna"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	anna, err := service.Join(stage.ParticipantTokens[0].Token)
	if err == nil {
		err = anna.Publish()
	}
	if err != nil {
		fmt.Println(err)
		return
	}

	tracker := ivstracker.NewTracker()
	changes, err := tracker.Reconcile(ctx, client)
	if err != nil {
		fmt.Println(err) // and all the same what could be read was
	}
	for _, c := range changes {
		switch {
		case c.Stage != nil:
			fmt.Println("stage", c.Stage.Name)
		case c.Session != nil:
			fmt.Println("session", c.Session.Status)
		case c.Participant != nil:
			fmt.Println("participant", c.Participant.UserID, c.Participant.Publishing)
		}
	}
	// Output:
	// stage show
	// session IDLE
	// participant anna true
}
