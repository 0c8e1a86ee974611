package ivsrealtime_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

const (
	testParticipantID       = "Pa12Rt34-Ic_6"
	testDestinationStageARN = "arn:aws:ivs:eu-west-1:111122223333:stage/De12St34In56"
)

var participantOperations = []operation{
	{
		name: "CreateParticipantToken",
		in: &ivsrealtime.CreateParticipantTokenInput{
			StageARN:     testStageARN,
			Duration:     20160,
			UserID:       "alice",
			Attributes:   map[string]string{"role": "host"},
			Capabilities: []ivsrealtime.ParticipantTokenCapability{ivsrealtime.ParticipantTokenCapabilitySubscribe},
		},
		required: []string{"StageARN"},
		answer: `{"participantToken": {
			"participantId": "Pa12Rt34-Ic_6",
			"token": "eyJhbGciOiJLTVMiLCJ0eXAiOiJKV1QifQ.participant.token",
			"userId": "alice",
			"attributes": {"role": "host"},
			"duration": 20160,
			"capabilities": ["SUBSCRIBE"],
			"expirationTime": "2026-10-01T08:15:30Z"
		}}`,
		want: &ivsrealtime.CreateParticipantTokenOutput{ParticipantToken: ivsrealtime.ParticipantToken{
			ParticipantID:  testParticipantID,
			Token:          "eyJhbGciOiJLTVMiLCJ0eXAiOiJKV1QifQ.participant.token",
			UserID:         "alice",
			Attributes:     map[string]string{"role": "host"},
			Duration:       20160,
			Capabilities:   []ivsrealtime.ParticipantTokenCapability{ivsrealtime.ParticipantTokenCapabilitySubscribe},
			ExpirationTime: timeWhole,
		}},
	},
	{
		name:    "CreateParticipantToken",
		variant: "nil",
		in:      &ivsrealtime.CreateParticipantTokenInput{StageARN: testStageARN},
	},
	{
		name:    "CreateParticipantToken",
		variant: "empty",
		in: &ivsrealtime.CreateParticipantTokenInput{
			StageARN:     testStageARN,
			Attributes:   map[string]string{},
			Capabilities: []ivsrealtime.ParticipantTokenCapability{},
		},
		answer: `{"participantToken": {"token": "t", "attributes": {}, "capabilities": []}}`,
		want: &ivsrealtime.CreateParticipantTokenOutput{ParticipantToken: ivsrealtime.ParticipantToken{
			Token:        "t",
			Attributes:   map[string]string{},
			Capabilities: []ivsrealtime.ParticipantTokenCapability{},
		}},
	},
	{
		name:     "DisconnectParticipant",
		in:       &ivsrealtime.DisconnectParticipantInput{StageARN: testStageARN, ParticipantID: testParticipantID, Reason: `broke the "rules" & left`},
		required: []string{"StageARN", "ParticipantID"},
		answer:   `{}`,
		want:     &ivsrealtime.DisconnectParticipantOutput{},
	},
	{
		name:     "GetParticipant",
		in:       &ivsrealtime.GetParticipantInput{StageARN: testStageARN, SessionID: testSessionID, ParticipantID: testParticipantID},
		required: []string{"StageARN", "SessionID", "ParticipantID"},
		answer: `{"participant": {
			"participantId": "Pa12Rt34-Ic_6",
			"userId": "alice",
			"state": "DISCONNECTED",
			"firstJoinTime": "2026-10-01T08:15:30.602000+00:00",
			"attributes": {"role": "host"},
			"published": true,
			"ispName": "Example Net",
			"osName": "Mac OS X",
			"osVersion": "15.1",
			"browserName": "Firefox",
			"browserVersion": "132",
			"sdkVersion": "1.20.0",
			"recordingS3BucketName": "recordings",
			"recordingS3Prefix": "Ab12Cd34Ef56/st-1a2B3c4D5e6F7/Pa12Rt34-Ic_6/2026-10-01T08-15-30Z",
			"recordingState": "ACTIVE",
			"protocol": "RTMPS",
			"replicationType": "REPLICA",
			"replicationState": "STOPPED",
			"sourceStageArn": "arn:aws:ivs:eu-west-1:111122223333:stage/So12Ur34Ce56",
			"sourceSessionId": "st-source0000000",
			"redundantIngest": true,
			"ingestConfigurationArn": "arn:aws:ivs:eu-west-1:111122223333:ingest-configuration/In12Ge34St56"
		}}`,
		want: &ivsrealtime.GetParticipantOutput{Participant: ivsrealtime.Participant{
			ParticipantID:          testParticipantID,
			UserID:                 "alice",
			State:                  ivsrealtime.ParticipantStateDisconnected,
			FirstJoinTime:          timeFraction,
			Attributes:             map[string]string{"role": "host"},
			Published:              true,
			ISPName:                "Example Net",
			OSName:                 "Mac OS X",
			OSVersion:              "15.1",
			BrowserName:            "Firefox",
			BrowserVersion:         "132",
			SDKVersion:             "1.20.0",
			RecordingS3BucketName:  "recordings",
			RecordingS3Prefix:      "Ab12Cd34Ef56/st-1a2B3c4D5e6F7/Pa12Rt34-Ic_6/2026-10-01T08-15-30Z",
			RecordingState:         ivsrealtime.ParticipantRecordingStateActive,
			Protocol:               ivsrealtime.ParticipantProtocolRTMPS,
			ReplicationType:        ivsrealtime.ReplicationTypeReplica,
			ReplicationState:       ivsrealtime.ReplicationStateStopped,
			SourceStageARN:         "arn:aws:ivs:eu-west-1:111122223333:stage/So12Ur34Ce56",
			SourceSessionID:        "st-source0000000",
			RedundantIngest:        true,
			IngestConfigurationARN: "arn:aws:ivs:eu-west-1:111122223333:ingest-configuration/In12Ge34St56",
		}},
	},
	{
		// As the service answers for a participant of which little is known.
		name:    "GetParticipant",
		variant: "bare",
		in:      &ivsrealtime.GetParticipantInput{StageARN: testStageARN, SessionID: testSessionID, ParticipantID: testParticipantID},
		answer: `{"participant": {
			"participantId": "Pa12Rt34-Ic_6", "userId": "", "state": "CONNECTED", "firstJoinTime": null, "attributes": {}, "published": false,
			"ispName": "", "osName": "", "osVersion": "", "browserName": "", "browserVersion": "", "sdkVersion": "",
			"recordingS3BucketName": "", "recordingS3Prefix": "", "recordingState": "DISABLED", "protocol": "UNKNOWN",
			"replicationType": "NONE", "replicationState": "", "sourceStageArn": "", "sourceSessionId": "",
			"redundantIngest": false, "ingestConfigurationArn": ""
		}}`,
		want: &ivsrealtime.GetParticipantOutput{Participant: ivsrealtime.Participant{
			ParticipantID:   testParticipantID,
			State:           ivsrealtime.ParticipantStateConnected,
			Attributes:      map[string]string{},
			RecordingState:  ivsrealtime.ParticipantRecordingStateDisabled,
			Protocol:        ivsrealtime.ParticipantProtocolUnknown,
			ReplicationType: ivsrealtime.ReplicationTypeNone,
		}},
	},
	{
		name: "ListParticipantEvents",
		in: &ivsrealtime.ListParticipantEventsInput{
			StageARN:      testStageARN,
			SessionID:     testSessionID,
			ParticipantID: testParticipantID,
			NextToken:     "page2",
			MaxResults:    25,
		},
		required: []string{"StageARN", "SessionID", "ParticipantID"},
		answer: `{
			"events": [{
				"name": "SUBSCRIBE_ERROR",
				"participantId": "Pa12Rt34-Ic_6",
				"eventTime": "2026-10-01T08:15:30Z",
				"remoteParticipantId": "Re12Mo34Te56",
				"errorCode": "PUBLISHER_NOT_FOUND",
				"replica": true
			}, {
				"name": "REPLICATION_STARTED",
				"participantId": "Pa12Rt34-Ic_6",
				"eventTime": "2026-10-01T08:15:30.602000+00:00",
				"remoteParticipantId": null,
				"errorCode": null,
				"destinationStageArn": "arn:aws:ivs:eu-west-1:111122223333:stage/De12St34In56",
				"destinationSessionId": "st-destination00",
				"replica": false
			}, {
				"name": "TOKEN_EXCHANGED",
				"participantId": "Pa12Rt34-Ic_6",
				"eventTime": "2026-10-01T08:15:30Z",
				"previousToken": {
					"capabilities": ["SUBSCRIBE"],
					"attributes": {"role": "guest"},
					"userId": "alice",
					"expirationTime": "2026-10-01T08:15:30Z"
				},
				"newToken": {
					"capabilities": ["PUBLISH", "SUBSCRIBE"],
					"attributes": {"role": "host"},
					"userId": "alice2",
					"expirationTime": "2026-10-01T08:15:30.602000+00:00"
				}
			}],
			"nextToken": "page3"
		}`,
		want: &ivsrealtime.ListParticipantEventsOutput{
			Events: []ivsrealtime.Event{
				{
					Name:                ivsrealtime.EventNameSubscribeError,
					ParticipantID:       testParticipantID,
					EventTime:           timeWhole,
					RemoteParticipantID: "Re12Mo34Te56",
					ErrorCode:           ivsrealtime.EventErrorCodePublisherNotFound,
					Replica:             true,
				},
				{
					Name:                 ivsrealtime.EventNameReplicationStarted,
					ParticipantID:        testParticipantID,
					EventTime:            timeFraction,
					DestinationStageARN:  testDestinationStageARN,
					DestinationSessionID: "st-destination00",
				},
				{
					Name:          ivsrealtime.EventNameTokenExchanged,
					ParticipantID: testParticipantID,
					EventTime:     timeWhole,
					PreviousToken: &ivsrealtime.ExchangedParticipantToken{
						Capabilities:   []ivsrealtime.ParticipantTokenCapability{ivsrealtime.ParticipantTokenCapabilitySubscribe},
						Attributes:     map[string]string{"role": "guest"},
						UserID:         "alice",
						ExpirationTime: timeWhole,
					},
					NewToken: &ivsrealtime.ExchangedParticipantToken{
						Capabilities:   []ivsrealtime.ParticipantTokenCapability{ivsrealtime.ParticipantTokenCapabilityPublish, ivsrealtime.ParticipantTokenCapabilitySubscribe},
						Attributes:     map[string]string{"role": "host"},
						UserID:         "alice2",
						ExpirationTime: timeFraction,
					},
				},
			},
			NextToken: "page3",
		},
	},
	{
		name: "ListParticipantReplicas",
		in: &ivsrealtime.ListParticipantReplicasInput{
			SourceStageARN: testStageARN,
			ParticipantID:  testParticipantID,
			NextToken:      "page2",
			MaxResults:     50,
		},
		required: []string{"SourceStageARN", "ParticipantID"},
		answer: `{
			"replicas": [{
				"sourceStageArn": "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56",
				"participantId": "Pa12Rt34-Ic_6",
				"sourceSessionId": "st-1a2B3c4D5e6F7",
				"destinationStageArn": "arn:aws:ivs:eu-west-1:111122223333:stage/De12St34In56",
				"destinationSessionId": "st-destination00",
				"replicationState": "ACTIVE"
			}],
			"nextToken": "page3"
		}`,
		want: &ivsrealtime.ListParticipantReplicasOutput{
			Replicas: []ivsrealtime.ParticipantReplica{{
				SourceStageARN:       testStageARN,
				ParticipantID:        testParticipantID,
				SourceSessionID:      testSessionID,
				DestinationStageARN:  testDestinationStageARN,
				DestinationSessionID: "st-destination00",
				ReplicationState:     ivsrealtime.ReplicationStateActive,
			}},
			NextToken: "page3",
		},
	},
	{
		name: "ListParticipants",
		in: &ivsrealtime.ListParticipantsInput{
			StageARN:               testStageARN,
			SessionID:              testSessionID,
			FilterByUserID:         "alice",
			FilterByPublished:      aws.Bool(true),
			FilterByState:          ivsrealtime.ParticipantStateConnected,
			NextToken:              "page2",
			MaxResults:             10,
			FilterByRecordingState: ivsrealtime.ParticipantRecordingFilterByRecordingStateStopping,
		},
		required: []string{"StageARN", "SessionID"},
		answer: `{
			"participants": [{
				"participantId": "Pa12Rt34-Ic_6",
				"userId": "alice",
				"state": "CONNECTED",
				"firstJoinTime": "2026-10-01T08:15:30Z",
				"published": true,
				"recordingState": "STOPPING",
				"replicationType": "SOURCE",
				"replicationState": "ACTIVE",
				"sourceStageArn": "arn:aws:ivs:eu-west-1:111122223333:stage/So12Ur34Ce56",
				"sourceSessionId": "st-source0000000",
				"redundantIngest": true,
				"ingestConfigurationArn": "arn:aws:ivs:eu-west-1:111122223333:ingest-configuration/In12Ge34St56"
			}, {
				"participantId": "other",
				"userId": "",
				"firstJoinTime": "2026-10-01T08:15:30.602000+00:00"
			}],
			"nextToken": "page3"
		}`,
		want: &ivsrealtime.ListParticipantsOutput{
			Participants: []ivsrealtime.ParticipantSummary{
				{
					ParticipantID:          testParticipantID,
					UserID:                 "alice",
					State:                  ivsrealtime.ParticipantStateConnected,
					FirstJoinTime:          timeWhole,
					Published:              true,
					RecordingState:         ivsrealtime.ParticipantRecordingStateStopping,
					ReplicationType:        ivsrealtime.ReplicationTypeSource,
					ReplicationState:       ivsrealtime.ReplicationStateActive,
					SourceStageARN:         "arn:aws:ivs:eu-west-1:111122223333:stage/So12Ur34Ce56",
					SourceSessionID:        "st-source0000000",
					RedundantIngest:        true,
					IngestConfigurationARN: "arn:aws:ivs:eu-west-1:111122223333:ingest-configuration/In12Ge34St56",
				},
				{ParticipantID: "other", FirstJoinTime: timeFraction},
			},
			NextToken: "page3",
		},
	},
	{
		name:    "ListParticipants",
		variant: "unpublished",
		in:      &ivsrealtime.ListParticipantsInput{StageARN: testStageARN, SessionID: testSessionID, FilterByPublished: aws.Bool(false)},
		answer:  `{"participants": []}`,
		want:    &ivsrealtime.ListParticipantsOutput{Participants: []ivsrealtime.ParticipantSummary{}},
	},
	{
		name:     "RevokeConnectionToken",
		in:       &ivsrealtime.RevokeConnectionTokenInput{TokenID: "token-1_A"},
		required: []string{"TokenID"},
		answer:   `{}`,
		want:     &ivsrealtime.RevokeConnectionTokenOutput{},
	},
	{
		name: "StartParticipantReplication",
		in: &ivsrealtime.StartParticipantReplicationInput{
			SourceStageARN:         testStageARN,
			DestinationStageARN:    testDestinationStageARN,
			ParticipantID:          testParticipantID,
			ReconnectWindowSeconds: 300,
			Attributes:             map[string]string{"role": "replica"},
		},
		required: []string{"SourceStageARN", "DestinationStageARN", "ParticipantID"},
		answer:   `{}`,
		want:     &ivsrealtime.StartParticipantReplicationOutput{},
	},
	{
		name: "StopParticipantReplication",
		in: &ivsrealtime.StopParticipantReplicationInput{
			SourceStageARN:      testStageARN,
			DestinationStageARN: testDestinationStageARN,
			ParticipantID:       testParticipantID,
		},
		required: []string{"SourceStageARN", "DestinationStageARN", "ParticipantID"},
		answer:   `{}`,
		want:     &ivsrealtime.StopParticipantReplicationOutput{},
	},
}

// The sets are what the API calls them, and a caller's change of one stays the
// caller's own.
func TestCapabilitySets(t *testing.T) {
	for name, set := range map[string]func() []ivsrealtime.ParticipantTokenCapability{
		"PUBLISH": ivsrealtime.Publish, "SUBSCRIBE": ivsrealtime.Subscribe, "PUBLISH SUBSCRIBE": ivsrealtime.PublishAndSubscribe,
	} {
		var want []ivsrealtime.ParticipantTokenCapability
		for text := range strings.FieldsSeq(name) {
			want = append(want, ivsrealtime.ParticipantTokenCapability(text))
		}
		require.Equal(t, want, set())
		set()[0] = "changed"
		require.Equal(t, want, set())
	}
}
