package tally_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

func TestRecord(t *testing.T) {
	name := filepath.Join(t.TempDir(), "tally")
	t.Setenv(tally.File, name)
	tally.Record(t, tally.Row{Area: "Surface", What: "operations", With: "contract", Cases: 40})
	tally.Record(t, tally.Row{Area: "Answers", What: "outputs", With: "official", Cases: 2, Listed: 1, Differences: 1})
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, `{"area":"Surface","what":"operations","with":"contract","cases":40,"listed":0,"differences":0}
{"area":"Answers","what":"outputs","with":"official","cases":2,"listed":1,"differences":1}
`, string(data))
}
