package ivsrealtime

import (
	"context"
	"os"

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

// traceHeader returns the X-Amzn-Trace-Id header that keeps Lambda functions
// from calling each other in a circle, "" outside Lambda.
func traceHeader() string {
	// The core's middleware asks for more; without these two it adds nothing.
	if _, ok := os.LookupEnv("AWS_LAMBDA_FUNCTION_NAME"); !ok {
		return ""
	}
	if _, ok := os.LookupEnv("_X_AMZN_TRACE_ID"); !ok {
		return ""
	}
	return headerOf(&awsmiddleware.RecursionDetection{}, "X-Amzn-Trace-Id")
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
