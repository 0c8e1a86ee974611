// Package ecosystem compares what middleware, instrumentation and interceptors
// from elsewhere get to see.
package ecosystem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/seed-433ec77c/ivsrealtime"
	responses "github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
)

// setup is how a client is configured.
type setup struct {
	api          []func(*middleware.Stack) error
	tracer       tracing.TracerProvider
	meter        metrics.MeterProvider
	interceptors smithyhttp.InterceptorRegistry
	http         aws.HTTPClient
	logMode      aws.ClientLogMode
	logger       logging.Logger
	invalid      bool // leave out what is required
}

// subject is a client to look at.
type subject struct {
	name string
	call func(context.Context, setup) (middleware.Metadata, error)
	// words are names of its own, and what they are called for comparing.
	words *strings.Replacer
}

var creds = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET"}, nil
})

func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

const (
	withLambda   = "lambda v1.114.4"
	withOfficial = "official v1.30.0"
)

var (
	ours = subject{"ours", func(ctx context.Context, s setup) (md middleware.Metadata, err error) {
		c := ivsrealtime.New(ivsrealtime.Options{
			Region: "eu-west-1", Credentials: creds, Retryer: retryer(), HTTPClient: s.http, APIOptions: s.api,
			TracerProvider: s.tracer, MeterProvider: s.meter, Interceptors: s.interceptors, ClientLogMode: s.logMode, Logger: s.logger,
			BaseEndpoint: aws.String(base),
		})
		in := &ivsrealtime.GetStageInput{ARN: "arn"}
		if s.invalid {
			in = nil
		}
		out, err := c.GetStage(ctx, in)
		if out != nil {
			md = out.ResultMetadata
		}
		return md, err
	}, strings.NewReplacer("IVS RealTime", "Service", "GetStage", "Operation", "github.com/seed-433ec77c/ivsrealtime", "module", "*ivsrealtime.", "*package.")}

	theOfficial = subject{withOfficial, func(ctx context.Context, s setup) (md middleware.Metadata, err error) {
		c := official.New(official.Options{
			Region: "eu-west-1", Credentials: creds, Retryer: retryer(), HTTPClient: s.http, APIOptions: s.api,
			TracerProvider: s.tracer, MeterProvider: s.meter, Interceptors: s.interceptors, ClientLogMode: s.logMode, Logger: s.logger,
			BaseEndpoint: aws.String(base),
		})
		in := &official.GetStageInput{Arn: aws.String("arn")}
		if s.invalid {
			in = nil
		}
		out, err := c.GetStage(ctx, in)
		if out != nil {
			md = out.ResultMetadata
		}
		return md, err
	}, strings.NewReplacer("IVS RealTime", "Service", "GetStage", "Operation", "github.com/aws/aws-sdk-go-v2/service/ivsrealtime", "module", "*ivsrealtime.", "*package.")}

	theLambda = subject{withLambda, func(ctx context.Context, s setup) (md middleware.Metadata, err error) {
		c := lambda.New(lambda.Options{
			Region: "eu-west-1", Credentials: creds, Retryer: retryer(), HTTPClient: s.http, APIOptions: s.api,
			TracerProvider: s.tracer, MeterProvider: s.meter, Interceptors: s.interceptors, ClientLogMode: s.logMode, Logger: s.logger,
			BaseEndpoint: aws.String(base),
		})
		in := &lambda.CreateAliasInput{FunctionName: aws.String("f"), FunctionVersion: aws.String("1"), Name: aws.String("n")}
		if s.invalid {
			in = nil
		}
		out, err := c.CreateAlias(ctx, in)
		if out != nil {
			md = out.ResultMetadata
		}
		return md, err
	}, strings.NewReplacer("Lambda", "Service", "CreateAlias", "Operation", "github.com/aws/aws-sdk-go-v2/service/lambda", "module", "*lambda.", "*package.")}

	oracles = []subject{theLambda, theOfficial}
)

const base = "https://host"

// server answers with the steps of a scenario in turn; the last repeats.
type server struct {
	scenario
	requests []*http.Request
}

// scenario is a case.
type scenario struct {
	name    string
	steps   []func(*http.Request) (*http.Response, error)
	invalid bool
}

func (s *server) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	s.requests = append(s.requests, r)
	return s.steps[min(len(s.requests), len(s.steps))-1](r)
}

func answer(status int, code string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}, "X-Amzn-Requestid": {"request-1"}, "Date": {time.Now().UTC().Format(http.TimeFormat)}}
		text := responses.Least
		if code != "" {
			h.Set("X-Amzn-Errortype", code)
			text = `{"message":"no"}`
		}
		return &http.Response{
			StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h,
			Body: bodyOf(text), ContentLength: int64(len(text)), Request: r,
		}, nil
	}
}

func bodyOf(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }

func broken(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset") }

// scenarios are what can happen to a call. Their codes are ones that no client
// has a type for.
var scenarios = []scenario{
	{name: "success", steps: []func(*http.Request) (*http.Response, error){answer(200, "")}},
	{name: "retried", steps: []func(*http.Request) (*http.Response, error){answer(400, "ThrottlingException"), broken, answer(200, "")}},
	{name: "refused", steps: []func(*http.Request) (*http.Response, error){answer(400, "SomethingElse")}},
	{name: "exhausted", steps: []func(*http.Request) (*http.Response, error){answer(500, "InternalFailure")}},
	{name: "no connection", steps: []func(*http.Request) (*http.Response, error){broken}},
	{name: "unreadable", steps: []func(*http.Request) (*http.Response, error){func(r *http.Request) (*http.Response, error) {
		resp, err := answer(200, "")(r)
		resp.Body, resp.ContentLength = bodyOf("<html>"), 6
		return resp, err
	}}},
	{name: "missing input", steps: []func(*http.Request) (*http.Response, error){answer(200, "")}, invalid: true},
}

// run plays a scenario and returns what was sent.
func (s subject) run(t *testing.T, sc scenario, with setup) (*server, middleware.Metadata, error) {
	srv := &server{scenario: sc}
	if with.http == nil {
		with.http = srv
	}
	with.invalid = sc.invalid
	md, err := s.call(t.Context(), with)
	return srv, md, err
}

// neutral gives lines their neutral words.
func (s subject) neutral(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = s.words.Replace(l)
	}
	return out
}

// without drops the lines that match.
func without(match func(string) bool) func(string, []string) []string {
	return func(_ string, lines []string) []string {
		return slices.DeleteFunc(slices.Clone(lines), match)
	}
}

// replaced replaces text in each line.
func replaced(old, new string) func(string, []string) []string {
	return func(_ string, lines []string) []string {
		lines = slices.Clone(lines)
		for i := range lines {
			lines[i] = strings.ReplaceAll(lines[i], old, new)
		}
		return lines
	}
}

func errorType(err error) string {
	if err == nil {
		return "none"
	}
	// The error of a code that the API does not document stands beside a generic one.
	if _, several := err.(interface{ Unwrap() []error }); several {
		var api *ivsrealtime.APIError
		if errors.As(err, &api) {
			return fmt.Sprintf("%T", api)
		}
	}
	return fmt.Sprintf("%T", err)
}
