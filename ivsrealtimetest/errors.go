package ivsrealtimetest

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// The errors of the service. Their messages are the fake's own: what the real
// ones say in each case is not documented.
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

// notFound is the error of a resource that does not exist; what is its kind in
// words.
func notFound(what string) error { return newError(codeNotFound, "The %s does not exist.", what) }

// existing returns the resource with that ARN, unless the input was refused; what
// is its kind in words.
func existing[T any](c *call, resources *table[T], arn, what string) (resource T, err error) {
	if err := c.err(); err != nil {
		return resource, err
	}
	resource, ok := resources.get(arn)
	if !ok {
		return resource, notFound(what)
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
	case codeValidation, codeMalformedRequest, codeThrottling:
		return http.StatusBadRequest
	case codeQuotaExceeded:
		return http.StatusPaymentRequired
	case codeIncompleteSignature, codeInvalidSignature, codeMissingToken, codeUnrecognizedClient, codeAccessDenied, codePendingVerification:
		return http.StatusForbidden
	case codeConflict:
		return http.StatusConflict
	case codeTooManyRequests:
		return http.StatusTooManyRequests
	case codeNotFound, codeUnknownOperation:
		return http.StatusNotFound
	case codeTooLarge:
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusInternalServerError
}

// body is the error as JSON: the service and its front end name the member
// differently.
func (e *apiError) body() []byte {
	member := "message"
	switch e.code {
	case codeAccessDenied, codeConflict, codeInternal, codeNotFound, codePendingVerification, codeQuotaExceeded, codeValidation:
		member = "exceptionMessage"
	}
	b, _ := json.Marshal(map[string]string{member: e.message}) // strings cannot fail
	return b
}
