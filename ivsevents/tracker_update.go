package ivsevents

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
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
func (u *update) apply(e Event) Result {
	r, sum := rank(e), e.Summary()
	// Without a time it has no place among the others.
	if r == 0 || sum.Time.IsZero() || !isJSON(sum.Time) || !sendable(e, sum) {
		return ResultIgnored
	}
	if u.isAhead(sum.Time) {
		u.ahead = true
		return ResultIgnored
	}
	s := stamp{at: sum.Time, rank: r, id: strings.Clone(e.Meta().ID)}
	switch e := e.(type) {
	case *ParticipantPublished:
		return u.published(sum, s, e, true)
	case *ParticipantUnpublished:
		return u.published(sum, s, (*ParticipantPublished)(e), false)
	case *ParticipantPublishError:
		return u.participant(sum, true, func(p *trackedParticipant) bool {
			news := p.failure.put(s, e.ErrorCode)
			news = p.origin.event.put(s, origin{e.Replica, e.SourceStageARN, e.SourceSessionID}) || news
			return p.named(s, e.UserID) || news
		})
	case *ParticipantReplicationStart:
		return u.replicated(sum, s, e, true)
	case *ParticipantReplicationEnd:
		return u.replicated(sum, s, (*ParticipantReplicationStart)(e), false)
	case *TokenExchanged:
		return u.participant(sum, true, func(p *trackedParticipant) bool { return p.exchanged(s, e.UserID, e.NewToken) })
	case *RecordingStart:
		return u.recorded(sum, s, e.RecordingS3BucketName, e.RecordingS3KeyPrefix, recordingState{state: ivsrealtime.ParticipantRecordingStateActive})
	case *RecordingEnd:
		return u.recorded(sum, s, e.RecordingS3BucketName, e.RecordingS3KeyPrefix, recordingState{state: ivsrealtime.ParticipantRecordingStateStopped, duration: e.RecordingDuration})
	case *RecordingStartFailure:
		return u.recorded(sum, s, e.RecordingS3BucketName, e.RecordingS3KeyPrefix, recordingState{state: ivsrealtime.ParticipantRecordingStateFailed, code: e.ErrorCode, reason: e.Reason})
	case *RecordingEndFailure:
		return u.recorded(sum, s, e.RecordingS3BucketName, e.RecordingS3KeyPrefix, recordingState{state: ivsrealtime.ParticipantRecordingStateFailed, duration: e.RecordingDuration, code: e.ErrorCode, reason: e.Reason})
	case *CompositionSessionStart:
		return u.composed(sum, s, compositionState{state: ivsrealtime.CompositionStateActive, at: s.at})
	case *CompositionSessionEnd:
		return u.composed(sum, s, compositionState{state: ivsrealtime.CompositionStateStopped, at: s.at})
	case *CompositionSessionFailure:
		return u.composed(sum, s, compositionState{state: ivsrealtime.CompositionStateFailed, at: s.at, code: e.ErrorCode, reason: e.Reason})
	case *CompositionDestinationStart:
		return u.sent(sum, s, e.DestinationID, destinationState{state: ivsrealtime.DestinationStateActive, at: s.at})
	case *CompositionDestinationReconnecting:
		return u.sent(sum, s, e.DestinationID, destinationState{state: ivsrealtime.DestinationStateReconnecting, at: s.at})
	case *CompositionDestinationEnd:
		return u.sent(sum, s, e.DestinationID, destinationState{state: ivsrealtime.DestinationStateStopped, at: s.at})
	case *CompositionDestinationFailure:
		return u.sent(sum, s, e.DestinationID, destinationState{state: ivsrealtime.DestinationStateFailed, at: s.at, code: e.ErrorCode, reason: e.Reason})
	}
	return ResultIgnored
}

func (u *update) published(sum Summary, s stamp, e *ParticipantPublished, on bool) Result {
	return u.participant(sum, true, func(p *trackedParticipant) bool {
		news := p.publish.event.put(s, publishing{on, s.at})
		news = p.origin.event.put(s, origin{e.Replica, e.SourceStageARN, e.SourceSessionID}) || news
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

func (u *update) replicated(sum Summary, s stamp, e *ParticipantReplicationStart, on bool) Result {
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

// named takes the user ID of an event. Without one in the event the user has
// none, or the event is an old one.
func (p *trackedParticipant) named(s stamp, userID string) bool {
	return userID != "" && p.userID.event.put(s, own(p.userID.event.value, userID))
}

// exchanged takes what a new token gives.
func (p *trackedParticipant) exchanged(s stamp, userID string, token ivsrealtime.ExchangedParticipantToken) bool {
	news := p.newUserID.put(s, own(p.newUserID.value, userID))
	if p.attributes.event.put(s, token.Attributes) {
		p.attributes.event.value, news = maps.Clone(token.Attributes), true
	}
	if p.capabilities.event.put(s, token.Capabilities) {
		p.capabilities.event.value, news = slices.Clone(token.Capabilities), true
	}
	return news
}

func resultOf(news bool) Result {
	if news {
		return ResultApplied
	}
	return ResultSuperseded
}

// admits reports whether something about what is not known may be taken in.
func (u *update) admits(at, floor time.Time) bool {
	return at.After(floor) && u.now.Sub(at) <= u.tracker.options.Retention
}

// admitsParticipant reports whether an event about a participant may be taken in.
func (u *update) admitsParticipant(sum Summary) bool {
	floor := u.tracker.sessionFloor
	if st := u.tracker.stages[sum.StageARN]; st != nil && st.sessions[sum.SessionID] != nil {
		ses := st.sessions[sum.SessionID]
		if ses.participants[sum.ParticipantID] != nil {
			return true
		}
		floor = ses.participantFloor
	}
	return u.admits(sum.Time, floor)
}

// participant changes the participant that an event is about. present says that
// the event shows the participant to be there.
func (u *update) participant(sum Summary, present bool, change func(*trackedParticipant) bool) Result {
	if sum.StageARN == "" || sum.SessionID == "" || sum.ParticipantID == "" {
		return ResultIgnored
	}
	if !u.admitsParticipant(sum) {
		return ResultStale
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
	var before ParticipantState
	var end time.Time
	if u.watched {
		_, end = ses.end(st)
	}
	if p == nil {
		p = &trackedParticipant{id: id, replicationFloor: ses.participantFloor}
		ses.participants[id] = p
		u.tracker.sizes.participants++
	} else if u.watched {
		before = p.view(end)
	}
	later(&p.last, at)
	news := change(p)
	if u.watched {
		if after := p.view(end); !reflect.DeepEqual(before, after) {
			u.add(Change{StageARN: st.arn, SessionID: ses.id, ParticipantID: id, Participant: &after})
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
		st = &trackedStage{arn: arn, sessions: map[string]*trackedSession{}, recordings: map[recordingKey]*trackedRecording{}, recordingFloor: t.sessionFloor}
		t.stages[arn] = st
	}
	return st
}

// session changes what is known of a session, which it adds if need be.
func (u *update) session(stageARN, id string, change func(*trackedStage, *trackedSession)) (*trackedStage, *trackedSession) {
	t, st := u.tracker, u.stage(stageARN)
	ses := st.sessions[id]
	added := ses == nil
	if added {
		ses = &trackedSession{id: id, participants: map[string]*trackedParticipant{}, participantFloor: t.sessionFloor}
		t.sizes.sessions++
	}
	before := ending{}
	if !added {
		before = ses.ending(st, st.newest())
	}
	began, ran, newest := ses.begins(), ses.running(), st.newest()
	st.sessions[id] = ses
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

func (u *update) recorded(sum Summary, s stamp, bucket, prefix string, state recordingState) Result {
	if sum.StageARN == "" || sum.SessionID == "" || sum.ParticipantID == "" {
		return ResultIgnored
	}
	floor := u.tracker.sessionFloor
	key := recordingKey{sum.ParticipantID, bucket, prefix}
	st := u.tracker.stages[sum.StageARN]
	if st != nil {
		floor = st.recordingFloor
	}
	if known := st != nil && st.recordings[key] != nil; !known && !u.admits(sum.Time, floor) {
		return ResultStale
	}
	// Who is recorded is there, if that is not known yet. It may have been dropped,
	// though, before its recording.
	u.participant(sum, false, func(*trackedParticipant) bool { return false })

	state.at = s.at
	return resultOf(u.changeRecording(u.stage(sum.StageARN), key, s.at, func(r *trackedRecording) bool {
		news := r.state.event.put(s, state)
		if state.state == ivsrealtime.ParticipantRecordingStateActive && (r.started.IsZero() || s.at.Before(r.started)) {
			r.started, news = s.at, true
		}
		return r.session.put(s, sum.SessionID) || news
	}))
}

// changeRecording changes a recording, which it adds if need be.
func (u *update) changeRecording(st *trackedStage, key recordingKey, at time.Time, change func(*trackedRecording) bool) bool {
	r := st.recordings[key]
	var before RecordingState
	if r == nil {
		r = &trackedRecording{recordingKey: key}
		st.recordings[key] = r
		u.tracker.sizes.recordings++
	} else if u.watched {
		before = r.view()
	}
	later(&r.last, at)
	news := change(r)
	if u.watched {
		if after := r.view(); before != after {
			u.add(Change{StageARN: st.arn, SessionID: after.SessionID, ParticipantID: key.participantID, Recording: &after})
		}
	}
	return news
}

func (u *update) composed(sum Summary, s stamp, state compositionState) Result {
	return u.composition(sum, func(c *trackedComposition) Result { return resultOf(c.state.event.put(s, state)) })
}

func (u *update) sent(sum Summary, s stamp, id string, state destinationState) Result {
	if id == "" {
		return ResultIgnored
	}
	return u.composition(sum, func(c *trackedComposition) Result {
		d := u.destination(c, id, s.at)
		if d == nil {
			return ResultStale
		}
		return resultOf(d.state.event.put(s, state))
	})
}

// composition changes the composition that an event is about.
func (u *update) composition(sum Summary, change func(*trackedComposition) Result) Result {
	if sum.CompositionARN == "" {
		return ResultIgnored
	}
	if u.tracker.compositions[sum.CompositionARN] == nil && !u.admits(sum.Time, u.tracker.compositionFloor) {
		return ResultStale
	}
	return u.changeComposition(sum.CompositionARN, sum.StageARN, sum.Time, change)
}

// changeComposition changes a composition, which it adds if need be.
func (u *update) changeComposition(arn, stageARN string, at time.Time, change func(*trackedComposition) Result) Result {
	t := u.tracker
	c := t.compositions[arn]
	var before CompositionState
	if c == nil {
		c = &trackedComposition{arn: arn, destinations: map[string]*trackedDestination{}, destinationFloor: t.compositionFloor}
		t.compositions[arn] = c
	} else if u.watched {
		before = c.view()
	}
	if c.stageARN == "" {
		c.stageARN = stageARN
	}
	later(&c.last, at)
	result := change(c)
	if u.watched {
		if after := c.view(); !reflect.DeepEqual(before, after) {
			u.add(Change{StageARN: c.stageARN, CompositionARN: arn, Composition: &after})
		}
	}
	return result
}
