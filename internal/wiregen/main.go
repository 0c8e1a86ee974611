// Command wiregen writes wire_gen.go, the code that reads and writes the JSON of
// the API's types. Run it by go generate in the root of the module.
//
// It looks at the struct declarations of the package alone, and their tags. By
// their names it knows what a struct needs:
//
//   - *Output: decodeJSON, which notes what is missing of its required members, and
//     metadata,
//   - *Input: encodeJSON and missing, the check for required members,
//   - *Body, for an input that does not go as it is: encodeJSON,
//
// and so do the structs that these have in them. The code does, by the methods
// of package wire, what wire.Decode and wire.Encode do by reflection, and tests
// hold the two against each other. A declaration that it does not know is an
// error.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

const outFile = "wire_gen.go"

func main() {
	code, err := generate(".")
	if err == nil {
		err = os.WriteFile(outFile, code, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "wiregen:", err)
		os.Exit(1)
	}
}

// generate returns the code for the package in dir.
func generate(dir string) ([]byte, error) {
	p, err := parse(dir)
	if err != nil {
		return nil, err
	}
	g := &generator{pkg: p, enums: map[string]bool{}}
	return g.file()
}

// kind is what the code for a field depends on.
type kind int

const (
	kindString kind = iota // named or not, but no enum
	kindEnum
	kindBool
	kindInt32
	kindFloat32
	kindTime
	kindMap // of string to string
	kindStruct
	kindSlice   // of strings, enums or structs
	kindPointer // to a string, enum, boolean, number or struct
)

type goType struct {
	kind kind
	name string
	elem *goType // of a slice or a pointer
}

type field struct {
	name     string // in Go
	wire     string // in JSON
	typ      goType
	omitZero bool
	required bool
}

// structType is a struct declaration.
type structType struct {
	name   string
	fields []field
}

// pkg is what the declarations of a package say.
type pkg struct {
	name      string
	fset      *token.FileSet
	specs     map[string]*ast.TypeSpec
	constants map[string][]string // values of the string constants by type
	structs   map[string]*structType
}

// parse reads the files of the package in dir, but for tests and the generated
// one.
func parse(dir string) (*pkg, error) {
	p := &pkg{fset: token.NewFileSet(), specs: map[string]*ast.TypeSpec{}, constants: map[string][]string{}, structs: map[string]*structType{}}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == outFile {
			continue
		}
		file, err := parser.ParseFile(p.fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		p.name = file.Name.Name
		for _, decl := range file.Decls {
			if decl, ok := decl.(*ast.GenDecl); ok {
				if err := p.declare(decl); err != nil {
					return nil, err
				}
			}
		}
	}
	if p.name == "" {
		return nil, fmt.Errorf("%s has no Go files", dir)
	}
	return p, nil
}

func (p *pkg) declare(decl *ast.GenDecl) error {
	for _, spec := range decl.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			p.specs[spec.Name.Name] = spec
		case *ast.ValueSpec:
			typ, ok := spec.Type.(*ast.Ident)
			if decl.Tok != token.CONST || !ok || len(spec.Values) != 1 {
				continue
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				value, err := strconv.Unquote(lit.Value)
				if err != nil {
					return err
				}
				p.constants[typ.Name] = append(p.constants[typ.Name], value)
			}
		}
	}
	return nil
}

// lookup returns the struct of this name. Its fields are looked at when it is
// asked for, so that the other types of the package may be what they like.
func (p *pkg) lookup(name string) (*structType, error) {
	if s, ok := p.structs[name]; ok {
		if s == nil {
			return nil, fmt.Errorf("%s contains itself", name)
		}
		return s, nil
	}
	p.structs[name] = nil // until it is complete
	s := &structType{name: name}
	names := map[string]bool{}
	for _, f := range p.specs[name].Type.(*ast.StructType).Fields.List {
		if len(f.Names) != 1 {
			return nil, p.errorf(f, name, "want one name for each field")
		}
		f, err := p.field(name+"."+f.Names[0].Name, f)
		if err != nil {
			return nil, err
		}
		if f == nil {
			continue
		}
		if names[f.wire] {
			return nil, fmt.Errorf("%s.%s: a second member %q", name, f.name, f.wire)
		}
		names[f.wire] = true
		s.fields = append(s.fields, *f)
	}
	p.structs[name] = s
	return s, nil
}

func (p *pkg) errorf(at ast.Node, what, format string, args ...any) error {
	pos := p.fset.Position(at.Pos())
	return fmt.Errorf("%s:%d: %s: %s", filepath.Base(pos.Filename), pos.Line, what, fmt.Sprintf(format, args...))
}

// field returns nil for a field that is not part of the wire.
func (p *pkg) field(what string, f *ast.Field) (*field, error) {
	var tag reflect.StructTag
	if f.Tag != nil {
		text, err := strconv.Unquote(f.Tag.Value)
		if err != nil {
			return nil, p.errorf(f, what, "%v", err)
		}
		tag = reflect.StructTag(text)
	}
	json := tag.Get("json")
	if json == "-" {
		return nil, nil
	}
	wire, option, _ := strings.Cut(json, ",")
	switch {
	case !ast.IsExported(f.Names[0].Name):
		return nil, p.errorf(f, what, "the field is not exported")
	case wire == "" || strings.ContainsFunc(wire, func(c rune) bool { return c < ' ' || c > '~' || strings.ContainsRune("\"\\`", c) }):
		return nil, p.errorf(f, what, "want a json tag with a plain name, got %q", json)
	case option != "" && option != "omitzero":
		return nil, p.errorf(f, what, "unknown option %q in the json tag", option)
	}
	typ, err := p.typeOf(f.Type)
	if err != nil {
		return nil, p.errorf(f, what, "%v", err)
	}
	return &field{
		name: f.Names[0].Name, wire: wire, typ: typ,
		omitZero: option == "omitzero",
		required: option == "" && tag.Get("required") != "false",
	}, nil
}

var basicKinds = map[string]kind{"string": kindString, "bool": kindBool, "int32": kindInt32, "float32": kindFloat32}

var errUnknownType = errors.New("no code can be generated for this type, see internal/wiregen")

func (p *pkg) typeOf(expr ast.Expr) (goType, error) {
	switch expr := expr.(type) {
	case *ast.Ident:
		return p.named(expr.Name)
	case *ast.SelectorExpr:
		if x, ok := expr.X.(*ast.Ident); ok && x.Name == "time" && expr.Sel.Name == "Time" {
			return goType{kind: kindTime, name: "time.Time"}, nil
		}
	case *ast.MapType:
		if isString(expr.Key) && isString(expr.Value) {
			return goType{kind: kindMap}, nil
		}
	case *ast.ArrayType:
		elem, err := p.typeOf(expr.Elt)
		if err != nil {
			return goType{}, err
		}
		if expr.Len == nil && (elem.kind == kindString || elem.kind == kindEnum || elem.kind == kindStruct) {
			return goType{kind: kindSlice, elem: &elem}, nil
		}
	case *ast.StarExpr:
		elem, err := p.typeOf(expr.X)
		if err != nil {
			return goType{}, err
		}
		switch elem.kind {
		case kindString, kindEnum, kindBool, kindInt32, kindFloat32, kindStruct:
			return goType{kind: kindPointer, elem: &elem}, nil
		}
	}
	return goType{}, errUnknownType
}

func isString(expr ast.Expr) bool {
	id, ok := expr.(*ast.Ident)
	return ok && id.Name == "string"
}

func (p *pkg) named(name string) (goType, error) {
	spec := p.specs[name]
	if spec == nil {
		if k, ok := basicKinds[name]; ok {
			return goType{kind: k, name: name}, nil
		}
		return goType{}, errUnknownType
	}
	if _, ok := spec.Type.(*ast.StructType); ok {
		_, err := p.lookup(name)
		return goType{kind: kindStruct, name: name}, err
	}
	if !isString(spec.Type) {
		return goType{}, errUnknownType
	}
	if len(p.constants[name]) > 0 {
		return goType{kind: kindEnum, name: name}, nil
	}
	return goType{kind: kindString, name: name}, nil
}

// generator writes the code of the structs that end in Input, Output and Body,
// and of all that these need.
type generator struct {
	*pkg
	buf bytes.Buffer

	// The structs that need a function of a kind, in the order in which that was
	// found out.
	decode, decodeSlices, encode, isZero, missing []string

	enums map[string]bool // the values that outputs may have
}

func (g *generator) printf(format string, args ...any) { fmt.Fprintf(&g.buf, format, args...) }

// want enters a name in one of the generator's lists.
func want(list *[]string, name string) {
	if !slices.Contains(*list, name) {
		*list = append(*list, name)
	}
}

// each calls write for the structs of a list, and for those that get into it
// meanwhile.
func (g *generator) each(list *[]string, write func(*structType)) {
	for i := 0; i < len(*list); i++ {
		write(g.structs[(*list)[i]])
	}
}

func (g *generator) file() ([]byte, error) {
	var outputs, inputs []string
	for _, name := range slices.Sorted(maps.Keys(g.specs)) {
		if _, ok := g.specs[name].Type.(*ast.StructType); !ok {
			continue
		}
		switch {
		case strings.HasSuffix(name, "Output"):
			outputs = append(outputs, name)
		case strings.HasSuffix(name, "Input"):
			inputs = append(inputs, name)
		case strings.HasSuffix(name, "Body"):
			g.encode = append(g.encode, name)
		default:
			continue
		}
		if _, err := g.lookup(name); err != nil {
			return nil, err
		}
	}
	g.decode, g.missing = slices.Clone(outputs), slices.Clone(inputs)
	g.encode = append(g.encode, inputs...)

	g.each(&g.decode, func(s *structType) { g.writeDecode(s, slices.Contains(outputs, s.name)) })
	g.each(&g.decodeSlices, g.writeDecodeSlice)
	g.writeReadEnum()
	g.each(&g.encode, g.writeEncode)
	g.each(&g.isZero, g.writeIsZero)
	g.each(&g.missing, g.writeMissing)

	body := g.buf.String()
	header := "// Code generated by go run ./internal/wiregen; DO NOT EDIT.\n\npackage " + g.name + "\n\nimport (\n"
	if len(outputs) > 0 {
		header += "\"github.com/aws/smithy-go/middleware\"\n\n"
	}
	header += "\"github.com/seed-433ec77c/ivsrealtime/internal/wire\"\n"
	return format.Source([]byte(header + ")\n" + body))
}

func (g *generator) writeDecode(s *structType, output bool) {
	g.printf("\nfunc (v *%s) decodeJSON(r *wire.Reader) {\n", s.name)
	if len(s.fields) == 0 {
		g.printf("r.SkipObject()\n}\n")
	} else {
		structs := 0
		required := ""
		if slices.ContainsFunc(s.fields, func(f field) bool { return f.typ.kind == kindStruct }) {
			g.printf("var seen uint\n")
		}
		g.printf("for ok := r.Object(); ok; ok = r.Member() {\nswitch string(r.Name()) {\n")
		for _, f := range s.fields {
			g.printf("case %q:\n", f.wire)
			if f.typ.kind == kindStruct { // the last of duplicates replaces the others whole
				g.printf("if seen&%[1]d != 0 {\nv.%[2]s = %[3]s{}\n}\nseen |= %[1]d\n", 1<<structs, f.name, f.typ.name)
				structs++
			}
			if output && f.required {
				there := g.notNil("v."+f.name, f.typ)
				if f.typ.kind == kindStruct {
					there = fmt.Sprintf("seen&%d != 0", 1<<(structs-1))
				}
				required += fmt.Sprintf("r.Require(%q, %s)\n", f.wire, there)
			}
			g.writeDecodeField(f)
		}
		g.printf("default:\nr.Skip()\n}\n}\n%s}\n", required)
	}
	if output {
		g.printf("\nfunc (v *%s) metadata() *middleware.Metadata { return &v.ResultMetadata }\n", s.name)
	}
}

// notNil is an expression that says whether a member of an output that is no struct
// was there.
func (g *generator) notNil(v string, t goType) string {
	switch t.kind {
	case kindSlice, kindMap, kindPointer:
		return v + " != nil"
	}
	return g.notZero(v, t)
}

// writeDecodeField puts the member into the path of an error where the Reader
// does not.
func (g *generator) writeDecodeField(f field) {
	v, e := "v."+f.name, f.typ.elem
	switch {
	case f.typ.kind == kindStruct:
		want(&g.decode, f.typ.name)
		g.printf("%s.decodeJSON(r)\nr.In(%q)\n", v, f.wire)
	case f.typ.kind == kindSlice && e.kind == kindStruct:
		want(&g.decode, e.name)
		want(&g.decodeSlices, e.name)
		g.printf("%s = decode%sSlice(r)\nr.In(%q)\n", v, e.name, f.wire)
	case f.typ.kind == kindSlice:
		g.printf("%s = wire.Strings[%s](r, %s)\n", v, e.name, g.stringReader(*e))
	case f.typ.kind == kindPointer && e.kind == kindStruct:
		want(&g.decode, e.name)
		g.printf("%[1]s = new(%[2]s)\n%[1]s.decodeJSON(r)\nr.In(%[3]q)\n", v, e.name, f.wire)
	case f.typ.kind == kindPointer:
		g.printf("%[1]s = new(%[2]s)\n*%[1]s = %[3]s\n", v, e.name, g.read(*e))
	default:
		g.printf("%s = %s\n", v, g.read(f.typ))
	}
}

// read is an expression that reads a value without parts, or a map.
func (g *generator) read(t goType) string {
	switch t.kind {
	case kindString:
		if t.name != "string" {
			return t.name + "(r.String())"
		}
		return "r.String()"
	case kindEnum:
		return t.name + "(" + g.stringReader(t) + "(r))"
	}
	return "r." + methods[t.kind] + "()"
}

// methods of the Reader and the Writer.
var methods = map[kind]string{kindBool: "Bool", kindInt32: "Int32", kindFloat32: "Float32", kindTime: "Time", kindMap: "StringMap"}

// stringReader is a function that reads a string of this type.
func (g *generator) stringReader(t goType) string {
	if t.kind == kindString {
		return "(*wire.Reader).String"
	}
	for _, value := range g.constants[t.name] {
		g.enums[value] = true
	}
	return "readEnum"
}

// writeReadEnum writes one function for all enums: what a value is a value of does
// not matter, and it is smaller than one for each.
func (g *generator) writeReadEnum() {
	if len(g.enums) == 0 {
		return
	}
	g.printf("\n// readEnum reads a string without allocating if it is a value of some enum.\n")
	g.printf("func readEnum(r *wire.Reader) string {\ns := r.Text()\nswitch string(s) {\n")
	for _, value := range slices.Sorted(maps.Keys(g.enums)) {
		g.printf("case %q:\nreturn %q\n", value, value)
	}
	g.printf("}\nreturn r.Copy(s)\n}\n")
}

// writeDecodeSlice writes a function that makes the slice when the first element is there, which tells how
// large it will be.
func (g *generator) writeDecodeSlice(s *structType) {
	g.printf(`
func decode%[1]sSlice(r *wire.Reader) []%[1]s {
	if !r.Array() {
		return []%[1]s{}
	}
	start := r.Offset()
	var first %[1]s
	first.decodeJSON(r)
	r.At(0)
	all := make([]%[1]s, 1, r.Capacity(start))
	all[0] = first
	for i := 1; r.Element(); i++ {
		all = append(all, %[1]s{})
		all[i].decodeJSON(r)
		r.At(i)
	}
	return all
}
`, s.name)
}

func (g *generator) writeEncode(s *structType) {
	g.printf("\nfunc (v *%s) encodeJSON(w *wire.Writer) {\nw.Open()\n", s.name)
	for _, f := range s.fields {
		v, key := "v."+f.name, "`,\""+f.wire+"\":`"
		if f.omitZero {
			g.printf("if %s {\n", g.notZero(v, f.typ))
		}
		g.writeEncodeField(v, key, f.typ, !f.omitZero)
		if f.omitZero {
			g.printf("}\n")
		}
	}
	g.printf("w.Close()\n}\n")
}

func (g *generator) writeEncodeField(v, key string, t goType, mayBeNil bool) {
	switch t.kind {
	case kindStruct:
		want(&g.encode, t.name)
		g.printf("w.In(%s)\n%s.encodeJSON(w)\nw.Out()\n", key, v)
	case kindSlice:
		if t.elem.kind != kindStruct {
			g.printf("wire.WriteStrings(w, %s, %s)\n", key, v)
			break
		}
		want(&g.encode, t.elem.name)
		g.printf("w.InArray(%s)\nfor i := range %[2]s {\nw.Item(i)\n%[2]s[i].encodeJSON(w)\n}\nw.OutArray()\n", key, v)
	case kindPointer:
		if mayBeNil {
			g.printf("if %s == nil {\nw.Null(%s)\n} else {\n", v, key)
			defer g.printf("}\n")
		}
		if t.elem.kind != kindStruct {
			v = "*" + v
		}
		g.writeEncodeField(v, key, *t.elem, false)
	case kindString, kindEnum:
		if t.name != "string" {
			v = "string(" + v + ")"
		}
		g.printf("w.String(%s, %s)\n", key, v)
	default:
		g.printf("w.%s(%s, %s)\n", methods[t.kind], key, v)
	}
}

// notZero is an expression that says whether v is not zero in the sense of
// omitzero.
func (g *generator) notZero(v string, t goType) string {
	switch t.kind {
	case kindString, kindEnum:
		return v + ` != ""`
	case kindBool:
		return v
	case kindInt32, kindFloat32:
		return v + " != 0"
	case kindTime:
		return "!" + v + ".IsZero()"
	case kindStruct:
		want(&g.isZero, t.name)
		return "!" + v + ".isZero()"
	}
	return v + " != nil"
}

func (g *generator) writeIsZero(s *structType) {
	g.printf("\nfunc (v *%s) isZero() bool {\nreturn !(", s.name)
	for i, f := range s.fields {
		if i > 0 {
			g.printf(" || ")
		}
		g.printf("%s", g.notZero("v."+f.name, f.typ))
	}
	g.printf(")\n}\n")
}

// needs says whether a value of this type may lack something.
func (g *generator) needs(t goType) bool {
	switch t.kind {
	case kindPointer, kindSlice:
		return g.needs(*t.elem)
	case kindStruct:
		return slices.ContainsFunc(g.structs[t.name].fields, func(f field) bool {
			return f.required && f.typ.kind != kindBool && f.typ.kind != kindStruct || g.needs(f.typ)
		})
	}
	return false
}

func (g *generator) writeMissing(s *structType) {
	g.printf("\nfunc (v *%s) missing(m []string) []string {\n", s.name)
	for _, f := range s.fields {
		v := "v." + f.name
		if f.required && f.typ.kind != kindBool && f.typ.kind != kindStruct {
			g.printf("m = wire.Require(m, %s, %q)\n", g.notZero(v, f.typ), f.name)
		}
		if !g.needs(f.typ) {
			continue
		}
		switch f.typ.kind {
		case kindStruct:
			want(&g.missing, f.typ.name)
			if f.required {
				g.printf("m = wire.Within(%s.missing(m), len(m), %q)\n", v, f.name)
			} else {
				g.printf("if %s {\nm = wire.Within(%s.missing(m), len(m), %q)\n}\n", g.notZero(v, f.typ), v, f.name)
			}
		case kindPointer:
			want(&g.missing, f.typ.elem.name)
			g.printf("if %[1]s != nil {\nm = wire.Within(%[1]s.missing(m), len(m), %[2]q)\n}\n", v, f.name)
		case kindSlice:
			want(&g.missing, f.typ.elem.name)
			g.printf("for i := range %[1]s {\nm = wire.WithinItem(%[1]s[i].missing(m), len(m), %[2]q, i)\n}\n", v, f.name)
		}
	}
	g.printf("return m\n}\n")
}
