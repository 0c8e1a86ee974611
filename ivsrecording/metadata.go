package ivsrecording

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// ErrMalformed: a file is not the metadata of a recording, or names a file outside
// of the recording.
var ErrMalformed = errors.New("ivsrecording: malformed metadata")

// Status says how a recording went.
type Status string

// The values of Status.
const (
	// StatusStarted: the recording goes on, or its end is not yet written.
	StatusStarted Status = "RECORDING_STARTED"

	// StatusEnded: the recording ended well.
	StatusEnded Status = "RECORDING_ENDED"

	// StatusStartFailed: nothing was recorded.
	StatusStartFailed Status = "RECORDING_START_FAILED"

	// StatusEndedWithFailure: what was recorded may be incomplete.
	StatusEndedWithFailure Status = "RECORDING_ENDED_WITH_FAILURE"
)

// Values returns the values known to this version; the service may write others.
func (Status) Values() []Status {
	return []Status{StatusStarted, StatusEnded, StatusStartFailed, StatusEndedWithFailure}
}

// Metadata is what recording-started.json, recording-ended.json or
// recording-failed.json says about a recording, individual or composite.
//
// Files and folders are given in full, relative to the prefix: Location.Key makes
// keys of them. They never lead out of it. The JSON has them in parts: Playlist is
// path and playlist of media.hls, and thumbnails are in a list called renditions in
// individual recordings and resolutions in composite ones.
//
// It reads and writes the service's own JSON, with json.Unmarshal and json.Marshal:
// tests can make metadata files of it.
type Metadata struct {
	// Version of the format: "v1" so far.
	Version string

	// StageARN is the ARN of the stage.
	StageARN string

	// SessionID and ParticipantID say who was recorded. Individual recordings have
	// both; composite ones have neither, nor do they name their composition.
	SessionID, ParticipantID string

	// Status says how the recording went.
	Status Status

	// StatusMessage says more about an end; often empty.
	StatusMessage string

	// StartedAt is when the recording started, in UTC; zero if it failed to start.
	// It is about the metadata, not exactly the time of the first picture.
	StartedAt time.Time

	// EndedAt is when the recording ended, in UTC; zero until it has. It is about the
	// metadata, not exactly the time of the last picture.
	EndedAt time.Time

	// Duration is the length of what was recorded, in whole milliseconds: duration_ms.
	// Take this for the length, not the time between StartedAt and EndedAt. Zero until
	// the end, and if nothing was recorded.
	Duration time.Duration

	// Playlist is the multivariant playlist, as media/hls/multivariant.m3u8; empty if
	// neither sound nor video is recorded.
	Playlist string

	// Renditions are the variants in that playlist.
	Renditions []Rendition

	// Thumbnails are the folders with the thumbnails that were made one after the
	// other; nil unless these are stored (SEQUENTIAL).
	Thumbnails []ThumbnailFolder

	// LatestThumbnails are the files that each new thumbnail overwrote; nil unless
	// these are stored (LATEST).
	LatestThumbnails []LatestThumbnail
}

// IsComposite says whether the recording is one of a composition, not of one
// participant. It follows from who is named.
func (m *Metadata) IsComposite() bool { return m.SessionID == "" && m.ParticipantID == "" }

// Rendition is one variant of a recording.
type Rendition struct {
	// Playlist is the media playlist, as media/hls/high/playlist.m3u8. The segments
	// are in its folder, path.Dir(Playlist).
	Playlist string

	// Width and Height are in pixels; zero without video and in individual recordings.
	Width, Height int32
}

// ThumbnailFolder is a folder of thumbnails.
type ThumbnailFolder struct {
	// Folder is as media/thumbnails/high. Its files are 1.jpg, 2.jpg and so on in
	// individual recordings; for composite ones their names are not documented, so
	// list them: Location.FolderKey returns what to list by.
	Folder string

	// Width and Height are in pixels; zero in individual recordings.
	Width, Height int32
}

// LatestThumbnail is the thumbnail of last.
type LatestThumbnail struct {
	// File is as media/latest_thumbnail/high/thumb.jpg.
	File string

	// Width and Height are in pixels; zero in individual recordings.
	Width, Height int32
}

// latestThumbnailName is documented, but not in the metadata: that has the folder.
const latestThumbnailName = "thumb.jpg"

// The JSON of a metadata file. Of renditions and resolutions a list of thumbnails
// has the first in individual recordings and the second in composite ones.
type (
	document struct {
		Version       string    `json:"version"`
		StageARN      string    `json:"stage_arn"`
		SessionID     string    `json:"session_id,omitzero"`
		ParticipantID string    `json:"participant_id,omitzero"`
		StartedAt     time.Time `json:"recording_started_at,omitzero"`
		EndedAt       time.Time `json:"recording_ended_at,omitzero"`
		Status        Status    `json:"recording_status"`
		StatusMessage string    `json:"recording_status_message,omitzero"`
		Media         media     `json:"media"`
	}
	media struct {
		HLS             *hls        `json:"hls,omitzero"`
		Thumbnails      *thumbnails `json:"thumbnails,omitzero"`
		LatestThumbnail *thumbnails `json:"latest_thumbnail,omitzero"`
	}
	hls struct {
		DurationMS *int64   `json:"duration_ms,omitzero"`
		Path       string   `json:"path,omitzero"`
		Playlist   string   `json:"playlist,omitzero"`
		Renditions []folder `json:"renditions,omitzero"`
	}
	thumbnails struct {
		Path        string   `json:"path"`
		Renditions  []folder `json:"renditions,omitzero"`
		Resolutions []folder `json:"resolutions,omitzero"`
	}
	folder struct {
		Path     string `json:"path"`
		Playlist string `json:"playlist,omitzero"`
		Width    int32  `json:"resolution_width,omitzero"`
		Height   int32  `json:"resolution_height,omitzero"`
	}
)

// ParseMetadata reads a metadata file. Members and statuses that it does not know
// are no error. What is one matches ErrMalformed and names the member: JSON that is
// wrong, a type that is, no status, or a path that is empty, leads out of the
// recording or is longer than a key of S3. A file of more than 1 MiB or 10,000
// renditions is one too: the service writes about 1 KB. Whole numbers are read in
// any notation. Errors hold nothing of the values.
func ParseMetadata(data []byte) (*Metadata, error) {
	if len(data) > maxMetadataSize {
		return nil, fmt.Errorf("%w: larger than 1 MiB", ErrMalformed)
	}
	var d document
	if err := wire.Decode(data, &d); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	m, err := d.metadata()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return m, nil
}

// UnmarshalJSON does what ParseMetadata does, but for null, which changes nothing.
func (m *Metadata) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	parsed, err := ParseMetadata(data)
	if err != nil {
		return err
	}
	*m = *parsed
	return nil
}

func (d *document) metadata() (*Metadata, error) {
	if d.Status == "" {
		return nil, errors.New("recording_status: empty or missing")
	}
	m := &Metadata{
		Version:       d.Version,
		StageARN:      d.StageARN,
		SessionID:     d.SessionID,
		ParticipantID: d.ParticipantID,
		Status:        d.Status,
		StatusMessage: d.StatusMessage,
		StartedAt:     d.StartedAt,
		EndedAt:       d.EndedAt,
	}
	if h := d.Media.HLS; h != nil {
		if err := h.addTo(m); err != nil {
			return nil, fmt.Errorf("media.hls.%w", err)
		}
	}
	err := d.Media.Thumbnails.each(func(path string, f folder) {
		m.Thumbnails = append(m.Thumbnails, ThumbnailFolder{path, f.Width, f.Height})
	})
	if err != nil {
		return nil, fmt.Errorf("media.thumbnails.%w", err)
	}
	err = d.Media.LatestThumbnail.each(func(path string, f folder) {
		m.LatestThumbnails = append(m.LatestThumbnails, LatestThumbnail{path + "/" + latestThumbnailName, f.Width, f.Height})
	})
	if err != nil {
		return nil, fmt.Errorf("media.latest_thumbnail.%w", err)
	}
	return m, nil
}

func (h *hls) addTo(m *Metadata) error {
	if ms := h.DurationMS; ms != nil {
		if *ms < 0 || *ms > math.MaxInt64/int64(time.Millisecond) {
			return errors.New("duration_ms: out of range")
		}
		m.Duration = time.Duration(*ms) * time.Millisecond
	}
	if h.Path == "" && h.Playlist == "" && len(h.Renditions) == 0 {
		return nil // no sound and no video
	}
	if err := checkPath("path", h.Path); err != nil {
		return err
	}
	if err := checkPath("playlist", h.Playlist); err != nil {
		return err
	}
	m.Playlist = h.Path + "/" + h.Playlist
	for i, r := range h.Renditions {
		name := fmt.Sprintf("renditions[%d].", i)
		if err := checkPath(name+"path", r.Path); err != nil {
			return err
		}
		if err := checkPath(name+"playlist", r.Playlist); err != nil {
			return err
		}
		m.Renditions = append(m.Renditions, Rendition{h.Path + "/" + r.Path + "/" + r.Playlist, r.Width, r.Height})
	}
	return nil
}

// each calls add with every folder of thumbnails and its path from the prefix on.
func (t *thumbnails) each(add func(path string, f folder)) error {
	if t == nil || t.Path == "" && len(t.Renditions)+len(t.Resolutions) == 0 {
		return nil
	}
	if err := checkPath("path", t.Path); err != nil {
		return err
	}
	for i, f := range t.Renditions {
		if err := checkPath(fmt.Sprintf("renditions[%d].path", i), f.Path); err != nil {
			return err
		}
		add(t.Path+"/"+f.Path, f)
	}
	for i, f := range t.Resolutions {
		if err := checkPath(fmt.Sprintf("resolutions[%d].path", i), f.Path); err != nil {
			return err
		}
		add(t.Path+"/"+f.Path, f)
	}
	return nil
}

// maxPath is how long a key of S3 may be, in bytes.
const maxPath = 1024

// checkPath says what is wrong with a relative path. Dots and slashes that are
// encoded are wrong, too: browsers read %2e%2e in a URL as the parent folder.
func checkPath(name, p string) error {
	switch {
	case p == "":
		return fmt.Errorf("%s: empty or missing", name)
	case len(p) > maxPath:
		return fmt.Errorf("%s: longer than a key of S3 (%d bytes)", name, maxPath)
	case !fs.ValidPath(p) || leavesFolder(p):
		return fmt.Errorf("%s: not a path that stays within the recording", name)
	}
	return nil
}

// MarshalJSON returns the metadata file as the service writes it. Paths must be as
// ParseMetadata returns them: within the recording, playlists of renditions a
// folder further down than Playlist, LatestThumbnails named thumb.jpg.
func (m Metadata) MarshalJSON() ([]byte, error) {
	d := document{
		Version:       m.Version,
		StageARN:      m.StageARN,
		SessionID:     m.SessionID,
		ParticipantID: m.ParticipantID,
		StartedAt:     m.StartedAt.UTC(),
		EndedAt:       m.EndedAt.UTC(),
		Status:        m.Status,
		StatusMessage: m.StatusMessage,
	}
	var err error
	if d.Media.HLS, err = m.hls(); err != nil {
		return nil, err
	}
	var sequential, latest []folder
	for i, t := range m.Thumbnails {
		if err := checkPath(fmt.Sprintf("ivsrecording: Thumbnails[%d].Folder", i), t.Folder); err != nil {
			return nil, err
		}
		sequential = append(sequential, folder{Path: t.Folder, Width: t.Width, Height: t.Height})
	}
	for i, t := range m.LatestThumbnails {
		name := fmt.Sprintf("ivsrecording: LatestThumbnails[%d].File", i)
		if err := checkPath(name, t.File); err != nil {
			return nil, err
		}
		if path.Base(t.File) != latestThumbnailName {
			return nil, fmt.Errorf("%s: its name is not %s", name, latestThumbnailName)
		}
		latest = append(latest, folder{Path: path.Dir(t.File), Width: t.Width, Height: t.Height})
	}
	if d.Media.Thumbnails, err = newThumbnails(sequential, m.IsComposite()); err != nil {
		return nil, fmt.Errorf("ivsrecording: Thumbnails: %w", err)
	}
	if d.Media.LatestThumbnail, err = newThumbnails(latest, m.IsComposite()); err != nil {
		return nil, fmt.Errorf("ivsrecording: LatestThumbnails: %w", err)
	}
	return json.Marshal(d)
}

func (m *Metadata) hls() (*hls, error) {
	if m.Playlist == "" && len(m.Renditions) == 0 && m.Duration == 0 {
		return nil, nil
	}
	h := &hls{}
	ended := m.Status == StatusEnded || m.Status == StatusEndedWithFailure
	if ms := m.Duration.Milliseconds(); ended || ms != 0 {
		h.DurationMS = &ms
	}
	if m.Playlist == "" && len(m.Renditions) == 0 {
		return h, nil
	}
	if err := checkPath("ivsrecording: Playlist", m.Playlist); err != nil {
		return nil, err
	}
	folders := []string{path.Dir(m.Playlist)}
	for i, r := range m.Renditions {
		if err := checkPath(fmt.Sprintf("ivsrecording: Renditions[%d].Playlist", i), r.Playlist); err != nil {
			return nil, err
		}
		folders = append(folders, path.Dir(path.Dir(r.Playlist)))
	}
	var err error
	if h.Path, err = commonFolder(folders); err != nil {
		return nil, fmt.Errorf("ivsrecording: Playlist and Renditions: %w", err)
	}
	h.Playlist = m.Playlist[len(h.Path)+1:]
	for _, r := range m.Renditions {
		h.Renditions = append(h.Renditions, folder{path.Dir(r.Playlist)[len(h.Path)+1:], path.Base(r.Playlist), r.Width, r.Height})
	}
	return h, nil
}

// newThumbnails takes folders with paths from the prefix on, which it shortens.
func newThumbnails(list []folder, composite bool) (*thumbnails, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var parents []string
	for _, f := range list {
		parents = append(parents, path.Dir(f.Path))
	}
	common, err := commonFolder(parents)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Path = list[i].Path[len(common)+1:]
	}
	if composite {
		return &thumbnails{Path: common, Resolutions: list}, nil
	}
	return &thumbnails{Path: common, Renditions: list}, nil
}

// commonFolder returns the deepest folder that the given ones are or are in. The
// format has no way to write down files that share none.
func commonFolder(folders []string) (string, error) {
	common := folders[0]
	for _, f := range folders {
		for common != "." && !strings.HasPrefix(f+"/", common+"/") {
			common = path.Dir(common)
		}
	}
	if common == "." {
		return "", errors.New("not in one folder")
	}
	return common, nil
}
