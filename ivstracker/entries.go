package ivstracker

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// trackedStage is what is known about a stage. Its maps hold pointers so that entries
// can be changed in place.
type trackedStage struct {
	arn        string
	read       register[stageReading]
	sessions   map[string]*trackedSession
	begun, ran timeline  // sessions by begins and by running
	dropped    time.Time // when the newest began that is not kept any more

	recordings map[recordingKey]*trackedRecording
	recorded   map[string][]*trackedRecording // those of a participant

	lastPresent time.Time // as that of a session, the latest of all there were
	thinned     bool      // begun and ran have sessions that are gone
	weight      int
}

type stageReading struct {
	name    string
	deleted bool
}

// trackedSession is what is known about a session of a stage.
type trackedSession struct {
	id           string
	read         register[sessionReading]
	participants map[string]*trackedParticipant

	// Times of events. present is of those that show that a participant was there:
	// others may come when the session is over.
	first, last               time.Time
	firstPresent, lastPresent time.Time

	fresh   time.Time // what its age counts from
	settled bool      // over, and read to the end
	gone    bool      // dropped
	weight  int
}

type sessionReading struct{ start, end time.Time }

// start is when the session began at the latest.
func (s *trackedSession) start() time.Time {
	t := s.firstPresent
	if t.IsZero() {
		t = s.first
	}
	if r := s.read; r.set && !r.value.start.IsZero() {
		earlier(&t, r.value.start)
	}
	return t
}

// begins is as start, but zero if there is no proof that the session was running
// then: such a session says nothing about others.
func (s *trackedSession) begins() time.Time {
	if s.firstPresent.IsZero() && (!s.read.set || s.read.value.start.IsZero()) {
		return time.Time{}
	}
	return s.start()
}

// running is when the session ran for sure, at the latest.
func (s *trackedSession) running() time.Time {
	t := s.start()
	if r := s.read; r.set && r.value.end.IsZero() {
		later(&t, r.stamp.at)
	}
	return t
}

// endCause says how it is known that the session ended, if the newest of its stage
// began then.
func (s *trackedSession) endCause(st *trackedStage, newest time.Time) SessionEndCause {
	if r := s.read; r.set && !r.value.end.IsZero() {
		return SessionEndCauseAPI
	}
	if newest.After(s.running()) {
		return SessionEndCauseNewerSession
	}
	if r := st.read; r.set && r.value.deleted && !after(s.lastPresent, r.stamp.at) {
		return SessionEndCauseStageDeleted
	}
	return ""
}

// end says how it is known that the session ended, and when it had at the latest.
func (s *trackedSession) end(st *trackedStage) (SessionEndCause, time.Time) {
	cause := s.endCause(st, st.newest())
	switch cause {
	case SessionEndCauseAPI:
		return cause, s.read.value.end
	case SessionEndCauseNewerSession:
		if next := st.begun.after(s.running()); next < len(st.begun) {
			return cause, st.begun[next].at
		}
		return cause, st.dropped
	case SessionEndCauseStageDeleted:
		return cause, st.read.stamp.at
	}
	return "", time.Time{}
}

// newest is when the newest session began.
func (st *trackedStage) newest() time.Time {
	t := st.dropped
	if n := len(st.begun); n > 0 {
		later(&t, st.begun[n-1].at)
	}
	return t
}

// timeline has sessions in the order of a time of each, so that no event looks at
// all the sessions of a stage.
type timeline []moment

type moment struct {
	at      time.Time
	session *trackedSession
}

func (m moment) compare(o moment) int {
	return cmp.Or(m.at.Compare(o.at), cmp.Compare(m.session.id, o.session.id))
}

// from returns the index of the first moment that is not before t.
func (l timeline) from(t time.Time) int {
	return sort.Search(len(l), func(i int) bool { return !l[i].at.Before(t) })
}

// after returns the index of the first moment that is after t.
func (l timeline) after(t time.Time) int {
	return sort.Search(len(l), func(i int) bool { return l[i].at.After(t) })
}

// move moves a session from one time to another; at the zero time it is not on the
// line.
func (l *timeline) move(s *trackedSession, from, to time.Time) {
	if from.Equal(to) {
		return
	}
	if i, ok := slices.BinarySearchFunc(*l, moment{from, s}, moment.compare); ok {
		*l = slices.Delete(*l, i, i+1)
	}
	if !to.IsZero() {
		i, _ := slices.BinarySearchFunc(*l, moment{to, s}, moment.compare)
		*l = slices.Insert(*l, i, moment{to, s})
	}
}

// trackedParticipant is what is known about a participant in a session.
type trackedParticipant struct {
	id            string
	publish       fact[publishing]
	published     bool
	lastPublished time.Time // latest Participant Published
	failure       register[ivsrealtime.EventErrorCode]
	origin        fact[origin]
	userID        fact[string]     // the event is any that names the user but an exchange
	newUserID     register[string] // of the token exchanged last
	attributes    fact[map[string]string]
	capabilities  fact[[]ivsrealtime.ParticipantTokenCapability]
	replications  map[replicationKey]*trackedReplication

	last   time.Time
	weight int
}

type publishing struct {
	on bool
	at time.Time
}

// origin is where a replica comes from.
type origin struct {
	replica             bool
	stageARN, sessionID string
}

type replicationKey struct{ stageARN, sessionID string }

func (k replicationKey) compare(o replicationKey) int {
	return cmp.Or(cmp.Compare(k.stageARN, o.stageARN), cmp.Compare(k.sessionID, o.sessionID))
}

func (k replicationKey) own() replicationKey {
	return replicationKey{strings.Clone(k.stageARN), strings.Clone(k.sessionID)}
}

type trackedReplication struct {
	active fact[publishing]
	last   time.Time
}

func samePublishing(event, read publishing) bool { return event.on == read.on }

func (p *trackedParticipant) publishes() bool {
	now, _ := p.publish.now(samePublishing)
	return now.on
}

// user returns the user's ID. That of the token exchanged last counts from then on,
// or from the beginning of the second if that is all that is known of its time.
func (p *trackedParticipant) user() string {
	id := p.userID
	if p.newUserID.set && after(p.newUserID.stamp.at, id.event.stamp.at) {
		id.event = p.newUserID
	}
	is, _ := id.now(equal)
	return is
}

// failing reports whether publishing failed and was not begun since.
func (p *trackedParticipant) failing() bool {
	return p.failure.set && !p.lastPublished.After(p.failure.stamp.at)
}

// view returns what is seen of the participant; endedAt is when its session
// ended, zero if it has not.
func (p *trackedParticipant) view(endedAt time.Time) Participant {
	now, _ := p.publish.now(samePublishing)
	from, _ := p.origin.now(equal)
	attributes, _ := p.attributes.now(maps.Equal)
	capabilities, _ := p.capabilities.now(slices.Equal)
	v := Participant{
		ParticipantID:   p.id,
		UserID:          p.user(),
		Attributes:      maps.Clone(attributes),
		Capabilities:    slices.Clone(capabilities),
		Published:       p.published,
		Publishing:      now.on,
		PublishTime:     now.at,
		Replica:         from.replica,
		SourceStageARN:  from.stageARN,
		SourceSessionID: from.sessionID,
	}
	if v.Publishing && !endedAt.IsZero() {
		v.Publishing, v.PublishTime = false, endedAt
	}
	if p.failing() {
		v.PublishError = &PublishError{Code: p.failure.value, Time: p.failure.stamp.at}
	}
	for key, r := range p.replications {
		now, _ := r.active.now(samePublishing)
		if now.on && !endedAt.IsZero() {
			now = publishing{at: endedAt}
		}
		v.Replications = append(v.Replications, Replication{key.stageARN, key.sessionID, now.on, now.at})
	}
	slices.SortFunc(v.Replications, func(a, b Replication) int {
		return compareStrings(a.DestinationStageARN, b.DestinationStageARN, a.DestinationSessionID, b.DestinationSessionID)
	})
	return v
}

// trackedRecording is what is known about a recording.
type trackedRecording struct {
	recordingKey
	session register[string]
	state   fact[recordingState]
	started time.Time
	last    time.Time
	weight  int
}

// addRecording adds a recording.
func (st *trackedStage) addRecording(key recordingKey) *trackedRecording {
	if st.recordings == nil {
		st.recordings, st.recorded = map[recordingKey]*trackedRecording{}, map[string][]*trackedRecording{}
	}
	r := &trackedRecording{recordingKey: key}
	st.recordings[key] = r
	st.recorded[key.participantID] = append(st.recorded[key.participantID], r)
	return r
}

type recordingKey struct{ participantID, bucket, prefix string }

type recordingState struct {
	state    ivsrealtime.ParticipantRecordingState
	at       time.Time
	duration time.Duration
	code     ivsevents.ErrorCode
	reason   string
}

func (s recordingState) over() bool {
	return s.state == ivsrealtime.ParticipantRecordingStateStopped || s.state == ivsrealtime.ParticipantRecordingStateFailed
}

func sameRecording(event, read recordingState) bool {
	return event.state == read.state || event.over() && read.over()
}

func (r *trackedRecording) over() bool {
	now, _ := r.state.now(sameRecording)
	return now.over()
}

func (r *trackedRecording) view() Recording {
	now, _ := r.state.now(sameRecording)
	return Recording{
		ParticipantID: r.participantID,
		SessionID:     r.session.value,
		BucketName:    r.bucket,
		KeyPrefix:     r.prefix,
		State:         now.state,
		Time:          now.at,
		StartTime:     r.started,
		Duration:      now.duration,
		ErrorCode:     now.code,
		Reason:        now.reason,
	}
}

// trackedComposition is what is known about a composition.
type trackedComposition struct {
	arn          string
	stageARN     register[string]
	state        fact[compositionState]
	destinations map[string]*trackedDestination
	last         time.Time
	weight       int
}

type compositionState struct {
	state  ivsrealtime.CompositionState
	at     time.Time
	code   ivsevents.ErrorCode
	reason string
	gone   bool
}

func (s compositionState) over() bool {
	return s.state == ivsrealtime.CompositionStateStopped || s.state == ivsrealtime.CompositionStateFailed
}

// sameComposition takes the event's word on how a composition ended.
func sameComposition(event, read compositionState) bool {
	return event.state == read.state || event.over() && read.over()
}

type trackedDestination struct {
	id    string
	state fact[destinationState]
	last  time.Time
}

type destinationState struct {
	state  ivsrealtime.DestinationState
	at     time.Time
	code   ivsevents.ErrorCode
	reason string
}

func (s destinationState) over() bool {
	return s.state == ivsrealtime.DestinationStateStopped || s.state == ivsrealtime.DestinationStateFailed
}

func sameDestination(event, read destinationState) bool {
	return event.state == read.state || event.over() && read.over()
}

func (c *trackedComposition) over() bool {
	now, _ := c.state.now(sameComposition)
	return now.over()
}

func (c *trackedComposition) view() Composition {
	now, known := c.state.now(sameComposition)
	if !known && len(c.destinations) > 0 {
		now.state = ivsrealtime.CompositionStateActive
	}
	v := Composition{
		ARN:          c.arn,
		StageARN:     c.stageARN.value,
		State:        now.state,
		Time:         now.at,
		Gone:         c.state.read.value.gone && now.over(),
		ErrorCode:    now.code,
		Reason:       now.reason,
		Destinations: make([]Destination, 0, len(c.destinations)),
	}
	for _, d := range c.destinations {
		s, _ := d.state.now(sameDestination)
		if now.over() && !s.over() {
			s = destinationState{state: ivsrealtime.DestinationStateStopped, at: now.at}
		}
		v.Destinations = append(v.Destinations, Destination{d.id, s.state, s.at, s.code, s.reason})
	}
	slices.SortFunc(v.Destinations, func(a, b Destination) int { return compareStrings(a.ID, b.ID) })
	return v
}
