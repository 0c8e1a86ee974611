package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// The control actions, and what the API shows of each.
func TestActionsOfParticipants(t *testing.T) {
	env := start(t)
	c := client(env)
	stage, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{{}, {}}})
	require.NoError(t, err)
	var ids []string
	for _, token := range stage.ParticipantTokens {
		ids = append(ids, callControl(t, env, "POST", "join", `{"token":"`+string(token.Token)+`"}`, 200)["participantId"].(string))
	}
	got, err := c.GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: stage.Stage.ARN})
	require.NoError(t, err)
	names := func(id string) (names []string) {
		out, err := c.ListParticipantEvents(t.Context(), &ivsrealtime.ListParticipantEventsInput{StageARN: stage.Stage.ARN, SessionID: got.Stage.ActiveSessionID, ParticipantID: id})
		require.NoError(t, err)
		for _, e := range out.Events {
			names = append(names, string(e.Name))
		}
		return names
	}
	act := func(who int, action, body string) {
		callControl(t, env, "POST", "participants/"+ids[who]+"/"+action, body, 200)
	}

	act(0, "publish", `{}`)
	require.Contains(t, names(ids[0]), "PUBLISH_STARTED")
	act(1, "subscribe", `{"to":"`+ids[0]+`"}`)
	require.Contains(t, names(ids[1]), "SUBSCRIBE_STARTED")
	require.NotContains(t, names(ids[1]), "SUBSCRIBE_STOPPED")
	act(1, "unsubscribe", `{"to":"`+ids[0]+`"}`)
	require.Contains(t, names(ids[1]), "SUBSCRIBE_STOPPED")
	require.NotContains(t, names(ids[0]), "PUBLISH_STOPPED")
	act(0, "unpublish", `{}`)
	require.Contains(t, names(ids[0]), "PUBLISH_STOPPED")
	act(1, "fail", `{"errorCode":"BITRATE_EXCEEDED"}`)
	require.Contains(t, names(ids[1]), "PUBLISH_ERROR")
	require.NotContains(t, names(ids[1]), "LEFT")
	act(1, "leave", ``)
	require.Contains(t, names(ids[1]), "LEFT")

	require.Contains(t, callControl(t, env, "POST", "participants/"+ids[0]+"/fail", `{}`, 400)["error"], "errorCode is required")
	require.Contains(t, callControl(t, env, "POST", "participants/"+ids[0]+"/dance", `{}`, 404)["error"], `cannot "dance"`)
	for _, action := range []string{"unpublish", "subscribe", "unsubscribe", "fail"} {
		callControl(t, env, "POST", "participants/"+ids[1]+"/"+action, `{"errorCode":"BITRATE_EXCEEDED"}`, 400) // who left
	}
}

func TestActionsOfDestinations(t *testing.T) {
	env := start(t)
	c := client(env)
	stage, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{{}}})
	require.NoError(t, err)
	id := callControl(t, env, "POST", "join", `{"token":"`+string(stage.ParticipantTokens[0].Token)+`"}`, 200)["participantId"].(string)
	callControl(t, env, "POST", "participants/"+id+"/publish", `{}`, 200)
	encoder, err := c.CreateEncoderConfiguration(t.Context(), nil)
	require.NoError(t, err)
	composition, err := c.StartComposition(t.Context(), &ivsrealtime.StartCompositionInput{StageARN: stage.Stage.ARN, Destinations: []ivsrealtime.DestinationConfiguration{
		{Channel: &ivsrealtime.ChannelDestinationConfiguration{ChannelARN: "arn:aws:ivs:us-east-1:111122223333:channel/x", EncoderConfigurationARN: encoder.EncoderConfiguration.ARN}},
	}})
	require.NoError(t, err)
	callControl(t, env, "POST", "clock", `{"advance":"1m"}`, 200)
	state := func() string {
		got, err := c.GetComposition(t.Context(), &ivsrealtime.GetCompositionInput{ARN: composition.Composition.ARN})
		require.NoError(t, err)
		return string(got.Composition.Destinations[0].State)
	}
	for state() == "STARTING" {
		runtime.Gosched() // to the goroutines of the timers that are due
	}
	require.Equal(t, "ACTIVE", state())
	act := func(action string) {
		callControl(t, env, "POST", "destinations", `{"compositionArn":"`+composition.Composition.ARN+`","id":"`+composition.Composition.Destinations[0].ID+`","action":"`+action+`"}`, 200)
	}
	act("interrupt")
	require.Equal(t, "RECONNECTING", state())
	act("restore")
	require.Equal(t, "ACTIVE", state())
	act("fail")
	require.Equal(t, "FAILED", state())
}

// Both let the call do its work, and lose the response.
func TestFaultsAfterHandling(t *testing.T) {
	for _, connection := range []string{"resetAfterHandling", "truncateResponse"} {
		t.Run(connection, func(t *testing.T) {
			env := start(t)
			c := client(env)
			callControl(t, env, "POST", "faults", `{"operation":"CreateStage","times":1,"connection":"`+connection+`"}`, 200)
			_, err := c.CreateStage(t.Context(), nil, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
			require.Error(t, err)
			list, err := c.ListStages(t.Context(), nil)
			require.NoError(t, err)
			require.Len(t, list.Stages, 1)
			if calls := callControl(t, env, "GET", "calls", ``, 200)["list"].([]any); connection == "truncateResponse" {
				require.Equal(t, 200.0, calls[1].(map[string]any)["statusCode"])
			}
		})
	}
	t.Run("resetBeforeHandling", func(t *testing.T) {
		env := start(t)
		c := client(env)
		callControl(t, env, "POST", "faults", `{"operation":"CreateStage","times":1,"connection":"resetBeforeHandling"}`, 200)
		_, err := c.CreateStage(t.Context(), nil, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
		require.Error(t, err)
		list, err := c.ListStages(t.Context(), nil)
		require.NoError(t, err)
		require.Empty(t, list.Stages)
	})
}

func TestFaultOfARawResponse(t *testing.T) {
	env := start(t, "-no-auth")
	callControl(t, env, "POST", "faults", `{"after":1,"statusCode":502,"body":"<html>","contentType":"text/html"}`, 200)
	url := env["AWS_ENDPOINT_URL_IVS_REALTIME"]
	_, err := client(env).ListStages(t.Context(), nil)
	require.NoError(t, err, "the first call is spared")
	resp, body := send(t, url+"/ListStages", "POST", "{}", "localhost")
	require.Equal(t, 502, resp.StatusCode)
	require.Equal(t, "<html>", body)
	require.Equal(t, "text/html", resp.Header.Get("Content-Type"))
}

func TestFaultThatDelays(t *testing.T) {
	env := start(t)
	callControl(t, env, "POST", "faults", `{"operation":"ListStages","delay":"30ms"}`, 200)
	before := time.Now()
	_, err := client(env).ListStages(t.Context(), nil)
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(before), 30*time.Millisecond)
}

// process starts the command as a process of its own, and waits until it serves.
func process(t *testing.T, args ...string) (cmd *exec.Cmd, said io.Reader) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd = exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), "IVSREALTIME_FAKE_TEST_MAIN=1")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(stdout)
	for n := 0; n < 5 && lines.Scan(); n++ {
		require.True(t, strings.HasPrefix(lines.Text(), "export AWS_"), lines.Text())
	}
	return cmd, stderr
}

func TestMainEnds(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt here")
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		cmd, said := process(t)
		require.NoError(t, cmd.Process.Signal(signal))
		text, err := io.ReadAll(said)
		require.NoError(t, err)
		require.NoError(t, cmd.Wait(), "status 0 after %v: %s", signal, text)
	}
}

func TestMainRefuses(t *testing.T) {
	for arg, want := range map[string]struct {
		status int
		said   string
	}{
		"-h":        {0, "Usage of ivsrealtime-fake:"},
		"-nonsense": {1, "ivsrealtime-fake: flag provided but not defined: -nonsense"},
		"argument":  {1, `ivsrealtime-fake: unexpected argument "argument"`},
	} {
		cmd, said := process(t, arg)
		text, err := io.ReadAll(said)
		require.NoError(t, err)
		require.Contains(t, string(text), want.said)
		status := 0
		var exit *exec.ExitError
		if errors.As(cmd.Wait(), &exit) {
			status = exit.ExitCode()
		}
		require.Equal(t, want.status, status, arg)
	}
}
