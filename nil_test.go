package ivsrealtime_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// Every nil that fits a field of Options, as an interface or in one.
var nils = []struct {
	name string
	set  func(*ivsrealtime.Options)
	want string // the error of every call; "": none
}{
	{"APIOptions", func(o *ivsrealtime.Options) { o.APIOptions = nil }, ""},
	{"APIOptions, a function", func(o *ivsrealtime.Options) {
		o.APIOptions = append(o.APIOptions, func(*middleware.Stack) error { return nil }, nil)
	}, "configuration: APIOptions["},
	{"BaseEndpoint", func(o *ivsrealtime.Options) { o.BaseEndpoint = nil }, ""},
	{"Credentials", func(o *ivsrealtime.Options) { o.Credentials = nil }, "configuration: no credentials"},
	{"Credentials, a pointer", func(o *ivsrealtime.Options) { o.Credentials = (*credentials)(nil) }, "configuration: no credentials"},
	{"Credentials, a pointer to a value", func(o *ivsrealtime.Options) { o.Credentials = (*plainProvider)(nil) }, "configuration: no credentials"},
	{"Credentials, anonymous", func(o *ivsrealtime.Options) { o.Credentials = (*aws.AnonymousCredentials)(nil) }, "configuration: no credentials"},
	{"Credentials, a function", func(o *ivsrealtime.Options) { o.Credentials = aws.CredentialsProviderFunc(nil) }, "configuration: no credentials"},
	{"Credentials, a cache", func(o *ivsrealtime.Options) { o.Credentials = (*aws.CredentialsCache)(nil) }, "configuration: no credentials"},
	{"Credentials, an empty cache", func(o *ivsrealtime.Options) { o.Credentials = &aws.CredentialsCache{} }, "configuration: no credentials"},
	{"Credentials, a cache of nil", func(o *ivsrealtime.Options) { o.Credentials = aws.NewCredentialsCache(nil) }, "configuration: no credentials"},
	{"Credentials, a cache of a pointer", func(o *ivsrealtime.Options) { o.Credentials = aws.NewCredentialsCache((*sourced)(nil)) }, "configuration: no credentials"},
	{"Credentials, a cache of a function", func(o *ivsrealtime.Options) {
		o.Credentials = aws.NewCredentialsCache(aws.CredentialsProviderFunc(nil))
	}, "configuration: no credentials"},
	{"Credentials, a cache of a cache", func(o *ivsrealtime.Options) {
		o.Credentials = aws.NewCredentialsCache(aws.NewCredentialsCache((*credentials)(nil)))
	}, "configuration: no credentials"},
	{"HTTPClient", func(o *ivsrealtime.Options) { o.HTTPClient = nil }, ""},
	{"HTTPClient, a pointer", func(o *ivsrealtime.Options) { o.HTTPClient = (*transport)(nil) }, ""},
	{"HTTPClient, http.Client", func(o *ivsrealtime.Options) { o.HTTPClient = (*http.Client)(nil) }, ""},
	{"HTTPClient, buildable", func(o *ivsrealtime.Options) { o.HTTPClient = (*awshttp.BuildableClient)(nil) }, ""},
	{"HTTPClient, a function", func(o *ivsrealtime.Options) { o.HTTPClient = smithyhttp.ClientDoFunc(nil) }, ""},
	{"HTTPSignerV4", func(o *ivsrealtime.Options) { o.HTTPSignerV4 = nil }, ""},
	{"HTTPSignerV4, a pointer", func(o *ivsrealtime.Options) { o.HTTPSignerV4 = (*v4.Signer)(nil) }, ""},
	{"IdempotencyTokenProvider", func(o *ivsrealtime.Options) { o.IdempotencyTokenProvider = nil }, ""},
	{"IdempotencyTokenProvider, a function", func(o *ivsrealtime.Options) { o.IdempotencyTokenProvider = tokenProvider(nil) }, ""},
	{"Interceptors", func(o *ivsrealtime.Options) { o.Interceptors = smithyhttp.InterceptorRegistry{} }, ""},
	{"Logger", func(o *ivsrealtime.Options) { o.Logger, o.ClientLogMode = nil, aws.LogRequest|aws.LogSigning }, ""},
	{"Logger, a pointer", func(o *ivsrealtime.Options) {
		o.Logger, o.ClientLogMode = (*logging.StandardLogger)(nil), aws.LogRequestWithBody|aws.LogResponseWithBody|aws.LogSigning
	}, ""},
	{"Logger, a function", func(o *ivsrealtime.Options) { o.Logger, o.ClientLogMode = logging.LoggerFunc(nil), aws.LogRequest }, ""},
	{"MeterProvider", func(o *ivsrealtime.Options) { o.MeterProvider = nil }, ""},
	{"MeterProvider, a pointer", func(o *ivsrealtime.Options) { o.MeterProvider = (*telemetryOfNil)(nil) }, ""},
	{"MeterProvider of no Meter", func(o *ivsrealtime.Options) { o.MeterProvider = new(telemetryOfNil) }, ""},
	{"MeterProvider, nop", func(o *ivsrealtime.Options) { o.MeterProvider = (*metrics.NopMeterProvider)(nil) }, ""},
	{"Retryer", func(o *ivsrealtime.Options) { o.Retryer = nil }, ""},
	{"Retryer, a pointer", func(o *ivsrealtime.Options) { o.Retryer = (*retry.Standard)(nil) }, ""},
	{"Retryer, adaptive", func(o *ivsrealtime.Options) { o.Retryer = (*retry.AdaptiveMode)(nil) }, ""},
	{"Retryer, a pointer to a value", func(o *ivsrealtime.Options) { o.Retryer = (*anyError)(nil) }, ""},
	{"Retryer, a limit of nil", func(o *ivsrealtime.Options) { o.Retryer = retry.AddWithMaxAttempts(nil, 2) }, ""},
	{"Retryer, a limit of a pointer", func(o *ivsrealtime.Options) { o.Retryer = retry.AddWithMaxAttempts((*retry.Standard)(nil), 2) }, ""},
	{"Retryer, codes over a limit of a pointer", func(o *ivsrealtime.Options) {
		o.Retryer = retry.AddWithErrorCodes(retry.AddWithMaxAttempts((*retry.Standard)(nil), 2), "X")
	}, ""},
	{"TracerProvider", func(o *ivsrealtime.Options) { o.TracerProvider = nil }, ""},
	{"TracerProvider, a pointer", func(o *ivsrealtime.Options) { o.TracerProvider = (*telemetryOfNil)(nil) }, ""},
	{"TracerProvider of no Tracer", func(o *ivsrealtime.Options) { o.TracerProvider = new(telemetryOfNil) }, ""},
	{"TracerProvider, nop", func(o *ivsrealtime.Options) { o.TracerProvider = (*tracing.NopTracerProvider)(nil) }, ""},
}

// telemetryOfNil provides nothing.
type telemetryOfNil struct{ meter, tracer int }

func (p *telemetryOfNil) Meter(string, ...metrics.MeterOption) metrics.Meter {
	p.meter++
	return nil
}

func (p *telemetryOfNil) Tracer(string, ...tracing.TracerOption) tracing.Tracer {
	p.tracer++
	return nil
}

func TestNilOptions(t *testing.T) {
	tested := map[string]bool{}
	for _, test := range nils {
		name, _, _ := cutAny(test.name, ", ")
		tested[name] = true
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				check := func(tr *transport, err error) {
					t.Helper()
					if test.want == "" {
						require.NoError(t, err)
						require.Equal(t, 2, tr.count(), "an attempt that is retried, and one that succeeds")
						return
					}
					require.ErrorContains(t, err, test.want)
					require.Zero(t, tr.count())
				}
				// A nil HTTPClient of the client's would go to the network.
				mayCall := name != "HTTPClient"

				tr := answering(answer(500, `{}`), answer(200, compositionAnswer))
				start := func(c *ivsrealtime.Client, optFns ...func(*ivsrealtime.Options)) error {
					_, err := c.StartComposition(t.Context(), &ivsrealtime.StartCompositionInput{StageARN: testStageARN, Destinations: []ivsrealtime.DestinationConfiguration{}}, optFns...)
					return err
				}
				c := newClient(tr, test.set)
				if mayCall {
					check(tr, start(c))
				}
				o := testOptions(tr)
				test.set(&o)
				require.NotPanics(t, func() { c = ivsrealtime.New(o) })
				if mayCall {
					tr.do = answering(answer(500, `{}`), answer(200, compositionAnswer)).do
					tr.requests = nil
					check(tr, start(c))
				}
				require.NotNil(t, c.Options().HTTPClient)
				if name == "HTTPClient" {
					require.IsType(t, (*awshttp.BuildableClient)(nil), c.Options().HTTPClient)
				}

				tr = answering(answer(500, `{}`), answer(200, compositionAnswer))
				check(tr, start(newClient(tr), test.set))
			})
		})
	}
	for f := range fields[ivsrealtime.Options]() {
		if k := f.Type.Kind(); k == reflect.Interface || k == reflect.Pointer || k == reflect.Func || k == reflect.Slice {
			require.True(t, tested[f.Name], "nil is not tested for Options.%s", f.Name)
		}
	}
}

func cutAny(s, chars string) (before, after string, found bool) {
	for i := range s {
		for _, c := range chars {
			if rune(s[i]) == c {
				return s[:i], s[i+1:], true
			}
		}
	}
	return s, "", false
}

func TestNilFieldsOfConfig(t *testing.T) {
	for name, test := range map[string]struct {
		set  func(*aws.Config)
		want string
	}{
		"Credentials":              {func(c *aws.Config) { c.Credentials = (*credentials)(nil) }, "no credentials"},
		"Credentials, a cache":     {func(c *aws.Config) { c.Credentials = aws.NewCredentialsCache((*credentials)(nil)) }, "no credentials"},
		"Retryer":                  {func(c *aws.Config) { c.Retryer = nil }, ""},
		"Retryer of nil":           {func(c *aws.Config) { c.Retryer = func() aws.Retryer { return nil } }, ""},
		"Retryer of a nil pointer": {func(c *aws.Config) { c.Retryer = func() aws.Retryer { return (*retry.Standard)(nil) } }, ""},
		"Logger": {func(c *aws.Config) {
			c.Logger, c.ClientLogMode = (*logging.StandardLogger)(nil), aws.LogRequest|aws.LogRetries
		}, ""},
		"ConfigSources": {func(c *aws.Config) { c.ConfigSources = []any{nil, (*testSource)(nil), (func())(nil)} }, ""},
		"APIOptions":    {func(c *aws.Config) { c.APIOptions = []func(*middleware.Stack) error{nil} }, "configuration: APIOptions[0] is a nil function"},
		"EndpointResolver": {func(c *aws.Config) { //lint:ignore SA1019 tested
			c.EndpointResolver, c.EndpointResolverWithOptions = aws.EndpointResolverFunc(nil), aws.EndpointResolverWithOptionsFunc(nil)
		}, ""},
		"ServiceOptions": {func(c *aws.Config) { c.ServiceOptions = []func(string, any){nil} }, ""},
		"Interceptors":   {func(c *aws.Config) { c.Interceptors.AddBeforeRetryLoop(nil) }, "configuration: Interceptors.BeforeRetryLoop[0] is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			tr := answering(answer(200, stageAnswer))
			cfg := testConfig(tr)
			test.set(&cfg)
			_, err := getStage(t.Context(), ivsrealtime.NewFromConfig(cfg, nil), nil)
			if test.want == "" {
				require.NoError(t, err)
				require.Equal(t, 1, tr.count())
				return
			}
			require.ErrorContains(t, err, test.want)
			require.Zero(t, tr.count())
		})
	}
	t.Run("HTTPClient", func(t *testing.T) {
		for _, h := range []aws.HTTPClient{nil, (*http.Client)(nil), (*transport)(nil)} {
			require.IsType(t, (*awshttp.BuildableClient)(nil), ivsrealtime.NewFromConfig(testConfig(h)).Options().HTTPClient)
		}
	})
}

func TestNilOptionFunctions(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, stageAnswer))
		named := func(o *ivsrealtime.Options) { o.AppID += "x" }
		c := newClient(tr, nil, named, nil)
		_, err := getStage(t.Context(), c, nil, named, nil)
		require.NoError(t, err)
		require.Contains(t, tr.requests[0].UserAgent(), " app/xx ")

		tr.do = answer(200, `{"stages":[{"arn":"a"}]}`)
		for stage, err := range ivsrealtime.NewListStagesPaginator(c, nil, nil, func(o *ivsrealtime.PaginatorOptions) { o.Limit = 3 }, nil).Items(t.Context(), nil) {
			require.NoError(t, err)
			require.Equal(t, "a", stage.ARN)
		}
		require.JSONEq(t, `{"maxResults":3}`, tr.bodies[1])

		tr.do = answer(200, `{"composition":{"state":"ACTIVE"}}`)
		in := &ivsrealtime.GetCompositionInput{ARN: testCompositionARN}
		clientOptions := func(o *ivsrealtime.CompositionWaiterOptions) { o.ClientOptions = []func(*ivsrealtime.Options){nil} }
		require.NoError(t, ivsrealtime.NewCompositionActiveWaiter(c, nil, clientOptions).Wait(t.Context(), in, time.Minute, nil, clientOptions))
	})
}

func TestNilContexts(t *testing.T) {
	var none context.Context
	for _, ctx := range []context.Context{none, (*contextOfNil)(nil)} {
		inBubble(t, func(t *testing.T, newClient newClientFunc) {
			tr := answering(answer(500, `{}`), answer(200, stageAnswer))
			_, err := getStage(ctx, newClient(tr))
			require.NoError(t, err)
			require.Equal(t, 2, tr.count())

			tr = answering(answer(200, `{"composition":{"state":"STOPPING"}}`), answer(200, `{"composition":{"state":"STOPPED"}}`))
			w := ivsrealtime.NewCompositionStoppedWaiter(newClient(tr))
			require.NoError(t, w.Wait(ctx, &ivsrealtime.GetCompositionInput{ARN: testCompositionARN}, time.Minute))

			tr = answering(answer(200, `{"stages":[]}`))
			_, err = ivsrealtime.NewListStagesPaginator(newClient(tr), nil).NextPage(ctx)
			require.NoError(t, err)
		})
	}
}

type contextOfNil struct{ context.Context }

func TestNilClients(t *testing.T) {
	var none *ivsrealtime.Client
	_, err := getStage(t.Context(), none)
	require.ErrorContains(t, err, "was not made by New")
	require.Equal(t, ivsrealtime.Options{}.Region, none.Options().Region)
	require.NotPanics(t, func() { _ = fmt.Sprintf("%v %+v %s", none, new(ivsrealtime.Client), none) })

	for _, client := range []interface {
		ivsrealtime.ListStagesAPIClient
		ivsrealtime.ListPublicKeysAPIClient
		ivsrealtime.GetCompositionAPIClient
	}{nil, none} {
		_, err := ivsrealtime.NewListStagesPaginator(client, nil).NextPage(t.Context())
		require.ErrorContains(t, err, "nil client")
		for _, err := range ivsrealtime.NewListPublicKeysPaginator(client, nil).Items(t.Context()) {
			require.ErrorContains(t, err, "nil client")
		}
		err = ivsrealtime.NewCompositionActiveWaiter(client).Wait(t.Context(), nil, time.Second)
		require.ErrorContains(t, err, "nil client")
	}
}

// pointerMiddleware is a middleware of every step with methods that need it.
type pointerMiddleware struct{ id string }

func (m *pointerMiddleware) ID() string {
	if m == nil {
		return "nil"
	}
	return m.id
}

func (m *pointerMiddleware) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	_ = m.id
	return next.HandleInitialize(ctx, in)
}

func (m *pointerMiddleware) HandleSerialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
	_ = m.id
	return next.HandleSerialize(ctx, in)
}

func (m *pointerMiddleware) HandleBuild(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
	_ = m.id
	return next.HandleBuild(ctx, in)
}

func (m *pointerMiddleware) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	_ = m.id
	return next.HandleFinalize(ctx, in)
}

func (m *pointerMiddleware) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	_ = m.id
	return next.HandleDeserialize(ctx, in)
}

func TestNilMiddleware(t *testing.T) {
	var none *pointerMiddleware
	after := middleware.After
	for name, add := range map[string]func(*middleware.Stack) error{
		"Initialize":            func(s *middleware.Stack) error { return s.Initialize.Add(nil, after) },
		"Initialize, a pointer": func(s *middleware.Stack) error { return s.Initialize.Add(none, after) },
		"Initialize, a function": func(s *middleware.Stack) error {
			return s.Initialize.Add(middleware.InitializeMiddlewareFunc("x", nil), after)
		},
		"Serialize":            func(s *middleware.Stack) error { return s.Serialize.Insert(nil, "OperationSerializer", after) },
		"Serialize, a pointer": func(s *middleware.Stack) error { return s.Serialize.Insert(none, "OperationSerializer", after) },
		"Serialize, a function": func(s *middleware.Stack) error {
			return s.Serialize.Add(middleware.SerializeMiddlewareFunc("x", nil), after)
		},
		"Build":               func(s *middleware.Stack) error { return s.Build.Add(nil, after) },
		"Build, a pointer":    func(s *middleware.Stack) error { return s.Build.Add(none, after) },
		"Build, a function":   func(s *middleware.Stack) error { return s.Build.Add(middleware.BuildMiddlewareFunc("x", nil), after) },
		"Finalize, swapped":   func(s *middleware.Stack) error { _, err := s.Finalize.Swap("Retry", nil); return err },
		"Finalize, a pointer": func(s *middleware.Stack) error { return s.Finalize.Add(none, after) },
		"Finalize, a function": func(s *middleware.Stack) error {
			return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("x", nil), after)
		},
		"Deserialize":            func(s *middleware.Stack) error { return s.Deserialize.Add(nil, after) },
		"Deserialize, a pointer": func(s *middleware.Stack) error { return s.Deserialize.Add(none, after) },
		"Deserialize, a function": func(s *middleware.Stack) error {
			return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("x", nil), after)
		},
		"nil stack": func(*middleware.Stack) error { var s *middleware.Stack; return s.Build.Add(none, after) },
	} {
		t.Run(name, func(t *testing.T) {
			tr := answering(answer(200, stageAnswer))
			_, err := getStage(t.Context(), ivsrealtime.New(testOptions(tr), ivsrealtime.WithAPIOptions(add)))
			require.ErrorContains(t, err, "configuration: ")
			require.ErrorContains(t, err, "APIOptions")
			_, err = getStage(t.Context(), ivsrealtime.New(testOptions(tr)), ivsrealtime.WithAPIOptions(add))
			require.ErrorContains(t, err, "configuration: ")
			require.Zero(t, tr.count())
		})
	}
	t.Run("another panic is the caller's", func(t *testing.T) {
		boom := errors.New("boom")
		c := ivsrealtime.New(testOptions(answering(answer(200, stageAnswer))), ivsrealtime.WithAPIOptions(func(*middleware.Stack) error { panic(boom) }))
		require.PanicsWithValue(t, boom, func() { _, _ = getStage(t.Context(), c) })
	})
}

func TestNilInterceptors(t *testing.T) {
	registry := reflect.TypeFor[smithyhttp.InterceptorRegistry]()
	for i := range registry.NumField() {
		f := registry.Field(i)
		t.Run(f.Name, func(t *testing.T) {
			set := func(o *ivsrealtime.Options) {
				list := reflect.ValueOf(&o.Interceptors).Elem().Field(i)
				list.Set(reflect.Append(list, reflect.Zero(f.Type.Elem())))
			}
			ofClientAndCall(t, set, func(t *testing.T, tr *transport, err error) {
				require.ErrorContains(t, err, "configuration: Interceptors."+f.Name+"[0] is nil")
				require.Zero(t, tr.count())
			})
		})
	}
	ofClientAndCall(t, func(o *ivsrealtime.Options) {
		o.Interceptors.AddBeforeRetryLoop(headerInterceptor{"X-A", "1"})
		o.Interceptors.AddBeforeRetryLoop((*headerInterceptor)(nil))
	}, func(t *testing.T, tr *transport, err error) {
		require.ErrorContains(t, err, "configuration: Interceptors.BeforeRetryLoop[1] is nil")
		require.Zero(t, tr.count())
	})
}
