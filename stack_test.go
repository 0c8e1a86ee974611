package ivsrealtime_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// The order of the stack is what callers' middleware relies on.
func TestStackOrder(t *testing.T) {
	for _, op := range operations {
		if op.variant != "" {
			continue
		}
		t.Run(op.name, func(t *testing.T) {
			token := ""
			if op.name == "StartComposition" {
				token = "\t\tOperationIdempotencyTokenAutoFill\n"
			}
			var got string
			c := ivsrealtime.New(testOptions(answering(answer(200, op.answer))), ivsrealtime.WithAPIOptions(func(s *middleware.Stack) error {
				got = s.String()
				return nil
			}))
			_, err := op.call(t, c, op.in)
			require.NoError(t, err)
			require.Equal(t, op.name+`
	Initialize stack step
		InterceptExecution
`+token+`		OperationInputValidation
	Serialize stack step
		InterceptBeforeSerialization
		OperationSerializer
		InterceptAfterSerialization
	Build stack step
		ClientRequestID
		UserAgent
		RecursionDetection
	Finalize stack step
		InterceptBeforeRetryLoop
		Retry
		InterceptAttempt
		GetIdentity
		ResolveEndpointV2
		ComputePayloadHash
		InterceptBeforeSigning
		Signing
		InterceptAfterSigning
	Deserialize stack step
		AddRawResponseToMetadata
		ResponseErrorWrapper
		RequestIDRetriever
		InterceptAfterDeserialization
		OperationDeserializer
		InterceptBeforeDeserialization
		RecordResponseTiming
		RequestResponseLogger
		InterceptTransmit
`, got)
		})
	}
}

// The step that fills in the idempotency token is one that middleware can remove,
// replace, and be placed around.
func TestIdempotencyTokenOnTheStack(t *testing.T) {
	const autoFill = "OperationIdempotencyTokenAutoFill"
	seen := map[string]string{}
	see := func(where string) middleware.InitializeMiddleware {
		return middleware.InitializeMiddlewareFunc(where, func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			seen[where] = in.Parameters.(*ivsrealtime.StartCompositionInput).IdempotencyToken
			return next.HandleInitialize(ctx, in)
		})
	}
	start := func(t *testing.T, token string, do func(*http.Request) (*http.Response, error), fn func(*middleware.Stack) error) ([]string, error) {
		clear(seen)
		tr := answering(do, answer(200, compositionAnswer))
		c := ivsrealtime.New(testOptions(tr), ivsrealtime.WithAPIOptions(fn), func(o *ivsrealtime.Options) {
			o.IdempotencyTokenProvider = tokenProvider(func() (string, error) { return "filled", nil })
		})
		in := &ivsrealtime.StartCompositionInput{StageARN: testStageARN, Destinations: []ivsrealtime.DestinationConfiguration{}, IdempotencyToken: token}
		_, err := c.StartComposition(t.Context(), in)
		require.Equal(t, token, in.IdempotencyToken, "the caller's input is not written to")
		return tr.bodies, err
	}
	good := answer(200, compositionAnswer)

	t.Run("around", func(t *testing.T) {
		bodies, err := start(t, "", good, func(s *middleware.Stack) error {
			return errors.Join(
				s.Initialize.Insert(see("before"), autoFill, middleware.Before),
				s.Initialize.Insert(see("after"), autoFill, middleware.After),
				s.Initialize.Add(see("last"), middleware.After),
			)
		})
		require.NoError(t, err)
		require.Equal(t, map[string]string{"before": "", "after": "filled", "last": "filled"}, seen)
		require.Contains(t, bodies[0], `"idempotencyToken":"filled"`)
	})
	t.Run("a token of the caller", func(t *testing.T) {
		bodies, err := start(t, "mine", good, func(s *middleware.Stack) error { return s.Initialize.Insert(see("after"), autoFill, middleware.After) })
		require.NoError(t, err)
		require.Equal(t, "mine", seen["after"])
		require.Contains(t, bodies[0], `"idempotencyToken":"mine"`)
	})
	t.Run("the same in each attempt", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bodies, err := start(t, "", answer(500, `{}`), func(*middleware.Stack) error { return nil })
			require.NoError(t, err)
			require.Len(t, bodies, 2)
			require.Equal(t, bodies[0], bodies[1])
		})
	})
	t.Run("removed", func(t *testing.T) {
		bodies, err := start(t, "", good, func(s *middleware.Stack) error {
			_, err := s.Initialize.Remove(autoFill)
			return err
		})
		require.NoError(t, err)
		require.NotContains(t, bodies[0], "idempotencyToken")
	})
	t.Run("replaced", func(t *testing.T) {
		bodies, err := start(t, "", good, func(s *middleware.Stack) error {
			_, err := s.Initialize.Swap(autoFill, middleware.InitializeMiddlewareFunc(autoFill, func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				filled := *in.Parameters.(*ivsrealtime.StartCompositionInput)
				filled.IdempotencyToken = "of middleware"
				in.Parameters = &filled
				return next.HandleInitialize(ctx, in)
			}))
			return err
		})
		require.NoError(t, err)
		require.Contains(t, bodies[0], `"idempotencyToken":"of middleware"`)
	})
	t.Run("an input of another type", func(t *testing.T) {
		for _, input := range []any{nil, 7, (*ivsrealtime.StartCompositionInput)(nil), &ivsrealtime.GetStageInput{}} {
			_, err := start(t, "", good, func(s *middleware.Stack) error {
				return s.Initialize.Add(middleware.InitializeMiddlewareFunc("Wrong", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
					in.Parameters = input
					return next.HandleInitialize(ctx, in)
				}), middleware.Before)
			})
			require.ErrorContains(t, err, "a middleware replaced the input")
		}
	})
}

func initialize(id string, fn func(context.Context, middleware.InitializeInput, middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error)) func(*ivsrealtime.Options) {
	return ivsrealtime.WithAPIOptions(func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc(id, fn), middleware.Before)
	})
}

func TestMiddlewareSeesTheCall(t *testing.T) {
	in := &ivsrealtime.GetStageInput{ARN: testStageARN}
	var seen any
	type key struct{}
	c := ivsrealtime.New(testOptions(answering(answer(200, stageAnswer, "x-amzn-requestid", "id-1"))),
		initialize("mine", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			seen = in.Parameters
			require.Equal(t, "IVS RealTime", awsmiddleware.GetServiceID(ctx))
			require.Equal(t, "IVS RealTime", middleware.GetServiceID(ctx))
			require.Equal(t, "GetStage", awsmiddleware.GetOperationName(ctx))
			require.Equal(t, "GetStage", middleware.GetOperationName(ctx))
			require.Equal(t, "eu-west-1", awsmiddleware.GetRegion(ctx))
			out, md, err := next.HandleInitialize(ctx, in)
			md.Set(key{}, "mine")
			return out, md, err
		}))
	out, err := c.GetStage(t.Context(), in)
	require.NoError(t, err)
	require.Same(t, in, seen)
	require.Equal(t, "mine", out.ResultMetadata.Get(key{}))
	_, ok := awsmiddleware.GetRawResponse(out.ResultMetadata).(*smithyhttp.Response)
	require.True(t, ok)
	_, ok = awsmiddleware.GetResponseAt(out.ResultMetadata)
	require.True(t, ok)
}

// Middleware may answer in the service's place, and what it gets wrong is an
// error and not a panic.
func TestMiddlewareThatAnswersOrBreaks(t *testing.T) {
	type next = middleware.InitializeHandler
	tests := []struct {
		name   string
		option func(*ivsrealtime.Options)
		err    string // "" for success
	}{
		{"answers", initialize("x", func(context.Context, middleware.InitializeInput, next) (out middleware.InitializeOutput, md middleware.Metadata, err error) {
			out.Result = &ivsrealtime.GetStageOutput{Stage: ivsrealtime.Stage{Name: "mocked"}}
			return out, md, nil
		}), ""},
		{"answers with another type", initialize("x", func(context.Context, middleware.InitializeInput, next) (out middleware.InitializeOutput, md middleware.Metadata, err error) {
			out.Result = "text"
			return out, md, nil
		}), "returned string"},
		{"answers nothing", initialize("x", func(context.Context, middleware.InitializeInput, next) (out middleware.InitializeOutput, md middleware.Metadata, err error) {
			return out, md, nil
		}), "returned <nil>"},
		{"fails", initialize("x", func(context.Context, middleware.InitializeInput, next) (out middleware.InitializeOutput, md middleware.Metadata, err error) {
			return out, md, errors.New("no")
		}), "no"},
		{"replaces the input by another type", initialize("x", func(ctx context.Context, in middleware.InitializeInput, n next) (middleware.InitializeOutput, middleware.Metadata, error) {
			in.Parameters = 7
			return n.HandleInitialize(ctx, in)
		}), "replaced the input by int"},
		{"replaces the input by nil", initialize("x", func(ctx context.Context, in middleware.InitializeInput, n next) (middleware.InitializeOutput, middleware.Metadata, error) {
			in.Parameters = (*ivsrealtime.GetStageInput)(nil)
			return n.HandleInitialize(ctx, in)
		}), "replaced the input by *ivsrealtime.GetStageInput"},
		{"replaces the request", ivsrealtime.WithAPIOptions(func(s *middleware.Stack) error {
			return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("x", func(ctx context.Context, in middleware.FinalizeInput, n middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				in.Request = nil
				return n.HandleFinalize(ctx, in)
			}), middleware.Before)
		}), "replaced the request by <nil>"},
		{"cannot be placed", ivsrealtime.WithAPIOptions(func(*middleware.Stack) error { return errors.New("misplaced") }), "misplaced"},
		{"is nil", func(o *ivsrealtime.Options) { o.APIOptions = append(o.APIOptions, nil) }, "nil function"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := answering(answer(200, stageAnswer))
			out, err := getStage(t.Context(), ivsrealtime.New(testOptions(tr), tt.option))
			require.Zero(t, tr.count())
			if tt.err == "" {
				require.NoError(t, err)
				require.Equal(t, "mocked", out.Stage.Name)
				return
			}
			require.ErrorContains(t, err, tt.err)
			var op *smithy.OperationError
			require.ErrorAs(t, err, &op)
		})
	}
}

// interceptor implements every hook and writes down which were called.
type interceptor struct {
	calls []string
	fail  string // the hook that fails
}

func (i *interceptor) hook(name string, ic *smithyhttp.InterceptorContext) error {
	have := ""
	if ic.Input != nil {
		have += " input"
	}
	if ic.Request != nil {
		have += " request"
	}
	if ic.Response != nil {
		have += " response"
	}
	if ic.Output != nil {
		have += " output"
	}
	i.calls = append(i.calls, name+":"+have)
	if i.fail == name {
		return errors.New("refused by " + name)
	}
	return nil
}

type ic = smithyhttp.InterceptorContext

func (i *interceptor) BeforeExecution(_ context.Context, c *ic) error {
	return i.hook("BeforeExecution", c)
}
func (i *interceptor) BeforeSerialization(_ context.Context, c *ic) error {
	return i.hook("BeforeSerialization", c)
}
func (i *interceptor) AfterSerialization(_ context.Context, c *ic) error {
	return i.hook("AfterSerialization", c)
}
func (i *interceptor) BeforeRetryLoop(_ context.Context, c *ic) error {
	return i.hook("BeforeRetryLoop", c)
}
func (i *interceptor) BeforeAttempt(_ context.Context, c *ic) error {
	return i.hook("BeforeAttempt", c)
}
func (i *interceptor) BeforeSigning(_ context.Context, c *ic) error {
	return i.hook("BeforeSigning", c)
}
func (i *interceptor) AfterSigning(_ context.Context, c *ic) error {
	return i.hook("AfterSigning", c)
}
func (i *interceptor) BeforeTransmit(_ context.Context, c *ic) error {
	return i.hook("BeforeTransmit", c)
}
func (i *interceptor) AfterTransmit(_ context.Context, c *ic) error {
	return i.hook("AfterTransmit", c)
}
func (i *interceptor) BeforeDeserialization(_ context.Context, c *ic) error {
	return i.hook("BeforeDeserialization", c)
}
func (i *interceptor) AfterDeserialization(_ context.Context, c *ic) error {
	return i.hook("AfterDeserialization", c)
}
func (i *interceptor) AfterAttempt(_ context.Context, c *ic) error {
	return i.hook("AfterAttempt", c)
}
func (i *interceptor) AfterExecution(_ context.Context, c *ic) error {
	return i.hook("AfterExecution", c)
}

func (i *interceptor) register(o *ivsrealtime.Options) {
	r := &o.Interceptors
	r.AddBeforeExecution(i)
	r.AddBeforeSerialization(i)
	r.AddAfterSerialization(i)
	r.AddBeforeRetryLoop(i)
	r.AddBeforeAttempt(i)
	r.AddBeforeSigning(i)
	r.AddAfterSigning(i)
	r.AddBeforeTransmit(i)
	r.AddAfterTransmit(i)
	r.AddBeforeDeserialization(i)
	r.AddAfterDeserialization(i)
	r.AddAfterAttempt(i)
	r.AddAfterExecution(i)
}

func TestInterceptors(t *testing.T) {
	i := &interceptor{}
	_, err := getStage(t.Context(), ivsrealtime.New(testOptions(answering(answer(200, stageAnswer))), i.register))
	require.NoError(t, err)
	require.Equal(t, []string{
		"BeforeExecution: input",
		"BeforeSerialization: input",
		"AfterSerialization: input request",
		"BeforeRetryLoop: input request",
		"BeforeAttempt: input request",
		"BeforeSigning: input request",
		"AfterSigning: input request",
		"BeforeTransmit: input request",
		"AfterTransmit: input request response",
		"BeforeDeserialization: input request response",
		"AfterDeserialization: input request response output",
		"AfterAttempt: input request response output",
		"AfterExecution: input request response output",
	}, i.calls)

	for _, call := range i.calls {
		name, _, _ := strings.Cut(call, ":")
		t.Run("failing "+name, func(t *testing.T) {
			i := &interceptor{fail: name}
			_, err := getStage(t.Context(), ivsrealtime.New(testOptions(answering(answer(200, stageAnswer))), i.register))
			require.ErrorContains(t, err, "refused by "+name)
		})
	}

	t.Run("each hook alone takes the stack", func(t *testing.T) {
		i := &interceptor{}
		c := ivsrealtime.New(testOptions(answering(answer(200, stageAnswer))))
		_, err := getStage(t.Context(), c, func(o *ivsrealtime.Options) { o.Interceptors.AddAfterExecution(i) })
		require.NoError(t, err)
		require.Len(t, i.calls, 1)
		_, err = getStage(t.Context(), c)
		require.NoError(t, err)
		require.Len(t, i.calls, 1, "the option was of one call")
	})
}

// recorder is a TracerProvider and a MeterProvider that writes down names.
type recorder struct {
	mu    sync.Mutex
	spans []string
	meter map[string]int
	metrics.NopMeter
}

func (r *recorder) Tracer(scope string, _ ...tracing.TracerOption) tracing.Tracer {
	return &tracer{r, scope}
}
func (r *recorder) Meter(scope string, _ ...metrics.MeterOption) metrics.Meter {
	return &meter{r: r, scope: scope}
}

type tracer struct {
	r     *recorder
	scope string
}

func (t *tracer) StartSpan(ctx context.Context, name string, opts ...tracing.SpanOption) (context.Context, tracing.Span) {
	parent := ""
	if s, ok := tracing.GetSpan(ctx); ok {
		parent = s.Name() + "/"
	}
	t.r.mu.Lock()
	t.r.spans = append(t.r.spans, parent+name)
	t.r.mu.Unlock()
	s := &span{name: name}
	return tracing.WithSpan(ctx, s), s
}

type span struct {
	name string
	tracing.Span
}

func (s *span) Name() string                          { return s.name }
func (*span) Context() tracing.SpanContext            { return tracing.SpanContext{} }
func (*span) AddEvent(string, ...tracing.EventOption) {}
func (*span) SetProperty(any, any)                    {}
func (*span) SetStatus(tracing.SpanStatus)            {}
func (*span) End()                                    {}

type meter struct {
	r     *recorder
	scope string
	metrics.NopMeter
}

func (m *meter) Float64Histogram(name string, _ ...metrics.InstrumentOption) (metrics.Float64Histogram, error) {
	return &instrument{m.r, name}, nil
}
func (m *meter) Int64Counter(name string, _ ...metrics.InstrumentOption) (metrics.Int64Counter, error) {
	return &counter{m.r, name}, nil
}

type instrument struct {
	r    *recorder
	name string
}

func (i *instrument) Record(_ context.Context, _ float64, opts ...metrics.RecordMetricOption) {
	i.r.count(i.name, opts)
}

type counter struct {
	r    *recorder
	name string
}

func (i *counter) Add(_ context.Context, n int64, opts ...metrics.RecordMetricOption) {
	i.r.count(i.name, opts)
}

func (r *recorder) count(name string, opts []metrics.RecordMetricOption) {
	var o metrics.RecordMetricOptions
	for _, fn := range opts {
		fn(&o)
	}
	if strings.HasPrefix(name, "client.call.") {
		name += fmt.Sprintf(" %v %v", o.Properties.Get("rpc.service"), o.Properties.Get("rpc.method"))
	}
	for _, key := range []string{"auth.scheme_id", "exception.type"} {
		if v := o.Properties.Get(key); v != nil {
			name += fmt.Sprint(" ", v)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.meter == nil {
		r.meter = map[string]int{}
	}
	r.meter[name]++
}

func TestSpansAndMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		c := ivsrealtime.New(testOptions(answering(answer(500, `{"exceptionMessage":"x"}`, "x-amzn-errortype", "InternalServerException"), answer(200, stageAnswer))),
			func(o *ivsrealtime.Options) { o.TracerProvider, o.MeterProvider = r, r })
		_, err := getStage(t.Context(), c)
		require.NoError(t, err)

		attempt := []string{
			"RetryLoop/Attempt", "Attempt/ResolveAuthScheme", "Attempt/GetIdentity", "Attempt/ResolveEndpoint", "Attempt/ComputePayloadSHA256",
			"Attempt/SignRequest", "Attempt/DoHTTPRequest", "Attempt/OperationDeserializer",
		}
		want := slices.Concat([]string{"IVS RealTime.GetStage", "IVS RealTime.GetStage/OperationSerializer", "IVS RealTime.GetStage/RetryLoop"}, attempt, attempt)
		require.Equal(t, want, r.spans)

		counts := map[string]int{}
		for name, n := range r.meter {
			if strings.HasPrefix(name, "client.call.") {
				counts[name] = n
			}
		}
		require.Equal(t, map[string]int{
			"client.call.duration IVS RealTime GetStage":                                      1,
			"client.call.serialization_duration IVS RealTime GetStage":                        1,
			"client.call.auth.resolve_identity_duration IVS RealTime GetStage aws.auth#sigv4": 2,
			"client.call.resolve_endpoint_duration IVS RealTime GetStage":                     2,
			"client.call.auth.signing_duration IVS RealTime GetStage aws.auth#sigv4":          2,
			"client.call.deserialization_duration IVS RealTime GetStage":                      2,
			"client.call.attempts IVS RealTime GetStage":                                      2,
			"client.call.attempt_duration IVS RealTime GetStage":                              2,
			"client.call.errors IVS RealTime GetStage InternalServerException":                1,
		}, counts)
		require.Contains(t, r.meter, "client.http.do_request_duration")
	})
}

// Without an answer there is nothing to decode.
func TestSpansAndMetricsWithoutAnAnswer(t *testing.T) {
	r := &recorder{}
	c := ivsrealtime.New(testOptions(answering(func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") })),
		func(o *ivsrealtime.Options) {
			o.TracerProvider, o.MeterProvider, o.RetryMaxAttempts = r, r, 1
			o.Credentials = aws.AnonymousCredentials{}
		})
	_, err := getStage(t.Context(), c)
	require.Error(t, err)
	require.Contains(t, r.spans, "Attempt/DoHTTPRequest")
	require.NotContains(t, r.spans, "Attempt/OperationDeserializer")
	require.Contains(t, r.meter, "client.call.auth.signing_duration IVS RealTime GetStage smithy.api#noAuth")
	require.NotContains(t, r.meter, "client.call.deserialization_duration IVS RealTime GetStage")
}

// Providers that do nothing cost nothing: the call stays on the plain path.
func TestNopProvidersStayOnThePlainPath(t *testing.T) {
	for _, p := range []tracing.TracerProvider{nil, tracing.NopTracerProvider{}, &tracing.NopTracerProvider{}} {
		for _, m := range []metrics.MeterProvider{nil, metrics.NopMeterProvider{}, &metrics.NopMeterProvider{}} {
			c := ivsrealtime.New(testOptions(answering(answer(200, stageAnswer))), func(o *ivsrealtime.Options) {
				o.TracerProvider, o.MeterProvider, o.ClientLogMode = p, m, aws.ClientLogMode(0)
			})
			out, err := getStage(t.Context(), c)
			require.NoError(t, err)
			require.Nil(t, awsmiddleware.GetRawResponse(out.ResultMetadata), "only the stack keeps the raw response")
		}
	}
}

// A call option's middleware is of that call, and calls with different stacks
// run side by side (-race watches).
func TestMiddlewareOfOneCall(t *testing.T) {
	c := ivsrealtime.New(testOptions(answering(answer(200, stageAnswer))), ivsrealtime.WithAPIOptions(smithyhttp.AddHeaderValue("X-All", "1")))
	tr := answering(answer(200, stageAnswer))
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			_, err := getStage(t.Context(), c, ivsrealtime.WithAPIOptions(smithyhttp.AddHeaderValue("X-One", fmt.Sprint(i))), func(o *ivsrealtime.Options) { o.HTTPClient = tr })
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, r := range tr.requests {
		require.Equal(t, []string{"1"}, r.Header.Values("X-All"))
		require.Len(t, r.Header.Values("X-One"), 1)
		seen[r.Header.Get("X-One")] = true
		require.Contains(t, r.Header.Get("Authorization"), "x-one")
	}
	require.Len(t, seen, 32)
	require.Empty(t, c.Options().Interceptors.BeforeExecution)
	require.Len(t, c.Options().APIOptions, 1)
}

// Swapping the core's payload hash is one of the things that people do.
func TestSwappedPayloadHash(t *testing.T) {
	tr := answering(answer(200, stageAnswer))
	c := ivsrealtime.New(testOptions(tr), ivsrealtime.WithAPIOptions(func(s *middleware.Stack) error {
		_, err := s.Finalize.Swap("ComputePayloadHash", middleware.FinalizeMiddlewareFunc("ComputePayloadHash",
			func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				in.Request.(*smithyhttp.Request).Header.Set("X-Swapped", "1")
				return next.HandleFinalize(ctx, in)
			}))
		return err
	}))
	_, err := getStage(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, "1", tr.requests[0].Header.Get("X-Swapped"))
	require.Equal(t, http.MethodPost, tr.requests[0].Method)
}

// On the stack path the answer is also reachable from the metadata of an output, and
// from the error of what runs after decoding.
func TestAnswerOfStackKeepsNoSecrets(t *testing.T) {
	var fail error
	c := ivsrealtime.New(testOptions(answering(answer(200, stageAnswer))), ivsrealtime.WithAPIOptions(func(s *middleware.Stack) error {
		return s.Deserialize.Insert(middleware.DeserializeMiddlewareFunc("Picky", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			out, md, err := next.HandleDeserialize(ctx, in)
			return out, md, errors.Join(err, fail)
		}), "OperationDeserializer", middleware.Before)
	}))
	check := func(resp *smithyhttp.Response) {
		require.NotEmpty(t, resp.Request.URL.Path)
		require.NotEmpty(t, resp.Request.Header.Get("User-Agent"))
		require.Empty(t, resp.Request.Header.Get("Authorization"))
		require.Empty(t, resp.Request.Header.Get("X-Amz-Security-Token"))
	}
	out, err := getStage(t.Context(), c)
	require.NoError(t, err)
	check(awsmiddleware.GetRawResponse(out.ResultMetadata).(*smithyhttp.Response))

	fail = errors.New("not the stage that I want")
	_, err = getStage(t.Context(), c)
	require.ErrorIs(t, err, fail)
	var re *awshttp.ResponseError
	require.ErrorAs(t, err, &re)
	check(re.Response)
}
