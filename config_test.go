package ivsrealtime_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/logging"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// testConfig is an aws.Config that is complete.
func testConfig(h aws.HTTPClient) aws.Config {
	return aws.Config{Region: "eu-west-1", Credentials: testCredentials(), HTTPClient: h}
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
		{"AWS_ENDPOINT_URL that is empty", map[string]string{"AWS_ENDPOINT_URL": ""}, "", []any{knows("http://profile")}, "http://profile"},
		{"AWS_ENDPOINT_URL that is empty, and BaseEndpoint", map[string]string{"AWS_ENDPOINT_URL": ""}, "http://profile-of-all", []any{&testSource{}}, "http://profile-of-all"},
		{"AWS_ENDPOINT_URL of blanks", map[string]string{"AWS_ENDPOINT_URL": " \t"}, " \t", []any{knows("http://profile")}, "http://profile"},
		{"AWS_ENDPOINT_URL of blanks alone", map[string]string{"AWS_ENDPOINT_URL": " \n"}, " \n", nil, "https://ivsrealtime.eu-west-1.amazonaws.com"},
		{"AWS_ENDPOINT_URL of blanks before a profile's endpoint", map[string]string{"AWS_ENDPOINT_URL": " "}, " ", []any{nil, "s", (*testSource)(nil), struct{ BaseEndpoint string }{" "}, &struct{ BaseEndpoint string }{"http://profile "}}, "http://profile"},
		{"AWS_ENDPOINT_URL with blanks around it", map[string]string{"AWS_ENDPOINT_URL": " http://all\n"}, " http://all\n", []any{knows("http://profile")}, "http://all"},
		{"variable of the service that is empty", map[string]string{"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_IVS_REALTIME": ""}, "http://all", []any{&testSource{}, knows("http://profile")}, "http://all"},
		{"variable of the service of blanks", map[string]string{"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_IVS_REALTIME": " "}, "http://all", []any{knows(" "), knows("http://profile")}, "http://all"},
		{"variable of the service of blanks before the profile", map[string]string{"AWS_ENDPOINT_URL_IVS_REALTIME": "\n"}, "", []any{knows("\n"), knows("http://profile")}, "http://profile"},
		{"variable of the service with blanks around it", map[string]string{"AWS_ENDPOINT_URL_IVS_REALTIME": "http://env \r\n"}, "", []any{knows("http://env \r\n")}, "http://env"},
		{"both empty", map[string]string{"AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_IVS_REALTIME": ""}, "", []any{knows(""), knows("http://profile")}, "http://profile"},
		{"source that found nothing but says so", nil, "http://base", []any{knows("")}, "http://base"},
		{"variable of the service", map[string]string{"AWS_ENDPOINT_URL_IVS_REALTIME": "http://env"}, "", []any{knows("http://env")}, "http://env"},
		{"both variables, ignored", map[string]string{"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_IVS_REALTIME": "http://env"}, "http://all", []any{&testSource{ignore: true}, &struct{ BaseEndpoint string }{"http://profile"}}, "http://all"},
		{"both variables", map[string]string{"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_IVS_REALTIME": "http://env"}, "http://all", []any{knows("http://env")}, "http://env"},
	} {
		t.Run(test.name, func(t *testing.T) {
			unsetenv(t, "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_IVS_REALTIME")
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
				if s, ok := s.(*testSource); ok && s != nil && s.asked != "" {
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
		{"blank BaseEndpoint of code", func(c *aws.Config) { c.BaseEndpoint = aws.String("") }, nil, "BaseEndpoint is blank"},
		{"BaseEndpoint of blanks of code", func(c *aws.Config) { c.BaseEndpoint = aws.String(" ") }, nil, "BaseEndpoint is blank"},
		{"source with a quoted URL", func(c *aws.Config) { c.ConfigSources = []any{&testSource{url: `"https://example.com"`, found: true}} }, nil, "a blank or a quotation mark"},
		{"source with two URLs", func(c *aws.Config) {
			c.ConfigSources = []any{&testSource{url: "https://example.com https://example.org", found: true}}
		}, nil, "a blank or a quotation mark"},
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
						_, err = getStage(t.Context(), c, append(callFns, func(o *ivsrealtime.Options) { o.AppID = "x" })...)
						require.ErrorContains(t, err, test.want, "an option that has nothing to do with it")
						require.Zero(t, tr.count(), "something was sent")
					}
				})
			}
		})
	}
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
