// Package both drives this library and the official client alike, by reflection:
// their types have the same members under names that differ by case alone.
package both

import (
	"context"
	"reflect"
	"strings"

	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"

	"github.com/seed-433ec77c/ivsrealtime"
)

// Official names the client compared with, for the tally.
const Official = "official v1.30.0"

// The types of the clients.
var (
	OursType     = reflect.TypeFor[*ivsrealtime.Client]()
	OfficialType = reflect.TypeFor[*official.Client]()
)

// Operation is what a client needs for an operation.
type Operation struct {
	Input, Output reflect.Type // structs
}

var ourOperations, officialOperations = operations(OursType), operations(OfficialType)

// Operations returns the methods of a client type, ours or the official one, that
// are operations.
func Operations(client reflect.Type) map[string]Operation {
	if client == OursType {
		return ourOperations
	}
	return officialOperations
}

func operations(client reflect.Type) map[string]Operation {
	ops := map[string]Operation{}
	for i := range client.NumMethod() {
		m := client.Method(i)
		if m.Type.NumIn() == 4 && m.Type.IsVariadic() && m.Type.In(1) == reflect.TypeFor[context.Context]() && m.Type.NumOut() == 2 {
			ops[m.Name] = Operation{m.Type.In(2).Elem(), m.Type.Out(0).Elem()}
		}
	}
	return ops
}

// Field returns the exported field of a struct whose name is that of a member,
// but for case.
func Field(typ reflect.Type, member string) (reflect.StructField, bool) {
	f, ok := typ.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, member) })
	return f, ok && f.IsExported()
}

// Deref returns what a pointer type points to, and any other type itself.
func Deref(typ reflect.Type) reflect.Type {
	if typ.Kind() == reflect.Pointer {
		return typ.Elem()
	}
	return typ
}
