package ivsrecording

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// ErrNotRecorded: the event, participant or destination names no recording.
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
	// were taken out of their bucket, such as a downloaded directory read through FS.
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

// FromState returns the location of a recording that an [ivsevents.Tracker] knows,
// as it is in a Change or a StageState: also when the event was lost and Reconcile
// found the recording. The error is ErrNotRecorded if the place is not known.
func FromState(s ivsevents.RecordingState) (Location, error) {
	return Location{s.BucketName, s.KeyPrefix}.orNotRecorded("the recording")
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

func (l Location) orNotRecorded(what string) (Location, error) {
	if l.Bucket == "" {
		return Location{}, fmt.Errorf("%w: no bucket of %s", ErrNotRecorded, what)
	}
	if l.prefix() == "" {
		return Location{}, fmt.Errorf("%w: no prefix of %s", ErrNotRecorded, what)
	}
	return l, nil
}

// Key returns the key of a file of the recording, given relative to the prefix: one
// of the constants such as PlaylistFile, or a field of Metadata.
func (l Location) Key(file string) string {
	if prefix := l.prefix(); prefix != "" {
		return prefix + "/" + file
	}
	return file
}

// KeyPrefix returns what the keys of all files in a folder of the recording begin
// with, such as Thumbnails.Folder: its key and a slash, as the Prefix of
// ListObjectsV2 wants it. The folder "" is the whole recording.
func (l Location) KeyPrefix(folder string) string {
	if key := strings.Trim(l.Key(folder), "/"); key != "" {
		return key + "/"
	}
	return ""
}

// String returns the location as an S3 URI, such as s3://my-bucket/a/b/c.
func (l Location) String() string { return "s3://" + l.Bucket + "/" + l.prefix() }

func (l Location) prefix() string { return strings.Trim(l.Prefix, "/") }
