package ivsevents_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// What triggers give to a function, as in the documentation of Lambda and of
// EventBridge Pipes, with an event in it.

func quote(t testing.TB, text string) string {
	t.Helper()
	quoted, err := json.Marshal(text)
	require.NoError(t, err)
	return string(quoted)
}

func sqsRecord(t testing.TB, id, body string) string {
	return `{"messageId":"` + id + `","receiptHandle":"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a","body":` + quote(t, body) + `,"attributes":{"ApproximateReceiveCount":"1",` +
		`"SentTimestamp":"1545082649183","SenderId":"AIDAIENQZJOLO23YVJ4VO","ApproximateFirstReceiveTimestamp":"1545082649185"},"messageAttributes":{},` +
		`"md5OfBody":"e4e68fb7bd0e697a0ae8f1bb342846b3","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-2:123456789012:my-queue","awsRegion":"us-east-2"}`
}

func snsRecord(t testing.TB, message string) string {
	return `{"EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:us-east-2:123456789012:topic:e92f5b1f","EventSource":"aws:sns","Sns":{"SignatureVersion":"1",` +
		`"Timestamp":"2019-01-02T12:45:07.000Z","Signature":"EXAMPLE","SigningCertUrl":"https://sns.us-east-2.amazonaws.com/x.pem","MessageId":"95df01b4","Message":` + quote(t, message) + `,` +
		`"MessageAttributes":{"Test":{"Type":"String","Value":"x"}},"Type":"Notification","UnsubscribeUrl":"https://sns","TopicArn":"arn:aws:sns:us-east-2:123456789012:topic","Subject":null}}`
}

func kinesisRecord(number, data string) string {
	return `{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"1","sequenceNumber":"` + number + `","data":"` + base64.StdEncoding.EncodeToString([]byte(data)) + `","approximateArrivalTimestamp":1545084650.987},` +
		`"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"shardId-000000000006:` + number + `","eventName":"aws:kinesis:record","awsRegion":"us-east-2"}`
}

func pipedKinesisRecord(number, data string) string {
	return `{"kinesisSchemaVersion":"1.0","partitionKey":"1","sequenceNumber":"` + number + `","data":"` + base64.StdEncoding.EncodeToString([]byte(data)) + `","approximateArrivalTimestamp":1545084650.987,` +
		`"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"shardId-000000000006:` + number + `","eventName":"aws:kinesis:record","awsRegion":"us-east-2"}`
}

func dynamoRecord(t testing.TB, id, number, text string) string {
	return `{"eventID":"` + id + `","eventName":"INSERT","eventVersion":"1.0","eventSource":"aws:dynamodb","awsRegion":"us-east-1","dynamodb":{"Keys":{"Id":{"N":"101"}},` +
		`"NewImage":{"Id":{"N":"101"},"Tags":{"L":[{"S":"a"}]},"Note":{"S":"hello"},"Event":{"S":` + quote(t, text) + `}},"SequenceNumber":"` + number + `","SizeBytes":26,"StreamViewType":"NEW_AND_OLD_IMAGES"},` +
		`"eventSourceARN":"arn:aws:dynamodb:us-east-1:1:table/x/stream/y"}`
}

// invocation is the record that a function sends to its destination.
func invocation(rest string) string {
	return `{"version":"1.0","timestamp":"2019-11-14T18:16:05.568Z","requestContext":{"requestId":"e4b46cbf-b738-xmpl-8880-a18cdf61200e",` +
		`"functionArn":"arn:aws:lambda:us-east-2:123456789012:function:my-function:$LATEST","condition":"RetriesExhausted","approximateInvokeCount":3},` +
		`"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},"responsePayload":{"errorMessage":"exited"}` + rest + `}`
}

func onBus(record string) string {
	return `{"version":"0","id":"3b0e4bd1","detail-type":"Lambda Function Invocation Result - Failure","source":"lambda","account":"123456789012","time":"2026-09-28T08:03:12Z",` +
		`"region":"us-east-1","resources":["arn:aws:events:us-east-1:123456789012:event-bus/default"],"detail":` + record + `}`
}

func records(all ...string) string { return `{"Records":[` + strings.Join(all, ",") + `]}` }

func list(all ...string) string { return `[` + strings.Join(all, ",") + `]` }

// Events of two users.
var (
	anna  = publishedJSON("", `,"user_id":"anna"`)
	berta = publishedJSON("", `,"user_id":"berta"`)
)

const streamInfo = `,"DDBStreamBatchInfo":null,"KinesisBatchInfo":{"shardId":"shardId-000000000001","startSequenceNumber":"1","batchSize":1,"streamArn":"arn:aws:kinesis:us-east-2:1:stream/s"}`

// call calls Lambda as lambda.Start does, and returns the response as JSON.
func call(t testing.TB, ctx context.Context, mux *ivsevents.Mux, payload string) (string, error) {
	t.Helper()
	var function func(context.Context, json.RawMessage) (*ivsevents.BatchResponse, error) = mux.Lambda
	response, err := function(ctx, json.RawMessage(payload))
	out, jsonErr := json.Marshal(response)
	require.NoError(t, jsonErr)
	return string(out), err
}

// failFor returns a recorder whose handler fails for berta.
func failForBerta(optFns ...func(*ivsevents.MuxOptions)) *recorder {
	r := newRecorder(optFns...)
	ivsevents.On(r.Mux, func(_ context.Context, e *ivsevents.ParticipantPublished) error {
		if e.UserID == "berta" {
			return errHandler
		}
		return nil
	})
	return r
}

// Every trigger, with an event that is handled and one whose handler fails.
func TestMuxLambda(t *testing.T) {
	const none = `{"batchItemFailures":[]}`
	failed := func(id string) string { return `{"batchItemFailures":[{"itemIdentifier":"` + id + `"}]}` }
	for name, test := range map[string]struct {
		payload  func(event string) string
		good     string // the response if the event is handled
		bad      string // the response if it fails, "" for an error
		wrapping string // what an event of another source is said to be in
	}{
		"rule": {payload: func(e string) string { return e }, good: "null"},
		"SQS":  {payload: func(e string) string { return records(sqsRecord(t, "m1", e)) }, good: none, bad: failed("m1"), wrapping: "in the body of an SQS record: "},
		"SQS, SNS inside": {payload: func(e string) string { return records(sqsRecord(t, "m1", notification(t, e))) }, good: none, bad: failed("m1"),
			wrapping: "in the Message of an SNS notification: "},
		"SQS, a pipe's record inside": {payload: func(e string) string { return records(sqsRecord(t, "m1", sqsRecord(t, "m0", e))) }, good: none, bad: failed("m1"),
			wrapping: "in the body of an SQS record: "},
		"SQS, a pipe's record of a stream inside": {payload: func(e string) string { return records(sqsRecord(t, "m1", pipedKinesisRecord("7", e))) }, good: none, bad: failed("m1"),
			wrapping: "in the data of a Kinesis record: "},
		"SQS, an invocation record inside": {payload: func(e string) string { return records(sqsRecord(t, "m1", invocation(`,"requestPayload":`+e))) }, good: none, bad: failed("m1"),
			wrapping: "in the requestPayload of a Lambda invocation record: "},
		"SQS, of an SNS topic with an invocation record": {payload: func(e string) string {
			return records(sqsRecord(t, "m1", notification(t, invocation(`,"requestPayload":`+records(snsRecord(t, e))))))
		}, good: none, bad: failed("m1"), wrapping: "in the Message of an SNS notification: "},
		"SNS": {payload: func(e string) string { return records(snsRecord(t, e)) }, good: "null", wrapping: "in the Message of an SNS notification: "},
		"SNS, an invocation record inside": {payload: func(e string) string { return records(snsRecord(t, invocation(`,"requestPayload":`+e))) }, good: "null",
			wrapping: "in the requestPayload of a Lambda invocation record: "},
		"Kinesis":                         {payload: func(e string) string { return records(kinesisRecord("49590338271", e)) }, good: none, bad: failed("49590338271"), wrapping: "in the data of a Kinesis record: "},
		"pipe from SQS":                   {payload: func(e string) string { return list(sqsRecord(t, "m1", e)) }, good: none, bad: failed("m1"), wrapping: "in the body of an SQS record: "},
		"pipe from SQS with SNS":          {payload: func(e string) string { return list(sqsRecord(t, "m1", notification(t, e))) }, good: none, bad: failed("m1"), wrapping: "in the Message of an SNS notification: "},
		"pipe, transformed, SQS":          {payload: func(e string) string { return list(`{"messageId":"m1","body":` + e + `}`) }, good: none, bad: failed("m1"), wrapping: "in the body of an SQS record: "},
		"pipe from Kinesis":               {payload: func(e string) string { return list(pipedKinesisRecord("7", e)) }, good: none, bad: failed("shardId-000000000006:7"), wrapping: "in the data of a Kinesis record: "},
		"pipe, transformed, data":         {payload: func(e string) string { return list(`{"eventID":"s:7","data":` + e + `}`) }, good: none, bad: failed("s:7"), wrapping: "in the data of a Kinesis record: "},
		"pipe from DynamoDB":              {payload: func(e string) string { return list(dynamoRecord(t, "d1", "99", e)) }, good: none, bad: failed("d1"), wrapping: "in the NewImage of a DynamoDB record: "},
		"DynamoDB":                        {payload: func(e string) string { return records(dynamoRecord(t, "d1", "99", e)) }, good: none, bad: failed("99"), wrapping: "in the NewImage of a DynamoDB record: "},
		"pipe of events":                  {payload: func(e string) string { return list(e) }, good: none},
		"pipe of events with IDs":         {payload: func(e string) string { return list(`{"eventID":"x",` + e[1:]) }, good: none, bad: failed("x")},
		"pipe of events with message IDs": {payload: func(e string) string { return "\n " + list(`{"messageId":"x",`+e[1:]) }, good: none, bad: failed("x")},
		"destination":                     {payload: func(e string) string { return invocation(`,"requestPayload":` + e) }, good: "null", wrapping: "in the requestPayload of a Lambda invocation record: "},
		"destination, as text":            {payload: func(e string) string { return invocation(`,"requestPayload":` + quote(t, e)) }, good: "null", wrapping: "in the requestPayload of a Lambda invocation record: "},
		"destination of a function behind SNS": {payload: func(e string) string { return invocation(`,"requestPayload":` + records(snsRecord(t, e))) }, good: "null",
			wrapping: "in the Message of an SNS notification: "},
		"destination of a function behind a pipe": {payload: func(e string) string { return invocation(`,"requestPayload":` + list(sqsRecord(t, "m1", e))) }, good: "null",
			wrapping: "in the body of an SQS record: "},
		"destination of a mapping": {payload: func(e string) string {
			return invocation(streamInfo + `,"payload":` + quote(t, records(kinesisRecord("7", e))))
		}, good: "null",
			wrapping: "in the data of a Kinesis record: "},
		"destination on a bus": {payload: func(e string) string { return onBus(invocation(`,"requestPayload":` + e)) }, good: "null", wrapping: "in the requestPayload of a Lambda invocation record: "},
	} {
		t.Run(name, func(t *testing.T) {
			r := failForBerta()
			response, err := call(t, t.Context(), r.Mux, test.payload(anna))
			require.NoError(t, err)
			require.Equal(t, test.good, response)
			require.Equal(t, []string{"published anna"}, r.got)
			require.Empty(t, r.log.String())

			response, err = call(t, t.Context(), r.Mux, test.payload(berta))
			require.Equal(t, []string{"published anna", "published berta"}, r.got)
			if test.bad == "" {
				require.ErrorIs(t, err, errHandler)
				require.Equal(t, "null", response)
				require.Empty(t, r.log.String(), "Lambda logs the error")
			} else {
				require.NoError(t, err)
				require.Equal(t, test.bad, response)
				require.Equal(t, 1, strings.Count(r.log.String(), errHandler.Error()))
			}

			// What is no event of IVS is left to OnInvalid, and done with that.
			invalid := newRecorder()
			invalid.Mux = ivsevents.NewMux(invalid.keepInvalid)
			response, err = call(t, t.Context(), invalid.Mux, test.payload(foreign))
			require.NoError(t, err)
			require.Equal(t, test.good, response)
			require.Len(t, invalid.invalid, 1)
			require.True(t, strings.HasSuffix(invalid.invalid[0], "}: "+test.wrapping+ivsevents.ErrNotIVS.Error()), invalid.invalid[0])
		})
	}
}

func TestMuxLambdaBatches(t *testing.T) {
	t.Run("only what failed comes again", func(t *testing.T) {
		r := failForBerta()
		response, err := call(t, t.Context(), r.Mux, records(sqsRecord(t, "m0", berta), sqsRecord(t, "m1", anna), sqsRecord(t, "m2", "hello"), sqsRecord(t, "m3", notification(t, berta))))
		require.NoError(t, err)
		require.Equal(t, `{"batchItemFailures":[{"itemIdentifier":"m0"},{"itemIdentifier":"m3"}]}`, response)
		require.Equal(t, []string{"published berta", "published anna", "published berta"}, r.got)
		require.Contains(t, r.log.String(), "itemIdentifier=m3 error="+`"`+errHandler.Error()+`"`)
		require.Equal(t, 1, strings.Count(r.log.String(), "event dropped"))
	})
	t.Run("OnInvalid gets what can be put into another queue", func(t *testing.T) {
		r := newRecorder()
		r.Mux = ivsevents.NewMux(r.keepInvalid)
		piped := pipedKinesisRecord("7", "hello")
		for _, payload := range []string{records(sqsRecord(t, "m0", "hello \"x\"")), list(sqsRecord(t, "m0", notification(t, "x"))), list(piped)} {
			_, err := call(t, t.Context(), r.Mux, payload)
			require.NoError(t, err)
		}
		require.Len(t, r.invalid, 3)
		require.True(t, strings.HasPrefix(r.invalid[0], `hello "x": ivsevents: `), r.invalid[0])
		require.True(t, strings.HasPrefix(r.invalid[1], notification(t, "x")+": ivsevents: "), r.invalid[1])
		require.True(t, strings.HasPrefix(r.invalid[2], piped+": ivsevents: "), r.invalid[2])
	})
	t.Run("OnInvalid fails", func(t *testing.T) {
		r := newRecorder(func(o *ivsevents.MuxOptions) {
			o.OnInvalid = func(context.Context, []byte, error) error { return errHandler }
		})
		response, err := call(t, t.Context(), r.Mux, list(sqsRecord(t, "m0", anna), sqsRecord(t, "m1", "hello")))
		require.NoError(t, err)
		require.Equal(t, `{"batchItemFailures":[{"itemIdentifier":"m1"}]}`, response)
	})
	t.Run("an item without an identifier fails the batch", func(t *testing.T) {
		for _, payload := range []string{
			list(anna, berta), list(sqsRecord(t, "m0", berta), berta), records(sqsRecord(t, "", berta)), list(`{"messageId":5,"body":` + berta + `}`),
		} {
			r := failForBerta()
			response, err := call(t, t.Context(), r.Mux, payload)
			require.ErrorIs(t, err, errHandler, payload)
			require.Equal(t, "null", response)
		}
	})
	t.Run("several notifications", func(t *testing.T) {
		r := failForBerta()
		_, err := call(t, t.Context(), r.Mux, records(snsRecord(t, berta), snsRecord(t, anna)))
		require.ErrorIs(t, err, errHandler)
		require.Equal(t, []string{"published berta", "published anna"}, r.got)
	})
	t.Run("several events in a message", func(t *testing.T) {
		r := failForBerta()
		response, err := call(t, t.Context(), r.Mux, records(sqsRecord(t, "m0", list(anna, berta, anna)), sqsRecord(t, "m1", list(anna))))
		require.NoError(t, err)
		require.Equal(t, `{"batchItemFailures":[{"itemIdentifier":"m0"}]}`, response)
		require.Len(t, r.got, 4)
	})
}

// A payload of a form that is not known is an error, logged once, and never a
// success.
func TestMuxLambdaUnknown(t *testing.T) {
	for name, payload := range map[string]string{
		"nothing":                      "",
		"null":                         "null",
		"a string":                     `"s3cret"`,
		"a number":                     "5",
		"no JSON":                      `{"s3cret":`,
		"more than JSON":               anna + "x",
		"an empty object":              "{}",
		"an object":                    `{"s3cret":"s3cret"}`,
		"an event that lost parts":     `{"source":"aws.ivs","detail":{}}`,
		"no records":                   `{"Records":[]}`,
		"records that are none":        `{"Records":{}}`,
		"records of null":              `{"Records":[null]}`,
		"records of numbers":           `{"Records":[1]}`,
		"records of S3":                `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"object":{"key":"s3cret"}}}]}`,
		"records of events":            records(anna),
		"a record without a body":      records(`{"messageId":"m1","eventSource":"aws:sqs"}`),
		"one strange record":           records(sqsRecord(t, "m1", anna), `{"messageId":"m2"}`),
		"an empty list":                "[]",
		"a list of numbers":            "[1]",
		"a list of null":               "[null]",
		"a list of objects":            `[{"s3cret":1}]`,
		"a list of lists":              list(list(anna)),
		"a list with one more":         list(anna, "{}"),
		"a record alone":               sqsRecord(t, "m1", anna),
		"a list of SNS records":        list(snsRecord(t, anna)),
		"API Gateway":                  `{"resource":"/","path":"/","httpMethod":"POST","requestContext":{"accountId":"1","stage":"prod"},"body":` + quote(t, anna) + `,"isBase64Encoded":false}`,
		"function URL":                 `{"version":"2.0","routeKey":"$default","requestContext":{"http":{"method":"POST"}},"body":` + quote(t, anna) + `}`,
		"CloudWatch Logs":              `{"awslogs":{"data":"H4sIAAAAAAAAAA=="}}`,
		"Kafka":                        `{"eventSource":"aws:kafka","records":{"t-0":[{"value":"e30="}]}}`,
		"an invocation record":         invocation(streamInfo),
		"one with null":                invocation(`,"requestPayload":null`),
		"not UTF-8":                    strings.Replace(anna, "anna", "\xff", 1),
		"too large":                    anna + strings.Repeat(" ", 7<<20),
		"too many records":             records(strings.Repeat(`{"messageId":"m","body":"{}"},`, 10_000) + `{"messageId":"m","body":"{}"}`),
		"an event in a strange object": `{"Event":` + anna + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecorder()
			response, err := call(t, t.Context(), r.Mux, payload)
			require.ErrorIs(t, err, ivsevents.ErrUnknownPayload)
			require.Equal(t, "null", response)
			require.Empty(t, r.got)
			require.Equal(t, 1, strings.Count(r.log.String(), "\n"), r.log.String())
			require.Contains(t, r.log.String(), "unknown payload")
			require.NotContains(t, r.log.String()+err.Error(), "s3cret")
		})
	}
	_, err := call(t, t.Context(), newRecorder().Mux, invocation(streamInfo))
	require.EqualError(t, err, "ivsevents: unknown payload of a Lambda function: want the payload in the invocation record of a Lambda function, got none")
	_, err = call(t, t.Context(), newRecorder().Mux, list(anna, "{}"))
	require.EqualError(t, err, "ivsevents: unknown payload of a Lambda function: item 1: want an event or a record of SQS, SNS, Kinesis or DynamoDB, got another object")
}

// A panic fails one message and is logged with its stack.
func TestMuxPanics(t *testing.T) {
	broken := errors.New("broken")
	newMux := func(optFns ...func(*ivsevents.MuxOptions)) *recorder {
		r := newRecorder(optFns...)
		ivsevents.On(r.Mux, func(_ context.Context, e *ivsevents.ParticipantPublished) error {
			if e.UserID == "berta" {
				panicInHandler(broken)
			}
			return nil
		})
		ivsevents.On(r.Mux, func(_ context.Context, e *ivsevents.ParticipantPublished) error {
			r.got = append(r.got, "after "+e.UserID)
			return nil
		})
		return r
	}
	reported := func(t *testing.T, r *recorder) {
		t.Helper()
		require.Equal(t, 1, strings.Count(r.log.String(), "handler panicked\""), r.log.String())
		require.Contains(t, r.log.String(), "panicInHandler", "the stack")
		require.Contains(t, r.log.String(), "panic=broken")
	}
	t.Run("batch", func(t *testing.T) {
		for _, batch := range []func(...string) string{records, list} {
			r := newMux()
			response, err := call(t, t.Context(), r.Mux, batch(sqsRecord(t, "m0", anna), sqsRecord(t, "m1", berta), sqsRecord(t, "m2", anna)))
			require.NoError(t, err)
			require.Equal(t, `{"batchItemFailures":[{"itemIdentifier":"m1"}]}`, response)
			require.Equal(t, []string{"published anna", "after anna", "published berta", "after berta", "published anna", "after anna"}, r.got)
			reported(t, r)
		}
	})
	for name, deliver := range map[string]func(*recorder) error{
		"rule": func(r *recorder) error { _, err := call(t, t.Context(), r.Mux, berta); return err },
		"SNS": func(r *recorder) error {
			_, err := call(t, t.Context(), r.Mux, records(snsRecord(t, berta)))
			return err
		},
		"SQS":      func(r *recorder) error { return r.SQS(t.Context(), berta) },
		"Dispatch": func(r *recorder) error { return r.Dispatch(t.Context(), mustDecode(t, berta)) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newMux()
			err := deliver(r)
			require.ErrorIs(t, err, broken)
			var panicked *ivsevents.PanicError
			require.ErrorAs(t, err, &panicked)
			require.Equal(t, broken, panicked.Value)
			require.Contains(t, string(panicked.Stack), "panicInHandler")
			require.EqualError(t, panicked, "ivsevents: handler panicked: broken")
			require.Equal(t, []string{"published berta", "after berta"}, r.got)
			reported(t, r)
		})
	}
	t.Run("HTTP", func(t *testing.T) {
		r := newMux(withKey)
		response := serve(r, "POST", berta, "X-Api-Key", apiKey)
		require.Equal(t, 500, response.Code)
		require.Equal(t, "a handler failed\n", response.Body.String())
		reported(t, r)
	})
	t.Run("OnInvalid", func(t *testing.T) {
		r := newMux(withKey, func(o *ivsevents.MuxOptions) {
			o.OnInvalid = func(context.Context, []byte, error) error { panicInHandler(broken); return nil }
		})
		response, err := call(t, t.Context(), r.Mux, records(sqsRecord(t, "m0", "hello"), sqsRecord(t, "m1", anna)))
		require.NoError(t, err)
		require.Equal(t, `{"batchItemFailures":[{"itemIdentifier":"m0"}]}`, response)
		reported(t, r)
		require.Equal(t, 500, serve(r, "POST", "hello", "X-Api-Key", apiKey).Code)
	})
	t.Run("nil", func(t *testing.T) {
		for _, debug := range []string{"panicnil=0", "panicnil=1"} { // with 1 recover returns nil
			t.Setenv("GODEBUG", debug)
			r := newRecorder()
			ivsevents.On(r.Mux, func(context.Context, ivsevents.Event) error { panic(nil) })
			response, err := call(t, t.Context(), r.Mux, records(sqsRecord(t, "m0", anna)))
			require.NoError(t, err)
			require.Equal(t, `{"batchItemFailures":[{"itemIdentifier":"m0"}]}`, response, debug)
			require.Contains(t, r.log.String(), "handler panicked\"")
		}
	})
	t.Run("Goexit", func(t *testing.T) {
		r := newRecorder()
		ivsevents.On(r.Mux, func(context.Context, ivsevents.Event) error { runtime.Goexit(); return nil })
		returned, ended := false, make(chan bool)
		go func() {
			defer close(ended)
			_, _ = r.Lambda(t.Context(), []byte(anna))
			returned = true
		}()
		<-ended
		require.False(t, returned, "the trigger never gets a success")
		require.Contains(t, r.log.String(), "handler panicked\"")
	})
	t.Run("values that are no errors", func(t *testing.T) {
		mux := newRecorder()
		ivsevents.On(mux.Mux, func(context.Context, ivsevents.Event) error { panic("no good") })
		err := mux.Dispatch(t.Context(), &ivsevents.RecordingStart{})
		require.EqualError(t, err, "ivsevents: handler panicked: no good")
		mux = newRecorder()
		var none []int
		ivsevents.On(mux.Mux, func(context.Context, ivsevents.Event) error { none[0] = 1; return nil })
		var runtimeErr runtime.Error
		require.ErrorAs(t, mux.Dispatch(t.Context(), &ivsevents.RecordingStart{}), &runtimeErr)
	})
}

func panicInHandler(err error) { panic(err) }

// When the context ends, the rest of a batch fails and is not handled.
func TestMuxLambdaContextEnds(t *testing.T) {
	newMux := func() (*recorder, context.Context) {
		ctx, cancel := context.WithCancelCause(t.Context())
		r := newRecorder()
		ivsevents.On(r.Mux, func(_ context.Context, e *ivsevents.ParticipantPublished) error {
			if e.UserID == "berta" {
				cancel(errHandler)
			}
			return nil
		})
		return r, ctx
	}
	four := func(record func(id, body string) string) []string {
		return []string{record("m0", anna), record("m1", berta), record("m2", anna), record("m3", anna)}
	}
	sqs := func(id, body string) string { return sqsRecord(t, id, body) }
	for _, batch := range []func(...string) string{records, list} {
		r, ctx := newMux()
		response, err := call(t, ctx, r.Mux, batch(four(sqs)...))
		require.NoError(t, err)
		require.Equal(t, `{"batchItemFailures":[{"itemIdentifier":"m2"},{"itemIdentifier":"m3"}]}`, response, "the handler of m1 succeeded")
		require.Equal(t, []string{"published anna", "published berta"}, r.got)
		require.Equal(t, 1, strings.Count(r.log.String(), "2 of 4 items not handled"), r.log.String())
	}
	for _, payload := range []string{
		records(four(func(_, body string) string { return snsRecord(t, body) })...),
		list(four(func(_, body string) string { return body })...),
	} {
		r, ctx := newMux()
		response, err := call(t, ctx, r.Mux, payload)
		require.ErrorIs(t, err, errHandler, "the cause")
		require.Equal(t, "null", response)
		require.Equal(t, []string{"published anna", "published berta"}, r.got)
	}
	// One message with several events: that of a destination, which has a batch in it.
	for _, payload := range []string{
		invocation(`,"requestPayload":` + records(four(sqs)...)),
		records(snsRecord(t, invocation(`,"requestPayload":`+records(four(sqs)...)))),
	} {
		r, ctx := newMux()
		_, err := call(t, ctx, r.Mux, payload)
		require.ErrorIs(t, err, errHandler)
		require.EqualError(t, err, "ivsevents: not handled: "+errHandler.Error())
		require.Equal(t, []string{"published anna", "published berta"}, r.got)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, payload := range []string{anna, invocation(`,"requestPayload":` + anna), records(snsRecord(t, anna))} {
		r := newRecorder()
		_, err := call(t, ended, r.Mux, payload)
		require.ErrorIs(t, err, context.Canceled)
		require.Empty(t, r.got)
	}
}

// Whatever is sent, reading it allocates at most 64 MiB.
func TestAllocationIsBounded(t *testing.T) {
	const mega = 1 << 20
	fill := func(open, piece, end string, size int) string {
		return open + strings.Repeat(piece, (size-len(open)-len(end))/len(piece)) + end
	}
	decode := func(text string) func() {
		return func() { _, _ = ivsevents.Decode([]byte(text)) }
	}
	mux := newRecorder()
	lambda := func(text string) func() {
		return func() { _, _ = mux.Lambda(context.Background(), json.RawMessage(text)) }
	}
	token := `{"source":"aws.ivs","detail-type":"IVS Stage Update","detail":{"event_name":"Token Exchanged"`
	const payload = 6*mega + mega/2 - 2 // the brackets of a list
	ten := func(record string) string { // thousand
		return records(strings.TrimSuffix(strings.Repeat(record+",", 10_000), ","))
	}
	for name, run := range map[string]func(){
		"resources":         decode(fill(`{"source":"aws.ivs","detail-type":"New","detail":{},"resources":[""`, `,""`, `]}`, mega)),
		"resources, odd":    decode(fill(`{"source":"aws.ivs","detail-type":"New","detail":{},"resources":[0`, `,0`, `]}`, mega)),
		"attributes":        decode(fill(token+`,"new_token":{"attributes":{"":""`, `,"a":""`, `}}}}`, mega)),
		"tokens":            decode(fill(token, `,"new_token":{"attributes":{}}`, `}}`, mega)),
		"odd tokens":        decode(fill(token, `,"new_token":0`, `}}`, mega)),
		"odd capabilities":  decode(fill(token, `,"new_token":{"capabilities":[0]}`, `}}`, mega)),
		"bad characters":    decode(fill(token+`,"user_id":"`, "\xff", `"}}`, mega)),
		"escapes":           decode(fill(token+`,"user_id":"`, `\n`, `"}}`, mega)),
		"names":             decode(fill(token, `,"\u0061\u0062":1`, `}}`, mega)),
		"depth":             decode(fill(token+`,"x":[`, `[[],`, `}}`, mega)),
		"details":           decode(fill(`{"source":"aws.ivs","detail-type":"New"`, `,"detail":{"event_name":5}`, `}`, mega)),
		"a number":          decode(fill(token+`,"event_time":0.`, `1`, `}}`, mega)),
		"one large body":    lambda(fill(`{"Records":[{"messageId":"m","body":"\n`, `a`, `"}]}`, payload)),
		"bodies in bodies":  lambda(records(sqsRecord(t, "m", wrap(t, fill(`{"detail-type":"`, "a", `"}`, 5*mega), 7)))),
		"escaped bodies":    lambda(fill(`{"Records":[{"messageId":"m","body":"{}"}`, `,{"messageId":"m","body":"`+strings.Repeat(`\n`, 200)+`"}`, `]}`, payload)),
		"events in one":     lambda(records(sqsRecord(t, "m", fill(`[{"detail-type":"x"}`, `,{"detail-type":"x"}`, `]`, payload/2)))),
		"lists":             lambda(records(sqsRecord(t, "m", strings.Repeat(`[`, 9)+fill(`{"detail-type":"x"}`, `,{}`, `]`, payload/2)))),
		"records":           lambda(ten(`{"messageId":"m","body":` + quote(t, anna) + `}`)),
		"records with SNS":  lambda(ten(`{"messageId":"m","body":` + quote(t, `{"Type":"Notification","Message":`+quote(t, anna)+`}`) + `}`)),
		"attributes of one": lambda(list(fill(`{"eventSource":"aws:dynamodb","dynamodb":{"NewImage":{"a":{}`, `,"a":{"S":"{\"detail-type\":1}"}`, `}}}`, payload))),
		"empty attributes":  lambda(list(fill(`{"eventSource":"aws:dynamodb","dynamodb":{"NewImage":{"a":{}`, `,"a":{}`, `}}}`, payload))),
		"events":            lambda(fill(`[{"detail-type":"x"}`, `,{"detail-type":"x"}`, `]`, payload)),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			run()
			runtime.ReadMemStats(&after)
			allocated := after.TotalAlloc - before.TotalAlloc
			t.Logf("%.1f MiB", float64(allocated)/mega)
			require.LessOrEqual(t, allocated, uint64(64*mega))
		})
		mux.log = bytes.Buffer{}
	}
}
