package ivsevents

import (
	"context"
	"sync"
	"time"
)

// Deduplicator remembers which events were seen. EventBridge delivers an event
// again under the same ID.
//
// A Deduplicator that several instances share, in a database for instance, tells
// all but one of them that an event is a repetition. It marks an event before
// anybody has worked on it, so what depends on it happens at most once: if the
// instance that was first then fails, no other makes up for it. Where each event
// must be worked on at least once, do not use it; make the work idempotent.
// It is called concurrently.
type Deduplicator interface {
	// FirstSeen marks an event as seen and reports whether that is the first time.
	// It must do both in one step, like an insert into a table with a unique key.
	FirstSeen(ctx context.Context, eventID string) (bool, error)
}

// MemoryOptions configure a MemoryDeduplicator.
type MemoryOptions struct {
	// Retention is how long an ID is remembered: 24 hours. EventBridge may deliver
	// an event some hours late.
	Retention time.Duration

	// MaxIDs is the most IDs that are remembered: 100,000, which take some 20 MB.
	// Beyond that the one seen first is forgotten.
	MaxIDs int

	// Now is the clock: time.Now.
	Now func() time.Time
}

// MemoryDeduplicator is a Deduplicator for a single process. It is safe for
// concurrent use.
type MemoryDeduplicator struct {
	options MemoryOptions

	mu    sync.Mutex
	seen  map[string]struct{}
	queue []seenID // in the order seen
	head  int      // the oldest that still counts
}

type seenID struct {
	id string
	at time.Time
}

// NewMemoryDeduplicator returns a MemoryDeduplicator that has seen nothing.
func NewMemoryDeduplicator(optFns ...func(*MemoryOptions)) *MemoryDeduplicator {
	o := MemoryOptions{Retention: defaultRetention, MaxIDs: 100_000, Now: time.Now}
	for _, fn := range optFns {
		fn(&o)
	}
	return &MemoryDeduplicator{options: o, seen: map[string]struct{}{}}
}

// FirstSeen implements Deduplicator. It never fails.
func (d *MemoryDeduplicator) FirstSeen(_ context.Context, eventID string) (bool, error) {
	now := d.options.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.head < len(d.queue) && now.Sub(d.queue[d.head].at) > d.options.Retention {
		d.forget()
	}
	if _, ok := d.seen[eventID]; ok {
		return false, nil
	}
	for d.head < len(d.queue) && len(d.seen) >= d.options.MaxIDs {
		d.forget()
	}
	d.seen[eventID] = struct{}{}
	d.queue = append(d.queue, seenID{eventID, now})
	return true, nil
}

// forget forgets the oldest ID.
func (d *MemoryDeduplicator) forget() {
	delete(d.seen, d.queue[d.head].id)
	d.queue[d.head] = seenID{}
	if d.head++; 2*d.head >= len(d.queue) { // half of it is waste
		d.queue = d.queue[:copy(d.queue, d.queue[d.head:])]
		d.head = 0
	}
}
