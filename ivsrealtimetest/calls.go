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
}

// recordedCall can make its input as often as somebody asks for it, so that the
// copies share nothing.
type recordedCall struct {
	Call
	input func() any
}

// newCall begins the record of a request.
func (s *Server) newCall(r *http.Request, a *answer, now time.Time) *recordedCall {
	c := &recordedCall{Call: Call{
		Header:       redact.Header(r.Header),
		InvocationID: r.Header.Get("Amz-Sdk-Invocation-Id"),
		Time:         now,
		RequestID:    a.header.Get("X-Amzn-Requestid"),
	}}
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
	// Forgetting in bulk keeps a call cheap however many there were.
	if l.list = append(l.list, *c); len(l.list) > 2*max(l.most, 0) {
		l.list = slices.Clone(l.last())
	}
}

// last returns the calls that are to be kept.
func (l *calls) last() []recordedCall {
	return l.list[max(0, len(l.list)-max(l.most, 0)):]
}

// Calls returns the calls so far, oldest first: of the operations named, or all
// requests when none is. Every attempt counts. Only the last Options.MaxCalls
// are kept.
func (s *Server) Calls(operations ...string) []Call {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	var found []Call
	for _, c := range s.calls.last() {
		if len(operations) > 0 && !slices.Contains(operations, c.Operation) {
			continue
		}
		if c.input != nil {
			c.Input = c.input()
		}
		c.Header = c.Header.Clone()
		found = append(found, c.Call)
	}
	return found
}

// ResetCalls forgets the calls so far.
func (s *Server) ResetCalls() {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	s.calls.list = nil
}
