package wire

import (
	"bytes"
	"reflect"
	"strconv"
	"sync"
)

// buffers keeps the memory that Encode writes to.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled is how large a buffer may be that is kept for the next text.
const maxPooled = 16 << 10

// Encode returns the JSON object of v, a struct or a pointer to one, in memory of its
// own and no larger than it. See [Append], and mind that it REVEALS secrets.
func Encode(v any) ([]byte, error) {
	buf := buffers.Get().(*[]byte)
	b, err := Append((*buf)[:0], v)
	text := bytes.Clone(b)
	if cap(b) <= maxPooled {
		clear(b) // there may be a secret in it
		*buf = b
	}
	buffers.Put(buf)
	if err != nil {
		return nil, err
	}
	return text, nil
}

// Append appends the JSON object of v, a struct or a pointer to one, to dst.
//
// IT REVEALS SECRETS: methods such as MarshalJSON are not called, so a named
// string type that redacts itself everywhere else is written with its true
// value. That is right on the wire, and nowhere else: the caller either sends
// an input, which has no secrets, or is the fake service, which must answer
// with the true value. For logs there is [Mask].
//
// Fields come in the order of the struct. A field with omitzero is left out
// when it is zero in the sense of encoding/json: a nil slice is left out and an
// empty one written. Without omitzero a nil slice is written as [], a nil map
// as {} and a nil pointer as null; a nil v is null too. Keys of maps are
// sorted. Strings and floats are written as encoding/json does with
// SetEscapeHTML(false), times in UTC as RFC 3339.
//
// Errors are of type *[Error]: a float that is no number, a year beyond 9999, a
// value that contains itself or a type that the package does not know. With an
// error it returns dst unchanged.
func Append(dst []byte, v any) ([]byte, error) {
	rv := reflect.ValueOf(v)
	pointer := rv.Kind() == reflect.Pointer
	var t reflect.Type
	switch {
	case pointer:
		t = rv.Type().Elem()
	case rv.IsValid():
		t = rv.Type()
	}
	if t == nil || t.Kind() != reflect.Struct {
		return dst, unsupported(reflect.TypeOf(v))
	}
	p, err := structPlan(t)
	if err != nil {
		return dst, err
	}
	if pointer {
		if rv.IsNil() {
			return append(dst, "null"...), nil
		}
		rv = rv.Elem()
	}
	b, err := appendStruct(dst, p, rv, 1)
	if err != nil { // in this order, as an error must not hold a nil *Error
		return dst, err
	}
	return b, nil
}

func appendValue(dst []byte, p *plan, v reflect.Value, depth int) ([]byte, *Error) {
	switch p.kind {
	case kindString, kindEnum:
		return appendString(dst, v.String()), nil
	case kindBool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case kindInt:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case kindFloat:
		b, ok := appendFloat(dst, v.Float(), p.typ.Bits())
		if !ok {
			return nil, &Error{Offset: -1, Msg: noNumber}
		}
		return b, nil
	case kindTime:
		b, ok := appendTime(dst, timeOf(v))
		if !ok {
			return nil, &Error{Offset: -1, Msg: yearOutside}
		}
		return b, nil
	case kindMap:
		return appendMap(dst, v), nil
	case kindPointer:
		if v.IsNil() {
			return append(dst, "null"...), nil
		}
		return appendValue(dst, p.elem, v.Elem(), depth)
	case kindSlice:
		return appendSlice(dst, p, v, depth+1)
	default:
		return appendStruct(dst, p, v, depth+1)
	}
}

func appendStruct(dst []byte, p *plan, v reflect.Value, depth int) ([]byte, *Error) {
	if depth > maxDepth {
		return nil, &Error{Offset: -1, Msg: tooDeep}
	}
	dst = append(dst, '{')
	comma := 1 // 1 as long as the comma at the beginning of the keys is left out
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		if f.kind <= kindEnum { // the most common ones, without another call
			if s := fv.String(); s != "" || !f.omitZero {
				dst = appendString(append(dst, f.key[comma:]...), s)
				comma = 0
			}
			continue
		}
		if f.omitZero && f.plan.isZero(fv) {
			continue
		}
		dst = append(dst, f.key[comma:]...)
		comma = 0
		var err *Error
		if dst, err = appendValue(dst, f.plan, fv, depth); err != nil {
			return nil, err.in(f.name)
		}
	}
	return append(dst, '}'), nil
}

func appendSlice(dst []byte, p *plan, v reflect.Value, depth int) ([]byte, *Error) {
	if depth > maxDepth {
		return nil, &Error{Offset: -1, Msg: tooDeep}
	}
	dst = append(dst, '[')
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err *Error
		if dst, err = appendValue(dst, p.elem, v.Index(i), depth); err != nil {
			return nil, err.in(indexStep(i))
		}
	}
	return append(dst, ']'), nil
}

func appendMap(dst []byte, v reflect.Value) []byte {
	if plain := reflect.TypeFor[map[string]string](); v.Type() != plain {
		v = v.Convert(plain)
	}
	return appendStringMap(dst, v.Interface().(map[string]string))
}
