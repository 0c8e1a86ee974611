package ivstracker

import (
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// Snapshot is all that a Tracker knows at one moment.
type Snapshot struct {
	// Time of the snapshot, by the Tracker's clock.
	Time time.Time `json:"time"`

	// Stages by ARN.
	Stages []Stage `json:"stages"`

	// Compositions by ARN.
	Compositions []Composition `json:"compositions"`
}

// Stage is what is known about a stage.
type Stage struct {
	// ARN of the stage.
	ARN string `json:"arn"`

	// Name of the stage. Events do not have it: empty until Reconcile read it.
	Name string `json:"name,omitzero"`

	// Deleted says that Reconcile did not find the stage any more, and that nothing
	// happened on it since.
	Deleted bool `json:"deleted,omitzero"`

	// ActiveSessionID is the newest session that has not ended as far as is known,
	// empty if there is none. It may be idle.
	ActiveSessionID string `json:"activeSessionId,omitzero"`

	// Sessions of the stage, the oldest first.
	Sessions []Session `json:"sessions"`

	// Recordings of the stage's participants, by participant and prefix. They are not
	// part of a session because one that is merged goes on in the next.
	Recordings []Recording `json:"recordings"`
}

// Session is what is known about a session of a stage.
type Session struct {
	// SessionID of the session.
	SessionID string `json:"sessionId"`

	// Status says whether somebody publishes.
	Status SessionStatus `json:"status"`

	// StartTime is when the session began. Events do not tell: zero until Reconcile
	// read it.
	StartTime time.Time `json:"startTime,omitzero"`

	// EndTime is when the session ended; for other causes than SessionEndCauseAPI,
	// when it had ended at the latest. Zero until it has.
	EndTime time.Time `json:"endTime,omitzero"`

	// EndCause says how it is known that the session ended; empty until it has.
	EndCause SessionEndCause `json:"endCause,omitzero"`

	// The times of the first and last event about the session; zero if it is known
	// from Reconcile only.
	FirstEventTime time.Time `json:"firstEventTime,omitzero"`
	LastEventTime  time.Time `json:"lastEventTime,omitzero"`

	// Participants that events or Reconcile told of, by ID. Who only watches makes no
	// event, unless a token is exchanged.
	Participants []Participant `json:"participants"`
}

// SessionStatus says how a session is doing.
type SessionStatus string

// The values of SessionStatus.
const (
	// SessionStatusLive: somebody publishes.
	SessionStatusLive SessionStatus = "LIVE"

	// SessionStatusIdle: nobody publishes, and nothing says that the session ended.
	SessionStatusIdle SessionStatus = "IDLE"

	// SessionStatusEnded: the session ended, see Session.EndCause.
	SessionStatusEnded SessionStatus = "ENDED"
)

// SessionEndCause says how it is known that a session ended: no event tells.
type SessionEndCause string

// The values of SessionEndCause.
const (
	// SessionEndCauseAPI: Reconcile read it.
	SessionEndCauseAPI SessionEndCause = "API"

	// SessionEndCauseNewerSession: the stage has a newer session. That it then cannot
	// have the older one too is inferred: a stage has one active session.
	SessionEndCauseNewerSession SessionEndCause = "NEWER_SESSION"

	// SessionEndCauseStageDeleted: Reconcile did not find the stage any more.
	SessionEndCauseStageDeleted SessionEndCause = "STAGE_DELETED"
)

// Participant is what is known about a participant in a session.
type Participant struct {
	// ParticipantID of the participant.
	ParticipantID string `json:"participantId"`

	// UserID is the name that the participant's token gives to the user.
	UserID string `json:"userId,omitzero"`

	// Attributes and Capabilities that the participant's token gives. Events have them
	// when a token is exchanged only. Reconcile reads Attributes, and Capabilities
	// only of exchanged tokens.
	Attributes   map[string]string                        `json:"attributes,omitzero"`
	Capabilities []ivsrealtime.ParticipantTokenCapability `json:"capabilities,omitzero"`

	// Published says that the participant ever published in the session, Publishing
	// that it does now. Nobody does in a session that ended.
	Published  bool `json:"published"`
	Publishing bool `json:"publishing"`

	// PublishTime is when the participant last began or stopped to publish; zero if
	// that is not known.
	PublishTime time.Time `json:"publishTime,omitzero"`

	// PublishError is the last error in publishing; nil if there was none, or if the
	// participant published after it.
	PublishError *PublishError `json:"publishError,omitzero"`

	// Replica says that the participant publishes in another stage, SourceStageARN, in
	// its session SourceSessionID, and is replicated to this one.
	Replica         bool   `json:"replica,omitzero"`
	SourceStageARN  string `json:"sourceStageArn,omitzero"`
	SourceSessionID string `json:"sourceSessionId,omitzero"`

	// Replications of the participant to other stages, by their ARN and session.
	Replications []Replication `json:"replications,omitzero"`
}

// PublishError is an error in publishing.
type PublishError struct {
	// Code says why.
	Code ivsrealtime.EventErrorCode `json:"code"`

	// Time is when it happened.
	Time time.Time `json:"time"`
}

// Replication is what is known about the replication of a participant to
// another stage.
type Replication struct {
	// The stage that the participant is replicated to, and its session.
	DestinationStageARN  string `json:"destinationStageArn"`
	DestinationSessionID string `json:"destinationSessionId"`

	// Active says that the replication goes on. None does when the session of the
	// participant has ended.
	Active bool `json:"active"`

	// Time is when it started or ended.
	Time time.Time `json:"time,omitzero"`
}

// Recording is what is known about the recording of a participant.
type Recording struct {
	// The participant, and the last session that it was recorded in.
	ParticipantID string `json:"participantId"`
	SessionID     string `json:"sessionId"`

	// The bucket, and the prefix of the recording in it.
	BucketName string `json:"bucketName"`
	KeyPrefix  string `json:"keyPrefix"`

	// State of the recording. Of events there are ACTIVE, STOPPED and FAILED.
	State ivsrealtime.ParticipantRecordingState `json:"state"`

	// Time is when it came to that, in whole seconds; zero if only Reconcile told.
	Time time.Time `json:"time,omitzero"`

	// StartTime is the time of the first Recording Start; zero if that was not seen.
	StartTime time.Time `json:"startTime,omitzero"`

	// Duration is the length of the recording; zero until it is over, and if only
	// Reconcile told.
	Duration time.Duration `json:"durationNs,omitzero"`

	// ErrorCode and Reason say why it FAILED; empty if only Reconcile told.
	ErrorCode ivsevents.ErrorCode `json:"errorCode,omitzero"`
	Reason    string              `json:"reason,omitzero"`
}

// Composition is what is known about a composition.
type Composition struct {
	// ARN of the composition.
	ARN string `json:"arn"`

	// StageARN is the ARN of the stage that it composes.
	StageARN string `json:"stageArn"`

	// State of the composition. Of events there are ACTIVE, STOPPED and FAILED; ACTIVE
	// also stands for a composition of which only events of destinations are known.
	State ivsrealtime.CompositionState `json:"state"`

	// Time is when it came to that, in whole seconds if an event told; zero if it is
	// not known.
	Time time.Time `json:"time,omitzero"`

	// Gone says that Reconcile did not find the composition any more. That happens
	// five minutes after the end; State is STOPPED then, although it may have failed,
	// unless an event tells.
	Gone bool `json:"gone,omitzero"`

	// ErrorCode and Reason say why it FAILED; empty if only Reconcile told.
	ErrorCode ivsevents.ErrorCode `json:"errorCode,omitzero"`
	Reason    string              `json:"reason,omitzero"`

	// Destinations that are known, by ID.
	Destinations []Destination `json:"destinations"`
}

// Destination is what is known about a destination of a composition.
type Destination struct {
	// ID of the destination.
	ID string `json:"id"`

	// State of the destination. Of events there are ACTIVE, RECONNECTING, STOPPED and
	// FAILED. One of a composition that ended is STOPPED unless it FAILED. That an
	// event tells when a RECONNECTING one is ACTIVE again is not documented.
	State ivsrealtime.DestinationState `json:"state"`

	// Time is when it came to that, in whole seconds if an event told; zero if it is
	// not known.
	Time time.Time `json:"time,omitzero"`

	// ErrorCode and Reason say why it FAILED; empty if only Reconcile told.
	ErrorCode ivsevents.ErrorCode `json:"errorCode,omitzero"`
	Reason    string              `json:"reason,omitzero"`
}

// Change is one change of what a Tracker knows. The object that changed is one
// of Stage, Session, Participant, Recording and Composition, as it is now and with
// all that it consists of; the others are nil. All is a copy.
//
// A session makes a change of its own when it becomes known and when it ends or
// turns out not to have; its Status follows from its participants. That its end
// moves, when a late event tells of a session in between, makes no change, nor does
// what is dropped because of its age or of Options.MaxEntries.
type Change struct {
	// Source says what told of the change.
	Source ChangeSource `json:"source"`

	// Event that caused the change; nil if Reconcile did.
	Event ivsevents.Event `json:"event,omitzero"`

	// What changed. Those that do not apply are empty.
	StageARN       string `json:"stageArn,omitzero"`
	SessionID      string `json:"sessionId,omitzero"`
	ParticipantID  string `json:"participantId,omitzero"`
	CompositionARN string `json:"compositionArn,omitzero"`

	// What it is now: one of these, see Change.
	Stage       *Stage       `json:"stage,omitzero"`
	Session     *Session     `json:"session,omitzero"`
	Participant *Participant `json:"participant,omitzero"`
	Recording   *Recording   `json:"recording,omitzero"`
	Composition *Composition `json:"composition,omitzero"`
}

// ChangeSource says what told of a change.
type ChangeSource string

// The values of ChangeSource.
const (
	// ChangeSourceEvent: an event that was applied.
	ChangeSourceEvent ChangeSource = "event"

	// ChangeSourceReconcile: an answer of the API.
	ChangeSourceReconcile ChangeSource = "reconcile"
)
