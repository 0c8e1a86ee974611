package ivsrealtimetest

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// The table has every operation of the client, and no other.
func TestOperations(t *testing.T) {
	var want, got []string
	client := reflect.TypeFor[*ivsrealtime.Client]()
	for i := range client.NumMethod() {
		if m := client.Method(i); m.Type.NumIn() == 4 && m.Type.NumOut() == 2 { // receiver, ctx, input, options; output, error
			want = append(want, m.Name)
		}
	}
	for name := range operations() {
		got = append(got, name)
	}
	require.ElementsMatch(t, want, got)
	require.GreaterOrEqual(t, len(got), 40, "there were 40")
}

func TestTable(t *testing.T) {
	var table table[int]
	var model []int // live values, in order
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 5000 {
		switch {
		case random.IntN(100) < 55:
			table.add(strconv.Itoa(i), i)
			model = append(model, i)
		case len(model) > 0:
			at := random.IntN(len(model))
			n := min(len(model)-at, 1+random.IntN(3))
			for _, v := range model[at : at+n] {
				table.delete(strconv.Itoa(v))
			}
			model = slices.Delete(model, at, at+n)
		}
		if i%7 != 0 {
			continue
		}
		require.Equal(t, len(model), table.len())
		start := 0
		var seq uint64
		if len(model) > 0 {
			start = random.IntN(len(model))
			seq = table.byKey[strconv.Itoa(model[start])].seq - 1
		}
		rest := model[start:]
		for s, v := range table.after(seq) {
			require.Greater(t, s, seq)
			require.Equal(t, rest[0], v)
			seq, rest = s, rest[1:]
		}
		require.Empty(t, rest)
	}
	table.delete("unknown")
	_, ok := table.get("unknown")
	require.False(t, ok)
	require.Less(t, len(table.rows), 2*table.len()+102)
}

func TestMergeRecording(t *testing.T) {
	const arn = "arn:aws:ivs:us-east-1:111122223333:storage-configuration/AbCdEfGhIjKl"
	first := mergeRecording(recordingOff(), &ivsrealtime.AutoParticipantRecordingConfiguration{
		StorageConfigurationARN:         arn,
		MediaTypes:                      []ivsrealtime.ParticipantRecordingMediaType{"NONE"},
		RecordingReconnectWindowSeconds: aws.Int32(30),
		RecordParticipantReplicas:       aws.Bool(false),
	})
	want := recordingOff()
	want.StorageConfigurationARN = arn
	want.MediaTypes = []ivsrealtime.ParticipantRecordingMediaType{"NONE"}
	want.RecordingReconnectWindowSeconds = aws.Int32(30)
	want.RecordParticipantReplicas = aws.Bool(false)
	require.Equal(t, want, first)

	second := mergeRecording(first, &ivsrealtime.AutoParticipantRecordingConfiguration{
		StorageConfigurationARN:         arn,
		RecordingReconnectWindowSeconds: aws.Int32(0),
		ThumbnailConfiguration:          ivsrealtime.ParticipantThumbnailConfiguration{RecordingMode: "INTERVAL", TargetIntervalSeconds: 5},
	})
	want.RecordingReconnectWindowSeconds = aws.Int32(0)
	want.ThumbnailConfiguration.RecordingMode = "INTERVAL"
	want.ThumbnailConfiguration.TargetIntervalSeconds = 5
	require.Equal(t, want, second)

	require.Equal(t, second, mergeRecording(second, nil))
	require.Equal(t, recordingOff(), mergeRecording(second, &ivsrealtime.AutoParticipantRecordingConfiguration{MediaTypes: []ivsrealtime.ParticipantRecordingMediaType{"NONE"}}))
}

func TestSystemClock(t *testing.T) {
	var c Clock = systemClock{}
	require.WithinDuration(t, time.Now(), c.Now(), time.Minute)
	called := make(chan struct{})
	c.AfterFunc(0, func() { close(called) })
	<-called
	stop := c.AfterFunc(time.Hour, func() { t.Error("was stopped") })
	require.True(t, stop())
}

// A page of many costs what a page of few does, also where the first half was
// deleted.
func BenchmarkPage(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s := NewServer()
			for i := range n {
				st := &stage{arn: s.arn("stage", strconv.Itoa(i))}
				s.stages.add(st.arn, st)
			}
			for i := range n/2 - 1 {
				s.stages.delete(s.arn("stage", strconv.Itoa(i)))
			}
			for b.Loop() {
				_, token, err := page(s, &s.stages, listing{op: "ListStages", size: 10}, func(st *stage) (string, bool) { return st.arn, true })
				if err != nil || token == "" {
					b.Fatal(token, err)
				}
			}
		})
	}
}
