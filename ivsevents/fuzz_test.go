package ivsevents_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// FuzzDecode checks that what decodes is valid JSON, keeps its text, holds what
// encoding/json finds in the envelope, and survives the way out and back; and that
// what does not decode gives one of the two errors.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(data)
	}
	for _, seed := range []string{
		"", "{}", "null", `{"source":"aws.ivs","detail-type":"New","detail":{"event_name":[{}],"session_id":null}}`,
		`{"source":"aws.ivs","detail-type":"IVS Limit Breach","detail":{},"resources":["a",null]}`,
		publishedJSON(`,"time":1.5e9,"account":4e9,"id":[]`, `,"user_id":0,"event_time":[],"stage_arn":"a"`),
		`{"source":"a","detail-type":"b","detail":{}}`, publishedJSON(`,"\u0069d":"\ud83d"`, `,"user_id":"`+"\xff"+`","x":[1e5,-0.1,true]`),
		publishedJSON(`,"time":"0000-01-01T00:00:00+23:59"`, `,"event_time":"9999-12-31T23:59:59.999999999-23:59"`),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		event, err := ivsevents.Decode(data)
		if err != nil {
			if event != nil || errors.Is(err, ivsevents.ErrMalformed) == errors.Is(err, ivsevents.ErrNotIVS) {
				t.Fatalf("%v and %v", event, err)
			}
			return
		}
		if !json.Valid(data) {
			t.Fatal("decoded what is not JSON")
		}
		meta := event.Meta()
		if string(meta.Raw) != string(data) {
			t.Fatal("the text has changed")
		}
		var members map[string]json.RawMessage // matches names exactly, and the last counts
		if err := json.Unmarshal(data, &members); err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string]string{
			"detail-type": string(meta.DetailType), "source": meta.Source, "id": meta.ID, "account": meta.Account, "region": meta.Region,
		} {
			var want string
			switch err := json.Unmarshal(members[name], &want); {
			case members[name] == nil || string(members[name]) == "null":
			case err != nil && name == "account" && len(got) == 12: // a number
			case err != nil && !slices.Contains(meta.Unread, name):
				t.Fatalf("%s: %s is not named in %q", name, members[name], meta.Unread)
			case got != want:
				t.Fatalf("%s: got %q, want %s", name, got, members[name])
			}
		}

		meta.Raw, meta.Unread = nil, nil
		body, err := json.Marshal(event)
		if err != nil {
			return // an offset made the year of a token's time one of other than four digits
		}
		if strings.Contains(string(body), `"10000-`) || strings.Contains(string(body), `"-0001-`) {
			return // the same of other times
		}
		again, err := ivsevents.Decode(body)
		if err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		if reflect.TypeOf(again) != reflect.TypeOf(event) {
			t.Fatalf("%T became %T", event, again)
		}
		again.Meta().Raw = nil
		if body2, err := json.Marshal(again); err != nil || string(body2) != string(body) {
			t.Fatalf("%v\nfirst  %s\nsecond %s", err, body, body2)
		}
	})
}

// counting returns a Mux, and what its handlers and OnInvalid got.
func counting() (*ivsevents.Mux, *[]string) {
	got := &[]string{}
	mux := ivsevents.NewMux(func(o *ivsevents.MuxOptions) {
		o.OnInvalid = func(_ context.Context, _ []byte, err error) error {
			if strings.Contains(err.Error(), "more than") { // a limit, which an envelope more can exceed
				*got = append(*got, "limit")
			} else {
				*got = append(*got, "invalid")
			}
			return nil
		}
		o.Logger = slog.New(slog.DiscardHandler)
	})
	ivsevents.On(mux, func(_ context.Context, e ivsevents.Event) error {
		*got = append(*got, string(e.Meta().Raw))
		return nil
	})
	return mux, got
}

// What triggers give to a function.
func payloads(t testing.TB) []string {
	return []string{
		"", "{}", "[]", "null", foreign, anna, records(sqsRecord(t, "m", anna)), records(snsRecord(t, anna)), list(anna, berta), list(pipedKinesisRecord("7", anna)),
		records(kinesisRecord("7", anna)), list(dynamoRecord(t, "d", "9", anna)), invocation(`,"requestPayload":` + anna), onBus(invocation(`,"requestPayload":` + anna)),
		invocation(streamInfo + `,"payload":` + quote(t, records(kinesisRecord("7", anna)))),
	}
}

// FuzzMuxSQS checks that a body comes to the same whether SNS wraps it or not.
func FuzzMuxSQS(f *testing.F) {
	for _, seed := range append(payloads(f), publishedJSON("", `,"user_id":"\u0061\"\n"`), `{"Type":"Notification","Message":"{}"}`, `{"Message":1,"Type":"Notification"}`) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if !utf8.ValidString(body) {
			return // quoting makes it good
		}
		mux, plain := counting()
		if err := mux.SQS(t.Context(), body); err != nil {
			t.Fatal(err)
		}
		mux, wrapped := counting()
		if err := mux.SQS(t.Context(), notification(t, body)); err != nil {
			t.Fatal(err)
		}
		if len(*plain) == 0 || len(*wrapped) == 0 {
			t.Fatal("a success that does nothing")
		}
		if !slices.Equal(*plain, *wrapped) && !slices.Contains(*wrapped, "limit") {
			t.Fatalf("%q and, wrapped, %q", *plain, *wrapped)
		}
	})
}

// FuzzMuxLambda checks that no success does nothing, and that an error is that of a
// payload that is not known.
func FuzzMuxLambda(f *testing.F) {
	for _, seed := range payloads(f) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		mux, got := counting()
		response, err := mux.Lambda(t.Context(), payload)
		switch {
		case err != nil && (response != nil || !errors.Is(err, ivsevents.ErrUnknownPayload) || len(*got) > 0):
			t.Fatalf("%v, %v, %q", response, err, *got)
		case err == nil && len(*got) == 0:
			t.Fatal("a success that does nothing")
		case response != nil && len(response.BatchItemFailures) > 0:
			t.Fatal(response)
		}
	})
}
