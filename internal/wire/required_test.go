package wire

import (
	"slices"
	"testing"
)

func TestRequired(t *testing.T) {
	inner := func(missing []string) []string {
		missing = Require(missing, true, "Name")
		missing = Require(missing, false, "ARN")
		return Require(missing, false, "Encoders")
	}
	m := Require(nil, false, "StageARN")
	m = WithinItem(Within(inner(m), len(m), "S3"), len(m), "Destinations", 1)
	m = Within(m, len(m), "Layout")
	m = WithinItem(m, len(m), "Destinations", 2)
	want := []string{"StageARN", "Destinations[1].S3.ARN", "Destinations[1].S3.Encoders"}
	if !slices.Equal(m, want) {
		t.Errorf("got %q", m)
	}
	if n := testing.AllocsPerRun(100, func() {
		m := Require(nil, true, "StageARN")
		if m = WithinItem(Within(m, len(m), "S3"), len(m), "Destinations", 1); m != nil {
			t.Errorf("got %q", m)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
