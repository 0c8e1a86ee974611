package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// TestMain lets the test binary be the command, for the test of its signals.
func TestMain(m *testing.M) {
	if os.Getenv("IVSREALTIME_FAKE_TEST_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// send sends a request with the headers, and the Host, given.
func send(t *testing.T, url, method, body, host string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Host = host
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(text)
}

func TestHosts(t *testing.T) {
	env := start(t, "-no-auth", "-host", "Fake.Test:4500", "-host", "fake", "-host", "192.0.2.7")
	url := env["AWS_ENDPOINT_URL_IVS_REALTIME"]
	for _, host := range []string{
		"127.0.0.1", "127.0.0.1:1", "localhost", "LOCALHOST:4500", "localhost.", "127.8.9.1:80", "[::1]", "[::1]:4500", "[::ffff:127.0.0.1]:80",
		"fake.test", "FAKE.test:99", "fake", "fake.:1", "192.0.2.7:80",
	} {
		for _, path := range []string{"/_fake/events", "/ListStages"} {
			resp, body := send(t, url+path, map[string]string{"/ListStages": "POST"}[path], "", host)
			require.Equal(t, 200, resp.StatusCode, "%s %s: %s", host, path, body)
		}
	}
	for _, host := range []string{
		"rebound.example", "rebound.example:41095", "127.0.0.1.evil.example", "localhost.evil.example", "evil.localhost.example:80", "192.0.2.8", "10.0.0.1:80", "[fe80::1]:80",
		"[2001:db8::1]", "fake.test.evil.example", "xfake", "evil:80", "127.1", "2130706433", "0.0.0.0:80",
	} {
		for _, path := range []string{"/_fake/events", "/_fake/clock", "/CreateStage", "/tags/x", "/"} {
			resp, body := send(t, url+path, "POST", "{}", host)
			require.Equal(t, 421, resp.StatusCode, "%s %s: %s", host, path, body)
			require.Contains(t, body, "-host NAME")
			require.Contains(t, body, strings.TrimSuffix(host, ":80"))
			requireNoCORS(t, resp)
		}
	}
	out := callControl(t, env, "GET", "calls", ``, 200)["list"].([]any)
	for _, c := range out {
		require.Equal(t, "ListStages", c.(map[string]any)["operation"], "what was refused is not among the calls")
	}
}

func TestHostsThatAreRefusedAsFlags(t *testing.T) {
	for _, value := range []string{"", ".", ":80", "http://fake", "a b", "*.test", "user@fake", "fake,fake.test"} {
		require.ErrorContains(t, run(cancelled(t), []string{"-host", value}, io.Discard, io.Discard), "want one name", value)
	}
}

func requireNoCORS(t *testing.T, resp *http.Response) {
	t.Helper()
	for name := range resp.Header {
		require.False(t, strings.HasPrefix(strings.ToLower(name), "access-control-"), name)
	}
}

func TestWebPagesOfOtherOrigins(t *testing.T) {
	env := start(t, "-no-auth")
	url := env["AWS_ENDPOINT_URL_IVS_REALTIME"]
	host := strings.TrimPrefix(url, "http://")
	stage, err := client(env).CreateStage(t.Context(), nil)
	require.NoError(t, err)
	before := callControl(t, env, "GET", "calls", ``, 200)["list"].([]any)
	arn := stage.Stage.ARN
	for _, page := range [][]string{
		{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site", "Content-Type", "text/plain"},
		{"Origin", "https://evil.example", "Content-Type", "text/plain"},
		{"Origin", "null", "Content-Type", "text/plain"},
		{"Origin", "http://localhost:3000", "Sec-Fetch-Site", "same-site", "Content-Type", "text/plain"},
		{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"},
		{"Sec-Fetch-Site", "cross-site", "Authorization", "Basic dXNlcjpwYXNz"}, // of http://user:pass@127.0.0.1
		{"Origin", "https://evil.example", "Authorization", "Digest username=x"},
		{"Origin", "https://evil.example", "Authorization", "Negotiate x"},
		{"Origin", "https://evil.example", "Authorization", "AWS4-HMAC-SHA256"},
	} {
		for _, r := range [][3]string{
			{"POST", "/DeleteStage", `{"arn":"` + arn + `"}`},
			{"POST", "/CreateStage", `{}`},
			{"POST", "/ListStages", `{}`},
			{"POST", "/tags/" + strings.ReplaceAll(arn, "/", "%2F"), `{"tags":{"a":"b"}}`},
			{"GET", "/tags/" + strings.ReplaceAll(arn, "/", "%2F"), ``},
			{"POST", "/_fake/clock", `{"advance":"1h"}`},
			{"POST", "/_fake/faults", `{"delay":"1h"}`},
			{"DELETE", "/_fake/faults", ``},
			{"POST", "/_fake/join", `{"token":"x"}`},
			{"GET", "/_fake/calls", ``},
			{"GET", "/_fake/events", ``},
			{"POST", "//_fake/clock", `{"advance":"1h"}`},
			{"POST", "/%5Ffake/clock", `{"advance":"1h"}`},
		} {
			resp, body := send(t, url+r[1], r[0], r[2], host, page...)
			require.Equal(t, 403, resp.StatusCode, "%s %s: %s", page, r, body)
			require.Contains(t, body, "another origin")
			requireNoCORS(t, resp)
		}
	}
	require.Equal(t, before, callControl(t, env, "GET", "calls", ``, 200)["list"])
	_, err = client(env).GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: arn})
	require.NoError(t, err)

	// The fake's own pages, curl and SDKs.
	for _, page := range [][]string{
		nil,
		{"Origin", url, "Sec-Fetch-Site", "same-origin"},
		{"Origin", url},
		{"Sec-Fetch-Site", "none"},
	} {
		for _, r := range [][3]string{{"POST", "/CreateStage", `{}`}, {"POST", "/_fake/clock", `{"advance":"1s"}`}, {"GET", "/_fake/calls", ``}} {
			resp, body := send(t, url+r[1], r[0], r[2], host, page...)
			require.Equal(t, 200, resp.StatusCode, "%s %s: %s", page, r, body)
		}
	}
}

// A browser asks before it sends an Authorization header elsewhere, and does not
// get the permission.
func TestNoPermissionForSignedRequestsOfWebPages(t *testing.T) {
	env := start(t)
	url := env["AWS_ENDPOINT_URL_IVS_REALTIME"]
	resp, _ := send(t, url+"/CreateStage", "OPTIONS", "", "localhost",
		"Origin", "https://evil.example", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization")
	require.Equal(t, 403, resp.StatusCode)
	requireNoCORS(t, resp)
}

// A GET changes nothing, whatever it asks for.
func TestNoGETChangesAnything(t *testing.T) {
	env := start(t, "-no-auth")
	url := env["AWS_ENDPOINT_URL_IVS_REALTIME"]
	stage, err := client(env).CreateStage(t.Context(), &ivsrealtime.CreateStageInput{ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{{}}})
	require.NoError(t, err)
	callControl(t, env, "POST", "join", `{"token":"`+string(stage.ParticipantTokens[0].Token)+`"}`, 200)
	id := stage.ParticipantTokens[0].ParticipantID
	for _, r := range [][2]string{
		{"/DeleteStage", `{"arn":"` + stage.Stage.ARN + `"}`},
		{"/_fake/clock", `{"advance":"1h"}`},
		{"/_fake/faults", `{"delay":"1h"}`},
		{"/_fake/join", `{"token":"` + string(stage.ParticipantTokens[0].Token) + `"}`},
		{"/_fake/participants/" + id + "/publish", `{}`},
		{"/_fake/participants/" + id + "/leave", `{}`},
		{"/_fake/ingest", `{}`},
		{"/_fake/destinations", `{}`},
	} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			resp, body := send(t, url+r[0], method, r[1], "localhost")
			require.NotEqual(t, 200, resp.StatusCode, "%s %s: %s", method, r, body)
		}
	}
	got, err := client(env).GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: stage.Stage.ARN})
	require.NoError(t, err)
	require.NotEmpty(t, got.Stage.ActiveSessionID, "nobody left")
	require.Empty(t, callControl(t, env, "GET", "events", ``, 200)["list"], "nobody publishes")
}

func TestTheAddressOfAllAddresses(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0"} {
		env := start(t, "-addr", addr)
		require.Regexp(t, `^http://127\.0\.0\.1:[1-9][0-9]*$`, env["AWS_ENDPOINT_URL_IVS_REALTIME"])
		_, err := client(env).ListStages(t.Context(), nil)
		require.NoError(t, err, addr)
	}
	for addr, want := range map[string]string{"192.0.2.1": "192.0.2.1:80", "2001:db8::1": "[2001:db8::1]:80", "127.0.0.9": "127.0.0.9:80"} {
		require.Equal(t, want, callable(&net.TCPAddr{IP: net.ParseIP(addr), Port: 80}))
	}
}

// The address that the connection came to is one that a server on all
// addresses listens on.
func TestHostIsTheAddressOfTheConnection(t *testing.T) {
	allowed := func(host, local string) bool {
		r := httptest.NewRequest("POST", "/", nil)
		r.Host = host
		ctx := context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(&net.TCPAddr{IP: net.ParseIP(local), Port: 80}))
		return hosts(nil).allow(r.WithContext(ctx))
	}
	require.True(t, allowed("192.0.2.1:4500", "192.0.2.1"))
	require.True(t, allowed("[2001:db8::1]", "2001:db8::1"))
	require.False(t, allowed("192.0.2.2", "192.0.2.1"))
	require.False(t, allowed("evil.example", "192.0.2.1"))
	require.False(t, allowed("", "192.0.2.1"))
}

func TestClockDoesNotOverflow(t *testing.T) {
	env := start(t)
	for _, advance := range []string{"2562047h47m16.854775807s", "876001h", "876000h1ns"} {
		out := callControl(t, env, "POST", "clock", `{"advance":"`+advance+`"}`, 400)
		require.Contains(t, out["error"], "more than 100 years ahead")
	}
	now := callControl(t, env, "POST", "clock", `{"advance":"876000h"}`, 200)["now"].(string)
	moved, err := time.Parse(time.RFC3339Nano, now)
	require.NoError(t, err)
	require.Greater(t, moved.Year(), time.Now().Year()+98)
	require.Contains(t, callControl(t, env, "POST", "clock", `{"advance":"1ns"}`, 400)["error"], "more than 100 years ahead")
	// What the fake adds to its time still fits.
	callControl(t, env, "POST", "faults", `{"delay":"2562047h","operation":"ListPublicKeys"}`, 200)
	stage, err := client(env).CreateStage(t.Context(), &ivsrealtime.CreateStageInput{ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{{Duration: 20160}}})
	require.NoError(t, err)
	require.True(t, stage.ParticipantTokens[0].ExpirationTime.After(moved))
	callControl(t, env, "POST", "join", `{"token":"`+string(stage.ParticipantTokens[0].Token)+`"}`, 200)
}

func TestServerHasTimeouts(t *testing.T) {
	server := newServer(http.NotFoundHandler(), nil)
	require.Equal(t, []time.Duration{10 * time.Second, time.Minute, time.Minute, 2 * time.Minute},
		[]time.Duration{server.ReadHeaderTimeout, server.ReadTimeout, server.WriteTimeout, server.IdleTimeout})
	require.Equal(t, 64<<10, server.MaxHeaderBytes)
}

// A call that a fault delays beyond the server's time to write gets its response.
func TestDelayBeyondTheWriteTimeout(t *testing.T) {
	clock := &clock{}
	fake := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.Clock = clock })
	h := httptest.NewUnstartedServer(nil)
	h.Config = newServer(newControl(fake, clock), nil)
	h.Config.WriteTimeout = 1 // over when the request has come
	h.Start()
	defer h.Close()
	c := fake.Client(func(o *ivsrealtime.Options) { o.HTTPClient, o.BaseEndpoint = h.Client(), &h.URL })
	_, err := c.ListStages(t.Context(), nil)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), "GET", h.URL+"/_fake/calls", nil)
	require.NoError(t, err)
	resp, err := h.Client().Do(req)
	if err == nil {
		resp.Body.Close()
	}
	require.Error(t, err, "a control route has the server's time")
}

// The first interrupt waits for the calls under way, the second does not.
func TestSecondInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt here")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-no-auth")
	cmd.Env = append(os.Environ(), "IVSREALTIME_FAKE_TEST_MAIN=1")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	env := map[string]string{}
	lines := bufio.NewScanner(stdout)
	for len(env) < 5 && lines.Scan() {
		name, value, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		env[name] = value
	}
	// A call that is never answered: its body does not come.
	conn, err := net.Dial("tcp", strings.TrimPrefix(env["AWS_ENDPOINT_URL_IVS_REALTIME"], "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /CreateStage HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
	require.NoError(t, err)
	line, err := bufio.NewReader(conn).ReadString('\n') // which comes when the body is being read
	require.NoError(t, err)
	require.Contains(t, line, "100 Continue")

	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	said, err := bufio.NewReader(stderr).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, said, "interrupt again")
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.True(t, errors.As(cmd.Wait(), &exit))
	status, ok := exit.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.True(t, status.Signaled(), "the interrupt ended it: %v", exit)
}

// cancelled is a context with which the command ends at once, should it start.
func cancelled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
