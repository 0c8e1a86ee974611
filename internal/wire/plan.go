package wire

import (
	"reflect"
	"strings"
	"sync"
	"time"
)

type kind uint8

const (
	kindString kind = iota
	kindBool
	kindInt
	kindFloat
	kindTime
	kindMap // of string to string
	kindSlice
	kindPointer
	kindStruct
)

// plan is what the package needs to know about a type, found out once.
type plan struct {
	kind   kind
	typ    reflect.Type
	elem   *plan // of a slice or a pointer
	fields []field
	byName map[string]int // index in fields
}

type field struct {
	index    int
	name     string
	key      string // the name as JSON, with the colon
	omitZero bool
	plan     *plan
}

// plans holds a *plan for each reflect.Type that was decoded or encoded as a
// whole.
var plans sync.Map

// structPlan returns the plan of t, which must be a struct. The errors are the
// programmer's, not the input's, and are therefore not cached.
func structPlan(t reflect.Type) (*plan, *Error) {
	if p, ok := plans.Load(t); ok {
		return p.(*plan), nil
	}
	p, err := newPlan(t, map[reflect.Type]*plan{})
	if err != nil {
		return nil, err
	}
	if p.kind != kindStruct {
		return nil, unsupported(t)
	}
	plans.Store(t, p)
	return p, nil
}

func unsupported(t reflect.Type) *Error {
	name := "nil"
	if t != nil {
		name = t.String()
	}
	return &Error{Offset: -1, Msg: "unsupported type " + name}
}

// newPlan enters the plan in seen before it looks at the parts, so that a type
// may contain itself.
func newPlan(t reflect.Type, seen map[reflect.Type]*plan) (*plan, *Error) {
	if p := seen[t]; p != nil {
		return p, nil
	}
	p := &plan{typ: t}
	seen[t] = p
	var err *Error
	switch t.Kind() {
	case reflect.String:
		p.kind = kindString
	case reflect.Bool:
		p.kind = kindBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.kind = kindInt
	case reflect.Float32, reflect.Float64:
		p.kind = kindFloat
	case reflect.Map:
		p.kind = kindMap
		if !t.ConvertibleTo(reflect.TypeFor[map[string]string]()) {
			return nil, unsupported(t)
		}
	case reflect.Slice:
		p.kind = kindSlice
		if p.elem, err = newPlan(t.Elem(), seen); err != nil {
			return nil, err.in("[]")
		}
	case reflect.Pointer:
		p.kind = kindPointer
		// Nothing needs a pointer to a pointer, and one can point to itself.
		if t.Elem().Kind() == reflect.Pointer {
			return nil, unsupported(t)
		}
		if p.elem, err = newPlan(t.Elem(), seen); err != nil {
			return nil, err
		}
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			p.kind = kindTime
			break
		}
		p.kind = kindStruct
		if err := p.addFields(seen); err != nil {
			return nil, err
		}
	default:
		return nil, unsupported(t)
	}
	return p, nil
}

func (p *plan) addFields(seen map[reflect.Type]*plan) *Error {
	p.byName = make(map[string]int, p.typ.NumField())
	for i := range p.typ.NumField() {
		sf := p.typ.Field(i)
		tag := sf.Tag.Get("json")
		if !sf.IsExported() || tag == "-" {
			continue
		}
		name, option, _ := strings.Cut(tag, ",")
		if name == "" {
			name = sf.Name
			if sf.Anonymous {
				return (&Error{Offset: -1, Msg: "unsupported embedded field"}).in(name)
			}
		}
		if option != "" && option != "omitzero" {
			return (&Error{Offset: -1, Msg: "unsupported json tag option"}).in(name)
		}
		if _, twice := p.byName[name]; twice {
			return (&Error{Offset: -1, Msg: "two fields of this name"}).in(name)
		}
		fp, err := newPlan(sf.Type, seen)
		if err != nil {
			return err.in(name)
		}
		p.byName[name] = len(p.fields)
		p.fields = append(p.fields, field{
			index:    i,
			name:     name,
			key:      string(append(appendString(nil, name), ':')),
			omitZero: option == "omitzero",
			plan:     fp,
		})
	}
	return nil
}

// hasParts says whether the Reader leaves it to its caller to put a member of
// this type into the path of an error.
func (p *plan) hasParts() bool {
	return p.kind == kindStruct || p.kind == kindSlice || p.kind == kindPointer && p.elem.hasParts()
}

// isZero is the zero of the omitzero option: time.Time has its own, also
// behind a pointer.
func (p *plan) isZero(v reflect.Value) bool {
	if p.kind == kindPointer && p.elem.kind == kindTime {
		return v.IsNil() || timeOf(v.Elem()).IsZero()
	}
	if p.kind == kindTime {
		return timeOf(v).IsZero()
	}
	return v.IsZero()
}

func timeOf(v reflect.Value) time.Time {
	if v.CanAddr() {
		return *v.Addr().Interface().(*time.Time) // spares the copy that Interface makes
	}
	return v.Interface().(time.Time)
}
