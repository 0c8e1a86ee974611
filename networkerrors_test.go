package ivsrealtime_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithylogging "github.com/aws/smithy-go/logging"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// seed stands for a participant token that a part of a response holds.
const seed = "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCJ9.c2VlZA.S-e_cret"

// serverOfBytes answers every connection with the same bytes, once it has a request.
func serverOfBytes(t *testing.T, response string, reset bool) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.Copy(io.Discard, r.Body)
				}
				_, _ = io.WriteString(conn, response)
				if reset {
					_ = conn.(*net.TCPConn).SetLinger(0)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// everyError calls f with every error that Unwrap reaches, in both of its forms.
func everyError(err error, f func(error)) {
	if err == nil {
		return
	}
	f(err)
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		everyError(e.Unwrap(), f)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			everyError(inner, f)
		}
	}
}

func withoutSeed(t *testing.T, err error) {
	t.Helper()
	everyError(err, func(e error) {
		for _, text := range []string{e.Error(), fmt.Sprintf("%+v", e), fmt.Sprintf("%q", e)} {
			for _, part := range []string{"eyJhbGciOi", "c2VlZA", "S-e_cret"} {
				if strings.Contains(text, part) {
					t.Errorf("%T: %s", e, text)
					return
				}
			}
		}
	})
}

// clients are the ways to send: the default, and net/http's own.
func sendingClients(t *testing.T) map[string]ivsrealtime.HTTPClient {
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	type wrapped struct{ http.RoundTripper }
	return map[string]ivsrealtime.HTTPClient{
		"default":       awshttp.NewBuildableClient(),
		"standard":      &http.Client{Transport: tr},
		"own transport": &http.Client{Transport: wrapped{tr}},
		"own type":      clientFunc((&http.Client{Transport: tr}).Do),
		"with timeout":  &http.Client{Transport: tr, Timeout: time.Minute},
	}
}

// No bytes of a response are in the text of an error or in a log, wherever they were.
func TestErrorsQuoteNoResponse(t *testing.T) {
	const ok, json = "HTTP/1.1 200 OK\r\n", "Content-Type: application/json\r\n"
	gz := string(gzipped(`{"stage":{"name":"` + seed + `"}}`))
	length := func(head, body string) string {
		return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head, len(body), body)
	}
	responses := map[string]string{
		"no HTTP":                        `{"token":"` + seed + `"}` + "\r\n\r\n",
		"no HTTP, no end of line":        `{"token":"` + seed + `"}`,
		"status line":                    "HTTP/1.1 " + seed + "\r\n\r\n",
		"status code":                    "HTTP/1.1 2x" + seed + " OK\r\n\r\n",
		"negative status code":           "HTTP/1.1 -20 " + seed + "\r\n\r\n",
		"reason":                         "HTTP/1.1 500 " + seed + "\r\nContent-Length: 0\r\n\r\n",
		"proto":                          "HTTP/" + seed + " 200 OK\r\n\r\n",
		"another proto":                  seed + "/1.1 200 OK\r\n\r\n",
		"first header line":              ok + " " + seed + ": x\r\n\r\n",
		"header without a colon":         ok + json + seed + "\r\n\r\n",
		"header name":                    ok + "X " + seed + ": x\r\n\r\n",
		"header name with quotes":        ok + "\"" + seed + "\": x\r\n\r\n",
		"header value":                   ok + "X-Y: \x01" + seed + "\r\n\r\n",
		"content length":                 ok + "Content-Length: " + seed + "\r\n\r\n",
		"content length twice":           ok + "Content-Length: 5\r\nContent-Length: 6" + seed + "\r\n\r\nhello",
		"negative content length":        ok + "Content-Length: -5" + seed + "\r\n\r\nhello",
		"transfer encoding":              ok + "Transfer-Encoding: " + seed + "\r\n\r\n",
		"transfer encodings":             ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: " + seed + "\r\n\r\n",
		"chunk size":                     ok + "Transfer-Encoding: chunked\r\n\r\n" + seed + "\r\nhello\r\n0\r\n\r\n",
		"chunk":                          ok + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":" + seed + "\r\n0\r\n\r\n",
		"chunk extension":                ok + "Transfer-Encoding: chunked\r\n\r\n5;" + strings.Repeat(seed, 200) + "\r\nhello\r\n0\r\n\r\n",
		"trailer name":                   ok + "Transfer-Encoding: chunked\r\nTrailer: X-A, Content-Length, " + seed + "\r\n\r\n0\r\nX-A: b\r\n\r\n",
		"trailer that may not be one":    ok + "Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\n\r\n" + seed,
		"trailer line":                   ok + "Transfer-Encoding: chunked\r\nTrailer: X-A\r\n\r\n2\r\n{}\r\n0\r\n" + seed + " x\r\n\r\n",
		"trailer":                        ok + "Transfer-Encoding: chunked\r\nTrailer: X-A\r\n\r\n2\r\n{}\r\n0\r\nX-A " + seed + ": x\r\n\r\n",
		"location":                       length("HTTP/1.1 302 Found\r\nLocation: http://%zz/"+seed+"\r\n", ""),
		"good location":                  length("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/?token="+seed+"\r\n", ""),
		"host of the location":           length("HTTP/1.1 302 Found\r\nLocation: http://[::1%25"+seed+"]/\r\n", ""),
		"scheme of the location":         length("HTTP/1.1 302 Found\r\nLocation: x"+strings.ReplaceAll(seed, "_", "-")+"://a/\r\n", ""),
		"gzip data":                      length(ok+"Content-Encoding: gzip\r\n", gz[:12]+seed+gz[12:]),
		"gzip, cut":                      length(ok+"Content-Encoding: gzip\r\n", gz[:len(gz)-12]),
		"gzip name":                      length(ok+"Content-Encoding: gzip\r\n", "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x00"+seed),
		"body is no JSON":                length(ok+json, seed),
		"body is a string":               length(ok+json, `"`+seed+`"`),
		"body is cut":                    ok + json + "Content-Length: 1000\r\n\r\n" + `{"stage":{"name":"` + seed,
		"member name":                    length(ok+json, `{"`+seed+`":tru}`),
		"known member of a wrong type":   length(ok+json, `{"stage":{"name":{"`+seed+`":1}}}`),
		"number":                         length(ok+json, `{"stage":{"name":1`+seed+`}}`),
		"key of a map":                   length(ok+json, `{"stage":{"tags":{"`+seed+`":1}}}`),
		"escaped key of a map":           length(ok+json, `{"stage":{"tags":{"\u0065yJhbGciOi`+seed[9:]+`":1}}}`),
		"time":                           length(ok+json, `{"stage":{"tags":{"a":"`+seed+`","b":[]}}}`),
		"error body is no JSON":          length("HTTP/1.1 500 x\r\n"+json, seed),
		"error's content type":           length("HTTP/1.1 500 x\r\nContent-Type: text/"+seed+"\r\n", "x"),
		"error's content type parameter": length("HTTP/1.1 502 x\r\nContent-Type: text/html; token="+seed+"\r\n", "x"),
		"error type":                     length("HTTP/1.1 400 x\r\nX-Amzn-Errortype: "+seed+"\r\n", "{}"),
		"error type with a namespace":    length("HTTP/1.1 400 x\r\nX-Amzn-Errortype: a#"+seed+":b\r\n", "{}"),
		"error code":                     length("HTTP/1.1 400 x\r\n", `{"Code":"`+seed+`","__type":"`+seed+`","code":"`+seed+`"}`),
		"error's other member":           length("HTTP/1.1 400 x\r\n", `{"token":"`+seed+`"}`),
		"error is cut":                   "HTTP/1.1 400 x\r\nContent-Length: 1000\r\n\r\n" + `{"token":"` + seed,
		"request id":                     length("HTTP/1.1 400 x\r\nX-Amzn-Requestid: "+seed+"\r\n", `{"RequestID":"`+seed+`"}`),
		"other request id":               length("HTTP/1.1 400 x\r\nX-Amz-Requestid: "+seed+"\r\n", "{}"),
		"request id of a bad success":    length(ok+"X-Amzn-Requestid: "+seed+"\r\n", "x"),
		"date":                           length("HTTP/1.1 503 x\r\nDate: "+seed+"\r\n", "{}"),
		"date of a bad success":          length(ok+"Date: "+seed+"\r\n", "x"),
		"retry after":                    length("HTTP/1.1 503 x\r\nX-Amz-Retry-After: "+seed+"\r\nRetry-After: "+seed+"\r\n", "{}"),
		"informational":                  "HTTP/1.1 103 " + seed + "\r\nX: " + seed + "\r\n\r\nHTTP/1.1 2" + seed + "\r\n\r\n",
		"switching protocols":            "HTTP/1.1 101 x\r\nUpgrade: " + seed + "\r\nConnection: upgrade\r\n\r\n" + seed,
		"HTTP/2":                         "\x00\x00\x04\x04\x00\x00\x00\x00\x00" + seed,
	}
	for name, response := range responses {
		t.Run(name, func(t *testing.T) {
			for _, logging := range []aws.ClientLogMode{0, aws.LogRetries | aws.LogRequestWithBody | aws.LogResponse | aws.LogSigning} {
				if logging != 0 && strings.Contains(name, "is no JSON") {
					logging |= aws.LogResponseWithBody
				}
				url := serverOfBytes(t, response, logging != 0)
				for kind, h := range sendingClients(t) {
					t.Run(kind, func(t *testing.T) {
						onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
							var logged bytes.Buffer
							var mu sync.Mutex
							_, err := getStage(t.Context(), newClient(h, func(o *ivsrealtime.Options) {
								o.BaseEndpoint, o.RetryMaxAttempts = &url, 1
								o.ClientLogMode = logging
								o.Logger = smithylogging.LoggerFunc(func(_ smithylogging.Classification, format string, args ...any) {
									mu.Lock()
									defer mu.Unlock()
									fmt.Fprintf(&logged, format+"\n", args...)
								})
							}))
							withoutSeed(t, err)
							withoutSeed(t, errors.New(logged.String()))
						})
					})
				}
			}
		})
	}
}

// A proxy may say why it refuses to connect, which net/http makes an error of.
func TestErrorsQuoteNoProxy(t *testing.T) {
	proxy, err := url.Parse(serverOfBytes(t, "HTTP/1.1 403 "+seed+"\r\nX: "+seed+"\r\n\r\n"+seed, false))
	require.NoError(t, err)
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		for _, h := range []ivsrealtime.HTTPClient{
			&http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}},
			awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) { tr.Proxy = http.ProxyURL(proxy) }),
		} {
			_, err := getStage(t.Context(), newClient(h, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }))
			require.ErrorContains(t, err, "the proxy refused the connection")
			withoutSeed(t, err)
		}
		// Of these it cannot be known that they use a proxy.
		tr := &http.Transport{Proxy: http.ProxyURL(proxy)}
		type wrapped struct{ http.RoundTripper }
		for _, h := range []ivsrealtime.HTTPClient{&http.Client{Transport: wrapped{tr}}, clientFunc((&http.Client{Transport: tr}).Do)} {
			_, err := getStage(t.Context(), newClient(h, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }))
			require.ErrorContains(t, err, `Post "https://ivsrealtime.eu-west-1.amazonaws.com/GetStage": `)
			withoutSeed(t, err)
		}
	})
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What people match stays reachable, and what is said stays readable.
func TestNetworkErrorsKeepTheirLinks(t *testing.T) {
	refused := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close()
		return "http://" + l.Addr().String()
	}()
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = nil
	defer untrusted.Close()
	errOwn := errors.New("the tunnel is closed")
	dialing := func(err error) ivsrealtime.HTTPClient {
		return &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, err }}}
	}
	tripping := func(err error) ivsrealtime.HTTPClient {
		return &http.Client{Transport: roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, err })}
	}
	as := func(target any) func(t *testing.T, err error) {
		return func(t *testing.T, err error) { require.ErrorAs(t, err, target) }
	}
	is := func(target error) func(t *testing.T, err error) {
		return func(t *testing.T, err error) { require.ErrorIs(t, err, target) }
	}
	tests := []struct {
		name   string
		url    string
		client ivsrealtime.HTTPClient
		text   string
		check  func(t *testing.T, err error)
	}{
		{"refused", refused, &http.Client{}, "connection refused", is(syscall.ECONNREFUSED)},
		{"refused, address", refused, &http.Client{}, refused[len("http://"):], as(new(*net.OpError))},
		{"refused, URL", refused, awshttp.NewBuildableClient(), `Post "` + refused + `/GetStage"`, as(new(*url.Error))},
		{"closed", serverOfBytes(t, "", false), &http.Client{}, "EOF", is(io.EOF)},
		{"body cut", serverOfBytes(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", false), &http.Client{}, "unexpected EOF", is(io.ErrUnexpectedEOF)},
		{"gzip cut", serverOfBytes(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n\x1f\x8b\x08\x00\x00", false), &http.Client{}, "unexpected EOF", is(io.ErrUnexpectedEOF)},
		{"unknown authority", untrusted.URL, &http.Client{}, "certificate signed by unknown authority", as(new(x509.UnknownAuthorityError))},
		{"certificate", untrusted.URL, awshttp.NewBuildableClient(), "tls: failed to verify certificate", as(new(*tls.CertificateVerificationError))},
		{"TLS from a server without", serverOfBytes(t, "SSH-2.0-x\r\n", false), &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
			u := *r.URL
			u.Scheme = "https"
			return http.DefaultTransport.RoundTrip(&http.Request{Method: "GET", URL: &u, Header: http.Header{}})
		})}, "first record does not look like a TLS handshake", as(new(tls.RecordHeaderError))},
		{"no such host", "http://x", dialing(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}}), "lookup x: no such host", as(new(*net.DNSError))},
		{"DNS timed out", "http://x", dialing(&net.DNSError{Err: "i/o timeout", Name: "x", IsTimeout: true, UnwrapErr: context.DeadlineExceeded}), "i/o timeout", func(t *testing.T, err error) {
			var dns *net.DNSError
			require.ErrorAs(t, err, &dns)
			require.True(t, dns.Timeout())
			require.NotErrorIs(t, err, context.DeadlineExceeded)
		}},
		{"timed out", "http://x", dialing(&net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}), "dial tcp", func(t *testing.T, err error) {
			var n net.Error
			require.ErrorAs(t, err, &n)
			require.True(t, n.Timeout())
			require.NotErrorIs(t, err, context.DeadlineExceeded)
		}},
		{"reset", "http://x", tripping(&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}), "connection reset by peer", is(syscall.ECONNRESET)},
		{"closed connection", "http://x", tripping(net.ErrClosed), "use of closed network connection", is(net.ErrClosed)},
		{"the caller's own", "http://x", tripping(errOwn), "the tunnel is closed", is(errOwn)},
		{"the caller's own, of a dialer", "http://x", dialing(errOwn), "the tunnel is closed", is(errOwn)},
		{"the caller's own, wrapped", "http://x", tripping(fmt.Errorf("region 7: %w", errOwn)), "region 7: the tunnel is closed", is(errOwn)},
		{"the caller's own around what quotes", "http://x", tripping(fmt.Errorf("tunnel 7: %w", fmt.Errorf("malformed HTTP response %q: %w", seed, io.EOF))), "tunnel 7: malformed HTTP response", is(io.EOF)},
		{"several", "http://x", tripping(errors.Join(errOwn, fmt.Errorf("bad Content-Length %q", seed))), "the tunnel is closed; bad Content-Length", is(errOwn)},
		{"a stream of HTTP/2", "http://x", tripping(fmt.Errorf("stream error: stream ID 3; PROTOCOL_ERROR; invalid header field name %q", seed)), "stream error: stream ID 3; PROTOCOL_ERROR", nil},
		{"GOAWAY of HTTP/2", "http://x", tripping(fmt.Errorf("http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=ENHANCE_YOUR_CALM, debug=%q", seed)), "LastStreamID=1, ErrCode=ENHANCE_YOUR_CALM", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				_, err := getStage(t.Context(), newClient(tt.client, func(o *ivsrealtime.Options) { o.BaseEndpoint, o.RetryMaxAttempts = &tt.url, 1 }))
				require.ErrorContains(t, err, tt.text)
				if tt.check != nil {
					tt.check(t, err)
				}
				withoutSeed(t, err)
			})
		})
	}
}
