package wire

import (
	"reflect"
	"strings"
	"testing"
)

type output struct {
	Stage  Video             `json:"stage"`
	List   []Video           `json:"list"`
	Tags   map[string]string `json:"tags"`
	Name   string            `json:"name"`
	Count  int32             `json:"count" required:"false"`
	Token  State             `json:"token,omitzero"`
	Nested struct {
		Name string `json:"name"`
	} `json:"nested,omitzero"`
	Metadata int `json:"-"`
}

// Top-level fields without omitzero must be in the text, whatever their value.
func TestDecodeOutput(t *testing.T) {
	const all = `"stage":{},"list":[],"tags":{},"name":""`
	tests := []struct{ name, text, missing, err string }{
		{"all", `{` + all + `}`, "", ""},
		{"other order", `{"name":"","tags":{},"x":1,"list":[],"stage":{}}`, "", ""},
		{"nested are not checked", `{` + all + `,"nested":{}}`, "", ""},
		{"no text", ``, "stage", ""},
		{"null", `null`, "stage", ""},
		{"empty", `{}`, "stage", ""},
		{"a null", strings.Replace(`{`+all+`}`, "[]", "null", 1), "list", ""},
		{"null after a value", `{` + all + `,"list":null}`, "", ""},
		{"no struct", `{"list":[],"tags":{},"name":"n"}`, "stage", ""},
		{"no list", `{"stage":{"width":1},"tags":{},"name":"n"}`, "list", ""},
		{"no map", `{"stage":{},"list":[{}],"name":"n"}`, "tags", ""},
		{"no string", `{"stage":{},"list":[{}],"tags":{"a":"b"}}`, "name", ""},
		{"another case", `{"Stage":{},"list":[],"tags":{},"name":""}`, "stage", ""},
		{"an error comes first", `{"list":7}`, "", "list: want an array, got a number (byte 8)"},
		{"cut off", `{` + all, "", "want a comma or the end of the object, got the end of the text (byte 41)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out output
			missing, err := DecodeOutput([]byte(tt.text), &out)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if missing != tt.missing || got != tt.err {
				t.Errorf("got %q, %q", missing, got)
			}
		})
	}
}

// Of two fields with the same name the later one replaces the earlier one whole.
func TestDecodeDuplicates(t *testing.T) {
	const text = `{"stage":{"width":1,"framerate":2},"list":[{"width":1},{"width":2}],"tags":{"a":"b"},"name":"n","token":"T",` +
		`"stage":{"framerate":3},"list":[{"framerate":4}],"tags":{},"token":"","nested":{"name":"x"},"nested":{},"name":"m"}`
	var got output
	if missing, err := DecodeOutput([]byte(text), &got); missing != "" || err != nil {
		t.Fatal(missing, err)
	}
	want := output{Stage: Video{Framerate: 3}, List: []Video{{Framerate: 4}}, Tags: map[string]string{}, Name: "m"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

// Each field is found, in whatever order, and nothing else is.
func TestFind(t *testing.T) {
	fields := make([]reflect.StructField, maxFields)
	var text strings.Builder
	for i := range fields {
		name := "Field" + strings.Repeat("x", i%9) + string(rune('A'+i%26)) + string(rune('a'+i/26))
		fields[i] = reflect.StructField{Name: name, Type: reflect.TypeFor[int]()}
		text.WriteString(`,"` + name + `":` + string(rune('1'+i%9)) + `,"` + name + `x":7,"":8`)
	}
	v := reflect.New(reflect.StructOf(fields))
	if err := Decode([]byte("{"+text.String()[1:]+"}"), v.Interface()); err != nil {
		t.Fatal(err)
	}
	for i := range fields {
		if got := v.Elem().Field(i).Int(); got != int64(1+i%9) {
			t.Errorf("%s is %d", fields[i].Name, got)
		}
	}
	fields = append(fields, reflect.StructField{Name: "OneMore", Type: reflect.TypeFor[int]()})
	want := "OneMore: more than 64 fields"
	if err := Decode([]byte("{}"), reflect.New(reflect.StructOf(fields)).Interface()); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Values of enums that come again share their memory, and long ones and those that
// take the same place come out right.
func TestEnums(t *testing.T) {
	long := strings.Repeat("LONG", 10)
	values := []string{"A", "B", "A", "", "ACTIVE", "STOPPED", "DISABLED", "ACTIVE", long, "É", long, "É", `Q"`, `Q"`}
	for c := 'A'; c <= 'Z'; c++ {
		values = append(values, "X"+string(c), "XY"+string(c), "X"+string(c))
	}
	text := `{"capabilities":["` + strings.Join(strings.Split(strings.ReplaceAll(strings.Join(values, "\n"), `"`, `\"`), "\n"), `","`) + `"]}`
	var got Stage
	if err := Decode([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	for i, want := range values {
		if i >= len(got.Caps) || string(got.Caps[i]) != want {
			t.Fatalf("got %q", got.Caps)
		}
	}
	one := []byte(`{"state":"ACTIVE"}`)
	many := []byte(`{"capabilities":[` + strings.Repeat(`"ACTIVE","STOPPED",`, 200) + `"ACTIVE"]}`)
	allocations := func(text []byte) float64 {
		return testing.AllocsPerRun(50, func() { _ = Decode(text, new(Stage)) })
	}
	if a, b := allocations(one), allocations(many); b > a+8 { // of the list itself
		t.Errorf("%v allocations for one value, %v for many", a, b)
	}
}
