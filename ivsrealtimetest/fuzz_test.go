package ivsrealtimetest_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/smithy-go"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// answers are the codes that a request may be refused with, and their status.
var answers = map[string]int{
	"ConflictException": 409, "ResourceNotFoundException": 404, "ServiceQuotaExceededException": 402, "ValidationException": 400,
	"IncompleteSignatureException": 403, "InvalidSignatureException": 403, "MissingAuthenticationTokenException": 403, "UnrecognizedClientException": 403,
	"UnknownOperationException": 404, "RequestEntityTooLargeException": 413,
}

// FuzzServeHTTP: whatever comes, the answer is a success (an empty body or a JSON
// object) or one of the errors that there are, with its status, a message and a
// request id.
func FuzzServeHTTP(f *testing.F) {
	lax := ivsrealtimetest.NewServer(unsigned, func(o *ivsrealtimetest.Options) { o.Seed, o.MaxCalls = 1, 10 })
	strict := ivsrealtimetest.NewServer()
	// Something that the requests can be about. Its ARNs are the same in every run.
	stage, session, participant, composition := furnish(f, lax)
	quoted := func(s string) string { return `"` + s + `"` }
	f.Add("POST", "/CreateStage", "", `{"name":"a","tags":{"k":"v"},"participantTokenConfigurations":[{"duration":1,"capabilities":["PUBLISH"]}],"autoParticipantRecordingConfiguration":{"storageConfigurationArn":"","hlsConfiguration":{"targetSegmentDurationSeconds":0}}}`)
	f.Add("POST", "/UpdateStage", "", `{"arn":`+quoted(stage)+`,"name":"","autoParticipantRecordingConfiguration":{"thumbnailConfiguration":{"storage":["LATEST"]}}}`)
	f.Add("POST", "/ListStages", "", `{"maxResults":0,"nextToken":"AAAA"}`)
	f.Add("POST", "/CreateParticipantToken", "x", `{"stageArn":`+quoted(stage)+`,"attributes":{"a":"b"}}`)
	f.Add("POST", "/GetParticipant", "", `{"stageArn":`+quoted(stage)+`,"sessionId":`+quoted(session)+`,"participantId":`+quoted(participant)+`}`)
	f.Add("POST", "/ListParticipants", "", `{"stageArn":`+quoted(stage)+`,"sessionId":`+quoted(session)+`,"filterByPublished":false,"maxResults":1}`)
	f.Add("POST", "/ListParticipantEvents", "", `{"stageArn":`+quoted(stage)+`,"sessionId":`+quoted(session)+`,"participantId":`+quoted(participant)+`}`)
	f.Add("POST", "/StartParticipantReplication", "", `{"sourceStageArn":`+quoted(stage)+`,"destinationStageArn":`+quoted(stage)+`,"participantId":`+quoted(participant)+`}`)
	f.Add("POST", "/GetComposition", "", `{"arn":`+quoted(composition)+`}`)
	f.Add("POST", "/StartComposition", "", `{"stageArn":`+quoted(stage)+`,"destinations":[{"channel":{"channelArn":"arn:aws:ivs:us-east-1:111122223333:channel/a"}}],"layout":{"pip":{"pipWidth":1},"grid":{"gridGap":-1}}}`)
	f.Add("POST", "/CreateEncoderConfiguration", "", `{"video":{"width":1920,"height":1080,"framerate":1e1,"bitrate":8500000}}`)
	f.Add("POST", "/CreateIngestConfiguration", "", `{"ingestProtocol":"RTMP","insecureIngest":true,"redundantIngest":true,"stageArn":`+quoted(stage)+`}`)
	f.Add("POST", "/ImportPublicKey", "", `{"publicKeyMaterial":"-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n"}`)
	f.Add("POST", "/RevokeConnectionToken", "", `{"tokenId":"a"}`)
	f.Add("POST", "/tags/"+url.PathEscape(stage), "", `{"tags":{"a":"b"}}`)
	f.Add("GET", "/tags/"+url.PathEscape(stage), "", ``)
	f.Add("DELETE", "/tags/"+url.PathEscape(stage), "tagKeys=a&tagKeys=%C3%BC", ``)
	f.Add("POST", "/StartComposition", "", `{}`)
	f.Add("OPTIONS", "*", "", ``)
	f.Add("", "", "%zz", `null`)
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
			checkAnswer(t, w)
		}
	})
}

// furnish gives a server a stage with somebody who publishes, and a composition.
func furnish(f *testing.F, srv *ivsrealtimetest.Server) (stage, session, participant, composition string) {
	f.Helper()
	c := srv.Client()
	must := func(err error) {
		if err != nil {
			f.Helper()
			f.Fatal(err)
		}
	}
	created, err := c.CreateStage(f.Context(), &ivsrealtime.CreateStageInput{ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{{UserID: "anna"}}})
	must(err)
	anna, err := srv.Join(created.ParticipantTokens[0].Token)
	must(err)
	must(anna.Publish())
	encoder, err := c.CreateEncoderConfiguration(f.Context(), nil)
	must(err)
	started, err := c.StartComposition(f.Context(), &ivsrealtime.StartCompositionInput{
		StageARN:     created.Stage.ARN,
		Destinations: []ivsrealtime.DestinationConfiguration{{Channel: &ivsrealtime.ChannelDestinationConfiguration{ChannelARN: channel, EncoderConfigurationARN: encoder.EncoderConfiguration.ARN}}},
	})
	must(err)
	return created.Stage.ARN, anna.SessionID(), anna.ID(), started.Composition.ARN
}

func checkAnswer(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if len(w.Header().Get("X-Amzn-Requestid")) != 36 {
		t.Fatal("no request id")
	}
	var object map[string]any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &object); err != nil || object == nil {
			t.Fatalf("not a JSON object: %s", w.Body)
		}
	}
	code := w.Header().Get("X-Amzn-Errortype")
	if w.Code == http.StatusOK && code == "" {
		return
	}
	if w.Code != answers[code] {
		t.Fatalf("status %d, code %q: %s", w.Code, code, w.Body)
	}
	if message, _ := object["Message"].(string); message == "" {
		t.Fatalf("no message: %s", w.Body)
	}
}

// FuzzTags: whatever the ARN, the tags and the keys are, they arrive as they were
// sent, through path, query and signature.
func FuzzTags(f *testing.F) {
	f.Add("arn:aws:ivs:us-east-1:111122223333:stage/AbCdEfGhIjKl", "key", "value")
	f.Add("a/b//c?d#e%2F%zz ;,&=+", "k +&=%26/?#", "ü\u2028")
	f.Add("..", ".", "\x00")
	f.Add("/", "aws:x", strings.Repeat("x", 257))
	f.Fuzz(func(t *testing.T, arn, key, value string) {
		if arn == "" {
			return // is refused before sending
		}
		for _, s := range []string{arn, key, value} {
			if !utf8.ValidString(s) {
				return
			}
		}
		srv := ivsrealtimetest.NewServer()
		c := srv.Client(once)
		_, tagged := c.TagResource(t.Context(), &ivsrealtime.TagResourceInput{ResourceARN: arn, Tags: map[string]string{key: value}})
		_, untagged := c.UntagResource(t.Context(), &ivsrealtime.UntagResourceInput{ResourceARN: arn, TagKeys: []string{key, value}})
		_, listed := c.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: arn})
		var refused smithy.InvalidParamsError
		if errors.As(tagged, &refused) && errors.As(untagged, &refused) && errors.As(listed, &refused) {
			if !strings.ContainsAny(arn, ".%") || len(srv.Calls()) != 0 {
				t.Fatalf("%q is refused, or sent though it is: %v", arn, tagged)
			}
			return // a segment of dots
		}
		for _, err := range []error{tagged, untagged, listed} {
			if !isModelled(err) {
				t.Fatal(err)
			}
		}
		calls := srv.Calls()
		if len(calls) != 3 {
			t.Fatalf("%d calls", len(calls))
		}
		tag, ok := calls[0].Input.(*ivsrealtime.TagResourceInput)
		if !ok || tag.ResourceARN != arn || len(tag.Tags) != 1 || tag.Tags[key] != value {
			t.Fatalf("sent %q, %q: %q; came %#v", arn, key, value, calls[0].Input)
		}
		untag, ok := calls[1].Input.(*ivsrealtime.UntagResourceInput)
		// The signer sorts the query.
		if !ok || untag.ResourceARN != arn || !slices.Equal(slices.Sorted(slices.Values(untag.TagKeys)), slices.Sorted(slices.Values([]string{key, value}))) {
			t.Fatalf("sent %q, %q, %q; came %#v", arn, key, value, calls[1].Input)
		}
		list, ok := calls[2].Input.(*ivsrealtime.ListTagsForResourceInput)
		if !ok || list.ResourceARN != arn {
			t.Fatalf("sent %q; came %#v", arn, calls[2].Input)
		}
	})
}

// isModelled reports whether err is nil or one of the errors that an operation
// has.
func isModelled(err error) bool {
	var e *ivsrealtime.APIError
	return err == nil || errors.As(err, &e) && answers[e.Code] == e.StatusCode && e.StatusCode != http.StatusForbidden && e.Code != "UnknownOperationException"
}
