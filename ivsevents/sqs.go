package ivsevents

import (
	"context"
	"fmt"

	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// SQS handles the body of a message from a queue of Amazon SQS: an event that
// EventBridge put there, or one that came by way of an SNS topic, with or without
// raw message delivery. If it returns nil, delete the message; else leave it, to
// be received again.
//
// It returns the errors of handlers. What is no event of IVS is left to [MuxOptions].OnInvalid. That a
// notification is from SNS is not verified: who may write to the queue is a matter
// of the queue's policy.
func (m *Mux) SQS(ctx context.Context, body string) error {
	data := []byte(body)
	message, wrapped := notification(data)
	if !wrapped {
		event, err := m.decode(data)
		return m.deliver(ctx, data, event, err)
	}
	event, err := m.decode([]byte(message))
	if err != nil {
		err = fmt.Errorf("in the Message of an SNS notification: %w", err)
	}
	return m.deliver(ctx, data, event, err)
}

// notification returns the message in a notification of SNS, if data is one.
func notification(data []byte) (message string, ok bool) {
	var kind string
	hasMessage := false
	w := wire.NewWalker(data)
	err := w.Object(func(name []byte) (bool, *wire.Error) {
		switch string(name) {
		case "Type":
			return true, w.Text(&kind)
		case "Message":
			hasMessage = true
			return true, w.Text(&message)
		}
		return false, nil
	})
	return message, err == nil && hasMessage && kind == "Notification"
}

// SQSBatch is what AWS Lambda gives to a function that reads a queue, as far as it
// matters here.
type SQSBatch struct {
	// Records are the messages.
	Records []SQSMessage `json:"Records"`
}

// SQSMessage is a message of a batch.
type SQSMessage struct {
	// MessageID is the ID that the queue gave the message.
	MessageID string `json:"messageId"`

	// Body is what Mux.SQS takes.
	Body string `json:"body"`
}

// SQSBatchResponse tells Lambda which messages of a batch to give back to the queue.
type SQSBatchResponse struct {
	// BatchItemFailures are the messages to give back; Lambda deletes the others.
	BatchItemFailures []SQSBatchItemFailure `json:"batchItemFailures"`
}

// SQSBatchItemFailure is a message that is to be delivered again.
type SQSBatchItemFailure struct {
	// ItemIdentifier is the MessageID of the message.
	ItemIdentifier string `json:"itemIdentifier"`
}

// LambdaSQS handles a batch of messages that AWS Lambda read from a queue, each as
// [Mux.SQS] does. It is a function as lambda.Start of
// github.com/aws/aws-lambda-go wants it:
//
//	lambda.Start(mux.LambdaSQS)
//
// The event source mapping must have ReportBatchItemFailures among its
// FunctionResponseTypes. Without it Lambda ignores the response and deletes the
// messages that failed.
//
// The response has the messages whose handlers failed, and they alone come again;
// their errors are logged. The error is always nil. In a FIFO queue, too, the
// messages after one that failed are handled: events come in no order anyhow.
func (m *Mux) LambdaSQS(ctx context.Context, batch SQSBatch) (SQSBatchResponse, error) {
	response := SQSBatchResponse{BatchItemFailures: []SQSBatchItemFailure{}}
	for _, message := range batch.Records {
		if err := m.SQS(ctx, message.Body); err != nil {
			m.log(ctx, "ivsevents: event failed", "messageId", message.MessageID, "error", err)
			response.BatchItemFailures = append(response.BatchItemFailures, SQSBatchItemFailure{ItemIdentifier: message.MessageID})
		}
	}
	return response, nil
}
