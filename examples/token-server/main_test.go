package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

const (
	testHostCode  = "the-code-of-all-hosts"
	testGuestCode = "the-code-of-all-guests"
)

// buffer is a log that several goroutines write.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// app is the service over HTTP, on a fake.
type app struct {
	t    *testing.T
	fake *ivsrealtimetest.Server
	log  *buffer
	http *httptest.Server
	seen []string // tokens that were handed out
}

func newApp(t *testing.T) *app {
	t.Helper()
	a := &app{t: t, fake: ivsrealtimetest.NewServer(), log: &buffer{}}
	set := settings{lifetime: time.Hour, rotate: time.Hour, hostCode: testHostCode, guestCode: testGuestCode}
	logger := slog.New(slog.NewTextHandler(a.log, nil))
	is, err := newIssuer(t.Context(), a.fake.Client(), logger, set)
	require.NoError(t, err)
	a.http = httptest.NewUnstartedServer(nil)
	a.http.Config.Handler = newHandler(is, logger, set, a.http.Listener.Addr())
	a.http.Start()
	t.Cleanup(func() {
		a.http.Close()
		require.NoError(t, is.close(context.Background()))
		for _, secret := range append(a.seen, testHostCode, testGuestCode, "PRIVATE KEY") {
			require.False(t, strings.Contains(a.log.String(), secret), "the log holds a secret")
		}
	})
	return a
}

// post sends a body, and returns status and answer.
func (a *app) post(path, code, body string, change ...func(*http.Request)) (*http.Response, map[string]string) {
	a.t.Helper()
	r, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.http.URL+path, strings.NewReader(body))
	require.NoError(a.t, err)
	r.Header.Set("Content-Type", "application/json")
	if code != "" {
		r.Header.Set("Authorization", "Bearer "+code)
	}
	for _, fn := range change {
		fn(r)
	}
	res, err := a.http.Client().Do(r)
	require.NoError(a.t, err)
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	require.NoError(a.t, err)
	var out map[string]string
	_ = json.Unmarshal(data, &out) // not all refusals are JSON
	if out["token"] != "" {
		a.seen = append(a.seen, out["token"], out["token"][strings.LastIndex(out["token"], ".")+1:])
	}
	return res, out
}

// take takes a token that must be given.
func (a *app) take(path, code, body string) map[string]string {
	a.t.Helper()
	res, out := a.post(path, code, body)
	require.Equal(a.t, http.StatusOK, res.StatusCode, out["error"])
	require.Equal(a.t, "no-store", res.Header.Get("Cache-Control"))
	return out
}

func (a *app) join(out map[string]string) *ivsrealtimetest.Participant {
	a.t.Helper()
	p, err := a.fake.Join(ivsrealtime.Secret(out["token"]))
	require.NoError(a.t, err)
	require.Equal(a.t, out["participantId"], p.ID())
	return p
}

func TestRoles(t *testing.T) {
	a := newApp(t)
	viewer := a.join(a.take("/api/token", "", `{"role":"viewer","name":"ben <b>"}`))
	guest := a.join(a.take("/api/token", testGuestCode, `{"role":"guest","name":"cleo"}`))
	host := a.join(a.take("/api/token", testHostCode, `{"role":"host","name":"anna"}`))
	require.ErrorIs(t, viewer.Publish(), ivsrealtimetest.ErrTokenNotAllowed)
	require.NoError(t, guest.Publish())
	require.NoError(t, host.Publish())
	require.NoError(t, viewer.Subscribe(host.ID()))

	got, err := a.fake.Client().GetParticipant(t.Context(), &ivsrealtime.GetParticipantInput{StageARN: host.StageARN(), SessionID: host.SessionID(), ParticipantID: host.ID()})
	require.NoError(t, err)
	require.Equal(t, "anna", got.Participant.UserID)
	require.Equal(t, map[string]string{"role": "host"}, got.Participant.Attributes)
	require.Contains(t, a.log.String(), "token issued")
	require.Contains(t, a.log.String(), host.ID())
}

func TestExchange(t *testing.T) {
	a := newApp(t)
	first := a.take("/api/token", "", `{"role":"viewer","name":"ben"}`)
	ben := a.join(first)
	change := func(role, token string) string {
		body, err := json.Marshal(map[string]string{"role": role, "token": token})
		require.NoError(t, err)
		return string(body)
	}
	res, _ := a.post("/api/exchange", "", change("host", first["token"]))
	require.Equal(t, http.StatusUnauthorized, res.StatusCode, "a token is no login")

	second := a.take("/api/exchange", testHostCode, change("host", first["token"]))
	require.Equal(t, first["participantId"], second["participantId"])
	require.NoError(t, ben.ExchangeToken(ivsrealtime.Secret(second["token"])))
	require.NoError(t, ben.Publish())
	third := a.take("/api/exchange", "", change("viewer", second["token"]))
	require.NoError(t, ben.ExchangeToken(ivsrealtime.Secret(third["token"])))
	require.ErrorIs(t, ben.Publish(), ivsrealtimetest.ErrTokenNotAllowed)

	for name, token := range map[string]string{
		"changed":  first["token"][:len(first["token"])-4] + "AAAA",
		"nonsense": "hunter2",
		"none":     "",
	} {
		res, out := a.post("/api/exchange", "", change("viewer", token))
		require.Equal(t, http.StatusBadRequest, res.StatusCode, name)
		require.Contains(t, out["error"], "ivstoken: ", name)
		require.NotContains(t, out["error"], "hunter2")
	}
}

func TestRefused(t *testing.T) {
	a := newApp(t)
	with := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			if r.Header.Set(name, value); name == "Host" {
				r.Host = value
			}
		}
	}
	const viewer = `{"role":"viewer","name":"ben"}`
	for _, tt := range []struct {
		name, code, body string
		change           func(*http.Request)
		want             int
	}{
		{"host without code", "", `{"role":"host"}`, nil, 401},
		{"host with the guests' code", testGuestCode, `{"role":"host"}`, nil, 401},
		{"guest with the hosts' code", testHostCode, `{"role":"guest"}`, nil, 401},
		{"wrong code", testHostCode + "x", `{"role":"host"}`, nil, 401},
		{"code without Bearer", "", `{"role":"host"}`, with("Authorization", testHostCode), 401},
		{"no role", "", `{"name":"ben"}`, nil, 400},
		{"unknown role", testHostCode, `{"role":"admin"}`, nil, 400},
		{"role in capitals", testHostCode, `{"role":"HOST"}`, nil, 400},
		{"unknown member", "", `{"role":"viewer","capabilities":["PUBLISH"]}`, nil, 400},
		{"not JSON", "", `role=viewer`, nil, 400},
		{"two objects", "", viewer + viewer, nil, 400},
		{"a brace too many", "", viewer + "}", nil, 400},
		{"nothing", "", ``, nil, 400},
		{"name too long", "", `{"role":"viewer","name":"` + strings.Repeat("n", 129) + `"}`, nil, 400},
		{"body too large", "", `{"role":"viewer","name":"` + strings.Repeat("n", maxBody) + `"}`, nil, 413},
		{"a form", "", viewer, with("Content-Type", "text/plain"), 415},
		{"no type", "", viewer, func(r *http.Request) { r.Header.Del("Content-Type") }, 415},
		{"page of another site", "", viewer, with("Sec-Fetch-Site", "cross-site"), 403},
		{"page of another port", "", viewer, with("Sec-Fetch-Site", "same-site"), 403},
		{"another origin, old browser", "", viewer, with("Origin", "https://evil.example"), 403},
		{"name that somebody lets resolve to us", "", viewer, with("Host", "evil.example"), 421},
		{"GET", "", "", func(r *http.Request) { r.Method = http.MethodGet }, 404},
		{"preflight", "", "", func(r *http.Request) { r.Method = http.MethodOptions }, 405},
	} {
		var change []func(*http.Request)
		if tt.change != nil {
			change = append(change, tt.change)
		}
		res, out := a.post("/api/token", tt.code, tt.body, change...)
		require.Equal(t, tt.want, res.StatusCode, "%s: %s", tt.name, out["error"])
		require.Empty(t, out["token"], tt.name)
		require.Empty(t, res.Header.Get("Access-Control-Allow-Origin"), tt.name)
		if res.Header.Get("Content-Type") == "application/json" {
			require.NotEmpty(t, out["error"], tt.name)
		}
	}
	a.take("/api/token", "", viewer) // and this is good
}

func TestPage(t *testing.T) {
	a := newApp(t)
	for path, want := range map[string]string{"/": "<title>token-server</title>", "/app.js": `"use strict"`, "/style.css": "font:"} {
		res, err := a.http.Client().Get(a.http.URL + path)
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusOK, res.StatusCode, path)
		require.Contains(t, string(body), want)
		require.NotContains(t, string(body), "innerHTML", "what somebody typed is never HTML")
		require.Contains(t, res.Header.Get("Content-Security-Policy"), "default-src 'none'")
		require.Equal(t, "nosniff", res.Header.Get("X-Content-Type-Options"))
	}
}

// Keys are replaced in time, two at most are there at a time, and no token stops
// working before its end.
func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := ivsrealtimetest.NewServer()
		log := &buffer{}
		set := settings{lifetime: time.Hour, rotate: time.Hour}
		is, err := newIssuer(t.Context(), fake.Client(), slog.New(slog.NewTextHandler(log, nil)), set)
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		go is.rotateEvery(ctx, set.rotate)

		keys := func() int {
			list, err := fake.Client().ListPublicKeys(t.Context(), nil)
			require.NoError(t, err)
			return len(list.PublicKeys)
		}
		type issued struct {
			token *ivstoken.SignedParticipantToken
			until time.Time
		}
		var tokens []issued
		active := map[string]bool{}
		for range 40 { // 10 hours
			token, err := is.issue(viewer, "ben")
			require.NoError(t, err)
			tokens = append(tokens, issued{token, time.Now().Add(time.Hour)})
			active[is.ring.Active().KeyARN()] = true
			time.Sleep(15*time.Minute - time.Second)
			synctest.Wait()
			require.LessOrEqual(t, keys(), 2)
			for _, i := range tokens {
				_, err := fake.Join(i.token.Token)
				require.Equal(t, time.Now().Before(i.until), err == nil, "%v", err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
		}
		require.Len(t, active, 10)
		last := tokens[len(tokens)-1].token

		// The service refuses a new key: the old one goes on, and next time it works.
		before := is.ring.Active()
		fake.AddFault(ivsrealtimetest.Fault{Operation: "ImportPublicKey", Times: 1, Code: "InternalServerException", StatusCode: 500})
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Same(t, before, is.ring.Active())
		require.Contains(t, log.String(), "the key was not replaced")
		_, err = is.issue(viewer, "ben")
		require.NoError(t, err)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.NotSame(t, before, is.ring.Active())
		// A key that was imported but not verified is not used, and deleted next time.
		before = is.ring.Active()
		fake.AddFault(ivsrealtimetest.Fault{Operation: "GetPublicKey", Times: 3, Code: "InternalServerException", StatusCode: 500})
		time.Sleep(time.Hour + time.Minute) // with time for the retries
		synctest.Wait()
		require.Same(t, before, is.ring.Active())
		require.Equal(t, 2, keys())
		time.Sleep(time.Hour)
		synctest.Wait()
		require.NotSame(t, before, is.ring.Active())
		require.Equal(t, 2, keys())

		stop()
		synctest.Wait()
		require.NoError(t, is.close(t.Context()))
		require.Zero(t, keys())
		_, err = fake.Join(last.Token)
		require.Error(t, err)
	})
}

func TestSettings(t *testing.T) {
	client := ivsrealtimetest.NewServer().Client()
	for _, set := range []settings{
		{lifetime: 0, rotate: time.Hour},
		{lifetime: 15 * 24 * time.Hour, rotate: 15 * 24 * time.Hour},
		{lifetime: time.Hour, rotate: time.Minute},
		{lifetime: time.Hour, rotate: 15 * 24 * time.Hour},
		{lifetime: time.Hour, rotate: time.Hour, stageARN: "arn:aws:ivs:us-east-1:111122223333:stage/none"},
	} {
		_, err := newIssuer(t.Context(), client, slog.New(slog.DiscardHandler), set)
		require.Error(t, err)
	}
	_, err := newClient(t.Context(), io.Discard, &settings{live: true, hostCode: demoHostCode, guestCode: demoGuestCode})
	require.ErrorContains(t, err, "TOKEN_SERVER_HOST_CODE")
}

// The whole program, as on AWS: configured by the environment, over a connection
// to the fake. It leaves nothing behind.
func TestRun(t *testing.T) {
	fake := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) {
		o.AccessKeyID, o.SecretAccessKey = "AKIATOKENSERVER", "a-secret-of-the-test"
	})
	srv := httptest.NewServer(fake)
	defer srv.Close()
	for _, kv := range os.Environ() {
		if name, value, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, value) // so that it is restored
			os.Unsetenv(name)
		}
	}
	none := t.TempDir() + "/config"
	for name, value := range map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIATOKENSERVER", "AWS_SECRET_ACCESS_KEY": "a-secret-of-the-test",
		"AWS_ENDPOINT_URL_IVS_REALTIME": srv.URL, "AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	set := settings{live: true, addr: "127.0.0.1:0", lifetime: time.Minute, rotate: time.Minute, hostCode: testHostCode, guestCode: testGuestCode}
	ctx, stop := context.WithCancel(t.Context())
	log := &buffer{}
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, in, log, set)
		in.Close()
		ended <- err
	}()
	said := make([]byte, 4096)
	text := ""
	url := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`)
	for url.FindString(text) == "" {
		n, err := out.Read(said)
		require.NoError(t, err, "%s\n%s", text, log)
		text += string(said[:n])
	}
	go io.Copy(io.Discard, out)
	require.Contains(t, text, "creates a stage named token-server")

	res, err := http.Post(url.FindString(text)+"api/token", "application/json", strings.NewReader(`{"role":"viewer","name":"ben"}`))
	require.NoError(t, err)
	var answer map[string]string
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	require.NoError(t, res.Body.Close())
	_, err = fake.Join(ivsrealtime.Secret(answer["token"]))
	require.NoError(t, err)

	stop()
	require.NoError(t, <-ended)
	require.NotContains(t, log.String()+text, answer["token"])
	require.NotContains(t, log.String()+text, testHostCode)
	stages, err := fake.Client().ListStages(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, stages.Stages)
	keys, err := fake.Client().ListPublicKeys(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, keys.PublicKeys)
}
