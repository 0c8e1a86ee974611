package ivsrealtimetest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/seed-433ec77c/ivsrealtime"
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
	_ = srv.AddFault(ivsrealtimetest.Fault{
		Operation: "CreateStage",
		Times:     2,
		Error:     &ivsrealtime.APIError{Code: "ThrottlingException"},
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
	// 1 400 ThrottlingException lobby
	// 2 400 ThrottlingException lobby
	// 3 200  lobby
}
