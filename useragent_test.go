package ivsrealtime_test

import (
	"context"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// unsetenv makes sure that a variable of the environment is not set.
func unsetenv(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		t.Setenv(name, "") // puts it back in the end
		require.NoError(t, os.Unsetenv(name))
	}
}

// sdkAgent is the beginning of the user agent, which the core makes.
func sdkAgent() string {
	system, ok := map[string]string{"linux": "linux", "darwin": "macos", "windows": "windows", "android": "android", "ios": "ios"}[runtime.GOOS]
	if !ok {
		system = "other"
	}
	// A character that may not be in a user agent, as in "devel +abc", becomes a hyphen.
	version := strings.NewReplacer(" ", "-", ":", "-").Replace(strings.TrimPrefix(runtime.Version(), "go"))
	return "aws-sdk-go-v2/" + aws.SDKVersion + " ua/2.1 os/" + system + " lang/go#" + version + " md/GOOS#" + runtime.GOOS + " md/GOARCH#" + runtime.GOARCH
}

const libraryAgent = " lib/ivsrealtime-go#" + ivsrealtime.Version

// What a credentials cache or an unknown source adds to the user agent.
func TestUserAgentOfCredentials(t *testing.T) {
	unsetenv(t, "AWS_EXECUTION_ENV")
	for _, test := range []struct {
		name    string
		sources []aws.CredentialSource
		want    string
	}{
		{"two", []aws.CredentialSource{aws.CredentialSourceSTSAssumeRole, aws.CredentialSourceProfile}, " m/E,i,n"},
		{"unknown", []aws.CredentialSource{aws.CredentialSourceUndefined, 9999}, " m/E"},
		{"none", nil, " m/E"},
	} {
		t.Run(test.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				tr := answering(answer(200, stageAnswer))
				var provider aws.CredentialsProvider = knownSources{testCredentials(), test.sources}
				for _, p := range []aws.CredentialsProvider{provider, aws.NewCredentialsCache(provider)} {
					_, err := getStage(t.Context(), newClient(tr, func(o *ivsrealtime.Options) { o.Credentials = p }))
					require.NoError(t, err)
				}
				want := sdkAgent() + libraryAgent + test.want
				require.Equal(t, []string{want, want}, headersOf(tr, "User-Agent"))
			})
		})
	}
}

type knownSources struct {
	aws.CredentialsProvider
	sources []aws.CredentialSource
}

func (c knownSources) ProviderSources() []aws.CredentialSource { return c.sources }

func TestUserAgentOfPaginatorAndWaiter(t *testing.T) {
	unsetenv(t, "AWS_EXECUTION_ENV")
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, `{"stages":[]}`))
		c := newClient(tr)
		p := ivsrealtime.NewListStagesPaginator(c, nil)
		_, err := p.NextPage(t.Context())
		require.NoError(t, err)
		for _, err := range p.Items(t.Context(), func(o *ivsrealtime.Options) { o.AppID = "a" }) {
			require.NoError(t, err)
		}
		tr.do = answer(200, strings.Replace(compositionAnswer, "STARTING", "ACTIVE", 1))
		require.NoError(t, ivsrealtime.NewCompositionActiveWaiter(c).Wait(t.Context(), &ivsrealtime.GetCompositionInput{ARN: testCompositionARN}, time.Minute))
		_, err = c.GetComposition(t.Context(), &ivsrealtime.GetCompositionInput{ARN: testCompositionARN})
		require.NoError(t, err)
		require.Equal(t, []string{
			sdkAgent() + libraryAgent + " m/C,E",
			sdkAgent() + libraryAgent + " app/a m/C,E",
			sdkAgent() + libraryAgent + " m/B,E",
			sdkAgent() + libraryAgent + " m/E",
		}, headersOf(tr, "User-Agent"))
	})
}

func TestUserAgentThatMiddlewareAddsTo(t *testing.T) {
	unsetenv(t, "AWS_EXECUTION_ENV")
	tr := answering(answer(200, stageAnswer))
	c := ivsrealtime.New(testOptions(tr), ivsrealtime.WithAPIOptions(awsmiddleware.AddUserAgentKeyValue("tool", "1.2")))
	_, err := getStage(t.Context(), c)
	require.NoError(t, err)
	_, err = getStage(t.Context(), c, ivsrealtime.WithAPIOptions(
		awsmiddleware.AddUserAgentKey("once"), awsmiddleware.AddSDKAgentKeyValue(awsmiddleware.FrameworkMetadata, "conf", "v3")))
	require.NoError(t, err)
	_, err = getStage(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, []string{
		sdkAgent() + libraryAgent + " tool/1.2 m/E",
		sdkAgent() + libraryAgent + " tool/1.2 once lib/conf#v3 m/E",
		sdkAgent() + libraryAgent + " tool/1.2 m/E",
	}, headersOf(tr, "User-Agent"))
}

func TestTraceHeaderOfEnvironment(t *testing.T) {
	const function, trace = "AWS_LAMBDA_FUNCTION_NAME", "_X_AMZN_TRACE_ID"
	for _, test := range []struct {
		name string
		env  map[string]string
		want []string
	}{
		{"outside Lambda", nil, nil},
		{"no trace", map[string]string{function: "f"}, nil},
		{"no function", map[string]string{trace: "Root=1"}, nil},
		{"both", map[string]string{function: "f", trace: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"},
			[]string{"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}},
		{"what is left as it is", map[string]string{function: "f", trace: `azAZ09-=;:+&[]{}"',`}, []string{`azAZ09-=;:+&[]{}"',`}},
		{"what is escaped", map[string]string{function: "f", trace: "a b\n\x7f~_.%/ü"}, []string{"a%20b%0A%7F%7E%5F%2E%25%2F%C3%BC"}},
		{"function without a name", map[string]string{function: "", trace: "Root=1"}, []string{"Root=1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			unsetenv(t, function, trace)
			for k, v := range test.env {
				t.Setenv(k, v)
			}
			var sent []string
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				synctest.Test(t, func(t *testing.T) {
					tr := answering(answer(500, `{}`), answer(200, stageAnswer))
					_, err := getStage(t.Context(), newClient(tr))
					require.NoError(t, err)
					for i, r := range tr.requests {
						require.Equal(t, test.want, r.Header.Values("X-Amzn-Trace-Id"))
						verifySignature(t, r, tr.bodies[i])
						sent = append(sent, dump(t, r, tr.bodies[i]))
					}
				})
			})
			require.Equal(t, sent[0], sent[2], "both paths send the same")
		})
	}
	t.Run("the caller's own", func(t *testing.T) {
		t.Setenv(function, "f")
		t.Setenv(trace, "Root=env")
		tr := answering(answer(200, stageAnswer))
		_, err := getStage(t.Context(), ivsrealtime.New(testOptions(tr), ivsrealtime.WithAPIOptions(header("X-Amzn-Trace-Id", "Root=mine"))))
		require.NoError(t, err)
		require.Contains(t, tr.requests[0].Header.Values("X-Amzn-Trace-Id"), "Root=mine")
	})
}

// A trace changes between the invocations of a Lambda function.
func TestTraceHeaderIsOfTheCall(t *testing.T) {
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
	unsetenv(t, "_X_AMZN_TRACE_ID")
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, stageAnswer))
		c := newClient(tr)
		for _, trace := range []string{"Root=1", "Root=2"} {
			t.Setenv("_X_AMZN_TRACE_ID", trace)
			_, err := getStage(t.Context(), c)
			require.NoError(t, err)
		}
		require.Equal(t, []string{"Root=1", "Root=2"}, headersOf(tr, "X-Amzn-Trace-Id"))
	})
}

// AWS's Lambda runtime puts the trace of an invocation into the context, under a
// string. It wins over the environment, which concurrent invocations share.
func TestTraceHeaderOfContext(t *testing.T) {
	const function, trace = "AWS_LAMBDA_FUNCTION_NAME", "_X_AMZN_TRACE_ID"
	for _, test := range []struct {
		name  string
		env   map[string]string
		value any // in the context
		want  []string
	}{
		{"alone", map[string]string{function: "f"}, "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
			[]string{"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}},
		{"with that of the environment", map[string]string{function: "f", trace: "Root=env"}, "Root=ctx", []string{"Root=ctx"}},
		{"empty environment", map[string]string{function: "f", trace: ""}, "Root=ctx", []string{"Root=ctx"}},
		{"function without a name", map[string]string{function: ""}, "Root=ctx", []string{"Root=ctx"}},
		{"outside Lambda", nil, "Root=ctx", nil},
		{"no function", map[string]string{trace: "Root=env"}, "Root=ctx", nil},
		{"empty", map[string]string{function: "f", trace: "Root=env"}, "", []string{"Root=env"}},
		{"of another type", map[string]string{function: "f", trace: "Root=env"}, 7, []string{"Root=env"}},
		{"what is left as it is", map[string]string{function: "f"}, `azAZ09-=;:+&[]{}"',`, []string{`azAZ09-=;:+&[]{}"',`}},
		{"what is escaped", map[string]string{function: "f"}, "a b\r\n\x7f~_.%/ü\xff\x00", []string{"a%20b%0D%0A%7F%7E%5F%2E%25%2F%C3%BC%FF%00"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			unsetenv(t, function, trace)
			for k, v := range test.env {
				t.Setenv(k, v)
			}
			var sent []string
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				synctest.Test(t, func(t *testing.T) {
					tr := answering(answer(500, `{}`), answer(200, stageAnswer))
					//lint:ignore SA1029 the runtime's own key is a string
					_, err := getStage(context.WithValue(t.Context(), "x-amzn-trace-id", test.value), newClient(tr))
					require.NoError(t, err)
					for i, r := range tr.requests {
						require.Equal(t, test.want, r.Header.Values("X-Amzn-Trace-Id"))
						verifySignature(t, r, tr.bodies[i])
						sent = append(sent, dump(t, r, tr.bodies[i]))
					}
				})
			})
			require.Equal(t, sent[0], sent[2], "both paths send the same")
		})
	}

	t.Setenv(function, "f")
	t.Setenv(trace, "Root=env")
	//lint:ignore SA1029 the runtime's own key is a string
	ctx := context.WithValue(t.Context(), "x-amzn-trace-id", "Root=ctx")
	t.Run("a header of middleware wins", func(t *testing.T) {
		tr := answering(answer(200, stageAnswer))
		_, err := getStage(ctx, ivsrealtime.New(testOptions(tr), ivsrealtime.WithAPIOptions(func(s *middleware.Stack) error {
			return s.Build.Insert(middleware.BuildMiddlewareFunc("Mine", func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
				in.Request.(*smithyhttp.Request).Header.Set("X-Amzn-Trace-Id", "Root=mine")
				return next.HandleBuild(ctx, in)
			}), "RecursionDetection", middleware.Before)
		})))
		require.NoError(t, err)
		require.Equal(t, []string{"Root=mine"}, tr.requests[0].Header.Values("X-Amzn-Trace-Id"))
	})
	t.Run("without RecursionDetection", func(t *testing.T) {
		tr := answering(answer(200, stageAnswer))
		_, err := getStage(ctx, ivsrealtime.New(testOptions(tr), ivsrealtime.WithAPIOptions(func(s *middleware.Stack) error {
			_, err := s.Build.Remove("RecursionDetection")
			return err
		})))
		require.NoError(t, err)
		require.Empty(t, tr.requests[0].Header.Values("X-Amzn-Trace-Id"))
	})
}
