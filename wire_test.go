package ivsrealtime_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
	"github.com/seed-433ec77c/ivsrealtime/internal/wiretest"
)

// inputs and outputs are the types of the operations' first rows.
func inputs() (types []reflect.Type) {
	for _, op := range operations {
		if op.variant == "" {
			types = append(types, reflect.TypeOf(op.in).Elem())
		}
	}
	return types
}

func outputs() (types []reflect.Type) {
	for _, op := range operations {
		if op.variant == "" {
			types = append(types, reflect.TypeOf(op.want).Elem())
		}
	}
	return types
}

// decodeBoth decodes by the generated code and by reflection, and fails unless
// both do the same: the value, or the error with its path and offset.
func decodeBoth(t *testing.T, data []byte, typ reflect.Type) (any, error) {
	t.Helper()
	got, want := reflect.New(typ).Interface(), reflect.New(typ).Interface()
	err, wantErr := new(ivsrealtime.Decoder).Decode(data, got), wire.Decode(data, want)
	if !reflect.DeepEqual(err, wantErr) {
		t.Fatalf("%s: %q:\ngot  %v\nwant %v", typ, data, err, wantErr)
	}
	if err == nil && !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: %q:\ngot  %s\nwant %s", typ, data, reveal(t, got), reveal(t, want))
	}
	return got, err
}

// The generated code and reflection decode alike: each answer, cut off at every
// byte, and with every byte replaced.
func TestGeneratedDecode(t *testing.T) {
	for _, op := range operations {
		if op.answer == "" {
			continue
		}
		t.Run(op.id(), func(t *testing.T) {
			t.Parallel()
			typ := reflect.TypeOf(op.want).Elem()
			data := compact(t, op.answer)
			for i := range data {
				_, err := decodeBoth(t, data[:i], typ)
				require.Equal(t, i > 0, err != nil, "cut off at %d", i)
				changed := bytes.Clone(data)
				changed[i] = `"x{}[],:\1n `[i%12]
				_, _ = decodeBoth(t, changed, typ)
			}
			got, err := decodeBoth(t, data, typ)
			require.NoError(t, err)
			require.Equal(t, op.want, got)

			// Of two members with the same name the last replaces the other as a whole.
			root := fromJSON(t, op.answer)
			for _, m := range membersOf(root, reflect.TypeOf(op.want), "") {
				if m.kind() == reflect.String || m.remove == nil {
					continue
				}
				m.set("here")
				before, after, _ := strings.Cut(toJSON(t, root), `"here"`)
				m.set(m.value)
				name := before[strings.LastIndexByte(before[:len(before)-2], '"'):]
				second := "null"
				switch m.value.(type) {
				case map[string]any:
					second = "{}"
				case []any:
					second = "[]"
				}
				_, err := decodeBoth(t, []byte(before+toJSON(t, m.value)+","+name+second+after), typ)
				require.NoError(t, err)
			}
		})
	}
}

// outputNames are the names of all members of outputs.
func outputNames() (names []string) {
	seen := map[reflect.Type]bool{}
	var look func(reflect.Type)
	look = func(typ reflect.Type) {
		switch {
		case typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice:
			look(typ.Elem())
		case isObject(typ) && !seen[typ]:
			seen[typ] = true
			for i := range typ.NumField() {
				name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
				names = append(names, name)
				look(typ.Field(i).Type)
			}
		}
	}
	for _, typ := range outputs() {
		look(typ)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// FuzzGeneratedDecode holds the generated code against reflection, which must do
// the same, and against encoding/json, with the differences that FuzzDecode of
// package wire lists: there are texts of white space, folded and duplicate
// names, more than 100 levels, the forms of times and nulls in maps.
func FuzzGeneratedDecode(f *testing.F) {
	for i, op := range slices.DeleteFunc(slices.Clone(operations), func(op operation) bool { return op.variant != "" }) {
		f.Add(uint8(i), []byte(op.answer))
	}
	f.Add(uint8(0), []byte(" "))
	types, names := outputs(), outputNames()
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		typ := types[int(which)%len(types)]
		got, err := decodeBoth(t, data, typ)
		if len(bytes.Trim(data, " \t\r\n")) == 0 {
			require.NoError(t, err)
			return
		}
		if !json.Valid(data) {
			require.Error(t, err)
			return
		}
		look := wiretest.LookAt(data, names)
		if look.Folds || look.Duplicates {
			return
		}
		want := reflect.New(typ)
		switch stdErr := json.Unmarshal(data, want.Interface()); {
		case err == nil && stdErr != nil:
			if !strings.Contains(stdErr.Error(), "parsing time") && !strings.Contains(stdErr.Error(), "Time.UnmarshalJSON") {
				t.Fatalf("accepted what encoding/json does not: %v", stdErr)
			}
		case err != nil && stdErr == nil:
			if look.Depth <= 100 && !strings.Contains(err.Error(), "RFC 3339") {
				t.Fatalf("refused what encoding/json accepts: %v", err)
			}
		case err == nil:
			toUTC(want)
			dropNulls(want, reflect.ValueOf(got))
			require.Equal(t, want.Interface(), got)
		}
	})
}

// dropNulls deletes the empty strings of maps that got lacks: these were nulls.
func dropNulls(want, got reflect.Value) {
	switch {
	case want.Kind() == reflect.Pointer && !want.IsNil() && !got.IsNil():
		dropNulls(want.Elem(), got.Elem())
	case want.Kind() == reflect.Slice:
		for i := range min(want.Len(), got.Len()) {
			dropNulls(want.Index(i), got.Index(i))
		}
	case want.Kind() == reflect.Map:
		for _, key := range want.MapKeys() {
			if want.MapIndex(key).Len() == 0 && !got.MapIndex(key).IsValid() {
				want.SetMapIndex(key, reflect.Value{})
			}
		}
	case isObject(want.Type()):
		for i := range want.NumField() {
			dropNulls(want.Field(i), got.Field(i))
		}
	}
}

// encodeBoth encodes by the generated code and by reflection and looks for what
// is missing by both, and fails unless they do the same.
func encodeBoth(t *testing.T, in any) {
	t.Helper()
	got, err := ivsrealtime.Encode(in)
	want, wantErr := wire.Encode(in)
	if !reflect.DeepEqual(err, wantErr) || !bytes.Equal(got, want) {
		t.Fatalf("%T:\ngot  %s, %v\nwant %s, %v", in, got, err, want, wantErr)
	}
	require.Equal(t, missing(reflect.ValueOf(in).Elem()), ivsrealtime.Missing(in), "%s", got)
}

// missing is what the check for required members must find.
func missing(v reflect.Value) (paths []string) {
	for i := range v.NumField() {
		sf, f := v.Type().Field(i), v.Field(i)
		required := !strings.HasSuffix(sf.Tag.Get("json"), ",omitzero") && sf.Tag.Get("required") != "false"
		if f.IsZero() && required && f.Kind() != reflect.Bool && f.Kind() != reflect.Struct {
			paths = append(paths, sf.Name)
		}
		values := map[string]reflect.Value{}
		switch {
		case f.Kind() == reflect.Struct && (required || !f.IsZero()):
			values[sf.Name] = f
		case f.Kind() == reflect.Pointer && !f.IsNil() && f.Elem().Kind() == reflect.Struct:
			values[sf.Name] = f.Elem()
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct:
			for i := range f.Len() {
				for _, path := range missing(f.Index(i)) {
					paths = append(paths, fmt.Sprintf("%s[%d].%s", sf.Name, i, path))
				}
			}
		}
		for name, value := range values {
			for _, path := range missing(value) {
				paths = append(paths, name+"."+path)
			}
		}
	}
	return paths
}

// fill sets about half of what v has in it.
func fill(r *rand.Rand, v reflect.Value) {
	if r.IntN(2) == 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		texts := []string{"a", "é😀", "a\"\\/<>&'\b\f\n\r\t\x00\x1f\x7f", "\xff\xed\xa0\x80", "\u2028", strings.Repeat("long ", 50), "x\n", "1234567é"}
		v.SetString(texts[r.IntN(len(texts))])
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32:
		v.SetInt(int64(int32(r.Uint32())))
	case reflect.Float32:
		values := []float64{29.97, -1, 1e21, 1e-7, math.Copysign(0, -1), math.NaN(), math.Inf(1), 3.4028235e38}
		v.SetFloat(values[r.IntN(len(values))])
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(20) {
			v.SetMapIndex(reflect.ValueOf(fmt.Sprint("key\n", r.IntN(30))), reflect.ValueOf("value"))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(4), 4))
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem())
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(r.Int64N(1e12), r.Int64N(1e9))))
			return
		}
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	default:
		panic("no values for " + v.Type().String())
	}
}

// The generated code and reflection encode alike, and find the same missing.
func TestGeneratedEncode(t *testing.T) {
	for _, op := range operations {
		encodeBoth(t, op.in)
	}
	r := rand.New(rand.NewPCG(1, 2))
	failed := map[string]bool{}
	for _, typ := range inputs() {
		for range 300 {
			in := reflect.New(typ)
			for i := range typ.NumField() {
				fill(r, in.Elem().Field(i))
			}
			encodeBoth(t, in.Interface())
			if _, err := ivsrealtime.Encode(in.Interface()); err != nil {
				failed[err.Error()] = true
			}
		}
	}
	require.Equal(t, map[string]bool{"video.framerate: NaN and infinities have no JSON": true}, failed)
}

func FuzzGeneratedEncode(f *testing.F) {
	types := inputs()
	for i := range types {
		f.Add(uint8(i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, which uint8, seed uint64) {
		in := reflect.New(types[int(which)%len(types)])
		r := rand.New(rand.NewPCG(seed, seed))
		for i := range in.Elem().NumField() {
			fill(r, in.Elem().Field(i))
		}
		encodeBoth(t, in.Interface())
	})
}

// A value of an enum that is known is the constant, another is kept, and neither
// the strings nor the names in an output are part of the answer's bytes.
func TestDecodedStringsAreCopies(t *testing.T) {
	data := []byte(`{"participants":[{"participantId":"abc","state":"CONNECTED"},{"userId":"def","state":"DREAMING"}],"nextToken":"ghi"}`)
	var out ivsrealtime.ListParticipantsOutput
	require.NoError(t, new(ivsrealtime.Decoder).Decode(data, &out))
	clear(data)
	require.Equal(t, ivsrealtime.ListParticipantsOutput{
		Participants: []ivsrealtime.ParticipantSummary{
			{ParticipantID: "abc", State: ivsrealtime.ParticipantStateConnected},
			{UserID: "def", State: "DREAMING"},
		},
		NextToken: "ghi",
	}, out)
}

// The slice of a page is made in the size it needs, and no list of empty objects
// makes it much larger than they are.
func TestDecodedSliceCapacity(t *testing.T) {
	page := func(items ...string) int {
		var out ivsrealtime.ListStagesOutput
		require.NoError(t, new(ivsrealtime.Decoder).Decode([]byte(`{"stages":[`+strings.Join(items, ",")+`],"nextToken":"x"}`), &out))
		require.Len(t, out.Stages, len(items))
		return cap(out.Stages)
	}
	item := `{"arn":"` + testStageARN + `"}`
	require.Equal(t, 1, page(item))
	require.LessOrEqual(t, page(slices.Repeat([]string{item}, 100)...), 115)
	require.LessOrEqual(t, page("{}", `{"name":"`+strings.Repeat("x", 1e6)+`"}`), 128)
}

// An error of the code for a nested value has its whole path, and no value.
func TestGeneratedErrorPaths(t *testing.T) {
	tests := []struct {
		out        any
		text, path string
	}{
		{new(ivsrealtime.GetStageOutput), `{"stage":{"autoParticipantRecordingConfiguration":{"thumbnailConfiguration":{"storage":["LATEST",7]}}}}`,
			"stage.autoParticipantRecordingConfiguration.thumbnailConfiguration.storage[1]"},
		{new(ivsrealtime.ListStagesOutput), `{"stages":[{},{"t\u0061gs":{"te\u0061m":"\x"}}]}`, `stages[1].tags[#0]`},
		{new(ivsrealtime.ListCompositionsOutput), `{"compositions":[{"destinations":[{},null,{"id":"secret","\u0073tartTime":"\u0073ecret"}]}]}`,
			"compositions[0].destinations[2].startTime"},
		{new(ivsrealtime.GetCompositionOutput), `{"composition":{"destinations":[{"detail":{"s3":["secret"]}}]}}`, "composition.destinations[0].detail.s3"},
		{new(ivsrealtime.DeleteStageOutput), `{"secret":{"secret":tru}}`, ""},
	}
	for _, tt := range tests {
		err := new(ivsrealtime.Decoder).Decode([]byte(tt.text), tt.out)
		var wireErr *wire.Error
		require.True(t, errors.As(err, &wireErr), tt.text)
		require.Equal(t, tt.path, wireErr.Path)
		require.NotContains(t, err.Error(), "secret")
	}
}

// compact is how the service writes its answers.
func compact(tb testing.TB, text string) []byte {
	tb.Helper()
	var b bytes.Buffer
	require.NoError(tb, json.Compact(&b, []byte(text)))
	return b.Bytes()
}
