package main

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"
)

// variant is one way to do what is measured.
type variant struct {
	name string
	do   func() error
}

// figures are what one variant costs per operation.
type figures struct {
	name   string
	allocs float64
	bytes  float64

	// Of each round, in the order of the rounds.
	wall, cpu []float64 // nanoseconds
}

// plan says how much is measured.
type plan struct {
	// rounds of timing, in each of which every variant has a turn; 0 for none.
	rounds int
	// turn is about how long a variant runs in a round.
	turn time.Duration
}

// measure counts the allocations of every variant and times them by turns, so that
// what slows the machine down for a while does so to all of them.
func (p plan) measure(variants ...variant) ([]figures, error) {
	all := make([]figures, len(variants))
	for i, v := range variants {
		f := figures{name: v.name}
		var err error
		if f.allocs, f.bytes, err = allocations(v.do); err != nil {
			return nil, fmt.Errorf("%s: %w", v.name, err)
		}
		all[i] = f
	}
	if p.rounds == 0 {
		return all, nil
	}
	times := make([]int, len(variants))
	for i, v := range variants {
		n, err := calibrate(v.do, p.turn)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.name, err)
		}
		times[i] = n
	}
	for round := range p.rounds {
		for k := range variants {
			i := (round + k) % len(variants) // who is first changes
			runtime.GC()                     // nobody pays for another's garbage
			wall, cpu, err := spent(times[i], variants[i].do)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", variants[i].name, err)
			}
			all[i].wall = append(all[i].wall, float64(wall)/float64(times[i]))
			all[i].cpu = append(all[i].cpu, float64(cpu)/float64(times[i]))
		}
	}
	return all, nil
}

// allocations counts what one operation allocates, on one processor so that
// nothing else does meanwhile.
func allocations(do func() error) (count, size float64, err error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const warmUp, n = 20, 500
	for range warmUp {
		if err := do(); err != nil {
			return 0, 0, err
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range n {
		if err := do(); err != nil {
			return 0, 0, err
		}
	}
	runtime.ReadMemStats(&after)
	// The division of whole numbers drops the odd allocation of the runtime's own, as
	// testing.AllocsPerRun does.
	return float64((after.Mallocs - before.Mallocs) / n), float64((after.TotalAlloc - before.TotalAlloc) / n), nil
}

// calibrate returns how many operations take about as long as turn, by the fastest
// of some tries: a machine that was busy elsewhere must not make all turns short.
func calibrate(do func() error, turn time.Duration) (int, error) {
	for n := 1; ; n *= 2 {
		fastest := time.Duration(math.MaxInt64)
		for range 3 {
			wall, _, err := spent(n, do)
			if err != nil {
				return 0, err
			}
			if fastest = min(fastest, wall); fastest < turn/8 {
				break
			}
		}
		if fastest >= turn/8 || n >= 1<<24 {
			return max(1, int(float64(n)*float64(turn)/float64(max(fastest, 1)))), nil
		}
	}
}

// spent returns what n operations take of time, and of the processors' time, the
// garbage collector's included.
func spent(n int, do func() error) (wall, cpu time.Duration, err error) {
	cpuBefore, before := processorTime(), time.Now()
	for range n {
		if err := do(); err != nil {
			return 0, 0, err
		}
	}
	wall = time.Since(before)
	return wall, processorTime() - cpuBefore, nil
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// perRound returns the median of the ratios of a to b in the same round.
func perRound(a, b []float64) float64 {
	ratios := make([]float64, min(len(a), len(b)))
	for i := range ratios {
		ratios[i] = a[i] / b[i]
	}
	return median(ratios)
}
