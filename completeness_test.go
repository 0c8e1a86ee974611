package ivsrealtime_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-433ec77c/ivsrealtime"
)

// Every operation of the client has a first row, every row has an operation, and
// every golden a row.
func TestOperationsAreComplete(t *testing.T) {
	rows := map[string]operation{}
	for _, op := range operations {
		if _, twice := rows[op.id()]; twice {
			t.Errorf("two rows %s", op.id())
		}
		rows[op.id()] = op
	}
	methods := operationMethods()
	for name, method := range methods {
		if _, ok := rows[name]; !ok {
			t.Errorf("%s has no row", name)
		}
		in, out := method.In(2).Elem(), method.Out(0).Elem()
		if in.Name() != name+"Input" || out.Name() != name+"Output" {
			t.Errorf("%s takes %s and returns %s", name, in, out)
		}
		if last := out.Field(out.NumField() - 1); last.Name != "ResultMetadata" || last.Tag != `json:"-"` {
			t.Errorf("the last field of %s is %s `%s`", out, last.Name, last.Tag)
		}
	}
	if len(methods) < 40 {
		t.Errorf("%d operations, there were 40", len(methods))
	}
	for id, op := range rows {
		method, ok := methods[op.name]
		if !ok {
			t.Errorf("row %s has no operation", id)
		} else if reflect.TypeOf(op.in) != method.In(2) || op.answer != "" && reflect.TypeOf(op.want) != method.Out(0) {
			t.Errorf("row %s has %T and %T", id, op.in, op.want)
		} else if op.variant == "" && op.answer == "" {
			t.Errorf("row %s has no answer", id)
		}
	}
	goldens, err := os.ReadDir(filepath.Join("testdata", "requests"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range goldens {
		if _, ok := rows[strings.TrimSuffix(file.Name(), ".txt")]; !ok {
			t.Errorf("golden %s has no row", file.Name())
		}
	}
}

// operationMethods returns the methods of the client that are operations.
func operationMethods() map[string]reflect.Type {
	methods := map[string]reflect.Type{}
	client := reflect.TypeFor[*ivsrealtime.Client]()
	for i := range client.NumMethod() {
		m := client.Method(i)
		if m.Type.NumIn() == 4 && m.Type.IsVariadic() && m.Type.In(3) == reflect.TypeFor[[]func(*ivsrealtime.Options)]() && m.Type.NumOut() == 2 {
			methods[m.Name] = m.Type
		}
	}
	return methods
}

// The fields of inputs and outputs carry the API's names, Values of an enum lists
// its constants, and these are named as their values.
func TestTypes(t *testing.T) {
	constants := stringConstants(t)
	seen := map[reflect.Type]bool{}
	var look func(typ reflect.Type)
	look = func(typ reflect.Type) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		switch {
		case typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice:
			look(typ.Elem())
		case isObject(typ):
			for i := range typ.NumField() {
				f := typ.Field(i)
				if f.Name == "ResultMetadata" {
					continue
				}
				name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
				if !f.IsExported() || !strings.EqualFold(name, f.Name) || option != "" && option != "omitzero" {
					t.Errorf("%s.%s has the tag `%s`", typ, f.Name, f.Tag)
				}
				look(f.Type)
			}
		case typ.Kind() == reflect.String && typ.PkgPath() != "" && typ != reflect.TypeFor[ivsrealtime.Secret]():
			if !isEnum(typ) {
				t.Errorf("%s has no Values", typ)
				return
			}
			var values []string
			for _, v := range reflect.Zero(typ).MethodByName("Values").Call(nil)[0].Seq2() {
				values = append(values, v.String())
			}
			var declared []string
			for _, c := range constants[typ.Name()] {
				declared = append(declared, c.value)
				if name := typ.Name() + strings.ReplaceAll(c.value, "_", ""); !strings.EqualFold(c.name, name) {
					t.Errorf("%s is %q", c.name, c.value)
				}
			}
			if len(values) == 0 || len(values) != len(slices.Compact(slices.Sorted(slices.Values(values)))) || !slices.Equal(values, declared) {
				t.Errorf("%s.Values() is %q, the constants are %q", typ, values, declared)
			}
		}
	}
	for _, method := range operationMethods() {
		look(method.In(2))
		look(method.Out(0))
	}
}

type constant struct{ name, value string }

// stringConstants returns the package's string constants by the name of their
// type.
func stringConstants(t *testing.T) map[string][]constant {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := map[string][]constant{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			typ, isNamed := spec.Type.(*ast.Ident)
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok && isNamed && literal.Kind == token.STRING {
				value, _ := strconv.Unquote(literal.Value)
				constants[typ.Name] = append(constants[typ.Name], constant{spec.Names[0].Name, value})
			}
			return false
		})
	}
	return constants
}
