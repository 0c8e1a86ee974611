//go:build !race

package ivsrealtime_test

import (
	"errors"
	"testing"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// What a call allocates, its transport included, is the same in every run (but
// under the race detector, where pools forget at random). The benchmarks module
// sets it beside other clients.
func TestCallAllocations(t *testing.T) {
	small, full, page := answerFile(t, "stage-small.json"), answerFile(t, "stage-full.json"), answerFile(t, "participants-100.json")
	lister, listInput := cannedClient(200, page), &ivsrealtime.ListParticipantsInput{StageARN: testStageARN, SessionID: "st-A1b2C3d4E5f6G"}
	ofStage := func(c *ivsrealtime.Client) func() error {
		in := &ivsrealtime.GetStageInput{ARN: testStageARN}
		return func() error {
			_, err := c.GetStage(t.Context(), in)
			return err
		}
	}
	tests := []struct {
		name string
		call func() error
		want error
		most float64
	}{
		{"small stage", ofStage(cannedClient(200, small)), nil, 34},
		{"small stage, AttemptTimeout", ofStage(cannedClient(200, small, func(o *ivsrealtime.Options) { o.AttemptTimeout = time.Minute })), nil, 34 + 6},
		{"full stage", ofStage(cannedClient(200, full)), nil, 46},
		{"100 participants", func() error {
			_, err := lister.ListParticipants(t.Context(), listInput)
			return err
		}, nil, 632},
		{"modelled error", ofStage(cannedClient(404, answerFile(t, "not-found.json"))), ivsrealtime.ErrNotFound, 84},
		{"small stage, an APIOption", ofStage(cannedClient(200, small, ivsrealtime.WithAPIOptions(smithyhttp.AddHeaderValue("X-Team", "video")))), nil, 280},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.ErrorIs(t, tt.call(), tt.want)
			n := testing.AllocsPerRun(200, func() {
				if err := tt.call(); !errors.Is(err, tt.want) {
					t.Error(err)
				}
			})
			t.Logf("%v allocations", n)
			if n > tt.most {
				t.Errorf("%v allocations, want at most %v", n, tt.most)
			}
		})
	}
}
