package ivsrealtime_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

var sentinels = map[string]error{
	"ErrNotFound":            ivsrealtime.ErrNotFound,
	"ErrConflict":            ivsrealtime.ErrConflict,
	"ErrAccessDenied":        ivsrealtime.ErrAccessDenied,
	"ErrValidation":          ivsrealtime.ErrValidation,
	"ErrQuotaExceeded":       ivsrealtime.ErrQuotaExceeded,
	"ErrPendingVerification": ivsrealtime.ErrPendingVerification,
	"ErrInternal":            ivsrealtime.ErrInternal,
	"ErrThrottled":           ivsrealtime.ErrThrottled,
	"ErrAuthentication":      ivsrealtime.ErrAuthentication,
}

// matching lists the sentinels that err matches.
func matching(err error) (names []string) {
	for name, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			names = append(names, name)
		}
	}
	return names
}

func TestErrorAnswers(t *testing.T) {
	const msg = `{"exceptionMessage":"Stage not found"}`
	tests := []struct {
		name     string
		status   int
		body     string
		headers  []string
		code     string
		message  string // part of it
		sentinel string // "" for none
		attempts int
	}{
		{"as documented", 404, msg, []string{"x-amzn-ErrorType", "ResourceNotFoundException"}, "ResourceNotFoundException", "Stage not found", "ErrNotFound", 1},
		{"validation", 400, msg, []string{"x-amzn-errortype", "ValidationException"}, "ValidationException", "Stage not found", "ErrValidation", 1},
		{"access denied", 403, msg, []string{"x-amzn-errortype", "AccessDeniedException"}, "AccessDeniedException", "Stage not found", "ErrAccessDenied", 1},
		{"pending verification", 403, msg, []string{"x-amzn-errortype", "PendingVerification"}, "PendingVerification", "Stage not found", "ErrPendingVerification", 1},
		{"conflict", 409, msg, []string{"x-amzn-errortype", "ConflictException"}, "ConflictException", "Stage not found", "ErrConflict", 1},
		{"quota is not throttling", 402, msg, []string{"x-amzn-errortype", "ServiceQuotaExceededException"}, "ServiceQuotaExceededException", "Stage not found", "ErrQuotaExceeded", 1},
		{"internal", 500, msg, []string{"x-amzn-errortype", "InternalServerException"}, "InternalServerException", "Stage not found", "ErrInternal", 3},
		{"internal failure of the front", 500, `{"message":"m"}`, []string{"x-amzn-errortype", "InternalFailure"}, "InternalFailure", "m", "ErrInternal", 3},

		{"type with a URI", 404, msg, []string{"x-amzn-errortype", "ResourceNotFoundException:http://internal.amazon.com/coral/x/"}, "ResourceNotFoundException", "Stage", "ErrNotFound", 1},
		{"type with a namespace", 404, msg, []string{"x-amzn-errortype", "com.amazonaws.ivs#ResourceNotFoundException"}, "ResourceNotFoundException", "Stage", "ErrNotFound", 1},
		{"type with both", 404, msg, []string{"x-amzn-errortype", "aws.ivs#ResourceNotFoundException:http://x#y/"}, "ResourceNotFoundException", "Stage", "ErrNotFound", 1},
		{"type in the body", 409, `{"__type":"com.amazonaws.ivs#ConflictException","message":"busy"}`, nil, "ConflictException", "busy", "ErrConflict", 1},
		{"code in the body", 409, `{"code":"ConflictException","Message":"busy"}`, nil, "ConflictException", "busy", "ErrConflict", 1},
		{"__type before code", 409, `{"code":"Other","__type":"ConflictException"}`, nil, "ConflictException", "409 Conflict", "ErrConflict", 1},
		{"the header before the body", 404, `{"__type":"ConflictException"}`, []string{"x-amzn-errortype", "ResourceNotFoundException"}, "ResourceNotFoundException", "no message", "ErrNotFound", 1},
		{"exceptionMessage before message", 400, `{"Message":"c","message":"b","exceptionMessage":"a"}`, []string{"x-amzn-errortype", "ValidationException"}, "ValidationException", "a", "ErrValidation", 1},
		{"message in a header", 400, `{}`, []string{"x-amzn-errortype", "ValidationException", "x-amzn-errormessage", "from the header"}, "ValidationException", "from the header", "ErrValidation", 1},
		{"members of other types", 400, `{"message":{"a":1},"exceptionMessage":7,"__type":[]}`, nil, "UnknownError", "no message", "", 1},

		{"code that the API does not document", 403, `{"message":"The security token included in the request is invalid."}`, []string{"x-amzn-errortype", "UnrecognizedClientException"}, "UnrecognizedClientException", "security token", "ErrAuthentication", 1},
		{"as the service sends it", 400, `{"Code":"ValidationException","Message":"Request member: EncoderConfigurationArn failed to satisfy the constraints: must be specified","RequestID":"UxUK8H9GoAMEfmQ="}`, []string{"x-amzn-errortype", "ValidationException"}, "ValidationException", "EncoderConfigurationArn failed", "ErrValidation", 1},
		{"as the service sends it, the type stripped by a proxy", 400, `{"Code":"ValidationException","Message":"m","RequestID":"UxUK8H9GoAMEfmQ="}`, nil, "ValidationException", "m", "ErrValidation", 1},
		{"not found, the type stripped by a proxy", 404, `{"Code":"ResourceNotFoundException","Message":"Resource: arn not found","RequestID":"a/b+c="}`, nil, "ResourceNotFoundException", "not found", "ErrNotFound", 1},
		{"conflict, the type stripped by a proxy", 409, `{"Code":"ConflictException","Message":"m"}`, nil, "ConflictException", "m", "ErrConflict", 1},
		{"throttling, the type stripped by a proxy", 400, `{"Code":"ThrottlingException","Message":"m"}`, nil, "ThrottlingException", "m", "ErrThrottled", 3},
		{"access denied of the front", 403, `{"Message":"User: arn:aws:sts::111122223333:assumed-role/role-1/session-1 is not authorized to perform: ivs:StartComposition"}`, []string{"x-amzn-errortype", "AccessDeniedException"}, "AccessDeniedException", "not authorized", "ErrAccessDenied", 1},
		{"signed for another service", 403, `{"message":"Credential should be scoped to correct service: 'ivs'."}`, nil, "UnknownError", "Credential should be scoped", "ErrAuthentication", 1},
		{"signed for another region", 403, `{"Message":"Credential should be scoped to a valid region."}`, nil, "UnknownError", "Credential should be scoped", "ErrAuthentication", 1},
		{"another 403 without a code", 403, `{"message":"Forbidden"}`, nil, "UnknownError", "Forbidden", "", 1},
		{"the same text under another status", 404, `{"message":"Credential should be scoped to a valid region."}`, nil, "UnknownError", "Credential", "", 1},
		{"expired token", 403, `{"message":"The security token included in the request is expired"}`, []string{"x-amzn-errortype", "ExpiredTokenException"}, "ExpiredTokenException", "expired", "ErrAuthentication", 1},
		{"expired token, another name", 400, `{"Code":"ExpiredToken","Message":"m"}`, nil, "ExpiredToken", "m", "ErrAuthentication", 1},
		{"no signature", 403, `{"message":"Missing Authentication Token"}`, []string{"x-amzn-errortype", "MissingAuthenticationTokenException"}, "MissingAuthenticationTokenException", "Missing", "ErrAuthentication", 1},
		{"no signature, another name", 403, `{"message":"m"}`, []string{"x-amzn-errortype", "MissingAuthenticationToken"}, "MissingAuthenticationToken", "m", "ErrAuthentication", 1},
		{"wrong secret key", 403, `{"message":"m"}`, []string{"x-amzn-errortype", "InvalidSignatureException"}, "InvalidSignatureException", "m", "ErrAuthentication", 1},
		{"wrong secret key, another name", 403, `{"message":"m"}`, []string{"x-amzn-errortype", "SignatureDoesNotMatch"}, "SignatureDoesNotMatch", "m", "ErrAuthentication", 1},
		{"half a signature", 400, `{"message":"m"}`, []string{"x-amzn-errortype", "IncompleteSignature"}, "IncompleteSignature", "m", "ErrAuthentication", 1},
		{"half a signature, another name", 403, `{"message":"m"}`, []string{"x-amzn-errortype", "IncompleteSignatureException"}, "IncompleteSignatureException", "m", "ErrAuthentication", 1},
		{"unknown access key", 403, `{"message":"m"}`, []string{"x-amzn-errortype", "InvalidClientTokenId"}, "InvalidClientTokenId", "m", "ErrAuthentication", 1},
		{"too old", 400, `{"message":"m"}`, []string{"x-amzn-errortype", "RequestExpired"}, "RequestExpired", "m", "ErrAuthentication", 1},
		{"account not opted in", 403, `{"message":"m"}`, []string{"x-amzn-errortype", "OptInRequired"}, "OptInRequired", "m", "ErrAuthentication", 1},
		{"a type that is no code", 404, `{"Code":"ResourceNotFoundException"}`, []string{"x-amzn-errortype", "eyJhbGciOiJFUzM4NCJ9.secret-token_1"}, "ResourceNotFoundException", "no message", "ErrNotFound", 1},
		{"a type that is a short token", 404, `{"Code":"ResourceNotFoundException","Message":"m"}`, []string{"x-amzn-errortype", "eyJhbGciOiJFUzM4NCJ9.e30.abc"}, "ResourceNotFoundException", "m", "ErrNotFound", 1},
		{"a short token everywhere", 404, `{"Code":"eyJ0.e30.abc","code":"a#eyJ0.e30.abc","__type":"eyJ0.e30.abc:x","Message":"m"}`, nil, "UnknownError", "m", "", 1},
		{"type with a URI in front", 403, `{"__type":"http://internal.amazon.com/coral/com.amazon.coral.service#ExpiredTokenException","message":"m"}`, nil, "ExpiredTokenException", "m", "ErrAuthentication", 1},
		{"type with two namespaces", 403, `{"__type":"a#b#InvalidSignatureException","message":"m"}`, nil, "InvalidSignatureException", "m", "ErrAuthentication", 1},
		{"type with a namespace and a URI", 403, `{"__type":"com.amazon.coral.service#UnrecognizedClientException:http://a/b#c","message":"m"}`, nil, "UnrecognizedClientException", "m", "ErrAuthentication", 1},
		{"code with a namespace", 403, `{"Code":"com.amazonaws.ivs#OptInRequired","Message":"m"}`, nil, "OptInRequired", "m", "ErrAuthentication", 1},
		{"signed for another region, in lower case", 403, `{"message":"credential should be scoped to a valid region"}`, nil, "UnknownError", "credential should be scoped", "ErrAuthentication", 1},
		{"an array of errors", 400, `[{"Code":"ValidationException","Message":"m"}]`, nil, "UnknownError", "not the JSON of an error", "", 1},
		{"a string", 400, `"ValidationException"`, nil, "UnknownError", "not the JSON of an error", "", 1},
		{"nested", 400, `{"Error":{"Code":"ValidationException","Message":"m"}}`, nil, "UnknownError", "no message", "", 1},
		{"a number for a code", 409, `{"Code":409,"code":"ConflictException","Message":"m"}`, nil, "ConflictException", "m", "ErrConflict", 1},
		{"more after the error", 404, `{"Message":"m"}{}`, []string{"x-amzn-errortype", "ResourceNotFoundException"}, "ResourceNotFoundException", "not the JSON of an error", "ErrNotFound", 1},
		{"nothing that is a code", 404, `{"Code":"a b","code":"<x>","__type":"é"}`, []string{"x-amzn-errortype", strings.Repeat("A", 65)}, "UnknownError", "no message", "", 1},
		{"control characters", 400, `{"Message":"a\nb\u001b[31mc\u0000d\u202ee\u2028f","Code":"ValidationException"}`, nil, "ValidationException", `a\nb\x1b[31mc\x00d\u202ee\u2028f`, "ErrValidation", 1},
		{"HTML 502", 502, `<html><body>Bad Gateway</body></html>`, []string{"Content-Type", "text/html"}, "UnknownError", `502 Bad Gateway, the answer is not the JSON of an error (content type "text/html")`, "", 3},
		{"JSON of another content type", 404, msg, []string{"x-amzn-errortype", "ResourceNotFoundException", "Content-Type", "text/plain"}, "ResourceNotFoundException", "Stage not found", "ErrNotFound", 1},
		{"empty body", 404, ``, []string{"x-amzn-errortype", "ResourceNotFoundException"}, "ResourceNotFoundException", "the answer is empty", "ErrNotFound", 1},
		{"nothing at all", 500, ``, nil, "UnknownError", "500 Internal Server Error, the answer is empty", "", 3},
		{"truncated JSON", 404, `{"exceptionMessage":"Stage no`, []string{"x-amzn-errortype", "ResourceNotFoundException"}, "ResourceNotFoundException", "not the JSON", "ErrNotFound", 1},
		{"null", 404, `null`, []string{"x-amzn-errortype", "ResourceNotFoundException"}, "ResourceNotFoundException", "404 Not Found", "ErrNotFound", 1},
		{"array", 400, `[1,2]`, nil, "UnknownError", "not the JSON", "", 1},
		{"10 MB", 500, `{"exceptionMessage":"` + strings.Repeat("x", 10<<20) + `"}`, []string{"x-amzn-errortype", "InternalServerException"}, "InternalServerException", "larger than 64 KiB", "ErrInternal", 3},
		{"redirect", 302, ``, []string{"Location", "https://elsewhere.example/"}, "UnknownError", "302 Found", "", 1},
		{"a status nobody knows", 299 + 400, ``, nil, "UnknownError", "status 699, the answer is empty", "", 1},

		{"throttling under 400", 400, `{"message":"Rate exceeded"}`, []string{"x-amzn-errortype", "ThrottlingException"}, "ThrottlingException", "Rate exceeded", "ErrThrottled", 3},
		{"throttling under 429", 429, `{"message":"Rate exceeded"}`, []string{"x-amzn-errortype", "TooManyRequestsException"}, "TooManyRequestsException", "Rate exceeded", "ErrThrottled", 3},
		{"throttling under 503", 503, `{"message":"Rate exceeded"}`, []string{"x-amzn-errortype", "SlowDown"}, "SlowDown", "Rate exceeded", "ErrThrottled", 3},
		{"429 with an unknown code", 429, `{"message":"Rate exceeded"}`, []string{"x-amzn-errortype", "SomethingNew"}, "SomethingNew", "Rate exceeded", "ErrThrottled", 3},
		{"429 with nothing", 429, ``, nil, "UnknownError", "429 Too Many Requests", "ErrThrottled", 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				synctest.Test(t, func(t *testing.T) {
					tr := answering(answer(tt.status, tt.body, append(tt.headers, "x-amzn-requestid", "id-1")...))
					out, err := getStage(t.Context(), newClient(tr))
					require.Nil(t, out)
					require.Error(t, err)
					require.Equal(t, tt.attempts, tr.count(), "attempts")

					var apiErr *ivsrealtime.APIError
					require.ErrorAs(t, err, &apiErr)
					require.Equal(t, tt.code, apiErr.Code)
					require.Contains(t, apiErr.Message, tt.message)
					require.Less(t, len(apiErr.Message), 300, "of the texts above")
					require.Equal(t, tt.status, apiErr.StatusCode)
					var fault smithy.APIError
					require.ErrorAs(t, err, &fault)
					require.Equal(t, tt.code, fault.ErrorCode())
					require.Equal(t, apiErr.Message, fault.ErrorMessage())
					want := smithy.FaultUnknown
					if tt.status >= 500 {
						want = smithy.FaultServer
					} else if tt.status >= 400 {
						want = smithy.FaultClient
					}
					require.Equal(t, want, fault.ErrorFault())

					var names []string
					if tt.sentinel != "" {
						names = []string{tt.sentinel}
					}
					require.Equal(t, names, matching(err))

					var op *smithy.OperationError
					require.ErrorAs(t, err, &op)
					require.Equal(t, "GetStage", op.Operation())
					require.Equal(t, "IVS RealTime", op.Service())
					var re *awshttp.ResponseError
					require.ErrorAs(t, err, &re)
					require.Equal(t, tt.status, re.HTTPStatusCode())
					require.Equal(t, "id-1", re.ServiceRequestID())
					var exhausted *retry.MaxAttemptsError
					require.Equal(t, tt.attempts > 1, errors.As(err, &exhausted))
					require.ErrorContains(t, err, tt.code)
					require.ErrorContains(t, err, tt.message)
				})
			})
		})
	}
}

// The documented errors have types, are found as *APIError too, and work when a
// test makes them with a message alone.
func TestTypedErrors(t *testing.T) {
	tests := []struct {
		err      error
		as       any
		code     string
		sentinel string
	}{
		{&ivsrealtime.AccessDeniedException{APIError: ivsrealtime.APIError{Message: "m"}}, new(*ivsrealtime.AccessDeniedException), "AccessDeniedException", "ErrAccessDenied"},
		{&ivsrealtime.ConflictException{APIError: ivsrealtime.APIError{Message: "m"}}, new(*ivsrealtime.ConflictException), "ConflictException", "ErrConflict"},
		{&ivsrealtime.InternalServerException{APIError: ivsrealtime.APIError{Message: "m"}}, new(*ivsrealtime.InternalServerException), "InternalServerException", "ErrInternal"},
		{&ivsrealtime.PendingVerification{APIError: ivsrealtime.APIError{Message: "m"}}, new(*ivsrealtime.PendingVerification), "PendingVerification", "ErrPendingVerification"},
		{&ivsrealtime.ResourceNotFoundException{APIError: ivsrealtime.APIError{Message: "m"}}, new(*ivsrealtime.ResourceNotFoundException), "ResourceNotFoundException", "ErrNotFound"},
		{&ivsrealtime.ServiceQuotaExceededException{APIError: ivsrealtime.APIError{Message: "m"}}, new(*ivsrealtime.ServiceQuotaExceededException), "ServiceQuotaExceededException", "ErrQuotaExceeded"},
		{&ivsrealtime.ValidationException{APIError: ivsrealtime.APIError{Message: "m"}}, new(*ivsrealtime.ValidationException), "ValidationException", "ErrValidation"},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			decoded := func() error {
				_, err := getStage(t.Context(), ivsrealtime.New(testOptions(answering(answer(418, `{"exceptionMessage":"m"}`, "x-amzn-errortype", tt.code)))))
				return err
			}()
			for _, err := range []error{tt.err, fmt.Errorf("wrapped: %w", tt.err), decoded} {
				require.ErrorAs(t, err, tt.as)
				require.Equal(t, []string{tt.sentinel}, matching(err))
				require.ErrorContains(t, err, tt.code+": m")
				var apiErr *ivsrealtime.APIError
				require.ErrorAs(t, err, &apiErr)
				require.Equal(t, "m", apiErr.Message)
				var coded smithy.APIError
				require.ErrorAs(t, err, &coded)
				require.Equal(t, tt.code, coded.ErrorCode())
			}
			var apiErr *ivsrealtime.APIError
			require.ErrorAs(t, decoded, &apiErr)
			require.Equal(t, tt.code, apiErr.Code)
		})
	}
	t.Run("any other code", func(t *testing.T) {
		err := &ivsrealtime.APIError{Code: "X", Message: "m"}
		require.EqualError(t, err, "X: m")
		require.Empty(t, matching(err))
	})
}

// FuzzErrorAnswer: whatever an error answer holds, the call returns an *APIError
// with a code, a message and the status.
func FuzzErrorAnswer(f *testing.F) {
	f.Add(404, "ResourceNotFoundException", `{"exceptionMessage":"x"}`)
	f.Add(429, "a#b:c", `{"message":"x","message":1}`)
	f.Add(502, "", "<html>")
	f.Add(500, "", `{"message":"`)
	f.Add(302, ":", "null")
	f.Add(-1, "#", "\xff")
	f.Fuzz(func(t *testing.T, status int, kind, text string) {
		if status == 0 || status >= 200 && status < 300 {
			return
		}
		c := ivsrealtime.New(testOptions(answering(answer(status, text, "x-amzn-errortype", kind))), func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
		_, err := getStage(t.Context(), c)
		var apiErr *ivsrealtime.APIError
		if !errors.As(err, &apiErr) {
			t.Fatalf("no *APIError in %v", err)
		}
		if apiErr.Code == "" || apiErr.Message == "" || apiErr.StatusCode != status {
			t.Fatalf("incomplete: %#v", apiErr)
		}
	})
}

// FuzzHeaders: whatever the headers of an answer hold, it is decoded, and the next
// request is signed with a time that is one.
func FuzzHeaders(f *testing.F) {
	f.Add("Mon, 02 Jan 2006 15:04:05 GMT", "", "id", "application/json", "5")
	f.Add("Fri, 31 Dec 9999 23:59:59 GMT", "1", "", "text/html; charset=\"", "-1")
	f.Add("Mon, 01 Jan 0001 00:00:00 GMT", "", "\xff", strings.Repeat("x", 300), "9223372036854775807")
	f.Fuzz(func(t *testing.T, date, age, id, contentType, retryAfter string) {
		tr := answering(answer(503, "x", "Date", date, "Age", age, "x-amzn-RequestId", id, "Content-Type", contentType, "x-amz-retry-after", retryAfter))
		c := ivsrealtime.New(testOptions(tr), func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
		for range 2 {
			_, err := getStage(t.Context(), c)
			var apiErr *ivsrealtime.APIError
			if !errors.As(err, &apiErr) || len(apiErr.Message) > 500 {
				t.Fatal(err)
			}
		}
		if _, err := time.Parse("20060102T150405Z", tr.requests[1].Header.Get("X-Amz-Date")); err != nil {
			t.Fatal(err)
		}
	})
}

// An error may be kept for long. It must not keep the body of the request, nor what
// the context of the call holds.
func TestErrorKeepsNoRequest(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		var sent weak.Pointer[url.URL] // one piece of memory with the body
		c := newClient(clientFunc(func(r *http.Request) (*http.Response, error) {
			sent = weak.Make(r.URL)
			return answer(404, `{}`)(r)
		}))
		type key struct{}
		inContext := new([1 << 10]byte)
		kept := weak.Make(inContext)
		input := &ivsrealtime.GetStageInput{ARN: testStageARN}
		keptInput := weak.Make(input)
		_, err := c.GetStage(context.WithValue(t.Context(), key{}, inContext), input)
		inContext, input = nil, nil
		runtime.GC()
		require.Nil(t, sent.Value())
		require.Nil(t, kept.Value())
		require.Nil(t, keptInput.Value())
		require.Error(t, err)
		var re *awshttp.ResponseError
		require.ErrorAs(t, err, &re)
		require.Equal(t, "/GetStage", re.Response.Request.URL.Path)
	})
}

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// The id of a request is the header's, else the body's, and only if it has the form
// of an id.
func TestRequestIDOfErrors(t *testing.T) {
	const body = `{"Code":"ValidationException","Message":"m","RequestID":"UxUK8H9GoAMEfmQ="}`
	tests := []struct {
		name, body string
		headers    []string
		want       string
	}{
		{"of the body", body, nil, "UxUK8H9GoAMEfmQ="},
		{"of the header before the body", body, []string{"x-amzn-requestid", "20512b83-1bd2-4d5a-9dde-10a414e4a566"}, "20512b83-1bd2-4d5a-9dde-10a414e4a566"},
		{"of the other header", body, []string{"x-amz-requestid", "a/b+c_d="}, "a/b+c_d="},
		{"of the body, since the header has none", body, []string{"x-amzn-requestid", "eyJ0.eyJ1.secret"}, "UxUK8H9GoAMEfmQ="},
		{"other spelling", `{"requestId":"id-1"}`, nil, "id-1"},
		{"no id in the body", `{"RequestID":"a b"}`, nil, ""},
		{"a long one", `{"RequestID":"` + strings.Repeat("a", 129) + `"}`, []string{"x-amzn-requestid", strings.Repeat("b", 129)}, ""},
		{"no string", `{"RequestID":7}`, nil, ""},
		{"the beginning of a token", `{"RequestID":"eyJhbGciOiJFUzM4NCJ9"}`, []string{"x-amzn-requestid", "eyJhbGciOiJFUzM4NCJ9"}, ""},
		{"odd characters", `{"RequestID":"a\u202eb"}`, []string{"x-amzn-requestid", "a\x80b"}, ""},
		{"two ids", `{"RequestID":"a, b"}`, []string{"x-amzn-requestid", "a,b"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				_, err := getStage(t.Context(), newClient(answering(answer(400, tt.body, tt.headers...))))
				var re *awshttp.ResponseError
				require.ErrorAs(t, err, &re)
				require.Equal(t, tt.want, re.ServiceRequestID())
				require.NotContains(t, err.Error(), "secret")
			})
		})
	}
}

// Whatever a text holds, it becomes at most 1 KiB of readable UTF-8 and an ellipsis.
func TestOddMessages(t *testing.T) {
	inBody := func(text string) func(*http.Request) (*http.Response, error) {
		return answer(400, `{"Code":"ValidationException","Message":"`+text+`"}`)
	}
	inHeader := func(text string) func(*http.Request) (*http.Response, error) {
		return answer(400, `{"Code":"ValidationException"}`, "x-amzn-errormessage", text)
	}
	tests := []struct {
		name   string
		answer func(*http.Request) (*http.Response, error)
		want   string
	}{
		{"long", inBody(strings.Repeat("é", 5000)), strings.Repeat("é", 512) + "…"},
		{"as long as may be", inBody(strings.Repeat("x", 1024)), strings.Repeat("x", 1024)},
		{"one more", inBody(strings.Repeat("x", 1025)), strings.Repeat("x", 1024) + "…"},
		{"control characters", inBody(strings.Repeat(`\u0001`, 2000)), strings.Repeat(`\x01`, 256) + "…"},
		{"few control characters", inBody(strings.Repeat("x", 1021) + `\u001b[2J`), strings.Repeat("x", 1021) + "…"},
		{"directions", inBody(`a\u202eb\u2066c\u200fd\u061ce`), `a\u202eb\u2066c\u200fd\u061ce`},
		{"invisible", inBody(`a\u200bb\ufeffc\u00add\udb40\udc41e`), `a\u200bb\ufeffc\u00add\U000e0041e`},
		{"C1", inBody(`a\u009b31mb\u0085c`), `a\u009b31mb\u0085c`},
		{"half a surrogate pair", inBody(`a\ud800b`), "a\ufffdb"},
		{"no UTF-8", inBody("a\xffb"), "a\ufffdb"},
		{"C1 as a byte, in the header", inHeader("a\x9b31mb"), "a\ufffd31mb"},
		{"long and no UTF-8, in the header", inHeader(strings.Repeat("\x80", 3000)), strings.Repeat("\ufffd", 341) + "…"},
		{"cut within no UTF-8, in the header", inHeader("x" + strings.Repeat("\xe2\x82", 3000)), "x" + strings.Repeat("\ufffd", 341) + "…"},
		{"nothing but blanks", inBody(`  \n `), "status 400 Bad Request, the answer has no message"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				_, err := getStage(t.Context(), newClient(answering(tt.answer)))
				var apiErr *ivsrealtime.APIError
				require.ErrorAs(t, err, &apiErr)
				require.Equal(t, tt.want, apiErr.Message)
			})
		})
	}
}
