package fake_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// jsSDK is the version that testdata/js pins.
const jsSDK = "@aws-sdk/client-ivs-realtime 3.1058.0"

// TestJavaScript lets the JavaScript SDK talk to the command that serves the
// fake. It needs Node and `npm ci` in testdata/js, which `make conformance` runs.
func TestJavaScript(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node")
	}
	if _, err := os.Stat("testdata/js/node_modules/@aws-sdk/client-ivs-realtime"); err != nil {
		t.Skip("the JavaScript SDK is not there: run `npm ci` in conformance/fake/testdata/js, or `make conformance`")
	}
	endpoint := startCommand(t)
	cmd := exec.CommandContext(t.Context(), node, "story.mjs", endpoint)
	cmd.Dir = "testdata/js"
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	var result struct {
		Operations int
		Missed     []string
		Calls      int
	}
	require.NoError(t, json.Unmarshal(out, &result))
	require.Empty(t, result.Missed, "operations of the SDK that the story does not call")
	require.Equal(t, 39, result.Operations)
	tally.Record(t, tally.Row{Area: "Fake", What: "operations called", With: jsSDK, Cases: result.Operations})
	tally.Record(t, tally.Row{Area: "Fake", What: "calls of the story, over HTTP", With: jsSDK, Cases: result.Calls})
}

// startCommand builds and starts the fake as a command and returns its URL.
func startCommand(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "ivsrealtime-fake")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "./cmd/ivsrealtime-fake")
	build.Dir = "../.."
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	cmd := exec.Command(bin)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	url := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(line)
	require.NotEmpty(t, url, line)
	return url
}

// TestPinnedVersions makes sure that the lock file says what the table says, and
// where nothing came from.
func TestPinnedVersions(t *testing.T) {
	lock, err := os.ReadFile("testdata/js/package-lock.json")
	require.NoError(t, err)
	require.NotContains(t, string(lock), `"resolved"`, "the lock file names a registry")
	var parsed struct {
		Packages map[string]struct{ Version, Integrity string }
	}
	require.NoError(t, json.Unmarshal(lock, &parsed))
	require.Equal(t, jsSDK, "@aws-sdk/client-ivs-realtime "+parsed.Packages["node_modules/@aws-sdk/client-ivs-realtime"].Version)
	for name, p := range parsed.Packages {
		require.True(t, name == "" || p.Integrity != "", "%s has no integrity", name)
	}
}
