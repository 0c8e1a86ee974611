// Package ivsrealtime is a client for Amazon IVS Real-Time: stages on which up
// to 12 people publish video and thousands watch, the tokens that let them in,
// what they did there, and the compositions that record or rebroadcast it.
//
//	cfg, err := config.LoadDefaultConfig(ctx) // github.com/aws/aws-sdk-go-v2/config
//	if err != nil {
//		return err
//	}
//	client := ivsrealtime.NewFromConfig(cfg)
//
//	stage, err := client.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: "town-hall"})
//	if err != nil {
//		return err
//	}
//	token, err := client.CreateParticipantToken(ctx, &ivsrealtime.CreateParticipantTokenInput{
//		StageARN: stage.Stage.ARN,
//		UserID:   "anna",
//	})
//	if err != nil {
//		return err
//	}
//	sendToBrowser(string(token.ParticipantToken.Token))
//
// # Calls
//
// There is one method for each operation of the API (version 2020-07-14 with its
// 40 operations as of October 2026), with an input and an output struct of its
// name. Values are plain: no field is a pointer unless its zero value means
// something else than leaving it out, which its comment says. Required members
// are checked before anything is sent; lengths and patterns are left to the
// service.
//
// A nil slice or map is left out and an empty one is sent. Inputs are never
// written to. Literals of the structs should name their fields: new ones are
// added as the API grows.
//
// # Configuration
//
// NewFromConfig takes over what an aws.Config says, New takes Options of which
// Region and Credentials are required. Every call can change them for itself by
// option functions. BaseEndpoint leads to a fake or a proxy, AttemptTimeout
// limits each attempt, ClientLogMode writes requests and answers to Logger, and
// TracerProvider, MeterProvider, Interceptors and APIOptions work as with the
// official clients. A configuration that cannot work is the error of every call.
//
// # Errors
//
// Match with errors.Is against ErrNotFound, ErrConflict, ErrAccessDenied,
// ErrValidation, ErrQuotaExceeded, ErrPendingVerification, ErrInternal and
// ErrThrottled. Details come from errors.As with *APIError, and the status and
// request id from *awshttp.ResponseError of aws-sdk-go-v2. Every operation can
// be throttled; what each can return besides is in its comment. When the
// caller's context ended, errors.Is matches its error.
//
// # Retries
//
// Throttling, server errors and connection failures are retried, three attempts
// in all, by the retryers of aws-sdk-go-v2. Most operations have a quota of 5
// calls per second for a whole account and region.
//
// The response to an attempt can get lost after the service did its work. Where the
// status says success but the response ends early, or lacks what it must have, the
// client retries, except for the Create operations, ImportPublicKey and
// StartParticipantReplication: their error matches ErrOutcomeUnknown. Where not even
// a status came it retries all operations, as the official clients do, so that a
// create can happen twice. The comments of these operations have the details;
// Options.RetryMaxAttempts = 1 on the call prevents retries. StartComposition is
// safe, by its idempotency token. ErrOutcomeUnknown also matches the ErrNotFound of
// a Delete, and the like, whose earlier attempt got no response.
//
// # Secrets
//
// Participant tokens and stream keys are of type Secret, which does not print
// and does not marshal. Neither debug logs nor errors show them, nor
// signatures, nor session tokens.
//
// # Lists and waiting
//
// NewListStagesPaginator and its nine siblings walk lists, as HasMorePages and
// NextPage or as iterators. NewCompositionActiveWaiter and
// NewCompositionStoppedWaiter wait for a composition,
// NewDestinationsActiveWaiter waits for its destinations.
//
// # Testing
//
// Package ivsrealtimetest is a fake of the service, in process and stateful,
// whose Client method returns the real Client of this package wired to it. For
// a single answer, any type with a Do method can be Options.HTTPClient.
//
// # Around the API
//
// Package ivstoken signs participant and connection tokens with a key of your
// own, package ivsevents decodes the service's EventBridge events and hands them
// to typed handlers and to a tracker of what is going on, and package ivsrecording
// finds the files of recordings.
package ivsrealtime
