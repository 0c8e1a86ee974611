package ivsrealtime_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// Send the composed video to a channel, record it in S3, and wait until both are
// active.
func ExampleClient_StartComposition() {
	fake := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.CompositionStartDelay = time.Millisecond })
	client := fake.Client() // a program: ivsrealtime.NewFromConfig(cfg)
	ctx := context.TODO()

	stage, err := client.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: "town-hall"})
	if err != nil {
		fmt.Println(err)
		return
	}
	// These two are made once and serve many compositions.
	encoder, err := client.CreateEncoderConfiguration(ctx, &ivsrealtime.CreateEncoderConfigurationInput{
		Video: ivsrealtime.Video{Width: 1280, Height: 720, Framerate: 30, Bitrate: 2_500_000},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	storage, err := client.CreateStorageConfiguration(ctx, &ivsrealtime.CreateStorageConfigurationInput{
		S3: &ivsrealtime.S3StorageConfiguration{BucketName: "my-recordings"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	started, err := client.StartComposition(ctx, &ivsrealtime.StartCompositionInput{
		StageARN: stage.Stage.ARN,
		Layout: &ivsrealtime.LayoutConfiguration{
			Grid: &ivsrealtime.GridConfiguration{FeaturedParticipantAttribute: "speaker"},
		},
		Destinations: []ivsrealtime.DestinationConfiguration{
			{
				Channel: &ivsrealtime.ChannelDestinationConfiguration{
					ChannelARN:              "arn:aws:ivs:us-east-1:111122223333:channel/Ab12Cd34Ef56",
					EncoderConfigurationARN: encoder.EncoderConfiguration.ARN,
				},
			},
			{
				S3: &ivsrealtime.S3DestinationConfiguration{
					StorageConfigurationARN:  storage.StorageConfiguration.ARN,
					EncoderConfigurationARNs: []string{encoder.EncoderConfiguration.ARN},
				},
			},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(started.Composition.State)

	waiter := ivsrealtime.NewDestinationsActiveWaiter(client, func(o *ivsrealtime.CompositionWaiterOptions) {
		o.MinDelay, o.MaxDelay = 10*time.Millisecond, 10*time.Millisecond // of the example; leave the default
	})
	active, err := waiter.WaitForOutput(ctx, &ivsrealtime.GetCompositionInput{ARN: started.Composition.ARN}, time.Minute)
	if err != nil {
		fmt.Println(err) // names the destination that failed
		return
	}
	for _, d := range active.Composition.Destinations {
		fmt.Println(d.State, d.Configuration.S3 != nil)
	}
	// Output:
	// STARTING
	// ACTIVE false
	// ACTIVE true
}

// Record every participant of a stage in S3, with a thumbnail every ten seconds.
func ExampleAutoParticipantRecordingConfiguration() {
	client := ivsrealtimetest.NewServer().Client() // a program: ivsrealtime.NewFromConfig(cfg)
	ctx := context.TODO()

	storage, err := client.CreateStorageConfiguration(ctx, &ivsrealtime.CreateStorageConfigurationInput{
		S3: &ivsrealtime.S3StorageConfiguration{BucketName: "my-recordings"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	window := int32(30)
	stage, err := client.CreateStage(ctx, &ivsrealtime.CreateStageInput{
		Name: "interview",
		AutoParticipantRecordingConfiguration: &ivsrealtime.AutoParticipantRecordingConfiguration{
			StorageConfigurationARN: storage.StorageConfiguration.ARN,
			MediaTypes:              []ivsrealtime.ParticipantRecordingMediaType{ivsrealtime.ParticipantRecordingMediaTypeAudioVideo},
			ThumbnailConfiguration: ivsrealtime.ParticipantThumbnailConfiguration{
				RecordingMode:         ivsrealtime.ThumbnailRecordingModeInterval,
				TargetIntervalSeconds: 10,
			},
			// Somebody who is back within 30 seconds goes on with the same recording.
			RecordingReconnectWindowSeconds: &window,
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	recording := stage.Stage.AutoParticipantRecordingConfiguration
	fmt.Println(recording.MediaTypes, recording.ThumbnailConfiguration.TargetIntervalSeconds, *recording.RecordingReconnectWindowSeconds)
	// Package ivsrecording finds the files once the recording has ended.
	// Output:
	// [AUDIO_VIDEO] 10 30
}
