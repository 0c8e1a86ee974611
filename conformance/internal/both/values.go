package both

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/gen"
)

// Fill sets v, a struct of either client, to an abstract value. Nulls are as if
// they were not there. A member that the struct does not have is an error.
func Fill(v reflect.Value, value map[string]any) error {
	for _, name := range gen.Sorted(value) {
		f, ok := Field(v.Type(), name)
		if !ok {
			return fmt.Errorf("%v has no %s", v.Type(), name)
		}
		if err := fill(v.FieldByIndex(f.Index), value[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func fill(v reflect.Value, value any) error {
	if value == nil {
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return fill(v.Elem(), value)
	}
	switch value := value.(type) {
	case map[string]any:
		return Fill(v, value)
	case []any:
		v.Set(reflect.MakeSlice(v.Type(), len(value), len(value)))
		for i, e := range value {
			if err := fill(v.Index(i), e); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return nil
	case gen.Time:
		v.Set(reflect.ValueOf(value.Time))
		return nil
	}
	rv := reflect.ValueOf(value)
	if rv.Kind() != v.Kind() {
		return fmt.Errorf("a %v for a %v", rv.Type(), v.Type())
	}
	v.Set(rv.Convert(v.Type()))
	return nil
}

// Common returns what of an abstract value of a struct of the contract both Go
// types can say. It takes away the members that theirs does not have yet, and
// zeros and empty structs of optional members where one of the types is a plain
// value, which cannot tell them from absence: a test of their own looks at them.
func Common(c *contract.Contract, name string, value map[string]any, ours, theirs reflect.Type) map[string]any {
	common := map[string]any{}
	for _, m := range c.Structs[name] {
		x, ok := value[m.Name]
		if !ok {
			continue
		}
		our, ok := Field(ours, m.Name)
		if !ok {
			continue
		}
		their, ok := Field(theirs, m.Name)
		if !ok {
			continue
		}
		x = commonValue(c, m.Type, x, our.Type, their.Type)
		if !m.Required && IsZero(x) && !(tellsAbsence(our.Type) && tellsAbsence(their.Type)) {
			continue
		}
		common[m.Name] = x
	}
	return common
}

func commonValue(c *contract.Contract, typ contract.Type, x any, ours, theirs reflect.Type) any {
	ours, theirs = Deref(ours), Deref(theirs)
	switch x := x.(type) {
	case map[string]any:
		return Common(c, typ.Of, x, ours, theirs)
	case []any:
		x = slices.Clone(x)
		for i := range x {
			x[i] = commonValue(c, *typ.Element, x[i], ours.Elem(), theirs.Elem())
		}
		return x
	}
	return x
}

// IsZero reports whether an abstract value is zero; empty lists and maps are not.
func IsZero(x any) bool {
	switch x := x.(type) {
	case bool:
		return !x
	case int32:
		return x == 0
	case float32:
		return x == 0
	case string:
		return x == ""
	case map[string]any:
		return len(x) == 0
	}
	return false
}

func tellsAbsence(typ reflect.Type) bool {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return true
	}
	return false
}

// Equal compares values of both clients and returns the paths at which they
// differ, with how. A plain zero value stands for the absence that the other side
// can tell. Fields that one side does not have count as equal: the surface says
// what these are.
func Equal(ours, theirs reflect.Value) []string { return equal("", ours, theirs) }

func equal(where string, our, their reflect.Value) []string {
	switch {
	case our.Kind() == reflect.Pointer && their.Kind() == reflect.Pointer:
		if our.IsNil() != their.IsNil() {
			return []string{fmt.Sprintf("%s: nil is %t here, %t there", where, our.IsNil(), their.IsNil())}
		}
		if our.IsNil() {
			return nil
		}
		return equal(where, our.Elem(), their.Elem())
	case our.Kind() == reflect.Pointer:
		return equal(where, orZero(our), their)
	case their.Kind() == reflect.Pointer:
		return equal(where, our, orZero(their))
	}
	if our.Kind() != their.Kind() {
		return []string{fmt.Sprintf("%s: %v and %v", where, our.Type(), their.Type())}
	}
	same := true
	switch our.Kind() {
	case reflect.Bool:
		same = our.Bool() == their.Bool()
	case reflect.Int32:
		same = our.Int() == their.Int()
	case reflect.Float32:
		same = our.Float() == their.Float()
	case reflect.String:
		same = our.String() == their.String()
	case reflect.Map:
		same = our.IsNil() == their.IsNil() && reflect.DeepEqual(our.Interface(), their.Interface())
	case reflect.Slice:
		if our.IsNil() != their.IsNil() || our.Len() != their.Len() {
			return []string{fmt.Sprintf("%s: %d elements (nil %t) here, %d (nil %t) there", where, our.Len(), our.IsNil(), their.Len(), their.IsNil())}
		}
		var all []string
		for i := range our.Len() {
			all = append(all, equal(fmt.Sprintf("%s[%d]", where, i), our.Index(i), their.Index(i))...)
		}
		return all
	case reflect.Struct:
		if t, ok := our.Interface().(time.Time); ok {
			same = t.Equal(their.Interface().(time.Time))
			break
		}
		return equalStructs(where, our, their)
	default:
		return []string{fmt.Sprintf("%s: cannot compare a %v", where, our.Type())}
	}
	if !same {
		return []string{fmt.Sprintf("%s: %#v here, %#v there", where, plain(our), plain(their))}
	}
	return nil
}

func equalStructs(where string, our, their reflect.Value) []string {
	var all []string
	for i := range our.NumField() {
		f := our.Type().Field(i)
		if f.Name == "ResultMetadata" {
			continue
		}
		if t, ok := Field(their.Type(), f.Name); ok {
			all = append(all, equal(where+"."+f.Name, our.Field(i), their.FieldByIndex(t.Index))...)
		}
	}
	return all
}

func orZero(v reflect.Value) reflect.Value {
	if v.IsNil() {
		return reflect.Zero(v.Type().Elem())
	}
	return v.Elem()
}

// plain returns a value that prints, which a Secret does not. The secrets of
// these tests are random.
func plain(v reflect.Value) any {
	if v.Kind() == reflect.String {
		return v.String()
	}
	return v.Interface()
}
