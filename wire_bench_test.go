package ivsrealtime_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// answers is a case of the benchmarks: the answers to many calls. They differ, as
// real ones do: a decoder that keeps the strings it has seen would otherwise
// look better than it is.
type answers struct {
	name   string
	texts  [][]byte
	newOut func() any
}

func answerCases(tb testing.TB) []answers {
	const n = 1000
	small := answers{name: "small stage", newOut: func() any { return new(ivsrealtime.GetStageOutput) }}
	full := answers{name: "full stage", newOut: small.newOut}
	page := answers{name: "100 participants", newOut: func() any { return new(ivsrealtime.ListParticipantsOutput) }}
	for i := range n {
		id := fmt.Sprintf("%06d", 7919*i)
		small.texts = append(small.texts, compact(tb, `{"stage":{"activeSessionId":"st-1A2b3C4`+id+`",
			"arn":"arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd`+id+`","name":"stage `+id+`"}}`))
		full.texts = append(full.texts, compact(tb, `{"stage":`+strings.NewReplacer(
			"Cd34Ef56", id, "Or34Ag56", id, "5e6F7", id, "b2c3d4e5f6", id, "lobby", "lobby "+id, `"red"`, `"red `+id+`"`).Replace(fullStageJSON)+`}`))
		if i < n/10 {
			page.texts = append(page.texts, participantsPage(tb, 100*i, 100))
		}
	}
	return []answers{small, full, page}
}

// participantsPage is an answer to ListParticipants.
func participantsPage(tb testing.TB, first, n int) []byte {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(`{"firstJoinTime":"2026-10-01T08:%02d:30.602000+00:00","participantId":"particip%06d","published":%t,
			"recordingState":"ACTIVE","replicationState":"STOPPED","replicationType":"NONE","state":"CONNECTED","userId":"user-%d-of-the-page"}`,
			i%60, first+i, i%3 > 0, first+i)
	}
	return compact(tb, `{"nextToken":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","participants":[`+strings.Join(items, ",")+`]}`)
}

// compact is how the service writes its answers.
func compact(tb testing.TB, text string) []byte {
	tb.Helper()
	var b bytes.Buffer
	require.NoError(tb, json.Compact(&b, []byte(text)))
	return b.Bytes()
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

func BenchmarkDecode(b *testing.B) {
	for _, bb := range answerCases(b) {
		b.Run(bb.name+"/generated", func(b *testing.B) { bb.benchmark(b, new(ivsrealtime.Decoder).Decode) })
		b.Run(bb.name+"/reflection", func(b *testing.B) { bb.benchmark(b, wire.Decode) })
		b.Run(bb.name+"/encoding-json", func(b *testing.B) { bb.benchmark(b, json.Unmarshal) })
	}
}

func (a answers) benchmark(b *testing.B, decode func([]byte, any) error) {
	b.SetBytes(int64(len(a.texts[0])))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := decode(a.texts[i%len(a.texts)], a.newOut()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	in := fullStartComposition()
	for _, codec := range []struct {
		name   string
		encode func(any) ([]byte, error)
	}{
		{"generated", ivsrealtime.Encode},
		{"reflection", wire.Encode},
		{"encoding-json", json.Marshal},
	} {
		b.Run("full composition/"+codec.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := codec.encode(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
