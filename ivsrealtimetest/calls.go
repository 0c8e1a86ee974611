package ivsrealtimetest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime/internal/redact"
)

// Call is a request that the server answered, or refused.
type Call struct {
	// Operation, such as "CreateStage"; "" when the request names none.
	Operation string

	// Input is what was asked for, such as an *ivsrealtime.CreateStageInput, as it
	// came over the wire: empty tokens filled in, nil and left out the same. It is
	// shared with nothing. nil when there was none that could be read, and for a
	// request that was refused for its signature.
	Input any

	// Header of the request. Signature and session token are masked. Empty for a
	// request that was refused for its signature, as are InvocationID and Attempt.
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

// recordedCall can make its input and header as often as somebody asks for them, so
// that the copies share nothing. Few do, so it is no more than what that takes.
type recordedCall struct {
	Call
	header []string // names and values, in turns
	op     *operation
	req    request // nil op: of no meaning
}

// size is about how many bytes the call takes.
func (c *recordedCall) size() int {
	const overhead = 640 // of the struct itself, and of what it points to
	size := overhead + len(c.Operation) + len(c.InvocationID) + len(c.ErrorCode)
	size += cap(c.req.body) + len(c.req.resourceARN) + len(c.req.rawQuery)
	for _, text := range c.header {
		size += 16 + len(text)
	}
	return size
}

// newCall begins the record of a request.
func (s *Server) newCall(a *answer, now time.Time) *recordedCall {
	return &recordedCall{Call: Call{Time: now, RequestID: a.header.Get("X-Amzn-Requestid")}}
}

// authentic adds to the record what only a request that was let in may leave
// there: its headers and, if it is one, the operation's input.
func (c *recordedCall) authentic(r *http.Request, op *operation, req *request) {
	c.InvocationID = r.Header.Get("Amz-Sdk-Invocation-Id")
	for part := range strings.SplitSeq(r.Header.Get("Amz-Sdk-Request"), ";") {
		if n, ok := strings.CutPrefix(strings.TrimSpace(part), "attempt="); ok {
			c.Attempt, _ = strconv.Atoi(n)
		}
	}
	c.header = make([]string, 0, 2*len(r.Header))
	for name, values := range r.Header {
		for _, value := range values {
			c.header = append(c.header, name, value)
		}
	}
	if op != nil {
		c.op, c.req = op, request{operation: req.operation, resourceARN: req.resourceARN, rawQuery: req.rawQuery, body: req.body}
	}
}

// Calls returns the calls so far, oldest first: of the operations named, or all
// requests when none is. Every attempt counts. Only the last Options.MaxCalls
// are kept, and of these what Options.MaxHistoryBytes allows. It panics if a
// name is not that of an operation.
func (s *Server) Calls(operations ...string) []Call {
	for _, name := range operations {
		if !isOperation(name) {
			panic(fmt.Errorf("ivsrealtimetest: Calls: %q is not an operation of the API", name))
		}
	}
	var found []Call
	for _, c := range s.history.allCalls() {
		if len(operations) > 0 && !slices.Contains(operations, c.Operation) {
			continue
		}
		if c.op != nil {
			c.req.query, _ = url.ParseQuery(c.req.rawQuery) // was read before
			c.Input = c.op.input(&c.req)
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
func (s *Server) ResetCalls() { s.history.forgetCalls() }
