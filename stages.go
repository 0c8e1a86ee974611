package ivsrealtime

import (
	"context"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// CreateStage creates a stage and, for each of ParticipantTokenConfigurations,
// one participant token for it. It returns the stage, with its endpoints, and
// the tokens. An account may have 1,000 stages in a region (adjustable).
//
// There is no idempotency token. What the client does after an attempt that failed:
//
//	the service refused it: throttling, 5xx   retry
//	no connection                             retry
//	no status: connection lost, timeout       retry, which can make a second stage
//	status 2xx, response lost                 no retry, ErrOutcomeUnknown
//	anything else                             no retry
//
// A response is lost when it ends early, at AttemptTimeout too, cannot be read, or
// has no stage. To make one attempt only, pass
//
//	func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }
//
// Errors: ErrAccessDenied, ErrPendingVerification, ErrQuotaExceeded,
// ErrValidation. Quota: 5 calls per second per account and region.
func (c *Client) CreateStage(ctx context.Context, in *CreateStageInput, optFns ...func(*Options)) (*CreateStageOutput, error) {
	return invoke(ctx, c, "CreateStage", in, &CreateStageOutput{}, optFns)
}

// CreateStageInput is the input of CreateStage. No member is required.
type CreateStageInput struct {
	// Name of the stage: up to 128 of a-z, A-Z, 0-9, - and _; empty for none. It
	// need not be unique.
	Name string `json:"name,omitzero"`

	// ParticipantTokenConfigurations asks for one participant token each, 0 to 12.
	ParticipantTokenConfigurations []ParticipantTokenConfiguration `json:"participantTokenConfigurations,omitzero"`

	// Tags of the stage, up to 50: keys of 1 to 128 characters, values of 0 to 256.
	Tags map[string]string `json:"tags,omitzero"`

	// AutoParticipantRecordingConfiguration switches on the recording of every
	// participant that publishes; nil leaves it off. One without a
	// StorageConfigurationARN in which another member is set to something else than
	// its default is an error before sending.
	AutoParticipantRecordingConfiguration *AutoParticipantRecordingConfiguration `json:"autoParticipantRecordingConfiguration,omitzero"`
}

func (in *CreateStageInput) check() smithy.InvalidParamError {
	return checkRecording(in.AutoParticipantRecordingConfiguration)
}

// CreateStageOutput is the output of CreateStage.
type CreateStageOutput struct {
	// Stage is the new stage.
	Stage Stage `json:"stage"`

	// ParticipantTokens holds the tokens asked for, nil when there were none. That
	// they come in the order of the request is not documented: tell them apart by
	// UserID or Attributes.
	ParticipantTokens []ParticipantToken `json:"participantTokens,omitzero"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// DeleteStage deletes a stage. It disconnects all participants first, and
// empties the stage ARN of the ingest configurations that they publish with.
// When ErrConflict comes is not documented.
//
// Errors: ErrAccessDenied, ErrConflict, ErrNotFound, ErrPendingVerification,
// ErrValidation. Quota: 5 calls per second per account and region.
func (c *Client) DeleteStage(ctx context.Context, in *DeleteStageInput, optFns ...func(*Options)) (*DeleteStageOutput, error) {
	return invoke(ctx, c, "DeleteStage", in, &DeleteStageOutput{}, optFns)
}

// DeleteStageInput is the input of DeleteStage.
type DeleteStageInput struct {
	// ARN of the stage. Required.
	ARN string `json:"arn"`
}

// DeleteStageOutput is the output of DeleteStage.
type DeleteStageOutput struct {
	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// GetStage returns a stage, with its recording configuration and endpoints.
//
// Errors: ErrAccessDenied, ErrNotFound, ErrValidation. Quota: 5 calls per
// second per account and region.
func (c *Client) GetStage(ctx context.Context, in *GetStageInput, optFns ...func(*Options)) (*GetStageOutput, error) {
	return invoke(ctx, c, "GetStage", in, &GetStageOutput{}, optFns)
}

// GetStageInput is the input of GetStage.
type GetStageInput struct {
	// ARN of the stage. Required.
	ARN string `json:"arn"`
}

// GetStageOutput is the output of GetStage.
type GetStageOutput struct {
	// Stage is the stage.
	Stage Stage `json:"stage"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// ListStages returns one page of the stages of the account in the region, in no
// documented order. NewListStagesPaginator goes through all pages.
//
// Errors: ErrAccessDenied, ErrConflict, ErrValidation. Quota: 5 calls per second
// per account and region.
func (c *Client) ListStages(ctx context.Context, in *ListStagesInput, optFns ...func(*Options)) (*ListStagesOutput, error) {
	return invoke(ctx, c, "ListStages", in, &ListStagesOutput{}, optFns)
}

// ListStagesInput is the input of ListStages. No member is required.
type ListStagesInput struct {
	// NextToken of the previous page; empty for the first one.
	NextToken string `json:"nextToken,omitzero"`

	// MaxResults is the greatest number of stages in the page: 1 to 100; 0 for the
	// default of 50.
	MaxResults int32 `json:"maxResults,omitzero"`
}

// ListStagesOutput is the output of ListStages.
type ListStagesOutput struct {
	// Stages is the page.
	Stages []StageSummary `json:"stages"`

	// NextToken asks for the next page; empty on the last one.
	NextToken string `json:"nextToken,omitzero"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// UpdateStage changes the name or the recording configuration of a stage, and
// returns the stage. What is left out is taken to stay as it is; the service
// does not document it. The recording configuration cannot change while
// recording is active.
//
// Errors: ErrAccessDenied, ErrConflict, ErrNotFound, ErrPendingVerification,
// ErrQuotaExceeded, ErrValidation. Quota: 5 calls per second per account and
// region.
func (c *Client) UpdateStage(ctx context.Context, in *UpdateStageInput, optFns ...func(*Options)) (*UpdateStageOutput, error) {
	return invoke(ctx, c, "UpdateStage", in, &UpdateStageOutput{}, optFns)
}

// UpdateStageInput is the input of UpdateStage.
type UpdateStageInput struct {
	// ARN of the stage. Required.
	ARN string `json:"arn"`

	// Name to give the stage: up to 128 of a-z, A-Z, 0-9, - and _. A pointer because
	// empty is a name too: nil leaves the name, a pointer to "" clears it.
	Name *string `json:"name,omitzero"`

	// AutoParticipantRecordingConfiguration to set. nil leaves it; one whose
	// StorageConfigurationARN is "" switches recording off and resets its other
	// members to their defaults. To keep anything from being lost so by mistake, it
	// is an error before sending if one of the others is set to something else than
	// its default.
	AutoParticipantRecordingConfiguration *AutoParticipantRecordingConfiguration `json:"autoParticipantRecordingConfiguration,omitzero"`
}

func (in *UpdateStageInput) check() smithy.InvalidParamError {
	return checkRecording(in.AutoParticipantRecordingConfiguration)
}

// UpdateStageOutput is the output of UpdateStage.
type UpdateStageOutput struct {
	// Stage is the stage after the change.
	Stage Stage `json:"stage"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// GetStageSession returns one session of a stage.
//
// Errors: ErrAccessDenied, ErrNotFound, ErrValidation. Quota: 5 calls per
// second per account and region.
func (c *Client) GetStageSession(ctx context.Context, in *GetStageSessionInput, optFns ...func(*Options)) (*GetStageSessionOutput, error) {
	return invoke(ctx, c, "GetStageSession", in, &GetStageSessionOutput{}, optFns)
}

// GetStageSessionInput is the input of GetStageSession.
type GetStageSessionInput struct {
	// StageARN is the ARN of the stage. Required.
	StageARN string `json:"stageArn"`

	// SessionID of the session: st- and 13 letters and digits. Required.
	SessionID string `json:"sessionId"`
}

// GetStageSessionOutput is the output of GetStageSession.
type GetStageSessionOutput struct {
	// StageSession is the session.
	StageSession StageSession `json:"stageSession"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// ListStageSessions returns one page of the sessions of a stage. The order is not
// documented; an app in production relies on the newest being first. How long ended sessions stay listed, and what an unknown
// stage gives, is not documented. NewListStageSessionsPaginator goes through all
// pages.
//
// Errors: ErrAccessDenied, ErrValidation. Quota: 5 calls per second per account
// and region.
func (c *Client) ListStageSessions(ctx context.Context, in *ListStageSessionsInput, optFns ...func(*Options)) (*ListStageSessionsOutput, error) {
	return invoke(ctx, c, "ListStageSessions", in, &ListStageSessionsOutput{}, optFns)
}

// ListStageSessionsInput is the input of ListStageSessions.
type ListStageSessionsInput struct {
	// StageARN is the ARN of the stage. Required.
	StageARN string `json:"stageArn"`

	// NextToken of the previous page; empty for the first one.
	NextToken string `json:"nextToken,omitzero"`

	// MaxResults is the greatest number of sessions in the page: 1 to 100; 0 for the
	// default of 50.
	MaxResults int32 `json:"maxResults,omitzero"`
}

// ListStageSessionsOutput is the output of ListStageSessions.
type ListStageSessionsOutput struct {
	// StageSessions is the page.
	StageSessions []StageSessionSummary `json:"stageSessions"`

	// NextToken asks for the next page; empty on the last one.
	NextToken string `json:"nextToken,omitzero"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// Stage is a virtual room in which participants exchange audio and video.
type Stage struct {
	// ARN of the stage.
	ARN string `json:"arn"`

	// Name of the stage, empty when it has none.
	Name string `json:"name,omitzero"`

	// ActiveSessionID is the ID of the session that is running, empty when none is.
	ActiveSessionID string `json:"activeSessionId,omitzero"`

	// Tags of the stage.
	Tags map[string]string `json:"tags,omitzero"`

	// AutoParticipantRecordingConfiguration says how participants are recorded. Its
	// StorageConfigurationARN is empty when they are not.
	AutoParticipantRecordingConfiguration AutoParticipantRecordingConfiguration `json:"autoParticipantRecordingConfiguration,omitzero"`

	// Endpoints are the addresses of the stage.
	Endpoints StageEndpoints `json:"endpoints,omitzero"`
}

// StageSummary is a stage as ListStages shows it, without recording
// configuration and endpoints.
type StageSummary struct {
	// ARN of the stage.
	ARN string `json:"arn"`

	// Name of the stage, empty when it has none.
	Name string `json:"name,omitzero"`

	// ActiveSessionID is the ID of the session that is running, empty when none is.
	ActiveSessionID string `json:"activeSessionId,omitzero"`

	// Tags of the stage.
	Tags map[string]string `json:"tags,omitzero"`
}

// StageEndpoints are the addresses that clients of a stage use. They may be
// cached for up to 14 days. Tokens signed with the caller's own key must carry
// Events and WHIP.
type StageEndpoints struct {
	// Events is the WebSocket URL of the stage's events.
	Events string `json:"events,omitzero"`

	// WHIP is the HTTPS URL for publishing with WHIP.
	WHIP string `json:"whip,omitzero"`

	// RTMP is the URL for publishing with RTMP, without encryption.
	RTMP string `json:"rtmp,omitzero"`

	// RTMPS is the URL for publishing with RTMP over TLS.
	RTMPS string `json:"rtmps,omitzero"`
}

// StageSession is one period in which a stage is in use. It begins when the
// first participant joins; the service's documents disagree on when it ends
// (after the last participant leaves, or some minutes after the last one stops
// publishing).
type StageSession struct {
	// SessionID of the session: st- and 13 letters and digits.
	SessionID string `json:"sessionId,omitzero"`

	// StartTime is when the session began, in UTC; zero when absent.
	StartTime time.Time `json:"startTime,omitzero"`

	// EndTime is when the session ended, in UTC; zero while it is active.
	EndTime time.Time `json:"endTime,omitzero"`
}

// StageSessionSummary is a session as ListStageSessions shows it.
type StageSessionSummary struct {
	// SessionID of the session: st- and 13 letters and digits.
	SessionID string `json:"sessionId,omitzero"`

	// StartTime is when the session began, in UTC; zero when absent.
	StartTime time.Time `json:"startTime,omitzero"`

	// EndTime is when the session ended, in UTC; zero while it is active.
	EndTime time.Time `json:"endTime,omitzero"`
}

// ParticipantTokenConfiguration describes one of the tokens that CreateStage
// makes.
type ParticipantTokenConfiguration struct {
	// Duration is how long the token is valid, in minutes: 1 to 20160 (14 days); 0
	// for the default of 720 (12 hours).
	Duration int32 `json:"duration,omitzero"`

	// UserID is a name the caller chooses for the user, up to 128 characters. All
	// participants of the stage see it: no personal data.
	UserID string `json:"userId,omitzero"`

	// Attributes of the participant, up to 1 KB in total. All participants of the
	// stage see them: no personal data.
	Attributes map[string]string `json:"attributes,omitzero"`

	// Capabilities of the participant, up to 2. nil is left out (the default is not
	// documented here; that of CreateParticipantToken is both); an empty slice is
	// sent, to no documented effect.
	Capabilities []ParticipantTokenCapability `json:"capabilities,omitzero"`
}

// AutoParticipantRecordingConfiguration says whether and how each participant
// of a stage that publishes is recorded to S3 on its own (individual participant
// recording). What UpdateStage does with the members left out is not
// documented, except that a StorageConfigurationARN of "" resets them all.
type AutoParticipantRecordingConfiguration struct {
	// StorageConfigurationARN says where the recordings go: a storage configuration
	// in the account and region of the stage. It is always sent; "" means that
	// recording is off, and goes with no other member unless that has its default.
	StorageConfigurationARN string `json:"storageConfigurationArn" required:"false"`

	// MediaTypes says what is recorded, at most one value. nil is left out, for the
	// default of AUDIO_VIDEO; an empty slice is sent, to no documented effect.
	MediaTypes []ParticipantRecordingMediaType `json:"mediaTypes,omitzero"`

	// ThumbnailConfiguration says whether and how thumbnails are made; the zero
	// value is left out, and none are.
	ThumbnailConfiguration ParticipantThumbnailConfiguration `json:"thumbnailConfiguration,omitzero"`

	// RecordingReconnectWindowSeconds is how long, in seconds, a participant may be
	// gone and still go on with the same recording: 0 to 300. A pointer because 0
	// says something on UpdateStage: nil is left out (the default of a new stage is
	// 0), a pointer to 0 switches the merging of recordings off.
	RecordingReconnectWindowSeconds *int32 `json:"recordingReconnectWindowSeconds,omitzero"`

	// HLSConfiguration is about the HLS segments; the zero value is left out, for
	// the defaults.
	HLSConfiguration ParticipantRecordingHLSConfiguration `json:"hlsConfiguration,omitzero"`

	// RecordParticipantReplicas says whether participants replicated into this stage
	// are recorded here. A pointer because the default is true: nil is left out, a
	// pointer to false keeps replicas unrecorded.
	RecordParticipantReplicas *bool `json:"recordParticipantReplicas,omitzero"`
}

// ParticipantThumbnailConfiguration says whether and how thumbnails of a
// recorded participant are made.
type ParticipantThumbnailConfiguration struct {
	// TargetIntervalSeconds is the time between two thumbnails, in seconds: 1 to
	// 86400; 0 for the default of 60. It may only be set with the recording mode
	// INTERVAL.
	TargetIntervalSeconds int32 `json:"targetIntervalSeconds,omitzero"`

	// Storage says which thumbnails are kept, up to 2 distinct values. nil is left
	// out, for the default of SEQUENTIAL; an empty slice is sent, to no documented
	// effect.
	Storage []ThumbnailStorageType `json:"storage,omitzero"`

	// RecordingMode switches thumbnails on; empty for the default of DISABLED.
	RecordingMode ThumbnailRecordingMode `json:"recordingMode,omitzero"`
}

// ParticipantRecordingHLSConfiguration is about the HLS segments of the
// recording of a participant.
type ParticipantRecordingHLSConfiguration struct {
	// TargetSegmentDurationSeconds is the length of a segment, in seconds: 2 to 10;
	// 0 for the default of 6. Segments may be longer, as each begins with a keyframe.
	TargetSegmentDurationSeconds int32 `json:"targetSegmentDurationSeconds,omitzero"`
}

// ParticipantRecordingMediaType says what of a participant is recorded.
type ParticipantRecordingMediaType string

// The values of ParticipantRecordingMediaType. With NONE only thumbnails are
// made.
const (
	ParticipantRecordingMediaTypeAudioVideo ParticipantRecordingMediaType = "AUDIO_VIDEO"
	ParticipantRecordingMediaTypeAudioOnly  ParticipantRecordingMediaType = "AUDIO_ONLY"
	ParticipantRecordingMediaTypeNone       ParticipantRecordingMediaType = "NONE"
)

// Values returns the values known to this version; the service may send others.
func (ParticipantRecordingMediaType) Values() []ParticipantRecordingMediaType {
	return []ParticipantRecordingMediaType{
		ParticipantRecordingMediaTypeAudioVideo,
		ParticipantRecordingMediaTypeAudioOnly,
		ParticipantRecordingMediaTypeNone,
	}
}

// ThumbnailRecordingMode says whether thumbnails of a participant are made.
type ThumbnailRecordingMode string

// The values of ThumbnailRecordingMode.
const (
	ThumbnailRecordingModeInterval ThumbnailRecordingMode = "INTERVAL"
	ThumbnailRecordingModeDisabled ThumbnailRecordingMode = "DISABLED"
)

// Values returns the values known to this version; the service may send others.
func (ThumbnailRecordingMode) Values() []ThumbnailRecordingMode {
	return []ThumbnailRecordingMode{ThumbnailRecordingModeInterval, ThumbnailRecordingModeDisabled}
}

// ThumbnailStorageType says which thumbnails of a participant or a composition
// are kept.
type ThumbnailStorageType string

// The values of ThumbnailStorageType. SEQUENTIAL keeps all of them, LATEST
// overwrites one file.
const (
	ThumbnailStorageTypeSequential ThumbnailStorageType = "SEQUENTIAL"
	ThumbnailStorageTypeLatest     ThumbnailStorageType = "LATEST"
)

// Values returns the values known to this version; the service may send others.
func (ThumbnailStorageType) Values() []ThumbnailStorageType {
	return []ThumbnailStorageType{ThumbnailStorageTypeSequential, ThumbnailStorageTypeLatest}
}
