package ivsrealtimetest

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// The errors of the service. Their messages are the fake's own: what the real
// ones say in each case is not documented.
const (
	codeNotFound      = "ResourceNotFoundException"
	codeQuotaExceeded = "ServiceQuotaExceededException"
	codeValidation    = "ValidationException"
)

// The errors of the front end, which stands before the service.
const (
	codeIncompleteSignature = "IncompleteSignatureException"
	codeInternalFailure     = "InternalFailure"
	codeInvalidSignature    = "InvalidSignatureException"
	codeMalformedRequest    = "MalformedHttpRequestException"
	codeMissingToken        = "MissingAuthenticationTokenException"
	codeNotImplemented      = "NotImplementedException"
	codeTooLarge            = "RequestEntityTooLargeException"
	codeUnknownOperation    = "UnknownOperationException"
	codeUnrecognizedClient  = "UnrecognizedClientException"
)

// apiError is an answer that is an error.
type apiError struct{ code, message string }

func newError(code, format string, args ...any) error {
	return &apiError{code, fmt.Sprintf(format, args...)}
}

// notFound is the error of a resource that does not exist; what is its kind in
// words.
func notFound(what string) error { return newError(codeNotFound, "The %s does not exist.", what) }

func (e *apiError) Error() string { return e.code + ": " + e.message }

// status is the HTTP status that the code comes with.
func (e *apiError) status() int {
	switch e.code {
	case codeValidation, codeMalformedRequest:
		return http.StatusBadRequest
	case codeQuotaExceeded:
		return http.StatusPaymentRequired
	case codeIncompleteSignature, codeInvalidSignature, codeMissingToken, codeUnrecognizedClient:
		return http.StatusForbidden
	case codeNotFound, codeUnknownOperation:
		return http.StatusNotFound
	case codeTooLarge:
		return http.StatusRequestEntityTooLarge
	case codeNotImplemented:
		return http.StatusNotImplemented
	}
	return http.StatusInternalServerError
}

// body is the error as JSON: the service and its front end name the member
// differently.
func (e *apiError) body() []byte {
	member := "message"
	switch e.code {
	case codeNotFound, codeQuotaExceeded, codeValidation:
		member = "exceptionMessage"
	}
	b, _ := json.Marshal(map[string]string{member: e.message}) // strings cannot fail
	return b
}
