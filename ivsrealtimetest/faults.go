package ivsrealtimetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Fault is something that goes wrong with calls: which, and what. It reads well
// in a table:
//
//	{Operation: "CreateStage", Times: 1, Code: "ThrottlingException"}
//	{Operation: "GetStage", After: 2, Connection: ivsrealtimetest.ResetAfterHandling}
//	{Delay: 3 * time.Second}
type Fault struct {
	// Operation that it befalls, such as "CreateStage"; "" for all.
	Operation string

	// After is how many of these calls go well first, and Times how many it then
	// befalls; 0 for all. Each attempt of a client that retries is a call.
	After, Times int

	// Delay holds the call up, by the server's clock, before anything else happens
	// to it. It ends early when the request's context does.
	Delay time.Duration

	// A Fault has at most one of Code, Connection, and StatusCode without Code.

	// Code makes the response an error, and the operation does not run: one of the
	// service's codes, a throttling code or any other. "" for no error.
	Code string

	// Message of the error with Code. "" for a text of the fake's.
	Message string

	// StatusCode of the response. With Code it is that of the error, 300 to 599, and
	// 0 is the status that the service has for the code. Without Code it is 200 to
	// 599, the response consists of StatusCode and Body, and the operation does not
	// run: HTML of a proxy, garbage under 200.
	StatusCode int

	// Body and ContentType of a response with StatusCode and without Code.
	// ContentType is text/html by default.
	Body, ContentType string

	// Connection breaks at some point of the call.
	Connection ConnectionFault
}

// ConnectionFault is a point at which a connection breaks.
type ConnectionFault int

// The values of ConnectionFault; the zero value is none.
const (
	// ResetBeforeHandling breaks it before the operation runs.
	ResetBeforeHandling ConnectionFault = iota + 1
	// ResetAfterHandling breaks it when the operation has run, before the response: a
	// client that retries makes a create operation happen twice.
	ResetAfterHandling
	// TruncateResponse breaks it when half of the response's body is sent. Of a
	// response that has no body nothing is sent.
	TruncateResponse
)

// faults are the faults that wait for their calls.
type faults struct {
	mu   sync.Mutex
	list []*waitingFault
}

type waitingFault struct {
	Fault
	calls int // that it has seen
}

// Validate returns an error that says what is wrong with a fault: it names an
// operation that the API does not have, does nothing, does several things of which
// one would have no effect, or has a value out of range.
func (f Fault) Validate() error {
	if f.Operation != "" && !isOperation(f.Operation) {
		return fmt.Errorf("ivsrealtimetest: Fault.Operation %q is not an operation of the API", f.Operation)
	}
	raw := f.Code == "" && f.StatusCode != 0
	effects := 0
	for _, set := range []bool{f.Code != "", f.Connection != 0, raw} {
		if set {
			effects++
		}
	}
	switch {
	case f.Code == "" && f.Message != "":
		return errors.New("ivsrealtimetest: Fault.Message has no effect without Code")
	case f.Code != "" && f.StatusCode != 0 && (f.StatusCode < 300 || f.StatusCode > 599):
		return fmt.Errorf("ivsrealtimetest: Fault.StatusCode %d is not a status of an error with Code, from 300 to 599", f.StatusCode)
	case effects > 1:
		return errors.New("ivsrealtimetest: the Fault has more than one of Code, Connection, and StatusCode without Code: add one Fault for each")
	case !raw && (f.Body != "" || f.ContentType != ""):
		return errors.New("ivsrealtimetest: Fault.Body and ContentType have no effect without StatusCode, or with Code")
	case (f.StatusCode == http.StatusNoContent || f.StatusCode == http.StatusNotModified) && f.Body != "":
		return fmt.Errorf("ivsrealtimetest: Fault.Body has no effect with StatusCode %d, whose response has no body", f.StatusCode)
	case effects == 0 && f.Delay == 0:
		return errors.New("ivsrealtimetest: the Fault does nothing: set Code, StatusCode, Connection or Delay")
	case f.Connection < 0 || f.Connection > TruncateResponse:
		return fmt.Errorf("ivsrealtimetest: Fault.Connection %d is not a ConnectionFault", f.Connection)
	case f.StatusCode != 0 && (f.StatusCode < 200 || f.StatusCode > 599):
		return fmt.Errorf("ivsrealtimetest: Fault.StatusCode %d is not a status from 200 to 599", f.StatusCode)
	case f.After < 0 || f.Times < 0 || f.Delay < 0:
		return errors.New("ivsrealtimetest: Fault.After, Times and Delay must not be negative")
	}
	return nil
}

// AddFault makes something go wrong with later calls. If several faults match a call,
// the first that was added applies; the others do not count the call.
// It panics if Validate returns an error: a test that waits for a fault which
// never comes would pass for the wrong reason.
func (s *Server) AddFault(f Fault) {
	if err := f.Validate(); err != nil {
		panic(err)
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, &waitingFault{Fault: f})
}

// ClearFaults takes all faults away.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
}

// next returns the fault that befalls this call, or nil.
func (l *faults) next(operation string) *Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, f := range l.list {
		if f.Operation != "" && f.Operation != operation {
			continue
		}
		if f.calls++; f.calls <= f.After {
			continue
		}
		if f.Times != 0 && f.calls-f.After >= f.Times { // used up
			l.list = slices.Delete(l.list, i, i+1)
		}
		return &f.Fault
	}
	return nil
}

// suffer does to a call what a fault says. work runs the operation.
func (s *Server) suffer(ctx context.Context, f *Fault, a *answer, work func() error) error {
	if f.Delay > 0 && !s.wait(ctx, f.Delay) {
		a.lost = true // nobody waits for the answer any more
		return nil
	}
	switch {
	case f.Code != "":
		return &apiError{
			code:       f.Code,
			message:    cmp.Or(f.Message, "Injected by ivsrealtimetest."),
			httpStatus: f.StatusCode,
		}
	case f.StatusCode != 0:
		a.status, a.body = f.StatusCode, []byte(f.Body)
		a.header.Set("Content-Type", cmp.Or(f.ContentType, "text/html"))
		return nil
	case f.Connection == ResetBeforeHandling:
		a.lost = true
		return nil
	}
	err := work()
	a.cut = f.Connection == TruncateResponse
	noBody := err == nil && len(a.body) == 0
	a.lost = f.Connection == ResetAfterHandling || a.cut && noBody
	return err
}

// wait waits by the server's clock. It reports false when ctx ends first.
func (s *Server) wait(ctx context.Context, d time.Duration) bool {
	over := make(chan struct{})
	stop := s.options.Clock.AfterFunc(d, func() { close(over) })
	defer stop()
	select {
	case <-over:
		return true
	case <-ctx.Done():
		return false
	}
}
