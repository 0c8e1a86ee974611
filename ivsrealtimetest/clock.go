package ivsrealtimetest

import "time"

// Clock is the time of a Server. Its methods may be called concurrently.
type Clock interface {
	// Now returns the current time.
	Now() time.Time

	// AfterFunc arranges for f to be called once d has passed. stop cancels the
	// call, and reports whether it was in time to do so. Nothing that this version
	// models happens by itself, so it is not called yet.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// systemClock is package time, which testing/synctest takes over.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, f).Stop
}
