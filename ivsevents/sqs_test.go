package ivsevents_test

import (
	"context"
	"encoding/json"
	"strings"
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

const noEvent = "ivsevents: malformed event: want an event, or an envelope of SNS, SQS, Kinesis, DynamoDB or Lambda, got another object"

func wrap(t *testing.T, message string, times int) string {
	for range times {
		message = notification(t, message)
	}
	return message
}

func TestMuxSQSTooLarge(t *testing.T) {
	r := newRecorder()
	require.NoError(t, r.SQS(t.Context(), anna+strings.Repeat(" ", 1<<20-len(anna))))
	require.Empty(t, r.log.String())
	require.NoError(t, r.SQS(t.Context(), anna+strings.Repeat(" ", 1<<20-len(anna)+1)))
	require.Contains(t, r.log.String(), "malformed event: want at most 1048576 bytes, got 1048577")
	require.Equal(t, []string{"published anna"}, r.got)
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
	t.Run("wrapped eight times", func(t *testing.T) {
		r := newRecorder()
		require.NoError(t, r.SQS(t.Context(), wrap(t, event, 8)))
		require.Equal(t, []string{`published anna "a" é`}, r.got)
	})
	t.Run("the context has ended", func(t *testing.T) {
		r := newRecorder()
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errHandler)
		require.ErrorIs(t, r.SQS(ctx, event), errHandler)
		require.Empty(t, r.got)
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
		require.NoError(t, r.SQS(t.Context(), publishedJSON(`,"Type":"Notification","Message":"{}","Records":[],"messageId":"m","body":"{}"`, `,"user_id":"carla"`)))
		require.Equal(t, []string{"published anna", "published berta", "published carla"}, r.got)
	})
	for name, test := range map[string]struct{ body, want string }{
		"not JSON":                      {"hello", "ivsevents: malformed event: want an object, got an unexpected character (byte 0)"},
		"foreign":                       {foreign, "ivsevents: event of another source than aws.ivs"},
		"empty":                         {"", "ivsevents: malformed event: want an object, got the end of the text (byte 0)"},
		"wrapped":                       {notification(t, "hello"), "ivsevents: malformed event: in the Message of an SNS notification: want an object, got an unexpected character (byte 0)"},
		"wrapped, foreign":              {notification(t, foreign), "in the Message of an SNS notification: ivsevents: event of another source than aws.ivs"},
		"a notification without a text": {`{"Type":"Notification"}`, noEvent},
		"another message of SNS":        {`{"Type":"SubscriptionConfirmation","Message":"x"}`, noEvent},
		"a batch of another service":    {`{"Records":[{"eventSource":"aws:s3","s3":{}}]}`, strings.Replace(noEvent, "want", "in the Records of a batch: want", 1)},
		"an empty batch":                {`{"Records":[]}`, "ivsevents: malformed event: in the Records of a batch: want events, got an empty list"},
		"wrapped ten times":             {wrap(t, event, 10), "ivsevents: malformed event: more than 8 envelopes around an event"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecorder()
			r.Mux = ivsevents.NewMux(r.keepInvalid)
			require.NoError(t, r.SQS(t.Context(), test.body), "an invalid event must not come again")
			require.Equal(t, []string{test.body + ": " + test.want}, r.invalid)
		})
	}
}
