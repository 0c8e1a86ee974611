package ivsrecording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/aws/smithy-go"
)

// maxMetadataSize is far beyond what the service writes, which is about 1 KB.
const maxMetadataSize = 1 << 20

// Reader opens objects of S3, or of what stands for it. With the AWS SDK for Go:
//
//	client := s3.NewFromConfig(cfg) // github.com/aws/aws-sdk-go-v2/service/s3
//	reader := ivsrecording.ReaderFunc(func(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
//		out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
//		if err != nil {
//			return nil, err
//		}
//		return out.Body, nil
//	})
type Reader interface {
	// ReadObject opens the object with the given key. The caller closes it. If there
	// is no such object, the error matches fs.ErrNotExist or is the one of S3
	// (NoSuchKey).
	//
	// S3 tells a missing object only to those with s3:ListBucket; for others it is
	// AccessDenied. Load takes that as it is: it cannot know. A reader that can, since
	// it is sure of s3:GetObject, may return fs.ErrNotExist instead.
	ReadObject(ctx context.Context, bucket, key string) (io.ReadCloser, error)
}

// ReaderFunc is a function that is a Reader.
type ReaderFunc func(ctx context.Context, bucket, key string) (io.ReadCloser, error)

// ReadObject calls f.
func (f ReaderFunc) ReadObject(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	return f(ctx, bucket, key)
}

// FS returns a Reader of files with the keys as their names, such as a copy of a
// bucket on disk (os.DirFS) or the files of a test (fstest.MapFS). It ignores the
// bucket: fsys is the content of one. A key that is not a valid path, as it has ".."
// in it, is fs.ErrInvalid.
func FS(fsys fs.FS) Reader {
	return ReaderFunc(func(ctx context.Context, _, key string) (io.ReadCloser, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !fs.ValidPath(key) {
			return nil, &fs.PathError{Op: "open", Path: key, Err: fs.ErrInvalid}
		}
		return fsys.Open(key)
	})
}

// Load reads the last metadata of a recording: recording-ended.json, if there is
// none recording-failed.json, and if there is none recording-started.json. That is
// one object read for a recording that ended well, and three for one that goes on,
// whose Status is StatusStarted.
//
// If there is none of them, the error matches fs.ErrNotExist; that is also so just
// before the start. Other errors of the reader end the search and are wrapped. A
// file that is not metadata, or larger than 1 MiB, matches ErrMalformed.
func Load(ctx context.Context, reader Reader, l Location) (*Metadata, error) {
	for _, file := range []string{EndedFile, FailedFile, StartedFile} {
		key := l.Key(file)
		data, err := read(ctx, reader, l.Bucket, key)
		if isMissing(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("ivsrecording: reading %s of bucket %q: %w", key, l.Bucket, err)
		}
		if len(data) > maxMetadataSize {
			return nil, fmt.Errorf("%w: larger than 1 MiB (%s of bucket %q)", ErrMalformed, key, l.Bucket)
		}
		m, err := ParseMetadata(data)
		if err != nil {
			return nil, fmt.Errorf("%w (%s of bucket %q)", err, key, l.Bucket)
		}
		return m, nil
	}
	return nil, fmt.Errorf("ivsrecording: no metadata in %s: %w", l, fs.ErrNotExist)
}

// read returns no more than the first byte that is too much.
func read(ctx context.Context, reader Reader, bucket, key string) ([]byte, error) {
	body, err := reader.ReadObject(ctx, bucket, key)
	if err != nil {
		return nil, err
	}
	if body == nil {
		return nil, errors.New("the reader returned neither an object nor an error")
	}
	defer body.Close()
	return io.ReadAll(io.LimitReader(body, maxMetadataSize+1))
}

// isMissing knows S3's error by its code, so that readers need not translate it.
func isMissing(err error) bool {
	var api smithy.APIError
	return errors.Is(err, fs.ErrNotExist) || errors.As(err, &api) && api.ErrorCode() == "NoSuchKey"
}
