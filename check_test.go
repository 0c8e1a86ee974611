package ivsrealtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// tagCalls are the operations that have an ARN in the path.
var tagCalls = map[string]func(context.Context, *ivsrealtime.Client, string) error{
	"ListTagsForResource": func(ctx context.Context, c *ivsrealtime.Client, arn string) error {
		_, err := c.ListTagsForResource(ctx, &ivsrealtime.ListTagsForResourceInput{ResourceARN: arn})
		return err
	},
	"TagResource": func(ctx context.Context, c *ivsrealtime.Client, arn string) error {
		_, err := c.TagResource(ctx, &ivsrealtime.TagResourceInput{ResourceARN: arn, Tags: map[string]string{"k": "v"}})
		return err
	},
	"UntagResource": func(ctx context.Context, c *ivsrealtime.Client, arn string) error {
		_, err := c.UntagResource(ctx, &ivsrealtime.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"k"}})
		return err
	},
}

func TestDotSegments(t *testing.T) {
	for _, arn := range []string{
		".", "..", "/.", "./", "../", "/..", "a/..", "a/.", "../a", "./a", "a/../b", "a/./b", "a//../b", "a/b/..", "/../../GetStage",
		`\..`, `..\`, `a\..\b`, `a/..\b`, `.\`,
		"%2e", "%2E", "%2e%2e", "%2E%2e", ".%2e", "%2e.", "a%2f..%2fb", "a%2F%2E%2E%2Fb", "a/%2e%2e/b", "a%5c..%5Cb", "%2f..", "..%2f",
		"%252e", "%252e%252E", "a%252f%252e%252e%252fb", "%25252e%25252e", "%2525252525252525252e", "%zz/..", "%/../%",
		"..;x", "a/..;x=y/b", ".;", "..?x", "..#x", "..%3bx", "a/..%00/b", "..\t", " ..", ".\n.", "..\x00", "%20..%20", "\x7f..",
		testStageARN + "/..", testStageARN + "/.", "arn:aws:ivs:eu-west-1:111122223333:stage/../stage/Ab12Cd34Ef56",
		"arn:aws:ivs:eu-west-1:111122223333:stage/%2e%2e/x",
	} {
		t.Run(fmt.Sprintf("%q", arn), func(t *testing.T) {
			for name, call := range tagCalls {
				onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
					tr := answering(answer(200, `{"tags":{}}`))
					err := call(t.Context(), newClient(tr), arn)
					require.ErrorContains(t, err, name)
					require.ErrorContains(t, err, name+"Input.ResourceARN")
					require.ErrorContains(t, err, `"." or ".."`)
					var invalid smithy.InvalidParamsError
					require.ErrorAs(t, err, &invalid)
					require.Equal(t, 1, invalid.Len())
					require.Zero(t, tr.count())
				})
			}
		})
	}
	for _, arn := range []string{
		testStageARN, "...", "a..b", "..a", "a..", ".a", "a.", "a/..b/c", "a/.../b", "a.b/c.d", "%", "%2", "%2e%2e%2e", "%2ea", "..%", "%zz", "..%zz", "~..~", "100%",
		"a%2fb", "%25", "-._",
	} {
		t.Run(fmt.Sprintf("%q passes", arn), func(t *testing.T) {
			for _, call := range tagCalls {
				tr := answering(answer(200, `{"tags":{}}`))
				require.NoError(t, call(t.Context(), ivsrealtime.New(testOptions(tr)), arn))
				require.Equal(t, "/tags/"+arn, tr.requests[0].URL.Path)
				require.Equal(t, 2, strings.Count(tr.requests[0].URL.EscapedPath(), "/"))
			}
		})
	}
	t.Run("of middleware", func(t *testing.T) {
		tr := answering(answer(200, `{"tags":{}}`))
		late := middleware.InitializeMiddlewareFunc("Late", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			in.Parameters = &ivsrealtime.ListTagsForResourceInput{ResourceARN: ".."}
			return next.HandleInitialize(ctx, in)
		})
		c := ivsrealtime.New(testOptions(tr), ivsrealtime.WithAPIOptions(func(s *middleware.Stack) error { return s.Initialize.Add(late, middleware.After) }))
		require.ErrorContains(t, tagCalls["ListTagsForResource"](t.Context(), c, testStageARN), "ResourceARN")
		require.Zero(t, tr.count())
	})
	t.Run("many escapes take no time", func(t *testing.T) {
		tr := answering(answer(200, `{"tags":{}}`))
		err := tagCalls["ListTagsForResource"](t.Context(), ivsrealtime.New(testOptions(tr)), strings.Repeat("%25", 1<<20))
		require.NoError(t, err)
		err = tagCalls["ListTagsForResource"](t.Context(), ivsrealtime.New(testOptions(tr)), "%"+strings.Repeat("25", 1<<20))
		require.Error(t, err)
	})
}

// recordingCalls are the operations that take a recording configuration.
var recordingCalls = map[string]func(context.Context, *ivsrealtime.Client, *ivsrealtime.AutoParticipantRecordingConfiguration) error{
	"CreateStage": func(ctx context.Context, c *ivsrealtime.Client, r *ivsrealtime.AutoParticipantRecordingConfiguration) error {
		_, err := c.CreateStage(ctx, &ivsrealtime.CreateStageInput{AutoParticipantRecordingConfiguration: r})
		return err
	},
	"UpdateStage": func(ctx context.Context, c *ivsrealtime.Client, r *ivsrealtime.AutoParticipantRecordingConfiguration) error {
		_, err := c.UpdateStage(ctx, &ivsrealtime.UpdateStageInput{ARN: testStageARN, AutoParticipantRecordingConfiguration: r})
		return err
	},
}

func TestRecordingConfigurationWithoutStorage(t *testing.T) {
	decode := func(text string) *ivsrealtime.AutoParticipantRecordingConfiguration {
		c := new(ivsrealtime.AutoParticipantRecordingConfiguration)
		require.NoError(t, json.Unmarshal([]byte(text), c))
		return c
	}
	check := func(t *testing.T, c *ivsrealtime.AutoParticipantRecordingConfiguration, member string) {
		for name, call := range recordingCalls {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				tr := answering(answer(200, stageAnswer))
				err := call(t.Context(), newClient(tr), c)
				if member == "" {
					require.NoError(t, err)
					require.Equal(t, 1, tr.count())
					return
				}
				require.ErrorContains(t, err, name+"Input.AutoParticipantRecordingConfiguration.StorageConfigurationARN")
				require.ErrorContains(t, err, "switches recording off, but "+member+" is set")
				require.ErrorAs(t, err, new(smithy.InvalidParamsError))
				require.Zero(t, tr.count())
			})
		}
	}
	seen := map[string]bool{}
	for text, member := range map[string]string{
		`{"mediaTypes":["AUDIO_ONLY"]}`:                                                                 "MediaTypes",
		`{"mediaTypes":["NONE"]}`:                                                                       "MediaTypes",
		`{"mediaTypes":["AUDIO_VIDEO","AUDIO_ONLY"]}`:                                                   "MediaTypes",
		`{"mediaTypes":[]}`:                                                                             "",
		`{"thumbnailConfiguration":{"targetIntervalSeconds":61}}`:                                       "ThumbnailConfiguration.TargetIntervalSeconds",
		`{"thumbnailConfiguration":{"storage":["LATEST"]}}`:                                             "ThumbnailConfiguration.Storage",
		`{"thumbnailConfiguration":{"storage":["SEQUENTIAL","LATEST"]}}`:                                "ThumbnailConfiguration.Storage",
		`{"thumbnailConfiguration":{"storage":[]}}`:                                                     "",
		`{"thumbnailConfiguration":{"recordingMode":"INTERVAL"}}`:                                       "ThumbnailConfiguration.RecordingMode",
		`{"recordingReconnectWindowSeconds":1}`:                                                         "RecordingReconnectWindowSeconds",
		`{"hlsConfiguration":{"targetSegmentDurationSeconds":2}}`:                                       "HLSConfiguration.TargetSegmentDurationSeconds",
		`{"recordParticipantReplicas":false}`:                                                           "RecordParticipantReplicas",
		`{"storageConfigurationArn":"","mediaTypes":["AUDIO_VIDEO"],"recordParticipantReplicas":false}`: "RecordParticipantReplicas",

		`{}`:                             "",
		`{"storageConfigurationArn":""}`: "",
		`{"storageConfigurationArn":"","mediaTypes":["AUDIO_VIDEO"]}`: "",
		`{"recordingReconnectWindowSeconds":0}`:                       "",
		`{"recordParticipantReplicas":true}`:                          "",
		`{"hlsConfiguration":{"targetSegmentDurationSeconds":6}}`:     "",
		`{"thumbnailConfiguration":{"recordingMode":"DISABLED"}}`:     "",
		`{"thumbnailConfiguration":{"targetIntervalSeconds":60}}`:     "",
		`{"thumbnailConfiguration":{"storage":["SEQUENTIAL"]}}`:       "",
		// With storage anything goes.
		`{"storageConfigurationArn":"arn:s","mediaTypes":["NONE"],"recordParticipantReplicas":false,"hlsConfiguration":{"targetSegmentDurationSeconds":2}}`: "",
	} {
		seen[member] = true
		t.Run(text, func(t *testing.T) { check(t, decode(text), member) })
	}
	t.Run("none", func(t *testing.T) { check(t, nil, "") })

	// What GetStage returns of a stage without recording can be sent back.
	t.Run("of a stage without recording", func(t *testing.T) {
		tr := answering(answer(200, `{"stage":{"arn":"`+testStageARN+`","autoParticipantRecordingConfiguration":{
			"storageConfigurationArn":"","mediaTypes":["AUDIO_VIDEO"],
			"thumbnailConfiguration":{"targetIntervalSeconds":60,"storage":["SEQUENTIAL"],"recordingMode":"DISABLED"},
			"recordingReconnectWindowSeconds":0,"hlsConfiguration":{"targetSegmentDurationSeconds":6},"recordParticipantReplicas":true}}}`))
		out, err := getStage(t.Context(), ivsrealtime.New(testOptions(tr)))
		require.NoError(t, err)
		check(t, &out.Stage.AutoParticipantRecordingConfiguration, "")
	})

	// A member to come has to be looked at, too.
	var walk func(typ reflect.Type, path string)
	walk = func(typ reflect.Type, path string) {
		for f := range typ.NumField() {
			f := typ.Field(f)
			if f.Type.Kind() == reflect.Struct {
				walk(f.Type, path+f.Name+".")
			} else if f.Name != "StorageConfigurationARN" {
				require.True(t, seen[path+f.Name], "%s%s is not checked", path, f.Name)
			}
		}
	}
	walk(reflect.TypeFor[ivsrealtime.AutoParticipantRecordingConfiguration](), "")
}

// The members of an error of a rule are those of smithy-go's errors.
func TestInvalidParamError(t *testing.T) {
	tr := answering(answer(200, stageAnswer))
	err := recordingCalls["UpdateStage"](t.Context(), ivsrealtime.New(testOptions(tr)), &ivsrealtime.AutoParticipantRecordingConfiguration{RecordingReconnectWindowSeconds: aws.Int32(5)})
	var invalid smithy.InvalidParamsError
	require.True(t, errors.As(err, &invalid))
	param := invalid.Errs()[0].(smithy.InvalidParamError)
	require.Equal(t, "UpdateStageInput.AutoParticipantRecordingConfiguration.StorageConfigurationARN", param.Field())
	outer := smithy.InvalidParamsError{Context: "Outer"}
	outer.AddNested("Inner", invalid)
	require.Equal(t, "Outer.Inner.AutoParticipantRecordingConfiguration.StorageConfigurationARN", param.Field())
}
