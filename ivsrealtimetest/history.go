package ivsrealtimetest

import (
	"slices"
	"sync"
)

// history keeps calls and events for Calls and Events. When there are more than
// the limits allow it forgets the oldest.
type history struct {
	maxCalls int
	maxBytes int // of calls and events together; 0 for no limit

	mu     sync.Mutex
	calls  queue[recordedCall]
	events queue[[]byte]
	bytes  int
	last   uint64 // sequence number
}

// entry is something that is kept.
type entry[T any] struct {
	value T
	seq   uint64 // later entries, of either kind, have greater ones
	size  int    // about how many bytes it takes
}

func (h *history) addCall(c recordedCall) {
	h.mu.Lock()
	defer h.mu.Unlock()
	add(h, &h.calls, c, c.size())
	for h.calls.len() > h.maxCalls {
		forget(h, &h.calls)
	}
}

func (h *history) addEvent(e []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	const overhead = 64
	add(h, &h.events, e, cap(e)+overhead)
}

func add[T any](h *history, q *queue[T], value T, size int) {
	h.last++
	q.push(entry[T]{value, h.last, size})
	h.bytes += size
	for h.maxBytes > 0 && h.bytes > h.maxBytes {
		if h.events.len() == 0 || h.calls.len() > 0 && h.calls.first().seq < h.events.first().seq {
			forget(h, &h.calls)
		} else {
			forget(h, &h.events)
		}
	}
}

func forget[T any](h *history, q *queue[T]) { h.bytes -= q.pop().size }

// allCalls returns the calls that are kept, oldest first.
func (h *history) allCalls() []recordedCall {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.calls.values()
}

// allEvents returns copies of the events that are kept, oldest first.
func (h *history) allEvents() [][]byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	events := h.events.values()
	for i, e := range events {
		events[i] = slices.Clone(e)
	}
	return events
}

func (h *history) forgetCalls() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.calls.len() > 0 {
		forget(h, &h.calls)
	}
}

// queue is a first-in first-out list. Both ends cost constant time on average.
type queue[T any] struct {
	entries []entry[T]
	gone    int // entries at the front that were popped
}

func (q *queue[T]) len() int { return len(q.entries) - q.gone }

func (q *queue[T]) push(e entry[T]) { q.entries = append(q.entries, e) }

func (q *queue[T]) first() entry[T] { return q.entries[q.gone] }

func (q *queue[T]) pop() entry[T] {
	e := q.entries[q.gone]
	q.entries[q.gone] = entry[T]{} // so that the memory is free
	if q.gone++; q.gone > len(q.entries)/2 {
		q.entries = slices.Delete(q.entries, 0, q.gone)
		q.gone = 0
	}
	return e
}

func (q *queue[T]) values() []T {
	values := make([]T, 0, q.len())
	for _, e := range q.entries[q.gone:] {
		values = append(values, e.value)
	}
	return values
}
