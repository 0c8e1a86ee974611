// Token-server is an HTTP service that hands out participant tokens for one stage,
// signed locally, in three roles: host, guest and viewer. It replaces its key in
// time, and shows in a small page what is inside of the tokens. By default it talks
// to the fake service in this process: no account, no network.
//
//	go run ./token-server                             # against the fake
//	go run ./token-server -lifetime 1m -rotate 1m     # to see keys being replaced
//	go run ./token-server -live -stage arn:aws:ivs:…  # against AWS, with the default credential chain
//
// It is an example, and short where a service of your own is not: it knows one code
// per role where you have users who log in; it does not slow down who guesses; its
// private key lives in memory, where several instances need one in a KMS or a
// secret store; and it speaks HTTP, which wants TLS in front of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// settings are what the flags and the environment say.
type settings struct {
	live      bool
	stageARN  string // "" to create a stage, and delete it at the end
	addr      string
	host      string // another name that requests may be for
	lifetime  time.Duration
	rotate    time.Duration
	hostCode  string
	guestCode string
}

func main() {
	log.SetFlags(0)
	set := settings{hostCode: os.Getenv("TOKEN_SERVER_HOST_CODE"), guestCode: os.Getenv("TOKEN_SERVER_GUEST_CODE")}
	flag.BoolVar(&set.live, "live", false, "use AWS, with the default credentials and region, in place of the fake")
	flag.StringVar(&set.stageARN, "stage", "", "ARN of the stage; without one a stage is created, and deleted at the end")
	flag.StringVar(&set.addr, "addr", "127.0.0.1:8080", "address to listen on")
	flag.StringVar(&set.host, "host", "", "host and port of the URL in the browser, where that is not the address (behind a proxy)")
	flag.DurationVar(&set.lifetime, "lifetime", time.Hour, "how long tokens live")
	flag.DurationVar(&set.rotate, "rotate", 12*time.Hour, "how often the key is replaced: not more often than lifetime")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, os.Stderr, set); err != nil {
		log.Fatal(err)
	}
}

// Codes that guard a stage that does not exist.
const demoHostCode, demoGuestCode = "host-demo", "guest-demo"

// run serves until the context ends. What it prints is for a person; the log holds
// no secret.
func run(ctx context.Context, out, logTo io.Writer, set settings) (err error) {
	logger := slog.New(slog.NewTextHandler(logTo, nil))
	client, err := newClient(ctx, out, &set)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", set.addr)
	if err != nil {
		return err
	}
	defer listener.Close()

	issuer, err := newIssuer(ctx, client, logger, set)
	if err != nil {
		return err
	}
	defer func() {
		// The deletions must run when the rest was interrupted, too.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		err = errors.Join(err, issuer.close(ctx))
	}()

	server := &http.Server{
		Handler:           newHandler(issuer, logger, set, listener.Addr()),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	go issuer.rotateEvery(ctx, set.rotate)

	fmt.Fprintf(out, "\nOpen http://%s/ in a browser. Take a token as viewer, which needs no code, and look inside;\n"+
		"take one as guest or host with the code; change the role of a token without a new participant.\n"+
		"Tokens live for %v, the key for %v. Stop with Ctrl-C.\n", listener.Addr(), set.lifetime, set.rotate)
	select {
	case err = <-ended:
		return err
	case <-ctx.Done():
	}
	fmt.Fprintln(out, "\nStopping: the keys are deleted, and with them all tokens.")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return server.Shutdown(ctx)
}

func newClient(ctx context.Context, out io.Writer, set *settings) (*ivsrealtime.Client, error) {
	if !set.live {
		fmt.Fprintln(out, "Using the fake service in this process: nothing leaves this machine. (-live uses AWS.)")
		if set.hostCode == "" && set.guestCode == "" {
			set.hostCode, set.guestCode = demoHostCode, demoGuestCode
			fmt.Fprintf(out, "The code of hosts is %s, that of guests %s.\n", set.hostCode, set.guestCode)
		}
		return ivsrealtimetest.NewServer().Client(), nil
	}
	if min(len(set.hostCode), len(set.guestCode)) < 16 || set.hostCode == set.guestCode {
		return nil, errors.New("-live wants two different codes of at least 16 characters in TOKEN_SERVER_HOST_CODE and TOKEN_SERVER_GUEST_CODE")
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	fmt.Fprintf(out, "Using AWS in region %q. This imports public keys named token-server (two at most at a time;\n"+
		"the account may have three), ", cfg.Region)
	if set.stageARN == "" {
		fmt.Fprint(out, "creates a stage named token-server, ")
	}
	fmt.Fprintln(out, "and deletes them at the end. If it is killed, delete them by hand.")
	return ivsrealtime.NewFromConfig(cfg), nil
}
