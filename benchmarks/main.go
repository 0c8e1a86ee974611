// Command benchmarks measures the library against the official client, against the
// runtime of the newest official clients, and against what one would write by
// hand, and prints a table with the goal, the figure and the verdict. It exits
// with status 1 when an exact figure (allocations, bytes, dials, sizes) is beyond
// its goal; a ratio of times that is says MISSED, since the machine may be to
// blame. Run it from its own directory, or as `make bench`.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"time"
)

// group measures what belongs together.
type group struct {
	name string
	run  func(plan) ([]row, error)
	// exact says that there are figures that are the same in every run, which the
	// tests check too.
	exact bool
}

var groups = []group{
	{"iteration", iteration, true}, // first, while nothing else holds memory
	{"stage", stageCalls, true},
	{"pages", pages, true},
	{"codecs", codecs, true},
	{"signing", signing, true},
	{"middleware", middlewareCalls, true},
	{"errors", errorCalls, true},
	{"loopback", loopback, true},
	{"bursts", bursts, true},
	{"startup", startup, true},
	{"fake", fake, false},
	{"races", races, false},
}

func main() {
	log.SetFlags(0)
	p := plan{}
	flag.IntVar(&p.rounds, "rounds", 41, "rounds of timing; 0 for the exact figures alone")
	flag.DurationVar(&p.turn, "turn", 40*time.Millisecond, "how long each variant runs in a round")
	only := flag.String("only", "", "names of the groups to run, with commas between; all by default")
	markdown := flag.String("markdown", "", "a file to write the table of a whole run into, between its marks")
	flag.Parse()

	start := time.Now()
	var rows []row
	for _, g := range groups {
		if *only != "" && !strings.Contains(","+*only+",", ","+g.name+",") {
			continue
		}
		fmt.Fprintf(os.Stderr, "%5.0fs %s\n", time.Since(start).Seconds(), g.name)
		r, err := g.run(p)
		if err != nil {
			log.Fatalf("%s: %v", g.name, err)
		}
		rows = append(rows, r...)
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.goal, b.goal) })
	if err := printTable(os.Stdout, rows); err != nil {
		log.Fatal(err)
	}
	if *markdown != "" && *only == "" && p.rounds > 0 { // a part is not the page
		if err := writePage(*markdown, rows, time.Since(start), p); err != nil {
			log.Fatal(err)
		}
	}
	for _, r := range rows {
		if r.verdict == failed {
			log.Fatal("an exact figure is beyond its goal")
		}
	}
}
