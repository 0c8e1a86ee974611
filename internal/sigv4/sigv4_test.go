package sigv4_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/internal/sigv4"
)

var (
	creds = aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
	at    = time.Date(2026, 10, 1, 8, 15, 30, 0, time.UTC)
)

const service, region = "ivs", "eu-west-1"

func hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// request is one as the client makes it.
func request(method, rawURL string, body []byte, headers ...string) *http.Request {
	u, err := url.Parse(rawURL)
	if err != nil {
		panic(err)
	}
	r := &http.Request{Method: method, URL: u, Header: http.Header{}}
	for i := 0; i < len(headers); i += 2 {
		r.Header[headers[i]] = append(r.Header[headers[i]], headers[i+1])
	}
	if body != nil {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	return r
}

// compare signs copies of r with both signers. The core's gets the Host of an IPv6
// address ready-made, since it drops the brackets along with a default port.
func compare(t *testing.T, s *sigv4.Signer, r *http.Request, c aws.Credentials, payloadHash, service, region string, at time.Time) {
	t.Helper()
	theirs, ours := r.Clone(context.Background()), r.Clone(context.Background())
	if host := theirs.Host + theirs.URL.Host; strings.HasPrefix(host, "[") {
		sigv4.SetHost(theirs)
	}
	require.NoError(t, v4.NewSigner().SignHTTP(t.Context(), c, theirs, payloadHash, service, region, at))
	s.Sign(ours, c, payloadHash, service, region, at)
	require.Equal(t, theirs.Header, ours.Header)
	require.Equal(t, theirs.URL.String(), ours.URL.String())
	require.Equal(t, theirs.URL.RawQuery, ours.URL.RawQuery)
	require.Equal(t, theirs.Host, ours.Host)
}

// The vanilla case of the test suite that AWS publishes for Signature Version 4.
func TestPublishedVector(t *testing.T) {
	r := request("GET", "https://example.amazonaws.com/", nil)
	new(sigv4.Signer).Sign(r, creds, hash(nil), "service", "us-east-1", time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC))
	require.Equal(t, "20150830T123600Z", r.Header.Get("X-Amz-Date"))
	require.Equal(t, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "+
		"SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", r.Header.Get("Authorization"))
}

func TestLikeTheCore(t *testing.T) {
	session := creds
	session.SessionToken = "FwoGZXIvYXdzE//+=="
	long := creds
	long.SecretAccessKey = strings.Repeat("0123456789", 12)
	body := []byte(`{"arn":"arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56"}`)
	post := func(url string, headers ...string) *http.Request {
		return request("POST", url, body, append([]string{"Content-Type", "application/json", "Amz-Sdk-Invocation-Id", "b", "Amz-Sdk-Request", "attempt=1; max=3"}, headers...)...)
	}
	signer := new(sigv4.Signer) // one for all: the key must follow
	for name, tt := range map[string]struct {
		r *http.Request
		c aws.Credentials
		t time.Time
	}{
		"call":                      {r: post("https://ivsrealtime.eu-west-1.amazonaws.com/GetStage")},
		"session token":             {r: post("https://ivsrealtime.eu-west-1.amazonaws.com/GetStage"), c: session},
		"long secret":               {r: post("https://ivsrealtime.eu-west-1.amazonaws.com/GetStage"), c: long},
		"another day":               {r: post("https://ivsrealtime.eu-west-1.amazonaws.com/GetStage"), t: at.AddDate(0, 0, 1)},
		"another zone":              {r: post("https://h/"), t: time.Date(2026, 1, 1, 0, 30, 0, 0, time.FixedZone("", 3600))},
		"year of five digits":       {r: post("https://h/"), t: time.Date(12345, 1, 1, 0, 30, 0, 0, time.UTC)},
		"signed before":             {r: post("https://h/", "X-Amz-Date", "20200101T000000Z", "Authorization", "x", "X-Amz-Security-Token", "y"), c: session},
		"stale session token":       {r: post("https://h/", "X-Amz-Security-Token", "y")},
		"never signed":              {r: post("https://h/", "User-Agent", "a", "X-Amzn-Trace-Id", "b", "Expect", "c", "Transfer-Encoding", "d", "Content-Length", "9", "Host", "z")},
		"values":                    {r: post("https://h/", "X-A", "one", "X-A", "  two   three  ", "X-A", "", "X-B", "\t tab \t  x", "X-C", " \u00a0")},
		"header without a value":    {r: func() *http.Request { r := post("https://h/"); r.Header["Content-Type"] = nil; return r }()},
		"header with two values":    {r: post("https://h/", "Amz-Sdk-Request", "another")},
		"lower-case header":         {r: post("https://h/", "x-lower", "v", "user-agent", "is signed then")},
		"empty body":                {r: request("DELETE", "https://h/tags/a", nil)},
		"method":                    {r: request("", "https://h/", nil)},
		"arn in the path":           {r: request("GET", "https://h/tags/arn%3Aaws%3Aivs%3Aeu-west-1%3A1%3Astage%2FAb", nil)},
		"path":                      {r: request("GET", "https://h/a b/ü/~x/%2f//..", nil)},
		"no path":                   {r: request("GET", "https://h", nil)},
		"query":                     {r: request("DELETE", "https://h/?tagKeys=b&tagKeys=a%20b&tagKeys=a&x&=y&z=%2F&z=-&a+b=c", nil)},
		"malformed query":           {r: request("GET", "https://h/?a=%zz&b=1;c", nil)},
		"bare question mark":        {r: request("GET", "https://h/?", nil)},
		"default port of https":     {r: post("https://host.example:443/")},
		"default port of http":      {r: post("HTTP://host.example:80/")},
		"other port":                {r: post("https://host.example:8443/")},
		"IPv6":                      {r: post("https://[::1]:443/x")},
		"IPv6 without port":         {r: post("https://[::1]/x")},
		"IPv6 with a zone":          {r: post("https://[fe80::1%25eth0]:443/x")},
		"port of the other scheme":  {r: post("https://host.example:80/")},
		"opaque":                    {r: &http.Request{Method: "GET", URL: &url.URL{Scheme: "https", Opaque: "//host/a%2Fb?c=d"}, Header: http.Header{}}},
		"opaque without a path":     {r: &http.Request{Method: "GET", URL: &url.URL{Scheme: "https", Opaque: "host"}, Header: http.Header{}}},
		"host beside that of a URL": {r: &http.Request{Method: "GET", Host: "  other  host ", URL: &url.URL{Scheme: "https", Host: "h", Path: "/"}, Header: http.Header{}}},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.c.AccessKeyID == "" {
				tt.c = creds
			}
			if tt.t.IsZero() {
				tt.t = at
			}
			for range 2 { // the second time with the kept key
				compare(t, signer, tt.r, tt.c, hash(body), service, region, tt.t)
			}
		})
	}
	compare(t, signer, post("https://h/"), creds, "UNSIGNED-PAYLOAD", "", "", at)
	compare(t, signer, post("https://h/"), creds, hash(body), "sts", "us-east-1", at)
	other := creds
	other.SecretAccessKey = "another" // with the same access key: the core's cache would not notice
	compare(t, signer, post("https://h/"), other, hash(body), service, region, at)
}

// The kept key is of one day, secret, region and service: each varies alone.
func TestKeyFollowsWhatItIsDerivedFrom(t *testing.T) {
	r := request("POST", "https://h/", []byte("b"))
	other := creds
	other.SecretAccessKey = "another"
	base := func(s *sigv4.Signer) { compare(t, s, r, creds, hash(nil), service, region, at) }
	for name, sign := range map[string]func(*sigv4.Signer){
		"day":     func(s *sigv4.Signer) { compare(t, s, r, creds, hash(nil), service, region, at.AddDate(0, 0, -1)) },
		"secret":  func(s *sigv4.Signer) { compare(t, s, r, other, hash(nil), service, region, at) },
		"region":  func(s *sigv4.Signer) { compare(t, s, r, creds, hash(nil), service, "us-east-1", at) },
		"service": func(s *sigv4.Signer) { compare(t, s, r, creds, hash(nil), "sts", region, at) },
	} {
		t.Run(name, func(t *testing.T) {
			s := new(sigv4.Signer)
			base(s)
			sign(s)
			sign(s)
			base(s)
		})
	}
}

// HMAC hashes a key of more than 64 bytes first. "AWS4" stands before the secret.
func TestLengthOfSecret(t *testing.T) {
	for _, n := range []int{0, 1, 59, 60, 61, 62, 124, 125} {
		c := creds
		c.SecretAccessKey = strings.Repeat("s", n)
		compare(t, new(sigv4.Signer), request("POST", "https://h/", nil), c, hash(nil), service, region, at)
	}
}

// Every byte, in a path that net/url escapes and in one that is sent as it is.
func TestBytesOfPath(t *testing.T) {
	s := new(sigv4.Signer)
	for c := range 256 {
		name := string([]byte{'/', 'x', byte(c), 'y'})
		for _, u := range []*url.URL{{Scheme: "https", Host: "h", Path: name}, {Scheme: "https", Opaque: "//h" + name}, {Scheme: "https", Opaque: "//" + name}} {
			compare(t, s, &http.Request{Method: "GET", URL: u, Header: http.Header{}}, creds, hash(nil), service, region, at)
		}
	}
}

func TestYears(t *testing.T) {
	for year, want := range map[int]string{-1: "-0001", 0: "0000", 7: "0007", 999: "0999", 1000: "1000", 9999: "9999", 10000: "10000"} {
		r := request("POST", "https://h/", nil)
		new(sigv4.Signer).Sign(r, creds, hash(nil), service, region, time.Date(year, 3, 4, 5, 6, 7, 0, time.UTC))
		require.Equal(t, want+"0304T050607Z", r.Header.Get("X-Amz-Date"))
		compare(t, new(sigv4.Signer), request("POST", "https://h/", nil), creds, hash(nil), service, region, time.Date(year, 12, 31, 23, 59, 59, 0, time.UTC))
	}
}

// Headers that no request of the client has.
func TestUnusualHeaders(t *testing.T) {
	session := creds
	session.SessionToken = "session"
	for name, h := range map[string]http.Header{
		"without a value":           {"X-Other": nil, "Accept": {}},
		"in two cases, first":       {"accept": {"v"}, "Accept": {"v"}},
		"in three cases":            {"x-other": {"v"}, "X-Other": {"v"}, "X-OTHER": {"v"}},
		"the date, in another case": {"x-amz-date": {"20261001T081530Z"}},
		"signed before": {
			"X-Other": {"v"}, "X-Amz-Date": {"20200101T000000Z"}, "Authorization": {"x"}, "X-Amz-Security-Token": {"stale"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, body := range [][]byte{nil, []byte("b")} {
				r := request("POST", "https://h/", body)
				r.Header = h
				compare(t, new(sigv4.Signer), r, session, hash(body), service, region, at)
			}
		})
	}
}

// The headers share an array: what is appended to one must not get into another.
func TestAppendToSignedHeaders(t *testing.T) {
	session := creds
	session.SessionToken = "session"
	r := request("POST", "https://h/", nil)
	new(sigv4.Signer).Sign(r, session, hash(nil), service, region, at)
	signed := r.Header.Clone()
	for name := range signed {
		r.Header.Add(name, "more")
	}
	for name, values := range signed {
		require.Equal(t, append(values, "more"), r.Header[name])
	}
}

func TestHostOverride(t *testing.T) {
	for _, rawURL := range []string{"https://h/", "http://h/", "https://h:443/", "http://h:80/"} {
		for _, host := range []string{"other", "other:80", "other:443", "other:8443", "other:", ":443", "other:443:443"} {
			r := request("POST", rawURL, nil)
			r.Host = host
			compare(t, new(sigv4.Signer), r, creds, hash(nil), service, region, at)
		}
	}
}

// The Host that is signed is the one that is sent: net/http sends no zone.
func TestSetHost(t *testing.T) {
	for rawURL, want := range map[string]string{
		"https://host.example":            "",
		"https://host.example:443":        "host.example",
		"http://host.example:80":          "host.example",
		"https://host.example:80":         "",
		"http://host.example:443":         "",
		"https://host.example:8443":       "",
		"https://host.example:":           "",
		"https://[2001:db8::1]:443":       "[2001:db8::1]",
		"http://[::1]:80":                 "[::1]",
		"https://[2001:db8::]:443":        "[2001:db8::]",
		"http://[::]:80":                  "[::]",
		"HTTP://[::1]:80":                 "[::1]",
		"http://[::1]:443":                "",
		"https://[::1]":                   "",
		"https://[::1]:8443":              "",
		"https://[::1]:":                  "",
		"https://[fe80::1%25eth0]":        "[fe80::1]",
		"https://[fe80::1%25eth0]:443":    "[fe80::1]",
		"http://[fe80::1%25eth0]:80":      "[fe80::1]",
		"http://[fe80::1%25eth0]:8080":    "[fe80::1]:8080",
		"http://[fe80::1%25en%20a]:443":   "[fe80::1]:443",
		"https://[::ffff:192.0.2.1]:443/": "[::ffff:192.0.2.1]",
	} {
		r := request("POST", rawURL, nil)
		sigv4.SetHost(r)
		require.Equal(t, want, r.Host, rawURL)
		r.Host = r.URL.Host
		new(sigv4.Signer).Sign(r, creds, hash(nil), service, region, at)
		if want == "" {
			want = r.URL.Host
		}
		require.Equal(t, want, r.Host, "%s in Request.Host", rawURL)
		wire := new(bytes.Buffer)
		require.NoError(t, r.Write(wire))
		require.Contains(t, wire.String(), "\r\nHost: "+want+"\r\n")
	}
	for _, host := range []string{"[", "[::1", "[]:80", "[%]:80", "]:80"} { // from nobody's URL
		r := &http.Request{Host: host, URL: &url.URL{Scheme: "http"}}
		require.NotPanics(t, func() { sigv4.SetHost(r) })
		require.Contains(t, []string{host, "[]", "]"}, r.Host, "only the port is removed")
	}
}

// Slices of the header map may be shared between attempts: Sign must not write to
// them.
func TestSignKeepsSharedSlices(t *testing.T) {
	shared := []string{"20200101T000000Z"}
	r := request("POST", "https://h/", nil)
	r.Header["X-Amz-Date"] = shared
	r.Header["Authorization"] = shared
	new(sigv4.Signer).Sign(r, creds, hash(nil), service, region, at)
	require.Equal(t, []string{"20200101T000000Z"}, shared)
	require.Equal(t, "20261001T081530Z", r.Header.Get("X-Amz-Date"))
}

func TestConcurrentUse(t *testing.T) {
	s := new(sigv4.Signer)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			c := creds
			c.SecretAccessKey = strings.Repeat("s", i%3)
			for range 20 {
				compare(t, s, request("POST", "https://h/x", []byte("b"), "X-I", strings.Repeat("i", i)), c, hash(nil), service, region, at.AddDate(0, 0, i%2))
			}
		})
	}
	wg.Wait()
}

func FuzzSign(f *testing.F) {
	f.Add("POST", "https://ivsrealtime.eu-west-1.amazonaws.com/GetStage", "Content-Type", "application/json", "X-Other", " a  b ", "AKID", "secret", "", service, region, int64(1790000000), int64(63))
	f.Add("DELETE", "http://127.0.0.1:80/tags/a%2Fb?tagKeys=b&tagKeys=a+b", "x-lower", "\t", "X-Other", "", "AKID", strings.Repeat("s", 70), "token/+=", "", "us-east-1", int64(-1), int64(0))
	f.Fuzz(func(t *testing.T, method, rawURL, name1, value1, name2, value2, accessKey, secret, token, service, region string, seconds, length int64) {
		u, err := url.Parse(rawURL)
		if err != nil || strings.EqualFold(name1, name2) {
			return
		}
		for _, name := range []string{name1, name2} {
			// The core merges a header of another case with its own, in an order that
			// changes from run to run. No HTTP client makes such a request.
			for _, own := range []string{"X-Amz-Date", "X-Amz-Security-Token", "Host", "Content-Length"} {
				if strings.EqualFold(name, own) && name != own {
					return
				}
			}
		}
		r := &http.Request{Method: method, URL: u, ContentLength: length, Header: http.Header{name1: {value1}, name2: {value2, value1}}}
		compare(t, new(sigv4.Signer), r, aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secret, SessionToken: token},
			hash([]byte(value1)), service, region, time.Unix(seconds, 0))
	})
}

func benchmarkRequest() (*http.Request, string) {
	body := []byte(`{"arn":"arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56"}`)
	return request("POST", "https://ivsrealtime.eu-west-1.amazonaws.com/GetStage", body,
		"Content-Type", "application/json", "Amz-Sdk-Invocation-Id", "0c7e1a52-1111-4222-8333-444455556666",
		"Amz-Sdk-Request", "attempt=1; max=3", "User-Agent", "aws-sdk-go-v2/1.48.0"), hash(body)
}

func withSession() aws.Credentials {
	c := creds
	c.SessionToken = strings.Repeat("FwoGZXIvYXdzE", 50) // the hash of which takes most of the time
	return c
}

func BenchmarkSign(b *testing.B) {
	for name, c := range map[string]aws.Credentials{"long-term": creds, "session": withSession()} {
		b.Run(name+"/sigv4", func(b *testing.B) {
			b.ReportAllocs()
			r, payloadHash := benchmarkRequest()
			s := new(sigv4.Signer)
			for b.Loop() {
				s.Sign(r, c, payloadHash, service, region, at)
			}
		})
		b.Run(name+"/core", func(b *testing.B) {
			b.ReportAllocs()
			r, payloadHash := benchmarkRequest()
			s := v4.NewSigner()
			for b.Loop() {
				if err := s.SignHTTP(b.Context(), c, r, payloadHash, service, region, at); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector pools forget at random")
	}
	r, payloadHash := benchmarkRequest()
	c, s := withSession(), new(sigv4.Signer)
	if n := testing.AllocsPerRun(200, func() { s.Sign(r, c, payloadHash, service, region, at) }); n > 2 {
		t.Errorf("signing takes %v allocations, want at most 2", n)
	}
}
