package ivsevents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// ErrUnknownPayload is the error of [Mux.Lambda] for a payload of a form that it
// does not know.
var ErrUnknownPayload = errors.New("ivsevents: unknown payload of a Lambda function")

// maxPayloadBytes is somewhat more than Lambda takes, which is 6 MB.
const maxPayloadBytes = 6<<20 + 512<<10

// BatchResponse tells Lambda, or EventBridge Pipes, which items of a batch failed.
type BatchResponse struct {
	// BatchItemFailures are the items to deliver again; all others are done.
	BatchItemFailures []BatchItemFailure `json:"batchItemFailures"`
}

// BatchItemFailure is an item that is to be delivered again.
type BatchItemFailure struct {
	// ItemIdentifier is the messageId of a message of SQS. For a record of a stream it
	// is the sequence number where Lambda reads the stream, and the eventID where a
	// pipe does.
	ItemIdentifier string `json:"itemIdentifier"`
}

// Lambda handles what AWS Lambda gives to a function, whatever triggers it. It is
// a function as lambda.Start of github.com/aws/aws-lambda-go takes it:
//
//	lambda.Start(mux.Lambda)
//
// The form of the payload says what the trigger is, and the result is what this
// trigger wants:
//
//	rule of EventBridge             an error, if a handler failed
//	SNS topic                       an error, if a handler failed
//	destination of another function an error, if a handler failed
//	SQS queue, Kinesis stream       a BatchResponse with the items that failed
//	EventBridge pipe                a BatchResponse with the items that failed
//
// Lambda calls the function again after an error. For a queue or a stream the event
// source mapping must have ReportBatchItemFailures among its FunctionResponseTypes:
// without it Lambda ignores the response and drops what failed. A pipe must invoke
// the function synchronously (REQUEST_RESPONSE, the default). If an item that failed
// has no identifier, because a pipe's input transformer removed it, the whole
// batch fails with an error.
//
// Within an item, an event may have envelopes around it: of SNS, of SQS, of Kinesis,
// of a DynamoDB stream (an attribute that is the text of an event) and the
// invocation record that a Lambda function sends to its destination, alone or on an
// event bus. The destination of an event source mapping must be an S3 bucket for the
// record to have the payload.
//
// A payload of another form is an [ErrUnknownPayload], which is logged once. So is an
// empty batch. What is no event of IVS within a known form is left to
// [MuxOptions].OnInvalid. The error of an item that failed is logged. Items after one
// that failed are handled, also those of a FIFO queue: events come in no order
// anyhow.
//
// When the context ends, the rest of a batch is not handled and fails. Lambda stops
// a function at the deadline of its context. Pass a context that ends a few
// seconds earlier, to have the response reach Lambda before.
//
// For the forms see
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html,
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html and
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html.
func (m *Mux) Lambda(ctx context.Context, payload json.RawMessage) (*BatchResponse, error) {
	b, err := readPayload(payload)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrUnknownPayload, err)
		m.log(ctx, "ivsevents: Lambda payload refused", "error", err)
		return nil, err
	}
	u := unwrapper{isBatch: true}
	var errs []error
	failures := []BatchItemFailure{}
	for n, item := range b.items {
		if ctx.Err() != nil {
			errs = append(errs, fmt.Errorf("ivsevents: %d of %d items not handled: %w", len(b.items)-n, len(b.items), context.Cause(ctx)))
			for _, item := range b.items[n:] {
				failures = append(failures, BatchItemFailure{item.id})
			}
			break
		}
		if err := m.message(ctx, &u, item.data); err != nil {
			errs = append(errs, err)
			failures = append(failures, BatchItemFailure{item.id})
		}
	}
	if !b.wantsFailures || slices.Contains(failures, BatchItemFailure{}) {
		return nil, errors.Join(errs...)
	}
	for n, err := range errs { // which the response does not have
		m.log(ctx, "ivsevents: event failed", "itemIdentifier", failures[n].ItemIdentifier, "error", err)
	}
	return &BatchResponse{BatchItemFailures: failures}, nil
}

// batch is what a function is given.
type batch struct {
	items         []batchItem
	wantsFailures bool // a BatchResponse
}

type batchItem struct {
	id   string // by which a BatchResponse names it
	data []byte
}

// readPayload returns the items of a payload. Only the payload's own form must be
// known, not what is in the items.
func readPayload(payload []byte) (batch, error) {
	if len(payload) > maxPayloadBytes {
		return batch{}, fmt.Errorf("want at most %d bytes, got %d", maxPayloadBytes, len(payload))
	}
	if !utf8.Valid(payload) { // JSON always is
		return batch{}, errors.New("want UTF-8")
	}
	if w := wire.NewWalker(payload); w.Kind() == '[' {
		return readItems(payload, kindEvent, kindResult, kindNotification, kindSQS, kindKinesis, kindDynamoDB, kindInvocation)
	}
	all, err := readMembers(payload)
	if err != nil {
		return batch{}, err
	}
	switch all.kind() {
	case kindRecords:
		return readItems(all.get("Records"), kindSQS, kindSNS, kindKinesis, kindDynamoDB)
	case kindEvent, kindResult, kindInvocation:
		return batch{items: []batchItem{{data: payload}}}, nil
	}
	if all.isInvocation() {
		return batch{}, errNoPayload
	}
	return batch{}, errors.New("want an event of EventBridge, Records, the list of a pipe or the invocation record of a function, got another object")
}

// readItems returns the items of a list, which must be of these kinds.
func readItems(list []byte, kinds ...kind) (batch, error) {
	elements, err := elementsOf(list)
	if err != nil {
		return batch{}, err
	}
	if len(elements) == 0 {
		return batch{}, errors.New("want items, got an empty list")
	}
	b := batch{wantsFailures: true}
	for n, element := range elements {
		all, err := readMembers(element)
		if err != nil {
			return batch{}, fmt.Errorf("item %d: %w", n, err)
		}
		kind := all.kind()
		if !slices.Contains(kinds, kind) {
			return batch{}, fmt.Errorf("item %d: want an event or a record of SQS, SNS, Kinesis or DynamoDB, got another object", n)
		}
		if kind == kindSNS {
			b.wantsFailures = false
		}
		b.items = append(b.items, batchItem{all.identifier(kind, slices.Contains(kinds, kindEvent)), element})
	}
	return b, nil
}

// identifier returns by what an item is named, "" if by nothing. A record that
// Lambda read from a stream has a sequence number, one of a pipe its eventID.
func (m *members) identifier(kind kind, pipe bool) string {
	switch {
	case m.has("messageId"):
		return m.text("messageId")
	case kind == kindKinesis && !pipe:
		inner, _ := readMembers(m.get("kinesis"))
		return inner.text("sequenceNumber")
	case kind == kindDynamoDB && !pipe:
		inner, _ := readMembers(m.get("dynamodb"))
		return inner.text("SequenceNumber")
	}
	return m.text("eventID")
}
