package ivsrealtime_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
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
