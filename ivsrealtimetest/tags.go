package ivsrealtimetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-433ec77c/ivsrealtime"
)

// tagsOf returns the tags of a resource. Every resource that can be tagged has an
// entry in s.tags, an empty one at least, from its creation to its deletion.
func (s *Server) tagsOf(arn string) (map[string]string, error) {
	tags, ok := s.tags[arn]
	if !ok {
		return nil, notFound(arn)
	}
	return tags, nil
}

// addTags gives the tags in add to the resource, which may be a new one.
func (s *Server) addTags(arn string, add map[string]string) error {
	merged := maps.Clone(s.tags[arn])
	if merged == nil {
		merged = make(map[string]string, len(add))
	}
	maps.Copy(merged, add)
	if most := s.options.Quotas.TagsPerResource; len(merged) > most {
		return validationError("tags", fmt.Sprintf("the resource must have at most %d, and would have %d", most, len(merged)))
	}
	s.tags[arn] = merged
	return nil
}

func (s *Server) tagResource(c *call, in *ivsrealtime.TagResourceInput) (*ivsrealtime.TagResourceOutput, error) {
	c.taggedARN(in.ResourceARN)
	c.required("tags", in.Tags == nil)
	c.tags(in.Tags)
	if err := c.err(); err != nil {
		return nil, err
	}
	if _, err := s.tagsOf(in.ResourceARN); err != nil {
		return nil, err
	}
	return &ivsrealtime.TagResourceOutput{}, s.addTags(in.ResourceARN, in.Tags)
}

// untagResource has no output: the service answers with an empty body.
func (s *Server) untagResource(c *call, in *ivsrealtime.UntagResourceInput) (*ivsrealtime.UntagResourceOutput, error) {
	c.taggedARN(in.ResourceARN)
	c.required("tagKeys", in.TagKeys == nil)
	c.count("tagKeys", len(in.TagKeys), 50)
	c.tagKeys("tagKeys", "items", in.TagKeys...)
	if err := c.err(); err != nil {
		return nil, err
	}
	tags, err := s.tagsOf(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	for _, key := range in.TagKeys {
		delete(tags, key)
	}
	return nil, nil
}

func (s *Server) listTagsForResource(c *call, in *ivsrealtime.ListTagsForResourceInput) (*ivsrealtime.ListTagsForResourceOutput, error) {
	c.taggedARN(in.ResourceARN)
	if err := c.err(); err != nil {
		return nil, err
	}
	tags, err := s.tagsOf(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.ListTagsForResourceOutput{Tags: tags}, nil
}

// taggedARN checks the ARN in the path of a tag operation.
func (c *check) taggedARN(arn string) { c.str("resourceArn", arn, 1, 128, anyARN) }

// tags checks the member tags, which many inputs have.
func (c *check) tags(tags map[string]string) {
	c.count("tags", len(tags), 50)
	c.tagKeys("tags", "keys", slices.Collect(maps.Keys(tags))...)
	for _, value := range tags {
		if utf8.RuneCountInString(value) > 256 {
			c.fail("tags", "values must have length less than or equal to 256")
			break
		}
	}
}

// tagKeys checks keys; what says where in the member they are. Each fault is
// reported once, so that the message does not depend on the order of a map.
func (c *check) tagKeys(name, what string, keys ...string) {
	var empty, long, reserved bool
	for _, key := range keys {
		n := utf8.RuneCountInString(key)
		empty = empty || n == 0
		long = long || n > 128
		reserved = reserved || strings.HasPrefix(key, "aws:")
	}
	if empty {
		c.fail(name, "%s must have length greater than or equal to 1", what)
	}
	if long {
		c.fail(name, "%s must have length less than or equal to 128", what)
	}
	if reserved {
		c.fail(name, "%s must not begin with aws:, which is reserved", what)
	}
}
