package ivsrealtimetest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// openRoom stands for the code under test.
func openRoom(ctx context.Context, client *ivsrealtime.Client, name string) (ivsrealtime.Stage, error) {
	out, err := client.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: name})
	if err != nil {
		return ivsrealtime.Stage{}, err
	}
	return out.Stage, nil
}

func Example() {
	srv := ivsrealtimetest.NewServer()
	client := srv.Client()

	stage, err := openRoom(context.Background(), client, "team-call")
	if err != nil {
		log.Fatal(err)
	}
	out, err := client.GetStage(context.Background(), &ivsrealtime.GetStageInput{ARN: stage.ARN})
	fmt.Println(out.Stage.Name, err)
	// Output: team-call <nil>
}

// Over HTTP, for code that brings its own HTTP client or is in another process.
func ExampleServer_ServeHTTP() {
	srv := ivsrealtimetest.NewServer()
	web := httptest.NewServer(srv)
	defer web.Close()

	cfg := srv.Config()
	cfg.HTTPClient = web.Client()
	cfg.BaseEndpoint = aws.String(web.URL)
	client := ivsrealtime.NewFromConfig(cfg)

	stage, err := openRoom(context.Background(), client, "team-call")
	fmt.Println(stage.Name, err)
	// Output: team-call <nil>
}

func ExampleOptions() {
	srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) {
		o.Region = "eu-west-1"
		o.Seed = 1
		o.Quotas.Stages = 1
	})
	_, err := openRoom(context.Background(), srv.Client(), "first")
	fmt.Println(err)
	_, err = openRoom(context.Background(), srv.Client(), "second")
	fmt.Println(errors.Is(err, ivsrealtime.ErrQuotaExceeded))
	// Output:
	// <nil>
	// true
}

// Two attempts are throttled; the client's retries get the call through.
func ExampleServer_AddFault() {
	srv := ivsrealtimetest.NewServer()
	srv.AddFault(ivsrealtimetest.Fault{
		Operation: "CreateStage",
		Times:     2,
		Code:      "ThrottlingException",
	})
	client := srv.Client(func(o *ivsrealtime.Options) {
		o.Retryer = retry.AddWithMaxBackoffDelay(o.Retryer, time.Millisecond)
	})
	_, err := client.CreateStage(context.Background(), &ivsrealtime.CreateStageInput{Name: "lobby"})
	fmt.Println(err)
	for _, call := range srv.Calls("CreateStage") {
		fmt.Println(call.Attempt, call.StatusCode, call.ErrorCode, call.Input.(*ivsrealtime.CreateStageInput).Name)
	}
	// Output:
	// <nil>
	// 1 429 ThrottlingException lobby
	// 2 429 ThrottlingException lobby
	// 3 200  lobby
}

// What takes time takes no time in a testing/synctest bubble: the server made
// there has its clock.
func ExampleNewServer_time() {
	testSomething := func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			client := ivsrealtimetest.NewServer().Client()
			stage, err := client.CreateStage(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			encoder, err := client.CreateEncoderConfiguration(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			started, err := client.StartComposition(t.Context(), &ivsrealtime.StartCompositionInput{
				StageARN: stage.Stage.ARN,
				Destinations: []ivsrealtime.DestinationConfiguration{
					{Channel: &ivsrealtime.ChannelDestinationConfiguration{
						ChannelARN:              "arn:aws:ivs:us-east-1:111122223333:channel/x",
						EncoderConfigurationARN: encoder.EncoderConfiguration.ARN,
					}},
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(63 * time.Second) // nobody publishes for a minute
			out, err := client.GetComposition(t.Context(), &ivsrealtime.GetCompositionInput{ARN: started.Composition.ARN})
			if err != nil || out.Composition.State != ivsrealtime.CompositionStateStopped {
				t.Fatal(out, err)
			}
		})
	}
	_ = testSomething
}

// The events come as EventBridge would deliver them, here to the handlers of the
// program under test.
func ExampleServer_Join() {
	mux := ivsevents.NewMux()
	ivsevents.On(mux, func(_ context.Context, e *ivsevents.ParticipantPublished) error {
		fmt.Println(e.UserID, "is live")
		return nil
	})
	ivsevents.On(mux, func(_ context.Context, e *ivsevents.ParticipantUnpublished) error {
		fmt.Println(e.UserID, "is gone")
		return nil
	})
	srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) {
		o.OnEvent = func(event []byte) {
			if _, err := mux.Lambda(context.Background(), event); err != nil {
				log.Fatal(err)
			}
		}
	})
	out, err := srv.Client().CreateStage(context.Background(), &ivsrealtime.CreateStageInput{
		ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{{UserID: "anna"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	anna, err := srv.Join(out.ParticipantTokens[0].Token)
	if err != nil {
		log.Fatal(err)
	}
	if err := anna.Publish(); err != nil {
		log.Fatal(err)
	}
	anna.Leave()
	// Output:
	// anna is live
	// anna is gone
}

// Faults are plain structs, for the rows of a table test.
func ExampleFault() {
	tests := []struct {
		name  string
		fault ivsrealtimetest.Fault
		want  error
	}{
		{"quota", ivsrealtimetest.Fault{Operation: "CreateStage", Code: "ServiceQuotaExceededException"}, ivsrealtime.ErrQuotaExceeded},
		{"one lost answer", ivsrealtimetest.Fault{Operation: "CreateStage", Times: 1, Connection: ivsrealtimetest.ResetAfterHandling}, nil},
	}
	for _, tt := range tests { // in a test: t.Run(tt.name, func(t *testing.T) {
		srv := ivsrealtimetest.NewServer()
		srv.AddFault(tt.fault)
		_, err := openRoom(context.Background(), srv.Client(), "lobby")
		fmt.Println(tt.name, errors.Is(err, tt.want), len(srv.Calls("CreateStage")))
	}
	// Output:
	// quota true 1
	// one lost answer true 2
}
