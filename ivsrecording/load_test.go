package ivsrecording_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsrecording"
)

var here = ivsrecording.Location{Bucket: "b", Prefix: "x/y"}

// logged is an ObjectReader of a bucket with the given objects, missing ones being as in
// S3, and writes down what is read.
func logged(log *[]string, objects map[string]string) ivsrecording.ObjectReader {
	return ivsrecording.ObjectReaderFunc(func(_ context.Context, bucket, key string) (io.ReadCloser, error) {
		*log = append(*log, bucket+":"+key)
		if text, ok := objects[key]; ok {
			return io.NopCloser(strings.NewReader(text)), nil
		}
		return nil, &smithy.OperationError{ServiceID: "S3", OperationName: "GetObject", Err: &smithy.GenericAPIError{Code: "NoSuchKey"}}
	})
}

func TestLoad(t *testing.T) {
	const started, ended, failed = `{"recording_status":"RECORDING_STARTED"}`, `{"recording_status":"RECORDING_ENDED"}`, `{"recording_status":"RECORDING_ENDED_WITH_FAILURE"}`
	tests := []struct {
		name    string
		objects map[string]string
		want    ivsrecording.Status
		reads   int
	}{
		{"ended", map[string]string{"x/y/events/recording-started.json": started, "x/y/events/recording-ended.json": ended}, ivsrecording.StatusEnded, 1},
		{"failed", map[string]string{"x/y/events/recording-started.json": started, "x/y/events/recording-failed.json": failed}, ivsrecording.StatusEndedWithFailure, 2},
		{"goes on", map[string]string{"x/y/events/recording-started.json": started}, ivsrecording.StatusStarted, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log []string
			got, err := ivsrecording.Load(t.Context(), logged(&log, tt.objects), here)
			require.NoError(t, err)
			require.Equal(t, tt.want, got.Status)
			require.Equal(t, []string{"b:x/y/events/recording-ended.json", "b:x/y/events/recording-failed.json", "b:x/y/events/recording-started.json"}[:tt.reads], log)
		})
	}

	t.Run("nothing", func(t *testing.T) {
		var log []string
		_, err := ivsrecording.Load(t.Context(), logged(&log, nil), here)
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.EqualError(t, err, "ivsrecording: no metadata in s3://b/x/y: file does not exist")
		require.Len(t, log, 3)
	})
}

func TestLoadErrors(t *testing.T) {
	broken := errors.New("connection reset")
	body := func(r io.Reader) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(r), nil }
	}
	tests := []struct {
		name string
		open func() (io.ReadCloser, error)
		is   error
		want string
	}{
		{"broken off", body(io.MultiReader(strings.NewReader(`{"rec`), iotest.ErrReader(broken))), broken, "ivsrecording: reading x/y/events/recording-ended.json of bucket \"b\": connection reset"},
		{"malformed", body(strings.NewReader(`<html>`)), ivsrecording.ErrMalformed, "ivsrecording: malformed metadata: want an object, got an unexpected character (byte 0) (x/y/events/recording-ended.json of bucket \"b\")"},
		{"too large", body(strings.NewReader(`{"recording_status":"RECORDING_ENDED"}` + strings.Repeat(" ", 1<<20))), ivsrecording.ErrMalformed, "ivsrecording: malformed metadata: larger than 1 MiB (x/y/events/recording-ended.json of bucket \"b\")"},
		{"neither", func() (io.ReadCloser, error) { return nil, nil }, nil, "ivsrecording: reading x/y/events/recording-ended.json of bucket \"b\": the reader returned neither an object nor an error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reads := 0
			reader := ivsrecording.ObjectReaderFunc(func(context.Context, string, string) (io.ReadCloser, error) {
				reads++
				return tt.open()
			})
			m, err := ivsrecording.Load(t.Context(), reader, here)
			require.EqualError(t, err, tt.want)
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
			require.NotErrorIs(t, err, fs.ErrNotExist)
			require.Nil(t, m)
			require.Equal(t, 1, reads, "what is not known to be missing ends the search")
		})
	}
}

// Without s3:ListBucket a missing object is one that is denied.
func TestLoadWithoutListBucket(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDenied", Message: "Access Denied"}
	load := func(objects map[string]string) (*ivsrecording.Metadata, error) {
		var log []string
		reader := logged(&log, objects)
		return ivsrecording.Load(t.Context(), ivsrecording.ObjectReaderFunc(func(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
			body, err := reader.ReadObject(ctx, bucket, key)
			if err != nil {
				return nil, denied
			}
			return body, nil
		}), here)
	}
	m, err := load(map[string]string{"x/y/events/recording-failed.json": `{"recording_status":"RECORDING_ENDED_WITH_FAILURE"}`})
	require.NoError(t, err)
	require.Equal(t, ivsrecording.StatusEndedWithFailure, m.Status)

	for name, objects := range map[string]map[string]string{
		"nothing": nil,
		"goes on": {"x/y/events/recording-started.json": `{"recording_status":"RECORDING_STARTED"}`},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := load(objects)
			require.ErrorIs(t, err, denied)
			require.NotErrorIs(t, err, fs.ErrNotExist)
			require.Contains(t, err.Error(), `ivsrecording: reading x/y/events/recording-ended.json of bucket "b": `)
			require.Nil(t, m)
		})
	}
}

// Denied is one file alone.
func TestLoadDenied(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDenied"}
	tests := []struct {
		file    string
		objects map[string]string
		reads   []string // of others
	}{
		{"ended", map[string]string{"x/y/events/recording-started.json": `{"recording_status":"RECORDING_STARTED"}`}, []string{"b:x/y/events/recording-failed.json"}},
		{"failed", map[string]string{"x/y/events/recording-started.json": `{"recording_status":"RECORDING_STARTED"}`}, []string{"b:x/y/events/recording-ended.json"}},
		{"started", nil, []string{"b:x/y/events/recording-ended.json", "b:x/y/events/recording-failed.json"}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			var log []string
			reader := logged(&log, tt.objects)
			_, err := ivsrecording.Load(t.Context(), ivsrecording.ObjectReaderFunc(func(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
				if key == "x/y/events/recording-"+tt.file+".json" {
					return nil, denied
				}
				return reader.ReadObject(ctx, bucket, key)
			}), here)
			require.ErrorIs(t, err, denied)
			require.Equal(t, tt.reads, log)
		})
	}
}

func TestLoadLargest(t *testing.T) {
	text := `{"recording_status":"RECORDING_ENDED"}`
	text += strings.Repeat(" ", 1<<20-len(text))
	var log []string
	_, err := ivsrecording.Load(t.Context(), logged(&log, map[string]string{"x/y/events/recording-ended.json": text}), here)
	require.NoError(t, err)
}

// closer tells whether it was closed.
type closer struct {
	io.Reader
	closed *bool
}

func (c closer) Close() error {
	*c.closed = true
	return nil
}

func TestLoadClosesWhatItOpens(t *testing.T) {
	for _, text := range []string{`{"recording_status":"RECORDING_ENDED"}`, `{`, strings.Repeat(" ", 2<<20)} {
		closed := false
		_, _ = ivsrecording.Load(t.Context(), ivsrecording.ObjectReaderFunc(func(context.Context, string, string) (io.ReadCloser, error) {
			return closer{strings.NewReader(text), &closed}, nil
		}), here)
		require.True(t, closed)
	}
}

// A reader is never asked for what is not below its folder.
func TestLoadStaysWithinTheFolder(t *testing.T) {
	for _, prefix := range leadOut {
		t.Run(prefix, func(t *testing.T) {
			m, err := ivsrecording.Load(t.Context(), ivsrecording.ObjectReaderFunc(func(_ context.Context, _, key string) (io.ReadCloser, error) {
				t.Errorf("read %q", key)
				return nil, fs.ErrNotExist
			}), ivsrecording.Location{Bucket: "b", Prefix: prefix})
			require.ErrorIs(t, err, fs.ErrInvalid)
			require.EqualError(t, err, "ivsrecording: the prefix leads out of its folder: invalid argument")
			require.Nil(t, m)
		})
	}
	for _, bucket := range []string{"..", ".", "../other", "a/../..", `..\other`, "%2e%2e", "a\x00"} {
		l := ivsrecording.Location{Bucket: bucket, Prefix: "p"}
		_, err := ivsrecording.Load(t.Context(), ivsrecording.ObjectReaderFunc(func(_ context.Context, bucket, _ string) (io.ReadCloser, error) {
			t.Errorf("read of bucket %q", bucket)
			return nil, fs.ErrNotExist
		}), l)
		require.EqualError(t, err, "ivsrecording: the bucket leads out of its folder: invalid argument", bucket)
		_, err = ivsrecording.FromNotification(bucket, "p/events/recording-ended.json")
		require.EqualError(t, err, "ivsrecording: not recorded: the bucket of the notification leads out of its folder", bucket)
	}
	// Names with dots that are names.
	for _, prefix := range []string{"x..y", "...", "..x/y", "100%/x", "%2", "x/y.", "%2e%2e%2e"} {
		var log []string
		_, err := ivsrecording.Load(t.Context(), logged(&log, nil), ivsrecording.Location{Bucket: "b", Prefix: prefix})
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.Equal(t, "b:"+prefix+"/events/recording-ended.json", log[0])
	}
}

// fs.ErrNotExist sends Load on to the next file as NoSuchKey does.
func TestLoadFromFiles(t *testing.T) {
	for _, tt := range []struct {
		file, status string
	}{
		{"recording-started.json", "RECORDING_STARTED"},
		{"recording-failed.json", "RECORDING_ENDED_WITH_FAILURE"},
		{"recording-ended.json", "RECORDING_ENDED"},
	} {
		bucket := fstest.MapFS{"x/y/events/" + tt.file: {Data: []byte(`{"recording_status":"` + tt.status + `"}`)}}
		m, err := ivsrecording.Load(t.Context(), ivsrecording.FromFS(bucket), here)
		require.NoError(t, err, tt.file)
		require.Equal(t, ivsrecording.Status(tt.status), m.Status)

		wrapped := ivsrecording.ObjectReaderFunc(func(_ context.Context, _, key string) (io.ReadCloser, error) {
			file, err := bucket.Open(key)
			if err != nil {
				return nil, fmt.Errorf("my store: %w", err)
			}
			return file, nil
		})
		m, err = ivsrecording.Load(t.Context(), wrapped, here)
		require.NoError(t, err, tt.file)
		require.Equal(t, ivsrecording.Status(tt.status), m.Status)
	}
}

// The context goes to the reader, and FS heeds it.
func TestLoadCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := ivsrecording.Load(ctx, ivsrecording.FromFS(fstest.MapFS{}), here)
	require.ErrorIs(t, err, context.Canceled)
}

type openFunc func(name string) (fs.File, error)

func (f openFunc) Open(name string) (fs.File, error) { return f(name) }

func TestFS(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, root.MkdirAll("bucket/x/y/events", 0o755))
	data, err := os.ReadFile("testdata/composite-ended.json")
	require.NoError(t, err)
	require.NoError(t, root.WriteFile("bucket/x/y/events/recording-ended.json", data, 0o644))
	require.NoError(t, root.WriteFile("recording-ended.json", data, 0o644))

	for name, tt := range map[string]struct {
		dir      string
		location ivsrecording.Location
		is       error // nil for success
	}{
		"a bucket":             {"bucket", ivsrecording.Location{Bucket: "whatever", Prefix: "x/y"}, nil},
		"with a slash":         {"bucket", ivsrecording.Location{Prefix: "x/y/"}, nil},
		"one recording":        {"bucket/x/y", ivsrecording.Location{}, nil},
		"another":              {"bucket", ivsrecording.Location{Prefix: "x"}, fs.ErrNotExist},
		"out of the directory": {"bucket/x", ivsrecording.Location{Prefix: "../x/y"}, fs.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := ivsrecording.Load(t.Context(), ivsrecording.FromFS(os.DirFS(dir+"/"+tt.dir)), tt.location)
			require.ErrorIs(t, err, tt.is)
			require.Equal(t, tt.is == nil, m != nil)
		})
	}

	t.Run("a file system that takes any name", func(t *testing.T) {
		opened := false
		_, err := ivsrecording.Load(t.Context(), ivsrecording.FromFS(openFunc(func(string) (fs.File, error) {
			opened = true
			return nil, fs.ErrNotExist
		})), ivsrecording.Location{Prefix: "../x/y"})
		require.ErrorIs(t, err, fs.ErrInvalid)
		require.False(t, opened)
	})

	t.Run("a folder", func(t *testing.T) {
		_, err := ivsrecording.Load(t.Context(), ivsrecording.FromFS(fstest.MapFS{
			"events/recording-ended.json/x": {},
		}), ivsrecording.Location{})
		require.Error(t, err)
		require.NotErrorIs(t, err, fs.ErrNotExist)
	})
}
