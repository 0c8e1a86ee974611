package ivsrealtime_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
	"github.com/seed-433ec77c/ivsrealtime/internal/wiretest"
)

// answerFile reads an answer that the benchmarks module uses too, as the service
// sends it: without the newline at its end.
func answerFile(tb testing.TB, name string) string {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "answers", name))
	require.NoError(tb, err)
	return string(bytes.TrimSpace(b))
}

// codecCases are the answers that are decoded.
var codecCases = []struct {
	file   string
	newOut func() any
}{
	{"stage-small.json", func() any { return new(ivsrealtime.GetStageOutput) }},
	{"stage-full.json", func() any { return new(ivsrealtime.GetStageOutput) }},
	{"participants-100.json", func() any { return new(ivsrealtime.ListParticipantsOutput) }},
}

func fullStartComposition() *ivsrealtime.StartCompositionInput {
	return &ivsrealtime.StartCompositionInput{
		StageARN:         testStageARN,
		IdempotencyToken: "my-token_1",
		Layout:           &ivsrealtime.LayoutConfiguration{PIP: &fullPIP},
		Destinations:     []ivsrealtime.DestinationConfiguration{fullChannelDestination, fullS3Destination},
		Tags:             map[string]string{"team": "red"},
	}
}

// BenchmarkCodec compares with encoding/json. The benchmarks module compares with
// other libraries too.
func BenchmarkCodec(b *testing.B) {
	for _, bb := range codecCases {
		texts := wiretest.Variants([]byte(answerFile(b, bb.file)), 100)
		for _, codec := range []struct {
			name   string
			decode func([]byte, any) error
		}{
			{"ours", func(data []byte, out any) error { _, err := wire.DecodeOutput(data, out); return err }},
			{"encoding-json", json.Unmarshal},
		} {
			b.Run("decode/"+bb.file+"/"+codec.name, func(b *testing.B) {
				b.SetBytes(int64(len(texts[0])))
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if err := codec.decode(texts[i%len(texts)], bb.newOut()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
	for _, bb := range []struct {
		name string
		in   any
	}{
		{"GetStage", &ivsrealtime.GetStageInput{ARN: testStageARN}},
		{"StartComposition", fullStartComposition()},
	} {
		for _, codec := range []struct {
			name   string
			encode func(any) ([]byte, error)
		}{
			{"ours", wire.Encode},
			{"encoding-json", json.Marshal},
		} {
			b.Run("encode/"+bb.name+"/"+codec.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := codec.encode(bb.in); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
