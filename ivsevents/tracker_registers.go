package ivsevents

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
)

// All that a Tracker knows is kept in registers, in which the latest wins, and in
// sums such as the earliest time: what goes in may come repeatedly and in any
// order, and the outcome is the same. What is seen from outside, such as that a
// session has ended, is worked out from these when asked for.
//
// A register has values of one kind of event, and compares their times as exactly as
// they are given. Values of the kind are ranked as they follow one another in life,
// which decides between equal times.

// stamp says which value of a register is the latest.
type stamp struct {
	at   time.Time
	rank int8
	id   string // of the event; decides nothing but that it is always the same
}

func (s stamp) less(o stamp) bool {
	if c := s.at.Compare(o.at); c != 0 {
		return c < 0
	}
	if s.rank != o.rank {
		return s.rank < o.rank
	}
	return s.id < o.id
}

// after reports whether what is stamped t may have happened at or after the
// moment m. A time without a fraction stands for all of its second.
func after(t, m time.Time) bool {
	if t.Nanosecond() == 0 {
		t = t.Add(time.Second - 1)
	}
	return !t.Before(m)
}

// register holds the latest value.
type register[V any] struct {
	stamp stamp
	set   bool
	value V
}

// put takes a value if it is the latest, and reports whether it is.
func (r *register[V]) put(s stamp, v V) bool {
	if r.set && !r.stamp.less(s) {
		return false
	}
	r.stamp, r.set, r.value = s, true, v
	return true
}

// answer takes what the API said, asked at some moment, unless a later answer is
// known. Of two at the same moment, by a clock that stands still or is coarse, the
// second counts.
func (r *register[V]) answer(at time.Time, v V) bool {
	if r.set && r.stamp.at.After(at) {
		return false
	}
	r.stamp, r.set, r.value = stamp{at: at}, true, v
	return true
}

// fact is something that both events and the API tell. They are kept apart
// because what the API said at some moment makes older events wrong, but not
// their details.
type fact[V any] struct {
	event, read register[V]
}

// now returns what holds: what the events say if they are newer than the API's
// answer or say the same as it, else that answer.
func (f *fact[V]) now(same func(event, read V) bool) (V, bool) {
	switch e, r := &f.event, &f.read; {
	case !r.set:
		return e.value, e.set
	case e.set && (after(e.stamp.at, r.stamp.at) || same(e.value, r.value)):
		return e.value, true
	default:
		return r.value, true
	}
}

func equal[V comparable](event, read V) bool { return event == read }

// later and earlier change t to u if u is that; a zero t is always changed.
func later(t *time.Time, u time.Time) {
	if t.IsZero() || u.After(*t) {
		*t = u
	}
}

func earlier(t *time.Time, u time.Time) {
	if t.IsZero() || u.Before(*t) {
		*t = u
	}
}

// trackedStage is what is known about a stage. Its maps hold pointers so that entries
// can be changed in place.
type trackedStage struct {
	arn        string
	read       register[stageReading]
	sessions   map[string]*trackedSession
	begun, ran timeline  // sessions by begins and by running
	dropped    time.Time // when the newest began that is not kept any more

	lastPresent time.Time // as that of a session, the latest of all there were
	recordings  map[recordingKey]*trackedRecording

	// What is about a recording that is not known and not after this time was dropped.
	recordingFloor time.Time
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

	fresh            time.Time // what its age counts from
	participantFloor time.Time // as stage.recordingFloor
	settled          bool      // over, and read to the end
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

	last             time.Time
	replicationFloor time.Time
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
func (p *trackedParticipant) view(endedAt time.Time) ParticipantState {
	now, _ := p.publish.now(samePublishing)
	from, _ := p.origin.now(equal)
	attributes, _ := p.attributes.now(maps.Equal)
	capabilities, _ := p.capabilities.now(slices.Equal)
	v := ParticipantState{
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
		v.PublishError = &PublishErrorState{Code: p.failure.value, Time: p.failure.stamp.at}
	}
	for key, r := range p.replications {
		now, _ := r.active.now(samePublishing)
		if now.on && !endedAt.IsZero() {
			now = publishing{at: endedAt}
		}
		v.Replications = append(v.Replications, ReplicationState{key.stageARN, key.sessionID, now.on, now.at})
	}
	slices.SortFunc(v.Replications, func(a, b ReplicationState) int {
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
}

type recordingKey struct{ participantID, bucket, prefix string }

type recordingState struct {
	state    ivsrealtime.ParticipantRecordingState
	at       time.Time
	duration time.Duration
	code     ErrorCode
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

func (r *trackedRecording) view() RecordingState {
	now, _ := r.state.now(sameRecording)
	return RecordingState{
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
	arn, stageARN    string
	state            fact[compositionState]
	destinations     map[string]*trackedDestination
	last             time.Time
	destinationFloor time.Time
}

type compositionState struct {
	state  ivsrealtime.CompositionState
	at     time.Time
	code   ErrorCode
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
	code   ErrorCode
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

func (c *trackedComposition) view() CompositionState {
	now, known := c.state.now(sameComposition)
	if !known && len(c.destinations) > 0 {
		now.state = ivsrealtime.CompositionStateActive
	}
	v := CompositionState{
		ARN:          c.arn,
		StageARN:     c.stageARN,
		State:        now.state,
		Time:         now.at,
		Gone:         c.state.read.value.gone && now.over(),
		ErrorCode:    now.code,
		Reason:       now.reason,
		Destinations: make([]DestinationState, 0, len(c.destinations)),
	}
	for _, d := range c.destinations {
		s, _ := d.state.now(sameDestination)
		if now.over() && !s.over() {
			s = destinationState{state: ivsrealtime.DestinationStateStopped, at: now.at}
		}
		v.Destinations = append(v.Destinations, DestinationState{d.id, s.state, s.at, s.code, s.reason})
	}
	slices.SortFunc(v.Destinations, func(a, b DestinationState) int { return compareStrings(a.ID, b.ID) })
	return v
}
