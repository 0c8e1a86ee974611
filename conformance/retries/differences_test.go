package retries

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
)

type difference = rules.Difference[script, trace]

// kinds are the tests in which a difference shows.
type kinds int

const (
	byHand    kinds = 1 << iota // scripts by hand against the newest runtime
	atRandom                    // random ones
	clockless                   // without clocks, against the official client of the service
)

// A replay is a difference that changes the course of a call: what this library
// does is what the official client does with another script.
type replay struct {
	in               kinds
	since, what, why string
	// change makes the other script, and reports whether it is another.
	change func(*script) bool
}

var replays = []replay{
	{
		byHand | atRandom | clockless,
		"2026-11-28", "the status 429 with a code that the API documents is not throttling",
		"the code says what it is; the official clients take a code that the operation does not document for none",
		func(s *script) bool {
			if !slices.ContainsFunc(s.Steps, func(st step) bool { return st.Status == 429 && modelled[st.Code] }) {
				return false
			}
			inner := s.Retryer
			s.Retryer = func() aws.Retryer {
				if inner != nil {
					return byCode(inner())
				}
				return byCode(retry.NewStandard())
			}
			return true
		},
	},
	{
		byHand | atRandom,
		"2026-11-28", "the Date of a response counts only with an error that a wrong clock can cause",
		"a proxy with a wrong clock dates successes too; the core signs the next call by it, which fails for its time",
		eachStep(func(st *step) bool {
			if !st.Date || st.clock() {
				return false
			}
			st.Date = false
			return true
		}),
	},
	{
		byHand,
		"2026-11-25", "the time in Amz-Sdk-Request is in UTC",
		"the core writes the time of the deadline's zone with the Z of UTC",
		func(s *script) bool {
			was := s.Zone
			s.Zone = nil
			return was != nil
		},
	},
	{
		byHand | clockless,
		"2026-11-25", "an x-amz-retry-after too large for a duration counts as very long",
		"it overflows in the core and counts as none",
		eachStep(func(st *step) bool {
			if st.Header != "X-Amz-Retry-After: 9223372036854775807" {
				return false
			}
			st.Header = "X-Amz-Retry-After: 1000000000"
			return true
		}),
	},
	{
		byHand | atRandom | clockless,
		"2026-11-28", "a success that ends early or lacks what it must have is retried, whatever its end was",
		"nothing is lost for an operation that may be repeated; the core retries it only by some texts of errors",
		eachStep(func(st *step) bool {
			whole := st.Cut == nil && st.Body != "{" && st.Body != "null" && st.Body != `{"message":5}`
			if st.Status < 200 || st.Status >= 300 || whole || st.Cut != nil && strings.Contains(st.Cut.Error(), "connection reset") {
				return false
			}
			st.Body, st.Cut = "{", errors.New("connection reset by peer") // which the core retries
			return true
		}),
	},
	{
		byHand | atRandom | clockless,
		"2026-11-25", "an error answer whose body cannot be read or is no JSON counts by its status and the code of its header",
		"the core says that the body is no JSON, and does not retry a throttle whose body got lost",
		eachStep(func(st *step) bool {
			whole := st.Cut == nil && (st.Body == "" || json.Valid([]byte(st.Body)) && st.Body[0] == '{')
			if st.Status < 300 || whole || st.Cut != nil && strings.Contains(st.Cut.Error(), "connection reset") {
				return false
			}
			st.Body, st.Cut = "", nil
			return true
		}),
	},
}

func eachStep(change func(*step) bool) func(*script) bool {
	return func(s *script) (changed bool) {
		s.Steps = slices.Clone(s.Steps)
		for i := range s.Steps {
			changed = change(&s.Steps[i]) || changed
		}
		return changed
	}
}

// differences lists in what an official client, the oracle, and this library
// differ, as far as it shows in scripts of one kind.
func differences(t *testing.T, oracle string, kind kinds) (list []difference) {
	for i, r := range replays {
		if r.in&kind == 0 {
			continue
		}
		list = append(list, difference{Since: r.since, What: r.what, Why: r.why, Ours: func(s script, o trace) trace {
			for j := range replays[:i] {
				replays[j].change(&s)
			}
			if !r.change(&s) {
				return o
			}
			return play(t, s, oracle)
		}})
	}
	if kind&(byHand|clockless) != 0 {
		list = append(list, []difference{
			{
				Since: "2026-11-25",
				What:  "the connection reset while an error answer is read is an APIError with the code of the header",
				Why:   "the core loses the code",
				Ours: func(s script, o trace) trace {
					return eachCall(o, func(c *call, last int) {
						if last < 0 || !c.Result.Deserialized || c.Result.Context != "" {
							return
						}
						if st := s.Steps[min(last, len(s.Steps)-1)]; st.Status >= 300 {
							c.Result.Deserialized, c.Result.Code = false, cmp.Or(st.Code, "UnknownError")
						}
					})
				},
			},
			{
				Since: "2026-11-25",
				What:  "the timeout of a http.Client matches no error of a context",
				Why:   "callers would take it for the end of their own",
				Ours: func(s script, o trace) trace {
					return eachCall(o, func(c *call, _ int) {
						if s.ReadTimeout != 0 && s.Deadline == 0 {
							c.Result.Context = ""
						}
					})
				},
			},
			{
				Since: "2026-11-25",
				What:  "the end of the context while an answer is read is no smithy.DeserializationError",
				Why:   "nothing is wrong with the answer",
				Ours: func(_ script, o trace) trace {
					return eachCall(o, func(c *call, _ int) {
						if c.Result.Context != "" {
							c.Result.Deserialized = false
						}
					})
				},
			},
			{
				Since: "2026-11-25",
				What:  "without a token for the next attempt, the error carries that of the attempt before too",
				Why:   "the core drops what the service said",
				Ours: func(s script, o trace) trace {
					return eachCall(o, func(c *call, last int) {
						if c.Result == (result{Operation: true}) {
							c.Result.add(s, last)
						}
					})
				},
			},
		}...)
	}
	if kind&byHand != 0 {
		list = append(list, difference{
			Since: "2026-11-25",
			What:  "an attempt that saw no Date keeps the clock skew known before",
			Why:   "the core forgets it for the next attempt, which then fails for its time",
			Ours:  keepSkew,
		})
	}
	return append(list, []difference{
		{
			Since: "2026-11-25",
			What:  "when the context ends between attempts, the error carries that of the attempt before too, and is always a smithy.CanceledError",
			Why:   "the service's error is the reason for the waiting; the core drops it, and returns the bare error of the context before an attempt",
			Ours: func(s script, o trace) trace {
				return eachCall(o, func(c *call, last int) {
					// What ends within an attempt has a Response, of status 0 without an answer.
					if c.Result.Context != "" && c.Result.Response == "" {
						c.Result.Canceled = true
						c.Result.add(s, last)
					}
				})
			},
		},
		{
			Since: "2026-11-25",
			What:  "without an answer there is no awshttp.ResponseError",
			Why:   "the core makes one with the status 0",
			Ours: func(_ script, o trace) trace {
				return eachCall(o, func(c *call, _ int) {
					if c.Result.Response == "0 " {
						c.Result.Response = ""
					}
				})
			},
		},
	}...)
}

// clock reports whether the response is an error that a wrong clock can cause.
func (st step) clock() bool { return st.Status >= 300 && clockCodes[st.Code] }

var clockCodes = map[string]bool{
	"InvalidSignatureException": true, "SignatureDoesNotMatch": true, "AuthFailure": true, "RequestTimeTooSkewed": true, "AccessDeniedException": true,
}

// seen reports whether an answer says something about the clock.
func (st step) seen() bool {
	return st.Date && st.clock() && !st.Age && st.Err == nil && !st.Hang && st.Took <= 15*time.Minute
}

// seconds rounds down, as formatting a time does.
func seconds(d time.Duration) time.Duration {
	return time.Duration(math.Floor(d.Seconds())) * time.Second
}

// keepSkew changes the attempts after one that says nothing about the clock.
func keepSkew(s script, o trace) trace {
	if s.NoSkew || s.Deadline != 0 || slices.ContainsFunc(s.Steps, func(st step) bool { return strings.HasPrefix(st.Header, "Date: ") }) {
		return o
	}
	o = slices.Clone(o)
	var (
		n      int
		known  time.Duration // Date has whole seconds, so that this has not
		unseen bool
	)
	for i := range o {
		o[i].Attempts = slices.Clone(o[i].Attempts)
		for j := range o[i].Attempts {
			a := &o[i].Attempts[j]
			now := o[i].Start + a.At // since a whole second
			if unseen {
				a.Skew = seconds(now+known) - seconds(now)
			}
			st := s.Steps[min(n, len(s.Steps)-1)]
			n++
			if unseen = !st.seen(); !unseen {
				received := now + st.Took
				known = seconds(received+st.Skew) - received
			}
		}
	}
	return o
}

// eachCall changes a copy of o. last is the step of the call's last attempt, -1
// when there was none.
func eachCall(o trace, change func(c *call, last int)) trace {
	o = slices.Clone(o)
	step := -1
	for i := range o {
		last := -1
		if n := len(o[i].Attempts); n != 0 {
			step += n
			last = step
		}
		change(&o[i], last)
	}
	return o
}

// add adds what the error of the attempt with step n would be found by.
func (r *result) add(s script, n int) {
	if n < 0 {
		return
	}
	st := s.Steps[min(n, len(s.Steps)-1)]
	if st.Err != nil {
		r.Send = true
		return
	}
	r.Response = strconv.Itoa(st.Status) + " id"
	if st.Status < 300 {
		r.Deserialized = true
		return
	}
	r.Code = st.Code
}

// modelled are the codes that the API documents.
var modelled = map[string]bool{
	"AccessDeniedException": true, "ConflictException": true, "InternalServerException": true, "PendingVerification": true,
	"ResourceNotFoundException": true, "ServiceQuotaExceededException": true, "ValidationException": true,
}

// byCode makes r see no throttling in the status 429 of an error that is modelled.
func byCode(r aws.Retryer) aws.Retryer {
	if v2, ok := r.(aws.RetryerV2); ok {
		return &byCodeV2{v2}
	}
	return &byCodeV1{r}
}

type (
	byCodeV1 struct{ aws.Retryer }
	byCodeV2 struct{ aws.RetryerV2 }
)

func (r *byCodeV1) IsErrorRetryable(err error) bool {
	return !isModelledTooMany(err) && r.Retryer.IsErrorRetryable(err)
}

func (r *byCodeV2) IsErrorRetryable(err error) bool {
	return !isModelledTooMany(err) && r.RetryerV2.IsErrorRetryable(err)
}

func (r *byCodeV2) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	release, err := r.RetryerV2.GetAttemptToken(ctx)
	return func(err error) error {
		if isModelledTooMany(err) {
			err = errors.New("not throttled")
		}
		return release(err)
	}, err
}

func isModelledTooMany(err error) bool {
	var response *smithyhttp.ResponseError
	var api smithy.APIError
	return errors.As(err, &response) && response.HTTPStatusCode() == 429 && errors.As(err, &api) && modelled[api.ErrorCode()]
}
