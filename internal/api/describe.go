package main

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// describe lists the exported declarations of a package, sorted. Parameters go
// without their names, which can change without breaking anybody.
func describe(pkg *types.Package, module string) []string {
	d := &description{pkg: pkg, module: module}
	for _, name := range pkg.Scope().Names() {
		if obj := pkg.Scope().Lookup(name); obj.Exported() {
			d.object(obj)
		}
	}
	slices.Sort(d.lines)
	return d.lines
}

type description struct {
	pkg    *types.Package
	module string
	lines  []string
}

func (d *description) add(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

// typ writes a type: names of this package as they are, of this module with the
// package, of others with the import path, since several are called http.
func (d *description) typ(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		switch {
		case p == d.pkg:
			return ""
		case p.Path() == d.module || strings.HasPrefix(p.Path(), d.module+"/"):
			return p.Name()
		}
		return p.Path()
	})
}

// signature writes the parameters and results of a function.
func (d *description) signature(s *types.Signature) string {
	unnamed := func(tuple *types.Tuple) *types.Tuple {
		var vars []*types.Var
		for v := range tuple.Variables() {
			vars = append(vars, types.NewParam(v.Pos(), v.Pkg(), "", v.Type()))
		}
		return types.NewTuple(vars...)
	}
	plain := types.NewSignatureType(nil, nil, nil, unnamed(s.Params()), unnamed(s.Results()), s.Variadic())
	return strings.TrimPrefix(d.typ(plain), "func")
}

func (d *description) typeParams(list *types.TypeParamList) string {
	var params []string
	for p := range list.TypeParams() {
		params = append(params, p.Obj().Name()+" "+d.typ(p.Constraint()))
	}
	if params == nil {
		return ""
	}
	return "[" + strings.Join(params, ", ") + "]"
}

func (d *description) object(obj types.Object) {
	switch obj := obj.(type) {
	case *types.Const:
		d.add("const %s %s = %s", obj.Name(), d.typ(obj.Type()), obj.Val().ExactString())
	case *types.Var:
		d.add("var %s %s", obj.Name(), d.typ(obj.Type()))
	case *types.Func:
		s := obj.Signature()
		d.add("func %s%s%s", obj.Name(), d.typeParams(s.TypeParams()), d.signature(s))
	case *types.TypeName:
		if obj.IsAlias() {
			d.add("type %s = %s", obj.Name(), d.typ(types.Unalias(obj.Type())))
			return
		}
		d.named(obj.Type().(*types.Named))
	}
}

func (d *description) named(t *types.Named) {
	name := t.Obj().Name()
	head := name + d.typeParams(t.TypeParams())
	switch u := t.Underlying().(type) {
	case *types.Struct:
		d.add("type %s struct", head)
		d.fields(name, u)
	case *types.Interface:
		d.add("type %s interface", head)
		d.interfaceMethods(name, u)
		return // its methods are its method set
	default:
		d.add("type %s %s", head, d.typ(u))
	}
	value := types.NewMethodSet(t)
	for m := range types.NewMethodSet(types.NewPointer(t)).Methods() {
		if !m.Obj().Exported() {
			continue
		}
		receiver := "*" + name
		if value.Lookup(d.pkg, m.Obj().Name()) != nil {
			receiver = name
		}
		d.add("method (%s) %s%s", receiver, m.Obj().Name(), d.signature(m.Type().(*types.Signature)))
	}
}

// fields lists the fields that a user can name, those too that come from an
// embedded struct whose own name is not exported.
func (d *description) fields(name string, s *types.Struct) {
	for i := range s.NumFields() {
		f := s.Field(i)
		tag := ""
		if s.Tag(i) != "" {
			tag = " `" + s.Tag(i) + "`"
		}
		switch {
		case f.Exported() && f.Embedded():
			d.add("type %s struct, embedded %s%s", name, d.typ(f.Type()), tag)
		case f.Exported():
			d.add("type %s struct, field %s %s%s", name, f.Name(), d.typ(f.Type()), tag)
		case f.Embedded():
			t := f.Type()
			if p, ok := t.(*types.Pointer); ok {
				t = p.Elem()
			}
			if embedded, ok := t.Underlying().(*types.Struct); ok {
				d.fields(name, embedded)
			}
		}
	}
}

func (d *description) interfaceMethods(name string, i *types.Interface) {
	sealed := false
	for m := range i.Methods() {
		if !m.Exported() {
			sealed = true
			continue
		}
		d.add("type %s interface, method %s%s", name, m.Name(), d.signature(m.Signature()))
	}
	if sealed {
		d.add("type %s interface, only this package implements it", name)
	}
	for e := range i.EmbeddedTypes() {
		if _, ok := e.Underlying().(*types.Interface); !ok { // of a constraint
			d.add("type %s interface, of %s", name, d.typ(e))
		}
	}
}
