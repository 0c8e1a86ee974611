package ivsevents_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// An event for a test: what is named stands, the rest is filled in.
func ExampleFill() {
	event := ivsevents.Fill(&ivsevents.CompositionDestinationFailure{
		Envelope:       ivsevents.Envelope{ID: "6f0c1d2e-0001-4a5b-9c8d-000000000006", Time: time.Date(2026, 10, 1, 8, 20, 0, 0, time.UTC)},
		CompositionARN: "arn:aws:ivs:eu-west-1:111122223333:composition/Cc11Dd22Ee33",
		ErrorCode:      ivsevents.ErrorCodeConflict,
	})

	body, err := json.MarshalIndent(event, "", "  ")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(body))
	// Output:
	// {
	//   "version": "0",
	//   "id": "6f0c1d2e-0001-4a5b-9c8d-000000000006",
	//   "detail-type": "IVS Composition State Change",
	//   "source": "aws.ivs",
	//   "account": "111122223333",
	//   "time": "2026-10-01T08:20:00Z",
	//   "region": "eu-west-1",
	//   "resources": [
	//     "arn:aws:ivs:eu-west-1:111122223333:composition/Cc11Dd22Ee33"
	//   ],
	//   "detail": {
	//     "event_name": "Destination Failure",
	//     "stage_arn": "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56",
	//     "id": "Ff44Gg55Hh66",
	//     "error_code": "ConflictException",
	//     "reason": "Stream already exists"
	//   }
	// }
}

// Events of several types in one handler.
func ExampleEvent() {
	handle := func(event ivsevents.Event) {
		switch e := event.(type) {
		case *ivsevents.ParticipantPublished:
			fmt.Println(e.UserID, "is live")
		case *ivsevents.RecordingEnd:
			fmt.Println("recorded", e.RecordingDuration, "to", e.RecordingS3BucketName)
		default:
			fmt.Println(event.Summary().Name)
		}
	}
	handle(ivsevents.Fill(&ivsevents.ParticipantPublished{UserID: "anna"}))
	handle(ivsevents.Fill(&ivsevents.RecordingEnd{RecordingDuration: 5 * time.Minute}))
	handle(ivsevents.Fill(&ivsevents.CompositionSessionStart{}))
	// Output:
	// anna is live
	// recorded 5m0s to my-bucket
	// Session Start
}
