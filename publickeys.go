package ivsrealtime

import (
	"context"

	"github.com/aws/smithy-go/middleware"
)

// DeletePublicKey deletes a public key. Tokens signed with it are not accepted
// any more; whether participants that are connected stay so, and when
// ErrConflict comes, is not documented.
//
// Errors: ErrAccessDenied, ErrConflict, ErrNotFound, ErrPendingVerification,
// ErrValidation. Quota: 3 calls per second per account and region.
func (c *Client) DeletePublicKey(ctx context.Context, in *DeletePublicKeyInput, optFns ...func(*Options)) (*DeletePublicKeyOutput, error) {
	return invoke(ctx, c, "DeletePublicKey", in, &DeletePublicKeyOutput{}, optFns)
}

// DeletePublicKeyInput is the input of DeletePublicKey.
type DeletePublicKeyInput struct {
	// ARN of the key. Required.
	ARN string `json:"arn"`
}

// DeletePublicKeyOutput is the output of DeletePublicKey.
type DeletePublicKeyOutput struct {
	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// GetPublicKey returns a public key.
//
// Errors: ErrAccessDenied, ErrNotFound, ErrValidation. Quota: 3 calls per
// second per account and region.
func (c *Client) GetPublicKey(ctx context.Context, in *GetPublicKeyInput, optFns ...func(*Options)) (*GetPublicKeyOutput, error) {
	return invoke(ctx, c, "GetPublicKey", in, &GetPublicKeyOutput{}, optFns)
}

// GetPublicKeyInput is the input of GetPublicKey.
type GetPublicKeyInput struct {
	// ARN of the key. Required.
	ARN string `json:"arn"`
}

// GetPublicKeyOutput is the output of GetPublicKey.
type GetPublicKeyOutput struct {
	// PublicKey is the key.
	PublicKey PublicKey `json:"publicKey"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// ImportPublicKey imports the public half of a key pair, so that the service
// accepts tokens signed with the private half. It returns the key, whose ARN
// such a token names. Keys do not expire, and only their tags can change. An
// account may have 3 in a region (not adjustable). Which error a key that was
// imported already gives is not documented.
//
// There is no idempotency token. What the client does after an attempt that failed:
//
//	the service refused it: throttling, 5xx   retry
//	no connection                             retry
//	no status: connection lost, timeout       retry, which can make a second key or fails with ErrConflict
//	status 2xx, response lost                 no retry, ErrOutcomeUnknown
//	anything else                             no retry
//
// A response is lost when it ends early, at AttemptTimeout too, cannot be read, or
// has no publicKey. To make one attempt only, pass
//
//	func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }
//
// Errors: ErrAccessDenied, ErrConflict, ErrPendingVerification,
// ErrQuotaExceeded, ErrValidation. Quota: 3 calls per second per account and
// region.
func (c *Client) ImportPublicKey(ctx context.Context, in *ImportPublicKeyInput, optFns ...func(*Options)) (*ImportPublicKeyOutput, error) {
	return invoke(ctx, c, "ImportPublicKey", in, &ImportPublicKeyOutput{}, optFns)
}

// ImportPublicKeyInput is the input of ImportPublicKey.
type ImportPublicKeyInput struct {
	// PublicKeyMaterial is the key, ECDSA on the curve P-384, as a PEM block of type
	// PUBLIC KEY. Required.
	PublicKeyMaterial string `json:"publicKeyMaterial"`

	// Name of the key: up to 128 of a-z, A-Z, 0-9, - and _; empty for none.
	Name string `json:"name,omitzero"`

	// Tags of the key, up to 50: keys of 1 to 128 characters, values of 0 to 256.
	Tags map[string]string `json:"tags,omitzero"`
}

// ImportPublicKeyOutput is the output of ImportPublicKey.
type ImportPublicKeyOutput struct {
	// PublicKey is the imported key.
	PublicKey PublicKey `json:"publicKey"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// ListPublicKeys returns one page of the public keys of the account in the
// region, in no documented order. NewListPublicKeysPaginator goes through all
// pages.
//
// Errors: ErrAccessDenied, ErrValidation. Quota: 3 calls per second per account
// and region.
func (c *Client) ListPublicKeys(ctx context.Context, in *ListPublicKeysInput, optFns ...func(*Options)) (*ListPublicKeysOutput, error) {
	return invoke(ctx, c, "ListPublicKeys", in, &ListPublicKeysOutput{}, optFns)
}

// ListPublicKeysInput is the input of ListPublicKeys. No member is required.
type ListPublicKeysInput struct {
	// NextToken of the previous page; empty for the first one.
	NextToken string `json:"nextToken,omitzero"`

	// MaxResults is the greatest number of keys in the page: 1 to 100; 0 for the
	// default of 50.
	MaxResults int32 `json:"maxResults,omitzero"`
}

// ListPublicKeysOutput is the output of ListPublicKeys.
type ListPublicKeysOutput struct {
	// PublicKeys is the page.
	PublicKeys []PublicKeySummary `json:"publicKeys"`

	// NextToken asks for the next page; empty on the last one.
	NextToken string `json:"nextToken,omitzero"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// PublicKey is the public half of a key pair that signs tokens.
type PublicKey struct {
	// ARN of the key; a token signed with the private half names it as kid.
	ARN string `json:"arn,omitzero"`

	// Name of the key, empty when it has none.
	Name string `json:"name,omitzero"`

	// PublicKeyMaterial is the key, as a PEM block.
	PublicKeyMaterial string `json:"publicKeyMaterial,omitzero"`

	// Fingerprint of the key: pairs of hexadecimal digits joined by colons. How it is
	// computed is not documented.
	Fingerprint string `json:"fingerprint,omitzero"`

	// Tags of the key.
	Tags map[string]string `json:"tags,omitzero"`
}

// PublicKeySummary is a public key as ListPublicKeys shows it.
type PublicKeySummary struct {
	// ARN of the key.
	ARN string `json:"arn,omitzero"`

	// Name of the key, empty when it has none.
	Name string `json:"name,omitzero"`

	// Tags of the key.
	Tags map[string]string `json:"tags,omitzero"`
}
