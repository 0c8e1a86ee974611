package ivsrealtimetest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

func TestPublishStream(t *testing.T) {
	r := newRoom(t)
	const rtmp, rtmps = ivsrealtime.IngestProtocolRTMP, ivsrealtime.IngestProtocolRTMPS
	create := func(in ivsrealtime.CreateIngestConfigurationInput) ivsrealtime.IngestConfiguration {
		t.Helper()
		out, err := r.client.CreateIngestConfiguration(t.Context(), &in)
		require.NoError(t, err)
		return out.IngestConfiguration
	}
	state := func(arn string) ivsrealtime.IngestConfigurationState {
		t.Helper()
		out, err := r.client.GetIngestConfiguration(t.Context(), &ivsrealtime.GetIngestConfigurationInput{ARN: arn})
		require.NoError(t, err)
		return out.IngestConfiguration.State
	}
	media := func(err error, code ivsrealtime.EventErrorCode) {
		t.Helper()
		var e *ivsrealtimetest.MediaError
		require.ErrorAs(t, err, &e)
		require.Equal(t, code, e.Code)
	}

	g := create(ivsrealtime.CreateIngestConfigurationInput{IngestProtocol: rtmps, StageARN: r.arn, UserID: "obs", Attributes: map[string]string{"a": "b"}})
	_, err := r.srv.PublishStream("no key", rtmps)
	media(err, ivsrealtime.EventErrorCodeInvalidStreamKey)
	_, err = r.srv.PublishStream(g.StreamKey, rtmp)
	media(err, ivsrealtime.EventErrorCodeInvalidProtocol)

	p, err := r.srv.PublishStream(g.StreamKey, rtmps)
	require.NoError(t, err)
	require.Equal(t, g.ParticipantID, p.ID())
	got := r.participant(p)
	require.Equal(t, ivsrealtime.ParticipantProtocolRTMPS, got.Protocol)
	require.Equal(t, g.ARN, got.IngestConfigurationARN)
	require.Equal(t, "obs", got.UserID)
	require.True(t, got.Published)
	require.Equal(t, ivsrealtime.IngestConfigurationStateActive, state(g.ARN))
	_, err = r.srv.PublishStream(g.StreamKey, rtmps)
	media(err, ivsrealtime.EventErrorCodeReuseOfStreamKey)
	_, err = r.client.UpdateIngestConfiguration(t.Context(), &ivsrealtime.UpdateIngestConfigurationInput{ARN: g.ARN, StageARN: aws.String("")})
	require.ErrorIs(t, err, ivsrealtime.ErrConflict)
	p.Leave()
	require.Equal(t, ivsrealtime.IngestConfigurationStateInactive, state(g.ARN))

	// DisconnectParticipant takes the configuration off the stage, and nobody
	// publishes with it then.
	p, err = r.srv.PublishStream(g.StreamKey, rtmps)
	require.NoError(t, err)
	_, err = r.client.DisconnectParticipant(t.Context(), &ivsrealtime.DisconnectParticipantInput{StageARN: r.arn, ParticipantID: p.ID()})
	require.NoError(t, err)
	out, err := r.client.GetIngestConfiguration(t.Context(), &ivsrealtime.GetIngestConfigurationInput{ARN: g.ARN})
	require.NoError(t, err)
	require.Empty(t, out.IngestConfiguration.StageARN)
	_, err = r.srv.PublishStream(g.StreamKey, rtmps)
	require.ErrorIs(t, err, ivsrealtimetest.ErrNoStage)

	// Redundant ingest: each stream is a participant of its own.
	g = create(ivsrealtime.CreateIngestConfigurationInput{IngestProtocol: rtmp, InsecureIngest: true, RedundantIngest: true, StageARN: r.arn})
	one, err := r.srv.PublishStream(g.RedundantIngestCredentials[0].StreamKey, rtmp)
	require.NoError(t, err)
	two, err := r.srv.PublishStream(g.RedundantIngestCredentials[1].StreamKey, rtmps)
	require.NoError(t, err)
	require.NotEqual(t, one.ID(), two.ID())
	require.Equal(t, g.RedundantIngestCredentials[1].ParticipantID, two.ID())
	require.True(t, r.participant(two).RedundantIngest)
	one.Leave()
	require.Equal(t, ivsrealtime.IngestConfigurationStateActive, state(g.ARN), "the other stream goes on")
	_, err = r.client.DeleteIngestConfiguration(t.Context(), &ivsrealtime.DeleteIngestConfigurationInput{ARN: g.ARN})
	require.ErrorIs(t, err, ivsrealtime.ErrConflict)
	_, err = r.client.DeleteIngestConfiguration(t.Context(), &ivsrealtime.DeleteIngestConfigurationInput{ARN: g.ARN, Force: true})
	require.NoError(t, err)
	require.ErrorIs(t, two.Publish(), ivsrealtimetest.ErrNotConnected)
}
