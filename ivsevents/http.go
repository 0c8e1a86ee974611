package ivsevents

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/seed-433ec77c/ivsrealtime"
)

// What is wrong with a request that never got to be an event.
var (
	errUnauthorized = errors.New("request without the right authorization header")
	errUnconfigured = errors.New("neither AuthorizationValues nor NoAuthorization is set")
)

const defaultMaxBodyBytes = 1 << 20

// ServeHTTP handles an event that an API destination of EventBridge sends as the
// body of a POST: the matched event, with no input transformer. Serve it with
// timeouts, so that slow or idle connections do not pile up. EventBridge gives up
// after 5 seconds:
//
//	server := &http.Server{
//		Addr:              ":8080", // behind something that terminates TLS
//		Handler:           mux,
//		ReadHeaderTimeout: 5 * time.Second,
//		ReadTimeout:       5 * time.Second,
//		WriteTimeout:      10 * time.Second,
//		IdleTimeout:       time.Minute,
//		MaxHeaderBytes:    16 << 10,
//	}
//	err := server.ListenAndServe()
//
// The status says whether EventBridge is to send the event again. It does so after
// 401, 407, 409, 429 and 5xx, and when there is no response within 5 seconds, which
// also ends the handlers' context:
//
//	204  the handlers succeeded, or there are none for the event
//	400  not an event of IVS: not sent again
//	401  the authorization header is missing or wrong; sent again, until it is right
//	405  the method is not POST
//	413  the body is larger than MaxBodyBytes: not sent again; OnInvalid gets no data
//	500  a handler or OnInvalid failed or panicked, or the body could not be read: sent again
//
// With a dead-letter queue on the rule's target, what is not sent again is kept
// there. Why something was refused or failed is logged; the response has no more
// than the error of Decode. See
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if err := m.authorize(r); err != nil {
		m.log(ctx, "ivsevents: HTTP request refused", "error", err)
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "want a POST", http.StatusMethodNotAllowed)
		return
	}

	body, err := m.readBody(w, r)
	var event Event
	var invalid error
	var tooLong *http.MaxBytesError
	switch {
	case err == nil:
		event, invalid = m.decode(body)
	case errors.As(err, &tooLong):
		body, invalid = nil, fmt.Errorf("%w: body of more than %d bytes", ErrMalformed, tooLong.Limit)
	default:
		m.log(ctx, "ivsevents: HTTP request not read", "error", err)
		http.Error(w, "the body could not be read", http.StatusInternalServerError)
		return
	}

	if invalid == nil {
		err = m.Dispatch(ctx, event)
	} else {
		err = m.invalid(ctx, body, invalid)
	}
	switch {
	case err != nil:
		m.log(ctx, "ivsevents: event failed", "error", err)
		http.Error(w, "a handler failed", http.StatusInternalServerError)
	case tooLong != nil:
		http.Error(w, invalid.Error(), http.StatusRequestEntityTooLarge)
	case invalid != nil:
		http.Error(w, invalid.Error(), http.StatusBadRequest)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func (m *Mux) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Body == nil { // not from a server
		return nil, nil
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, cmp.Or(m.options.MaxBodyBytes, defaultMaxBodyBytes)))
}

func (m *Mux) authorize(r *http.Request) error {
	if m.options.NoAuthorization {
		return nil
	}
	if m.accepts == nil {
		return errUnconfigured
	}
	values := r.Header.Values(cmp.Or(m.options.AuthorizationHeader, "Authorization"))
	if len(values) != 1 || !m.accepts(values[0]) {
		return errUnauthorized
	}
	return nil
}

// oneOf returns a function that says whether a header is one of the values, in a
// time that does not depend on them: it compares hashes, and all of them. The
// function keeps nothing that prints. Nil if all values are empty.
func oneOf(values []ivsrealtime.Secret) func(header string) bool {
	var sums [][sha256.Size]byte
	for _, value := range values {
		if value != "" {
			sums = append(sums, sha256.Sum256([]byte(value)))
		}
	}
	if sums == nil {
		return nil
	}
	return func(header string) bool {
		given, equal := sha256.Sum256([]byte(header)), 0
		for i := range sums {
			equal |= subtle.ConstantTimeCompare(given[:], sums[i][:])
		}
		return equal == 1
	}
}
