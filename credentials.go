package ivsrealtime

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/seed-433ec77c/ivsrealtime/internal/retryloop"
)

// renewCredentials takes credentials that the service says are expired out of an
// aws.CredentialsCache. It returns err, which is retryable if the cache has others
// now. It does so once in a call: what expires again is not a matter of the cache.
//
// The cache keeps credentials until the time that their provider said. A session
// that was revoked, or a clock that is wrong, ends them before.
func (k *call) renewCredentials(ctx context.Context, used aws.Credentials, err error) error {
	cache, ok := k.opts.Credentials.(*aws.CredentialsCache)
	if !ok || k.conf.anonymous || k.renewed || !isExpired(err) {
		return err
	}
	k.renewed = true
	current, retrieveErr := cache.Retrieve(ctx)
	if retrieveErr == nil && sameKeys(current, used) { // else another call was first
		cache.Invalidate()
		current, retrieveErr = cache.Retrieve(ctx)
	}
	if ctx.Err() != nil {
		return retryloop.CanceledAfter(ctx, err)
	}
	if retrieveErr != nil || !current.HasKeys() || sameKeys(current, used) {
		return err
	}
	return &retryableError{err}
}

func sameKeys(a, b aws.Credentials) bool {
	return a.AccessKeyID == b.AccessKeyID && a.SecretAccessKey == b.SecretAccessKey && a.SessionToken == b.SessionToken
}

func isExpired(err error) bool {
	var e smithy.APIError
	if !errors.As(err, &e) {
		return false
	}
	code := e.ErrorCode()
	return code == "ExpiredToken" || code == "ExpiredTokenException"
}

// retryableError makes an error retryable that the core would not retry.
type retryableError struct{ error }

func (e *retryableError) Unwrap() error      { return e.error }
func (*retryableError) RetryableError() bool { return true }
