package ivsrealtime

import (
	"context"

	"github.com/aws/smithy-go/middleware"
)

// CreateIngestConfiguration creates an ingest configuration, with which one
// participant publishes to a stage over RTMP or RTMPS. It returns the
// configuration with its stream key and participant ID. An account may have 100
// in a region (adjustable).
//
// There is no idempotency token. What the client does after an attempt that failed:
//
//	the service refused it: throttling, 5xx   retry
//	no connection                             retry
//	no status: connection lost, timeout       retry, which can make a second configuration
//	status 2xx, response lost                 no retry, ErrOutcomeUnknown
//	anything else                             no retry
//
// A response is lost when it ends early, at AttemptTimeout too, cannot be read, or
// has no ingestConfiguration. To make one attempt only, pass
//
//	func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }
//
// Errors: ErrAccessDenied, ErrPendingVerification, ErrQuotaExceeded,
// ErrValidation. Quota: 5 calls per second per account and region.
func (c *Client) CreateIngestConfiguration(ctx context.Context, in *CreateIngestConfigurationInput, optFns ...func(*Options)) (*CreateIngestConfigurationOutput, error) {
	return invoke(ctx, c, "CreateIngestConfiguration", in, &CreateIngestConfigurationOutput{}, optFns)
}

// CreateIngestConfigurationInput is the input of CreateIngestConfiguration.
type CreateIngestConfigurationInput struct {
	// Name of the configuration: up to 128 of a-z, A-Z, 0-9, - and _; empty for none.
	Name string `json:"name,omitzero"`

	// StageARN is the ARN of the stage to publish to. Empty for none: the stream key
	// cannot be used until UpdateIngestConfiguration sets one.
	StageARN string `json:"stageArn,omitzero"`

	// UserID is a name the caller chooses for the user, up to 128 characters. All
	// participants of the stage see it: no personal data.
	UserID string `json:"userId,omitzero"`

	// Attributes of the participant, up to 1 KB in total. All participants of the
	// stage see them: no personal data.
	Attributes map[string]string `json:"attributes,omitzero"`

	// IngestProtocol to publish with. Required. RTMP needs InsecureIngest.
	IngestProtocol IngestProtocol `json:"ingestProtocol"`

	// InsecureIngest allows RTMP, which is not encrypted; the default is false. No
	// operation returns it.
	InsecureIngest bool `json:"insecureIngest,omitzero"`

	// RedundantIngest asks for two stream keys, to publish the same stream twice; the
	// default is false.
	RedundantIngest bool `json:"redundantIngest,omitzero"`

	// Tags of the configuration, up to 50: keys of 1 to 128 characters, values of 0
	// to 256.
	Tags map[string]string `json:"tags,omitzero"`
}

// CreateIngestConfigurationOutput is the output of CreateIngestConfiguration.
type CreateIngestConfigurationOutput struct {
	// IngestConfiguration is the new configuration.
	IngestConfiguration IngestConfiguration `json:"ingestConfiguration"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// DeleteIngestConfiguration deletes an ingest configuration. It fails while the
// configuration is ACTIVE, with an error that is not documented, unless Force is
// set.
//
// Errors: ErrAccessDenied, ErrConflict, ErrNotFound, ErrPendingVerification,
// ErrValidation. Quota: 5 calls per second per account and region.
func (c *Client) DeleteIngestConfiguration(ctx context.Context, in *DeleteIngestConfigurationInput, optFns ...func(*Options)) (*DeleteIngestConfigurationOutput, error) {
	return invoke(ctx, c, "DeleteIngestConfiguration", in, &DeleteIngestConfigurationOutput{}, optFns)
}

// DeleteIngestConfigurationInput is the input of DeleteIngestConfiguration.
type DeleteIngestConfigurationInput struct {
	// ARN of the configuration. Required.
	ARN string `json:"arn"`

	// Force deletes an ACTIVE configuration too: its participant is disconnected
	// first. The default is false.
	Force bool `json:"force,omitzero"`
}

// DeleteIngestConfigurationOutput is the output of DeleteIngestConfiguration.
type DeleteIngestConfigurationOutput struct {
	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// GetIngestConfiguration returns an ingest configuration, its stream key
// included.
//
// Errors: ErrAccessDenied, ErrNotFound, ErrValidation. Quota: 5 calls per
// second per account and region.
func (c *Client) GetIngestConfiguration(ctx context.Context, in *GetIngestConfigurationInput, optFns ...func(*Options)) (*GetIngestConfigurationOutput, error) {
	return invoke(ctx, c, "GetIngestConfiguration", in, &GetIngestConfigurationOutput{}, optFns)
}

// GetIngestConfigurationInput is the input of GetIngestConfiguration.
type GetIngestConfigurationInput struct {
	// ARN of the configuration. Required.
	ARN string `json:"arn"`
}

// GetIngestConfigurationOutput is the output of GetIngestConfiguration.
type GetIngestConfigurationOutput struct {
	// IngestConfiguration is the configuration.
	IngestConfiguration IngestConfiguration `json:"ingestConfiguration"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// ListIngestConfigurations returns one page of the ingest configurations of the
// account in the region, in no documented order. Of the two filters at most one
// may be set. NewListIngestConfigurationsPaginator goes through all pages.
//
// Errors: ErrAccessDenied, ErrValidation. Quota: 5 calls per second per account
// and region.
func (c *Client) ListIngestConfigurations(ctx context.Context, in *ListIngestConfigurationsInput, optFns ...func(*Options)) (*ListIngestConfigurationsOutput, error) {
	return invoke(ctx, c, "ListIngestConfigurations", in, &ListIngestConfigurationsOutput{}, optFns)
}

// ListIngestConfigurationsInput is the input of ListIngestConfigurations. No
// member is required.
type ListIngestConfigurationsInput struct {
	// FilterByStageARN keeps the configurations of this stage; empty for no filter.
	FilterByStageARN string `json:"filterByStageArn,omitzero"`

	// FilterByState keeps the configurations in this state; empty for no filter.
	FilterByState IngestConfigurationState `json:"filterByState,omitzero"`

	// NextToken of the previous page; empty for the first one.
	NextToken string `json:"nextToken,omitzero"`

	// MaxResults is the greatest number of configurations in the page: 1 to 100; 0
	// for the default of 50.
	MaxResults int32 `json:"maxResults,omitzero"`
}

// ListIngestConfigurationsOutput is the output of ListIngestConfigurations.
type ListIngestConfigurationsOutput struct {
	// IngestConfigurations is the page.
	IngestConfigurations []IngestConfigurationSummary `json:"ingestConfigurations"`

	// NextToken asks for the next page; empty on the last one.
	NextToken string `json:"nextToken,omitzero"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// UpdateIngestConfiguration changes the stage of an ingest configuration, or
// whether it is redundant, and returns the configuration. It cannot change while
// it is ACTIVE. What the service does with a member left out is not documented.
//
// Errors: ErrAccessDenied, ErrConflict, ErrNotFound, ErrPendingVerification,
// ErrValidation. Quota: 5 calls per second per account and region.
func (c *Client) UpdateIngestConfiguration(ctx context.Context, in *UpdateIngestConfigurationInput, optFns ...func(*Options)) (*UpdateIngestConfigurationOutput, error) {
	return invoke(ctx, c, "UpdateIngestConfiguration", in, &UpdateIngestConfigurationOutput{}, optFns)
}

// UpdateIngestConfigurationInput is the input of UpdateIngestConfiguration.
type UpdateIngestConfigurationInput struct {
	// ARN of the configuration. Required.
	ARN string `json:"arn"`

	// StageARN is the ARN of the stage to publish to. A pointer because empty says
	// something too: nil is left out (taken to leave the stage, which is not
	// documented), a pointer to "" detaches the configuration from its stage.
	StageARN *string `json:"stageArn,omitzero"`

	// RedundantIngest says whether the configuration has two stream keys. A pointer
	// because false says something: nil is left out (whether that keeps the setting
	// or resets it to the default, false, is not documented), a pointer to false
	// switches redundancy off.
	RedundantIngest *bool `json:"redundantIngest,omitzero"`
}

// UpdateIngestConfigurationOutput is the output of UpdateIngestConfiguration.
type UpdateIngestConfigurationOutput struct {
	// IngestConfiguration is the configuration after the change.
	IngestConfiguration IngestConfiguration `json:"ingestConfiguration"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// IngestConfiguration is what one participant needs to publish over RTMP or
// RTMPS. The address is in the endpoints of the stage.
type IngestConfiguration struct {
	// Name of the configuration, empty when it has none.
	Name string `json:"name,omitzero"`

	// ARN of the configuration.
	ARN string `json:"arn"`

	// IngestProtocol to publish with.
	IngestProtocol IngestProtocol `json:"ingestProtocol"`

	// StreamKey to publish with; string(StreamKey) reveals it. With redundant ingest
	// use those of RedundantIngestCredentials; which of them this one equals is not
	// documented.
	StreamKey Secret `json:"streamKey"`

	// StageARN is the ARN of the stage, empty when the configuration is detached.
	StageARN string `json:"stageArn"`

	// ParticipantID of the participant that publishes; with redundant ingest, of the
	// virtual one that subscribers and compositions see.
	ParticipantID string `json:"participantId"`

	// State is ACTIVE while someone publishes with the configuration.
	State IngestConfigurationState `json:"state"`

	// UserID is the name that the caller chose for the user.
	UserID string `json:"userId,omitzero"`

	// RedundantIngest says whether the same stream may be published twice.
	RedundantIngest bool `json:"redundantIngest,omitzero"`

	// RedundantIngestCredentials are the two to publish with when RedundantIngest is
	// set; nil otherwise.
	RedundantIngestCredentials []RedundantIngestCredential `json:"redundantIngestCredentials,omitzero"`

	// Attributes of the participant. All participants of the stage see them.
	Attributes map[string]string `json:"attributes,omitzero"`

	// Tags of the configuration.
	Tags map[string]string `json:"tags,omitzero"`
}

// IngestConfigurationSummary is an ingest configuration as
// ListIngestConfigurations shows it, without stream keys, attributes and tags.
type IngestConfigurationSummary struct {
	// Name of the configuration, empty when it has none.
	Name string `json:"name,omitzero"`

	// ARN of the configuration.
	ARN string `json:"arn"`

	// IngestProtocol to publish with.
	IngestProtocol IngestProtocol `json:"ingestProtocol"`

	// StageARN is the ARN of the stage, empty when the configuration is detached.
	StageARN string `json:"stageArn"`

	// ParticipantID of the participant that publishes; with redundant ingest, of the
	// virtual one that subscribers and compositions see.
	ParticipantID string `json:"participantId"`

	// State is ACTIVE while someone publishes with the configuration.
	State IngestConfigurationState `json:"state"`

	// UserID is the name that the caller chose for the user.
	UserID string `json:"userId,omitzero"`

	// RedundantIngest says whether the same stream may be published twice.
	RedundantIngest bool `json:"redundantIngest,omitzero"`
}

// RedundantIngestCredential is what one of the two streams of a redundant ingest
// is published with.
type RedundantIngestCredential struct {
	// ParticipantID under which the participant operations know the stream.
	ParticipantID string `json:"participantId,omitzero"`

	// StreamKey to publish with; string(StreamKey) reveals it.
	StreamKey Secret `json:"streamKey,omitzero"`
}

// IngestConfigurationState says whether someone publishes with an ingest
// configuration.
type IngestConfigurationState string

// The values of IngestConfigurationState.
const (
	IngestConfigurationStateActive   IngestConfigurationState = "ACTIVE"
	IngestConfigurationStateInactive IngestConfigurationState = "INACTIVE"
)

// Values returns the values known to this version; the service may send others.
func (IngestConfigurationState) Values() []IngestConfigurationState {
	return []IngestConfigurationState{IngestConfigurationStateActive, IngestConfigurationStateInactive}
}

// IngestProtocol is what an ingest configuration is published with.
type IngestProtocol string

// The values of IngestProtocol.
const (
	IngestProtocolRTMP  IngestProtocol = "RTMP"
	IngestProtocolRTMPS IngestProtocol = "RTMPS"
)

// Values returns the values known to this version; the service may send others.
func (IngestProtocol) Values() []IngestProtocol {
	return []IngestProtocol{IngestProtocolRTMP, IngestProtocolRTMPS}
}
