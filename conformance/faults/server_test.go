// Package faults_test lets servers misbehave on real sockets, of the loopback
// interface only, and looks at what the client makes of it, beside the official
// client.
package faults_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// server is a TCP server that plays a script for every request.
type server struct {
	url string

	mu    sync.Mutex
	conns []net.Conn
	seen  []seen

	listener net.Listener
	done     sync.WaitGroup
}

// seen is a request that the server read whole.
type seen struct {
	conn       int // which connection, from 1
	path       string
	invocation string
	attempt    string
	header     http.Header
	body       string
}

// conn is a connection of a server.
type conn struct {
	net.Conn
	r      *bufio.Reader
	server *server
	number int    // from 1
	ended  func() // if not nil
}

// serve starts a server. The script is called whenever the first byte of a
// request has come, and says whether the connection goes on.
func serve(t testing.TB, script func(*conn) bool) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return serveOn(t, l, script)
}

func serveOn(t testing.TB, l net.Listener, script func(*conn) bool) *server {
	s := &server{url: "http://" + l.Addr().String(), listener: l}
	s.done.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, nc)
			c := &conn{Conn: nc, r: bufio.NewReader(nc), server: s, number: len(s.conns)}
			s.mu.Unlock()
			s.done.Go(func() {
				defer func() {
					_ = nc.Close()
					if c.ended != nil {
						c.ended()
					}
				}()
				for {
					if _, err := c.r.Peek(1); err != nil {
						return
					}
					if !script(c) {
						return
					}
				}
			})
		}
	})
	t.Cleanup(s.close)
	return s
}

// close ends everything and waits for it.
func (s *server) close() {
	_ = s.listener.Close()
	s.mu.Lock()
	for _, c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.done.Wait()
}

func (s *server) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.seen...)
}

// read reads a request whole.
func (c *conn) read() bool {
	r, err := http.ReadRequest(c.r)
	if err != nil {
		return false
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return false
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.server.seen = append(c.server.seen, seen{
		c.number, r.URL.EscapedPath(), r.Header.Get("Amz-Sdk-Invocation-Id"), r.Header.Get("Amz-Sdk-Request"), r.Header, string(body),
	})
	return true
}

// say writes text and reports whether that was possible.
func (c *conn) say(text ...string) bool {
	_, err := io.WriteString(c, strings.Join(text, ""))
	return err == nil
}

// reset ends the connection with RST.
func (c *conn) reset() bool {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
	return false
}

const (
	good     = `{"stage":{"arn":"arn:aws:ivs:us-east-1:111122223333:stage/AbCdEfGhIjKl"},"tags":{}}`
	goodHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Amzn-Requestid: 11111111-2222-3333-4444-555555555555\r\n"
)

// answer answers well, and goes on.
func (c *conn) answer() bool {
	return c.say(goodHead, "Content-Length: ", strconv.Itoa(len(good)), "\r\n\r\n", good)
}

// caller is a client of either kind.
type caller struct {
	name   string
	create func(context.Context) error // CreateStage
	tags   func(context.Context) error // ListTagsForResource, a GET
	untag  func(context.Context) error // UntagResource, a DELETE
	start  func(context.Context) error // StartComposition, which has an idempotency token
	*connections
}

// connections counts those of a client.
type connections struct{ dials, open, peak atomic.Int64 }

// settings are what tests change of a client.
type settings struct {
	attempts       int           // 0 for 3
	attemptTimeout time.Duration // of ours only
	transport      func(*http.Transport)
	dial           func(ctx context.Context, network, addr string) (net.Conn, error)
}

const arn = "arn:aws:ivs:us-east-1:111122223333:stage/AbCdEfGhIjKl"

// httpClient returns the HTTP client that a client has by default, with its
// connections counted.
func httpClient(s settings) (*awshttp.BuildableClient, *connections) {
	n := new(connections)
	if s.dial == nil {
		s.dial = new(net.Dialer).DialContext
	}
	h := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
		tr.Proxy = nil
		tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			n.dials.Add(1)
			c, err := s.dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			for open, peak := n.open.Add(1), n.peak.Load(); open > peak && !n.peak.CompareAndSwap(peak, open); peak = n.peak.Load() {
			}
			return &countedConn{Conn: c, open: &n.open}, nil
		}
		if s.transport != nil {
			s.transport(tr)
		}
	})
	return h, n
}

type countedConn struct {
	net.Conn
	open *atomic.Int64
	once sync.Once
}

func (c *countedConn) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

// config is the same for both clients, without waiting between attempts.
func config(url string, s settings, h aws.HTTPClient) aws.Config {
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: &url,
		Credentials:  credentials.NewStaticCredentialsProvider("AKID", "secret-of-the-test", "session-token-of-the-test"),
		HTTPClient:   h,
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				if s.attempts != 0 {
					o.MaxAttempts = s.attempts
				}
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		},
	}
}

func ours(url string, s settings) *caller {
	h, n := httpClient(s)
	c := ivsrealtime.NewFromConfig(config(url, s, h), func(o *ivsrealtime.Options) { o.AttemptTimeout = s.attemptTimeout })
	return &caller{
		name: "here",
		create: func(ctx context.Context) error {
			_, err := c.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: "x"})
			return err
		},
		tags: func(ctx context.Context) error {
			_, err := c.ListTagsForResource(ctx, &ivsrealtime.ListTagsForResourceInput{ResourceARN: arn})
			return err
		},
		untag: func(ctx context.Context) error {
			_, err := c.UntagResource(ctx, &ivsrealtime.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"a"}})
			return err
		},
		start: func(ctx context.Context) error {
			_, err := c.StartComposition(ctx, &ivsrealtime.StartCompositionInput{StageARN: arn, Destinations: []ivsrealtime.DestinationConfiguration{{}}})
			return err
		},
		connections: n,
	}
}

func theirs(url string, s settings) *caller {
	h, n := httpClient(s)
	c := official.NewFromConfig(config(url, s, h))
	return &caller{
		name: "official",
		create: func(ctx context.Context) error {
			_, err := c.CreateStage(ctx, &official.CreateStageInput{Name: aws.String("x")})
			return err
		},
		tags: func(ctx context.Context) error {
			_, err := c.ListTagsForResource(ctx, &official.ListTagsForResourceInput{ResourceArn: aws.String(arn)})
			return err
		},
		untag: func(ctx context.Context) error {
			_, err := c.UntagResource(ctx, &official.UntagResourceInput{ResourceArn: aws.String(arn), TagKeys: []string{"a"}})
			return err
		},
		connections: n,
	}
}

// toLoopback connects to the port on this machine, whatever the name.
func toLoopback(ctx context.Context, network, addr string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
}

// settle waits until cond holds, which may take the runtime a moment.
func settle(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !cond(); runtime.Gosched() {
		if time.Now().After(end) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%s\n%s", what, buf[:runtime.Stack(buf, true)])
		}
	}
}

// createAndKeep makes a call that goes well, again until its connection is kept:
// a transport that is not given the processor for 50 ms drops it.
func (c *caller) createAndKeep(t testing.TB) {
	t.Helper()
	for range 20 {
		var kept atomic.Bool
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{PutIdleConn: func(err error) { kept.Store(err == nil) }})
		require.NoError(t, c.create(ctx))
		settle(t, "the connection is neither kept nor closed", func() bool { return kept.Load() || c.open.Load() == 0 })
		if kept.Load() {
			return
		}
	}
	t.Fatal("no connection is kept")
}

// openPoller opens what the first socket of a process opens for good.
var openPoller = sync.OnceFunc(func() {
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		_ = l.Close()
	}
})

// requireNothingLeft runs fn and requires that goroutines and open files are as
// many after it as before.
func requireNothingLeft(t *testing.T, fn func()) {
	t.Helper()
	openPoller()
	goroutines, files := runtime.NumGoroutine(), openFiles()
	fn()
	settle(t, "goroutines are left", func() bool { return runtime.NumGoroutine() <= goroutines })
	settle(t, "files are left open", func() bool { return openFiles() <= files })
}

// openFiles counts what the process has open, where the system tells: on Linux.
func openFiles() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}

// requireNoSecret makes sure that an error shows nothing secret.
func requireNoSecret(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		require.NotContains(t, e.Error(), "of-the-test")
	}
}
