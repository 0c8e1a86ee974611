// Command ours-one calls one operation of this library.
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
	_, err := c.GetStage(ctx, nil)
	fail(err)
}

func fail(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
