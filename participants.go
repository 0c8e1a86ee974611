package ivsrealtime

import (
	"context"
	"time"

	"github.com/aws/smithy-go/middleware"
)

// CreateParticipantToken makes a token with which one participant can join one
// stage, and returns it with the ID of the participant. The service does not
// keep it.
//
// One token has one connection: if a second device joins with it, the first leaves
// (token-reused). The client SDKs check the expiry by the clock of the device, at the
// join and at each new subscription.
//
// There is no idempotency token. What the client does after an attempt that failed:
//
//	the service refused it: throttling, 5xx   retry
//	no connection                             retry
//	no status: connection lost, timeout       retry, which can make a second token
//	status 2xx, response lost                 no retry, ErrOutcomeUnknown
//	anything else                             no retry
//
// A response is lost when it ends early, at AttemptTimeout too, cannot be read, or
// has no participantToken. To make one attempt only, pass
//
//	func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }
//
// Errors: ErrAccessDenied, ErrNotFound, ErrPendingVerification,
// ErrQuotaExceeded, ErrValidation. Quota: 50 calls per second per account and
// region.
func (c *Client) CreateParticipantToken(ctx context.Context, in *CreateParticipantTokenInput, optFns ...func(*Options)) (*CreateParticipantTokenOutput, error) {
	return invoke(ctx, c, "CreateParticipantToken", in, &CreateParticipantTokenOutput{}, optFns)
}

// CreateParticipantTokenInput is the input of CreateParticipantToken.
type CreateParticipantTokenInput struct {
	// StageARN is the ARN of the stage to join. Required.
	StageARN string `json:"stageArn"`

	// Duration is how long the token is valid, in minutes: 1 to 20160 (14 days); 0
	// for the default of 720 (12 hours).
	Duration int32 `json:"duration,omitzero"`

	// UserID is a name the caller chooses for the user, up to 128 characters. All
	// participants of the stage see it: no personal data.
	UserID string `json:"userId,omitzero"`

	// Attributes of the participant, up to 1 KB in total. All participants of the
	// stage see them: no personal data.
	Attributes map[string]string `json:"attributes,omitzero"`

	// Capabilities of the participant, up to 2. nil is left out, for the default of
	// PUBLISH and SUBSCRIBE; an empty slice is sent, to no documented effect.
	Capabilities []ParticipantTokenCapability `json:"capabilities,omitzero"`
}

// CreateParticipantTokenOutput is the output of CreateParticipantToken.
type CreateParticipantTokenOutput struct {
	// ParticipantToken is the new token. It always has Token, ParticipantID and
	// ExpirationTime. The other fields are those of the input: what the input leaves
	// out is zero here, though the token itself holds the default.
	ParticipantToken ParticipantToken `json:"participantToken"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// lacks names the token if it is missing: without it there is nothing to hand out.
func (o *CreateParticipantTokenOutput) lacks() string {
	if o.ParticipantToken.Token == "" {
		return "participantToken.token"
	}
	return ""
}

// DisconnectParticipant disconnects a participant from a stage, whatever it
// publishes with. Its token cannot be used to join again, and no other operation
// revokes a participant token. If it publishes through an ingest configuration, the
// stage ARN of that becomes empty.
//
// Errors: ErrAccessDenied, ErrNotFound, ErrPendingVerification, ErrValidation.
// Quota: 5 calls per second per account and region.
func (c *Client) DisconnectParticipant(ctx context.Context, in *DisconnectParticipantInput, optFns ...func(*Options)) (*DisconnectParticipantOutput, error) {
	return invoke(ctx, c, "DisconnectParticipant", in, &DisconnectParticipantOutput{}, optFns)
}

// DisconnectParticipantInput is the input of DisconnectParticipant.
type DisconnectParticipantInput struct {
	// StageARN is the ARN of the stage. Required.
	StageARN string `json:"stageArn"`

	// ParticipantID of the participant. Required.
	ParticipantID string `json:"participantId"`

	// Reason for the disconnection, up to 128 characters.
	Reason string `json:"reason,omitzero"`
}

// DisconnectParticipantOutput is the output of DisconnectParticipant.
type DisconnectParticipantOutput struct {
	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// GetParticipant returns what is known about a participant in a session. How
// long it stays available after the session is not documented.
//
// Errors: ErrAccessDenied, ErrNotFound, ErrValidation. Quota: 5 calls per
// second per account and region.
func (c *Client) GetParticipant(ctx context.Context, in *GetParticipantInput, optFns ...func(*Options)) (*GetParticipantOutput, error) {
	return invoke(ctx, c, "GetParticipant", in, &GetParticipantOutput{}, optFns)
}

// GetParticipantInput is the input of GetParticipant.
type GetParticipantInput struct {
	// StageARN is the ARN of the stage. Required.
	StageARN string `json:"stageArn"`

	// SessionID of the session: st- and 13 letters and digits. Required.
	SessionID string `json:"sessionId"`

	// ParticipantID of the participant. Required.
	ParticipantID string `json:"participantId"`
}

// GetParticipantOutput is the output of GetParticipant.
type GetParticipantOutput struct {
	// Participant is the participant.
	Participant Participant `json:"participant"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// ListParticipantEvents returns one page of the events of a participant in a
// session, in no documented order. What an unknown stage, session or participant
// gives is not documented. NewListParticipantEventsPaginator goes through all
// pages.
//
// Errors: ErrAccessDenied, ErrValidation. Quota: 5 calls per second per account
// and region.
func (c *Client) ListParticipantEvents(ctx context.Context, in *ListParticipantEventsInput, optFns ...func(*Options)) (*ListParticipantEventsOutput, error) {
	return invoke(ctx, c, "ListParticipantEvents", in, &ListParticipantEventsOutput{}, optFns)
}

// ListParticipantEventsInput is the input of ListParticipantEvents.
type ListParticipantEventsInput struct {
	// StageARN is the ARN of the stage. Required.
	StageARN string `json:"stageArn"`

	// SessionID of the session: st- and 13 letters and digits. Required.
	SessionID string `json:"sessionId"`

	// ParticipantID of the participant. Required.
	ParticipantID string `json:"participantId"`

	// NextToken of the previous page; empty for the first one.
	NextToken string `json:"nextToken,omitzero"`

	// MaxResults is the greatest number of events in the page: 1 to 100; 0 for the
	// default of 50.
	MaxResults int32 `json:"maxResults,omitzero"`
}

// ListParticipantEventsOutput is the output of ListParticipantEvents.
type ListParticipantEventsOutput struct {
	// Events is the page.
	Events []Event `json:"events"`

	// NextToken asks for the next page; empty on the last one.
	NextToken string `json:"nextToken,omitzero"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// ListParticipantReplicas returns one page of the replicas of a participant, in
// no documented order. How long stopped ones stay listed, and what an unknown
// stage or participant gives, is not documented.
// NewListParticipantReplicasPaginator goes through all pages.
//
// Errors: ErrAccessDenied, ErrValidation. Quota: 5 calls per second per account
// and region.
func (c *Client) ListParticipantReplicas(ctx context.Context, in *ListParticipantReplicasInput, optFns ...func(*Options)) (*ListParticipantReplicasOutput, error) {
	return invoke(ctx, c, "ListParticipantReplicas", in, &ListParticipantReplicasOutput{}, optFns)
}

// ListParticipantReplicasInput is the input of ListParticipantReplicas.
type ListParticipantReplicasInput struct {
	// SourceStageARN is the ARN of the stage that the participant is replicated from.
	// Required.
	SourceStageARN string `json:"sourceStageArn"`

	// ParticipantID of the participant, the same in both stages. Required.
	ParticipantID string `json:"participantId"`

	// NextToken of the previous page; empty for the first one.
	NextToken string `json:"nextToken,omitzero"`

	// MaxResults is the greatest number of replicas in the page: 1 to 50 (not 100, as
	// elsewhere); 0 for the default of 50.
	MaxResults int32 `json:"maxResults,omitzero"`
}

// ListParticipantReplicasOutput is the output of ListParticipantReplicas.
type ListParticipantReplicasOutput struct {
	// Replicas is the page.
	Replicas []ParticipantReplica `json:"replicas"`

	// NextToken asks for the next page; empty on the last one.
	NextToken string `json:"nextToken,omitzero"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// ListParticipants returns one page of the participants of a session, in no
// documented order. Of the four filters at most one may be set. What an unknown
// stage or session gives is not documented. NewListParticipantsPaginator goes
// through all pages.
//
// Errors: ErrAccessDenied, ErrValidation. Quota: 5 calls per second per account
// and region.
func (c *Client) ListParticipants(ctx context.Context, in *ListParticipantsInput, optFns ...func(*Options)) (*ListParticipantsOutput, error) {
	return invoke(ctx, c, "ListParticipants", in, &ListParticipantsOutput{}, optFns)
}

// ListParticipantsInput is the input of ListParticipants.
type ListParticipantsInput struct {
	// StageARN is the ARN of the stage. Required.
	StageARN string `json:"stageArn"`

	// SessionID of the session: st- and 13 letters and digits. Required.
	SessionID string `json:"sessionId"`

	// FilterByUserID keeps the participants with this user ID; empty for no filter.
	FilterByUserID string `json:"filterByUserId,omitzero"`

	// FilterByPublished keeps the participants that ever published in the session. A
	// pointer because false is a filter too: nil is no filter, a pointer to false is
	// sent, but whether the service then keeps those that never published is not
	// documented.
	FilterByPublished *bool `json:"filterByPublished,omitzero"`

	// FilterByState keeps the participants in this state; empty for no filter.
	FilterByState ParticipantState `json:"filterByState,omitzero"`

	// NextToken of the previous page; empty for the first one.
	NextToken string `json:"nextToken,omitzero"`

	// MaxResults is the greatest number of participants in the page: 1 to 100; 0 for
	// the default of 50.
	MaxResults int32 `json:"maxResults,omitzero"`

	// FilterByRecordingState keeps the participants whose recording is in this state;
	// empty for no filter. There is no filter for DISABLED.
	FilterByRecordingState ParticipantRecordingFilterByRecordingState `json:"filterByRecordingState,omitzero"`
}

// ListParticipantsOutput is the output of ListParticipants.
type ListParticipantsOutput struct {
	// Participants is the page.
	Participants []ParticipantSummary `json:"participants"`

	// NextToken asks for the next page; empty on the last one.
	NextToken string `json:"nextToken,omitzero"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// RevokeConnectionToken revokes a connection token. The service closes the connections
// that were made with it (WebSocket code 1008, "token has been revoked"), and refuses
// new ones (TOKEN_REVOKED). The client SDKs report FAILED, with the left reason
// real-time-connection-token-revocation, and do not retry.
//
// No operation makes connection tokens; they are signed with the caller's own key, as
// package ivstoken does. What an unknown ID gives, and how long a revocation is kept, is
// not documented. The participant tokens stay valid: see DisconnectParticipant and
// DeletePublicKey.
//
// Errors: ErrAccessDenied, ErrInternal, ErrValidation. Quota: not documented.
func (c *Client) RevokeConnectionToken(ctx context.Context, in *RevokeConnectionTokenInput, optFns ...func(*Options)) (*RevokeConnectionTokenOutput, error) {
	return invoke(ctx, c, "RevokeConnectionToken", in, &RevokeConnectionTokenOutput{}, optFns)
}

// RevokeConnectionTokenInput is the input of RevokeConnectionToken.
type RevokeConnectionTokenInput struct {
	// TokenID is the ID of the token: 1 to 64 of a-z, A-Z, 0-9, - and _. That it is
	// the token's jti claim is not documented, but nothing else in a token can be it.
	// Required.
	TokenID string `json:"tokenId"`
}

// RevokeConnectionTokenOutput is the output of RevokeConnectionToken.
type RevokeConnectionTokenOutput struct {
	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// StartParticipantReplication makes a participant that publishes in one stage
// appear in another one, under the same participant ID. It goes one way; the
// other way takes a second call. A participant may have 5 replications at a time
// in a region (not adjustable).
//
// A second call fails with ErrConflict, and there is no idempotency token. What the
// client does after an attempt that failed:
//
//	the service refused it: throttling, 5xx   retry
//	no connection                             retry
//	no status: connection lost, timeout       retry, which can fail with ErrConflict
//	status 2xx, response lost                 no retry, ErrOutcomeUnknown
//	anything else                             no retry
//
// The ErrConflict of a retry after a lost response matches ErrOutcomeUnknown too. A
// response is lost when it ends early, at AttemptTimeout too, or cannot be read.
//
// Errors: ErrAccessDenied, ErrConflict, ErrInternal, ErrNotFound,
// ErrPendingVerification, ErrQuotaExceeded, ErrValidation. Quota: 5 calls per
// second per account and region.
func (c *Client) StartParticipantReplication(ctx context.Context, in *StartParticipantReplicationInput, optFns ...func(*Options)) (*StartParticipantReplicationOutput, error) {
	return invoke(ctx, c, "StartParticipantReplication", in, &StartParticipantReplicationOutput{}, optFns)
}

// StartParticipantReplicationInput is the input of StartParticipantReplication.
type StartParticipantReplicationInput struct {
	// SourceStageARN is the ARN of the stage in which the participant publishes.
	// Required.
	SourceStageARN string `json:"sourceStageArn"`

	// DestinationStageARN is the ARN of the stage to replicate to. Required.
	DestinationStageARN string `json:"destinationStageArn"`

	// ParticipantID of the participant. Required.
	ParticipantID string `json:"participantId"`

	// ReconnectWindowSeconds is how long, in seconds, the participant may stop
	// publishing and still have the replication come back by itself: 0 to 300; the
	// default is 0.
	ReconnectWindowSeconds int32 `json:"reconnectWindowSeconds,omitzero"`

	// Attributes of the replica. They are merged over those of the participant's
	// token, and replace those of the same key.
	Attributes map[string]string `json:"attributes,omitzero"`
}

// StartParticipantReplicationOutput is the output of StartParticipantReplication.
type StartParticipantReplicationOutput struct {
	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// StopParticipantReplication ends the replication of a participant from one
// stage to another. Which error it gives when there is none is not documented.
//
// Errors: ErrAccessDenied, ErrInternal, ErrNotFound, ErrValidation. Quota: 5
// calls per second per account and region.
func (c *Client) StopParticipantReplication(ctx context.Context, in *StopParticipantReplicationInput, optFns ...func(*Options)) (*StopParticipantReplicationOutput, error) {
	return invoke(ctx, c, "StopParticipantReplication", in, &StopParticipantReplicationOutput{}, optFns)
}

// StopParticipantReplicationInput is the input of StopParticipantReplication.
type StopParticipantReplicationInput struct {
	// SourceStageARN is the ARN of the stage in which the participant publishes.
	// Required.
	SourceStageARN string `json:"sourceStageArn"`

	// DestinationStageARN is the ARN of the stage replicated to. Required.
	DestinationStageARN string `json:"destinationStageArn"`

	// ParticipantID of the participant. Required.
	ParticipantID string `json:"participantId"`
}

// StopParticipantReplicationOutput is the output of StopParticipantReplication.
type StopParticipantReplicationOutput struct {
	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// ParticipantToken is what a participant needs to join a stage. The service may
// leave out any of its members.
type ParticipantToken struct {
	// ParticipantID of the participant that will join with the token, up to 64
	// characters.
	ParticipantID string `json:"participantId,omitzero"`

	// Token is the token to hand to the participant; string(Token) reveals it. It is
	// opaque: its format may change.
	Token Secret `json:"token,omitzero"`

	// UserID is the name that the caller chose for the user.
	UserID string `json:"userId,omitzero"`

	// Attributes of the participant. All participants of the stage see them.
	Attributes map[string]string `json:"attributes,omitzero"`

	// Duration is how long the token is valid, in minutes; 0 when absent.
	Duration int32 `json:"duration,omitzero"`

	// Capabilities of the participant.
	Capabilities []ParticipantTokenCapability `json:"capabilities,omitzero"`

	// ExpirationTime is until when the token can be used, in UTC; zero when absent.
	ExpirationTime time.Time `json:"expirationTime,omitzero"`
}

// ExchangedParticipantToken is a token before or after an exchange, without the
// token itself.
type ExchangedParticipantToken struct {
	// Capabilities that the token gives.
	Capabilities []ParticipantTokenCapability `json:"capabilities,omitzero"`

	// Attributes that the token gives.
	Attributes map[string]string `json:"attributes,omitzero"`

	// UserID that the token gives.
	UserID string `json:"userId,omitzero"`

	// ExpirationTime is until when the token can be used, in UTC; zero when absent.
	ExpirationTime time.Time `json:"expirationTime,omitzero"`
}

// Participant is one that joined a session of a stage. There is one participant
// per token. With redundant ingest each physical stream is a participant of its
// own here. Strings that do not apply are empty.
type Participant struct {
	// ParticipantID of the participant, up to 64 of a-z, A-Z, 0-9, - and _.
	ParticipantID string `json:"participantId,omitzero"`

	// UserID is the name that the caller chose for the user.
	UserID string `json:"userId,omitzero"`

	// State says whether the participant is connected.
	State ParticipantState `json:"state,omitzero"`

	// FirstJoinTime is when the participant first joined the session, in UTC; zero
	// when absent.
	FirstJoinTime time.Time `json:"firstJoinTime,omitzero"`

	// Attributes of the participant. All participants of the stage see them.
	Attributes map[string]string `json:"attributes,omitzero"`

	// Published says whether the participant ever published in the session.
	Published bool `json:"published,omitzero"`

	// ISPName is the Internet provider of the participant.
	ISPName string `json:"ispName,omitzero"`

	// OSName is the operating system of the participant.
	OSName string `json:"osName,omitzero"`

	// OSVersion is the version of that operating system.
	OSVersion string `json:"osVersion,omitzero"`

	// BrowserName is the browser of the participant.
	BrowserName string `json:"browserName,omitzero"`

	// BrowserVersion is the version of that browser.
	BrowserVersion string `json:"browserVersion,omitzero"`

	// SDKVersion is the version of the broadcast SDK of the participant.
	SDKVersion string `json:"sdkVersion,omitzero"`

	// RecordingS3BucketName is the bucket that the participant is recorded to.
	RecordingS3BucketName string `json:"recordingS3BucketName,omitzero"`

	// RecordingS3Prefix is the prefix of the recording in that bucket; with merged
	// recordings, that of the earlier one. Use it as given, its form varies.
	RecordingS3Prefix string `json:"recordingS3Prefix,omitzero"`

	// RecordingState is the state of the recording of the participant.
	RecordingState ParticipantRecordingState `json:"recordingState,omitzero"`

	// Protocol that the participant publishes with.
	Protocol ParticipantProtocol `json:"protocol,omitzero"`

	// ReplicationType says whether the participant is the source of a replication, a
	// replica, or neither; the default is NONE.
	ReplicationType ReplicationType `json:"replicationType,omitzero"`

	// ReplicationState is the state of the replication.
	ReplicationState ReplicationState `json:"replicationState,omitzero"`

	// SourceStageARN is the ARN of the stage that a replica comes from.
	SourceStageARN string `json:"sourceStageArn,omitzero"`

	// SourceSessionID is the ID of the session that a replica comes from.
	SourceSessionID string `json:"sourceSessionId,omitzero"`

	// RedundantIngest says whether the participant is one stream of a redundant
	// ingest.
	RedundantIngest bool `json:"redundantIngest,omitzero"`

	// IngestConfigurationARN is the ARN of the ingest configuration that the
	// participant publishes with.
	IngestConfigurationARN string `json:"ingestConfigurationArn,omitzero"`
}

// ParticipantSummary is a participant as ListParticipants shows it.
type ParticipantSummary struct {
	// ParticipantID of the participant, up to 64 of a-z, A-Z, 0-9, - and _.
	ParticipantID string `json:"participantId,omitzero"`

	// UserID is the name that the caller chose for the user.
	UserID string `json:"userId,omitzero"`

	// State says whether the participant is connected.
	State ParticipantState `json:"state,omitzero"`

	// FirstJoinTime is when the participant first joined the session, in UTC; zero
	// when absent.
	FirstJoinTime time.Time `json:"firstJoinTime,omitzero"`

	// Published says whether the participant ever published in the session.
	Published bool `json:"published,omitzero"`

	// RecordingState is the state of the recording of the participant.
	RecordingState ParticipantRecordingState `json:"recordingState,omitzero"`

	// ReplicationType says whether the participant is the source of a replication, a
	// replica, or neither; the default is NONE.
	ReplicationType ReplicationType `json:"replicationType,omitzero"`

	// ReplicationState is the state of the replication.
	ReplicationState ReplicationState `json:"replicationState,omitzero"`

	// SourceStageARN is the ARN of the stage that a replica comes from.
	SourceStageARN string `json:"sourceStageArn,omitzero"`

	// SourceSessionID is the ID of the session that a replica comes from.
	SourceSessionID string `json:"sourceSessionId,omitzero"`

	// RedundantIngest says whether the participant is one stream of a redundant
	// ingest.
	RedundantIngest bool `json:"redundantIngest,omitzero"`

	// IngestConfigurationARN is the ARN of the ingest configuration that the
	// participant publishes with.
	IngestConfigurationARN string `json:"ingestConfigurationArn,omitzero"`
}

// ParticipantReplica is the replication of a participant from one stage to
// another.
type ParticipantReplica struct {
	// SourceStageARN is the ARN of the stage in which the participant publishes.
	SourceStageARN string `json:"sourceStageArn"`

	// ParticipantID of the participant, the same in both stages.
	ParticipantID string `json:"participantId"`

	// SourceSessionID is the ID of the session in the source stage.
	SourceSessionID string `json:"sourceSessionId"`

	// DestinationStageARN is the ARN of the stage replicated to.
	DestinationStageARN string `json:"destinationStageArn"`

	// DestinationSessionID is the ID of the session in the destination stage.
	DestinationSessionID string `json:"destinationSessionId"`

	// ReplicationState is the state of the replication.
	ReplicationState ReplicationState `json:"replicationState"`
}

// Event is something that happened to a participant in a session. Members that
// do not apply to the event are zero.
type Event struct {
	// Name says what happened.
	Name EventName `json:"name,omitzero"`

	// ParticipantID of the participant that it happened to.
	ParticipantID string `json:"participantId,omitzero"`

	// EventTime is when it happened, in UTC; zero when absent.
	EventTime time.Time `json:"eventTime,omitzero"`

	// RemoteParticipantID is, in subscribe events, the ID of the participant
	// subscribed to.
	RemoteParticipantID string `json:"remoteParticipantId,omitzero"`

	// ErrorCode is, in error events, what went wrong.
	ErrorCode EventErrorCode `json:"errorCode,omitzero"`

	// DestinationStageARN is, in replication events, the ARN of the stage replicated
	// to.
	DestinationStageARN string `json:"destinationStageArn,omitzero"`

	// DestinationSessionID is, in replication events, the ID of the session in the
	// destination stage.
	DestinationSessionID string `json:"destinationSessionId,omitzero"`

	// Replica says whether the participant is a replica; in subscribe events, whether
	// the remote one is.
	Replica bool `json:"replica,omitzero"`

	// PreviousToken is, in TOKEN_EXCHANGED events, the token before; nil in others.
	PreviousToken *ExchangedParticipantToken `json:"previousToken,omitzero"`

	// NewToken is, in TOKEN_EXCHANGED events, the token after; nil in others.
	NewToken *ExchangedParticipantToken `json:"newToken,omitzero"`
}

// EventName says what happened to a participant.
type EventName string

// The values of EventName.
const (
	EventNameJoined             EventName = "JOINED"
	EventNameLeft               EventName = "LEFT"
	EventNamePublishStarted     EventName = "PUBLISH_STARTED"
	EventNamePublishStopped     EventName = "PUBLISH_STOPPED"
	EventNameSubscribeStarted   EventName = "SUBSCRIBE_STARTED"
	EventNameSubscribeStopped   EventName = "SUBSCRIBE_STOPPED"
	EventNamePublishError       EventName = "PUBLISH_ERROR"
	EventNameSubscribeError     EventName = "SUBSCRIBE_ERROR"
	EventNameJoinError          EventName = "JOIN_ERROR"
	EventNameReplicationStarted EventName = "REPLICATION_STARTED"
	EventNameReplicationStopped EventName = "REPLICATION_STOPPED"
	EventNameTokenExchanged     EventName = "TOKEN_EXCHANGED"
)

// Values returns the values known to this version; the service may send others.
func (EventName) Values() []EventName {
	return []EventName{
		EventNameJoined,
		EventNameLeft,
		EventNamePublishStarted,
		EventNamePublishStopped,
		EventNameSubscribeStarted,
		EventNameSubscribeStopped,
		EventNamePublishError,
		EventNameSubscribeError,
		EventNameJoinError,
		EventNameReplicationStarted,
		EventNameReplicationStopped,
		EventNameTokenExchanged,
	}
}

// EventErrorCode says what went wrong in an error event of a participant.
type EventErrorCode string

// The values of EventErrorCode.
const (
	EventErrorCodeInsufficientCapabilities EventErrorCode = "INSUFFICIENT_CAPABILITIES"
	EventErrorCodeQuotaExceeded            EventErrorCode = "QUOTA_EXCEEDED"
	EventErrorCodePublisherNotFound        EventErrorCode = "PUBLISHER_NOT_FOUND"
	EventErrorCodeBitrateExceeded          EventErrorCode = "BITRATE_EXCEEDED"
	EventErrorCodeResolutionExceeded       EventErrorCode = "RESOLUTION_EXCEEDED"
	EventErrorCodeStreamDurationExceeded   EventErrorCode = "STREAM_DURATION_EXCEEDED"
	EventErrorCodeInvalidAudioCodec        EventErrorCode = "INVALID_AUDIO_CODEC"
	EventErrorCodeInvalidVideoCodec        EventErrorCode = "INVALID_VIDEO_CODEC"
	EventErrorCodeInvalidProtocol          EventErrorCode = "INVALID_PROTOCOL"
	EventErrorCodeInvalidStreamKey         EventErrorCode = "INVALID_STREAM_KEY"
	EventErrorCodeReuseOfStreamKey         EventErrorCode = "REUSE_OF_STREAM_KEY"
	EventErrorCodeBFramePresent            EventErrorCode = "B_FRAME_PRESENT"
	EventErrorCodeInvalidInput             EventErrorCode = "INVALID_INPUT"
	EventErrorCodeInternalServerException  EventErrorCode = "INTERNAL_SERVER_EXCEPTION"
)

// Values returns the values known to this version; the service may send others.
func (EventErrorCode) Values() []EventErrorCode {
	return []EventErrorCode{
		EventErrorCodeInsufficientCapabilities,
		EventErrorCodeQuotaExceeded,
		EventErrorCodePublisherNotFound,
		EventErrorCodeBitrateExceeded,
		EventErrorCodeResolutionExceeded,
		EventErrorCodeStreamDurationExceeded,
		EventErrorCodeInvalidAudioCodec,
		EventErrorCodeInvalidVideoCodec,
		EventErrorCodeInvalidProtocol,
		EventErrorCodeInvalidStreamKey,
		EventErrorCodeReuseOfStreamKey,
		EventErrorCodeBFramePresent,
		EventErrorCodeInvalidInput,
		EventErrorCodeInternalServerException,
	}
}

// ParticipantProtocol is what a participant publishes with.
type ParticipantProtocol string

// The values of ParticipantProtocol.
const (
	ParticipantProtocolUnknown ParticipantProtocol = "UNKNOWN"
	ParticipantProtocolWHIP    ParticipantProtocol = "WHIP"
	ParticipantProtocolRTMP    ParticipantProtocol = "RTMP"
	ParticipantProtocolRTMPS   ParticipantProtocol = "RTMPS"
)

// Values returns the values known to this version; the service may send others.
func (ParticipantProtocol) Values() []ParticipantProtocol {
	return []ParticipantProtocol{
		ParticipantProtocolUnknown,
		ParticipantProtocolWHIP,
		ParticipantProtocolRTMP,
		ParticipantProtocolRTMPS,
	}
}

// ParticipantRecordingFilterByRecordingState is a recording state that
// ListParticipants can filter by.
type ParticipantRecordingFilterByRecordingState string

// The values of ParticipantRecordingFilterByRecordingState: those of
// ParticipantRecordingState, without DISABLED.
const (
	ParticipantRecordingFilterByRecordingStateStarting ParticipantRecordingFilterByRecordingState = "STARTING"
	ParticipantRecordingFilterByRecordingStateActive   ParticipantRecordingFilterByRecordingState = "ACTIVE"
	ParticipantRecordingFilterByRecordingStateStopping ParticipantRecordingFilterByRecordingState = "STOPPING"
	ParticipantRecordingFilterByRecordingStateStopped  ParticipantRecordingFilterByRecordingState = "STOPPED"
	ParticipantRecordingFilterByRecordingStateFailed   ParticipantRecordingFilterByRecordingState = "FAILED"
)

// Values returns the values known to this version; the service may send others.
func (ParticipantRecordingFilterByRecordingState) Values() []ParticipantRecordingFilterByRecordingState {
	return []ParticipantRecordingFilterByRecordingState{
		ParticipantRecordingFilterByRecordingStateStarting,
		ParticipantRecordingFilterByRecordingStateActive,
		ParticipantRecordingFilterByRecordingStateStopping,
		ParticipantRecordingFilterByRecordingStateStopped,
		ParticipantRecordingFilterByRecordingStateFailed,
	}
}

// ParticipantRecordingState is the state of the recording of a participant.
type ParticipantRecordingState string

// The values of ParticipantRecordingState.
const (
	ParticipantRecordingStateStarting ParticipantRecordingState = "STARTING"
	ParticipantRecordingStateActive   ParticipantRecordingState = "ACTIVE"
	ParticipantRecordingStateStopping ParticipantRecordingState = "STOPPING"
	ParticipantRecordingStateStopped  ParticipantRecordingState = "STOPPED"
	ParticipantRecordingStateFailed   ParticipantRecordingState = "FAILED"
	ParticipantRecordingStateDisabled ParticipantRecordingState = "DISABLED"
)

// Values returns the values known to this version; the service may send others.
func (ParticipantRecordingState) Values() []ParticipantRecordingState {
	return []ParticipantRecordingState{
		ParticipantRecordingStateStarting,
		ParticipantRecordingStateActive,
		ParticipantRecordingStateStopping,
		ParticipantRecordingStateStopped,
		ParticipantRecordingStateFailed,
		ParticipantRecordingStateDisabled,
	}
}

// ParticipantState says whether a participant is connected.
type ParticipantState string

// The values of ParticipantState.
const (
	ParticipantStateConnected    ParticipantState = "CONNECTED"
	ParticipantStateDisconnected ParticipantState = "DISCONNECTED"
)

// Values returns the values known to this version; the service may send others.
func (ParticipantState) Values() []ParticipantState {
	return []ParticipantState{ParticipantStateConnected, ParticipantStateDisconnected}
}

// ParticipantTokenCapability is what a token allows its participant to do.
type ParticipantTokenCapability string

// The values of ParticipantTokenCapability.
const (
	ParticipantTokenCapabilityPublish   ParticipantTokenCapability = "PUBLISH"
	ParticipantTokenCapabilitySubscribe ParticipantTokenCapability = "SUBSCRIBE"
)

// Values returns the values known to this version; the service may send others.
func (ParticipantTokenCapability) Values() []ParticipantTokenCapability {
	return []ParticipantTokenCapability{ParticipantTokenCapabilityPublish, ParticipantTokenCapabilitySubscribe}
}

// Publish returns the capability to publish alone, that of a camera or an encoder
// whose participant watches nothing. Each call returns a new slice.
func Publish() []ParticipantTokenCapability {
	return []ParticipantTokenCapability{ParticipantTokenCapabilityPublish}
}

// Subscribe returns the capability to subscribe alone, that of a viewer. Each call
// returns a new slice.
func Subscribe() []ParticipantTokenCapability {
	return []ParticipantTokenCapability{ParticipantTokenCapabilitySubscribe}
}

// PublishAndSubscribe returns both capabilities, those of a host or a guest. Each
// call returns a new slice.
func PublishAndSubscribe() []ParticipantTokenCapability {
	return []ParticipantTokenCapability{ParticipantTokenCapabilityPublish, ParticipantTokenCapabilitySubscribe}
}

// ReplicationState is the state of the replication of a participant.
type ReplicationState string

// The values of ReplicationState.
const (
	ReplicationStateActive  ReplicationState = "ACTIVE"
	ReplicationStateStopped ReplicationState = "STOPPED"
)

// Values returns the values known to this version; the service may send others.
func (ReplicationState) Values() []ReplicationState {
	return []ReplicationState{ReplicationStateActive, ReplicationStateStopped}
}

// ReplicationType is the part that a participant plays in a replication.
type ReplicationType string

// The values of ReplicationType.
const (
	ReplicationTypeSource  ReplicationType = "SOURCE"
	ReplicationTypeReplica ReplicationType = "REPLICA"
	ReplicationTypeNone    ReplicationType = "NONE"
)

// Values returns the values known to this version; the service may send others.
func (ReplicationType) Values() []ReplicationType {
	return []ReplicationType{ReplicationTypeSource, ReplicationTypeReplica, ReplicationTypeNone}
}
