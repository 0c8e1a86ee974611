// Quickstart walks through the life of a stage and prints each step. By default
// it talks to the fake service in this process: no account, no network.
//
//	go run ./quickstart          # against the fake
//	go run ./quickstart -live    # against AWS, with the default credential chain
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

func main() {
	log.SetFlags(0)
	live := flag.Bool("live", false, "use AWS, with the default credentials and region, in place of the fake")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	client, err := newClient(ctx, os.Stdout, *live)
	if err != nil {
		log.Fatal(err)
	}
	if err := run(ctx, os.Stdout, client); err != nil {
		log.Fatal(err)
	}
}

func newClient(ctx context.Context, w io.Writer, live bool) (*ivsrealtime.Client, error) {
	if !live {
		fmt.Fprintln(w, "Using the fake service in this process: nothing leaves this machine. (-live uses AWS.)")
		return ivsrealtimetest.NewServer().Client(), nil
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	fmt.Fprintf(w, "Using AWS in region %q. This creates one stage named quickstart and two participant\n"+
		"tokens, and deletes the stage at the end. A stage that nobody joins costs nothing.\n", cfg.Region)
	return ivsrealtime.NewFromConfig(cfg), nil
}

func run(ctx context.Context, w io.Writer, client *ivsrealtime.Client) (err error) {
	step(w, "Create a stage, with tags")
	created, err := client.CreateStage(ctx, &ivsrealtime.CreateStageInput{
		Name: "quickstart",
		Tags: map[string]string{"team": "video", "env": "demo"},
	})
	if err != nil {
		return err
	}
	stage := created.Stage // a value, not a pointer: nothing to check for nil
	fmt.Fprintf(w, "  %s\n  endpoint for WHIP: %s\n", stage.ARN, stage.Endpoints.WHIP)
	defer func() {
		step(w, "Delete the stage")
		// The deletion must run when the rest was interrupted, too.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		if _, deleteErr := client.DeleteStage(ctx, &ivsrealtime.DeleteStageInput{ARN: stage.ARN}); deleteErr != nil {
			err = errors.Join(err, deleteErr)
			return
		}
		fmt.Fprintln(w, "  done")
	}()

	step(w, "Make two participant tokens: a host, and a viewer who cannot publish")
	for _, in := range []*ivsrealtime.CreateParticipantTokenInput{
		{UserID: "anna", Attributes: map[string]string{"role": "host"}},
		{UserID: "ben", Duration: 60, Capabilities: ivsrealtime.Subscribe()},
	} {
		in.StageARN = stage.ARN
		out, err := client.CreateParticipantToken(ctx, in)
		if err != nil {
			return err
		}
		t := out.ParticipantToken
		// Printing a token shows nothing; string(t.Token) is what the browser gets.
		fmt.Fprintf(w, "  %s is participant %s until %s, token %v (%d bytes, revealed by string(token))\n",
			t.UserID, t.ParticipantID, t.ExpirationTime.Format(time.RFC3339), t.Token, len(t.Token))
	}

	step(w, "List the stages: an iterator that fetches pages as it goes")
	shown := 0
	for s, err := range ivsrealtime.NewListStagesPaginator(client, nil).Items(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "  %s %q\n", s.ARN, s.Name)
		if shown++; shown == 10 {
			fmt.Fprintln(w, "  (and perhaps more)")
			break
		}
	}

	step(w, "Rename it")
	updated, err := client.UpdateStage(ctx, &ivsrealtime.UpdateStageInput{
		ARN:  stage.ARN,
		Name: aws.String("quickstart-renamed"), // a pointer, since "" would clear the name
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "  now %q\n", updated.Stage.Name)

	step(w, "Add one tag and take one away")
	if _, err = client.TagResource(ctx, &ivsrealtime.TagResourceInput{ResourceARN: stage.ARN, Tags: map[string]string{"owner": "anna"}}); err != nil {
		return err
	}
	if _, err = client.UntagResource(ctx, &ivsrealtime.UntagResourceInput{ResourceARN: stage.ARN, TagKeys: []string{"env"}}); err != nil {
		return err
	}
	tags, err := client.ListTagsForResource(ctx, &ivsrealtime.ListTagsForResourceInput{ResourceARN: stage.ARN})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "  %v\n", tags.Tags)

	step(w, "Ask for a stage that does not exist, to see an error")
	_, err = client.GetStage(ctx, &ivsrealtime.GetStageInput{ARN: stage.ARN + "x"})
	if !errors.Is(err, ivsrealtime.ErrNotFound) {
		return fmt.Errorf("want ErrNotFound, got %w", err)
	}
	fmt.Fprintf(w, "  errors.Is(err, ivsrealtime.ErrNotFound) is true, and err says:\n  %v\n", err)

	step(w, "Leave out what is required: found before anything is sent")
	_, err = client.GetStage(ctx, &ivsrealtime.GetStageInput{})
	fmt.Fprintf(w, "  %v", err)
	return nil
}

func step(w io.Writer, what string) { fmt.Fprintf(w, "\n%s\n", what) }
