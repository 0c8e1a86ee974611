package ivsevents_test

import (
	"encoding/json"
	"fmt"
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
		"under a source of one's own": {strings.Replace(publishedJSON("", ""), "aws.ivs", "test.ivs", 1), func(t *testing.T, e *event) {
			require.Equal(t, "test.ivs", e.Source)
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

func TestDecodeErrors(t *testing.T) {
	const secret = "s3cret"
	recorded := `{"source":"aws.ivs","detail-type":"IVS Participant Recording State Change","detail":{"event_name":"Recording End","recording_duration_ms":%s}}`
	exchanged := `{"source":"aws.ivs","detail-type":"IVS Stage Update","detail":{"event_name":"Token Exchanged","new_token":%s}}`
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
		{publishedJSON(`,"id":1`, ""), "id: want a string, got a number (byte 58)"},
		{publishedJSON(`,"\u0069d":1`, ""), "id: want a string, got a number (byte 63)"},
		{publishedJSON(`,"time":"s3cret"`, ""), "time: want a date and time as in RFC 3339, got another string (byte 60)"},
		{publishedJSON(`,"resources":"s3cret"`, ""), "resources: want an array, got a string (byte 65)"},
		{publishedJSON(`,"resources":["a",{}]`, ""), "resources[1]: want a string, got an object (byte 70)"},
		{publishedJSON("", `,"session_id":[]`), "detail.session_id: want a string, got an array (byte 113)"},
		{publishedJSON("", `,"replica":"s3cret"`), "detail.replica: want a boolean, got a string (byte 110)"},
		{publishedJSON("", `,"event_time":1793647805`), "detail.event_time: want a string, got a number (byte 113)"},
		{publishedJSON("", `,"event_time_precise":"2026-11-02 19:30:05Z"`), "detail.event_time_precise: want a date and time as in RFC 3339, got another string (byte 121)"},
		{publishedJSON("", `,"user_id":"s3cret`), "detail: unterminated string (byte 119)"},
		{publishedJSON("", `,"s3cret":tru`), "detail: invalid literal (byte 109)"},
		{publishedJSON("", `,"s3cret":`+strings.Repeat("[", 99)), "detail: nested deeper than 100 levels (byte 207)"},
		{fmt.Sprintf(recorded, "1.5"), "detail.recording_duration_ms: want an integer, got a number with a fraction or an exponent (byte 138)"},
		{fmt.Sprintf(recorded, "9223372036855"), "detail.recording_duration_ms: number out of range (byte 138)"},
		{fmt.Sprintf(recorded, "-9223372036855"), "detail.recording_duration_ms: number out of range (byte 138)"},
		{fmt.Sprintf(exchanged, `[]`), "detail.new_token: want an object, got an array (byte 106)"},
		{fmt.Sprintf(exchanged, `{"capabilities":[null,"x",1]}`), "detail.new_token.capabilities[2]: want a string, got a number (byte 132)"},
		{fmt.Sprintf(exchanged, `{"attributes":{"k":1}}`), `detail.new_token.attributes["k"]: want a string, got a number (byte 125)`},
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
