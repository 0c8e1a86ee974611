package ivsrealtime_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// testConfig is an aws.Config that is complete.
func testConfig(h aws.HTTPClient) aws.Config {
	return aws.Config{Region: "eu-west-1", Credentials: testCredentials(), HTTPClient: h}
}

// credentialScope is what r was signed for: date, region, name.
func credentialScope(r *http.Request) string {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential="+testAccessKey+"/")
	scope, _, _ = strings.Cut(scope, "/aws4_request")
	return scope
}

// header and headerInterceptor set a request header.
func header(name, value string) func(*middleware.Stack) error {
	return smithyhttp.AddHeaderValue(name, value)
}

// (What an interceptor changes after the retry loop began is lost, as it is with
// the official clients: it sees the request that attempts are copied from.)
type headerInterceptor struct{ name, value string }

func (i headerInterceptor) BeforeRetryLoop(_ context.Context, c *smithyhttp.InterceptorContext) error {
	c.Request.Header.Set(i.name, i.value)
	return nil
}

// testSource is a source of an aws.Config that knows everything.
type testSource struct {
	url                             string
	found, ignore                   bool
	ignoreErr, urlErr, dErr, fipErr error
	dualStack                       aws.DualStackEndpointState
	fips                            aws.FIPSEndpointState
	asked                           string
}

func (s *testSource) GetServiceBaseEndpoint(_ context.Context, id string) (string, bool, error) {
	s.asked = id
	return s.url, s.found, s.urlErr
}
func (s *testSource) GetIgnoreConfiguredEndpoints(context.Context) (bool, bool, error) {
	return s.ignore, s.ignore, s.ignoreErr
}
func (s *testSource) GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error) {
	return s.dualStack, s.dualStack != aws.DualStackEndpointStateUnset, s.dErr
}
func (s *testSource) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	return s.fips, s.fips != aws.FIPSEndpointStateUnset, s.fipErr
}

// Every field of aws.Config, and what becomes of it.
func TestEveryFieldOfConfig(t *testing.T) {
	type call struct {
		tr  *transport
		c   *ivsrealtime.Client
		err error
	}
	first := func(k call) *http.Request { return k.tr.requests[0] }
	var logged []string
	tests := map[string]struct {
		set    func(*aws.Config)
		answer func(*http.Request) (*http.Response, error)
		check  func(*testing.T, call)
	}{
		"Region": {set: func(c *aws.Config) { c.Region = "us-west-2" }, check: func(t *testing.T, k call) {
			require.Equal(t, "ivsrealtime.us-west-2.amazonaws.com", first(k).URL.Host)
			require.Equal(t, "20000101/us-west-2/ivs", credentialScope(first(k)))
		}},
		"Credentials": {set: func(c *aws.Config) {
			c.Credentials = &credentials{aws.Credentials{AccessKeyID: "AKIAOTHER", SecretAccessKey: "s"}}
		}, check: func(t *testing.T, k call) {
			require.Contains(t, first(k).Header.Get("Authorization"), "Credential=AKIAOTHER/")
			require.Empty(t, first(k).Header.Get("X-Amz-Security-Token"))
		}},
		"HTTPClient": {check: func(t *testing.T, k call) {
			require.Same(t, k.tr, k.c.Options().HTTPClient)
			require.Equal(t, 1, k.tr.count())
		}},
		"EndpointResolver": {set: func(c *aws.Config) { //lint:ignore SA1019 tested
			c.EndpointResolver = aws.EndpointResolverFunc(func(string, string) (aws.Endpoint, error) { panic("called") })
		}, check: func(t *testing.T, k call) {
			require.ErrorContains(t, k.err, "EndpointResolver")
			require.ErrorContains(t, k.err, "BaseEndpoint")
			require.Zero(t, k.tr.count())
		}},
		"EndpointResolverWithOptions": {set: func(c *aws.Config) { //lint:ignore SA1019 tested
			c.EndpointResolverWithOptions = aws.EndpointResolverWithOptionsFunc(func(string, string, ...any) (aws.Endpoint, error) { panic("called") })
		}, check: func(t *testing.T, k call) {
			require.ErrorContains(t, k.err, "BaseEndpoint")
			require.Zero(t, k.tr.count())
		}},
		"RetryMaxAttempts": {set: func(c *aws.Config) { c.RetryMaxAttempts = 5 }, answer: answer(500, `{}`), check: func(t *testing.T, k call) {
			require.Equal(t, 5, k.tr.count())
			require.Equal(t, "attempt=1; max=5", first(k).Header.Get("Amz-Sdk-Request"))
		}},
		"RetryMode": {set: func(c *aws.Config) { c.RetryMode = aws.RetryModeAdaptive }, check: func(t *testing.T, k call) {
			require.IsType(t, (*retry.AdaptiveMode)(nil), k.c.Options().Retryer)
			require.Equal(t, aws.RetryModeAdaptive, k.c.Options().RetryMode)
		}},
		"Retryer": {set: func(c *aws.Config) {
			c.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
		}, answer: answer(500, `{}`), check: func(t *testing.T, k call) {
			require.Equal(t, aws.NopRetryer{}, k.c.Options().Retryer)
			require.Equal(t, 1, k.tr.count())
		}},
		"ConfigSources": {set: func(c *aws.Config) {
			c.ConfigSources = []any{"of no use", &testSource{dualStack: aws.DualStackEndpointStateEnabled, fips: aws.FIPSEndpointStateEnabled}}
		}, check: func(t *testing.T, k call) {
			require.Equal(t, "ivsrealtime-fips.eu-west-1.api.aws", first(k).URL.Host)
		}},
		"APIOptions": {set: func(c *aws.Config) {
			c.APIOptions = append(c.APIOptions, header("X-From", "config"))
		}, check: func(t *testing.T, k call) {
			require.Equal(t, "config", first(k).Header.Get("X-From"))
		}},
		"Logger": {set: func(c *aws.Config) {
			c.ClientLogMode = aws.LogRequest
			c.Logger = logging.LoggerFunc(func(_ logging.Classification, format string, v ...any) {
				logged = append(logged, fmt.Sprintf(format, v...))
			})
		}, check: func(t *testing.T, k call) {
			require.Contains(t, strings.Join(logged, "\n"), "POST /GetStage")
		}},
		"ClientLogMode": {set: func(c *aws.Config) { c.ClientLogMode = aws.LogRetries }, check: func(t *testing.T, k call) {
			require.Equal(t, aws.LogRetries, k.c.Options().ClientLogMode)
		}},
		"DefaultsMode": {set: func(c *aws.Config) {
			c.DefaultsMode, c.HTTPClient = aws.DefaultsModeInRegion, nil
		}, check: func(t *testing.T, k call) {
			require.Equal(t, 1100*time.Millisecond, k.c.Options().HTTPClient.(*awshttp.BuildableClient).GetDialer().Timeout)
		}},
		"RuntimeEnvironment": {set: func(c *aws.Config) {
			c.DefaultsMode, c.HTTPClient = aws.DefaultsModeAuto, nil
			c.RuntimeEnvironment = aws.RuntimeEnvironment{EC2InstanceMetadataRegion: "eu-west-1"}
		}, check: func(t *testing.T, k call) {
			require.Equal(t, 1100*time.Millisecond, k.c.Options().HTTPClient.(*awshttp.BuildableClient).GetDialer().Timeout)
		}},
		"AppID": {set: func(c *aws.Config) { c.AppID = "my-app" }, check: func(t *testing.T, k call) {
			require.Contains(t, first(k).Header.Get("User-Agent"), " app/my-app ")
		}},
		"BaseEndpoint": {set: func(c *aws.Config) { c.BaseEndpoint = aws.String("http://localhost:8080") }, check: func(t *testing.T, k call) {
			require.Equal(t, "http://localhost:8080/GetStage", first(k).URL.String())
		}},
		"DisableClockSkewCorrection": {set: func(c *aws.Config) { c.DisableClockSkewCorrection = true },
			answer: answer(403, `{}`, "x-amzn-errortype", "InvalidSignatureException", "Date", "Sat, 01 Jan 2000 01:00:00 GMT"),
			check: func(t *testing.T, k call) {
				require.Equal(t, 1, k.tr.count())
			}},
		"Interceptors": {set: func(c *aws.Config) {
			c.Interceptors.AddBeforeRetryLoop(headerInterceptor{"X-From", "interceptor"})
		}, check: func(t *testing.T, k call) {
			require.Equal(t, "interceptor", first(k).Header.Get("X-From"))
		}},
		"ServiceOptions": {set: func(c *aws.Config) {
			c.ServiceOptions = append(c.ServiceOptions, func(id string, o any) {
				if id == "IVS RealTime" {
					o.(*ivsrealtime.Options).AppID = "from-service-options"
				}
			})
		}, check: func(t *testing.T, k call) {
			require.Contains(t, first(k).Header.Get("User-Agent"), "app/from-service-options")
		}},
	}
	// These do not apply to a service of plain JSON that signs with SigV4.
	for _, name := range []string{
		"BearerAuthTokenProvider", "DisableRequestCompression", "RequestMinCompressSizeBytes", "AccountIDEndpointMode",
		"RequestChecksumCalculation", "ResponseChecksumValidation", "AuthSchemePreference", "RestrictFilePermissions",
	} {
		tests[name] = struct {
			set    func(*aws.Config)
			answer func(*http.Request) (*http.Response, error)
			check  func(*testing.T, call)
		}{}
	}
	for f := range fields[aws.Config]() {
		test, ok := tests[f.Name]
		require.True(t, ok, "nothing is known about aws.Config.%s: does it apply?", f.Name)
		if test.check == nil {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := call{tr: answering(answer(200, stageAnswer))}
				if test.answer != nil {
					k.tr.do = test.answer
				}
				cfg := testConfig(k.tr)
				if test.set != nil {
					test.set(&cfg)
				}
				k.c = ivsrealtime.NewFromConfig(cfg)
				if _, real := k.c.Options().HTTPClient.(*awshttp.BuildableClient); !real {
					_, k.err = getStage(t.Context(), k.c)
				}
				test.check(t, k)
			})
		})
	}
}

// fields yields the exported fields of a struct type.
func fields[T any]() func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
			if f.IsExported() && !yield(f) {
				return
			}
		}
	}
}

type signerFunc func(r *http.Request)

func (f signerFunc) SignHTTP(_ context.Context, _ aws.Credentials, r *http.Request, _, service, region string, _ time.Time, _ ...func(*v4.SignerOptions)) error {
	f(r)
	r.Header.Set("X-Signed-For", service+" "+region)
	return nil
}

// Every field of Options, set for the client and for one call.
func TestEveryFieldOfOptions(t *testing.T) {
	type result struct {
		tr  *transport
		err error
	}
	other := answering(answer(200, stageAnswer))
	tests := map[string]struct {
		set    func(*ivsrealtime.Options)
		answer func(*http.Request) (*http.Response, error)
		effect func(result) any // differs from that of another call
		want   any
	}{
		"APIOptions": {set: ivsrealtime.WithAPIOptions(header("X-A", "1"), header("X-B", "2")), want: "1 2", effect: func(r result) any {
			return r.tr.requests[0].Header.Get("X-A") + " " + r.tr.requests[0].Header.Get("X-B")
		}},
		"AppID": {set: func(o *ivsrealtime.Options) { o.AppID = "an app" }, want: true, effect: func(r result) any {
			return strings.Contains(r.tr.requests[0].UserAgent(), " app/an-app ")
		}},
		"AttemptTimeout": {set: func(o *ivsrealtime.Options) { o.AttemptTimeout, o.RetryMaxAttempts = time.Second, 1 }, answer: func(r *http.Request) (*http.Response, error) {
			select {
			case <-r.Context().Done():
				return nil, r.Context().Err()
			case <-time.After(2 * time.Second):
				return answer(200, stageAnswer)(r)
			}
		}, want: true, effect: func(r result) any { return r.err != nil }},
		"BaseEndpoint": {set: func(o *ivsrealtime.Options) { o.BaseEndpoint = aws.String("https://example.com/base") }, want: "https://example.com/base/GetStage", effect: func(r result) any {
			return r.tr.requests[0].URL.String()
		}},
		"Credentials": {set: func(o *ivsrealtime.Options) { o.Credentials = aws.AnonymousCredentials{} }, want: "", effect: func(r result) any {
			return r.tr.requests[0].Header.Get("X-Amz-Security-Token")
		}},
		"DisableClockSkewCorrection": {set: func(o *ivsrealtime.Options) { o.DisableClockSkewCorrection = true },
			answer: answer(403, `{}`, "x-amzn-errortype", "InvalidSignatureException", "Date", "Sat, 01 Jan 2000 01:00:00 GMT"),
			want:   1, effect: func(r result) any { return r.tr.count() }},
		"EndpointOptions": {set: func(o *ivsrealtime.Options) { o.EndpointOptions.DisableHTTPS = true }, want: "http", effect: func(r result) any {
			return r.tr.requests[0].URL.Scheme
		}},
		"HTTPClient": {set: func(o *ivsrealtime.Options) { o.HTTPClient = other }, want: 0, effect: func(r result) any { return r.tr.count() }},
		"HTTPSignerV4": {set: func(o *ivsrealtime.Options) {
			o.HTTPSignerV4 = signerFunc(func(r *http.Request) {})
		}, want: "ivs eu-west-1", effect: func(r result) any { return r.tr.requests[0].Header.Get("X-Signed-For") }},
		"IdempotencyTokenProvider": {set: func(o *ivsrealtime.Options) {
			o.IdempotencyTokenProvider = tokenProvider(func() (string, error) { return "a-token", nil })
		}, want: true, effect: func(r result) any { return strings.Contains(r.tr.bodies[0], `"a-token"`) }},
		"Interceptors": {set: func(o *ivsrealtime.Options) {
			o.Interceptors.AddBeforeRetryLoop(headerInterceptor{"X-A", "1"})
		}, want: "1", effect: func(r result) any { return r.tr.requests[0].Header.Get("X-A") }},
		"Region": {set: func(o *ivsrealtime.Options) { o.Region = "ap-south-1" }, want: "ivsrealtime.ap-south-1.amazonaws.com 20000101/ap-south-1/ivs", effect: func(r result) any {
			return r.tr.requests[0].URL.Host + " " + credentialScope(r.tr.requests[0])
		}},
		"RetryMaxAttempts": {set: func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 2 }, answer: answer(500, `{}`), want: 2, effect: func(r result) any {
			return r.tr.count()
		}},
		"Retryer": {set: func(o *ivsrealtime.Options) { o.Retryer = aws.NopRetryer{} }, answer: answer(500, `{}`), want: 1, effect: func(r result) any {
			return r.tr.count()
		}},
	}
	// Tested with the logs, with the stack, or below.
	for _, name := range []string{"ClientLogMode", "Logger", "MeterProvider", "TracerProvider", "DefaultsMode", "RetryMode", "RuntimeEnvironment"} {
		tests[name] = tests[""] // nothing to set
	}
	for f := range fields[ivsrealtime.Options]() {
		test, ok := tests[f.Name]
		require.True(t, ok, "Options.%s is not tested", f.Name)
		if test.set == nil {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				run := func(clientFns, callFns []func(*ivsrealtime.Options)) any {
					tr := answering(answer(200, `{}`))
					if test.answer != nil {
						tr.do = test.answer
					}
					c := newClient(tr, clientFns...)
					start := func(optFns []func(*ivsrealtime.Options)) error {
						_, err := c.StartComposition(t.Context(), &ivsrealtime.StartCompositionInput{StageARN: testStageARN, Destinations: []ivsrealtime.DestinationConfiguration{}}, optFns...)
						return err
					}
					if f.Name != "IdempotencyTokenProvider" {
						start = func(optFns []func(*ivsrealtime.Options)) error {
							_, err := getStage(t.Context(), c, optFns...)
							return err
						}
					}
					err := start(callFns)
					effect := test.effect(result{tr, err})
					if callFns != nil { // the next call is none the wiser
						*tr = transport{do: tr.do}
						require.NotEqual(t, effect, test.effect(result{tr, start(nil)}), "the call's option stayed")
					}
					return effect
				}
				set := []func(*ivsrealtime.Options){test.set}
				require.NotEqual(t, test.want, run(nil, nil), "without the option")
				require.Equal(t, test.want, run(set, nil), "option of the client")
				require.Equal(t, test.want, run(nil, set), "option of the call")
			})
		})
	}
}

func TestConfiguredEndpoint(t *testing.T) {
	knows := func(url string) *testSource { return &testSource{url: url, found: true} }
	for _, test := range []struct {
		name    string
		env     map[string]string
		base    string // aws.Config.BaseEndpoint, which config fills from AWS_ENDPOINT_URL
		sources []any
		want    string
	}{
		{"nothing", nil, "", nil, "https://ivsrealtime.eu-west-1.amazonaws.com"},
		{"source without an endpoint", nil, "", []any{&testSource{url: "http://wrong"}}, "https://ivsrealtime.eu-west-1.amazonaws.com"},
		{"source", nil, "", []any{knows("http://source")}, "http://source"},
		{"first source that knows", nil, "", []any{struct{}{}, nil, &testSource{url: "http://wrong"}, knows("http://second"), knows("http://third")}, "http://second"},
		{"source before BaseEndpoint", nil, "http://base", []any{knows("http://source")}, "http://source"},
		{"BaseEndpoint alone", nil, "http://base", []any{&testSource{}}, "http://base"},
		{"ignored", nil, "", []any{&testSource{ignore: true}, knows("http://wrong")}, "https://ivsrealtime.eu-west-1.amazonaws.com"},
		{"ignored, but BaseEndpoint is code", nil, "http://base", []any{&testSource{ignore: true, url: "http://wrong", found: true}}, "http://base"},
		{"AWS_ENDPOINT_URL before the profile", map[string]string{"AWS_ENDPOINT_URL": "http://all"}, "http://all", []any{knows("http://profile")}, "http://all"},
		{"AWS_ENDPOINT_URL that is empty", map[string]string{"AWS_ENDPOINT_URL": ""}, "http://all", []any{knows("http://profile")}, "http://all"},
		{"variable of the service", map[string]string{"AWS_ENDPOINT_URL_IVS_REALTIME": "http://env"}, "", []any{knows("http://env")}, "http://env"},
		{"both variables", map[string]string{"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_IVS_REALTIME": "http://env"}, "http://all", []any{knows("http://env")}, "http://env"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for k, v := range test.env {
				t.Setenv(k, v)
			}
			tr := answering(answer(200, stageAnswer))
			cfg := testConfig(tr)
			cfg.ConfigSources = test.sources
			if test.base != "" {
				cfg.BaseEndpoint = &test.base
			}
			base := test.base
			_, err := getStage(t.Context(), ivsrealtime.NewFromConfig(cfg))
			require.NoError(t, err)
			require.Equal(t, test.want+"/GetStage", tr.requests[0].URL.String())
			require.Equal(t, base, test.base, "the config is not written to")
			for _, s := range test.sources {
				if s, ok := s.(*testSource); ok && s.asked != "" {
					require.Equal(t, "IVS RealTime", s.asked)
				}
			}
		})
	}
}

func TestConfigurationErrors(t *testing.T) {
	boom := errors.New("boom")
	base := aws.String("https://example.com")
	legacy := func(c *aws.Config) { //lint:ignore SA1019 tested
		c.EndpointResolverWithOptions = aws.EndpointResolverWithOptionsFunc(func(string, string, ...any) (aws.Endpoint, error) { panic("called") })
	}
	for _, test := range []struct {
		name string
		cfg  func(*aws.Config)
		call func(*ivsrealtime.Options)
		want string // "": no error
	}{
		{"ignore source fails", func(c *aws.Config) { c.ConfigSources = []any{&testSource{ignoreErr: boom}} }, nil, "whether to ignore configured endpoints: boom"},
		{"endpoint source fails", func(c *aws.Config) { c.ConfigSources = []any{&testSource{urlErr: boom}} }, nil, "endpoint of the service: boom"},
		{"dual stack source fails", func(c *aws.Config) { c.ConfigSources = []any{&testSource{dErr: boom}} }, nil, "dual stack: boom"},
		{"FIPS source fails", func(c *aws.Config) { c.ConfigSources = []any{&testSource{fipErr: boom}} }, nil, "FIPS: boom"},
		{"source fails, another call", func(c *aws.Config) { c.ConfigSources = []any{&testSource{fipErr: boom}} }, func(o *ivsrealtime.Options) { o.Region = "us-east-1" }, "FIPS: boom"},
		{"legacy resolver", legacy, nil, "set BaseEndpoint instead"},
		{"legacy resolver and BaseEndpoint", func(c *aws.Config) { legacy(c); c.BaseEndpoint = base }, nil, ""},
		{"legacy resolver and BaseEndpoint of the call", legacy, func(o *ivsrealtime.Options) { o.BaseEndpoint = base }, ""},
		{"legacy resolver and BaseEndpoint taken back", func(c *aws.Config) { legacy(c); c.BaseEndpoint = base }, func(o *ivsrealtime.Options) { o.BaseEndpoint = nil }, "set BaseEndpoint instead"},
		{"no region", func(c *aws.Config) { c.Region = "" }, nil, "no region"},
		{"no region with BaseEndpoint", func(c *aws.Config) { c.Region, c.BaseEndpoint = "", base }, nil, "no region"},
		{"no region, one in the call", func(c *aws.Config) { c.Region = "" }, func(o *ivsrealtime.Options) { o.Region = "us-east-1" }, ""},
		{"malformed region", func(c *aws.Config) { c.Region = "eu-west-1/x" }, nil, `malformed region "eu-west-1/x"`},
		{"malformed region of the call", nil, func(o *ivsrealtime.Options) { o.Region = "evil.example.com#" }, `malformed region "evil.example.com#"`},
		{"malformed region with BaseEndpoint", func(c *aws.Config) { c.Region, c.BaseEndpoint = "eu west", base }, nil, `malformed region "eu west"`},
		{"no credentials", func(c *aws.Config) { c.Credentials = nil }, nil, "no credentials"},
		{"no credentials, some in the call", func(c *aws.Config) { c.Credentials = nil }, func(o *ivsrealtime.Options) { o.Credentials = testCredentials() }, ""},
		{"credentials taken back", nil, func(o *ivsrealtime.Options) { o.Credentials = nil }, "no credentials"},
		{"bad BaseEndpoint", func(c *aws.Config) { c.BaseEndpoint = aws.String("localhost:8080") }, nil, "BaseEndpoint"},
		{"bad BaseEndpoint, good one in the call", func(c *aws.Config) { c.BaseEndpoint = aws.String("localhost:8080") }, func(o *ivsrealtime.Options) { o.BaseEndpoint = base }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, p := range paths {
				t.Run(p.name, func(t *testing.T) {
					tr := answering(answer(200, stageAnswer))
					cfg := testConfig(tr)
					if test.cfg != nil {
						test.cfg(&cfg)
					}
					c := ivsrealtime.NewFromConfig(cfg, p.option)
					for range 2 {
						var callFns []func(*ivsrealtime.Options)
						if test.call != nil {
							callFns = append(callFns, test.call)
						}
						_, err := getStage(t.Context(), c, callFns...)
						if test.want == "" {
							require.NoError(t, err)
							continue
						}
						require.ErrorContains(t, err, test.want)
						require.ErrorContains(t, err, "configuration: ")
						require.Zero(t, tr.count(), "something was sent")
					}
				})
			}
		})
	}
}

func TestCredentials(t *testing.T) {
	boom := errors.New("boom")
	for _, test := range []struct {
		name     string
		provider aws.CredentialsProvider
		want     string // the error's; "": none
		unsigned bool
	}{
		{"keys", testCredentials(), "", false},
		{"anonymous", aws.AnonymousCredentials{}, "", true},
		{"pointer to anonymous", &aws.AnonymousCredentials{}, "", true},
		{"cached anonymous", aws.NewCredentialsCache(aws.AnonymousCredentials{}), "", true},
		{"no keys", &credentials{}, "get credentials: ", false},
		{"no secret", &credentials{aws.Credentials{AccessKeyID: testAccessKey}}, "get credentials: ", false},
		{"failing provider", providerFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, boom }), "get credentials: boom", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				for _, ofCall := range []bool{false, true} {
					tr := answering(answer(200, stageAnswer))
					set := func(o *ivsrealtime.Options) { o.Credentials = test.provider }
					var err error
					if ofCall {
						_, err = getStage(t.Context(), newClient(tr), set)
					} else {
						_, err = getStage(t.Context(), newClient(tr, set))
					}
					if test.want != "" {
						require.ErrorContains(t, err, test.want)
						require.Zero(t, tr.count(), "something was sent")
						if strings.Contains(test.want, "boom") {
							require.ErrorIs(t, err, boom)
						}
						continue
					}
					require.NoError(t, err)
					for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
						require.Equal(t, test.unsigned, tr.requests[0].Header.Get(name) == "", name)
					}
				}
			})
		})
	}
}

// Temporary trouble of a provider is retried as that of the service.
func TestCredentialsAreRetried(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		n := 0
		provider := providerFunc(func(ctx context.Context) (aws.Credentials, error) {
			if n++; n == 1 {
				return aws.Credentials{}, &net.OpError{Op: "dial", Err: errors.New("refused")}
			}
			return testCredentials().Retrieve(ctx)
		})
		tr := answering(answer(200, stageAnswer))
		_, err := getStage(t.Context(), newClient(tr, func(o *ivsrealtime.Options) { o.Credentials = provider }))
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, []string{"attempt=2; max=3"}, headersOf(tr, "Amz-Sdk-Request"))
		verifySignature(t, tr.requests[0], tr.bodies[0])
	})
}

func TestServiceOptions(t *testing.T) {
	var order []string
	cfg := testConfig(answering(answer(200, stageAnswer)))
	record := func(name string) func(string, any) {
		return func(id string, o any) {
			require.Equal(t, ivsrealtime.ServiceID, id)
			require.IsType(t, (*ivsrealtime.Options)(nil), o)
			order = append(order, name)
		}
	}
	cfg.ServiceOptions = []func(string, any){record("service 1"), record("service 2")}
	ivsrealtime.NewFromConfig(cfg, func(*ivsrealtime.Options) { order = append(order, "option") })
	require.Equal(t, []string{"service 1", "service 2", "option"}, order)
}

// countingClient is an HTTPClient around another.
type countingClient struct {
	ivsrealtime.HTTPClient
	n *int
}

func (c countingClient) Do(r *http.Request) (*http.Response, error) {
	*c.n++
	return c.HTTPClient.Do(r)
}

func TestOptionFunctionsWrap(t *testing.T) {
	t.Run("defaults are there", func(t *testing.T) {
		c := ivsrealtime.New(ivsrealtime.Options{}, func(o *ivsrealtime.Options) {
			require.IsType(t, (*awshttp.BuildableClient)(nil), o.HTTPClient)
			require.IsType(t, (*retry.Standard)(nil), o.Retryer)
			require.NotNil(t, o.Logger)
			require.NotNil(t, o.IdempotencyTokenProvider)
			require.Equal(t, aws.RetryModeStandard, o.RetryMode)
		})
		_, err := getStage(t.Context(), c)
		require.Error(t, err)
	})
	t.Run("wrapped", func(t *testing.T) {
		inBubble(t, func(t *testing.T, newClient newClientFunc) {
			n := 0
			tr := answering(answer(404, `{}`))
			c := newClient(tr, func(o *ivsrealtime.Options) {
				o.HTTPClient = countingClient{o.HTTPClient, &n}
				o.Retryer = retry.AddWithErrorCodes(o.Retryer, "UnknownError")
			})
			_, err := getStage(t.Context(), c)
			require.ErrorAs(t, err, new(*retry.MaxAttemptsError))
			require.Equal(t, 3, n)

			_, err = getStage(t.Context(), c, func(o *ivsrealtime.Options) {
				o.HTTPClient = countingClient{o.HTTPClient, &n}
				o.Retryer = retry.AddWithMaxAttempts(o.Retryer, 2)
			})
			require.ErrorAs(t, err, new(*retry.MaxAttemptsError))
			require.Equal(t, 3+2*2, n)
		})
	})
	t.Run("set to nil", func(t *testing.T) {
		c := ivsrealtime.New(testOptions(nil), func(o *ivsrealtime.Options) {
			o.HTTPClient, o.Retryer, o.Logger, o.IdempotencyTokenProvider = nil, nil, nil, nil
		})
		o := c.Options()
		require.NotNil(t, o.HTTPClient)
		require.NotNil(t, o.Retryer)
		require.NotNil(t, o.Logger)
		require.NotNil(t, o.IdempotencyTokenProvider)
	})
}

func TestRetryModeOfAnOptionFunction(t *testing.T) {
	mine := aws.NopRetryer{}
	mode := func(m aws.RetryMode) func(*ivsrealtime.Options) {
		return func(o *ivsrealtime.Options) { o.RetryMode = m }
	}
	for _, test := range []struct {
		name  string
		given aws.Retryer
		fn    func(*ivsrealtime.Options)
		want  any
	}{
		{"adaptive", nil, mode(aws.RetryModeAdaptive), (*retry.AdaptiveMode)(nil)},
		{"standard", nil, mode(aws.RetryModeStandard), (*retry.Standard)(nil)},
		{"none", nil, mode(""), (*retry.Standard)(nil)},
		{"unknown", nil, mode("sideways"), (*retry.Standard)(nil)},
		{"adaptive, but a Retryer was given", mine, mode(aws.RetryModeAdaptive), mine},
		{"adaptive and a Retryer", nil, func(o *ivsrealtime.Options) { o.RetryMode, o.Retryer = aws.RetryModeAdaptive, mine }, mine},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := testOptions(nil)
			o.Retryer = test.given
			require.IsType(t, test.want, ivsrealtime.New(o, test.fn).Options().Retryer)
		})
	}
}

func TestNilOptionsOfACall(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(500, `{}`), answer(200, compositionAnswer))
		c := newClient(tr, func(o *ivsrealtime.Options) {
			o.IdempotencyTokenProvider = tokenProvider(func() (string, error) { return "clients-own", nil })
		})
		_, err := c.StartComposition(t.Context(), &ivsrealtime.StartCompositionInput{StageARN: testStageARN, Destinations: []ivsrealtime.DestinationConfiguration{}}, func(o *ivsrealtime.Options) {
			o.HTTPClient, o.Retryer, o.Logger, o.IdempotencyTokenProvider, o.HTTPSignerV4 = nil, nil, nil, nil, nil
			o.TracerProvider, o.MeterProvider = nil, nil
			o.ClientLogMode = aws.LogRetries | aws.LogRequest
		})
		require.NoError(t, err)
		require.Equal(t, 2, tr.count())
		require.Contains(t, tr.bodies[1], `"idempotencyToken":"clients-own"`)
		verifySignature(t, tr.requests[1], tr.bodies[1])
	})
}

func TestOptionsAreACopy(t *testing.T) {
	tr := answering(answer(200, stageAnswer))
	given := testOptions(tr)
	given.APIOptions = make([]func(*middleware.Stack) error, 0, 8) // room to append into
	c := ivsrealtime.New(given, ivsrealtime.WithAPIOptions(header("X-A", "client")))

	o := c.Options()
	o.Region = "us-east-1"
	o.APIOptions[0] = header("X-A", "changed")
	o.APIOptions = append(o.APIOptions, header("X-B", "added"))
	o.Interceptors.AddBeforeRetryLoop(headerInterceptor{"X-C", "added"})
	_ = append(given.APIOptions, header("X-A", "given"))

	for i := range 2 {
		_, err := getStage(t.Context(), c, ivsrealtime.WithAPIOptions(header("X-D", fmt.Sprint(i))))
		require.NoError(t, err)
		r := tr.requests[i]
		require.Equal(t, []string{"client"}, r.Header.Values("X-A"))
		require.Empty(t, r.Header.Values("X-B"))
		require.Empty(t, r.Header.Values("X-C"))
		require.Equal(t, []string{fmt.Sprint(i)}, r.Header.Values("X-D"))
		require.Equal(t, "ivsrealtime.eu-west-1.amazonaws.com", r.URL.Host)
	}
	require.Len(t, c.Options().APIOptions, 1)
	require.Empty(t, c.Options().Interceptors.BeforeRetryLoop)
}

// A client made of another's options shares its HTTP client, connections and all.
func TestClientOfAnothersOptions(t *testing.T) {
	first := ivsrealtime.New(testOptions(nil))
	second := ivsrealtime.New(first.Options())
	require.Same(t, first.Options().HTTPClient, second.Options().HTTPClient)
	require.Same(t, first.Options().Retryer, second.Options().Retryer)
}

func TestHTTPClientIsTuned(t *testing.T) {
	type limits struct {
		idle                    int
		header, dial, handshake time.Duration
	}
	caller := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
		tr.MaxIdleConnsPerHost, tr.ResponseHeaderTimeout, tr.TLSHandshakeTimeout = 7, 8*time.Second, 9*time.Second
	}).WithDialerOptions(func(d *net.Dialer) { d.Timeout = 6 * time.Second })
	const untouched = 30 * time.Second
	for _, test := range []struct {
		name   string
		client ivsrealtime.HTTPClient
		mode   aws.DefaultsMode
		env    aws.RuntimeEnvironment
		fn     func(*ivsrealtime.Options)
		want   limits
	}{
		{name: "none", want: limits{100, 60 * time.Second, untouched, 10 * time.Second}},
		{name: "buildable", client: awshttp.NewBuildableClient(), want: limits{100, 60 * time.Second, untouched, 10 * time.Second}},
		{name: "buildable of the caller", client: caller, want: limits{7, 8 * time.Second, 6 * time.Second, 9 * time.Second}},
		{name: "idle connections of the caller", client: awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) { tr.MaxIdleConnsPerHost = 11 }),
			want: limits{11, 60 * time.Second, untouched, 10 * time.Second}},
		{name: "header timeout of the caller", client: awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) { tr.ResponseHeaderTimeout = time.Hour }),
			want: limits{100, time.Hour, untouched, 10 * time.Second}},
		{name: "read timeout of the caller", client: awshttp.NewBuildableClient().WithReadTimeout(5 * time.Minute),
			want: limits{100, 0, untouched, 10 * time.Second}},
		{name: "standard", mode: aws.DefaultsModeStandard, want: limits{100, 60 * time.Second, 3100 * time.Millisecond, 3100 * time.Millisecond}},
		{name: "in-region", mode: aws.DefaultsModeInRegion, want: limits{100, 60 * time.Second, 1100 * time.Millisecond, 1100 * time.Millisecond}},
		{name: "cross-region", mode: aws.DefaultsModeCrossRegion, want: limits{100, 60 * time.Second, 3100 * time.Millisecond, 3100 * time.Millisecond}},
		{name: "mobile", mode: aws.DefaultsModeMobile, want: limits{100, 60 * time.Second, 30 * time.Second, 30 * time.Second}},
		{name: "legacy", mode: aws.DefaultsModeLegacy, want: limits{100, 60 * time.Second, untouched, 10 * time.Second}},
		{name: "unknown mode", mode: "sideways", want: limits{100, 60 * time.Second, untouched, 10 * time.Second}},
		{name: "in-region, buildable of the caller", client: caller, mode: aws.DefaultsModeInRegion, want: limits{7, 8 * time.Second, 6 * time.Second, 9 * time.Second}},
		{name: "auto, same region", mode: aws.DefaultsModeAuto, env: aws.RuntimeEnvironment{EC2InstanceMetadataRegion: "eu-west-1"},
			want: limits{100, 60 * time.Second, 1100 * time.Millisecond, 1100 * time.Millisecond}},
		{name: "auto, another region", mode: aws.DefaultsModeAuto, env: aws.RuntimeEnvironment{EnvironmentIdentifier: "AWS_ECS_FARGATE", Region: "us-east-1"},
			want: limits{100, 60 * time.Second, 3100 * time.Millisecond, 3100 * time.Millisecond}},
		{name: "auto, no idea", mode: aws.DefaultsModeAuto, want: limits{100, 60 * time.Second, 3100 * time.Millisecond, 3100 * time.Millisecond}},
		{name: "mode of an option function", fn: func(o *ivsrealtime.Options) { o.DefaultsMode = aws.DefaultsModeInRegion },
			want: limits{100, 60 * time.Second, 1100 * time.Millisecond, 1100 * time.Millisecond}},
		{name: "mode changed by an option function", mode: aws.DefaultsModeStandard, fn: func(o *ivsrealtime.Options) { o.DefaultsMode = aws.DefaultsModeInRegion },
			want: limits{100, 60 * time.Second, 1100 * time.Millisecond, 1100 * time.Millisecond}},
		{name: "client of an option function", fn: func(o *ivsrealtime.Options) { o.HTTPClient = awshttp.NewBuildableClient() },
			want: limits{100, 60 * time.Second, untouched, 10 * time.Second}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := testOptions(test.client)
			o.DefaultsMode, o.RuntimeEnvironment = test.mode, test.env
			if test.fn == nil {
				test.fn = func(*ivsrealtime.Options) {}
			}
			h := ivsrealtime.New(o, test.fn).Options().HTTPClient.(*awshttp.BuildableClient)
			tr := h.GetTransport()
			require.Equal(t, test.want, limits{tr.MaxIdleConnsPerHost, tr.ResponseHeaderTimeout, h.GetDialer().Timeout, tr.TLSHandshakeTimeout})
		})
	}
	t.Run("the caller's own is not written to", func(t *testing.T) {
		h := awshttp.NewBuildableClient()
		ivsrealtime.New(testOptions(h), func(o *ivsrealtime.Options) { o.DefaultsMode = aws.DefaultsModeInRegion })
		require.Equal(t, awshttp.DefaultHTTPTransportMaxIdleConnsPerHost, h.GetTransport().MaxIdleConnsPerHost)
		require.Equal(t, awshttp.DefaultDialConnectTimeout, h.GetDialer().Timeout)
	})
	t.Run("nothing to tune", func(t *testing.T) {
		require.Same(t, caller, ivsrealtime.New(testOptions(caller)).Options().HTTPClient)
	})
	t.Run("another client", func(t *testing.T) {
		h := &http.Client{Transport: &http.Transport{}}
		require.Same(t, h, ivsrealtime.New(testOptions(h)).Options().HTTPClient)
		require.Zero(t, h.Transport.(*http.Transport).MaxIdleConnsPerHost)
	})
	t.Run("frozen", func(t *testing.T) {
		h := awshttp.NewBuildableClient().Freeze()
		require.Same(t, h, ivsrealtime.New(testOptions(h)).Options().HTTPClient)
	})
}

func TestSigningNameAndRegion(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		scope := func(clientFns []func(*ivsrealtime.Options), callFns ...func(*ivsrealtime.Options)) string {
			tr := answering(answer(200, stageAnswer))
			_, err := getStage(t.Context(), newClient(tr, clientFns...), callFns...)
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(tr.requests[0].URL.Host, "ivsrealtime."))
			return tr.requests[0].URL.Host[len("ivsrealtime."):][:len("eu-west-1")] + " " + credentialScope(tr.requests[0])
		}
		name, region := ivsrealtime.WithSigV4SigningName("other"), ivsrealtime.WithSigV4SigningRegion("us-east-2")
		both := []func(*ivsrealtime.Options){name, region}
		moved := func(o *ivsrealtime.Options) { o.Region = "us-west-1" }

		require.Equal(t, "eu-west-1 20000101/eu-west-1/ivs", scope(nil))
		require.Equal(t, "eu-west-1 20000101/us-east-2/other", scope(both))
		require.Equal(t, "eu-west-1 20000101/us-east-2/other", scope(nil, both...))
		require.Equal(t, "eu-west-1 20000101/us-east-2/ivs", scope(nil, region))
		require.Equal(t, "us-west-1 20000101/us-east-2/ivs", scope([]func(*ivsrealtime.Options){region}, moved))
		require.Equal(t, "us-west-1 20000101/us-west-1/other", scope([]func(*ivsrealtime.Options){name}, moved))
		require.Equal(t, "eu-west-1 20000101/eu-west-1/ivs", scope(both, ivsrealtime.WithSigV4SigningName(""), ivsrealtime.WithSigV4SigningRegion("")))
	})
}

// The options that a call changed are gone with the call, whatever it touched.
func TestCallsDoNotLeak(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, stageAnswer))
		c := newClient(tr, func(o *ivsrealtime.Options) { o.AppID = "one" })
		_, err := getStage(t.Context(), c)
		require.NoError(t, err)
		_, err = getStage(t.Context(), c, func(o *ivsrealtime.Options) {
			o.Region, o.AppID, o.RetryMaxAttempts = "us-west-2", "two", 9
			o.Credentials = aws.AnonymousCredentials{}
			o.BaseEndpoint = aws.String("http://localhost:1234/x")
			o.APIOptions = append(o.APIOptions, header("X-A", "1"))
			o.Interceptors.AddBeforeRetryLoop(headerInterceptor{"X-B", "2"})
		})
		require.NoError(t, err)
		require.Equal(t, "http://localhost:1234/x/GetStage", tr.requests[1].URL.String())
		_, err = getStage(t.Context(), c)
		require.NoError(t, err)
		for _, r := range tr.requests { // these differ in any case
			r.Header.Del("X-Amz-Date")
		}
		require.Equal(t, dump(t, tr.requests[0], tr.bodies[0]), dump(t, tr.requests[2], tr.bodies[2]))
		require.Equal(t, credentialScope(tr.requests[0]), credentialScope(tr.requests[2]))
	})
}
