package ivsrealtimetest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

func TestStorageConfigurations(t *testing.T) {
	c := ivsrealtimetest.NewServer().Client()
	bucket := &ivsrealtime.S3StorageConfiguration{BucketName: "recordings"}
	var all []ivsrealtime.StorageConfigurationSummary
	for range 5 {
		out, err := c.CreateStorageConfiguration(t.Context(), &ivsrealtime.CreateStorageConfigurationInput{Name: "n", S3: bucket})
		require.NoError(t, err)
		require.Regexp(t, `^arn:aws:ivs:us-east-1:111122223333:storage-configuration/[a-zA-Z0-9]{12}$`, out.StorageConfiguration.ARN)
		want := ivsrealtime.StorageConfiguration{ARN: out.StorageConfiguration.ARN, Name: "n", S3: bucket, Tags: map[string]string{}}
		require.Equal(t, want, out.StorageConfiguration)
		got, err := c.GetStorageConfiguration(t.Context(), &ivsrealtime.GetStorageConfigurationInput{ARN: want.ARN})
		require.NoError(t, err)
		require.Equal(t, want, got.StorageConfiguration)
		all = append(all, ivsrealtime.StorageConfigurationSummary(want))
	}
	_, err := c.CreateStorageConfiguration(t.Context(), &ivsrealtime.CreateStorageConfigurationInput{S3: bucket})
	require.ErrorIs(t, err, ivsrealtime.ErrQuotaExceeded)
	list, err := c.ListStorageConfigurations(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, all, list.StorageConfigurations)

	arn := all[0].ARN
	st, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{
		AutoParticipantRecordingConfiguration: &ivsrealtime.AutoParticipantRecordingConfiguration{StorageConfigurationARN: arn},
	})
	require.NoError(t, err)
	require.Equal(t, arn, st.Stage.AutoParticipantRecordingConfiguration.StorageConfigurationARN)
	remove := func() error {
		_, err := c.DeleteStorageConfiguration(t.Context(), &ivsrealtime.DeleteStorageConfigurationInput{ARN: arn})
		return err
	}
	require.ErrorIs(t, remove(), ivsrealtime.ErrConflict)
	_, err = c.UpdateStage(t.Context(), &ivsrealtime.UpdateStageInput{
		ARN:                                   st.Stage.ARN,
		AutoParticipantRecordingConfiguration: &ivsrealtime.AutoParticipantRecordingConfiguration{},
	})
	require.NoError(t, err)
	requireTagsEndWith(t, c, arn, remove)
	_, err = c.GetStorageConfiguration(t.Context(), &ivsrealtime.GetStorageConfigurationInput{ARN: arn})
	require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
	_, err = c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{
		AutoParticipantRecordingConfiguration: &ivsrealtime.AutoParticipantRecordingConfiguration{StorageConfigurationARN: arn},
	})
	require.ErrorIs(t, err, ivsrealtime.ErrValidation)
}

func TestConstraintsOfStorageConfigurations(t *testing.T) {
	const create = "CreateStorageConfiguration"
	bucket := func(name string) string { return `{"s3":{"bucketName":"` + name + `"}}` }
	requireConstraints(t, ivsrealtimetest.NewServer(unsigned), []constraint{
		{create, ``, "s3"},
		{create, `{"s3":null}`, "s3"},
		{create, `{"s3":{}}`, "s3.bucketName"},
		{create, bucket(``), "s3.bucketName"},
		{create, bucket(`ab`), "s3.bucketName"},
		{create, bucket(`a.b-c9`), ""},
		{create, bucket(strings.Repeat("a", 63)), ""},
		{create, bucket(strings.Repeat("a", 64)), "s3.bucketName"},
		{create, bucket(`Bucket`), "s3.bucketName"},
		{create, bucket(`a_b`), "s3.bucketName"},
		{create, `{"s3":{"bucketName":"abc"},"name":"."}`, "name"},
		{create, `{"s3":{"bucketName":"abc"},"tags":{"aws:x":""}}`, "tags"},
		{"GetStorageConfiguration", `{}`, "arn"},
		{"GetStorageConfiguration", `{"arn":"arn:aws:ivs:us-east-1:111122223333:stage/a"}`, "arn"},
		{"DeleteStorageConfiguration", `{}`, "arn"},
		{"ListStorageConfigurations", `{"maxResults":100}`, ""},
		{"ListStorageConfigurations", `{"maxResults":101}`, "maxResults"},
		{"ListStorageConfigurations", `{"nextToken":"x"}`, "nextToken"},
	})
}
