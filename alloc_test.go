//go:build !race

package ivsrealtime_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// What decoding and encoding allocate, the output itself and the Decoder
// included (in a call the Decoder is part of another allocation).
func TestCodecAllocations(t *testing.T) {
	cases := answerCases(t)
	decode := func(a answers) func() {
		i := 0
		return func() {
			i++
			require.NoError(t, new(ivsrealtime.Decoder).Decode(a.texts[i%len(a.texts)], a.newOut()))
		}
	}
	longPage := answers{texts: [][]byte{participantsPage(t, 0, 500)}, newOut: cases[2].newOut}
	in := fullStartComposition()
	tests := []struct {
		name string
		max  float64
		run  func()
	}{
		{"decode a small stage", 3, decode(cases[0])},               // strings
		{"decode a full stage", 9, decode(cases[1])},                // strings, a map (2), two slices, two pointers
		{"decode a page of 100 participants", 4, decode(cases[2])},  // strings, the slice
		{"decode a page of 500 participants", 11, decode(longPage)}, // 4 KiB of strings at a time, the slice grows past 128
		{"encode a full composition", 1, func() { _, err := ivsrealtime.Encode(in); require.NoError(t, err) }},
		{"look for missing members", 0, func() { require.Empty(t, ivsrealtime.Missing(in)) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.LessOrEqual(t, testing.AllocsPerRun(200, tt.run), tt.max)
		})
	}
}
