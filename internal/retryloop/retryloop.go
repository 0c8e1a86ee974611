// Package retryloop runs the attempts of a call. It decides what
// aws-sdk-go-v2's retry.Attempt decides (Retry Behavior 2.1, v1.48.0), over the
// same aws.RetryerV2, without needing a middleware stack around it.
package retryloop

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// skewThreshold is how far the signing time must be off before an error that
// can be caused by a wrong clock is taken as caused by it.
const skewThreshold = 4 * time.Minute

// Attempt says which attempt is being made.
type Attempt struct {
	Number int           // from 1
	Max    int           // 0: no limit
	Skew   time.Duration // to add to the local clock when signing
}

// Header is the value of Amz-Sdk-Request for the attempt.
func (a Attempt) Header(ctx context.Context) string {
	var buf [64]byte
	h := strconv.AppendInt(append(buf[:0], "attempt="...), int64(a.Number), 10)
	if a.Max != 0 {
		h = strconv.AppendInt(append(h, "; max="...), int64(a.Max), 10)
	}
	if deadline, ok := ctx.Deadline(); ok && a.Skew > 0 {
		h = deadline.Add(a.Skew).UTC().AppendFormat(append(h, "; ttl="...), "20060102T150405Z")
	}
	return string(h)
}

// Result is what came of an attempt.
type Result struct {
	Err error
	// Final says that Err must not be retried, whatever the Retryer says.
	Final bool
	// Skew is the service's clock minus ours by the response, when SkewKnown. It counts
	// only with an error that a wrong clock can cause.
	Skew      time.Duration
	SkewKnown bool
}

// Loop holds what the attempts of a call share.
type Loop struct {
	Retryer aws.RetryerV2
	// Skew keeps the clock skew between calls. nil switches its correction off.
	Skew *Skew
	// Logf, when not nil, is told about retries.
	Logf func(format string, args ...any)
}

// orNop returns release, or a function that does nothing where a Retryer has none to
// give.
func orNop(release func(error) error) func(error) error {
	if release == nil {
		return nop
	}
	return release
}

func nop(error) error { return nil }

// Run calls try until it succeeds, fails for good, runs out of attempts or
// retry quota, or ctx ends. Errors caused by the end of ctx are a
// *smithy.CanceledError that wraps ctx.Err(), and the error of the attempt
// before, if there was one.
func (l *Loop) Run(ctx context.Context, try func(context.Context, Attempt) Result) error {
	a := Attempt{Max: l.Retryer.MaxAttempts()}
	if l.Skew != nil {
		a.Skew = l.Skew.Value()
	}
	var releaseRetry func(error) error
	tokenCtx := ctx
	var failed error    // what came of the attempt before
	var corrected error // why the skew was first corrected
	for {
		a.Number++
		if ctx.Err() != nil {
			return CanceledAfter(ctx, failed)
		}
		if a.Number == 2 {
			tokenCtx = retryContext(ctx)
		}
		releaseAttempt, err := l.Retryer.GetAttemptToken(tokenCtx)
		if err != nil {
			if ctx.Err() != nil {
				return CanceledAfter(ctx, failed)
			}
			return errors.Join(failed, fmt.Errorf("failed to get a token to send: %w", err))
		}
		if a.Number > 1 {
			l.logf("retrying, attempt %d", a.Number)
		}

		r := try(ctx, a)
		err = r.Err

		if e := orNop(releaseRetry)(err); e != nil && err != nil {
			return fmt.Errorf("failed to release the retry token (%v) after: %w", e, err)
		}
		if e := orNop(releaseAttempt)(err); e != nil && err != nil {
			return fmt.Errorf("failed to release the token to send (%v) after: %w", e, err)
		}
		if err == nil {
			if l.Skew != nil {
				l.Skew.succeeded(a.Skew)
			}
			return nil
		}
		// Not left to the Retryer: one of the caller's own may not know the type.
		if canceled := (*smithy.CanceledError)(nil); errors.As(err, &canceled) {
			return err
		}
		if r.Final {
			l.logf("not retryable: %v", err)
			return err
		}
		if l.Skew != nil && clockSkewCode(err) {
			far := r.SkewKnown && (a.Skew-r.Skew).Abs() > skewThreshold
			l.Skew.failed(a.Skew, r.Skew, far)
			if corrected != nil {
				err = &correctedError{err, corrected}
			} else if far {
				corrected = err
			}
			if far {
				a.Skew, err = r.Skew, &clockSkewError{err}
			}
		}
		if !l.Retryer.IsErrorRetryable(err) {
			l.logf("not retryable: %v", err)
			return err
		}
		if a.Max > 0 && a.Number >= a.Max {
			l.logf("attempts exhausted, max %d", a.Max)
			return &retry.MaxAttemptsError{Attempt: a.Number, Err: err}
		}
		var tokenErr error
		if releaseRetry, tokenErr = l.Retryer.GetRetryToken(ctx, err); tokenErr != nil {
			if ctx.Err() != nil {
				return CanceledAfter(ctx, err)
			}
			return errors.Join(err, tokenErr)
		}
		delay, delayErr := l.Retryer.RetryDelay(a.Number, err)
		if delayErr != nil {
			return errors.Join(err, delayErr)
		}
		sleep(ctx, l.retryAfter(delay, err)) // the next round finds out whether ctx ended
		failed = err
	}
}

// CanceledAfter returns the error of a call whose ctx ended before another attempt.
// failed is the error of the last attempt, nil if there was none.
func CanceledAfter(ctx context.Context, failed error) error {
	e := Canceled(ctx)
	if failed != nil {
		e.Err = fmt.Errorf("%w before a retry of: %w", e.Err, failed)
	}
	return e
}

// Canceled returns the error of what ended because ctx did. It carries the cause
// too, if the context has one.
func Canceled(ctx context.Context) *smithy.CanceledError {
	err := ctx.Err()
	if cause := context.Cause(ctx); cause != nil && cause != err {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return &smithy.CanceledError{Err: err}
}

// retryAfter lets the service lengthen a delay, by 5 s at the most.
func (l *Loop) retryAfter(d time.Duration, err error) time.Duration {
	var re *smithyhttp.ResponseError
	if !errors.As(err, &re) || re.Response == nil || re.Response.Response == nil {
		return d
	}
	v := re.Response.Header.Get("X-Amz-Retry-After")
	if v == "" {
		return d
	}
	ms, parseErr := strconv.ParseInt(v, 10, 64)
	if parseErr != nil || ms < 0 {
		l.logf("ignoring x-amz-retry-after: want a number of milliseconds")
		return d
	}
	// Compared in milliseconds: a huge number would overflow a Duration.
	if ms > (d + 5*time.Second).Milliseconds() {
		return d + 5*time.Second
	}
	return max(d, time.Duration(ms)*time.Millisecond)
}

func (l *Loop) logf(format string, args ...any) {
	if l.Logf != nil {
		l.Logf(format, args...)
	}
}

// sleep waits for d, or less when ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// clockSkewCode reports whether err has a code that a wrong clock can cause.
func clockSkewCode(err error) bool {
	var v interface{ ErrorCode() string }
	if !errors.As(err, &v) {
		return false
	}
	switch v.ErrorCode() {
	case "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed", "AccessDeniedException":
		return true
	}
	return false
}

// clockSkewError makes an error retryable that signing with the corrected time
// can mend.
type clockSkewError struct{ err error }

func (e *clockSkewError) Error() string {
	return fmt.Sprintf("probably caused by clock skew: %v", e.err)
}
func (e *clockSkewError) Unwrap() error      { return e.err }
func (*clockSkewError) RetryableError() bool { return true }

// correctedError is the error of an attempt that was signed with a corrected time.
// The error before may be the true one: where the Date is that of a proxy, a denial
// turns into a wrong signature.
type correctedError struct{ err, before error }

func (e *correctedError) Error() string {
	return fmt.Sprintf("%v; before the correction of the clock: %v", e.err, e.before)
}
func (e *correctedError) Unwrap() []error { return []error{e.err, e.before} }
