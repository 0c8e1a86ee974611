package ivsrealtime_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

const waitedARN = "arn:aws:ivs:eu-west-1:111122223333:composition/Zz98Yy76Xx54"

// compositionIn is the answer of GetComposition for a state.
func compositionIn(state string) func(*http.Request) (*http.Response, error) {
	return answer(200, `{"composition":{"arn":"`+waitedARN+`","stageArn":"`+testStageARN+`","state":"`+state+`","layout":{},"destinations":[]}}`)
}

var (
	compositionGone = answer(404, `{"exceptionMessage":"gone"}`, "x-amzn-errortype", "ResourceNotFoundException")
	tooManyRequests = answer(429, `{"message":"slow down"}`)
	throttling      = answer(400, `{"message":"Rate exceeded"}`, "x-amzn-errortype", "ThrottlingException")
)

// timed records when each request is made, counted from now.
func timed(tr *transport) *[]time.Duration {
	start, do := time.Now(), tr.do
	var times []time.Duration
	tr.do = func(r *http.Request) (*http.Response, error) {
		times = append(times, time.Since(start))
		return do(r)
	}
	return &times
}

// waitFunc is WaitForOutput of a new waiter.
type waitFunc func(ctx context.Context, api ivsrealtime.GetCompositionAPIClient, maxWait time.Duration, optFns ...func(*ivsrealtime.CompositionWaiterOptions)) (*ivsrealtime.GetCompositionOutput, error)

var waiters = map[string]waitFunc{"ACTIVE": waitActive, "STOPPED": waitStopped}

func waitDestinations(ctx context.Context, api ivsrealtime.GetCompositionAPIClient, maxWait time.Duration, optFns ...func(*ivsrealtime.CompositionWaiterOptions)) (*ivsrealtime.GetCompositionOutput, error) {
	return ivsrealtime.NewDestinationsActiveWaiter(api, optFns...).WaitForOutput(ctx, &ivsrealtime.GetCompositionInput{ARN: waitedARN}, maxWait)
}

func waitActive(ctx context.Context, api ivsrealtime.GetCompositionAPIClient, maxWait time.Duration, optFns ...func(*ivsrealtime.CompositionWaiterOptions)) (*ivsrealtime.GetCompositionOutput, error) {
	return ivsrealtime.NewCompositionActiveWaiter(api, optFns...).WaitForOutput(ctx, &ivsrealtime.GetCompositionInput{ARN: waitedARN}, maxWait)
}

func waitStopped(ctx context.Context, api ivsrealtime.GetCompositionAPIClient, maxWait time.Duration, optFns ...func(*ivsrealtime.CompositionWaiterOptions)) (*ivsrealtime.GetCompositionOutput, error) {
	return ivsrealtime.NewCompositionStoppedWaiter(api, optFns...).WaitForOutput(ctx, &ivsrealtime.GetCompositionInput{ARN: waitedARN}, maxWait)
}

// once switches the client's own retries off, so that the waiter sees each answer.
func once(o *ivsrealtime.CompositionWaiterOptions) {
	o.ClientOptions = append(o.ClientOptions, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
}

// compositionGetter is a GetCompositionAPIClient of one function.
type compositionGetter func(context.Context, *ivsrealtime.GetCompositionInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.GetCompositionOutput, error)

func (f compositionGetter) GetComposition(ctx context.Context, in *ivsrealtime.GetCompositionInput, optFns ...func(*ivsrealtime.Options)) (*ivsrealtime.GetCompositionOutput, error) {
	return f(ctx, in, optFns...)
}

func TestWaiterOutcomes(t *testing.T) {
	type answers = []func(*http.Request) (*http.Response, error)
	tests := []struct {
		name    string
		want    string // state to wait for
		answers answers
		calls   int
		state   ivsrealtime.CompositionState // of the output, or of the composition in the error; "" for none
		err     error                        // that the error matches, errState for the state itself
	}{
		{"active at once", "ACTIVE", answers{compositionIn("ACTIVE")}, 1, "ACTIVE", nil},
		{"active in the end", "ACTIVE", answers{compositionIn("STARTING"), compositionIn("STARTING"), compositionIn("ACTIVE")}, 3, "ACTIVE", nil},
		{"active after an unknown state", "ACTIVE", answers{compositionIn("PREPARING"), compositionIn("ACTIVE")}, 2, "ACTIVE", nil},
		{"active after 429", "ACTIVE", answers{tooManyRequests, tooManyRequests, compositionIn("ACTIVE")}, 3, "ACTIVE", nil},
		{"active after ThrottlingException", "ACTIVE", answers{throttling, compositionIn("STARTING"), throttling, compositionIn("ACTIVE")}, 4, "ACTIVE", nil},
		{"never active: stopping", "ACTIVE", answers{compositionIn("STOPPING")}, 1, "STOPPING", errState},
		{"never active: stopped", "ACTIVE", answers{compositionIn("STARTING"), compositionIn("STOPPED")}, 2, "STOPPED", errState},
		{"never active: failed", "ACTIVE", answers{compositionIn("FAILED")}, 1, "FAILED", errState},
		{"never active: gone", "ACTIVE", answers{compositionGone}, 1, "", ivsrealtime.ErrNotFound},
		{"never active: gone later", "ACTIVE", answers{compositionIn("STARTING"), compositionGone}, 2, "STARTING", ivsrealtime.ErrNotFound},
		{"stopped at once", "STOPPED", answers{compositionIn("STOPPED")}, 1, "STOPPED", nil},
		{"stopped in the end", "STOPPED", answers{compositionIn("STARTING"), compositionIn("ACTIVE"), compositionIn("STOPPING"), compositionIn("STOPPED")}, 4, "STOPPED", nil},
		{"stopped after an unknown state", "STOPPED", answers{compositionIn("DRAINING"), compositionIn("STOPPED")}, 2, "STOPPED", nil},
		{"stopped after throttling", "STOPPED", answers{throttling, tooManyRequests, compositionIn("STOPPED")}, 3, "STOPPED", nil},
		{"gone at once", "STOPPED", answers{compositionGone}, 1, "", nil},
		{"gone later", "STOPPED", answers{compositionIn("STOPPING"), compositionGone}, 2, "STOPPING", nil},
		{"never stopped: failed", "STOPPED", answers{compositionIn("STOPPING"), compositionIn("FAILED")}, 2, "FAILED", errState},
		{"another error", "ACTIVE", answers{answer(403, `{"exceptionMessage":"no"}`, "x-amzn-errortype", "AccessDeniedException")}, 1, "", ivsrealtime.ErrAccessDenied},
		{"another error later", "STOPPED", answers{compositionIn("ACTIVE"), answer(500, `{}`, "x-amzn-errortype", "InternalServerException")}, 2, "ACTIVE", ivsrealtime.ErrInternal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				synctest.Test(t, func(t *testing.T) {
					tr := answering(tt.answers...)
					out, err := waiters[tt.want](t.Context(), newClient(tr), time.Hour, once)
					require.Equal(t, tt.calls, tr.count())
					for _, body := range tr.bodies {
						require.Equal(t, `{"arn":"`+waitedARN+`"}`, body)
					}
					if tt.err == nil {
						require.NoError(t, err)
						if tt.state == "" {
							require.Nil(t, out)
						} else {
							require.Equal(t, tt.state, out.Composition.State)
						}
						return
					}
					require.Nil(t, out)
					require.ErrorContains(t, err, "to be "+tt.want)
					var we *ivsrealtime.CompositionWaitError
					require.ErrorAs(t, err, &we)
					require.Equal(t, tt.want, string(we.Want))
					require.False(t, we.Timeout())
					if tt.err == errState {
						require.NoError(t, we.Err)
					} else {
						require.ErrorIs(t, err, tt.err)
					}
					if tt.state == "" {
						require.Nil(t, we.Composition)
					} else {
						require.Equal(t, tt.state, we.Composition.State)
						require.Equal(t, testStageARN, we.Composition.StageARN)
						require.ErrorContains(t, err, waitedARN+" is "+string(tt.state))
					}
				})
			})
		})
	}
}

func TestWaiterForDestinations(t *testing.T) {
	// sending is a response with a composition in state and its destinations.
	sending := func(state, destinations string) func(*http.Request) (*http.Response, error) {
		return answer(200, `{"composition":{"arn":"`+waitedARN+`","stageArn":"`+testStageARN+`","state":"`+state+`","layout":{},"destinations":[`+destinations+`]}}`)
	}
	const (
		channel = `{"id":"Ch1","configuration":{},"state":`
		s3      = `{"id":"S31","configuration":{},"state":`
	)
	var (
		starting = sending("STARTING", channel+`"STARTING"},`+s3+`"STARTING"}`)
		half     = sending("ACTIVE", channel+`"ACTIVE"},`+s3+`"STARTING"}`)
		both     = sending("ACTIVE", channel+`"ACTIVE"},`+s3+`"ACTIVE"}`)
	)
	type responses = []func(*http.Request) (*http.Response, error)
	tests := []struct {
		name      string
		responses responses
		err       string // in the error; "" for none
	}{
		{name: "at once", responses: responses{both}},
		{name: "one destination", responses: responses{sending("ACTIVE", s3+`"ACTIVE"}`)}},
		{name: "one after the other", responses: responses{starting, half, both}},
		{name: "destinations before the composition", responses: responses{sending("STARTING", s3+`"ACTIVE"}`)}},
		{name: "after a reconnect", responses: responses{sending("ACTIVE", channel+`"RECONNECTING"},`+s3+`"ACTIVE"}`), both}},
		{name: "after an unknown state", responses: responses{sending("ACTIVE", channel+`"WARMING_UP"},`+s3+`"ACTIVE"}`), both}},
		{name: "after a list without destinations", responses: responses{sending("STARTING", ""), sending("ACTIVE", ""), both}},
		{name: "after throttling", responses: responses{throttling, tooManyRequests, both}},
		{name: "one fails while the other is active", responses: responses{half, sending("ACTIVE", channel+`"FAILED"},`+s3+`"ACTIVE"}`)},
			err: waitedARN + " is ACTIVE, destination Ch1 is FAILED, destination S31 is ACTIVE"},
		{name: "the second fails while the first starts", responses: responses{sending("ACTIVE", channel+`"STARTING"},`+s3+`"FAILED"}`)},
			err: waitedARN + " is ACTIVE, destination Ch1 is STARTING, destination S31 is FAILED"},
		{name: "one stops", responses: responses{sending("ACTIVE", channel+`"ACTIVE"},`+s3+`"STOPPED"}`)}, err: "destination S31 is STOPPED"},
		{name: "one is stopping", responses: responses{sending("ACTIVE", channel+`"STOPPING"},`+s3+`"ACTIVE"}`)}, err: "destination Ch1 is STOPPING"},
		{name: "the composition stops", responses: responses{starting, sending("STOPPING", channel+`"ACTIVE"},`+s3+`"ACTIVE"}`)}, err: waitedARN + " is STOPPING"},
		{name: "the composition has stopped", responses: responses{sending("STOPPED", channel+`"STARTING"}`)}, err: waitedARN + " is STOPPED"},
		{name: "the composition has failed", responses: responses{sending("FAILED", channel+`"STARTING"}`)}, err: waitedARN + " is FAILED"},
		{name: "the composition is gone", responses: responses{starting, compositionGone}, err: "gone"},
		{name: "another error", responses: responses{answer(403, `{"exceptionMessage":"no"}`, "x-amzn-errortype", "AccessDeniedException")}, err: "AccessDeniedException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := answering(tt.responses...)
				out, err := waitDestinations(t.Context(), ivsrealtime.New(testOptions(tr)), time.Hour, once)
				require.Equal(t, len(tt.responses), tr.count(), "at once")
				if tt.err == "" {
					require.NoError(t, err)
					for _, d := range out.Composition.Destinations {
						require.Equal(t, ivsrealtime.DestinationStateActive, d.State)
					}
					require.NoError(t, ivsrealtime.NewDestinationsActiveWaiter(ivsrealtime.New(testOptions(answering(tt.responses...)))).
						Wait(t.Context(), &ivsrealtime.GetCompositionInput{ARN: waitedARN}, time.Hour, once))
					return
				}
				require.Nil(t, out)
				require.ErrorContains(t, err, "waiting for the destinations of a composition to be ACTIVE: ")
				require.ErrorContains(t, err, tt.err)
				var we *ivsrealtime.CompositionWaitError
				require.ErrorAs(t, err, &we)
				require.True(t, we.Destinations)
				require.Equal(t, ivsrealtime.CompositionStateActive, we.Want)
				require.False(t, we.Timeout())
			})
		})
	}

	t.Run("time is up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			_, err := waitDestinations(t.Context(), ivsrealtime.New(testOptions(answering(half))), time.Minute)
			require.LessOrEqual(t, time.Since(start), time.Minute)
			var we *ivsrealtime.CompositionWaitError
			require.ErrorAs(t, err, &we)
			require.True(t, we.Timeout())
			require.ErrorContains(t, err, "destination S31 is STARTING")
		})
	})
}

// errState stands for a wait that the state itself has ended.
var errState = errors.New("the state")

// Wait is WaitForOutput without the output.
func TestWaiterWait(t *testing.T) {
	in := &ivsrealtime.GetCompositionInput{ARN: waitedARN}
	for _, tt := range []struct {
		state           string
		active, stopped bool
	}{{"ACTIVE", true, false}, {"STOPPED", false, true}, {"FAILED", false, false}} {
		t.Run(tt.state, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := ivsrealtime.New(testOptions(answering(compositionIn(tt.state))))
				require.Equal(t, tt.active, ivsrealtime.NewCompositionActiveWaiter(c).Wait(t.Context(), in, time.Minute) == nil)
				require.Equal(t, tt.stopped, ivsrealtime.NewCompositionStoppedWaiter(c).Wait(t.Context(), in, time.Minute) == nil)
			})
		})
	}
}

// The first call is made at once, the time to the next grows between the bounds.
func TestWaiterDelays(t *testing.T) {
	tests := []struct {
		name     string
		optFns   []func(*ivsrealtime.CompositionWaiterOptions)
		first    time.Duration // the second call comes exactly then
		min, max time.Duration
	}{
		{"defaults", nil, 2 * time.Second, 2 * time.Second, 15 * time.Second},
		{"fixed", []func(*ivsrealtime.CompositionWaiterOptions){func(o *ivsrealtime.CompositionWaiterOptions) { o.MinDelay, o.MaxDelay = 3*time.Second, 3*time.Second }}, 3 * time.Second, 3 * time.Second, 3 * time.Second},
		{"long minimum", []func(*ivsrealtime.CompositionWaiterOptions){func(o *ivsrealtime.CompositionWaiterOptions) { o.MinDelay = 20 * time.Second }}, 20 * time.Second, 20 * time.Second, 20 * time.Second},
		{"short", []func(*ivsrealtime.CompositionWaiterOptions){func(o *ivsrealtime.CompositionWaiterOptions) { o.MinDelay, o.MaxDelay = time.Millisecond, time.Second }}, time.Millisecond, time.Millisecond, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := answering(compositionIn("STARTING"))
				times := timed(tr)
				start := time.Now()
				_, err := waitActive(t.Context(), ivsrealtime.New(testOptions(tr)), 20*time.Minute, tt.optFns...)
				require.Error(t, err)
				require.LessOrEqual(t, time.Since(start), 20*time.Minute)
				require.Zero(t, (*times)[0])
				require.Equal(t, tt.first, (*times)[1])
				longest := time.Duration(0)
				for i := range *times {
					if i > 0 {
						delay := (*times)[i] - (*times)[i-1]
						require.GreaterOrEqual(t, delay, tt.min, "delay %d", i)
						require.LessOrEqual(t, delay, tt.max, "delay %d", i)
						longest = max(longest, delay)
					}
				}
				require.Greater(t, longest, tt.max/2, "it never grew")
			})
		})
	}

	t.Run("grow", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			tr := answering(compositionIn("STARTING"), compositionIn("STARTING"), compositionIn("STARTING"), compositionIn("ACTIVE"))
			times := timed(tr)
			_, err := waitActive(t.Context(), ivsrealtime.New(testOptions(tr)), time.Minute)
			require.NoError(t, err)
			require.Len(t, *times, 4)
			for i, most := range []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second} {
				delay := (*times)[i+1] - (*times)[i]
				require.GreaterOrEqual(t, delay, 2*time.Second)
				require.LessOrEqual(t, delay, most)
			}
		})
	})
}

// maxWait is kept whatever its relation to the delays, and always reached by an
// end: time that stands still while a call is made must not make it spin.
func TestWaiterMaxWait(t *testing.T) {
	for _, maxWait := range []time.Duration{1, time.Second, 2 * time.Second, 2*time.Second + 1, 3 * time.Second, 4 * time.Second, 5 * time.Second, 10 * time.Second, time.Minute, time.Hour} {
		t.Run(maxWait.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := answering(compositionIn("STARTING"))
				times := timed(tr)
				start := time.Now()
				out, err := waitActive(t.Context(), ivsrealtime.New(testOptions(tr)), maxWait)
				require.Nil(t, out)
				require.LessOrEqual(t, time.Since(start), maxWait)
				if maxWait <= 2*time.Second {
					require.Zero(t, time.Since(start), "there is no time for a second call")
				}
				var we *ivsrealtime.CompositionWaitError
				require.ErrorAs(t, err, &we)
				require.True(t, we.Timeout())
				require.Equal(t, ivsrealtime.CompositionStateStarting, we.Composition.State)
				require.ErrorContains(t, err, "STARTING")
				require.ErrorContains(t, err, "exceeded the maximum wait")
				require.NotErrorIs(t, err, context.DeadlineExceeded)
				for i := range *times {
					if i > 0 {
						require.GreaterOrEqual(t, (*times)[i]-(*times)[i-1], 2*time.Second)
					}
				}
				require.Equal(t, maxWait > 2*time.Second, len(*times) > 1)
			})
		})
	}

	t.Run("throttled to the end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, err := waitActive(t.Context(), ivsrealtime.New(testOptions(answering(compositionIn("STARTING"), throttling))), 10*time.Second, once)
			var we *ivsrealtime.CompositionWaitError
			require.ErrorAs(t, err, &we)
			require.True(t, we.Timeout())
			require.ErrorIs(t, err, ivsrealtime.ErrThrottled, "the reason must not get lost")
			require.ErrorContains(t, err, "STARTING")
		})
	})

	// A call that hangs, and one that the client itself retries, end with the wait.
	for name, do := range map[string]func(*http.Request) (*http.Response, error){
		"a call hangs": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		"a call is retried": tooManyRequests,
	} {
		t.Run(name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				synctest.Test(t, func(t *testing.T) {
					start := time.Now()
					_, err := waitActive(t.Context(), newClient(answering(compositionIn("STARTING"), do), func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 100 }), 5*time.Second)
					require.LessOrEqual(t, time.Since(start), 5*time.Second)
					var we *ivsrealtime.CompositionWaitError
					require.ErrorAs(t, err, &we)
					require.True(t, we.Timeout())
					require.NotErrorIs(t, err, context.DeadlineExceeded)
					require.Equal(t, ivsrealtime.CompositionStateStarting, we.Composition.State)
				})
			})
		})
	}
}

// The caller's context can end at any point of a wait.
func TestWaiterContextEnds(t *testing.T) {
	hang := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	tests := []struct {
		name  string
		after time.Duration
		do    func(*http.Request) (*http.Response, error)
		calls int
	}{
		{"before", 0, compositionIn("STARTING"), 0},
		{"between calls", time.Second, compositionIn("STARTING"), 1},
		{"during a call", time.Second, hang, 1},
		{"while the client waits to retry", time.Millisecond, throttling, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				for _, end := range []string{"cancel", "deadline"} {
					t.Run(end, func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							ctx, cancel := context.WithCancel(t.Context())
							if end == "deadline" {
								ctx, cancel = context.WithTimeout(t.Context(), tt.after)
							} else if tt.after == 0 {
								cancel()
							} else {
								time.AfterFunc(tt.after, cancel)
							}
							defer cancel()
							start := time.Now()
							tr := answering(tt.do)
							out, err := waitStopped(ctx, newClient(tr, func(o *ivsrealtime.Options) {
								o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { // a random delay may be shorter than the context lasts
									o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Second, nil })
								})
							}), time.Hour)
							require.Nil(t, out)
							require.ErrorIs(t, err, ctx.Err())
							var canceled *smithy.CanceledError
							require.ErrorAs(t, err, &canceled)
							var we *ivsrealtime.CompositionWaitError
							require.ErrorAs(t, err, &we)
							require.False(t, we.Timeout())
							require.Equal(t, tt.after, time.Since(start), "at once")
							require.Equal(t, tt.calls, tr.count())
						})
					})
				}
			})
		})
	}
}

func TestWaiterBadOptions(t *testing.T) {
	delays := func(least, most time.Duration) func(*ivsrealtime.CompositionWaiterOptions) {
		return func(o *ivsrealtime.CompositionWaiterOptions) { o.MinDelay, o.MaxDelay = least, most }
	}
	tests := []struct {
		name    string
		maxWait time.Duration
		delays  func(*ivsrealtime.CompositionWaiterOptions)
		text    string
	}{
		{"no maxWait", 0, delays(0, 0), "maxWait must be greater than 0"},
		{"negative maxWait", -1, delays(0, 0), "maxWait must be greater than 0"},
		{"negative MinDelay", time.Minute, delays(-time.Second, 0), "MinDelay (-1s) must be positive"},
		{"negative MaxDelay", time.Minute, delays(0, -time.Second), "at most MaxDelay (-1s)"},
		{"MinDelay above MaxDelay", time.Minute, delays(3*time.Second, time.Second), "MinDelay (3s) must be positive and at most MaxDelay (1s)"},
		{"MaxDelay below the default of MinDelay", time.Minute, delays(0, time.Second), "MinDelay (2s) must be positive and at most MaxDelay (1s)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, wait := range waiters {
				tr := answering(compositionIn("ACTIVE"))
				out, err := wait(t.Context(), ivsrealtime.New(testOptions(tr)), tt.maxWait, tt.delays)
				require.Nil(t, out)
				require.ErrorContains(t, err, tt.text)
				var we *ivsrealtime.CompositionWaitError
				require.ErrorAs(t, err, &we)
				require.False(t, we.Timeout())
				require.Equal(t, 0, tr.count())
			}
		})
	}
}

// The options of a wait come after those of the waiter, and do not stay.
func TestWaiterOptionsOfOneWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := answering(compositionIn("STARTING"), compositionIn("ACTIVE"))
		times := timed(tr)
		seconds := func(n int) func(*ivsrealtime.CompositionWaiterOptions) {
			return func(o *ivsrealtime.CompositionWaiterOptions) { o.MinDelay = time.Duration(n) * time.Second }
		}
		w := ivsrealtime.NewCompositionActiveWaiter(ivsrealtime.New(testOptions(tr)), seconds(7))
		in := &ivsrealtime.GetCompositionInput{ARN: waitedARN}
		require.NoError(t, w.Wait(t.Context(), in, time.Minute, seconds(9)))
		require.Equal(t, []time.Duration{0, 9 * time.Second}, *times)

		tr = answering(compositionIn("STARTING"), compositionIn("ACTIVE"))
		times = timed(tr)
		w = ivsrealtime.NewCompositionActiveWaiter(ivsrealtime.New(testOptions(tr)), seconds(7))
		require.NoError(t, w.Wait(t.Context(), in, time.Minute))
		require.Equal(t, []time.Duration{0, 7 * time.Second}, *times)
	})
}

// The mark of the waiter is in the user agent of its calls alone, and does not
// take them off the plain path.
func TestWaiterMark(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		for want, wait := range waiters {
			tr := answering(compositionIn(want))
			c := newClient(tr)
			out, err := wait(t.Context(), c, time.Minute, func(o *ivsrealtime.CompositionWaiterOptions) {
				o.ClientOptions = append(o.ClientOptions, func(o *ivsrealtime.Options) { o.Region = "us-west-2" })
			})
			require.NoError(t, err)
			_, err = c.GetComposition(t.Context(), &ivsrealtime.GetCompositionInput{ARN: waitedARN})
			require.NoError(t, err)
			require.Equal(t, "ivsrealtime.us-west-2.amazonaws.com", tr.requests[0].URL.Host)
			require.Contains(t, features(tr.requests[0]), "B")
			require.NotContains(t, features(tr.requests[1]), "B")
			stack := strings.HasSuffix(t.Name(), "/stack")
			require.Equal(t, stack, awsmiddleware.GetRawResponse(out.ResultMetadata) != nil, "on the stack path")
		}
	})
}

func TestWaiterOfInvalidInput(t *testing.T) {
	tr := answering(compositionIn("ACTIVE"))
	for _, in := range []*ivsrealtime.GetCompositionInput{nil, {}} {
		err := ivsrealtime.NewCompositionActiveWaiter(ivsrealtime.New(testOptions(tr))).Wait(t.Context(), in, time.Minute)
		var invalid smithy.InvalidParamsError
		require.ErrorAs(t, err, &invalid)
	}
	require.Equal(t, 0, tr.count())
}

// Mocks of the API: one that returns nothing, and one that knows no context.
func TestWaiterOfMock(t *testing.T) {
	t.Run("nil, nil", func(t *testing.T) {
		_, err := waitActive(t.Context(), compositionGetter(func(context.Context, *ivsrealtime.GetCompositionInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.GetCompositionOutput, error) {
			return nil, nil
		}), time.Minute)
		require.ErrorContains(t, err, "neither an answer nor an error")
	})
	t.Run("errors made by hand", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			out, err := waitStopped(t.Context(), compositionGetter(func(context.Context, *ivsrealtime.GetCompositionInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.GetCompositionOutput, error) {
				if calls++; calls == 1 {
					return nil, &ivsrealtime.APIError{Code: "ThrottlingException"}
				}
				return nil, &ivsrealtime.ResourceNotFoundException{}
			}), time.Minute)
			require.NoError(t, err)
			require.Nil(t, out)
			require.Equal(t, 2, calls)
		})
	})
	t.Run("the context ends, the mock goes on", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			_, err := waitActive(ctx, compositionGetter(func(context.Context, *ivsrealtime.GetCompositionInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.GetCompositionOutput, error) {
				return &ivsrealtime.GetCompositionOutput{Composition: ivsrealtime.Composition{State: "STARTING"}}, nil
			}), time.Minute)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
	})
}
