package ivsrealtimetest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// Errors of the service and of its front, as they are on the wire.
func TestErrorsOnTheWire(t *testing.T) {
	service := http.Header{
		"Access-Control-Allow-Origin":   {"*"},
		"Access-Control-Expose-Headers": {"*"},
		"Cache-Control":                 {"no-store, no-cache"},
		"Content-Security-Policy":       {"default-src 'self'; upgrade-insecure-requests;"},
		"Strict-Transport-Security":     {"max-age:47304000; includeSubDomains"},
		"X-Content-Type-Options":        {"nosniff"},
		"X-Frame-Options":               {"DENY"},
	}
	front := http.Header{
		"Access-Control-Allow-Origin":   {"*"},
		"Access-Control-Expose-Headers": {"date,x-amz-apigw-id,x-amzn-errormessage,x-amzn-errortype,x-amzn-requestid,x-amzn-trace-id"},
	}
	const arn = "arn:aws:ivs:us-east-1:111122223333:stage/Ab12Cd34Ef56"
	fault := func(code string) *ivsrealtimetest.Fault {
		return &ivsrealtimetest.Fault{Code: code, Message: "as told"}
	}
	tests := []struct {
		name, path, body string
		fault            *ivsrealtimetest.Fault
		strict           bool // signatures are checked
		status           int
		code             string
		header           http.Header
		want, modelled   string // patterns of the body
	}{
		{"not found", "/GetStage", `{"arn":"` + arn + `"}`, nil, false, 404, "ResourceNotFoundException", service,
			`{"Code":"ResourceNotFoundException","Message":"Resource: ` + arn + ` not found","RequestID":"[\w-]{15}="}`, `{"exceptionMessage":"Resource: ` + arn + ` not found"}`},
		{"validation", "/GetStage", `{}`, nil, false, 400, "ValidationException", service,
			`{"Code":"ValidationException","Message":"Request member: Arn failed to satisfy the constraints: must be specified","RequestID":"[\w-]{15}="}`, `{"exceptionMessage":"Request member: Arn failed to satisfy the constraints: must be specified"}`},
		{"conflict", "/ListStages", ``, fault("ConflictException"), false, 409, "ConflictException", service,
			`{"Code":"ConflictException","Message":"as told","RequestID":"[\w-]{15}="}`, `{"exceptionMessage":"as told"}`},
		{"pending verification", "/ListStages", ``, fault("PendingVerification"), false, 403, "PendingVerification", service,
			`{"Code":"PendingVerification","Message":"as told","RequestID":"[\w-]{15}="}`, `{"exceptionMessage":"as told"}`},
		{"throttling", "/ListStages", ``, fault("ThrottlingException"), false, 429, "ThrottlingException", service,
			`{"Code":"ThrottlingException","Message":"as told","RequestID":"[\w-]{15}="}`, `{"message":"as told"}`},
		{"access denied", "/ListStages", ``, fault("AccessDeniedException"), false, 403, "AccessDeniedException", front,
			`{"Message":"as told"}`, `{"exceptionMessage":"as told"}`},
		{"no credentials", "/ListStages", ``, nil, true, 403, "MissingAuthenticationTokenException", front,
			`{"Message":"Missing Authentication Token"}`, `{"message":"Missing Authentication Token"}`},
		{"expired credentials", "/ListStages", ``, fault("ExpiredTokenException"), false, 403, "ExpiredTokenException", front,
			`{"Message":"as told"}`, `{"message":"as told"}`},
		{"expired credentials, another name", "/ListStages", ``, fault("ExpiredToken"), false, 403, "ExpiredToken", front,
			`{"Message":"as told"}`, `{"message":"as told"}`},
		{"unknown access key", "/ListStages", ``, fault("InvalidClientTokenId"), false, 403, "InvalidClientTokenId", front,
			`{"Message":"as told"}`, `{"message":"as told"}`},
		{"account not opted in", "/ListStages", ``, fault("OptInRequired"), false, 403, "OptInRequired", front,
			`{"Message":"as told"}`, `{"message":"as told"}`},
		{"quota", "/ListStages", ``, fault("ServiceQuotaExceededException"), false, 402, "ServiceQuotaExceededException", service,
			`{"Code":"ServiceQuotaExceededException","Message":"as told","RequestID":"[\w-]{15}="}`, `{"exceptionMessage":"as told"}`},
		{"internal error", "/ListStages", ``, fault("InternalServerException"), false, 500, "InternalServerException", service,
			`{"Code":"InternalServerException","Message":"as told","RequestID":"[\w-]{15}="}`, `{"exceptionMessage":"as told"}`},
		{"unknown route", "/ListChannels", ``, nil, false, 404, "UnknownOperationException", front,
			`{"Message":"There is no operation with this method and path."}`, `{"message":"There is no operation with this method and path."}`},
	}
	for _, tt := range tests {
		for _, form := range []string{"as the service sends it", "as modelled"} {
			t.Run(tt.name+" "+form, func(t *testing.T) {
				srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) {
					o.SkipSignatureCheck, o.ModelledErrors = !tt.strict, form == "as modelled"
				})
				if tt.fault != nil {
					srv.AddFault(*tt.fault)
				}
				w := send(srv, "POST", tt.path, tt.body)
				require.Equal(t, tt.status, w.Code)
				want := tt.want
				if form == "as modelled" {
					want = tt.modelled
				}
				require.Regexp(t, "^"+want+"$", w.Body.String())
				got := w.Header()
				require.Equal(t, tt.code, got.Get("x-amzn-errortype"))
				require.Regexp(t, `^[0-9a-f-]{36}$`, got.Get("x-amzn-requestid"))
				require.Regexp(t, `^[\w-]{54}==$`, got.Get("x-amz-cf-id"))
				require.Equal(t, "application/json", got.Get("Content-Type"))
				for _, name := range []string{"X-Amzn-Errortype", "X-Amzn-Requestid", "X-Amz-Cf-Id", "Content-Type", "Content-Length", "Date"} {
					delete(got, name)
				}
				require.Equal(t, tt.header, got)
			})
		}
	}
}

func TestTextOfThrottling(t *testing.T) {
	const stage = "arn:aws:ivs:us-east-1:111122223333:stage/Ab12Cd34Ef56"
	tests := []struct{ method, path, body, want string }{
		{"POST", "/GetStage", `{"arn":"` + stage + `"}`, "Operation: ivs:GetStage exceeded call rate: 5 for resource: " + stage},
		{"POST", "/CreateParticipantToken", `{"stageArn":"` + stage + `"}`, "Operation: ivs:CreateParticipantToken exceeded call rate: 50 for resource: " + stage},
		{"POST", "/ListStages", ``, "Operation: ivs:ListStages exceeded call rate: 5 for resource: arn:aws:ivs:us-east-1:111122223333:*"},
		{"POST", "/GetStage", `{"arn":"private"}`, "Operation: ivs:GetStage exceeded call rate: 5 for resource: arn:aws:ivs:us-east-1:111122223333:*"},
		{"POST", "/GetStage", `{"arn":7}`, "Operation: ivs:GetStage exceeded call rate: 5 for resource: arn:aws:ivs:us-east-1:111122223333:*"},
		{"GET", "/tags/arn:aws:ivs:us-east-1:111122223333:stage%2FAb12Cd34Ef56", ``, "Operation: ivs:ListTagsForResource exceeded call rate: 10 for resource: " + stage},
	}
	for _, code := range []string{"ThrottlingException", "TooManyRequestsException"} {
		for _, tt := range tests {
			srv := ivsrealtimetest.NewServer(unsigned, func(o *ivsrealtimetest.Options) {
				o.ThrottleCalls, o.Clock = true, new(ivsrealtimetest.ManualClock)
				if code != "ThrottlingException" {
					o.ThrottlingCode = code
				}
			})
			var w *httptest.ResponseRecorder
			for range 51 {
				w = send(srv, tt.method, tt.path, tt.body)
			}
			require.Equal(t, 429, w.Code, tt)
			require.Equal(t, code, w.Header().Get("X-Amzn-Errortype"))
			require.Contains(t, w.Body.String(), `"Message":"`+tt.want+`"`)
		}
	}
}
