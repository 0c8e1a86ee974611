package ivsrealtimetest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed-433ec77c/ivsrealtime/internal/redact"
)

// Call is a request that the server answered, or refused.
type Call struct {
	// Operation, such as "CreateStage"; "" when the request was refused before
	// that was known, for its signature say.
	Operation string

	// Input is what was asked for, such as an *ivsrealtime.CreateStageInput, as it
	// came over the wire: empty tokens filled in, nil and left out the same. It is
	// shared with nothing. nil when there was none that could be read.
	Input any

	// Header of the request. Signature and session token are masked.
	Header http.Header

	// InvocationID is the same for all attempts of a call, and Attempt counts them
	// from 1. "" and 0 when the client did not say.
	InvocationID string
	Attempt      int

	// Time at which the request came, by the server's clock.
	Time time.Time

	// RequestID and StatusCode of the answer, and its ErrorCode, "" on success.
	// StatusCode is 0 when the connection broke before an answer.
	RequestID  string
	StatusCode int
	ErrorCode  string
}

// calls keeps the last calls, in the order of their answers.
type calls struct {
	most int

	mu   sync.Mutex
	list []recordedCall
	next int // of a full list: the oldest, which the next call replaces
}

// recordedCall can make its input and header as often as somebody asks for them, so
// that the copies share nothing. Few do, so it is no more than what that takes.
type recordedCall struct {
	Call
	header []string // names and values, in turns
	input  func() any
}

// newCall begins the record of a request.
func (s *Server) newCall(r *http.Request, a *answer, now time.Time) *recordedCall {
	c := &recordedCall{Call: Call{
		InvocationID: r.Header.Get("Amz-Sdk-Invocation-Id"),
		Time:         now,
		RequestID:    a.header.Get("X-Amzn-Requestid"),
	}, header: make([]string, 0, 2*len(r.Header))}
	for name, values := range r.Header {
		for _, value := range values {
			c.header = append(c.header, name, value)
		}
	}
	for part := range strings.SplitSeq(r.Header.Get("Amz-Sdk-Request"), ";") {
		if n, ok := strings.CutPrefix(strings.TrimSpace(part), "attempt="); ok {
			c.Attempt, _ = strconv.Atoi(n)
		}
	}
	return c
}

// add ends the record with the answer.
func (l *calls) add(c *recordedCall, a *answer) {
	if !a.lost {
		c.StatusCode, c.ErrorCode = a.status, a.header.Get("X-Amzn-Errortype")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case len(l.list) < l.most:
		l.list = append(l.list, *c)
	case l.most > 0:
		l.list[l.next] = *c
		l.next = (l.next + 1) % l.most
	}
}

// all returns the calls that are kept, oldest first.
func (l *calls) all() []recordedCall { return slices.Concat(l.list[l.next:], l.list[:l.next]) }

// Calls returns the calls so far, oldest first: of the operations named, or all
// requests when none is. Every attempt counts. Only the last Options.MaxCalls
// are kept.
func (s *Server) Calls(operations ...string) []Call {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	var found []Call
	for _, c := range s.calls.all() {
		if len(operations) > 0 && !slices.Contains(operations, c.Operation) {
			continue
		}
		if c.input != nil {
			c.Input = c.input()
		}
		header := http.Header{}
		for i := 0; i < len(c.header); i += 2 {
			header[c.header[i]] = append(header[c.header[i]], c.header[i+1])
		}
		c.Header = redact.Header(header)
		found = append(found, c.Call)
	}
	return found
}

// ResetCalls forgets the calls so far.
func (s *Server) ResetCalls() {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	s.calls.list, s.calls.next = nil, 0
}
