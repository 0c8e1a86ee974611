package retryloop

import (
	"sync/atomic"
	"time"
)

// Skew is the service's clock minus ours, shared by the calls of a client. The zero
// value is none.
//
// It is learnt from nothing but an error that a wrong clock can cause: the Date of
// any other response may be that of a proxy. What was learnt holds until an attempt
// signed with it fails with such an error again, and for good once one succeeds.
type Skew struct{ state atomic.Pointer[skewState] }

type skewState struct {
	value    time.Duration
	learnt   bool // and no success has proved it yet
	previous time.Duration
}

func (s *Skew) load() (*skewState, skewState) {
	if st := s.state.Load(); st != nil {
		return st, *st
	}
	return nil, skewState{}
}

// Value returns the skew to sign with.
func (s *Skew) Value() time.Duration {
	_, st := s.load()
	return st.value
}

// succeeded notes that the service accepted a request signed with used.
func (s *Skew) succeeded(used time.Duration) {
	if p, st := s.load(); st.value != used || st.learnt {
		s.state.CompareAndSwap(p, &skewState{value: used})
	}
}

// failed notes that a request signed with used failed with an error that a wrong
// clock can cause. seen is what the response says the skew is, if far says that
// it is far from used. Calls that run at the same time learn once: the first one's.
func (s *Skew) failed(used, seen time.Duration, far bool) {
	switch p, st := s.load(); {
	case st.value != used:
	case st.learnt:
		s.state.CompareAndSwap(p, &skewState{value: st.previous})
	case far:
		s.state.CompareAndSwap(p, &skewState{value: seen, learnt: true, previous: used})
	}
}
