package ivsrealtime_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/seed-433ec77c/ivsrealtime"
)

const testIngestConfigurationARN = "arn:aws:ivs:eu-west-1:111122223333:ingest-configuration/In12Ge34St56"

const fullIngestConfigurationJSON = `{
	"name": "studio",
	"arn": "arn:aws:ivs:eu-west-1:111122223333:ingest-configuration/In12Ge34St56",
	"ingestProtocol": "RTMPS",
	"streamKey": "rt_111122223333_eu-west-1_In12Ge34St56_virtual",
	"stageArn": "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56",
	"participantId": "Pa12Rt34-Ic_6",
	"state": "ACTIVE",
	"userId": "alice",
	"redundantIngest": true,
	"redundantIngestCredentials": [
		{"participantId": "Ph12Ys34Ia56", "streamKey": "rt_111122223333_eu-west-1_In12Ge34St56_first"},
		{"participantId": "Ph12Ys34Ib56", "streamKey": "rt_111122223333_eu-west-1_In12Ge34St56_second"}
	],
	"attributes": {"role": "host"},
	"tags": {"team": "red"}
}`

var fullIngestConfiguration = ivsrealtime.IngestConfiguration{
	Name:            "studio",
	ARN:             testIngestConfigurationARN,
	IngestProtocol:  ivsrealtime.IngestProtocolRTMPS,
	StreamKey:       "rt_111122223333_eu-west-1_In12Ge34St56_virtual",
	StageARN:        testStageARN,
	ParticipantID:   testParticipantID,
	State:           ivsrealtime.IngestConfigurationStateActive,
	UserID:          "alice",
	RedundantIngest: true,
	RedundantIngestCredentials: []ivsrealtime.RedundantIngestCredential{
		{ParticipantID: "Ph12Ys34Ia56", StreamKey: "rt_111122223333_eu-west-1_In12Ge34St56_first"},
		{ParticipantID: "Ph12Ys34Ib56", StreamKey: "rt_111122223333_eu-west-1_In12Ge34St56_second"},
	},
	Attributes: map[string]string{"role": "host"},
	Tags:       map[string]string{"team": "red"},
}

var ingestConfigurationOperations = []operation{
	{
		name: "CreateIngestConfiguration",
		in: &ivsrealtime.CreateIngestConfigurationInput{
			Name:            "studio",
			StageARN:        testStageARN,
			UserID:          "alice",
			Attributes:      map[string]string{"role": "host"},
			IngestProtocol:  ivsrealtime.IngestProtocolRTMP,
			InsecureIngest:  true,
			RedundantIngest: true,
			Tags:            map[string]string{"team": "red"},
		},
		required: []string{"IngestProtocol"},
		answer:   `{"ingestConfiguration": ` + fullIngestConfigurationJSON + `}`,
		want:     &ivsrealtime.CreateIngestConfigurationOutput{IngestConfiguration: fullIngestConfiguration},
	},
	{
		name:    "CreateIngestConfiguration",
		variant: "empty",
		in: &ivsrealtime.CreateIngestConfigurationInput{
			IngestProtocol: ivsrealtime.IngestProtocolRTMPS,
			Attributes:     map[string]string{},
			Tags:           map[string]string{},
		},
	},
	{
		name:     "DeleteIngestConfiguration",
		in:       &ivsrealtime.DeleteIngestConfigurationInput{ARN: testIngestConfigurationARN, Force: true},
		required: []string{"ARN"},
		answer:   `{}`,
		want:     &ivsrealtime.DeleteIngestConfigurationOutput{},
	},
	{
		name:     "GetIngestConfiguration",
		in:       &ivsrealtime.GetIngestConfigurationInput{ARN: testIngestConfigurationARN},
		required: []string{"ARN"},
		answer:   `{"ingestConfiguration": ` + fullIngestConfigurationJSON + `}`,
		want:     &ivsrealtime.GetIngestConfigurationOutput{IngestConfiguration: fullIngestConfiguration},
	},
	{
		// As the service answers for one that has no stage.
		name:    "GetIngestConfiguration",
		variant: "detached",
		in:      &ivsrealtime.GetIngestConfigurationInput{ARN: testIngestConfigurationARN},
		answer: `{"ingestConfiguration": {
			"name": "", "arn": "arn:aws:ivs:eu-west-1:111122223333:ingest-configuration/In12Ge34St56", "ingestProtocol": "RTMP",
			"streamKey": "rt_111122223333_eu-west-1_In12Ge34St56_only", "stageArn": "", "participantId": "Pa12Rt34-Ic_6",
			"state": "INACTIVE", "userId": "", "redundantIngest": false, "redundantIngestCredentials": null, "attributes": null, "tags": {}
		}}`,
		want: &ivsrealtime.GetIngestConfigurationOutput{IngestConfiguration: ivsrealtime.IngestConfiguration{
			ARN:            testIngestConfigurationARN,
			IngestProtocol: ivsrealtime.IngestProtocolRTMP,
			StreamKey:      "rt_111122223333_eu-west-1_In12Ge34St56_only",
			ParticipantID:  testParticipantID,
			State:          ivsrealtime.IngestConfigurationStateInactive,
			Tags:           map[string]string{},
		}},
	},
	{
		name: "ListIngestConfigurations",
		in: &ivsrealtime.ListIngestConfigurationsInput{
			FilterByStageARN: testStageARN,
			FilterByState:    ivsrealtime.IngestConfigurationStateInactive,
			NextToken:        "page2",
			MaxResults:       7,
		},
		answer: `{
			"ingestConfigurations": [{
				"name": "studio",
				"arn": "arn:aws:ivs:eu-west-1:111122223333:ingest-configuration/In12Ge34St56",
				"ingestProtocol": "RTMPS",
				"stageArn": "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56",
				"participantId": "Pa12Rt34-Ic_6",
				"state": "INACTIVE",
				"userId": "alice",
				"redundantIngest": true
			}],
			"nextToken": "page3"
		}`,
		want: &ivsrealtime.ListIngestConfigurationsOutput{
			IngestConfigurations: []ivsrealtime.IngestConfigurationSummary{{
				Name:            "studio",
				ARN:             testIngestConfigurationARN,
				IngestProtocol:  ivsrealtime.IngestProtocolRTMPS,
				StageARN:        testStageARN,
				ParticipantID:   testParticipantID,
				State:           ivsrealtime.IngestConfigurationStateInactive,
				UserID:          "alice",
				RedundantIngest: true,
			}},
			NextToken: "page3",
		},
	},
	{
		name: "UpdateIngestConfiguration",
		in: &ivsrealtime.UpdateIngestConfigurationInput{
			ARN:             testIngestConfigurationARN,
			StageARN:        aws.String(testStageARN),
			RedundantIngest: aws.Bool(true),
		},
		required: []string{"ARN"},
		answer:   `{"ingestConfiguration": ` + fullIngestConfigurationJSON + `}`,
		want:     &ivsrealtime.UpdateIngestConfigurationOutput{IngestConfiguration: fullIngestConfiguration},
	},
	{
		// What the zero value of a plain field could not say.
		name:    "UpdateIngestConfiguration",
		variant: "zeros",
		in: &ivsrealtime.UpdateIngestConfigurationInput{
			ARN:             testIngestConfigurationARN,
			StageARN:        aws.String(""),
			RedundantIngest: aws.Bool(false),
		},
	},
	{
		name:    "UpdateIngestConfiguration",
		variant: "nothing",
		in:      &ivsrealtime.UpdateIngestConfigurationInput{ARN: testIngestConfigurationARN},
	},
}
