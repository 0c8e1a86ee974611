package ivsrealtime_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
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

// credentialScope is what r was signed for: date, region, name.
func credentialScope(r *http.Request) string {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential="+testAccessKey+"/")
	scope, _, _ = strings.Cut(scope, "/aws4_request")
	return scope
}

// header returns middleware that sets a request header.
func header(name, value string) func(*middleware.Stack) error {
	return smithyhttp.AddHeaderValue(name, value)
}

// headerInterceptor sets one, too. (What interceptors change after the retry loop
// began is lost, as it is with the official clients: they see the request that
// attempts are copied from.)
type headerInterceptor struct{ name, value string }

func (i headerInterceptor) BeforeRetryLoop(_ context.Context, c *smithyhttp.InterceptorContext) error {
	c.Request.Header.Set(i.name, i.value)
	return nil
}

// headerSigner writes what it was asked to sign for, and signs nothing.
type headerSigner struct{}

func (headerSigner) SignHTTP(_ context.Context, _ aws.Credentials, r *http.Request, _, service, region string, _ time.Time, _ ...func(*v4.SignerOptions)) error {
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
			o.HTTPSignerV4 = headerSigner{}
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
					tr := answering(answer(200, stageAnswer))
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
		lines := 0
		c := newClient(tr, func(o *ivsrealtime.Options) {
			o.Logger = logging.LoggerFunc(func(logging.Classification, string, ...any) { lines++ })
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
		require.Equal(t, 3, lines, "two requests and a retry are logged by the client's logger")
		verifySignature(t, tr.requests[1], tr.bodies[1])
	})
}

func TestOptionsAreACopy(t *testing.T) {
	tr := answering(answer(200, stageAnswer))
	given := testOptions(tr)
	// Room to append into.
	given.APIOptions = make([]func(*middleware.Stack) error, 0, 8)
	given.Interceptors.BeforeRetryLoop = make([]smithyhttp.BeforeRetryLoopInterceptor, 0, 8)
	c := ivsrealtime.New(given, ivsrealtime.WithAPIOptions(header("X-A", "client")), func(o *ivsrealtime.Options) {
		o.Interceptors.AddBeforeRetryLoop(headerInterceptor{"X-E", "client"})
	})

	o := c.Options()
	o.Region = "us-east-1"
	o.APIOptions[0] = header("X-A", "changed")
	o.APIOptions = append(o.APIOptions, header("X-B", "added"))
	o.Interceptors.AddBeforeRetryLoop(headerInterceptor{"X-C", "added"})
	_ = append(given.APIOptions, header("X-A", "given"))
	given.Interceptors.AddBeforeRetryLoop(headerInterceptor{"X-E", "given"})

	for i := range 2 {
		_, err := getStage(t.Context(), c, ivsrealtime.WithAPIOptions(header("X-D", fmt.Sprint(i))))
		require.NoError(t, err)
		r := tr.requests[i]
		require.Equal(t, []string{"client"}, r.Header.Values("X-A"))
		require.Empty(t, r.Header.Values("X-B"))
		require.Empty(t, r.Header.Values("X-C"))
		require.Equal(t, []string{"client"}, r.Header.Values("X-E"))
		require.Equal(t, []string{fmt.Sprint(i)}, r.Header.Values("X-D"))
		require.Equal(t, "ivsrealtime.eu-west-1.amazonaws.com", r.URL.Host)
	}
	require.Len(t, c.Options().APIOptions, 1)
	require.Len(t, c.Options().Interceptors.BeforeRetryLoop, 1)
}

// A client made of another's options shares its HTTP client, connections and all.
func TestClientOfAnothersOptions(t *testing.T) {
	for _, mode := range []aws.DefaultsMode{"", aws.DefaultsModeInRegion, aws.DefaultsModeMobile} {
		o := testOptions(nil)
		o.DefaultsMode = mode
		first := ivsrealtime.New(o)
		second := ivsrealtime.New(first.Options())
		require.Same(t, first.Options().HTTPClient, second.Options().HTTPClient)
		require.Same(t, first.Options().Retryer, second.Options().Retryer)
	}
}

func TestHTTPClientIsTuned(t *testing.T) {
	type limits struct {
		idle                    int
		header, dial, handshake time.Duration
	}
	caller := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
		tr.MaxIdleConnsPerHost, tr.ResponseHeaderTimeout, tr.TLSHandshakeTimeout = 7, 8*time.Second, 9*time.Second
		tr.HTTP2 = &http.HTTP2Config{}
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
