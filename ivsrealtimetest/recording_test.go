package ivsrealtimetest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

func TestRecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		setRecording := func(window int32) error {
			_, err := s.client.UpdateStage(t.Context(), &ivsrealtime.UpdateStageInput{ARN: s.arn, AutoParticipantRecordingConfiguration: &ivsrealtime.AutoParticipantRecordingConfiguration{
				StorageConfigurationARN: s.storage, RecordingReconnectWindowSeconds: aws.Int32(window),
			}})
			return err
		}
		anna := s.join("anna")
		require.NoError(t, anna.Publish())
		require.Equal(t, ivsrealtime.ParticipantRecordingStateDisabled, s.participant(anna).RecordingState)
		require.NoError(t, anna.Unpublish())
		require.NoError(t, setRecording(0))

		require.NoError(t, anna.Publish())
		got := s.participant(anna)
		require.Equal(t, ivsrealtime.ParticipantRecordingStateActive, got.RecordingState)
		require.Equal(t, "bucket", got.RecordingS3BucketName)
		require.Equal(t, s.arn[len(s.arn)-12:]+"/"+anna.SessionID()+"/"+anna.ID()+"/2000-01-01T00-00-00Z", got.RecordingS3Prefix)
		require.ErrorIs(t, setRecording(1), ivsrealtime.ErrConflict)
		time.Sleep(90 * time.Second) // virtual
		require.NoError(t, anna.Unpublish())
		require.Equal(t, ivsrealtime.ParticipantRecordingStateStopped, s.participant(anna).RecordingState)
		require.Equal(t, []string{"Participant Published", "Participant Unpublished", "Participant Published", "Recording Start", "Participant Unpublished", "Recording End"}, s.last(0))
		events := s.srv.Events()
		require.Contains(t, string(events[len(events)-1]), `"recording_duration_ms":90000`)

		// With a reconnect window two parts are one recording.
		require.NoError(t, setRecording(30))
		require.NoError(t, anna.Publish())
		prefix := s.participant(anna).RecordingS3Prefix
		time.Sleep(10 * time.Second)
		require.NoError(t, anna.Unpublish())
		time.Sleep(29 * time.Second)
		require.Equal(t, ivsrealtime.ParticipantRecordingStateStopping, s.participant(anna).RecordingState)
		require.NoError(t, anna.Publish())
		require.Equal(t, prefix, s.participant(anna).RecordingS3Prefix)
		time.Sleep(5 * time.Second)
		anna.Leave()
		time.Sleep(31 * time.Second)
		require.Equal(t, []string{"Participant Published", "Recording Start", "Participant Unpublished", "Participant Published", "Participant Unpublished", "Recording End"}, s.last(6))
		events = s.srv.Events()
		require.Contains(t, string(events[len(events)-1]), `"recording_duration_ms":15000`)

		list, err := s.client.ListParticipants(t.Context(), &ivsrealtime.ListParticipantsInput{StageARN: s.arn, SessionID: anna.SessionID(), FilterByRecordingState: ivsrealtime.ParticipantRecordingFilterByRecordingStateStopped})
		require.NoError(t, err)
		require.Len(t, list.Participants, 1)
	})
}
