package ivsrealtime_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/seed-433ec77c/ivsrealtime"
)

// FuzzAnswer: whatever a success answer of any operation holds, the call returns
// an error with operation and status, or what encoding/json makes of the text. (On
// purpose they differ in duplicates, case and null, which are taken out here and
// looked at in internal/wire.)
func FuzzAnswer(f *testing.F) {
	names := map[string]bool{}
	for i, op := range operations {
		f.Add(byte(i), op.answer)
		var answer any
		if json.Unmarshal([]byte(op.answer), &answer) == nil {
			collectNames(answer, names)
		}
	}
	f.Add(byte(0), `{"composition":`)
	f.Add(byte(0), `[]`)
	f.Fuzz(func(t *testing.T, which byte, text string) {
		op := operations[int(which)%len(operations)]
		call := func(text string) (any, error) {
			return op.call(t, ivsrealtime.New(testOptions(answering(answer(http.StatusOK, text)))), op.in)
		}
		if _, err := call(text); err != nil {
			var operation *smithy.OperationError
			var re *awshttp.ResponseError
			if !errors.As(err, &operation) || !errors.As(err, &re) {
				t.Fatalf("not wrapped: %v", err)
			}
		}

		var object map[string]any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if d.Decode(&object) != nil || object == nil || simplify(object, names) > 90 {
			return
		}
		simple, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		got, err := call(string(simple))
		want := reflect.New(reflect.TypeFor[*ivsrealtime.Client]().Method(methodIndex(op.name)).Type.Out(0).Elem())
		stdErr := json.Unmarshal(simple, want.Interface())
		if err != nil || stdErr != nil {
			// encoding/json is stricter and laxer with times, each in its way.
			if (err == nil || stdErr == nil) && !bytes.Contains(simple, []byte(`Time":`)) {
				t.Fatalf("%s\nhere %v\nencoding/json %v", simple, err, stdErr)
			}
			return
		}
		gotValue := reflect.ValueOf(got).Elem()
		gotValue.FieldByName("ResultMetadata").Set(reflect.ValueOf(middleware.Metadata{}))
		inUTC(want.Elem())
		if !reflect.DeepEqual(got, want.Interface()) {
			t.Fatalf("%s\nhere %#v\nencoding/json %#v", simple, got, want.Interface())
		}
	})
}

func methodIndex(name string) int {
	m, _ := reflect.TypeFor[*ivsrealtime.Client]().MethodByName(name)
	return m.Index
}

// collectNames adds the names of all members at any depth.
func collectNames(v any, names map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			names[name] = true
			collectNames(member, names)
		}
	case []any:
		for _, item := range v {
			collectNames(item, names)
		}
	}
}

// simplify takes out members that are null and names that are known ones but for
// case, and returns the depth.
func simplify(v any, names map[string]bool) (depth int) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if member == nil || foldsTo(name, names) {
				delete(v, name)
				continue
			}
			depth = max(depth, 1+simplify(member, names))
		}
	case []any:
		for _, item := range v {
			depth = max(depth, 1+simplify(item, names))
		}
	}
	return depth
}

func foldsTo(name string, names map[string]bool) bool {
	if names[name] {
		return false
	}
	for known := range names {
		if strings.EqualFold(name, known) {
			return true
		}
	}
	return false
}

// inUTC converts every time in v, as the client does.
func inUTC(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			inUTC(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			inUTC(v.Index(i))
		}
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			v.Set(reflect.ValueOf(at.UTC()))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				inUTC(v.Field(i))
			}
		}
	}
}
