package ivsevents

import (
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
)

// ParticipantPublished says that a participant began to publish.
type ParticipantPublished struct {
	Envelope

	// The stage, its session and the participant in it.
	StageARN, SessionID, ParticipantID string

	// UserID is the name that the token gives to the user; may be empty.
	UserID string

	// EventTime is when it happened, mostly in whole seconds; zero in old events.
	EventTime time.Time

	// EventTimePrecise is the same in microseconds; zero in events from before 29 June
	// 2026.
	EventTimePrecise time.Time

	// Replica says that the participant publishes in another stage and is replicated
	// to this one. Written if true: whether the service sends false is not documented.
	Replica bool

	// The stage that a replica comes from, and its session.
	SourceStageARN, SourceSessionID string
}

// ParticipantUnpublished says that a participant stopped publishing. Its fields
// are those of ParticipantPublished.
type ParticipantUnpublished ParticipantPublished

// ParticipantPublishError says that an attempt to publish failed.
type ParticipantPublishError struct {
	Envelope

	// The stage, its session and the participant in it.
	StageARN, SessionID, ParticipantID string

	// UserID is the name that the token gives to the user; may be empty.
	UserID string

	// EventTime is when it happened, in this event to the nanosecond; zero in old
	// events.
	EventTime time.Time

	// ErrorCode says why.
	ErrorCode ivsrealtime.EventErrorCode

	// Replica says that the participant publishes in another stage and is replicated
	// to this one. Written if true: whether the service sends false is not documented.
	Replica bool

	// The stage that a replica comes from, and its session.
	SourceStageARN, SourceSessionID string
}

// ParticipantReplicationStart says that a participant is replicated to another
// stage from now on.
type ParticipantReplicationStart struct {
	Envelope

	// The stage in which the participant publishes, its session and the participant.
	StageARN, SessionID, ParticipantID string

	// UserID is the name that the token gives to the user; may be empty.
	UserID string

	// EventTime is when it happened, mostly in whole seconds; zero in old events.
	EventTime time.Time

	// The stage that the participant is replicated to, and its session.
	DestinationStageARN, DestinationSessionID string
}

// ParticipantReplicationEnd says that a replication ended: it was stopped, or the
// participant stopped publishing and did not come back in time. Its fields are
// those of ParticipantReplicationStart.
type ParticipantReplicationEnd ParticipantReplicationStart

// TokenExchanged says that a participant replaced its token by a new one.
type TokenExchanged struct {
	Envelope

	// The stage, its session and the participant in it.
	StageARN, SessionID, ParticipantID string

	// UserID is the name that the new token gives to the user; may be empty.
	UserID string

	// EventTime is when it happened, mostly in whole seconds; zero in old events.
	EventTime time.Time

	// What the tokens before and after the exchange give, without the tokens themselves.
	PreviousToken, NewToken ivsrealtime.ExchangedParticipantToken
}

func (e *ParticipantPublished) detail() detail {
	d := stageUpdate(EventNameParticipantPublished, &e.StageARN, &e.SessionID, &e.ParticipantID, &e.UserID, &e.EventTime)
	d.EventTimePrecise = (*preciseTime)(&e.EventTimePrecise)
	d.Replica, d.SourceStageARN, d.SourceSessionID = (*flag)(&e.Replica), (*optional)(&e.SourceStageARN), (*optional)(&e.SourceSessionID)
	return d
}

func (e *ParticipantUnpublished) detail() detail {
	d := (*ParticipantPublished)(e).detail()
	d.EventName = EventNameParticipantUnpublished
	return d
}

func (e *ParticipantPublishError) detail() detail {
	d := stageUpdate(EventNameParticipantPublishError, &e.StageARN, &e.SessionID, &e.ParticipantID, &e.UserID, &e.EventTime)
	d.nanoseconds = true
	d.ErrorCode = (*optional)(&e.ErrorCode)
	d.Replica, d.SourceStageARN, d.SourceSessionID = (*flag)(&e.Replica), (*optional)(&e.SourceStageARN), (*optional)(&e.SourceSessionID)
	return d
}

func (e *ParticipantReplicationStart) detail() detail {
	d := stageUpdate(EventNameParticipantReplicationStart, &e.StageARN, &e.SessionID, &e.ParticipantID, &e.UserID, &e.EventTime)
	d.DestinationStageARN, d.DestinationSessionID = &e.DestinationStageARN, &e.DestinationSessionID
	return d
}

func (e *ParticipantReplicationEnd) detail() detail {
	d := (*ParticipantReplicationStart)(e).detail()
	d.EventName = EventNameParticipantReplicationEnd
	return d
}

func (e *TokenExchanged) detail() detail {
	d := stageUpdate(EventNameTokenExchanged, &e.StageARN, &e.SessionID, &e.ParticipantID, &e.UserID, &e.EventTime)
	d.PreviousToken, d.NewToken = (*exchangedToken)(&e.PreviousToken), (*exchangedToken)(&e.NewToken)
	return d
}

// stageUpdate returns what the details of all stage updates have.
func stageUpdate(name EventName, stageARN, sessionID, participantID, userID *string, at *time.Time) detail {
	return detail{
		detailType:    DetailTypeStageUpdate,
		stageARN:      stageARN,
		SessionID:     sessionID,
		EventName:     name,
		EventTime:     (*eventTime)(at),
		UserID:        (*optional)(userID),
		ParticipantID: participantID,
	}
}

// The methods of Event.

// Summary returns what events of all types have in common.
func (e *ParticipantPublished) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *ParticipantUnpublished) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *ParticipantPublishError) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *ParticipantReplicationStart) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *ParticipantReplicationEnd) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *TokenExchanged) Summary() Summary { return summarize(e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e ParticipantPublished) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e ParticipantUnpublished) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e ParticipantPublishError) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e ParticipantReplicationStart) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e ParticipantReplicationEnd) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e TokenExchanged) MarshalJSON() ([]byte, error) { return marshal(&e) }
