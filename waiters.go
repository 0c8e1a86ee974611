package ivsrealtime

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/waiter"

	"github.com/seed-433ec77c/ivsrealtime/internal/retryloop"
)

// GetCompositionAPIClient is the part of Client that the composition waiters call.
type GetCompositionAPIClient interface {
	GetComposition(context.Context, *GetCompositionInput, ...func(*Options)) (*GetCompositionOutput, error)
}

// CompositionWaiterOptions configure a waiter.
type CompositionWaiterOptions struct {
	// ClientOptions change the options of the GetComposition calls.
	ClientOptions []func(*Options)

	// MinDelay and MaxDelay bound the time between two calls, which grows from
	// the one to the other. 0 stands for the defaults, 2 s and 15 s. GetComposition
	// has a quota of 5 calls per second for the whole account and region.
	MinDelay, MaxDelay time.Duration
}

// CompositionActiveWaiter waits until a composition is ACTIVE.
type CompositionActiveWaiter struct{ w compositionWaiter }

// NewCompositionActiveWaiter returns a waiter for StartComposition to take
// effect. It fails at once when the composition is STOPPING, STOPPED, FAILED or
// does not exist. An ACTIVE composition can have a destination that is FAILED;
// NewDestinationsActiveWaiter waits for the destinations.
func NewCompositionActiveWaiter(client GetCompositionAPIClient, optFns ...func(*CompositionWaiterOptions)) *CompositionActiveWaiter {
	return &CompositionActiveWaiter{newCompositionWaiter(client, "ACTIVE", false, optFns, func(c *Composition) verdict {
		switch {
		case c == nil: // gone
			return failed
		case c.State == CompositionStateActive:
			return done
		case c.State == CompositionStateStopping, c.State == CompositionStateStopped, c.State == CompositionStateFailed:
			return failed
		}
		return wait
	})}
}

// Wait waits at most maxWait, and gives up before when there is no time for
// another call. Its error is a *CompositionWaitError that carries the composition
// as last seen.
func (w *CompositionActiveWaiter) Wait(ctx context.Context, in *GetCompositionInput, maxWait time.Duration, optFns ...func(*CompositionWaiterOptions)) error {
	_, err := w.w.wait(ctx, in, maxWait, optFns)
	return err
}

// WaitForOutput is Wait that also returns the answer with the ACTIVE composition.
func (w *CompositionActiveWaiter) WaitForOutput(ctx context.Context, in *GetCompositionInput, maxWait time.Duration, optFns ...func(*CompositionWaiterOptions)) (*GetCompositionOutput, error) {
	return w.w.wait(ctx, in, maxWait, optFns)
}

// DestinationsActiveWaiter waits until all destinations of a composition are
// ACTIVE.
type DestinationsActiveWaiter struct{ w compositionWaiter }

// NewDestinationsActiveWaiter returns a waiter for a composition to send its video
// to all its destinations. It fails at once when a destination is STOPPING, STOPPED
// or FAILED, although another may still be ACTIVE, and when the composition is
// STOPPING, STOPPED, FAILED or does not exist. It waits on while a destination is
// STARTING or RECONNECTING.
func NewDestinationsActiveWaiter(client GetCompositionAPIClient, optFns ...func(*CompositionWaiterOptions)) *DestinationsActiveWaiter {
	return &DestinationsActiveWaiter{newCompositionWaiter(client, "ACTIVE", true, optFns, func(c *Composition) verdict {
		if c == nil { // gone
			return failed
		}
		switch c.State {
		case CompositionStateStopping, CompositionStateStopped, CompositionStateFailed:
			return failed
		}
		active := 0
		for _, d := range c.Destinations {
			switch d.State {
			case DestinationStateActive:
				active++
			case DestinationStateStopping, DestinationStateStopped, DestinationStateFailed:
				return failed
			}
		}
		if active > 0 && active == len(c.Destinations) {
			return done
		}
		return wait
	})}
}

// Wait waits at most maxWait. It stops early if no time is left for another call.
// Its error is a *CompositionWaitError that carries the composition as last seen.
func (w *DestinationsActiveWaiter) Wait(ctx context.Context, in *GetCompositionInput, maxWait time.Duration, optFns ...func(*CompositionWaiterOptions)) error {
	_, err := w.w.wait(ctx, in, maxWait, optFns)
	return err
}

// WaitForOutput is Wait that also returns the response in which all destinations
// are ACTIVE.
func (w *DestinationsActiveWaiter) WaitForOutput(ctx context.Context, in *GetCompositionInput, maxWait time.Duration, optFns ...func(*CompositionWaiterOptions)) (*GetCompositionOutput, error) {
	return w.w.wait(ctx, in, maxWait, optFns)
}

// CompositionStoppedWaiter waits until a composition is STOPPED or gone.
type CompositionStoppedWaiter struct{ w compositionWaiter }

// NewCompositionStoppedWaiter returns a waiter for the end of a composition. A
// composition that does not exist counts as stopped, since the service forgets
// one five minutes after its end; one that is FAILED is an error.
func NewCompositionStoppedWaiter(client GetCompositionAPIClient, optFns ...func(*CompositionWaiterOptions)) *CompositionStoppedWaiter {
	return &CompositionStoppedWaiter{newCompositionWaiter(client, "STOPPED", false, optFns, func(c *Composition) verdict {
		switch {
		case c == nil, c.State == CompositionStateStopped:
			return done
		case c.State == CompositionStateFailed:
			return failed
		}
		return wait
	})}
}

// Wait waits at most maxWait, and gives up before when there is no time for
// another call. Its error is a *CompositionWaitError that carries the composition
// as last seen.
func (w *CompositionStoppedWaiter) Wait(ctx context.Context, in *GetCompositionInput, maxWait time.Duration, optFns ...func(*CompositionWaiterOptions)) error {
	_, err := w.w.wait(ctx, in, maxWait, optFns)
	return err
}

// WaitForOutput is Wait that also returns the last answer, nil when the
// composition was gone from the first call on.
func (w *CompositionStoppedWaiter) WaitForOutput(ctx context.Context, in *GetCompositionInput, maxWait time.Duration, optFns ...func(*CompositionWaiterOptions)) (*GetCompositionOutput, error) {
	return w.w.wait(ctx, in, maxWait, optFns)
}

// CompositionWaitError says why a wait ended without success.
type CompositionWaitError struct {
	// Want is the state that was waited for.
	Want CompositionState
	// Destinations reports that the destinations were to be in that state, not the
	// composition itself: the error is of a DestinationsActiveWaiter.
	Destinations bool
	// Composition is the composition as last seen, nil when it never was.
	Composition *Composition
	// Err is the error of a call, of the caller's context or of the time limit;
	// nil when the state itself is the reason.
	Err error
}

// Error names the state that was waited for, the last one seen and the reason. A
// wait for the destinations names the state of each.
func (e *CompositionWaitError) Error() string {
	what := "a composition"
	if e.Destinations {
		what = "the destinations of a composition"
	}
	s := fmt.Sprintf("waiting for %s to be %s", what, e.Want)
	if e.Composition != nil {
		s += fmt.Sprintf(": %s is %s", e.Composition.ARN, e.Composition.State)
		if e.Destinations {
			for _, d := range e.Composition.Destinations {
				s += fmt.Sprintf(", destination %s is %s", d.ID, d.State)
			}
		}
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *CompositionWaitError) Unwrap() error { return e.Err }

// Timeout reports whether maxWait was the reason.
func (e *CompositionWaitError) Timeout() bool { return errors.Is(e.Err, errWaitedTooLong) }

var errWaitedTooLong = errors.New("exceeded the maximum wait")

type verdict int

const (
	wait verdict = iota
	done
	failed
)

type compositionWaiter struct {
	client       GetCompositionAPIClient
	want         CompositionState
	destinations bool // want is about the destinations
	optFns       []func(*CompositionWaiterOptions)
	judge        func(*Composition) verdict // of nil when it does not exist
}

func newCompositionWaiter(client GetCompositionAPIClient, want CompositionState, destinations bool, optFns []func(*CompositionWaiterOptions), judge func(*Composition) verdict) compositionWaiter {
	return compositionWaiter{client, want, destinations, optFns, judge}
}

func (w *compositionWaiter) wait(ctx context.Context, in *GetCompositionInput, maxWait time.Duration, optFns []func(*CompositionWaiterOptions)) (*GetCompositionOutput, error) {
	var o CompositionWaiterOptions
	applyOptions(&o, w.optFns)
	applyOptions(&o, optFns)
	if o.MinDelay == 0 {
		o.MinDelay = 2 * time.Second
	}
	if o.MaxDelay == 0 {
		o.MaxDelay = max(15*time.Second, o.MinDelay)
	}
	var last *GetCompositionOutput
	fail := func(err error) (*GetCompositionOutput, error) {
		e := &CompositionWaitError{Want: w.want, Destinations: w.destinations, Err: err}
		if last != nil {
			e.Composition = &last.Composition
		}
		return nil, e
	}
	switch {
	case isNil(w.client):
		return fail(errors.New("the waiter was made with a nil client"))
	case maxWait <= 0:
		return fail(errors.New("maxWait must be greater than 0"))
	case o.MinDelay < 0, o.MaxDelay < o.MinDelay:
		return fail(fmt.Errorf("MinDelay (%v) must be positive and at most MaxDelay (%v)", o.MinDelay, o.MaxDelay))
	}
	if isNil(ctx) {
		ctx = context.Background()
	}
	clientOptions := append([]func(*Options){markWaiter}, o.ClientOptions...)
	start := time.Now()
	callCtx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	for attempt := int64(1); ; attempt++ {
		out, err := w.client.GetComposition(callCtx, in, clientOptions...)
		switch {
		case err == nil && out == nil:
			return fail(errors.New("the client returned neither an answer nor an error"))
		case err == nil:
			last = out
			if v := w.judge(&out.Composition); v == done {
				return out, nil
			} else if v == failed {
				return fail(nil)
			}
		case ctx.Err() != nil && errors.Is(err, ctx.Err()):
			return fail(err)
		case callCtx.Err() != nil && errors.Is(err, callCtx.Err()):
			return fail(errWaitedTooLong)
		case errors.Is(err, ErrNotFound):
			if w.judge(nil) == done {
				return last, nil
			}
			return fail(err)
		case !errors.Is(err, ErrThrottled):
			return fail(err)
		}

		remaining := maxWait - time.Since(start)
		if remaining <= o.MinDelay {
			if err != nil {
				return fail(fmt.Errorf("%w, and the last call failed: %w", errWaitedTooLong, err))
			}
			return fail(errWaitedTooLong)
		}
		// What remains is not given to ComputeDelay, which would go below MinDelay
		// and in the end down to 0.
		delay, err := waiter.ComputeDelay(attempt, o.MinDelay, o.MaxDelay, math.MaxInt64)
		if err != nil {
			return fail(err)
		}
		if remaining-delay < o.MinDelay { // the last call: leave time for its answer
			delay = max(o.MinDelay, remaining-o.MinDelay)
		}
		t := time.NewTimer(delay)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return fail(retryloop.Canceled(ctx))
		}
	}
}

func markWaiter(o *Options) { o.feature = awsmiddleware.UserAgentFeatureWaiter }
