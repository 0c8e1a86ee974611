// Event-worker receives the events that EventBridge sends to an API destination, keeps
// the state of stages and participants, and processes recordings that have ended. By
// default it plays a short scenario with the fake service, whose events come twice, in
// the wrong order or not at all: no account, no network but the loopback interface.
//
//	go run ./event-worker
//
// What is in worker.go is what a program of your own needs. With real events:
//
//	EVENT_WORKER_AUTHORIZATION=… go run ./event-worker -listen :8080
//
// The variable has what the connection of the API destination sends as its header
// Authorization. API destinations want HTTPS: put TLS in front of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrecording"
)

func main() {
	log.SetFlags(0)
	listen := flag.String("listen", "", "`address` on which to receive real events, in place of the scenario")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *listen == "" {
		err = play(ctx, os.Stdout, 6)
	} else {
		err = receive(ctx, *listen, ivsrealtime.Secret(os.Getenv("EVENT_WORKER_AUTHORIZATION")))
	}
	if err != nil {
		log.Fatal(err)
	}
}

// receive receives real events until the context ends.
func receive(ctx context.Context, address string, authorization ivsrealtime.Secret) error {
	if len(authorization) < 16 {
		return errors.New("-listen wants EVENT_WORKER_AUTHORIZATION, of at least 16 characters")
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load the AWS configuration: %w", err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	logger := slog.Default()
	w := newWorker(ivsrealtime.NewFromConfig(cfg), authorization, logger, func(l ivsrecording.Location) error {
		logger.Info("recorded", "location", l) // put it into a queue here, by its location once
		return nil
	}, time.Now)
	go w.run(ctx, logger)
	return w.serve(ctx, listener)
}
