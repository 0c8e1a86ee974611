package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// testClock is the time of a fake and of the run against it. It stands still unless
// the run sleeps.
type testClock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*testTimer]struct{}
}

type testTimer struct {
	due time.Time
	f   func()
}

func newTestClock() *testClock {
	return &testClock{now: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC), timers: map[*testTimer]struct{}{}}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &testTimer{c.now.Add(d), f}
	c.timers[t] = struct{}{}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, waiting := c.timers[t]
		delete(c.timers, t)
		return waiting
	}
}

func (c *testClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	end := c.Now().Add(d)
	for {
		c.mu.Lock()
		var first *testTimer
		for t := range c.timers {
			if !t.due.After(end) && (first == nil || t.due.Before(first.due)) {
				first = t
			}
		}
		if first == nil {
			c.now = end
			c.mu.Unlock()
			return nil
		}
		delete(c.timers, first)
		if first.due.After(c.now) {
			c.now = first.due
		}
		c.mu.Unlock()
		first.f()
	}
}

// inProcess lets a handler respond without a network.
type inProcess struct{ handler http.Handler }

func (h inProcess) Do(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if cut := recover(); cut == http.ErrAbortHandler {
			err = http.ErrAbortHandler
		} else if cut != nil {
			panic(cut)
		}
	}()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	h.handler.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// newFake returns a fake that enforces the rates, and a runner for it, both with the
// same time.
func newFake(t *testing.T, options ...func(*ivsrealtimetest.Options)) (*ivsrealtimetest.Server, *runner) {
	clock := newTestClock()
	srv := ivsrealtimetest.NewServer(append([]func(*ivsrealtimetest.Options){func(o *ivsrealtimetest.Options) {
		o.Clock, o.ThrottleCalls = clock, true
	}}, options...)...)
	creds := aws.Credentials{AccessKeyID: "FAKEACCESSKEYID", SecretAccessKey: "fake-secret-access-key"}
	return srv, &runner{
		caller: &caller{
			endpoint: &url.URL{Scheme: "http", Host: "ivsrealtime.test"}, region: "us-east-1", credentials: creds,
			http: inProcess{srv}, clock: clock, signer: v4.NewSigner(),
		},
		rows: table(), run: newRunID(), bucket: "some-bucket", burst: true, hide: hider(creds), log: io.Discard,
	}
}

// only leaves the runner the rows with a check whose behaviour contains one of the texts.
func (r *runner) only(texts ...string) {
	r.rows = slices.DeleteFunc(r.rows, func(row row) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(row.behaviour, text) })
	})
}

// text is the report as it is printed.
func text(rep *report) string {
	var b bytes.Buffer
	rep.write(&b)
	return b.String()
}

// remains returns the names of the lists in which the service of a runner has something
// that has not ended.
func remains(t *testing.T, r *runner) (names []string) {
	t.Helper()
	for _, k := range kinds {
		resp, err := r.caller.call(t.Context(), operation(k.list, obj{}))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.status, string(resp.body))
		list, _ := resp.get(k.items)
		for i := range list.([]any) {
			if state := resp.text(k.items, i, "state"); k != compositions || state == "STARTING" || state == "ACTIVE" {
				names = append(names, k.name)
			}
		}
	}
	return names
}

// documented is a row of the table in the documentation of the fake.
var documented = regexp.MustCompile(`^(\S.*?) {2,}(live|documented|chosen)(?: |$)`)

func TestTableIsThatOfTheFake(t *testing.T) {
	source, err := os.ReadFile("../../ivsrealtimetest/doc.go")
	require.NoError(t, err)
	var want, have []string
	_, rows, found := strings.Cut(string(source), "//\tBehaviour ")
	require.True(t, found)
	_, rows, _ = strings.Cut(rows, "\n")
	section := ""
	for line := range strings.Lines(rows) {
		text, isTable := strings.CutPrefix(strings.TrimRight(line, "\n"), "//\t")
		m := documented.FindStringSubmatch(text)
		switch {
		case !isTable: // a blank line, or what follows
		case m != nil:
			want = append(want, section+" "+m[1]+" ("+m[2]+")")
		default:
			require.Regexp(t, `^[A-Z].*:$`, text, "want a behaviour with its evidence, or the heading of a section")
			section = text
		}
	}
	for _, row := range table() {
		have = append(have, row.section+" "+row.behaviour+" ("+row.evidence+")")
		require.NotEqual(t, row.beyond == "", row.run == nil, "%s: want a check, or the reason why there is none", row.behaviour)
	}
	require.NotEmpty(t, want)
	// First what is missing and what is too much, which are easier to read than two tables.
	require.Empty(t, slices.DeleteFunc(slices.Clone(want), func(r string) bool { return slices.Contains(have, r) }),
		"rows of ivsrealtimetest/doc.go that rows.go has not: give each a check, or the reason why there is none")
	require.Empty(t, slices.DeleteFunc(slices.Clone(have), func(r string) bool { return slices.Contains(want, r) }),
		"rows of rows.go that ivsrealtimetest/doc.go has not")
	require.Equal(t, want, have, "the order must be that of ivsrealtimetest/doc.go")
}

func TestEveryRowAsAssumed(t *testing.T) {
	srv, r := newFake(t)
	server := httptest.NewServer(srv)
	defer server.Close()
	var err error
	r.caller.endpoint, err = url.Parse(server.URL)
	require.NoError(t, err)
	r.caller.http = server.Client()

	rep := r.all(t.Context())
	require.Empty(t, rep.named(differs), text(rep))
	require.Empty(t, rep.left, text(rep))
	checks := 0
	for _, f := range rep.findings {
		if f.row.beyond == "" {
			checks++
			require.Equal(t, asAssumed, f.verdict, text(rep))
			require.Equal(t, f.row.creates, f.created, f.row.behaviour)
			require.Equal(t, f.row.calls, f.calls, f.row.behaviour)
		}
	}
	require.Empty(t, remains(t, r))
	tally.Record(t, tally.Row{Area: "Live", What: "the rows of the fake's table that the API can show", With: "the fake over HTTP", Cases: checks, Differences: len(rep.named(differs))})

	// The pace keeps every operation within its quota, except where a check exceeds it.
	for _, call := range srv.Calls() {
		if call.Operation != "ListPublicKeys" && call.Operation != "RevokeConnectionToken" {
			require.NotEqual(t, http.StatusTooManyRequests, call.StatusCode, call.Operation)
		}
	}
	var announced bytes.Buffer
	r.announce(&announced)
	require.Contains(t, announced.String(), r.run)
	for _, k := range kinds {
		require.Contains(t, announced.String(), " "+k.name+"\n")
	}
}

// The quotas are those of the API's documentation; nothing may come closer than four
// fifths to them, however long it goes on.
func TestPace(t *testing.T) {
	for operation, quota := range map[string]int{"CreateStage": 5, "ListPublicKeys": 3, "TagResource": 10, "CreateParticipantToken": 50, "RevokeConnectionToken": 5} {
		clock := newTestClock()
		begin := clock.Now()
		var p pacer
		for range 8 * quota {
			require.NoError(t, p.wait(t.Context(), clock, operation))
		}
		took := clock.Now().Sub(begin)
		require.InDelta(t, 10*time.Second, took, float64(time.Second), operation)
	}
}
