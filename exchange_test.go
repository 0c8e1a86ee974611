package ivsrealtime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

type newClientFunc = func(ivsrealtime.HTTPClient, ...func(*ivsrealtime.Options)) *ivsrealtime.Client

const stageAnswer = `{"stage":{"arn":"` + testStageARN + `","name":"lobby"}}`

func getStage(ctx context.Context, c *ivsrealtime.Client, optFns ...func(*ivsrealtime.Options)) (*ivsrealtime.GetStageOutput, error) {
	return c.GetStage(ctx, &ivsrealtime.GetStageInput{ARN: testStageARN}, optFns...)
}

// body is an answer's body that tells how it was used.
type body struct {
	io.Reader
	read   int
	eof    bool
	closed bool
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.read += n
	b.eof = b.eof || err == io.EOF
	return n, err
}

func (b *body) Close() error { b.closed = true; return nil }

func withBody(status int, b io.ReadCloser, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		resp, err := answer(status, "", headers...)(r)
		resp.Body, resp.ContentLength = b, -1
		return resp, err
	}
}

func TestCallOnBothPaths(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, stageAnswer, "X-Amzn-Requestid", "id-1"))
		out, err := getStage(t.Context(), newClient(tr))
		require.NoError(t, err)
		require.Equal(t, "lobby", out.Stage.Name)
		id, ok := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
		require.True(t, ok)
		require.Equal(t, "id-1", id)
		require.Equal(t, 1, tr.count())
	})
}

func TestRequestIDFromEitherHeader(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		out, err := getStage(t.Context(), newClient(answering(answer(200, stageAnswer, "x-amz-requestid", "id-2"))))
		require.NoError(t, err)
		id, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
		require.Equal(t, "id-2", id)
	})
}

// The context of the caller can end at any point of a call.
func TestCancellation(t *testing.T) {
	hang := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	hangInBody := func(r *http.Request) (*http.Response, error) {
		return withBody(200, io.NopCloser(readerFunc(func([]byte) (int, error) {
			<-r.Context().Done()
			return 0, r.Context().Err()
		})), "x-amzn-requestid", "id-1")(r)
	}
	tests := []struct {
		name     string
		before   bool // end the context before the call
		provider aws.CredentialsProvider
		signer   ivsrealtime.HTTPSignerV4
		do       func(*http.Request) (*http.Response, error)
		requests int
	}{
		{"before the call", true, nil, nil, answer(200, stageAnswer), 0},
		{"getting credentials", false, providerFunc(func(ctx context.Context) (aws.Credentials, error) {
			<-ctx.Done()
			return aws.Credentials{}, ctx.Err()
		}), nil, answer(200, stageAnswer), 0},
		{"signing", false, nil, signerFunc(func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}), answer(200, stageAnswer), 0},
		{"sending", false, nil, nil, hang, 1},
		{"reading the answer", false, nil, nil, hangInBody, 1},
		{"waiting to retry", false, nil, nil, answer(500, `{}`), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				for _, end := range []string{"cancel", "deadline"} {
					t.Run(end, func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							ctx, cancel := context.WithCancel(t.Context())
							if end == "deadline" {
								ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
							} else {
								time.AfterFunc(time.Millisecond, cancel)
							}
							defer cancel()
							if tt.before {
								time.Sleep(2 * time.Millisecond) // virtual
							}
							tr := answering(tt.do)
							_, err := getStage(ctx, newClient(tr, func(o *ivsrealtime.Options) {
								o.AttemptTimeout = time.Hour // must not be taken for the caller's
								o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
									// By chance the default waits less than the context lives.
									o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Second, nil })
								})
								if tt.provider != nil {
									o.Credentials = tt.provider
								}
								o.HTTPSignerV4 = tt.signer
							}))
							require.ErrorIs(t, err, ctx.Err())
							var canceled *smithy.CanceledError
							require.ErrorAs(t, err, &canceled)
							var op *smithy.OperationError
							require.ErrorAs(t, err, &op)
							require.Equal(t, "GetStage", op.OperationName)
							require.Equal(t, tt.requests, tr.count())
						})
					})
				}
			})
		})
	}
}

// cut is a body that ends with an error.
func cut(text string, err error) io.ReadCloser {
	return io.NopCloser(io.MultiReader(strings.NewReader(text), readerFunc(func([]byte) (int, error) { return 0, err })))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// signerFunc is a signer that asks another service.
type signerFunc func(context.Context) error

func (f signerFunc) SignHTTP(ctx context.Context, _ aws.Credentials, _ *http.Request, _, _, _ string, _ time.Time, _ ...func(*v4.SignerOptions)) error {
	return f(ctx)
}

type providerFunc func(context.Context) (aws.Credentials, error)

func (f providerFunc) Retrieve(ctx context.Context) (aws.Credentials, error) { return f(ctx) }

func TestConnectionResetIsRetried(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		synctest.Test(t, func(t *testing.T) {
			reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
			tr := answering(failing(reset), answer(200, stageAnswer))
			_, err := getStage(t.Context(), newClient(tr))
			require.NoError(t, err)
			require.Equal(t, 2, tr.count())

			tr = answering(failing(reset))
			_, err = getStage(t.Context(), newClient(tr))
			require.ErrorIs(t, err, syscall.ECONNRESET)
			var send *smithyhttp.RequestSendError
			require.ErrorAs(t, err, &send)
			var re *awshttp.ResponseError
			require.False(t, errors.As(err, &re), "there was no answer, so there is no status: %v", err)
			require.Equal(t, 3, tr.count())
		})
	})
}

// An answer that breaks off has a status and a request id, and says so.
func TestTruncatedAnswer(t *testing.T) {
	tests := []struct {
		name string
		do   func(*http.Request) (*http.Response, error)
		text string
		want int
	}{
		{"connection closed", withBody(200, cut(`{"stage":{"arn":"a`, io.ErrUnexpectedEOF), "x-amzn-requestid", "id-1"), "unexpected EOF", 3},
		{"half the JSON", answer(200, `{"stage":{"arn":"a`, "x-amzn-requestid", "id-1"), "stage.arn", 3},
		{"HTML under 200", answer(200, `<html>`, "x-amzn-requestid", "id-1"), "want an object", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				tr := answering(tt.do)
				_, err := getStage(t.Context(), newClient(tr))
				require.ErrorContains(t, err, "GetStage")
				require.ErrorContains(t, err, tt.text)
				var de *smithy.DeserializationError
				require.ErrorAs(t, err, &de)
				require.Empty(t, de.Snapshot)
				var re *awshttp.ResponseError
				require.ErrorAs(t, err, &re)
				require.Equal(t, 200, re.HTTPStatusCode())
				require.Equal(t, "id-1", re.ServiceRequestID())
				require.Equal(t, tt.want, tr.count())
			})
		})
	}
}

func TestBodyIsReadToTheEndAndClosed(t *testing.T) {
	const large = 17 << 20
	tests := []struct {
		name   string
		status int
		text   string
		eof    bool // else closed early
		most   int
		err    string
	}{
		{"success", 200, stageAnswer + "\n\n", true, 1 << 10, ""},
		{"success, no body", 200, "", true, 0, "has no stage"},
		{"success, too large", 200, strings.Repeat(" ", large), false, 16<<20 + 1, "larger than 16 MiB"},
		{"error", 404, `{"exceptionMessage":"x"}`, true, 1 << 10, "x"},
		{"error, too large", 404, strings.Repeat(" ", large), false, 64<<10 + 1, "larger than 64 KiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				b := &body{Reader: strings.NewReader(tt.text)}
				var seen *http.Response
				_, err := getStage(t.Context(), newClient(answering(func(r *http.Request) (resp *http.Response, err error) {
					seen, err = withBody(tt.status, b, "x-amzn-requestid", "id-1")(r)
					return seen, err
				})))
				if tt.err == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, tt.err)
					require.ErrorContains(t, err, "RequestID: id-1")
				}
				require.True(t, b.closed)
				require.Equal(t, tt.eof, b.eof, "read to the end")
				require.LessOrEqual(t, b.read, tt.most)
				require.Equal(t, http.NoBody, seen.Body, "the answer must not keep its bytes")
			})
		})
	}
}

// Nothing that an HTTP client returns makes a call panic.
func TestHTTPClientThatBreaksItsContract(t *testing.T) {
	tests := map[string]func(*http.Request) (*http.Response, error){
		"nil, nil":       func(*http.Request) (*http.Response, error) { return nil, nil },
		"no status":      func(*http.Request) (*http.Response, error) { return &http.Response{}, nil },
		"nil body, 200":  func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, nil },
		"nil body, 500":  func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 500}, nil },
		"status 1":       func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 1}, nil },
		"status -7":      func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: -7}, nil },
		"answer and err": func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, io.EOF },
	}
	for name, do := range tests {
		t.Run(name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				_, err := getStage(t.Context(), newClient(answering(do), func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }))
				require.Error(t, err)
			})
		})
	}
}

// http.Client reports its own Timeout as context.DeadlineExceeded, though the
// caller's context goes on.
func TestTimeoutOfHTTPClientIsNoContextError(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-release }))
	defer srv.Close()
	defer close(release)
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		_, err := getStage(t.Context(), newClient(&http.Client{Timeout: time.Millisecond}, func(o *ivsrealtime.Options) {
			o.BaseEndpoint, o.RetryMaxAttempts = &srv.URL, 1
		}))
		require.Error(t, err)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, context.Canceled)
		var timeout interface{ Timeout() bool }
		require.ErrorAs(t, err, &timeout)
		require.True(t, timeout.Timeout())
	})
}

// So may a credentials provider, whose own deadline it is then.
func TestTimeoutOfCredentialsIsNoContextError(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		_, err := getStage(t.Context(), newClient(answering(answer(200, stageAnswer)), func(o *ivsrealtime.Options) {
			o.RetryMaxAttempts = 1
			o.Credentials = providerFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{}, fmt.Errorf("metadata service: %w", context.DeadlineExceeded)
			})
		}))
		require.ErrorContains(t, err, "get credentials: metadata service")
		require.NotErrorIs(t, err, context.DeadlineExceeded)
	})
}

// And so may a signer.
func TestTimeoutOfSignerIsNoContextError(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		_, err := getStage(t.Context(), newClient(answering(answer(200, stageAnswer)), func(o *ivsrealtime.Options) {
			o.RetryMaxAttempts = 1
			o.HTTPSignerV4 = signerFunc(func(context.Context) error { return fmt.Errorf("key service: %w", context.DeadlineExceeded) })
		}))
		require.ErrorContains(t, err, "sign the request: key service")
		require.NotErrorIs(t, err, context.DeadlineExceeded)
	})
}

// The caller's context can end when the attempt's timeout has ended the attempt, but
// the HTTP client has not returned yet.
func TestCancellationAfterAttemptTimeout(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			tr := answering(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				cancel()
				return nil, r.Context().Err()
			})
			_, err := getStage(ctx, newClient(tr, func(o *ivsrealtime.Options) { o.AttemptTimeout = time.Second }))
			require.ErrorIs(t, err, context.Canceled)
			require.NotErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, 1, tr.count())
		})
	})
}

// Readers that break the contract of io.Reader.
func TestOddBodies(t *testing.T) {
	tests := []struct {
		name string
		read readerFunc
		want string
	}{
		{"less than nothing", func([]byte) (int, error) { return -1, nil }, "read -1 of"},
		{"more than there is room for", func(p []byte) (int, error) { return len(p) + 1, nil }, "bytes"},
		{"nothing for ever", func([]byte) (int, error) { return 0, nil }, io.ErrNoProgress.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				for _, mode := range []aws.ClientLogMode{0, aws.LogResponseWithBody} {
					for _, status := range []int{200, 404} {
						_, err := getStage(t.Context(), newClient(answering(withBody(status, io.NopCloser(tt.read))), func(o *ivsrealtime.Options) {
							o.ClientLogMode = mode
						}))
						require.ErrorContains(t, err, tt.want)
						require.ErrorContains(t, err, fmt.Sprintf("StatusCode: %d", status))
					}
				}
			})
		})
	}
}

// A body that gives up when a context ends may leave a goroutine behind that still
// writes to the memory it was given. No other call may be given it then.
func TestMemoryOfAFailedReadIsNotUsedAgain(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		var given []byte
		fail := readerFunc(func(p []byte) (int, error) {
			given = p
			return 0, errors.New("gave up")
		})
		text := strings.NewReader(stageAnswer)
		succeed := readerFunc(func(p []byte) (int, error) {
			if &p[0] == &given[0] {
				t.Error("the memory of a failed read was used again")
			}
			return text.Read(p)
		})
		c := newClient(answering(withBody(200, io.NopCloser(fail)), withBody(200, io.NopCloser(succeed))), func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
		_, err := getStage(t.Context(), c)
		require.ErrorContains(t, err, "gave up")
		_, err = getStage(t.Context(), c)
		require.NoError(t, err)
	})
}

// An HTTP client of a test may give the same answer to all; -race watches.
func TestOneAnswerWithoutBodyForAll(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		one := &http.Response{StatusCode: 204, Body: http.NoBody}
		c := newClient(answering(func(*http.Request) (*http.Response, error) { return one, nil }))
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := c.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: testStageARN}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestClientThatNobodyMade(t *testing.T) {
	var none *ivsrealtime.Client
	for _, c := range []*ivsrealtime.Client{none, {}} {
		_, err := c.ListStages(t.Context(), nil)
		require.ErrorContains(t, err, "not made by New or NewFromConfig")
	}
}

func TestNilContextAndNilInput(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, `{"stages":[]}`))
		//lint:ignore SA1012 that it does not panic is what is tested
		_, err := newClient(tr).ListStages(nil, nil)
		require.NoError(t, err)
		require.Equal(t, []string{`{}`}, tr.bodies)
	})
}

// What stays reachable from an error holds neither the signature, nor the
// session token, nor the bytes of the answer.
func TestErrorKeepsNoSecrets(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(404, `{"exceptionMessage":"gone"}`, "x-amzn-errortype", "ResourceNotFoundException"))
		_, err := getStage(t.Context(), newClient(tr))
		var re *awshttp.ResponseError
		require.ErrorAs(t, err, &re)
		require.Empty(t, re.Response.Request.Header.Get("Authorization"))
		require.Empty(t, re.Response.Request.Header.Get("X-Amz-Security-Token"))
		require.NotEmpty(t, re.Response.Request.URL.Path)
		left, readErr := io.ReadAll(re.Response.Body)
		require.NoError(t, readErr)
		require.Empty(t, left)
		// The request that was sent is not changed: the transport may still use it.
		require.NotEmpty(t, tr.requests[0].Header.Get("Authorization"))
	})
}

// Over a real connection: every answer, errors too, lets the connection be used
// again.
func TestConnectionIsReused(t *testing.T) {
	var conns atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A server that answers before it has the whole request can cost the
		// connection, whatever the client does.
		_, _ = io.Copy(io.Discard, r.Body)
		switch r.URL.Path {
		case "/GetStage":
			w.Header().Set("x-amzn-errortype", "ResourceNotFoundException")
			w.WriteHeader(404)
			_, _ = w.Write(bytes.Repeat([]byte(" "), 60<<10))
		case "/DeleteStage":
		default:
			_, _ = io.WriteString(w, `{"stages":[]}`)
		}
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		conns.Store(0)
		tr := &http.Transport{}
		defer tr.CloseIdleConnections()
		c := newClient(&http.Client{Transport: tr}, func(o *ivsrealtime.Options) { o.BaseEndpoint = &srv.URL })
		for range 10 {
			_, err := c.ListStages(t.Context(), nil)
			require.NoError(t, err)
			_, err = getStage(t.Context(), c)
			require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
			_, err = c.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: testStageARN})
			require.NoError(t, err)
		}
		// One, but where the machine stalls: net/http gives a connection up when it does
		// not hear of the end of a write within 50 ms of the answer.
		require.LessOrEqual(t, conns.Load(), int32(3), "of 30 calls")
	})
}

// One client serves many goroutines; -race watches.
func TestConcurrentUse(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, stageAnswer, "Date", "Thu, 01 Oct 2026 08:15:30 GMT", "x-amzn-requestid", "id-1"))
		c := newClient(tr)
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				for range 10 {
					var optFns []func(*ivsrealtime.Options)
					if i%2 == 0 {
						optFns = append(optFns, func(o *ivsrealtime.Options) { o.Region, o.AppID = "us-west-2", "x" })
					}
					out, err := getStage(t.Context(), c, optFns...)
					if err != nil || out.Stage.Name != "lobby" {
						t.Errorf("got %v, %v", out, err)
					}
				}
			})
		}
		wg.Wait()
		require.Equal(t, 640, tr.count())
	})
}
