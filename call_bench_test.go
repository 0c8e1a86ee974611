package ivsrealtime_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// cannedAnswer answers every request with the same bytes, at the cost of what any
// transport allocates: the answer, its body and its header.
type cannedAnswer struct {
	status int
	body   string
}

type cannedBody struct {
	rest string
}

func (b *cannedBody) Read(p []byte) (int, error) {
	if b.rest == "" {
		return 0, io.EOF
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}
func (*cannedBody) Close() error { return nil }

func (c *cannedAnswer) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	header := http.Header{"Content-Type": {"application/json"}, "X-Amzn-Requestid": {"0c7e1a52-1111-4222-8333-444455556666"}, "Date": {"Thu, 01 Oct 2026 08:15:30 GMT"}}
	if c.status == http.StatusNotFound {
		header["X-Amzn-Errortype"] = []string{"ResourceNotFoundException"}
	}
	return &http.Response{
		StatusCode: c.status, ProtoMajor: 1, ProtoMinor: 1, Request: r, ContentLength: int64(len(c.body)),
		Header: header, Body: &cannedBody{c.body},
	}, nil
}

func cannedClient(status int, body string, optFns ...func(*ivsrealtime.Options)) *ivsrealtime.Client {
	return ivsrealtime.New(ivsrealtime.Options{
		Region:     "eu-west-1",
		HTTPClient: &cannedAnswer{status, body},
		Credentials: aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
		})),
	}, optFns...)
}

func BenchmarkGetStage(b *testing.B) {
	for _, file := range []string{"stage-small.json", "stage-full.json"} {
		b.Run(file, func(b *testing.B) {
			b.ReportAllocs()
			c := cannedClient(200, answerFile(b, file))
			for b.Loop() {
				out, err := getStage(b.Context(), c)
				require.NoError(b, err)
				require.NotEmpty(b, out.Stage.ARN)
			}
		})
	}
}

func BenchmarkListParticipants(b *testing.B) {
	b.ReportAllocs()
	c := cannedClient(200, answerFile(b, "participants-100.json"))
	for b.Loop() {
		out, err := c.ListParticipants(b.Context(), &ivsrealtime.ListParticipantsInput{StageARN: testStageARN, SessionID: "st-A1b2C3d4E5f6G"})
		require.NoError(b, err)
		require.Len(b, out.Participants, 100)
	}
}

func BenchmarkCall(b *testing.B) {
	get := func(b *testing.B, c *ivsrealtime.Client, optFns ...func(*ivsrealtime.Options)) {
		in := &ivsrealtime.GetStageInput{ARN: "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56"}
		b.ReportAllocs()
		for b.Loop() {
			_, _ = c.GetStage(b.Context(), in, optFns...)
		}
	}
	b.Run("AttemptTimeout", func(b *testing.B) {
		get(b, cannedClient(200, answerFile(b, "stage-small.json"), func(o *ivsrealtime.Options) { o.AttemptTimeout = time.Minute }))
	})
	b.Run("APIOption", func(b *testing.B) {
		get(b, cannedClient(200, answerFile(b, "stage-small.json"), ivsrealtime.WithAPIOptions(func(*middleware.Stack) error { return nil })))
	})
	b.Run("call option", func(b *testing.B) {
		get(b, cannedClient(200, answerFile(b, "stage-small.json")), func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
	})
	b.Run("error", func(b *testing.B) {
		get(b, cannedClient(404, `{"exceptionMessage":"no such stage"}`))
	})
}

func BenchmarkFake(b *testing.B) {
	fake := ivsrealtimetest.NewServer()
	c := fake.Client()
	out, err := c.CreateStage(b.Context(), &ivsrealtime.CreateStageInput{Name: "town-hall", Tags: map[string]string{"team": "video"}})
	require.NoError(b, err)
	in := &ivsrealtime.GetStageInput{ARN: out.Stage.ARN}
	b.ReportAllocs()
	for b.Loop() {
		_, err := c.GetStage(b.Context(), in)
		require.NoError(b, err)
	}
}
