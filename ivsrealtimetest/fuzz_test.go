package ivsrealtimetest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// Whatever comes, the answer is an empty body or a JSON object, has a request id,
// and is not the server's fault.
func FuzzServeHTTP(f *testing.F) {
	const arn = "arn:aws:ivs:us-east-1:111122223333:stage/AbCdEfGhIjKl"
	f.Add("POST", "/CreateStage", "", `{"name":"a","tags":{"k":"v"},"participantTokenConfigurations":[{"duration":1,"capabilities":["PUBLISH"]}],"autoParticipantRecordingConfiguration":{"storageConfigurationArn":"","hlsConfiguration":{"targetSegmentDurationSeconds":0}}}`)
	f.Add("POST", "/UpdateStage", "", `{"arn":"`+arn+`","name":"","autoParticipantRecordingConfiguration":{"thumbnailConfiguration":{"storage":["LATEST"]}}}`)
	f.Add("POST", "/ListStages", "", `{"maxResults":0,"nextToken":"AAAA"}`)
	f.Add("POST", "/CreateParticipantToken", "x", `{"stageArn":"`+arn+`","attributes":{"a":"b"}}`)
	f.Add("POST", "/tags/"+url.PathEscape(arn), "", `{"tags":{"a":"b"}}`)
	f.Add("GET", "/tags/"+url.PathEscape(arn), "", ``)
	f.Add("DELETE", "/tags/"+url.PathEscape(arn), "tagKeys=a&tagKeys=%C3%BC", ``)
	f.Add("POST", "/StartComposition", "", `{}`)
	f.Add("OPTIONS", "*", "", ``)
	f.Add("", "", "%zz", `null`)
	lax := ivsrealtimetest.NewServer(unsigned)
	strict := ivsrealtimetest.NewServer()
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			u = &url.URL{Path: path} // a caller of ServeHTTP may
		}
		u.RawQuery = query
		for _, srv := range []*ivsrealtimetest.Server{lax, strict} {
			r := &http.Request{Method: method, URL: u, Header: http.Header{}, Body: http.NoBody}
			if body != "" {
				r = httptest.NewRequest("POST", "/", strings.NewReader(body))
				r.Method, r.URL = method, u
			}
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 "+query)
			r.Header.Set("X-Amz-Date", "20261123T200000Z")
			w := httptest.NewRecorder()
			srv.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			if len(w.Header().Get("X-Amzn-Requestid")) != 36 {
				t.Fatal("no request id")
			}
			if w.Body.Len() == 0 {
				continue
			}
			var object map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &object); err != nil || object == nil {
				t.Fatalf("not a JSON object: %s", w.Body)
			}
		}
	})
}
