package wire

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDecodeStage(t *testing.T) {
	var got Stage
	if err := Decode([]byte(stageJSON), &got); err != nil {
		t.Fatal(err)
	}
	if want := stage(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

type other struct {
	I8    int8             `json:"i8"`
	I64   int64            `json:"i64"`
	I     int              `json:"i"`
	F64   float64          `json:"f64"`
	Named namedMap         `json:"named"`
	Ints  []int32          `json:"ints"`
	Ptrs  []*Video         `json:"ptrs"`
	Grid  [][]string       `json:"grid"`
	Map   *namedMap        `json:"map"`
	When  *time.Time       `json:"when"`
	Self  []other          `json:"self"`
	List  *[]time.Time     `json:"list"`
	Plain string           // no tag: the Go name
	Skip  map[int]chan int `json:"-"`
}

type namedMap map[string]string

func TestDecode(t *testing.T) {
	noon := time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name, in string
		want     any // a struct value
	}{
		{"empty", "", Stage{}},
		{"white space", " \t\r\n", Stage{}},
		{"null", " null ", Stage{}},
		{"no members", "{}", Stage{}},
		{"space everywhere", " \t\r\n{ \"name\" : \"a\" , \"flag\" : true } \n", Stage{Name: "a", Flag: ptr(true)}},
		{"escaped name", `{"n\u0061me":"a"}`, Stage{Name: "a"}},
		{"case matters", `{"Name":"a","NAME":"b","naMe":"c","ARN":"d"}`, Stage{}},
		{"unfolded K", `{"to\u212aen":"a"}`, Token{}},
		{"go names do not count", `{"Published":true,"Ignored":1,"-":2}`, Stage{}},
		{"unknown members", `{"a":{"b":[1,-0.5e+3,true,false,null,"\u1234",{}]},"name":"x","c":[]}`, Stage{Name: "x"}},
		{"null members", `{"arn":null,"published":null,"count":null,"rate":null,"startTime":null,"tags":null,` +
			`"capabilities":null,"video":null,"limit":null,"layout":null}`, Stage{}},
		{"null in the middle", `{"name":"a","name":null}`, Stage{Name: "a"}},
		{"last duplicate wins", `{"name":"a","name":"b"}`, Stage{Name: "b"}},
		{"duplicate struct", `{"video":{"width":1,"framerate":2},"video":{"width":3}}`, Stage{Video: Video{Width: 3}}},
		{"duplicate map", `{"tags":{"a":"b"},"tags":{"c":"d"}}`, Stage{Tags: map[string]string{"c": "d"}}},
		{"duplicate slice", `{"participantTokens":[{"participantId":"a","token":"b"},{}],"participantTokens":[{"token":"c"}]}`,
			Stage{Tokens: []Token{{Token: "c"}}}},
		{"duplicate pointer", `{"layout":{"width":1,"framerate":2},"layout":{"framerate":3}}`, Stage{Layout: &Video{Framerate: 3}}},
		{"duplicate map key", `{"tags":{"a":"b","a":"c"}}`, Stage{Tags: map[string]string{"a": "c"}}},
		{"empty, not nil", `{"tags":{},"capabilities":[],"participantTokens":[]}`,
			Stage{Tags: map[string]string{}, Caps: []State{}, Tokens: []Token{}}},
		{"null elements", `{"capabilities":["a",null,"b"],"participantTokens":[null,{"participantId":"p"},null]}`,
			Stage{Caps: []State{"a", "", "b"}, Tokens: []Token{{}, {ID: "p"}, {}}}},
		{"null map values", `{"tags":{"a":null,"b":"c"}}`, Stage{Tags: map[string]string{"b": "c"}}},
		{"null map value after another", `{"tags":{"a":"b","a":null}}`, Stage{Tags: map[string]string{"a": "b"}}},
		{"pointers", `{"limit":7,"flag":true,"layout":{}}`, Stage{Limit: ptr(int32(7)), Flag: ptr(true), Layout: &Video{}}},
		{"int32 limits", `{"count":-2147483648,"limit":2147483647}`, Stage{Width: -1 << 31, Limit: ptr(int32(1<<31 - 1))}},
		{"minus zero", `{"count":-0}`, Stage{}},
		{"floats", `{"rate":1e3,"video":{"framerate":-0.25E-1}}`, Stage{Rate: 1000, Video: Video{Framerate: -0.025}}},
		{"float underflow", `{"rate":1e-999}`, Stage{}},
		{"escapes", `{"name":"\"\\\/\b\f\n\r\t\u0000\u00e9\u20AC"}`, Stage{Name: "\"\\/\b\f\n\r\t\x00é€"}},
		{"surrogate pair", `{"name":"\ud83d\ude00"}`, Stage{Name: "😀"}},
		{"lone surrogates", `{"name":"\ud83d\ud83dx\ude00\ud83d\n\ud83d\u0041"}`, Stage{Name: "��x��\n�A"}},
		{"broken pair", `{"name":"\ud83d\ud83d\ude00"}`, Stage{Name: "�😀"}},
		{"invalid UTF-8", "{\"name\":\"a\xff\xc3(\xed\xa0\x80\"}", Stage{Name: "a��(���"}},
		{"raw UTF-8", `{"name":"é😀` + "\u2028\x7f" + `"}`, Stage{Name: "é😀\u2028\x7f"}},
		{"invalid UTF-8 in a name", "{\"name\xff\":\"a\",\"name\":\"b\"}", Stage{Name: "b"}},
		{"secret", `{"token":"t","participantId":"p"}`, Token{ID: "p", Token: "t"}},
		{"time Z", `{"startTime":"2024-05-06T12:00:00Z"}`, Stage{Start: noon}},
		{"time fraction", `{"startTime":"2024-05-06T12:00:00.5Z"}`, Stage{Start: noon.Add(time.Second / 2)}},
		{"time nanoseconds", `{"startTime":"2024-05-06T12:00:00.123456789Z"}`, Stage{Start: noon.Add(123456789)}},
		{"time offset", `{"startTime":"2024-05-06T14:30:00+02:30"}`, Stage{Start: noon}},
		{"time offset without colon", `{"startTime":"2024-05-06T05:00:00.000-0700"}`, Stage{Start: noon}},
		{"time long fraction", `{"startTime":"2024-05-06T12:00:00.1234567899999999999999999999999999999999+00:00"}`, Stage{Start: noon.Add(123456789)}},
		{"time before year 0", `{"startTime":"0000-01-01T00:00:00+0001"}`, Stage{Start: time.Date(-1, 12, 31, 23, 59, 0, 0, time.UTC)}},
		{"time escaped", `{"startTime":"2024-05-06T12:00:00\u005a"}`, Stage{Start: noon}},
		{"leap day", `{"startTime":"2024-02-29T00:00:00Z"}`, Stage{Start: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)}},
		{"other kinds", `{"i8":-128,"i64":9223372036854775807,"i":1,"f64":1e300,"named":{"a":"b"},"ints":[1,null,3,4,5,null,7],` +
			`"ptrs":[null,{"width":1}],"grid":[[],["a"],null],"map":{},"when":"2024-05-06T12:00:00Z","self":[{"i":2}],` +
			`"list":["2024-05-06T12:00:00Z"],"Plain":"p"}`,
			other{
				I8: -128, I64: 1<<63 - 1, I: 1, F64: 1e300, Named: namedMap{"a": "b"}, Ints: []int32{1, 0, 3, 4, 5, 0, 7},
				Ptrs: []*Video{nil, {Width: 1}}, Grid: [][]string{{}, {"a"}, nil}, Map: &namedMap{}, When: &noon,
				Self: []other{{I: 2}}, List: &[]time.Time{noon}, Plain: "p",
			}},
		{"deep enough", `{"a":` + nested(99) + `}`, Stage{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := reflect.New(reflect.TypeOf(tt.want))
			if err := Decode([]byte(tt.in), got.Interface()); err != nil {
				t.Fatal(err)
			}
			if got := got.Elem().Interface(); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("\ngot  %#v\nwant %#v", got, tt.want)
			}
		})
	}
}

func TestDecodeErrors(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"array", `[]`, "want an object, got an array (byte 0)"},
		{"string", ` "x"`, "want an object, got a string (byte 1)"},
		{"number", `1`, "want an object, got a number (byte 0)"},
		{"garbage", `x`, "want an object, got an unexpected character (byte 0)"},
		{"NUL", "\x00", "want an object, got an unexpected character (byte 0)"},
		{"byte order mark", "\ufeff{}", "want an object, got an unexpected character (byte 0)"},
		{"after an object", `{} {}`, "want the end of the text, got an object (byte 3)"},
		{"after null", `null,`, "want the end of the text, got an unexpected character (byte 4)"},
		{"NUL after it", "{}\x00", "want the end of the text, got an unexpected character (byte 2)"},
		{"longer null", `nullx`, "want the end of the text, got an unexpected character (byte 4)"},
		{"shorter null", `nul`, "invalid literal (byte 0)"},
		{"open object", `{`, "want a member name, got the end of the text (byte 1)"},
		{"open member", `{"a"`, "want a colon, got the end of the text (byte 4)"},
		{"no value", `{"a":`, "want a value, got the end of the text (byte 5)"},
		{"no value of a known one", `{"name":`, "name: want a string, got the end of the text (byte 8)"},
		{"no comma", `{"a":1 "b":2}`, "want a comma or the end of the object, got a string (byte 7)"},
		{"leading comma", `{,"a":1}`, "want a member name, got an unexpected character (byte 1)"},
		{"trailing comma", `{"a":1,}`, "want a member name, got an unexpected character (byte 7)"},
		{"two commas", `{"a":1,,}`, "want a member name, got an unexpected character (byte 7)"},
		{"trailing comma in an array", `{"capabilities":["a",]}`, "capabilities[1]: want a string, got an unexpected character (byte 21)"},
		{"leading comma in an array", `{"capabilities":[,"a"]}`, "capabilities[0]: want a string, got an unexpected character (byte 17)"},
		{"trailing comma in a skipped array", `{"x":[1,]}`, "want a value, got an unexpected character (byte 8)"},
		{"wrong bracket", `{"x":[1}}`, "want a comma or the end of the array, got an unexpected character (byte 7)"},
		{"single quotes", `{'a':1}`, "want a member name, got an unexpected character (byte 1)"},
		{"comment", `{/**/}`, "want a member name, got an unexpected character (byte 1)"},
		{"form feed", "{\f}", "want a member name, got an unexpected character (byte 1)"},
		{"string wrong", `{"name":1}`, "name: want a string, got a number (byte 8)"},
		{"enum wrong", `{"state":true}`, "state: want a string, got a boolean (byte 9)"},
		{"bool string", `{"published":"true"}`, "published: want a boolean, got a string (byte 13)"},
		{"bool number", `{"published":1}`, "published: want a boolean, got a number (byte 13)"},
		{"bool typo", `{"published":tru}`, "published: invalid literal (byte 13)"},
		{"bool case", `{"published":True}`, "published: want a boolean, got an unexpected character (byte 13)"},
		{"pointer wrong", `{"limit":{}}`, "limit: want a number, got an object (byte 9)"},
		{"int string", `{"count":"5"}`, "count: want a number, got a string (byte 9)"},
		{"int fraction", `{"count":1.5}`, "count: want an integer, got a number with a fraction (byte 9)"},
		{"int that an exponent does not make whole", `{"count":1.25e1}`, "count: want an integer, got a number with a fraction (byte 9)"},
		{"int with a tiny exponent", `{"count":1e-1000000000}`, "count: want an integer, got a number with a fraction (byte 9)"},
		{"int with a huge exponent", `{"count":1e1000000000}`, "count: number out of the range of an int32 (byte 9)"},
		{"int with an exponent beyond an int64", `{"count":1E+99999999999999999999}`, "count: number out of the range of an int32 (byte 9)"},
		{"int just too big in another notation", `{"count":2.147483648e9}`, "count: number out of the range of an int32 (byte 9)"},
		{"int of twenty digits", `{"count":18446744073709551617}`, "count: number out of the range of an int32 (byte 9)"},
		{"int too big", `{"count": 2147483648}`, "count: number out of the range of an int32 (byte 10)"},
		{"int too small", `{"count":-2147483649}`, "count: number out of the range of an int32 (byte 9)"},
		{"float too big", `{"rate":1e39}`, "rate: number out of the range of a float32 (byte 8)"},
		{"float string", `{"rate":"NaN"}`, "rate: want a number, got a string (byte 8)"},
		{"float word", `{"rate":NaN}`, "rate: want a number, got an unexpected character (byte 8)"},
		{"leading zero", `{"x":01}`, "want a comma or the end of the object, got a number (byte 6)"},
		{"leading zeros", `{"count":-007}`, "want a comma or the end of the object, got a number (byte 11)"},
		{"plus", `{"x":+1}`, "want a value, got an unexpected character (byte 5)"},
		{"no digits", `{"x":-}`, "invalid number (byte 6)"},
		{"no integer part", `{"x":.5}`, "want a value, got an unexpected character (byte 5)"},
		{"no fraction", `{"x":1.}`, "invalid number (byte 7)"},
		{"no exponent", `{"x":1e}`, "invalid number (byte 7)"},
		{"signed nothing", `{"rate":1e+}`, "rate: invalid number (byte 11)"},
		{"hex", `{"x":0x1}`, "want a comma or the end of the object, got an unexpected character (byte 6)"},
		{"open string", `{"name":"a`, "name: unterminated string (byte 10)"},
		{"open escape", `{"name":"a\`, "name: invalid escape (byte 10)"},
		{"open after an escape", `{"name":"\n`, "name: unterminated string (byte 11)"},
		{"escaped quote", `{"name":"\'"}`, "name: invalid escape (byte 9)"},
		{"short escape", `{"name":"\u12"}`, "name: invalid escape (byte 9)"},
		{"bad hex", `{"name":"\u12g4"}`, "name: invalid escape (byte 9)"},
		{"bad second half", `{"name":"\ud83d\ude0"}`, "name: invalid escape (byte 15)"},
		{"raw newline", "{\"name\":\"a\nb\"}", "name: control character in a string (byte 10)"},
		{"raw NUL", "{\"name\":\"\x00\"}", "name: control character in a string (byte 9)"},
		{"raw tab in a skipped string", "{\"x\":\"\t\"}", "control character in a string (byte 6)"},
		{"raw tab in a name", "{\"\t\":1}", "control character in a string (byte 2)"},
		{"time number", `{"startTime":1714996800}`, "startTime: want a string, got a number (byte 13)"},
		{"map wrong", `{"tags":[]}`, "tags: want an object, got an array (byte 8)"},
		{"map value wrong", `{"tags":{"a b":1}}`, "tags[#0]: want a string, got a number (byte 15)"},
		{"second map value wrong", `{"tags":{"a":"b","\u0063":{}}}`, "tags[#1]: want a string, got an object (byte 26)"},
		{"map of an escaped name", `{"t\u0061gs":{"\u0062":{}}}`, "tags[#0]: want a string, got an object (byte 23)"},
		{"slice wrong", `{"capabilities":"a"}`, "capabilities: want an array, got a string (byte 16)"},
		{"slice object", `{"capabilities":{}}`, "capabilities: want an array, got an object (byte 16)"},
		{"element wrong", `{"capabilities":["a",null,7]}`, "capabilities[2]: want a string, got a number (byte 26)"},
		{"struct wrong", `{"video":[]}`, "video: want an object, got an array (byte 9)"},
		{"nested", `{"participantTokens":[{},{"attributes":{"k":[]}}]}`, "participantTokens[1].attributes[#0]: want a string, got an array (byte 44)"},
		{"inside an unknown member", `{"video":{"top-secret":{"also":[tru]}}}`, "video: invalid literal (byte 32)"},
		{"a wrong duplicate", `{"name":"a","name":1}`, "name: want a string, got a number (byte 19)"},
		{"too deep", `{"a":` + nested(100) + `}`, "nested deeper than 100 levels (byte 104)"},
		{"very deep", strings.Repeat(`{"a":`, 1e6), "nested deeper than 100 levels (byte 500)"},
	}
	for _, bad := range []string{
		"", "2024-05-06", "2024-05-06T12:00:00", "2024-05-06 12:00:00Z", "2024-05-06t12:00:00z", "2024-05-06T12:00Z", "1714996800",
		"2024-5-6T12:00:00Z", "2023-02-29T12:00:00Z", "2024-05-06T24:00:00Z", "2024-05-06T12:60:00Z", "2024-05-06T12:00:60Z",
		"2024-05-06T12:00:00.Z", "2024-05-06T12:00:00,5Z", "2024-05-06T2:00:00Z", "2024-05-06T12:00:00+2", "2024-05-06T12:00:00+02",
		"2024-05-06T12:00:00+24:00", "2024-05-06T12:00:00+0260", "2024-05-06T12:00:00+:200", "2024-05-06T12:00:00+02.00", "2024-05-06T12:00:00+02:0", "2024-05-06T12:00:00_0200", "2024-05-06T12:00:00+02:00Z", "2024-05-06T12:00:00 +0200",
		"-0700", "+0000x", " 2024-05-06T12:00:00Z", "2024-05-06T12:00:00Z ", "24-05-06T12:00:00Z", "12024-05-06T12:00:00Z",
	} {
		tests = append(tests, struct{ name, in, want string }{
			"time " + bad, `{"startTime":"` + bad + `"}`, "startTime: want a date and time as in RFC 3339, got another string (byte 13)",
		})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got Stage
			err := Decode([]byte(tt.in), &got)
			var werr *Error
			if !errors.As(err, &werr) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if err.Error() != tt.want {
				t.Errorf("\ngot  %s\nwant %s", err, tt.want)
			}
		})
	}
}

func TestDecodePathThroughLists(t *testing.T) {
	err := Decode([]byte(`{"stages":[{},{},{},{"tags":{"team":7}}]}`), &list{})
	want := &Error{Path: "stages[3].tags[#0]", Offset: 36, Msg: "want a string, got a number"}
	if !reflect.DeepEqual(err, want) {
		t.Errorf("got %#v", err)
	}
}

// Cutting a valid text anywhere must give an error, and never the values in it.
func TestDecodeTruncated(t *testing.T) {
	for i := 1; i < len(stageJSON); i++ {
		err := Decode([]byte(stageJSON[:i]), &Stage{})
		if err == nil {
			t.Fatalf("no error at %d", i)
		}
		if strings.Contains(err.Error(), "eyJ") || strings.Contains(err.Error(), "video:video") {
			t.Fatalf("the error shows a value: %v", err)
		}
	}
}

func TestDecodeReplaces(t *testing.T) {
	backing := []State{"OLD", "OLDER"}
	got := Stage{Name: "kept", Caps: backing, Video: Video{Width: 1, Framerate: 2}, Tags: map[string]string{"a": "b"}}
	if err := Decode([]byte(`{"capabilities":["NEW"],"video":{"width":3},"tags":{"c":"d"},"name":null}`), &got); err != nil {
		t.Fatal(err)
	}
	want := Stage{Name: "kept", Caps: []State{"NEW"}, Video: Video{Width: 3}, Tags: map[string]string{"c": "d"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v", got)
	}
	if backing[0] != "OLD" {
		t.Error("Decode wrote to the earlier slice")
	}
}

// The strings must be copies: the caller may reuse its buffer.
func TestDecodeDoesNotAlias(t *testing.T) {
	data := []byte(`{"name":"abc","tags":{"k":"v"},"capabilities":["c"]}`)
	var got Stage
	if err := Decode(data, &got); err != nil {
		t.Fatal(err)
	}
	clear(data)
	want := Stage{Name: "abc", Tags: map[string]string{"k": "v"}, Caps: []State{"c"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v", got)
	}
}

func TestDecodeTarget(t *testing.T) {
	s := "x"
	pp := &Stage{}
	for _, v := range []any{nil, Stage{}, (*Stage)(nil), &s, &pp, &time.Time{}, map[string]string{}} {
		if err := Decode([]byte("{}"), v); err == nil {
			t.Errorf("%T: no error", v)
		}
	}
}

func TestUnsupported(t *testing.T) {
	type embedded struct{ Video }
	type inner struct {
		C []chan int `json:"c"`
	}
	tests := []struct {
		v    any
		want string
	}{
		{&struct{ A any }{}, "A: unsupported type interface {}"},
		{&struct{ A uint }{}, "A: unsupported type uint"},
		{&struct{ A []byte }{}, "A[]: unsupported type uint8"},
		{&struct{ A [2]int }{}, "A: unsupported type [2]int"},
		{&struct{ A func() }{}, "A: unsupported type func()"},
		{&struct{ A complex64 }{}, "A: unsupported type complex64"},
		{&struct{ A map[string]int }{}, "A: unsupported type map[string]int"},
		{&struct{ A map[State]string }{}, "A: unsupported type map[wire.State]string"},
		{&struct{ A *uint }{}, "A: unsupported type uint"},
		{&struct{ A **int }{}, "A: unsupported type **int"},
		{&struct {
			A []inner `json:"a"`
		}{}, "a[].c[]: unsupported type chan int"},
		{&embedded{}, "Video: unsupported embedded field"},
		{&struct {
			A string `json:"a,omitempty"`
		}{}, "a: unsupported json tag option"},
		{&struct {
			A string
			B string `json:"A"`
		}{}, "A: two fields of this name"},
	}
	for _, tt := range tests {
		if err := Decode([]byte("{}"), tt.v); err == nil || err.Error() != tt.want {
			t.Errorf("Decode: got %v, want %s", err, tt.want)
		}
		if _, err := Encode(tt.v); err == nil || err.Error() != tt.want {
			t.Errorf("Encode: got %v, want %s", err, tt.want)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	data := []byte(stageJSON)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var s Stage
		if err := Decode(data, &s); err != nil {
			b.Fatal(err)
		}
	}
}
