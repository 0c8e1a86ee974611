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

// ObjectReader opens objects of S3, or of what stands for it. With the AWS SDK for Go:
//
//	client := s3.NewFromConfig(cfg) // github.com/aws/aws-sdk-go-v2/service/s3
//	reader := ivsrecording.ObjectReaderFunc(func(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
//		out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
//		if err != nil {
//			return nil, err
//		}
//		return out.Body, nil
//	})
type ObjectReader interface {
	// ReadObject opens the object with the given key. The caller closes it. If there
	// is no such object, the error matches fs.ErrNotExist or is the one of S3
	// (NoSuchKey).
	//
	// S3 tells a missing object only to those with s3:ListBucket; for others it is
	// AccessDenied, which Load cannot take for missing. A reader that is sure of its
	// s3:GetObject may return fs.ErrNotExist instead.
	ReadObject(ctx context.Context, bucket, key string) (io.ReadCloser, error)
}

// ObjectReaderFunc is a function that is an ObjectReader.
type ObjectReaderFunc func(ctx context.Context, bucket, key string) (io.ReadCloser, error)

// ReadObject calls f.
func (f ObjectReaderFunc) ReadObject(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	return f(ctx, bucket, key)
}

// FromFS returns an ObjectReader of files with the keys as their names, such as a copy of a
// bucket on disk (os.DirFS) or the files of a test (fstest.MapFS). It ignores the
// bucket: fsys is the content of one. A key that is not a valid path, as it has ".."
// in it, is fs.ErrInvalid.
func FromFS(fsys fs.FS) ObjectReader {
	return ObjectReaderFunc(func(ctx context.Context, _, key string) (io.ReadCloser, error) {
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
// before the start. A file that is not metadata, or larger than 1 MiB, matches
// ErrMalformed. A prefix or bucket that has "." or ".." among its names, also encoded
// or with backslashes, matches fs.ErrInvalid, and the reader is not asked. Other
// errors of the reader are wrapped. The code AccessDenied, which S3 may answer for a
// missing object too, is the error unless there is a recording-failed.json: then there
// is no recording-ended.json.
func Load(ctx context.Context, reader ObjectReader, l Location) (*Metadata, error) {
	if leavesFolder(l.Prefix) {
		return nil, fmt.Errorf("ivsrecording: the prefix leads out of its folder: %w", fs.ErrInvalid)
	}
	if leavesFolder(l.Bucket) { // readers may take it for a folder
		return nil, fmt.Errorf("ivsrecording: the bucket leads out of its folder: %w", fs.ErrInvalid)
	}
	var denied error
	for _, file := range []string{EndedFile, FailedFile, StartedFile} {
		if file == StartedFile && denied != nil {
			break // it may have ended: do not say that it goes on
		}
		key := l.Key(file)
		data, err := read(ctx, reader, l.Bucket, key)
		if err == nil {
			return parse(data, l.Bucket, key)
		}
		err = fmt.Errorf("ivsrecording: reading %s of bucket %q: %w", key, l.Bucket, err)
		switch {
		case errors.Is(err, fs.ErrNotExist) || hasCode(err, "NoSuchKey"):
		case hasCode(err, "AccessDenied"):
			if denied == nil {
				denied = err
			}
		default:
			return nil, err
		}
	}
	if denied != nil {
		return nil, denied
	}
	return nil, fmt.Errorf("ivsrecording: no metadata in %s: %w", l, fs.ErrNotExist)
}

func parse(data []byte, bucket, key string) (*Metadata, error) {
	m, err := ParseMetadata(data)
	if err != nil {
		return nil, fmt.Errorf("%w (%s of bucket %q)", err, key, bucket)
	}
	return m, nil
}

// read returns no more than the first byte that is too much.
func read(ctx context.Context, reader ObjectReader, bucket, key string) ([]byte, error) {
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

// hasCode knows the errors of S3, so that readers need not translate them.
func hasCode(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
}
