package ivsrealtime

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/smithy-go"
)

// checked is an input with a rule beyond the members that the API requires: what
// would be sent otherwise does something else than it says.
type checked interface {
	check() smithy.InvalidParamError
}

// invalidMember is a member of an input that breaks such a rule.
type invalidMember struct{ context, member, reason string }

// Error returns the reason and the member, as smithy-go writes them.
func (e *invalidMember) Error() string { return fmt.Sprintf("%s, %s.", e.reason, e.Field()) }

// Field returns the member with its path.
func (e *invalidMember) Field() string {
	return strings.TrimPrefix(e.context+"."+e.member, ".")
}

// SetContext sets the name of the input.
func (e *invalidMember) SetContext(context string) { e.context = context }

// AddNestedContext puts a name before the member.
func (e *invalidMember) AddNestedContext(name string) { e.member = name + "." + e.member }

// checkTagged checks the ARN of a tag operation.
func checkTagged(resourceARN string) smithy.InvalidParamError {
	if !hasDotSegment(resourceARN) {
		return nil
	}
	return &invalidMember{member: "ResourceARN", reason: `"." or ".." as a segment, which servers and proxies take for another path: want the ARN of a resource`}
}

// hasDotSegment reports whether s, as a segment of a path, can be taken for "." or
// "..", or for a path with one in it: by a URL parser, or by a proxy that
// unescapes before it looks. No ARN of the service has a dot or a percent sign.
func hasDotSegment(s string) bool {
	if !strings.ContainsAny(s, ".%") {
		return false
	}
	for range 4 {
		for segment := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '/' || r == '\\' }) {
			// What ends a path or a segment for some parsers, and what some drop.
			if i := strings.IndexAny(segment, ";?#"); i >= 0 {
				segment = segment[:i]
			}
			segment = strings.Map(func(r rune) rune {
				if r <= ' ' || r == 0x7f {
					return -1
				}
				return r
			}, segment)
			if segment == "." || segment == ".." {
				return true
			}
		}
		next := unescape(s)
		if next == s {
			return false
		}
		s = next
	}
	return true // escaped time and again, which nothing but an attempt to hide is
}

// unescape replaces the well-formed escapes of s.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// checkRecording checks that a configuration which switches recording off asks for
// nothing about recordings. An empty list asks for nothing.
func checkRecording(c *AutoParticipantRecordingConfiguration) smithy.InvalidParamError {
	if c == nil || c.StorageConfigurationARN != "" {
		return nil
	}
	thumbnails := &c.ThumbnailConfiguration
	member := ""
	switch {
	case len(c.MediaTypes) != 0 && !slices.Equal(c.MediaTypes, []ParticipantRecordingMediaType{ParticipantRecordingMediaTypeAudioVideo}):
		member = "MediaTypes"
	case thumbnails.TargetIntervalSeconds != 0 && thumbnails.TargetIntervalSeconds != 60:
		member = "ThumbnailConfiguration.TargetIntervalSeconds"
	case len(thumbnails.Storage) != 0 && !slices.Equal(thumbnails.Storage, []ThumbnailStorageType{ThumbnailStorageTypeSequential}):
		member = "ThumbnailConfiguration.Storage"
	case thumbnails.RecordingMode != "" && thumbnails.RecordingMode != ThumbnailRecordingModeDisabled:
		member = "ThumbnailConfiguration.RecordingMode"
	case c.RecordingReconnectWindowSeconds != nil && *c.RecordingReconnectWindowSeconds != 0:
		member = "RecordingReconnectWindowSeconds"
	case c.HLSConfiguration.TargetSegmentDurationSeconds != 0 && c.HLSConfiguration.TargetSegmentDurationSeconds != 6:
		member = "HLSConfiguration.TargetSegmentDurationSeconds"
	case c.RecordParticipantReplicas != nil && !*c.RecordParticipantReplicas:
		member = "RecordParticipantReplicas"
	default:
		return nil
	}
	return &invalidMember{
		member: "AutoParticipantRecordingConfiguration.StorageConfigurationARN",
		reason: `"" switches recording off, but ` + member + " is set: want the ARN of a storage configuration, or no other member",
	}
}
