package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// FuzzControl: whatever comes to a control route is done, or refused with JSON
// that says why.
func FuzzControl(f *testing.F) {
	f.Add("POST", "join", `{"token":"x","client":{"OSName":"Linux"},"connectionTokenId":"c"}`)
	f.Add("POST", "participants/PARTICIPANT/publish", ``)
	f.Add("POST", "participants/PARTICIPANT/subscribe", `{"to":"x"}`)
	f.Add("POST", "participants/PARTICIPANT/fail", `{"errorCode":"RESOLUTION_EXCEEDED"}`)
	f.Add("POST", "participants/PARTICIPANT/dance", `null`)
	f.Add("POST", "ingest", `{"streamKey":"x","protocol":"RTMPS"}`)
	f.Add("POST", "destinations", `{"compositionArn":"x","id":"y","action":"fail","errorCode":"StageDeleted","reason":"z"}`)
	f.Add("GET", "events", ``)
	f.Add("POST", "faults", `{"operation":"GetStage","delay":"3s","times":1}`)
	f.Add("POST", "faults", `{"statusCode":502,"body":"<html>","contentType":"text/html","code":"X"}`)
	f.Add("POST", "faults", `{"connection":"truncateResponse","after":-1}`)
	f.Add("DELETE", "faults", ``)
	f.Add("GET", "calls", ``)
	f.Add("POST", "clock", `{"advance":"2562047h47m16.854775807s"}`)
	f.Add("PUT", "../x//%2e%2e", `{} {`)
	f.Fuzz(func(t *testing.T, method, path, body string) {
		clock := &clock{}
		fake := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.Clock = clock })
		handler := newControl(fake, clock)
		created, err := fake.Client().CreateStage(t.Context(), &ivsrealtime.CreateStageInput{ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{{}}})
		if err != nil {
			t.Fatal(err)
		}
		join, err := json.Marshal(map[string]string{"token": string(created.ParticipantTokens[0].Token)})
		if err != nil {
			t.Fatal(err)
		}
		joined := httptest.NewRecorder()
		handler.ServeHTTP(joined, httptest.NewRequest("POST", "/_fake/join", strings.NewReader(string(join))))
		if joined.Code != http.StatusOK {
			t.Fatal(joined.Body)
		}
		path = strings.ReplaceAll(path, "PARTICIPANT", created.ParticipantTokens[0].ParticipantID)

		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Method, r.URL = method, &url.URL{Path: "/_fake/" + path}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		var answer any
		if w.Code/100 == 3 { // the mux cleans paths
			return
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil && method != http.MethodHead {
			t.Fatalf("status %d: %v: %s", w.Code, err, w.Body)
		}
		object, _ := answer.(map[string]any)
		_, isError := object["error"].(string)
		if isError != (w.Code != http.StatusOK) || w.Code != http.StatusOK && w.Code != http.StatusBadRequest && w.Code != http.StatusNotFound {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
	})
}
