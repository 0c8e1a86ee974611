package ivsevents

import (
	"encoding/json"
	"time"
)

// Event is one event of IVS: a pointer to one of the types of this package. Its MarshalJSON gives the whole event as EventBridge delivers it.
type Event interface {
	json.Marshaler

	// Meta returns the envelope of the event itself, not a copy.
	Meta() *Envelope

	// Summary returns what events of all types have in common.
	Summary() Summary

	detail() detail
}

// Envelope is what EventBridge puts around every event.
type Envelope struct {
	// ID of the event, a UUID. An event that is delivered again keeps it.
	ID string

	// Account that the event comes from, 12 digits.
	Account string

	// Region that the event comes from.
	Region string

	// Time of the event, in whole seconds and in UTC.
	Time time.Time

	// DetailType says which of the three kinds of event it is. If empty, the one of
	// the event's Go type is written.
	DetailType DetailType

	// Source of the event. If empty, the constant Source is written. EventBridge takes
	// events from others than AWS only under another source.
	Source string

	// Resources are the ARNs that the event concerns, one so far: the composition's in
	// composition events, the stage's in all others. When written, the first is taken
	// from the field CompositionARN or StageARN of the event.
	Resources []string

	// Unread names the members that Decode found to be of another type than expected,
	// by their paths, such as "time" and "detail.new_token.attributes". Their fields are
	// empty; of the resources those are left out that are no strings. Raw has the values.
	// Nil in most events, and not written.
	Unread []string

	// Raw is the whole event as Decode got it, a copy: what the event's type has no
	// field for is found here. Nil in events that were not decoded, and not written.
	Raw json.RawMessage
}

// Meta returns e.
func (e *Envelope) Meta() *Envelope { return e }

// Source is the source of all events of IVS. Those of low-latency streaming have
// it too: only the detail-type tells them apart.
const Source = "aws.ivs"

// Summary is what events of all types have in common, in one form. What an event
// does not have is empty.
type Summary struct {
	// Name is the event_name.
	Name EventName

	// StageARN is the ARN of the stage; for a composition, of the stage it composes.
	StageARN string

	// CompositionARN is the ARN of the composition.
	CompositionARN string

	// SessionID is the ID of the session of the stage. Composition events have none.
	SessionID string

	// ParticipantID is the ID of the participant. Composition events have none.
	ParticipantID string

	// Time is when it happened, as exactly as the event says: its
	// event_time_precise, else its event_time, else the time of its envelope.
	Time time.Time

	// TimeSource says where Time comes from.
	TimeSource TimeSource
}

// TimeSource says which part of an event its time comes from.
type TimeSource string

// The values of TimeSource.
const (
	// TimeSourceDetail stands for the detail: event_time_precise or event_time.
	TimeSourceDetail TimeSource = "detail"

	// TimeSourceEnvelope stands for the envelope. Recording and composition events,
	// and old ones of all kinds, have no other time.
	TimeSourceEnvelope TimeSource = "envelope"
)

// DetailType is the kind of an event.
type DetailType string

// The values of DetailType.
const (
	DetailTypeStageUpdate                     DetailType = "IVS Stage Update"
	DetailTypeParticipantRecordingStateChange DetailType = "IVS Participant Recording State Change"
	DetailTypeCompositionStateChange          DetailType = "IVS Composition State Change"
)

// Values returns the values known to this version; the service may send others.
func (DetailType) Values() []DetailType {
	return []DetailType{DetailTypeStageUpdate, DetailTypeParticipantRecordingStateChange, DetailTypeCompositionStateChange}
}

// EventName is the event_name of an event. The events of the API, which
// ListParticipantEvents returns, have other names.
type EventName string

// The values of EventName.
const (
	EventNameParticipantPublished               EventName = "Participant Published"
	EventNameParticipantUnpublished             EventName = "Participant Unpublished"
	EventNameParticipantPublishError            EventName = "Participant Publish Error"
	EventNameParticipantReplicationStart        EventName = "Participant Replication Start"
	EventNameParticipantReplicationEnd          EventName = "Participant Replication End"
	EventNameTokenExchanged                     EventName = "Token Exchanged"
	EventNameRecordingStart                     EventName = "Recording Start"
	EventNameRecordingEnd                       EventName = "Recording End"
	EventNameRecordingStartFailure              EventName = "Recording Start Failure"
	EventNameRecordingEndFailure                EventName = "Recording End Failure"
	EventNameCompositionSessionStart            EventName = "Session Start"
	EventNameCompositionSessionEnd              EventName = "Session End"
	EventNameCompositionSessionFailure          EventName = "Session Failure"
	EventNameCompositionDestinationStart        EventName = "Destination Start"
	EventNameCompositionDestinationEnd          EventName = "Destination End"
	EventNameCompositionDestinationReconnecting EventName = "Destination Reconnecting"
	EventNameCompositionDestinationFailure      EventName = "Destination Failure"
)

// Values returns the values known to this version; the service may send others.
func (EventName) Values() []EventName {
	return []EventName{
		EventNameParticipantPublished,
		EventNameParticipantUnpublished,
		EventNameParticipantPublishError,
		EventNameParticipantReplicationStart,
		EventNameParticipantReplicationEnd,
		EventNameTokenExchanged,
		EventNameRecordingStart,
		EventNameRecordingEnd,
		EventNameRecordingStartFailure,
		EventNameRecordingEndFailure,
		EventNameCompositionSessionStart,
		EventNameCompositionSessionEnd,
		EventNameCompositionSessionFailure,
		EventNameCompositionDestinationStart,
		EventNameCompositionDestinationEnd,
		EventNameCompositionDestinationReconnecting,
		EventNameCompositionDestinationFailure,
	}
}

// ErrorCode says why a recording, a composition or a destination failed. The
// codes of ParticipantPublishError are others.
type ErrorCode string

// The values of ErrorCode.
const (
	// ErrorCodeAccessDenied: access to the bucket was denied.
	ErrorCodeAccessDenied ErrorCode = "AccessDeniedException"

	// ErrorCodeConflict: the channel of the destination is live already.
	ErrorCodeConflict ErrorCode = "ConflictException"

	// ErrorCodeDestinationFailure: the composition failed because outputs did.
	ErrorCodeDestinationFailure ErrorCode = "DestinationFailure"

	// ErrorCodeInternalServer: the service itself failed.
	ErrorCodeInternalServer ErrorCode = "InternalServerException"

	// ErrorCodeResourceNotFound: the bucket was not found.
	ErrorCodeResourceNotFound ErrorCode = "ResourceNotFoundException"

	// ErrorCodeStageDeleted: the composition failed because its stage is gone.
	ErrorCodeStageDeleted ErrorCode = "StageDeleted"

	// ErrorCodeValidation: the video codec cannot be recorded.
	ErrorCodeValidation ErrorCode = "ValidationException"
)

// Values returns the values known to this version; the service may send others.
func (ErrorCode) Values() []ErrorCode {
	return []ErrorCode{
		ErrorCodeAccessDenied,
		ErrorCodeConflict,
		ErrorCodeDestinationFailure,
		ErrorCodeInternalServer,
		ErrorCodeResourceNotFound,
		ErrorCodeStageDeleted,
		ErrorCodeValidation,
	}
}
