package ivsrealtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// leastAnswers are the shortest successes of the operations whose output always has
// a member.
var leastAnswers = map[string]string{
	"CreateEncoderConfiguration": `{"encoderConfiguration":{}}`,
	"CreateIngestConfiguration":  `{"ingestConfiguration":{}}`,
	"CreateParticipantToken":     `{"participantToken":{"token":"t"}}`,
	"CreateStage":                `{"stage":{}}`,
	"CreateStorageConfiguration": `{"storageConfiguration":{}}`,
	"GetComposition":             `{"composition":{}}`,
	"GetEncoderConfiguration":    `{"encoderConfiguration":{}}`,
	"GetIngestConfiguration":     `{"ingestConfiguration":{}}`,
	"GetParticipant":             `{"participant":{}}`,
	"GetPublicKey":               `{"publicKey":{}}`,
	"GetStage":                   `{"stage":{}}`,
	"GetStageSession":            `{"stageSession":{}}`,
	"GetStorageConfiguration":    `{"storageConfiguration":{}}`,
	"ImportPublicKey":            `{"publicKey":{}}`,
	"ListCompositions":           `{"compositions":[]}`,
	"ListEncoderConfigurations":  `{"encoderConfigurations":[]}`,
	"ListIngestConfigurations":   `{"ingestConfigurations":[]}`,
	"ListParticipantEvents":      `{"events":[]}`,
	"ListParticipantReplicas":    `{"replicas":[]}`,
	"ListParticipants":           `{"participants":[]}`,
	"ListPublicKeys":             `{"publicKeys":[]}`,
	"ListStageSessions":          `{"stageSessions":[]}`,
	"ListStages":                 `{"stages":[]}`,
	"ListStorageConfigurations":  `{"storageConfigurations":[]}`,
	"ListTagsForResource":        `{"tags":{}}`,
	"StartComposition":           `{"composition":{}}`,
	"UpdateIngestConfiguration":  `{"ingestConfiguration":{}}`,
	"UpdateStage":                `{"stage":{}}`,
}

func leastAnswer(op string) string {
	if text, ok := leastAnswers[op]; ok {
		return text
	}
	return "{}"
}

// The operations that a lost response does not make the client repeat, and those
// that change nothing. All others may be repeated.
const (
	operationsOnce = " CreateEncoderConfiguration CreateIngestConfiguration CreateParticipantToken CreateStage CreateStorageConfiguration ImportPublicKey StartParticipantReplication "
	readOperations = " GetComposition GetEncoderConfiguration GetIngestConfiguration GetParticipant GetPublicKey GetStage GetStageSession GetStorageConfiguration" +
		" ListCompositions ListEncoderConfigurations ListIngestConfigurations ListParticipantEvents ListParticipantReplicas ListParticipants ListPublicKeys ListStageSessions ListStages ListStorageConfigurations ListTagsForResource "
)

// atOnce retries without delay.
func atOnce(o *ivsrealtime.Options) {
	o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		o.RateLimiter = ratelimit.None
	})
}

func TestLostResponseOfEveryOperation(t *testing.T) {
	lost := map[string]func(status int) func(*http.Request) (*http.Response, error){
		"cut": func(status int) func(*http.Request) (*http.Response, error) {
			return withBody(status, cut(`{"a":`, io.ErrUnexpectedEOF))
		},
		"reset": func(status int) func(*http.Request) (*http.Response, error) {
			return withBody(status, cut(`{}`, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}))
		},
		"read deadline": func(status int) func(*http.Request) (*http.Response, error) {
			return withBody(status, cut(`{`, &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}))
		},
		"half the JSON":      func(status int) func(*http.Request) (*http.Response, error) { return answer(status, `{"a":{"b":[1,"}`) },
		"half an escape":     func(status int) func(*http.Request) (*http.Response, error) { return answer(status, `{"a":"\`) },
		"an opening bracket": func(status int) func(*http.Request) (*http.Response, error) { return answer(status, ` {`) },
	}
	for _, op := range operations {
		for name, do := range lost {
			for _, status := range []int{200, 204} {
				t.Run(fmt.Sprint(op.id(), "/", name, "/", status), func(t *testing.T) {
					onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
						tr := answering(do(status))
						_, err := op.call(t, newClient(tr, atOnce), op.in)
						wantLost(t, op.name, err, tr.count(), 3)

						// A Retryer that retries everything does not repeat it either.
						tr = answering(do(status))
						_, err = op.call(t, newClient(tr, atOnce, func(o *ivsrealtime.Options) { o.Retryer = anyError{o.Retryer} }), op.in)
						wantLost(t, op.name, err, tr.count(), 3)

						tr = answering(do(status), answer(200, leastAnswer(op.name)))
						_, err = op.call(t, newClient(tr, atOnce), op.in)
						require.Equal(t, !isOnce(op.name), err == nil, "%v", err)
					})
				})
			}
		}
	}
}

func isOnce(op string) bool { return strings.Contains(operationsOnce, " "+op+" ") }

// wantLost checks the error of a call none of whose responses of success could be
// used.
func wantLost(t *testing.T, op string, err error, attempts, all int) {
	t.Helper()
	require.Error(t, err)
	var exhausted *retry.MaxAttemptsError
	if isOnce(op) {
		require.Equal(t, 1, attempts)
		require.NotErrorAs(t, err, &exhausted)
	} else {
		require.Equal(t, all, attempts)
		require.ErrorAs(t, err, &exhausted)
	}
	if strings.Contains(readOperations, " "+op+" ") {
		require.NotErrorIs(t, err, ivsrealtime.ErrOutcomeUnknown)
		require.NotContains(t, err.Error(), "carried out")
	} else {
		require.ErrorIs(t, err, ivsrealtime.ErrOutcomeUnknown)
		require.ErrorContains(t, err, op+" was probably carried out, only its response is lost")
	}
	require.NotErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, context.DeadlineExceeded)
}

// An empty success names the member that is missing.
func TestEmptySuccess(t *testing.T) {
	for _, op := range operations {
		bodies := []string{``, `null`, `{}`, " \n", `{"zzUnknown":{"stage":{}}}`}
		name := alwaysThere(op.name)
		if name != "" {
			bodies = append(bodies, `{"`+name+`":null}`)
		}
		for _, status := range []int{200, 201, 204} {
			for _, body := range bodies {
				t.Run(fmt.Sprint(op.id(), "/", status, "/", body), func(t *testing.T) {
					onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
						tr := answering(answer(status, body))
						out, err := op.call(t, newClient(tr, atOnce), op.in)
						if name == "" {
							require.NoError(t, err)
							require.Equal(t, 1, tr.count())
							return
						}
						require.ErrorContains(t, err, "the response has no "+name)
						require.ErrorAs(t, err, new(*smithy.DeserializationError))
						require.True(t, reflect.ValueOf(out).IsNil())
						wantLost(t, op.name, err, tr.count(), 3)
					})
				})
			}
		}
		t.Run(op.id()+"/least", func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				_, err := op.call(t, newClient(answering(answer(200, leastAnswer(op.name)))), op.in)
				require.NoError(t, err)
			})
		})
	}
}

func TestTokenThatIsEmpty(t *testing.T) {
	for _, body := range []string{`{"participantToken":{}}`, `{"participantToken":{"token":""}}`, `{"participantToken":{"token":null,"participantId":"p"}}`} {
		onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
			tr := answering(answer(200, body))
			_, err := newClient(tr, atOnce).CreateParticipantToken(t.Context(), &ivsrealtime.CreateParticipantTokenInput{StageARN: testStageARN})
			require.ErrorContains(t, err, "the response has no participantToken.token")
			wantLost(t, "CreateParticipantToken", err, tr.count(), 3)
		})
	}
}

// A list that a middleware supplied may lack what the service's has.
func TestSuppliedOutputIsNotChecked(t *testing.T) {
	supply := ivsrealtime.WithAPIOptions(func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("supply", func(context.Context, middleware.DeserializeInput, middleware.DeserializeHandler) (out middleware.DeserializeOutput, md middleware.Metadata, err error) {
			out.Result = &ivsrealtime.ListStagesOutput{}
			return out, md, nil
		}), middleware.Before)
	})
	out, err := ivsrealtime.New(testOptions(answering(answer(500, "")))).ListStages(t.Context(), nil, supply)
	require.NoError(t, err)
	require.Nil(t, out.Stages)
}

// A response of success that is whole and no JSON, or too large, is not asked for
// again, but says that the work was done.
func TestUnreadableSuccess(t *testing.T) {
	for name, do := range map[string]func(*http.Request) (*http.Response, error){
		"HTML":             answer(200, `<html>{</html>`),
		"a list":           answer(200, `[]`),
		"another type":     answer(200, `{"stage":5}`),
		"twice":            answer(200, `{"stage":{}}{`),
		"17 MiB of spaces": answer(200, strings.Repeat(" ", 17<<20)),
	} {
		t.Run(name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				tr := answering(do)
				_, err := newClient(tr, atOnce).CreateStage(t.Context(), nil)
				wantLost(t, "CreateStage", err, tr.count(), 1)
				_, err = newClient(tr, atOnce).UpdateStage(t.Context(), &ivsrealtime.UpdateStageInput{ARN: testStageARN})
				require.ErrorIs(t, err, ivsrealtime.ErrOutcomeUnknown)
				_, err = getStage(t.Context(), newClient(tr, atOnce))
				require.ErrorAs(t, err, new(*smithy.DeserializationError))
				require.NotErrorIs(t, err, ivsrealtime.ErrOutcomeUnknown)
				require.Equal(t, 3, tr.count())
			})
		})
	}
}

// What a later attempt says after one whose response got lost.
func TestErrorAfterALostResponse(t *testing.T) {
	reset := func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	refused := func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	cutShort := withBody(200, cut(`{`, io.ErrUnexpectedEOF))
	notFound := answer(404, `{"message":"m"}`, "x-amzn-errortype", "ResourceNotFoundException")
	conflict := answer(409, `{"message":"m"}`, "x-amzn-errortype", "ConflictException")
	invalid := answer(400, `{"message":"m"}`, "x-amzn-errortype", "ValidationException")
	calls := map[string]func(context.Context, *ivsrealtime.Client) error{
		"DeleteStage": func(ctx context.Context, c *ivsrealtime.Client) error {
			_, err := c.DeleteStage(ctx, &ivsrealtime.DeleteStageInput{ARN: testStageARN})
			return err
		},
		"StopComposition": func(ctx context.Context, c *ivsrealtime.Client) error {
			_, err := c.StopComposition(ctx, &ivsrealtime.StopCompositionInput{ARN: testCompositionARN})
			return err
		},
		"DisconnectParticipant": func(ctx context.Context, c *ivsrealtime.Client) error {
			_, err := c.DisconnectParticipant(ctx, &ivsrealtime.DisconnectParticipantInput{StageARN: testStageARN, ParticipantID: "p"})
			return err
		},
		"StartParticipantReplication": func(ctx context.Context, c *ivsrealtime.Client) error {
			_, err := c.StartParticipantReplication(ctx, &ivsrealtime.StartParticipantReplicationInput{SourceStageARN: testStageARN, DestinationStageARN: testStageARN, ParticipantID: "p"})
			return err
		},
		"GetStage": func(ctx context.Context, c *ivsrealtime.Client) error {
			_, err := getStage(ctx, c)
			return err
		},
	}
	const once, get = "StartParticipantReplication", "GetStage"
	for _, test := range []struct {
		name     string
		first    func(*http.Request) (*http.Response, error)
		then     func(*http.Request) (*http.Response, error)
		sentinel error
		unknown  bool
	}{
		{"reset, not found", reset, notFound, ivsrealtime.ErrNotFound, true},
		{"reset, conflict", reset, conflict, ivsrealtime.ErrConflict, true},
		{"reset, invalid", reset, invalid, ivsrealtime.ErrValidation, false},
		{"EOF, conflict", func(*http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: "Post", URL: "https://h", Err: syscall.ECONNRESET}
		}, conflict, ivsrealtime.ErrConflict, true},
		{"504, not found", answer(504, ``), notFound, ivsrealtime.ErrNotFound, true},
		{"502, conflict", answer(502, `<html>`), conflict, ivsrealtime.ErrConflict, true},
		{"cut short, not found", cutShort, notFound, ivsrealtime.ErrNotFound, true},
		{"cut short, conflict", cutShort, conflict, ivsrealtime.ErrConflict, true},
		{"cut short, invalid", cutShort, invalid, ivsrealtime.ErrValidation, true},
		{"refused, not found", refused, notFound, ivsrealtime.ErrNotFound, false},
		{"throttled, not found", answer(429, ``), notFound, ivsrealtime.ErrNotFound, false},
		{"503, conflict", answer(503, ``), conflict, ivsrealtime.ErrConflict, false},
		{"not found", notFound, notFound, ivsrealtime.ErrNotFound, false},
	} {
		for op, call := range calls {
			t.Run(test.name+"/"+op, func(t *testing.T) {
				onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
					err := call(t.Context(), newClient(answering(test.first, test.then), atOnce))
					if op == once && strings.HasPrefix(test.name, "cut short") { // it is not repeated
						wantLost(t, op, err, 1, 1)
						return
					}
					require.ErrorIs(t, err, test.sentinel)
					require.Equal(t, test.unknown && op != get, errors.Is(err, ivsrealtime.ErrOutcomeUnknown), "%v", err)
					require.Equal(t, test.unknown && op != get, strings.Contains(err.Error(), op+" was p"), "%v", err)
					var api *ivsrealtime.APIError
					require.ErrorAs(t, err, &api)
				})
			})
		}
	}
}

// Without its token StartComposition is no operation that may be repeated.
func TestLostResponseWithoutAToken(t *testing.T) {
	none := func(o *ivsrealtime.Options) {
		o.IdempotencyTokenProvider = tokenProvider(func() (string, error) { return "", nil })
	}
	removed := ivsrealtime.WithAPIOptions(func(s *middleware.Stack) error {
		_, err := s.Initialize.Remove("OperationIdempotencyTokenAutoFill")
		return err
	})
	for name, test := range map[string]struct {
		set      func(*ivsrealtime.Options)
		token    string
		attempts int
	}{
		"filled":                      {func(*ivsrealtime.Options) {}, "", 3},
		"none provided":               {none, "", 1},
		"none provided, the caller's": {none, "mine", 3},
		"removed":                     {removed, "", 1},
		"removed, the caller's":       {removed, "mine", 3},
	} {
		t.Run(name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				for _, text := range []string{`{"composition":`, `{}`, ``} {
					tr := answering(answer(200, text))
					in := &ivsrealtime.StartCompositionInput{StageARN: testStageARN, Destinations: []ivsrealtime.DestinationConfiguration{}, IdempotencyToken: test.token}
					_, err := newClient(tr, atOnce).StartComposition(t.Context(), in, test.set)
					require.ErrorIs(t, err, ivsrealtime.ErrOutcomeUnknown)
					require.Equal(t, test.attempts, tr.count())
				}
			})
		})
	}
}

// The caller's context ends while the response of a success is read.
func TestContextEndsWithinASuccess(t *testing.T) {
	for _, test := range []struct {
		status  int
		unknown bool
	}{{200, true}, {500, false}} {
		for name, end := range map[string]func(context.Context) (context.Context, context.CancelFunc, error){
			"deadline": func(ctx context.Context) (context.Context, context.CancelFunc, error) {
				ctx, cancel := context.WithTimeout(ctx, time.Second)
				return ctx, cancel, context.DeadlineExceeded
			},
			"cancel": func(ctx context.Context) (context.Context, context.CancelFunc, error) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(time.Second, cancel)
				return ctx, cancel, context.Canceled
			},
		} {
			t.Run(fmt.Sprint(test.status, "/", name), func(t *testing.T) {
				inBubble(t, func(t *testing.T, newClient newClientFunc) {
					for _, timeout := range []time.Duration{0, time.Hour} {
						ctx, cancel, want := end(t.Context())
						defer cancel()
						tr := answering(hangInBody(test.status))
						_, err := newClient(tr, func(o *ivsrealtime.Options) { o.AttemptTimeout = timeout }).CreateStage(ctx, nil)
						require.ErrorIs(t, err, want)
						require.ErrorAs(t, err, new(*smithy.CanceledError))
						require.Equal(t, test.unknown, errors.Is(err, ivsrealtime.ErrOutcomeUnknown))
						require.Equal(t, 1, tr.count())

						ctx, cancel, want = end(t.Context())
						defer cancel()
						_, err = getStage(ctx, newClient(tr, func(o *ivsrealtime.Options) { o.AttemptTimeout = timeout }))
						require.ErrorIs(t, err, want)
						require.ErrorAs(t, err, new(*smithy.CanceledError))
						require.NotErrorIs(t, err, ivsrealtime.ErrOutcomeUnknown)
					}
				})
			})
		}
	}
}

// AttemptTimeout and the timeout of a http.Client, before and after the status.
func TestTimeoutsOfACreate(t *testing.T) {
	for _, test := range []struct {
		name  string
		stuck func(*http.Request) (*http.Response, error)
		once  bool
	}{{"before the status", hang, false}, {"in a success", hangInBody(200), true}, {"in an error", hangInBody(500), false}} {
		for name, limit := range map[string]func(*ivsrealtime.Options){
			"AttemptTimeout": func(o *ivsrealtime.Options) { o.AttemptTimeout = time.Second },
			"Client.Timeout": func(o *ivsrealtime.Options) {
				o.HTTPClient = &http.Client{Timeout: time.Second, Transport: throughClient{o.HTTPClient}}
			},
		} {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				inBubble(t, func(t *testing.T, newClient newClientFunc) {
					tr := answering(test.stuck)
					_, err := newClient(tr, limit).CreateStage(t.Context(), nil)
					var timeout interface{ Timeout() bool }
					if test.name != "in an error" || name == "AttemptTimeout" {
						require.ErrorAs(t, err, &timeout)
						require.True(t, timeout.Timeout())
					}
					if test.once {
						wantLost(t, "CreateStage", err, tr.count(), 1)
						return
					}
					require.Equal(t, 3, tr.count())
					require.NotErrorIs(t, err, ivsrealtime.ErrOutcomeUnknown)
					require.ErrorAs(t, err, new(*retry.MaxAttemptsError))
				})
			})
		}
	}
}

type throughClient struct{ client ivsrealtime.HTTPClient }

func (r throughClient) RoundTrip(req *http.Request) (*http.Response, error) { return r.client.Do(req) }
