package ivsrealtime

import (
	"net/http"
	"runtime"
	"sync"
	"time"
	"weak"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// sender returns the HTTPClient that sends in place of h and never follows a
// redirect. A redirect would take the body, and often the session token, to
// another host. Options.HTTPClient stays what the caller set.
func sender(h HTTPClient) HTTPClient {
	switch h := h.(type) {
	case *http.Client:
		return standardClient{h}
	case *awshttp.BuildableClient:
		return buildableClient{h, frozenOf(h)}
	}
	return h // it must do so by itself
}

// followsNone reports whether a sender is known to follow no redirect.
func followsNone(sender HTTPClient) bool {
	switch sender.(type) {
	case standardClient, buildableClient:
		return true
	}
	return false
}

// standardClient sends with a copy of the caller's client, made for each send: a
// Transport that the caller sets later must count.
type standardClient struct{ *http.Client }

func (c standardClient) Do(r *http.Request) (*http.Response, error) {
	return withoutRedirects(c.Client).Do(r)
}

// withoutRedirects returns a copy of c that returns redirects as responses.
func withoutRedirects(c *http.Client) *http.Client {
	own := new(struct { // in one piece
		client    http.Client
		transport locationFilter
	})
	own.client = *c
	own.client.CheckRedirect = useLastResponse
	dropNil(&own.client.Jar)
	own.transport.next = c.Transport
	if isNil(c.Transport) {
		own.transport.next = http.DefaultTransport
	}
	if own.transport.next != nil { // else http.Client says what is missing
		own.client.Transport = &own.transport
	}
	return &own.client
}

func useLastResponse(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// locationFilter removes a Location that cannot be parsed. http.Client parses it
// before it asks CheckRedirect, and returns no response if that fails.
type locationFilter struct{ next http.RoundTripper }

func (f *locationFilter) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := f.next.RoundTrip(r)
	if err != nil || resp == nil || resp.Header.Get("Location") == "" {
		return resp, err
	}
	if _, err := r.URL.Parse(resp.Header.Get("Location")); err != nil {
		copied := *resp // a test's RoundTripper may give the same one to several calls
		copied.Header = resp.Header.Clone()
		copied.Header.Del("Location")
		resp = &copied
	}
	return resp, nil
}

// buildableClient sends with the frozen form of a BuildableClient, which unlike
// the client itself can be told not to follow redirects.
type buildableClient struct {
	*awshttp.BuildableClient
	frozen *frozenClient
}

func (c buildableClient) Do(r *http.Request) (*http.Response, error) {
	return c.frozen.of(c.BuildableClient).Do(r)
}

// frozenClient is made on first use: many clients never send.
type frozenClient struct {
	once   sync.Once
	client *http.Client
}

func (f *frozenClient) of(b *awshttp.BuildableClient) *http.Client {
	f.once.Do(func() {
		b = withPings(b) // a client that a call brings is not tuned
		client, ok := b.Freeze().(*http.Client)
		if !ok {
			client = &http.Client{Transport: b.GetTransport(), Timeout: b.GetTimeout()}
		}
		f.client = withoutRedirects(client)
	})
	return f.client
}

// frozenClients maps a weak.Pointer to a BuildableClient to its *frozenClient.
// Each BuildableClient has one, for all clients and calls that use it: a second
// one would have connections of its own.
var frozenClients sync.Map

func frozenOf(b *awshttp.BuildableClient) *frozenClient {
	key := weak.Make(b)
	if f, ok := frozenClients.Load(key); ok {
		return f.(*frozenClient)
	}
	f, loaded := frozenClients.LoadOrStore(key, new(frozenClient))
	if !loaded {
		runtime.AddCleanup(b, func(key weak.Pointer[awshttp.BuildableClient]) { frozenClients.Delete(key) }, key)
	}
	return f.(*frozenClient)
}

// A peer that falls silent is noticed after the sum of the two. Without pings every
// attempt would go over the dead connection until the kernel gives it up, after
// about 15 minutes.
const (
	pingAfter   = 15 * time.Second // without a frame
	pingTimeout = 15 * time.Second
)

// wantsPings reports whether the transport tr of b has the default for HTTP/2. A
// read timeout is a deadline of the connection, which the response to a ping would
// move.
func wantsPings(b *awshttp.BuildableClient, tr *http.Transport) bool {
	timeout, _ := b.GetReadTimeout()
	return tr.HTTP2 == nil && timeout <= 0
}

func setPings(tr *http.Transport) {
	tr.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout}
}

func withPings(b *awshttp.BuildableClient) *awshttp.BuildableClient {
	if !wantsPings(b, b.GetTransport()) {
		return b
	}
	return b.WithTransportOptions(setPings)
}
