package ivstracker

import (
	"iter"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
)

// What a Tracker keeps of a participant and of a composition, the latest. The quotas
// are 5 replications and 2 destinations at a time.
const (
	maxReplications = 64
	maxDestinations = 16
)

// What entries weigh: the memory that they take, estimated so that it is hardly ever
// more. A map has eight slots at first; later a slot counts as if the map were as
// empty as growing leaves it.
var (
	mapWeight         = 320
	slotWeight        = 64
	stageWeight       = sizeOf[trackedStage]() + slotWeight + mapWeight
	sessionWeight     = sizeOf[trackedSession]() + slotWeight + mapWeight + 4*sizeOf[moment]()
	participantWeight = sizeOf[trackedParticipant]() + slotWeight
	replicationWeight = sizeOf[trackedReplication]() + 2*slotWeight
	recordingWeight   = sizeOf[trackedRecording]() + 4*slotWeight
	compositionWeight = sizeOf[trackedComposition]() + slotWeight + mapWeight
	destinationWeight = sizeOf[trackedDestination]() + slotWeight
)

// sizeOf returns what a T takes. Memory comes in sizes that are up to an eighth apart.
func sizeOf[T any]() int { return int(reflect.TypeFor[T]().Size()) * 9 / 8 }

// weigh notes what an entry weighs now.
func (t *Tracker) weigh(weight *int, now int) {
	t.stats.Bytes += now - *weight
	*weight = now
}

func textWeight[T ~string](texts ...T) int {
	n := 0
	for _, text := range texts {
		if len(text) > 0 {
			n += len(text) + 8 // memory comes in steps
		}
	}
	return n
}

func attributesWeight(attributes map[string]string) int {
	if attributes == nil {
		return 0
	}
	n := mapWeight
	for k, v := range attributes {
		n += textWeight(k, v) + 2*slotWeight
	}
	return n
}

func capabilitiesWeight(capabilities []ivsrealtime.ParticipantTokenCapability) int {
	return textWeight(capabilities...) + 16*len(capabilities)
}

func (st *trackedStage) weighs() int {
	n := stageWeight + textWeight(st.arn, st.read.value.name)
	if st.recordings != nil {
		n += 2 * mapWeight
	}
	return n
}

func (s *trackedSession) weighs() int { return sessionWeight + textWeight(s.id) }

func (p *trackedParticipant) weighs() int {
	n := participantWeight + textWeight(p.id, string(p.failure.value), p.userID.event.value, p.userID.read.value, p.newUserID.value)
	n += textWeight(p.publish.event.stamp.id, p.failure.stamp.id, p.origin.event.stamp.id, p.userID.event.stamp.id, p.newUserID.stamp.id)
	n += textWeight(p.origin.event.value.stageARN, p.origin.event.value.sessionID, p.origin.read.value.stageARN, p.origin.read.value.sessionID)
	n += attributesWeight(p.attributes.event.value) + attributesWeight(p.attributes.read.value)
	n += capabilitiesWeight(p.capabilities.event.value) + capabilitiesWeight(p.capabilities.read.value)
	if p.replications != nil {
		n += mapWeight
	}
	for key, r := range p.replications {
		n += replicationWeight + textWeight(key.stageARN, key.sessionID, r.active.event.stamp.id)
	}
	return n
}

func (r *trackedRecording) weighs() int {
	is := &r.state.event
	return recordingWeight + textWeight(r.participantID, r.bucket, r.prefix, r.session.value, r.session.stamp.id, is.stamp.id, string(is.value.code), is.value.reason)
}

func (c *trackedComposition) weighs() int {
	is := &c.state.event
	n := compositionWeight + textWeight(c.arn, c.stageARN.value, c.stageARN.stamp.id, is.stamp.id, string(is.value.code), is.value.reason)
	for id, d := range c.destinations {
		is := &d.state.event
		n += destinationWeight + textWeight(id, is.stamp.id, string(is.value.code), is.value.reason)
	}
	return n
}

// entry is something that can be dropped: a participant, a recording, a composition,
// or a session or stage that has none of them.
type entry struct {
	live        bool      // goes last
	last        time.Time // when it was last heard of
	stage       *trackedStage
	session     *trackedSession
	participant *trackedParticipant
	recording   *trackedRecording
	composition *trackedComposition
}

// entries goes through all that can be dropped, and what is in something before that,
// so that it may be dropped on the way.
func (t *Tracker) entries() iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for _, st := range t.stages {
			for _, ses := range st.sessions {
				running := ses.endCause(st, st.newest()) == ""
				for _, p := range ses.participants {
					if !yield(entry{live: running && p.publishes(), last: p.last, stage: st, session: ses, participant: p}) {
						return
					}
				}
				if len(ses.participants) == 0 && !yield(entry{last: ses.fresh, stage: st, session: ses}) {
					return
				}
			}
			for _, r := range st.recordings {
				if !yield(entry{live: !r.over(), last: r.last, stage: st, recording: r}) {
					return
				}
			}
			if len(st.sessions)+len(st.recordings) == 0 && !yield(entry{last: st.read.stamp.at, stage: st}) {
				return
			}
		}
		for _, c := range t.compositions {
			if !yield(entry{live: !c.over(), last: c.last, composition: c}) {
				return
			}
		}
	}
}

// drop drops an entry.
func (t *Tracker) drop(e entry) {
	st := e.stage
	switch {
	case e.participant != nil:
		delete(e.session.participants, e.participant.id)
		t.stats.Participants--
		t.weigh(&e.participant.weight, 0)
	case e.session != nil:
		later(&st.dropped, e.session.begins())
		delete(st.sessions, e.session.id)
		e.session.gone, st.thinned = true, true
		t.stats.Sessions--
		t.weigh(&e.session.weight, 0)
	case e.recording != nil:
		id := e.recording.participantID
		delete(st.recordings, e.recording.recordingKey)
		st.recorded[id] = slices.DeleteFunc(st.recorded[id], func(r *trackedRecording) bool { return r == e.recording })
		if len(st.recorded[id]) == 0 {
			delete(st.recorded, id)
		}
		t.stats.Recordings--
		t.weigh(&e.recording.weight, 0)
	case e.composition != nil:
		delete(t.compositions, e.composition.arn)
		t.weigh(&e.composition.weight, 0)
	default:
		delete(t.stages, st.arn)
		t.weigh(&st.weight, 0)
	}
}

// thin takes sessions that were dropped out of the order of their stages.
func (t *Tracker) thin() {
	gone := func(m moment) bool { return m.session.gone }
	for _, st := range t.stages {
		if st.thinned {
			st.begun, st.ran, st.thinned = slices.DeleteFunc(st.begun, gone), slices.DeleteFunc(st.ran, gone), false
		}
	}
}

// sweep drops what is too old. Nothing that was told of it can come back, since an
// event of that age is stale.
func (t *Tracker) sweep(now time.Time) {
	t.swept = now
	for e := range t.entries() {
		if age := now.Sub(e.last); age > t.options.Retention && !(e.live && age <= maxDuration) {
			t.drop(e)
		}
	}
	t.thin()
}

// evict keeps within MaxBytes. It drops an eighth more than is necessary, so that it
// seldom is: what is not live before what is, the one heard of longest ago first.
func (t *Tracker) evict() {
	if t.stats.Bytes <= t.options.MaxBytes {
		return
	}
	for target := t.options.MaxBytes - t.options.MaxBytes/8; t.stats.Bytes > target; {
		all := slices.SortedFunc(t.entries(), func(a, b entry) int {
			if a.live != b.live {
				if b.live {
					return -1
				}
				return 1
			}
			return a.last.Compare(b.last)
		})
		for _, e := range all {
			if t.stats.Bytes <= target {
				break
			}
			t.drop(e)
			t.stats.Evicted++
		}
	}
	t.thin()
}

// replication returns one of p's replications, which it adds if need be; nil if it is
// none of the latest.
func (u *update) replication(p *trackedParticipant, key replicationKey, at time.Time) *trackedReplication {
	r := p.replications[key]
	if r == nil {
		if p.replications == nil {
			p.replications = map[replicationKey]*trackedReplication{}
		}
		r = &trackedReplication{}
		p.replications[key.own()] = r
	}
	later(&r.last, at)
	if len(p.replications) > maxReplications {
		oldest, age := key, r.last
		for other, r := range p.replications {
			if c := r.last.Compare(age); c < 0 || c == 0 && other.compare(oldest) < 0 {
				oldest, age = other, r.last
			}
		}
		delete(p.replications, oldest)
		if oldest == key {
			return nil
		}
	}
	return r
}

// destination returns one of c's destinations as replication does.
func (u *update) destination(c *trackedComposition, id string, at time.Time) *trackedDestination {
	d := c.destinations[id]
	if d == nil {
		d = &trackedDestination{id: strings.Clone(id)}
		c.destinations[d.id] = d
	}
	later(&d.last, at)
	if len(c.destinations) > maxDestinations {
		oldest := d
		for _, other := range c.destinations {
			if c := other.last.Compare(oldest.last); c < 0 || c == 0 && other.id < oldest.id {
				oldest = other
			}
		}
		delete(c.destinations, oldest.id)
		if oldest == d {
			return nil
		}
	}
	return d
}
