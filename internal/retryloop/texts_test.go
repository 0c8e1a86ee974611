package retryloop_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/internal/retryloop"
)

// results returns an attempt function that gives the errors in turn.
func results(errs ...error) func(context.Context, retryloop.Attempt) retryloop.Result {
	return func(_ context.Context, a retryloop.Attempt) retryloop.Result {
		return retryloop.Result{Err: errs[a.Number-1]}
	}
}

// waiting gives no attempt token before its context ends.
type waiting struct {
	eager
	from, asked int
}

func (r *waiting) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	if r.asked++; r.asked < r.from {
		return func(error) error { return nil }, nil
	}
	<-ctx.Done()
	return nil, errNoToken
}

// withoutRetryTokens waits for the end of the context in GetRetryToken.
type withoutRetryTokens struct{ eager }

func (withoutRetryTokens) GetRetryToken(ctx context.Context, _ error) (func(error) error, error) {
	<-ctx.Done()
	return nil, errNoToken
}

func TestErrorTexts(t *testing.T) {
	internal := errors.New("internal")
	for _, test := range []struct {
		name    string
		retryer aws.RetryerV2
		errs    []error
		want    string
	}{
		{"no first token", v2(breaking(broken{noTokenAt: 1})()), nil, "failed to get a token to send: no token"},
		{"no second token", v2(breaking(broken{noTokenAt: 2})()), []error{errSend}, "request send failed, connection refused\nfailed to get a token to send: no token"},
		{"retry token kept", v2(breaking(broken{releaseRetry: errNoToken})()), []error{errSend, errSend}, "failed to release the retry token (no token) after: request send failed, connection refused"},
		{"attempt token kept", v2(breaking(broken{releaseAttempt: errNoToken})()), []error{errSend}, "failed to release the token to send (no token) after: request send failed, connection refused"},
		{"no delay", v2(breaking(broken{noDelayAfter: 1})()), []error{errSend}, "request send failed, connection refused\nno delay"},
		{"canceled while waiting for the first token", &waiting{from: 1}, nil, "canceled, context canceled"},
		{"canceled while waiting for the second token", &waiting{from: 2}, []error{internal}, "canceled, context canceled before a retry of: internal"},
		{"canceled while waiting for a retry token", withoutRetryTokens{}, []error{internal}, "canceled, context canceled before a retry of: internal"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				time.AfterFunc(time.Hour, cancel)
				err := (&retryloop.Loop{Retryer: test.retryer}).Run(ctx, results(test.errs...))
				require.EqualError(t, err, test.want)
				for _, cause := range test.errs {
					require.ErrorIs(t, err, cause)
				}
				if ctx.Err() != nil {
					require.ErrorIs(t, err, context.Canceled)
					require.ErrorAs(t, err, new(*smithy.CanceledError))
				}
			})
		})
	}
}

// The service did what was asked: a Retryer that fails afterwards changes nothing.
func TestSuccessDespiteTheRetryer(t *testing.T) {
	for name, b := range map[string]broken{
		"retry token kept":   {releaseRetry: errNoToken},
		"attempt token kept": {releaseAttempt: errNoToken},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				loop := retryloop.Loop{Retryer: v2(breaking(b)())}
				require.NoError(t, loop.Run(t.Context(), results(nil)))
				if b.releaseAttempt == nil {
					require.NoError(t, loop.Run(t.Context(), results(errSend, nil)))
				}
			})
		})
	}
}

func TestFinalResultIsNotRetried(t *testing.T) {
	var logged []string
	attempts := 0
	l := retryloop.Loop{Retryer: eager{}, Logf: func(format string, args ...any) { logged = append(logged, fmt.Sprintf(format, args...)) }}
	err := l.Run(t.Context(), func(context.Context, retryloop.Attempt) retryloop.Result {
		if attempts++; attempts > 1 {
			return retryloop.Result{}
		}
		return retryloop.Result{Err: errSend, Final: true}
	})
	require.ErrorIs(t, err, errSend)
	require.Equal(t, 1, attempts)
	require.Equal(t, []string{"not retryable: request send failed, connection refused"}, logged)
}

func TestCauseOfTheEnd(t *testing.T) {
	cause := errors.New("shutting down")
	for name, test := range map[string]struct {
		cause error
		want  string
	}{
		"none":  {nil, "canceled, context canceled"},
		"given": {cause, "canceled, context canceled: shutting down"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(test.cause)
			err := retryloop.Canceled(ctx)
			require.EqualError(t, err, test.want)
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, test.cause != nil, errors.Is(err, cause))
		})
	}
}

// Errors that carry no response have no header to read.
func TestRetryAfterWithoutAResponse(t *testing.T) {
	for _, err := range []error{
		&smithyhttp.ResponseError{Err: errSend},
		&smithyhttp.ResponseError{Response: &smithyhttp.Response{}, Err: errSend},
	} {
		require.NoError(t, (&retryloop.Loop{Retryer: eager{}}).Run(t.Context(), results(err, nil)))
	}
}

// A skew that a success proved is known: an error that shows another one teaches
// that, and does not bring back the one before.
func TestProvedSkew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var skew retryloop.Skew
		loop := retryloop.Loop{Retryer: newStandard(2, 500), Skew: &skew}
		signature := func(far time.Duration) retryloop.Result {
			return retryloop.Result{Err: errSignature, Skew: far, SkewKnown: true}
		}
		require.NoError(t, loop.Run(t.Context(), func(_ context.Context, a retryloop.Attempt) retryloop.Result {
			if a.Number == 1 {
				return signature(time.Hour)
			}
			return retryloop.Result{}
		}))
		require.Equal(t, time.Hour, skew.Value())
		err := (&retryloop.Loop{Retryer: newStandard(1, 500), Skew: &skew}).Run(t.Context(), func(context.Context, retryloop.Attempt) retryloop.Result {
			return signature(2 * time.Hour)
		})
		require.EqualError(t, err, "exceeded maximum number of attempts, 1, probably caused by clock skew: "+errSignature.Error())
		require.Equal(t, 2*time.Hour, skew.Value())
	})
}

// An error without a code says nothing about the clocks.
func TestSkewOfErrorWithoutCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var skew retryloop.Skew
		err := (&retryloop.Loop{Retryer: newStandard(2, 500), Skew: &skew}).Run(t.Context(), func(_ context.Context, a retryloop.Attempt) retryloop.Result {
			require.Zero(t, a.Skew)
			return retryloop.Result{Err: errSend, Skew: time.Hour, SkewKnown: true}
		})
		require.ErrorIs(t, err, errSend)
		require.Zero(t, skew.Value())
	})
}
