package main

import (
	stdjson "encoding/json"

	"github.com/go-json-experiment/json"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
	"github.com/seed-433ec77c/ivsrealtime/internal/wiretest"
)

// codecs measures reading and writing JSON alone: goal 3. The texts are responses
// whose IDs differ, as those to many calls do.
func codecs(p plan) ([]row, error) {
	var rows []row
	for _, d := range []struct {
		file   string
		newOut func() any
		limit  float64
	}{
		{"stage-small.json", func() any { return new(ivsrealtime.GetStageOutput) }, 0.45},
		{"stage-full.json", func() any { return new(ivsrealtime.GetStageOutput) }, 0.5},
		{"participants-100.json", func() any { return new(ivsrealtime.ListParticipantsOutput) }, 0.5},
	} {
		body, err := answerFile(d.file)
		if err != nil {
			return nil, err
		}
		texts, i := wiretest.Variants([]byte(body), 100), 0
		next := func() []byte {
			i++
			return texts[i%len(texts)]
		}
		f, err := p.measure(
			variant{"ours", func() error {
				_, err := wire.DecodeOutput(next(), d.newOut())
				return err
			}},
			variant{"go-json-experiment", func() error { return json.Unmarshal(next(), d.newOut()) }},
		)
		if err != nil {
			return nil, err
		}
		rows = append(rows, info(3, "decode "+d.file+": allocations", number(f[0].allocs, ""), allocsOf(f[1:])))
		if p.rounds > 0 {
			rows = append(rows, timeAtMost(3, "decode "+d.file+": time", f[0], f[1], d.limit))
		}
	}
	for _, e := range []struct {
		operation string
		in        any
	}{
		{"GetStage", getStageInput},
		{"StartComposition", startCompositionInput},
	} {
		f, err := p.measure(
			variant{"ours", func() error {
				_, err := wire.Encode(e.in)
				return err
			}},
			variant{"encoding/json", func() error {
				_, err := stdjson.Marshal(e.in)
				return err
			}},
		)
		if err != nil {
			return nil, err
		}
		rows = append(rows, atMost(3, "encode the input of "+e.operation+": allocations", f[0].allocs, 1, ""))
		if p.rounds > 0 {
			rows = append(rows, timeAtMost(3, "encode the input of "+e.operation+": time", f[0], f[1], 1/1.5))
		}
	}
	return rows, nil
}

// startCompositionInput has a value for most of what the operation takes.
var startCompositionInput = &ivsrealtime.StartCompositionInput{
	StageARN:         stageARN,
	IdempotencyToken: "my-token_1",
	Layout: &ivsrealtime.LayoutConfiguration{PIP: &ivsrealtime.PIPConfiguration{
		FeaturedParticipantAttribute: "featured",
		OmitStoppedVideo:             true,
		VideoFillMode:                ivsrealtime.VideoFillModeContain,
		GridGap:                      1,
		PIPParticipantAttribute:      "small",
		PIPBehavior:                  ivsrealtime.PIPBehaviorDynamic,
		PIPOffset:                    2,
		PIPPosition:                  ivsrealtime.PIPPositionTopLeft,
		PIPWidth:                     320,
		PIPHeight:                    180,
		ParticipantOrderAttribute:    "order",
	}},
	Destinations: []ivsrealtime.DestinationConfiguration{
		{Name: "live", Channel: &ivsrealtime.ChannelDestinationConfiguration{
			ChannelARN:              "arn:aws:ivs:eu-west-1:111122223333:channel/Cc11Dd22Ee33",
			EncoderConfigurationARN: encoderARN,
		}},
		{Name: "archive", S3: &ivsrealtime.S3DestinationConfiguration{
			StorageConfigurationARN:  "arn:aws:ivs:eu-west-1:111122223333:storage-configuration/Gg11Hh22Ii33",
			EncoderConfigurationARNs: []string{encoderARN},
			RecordingConfiguration: ivsrealtime.RecordingConfiguration{
				HLSConfiguration: ivsrealtime.CompositionRecordingHLSConfiguration{TargetSegmentDurationSeconds: 10},
				Format:           ivsrealtime.RecordingConfigurationFormatHLS,
			},
			ThumbnailConfigurations: []ivsrealtime.CompositionThumbnailConfiguration{{
				TargetIntervalSeconds: 86400,
				Storage:               []ivsrealtime.ThumbnailStorageType{ivsrealtime.ThumbnailStorageTypeSequential, ivsrealtime.ThumbnailStorageTypeLatest},
			}},
		}},
	},
	Tags: map[string]string{"team": "red"},
}

const encoderARN = "arn:aws:ivs:eu-west-1:111122223333:encoder-configuration/Jj11Kk22Ll33"
