package ivsevents

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
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

	// MaxBodyBytes is how large the body of an HTTP request may be; 1 MiB by default,
	// which is also the most that Decode takes. Events of IVS have a few KiB.
	MaxBodyBytes int64

	// Sources are the sources of events to accept beside aws.ivs, as those of
	// [DecodeOptions]. None by default.
	Sources []string

	// OnInvalid is called with what is no event of IVS or is not well-formed, and with
	// the error of Decode. Another delivery would not help. The event counts as handled
	// if OnInvalid returns nil. An error fails the delivery as the error of a handler
	// does, for example because the data could not be put aside.
	//
	// The data is the body of the HTTP request or of the message of SQS, the payload of a
	// Lambda function, or the item of another batch. It is nil if the body of a request
	// was too large, and must not be kept. By default the error is logged, which holds
	// nothing of the data.
	OnInvalid func(ctx context.Context, data []byte, err error) error

	// Logger gets what would be lost otherwise: panics of handlers with their stacks,
	// what is invalid where there is no OnInvalid, and what went wrong where a response
	// is all that the caller sees. Default: slog.Default().
	Logger *slog.Logger
}

// Mux hands events to handlers. It takes them from API destinations as an
// http.Handler, from AWS Lambda with [Mux.Lambda], from other readers of a queue
// with [Mux.SQS], and decoded with [Mux.Dispatch]. In all cases an error asks for
// the event to be delivered again: all handlers then see it again, those too that
// succeeded. They see events twice and out of order anyhow.
//
// Register handlers with [On] before the first event comes; after that a Mux is
// safe for concurrent use. A handler that panics fails its event alone, with a
// [*PanicError]. A Mux accepts events of the source aws.ivs, and of the Sources in
// its options.
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
// registered, and returns their errors, joined. One that fails or panics does not
// keep the others from being called. An event that has no handler is no error.
//
// The error of a handler that panicked is a [*PanicError].
func (m *Mux) Dispatch(ctx context.Context, event Event) error {
	var errs []error
	for _, handler := range m.handlers {
		if err := m.guard(ctx, func() error { return handler(ctx, event) }); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// PanicError is the error of a handler that panicked. The Logger of the [Mux] gets
// the panic with its stack, too.
type PanicError struct {
	// Value is what the handler called panic with.
	Value any

	// Stack is the stack of the goroutine, as of debug.Stack.
	Stack []byte
}

// Error returns the value of the panic, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("ivsevents: handler panicked: %v", e.Value) }

// Unwrap returns the value of the panic if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// guard returns the error of fn, also if fn panics. With GODEBUG=panicnil=1 the value
// of a panic can be nil, so returned tells whether there was one. It is false, too,
// if fn ends the goroutine with runtime.Goexit: no caller gets a result then.
func (m *Mux) guard(ctx context.Context, fn func() error) (err error) {
	returned := false
	defer func() {
		if value := recover(); !returned {
			panicked := &PanicError{Value: value, Stack: debug.Stack()}
			m.log(ctx, "ivsevents: handler panicked", "panic", fmt.Sprint(value), "stack", string(panicked.Stack))
			err = panicked
		}
	}()
	err = fn()
	returned = true
	return err
}

func (m *Mux) decode(data []byte) (Event, error) { return decode(data, m.options.Sources) }

// invalid handles data that is no event of IVS.
func (m *Mux) invalid(ctx context.Context, data []byte, err error) error {
	if m.options.OnInvalid != nil {
		return m.guard(ctx, func() error { return m.options.OnInvalid(ctx, data, err) })
	}
	m.log(ctx, "ivsevents: event dropped", "error", err)
	return nil
}

func (m *Mux) log(ctx context.Context, message string, args ...any) {
	cmp.Or(m.options.Logger, slog.Default()).ErrorContext(ctx, message, args...)
}
