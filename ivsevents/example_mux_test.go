package ivsevents_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

const recordingEnd = `{"version": "0", "id": "6f0c1d2e-0001-4a5b-9c8d-000000000005", "detail-type": "IVS Participant Recording State Change",
 "source": "aws.ivs", "account": "111122223333", "time": "2026-10-01T09:00:10Z", "region": "eu-west-1",
 "resources": ["arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56"],
 "detail": {"session_id": "st-A1b2C3d4E5f6G", "event_name": "Recording End", "participant_id": "Pq12Rs34Tu56",
  "recording_s3_bucket_name": "my-bucket", "recording_s3_key_prefix": "Ab12Cd34Ef56/st-A1b2C3d4E5f6G/Pq12Rs34Tu56/2026-10-01T08-15-31Z",
  "recording_duration_ms": 2678123, "mood": "good"}}`

func ExampleDecode() {
	event, err := ivsevents.Decode([]byte(recordingEnd))
	if err != nil {
		fmt.Println(err)
		return
	}
	s := event.Summary()
	fmt.Println(s.Name, "in", s.StageARN)
	fmt.Println("at", s.Time, "says the", s.TimeSource)

	switch e := event.(type) {
	case *ivsevents.RecordingEnd:
		fmt.Println("recorded", e.RecordingDuration)
	case *ivsevents.Unknown:
		fmt.Println("new in IVS:", e.EventName)
	}

	// A member that the type has no field for.
	var more struct {
		Detail struct{ Mood string }
	}
	err = json.Unmarshal(event.Meta().Raw, &more)
	fmt.Println(more.Detail.Mood, err)

	_, err = ivsevents.Decode([]byte(`{"source": "aws.ivs", "detail-type": ["IVS Stage Update"]}`))
	fmt.Println(errors.Is(err, ivsevents.ErrMalformed), err)
	// Output:
	// Recording End in arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56
	// at 2026-10-01 09:00:10 +0000 UTC says the envelope
	// recorded 44m38.123s
	// good <nil>
	// true ivsevents: malformed event: detail-type: want a string, got an array (byte 37)
}

// A handler takes the events of one type, or all.
func ExampleOn() {
	mux := ivsevents.NewMux()
	ivsevents.On(mux, func(_ context.Context, e *ivsevents.RecordingEnd) error {
		fmt.Println("recorded", e.RecordingDuration)
		return nil
	})
	ivsevents.On(mux, func(_ context.Context, e ivsevents.Event) error {
		fmt.Println("of stage", e.Summary().StageARN)
		return errors.New("the database is away")
	})

	fmt.Println(mux.SQS(context.Background(), recordingEnd))
	// Output:
	// recorded 44m38.123s
	// of stage arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56
	// the database is away
}

// Behind an API destination whose connection has an API key with the name
// X-Api-Key. While the key is being replaced, both are good.
func ExampleMux_ServeHTTP() {
	mux := ivsevents.NewMux(func(o *ivsevents.MuxOptions) {
		o.AuthorizationHeader = "X-Api-Key"
		o.AuthorizationValues = []ivsrealtime.Secret{
			ivsrealtime.Secret(os.Getenv("EVENTS_KEY")), // not set: matches nothing
			"the-old-key",
		}
	})
	ivsevents.On(mux, func(_ context.Context, e *ivsevents.RecordingEnd) error {
		fmt.Println("recorded", e.RecordingDuration)
		return nil
	})
	// In production, call ListenAndServe of a server with timeouts.
	server := httptest.NewUnstartedServer(nil)
	server.Config = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	server.Start()
	defer server.Close()

	request, err := http.NewRequest("POST", server.URL, strings.NewReader(recordingEnd))
	if err != nil {
		fmt.Println(err)
		return
	}
	request.Header.Set("X-Api-Key", "the-old-key")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	fmt.Println(answer.Status)
	// Output:
	// recorded 44m38.123s
	// 204 No Content
}

// In AWS Lambda. The function fits lambda.Start of github.com/aws/aws-lambda-go,
// and works for every trigger: here a rule of EventBridge, then a queue. What is no
// event of IVS is put aside.
func ExampleMux_Lambda() {
	mux := ivsevents.NewMux(func(o *ivsevents.MuxOptions) {
		o.OnInvalid = func(_ context.Context, data []byte, err error) error {
			fmt.Printf("put aside %d bytes: %v\n", len(data), err)
			return nil // an error would bring the message back
		}
		o.Logger = slog.New(slog.DiscardHandler)
	})
	ivsevents.On(mux, func(_ context.Context, e *ivsevents.RecordingEnd) error {
		fmt.Println("recorded", e.RecordingDuration)
		return nil
	})
	ivsevents.On(mux, func(_ context.Context, e *ivsevents.RecordingStart) error {
		return errors.New("the database is away")
	})

	// lambda.Start(mux.Lambda)
	ctx := context.Background()
	response, err := mux.Lambda(ctx, json.RawMessage(recordingEnd)) // what Lambda does then
	fmt.Println(response, err)

	batch := `{"Records": [
		{"messageId": "m1", "eventSource": "aws:sqs", "body": "{\"source\": \"aws.ivs\", \"detail-type\": \"IVS Participant Recording State Change\", \"detail\": {\"event_name\": \"Recording Start\"}}"},
		{"messageId": "m2", "eventSource": "aws:sqs", "body": "hello"}]}`
	response, err = mux.Lambda(ctx, json.RawMessage(batch))
	fmt.Println(*response, err)
	// Output:
	// recorded 44m38.123s
	// <nil> <nil>
	// put aside 5 bytes: ivsevents: malformed event: in the body of an SQS record: want an object, got an unexpected character (byte 0)
	// {[{m1}]} <nil>
}

// In a program that reads a queue by itself; here an SNS topic feeds it.
func ExampleMux_SQS() {
	mux := ivsevents.NewMux()
	ivsevents.On(mux, func(_ context.Context, e *ivsevents.RecordingEnd) error {
		fmt.Println("recorded", e.RecordingDuration)
		return nil
	})

	message, err := json.Marshal(recordingEnd)
	if err != nil {
		fmt.Println(err)
		return
	}
	body := `{"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:111122223333:events", "Message": ` + string(message) + `}`
	if err := mux.SQS(context.Background(), body); err != nil {
		fmt.Println("leave the message in the queue:", err)
		return
	}
	fmt.Println("delete the message")
	// Output:
	// recorded 44m38.123s
	// delete the message
}
