package ivsrealtimetest

import (
	"cmp"
	"iter"
	"slices"
)

// table holds resources by key (mostly their ARN) and in the order of their
// creation. The zero value is empty. Each row keeps its sequence number for
// good, so that a page can go on from a place whose row is gone; finding that
// place costs the logarithm of the table's size, and getting past deleted rows
// next to nothing.
type table[T any] struct {
	byKey map[string]*row[T]
	rows  []*row[T] // ascending by seq, deleted ones among them
	last  uint64
}

type row[T any] struct {
	seq   uint64
	value T
	// next is 0 while the row is live. In a deleted one it is the index at which to
	// go on looking for a live row, which nextLive moves forward as it learns.
	next int
}

func (t *table[T]) len() int { return len(t.byKey) }

func (t *table[T]) get(key string) (value T, ok bool) {
	if r := t.byKey[key]; r != nil {
		return r.value, true
	}
	return value, false
}

// add appends a row. The key must be new.
func (t *table[T]) add(key string, value T) {
	if t.byKey == nil {
		t.byKey = map[string]*row[T]{}
	}
	t.last++
	r := &row[T]{seq: t.last, value: value}
	t.byKey[key] = r
	t.rows = append(t.rows, r)
}

func (t *table[T]) delete(key string) {
	r := t.byKey[key]
	if r == nil {
		return
	}
	delete(t.byKey, key)
	r.next = t.firstAfter(r.seq-1) + 1
	r.value = *new(T)
	if deleted := len(t.rows) - len(t.byKey); deleted > 100 && deleted > len(t.byKey) {
		t.rows = slices.DeleteFunc(t.rows, func(r *row[T]) bool { return r.next != 0 })
	}
}

// after returns the rows that were created after the one with the sequence
// number seq, oldest first; 0 is before all.
func (t *table[T]) after(seq uint64) iter.Seq2[uint64, T] {
	return func(yield func(uint64, T) bool) {
		for i := t.nextLive(t.firstAfter(seq)); i < len(t.rows); i = t.nextLive(i + 1) {
			if !yield(t.rows[i].seq, t.rows[i].value) {
				return
			}
		}
	}
}

// before returns the rows that were created before the one with the sequence
// number seq, newest first; 0 is after all.
func (t *table[T]) before(seq uint64) iter.Seq2[uint64, T] {
	return func(yield func(uint64, T) bool) {
		end := len(t.rows)
		if seq > 0 {
			end = t.firstAfter(seq - 1)
		}
		for i := end - 1; i >= 0; i-- {
			if r := t.rows[i]; r.next == 0 && !yield(r.seq, r.value) {
				return
			}
		}
	}
}

// firstAfter returns the index of the first row, live or not, whose sequence
// number is greater than seq.
func (t *table[T]) firstAfter(seq uint64) int {
	i, found := slices.BinarySearchFunc(t.rows, seq, func(r *row[T], seq uint64) int { return cmp.Compare(r.seq, seq) })
	if found {
		i++
	}
	return i
}

// nextLive returns the index of the first live row at or after i, and lets the
// deleted ones on the way point there.
func (t *table[T]) nextLive(i int) int {
	live := i
	for live < len(t.rows) && t.rows[live].next != 0 {
		live = t.rows[live].next
	}
	for i < live {
		r := t.rows[i]
		i, r.next = r.next, live
	}
	return live
}
