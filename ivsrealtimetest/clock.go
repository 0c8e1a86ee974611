package ivsrealtimetest

import (
	"slices"
	"sync"
	"time"
)

// Clock is the time of a Server. Its methods may be called concurrently.
type Clock interface {
	// Now returns the current time.
	Now() time.Time

	// AfterFunc arranges for f to be called once d has passed. stop cancels the
	// call, and reports whether it was in time to do so.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// systemClock is package time, which testing/synctest takes over.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, f).Stop
}

// ManualClock is a Clock that stands still until Advance moves it. Its methods may be
// called concurrently. The zero value starts at the zero time.
//
// A client signs requests with the time of the machine. With a clock that is more
// than 5 minutes off, set Options.SkipSignatureCheck.
type ManualClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*manualTimer // the earliest first; of the same time, the first that was set
}

type manualTimer struct {
	due time.Time
	f   func()
}

// NewManualClock returns a clock that stands at start.
func NewManualClock(start time.Time) *ManualClock { return &ManualClock{now: start} }

// Now returns the time that the clock stands at.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc arranges for Advance to call f once d has passed. It never calls f
// itself, even if d is 0 or negative.
func (c *ManualClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &manualTimer{c.now.Add(d), f}
	i, _ := slices.BinarySearchFunc(c.timers, t, func(other, t *manualTimer) int {
		if other.due.After(t.due) {
			return 1
		}
		return -1 // also for an equal time: after those that are there
	})
	c.timers = slices.Insert(c.timers, i, t)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		i := slices.Index(c.timers, t)
		if i < 0 {
			return false
		}
		c.timers = slices.Delete(c.timers, i, i+1)
		return true
	}
}

// Advance moves the clock forward by d. It calls what is due on the way, one function
// after the other, in the order of their times and with the clock at these times,
// before it returns. What these functions arrange is called too if it is due. A
// negative d counts as 0.
func (c *ManualClock) Advance(d time.Duration) {
	end := c.Now().Add(max(d, 0))
	for {
		c.mu.Lock()
		if len(c.timers) == 0 || c.timers[0].due.After(end) {
			if end.After(c.now) { // another call may have gone further
				c.now = end
			}
			c.mu.Unlock()
			return
		}
		t := c.timers[0]
		c.timers = slices.Delete(c.timers, 0, 1)
		if t.due.After(c.now) {
			c.now = t.due
		}
		c.mu.Unlock()
		t.f()
	}
}

// now is the server's time as the API shows it: to the millisecond.
func (s *Server) now() time.Time { return s.options.Clock.Now().UTC().Truncate(time.Millisecond) }

// after runs f with the server's lock held once d has passed.
func (s *Server) after(d time.Duration, f func()) (stop func() bool) {
	return s.options.Clock.AfterFunc(d, func() {
		s.mu.Lock()
		defer s.unlock()
		f()
	})
}
