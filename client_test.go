package ivsrealtime_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"

	"github.com/seed-433ec77c/ivsrealtime"
)

// TestMain takes the machine's own AWS configuration out of the way: some of it
// changes requests and retries.
func TestMain(m *testing.M) {
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "AWS_") || name == "_X_AMZN_TRACE_ID" {
			os.Unsetenv(name)
		}
	}
	os.Exit(m.Run())
}

// Credentials and answers of the tests. The secrets are searched for in
// everything that is written.
const (
	testAccessKey    = "AKIATESTACCESSKEY123"
	testSecretKey    = "secretsecretsecretsecretsecretsecret1234"
	testSessionToken = "sessiontoken/sessiontoken+sessiontoken=="
	testStageARN     = "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56"
)

// credentials is an aws.CredentialsProvider of fixed credentials.
type credentials struct{ value aws.Credentials }

func (c *credentials) Retrieve(context.Context) (aws.Credentials, error) { return c.value, nil }

func testCredentials() aws.CredentialsProvider {
	return &credentials{aws.Credentials{AccessKeyID: testAccessKey, SecretAccessKey: testSecretKey, SessionToken: testSessionToken}}
}

// transport is a scripted HTTP client: it records every request and answers
// with do.
type transport struct {
	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
	do       func(*http.Request) (*http.Response, error)
}

func (t *transport) Do(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	t.mu.Lock()
	t.requests = append(t.requests, r)
	t.bodies = append(t.bodies, string(body))
	t.mu.Unlock()
	return t.do(r)
}

func (t *transport) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.requests)
}

// answering returns a transport whose n-th answer is the n-th of answers; the
// last repeats.
func answering(answers ...func(*http.Request) (*http.Response, error)) *transport {
	t := &transport{}
	n := 0
	t.do = func(r *http.Request) (*http.Response, error) {
		t.mu.Lock()
		answer := answers[min(n, len(answers)-1)]
		n++
		t.mu.Unlock()
		return answer(r)
	}
	return t
}

// answer is an answer of literal text. Headers come as name, value.
func answer(status int, body string, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i < len(headers); i += 2 {
			h.Add(headers[i], headers[i+1])
		}
		return &http.Response{
			StatusCode: status, Status: fmt.Sprintf("%d %s", status, http.StatusText(status)),
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
		}, nil
	}
}

// failing is an exchange that ends in err.
func failing(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func testOptions(h ivsrealtime.HTTPClient) ivsrealtime.Options {
	return ivsrealtime.Options{Region: "eu-west-1", Credentials: testCredentials(), HTTPClient: h}
}

// paths are the two ways that a call can take: plain functions, and a smithy
// stack because of an option that changes nothing else.
var paths = []struct {
	name   string
	option func(*ivsrealtime.Options)
}{
	{"plain", func(*ivsrealtime.Options) {}},
	{"stack", ivsrealtime.WithAPIOptions(func(*middleware.Stack) error { return nil })},
}

// onBothPaths runs a test with a client constructor for each path.
func onBothPaths(t *testing.T, test func(t *testing.T, newClient func(ivsrealtime.HTTPClient, ...func(*ivsrealtime.Options)) *ivsrealtime.Client)) {
	t.Helper()
	for _, p := range paths {
		t.Run(p.name, func(t *testing.T) {
			test(t, func(h ivsrealtime.HTTPClient, optFns ...func(*ivsrealtime.Options)) *ivsrealtime.Client {
				return ivsrealtime.New(testOptions(h), append([]func(*ivsrealtime.Options){p.option}, optFns...)...)
			})
		})
	}
}

// dump writes a request in a form that two equal requests share, but for the
// random invocation id, which it checks and leaves out.
func dump(t *testing.T, r *http.Request, body string) string {
	t.Helper()
	h := r.Header.Clone()
	if id := h.Get("Amz-Sdk-Invocation-Id"); len(id) != 36 {
		t.Errorf("Amz-Sdk-Invocation-Id %q is not a UUID", id)
	}
	h.Del("Amz-Sdk-Invocation-Id")
	h.Del("Authorization") // covers the invocation id
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\nHost: %s %s\nContent-Length: %d\n", r.Method, r.URL.String(), r.URL.Host, r.Host, r.ContentLength)
	_ = h.Write(&b)
	fmt.Fprintf(&b, "\n%s", body)
	return strings.ReplaceAll(b.String(), "\r\n", "\n")
}
