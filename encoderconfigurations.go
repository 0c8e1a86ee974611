package ivsrealtime

import (
	"context"

	"github.com/aws/smithy-go/middleware"
)

// CreateEncoderConfiguration creates an encoder configuration: how a composition
// encodes its video. It returns the configuration with every default filled in.
// Only its tags can change later. An account may have 20 in a region
// (adjustable).
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
// has no encoderConfiguration. To make one attempt only, pass
//
//	func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }
//
// Errors: ErrAccessDenied, ErrConflict, ErrInternal, ErrNotFound,
// ErrPendingVerification, ErrQuotaExceeded, ErrValidation. Quota: 5 calls per
// second per account and region.
func (c *Client) CreateEncoderConfiguration(ctx context.Context, in *CreateEncoderConfigurationInput, optFns ...func(*Options)) (*CreateEncoderConfigurationOutput, error) {
	return invoke(ctx, c, "CreateEncoderConfiguration", in, &CreateEncoderConfigurationOutput{}, optFns)
}

// CreateEncoderConfigurationInput is the input of CreateEncoderConfiguration. No
// member is required.
type CreateEncoderConfigurationInput struct {
	// Name of the configuration: up to 128 of a-z, A-Z, 0-9, - and _; empty for none.
	Name string `json:"name,omitzero"`

	// Video to encode. The zero value is left out, for 1280x720 at 30 frames and
	// 2,500,000 bits per second; so is each member.
	Video Video `json:"video,omitzero"`

	// Tags of the configuration, up to 50: keys of 1 to 128 characters, values of 0
	// to 256.
	Tags map[string]string `json:"tags,omitzero"`
}

// CreateEncoderConfigurationOutput is the output of CreateEncoderConfiguration.
type CreateEncoderConfigurationOutput struct {
	// EncoderConfiguration is the new configuration.
	EncoderConfiguration EncoderConfiguration `json:"encoderConfiguration"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// DeleteEncoderConfiguration deletes an encoder configuration. It fails while a
// composition uses the configuration; with which error is not documented.
//
// Errors: ErrAccessDenied, ErrConflict, ErrInternal, ErrNotFound,
// ErrQuotaExceeded, ErrValidation. Quota: 5 calls per second per account and
// region.
func (c *Client) DeleteEncoderConfiguration(ctx context.Context, in *DeleteEncoderConfigurationInput, optFns ...func(*Options)) (*DeleteEncoderConfigurationOutput, error) {
	return invoke(ctx, c, "DeleteEncoderConfiguration", in, &DeleteEncoderConfigurationOutput{}, optFns)
}

// DeleteEncoderConfigurationInput is the input of DeleteEncoderConfiguration.
type DeleteEncoderConfigurationInput struct {
	// ARN of the configuration. Required.
	ARN string `json:"arn"`
}

// DeleteEncoderConfigurationOutput is the output of DeleteEncoderConfiguration.
type DeleteEncoderConfigurationOutput struct {
	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// GetEncoderConfiguration returns an encoder configuration.
//
// Errors: ErrAccessDenied, ErrConflict, ErrInternal, ErrNotFound,
// ErrQuotaExceeded, ErrValidation. Quota: 5 calls per second per account and
// region.
func (c *Client) GetEncoderConfiguration(ctx context.Context, in *GetEncoderConfigurationInput, optFns ...func(*Options)) (*GetEncoderConfigurationOutput, error) {
	return invoke(ctx, c, "GetEncoderConfiguration", in, &GetEncoderConfigurationOutput{}, optFns)
}

// GetEncoderConfigurationInput is the input of GetEncoderConfiguration.
type GetEncoderConfigurationInput struct {
	// ARN of the configuration. Required.
	ARN string `json:"arn"`
}

// GetEncoderConfigurationOutput is the output of GetEncoderConfiguration.
type GetEncoderConfigurationOutput struct {
	// EncoderConfiguration is the configuration.
	EncoderConfiguration EncoderConfiguration `json:"encoderConfiguration"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// ListEncoderConfigurations returns one page of the encoder configurations of
// the account in the region, in no documented order.
// NewListEncoderConfigurationsPaginator goes through all pages.
//
// Errors: ErrAccessDenied, ErrConflict, ErrInternal, ErrQuotaExceeded,
// ErrValidation. Quota: 5 calls per second per account and region.
func (c *Client) ListEncoderConfigurations(ctx context.Context, in *ListEncoderConfigurationsInput, optFns ...func(*Options)) (*ListEncoderConfigurationsOutput, error) {
	return invoke(ctx, c, "ListEncoderConfigurations", in, &ListEncoderConfigurationsOutput{}, optFns)
}

// ListEncoderConfigurationsInput is the input of ListEncoderConfigurations. No
// member is required.
type ListEncoderConfigurationsInput struct {
	// NextToken of the previous page; empty for the first one.
	NextToken string `json:"nextToken,omitzero"`

	// MaxResults is the greatest number of configurations in the page: 1 to 100; 0
	// for the default of 100.
	MaxResults int32 `json:"maxResults,omitzero"`
}

// ListEncoderConfigurationsOutput is the output of ListEncoderConfigurations.
type ListEncoderConfigurationsOutput struct {
	// EncoderConfigurations is the page.
	EncoderConfigurations []EncoderConfigurationSummary `json:"encoderConfigurations"`

	// NextToken asks for the next page; empty on the last one.
	NextToken string `json:"nextToken,omitzero"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// EncoderConfiguration is how a composition encodes its video.
type EncoderConfiguration struct {
	// ARN of the configuration.
	ARN string `json:"arn"`

	// Name of the configuration, empty when it has none.
	Name string `json:"name,omitzero"`

	// Video that is encoded, with its defaults filled in.
	Video Video `json:"video,omitzero"`

	// Tags of the configuration.
	Tags map[string]string `json:"tags,omitzero"`
}

// EncoderConfigurationSummary is an encoder configuration as
// ListEncoderConfigurations shows it, without its video.
type EncoderConfigurationSummary struct {
	// ARN of the configuration.
	ARN string `json:"arn"`

	// Name of the configuration, empty when it has none.
	Name string `json:"name,omitzero"`

	// Tags of the configuration.
	Tags map[string]string `json:"tags,omitzero"`
}

// Video is the size and rate of an encoded video. Width times height is at most
// 2,073,600.
type Video struct {
	// Width in pixels, an even number from 2 to 1920; 0 for the default of 1280.
	Width int32 `json:"width,omitzero"`

	// Height in pixels, an even number from 2 to 1920; 0 for the default of 720.
	Height int32 `json:"height,omitzero"`

	// Framerate in frames per second, 1 to 60; 0 for the default of 30.
	Framerate float32 `json:"framerate,omitzero"`

	// Bitrate in bits per second, 1 to 8,500,000; 0 for the default of 2,500,000.
	Bitrate int32 `json:"bitrate,omitzero"`
}
