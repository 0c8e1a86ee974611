package ivsrealtime_test

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// ofClientAndCall makes the same call twice: with an option of the client, and
// with the option of the call.
func ofClientAndCall(t *testing.T, option func(*ivsrealtime.Options), check func(*testing.T, *transport, error)) {
	t.Helper()
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, stageAnswer))
		_, err := getStage(t.Context(), newClient(tr, option))
		check(t, tr, err)
		tr = answering(answer(200, stageAnswer))
		_, err = getStage(t.Context(), newClient(tr), option)
		check(t, tr, err)
	})
}

func TestBaseEndpoint(t *testing.T) {
	for _, test := range []struct{ base, want string }{
		{"HTTPS://Example.com", "https://Example.com/GetStage"},
		{"http://localhost:8080/ü%20x", "http://localhost:8080/%C3%BC%20x/GetStage"},
		{"http://127.0.0.1", "http://127.0.0.1/GetStage"},
		{"http://[2001:db8::1]:8443/x/", "http://[2001:db8::1]:8443/x/GetStage"},
		{" https://example.com", "https://example.com/GetStage"},
		{"https://example.com/x\n", "https://example.com/x/GetStage"},
		{"\r\n\t https://example.com:8443/ \u00a0\r\n", "https://example.com:8443/GetStage"},
		{"https://xn--bcher-kva.example/%20/%22/%27", "https://xn--bcher-kva.example/%20/%22/%27/GetStage"},
		{"https://vpce-0123.ivsrealtime.eu-west-1.vpce.amazonaws.com", "https://vpce-0123.ivsrealtime.eu-west-1.vpce.amazonaws.com/GetStage"},
	} {
		t.Run(test.base, func(t *testing.T) {
			ofClientAndCall(t, func(o *ivsrealtime.Options) {
				o.BaseEndpoint = &test.base
				o.EndpointOptions = ivsrealtime.EndpointOptions{
					DisableHTTPS:         true, // says nothing about a BaseEndpoint
					UseFIPSEndpoint:      aws.FIPSEndpointStateDisabled,
					UseDualStackEndpoint: aws.DualStackEndpointStateDisabled,
				}
			}, func(t *testing.T, tr *transport, err error) {
				require.NoError(t, err)
				require.Equal(t, test.want, tr.requests[0].URL.String())
				verifySignature(t, tr.requests[0], tr.bodies[0])
			})
		})
	}
}

func TestBaseEndpointThatIsRefused(t *testing.T) {
	const password = "hunter2"
	for _, base := range []string{
		"", " ", "/", "localhost", "example.com/path", "//example.com", "https:", "https:///path", "https:example.com",
		"ftp://" + password + ".example.com", "unix:///" + password, "mailto:" + password + "@example.com",
		"https://" + password + "@example.com", "https://@example.com", "https://example.com/#" + password,
		"https://exa mple.com/" + password, "https://[::1/" + password, " https://user:" + password + "@example.com",
		"https://user:" + password + "@example.com/\x7f",
		"\t\n", "\"https://example.com\"", "'https://example.com'", "`https://example.com`", "\u201chttps://example.com\u201d", "\"\"",
		"https://example.com/\"" + password + "\"", "https://example.com/it's", "\" https://example.com \"", "https://example.com /x",
		"https://example.com/a b", "https://exam\tple.com", "https://example.com/\u00a0x", "https:// example.com", "https://example.com https://example.org",
		"https://b\u00fccher.example", "https://b%C3%BCcher.example", "\ufeffhttps://example.com", "https://exampl\u0435.com",
	} {
		t.Run(fmt.Sprintf("%q", base), func(t *testing.T) {
			ofClientAndCall(t, func(o *ivsrealtime.Options) { o.BaseEndpoint = &base }, func(t *testing.T, tr *transport, err error) {
				require.ErrorContains(t, err, "BaseEndpoint")
				require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), password)
				require.Zero(t, tr.count())
			})
		})
	}
}

func TestMalformedRegions(t *testing.T) {
	for _, region := range []string{
		" ", "eu-west-1 ", "eu-west-1\n", "eu_west_1", "eu-west-1#", "eu-west-1@evil.example.com", "eu-west-1-", "-",
		"fips-", "-fips", "fips--fips", "eu-wést-1", "eu-west-1%2e", "user:pass@host",
	} {
		t.Run(fmt.Sprintf("%q", region), func(t *testing.T) {
			ofClientAndCall(t, func(o *ivsrealtime.Options) { o.Region = region }, func(t *testing.T, tr *transport, err error) {
				require.ErrorContains(t, err, fmt.Sprintf("malformed region %q", region))
				require.Zero(t, tr.count())
			})
		})
	}
}

// Labels that no region is like make no host; with a BaseEndpoint they sign.
func TestNamesThatAreNoRegion(t *testing.T) {
	for region, reason := range map[string]string{
		"EU-WEST-1":         "no capitals",
		"Eu-west-1":         "no capitals",
		"us-east-1-FIPS":    "no capitals",
		"fips-US-east-1":    "no capitals",
		"us-east-1A":        "no capitals",
		"us-east-1a":        "a zone",
		"us-east-1a-fips":   "a zone",
		"us-west-2-lax-1a":  "a zone",
		"ap-northeast-12z":  "a zone",
		"cn-north-1x":       "a zone",
		"us-gov-west-1b":    "a zone",
		"1a":                "a zone",
		"global":            "no global endpoint",
		"fips-global":       "no global endpoint",
		"global-fips":       "no global endpoint",
		"global-fips-fips":  "no global endpoint",
		"US-EAST-1A-GLOBAL": "no capitals",
	} {
		t.Run(region, func(t *testing.T) {
			ofClientAndCall(t, func(o *ivsrealtime.Options) { o.Region = region }, func(t *testing.T, tr *transport, err error) {
				require.ErrorContains(t, err, "configuration: malformed region \""+region+"\": ")
				require.ErrorContains(t, err, reason)
				require.ErrorContains(t, err, "such as eu-west-1")
				require.Zero(t, tr.count())
			})
			if strings.Contains(region, "fips") {
				return // which excludes a BaseEndpoint
			}
			ofClientAndCall(t, func(o *ivsrealtime.Options) {
				o.Region, o.BaseEndpoint = region, aws.String("https://example.com")
			}, func(t *testing.T, tr *transport, err error) {
				require.NoError(t, err)
				require.Equal(t, "example.com", tr.requests[0].URL.Host)
				require.Contains(t, credentialScope(tr.requests[0]), "/"+region+"/ivs")
			})
		})
	}
}

// What is signed as the host is what a server gets to see.
func TestHostThatIsSigned(t *testing.T) {
	signers := map[string]func(*ivsrealtime.Options){
		"the client":           func(*ivsrealtime.Options) {},
		"the core":             func(o *ivsrealtime.Options) { o.HTTPSignerV4 = v4.NewSigner() },
		"the client that logs": func(o *ivsrealtime.Options) { o.ClientLogMode = aws.LogSigning },
	}
	for base, host := range map[string]string{
		"https://[2001:db8::1]:443":       "[2001:db8::1]",
		"http://[::1]:80":                 "[::1]",
		"HTTP://[2001:DB8::1]:80":         "[2001:DB8::1]",
		"http://[2001:db8::1]":            "[2001:db8::1]",
		"http://[2001:db8::1]:443":        "[2001:db8::1]:443",
		"https://[2001:db8::1]:80":        "[2001:db8::1]:80",
		"http://[::ffff:192.0.2.1]:80":    "[::ffff:192.0.2.1]",
		"http://[fe80::1%25eth0]:8080":    "[fe80::1]:8080",
		"http://[fe80::1%25eth0]:80":      "[fe80::1]",
		"http://[fe80::1%25eth0]":         "[fe80::1]",
		"https://[fe80::1%25eth0]:443/x/": "[fe80::1]",
		"http://192.0.2.1:80":             "192.0.2.1",
		"https://example.com:443":         "example.com",
		"http://example.com:8080":         "example.com:8080",
		"https://Example.com.:":           "Example.com.:",
	} {
		for name, signer := range signers {
			t.Run(base+" signed by "+name, func(t *testing.T) {
				ofClientAndCall(t, func(o *ivsrealtime.Options) {
					o.BaseEndpoint = &base
					signer(o)
				}, func(t *testing.T, tr *transport, err error) {
					require.NoError(t, err)
					r := tr.requests[0]
					require.Equal(t, host, cmp.Or(r.Host, r.URL.Host))
					// The zone says where to connect.
					require.Equal(t, strings.Contains(base, "%25eth0"), strings.Contains(r.URL.Host, "%eth0"))
					verifySignature(t, r, tr.bodies[0])
				})
			})
		}
	}
}

// A region's host that does not exist is a wrong region most of the time.
func TestHostThatDoesNotResolve(t *testing.T) {
	const regions = "the service is in ap-northeast-1, ap-northeast-2, ap-south-1, eu-central-1, eu-west-1, us-east-1 and us-west-2"
	notFound := func(name string) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}}
	}
	for _, test := range []struct {
		name   string
		option func(*ivsrealtime.Options)
		err    error
		named  bool
	}{
		{"unknown region", func(o *ivsrealtime.Options) { o.Region = "eu-west-7" }, notFound("ivsrealtime.eu-west-7.amazonaws.com"), true},
		{"region of another partition", func(o *ivsrealtime.Options) { o.Region = "cn-north-1" }, notFound("ivsrealtime.cn-north-1.amazonaws.com.cn."), true},
		{"FIPS", func(o *ivsrealtime.Options) { o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled }, notFound("ivsrealtime-fips.eu-west-1.amazonaws.com"), true},
		{"bare error", func(o *ivsrealtime.Options) { o.Region = "aws-global" }, &net.DNSError{Name: "ivsrealtime.aws-global.amazonaws.com", IsNotFound: true}, true},
		{"BaseEndpoint", func(o *ivsrealtime.Options) { o.BaseEndpoint = aws.String("https://nowhere.example") }, notFound("nowhere.example"), false},
		{"proxy", func(*ivsrealtime.Options) {}, notFound("proxy.example"), false},
		{"resolver that fails", func(*ivsrealtime.Options) {}, &net.DNSError{Err: "server misbehaving", Name: "ivsrealtime.eu-west-1.amazonaws.com", IsTemporary: true}, false},
		{"another error", func(*ivsrealtime.Options) {}, errors.New("no such host"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				for _, ofCall := range []bool{false, true} {
					var err error
					if tr := answering(failing(test.err)); ofCall {
						_, err = getStage(t.Context(), newClient(tr), test.option)
					} else {
						_, err = getStage(t.Context(), newClient(tr, test.option))
					}
					require.ErrorIs(t, err, test.err)
					require.Equal(t, test.named, strings.Contains(err.Error(), regions), err.Error())
					require.ErrorAs(t, err, new(*smithyhttp.RequestSendError))
				}
			})
		})
	}
}

// Regions that are like those of a partition, and not.
func TestRegionsToCome(t *testing.T) {
	for region, host := range map[string]string{
		"us-north-12":        "ivsrealtime.us-north-12.amazonaws.com",
		"us-gov-north-1":     "ivsrealtime.us-gov-north-1.amazonaws.com",
		"cn-south-3":         "ivsrealtime.cn-south-3.amazonaws.com.cn",
		"eusc-de-west-10":    "ivsrealtime.eusc-de-west-10.amazonaws.eu",
		"us-iso-north-2":     "ivsrealtime.us-iso-north-2.c2s.ic.gov",
		"cn":                 "ivsrealtime.cn.amazonaws.com",
		"cn-north":           "ivsrealtime.cn-north.amazonaws.com",
		"cn-north-x":         "ivsrealtime.cn-north-x.amazonaws.com",
		"cn-north-1-x":       "ivsrealtime.cn-north-1-x.amazonaws.com",
		"us-west-2-lax-1":    "ivsrealtime.us-west-2-lax-1.amazonaws.com",
		"aws-global":         "ivsrealtime.aws-global.amazonaws.com",
		"aws-iso-b-global":   "ivsrealtime.aws-iso-b-global.sc2s.sgov.gov",
		"globally":           "ivsrealtime.globally.amazonaws.com",
		"a":                  "ivsrealtime.a.amazonaws.com",
		"1":                  "ivsrealtime.1.amazonaws.com",
		"cn--1":              "ivsrealtime.cn--1.amazonaws.com",
		"us-iso-1":           "ivsrealtime.us-iso-1.amazonaws.com",
		"us-isoc-east-1":     "ivsrealtime.us-isoc-east-1.amazonaws.com",
		"eusc-fr-east-1":     "ivsrealtime.eusc-fr-east-1.amazonaws.com",
		"us-gov-west-1-fips": "ivsrealtime-fips.us-gov-west-1.amazonaws.com",
		"fips-cn-north-1":    "ivsrealtime-fips.cn-north-1.amazonaws.com.cn",
	} {
		t.Run(region, func(t *testing.T) {
			ofClientAndCall(t, func(o *ivsrealtime.Options) {
				o.Region = region
				o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateDisabled // the name of the region says more
			}, func(t *testing.T, tr *transport, err error) {
				require.NoError(t, err)
				require.Equal(t, host, tr.requests[0].URL.Host)
				require.NotContains(t, credentialScope(tr.requests[0]), "fips")
			})
		})
	}
}

// The path of a BaseEndpoint together with the ARN and query of the tag
// operations: sent escaped once, signed escaped twice.
func TestEscapedPaths(t *testing.T) {
	const (
		arn   = "arn:aws:ivs:eu-west-1:111122223333:stage/a b"
		once  = "/tags/arn%3Aaws%3Aivs%3Aeu-west-1%3A111122223333%3Astage%2Fa%20b"
		twice = "/tags/arn%253Aaws%253Aivs%253Aeu-west-1%253A111122223333%253Astage%252Fa%2520b"
	)
	for _, test := range []struct{ base, path, signedPath string }{
		{"https://example.com", once, twice},
		{"https://example.com/base", "/base" + once, "/base" + twice},
		{"https://example.com/x%2Fy/z%20~/", "/x%2Fy/z%20~" + once, "/x%252Fy/z%2520~" + twice},
		{"http://[::1]:8080/x(1)", "/x(1)" + once, "/x%281%29" + twice},
	} {
		t.Run(test.base, func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				tr := answering(answer(500, `{}`), answer(200, stageAnswer))
				c := newClient(tr, func(o *ivsrealtime.Options) { o.BaseEndpoint = &test.base })
				_, err := c.UntagResource(t.Context(), &ivsrealtime.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"b c", "a/+"}})
				require.NoError(t, err)
				_, err = c.TagResource(t.Context(), &ivsrealtime.TagResourceInput{ResourceARN: arn, Tags: map[string]string{"k": "v"}})
				require.NoError(t, err)

				for i, query := range []string{"tagKeys=a%2F%2B&tagKeys=b%20c", "tagKeys=a%2F%2B&tagKeys=b%20c", ""} {
					r := tr.requests[i]
					require.Equal(t, test.path, r.URL.EscapedPath())
					require.Equal(t, query, r.URL.RawQuery)
					require.Equal(t, authorization(r, tr.bodies[i], test.signedPath), r.Header.Get("Authorization"))
				}
			})
		})
	}
}

// authorization is the Authorization header of a request with testCredentials,
// worked out from the documentation of SigV4 and with no signer's help.
func authorization(r *http.Request, body, signedPath string) string {
	sum := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	mac := func(key []byte, s string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(s))
		return h.Sum(nil)
	}
	headers := map[string]string{"host": r.URL.Host}
	for name, values := range r.Header {
		// Not signed: proxies may change these on the way.
		if name = strings.ToLower(name); name != "authorization" && name != "user-agent" && name != "x-amzn-trace-id" {
			headers[name] = strings.Join(values, ",")
		}
	}
	if body != "" {
		headers["content-length"] = fmt.Sprint(len(body))
	}
	names := slices.Sorted(maps.Keys(headers))
	var lines strings.Builder
	for _, name := range names {
		fmt.Fprintf(&lines, "%s:%s\n", name, headers[name])
	}
	query := strings.Split(r.URL.RawQuery, "&")
	slices.Sort(query)
	signed := strings.Join(names, ";")
	canonical := strings.Join([]string{r.Method, signedPath, strings.Join(query, "&"), lines.String(), signed, sum(body)}, "\n")

	stamp := r.Header.Get("X-Amz-Date")
	scope := stamp[:8] + "/eu-west-1/ivs/aws4_request"
	key := []byte("AWS4" + testSecretKey)
	for part := range strings.SplitSeq(scope, "/") {
		key = mac(key, part)
	}
	signature := hex.EncodeToString(mac(key, strings.Join([]string{"AWS4-HMAC-SHA256", stamp, scope, sum(canonical)}, "\n")))
	return "AWS4-HMAC-SHA256 Credential=" + testAccessKey + "/" + scope + ", SignedHeaders=" + signed + ", Signature=" + signature
}
