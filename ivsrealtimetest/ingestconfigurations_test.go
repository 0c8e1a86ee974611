package ivsrealtimetest

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// publishWith publishes with the i-th stream of an ingest configuration.
func publishWith(s *Server, arn string, i int) *participant {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, _ := s.ingests.get(arn)
	st, _ := s.stages.get(g.stageARN)
	p := s.connect(&issuedToken{stage: st, id: g.streams[i].participantID}, JoinOptions{}, s.now())
	p.publishing = true
	g.streams[i].participant = p
	return p
}

func newStageARN(t *testing.T, c *ivsrealtime.Client) string {
	out, err := c.CreateStage(t.Context(), nil)
	require.NoError(t, err)
	return out.Stage.ARN
}

func newIngest(t *testing.T, c *ivsrealtime.Client, in *ivsrealtime.CreateIngestConfigurationInput) ivsrealtime.IngestConfiguration {
	in.IngestProtocol = ivsrealtime.IngestProtocolRTMPS
	out, err := c.CreateIngestConfiguration(t.Context(), in)
	require.NoError(t, err)
	return out.IngestConfiguration
}

func TestIngestConfigurations(t *testing.T) {
	s := NewServer(func(o *Options) { o.Quotas.IngestConfigurations = 2 })
	c := s.Client()
	stageARN := newStageARN(t, c)
	g := newIngest(t, c, &ivsrealtime.CreateIngestConfigurationInput{})
	require.Regexp(t, `^arn:aws:ivs:us-east-1:111122223333:ingest-configuration/[a-zA-Z0-9]{12}$`, g.ARN)
	id := g.ARN[len(g.ARN)-12:]
	require.Regexp(t, `^rt_111122223333_us-east-1_`+id+`_[a-zA-Z0-9]{30}$`, string(g.StreamKey))
	require.Regexp(t, `^[a-zA-Z0-9]{12}$`, g.ParticipantID)
	require.Equal(t, ivsrealtime.IngestConfiguration{
		ARN: g.ARN, IngestProtocol: "RTMPS", StreamKey: g.StreamKey, ParticipantID: g.ParticipantID, State: "INACTIVE", Tags: map[string]string{},
	}, g)

	attached := newIngest(t, c, &ivsrealtime.CreateIngestConfigurationInput{
		Name: "n", StageARN: stageARN, UserID: "u", Attributes: map[string]string{"a": "b"}, Tags: map[string]string{"k": "v"},
	})
	require.Equal(t, ivsrealtime.IngestConfiguration{
		Name: "n", ARN: attached.ARN, IngestProtocol: "RTMPS", StreamKey: attached.StreamKey, StageARN: stageARN, ParticipantID: attached.ParticipantID,
		State: "INACTIVE", UserID: "u", Attributes: map[string]string{"a": "b"}, Tags: map[string]string{"k": "v"},
	}, attached)
	_, err := c.CreateIngestConfiguration(t.Context(), &ivsrealtime.CreateIngestConfigurationInput{IngestProtocol: "RTMPS"})
	require.ErrorIs(t, err, ivsrealtime.ErrQuotaExceeded)
	got, err := c.GetIngestConfiguration(t.Context(), &ivsrealtime.GetIngestConfigurationInput{ARN: attached.ARN})
	require.NoError(t, err)
	require.Equal(t, attached, got.IngestConfiguration)

	list := func(in *ivsrealtime.ListIngestConfigurationsInput) (names []string) {
		out, err := c.ListIngestConfigurations(t.Context(), in)
		require.NoError(t, err)
		for _, sum := range out.IngestConfigurations {
			names = append(names, sum.ARN)
		}
		return names
	}
	require.Equal(t, []string{g.ARN, attached.ARN}, list(nil))
	require.Equal(t, []string{attached.ARN}, list(&ivsrealtime.ListIngestConfigurationsInput{FilterByStageARN: stageARN}))
	require.Equal(t, []string{g.ARN, attached.ARN}, list(&ivsrealtime.ListIngestConfigurationsInput{FilterByState: "INACTIVE"}))
	require.Empty(t, list(&ivsrealtime.ListIngestConfigurationsInput{FilterByState: "ACTIVE"}))
	publishWith(s, attached.ARN, 0)
	require.Equal(t, []string{attached.ARN}, list(&ivsrealtime.ListIngestConfigurationsInput{FilterByState: "ACTIVE"}))
	out, err := c.ListIngestConfigurations(t.Context(), &ivsrealtime.ListIngestConfigurationsInput{FilterByStageARN: stageARN})
	require.NoError(t, err)
	require.Equal(t, []ivsrealtime.IngestConfigurationSummary{{
		Name: "n", ARN: attached.ARN, IngestProtocol: "RTMPS", StageARN: stageARN, ParticipantID: attached.ParticipantID, State: "ACTIVE", UserID: "u",
	}}, out.IngestConfigurations)

	_, err = c.TagResource(t.Context(), &ivsrealtime.TagResourceInput{ResourceARN: g.ARN, Tags: map[string]string{"a": "1"}})
	require.NoError(t, err)
	for _, want := range []error{nil, ivsrealtime.ErrNotFound} {
		_, err = c.DeleteIngestConfiguration(t.Context(), &ivsrealtime.DeleteIngestConfigurationInput{ARN: g.ARN})
		require.ErrorIs(t, err, want)
	}
	_, err = c.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: g.ARN})
	require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
}

func TestUpdateIngestConfiguration(t *testing.T) {
	s := NewServer()
	c := s.Client()
	stageARN := newStageARN(t, c)
	g := newIngest(t, c, &ivsrealtime.CreateIngestConfigurationInput{StageARN: stageARN})
	update := func(in ivsrealtime.UpdateIngestConfigurationInput) ivsrealtime.IngestConfiguration {
		in.ARN = g.ARN
		out, err := c.UpdateIngestConfiguration(t.Context(), &in)
		require.NoError(t, err)
		return out.IngestConfiguration
	}
	require.Equal(t, g, update(ivsrealtime.UpdateIngestConfigurationInput{}), "what is left out stays")

	redundant := update(ivsrealtime.UpdateIngestConfigurationInput{RedundantIngest: aws.Bool(true)})
	both := redundant.RedundantIngestCredentials
	require.Len(t, both, 2)
	require.Equal(t, g.StreamKey, both[0].StreamKey)
	require.NotEqual(t, g.StreamKey, both[1].StreamKey)
	require.Len(t, map[string]bool{g.ParticipantID: true, both[0].ParticipantID: true, both[1].ParticipantID: true}, 3)
	for i, credential := range both {
		found, stream := s.ingestByStreamKey(string(credential.StreamKey))
		require.Equal(t, g.ARN, found.arn)
		require.Equal(t, i, stream)
	}
	want := g
	want.RedundantIngest, want.RedundantIngestCredentials = true, both
	require.Equal(t, want, redundant)
	want.StageARN = ""
	require.Equal(t, want, update(ivsrealtime.UpdateIngestConfigurationInput{StageARN: aws.String("")}))
	require.Equal(t, want, update(ivsrealtime.UpdateIngestConfigurationInput{RedundantIngest: aws.Bool(true)}), "the keys stay")
	update(ivsrealtime.UpdateIngestConfigurationInput{StageARN: &stageARN})
	p := publishWith(s, g.ARN, 1)
	_, err := c.UpdateIngestConfiguration(t.Context(), &ivsrealtime.UpdateIngestConfigurationInput{ARN: g.ARN, StageARN: aws.String("")})
	require.ErrorIs(t, err, ivsrealtime.ErrConflict)
	s.mu.Lock()
	s.disconnect(p, LeftReasonUnknown)
	s.mu.Unlock()
	require.Equal(t, g, update(ivsrealtime.UpdateIngestConfigurationInput{RedundantIngest: aws.Bool(false)}))

	for _, key := range []ivsrealtime.Secret{"", "rt_1", both[1].StreamKey, g.StreamKey + "x"} {
		found, _ := s.ingestByStreamKey(string(key))
		require.Nil(t, found)
	}
	_, err = c.UpdateIngestConfiguration(t.Context(), &ivsrealtime.UpdateIngestConfigurationInput{ARN: g.ARN + "x"})
	require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
}

// Somebody publishes with an ingest configuration that is deleted, or whose
// stage is.
func TestActiveIngestConfiguration(t *testing.T) {
	s := NewServer()
	c := s.Client()
	stageARN := newStageARN(t, c)
	g := newIngest(t, c, &ivsrealtime.CreateIngestConfigurationInput{StageARN: stageARN})
	idle := newIngest(t, c, &ivsrealtime.CreateIngestConfigurationInput{StageARN: stageARN})
	forced := newIngest(t, c, &ivsrealtime.CreateIngestConfigurationInput{StageARN: stageARN})
	publishWith(s, g.ARN, 0)
	left := publishWith(s, idle.ARN, 0)
	s.mu.Lock()
	s.disconnect(left, LeftReasonUnknown)
	s.mu.Unlock()
	p := publishWith(s, forced.ARN, 0)
	_, err := c.DeleteIngestConfiguration(t.Context(), &ivsrealtime.DeleteIngestConfigurationInput{ARN: forced.ARN})
	require.ErrorIs(t, err, ivsrealtime.ErrConflict)
	require.True(t, p.connected)
	_, err = c.DeleteIngestConfiguration(t.Context(), &ivsrealtime.DeleteIngestConfigurationInput{ARN: forced.ARN, Force: true})
	require.NoError(t, err)
	require.False(t, p.connected)

	_, err = c.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: stageARN})
	require.NoError(t, err)
	stageOf := func(ctx context.Context, arn string) string {
		out, err := c.GetIngestConfiguration(ctx, &ivsrealtime.GetIngestConfigurationInput{ARN: arn})
		require.NoError(t, err)
		require.Equal(t, ivsrealtime.IngestConfigurationStateInactive, out.IngestConfiguration.State)
		return out.IngestConfiguration.StageARN
	}
	require.Empty(t, stageOf(t.Context(), g.ARN))
	require.Equal(t, stageARN, stageOf(t.Context(), idle.ARN))
}

func TestConstraintsOfIngestConfigurations(t *testing.T) {
	const (
		create  = "CreateIngestConfiguration"
		update  = "UpdateIngestConfiguration"
		list    = "ListIngestConfigurations"
		unknown = "arn:aws:ivs:us-east-1:111122223333:stage/AbCdEfGhIjKl"
	)
	s := NewServer(func(o *Options) { o.SkipSignatureCheck = true })
	c := s.Client()
	stageARN := newStageARN(t, c)
	arn := newIngest(t, c, &ivsrealtime.CreateIngestConfigurationInput{}).ARN
	rtmps := func(members string) string { return `{"ingestProtocol":"RTMPS",` + members + `}` }
	of := func(members string) string { return `{"arn":"` + arn + `",` + members + `}` }
	tests := []struct{ op, body, member string }{
		{create, `{}`, "ingestProtocol"},
		{create, `{"ingestProtocol":"rtmps"}`, "ingestProtocol"},
		{create, `{"ingestProtocol":""}`, "ingestProtocol"},
		{create, `{"ingestProtocol":"RTMP"}`, "insecureIngest"},
		{create, `{"ingestProtocol":"RTMP","insecureIngest":false}`, "insecureIngest"},
		{create, `{"ingestProtocol":"RTMP","insecureIngest":true}`, ""},
		{create, rtmps(`"insecureIngest":true,"redundantIngest":true`), ""},
		{create, rtmps(`"redundantIngest":"yes"`), "redundantIngest"},
		{create, rtmps(`"name":"."`), "name"},
		{create, rtmps(`"stageArn":""`), ""},
		{create, rtmps(`"stageArn":"` + stageARN + `"`), ""},
		{create, rtmps(`"stageArn":"` + unknown + `"`), "stageArn"},
		{create, rtmps(`"stageArn":"x"`), "stageArn"},
		{create, rtmps(`"stageArn":"` + strings.Repeat("a", 129) + `"`), "stageArn"},
		{create, rtmps(`"userId":"` + strings.Repeat("ü", 128) + `"`), ""},
		{create, rtmps(`"userId":"` + strings.Repeat("u", 129) + `"`), "userId"},
		{create, rtmps(`"attributes":{"k":"` + strings.Repeat("v", 1023) + `"}`), ""},
		{create, rtmps(`"attributes":{"k":"` + strings.Repeat("v", 1024) + `"}`), "attributes"},
		{create, rtmps(`"tags":{"":""}`), "tags"},
		{update, `{}`, "arn"},
		{update, of(`"stageArn":null`), ""},
		{update, of(`"stageArn":""`), ""},
		{update, of(`"stageArn":"` + unknown + `"`), "stageArn"},
		{update, of(`"stageArn":"` + arn + `"`), "stageArn"},
		{"GetIngestConfiguration", `{}`, "arn"},
		{"GetIngestConfiguration", `{"arn":"` + stageARN + `"}`, "arn"},
		{"DeleteIngestConfiguration", `{"force":true}`, "arn"},
		{"DeleteIngestConfiguration", of(`"force":1`), "force"},
		{list, `{"maxResults":100}`, ""},
		{list, `{"maxResults":101}`, "maxResults"},
		{list, `{"nextToken":"x"}`, "nextToken"},
		{list, `{"filterByStageArn":"` + unknown + `"}`, ""},
		{list, `{"filterByStageArn":""}`, "filterByStageArn"},
		{list, `{"filterByState":"active"}`, "filterByState"},
		{list, `{"filterByState":"ACTIVE","filterByStageArn":"` + stageARN + `"}`, "filterByState"},
	}
	for _, tc := range tests {
		t.Run(tc.op+" "+tc.body[:min(len(tc.body), 120)], func(t *testing.T) {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest("POST", "/"+tc.op, strings.NewReader(tc.body)))
			if tc.member == "" {
				require.Equal(t, 200, w.Code, w.Body)
				return
			}
			RequireValidation(t, w, tc.member)
		})
	}
}
