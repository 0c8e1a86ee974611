package retryloop_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/internal/retryloop"
)

// The oracle: scripts of attempts run through Loop and through the core's
// retry.Attempt, and what a caller and the service can see of both is compared.
//
// These differences are meant, and the scripts or the comparison leave them out:
//   - The Date of a response counts only with an error that a wrong clock can cause,
//     and what is kept from it is proved by a success. The core believes every Date,
//     forgets the skew by an attempt that saw none, and keeps that of the last
//     attempt. So a script has a Date in such errors alone, has nothing between
//     them and the end, and what is kept is left to cases by hand.
//   - The end of the caller's context is always a smithy.CanceledError that
//     wraps ctx.Err() and the error of the attempt before. The core gives the
//     bare ctx.Err() before an attempt, an aws.RequestCanceledError while
//     sleeping, and without the attempt's error.
//   - A smithy.CanceledError is not retried even if the Retryer says so.
//   - When no delay or no token to send can be had, the error of the attempt
//     before is joined. The core loses it.
//   - ttl in Amz-Sdk-Request is in UTC. The core writes local time with a Z.
//   - An x-amz-retry-after that overflows a Duration counts as very long.
//   - The texts of errors.

// step is what one attempt does.
type step struct {
	err  error // nil: success
	took time.Duration
	// answered says that there was an answer with a Date, skew away from our clock.
	answered bool
	skew     time.Duration
	cached   bool // the answer has an Age
}

// script is a call.
type script struct {
	steps   []step // the last repeats
	retryer func() aws.Retryer
	kept    time.Duration // skew known from an earlier call
	noSkew  bool          // the correction is switched off
	ends    time.Duration // the caller's deadline; 0: none
	cancel  time.Duration // the caller cancels then; 0: never
}

// trace is what can be seen of a call.
type trace struct {
	attempts []attempt
	end      time.Duration
	result   string
	wraps    []int  // the attempts whose errors are found in the result
	text     string // of the error
	tokens   uint   // left for retries
}

type attempt struct {
	at     time.Duration
	header string
	skew   time.Duration
}

// numbered is an attempt's error, which can be told from those of others.
type numbered struct {
	error
	n int
}

func (e *numbered) Unwrap() error { return e.error }

// player plays a script; both sides call exchange for each attempt.
type player struct {
	script
	start time.Time
	trace trace
}

func (p *player) context(t *testing.T) (context.Context, context.CancelFunc) {
	p.start = time.Now().UTC() // so that the core writes a ttl in UTC
	ctx, cancel := context.WithCancel(t.Context())
	if p.ends != 0 {
		ctx, cancel = context.WithDeadline(ctx, p.start.Add(p.ends))
	}
	if p.cancel != 0 {
		time.AfterFunc(p.cancel, cancel)
	}
	return ctx, cancel
}

func (p *player) exchange(ctx context.Context, header string, skew time.Duration) (middleware.Metadata, error) {
	p.trace.attempts = append(p.trace.attempts, attempt{time.Since(p.start), header, skew})
	n := len(p.trace.attempts)
	s := p.steps[min(n, len(p.steps))-1]
	timing := awsmiddleware.RecordResponseTiming{DisableClockSkewCorrection: p.noSkew}
	_, md, err := timing.HandleDeserialize(ctx, middleware.DeserializeInput{}, middleware.DeserializeHandlerFunc(
		func(ctx context.Context, _ middleware.DeserializeInput) (out middleware.DeserializeOutput, md middleware.Metadata, err error) {
			select {
			case <-time.After(s.took):
			case <-ctx.Done():
				return out, md, &smithy.CanceledError{Err: ctx.Err()}
			}
			if s.answered {
				h := http.Header{"Date": {time.Now().Add(s.skew).UTC().Format(http.TimeFormat)}}
				if s.cached {
					h.Set("Age", "0")
				}
				out.RawResponse = &smithyhttp.Response{Response: &http.Response{Header: h}}
			}
			return out, md, s.err
		}))
	if err != nil {
		err = &numbered{err, n}
	}
	return md, err
}

func (p *player) finish(ctx context.Context, err error, retryer aws.Retryer) trace {
	p.trace.end = time.Since(p.start)
	p.trace.tokens = drain(retryer)
	var (
		exhausted *retry.MaxAttemptsError
		quota     ratelimit.QuotaExceededError
	)
	switch {
	case err == nil:
		p.trace.result = "success"
	case errors.As(err, &exhausted):
		p.trace.result = fmt.Sprintf("attempts exhausted after %d", exhausted.Attempt)
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		p.trace.result = "ended: " + ctx.Err().Error()
		return p.trace
	case errors.As(err, &quota):
		p.trace.result = "quota exceeded: " + quota.Error()
	case errors.Is(err, errNoDelay), errors.Is(err, errNoToken), strings.Contains(err.Error(), "unable to get attempt token"):
		p.trace.result = "retryer failed"
		return p.trace
	default:
		p.trace.result = "failed"
	}
	p.trace.text = fmt.Sprint(err)
	for e := range unwrapAll(err) {
		if a, ok := e.(*numbered); ok {
			p.trace.wraps = append(p.trace.wraps, a.n)
		}
	}
	return p.trace
}

// drain takes all tokens for retries, and returns how many there were. Some
// Retryers always have one more.
func drain(retryer aws.Retryer) (tokens uint) {
	for tokens < 1000 {
		var quota ratelimit.QuotaExceededError
		if _, err := retryer.GetRetryToken(context.Background(), errThrottled); errors.As(err, &quota) {
			return tokens + quota.Available
		}
		tokens += 5
	}
	return tokens
}

// unwrapAll yields err and everything it wraps.
func unwrapAll(err error) func(yield func(error) bool) {
	return func(yield func(error) bool) {
		var walk func(error) bool
		walk = func(e error) bool {
			if !yield(e) {
				return false
			}
			switch u := e.(type) {
			case interface{ Unwrap() error }:
				if inner := u.Unwrap(); inner != nil {
					return walk(inner)
				}
			case interface{ Unwrap() []error }:
				for _, inner := range u.Unwrap() {
					if !walk(inner) {
						return false
					}
				}
			}
			return true
		}
		walk(err)
	}
}

func playLoop(t *testing.T, s script) (tr trace) {
	synctest.Test(t, func(t *testing.T) {
		p := &player{script: s}
		retryer := v2(s.retryer())
		l := &retryloop.Loop{Retryer: retryer}
		if !s.noSkew {
			l.Skew = retryloop.NewSkew(s.kept)
		}
		ctx, cancel := p.context(t)
		defer cancel()
		err := l.Run(ctx, func(ctx context.Context, a retryloop.Attempt) retryloop.Result {
			md, err := p.exchange(ctx, a.Header(ctx), a.Skew)
			r := retryloop.Result{Err: err}
			r.Skew, r.SkewKnown = awsmiddleware.GetAttemptSkew(md)
			return r
		})
		tr = p.finish(ctx, err, retryer)
	})
	return tr
}

func playCore(t *testing.T, s script) (tr trace) {
	synctest.Test(t, func(t *testing.T) {
		p := &player{script: s}
		var kept atomic.Int64
		kept.Store(int64(s.kept))
		retryer := s.retryer()
		m := retry.NewAttemptMiddleware(retryer, smithyhttp.RequestCloner, func(m *retry.Attempt) {
			m.ClientSkew = &kept
			m.DisableClockSkewCorrection = s.noSkew
		})
		ctx, cancel := p.context(t)
		defer cancel()
		_, _, err := m.HandleFinalize(ctx, middleware.FinalizeInput{Request: smithyhttp.NewStackRequest()}, middleware.FinalizeHandlerFunc(
			func(ctx context.Context, in middleware.FinalizeInput) (out middleware.FinalizeOutput, md middleware.Metadata, err error) {
				md, err = p.exchange(ctx, in.Request.(*smithyhttp.Request).Header.Get("Amz-Sdk-Request"), coreSkew(t, ctx))
				return out, md, err
			}))
		tr = p.finish(ctx, err, retryer)
	})
	return tr
}

// coreSkew finds what the core's signing would add to the clock. It is in the
// context under a key of an internal package.
func coreSkew(t *testing.T, ctx context.Context) time.Duration {
	for c := reflect.ValueOf(ctx).Elem(); c.Kind() == reflect.Struct; c = c.FieldByName("Context").Elem().Elem() {
		val := c.FieldByName("val")
		if !val.IsValid() || val.Elem().Type().String() != "*middleware.stackValues" {
			continue
		}
		for s := val.Elem(); !s.IsNil(); s = s.Elem().FieldByName("parent") {
			if s.Elem().FieldByName("key").Elem().Type().String() == "context.clockSkew" {
				return time.Duration(s.Elem().FieldByName("value").Elem().Int())
			}
		}
	}
	t.Error("the core keeps the skew of an attempt somewhere else now")
	return 0
}

func compare(t *testing.T, s script) trace {
	t.Helper()
	ours, core := playLoop(t, s), playCore(t, s)
	require.Equal(t, core.attempts, ours.attempts)
	require.Equal(t, core.result, ours.result)
	// Differs by choice: an attempt that was signed with a corrected time and fails for
	// it all the same holds the error before the correction.
	if n := len(ours.wraps) - 1; n == len(core.wraps) && n > 0 && !s.noSkew && ours.wraps[n] < ours.wraps[0] {
		require.Contains(t, ours.text, "; before the correction of the clock: ")
		ours.wraps = ours.wraps[:n]
	}
	require.Equal(t, core.wraps, ours.wraps)
	require.Equal(t, core.end, ours.end)
	require.Equal(t, core.tokens, ours.tokens)
	return ours
}

// Errors of attempts.
func withStatus(status int, code string, headers ...string) error {
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: h}},
		Err:      &smithy.GenericAPIError{Code: code, Message: "m"},
	}
}

// modelled is an API error that has a type of its own.
type modelled struct{ *smithy.GenericAPIError }

func withModelled(status int, code string) error {
	err := withStatus(status, code).(*smithyhttp.ResponseError)
	err.Err = modelled{err.Err.(*smithy.GenericAPIError)}
	return err
}

type timeoutError struct{}

func (timeoutError) Error() string { return "timed out" }
func (timeoutError) Timeout() bool { return true }

var (
	errInternal  = withStatus(500, "InternalServerException")
	errThrottled = withStatus(400, "ThrottlingException")
	errTooMany   = withStatus(429, "SomethingElse")
	errInvalid   = withStatus(400, "ValidationException")
	errDenied    = withStatus(403, "AccessDeniedException")
	errSignature = withStatus(403, "InvalidSignatureException")
	errSend      = &smithyhttp.RequestSendError{Err: errors.New("connection refused")}
	errCanceled  = &smithy.CanceledError{Err: errors.New("somebody else's")}

	errNoDelay = errors.New("no delay")
	errNoToken = errors.New("no token")
)

// Retryers, each deterministic.
func backoff(attempt int, _ error) (time.Duration, error) {
	return time.Duration(attempt)*100*time.Millisecond + 3*time.Millisecond, nil
}

func standard(attempts int, tokens uint) func() aws.Retryer {
	return func() aws.Retryer { return newStandard(attempts, tokens) }
}

func newStandard(attempts int, tokens uint) *retry.Standard {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.RateLimiter = ratelimit.NewTokenRateLimit(tokens)
		o.Backoff = retry.BackoffDelayerFunc(backoff)
	})
}

func adaptive(attempts int, failFast bool) func() aws.Retryer {
	return func() aws.Retryer {
		return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
			o.FailOnNoAttemptTokens = failFast
			o.StandardOptions = append(o.StandardOptions, func(o *retry.StandardOptions) {
				o.MaxAttempts = attempts
				o.Backoff = retry.BackoffDelayerFunc(backoff)
			})
		})
	}
}

func unlimited(tokens uint) func() aws.Retryer {
	return func() aws.Retryer { return retry.AddWithMaxAttempts(newStandard(0, tokens), 0) }
}

// older is a Retryer that is no RetryerV2.
type older struct{ aws.Retryer }

func oldStyle(attempts int, tokens uint) func() aws.Retryer {
	return func() aws.Retryer { return older{newStandard(attempts, tokens)} }
}

// v2 does for an older Retryer what the client does.
func v2(r aws.Retryer) aws.RetryerV2 {
	if v, ok := r.(aws.RetryerV2); ok {
		return v
	}
	return retry.AddWithMaxAttempts(r, r.MaxAttempts()).(aws.RetryerV2)
}

// broken fails where its fields say.
type broken struct {
	aws.RetryerV2
	noDelayAfter                 int
	noTokenAt                    int
	releaseRetry, releaseAttempt error
	attempts                     int
}

func (r *broken) RetryDelay(n int, err error) (time.Duration, error) {
	if r.noDelayAfter != 0 && n >= r.noDelayAfter {
		return 0, errNoDelay
	}
	return r.RetryerV2.RetryDelay(n, err)
}

func (r *broken) GetAttemptToken(context.Context) (func(error) error, error) {
	if r.attempts++; r.attempts == r.noTokenAt {
		return nil, errNoToken
	}
	return func(error) error { return r.releaseAttempt }, nil
}

func (r *broken) GetRetryToken(context.Context, error) (func(error) error, error) {
	return func(error) error { return r.releaseRetry }, nil
}

func breaking(b broken) func() aws.Retryer {
	return func() aws.Retryer {
		r := b
		r.RetryerV2 = newStandard(4, 500)
		return &r
	}
}

// seen is a step that has an answer with a Date skew away from our clock.
func seen(skew time.Duration, err error) step {
	return step{err: err, took: 20 * time.Millisecond, answered: true, skew: skew}
}

func unseen(errs ...error) (steps []step) {
	for _, err := range errs {
		steps = append(steps, step{err: err, took: 20 * time.Millisecond})
	}
	return steps
}

// times returns err n times.
func times(n int, err error) (errs []error) {
	for range n {
		errs = append(errs, err)
	}
	return errs
}

func retryAfter(ms string) error {
	return withStatus(503, "ServiceUnavailable", "X-Amz-Retry-After", ms)
}

func TestLikeTheCore(t *testing.T) {
	tests := []struct {
		name     string
		script   script
		attempts int
		result   string
	}{
		{"success", script{steps: unseen(nil)}, 1, "success"},
		{"one 500", script{steps: unseen(errInternal, nil)}, 2, "success"},
		{"throttled", script{steps: unseen(errThrottled, nil)}, 2, "success"},
		{"throttled, few tokens", script{steps: unseen(errThrottled, errThrottled, nil), retryer: standard(3, 12)}, 3, "success"},
		{"throttled, few tokens, adaptive", script{steps: unseen(errThrottled, errThrottled, nil), retryer: adaptive(3, false)}, 3, "success"},
		{"429 with a code that is modelled", script{steps: unseen(withModelled(429, "ConflictException"))}, 1, "failed"},
		{"429 without a code", script{steps: unseen(withStatus(429, ""), nil)}, 2, "success"},
		{"429", script{steps: unseen(errTooMany, nil)}, 2, "success"},
		{"refused connection", script{steps: unseen(errSend, nil)}, 2, "success"},
		{"timeout", script{steps: unseen(timeoutError{}, nil)}, 2, "success"},
		{"not retryable", script{steps: unseen(errInvalid)}, 1, "failed"},
		{"not retryable after a retry", script{steps: unseen(errSend, errInvalid)}, 2, "failed"},
		{"canceled by somebody else", script{steps: unseen(errCanceled)}, 1, "failed"},
		{"attempts exhausted", script{steps: unseen(errInternal)}, 3, "attempts exhausted after 3"},
		{"different errors", script{steps: unseen(errSend, errThrottled, errInternal)}, 3, "attempts exhausted after 3"},
		{"no retries", script{steps: unseen(errInternal), retryer: standard(1, 500)}, 1, "attempts exhausted after 1"},
		{"quota exhausted at once", script{steps: unseen(errInternal), retryer: standard(3, 4)}, 1, "quota exceeded: "},
		{"quota exhausted later", script{steps: unseen(errInternal), retryer: standard(9, 30)}, 3, "quota exceeded: "},
		{"quota of throttling", script{steps: unseen(errThrottled), retryer: standard(9, 12)}, 3, "quota exceeded: "},
		{"quota of timeouts", script{steps: unseen(timeoutError{}), retryer: standard(9, 22)}, 2, "quota exceeded: "},
		{"unlimited attempts", script{steps: unseen(append(times(20, errThrottled), nil)...), retryer: unlimited(500)}, 21, "success"},
		{"unlimited until the quota", script{steps: unseen(errThrottled), retryer: unlimited(52)}, 11, "quota exceeded: "},
		{"older retryer", script{steps: unseen(errInternal, errSend, nil), retryer: oldStyle(3, 500)}, 3, "success"},
		{"older retryer, exhausted", script{steps: unseen(errInternal), retryer: oldStyle(2, 500)}, 2, "attempts exhausted after 2"},
		{"adaptive", script{steps: unseen(errInternal, nil), retryer: adaptive(3, false)}, 2, "success"},
		{"adaptive, throttled", script{steps: unseen(append(times(6, errThrottled), nil)...), retryer: adaptive(8, false)}, 7, ""},
		{"adaptive, no token to send", script{steps: unseen(errThrottled), retryer: adaptive(8, true)}, 1, "retryer failed"},

		{"no delay", script{steps: unseen(errInternal), retryer: breaking(broken{noDelayAfter: 1})}, 1, "retryer failed"},
		{"no first token", script{steps: unseen(errInternal), retryer: breaking(broken{noTokenAt: 1})}, 0, "retryer failed"},
		{"no second token", script{steps: unseen(errInternal), retryer: breaking(broken{noTokenAt: 2})}, 1, "retryer failed"},
		{"retry token not released", script{steps: unseen(errInternal), retryer: breaking(broken{releaseRetry: errNoToken})}, 2, "failed"},
		{"attempt token not released", script{steps: unseen(errInternal), retryer: breaking(broken{releaseAttempt: errNoToken})}, 1, "failed"},
		{"tokens not released after success", script{steps: unseen(errInternal, nil), retryer: breaking(broken{releaseRetry: errNoToken})}, 2, "success"},

		{"retry after 2 s", script{steps: unseen(retryAfter("2000"), nil)}, 2, "success"},
		{"retry after less than the delay", script{steps: unseen(retryAfter("1"), nil)}, 2, "success"},
		{"retry after a millisecond less than allowed", script{steps: unseen(retryAfter("5002"), nil)}, 2, "success"},
		{"retry after more than allowed", script{steps: unseen(retryAfter("5104"), nil)}, 2, "success"},
		{"retry after an hour", script{steps: unseen(retryAfter("3600000"), nil)}, 2, "success"},
		{"retry after nothing", script{steps: unseen(retryAfter("0"), nil)}, 2, "success"},
		{"retry after negative", script{steps: unseen(retryAfter("-1"), nil)}, 2, "success"},
		{"retry after a word", script{steps: unseen(retryAfter("soon"), nil)}, 2, "success"},
		{"retry after a fraction", script{steps: unseen(retryAfter("1500.5"), nil)}, 2, "success"},
		{"retry after too many digits", script{steps: unseen(retryAfter("99999999999999999999"), nil)}, 2, "success"},
		{"retry after an empty header", script{steps: unseen(retryAfter(""), nil)}, 2, "success"},

		{"deadline far away", script{steps: unseen(errInternal, nil), ends: time.Hour}, 2, "success"},
		{"deadline while waiting", script{steps: unseen(errInternal, nil), retryer: breaking(broken{}), ends: 70*time.Millisecond + 1}, 1, ""},
		{"deadline during the second attempt", script{steps: unseen(errInternal, errInternal), ends: 133*time.Millisecond + 1}, 2, ""},
		{"canceled during the first attempt", script{steps: unseen(errInternal), cancel: 10 * time.Millisecond}, 1, "ended: context canceled"},
		{"canceled while waiting for a token", script{steps: unseen(errThrottled), retryer: adaptive(8, false), cancel: 4*time.Second + 1}, 2, ""},

		{"no skew", script{steps: []step{seen(0, errSignature)}}, 1, "failed"},
		{"skew below the threshold", script{steps: []step{seen(4*time.Minute, errSignature)}}, 1, "failed"},
		{"skew at the threshold", script{steps: []step{{err: errSignature, took: time.Second, answered: true, skew: 4 * time.Minute}}}, 1, "failed"},
		{"skew above the threshold", script{steps: []step{seen(4*time.Minute+time.Second, errSignature), {}}}, 2, "success"},
		{"clock ahead", script{steps: []step{seen(-time.Hour, errSignature), {}}}, 2, "success"},
		{"clock behind", script{steps: []step{seen(time.Hour, errDenied), {}}, ends: 5 * time.Second}, 2, "success"},
		{"every skew code", script{steps: []step{
			seen(time.Hour, withStatus(403, "SignatureDoesNotMatch")),
			seen(2*time.Hour, withStatus(403, "AuthFailure")),
			seen(3*time.Hour, withStatus(403, "RequestTimeTooSkewed")),
			{},
		}, retryer: standard(9, 500)}, 4, "success"},
		{"skew, another code", script{steps: []step{{err: errInvalid}}}, 1, "failed"},
		{"skew, no code", script{steps: []step{{err: errors.New("plain")}}}, 1, "failed"},
		{"skew does not help", script{steps: []step{seen(time.Hour, errSignature)}}, 2, "failed"},
		{"skew known before", script{steps: []step{{}}, kept: time.Hour, ends: time.Second}, 1, "success"},
		{"skew known before, really denied", script{steps: []step{seen(time.Hour, errDenied)}, kept: time.Hour}, 1, "failed"},
		{"clocks agree again", script{steps: []step{seen(0, errSignature), {}}, kept: time.Hour}, 2, "success"},
		{"skew changes between attempts", script{steps: []step{seen(time.Hour, errSignature), seen(2*time.Hour, errSignature), seen(-time.Hour, errDenied), {}}, retryer: standard(9, 500)}, 4, "success"},
		{"skew and exhausted", script{steps: []step{seen(time.Hour, errSignature), seen(-time.Hour, errSignature)}, retryer: standard(2, 500)}, 2, "attempts exhausted after 2"},
		{"cached answer", script{steps: []step{{answered: true, cached: true, skew: time.Hour, err: errSignature}}, kept: time.Minute}, 1, "failed"},
		{"slow answer", script{steps: []step{{answered: true, took: 16 * time.Minute, skew: time.Hour, err: errSignature}}, kept: time.Minute}, 1, "failed"},
		{"correction switched off", script{steps: []step{seen(time.Hour, errSignature)}, noSkew: true, kept: time.Minute}, 1, "failed"},
		{"correction switched off, retried", script{steps: []step{seen(time.Hour, errInternal), seen(time.Hour, nil)}, noSkew: true, kept: time.Minute}, 2, "success"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.script.retryer == nil {
				test.script.retryer = standard(3, 500)
			}
			tr := compare(t, test.script)
			require.Len(t, tr.attempts, test.attempts)
			require.True(t, strings.HasPrefix(tr.result, test.result), tr.result)
		})
	}
}

func TestLikeTheCoreAtRandom(t *testing.T) {
	const scripts = 800
	results := map[string]int{}
	for seed := range uint64(scripts) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			tr := compare(t, randomScript(rand.New(rand.NewPCG(seed, 2026))))
			class, _, _ := strings.Cut(tr.result, ":")
			results[class]++
		})
	}
	for _, class := range []string{"success", "failed", "ended", "quota exceeded", "attempts exhausted after 3"} {
		require.Greater(t, results[class], scripts/50, "%s: too few of the scripts end like this", class)
	}
}

func randomScript(r *rand.Rand) script {
	pick := func(errs ...error) error { return errs[r.IntN(len(errs))] }
	var s script
	others := []error{errInternal, errInternal, errThrottled, errThrottled, errTooMany, errSend, timeoutError{}, retryAfter("700"), retryAfter("x"), retryAfter("100000")}
	skewed := []error{errSignature, errSignature, errDenied}
	add := func(dated bool, errs ...error) {
		s.steps = append(s.steps, step{
			err:      pick(errs...),
			took:     time.Duration(r.IntN(900)) * time.Millisecond,
			answered: dated,
			skew:     time.Duration(r.IntN(1200)-600) * time.Second,
		})
	}
	switch r.IntN(3) {
	case 0: // the correction is switched off: all is allowed
		s.noSkew = true
		for range 1 + r.IntN(8) {
			add(r.IntN(2) == 0, append(others, skewed...)...)
		}
	case 1:
		s.kept = time.Duration(r.IntN(3)-1) * 10 * time.Minute
		for range 1 + r.IntN(4) {
			add(true, skewed...)
		}
	default:
		for range 1 + r.IntN(8) {
			add(false, others...)
		}
	}
	last := s.steps[len(s.steps)-1]
	last.err = pick(nil, nil, errInvalid, last.err)
	if last.err == nil || last.err == errInvalid {
		last.answered = s.noSkew && last.answered
	}
	s.steps[len(s.steps)-1] = last
	attempts, tokens := 1+r.IntN(9), uint(r.IntN(90))
	// Adaptive mode that waits for tokens is left to the table: for less than a
	// nanosecond it sleeps again and again, and the time of a bubble stands still.
	s.retryer = []func() aws.Retryer{
		standard(3, 500), standard(attempts, tokens), adaptive(attempts, true), unlimited(tokens), oldStyle(attempts, tokens),
	}[r.IntN(5)]
	// An odd nanosecond: two things at the same time have no order.
	switch after := time.Duration(r.IntN(4000))*time.Millisecond + 1; r.IntN(6) {
	case 0:
		s.cancel = after
	case 1:
		s.ends = after
	case 2, 3:
		s.ends = time.Hour + 1
	}
	return s
}
