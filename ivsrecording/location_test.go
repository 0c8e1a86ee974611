package ivsrecording_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
	"github.com/seed-433ec77c/ivsrealtime/ivsrecording"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

func TestFromEvent(t *testing.T) {
	want := ivsrecording.Location{Bucket: "b", Prefix: "x/y"}
	tests := []struct {
		name  string
		event ivsevents.Event
		want  string // of the error
	}{
		{"start", &ivsevents.RecordingStart{RecordingS3BucketName: "b", RecordingS3KeyPrefix: "x/y"}, ""},
		{"end", &ivsevents.RecordingEnd{RecordingS3BucketName: "b", RecordingS3KeyPrefix: "x/y"}, ""},
		{"start failure", &ivsevents.RecordingStartFailure{RecordingS3BucketName: "b", RecordingS3KeyPrefix: "x/y"}, ""},
		{"end failure", &ivsevents.RecordingEndFailure{RecordingS3BucketName: "b", RecordingS3KeyPrefix: "x/y"}, ""},
		{"no bucket", &ivsevents.RecordingEnd{RecordingS3KeyPrefix: "x/y"}, "no bucket of the event"},
		{"no prefix", &ivsevents.RecordingEnd{RecordingS3BucketName: "b"}, "no prefix of the event"},
		{"slash for a prefix", &ivsevents.RecordingEnd{RecordingS3BucketName: "b", RecordingS3KeyPrefix: "/"}, "no prefix of the event"},
		{"composition", &ivsevents.CompositionSessionEnd{}, "*ivsevents.CompositionSessionEnd is not an event of a recording"},
		{"nil", nil, "<nil> is not an event of a recording"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ivsrecording.FromEvent(tt.event)
			if tt.want == "" {
				require.NoError(t, err)
				require.Equal(t, want, got)
				return
			}
			require.ErrorIs(t, err, ivsrecording.ErrNotRecorded)
			require.EqualError(t, err, "ivsrecording: not recorded: "+tt.want)
			require.Zero(t, got)
		})
	}
}

func TestFromRecording(t *testing.T) {
	got, err := ivsrecording.FromRecording(ivstracker.Recording{BucketName: "b", KeyPrefix: "x/y"})
	require.NoError(t, err)
	require.Equal(t, ivsrecording.Location{Bucket: "b", Prefix: "x/y"}, got)

	_, err = ivsrecording.FromRecording(ivstracker.Recording{KeyPrefix: "x/y"})
	require.ErrorIs(t, err, ivsrecording.ErrNotRecorded)
	require.EqualError(t, err, "ivsrecording: not recorded: no bucket of the recording")
}

func TestFromParticipant(t *testing.T) {
	got, err := ivsrecording.FromParticipant(ivsrealtime.Participant{RecordingS3BucketName: "b", RecordingS3Prefix: "x/y"})
	require.NoError(t, err)
	require.Equal(t, ivsrecording.Location{Bucket: "b", Prefix: "x/y"}, got)

	_, err = ivsrecording.FromParticipant(ivsrealtime.Participant{RecordingState: ivsrealtime.ParticipantRecordingStateDisabled})
	require.ErrorIs(t, err, ivsrecording.ErrNotRecorded)
	require.EqualError(t, err, "ivsrecording: not recorded: no bucket of the participant")
}

func TestFromDestination(t *testing.T) {
	d := ivsrealtime.Destination{Detail: ivsrealtime.DestinationDetail{S3: &ivsrealtime.S3Detail{RecordingPrefix: "x/y/z/composite"}}}
	got, err := ivsrecording.FromDestination(d, "b")
	require.NoError(t, err)
	require.Equal(t, ivsrecording.Location{Bucket: "b", Prefix: "x/y/z/composite"}, got)

	for want, tt := range map[string]struct {
		d      ivsrealtime.Destination
		bucket string
	}{
		"the destination is not S3":    {ivsrealtime.Destination{}, "b"},
		"no bucket of the destination": {d, ""},
		"no prefix of the destination": {ivsrealtime.Destination{Detail: ivsrealtime.DestinationDetail{S3: &ivsrealtime.S3Detail{}}}, "b"},
	} {
		_, err := ivsrecording.FromDestination(tt.d, tt.bucket)
		require.ErrorIs(t, err, ivsrecording.ErrNotRecorded)
		require.EqualError(t, err, "ivsrecording: not recorded: "+want)
	}
}

func TestFromNotification(t *testing.T) {
	const (
		individual = "Ab12Cd34Ef56/st-A1b2C3d4E5f6G/Pq12Rs34Tu56/2026-10-01T08-15-31Z"
		composite  = "MNALAcH9j2EJ/s2AdaGUbvQgp/2pBRKrNgX1ff/composite"
	)
	for _, tt := range []struct{ key, want string }{
		{individual + "/events/recording-started.json", individual},
		{individual + "/events/recording-ended.json", individual},
		{individual + "/events/recording-failed.json", individual},
		{individual + "/media/hls/multivariant.m3u8", individual},
		{individual + "/media/hls/high/playlist.m3u8", individual},
		{individual + "/media/hls/high/init-0.mp4", individual},
		{individual + "/media/hls/high/12.mp4", individual},
		{individual + "/media/thumbnails/high/1.jpg", individual},
		{individual + "/media/latest_thumbnail/high/thumb.jpg", individual},
		{composite + "/events/recording-started.json", composite},
		{composite + "/events/recording-ended.json", composite},
		{composite + "/events/recording-failed.json", composite},
		{composite + "/media/hls/multivariant.m3u8", composite},
		{composite + "/media/hls/720p30-Ab12Cd34Ef56/0.mp4", composite},
		{composite + "/media/thumbnails/1280x720/1.jpg", composite},
		{composite + "/media/latest_thumbnail/1280x720/thumb.jpg", composite},
		{"Y0RCqjLWBmzu/BIaAta7gzmjC/Uaxw8QzyMCS0/composite/events/recording-ended.json", "Y0RCqjLWBmzu/BIaAta7gzmjC/Uaxw8QzyMCS0/composite"},

		// Encoded.
		{"Ab12Cd34Ef56%2Fst-A1b2C3d4E5f6G%2FPq12Rs34Tu56%2F2026-10-01T08-15-31Z%2Fevents%2Frecording-ended.json", individual},
		{"Ab12Cd34Ef56/st-A1b2C3d4E5f6G/p%5F7Hq2%2DZx91/2026-10-01T08-15-31Z/events/recording-ended.json", "Ab12Cd34Ef56/st-A1b2C3d4E5f6G/p_7Hq2-Zx91/2026-10-01T08-15-31Z"},
		{"my+recordings/%C3%BC+100%25/" + individual + "/events/recording-ended.json", "my recordings/ü 100%/" + individual},

		// Participants' IDs and folders of copies that look like a recording's own.
		{"Ab12Cd34Ef56/st-A1b2C3d4E5f6G/media/2026-10-01T08-15-31Z/events/recording-ended.json", "Ab12Cd34Ef56/st-A1b2C3d4E5f6G/media/2026-10-01T08-15-31Z"},
		{"Ab12Cd34Ef56/st-A1b2C3d4E5f6G/events/2026-10-01T08-15-31Z/media/hls/high/0.mp4", "Ab12Cd34Ef56/st-A1b2C3d4E5f6G/events/2026-10-01T08-15-31Z"},
		{"media/hls/" + composite + "/media/hls/multivariant.m3u8", "media/hls/" + composite},
		{"events/" + composite + "/events/recording-ended.json", "events/" + composite},

		// Without the time at the end, and files that are not documented.
		{"Ab12Cd34Ef56/st-A1b2C3d4E5f6G/Pq12Rs34Tu56/events/recording-ended.json", "Ab12Cd34Ef56/st-A1b2C3d4E5f6G/Pq12Rs34Tu56"},
		{individual + "/events/recording-paused.json", individual},
		{individual + "/media/captions/high/1.vtt", individual},
		{individual + "/index.json", individual},
		{composite + "/events/layout.json", composite},
	} {
		t.Run(tt.key, func(t *testing.T) {
			got, err := ivsrecording.FromNotification("my-bucket", tt.key)
			require.NoError(t, err)
			require.Equal(t, ivsrecording.Location{Bucket: "my-bucket", Prefix: tt.want}, got)
		})
	}

	const (
		noFile = "the key of the notification is not that of a file of a recording, such as <prefix>/events/recording-ended.json"
		noPath = "the key of the notification is not a path of names with a slash between them"
	)
	for _, tt := range []struct{ bucket, key, want string }{
		{"", individual + "/events/recording-ended.json", "no bucket of the notification"},
		{"b", "events/recording-ended.json", "no prefix of the notification"},
		{"b", "media/hls/multivariant.m3u8", "no prefix of the notification"},
		{"b", "", noPath},
		{"b", "/", noPath},
		{"b", "/" + individual + "/events/recording-ended.json", noPath},
		{"b", individual + "/events/", noPath}, // a folder that the console made
		{"b", individual + "//events/recording-ended.json", noPath},
		{"b", "../" + individual + "/events/recording-ended.json", noPath},
		{"b", "%2e%2e/" + individual + "/events/recording-ended.json", noPath},
		{"b", "%252e%252e/" + individual + "/events/recording-ended.json", noPath},
		{"b", "a/..%2Fb/events/recording-ended.json", noPath},
		{"b", "a/./events/recording-ended.json", noPath},
		{"b", `a\..\b/events/recording-ended.json`, noPath},
		{"b", "a%5C..%5Cb/events/recording-ended.json", noPath},
		{"b", "a%00/events/recording-ended.json", noPath},
		{"b", "a%ff/events/recording-ended.json", noPath},
		{"b", individual + "%", "the key of the notification is not URL-encoded"},
		{"b", "%zz/events/recording-ended.json", "the key of the notification is not URL-encoded"},
		{"b", individual, noFile},
		{"b", composite, noFile},
		{"b", "photos/media/cat.jpg", noFile},
		{"b", "photos/media/hls", noFile},
		{"b", "photos/events/party.json", noFile},
		{"b", "a/events/b/recording-ended.json", noFile},
		{"b", "a/b/c/yesterday/e", noFile},
	} {
		t.Run(tt.key, func(t *testing.T) {
			got, err := ivsrecording.FromNotification(tt.bucket, tt.key)
			require.ErrorIs(t, err, ivsrecording.ErrNotRecorded)
			require.EqualError(t, err, "ivsrecording: not recorded: "+tt.want)
			require.Zero(t, got)
		})
	}
}

// A prefix that leads out of its folder is no place, whoever names it.
func TestPrefixesThatLeadOut(t *testing.T) {
	for _, prefix := range leadOut {
		_, err := ivsrecording.FromEvent(&ivsevents.RecordingEnd{RecordingS3BucketName: "b", RecordingS3KeyPrefix: prefix})
		require.ErrorIs(t, err, ivsrecording.ErrNotRecorded, prefix)
		require.EqualError(t, err, "ivsrecording: not recorded: the prefix of the event leads out of its folder")
		_, err = ivsrecording.FromRecording(ivstracker.Recording{BucketName: "b", KeyPrefix: prefix})
		require.ErrorIs(t, err, ivsrecording.ErrNotRecorded, prefix)
		_, err = ivsrecording.FromParticipant(ivsrealtime.Participant{RecordingS3BucketName: "b", RecordingS3Prefix: prefix})
		require.ErrorIs(t, err, ivsrecording.ErrNotRecorded, prefix)
		_, err = ivsrecording.FromDestination(ivsrealtime.Destination{Detail: ivsrealtime.DestinationDetail{S3: &ivsrealtime.S3Detail{RecordingPrefix: prefix}}}, "b")
		require.ErrorIs(t, err, ivsrecording.ErrNotRecorded, prefix)
	}
}

var leadOut = []string{"..", ".", "../x/y", "x/../..", "x/../y", "/../x", "x/..", "./x", "%2e%2e/x", "100%/%2E./x", "..%2fx", `..\x`, `x\..\..\y`, "x%5c..", "x\x00y", "x%00y"}

func TestKeys(t *testing.T) {
	tests := []struct{ prefix, key, keyPrefix, whole string }{
		{"x/y", "x/y/media/hls/high", "x/y/media/hls/high/", "x/y/"},
		{"x/y/", "x/y/media/hls/high", "x/y/media/hls/high/", "x/y/"},
		{"/x/y//", "x/y/media/hls/high", "x/y/media/hls/high/", "x/y/"},
		{"", "media/hls/high", "media/hls/high/", ""},
		{"/", "media/hls/high", "media/hls/high/", ""},
	}
	for _, tt := range tests {
		t.Run(tt.prefix, func(t *testing.T) {
			l := ivsrecording.Location{Bucket: "b", Prefix: tt.prefix}
			require.Equal(t, tt.key, l.Key("media/hls/high"))
			require.Equal(t, tt.keyPrefix, l.FolderKey("media/hls/high"))
			require.Equal(t, tt.keyPrefix, l.FolderKey("media/hls/high/"))
			require.Equal(t, tt.whole, l.FolderKey(""))
		})
	}
	l := ivsrecording.Location{Bucket: "b", Prefix: "x/y/"}
	require.Equal(t, "s3://b/x/y", l.String())
	require.Equal(t, "x/y/events/recording-started.json", l.Key(ivsrecording.StartedFile))
	require.Equal(t, "x/y/events/recording-ended.json", l.Key(ivsrecording.EndedFile))
	require.Equal(t, "x/y/events/recording-failed.json", l.Key(ivsrecording.FailedFile))
	require.Equal(t, "x/y/media/hls/multivariant.m3u8", l.Key(ivsrecording.PlaylistFile))
}

// The fake records a participant and a composition of the same stage.
func TestLocationsOfTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := ivsrealtimetest.NewServer().Client()
		storage, err := client.CreateStorageConfiguration(t.Context(), &ivsrealtime.CreateStorageConfigurationInput{
			S3: &ivsrealtime.S3StorageConfiguration{BucketName: "recordings"},
		})
		require.NoError(t, err)
		encoder, err := client.CreateEncoderConfiguration(t.Context(), nil)
		require.NoError(t, err)
		started, err := client.StartComposition(t.Context(), &ivsrealtime.StartCompositionInput{
			StageARN: createStage(t, client, "").Stage.ARN,
			Destinations: []ivsrealtime.DestinationConfiguration{
				{Channel: &ivsrealtime.ChannelDestinationConfiguration{ChannelARN: "arn:aws:ivs:us-east-1:111122223333:channel/Ch12An34Ne56", EncoderConfigurationARN: encoder.EncoderConfiguration.ARN}},
				{S3: &ivsrealtime.S3DestinationConfiguration{
					StorageConfigurationARN:  storage.StorageConfiguration.ARN,
					EncoderConfigurationARNs: []string{encoder.EncoderConfiguration.ARN},
				}},
			},
		})
		require.NoError(t, err)
		time.Sleep(10 * time.Second) // virtual
		out, err := client.GetComposition(t.Context(), &ivsrealtime.GetCompositionInput{ARN: started.Composition.ARN})
		require.NoError(t, err)
		require.Len(t, out.Composition.Destinations, 2)
		_, err = ivsrecording.FromDestination(out.Composition.Destinations[0], "recordings")
		require.ErrorIs(t, err, ivsrecording.ErrNotRecorded)
		s3 := out.Composition.Destinations[1]
		configuration, err := client.GetStorageConfiguration(t.Context(), &ivsrealtime.GetStorageConfigurationInput{
			ARN: s3.Configuration.S3.StorageConfigurationARN,
		})
		require.NoError(t, err)
		got, err := ivsrecording.FromDestination(s3, configuration.StorageConfiguration.S3.BucketName)
		require.NoError(t, err)
		require.Equal(t, "recordings", got.Bucket)
		require.Regexp(t, `^[A-Za-z0-9]{12}/[A-Za-z0-9]{12}/`+s3.ID+`/composite/events/recording-ended.json$`, got.Key(ivsrecording.EndedFile))
		atStart, err := ivsrecording.FromDestination(started.Composition.Destinations[1], "recordings")
		require.NoError(t, err)
		require.Equal(t, got, atStart, "known as soon as it starts")
	})
}

func TestLocationsOfAParticipant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := ivsrealtimetest.NewServer()
		client := srv.Client()
		storage, err := client.CreateStorageConfiguration(t.Context(), &ivsrealtime.CreateStorageConfigurationInput{
			S3: &ivsrealtime.S3StorageConfiguration{BucketName: "recordings"},
		})
		require.NoError(t, err)
		stage := createStage(t, client, storage.StorageConfiguration.ARN)
		anna, err := srv.Join(stage.ParticipantTokens[0].Token)
		require.NoError(t, err)
		locate := func() (ivsrecording.Location, error) {
			out, err := client.GetParticipant(t.Context(), &ivsrealtime.GetParticipantInput{
				StageARN: stage.Stage.ARN, SessionID: anna.SessionID(), ParticipantID: anna.ID(),
			})
			require.NoError(t, err)
			return ivsrecording.FromParticipant(out.Participant)
		}
		_, err = locate()
		require.ErrorIs(t, err, ivsrecording.ErrNotRecorded, "she does not publish yet")
		require.NoError(t, anna.Publish())
		time.Sleep(time.Minute) // virtual
		anna.Leave()

		got, err := locate()
		require.NoError(t, err)
		require.Equal(t, "recordings", got.Bucket)
		require.Contains(t, got.Prefix, anna.SessionID()+"/"+anna.ID())
		found := 0
		for _, data := range srv.Events() {
			event, err := ivsevents.Decode(data)
			require.NoError(t, err)
			fromEvent, err := ivsrecording.FromEvent(event)
			if err != nil {
				require.ErrorIs(t, err, ivsrecording.ErrNotRecorded)
				continue
			}
			require.Equal(t, got, fromEvent)
			found++
		}
		require.Equal(t, 2, found, "start and end")
	})
}

func createStage(t *testing.T, client *ivsrealtime.Client, storageARN string) *ivsrealtime.CreateStageOutput {
	t.Helper()
	in := &ivsrealtime.CreateStageInput{ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{{UserID: "anna"}}}
	if storageARN != "" {
		in.AutoParticipantRecordingConfiguration = &ivsrealtime.AutoParticipantRecordingConfiguration{StorageConfigurationARN: storageARN}
	}
	out, err := client.CreateStage(t.Context(), in)
	require.NoError(t, err)
	return out
}
