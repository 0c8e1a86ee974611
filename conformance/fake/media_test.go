package fake_test

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

const channel = "arn:aws:ivs:us-east-1:111122223333:channel/Ch12An34Ne56"

func composition(stage, storage, encoder string) *official.StartCompositionInput {
	return &official.StartCompositionInput{StageArn: &stage, Destinations: []types.DestinationConfiguration{
		{Name: aws.String("archive"), S3: &types.S3DestinationConfiguration{
			StorageConfigurationArn: &storage, EncoderConfigurationArns: []string{encoder},
			RecordingConfiguration:  &types.RecordingConfiguration{Format: types.RecordingConfigurationFormatHls, HlsConfiguration: &types.CompositionRecordingHlsConfiguration{TargetSegmentDurationSeconds: aws.Int32(4)}},
			ThumbnailConfigurations: []types.CompositionThumbnailConfiguration{{Storage: []types.ThumbnailStorageType{types.ThumbnailStorageTypeLatest}, TargetIntervalSeconds: aws.Int32(10)}},
		}},
		{Channel: &types.ChannelDestinationConfiguration{ChannelArn: aws.String(channel), EncoderConfigurationArn: &encoder}},
	}}
}

func (w *world) start(stage, storage, encoder string) *types.Composition {
	w.Helper()
	return call(w, w.client.StartComposition, composition(stage, storage, encoder)).Composition
}

// states is the state of a composition and of its destinations.
func (w *world) states(arn *string) string {
	w.Helper()
	c := call(w, w.client.GetComposition, &official.GetCompositionInput{Arn: arn}).Composition
	text := string(c.State) + ":"
	for _, d := range c.Destinations {
		text += " " + string(d.State)
	}
	return text
}

// delivered are the names of the events so far.
func (w *world) delivered() string {
	w.Helper()
	var names []string
	for _, b := range w.srv.Events() {
		var e struct {
			Detail struct {
				Name string `json:"event_name"`
			}
		}
		require.NoError(w, json.Unmarshal(b, &e))
		names = append(names, e.Detail.Name)
	}
	return strings.Join(names, ", ")
}

var mediaStories = []story{
	{name: "compositions", tell: func(w *world) {
		stage, storage, encoder := w.newStage("room"), w.newStorage(), w.newEncoder()
		require.NoError(w, w.join(stage, "anna").Publish())
		in := composition(stage, storage, encoder)
		in.Layout = &types.LayoutConfiguration{Grid: &types.GridConfiguration{FeaturedParticipantAttribute: aws.String("host"), VideoAspectRatio: types.VideoAspectRatioSquare}}
		in.IdempotencyToken = aws.String("once")
		in.Tags = map[string]string{"show": "42"}
		c := call(w, w.client.StartComposition, in).Composition
		require.Equal(w, c.Arn, call(w, w.client.StartComposition, in).Composition.Arn, "the same token")
		require.Equal(w, "STARTING: STARTING STARTING", w.states(c.Arn))
		require.Equal(w, types.VideoAspectRatioSquare, c.Layout.Grid.VideoAspectRatio)
		require.Equal(w, int32(4), *c.Destinations[0].Configuration.S3.RecordingConfiguration.HlsConfiguration.TargetSegmentDurationSeconds)
		require.NotEmpty(w, *c.Destinations[0].Detail.S3.RecordingPrefix)
		fails[*types.ConflictException](w, w.client.StartComposition, func() *official.StartCompositionInput {
			other := *in
			other.Tags = nil
			return &other
		}())
		w.clock.Advance(4 * time.Second)
		require.Equal(w, "ACTIVE: ACTIVE ACTIVE", w.states(c.Arn))
		require.NoError(w, w.srv.InterruptDestination(*c.Arn, *c.Destinations[1].Id))
		require.Equal(w, "ACTIVE: ACTIVE RECONNECTING", w.states(c.Arn))
		require.NoError(w, w.srv.FailDestination(*c.Arn, *c.Destinations[1].Id, ivsevents.ErrorCodeAccessDenied, "no access"))
		require.Equal(w, "ACTIVE: ACTIVE FAILED", w.states(c.Arn))

		pip := composition(stage, storage, encoder)
		pip.Destinations = pip.Destinations[1:]
		pip.Layout = &types.LayoutConfiguration{Pip: &types.PipConfiguration{PipPosition: types.PipPositionTopLeft, PipWidth: aws.Int32(320), PipHeight: aws.Int32(180)}}
		second := call(w, w.client.StartComposition, pip).Composition
		require.Equal(w, types.PipPositionTopLeft, second.Layout.Pip.PipPosition)
		require.Len(w, call(w, w.client.ListCompositions, &official.ListCompositionsInput{FilterByStageArn: &stage}).Compositions, 2)
		require.Len(w, call(w, w.client.ListCompositions, &official.ListCompositionsInput{FilterByEncoderConfigurationArn: &encoder}).Compositions, 2)
		call(w, w.client.StopComposition, &official.StopCompositionInput{Arn: c.Arn})
		require.Equal(w, "STOPPING: STOPPING FAILED", w.states(c.Arn))
		w.clock.Advance(2 * time.Second)
		require.Equal(w, "STOPPED: STOPPED FAILED", w.states(c.Arn))
		call(w, w.client.StopComposition, &official.StopCompositionInput{Arn: c.Arn})
		require.Contains(w, w.delivered(), "Session Start")
		require.Contains(w, w.delivered(), "Destination Failure")
		call(w, w.client.DeleteStage, &official.DeleteStageInput{Arn: &stage})
		require.Equal(w, "FAILED:", w.states(second.Arn)[:7])
		fails[*types.ResourceNotFoundException](w, w.client.GetComposition, &official.GetCompositionInput{Arn: aws.String(*c.Arn + "x")})
	}},

	{name: "encoder and storage configurations", tell: func(w *world) {
		encoder := call(w, w.client.CreateEncoderConfiguration, &official.CreateEncoderConfigurationInput{}).EncoderConfiguration
		require.Equal(w, int32(720), *encoder.Video.Height, "the documented default")
		require.Equal(w, float32(30), *encoder.Video.Framerate)
		require.Equal(w, encoder, call(w, w.client.GetEncoderConfiguration, &official.GetEncoderConfigurationInput{Arn: encoder.Arn}).EncoderConfiguration)
		fails[*types.ValidationException](w, w.client.CreateEncoderConfiguration, &official.CreateEncoderConfigurationInput{Video: &types.Video{Width: aws.Int32(1)}})
		call(w, w.client.DeleteEncoderConfiguration, &official.DeleteEncoderConfigurationInput{Arn: encoder.Arn})
		fails[*types.ResourceNotFoundException](w, w.client.GetEncoderConfiguration, &official.GetEncoderConfigurationInput{Arn: encoder.Arn})

		storage := w.newStorage()
		got := call(w, w.client.GetStorageConfiguration, &official.GetStorageConfigurationInput{Arn: &storage}).StorageConfiguration
		require.Equal(w, "bucket", *got.S3.BucketName)
		for range 4 {
			w.newStorage()
		}
		fails[*types.ServiceQuotaExceededException](w, w.client.CreateStorageConfiguration, &official.CreateStorageConfigurationInput{S3: &types.S3StorageConfiguration{BucketName: aws.String("bucket")}})
		stage := call(w, w.client.CreateStage, &official.CreateStageInput{AutoParticipantRecordingConfiguration: &types.AutoParticipantRecordingConfiguration{StorageConfigurationArn: &storage}}).Stage
		fails[*types.ConflictException](w, w.client.DeleteStorageConfiguration, &official.DeleteStorageConfigurationInput{Arn: &storage})
		call(w, w.client.UpdateStage, &official.UpdateStageInput{Arn: stage.Arn, AutoParticipantRecordingConfiguration: &types.AutoParticipantRecordingConfiguration{StorageConfigurationArn: aws.String("")}})
		call(w, w.client.DeleteStorageConfiguration, &official.DeleteStorageConfigurationInput{Arn: &storage})
		fails[*types.ResourceNotFoundException](w, w.client.GetStorageConfiguration, &official.GetStorageConfigurationInput{Arn: &storage})
		require.Len(w, call(w, w.client.ListStorageConfigurations, &official.ListStorageConfigurationsInput{}).StorageConfigurations, 4)
	}},

	{name: "ingest", tell: func(w *world) {
		stage := w.newStage("room")
		g := call(w, w.client.CreateIngestConfiguration, &official.CreateIngestConfigurationInput{
			IngestProtocol: types.IngestProtocolRtmps, StageArn: &stage, UserId: aws.String("obs"), Attributes: map[string]string{"a": "b"}, Name: aws.String("studio"),
		}).IngestConfiguration
		require.Equal(w, types.IngestConfigurationStateInactive, g.State)
		get := func() *types.IngestConfiguration {
			w.Helper()
			return call(w, w.client.GetIngestConfiguration, &official.GetIngestConfigurationInput{Arn: g.Arn}).IngestConfiguration
		}
		require.Equal(w, g, get())
		p, err := w.srv.PublishStream(ivsrealtime.Secret(*g.StreamKey), ivsrealtime.IngestProtocolRTMPS)
		require.NoError(w, err)
		require.Equal(w, *g.ParticipantId, p.ID())
		require.Equal(w, types.IngestConfigurationStateActive, get().State)
		require.Equal(w, types.ParticipantProtocolRtmps, w.participant(p).Protocol)
		require.Len(w, call(w, w.client.ListIngestConfigurations, &official.ListIngestConfigurationsInput{FilterByState: types.IngestConfigurationStateActive}).IngestConfigurations, 1)
		fails[*types.ConflictException](w, w.client.UpdateIngestConfiguration, &official.UpdateIngestConfigurationInput{Arn: g.Arn, StageArn: aws.String("")})
		fails[*types.ConflictException](w, w.client.DeleteIngestConfiguration, &official.DeleteIngestConfigurationInput{Arn: g.Arn})
		p.Leave()
		require.Empty(w, *call(w, w.client.UpdateIngestConfiguration, &official.UpdateIngestConfigurationInput{Arn: g.Arn, StageArn: aws.String("")}).IngestConfiguration.StageArn)
		call(w, w.client.UpdateIngestConfiguration, &official.UpdateIngestConfigurationInput{Arn: g.Arn, StageArn: &stage})
		_, err = w.srv.PublishStream(ivsrealtime.Secret(*g.StreamKey), ivsrealtime.IngestProtocolRTMPS)
		require.NoError(w, err)
		call(w, w.client.DeleteIngestConfiguration, &official.DeleteIngestConfigurationInput{Arn: g.Arn, Force: true})
		fails[*types.ResourceNotFoundException](w, w.client.GetIngestConfiguration, &official.GetIngestConfigurationInput{Arn: g.Arn})
		fails[*types.ValidationException](w, w.client.CreateIngestConfiguration, &official.CreateIngestConfigurationInput{IngestProtocol: types.IngestProtocolRtmp})
		insecure := call(w, w.client.CreateIngestConfiguration, &official.CreateIngestConfigurationInput{IngestProtocol: types.IngestProtocolRtmp, InsecureIngest: true})
		require.Equal(w, types.IngestProtocolRtmp, insecure.IngestConfiguration.IngestProtocol)
	}},

	{name: "individual recording", tell: func(w *world) {
		storage := w.newStorage()
		stage := call(w, w.client.CreateStage, &official.CreateStageInput{AutoParticipantRecordingConfiguration: &types.AutoParticipantRecordingConfiguration{
			StorageConfigurationArn: &storage, RecordingReconnectWindowSeconds: 30, RecordParticipantReplicas: true,
			MediaTypes:             []types.ParticipantRecordingMediaType{types.ParticipantRecordingMediaTypeAudioVideo},
			HlsConfiguration:       &types.ParticipantRecordingHlsConfiguration{TargetSegmentDurationSeconds: aws.Int32(6)},
			ThumbnailConfiguration: &types.ParticipantThumbnailConfiguration{RecordingMode: types.ThumbnailRecordingModeInterval, Storage: []types.ThumbnailStorageType{types.ThumbnailStorageTypeLatest}},
		}}).Stage
		rec := stage.AutoParticipantRecordingConfiguration
		require.Equal(w, int32(30), rec.RecordingReconnectWindowSeconds)
		require.True(w, rec.RecordParticipantReplicas)
		require.Equal(w, int32(60), *rec.ThumbnailConfiguration.TargetIntervalSeconds, "the documented default")
		anna := w.join(*stage.Arn, "anna")
		require.NoError(w, anna.Publish())
		got := w.participant(anna)
		require.Equal(w, types.ParticipantRecordingStateActive, got.RecordingState)
		require.Equal(w, "bucket", *got.RecordingS3BucketName)
		fails[*types.ConflictException](w, w.client.UpdateStage, &official.UpdateStageInput{Arn: stage.Arn, AutoParticipantRecordingConfiguration: &types.AutoParticipantRecordingConfiguration{StorageConfigurationArn: aws.String("")}})
		w.clock.Advance(10 * time.Second)
		require.NoError(w, anna.Unpublish())
		w.clock.Advance(29 * time.Second)
		require.Equal(w, types.ParticipantRecordingStateStopping, w.participant(anna).RecordingState)
		require.NoError(w, anna.Publish())
		require.Equal(w, *got.RecordingS3Prefix, *w.participant(anna).RecordingS3Prefix, "back within the window")
		anna.Leave()
		w.clock.Advance(31 * time.Second)
		list := call(w, w.client.ListParticipants, &official.ListParticipantsInput{StageArn: stage.Arn, SessionId: aws.String(anna.SessionID()), FilterByRecordingState: types.ParticipantRecordingFilterByRecordingStateStopped})
		require.Len(w, list.Participants, 1)
		require.Equal(w, "Participant Published, Recording Start, Participant Unpublished, Participant Published, Participant Unpublished, Recording End", w.delivered())
	}},

	{name: "replication", tell: func(w *world) {
		source, destination := w.newStage("main"), w.newStage("side")
		anna := w.join(source, "anna")
		id := anna.ID()
		in := &official.StartParticipantReplicationInput{SourceStageArn: &source, DestinationStageArn: &destination, ParticipantId: &id, Attributes: map[string]string{"from": "main"}, ReconnectWindowSeconds: aws.Int32(30)}
		fails[*types.ConflictException](w, w.client.StartParticipantReplication, in)
		require.NoError(w, anna.Publish())
		call(w, w.client.StartParticipantReplication, in)
		replicas := call(w, w.client.ListParticipantReplicas, &official.ListParticipantReplicasInput{SourceStageArn: &source, ParticipantId: &id}).Replicas
		require.Len(w, replicas, 1)
		require.Equal(w, types.ReplicationStateActive, replicas[0].ReplicationState)
		replica := call(w, w.client.GetParticipant, &official.GetParticipantInput{StageArn: &destination, SessionId: replicas[0].DestinationSessionId, ParticipantId: &id}).Participant
		require.Equal(w, types.ReplicationTypeReplica, replica.ReplicationType)
		require.Equal(w, source, *replica.SourceStageArn)
		require.Equal(w, anna.SessionID(), *replica.SourceSessionId)
		require.Equal(w, map[string]string{"from": "main"}, replica.Attributes)
		require.Equal(w, types.ReplicationTypeSource, w.participant(anna).ReplicationType)
		stop := &official.StopParticipantReplicationInput{SourceStageArn: &source, DestinationStageArn: &destination, ParticipantId: &id}
		call(w, w.client.StopParticipantReplication, stop)
		fails[*types.ResourceNotFoundException](w, w.client.StopParticipantReplication, stop)
		require.Equal(w, "JOINED PUBLISH_STARTED REPLICATION_STARTED REPLICATION_STOPPED", w.events(anna))
		require.Contains(w, w.delivered(), "Participant Replication Start, Participant Published, Participant Unpublished, Participant Replication End")
	}},
}
