package ivsrealtime

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/seed-433ec77c/ivsrealtime/internal/redact"
)

// Package net/http quotes in its errors what it could not read: a status line, a
// header, a Location. Where something between client and service is broken, that can
// be a part of a response, with a participant token in it. Errors travel far, and
// some reporters print each error that Unwrap reaches. So errors of the HTTP client
// go through here before anybody sees them.

// networkErrors makes the errors of an HTTP client fit to be shown.
type networkErrors struct {
	// endpoint is what the request was for.
	endpoint url.URL
	// client sent it.
	client HTTPClient
}

// clean returns err without what the peer sent, and such that it does not match a
// context error: http.Client reports its own Timeout as context.DeadlineExceeded,
// which callers would take for the end of their context. What people match stays
// reachable: net.Error, syscall.Errno, the errors of io, x509 and DNS.
func (n *networkErrors) clean(err error) error {
	safe, _ := n.cleanNode(err)
	return safe
}

// cleanNode returns err itself and true if nothing had to be taken out.
func (n *networkErrors) cleanNode(err error) (safe error, same bool) {
	switch e := err.(type) {
	case *url.Error:
		return n.cleanURLError(e)
	case *net.OpError:
		if e.Err == nil {
			return e, true
		}
		inner, same := n.cleanNode(e.Err)
		if same {
			return e, true
		}
		c := *e
		c.Err = inner
		return &c, false
	case *net.DNSError:
		if e.UnwrapErr == nil {
			return e, true
		}
		c := *e // the reason is in the text and in the other fields
		c.UnwrapErr = nil
		return &c, false
	}

	inner, same := n.cleanChildren(err)
	origin := originOf(err)
	if same && origin != mayQuote && !isContextError(err) {
		return err, true
	}
	text, whole := n.text(err, inner)
	if same && whole && origin == mayQuote && !ofHTTP(err) && !isContextError(err) {
		return err, true // its text has no place for a quotation
	}
	t := &transportError{text: text, links: inner}
	var timeout interface{ Timeout() bool }
	t.timeout = errors.As(err, &timeout) && timeout.Timeout()
	var temporary interface{ Temporary() bool }
	t.temporary = errors.As(err, &temporary) && temporary.Temporary()
	return t, false
}

func (n *networkErrors) cleanURLError(e *url.Error) (safe error, same bool) {
	c := *e
	switch {
	case e.Err == nil:
		same = true
	case n.isProxyStatus(e.Err):
		c.Err = &transportError{text: "the proxy refused the connection"}
	default:
		c.Err, same = n.cleanNode(e.Err)
	}
	if u, err := url.Parse(e.URL); err != nil || u.Scheme != n.endpoint.Scheme || u.Host != n.endpoint.Host {
		// It is from a Location, and so may be the address in the error.
		t := &transportError{text: "the HTTP client followed a redirect, and failed"}
		t.timeout, t.temporary = e.Timeout(), e.Temporary()
		c.URL, c.Err, same = n.endpoint.String(), t, false
	}
	if same {
		return e, true
	}
	return &c, false
}

// isProxyStatus reports whether err may be the text of a proxy's response to
// CONNECT: net/http makes an error of nothing else.
func (n *networkErrors) isProxyStatus(err error) bool {
	if reflect.TypeOf(err) != reflect.TypeOf(io.EOF) {
		return false
	}
	switch err {
	case io.EOF, io.ErrUnexpectedEOF, io.ErrNoProgress, http.ErrSchemeMismatch, context.Canceled:
		return false
	}
	return err.Error() != "http: server closed idle connection" && proxied(n.client, &n.endpoint)
}

// cleanChildren returns what err wraps, in either form.
func (n *networkErrors) cleanChildren(err error) (inner []error, same bool) {
	var children []error
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if child := e.Unwrap(); child != nil {
			children = []error{child}
		}
	case interface{ Unwrap() []error }:
		children = e.Unwrap()
	}
	same = true
	for _, child := range children {
		if child == nil {
			continue
		}
		safe, ok := n.cleanNode(child)
		same = same && ok
		inner = append(inner, safe)
	}
	return inner, same
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// What is known of the text of an error by the package that its type is of.
type origin int

const (
	ofUser   origin = iota // written by the caller or a library of the caller's choice
	ofSystem               // says what the machine or the connection did
	mayQuote               // may have bytes of the peer in it
)

func originOf(err error) origin {
	switch packageOf(err) {
	case "net", "internal/poll", "compress/flate":
		return ofSystem
	}
	switch first, _, _ := strings.Cut(packageOf(err), "/"); first {
	case "compress", "encoding", "errors", "fmt", "internal", "mime", "net", "strconv", "strings", "time":
		return mayQuote
	}
	if strings.HasPrefix(packageOf(err), "golang.org/x/net/") {
		return mayQuote
	}
	return ofUser
}

// ofHTTP reports whether the type of err belongs to an implementation of HTTP.
func ofHTTP(err error) bool {
	path := packageOf(err)
	return path != "errors" && path != "fmt"
}

// packageOf returns the path of the package that the type of err is of.
func packageOf(err error) string {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return strings.TrimPrefix(t.PkgPath(), "vendor/")
}

// text returns the text of err with that of what it wraps replaced, and whether
// nothing was cut off.
func (n *networkErrors) text(err error, inner []error) (text string, whole bool) {
	text = err.Error()
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		var texts []string
		for _, child := range inner {
			texts = append(texts, child.Error())
		}
		return strings.Join(texts, "; "), false
	case interface{ Unwrap() error }:
		child := e.Unwrap()
		if child == nil || len(inner) == 0 {
			break
		}
		before, after, found := strings.Cut(text, child.Error())
		if !found {
			break
		}
		before, ok1 := withoutQuotation(before)
		after, ok2 := withoutQuotation(after)
		return before + inner[0].Error() + after, ok1 && ok2
	}
	return withoutQuotation(text)
}

// quoting are the beginnings of texts of net/http and net/textproto that go on with
// what the peer sent, quoted or not.
var quoting = []string{
	"malformed HTTP response", "malformed HTTP status code", "malformed HTTP version",
	"malformed MIME header initial line", "malformed MIME header line", "malformed MIME header",
	"failed to parse Location header", "bad Content-Length", "invalid empty Content-Length",
	"message cannot contain multiple Content-Length headers", "unsupported transfer encoding", "too many transfer encodings",
	"invalid Trailer key", "bad trailer key",
	"tls: failed to parse certificate from server",
	"ErrCode=", // and the debug data of a GOAWAY
}

// withoutQuotation cuts text where it begins to quote.
func withoutQuotation(text string) (cut string, whole bool) {
	end := len(text)
	for _, q := range quoting {
		if i := strings.Index(text, q); i >= 0 {
			i += len(q)
			if q == "ErrCode=" {
				i += len(text[i:]) - len(strings.TrimLeft(text[i:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"))
			}
			end = min(end, i)
		}
	}
	if i := strings.Index(text, "stream error: stream ID "); i >= 0 { // "stream error: stream ID 1; PROTOCOL_ERROR; and the cause"
		if parts := strings.SplitN(text[i:], ";", 3); len(parts) == 3 {
			end = min(end, i+len(parts[0])+len(";")+len(parts[1]))
		}
	}
	if i := strings.IndexAny(text, "\"`"); i >= 0 {
		end = min(end, i)
	}
	if i := strings.Index(text, redact.TokenStart); i >= 0 {
		end = min(end, i)
	}
	if end == len(text) {
		return text, true
	}
	return strings.TrimRight(text[:end], " ;:,("), false
}

// transportError stands for an error of the HTTP client that cannot be shown.
type transportError struct {
	text               string
	timeout, temporary bool
	links              []error // what it wrapped, fit to be shown
}

// Error returns the text of the error that this one stands for, as far as it is
// fit to be shown.
func (e *transportError) Error() string   { return e.text }
func (e *transportError) Timeout() bool   { return e.timeout }
func (e *transportError) Temporary() bool { return e.temporary }
func (e *transportError) Unwrap() []error { return e.links }

// proxied reports whether h sends a request for u through a proxy that it asks with
// CONNECT. Of an HTTPClient of another type it cannot be known.
func proxied(h HTTPClient, u *url.URL) bool {
	var tr *http.Transport
	switch h := h.(type) {
	case *awshttp.BuildableClient:
		tr = h.GetTransport()
	case *http.Client:
		rt := h.Transport
		if rt == nil {
			rt = http.DefaultTransport
		}
		tr, _ = rt.(*http.Transport)
	}
	if tr == nil || tr.Proxy == nil || u.Scheme != "https" {
		return false
	}
	proxy, err := tr.Proxy(&http.Request{Method: http.MethodPost, URL: u, Header: http.Header{}})
	return err == nil && proxy != nil
}
