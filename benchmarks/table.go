package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"
)

// verdict is what a row of the table ends with.
type verdict string

const (
	met    verdict = "met"
	failed verdict = "FAILED" // an exact figure is beyond its limit
	missed verdict = "MISSED" // a ratio of times is; the machine may be to blame
	noGoal verdict = ""
)

// row is one figure of the table.
type row struct {
	goal    int
	what    string
	ours    string
	theirs  string // "" when ours stands alone
	ratio   float64
	limit   string
	verdict verdict
	note    string
	// value is what the limit is for: ours, or the ratio.
	value float64
}

// atMost is an exact figure with a limit of its own.
func atMost(goal int, what string, ours, limit float64, unit string) row {
	r := row{goal: goal, what: what, ours: number(ours, unit), limit: "<= " + number(limit, unit), verdict: met, value: ours}
	if ours > limit {
		r.verdict = failed
	}
	return r
}

// atMostOf is an exact figure whose limit is a part of somebody else's.
func atMostOf(goal int, what string, ours float64, name string, theirs, limit float64, unit string) row {
	r := row{
		goal: goal, what: what, ours: number(ours, unit), theirs: number(theirs, unit) + " " + name,
		ratio: ours / theirs, limit: "<= " + fraction(limit), verdict: met, value: ours / theirs,
	}
	if !(r.ratio <= limit) {
		r.verdict = failed
	}
	return r
}

// timeAtMost compares two variants by the median of their ratios in each round: it
// is steadier than the ratio of the medians when the machine's load changes.
func timeAtMost(goal int, what string, ours, theirs figures, limit float64) row {
	r := row{
		goal: goal, what: what, ours: nanoseconds(median(ours.wall)), theirs: nanoseconds(median(theirs.wall)) + " " + theirs.name,
		ratio: perRound(ours.wall, theirs.wall), limit: "<= " + fraction(limit), verdict: met,
		note: fmt.Sprintf("of the medians %.3f", median(ours.wall)/median(theirs.wall)),
	}
	if median(theirs.cpu) > 0 {
		r.note += fmt.Sprintf(", CPU %.3f", perRound(ours.cpu, theirs.cpu))
	}
	if !(r.ratio <= limit) {
		r.verdict = missed
	}
	return r
}

// info is a figure that no goal speaks of.
func info(goal int, what, ours, theirs string) row {
	return row{goal: goal, what: what, ours: ours, theirs: theirs}
}

func number(v float64, unit string) string {
	s := fmt.Sprintf("%.2f", v)
	s = strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(s, "0"), "."), ".")
	if unit != "" {
		s += " " + unit
	}
	return s
}

// fraction writes a limit as the goal does: 1/6 rather than 0.167.
func fraction(v float64) string {
	if inverse := 1 / v; v < 1 && inverse >= 2 && math.Abs(inverse-math.Round(inverse)) < 1e-9 && v != 0.2 && v != 0.5 {
		return fmt.Sprintf("1/%.0f", inverse)
	}
	return number(v, "")
}

func nanoseconds(v float64) string {
	d := time.Duration(v)
	switch {
	case d >= 100*time.Millisecond:
		return fmt.Sprintf("%.0f ms", v/1e6)
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", v/1e6)
	case d >= 100*time.Microsecond:
		return fmt.Sprintf("%.0f µs", v/1e3)
	case d >= time.Microsecond:
		return fmt.Sprintf("%.1f µs", v/1e3)
	}
	return fmt.Sprintf("%.0f ns", v)
}

// cells are a row's, as they are printed.
func (r row) cells() []string {
	ratio := ""
	if r.ratio != 0 {
		ratio = fmt.Sprintf("%.3f", r.ratio)
	}
	return []string{fmt.Sprint(r.goal), r.what, r.ours, r.theirs, ratio, r.limit, string(r.verdict), r.note}
}

var columns = []string{"goal", "figure", "ours", "theirs", "ratio", "limit", "verdict", "note"}

func printTable(w io.Writer, rows []row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(columns, "\t"))
	for _, r := range rows {
		fmt.Fprintln(t, strings.Join(r.cells(), "\t"))
	}
	return t.Flush()
}

func markdownTable(rows []row) string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(columns)
	line(strings.Split(strings.Repeat("---,", len(columns)-1)+"---", ","))
	for _, r := range rows {
		line(r.cells())
	}
	return b.String()
}
