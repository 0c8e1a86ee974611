//go:build !race

package ivsrealtime_test

import (
	"errors"
	"testing"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
	"github.com/seed-433ec77c/ivsrealtime/internal/wiretest"
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
		{"small stage", ofStage(cannedClient(200, small)), nil, 30},
		{"small stage, AttemptTimeout", ofStage(cannedClient(200, small, func(o *ivsrealtime.Options) { o.AttemptTimeout = time.Minute })), nil, 30 + 5},
		{"full stage", ofStage(cannedClient(200, full)), nil, 40},
		{"100 participants", func() error {
			_, err := lister.ListParticipants(t.Context(), listInput)
			return err
		}, nil, 31},
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

// What decoding and encoding alone allocate, the output itself included.
func TestCodecAllocations(t *testing.T) {
	most := map[string]float64{
		"stage-small.json":      6, // the output, strings, a map (2), a pointer
		"stage-full.json":       10,
		"participants-100.json": 4, // the output, strings, the slice: for its first element and for all
	}
	for _, tt := range codecCases {
		t.Run("decode "+tt.file, func(t *testing.T) {
			texts, i := wiretest.Variants([]byte(answerFile(t, tt.file)), 100), 0
			n := testing.AllocsPerRun(200, func() {
				i++
				if err := wire.Decode(texts[i%len(texts)], tt.newOut()); err != nil {
					t.Error(err)
				}
			})
			if n > most[tt.file] {
				t.Errorf("%v allocations, want at most %v", n, most[tt.file])
			}
		})
	}
	in := fullStartComposition()
	t.Run("encode", func(t *testing.T) {
		n := testing.AllocsPerRun(200, func() {
			if _, err := wire.Encode(in); err != nil {
				t.Error(err)
			}
		})
		if n > 1 {
			t.Errorf("%v allocations, want one", n)
		}
	})
	t.Run("look for missing members", func(t *testing.T) {
		if n := testing.AllocsPerRun(200, func() { _, _ = wire.Missing(in) }); n > 0 {
			t.Errorf("%v allocations, want none", n)
		}
	})
}
