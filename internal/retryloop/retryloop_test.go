package retryloop_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/internal/retryloop"
)

func TestAttemptHeader(t *testing.T) {
	east := time.FixedZone("east", 5*3600)
	deadline := time.Date(2026, 11, 24, 2, 0, 0, 0, east) // 21:00 of the day before in UTC
	for _, test := range []struct {
		name     string
		attempt  retryloop.Attempt
		deadline time.Time
		want     string
	}{
		{"first of three", retryloop.Attempt{Number: 1, Max: 3}, time.Time{}, "attempt=1; max=3"},
		{"two digits", retryloop.Attempt{Number: 10, Max: 25}, time.Time{}, "attempt=10; max=25"},
		{"clock behind by a nanosecond", retryloop.Attempt{Number: 2, Max: 3, Skew: 1}, deadline, "attempt=2; max=3; ttl=20261123T210000Z"},
		{"no limit", retryloop.Attempt{Number: 12}, time.Time{}, "attempt=12"},
		{"skew without a deadline", retryloop.Attempt{Number: 2, Max: 3, Skew: time.Hour}, time.Time{}, "attempt=2; max=3"},
		{"deadline without skew", retryloop.Attempt{Number: 2, Max: 3}, deadline, "attempt=2; max=3"},
		{"clock ahead", retryloop.Attempt{Number: 2, Max: 3, Skew: -time.Hour}, deadline, "attempt=2; max=3"},
		{"clock behind", retryloop.Attempt{Number: 2, Max: 3, Skew: time.Hour}, deadline, "attempt=2; max=3; ttl=20261123T220000Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx := t.Context()
			if !test.deadline.IsZero() {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, test.deadline)
				defer cancel()
			}
			require.Equal(t, test.want, test.attempt.Header(ctx))
		})
	}
}

// eager says that everything can be retried, at once and for ever.
type eager struct{}

func (eager) IsErrorRetryable(error) bool                  { return true }
func (eager) MaxAttempts() int                             { return 0 }
func (eager) RetryDelay(int, error) (time.Duration, error) { return 0, nil }
func (eager) GetInitialToken() func(error) error           { return func(error) error { return nil } }
func (eager) GetAttemptToken(context.Context) (func(error) error, error) {
	return func(error) error { return nil }, nil
}
func (eager) GetRetryToken(context.Context, error) (func(error) error, error) {
	return func(error) error { return nil }, nil
}

func TestEndOfContext(t *testing.T) {
	internal := errors.New("internal")
	waiting := func(ctx context.Context) error {
		<-ctx.Done()
		return &smithy.CanceledError{Err: ctx.Err()}
	}
	anything := func() aws.Retryer { return eager{} }
	failing := func(context.Context) error { return internal }
	for _, test := range []struct {
		name     string
		retryer  func() aws.Retryer
		ends     time.Duration // 0: before the call
		try      func(context.Context) error
		attempts int
		last     error // found in the result, too
	}{
		{"before the call", anything, 0, failing, 0, nil},
		{"during the first attempt", anything, time.Second, waiting, 1, nil},
		{"during the first attempt, standard", standard(3, 500), time.Second, waiting, 1, nil},
		{"as a failing attempt ends", anything, time.Second, func(ctx context.Context) error { <-ctx.Done(); return internal }, 1, internal},
		{"as a failing attempt ends, standard", standard(3, 500), time.Second, func(ctx context.Context) error { <-ctx.Done(); return errInternal }, 1, errInternal},
		{"while waiting to retry", standard(3, 500), 50 * time.Millisecond, func(context.Context) error { return errInternal }, 1, errInternal},
		{"while waiting for the third attempt", standard(3, 500), 150 * time.Millisecond, func(context.Context) error { return errInternal }, 2, errInternal},
		{"while waiting for a token", adaptive(8, false), 4 * time.Second, func(context.Context) error { return errThrottled }, 0, errThrottled},
	} {
		for _, cause := range []string{"deadline", "cancel"} {
			t.Run(test.name+"/"+cause, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					if cause == "deadline" {
						ctx, cancel = context.WithTimeout(t.Context(), test.ends)
					} else if test.ends == 0 {
						cancel()
					} else {
						time.AfterFunc(test.ends, cancel)
					}
					defer cancel()
					start, attempts := time.Now(), 0
					err := (&retryloop.Loop{Retryer: v2(test.retryer())}).Run(ctx, func(ctx context.Context, a retryloop.Attempt) retryloop.Result {
						attempts++
						require.Equal(t, attempts, a.Number)
						return retryloop.Result{Err: test.try(ctx)}
					})
					require.Equal(t, test.ends, time.Since(start))
					require.ErrorIs(t, err, ctx.Err())
					require.ErrorAs(t, err, new(*smithy.CanceledError))
					if test.attempts != 0 || test.ends == 0 {
						require.Equal(t, test.attempts, attempts)
					}
					if test.last != nil {
						require.ErrorIs(t, err, test.last)
					}
					require.NotErrorAs(t, err, new(*retry.MaxAttemptsError))
				})
			})
		}
	}
}

// No Retryer is asked about a canceled attempt: one of the caller's own may not
// know the type.
func TestCanceledAttemptIsNotRetried(t *testing.T) {
	attempts := 0
	err := (&retryloop.Loop{Retryer: eager{}}).Run(t.Context(), func(context.Context, retryloop.Attempt) retryloop.Result {
		attempts++
		return retryloop.Result{Err: fmt.Errorf("wrapped: %w", errCanceled)}
	})
	require.ErrorIs(t, err, errCanceled)
	require.Equal(t, 1, attempts)
}

// call is a call's attempts: what came of each, and the skew that each is signed with.
type call struct {
	results []retryloop.Result
	signed  []time.Duration
}

func TestSkewBetweenCalls(t *testing.T) {
	const hour, day = time.Hour, 24 * time.Hour
	ok := retryloop.Result{}
	at := func(skew time.Duration, err error) retryloop.Result {
		return retryloop.Result{Err: err, Skew: skew, SkewKnown: true}
	}
	results := func(r ...retryloop.Result) []retryloop.Result { return r }
	signed := func(d ...time.Duration) []time.Duration { return d }
	for _, test := range []struct {
		name  string
		kept  time.Duration
		calls []call
		want  time.Duration
	}{
		{"learnt and proved", 0, []call{{results(at(hour, errSignature), ok), signed(0, hour)}, {results(ok), signed(hour)}}, hour},
		{"not from a success", 0, []call{{results(at(hour, nil)), signed(0)}, {results(at(hour, nil)), signed(0)}}, 0},
		{"not from another error", 0, []call{{results(at(hour, errInternal), at(hour, errThrottled), at(hour, errInvalid)), signed(0, 0, 0)}}, 0},
		{"not from less than 4 minutes", 0, []call{{results(at(4*time.Minute, errSignature)), signed(0)}}, 0},
		{"not from an error without a Date", 0, []call{{results(retryloop.Result{Err: errSignature}), signed(0)}}, 0},
		{"kept by attempts that say nothing", 0, []call{
			{results(at(hour, errSignature), retryloop.Result{Err: errSend}, at(day, errInternal), ok), signed(0, hour, hour, hour)},
			{results(at(day, errInvalid)), signed(hour)},
		}, hour},
		{"a denial behind a wrong Date", 0, []call{
			{results(at(hour, errDenied), at(hour, errSignature)), signed(0, hour)},
			{results(ok), signed(0)},
		}, 0},
		{"the proved one returns", hour, []call{{results(at(day, errDenied), at(day, errSignature)), signed(hour, day)}, {results(ok), signed(hour)}}, hour},
		{"the previous one returns in the next call", 0, []call{
			{results(at(hour, errSignature), retryloop.Result{Err: errInvalid}), signed(0, hour)},
			{results(retryloop.Result{Err: errDenied}), signed(hour)},
			{results(ok), signed(0)},
		}, 0},
		{"another Date after it failed", 0, []call{{results(at(hour, errSignature), at(day, errSignature), ok), signed(0, hour, day)}, {results(ok), signed(day)}}, day},
		{"two Dates that both failed", 0, []call{{results(at(hour, errSignature), at(day, errSignature), at(day, errSignature)), signed(0, hour, day)}}, 0},
		{"a proved one that is wrong now", hour, []call{{results(at(0, errSignature), ok), signed(hour, 0)}, {results(ok), signed(0)}}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				kept := retryloop.NewSkew(test.kept)
				for _, call := range test.calls {
					var signed []time.Duration
					_ = (&retryloop.Loop{Retryer: newStandard(9, 500), Skew: kept}).Run(t.Context(), func(_ context.Context, a retryloop.Attempt) retryloop.Result {
						signed = append(signed, a.Skew)
						return call.results[a.Number-1]
					})
					require.Equal(t, call.signed, signed)
				}
				require.Equal(t, test.want, kept.Value())
			})
		})
	}
}

// Calls that run at the same time do not undo what another one learnt.
func TestSkewOfConcurrentCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := retryloop.NewSkew(0)
		done := make(chan []time.Duration)
		for range 3 {
			go func() {
				var signed []time.Duration
				_ = (&retryloop.Loop{Retryer: newStandard(9, 500), Skew: kept}).Run(t.Context(), func(_ context.Context, a retryloop.Attempt) retryloop.Result {
					signed = append(signed, a.Skew)
					time.Sleep(time.Second)
					if a.Skew != time.Hour {
						return retryloop.Result{Err: errSignature, Skew: time.Hour, SkewKnown: true}
					}
					return retryloop.Result{}
				})
				done <- signed
			}()
		}
		for range 3 {
			require.Equal(t, []time.Duration{0, time.Hour}, <-done)
		}
		require.Equal(t, time.Hour, kept.Value())
	})
}

func TestSkewCorrectionSwitchedOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		err := (&retryloop.Loop{Retryer: newStandard(3, 500)}).Run(t.Context(), func(_ context.Context, a retryloop.Attempt) retryloop.Result {
			attempts++
			require.Zero(t, a.Skew)
			return retryloop.Result{Err: errSignature, Skew: time.Hour, SkewKnown: true}
		})
		require.ErrorIs(t, err, errSignature)
		require.Equal(t, 1, attempts)
	})
}

func TestClockSkewErrorKeepsTheServiceError(t *testing.T) {
	err := (&retryloop.Loop{Retryer: newStandard(1, 500), Skew: new(retryloop.Skew)}).Run(t.Context(), func(context.Context, retryloop.Attempt) retryloop.Result {
		return retryloop.Result{Err: errSignature, Skew: time.Hour, SkewKnown: true}
	})
	require.ErrorIs(t, err, errSignature)
	require.ErrorContains(t, err, "probably caused by clock skew")
	require.ErrorAs(t, err, new(*retry.MaxAttemptsError))
}

func TestRetryAfterThatOverflows(t *testing.T) {
	for _, ms := range []int64{math.MaxInt64, math.MaxInt64/int64(time.Millisecond) + 1} {
		t.Run(fmt.Sprint(ms), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				err := (&retryloop.Loop{Retryer: newStandard(2, 500)}).Run(t.Context(), func(_ context.Context, a retryloop.Attempt) retryloop.Result {
					if a.Number == 1 {
						return retryloop.Result{Err: retryAfter(strconv.FormatInt(ms, 10))}
					}
					return retryloop.Result{}
				})
				require.NoError(t, err)
				require.Equal(t, 5*time.Second+103*time.Millisecond, time.Since(start), "5 s more than the delay")
			})
		})
	}
}

// The error of the service is found beside that of the Retryer.
func TestBrokenRetryerHidesNoError(t *testing.T) {
	for name, b := range map[string]broken{
		"no delay":                   {noDelayAfter: 1},
		"no second token":            {noTokenAt: 2},
		"retry token not released":   {releaseRetry: errNoToken},
		"attempt token not released": {releaseAttempt: errNoToken},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := (&retryloop.Loop{Retryer: v2(breaking(b)())}).Run(t.Context(), func(context.Context, retryloop.Attempt) retryloop.Result {
					return retryloop.Result{Err: errThrottled}
				})
				require.ErrorIs(t, err, errThrottled)
				require.Regexp(t, "no delay|no token", err.Error())
			})
		})
	}
}

// What a Retryer is told about the attempt: the core's own see that it is a retry,
// and what a caller put into the context stays there.
func TestContextOfTokens(t *testing.T) {
	type key struct{}
	spy := &tokenSpy{RetryerV2: newStandard(3, 500)}
	ctx := middleware.WithStackValue(context.WithValue(t.Context(), key{}, "caller's"), key{}, "stack's")
	err := (&retryloop.Loop{Retryer: spy}).Run(ctx, func(context.Context, retryloop.Attempt) retryloop.Result {
		return retryloop.Result{Err: errSend}
	})
	require.ErrorIs(t, err, errSend)
	require.Len(t, spy.contexts, 3)
	for i, ctx := range spy.contexts {
		require.Equal(t, "caller's", ctx.Value(key{}))
		require.Equal(t, "stack's", middleware.GetStackValue(ctx, key{}))
		require.Equal(t, t.Context().Done(), ctx.Done())
		bucket := ratelimit.NewTokenRateLimit(500)
		_, _ = bucket.GetToken(ctx, 100)
		core := retry.NewStandard(func(o *retry.StandardOptions) { o.RateLimiter = bucket })
		release, err := core.GetAttemptToken(ctx)
		require.NoError(t, err)
		require.NoError(t, release(nil))
		require.Equal(t, []uint{401, 400, 400}[i], bucket.Remaining(), "a success is credited where it was no retry")
	}
}

type tokenSpy struct {
	aws.RetryerV2
	contexts []context.Context
}

func (r *tokenSpy) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	r.contexts = append(r.contexts, ctx)
	return r.RetryerV2.GetAttemptToken(ctx)
}

func (r *tokenSpy) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

func TestRetriesAreLogged(t *testing.T) {
	for _, test := range []struct {
		name string
		errs []error
		want []string
	}{
		{"success", []error{nil}, nil},
		{"not retryable", []error{errors.New("x")}, []string{"not retryable: x"}},
		{"exhausted", []error{errSend, errSend}, []string{"retrying, attempt 2", "attempts exhausted, max 2"}},
		{"no header", []error{errInternal, nil}, []string{"retrying, attempt 2"}},
		{"zero in the header", []error{retryAfter("0"), nil}, []string{"retrying, attempt 2"}},
		{"negative header", []error{retryAfter("-1"), nil}, []string{"ignoring x-amz-retry-after: want a number of milliseconds", "retrying, attempt 2"}},
		{"header", []error{retryAfter("soon"), nil}, []string{"ignoring x-amz-retry-after: want a number of milliseconds", "retrying, attempt 2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got []string
				l := retryloop.Loop{Retryer: newStandard(2, 500), Logf: func(format string, args ...any) {
					got = append(got, fmt.Sprintf(format, args...))
				}}
				_ = l.Run(t.Context(), func(_ context.Context, a retryloop.Attempt) retryloop.Result {
					return retryloop.Result{Err: test.errs[a.Number-1]}
				})
				require.Equal(t, test.want, got)
			})
		})
	}
}
