package ivsrealtime

import (
	"context"

	"github.com/aws/smithy-go/middleware"
)

// CreateStorageConfiguration creates a storage configuration: the S3 bucket that
// recordings go to. It edits the policy of the bucket, so that the service may
// write there, and returns the configuration. Bucket, configuration and the
// stages that use it are in one account and region. An account may have 5 in a
// region (adjustable).
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
// has no storageConfiguration. To make one attempt only, pass
//
//	func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }
//
// Errors: ErrAccessDenied, ErrConflict, ErrInternal, ErrNotFound,
// ErrPendingVerification, ErrQuotaExceeded, ErrValidation. Quota: 5 calls per
// second per account and region.
func (c *Client) CreateStorageConfiguration(ctx context.Context, in *CreateStorageConfigurationInput, optFns ...func(*Options)) (*CreateStorageConfigurationOutput, error) {
	return invoke(ctx, c, "CreateStorageConfiguration", in, &CreateStorageConfigurationOutput{}, optFns)
}

// CreateStorageConfigurationInput is the input of CreateStorageConfiguration.
type CreateStorageConfigurationInput struct {
	// Name of the configuration: up to 128 of a-z, A-Z, 0-9, - and _; empty for none.
	// It need not be unique.
	Name string `json:"name,omitzero"`

	// S3 is the bucket, the only kind of storage. Required: nil is refused before
	// sending.
	S3 *S3StorageConfiguration `json:"s3"`

	// Tags of the configuration, up to 50: keys of 1 to 128 characters, values of 0
	// to 256.
	Tags map[string]string `json:"tags,omitzero"`
}

// CreateStorageConfigurationOutput is the output of CreateStorageConfiguration.
type CreateStorageConfigurationOutput struct {
	// StorageConfiguration is the new configuration.
	StorageConfiguration StorageConfiguration `json:"storageConfiguration"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// DeleteStorageConfiguration deletes a storage configuration, and what the
// service added to the policy of the bucket. It gives ErrConflict while a
// composition uses the configuration: stop that and wait first. One that a stage
// uses must be taken off the stage first.
//
// Errors: ErrAccessDenied, ErrConflict, ErrInternal, ErrNotFound,
// ErrQuotaExceeded, ErrValidation. Quota: 5 calls per second per account and
// region.
func (c *Client) DeleteStorageConfiguration(ctx context.Context, in *DeleteStorageConfigurationInput, optFns ...func(*Options)) (*DeleteStorageConfigurationOutput, error) {
	return invoke(ctx, c, "DeleteStorageConfiguration", in, &DeleteStorageConfigurationOutput{}, optFns)
}

// DeleteStorageConfigurationInput is the input of DeleteStorageConfiguration.
type DeleteStorageConfigurationInput struct {
	// ARN of the configuration. Required.
	ARN string `json:"arn"`
}

// DeleteStorageConfigurationOutput is the output of DeleteStorageConfiguration.
type DeleteStorageConfigurationOutput struct {
	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// GetStorageConfiguration returns a storage configuration.
//
// Errors: ErrAccessDenied, ErrConflict, ErrInternal, ErrNotFound,
// ErrQuotaExceeded, ErrValidation. Quota: 5 calls per second per account and
// region.
func (c *Client) GetStorageConfiguration(ctx context.Context, in *GetStorageConfigurationInput, optFns ...func(*Options)) (*GetStorageConfigurationOutput, error) {
	return invoke(ctx, c, "GetStorageConfiguration", in, &GetStorageConfigurationOutput{}, optFns)
}

// GetStorageConfigurationInput is the input of GetStorageConfiguration.
type GetStorageConfigurationInput struct {
	// ARN of the configuration. Required.
	ARN string `json:"arn"`
}

// GetStorageConfigurationOutput is the output of GetStorageConfiguration.
type GetStorageConfigurationOutput struct {
	// StorageConfiguration is the configuration.
	StorageConfiguration StorageConfiguration `json:"storageConfiguration"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// ListStorageConfigurations returns one page of the storage configurations of
// the account in the region, in no documented order.
// NewListStorageConfigurationsPaginator goes through all pages.
//
// Errors: ErrAccessDenied, ErrConflict, ErrInternal, ErrQuotaExceeded,
// ErrValidation. Quota: 5 calls per second per account and region.
func (c *Client) ListStorageConfigurations(ctx context.Context, in *ListStorageConfigurationsInput, optFns ...func(*Options)) (*ListStorageConfigurationsOutput, error) {
	return invoke(ctx, c, "ListStorageConfigurations", in, &ListStorageConfigurationsOutput{}, optFns)
}

// ListStorageConfigurationsInput is the input of ListStorageConfigurations. No
// member is required.
type ListStorageConfigurationsInput struct {
	// NextToken of the previous page; empty for the first one.
	NextToken string `json:"nextToken,omitzero"`

	// MaxResults is the greatest number of configurations in the page: 1 to 100; 0
	// for the default, 100 or the quota of storage configurations, whichever is less.
	MaxResults int32 `json:"maxResults,omitzero"`
}

// ListStorageConfigurationsOutput is the output of ListStorageConfigurations.
type ListStorageConfigurationsOutput struct {
	// StorageConfigurations is the page.
	StorageConfigurations []StorageConfigurationSummary `json:"storageConfigurations"`

	// NextToken asks for the next page; empty on the last one.
	NextToken string `json:"nextToken,omitzero"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// StorageConfiguration is where recordings go.
type StorageConfiguration struct {
	// ARN of the configuration.
	ARN string `json:"arn"`

	// Name of the configuration, empty when it has none.
	Name string `json:"name,omitzero"`

	// S3 is the bucket; nil when absent.
	S3 *S3StorageConfiguration `json:"s3,omitzero"`

	// Tags of the configuration.
	Tags map[string]string `json:"tags,omitzero"`
}

// StorageConfigurationSummary is a storage configuration as
// ListStorageConfigurations shows it.
type StorageConfigurationSummary struct {
	// ARN of the configuration.
	ARN string `json:"arn"`

	// Name of the configuration, empty when it has none.
	Name string `json:"name,omitzero"`

	// S3 is the bucket; nil when absent.
	S3 *S3StorageConfiguration `json:"s3,omitzero"`

	// Tags of the configuration.
	Tags map[string]string `json:"tags,omitzero"`
}

// S3StorageConfiguration is a bucket that recordings go to. Its object ownership
// is "bucket owner enforced" or "bucket owner preferred".
type S3StorageConfiguration struct {
	// BucketName of the bucket: 3 to 63 of a-z, 0-9, - and the dot. Required.
	BucketName string `json:"bucketName"`
}
