package ivsrealtimetest

import (
	"cmp"

	"github.com/seed-433ec77c/ivsrealtime"
)

// storage is the state of a storage configuration; its tags are in Server.tags.
type storage struct {
	arn    string
	name   string
	bucket string
}

func (s *Server) createStorageConfiguration(c *call, in *ivsrealtime.CreateStorageConfigurationInput) (*ivsrealtime.CreateStorageConfigurationOutput, error) {
	c.str("name", in.Name, 0, 128, namePattern)
	if in.S3 == nil {
		c.required("s3", true)
	} else {
		m := c.member("s3")
		m.required("bucketName", in.S3.BucketName == "")
		m.str("bucketName", in.S3.BucketName, 3, 63, bucketPattern)
	}
	c.tags(in.Tags)
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := quotaError(s.storages.len(), s.options.Quotas.StorageConfigurations, "storage configurations"); err != nil {
		return nil, err
	}
	st := &storage{arn: s.arn("storage-configuration", s.ids.alnum(12)), name: in.Name, bucket: in.S3.BucketName}
	if err := s.addTags(st.arn, in.Tags); err != nil {
		return nil, err
	}
	s.storages.add(st.arn, st)
	return &ivsrealtime.CreateStorageConfigurationOutput{StorageConfiguration: s.showStorage(st)}, nil
}

func (s *Server) getStorageConfiguration(c *call, in *ivsrealtime.GetStorageConfigurationInput) (*ivsrealtime.GetStorageConfigurationOutput, error) {
	c.arn("arn", in.ARN, "storage-configuration")
	st, err := existing(c, &s.storages, in.ARN)
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.GetStorageConfigurationOutput{StorageConfiguration: s.showStorage(st)}, nil
}

func (s *Server) deleteStorageConfiguration(c *call, in *ivsrealtime.DeleteStorageConfigurationInput) (*ivsrealtime.DeleteStorageConfigurationOutput, error) {
	c.arn("arn", in.ARN, "storage-configuration")
	if err := c.err(); err != nil {
		return nil, err
	}
	if !s.hasStorageConfiguration(in.ARN) {
		return nil, notFound(in.ARN)
	}
	for _, st := range s.stages.after(0) {
		if st.recording.StorageConfigurationARN == in.ARN {
			return nil, newError(codeConflict, "A stage uses the storage configuration.")
		}
	}
	if s.compositionUses(in.ARN) {
		return nil, newError(codeConflict, "A composition uses the storage configuration.")
	}
	s.storages.delete(in.ARN)
	delete(s.tags, in.ARN)
	return &ivsrealtime.DeleteStorageConfigurationOutput{}, nil
}

// listStorageConfigurations has pages of 100, if not asked for others. That the
// service has pages of its quota where this is less makes no difference.
func (s *Server) listStorageConfigurations(c *call, in *ivsrealtime.ListStorageConfigurationsInput) (*ivsrealtime.ListStorageConfigurationsOutput, error) {
	c.page(in.NextToken, in.MaxResults, 100)
	if err := c.err(); err != nil {
		return nil, err
	}
	list := listing{op: "ListStorageConfigurations", token: in.NextToken, size: cmp.Or(in.MaxResults, 100)}
	found, next, err := page(s, &s.storages, list, func(st *storage) (ivsrealtime.StorageConfigurationSummary, bool) {
		return ivsrealtime.StorageConfigurationSummary(s.showStorage(st)), true
	})
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.ListStorageConfigurationsOutput{StorageConfigurations: found, NextToken: next}, nil
}

func (s *Server) showStorage(st *storage) ivsrealtime.StorageConfiguration {
	return ivsrealtime.StorageConfiguration{
		ARN:  st.arn,
		Name: st.name,
		S3:   &ivsrealtime.S3StorageConfiguration{BucketName: st.bucket},
		Tags: s.tags[st.arn],
	}
}

func (s *Server) hasStorageConfiguration(arn string) bool {
	_, ok := s.storages.get(arn)
	return ok
}
