package ivsevents

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"

	"github.com/seed-433ec77c/ivsrealtime"
)

// MuxOptions are the options of a [Mux]. Those of HTTP matter to ServeHTTP alone.
type MuxOptions struct {
	// AuthorizationHeader is the HTTP header that must have one of the
	// AuthorizationValues; Authorization by default. For a connection of API
	// destinations with an API key it is the name of the key.
	AuthorizationHeader string

	// AuthorizationValues are what the header may be: more than one while a value is
	// being replaced. It is the whole header, as in "Basic dXNlcjpwYXNz". Empty ones
	// match nothing, so that a value that was not configured shuts the door.
	AuthorizationValues []ivsrealtime.Secret

	// NoAuthorization has all HTTP requests accepted, for a server that authorizes them
	// otherwise. Without it, and without AuthorizationValues, all are refused. With
	// AuthorizationValues it has no effect.
	NoAuthorization bool

	// MaxBodyBytes is how large the body of an HTTP request may be; 1 MiB by default.
	// Events of IVS have a few KiB at most.
	MaxBodyBytes int64

	// Sources are the sources of events to accept beside aws.ivs, as those of
	// [DecodeOptions]. None by default.
	Sources []string

	// OnInvalid is called with what is no event of IVS or is not well-formed, and with
	// the error of Decode. Nothing is gained by delivering it again. It counts as
	// handled if OnInvalid returns nil; an error fails the delivery as the error of a
	// handler does, for example because the data could not be put aside. The data is
	// the whole body or message, nil if it was too large, and must not be kept. By
	// default the error is logged, which holds nothing of the data.
	OnInvalid func(ctx context.Context, data []byte, err error) error

	// Logger gets what would be lost otherwise: what is invalid, without OnInvalid, and what went
	// wrong where an answer is all that the caller sees. Default: slog.Default().
	Logger *slog.Logger
}

// Mux hands events to handlers. It takes them from API destinations as an
// http.Handler, from AWS Lambda with [Mux.Lambda] and [Mux.LambdaSQS], from other
// readers of a queue with [Mux.SQS], and decoded with [Mux.Dispatch]. In all cases
// an error asks for the event to be delivered again: all handlers then see it
// again, those too that succeeded, and they see events twice and out of order
// anyhow.
//
// Register handlers with [On] before the first event comes; after that a Mux is
// safe for concurrent use. Panics of handlers are not recovered: net/http does so
// and ends the connection, which makes EventBridge try again.
//
// The zero value works and has the default options: it refuses HTTP requests.
type Mux struct {
	options  MuxOptions               // without the values
	accepts  func(header string) bool // nil if there are no values
	handlers []func(context.Context, Event) error
}

// NewMux returns a Mux without handlers.
func NewMux(optFns ...func(*MuxOptions)) *Mux {
	m := &Mux{}
	for _, fn := range optFns {
		if fn != nil {
			fn(&m.options)
		}
	}
	m.options.Sources = slices.Clone(m.options.Sources)
	if values := m.options.AuthorizationValues; len(values) > 0 {
		m.options.NoAuthorization, m.options.AuthorizationValues = false, nil
		m.accepts = oneOf(values)
	}
	return m
}

// On registers a handler for the events of one type, the handler's own:
//
//	ivsevents.On(mux, func(ctx context.Context, e *ivsevents.RecordingEnd) error { … })
//
// A handler that takes an [Event] gets all of them, those of type [*Unknown] and
// [*LowLatency] included.
func On[E Event](mux *Mux, handler func(ctx context.Context, event E) error) {
	if handler == nil {
		panic("ivsevents: nil handler")
	}
	mux.handlers = append(mux.handlers, func(ctx context.Context, event Event) error {
		if e, ok := event.(E); ok {
			return handler(ctx, e)
		}
		return nil
	})
}

// Dispatch calls the handlers for the event's type, in the order in which they were
// registered, and returns their errors, joined. One that fails does not keep the
// others from being called. An event that has no handler is no error.
func (m *Mux) Dispatch(ctx context.Context, event Event) error {
	var errs []error
	for _, handler := range m.handlers {
		if err := handler(ctx, event); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Lambda handles an event that EventBridge gave to AWS Lambda. It is a function as
// lambda.Start of github.com/aws/aws-lambda-go wants it:
//
//	lambda.Start(mux.Lambda)
//
// It returns the errors of handlers, upon which Lambda tries again. What is no event of IVS is left
// to [MuxOptions].OnInvalid.
func (m *Mux) Lambda(ctx context.Context, event json.RawMessage) error {
	decoded, err := m.decode(event)
	return m.deliver(ctx, event, decoded, err)
}

func (m *Mux) decode(data []byte) (Event, error) { return decode(data, m.options.Sources) }

// deliver handles what came of decoding the data.
func (m *Mux) deliver(ctx context.Context, data []byte, event Event, invalid error) error {
	switch {
	case invalid == nil:
		return m.Dispatch(ctx, event)
	case m.options.OnInvalid != nil:
		return m.options.OnInvalid(ctx, data, invalid)
	}
	m.log(ctx, "ivsevents: event dropped", "error", invalid)
	return nil
}

func (m *Mux) log(ctx context.Context, message string, args ...any) {
	cmp.Or(m.options.Logger, slog.Default()).ErrorContext(ctx, message, args...)
}
