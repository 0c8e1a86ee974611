package ivsevents

import (
	"slices"
	"time"
)

// What a Tracker keeps of a participant and of a composition. The quotas are 5
// replications and 2 destinations at a time.
const (
	maxReplications = 16
	maxDestinations = 16
)

// entry is something that can be dropped.
type entry struct {
	live bool      // goes last
	last time.Time // when it was last heard of: the earlier the sooner it goes
	told time.Time // what events up to then told of it is lost
	drop func()
}

// surplus drops what is too much, and an eighth more so that it is seldom
// necessary. What is not live goes first, that heard of longest ago before all. It
// raises floor, if there is one, to the time up to which events may be about what
// was dropped.
func surplus(entries []entry, most int, floor *time.Time, now time.Time) {
	slices.SortFunc(entries, func(a, b entry) int {
		if a.live != b.live {
			if b.live {
				return -1
			}
			return 1
		}
		return a.last.Compare(b.last)
	})
	for _, e := range entries[:len(entries)-(most-most/8)] {
		e.drop()
		if floor != nil {
			raise(floor, e.told, now)
		}
	}
}

// raise raises a floor, not beyond now: one odd event from the future would make
// all that comes stale.
func raise(floor *time.Time, to, now time.Time) {
	if to.After(now) {
		to = now
	}
	later(floor, to)
}

// limit keeps the Tracker within MaxEntries.
func (t *Tracker) limit(now time.Time) {
	most := t.options.MaxEntries
	if t.sizes.sessions > most {
		var all []entry
		for _, st := range t.stages {
			for _, ses := range st.sessions {
				all = append(all, entry{t.live(st, ses), ses.fresh, ses.told(), func() { t.dropSession(st, ses) }})
			}
		}
		surplus(all, most, &t.sessionFloor, now)
	}
	if t.sizes.participants > most {
		var all []entry
		for _, st := range t.stages {
			for _, ses := range st.sessions {
				for _, p := range ses.participants {
					all = append(all, entry{t.publishes(st, ses, p), p.last, p.last, func() { t.dropParticipant(ses, p, now) }})
				}
			}
		}
		surplus(all, most, nil, now)
	}
	if t.sizes.recordings > most {
		var all []entry
		for _, st := range t.stages {
			for _, r := range st.recordings {
				all = append(all, entry{!r.over(), r.last, r.last, func() { t.dropRecording(st, r, now) }})
			}
		}
		surplus(all, most, nil, now)
	}
	if len(t.compositions) > most {
		var all []entry
		for _, c := range t.compositions {
			all = append(all, entry{!c.over(), c.last, c.last, func() { delete(t.compositions, c.arn) }})
		}
		surplus(all, most, &t.compositionFloor, now)
	}
	if len(t.stages) > most {
		var all []entry
		for _, st := range t.stages {
			all = append(all, entry{len(st.sessions) > 0, st.fresh(), st.told(), func() { t.dropStage(st) }})
		}
		surplus(all, most, &t.sessionFloor, now)
	}
}

// sweep drops what is too old.
func (t *Tracker) sweep(now time.Time) {
	t.swept = now
	old := func(last time.Time, live bool) bool {
		age := now.Sub(last)
		return age > t.options.Retention && !(live && age <= maxDuration)
	}
	for _, st := range t.stages {
		for _, ses := range st.sessions {
			if old(ses.fresh, t.live(st, ses)) {
				t.dropSession(st, ses)
				continue
			}
			for _, p := range ses.participants {
				if old(p.last, t.publishes(st, ses, p)) {
					t.dropParticipant(ses, p, now)
				}
			}
		}
		for _, r := range st.recordings {
			if old(r.last, !r.over()) {
				t.dropRecording(st, r, now)
			}
		}
		if len(st.sessions) == 0 && len(st.recordings) == 0 && old(st.read.stamp.at, false) {
			delete(t.stages, st.arn)
		}
	}
	for _, c := range t.compositions {
		if old(c.last, !c.over()) {
			delete(t.compositions, c.arn)
		}
	}
}

// publishes reports whether a participant publishes, or may.
func (t *Tracker) publishes(st *trackedStage, ses *trackedSession, p *trackedParticipant) bool {
	return ses.endCause(st, st.newest()) == "" && p.publishes()
}

// live reports whether somebody publishes in a session, or may.
func (t *Tracker) live(st *trackedStage, ses *trackedSession) bool {
	for _, p := range ses.participants {
		if t.publishes(st, ses, p) {
			return true
		}
	}
	return false
}

func (t *Tracker) dropParticipant(ses *trackedSession, p *trackedParticipant, now time.Time) {
	delete(ses.participants, p.id)
	t.sizes.participants--
	raise(&ses.participantFloor, p.last, now)
}

func (t *Tracker) dropSession(st *trackedStage, ses *trackedSession) {
	later(&st.dropped, ses.begins())
	st.begun.move(ses, ses.begins(), time.Time{})
	st.ran.move(ses, ses.running(), time.Time{})
	delete(st.sessions, ses.id)
	t.sizes.sessions--
	t.sizes.participants -= len(ses.participants)
}

func (t *Tracker) dropRecording(st *trackedStage, r *trackedRecording, now time.Time) {
	delete(st.recordings, r.recordingKey)
	t.sizes.recordings--
	raise(&st.recordingFloor, r.last, now)
}

func (t *Tracker) dropStage(st *trackedStage) {
	for _, ses := range st.sessions {
		t.dropSession(st, ses)
	}
	t.sizes.recordings -= len(st.recordings)
	delete(t.stages, st.arn)
}

// fresh is when something was last heard of the stage.
func (st *trackedStage) fresh() time.Time {
	t := st.read.stamp.at
	for _, ses := range st.sessions {
		later(&t, ses.fresh)
	}
	for _, r := range st.recordings {
		later(&t, r.last)
	}
	return t
}

// told is up to when events told of the session. The moment of an answer of the API
// does not count: there may be events about others until then that are still to
// come.
func (s *trackedSession) told() time.Time {
	t := s.last
	later(&t, s.read.value.end)
	return t
}

func (st *trackedStage) told() (t time.Time) {
	for _, ses := range st.sessions {
		later(&t, ses.told())
	}
	for _, r := range st.recordings {
		later(&t, r.last)
	}
	return t
}

// replication returns one of p's replications, which it adds if need be; nil if
// what happened at that time is too old for that.
func (u *update) replication(p *trackedParticipant, key replicationKey, at time.Time) *trackedReplication {
	r := p.replications[key]
	if r == nil {
		if !u.admits(at, p.replicationFloor) {
			return nil
		}
		if p.replications == nil {
			p.replications = map[replicationKey]*trackedReplication{}
		}
		r = &trackedReplication{}
		p.replications[key] = r
	}
	later(&r.last, at)
	if len(p.replications) > maxReplications {
		var all []entry
		for key, r := range p.replications {
			now, _ := r.active.now(samePublishing)
			all = append(all, entry{now.on, r.last, r.last, func() { delete(p.replications, key) }})
		}
		surplus(all, maxReplications, &p.replicationFloor, u.now)
	}
	return r
}

// destination returns one of c's destinations, which it adds if need be; nil if
// what happened at that time is too old for that.
func (u *update) destination(c *trackedComposition, id string, at time.Time) *trackedDestination {
	d := c.destinations[id]
	if d == nil {
		if !u.admits(at, c.destinationFloor) {
			return nil
		}
		d = &trackedDestination{id: id}
		c.destinations[id] = d
	}
	later(&d.last, at)
	if len(c.destinations) > maxDestinations {
		var all []entry
		for id, d := range c.destinations {
			s, _ := d.state.now(sameDestination)
			all = append(all, entry{!s.over(), d.last, d.last, func() { delete(c.destinations, id) }})
		}
		surplus(all, maxDestinations, &c.destinationFloor, u.now)
	}
	return d
}
