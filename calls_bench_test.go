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

// smallStage is a stage without a recording block: two endpoints and one tag.
const smallStage = `{"stage":{"arn":"arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56","name":"town-hall","activeSessionId":"st-A1b2C3d4E5f6G",` +
	`"tags":{"team":"video"},"endpoints":{"events":"wss://global.events.live-video.net","whip":"https://0a1b2c3d4e5f.global-bm.whip.live-video.net"}}}`

// documentedStage has all that the documentation shows.
const documentedStage = `{"stage":{"activeSessionId":"st-A1b2C3d4E5f6G","arn":"arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56",` +
	`"autoParticipantRecordingConfiguration":{"hlsConfiguration":{"targetSegmentDurationSeconds":6},"mediaTypes":["AUDIO_VIDEO"],"recordParticipantReplicas":true,` +
	`"recordingReconnectWindowSeconds":0,"storageConfigurationArn":"arn:aws:ivs:eu-west-1:111122223333:storage-configuration/Gg11Hh22Ii33",` +
	`"thumbnailConfiguration":{"recordingMode":"DISABLED","storage":["SEQUENTIAL"],"targetIntervalSeconds":60}},` +
	`"endpoints":{"events":"wss://global.events.live-video.net","rtmp":"rtmp://0a1b2c3d4e5f.global-contribute.live-video.net/app/",` +
	`"rtmps":"rtmps://0a1b2c3d4e5f.global-contribute.live-video.net:443/app/","whip":"https://0a1b2c3d4e5f.global-bm.whip.live-video.net"},` +
	`"name":"town-hall","tags":{"env":"prod","team":"video"}}}`

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
	return &http.Response{
		StatusCode: c.status, ProtoMajor: 1, ProtoMinor: 1, Request: r, ContentLength: int64(len(c.body)),
		Header: http.Header{"Content-Type": {"application/json"}, "X-Amzn-Requestid": {"0c7e1a52-1111-4222-8333-444455556666"}, "Date": {"Thu, 01 Oct 2026 08:15:30 GMT"}},
		Body:   &cannedBody{c.body},
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
	for name, body := range map[string]string{"small": smallStage, "full": documentedStage} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			c, in := cannedClient(200, body), &ivsrealtime.GetStageInput{ARN: "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56"}
			for b.Loop() {
				out, err := c.GetStage(b.Context(), in)
				require.NoError(b, err)
				require.NotEmpty(b, out.Stage.ARN)
			}
		})
	}
}
