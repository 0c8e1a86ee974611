//go:build !race

package ivstoken_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// Making a token costs at most six allocations more than its signature. (The race
// detector adds its own.)
func TestAllocations(t *testing.T) {
	const most = 6
	bare := testing.AllocsPerRun(100, bareSign(t))
	s := benchSigner(t)
	o := benchOptions()
	o.Attributes = map[string]string{"role": "guest", "seat": "12", "team": "blue"}
	participant := testing.AllocsPerRun(100, func() {
		if _, err := s.SignParticipantToken(o); err != nil {
			t.Fatal(err)
		}
	})
	connection := testing.AllocsPerRun(100, func() {
		if _, err := s.SignConnectionToken(ivstoken.ConnectionTokenOptions{}); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("allocations: bare signature %v, participant token %v, connection token %v", bare, participant, connection)
	require.LessOrEqual(t, participant-bare, float64(most))
	require.LessOrEqual(t, connection-bare, float64(most))
}
