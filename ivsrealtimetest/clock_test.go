package ivsrealtimetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func TestManualClock(t *testing.T) {
	c := ivsrealtimetest.NewManualClock(noon)
	require.Equal(t, noon, c.Now())
	var log []string
	at := func(name string) func() {
		return func() { log = append(log, fmt.Sprint(name, " ", c.Now().Sub(noon))) }
	}
	c.AfterFunc(2*time.Second, at("c"))
	c.AfterFunc(time.Second, at("a"))
	c.AfterFunc(time.Second, at("b"))
	c.AfterFunc(0, at("now"))
	c.AfterFunc(-time.Hour, at("earlier"))
	stop := c.AfterFunc(time.Second, at("stopped"))
	require.True(t, stop())
	require.False(t, stop(), "it is stopped already")
	late := c.AfterFunc(3*time.Second, func() {
		at("d")()
		c.AfterFunc(500*time.Millisecond, at("of d"))
		c.AfterFunc(time.Hour, at("much later"))
	})
	require.Empty(t, log, "only Advance calls")

	c.Advance(0)
	require.Equal(t, []string{"earlier 0s", "now 0s"}, log)
	c.Advance(time.Second - 1)
	require.Len(t, log, 2)
	c.Advance(1)
	require.Equal(t, []string{"a 1s", "b 1s"}, log[2:])
	c.Advance(-time.Hour)
	require.Equal(t, noon.Add(time.Second), c.Now(), "it does not go back")
	c.Advance(3 * time.Second)
	require.Equal(t, []string{"c 2s", "d 3s", "of d 3.5s"}, log[4:])
	require.Equal(t, noon.Add(4*time.Second), c.Now())
	require.False(t, late(), "it was called")
}

// Many goroutines may use one clock: every function is called once, and the clock
// ends at the furthest time.
func TestManualClockConcurrently(t *testing.T) {
	var c ivsrealtimetest.ManualClock
	const n = 50
	called := make(chan int, n)
	done := make(chan struct{})
	for i := range n {
		c.AfterFunc(time.Duration(i)*time.Second, func() { called <- i })
	}
	for range 4 {
		go func() {
			c.Advance(n * time.Second)
			done <- struct{}{}
		}()
	}
	for range 4 {
		<-done
	}
	require.Len(t, called, n)
	require.False(t, c.Now().Before(time.Time{}.Add(n*time.Second)))
}

// The fake's compositions go on when the clock does.
func TestServerOnManualClock(t *testing.T) {
	c := ivsrealtimetest.NewManualClock(noon)
	srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) {
		o.Clock, o.SkipSignatureCheck = c, true
		o.CompositionStartDelay = 10 * time.Second
	})
	client := srv.Client()
	stage, err := client.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{})
	require.NoError(t, err)
	encoder, err := client.CreateEncoderConfiguration(t.Context(), nil)
	require.NoError(t, err)
	started, err := client.StartComposition(t.Context(), &ivsrealtime.StartCompositionInput{
		StageARN: stage.Stage.ARN,
		Destinations: []ivsrealtime.DestinationConfiguration{{Channel: &ivsrealtime.ChannelDestinationConfiguration{
			ChannelARN:              "arn:aws:ivs:us-east-1:111122223333:channel/Ab12Cd34Ef56",
			EncoderConfigurationARN: encoder.EncoderConfiguration.ARN,
		}}},
	})
	require.NoError(t, err)
	state := func() ivsrealtime.CompositionState {
		got, err := client.GetComposition(t.Context(), &ivsrealtime.GetCompositionInput{ARN: started.Composition.ARN})
		require.NoError(t, err)
		return got.Composition.State
	}
	c.Advance(9 * time.Second)
	require.Equal(t, ivsrealtime.CompositionStateStarting, state())
	c.Advance(time.Second)
	require.Equal(t, ivsrealtime.CompositionStateActive, state())
}
