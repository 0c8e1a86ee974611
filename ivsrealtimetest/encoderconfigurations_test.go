package ivsrealtimetest_test

import (
	"crypto/elliptic"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

func TestEncoderConfigurations(t *testing.T) {
	c := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.Quotas.EncoderConfigurations = 2 }).Client()
	created, err := c.CreateEncoderConfiguration(t.Context(), nil)
	require.NoError(t, err)
	e := created.EncoderConfiguration
	require.Regexp(t, `^arn:aws:ivs:us-east-1:111122223333:encoder-configuration/[a-zA-Z0-9]{12}$`, e.ARN)
	require.Equal(t, ivsrealtime.EncoderConfiguration{
		ARN:   e.ARN,
		Video: ivsrealtime.Video{Width: 1280, Height: 720, Framerate: 30, Bitrate: 2_500_000},
		Tags:  map[string]string{},
	}, e)

	second, err := c.CreateEncoderConfiguration(t.Context(), &ivsrealtime.CreateEncoderConfigurationInput{
		Name:  "hd",
		Video: ivsrealtime.Video{Width: 1920, Height: 1080, Framerate: 29.97},
		Tags:  map[string]string{"k": "v"},
	})
	require.NoError(t, err)
	got, err := c.GetEncoderConfiguration(t.Context(), &ivsrealtime.GetEncoderConfigurationInput{ARN: second.EncoderConfiguration.ARN})
	require.NoError(t, err)
	require.Equal(t, ivsrealtime.EncoderConfiguration{
		ARN:   second.EncoderConfiguration.ARN,
		Name:  "hd",
		Video: ivsrealtime.Video{Width: 1920, Height: 1080, Framerate: 29.97, Bitrate: 2_500_000},
		Tags:  map[string]string{"k": "v"},
	}, got.EncoderConfiguration)
	_, err = c.CreateEncoderConfiguration(t.Context(), nil)
	require.ErrorIs(t, err, ivsrealtime.ErrQuotaExceeded)

	first, err := c.ListEncoderConfigurations(t.Context(), &ivsrealtime.ListEncoderConfigurationsInput{MaxResults: 1})
	require.NoError(t, err)
	require.Equal(t, []ivsrealtime.EncoderConfigurationSummary{{ARN: e.ARN, Tags: map[string]string{}}}, first.EncoderConfigurations)
	last, err := c.ListEncoderConfigurations(t.Context(), &ivsrealtime.ListEncoderConfigurationsInput{NextToken: first.NextToken})
	require.NoError(t, err)
	require.Equal(t, []ivsrealtime.EncoderConfigurationSummary{{ARN: got.EncoderConfiguration.ARN, Name: "hd", Tags: map[string]string{"k": "v"}}}, last.EncoderConfigurations)
	require.Empty(t, last.NextToken)

	requireTagsEndWith(t, c, e.ARN, func() error {
		_, err := c.DeleteEncoderConfiguration(t.Context(), &ivsrealtime.DeleteEncoderConfigurationInput{ARN: e.ARN})
		return err
	})
	_, err = c.GetEncoderConfiguration(t.Context(), &ivsrealtime.GetEncoderConfigurationInput{ARN: e.ARN})
	require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
}

// requireTagsEndWith checks that a resource without tags can be tagged until
// remove deletes it, which a second time finds nothing.
func requireTagsEndWith(t *testing.T, c *ivsrealtime.Client, arn string, remove func() error) {
	t.Helper()
	_, err := c.TagResource(t.Context(), &ivsrealtime.TagResourceInput{ResourceARN: arn, Tags: map[string]string{"a": "1", "b": "2"}})
	require.NoError(t, err)
	_, err = c.UntagResource(t.Context(), &ivsrealtime.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"a"}})
	require.NoError(t, err)
	out, err := c.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: arn})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"b": "2"}, out.Tags)
	require.NoError(t, remove())
	_, err = c.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: arn})
	require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
	require.ErrorIs(t, remove(), ivsrealtime.ErrNotFound)
}

// constraint is an input of literal JSON, and the member that the message names;
// "" if the input is good.
type constraint struct{ op, body, member string }

func requireConstraints(t *testing.T, srv *ivsrealtimetest.Server, tests []constraint) {
	for _, tc := range tests {
		t.Run(tc.op+" "+tc.body[:min(len(tc.body), 120)], func(t *testing.T) {
			w := send(srv, "POST", "/"+tc.op, tc.body)
			if tc.member == "" {
				require.Equal(t, 200, w.Code, w.Body)
				return
			}
			ivsrealtimetest.RequireValidation(t, w, tc.member)
		})
	}
}

func TestConstraintsOfEncoderConfigurations(t *testing.T) {
	const create = "CreateEncoderConfiguration"
	video := func(members string) string { return `{"video":{` + members + `}}` }
	requireConstraints(t, ivsrealtimetest.NewServer(unsigned), []constraint{
		{create, ``, ""},
		{create, video(``), ""},
		{create, `{"name":"a b"}`, "name"},
		{create, `{"tags":{"":""}}`, "tags"},
		{create, video(`"width":2,"height":2,"framerate":1,"bitrate":1`), ""},
		{create, video(`"width":1920,"height":1080,"framerate":60,"bitrate":8500000`), ""},
		{create, video(`"width":1080,"height":1920`), ""},
		{create, video(`"width":0`), "video.width"},
		{create, video(`"width":3`), "video.width"},
		{create, video(`"width":1922,"height":2`), "video.width"},
		{create, video(`"height":1`), "video.height"},
		{create, video(`"height":721`), "video.height"},
		{create, video(`"width":2,"height":1922`), "video.height"},
		{create, video(`"width":1920,"height":1082`), "video"},
		{create, video(`"height":1920`), "video"},
		{create, video(`"framerate":0`), "video.framerate"},
		{create, video(`"framerate":0.99`), "video.framerate"},
		{create, video(`"framerate":60.01`), "video.framerate"},
		{create, video(`"bitrate":0`), "video.bitrate"},
		{create, video(`"bitrate":8500001`), "video.bitrate"},
		{create, video(`"bitrate":"1"`), "video.bitrate"},
		{"GetEncoderConfiguration", `{}`, "arn"},
		{"GetEncoderConfiguration", `{"arn":"arn:aws:ivs:us-east-1:111122223333:stage/a"}`, "arn"},
		{"DeleteEncoderConfiguration", `{}`, "arn"},
		{"ListEncoderConfigurations", `{"maxResults":100}`, ""},
		{"ListEncoderConfigurations", `{"maxResults":101}`, "maxResults"},
		{"ListEncoderConfigurations", `{"maxResults":0}`, "maxResults"},
		{"ListEncoderConfigurations", `{"nextToken":"x"}`, "nextToken"},
	})
}

// The answers as they are on the wire.
func TestAnswersOfConfigurations(t *testing.T) {
	srv := ivsrealtimetest.NewServer(unsigned)
	answer := func(op, body string) string { return send(srv, "POST", "/"+op, body).Body.String() }
	require.Regexp(t, `^\{"encoderConfiguration":\{"arn":"[^"]+","video":\{"width":1280,"height":720,"framerate":30,"bitrate":2500000\},"tags":\{\}\}\}$`, answer("CreateEncoderConfiguration", `{}`))
	require.Regexp(t, `^\{"encoderConfigurations":\[\{"arn":"[^"]+","tags":\{\}\}\]\}$`, answer("ListEncoderConfigurations", `{}`))
	require.Regexp(t, `^\{"storageConfiguration":\{"arn":"[^"]+","s3":\{"bucketName":"abc"\},"tags":\{\}\}\}$`, answer("CreateStorageConfiguration", `{"s3":{"bucketName":"abc"}}`))
	require.Regexp(t, `^\{"ingestConfiguration":\{"arn":"[^"]+","ingestProtocol":"RTMPS","streamKey":"rt_[^"]+","stageArn":"","participantId":"[^"]+","state":"INACTIVE","tags":\{\}\}\}$`, answer("CreateIngestConfiguration", `{"ingestProtocol":"RTMPS"}`))
	require.Regexp(t, `^\{"ingestConfigurations":\[\{"arn":"[^"]+","ingestProtocol":"RTMPS","stageArn":"","participantId":"[^"]+","state":"INACTIVE"\}\]\}$`, answer("ListIngestConfigurations", `{}`))
	require.Equal(t, `{"publicKeys":[]}`, answer("ListPublicKeys", `{}`))
}

// Nothing is created with more tags than a resource may have.
func TestTagQuotaOfConfigurations(t *testing.T) {
	srv := ivsrealtimetest.NewServer(unsigned, func(o *ivsrealtimetest.Options) { o.Quotas.TagsPerResource = 1 })
	key, err := json.Marshal(publicPEM(t, elliptic.P384()))
	require.NoError(t, err)
	const tags = `"tags":{"a":"","b":""}`
	for what, members := range map[string]string{
		"Create Encoder Configuration": ``,
		"Create Storage Configuration": `"s3":{"bucketName":"abc"},`,
		"Create Ingest Configuration":  `"ingestProtocol":"RTMPS",`,
		"Import Public Key":            `"publicKeyMaterial":` + string(key) + `,`,
	} {
		op := strings.ReplaceAll(what, " ", "")
		require.Equal(t, 400, send(srv, "POST", "/"+op, "{"+members+tags+"}").Code, op)
		_, kind, _ := strings.Cut(what, " ")
		list := "List" + strings.ReplaceAll(kind, " ", "") + "s"
		require.Contains(t, send(srv, "POST", "/"+list, "{}").Body.String(), ":[]}", list)
	}
}
