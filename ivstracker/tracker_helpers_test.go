package ivstracker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

const (
	arnPrefix = "arn:aws:ivs:us-east-1:111122223333:"
	stageA    = arnPrefix + "stage/AAAAAAAAAAAA"
	stageB    = arnPrefix + "stage/BBBBBBBBBBBB"
	stageC    = arnPrefix + "stage/CCCCCCCCCCCC"
	compA     = arnPrefix + "composition/AAAAAAAAAAAA"
)

// noon is when most of these tests begin.
var noon = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

// clock is a time that tests set.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// newTracker returns a tracker whose clock shows an hour past noon.
func newTracker(optFns ...func(*ivstracker.Options)) (*ivstracker.Tracker, *clock) {
	c := &clock{noon.Add(time.Hour)}
	now := func(o *ivstracker.Options) { o.Now = c.Now }
	return ivstracker.NewTracker(append([]func(*ivstracker.Options){now}, optFns...)...), c
}

// apply applies an event, and checks what became of it.
func apply(t testing.TB, tracker *ivstracker.Tracker, want ivstracker.ApplyResult, e ivsevents.Event) {
	t.Helper()
	got := tracker.Apply(ivsevents.Fill(e))
	require.Equal(t, want, got)
}

// published and unpublished return events of a participant at noon and some
// seconds.
func published(stage, session, participant string, seconds float64) *ivsevents.ParticipantPublished {
	return ivsevents.Fill(&ivsevents.ParticipantPublished{
		StageARN:         stage,
		SessionID:        session,
		ParticipantID:    participant,
		EventTimePrecise: secs(seconds),
	})
}

func unpublished(stage, session, participant string, seconds float64) *ivsevents.ParticipantUnpublished {
	return (*ivsevents.ParticipantUnpublished)(published(stage, session, participant, seconds))
}

func secs(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }

// stamped returns the envelope of an event at noon and some seconds.
func stamped(seconds int) ivsevents.Envelope {
	return ivsevents.Envelope{Time: noon.Add(time.Duration(seconds) * time.Second)}
}

// only returns what is known of the one participant of the one session of a
// stage.
func only(t testing.TB, tracker *ivstracker.Tracker, stage string) ivstracker.Participant {
	t.Helper()
	s, ok := tracker.Stage(stage)
	require.True(t, ok)
	require.Len(t, s.Sessions, 1)
	require.Len(t, s.Sessions[0].Participants, 1)
	return s.Sessions[0].Participants[0]
}

func mustDecode(t testing.TB, data string) ivsevents.Event {
	t.Helper()
	event, err := ivsevents.Decode([]byte(data))
	require.NoError(t, err)
	return event
}
