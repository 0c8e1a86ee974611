package ivsrealtime

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/seed-433ec77c/ivsrealtime/internal/redact"
	"github.com/seed-433ec77c/ivsrealtime/internal/retryloop"
	"github.com/seed-433ec77c/ivsrealtime/internal/sigv4"
	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

const (
	// ServiceID is the name of the service in errors, traces and configuration.
	ServiceID = "IVS RealTime"
	// ServiceAPIVersion is the version of the API that this package speaks.
	ServiceAPIVersion = "2020-07-14"
	// Version is the version of this package, as it shows in the user agent.
	Version = "0.1.0"

	// signingName is what requests are signed for; it differs from the host name.
	signingName = "ivs"
)

// Client calls Amazon IVS Real-Time. It is safe for concurrent use, and keeps
// connections, so that one Client for the life of a program is best. Make it
// with New or NewFromConfig.
type Client struct {
	// A function, so that nothing that prints a Client reaches the credentials: fmt
	// follows a pointer where the verb does not fit.
	options func() *Options
	conf    *settings
	// signer keeps the derived signing key between calls.
	signer sigv4.Signer
	skew   retryloop.Skew
}

// NewFromConfig returns a client configured by cfg, which
// aws-sdk-go-v2/config's LoadDefaultConfig makes from the environment and the
// shared files. Option functions run last.
//
// It does not fail: what is wrong with the configuration is returned, and
// nothing sent, by every call.
func NewFromConfig(cfg aws.Config, optFns ...func(*Options)) *Client {
	return New(optionsFromConfig(cfg), append(serviceOptions(cfg), optFns...)...)
}

func serviceOptions(cfg aws.Config) []func(*Options) {
	var fns []func(*Options)
	for _, fn := range cfg.ServiceOptions {
		if fn != nil {
			fns = append(fns, func(o *Options) { fn(ServiceID, o) })
		}
	}
	return fns
}

// New returns a client configured by options, changed by the option functions.
// Like NewFromConfig it does not fail.
func New(options Options, optFns ...func(*Options)) *Client {
	o := options.Copy()
	o.dropNils()
	brought := o.Retryer != nil
	o.fillDefaults()
	standing, mode := o.Retryer, o.RetryMode
	applyOptions(&o, optFns)
	// An option function that chose another mode meant the retryer of that mode,
	// unless the caller brought one.
	if !brought && o.RetryMode != mode && o.Retryer == standing {
		o.Retryer = nil
	}
	o.fillDefaults()
	return &Client{options: func() *Options { return &o }, conf: newSettings(&o, nil, nil)}
}

// Options returns a copy of the client's configuration.
func (c *Client) Options() Options {
	if c == nil || c.options == nil {
		return Options{}
	}
	return c.options().Copy()
}

// Format writes the region and nothing else, as Options does.
func (c *Client) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, fmt.Sprintf("ivsrealtime.Client{Region:%q}", c.Options().Region))
}

// invoke makes one call: 1. the call's own options, 2. the check of the input,
// 3. encoding, 4. the attempts (credentials, headers, signature, sending,
// reading, decoding), 5. the output or an error.
//
// The parameters are the pointers and not the structs, so that the compiler makes
// one function for all operations.
func invoke[In, Out any](ctx context.Context, c *Client, op string, in In, out Out, optFns []func(*Options)) (Out, error) {
	var noInput In
	var noOutput Out
	if any(in) == any(noInput) {
		in = reflect.New(reflect.TypeFor[In]().Elem()).Interface().(In)
	}
	result, md, err := c.call(ctx, op, in, out, optFns)
	if err != nil {
		return noOutput, &smithy.OperationError{ServiceID: ServiceID, OperationName: op, Err: err}
	}
	out, ok := result.(Out) // a caller's middleware may answer in our place
	if !ok || any(out) == any(noOutput) {
		return noOutput, &smithy.OperationError{ServiceID: ServiceID, OperationName: op, Err: fmt.Errorf("a middleware returned %T, want %T", result, out)}
	}
	*metadataOf(out) = md
	return out, nil
}

// metadataOf returns the ResultMetadata of out, a pointer to an output.
func metadataOf(out any) *middleware.Metadata {
	v := reflect.ValueOf(out).Elem()
	return v.Field(v.NumField() - 1).Addr().Interface().(*middleware.Metadata) // the last field of every output
}

func (c *Client) call(ctx context.Context, op string, in, out any, optFns []func(*Options)) (any, middleware.Metadata, error) {
	var md middleware.Metadata
	if c == nil || c.conf == nil {
		return nil, md, errors.New("the Client was not made by New or NewFromConfig")
	}
	if isNil(ctx) {
		ctx = context.Background()
	}
	k := &call{client: c, ctx: ctx, op: op, in: in, out: out, opts: c.options(), conf: c.conf, repetition: repetitionOf(op)}
	if len(optFns) != 0 {
		o := c.options().Copy()
		if o.RetryMaxAttempts != 0 {
			o.Retryer = c.conf.retryer // with the limit, in case that they wrap it
		}
		applyOptions(&o, optFns)
		if same(o.Retryer, c.conf.retryer) {
			o.Retryer = c.options().Retryer
		}
		k.opts, k.conf = &o, newSettings(&o, c.options(), c.conf)
	}
	if k.conf.err != nil {
		return nil, md, k.conf.err
	}
	run := k.run
	if k.opts.needsStack() {
		run = k.runStack
	}
	result, md, err := run()
	return result, md, k.withOutcome(err)
}

// call is one call on its way. The steps below are functions of it; run strings
// them together and stack.go does so as smithy middleware.
type call struct {
	client *Client
	ctx    context.Context // the caller's
	op     string
	in     any // a pointer to the input, which is never written to
	out    any // a pointer to the output
	opts   *Options
	conf   *settings

	// What the current attempt found out.
	skew      time.Duration
	skewKnown bool
	requestID string
	decoded   bool // out may hold something
	final     bool // it must not be retried

	repetition repetition
	outcome    outcome // what all attempts so far found out

	renewed bool     // credentials were, in this call
	sentTo  *url.URL // where middleware changed it; nil: the endpoint
}

// run makes the call by plain function calls.
func (k *call) run() (any, middleware.Metadata, error) {
	var md middleware.Metadata
	in, err := k.fillToken(k.in)
	if err != nil {
		return nil, md, err
	}
	if err := validate(in); err != nil {
		return nil, md, err
	}
	k.noteToken(in)
	req, err := encode(k.op, in)
	if err != nil {
		return nil, md, err
	}
	k.conf.endpoint.setURL(&req.url)
	if req.invocationID, err = newInvocationID(); err != nil {
		return nil, md, err
	}
	hash := sha256.Sum256(req.body)
	var hexHash [2 * sha256.Size]byte
	hex.Encode(hexHash[:], hash[:])
	payloadHash := string(hexHash[:])

	loop := k.loop()
	err = loop.Run(k.ctx, func(ctx context.Context, a retryloop.Attempt) retryloop.Result {
		creds, err := k.credentials(ctx)
		if err != nil {
			return retryloop.Result{Err: err}
		}
		r := k.newRequest(ctx, &req, a)
		body := r.Body
		if err := k.sign(ctx, r, creds, payloadHash, k.signingName(), k.conf.endpoint.signingRegion, a.Skew); err != nil {
			return retryloop.Result{Err: err}
		}
		resp, err := k.exchange(ctx, func(attemptCtx context.Context) (*http.Response, error) {
			if attemptCtx != ctx {
				r = r.WithContext(attemptCtx)
			}
			if body != nil && r.Body == body && followsNone(k.conf.sender) { // a signer may have replaced it
				r.GetBody = bodyAgain(req.body)
			}
			resp, err := k.conf.sender.Do(r)
			if err != nil {
				return nil, k.transportError(attemptCtx, err)
			}
			return cleanResponse(resp), nil
		})
		md = middleware.Metadata{}
		if k.requestID != "" {
			awsmiddleware.SetRequestIDMetadata(&md, k.requestID)
		}
		if err != nil && resp != nil {
			err = responseError(resp, k.requestID, err)
		}
		if err != nil {
			err = k.renewCredentials(ctx, creds, err)
		}
		return retryloop.Result{Err: err, Final: k.final, Skew: k.skew, SkewKnown: k.skewKnown}
	})
	return k.out, md, err
}

func (k *call) loop() retryloop.Loop {
	l := retryloop.Loop{Retryer: k.conf.retryer}
	if !k.opts.DisableClockSkewCorrection {
		l.Skew = &k.client.skew
	}
	return l
}

// validate checks that in has every member that the API requires.
func validate(in any) error {
	missing, err := wire.Missing(in)
	if err != nil {
		return &smithy.SerializationError{Err: err}
	}
	if missing == nil {
		return nil
	}
	e := smithy.InvalidParamsError{Context: reflect.TypeOf(in).Elem().Name()}
	for _, path := range missing {
		e.Add(smithy.NewErrParamRequired(path))
	}
	return &invalidInputError{e}
}

// request is an encoded input, the same for every attempt.
type request struct {
	method string
	url    url.URL // path and query; the endpoint is added later
	body   []byte  // nil: none

	invocationID string
}

// tokenInput is an input that has an idempotency token.
type tokenInput interface {
	withIdempotencyToken(func() (string, error)) (filled any, err error)
	hasIdempotencyToken() bool
}

// fillToken returns in, or a copy with an idempotency token where in has a place for
// one and none is set.
func (k *call) fillToken(in any) (any, error) {
	t, ok := in.(tokenInput)
	if !ok {
		return in, nil
	}
	filled, err := t.withIdempotencyToken(k.opts.IdempotencyTokenProvider.GetIdempotencyToken)
	if err != nil {
		return nil, fmt.Errorf("make an idempotency token: %w", err)
	}
	return filled, nil
}

// encode turns an input into a request.
func encode(op string, in any) (r request, err error) {
	// Here and not before, so that it is what middleware made of the input.
	if c, ok := in.(checked); ok {
		if invalid := c.check(); invalid != nil {
			e := smithy.InvalidParamsError{Context: reflect.TypeOf(in).Elem().Name()}
			e.Add(invalid)
			return r, e
		}
	}
	r.method, r.url.Path = http.MethodPost, "/"+op
	body := in
	if b, ok := in.(httpBinding); ok {
		var path string
		r.method, path, r.url.RawQuery, body = b.bindHTTP()
		// Unescaping what bindHTTP escaped cannot fail.
		r.url.Path, _ = url.PathUnescape(path)
		r.url.RawPath = path
	}
	if body == nil {
		return r, nil
	}
	if r.body, err = wire.Encode(body); err != nil {
		return r, &smithy.SerializationError{Err: err}
	}
	return r, nil
}

// newInvocationID returns the random UUID that marks the attempts of one call.
func newInvocationID() (string, error) {
	var random [16]byte
	if _, err := cryptorand.Read(random[:]); err != nil {
		return "", fmt.Errorf("make an invocation id: %w", err)
	}
	random[6] = random[6]&0x0f | 0x40 // version 4
	random[8] = random[8]&0x3f | 0x80
	var b [36]byte
	hex.Encode(b[:], random[:4])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	hex.Encode(b[9:], random[4:6])
	hex.Encode(b[14:], random[6:8])
	hex.Encode(b[19:], random[8:10])
	hex.Encode(b[24:], random[10:])
	return string(b[:]), nil
}

// sent is what the HTTP request of one attempt refers to. Nothing of it is shared
// between attempts: a transport may still be reading when it has answered.
type sent struct {
	url    url.URL
	body   bytes.Reader
	values [5]string // of the headers, each a slice of its own
}

// bodyAgain returns a Request.GetBody. With it net/http sends a request again by
// itself, within one attempt, when the service cannot have begun to process it: an
// HTTP/2 stream that was refused or that a GOAWAY excludes, or a connection that
// was dead before the first byte. It is set just before sending and from what is
// then sent, since smithy's SetStream and Clone keep a GetBody that is stale. It is
// set only where followsNone: an http.Client that follows redirects sends the body
// to another host with it.
//
// No request may have an Idempotency-Key header: net/http would then also send
// again what may have been processed.
func bodyAgain(body []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
}

// newRequest returns the HTTP request of one attempt, not yet signed.
func (k *call) newRequest(ctx context.Context, req *request, a retryloop.Attempt) *http.Request {
	s := &sent{url: req.url}
	header := make(http.Header, 8) // with the three of the signature, at the most
	n := 0
	set := func(name, value string) {
		s.values[n] = value
		header[name] = s.values[n : n+1 : n+1]
		n++
	}
	set("Amz-Sdk-Invocation-Id", req.invocationID)
	set("Amz-Sdk-Request", a.Header(ctx))
	set("User-Agent", k.conf.userAgent.get(k.opts.feature))
	if trace := traceOf(ctx); trace != "" {
		set(traceHeader, trace)
	}
	r := new(http.Request).WithContext(ctx)
	r.Method, r.URL, r.Header = req.method, &s.url, header
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	if req.body != nil {
		set("Content-Type", "application/json")
		s.body.Reset(req.body)
		// net/http writes a body in memory together with the headers, but only of
		// types that it knows.
		r.Body, r.ContentLength = io.NopCloser(&s.body), int64(len(req.body))
	}
	return r
}

// credentials returns what to sign with; the zero value stands for no signature.
func (k *call) credentials(ctx context.Context) (aws.Credentials, error) {
	if k.conf.anonymous {
		return aws.Credentials{}, nil
	}
	creds, err := k.opts.Credentials.Retrieve(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return creds, retryloop.Canceled(ctx)
		}
		// A provider's own deadline must not be taken for the caller's.
		return creds, fmt.Errorf("get credentials: %w", withoutContextErrors(err))
	}
	if !creds.HasKeys() {
		return creds, errors.New("get credentials: the provider returned no access key")
	}
	return creds, nil
}

func (k *call) signingName() string {
	if k.opts.signingName != "" {
		return k.opts.signingName
	}
	return signingName
}

// sign signs r, unless the credentials are anonymous.
func (k *call) sign(ctx context.Context, r *http.Request, creds aws.Credentials, payloadHash, name, region string, skew time.Duration) error {
	if k.conf.anonymous {
		return nil
	}
	at := time.Now().Add(skew).UTC()
	sigv4.SetHost(r) // for signers that would get it wrong
	signer := k.opts.HTTPSignerV4
	logging := k.opts.ClientLogMode.IsSigning()
	if signer == nil && !logging {
		k.client.signer.Sign(r, creds, payloadHash, name, region, at)
		return nil
	}
	var optFns []func(*v4.SignerOptions)
	if logging {
		optFns = append(optFns, func(o *v4.SignerOptions) {
			// The signer writes the session token: never give it the plain logger.
			o.Logger, o.LogSigning = redact.Logger(k.opts.Logger), true
		})
	}
	if signer == nil {
		signer = v4.NewSigner() // which can log, unlike ours
	}
	if err := signer.SignHTTP(ctx, creds, r, payloadHash, name, region, at, optFns...); err != nil {
		if ctx.Err() != nil {
			return retryloop.Canceled(ctx)
		}
		// A signer may ask another service, with a deadline of its own.
		return fmt.Errorf("sign the request: %w", withoutContextErrors(err))
	}
	return nil
}

// exchange sends the request by do and decodes the answer. The answer is nil
// when there was none; its body is read and closed in any case.
func (k *call) exchange(ctx context.Context, do func(context.Context) (*http.Response, error)) (*http.Response, error) {
	if t := k.opts.AttemptTimeout; t > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, t, k.conf.attemptTimeout)
		defer cancel()
	}
	k.skew, k.skewKnown, k.final, k.requestID = 0, false, false, ""
	sent := time.Now()
	resp, err := do(ctx)
	if redirect := redirect(resp); redirect != nil {
		closeBody(resp)
		resp = redirect
	}
	if resp != nil {
		k.requestID = requestID(resp)
		k.skew, k.skewKnown = clockSkew(resp.Header, sent, time.Now())
	}
	if err == nil && (resp == nil || resp.StatusCode == 0) {
		closeBody(resp)
		return nil, errNoAnswer
	}
	if err != nil {
		if resp != nil {
			_, _ = readBody(resp, maxErrorBody, nil) // so that the connection can be used again
		}
		return resp, err
	}
	return resp, k.decode(ctx, resp)
}

// redirect returns the response that made an HTTP client of the caller's own type
// send the request elsewhere, or nil. What came from there is no response of the
// service.
func redirect(resp *http.Response) (first *http.Response) {
	for resp != nil && resp.Request != nil && resp.Request.Response != nil {
		resp = resp.Request.Response
		first = resp
	}
	return first
}

// errNoAnswer is the error of an HTTP client that breaks its contract.
var errNoAnswer = errors.New("the HTTP client returned neither an answer with a status nor an error")

// transportError explains why a request was not answered, or an answer not
// read: the caller's context, the attempt's timeout, or the network.
func (k *call) transportError(ctx context.Context, err error) error {
	k.noteLost(err)
	if ctx.Err() == nil {
		return &smithyhttp.RequestSendError{Err: k.conf.endpoint.explain(k.networkErrors().clean(err))}
	}
	if k.ctx.Err() != nil { // perhaps after the attempt's timeout, and for another reason
		return retryloop.Canceled(k.ctx)
	}
	if timeout, ok := context.Cause(ctx).(*attemptTimeoutError); ok {
		return timeout
	}
	return retryloop.Canceled(ctx)
}

func (k *call) networkErrors() *networkErrors {
	n := &networkErrors{client: k.opts.HTTPClient}
	n.endpoint = url.URL{Scheme: k.conf.endpoint.scheme, Host: k.conf.endpoint.host, Path: "/"}
	if k.sentTo != nil {
		n.endpoint.Scheme, n.endpoint.Host = k.sentTo.Scheme, k.sentTo.Host
	}
	return n
}

// maxTrustedRoundTrip is how long an answer may have taken for its Date to say
// something about the clocks.
const maxTrustedRoundTrip = 15 * time.Minute

// clockSkew compares the clocks by the Date of an answer. A cached answer (Age)
// and one that took long say nothing.
func clockSkew(h http.Header, sent, received time.Time) (skew time.Duration, known bool) {
	date := h.Get("Date")
	if date == "" || h.Get("Age") != "" || received.Sub(sent) > maxTrustedRoundTrip {
		return 0, false
	}
	t, err := smithyhttp.ParseTime(date)
	if err != nil {
		return 0, false
	}
	return t.Sub(received), true
}
