package ivstracker

import (
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
)

// readStage takes in what the API said about a stage.
func (u *update) readStage(arn string, reading stageReading, at time.Time) {
	if !within(maxARN, arn) || !within(maxName, reading.name) {
		return
	}
	st := u.tracker.stages[arn]
	added := st == nil
	if added {
		st = u.stage(arn)
	}
	ends := map[string]ending{}
	for id, ses := range st.sessions {
		ends[id] = ses.ending(st, st.newest())
	}
	name, deleted := st.read.value.name, st.deleted()
	reading.name = own(name, reading.name)
	st.read.answer(at, reading)
	u.tracker.weigh(&st.weight, st.weighs())
	if added || name != st.read.value.name || deleted != st.deleted() {
		v := st.view()
		u.add(Change{StageARN: st.arn, Stage: &v})
	}
	for _, id := range slices.Sorted(maps.Keys(ends)) {
		u.addEnding(st, st.sessions[id], ends[id])
	}
}

// readSession takes in what the API said about a session, and reports whether to
// read its participants.
func (u *update) readSession(stageARN string, s ivsrealtime.StageSessionSummary, at time.Time) bool {
	var known *trackedSession
	if st := u.tracker.stages[stageARN]; st != nil {
		known = st.sessions[s.SessionID]
	}
	active := s.EndTime.IsZero()
	s.StartTime, s.EndTime = u.believed(s.StartTime), u.believed(s.EndTime)
	if s.SessionID == "" || !within(maxID, s.SessionID) || !within(maxARN, stageARN) || known == nil && !active && !u.admits(s.EndTime) {
		return false
	}
	_, known = u.session(stageARN, s.SessionID, func(_ *trackedStage, ses *trackedSession) {
		ses.read.answer(at, sessionReading{s.StartTime, s.EndTime})
		if active {
			later(&ses.fresh, at)
		} else {
			later(&ses.fresh, s.EndTime)
		}
	})
	return !known.settled
}

// settle notes that a session has been read in full after its end, and that its
// recordings are over, too: there is nothing more to read.
func (u *update) settle(stageARN, id string) {
	st := u.tracker.stages[stageARN]
	if st == nil || st.sessions[id] == nil {
		return
	}
	ses := st.sessions[id]
	for participant := range ses.participants {
		for _, r := range st.recorded[participant] {
			if r.session.value == id && !r.over() {
				return
			}
		}
	}
	ses.settled = !ses.read.value.end.IsZero()
}

// participantReading is what the API said about a participant.
type participantReading struct {
	at          time.Time // when the first answer was asked for
	events      []ivsrealtime.Event
	participant ivsrealtime.Participant
}

// tally adds up events that switch something on and off. How often tells what
// holds, whatever the order of the events and the precision of their times.
type tally struct {
	balance int
	last    time.Time
}

func (t *tally) count(by int, at time.Time) {
	t.balance += by
	later(&t.last, at)
}

// readParticipant takes in what the API said about a participant and its
// recording.
func (u *update) readParticipant(stageARN, sessionID string, reading *participantReading) {
	st := u.tracker.stages[stageARN]
	if st == nil || st.sessions[sessionID] == nil {
		return // dropped meanwhile
	}
	reading.events = slices.DeleteFunc(reading.events, func(e ivsrealtime.Event) bool {
		return !within(maxARN, e.DestinationStageARN) || !within(maxID, e.DestinationSessionID) || !within(maxCode, string(e.ErrorCode)) || e.NewToken != nil && !areCapabilities(e.NewToken.Capabilities)
	})
	if p := &reading.participant; !within(maxID, p.ParticipantID, p.SourceSessionID) || !within(maxARN, p.SourceStageARN) || !isUser(p.UserID) || !areAttributes(p.Attributes) {
		return
	}
	ses, from, s := st.sessions[sessionID], &reading.participant, stamp{at: reading.at}
	var published tally
	replications := map[replicationKey]*tally{}
	heard := u.believed(from.FirstJoinTime)
	for i := range reading.events {
		reading.events[i].EventTime = u.believed(reading.events[i].EventTime)
	}
	for _, e := range reading.events {
		later(&heard, e.EventTime)
		key := replicationKey{e.DestinationStageARN, e.DestinationSessionID}
		switch e.Name {
		case ivsrealtime.EventNamePublishStarted:
			published.count(1, e.EventTime)
		case ivsrealtime.EventNamePublishStopped:
			published.count(-1, e.EventTime)
		case ivsrealtime.EventNameReplicationStarted, ivsrealtime.EventNameReplicationStopped:
			if replications[key] == nil {
				replications[key] = &tally{}
			}
			if e.Name == ivsrealtime.EventNameReplicationStarted {
				replications[key].count(1, e.EventTime)
			} else {
				replications[key].count(-1, e.EventTime)
			}
		}
	}
	on := published.balance > 0 && from.State != ivsrealtime.ParticipantStateDisconnected
	if on {
		heard = reading.at
	}
	if ses.participants[from.ParticipantID] == nil && !on && !u.admits(heard) {
		return
	}
	u.changeParticipant(st, ses, from.ParticipantID, heard, func(p *trackedParticipant) bool {
		p.published = p.published || from.Published || on
		p.publish.read.answer(s.at, publishing{on, published.last})
		p.origin.read.answer(s.at, origin{from.ReplicationType == ivsrealtime.ReplicationTypeReplica, strings.Clone(from.SourceStageARN), strings.Clone(from.SourceSessionID)})
		p.userID.read.answer(s.at, own(p.userID.read.value, from.UserID))
		p.attributes.read.answer(s.at, ownAttributes(from.Attributes))
		for key, sum := range replications {
			if r := u.replication(p, key, sum.last); r != nil {
				r.active.read.answer(s.at, publishing{sum.balance > 0 && on, sum.last})
			}
		}
		for _, e := range reading.events {
			p.happened(e)
		}
		return true
	})
	u.readRecording(st, sessionID, from, s, published.last)
}

// happened takes in what only the events of the API tell, with their own times.
func (p *trackedParticipant) happened(e ivsrealtime.Event) {
	s := stamp{at: e.EventTime, rank: rankFailure}
	switch e.Name {
	case ivsrealtime.EventNamePublishStarted:
		later(&p.lastPublished, e.EventTime)
	case ivsrealtime.EventNamePublishError:
		p.failure.put(s, own(p.failure.value, e.ErrorCode))
	case ivsrealtime.EventNameTokenExchanged:
		if e.NewToken != nil { // what else it gives GetParticipant returns
			p.capabilities.read.answer(e.EventTime, ownCapabilities(e.NewToken.Capabilities))
		}
	}
}

// readRecording takes in what the API said about the last recording of a
// participant, who last began or stopped to publish at some time. The recordings
// before it must be over: a participant has one at a time (inferred).
func (u *update) readRecording(st *trackedStage, sessionID string, from *ivsrealtime.Participant, s stamp, published time.Time) {
	if from.RecordingState == "" || from.RecordingState == ivsrealtime.ParticipantRecordingStateDisabled ||
		!within(maxBucket, from.RecordingS3BucketName) || !within(maxPrefix, from.RecordingS3Prefix) || !within(maxCode, string(from.RecordingState)) {
		return
	}
	state := recordingState{state: own("", from.RecordingState)}
	key := recordingKey{from.ParticipantID, from.RecordingS3BucketName, strings.TrimSuffix(from.RecordingS3Prefix, "/")}
	var last *trackedRecording // in the session
	for _, r := range st.recorded[from.ParticipantID] {
		if r.session.value == sessionID && (last == nil || r.last.After(last.last)) {
			last = r
		}
	}
	_, err := time.Parse("2006-01-02T15-04-05Z", path.Base(key.prefix))
	exact := err == nil || st.recordings[key] != nil
	if !exact && last != nil {
		key = last.recordingKey // documented samples have prefixes in other forms than events
	}
	if key.prefix == "" && !state.over() {
		return // it begins, and has no place yet to be known by: an event or the next answer has
	}
	heard, known := s.at, st.recordings[key]
	switch {
	case state.over() && known != nil:
		heard = known.last
	case state.over():
		if heard = published; !u.admits(heard) {
			return
		}
	}
	u.changeRecording(st, key, heard, func(r *trackedRecording) bool {
		r.session.put(s, own(r.session.value, sessionID))
		return r.state.read.answer(s.at, state)
	})
	for _, r := range st.recorded[from.ParticipantID] {
		if other := r.recordingKey; other != key && exact && r.session.value == sessionID && !r.over() {
			u.changeRecording(st, other, r.last, func(r *trackedRecording) bool {
				return r.state.read.answer(s.at, recordingState{state: ivsrealtime.ParticipantRecordingStateStopped})
			})
		}
	}
}

// readComposition takes in what the API said about a composition.
func (u *update) readComposition(c ivsrealtime.CompositionSummary, at time.Time) {
	if c.ARN == "" || !within(maxARN, c.ARN, c.StageARN) || !within(maxCode, string(c.State)) {
		return
	}
	state := compositionState{state: own("", c.State)}
	heard := at
	if state.over() {
		state.at = u.believed(c.EndTime)
		heard = state.at
		if u.tracker.compositions[c.ARN] == nil && !u.admits(heard) {
			return
		}
	}
	u.changeComposition(c.ARN, heard, func(kept *trackedComposition) ApplyResult {
		kept.composes(stamp{at: at}, c.StageARN)
		kept.state.read.answer(at, state)
		for _, d := range c.Destinations {
			read := destinationState{state: own("", d.State), at: d.StartTime}
			if read.over() {
				read.at = d.EndTime
			}
			read.at = u.believed(read.at)
			if !within(maxID, d.ID) || !within(maxCode, string(d.State)) {
				continue
			}
			if known := u.destination(kept, d.ID, at); known != nil {
				known.state.read.answer(at, read)
			}
		}
		return ResultApplied
	})
}

// readGoneComposition takes in that the API does not know a composition any more.
func (u *update) readGoneComposition(arn string, at time.Time) {
	c := u.tracker.compositions[arn]
	if c == nil {
		return
	}
	u.changeComposition(arn, c.last, func(c *trackedComposition) ApplyResult {
		return resultOf(c.state.read.answer(at, compositionState{state: ivsrealtime.CompositionStateStopped, gone: true}))
	})
}
