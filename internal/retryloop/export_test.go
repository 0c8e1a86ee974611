package retryloop

import "time"

// NewSkew returns a Skew that a success has proved to be d.
func NewSkew(d time.Duration) *Skew {
	s := new(Skew)
	s.succeeded(d)
	return s
}
