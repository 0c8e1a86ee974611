package ivsrealtime_test

import (
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// send makes one call and returns its request.
func send(t *testing.T, newClient newClientFunc, optFns ...func(*ivsrealtime.Options)) *http.Request {
	t.Helper()
	tr := answering(answer(200, stageAnswer))
	_, err := getStage(t.Context(), newClient(tr, optFns...))
	require.NoError(t, err)
	return tr.requests[0]
}

// The partitions and their regions as of aws-sdk-go-v2 v1.48.0.
var partitions = []struct{ suffix, dualStack, regions string }{
	{"amazonaws.com", "api.aws", "af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 " +
		"ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 aws-global ca-central-1 " +
		"ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 " +
		"me-south-1 me-west-1 mx-central-1 sa-east-1 sa-west-1 us-east-1 us-east-2 us-west-1 us-west-2 " +
		"aws-us-gov-global us-gov-east-1 us-gov-west-1 xx-nowhere-1 somewhere"},
	{"amazonaws.com.cn", "api.amazonwebservices.com.cn", "aws-cn-global cn-north-1 cn-northwest-1 cn-new-9"},
	{"amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1"},
	{"c2s.ic.gov", "api.aws.ic.gov", "aws-iso-global us-iso-east-1 us-iso-west-1"},
	{"sc2s.sgov.gov", "api.aws.scloud", "aws-iso-b-global us-isob-east-1 us-isob-west-1"},
	{"cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "aws-iso-e-global eu-isoe-west-1"},
	{"csp.hci.ic.gov", "api.aws.hci.ic.gov", "aws-iso-f-global us-isof-east-1 us-isof-south-1"},
}

func TestRegionalEndpoints(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		for _, p := range partitions {
			for region := range strings.FieldsSeq(p.regions) {
				for _, v := range []struct {
					fips, dualStack bool
					want            string
				}{
					{false, false, "https://ivsrealtime." + region + "." + p.suffix},
					{false, true, "https://ivsrealtime." + region + "." + p.dualStack},
					{true, false, "https://ivsrealtime-fips." + region + "." + p.suffix},
					{true, true, "https://ivsrealtime-fips." + region + "." + p.dualStack},
				} {
					r := send(t, newClient, func(o *ivsrealtime.Options) {
						o.Region = region
						if v.fips {
							o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
						}
						if v.dualStack {
							o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
						}
					})
					require.Equal(t, v.want+"/GetStage", r.URL.String())
					require.Contains(t, r.Header.Get("Authorization"), "/"+region+"/ivs/aws4_request")
				}
			}
		}
	})
}

func TestOtherEndpoints(t *testing.T) {
	base := func(url string) func(*ivsrealtime.Options) {
		return func(o *ivsrealtime.Options) { o.BaseEndpoint = &url }
	}
	region := func(name string) func(*ivsrealtime.Options) {
		return func(o *ivsrealtime.Options) { o.Region = name }
	}
	tests := []struct {
		name   string
		option func(*ivsrealtime.Options)
		want   string
		region string // that is signed for
	}{
		{"FIPS spelled before", region("fips-us-east-1"), "https://ivsrealtime-fips.us-east-1.amazonaws.com/GetStage", "us-east-1"},
		{"FIPS spelled after", region("us-east-1-fips"), "https://ivsrealtime-fips.us-east-1.amazonaws.com/GetStage", "us-east-1"},
		{"FIPS spelled within", region("us-fips-east-1"), "https://ivsrealtime-fips.us-east-1.amazonaws.com/GetStage", "us-east-1"},
		{"no HTTPS", func(o *ivsrealtime.Options) { o.EndpointOptions.DisableHTTPS = true }, "http://ivsrealtime.eu-west-1.amazonaws.com/GetStage", "eu-west-1"},
		{"custom", base("http://127.0.0.1:4566"), "http://127.0.0.1:4566/GetStage", "eu-west-1"},
		{"custom, slash", base("https://host/"), "https://host/GetStage", "eu-west-1"},
		{"custom, path", base("https://host:8443/a/b"), "https://host:8443/a/b/GetStage", "eu-west-1"},
		{"custom, path and slash", base("https://host/a/b/"), "https://host/a/b/GetStage", "eu-west-1"},
		{"custom, escaped path", base("https://host/a%2Fb"), "https://host/a%2Fb/GetStage", "eu-west-1"},
		{"custom, IPv6", base("http://[::1]:4566"), "http://[::1]:4566/GetStage", "eu-west-1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				r := send(t, newClient, tt.option)
				require.Equal(t, tt.want, r.URL.String())
				require.Contains(t, r.Header.Get("Authorization"), "/"+tt.region+"/ivs/")
				if tt.region == "eu-west-1" { // what verifySignature signs for
					verifySignature(t, r, `{"arn":"`+testStageARN+`"}`)
				}
			})
		})
	}
}

// The path of a custom endpoint and the escaped ARN of a tag operation keep
// their own escapes, and are signed with them.
func TestEndpointPathAndARN(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, `{"tags":{}}`))
		c := newClient(tr, func(o *ivsrealtime.Options) { o.BaseEndpoint = aws.String("https://host/a%2Fb%20c/") })
		_, err := c.UntagResource(t.Context(), &ivsrealtime.UntagResourceInput{ResourceARN: testStageARN, TagKeys: []string{"a b"}})
		require.NoError(t, err)
		r := tr.requests[0]
		require.Equal(t, "https://host/a%2Fb%20c/tags/arn%3Aaws%3Aivs%3Aeu-west-1%3A111122223333%3Astage%2FAb12Cd34Ef56?tagKeys=a%20b", r.URL.String())
		verifySignature(t, r, "")
	})
}

func TestEndpointsThatAreRefused(t *testing.T) {
	const password = "hunter2-password"
	fips := func(o *ivsrealtime.Options) { o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled }
	dualStack := func(o *ivsrealtime.Options) {
		o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
	}
	none := func(*ivsrealtime.Options) {}
	tests := []struct {
		base, region string
		option       func(*ivsrealtime.Options)
		err          string
	}{
		{"", "", none, "no region"},
		{"", "eu west 1", none, `malformed region "eu west 1"`},
		{"", "-eu", none, "malformed region"},
		{"", "a.b", none, "malformed region"},
		{"", "x/../y", none, "malformed region"},
		{"", strings.Repeat("a", 64), none, "malformed region"},
		{"https://host", "", none, "no region"},
		{"https://host", "eu-west-1", fips, "FIPS and a custom endpoint"},
		{"https://host", "fips-us-east-1", none, "FIPS and a custom endpoint"},
		{"https://host", "eu-west-1", dualStack, "dual stack and a custom endpoint"},
		{"host:8080", "eu-west-1", none, "absolute http or https URL"},
		{"ftp://host", "eu-west-1", none, "absolute http or https URL"},
		{"https://", "eu-west-1", none, "absolute http or https URL"},
		{"https://:8080", "eu-west-1", none, "absolute http or https URL"},
		{"/path", "eu-west-1", none, "absolute http or https URL"},
		{"https://host:" + password, "eu-west-1", none, "not a URL"},
		{"https://user:" + password + "@host", "eu-west-1", none, "a user, a query or a fragment"},
		{"https://host?key=" + password, "eu-west-1", none, "a user, a query or a fragment"},
		{"https://host#x", "eu-west-1", none, "a user, a query or a fragment"},
		{"https://host/%zz" + password, "eu-west-1", none, "not a URL"},
	}
	for _, tt := range tests {
		t.Run(tt.base+" "+tt.region, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				tr := answering(answer(200, stageAnswer))
				_, err := getStage(t.Context(), newClient(tr, func(o *ivsrealtime.Options) {
					o.Region = tt.region
					if tt.base != "" {
						o.BaseEndpoint = &tt.base
					}
				}, tt.option))
				require.ErrorContains(t, err, tt.err)
				require.ErrorContains(t, err, "GetStage")
				require.NotContains(t, err.Error(), password)
				require.Zero(t, tr.count())
			})
		})
	}
}

// sourced is a credentials provider that knows where its credentials came from.
type sourced struct{ credentials }

func (*sourced) ProviderSources() []aws.CredentialSource {
	return []aws.CredentialSource{aws.CredentialSourceEnvVars, aws.CredentialSourceSTSAssumeRole}
}

func TestUserAgent(t *testing.T) {
	base := "aws-sdk-go-v2/" + aws.SDKVersion + " ua/2.1 os/" + map[string]string{"linux": "linux", "darwin": "macos", "windows": "windows"}[runtime.GOOS] +
		" lang/go#" + strings.TrimPrefix(runtime.Version(), "go") + " md/GOOS#" + runtime.GOOS + " md/GOARCH#" + runtime.GOARCH
	lib := " lib/ivsrealtime-go#" + ivsrealtime.Version
	tests := []struct {
		name   string
		option func(*ivsrealtime.Options)
		env    string
		want   string
	}{
		{"plain", func(*ivsrealtime.Options) {}, "", base + lib + " m/E"},
		{"adaptive", func(o *ivsrealtime.Options) { o.RetryMode = aws.RetryModeAdaptive }, "", base + lib + " m/F"},
		{"limited attempts", func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 2 }, "", base + lib + " m/E"},
		{"own retryer", func(o *ivsrealtime.Options) { o.Retryer = aws.NopRetryer{} }, "", base + lib},
		{"app", func(o *ivsrealtime.Options) { o.AppID = "my app" }, "", base + lib + " app/my-app m/E"},
		{"credential source", func(o *ivsrealtime.Options) {
			o.Credentials = &sourced{credentials{aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}}}
		}, "", base + lib + " m/E,g,i"},
		{"execution environment", func(*ivsrealtime.Options) {}, "AWS_Lambda_go1.x", base + " exec-env/AWS_Lambda_go1.x" + lib + " m/E"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("AWS_EXECUTION_ENV", tt.env)
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				require.Equal(t, tt.want, send(t, newClient, tt.option).Header.Get("User-Agent"))

				// The same of a call's own options.
				tr := answering(answer(200, stageAnswer))
				if tt.name != "adaptive" { // RetryMode is the client's
					_, err := getStage(t.Context(), newClient(tr), tt.option)
					require.NoError(t, err)
					require.Equal(t, tt.want, tr.requests[0].Header.Get("User-Agent"))
				}
			})
		})
	}
}

func TestTraceHeader(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		require.NotContains(t, send(t, newClient).Header, "X-Amzn-Trace-Id")
		t.Setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988;Parent=5 3;Sampled=1")
		require.NotContains(t, send(t, newClient).Header, "X-Amzn-Trace-Id", "not in Lambda")
		t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
		require.Equal(t, "Root=1-5759e988;Parent=5%203;Sampled=1", send(t, newClient).Header.Get("X-Amzn-Trace-Id"))
	})
}

// FuzzEndpoint: whatever region and base endpoint are, a call either says what is
// wrong with the configuration or goes where they say.
func FuzzEndpoint(f *testing.F) {
	f.Add("eu-west-1", "")
	f.Add("fips-us-east-1", "")
	f.Add("eu-west-1", "https://host:8080/base/%2F/")
	f.Add("us-east-1.evil.example/", "")
	f.Add("a", "http://user:password@host/?q#f")
	f.Add("a-", "HTTPS://[::1]:443")
	f.Add("cn-north-1", "//host")
	f.Add("us-east-1a", " http://[fe80::1%25eth0]:80\n")
	f.Fuzz(func(t *testing.T, region, base string) {
		tr := answering(answer(200, `{"tags":{}}`))
		c := ivsrealtime.New(testOptions(tr), func(o *ivsrealtime.Options) {
			if o.Region = region; base != "" {
				o.BaseEndpoint = &base
			}
		})
		_, err := c.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: "a/b"})
		if err != nil {
			require.ErrorContains(t, err, "configuration: ")
			require.Empty(t, tr.requests)
			return
		}
		got := tr.requests[0].URL
		require.True(t, strings.HasSuffix(got.EscapedPath(), "/tags/a%2Fb"), got.EscapedPath())
		require.Nil(t, got.User)
		if base == "" {
			require.Equal(t, "https", got.Scheme)
			require.Regexp(t, `^ivsrealtime(-fips)?\.[a-z0-9-]+\.[a-z0-9.-]+$`, got.Host)
			return
		}
		want, err := url.Parse(strings.TrimSpace(base))
		require.NoError(t, err)
		require.Equal(t, want.Scheme, got.Scheme)
		require.Equal(t, want.Host, got.Host)
		require.True(t, strings.HasPrefix(got.Path, strings.TrimSuffix(want.Path, "/")), got.Path)
	})
}
