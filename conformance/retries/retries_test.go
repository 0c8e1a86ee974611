package retries

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

func answers(status int, code string) step {
	return step{Status: status, Code: code, Took: 20 * time.Millisecond}
}

func fails(err error) step { return step{Err: err, Took: 20 * time.Millisecond} }

func dated(s step, skew time.Duration) step {
	s.Date, s.Skew = true, skew
	return s
}

var (
	ok        = answers(200, "")
	throttled = answers(400, "ThrottlingException")
	internal  = answers(500, "InternalServerException")
	invalid   = answers(400, "ValidationException")
	refused   = fails(&net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)})
	reset     = fails(&net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)})
)

type temporary struct{ timeout, temporary bool }

func (temporary) Error() string     { return "temporary" }
func (e temporary) Timeout() bool   { return e.timeout }
func (e temporary) Temporary() bool { return e.temporary }

// statuses and codes of answers.
var (
	statuses = []int{200, 201, 204, 300, 302, 304, 400, 401, 402, 403, 404, 408, 409, 413, 421, 425, 429, 500, 501, 502, 503, 504, 505, 507, 520, 599}
	codes    = []string{
		"ThrottlingException", "Throttling", "ThrottledException", "RequestThrottledException", "TooManyRequestsException", "ProvisionedThroughputExceededException",
		"TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "RequestThrottled", "SlowDown", "PriorRequestNotComplete", "EC2ThrottledException",
		"RequestTimeout", "RequestTimeoutException", "InternalServerException", "InternalFailure", "ServiceUnavailable", "ServiceUnavailableException",
		"ValidationException", "ConflictException", "ResourceNotFoundException", "ServiceQuotaExceededException", "PendingVerification", "AccessDeniedException",
		"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed", "ExpiredTokenException", "UnrecognizedClientException", "SomethingElse",
		"com.amazonaws.ivs#ThrottlingException", "ThrottlingException:http://internal.amazon.com/coral/com.amazon.coral.availability/",
	}
	transport = []error{
		refused.Err, reset.Err, errors.New("EOF"), errors.New("something else"), errors.New("read tcp: use of closed network connection"), errors.New("http2: server sent GOAWAY"),
		&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "host", IsNotFound: true}},
		&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "server misbehaving", Name: "host", IsTemporary: true}},
		&net.OpError{Op: "read", Net: "tcp", Err: temporary{timeout: true}}, &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE},
		temporary{timeout: true}, temporary{temporary: true}, temporary{},
		&url.Error{Op: "Put", URL: "https://host", Err: errors.New("connection refused")}, &url.Error{Op: "Put", URL: "https://host", Err: errors.New("x509: unknown authority")},
	}
)

// Retryers whose delays are known.
func delay(attempt int, _ error) (time.Duration, error) {
	return time.Duration(attempt)*100*time.Millisecond + 3*time.Millisecond, nil
}

func standard(optFns ...func(*retry.StandardOptions)) func() aws.Retryer {
	return func() aws.Retryer {
		return retry.NewStandard(append([]func(*retry.StandardOptions){func(o *retry.StandardOptions) { o.Backoff = retry.BackoffDelayerFunc(delay) }}, optFns...)...)
	}
}

func tokens(n uint) func(*retry.StandardOptions) {
	return func(o *retry.StandardOptions) { o.RateLimiter = ratelimit.NewTokenRateLimit(n) }
}

func attempts(n int) func(*retry.StandardOptions) {
	return func(o *retry.StandardOptions) { o.MaxAttempts = n }
}

// older is a Retryer without the newer method.
type older struct{ aws.Retryer }

// patient is the adaptive mode that waits for a token. The core's own waiting
// rounds its delay down to 0 in the end, and in virtual time waits forever.
type patient struct{ *retry.AdaptiveMode }

func (r patient) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	for {
		release, err := r.AdaptiveMode.GetAttemptToken(ctx)
		if err == nil {
			return release, nil
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for a token: %w", ctx.Err())
		}
	}
}

func impatient() *retry.AdaptiveMode {
	return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) { o.FailOnNoAttemptTokens = true })
}

func repeat(s step, n int) (steps []step) {
	for range n {
		steps = append(steps, s)
	}
	return steps
}

// scripts are the cases by hand.
func scripts() (all []script) {
	add := func(s script) { all = append(all, s) }
	for _, status := range statuses {
		add(script{Name: fmt.Sprint("status ", status), Steps: []step{answers(status, "SomethingElse"), ok}})
		add(script{Name: fmt.Sprint("status always ", status), Steps: []step{answers(status, "SomethingElse")}})
	}
	for _, code := range codes {
		for _, status := range []int{400, 429, 500} {
			add(script{Name: "code " + code, Steps: []step{answers(status, code), ok}})
		}
		add(script{Name: "code always " + code, Steps: []step{answers(400, code)}})
	}
	for _, err := range transport {
		for _, c := range []bool{false, true} {
			add(script{Name: "transport " + err.Error(), Steps: []step{fails(err), ok}, HTTPClient: c})
			add(script{Name: "transport always " + err.Error(), Steps: []step{fails(err)}, HTTPClient: c})
		}
	}
	for _, mode := range []aws.RetryMode{"", aws.RetryModeStandard, aws.RetryModeAdaptive} {
		for _, n := range []int{0, 1, 2, 3, 7} {
			for _, ofCall := range []bool{false, true} {
				for _, st := range []step{throttled, internal, refused, invalid} {
					if st == throttled && mode == aws.RetryModeAdaptive {
						continue // see patient
					}
					add(script{Name: "mode and attempts", Mode: mode, MaxAttempts: n, OfCall: ofCall, Steps: []step{st}})
					add(script{Name: "mode and attempts, two calls", Mode: mode, MaxAttempts: n, OfCall: ofCall, Steps: []step{st, st, ok}, Calls: 2})
				}
			}
		}
	}
	// The token bucket: 500 tokens, 14 a retry, 5 after throttling.
	add(script{Name: "bucket runs out", Steps: []step{internal}, Calls: 70})
	add(script{Name: "bucket runs out of throttles", Steps: []step{throttled}, Calls: 70})
	add(script{Name: "bucket runs out of timeouts", Steps: []step{fails(temporary{timeout: true})}, Calls: 40})
	add(script{Name: "bucket fills again", Steps: append(repeat(internal, 100), ok), Calls: 130, Retryer: standard(tokens(60))})
	for _, n := range []uint{0, 1, 4, 5, 9, 10, 13, 14, 15, 28} {
		add(script{Name: fmt.Sprint("bucket of ", n), Steps: []step{internal}, Calls: 3, Retryer: standard(tokens(n))})
		add(script{Name: fmt.Sprint("bucket of, throttled ", n), Steps: []step{throttled, throttled, ok}, Calls: 3, Retryer: standard(tokens(n))})
	}
	// Other retryers.
	for name, r := range map[string]func() aws.Retryer{
		"nop":                 func() aws.Retryer { return aws.NopRetryer{} },
		"standard, 5":         standard(attempts(5)),
		"no limit":            func() aws.Retryer { return retry.AddWithMaxAttempts(standard(tokens(100))(), 0) },
		"more codes":          func() aws.Retryer { return retry.AddWithErrorCodes(standard()(), "ValidationException") },
		"short backoff":       func() aws.Retryer { return retry.AddWithMaxBackoffDelay(retry.NewStandard(), 700*time.Millisecond) },
		"without tokens":      standard(func(o *retry.StandardOptions) { o.RateLimiter = ratelimit.None }),
		"of the old kind":     func() aws.Retryer { return older{standard()()} },
		"adaptive that fails": func() aws.Retryer { return impatient() },
		"adaptive that waits": func() aws.Retryer { return patient{impatient()} },
	} {
		for _, st := range []step{throttled, internal, invalid, reset} {
			add(script{Name: "retryer " + name, Retryer: r, Steps: []step{st, st, st, st, st, ok}, Calls: 3})
			add(script{Name: "retryer " + name + ", 2 attempts", Retryer: r, MaxAttempts: 2, Steps: []step{st, st, ok}, Calls: 3})
		}
	}
	// Throttling again and again: the adaptive mode slows down.
	slowdown := func() aws.Retryer { return patient{impatient()} }
	add(script{Name: "adaptive slows down", Retryer: slowdown, Steps: append(repeat(throttled, 20), repeat(ok, 20)...), Calls: 20, Gap: 10 * time.Millisecond})
	add(script{Name: "adaptive within a deadline", Retryer: slowdown, Steps: repeat(throttled, 40), Calls: 12, Deadline: 900 * time.Millisecond})
	// What the service says about when to come back.
	for _, after := range []string{"0", "1", "50", "700", "4000", "6000", "100000", "-1", "x", "1.5", "", "99999999999999", "9223372036854775807", "92233720368547758080"} {
		for _, st := range []step{answers(503, "ServiceUnavailable"), throttled} {
			st.Header = "X-Amz-Retry-After: " + after
			add(script{Name: "x-amz-retry-after " + after, Steps: []step{st, st, ok}})
			st.Header = "Retry-After: " + after
			add(script{Name: "Retry-After " + after, Steps: []step{st, ok}})
		}
	}
	// The clock: codes, thresholds, answers that are not trusted, and what is kept.
	for _, code := range []string{"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed", "AccessDeniedException", "ExpiredTokenException", "RequestExpired", "InternalServerException"} {
		for _, skew := range []time.Duration{0, time.Minute, 4*time.Minute - time.Second, 4 * time.Minute, 4*time.Minute + time.Second, 10 * time.Minute, -4 * time.Minute, -4*time.Minute - time.Second, -time.Hour, 100 * time.Hour} {
			wrong := dated(answers(403, code), skew)
			// Where nothing is learnt, or for nothing, the core keeps the skew all the same.
			calls := 1
			if skew.Abs() > 4*time.Minute {
				calls = 2
			}
			add(script{Name: "skew", Steps: []step{wrong, dated(ok, skew)}, Calls: calls, Gap: time.Second})
			add(script{Name: "skew all the time", Steps: []step{wrong}})
			add(script{Name: "skew that is not corrected", Steps: []step{wrong, dated(ok, skew)}, Calls: 2, NoSkew: true})
			cached := wrong
			cached.Age = true
			add(script{Name: "skew of a cached answer", Steps: []step{cached, dated(ok, skew)}})
			add(script{Name: "skew and a deadline", Steps: []step{wrong, dated(ok, skew)}, Deadline: time.Minute})
			add(script{Name: "skew of a success", Steps: []step{dated(ok, skew)}, Calls: 5, Gap: time.Second})
			healed := []step{dated(ok, skew), dated(answers(403, code), 0), dated(ok, 0)}
			add(script{Name: "skew that heals", Steps: healed, Calls: 3, Gap: time.Second})
		}
		// Received at a whole second, so that the skew is exact.
		for _, skew := range []time.Duration{4*time.Minute - time.Second, 4 * time.Minute, 4*time.Minute + time.Second, -4 * time.Minute, -4*time.Minute - time.Second} {
			exact := dated(answers(403, code), skew)
			exact.Took = time.Second
			add(script{Name: "exact skew", Steps: []step{exact, dated(ok, skew)}})
		}
		slow := dated(answers(403, code), time.Hour)
		for _, took := range []time.Duration{15*time.Minute - time.Second, 15 * time.Minute, 15*time.Minute + time.Second} {
			slow.Took = took
			add(script{Name: "skew of a slow answer", Steps: []step{slow, dated(ok, time.Hour)}})
		}
		for _, date := range []string{"nonsense", "", "Sat, 01 Jan 2000 00:20:00 GMT", "Saturday, 01-Jan-00 00:20:00 GMT", "2000-01-01T00:20:00Z"} {
			st := answers(403, code)
			st.Header = "Date: " + date
			add(script{Name: "Date " + date, Steps: []step{st, ok}})
		}
	}
	for _, lost := range []step{reset, internal, throttled} {
		wrong := dated(answers(403, "RequestTimeTooSkewed"), 10*time.Minute)
		add(script{Name: "Date is lost", Steps: []step{wrong, lost, lost, ok, ok}, MaxAttempts: 4, Calls: 3, Gap: time.Second})
		add(script{Name: "Date is lost, and there again", Steps: []step{dated(ok, time.Hour), lost, dated(ok, time.Hour), ok, ok}, Calls: 4})
	}
	// Slow answers, and the end of the caller's context.
	slow := ok
	slow.Took = time.Hour
	add(script{Name: "slow", Steps: []step{slow}})
	hang := step{Hang: true}
	for _, deadline := range []time.Duration{time.Nanosecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 500 * time.Millisecond, 3 * time.Second} {
		for _, st := range []step{internal, throttled, refused, hang, slow, ok} {
			for _, c := range []bool{false, true} {
				add(script{Name: "deadline", Deadline: deadline, Steps: []step{st}, HTTPClient: c})
				add(script{Name: "canceled", Cancel: deadline, Steps: []step{st}, HTTPClient: c})
			}
		}
	}
	add(script{Name: "canceled before", Cancel: -1, Steps: []step{ok}})
	// Bodies.
	for _, st := range []step{ok, internal, invalid} {
		for _, cut := range []error{errors.New("unexpected EOF"), errors.New("connection reset by peer"), &net.OpError{Op: "read", Net: "tcp", Err: temporary{timeout: true}}} {
			st := st
			st.Body, st.Cut = `{"message":"m`, cut
			add(script{Name: "body that is cut off", Steps: []step{st, ok}})
		}
		st := st
		st.Reads = 5 * time.Second
		add(script{Name: "body that is slow", Steps: []step{st, ok}})
		add(script{Name: "body that is too slow", Steps: []step{st, ok}, Deadline: time.Second})
		for _, body := range []string{"<html>", "[]", "null", `"x"`, "{", `{"message":5}`} {
			st := st
			st.Reads, st.Body = 0, body
			add(script{Name: "body " + body, Steps: []step{st, ok}})
		}
	}
	for _, body := range []string{`{"__type":"ThrottlingException"}`, `{"code":"ThrottlingException"}`, `{"__type":"com.amazonaws.ivs#ThrottlingException"}`, `{"Code":"ThrottlingException"}`, `<html>`, ` `, `{`} {
		for _, status := range []int{400, 503} {
			add(script{Name: "code in the body " + body, Steps: []step{{Status: status, Body: body}, ok}})
		}
	}
	// Mixed.
	add(script{Name: "each kind once", MaxAttempts: 6, Steps: []step{throttled, refused, internal, reset, answers(504, ""), ok}})
	add(script{Name: "not retryable after retries", Steps: []step{throttled, invalid}})
	add(script{Name: "timeout of http.Client always", HTTPClient: true, ReadTimeout: 2 * time.Second, Steps: []step{hang}})
	add(script{Name: "timeout of http.Client", HTTPClient: true, ReadTimeout: 2 * time.Second, Steps: []step{hang, hang, ok}})
	add(script{Name: "deadline in another zone", Deadline: time.Hour, Zone: time.FixedZone("", 2*60*60), Steps: []step{dated(answers(403, "InvalidSignatureException"), 10*time.Minute), ok}})
	return all
}

func TestScripts(t *testing.T) {
	for _, path := range []string{"plain", "stack"} {
		t.Run(path, func(t *testing.T) {
			c := rules.Compare(t, tally.Row{Area: "Retries", What: "scripts by hand, " + path + " path", With: newest}, differences(t, newest, byHand))
			for _, s := range scripts() {
				c.Case(s.String(), s, play(t, s, newest), play(t, s, path))
			}
			c.Done()
		})
	}
}

// random makes a script of one of three kinds: of everything but the clock, of
// the clock alone, and of a clock that some attempts say nothing about.
func random(r *rand.Rand) script {
	s := script{
		Name:        "random",
		MaxAttempts: []int{0, 0, 0, 1, 2, 5, 9}[r.IntN(7)],
		OfCall:      r.IntN(4) == 0,
		Calls:       1 + r.IntN(5),
		Gap:         time.Duration(r.IntN(3000)) * time.Millisecond,
		HTTPClient:  r.IntN(4) == 0,
		NoSkew:      r.IntN(8) == 0,
	}
	switch r.IntN(4) {
	case 0:
		s.Retryer = standard(tokens(uint(r.IntN(60))), attempts(1+r.IntN(6)))
	case 1:
		s.Retryer = func() aws.Retryer { return patient{impatient()} }
	}
	kind := r.IntN(3)
	skew := []time.Duration{0, time.Minute, 10 * time.Minute, -10 * time.Minute, 5 * time.Hour}[r.IntN(5)]
	pick := func() (st step) {
		st.Took = time.Duration(r.IntN(800)) * time.Millisecond
		switch n := r.IntN(10); {
		case n < 3:
			st.Status = 200
		case n < 6 && kind != 1:
			st.Err = transport[r.IntN(len(transport))]
		default:
			st.Status = statuses[r.IntN(len(statuses))]
			st.Code = codes[r.IntN(len(codes)-2)] // the last two need stripping, and were seen by hand
		}
		switch kind {
		case 0:
			st.Body = []string{"", "", "", "<html>", "{", "null"}[r.IntN(6)]
			if r.IntN(6) == 0 {
				st.Header = fmt.Sprintf("X-Amz-Retry-After: %d", r.IntN(9000))
			}
			if r.IntN(12) == 0 {
				st.Cut = errors.New("unexpected EOF")
			}
		case 1:
			if r.IntN(4) == 0 {
				skew = []time.Duration{0, 3 * time.Minute, -10 * time.Minute, 6 * time.Minute, 5 * time.Hour}[r.IntN(5)]
			}
			if st.Status != 200 {
				st.Code = []string{"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed", "AccessDeniedException"}[r.IntN(5)]
				st.Status = 403
			}
			st = dated(st, skew)
		case 2:
			if r.IntN(2) == 0 && st.Err == nil {
				st = dated(st, skew)
			}
			if st.Status >= 300 {
				st.Code = []string{"ThrottlingException", "InternalServerException", "ValidationException"}[r.IntN(3)]
			}
		}
		return st
	}
	if kind == 1 {
		s.Calls = 1 // what is kept from one to the next is left to scripts by hand
	}
	for range 1 + r.IntN(12) {
		s.Steps = append(s.Steps, pick())
	}
	switch {
	case kind == 0 && r.IntN(3) == 0:
		// An odd number of nanoseconds, so that nothing else happens then.
		s.Deadline = time.Duration(1+r.IntN(5000))*time.Millisecond + 7919
	case kind == 1 && r.IntN(3) == 0:
		s.Deadline = 24 * time.Hour // never reached, for its time in the headers
	}
	return s
}

func TestRandomScripts(t *testing.T) {
	const seed = 4
	n := 15_000
	if testing.Short() {
		n = 1500
	}
	for _, path := range []string{"plain", "stack"} {
		t.Run(path, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, seed))
			c := rules.Compare(t, tally.Row{Area: "Retries", What: "random scripts, " + path + " path", With: newest}, differences(t, newest, atRandom))
			for range n {
				s := random(r)
				c.Case(s.String(), s, play(t, s, newest), play(t, s, path))
			}
			c.Done()
		})
	}
}

// The official client of the service knows nothing of clocks that go wrong, which
// the newest runtime stands for above.
func TestScriptsWithoutClocks(t *testing.T) {
	const oracle = "official v1.30.0"
	c := rules.Compare(t, tally.Row{Area: "Retries", What: "scripts without clocks", With: oracle}, differences(t, oracle, clockless))
	for _, s := range scripts() {
		if !slices.ContainsFunc(s.Steps, func(st step) bool { return st.Date || strings.HasPrefix(st.Header, "Date") }) {
			c.Case(s.String(), s, play(t, s, oracle), play(t, s, "plain"))
		}
	}
	c.Done()
}
