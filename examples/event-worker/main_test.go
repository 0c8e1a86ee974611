package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivsrecording"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

const testAuthorization = "Bearer of-the-tests-only"

// Whatever events are lost, after Reconcile the worker is right.
func TestScenario(t *testing.T) {
	wrong := 0
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			out := &strings.Builder{}
			require.NoError(t, play(t.Context(), out, seed+1))
			before, after, found := strings.Cut(out.String(), "After asking")
			require.True(t, found)
			final := []string{`"anna" publishing false`, `"ben" publishing false`, `"carla" publishing true`}
			for _, line := range final {
				if !strings.Contains(before, line) {
					wrong++
				}
				require.Contains(t, after, line)
			}
			require.Equal(t, 2, strings.Count(after, "recording STOPPED"))
			require.Equal(t, 1, strings.Count(after, "recording ACTIVE"), "carla's")
			require.Contains(t, after, "Recordings to process: 2\n")
			require.NotContains(t, out.String(), "Bearer")
		})
	}
	require.NotZero(t, wrong, "no event was lost")
}

func body(t *testing.T, e ivsevents.Event) string {
	b, err := ivsevents.Fill(e).MarshalJSON()
	require.NoError(t, err)
	return string(b)
}

// deliver posts an event with each of the headers and returns the status.
func deliver(w *worker, event string, authorization ...string) int {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(event))
	r.Header["Authorization"] = authorization
	response := httptest.NewRecorder()
	w.mux.ServeHTTP(response, r)
	return response.Code
}

func TestAuthorization(t *testing.T) {
	w := newWorker(nil, testAuthorization, slog.New(slog.DiscardHandler), nil, time.Now)
	event := body(t, &ivsevents.ParticipantPublished{UserID: "anna"})
	for _, wrong := range [][]string{nil, {""}, {testAuthorization + "x"}, {testAuthorization, testAuthorization}} {
		require.Equal(t, http.StatusUnauthorized, deliver(w, event, wrong...))
	}
	require.Empty(t, w.tracker.Snapshot().Stages)
	require.Equal(t, http.StatusNoContent, deliver(w, event, testAuthorization))
	require.Len(t, w.tracker.Snapshot().Stages, 1)

	require.ErrorContains(t, receive(t.Context(), "127.0.0.1:0", "short"), "EVENT_WORKER_AUTHORIZATION")
}

// While a recording cannot be processed, the delivery fails, so that it comes again. A
// recording without a place is no reason for that.
func TestRecordingThatCannotBeProcessed(t *testing.T) {
	away := true
	var got []ivsrecording.Location
	w := newWorker(nil, testAuthorization, slog.New(slog.DiscardHandler), func(l ivsrecording.Location) error {
		if away {
			return errors.New("away")
		}
		got = append(got, l)
		return nil
	}, time.Now)
	event := body(t, &ivsevents.RecordingEnd{RecordingS3BucketName: "recordings", RecordingS3KeyPrefix: "a/b/c/d"})
	require.Equal(t, http.StatusInternalServerError, deliver(w, event, testAuthorization))
	away = false
	require.Equal(t, http.StatusNoContent, deliver(w, event, testAuthorization))
	require.Equal(t, []ivsrecording.Location{{Bucket: "recordings", Prefix: "a/b/c/d"}}, got)
}

// The log has what changed.
func TestLog(t *testing.T) {
	out := &strings.Builder{}
	w := newWorker(nil, ivsrealtime.Secret(testAuthorization), slog.New(slog.NewTextHandler(out, nil)), nil, time.Now)
	require.Equal(t, ivstracker.ResultApplied, w.tracker.Apply(ivsevents.Fill(&ivsevents.ParticipantPublished{UserID: "anna"})))
	require.Contains(t, out.String(), "user=anna publishing=true")
}
