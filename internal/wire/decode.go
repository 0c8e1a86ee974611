package wire

import (
	"reflect"
	"time"
)

// Decode reads the JSON object in data into the struct that v points to.
//
// Nothing but white space and a null leave the struct as it is. Names match
// exactly; members that the struct does not have are skipped, but must be valid
// JSON. A null member is as if it were not there; a null element of an array is
// the zero value; a null in a map is left out. Of two members of the same name
// the later replaces the earlier, whole. Empty arrays and objects make empty
// slices and maps that are not nil. An integer may be written in any
// notation if it is whole, as 30, 30.0 or 3e1; times are RFC 3339 strings (an offset may lack its colon) and come out in
// UTC; invalid UTF-8 in a string becomes U+FFFD.
//
// A text may have 10,000 elements of arrays and entries of maps that are not
// skipped, and 1 MiB of bytes that are not UTF-8.
//
// Errors are of type *[Error] and hold nothing of the text. After an error
// the struct is not to be used.
func Decode(data []byte, v any) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return &Error{Offset: -1, Msg: "want a pointer to a struct to decode into"}
	}
	p, err := structPlan(target.Type().Elem())
	if err != nil {
		return err
	}
	var r Reader
	r.Reset(data)
	decodeStruct(&r, p, target.Elem())
	return r.End()
}

func decodeValue(r *Reader, p *plan, v reflect.Value) {
	switch p.kind {
	case kindString:
		v.SetString(r.String())
	case kindBool:
		v.SetBool(r.Bool())
	case kindInt:
		v.SetInt(r.integer(p.typ.Bits()))
	case kindFloat:
		v.SetFloat(r.float(p.typ.Bits()))
	case kindTime:
		*v.Addr().Interface().(*time.Time) = r.Time()
	case kindMap:
		v.Set(reflect.ValueOf(r.StringMap()).Convert(v.Type()))
	case kindSlice:
		decodeSlice(r, p, v)
	case kindPointer:
		ptr := reflect.New(p.elem.typ)
		decodeValue(r, p.elem, ptr.Elem())
		v.Set(ptr)
	case kindStruct:
		decodeStruct(r, p, v)
	}
}

func decodeStruct(r *Reader, p *plan, v reflect.Value) {
	for ok := r.Object(); ok; ok = r.Member() {
		i, known := p.byName[string(r.Name())]
		if !known {
			r.Skip()
			continue
		}
		f := &p.fields[i]
		fv := v.Field(f.index)
		fv.SetZero() // it may have a value from an earlier duplicate
		decodeValue(r, f.plan, fv)
		if f.plan.hasParts() {
			r.In(f.name)
		}
	}
}

func decodeSlice(r *Reader, p *plan, v reflect.Value) {
	n := 0
	for ok := r.Array(); ok; ok = r.Element() {
		if n == v.Cap() {
			// Four, then double: the input says nothing reliable about its size.
			v.Grow(max(4, n))
		}
		v.SetLen(n + 1)
		if !r.null() {
			decodeValue(r, p.elem, v.Index(n))
		}
		r.At(n)
		n++
	}
	if n == 0 {
		v.Set(reflect.MakeSlice(p.typ, 0, 0))
	}
}
