package wire

import (
	"reflect"
	"strconv"
)

// Encode returns the JSON object of v, a struct or a pointer to one. See
// [Append], and mind that it REVEALS secrets.
func Encode(v any) ([]byte, error) {
	b, err := Append(make([]byte, 0, 512), v)
	if err != nil {
		return nil, err
	}
	return b, nil
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
	if rv.Kind() == reflect.Pointer && rv.Type().Elem().Kind() == reflect.Struct {
		p, err := structPlan(rv.Type().Elem())
		if err != nil {
			return dst, err
		}
		if rv.IsNil() {
			return append(dst, "null"...), nil
		}
		return appendTop(dst, p, rv.Elem())
	}
	if rv.Kind() != reflect.Struct {
		return dst, unsupported(reflect.TypeOf(v))
	}
	p, err := structPlan(rv.Type())
	if err != nil {
		return dst, err
	}
	return appendTop(dst, p, rv)
}

// appendTop turns the *Error into an error, which must not hold a nil *Error.
func appendTop(dst []byte, p *plan, v reflect.Value) ([]byte, error) {
	b, err := appendValue(dst, p, v, 0)
	if err != nil {
		return dst, err
	}
	return b, nil
}

func appendValue(dst []byte, p *plan, v reflect.Value, depth int) ([]byte, *Error) {
	switch p.kind {
	case kindString:
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
	comma := false
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		if f.omitZero && f.plan.isZero(fv) {
			continue
		}
		if comma {
			dst = append(dst, ',')
		}
		comma = true
		dst = append(dst, f.key...)
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
