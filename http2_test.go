package ivsrealtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// What the service never processed is sent again by net/http, within the attempt.
func TestSentAgainWithinAnAttempt(t *testing.T) {
	ops := map[string]struct {
		call func(context.Context, *ivsrealtime.Client) error
		body string
	}{
		"CreateStage": {func(ctx context.Context, c *ivsrealtime.Client) error {
			_, err := c.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: "lobby"})
			return err
		}, `{"name":"lobby"}`},
		"UntagResource": {func(ctx context.Context, c *ivsrealtime.Client) error {
			_, err := c.UntagResource(ctx, &ivsrealtime.UntagResourceInput{ResourceARN: testStageARN, TagKeys: []string{"a"}})
			return err
		}, ""},
	}
	faults := map[string]struct {
		fault func(c *h2Conn, stream uint32)
		times int
	}{
		"a refused stream":        {func(c *h2Conn, stream uint32) { c.refuse(stream) }, 1},
		"a stream refused thrice": {func(c *h2Conn, stream uint32) { c.refuse(stream) }, 3},
		"GOAWAY":                  {func(c *h2Conn, _ uint32) { c.goAway(0) }, 1},
		"two GOAWAYs":             {func(c *h2Conn, _ uint32) { c.goAway(0) }, 2},
	}
	for op, tt := range ops {
		for name, f := range faults {
			for kind, newHTTPClient := range map[string]func(*h2Server) ivsrealtime.HTTPClient{
				"BuildableClient": func(s *h2Server) ivsrealtime.HTTPClient { return s.buildable() },
				"http.Client": func(s *h2Server) ivsrealtime.HTTPClient {
					tr := new(http.Transport)
					s.plain(tr)
					return &http.Client{Transport: tr}
				},
			} {
				t.Run(op+", "+name+", "+kind, func(t *testing.T) {
					inBubble(t, func(t *testing.T, newClient newClientFunc) {
						left := f.times
						s := &h2Server{respond: func(c *h2Conn, stream uint32) {
							if left--; left >= 0 {
								f.fault(c, stream)
								return
							}
							c.ok(stream, stageAnswer)
						}}
						defer s.close()
						c := newClient(newHTTPClient(s), func(o *ivsrealtime.Options) {
							o.BaseEndpoint, o.RetryMaxAttempts = aws.String("http://here.test"), 1
						})
						require.NoError(t, tt.call(t.Context(), c))
						require.Equal(t, slices.Repeat([]string{tt.body}, f.times+1), s.bodies())
					})
				})
			}
		}
	}
}

// A GOAWAY within a response of success, and the end of the connection with it, are
// an end of the response like any other: the service has processed the request.
func TestGoAwayWithinASuccess(t *testing.T) {
	ends := map[string]func(c *h2Conn, stream uint32){
		"that takes the stream back": func(c *h2Conn, _ uint32) { c.goAway(0) },
		"before the connection ends": func(c *h2Conn, stream uint32) { c.goAway(stream); c.end() },
		"and a reset":                func(c *h2Conn, stream uint32) { c.goAway(stream); c.refuse(stream) },
		"after a refusal":            func(c *h2Conn, stream uint32) { c.refuse(stream); c.goAway(0) },
	}
	for name, end := range ends {
		for _, begun := range []string{"", `{"stage":{"arn":`} {
			for _, op := range []string{"CreateStage", "GetStage"} {
				t.Run(name+", "+op+", "+begun, func(t *testing.T) {
					inBubble(t, func(t *testing.T, newClient newClientFunc) {
						s := &h2Server{respond: func(c *h2Conn, stream uint32) {
							c.send(frameHeaders, flagEndHeaders, stream, "\x88")
							c.send(frameData, 0, stream, begun)
							end(c, stream)
						}}
						defer s.close()
						c := newClient(s.buildable(), atOnce, func(o *ivsrealtime.Options) { o.BaseEndpoint = aws.String("http://here.test") })
						var err error
						if op == "CreateStage" {
							_, err = c.CreateStage(t.Context(), nil)
						} else {
							_, err = getStage(t.Context(), c)
						}
						wantLost(t, op, err, len(s.bodies()), 3)
					})
				})
			}
		}
	}
}

// What could not be written to a connection that had died while it was idle is sent
// again by net/http, too.
func TestDeadIdleConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		n := &network{respond: func(string, *http.Request) string { return okStage }}
		defer n.close()
		var dead atomic.Bool
		h := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
			tr.Proxy = nil
			tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				dead.Store(false)
				c, err := n.dial(ctx, network, addr)
				return &deadConn{c, &dead}, err
			}
		})
		c := newClient(h, func(o *ivsrealtime.Options) {
			o.BaseEndpoint, o.RetryMaxAttempts = aws.String("http://here.test"), 1
		})
		create := func() {
			_, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Name: "lobby"})
			require.NoError(t, err)
			synctest.Wait()
		}
		create()
		dead.Store(true)
		create()
		require.Len(t, n.dialed, 2)
		require.Len(t, n.got, 2)
		require.Equal(t, `{"name":"lobby"}`, n.got[1].body)
		require.Equal(t, "attempt=1; max=1", n.got[1].Header.Get("Amz-Sdk-Request"))
	})
}

// deadConn takes nothing more once it is dead, as when the peer is gone.
type deadConn struct {
	net.Conn
	dead *atomic.Bool
}

func (c *deadConn) Write(b []byte) (int, error) {
	if c.dead.Load() {
		return 0, syscall.EPIPE
	}
	return c.Conn.Write(b)
}

// Each GetBody has a reader of its own, of the bytes that are sent.
func TestGetBody(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(func(r *http.Request) (*http.Response, error) {
			one, err := r.GetBody()
			require.NoError(t, err)
			_, err = io.ReadFull(one, make([]byte, 3))
			require.NoError(t, err)
			two, err := r.GetBody()
			require.NoError(t, err)
			rest, err := io.ReadAll(one)
			require.NoError(t, err)
			whole, err := io.ReadAll(two)
			require.NoError(t, err)
			require.Equal(t, `ame":"lobby"}`, string(rest))
			require.Equal(t, `{"name":"lobby"}`, string(whole))
			require.NoError(t, one.Close())
			require.EqualValues(t, len(whole), r.ContentLength)
			return answer(200, stageAnswer)(r)
		})
		c := newClient(&http.Client{Transport: roundTripper(tr.Do)})
		for _, timeout := range []time.Duration{0, time.Minute} {
			_, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Name: "lobby"}, func(o *ivsrealtime.Options) { o.AttemptTimeout = timeout })
			require.NoError(t, err)
		}
		require.Equal(t, []string{`{"name":"lobby"}`, `{"name":"lobby"}`}, tr.bodies)

		tr = answering(answer(200, `{}`))
		c = newClient(&http.Client{Transport: roundTripper(tr.Do)})
		_, err := c.UntagResource(t.Context(), &ivsrealtime.UntagResourceInput{ResourceARN: testStageARN, TagKeys: []string{"a"}})
		require.NoError(t, err)
		require.Nil(t, tr.requests[0].GetBody, "there is no body")
	})
}

// A client of another type that follows redirects, as it must not, takes no body to
// another host: without GetBody net/http stops at 307 and 308, and drops the body for
// the others.
func TestNoBodyLeavesWithAnotherType(t *testing.T) {
	const secret = "hidden-in-the-input"
	for name, wrap := range map[string]func(n *network) ivsrealtime.HTTPClient{
		"http.Client": func(n *network) ivsrealtime.HTTPClient {
			return countingClient{&http.Client{Transport: n.transport()}, new(int)}
		},
		"BuildableClient": func(n *network) ivsrealtime.HTTPClient { return countingClient{n.buildable(), new(int)} },
		"embedded":        func(n *network) ivsrealtime.HTTPClient { return struct{ ivsrealtime.HTTPClient }{n.buildable()} },
		"function":        func(n *network) ivsrealtime.HTTPClient { return smithyhttp.ClientDoFunc(n.buildable().Do) },
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			for _, to := range []string{"http://elsewhere.test/", "http://user:pass@elsewhere.test/", "//elsewhere.test", "http://here.test:81/"} {
				t.Run(fmt.Sprint(name, status, to), func(t *testing.T) {
					inBubble(t, func(t *testing.T, newClient newClientFunc) {
						n := &network{respond: func(addr string, _ *http.Request) string {
							if addr == "here.test:80" {
								return fmt.Sprintf("HTTP/1.1 %d X\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status, to)
							}
							return okStage
						}}
						defer n.close()
						c := newClient(wrap(n), func(o *ivsrealtime.Options) { o.BaseEndpoint = aws.String("http://here.test") })
						_, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Name: secret})
						require.ErrorContains(t, err, fmt.Sprint("status ", status))
						for _, r := range n.got {
							require.Equal(t, r.addr == "here.test:80", strings.Contains(r.body, secret), r.addr)
						}
					})
				})
			}
		}
	}
}

// With an Idempotency-Key net/http would send a POST again that may have been
// processed.
func TestNoIdempotencyKey(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := answering(answer(200, compositionAnswer))
		_, err := newClient(tr).StartComposition(t.Context(), &ivsrealtime.StartCompositionInput{StageARN: testStageARN, Destinations: []ivsrealtime.DestinationConfiguration{}})
		require.NoError(t, err)
		for name := range tr.requests[0].Header {
			require.NotContains(t, strings.ToLower(name), "idempotency")
		}
	})
}

// A signer that replaces the body has taken it over. On the stack its body is not
// sent, as with the official clients: the stream counts there.
func TestSignerThatReplacesTheBody(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		var again []string
		tr := answering(func(r *http.Request) (*http.Response, error) {
			if r.GetBody != nil {
				b, err := r.GetBody()
				require.NoError(t, err)
				text, err := io.ReadAll(b)
				require.NoError(t, err)
				again = append(again, string(text))
			}
			return answer(200, stageAnswer)(r)
		})
		h := &http.Client{Transport: roundTripper(tr.Do)}
		_, err := getStage(t.Context(), newClient(h, func(o *ivsrealtime.Options) { o.HTTPSignerV4 = bodySigner("another") }))
		require.NoError(t, err)
		if tr.bodies[0] == "another" {
			require.Empty(t, again)
		} else {
			require.Equal(t, tr.bodies, again)
		}
	})
}

// What middleware put in the place of the body is sent, once, and the encoded
// input never.
func TestBodyOfMiddlewareIsNotSentAgain(t *testing.T) {
	const other = `{"name":"another lobby"}`
	replace := func(req *smithyhttp.Request) (*smithyhttp.Request, error) {
		return req.SetStream(strings.NewReader(other))
	}
	serialize := func(req any) (any, error) { return replace(req.(*smithyhttp.Request)) }
	build := middleware.BuildMiddlewareFunc("Replace", func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (out middleware.BuildOutput, md middleware.Metadata, err error) {
		if in.Request, err = serialize(in.Request); err != nil {
			return out, md, err
		}
		return next.HandleBuild(ctx, in)
	})
	finalize := middleware.FinalizeMiddlewareFunc("Replace", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (out middleware.FinalizeOutput, md middleware.Metadata, err error) {
		if in.Request, err = serialize(in.Request); err != nil {
			return out, md, err
		}
		return next.HandleFinalize(ctx, in)
	})
	for name, add := range map[string]func(*middleware.Stack) error{
		"Serialize": func(s *middleware.Stack) error {
			return s.Serialize.Add(middleware.SerializeMiddlewareFunc("Replace", func(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (out middleware.SerializeOutput, md middleware.Metadata, err error) {
				if in.Request, err = serialize(in.Request); err != nil {
					return out, md, err
				}
				return next.HandleSerialize(ctx, in)
			}), middleware.After)
		},
		"Build":              func(s *middleware.Stack) error { return s.Build.Add(build, middleware.After) },
		"before the retries": func(s *middleware.Stack) error { return s.Finalize.Insert(finalize, "Retry", middleware.Before) },
		"of each attempt":    func(s *middleware.Stack) error { return s.Finalize.Insert(finalize, "Retry", middleware.After) },
		"after Signing":      func(s *middleware.Stack) error { return s.Finalize.Insert(finalize, "Signing", middleware.After) },
		"the last of all": func(s *middleware.Stack) error {
			return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Replace", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (out middleware.DeserializeOutput, md middleware.Metadata, err error) {
				if in.Request, err = serialize(in.Request); err != nil {
					return out, md, err
				}
				return next.HandleDeserialize(ctx, in)
			}), middleware.After)
		},
		// Middleware sends twice, and replaces the body only then.
		"the second time": func(s *middleware.Stack) error {
			return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Replace", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (out middleware.DeserializeOutput, md middleware.Metadata, err error) {
				if _, _, err = next.HandleDeserialize(ctx, in); err == nil {
					return out, md, errors.New("the first time should fail")
				}
				if in.Request, err = serialize(in.Request); err != nil {
					return out, md, err
				}
				return next.HandleDeserialize(ctx, in)
			}), middleware.After)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &h2Server{respond: func(c *h2Conn, stream uint32) { c.refuse(stream) }}
				if name == "the second time" {
					s.respond = func(c *h2Conn, stream uint32) {
						if len(c.server.bodies()) == 1 {
							c.send(frameReset, 0, stream, "\x00\x00\x00\x02") // INTERNAL_ERROR
							return
						}
						c.refuse(stream)
					}
				}
				defer s.close()
				c := ivsrealtime.New(testOptions(s.buildable()), ivsrealtime.WithAPIOptions(add), func(o *ivsrealtime.Options) {
					o.BaseEndpoint, o.RetryMaxAttempts = aws.String("http://here.test"), 1
				})
				_, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Name: "lobby"})
				require.ErrorContains(t, err, "REFUSED_STREAM")
				want := []string{other}
				if name == "the second time" {
					want = []string{`{"name":"lobby"}`, other}
				}
				require.Equal(t, want, s.bodies())
			})
		})
	}
}

// bodySigner replaces the body by a text that can be read once.
type bodySigner string

func (s bodySigner) SignHTTP(_ context.Context, _ aws.Credentials, r *http.Request, _, _, _ string, _ time.Time, _ ...func(*v4.SignerOptions)) error {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(string(s))), int64(len(s))
	return nil
}

// A connection whose peer fell silent is closed within 30 s: no attempt that starts
// later is lost on it.
func TestSilentPeer(t *testing.T) {
	for _, perCall := range []bool{false, true} {
		t.Run(fmt.Sprintf("client per call %t", perCall), func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				s := &h2Server{}
				s.respond = func(c *h2Conn, stream uint32) { c.ok(stream, stageAnswer) }
				defer s.close()
				b := s.buildable()
				ofClient, optFns := ivsrealtime.HTTPClient(b), []func(*ivsrealtime.Options){}
				if perCall {
					ofClient = answering(failing(errors.New("not this one")))
					optFns = append(optFns, func(o *ivsrealtime.Options) { o.HTTPClient = b })
				}
				var attempts []time.Time
				c := newClient(ofClient, func(o *ivsrealtime.Options) {
					o.BaseEndpoint, o.RetryMaxAttempts, o.AttemptTimeout = aws.String("http://here.test"), 12, 5*time.Second
					o.Credentials = providerFunc(func(ctx context.Context) (aws.Credentials, error) {
						attempts = append(attempts, time.Now())
						return testCredentials().Retrieve(ctx)
					})
				})
				_, err := getStage(t.Context(), c, optFns...)
				require.NoError(t, err)
				synctest.Wait()
				last := time.Now() // of the frames
				s.conns[0].silent.Store(true)

				attempts = nil
				_, err = getStage(t.Context(), c, optFns...)
				require.NoError(t, err)
				require.Len(t, s.conns, 2)
				<-s.conns[0].ended
				require.LessOrEqual(t, s.conns[0].at.Sub(last), 30*time.Second)
				for _, at := range attempts[:len(attempts)-1] {
					require.Less(t, at.Sub(last), 30*time.Second, "an attempt was lost")
				}
			})
		})
	}
}

// One that fell silent while nothing was to be done is not used again.
func TestSilentPeerOfAnIdleConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		s := &h2Server{respond: func(c *h2Conn, stream uint32) { c.ok(stream, stageAnswer) }}
		defer s.close()
		c := newClient(s.buildable(), func(o *ivsrealtime.Options) {
			o.BaseEndpoint, o.RetryMaxAttempts, o.AttemptTimeout = aws.String("http://here.test"), 1, time.Second
		})
		_, err := getStage(t.Context(), c)
		require.NoError(t, err)
		synctest.Wait()
		s.conns[0].silent.Store(true)
		time.Sleep(31 * time.Second) // virtual
		_, err = getStage(t.Context(), c)
		require.NoError(t, err)
		require.Len(t, s.conns, 2)
	})
}

// One that answers pings may take its time.
func TestSlowPeer(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		s := &h2Server{respond: func(c *h2Conn, stream uint32) {
			time.AfterFunc(55*time.Second, func() { c.ok(stream, stageAnswer) })
		}}
		defer s.close()
		c := newClient(s.buildable(), func(o *ivsrealtime.Options) {
			o.BaseEndpoint, o.RetryMaxAttempts = aws.String("http://here.test"), 1
		})
		_, err := getStage(t.Context(), c)
		require.NoError(t, err)
		require.Len(t, s.conns, 1)
	})
}

// The responses to pings would keep a read timeout from ending what hangs.
func TestReadTimeoutIsNotKeptFromEnding(t *testing.T) {
	inBubble(t, func(t *testing.T, newClient newClientFunc) {
		s := &h2Server{respond: func(*h2Conn, uint32) {}} // nothing but pings
		defer s.close()
		c := newClient(s.buildable().WithReadTimeout(20*time.Second), func(o *ivsrealtime.Options) {
			o.BaseEndpoint, o.RetryMaxAttempts = aws.String("http://here.test"), 1
		})
		start := time.Now()
		_, err := getStage(t.Context(), c)
		require.Error(t, err)
		require.Equal(t, 20*time.Second, time.Since(start))
	})
}

func TestPings(t *testing.T) {
	set := &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second}
	own := &http.HTTP2Config{SendPingTimeout: time.Minute}
	withConfig := func(c *http.HTTP2Config) *awshttp.BuildableClient {
		return awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) { tr.HTTP2 = c })
	}
	for _, test := range []struct {
		name   string
		client ivsrealtime.HTTPClient
		want   *http.HTTP2Config
	}{
		{"none", nil, set},
		{"the default", awshttp.NewBuildableClient(), set},
		{"another limit", awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) { tr.MaxIdleConnsPerHost = 7 }), set},
		{"pings of the caller", withConfig(own), own},
		{"switched off", withConfig(&http.HTTP2Config{}), &http.HTTP2Config{}},
		{"a read timeout", awshttp.NewBuildableClient().WithReadTimeout(time.Second), nil},
		{"no read timeout", awshttp.NewBuildableClient().WithReadTimeout(0), set},
		{"another timeout", awshttp.NewBuildableClient().WithTimeout(time.Second), set},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ivsrealtime.New(testOptions(test.client)).Options().HTTPClient.(*awshttp.BuildableClient)
			require.Equal(t, test.want, got.GetTransport().HTTP2)
		})
	}
	tr := new(http.Transport)
	ivsrealtime.New(testOptions(&http.Client{Transport: tr}))
	require.Nil(t, tr.HTTP2, "an http.Client is the caller's")
}
