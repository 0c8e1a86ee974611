package ivsrealtime

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"
)

// repetition is what happens when an operation is carried out again.
type repetition int

const (
	// reads changes nothing.
	reads repetition = iota
	// repeatable leaves things as they are after the first time.
	repeatable
	// once creates a second resource, or fails.
	once
)

// repetitionOf returns what happens when the operation is repeated.
func repetitionOf(op string) repetition {
	switch {
	case strings.HasPrefix(op, "Get"), strings.HasPrefix(op, "List"):
		return reads
	case strings.HasPrefix(op, "Create"), strings.HasPrefix(op, "Import"), op == "StartParticipantReplication":
		return once
	}
	return repeatable // StartComposition too, by its idempotency token
}

// noteToken notes that in has no idempotency token, which middleware can take out. Sent
// again, StartComposition then starts a second composition.
func (k *call) noteToken(in any) {
	if t, ok := in.(tokenInput); ok && !t.hasIdempotencyToken() {
		k.repetition = once
	}
}

// outcome is what the attempts of a call so far say about whether the operation was
// carried out.
type outcome int

const (
	nothingDone  outcome = iota
	perhapsDone          // a request was sent, and no response came
	probablyDone         // the service reported success, and the rest got lost
)

const (
	textPerhapsDone  = "was perhaps carried out by an earlier attempt, whose response is lost"
	textProbablyDone = "was probably carried out, only its response is lost"
)

// lostResponseError is the error of an attempt that succeeded by its status, and
// whose response ended early or lacks what it must have.
type lostResponseError struct {
	op         string
	repetition repetition
	retryable  bool
	err        error
}

// Error says what the caller has to reckon with, and what went wrong.
func (e *lostResponseError) Error() string {
	if e.repetition == reads {
		return e.err.Error()
	}
	return fmt.Sprintf("%s %s: %v", e.op, textProbablyDone, e.err)
}
func (e *lostResponseError) Unwrap() error        { return e.err }
func (e *lostResponseError) RetryableError() bool { return e.retryable }
func (e *lostResponseError) Is(target error) bool {
	return target == ErrOutcomeUnknown && e.repetition != reads
}

// outcomeError is the error of a call one of whose earlier attempts may have been
// carried out.
type outcomeError struct {
	text string
	err  error
}

func (e *outcomeError) Error() string        { return e.text + "; then: " + e.err.Error() }
func (e *outcomeError) Unwrap() error        { return e.err }
func (e *outcomeError) Is(target error) bool { return target == ErrOutcomeUnknown }

// lost makes the error of a response with status 2xx that cannot be used. early says
// that it ended early or lacks a member, so that another attempt may help.
func (k *call) lost(err error, early bool) error {
	r := k.repetition
	if r == reads && !early {
		return err
	}
	if r != reads {
		k.outcome = probablyDone
	}
	k.final = r == once
	lost := &lostResponseError{k.op, r, early && r != once, err}
	var canceled *smithy.CanceledError
	if !errors.As(err, &canceled) {
		return lost
	}
	if r == reads {
		return err
	}
	lost.err = canceled.Err
	return &smithy.CanceledError{Err: lost}
}

// noteLost notes that no response came to a request.
func (k *call) noteLost(err error) {
	if k.outcome == nothingDone && k.repetition != reads && !neverSent(err) {
		k.outcome = perhapsDone
	}
}

// noteGateway notes that a gateway lost the response of the service.
func (k *call) noteGateway(status int) {
	if status == http.StatusBadGateway || status == http.StatusGatewayTimeout {
		k.noteLost(nil)
	}
}

// neverSent reports whether err says that there was no connection to send on.
func neverSent(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") {
		return true
	}
	return errors.As(err, new(*net.DNSError)) || errors.As(err, new(*tls.CertificateVerificationError))
}

// withOutcome adds to the error of a call that an earlier attempt may have been
// carried out, where that changes what the error means.
func (k *call) withOutcome(err error) error {
	if err == nil || errors.Is(err, ErrOutcomeUnknown) {
		return err
	}
	switch {
	case k.outcome == probablyDone:
		return &outcomeError{k.op + " " + textProbablyDone, err}
	case k.outcome == perhapsDone && (errors.Is(err, ErrNotFound) || errors.Is(err, ErrConflict)):
		return &outcomeError{k.op + " " + textPerhapsDone, err}
	}
	return err
}

// endsEarly reports whether body begins an object and does not end it. A connection
// that says nothing of the length may have been cut there.
func endsEarly(body []byte) bool {
	depth, quoted, escaped := 0, false, false
	for _, c := range body {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{', c == '[':
			depth++
		case c == '}', c == ']':
			if depth--; depth <= 0 {
				return false // what follows is not its end
			}
		case depth == 0 && c > ' ':
			return false // no object
		}
	}
	return depth > 0
}
