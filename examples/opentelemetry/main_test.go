package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOpenTelemetry(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, want := range []string{
		"span IVS RealTime.CreateStage", "span IVS RealTime.GetStage", "span open the lobby",
		"metric client.call.attempts", "metric client.call.duration",
	} {
		require.Contains(t, lines, want)
	}
}
