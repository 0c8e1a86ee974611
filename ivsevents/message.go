package ivsevents

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// SQS handles the body of a message from a queue of Amazon SQS. The body is an
// event that EventBridge put there, or one that came by way of an SNS topic (with
// or without raw message delivery), a pipe or the destination of a Lambda
// function. If SQS returns nil, delete the message. Otherwise leave it, to be
// received again.
//
// It returns the errors of handlers, and the context's if that ended before. What is
// no event of IVS is left to [MuxOptions].OnInvalid. SQS does not verify that a
// notification is from SNS: the queue's policy decides who may write to it.
func (m *Mux) SQS(ctx context.Context, body string) error {
	if len(body) > maxEventBytes {
		return m.invalid(ctx, []byte(body), tooLarge(len(body)))
	}
	data := []byte(body)
	return m.message(ctx, &unwrapper{}, data)
}

func tooLarge(n int) error {
	return fmt.Errorf("%w: want at most %d bytes, got %d", ErrMalformed, maxEventBytes, n)
}

// message handles the events in data.
func (m *Mux) message(ctx context.Context, u *unwrapper, data []byte) error {
	if ctx.Err() != nil {
		return notHandled(ctx)
	}
	u.events, u.where = u.events[:0], ""
	if err := u.open(data, 0); err != nil {
		return m.invalid(ctx, u.content(data), fmt.Errorf("%w: %w", ErrMalformed, err))
	}
	var errs []error
	for n, e := range u.events {
		if n > 0 && ctx.Err() != nil {
			return errors.Join(append(errs, notHandled(ctx))...)
		}
		event, err := m.decode(e.data)
		switch {
		case err == nil:
			err = m.Dispatch(ctx, event)
		case e.where == "":
			err = m.invalid(ctx, u.content(data), err)
		default:
			err = m.invalid(ctx, u.content(data), fmt.Errorf("%s: %w", e.where, err))
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// notHandled is the error for what the end of the context left.
func notHandled(ctx context.Context) error {
	return fmt.Errorf("ivsevents: not handled: %w", context.Cause(ctx))
}

// content returns what OnInvalid gets of an item of a batch: the body of a message
// of SQS, which can be put into another queue, else the item.
func (u *unwrapper) content(data []byte) []byte {
	if u.isBatch {
		if all, _ := readMembers(data); all.kind() == kindSQS {
			if body, ok := textOf(all.get("body")); ok {
				return []byte(body)
			}
		}
	}
	return data
}

// Limits on what a payload can hold. A batch has at most 10,000 items.
const (
	maxEnvelopes = 8        // around an event
	maxCopied    = 12 << 20 // bytes of the texts in envelopes
	maxOpened    = 50_000   // envelopes and events
)

// unwrapper takes events out of what services put around them.
type unwrapper struct {
	isBatch bool      // the messages are items of a batch
	events  []wrapped // of the message
	where   string    // the envelope that was opened last

	copied, opened int // of all messages of a batch
}

// wrapped is the text of an event, and the innermost envelope, "" for none.
type wrapped struct {
	data  []byte
	where string
}

// memberNames are the members of objects that tell envelopes from each other.
var memberNames = [...]string{
	"detail-type", "source", "detail", "Type", "Message", "Records", "Sns", "messageId", "eventID", "eventSource", "EventSource", "body",
	"data", "kinesis", "sequenceNumber", "dynamodb", "NewImage", "SequenceNumber", "requestContext", "requestPayload", "payload",
}

// members has the JSON of the members of an object that have these names, nil
// where there is none. It is an array because a batch has many of them.
type members [len(memberNames)][]byte

func readMembers(data []byte) (all members, _ *wire.Error) {
	w := wire.NewWalker(data)
	err := w.Object(func(name []byte) (bool, *wire.Error) {
		for i := range memberNames {
			if memberNames[i] == string(name) {
				raw, err := w.Raw()
				all[i] = raw
				return true, err
			}
		}
		return false, nil
	})
	if err == nil {
		err = w.End()
	}
	return all, err
}

func (m *members) get(name string) []byte { return m[slices.Index(memberNames[:], name)] }

func (m *members) has(name string) bool { return m.get(name) != nil }

// text returns a member that is a string, "" if it is none.
func (m *members) text(name string) string {
	text, _ := textOf(m.get(name))
	return text
}

func textOf(raw []byte) (text string, ok bool) {
	w := wire.NewWalker(raw)
	if w.Kind() != '"' || w.Text(&text) != nil {
		return "", false
	}
	return text, true
}

// kind is what an object is, by its members.
type kind int

const (
	kindUnknown      kind = iota
	kindEvent             // of EventBridge
	kindResult            // of EventBridge, the invocation record of a function in its detail
	kindNotification      // of SNS, as a queue gets it
	kindSNS               // a record of SNS, as a function gets it
	kindSQS               // a record of SQS, as functions and pipes get it
	kindKinesis           // a record of Kinesis
	kindDynamoDB          // a record of a stream of DynamoDB
	kindRecords           // a batch
	kindInvocation        // the invocation record of a function, as its destination gets it
)

func (m *members) kind() kind {
	source := m.text("eventSource")
	switch {
	case m.has("detail-type"):
		if m.has("detail") && m.text("source") == "lambda" && strings.HasPrefix(m.text("detail-type"), "Lambda Function Invocation Result - ") {
			return kindResult
		}
		return kindEvent
	case m.text("Type") == "Notification" && m.has("Message"):
		return kindNotification
	case m.has("Sns") && m.text("EventSource") == "aws:sns":
		return kindSNS
	case m.has("messageId") && m.has("body") && (source == "" || source == "aws:sqs"):
		return kindSQS
	case source == "aws:dynamodb" && m.has("dynamodb"):
		return kindDynamoDB
	case (m.has("kinesis") || m.has("data")) && (source == "aws:kinesis" || source == "" && m.has("eventID")):
		return kindKinesis
	case m.has("requestPayload") && m.has("requestContext"), m.has("payload") && m.isInvocation():
		return kindInvocation
	case m.has("Records"):
		return kindRecords
	}
	return kindUnknown
}

var errNoPayload = errors.New("want the payload in the invocation record of a Lambda function, got none")

// isInvocation says whether an object is an invocation record, with or without the
// payload. API Gateway has a requestContext, too.
func (m *members) isInvocation() bool {
	context := m.get("requestContext")
	return bytes.Contains(context, []byte(`"functionArn"`)) && bytes.Contains(context, []byte(`"condition"`))
}

// open adds the events in data, which has that many envelopes around it.
func (u *unwrapper) open(data []byte, envelopes int) error {
	if envelopes > maxEnvelopes {
		return fmt.Errorf("more than %d envelopes around an event", maxEnvelopes)
	}
	if u.opened++; u.opened > maxOpened {
		return fmt.Errorf("more than %d envelopes and events", maxOpened)
	}
	if w := wire.NewWalker(data); w.Kind() == '[' {
		return u.openAll(data, envelopes)
	}
	all, err := readMembers(data)
	if err != nil {
		return u.in(err)
	}
	switch all.kind() {
	case kindEvent:
		u.events = append(u.events, wrapped{data, u.where})
		return nil
	case kindResult:
		u.where = "in the detail of the result of a Lambda function"
		return u.open(all.get("detail"), envelopes+1)
	case kindNotification:
		u.where = "in the Message of an SNS notification"
		return u.openText(all.get("Message"), envelopes+1)
	case kindSNS:
		u.where = "in the Sns of an SNS record"
		return u.open(all.get("Sns"), envelopes+1)
	case kindSQS:
		u.where = "in the body of an SQS record"
		return u.openText(all.get("body"), envelopes+1)
	case kindKinesis:
		u.where = "in the data of a Kinesis record"
		return u.openKinesis(&all, envelopes+1)
	case kindDynamoDB:
		u.where = "in the NewImage of a DynamoDB record"
		return u.openDynamoDB(all.get("dynamodb"), envelopes+1)
	case kindRecords:
		u.where = "in the Records of a batch"
		return u.openAll(all.get("Records"), envelopes+1)
	case kindInvocation:
		u.where = "in the requestPayload of a Lambda invocation record"
		payload := all.get("requestPayload")
		if payload == nil {
			u.where = "in the payload of a Lambda invocation record"
			payload = all.get("payload")
		}
		return u.openText(payload, envelopes+1)
	}
	if all.isInvocation() {
		return u.in(errNoPayload)
	}
	return u.in(errors.New("want an event, or an envelope of SNS, SQS, Kinesis, DynamoDB or Lambda, got another object"))
}

func (u *unwrapper) in(err error) error {
	if u.where == "" {
		return err
	}
	return fmt.Errorf("%s: %w", u.where, err)
}

// openAll opens the elements of a list, of which there must be one at least.
func (u *unwrapper) openAll(data []byte, envelopes int) error {
	elements, err := elementsOf(data)
	if err == nil && len(elements) == 0 {
		err = errors.New("want events, got an empty list")
	}
	if err != nil {
		return u.in(err)
	}
	where := u.where
	for _, element := range elements {
		u.where = where
		if err := u.open(element, envelopes+1); err != nil {
			return err
		}
	}
	return nil
}

// elementsOf returns the elements of a list as JSON.
func elementsOf(data []byte) (elements [][]byte, _ error) {
	w := wire.NewWalker(data)
	if w.Kind() != '[' {
		return nil, errors.New("want a list")
	}
	err := w.Array(func() *wire.Error {
		if len(elements) == maxElements {
			return w.Fail(fmt.Sprintf("more than %d elements", maxElements))
		}
		raw, err := w.Raw()
		elements = append(elements, raw)
		return err
	})
	if err == nil {
		err = w.End()
	}
	if err != nil {
		return nil, err
	}
	return elements, nil
}

// openText opens a value that is JSON, or the text of JSON: pipes parse it when
// they transform their input.
func (u *unwrapper) openText(raw []byte, envelopes int) error {
	if w := wire.NewWalker(raw); w.Kind() != '"' {
		return u.open(raw, envelopes)
	}
	if err := u.copies(len(raw)); err != nil {
		return err
	}
	text, _ := textOf(raw)
	return u.open([]byte(text), envelopes)
}

// copies counts bytes that are about to be copied.
func (u *unwrapper) copies(n int) error {
	if u.copied += n; u.copied > maxCopied {
		return u.in(fmt.Errorf("more than %d bytes in envelopes", maxCopied))
	}
	return nil
}

// openKinesis opens the data of a record: base64, or what a pipe made of it.
func (u *unwrapper) openKinesis(record *members, envelopes int) error {
	raw := record.get("data")
	if record.has("kinesis") {
		inner, err := readMembers(record.get("kinesis"))
		if err != nil {
			return u.in(err)
		}
		raw = inner.get("data")
	}
	if err := u.copies(len(raw)); err != nil {
		return err
	}
	text, ok := textOf(raw)
	if !ok {
		return u.open(raw, envelopes)
	}
	if data, err := base64.StdEncoding.DecodeString(text); err == nil {
		return u.open(data, envelopes)
	}
	return u.open([]byte(text), envelopes)
}

// openDynamoDB opens the attributes of a new item that are the text of an event.
func (u *unwrapper) openDynamoDB(raw []byte, envelopes int) error {
	stream, err := readMembers(raw)
	if err != nil {
		return u.in(err)
	}
	if !stream.has("NewImage") {
		return u.in(errors.New("missing"))
	}
	found := len(u.events)
	w := wire.NewWalker(stream.get("NewImage"))
	var failed error
	err = w.Object(func([]byte) (bool, *wire.Error) {
		if w.Kind() != '{' || failed != nil {
			return false, nil
		}
		var text []byte
		err := w.Object(func(name []byte) (bool, *wire.Error) {
			if string(name) != "S" {
				return false, nil
			}
			raw, err := w.Raw()
			text = raw
			return true, err
		})
		if err == nil && bytes.Contains(text, []byte("detail-type")) {
			failed = u.openText(text, envelopes)
		}
		return true, err
	})
	switch {
	case err != nil:
		return u.in(err)
	case failed == nil && len(u.events) == found:
		return u.in(errors.New("want an attribute that is the text of an event, got none"))
	}
	return failed
}
