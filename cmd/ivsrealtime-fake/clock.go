package main

import (
	"sync"
	"time"
)

// clock is the time of the machine, moved forward by what was asked for. A Tracker
// that receives the events needs the same time, or ivstracker.Options.MaxAhead of -1.
type clock struct {
	mu     sync.Mutex
	ahead  time.Duration
	timers map[*timer]struct{}
}

// timer is a call that waits for its time.
type timer struct {
	due  time.Time // by the clock
	real *time.Timer
}

// Now returns the clock's time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *clock) now() time.Time { return time.Now().Add(c.ahead) }

// AfterFunc calls f once the clock has gone on by d.
func (c *clock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{due: c.now().Add(d)}
	t.real = time.AfterFunc(d, func() {
		c.mu.Lock()
		delete(c.timers, t)
		c.mu.Unlock()
		f()
	})
	if c.timers == nil {
		c.timers = map[*timer]struct{}{}
	}
	c.timers[t] = struct{}{}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.timers, t)
		return t.real.Stop()
	}
}

// maxAhead is how far the clock can be ahead of the machine's. A time.Duration ends
// at 292 years, and what the fake adds to its time must fit, too.
const maxAhead = 100 * 365 * 24 * time.Hour

// advance moves the clock forward. What is due then happens at once, in
// goroutines of its own. It does nothing, and reports false, if the clock would be
// more than maxAhead ahead.
func (c *clock) advance(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d > maxAhead-c.ahead {
		return false
	}
	c.ahead += d
	for t := range c.timers {
		if t.real.Stop() { // else it is under way
			t.real.Reset(max(0, t.due.Sub(c.now())))
		}
	}
	return true
}
