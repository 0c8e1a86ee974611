// The ivsrealtime-fake command serves the fake of Amazon IVS Real-Time over HTTP
// on this machine, for other languages and for playing with it by hand.
//
//	go run github.com/seed-433ec77c/ivsrealtime/cmd/ivsrealtime-fake
//
// When it is ready it prints the lines to paste into a shell; the AWS CLI, boto3
// and the other AWS SDKs then use it unchanged:
//
//	export AWS_ENDPOINT_URL_IVS_REALTIME=http://127.0.0.1:41095
//	export AWS_REGION=us-east-1
//	export AWS_DEFAULT_REGION=us-east-1
//	export AWS_ACCESS_KEY_ID=FAKEACCESSKEYID
//	export AWS_SECRET_ACCESS_KEY=fake-secret-access-key
//
// Everything is in memory and gone when it ends, on an interrupt. What the fake
// models and what not is in the documentation of package ivsrealtimetest.
//
// # Control
//
// What no API can do has routes of its own under /_fake/, with JSON both ways and
// no signature. An error is {"error": "..."} with status 400, 404 for what does
// not exist. With E for the endpoint and T for a participant token:
//
//	curl $E/_fake/join -d '{"token":"'$T'"}'                  # who joined; needed below
//	curl $E/_fake/participants/$P/publish -d '{}'             # also unpublish, leave
//	curl $E/_fake/participants/$P/subscribe -d '{"to":"..."}' # also unsubscribe
//	curl $E/_fake/participants/$P/fail -d '{"errorCode":"RESOLUTION_EXCEEDED"}'
//	curl $E/_fake/ingest -d '{"streamKey":"...","protocol":"RTMPS"}'
//	curl $E/_fake/destinations -d '{"compositionArn":"...","id":"...","action":"interrupt"}' # restore, fail
//	curl $E/_fake/events                                      # what EventBridge would have delivered
//	curl $E/_fake/faults -d '{"operation":"CreateStage","times":2,"code":"ThrottlingException"}'
//	curl $E/_fake/faults -d '{"operation":"GetStage","delay":"3s"}'
//	curl $E/_fake/faults -d '{"connection":"resetAfterHandling","times":1}' # resetBeforeHandling, truncateResponse
//	curl $E/_fake/faults -d '{"statusCode":502,"body":"<html>"}'
//	curl -X DELETE $E/_fake/faults
//	curl $E/_fake/calls                                       # what was asked for, the last first
//	curl $E/_fake/clock -d '{"advance":"2h"}'                 # and what is due happens
//
// # Errors
//
// Errors have the form of the service's, which boto3 and the CLI read: a body of Code,
// Message and RequestID. With -modelled-errors they have that of the API model,
// exceptionMessage, whose text boto3 does not show as Message. With -throttle, calls
// beyond the documented rates are refused with 429 ThrottlingException, or with
// TooManyRequestsException if -throttling-code says so, which is the only one that some
// of AWS's demos retry.
//
// # Who may call
//
// Every web page that a browser on this machine shows can send requests to the
// command. So requests are refused with 421 unless their Host is a loopback
// address, localhost, the address that the command listens on, or a name given
// with -host (once for each), such as that of a container:
//
//	ivsrealtime-fake -addr 0.0.0.0:4500 -host fake -host fake.test
//
// Control routes, and calls without a signature in an Authorization header, are
// refused with 403 if they come from a web page of another origin.
//
// The command keeps about 64 MiB of calls and events, and forgets the oldest first.
// The clock moves at most 100 years ahead of the machine's.
//
// After the clock moved by more than 15 minutes, a Tracker whose own clock did not
// ignores the events (ivstracker.Options.MaxAhead; -1 lifts that).
// After the clock moved by more than five minutes requests are signed at the
// wrong time for it. This module's client corrects that by itself; for others
// start the command with -no-auth.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("ivsrealtime-fake: ")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // so that the next interrupt ends the process
		log.Print("ending when the calls under way have ended; interrupt again to end at once")
	}()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		log.Fatal(err)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("ivsrealtime-fake", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:0", "`address` to listen on; port 0 picks a free one")
	region := flags.String("region", "us-east-1", "`region` that requests must be signed for")
	var hosts hosts
	flags.Var(&hosts, "host", "`name` of this machine that requests may be for, beside loopback addresses and that of -addr; may be repeated")
	noAuth := flags.Bool("no-auth", false, "take requests whatever their signature")
	throttle := flags.Bool("throttle", false, "refuse calls beyond the documented rates")
	throttlingCode := flags.String("throttling-code", "ThrottlingException", "error `code` of -throttle: ThrottlingException or TooManyRequestsException")
	modelledErrors := flags.Bool("modelled-errors", false, "give errors the body of the API model, not that of the service")
	seed := flags.Uint64("seed", 0, "make the same IDs in every run; 0 for random ones")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}

	if *region == "" || strings.Trim(*region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("-region %q: want lower-case letters, digits and hyphens, such as us-east-1", *region)
	}
	if c := *throttlingCode; c != "ThrottlingException" && c != "TooManyRequestsException" {
		return fmt.Errorf("-throttling-code %q: want ThrottlingException or TooManyRequestsException", c)
	}

	clock := &clock{}
	var options ivsrealtimetest.Options
	fake := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) {
		o.Region, o.SkipSignatureCheck, o.ThrottleCalls, o.Seed, o.Clock = *region, *noAuth, *throttle, *seed, clock
		o.ThrottlingCode, o.ModelledErrors = *throttlingCode, *modelledErrors
		o.MaxHistoryBytes = maxHistoryBytes
		options = *o
	})
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	if host, _, err := net.SplitHostPort(*addr); err == nil && host != "" {
		_ = hosts.Set(host) // net.Listen has accepted it
	}
	server := newServer(newControl(fake, clock), hosts)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	fmt.Fprintf(stdout, "export AWS_ENDPOINT_URL_IVS_REALTIME=http://%s\n", callable(listener.Addr()))
	fmt.Fprintf(stdout, "export AWS_REGION=%s\n", options.Region)
	fmt.Fprintf(stdout, "export AWS_DEFAULT_REGION=%s\n", options.Region) // boto3 and version 1 of the CLI know only this
	fmt.Fprintf(stdout, "export AWS_ACCESS_KEY_ID=%s\n", options.AccessKeyID)
	fmt.Fprintf(stdout, "export AWS_SECRET_ACCESS_KEY=%s\n", options.SecretAccessKey)

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	// Calls under way get a moment to end.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return server.Close()
	}
	return nil
}
