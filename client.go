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
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyrand "github.com/aws/smithy-go/rand"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/seed-433ec77c/ivsrealtime/internal/redact"
	"github.com/seed-433ec77c/ivsrealtime/internal/retryloop"
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
	// A pointer, so that printing a Client in whatever way does not reach the
	// credentials.
	options *Options
	conf    *settings
	// signer keeps the derived signing key between calls.
	signer *v4.Signer
	// skew is the service's clock minus ours in nanoseconds, as last seen.
	skew atomic.Int64
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
		fns = append(fns, func(o *Options) { fn(ServiceID, o) })
	}
	return fns
}

// New returns a client configured by options, changed by the option functions.
// Like NewFromConfig it does not fail.
func New(options Options, optFns ...func(*Options)) *Client {
	o := options.Copy()
	o.fillDefaults()
	standing, mode := o.Retryer, o.RetryMode
	for _, fn := range optFns {
		fn(&o)
	}
	// An option function that chose another mode meant the retryer of that mode,
	// unless the caller brought one.
	if options.Retryer == nil && o.RetryMode != mode && o.Retryer == standing {
		o.Retryer = nil
	}
	o.fillDefaults()
	return &Client{options: &o, conf: newSettings(&o, nil, nil), signer: v4.NewSigner()}
}

// Options returns a copy of the client's configuration.
func (c *Client) Options() Options {
	if c.options == nil {
		return Options{}
	}
	return c.options.Copy()
}

// Format writes the region and nothing else, as Options does.
func (c *Client) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, fmt.Sprintf("ivsrealtime.Client{Region:%q}", c.Options().Region))
}

// invoke makes one call: 1. the call's own options, 2. the check of the input,
// 3. encoding, 4. the attempts (credentials, headers, signature, sending,
// reading, decoding), 5. the output or an error.
func invoke[I, O any](ctx context.Context, c *Client, op string, in *I, out *O, optFns []func(*Options)) (*O, error) {
	if in == nil {
		in = new(I)
	}
	result, md, err := c.call(ctx, op, in, out, optFns)
	if err != nil {
		return nil, &smithy.OperationError{ServiceID: ServiceID, OperationName: op, Err: err}
	}
	out, ok := result.(*O) // a caller's middleware may answer in our place
	if !ok || out == nil {
		return nil, &smithy.OperationError{ServiceID: ServiceID, OperationName: op, Err: fmt.Errorf("a middleware returned %T, want %T", result, out)}
	}
	*resultMetadata(out) = md
	return out, nil
}

// resultMetadata finds the ResultMetadata of an output, its last field.
func resultMetadata(out any) *middleware.Metadata {
	v := reflect.ValueOf(out).Elem()
	return v.Field(v.NumField() - 1).Addr().Interface().(*middleware.Metadata)
}

func (c *Client) call(ctx context.Context, op string, in, out any, optFns []func(*Options)) (any, middleware.Metadata, error) {
	var md middleware.Metadata
	if c == nil || c.conf == nil {
		return nil, md, errors.New("the Client was not made by New or NewFromConfig")
	}
	if ctx == nil {
		ctx = context.Background()
	}
	k := &call{client: c, ctx: ctx, op: op, in: in, out: out, opts: c.options, conf: c.conf}
	if len(optFns) != 0 {
		o := c.options.Copy()
		for _, fn := range optFns {
			fn(&o)
		}
		k.opts, k.conf = &o, newSettings(&o, c.options, c.conf)
	}
	if k.conf.err != nil {
		return nil, md, k.conf.err
	}
	if k.opts.needsStack() {
		return k.runStack()
	}
	return k.run()
}

// call is one call on its way. The steps below are functions of it; run strings
// them together and stack.go does so as smithy middleware.
type call struct {
	client *Client
	ctx    context.Context // the caller's
	op     string
	in     any // never written to
	out    any
	opts   *Options
	conf   *settings

	// What the current attempt found out.
	skew      time.Duration
	skewKnown bool
}

// run makes the call by plain function calls.
func (k *call) run() (any, middleware.Metadata, error) {
	var md middleware.Metadata
	if err := validate(k.in); err != nil {
		return nil, md, err
	}
	req, err := k.encode(k.in)
	if err != nil {
		return nil, md, err
	}
	k.conf.endpoint.setURL(&req.url)
	header, err := k.header(req.body != nil)
	if err != nil {
		return nil, md, err
	}
	hash := sha256.Sum256(req.body)
	payloadHash := hex.EncodeToString(hash[:])

	err = k.loop().Run(k.ctx, func(ctx context.Context, a retryloop.Attempt) retryloop.Result {
		creds, err := k.credentials(ctx)
		if err != nil {
			return retryloop.Result{Err: err}
		}
		r := req.http(header, a.Header(ctx))
		if err := k.sign(ctx, r, creds, payloadHash, k.signingName(), k.conf.endpoint.signingRegion, a.Skew); err != nil {
			return retryloop.Result{Err: err}
		}
		resp, err := k.exchange(ctx, func(ctx context.Context) (*http.Response, error) {
			resp, err := k.opts.HTTPClient.Do(r.WithContext(ctx))
			if err != nil {
				return nil, k.transportError(ctx, err)
			}
			return resp, nil
		})
		md = middleware.Metadata{}
		if id := requestID(resp); id != "" {
			awsmiddleware.SetRequestIDMetadata(&md, id)
		}
		if err != nil && resp != nil {
			err = responseError(resp, err)
		}
		return retryloop.Result{Err: err, Skew: k.skew, SkewKnown: k.skewKnown}
	})
	return k.out, md, err
}

func (k *call) loop() *retryloop.Loop {
	l := &retryloop.Loop{Retryer: k.conf.retryer}
	if !k.opts.DisableClockSkewCorrection {
		l.Skew = &k.client.skew
	}
	return l
}

// validate checks that in has every member that the API requires.
func validate(in any) error {
	missing := wire.Missing(in)
	if missing == nil {
		return nil
	}
	e := smithy.InvalidParamsError{Context: reflect.TypeOf(in).Elem().Name()}
	for _, path := range missing {
		e.Add(smithy.NewErrParamRequired(path))
	}
	return e
}

// request is an encoded input, the same for every attempt.
type request struct {
	method string
	url    url.URL // path and query; the endpoint is added later
	body   []byte  // nil: none
}

// encode turns an input into a request.
func (k *call) encode(in any) (*request, error) {
	if s, ok := in.(interface {
		withIdempotencyToken(func() (string, error)) (any, error)
	}); ok {
		var err error
		if in, err = s.withIdempotencyToken(k.opts.IdempotencyTokenProvider.GetIdempotencyToken); err != nil {
			return nil, fmt.Errorf("make an idempotency token: %w", err)
		}
	}
	r := &request{method: http.MethodPost, url: url.URL{Path: "/" + k.op}}
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
	var err error
	if r.body, err = wire.Encode(body); err != nil {
		return nil, &smithy.SerializationError{Err: err}
	}
	return r, nil
}

// header returns the headers that all attempts of a call share.
func (k *call) header(hasBody bool) (http.Header, error) {
	id, err := smithyrand.NewUUID(cryptorand.Reader).GetUUID()
	if err != nil {
		return nil, fmt.Errorf("make an invocation id: %w", err)
	}
	h := make(http.Header, 8)
	h["Amz-Sdk-Invocation-Id"] = []string{id}
	h["User-Agent"] = []string{k.conf.userAgent.get(k.opts.feature)}
	if hasBody {
		h["Content-Type"] = []string{"application/json"}
	}
	if trace := traceHeader(); trace != "" {
		h["X-Amzn-Trace-Id"] = []string{trace}
	}
	return h, nil
}

// http returns the HTTP request of one attempt.
func (r *request) http(shared http.Header, attempt string) *http.Request {
	header := make(http.Header, len(shared)+4) // and three of the signature
	for name, values := range shared {
		header[name] = values
	}
	header["Amz-Sdk-Request"] = []string{attempt}
	u := r.url
	req := &http.Request{Method: r.method, URL: &u, Header: header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	if r.body != nil {
		req.Body = io.NopCloser(bytes.NewReader(r.body))
		req.ContentLength = int64(len(r.body))
	}
	return req
}

// credentials returns what to sign with; the zero value stands for no signature.
func (k *call) credentials(ctx context.Context) (aws.Credentials, error) {
	if k.conf.anonymous {
		return aws.Credentials{}, nil
	}
	creds, err := k.opts.Credentials.Retrieve(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return creds, &smithy.CanceledError{Err: ctx.Err()}
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
	var signer HTTPSignerV4 = k.client.signer
	if k.opts.HTTPSignerV4 != nil {
		signer = k.opts.HTTPSignerV4
	}
	var optFns []func(*v4.SignerOptions)
	if k.opts.ClientLogMode.IsSigning() {
		optFns = append(optFns, func(o *v4.SignerOptions) {
			// The signer writes the session token: never give it the plain logger.
			o.Logger, o.LogSigning = redact.Logger(k.opts.Logger), true
		})
	}
	if err := signer.SignHTTP(ctx, creds, r, payloadHash, name, region, time.Now().Add(skew).UTC(), optFns...); err != nil {
		return fmt.Errorf("sign the request: %w", err)
	}
	return nil
}

// exchange sends the request by do and decodes the answer. The answer is nil
// when there was none; its body is read and closed in any case.
func (k *call) exchange(ctx context.Context, do func(context.Context) (*http.Response, error)) (*http.Response, error) {
	if t := k.opts.AttemptTimeout; t > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, t, &attemptTimeoutError{t})
		defer cancel()
	}
	k.skew, k.skewKnown = 0, false
	sent := time.Now()
	resp, err := do(ctx)
	if resp != nil {
		k.skew, k.skewKnown = clockSkew(resp.Header, sent, time.Now())
	}
	if err == nil && (resp == nil || resp.StatusCode == 0) {
		closeBody(resp)
		return nil, errNoAnswer
	}
	if err != nil {
		if resp != nil && resp.Body != nil {
			_, _ = io.CopyN(io.Discard, resp.Body, maxErrorBody) // so that the connection can be used again
		}
		closeBody(resp)
		return resp, err
	}
	return resp, k.decode(ctx, resp)
}

// errNoAnswer is the error of an HTTP client that breaks its contract.
var errNoAnswer = errors.New("the HTTP client returned neither an answer with a status nor an error")

// transportError explains why a request was not answered, or an answer not
// read: the caller's context, the attempt's timeout, or the network.
func (k *call) transportError(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return &smithyhttp.RequestSendError{Err: withoutContextErrors(err)}
	}
	if timeout, ok := context.Cause(ctx).(*attemptTimeoutError); ok && k.ctx.Err() == nil {
		return timeout
	}
	return &smithy.CanceledError{Err: ctx.Err()}
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

// Limits of what is read of an answer.
const (
	maxBody      = 16 << 20
	maxErrorBody = 64 << 10
)

// errBodyTooLarge says that an answer was not read to its end.
var errBodyTooLarge = errors.New("too large")

// decode reads the answer into the output, or into an error.
func (k *call) decode(ctx context.Context, resp *http.Response) error {
	ok := resp.StatusCode >= 200 && resp.StatusCode < 300
	limit := maxBody
	if !ok {
		limit = maxErrorBody
	}
	body, err := readBody(resp, limit)
	if err != nil && ctx.Err() != nil {
		return k.transportError(ctx, err)
	}
	if !ok {
		return decodeError(resp, body, err)
	}
	if errors.Is(err, errBodyTooLarge) {
		err = fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)
	} else if err != nil {
		err = fmt.Errorf("read the answer: %w", withoutContextErrors(err))
	} else {
		// A caller's Retryer may have had us decode before.
		reflect.ValueOf(k.out).Elem().SetZero()
		err = wire.Decode(body, k.out)
	}
	if err != nil {
		return &smithy.DeserializationError{Err: err}
	}
	return nil
}

// readBody reads and closes the body, so that the connection can be used again.
// One that is larger than limit is closed unread, which ends the connection.
func readBody(resp *http.Response, limit int) ([]byte, error) {
	defer closeBody(resp)
	if resp.Body == nil {
		return nil, nil
	}
	var buf bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= int64(limit) {
		buf.Grow(int(min(n, 1<<20)) + bytes.MinRead) // what a header claims is not to be trusted
	}
	_, err := buf.ReadFrom(io.LimitReader(resp.Body, int64(limit)+1))
	if err == nil && buf.Len() > limit {
		err = errBodyTooLarge
	}
	return buf.Bytes(), err
}

// closeBody closes the body of resp and lets go of it: answers stay reachable
// from errors and metadata, and must not keep their bytes.
func closeBody(resp *http.Response) {
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
		resp.Body = http.NoBody
	}
}

func requestID(resp *http.Response) string {
	if resp == nil {
		return ""
	}
	if id := resp.Header.Get("X-Amzn-Requestid"); id != "" {
		return id
	}
	return resp.Header.Get("X-Amz-Requestid")
}
