package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Helper()             {}
func (r *recorder) Logf(string, ...any) {}
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func TestCompare(t *testing.T) {
	t.Setenv(tally.File, "")
	shout := rules.Difference[int, string]{What: "shouts from 10 on", Ours: func(n int, official string) string {
		if n >= 10 {
			return strings.ToUpper(official)
		}
		return official
	}}
	tests := map[string]struct {
		run    func(*rules.Comparison[int, string])
		errors []string
	}{
		"as listed":              {func(c *rules.Comparison[int, string]) { c.Case("a", 1, "x", "x"); c.Case("b", 10, "x", "X") }, nil},
		"not listed":             {func(c *rules.Comparison[int, string]) { c.Case("a", 1, "x", "X"); c.Case("b", 10, "x", "X") }, []string{"a: a difference"}},
		"no longer in this case": {func(c *rules.Comparison[int, string]) { c.Case("a", 10, "x", "x") }, []string{"a: a difference"}},
		"other than listed":      {func(c *rules.Comparison[int, string]) { c.Case("a", 10, "x", "Y") }, []string{"a: a difference"}},
		"never shown":            {func(c *rules.Comparison[int, string]) { c.Case("a", 1, "x", "x") }, []string{"listed, but no case shows it: shouts"}},
		"nothing compared":       {func(*rules.Comparison[int, string]) {}, []string{"no case shows it", "nothing was compared"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := &recorder{TB: t}
			c := rules.Compare(r, tally.Row{Area: "A", What: "w", With: "o"}, []rules.Difference[int, string]{shout})
			tt.run(c)
			c.Done()
			require.Len(t, r.errors, len(tt.errors))
			for i, want := range tt.errors {
				require.Contains(t, r.errors[i], want)
			}
		})
	}
}
