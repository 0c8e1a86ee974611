package ivsrealtimetest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

const (
	accessKeyID = "FAKEACCESSKEYID"
	secret      = "fake-secret-access-key"
)

// signing describes a request; the zero value is a good one.
type signing struct {
	keyID, secret, token, region, service string
	method, path, body                    string
	signedBody                            string // if another than body
	at                                    time.Duration
	change                                func(*http.Request) // after signing
}

func (s signing) request(t *testing.T) *http.Request {
	or := func(v, fallback string) string {
		if v == "" {
			return fallback
		}
		return v
	}
	body := or(s.body, "{}")
	r := httptest.NewRequest(or(s.method, "POST"), "https://some-host.example"+or(s.path, "/ListStages"), strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.ContentLength = int64(len(body))
	hash := sha256.Sum256([]byte(or(s.signedBody, body)))
	creds := aws.Credentials{AccessKeyID: or(s.keyID, accessKeyID), SecretAccessKey: or(s.secret, secret), SessionToken: s.token}
	require.NoError(t, v4.NewSigner().SignHTTP(t.Context(), creds, r, hex.EncodeToString(hash[:]), or(s.service, "ivs"), or(s.region, "us-east-1"), time.Now().Add(s.at)))
	if s.change != nil {
		s.change(r)
	}
	return r
}

func setHeader(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func replaceInAuthorization(old, with string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, with, 1))
	}
}

func TestSignature(t *testing.T) {
	const arn = "arn:aws:ivs:us-east-1:111122223333:stage/AbCdEfGhIjKl"
	tests := map[string]struct {
		signing
		code string // "" for accepted
	}{
		"good":                {},
		"without a body":      {signing{method: "GET", path: "/tags/" + url.PathEscape(arn)}, "ResourceNotFoundException"},
		"query":               {signing{method: "DELETE", path: "/tags/" + url.PathEscape(arn) + "?tagKeys=b%20b&tagKeys=a"}, "ResourceNotFoundException"},
		"no spaces between":   {signing{change: replaceInAuthorization(", ", ",")}, ""},
		"unsigned header":     {signing{change: setHeader("X-Other", "x")}, ""},
		"4 minutes late":      {signing{at: -4 * time.Minute}, ""},
		"4 minutes early":     {signing{at: 4 * time.Minute}, ""},
		"no authorization":    {signing{change: func(r *http.Request) { r.Header.Del("Authorization") }}, "MissingAuthenticationTokenException"},
		"empty authorization": {signing{change: setHeader("Authorization", "")}, "IncompleteSignatureException"},
		"another scheme":      {signing{change: setHeader("Authorization", "Bearer x")}, "IncompleteSignatureException"},
		"another algorithm":   {signing{change: replaceInAuthorization("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")}, "IncompleteSignatureException"},
		"two authorizations":  {signing{change: func(r *http.Request) { r.Header.Add("Authorization", "x") }}, "IncompleteSignatureException"},
		"no signature":        {signing{change: replaceInAuthorization("Signature=", "")}, "IncompleteSignatureException"},
		"no parameters":       {signing{change: setHeader("Authorization", "AWS4-HMAC-SHA256 ")}, "IncompleteSignatureException"},
		"short credential":    {signing{change: replaceInAuthorization("/aws4_request", "")}, "IncompleteSignatureException"},
		"no date":             {signing{change: func(r *http.Request) { r.Header.Del("X-Amz-Date") }}, "IncompleteSignatureException"},
		"malformed date":      {signing{change: setHeader("X-Amz-Date", "yesterday")}, "IncompleteSignatureException"},
		"another date":        {signing{change: setHeader("X-Amz-Date", time.Now().Add(time.Minute).UTC().Format("20060102T150405Z"))}, "InvalidSignatureException"},
		"another day in the scope": {signing{change: func(r *http.Request) {
			replaceInAuthorization("/"+r.Header.Get("X-Amz-Date")[:8]+"/", "/20010101/")(r)
		}}, "InvalidSignatureException"},
		"a header that is never signed": {signing{change: func(r *http.Request) {
			r.Header.Set("User-Agent", "x")
			replaceInAuthorization("host;", "host;user-agent;")(r)
		}}, "InvalidSignatureException"},
		"6 minutes late":               {signing{at: -6 * time.Minute}, "InvalidSignatureException"},
		"6 minutes early":              {signing{at: 6 * time.Minute}, "InvalidSignatureException"},
		"another region":               {signing{region: "eu-west-1"}, "InvalidSignatureException"},
		"another service":              {signing{service: "ivsrealtime"}, "InvalidSignatureException"},
		"another terminator":           {signing{change: replaceInAuthorization("aws4_request", "aws5_request")}, "InvalidSignatureException"},
		"another key":                  {signing{keyID: "OTHER"}, "UnrecognizedClientException"},
		"a session token":              {signing{token: "t"}, "UnrecognizedClientException"},
		"another secret":               {signing{secret: "other"}, "InvalidSignatureException"},
		"another body":                 {signing{signedBody: "{ }"}, "InvalidSignatureException"},
		"another method":               {signing{change: func(r *http.Request) { r.Method = "GET" }}, "InvalidSignatureException"},
		"another path":                 {signing{change: func(r *http.Request) { r.URL.Path = "/CreateStage" }}, "InvalidSignatureException"},
		"another query":                {signing{change: func(r *http.Request) { r.URL.RawQuery = "a=b" }}, "InvalidSignatureException"},
		"another host":                 {signing{change: func(r *http.Request) { r.Host = "other.example" }}, "InvalidSignatureException"},
		"another signed header":        {signing{change: setHeader("Content-Type", "text/plain")}, "InvalidSignatureException"},
		"a signed header is gone":      {signing{change: func(r *http.Request) { r.Header.Del("Content-Type") }}, "InvalidSignatureException"},
		"host not signed":              {signing{change: replaceInAuthorization("host;", "")}, "InvalidSignatureException"},
		"signature in capitals":        {signing{change: func(r *http.Request) { r.Header.Set("Authorization", strings.ToUpper(r.Header.Get("Authorization"))) }}, "IncompleteSignatureException"},
		"an unknown path, well signed": {signing{path: "/Nothing"}, "UnknownOperationException"},
		"an unknown path, unsigned":    {signing{path: "/Nothing", change: func(r *http.Request) { r.Header.Del("Authorization") }}, "MissingAuthenticationTokenException"},
	}
	srv := ivsrealtimetest.NewServer()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			srv.ServeHTTP(w, tc.request(t))
			require.Equal(t, tc.code, w.Header().Get("X-Amzn-Errortype"), w.Body)
			require.NotContains(t, w.Body.String(), secret)
			switch {
			case tc.code == "":
				require.Equal(t, 200, w.Code)
			case strings.HasPrefix(tc.code, "ResourceNotFound"), strings.HasPrefix(tc.code, "UnknownOperation"):
				require.Equal(t, 404, w.Code)
			default:
				require.Equal(t, 403, w.Code)
				require.Regexp(t, `^\{"Message":".+"\}$`, w.Body.String())
			}
		})
	}
}

func TestSessionToken(t *testing.T) {
	srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.SessionToken = "fake-session-token" })
	_, err := srv.Client().ListStages(t.Context(), nil)
	require.NoError(t, err)
	for _, token := range []string{"", "other"} {
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, signing{token: token}.request(t))
		require.Equal(t, "UnrecognizedClientException", w.Header().Get("X-Amzn-Errortype"))
		require.NotContains(t, w.Body.String(), "fake-session-token")
	}
}

func TestSkipSignatureCheck(t *testing.T) {
	srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.SkipSignatureCheck = true })
	_, err := srv.Client(func(o *ivsrealtime.Options) { o.Credentials = aws.AnonymousCredentials{} }).ListStages(t.Context(), nil)
	require.NoError(t, err)
	r := httptest.NewRequest("POST", "/ListStages", nil)
	r.Body = nil
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	require.NoError(t, err)
	require.JSONEq(t, `{"stages":[]}`, string(body))
}

// shifted is package time, some way off.
type shifted time.Duration

func (s shifted) Now() time.Time { return time.Now().Add(time.Duration(s)) }

func (shifted) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, f).Stop
}

func TestClockSkew(t *testing.T) {
	for _, skew := range []time.Duration{-time.Hour, 26 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.Clock = shifted(skew) })
			once := func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }

			_, err := srv.Client(once, func(o *ivsrealtime.Options) { o.DisableClockSkewCorrection = true }).ListStages(t.Context(), nil)
			require.ErrorContains(t, err, "InvalidSignatureException")

			c := srv.Client()
			_, err = c.ListStages(t.Context(), nil)
			require.NoError(t, err, "the client corrects its clock by the Date of the first answer")
			_, err = c.ListStages(t.Context(), nil, once)
			require.NoError(t, err, "and remembers")
		})
	}
}
