package ivsevents_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

func TestMemoryDeduplicator(t *testing.T) {
	now := &clock{noon}
	d := ivsevents.NewMemoryDeduplicator(func(o *ivsevents.MemoryOptions) { o.Now, o.MaxIDs = now.Now, 3 })
	first := func(id string) bool {
		got, err := d.FirstSeen(t.Context(), id)
		require.NoError(t, err)
		return got
	}
	require.True(t, first("a"))
	require.False(t, first("a"))
	now.now = noon.Add(24 * time.Hour)
	require.False(t, first("a"), "for 24 hours")
	require.True(t, first("b"))
	now.now = now.now.Add(time.Nanosecond)
	require.True(t, first("a"), "and not longer")
	require.True(t, first("c"))
	require.True(t, first("d"), "b is forgotten for it")
	require.False(t, first("a"))
	require.False(t, first("c"))
	require.True(t, first("b"))
	for i := range 1000 {
		require.True(t, first(fmt.Sprint(i)))
		require.False(t, first(fmt.Sprint(i)))
		if i > 1 {
			require.False(t, first(fmt.Sprint(i-2)))
		}
	}
	require.True(t, first("a"))
}

// Of all that see an event at the same time, one is the first.
func TestMemoryDeduplicatorConcurrently(t *testing.T) {
	d := ivsevents.NewMemoryDeduplicator()
	var firsts atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 500 {
				if first, _ := d.FirstSeen(t.Context(), fmt.Sprint(i)); first {
					firsts.Add(1)
				}
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 500, firsts.Load())
}
