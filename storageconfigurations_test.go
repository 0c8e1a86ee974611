package ivsrealtime_test

import (
	"testing"

	"github.com/seed-433ec77c/ivsrealtime"
)

const testStorageConfigurationARN = "arn:aws:ivs:eu-west-1:111122223333:storage-configuration/St12Or34Ag56"

const fullStorageConfigurationJSON = `{
	"arn": "arn:aws:ivs:eu-west-1:111122223333:storage-configuration/St12Or34Ag56",
	"name": "recordings",
	"s3": {"bucketName": "my-recordings.example"},
	"tags": {"team": "red"}
}`

var fullStorageConfiguration = ivsrealtime.StorageConfiguration{
	ARN:  testStorageConfigurationARN,
	Name: "recordings",
	S3:   &ivsrealtime.S3StorageConfiguration{BucketName: "my-recordings.example"},
	Tags: map[string]string{"team": "red"},
}

var storageConfigurationOperations = []operation{
	{
		name: "CreateStorageConfiguration",
		in: &ivsrealtime.CreateStorageConfigurationInput{
			Name: "recordings",
			S3:   &ivsrealtime.S3StorageConfiguration{BucketName: "my-recordings.example"},
			Tags: map[string]string{"team": "red"},
		},
		required: []string{"S3", "S3.BucketName"},
		answer:   `{"storageConfiguration": ` + fullStorageConfigurationJSON + `}`,
		want:     &ivsrealtime.CreateStorageConfigurationOutput{StorageConfiguration: fullStorageConfiguration},
	},
	{
		name:     "DeleteStorageConfiguration",
		in:       &ivsrealtime.DeleteStorageConfigurationInput{ARN: testStorageConfigurationARN},
		required: []string{"ARN"},
		answer:   `{}`,
		want:     &ivsrealtime.DeleteStorageConfigurationOutput{},
	},
	{
		name:     "GetStorageConfiguration",
		in:       &ivsrealtime.GetStorageConfigurationInput{ARN: testStorageConfigurationARN},
		required: []string{"ARN"},
		answer:   `{"storageConfiguration": ` + fullStorageConfigurationJSON + `}`,
		want:     &ivsrealtime.GetStorageConfigurationOutput{StorageConfiguration: fullStorageConfiguration},
	},
	{
		name: "ListStorageConfigurations",
		in:   &ivsrealtime.ListStorageConfigurationsInput{NextToken: "page2", MaxResults: 5},
		answer: `{
			"storageConfigurations": [{
				"arn": "arn:aws:ivs:eu-west-1:111122223333:storage-configuration/St12Or34Ag56",
				"name": "recordings",
				"s3": {"bucketName": "my-recordings.example"},
				"tags": {"team": "red"}
			}, {
				"arn": "arn:aws:ivs:eu-west-1:111122223333:storage-configuration/other"
			}],
			"nextToken": "page3"
		}`,
		want: &ivsrealtime.ListStorageConfigurationsOutput{
			StorageConfigurations: []ivsrealtime.StorageConfigurationSummary{
				{
					ARN:  testStorageConfigurationARN,
					Name: "recordings",
					S3:   &ivsrealtime.S3StorageConfiguration{BucketName: "my-recordings.example"},
					Tags: map[string]string{"team": "red"},
				},
				{ARN: "arn:aws:ivs:eu-west-1:111122223333:storage-configuration/other"},
			},
			NextToken: "page3",
		},
	},
}

func TestCreateStorageConfigurationWithoutBucketName(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		h := answering(answer(200, "{}"))
		_, err := newClient(h).CreateStorageConfiguration(t.Context(), &ivsrealtime.CreateStorageConfigurationInput{S3: &ivsrealtime.S3StorageConfiguration{}})
		wantMissing(t, err, "CreateStorageConfiguration", "S3.BucketName")
		if h.count() != 0 {
			t.Errorf("%d requests", h.count())
		}
	})
}
