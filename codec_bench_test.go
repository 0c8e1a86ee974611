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
)

// What a call decodes and encodes with.
var (
	decode = wire.Decode
	encode = wire.Encode
)

// answerFile reads an answer that the benchmarks module uses too, as the service
// sends it: without the newline at its end.
func answerFile(tb testing.TB, name string) string {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "answers", name))
	require.NoError(tb, err)
	return string(bytes.TrimSpace(b))
}

// BenchmarkCodec is read by the benchmarks module, which sets it beside other
// libraries: mind the names.
func BenchmarkCodec(b *testing.B) {
	for _, bb := range []struct {
		file   string
		newOut func() any
	}{
		{"stage-small.json", func() any { return new(ivsrealtime.GetStageOutput) }},
		{"stage-full.json", func() any { return new(ivsrealtime.GetStageOutput) }},
		{"participants-100.json", func() any { return new(ivsrealtime.ListParticipantsOutput) }},
	} {
		body := []byte(answerFile(b, bb.file))
		b.Run("decode/"+bb.file, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := decode(body, bb.newOut()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, bb := range []struct {
		name string
		in   any
	}{
		{"GetStage", &ivsrealtime.GetStageInput{ARN: testStageARN}},
		{"StartComposition", &ivsrealtime.StartCompositionInput{
			StageARN: testStageARN, IdempotencyToken: "my-token_1", Layout: &ivsrealtime.LayoutConfiguration{PIP: &fullPIP},
			Destinations: []ivsrealtime.DestinationConfiguration{fullChannelDestination, fullS3Destination}, Tags: map[string]string{"team": "red"},
		}},
	} {
		for _, codec := range []struct {
			name   string
			encode func(any) ([]byte, error)
		}{{"ours", encode}, {"encoding-json", json.Marshal}} {
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
