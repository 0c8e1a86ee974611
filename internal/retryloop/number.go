package retryloop

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
)

// retryContext returns ctx marked as that of a retry, for GetAttemptToken. A
// retryer of the core credits its token bucket for a success only where the mark
// does not say that the attempt is a retry. The mark's key is private to the core,
// so the core sets it: its own loop runs two attempts in which nothing happens.
//
// If ctx ends meanwhile the result is ctx, which then ends the call.
func retryContext(ctx context.Context) context.Context {
	p := &numberProbe{ctx: ctx}
	silent := tracing.WithOperationTracer(ctx, tracing.NopTracerProvider{}.Tracer(""))
	loop := retry.NewAttemptMiddleware(p, func(request any) any { return request })
	_, _, _ = loop.HandleFinalize(silent, middleware.FinalizeInput{}, p)
	return p.ctx
}

// numberProbe is a Retryer and a handler whose first attempt fails. It keeps the
// context of the second.
type numberProbe struct {
	ctx      context.Context
	attempts int
}

var errProbe = errors.New("first attempt of a probe")

func (p *numberProbe) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	if p.attempts++; p.attempts == 2 {
		p.ctx = ctx
	}
	return nop, nil
}

func (p *numberProbe) HandleFinalize(context.Context, middleware.FinalizeInput) (out middleware.FinalizeOutput, md middleware.Metadata, err error) {
	if p.attempts == 1 {
		err = errProbe
	}
	return out, md, err
}

func (*numberProbe) IsErrorRetryable(error) bool                  { return true }
func (*numberProbe) MaxAttempts() int                             { return 2 }
func (*numberProbe) RetryDelay(int, error) (time.Duration, error) { return 0, nil }
func (*numberProbe) GetInitialToken() func(error) error           { return nop }
func (*numberProbe) GetRetryToken(context.Context, error) (func(error) error, error) {
	return nop, nil
}
