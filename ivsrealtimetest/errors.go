package ivsrealtimetest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
)

// The errors of the service. Not found and validation have the form of the
// service's texts, as throttling has; the other messages are the fake's own.
const (
	codeAccessDenied        = "AccessDeniedException"
	codeConflict            = "ConflictException"
	codeInternal            = "InternalServerException"
	codeNotFound            = "ResourceNotFoundException"
	codePendingVerification = "PendingVerification"
	codeQuotaExceeded       = "ServiceQuotaExceededException"
	codeValidation          = "ValidationException"
)

// The errors of the front end, which stands before the service.
const (
	codeIncompleteSignature = "IncompleteSignatureException"
	codeInternalFailure     = "InternalFailure"
	codeInvalidSignature    = "InvalidSignatureException"
	codeMalformedRequest    = "MalformedHttpRequestException"
	codeMissingToken        = "MissingAuthenticationTokenException"
	codeThrottling          = "ThrottlingException"
	codeTooManyRequests     = "TooManyRequestsException"
	codeTooLarge            = "RequestEntityTooLargeException"
	codeUnknownOperation    = "UnknownOperationException"
	codeUnrecognizedClient  = "UnrecognizedClientException"
)

// apiError is an answer that is an error.
type apiError struct {
	code, message string
	httpStatus    int // 0 for the one that the code comes with
}

func newError(code, format string, args ...any) error {
	return &apiError{code: code, message: fmt.Sprintf(format, args...)}
}

const notFoundText = "Resource: %s not found"

// notFound is the error of a resource that does not exist: its ARN, or the ID of
// what has none.
func notFound(resource string) error { return newError(codeNotFound, notFoundText, resource) }

// existing returns the resource with that ARN, unless the input was refused.
func existing[T any](c *call, resources *table[T], arn string) (resource T, err error) {
	if err := c.err(); err != nil {
		return resource, err
	}
	resource, ok := resources.get(arn)
	if !ok {
		return resource, notFound(arn)
	}
	return resource, nil
}

// quotaError is the error of creating one more where there are have and may be
// most; nil where that is allowed. what is the plural of what they are.
func quotaError(have, most int, what string) error {
	if have < most {
		return nil
	}
	return newError(codeQuotaExceeded, "The account has %d %s in the region, as many as its quota allows.", have, what)
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// status is the HTTP status that the code comes with.
func (e *apiError) status() int {
	if e.httpStatus != 0 {
		return e.httpStatus
	}
	switch e.code {
	case codeValidation, codeMalformedRequest:
		return http.StatusBadRequest
	case codeQuotaExceeded:
		return http.StatusPaymentRequired
	case codeAccessDenied, codePendingVerification:
		return http.StatusForbidden
	case codeConflict:
		return http.StatusConflict
	case codeThrottling, codeTooManyRequests:
		return http.StatusTooManyRequests
	case codeNotFound, codeUnknownOperation:
		return http.StatusNotFound
	case codeTooLarge:
		return http.StatusRequestEntityTooLarge
	}
	if isAuthentication(e.code) {
		return http.StatusForbidden
	}
	return http.StatusInternalServerError
}

// isAuthentication reports whether the code says that credentials or a signature were
// refused. A test may inject codes that this package does not send by itself.
func isAuthentication(code string) bool {
	switch code {
	case codeIncompleteSignature, codeInvalidSignature, codeMissingToken, codeUnrecognizedClient,
		"ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidClientTokenId", "MissingAuthenticationToken",
		"OptInRequired", "RequestExpired", "SignatureDoesNotMatch":
		return true
	}
	return false
}

// ofFront reports whether the error comes from the front, and not from the service
// behind it: credentials, permissions, routes and what HTTP is about.
func (e *apiError) ofFront() bool {
	switch e.code {
	case codeAccessDenied, codeUnknownOperation, codeMalformedRequest, codeTooLarge, codeInternalFailure:
		return true
	}
	return isAuthentication(e.code)
}

// refuse makes an error the response. Front and service differ in headers and body.
func (s *Server) refuse(a *answer, e *apiError) {
	a.status = e.status()
	headers := serviceErrorHeaders
	if e.ofFront() {
		headers = frontErrorHeaders
	}
	for name, value := range headers {
		a.header.Set(name, value)
	}
	a.header.Set("X-Amzn-Errortype", e.code)
	a.header.Set("X-Amz-Cf-Id", base64.URLEncoding.EncodeToString(s.requestIDs.bytes(40)))
	a.body = s.errorBody(e)
}

// frontErrorHeaders and serviceErrorHeaders are what the two send with an error,
// beside its code and ids.
var (
	frontErrorHeaders = map[string]string{
		"Access-Control-Allow-Origin":   "*",
		"Access-Control-Expose-Headers": "date,x-amz-apigw-id,x-amzn-errormessage,x-amzn-errortype,x-amzn-requestid,x-amzn-trace-id",
	}
	serviceErrorHeaders = map[string]string{
		"Access-Control-Allow-Origin":   "*",
		"Access-Control-Expose-Headers": "*",
		"Cache-Control":                 "no-store, no-cache",
		"Content-Security-Policy":       "default-src 'self'; upgrade-insecure-requests;",
		"Strict-Transport-Security":     "max-age:47304000; includeSubDomains", // the colon is the service's
		"X-Content-Type-Options":        "nosniff",
		"X-Frame-Options":               "DENY",
	}
)

// errorBody is the error as JSON.
func (s *Server) errorBody(e *apiError) []byte {
	var body any
	switch {
	case !s.options.ModelledErrors && e.ofFront():
		body = struct{ Message string }{e.message}
	case !s.options.ModelledErrors:
		body = struct{ Code, Message, RequestID string }{e.code, e.message, base64.URLEncoding.EncodeToString(s.requestIDs.bytes(11))}
	case e.modelled():
		body = map[string]string{"exceptionMessage": e.message}
	default:
		body = map[string]string{"message": e.message}
	}
	b, _ := json.Marshal(body) // strings cannot fail
	return b
}

// modelled reports whether the API model has the error.
func (e *apiError) modelled() bool {
	switch e.code {
	case codeAccessDenied, codeConflict, codeInternal, codeNotFound, codePendingVerification, codeQuotaExceeded, codeValidation:
		return true
	}
	return false
}
