// Package rules compares what this library does with what an official client
// does, allowing only for differences of a list.
package rules

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// Difference is one way in which this library differs by choice. A case is of
// type C, what a client did in it of type O.
type Difference[C, O any] struct {
	// Since is when it was listed.
	Since string
	// What differs, and Why.
	What, Why string
	// Ours turns what the official client did into what this library has to do
	// instead, and returns the rest as it is.
	Ours func(c C, official O) O
}

// Comparison is a comparison under way. Each case has to be equal once all
// differences are applied, so that one that is gone fails as one that is new
// does; and each difference has to apply in some case.
type Comparison[C, O any] struct {
	t    testing.TB
	row  tally.Row
	list []Difference[C, O]
	used []int
}

// Compare begins a comparison. Area, What and With of row are to be filled in.
func Compare[C, O any](t testing.TB, row tally.Row, list []Difference[C, O]) *Comparison[C, O] {
	return &Comparison[C, O]{t: t, row: row, list: list, used: make([]int, len(list))}
}

// maxReported is how many failures are written out: after a few more, more
// only hide the first.
const maxReported = 10

// Case compares one case.
func (c *Comparison[C, O]) Case(name string, in C, official, ours O) {
	c.t.Helper()
	c.row.Cases++
	want, listed := official, ""
	for i, d := range c.list {
		if next := d.Ours(in, want); !assert.ObjectsAreEqual(want, next) {
			want = next
			c.used[i]++
			listed += "\n  " + d.What
		}
	}
	switch {
	case !assert.ObjectsAreEqual(want, ours):
		c.row.Differences++
		if c.row.Differences > maxReported {
			return
		}
		if listed == "" {
			listed = ": nothing"
		}
		c.t.Errorf("%s: a difference that is not listed, or one that is and no longer exists\n\tofficial %+v\n\twanted   %+v\n\tours     %+v\n\tlisted%s",
			name, official, want, ours, listed)
	case listed != "":
		c.row.Listed++
	}
}

// Done ends the comparison and records it.
func (c *Comparison[C, O]) Done() {
	c.t.Helper()
	for i, n := range c.used {
		if n == 0 {
			c.t.Errorf("%s: listed, but no case shows it: %s", c.row.What, c.list[i].What)
		}
		c.t.Logf("%d times: %s (%s): %s", n, c.list[i].What, c.list[i].Since, c.list[i].Why)
	}
	tally.Record(c.t, c.row)
}
