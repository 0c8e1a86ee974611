package ivsrealtimetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// studio is a room with what a recording needs.
type studio struct {
	*room
	encoder, storage string

	mu        sync.Mutex
	delivered []string // names of the events that came to OnEvent
}

// last returns the names of the last n events delivered, 0 for all. It must be
// called in a synctest bubble, since a timer may still be delivering.
func (s *studio) last(n int) []string {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if n == 0 {
		n = len(s.delivered)
	}
	return slices.Clone(s.delivered[len(s.delivered)-n:])
}

func newStudio(t *testing.T, optFns ...func(*ivsrealtimetest.Options)) *studio {
	t.Helper()
	s := &studio{}
	s.room = newRoom(t, append([]func(*ivsrealtimetest.Options){func(o *ivsrealtimetest.Options) {
		o.OnEvent = func(b []byte) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.delivered = append(s.delivered, eventName(t, b))
		}
	}}, optFns...)...)
	encoder, err := s.client.CreateEncoderConfiguration(t.Context(), nil)
	require.NoError(t, err)
	storage, err := s.client.CreateStorageConfiguration(t.Context(), &ivsrealtime.CreateStorageConfigurationInput{S3: &ivsrealtime.S3StorageConfiguration{BucketName: "bucket"}})
	require.NoError(t, err)
	s.encoder, s.storage = encoder.EncoderConfiguration.ARN, storage.StorageConfiguration.ARN
	return s
}

func eventName(t *testing.T, b []byte) string {
	t.Helper()
	var e struct {
		Detail struct {
			Name string `json:"event_name"`
		}
	}
	require.NoError(t, json.Unmarshal(b, &e))
	return e.Detail.Name
}

const channel = "arn:aws:ivs:us-east-1:111122223333:channel/Ch12An34Ne56"

func (s *studio) input() *ivsrealtime.StartCompositionInput {
	return &ivsrealtime.StartCompositionInput{StageARN: s.arn, Destinations: []ivsrealtime.DestinationConfiguration{
		{Name: "archive", S3: &ivsrealtime.S3DestinationConfiguration{StorageConfigurationARN: s.storage, EncoderConfigurationARNs: []string{s.encoder}}},
		{Channel: &ivsrealtime.ChannelDestinationConfiguration{ChannelARN: channel, EncoderConfigurationARN: s.encoder}},
	}}
}

func (s *studio) start(change ...func(*ivsrealtime.StartCompositionInput)) ivsrealtime.Composition {
	s.t.Helper()
	in := s.input()
	for _, fn := range change {
		fn(in)
	}
	out, err := s.client.StartComposition(s.t.Context(), in)
	require.NoError(s.t, err)
	return out.Composition
}

// states is the state of a composition and of its destinations.
func (s *studio) states(arn string) string {
	s.t.Helper()
	out, err := s.client.GetComposition(s.t.Context(), &ivsrealtime.GetCompositionInput{ARN: arn})
	require.NoError(s.t, err)
	text := string(out.Composition.State) + ":"
	for _, d := range out.Composition.Destinations {
		text += " " + string(d.State)
	}
	return text
}

func TestCompositionFromStartToStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		require.NoError(t, s.join("anna").Publish())
		begin := time.Now().UTC()
		started := s.start()
		require.Equal(t, ivsrealtime.CompositionStateStarting, started.State)
		require.Equal(t, begin, started.StartTime)
		require.True(t, started.Destinations[0].StartTime.IsZero())
		require.Regexp(t, `^[A-Za-z0-9]{12}/`+started.ARN[strings.LastIndex(started.ARN, "/")+1:]+`/`+started.Destinations[0].ID+`/composite$`, started.Destinations[0].Detail.S3.RecordingPrefix)
		require.Nil(t, started.Destinations[1].Detail.S3)

		in := &ivsrealtime.GetCompositionInput{ARN: started.ARN}
		require.NoError(t, ivsrealtime.NewCompositionActiveWaiter(s.client).Wait(t.Context(), in, time.Minute))
		time.Sleep(2 * time.Second) // virtual
		require.Equal(t, "ACTIVE: ACTIVE ACTIVE", s.states(started.ARN))
		time.Sleep(time.Hour)
		require.Equal(t, "ACTIVE: ACTIVE ACTIVE", s.states(started.ARN), "somebody publishes")

		for range 2 {
			_, err := s.client.StopComposition(t.Context(), &ivsrealtime.StopCompositionInput{ARN: started.ARN})
			require.NoError(t, err)
		}
		require.Equal(t, "STOPPING: STOPPING STOPPING", s.states(started.ARN))
		out, err := ivsrealtime.NewCompositionStoppedWaiter(s.client).WaitForOutput(t.Context(), in, time.Minute)
		require.NoError(t, err)
		require.Equal(t, "STOPPED: STOPPED STOPPED", s.states(started.ARN))
		require.False(t, out.Composition.EndTime.IsZero())
		require.Equal(t, out.Composition.EndTime, out.Composition.Destinations[0].EndTime)
		require.Equal(t, []string{
			"Participant Published", "Session Start", "Destination Start", "Destination Start", "Destination End", "Destination End", "Session End",
		}, s.last(0))

		time.Sleep(5*time.Minute + time.Second)
		_, err = s.client.GetComposition(t.Context(), in)
		require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
		_, err = s.client.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: started.ARN})
		require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
		require.NoError(t, ivsrealtime.NewCompositionStoppedWaiter(s.client).Wait(t.Context(), in, time.Minute), "gone counts as stopped")
	})
}

func TestCompositionStopsWithoutPublishers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		never := s.start()
		time.Sleep(59 * time.Second)
		require.Equal(t, "ACTIVE: ACTIVE ACTIVE", s.states(never.ARN))
		anna := s.join("anna")
		require.NoError(t, anna.Publish())
		time.Sleep(time.Hour)
		require.Equal(t, "ACTIVE: ACTIVE ACTIVE", s.states(never.ARN))
		anna.Leave()
		time.Sleep(60*time.Second + time.Millisecond)
		require.Equal(t, "STOPPING: STOPPING STOPPING", s.states(never.ARN))
		time.Sleep(2 * time.Second)
		require.Equal(t, "STOPPED: STOPPED STOPPED", s.states(never.ARN))

		require.NoError(t, s.join("ben").Publish())
		long := s.start()
		time.Sleep(24*time.Hour + 3*time.Second)
		require.Equal(t, "STOPPED: STOPPED STOPPED", s.states(long.ARN), "24 hours are the most")
	})
}

func TestCompositionOfADeletedStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		m := s.start()
		time.Sleep(3 * time.Second)
		_, err := s.client.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: s.arn})
		require.NoError(t, err)
		require.Equal(t, "FAILED: STOPPED STOPPED", s.states(m.ARN))
		require.Equal(t, "Session Failure", s.last(1)[0])
		events := s.srv.Events()
		require.Contains(t, string(events[len(events)-1]), `"StageDeleted"`)
		err = ivsrealtime.NewCompositionActiveWaiter(s.client).Wait(t.Context(), &ivsrealtime.GetCompositionInput{ARN: m.ARN}, time.Minute)
		var waitErr *ivsrealtime.CompositionWaitError
		require.ErrorAs(t, err, &waitErr)
		require.Equal(t, ivsrealtime.CompositionStateFailed, waitErr.Composition.State)
	})
}

func TestDestinations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		require.NoError(t, s.join("anna").Publish())
		m := s.start()
		one, two := m.Destinations[0].ID, m.Destinations[1].ID
		require.ErrorContains(t, s.srv.InterruptDestination(m.ARN, one), "STARTING, not ACTIVE")
		time.Sleep(4 * time.Second)
		require.NoError(t, s.srv.InterruptDestination(m.ARN, one))
		require.Equal(t, "ACTIVE: RECONNECTING ACTIVE", s.states(m.ARN))
		require.NoError(t, s.srv.RestoreDestination(m.ARN, one))
		require.ErrorContains(t, s.srv.RestoreDestination(m.ARN, one), "ACTIVE, not RECONNECTING")
		require.NoError(t, s.srv.FailDestination(m.ARN, one, "AccessDeniedException", "no"))
		require.Equal(t, "ACTIVE: FAILED ACTIVE", s.states(m.ARN))
		require.ErrorContains(t, s.srv.FailDestination(m.ARN, one, "x", "y"), "FAILED")
		require.NoError(t, s.srv.FailDestination(m.ARN, two, "ConflictException", "Stream already exists"))
		require.Equal(t, "FAILED: FAILED FAILED", s.states(m.ARN))
		require.Equal(t, []string{"Destination Reconnecting", "Destination Failure", "Destination Failure", "Session Failure"}, s.last(4))
		require.ErrorContains(t, s.srv.FailDestination(m.ARN, "x", "c", "r"), "no destination")
		require.ErrorContains(t, s.srv.FailDestination("x", "x", "c", "r"), "does not exist")
	})
}

func TestIdempotencyToken(t *testing.T) {
	s := newStudio(t)
	with := func(token string) func(*ivsrealtime.StartCompositionInput) {
		return func(in *ivsrealtime.StartCompositionInput) { in.IdempotencyToken = token }
	}
	first := s.start(with("token-1"))
	require.Equal(t, first.ARN, s.start(with("token-1")).ARN)
	require.NotEqual(t, first.ARN, s.start(with("token-2")).ARN)
	in := s.input()
	in.IdempotencyToken, in.Tags = "token-1", map[string]string{"a": "b"}
	_, err := s.client.StartComposition(t.Context(), in)
	require.ErrorIs(t, err, ivsrealtime.ErrConflict)
}

func TestCompositionQuotasAndReferences(t *testing.T) {
	s := newStudio(t, func(o *ivsrealtimetest.Options) { o.Quotas.CompositionsPerStage, o.Quotas.Compositions = 2, 3 })
	first := s.start()
	s.start()
	_, err := s.client.StartComposition(t.Context(), s.input())
	require.ErrorIs(t, err, ivsrealtime.ErrQuotaExceeded)
	other, err := s.client.CreateStage(t.Context(), nil)
	require.NoError(t, err)
	in := s.input()
	in.StageARN = other.Stage.ARN
	_, err = s.client.StartComposition(t.Context(), in)
	require.NoError(t, err)
	_, err = s.client.StartComposition(t.Context(), in)
	require.ErrorIs(t, err, ivsrealtime.ErrQuotaExceeded)

	_, err = s.client.DeleteStorageConfiguration(t.Context(), &ivsrealtime.DeleteStorageConfigurationInput{ARN: s.storage})
	require.ErrorIs(t, err, ivsrealtime.ErrConflict)
	_, err = s.client.DeleteEncoderConfiguration(t.Context(), &ivsrealtime.DeleteEncoderConfigurationInput{ARN: s.encoder})
	require.ErrorIs(t, err, ivsrealtime.ErrConflict)

	for name, change := range map[string]func(*ivsrealtime.StartCompositionInput){
		"stage":   func(in *ivsrealtime.StartCompositionInput) { in.StageARN += "x" },
		"storage": func(in *ivsrealtime.StartCompositionInput) { in.Destinations[0].S3.StorageConfigurationARN += "x" },
		"encoder": func(in *ivsrealtime.StartCompositionInput) { in.Destinations[0].S3.EncoderConfigurationARNs[0] += "x" },
		"channel's encoder": func(in *ivsrealtime.StartCompositionInput) {
			in.Destinations[1].Channel.EncoderConfigurationARN = s.encoder + "x"
		},
	} {
		in := s.input()
		change(in)
		_, err := s.client.StartComposition(t.Context(), in)
		require.ErrorIs(t, err, ivsrealtime.ErrNotFound, name)
	}

	list := func(in *ivsrealtime.ListCompositionsInput) (n int) {
		for c, err := range ivsrealtime.NewListCompositionsPaginator(s.client, in).Items(t.Context()) {
			require.NoError(t, err)
			require.Len(t, c.Destinations, 2)
			n++
		}
		return n
	}
	require.Equal(t, 3, list(nil))
	require.Equal(t, 3, list(&ivsrealtime.ListCompositionsInput{MaxResults: 1}))
	require.Equal(t, 2, list(&ivsrealtime.ListCompositionsInput{FilterByStageARN: s.arn, MaxResults: 1}))
	require.Equal(t, 3, list(&ivsrealtime.ListCompositionsInput{FilterByEncoderConfigurationARN: s.encoder}))
	require.Equal(t, 1, list(&ivsrealtime.ListCompositionsInput{FilterByStageARN: other.Stage.ARN, FilterByEncoderConfigurationARN: s.encoder}))
	require.Zero(t, list(&ivsrealtime.ListCompositionsInput{FilterByEncoderConfigurationARN: s.encoder + "x"}))
	_ = first
}

// The defaults, as they are on the wire.
func TestCompositionDefaults(t *testing.T) {
	s := newStudio(t, func(o *ivsrealtimetest.Options) { o.SkipSignatureCheck = true })
	tests := []struct{ layout, thumbnails, wantLayout, wantThumbnails string }{
		{`null`, `null`, `{"grid":{"featuredParticipantAttribute":"","omitStoppedVideo":false,"videoAspectRatio":"VIDEO","videoFillMode":"","gridGap":2,"participantOrderAttribute":""}}`, ``},
		{`{"grid":{"gridGap":0,"omitStoppedVideo":true}}`, `[{}]`, `{"grid":{"featuredParticipantAttribute":"","omitStoppedVideo":true,"videoAspectRatio":"VIDEO","videoFillMode":"","gridGap":0,"participantOrderAttribute":""}}`,
			`,"thumbnailConfigurations":[{"targetIntervalSeconds":60,"storage":["SEQUENTIAL"]}]`},
		{`{"pip":{"pipWidth":100}}`, `[]`, `{"pip":{"featuredParticipantAttribute":"","omitStoppedVideo":false,"videoFillMode":"COVER","gridGap":0,"pipParticipantAttribute":"","pipBehavior":"STATIC","pipOffset":0,"pipPosition":"BOTTOM_RIGHT","pipWidth":100,"participantOrderAttribute":""}}`, `,"thumbnailConfigurations":[]`},
	}
	for _, tt := range tests {
		body := fmt.Sprintf(`{"stageArn":%q,"layout":%s,"destinations":[{"s3":{"storageConfigurationArn":%q,"encoderConfigurationArns":[%q],"thumbnailConfigurations":%s}}]}`,
			s.arn, tt.layout, s.storage, s.encoder, tt.thumbnails)
		w := httptest.NewRecorder()
		s.srv.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/StartComposition", strings.NewReader(body)))
		require.Equal(t, 200, w.Code, w.Body)
		var got struct {
			Composition struct {
				Layout       json.RawMessage
				Destinations []struct{ Configuration json.RawMessage }
			}
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
		require.JSONEq(t, tt.wantLayout, string(got.Composition.Layout))
		require.JSONEq(t, fmt.Sprintf(`{"name":"","s3":{"storageConfigurationArn":%q,"encoderConfigurationArns":[%q],"recordingConfiguration":{"hlsConfiguration":{"targetSegmentDurationSeconds":2},"format":"HLS"}%s}}`,
			s.storage, s.encoder, tt.wantThumbnails), string(got.Composition.Destinations[0].Configuration))
	}
}

func TestCompositionInputs(t *testing.T) {
	srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.SkipSignatureCheck = true })
	const (
		stage = `"stageArn":"arn:aws:ivs:us-east-1:1:stage/x"`
		ch    = `{"channel":{"channelArn":"` + channel + `"}}`
		s3    = `{"s3":{"storageConfigurationArn":"arn:aws:ivs:us-east-1:1:storage-configuration/x","encoderConfigurationArns":["arn:aws:ivs:us-east-1:1:encoder-configuration/x"]`
	)
	layout := func(text string) string { return `{` + stage + `,"destinations":[` + ch + `],"layout":` + text + `}` }
	for _, tt := range []struct{ operation, body, member string }{
		{"StartComposition", `{}`, "stageArn"},
		{"StartComposition", `{` + stage + `}`, "destinations"},
		{"StartComposition", `{` + stage + `,"destinations":[]}`, "destinations"},
		{"StartComposition", `{` + stage + `,"destinations":[{}]}`, "destinations"},
		{"StartComposition", `{` + stage + `,"destinations":[` + ch + `,` + ch + `]}`, "destinations"},
		{"StartComposition", `{` + stage + `,"destinations":[` + ch + `,` + s3 + `}},` + ch + `]}`, "destinations"},
		{"StartComposition", `{` + stage + `,"destinations":[{"channel":{"channelArn":"x"}}]}`, "destinations[0].channel.channelArn"},
		{"StartComposition", `{` + stage + `,"destinations":[{"s3":{}}]}`, "destinations[0].s3.storageConfigurationArn"},
		{"StartComposition", `{` + stage + `,"destinations":[{"name":"a b","channel":{"channelArn":"` + channel + `"}}]}`, "destinations[0].name"},
		{"StartComposition", `{` + stage + `,"destinations":[` + s3 + `,"recordingConfiguration":{"format":"MP4"}}}]}`, "destinations[0].s3.recordingConfiguration.format"},
		{"StartComposition", `{` + stage + `,"destinations":[` + s3 + `,"recordingConfiguration":{"hlsConfiguration":{"targetSegmentDurationSeconds":1}}}}]}`, "destinations[0].s3.recordingConfiguration.hlsConfiguration.targetSegmentDurationSeconds"},
		{"StartComposition", `{` + stage + `,"destinations":[` + s3 + `,"thumbnailConfigurations":[{},{}]}}]}`, "destinations[0].s3.thumbnailConfigurations"},
		{"StartComposition", `{` + stage + `,"destinations":[` + s3 + `,"thumbnailConfigurations":[{"targetIntervalSeconds":0}]}}]}`, "destinations[0].s3.thumbnailConfigurations[0].targetIntervalSeconds"},
		{"StartComposition", `{` + stage + `,"destinations":[` + s3 + `,"thumbnailConfigurations":[{"storage":["LATEST","LATEST"]}]}}]}`, "destinations[0].s3.thumbnailConfigurations[0].storage"},
		{"StartComposition", `{` + stage + `,"destinations":[` + ch + `],"idempotencyToken":""}`, "idempotencyToken"},
		{"StartComposition", `{` + stage + `,"destinations":[` + ch + `],"tags":{"aws:x":"y"}}`, "tags"},
		{"StartComposition", layout(`{"grid":{},"pip":{}}`), "layout.pip"},
		{"StartComposition", layout(`{"grid":{"gridGap":-1}}`), "layout.grid.gridGap"},
		{"StartComposition", layout(`{"grid":{"videoFillMode":"X"}}`), "layout.grid.videoFillMode"},
		{"StartComposition", layout(`{"grid":{"videoAspectRatio":"X"}}`), "layout.grid.videoAspectRatio"},
		{"StartComposition", layout(`{"grid":{"featuredParticipantAttribute":"a b"}}`), "layout.grid.featuredParticipantAttribute"},
		{"StartComposition", layout(`{"pip":{"pipWidth":0}}`), "layout.pip.pipWidth"},
		{"StartComposition", layout(`{"pip":{"pipHeight":0}}`), "layout.pip.pipHeight"},
		{"StartComposition", layout(`{"pip":{"pipOffset":-1}}`), "layout.pip.pipOffset"},
		{"StartComposition", layout(`{"pip":{"pipPosition":"X"}}`), "layout.pip.pipPosition"},
		{"StartComposition", layout(`{"pip":{"pipBehavior":"X"}}`), "layout.pip.pipBehavior"},
		{"GetComposition", `{}`, "arn"},
		{"GetComposition", `{` + strings.Replace(stage, "stageArn", "arn", 1) + `}`, "arn"},
		{"StopComposition", `{}`, "arn"},
		{"ListCompositions", `{"filterByStageArn":"x"}`, "filterByStageArn"},
		{"ListCompositions", `{"filterByEncoderConfigurationArn":""}`, "filterByEncoderConfigurationArn"},
		{"ListCompositions", `{"maxResults":101}`, "maxResults"},
	} {
		t.Run(tt.operation+" "+tt.member, func(t *testing.T) {
			w := httptest.NewRecorder()
			srv.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/"+tt.operation, strings.NewReader(tt.body)))
			require.Equal(t, 400, w.Code, w.Body)
			require.Equal(t, "ValidationException", w.Header().Get("X-Amzn-Errortype"))
			ivsrealtimetest.RequireValidation(t, w, tt.member)
		})
	}
}
