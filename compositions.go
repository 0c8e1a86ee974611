package ivsrealtime

import (
	"context"
	"time"

	"github.com/aws/smithy-go/middleware"
)

// GetComposition returns a composition. One that is STOPPED or FAILED is gone
// (ErrNotFound) after five minutes.
//
// Errors: ErrAccessDenied, ErrConflict, ErrInternal, ErrNotFound,
// ErrQuotaExceeded, ErrValidation. Quota: 5 calls per second per account and
// region.
func (c *Client) GetComposition(ctx context.Context, in *GetCompositionInput, optFns ...func(*Options)) (*GetCompositionOutput, error) {
	return invoke(ctx, c, "GetComposition", in, &GetCompositionOutput{}, optFns)
}

// GetCompositionInput is the input of GetComposition.
type GetCompositionInput struct {
	// ARN of the composition. Required.
	ARN string `json:"arn"`
}

// GetCompositionOutput is the output of GetComposition.
type GetCompositionOutput struct {
	// Composition is the composition.
	Composition Composition `json:"composition"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// ListCompositions returns one page of the compositions of the account in the
// region, in no documented order. Those that are STOPPED or FAILED are left out
// after five minutes. NewListCompositionsPaginator goes through all pages.
//
// Errors: ErrAccessDenied, ErrConflict, ErrInternal, ErrQuotaExceeded,
// ErrValidation. Quota: 5 calls per second per account and region.
func (c *Client) ListCompositions(ctx context.Context, in *ListCompositionsInput, optFns ...func(*Options)) (*ListCompositionsOutput, error) {
	return invoke(ctx, c, "ListCompositions", in, &ListCompositionsOutput{}, optFns)
}

// ListCompositionsInput is the input of ListCompositions. No member is required.
type ListCompositionsInput struct {
	// FilterByStageARN keeps the compositions of this stage; empty for no filter.
	// That both filters may be set is not documented.
	FilterByStageARN string `json:"filterByStageArn,omitzero"`

	// FilterByEncoderConfigurationARN keeps the compositions that use this encoder
	// configuration; empty for no filter.
	FilterByEncoderConfigurationARN string `json:"filterByEncoderConfigurationArn,omitzero"`

	// NextToken of the previous page; empty for the first one.
	NextToken string `json:"nextToken,omitzero"`

	// MaxResults is the greatest number of compositions in the page: 1 to 100; 0 for
	// the default of 100.
	MaxResults int32 `json:"maxResults,omitzero"`
}

// ListCompositionsOutput is the output of ListCompositions.
type ListCompositionsOutput struct {
	// Compositions is the page.
	Compositions []CompositionSummary `json:"compositions"`

	// NextToken asks for the next page; empty on the last one.
	NextToken string `json:"nextToken,omitzero"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// StartComposition starts to compose the participants of a stage into one video
// and to send it to destinations, and returns the composition, STARTING. It does
// not need a participant that publishes, but stops by itself after 60 seconds
// without one, after 24 hours, when the stage is deleted, and when all its
// destinations have failed. NewCompositionActiveWaiter waits for ACTIVE,
// NewDestinationsActiveWaiter for all destinations to be ACTIVE.
//
// The service needs an EncoderConfigurationARN for each destination, also for a channel,
// where the API model says that it is optional. Without it the call fails
// with ErrValidation and a message that EncoderConfigurationArn must be specified. The
// client sends such a request all the same.
//
// An account may have 20 compositions at a time in a region, and 5 per stage
// (both adjustable).
//
// The client retries a lost response, since the service starts nothing twice for an
// IdempotencyToken. Where middleware or the provider leaves the input without one, a
// response of success that is lost is an ErrOutcomeUnknown and not retried.
//
// Errors: ErrAccessDenied, ErrConflict, ErrInternal, ErrNotFound,
// ErrPendingVerification, ErrQuotaExceeded, ErrValidation. Quota: 5 calls per
// second per account and region.
func (c *Client) StartComposition(ctx context.Context, in *StartCompositionInput, optFns ...func(*Options)) (*StartCompositionOutput, error) {
	return invoke(ctx, c, "StartComposition", in, &StartCompositionOutput{}, optFns)
}

// StartCompositionInput is the input of StartComposition.
type StartCompositionInput struct {
	// StageARN is the ARN of the stage. Required.
	StageARN string `json:"stageArn"`

	// IdempotencyToken keeps a repeated call from starting a second composition: 1 to
	// 64 of a-z, A-Z, 0-9, - and _. When it is empty, each call fills in one of its
	// own, the same on every attempt; the input is not written to. How long the
	// service keeps a token, and what it does when the rest of the input differs, is
	// not documented.
	IdempotencyToken string `json:"idempotencyToken,omitzero"`

	// Layout of the video; nil for a grid with its defaults.
	Layout *LayoutConfiguration `json:"layout,omitzero"`

	// Destinations to send the video to: one channel, one S3, or one of each.
	// Required.
	Destinations []DestinationConfiguration `json:"destinations"`

	// Tags of the composition, up to 50: keys of 1 to 128 characters, values of 0 to
	// 256.
	Tags map[string]string `json:"tags,omitzero"`
}

// withIdempotencyToken returns the input to send: the caller's own when it has a token, else a copy that carries token().
func (in *StartCompositionInput) withIdempotencyToken(token func() (string, error)) (any, error) {
	if in.IdempotencyToken != "" {
		return in, nil
	}
	t, err := token()
	if err != nil {
		return nil, err
	}
	filled := *in
	filled.IdempotencyToken = t
	return &filled, nil
}

func (in *StartCompositionInput) hasIdempotencyToken() bool { return in.IdempotencyToken != "" }

// StartCompositionOutput is the output of StartComposition.
type StartCompositionOutput struct {
	// Composition is the new composition.
	Composition Composition `json:"composition"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// StopComposition stops a composition. It ends its destinations and then itself;
// NewCompositionStoppedWaiter waits for that. What a composition that has
// stopped already gives is not documented.
//
// Errors: ErrAccessDenied, ErrConflict, ErrInternal, ErrNotFound,
// ErrQuotaExceeded, ErrValidation. Quota: 5 calls per second per account and
// region.
func (c *Client) StopComposition(ctx context.Context, in *StopCompositionInput, optFns ...func(*Options)) (*StopCompositionOutput, error) {
	return invoke(ctx, c, "StopComposition", in, &StopCompositionOutput{}, optFns)
}

// StopCompositionInput is the input of StopComposition.
type StopCompositionInput struct {
	// ARN of the composition. Required.
	ARN string `json:"arn"`
}

// StopCompositionOutput is the output of StopComposition.
type StopCompositionOutput struct {
	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// Composition is a video that the service makes of the participants of a stage
// and sends to destinations.
type Composition struct {
	// ARN of the composition.
	ARN string `json:"arn"`

	// StageARN is the ARN of the stage.
	StageARN string `json:"stageArn"`

	// State of the composition.
	State CompositionState `json:"state"`

	// Layout of the video, with its defaults filled in.
	Layout LayoutConfiguration `json:"layout"`

	// Destinations are the 1 or 2 places that the video goes to.
	Destinations []Destination `json:"destinations"`

	// Tags of the composition.
	Tags map[string]string `json:"tags,omitzero"`

	// StartTime is when the composition started, in UTC; zero when absent.
	StartTime time.Time `json:"startTime,omitzero"`

	// EndTime is when the composition ended, in UTC; zero until it has.
	EndTime time.Time `json:"endTime,omitzero"`
}

// CompositionSummary is a composition as ListCompositions shows it, without its
// layout.
type CompositionSummary struct {
	// ARN of the composition.
	ARN string `json:"arn"`

	// StageARN is the ARN of the stage.
	StageARN string `json:"stageArn"`

	// Destinations are the 1 or 2 places that the video goes to.
	Destinations []DestinationSummary `json:"destinations"`

	// State of the composition.
	State CompositionState `json:"state"`

	// Tags of the composition.
	Tags map[string]string `json:"tags,omitzero"`

	// StartTime is when the composition started, in UTC; zero when absent.
	StartTime time.Time `json:"startTime,omitzero"`

	// EndTime is when the composition ended, in UTC; zero until it has.
	EndTime time.Time `json:"endTime,omitzero"`
}

// Destination is one place that a composition sends its video to.
type Destination struct {
	// ID of the destination.
	ID string `json:"id"`

	// State of the destination.
	State DestinationState `json:"state"`

	// StartTime is when the destination started, in UTC; zero until it has.
	StartTime time.Time `json:"startTime,omitzero"`

	// EndTime is when the destination ended, in UTC; zero until it has.
	EndTime time.Time `json:"endTime,omitzero"`

	// Configuration that the destination was started with.
	Configuration DestinationConfiguration `json:"configuration"`

	// Detail is what the service adds for the kind of the destination.
	Detail DestinationDetail `json:"detail,omitzero"`
}

// DestinationSummary is a destination as ListCompositions shows it.
type DestinationSummary struct {
	// ID of the destination.
	ID string `json:"id"`

	// State of the destination.
	State DestinationState `json:"state"`

	// StartTime is when the destination started, in UTC; zero until it has.
	StartTime time.Time `json:"startTime,omitzero"`

	// EndTime is when the destination ended, in UTC; zero until it has.
	EndTime time.Time `json:"endTime,omitzero"`
}

// DestinationDetail is what the service adds to a destination.
type DestinationDetail struct {
	// S3 says where in the bucket the recording is; nil when the destination is not
	// S3.
	S3 *S3Detail `json:"s3,omitzero"`
}

// S3Detail says where a composite recording is.
type S3Detail struct {
	// RecordingPrefix is the prefix of the recording in the bucket, known as soon as
	// the composition starts.
	RecordingPrefix string `json:"recordingPrefix"`
}

// DestinationConfiguration says where a composition sends its video. Exactly one
// of Channel and S3 is set.
type DestinationConfiguration struct {
	// Name of the destination: up to 128 of a-z, A-Z, 0-9, - and _; empty for none.
	Name string `json:"name,omitzero"`

	// Channel makes the destination an IVS low-latency channel; nil when it is not.
	Channel *ChannelDestinationConfiguration `json:"channel,omitzero"`

	// S3 makes the destination a recording in S3; nil when it is not.
	S3 *S3DestinationConfiguration `json:"s3,omitzero"`
}

// ChannelDestinationConfiguration is an IVS low-latency channel as destination.
// One that is already streaming makes the destination fail later, not the call.
type ChannelDestinationConfiguration struct {
	// ChannelARN is the ARN of the channel, in the account and region of the
	// composition. Required.
	ChannelARN string `json:"channelArn"`

	// EncoderConfigurationARN is the ARN of the encoder configuration. The API model
	// calls it optional and the client does not enforce it, but the service refuses a
	// channel without one (ErrValidation).
	EncoderConfigurationARN string `json:"encoderConfigurationArn,omitzero"`
}

// S3DestinationConfiguration is a recording in S3 as destination.
type S3DestinationConfiguration struct {
	// StorageConfigurationARN is the ARN of the storage configuration. Required.
	StorageConfigurationARN string `json:"storageConfigurationArn"`

	// EncoderConfigurationARNs holds the ARN of the encoder configuration, exactly
	// one. Required.
	EncoderConfigurationARNs []string `json:"encoderConfigurationArns"`

	// RecordingConfiguration is about the format; the zero value is left out, for
	// HLS with its defaults.
	RecordingConfiguration RecordingConfiguration `json:"recordingConfiguration,omitzero"`

	// ThumbnailConfigurations switches thumbnails on, at most one. nil is left out,
	// and none are made; an empty slice is sent.
	ThumbnailConfigurations []CompositionThumbnailConfiguration `json:"thumbnailConfigurations,omitzero"`
}

// RecordingConfiguration is the format of a composite recording.
type RecordingConfiguration struct {
	// HLSConfiguration is about the HLS segments; the zero value is left out, for
	// the defaults.
	HLSConfiguration CompositionRecordingHLSConfiguration `json:"hlsConfiguration,omitzero"`

	// Format of the recording; empty for HLS, the only one.
	Format RecordingConfigurationFormat `json:"format,omitzero"`
}

// CompositionRecordingHLSConfiguration is about the HLS segments of a composite
// recording.
type CompositionRecordingHLSConfiguration struct {
	// TargetSegmentDurationSeconds is the length of a segment, in seconds: 2 to 10;
	// 0 for the default of 2.
	TargetSegmentDurationSeconds int32 `json:"targetSegmentDurationSeconds,omitzero"`
}

// CompositionThumbnailConfiguration says how thumbnails of a composition are
// made.
type CompositionThumbnailConfiguration struct {
	// TargetIntervalSeconds is the time between two thumbnails, in seconds: 1 to
	// 86400; 0 for the default of 60.
	TargetIntervalSeconds int32 `json:"targetIntervalSeconds,omitzero"`

	// Storage says which thumbnails are kept, up to 2 distinct values. nil is left
	// out, for the default of SEQUENTIAL; an empty slice is sent, to no documented
	// effect.
	Storage []ThumbnailStorageType `json:"storage,omitzero"`
}

// LayoutConfiguration says how the participants are laid out in the video of a
// composition. With neither member the layout is a grid with its defaults; what
// both give is not documented.
type LayoutConfiguration struct {
	// Grid lays the participants out as tiles; nil when that is not asked for.
	Grid *GridConfiguration `json:"grid,omitzero"`

	// PIP shows one participant in a small picture over the rest, picture in picture;
	// nil when that is not asked for.
	PIP *PIPConfiguration `json:"pip,omitzero"`
}

// GridConfiguration is a layout of tiles, one of which may be featured.
type GridConfiguration struct {
	// FeaturedParticipantAttribute names the attribute that marks the featured
	// participant: the one whose value is "true". Up to 128 of a-z, A-Z, 0-9, - and
	// _; the default is empty.
	FeaturedParticipantAttribute string `json:"featuredParticipantAttribute,omitzero"`

	// OmitStoppedVideo leaves out participants whose video is stopped; the default is
	// false.
	OmitStoppedVideo bool `json:"omitStoppedVideo,omitzero"`

	// VideoAspectRatio of the tiles; empty for the default of VIDEO.
	VideoAspectRatio VideoAspectRatio `json:"videoAspectRatio,omitzero"`

	// VideoFillMode says how a video fills its tile; empty for the default, COVER for
	// tiles and CONTAIN for the featured participant. Answers have "" for it as well.
	VideoFillMode VideoFillMode `json:"videoFillMode,omitzero"`

	// GridGap is the space between tiles, in pixels, 0 or more. A pointer because the
	// default is 2: nil is left out, a pointer to 0 leaves no space.
	GridGap *int32 `json:"gridGap,omitzero"`

	// ParticipantOrderAttribute names the attribute whose value, a number, orders the
	// participants; those without it come by arrival. Up to 128 of a-z, A-Z, 0-9, -
	// and _; empty for none.
	ParticipantOrderAttribute string `json:"participantOrderAttribute,omitzero"`
}

// PIPConfiguration is a layout with one participant in a small picture over the
// rest, picture in picture.
type PIPConfiguration struct {
	// FeaturedParticipantAttribute names the attribute that marks the featured
	// participant: the one whose value is "true". Up to 128 of a-z, A-Z, 0-9, - and
	// _; the default is empty.
	FeaturedParticipantAttribute string `json:"featuredParticipantAttribute,omitzero"`

	// OmitStoppedVideo leaves out participants whose video is stopped; the default is
	// false.
	OmitStoppedVideo bool `json:"omitStoppedVideo,omitzero"`

	// VideoFillMode says how a video fills its place; empty for the default of COVER.
	VideoFillMode VideoFillMode `json:"videoFillMode,omitzero"`

	// GridGap is the space between videos, in pixels, 0 or more; the default is 0.
	GridGap int32 `json:"gridGap,omitzero"`

	// PIPParticipantAttribute names the attribute that marks the participant in the
	// small picture: the one whose value is "true". Up to 128 of a-z, A-Z, 0-9, - and
	// _; the default is empty.
	PIPParticipantAttribute string `json:"pipParticipantAttribute,omitzero"`

	// PIPBehavior of the picture; empty for the default of STATIC.
	PIPBehavior PIPBehavior `json:"pipBehavior,omitzero"`

	// PIPOffset is the space between the picture and the edges, in pixels, 0 or more;
	// the default is 0.
	PIPOffset int32 `json:"pipOffset,omitzero"`

	// PIPPosition is the corner of the picture; empty for the default of
	// BOTTOM_RIGHT.
	PIPPosition PIPPosition `json:"pipPosition,omitzero"`

	// PIPWidth is the width of the picture, in pixels, 1 or more; 0 has it computed.
	PIPWidth int32 `json:"pipWidth,omitzero"`

	// PIPHeight is the height of the picture, in pixels, 1 or more; 0 has it
	// computed.
	PIPHeight int32 `json:"pipHeight,omitzero"`

	// ParticipantOrderAttribute names the attribute whose value, a number, orders the
	// participants; those without it come by arrival. Up to 128 of a-z, A-Z, 0-9, -
	// and _; empty for none.
	ParticipantOrderAttribute string `json:"participantOrderAttribute,omitzero"`
}

// CompositionState is the state of a composition.
type CompositionState string

// The values of CompositionState.
const (
	CompositionStateStarting CompositionState = "STARTING"
	CompositionStateActive   CompositionState = "ACTIVE"
	CompositionStateStopping CompositionState = "STOPPING"
	CompositionStateFailed   CompositionState = "FAILED"
	CompositionStateStopped  CompositionState = "STOPPED"
)

// Values returns the values known to this version; the service may send others.
func (CompositionState) Values() []CompositionState {
	return []CompositionState{
		CompositionStateStarting,
		CompositionStateActive,
		CompositionStateStopping,
		CompositionStateFailed,
		CompositionStateStopped,
	}
}

// DestinationState is the state of a destination of a composition.
type DestinationState string

// The values of DestinationState. From RECONNECTING a destination goes to ACTIVE
// or FAILED.
const (
	DestinationStateStarting     DestinationState = "STARTING"
	DestinationStateActive       DestinationState = "ACTIVE"
	DestinationStateStopping     DestinationState = "STOPPING"
	DestinationStateReconnecting DestinationState = "RECONNECTING"
	DestinationStateFailed       DestinationState = "FAILED"
	DestinationStateStopped      DestinationState = "STOPPED"
)

// Values returns the values known to this version; the service may send others.
func (DestinationState) Values() []DestinationState {
	return []DestinationState{
		DestinationStateStarting,
		DestinationStateActive,
		DestinationStateStopping,
		DestinationStateReconnecting,
		DestinationStateFailed,
		DestinationStateStopped,
	}
}

// PIPBehavior is the way in which the small picture behaves.
type PIPBehavior string

// The values of PIPBehavior.
const (
	PIPBehaviorStatic  PIPBehavior = "STATIC"
	PIPBehaviorDynamic PIPBehavior = "DYNAMIC"
)

// Values returns the values known to this version; the service may send others.
func (PIPBehavior) Values() []PIPBehavior {
	return []PIPBehavior{PIPBehaviorStatic, PIPBehaviorDynamic}
}

// PIPPosition is the corner of the small picture.
type PIPPosition string

// The values of PIPPosition.
const (
	PIPPositionTopLeft     PIPPosition = "TOP_LEFT"
	PIPPositionTopRight    PIPPosition = "TOP_RIGHT"
	PIPPositionBottomLeft  PIPPosition = "BOTTOM_LEFT"
	PIPPositionBottomRight PIPPosition = "BOTTOM_RIGHT"
)

// Values returns the values known to this version; the service may send others.
func (PIPPosition) Values() []PIPPosition {
	return []PIPPosition{
		PIPPositionTopLeft,
		PIPPositionTopRight,
		PIPPositionBottomLeft,
		PIPPositionBottomRight,
	}
}

// RecordingConfigurationFormat is the format of a composite recording.
type RecordingConfigurationFormat string

// The values of RecordingConfigurationFormat.
const (
	RecordingConfigurationFormatHLS RecordingConfigurationFormat = "HLS"
)

// Values returns the values known to this version; the service may send others.
func (RecordingConfigurationFormat) Values() []RecordingConfigurationFormat {
	return []RecordingConfigurationFormat{RecordingConfigurationFormatHLS}
}

// VideoAspectRatio is the shape of the tiles of a grid.
type VideoAspectRatio string

// The values of VideoAspectRatio.
const (
	VideoAspectRatioAuto     VideoAspectRatio = "AUTO"
	VideoAspectRatioVideo    VideoAspectRatio = "VIDEO"
	VideoAspectRatioSquare   VideoAspectRatio = "SQUARE"
	VideoAspectRatioPortrait VideoAspectRatio = "PORTRAIT"
)

// Values returns the values known to this version; the service may send others.
func (VideoAspectRatio) Values() []VideoAspectRatio {
	return []VideoAspectRatio{
		VideoAspectRatioAuto,
		VideoAspectRatioVideo,
		VideoAspectRatioSquare,
		VideoAspectRatioPortrait,
	}
}

// VideoFillMode says how a video fills its place in a layout.
type VideoFillMode string

// The values of VideoFillMode.
const (
	VideoFillModeFill    VideoFillMode = "FILL"
	VideoFillModeCover   VideoFillMode = "COVER"
	VideoFillModeContain VideoFillMode = "CONTAIN"
)

// Values returns the values known to this version; the service may send others.
func (VideoFillMode) Values() []VideoFillMode {
	return []VideoFillMode{VideoFillModeFill, VideoFillModeCover, VideoFillModeContain}
}
