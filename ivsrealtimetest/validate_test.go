package ivsrealtimetest_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

func unsigned(o *ivsrealtimetest.Options) { o.SkipSignatureCheck = true }
func modelled(o *ivsrealtimetest.Options) { o.ModelledErrors = true }

// send makes a request of literal JSON.
func send(srv http.Handler, method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w
}

// manyTags is the JSON of n tags, and manyOf that of a list of n equal elements.
func manyTags(n int) string {
	m := map[string]string{}
	for i := range n {
		m[strconv.Itoa(i)] = ""
	}
	b, _ := json.Marshal(m)
	return string(b)
}

func manyOf(n int, element string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + "]"
}

func TestConstraints(t *testing.T) {
	srv := ivsrealtimetest.NewServer(unsigned)
	created, err := srv.Client().CreateStage(t.Context(), nil)
	require.NoError(t, err)
	arn := created.Stage.ARN
	recording := func(members string) string {
		return `{"autoParticipantRecordingConfiguration":{"storageConfigurationArn":"",` + members + `}}`
	}
	storage := func(arn string) string {
		return `{"autoParticipantRecordingConfiguration":{"storageConfigurationArn":` + arn + `}}`
	}
	const (
		create = "CreateStage"
		update = "UpdateStage"
		list   = "ListStages"
		token  = "CreateParticipantToken"
	)
	of := func(members string) string { return `{"stageArn":"` + arn + `",` + members + `}` }

	tests := []struct {
		op, body string
		member   string // that the message names; "" if the input is good
	}{
		{create, ``, ""},
		{create, `{}`, ""},
		{create, `null`, "null"},
		{create, " null\n", "null"},
		{create, ` {"unknown":[{}],"name":null} `, ""},
		{create, `{"name":""}`, ""},
		{create, `{"name":"` + strings.Repeat("a", 128) + `"}`, ""},
		{create, `{"name":"` + strings.Repeat("a", 129) + `"}`, "name"},
		{create, `{"name":"with space"}`, "name"},
		{create, `{"name":"name\n"}`, "name"},
		{create, `{"name":"ü"}`, "name"},
		{create, `{"name":1}`, "name"},
		{create, `{"Name":1}`, ""},

		{create, `{"tags":{}}`, ""},
		{create, `{"tags":{"aws":"","AWS:x":"` + strings.Repeat("ü", 256) + `","` + strings.Repeat("ü", 128) + `":""}}`, ""},
		{create, `{"tags":` + manyTags(50) + `}`, ""},
		{create, `{"tags":` + manyTags(51) + `}`, "tags"},
		{create, `{"tags":{"":"v"}}`, "tags"},
		{create, `{"tags":{"` + strings.Repeat("k", 129) + `":""}}`, "tags"},
		{create, `{"tags":{"k":"` + strings.Repeat("v", 257) + `"}}`, "tags"},
		{create, `{"tags":{"aws:k":"v"}}`, "tags"},
		{create, `{"tags":{"k":1}}`, "tags"},
		{create, `{"tags":[]}`, "tags"},

		{create, `{"participantTokenConfigurations":` + manyOf(12, "{}") + `}`, ""},
		{create, `{"participantTokenConfigurations":` + manyOf(13, "{}") + `}`, "participantTokenConfigurations"},
		{create, `{"participantTokenConfigurations":[{},{"duration":0}]}`, "participantTokenConfigurations[1].duration"},
		{create, `{"participantTokenConfigurations":[{"duration":20160}]}`, ""},
		{create, `{"participantTokenConfigurations":[{"duration":20161}]}`, "participantTokenConfigurations[0].duration"},
		{create, `{"participantTokenConfigurations":[{"capabilities":["PUBLISH","publish"]}]}`, "participantTokenConfigurations[0].capabilities[1]"},
		{create, `{"participantTokenConfigurations":[{"userId":"` + strings.Repeat("u", 129) + `"}]}`, "participantTokenConfigurations[0].userId"},

		{create, recording(`"mediaTypes":["NONE"]`), ""},
		{create, recording(`"mediaTypes":[]`), ""},
		{create, recording(`"mediaTypes":["NONE","AUDIO_ONLY"]`), "autoParticipantRecordingConfiguration.mediaTypes"},
		{create, recording(`"mediaTypes":["VIDEO"]`), "autoParticipantRecordingConfiguration.mediaTypes[0]"},
		{create, recording(`"recordingReconnectWindowSeconds":0`), ""},
		{create, recording(`"recordingReconnectWindowSeconds":300`), ""},
		{create, recording(`"recordingReconnectWindowSeconds":-1`), "autoParticipantRecordingConfiguration.recordingReconnectWindowSeconds"},
		{create, recording(`"recordingReconnectWindowSeconds":301`), "autoParticipantRecordingConfiguration.recordingReconnectWindowSeconds"},
		{create, recording(`"recordingReconnectWindowSeconds":1.5`), "autoParticipantRecordingConfiguration.recordingReconnectWindowSeconds"},
		{create, recording(`"recordParticipantReplicas":"no"`), "autoParticipantRecordingConfiguration.recordParticipantReplicas"},
		{create, recording(`"hlsConfiguration":{}`), ""},
		{create, recording(`"hlsConfiguration":{"targetSegmentDurationSeconds":0}`), "autoParticipantRecordingConfiguration.hlsConfiguration.targetSegmentDurationSeconds"},
		{create, recording(`"hlsConfiguration":{"targetSegmentDurationSeconds":1}`), "autoParticipantRecordingConfiguration.hlsConfiguration.targetSegmentDurationSeconds"},
		{create, recording(`"hlsConfiguration":{"targetSegmentDurationSeconds":10}`), ""},
		{create, recording(`"hlsConfiguration":{"targetSegmentDurationSeconds":11}`), "autoParticipantRecordingConfiguration.hlsConfiguration.targetSegmentDurationSeconds"},
		{create, recording(`"thumbnailConfiguration":{"targetIntervalSeconds":86400,"storage":["LATEST","SEQUENTIAL"],"recordingMode":"INTERVAL"}`), ""},
		{create, recording(`"thumbnailConfiguration":{"targetIntervalSeconds":0}`), "autoParticipantRecordingConfiguration.thumbnailConfiguration.targetIntervalSeconds"},
		{create, recording(`"thumbnailConfiguration":{"targetIntervalSeconds":86401}`), "autoParticipantRecordingConfiguration.thumbnailConfiguration.targetIntervalSeconds"},
		{create, recording(`"thumbnailConfiguration":{"storage":["LATEST","LATEST"]}`), "autoParticipantRecordingConfiguration.thumbnailConfiguration.storage"},
		{create, recording(`"thumbnailConfiguration":{"storage":["LATEST","LATEST","LATEST"]}`), "autoParticipantRecordingConfiguration.thumbnailConfiguration.storage"},
		{create, recording(`"thumbnailConfiguration":{"storage":["NONE"]}`), "autoParticipantRecordingConfiguration.thumbnailConfiguration.storage[0]"},
		{create, recording(`"thumbnailConfiguration":{"recordingMode":""}`), "autoParticipantRecordingConfiguration.thumbnailConfiguration.recordingMode"},
		{create, recording(`"thumbnailConfiguration":{"recordingMode":"ON"}`), "autoParticipantRecordingConfiguration.thumbnailConfiguration.recordingMode"},
		{create, storage(`""`), ""},
		{create, storage(`null`), "autoParticipantRecordingConfiguration.storageConfigurationArn"},
		{create, `{"autoParticipantRecordingConfiguration":{}}`, "autoParticipantRecordingConfiguration.storageConfigurationArn"},
		{create, storage(`"arn:aws:ivs:us-east-1:111122223333:storage-configuration/AbCdEfGhIjKl"`), "autoParticipantRecordingConfiguration.storageConfigurationArn"},
		{create, storage(`"arn:aws:ivs:us-east-1:111122223333:stage/AbCdEfGhIjKl"`), "autoParticipantRecordingConfiguration.storageConfigurationArn"},
		{create, storage(`"` + strings.Repeat("a", 129) + `"`), "autoParticipantRecordingConfiguration.storageConfigurationArn"},

		{"GetStage", ``, "arn"},
		{"GetStage", `{}`, "arn"},
		{"GetStage", `{"arn":null}`, "arn"},
		{"GetStage", `{"arn":""}`, "arn"},
		{"GetStage", `{"arn":"x` + arn + `"}`, "arn"},
		{"GetStage", `{"arn":"` + arn + `\n"}`, "arn"},
		{"GetStage", `{"arn":"arn:aws:ivs:us-east-1:111122223333:stage/a_b"}`, "arn"},
		{"GetStage", `{"arn":"arn:aws:ivs:us-east-1:111122223333:stage/"}`, "arn"},
		{"GetStage", `{"arn":"arn:aws:ivs:US-EAST-1:111122223333:stage/a"}`, "arn"},
		{"GetStage", `{"arn":"arn:aws:ivs:us-east-1:account:stage/a"}`, "arn"},
		{"GetStage", `{"arn":"arn:aws-cn:ivs:us-east-1:111122223333:stage/a"}`, "arn"},
		{"GetStage", `{"arn":"arn:aws:ivs:us-east-1:111122223333:composition/a"}`, "arn"},
		{"GetStage", `{"arn":"arn:aws:ivs:us-east-1:111122223333:stage/` + strings.Repeat("a", 90) + `"}`, "arn"},
		{"GetStage", `{"arn":"` + arn + `"}`, ""},
		{"DeleteStage", `{}`, "arn"},

		{update, `{"name":"n"}`, "arn"},
		{update, `{"arn":"` + arn + `","name":"."}`, "name"},
		{update, `{"arn":"` + arn + `","name":""}`, ""},
		{update, `{"arn":"` + arn + `","autoParticipantRecordingConfiguration":{"storageConfigurationArn":"x"}}`, "autoParticipantRecordingConfiguration.storageConfigurationArn"},

		{list, `{"maxResults":1}`, ""},
		{list, `{"maxResults":100}`, ""},
		{list, `{"maxResults":0}`, "maxResults"},
		{list, `{"maxResults":101}`, "maxResults"},
		{list, `{"maxResults":-2147483648}`, "maxResults"},
		{list, `{"maxResults":2147483648}`, "maxResults"},
		{list, `{"maxResults":"1"}`, "maxResults"},
		{list, `{"nextToken":""}`, ""},
		{list, `{"nextToken":"a b"}`, "nextToken"},
		{list, `{"nextToken":"abc"}`, "nextToken"},
		{list, `{"nextToken":"` + strings.Repeat("a", 1025) + `"}`, "nextToken"},

		{token, `{}`, "stageArn"},
		{token, of(`"duration":1`), ""},
		{token, of(`"duration":0`), "duration"},
		{token, of(`"duration":-1`), "duration"},
		{token, of(`"duration":20161`), "duration"},
		{token, of(`"duration":1.5e0`), "duration"},
		{token, of(`"userId":""`), ""},
		{token, of(`"userId":"` + strings.Repeat("ü", 128) + `"`), ""},
		{token, of(`"userId":"` + strings.Repeat("ü", 129) + `"`), "userId"},
		{token, of(`"attributes":{"k":"` + strings.Repeat("v", 1023) + `"}`), ""},
		{token, of(`"attributes":{"k":"` + strings.Repeat("v", 1024) + `"}`), "attributes"},
		{token, of(`"attributes":{"k":"` + strings.Repeat("ü", 512) + `"}`), "attributes"},
		{token, of(`"attributes":{"k":["v"]}`), "attributes"},
		{token, of(`"capabilities":[]`), ""},
		{token, of(`"capabilities":["SUBSCRIBE"]`), ""},
		{token, of(`"capabilities":["PUBLISH","SUBSCRIBE","PUBLISH"]`), "capabilities"},
		{token, of(`"capabilities":["ALL"]`), "capabilities[0]"},
		{token, of(`"capabilities":[null]`), "capabilities[0]"},
		{token, of(`"capabilities":"PUBLISH"`), "capabilities"},
	}
	for _, tc := range tests {
		body := tc.body
		if len(body) > 120 {
			body = body[:120] + "…"
		}
		t.Run(tc.op+" "+body, func(t *testing.T) {
			w := send(srv, "POST", "/"+tc.op, tc.body)
			if tc.member == "" {
				require.Equal(t, 200, w.Code, w.Body)
				return
			}
			ivsrealtimetest.RequireValidation(t, w, tc.member)
		})
	}
}

func TestConstraintsOfTagOperations(t *testing.T) {
	srv := ivsrealtimetest.NewServer(unsigned)
	created, err := srv.Client().CreateStage(t.Context(), nil)
	require.NoError(t, err)
	path := "/tags/" + url.PathEscape(created.Stage.ARN)
	keys := func(n int) string { return "?" + strings.TrimSuffix(strings.Repeat("tagKeys=k&", n), "&") }
	tests := []struct {
		method, path, body string
		member             string
	}{
		{"GET", path, ``, ""},
		{"GET", path, `ignored`, ""},
		{"GET", "/tags/" + strings.ReplaceAll(created.Stage.ARN, "/", "%2f"), ``, ""},
		{"GET", "/tags/stage", ``, "resourceArn"},
		{"GET", "/tags/%20", ``, "resourceArn"},
		{"GET", "/tags/arn:aws:ivs:us-east-1:111122223333:stage%2F" + strings.Repeat("a", 90), ``, "resourceArn"},
		{"POST", path, `{"tags":{}}`, ""},
		{"POST", path, `{"tags":{"k":"v"},"resourceArn":"ignored"}`, ""},
		{"POST", path, `{}`, "tags"},
		{"POST", path, ``, "tags"},
		{"POST", path, `{"tags":null}`, "tags"},
		{"POST", path, `{"tags":` + manyTags(51) + `}`, "tags"},
		{"POST", path, `{"tags":{"aws:":""}}`, "tags"},
		{"POST", "/tags/x", `{"tags":{}}`, "resourceArn"},
		{"DELETE", path + keys(50), ``, ""},
		{"DELETE", path + keys(51), ``, "tagKeys"},
		{"DELETE", path, ``, "tagKeys"},
		{"DELETE", path + "?tagKeys=", ``, "tagKeys"},
		{"DELETE", path + "?tagKeys=" + strings.Repeat("k", 129), ``, "tagKeys"},
		{"DELETE", path + "?tagKeys=aws:x", ``, "tagKeys"},
	}
	for _, tc := range tests {
		t.Run(tc.method+" "+tc.path+" "+tc.body, func(t *testing.T) {
			w := send(srv, tc.method, tc.path, tc.body)
			if tc.member == "" {
				require.Equal(t, 200, w.Code, w.Body)
				return
			}
			ivsrealtimetest.RequireValidation(t, w, tc.member)
		})
	}
	require.Equal(t, 400, send(srv, "DELETE", path+"?tagKeys=%zz", "").Code)
}

// Lists and maps of the API have no nulls. A null member is one that was left out.
func TestNulls(t *testing.T) {
	srv := ivsrealtimetest.NewServer(unsigned)
	created, err := srv.Client().CreateStage(t.Context(), nil)
	require.NoError(t, err)
	arn := created.Stage.ARN
	start := func(members string) string { return `{"stageArn":"` + arn + `","destinations":[{` + members + `}]}` }
	tests := []struct {
		path, body string
		member     string // that the message names; "" if the input is good
	}{
		{"/CreateStage", `{"tags":{"abc":null}}`, "tags"},
		{"/CreateStage", `{"tags":{"a":"b","abc":null}}`, "tags"},
		{"/CreateStage", `{"tags":{"null":"null"}}`, ""},
		{"/CreateStage", `{"tags":null,"participantTokenConfigurations":null,"unknown":[null],"autoParticipantRecordingConfiguration":null}`, ""},
		{"/CreateStage", `{"participantTokenConfigurations":[null]}`, "participantTokenConfigurations[0]"},
		{"/CreateStage", `{"participantTokenConfigurations":[{},null]}`, "participantTokenConfigurations[1]"},
		{"/CreateStage", `{"participantTokenConfigurations":[{"attributes":{"a":null}}]}`, "participantTokenConfigurations[0].attributes"},
		{"/CreateStage", `{"participantTokenConfigurations":[{"capabilities":["PUBLISH",null]}]}`, "participantTokenConfigurations[0].capabilities[1]"},
		{"/CreateStage", `{"autoParticipantRecordingConfiguration":{"storageConfigurationArn":"","mediaTypes":[null]}}`, "autoParticipantRecordingConfiguration.mediaTypes[0]"},
		{"/CreateStage", `{"autoParticipantRecordingConfiguration":{"storageConfigurationArn":"","thumbnailConfiguration":{"storage":[null]}}}`, "autoParticipantRecordingConfiguration.thumbnailConfiguration.storage[0]"},
		{"/CreateIngestConfiguration", `{"ingestProtocol":"RTMPS","attributes":{"a":null}}`, "attributes"},
		{"/CreateParticipantToken", `{"stageArn":"` + arn + `","attributes":{"a":null}}`, "attributes"},
		{"/StartComposition", `{"stageArn":"` + arn + `","destinations":[null]}`, "destinations[0]"},
		{"/StartComposition", start(`"s3":{"encoderConfigurationArns":[null]}`), "destinations[0].s3.encoderConfigurationArns[0]"},
		{"/StartComposition", start(`"s3":{"thumbnailConfigurations":[null]}`), "destinations[0].s3.thumbnailConfigurations[0]"},
		{"/StartComposition", start(`"s3":{"thumbnailConfigurations":[{"storage":[null]}]}`), "destinations[0].s3.thumbnailConfigurations[0].storage[0]"},
		{"/tags/" + url.PathEscape(arn), `{"tags":{"abc":null}}`, "tags"},
		{"/tags/" + url.PathEscape(arn), `null`, "null"},
		{"/ListStages", `null`, "null"},
		{"/GetStage", `null`, "null"},
	}
	for _, tc := range tests {
		t.Run(tc.path+" "+tc.body, func(t *testing.T) {
			w := send(srv, "POST", tc.path, tc.body)
			if tc.member == "" {
				require.Equal(t, 200, w.Code, w.Body)
				return
			}
			ivsrealtimetest.RequireValidation(t, w, tc.member)
		})
	}
	out, err := srv.Client().ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: arn})
	require.NoError(t, err)
	require.Empty(t, out.Tags)
}

func TestEncoderConfigurationARNs(t *testing.T) {
	srv := ivsrealtimetest.NewServer(unsigned)
	start := func(arns string) *httptest.ResponseRecorder {
		return send(srv, "POST", "/StartComposition", `{"stageArn":"arn:aws:ivs:us-east-1:111122223333:stage/a","destinations":[{"s3":{"storageConfigurationArn":"arn:aws:ivs:us-east-1:111122223333:storage-configuration/a","encoderConfigurationArns":`+arns+`}}]}`)
	}
	const prefix = "arn:aws:ivs:us-east-1:111122223333:encoder-configuration/"
	require.Equal(t, 404, start(`["`+prefix+strings.Repeat("a", 128-len(prefix))+`"]`).Code)
	w := start(`["` + prefix + strings.Repeat("a", 129-len(prefix)) + `"]`)
	ivsrealtimetest.RequireValidation(t, w, "destinations[0].s3.encoderConfigurationArns[0]")
	require.Contains(t, w.Body.String(), "less than or equal to 128")
	w = start(`[""]`)
	ivsrealtimetest.RequireValidation(t, w, "destinations[0].s3.encoderConfigurationArns[0]")
	require.Contains(t, w.Body.String(), "greater than or equal to 1")
	ivsrealtimetest.RequireValidation(t, start(`["`+prefix+`a","`+prefix+`b"]`), "destinations[0].s3.encoderConfigurationArns")
}

func TestSeveralViolations(t *testing.T) {
	w := send(ivsrealtimetest.NewServer(unsigned, modelled), "POST", "/UpdateStage", `{"name":"private value"}`)
	require.JSONEq(t, `{"exceptionMessage":"Request member: Arn failed to satisfy the constraints: must be specified; Request member: Name failed to satisfy the constraints: must satisfy regular expression pattern: [a-zA-Z0-9-_]*"}`, w.Body.String())
}

func TestMalformed(t *testing.T) {
	srv := ivsrealtimetest.NewServer(unsigned)
	for _, body := range []string{`{`, `[]`, `"a"`, `{"name":"a"}x`, `{'name':1}`, `{"name":"a",}`, `{"x":` + strings.Repeat("[", 2000), "\xff", `nul`} {
		w := send(srv, "POST", "/CreateStage", body)
		require.Equal(t, 400, w.Code, body)
		require.Equal(t, "ValidationException", w.Header().Get("X-Amzn-Errortype"), body)
	}

	big := `{"name":"` + strings.Repeat("a", 1<<20) + `"}`
	w := send(srv, "POST", "/CreateStage", big)
	require.Equal(t, 413, w.Code)
	require.Equal(t, "RequestEntityTooLargeException", w.Header().Get("X-Amzn-Errortype"))

	w = httptest.NewRecorder()
	srv.ServeHTTP(w, httptest.NewRequest("POST", "/CreateStage", failing{}))
	require.Equal(t, 400, w.Code)
	require.Equal(t, "MalformedHttpRequestException", w.Header().Get("X-Amzn-Errortype"))

	out, err := srv.Client().ListStages(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, out.Stages)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("cut off") }

func TestRoutes(t *testing.T) {
	srv := ivsrealtimetest.NewServer(unsigned)
	tests := []struct {
		method, path string
		status       int
		code         string
	}{
		{"POST", "/ListStages", 200, ""},
		{"POST", "/ListStages?ignored=1", 200, ""},
		{"GET", "/ListStages", 404, "UnknownOperationException"},
		{"PUT", "/ListStages", 404, "UnknownOperationException"},
		{"POST", "/liststages", 404, "UnknownOperationException"},
		{"POST", "/ListStages/", 404, "UnknownOperationException"},
		{"POST", "//ListStages", 404, "UnknownOperationException"},
		{"POST", "/", 404, "UnknownOperationException"},
		{"POST", "/ListChannels", 404, "UnknownOperationException"},
		{"POST", "/TagResource", 404, "UnknownOperationException"},
		{"POST", "/ListTagsForResource", 404, "UnknownOperationException"},
		{"GET", "/tags", 404, "UnknownOperationException"},
		{"GET", "/tags/", 404, "UnknownOperationException"},
		{"PUT", "/tags/a", 404, "UnknownOperationException"},
		{"GET", "/tags/a/b", 404, "UnknownOperationException"},
		{"GET", "/StartComposition", 404, "UnknownOperationException"},
	}
	for _, tc := range tests {
		w := send(srv, tc.method, tc.path, "{}")
		require.Equal(t, tc.status, w.Code, tc)
		require.Equal(t, tc.code, w.Header().Get("X-Amzn-Errortype"), tc)
		require.NotEmpty(t, w.Header().Get("X-Amzn-Requestid"), tc)
		require.NotEmpty(t, w.Header().Get("Date"), tc)
	}
}

// The answers as they are on the wire.
func TestAnswers(t *testing.T) {
	srv := ivsrealtimetest.NewServer(unsigned, func(o *ivsrealtimetest.Options) { o.Seed = 7 })
	web := httptest.NewServer(srv)
	defer web.Close()
	do := func(method, path, body string) (*http.Response, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, web.URL+path, strings.NewReader(body))
		require.NoError(t, err)
		resp, err := web.Client().Do(req)
		require.NoError(t, err)
		b, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Len(t, resp.Header["Date"], 1)
		require.Regexp(t, `^[0-9a-f-]{36}$`, resp.Header.Get("x-amzn-requestid"))
		return resp, string(b)
	}
	created, err := srv.Client().CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Name: "n"})
	require.NoError(t, err)
	arn := created.Stage.ARN
	label := created.Stage.Endpoints.WHIP[len("https://"):][:12]

	resp, body := do("POST", "/GetStage", `{"arn":"`+arn+`"}`)
	require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	require.Equal(t, `{"stage":{"arn":"`+arn+`","name":"n","tags":{},"autoParticipantRecordingConfiguration":{"storageConfigurationArn":"","mediaTypes":["AUDIO_VIDEO"],"thumbnailConfiguration":{"targetIntervalSeconds":60,"storage":["SEQUENTIAL"],"recordingMode":"DISABLED"},"recordingReconnectWindowSeconds":0,"hlsConfiguration":{"targetSegmentDurationSeconds":6},"recordParticipantReplicas":true},`+
		`"endpoints":{"events":"wss://global.events.live-video.net","whip":"https://`+label+`.global-bm.whip.live-video.net","rtmp":"rtmp://`+label+`.global-contribute.live-video.net/app/","rtmps":"rtmps://`+label+`.global-contribute.live-video.net:443/app/"}}}`, body)

	_, body = do("POST", "/ListStages", `{}`)
	require.Equal(t, `{"stages":[{"arn":"`+arn+`","name":"n","tags":{}}]}`, body)

	_, body = do("POST", "/CreateParticipantToken", `{"stageArn":"`+arn+`"}`)
	require.Regexp(t, `^\{"participantToken":\{"participantId":"[a-zA-Z0-9]{12}","token":"[^"]{300,}","expirationTime":"[-0-9]{10}T[:0-9]{8}Z"\}\}$`, body)

	path := "/tags/" + url.PathEscape(arn)
	_, body = do("POST", path, `{"tags":{"k":"v"}}`)
	require.Equal(t, `{}`, body)
	_, body = do("GET", path, ``)
	require.Equal(t, `{"tags":{"k":"v"}}`, body)
	resp, body = do("DELETE", path+"?tagKeys=k", ``)
	require.Empty(t, body)
	require.Equal(t, 200, resp.StatusCode)
	require.Empty(t, resp.Header.Get("Content-Type"))
	_, body = do("GET", path, ``)
	require.Equal(t, `{"tags":{}}`, body)

	_, body = do("POST", "/DeleteStage", `{"arn":"`+arn+`"}`)
	require.Equal(t, `{}`, body)
	resp, body = do("POST", "/DeleteStage", `{"arn":"`+arn+`"}`)
	require.Equal(t, 404, resp.StatusCode)
	require.Equal(t, "ResourceNotFoundException", resp.Header.Get("x-amzn-errortype"))
	require.Regexp(t, `^\{"Code":"ResourceNotFoundException","Message":"Resource: `+arn+` not found","RequestID":"[A-Za-z0-9_-]{15}="\}$`, body)
}
