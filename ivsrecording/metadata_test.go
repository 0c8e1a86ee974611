package ivsrecording_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsrecording"
)

const stageARN = "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56"

func TestMetadataFiles(t *testing.T) {
	started := time.Date(2026, 10, 1, 8, 15, 31, 0, time.UTC)
	ended := time.Date(2026, 10, 1, 9, 0, 10, 0, time.UTC)
	individual := func(m ivsrecording.Metadata) ivsrecording.Metadata {
		m.Version, m.StageARN = "v1", stageARN
		m.SessionID, m.ParticipantID = "st-A1b2C3d4E5f6G", "Pq12Rs34Tu56"
		return m
	}
	composite := func(m ivsrecording.Metadata) ivsrecording.Metadata {
		m.Version, m.StageARN = "v1", stageARN
		return m
	}
	high := []ivsrecording.Rendition{{Playlist: "media/hls/high/playlist.m3u8"}}
	p720 := []ivsrecording.Rendition{{Playlist: "media/hls/720p30-Ab12Cd34Ef56/playlist.m3u8", Width: 1280, Height: 720}}
	tests := map[string]ivsrecording.Metadata{
		"individual-started": individual(ivsrecording.Metadata{
			Status:     ivsrecording.StatusStarted,
			StartedAt:  started,
			Playlist:   "media/hls/multivariant.m3u8",
			Renditions: high,
			Thumbnails: []ivsrecording.ThumbnailFolder{{Folder: "media/thumbnails/high"}},
		}),
		"individual-ended": individual(ivsrecording.Metadata{
			Status:           ivsrecording.StatusEnded,
			StartedAt:        started,
			EndedAt:          ended,
			Duration:         44*time.Minute + 38*time.Second + 123*time.Millisecond,
			Playlist:         "media/hls/multivariant.m3u8",
			Renditions:       high,
			Thumbnails:       []ivsrecording.ThumbnailFolder{{Folder: "media/thumbnails/high"}},
			LatestThumbnails: []ivsrecording.LatestThumbnail{{File: "media/latest_thumbnail/high/thumb.jpg"}},
		}),
		"individual-failed": individual(ivsrecording.Metadata{
			Status:        ivsrecording.StatusEndedWithFailure,
			StatusMessage: "The bucket could not be written to.",
			StartedAt:     started,
			EndedAt:       ended,
			Playlist:      "media/hls/multivariant.m3u8",
			Renditions:    high,
		}),
		"individual-start-failed": individual(ivsrecording.Metadata{
			Status:     ivsrecording.StatusStartFailed,
			Playlist:   "media/hls/multivariant.m3u8",
			Renditions: high,
		}),
		"individual-audio-only": individual(ivsrecording.Metadata{
			Status:     ivsrecording.StatusEnded,
			StartedAt:  started,
			EndedAt:    ended,
			Duration:   61004 * time.Millisecond,
			Playlist:   "media/hls/multivariant.m3u8",
			Renditions: high,
		}),
		"individual-thumbnails-only": individual(ivsrecording.Metadata{
			Status:     ivsrecording.StatusEnded,
			StartedAt:  started,
			EndedAt:    ended,
			Thumbnails: []ivsrecording.ThumbnailFolder{{Folder: "media/thumbnails/high"}},
		}),
		"composite-started": composite(ivsrecording.Metadata{
			Status:           ivsrecording.StatusStarted,
			StartedAt:        started,
			Playlist:         "media/hls/multivariant.m3u8",
			Renditions:       p720,
			LatestThumbnails: []ivsrecording.LatestThumbnail{{File: "media/latest_thumbnail/1280x720/thumb.jpg", Width: 1280, Height: 720}},
		}),
		"composite-ended": composite(ivsrecording.Metadata{
			Status:           ivsrecording.StatusEnded,
			StartedAt:        started,
			EndedAt:          ended,
			Duration:         2678123 * time.Millisecond,
			Playlist:         "media/hls/multivariant.m3u8",
			Renditions:       p720,
			Thumbnails:       []ivsrecording.ThumbnailFolder{{Folder: "media/thumbnails/1280x720", Width: 1280, Height: 720}},
			LatestThumbnails: []ivsrecording.LatestThumbnail{{File: "media/latest_thumbnail/1280x720/thumb.jpg", Width: 1280, Height: 720}},
		}),
		"composite-failed": composite(ivsrecording.Metadata{
			Status:        ivsrecording.StatusEndedWithFailure,
			StatusMessage: "The bucket could not be written to.",
			StartedAt:     started,
			EndedAt:       ended,
			Duration:      1500 * time.Millisecond,
			Playlist:      "media/hls/multivariant.m3u8",
			Renditions:    p720,
		}),
		"composite-audio-only": composite(ivsrecording.Metadata{
			Status:     ivsrecording.StatusEnded,
			StartedAt:  started,
			EndedAt:    ended,
			Duration:   61004 * time.Millisecond,
			Playlist:   "media/hls/multivariant.m3u8",
			Renditions: []ivsrecording.Rendition{{Playlist: "media/hls/audio-Ab12Cd34Ef56/playlist.m3u8"}},
		}),
	}
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.Len(t, files, len(tests), "a file without a test, or the reverse")
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile("testdata/" + name + ".json")
			require.NoError(t, err)

			got, err := ivsrecording.ParseMetadata(data)
			require.NoError(t, err)
			require.Equal(t, want, *got)
			require.Equal(t, strings.HasPrefix(name, "composite"), got.IsComposite())

			var unmarshaled ivsrecording.Metadata
			require.NoError(t, json.Unmarshal(data, &unmarshaled))
			require.Equal(t, want, unmarshaled)

			written, err := json.Marshal(want)
			require.NoError(t, err)
			require.JSONEq(t, string(data), string(written))
		})
	}
}

func TestParseMetadataIsLenient(t *testing.T) {
	tests := []struct {
		name, in string
		want     ivsrecording.Metadata
	}{
		{"as little as possible", `{"recording_status":"RECORDING_START_FAILED"}`, ivsrecording.Metadata{Status: ivsrecording.StatusStartFailed}},
		{"nothing in media", `{"recording_status":"X","media":{"hls":{},"thumbnails":{},"latest_thumbnail":{}}}`, ivsrecording.Metadata{Status: "X"}},
		{"nulls", `{"recording_status":"X","session_id":null,"recording_ended_at":null,"media":{"hls":null,"thumbnails":null}}`, ivsrecording.Metadata{Status: "X"}},
		{"failed before anything", `{"recording_status":"X","media":{"hls":{"duration_ms":0}}}`, ivsrecording.Metadata{Status: "X"}},
		{"unknown members and version", `{"recording_status":"X","version":"v9","later":[{}],"media":{"dash":{"path":7}}}`, ivsrecording.Metadata{Status: "X", Version: "v9"}},
		{"other case", `{"recording_status":"X","Version":"v1","SESSION_ID":"s"}`, ivsrecording.Metadata{Status: "X"}},
		{
			"offset and fraction", `{"recording_status":"X","recording_started_at":"2026-10-01T10:15:31.5+02:00"}`,
			ivsrecording.Metadata{Status: "X", StartedAt: time.Date(2026, 10, 1, 8, 15, 31, 5e8, time.UTC)},
		},
		{
			"both names of renditions", `{"recording_status":"X","media":{"thumbnails":{"path":"t","resolutions":[{"path":"2x2","resolution_width":2,"resolution_height":2}],"renditions":[{"path":"high"}]}}}`,
			ivsrecording.Metadata{Status: "X", Thumbnails: []ivsrecording.ThumbnailFolder{{Folder: "t/high"}, {Folder: "t/2x2", Width: 2, Height: 2}}},
		},
		{
			"several renditions", `{"recording_status":"X","media":{"hls":{"path":"a/b","playlist":"m","renditions":[{"path":"c/d","playlist":"e/f"},{"path":"g","playlist":"..h"}]}}}`,
			ivsrecording.Metadata{Status: "X", Playlist: "a/b/m", Renditions: []ivsrecording.Rendition{{Playlist: "a/b/c/d/e/f"}, {Playlist: "a/b/g/..h"}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ivsrecording.ParseMetadata([]byte(tt.in))
			require.NoError(t, err)
			require.Equal(t, tt.want, *got)
		})
	}
}

func TestParseMetadataErrors(t *testing.T) {
	hls := func(members string) string {
		return `{"recording_status":"X","media":{"hls":{` + members + `}}}`
	}
	tests := []struct{ name, in, want string }{
		{"nothing", ``, "recording_status: empty or missing"},
		{"null", `null`, "recording_status: empty or missing"},
		{"another file", `{"detail":{}}`, "recording_status: empty or missing"},
		{"no JSON", `#EXTM3U`, "want an object, got an unexpected character (byte 0)"},
		{"cut off", `{"recording_status":"X","media":{`, "media: want a member name, got the end of the text (byte 33)"},
		{"status", `{"recording_status":3}`, "recording_status: want a string, got a number (byte 20)"},
		{"time", `{"recording_status":"X","recording_started_at":"2026-10-01T08-15-31Z"}`, "recording_started_at: want a date and time as in RFC 3339, got another string (byte 47)"},
		{"media", `{"recording_status":"X","media":[]}`, "media: want an object, got an array (byte 32)"},
		{"duration of text", hls(`"duration_ms":"1"`), "media.hls.duration_ms: want a number, got a string (byte 54)"},
		{"fraction", hls(`"duration_ms":1.5`), "media.hls.duration_ms: want an integer, got a number with a fraction (byte 54)"},
		{"negative duration", hls(`"duration_ms":-1`), "media.hls.duration_ms: out of range"},
		{"endless duration", hls(`"duration_ms":9223372036855`), "media.hls.duration_ms: out of range"},
		{"1 MiB and a byte", strings.Repeat(" ", 1<<20+1), "larger than 1 MiB"},
		{"fraction in another notation", hls(`"duration_ms":1.5e0`), "media.hls.duration_ms: want an integer, got a number with a fraction (byte 54)"},
		{"huge exponent", hls(`"duration_ms":1e1000000000`), "media.hls.duration_ms: number out of the range of an int64 (byte 54)"},
		{"endless duration in another notation", hls(`"duration_ms":9.3e15`), "media.hls.duration_ms: out of range"},
		{"10,001 renditions", hls(`"renditions":[{}` + strings.Repeat(`,{}`, 10_000) + `]`), "media.hls.renditions: more than 10000 elements in lists and maps (byte 30054)"},
		{"long path", hls(`"path":"` + strings.Repeat("p", 1025) + `"`), "media.hls.path: longer than a key of S3 (1024 bytes)"},
		{"long playlist of a rendition", hls(`"path":"p","playlist":"m","renditions":[{"path":"a","playlist":"` + strings.Repeat("p", 1025) + `"}]`), "media.hls.renditions[0].playlist: longer than a key of S3 (1024 bytes)"},
		{"no path", hls(`"playlist":"m"`), "media.hls.path: empty or missing"},
		{"empty path", hls(`"path":"","playlist":"m"`), "media.hls.path: empty or missing"},
		{"no playlist", hls(`"path":"p"`), "media.hls.playlist: empty or missing"},
		{"playlist up", hls(`"path":"p","playlist":"../../other"`), "media.hls.playlist: not a path that stays within the recording"},
		{"renditions alone", hls(`"renditions":[{"path":"p","playlist":"q"}]`), "media.hls.path: empty or missing"},
		{"rendition without a path", hls(`"path":"p","playlist":"m","renditions":[{"path":"a","playlist":"b"},{"playlist":"b"}]`), "media.hls.renditions[1].path: empty or missing"},
		{"rendition without a playlist", hls(`"path":"p","playlist":"m","renditions":[{"path":"a"}]`), "media.hls.renditions[0].playlist: empty or missing"},
		{"rendition up", hls(`"path":"p","playlist":"m","renditions":[{"path":"a/../..","playlist":"b"}]`), "media.hls.renditions[0].path: not a path that stays within the recording"},
		{"rendition's playlist up", hls(`"path":"p","playlist":"m","renditions":[{"path":"a","playlist":"/b"}]`), "media.hls.renditions[0].playlist: not a path that stays within the recording"},
		{"null rendition", hls(`"path":"p","playlist":"m","renditions":[null]`), "media.hls.renditions[0].path: empty or missing"},
		{"thumbnails up", `{"recording_status":"X","media":{"thumbnails":{"path":".."}}}`, "media.thumbnails.path: not a path that stays within the recording"},
		{"thumbnails nowhere", `{"recording_status":"X","media":{"thumbnails":{"renditions":[{"path":"high"}]}}}`, "media.thumbnails.path: empty or missing"},
		{"thumbnails' rendition", `{"recording_status":"X","media":{"thumbnails":{"path":"t","renditions":[{"path":""}]}}}`, "media.thumbnails.renditions[0].path: empty or missing"},
		{"latest's resolution", `{"recording_status":"X","media":{"latest_thumbnail":{"path":"t","resolutions":[{"path":"a"},{"path":".."}]}}}`, "media.latest_thumbnail.resolutions[1].path: not a path that stays within the recording"},
	}
	for _, bad := range []string{"/", "/etc", ".", "..", "../a", "a/..", "a/../../b", "a//b", "./a", "a/", `..\\a`, `a\u0000b`, "%2e%2e", "a/.%2E/b", "a%2f..%2fb", "%5c", "%00"} {
		tests = append(tests, struct{ name, in, want string }{
			"path " + bad, hls(`"playlist":"m","path":"` + bad + `"`), "media.hls.path: not a path that stays within the recording",
		})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := ivsrecording.ParseMetadata([]byte(tt.in))
			require.ErrorIs(t, err, ivsrecording.ErrMalformed)
			require.EqualError(t, err, "ivsrecording: malformed metadata: "+tt.want)
			require.Nil(t, m)
		})
	}
}

func TestUnmarshalMetadata(t *testing.T) {
	var m ivsrecording.Metadata
	require.NoError(t, json.Unmarshal([]byte(`{"recording_status":"X","version":"v1"}`), &m))
	before := m
	require.ErrorIs(t, json.Unmarshal([]byte(`{"recording_status":""}`), &m), ivsrecording.ErrMalformed)
	require.NoError(t, json.Unmarshal([]byte(`null`), &m))
	require.Equal(t, before, m)
	require.NoError(t, json.Unmarshal([]byte(`{"recording_status":"Y"}`), &m))
	require.Equal(t, ivsrecording.Metadata{Status: "Y"}, m, "nothing stays of what was there")
}

func TestMarshalMetadataErrors(t *testing.T) {
	tests := []struct {
		name string
		in   ivsrecording.Metadata
		want string
	}{
		{"playlist up", ivsrecording.Metadata{Playlist: "../m"}, "Playlist: not a path that stays within the recording"},
		{"no playlist", ivsrecording.Metadata{Renditions: []ivsrecording.Rendition{{Playlist: "a/b/c"}}}, "Playlist: empty or missing"},
		{"playlist in no folder", ivsrecording.Metadata{Playlist: "m"}, "Playlist and Renditions: not in one folder"},
		{"rendition", ivsrecording.Metadata{Playlist: "a/m", Renditions: []ivsrecording.Rendition{{Playlist: "/b/c"}}}, "Renditions[0].Playlist: not a path that stays within the recording"},
		{"rendition in no folder", ivsrecording.Metadata{Playlist: "a/m", Renditions: []ivsrecording.Rendition{{Playlist: "a/b"}}}, "Playlist and Renditions: not in one folder"},
		{"rendition elsewhere", ivsrecording.Metadata{Playlist: "a/m", Renditions: []ivsrecording.Rendition{{Playlist: "ab/c/d"}}}, "Playlist and Renditions: not in one folder"},
		{"thumbnails", ivsrecording.Metadata{Thumbnails: []ivsrecording.ThumbnailFolder{{Folder: "a/b"}, {}}}, "Thumbnails[1].Folder: empty or missing"},
		{"thumbnails in no folder", ivsrecording.Metadata{Thumbnails: []ivsrecording.ThumbnailFolder{{Folder: "a"}}}, "Thumbnails: not in one folder"},
		{"latest up", ivsrecording.Metadata{LatestThumbnails: []ivsrecording.LatestThumbnail{{File: "a/../thumb.jpg"}}}, "LatestThumbnails[0].File: not a path that stays within the recording"},
		{"latest of another name", ivsrecording.Metadata{LatestThumbnails: []ivsrecording.LatestThumbnail{{File: "a/b/1.jpg"}}}, "LatestThumbnails[0].File: its name is not thumb.jpg"},
		{"latest in no folder", ivsrecording.Metadata{LatestThumbnails: []ivsrecording.LatestThumbnail{{File: "a/thumb.jpg"}}}, "LatestThumbnails: not in one folder"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.in.MarshalJSON()
			require.EqualError(t, err, "ivsrecording: "+tt.want)
		})
	}
}

func TestMarshalMetadata(t *testing.T) {
	tests := []struct {
		name string
		in   ivsrecording.Metadata
		want string
	}{
		{"time zone", ivsrecording.Metadata{StartedAt: time.Date(2026, 10, 1, 10, 15, 31, 0, time.FixedZone("", 7200))}, `"recording_started_at":"2026-10-01T08:15:31Z","recording_status":"","media":{}`},
		{"length alone", ivsrecording.Metadata{Duration: 1999 * time.Microsecond}, `"recording_status":"","media":{"hls":{"duration_ms":1}}`},
		{
			"folders further down", ivsrecording.Metadata{Playlist: "a/b/c/m", Renditions: []ivsrecording.Rendition{{Playlist: "a/b/d/e/f"}, {Playlist: "a/bb/c/d"}}},
			`"recording_status":"","media":{"hls":{"path":"a","playlist":"b/c/m","renditions":[{"path":"b/d/e","playlist":"f"},{"path":"bb/c","playlist":"d"}]}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := json.Marshal(tt.in)
			require.NoError(t, err)
			require.Equal(t, `{"version":"","stage_arn":"",`+tt.want+`}`, string(got))
		})
	}
}

func TestStatusValues(t *testing.T) {
	require.Equal(t, []ivsrecording.Status{
		"RECORDING_STARTED", "RECORDING_ENDED", "RECORDING_START_FAILED", "RECORDING_ENDED_WITH_FAILURE",
	}, ivsrecording.Status("").Values())
}

// Paths that lead out never come out, and what was read can be written and read
// again.
func FuzzParseMetadata(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(f, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte(`{"recording_status":"X","media":{"hls":{"path":"a/b","playlist":"c/m","renditions":[{"path":"d/e","playlist":"f/g"}]},"thumbnails":{"path":"t","renditions":[{"path":"a"}],"resolutions":[{"path":"a/b"}]}}}`))
	f.Add([]byte(`{"recording_status":"X","recording_started_at":"0000-01-01T00:00:00+0001"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ivsrecording.ParseMetadata(data)
		if err != nil {
			require.ErrorIs(t, err, ivsrecording.ErrMalformed)
			require.Nil(t, m)
			return
		}
		require.NotEmpty(t, m.Status)
		require.GreaterOrEqual(t, m.Duration, time.Duration(0))
		var paths []string
		if m.Playlist != "" {
			paths = append(paths, m.Playlist)
		}
		for _, r := range m.Renditions {
			paths = append(paths, r.Playlist)
		}
		for _, s := range m.Thumbnails {
			paths = append(paths, s.Folder)
		}
		for _, l := range m.LatestThumbnails {
			paths = append(paths, l.File)
		}
		location := ivsrecording.Location{Bucket: "b", Prefix: "x/y"}
		for _, p := range paths {
			require.True(t, fs.ValidPath(p), p)
			require.True(t, strings.HasPrefix(filepath.Clean(location.Key(p)), filepath.Clean("x/y/")), p)
		}
		for _, at := range []time.Time{m.StartedAt, m.EndedAt} {
			require.Equal(t, time.UTC, at.Location())
			if y := at.Year(); y < 0 || y > 9999 {
				return // an offset can lead there, and no JSON back
			}
		}
		written, err := json.Marshal(m)
		require.NoError(t, err)
		again, err := ivsrecording.ParseMetadata(written)
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}

// Whole numbers are read in any notation.
func TestMetadataNumbers(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"4505780": 4505780 * time.Millisecond, "4505780.0": 4505780 * time.Millisecond, "4.50578E6": 4505780 * time.Millisecond,
		"4.50578e+06": 4505780 * time.Millisecond, "45057800e-1": 4505780 * time.Millisecond, "0.0": 0, "0e999999999": 0,
	} {
		m, err := ivsrecording.ParseMetadata([]byte(`{"recording_status":"RECORDING_ENDED","media":{"hls":{"duration_ms":` + text +
			`,"path":"media/hls","playlist":"m.m3u8","renditions":[{"path":"720p","playlist":"p.m3u8","resolution_width":1.28e3,"resolution_height":720.0}]}}}`))
		require.NoError(t, err, text)
		require.Equal(t, want, m.Duration, text)
		require.Equal(t, []ivsrecording.Rendition{{Playlist: "media/hls/720p/p.m3u8", Width: 1280, Height: 720}}, m.Renditions)
	}
}

// A small file must not make much memory: each path is short, however often the
// one in front of it comes.
func TestMetadataMemory(t *testing.T) {
	folder := func(n int) string { return strings.Repeat("p", n) }
	tests := map[string]string{
		"renditions under a long path": `{"recording_status":"X","media":{"hls":{"path":"` + folder(1024) + `","playlist":"m","renditions":[{"path":"a","playlist":"b"}` +
			strings.Repeat(`,{"path":"a","playlist":"b"}`, 9_999) + `]}}}`,
		"thumbnails under a path of 700 KB": `{"recording_status":"X","media":{"thumbnails":{"path":"` + folder(700_000) + `","renditions":[{"path":"a"}` +
			strings.Repeat(`,{"path":"a"}`, 9_999) + `]}}}`,
		"empty renditions": `{"recording_status":"X","media":{"hls":{"renditions":[{}` + strings.Repeat(",{}", 300_000) + `]}}}`,
		"the same again":   `{"recording_status":"X","media":{"hls":{}` + strings.Repeat(`,"hls":{}`, 100_000) + `}}`,
		"one long string":  `{"recording_status":"` + strings.Repeat(`\u0041`, 170_000) + `"}`,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := ivsrecording.ParseMetadata([]byte(text))
			runtime.ReadMemStats(&after)
			mib := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%d KiB: %d MiB, %v", len(text)>>10, mib, err)
			require.Less(t, mib, uint64(64))
		})
	}
}
