package ivsrealtime_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// keys is a provider that gives other credentials each time, up to the last.
type keys struct {
	of    []string
	calls int
	err   error // after the first
}

func (k *keys) Retrieve(context.Context) (aws.Credentials, error) {
	k.calls++
	if k.err != nil && k.calls > 1 {
		return aws.Credentials{}, k.err
	}
	id := k.of[min(k.calls, len(k.of))-1]
	return aws.Credentials{AccessKeyID: id, SecretAccessKey: "s", SessionToken: "t-" + id, CanExpire: true, Expires: time.Now().Add(time.Hour)}, nil
}

// Credentials that the service calls expired are taken out of the cache. If there are
// others then, the call is tried once more.
func TestExpiredCredentials(t *testing.T) {
	expired := func(code string) func(*http.Request) (*http.Response, error) {
		return answer(403, `{"message":"The security token included in the request is expired"}`, "x-amzn-errortype", code)
	}
	ok := answer(200, stageAnswer)
	type responses = []func(*http.Request) (*http.Response, error)
	tests := []struct {
		name      string
		keys      keys
		responses responses
		attempts  int // at most; 0 for the default
		requests  int
		retrieved int
		sentinel  error
	}{
		{"others", keys{of: []string{"A", "B"}}, responses{expired("ExpiredTokenException"), ok}, 0, 2, 2, nil},
		{"others, another code", keys{of: []string{"A", "B"}}, responses{expired("ExpiredToken"), ok}, 0, 2, 2, nil},
		{"the same", keys{of: []string{"A"}}, responses{expired("ExpiredTokenException"), ok}, 0, 1, 2, ivsrealtime.ErrAuthentication},
		{"expired again", keys{of: []string{"A", "B", "C"}}, responses{expired("ExpiredTokenException")}, 0, 2, 2, ivsrealtime.ErrAuthentication},
		{"then another failure", keys{of: []string{"A", "B"}}, responses{expired("ExpiredTokenException"), answer(404, `{"Code":"ResourceNotFoundException"}`)}, 0, 2, 2, ivsrealtime.ErrNotFound},
		{"no attempt left", keys{of: []string{"A", "B"}}, responses{expired("ExpiredTokenException"), ok}, 1, 1, 2, ivsrealtime.ErrAuthentication},
		{"the provider fails", keys{of: []string{"A"}, err: errors.New("unreachable")}, responses{expired("ExpiredTokenException"), ok}, 0, 1, 2, ivsrealtime.ErrAuthentication},
		{"another code", keys{of: []string{"A", "B"}}, responses{expired("RequestExpired"), ok}, 0, 1, 1, ivsrealtime.ErrAuthentication},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				provider, tr := tt.keys, answering(tt.responses...)
				c := newClient(tr, func(o *ivsrealtime.Options) {
					o.Credentials = aws.NewCredentialsCache(&provider)
					o.RetryMaxAttempts = tt.attempts
				})
				_, err := getStage(t.Context(), c)
				if tt.sentinel == nil {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, tt.sentinel)
				}
				require.Equal(t, tt.requests, tr.count())
				require.Equal(t, tt.retrieved, provider.calls)
				require.Contains(t, tr.requests[0].Header.Get("Authorization"), "Credential=A/")
				if tt.requests == 2 {
					require.Contains(t, tr.requests[1].Header.Get("Authorization"), "Credential=B/")
					require.Equal(t, "t-B", tr.requests[1].Header.Get("X-Amz-Security-Token"))
					require.Equal(t, "attempt=2; max=3", tr.requests[1].Header.Get("Amz-Sdk-Request"))
				}
				// The next call starts with what the cache has now.
				if tt.name == "no attempt left" {
					_, err = getStage(t.Context(), c)
					require.NoError(t, err)
					require.Contains(t, tr.requests[1].Header.Get("Authorization"), "Credential=B/")
				}
			})
		})
	}
}

// Another call may have renewed the cache meanwhile: what it got stays.
func TestExpiredCredentialsThatAnotherCallRenewed(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		provider := keys{of: []string{"A", "B", "C"}}
		cache := aws.NewCredentialsCache(&provider)
		tr := answering(func(r *http.Request) (*http.Response, error) {
			cache.Invalidate()
			_, err := cache.Retrieve(r.Context())
			require.NoError(t, err)
			return answer(403, `{}`, "x-amzn-errortype", "ExpiredTokenException")(r)
		}, answer(200, stageAnswer))
		_, err := getStage(t.Context(), newClient(tr, func(o *ivsrealtime.Options) { o.Credentials = cache }))
		require.NoError(t, err)
		require.Equal(t, 2, provider.calls)
		require.Contains(t, tr.requests[1].Header.Get("Authorization"), "Credential=B/")
	})
}

// A context that ends while the cache is renewed is what ends the call.
func TestExpiredCredentialsAndCanceledContext(t *testing.T) {
	errStopped := errors.New("the server stops")
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		ctx, cancel := context.WithCancelCause(t.Context())
		calls := 0
		cache := aws.NewCredentialsCache(providerFunc(func(ctx context.Context) (aws.Credentials, error) {
			if calls++; calls == 1 {
				return aws.Credentials{AccessKeyID: "A", SecretAccessKey: "s"}, nil
			}
			time.AfterFunc(time.Second, func() { cancel(errStopped) })
			time.Sleep(time.Hour) // and does not look at its context
			return aws.Credentials{AccessKeyID: "B", SecretAccessKey: "s"}, nil
		}))
		tr := answering(answer(403, `{"message":"m"}`, "x-amzn-errortype", "ExpiredTokenException"))
		start := time.Now()
		_, err := getStage(ctx, newClient(tr, func(o *ivsrealtime.Options) { o.Credentials = cache }))
		require.Equal(t, time.Second, time.Since(start))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, errStopped)
		require.ErrorIs(t, err, ivsrealtime.ErrAuthentication)
		require.ErrorContains(t, err, "ExpiredTokenException: m")
		require.Equal(t, 1, tr.count())
		time.Sleep(2 * time.Hour) // until the provider has returned
	})
}

// Without a cache nothing is asked for again, and retries that are off stay off.
func TestExpiredCredentialsWithoutCacheOrRetries(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		provider := keys{of: []string{"A", "B"}}
		tr := answering(answer(403, `{}`, "x-amzn-errortype", "ExpiredTokenException"))
		_, err := getStage(t.Context(), newClient(tr, func(o *ivsrealtime.Options) { o.Credentials = &provider }))
		require.ErrorIs(t, err, ivsrealtime.ErrAuthentication)
		require.Equal(t, 1, tr.count())

		tr = answering(answer(403, `{}`, "x-amzn-errortype", "ExpiredTokenException"))
		_, err = getStage(t.Context(), newClient(tr, func(o *ivsrealtime.Options) {
			o.Credentials, o.Retryer = aws.NewCredentialsCache(&keys{of: []string{"A", "B"}}), aws.NopRetryer{}
		}))
		require.ErrorIs(t, err, ivsrealtime.ErrAuthentication)
		require.Equal(t, 1, tr.count())
	})
}

// The cause of a context that ended is in the error, beside what context says.
func TestCauseOfCanceledContext(t *testing.T) {
	errStopped := errors.New("the server stops")
	hang := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	tests := map[string]struct {
		do       func(*http.Request) (*http.Response, error)
		option   func(*ivsrealtime.Options)
		before   bool
		deadline bool
	}{
		"before the call": {do: hang, before: true},
		"sending":         {do: hang},
		"deadline":        {do: hang, deadline: true},
		"reading": {do: func(r *http.Request) (*http.Response, error) {
			return withBody(200, &body{Reader: readerFunc(func([]byte) (int, error) {
				<-r.Context().Done()
				return 0, r.Context().Err()
			})})(r)
		}},
		"waiting to retry": {do: answer(500, `{}`), option: func(o *ivsrealtime.Options) {
			o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Hour, nil })
			})
		}},
		"getting credentials": {do: hang, option: func(o *ivsrealtime.Options) {
			o.Credentials = providerFunc(func(ctx context.Context) (aws.Credentials, error) {
				<-ctx.Done()
				return aws.Credentials{}, ctx.Err()
			})
		}},
		"signing": {do: hang, option: func(o *ivsrealtime.Options) {
			o.HTTPSignerV4 = signerFunc(func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			})
		}},
		"an attempt's timeout goes on": {do: hang, option: func(o *ivsrealtime.Options) { o.AttemptTimeout = time.Hour }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				ctx, cancel := context.WithCancelCause(t.Context())
				want := context.Canceled
				if tt.deadline {
					deadline, stop := context.WithTimeoutCause(t.Context(), time.Second, errStopped)
					defer stop()
					ctx, want = deadline, context.DeadlineExceeded
				}
				if tt.before {
					cancel(errStopped)
				} else {
					time.AfterFunc(2*time.Second, func() { cancel(errStopped) })
				}
				_, err := getStage(ctx, newClient(answering(tt.do), func(o *ivsrealtime.Options) {
					if tt.option != nil {
						tt.option(o)
					}
				}))
				require.ErrorIs(t, err, want)
				require.ErrorIs(t, err, errStopped)
				require.ErrorContains(t, err, fmt.Sprintf("%v: %v", want, errStopped))
				var canceled *smithy.CanceledError
				require.ErrorAs(t, err, &canceled)
			})
		})
	}
}
