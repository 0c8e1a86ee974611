package ivsrealtimetest_test

import (
	"context"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"math"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// The clients of a server: in process, over HTTP, and through a middleware stack.
func clients(t *testing.T, srv *ivsrealtimetest.Server) map[string]*ivsrealtime.Client {
	web := httptest.NewServer(srv)
	t.Cleanup(web.Close)
	cfg := srv.Config()
	cfg.HTTPClient = web.Client()
	cfg.BaseEndpoint = aws.String(web.URL)
	return map[string]*ivsrealtime.Client{
		"in process": srv.Client(),
		"http":       ivsrealtime.NewFromConfig(cfg),
		"stack":      srv.Client(func(o *ivsrealtime.Options) { o.ClientLogMode = aws.LogRequest }),
	}
}

func TestStages(t *testing.T) {
	srv := ivsrealtimetest.NewServer()
	for name, c := range clients(t, srv) {
		t.Run(name, func(t *testing.T) {
			created, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{
				Name: "team-call",
				Tags: map[string]string{"team": "a b/c+d=ü", "": ""}, // the empty key is refused
			})
			require.ErrorIs(t, err, ivsrealtime.ErrValidation)
			require.Nil(t, created)

			created, err = c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Name: "team-call", Tags: map[string]string{"team": "a b/c+d=ü"}})
			require.NoError(t, err)
			st := created.Stage
			require.Regexp(t, `^arn:aws:ivs:us-east-1:111122223333:stage/[a-zA-Z0-9]{12}$`, st.ARN)
			require.Equal(t, "team-call", st.Name)
			require.Empty(t, st.ActiveSessionID)
			require.Equal(t, map[string]string{"team": "a b/c+d=ü"}, st.Tags)
			require.Equal(t, "wss://global.events.live-video.net", st.Endpoints.Events)
			require.Regexp(t, `^https://[0-9a-f]{12}\.global-bm\.whip\.live-video\.net$`, st.Endpoints.WHIP)
			label := st.Endpoints.WHIP[len("https://"):][:12]
			require.Equal(t, "rtmp://"+label+".global-contribute.live-video.net/app/", st.Endpoints.RTMP)
			require.Equal(t, "rtmps://"+label+".global-contribute.live-video.net:443/app/", st.Endpoints.RTMPS)
			require.Equal(t, ivsrealtime.AutoParticipantRecordingConfiguration{
				MediaTypes:                      []ivsrealtime.ParticipantRecordingMediaType{"AUDIO_VIDEO"},
				ThumbnailConfiguration:          ivsrealtime.ParticipantThumbnailConfiguration{TargetIntervalSeconds: 60, Storage: []ivsrealtime.ThumbnailStorageType{"SEQUENTIAL"}, RecordingMode: "DISABLED"},
				RecordingReconnectWindowSeconds: aws.Int32(0),
				HLSConfiguration:                ivsrealtime.ParticipantRecordingHLSConfiguration{TargetSegmentDurationSeconds: 6},
				RecordParticipantReplicas:       aws.Bool(true),
			}, st.AutoParticipantRecordingConfiguration)
			require.Empty(t, created.ParticipantTokens)
			id, ok := awsmiddleware.GetRequestIDMetadata(created.ResultMetadata)
			require.True(t, ok)
			require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, id)

			got, err := c.GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: st.ARN})
			require.NoError(t, err)
			require.Equal(t, st, got.Stage)

			updated, err := c.UpdateStage(t.Context(), &ivsrealtime.UpdateStageInput{ARN: st.ARN})
			require.NoError(t, err)
			require.Equal(t, st, updated.Stage, "what is left out stays")
			updated, err = c.UpdateStage(t.Context(), &ivsrealtime.UpdateStageInput{
				ARN:  st.ARN,
				Name: aws.String(""),
				AutoParticipantRecordingConfiguration: &ivsrealtime.AutoParticipantRecordingConfiguration{
					RecordingReconnectWindowSeconds: aws.Int32(0),
				},
			})
			require.NoError(t, err)
			st.Name = ""
			require.Equal(t, st, updated.Stage, "an empty storage configuration switches recording off")

			_, err = c.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: st.ARN})
			require.NoError(t, err)
			for _, call := range []func() error{
				func() error {
					_, err := c.GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: st.ARN})
					return err
				},
				func() error {
					_, err := c.UpdateStage(t.Context(), &ivsrealtime.UpdateStageInput{ARN: st.ARN})
					return err
				},
				func() error {
					_, err := c.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: st.ARN})
					return err
				},
				func() error {
					_, err := c.CreateParticipantToken(t.Context(), &ivsrealtime.CreateParticipantTokenInput{StageARN: st.ARN})
					return err
				},
				func() error {
					_, err := c.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: st.ARN})
					return err
				},
			} {
				var notFound *ivsrealtime.ResourceNotFoundException
				require.ErrorAs(t, call(), &notFound)
				require.NotEmpty(t, notFound.Message)
			}
		})
	}
}

func TestTags(t *testing.T) {
	srv := ivsrealtimetest.NewServer()
	for name, c := range clients(t, srv) {
		t.Run(name, func(t *testing.T) {
			created, err := c.CreateStage(t.Context(), nil)
			require.NoError(t, err)
			arn := created.Stage.ARN
			require.Equal(t, map[string]string{}, created.Stage.Tags)
			tags := func() map[string]string {
				out, err := c.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: arn})
				require.NoError(t, err)
				return out.Tags
			}
			require.Empty(t, tags())

			_, err = c.TagResource(t.Context(), &ivsrealtime.TagResourceInput{ResourceARN: arn, Tags: map[string]string{"a": "1", "b c/d&=+%": "2", "ü": ""}})
			require.NoError(t, err)
			_, err = c.TagResource(t.Context(), &ivsrealtime.TagResourceInput{ResourceARN: arn, Tags: map[string]string{"a": "3"}})
			require.NoError(t, err)
			require.Equal(t, map[string]string{"a": "3", "b c/d&=+%": "2", "ü": ""}, tags())

			_, err = c.UntagResource(t.Context(), &ivsrealtime.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"b c/d&=+%", "ü", "unknown"}})
			require.NoError(t, err)
			require.Equal(t, map[string]string{"a": "3"}, tags())
			got, err := c.GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: arn})
			require.NoError(t, err)
			require.Equal(t, map[string]string{"a": "3"}, got.Stage.Tags)

			more := map[string]string{}
			for i := range 50 {
				more["k"+strconv.Itoa(i)] = ""
			}
			_, err = c.TagResource(t.Context(), &ivsrealtime.TagResourceInput{ResourceARN: arn, Tags: more})
			require.ErrorIs(t, err, ivsrealtime.ErrValidation)
			require.Equal(t, map[string]string{"a": "3"}, tags(), "nothing of a refused call is done")
			delete(more, "k0")
			_, err = c.TagResource(t.Context(), &ivsrealtime.TagResourceInput{ResourceARN: arn, Tags: more})
			require.NoError(t, err)
			require.Len(t, tags(), 50)

			_, err = c.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: "arn:aws:ivs:us-east-1:111122223333:composition/AbCdEfGhIjKl"})
			require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
			_, err = c.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: "stage"})
			require.ErrorIs(t, err, ivsrealtime.ErrValidation)
		})
	}
}

func TestParticipantTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := ivsrealtimetest.NewServer().Client()
		created, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{
			{UserID: "host", Duration: 1, Capabilities: []ivsrealtime.ParticipantTokenCapability{"PUBLISH"}},
			{UserID: "guest", Attributes: map[string]string{"role": "guest"}},
		}})
		require.NoError(t, err)
		require.Len(t, created.ParticipantTokens, 2)
		host, guest := created.ParticipantTokens[0], created.ParticipantTokens[1]
		require.Equal(t, "host", host.UserID, "in the order of the configurations")
		require.Equal(t, time.Now().UTC().Add(time.Minute), host.ExpirationTime)
		require.Equal(t, "guest", guest.UserID)
		require.NotEqual(t, host.ParticipantID, guest.ParticipantID)

		time.Sleep(90*time.Minute + 300*time.Millisecond) // of the bubble
		out, err := c.CreateParticipantToken(t.Context(), &ivsrealtime.CreateParticipantTokenInput{StageARN: created.Stage.ARN, UserID: "ü", Attributes: map[string]string{"k": "v"}})
		require.NoError(t, err)
		token := out.ParticipantToken
		require.Regexp(t, `^[a-zA-Z0-9]{12}$`, token.ParticipantID)
		require.Equal(t, "ü", token.UserID)
		require.Equal(t, map[string]string{"k": "v"}, token.Attributes)
		require.Zero(t, token.Duration, "was not asked for")
		require.Empty(t, token.Capabilities, "were not asked for")
		require.Equal(t, time.Now().UTC().Truncate(time.Second).Add(12*time.Hour), token.ExpirationTime)

		header, claims, signature := parts(t, token.Token)
		require.JSONEq(t, `{"alg":"KMS","typ":"JWT"}`, header)
		arn := created.Stage.ARN
		require.JSONEq(t, `{
			"exp": `+strconv.FormatInt(token.ExpirationTime.Unix(), 10)+`,
			"iat": `+strconv.FormatInt(token.ExpirationTime.Unix()-12*60*60, 10)+`,
			"jti": "`+token.ParticipantID+`",
			"resource": "`+arn+`",
			"topic": "`+arn[strings.LastIndex(arn, "/")+1:]+`",
			"events_url": "wss://global.events.live-video.net",
			"whip_url": "`+created.Stage.Endpoints.WHIP+`",
			"user_id": "ü",
			"capabilities": {"allow_publish": true, "allow_subscribe": true},
			"attributes": {"k": "v"},
			"version": "0.0"
		}`, claims)
		requireDERSignature(t, signature)

		_, claims, _ = parts(t, host.Token)
		var c2 map[string]any
		require.NoError(t, json.Unmarshal([]byte(claims), &c2))
		require.Equal(t, map[string]any{"allow_publish": true}, c2["capabilities"])
		require.NotContains(t, c2, "attributes")
	})
}

// requireDERSignature requires two integers of 48 bytes, or 49 where the first bit
// would make them negative.
func requireDERSignature(t *testing.T, signature string) {
	t.Helper()
	var rs struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal([]byte(signature), &rs)
	require.NoError(t, err)
	require.Empty(t, rest)
	require.Contains(t, []int{102, 103, 104}, len(signature))
	require.Positive(t, rs.R.Sign())
	require.Positive(t, rs.S.Sign())
}

func parts(t *testing.T, token ivsrealtime.Secret) (header, claims, signature string) {
	p := strings.Split(string(token), ".")
	require.Len(t, p, 3)
	for i := range p {
		b, err := base64.RawURLEncoding.DecodeString(p[i])
		require.NoError(t, err)
		p[i] = string(b)
	}
	return p[0], p[1], p[2]
}

func TestOptionsThatAreMistakes(t *testing.T) {
	for text, fn := range map[string]func(*ivsrealtimetest.Options){
		"Quotas.Stages is -1":        func(o *ivsrealtimetest.Options) { o.Quotas.Stages = -1 },
		"TagsPerResource is -50":     func(o *ivsrealtimetest.Options) { o.Quotas.TagsPerResource = -50 },
		"Region \"\":":               func(o *ivsrealtimetest.Options) { o.Region = "" },
		"Region \"US-EAST-1\"":       func(o *ivsrealtimetest.Options) { o.Region = "US-EAST-1" },
		"Region \"us-east-1 \"":      func(o *ivsrealtimetest.Options) { o.Region = "us-east-1 " },
		"AccountID \"x\"":            func(o *ivsrealtimetest.Options) { o.AccountID = "x" },
		"AccountID \"\"":             func(o *ivsrealtimetest.Options) { o.AccountID = "" },
		"AccountID \"11112222333\"":  func(o *ivsrealtimetest.Options) { o.AccountID = "11112222333" },
		"AccessKeyID and":            func(o *ivsrealtimetest.Options) { o.AccessKeyID = "" },
		"SecretAccessKey must":       func(o *ivsrealtimetest.Options) { o.SecretAccessKey = "" },
		"Delivery.Drop is 1.5":       func(o *ivsrealtimetest.Options) { o.Delivery.Drop = 1.5 },
		"Delivery.Duplicate is -0.1": func(o *ivsrealtimetest.Options) { o.Delivery.Duplicate = -0.1 },
		"Delivery.Reorder is NaN":    func(o *ivsrealtimetest.Options) { o.Delivery.Reorder = math.NaN() },
		"MaxDelay":                   func(o *ivsrealtimetest.Options) { o.Delivery.MaxDelay = -1 },
		"SessionEndDelay":            func(o *ivsrealtimetest.Options) { o.SessionEndDelay = -1 },
		"CompositionStartDelay":      func(o *ivsrealtimetest.Options) { o.CompositionStartDelay = -1 },
		"CompositionStopDelay":       func(o *ivsrealtimetest.Options) { o.CompositionStopDelay = -1 },
		"MaxCalls":                   func(o *ivsrealtimetest.Options) { o.MaxCalls = -1 },
		"MaxHistoryBytes":            func(o *ivsrealtimetest.Options) { o.MaxHistoryBytes = -1 },
		`ThrottlingCode "Throttled"`: func(o *ivsrealtimetest.Options) { o.ThrottlingCode = "Throttled" },
	} {
		func() {
			defer func() { require.ErrorContains(t, recover().(error), text) }()
			ivsrealtimetest.NewServer(fn)
		}()
	}
}

func TestQuotas(t *testing.T) {
	c := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) {
		o.Quotas = ivsrealtimetest.Quotas{Stages: 1, TagsPerResource: 2}
	}).Client()
	_, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Tags: map[string]string{"a": "", "b": "", "c": ""}})
	require.ErrorIs(t, err, ivsrealtime.ErrValidation)
	created, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Tags: map[string]string{"a": "", "b": ""}})
	require.NoError(t, err)
	_, err = c.TagResource(t.Context(), &ivsrealtime.TagResourceInput{ResourceARN: created.Stage.ARN, Tags: map[string]string{"c": ""}})
	require.ErrorIs(t, err, ivsrealtime.ErrValidation)

	_, err = c.CreateStage(t.Context(), nil)
	require.ErrorIs(t, err, ivsrealtime.ErrQuotaExceeded)
	_, err = c.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: created.Stage.ARN})
	require.NoError(t, err)
	_, err = c.CreateStage(t.Context(), nil)
	require.NoError(t, err)
}

func TestSeed(t *testing.T) {
	make := func(seed uint64, failing int) (*ivsrealtime.CreateStageOutput, string) {
		c := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.Seed = seed }).Client()
		for range failing {
			_, err := c.GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: "none"})
			require.Error(t, err)
		}
		out, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{{}}})
		require.NoError(t, err)
		id, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
		return out, id
	}
	one, oneID := make(1, 0)
	again, againID := make(1, 0)
	require.Equal(t, one.Stage, again.Stage)
	require.Equal(t, one.ParticipantTokens[0].ParticipantID, again.ParticipantTokens[0].ParticipantID)
	require.Equal(t, oneID, againID)
	after, afterID := make(1, 3)
	require.Equal(t, one.Stage, after.Stage, "calls that make nothing use up no ids")
	require.NotEqual(t, oneID, afterID)
	for _, seed := range []uint64{0, 2} {
		other, _ := make(seed, 0)
		require.NotEqual(t, one.Stage.ARN, other.Stage.ARN)
	}
}

func TestServersShareNothing(t *testing.T) {
	a, b := ivsrealtimetest.NewServer(), ivsrealtimetest.NewServer()
	created, err := a.Client().CreateStage(t.Context(), nil)
	require.NoError(t, err)
	_, err = b.Client().GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: created.Stage.ARN})
	require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
}

func TestCopies(t *testing.T) {
	c := ivsrealtimetest.NewServer().Client()
	in := &ivsrealtime.CreateStageInput{
		Tags: map[string]string{"k": "v"},
		ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{{
			Attributes: map[string]string{"k": "v"}, Capabilities: []ivsrealtime.ParticipantTokenCapability{"PUBLISH"},
		}},
	}
	created, err := c.CreateStage(t.Context(), in)
	require.NoError(t, err)
	in.Tags["k"] = "changed"
	created.Stage.Tags["k"] = "changed"
	created.Stage.AutoParticipantRecordingConfiguration.MediaTypes[0] = "CHANGED"
	*created.Stage.AutoParticipantRecordingConfiguration.RecordingReconnectWindowSeconds = 99

	got, err := c.GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: created.Stage.ARN})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"k": "v"}, got.Stage.Tags)
	require.EqualValues(t, []ivsrealtime.ParticipantRecordingMediaType{"AUDIO_VIDEO"}, got.Stage.AutoParticipantRecordingConfiguration.MediaTypes)
	require.Zero(t, *got.Stage.AutoParticipantRecordingConfiguration.RecordingReconnectWindowSeconds)
}

func TestContext(t *testing.T) {
	srv := ivsrealtimetest.NewServer()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := srv.Client().CreateStage(ctx, nil)
	require.ErrorIs(t, err, context.Canceled)
	out, err := srv.Client().ListStages(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, out.Stages)

	body := &closing{Reader: strings.NewReader("{}")}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://any.example/ListStages", body)
	require.NoError(t, err)
	_, err = srv.Config().HTTPClient.Do(req)
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, body.closed)
}

type closing struct {
	*strings.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestConcurrency(t *testing.T) {
	srv := ivsrealtimetest.NewServer()
	c := srv.Client()
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			created, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Tags: map[string]string{"n": strconv.Itoa(i)}})
			if err != nil {
				t.Error(err)
				return
			}
			arn := created.Stage.ARN
			_, err = c.TagResource(t.Context(), &ivsrealtime.TagResourceInput{ResourceARN: arn, Tags: map[string]string{"x": "y"}})
			if err != nil {
				t.Error(err)
			}
			for in := (&ivsrealtime.ListStagesInput{MaxResults: 7}); ; {
				out, err := c.ListStages(t.Context(), in)
				if err != nil {
					t.Error(err)
					return
				}
				if in.NextToken = out.NextToken; in.NextToken == "" {
					break
				}
			}
			if _, err := c.CreateParticipantToken(t.Context(), &ivsrealtime.CreateParticipantTokenInput{StageARN: arn}); err != nil {
				t.Error(err)
			}
			if i%2 == 0 {
				if _, err := c.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: arn}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	out, err := c.ListStages(t.Context(), &ivsrealtime.ListStagesInput{MaxResults: 100})
	require.NoError(t, err)
	require.Len(t, out.Stages, 32)
}
