package wire

import (
	"math/bits"
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
// notation if it is whole, as 30, 30.0 or 3e1; times are RFC 3339 strings (an offset
// may lack its colon) and come out in UTC; invalid UTF-8 in a string becomes U+FFFD.
//
// A text may have 10,000 elements of arrays and entries of maps that are not
// skipped, and 1 MiB of bytes that are not UTF-8.
//
// Errors are of type *[Error] and hold nothing of the text. After an error
// the struct is not to be used.
func Decode(data []byte, v any) error {
	_, err := decode(data, v, ^fieldSet(0))
	return err
}

// DecodeOutput is Decode for the output of an operation, which must be zero. It
// also returns the name of the first top-level field that every response has, as it
// has no omitzero, and that was not in the text. The name is empty if there is none.
func DecodeOutput(data []byte, v any) (missing string, err error) {
	lacks, err := decode(data, v, 0)
	if err != nil || lacks == nil {
		return "", err
	}
	return lacks.name, nil
}

// decode takes the set of the fields that may not be zero. It returns the first field
// that is neither in that set nor in the text, and should be.
func decode(data []byte, v any, used fieldSet) (lacks *field, _ error) {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return nil, &Error{Offset: -1, Msg: "want a pointer to a struct to decode into"}
	}
	p, err := structPlan(target.Type().Elem())
	if err != nil {
		return nil, err
	}
	var r Reader
	r.Reset(data)
	used = decodeStruct(&r, p, target.Elem(), used)
	if unseen := p.always &^ used; unseen != 0 {
		lacks = &p.fields[bits.TrailingZeros64(uint64(unseen))]
	}
	return lacks, r.End()
}

// decodeStruct takes the set of the fields that may not be zero, and returns it
// together with those that were in the text.
func decodeStruct(r *Reader, p *plan, v reflect.Value, used fieldSet) fieldSet {
	next := 0 // a guess: texts often have the order of the fields
	for ok := r.Object(); ok; ok = r.Member() {
		name, i := r.Name(), next
		if i >= len(p.fields) || p.fields[i].name != string(name) {
			if i = p.find(name); i < 0 {
				r.Skip()
				continue
			}
		}
		next = i + 1
		f, bit := &p.fields[i], fieldSet(1)<<i
		fv := v.Field(f.index)
		switch {
		case f.kind == kindString: // the most common one, without another call
			fv.SetString(r.String())
		case !f.hasParts:
			decodeValue(r, f.plan, fv)
		default:
			if used&bit != 0 {
				fv.SetZero() // of duplicates the later one replaces the earlier one whole
			}
			decodeValue(r, f.plan, fv)
			if r.err != nil {
				r.err.in(f.name)
			}
		}
		used |= bit
	}
	return used
}

// decodeValue decodes into v, which is zero.
func decodeValue(r *Reader, p *plan, v reflect.Value) {
	switch p.kind {
	case kindString:
		v.SetString(r.String())
	case kindEnum:
		v.SetString(r.enum())
	case kindBool:
		v.SetBool(r.Bool())
	case kindInt:
		v.SetInt(r.integer(p.typ.Bits()))
	case kindFloat:
		v.SetFloat(r.float(p.typ.Bits()))
	case kindTime:
		*v.Addr().Interface().(*time.Time) = r.Time()
	case kindMap:
		if m, plain := v.Addr().Interface().(*map[string]string); plain {
			*m = r.StringMap()
		} else {
			v.Set(reflect.ValueOf(r.StringMap()).Convert(v.Type()))
		}
	case kindSlice:
		if p.elem.kind <= kindEnum {
			decodeStrings(r, p, v)
		} else {
			decodeSlice(r, p, v)
		}
	case kindPointer:
		ptr := reflect.New(p.elem.typ)
		decodeValue(r, p.elem, ptr.Elem())
		v.Set(ptr)
	case kindStruct:
		decodeStruct(r, p, v, 0)
	}
}

func decodeSlice(r *Reader, p *plan, v reflect.Value) {
	n, start := 0, 0
	for ok := r.Array(); ok; ok = r.Element() {
		switch n {
		case 0:
			start = r.Offset()
			v.Grow(1)
		case v.Cap():
			v.Grow(n) // double
		}
		v.SetLen(n + 1)
		if !r.null() {
			decodeValue(r, p.elem, v.Index(n))
		}
		if r.err != nil {
			r.err.in(indexStep(n))
		}
		n++
		if n == 1 {
			v.Grow(r.Capacity(start) - 1) // the first tells how many there may be
		}
	}
	if n == 0 {
		v.Set(reflect.MakeSlice(p.typ, 0, 0))
	}
}

// decodeStrings is decodeSlice for strings. It makes the slice when it knows how large
// that is.
func decodeStrings(r *Reader, p *plan, v reflect.Value) {
	var few [8]string
	all := few[:0]
	for ok := r.Array(); ok; ok = r.Element() {
		s := ""
		switch {
		case r.null():
		case p.elem.kind == kindEnum:
			s = r.enum()
		default:
			s = r.String()
		}
		if r.err != nil {
			r.err.in(indexStep(len(all)))
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		v.Set(reflect.MakeSlice(p.typ, 0, 0))
	}
	v.Grow(len(all))
	v.SetLen(len(all))
	for i, s := range all {
		v.Index(i).SetString(s)
	}
}
