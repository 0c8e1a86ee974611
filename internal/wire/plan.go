package wire

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

type kind uint8

const (
	kindString kind = iota
	kindEnum        // a string type with a name, most of which are enums
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
	slots  []uint8  // a hash table of the fields: an index in fields plus one, or 0
	always fieldSet // without omitzero
}

// fieldSet has a bit for each field of a struct.
type fieldSet uint64

const maxFields = 64

type field struct {
	kind     kind // that of the plan, once more
	index    int
	name     string
	goName   string
	key      string // the name as JSON, with a comma before it and a colon after it
	omitZero bool
	required bool // an input must not leave it zero
	hasParts bool // the Reader leaves it to its caller to put the field into the path of an error
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
		if p.kind = kindEnum; t == reflect.TypeFor[string]() {
			p.kind = kindString
		}
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
		if slices.ContainsFunc(p.fields, func(f field) bool { return f.name == name }) {
			return (&Error{Offset: -1, Msg: "two fields of this name"}).in(name)
		}
		if len(p.fields) == maxFields {
			return (&Error{Offset: -1, Msg: "more than 64 fields"}).in(name)
		}
		fp, err := newPlan(sf.Type, seen)
		if err != nil {
			return err.in(name)
		}
		always := option == "" && sf.Tag.Get("required") != "false"
		if always {
			p.always |= 1 << len(p.fields)
		}
		p.fields = append(p.fields, field{
			kind:     fp.kind,
			index:    i,
			name:     name,
			goName:   sf.Name,
			key:      string(append(appendString([]byte(","), name), ':')),
			omitZero: option == "omitzero",
			required: always && fp.kind != kindBool && fp.kind != kindStruct, // whose zero value says something
			hasParts: fp.kind == kindStruct || fp.kind == kindSlice || fp.kind == kindPointer && (fp.elem.kind == kindStruct || fp.elem.kind == kindSlice),
			plan:     fp,
		})
	}
	p.fillSlots()
	return nil
}

// fillSlots makes the hash table. At most a quarter of it is in use, so that most
// fields are found at the first look.
func (p *plan) fillSlots() {
	size := 4
	for size < 4*len(p.fields) {
		size *= 2
	}
	p.slots = make([]uint8, size)
	for i := range p.fields {
		slot := hash(p.fields[i].name)
		for p.slots[slot&(uint(size)-1)] != 0 {
			slot++
		}
		p.slots[slot&(uint(size)-1)] = uint8(i + 1)
	}
}

// find returns the index of the field with this name, or -1.
func (p *plan) find(name []byte) int {
	slots := p.slots
	for slot := hash(name); ; slot++ {
		i := int(slots[slot&uint(len(slots)-1)]) - 1
		if i < 0 || p.fields[i].name == string(name) {
			return i
		}
	}
}

// hash mixes what differs between the names of a struct's fields: the length and
// a few of the characters. It is much faster than the hash of a map. Of many factors
// these let the fewest names and values of the API collide.
func hash[T []byte | string](name T) uint {
	n := len(name)
	if n == 0 {
		return 0
	}
	return uint(n) + uint(name[0])*21 + uint(name[n/2])*7 + uint(name[n-1])*59
}

// isZero is the zero of the omitzero option: time.Time has its own, also
// behind a pointer.
func (p *plan) isZero(v reflect.Value) bool {
	switch p.kind {
	case kindPointer:
		return v.IsNil() || p.elem.kind == kindTime && timeOf(v.Elem()).IsZero()
	case kindMap, kindSlice:
		return v.IsNil()
	case kindTime:
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
