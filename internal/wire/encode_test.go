package wire

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestEncode(t *testing.T) {
	type required struct {
		S  string            `json:"s"`
		B  bool              `json:"b"`
		I  int32             `json:"i"`
		F  float32           `json:"f"`
		T  time.Time         `json:"t"`
		M  map[string]string `json:"m"`
		L  []string          `json:"l"`
		P  *Video            `json:"p"`
		V  Video             `json:"v"`
		LL [][]*int          `json:"ll"`
	}
	berlin := time.FixedZone("", 7200)
	many := namedMap{}
	for c := 'a'; c <= 'z'; c++ {
		many[string(c)] = "x"
	}
	tests := []struct {
		name string
		in   any
		want string
	}{
		{"zero", Stage{}, `{"arn":""}`},
		{"nil pointer", (*Stage)(nil), `null`},
		{"nothing", struct{}{}, `{}`},
		{"required zero", required{}, `{"s":"","b":false,"i":0,"f":0,"t":"0001-01-01T00:00:00Z","m":{},"l":[],"p":null,"v":{},"ll":[]}`},
		{"everything", ptr(stage()), `{"arn":"arn:aws:ivs:us-east-1:123456789012:stage/abcdABCDefgh","name":"the \"stage\" über",` +
			`"state":"ACTIVE","published":true,"count":1920,"rate":29.97,"startTime":"2024-02-29T12:34:56.789Z",` +
			`"tags":{"env":"prod","team":"video"},"capabilities":["PUBLISH","SUBSCRIBE"],` +
			`"participantTokens":[{"participantId":"p1","token":"eyJhbGciOiJFUzM4NCJ9","expirationTime":"2024-02-29T12:00:00Z",` +
			`"attributes":{"userName":"ann"}},{"participantId":"p2","token":"eyJhbGciOiJFUzM4NCJ0"}],` +
			`"video":{"width":1280,"framerate":30},"limit":0,"flag":false,"layout":{"width":1}}`},
		{"empty is sent", Stage{Tags: map[string]string{}, Caps: []State{}, Layout: &Video{}},
			`{"arn":"","tags":{},"capabilities":[],"layout":{}}`},
		{"secret revealed", Token{Token: "s3cret"}, `{"participantId":"","token":"s3cret"}`},
		{"not for HTML", Stage{ARN: "<a>&'é\u2028\u2029\x7f"}, `{"arn":"<a>&'é\u2028\u2029` + "\x7f" + `"}`},
		{"escapes", Stage{ARN: "\"\\/\b\f\n\r\t\x00\x1f"}, `{"arn":"\"\\/\b\f\n\r\t\u0000\u001f"}`},
		{"invalid UTF-8", Stage{ARN: "a\xffb\xed\xa0\x80"}, `{"arn":"a\ufffdb\ufffd\ufffd\ufffd"}`},
		{"real U+FFFD", Stage{ARN: "�"}, `{"arn":"�"}`},
		{"sorted keys", Stage{Tags: map[string]string{"b": "1", "": "2", "B": "3", "a\n": "4"}},
			`{"arn":"","tags":{"":"2","B":"3","a\n":"4","b":"1"}}`},
		{"many keys", struct {
			M namedMap `json:"m"`
		}{many}, `{"m":{"a":"x","b":"x","c":"x","d":"x","e":"x","f":"x","g":"x","h":"x","i":"x","j":"x","k":"x","l":"x","m":"x",` +
			`"n":"x","o":"x","p":"x","q":"x","r":"x","s":"x","t":"x","u":"x","v":"x","w":"x","x":"x","y":"x","z":"x"}}`},
		{"time to UTC", Stage{Start: time.Date(2024, 5, 6, 14, 0, 0, 0, berlin)}, `{"arn":"","startTime":"2024-05-06T12:00:00Z"}`},
		{"time fraction", Stage{Start: time.Date(2024, 5, 6, 14, 0, 0, 120, time.UTC)}, `{"arn":"","startTime":"2024-05-06T14:00:00.00000012Z"}`},
		{"zero time elsewhere", Stage{Start: time.Time{}.In(berlin)}, `{"arn":""}`},
		{"zero time behind a pointer", struct {
			A *time.Time `json:"a,omitzero"`
			B *time.Time `json:"b,omitzero"`
			C *time.Time `json:"c"`
		}{nil, &time.Time{}, &time.Time{}}, `{"c":"0001-01-01T00:00:00Z"}`},
		{"floats", struct{ A, B, C, D, E, F float32 }{0.1, 1e21, 1e-7, 16777216, float32(math.Copysign(0, -1)), math.MaxFloat32},
			`{"A":0.1,"B":1e+21,"C":1e-7,"D":16777216,"E":-0,"F":3.4028235e+38}`},
		{"float64", struct{ A, B, C float64 }{0.1, 1e21, 1e-7}, `{"A":0.1,"B":1e+21,"C":1e-7}`},
		{"integers", struct {
			A int8
			B int64
		}{-128, math.MinInt64}, `{"A":-128,"B":-9223372036854775808}`},
		{"list of pointers", required{LL: [][]*int{nil, {nil, ptr(1)}}},
			`{"s":"","b":false,"i":0,"f":0,"t":"0001-01-01T00:00:00Z","m":{},"l":[],"p":null,"v":{},"ll":[[],[null,1]]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Encode(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("\ngot  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAppend(t *testing.T) {
	got, err := Append([]byte("x="), Video{Width: 1})
	if err != nil || string(got) != `x={"width":1}` {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err = Append([]byte("x="), Video{Framerate: float32(math.NaN())}); err == nil || string(got) != "x=" {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestEncodeErrors(t *testing.T) {
	type tree struct {
		Kids []*tree `json:"kids"`
	}
	loop := &tree{}
	loop.Kids = []*tree{{}, loop}
	type chain struct {
		Next *chain `json:"next,omitzero"`
	}
	ring := &chain{}
	ring.Next = ring
	type lists []lists
	self := make(lists, 1)
	self[0] = self
	tests := []struct {
		name string
		in   any
		want string
	}{
		{"slice in itself", struct{ A lists }{self}, "A" + strings.Repeat("[0]", 99) + ": nested deeper than 100 levels"},
		{"nil", nil, "unsupported type nil"},
		{"string", "x", "unsupported type string"},
		{"time", time.Now(), "unsupported type time.Time"},
		{"pointer to a slice", &[]int{}, "unsupported type *[]int"},
		{"NaN", list{Stages: []Stage{{}, {Rate: float32(math.NaN())}}}, "stages[1].rate: NaN and infinities have no JSON"},
		{"infinity", Stage{Layout: &Video{Framerate: float32(math.Inf(-1))}}, "layout.framerate: NaN and infinities have no JSON"},
		{"year 10000", Stage{Start: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, "startTime: year outside of 0 to 9999"},
		{"year -1", Stage{Start: time.Date(0, 1, 1, 0, 0, 0, 0, time.FixedZone("", 1))}, "startTime: year outside of 0 to 9999"},
		{"loop", loop, strings.Repeat("kids[1].", 49) + "kids[0]: nested deeper than 100 levels"},
		{"ring", ring, strings.Repeat("next.", 99) + "next: nested deeper than 100 levels"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Encode(tt.in)
			if err == nil || err.Error() != tt.want || got != nil {
				t.Errorf("\ngot  %s, %v\nwant %s", got, err, tt.want)
			}
		})
	}
}

// encodeStd is the oracle: what encoding/json writes.
func encodeStd(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// A type that has no plan yet may be met by many goroutines at once.
func TestConcurrent(t *testing.T) {
	type fresh struct {
		A string            `json:"a"`
		B []struct{ C int } `json:"b,omitzero"`
	}
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			var v fresh
			if err := Decode([]byte(`{"a":"x","b":[{"C":1}]}`), &v); err != nil {
				t.Error(err)
			}
			if b, err := Encode(v); err != nil || string(b) != `{"a":"x","b":[{"C":1}]}` {
				t.Error(string(b), err)
			}
		})
	}
}

func TestRoundTrip(t *testing.T) {
	b, err := Encode(stage())
	if err != nil {
		t.Fatal(err)
	}
	var got Stage
	if err := Decode(b, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, stage()) {
		t.Errorf("got %#v", got)
	}
}

func BenchmarkEncode(b *testing.B) {
	s := stage()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Encode(&s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeStd(b *testing.B) {
	data := []byte(stageJSON)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var s Stage
		if err := json.Unmarshal(data, &s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeStd(b *testing.B) {
	s := stage()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(&s); err != nil {
			b.Fatal(err)
		}
	}
}

// The text is the caller's own, whatever is encoded next, and an error leaves nothing
// behind.
func TestEncodeText(t *testing.T) {
	encode := func(name string) []byte {
		text, err := Encode(struct {
			Name string `json:"name"`
		}{name})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first := encode("first")
	long := encode(strings.Repeat("x", 2*maxPooled))
	if _, err := Encode(Stage{Name: "second", Rate: float32(math.NaN())}); err == nil {
		t.Error("no error")
	}
	encode("other")
	if string(first) != `{"name":"first"}` || len(long) != 2*maxPooled+len(`{"name":""}`) || cap(first) > 64 {
		t.Errorf("%s (%d), %d", first, cap(first), len(long))
	}
}
