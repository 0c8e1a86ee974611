package ivsrealtime_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// network is an HTTP/1.1 network in memory: every address that is dialed answers
// with respond. It writes down what was dialed and sent.
type network struct {
	respond func(addr string, r *http.Request) string

	mu     sync.Mutex
	dialed []string
	got    []gotRequest
	conns  []net.Conn
}

type gotRequest struct {
	addr string
	*http.Request
	body string
}

func (n *network) dial(_ context.Context, _, addr string) (net.Conn, error) {
	client, server := net.Pipe()
	n.mu.Lock()
	n.dialed = append(n.dialed, addr)
	n.conns = append(n.conns, client, server)
	n.mu.Unlock()
	go func() {
		defer server.Close()
		r := bufio.NewReader(server)
		for {
			req, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			body, err := io.ReadAll(req.Body)
			if err != nil {
				return
			}
			n.mu.Lock()
			n.got = append(n.got, gotRequest{addr, req, string(body)})
			n.mu.Unlock()
			if _, err := io.WriteString(server, n.respond(addr, req)); err != nil {
				return
			}
		}
	}()
	return client, nil
}

// close ends every connection, and with it every goroutine of a bubble.
func (n *network) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.conns {
		_ = c.Close()
	}
}

func (n *network) transport() *http.Transport { return &http.Transport{DialContext: n.dial} }

func (n *network) buildable() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) { tr.Proxy, tr.DialContext = nil, n.dial })
}

const okStage = "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{\"stage\":{\"name\":\"x\"}}"

// replaceDefaultTransport replaces http.DefaultTransport for a test.
func replaceDefaultTransport(t *testing.T, rt http.RoundTripper) {
	was := http.DefaultTransport
	http.DefaultTransport = rt
	t.Cleanup(func() { http.DefaultTransport = was })
}

// The clients of every kind that a caller may have, all of which follow redirects
// when they are used by themselves.
var redirectingClients = map[string]func(*testing.T, *network) ivsrealtime.HTTPClient{
	"BuildableClient": func(_ *testing.T, n *network) ivsrealtime.HTTPClient { return n.buildable() },
	"frozen BuildableClient": func(_ *testing.T, n *network) ivsrealtime.HTTPClient {
		return n.buildable().Freeze()
	},
	"BuildableClient with timeouts": func(_ *testing.T, n *network) ivsrealtime.HTTPClient {
		return n.buildable().WithTimeout(time.Minute).WithReadTimeout(time.Minute)
	},
	"http.Client": func(_ *testing.T, n *network) ivsrealtime.HTTPClient {
		return &http.Client{Transport: n.transport()}
	},
	"http.Client with a timeout": func(_ *testing.T, n *network) ivsrealtime.HTTPClient {
		return &http.Client{Transport: n.transport(), Timeout: time.Minute}
	},
	"http.Client that follows everything": func(_ *testing.T, n *network) ivsrealtime.HTTPClient {
		return &http.Client{Transport: n.transport(), CheckRedirect: func(r *http.Request, via []*http.Request) error {
			r.Header = via[0].Header.Clone()
			return nil
		}}
	},
	"http.Client that fails on redirects": func(_ *testing.T, n *network) ivsrealtime.HTTPClient {
		return &http.Client{Transport: n.transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("no redirects") }}
	},
	"http.Client without a Transport": func(t *testing.T, n *network) ivsrealtime.HTTPClient {
		replaceDefaultTransport(t, n.transport())
		return &http.Client{}
	},
	"http.DefaultClient": func(t *testing.T, n *network) ivsrealtime.HTTPClient {
		replaceDefaultTransport(t, n.transport())
		return http.DefaultClient
	},
}

// No redirect is followed: not with a body, not without one, wherever it leads to,
// and whether or not that can be read.
func TestNoRedirectIsFollowed(t *testing.T) {
	calls := map[string]func(context.Context, *ivsrealtime.Client, ...func(*ivsrealtime.Options)) error{
		"CreateStage": func(ctx context.Context, c *ivsrealtime.Client, o ...func(*ivsrealtime.Options)) error {
			_, err := c.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: "lobby"}, o...)
			return err
		},
		"ListTagsForResource": func(ctx context.Context, c *ivsrealtime.Client, o ...func(*ivsrealtime.Options)) error {
			_, err := c.ListTagsForResource(ctx, &ivsrealtime.ListTagsForResourceInput{ResourceARN: testStageARN}, o...)
			return err
		},
		"UntagResource": func(ctx context.Context, c *ivsrealtime.Client, o ...func(*ivsrealtime.Options)) error {
			_, err := c.UntagResource(ctx, &ivsrealtime.UntagResourceInput{ResourceARN: testStageARN, TagKeys: []string{"a"}}, o...)
			return err
		},
	}
	locations := map[string]string{
		"another host":     "Location: http://elsewhere.test/\r\n",
		"the same host":    "Location: /again\r\n",
		"another port":     "Location: http://here.test:81/\r\n",
		"another scheme":   "Location: https://here.test/\r\n",
		"not a URL":        "Location: %zz\r\n",
		"half an address":  "Location: http://[::1/\r\n",
		"a wrong port":     "Location: http://here.test:port/\r\n",
		"a colon":          "Location: :\r\n",
		"empty":            "Location: \r\n",
		"missing":          "",
		"of a wrong shape": "Location: http://a b/\r\n",
	}
	for kind, newHTTPClient := range redirectingClients {
		for _, perCall := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, per call %t", kind, perCall), func(t *testing.T) {
				onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
					for _, status := range []int{301, 302, 303, 307, 308} {
						for to, location := range locations {
							for op, call := range calls {
								n := &network{respond: func(string, *http.Request) string {
									return fmt.Sprintf("HTTP/1.1 %d %s\r\n%sX-Amzn-Requestid: id-1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status, http.StatusText(status), location)
								}}
								h := newHTTPClient(t, n)
								var ofCall []func(*ivsrealtime.Options)
								ofClient := h
								if perCall {
									ofClient = answering(failing(errors.New("not this one")))
									ofCall = append(ofCall, func(o *ivsrealtime.Options) { o.HTTPClient = h })
								}
								c := newClient(ofClient, func(o *ivsrealtime.Options) { o.BaseEndpoint = aws.String("http://here.test") })
								err := call(t.Context(), c, ofCall...)
								name := fmt.Sprintf("%s, %d, %s", op, status, to)
								require.ErrorContains(t, err, fmt.Sprintf("UnknownError: status %d %s, the answer is empty", status, http.StatusText(status)), name)
								var re *awshttp.ResponseError
								require.ErrorAs(t, err, &re, name)
								require.Equal(t, status, re.HTTPStatusCode(), name)
								require.Equal(t, "id-1", re.ServiceRequestID(), name)
								require.Equal(t, []string{"here.test:80"}, n.dialed, name)
								require.Len(t, n.got, 1, name)
							}
						}
					}
				})
			})
		}
	}
}

// From https to http on the same name Authorization would travel in clear.
func TestNoRedirectToHTTP(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		var urls []string
		h := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			urls = append(urls, r.URL.String())
			return answer(307, "", "Location", "http://ivsrealtime.eu-west-1.amazonaws.com/GetStage")(r)
		})}
		_, err := getStage(t.Context(), newClient(h))
		require.ErrorContains(t, err, "307 Temporary Redirect")
		require.Equal(t, []string{"https://ivsrealtime.eu-west-1.amazonaws.com/GetStage"}, urls)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The caller's *http.Client is not written to, and used as it is when it is used.
func TestHTTPClientOfTheCaller(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		served := ""
		by := func(name string) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				served = name
				return answer(200, stageAnswer)(r)
			})
		}
		check := func(*http.Request, []*http.Request) error { return nil }
		h := &http.Client{Transport: by("the first"), CheckRedirect: check, Timeout: time.Minute}
		c := newClient(h)
		require.Same(t, h, c.Options().HTTPClient)
		_, err := getStage(t.Context(), c)
		require.NoError(t, err)
		require.Equal(t, "the first", served)

		// As tools do that intercept requests.
		h.Transport = by("one set later")
		_, err = getStage(t.Context(), c)
		require.NoError(t, err)
		require.Equal(t, "one set later", served)

		h.Transport = nil
		replaceDefaultTransport(t, by("the default of the moment"))
		_, err = getStage(t.Context(), c)
		require.NoError(t, err)
		require.Equal(t, "the default of the moment", served)

		http.DefaultTransport = nil
		_, err = getStage(t.Context(), c, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
		require.ErrorContains(t, err, "no Client.Transport or DefaultTransport")

		require.Nil(t, h.Transport)
		require.Equal(t, fmt.Sprintf("%p", check), fmt.Sprintf("%p", h.CheckRedirect))
	})
}

// An unreadable Location is not taken out of the response that a RoundTripper may
// give to others too.
func TestResponseOfARoundTripperIsNotWrittenTo(t *testing.T) {
	resp := &http.Response{StatusCode: 308, Header: http.Header{"Location": {"%zz"}}, Body: http.NoBody}
	h := &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return resp, nil })}
	_, err := getStage(t.Context(), ivsrealtime.New(testOptions(h)))
	require.ErrorContains(t, err, "308 Permanent Redirect")
	require.Equal(t, "%zz", resp.Header.Get("Location"))
}

// A BuildableClient has one set of connections, for all clients and calls that use
// it.
func TestConnectionsOfABuildableClient(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		n := &network{respond: func(string, *http.Request) string { return okStage }}
		defer n.close()
		get := func(c *ivsrealtime.Client, optFns ...func(*ivsrealtime.Options)) {
			t.Helper()
			_, err := getStage(t.Context(), c, append(optFns, func(o *ivsrealtime.Options) { o.BaseEndpoint = aws.String("http://here.test") })...)
			require.NoError(t, err)
			synctest.Wait() // until the connection is back in the pool
		}
		c := newClient(n.buildable())
		require.IsType(t, (*awshttp.BuildableClient)(nil), c.Options().HTTPClient)
		for range 3 {
			get(c)
		}
		get(ivsrealtime.New(c.Options()))
		require.Len(t, n.dialed, 1, "client and copy")

		ofCalls := n.buildable()
		for range 3 {
			get(c, func(o *ivsrealtime.Options) { o.HTTPClient = ofCalls })
		}
		get(newClient(answering(answer(500, ""))), func(o *ivsrealtime.Options) { o.HTTPClient = ofCalls })
		require.Len(t, n.dialed, 2, "calls of two clients")

		for range 3 {
			get(c)
		}
		require.Len(t, n.dialed, 2, "the client's are still there")
	})
}

// What belongs to a BuildableClient goes with it: a caller may make one for each
// call.
func TestBuildableClientsAreForgotten(t *testing.T) {
	before := ivsrealtime.FrozenClients()
	c := ivsrealtime.New(testOptions(answering(answer(200, stageAnswer))))
	for range 100 {
		_, err := getStage(t.Context(), c, func(o *ivsrealtime.Options) {
			o.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
				tr.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no network") }
			})
			o.RetryMaxAttempts = 1
		})
		require.ErrorContains(t, err, "no network")
	}
	for end := time.Now().Add(10 * time.Second); ivsrealtime.FrozenClients() > before; runtime.Gosched() {
		require.True(t, time.Now().Before(end), "%d are kept", ivsrealtime.FrozenClients()-before)
		runtime.GC()
	}
}

// The core's Freeze gives an *http.Client; what it is told about redirects counts.
func TestFreezeOfTheCore(t *testing.T) {
	require.IsType(t, (*http.Client)(nil), awshttp.NewBuildableClient().Freeze())
}

// A client of the caller's own type is on its own, but what it brings from
// elsewhere is no success.
func TestRedirectThatAnotherTypeFollowed(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		n := &network{respond: func(addr string, _ *http.Request) string {
			if addr == "elsewhere.test:80" {
				return "HTTP/1.1 200 OK\r\nX-Amzn-Requestid: of-elsewhere\r\nContent-Length: 18\r\n\r\n{\"tags\":{\"a\":\"b\"}}"
			}
			return "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://elsewhere.test/\r\nX-Amzn-Requestid: of-here\r\nContent-Length: 0\r\n\r\n"
		}}
		defer n.close()
		wrapped := 0
		c := newClient(countingClient{&http.Client{Transport: n.transport()}, &wrapped}, func(o *ivsrealtime.Options) { o.BaseEndpoint = aws.String("http://here.test") })
		_, err := c.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: testStageARN})
		require.ErrorContains(t, err, "307 Temporary Redirect")
		var re *awshttp.ResponseError
		require.ErrorAs(t, err, &re)
		require.Equal(t, "of-here", re.ServiceRequestID())
		require.Equal(t, 1, wrapped)
		require.Empty(t, re.Response.Request.Header.Get("Authorization"))
		require.True(t, strings.HasPrefix(n.dialed[1], "elsewhere"), "else nothing was tested")
	})
}

// Nobody asks for another protocol. net/http gives the connection for the body of
// such a response, and no longer watches the context.
func TestSwitchingProtocols(t *testing.T) {
	const text = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\nX-Amzn-Requestid: id-1\r\n\r\n"
	for kind, newHTTPClient := range redirectingClients {
		for _, mode := range []aws.ClientLogMode{0, aws.LogResponseWithBody} {
			t.Run(fmt.Sprint(kind, mode), func(t *testing.T) {
				onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
					n := &network{respond: func(string, *http.Request) string { return text }}
					defer n.close()
					c := newClient(newHTTPClient(t, n), func(o *ivsrealtime.Options) {
						o.BaseEndpoint, o.ClientLogMode = aws.String("http://here.test"), mode
					})
					_, err := c.CreateStage(t.Context(), nil) // hangs otherwise
					require.ErrorContains(t, err, "RequestID: id-1, UnknownError: status 101 Switching Protocols, the answer is empty")
					require.Len(t, n.got, 1)
					_, err = n.conns[0].Write(nil)
					require.ErrorIs(t, err, io.ErrClosedPipe, "the connection is kept")
				})
			})
		}
	}
}

// The headers and the body of a request are one write on HTTP/1.1.
func TestOneWrite(t *testing.T) {
	n := &network{respond: func(string, *http.Request) string { return okStage }}
	defer n.close()
	for name, h := range map[string]func(*http.Transport) ivsrealtime.HTTPClient{
		"http.Client": func(tr *http.Transport) ivsrealtime.HTTPClient { return &http.Client{Transport: tr} },
		"BuildableClient": func(tr *http.Transport) ivsrealtime.HTTPClient {
			return awshttp.NewBuildableClient().WithTransportOptions(func(b *http.Transport) { b.Proxy, b.DialContext = nil, tr.DialContext })
		},
		"another type": func(tr *http.Transport) ivsrealtime.HTTPClient {
			return countingClient{&http.Client{Transport: tr}, new(int)}
		},
	} {
		var writes atomic.Int32
		tr := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := n.dial(ctx, network, addr)
			return countedConn{c, &writes}, err
		}}
		c := ivsrealtime.New(testOptions(h(tr)), func(o *ivsrealtime.Options) { o.BaseEndpoint = aws.String("http://here.test") })
		_, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Name: "lobby"})
		require.NoError(t, err)
		require.EqualValues(t, 1, writes.Load(), name)
	}
}

type countedConn struct {
	net.Conn
	writes *atomic.Int32
}

func (c countedConn) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}
