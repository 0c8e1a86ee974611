package ivsrealtimetest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"

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
