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

// decode decodes into a new value of a type.
func decode(data []byte, typ reflect.Type) (any, error) {
	out := reflect.New(typ).Interface()
	return out, wire.Decode(data, out)
}

// Each answer is decoded as a whole, cut off nowhere and, of two fields with the
// same name, by the later one.
func TestDecodeAnswers(t *testing.T) {
	for _, op := range operations {
		if op.answer == "" {
			continue
		}
		t.Run(op.id(), func(t *testing.T) {
			t.Parallel()
			typ := reflect.TypeOf(op.want).Elem()
			data := compact(t, op.answer)
			for i := range data {
				_, err := decode(data[:i], typ)
				require.Equal(t, i > 0, err != nil, "cut off at %d", i)
				changed := bytes.Clone(data)
				changed[i] = `"x{}[],:\1n `[i%12]
				if _, err := decode(changed, typ); err == nil {
					require.True(t, json.Valid(changed), "%s", changed)
				}
			}
			got, err := decode(data, typ)
			require.NoError(t, err)
			require.Equal(t, op.want, got)

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
				got, err := decode([]byte(before+toJSON(t, m.value)+","+name+second+after), typ)
				require.NoError(t, err)
				if second == "null" { // as if it were not there
					second = toJSON(t, m.value)
				}
				want, err := decode([]byte(before+second+after), typ)
				require.NoError(t, err)
				require.Equal(t, want, got, m.path)
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

// FuzzDecodeAnswers compares with encoding/json, with the differences that FuzzDecode
// of package wire lists: there are texts of white space, folded and duplicate
// names, more than 100 levels, the forms of times and nulls in maps.
func FuzzDecodeAnswers(f *testing.F) {
	for i, op := range slices.DeleteFunc(slices.Clone(operations), func(op operation) bool { return op.variant != "" }) {
		f.Add(uint8(i), []byte(op.answer))
	}
	f.Add(uint8(0), []byte(" "))
	types, names := outputs(), outputNames()
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		typ := types[int(which)%len(types)]
		got, err := decode(data, typ)
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

// checkEncoding compares with encoding/json, and what is missing with what must be
// found.
func checkEncoding(t *testing.T, in any) error {
	t.Helper()
	require.Equal(t, missing(reflect.ValueOf(in).Elem()), missingOf(t, in))
	got, err := wire.Encode(in)
	if err == nil { // of one that cannot be encoded package wire tests the error
		emptyNils(reflect.ValueOf(in).Elem())
	}
	var want bytes.Buffer
	std := json.NewEncoder(&want)
	std.SetEscapeHTML(false)
	stdErr := std.Encode(in)
	require.Equal(t, stdErr != nil, err != nil, "%T: here %v, encoding/json %v", in, err, stdErr)
	if err == nil {
		require.Equal(t, strings.TrimSuffix(want.String(), "\n"), string(got), "%T", in)
	}
	return err
}

func missingOf(t *testing.T, in any) []string {
	t.Helper()
	paths, err := wire.Missing(in)
	require.NoError(t, err)
	return paths
}

// emptyNils makes the slices and maps empty that are nil and always written: we
// write [] and {}, encoding/json null.
func emptyNils(v reflect.Value) {
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		emptyNils(v.Elem())
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			emptyNils(v.Index(i))
		}
	case isObject(v.Type()):
		for i := range v.NumField() {
			f := v.Field(i)
			if !strings.HasSuffix(v.Type().Field(i).Tag.Get("json"), ",omitzero") {
				switch {
				case f.Kind() == reflect.Slice && f.IsNil():
					f.Set(reflect.MakeSlice(f.Type(), 0, 0))
				case f.Kind() == reflect.Map && f.IsNil():
					f.Set(reflect.MakeMap(f.Type()))
				}
			}
			emptyNils(f)
		}
	}
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

// Inputs are encoded as by encoding/json, and what is missing is found.
func TestEncodeInputs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	failed := map[string]bool{}
	for _, typ := range inputs() {
		for range 300 {
			in := reflect.New(typ)
			for i := range typ.NumField() {
				fill(r, in.Elem().Field(i))
			}
			if err := checkEncoding(t, in.Interface()); err != nil {
				failed[err.Error()] = true
			}
		}
	}
	require.Equal(t, map[string]bool{"video.framerate: NaN and infinities have no JSON": true}, failed)
}

func FuzzEncodeInputs(f *testing.F) {
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
		_ = checkEncoding(t, in.Interface())
	})
}

// Values of enums that are not known are kept, and neither the strings nor the names
// in an output are part of the answer's bytes.
func TestDecodedStringsAreCopies(t *testing.T) {
	data := []byte(`{"participants":[{"participantId":"abc","state":"CONNECTED"},{"userId":"def","state":"DREAMING"}],"nextToken":"ghi"}`)
	var out ivsrealtime.ListParticipantsOutput
	require.NoError(t, wire.Decode(data, &out))
	clear(data)
	require.Equal(t, ivsrealtime.ListParticipantsOutput{
		Participants: []ivsrealtime.ParticipantSummary{
			{ParticipantID: "abc", State: ivsrealtime.ParticipantStateConnected},
			{UserID: "def", State: "DREAMING"},
		},
		NextToken: "ghi",
	}, out)
}

// The slice of a page is made about in the size it needs, and no list of empty objects
// makes it much larger than they are.
func TestDecodedSliceCapacity(t *testing.T) {
	page := func(items ...string) int {
		var out ivsrealtime.ListStagesOutput
		require.NoError(t, wire.Decode([]byte(`{"stages":[`+strings.Join(items, ",")+`],"nextToken":"x"}`), &out))
		require.Len(t, out.Stages, len(items))
		return cap(out.Stages)
	}
	item := `{"arn":"` + testStageARN + `"}`
	require.Equal(t, 1, page(item))
	require.LessOrEqual(t, page(slices.Repeat([]string{item}, 100)...), 120)
	require.LessOrEqual(t, page("{}", `{"name":"`+strings.Repeat("x", 1e6)+`"}`), 150)
}

// An error in a nested value has its whole path, and no value.
func TestDecodeErrorPaths(t *testing.T) {
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
		err := wire.Decode([]byte(tt.text), tt.out)
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
