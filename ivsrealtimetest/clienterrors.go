package ivsrealtimetest

import (
	"errors"
	"fmt"

	"github.com/seed-433ec77c/ivsrealtime"
)

// ClientError is an error that a client SDK reports to a participant's app, with
// the SDK's number and name.
type ClientError struct {
	Number int
	Name   string

	text string
}

// Error says what is wrong, and ends with name and number.
func (e *ClientError) Error() string {
	return fmt.Sprintf("ivsrealtimetest: %s (%s, %d)", e.text, e.Name, e.Number)
}

// The errors with which a participant's app is kept from a stage. Each is a
// *ClientError.
var (
	// ErrTokenMalformed: the token is neither the server's nor signed with an
	// imported public key, or breaks a rule. The error also wraps that of package
	// ivstoken which says what is wrong.
	ErrTokenMalformed error = &ClientError{1, "TOKEN_MALFORMED", "participant token malformed or unknown"}
	// ErrTokenExpired: by the server's clock.
	ErrTokenExpired error = &ClientError{2, "TOKEN_EXPIRED", "participant token expired"}
	// ErrStageAtCapacity: as many participants publish as may.
	ErrStageAtCapacity error = &ClientError{6, "STAGE_AT_CAPACITY", "stage at capacity"}
	// ErrTokenNotAllowed: the token lacks the capability.
	ErrTokenNotAllowed error = &ClientError{8, "TOKEN_NOT_ALLOWED", "participant token lacks the capability"}
	// ErrStageDeleted: the token's stage does not exist any more.
	ErrStageDeleted error = &ClientError{9, "STAGE_DELETED", "stage deleted"}
	// ErrParticipantDisconnected: DisconnectParticipant was called for the
	// participant; its token is of no use any more.
	ErrParticipantDisconnected error = &ClientError{10, "PARTICIPANT_DISCONNECTED", "participant disconnected"}
	// ErrTokenExchangeRequestInvalid: the tokens cannot be exchanged for each other.
	// The participant stays on the stage.
	ErrTokenExchangeRequestInvalid error = &ClientError{11, "TOKEN_EXCHANGE_REQUEST_INVALID", "tokens cannot be exchanged"}
	// ErrTokenExchangeFailed: the server refused the new token. The participant
	// has left the stage.
	ErrTokenExchangeFailed error = &ClientError{12, "TOKEN_EXCHANGE_FAILED", "token exchange refused"}
	// ErrConnectionTokenMalformed: the connection token is not signed with an
	// imported public key, breaks a rule or is for another account. The error also
	// wraps that of package ivstoken which says what is wrong, if one does.
	ErrConnectionTokenMalformed error = &ClientError{1053, "CONNECTION_TOKEN_INVALID", "connection token malformed or unknown"}
	// ErrConnectionTokenExpired: by the server's clock.
	ErrConnectionTokenExpired error = &ClientError{1054, "CONNECTION_TOKEN_EXPIRED", "connection token expired"}
	// ErrConnectionTokenRevoked: RevokeConnectionToken was called for the connection
	// token. The server says TOKEN_REVOKED; the SDK reports it as a failure without
	// a number of its own.
	ErrConnectionTokenRevoked error = &ClientError{4, "FAILED", "connection token revoked: TOKEN_REVOKED"}
)

// ErrNotConnected: the participant has left, or was made to. The error ends with
// the LeftReason.
var ErrNotConnected = errors.New("ivsrealtimetest: participant is not connected")

// LeftReason is why a participant is not connected any more, as the client SDKs
// report it.
type LeftReason string

// The values of LeftReason.
const (
	// LeftReasonUserInitiated: Leave.
	LeftReasonUserInitiated LeftReason = "user-initiated"
	// LeftReasonTokenReused: somebody joined with the same token.
	LeftReasonTokenReused LeftReason = "token-reused"
	// LeftReasonParticipantDisconnected: DisconnectParticipant.
	LeftReasonParticipantDisconnected LeftReason = "participant-disconnected"
	// LeftReasonStageDeleted: DeleteStage.
	LeftReasonStageDeleted LeftReason = "stage-deleted"
	// LeftReasonFailedExchange: the server refused an ExchangeToken.
	LeftReasonFailedExchange LeftReason = "failed-exchange"
	// LeftReasonConnectionTokenRevoked: RevokeConnectionToken. The connection is closed
	// with code 1008 and the text "token has been revoked".
	LeftReasonConnectionTokenRevoked LeftReason = "real-time-connection-token-revocation"
	// LeftReasonUnknown: anything else, such as DeleteIngestConfiguration.
	LeftReasonUnknown LeftReason = "unknown"
)

// MediaError is why joining, publishing or subscribing failed. The same code is in
// the participant's events.
type MediaError struct {
	// Op is "join", "publish" or "subscribe".
	Op string
	// Code says why.
	Code ivsrealtime.EventErrorCode
}

// Error names what failed and the code.
func (e *MediaError) Error() string { return fmt.Sprintf("ivsrealtimetest: %s: %s", e.Op, e.Code) }

// Unwrap returns the error that the app gets, where the SDKs have one for the code.
func (e *MediaError) Unwrap() error {
	switch e.Code {
	case ivsrealtime.EventErrorCodeInsufficientCapabilities:
		return ErrTokenNotAllowed
	case ivsrealtime.EventErrorCodeQuotaExceeded:
		return ErrStageAtCapacity
	}
	return nil
}
