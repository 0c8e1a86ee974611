// Event-worker receives the events that EventBridge sends to an API destination, and
// keeps a live board of stages, participants and compositions. By default it plays an
// evening of the fake service in this process, whose events come late, twice, in the
// wrong order or not at all: no account, no network but the loopback interface.
//
//	go run ./event-worker             # an evening in a few seconds
//	go run ./event-worker -speed 60   # a minute of it per second
//	go run ./event-worker -quiet      # only how it ends
//
// What is in worker.go and board.go is what a program of your own needs; night.go,
// cast.go and simulation.go are the world around it. As a receiver of real events:
//
//	EVENT_WORKER_AUTHORIZATION=… go run ./event-worker -listen :8080
//
// The variable has what the connection of the API destination sends as its header
// Authorization. API destinations want HTTPS: put TLS in front of it.
package main

import (
	"context"
	"crypto/rand"
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

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrecording"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// settings are what the flags and the environment say.
type settings struct {
	listen        string // "" to play the evening
	authorization ivsrealtime.Secret
	speed         float64 // seconds of the evening per second; 0 for no pauses
	quiet         bool
	terminal      bool // stdout is one
}

func main() {
	log.SetFlags(0)
	set := settings{authorization: ivsrealtime.Secret(os.Getenv("EVENT_WORKER_AUTHORIZATION"))}
	flag.StringVar(&set.listen, "listen", "", "`address` on which to receive real events, in place of the evening")
	flag.Float64Var(&set.speed, "speed", 1200, "how much faster than real the evening goes; 0 for no pauses at all")
	flag.BoolVar(&set.quiet, "quiet", false, "no board on the way, only how it ends")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("unexpected argument %q", flag.Arg(0))
	}
	if info, err := os.Stdout.Stat(); err == nil {
		set.terminal = info.Mode()&os.ModeCharDevice != 0
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	play := playEvening
	if set.listen != "" {
		play = receive
	}
	if err := play(ctx, os.Stdout, set); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

// serve serves HTTP until the returned function is called.
func serve(addr string, handler http.Handler) (net.Addr, func(), error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	server := &http.Server{Handler: handler, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Print(err)
		}
	}()
	return listener.Addr(), func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(ctx) // whoever is too slow is sent the event again
	}, nil
}

// receive receives real events until the context ends. Names of stages are not among
// what events tell: a service of your own calls Tracker.Reconcile at its start and
// from time to time, as the evening does.
func receive(ctx context.Context, out io.Writer, set settings) error {
	if len(set.authorization) < 16 {
		return errors.New("-listen wants EVENT_WORKER_AUTHORIZATION, of at least 16 characters")
	}
	w := newWorker(set.authorization, time.Now, slog.Default(), func(l ivsrecording.Location) error {
		slog.Info("recorded", "location", l) // may come twice
		return nil
	})
	addr, stop, err := serve(set.listen, w.mux)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Fprintf(out, "Waiting for events on %s. Stop with Ctrl-C.\n", addr)
	board := board{out: out, clear: set.terminal}
	for redraw := time.Tick(time.Second); ; {
		select {
		case <-ctx.Done():
			return nil
		case now := <-redraw:
			if w.changed.Swap(false) && !set.quiet {
				board.draw(now.Format(time.TimeOnly), lines(w.tracker.Snapshot()), w.tracker.Stats())
			}
		}
	}
}

// playEvening plays the evening, with a worker that gets its events over HTTP.
func playEvening(ctx context.Context, out io.Writer, set settings) error {
	if !(set.speed >= 0) {
		return errors.New("-speed must be 0 or more")
	}
	set.authorization = ivsrealtime.Secret("Bearer " + rand.Text())
	clock := &clock{now: doorsOpen, speed: set.speed}
	archive := &archive{}
	w := newWorker(set.authorization, clock.Now, slog.New(slog.DiscardHandler), archive.keep)
	addr, stop, err := serve("127.0.0.1:0", w.mux)
	if err != nil {
		return err
	}
	defer stop()
	bridge := &bridge{clock: clock, http: &http.Client{Timeout: 5 * time.Second}, url: "http://" + addr.String(), authorization: set.authorization}
	fmt.Fprintf(out, "The fake service of this process has an evening, and posts its events to %s.\n", bridge.url)
	n, err := newNight(ctx, clock, archive, bridge, seed)
	if err != nil {
		return err
	}
	return follow(ctx, out, set, n, w)
}

// follow lets the worker follow the evening: it asks for what is there, listens, and
// asks again at the end for what it missed.
func follow(ctx context.Context, out io.Writer, set settings, n *night, w *worker) error {
	client := n.fake.Client()
	quickly := func(o *ivstracker.ReconcileOptions) { o.CallsPerSecond = 1000 } // the fake has no quota; leave this out for the service
	if _, err := w.tracker.Reconcile(ctx, client, quickly); err != nil {
		return err
	}
	board := board{out: out, clear: set.terminal}
	err := n.play(ctx, func(title string) {
		switch changed := w.changed.Swap(false); {
		case set.quiet:
		case changed:
			board.draw(title, lines(w.tracker.Snapshot()), w.tracker.Stats())
		default:
			fmt.Fprintf(out, "\n── %s: nothing of that has come yet\n", title)
		}
	})
	if err != nil {
		return err
	}

	before, stats := lines(w.tracker.Snapshot()), w.tracker.Stats()
	changes, err := w.tracker.Reconcile(ctx, client, quickly)
	if err != nil {
		return err
	}
	for _, c := range changes { // the end of a recording may be among what was missed
		if err := w.recorded(c); err != nil {
			return err
		}
	}
	after := lines(w.tracker.Snapshot())
	happened := len(n.fake.Events())
	received := int(stats.Applied + stats.Superseded + stats.Stale + stats.Ignored)
	fmt.Fprintf(out, "\n%d events happened, %d never came. There were %d posts, %d of them again after an error.\n", happened, happened-received, n.bridge.posts, n.bridge.again)
	gone, news := difference(before, after)
	fmt.Fprintf(out, "Reconcile asks the API, also for what no event tells. Lines that were wrong or missing: %d\n\n", len(news))
	printAligned(out, append(marked("-", gone), marked("+", news)...))
	board.clear = false
	board.draw("after Reconcile", after, w.tracker.Stats())
	fmt.Fprintf(out, "\nArchived recordings: %d\n", len(n.archive.kept))
	for _, l := range n.archive.kept {
		fmt.Fprintf(out, "  %s\n", l)
	}
	return nil
}
