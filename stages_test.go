package ivsrealtime_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/seed-433ec77c/ivsrealtime"
)

const testSessionID = "st-1a2B3c4D5e6F7"

var stageOperations = []operation{
	{
		name: "CreateStage",
		in: &ivsrealtime.CreateStageInput{
			Name: "lobby",
			ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{
				{
					Duration:     60,
					UserID:       "alice",
					Attributes:   map[string]string{"role": "host", "display": "Alice"},
					Capabilities: []ivsrealtime.ParticipantTokenCapability{ivsrealtime.ParticipantTokenCapabilityPublish, ivsrealtime.ParticipantTokenCapabilitySubscribe},
				},
				{UserID: "bob"},
			},
			Tags:                                  map[string]string{"team": "red", "env": "test"},
			AutoParticipantRecordingConfiguration: fullRecording(),
		},
		always: []string{"autoParticipantRecordingConfiguration.storageConfigurationArn"},
		answer: `{
			"stage": ` + fullStageJSON + `,
			"participantTokens": [{
				"participantId": "Pa12Rt34Ic56",
				"token": "eyJhbGciOiJLTVMiLCJ0eXAiOiJKV1QifQ.participant.token",
				"userId": "alice",
				"attributes": {"role": "host", "display": "Alice"},
				"duration": 60,
				"capabilities": ["PUBLISH", "SUBSCRIBE"],
				"expirationTime": "2026-10-01T08:15:30.602000+00:00"
			}, {
				"participantId": "Qb12Su34Jd56",
				"expirationTime": "2026-10-01T08:15:30Z"
			}]
		}`,
		want: &ivsrealtime.CreateStageOutput{
			Stage: fullStage(),
			ParticipantTokens: []ivsrealtime.ParticipantToken{
				{
					ParticipantID:  "Pa12Rt34Ic56",
					Token:          "eyJhbGciOiJLTVMiLCJ0eXAiOiJKV1QifQ.participant.token",
					UserID:         "alice",
					Attributes:     map[string]string{"role": "host", "display": "Alice"},
					Duration:       60,
					Capabilities:   []ivsrealtime.ParticipantTokenCapability{"PUBLISH", "SUBSCRIBE"},
					ExpirationTime: timeFraction,
				},
				{ParticipantID: "Qb12Su34Jd56", ExpirationTime: timeWhole},
			},
		},
	},
	{
		name:    "CreateStage",
		variant: "empty",
		in: &ivsrealtime.CreateStageInput{
			ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{
				{Attributes: map[string]string{}, Capabilities: []ivsrealtime.ParticipantTokenCapability{}},
				{},
			},
			Tags: map[string]string{},
			AutoParticipantRecordingConfiguration: &ivsrealtime.AutoParticipantRecordingConfiguration{
				MediaTypes:             []ivsrealtime.ParticipantRecordingMediaType{},
				ThumbnailConfiguration: ivsrealtime.ParticipantThumbnailConfiguration{Storage: []ivsrealtime.ThumbnailStorageType{}},
			},
		},
		answer: `{"stage": {"arn": "", "tags": {}}, "participantTokens": []}`,
		want: &ivsrealtime.CreateStageOutput{
			Stage:             ivsrealtime.Stage{Tags: map[string]string{}},
			ParticipantTokens: []ivsrealtime.ParticipantToken{},
		},
	},
	{
		name:    "CreateStage",
		variant: "no-tokens",
		in:      &ivsrealtime.CreateStageInput{ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{}},
	},
	{
		name:     "DeleteStage",
		in:       &ivsrealtime.DeleteStageInput{ARN: testStageARN},
		required: []string{"ARN"},
		answer:   `{}`,
		want:     &ivsrealtime.DeleteStageOutput{},
	},
	{
		name:     "GetStage",
		in:       &ivsrealtime.GetStageInput{ARN: testStageARN},
		required: []string{"ARN"},
		answer:   `{"stage": ` + fullStageJSON + `}`,
		want:     &ivsrealtime.GetStageOutput{Stage: fullStage()},
	},
	{
		// As the service answers for a stage with nothing set.
		name:    "GetStage",
		variant: "bare",
		in:      &ivsrealtime.GetStageInput{ARN: "arn:aws:ivs:eu-west-1:111122223333:stage/Bare"},
		answer: `{"stage": {
			"activeSessionId": "",
			"arn": "arn:aws:ivs:eu-west-1:111122223333:stage/Bare",
			"autoParticipantRecordingConfiguration": {
				"hlsConfiguration": {"targetSegmentDurationSeconds": 6},
				"mediaTypes": ["AUDIO_VIDEO"],
				"recordParticipantReplicas": true,
				"recordingReconnectWindowSeconds": 0,
				"storageConfigurationArn": "",
				"thumbnailConfiguration": {"recordingMode": "DISABLED", "storage": ["SEQUENTIAL"], "targetIntervalSeconds": 60}
			},
			"endpoints": null,
			"name": "",
			"tags": {}
		}}`,
		want: &ivsrealtime.GetStageOutput{Stage: ivsrealtime.Stage{
			ARN: "arn:aws:ivs:eu-west-1:111122223333:stage/Bare",
			AutoParticipantRecordingConfiguration: ivsrealtime.AutoParticipantRecordingConfiguration{
				HLSConfiguration:                ivsrealtime.ParticipantRecordingHLSConfiguration{TargetSegmentDurationSeconds: 6},
				MediaTypes:                      []ivsrealtime.ParticipantRecordingMediaType{ivsrealtime.ParticipantRecordingMediaTypeAudioVideo},
				RecordParticipantReplicas:       aws.Bool(true),
				RecordingReconnectWindowSeconds: aws.Int32(0),
				ThumbnailConfiguration: ivsrealtime.ParticipantThumbnailConfiguration{
					RecordingMode:         ivsrealtime.ThumbnailRecordingModeDisabled,
					Storage:               []ivsrealtime.ThumbnailStorageType{ivsrealtime.ThumbnailStorageTypeSequential},
					TargetIntervalSeconds: 60,
				},
			},
			Tags: map[string]string{},
		}},
	},
	{
		name: "ListStages",
		in:   &ivsrealtime.ListStagesInput{NextToken: "page/2+=_-", MaxResults: 100},
		answer: `{
			"stages": [{
				"arn": "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56",
				"name": "lobby",
				"activeSessionId": "st-1a2B3c4D5e6F7",
				"tags": {"team": "red"}
			}, {
				"arn": "arn:aws:ivs:eu-west-1:111122223333:stage/Gh12Ij34Kl56"
			}],
			"nextToken": "page/3"
		}`,
		want: &ivsrealtime.ListStagesOutput{
			Stages: []ivsrealtime.StageSummary{
				{ARN: testStageARN, Name: "lobby", ActiveSessionID: testSessionID, Tags: map[string]string{"team": "red"}},
				{ARN: "arn:aws:ivs:eu-west-1:111122223333:stage/Gh12Ij34Kl56"},
			},
			NextToken: "page/3",
		},
	},
	{
		name: "UpdateStage",
		in: &ivsrealtime.UpdateStageInput{
			ARN:                                   testStageARN,
			Name:                                  aws.String("hall"),
			AutoParticipantRecordingConfiguration: fullRecording(),
		},
		required: []string{"ARN"},
		always:   []string{"autoParticipantRecordingConfiguration.storageConfigurationArn"},
		answer:   `{"stage": ` + fullStageJSON + `}`,
		want:     &ivsrealtime.UpdateStageOutput{Stage: fullStage()},
	},
	{
		// What the zero value of a plain field could not say.
		name:    "UpdateStage",
		variant: "zeros",
		in: &ivsrealtime.UpdateStageInput{
			ARN:  testStageARN,
			Name: aws.String(""),
			AutoParticipantRecordingConfiguration: &ivsrealtime.AutoParticipantRecordingConfiguration{
				StorageConfigurationARN:         testStorageConfigurationARN,
				RecordingReconnectWindowSeconds: aws.Int32(0),
				RecordParticipantReplicas:       aws.Bool(false),
			},
		},
	},
	{
		name:    "UpdateStage",
		variant: "recording-off",
		in: &ivsrealtime.UpdateStageInput{
			ARN:                                   testStageARN,
			AutoParticipantRecordingConfiguration: &ivsrealtime.AutoParticipantRecordingConfiguration{},
		},
	},
	{
		name:    "UpdateStage",
		variant: "nothing",
		in:      &ivsrealtime.UpdateStageInput{ARN: testStageARN},
	},
	{
		name:     "GetStageSession",
		in:       &ivsrealtime.GetStageSessionInput{StageARN: testStageARN, SessionID: testSessionID},
		required: []string{"StageARN", "SessionID"},
		answer: `{"stageSession": {
			"sessionId": "st-1a2B3c4D5e6F7",
			"startTime": "2026-10-01T08:15:30Z",
			"endTime": "2026-10-01T08:15:30.602000+00:00"
		}}`,
		want: &ivsrealtime.GetStageSessionOutput{
			StageSession: ivsrealtime.StageSession{SessionID: testSessionID, StartTime: timeWhole, EndTime: timeFraction},
		},
	},
	{
		name:     "ListStageSessions",
		in:       &ivsrealtime.ListStageSessionsInput{StageARN: testStageARN, NextToken: "page2", MaxResults: 1},
		required: []string{"StageARN"},
		answer: `{
			"stageSessions": [
				{"sessionId": "st-1a2B3c4D5e6F7", "startTime": "2026-10-01T08:15:30Z", "endTime": "2026-10-01T08:15:30.602000+00:00"},
				{"sessionId": "st-active0000000", "startTime": "2026-10-01T08:15:30.602000+00:00", "endTime": null}
			],
			"nextToken": "page3"
		}`,
		want: &ivsrealtime.ListStageSessionsOutput{
			StageSessions: []ivsrealtime.StageSessionSummary{
				{SessionID: testSessionID, StartTime: timeWhole, EndTime: timeFraction},
				{SessionID: "st-active0000000", StartTime: timeFraction},
			},
			NextToken: "page3",
		},
	},
}

// fullRecording returns a recording configuration with every member set.
func fullRecording() *ivsrealtime.AutoParticipantRecordingConfiguration {
	return &ivsrealtime.AutoParticipantRecordingConfiguration{
		StorageConfigurationARN: "arn:aws:ivs:eu-west-1:111122223333:storage-configuration/St12Or34Ag56",
		MediaTypes:              []ivsrealtime.ParticipantRecordingMediaType{ivsrealtime.ParticipantRecordingMediaTypeAudioOnly},
		ThumbnailConfiguration: ivsrealtime.ParticipantThumbnailConfiguration{
			TargetIntervalSeconds: 30,
			Storage:               []ivsrealtime.ThumbnailStorageType{ivsrealtime.ThumbnailStorageTypeLatest, ivsrealtime.ThumbnailStorageTypeSequential},
			RecordingMode:         ivsrealtime.ThumbnailRecordingModeInterval,
		},
		RecordingReconnectWindowSeconds: aws.Int32(120),
		HLSConfiguration:                ivsrealtime.ParticipantRecordingHLSConfiguration{TargetSegmentDurationSeconds: 4},
		RecordParticipantReplicas:       aws.Bool(true),
	}
}

// fullStageJSON has every member of a stage; it decodes to fullStage().
const fullStageJSON = `{
	"arn": "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56",
	"name": "lobby",
	"activeSessionId": "st-1a2B3c4D5e6F7",
	"tags": {"team": "red", "env": "test"},
	"autoParticipantRecordingConfiguration": {
		"storageConfigurationArn": "arn:aws:ivs:eu-west-1:111122223333:storage-configuration/St12Or34Ag56",
		"mediaTypes": ["AUDIO_ONLY"],
		"thumbnailConfiguration": {
			"targetIntervalSeconds": 30,
			"storage": ["LATEST", "SEQUENTIAL"],
			"recordingMode": "INTERVAL"
		},
		"recordingReconnectWindowSeconds": 120,
		"hlsConfiguration": {"targetSegmentDurationSeconds": 4},
		"recordParticipantReplicas": true
	},
	"endpoints": {
		"events": "wss://global.events.live-video.net",
		"whip": "https://a1b2c3d4e5f6.global-bm.whip.live-video.net",
		"rtmp": "rtmp://a1b2c3d4e5f6.global-contribute.live-video.net/app/",
		"rtmps": "rtmps://a1b2c3d4e5f6.global-contribute.live-video.net:443/app/"
	}
}`

func fullStage() ivsrealtime.Stage {
	return ivsrealtime.Stage{
		ARN:                                   testStageARN,
		Name:                                  "lobby",
		ActiveSessionID:                       testSessionID,
		Tags:                                  map[string]string{"team": "red", "env": "test"},
		AutoParticipantRecordingConfiguration: *fullRecording(),
		Endpoints: ivsrealtime.StageEndpoints{
			Events: "wss://global.events.live-video.net",
			WHIP:   "https://a1b2c3d4e5f6.global-bm.whip.live-video.net",
			RTMP:   "rtmp://a1b2c3d4e5f6.global-contribute.live-video.net/app/",
			RTMPS:  "rtmps://a1b2c3d4e5f6.global-contribute.live-video.net:443/app/",
		},
	}
}

// Times come in several forms of ISO 8601 and are always UTC.
func TestTimeForms(t *testing.T) {
	const second = "2026-10-01T08:15:30"
	tests := map[string]time.Time{
		second + "Z":                    timeWhole,
		second + "+00:00":               timeWhole,
		second + "-00:00":               timeWhole,
		second + "+0000":                timeWhole,
		second + ".602000+00:00":        timeFraction,
		second + ".602Z":                timeFraction,
		second + ".000000001Z":          timeWhole.Add(1),
		second + ".123456789+00:00":     timeWhole.Add(123456789),
		"2026-10-01T10:15:30+02:00":     timeWhole,
		"2026-10-01T10:15:30.602+02:00": timeFraction,
		"2026-09-30T22:45:30-09:30":     timeWhole,
		"2026-10-02T00:00:00.5+15:44":   timeWhole.Add(30*time.Second + 500*time.Millisecond),
	}
	op := operation{name: "GetStageSession", in: &ivsrealtime.GetStageSessionInput{StageARN: testStageARN, SessionID: testSessionID}}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			out, err := op.decode(t, `{"stageSession":{"startTime":"`+text+`"}}`)
			if err != nil {
				t.Fatal(err)
			}
			session := ivsrealtime.StageSession{StartTime: want}
			if got := out.(*ivsrealtime.GetStageSessionOutput).StageSession; !reflect.DeepEqual(got, session) {
				t.Errorf("got %v, want %v", got.StartTime, want)
			}
		})
	}
}

// The last of two members with the same name wins as a whole, and names match
// exactly.
func TestDuplicateMembers(t *testing.T) {
	op := operation{name: "GetStage", in: &ivsrealtime.GetStageInput{ARN: testStageARN}}
	out, err := op.decode(t, `{
		"stage": {"arn": "first", "name": "first", "tags": {"first": "1"}, "endpoints": {"whip": "w"}},
		"stage": {"arn": "second", "arn": "third", "tags": {"a": "1"}, "tags": {"b": "2", "b": "3"}, "endpoints": {"rtmp": "1"}, "endpoints": {"rtmps": "2"}},
		"Stage": {"arn": "fourth"}
	}`)
	if err != nil {
		t.Fatal(err)
	}
	want := ivsrealtime.Stage{ARN: "third", Tags: map[string]string{"b": "3"}, Endpoints: ivsrealtime.StageEndpoints{RTMPS: "2"}}
	if got := out.(*ivsrealtime.GetStageOutput).Stage; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
