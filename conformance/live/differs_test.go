package main

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// turning passes requests to a handler and changes what comes back.
type turning struct {
	handler http.Handler
	turn    func(r *http.Request, w *httptest.ResponseRecorder, n int) // of the n-th request, from 1
	mu      sync.Mutex
	n       int
}

func (h *turning) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.n++
	rec := httptest.NewRecorder()
	h.handler.ServeHTTP(rec, r)
	h.turn(r, rec, h.n)
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

// replace changes the bodies of an operation's responses.
func replace(operation, old, with string) func(*http.Request, *httptest.ResponseRecorder, int) {
	return func(r *http.Request, w *httptest.ResponseRecorder, _ int) {
		if r.URL.Path == "/"+operation {
			w.Body = bytes.NewBufferString(strings.ReplaceAll(w.Body.String(), old, with))
		}
	}
}

func TestReportNamesWhatDiffers(t *testing.T) {
	const (
		service   = `Service: body {"Code"`
		content   = `Content-Type of errors is`
		throttled = `Throttling is 429`
		lists     = `Lists for an unknown stage or session are empty`
		tags      = `More than 50 tags after merging`
		times     = `ACTIVE after 2 s`
		idle      = `GetStage of an idle stage has none either`
		big       = `A body above 1 MiB: 413`
		prefix    = `Composite prefix`
	)
	for name, test := range map[string]struct {
		options func(*ivsrealtimetest.Options)
		turns   []func(*http.Request, *httptest.ResponseRecorder, int)
		want    []string // the beginnings of the behaviours, in their order
	}{
		"three options": {
			options: func(o *ivsrealtimetest.Options) {
				o.ThrottlingCode = "TooManyRequestsException"
				o.UnknownListErrorCode = "ValidationException"
				o.CompositionStartDelay = 5 * time.Second
			},
			want: []string{throttled, lists, times},
		},
		"three others": {
			options: func(o *ivsrealtimetest.Options) { o.Quotas.TagsPerResource, o.CompositionStopDelay = 49, 0 },
			turns:   []func(*http.Request, *httptest.ResponseRecorder, int){replace("GetStage", `"name":`, `"activeSessionId":"","name":`)},
			want:    []string{idle, times, tags},
		},
		"the modelled errors": {
			options: func(o *ivsrealtimetest.Options) { o.ModelledErrors = true },
			want:    []string{service, content}, // the case of the front's one field is a matter of the latter
		},
		"no option has it": {
			turns: []func(*http.Request, *httptest.ResponseRecorder, int){
				replace("GetComposition", `/composite"`, `/media"`),
				func(_ *http.Request, w *httptest.ResponseRecorder, _ int) {
					if w.Code == http.StatusRequestEntityTooLarge {
						w.Code = http.StatusBadRequest
					}
				},
				replace("GetStage", `"Message":`, `"message":`),
			},
			want: []string{content, big, prefix},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var options []func(*ivsrealtimetest.Options)
			if test.options != nil {
				options = append(options, test.options)
			}
			srv, r := newFake(t, options...)
			r.caller.http = inProcess{&turning{handler: srv, turn: func(req *http.Request, w *httptest.ResponseRecorder, n int) {
				for _, turn := range test.turns {
					turn(req, w, n)
				}
			}}}
			r.caller.pace = pacer{}
			rep := r.all(t.Context())
			found, shown := rep.named(differs), text(rep)
			require.Len(t, found, len(test.want), shown)
			for i, want := range test.want {
				require.True(t, strings.HasPrefix(found[i], want), shown)
			}
			for _, f := range rep.findings {
				require.True(t, f.row.beyond != "" || f.verdict != notReachable, shown)
				require.Equal(t, f.verdict == differs, f.response != nil, "the response that differs is shown")
			}
			require.Empty(t, remains(t, r))
		})
	}
}

// odd changes successes in ways that let a check go on.
var odd = strings.NewReplacer(
	`://`, `://odd-`, `"fingerprint":"`, `"fingerprint":"00:`, `"redundantIngestCredentials":`, `"odd":`, `"PIP"`, `"ODD"`, `"pip":`, `"odd":`,
	`"tags":`, `"odd":`, `"name":`, `"activeSessionId":"","name":`, `"ingestConfigurations":[`, `"ingestConfigurations":[{},`,
	`"participantToken":{`, `"participantToken":{"odd":1,`, `"token":"`, `"token":"odd.`, `"omitStoppedVideo":`, `"odd":`, `/composite"`, `/odd"`,
	`"stageArn":"`, `"stageArn":"odd-`,
)

// A check that no response makes differ would check nothing.
func TestEveryCheckCanDiffer(t *testing.T) {
	for _, row := range table() {
		if row.beyond != "" {
			continue
		}
		can := false
		for first := 1; first <= row.calls && !can; first++ {
			for _, turn := range []func(*httptest.ResponseRecorder){
				func(w *httptest.ResponseRecorder) {
					w.Code, w.Body = http.StatusTeapot, bytes.NewBufferString(`{"odd":true}`)
					clear(w.Header())
				},
				func(w *httptest.ResponseRecorder) { w.Body = bytes.NewBufferString(odd.Replace(w.Body.String())) },
			} {
				srv, r := newFake(t)
				r.only(row.behaviour)
				r.caller.http = inProcess{&turning{handler: srv, turn: func(_ *http.Request, w *httptest.ResponseRecorder, n int) {
					if n >= first && n <= row.calls {
						turn(w)
					}
				}}}
				can = can || slices.Contains(r.all(t.Context()).named(differs), row.behaviour)
			}
		}
		assert.True(t, can, "%s: no odd response makes it differ", row.behaviour)
	}
}

func TestInterruptLeavesNothing(t *testing.T) {
	srv, r := newFake(t)
	total := r.all(t.Context()).sent
	require.NotEmpty(t, srv.Calls("CreateStage"))
	step := 7
	if testing.Short() {
		step = 23
	}
	for at := 1; at < total; at += step {
		srv, r := newFake(t)
		ctx, interrupt := context.WithCancel(t.Context())
		r.caller.http = inProcess{&turning{handler: srv, turn: func(_ *http.Request, _ *httptest.ResponseRecorder, n int) {
			if n == at {
				interrupt()
			}
		}}}
		rep := r.all(ctx)
		require.Empty(t, rep.left, "interrupted at request %d", at)
		require.Empty(t, remains(t, r), "interrupted at request %d", at)
		if at < total/2 { // later it may hit a deletion, which goes on
			require.Contains(t, text(rep), "interrupted")
		}
	}
}

func TestEverythingCreatedHasNameAndTag(t *testing.T) {
	srv, r := newFake(t)
	created := 0
	r.caller.http = inProcess{http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		require.NoError(t, err)
		req.Body = io.NopCloser(bytes.NewReader(body))
		rec := httptest.NewRecorder()
		srv.ServeHTTP(rec, req)
		maps.Copy(w.Header(), rec.Header())
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
		for _, k := range kinds {
			if req.URL.Path != "/"+k.create || rec.Code != http.StatusOK {
				continue
			}
			created++
			sent := &response{body: body}
			require.Equal(t, r.run, sent.text("tags", runTag), k.create)
			if k != compositions {
				require.True(t, strings.HasPrefix(sent.text("name"), r.run+"-"), k.create)
			}
		}
	})}
	require.Empty(t, r.all(t.Context()).left)
	require.Greater(t, created, 50)
}

// A creation whose response is lost is found by its tag.
func TestLostResponseLeavesNothing(t *testing.T) {
	for _, k := range kinds {
		srv, r := newFake(t)
		r.only("All six kinds of resources can be tagged")
		srv.AddFault(ivsrealtimetest.Fault{Operation: k.create, Times: 1, Connection: ivsrealtimetest.ResetAfterHandling})
		rep := r.all(t.Context())
		require.Empty(t, rep.left)
		require.Empty(t, remains(t, r), k.create)
	}
}

func TestOnlyWhatCanBeReached(t *testing.T) {
	srv, r := newFake(t)
	r.bucket, r.burst = "", false
	rep := r.all(t.Context())
	require.Empty(t, rep.named(differs), text(rep))
	for _, f := range rep.findings {
		require.Equal(t, f.row.beyond != "" || f.row.bucket || f.row.burst, f.verdict == notReachable, text(rep))
	}
	require.Empty(t, srv.Calls("CreateStorageConfiguration"))
	for _, call := range srv.Calls() {
		require.NotEqual(t, http.StatusTooManyRequests, call.StatusCode)
	}
}

// Without permission for an operation nothing is known about the service.
func TestNoPermission(t *testing.T) {
	srv, r := newFake(t)
	srv.AddFault(ivsrealtimetest.Fault{Operation: "CreateParticipantToken", Code: "AccessDeniedException"})
	srv.AddFault(ivsrealtimetest.Fault{Operation: "UpdateIngestConfiguration", Code: "AccessDeniedException"})
	rep := r.all(t.Context())
	require.Empty(t, rep.named(differs), text(rep))
	require.Contains(t, text(rep), "The credentials have no permission for UpdateIngestConfiguration.")
	require.Contains(t, text(rep), "| X-Amzn-Errortype: AccessDeniedException")

	// Nor is it known while the service throttles, or with credentials that have expired.
	srv, r = newFake(t)
	srv.AddFault(ivsrealtimetest.Fault{Operation: "UpdateIngestConfiguration", Code: "ThrottlingException"})
	srv.AddFault(ivsrealtimetest.Fault{Operation: "TagResource", Code: "ExpiredTokenException", StatusCode: 403})
	rep = r.all(t.Context())
	require.Empty(t, rep.named(differs), text(rep))
	require.Contains(t, text(rep), "UpdateIngestConfiguration is throttled")
	require.Contains(t, text(rep), "The credentials have expired.")
}

// A response that a check is not prepared for ends that check alone.
func TestOddARN(t *testing.T) {
	srv, r := newFake(t)
	r.only("An ARN of another account")
	r.caller.http = inProcess{&turning{handler: srv, turn: func(_ *http.Request, w *httptest.ResponseRecorder, n int) {
		if n == 1 {
			w.Body = bytes.NewBufferString(`{"stage":{"arn":"odd"}}`)
		}
	}}}
	rep := r.all(t.Context())
	require.Equal(t, notReachable, rep.findings[0].verdict)
	require.Contains(t, text(rep), "The check fails")
	require.Empty(t, remains(t, r), "the sweep finds what the response did not tell of")
}

func TestReportHidesSecrets(t *testing.T) {
	srv, r := newFake(t, func(o *ivsrealtimetest.Options) { o.AccountID = "123456789012" })
	var tokens []string
	r.caller.http = inProcess{&turning{handler: srv, turn: func(_ *http.Request, w *httptest.ResponseRecorder, _ int) {
		response := &response{body: w.Body.Bytes()}
		for _, path := range [][]any{{"participantToken", "token"}, {"ingestConfiguration", "streamKey"}} {
			if secret := response.text(path...); secret != "" {
				tokens = append(tokens, secret)
			}
		}
		// Everything differs, and the responses repeat what nobody should see.
		w.Code = http.StatusTeapot
		w.Header().Set("Set-Cookie", "session=very-secret")
		w.Body = bytes.NewBufferString(strings.TrimSuffix(w.Body.String(), "}") +
			`,"echo":"FAKEACCESSKEYID fake-secret-access-key rt_123456789012_us-east-1_Ab12_Cd34 eyJhbGciOiJLTVMifQ.eyJqdGkiOiIxIn0.c2ln x-amz-security-token:SESSIONTOKEN"}`)
	}}}
	rep := r.all(t.Context())
	shown := text(rep)
	require.Contains(t, shown, "echo")
	require.NotEmpty(t, tokens)
	for _, secret := range append(tokens, "FAKEACCESSKEYID", "fake-secret-access-key", "very-secret", "Cd34", "eyJ", "SESSIONTOKEN", "123456789012") {
		require.NotContains(t, shown, secret)
	}
}

func TestCommand(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "FAKEACCESSKEYID", "AWS_SECRET_ACCESS_KEY": "fake-secret-access-key", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	clock := newTestClock()
	srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.Clock = clock })
	server := httptest.NewServer(srv)
	defer server.Close()
	command := func(stdin string, args ...string) (code int, out, log string, err error) {
		var o, l bytes.Buffer
		code, err = run(t.Context(), clock, args, strings.NewReader(stdin), &o, &l)
		return code, o.String(), l.String(), err
	}

	code, out, log, err := command("", "-endpoint", server.URL, "-run", "^x-amzn-errortype")
	require.NoError(t, err)
	require.Zero(t, code, out)
	require.Contains(t, out, "1 as assumed, 0 differ, 0 not reachable")
	require.Contains(t, log, "  1 stages\n")
	require.Len(t, srv.Calls("DeleteStage"), 1)

	// Somewhere else it asks before it sends anything.
	for _, answer := range []string{"", "no\n", "y\n"} {
		code, out, log, err = command(answer, "-endpoint", "https://192.0.2.1", "-bucket", "some-bucket", "-burst")
		require.ErrorIs(t, err, errUsage)
		require.Equal(t, 2, code)
		require.Empty(t, out)
		require.Contains(t, log, "stages\n")
		require.Contains(t, log, "-burst: ")
	}

	// -clean deletes what a run that was killed has left.
	killed := newRunID()
	_, r := newFake(t)
	r.caller.http, r.caller.clock = inProcess{srv}, clock
	for _, name := range []string{killed + "-0", "of-somebody-else"} {
		resp, err := r.caller.call(t.Context(), operation("CreateStage", obj{"name": name}))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.status)
	}
	code, out, _, err = command("", "-endpoint", server.URL, "-clean", killed)
	require.NoError(t, err)
	require.Zero(t, code, out)
	left, err := r.caller.call(t.Context(), operation("ListStages", obj{}))
	require.NoError(t, err)
	require.Equal(t, "of-somebody-else", left.text("stages", 0, "name"))
	_, more := left.get("stages", 1)
	require.False(t, more)

	// Credentials that the service does not take end it before anything is created.
	t.Setenv("AWS_SECRET_ACCESS_KEY", "another-secret")
	code, out, _, err = command("", "-endpoint", server.URL)
	require.ErrorContains(t, err, "InvalidSignatureException")
	require.NotContains(t, err.Error(), "another-secret")
	require.Equal(t, 2, code)
	require.Empty(t, out)

	for _, args := range [][]string{
		{"-region", "US EAST"}, {"-endpoint", "localhost:8080"}, {"-endpoint", "http://user:password@localhost"}, {"-run", "("}, {"-clean", "x"}, {"more"}, {"-unknown"},
	} {
		code, out, log, err = command("yes\n", args...)
		require.Error(t, err)
		require.Equal(t, 2, code, args)
		require.Empty(t, out)
		require.NotContains(t, err.Error()+log, "password")
	}
}
