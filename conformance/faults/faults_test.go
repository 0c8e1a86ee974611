package faults_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// A fault is a call of CreateStage that goes wrong on every attempt.
type fault struct {
	name     string
	script   func(*conn) bool
	place    func(*testing.T, *settings) (url string, end func()) // in place of the script's server
	settings settings

	text     string // in the error, or several of which one is, with | between
	attempts int    // of three, each on a connection of its own
	status   int    // in the error; 0 for none
	oursOnly bool   // the official client has no such setting
}

var faults = []fault{
	// It depends on the moment whether net/http notices while it reads or writes.
	{name: "reset before the request is read", script: (*conn).reset, text: "connection reset|use of closed network connection|broken pipe", attempts: 3},
	{name: "reset after the request was read", script: func(c *conn) bool { return c.read() && c.reset() }, text: "connection reset", attempts: 3},
	{name: "closed after the request was read", script: func(c *conn) bool { c.read(); return false }, text: "EOF", attempts: 3},
	{name: "half a head", script: func(c *conn) bool {
		return c.read() && c.say("HTTP/1.1 200 OK\r\nContent-Ty") && false
	}, text: "malformed MIME header", attempts: 3},
	{name: "no HTTP", script: func(c *conn) bool { return c.read() && c.say("220 ready\r\n\r\n") && false }, text: "malformed HTTP", attempts: 3},
	{name: "half a body", script: func(c *conn) bool {
		return c.read() && c.say(goodHead, "Content-Length: 83\r\n\r\n", good[:40]) && false
	}, text: "read the answer: unexpected EOF", attempts: 1, status: 200},
	{name: "half a chunked body", script: func(c *conn) bool {
		return c.read() && c.say(goodHead, "Transfer-Encoding: chunked\r\n\r\n28\r\n", good[:40], "\r\n") && false
	}, text: "read the answer: unexpected EOF", attempts: 1, status: 200},
	{name: "half the body of an error", script: func(c *conn) bool {
		return c.read() && c.say("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100\r\n\r\n{\"message\":") && false
	}, text: "the answer was cut off", attempts: 3, status: 503},
	{name: "503 of a full server", script: func(c *conn) bool {
		return c.read() && c.say("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 4\r\n\r\nfull") && false
	}, text: "UnknownError: status 503 Service Unavailable", attempts: 3, status: 503},
	{name: "no answer", script: silence, settings: settings{attemptTimeout: 50 * time.Millisecond}, oursOnly: true,
		text: "the attempt took longer than AttemptTimeout (50ms)", attempts: 3},
	{name: "no headers", script: silence, settings: settings{transport: func(tr *http.Transport) { tr.ResponseHeaderTimeout = 50 * time.Millisecond }},
		text: "timeout awaiting response headers", attempts: 3},
	{name: "slow drip", script: drip, settings: settings{attemptTimeout: 50 * time.Millisecond}, oursOnly: true,
		text: "only its response is lost: the attempt took longer than AttemptTimeout (50ms)", attempts: 1, status: 200},
	{name: "certificate of nobody", place: func(*testing.T, *settings) (string, func()) {
		h := httptest.NewUnstartedServer(http.NotFoundHandler())
		h.Config.ErrorLog = log.New(io.Discard, "", 0)
		h.StartTLS()
		return h.URL, h.Close
	}, text: "certificate signed by unknown authority", attempts: 3},
	{name: "no TLS", place: func(*testing.T, *settings) (string, func()) {
		h := httptest.NewServer(http.NotFoundHandler())
		return "https" + strings.TrimPrefix(h.URL, "http"), h.Close
	}, text: "server gave HTTP response to HTTPS client", attempts: 3},
	{name: "end of the connection in the TLS handshake", place: func(t *testing.T, _ *settings) (string, func()) {
		s := serve(t, func(*conn) bool { return false })
		return "https" + strings.TrimPrefix(s.url, "http"), s.close
	}, text: "/CreateStage\": ", attempts: 3},
	{name: "name that does not exist", place: func(t *testing.T, s *settings) (string, func()) {
		resolver, end := nobodyKnows(t)
		s.dial = (&net.Dialer{Resolver: resolver}).DialContext
		return "https://ivsrealtime.us-east-1.invalid", end
	}, text: "no such host", attempts: 1},
	{name: "nobody listens", place: func(t *testing.T, _ *settings) (string, func()) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.NoError(t, l.Close())
		return "http://" + l.Addr().String(), func() {}
	}, text: "connection refused", attempts: 3},
}

// silence reads the request and says nothing until the client is gone.
func silence(c *conn) bool {
	if c.read() {
		_, _ = c.r.Peek(1)
	}
	return false
}

// drip answers a byte at a time until the client is gone.
func drip(c *conn) bool {
	if !c.read() || !c.say(goodHead, "Content-Length: 1000000\r\n\r\n{") {
		return false
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if !c.say(" ") {
			return false
		}
	}
	return false
}

// TestFaults looks at the error, counts the attempts, here and with the official
// client, and makes sure that nothing is left.
func TestFaults(t *testing.T) {
	row := tally.Row{Area: "Faults", What: "attempts at a call that keeps failing", With: "official v1.30.0"}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			requireNothingLeft(t, func() {
				attempts, err := f.befall(t, ours)
				require.Error(t, err)
				require.True(t, slices.ContainsFunc(strings.Split(f.text, "|"), func(text string) bool { return strings.Contains(err.Error(), text) }), "%v", err)
				require.Equal(t, f.attempts, attempts)
				requireNoSecret(t, err)
				require.NotErrorIs(t, err, context.DeadlineExceeded, "the caller's context goes on")
				var operation *smithy.OperationError
				require.ErrorAs(t, err, &operation)
				require.Equal(t, "CreateStage", operation.Operation())
				var re *awshttp.ResponseError
				require.Equal(t, f.status != 0, errors.As(err, &re))
				if f.status != 0 {
					require.Equal(t, f.status, re.HTTPStatusCode())
				}
			})
			if f.oursOnly {
				return
			}
			row.Cases++
			requireNothingLeft(t, func() {
				attempts, err := f.befall(t, theirs)
				require.Error(t, err)
				if attempts != f.attempts {
					row.Differences++
					t.Errorf("%d attempts here, %d with the official client", f.attempts, attempts)
				}
			})
		})
	}
	tally.Record(t, row)
}

// befall makes the call and returns its error and how often a connection was
// tried.
func (f fault) befall(t *testing.T, client func(string, settings) *caller) (int, error) {
	t.Helper()
	place, s := f.place, f.settings
	if place == nil {
		place = func(t *testing.T, _ *settings) (string, func()) {
			srv := serve(t, f.script)
			return srv.url, srv.close
		}
	}
	url, end := place(t, &s)
	defer end()
	c := client(url, s)
	err := c.create(t.Context())
	settle(t, "a broken connection is kept", func() bool { return c.open.Load() == 0 })
	return int(c.dials.Load()), err
}

// nobodyKnows is a resolver whose server, on the loopback interface, knows no
// name.
func nobodyKnows(t *testing.T) (_ *net.Resolver, end func()) {
	t.Helper()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 512)
		for {
			n, from, err := udp.ReadFrom(buf)
			if err != nil {
				return
			}
			buf[2], buf[3] = 0x81, 0x83 // an answer: there is no such name
			_, _ = udp.WriteTo(buf[:n], from)
		}
	}()
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", udp.LocalAddr().String())
	}}
	return resolver, func() {
		_ = udp.Close()
		<-done
	}
}

// TestCallerGivesUp ends the caller's context while the server is silent, while
// it drips, and before the call.
func TestCallerGivesUp(t *testing.T) {
	for _, tt := range []struct {
		name     string
		script   func(c *conn, giveUp func()) bool
		attempts int
	}{
		{"in silence", func(c *conn, giveUp func()) bool {
			c.read()
			giveUp()
			_, _ = c.r.Peek(1)
			return false
		}, 1},
		{"in the body", func(c *conn, giveUp func()) bool {
			c.read()
			c.say(goodHead, "Content-Length: 1000\r\n\r\n{")
			giveUp()
			_, _ = c.r.Peek(1)
			return false
		}, 1},
		{"in the body of an error", func(c *conn, giveUp func()) bool {
			c.read()
			c.say("HTTP/1.1 500 Oh\r\nContent-Length: 1000\r\n\r\n{")
			giveUp()
			_, _ = c.r.Peek(1)
			return false
		}, 1},
		{"before", nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			requireNothingLeft(t, func() {
				ctx, cancel := context.WithCancel(t.Context())
				s := serve(t, func(c *conn) bool { return tt.script(c, cancel) })
				defer s.close()
				if tt.script == nil {
					cancel()
				}
				c := ours(s.url, settings{})
				err := c.create(ctx)
				require.ErrorIs(t, err, context.Canceled)
				var canceled *smithy.CanceledError
				require.ErrorAs(t, err, &canceled)
				require.Equal(t, tt.attempts, int(c.dials.Load()))
				settle(t, "the connection is kept", func() bool { return c.open.Load() == 0 })
			})
		})
	}
}
