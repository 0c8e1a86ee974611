// Package known reads lists of known differences. A test fails on a difference
// that its list does not have, and on one of the list that it did not meet, so
// that the list says what is true and can only shrink.
//
// A list is a text file. Lines that begin with # are comments. The line
//
//	at most N
//
// says how many differences there are, so that adding one means raising a number
// on purpose. Every other line is a difference,
//
//	2026-11-25 | what differs | why
//
// where {a,b} in the second part stands for both, and counts twice.
package known

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// List is a list of known differences.
type List struct {
	reasons map[string]string
	met     map[string]int
	most    int
}

// Read reads the list in a file. When the test ends it fails if a difference of
// the list was not met.
func Read(t testing.TB, name string) *List {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	l, err := parse(string(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			return // it may have ended early
		}
		for _, what := range l.unmet() {
			t.Errorf("%s lists a difference that is none any more: %s", name, what)
		}
	})
	return l
}

// Has reports whether the difference is in the list, and takes it as met.
func (l *List) Has(what string) bool {
	if _, ok := l.reasons[what]; !ok {
		return false
	}
	l.met[what]++
	return true
}

// Met returns how often a difference of the list was met.
func (l *List) Met() int {
	n := 0
	for _, times := range l.met {
		n += times
	}
	return n
}

func (l *List) unmet() []string {
	var unmet []string
	for what := range l.reasons {
		if l.met[what] == 0 {
			unmet = append(unmet, what)
		}
	}
	slices.Sort(unmet)
	return unmet
}

func parse(text string) (*List, error) {
	l := &List{reasons: map[string]string{}, met: map[string]int{}, most: -1}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if _, err := fmt.Sscanf(line, "at most %d", &l.most); err == nil {
			continue
		}
		if err := l.add(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if len(l.reasons) != l.most {
		return nil, fmt.Errorf("%d differences, and the list says at most %d: lower the number when the list shrinks", len(l.reasons), l.most)
	}
	return l, nil
}

func (l *List) add(line string) error {
	parts := strings.SplitN(line, "|", 3)
	if len(parts) != 3 {
		return fmt.Errorf("want date | difference | reason, got %q", line)
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	if _, err := time.Parse(time.DateOnly, parts[0]); err != nil {
		return err
	}
	if parts[2] == "" {
		return fmt.Errorf("%s has no reason", parts[1])
	}
	for _, what := range expand(parts[1]) {
		if _, twice := l.reasons[what]; twice {
			return fmt.Errorf("%s a second time", what)
		}
		l.reasons[what] = parts[2]
	}
	return nil
}

// expand replaces {a,b} by each of both.
func expand(s string) []string {
	before, rest, ok := strings.Cut(s, "{")
	if !ok {
		return []string{s}
	}
	choices, after, ok := strings.Cut(rest, "}")
	if !ok {
		return []string{s}
	}
	var all []string
	for _, choice := range strings.Split(choices, ",") {
		for _, tail := range expand(after) {
			all = append(all, before+strings.TrimSpace(choice)+tail)
		}
	}
	return all
}
