package ivsrealtime

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Sentinels for errors.Is. Each stands for the errors of a kind, however they
// are wrapped.
var (
	// ErrNotFound: the stage, composition or other resource does not exist (404).
	ErrNotFound = errors.New("ivsrealtime: resource not found")
	// ErrConflict: the resource is in a state that does not allow the call (409).
	ErrConflict = errors.New("ivsrealtime: conflict")
	// ErrAccessDenied: the credentials may not do this (403).
	ErrAccessDenied = errors.New("ivsrealtime: access denied")
	// ErrValidation: the service refused a member of the input (400), or the client
	// did before sending. Required members that are missing are a
	// smithy.InvalidParamsError.
	ErrValidation = errors.New("ivsrealtime: validation failed")
	// ErrAuthentication: the credentials or the signature were refused (400 or 403):
	// the credentials are unknown, malformed or expired, the secret key is another, or
	// the clock is wrong. ErrAccessDenied is about valid credentials.
	ErrAuthentication = errors.New("ivsrealtime: authentication failed")
	// ErrQuotaExceeded: a resource quota, such as the number of stages, would be
	// exceeded (402). Calling too fast is ErrThrottled.
	ErrQuotaExceeded = errors.New("ivsrealtime: service quota exceeded")
	// ErrPendingVerification: AWS has not verified the account yet (403).
	ErrPendingVerification = errors.New("ivsrealtime: account pending verification")
	// ErrInternal: the service failed (500).
	ErrInternal = errors.New("ivsrealtime: internal error of the service")
	// ErrThrottled: too many calls in a second, after all retries. A throttling code is
	// throttling under any status. So is status 429, except with a code that the API
	// documents as something else, such as ConflictException.
	ErrThrottled = errors.New("ivsrealtime: throttled")
	// ErrOutcomeUnknown: the operation was probably carried out, but its response is
	// lost. It never matches for a Get or a List. It matches
	//   - when the status said success, but the response ended early, cannot be read or
	//     lacks what it must have, also when the caller's context ended meanwhile;
	//   - beside ErrNotFound and ErrConflict, when the response to an earlier attempt of
	//     the call got lost, so that this attempt may have found what that one did.
	// The error of a call that got no status at all does not match.
	ErrOutcomeUnknown = errors.New("ivsrealtime: outcome unknown")
)

// APIError is an error answer of the service. The seven kinds that the API
// documents have types of their own, all of which carry an APIError and are
// found by errors.As with *APIError too; any other code is an *APIError alone.
type APIError struct {
	// Code names the kind, such as ConflictException. "UnknownError" when the
	// answer did not say.
	Code string
	// Message is the service's text or, where there was none, what was wrong with
	// the answer. Never empty in an error that a call returned.
	Message string
	// Fault says whose it is by the status: 4xx the client's, 5xx the server's.
	Fault smithy.ErrorFault
	// StatusCode is the HTTP status.
	StatusCode int
}

var _ smithy.APIError = (*APIError)(nil)

// Error returns the code and the message.
func (e *APIError) Error() string { return e.Code + ": " + e.Message }

// ErrorCode returns Code.
func (e *APIError) ErrorCode() string { return e.Code }

// ErrorMessage returns Message.
func (e *APIError) ErrorMessage() string { return e.Message }

// ErrorFault returns Fault.
func (e *APIError) ErrorFault() smithy.ErrorFault { return e.Fault }

// Is reports whether target is the sentinel of this error's kind.
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrThrottled:
		_, throttle := retry.DefaultThrottleErrorCodes[e.Code]
		return throttle || e.StatusCode == http.StatusTooManyRequests && !modelled(e.Code)
	case ErrNotFound:
		return e.Code == codeNotFound
	case ErrConflict:
		return e.Code == codeConflict
	case ErrAccessDenied:
		return e.Code == codeAccessDenied
	case ErrValidation:
		return e.Code == codeValidation || e.Code == "ValidationError"
	case ErrAuthentication:
		return isAuthentication(e)
	case ErrQuotaExceeded:
		return e.Code == codeQuotaExceeded
	case ErrPendingVerification:
		return e.Code == codePendingVerification
	case ErrInternal:
		return e.Code == codeInternal || e.Code == "InternalFailure"
	}
	return false
}

// The codes that the API documents.
const (
	codeAccessDenied        = "AccessDeniedException"
	codeConflict            = "ConflictException"
	codeInternal            = "InternalServerException"
	codePendingVerification = "PendingVerification" // without "Exception"
	codeNotFound            = "ResourceNotFoundException"
	codeQuotaExceeded       = "ServiceQuotaExceededException"
	codeValidation          = "ValidationException"

	codeUnknown = "UnknownError" // ours, for a response without a code
)

// The documented errors. They match their sentinel with errors.Is, and tests
// may make them with a Message alone.
type (
	// AccessDeniedException is ErrAccessDenied, status 403.
	AccessDeniedException struct{ APIError }
	// ConflictException is ErrConflict, status 409.
	ConflictException struct{ APIError }
	// InternalServerException is ErrInternal, status 500.
	InternalServerException struct{ APIError }
	// PendingVerification is ErrPendingVerification, status 403.
	PendingVerification struct{ APIError }
	// ResourceNotFoundException is ErrNotFound, status 404.
	ResourceNotFoundException struct{ APIError }
	// ServiceQuotaExceededException is ErrQuotaExceeded, status 402.
	ServiceQuotaExceededException struct{ APIError }
	// ValidationException is ErrValidation, status 400.
	ValidationException struct{ APIError }
)

// ErrorCode returns "AccessDeniedException".
func (*AccessDeniedException) ErrorCode() string { return codeAccessDenied }

// ErrorCode returns "ConflictException".
func (*ConflictException) ErrorCode() string { return codeConflict }

// ErrorCode returns "InternalServerException".
func (*InternalServerException) ErrorCode() string { return codeInternal }

// ErrorCode returns "PendingVerification".
func (*PendingVerification) ErrorCode() string { return codePendingVerification }

// ErrorCode returns "ResourceNotFoundException".
func (*ResourceNotFoundException) ErrorCode() string { return codeNotFound }

// ErrorCode returns "ServiceQuotaExceededException".
func (*ServiceQuotaExceededException) ErrorCode() string { return codeQuotaExceeded }

// ErrorCode returns "ValidationException".
func (*ValidationException) ErrorCode() string { return codeValidation }

// Error returns the code and the message.
func (e *AccessDeniedException) Error() string { return codeAccessDenied + ": " + e.Message }

// Error returns the code and the message.
func (e *ConflictException) Error() string { return codeConflict + ": " + e.Message }

// Error returns the code and the message.
func (e *InternalServerException) Error() string { return codeInternal + ": " + e.Message }

// Error returns the code and the message.
func (e *PendingVerification) Error() string { return codePendingVerification + ": " + e.Message }

// Error returns the code and the message.
func (e *ResourceNotFoundException) Error() string { return codeNotFound + ": " + e.Message }

// Error returns the code and the message.
func (e *ServiceQuotaExceededException) Error() string { return codeQuotaExceeded + ": " + e.Message }

// Error returns the code and the message.
func (e *ValidationException) Error() string { return codeValidation + ": " + e.Message }

// Unwrap returns the APIError, for errors.As.
func (e *AccessDeniedException) Unwrap() error { return &e.APIError }

// Unwrap returns the APIError, for errors.As.
func (e *ConflictException) Unwrap() error { return &e.APIError }

// Unwrap returns the APIError, for errors.As.
func (e *InternalServerException) Unwrap() error { return &e.APIError }

// Unwrap returns the APIError, for errors.As.
func (e *PendingVerification) Unwrap() error { return &e.APIError }

// Unwrap returns the APIError, for errors.As.
func (e *ResourceNotFoundException) Unwrap() error { return &e.APIError }

// Unwrap returns the APIError, for errors.As.
func (e *ServiceQuotaExceededException) Unwrap() error { return &e.APIError }

// Unwrap returns the APIError, for errors.As.
func (e *ValidationException) Unwrap() error { return &e.APIError }

// Is reports whether target is ErrAccessDenied.
func (e *AccessDeniedException) Is(target error) bool { return target == ErrAccessDenied }

// Is reports whether target is ErrConflict.
func (e *ConflictException) Is(target error) bool { return target == ErrConflict }

// Is reports whether target is ErrInternal.
func (e *InternalServerException) Is(target error) bool { return target == ErrInternal }

// Is reports whether target is ErrPendingVerification.
func (e *PendingVerification) Is(target error) bool { return target == ErrPendingVerification }

// Is reports whether target is ErrNotFound.
func (e *ResourceNotFoundException) Is(target error) bool { return target == ErrNotFound }

// Is reports whether target is ErrQuotaExceeded.
func (e *ServiceQuotaExceededException) Is(target error) bool { return target == ErrQuotaExceeded }

// Is reports whether target is ErrValidation.
func (e *ValidationException) Is(target error) bool { return target == ErrValidation }

// isAuthentication reports whether e is about the credentials or the signature.
func isAuthentication(e *APIError) bool {
	switch e.Code {
	case "UnrecognizedClientException", "InvalidSignatureException", "SignatureDoesNotMatch", "ExpiredToken", "ExpiredTokenException",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException", "IncompleteSignature", "IncompleteSignatureException",
		"InvalidClientTokenId", "RequestExpired", "OptInRequired":
		return true
	case codeUnknown:
		// The front answers so, without a code, what is signed for another service
		// or region.
		return e.StatusCode == http.StatusForbidden && strings.Contains(strings.ToLower(e.Message), "credential should be scoped")
	}
	return false
}

func typedError(e APIError) error {
	switch e.Code {
	case codeAccessDenied:
		return &AccessDeniedException{e}
	case codeConflict:
		return &ConflictException{e}
	case codeInternal:
		return &InternalServerException{e}
	case codePendingVerification:
		return &PendingVerification{e}
	case codeNotFound:
		return &ResourceNotFoundException{e}
	case codeQuotaExceeded:
		return &ServiceQuotaExceededException{e}
	case codeValidation:
		return &ValidationException{e}
	}
	return &unmodelledError{&smithy.GenericAPIError{Code: e.Code, Message: e.Message, Fault: e.Fault}, &e}
}

// modelled reports whether the API documents an error of this code, so that it has
// a type of its own.
func modelled(code string) bool {
	switch code {
	case codeAccessDenied, codeConflict, codeInternal, codePendingVerification, codeNotFound, codeQuotaExceeded, codeValidation:
		return true
	}
	return false
}

// unmodelledError is an APIError whose code the API does not document. For the
// core such an error is a *smithy.GenericAPIError, and an API error of any other type
// is modelled: one with status 429 is then neither retried nor throttling. So errors.As
// finds the generic error first, and the APIError next.
type unmodelledError struct {
	generic *smithy.GenericAPIError
	err     *APIError
}

// Error returns the code and the message.
func (e *unmodelledError) Error() string   { return e.err.Error() }
func (e *unmodelledError) Unwrap() []error { return []error{e.generic, e.err} }

// responseError adds the response's status and the id of the request to an error.
func responseError(resp *http.Response, requestID string, err error) error {
	hideRequest(resp)
	e := new(struct { // in one piece
		awshttp.ResponseError
		inner  smithyhttp.ResponseError
		answer smithyhttp.Response
	})
	e.answer.Response = resp
	e.inner = smithyhttp.ResponseError{Response: &e.answer, Err: err}
	e.ResponseError = awshttp.ResponseError{ResponseError: &e.inner, RequestID: requestID}
	return &e.ResponseError
}

// hideRequest takes the signature, session token and body out of the request that
// an answer points to, since the answer stays reachable from an error, and on the
// stack path from the metadata. It works on a copy: the transport may still be
// reading the request.
func hideRequest(resp *http.Response) {
	if resp == nil || resp.Request == nil {
		return
	}
	// Not with the context of the call, where the core keeps the input and the signed
	// request, and not with our URL, which is one piece of memory with the body.
	r := resp.Request.WithContext(context.Background())
	if r.URL != nil {
		u := *r.URL
		r.URL = &u
	}
	r.Header = r.Header.Clone()
	r.Header.Del("Authorization")
	r.Header.Del("X-Amz-Security-Token")
	r.Body, r.GetBody = nil, nil
	resp.Request = r
}

// invalidInputError is the error of an input that is wrong and was not sent.
type invalidInputError struct{ err error }

func (e *invalidInputError) Error() string      { return e.err.Error() }
func (e *invalidInputError) Unwrap() error      { return e.err }
func (*invalidInputError) Is(target error) bool { return target == ErrValidation }

// attemptTimeoutError is the error of an attempt that took longer than
// Options.AttemptTimeout. It is no context error: the caller's context goes on.
type attemptTimeoutError struct{ after time.Duration }

// Error names the option, and the timeout.
func (e *attemptTimeoutError) Error() string {
	return fmt.Sprintf("the attempt took longer than AttemptTimeout (%v)", e.after)
}
func (*attemptTimeoutError) Timeout() bool        { return true }
func (*attemptTimeoutError) RetryableError() bool { return true }

// withoutContextErrors returns err such that it does not match a context error. A
// credentials provider or a signer may have a deadline of its own, which callers
// would take for the end of their context.
func withoutContextErrors(err error) error {
	if !isContextError(err) {
		return err
	}
	var t interface{ Timeout() bool }
	return &transportError{text: err.Error(), timeout: errors.As(err, &t) && t.Timeout()}
}
