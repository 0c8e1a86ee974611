package ivsevents_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// Each operation decodes one event of each type in turn, so that the figures are
// those of a mixed stream.
func benchmark(b *testing.B, decode func([]byte) error) {
	var all [][]byte
	size := 0
	for _, fixture := range fixtures {
		body, err := json.Marshal(fixture)
		require.NoError(b, err)
		all = append(all, body)
		size += len(body)
	}
	b.SetBytes(int64(size / len(all)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if err := decode(all[n%len(all)]); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkDecode(b *testing.B) {
	benchmark(b, func(data []byte) error {
		_, err := ivsevents.Decode(data)
		return err
	})
}

// What a program does that has no types.
func BenchmarkEncodingJSONIntoMap(b *testing.B) {
	benchmark(b, func(data []byte) error {
		var m map[string]any
		return json.Unmarshal(data, &m)
	})
}

// An event costs its strings and little else.
func TestDecodeAllocations(t *testing.T) {
	for _, fixture := range fixtures {
		body, err := json.Marshal(fixture)
		require.NoError(t, err)
		got := testing.AllocsPerRun(100, func() {
			if _, err := ivsevents.Decode(body); err != nil {
				t.Error(err)
			}
		})
		if got > 34 {
			t.Errorf("%s: %v allocations", file(fixture), got)
		}
	}
}
