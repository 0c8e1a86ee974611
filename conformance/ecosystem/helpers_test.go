package ecosystem

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

var signedHeaders = regexp.MustCompile(`SignedHeaders=([^,]*)`)

// headers writes down what was sent, without what changes from call to call.
func headers(requests []*http.Request) (lines []string) {
	for i, r := range requests {
		for _, name := range slices.Sorted(maps.Keys(r.Header)) {
			value := strings.Join(r.Header[name], " | ")
			switch name {
			case "Authorization":
				value = signedHeaders.FindString(value)
			case "X-Amz-Date", "Amz-Sdk-Invocation-Id", "Traceparent", "X-Amz-Content-Sha256", "Content-Md5":
				value = "..."
			case "User-Agent":
				value = agent(value)
			}
			lines = append(lines, fmt.Sprintf("request %d %s: %s", i, name, value))
		}
		lines = append(lines, fmt.Sprintf("request %d has length %t, host %s", i, r.ContentLength > 0, r.Host))
	}
	return lines
}

// agent takes the name of the client out of a user agent.
func agent(ua string) string {
	words := strings.Fields(ua)
	return strings.Join(slices.DeleteFunc(words, func(w string) bool {
		return strings.HasPrefix(w, "api/") || strings.HasPrefix(w, "lib/ivsrealtime-go#")
	}), " ")
}

// metadata writes down what a result's metadata holds.
func metadata(md middleware.Metadata) (lines []string) {
	if id, ok := awsmiddleware.GetRequestIDMetadata(md); ok {
		lines = append(lines, "request id "+id)
	}
	if raw := awsmiddleware.GetRawResponse(md); raw != nil {
		lines = append(lines, fmt.Sprintf("raw response %T", raw))
		if r, ok := raw.(*smithyhttp.Response); ok {
			lines = append(lines, fmt.Sprintf("raw response of status %d, with Date %t", r.StatusCode, r.Header.Get("Date") != ""))
		}
	}
	if at, ok := awsmiddleware.GetResponseAt(md); ok {
		lines = append(lines, "answered at "+at.String())
	}
	if at, ok := awsmiddleware.GetServerTime(md); ok {
		lines = append(lines, "server time "+at.String())
	}
	if skew, ok := awsmiddleware.GetAttemptSkew(md); ok {
		lines = append(lines, "skew "+skew.String())
	}
	if attempts, ok := retry.GetAttemptResults(md); ok {
		lines = append(lines, fmt.Sprintf("attempt results: %d", len(attempts.Results)))
	}
	return lines
}

// helpers are the functions of the core that add middleware.
var helpers = map[string]func(*middleware.Stack) error{
	"none":                     func(*middleware.Stack) error { return nil },
	"AddRawResponseToMetadata": awsmiddleware.AddRawResponseToMetadata,
	"AddRecordResponseTiming":  awsmiddleware.AddRecordResponseTiming,
	"AddClientRequestID":       awsmiddleware.AddClientRequestIDMiddleware,
	"AddRequestIDRetriever":    awsmiddleware.AddRequestIDRetrieverMiddleware,
	"AddRecursionDetection":    awsmiddleware.AddRecursionDetection,
	"AddSetLogger":             func(s *middleware.Stack) error { return middleware.AddSetLoggerMiddleware(s, logging.Nop{}) },
	"AddUserAgentKey":          awsmiddleware.AddUserAgentKey("mine"),
	"AddUserAgentKeyValue":     awsmiddleware.AddUserAgentKeyValue("mine", "1.2"),
	"AddSDKAgentKey":           awsmiddleware.AddSDKAgentKey(awsmiddleware.FeatureMetadata2, "x"),
	"AddSDKAgentKeyValue":      awsmiddleware.AddSDKAgentKeyValue(awsmiddleware.FrameworkMetadata, "framework", "3"),
	"AddResponseError":         awshttp.AddResponseErrorMiddleware,
	"AddHeaderValue":           smithyhttp.AddHeaderValue("X-Mine", "1"),
	"SetHeaderValue":           smithyhttp.SetHeaderValue("X-Mine", "1"),
	"SetHeaderValue, agent":    smithyhttp.SetHeaderValue("User-Agent", "mine"),
	//lint:ignore SA1019 older middleware calls it
	"AddErrorCloseResponseBody": smithyhttp.AddErrorCloseResponseBodyMiddleware,
	//lint:ignore SA1019 older middleware calls it
	"AddComputeContentLength":     smithyhttp.AddComputeContentLengthMiddleware,
	"AddContentChecksum":          smithyhttp.AddContentChecksumMiddleware,
	"AddValidateContentLength":    smithyhttp.ValidateContentLengthHeader,
	"AddComputePayloadSHA256":     v4.AddComputePayloadSHA256Middleware,
	"AddContentSHA256Header":      v4.AddContentSHA256HeaderMiddleware,
	"SwapComputePayload":          v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware,
	"AddUnsignedPayload":          v4.AddUnsignedPayloadMiddleware,
	"RemoveComputePayload":        v4.RemoveComputePayloadSHA256Middleware,
	"RemoveContentSHA256Header":   v4.RemoveContentSHA256HeaderMiddleware,
	"two headers":                 both(smithyhttp.AddHeaderValue("X-A", "1"), smithyhttp.AddHeaderValue("X-B", "2")),
	"hash, then its header":       both(v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware, v4.AddContentSHA256HeaderMiddleware),
	"request id header of mine":   header("Build", "X-Mine", "1"),
	"header before signing":       header("Finalize", "X-Mine", "1"),
	"header after signing":        header("After", "X-Mine", "1"),
	"another host":                header("Host", "", "elsewhere.example"),
	"a path of a proxy":           header("Path", "", "/proxy"),
	"a call answered by no one":   header("Fail", "", ""),
	"clearing the logger":         func(s *middleware.Stack) error { s.Deserialize.Clear(); return fmt.Errorf("given up") },
	"removing the logger":         removing("Deserialize", "RequestResponseLogger"),
	"removing the user agent":     removing("Build", "UserAgent"),
	"removing the invocation id":  removing("Build", "ClientRequestID"),
	"removing the input check":    removing("Initialize", "OperationInputValidation"),
	"removing the retries":        removing("Finalize", "Retry"),
	"removing the signature":      removing("Finalize", "Signing"),
	"removing the error wrapper":  removing("Deserialize", "ResponseErrorWrapper"),
	"removing the request id":     removing("Deserialize", "RequestIDRetriever"),
	"removing the raw response":   removing("Deserialize", "AddRawResponseToMetadata"),
	"removing the timing":         removing("Deserialize", "RecordResponseTiming"),
	"removing what is not there":  removing("Deserialize", "Nothing"),
	"removing the trace detector": removing("Build", "RecursionDetection"),
}

func both(a, b func(*middleware.Stack) error) func(*middleware.Stack) error {
	return func(s *middleware.Stack) error {
		if err := a(s); err != nil {
			return err
		}
		return b(s)
	}
}

func removing(step, id string) func(*middleware.Stack) error {
	return func(s *middleware.Stack) (err error) {
		switch step {
		case "Initialize":
			_, err = s.Initialize.Remove(id)
		case "Build":
			_, err = s.Build.Remove(id)
		case "Finalize":
			_, err = s.Finalize.Remove(id)
		case "Deserialize":
			_, err = s.Deserialize.Remove(id)
		}
		return err
	}
}

// header changes the request in a step, as much middleware does.
func header(step, name, value string) func(*middleware.Stack) error {
	return func(s *middleware.Stack) error {
		if step == "Build" {
			return s.Build.Add(middleware.BuildMiddlewareFunc("mine", func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
				in.Request.(*smithyhttp.Request).Header.Set(name, value)
				return next.HandleBuild(ctx, in)
			}), middleware.After)
		}
		m := middleware.FinalizeMiddlewareFunc("mine", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (out middleware.FinalizeOutput, md middleware.Metadata, err error) {
			r := in.Request.(*smithyhttp.Request)
			switch step {
			case "Host":
				r.Host = value
			case "Path":
				r.URL.Path = value + r.URL.Path
			case "Fail":
				return out, md, fmt.Errorf("not today")
			default:
				r.Header.Set(name, value)
			}
			return next.HandleFinalize(ctx, in)
		})
		relative := middleware.Before
		if step == "After" {
			relative = middleware.After
		}
		return s.Finalize.Insert(m, "Signing", relative)
	}
}

// Everything of the core that adds to a stack, and what is usually done to one.
func TestHelpers(t *testing.T) {
	for _, oracle := range oracles {
		c := rules.Compare(t, tally.Row{Area: "Ecosystem", What: "helpers of the core", With: oracle.name}, helperDifferences(oracle.name))
		for _, name := range slices.Sorted(maps.Keys(helpers)) {
			for _, sc := range scenarios {
				play := func(s subject) (lines []string) {
					synctest.Test(t, func(t *testing.T) {
						time.Sleep(1500 * time.Millisecond) // not at a whole second
						srv, md, err := s.run(t, sc, setup{api: []func(*middleware.Stack) error{helpers[name]}})
						lines = append(headers(srv.requests), metadata(md)...)
						lines = append(lines, fmt.Sprintf("failed %t", err != nil))
					})
					return s.neutral(lines)
				}
				c.Case(name+", "+sc.name, name, play(oracle), play(ours))
			}
		}
		c.Done()
	}
}

// notes is instrumentation of the kind that tracing products bring: it begins
// before the stack, looks at each attempt, and reads the metadata in the end.
func notes(log *[]string) func(*middleware.Stack) error {
	note := func(format string, args ...any) { *log = append(*log, fmt.Sprintf(format, args...)) }
	return func(s *middleware.Stack) error {
		err := s.Initialize.Add(middleware.InitializeMiddlewareFunc("Begin", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			note("begin %s.%s in %s, %s.%s", awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx), awsmiddleware.GetRegion(ctx), middleware.GetServiceID(ctx), middleware.GetOperationName(ctx))
			out, md, err := next.HandleInitialize(ctx, in)
			note("end, failed %t", err != nil)
			*log = append(*log, metadata(md)...)
			return out, md, err
		}), middleware.After)
		if err != nil {
			return err
		}
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Attempt", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			r := in.Request.(*smithyhttp.Request)
			r.Header.Set("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793")
			out, md, err := next.HandleDeserialize(ctx, in)
			if resp, ok := out.RawResponse.(*smithyhttp.Response); ok {
				note("attempt %s, status %d, length %d, failed %t", r.Header.Get("Amz-Sdk-Request"), resp.StatusCode, resp.ContentLength, err != nil)
			} else {
				note("attempt %s without an answer, failed %t", r.Header.Get("Amz-Sdk-Request"), err != nil)
			}
			*log = append(*log, metadata(md)...)
			return out, md, err
		}), middleware.Before)
	}
}

func TestTracingMiddleware(t *testing.T) {
	for _, oracle := range oracles {
		c := rules.Compare(t, tally.Row{Area: "Ecosystem", What: "tracing middleware", With: oracle.name}, noteDifferences)
		for _, sc := range scenarios {
			play := func(s subject) (lines []string) {
				synctest.Test(t, func(t *testing.T) {
					time.Sleep(1500 * time.Millisecond)
					srv, _, _ := s.run(t, sc, setup{api: []func(*middleware.Stack) error{notes(&lines)}})
					lines = append(lines, headers(srv.requests)...)
				})
				return s.neutral(lines)
			}
			c.Case(sc.name, sc.name, play(oracle), play(ours))
		}
		c.Done()
	}
}
