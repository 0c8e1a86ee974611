package ivsrealtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// The memory of a response goes back to a pool. Nothing may be left in it: the
// response has a participant token.
func TestPooledMemoryIsWiped(t *testing.T) {
	const token = "eyJhbGciOiJLTVMiLCJ0eXAiOiJKV1QifQ"
	for name, tt := range map[string]struct {
		status int
		text   string
		err    error
	}{
		"success":        {200, `{"participantToken":{"participantId":"p","token":"` + token + `"}}`, io.EOF},
		"error":          {400, `{"exceptionMessage":"` + token + `"}`, io.EOF},
		"cut off":        {200, `{"participantToken":{"token":"` + token, io.ErrUnexpectedEOF},
		"no JSON":        {200, token, io.EOF},
		"error, cut off": {400, `{"exceptionMessage":"` + token, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				var given [][]byte // what was read into; the first read may be a short one
				text := strings.NewReader(tt.text)
				body := readerFunc(func(p []byte) (int, error) {
					given = append(given, p)
					if n, err := text.Read(p); err == nil {
						return n, nil
					}
					return 0, tt.err
				})
				c := newClient(answering(withBody(tt.status, io.NopCloser(body))), func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
				_, _ = c.CreateParticipantToken(t.Context(), &ivsrealtime.CreateParticipantTokenInput{StageARN: testStageARN})
				require.Zero(t, text.Len(), "all of the response is read")
				for _, p := range given {
					require.NotContains(t, string(p), token[8:])
				}
			})
		})
	}
}

// Types that cannot be compared: == would panic.
type (
	listedCredentials []aws.Credentials
	listedClient      []*transport
	listedRetryer     []aws.Retryer
	listedSigner      []*v4.Signer
)

func (l listedCredentials) Retrieve(context.Context) (aws.Credentials, error) { return l[0], nil }

func (l listedClient) Do(r *http.Request) (*http.Response, error) { return l[0].Do(r) }

func (l listedRetryer) IsErrorRetryable(err error) bool { return l[0].IsErrorRetryable(err) }
func (l listedRetryer) MaxAttempts() int                { return 2 }
func (l listedRetryer) RetryDelay(int, error) (time.Duration, error) {
	return 0, nil
}
func (l listedRetryer) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	return l[0].GetRetryToken(ctx, err)
}
func (l listedRetryer) GetInitialToken() func(error) error { return l[0].GetInitialToken() }

func (l listedSigner) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, at time.Time, optFns ...func(*v4.SignerOptions)) error {
	return l[0].SignHTTP(ctx, c, r, hash, service, region, at, optFns...)
}

func TestOptionsThatCannotBeCompared(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		with := func(key string, tr *transport) func(*ivsrealtime.Options) {
			return func(o *ivsrealtime.Options) {
				o.Credentials = listedCredentials{{AccessKeyID: key, SecretAccessKey: "s"}}
				o.HTTPClient = listedClient{tr}
				o.Retryer = listedRetryer{aws.NopRetryer{}}
				o.HTTPSignerV4 = listedSigner{v4.NewSigner()}
			}
		}
		first, second := answering(answer(200, stageAnswer)), answering(answer(200, stageAnswer))
		c := newClient(first, with("AKIDCLIENT", first))
		for _, optFns := range [][]func(*ivsrealtime.Options){nil, {func(*ivsrealtime.Options) {}}, {with("AKIDCALL", second)}, nil} {
			_, err := getStage(t.Context(), c, optFns...)
			require.NoError(t, err)
		}
		require.Equal(t, 3, first.count())
		require.Equal(t, 1, second.count())
		require.Contains(t, second.requests[0].Header.Get("Authorization"), "Credential=AKIDCALL/")
		for _, r := range first.requests {
			require.Contains(t, r.Header.Get("Authorization"), "Credential=AKIDCLIENT/")
		}
	})
}

func TestPaginatorsOfNilClients(t *testing.T) {
	var none *ivsrealtime.Client
	for _, typed := range []bool{false, true} {
		check := func(name string, next func() error) {
			t.Run(fmt.Sprintf("%s/%v", name, typed), func(t *testing.T) {
				require.NotPanics(t, func() { require.ErrorContains(t, next(), "nil client") })
			})
		}
		check("stages", func() error {
			var c ivsrealtime.ListStagesAPIClient
			if typed {
				c = none
			}
			_, err := ivsrealtime.NewListStagesPaginator(c, nil).NextPage(t.Context())
			return err
		})
		check("participants", func() error {
			var c ivsrealtime.ListParticipantsAPIClient
			if typed {
				c = none
			}
			_, err := ivsrealtime.NewListParticipantsPaginator(c, nil).NextPage(t.Context())
			return err
		})
		check("participants with a filter", func() error {
			var c ivsrealtime.ListParticipantsAPIClient
			if typed {
				c = none
			}
			in := &ivsrealtime.ListParticipantsInput{StageARN: testStageARN, SessionID: "s", FilterByUserID: "u"}
			_, err := ivsrealtime.NewListParticipantsPaginator(c, in).NextPage(t.Context())
			return err
		})
		check("events", func() error {
			var c ivsrealtime.ListParticipantEventsAPIClient
			if typed {
				c = none
			}
			_, err := ivsrealtime.NewListParticipantEventsPaginator(c, nil).NextPage(t.Context())
			return err
		})
		check("compositions", func() error {
			var c ivsrealtime.ListCompositionsAPIClient
			if typed {
				c = none
			}
			_, err := ivsrealtime.NewListCompositionsPaginator(c, nil).NextPage(t.Context())
			return err
		})
	}
}

func TestMiddlewareThatReturnsANilOutput(t *testing.T) {
	tr := answering(answer(200, stageAnswer))
	out, err := getStage(t.Context(), ivsrealtime.New(testOptions(tr), initialize("x",
		func(context.Context, middleware.InitializeInput, middleware.InitializeHandler) (out middleware.InitializeOutput, md middleware.Metadata, err error) {
			out.Result = (*ivsrealtime.GetStageOutput)(nil)
			return out, md, nil
		})))
	require.Nil(t, out)
	require.EqualError(t, err, "operation error IVS RealTime: GetStage, a middleware returned *ivsrealtime.GetStageOutput, want *ivsrealtime.GetStageOutput")
}

// A provider whose own context was canceled says nothing about the caller's.
func TestProviderThatWasCanceled(t *testing.T) {
	for name, cause := range map[string]error{"bare": context.Canceled, "wrapped": fmt.Errorf("metadata service: %w", context.Canceled)} {
		t.Run(name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				_, err := getStage(t.Context(), newClient(answering(answer(200, stageAnswer)), func(o *ivsrealtime.Options) {
					o.RetryMaxAttempts = 1
					o.Credentials = providerFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, cause })
				}))
				require.ErrorContains(t, err, "get credentials: "+cause.Error())
				require.NotErrorIs(t, err, context.Canceled)
			})
		})
	}
}

func TestSentinelsOfCodes(t *testing.T) {
	for code, want := range map[string][]string{
		"AccessDeniedException":         {"ErrAccessDenied"},
		"ConflictException":             {"ErrConflict"},
		"InternalServerException":       {"ErrInternal"},
		"InternalFailure":               {"ErrInternal"},
		"PendingVerification":           {"ErrPendingVerification"},
		"ResourceNotFoundException":     {"ErrNotFound"},
		"ServiceQuotaExceededException": {"ErrQuotaExceeded"},
		"ValidationException":           {"ErrValidation"},
		"ValidationError":               {"ErrValidation"},
		"ThrottlingException":           {"ErrThrottled"},
		"SomethingElse":                 nil,
		"":                              nil,
	} {
		require.Equal(t, want, matching(&ivsrealtime.APIError{Code: code}), code)
		require.Equal(t, want, matching(fmt.Errorf("wrapped: %w", &ivsrealtime.APIError{Code: code, StatusCode: 400})), code)
	}
	require.Equal(t, []string{"ErrThrottled"}, matching(&ivsrealtime.APIError{Code: "SomethingElse", StatusCode: 429}))
	require.Equal(t, []string{"ErrConflict"}, matching(&ivsrealtime.APIError{Code: "ConflictException", StatusCode: 429}))
}

// The second header counts where the first is missing or has not the form of an id.
func TestFallbackRequestID(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		for _, headers := range [][]string{
			{"x-amz-requestid", "id-2"},
			{"x-amzn-requestid", "", "x-amz-requestid", "id-2"},
			{"x-amzn-requestid", "not an id", "x-amz-requestid", "id-2"},
			{"x-amzn-requestid", "id-2", "x-amz-requestid", "id-3"},
		} {
			out, err := getStage(t.Context(), newClient(answering(answer(200, stageAnswer, headers...))))
			require.NoError(t, err)
			id, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
			require.Equal(t, "id-2", id)
			_, err = getStage(t.Context(), newClient(answering(answer(404, `{}`, headers...))))
			require.ErrorContains(t, err, "RequestID: id-2,")
		}
	})
}

// Older middleware sets what to sign for in the context.
func TestSigningNameAndRegionOfMiddleware(t *testing.T) {
	tr := answering(answer(200, stageAnswer))
	_, err := getStage(t.Context(), ivsrealtime.New(testOptions(tr), initialize("x",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			//lint:ignore SA1019 this is what older middleware does
			ctx = awsmiddleware.SetSigningRegion(awsmiddleware.SetSigningName(ctx, "other"), "us-east-2")
			return next.HandleInitialize(ctx, in)
		})))
	require.NoError(t, err)
	require.Contains(t, tr.requests[0].Header.Get("Authorization"), "/us-east-2/other/aws4_request")
}

// The id is a random UUID: every digit of it takes several values, except that of
// the version and the two bits of the variant.
func TestInvocationID(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, stageAnswer))
		c := newClient(tr)
		var digits [36]map[byte]bool
		seen := map[string]bool{}
		for range 200 {
			_, err := getStage(t.Context(), c)
			require.NoError(t, err)
			id := tr.requests[len(tr.requests)-1].Header.Get("Amz-Sdk-Invocation-Id")
			require.Regexp(t, form, id)
			require.False(t, seen[id], "an id came twice")
			seen[id] = true
			for i := range digits {
				if digits[i] == nil {
					digits[i] = map[byte]bool{}
				}
				digits[i][id[i]] = true
			}
		}
		for i, values := range digits {
			switch i {
			case 8, 13, 14, 18, 23:
				require.Len(t, values, 1)
			case 19:
				require.Len(t, values, 4)
			default:
				require.Greater(t, len(values), 8, "digit %d", i)
			}
		}
	})
}

// As http.NewRequest makes them. smithy-go leaves the fields empty.
func TestProtocolOfRequests(t *testing.T) {
	tr := answering(answer(200, stageAnswer))
	_, err := getStage(t.Context(), ivsrealtime.New(testOptions(tr)))
	require.NoError(t, err)
	r := tr.requests[0]
	require.Equal(t, "HTTP/1.1 1 1", fmt.Sprint(r.Proto, " ", r.ProtoMajor, r.ProtoMinor))
}

// A body may give nothing 99 times in turn. At 100 there is no end to be expected.
func TestEmptyReads(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		for empty, want := range map[int]string{99: "", 100: "read the (answer|response): multiple Read calls return no data or error"} {
			parts := slices.Concat(make([]string, empty), []string{stageAnswer[:9]}, make([]string, empty), []string{stageAnswer[9:]})
			body := readerFunc(func(p []byte) (int, error) {
				if len(parts) == 0 {
					return 0, io.EOF
				}
				n := copy(p, parts[0])
				parts = parts[1:]
				return n, nil
			})
			_, err := getStage(t.Context(), newClient(answering(withBody(200, io.NopCloser(body))), func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }))
			if want == "" {
				require.NoError(t, err)
			} else {
				require.Regexp(t, want, err.Error())
				require.ErrorIs(t, err, io.ErrNoProgress)
			}
		}
	})
}

// A mistake in a caller's function is not taken for a middleware that is nil.
func TestAPIOptionsThatPanic(t *testing.T) {
	for name, cause := range map[string]any{"own": "boom", "error": errors.New("nil pointer dereference"), "index": nil} {
		t.Run(name, func(t *testing.T) {
			c := ivsrealtime.New(testOptions(answering(answer(200, stageAnswer))), ivsrealtime.WithAPIOptions(func(*middleware.Stack) error {
				if cause != nil {
					panic(cause)
				}
				var none []int
				_ = none[len(name)]
				return nil
			}))
			require.Panics(t, func() { _, _ = getStage(t.Context(), c) })
		})
	}
}

// Each hook alone makes the call take the stack.
func TestEachInterceptorAlone(t *testing.T) {
	for name, register := range map[string]func(*smithyhttp.InterceptorRegistry, *interceptor){
		"BeforeExecution":       func(r *smithyhttp.InterceptorRegistry, i *interceptor) { r.AddBeforeExecution(i) },
		"BeforeSerialization":   func(r *smithyhttp.InterceptorRegistry, i *interceptor) { r.AddBeforeSerialization(i) },
		"AfterSerialization":    func(r *smithyhttp.InterceptorRegistry, i *interceptor) { r.AddAfterSerialization(i) },
		"BeforeRetryLoop":       func(r *smithyhttp.InterceptorRegistry, i *interceptor) { r.AddBeforeRetryLoop(i) },
		"BeforeAttempt":         func(r *smithyhttp.InterceptorRegistry, i *interceptor) { r.AddBeforeAttempt(i) },
		"BeforeSigning":         func(r *smithyhttp.InterceptorRegistry, i *interceptor) { r.AddBeforeSigning(i) },
		"AfterSigning":          func(r *smithyhttp.InterceptorRegistry, i *interceptor) { r.AddAfterSigning(i) },
		"BeforeTransmit":        func(r *smithyhttp.InterceptorRegistry, i *interceptor) { r.AddBeforeTransmit(i) },
		"AfterTransmit":         func(r *smithyhttp.InterceptorRegistry, i *interceptor) { r.AddAfterTransmit(i) },
		"BeforeDeserialization": func(r *smithyhttp.InterceptorRegistry, i *interceptor) { r.AddBeforeDeserialization(i) },
		"AfterDeserialization":  func(r *smithyhttp.InterceptorRegistry, i *interceptor) { r.AddAfterDeserialization(i) },
		"AfterAttempt":          func(r *smithyhttp.InterceptorRegistry, i *interceptor) { r.AddAfterAttempt(i) },
		"AfterExecution":        func(r *smithyhttp.InterceptorRegistry, i *interceptor) { r.AddAfterExecution(i) },
	} {
		t.Run(name, func(t *testing.T) {
			i := &interceptor{}
			_, err := getStage(t.Context(), ivsrealtime.New(testOptions(answering(answer(200, stageAnswer)))), func(o *ivsrealtime.Options) { register(&o.Interceptors, i) })
			require.NoError(t, err)
			require.Len(t, i.calls, 1)
			require.Contains(t, i.calls[0], name)
		})
	}
}

func TestOptionsInJSON(t *testing.T) {
	text, err := testOptions(nil).MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, `{"Region":"eu-west-1"}`, string(text))
}

func TestZones(t *testing.T) {
	for region, zone := range map[string]bool{
		"eu-west-0a": true, "eu-west-1a": true, "eu-west-1z": true, "eu-west-9a": true,
		"eu-west-1": false, "eu-west-10": false, "eu-west-a": false, "a": false, "1a": true, "eu-west-1-a": false,
	} {
		_, err := getStage(t.Context(), ivsrealtime.New(testOptions(answering(answer(200, stageAnswer))), func(o *ivsrealtime.Options) { o.Region = region }))
		if zone {
			require.ErrorContains(t, err, "zone of a region", region)
		} else {
			require.NoError(t, err, region)
		}
	}
}
