package ivsrealtimetest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// Whatever is added in whatever order: the limits hold, and what is kept is the
// newest of each kind.
func TestHistoryKeepsTheNewest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	h := history{maxCalls: 50, maxBytes: 100_000}
	calls, events, both := 0, 0, 0
	for range 2000 {
		if random.IntN(2) == 0 {
			calls++
			h.addCall(recordedCall{Call: Call{Operation: fmt.Sprint(calls)}, req: request{body: make([]byte, random.IntN(5000))}})
		} else {
			events++
			h.addEvent(fmt.Appendf(make([]byte, 0, 100+random.IntN(3000)), "%d", events))
		}
		require.LessOrEqual(t, h.bytes, 100_000)
		keptCalls, keptEvents := h.allCalls(), h.allEvents()
		require.LessOrEqual(t, len(keptCalls), 50)
		for i, c := range keptCalls {
			require.Equal(t, fmt.Sprint(calls-len(keptCalls)+1+i), c.Operation)
		}
		for i, e := range keptEvents {
			require.Equal(t, fmt.Sprint(events-len(keptEvents)+1+i), string(e))
		}
		if len(keptCalls) > 0 && len(keptEvents) > 0 {
			both++
		}
	}
	require.Greater(t, both, 500)
	h.forgetCalls()
	for range 100 {
		h.addEvent(make([]byte, 90_000))
	}
	require.Len(t, h.allEvents(), 1)
	h.addEvent(make([]byte, 200_000))
	require.Empty(t, h.allEvents(), "one that is larger than the limit is not kept")
	require.Zero(t, h.bytes)
}

// heap is how many bytes are in use.
func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// flood sends n large requests for op and returns by how much the memory in use
// grew.
func flood(s *Server, n int, op, body string) int {
	before := heap()
	for i := range n {
		r := httptest.NewRequest("POST", "/"+op, strings.NewReader(strings.Clone(body)))
		for k := range 20 {
			r.Header.Set(fmt.Sprint("X-Pad-", k), strings.Repeat(fmt.Sprint(i%10), 5000))
		}
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	after := heap()
	runtime.KeepAlive(s)
	return after - before
}

func TestUnsignedRequestsLeaveTheirOperationAlone(t *testing.T) {
	s := NewServer()
	require.Less(t, flood(s, 300, "CreateStage", `{"name":"`+strings.Repeat("x", 100_000)+`"}`), 4<<20)
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/"+strings.Repeat("x", 100_000), nil))
	calls := s.Calls()
	require.Len(t, calls, 301)
	for _, c := range calls[:300] {
		require.Equal(t, Call{Operation: "CreateStage", Header: http.Header{}, Time: c.Time, RequestID: c.RequestID, StatusCode: 403, ErrorCode: "MissingAuthenticationTokenException"}, c)
	}
	require.Empty(t, calls[300].Operation)
}

// mustNotBeRead is a body that fails the test when it is read.
type mustNotBeRead struct{ *testing.T }

func (b mustNotBeRead) Read([]byte) (int, error) {
	b.Error("the body of a request that is not signed was read")
	return 0, io.EOF
}

func TestBodiesOfUnsignedRequestsAreNotRead(t *testing.T) {
	s := NewServer()
	for _, authorization := range []string{"", "Basic x", "AWS4-HMAC-SHA256 Credential=OTHER/20261123/us-east-1/ivs/aws4_request, SignedHeaders=host, Signature=0"} {
		r := httptest.NewRequest("POST", "/CreateStage", mustNotBeRead{t})
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		r.Header.Set("X-Amz-Date", time.Now().UTC().Format(amzDateFormat))
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		require.Equal(t, 403, w.Code)
	}
}

func TestMaxHistoryBytes(t *testing.T) {
	s := NewServer(func(o *Options) { o.SkipSignatureCheck, o.MaxHistoryBytes = true, 1<<20 })
	for _, body := range []string{`{"name":"a","junk":"` + strings.Repeat("x", 900_000) + `"}`, `{"name":"` + strings.Repeat("x", 100_000) + `"}`, `{}`} {
		require.Less(t, flood(s, 50, "UpdateStage", body), 4<<20)
		require.NotEmpty(t, s.Calls("UpdateStage"))
		require.LessOrEqual(t, s.history.bytes, 1<<20)
	}
	// Many small members of the query do not count for less than they take.
	before := heap()
	for range 50 {
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("DELETE", "/tags/x?"+strings.Repeat("a&", 30_000), nil))
	}
	require.Less(t, heap()-before, 4<<20)
	runtime.KeepAlive(s)
}

func TestEventsAreBounded(t *testing.T) {
	s := NewServer(func(o *Options) { o.MaxHistoryBytes = 64 << 10 })
	created, err := s.Client().CreateStage(t.Context(), &ivsrealtime.CreateStageInput{ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{{UserID: "anna"}}})
	require.NoError(t, err)
	p, err := s.Join(created.ParticipantTokens[0].Token)
	require.NoError(t, err)
	for range 500 {
		require.NoError(t, p.Publish())
		require.NoError(t, p.Unpublish())
	}
	events := s.Events()
	require.Greater(t, len(events), 50)
	require.Less(t, len(events), 200)
	require.True(t, bytes.Contains(events[len(events)-1], []byte("Unpublished")))
	require.Empty(t, s.Calls(), "the oldest went first")
}

func TestExpiredTokensAreForgotten(t *testing.T) {
	now := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	var issued issuedTokens
	for i := range 100_000 {
		issued.add(fmt.Sprint(i), now, now.Add(time.Minute))
		now = now.Add(time.Second)
		require.LessOrEqual(t, len(issued.expires), 2*60+64)
	}
	require.True(t, issued.live("99999", now))
	require.False(t, issued.live("99000", now))
	require.False(t, issued.live("unknown", now))
}

func TestUsedUpFaultsAreForgotten(t *testing.T) {
	s := NewServer()
	for range 100 {
		s.AddFault(Fault{Operation: "ListStages", Times: 2, Code: "ConflictException"})
		for range 2 {
			_, err := s.Client().ListStages(t.Context(), nil)
			require.ErrorIs(t, err, ivsrealtime.ErrConflict)
		}
		require.Empty(t, s.faults.list)
	}
}
