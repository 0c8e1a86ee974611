package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivsrecording"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

const testAuthorization = "Bearer of-the-tests-only"

// direct is the way to a handler in this process, without a network.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	d.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// newEvening returns an evening and the worker that gets its events.
func newEvening(t *testing.T, speed float64, seed uint64) (*night, *worker) {
	clock, archive := &clock{now: doorsOpen, speed: speed}, &archive{}
	w := newWorker(testAuthorization, clock.Now, slog.New(slog.DiscardHandler), archive.keep)
	bridge := &bridge{clock: clock, http: &http.Client{Transport: direct{w.mux}}, url: "http://worker.test", authorization: testAuthorization}
	n, err := newNight(t.Context(), clock, archive, bridge, seed)
	require.NoError(t, err)
	return n, w
}

// table is the last board in a text, its columns separated by tabs. Destinations have
// names in it in place of IDs, which differ by seed, and are in the order of those.
func (n *night) table(t *testing.T, text string) string {
	_, table, found := strings.Cut(text, "── after Reconcile")
	require.True(t, found, text)
	_, table, _ = strings.Cut(table, "\n")
	table, _, found = strings.Cut(table, "events: ")
	require.True(t, found)
	table = strings.NewReplacer(n.composition.Destinations[0].ID, "S3", n.composition.Destinations[1].ID, "channel").Replace(table)
	rows := strings.Split(strings.TrimSpace(regexp.MustCompile("  +").ReplaceAllString(table, "\t")), "\n")
	slices.Sort(rows[len(rows)-2:])
	return strings.Join(rows, "\n") + "\n"
}

// What the API has at the end of the evening.
const finalBoard = `STAGE	WHO	STATE	SINCE	RECORDING	NOTES
lounge	(session)	LIVE
lounge	anna	off	21:20:00	a replica from town-hall
lounge	emil	publishing	20:40:00
lounge	grace	publishing	21:22:00
studio	(session)	LIVE
studio	dora	off	21:10:00	STOPPED
studio	felix	publishing	21:00:00	ACTIVE
town-hall	(session)	ENDED	21:20:00
town-hall	anna	off	21:20:00	STOPPED
town-hall	ben	off	21:00:00	STOPPED
town-hall	carla	off	20:50:00	STOPPED	exchanged the token, now [PUBLISH SUBSCRIBE]
town-hall	(composition)	STOPPED	21:20:02
town-hall	→ S3	STOPPED	21:20:02
town-hall	→ channel	FAILED	20:30:00	InternalServerException
`

// Whatever becomes of the events on their way, after Reconcile the board is right.
func TestEvening(t *testing.T) {
	wrong := 0
	for seed := range uint64(25) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, w := newEvening(t, 60, seed+1)
				out := &strings.Builder{}
				start := time.Now()
				require.NoError(t, follow(t.Context(), out, settings{}, n, w))
				require.InDelta(t, 84, time.Since(start).Seconds(), 2, "84 minutes at 60 times their speed, and the pace of Reconcile")

				want, got := finalBoard, n.table(t, out.String())
				if !strings.Contains(got, "InternalServerException") { // only an event tells that
					want = strings.ReplaceAll(want, "\tInternalServerException", "")
					require.Less(t, w.tracker.Stats().Applied, uint64(len(n.fake.Events())))
				}
				require.Equal(t, want, got)
				if strings.Contains(out.String(), "\n- ") {
					wrong++
				}
			})
		})
	}
	require.Greater(t, wrong, 20, "events were lost")
}

// The board says what the API says, asked here participant by participant.
func TestBoardIsTheAPIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, w := newEvening(t, 0, seed)
		require.NoError(t, follow(t.Context(), io.Discard, settings{quiet: true}, n, w))
		onAir := map[string][]string{}
		for name, stage := range n.stages {
			board, known := w.tracker.Stage(stage.ARN)
			require.True(t, known)
			got, err := n.client.GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: stage.ARN})
			require.NoError(t, err)
			require.Equal(t, got.Stage.ActiveSessionID, board.ActiveSessionID)
			for _, p := range board.Sessions[0].Participants {
				got, err := n.client.GetParticipant(t.Context(), &ivsrealtime.GetParticipantInput{StageARN: stage.ARN, SessionID: board.Sessions[0].SessionID, ParticipantID: p.ParticipantID})
				require.NoError(t, err)
				require.Equal(t, got.Participant.UserID, p.UserID)
				require.Equal(t, got.Participant.State == ivsrealtime.ParticipantStateConnected, p.Publishing, "who is there publishes")
				if p.Publishing {
					onAir[name] = append(onAir[name], p.UserID)
				}
			}
		}
		require.ElementsMatch(t, []string{"emil", "grace"}, onAir[lounge])
		require.Equal(t, []string{"felix"}, onAir[studio])
		require.Empty(t, onAir[townHall])
		require.Len(t, n.archive.kept, 5, "felix is being recorded")
	})
}

// The archive is away when a recording ends: the event is posted until it is back.
func TestRetries(t *testing.T) {
	clock, archive := &clock{now: doorsOpen}, &archive{away: true}
	w := newWorker(testAuthorization, clock.Now, slog.New(slog.DiscardHandler), archive.keep)
	bridge := &bridge{clock: clock, http: &http.Client{Transport: direct{w.mux}}, url: "http://worker.test", authorization: testAuthorization}
	bridge.send(body(t, &ivsevents.RecordingEnd{Envelope: ivsevents.Envelope{Time: doorsOpen}, RecordingS3BucketName: "recordings", RecordingS3KeyPrefix: "a/b/c/d"}))
	require.NoError(t, clock.sleep(t.Context(), doorsOpen.Add(5*time.Minute)))
	require.Equal(t, []int{2, 1}, []int{bridge.posts, bridge.again})
	require.Empty(t, archive.kept)
	archive.setAway(false)
	require.NoError(t, clock.sleep(t.Context(), doorsOpen.Add(24*time.Hour)))
	require.Equal(t, []int{3, 2}, []int{bridge.posts, bridge.again})
	require.Equal(t, []ivsrecording.Location{{Bucket: "recordings", Prefix: "a/b/c/d"}}, archive.kept)

	archive.setAway(true)
	bridge.send(body(t, &ivsevents.RecordingEnd{Envelope: ivsevents.Envelope{Time: clock.Now()}}))
	require.NoError(t, clock.sleep(t.Context(), clock.Now().Add(24*time.Hour)))
	require.Equal(t, 3+maxAttempts, bridge.posts, "some day it gives up")
}

func body(t *testing.T, e ivsevents.Event) []byte {
	b, err := ivsevents.Fill(e).MarshalJSON()
	require.NoError(t, err)
	return b
}

func TestAuthorization(t *testing.T) {
	w := newWorker(testAuthorization, time.Now, slog.New(slog.DiscardHandler), nil)
	event := body(t, &ivsevents.ParticipantPublished{UserID: "anna"})
	post := func(authorization ...string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(string(event)))
		r.Header["Authorization"] = authorization
		answer := httptest.NewRecorder()
		w.mux.ServeHTTP(answer, r)
		return answer.Code
	}
	for _, wrong := range [][]string{nil, {""}, {testAuthorization + "x"}, {testAuthorization, testAuthorization}} {
		require.Equal(t, http.StatusUnauthorized, post(wrong...))
	}
	require.Empty(t, w.tracker.Snapshot().Stages)
	require.Equal(t, http.StatusNoContent, post(testAuthorization))
	require.Len(t, w.tracker.Snapshot().Stages, 1)
}

// Events that come twice change nothing.
func TestTwice(t *testing.T) {
	n, w := newEvening(t, 0, seed)
	require.NoError(t, n.play(t.Context(), func(string) {}))
	again := func() {
		for _, event := range n.fake.Events() {
			n.bridge.send(event)
		}
	}
	again() // what was lost comes, too
	board, kept := lines(w.tracker.Snapshot()), n.archive.kept
	require.NotEmpty(t, board)
	w.changed.Store(false)
	again()
	require.False(t, w.changed.Load())
	require.Equal(t, board, lines(w.tracker.Snapshot()))
	require.Equal(t, kept, n.archive.kept)
}

// A recording of which the API tells no place is no reason to stop.
func TestRecordedWithoutPlace(t *testing.T) {
	archive := &archive{}
	w := newWorker(testAuthorization, time.Now, slog.New(slog.DiscardHandler), archive.keep)
	require.NoError(t, w.recorded(ivstracker.Change{Recording: &ivstracker.Recording{ParticipantID: "p", State: "STOPPED"}}))
	require.NoError(t, w.recorded(ivstracker.Change{Recording: &ivstracker.Recording{ParticipantID: "p", State: "STOPPED", BucketName: "b", KeyPrefix: "k"}}))
	require.Len(t, archive.kept, 1)
}

// A user ID cannot do anything to the terminal, nor to the columns.
func TestControlCharacters(t *testing.T) {
	w := newWorker(testAuthorization, time.Now, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, w.tracker.Handle(t.Context(), ivsevents.Fill(&ivsevents.ParticipantPublished{UserID: "an\x1b[2Jna\tben\n"})))
	require.Contains(t, lines(w.tracker.Snapshot())[1], "\tan·[2Jna·ben·\tpublishing\t")
}

// The whole program, over the loopback interface.
func TestPlayEvening(t *testing.T) {
	out := &strings.Builder{}
	require.NoError(t, playEvening(t.Context(), out, settings{terminal: true}))
	require.Contains(t, out.String(), "\x1b[H\x1b[2J\n── 20:02  anna opens the town hall ─")
	require.Contains(t, out.String(), "── after Reconcile ─")
	require.NotContains(t, out.String(), "Bearer")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, playEvening(ctx, io.Discard, settings{speed: 1}), context.Canceled)
	require.ErrorContains(t, playEvening(t.Context(), io.Discard, settings{speed: -1}), "-speed")
	require.ErrorContains(t, receive(t.Context(), io.Discard, settings{listen: "127.0.0.1:0"}), "EVENT_WORKER_AUTHORIZATION")
}

// As a receiver of real events.
func TestReceive(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second) // so that a failure ends
	defer stop()
	text, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := receive(ctx, out, settings{listen: "127.0.0.1:0", authorization: testAuthorization})
		out.Close()
		ended <- err
	}()
	said := ""
	until := func(pattern string) string {
		for buf := make([]byte, 4096); ; {
			if found := regexp.MustCompile(pattern).FindString(said); found != "" {
				return found
			}
			n, err := text.Read(buf)
			require.NoError(t, err, said)
			said += string(buf[:n])
		}
	}
	bridge := &bridge{http: http.DefaultClient, url: "http://" + until(`127\.0\.0\.1:\d+`), authorization: testAuthorization}
	status, err := bridge.do(body(t, &ivsevents.ParticipantPublished{UserID: "anna"}))
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, status)
	until("anna +publishing")
	go io.Copy(io.Discard, text)
	stop()
	require.NoError(t, <-ended)
}
