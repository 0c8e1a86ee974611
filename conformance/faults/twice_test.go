package faults_test

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// TestSentTwice counts what a server sees of a call whose answer is lost with a
// connection that was used before, which is when net/http may send a request
// again by itself. With one attempt nothing but a GET is ever sent twice.
func TestSentTwice(t *testing.T) {
	row := tally.Row{Area: "Faults", What: "requests sent when an answer is lost", With: "official v1.30.0"}
	for _, tt := range []struct {
		name           string
		call           func(*caller) func(context.Context) error
		attempts, sent int
	}{
		{"CreateStage, one attempt", func(c *caller) func(context.Context) error { return c.create }, 1, 1},
		{"UntagResource, one attempt", func(c *caller) func(context.Context) error { return c.untag }, 1, 1},
		{"ListTagsForResource, one attempt", func(c *caller) func(context.Context) error { return c.tags }, 1, 2},
		{"CreateStage, three attempts", func(c *caller) func(context.Context) error { return c.create }, 3, 3},
		{"UntagResource, three attempts", func(c *caller) func(context.Context) error { return c.untag }, 3, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			row.Cases++
			sent := func(client func(string, settings) *caller) int {
				t.Helper()
				var s *server
				var before int
				requireNothingLeft(t, func() {
					var lose atomic.Bool
					s = serve(t, func(c *conn) bool { return c.read() && !lose.Load() && c.answer() })
					defer s.close()
					c := client(s.url, settings{attempts: tt.attempts})
					c.createAndKeep(t)
					before = len(s.requests())
					lose.Store(true)
					require.Error(t, tt.call(c)(t.Context()))
				})
				return len(s.requests()) - before
			}
			require.Equal(t, tt.sent, sent(ours))
			if official := sent(theirs); official != tt.sent {
				row.Differences++
				t.Errorf("the official client sends %d", official)
			}
		})
	}
	tally.Record(t, row)
}

// TestAttemptsOfACall: the attempts of a call have one invocation ID and one body,
// and so one idempotency token, and are numbered.
func TestAttemptsOfACall(t *testing.T) {
	requireNothingLeft(t, func() {
		s := serve(t, func(c *conn) bool { return c.read() && c.reset() })
		defer s.close()
		require.Error(t, ours(s.url, settings{}).start(t.Context()))
		got := s.requests()
		require.Len(t, got, 3)
		for i, r := range got {
			require.Equal(t, got[0].invocation, r.invocation)
			require.Equal(t, got[0].body, r.body)
			require.Equal(t, []string{"attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3"}[i], r.attempt)
		}
		require.Regexp(t, `"idempotencyToken":"[0-9a-f-]{36}"`, got[0].body)
	})
}

// TestServerThatClosesIdleConnections: a server that closes the connection after
// each answer, without saying so beforehand, sees each call once.
func TestServerThatClosesIdleConnections(t *testing.T) {
	requireNothingLeft(t, func() {
		s := serve(t, func(c *conn) bool { return c.read() && c.answer() && false })
		defer s.close()
		c := ours(s.url, settings{attempts: 1})
		for range 50 {
			require.NoError(t, c.create(t.Context()))
			settle(t, "a connection that the server closed is kept", func() bool { return c.open.Load() == 0 })
		}
		require.Len(t, s.requests(), 50)
	})
}

// stale is a connection that takes nothing more once it is told so, as when the
// server has closed it and that is still under way.
type stale struct {
	net.Conn
	now *atomic.Bool
}

func (c *stale) Write(b []byte) (int, error) {
	if c.now.Load() {
		return 0, syscall.EPIPE
	}
	return c.Conn.Write(b)
}

// TestStaleConnection: net/http sends a request again by itself of which nothing
// could be sent, and the server sees it once. The official client sets no GetBody and
// needs a second attempt.
func TestStaleConnection(t *testing.T) {
	requireNothingLeft(t, func() {
		s := serve(t, func(c *conn) bool { return c.read() && c.answer() })
		defer s.close()
		var now *atomic.Bool // of the last connection
		c := ours(s.url, settings{dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			nc, err := new(net.Dialer).DialContext(ctx, network, addr)
			now = new(atomic.Bool)
			return &stale{nc, now}, err
		}})
		c.createAndKeep(t)
		before := len(s.requests())
		now.Store(true)
		require.NoError(t, c.create(t.Context()))
		got := s.requests()[before:]
		require.Len(t, got, 1)
		require.Equal(t, "attempt=1; max=3", got[0].attempt)
	})
}

// TestConnectionLimit: 64 callers of a server that lets no more than 4
// connections be open and resets the others. Each call is worked on once or,
// where it was not lucky, not at all; with MaxConnsPerHost all are lucky.
func TestConnectionLimit(t *testing.T) {
	for name, transport := range map[string]func(*http.Transport){
		"client without a limit": nil,
		"client with a limit":    func(tr *http.Transport) { tr.MaxConnsPerHost = 4 },
	} {
		t.Run(name, func(t *testing.T) {
			requireNothingLeft(t, func() {
				slots := make(chan struct{}, 4)
				s := serve(t, func(c *conn) bool {
					if c.ended == nil {
						select {
						case slots <- struct{}{}:
							c.ended = func() { <-slots }
						default:
							return c.reset()
						}
					}
					return c.read() && c.answer()
				})
				defer s.close()
				c := ours(s.url, settings{transport: transport})
				var wg sync.WaitGroup
				errs := make([]error, 64)
				for i := range errs {
					wg.Go(func() { errs[i] = c.create(t.Context()) })
				}
				wg.Wait()
				invocations := map[string]int{}
				for _, r := range s.requests() {
					invocations[r.invocation]++
					require.Equal(t, 1, invocations[r.invocation], "worked on twice")
				}
				errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
				require.Equal(t, 64-len(errs), len(invocations), "each success was worked on, and no failure")
				if transport != nil {
					require.Empty(t, errs)
					require.LessOrEqual(t, c.peak.Load(), int64(4))
				}
				for _, err := range errs {
					// A reset shows in several texts: reset by peer, broken pipe, closed connection.
					var send *smithyhttp.RequestSendError
					require.True(t, errors.As(err, &send) || strings.Contains(err.Error(), "quota"), "%v", err)
				}
			})
		})
	}
}

// TestConnectionsServeAgain: a connection whose answer was read to its end serves
// the next call or attempt, whether the answer was good, an error, or neither.
func TestConnectionsServeAgain(t *testing.T) {
	for name, answer := range map[string]string{
		"success":       goodHead + "Content-Length: 83\r\n\r\n" + good,
		"no body":       "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		"error":         "HTTP/1.1 500 Oh\r\nContent-Length: 20000\r\n\r\n" + strings.Repeat("x", 20000),
		"wrong JSON":    goodHead + "Content-Length: 2\r\n\r\n[]",
		"error, chunks": "HTTP/1.1 400 Oh\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			requireNothingLeft(t, func() {
				s := serve(t, func(c *conn) bool { return c.read() && c.say(answer) })
				defer s.close()
				c := ours(s.url, settings{})
				for range 10 {
					_ = c.create(t.Context())
				}
				// Not one of all, see createAndKeep, but most do.
				require.Less(t, int(c.dials.Load()), len(s.requests())/2)
			})
		})
	}
}

// TestDocumentationOfTwice: every operation that makes something new each time it
// is sent says that it may happen twice, and how to prevent it.
func TestDocumentationOfTwice(t *testing.T) {
	files, err := filepath.Glob("../../*.go")
	require.NoError(t, err)
	documented := 0
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || !strings.HasPrefix(f.Name.Name, "Create") && f.Name.Name != "ImportPublicKey" {
				continue
			}
			require.Contains(t, strings.ReplaceAll(f.Doc.Text(), "\n", " "), "retry, which can make a second", f.Name.Name)
			require.Contains(t, f.Doc.Text(), "no retry, ErrOutcomeUnknown", f.Name.Name)
			require.Contains(t, f.Doc.Text(), "RetryMaxAttempts", f.Name.Name)
			documented++
		}
	}
	require.Equal(t, 6, documented)
}
