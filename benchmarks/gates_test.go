//go:build !race

package main

import "testing"

// Allocations, bytes, dials and sizes are the same in every run and must hold.
// Times are for the command to show; no test looks at them. Under the race detector
// the figures are others: pools forget at random there.
func TestExactFigures(t *testing.T) {
	for _, g := range groups {
		if !g.exact {
			continue
		}
		t.Run(g.name, func(t *testing.T) {
			rows, err := g.run(plan{})
			if err != nil {
				t.Fatal(err)
			}
			checked := 0
			for _, r := range rows {
				if r.limit == "" {
					continue
				}
				checked++
				if r.verdict != met {
					t.Errorf("%d: %s: %s, %s (ratio %.3f), want %s", r.goal, r.what, r.ours, r.theirs, r.ratio, r.limit)
				}
			}
			if checked == 0 {
				t.Error("nothing was checked")
			}
		})
	}
}
