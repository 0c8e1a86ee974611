package ivsevents_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// notification is how SNS wraps a message for a queue.
func notification(t *testing.T, message string) string {
	quoted, err := json.Marshal(message)
	require.NoError(t, err)
	return `{
  "Type" : "Notification",
  "MessageId" : "11111111-2222-3333-4444-555555555555",
  "TopicArn" : "arn:aws:sns:eu-west-1:444455556666:stage-events",
  "Message" : ` + string(quoted) + `,
  "Timestamp" : "2026-11-02T19:30:06.512Z",
  "SignatureVersion" : "1",
  "Signature" : "c2lnbmF0dXJl",
  "SigningCertURL" : "https://sns.eu-west-1.amazonaws.com/cert.pem",
  "UnsubscribeURL" : "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe"
}`
}

func TestMuxSQS(t *testing.T) {
	event := publishedJSON("", `,"user_id":"anna \"a\" é"`)
	t.Run("plain, and raw message delivery", func(t *testing.T) {
		r := newRecorder()
		require.NoError(t, r.SQS(t.Context(), event))
		require.Equal(t, []string{`published anna "a" é`}, r.got)
	})
	t.Run("wrapped by SNS", func(t *testing.T) {
		r := newRecorder()
		require.NoError(t, r.SQS(t.Context(), notification(t, event)))
		require.Equal(t, []string{`published anna "a" é`}, r.got)
	})
	t.Run("handler failed", func(t *testing.T) {
		r := newRecorder()
		r.fail = errHandler
		require.ErrorIs(t, r.SQS(t.Context(), event), errHandler)
		require.ErrorIs(t, r.SQS(t.Context(), notification(t, event)), errHandler)
	})
	t.Run("an event with members of these names", func(t *testing.T) {
		r := newRecorder()
		require.NoError(t, r.SQS(t.Context(), publishedJSON(`,"Type":"Notification"`, `,"user_id":"anna"`)))
		require.NoError(t, r.SQS(t.Context(), publishedJSON(`,"Message":"{}"`, `,"user_id":"berta"`)))
		require.NoError(t, r.SQS(t.Context(), publishedJSON(`,"Type":"Notification","Message":5`, `,"user_id":"carla"`)))
		require.Equal(t, []string{"published anna", "published berta", "published carla"}, r.got)
	})
	for name, test := range map[string]struct{ body, want string }{
		"not JSON":                      {"hello", "ivsevents: malformed event: want an object, got an unexpected character (byte 0)"},
		"foreign":                       {foreign, "ivsevents: event of another source than aws.ivs"},
		"wrapped":                       {notification(t, "hello"), "in the Message of an SNS notification: ivsevents: malformed event: want an object, got an unexpected character (byte 0)"},
		"wrapped twice":                 {notification(t, notification(t, event)), "in the Message of an SNS notification: ivsevents: malformed event: source: missing"},
		"a notification without a text": {`{"Type":"Notification"}`, "ivsevents: malformed event: source: missing"},
		"another message of SNS":        {`{"Type":"SubscriptionConfirmation","Message":"x"}`, "ivsevents: malformed event: source: missing"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecorder()
			r.Mux = ivsevents.NewMux(r.keepInvalid)
			require.NoError(t, r.SQS(t.Context(), test.body), "an invalid event must not come again")
			require.Equal(t, []string{test.body + ": " + test.want}, r.invalid)
		})
	}
}

func TestMuxLambdaSQS(t *testing.T) {
	// As Lambda gets it, with all its members.
	batch := func(bodies ...string) (out ivsevents.SQSBatch) {
		var records []json.RawMessage
		for i, body := range bodies {
			quoted, err := json.Marshal(body)
			require.NoError(t, err)
			records = append(records, json.RawMessage(`{"messageId":"m`+string(rune('0'+i))+`","receiptHandle":"r","body":`+string(quoted)+
				`,"attributes":{"ApproximateReceiveCount":"1"},"messageAttributes":{},"md5OfBody":"x","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:444455556666:q","awsRegion":"eu-west-1"}`))
		}
		all, err := json.Marshal(map[string]any{"Records": records})
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(all, &out))
		return out
	}
	r := newRecorder()
	var function func(context.Context, ivsevents.SQSBatch) (ivsevents.SQSBatchResponse, error) = r.LambdaSQS // as lambda.Start takes it
	call := func(bodies ...string) string {
		response, err := function(t.Context(), batch(bodies...))
		require.NoError(t, err)
		out, err := json.Marshal(response)
		require.NoError(t, err)
		return string(out)
	}
	anna, recorded := publishedJSON("", `,"user_id":"anna"`), string(literal(t, &ivsevents.RecordingEnd{}))

	require.Equal(t, `{"batchItemFailures":[]}`, call())
	require.Equal(t, `{"batchItemFailures":[]}`, call(anna, notification(t, recorded)))
	require.Equal(t, []string{"published anna", "recorded stage-recordings"}, r.got)
	require.Empty(t, r.log.String())

	r.fail = errHandler
	require.Equal(t, `{"batchItemFailures":[{"itemIdentifier":"m0"},{"itemIdentifier":"m3"}]}`, call(anna, recorded, "invalid", anna, recorded))
	require.Len(t, r.got, 6, "one that fails does not hold up the others")
	require.Contains(t, r.log.String(), "messageId=m3 error="+`"`+errHandler.Error()+`"`)
	require.Contains(t, r.log.String(), "event dropped")
}
