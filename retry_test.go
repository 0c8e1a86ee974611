package ivsrealtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// The loop itself is tested in internal/retryloop; this is what a caller of the
// client sees of it.

// inBubble runs a test on both paths, where time is virtual.
func inBubble(t *testing.T, test func(t *testing.T, newClient newClientFunc)) {
	t.Helper()
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		synctest.Test(t, func(t *testing.T) { test(t, newClient) })
	})
}

// headersOf returns one header of all requests.
func headersOf(tr *transport, name string) (values []string) {
	for _, r := range tr.requests {
		values = append(values, r.Header.Get(name))
	}
	return values
}

const compositionAnswer = `{"composition":{"arn":"` + testCompositionARN + `","stageArn":"` + testStageARN + `","state":"STARTING","layout":{"grid":{}},"destinations":[]}}`

func TestRetriedUntilItSucceeds(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(500, `{"exceptionMessage":"oops"}`), answer(503, ``), answer(200, compositionAnswer))
		in := &ivsrealtime.StartCompositionInput{StageARN: testStageARN, Destinations: []ivsrealtime.DestinationConfiguration{}}
		out, err := newClient(tr).StartComposition(t.Context(), in)
		require.NoError(t, err)
		require.Equal(t, testCompositionARN, out.Composition.ARN)
		require.Equal(t, 3, tr.count())

		require.Equal(t, []string{"attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3"}, headersOf(tr, "Amz-Sdk-Request"))
		ids := headersOf(tr, "Amz-Sdk-Invocation-Id")
		require.Len(t, ids[0], 36)
		require.Equal(t, []string{ids[0], ids[0], ids[0]}, ids)

		require.Regexp(t, `"idempotencyToken":"[0-9a-f-]{36}"`, tr.bodies[0])
		require.Equal(t, []string{tr.bodies[0], tr.bodies[0], tr.bodies[0]}, tr.bodies)
		require.Equal(t, &ivsrealtime.StartCompositionInput{StageARN: testStageARN, Destinations: []ivsrealtime.DestinationConfiguration{}}, in, "the input is not written to")
		for i, r := range tr.requests {
			verifySignature(t, r, tr.bodies[i])
		}
	})
}

func TestTwoCallsDifferInTokenAndID(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, compositionAnswer))
		c := newClient(tr)
		for range 2 {
			_, err := c.StartComposition(t.Context(), &ivsrealtime.StartCompositionInput{StageARN: testStageARN, Destinations: []ivsrealtime.DestinationConfiguration{}})
			require.NoError(t, err)
		}
		require.NotEqual(t, tr.bodies[0], tr.bodies[1])
		ids := headersOf(tr, "Amz-Sdk-Invocation-Id")
		require.NotEqual(t, ids[0], ids[1])
	})
}

func TestWhatIsRetried(t *testing.T) {
	const three = 3
	for _, test := range []struct {
		name     string
		do       func(*http.Request) (*http.Response, error)
		requests int
		is       error // nil: none
	}{
		{"500", answer(500, `{"exceptionMessage":"m"}`, "x-amzn-errortype", "InternalServerException"), three, ivsrealtime.ErrInternal},
		{"502 in HTML", answer(502, `<html>`, "Content-Type", "text/html"), three, nil},
		{"503 without a body", answer(503, ``), three, nil},
		{"504", answer(504, ``), three, nil},
		{"429 with an unknown code", answer(429, `{"message":"m"}`, "x-amzn-errortype", "CalmDownException"), three, ivsrealtime.ErrThrottled},
		{"429 without a code", answer(429, ``), three, ivsrealtime.ErrThrottled},
		{"429 with a known code", answer(429, `{"__type":"TooManyRequestsException"}`), three, ivsrealtime.ErrThrottled},
		{"400 with a throttling code", answer(400, `{"message":"Rate exceeded"}`, "x-amzn-errortype", "ThrottlingException:http://internal.amazon.com/"), three, ivsrealtime.ErrThrottled},
		{"503 with a throttling code", answer(503, `{"__type":"com.amazonaws.ivs#Throttling"}`), three, ivsrealtime.ErrThrottled},
		{"408 RequestTimeoutException", answer(408, `{"__type":"RequestTimeoutException"}`), three, nil},
		{"no connection", failing(errors.New("connection refused")), three, nil},

		{"400", answer(400, `{"exceptionMessage":"m"}`, "x-amzn-errortype", "ValidationException"), 1, ivsrealtime.ErrValidation},
		{"402", answer(402, `{"exceptionMessage":"m"}`, "x-amzn-errortype", "ServiceQuotaExceededException"), 1, ivsrealtime.ErrQuotaExceeded},
		{"403", answer(403, `{"exceptionMessage":"m"}`, "x-amzn-errortype", "AccessDeniedException"), 1, ivsrealtime.ErrAccessDenied},
		{"404", answer(404, `{"exceptionMessage":"m"}`, "x-amzn-errortype", "ResourceNotFoundException"), 1, ivsrealtime.ErrNotFound},
		{"409", answer(409, `{"exceptionMessage":"m"}`, "x-amzn-errortype", "ConflictException"), 1, ivsrealtime.ErrConflict},
		{"200 that is not JSON", answer(200, `<html>`), 1, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				tr := answering(test.do)
				_, err := getStage(t.Context(), newClient(tr))
				require.Error(t, err)
				require.Equal(t, test.requests, tr.count())
				if test.is != nil {
					require.ErrorIs(t, err, test.is)
				}
				var exhausted *retry.MaxAttemptsError
				if test.requests == 1 {
					require.NotErrorAs(t, err, &exhausted)
					return
				}
				require.ErrorAs(t, err, &exhausted)
				require.Equal(t, three, exhausted.Attempt)
			})
		})
	}
}

// An attempt that decoded half an answer leaves nothing of it.
func TestAttemptsDoNotMix(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, `{"nextToken":"left over","stages":5}`), answer(200, `{"stages":[{"name":"lobby"}]}`))
		c := newClient(tr, func(o *ivsrealtime.Options) { o.Retryer = anyError{o.Retryer} })
		out, err := c.ListStages(t.Context(), nil)
		require.NoError(t, err)
		require.Equal(t, 2, tr.count())
		require.Empty(t, out.NextToken)
		require.Equal(t, []ivsrealtime.StageSummary{{Name: "lobby"}}, out.Stages)
	})
}

// anyError retries every error. It is a Retryer of the older kind.
type anyError struct{ aws.Retryer }

func (anyError) IsErrorRetryable(error) bool { return true }

func TestRetryOptionsOfACall(t *testing.T) {
	for _, test := range []struct {
		name     string
		client   func(*ivsrealtime.Options)
		call     func(*ivsrealtime.Options)
		status   int
		requests int
		header   string
	}{
		{"RetryMaxAttempts 1", nil, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }, 500, 1, "attempt=1; max=1"},
		{"RetryMaxAttempts 5", nil, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 5 }, 500, 5, "attempt=5; max=5"},
		{"RetryMaxAttempts of the client", func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 2 }, nil, 500, 2, "attempt=2; max=2"},
		{"RetryMaxAttempts of the client and another", func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 2 }, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 4 }, 500, 4, "attempt=4; max=4"},
		{"RetryMaxAttempts 0, no change", func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 2 }, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 0 }, 500, 2, "attempt=2; max=2"},
		{"RetryMaxAttempts 0 of a client without retries", func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 0 }, 500, 1, "attempt=1; max=1"},
		{"RetryMaxAttempts 0 of neither", nil, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 0 }, 500, 3, "attempt=3; max=3"},
		{"RetryMaxAttempts 0 and another option", func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }, func(o *ivsrealtime.Options) { o.RetryMaxAttempts, o.AppID = 0, "x" }, 500, 1, "attempt=1; max=1"},
		{"RetryMaxAttempts 0 and no retryer", func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }, func(o *ivsrealtime.Options) { o.RetryMaxAttempts, o.Retryer = 0, nil }, 500, 1, "attempt=1; max=1"},
		{"RetryMaxAttempts 0 and a wrapped retryer", func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }, func(o *ivsrealtime.Options) {
			o.RetryMaxAttempts, o.Retryer = 0, retry.AddWithErrorCodes(o.Retryer, "UnknownError")
		}, 404, 1, "attempt=1; max=1"},
		{"RetryMaxAttempts 0 and a call's retryer", func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }, func(o *ivsrealtime.Options) {
			o.RetryMaxAttempts, o.Retryer = 0, retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 2 })
		}, 500, 2, "attempt=2; max=2"},
		{"Nop retryer", nil, func(o *ivsrealtime.Options) { o.Retryer = aws.NopRetryer{} }, 500, 1, "attempt=1; max=1"},
		{"Nop retryer of the client", func(o *ivsrealtime.Options) { o.Retryer = aws.NopRetryer{} }, nil, 500, 1, "attempt=1; max=1"},
		{"retryer of the older kind", nil, func(o *ivsrealtime.Options) { o.Retryer = anyError{o.Retryer} }, 404, 3, "attempt=3; max=3"},
		{"retryer of the older kind at the client", func(o *ivsrealtime.Options) { o.Retryer = anyError{o.Retryer} }, nil, 404, 3, "attempt=3; max=3"},
		{"a call's retryer, whatever the client's limit", func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 5 }, func(o *ivsrealtime.Options) {
			o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 1 })
		}, 500, 1, "attempt=1; max=1"},
		{"the client's retryer with its limit, wrapped", func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }, func(o *ivsrealtime.Options) {
			o.Retryer = retry.AddWithErrorCodes(o.Retryer, "UnknownError")
		}, 404, 1, "attempt=1; max=1"},
		{"the same and another limit", func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }, func(o *ivsrealtime.Options) {
			o.Retryer, o.RetryMaxAttempts = retry.AddWithErrorCodes(o.Retryer, "UnknownError"), 4
		}, 404, 4, "attempt=4; max=4"},
		{"both", nil, func(o *ivsrealtime.Options) { o.Retryer, o.RetryMaxAttempts = anyError{o.Retryer}, 2 }, 404, 2, "attempt=2; max=2"},
		{"wrapped", nil, func(o *ivsrealtime.Options) { o.Retryer = retry.AddWithErrorCodes(o.Retryer, "UnknownError") }, 404, 3, "attempt=3; max=3"},
		{"nil, the client's", nil, func(o *ivsrealtime.Options) { o.Retryer = nil }, 500, 3, "attempt=3; max=3"},
		{"without a limit", nil, func(o *ivsrealtime.Options) {
			o.Retryer = retry.AddWithMaxAttempts(o.Retryer, 0)
		}, 500, 36, "attempt=36"}, // until the bucket of 500 is empty, at 14 a retry
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				var clientFns, callFns []func(*ivsrealtime.Options)
				if test.client != nil {
					clientFns = append(clientFns, test.client)
				}
				if test.call != nil {
					callFns = append(callFns, test.call)
				}
				tr := answering(answer(test.status, `{}`))
				_, err := getStage(t.Context(), newClient(tr, clientFns...), callFns...)
				require.Error(t, err)
				require.Equal(t, test.requests, tr.count())
				require.Equal(t, test.header, tr.requests[tr.count()-1].Header.Get("Amz-Sdk-Request"))
			})
		})
	}
}

func TestRetryBucketIsShared(t *testing.T) {
	for _, test := range []struct {
		name string
		call func(*ivsrealtime.Options)
	}{
		{"plain calls", func(*ivsrealtime.Options) {}},
		{"calls with a limit of their own", func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 2 }},
		{"calls that change something else", func(o *ivsrealtime.Options) { o.Region = "us-west-2" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				tr := answering(answer(400, `{"message":"Rate exceeded"}`, "x-amzn-errortype", "ThrottlingException", "x-amzn-requestid", "id-9"))
				c := newClient(tr, func(o *ivsrealtime.Options) {
					o.RetryMaxAttempts = 2
					o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.RateLimiter = ratelimit.NewTokenRateLimit(7) }) // one retry costs 5
				})
				_, err := getStage(t.Context(), c, test.call)
				require.ErrorAs(t, err, new(*retry.MaxAttemptsError))
				require.Equal(t, 2, tr.count())

				_, err = getStage(t.Context(), c, test.call)
				require.Equal(t, 3, tr.count(), "no tokens for a retry are left")
				var quota ratelimit.QuotaExceededError
				require.ErrorAs(t, err, &quota)
				require.Equal(t, ratelimit.QuotaExceededError{Available: 2, Requested: 5}, quota)
				require.ErrorIs(t, err, ivsrealtime.ErrThrottled)
				var apiErr *ivsrealtime.APIError
				require.ErrorAs(t, err, &apiErr)
				require.Equal(t, "Rate exceeded", apiErr.Message)
				var respErr *awshttp.ResponseError
				require.ErrorAs(t, err, &respErr)
				require.Equal(t, "id-9", respErr.RequestID)
				require.NotErrorAs(t, err, new(*retry.MaxAttemptsError))

				tr.do = answer(200, stageAnswer)
				for range 3 { // each success gives one back
					_, err = getStage(t.Context(), c, test.call)
					require.NoError(t, err)
				}
				tr.do = answer(429, `{}`)
				_, err = getStage(t.Context(), c, test.call)
				require.ErrorAs(t, err, new(*retry.MaxAttemptsError))
				require.Equal(t, 8, tr.count())
			})
		})
	}
}

// The service lengthens the delay before a retry, by 5 s at most. No environment
// variable has a say in it.
func TestRetryAfter(t *testing.T) {
	for _, test := range []struct {
		env, after string
		min, max   time.Duration
	}{
		{"", "1500", 1500 * time.Millisecond, 1500 * time.Millisecond},
		{"true", "1500", 1500 * time.Millisecond, 1500 * time.Millisecond},
		{"false", "1500", 1500 * time.Millisecond, 1500 * time.Millisecond},
		{"", "4000", 4 * time.Second, 4 * time.Second},
		{"", "600000", 5 * time.Second, 5*time.Second + 50*time.Millisecond},
		{"", "0", 0, 50 * time.Millisecond},
		{"", "soon", 0, 50 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("AWS_NEW_RETRIES_2026=%s/%s", test.env, test.after), func(t *testing.T) {
			t.Setenv("AWS_NEW_RETRIES_2026", test.env)
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				start := time.Now()
				tr := answering(answer(503, ``, "x-amz-retry-after", test.after), answer(200, stageAnswer))
				_, err := getStage(t.Context(), newClient(tr))
				require.NoError(t, err)
				require.GreaterOrEqual(t, time.Since(start), test.min)
				require.LessOrEqual(t, time.Since(start), test.max)
			})
		})
	}
}

// What counts as throttling waits 1 s (times a random factor) before the first
// retry, which costs 5 tokens. What does not waits 50 ms, and pays 14.
func TestThrottlingBacksOff(t *testing.T) {
	for _, test := range []struct {
		name      string
		do        func(*http.Request) (*http.Response, error)
		throttled bool
	}{
		{"429 without a code", answer(429, ``), true},
		{"429 in HTML", answer(429, `<html>slow down</html>`, "Content-Type", "text/html"), true},
		{"429 with an unknown code", answer(429, `{"message":"m"}`, "x-amzn-errortype", "CalmDownException"), true},
		{"429 with a throttling code", answer(429, `{"message":"m"}`, "x-amzn-errortype", "TooManyRequestsException"), true},
		{"400 with a throttling code", answer(400, `{"message":"m"}`, "x-amzn-errortype", "ThrottlingException"), true},
		{"503 with a throttling code", answer(503, `{"__type":"SlowDown"}`), true},
		{"503", answer(503, ``), false},
		{"500 with a known code", answer(500, `{"message":"m"}`, "x-amzn-errortype", "InternalServerException"), false},
		{"500 with an unknown code", answer(500, `{"message":"m"}`, "x-amzn-errortype", "CalmDownException"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				bucket := ratelimit.NewTokenRateLimit(500)
				var left uint // at the second attempt
				tr := &transport{}
				tr.do = func(r *http.Request) (*http.Response, error) {
					if r.Header.Get("Amz-Sdk-Request") == "attempt=1; max=3" {
						return test.do(r)
					}
					left = bucket.Remaining()
					return answer(200, stageAnswer)(r)
				}
				c := newClient(tr, func(o *ivsrealtime.Options) {
					o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.RateLimiter = bucket })
				})
				var longest time.Duration
				for range 20 {
					start := time.Now()
					_, err := getStage(t.Context(), c)
					require.NoError(t, err)
					longest = max(longest, time.Since(start))
					require.Equal(t, map[bool]uint{true: 495, false: 486}[test.throttled], left)
					require.EqualValues(t, 500, bucket.Remaining())
				}
				if test.throttled {
					require.Greater(t, longest, 50*time.Millisecond) // 20 factors below 0.05 do not happen
				} else {
					require.LessOrEqual(t, longest, 50*time.Millisecond)
				}
			})
		})
	}
}

// A 429 whose code the API documents as something else is that, as for the core.
func TestTooManyRequestsWithAModelledCode(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(429, `{"message":"m"}`, "x-amzn-errortype", "ConflictException"))
		_, err := getStage(t.Context(), newClient(tr))
		require.ErrorIs(t, err, ivsrealtime.ErrConflict)
		require.NotErrorIs(t, err, ivsrealtime.ErrThrottled)
		require.Equal(t, 1, tr.count())
	})
}

// For the core a code that the API does not document is generic. It is an APIError
// all the same.
func TestUnmodelledErrorIsGeneric(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		for _, test := range []struct {
			status int
			code   string
			fault  smithy.ErrorFault
		}{
			{429, "CalmDownException", smithy.FaultClient}, {418, "TeapotException", smithy.FaultClient}, {500, "InternalFailure", smithy.FaultServer},
		} {
			tr := answering(answer(test.status, `{"message":"m"}`, "x-amzn-errortype", test.code))
			_, err := getStage(t.Context(), newClient(tr))
			var api smithy.APIError
			require.ErrorAs(t, err, &api)
			require.Equal(t, &smithy.GenericAPIError{Code: test.code, Message: "m", Fault: test.fault}, api)
			var ours *ivsrealtime.APIError
			require.ErrorAs(t, err, &ours)
			require.Equal(t, &ivsrealtime.APIError{Code: test.code, Message: "m", Fault: test.fault, StatusCode: test.status}, ours)
			require.ErrorContains(t, err, test.code+": m")
		}
	})
}

// badClock answers requests whose signing time is off by more than 5 minutes as
// the service does. The service's clock is ahead of ours.
func badClock(ahead time.Duration) *transport {
	tr := &transport{}
	tr.do = func(r *http.Request) (*http.Response, error) {
		now := time.Now().Add(ahead)
		date := now.UTC().Format(http.TimeFormat)
		signed, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		if err != nil || now.Sub(signed).Abs() > 5*time.Minute {
			return answer(403, `{"message":"Signature expired"}`, "x-amzn-errortype", "InvalidSignatureException", "Date", date)(r)
		}
		return answer(200, stageAnswer, "Date", date)(r)
	}
	return tr
}

func TestClockSkew(t *testing.T) {
	for _, ahead := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(fmt.Sprint(ahead), func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				at := func(ahead time.Duration) string { return time.Now().Add(ahead).UTC().Format("20060102T150405Z") }
				tr := badClock(ahead)
				c := newClient(tr, func(o *ivsrealtime.Options) {
					o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
						o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
					})
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_, err := getStage(ctx, c)
				require.NoError(t, err)
				require.Equal(t, []string{at(0), at(ahead)}, headersOf(tr, "X-Amz-Date"))
				second := "attempt=2; max=3"
				if ahead > 0 {
					second += "; ttl=" + at(ahead+time.Minute)
				}
				require.Equal(t, []string{"attempt=1; max=3", second}, headersOf(tr, "Amz-Sdk-Request"))

				time.Sleep(10 * time.Second) // virtual
				_, err = getStage(t.Context(), c)
				require.NoError(t, err)
				require.Equal(t, 3, tr.count(), "the next call starts with the skew")
				require.Equal(t, at(ahead), tr.requests[2].Header.Get("X-Amz-Date"))

				// The clocks agree again.
				tr.do = badClock(0).do
				_, err = getStage(t.Context(), c)
				require.NoError(t, err)
				require.Equal(t, at(0), tr.requests[4].Header.Get("X-Amz-Date"))
				require.Equal(t, 5, tr.count())
			})
		})
	}
}

func TestClockSkewSwitchedOff(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		tr := badClock(time.Hour)
		c := newClient(tr)
		off := func(o *ivsrealtime.Options) { o.DisableClockSkewCorrection = true }
		_, err := getStage(t.Context(), c, off)
		require.ErrorContains(t, err, "Signature expired")
		require.Equal(t, 1, tr.count())

		_, err = getStage(t.Context(), newClient(tr, off))
		require.Error(t, err)
		require.Equal(t, 2, tr.count())
		require.Equal(t, tr.requests[0].Header.Get("X-Amz-Date"), tr.requests[1].Header.Get("X-Amz-Date"))

		_, err = getStage(t.Context(), c) // nothing was kept by the call that had it off
		require.NoError(t, err)
		require.Equal(t, 4, tr.count())
	})
}

// A Date that says nothing about the clocks changes nothing for the next call.
func TestDateThatIsNotTrusted(t *testing.T) {
	for _, test := range []struct {
		name    string
		took    time.Duration
		headers []string
		want    time.Duration // by which the next call is signed ahead
	}{
		{"none", 0, nil, 0},
		{"an hour ahead", 0, []string{"Date", "Sat, 01 Jan 2000 01:00:00 GMT"}, time.Hour},
		{"cached", 0, []string{"Date", "Sat, 01 Jan 2000 01:00:00 GMT", "Age", "0"}, 0},
		{"15 minutes", 15 * time.Minute, []string{"Date", "Sat, 01 Jan 2000 01:15:00 GMT"}, time.Hour},
		{"more than 15 minutes", 16 * time.Minute, []string{"Date", "Sat, 01 Jan 2000 01:16:00 GMT"}, 0},
		{"no date", 0, []string{"Date", "yesterday"}, 0},
	} {
		for _, first := range []struct {
			status int
			code   string
			learns bool
		}{{200, "", false}, {404, "ResourceNotFoundException", false}, {400, "ExpiredTokenException", false}, {403, "InvalidSignatureException", true}, {403, "AccessDeniedException", true}} {
			t.Run(fmt.Sprint(test.name, " ", first.status, first.code), func(t *testing.T) {
				inBubble(t, func(t *testing.T, newClient newClientFunc) {
					tr := answering(func(r *http.Request) (*http.Response, error) {
						time.Sleep(test.took) // virtual
						return answer(first.status, stageAnswer, append(test.headers, "X-Amzn-Errortype", first.code)...)(r)
					}, answer(200, stageAnswer))
					c := newClient(tr, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
					_, err := getStage(t.Context(), c)
					require.Equal(t, first.status == 200, err == nil)
					_, err = getStage(t.Context(), c)
					require.NoError(t, err)
					want := time.Now()
					if first.learns {
						want = want.Add(test.want)
					}
					require.Equal(t, want.UTC().Format("20060102T150405Z"), tr.requests[1].Header.Get("X-Amz-Date"))
				})
			})
		}
	}
}

// A proxy whose clock is 10 minutes ahead dates all responses; the service's clock is right.
func TestDateOfAProxy(t *testing.T) {
	for _, ahead := range []time.Duration{10 * time.Minute, -10 * time.Minute, 4400 * time.Hour} {
		t.Run(fmt.Sprint(ahead), func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				service := badClock(0).do
				denied := true
				tr := &transport{do: func(r *http.Request) (*http.Response, error) {
					resp, err := service(r)
					if denied && resp.StatusCode == 200 {
						resp, err = answer(403, `{"message":"no"}`, "x-amzn-errortype", "AccessDeniedException")(r)
					}
					resp.Header.Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
					return resp, err
				}}
				c := newClient(tr)
				denied = false
				for range 5 {
					_, err := getStage(t.Context(), c)
					require.NoError(t, err)
				}
				require.Equal(t, 5, tr.count())

				denied = true // is tried once with the proxy's time
				_, err := getStage(t.Context(), c)
				require.Error(t, err)
				require.Equal(t, 7, tr.count())

				denied = false
				for range 5 {
					_, err := getStage(t.Context(), c)
					require.NoError(t, err)
				}
				require.Equal(t, 12, tr.count())
			})
		})
	}
}

// Nor does the Date of where an HTTP client was sent on to.
func TestDateOfARedirectIsNotTrusted(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(func(r *http.Request) (*http.Response, error) {
			here, _ := answer(308, "")(r)
			elsewhere, err := answer(200, "{}", "Date", "Sat, 01 Jan 2000 01:00:00 GMT")(&http.Request{Response: here})
			return elsewhere, err
		}, answer(200, stageAnswer))
		c := newClient(tr)
		_, err := getStage(t.Context(), c)
		require.ErrorContains(t, err, "308 Permanent Redirect")
		_, err = getStage(t.Context(), c)
		require.NoError(t, err)
		require.Equal(t, time.Now().UTC().Format("20060102T150405Z"), tr.requests[1].Header.Get("X-Amz-Date"))
	})
}

// hang does not answer before the request's context ends.
func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// hangInBody answers with the beginning of a body and no more.
func hangInBody(status int) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		rest := readerFunc(func([]byte) (int, error) {
			<-r.Context().Done()
			return 0, r.Context().Err()
		})
		return withBody(status, io.NopCloser(io.MultiReader(strings.NewReader(`{"stage":`), rest)))(r)
	}
}

func TestAttemptTimeout(t *testing.T) {
	for name, stuck := range map[string]func(*http.Request) (*http.Response, error){
		"no answer":            hang,
		"body of a success":    hangInBody(200),
		"body of an error":     hangInBody(500),
		"body of a client one": hangInBody(400),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				tr := answering(stuck, answer(200, stageAnswer))
				c := newClient(tr, func(o *ivsrealtime.Options) { o.AttemptTimeout = 2 * time.Second })
				start := time.Now()
				out, err := getStage(t.Context(), c)
				require.NoError(t, err)
				require.Equal(t, "lobby", out.Stage.Name)
				require.Equal(t, 2, tr.count())
				require.GreaterOrEqual(t, time.Since(start), 2*time.Second)

				tr = answering(stuck)
				start = time.Now()
				_, err = getStage(t.Context(), newClient(tr), func(o *ivsrealtime.Options) { o.AttemptTimeout = time.Second })
				require.Equal(t, 3, tr.count())
				require.GreaterOrEqual(t, time.Since(start), 3*time.Second)
				require.Less(t, time.Since(start), 10*time.Second)
				var timeout interface{ Timeout() bool }
				require.ErrorAs(t, err, &timeout)
				require.True(t, timeout.Timeout())
				require.ErrorAs(t, err, new(*retry.MaxAttemptsError))
				require.NotErrorIs(t, err, context.DeadlineExceeded)
				require.NotErrorIs(t, err, context.Canceled)
				require.NotErrorAs(t, err, new(*smithy.CanceledError))
				require.ErrorContains(t, err, "AttemptTimeout (1s)")
			})
		})
	}
}

// The timeout is of the exchange alone.
func TestAttemptTimeoutDoesNotCoverCredentials(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, stageAnswer))
		_, err := getStage(t.Context(), newClient(tr, func(o *ivsrealtime.Options) {
			o.AttemptTimeout = time.Second
			o.Credentials = providerFunc(func(ctx context.Context) (aws.Credentials, error) {
				select {
				case <-ctx.Done():
					return aws.Credentials{}, ctx.Err()
				case <-time.After(time.Minute):
					return testCredentials().Retrieve(ctx)
				}
			})
		}))
		require.NoError(t, err)
		require.Equal(t, 1, tr.count())
	})
}

func TestDeadlineOfTheCallerIsNotRetried(t *testing.T) {
	for name, stuck := range map[string]func(*http.Request) (*http.Response, error){
		"no answer": hang, "body of a success": hangInBody(200), "body of an error": hangInBody(500),
	} {
		for _, timeout := range []time.Duration{0, time.Second, time.Hour} {
			t.Run(fmt.Sprintf("%s/AttemptTimeout %v", name, timeout), func(t *testing.T) {
				inBubble(t, func(t *testing.T, newClient newClientFunc) {
					ctx, cancel := context.WithTimeout(t.Context(), 900*time.Millisecond)
					defer cancel()
					tr := answering(stuck)
					_, err := getStage(ctx, newClient(tr, func(o *ivsrealtime.Options) {
						o.AttemptTimeout = timeout
						o.Retryer = anyError{o.Retryer}
					}))
					require.ErrorIs(t, err, context.DeadlineExceeded)
					require.ErrorAs(t, err, new(*smithy.CanceledError))
					require.Equal(t, 1, tr.count())
				})
			})
		}
	}
}

func TestDeadlineWhileWaitingKeepsTheServiceError(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		tr := answering(answer(400, `{"message":"Rate exceeded"}`, "x-amzn-errortype", "ThrottlingException"))
		_, err := getStage(ctx, newClient(tr, func(o *ivsrealtime.Options) {
			o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Minute, nil })
			})
		}))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, ivsrealtime.ErrThrottled)
		require.Equal(t, 1, tr.count())
	})
}
