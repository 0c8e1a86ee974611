package ivsrealtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/seed-433ec77c/ivsrealtime"
)

const (
	testCompositionARN = "arn:aws:ivs:eu-west-1:111122223333:composition/Co12Mp34Os56"
	testChannelARN     = "arn:aws:ivs:eu-west-1:111122223333:channel/Ch12An34Ne56"
)

var compositionOperations = []operation{
	{
		name:     "GetComposition",
		in:       &ivsrealtime.GetCompositionInput{ARN: testCompositionARN},
		required: []string{"ARN"},
		answer:   `{"composition": ` + fullCompositionJSON(gridJSON) + `}`,
		want:     &ivsrealtime.GetCompositionOutput{Composition: fullComposition(ivsrealtime.LayoutConfiguration{Grid: &fullGrid})},
		unset:    []string{"Composition.Layout.PIP"},
	},
	{
		// The defaults of a grid, as the service fills them in.
		name:    "GetComposition",
		variant: "grid-defaults",
		in:      &ivsrealtime.GetCompositionInput{ARN: testCompositionARN},
		answer: `{"composition": {"arn": "a", "stageArn": "s", "state": "STARTING", "destinations": [], "layout": {"grid": {
			"featuredParticipantAttribute": "", "omitStoppedVideo": false, "videoAspectRatio": "VIDEO", "videoFillMode": "",
			"gridGap": 2, "participantOrderAttribute": ""
		}}}}`,
		want: &ivsrealtime.GetCompositionOutput{Composition: ivsrealtime.Composition{
			ARN: "a", StageARN: "s", State: ivsrealtime.CompositionStateStarting, Destinations: []ivsrealtime.Destination{},
			Layout: ivsrealtime.LayoutConfiguration{Grid: &ivsrealtime.GridConfiguration{
				VideoAspectRatio: ivsrealtime.VideoAspectRatioVideo,
				GridGap:          aws.Int32(2),
			}},
		}},
	},
	{
		// The same of a picture in picture: without pipWidth and pipHeight.
		name:    "GetComposition",
		variant: "pip-defaults",
		in:      &ivsrealtime.GetCompositionInput{ARN: testCompositionARN},
		answer: `{"composition": {"arn": "a", "stageArn": "s", "state": "ACTIVE", "destinations": [], "layout": {"pip": {
			"featuredParticipantAttribute": "", "omitStoppedVideo": false, "videoFillMode": "COVER", "gridGap": 0,
			"pipParticipantAttribute": "", "pipBehavior": "STATIC", "pipOffset": 0, "pipPosition": "BOTTOM_RIGHT",
			"participantOrderAttribute": ""
		}}}}`,
		want: &ivsrealtime.GetCompositionOutput{Composition: ivsrealtime.Composition{
			ARN: "a", StageARN: "s", State: ivsrealtime.CompositionStateActive, Destinations: []ivsrealtime.Destination{},
			Layout: ivsrealtime.LayoutConfiguration{PIP: &ivsrealtime.PIPConfiguration{
				VideoFillMode: ivsrealtime.VideoFillModeCover,
				PIPBehavior:   ivsrealtime.PIPBehaviorStatic,
				PIPPosition:   ivsrealtime.PIPPositionBottomRight,
			}},
		}},
	},
	{
		name:    "GetComposition",
		variant: "no-layout",
		in:      &ivsrealtime.GetCompositionInput{ARN: testCompositionARN},
		answer: `{"composition": {"arn": "a", "stageArn": "s", "state": "STOPPED", "layout": null, "endTime": null, "destinations": [
			{"id": "d", "state": "STOPPED", "configuration": {"name": "", "channel": null, "s3": {}}, "detail": {}}
		]}}`,
		want: &ivsrealtime.GetCompositionOutput{Composition: ivsrealtime.Composition{
			ARN: "a", StageARN: "s", State: ivsrealtime.CompositionStateStopped,
			Destinations: []ivsrealtime.Destination{{
				ID: "d", State: ivsrealtime.DestinationStateStopped,
				Configuration: ivsrealtime.DestinationConfiguration{S3: &ivsrealtime.S3DestinationConfiguration{}},
			}},
		}},
	},
	{
		name: "ListCompositions",
		in: &ivsrealtime.ListCompositionsInput{
			FilterByStageARN:                testStageARN,
			FilterByEncoderConfigurationARN: testEncoderConfigurationARN,
			NextToken:                       "page2",
			MaxResults:                      99,
		},
		answer: `{
			"compositions": [{
				"arn": "arn:aws:ivs:eu-west-1:111122223333:composition/Co12Mp34Os56",
				"stageArn": "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56",
				"destinations": [
					{"id": "De12St34Ia56", "state": "STARTING"},
					{"id": "De12St34Ib56", "state": "RECONNECTING", "startTime": "2026-10-01T08:15:30Z", "endTime": "2026-10-01T08:15:30.602000+00:00"}
				],
				"state": "STOPPING",
				"tags": {"team": "red"},
				"startTime": "2026-10-01T08:15:30Z",
				"endTime": "2026-10-01T08:15:30.602000+00:00"
			}],
			"nextToken": "page3"
		}`,
		want: &ivsrealtime.ListCompositionsOutput{
			Compositions: []ivsrealtime.CompositionSummary{{
				ARN:      testCompositionARN,
				StageARN: testStageARN,
				Destinations: []ivsrealtime.DestinationSummary{
					{ID: "De12St34Ia56", State: ivsrealtime.DestinationStateStarting},
					{ID: "De12St34Ib56", State: ivsrealtime.DestinationStateReconnecting, StartTime: timeWhole, EndTime: timeFraction},
				},
				State:     ivsrealtime.CompositionStateStopping,
				Tags:      map[string]string{"team": "red"},
				StartTime: timeWhole,
				EndTime:   timeFraction,
			}},
			NextToken: "page3",
		},
	},
	{
		name: "StartComposition",
		in: &ivsrealtime.StartCompositionInput{
			StageARN:         testStageARN,
			IdempotencyToken: "my-token_1",
			Layout:           &ivsrealtime.LayoutConfiguration{PIP: &fullPIP},
			Destinations:     []ivsrealtime.DestinationConfiguration{fullChannelDestination, fullS3Destination},
			Tags:             map[string]string{"team": "red"},
		},
		required: []string{
			"StageARN",
			"Destinations",
			"Destinations[0].Channel.ChannelARN",
			"Destinations[1].S3.StorageConfigurationARN",
			"Destinations[1].S3.EncoderConfigurationARNs",
		},
		always: []string{"idempotencyToken"},
		answer: `{"composition": ` + fullCompositionJSON(pipJSON) + `}`,
		want:   &ivsrealtime.StartCompositionOutput{Composition: fullComposition(ivsrealtime.LayoutConfiguration{PIP: &fullPIP})},
		unset:  []string{"Layout.Grid", "Composition.Layout.Grid"},
	},
	{
		name:    "StartComposition",
		variant: "grid",
		in: &ivsrealtime.StartCompositionInput{
			StageARN:         testStageARN,
			IdempotencyToken: "my-token_2",
			Layout:           &ivsrealtime.LayoutConfiguration{Grid: &fullGrid},
			Destinations:     []ivsrealtime.DestinationConfiguration{fullChannelDestination},
		},
	},
	{
		// What the zero value of a plain field could not say, and empty slices.
		name:    "StartComposition",
		variant: "zeros",
		in: &ivsrealtime.StartCompositionInput{
			StageARN:         testStageARN,
			IdempotencyToken: "my-token_3",
			Layout:           &ivsrealtime.LayoutConfiguration{Grid: &ivsrealtime.GridConfiguration{GridGap: aws.Int32(0)}},
			Destinations: []ivsrealtime.DestinationConfiguration{
				{S3: &ivsrealtime.S3DestinationConfiguration{
					StorageConfigurationARN:  testStorageConfigurationARN,
					EncoderConfigurationARNs: []string{},
					ThumbnailConfigurations:  []ivsrealtime.CompositionThumbnailConfiguration{},
				}},
				{S3: &ivsrealtime.S3DestinationConfiguration{
					StorageConfigurationARN:  testStorageConfigurationARN,
					EncoderConfigurationARNs: []string{testEncoderConfigurationARN},
					RecordingConfiguration:   ivsrealtime.RecordingConfiguration{Format: ivsrealtime.RecordingConfigurationFormatHLS},
					ThumbnailConfigurations:  []ivsrealtime.CompositionThumbnailConfiguration{{Storage: []ivsrealtime.ThumbnailStorageType{}}, {}},
				}},
			},
			Tags: map[string]string{},
		},
	},
	{
		name:    "StartComposition",
		variant: "nil",
		in: &ivsrealtime.StartCompositionInput{
			StageARN:         testStageARN,
			IdempotencyToken: "my-token_4",
			Layout:           &ivsrealtime.LayoutConfiguration{},
			Destinations:     []ivsrealtime.DestinationConfiguration{},
		},
	},
	{
		name:     "StopComposition",
		in:       &ivsrealtime.StopCompositionInput{ARN: testCompositionARN},
		required: []string{"ARN"},
		answer:   `{}`,
		want:     &ivsrealtime.StopCompositionOutput{},
	},
}

// The members below decode to the variables that follow them.
const (
	gridJSON = `{"grid": {
		"featuredParticipantAttribute": "featured",
		"omitStoppedVideo": true,
		"videoAspectRatio": "PORTRAIT",
		"videoFillMode": "FILL",
		"gridGap": 7,
		"participantOrderAttribute": "order"
	}}`
	pipJSON = `{"pip": {
		"featuredParticipantAttribute": "featured",
		"omitStoppedVideo": true,
		"videoFillMode": "CONTAIN",
		"gridGap": 1,
		"pipParticipantAttribute": "small",
		"pipBehavior": "DYNAMIC",
		"pipOffset": 2,
		"pipPosition": "TOP_LEFT",
		"pipWidth": 320,
		"pipHeight": 180,
		"participantOrderAttribute": "order"
	}}`
	channelDestinationJSON = `{
		"name": "live",
		"channel": {
			"channelArn": "arn:aws:ivs:eu-west-1:111122223333:channel/Ch12An34Ne56",
			"encoderConfigurationArn": "arn:aws:ivs:eu-west-1:111122223333:encoder-configuration/En12Co34De56"
		}
	}`
	s3DestinationJSON = `{
		"name": "archive",
		"s3": {
			"storageConfigurationArn": "arn:aws:ivs:eu-west-1:111122223333:storage-configuration/St12Or34Ag56",
			"encoderConfigurationArns": ["arn:aws:ivs:eu-west-1:111122223333:encoder-configuration/En12Co34De56"],
			"recordingConfiguration": {"hlsConfiguration": {"targetSegmentDurationSeconds": 10}, "format": "HLS"},
			"thumbnailConfigurations": [{"targetIntervalSeconds": 86400, "storage": ["SEQUENTIAL", "LATEST"]}]
		}
	}`
)

var (
	fullGrid = ivsrealtime.GridConfiguration{
		FeaturedParticipantAttribute: "featured",
		OmitStoppedVideo:             true,
		VideoAspectRatio:             ivsrealtime.VideoAspectRatioPortrait,
		VideoFillMode:                ivsrealtime.VideoFillModeFill,
		GridGap:                      aws.Int32(7),
		ParticipantOrderAttribute:    "order",
	}
	fullPIP = ivsrealtime.PIPConfiguration{
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
	}
	fullChannelDestination = ivsrealtime.DestinationConfiguration{
		Name: "live",
		Channel: &ivsrealtime.ChannelDestinationConfiguration{
			ChannelARN:              testChannelARN,
			EncoderConfigurationARN: testEncoderConfigurationARN,
		},
	}
	fullS3Destination = ivsrealtime.DestinationConfiguration{
		Name: "archive",
		S3: &ivsrealtime.S3DestinationConfiguration{
			StorageConfigurationARN:  testStorageConfigurationARN,
			EncoderConfigurationARNs: []string{testEncoderConfigurationARN},
			RecordingConfiguration: ivsrealtime.RecordingConfiguration{
				HLSConfiguration: ivsrealtime.CompositionRecordingHLSConfiguration{TargetSegmentDurationSeconds: 10},
				Format:           ivsrealtime.RecordingConfigurationFormatHLS,
			},
			ThumbnailConfigurations: []ivsrealtime.CompositionThumbnailConfiguration{{
				TargetIntervalSeconds: 86400,
				Storage:               []ivsrealtime.ThumbnailStorageType{ivsrealtime.ThumbnailStorageTypeSequential, ivsrealtime.ThumbnailStorageTypeLatest},
			}},
		},
	}
)

// fullCompositionJSON has every member of a composition but those of the layout;
// it decodes to fullComposition.
func fullCompositionJSON(layout string) string {
	return `{
		"arn": "arn:aws:ivs:eu-west-1:111122223333:composition/Co12Mp34Os56",
		"stageArn": "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56",
		"state": "ACTIVE",
		"layout": ` + layout + `,
		"destinations": [{
			"id": "De12St34Ia56",
			"state": "FAILED",
			"startTime": "2026-10-01T08:15:30Z",
			"endTime": "2026-10-01T08:15:30.602000+00:00",
			"configuration": ` + channelDestinationJSON + `
		}, {
			"id": "De12St34Ib56",
			"state": "ACTIVE",
			"startTime": "2026-10-01T08:15:30.602000+00:00",
			"configuration": ` + s3DestinationJSON + `,
			"detail": {"s3": {"recordingPrefix": "Xx12Yy34Zz56/Co12Mp34Os56/De12St34Ib56/composite"}}
		}],
		"tags": {"team": "red"},
		"startTime": "2026-10-01T08:15:30Z",
		"endTime": "2026-10-01T08:15:30.602000+00:00"
	}`
}

func fullComposition(layout ivsrealtime.LayoutConfiguration) ivsrealtime.Composition {
	return ivsrealtime.Composition{
		ARN:      testCompositionARN,
		StageARN: testStageARN,
		State:    ivsrealtime.CompositionStateActive,
		Layout:   layout,
		Destinations: []ivsrealtime.Destination{
			{
				ID:            "De12St34Ia56",
				State:         ivsrealtime.DestinationStateFailed,
				StartTime:     timeWhole,
				EndTime:       timeFraction,
				Configuration: fullChannelDestination,
			},
			{
				ID:            "De12St34Ib56",
				State:         ivsrealtime.DestinationStateActive,
				StartTime:     timeFraction,
				Configuration: fullS3Destination,
				Detail: ivsrealtime.DestinationDetail{
					S3: &ivsrealtime.S3Detail{RecordingPrefix: "Xx12Yy34Zz56/Co12Mp34Os56/De12St34Ib56/composite"},
				},
			},
		},
		Tags:      map[string]string{"team": "red"},
		StartTime: timeWhole,
		EndTime:   timeFraction,
	}
}

// Members are missed at any depth, and all at once.
func TestStartCompositionMissingMembers(t *testing.T) {
	tests := []struct {
		name    string
		in      *ivsrealtime.StartCompositionInput
		missing []string
	}{
		{
			"in S3",
			&ivsrealtime.StartCompositionInput{StageARN: testStageARN, Destinations: []ivsrealtime.DestinationConfiguration{
				{S3: &ivsrealtime.S3DestinationConfiguration{EncoderConfigurationARNs: []string{""}}},
			}},
			[]string{"Destinations[0].S3.StorageConfigurationARN"},
		},
		{
			"several",
			&ivsrealtime.StartCompositionInput{Destinations: []ivsrealtime.DestinationConfiguration{
				fullS3Destination,
				{Channel: &ivsrealtime.ChannelDestinationConfiguration{}, S3: &ivsrealtime.S3DestinationConfiguration{}},
				{Name: "neither"}, // one of two members is needed, which the model does not say
				{Channel: &ivsrealtime.ChannelDestinationConfiguration{EncoderConfigurationARN: testEncoderConfigurationARN}},
			}},
			[]string{
				"StageARN",
				"Destinations[1].Channel.ChannelARN",
				"Destinations[1].S3.StorageConfigurationARN",
				"Destinations[1].S3.EncoderConfigurationARNs",
				"Destinations[3].Channel.ChannelARN",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				h := answering(answer(200, "{}"))
				_, err := newClient(h).StartComposition(t.Context(), tt.in)
				wantMissing(t, err, "StartComposition", tt.missing...)
				if h.count() != 0 {
					t.Errorf("%d requests", h.count())
				}
			})
		})
	}
}

type tokenProvider func() (string, error)

func (f tokenProvider) GetIdempotencyToken() (string, error) { return f() }

// startWithToken starts a composition, fails the first attempt, and returns the
// idempotency tokens of the two attempts.
func startWithToken(t *testing.T, newClient newClientFunc, token string, optFns ...func(*ivsrealtime.Options)) [2]string {
	t.Helper()
	h := answering(answer(500, "{}"), answer(200, compositionAnswer))
	in := &ivsrealtime.StartCompositionInput{
		StageARN:         testStageARN,
		IdempotencyToken: token,
		Destinations:     []ivsrealtime.DestinationConfiguration{fullChannelDestination},
	}
	client := newClient(h, optFns...)
	if _, err := client.StartComposition(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if in.IdempotencyToken != token {
		t.Errorf("the input was written to: %q", in.IdempotencyToken)
	}
	if h.count() != 2 {
		t.Fatalf("%d requests", h.count())
	}
	var tokens [2]string
	for i, body := range h.bodies {
		var sent struct{ IdempotencyToken string }
		if err := json.Unmarshal([]byte(body), &sent); err != nil {
			t.Fatal(err)
		}
		tokens[i] = sent.IdempotencyToken
	}
	return tokens
}

// A missing idempotency token is filled in, once for all attempts of a call.
func TestIdempotencyToken(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		synctest.Test(t, func(t *testing.T) { // retries wait
			calls := 0
			provider := tokenProvider(func() (string, error) { calls++; return "provided", nil })
			option := func(o *ivsrealtime.Options) { o.IdempotencyTokenProvider = provider }

			if got := startWithToken(t, newClient, "", option); got != [2]string{"provided", "provided"} || calls != 1 {
				t.Errorf("the provider's token: %q after %d calls", got, calls)
			}
			if got := startWithToken(t, newClient, "mine", option); got != [2]string{"mine", "mine"} || calls != 1 {
				t.Errorf("the caller's token: %q after %d calls", got, calls)
			}

			uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
			first, second := startWithToken(t, newClient, ""), startWithToken(t, newClient, "")
			if !uuid.MatchString(first[0]) || first[0] != first[1] || first[0] == second[0] {
				t.Errorf("the default's tokens: %q, and of another call %q", first, second)
			}
		})
	})
}

func TestIdempotencyTokenProviderFails(t *testing.T) {
	broken := errors.New("no entropy")
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		h := answering(answer(200, "{}"))
		client := newClient(h, func(o *ivsrealtime.Options) {
			o.IdempotencyTokenProvider = tokenProvider(func() (string, error) { return "", broken })
		})
		_, err := client.StartComposition(context.Background(), &ivsrealtime.StartCompositionInput{
			StageARN:     testStageARN,
			Destinations: []ivsrealtime.DestinationConfiguration{fullChannelDestination},
		})
		if !errors.Is(err, broken) || h.count() != 0 {
			t.Errorf("%v after %d requests", err, h.count())
		}
	})
}
