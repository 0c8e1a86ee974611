package ivstracker_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// teller makes up a story: events of three stages, their participants, recordings
// and compositions in the order in which they happen. It keeps what is then the
// case in a way of its own, to compare a Tracker with.
type teller struct {
	*rand.Rand
	now    time.Time
	hasty  bool // much happens at the same time
	ids    int
	events []ivsevents.Event

	session map[string]string // of a stage
	state   map[string]string // of all that a key names
	compose map[string]string // stage of a composition that runs
}

// tellStory returns a story of some length, and a time after its end. Odd seeds
// make hasty stories.
func tellStory(seed uint64, length int) ([]ivsevents.Event, time.Time) {
	s := newTeller(seed, length)
	return s.events, s.now.Add(time.Minute)
}

func newTeller(seed uint64, length int) *teller {
	s := &teller{
		Rand:    rand.New(rand.NewPCG(seed, seed)),
		now:     noon,
		hasty:   seed%2 == 1,
		session: map[string]string{},
		state:   map[string]string{},
		compose: map[string]string{},
	}
	for range length {
		s.step()
	}
	return s
}

func (s *teller) name(prefix string) string {
	s.ids++
	return fmt.Sprint(prefix, s.ids)
}

func (s *teller) tell(e ivsevents.Event) {
	e.Meta().ID, e.Meta().Time = s.name("event-"), s.now
	s.events = append(s.events, ivsevents.Fill(e))
}

// step lets something happen.
func (s *teller) step() {
	if s.hasty {
		s.now = s.now.Add(time.Duration(s.IntN(3)) * 400 * time.Millisecond)
	} else {
		s.now = s.now.Add(time.Second + time.Duration(s.IntN(3_000_000))*time.Microsecond)
	}
	stage := []string{stageA, stageB, stageC}[s.IntN(3)]
	begins := s.session[stage] == "" || s.IntN(40) == 0
	if begins {
		s.session[stage] = s.name("st-")
	}
	session, participant := s.session[stage], fmt.Sprint("p", s.IntN(5))
	key := session + " " + participant
	publish := ivsevents.ParticipantPublished{StageARN: stage, SessionID: session, ParticipantID: participant, UserID: "user of " + participant, EventTimePrecise: s.now}
	to := ivsevents.ParticipantReplicationStart{StageARN: stage, SessionID: session, ParticipantID: participant, DestinationStageARN: arnPrefix + "stage/other", DestinationSessionID: fmt.Sprint("o", s.IntN(3)), EventTime: s.now.Truncate(time.Second)}
	does := s.IntN(7)
	if begins {
		does = 0 // by what else happens it is not known that a session began
	}
	switch does {
	case 0, 1:
		if s.state["publishing "+key] != "true" {
			s.tell(&publish)
			s.state["publishing "+key], s.state["error "+key] = "true", ""
		} else {
			s.tell((*ivsevents.ParticipantUnpublished)(&publish))
			s.state["publishing "+key] = "false"
		}
	case 2:
		codes := ivsrealtime.EventErrorCode("").Values()
		code := codes[s.IntN(len(codes))]
		s.tell(&ivsevents.ParticipantPublishError{StageARN: stage, SessionID: session, ParticipantID: participant, EventTime: s.now, ErrorCode: code})
		s.state["error "+key] = string(code)
	case 3:
		e := &ivsevents.TokenExchanged{StageARN: stage, SessionID: session, ParticipantID: participant, EventTime: s.now.Truncate(time.Second)}
		e.NewToken.UserID, e.NewToken.Attributes = s.name("user "), map[string]string{"n": s.name("")}
		s.tell(e)
		s.state["attribute "+key] = e.NewToken.Attributes["n"]
	case 4:
		if key += " " + to.DestinationSessionID; s.state["replication "+key] != "true" {
			s.tell(&to)
			s.state["replication "+key] = "true"
		} else {
			s.tell((*ivsevents.ParticipantReplicationEnd)(&to))
			s.state["replication "+key] = "false"
		}
	case 5:
		prefix := fmt.Sprint("recording-", s.IntN(3))
		at := "recording " + stage + " " + participant + " " + prefix
		switch {
		case s.state[at] != "ACTIVE" && s.IntN(4) == 0:
			s.tell(&ivsevents.RecordingStartFailure{StageARN: stage, SessionID: session, ParticipantID: participant, RecordingS3KeyPrefix: prefix})
			s.state[at] = "FAILED"
		case s.state[at] != "ACTIVE":
			s.tell(&ivsevents.RecordingStart{StageARN: stage, SessionID: session, ParticipantID: participant, RecordingS3KeyPrefix: prefix})
			s.state[at] = "ACTIVE"
		case s.IntN(4) == 0:
			s.tell(&ivsevents.RecordingEndFailure{StageARN: stage, SessionID: session, ParticipantID: participant, RecordingS3KeyPrefix: prefix, RecordingDuration: s.duration()})
			s.state[at] = "FAILED"
		default:
			s.tell(&ivsevents.RecordingEnd{StageARN: stage, SessionID: session, ParticipantID: participant, RecordingS3KeyPrefix: prefix, RecordingDuration: s.duration()})
			s.state[at] = "STOPPED"
		}
	case 6:
		s.composition(stage)
	}
}

func (s *teller) duration() time.Duration { return time.Duration(s.IntN(1e6)) * time.Millisecond }

func (s *teller) composition(stage string) {
	arn := s.compose[stage]
	if arn == "" {
		arn = arnPrefix + s.name("composition/c")
		s.compose[stage] = arn
		s.tell(&ivsevents.CompositionSessionStart{CompositionARN: arn, StageARN: stage})
		s.state[arn] = "ACTIVE"
		return
	}
	id := fmt.Sprint("d", s.IntN(2))
	e := ivsevents.CompositionDestinationStart{CompositionARN: arn, StageARN: stage, DestinationID: id}
	switch s.IntN(5) {
	case 0:
		s.tell((*ivsevents.CompositionDestinationReconnecting)(&e))
		s.state[arn+" "+id] = "RECONNECTING"
	case 1:
		s.tell(&ivsevents.CompositionDestinationFailure{CompositionARN: arn, StageARN: stage, DestinationID: id})
		s.state[arn+" "+id] = "FAILED"
	case 2:
		s.tell(&ivsevents.CompositionSessionEnd{CompositionARN: arn, StageARN: stage})
		s.state[arn], s.compose[stage] = "STOPPED", ""
	default:
		s.tell(&e)
		s.state[arn+" "+id] = "ACTIVE"
	}
}

// check compares a snapshot with what the story says.
func (s *teller) check(t testing.TB, got ivstracker.Snapshot) {
	t.Helper()
	seen := 0
	is := func(want bool, key string, value any) {
		t.Helper()
		if s.state[key] != "" {
			seen++
		}
		require.True(t, want, "%s: story %q, tracker %v", key, s.state[key], value)
	}
	for _, stage := range got.Stages {
		require.Equal(t, s.session[stage.ARN], stage.ActiveSessionID)
		for _, ses := range stage.Sessions {
			current := ses.SessionID == stage.ActiveSessionID
			require.Equal(t, current, ses.EndCause == "")
			for _, p := range ses.Participants {
				key := ses.SessionID + " " + p.ParticipantID
				is(p.Publishing == (current && s.state["publishing "+key] == "true"), "publishing "+key, p)
				is(p.Published == (s.state["publishing "+key] != ""), "published "+key, p)
				is(s.state["attribute "+key] == p.Attributes["n"], "attribute "+key, p)
				if p.PublishError == nil {
					is(s.state["error "+key] == "", "error "+key, p)
				} else {
					is(s.state["error "+key] == string(p.PublishError.Code), "error "+key, p)
				}
				for _, r := range p.Replications {
					key := key + " " + r.DestinationSessionID
					is(r.Active == (current && s.state["replication "+key] == "true"), "replication "+key, r)
				}
			}
		}
		for _, r := range stage.Recordings {
			key := "recording " + stage.ARN + " " + r.ParticipantID + " " + r.KeyPrefix
			is(s.state[key] == string(r.State), key, r)
		}
	}
	for _, c := range got.Compositions {
		is(s.state[c.ARN] == string(c.State), c.ARN, c)
		for _, d := range c.Destinations {
			key := c.ARN + " " + d.ID
			want := s.state[key]
			if c.State == "STOPPED" && want != "FAILED" {
				want = "STOPPED"
			}
			is(want == string(d.State), key, d)
		}
	}
	total := 0
	for _, v := range s.state {
		if v != "" {
			total++
		}
	}
	require.Equal(t, total, seen, "the tracker knows of all that the story tells")
}

// shuffled returns events in any order, some of them up to three times.
func shuffled(events []ivsevents.Event, seed uint64) []ivsevents.Event {
	chance := rand.New(rand.NewPCG(seed, 1))
	var all []ivsevents.Event
	for _, e := range events {
		for range 1 + chance.IntN(3) {
			all = append(all, e)
		}
	}
	chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// track returns what a tracker makes of events.
func track(t testing.TB, events []ivsevents.Event, now time.Time) ivstracker.Snapshot {
	tracker := ivstracker.NewTracker(func(o *ivstracker.Options) { o.Now = func() time.Time { return now } })
	for _, e := range events {
		require.NoError(t, tracker.Handle(t.Context(), e))
	}
	return tracker.Snapshot()
}

// Whatever the order and the duplicates, the state is that of the story in order;
// and that is what the story tells, where no times are equal.
func TestTrackerAnyOrder(t *testing.T) {
	for seed := range uint64(60) {
		checkOrder(t, seed, 20+int(seed)*10, seed+100)
	}
}

func FuzzTrackerAnyOrder(f *testing.F) {
	f.Add(uint64(1), uint16(50), uint64(2))
	f.Add(uint64(2), uint16(500), uint64(3))
	f.Fuzz(func(t *testing.T, story uint64, length uint16, order uint64) {
		checkOrder(t, story, int(length%2000), order)
	})
}

func checkOrder(t testing.TB, seed uint64, length int, order uint64) {
	t.Helper()
	s := newTeller(seed, length)
	end := s.now.Add(time.Minute)
	want := track(t, s.events, end)
	if !s.hasty {
		s.check(t, want)
	}
	require.Equal(t, want, track(t, shuffled(s.events, order), end), "story %d, order %d", seed, order)
}

// An event without any time has no place among the others. If it counted, what
// comes out would depend on when it comes.
func TestTrackerEventWithoutTime(t *testing.T) {
	timeless, err := ivsevents.Decode([]byte(`{"id":"1","source":"aws.ivs","detail-type":"IVS Stage Update","resources":["` + stageA + `"],` +
		`"detail":{"event_name":"Participant Unpublished","session_id":"s","participant_id":"p"}}`))
	require.NoError(t, err)
	events := []ivsevents.Event{published(stageA, "s", "p", 10), timeless, published(stageA, "s", "q", 20)}
	want := track(t, []ivsevents.Event{events[0], events[2]}, noon.Add(time.Minute))
	for i := range events {
		events = append(events[1:], events[0])
		require.Equal(t, want, track(t, events, noon.Add(time.Minute)), i)
	}
	tracker, _ := newTracker()
	require.NoError(t, tracker.Handle(t.Context(), published(stageA, "s", "p", 10)))
	result := tracker.Apply(timeless)
	require.Equal(t, ivstracker.ResultIgnored, result)
}

// A time that no JSON can have does not get into what is to be written as JSON.
func TestTrackerYearOutOfRange(t *testing.T) {
	for _, at := range []string{"9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59"} {
		tracker, _ := newTracker()
		require.NoError(t, tracker.Handle(t.Context(), published(stageA, "s", "p", 1)))
		result := tracker.Apply(mustDecode(t, `{"id":"1","source":"aws.ivs","detail-type":"IVS Stage Update","time":"`+at+`","resources":["`+stageA+`"],`+
			`"detail":{"event_name":"Participant Unpublished","session_id":"s","participant_id":"p"}}`))
		require.Equal(t, ivstracker.ResultIgnored, result)
		_, err := json.Marshal(tracker.Snapshot())
		require.NoError(t, err)
	}
}
