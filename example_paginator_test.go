package ivsrealtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/seed-433ec77c/ivsrealtime"
)

// canned is an HTTP client that answers each operation with the next of its
// answers; the last repeats.
type canned map[string][]string

func (c canned) Do(r *http.Request) (*http.Response, error) {
	answers := c[r.URL.Path]
	if len(answers) > 1 {
		c[r.URL.Path] = answers[1:]
	}
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(answers[0])), Request: r}, nil
}

// exampleClient returns a client that gets canned answers in place of the
// service's. A program makes its client with ivsrealtime.NewFromConfig.
func exampleClient(answers canned) *ivsrealtime.Client {
	return ivsrealtime.New(ivsrealtime.Options{Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: answers})
}

// threeStages are two pages of stages.
var threeStages = []string{
	`{"stages":[{"arn":"arn:aws:ivs:eu-west-1:111122223333:stage/aaaa","name":"lobby"},{"arn":"arn:aws:ivs:eu-west-1:111122223333:stage/bbbb","name":"arena"}],"nextToken":"page-2"}`,
	`{"stages":[{"arn":"arn:aws:ivs:eu-west-1:111122223333:stage/cccc","name":"studio"}]}`,
}

// All stages of the account, page after page.
func ExamplePaginator_Items() {
	client := exampleClient(canned{"/ListStages": threeStages})

	stages := ivsrealtime.NewListStagesPaginator(client, nil)
	for stage, err := range stages.Items(context.TODO()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(stage.Name)
	}
	// Output:
	// lobby
	// arena
	// studio
}

// Leaving the loop stops fetching: the second page is never asked for.
func ExamplePaginator_Items_break() {
	client := exampleClient(canned{"/ListStages": threeStages})

	for stage, err := range ivsrealtime.NewListStagesPaginator(client, nil).Items(context.TODO()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if stage.Name == "arena" {
			fmt.Println("found", stage.ARN)
			break
		}
	}
	// Output:
	// found arn:aws:ivs:eu-west-1:111122223333:stage/bbbb
}

// The pages as the service sent them, at most two stages each.
func ExamplePaginator_Pages() {
	client := exampleClient(canned{"/ListStages": threeStages})

	stages := ivsrealtime.NewListStagesPaginator(client, nil, func(o *ivsrealtime.PaginatorOptions) { o.Limit = 2 })
	for page, err := range stages.Pages(context.TODO()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("stages in this page:", len(page.Stages))
	}
	// Output:
	// stages in this page: 2
	// stages in this page: 1
}

// The loop that users of the other AWS clients know.
func ExamplePaginator_NextPage() {
	client := exampleClient(canned{"/ListStages": threeStages})

	stages := ivsrealtime.NewListStagesPaginator(client, &ivsrealtime.ListStagesInput{MaxResults: 2})
	for stages.HasMorePages() {
		page, err := stages.NextPage(context.TODO())
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, stage := range page.Stages {
			fmt.Println(stage.Name)
		}
	}
	// Output:
	// lobby
	// arena
	// studio
}

// twoStages is a ListStagesAPIClient for the tests of a program: it needs no
// client and no network.
type twoStages struct{}

func (twoStages) ListStages(context.Context, *ivsrealtime.ListStagesInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.ListStagesOutput, error) {
	return &ivsrealtime.ListStagesOutput{Stages: []ivsrealtime.StageSummary{{Name: "one"}, {Name: "two"}}}, nil
}

// A paginator takes anything that has the one method that it calls.
func ExampleNewListStagesPaginator_mock() {
	for stage, err := range ivsrealtime.NewListStagesPaginator(twoStages{}, nil).Items(context.TODO()) {
		fmt.Println(stage.Name, err)
	}
	// Output:
	// one <nil>
	// two <nil>
}

const compositionARN = "arn:aws:ivs:eu-west-1:111122223333:composition/dddd"

// Start a composition, and wait until it is on the air.
func ExampleCompositionActiveWaiter_Wait() {
	client := exampleClient(canned{
		"/StartComposition": {`{"composition":{"arn":"` + compositionARN + `","state":"STARTING"}}`},
		"/GetComposition":   {`{"composition":{"arn":"` + compositionARN + `","state":"ACTIVE"}}`},
	})
	ctx := context.TODO()

	started, err := client.StartComposition(ctx, &ivsrealtime.StartCompositionInput{
		StageARN: "arn:aws:ivs:eu-west-1:111122223333:stage/aaaa",
		Destinations: []ivsrealtime.DestinationConfiguration{{
			Channel: &ivsrealtime.ChannelDestinationConfiguration{ChannelARN: "arn:aws:ivs:eu-west-1:111122223333:channel/eeee"},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(started.Composition.State)

	waiter := ivsrealtime.NewCompositionActiveWaiter(client)
	err = waiter.Wait(ctx, &ivsrealtime.GetCompositionInput{ARN: started.Composition.ARN}, 2*time.Minute)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("on the air")
	// Output:
	// STARTING
	// on the air
}

// The error of a wait says what became of the composition, and whether the time
// was up.
func ExampleCompositionWaitError() {
	client := exampleClient(canned{"/GetComposition": {`{"composition":{"arn":"` + compositionARN + `","state":"FAILED","destinations":[{"id":"s3","state":"FAILED"}]}}`}})

	waiter := ivsrealtime.NewCompositionActiveWaiter(client, func(o *ivsrealtime.CompositionWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Second, 5*time.Second
	})
	err := waiter.Wait(context.TODO(), &ivsrealtime.GetCompositionInput{ARN: compositionARN}, time.Minute)

	fmt.Println(err)
	var failed *ivsrealtime.CompositionWaitError
	if errors.As(err, &failed) && failed.Composition != nil {
		for _, d := range failed.Composition.Destinations {
			fmt.Println(d.ID, d.State)
		}
		fmt.Println("time was up:", failed.Timeout())
	}
	// Output:
	// waiting for a composition to be ACTIVE: arn:aws:ivs:eu-west-1:111122223333:composition/dddd is FAILED
	// s3 FAILED
	// time was up: false
}

// Wait for the end of a composition. One that the service has forgotten counts.
func ExampleCompositionStoppedWaiter_Wait() {
	client := exampleClient(canned{
		"/StopComposition": {`{}`},
		"/GetComposition":  {`{"composition":{"arn":"` + compositionARN + `","state":"STOPPED"}}`},
	})
	ctx := context.TODO()

	if _, err := client.StopComposition(ctx, &ivsrealtime.StopCompositionInput{ARN: compositionARN}); err != nil {
		fmt.Println(err)
		return
	}
	waiter := ivsrealtime.NewCompositionStoppedWaiter(client)
	fmt.Println(waiter.Wait(ctx, &ivsrealtime.GetCompositionInput{ARN: compositionARN}, 2*time.Minute))
	// Output:
	// <nil>
}

// A token does not get into a log, or into an answer, unless it is meant to.
func ExampleSecret() {
	client := exampleClient(canned{"/CreateParticipantToken": {`{"participantToken":{"participantId":"p1","token":"eyJhbGciOiJI...","userId":"alice"}}`}})

	out, err := client.CreateParticipantToken(context.TODO(), &ivsrealtime.CreateParticipantTokenInput{
		StageARN: "arn:aws:ivs:eu-west-1:111122223333:stage/aaaa",
		UserID:   "alice",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	token := out.ParticipantToken

	fmt.Printf("made %v for %v\n", token.Token, token.UserID)
	_ = json.NewEncoder(os.Stdout).Encode(token)

	// To the browser of the participant, on purpose.
	_ = json.NewEncoder(os.Stdout).Encode(map[string]string{"token": string(token.Token)})
	// Output:
	// made [REDACTED] for alice
	// {"participantId":"p1","token":"[REDACTED]","userId":"alice"}
	// {"token":"eyJhbGciOiJI..."}
}
