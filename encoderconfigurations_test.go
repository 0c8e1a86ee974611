package ivsrealtime_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/seed-433ec77c/ivsrealtime"
)

const testEncoderConfigurationARN = "arn:aws:ivs:eu-west-1:111122223333:encoder-configuration/En12Co34De56"

const fullEncoderConfigurationJSON = `{
	"arn": "arn:aws:ivs:eu-west-1:111122223333:encoder-configuration/En12Co34De56",
	"name": "portrait",
	"video": {"width": 1080, "height": 1920, "framerate": 29.97, "bitrate": 8500000},
	"tags": {"team": "red"}
}`

var fullEncoderConfiguration = ivsrealtime.EncoderConfiguration{
	ARN:   testEncoderConfigurationARN,
	Name:  "portrait",
	Video: ivsrealtime.Video{Width: 1080, Height: 1920, Framerate: 29.97, Bitrate: 8500000},
	Tags:  map[string]string{"team": "red"},
}

var encoderConfigurationOperations = []operation{
	{
		name: "CreateEncoderConfiguration",
		in: &ivsrealtime.CreateEncoderConfigurationInput{
			Name:  "portrait",
			Video: ivsrealtime.Video{Width: 1080, Height: 1920, Framerate: 29.97, Bitrate: 8500000},
			Tags:  map[string]string{"team": "red"},
		},
		answer: `{"encoderConfiguration": ` + fullEncoderConfigurationJSON + `}`,
		want:   &ivsrealtime.CreateEncoderConfigurationOutput{EncoderConfiguration: fullEncoderConfiguration},
	},
	{
		name:    "CreateEncoderConfiguration",
		variant: "framerate-30",
		in:      &ivsrealtime.CreateEncoderConfigurationInput{Video: ivsrealtime.Video{Framerate: 30}},
		answer:  `{"encoderConfiguration": {"video": {"framerate": 30.0}}}`,
		want: &ivsrealtime.CreateEncoderConfigurationOutput{
			EncoderConfiguration: ivsrealtime.EncoderConfiguration{Video: ivsrealtime.Video{Framerate: 30}},
		},
	},
	{
		name:    "CreateEncoderConfiguration",
		variant: "empty",
		in:      &ivsrealtime.CreateEncoderConfigurationInput{Tags: map[string]string{}},
	},
	{
		name:     "DeleteEncoderConfiguration",
		in:       &ivsrealtime.DeleteEncoderConfigurationInput{ARN: testEncoderConfigurationARN},
		required: []string{"ARN"},
		answer:   `{}`,
		want:     &ivsrealtime.DeleteEncoderConfigurationOutput{},
	},
	{
		name:     "GetEncoderConfiguration",
		in:       &ivsrealtime.GetEncoderConfigurationInput{ARN: testEncoderConfigurationARN},
		required: []string{"ARN"},
		answer:   `{"encoderConfiguration": ` + fullEncoderConfigurationJSON + `}`,
		want:     &ivsrealtime.GetEncoderConfigurationOutput{EncoderConfiguration: fullEncoderConfiguration},
	},
	{
		name: "ListEncoderConfigurations",
		in:   &ivsrealtime.ListEncoderConfigurationsInput{NextToken: "page2", MaxResults: 20},
		answer: `{
			"encoderConfigurations": [{
				"arn": "arn:aws:ivs:eu-west-1:111122223333:encoder-configuration/En12Co34De56",
				"name": "portrait",
				"tags": {"team": "red"}
			}, {
				"arn": "arn:aws:ivs:eu-west-1:111122223333:encoder-configuration/other",
				"name": "",
				"tags": {}
			}],
			"nextToken": "page3"
		}`,
		want: &ivsrealtime.ListEncoderConfigurationsOutput{
			EncoderConfigurations: []ivsrealtime.EncoderConfigurationSummary{
				{ARN: testEncoderConfigurationARN, Name: "portrait", Tags: map[string]string{"team": "red"}},
				{ARN: "arn:aws:ivs:eu-west-1:111122223333:encoder-configuration/other", Tags: map[string]string{}},
			},
			NextToken: "page3",
		},
	},
}

// A float without JSON is an error before anything is sent.
func TestFramerateWithoutJSON(t *testing.T) {
	for name, framerate := range map[string]float64{"NaN": math.NaN(), "+Inf": math.Inf(1), "-Inf": math.Inf(-1)} {
		t.Run(name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				h := answering(answer(200, "{}"))
				_, err := newClient(h).CreateEncoderConfiguration(t.Context(), &ivsrealtime.CreateEncoderConfigurationInput{
					Video: ivsrealtime.Video{Framerate: float32(framerate)},
				})
				var operation *smithy.OperationError
				var serialization *smithy.SerializationError
				if !errors.As(err, &operation) || operation.OperationName != "CreateEncoderConfiguration" || !errors.As(err, &serialization) {
					t.Fatalf("%v", err)
				}
				if want := "video.framerate: NaN and infinities have no JSON"; !strings.Contains(err.Error(), want) {
					t.Errorf("%v does not contain %q", err, want)
				}
				if h.count() != 0 {
					t.Errorf("%d requests", h.count())
				}
			})
		})
	}
}
