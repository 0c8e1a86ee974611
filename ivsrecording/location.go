package ivsrecording

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// ErrNotRecorded: the event, participant, destination or notification names no
// recording, or one whose bucket or prefix leads out of its folder.
var ErrNotRecorded = errors.New("ivsrecording: not recorded")

// The files of every recording that need no metadata to be found, relative to its
// prefix. Location.Key makes keys of them.
const (
	// StartedFile is written when the recording starts.
	StartedFile = "events/recording-started.json"

	// EndedFile is written when the recording has ended.
	EndedFile = "events/recording-ended.json"

	// FailedFile is written instead of EndedFile when the recording failed.
	FailedFile = "events/recording-failed.json"

	// PlaylistFile is the multivariant playlist. Metadata.Playlist is the same, from
	// the recording itself.
	PlaylistFile = "media/hls/multivariant.m3u8"
)

// Location is where a recording is in S3.
type Location struct {
	// Bucket is the name of the bucket.
	Bucket string

	// Prefix is what the keys of all files of the recording begin with, as the
	// service gives it. Slashes around it do not count. It is empty for files that
	// were taken out of their bucket, such as a downloaded directory read through FromFS.
	// Load refuses one that has "." or ".." among its names, and such a Bucket.
	Prefix string
}

// FromEvent returns the location in an event: RecordingStart, RecordingEnd,
// RecordingStartFailure or RecordingEndFailure. After a start failure there may be
// nothing there. Other events, those of compositions among them, have no location;
// for them the error is ErrNotRecorded.
func FromEvent(event ivsevents.Event) (Location, error) {
	var l Location
	switch e := event.(type) {
	case *ivsevents.RecordingStart:
		l = Location{e.RecordingS3BucketName, e.RecordingS3KeyPrefix}
	case *ivsevents.RecordingEnd:
		l = Location{e.RecordingS3BucketName, e.RecordingS3KeyPrefix}
	case *ivsevents.RecordingStartFailure:
		l = Location{e.RecordingS3BucketName, e.RecordingS3KeyPrefix}
	case *ivsevents.RecordingEndFailure:
		l = Location{e.RecordingS3BucketName, e.RecordingS3KeyPrefix}
	default:
		return Location{}, fmt.Errorf("%w: %T is not an event of a recording", ErrNotRecorded, event)
	}
	return l.orNotRecorded("the event")
}

// FromRecording returns the location of a recording that an [ivstracker.Tracker]
// knows, as it is in a Change or a Stage: also when the event was lost and Reconcile
// found the recording. The error is ErrNotRecorded if the place is not known.
func FromRecording(r ivstracker.Recording) (Location, error) {
	return Location{r.BucketName, r.KeyPrefix}.orNotRecorded("the recording")
}

// FromParticipant returns the location of a participant's recording. The error is
// ErrNotRecorded if there is none.
//
// The prefix that GetParticipant answers has been seen in a shorter form, without
// the time at its end: where there is an event, its location is the surer one.
func FromParticipant(p ivsrealtime.Participant) (Location, error) {
	return Location{p.RecordingS3BucketName, p.RecordingS3Prefix}.orNotRecorded("the participant")
}

// FromDestination returns the location of the composite recording that a
// composition makes at a destination of it. The service names the bucket only in
// the storage configuration, that of the ARN in d.Configuration.S3:
// GetStorageConfiguration returns it as StorageConfiguration.S3.BucketName. The
// error is ErrNotRecorded if the destination is not S3.
func FromDestination(d ivsrealtime.Destination, bucket string) (Location, error) {
	if d.Detail.S3 == nil {
		return Location{}, fmt.Errorf("%w: the destination is not S3", ErrNotRecorded)
	}
	return Location{bucket, d.Detail.S3.RecordingPrefix}.orNotRecorded("the destination")
}

// FromNotification returns the location of the recording that an object belongs to,
// by the bucket and the key in a notification of S3. The object may be any file of an
// individual or composite recording: events/recording-ended.json, a segment, a
// thumbnail. The error is ErrNotRecorded if it is none.
//
// Notifications that go to Lambda, SQS or SNS have the key URL-encoded, as it is
// wanted here (s3.object.key). The keys that the service writes are the same decoded,
// so those of EventBridge (detail.object.key) and of S3's lists may be passed too. For
// a copy of a recording in a folder whose name has a percent or plus sign, encode
// them with url.QueryEscape.
//
// To wait for the end of a recording, look at keys that end in "/" + [EndedFile] or
// "/" + [FailedFile].
func FromNotification(bucket, key string) (Location, error) {
	decoded, err := url.QueryUnescape(key)
	if err != nil {
		return Location{}, fmt.Errorf("%w: the key of the notification is not URL-encoded", ErrNotRecorded)
	}
	if !fs.ValidPath(decoded) || leavesFolder(decoded) {
		return Location{}, fmt.Errorf("%w: the key of the notification is not a path of names with a slash between them", ErrNotRecorded)
	}
	names := strings.Split(decoded, "/")
	n := prefixLength(names)
	if n < 0 {
		return Location{}, fmt.Errorf("%w: the key of the notification is not that of a file of a recording, such as <prefix>/%s", ErrNotRecorded, EndedFile)
	}
	return Location{bucket, strings.Join(names[:n], "/")}.orNotRecorded("the notification")
}

// prefixLength returns how many of the names in a key are the recording's prefix, or
// -1. What comes last counts, because a copy may be in any folder.
func prefixLength(names []string) int {
	for i := len(names) - 2; i >= 0; i-- {
		after := names[i+1:]
		switch names[i] {
		case "events":
			if len(after) == 1 && strings.HasPrefix(after[0], "recording-") {
				return i
			}
		case "media":
			if len(after) > 1 && (after[0] == "hls" || after[0] == "thumbnails" || after[0] == "latest_thumbnail") {
				return i
			}
		}
	}
	// A file that is not documented, but is where the service writes.
	if len(names) > 4 {
		if _, err := time.Parse("2006-01-02T15-04-05Z", names[3]); err == nil || names[3] == "composite" {
			return 4
		}
	}
	return -1
}

// leavesFolder reports whether a path has a name that some reader could take for the
// way to a parent folder: also one that is encoded, or with the separator of Windows.
func leavesFolder(p string) bool {
	p = strings.NewReplacer("%2e", ".", "%2E", ".", "%2f", "/", "%2F", "/", "%5c", "\\", "%5C", "\\", "%00", "\x00").Replace(p)
	if strings.ContainsAny(p, "\\\x00") {
		return true
	}
	for name := range strings.SplitSeq(p, "/") {
		if name == "." || name == ".." {
			return true
		}
	}
	return false
}

func (l Location) orNotRecorded(what string) (Location, error) {
	if l.Bucket == "" {
		return Location{}, fmt.Errorf("%w: no bucket of %s", ErrNotRecorded, what)
	}
	if l.prefix() == "" {
		return Location{}, fmt.Errorf("%w: no prefix of %s", ErrNotRecorded, what)
	}
	if leavesFolder(l.Prefix) {
		return Location{}, fmt.Errorf("%w: the prefix of %s leads out of its folder", ErrNotRecorded, what)
	}
	if leavesFolder(l.Bucket) {
		return Location{}, fmt.Errorf("%w: the bucket of %s leads out of its folder", ErrNotRecorded, what)
	}
	return l, nil
}

// Key returns the key of a file of the recording, given relative to the prefix: one
// of the constants such as PlaylistFile, or a field of Metadata. It joins the two and
// checks neither.
func (l Location) Key(file string) string {
	if prefix := l.prefix(); prefix != "" {
		return prefix + "/" + file
	}
	return file
}

// FolderKey returns what the keys of all files in a folder of the recording begin
// with, such as ThumbnailFolder.Folder: its key and a slash, as the Prefix of
// ListObjectsV2 wants it. The folder "" is the whole recording.
func (l Location) FolderKey(folder string) string {
	if key := strings.Trim(l.Key(folder), "/"); key != "" {
		return key + "/"
	}
	return ""
}

// String returns the location as an S3 URI, such as s3://my-bucket/a/b/c.
func (l Location) String() string { return "s3://" + l.Bucket + "/" + l.prefix() }

func (l Location) prefix() string { return strings.Trim(l.Prefix, "/") }
