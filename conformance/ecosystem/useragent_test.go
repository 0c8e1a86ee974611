package ecosystem

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/sandbox"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// agentSetup is a case: what goes into a user agent.
type agentSetup struct {
	cfg   aws.Config
	kind  string // of call: plain, paginator, waiter
	api   []func(*middleware.Stack) error
	trace string // in the context
}

func (s agentSetup) ours(ctx context.Context, h aws.HTTPClient) error {
	s.cfg.HTTPClient, s.cfg.APIOptions = h, s.api
	c := ivsrealtime.NewFromConfig(s.cfg)
	switch s.kind {
	case "paginator":
		_, err := ivsrealtime.NewListStagesPaginator(c, nil).NextPage(ctx)
		return err
	case "waiter":
		return ivsrealtime.NewCompositionActiveWaiter(c).Wait(ctx, &ivsrealtime.GetCompositionInput{ARN: "arn"}, time.Minute)
	}
	_, err := c.ListStages(ctx, nil)
	return err
}

func (s agentSetup) lambda(ctx context.Context, h aws.HTTPClient) error {
	s.cfg.HTTPClient, s.cfg.APIOptions = h, s.api
	c := lambda.NewFromConfig(s.cfg)
	switch s.kind {
	case "paginator":
		_, err := lambda.NewListFunctionsPaginator(c, nil).NextPage(ctx)
		return err
	case "waiter":
		return lambda.NewFunctionActiveV2Waiter(c).Wait(ctx, &lambda.GetFunctionInput{FunctionName: aws.String("f")}, time.Minute)
	}
	_, err := c.ListFunctions(ctx, nil)
	return err
}

// play returns the words of the user agent but for the client's own, and the
// trace header, which depends on the environment too.
func (s agentSetup) play(t *testing.T, call func(context.Context, aws.HTTPClient) error) (words []string) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{scenario: scenario{steps: []func(*http.Request) (*http.Response, error){
			func(r *http.Request) (*http.Response, error) {
				resp, err := answer(200, "")(r)
				if s.kind == "waiter" {
					resp.Body = bodyOf(`{"composition":{"state":"ACTIVE"},"Configuration":{"State":"Active"}}`)
				}
				return resp, err
			},
		}}}
		ctx := t.Context()
		if s.trace != "" {
			//lint:ignore SA1029 the runtime's own key is a string
			ctx = context.WithValue(ctx, "x-amzn-trace-id", s.trace)
		}
		require.NoError(t, call(ctx, srv))
		require.Len(t, srv.requests, 1)
		h := srv.requests[0].Header
		words = append(strings.Fields(agent(h.Get("User-Agent"))), "trace "+h.Get("X-Amzn-Trace-Id"))
	})
	return words
}

// sourced is a provider that says where its credentials come from.
type sourced struct {
	aws.CredentialsProvider
	sources []aws.CredentialSource
}

func (s sourced) ProviderSources() []aws.CredentialSource { return s.sources }

func TestUserAgent(t *testing.T) {
	file := sandbox.New(t)
	providers := map[string]aws.CredentialsProvider{
		"": nil, "function": creds, "static": credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
		"cached": aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("AKID", "SECRET", "")), "anonymous": aws.AnonymousCredentials{},
		"sourced": sourced{creds, []aws.CredentialSource{aws.CredentialSourceEnvVars, aws.CredentialSourceSTSAssumeRole, aws.CredentialSourceProfile}},
	}
	retryers := map[string]func() aws.Retryer{
		"": nil, "nop": func() aws.Retryer { return aws.NopRetryer{} }, "standard": func() aws.Retryer { return retry.NewStandard() },
		"adaptive": func() aws.Retryer { return retry.NewAdaptiveMode() }, "wrapped": func() aws.Retryer { return retry.AddWithMaxAttempts(retry.NewStandard(), 3) },
	}
	t.Setenv("AWS_REGION", "eu-west-1")
	names := []string{"AWS_EXECUTION_ENV", "AWS_SDK_UA_APP_ID", "AWS_LAMBDA_FUNCTION_NAME", "_X_AMZN_TRACE_ID", "AWS_RETRY_MODE"}
	for _, name := range names {
		t.Setenv(name, "")
	}
	environments := [][]string{
		{}, {"AWS_EXECUTION_ENV=AWS_Lambda_go1.x"}, {"AWS_SDK_UA_APP_ID=an app/1"}, {"AWS_RETRY_MODE=adaptive"},
		{"AWS_LAMBDA_FUNCTION_NAME=f", "_X_AMZN_TRACE_ID=Root=1-2;Parent=3 é"}, {"AWS_LAMBDA_FUNCTION_NAME=f"}, {"_X_AMZN_TRACE_ID=x"},
	}

	c := rules.Compare(t, tally.Row{Area: "Ecosystem", What: "user agent", With: withLambda}, []rules.Difference[agentSetup, []string]{{
		Since: "2026-11-25",
		What:  "the mark of the retry mode stays when RetryMaxAttempts is set",
		Why:   "the runtimes wrap the retryer before they look at its type",
		Ours: func(s agentSetup, words []string) []string {
			if s.cfg.RetryMaxAttempts == 0 {
				return words
			}
			s.cfg.RetryMaxAttempts = 0
			return s.play(t, s.lambda)
		},
	}, {
		Since: "2026-11-28",
		What:  "the trace of the context wins over that of the environment",
		Why:   "AWS's Lambda runtime sets it for concurrent invocations, which share the environment; the core reads the environment alone",
		Ours: func(s agentSetup, words []string) []string {
			if _, inLambda := os.LookupEnv("AWS_LAMBDA_FUNCTION_NAME"); s.trace == "" || !inLambda {
				return words
			}
			return append(slices.Clip(words[:len(words)-1]), "trace Root=of-context;Parent=%C3%A9")
		},
	}})
	for _, env := range environments {
		for _, name := range names {
			require.NoError(t, os.Unsetenv(name))
		}
		for _, v := range env {
			name, value, _ := strings.Cut(v, "=")
			require.NoError(t, os.Setenv(name, value))
		}
		for _, profile := range []string{"", "sdk_ua_app_id = of-profile"} {
			require.NoError(t, os.WriteFile(file, []byte("[default]\n"+profile+"\n"), 0o600))
			loaded, err := config.LoadDefaultConfig(t.Context())
			require.NoError(t, err)
			for _, stack := range []bool{false, true} {
				s := agentSetup{cfg: loaded.Copy(), kind: "plain", trace: "Root=of-context;Parent=é"}
				if stack {
					s.api = []func(*middleware.Stack) error{func(*middleware.Stack) error { return nil }}
				}
				c.Case(fmt.Sprintf("%v, %s, a trace in the context, stack %t", env, profile, stack), s, s.play(t, s.lambda), s.play(t, s.ours))
			}
			for providerName, provider := range providers {
				for retryerName, retryer := range retryers {
					for _, n := range []int{0, 4} {
						for _, app := range []string{"", "my-app", "é (x)/y"} {
							for _, kind := range []string{"plain", "paginator", "waiter"} {
								for _, stack := range []bool{false, true} {
									if testing.Short() && stack && (app != "" || providerName != "" && providerName != "sourced") {
										continue
									}
									s := agentSetup{cfg: loaded.Copy(), kind: kind}
									s.cfg.RetryMaxAttempts = n
									if provider != nil {
										s.cfg.Credentials = provider
									}
									if retryer != nil {
										s.cfg.Retryer = retryer
									}
									if app != "" {
										s.cfg.AppID = app
									}
									if stack {
										s.api = []func(*middleware.Stack) error{func(*middleware.Stack) error { return nil }}
									}
									name := fmt.Sprintf("%v, %s, credentials %q, retryer %q, %d attempts, app %q, %s, stack %t", env, profile, providerName, retryerName, n, app, kind, stack)
									c.Case(name, s, s.play(t, s.lambda), s.play(t, s.ours))
								}
							}
						}
					}
				}
			}
		}
	}
	c.Done()
}

// The client's own name is the one word that the comparison leaves out.
func TestUserAgentName(t *testing.T) {
	for _, api := range [][]func(*middleware.Stack) error{nil, {func(*middleware.Stack) error { return nil }}} {
		srv, _, err := ours.run(t, scenarios[0], setup{api: api})
		require.NoError(t, err)
		ua := srv.requests[0].Header.Get("User-Agent")
		require.Contains(t, strings.Fields(ua), "lib/ivsrealtime-go#"+ivsrealtime.Version)
		require.NotContains(t, ua, "api/", "the name of an official module")
	}
}
