package faults_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// TestHugeAnswers: of an answer that is too large no more than the limit is read,
// whatever it is, once; neither the error nor the client keeps any of it.
func TestHugeAnswers(t *testing.T) {
	const size = 100 << 20
	stage := `{"stage":{"name":"`
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write([]byte(stage))
	for range 24 { // MiB
		_, _ = z.Write(bytes.Repeat([]byte("a"), 1<<20))
	}
	require.NoError(t, z.Close())

	for _, tt := range []struct {
		name, head, text string
		body             func(*conn, *atomic.Int64)
		attempts         int
		allocated        uint64 // at most, in all: a buffer that grows to the limit, twice under -race
	}{
		{"success", goodHead + fmt.Sprintf("Content-Length: %d\r\n\r\n", size), "the answer is larger than 16 MiB", flood(stage), 1, 160 << 20},
		{"success in chunks", goodHead + "\r\n", "the answer is larger than 16 MiB", flood(stage), 1, 160 << 20},
		{"error", fmt.Sprintf("HTTP/1.1 500 Oh\r\nContent-Length: %d\r\n\r\n", size), "the answer is larger than 64 KiB", flood(`{"message":"`), 3, 4 << 20},
		{"compressed", goodHead + fmt.Sprintf("Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", bomb.Len()), "the answer is larger than 16 MiB",
			func(c *conn, _ *atomic.Int64) { c.say(bomb.String()) }, 1, 160 << 20},
		{"header", "HTTP/1.1 200 OK\r\nX-Filler: ", "server response headers exceeded", flood(""), 3, 512 << 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			requireNothingLeft(t, func() {
				var sent atomic.Int64
				s := serve(t, func(c *conn) bool {
					c.read()
					c.say(tt.head)
					tt.body(c, &sent)
					return false
				})
				defer s.close()
				c := ours(s.url, settings{})
				before := memory()
				err := c.create(t.Context())
				after := memory()
				require.ErrorContains(t, err, tt.text)
				require.Len(t, s.requests(), tt.attempts)
				require.Less(t, len(err.Error()), 500)
				require.Less(t, after.TotalAlloc-before.TotalAlloc, tt.allocated)
				settle(t, "the connection is kept", func() bool { return c.open.Load() == 0 })
				require.Less(t, sent.Load(), int64(90<<20), "the rest of the answer was read after all")
				// What is alive now is what was before, and the error.
				require.Less(t, int64(memory().HeapAlloc)-int64(before.HeapAlloc), int64(4<<20))
				runtime.KeepAlive(err)
				runtime.KeepAlive(c)
			})
		})
	}
}

// flood writes begin and then up to 100 MiB, and counts what could be written.
func flood(begin string) func(*conn, *atomic.Int64) {
	block := bytes.Repeat([]byte("a"), 64<<10)
	return func(c *conn, sent *atomic.Int64) {
		sent.Store(0)
		c.say(begin)
		for sent.Load() < 100<<20 {
			n, err := c.Write(block)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}
}

func memory() (m runtime.MemStats) {
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m
}

// TestHugeAnswersElsewhere shows what there is to gain: the official client reads
// the same answers to their end.
func TestHugeAnswersElsewhere(t *testing.T) {
	if testing.Short() {
		t.Skip("takes memory")
	}
	row := tally.Row{Area: "Faults", What: "100 MiB answers that are not read whole", With: "official v1.30.0"}
	for _, head := range []string{"HTTP/1.1 200 OK\r\n\r\n{\"stage\":{\"name\":\"", "HTTP/1.1 400 Oh\r\n\r\n{\"message\":\""} {
		var sent atomic.Int64
		s := serve(t, func(c *conn) bool {
			c.read()
			flood(head)(c, &sent)
			return c.say("\"}}") && false
		})
		// Without a body: the core closes one when the answer is there, at times too
		// early for the transport, which then drops the connection.
		_ = theirs(s.url, settings{attempts: 1}).tags(t.Context())
		s.close()
		row.Cases++
		require.EqualValues(t, 100<<20, sent.Load(), "the official client has a limit now: say so")
		row.Listed++
	}
	tally.Record(t, row)
}

// TestRedirects: a redirect is an error, and nothing is sent to where it leads. The
// official client follows 307 and 308 for requests without a body, those of the
// operations on tags, and takes what comes back for the service's response.
func TestRedirects(t *testing.T) {
	row := tally.Row{Area: "Faults", What: "calls that are redirected", With: "official v1.30.0"}
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			requireNothingLeft(t, func() {
				elsewhere := serve(t, func(c *conn) bool { return c.read() && c.answer() })
				defer elsewhere.close()
				_, port, err := net.SplitHostPort(elsewhere.listener.Addr().String())
				require.NoError(t, err)
				s := serve(t, func(c *conn) bool {
					return c.read() && c.say(fmt.Sprintf("HTTP/1.1 %d Elsewhere\r\nLocation: http://localhost:%s/\r\nContent-Length: 0\r\n\r\n", status, port))
				})
				defer s.close()
				// Both names are this machine; nobody is asked for localhost.
				here, official := ours(s.url, settings{dial: toLoopback}), theirs(s.url, settings{dial: toLoopback})
				for _, call := range []func(context.Context) error{here.create, here.tags, here.untag} {
					before := len(s.requests())
					err := call(t.Context())
					require.ErrorContains(t, err, http.StatusText(status))
					var re *awshttp.ResponseError
					require.ErrorAs(t, err, &re)
					require.Equal(t, status, re.HTTPStatusCode())
					require.Len(t, s.requests(), before+1, "not retried")
					require.Empty(t, elsewhere.requests())
				}
				for i, call := range []func(context.Context) error{official.create, official.tags, official.untag} {
					row.Cases++
					if call(t.Context()) == nil {
						require.True(t, i > 0 && (status == 307 || status == 308), "the official client succeeds")
						row.Listed++
					}
				}
				for _, r := range elsewhere.requests() {
					require.True(t, status == 307 || status == 308)
					require.Empty(t, r.header.Get("Authorization"))
					require.Empty(t, r.header.Get("X-Amz-Security-Token"))
				}
			})
		})
	}
	tally.Record(t, row)
}
