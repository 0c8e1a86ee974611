package ivsrealtime_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
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
		"cn-north-1x":        "ivsrealtime.cn-north-1x.amazonaws.com",
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
				tr := answering(answer(500, `{}`), answer(200, `{}`))
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
