package ivstracker

import (
	"reflect"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// update is one change of a Tracker's state, made with the lock held.
type update struct {
	tracker  *Tracker
	now      time.Time
	template Change // what all changes of the update have
	watched  bool   // changes are wanted
	ahead    bool   // the event is from too far ahead
	changes  []Change
}

// apply puts an event where it belongs.
func (u *update) apply(e ivsevents.Event) ApplyResult {
	r := rank(e)
	if r == 0 || reflect.ValueOf(e).IsNil() { // all known events are pointers
		return ResultIgnored
	}
	sum := e.Summary()
	// Without a time it has no place among the others.
	if sum.Time.IsZero() || !isJSON(sum.Time) || !sendable(e, sum) {
		return ResultIgnored
	}
	if u.isAhead(sum.Time) {
		u.ahead = true
		return ResultIgnored
	}
	if !u.admits(sum.Time) {
		return ResultStale
	}
	s := stamp{at: sum.Time, rank: r, id: strings.Clone(e.Meta().ID)}
	switch e := e.(type) {
	case *ivsevents.ParticipantPublished:
		return u.publishEvent(sum, s, e, true)
	case *ivsevents.ParticipantUnpublished:
		return u.publishEvent(sum, s, (*ivsevents.ParticipantPublished)(e), false)
	case *ivsevents.ParticipantPublishError:
		return u.participant(sum, true, func(p *trackedParticipant) bool {
			news := p.failure.put(s, own(p.failure.value, e.ErrorCode))
			news = p.from(s, e.Replica, e.SourceStageARN, e.SourceSessionID) || news
			return p.named(s, e.UserID) || news
		})
	case *ivsevents.ParticipantReplicationStart:
		return u.replicationEvent(sum, s, e, true)
	case *ivsevents.ParticipantReplicationEnd:
		return u.replicationEvent(sum, s, (*ivsevents.ParticipantReplicationStart)(e), false)
	case *ivsevents.TokenExchanged:
		return u.participant(sum, true, func(p *trackedParticipant) bool { return p.exchanged(s, e.UserID, e.NewToken) })
	case *ivsevents.RecordingStart:
		return u.recordingEvent(sum, s, e.RecordingS3BucketName, e.RecordingS3KeyPrefix, recordingState{state: ivsrealtime.ParticipantRecordingStateActive})
	case *ivsevents.RecordingEnd:
		return u.recordingEvent(sum, s, e.RecordingS3BucketName, e.RecordingS3KeyPrefix, recordingState{state: ivsrealtime.ParticipantRecordingStateStopped, duration: e.RecordingDuration})
	case *ivsevents.RecordingStartFailure:
		return u.recordingEvent(sum, s, e.RecordingS3BucketName, e.RecordingS3KeyPrefix, recordingState{state: ivsrealtime.ParticipantRecordingStateFailed, code: e.ErrorCode, reason: e.Reason})
	case *ivsevents.RecordingEndFailure:
		return u.recordingEvent(sum, s, e.RecordingS3BucketName, e.RecordingS3KeyPrefix, recordingState{state: ivsrealtime.ParticipantRecordingStateFailed, duration: e.RecordingDuration, code: e.ErrorCode, reason: e.Reason})
	case *ivsevents.CompositionSessionStart:
		return u.compositionEvent(sum, s, compositionState{state: ivsrealtime.CompositionStateActive, at: s.at})
	case *ivsevents.CompositionSessionEnd:
		return u.compositionEvent(sum, s, compositionState{state: ivsrealtime.CompositionStateStopped, at: s.at})
	case *ivsevents.CompositionSessionFailure:
		return u.compositionEvent(sum, s, compositionState{state: ivsrealtime.CompositionStateFailed, at: s.at, code: e.ErrorCode, reason: e.Reason})
	case *ivsevents.CompositionDestinationStart:
		return u.destinationEvent(sum, s, e.DestinationID, destinationState{state: ivsrealtime.DestinationStateActive, at: s.at})
	case *ivsevents.CompositionDestinationReconnecting:
		return u.destinationEvent(sum, s, e.DestinationID, destinationState{state: ivsrealtime.DestinationStateReconnecting, at: s.at})
	case *ivsevents.CompositionDestinationEnd:
		return u.destinationEvent(sum, s, e.DestinationID, destinationState{state: ivsrealtime.DestinationStateStopped, at: s.at})
	case *ivsevents.CompositionDestinationFailure:
		return u.destinationEvent(sum, s, e.DestinationID, destinationState{state: ivsrealtime.DestinationStateFailed, at: s.at, code: e.ErrorCode, reason: e.Reason})
	}
	return ResultIgnored
}

func (u *update) publishEvent(sum ivsevents.Summary, s stamp, e *ivsevents.ParticipantPublished, on bool) ApplyResult {
	return u.participant(sum, true, func(p *trackedParticipant) bool {
		news := p.publish.event.put(s, publishing{on, s.at})
		news = p.from(s, e.Replica, e.SourceStageARN, e.SourceSessionID) || news
		failed := p.failing()
		if on {
			later(&p.lastPublished, s.at)
		}
		news = news || failed != p.failing()
		news = news || !p.published
		p.published = true // also who unpublished did publish
		return p.named(s, e.UserID) || news
	})
}

func (u *update) replicationEvent(sum ivsevents.Summary, s stamp, e *ivsevents.ParticipantReplicationStart, on bool) ApplyResult {
	stale := false
	result := u.participant(sum, false, func(p *trackedParticipant) bool {
		r := u.replication(p, replicationKey{e.DestinationStageARN, e.DestinationSessionID}, s.at)
		if r == nil {
			stale = true
			return false
		}
		return r.active.event.put(s, publishing{on, s.at})
	})
	if stale {
		return ResultStale
	}
	return result
}

// from takes where a replica comes from.
func (p *trackedParticipant) from(s stamp, replica bool, stageARN, sessionID string) bool {
	old := p.origin.event.value
	return p.origin.event.put(s, origin{replica, own(old.stageARN, stageARN), own(old.sessionID, sessionID)})
}

// named takes the user ID of an event. Without one in the event the user has
// none, or the event is an old one.
func (p *trackedParticipant) named(s stamp, userID string) bool {
	return userID != "" && p.userID.event.put(s, own(p.userID.event.value, userID))
}

// exchanged takes what a new token gives.
func (p *trackedParticipant) exchanged(s stamp, userID string, token ivsrealtime.ExchangedParticipantToken) bool {
	news := p.newUserID.put(s, own(p.newUserID.value, userID))
	if p.attributes.event.put(s, token.Attributes) {
		p.attributes.event.value, news = ownAttributes(token.Attributes), true
	}
	if p.capabilities.event.put(s, token.Capabilities) {
		p.capabilities.event.value, news = ownCapabilities(token.Capabilities), true
	}
	return news
}

func resultOf(news bool) ApplyResult {
	if news {
		return ResultApplied
	}
	return ResultSuperseded
}

// admits reports whether something of a time may be taken in. What it is about may have
// been dropped since: then it would come back, and would differ from what it was.
func (u *update) admits(at time.Time) bool { return u.now.Sub(at) <= u.tracker.options.Retention }

// participant changes the participant that an event is about. present says that
// the event shows the participant to be there.
func (u *update) participant(sum ivsevents.Summary, present bool, change func(*trackedParticipant) bool) ApplyResult {
	if sum.StageARN == "" || sum.SessionID == "" || sum.ParticipantID == "" {
		return ResultIgnored
	}
	st, ses := u.session(sum.StageARN, sum.SessionID, func(st *trackedStage, ses *trackedSession) {
		earlier(&ses.first, sum.Time)
		later(&ses.last, sum.Time)
		later(&ses.fresh, sum.Time)
		if present {
			earlier(&ses.firstPresent, sum.Time)
			later(&ses.lastPresent, sum.Time)
			later(&st.lastPresent, sum.Time)
		}
	})
	return resultOf(u.changeParticipant(st, ses, sum.ParticipantID, sum.Time, change))
}

// changeParticipant changes a participant, which it adds if need be.
func (u *update) changeParticipant(st *trackedStage, ses *trackedSession, id string, at time.Time, change func(*trackedParticipant) bool) bool {
	p := ses.participants[id]
	var before Participant
	var end time.Time
	if u.watched {
		_, end = ses.end(st)
	}
	if p == nil {
		p = &trackedParticipant{id: strings.Clone(id)}
		ses.participants[p.id] = p
		u.tracker.stats.Participants++
	} else if u.watched {
		before = p.view(end)
	}
	later(&p.last, at)
	news := change(p)
	u.tracker.weigh(&p.weight, p.weighs())
	if u.watched {
		if after := p.view(end); !reflect.DeepEqual(before, after) {
			u.add(Change{StageARN: st.arn, SessionID: ses.id, ParticipantID: p.id, Participant: &after})
		}
	}
	return news
}

// add adds a change to those of the update.
func (u *update) add(c Change) {
	c.Source, c.Event = u.template.Source, u.template.Event
	u.changes = append(u.changes, c)
}

// stage returns a stage, which it adds if need be.
func (u *update) stage(arn string) *trackedStage {
	t := u.tracker
	st := t.stages[arn]
	if st == nil {
		st = &trackedStage{arn: strings.Clone(arn), sessions: map[string]*trackedSession{}}
		t.stages[st.arn] = st
		t.weigh(&st.weight, st.weighs())
	}
	return st
}

// session changes what is known of a session, which it adds if need be.
func (u *update) session(stageARN, id string, change func(*trackedStage, *trackedSession)) (*trackedStage, *trackedSession) {
	t, st := u.tracker, u.stage(stageARN)
	ses := st.sessions[id]
	added := ses == nil
	if added {
		ses = &trackedSession{id: strings.Clone(id), participants: map[string]*trackedParticipant{}}
		t.stats.Sessions++
		t.weigh(&ses.weight, ses.weighs())
	}
	before := ending{}
	if !added {
		before = ses.ending(st, st.newest())
	}
	began, ran, newest := ses.begins(), ses.running(), st.newest()
	st.sessions[ses.id] = ses
	change(st, ses)
	st.begun.move(ses, began, ses.begins())
	st.ran.move(ses, ran, ses.running())
	if !u.watched {
		return st, ses
	}
	if from, to := newest, st.newest(); !from.Equal(to) {
		if from.After(to) { // a session began earlier than was thought
			from, to = to, from
		}
		for _, m := range st.ran[st.ran.from(from):st.ran.from(to)] {
			if m.session != ses {
				u.addEnding(st, m.session, m.session.ending(st, newest))
			}
		}
	}
	u.addEnding(st, ses, before)
	return st, ses
}

// ending is what makes a session's change one of its own.
type ending struct {
	known bool
	cause SessionEndCause
	start time.Time
}

// ending returns whether the session ended, if the newest of its stage began
// then.
func (s *trackedSession) ending(st *trackedStage, newest time.Time) ending {
	return ending{true, s.endCause(st, newest), s.read.value.start}
}

// addEnding adds a change for a session that is new, or ended, or did not after
// all.
func (u *update) addEnding(st *trackedStage, ses *trackedSession, before ending) {
	if before != ses.ending(st, st.newest()) {
		v := ses.view(st)
		u.add(Change{StageARN: st.arn, SessionID: ses.id, Session: &v})
	}
}

func (u *update) recordingEvent(sum ivsevents.Summary, s stamp, bucket, prefix string, state recordingState) ApplyResult {
	if sum.StageARN == "" || sum.SessionID == "" || sum.ParticipantID == "" {
		return ResultIgnored
	}
	key := recordingKey{sum.ParticipantID, bucket, prefix}
	// Who is recorded is there, if that is not known yet.
	u.participant(sum, false, func(*trackedParticipant) bool { return false })

	state.at = s.at
	return resultOf(u.changeRecording(u.stage(sum.StageARN), key, s.at, func(r *trackedRecording) bool {
		old := r.state.event.value
		state.code, state.reason = own(old.code, state.code), own(old.reason, state.reason)
		news := r.state.event.put(s, state)
		if state.state == ivsrealtime.ParticipantRecordingStateActive && (r.started.IsZero() || s.at.Before(r.started)) {
			r.started, news = s.at, true
		}
		return r.session.put(s, own(r.session.value, sum.SessionID)) || news
	}))
}

// changeRecording changes a recording, which it adds if need be.
func (u *update) changeRecording(st *trackedStage, key recordingKey, at time.Time, change func(*trackedRecording) bool) bool {
	r := st.recordings[key]
	var before Recording
	if r == nil {
		r = st.addRecording(recordingKey{strings.Clone(key.participantID), strings.Clone(key.bucket), strings.Clone(key.prefix)})
		u.tracker.stats.Recordings++
		u.tracker.weigh(&st.weight, st.weighs())
	} else if u.watched {
		before = r.view()
	}
	later(&r.last, at)
	news := change(r)
	u.tracker.weigh(&r.weight, r.weighs())
	if u.watched {
		if after := r.view(); before != after {
			u.add(Change{StageARN: st.arn, SessionID: after.SessionID, ParticipantID: r.participantID, Recording: &after})
		}
	}
	return news
}

func (u *update) compositionEvent(sum ivsevents.Summary, s stamp, state compositionState) ApplyResult {
	return u.composition(sum, s, func(c *trackedComposition) ApplyResult {
		old := c.state.event.value
		state.code, state.reason = own(old.code, state.code), own(old.reason, state.reason)
		return resultOf(c.state.event.put(s, state))
	})
}

func (u *update) destinationEvent(sum ivsevents.Summary, s stamp, id string, state destinationState) ApplyResult {
	if id == "" {
		return ResultIgnored
	}
	return u.composition(sum, s, func(c *trackedComposition) ApplyResult {
		d := u.destination(c, id, s.at)
		if d == nil {
			return ResultStale
		}
		old := d.state.event.value
		state.code, state.reason = own(old.code, state.code), own(old.reason, state.reason)
		return resultOf(d.state.event.put(s, state))
	})
}

// composition changes the composition that an event is about.
func (u *update) composition(sum ivsevents.Summary, s stamp, change func(*trackedComposition) ApplyResult) ApplyResult {
	if sum.CompositionARN == "" {
		return ResultIgnored
	}
	return u.changeComposition(sum.CompositionARN, sum.Time, func(c *trackedComposition) ApplyResult {
		c.composes(s, sum.StageARN)
		return change(c)
	})
}

// composes takes the stage of a composition.
func (c *trackedComposition) composes(s stamp, stageARN string) {
	if stageARN != "" {
		c.stageARN.put(s, own(c.stageARN.value, stageARN))
	}
}

// changeComposition changes a composition, which it adds if need be.
func (u *update) changeComposition(arn string, at time.Time, change func(*trackedComposition) ApplyResult) ApplyResult {
	t := u.tracker
	c := t.compositions[arn]
	var before Composition
	if c == nil {
		c = &trackedComposition{arn: strings.Clone(arn), destinations: map[string]*trackedDestination{}}
		t.compositions[c.arn] = c
	} else if u.watched {
		before = c.view()
	}
	later(&c.last, at)
	result := change(c)
	t.weigh(&c.weight, c.weighs())
	if u.watched {
		if after := c.view(); !reflect.DeepEqual(before, after) {
			u.add(Change{StageARN: after.StageARN, CompositionARN: c.arn, Composition: &after})
		}
	}
	return result
}
