package ivstracker

import "time"

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
