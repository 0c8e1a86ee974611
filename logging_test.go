package ivsrealtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// journal is a logger that keeps what it receives.
type journal struct {
	mu      sync.Mutex
	entries []string
}

func (j *journal) Logf(c logging.Classification, format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, string(c)+" "+fmt.Sprintf(format, args...))
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.ReplaceAll(strings.Join(j.entries, "\n"), "\r\n", "\n")
}

const allLogModes = ^aws.ClientLogMode(0)

var logModes = map[string]aws.ClientLogMode{
	"none":                 0,
	"signing":              aws.LogSigning,
	"retries":              aws.LogRetries,
	"request":              aws.LogRequest,
	"request with body":    aws.LogRequestWithBody,
	"response":             aws.LogResponse,
	"response with body":   aws.LogResponseWithBody,
	"deprecated usage":     aws.LogDeprecatedUsage,
	"request event":        aws.LogRequestEventMessage,
	"response event":       aws.LogResponseEventMessage,
	"request and response": aws.LogRequestWithBody | aws.LogResponseWithBody,
	"all":                  allLogModes,
}

// loggedCalls are calls whose answers are, or hold, what must not be logged.
var loggedCalls = map[string]struct {
	answers []func(*http.Request) (*http.Response, error)
	call    func(context.Context, *ivsrealtime.Client) (any, error)
}{
	"tokens":      {answersOf(answer(200, tokensAnswer, "X-Amzn-Requestid", "id-1", "Set-Cookie", "c="+secretKey)), createStage},
	"stream keys": {answersOf(answer(200, ingestAnswer, "X-Amzn-Requestid", "id-1")), getIngestConfiguration},
	"tokens, pretty": {answersOf(answer(200, "{\n \"participantTokens\" : [ {\n\t\"token\" :\t\""+secretToken+"\" } ] }", "X-Amzn-Requestid", "id-1")),
		createStage},
	"token, escaped name": {answersOf(answer(200, `{"participantTokens":[{"t\u006fken":"`+secretToken+`","userId":"a"}]}`)), createStage},
	"error":               {answersOf(answer(404, `{"exceptionMessage":"gone","token":"`+secretToken+`"}`, "X-Amzn-Requestid", "id-1", "X-Amzn-Errortype", "ResourceNotFoundException")), createStage},
	"error without JSON":  {answersOf(answer(403, "<html>"+secretToken+"</html>", "Content-Type", "text/html")), createStage},
	"truncated":           {answersOf(answer(200, tokensAnswer[:strings.LastIndex(tokensAnswer, secretToken)+len(secretToken)], "X-Amzn-Requestid", "id-1")), createStage},
	"truncated in a token": {answersOf(answer(200, ingestAnswer[:strings.LastIndex(ingestAnswer, secretKeyTwo)+len(secretKeyTwo)-2], "X-Amzn-Requestid", "id-1")),
		getIngestConfiguration},
	"connection breaks": {answersOf(func(r *http.Request) (*http.Response, error) {
		return withBody(200, io.NopCloser(io.MultiReader(strings.NewReader(ingestAnswer[:200]), &failingBody{})), "X-Amzn-Requestid", "id-1")(r)
	}), getIngestConfiguration},
	"HTML":               {answersOf(answer(200, "<html><body>"+secretToken+" "+secretKey+"</body></html>", "Content-Type", "text/html")), createStage},
	"wrong type":         {answersOf(answer(200, `{"participantTokens":[{"token":{"value":"`+secretToken+`"}}]}`)), createStage},
	"number for a token": {answersOf(answer(200, `{"participantTokens":[{"token":["`+secretToken+`"],"duration":"x"}]}`)), createStage},
	"empty":              {answersOf(answer(200, "")), createStage},
	"no answer":          {answersOf(failing(errors.New("connection refused"))), createStage},
	"retried":            {answersOf(answer(500, `{"message":"oops"}`), answer(429, ``), answer(200, tokensAnswer)), createStage},
	"retried in vain":    {answersOf(answer(503, `{"message":"oops","token":"`+secretToken+`"}`)), createStage},
}

// failingBody fails once; who reads on finds the end.
type failingBody struct{ failed bool }

func (b *failingBody) Read([]byte) (int, error) {
	if b.failed {
		return 0, io.EOF
	}
	b.failed = true
	return 0, io.ErrUnexpectedEOF
}

func answersOf(answers ...func(*http.Request) (*http.Response, error)) []func(*http.Request) (*http.Response, error) {
	return answers
}

func createStage(ctx context.Context, c *ivsrealtime.Client) (any, error) {
	out, err := c.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: "lobby", Tags: map[string]string{"team": "blue"}})
	if out != nil {
		out.ResultMetadata = middleware.Metadata{}
	}
	return out, err
}

func getIngestConfiguration(ctx context.Context, c *ivsrealtime.Client) (any, error) {
	out, err := c.GetIngestConfiguration(ctx, &ivsrealtime.GetIngestConfigurationInput{ARN: "arn:i"})
	if out != nil {
		out.ResultMetadata = middleware.Metadata{}
	}
	return out, err
}

// logged makes a call under a log mode.
func logged(t *testing.T, name string, mode aws.ClientLogMode) (j *journal, tr *transport, out any, err error) {
	t.Helper()
	j = new(journal)
	tr = answering(loggedCalls[name].answers...)
	c := ivsrealtime.New(testOptions(tr), func(o *ivsrealtime.Options) { o.Logger, o.ClientLogMode = j, mode })
	out, err = loggedCalls[name].call(t.Context(), c)
	return j, tr, out, err
}

// No log mode shows a secret, whatever the answer.
func TestLogsShowNoSecrets(t *testing.T) {
	for call := range loggedCalls {
		for name, mode := range logModes {
			t.Run(call+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					j, tr, _, _ := logged(t, call, mode)
					secrets := []string{secretToken, secretKey, secretKeyTwo, testSecretKey, testSessionToken}
					for _, r := range tr.requests {
						_, signature, ok := strings.Cut(r.Header.Get("Authorization"), "Signature=")
						require.True(t, ok)
						require.Len(t, signature, 64)
						secrets = append(secrets, signature)
					}
					requireNoSecret(t, j.String(), secrets...)
				})
			})
		}
	}
}

// Logging changes nothing about what a call sends and returns.
func TestLogsDoNotChangeTheCall(t *testing.T) {
	for call := range loggedCalls {
		for name, mode := range logModes {
			t.Run(call+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					j, plain, want, wantErr := logged(t, call, 0)
					require.Empty(t, j.String())
					_, tr, got, err := logged(t, call, mode)
					// Equal would print what differs.
					require.True(t, reflect.DeepEqual(want, got))
					if wantErr == nil {
						require.NoError(t, err)
					} else {
						require.EqualError(t, err, wantErr.Error())
					}
					require.Equal(t, plain.bodies, tr.bodies)
					for i, r := range tr.requests {
						r, unlogged := r.Clone(t.Context()), plain.requests[i].Clone(t.Context())
						r.Header.Del("X-Amz-Date") // after a random delay, when it is a retry
						unlogged.Header.Del("X-Amz-Date")
						require.Equal(t, dump(t, unlogged, ""), dump(t, r, ""))
					}
				})
			})
		}
	}
}

// What is not secret is there to be read.
func TestLogsKeepTheStructure(t *testing.T) {
	request := []string{
		"DEBUG Request\nPOST /CreateStage HTTP/1.1\nHost: ivsrealtime.eu-west-1.amazonaws.com\n",
		"\nAmz-Sdk-Invocation-Id: ", "\nAmz-Sdk-Request: attempt=1; max=3\n", "\nContent-Type: application/json\n", "\nUser-Agent: ",
		"\nX-Amz-Security-Token: [REDACTED]\n",
		"\nAuthorization: AWS4-HMAC-SHA256 Credential=" + testAccessKey + "/20000101/eu-west-1/ivs/aws4_request, SignedHeaders=",
		", Signature=[REDACTED]\n",
	}
	requestBody := []string{"\n" + `{"name":"lobby","tags":{"team":"blue"}}` + "\n"}
	response := []string{"DEBUG Response\nHTTP/1.1 200 OK\n", "\nX-Amzn-Requestid: id-1\n", "\nOther-Headers: 1, not shown\n"}
	responseBody := []string{"\n" + strings.ReplaceAll(tokensAnswer, secretToken, "[REDACTED]") + "\n"}
	signing := []string{
		"DEBUG Request Signature:\n", "CANONICAL STRING", "\nPOST\n/CreateStage\n", "\nhost:ivsrealtime.eu-west-1.amazonaws.com\n",
		"\nx-amz-security-token:[REDACTED]\n", "STRING TO SIGN", "\n20000101/eu-west-1/ivs/aws4_request\n",
	}
	parts := map[aws.ClientLogMode][]string{
		aws.LogSigning: signing, aws.LogRequest: request, aws.LogRequestWithBody: append(requestBody, request...),
		aws.LogResponse: response, aws.LogResponseWithBody: append(responseBody, response...),
	}
	heads := map[string]aws.ClientLogMode{
		"DEBUG Request Signature": aws.LogSigning, "DEBUG Request\n": aws.LogRequest | aws.LogRequestWithBody,
		"lobby\",\"tags": aws.LogRequestWithBody, "DEBUG Response\n": aws.LogResponse | aws.LogResponseWithBody,
		"participantTokens": aws.LogResponseWithBody,
	}
	for name, mode := range logModes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // begins on 2000-01-01
				j, _, _, err := logged(t, "tokens", mode)
				require.NoError(t, err)
				for bit, texts := range parts {
					for _, text := range texts {
						if mode&bit != 0 {
							require.Contains(t, j.String(), text)
						}
					}
				}
				for head, bits := range heads {
					if mode&bits == 0 {
						require.NotContains(t, j.String(), head, "not asked for")
					}
				}
			})
		})
	}
}

func TestLogsOfOtherAnswers(t *testing.T) {
	tests := []struct {
		call  string
		texts []string
	}{
		{"stream keys", []string{strings.NewReplacer(secretKey, "[REDACTED]", secretKeyTwo, "[REDACTED]").Replace(ingestAnswer)}},
		{"tokens, pretty", []string{"{\n \"participantTokens\" : [ {\n\t\"token\" :\t\"[REDACTED]\" } ] }"}},
		{"token, escaped name", []string{`{"participantTokens":[{"t\u006fken":"[REDACTED]","userId":"a"}]}`}},
		{"error", []string{"HTTP/1.1 404 Not Found\n", "X-Amzn-Errortype: ResourceNotFoundException\n", "X-Amzn-Requestid: id-1\n", `{"exceptionMessage":"gone","token":"[REDACTED]"}`}},
		{"error without JSON", []string{"HTTP/1.1 403 Forbidden\n", "Content-Type: text/html\n", "bytes that are not JSON, not shown]"}},
		{"truncated", []string{"HTTP/1.1 200 OK\n", "X-Amzn-Requestid: id-1\n", "bytes that are not JSON, not shown]"}},
		{"connection breaks", []string{"[200 bytes that are not JSON, not shown]"}},
		{"HTML", []string{"Content-Type: text/html\n", "bytes that are not JSON, not shown]"}},
		{"wrong type", []string{`{"participantTokens":[{"token":"[REDACTED]"}]}`}},
		{"no answer", []string{"DEBUG Request\nPOST /CreateStage"}},
	}
	for _, tt := range tests {
		t.Run(tt.call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, _, _, _ := logged(t, tt.call, allLogModes)
				for _, text := range tt.texts {
					require.Contains(t, j.String(), text)
				}
			})
		})
	}
}

// Of a tag call, the path is logged as it is sent.
func TestLogsOfPathAndQuery(t *testing.T) {
	var j journal
	tr := answering(answer(200, stageAnswer))
	c := ivsrealtime.New(testOptions(tr), func(o *ivsrealtime.Options) { o.Logger, o.ClientLogMode = &j, aws.LogRequestWithBody })
	_, err := c.UntagResource(t.Context(), &ivsrealtime.UntagResourceInput{ResourceARN: testStageARN, TagKeys: []string{"a b", "c"}})
	require.NoError(t, err)
	require.Contains(t, j.String(), "DELETE "+tr.requests[0].URL.RequestURI()+" HTTP/1.1\n")
	require.Contains(t, j.String(), "tagKeys=")
}

func TestLogsOfRetries(t *testing.T) {
	for _, tt := range []struct {
		call  string
		texts []string
	}{
		{"retried", []string{"IVS RealTime/CreateStage: retrying, attempt 2", "IVS RealTime/CreateStage: retrying, attempt 3"}},
		{"retried in vain", []string{"retrying, attempt 3", "IVS RealTime/CreateStage: attempts exhausted, max 3"}},
		{"error", []string{"IVS RealTime/CreateStage: not retryable: ", "ResourceNotFoundException: gone"}},
	} {
		t.Run(tt.call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, _, _, _ := logged(t, tt.call, aws.LogRetries)
				for _, text := range tt.texts {
					require.Contains(t, j.String(), "DEBUG ")
					require.Contains(t, j.String(), text)
				}
				j, _, _, _ = logged(t, tt.call, allLogModes&^aws.LogRetries)
				for _, text := range tt.texts {
					require.NotContains(t, j.String(), text)
				}
			})
		})
	}
}

// Middleware can set the logger of a call, as middleware.AddSetLoggerMiddleware does.
func TestLogsGoToTheLoggerOfTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var client, call journal
		c := ivsrealtime.New(testOptions(answering(answer(500, `{}`), answer(200, stageAnswer))), func(o *ivsrealtime.Options) {
			o.ClientLogMode, o.Logger = aws.LogRetries|aws.LogRequest|aws.LogResponse, &client
		}, ivsrealtime.WithAPIOptions(func(s *middleware.Stack) error { return middleware.AddSetLoggerMiddleware(s, &call) }))
		_, err := getStage(t.Context(), c)
		require.NoError(t, err)
		require.Empty(t, client.String())
		require.Contains(t, call.String(), "retrying")
		require.Contains(t, call.String(), "Request\n")
	})
}

// contextJournal is a logger that wants the context of what it logs.
type contextJournal struct {
	*journal
	prefix string
}

type journalKey struct{}

func (j contextJournal) WithContext(ctx context.Context) logging.Logger {
	j.prefix = fmt.Sprint("call=", ctx.Value(journalKey{}), " ")
	return j
}

func (j contextJournal) Logf(c logging.Classification, format string, args ...any) {
	j.journal.Logf(c, "%s", j.prefix+fmt.Sprintf(format, args...))
}

// The headers of another signer, and cookies, are masked as a whole.
func TestLogsOfOtherCredentials(t *testing.T) {
	var j journal
	c := ivsrealtime.New(testOptions(answering(answer(200, stageAnswer))), func(o *ivsrealtime.Options) {
		o.Logger, o.ClientLogMode, o.HTTPSignerV4 = &j, allLogModes, bearer{}
	})
	_, err := getStage(t.Context(), c)
	require.NoError(t, err)
	requireNoSecret(t, j.String(), secretToken, secretKey)
	require.Contains(t, j.String(), "\nAuthorization: [REDACTED]\nContent-Type:")
	require.Contains(t, j.String(), "\nCookie: [REDACTED]\n")
}

// bearer is a signer that does not use the signature of AWS.
type bearer struct{}

func (bearer) SignHTTP(_ context.Context, _ aws.Credentials, r *http.Request, _, _, _ string, _ time.Time, _ ...func(*v4.SignerOptions)) error {
	r.Header.Set("Authorization", "Bearer "+secretToken)
	r.Header.Set("Cookie", "session="+secretKey)
	return nil
}

// A logger with a WithContext method gets the caller's context in every mode.
func TestLogsHaveTheContext(t *testing.T) {
	for name, mode := range logModes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := new(journal)
				c := ivsrealtime.New(testOptions(answering(loggedCalls["retried"].answers...)), func(o *ivsrealtime.Options) {
					o.Logger, o.ClientLogMode = contextJournal{j, "no context "}, mode
				})
				_, err := createStage(context.WithValue(t.Context(), journalKey{}, "mine"), c)
				require.NoError(t, err)
				for _, entry := range j.entries {
					require.True(t, strings.HasPrefix(entry, "DEBUG call=mine "), "%.200s", entry)
				}
				switch name {
				case "none", "deprecated usage", "request event", "response event":
					require.Empty(t, j.entries)
				default:
					require.NotEmpty(t, j.entries)
				}
			})
		})
	}
}

// A log mode of one call writes to the client's logger, and a logger of one call
// gets what the client's mode selects.
func TestLogsOfOneCall(t *testing.T) {
	standing, own := new(journal), new(journal)
	c := ivsrealtime.New(testOptions(answering(answer(200, stageAnswer))), func(o *ivsrealtime.Options) { o.Logger = standing })
	_, err := getStage(t.Context(), c)
	require.NoError(t, err)
	require.Empty(t, standing.entries)
	_, err = getStage(t.Context(), c, func(o *ivsrealtime.Options) { o.ClientLogMode = aws.LogRequest })
	require.NoError(t, err)
	require.Len(t, standing.entries, 1)
	_, err = getStage(t.Context(), c, func(o *ivsrealtime.Options) { o.ClientLogMode, o.Logger = aws.LogRequest, own })
	require.NoError(t, err)
	require.Len(t, standing.entries, 1)
	require.Len(t, own.entries, 1)
	_, err = getStage(t.Context(), c, func(o *ivsrealtime.Options) { o.ClientLogMode, o.Logger = allLogModes, nil })
	require.NoError(t, err)
	require.Greater(t, len(standing.entries), 1, "nil stands for the client's")
}

// The signer of the core writes the session token; so does the caller's own
// middleware, if it logs what it sees. Both get a logger that masks.
func TestLoggerThatOthersGetMasks(t *testing.T) {
	var j journal
	signer := loggingSigner{v4.NewSigner()}
	tr := answering(answer(200, tokensAnswer))
	c := ivsrealtime.New(testOptions(tr), func(o *ivsrealtime.Options) {
		o.Logger, o.ClientLogMode, o.HTTPSignerV4 = &j, aws.LogSigning, signer
	}, ivsrealtime.WithAPIOptions(func(s *middleware.Stack) error {
		return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("mine", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			l := middleware.GetLogger(ctx)
			for _, format := range []string{"%v", "%+v", "%#v", "%q"} {
				l.Logf(logging.Warn, "middleware: "+format, in.Request.(*smithyhttp.Request).Header)
			}
			return next.HandleFinalize(ctx, in)
		}), middleware.After)
	}))
	_, err := createStage(t.Context(), c)
	require.NoError(t, err)
	_, signature, _ := strings.Cut(tr.requests[0].Header.Get("Authorization"), "Signature=")
	requireNoSecret(t, j.String(), testSecretKey, testSessionToken, signature)
	require.Equal(t, 4, strings.Count(j.String(), "WARN middleware: "))
	require.Contains(t, j.String(), "CANONICAL STRING")
	require.Contains(t, j.String(), "signer saw ")
}

// loggingSigner signs as the core does and then logs the headers.
type loggingSigner struct{ *v4.Signer }

func (s loggingSigner) SignHTTP(ctx context.Context, creds aws.Credentials, r *http.Request, hash, service, region string, at time.Time, optFns ...func(*v4.SignerOptions)) error {
	err := s.Signer.SignHTTP(ctx, creds, r, hash, service, region, at, optFns...)
	var o v4.SignerOptions
	for _, fn := range optFns {
		fn(&o)
	}
	o.Logger.Logf(logging.Debug, "signer saw %v and %q", r.Header, r.Header)
	return err
}
