package ivsrecording_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"
	"testing/fstest"
	"time"

	"github.com/aws/smithy-go"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivsrecording"
)

// What to play, to list and to show of a recording that ended. In a test the bucket
// is a fstest.MapFS, on disk an os.DirFS; for S3 see ObjectReader.
func ExampleLoad() {
	bucket := fstest.MapFS{
		"Ab12/Cc11/Ff44/composite/events/recording-ended.json": {Data: []byte(`{
			"version": "v1",
			"stage_arn": "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56",
			"recording_started_at": "2026-10-01T08:15:31Z",
			"recording_ended_at": "2026-10-01T09:00:10Z",
			"recording_status": "RECORDING_ENDED",
			"media": {
				"hls": {"duration_ms": 2678123, "path": "media/hls", "playlist": "multivariant.m3u8", "renditions": [
					{"path": "720p30-Ab12Cd34Ef56", "playlist": "playlist.m3u8", "resolution_width": 1280, "resolution_height": 720}]},
				"thumbnails": {"path": "media/thumbnails", "resolutions": [
					{"path": "1280x720", "resolution_width": 1280, "resolution_height": 720}]},
				"latest_thumbnail": {"path": "media/latest_thumbnail", "resolutions": [
					{"path": "1280x720", "resolution_width": 1280, "resolution_height": 720}]}
			}
		}`)},
	}
	location := ivsrecording.Location{Bucket: "my-bucket", Prefix: "Ab12/Cc11/Ff44/composite"}

	recording, err := ivsrecording.Load(context.Background(), ivsrecording.FromFS(bucket), location)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(recording.Status, recording.Duration)
	fmt.Println(location.Key(recording.Playlist))
	for _, r := range recording.Renditions {
		fmt.Println(location.Key(r.Playlist), r.Width, r.Height)
	}
	for _, t := range recording.Thumbnails {
		fmt.Println(location.FolderKey(t.Folder))
	}
	for _, t := range recording.LatestThumbnails {
		fmt.Println(location.Key(t.File))
	}
	// Output:
	// RECORDING_ENDED 44m38.123s
	// Ab12/Cc11/Ff44/composite/media/hls/multivariant.m3u8
	// Ab12/Cc11/Ff44/composite/media/hls/720p30-Ab12Cd34Ef56/playlist.m3u8 1280 720
	// Ab12/Cc11/Ff44/composite/media/thumbnails/1280x720/
	// Ab12/Cc11/Ff44/composite/media/latest_thumbnail/1280x720/thumb.jpg
}

func ExampleFromEvent() {
	event := &ivsevents.RecordingEnd{
		RecordingS3BucketName: "my-bucket",
		RecordingS3KeyPrefix:  "Ab12Cd34Ef56/st-A1b2C3d4E5f6G/Pq12Rs34Tu56/2026-10-01T08-15-31Z",
	}
	location, err := ivsrecording.FromEvent(event)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(location.Bucket, location.Key(ivsrecording.EndedFile))
	// Output:
	// my-bucket Ab12Cd34Ef56/st-A1b2C3d4E5f6G/Pq12Rs34Tu56/2026-10-01T08-15-31Z/events/recording-ended.json
}

func ExampleFromDestination() {
	// As StartComposition and GetComposition answer it, cut short.
	var composition ivsrealtime.Composition
	err := json.Unmarshal([]byte(`{"destinations": [
		{"id": "Dd55Ee66Ff77", "configuration": {"channel": {"channelArn": "arn:aws:ivs:eu-west-1:111122223333:channel/Ch12An34Ne56"}}},
		{"id": "Ff44Gg55Hh66", "configuration": {"s3": {"storageConfigurationArn": "arn:aws:ivs:eu-west-1:111122223333:storage-configuration/St12Or34Ag56"}},
			"detail": {"s3": {"recordingPrefix": "Ab12Cd34Ef56/Cc11Dd22Ee33/Ff44Gg55Hh66/composite"}}}
	]}`), &composition)
	if err != nil {
		log.Fatal(err)
	}

	for _, d := range composition.Destinations {
		if d.Detail.S3 == nil {
			continue // a channel
		}
		location, err := ivsrecording.FromDestination(d, "my-bucket") // the bucket of d.Configuration.S3.StorageConfigurationARN
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(location)
		fmt.Println(location.Key(ivsrecording.PlaylistFile))
	}
	// Output:
	// s3://my-bucket/Ab12Cd34Ef56/Cc11Dd22Ee33/Ff44Gg55Hh66/composite
	// Ab12Cd34Ef56/Cc11Dd22Ee33/Ff44Gg55Hh66/composite/media/hls/multivariant.m3u8
}

// What a Lambda function does that S3 notifies of new objects below a bucket.
func ExampleFromNotification() {
	var notification struct { // events.S3Event of github.com/aws/aws-lambda-go is the same
		Records []struct {
			S3 struct {
				Bucket struct{ Name string }
				Object struct{ Key string }
			}
		}
	}
	err := json.Unmarshal([]byte(`{"Records": [
		{"s3": {"bucket": {"name": "my-bucket"}, "object": {"key": "MNALAcH9j2EJ/s2AdaGUbvQgp/2pBRKrNgX1ff/composite/events/recording-ended.json"}}},
		{"s3": {"bucket": {"name": "my-bucket"}, "object": {"key": "MNALAcH9j2EJ/s2AdaGUbvQgp/2pBRKrNgX1ff/composite/media/thumbnails/1280x720/1.jpg"}}},
		{"s3": {"bucket": {"name": "my-bucket"}, "object": {"key": "notes/to+do.txt"}}}
	]}`), &notification)
	if err != nil {
		log.Fatal(err)
	}
	for _, record := range notification.Records {
		location, err := ivsrecording.FromNotification(record.S3.Bucket.Name, record.S3.Object.Key)
		if errors.Is(err, ivsrecording.ErrNotRecorded) {
			continue // another file
		}
		ended := strings.HasSuffix(record.S3.Object.Key, "/"+ivsrecording.EndedFile)
		fmt.Println(location, ended)
	}
	// Output:
	// s3://my-bucket/MNALAcH9j2EJ/s2AdaGUbvQgp/2pBRKrNgX1ff/composite true
	// s3://my-bucket/MNALAcH9j2EJ/s2AdaGUbvQgp/2pBRKrNgX1ff/composite false
}

// objectStore stands for *s3.Client, whose errors are of this kind.
type objectStore map[string]string

func (s objectStore) GetObject(_ context.Context, _, key string) (string, error) {
	text, ok := s[key]
	if !ok {
		return "", &smithy.GenericAPIError{Code: "NoSuchKey", Message: "The specified key does not exist."}
	}
	return text, nil
}

// Any client fits. The error of a missing object needs no translation if it is S3's.
func ExampleObjectReaderFunc() {
	client := objectStore{"x/y/events/recording-started.json": `{"version": "v1", "recording_status": "RECORDING_STARTED"}`}
	reader := ivsrecording.ObjectReaderFunc(func(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
		text, err := client.GetObject(ctx, bucket, key)
		if err != nil {
			return nil, err
		}
		return io.NopCloser(strings.NewReader(text)), nil
	})

	recording, err := ivsrecording.Load(context.Background(), reader, ivsrecording.Location{Bucket: "my-bucket", Prefix: "x/y"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(recording.Status)
	// Output: RECORDING_STARTED
}

// A metadata file for a test, in the service's own form.
func ExampleMetadata() {
	file, err := json.Marshal(ivsrecording.Metadata{
		Version:       "v1",
		StageARN:      "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56",
		SessionID:     "st-A1b2C3d4E5f6G",
		ParticipantID: "Pq12Rs34Tu56",
		Status:        ivsrecording.StatusEnded,
		StartedAt:     time.Date(2026, 10, 1, 8, 15, 31, 0, time.UTC),
		EndedAt:       time.Date(2026, 10, 1, 8, 16, 32, 0, time.UTC),
		Duration:      time.Minute,
		Playlist:      ivsrecording.PlaylistFile,
		Renditions:    []ivsrecording.Rendition{{Playlist: "media/hls/high/playlist.m3u8"}},
		Thumbnails:    []ivsrecording.ThumbnailFolder{{Folder: "media/thumbnails/high"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(file))
	// Output:
	// {"version":"v1","stage_arn":"arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56","session_id":"st-A1b2C3d4E5f6G","participant_id":"Pq12Rs34Tu56","recording_started_at":"2026-10-01T08:15:31Z","recording_ended_at":"2026-10-01T08:16:32Z","recording_status":"RECORDING_ENDED","media":{"hls":{"duration_ms":60000,"path":"media/hls","playlist":"multivariant.m3u8","renditions":[{"path":"high","playlist":"playlist.m3u8"}]},"thumbnails":{"path":"media/thumbnails","renditions":[{"path":"high"}]}}}
}
