package ivsrealtime

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// userAgent holds the User-Agent header of a client: of a plain call, and of
// one made by a paginator or a waiter.
type userAgent struct{ plain, paginator, waiter string }

func (u *userAgent) get(feature awsmiddleware.UserAgentFeature) string {
	switch feature {
	case awsmiddleware.UserAgentFeaturePaginator:
		return u.paginator
	case awsmiddleware.UserAgentFeatureWaiter:
		return u.waiter
	}
	return u.plain
}

func newUserAgent(o *Options) userAgent {
	render := func(feature awsmiddleware.UserAgentFeature) string {
		return headerOf(buildUserAgent(o, feature), "User-Agent")
	}
	return userAgent{
		plain:     render(""),
		paginator: render(awsmiddleware.UserAgentFeaturePaginator),
		waiter:    render(awsmiddleware.UserAgentFeatureWaiter),
	}
}

// buildUserAgent returns the core's middleware for the User-Agent header, with
// our own name. The stack uses it as it is, so that callers can add to it.
func buildUserAgent(o *Options, feature awsmiddleware.UserAgentFeature) *awsmiddleware.RequestUserAgent {
	ua := awsmiddleware.NewRequestUserAgent()
	ua.AddSDKAgentKeyValue(awsmiddleware.FrameworkMetadata, "ivsrealtime-go", Version)
	if o.AppID != "" {
		ua.AddSDKAgentKey(awsmiddleware.ApplicationIdentifier, o.AppID)
	}
	switch o.Retryer.(type) {
	case *retry.Standard:
		ua.AddUserAgentFeature(awsmiddleware.UserAgentFeatureRetryModeStandard)
	case *retry.AdaptiveMode:
		ua.AddUserAgentFeature(awsmiddleware.UserAgentFeatureRetryModeAdaptive)
	}
	if p, ok := o.Credentials.(aws.CredentialProviderSource); ok {
		for _, source := range p.ProviderSources() {
			ua.AddCredentialsSource(source)
		}
	}
	if feature != "" {
		ua.AddUserAgentFeature(feature)
	}
	return ua
}

const (
	traceHeader = "X-Amzn-Trace-Id"
	// traceKey is the context key under which AWS's Lambda runtime for Go keeps the
	// trace of an invocation. With concurrent invocations the environment has none.
	traceKey = "x-amzn-trace-id"
)

// traceOf returns the value of X-Amzn-Trace-Id, which keeps Lambda functions from
// calling each other in a circle: the trace of the context or else of the
// environment, "" outside Lambda.
func traceOf(ctx context.Context) string {
	if trace := traceOfContext(ctx); trace != "" {
		return trace
	}
	// The core's middleware asks for more; without these two it adds nothing.
	if _, ok := os.LookupEnv("AWS_LAMBDA_FUNCTION_NAME"); !ok {
		return ""
	}
	if _, ok := os.LookupEnv("_X_AMZN_TRACE_ID"); !ok {
		return ""
	}
	return headerOf(&awsmiddleware.RecursionDetection{}, traceHeader)
}

func traceOfContext(ctx context.Context) string {
	trace, _ := ctx.Value(traceKey).(string)
	if trace == "" {
		return ""
	}
	if _, ok := os.LookupEnv("AWS_LAMBDA_FUNCTION_NAME"); !ok {
		return ""
	}
	return escapeTrace(trace)
}

// escapeTrace percent-encodes a trace as the core does for that of the environment.
func escapeTrace(s string) string {
	const unescaped = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-=;:+&[]{}\"',"
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		if strings.IndexByte(unescaped, s[i]) >= 0 {
			b = append(b, s[i])
		} else {
			b = fmt.Appendf(b, "%%%02X", s[i])
		}
	}
	return string(b)
}

// recursionDetection is the core's middleware of that name, which knows the
// environment alone, after the trace of the context. Neither replaces a header that
// the caller set.
type recursionDetection struct {
	awsmiddleware.RecursionDetection
}

func (m *recursionDetection) HandleBuild(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
	if req, ok := in.Request.(*smithyhttp.Request); ok && req != nil && req.Header.Get(traceHeader) == "" {
		if trace := traceOfContext(ctx); trace != "" {
			req.Header.Set(traceHeader, trace)
		}
	}
	return m.RecursionDetection.HandleBuild(ctx, in, next)
}

// headerOf runs one middleware on an empty request and returns the header that
// it set, so that the plain path sends what the core would.
func headerOf(m middleware.BuildMiddleware, name string) string {
	req := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	next := middleware.BuildHandlerFunc(func(context.Context, middleware.BuildInput) (out middleware.BuildOutput, md middleware.Metadata, err error) {
		return out, md, nil
	})
	_, _, _ = m.HandleBuild(context.Background(), middleware.BuildInput{Request: req}, next)
	return req.Header.Get(name)
}
