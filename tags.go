package ivsrealtime

import (
	"context"
	"net/url"
	"strings"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/encoding/httpbinding"
	"github.com/aws/smithy-go/middleware"
)

// ListTagsForResource returns the tags of a resource: a stage, composition,
// encoder configuration, storage configuration, ingest configuration or public
// key. Get operations return them too.
//
// Errors: ErrInternal, ErrNotFound, ErrValidation. Quota: 10 calls per second
// per account and region.
func (c *Client) ListTagsForResource(ctx context.Context, in *ListTagsForResourceInput, optFns ...func(*Options)) (*ListTagsForResourceOutput, error) {
	return invoke(ctx, c, "ListTagsForResource", in, &ListTagsForResourceOutput{}, optFns)
}

// ListTagsForResourceInput is the input of ListTagsForResource.
type ListTagsForResourceInput struct {
	// ResourceARN is the ARN of the resource. Required. It is part of the path, so
	// that one with the segment "." or ".." in any notation is an error before
	// sending.
	ResourceARN string `json:"resourceArn"`
}

// ListTagsForResourceOutput is the output of ListTagsForResource.
type ListTagsForResourceOutput struct {
	// Tags of the resource, empty when it has none.
	Tags map[string]string `json:"tags"`

	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// TagResource adds tags to a resource, or overwrites those whose key it already
// has. All six types can be tagged: stages, compositions, encoder configurations,
// storage configurations, ingest configurations and public keys. A resource has up to
// 50 tags.
//
// Errors: ErrInternal, ErrNotFound, ErrValidation. Quota: 10 calls per second
// per account and region.
func (c *Client) TagResource(ctx context.Context, in *TagResourceInput, optFns ...func(*Options)) (*TagResourceOutput, error) {
	return invoke(ctx, c, "TagResource", in, &TagResourceOutput{}, optFns)
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	// ResourceARN is the ARN of the resource. Required. It is part of the path, so
	// that one with the segment "." or ".." in any notation is an error before
	// sending.
	ResourceARN string `json:"resourceArn"`

	// Tags to set, up to 50: keys of 1 to 128 characters, values of 0 to 256, both
	// case-sensitive. Keys that begin with aws: are reserved. Required: nil is
	// refused before sending, an empty map is sent.
	Tags map[string]string `json:"tags"`
}

// TagResourceOutput is the output of TagResource.
type TagResourceOutput struct {
	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// UntagResource removes tags from a resource of any type that TagResource takes. It is
// idempotent.
//
// Errors: ErrInternal, ErrNotFound, ErrValidation. Quota: 10 calls per second
// per account and region.
func (c *Client) UntagResource(ctx context.Context, in *UntagResourceInput, optFns ...func(*Options)) (*UntagResourceOutput, error) {
	return invoke(ctx, c, "UntagResource", in, &UntagResourceOutput{}, optFns)
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	// ResourceARN is the ARN of the resource. Required. It is part of the path, so
	// that one with the segment "." or ".." in any notation is an error before
	// sending.
	ResourceARN string `json:"resourceArn"`

	// TagKeys are the keys of the tags to remove, up to 50. Required: nil is refused
	// before sending, an empty slice is sent.
	TagKeys []string `json:"tagKeys"`
}

// UntagResourceOutput is the output of UntagResource.
type UntagResourceOutput struct {
	// ResultMetadata holds what is known about the answer beside its content, the request id among it.
	ResultMetadata middleware.Metadata `json:"-"`
}

// httpBinding is implemented by the inputs that do not go as a POST of their
// JSON to /<Operation>. The path is escaped, the query is encoded and has no
// leading ?, and a nil body means that there is none.
type httpBinding interface {
	bindHTTP() (method, path, query string, body any)
}

func (in *ListTagsForResourceInput) bindHTTP() (method, path, query string, body any) {
	return "GET", tagsPath(in.ResourceARN), "", nil
}

func (in *TagResourceInput) bindHTTP() (method, path, query string, body any) {
	return "POST", tagsPath(in.ResourceARN), "", &tagResourceBody{in.Tags}
}

// tagResourceBody is what is left of TagResourceInput for the body.
type tagResourceBody struct {
	Tags map[string]string `json:"tags"`
}

func (in *UntagResourceInput) bindHTTP() (method, path, query string, body any) {
	keys := make([]string, len(in.TagKeys))
	for i, k := range in.TagKeys {
		// SigV4 wants a space as %20, QueryEscape writes +.
		keys[i] = "tagKeys=" + strings.ReplaceAll(url.QueryEscape(k), "+", "%20")
	}
	return "DELETE", tagsPath(in.ResourceARN), strings.Join(keys, "&"), nil
}

func (in *ListTagsForResourceInput) check() smithy.InvalidParamError {
	return checkTagged(in.ResourceARN)
}

func (in *TagResourceInput) check() smithy.InvalidParamError { return checkTagged(in.ResourceARN) }

func (in *UntagResourceInput) check() smithy.InvalidParamError { return checkTagged(in.ResourceARN) }

func tagsPath(resourceARN string) string {
	return "/tags/" + httpbinding.EscapePath(resourceARN, true)
}
