package ivsrealtimetest

import "time"

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
