package ivsrealtime_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// Decide by errors.Is what to do about an error. An *APIError has the details.
func Example_errors() {
	client := ivsrealtimetest.NewServer().Client() // a program: ivsrealtime.NewFromConfig(cfg)

	_, err := client.GetStage(context.TODO(), &ivsrealtime.GetStageInput{
		ARN: "arn:aws:ivs:us-east-1:111122223333:stage/Ab12Cd34Ef56",
	})
	switch {
	case err == nil:
		fmt.Println("found")
	case errors.Is(err, ivsrealtime.ErrNotFound):
		fmt.Println("create the stage first")
	case errors.Is(err, ivsrealtime.ErrThrottled):
		fmt.Println("all retries were throttled, try again later")
	case errors.Is(err, ivsrealtime.ErrAccessDenied), errors.Is(err, ivsrealtime.ErrAuthentication):
		fmt.Println("look at the credentials and their policy")
	default:
		fmt.Println(err)
	}

	var api *ivsrealtime.APIError
	if errors.As(err, &api) {
		fmt.Println(api.Code, api.StatusCode)
	}
	// Output:
	// create the stage first
	// ResourceNotFoundException 404
}

// ErrOutcomeUnknown says that a call may have had its effect although its response is
// lost. Look before creating again: two stages may have one name.
func Example_outcomeUnknown() {
	fake := ivsrealtimetest.NewServer()
	fake.AddFault(ivsrealtimetest.Fault{Operation: "CreateStage", Connection: ivsrealtimetest.TruncateResponse})
	client := fake.Client()

	_, err := client.CreateStage(context.TODO(), &ivsrealtime.CreateStageInput{Name: "lobby"})
	if errors.Is(err, ivsrealtime.ErrOutcomeUnknown) {
		for stage, err := range ivsrealtime.NewListStagesPaginator(client, nil).Items(context.TODO()) {
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println("there is one:", stage.Name)
		}
	}
	// Output:
	// there is one: lobby
}
