package ivsevents_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// literal returns the fixture of an event as it stands in its file.
func literal(t testing.TB, event ivsevents.Event) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file(event)))
	require.NoError(t, err)
	return b
}

func mustDecode(t testing.TB, data string) ivsevents.Event {
	t.Helper()
	event, err := ivsevents.Decode([]byte(data))
	require.NoError(t, err)
	return event
}

// decoded returns what a fixture must be after Decode: with an envelope that is
// filled, times in UTC, and in the precision that is written.
func decoded(fixture ivsevents.Event, raw []byte) ivsevents.Event {
	v := reflect.New(reflect.TypeOf(fixture).Elem())
	v.Elem().Set(reflect.ValueOf(fixture).Elem())
	event := fill(v.Interface().(ivsevents.Event))
	event.Meta().Raw = raw
	switch e := event.(type) {
	case *ivsevents.ParticipantPublished:
		e.EventTimePrecise = e.EventTimePrecise.Truncate(time.Microsecond)
	case *ivsevents.TokenExchanged:
		e.PreviousToken.ExpirationTime = e.PreviousToken.ExpirationTime.UTC()
		e.NewToken.ExpirationTime = e.NewToken.ExpirationTime.UTC()
	}
	return event
}

func TestDecodeFixtures(t *testing.T) {
	for _, fixture := range fixtures {
		t.Run(file(fixture), func(t *testing.T) {
			data := literal(t, fixture)
			got := mustDecode(t, string(data))
			require.Equal(t, decoded(fixture, data), got)

			again, err := json.Marshal(got)
			require.NoError(t, err)
			require.JSONEq(t, string(data), string(again))
			require.Equal(t, data, []byte(got.Meta().Raw))
		})
	}
}

// An event of each type that was built survives the way out and back.
func TestRoundTrip(t *testing.T) {
	for _, fixture := range fixtures {
		event := fill(reflect.New(reflect.TypeOf(fixture).Elem()).Interface().(ivsevents.Event))
		body, err := json.Marshal(event)
		require.NoError(t, err)
		event.Meta().Raw = body
		require.Equal(t, event, mustDecode(t, string(body)))
		require.Equal(t, event.Summary(), mustDecode(t, string(body)).Summary())
	}
}

// Decode and the event share nothing with the data.
func TestDecodeCopies(t *testing.T) {
	data := literal(t, fixtures[0])
	event := mustDecode(t, string(data))
	given := []byte(string(data))
	other, err := ivsevents.Decode(given)
	require.NoError(t, err)
	clear(given)
	require.Equal(t, event, other)
}

// publishedJSON is an event in its parts, to be spoilt.
func publishedJSON(envelope, detail string) string {
	return `{"source":"aws.ivs","detail-type":"IVS Stage Update"` + envelope + `,"detail":{"event_name":"Participant Published"` + detail + `}}`
}

func TestDecodeWhatIsUnusual(t *testing.T) {
	utc := time.Date(2026, time.November, 2, 19, 30, 5, 0, time.UTC)
	type event = ivsevents.ParticipantPublished
	tests := map[string]struct {
		data  string
		check func(t *testing.T, e *event)
	}{
		"what is missing is empty": {publishedJSON("", ""), func(t *testing.T, e *event) {
			e.Raw = nil
			require.Equal(t, &event{Envelope: ivsevents.Envelope{Source: "aws.ivs", DetailType: "IVS Stage Update"}}, e)
			require.Equal(t, ivsevents.Summary{Name: "Participant Published", TimeSource: ivsevents.TimeSourceEnvelope}, e.Summary())
		}},
		"null is missing": {publishedJSON(`,"id":null,"time":null,"resources":null`, `,"user_id":null,"event_time":null,"replica":null`),
			func(t *testing.T, e *event) {
				require.True(t, e.Time.IsZero())
				require.True(t, e.EventTime.IsZero())
				require.Nil(t, e.Resources)
			}},
		"no resources": {publishedJSON(`,"resources":[]`, ""), func(t *testing.T, e *event) { require.Equal(t, "", e.StageARN) }},
		"several resources": {publishedJSON(`,"resources":["a",null,"b"]`, ""), func(t *testing.T, e *event) {
			require.Equal(t, "a", e.StageARN)
			require.Equal(t, []string{"a", "b"}, e.Resources)
		}},
		"the later of two counts": {`{"source":"other","detail-type":"x","detail":{"event_name":"Recording End","user_id":"x"},"resources":["x","y"],` +
			publishedJSON(`,"resources":["b"]`, `,"session_id":"st-1","session_id":"st-2"`)[1:], func(t *testing.T, e *event) {
			require.Equal(t, "b st-2 ", e.StageARN+" "+e.SessionID+" "+e.UserID)
			require.Equal(t, []string{"b"}, e.Resources)
			require.Nil(t, e.Unread)
		}},
		"the order is free": {`{"detail":{"user_id":"anna","event_name":"Participant Published"},"detail-type":"IVS Stage Update","source":"aws.ivs"}`,
			func(t *testing.T, e *event) { require.Equal(t, "anna", e.UserID) }},
		"names match exactly": {publishedJSON(`,"ID":"x"`, `,"User_id":"x","event_Time":5`), func(t *testing.T, e *event) {
			require.Equal(t, "", e.ID+e.UserID)
		}},
		"escapes": {publishedJSON(`,"\u0069d":"1"`, `,"user_\u0069d":"\u00e9\ud83d\ude00","n\u0065w":[{"a":"\n"}]`), func(t *testing.T, e *event) {
			require.Equal(t, "1", e.ID)
			require.Equal(t, "é😀", e.UserID)
		}},
		"members of other events, of any type": {publishedJSON(`,"detail-types":1`, `,"reason":5,"error_code":[],"stage_arn":{},"recording_duration_ms":"x"`),
			func(t *testing.T, e *event) { require.Contains(t, string(e.Raw), `"reason":5`) }},
		"no fraction":  {publishedJSON("", `,"event_time":"2026-11-02T19:30:05Z"`), func(t *testing.T, e *event) { require.Equal(t, utc, e.EventTime) }},
		"milliseconds": {publishedJSON("", `,"event_time":"2026-11-02T19:30:05.120Z"`), func(t *testing.T, e *event) { require.Equal(t, utc.Add(120*time.Millisecond), e.EventTime) }},
		"nanoseconds":  {publishedJSON("", `,"event_time":"2026-11-02T19:30:05.123456789Z"`), func(t *testing.T, e *event) { require.Equal(t, utc.Add(123456789), e.EventTime) }},
		"offset": {publishedJSON(`,"time":"2026-11-02T20:30:05+01:00"`, `,"event_time_precise":"2026-11-02T14:30:05.000001-0500"`), func(t *testing.T, e *event) {
			require.Equal(t, utc, e.Time)
			require.Equal(t, utc.Add(time.Microsecond), e.EventTimePrecise)
			require.Equal(t, ivsevents.TimeSourceDetail, e.Summary().TimeSource)
		}},
		"an account and region that are not those of the ARN": {publishedJSON(`,"account":"x","region":"y","resources":["arn:aws:ivs:z:1:stage/a"]`, ""), func(t *testing.T, e *event) {
			require.Equal(t, "x y", e.Account+" "+e.Region)
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e, ok := mustDecode(t, test.data).(*event)
			require.True(t, ok)
			test.check(t, e)
		})
	}

	t.Run("error codes are taken as they come", func(t *testing.T) {
		e := mustDecode(t, `{"source":"aws.ivs","detail-type":"IVS Stage Update","detail":{"event_name":"Participant Publish Error","error_code":"NEW_CODE"}}`)
		require.Equal(t, ivsrealtime.EventErrorCode("NEW_CODE"), e.(*ivsevents.ParticipantPublishError).ErrorCode)
	})
	t.Run("the later of two tokens counts whole", func(t *testing.T) {
		e := mustDecode(t, `{"source":"aws.ivs","detail-type":"IVS Stage Update","detail":{"event_name":"Token Exchanged",
			"new_token":{"user_id":"a","attributes":{"x":"y"}},"new_token":{"capabilities":[]}}}`)
		require.Equal(t, ivsrealtime.ExchangedParticipantToken{Capabilities: []ivsrealtime.ParticipantTokenCapability{}}, e.(*ivsevents.TokenExchanged).NewToken)
	})
	t.Run("a composition without resources", func(t *testing.T) {
		e := mustDecode(t, `{"source":"aws.ivs","detail-type":"IVS Composition State Change","detail":{"event_name":"Session End","stage_arn":"s"}}`)
		require.Equal(t, ivsevents.Summary{Name: "Session End", StageARN: "s", TimeSource: ivsevents.TimeSourceEnvelope}, e.Summary())
	})
}

func TestDecodeUnknown(t *testing.T) {
	unknown := func(t *testing.T, data string) *ivsevents.Unknown {
		e, ok := mustDecode(t, data).(*ivsevents.Unknown)
		require.True(t, ok)
		require.Equal(t, data, string(e.Raw))
		again, err := json.Marshal(e)
		require.NoError(t, err)
		require.Equal(t, data, string(again))
		return e
	}
	t.Run("event name", func(t *testing.T) {
		e := unknown(t, `{"source":"aws.ivs","id":"e1","detail-type":"IVS Stage Update","time":"2026-11-02T19:30:06Z","resources":["`+stageARN+`"],"detail":{`+
			`"event_name":"Participant Waved","session_id":"st-1","participant_id":"p1","user_id":"u1","event_time":"2026-11-02T19:30:05Z","hand":"left"}}`)
		require.Equal(t, ivsevents.Summary{
			Name: "Participant Waved", StageARN: stageARN, SessionID: "st-1", ParticipantID: "p1",
			Time: time.Date(2026, 11, 2, 19, 30, 5, 0, time.UTC), TimeSource: ivsevents.TimeSourceDetail,
		}, e.Summary())
		require.Equal(t, "e1 u1", e.ID+" "+e.UserID)
	})
	t.Run("event name of another detail-type", func(t *testing.T) {
		e := unknown(t, `{"source":"aws.ivs","detail-type":"IVS Stage Update","detail":{"event_name":"Recording End"}}`)
		require.Equal(t, ivsevents.EventNameRecordingEnd, e.EventName)
	})
	t.Run("of a composition", func(t *testing.T) {
		e := unknown(t, `{"source":"aws.ivs","detail-type":"IVS Composition State Change","resources":["`+compositionARN+`"],"detail":{"event_name":"Session Pause","stage_arn":"`+stageARN+`"}}`)
		require.Equal(t, [2]string{compositionARN, stageARN}, [2]string{e.Summary().CompositionARN, e.Summary().StageARN})
	})
	t.Run("detail-type", func(t *testing.T) {
		e := unknown(t, `{"source":"aws.ivs","detail-type":"IVS Publisher Recording State Change","resources":["arn:other"],"detail":{}}`)
		require.Equal(t, ivsevents.DetailType("IVS Publisher Recording State Change"), e.DetailType)
		require.Equal(t, ivsevents.Summary{TimeSource: ivsevents.TimeSourceEnvelope}, e.Summary())
	})
	t.Run("members of other types", func(t *testing.T) {
		e := unknown(t, `{"source":"aws.ivs","detail-type":"New","detail":{"event_name":{"a":1},"session_id":["s"],"participant_id":7,"event_time":"now","user_id":"u"}}`)
		require.Equal(t, "u", e.UserID)
		require.Equal(t, ivsevents.Summary{TimeSource: ivsevents.TimeSourceEnvelope}, e.Summary())
	})
	t.Run("built", func(t *testing.T) {
		e := ivsevents.Fill(&ivsevents.Unknown{Envelope: ivsevents.Envelope{DetailType: ivsevents.DetailTypeStageUpdate}, EventName: "New"})
		body, err := json.Marshal(e)
		require.NoError(t, err)
		e.Raw = body
		require.Equal(t, e, mustDecode(t, string(body)))
	})
}

func TestDecodeLowLatency(t *testing.T) {
	for _, detailType := range []string{"IVS Stream State Change", "IVS Stream Health Change", "IVS Limit Breach", "IVS Recording State Change"} {
		data := `{"version":"0","id":"e1","detail-type":"` + detailType + `","source":"aws.ivs","account":"1","time":"2026-11-02T19:30:06Z","region":"eu-west-1",` +
			`"resources":["arn:aws:ivs:eu-west-1:1:channel/a"],"detail":{"event_name":"Recording Start","channel_name":"a","stream_id":"st-1"}}`
		e, ok := mustDecode(t, data).(*ivsevents.LowLatency)
		require.True(t, ok, detailType)
		require.Equal(t, ivsevents.Summary{
			Name: "Recording Start", Time: time.Date(2026, 11, 2, 19, 30, 6, 0, time.UTC), TimeSource: ivsevents.TimeSourceEnvelope,
		}, e.Summary())
		require.Equal(t, []string{"arn:aws:ivs:eu-west-1:1:channel/a"}, e.Resources)
		body, err := json.Marshal(e)
		require.NoError(t, err)
		require.Equal(t, data, string(body))
	}
	body, err := json.Marshal(ivsevents.Fill(&ivsevents.LowLatency{Envelope: ivsevents.Envelope{DetailType: "IVS Limit Breach"}, EventName: "Limit"}))
	require.NoError(t, err)
	require.Equal(t, ivsevents.EventName("Limit"), mustDecode(t, string(body)).(*ivsevents.LowLatency).EventName)
}

// Events of one type each, in their parts.
func composed(name, detail string) string {
	return `{"source":"aws.ivs","detail-type":"IVS Composition State Change","detail":{"event_name":"` + name + `",` + detail + `}}`
}

func replicated(detail string) string {
	return `{"source":"aws.ivs","detail-type":"IVS Stage Update","detail":{"event_name":"Participant Replication Start",` + detail + `}}`
}

func exchanged(token string) string {
	return `{"source":"aws.ivs","detail-type":"IVS Stage Update","detail":{"event_name":"Token Exchanged","new_token":` + token + `}}`
}

func recorded(duration string) string {
	return `{"source":"aws.ivs","detail-type":"IVS Participant Recording State Change","resources":["` + stageARN + `"],` +
		`"detail":{"event_name":"Recording End","participant_id":"p1","recording_duration_ms":` + duration + `,"recording_s3_bucket_name":"b"}}`
}

// A member of another type than expected leaves its field empty.
func TestDecodeOddMembers(t *testing.T) {
	envelope := ivsevents.Envelope{Source: "aws.ivs", DetailType: "IVS Stage Update"}
	for _, test := range []struct {
		data   string
		unread []string
	}{
		{publishedJSON(`,"id":1`, ""), []string{"id"}},
		{publishedJSON(`,"\u0069d":[{}]`, ""), []string{"id"}},
		{publishedJSON(`,"region":{"a":"b"}`, ""), []string{"region"}},
		{publishedJSON(`,"time":"yesterday"`, ""), []string{"time"}},
		{publishedJSON(`,"time":"2026-11-02 19:30:05Z"`, ""), []string{"time"}},
		{publishedJSON(`,"time":1793647805000`, ""), []string{"time"}},
		{publishedJSON(`,"time":true`, ""), []string{"time"}},
		{publishedJSON(`,"account":1.5`, ""), []string{"account"}},
		{publishedJSON(`,"account":-1`, ""), []string{"account"}},
		{publishedJSON(`,"account":1000000000000`, ""), []string{"account"}},
		{publishedJSON(`,"account":false`, ""), []string{"account"}},
		{publishedJSON(`,"account":"x","account":[]`, ""), []string{"account"}},
		{publishedJSON("", `,"user_id":7`), []string{"detail.user_id"}},
		{publishedJSON("", `,"user_id":"anna","user_id":{}`), []string{"detail.user_id"}},
		{publishedJSON("", `,"event_time":"19:30"`), []string{"detail.event_time"}},
		{publishedJSON("", `,"event_time_precise":[]`), []string{"detail.event_time_precise"}},
		{publishedJSON("", `,"replica":"true"`), []string{"detail.replica"}},
		{publishedJSON("", `,"source_stage_arn":1,"source_session_id":2`), []string{"detail.source_stage_arn", "detail.source_session_id"}},
		{publishedJSON("", `,"stage_arn":5`), []string{"detail.stage_arn"}},
		{publishedJSON(`,"id":1`, `,"user_id":1`), []string{"id", "detail.user_id"}},
	} {
		event := mustDecode(t, test.data)
		require.Equal(t, test.unread, event.Meta().Unread, test.data)
		require.Equal(t, test.data, string(event.Meta().Raw))
		event.Meta().Unread, event.Meta().Raw = nil, nil
		require.Equal(t, &ivsevents.ParticipantPublished{Envelope: envelope}, event, test.data)
	}

	t.Run("the rest is there", func(t *testing.T) {
		for _, duration := range []string{`"4505780"`, "1.5", "9223372036855", "-9223372036855", "1e99", "{}", "true"} {
			e := mustDecode(t, recorded(duration)).(*ivsevents.RecordingEnd)
			require.Equal(t, []string{"detail.recording_duration_ms"}, e.Unread)
			require.Zero(t, e.RecordingDuration)
			require.Equal(t, []string{stageARN, "p1", "b"}, []string{e.StageARN, e.ParticipantID, e.RecordingS3BucketName})
		}
		e := mustDecode(t, publishedJSON(`,"resources":["a",{},null,"b",7]`, `,"user_id":"anna"`)).(*ivsevents.ParticipantPublished)
		require.Equal(t, []string{"resources"}, e.Unread)
		require.Equal(t, []string{"a", "b"}, e.Resources)
		require.Equal(t, "a anna", e.StageARN+" "+e.UserID)
	})
	t.Run("a failure", func(t *testing.T) {
		e := mustDecode(t, composed("Session Failure", `"error_code":5,"reason":["x"],"stage_arn":"s"`)).(*ivsevents.CompositionSessionFailure)
		require.Equal(t, []string{"detail.error_code", "detail.reason"}, e.Unread)
		require.Equal(t, "s", e.StageARN)
	})
	t.Run("tokens", func(t *testing.T) {
		type token = ivsrealtime.ExchangedParticipantToken
		for text, test := range map[string]struct {
			unread []string
			want   token
		}{
			`[]`: {[]string{"detail.new_token"}, token{}},
			`{"capabilities":[null,"x",1],"user_id":"u"}`:                  {[]string{"detail.new_token.capabilities"}, token{UserID: "u"}},
			`{"attributes":{"a":"b","k":1},"user_id":"u"}`:                 {[]string{"detail.new_token.attributes"}, token{UserID: "u"}},
			`{"attributes":[],"user_id":5,"capabilities":["PUBLISH"]}`:     {[]string{"detail.new_token.attributes", "detail.new_token.user_id"}, token{Capabilities: []ivsrealtime.ParticipantTokenCapability{"PUBLISH"}}},
			`{"expiration_time":"soon"}`:                                   {[]string{"detail.new_token.expiration_time"}, token{}},
			`{"expiration_time":1793647805}`:                               {nil, token{ExpirationTime: time.Unix(1793647805, 0).UTC()}},
			`{"user_id":1},"new_token":{"user_id":"v"}`:                    {nil, token{UserID: "v"}},
			`{"user_id":"v"},"new_token":7`:                                {[]string{"detail.new_token"}, token{}},
			`{"attributes":{"a":null,"b":"c"},"capabilities":[null,"x"]}`:  {nil, token{Attributes: map[string]string{"b": "c"}, Capabilities: []ivsrealtime.ParticipantTokenCapability{"x"}}},
			`{"attributes":{},"capabilities":[]},"previous_token":"x"`:     {[]string{"detail.previous_token"}, token{Attributes: map[string]string{}, Capabilities: []ivsrealtime.ParticipantTokenCapability{}}},
			`{},"previous_token":{"capabilities":"PUBLISH"},"x":{"a":[0]}`: {[]string{"detail.previous_token.capabilities"}, token{}},
		} {
			e := mustDecode(t, exchanged(text)).(*ivsevents.TokenExchanged)
			require.Equal(t, test.unread, e.Unread, text)
			require.Equal(t, test.want, e.NewToken, text)
		}
	})
	t.Run("of types that are not known", func(t *testing.T) {
		e := mustDecode(t, `{"source":"aws.ivs","detail-type":"New","resources":7,"detail":{"event_name":[],"session_id":1,"user_id":"u"}}`)
		require.Equal(t, []string{"resources", "detail.event_name", "detail.session_id"}, e.Meta().Unread)
		require.Equal(t, "u", e.(*ivsevents.Unknown).UserID)
		e = mustDecode(t, `{"source":"aws.ivs","detail-type":"IVS Limit Breach","resources":[7],"detail":{"event_name":5}}`)
		require.Equal(t, []string{"resources", "detail.event_name"}, e.(*ivsevents.LowLatency).Unread)
	})
}

// What other senders than the service write differently is read.
func TestDecodeOtherForms(t *testing.T) {
	for _, duration := range []string{"4505780", "4505780.0", "4.50578E6", "4.50578e+06", "45057800e-1", "4505780.000"} {
		e := mustDecode(t, recorded(duration)).(*ivsevents.RecordingEnd)
		require.Equal(t, 4505780*time.Millisecond, e.RecordingDuration, duration)
		require.Nil(t, e.Unread)
	}
	utc := time.Date(2026, time.November, 2, 19, 30, 5, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"1793647805": utc, "1793647805.0": utc, "1.793647805E9": utc, "1793647805.12045": utc.Add(120_450_000),
	} {
		e := mustDecode(t, publishedJSON(`,"time":`+text, `,"event_time":`+text+`,"event_time_precise":`+text)).(*ivsevents.ParticipantPublished)
		require.Equal(t, [3]time.Time{want, want, want}, [3]time.Time{e.Time, e.EventTime, e.EventTimePrecise}, text)
		require.Nil(t, e.Unread)
	}
	for text, want := range map[string]string{
		"444455556666": "444455556666", "12345678901": "012345678901", "4.44455556666E11": "444455556666", "444455556666.0": "444455556666", `"0012"`: "0012",
	} {
		e := mustDecode(t, publishedJSON(`,"account":`+text, ""))
		require.Equal(t, want, e.Meta().Account, text)
		require.Nil(t, e.Meta().Unread)
	}
	t.Run("stage_arn", func(t *testing.T) {
		for _, envelope := range []string{"", `,"resources":null`, `,"resources":[]`, `,"resources":[""]`, `,"resources":[null]`} {
			e := mustDecode(t, publishedJSON(envelope, `,"stage_arn":"`+stageARN+`"`))
			require.Equal(t, stageARN, e.Summary().StageARN, envelope)
			require.Nil(t, e.Meta().Unread)
		}
		e := mustDecode(t, strings.Replace(recorded("1"), `"resources":["`+stageARN+`"],"detail":{`, `"detail":{"stage_arn":"`+stageARN+`",`, 1))
		require.Equal(t, stageARN, e.(*ivsevents.RecordingEnd).StageARN)
		e = mustDecode(t, publishedJSON(`,"resources":["a"]`, `,"stage_arn":"b"`))
		require.Equal(t, "a", e.Summary().StageARN, "the resources come first")
	})
}

// An event under another source is taken only where an option names the source.
func TestDecodeSources(t *testing.T) {
	own := strings.Replace(publishedJSON("", `,"user_id":"anna"`), "aws.ivs", "test.ivs", 1)
	with := func(sources ...string) func(*ivsevents.DecodeOptions) {
		return func(o *ivsevents.DecodeOptions) { o.Sources = sources }
	}
	event, err := ivsevents.Decode([]byte(own), with("other", "test.ivs"), nil)
	require.NoError(t, err)
	require.Equal(t, "anna test.ivs", event.(*ivsevents.ParticipantPublished).UserID+" "+event.Meta().Source)
	_, err = ivsevents.Decode([]byte(publishedJSON("", "")), with("other"))
	require.NoError(t, err, "aws.ivs is always good")
	for _, sources := range [][]string{nil, {"other"}, {"test"}, {"TEST.ivs"}, {""}, {"*"}} {
		event, err = ivsevents.Decode([]byte(own), with(sources...))
		require.ErrorIs(t, err, ivsevents.ErrNotIVS)
		require.Nil(t, event)
	}
	event, err = ivsevents.Decode([]byte(`{"source":"test.ivs","detail-type":"New","detail":{}}`), with("test.ivs"))
	require.NoError(t, err)
	require.IsType(t, &ivsevents.Unknown{}, event)
}

func TestDecodeErrors(t *testing.T) {
	const secret = "s3cret"
	for _, test := range []struct{ data, want string }{
		{"", "want an object, got the end of the text (byte 0)"},
		{" \n", "want an object, got the end of the text (byte 2)"},
		{"null", "want an object, got null (byte 0)"},
		{"s3cret", "want an object, got an unexpected character (byte 0)"},
		{`[` + publishedJSON("", "") + `]`, "want an object, got an array (byte 0)"},
		{publishedJSON("", "") + "s3cret", "want the end of the text, got an unexpected character (byte 101)"},
		{publishedJSON("", "")[:100], "want a comma or the end of the object, got the end of the text (byte 100)"},
		{`{"source":"aws.ivs","detail-type":"IVS Stage Update","detail":{}`, "want a comma or the end of the object, got the end of the text (byte 64)"},
		{`{}`, "source: missing"},
		{`{"source":"aws.ivs"}`, "detail-type: missing"},
		{`{"source":"aws.ivs","detail-type":""}`, "detail-type: missing"},
		{`{"source":"aws.ivs","detail-type":"IVS Stage Update","detail":null}`, "detail: missing"},
		{`{"source":"aws.ivs","detail-type":"IVS Stage Update","detail":{"event_name":null}}`, "detail.event_name: missing"},
		{`{"source":"aws.ivs","detail-type":"IVS Stage Update","detail":{"event_name":5}}`, "detail.event_name: want a string, got a number (byte 76)"},
		{`{"source":"aws.ivs","detail-type":"IVS Stage Update","detail":"s3cret"}`, "detail: want an object, got a string (byte 62)"},
		{`{"source":"aws.ivs","detail-type":["s3cret"]}`, "detail-type: want a string, got an array (byte 34)"},
		{publishedJSON(`,"resources":"s3cret"`, ""), "resources: want an array, got a string (byte 65)"},
		{publishedJSON("", `,"session_id":[]`), "detail.session_id: want a string, got an array (byte 113)"},
		{publishedJSON("", `,"user_id":"s3cret`), "detail: unterminated string (byte 119)"},
		{publishedJSON("", `,"s3cret":tru`), "detail: invalid literal (byte 109)"},
		{publishedJSON("", `,"s3cret":`+strings.Repeat("[", 99)), "detail: nested deeper than 100 levels (byte 207)"},
		{publishedJSON("", `,"participant_id":5`), "detail.participant_id: want a string, got a number (byte 117)"},
		{publishedJSON(`,"resources":[5]`, ""), "resources[0]: want a string, got a number (byte 66)"},
		{publishedJSON(`,"resources":[{},"a"]`, ""), "resources[0]: want a string, got an object (byte 66)"},
		{publishedJSON(`,"resources":[nul]`, ""), "invalid literal (byte 66)"},
		{publishedJSON(`,"resources":["a"`, ""), "want a comma or the end of the array, got an unexpected character (byte 78)"},
		{composed("Destination Start", `"id":["s3cret"]`), "detail.id: want a string, got an array (byte 113)"},
		{composed("Session End", `"stage_arn":5`), "detail.stage_arn: want a string, got a number (byte 114)"},
		{replicated(`"destination_stage_arn":{}`), "detail.destination_stage_arn: want a string, got an object (byte 132)"},
		{replicated(`"destination_session_id":false`), "detail.destination_session_id: want a string, got a boolean (byte 133)"},
		{publishedJSON(`,"id":nul`, ""), "invalid literal (byte 58)"},
		{publishedJSON(`,"time":"s3`+"\n"+`cret"`, ""), "control character in a string (byte 63)"},
		{publishedJSON("", `,"replica":tru`), "detail: invalid literal (byte 110)"},
		{exchanged(`{"capabilities":[1,}`), "detail: want a value, got an unexpected character (byte 125)"},
		{exchanged(`{"attributes":{"k":01}}`), "detail: want a comma or the end of the object, got a number (byte 126)"},
		{publishedJSON(`,"resources":[`+strings.Repeat(`"",`, 10_000)+`""]`, ""), "resources: more than 10000 elements in lists and maps (byte 30066)"},
		{exchanged(`{"capabilities":[` + strings.Repeat(`"",`, 10_000) + `""]}`), "detail.new_token: more than 10000 elements in lists and maps (byte 30123)"},
		{exchanged(`{"attributes":{` + strings.Repeat(`"a":"",`, 10_000) + `"b":""}}`), "detail.new_token: more than 10000 elements in lists and maps (byte 70125)"},
		{strings.Repeat(" ", 1<<20-100) + publishedJSON("", ""), "want at most 1048576 bytes, got 1048577"},
	} {
		event, err := ivsevents.Decode([]byte(test.data))
		require.ErrorIs(t, err, ivsevents.ErrMalformed, test.data)
		require.NotErrorIs(t, err, ivsevents.ErrNotIVS)
		require.Nil(t, event)
		if !strings.HasPrefix(err.Error(), "ivsevents: malformed event: "+test.want) {
			t.Errorf("%s\n%s\nwant %s", test.data, err, test.want)
		}
		require.NotContains(t, err.Error(), secret)
	}

	for _, data := range []string{
		strings.Replace(publishedJSON("", ""), "aws.ivs", "mine", 1),
		strings.Replace(publishedJSON("", ""), "aws.ivs", "aws.ivs ", 1),
		strings.Replace(publishedJSON("", ""), "aws.ivs", "AWS.IVS", 1),
		strings.Replace(publishedJSON("", `,"session_id":[]`), "aws.ivs", "mine", 1),
		`{"source":"aws.s3","detail-type":"Object Created","detail":{}}`,
		`{"source":"aws.ivschat","detail-type":"IVS Chat Room","detail":{"event_name":1}}`,
		`{"source":"mine","detail-type":"IVS Limit Breach","detail":{}}`,
	} {
		event, err := ivsevents.Decode([]byte(data))
		require.ErrorIs(t, err, ivsevents.ErrNotIVS)
		require.NotErrorIs(t, err, ivsevents.ErrMalformed)
		require.Nil(t, event)
	}
}
