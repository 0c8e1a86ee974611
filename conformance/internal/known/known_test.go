package known

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestList(t *testing.T) {
	l, err := parse(`
# a comment
at most 5
2026-11-25 | {A,B}.{x, y} | several
2026-11-26 | C | one | with a bar
`)
	require.NoError(t, err)
	require.Equal(t, "one | with a bar", l.reasons["C"])
	require.True(t, l.Has("A.x"))
	require.True(t, l.Has("A.x"))
	require.True(t, l.Has("B.y"))
	require.False(t, l.Has("B"))
	require.Equal(t, 3, l.Met())
	require.Equal(t, []string{"A.y", "B.x", "C"}, l.unmet())
}

func TestListThatIsWrong(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"no limit":    {"2026-11-25 | A | why", "at most -1"},
		"more":        {"at most 0\n2026-11-25 | A | why", "1 differences"},
		"fewer":       {"at most 2\n2026-11-25 | A | why", "lower the number"},
		"no date":     {"at most 1\nyesterday | A | why", "line 2"},
		"no reason":   {"at most 1\n2026-11-25 | A | ", "A has no reason"},
		"two parts":   {"at most 1\n2026-11-25 | A", "want date"},
		"twice":       {"at most 1\n2026-11-25 | A | a\n2026-11-25 | A | b", "A a second time"},
		"brace twice": {"at most 2\n2026-11-25 | {A,A} | a", "A a second time"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parse(tt.text)
			require.ErrorContains(t, err, tt.want)
		})
	}
}
