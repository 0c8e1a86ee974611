// Command ours-all calls every operation of this library.
package main

import (
	"context"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/seed-433ec77c/ivsrealtime"
)

func main() {
	if len(os.Args) < 2 {
		return // what is measured is over
	}
	ctx := context.Background()
	c := ivsrealtime.New(ivsrealtime.Options{Region: os.Args[1], Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "not-a-secret"}, nil
	})})
	call(ctx, c.CreateEncoderConfiguration)
	call(ctx, c.CreateIngestConfiguration)
	call(ctx, c.CreateParticipantToken)
	call(ctx, c.CreateStage)
	call(ctx, c.CreateStorageConfiguration)
	call(ctx, c.DeleteEncoderConfiguration)
	call(ctx, c.DeleteIngestConfiguration)
	call(ctx, c.DeletePublicKey)
	call(ctx, c.DeleteStage)
	call(ctx, c.DeleteStorageConfiguration)
	call(ctx, c.DisconnectParticipant)
	call(ctx, c.GetComposition)
	call(ctx, c.GetEncoderConfiguration)
	call(ctx, c.GetIngestConfiguration)
	call(ctx, c.GetParticipant)
	call(ctx, c.GetPublicKey)
	call(ctx, c.GetStage)
	call(ctx, c.GetStageSession)
	call(ctx, c.GetStorageConfiguration)
	call(ctx, c.ImportPublicKey)
	call(ctx, c.ListCompositions)
	call(ctx, c.ListEncoderConfigurations)
	call(ctx, c.ListIngestConfigurations)
	call(ctx, c.ListParticipantEvents)
	call(ctx, c.ListParticipantReplicas)
	call(ctx, c.ListParticipants)
	call(ctx, c.ListPublicKeys)
	call(ctx, c.ListStageSessions)
	call(ctx, c.ListStages)
	call(ctx, c.ListStorageConfigurations)
	call(ctx, c.ListTagsForResource)
	call(ctx, c.RevokeConnectionToken)
	call(ctx, c.StartComposition)
	call(ctx, c.StartParticipantReplication)
	call(ctx, c.StopComposition)
	call(ctx, c.StopParticipantReplication)
	call(ctx, c.TagResource)
	call(ctx, c.UntagResource)
	call(ctx, c.UpdateIngestConfiguration)
	call(ctx, c.UpdateStage)
}

func call[I, O any](ctx context.Context, operation func(context.Context, *I, ...func(*ivsrealtime.Options)) (*O, error)) {
	if _, err := operation(ctx, nil); err != nil {
		log.Fatal(err)
	}
}
