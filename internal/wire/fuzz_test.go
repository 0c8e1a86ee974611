package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/seed-433ec77c/ivsrealtime/internal/wiretest"
)

// every has every kind, nested. No two names in it, at whatever level, are equal
// up to case, so that one set of names says where encoding/json folds.
type every struct {
	String  string            `json:"string"`
	Enum    State             `json:"enum,omitzero"`
	Bool    bool              `json:"bool,omitzero"`
	Int8    int8              `json:"tiny"`
	Int32   int32             `json:"int32,omitzero"`
	Int64   int64             `json:"int64,omitzero"`
	Float32 float32           `json:"float32,omitzero"`
	Float64 float64           `json:"float64"`
	Time    time.Time         `json:"time,omitzero"`
	When    *time.Time        `json:"when,omitzero"`
	Map     map[string]string `json:"map,omitzero"`
	Strings []string          `json:"strings,omitzero"`
	Ints    []int32           `json:"ints,omitzero"`
	Struct  Video             `json:"struct,omitzero"`
	Ptr     *Video            `json:"ptr,omitzero"`
	Slice   []Video           `json:"slice,omitzero"`
	Self    []*every          `json:"self,omitzero"`
	Skipped string            `json:"-"`
}

var everyNames = strings.Fields("string enum bool tiny int32 int64 float32 float64 time when map strings ints struct ptr slice self width framerate")

// utc does to the oracle's value what Decode does by itself: times are in UTC,
// and null in a map is left out (ours is the value of Decode: it tells a null,
// which it lacks, from an empty string).
func utc(v, ours *every) {
	v.Time = v.Time.UTC()
	if v.When != nil {
		*v.When = v.When.UTC()
	}
	for key, s := range v.Map {
		if _, has := ours.Map[key]; !has && s == "" {
			delete(v.Map, key)
		}
	}
	for i := range v.Self {
		if v.Self[i] != nil && i < len(ours.Self) && ours.Self[i] != nil {
			utc(v.Self[i], ours.Self[i])
		}
	}
}

// FuzzDecode holds Decode against encoding/json, both ways. Known differences:
//
//   - encoding/json folds the case of names and merges duplicates: such texts
//     are only decoded;
//   - it takes no text of white space, and more than 100 levels;
//   - in times it takes no offset without a colon and no escape, but an hour of
//     one digit, a comma before the fraction and offsets up to 24:60;
//   - a null in a map is an empty string to it.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"", " ", "null", "{}", "{} x", "[]", stageJSON,
		`{"string":"a\ud83d\ude00\ud83d\u0041\"\\\/\b","enum":"E","bool":true,"tiny":-128,"int32":2147483647,"int64":-0}`,
		`{"float32":29.97,"float64":1e-400,"time":"2024-05-06T12:00:00.5+02:00","when":"2024-05-06T12:00:00-0700"}`,
		`{"map":{"a":"b","c":null},"strings":["a",null],"ints":[1,2,3,4,5,null],"struct":{"width":1},"ptr":{},"slice":[{},null]}`,
		`{"self":[{"self":[{"time":"2024-05-06T12:00:00Z"}]},null],"unknown":[{"a":[null,true,-1.5E+3]}]}`,
		`{"String":"a","string":"b","string":"c","struct":{"width":1},"struct":{"framerate":2}}`,
		`{"int32":1.0,"int32":1e3,"int32":"5"}`, `{"int32":2147483648}`, `{"float32":1e39}`, `{"time":"2024-05-06T1:00:00,5+24:60"}`,
		`{"time":"2024-05-06T12:00:00\u005a"}`, `{"a":01}`, `{"a":1.}`, `{"a":+1}`, `{"a":"` + "\x00" + `"}`, "{\"a\xff\":\"\xff\"}",
		`{"a":` + nested(99) + `}`, `{"a":` + nested(100) + `}`, `{"string":null,"map":null,"ptr":null,"slice":null}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got, want every
		err := Decode(data, &got)
		stdErr := json.Unmarshal(data, &want)
		if len(bytes.Trim(data, " \t\r\n")) == 0 {
			if err != nil || !reflect.DeepEqual(got, every{}) {
				t.Fatalf("white space: %v", err)
			}
			return
		}
		l := wiretest.Look{}
		if valid := json.Valid(data); valid {
			l = wiretest.LookAt(data, everyNames)
		} else if err == nil {
			t.Fatal("accepted what is not valid JSON")
		}
		if l.Folds || l.Duplicates {
			return
		}
		switch {
		case err == nil && stdErr != nil:
			if !strings.Contains(stdErr.Error(), "parsing time") && !strings.Contains(stdErr.Error(), "Time.UnmarshalJSON") {
				t.Fatalf("accepted what encoding/json does not: %v", stdErr)
			}
		case err != nil && stdErr == nil:
			if l.Depth <= maxDepth && !strings.Contains(err.Error(), "RFC 3339") {
				t.Fatalf("refused what encoding/json accepts: %v", err)
			}
		case err == nil:
			utc(&want, &got)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("\ngot  %#v\nwant %#v", got, want)
			}
			reencode(t, got)
		}
	})
}

// reencode checks that what was decoded survives the way out and back.
func reencode(t *testing.T, v every) {
	b, err := Encode(v)
	if err != nil {
		if !strings.Contains(err.Error(), "year outside") {
			t.Fatal(err)
		}
		return
	}
	var again every
	if err := Decode(b, &again); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	b2, err := Encode(again)
	if err != nil || !bytes.Equal(b, b2) {
		t.Fatalf("%v\nfirst  %s\nsecond %s", err, b, b2)
	}
}

// FuzzEncode holds Encode against encoding/json: the same bytes, which decode to
// the same value. The types have no methods and the times are in UTC, the two
// points where the packages mean to differ; required slices, maps and pointers
// that are nil are left to TestEncode.
func FuzzEncode(f *testing.F) {
	f.Add("", "", false, int64(0), 0.0, int64(0), uint8(0))
	f.Add("a\"\\/<>&'\b\f\n\r\t\x00\x1f\x7f", "é😀\u2028\u2029�", true, int64(-1), 1e21, int64(1714996800_000000000), uint8(255))
	f.Add("\xff\xed\xa0\x80", "\xe2\x80", true, int64(math.MinInt64), -1e-7, int64(1), uint8(0xaa))
	f.Add("k", "v", false, int64(math.MaxInt64), math.NaN(), int64(-1), uint8(0x55))
	f.Add("k", "v", false, int64(1)<<31, math.Inf(1), int64(123456789), uint8(0x0f))
	f.Add("k", "v", false, int64(7), 3.4028235e38, int64(math.MaxInt64), uint8(0xf0))
	f.Fuzz(func(t *testing.T, s, s2 string, b bool, i int64, fl float64, ns int64, set uint8) {
		in := every{String: s, Bool: b, Int8: int8(i), Int32: int32(i), Int64: i, Float32: float32(fl), Float64: fl}
		has := func(bit int) bool { return set&(1<<bit) != 0 }
		if has(0) {
			in.Time, in.Enum = time.Unix(0, ns).UTC(), State(s2)
		}
		if has(1) {
			when := time.Unix(ns, 0).UTC()
			in.When = &when
		}
		if has(2) {
			in.Map = map[string]string{}
		}
		if has(3) {
			in.Map = map[string]string{s: s2, s2: s, "k": ""}
		}
		if has(4) {
			in.Strings, in.Ints = []string{s, s2}, []int32{}
		}
		if has(5) {
			in.Struct, in.Ptr = Video{Width: int32(i)}, &Video{Framerate: float32(fl)}
		}
		if has(6) {
			in.Slice = []Video{{}, {Width: 1}}
		}
		if has(7) {
			in.Self = []*every{nil, {String: s2, Skipped: s, When: &time.Time{}}}
		}

		got, err := Encode(&in)
		want, stdErr := encodeStd(&in)
		if (err == nil) != (stdErr == nil) {
			t.Fatalf("got %v, encoding/json %v", err, stdErr)
		}
		if err != nil {
			return
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("\ngot  %s\nwant %s", got, want)
		}
		if !utf8.ValidString(s) || !utf8.ValidString(s2) {
			return
		}
		if has(7) {
			in.Self[1].Skipped, in.Self[1].When = "", nil // not written
		}
		var std, ours every
		if err := json.Unmarshal(got, &std); err != nil {
			t.Fatal(err)
		}
		if err := Decode(got, &ours); err != nil {
			t.Fatal(err)
		}
		utc(&std, &ours)
		if !reflect.DeepEqual(std, in) || !reflect.DeepEqual(ours, in) {
			t.Fatalf("\nin   %#v\nstd  %#v\nours %#v", in, std, ours)
		}
	})
}

// FuzzMask checks that Mask accepts what json.Valid does (down to 100 levels)
// and that in its result each secret member, at any depth and duplicates
// included, is the mask or null, with nothing else changed.
func FuzzMask(f *testing.F) {
	for _, seed := range []string{
		"", "null", "1 2", "{", `{"token":"s3cret"}`, ` [ {"a":{"token":[1,{"token":"s3cret"}]}} , "token" ] `,
		`{"t\u006fken":{"a":1},"token":null,"token":-1.5e3,"streamKey":"\ud83d\ude00","Token":"x"}`, "{\"\xff\":\"\xff\"}",
		`{"token":"a","token":}`, `{"token":01}`, nested(100), nested(101), stageJSON,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const mask = "*"
		got, ok := Mask(data, isSecret, mask)
		if valid := json.Valid(data) && wiretest.LookAt(data, everyNames).Depth <= maxDepth; ok != valid {
			t.Fatalf("ok is %v, valid is %v", ok, valid)
		}
		if !ok {
			if got != nil {
				t.Fatal("text without ok")
			}
			return
		}
		if !json.Valid(got) {
			t.Fatalf("invalid result %q", got)
		}
		in, out := tokens(t, data), tokens(t, got)
		for len(in) > 0 && len(out) > 0 {
			if !in[0].same(out[0]) {
				t.Fatalf("%v became %v in %q", in[0], out[0], got)
			}
			name := in[0]
			in, out = in[1:], out[1:]
			if !name.isName || !isSecret(name.text) || in[0].text == "null" && in[0].plain {
				continue
			}
			if !out[0].same(tok{text: mask}) {
				t.Fatalf("%v in %q", out[0], got)
			}
			in, out = in[in[0].length:], out[1:]
		}
		if len(in) != 0 || len(out) != 0 {
			t.Fatalf("%q has more or fewer tokens", got)
		}
	})
}

// tok is a token of encoding/json; length is how many tokens the value has that
// begins with it.
type tok struct {
	text          string
	isName, plain bool // plain: not a string
	length        int
}

func (t tok) same(u tok) bool {
	return t.text == u.text && t.isName == u.isName && t.plain == u.plain
}

func tokens(t *testing.T, data []byte) []tok {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var all []tok
	var value func()
	value = func() {
		token, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		at := len(all)
		switch token := token.(type) {
		case string:
			all = append(all, tok{text: token})
		case json.Delim:
			all = append(all, tok{text: token.String(), plain: true})
			for dec.More() {
				if token == '{' {
					name, err := dec.Token()
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, tok{text: name.(string), isName: true})
				}
				value()
			}
			if _, err := dec.Token(); err != nil {
				t.Fatal(err)
			}
			all = append(all, tok{text: "end", plain: true})
		case json.Number:
			all = append(all, tok{text: token.String(), plain: true})
		case bool:
			text := "false"
			if token {
				text = "true"
			}
			all = append(all, tok{text: text, plain: true})
		case nil:
			all = append(all, tok{text: "null", plain: true})
		}
		all[at].length = len(all) - at
	}
	value()
	if _, err := dec.Token(); err != io.EOF {
		t.Fatal("more than one value")
	}
	return all
}

// FuzzErrorBody holds ErrorBody against a map of encoding/json, which like it
// matches names exactly and lets the last duplicate win.
func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{
		"", "null", "[]", "<html>", `{"exceptionMessage":"a","message":"b","Message":"c","__type":"d","code":"e"}`,
		`{"message":1,"Message":null,"code":[]}`, `{"message":"a","message":"\ud83d"}`, `{"message":"a"`, `{"a":` + nested(100) + `}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, ok := ErrorBody(data)
		var object map[string]any
		valid := json.Valid(data)
		var l wiretest.Look
		if valid {
			l = wiretest.LookAt(data, everyNames)
		}
		// The numbers of a map of any must fit a float64; Number has no limit.
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		valid = valid && dec.Decode(&object) == nil && object != nil && l.Depth <= maxDepth
		if ok != valid {
			t.Fatalf("ok is %v, valid is %v", ok, valid)
		}
		if l.Duplicates { // of which the last string counts, which a map does not say
			return
		}
		text := func(name string) string { s, _ := object[name].(string); return s }
		var want ErrorMembers
		if ok {
			want = ErrorMembers{
				ExceptionMessage: text("exceptionMessage"),
				Message:          text("message"),
				MessageUpper:     text("Message"),
				Type:             text("__type"),
				Code:             text("code"),
			}
		}
		if got != want {
			t.Fatalf("\ngot  %+v\nwant %+v", got, want)
		}
	})
}
