package ivsrealtime

import (
	"context"
	cryptorand "crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/defaults"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
	smithyrand "github.com/aws/smithy-go/rand"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// HTTPClient sends one HTTP request. *http.Client is one, and so is a test's
// own type with a Do method.
//
// It must not follow redirects: the service sends none, and a redirect takes the
// body of the request and parts of its signature to another host. The client sees
// to that itself for an *http.Client and an *awshttp.BuildableClient. Any other
// type must return a response with a status of 3xx as it is. A type that wraps
// an *http.Client does so when CheckRedirect returns http.ErrUseLastResponse. One
// that wraps a BuildableClient must wrap what its Freeze method returns instead,
// with such a CheckRedirect.
//
// Request.GetBody is set for an *http.Client and a BuildableClient, so that they send
// again what the service never processed. It is nil for any other type: one that
// follows redirects after all then cannot send the body to another host.
type HTTPClient interface {
	Do(*http.Request) (*http.Response, error)
}

// HTTPSignerV4 signs a request with Signature Version 4, in place.
// *v4.Signer of aws-sdk-go-v2/aws/signer/v4 is one.
type HTTPSignerV4 interface {
	SignHTTP(ctx context.Context, credentials aws.Credentials, r *http.Request, payloadHash, service, region string, signingTime time.Time, optFns ...func(*v4.SignerOptions)) error
}

// IdempotencyTokenProvider makes the token that StartComposition carries when
// the caller set none.
type IdempotencyTokenProvider interface {
	GetIdempotencyToken() (string, error)
}

// EndpointOptions choose the variant of the regional endpoint. Neither variant
// goes together with BaseEndpoint.
type EndpointOptions struct {
	// DisableHTTPS sends over plain HTTP. It has no effect on a BaseEndpoint,
	// which states its own scheme.
	DisableHTTPS bool

	// UseDualStackEndpoint selects the host that answers over IPv4 and IPv6.
	UseDualStackEndpoint aws.DualStackEndpointState

	// UseFIPSEndpoint selects the FIPS 140 host. AWS lists none for IVS
	// Real-Time as of October 2026, so that the name may not resolve.
	UseFIPSEndpoint aws.FIPSEndpointState
}

// Options configure a Client, or one call of it. The fields carry the names of
// the official client's Options. The zero value of every field has a meaning;
// only Region and Credentials must be set. A nil pointer or function in a field of
// an interface type counts as nil. A nil option function changes nothing; a nil
// function in APIOptions, a nil middleware that one of them adds, and a nil
// interceptor are errors of every call.
//
// Options never print their contents: fmt, log/slog, encoding/json, encoding/xml,
// YAML and whatever else asks for text show the region alone, since a credentials
// provider may be a plain value. What goes past the methods of any type does:
// cmp.Diff, spew, testify's differences, encoding/gob, and fmt with Options in an
// unexported field, or with %p and %w, which go vet reports.
type Options struct {
	// APIOptions add middleware to the stack of each call. They are run last,
	// after the client has added its own. A call with any of them takes the
	// slower path through a smithy middleware stack.
	APIOptions []func(*middleware.Stack) error

	// AppID is added to the user agent as app/<AppID>. AWS recommends at most
	// 50 characters.
	AppID string

	// AttemptTimeout limits each attempt, from sending the request to the last
	// byte of the answer; getting credentials and waiting between attempts are
	// not counted. 0, the default, is no limit. An attempt that exceeds it is
	// retried; its error has Timeout() true and matches no context error.
	AttemptTimeout time.Duration

	// BaseEndpoint replaces the regional endpoint: an absolute http or https
	// URL, with a path or without. Requests are still signed for Region. Blanks
	// around the URL are ignored, and AWS_ENDPOINT_URL and its like count as unset
	// when they are blank. The host has to be ASCII.
	BaseEndpoint *string

	// ClientLogMode chooses what is written to Logger. Participant tokens,
	// stream keys, session tokens and signatures are masked in every mode.
	ClientLogMode aws.ClientLogMode

	// Credentials sign the requests. Required; aws.AnonymousCredentials sends
	// requests without a signature. A provider that fetches should be wrapped
	// in an aws.CredentialsCache, as aws-sdk-go-v2/config does. If the service
	// calls the credentials expired, the client removes them from that cache. It
	// tries the call once more if the cache then returns other ones.
	Credentials aws.CredentialsProvider

	// DefaultsMode sets connection timeouts and the retry mode where they are
	// not set otherwise. It is used when the client is made.
	DefaultsMode aws.DefaultsMode

	// DisableClockSkewCorrection signs with the local clock, whatever the service's
	// clock is. Otherwise the client corrects a wrong clock: when a call fails with an
	// error that a wrong clock can cause, and the Date of the response is more than 4
	// minutes from the time of the signature, the client retries it with that time and
	// keeps the difference for later calls. If such a call fails again, the difference
	// from before returns, and the error holds that of the attempt before the correction,
	// too. Unlike the official clients it learns nothing from the Date of other responses,
	// which may be that of a proxy.
	DisableClockSkewCorrection bool

	// EndpointOptions choose the variant of the regional endpoint.
	EndpointOptions EndpointOptions

	// HTTPClient sends the requests. When nil, or an
	// awshttp.BuildableClient whose transport still has the defaults, the client
	// keeps up to 100 idle connections per host, waits at most 60 s for the headers
	// of a response (unless a read timeout is set), and reads at most 1 MiB of them.
	//
	// The client pings the peer of an HTTP/2 connection after 15 s without a frame,
	// and closes the connection when nothing comes for another 15 s. It does so
	// where Transport.HTTP2 is nil and there is no read timeout, whose deadline the
	// responses to pings would keep moving. It applies to a nil HTTPClient and to a
	// BuildableClient, not to an *http.Client. An empty http.HTTP2Config switches the
	// pings off.
	//
	// An *http.Client and a BuildableClient never follow a redirect here. The
	// client sends with a copy whose CheckRedirect returns
	// http.ErrUseLastResponse. An *http.Client is copied for each request, so that
	// a Transport that is set later counts. A BuildableClient is frozen when it
	// first sends; every client and call that uses it shares its connections. Other
	// types must not follow redirects either; see HTTPClient.
	HTTPClient HTTPClient

	// HTTPSignerV4 signs the requests. When nil the client uses its own.
	HTTPSignerV4 HTTPSignerV4

	// IdempotencyTokenProvider makes the idempotency token of StartComposition.
	// The default makes random UUIDs.
	IdempotencyTokenProvider IdempotencyTokenProvider

	// Interceptors run at fixed points of a call. A call with any of them takes
	// the slower path through a smithy middleware stack. As with the official
	// clients, the request that they see from the first attempt on is not the copy
	// that is sent: to change a request do so before the retry loop, or use
	// APIOptions.
	Interceptors smithyhttp.InterceptorRegistry

	// Logger receives what ClientLogMode selects. The default discards it.
	Logger logging.Logger

	// MeterProvider records the metrics of calls, under the names of the
	// official clients.
	MeterProvider metrics.MeterProvider

	// Region is where the requests go and what they are signed for, such as
	// eu-west-1. Required, with BaseEndpoint too. A name with capitals, one that
	// ends in a digit and a letter as zones do, and global are errors of every
	// call; with BaseEndpoint any label of a host name will do. The service is in
	// ap-northeast-1, ap-northeast-2, ap-south-1, eu-central-1, eu-west-1, us-east-1
	// and us-west-2, see https://docs.aws.amazon.com/general/latest/gr/ivs.html.
	Region string

	// RetryMaxAttempts, when not 0, limits the attempts of a call, the first
	// included; 1 switches retries off. The default is the Retryer's, 3. A call
	// that sets 0 keeps the client's limit. A Retryer that a call brings has its
	// own limit, unless the call sets this one too.
	RetryMaxAttempts int

	// RetryMode selects the Retryer when none is set: standard (the default) or
	// adaptive. It is used when the client is made.
	RetryMode aws.RetryMode

	// Retryer decides what is retried, how often and when. When nil, RetryMode
	// selects one.
	Retryer aws.Retryer

	// RuntimeEnvironment is what aws-sdk-go-v2/config found out for
	// DefaultsMode auto.
	RuntimeEnvironment aws.RuntimeEnvironment

	// TracerProvider records the spans of calls, under the names of the
	// official clients.
	TracerProvider tracing.TracerProvider

	// configErr is what NewFromConfig could not take over.
	configErr error
	// legacyResolver says that the aws.Config had an endpoint resolver of the
	// kind that this client does not call.
	legacyResolver bool
	// signingName and signingRegion replace what the service's rules say.
	signingName, signingRegion string
	// feature marks the calls of paginators and waiters in the user agent. It is
	// a field and not middleware, so that it does not cost the fast path.
	feature awsmiddleware.UserAgentFeature
}

// Copy returns a copy whose APIOptions and Interceptors can be appended to
// without changing the original.
func (o Options) Copy() Options {
	o.APIOptions = append([]func(*middleware.Stack) error(nil), o.APIOptions...)
	o.Interceptors = o.Interceptors.Copy()
	return o
}

// Format writes the region and nothing else: Credentials may be a plain value
// that fmt would print.
func (o Options) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, o.text()) }

func (o *Options) text() string { return fmt.Sprintf("ivsrealtime.Options{Region:%q}", o.Region) }

// MarshalJSON writes the region and nothing else, for the same reason.
func (o Options) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct{ Region string }{o.Region})
}

// MarshalText writes the region and nothing else. encoding/xml, YAML and others ask
// for it.
func (o Options) MarshalText() ([]byte, error) { return []byte(o.text()), nil }

// MarshalYAML writes the region and nothing else.
func (o Options) MarshalYAML() (any, error) { return map[string]string{"Region": o.Region}, nil }

// WithAPIOptions returns a function that appends to APIOptions.
func WithAPIOptions(optFns ...func(*middleware.Stack) error) func(*Options) {
	return func(o *Options) { o.APIOptions = append(o.APIOptions, optFns...) }
}

// WithSigV4SigningName returns a function that signs for another service name
// than "ivs".
func WithSigV4SigningName(name string) func(*Options) {
	return func(o *Options) { o.signingName = name }
}

// WithSigV4SigningRegion returns a function that signs for another region than
// the one that the requests go to.
func WithSigV4SigningRegion(region string) func(*Options) {
	return func(o *Options) { o.signingRegion = region }
}

// fillDefaults sets what was left open, so that option functions find values
// that they can wrap, as they do with the official clients.
func (o *Options) fillDefaults() {
	o.dropNils()
	if o.Logger == nil {
		o.Logger = logging.Nop{}
	}
	if o.IdempotencyTokenProvider == nil {
		o.IdempotencyTokenProvider = smithyrand.NewUUIDIdempotencyToken(cryptorand.Reader)
	}
	mode, _ := defaults.GetModeConfiguration(o.resolvedDefaultsMode()) // an unknown mode sets nothing
	if o.RetryMode == "" {
		o.RetryMode = mode.RetryMode
	}
	if o.RetryMode == "" {
		o.RetryMode = aws.RetryModeStandard
	}
	if o.Retryer == nil {
		o.Retryer = newRetryer(o.RetryMode)
	}
	o.HTTPClient = tuneHTTPClient(o.HTTPClient, mode)
}

func (o *Options) resolvedDefaultsMode() aws.DefaultsMode {
	var mode aws.DefaultsMode
	mode.SetFromString(string(o.DefaultsMode))
	if mode == aws.DefaultsModeAuto {
		mode = defaults.ResolveDefaultsModeAuto(o.Region, o.RuntimeEnvironment)
	}
	return mode
}

func newRetryer(mode aws.RetryMode) aws.Retryer {
	if mode == aws.RetryModeAdaptive {
		return retry.NewAdaptiveMode()
	}
	return retry.NewStandard()
}

// Limits of the default transport. With the 10 idle connections of the core a
// burst of callers dials a new connection for most of its calls.
const (
	idleConnsPerHost      = 100
	responseHeaderTimeout = 60 * time.Second
	// The 10 MiB of package net/http take more memory than any body may.
	maxResponseHeaderBytes = 1 << 20
)

// tuneHTTPClient returns the client to use in place of h. Only the core's own
// BuildableClient is changed, as a copy, and only where it has the defaults.
func tuneHTTPClient(h HTTPClient, mode defaults.Configuration) HTTPClient {
	if h == nil {
		h = awshttp.NewBuildableClient()
	}
	b, ok := h.(*awshttp.BuildableClient)
	if !ok {
		return h
	}
	if t, ok := mode.GetConnectTimeout(); ok && replaceable(b.GetDialer().Timeout, awshttp.DefaultDialConnectTimeout, t) {
		b = b.WithDialerOptions(func(d *net.Dialer) { d.Timeout = t })
	}
	tr := b.GetTransport()
	idle := tr.MaxIdleConnsPerHost == awshttp.DefaultHTTPTransportMaxIdleConnsPerHost
	// A caller who set a read timeout has said how long to wait.
	_, readTimeout := b.GetReadTimeout()
	wait := tr.ResponseHeaderTimeout == 0 && !readTimeout
	ping := wantsPings(b, tr)
	handshake, ok := mode.GetTLSNegotiationTimeout()
	shake := ok && replaceable(tr.TLSHandshakeTimeout, awshttp.DefaultHTTPTransportTLSHandleshakeTimeout, handshake)
	if !idle && !wait && !shake && !ping {
		return b // as it is: a copy would have connections of its own
	}
	return b.WithTransportOptions(func(tr *http.Transport) {
		if idle {
			tr.MaxIdleConnsPerHost = idleConnsPerHost
		}
		if wait {
			tr.ResponseHeaderTimeout = responseHeaderTimeout
		}
		if tr.MaxResponseHeaderBytes == 0 {
			tr.MaxResponseHeaderBytes = maxResponseHeaderBytes
		}
		if shake {
			tr.TLSHandshakeTimeout = handshake
		}
		if ping {
			setPings(tr)
		}
	})
}

// replaceable reports whether timeout is to become next: when it is the core's
// default, or what another mode sets, since an option function may have changed
// the mode.
func replaceable(timeout, coreDefault, next time.Duration) bool {
	if timeout == next {
		return false
	}
	switch timeout {
	case coreDefault, 1100 * time.Millisecond, 3100 * time.Millisecond, 30 * time.Second:
		return true
	}
	return false
}

// needsStack says whether a call must run through a smithy middleware stack:
// when the caller brought something that only a stack can serve.
func (o *Options) needsStack() bool {
	i := &o.Interceptors
	return len(o.APIOptions) != 0 || o.ClientLogMode != 0 || o.tracer() != nil || o.meter() != nil ||
		len(i.BeforeExecution)+len(i.BeforeSerialization)+len(i.AfterSerialization)+len(i.BeforeRetryLoop)+
			len(i.BeforeAttempt)+len(i.BeforeSigning)+len(i.AfterSigning)+len(i.BeforeTransmit)+len(i.AfterTransmit)+
			len(i.BeforeDeserialization)+len(i.AfterDeserialization)+len(i.AfterAttempt)+len(i.AfterExecution) != 0
}

// tracer returns the TracerProvider unless it does nothing.
func (o *Options) tracer() tracing.TracerProvider {
	switch o.TracerProvider.(type) {
	case nil, tracing.NopTracerProvider, *tracing.NopTracerProvider:
		return nil
	}
	return o.TracerProvider
}

// meter returns the MeterProvider unless it does nothing.
func (o *Options) meter() metrics.MeterProvider {
	switch o.MeterProvider.(type) {
	case nil, metrics.NopMeterProvider, *metrics.NopMeterProvider:
		return nil
	}
	return o.MeterProvider
}

// settings are what a call needs that follows from Options.
type settings struct {
	// err is what is wrong with the configuration. Every call returns it.
	err       error
	endpoint  endpoint
	sender    HTTPClient // what sends in place of Options.HTTPClient
	retryer   aws.RetryerV2
	userAgent userAgent
	anonymous bool // send without a signature
	// attemptTimeout is the error of an attempt that took too long.
	attemptTimeout *attemptTimeoutError
}

// newSettings derives the settings of o, which is completed first. base, when
// not nil, are the options that o is a changed copy of and conf their settings:
// only what a change touched is derived again.
func newSettings(o, base *Options, conf *settings) *settings {
	s := new(settings)
	if base == nil {
		base = new(Options)
	} else {
		*s = *conf
		o.dropNils()
		o.fillFrom(base)
	}
	first := conf == nil
	credentials := first || !same(o.Credentials, base.Credentials)
	retryer := first || !same(o.Retryer, base.Retryer)
	if credentials {
		s.anonymous = aws.IsCredentialsProvider(o.Credentials, (*aws.AnonymousCredentials)(nil))
	}
	if retryer || o.RetryMaxAttempts != base.RetryMaxAttempts {
		// The client's RetryMaxAttempts was not meant for a Retryer that a call brings.
		s.retryer = retryerV2(o, first || o.RetryMaxAttempts != base.RetryMaxAttempts)
	}
	if first || !same(o.HTTPClient, base.HTTPClient) {
		s.sender = sender(o.HTTPClient)
	}
	if first || o.AttemptTimeout != base.AttemptTimeout {
		s.attemptTimeout = &attemptTimeoutError{o.AttemptTimeout}
	}
	if credentials || retryer || o.AppID != base.AppID {
		s.userAgent = newUserAgent(o)
	}
	var err error
	if first || conf.err != nil || o.Region != base.Region || o.signingRegion != base.signingRegion ||
		o.EndpointOptions != base.EndpointOptions || o.BaseEndpoint != base.BaseEndpoint {
		s.endpoint, err = resolveEndpoint(o)
	}
	if o.signingRegion != "" {
		s.endpoint.signingRegion = o.signingRegion
	}
	switch {
	case o.configErr != nil:
		s.err = fmt.Errorf("configuration: %w", o.configErr)
	case err != nil:
		s.err = fmt.Errorf("configuration: %w", err)
	case o.Credentials == nil:
		s.err = errNoCredentials
	default:
		s.err = nil
	}
	return s
}

// fillFrom gives fields that a call's option function set to nil the client's
// value again: none of them can be done without. RetryMaxAttempts 0 means no
// change to the official clients, too.
func (o *Options) fillFrom(base *Options) {
	if o.RetryMaxAttempts == 0 {
		o.RetryMaxAttempts = base.RetryMaxAttempts
	}
	if o.HTTPClient == nil {
		o.HTTPClient = base.HTTPClient
	}
	if o.IdempotencyTokenProvider == nil {
		o.IdempotencyTokenProvider = base.IdempotencyTokenProvider
	}
	if o.Logger == nil {
		o.Logger = base.Logger
	}
	if o.Retryer == nil {
		o.Retryer = base.Retryer
	}
}

// same reports whether a and b are the same value, false where it cannot be told.
func same(a, b any) bool {
	va := reflect.ValueOf(a)
	return a == nil && b == nil || va.IsValid() && va.Comparable() && a == b
}

func retryerV2(o *Options, limit bool) aws.RetryerV2 {
	r := o.Retryer
	if limit && o.RetryMaxAttempts != 0 {
		r = retry.AddWithMaxAttempts(r, o.RetryMaxAttempts)
	}
	if v2, ok := r.(aws.RetryerV2); ok {
		return v2
	}
	return retryerAdapter{r}
}

// retryerAdapter gives an older Retryer the method that replaced GetInitialToken.
type retryerAdapter struct{ aws.Retryer }

func (r retryerAdapter) GetAttemptToken(context.Context) (func(error) error, error) {
	return r.Retryer.GetInitialToken(), nil
}
