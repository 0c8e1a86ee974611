package wire

import (
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// Decode reads the JSON object in data into the struct that v points to.
//
// Nothing but white space and a null leave the struct as it is. Names match
// exactly; members that the struct does not have are skipped, but must be valid
// JSON. A null member is as if it were not there; a null element of an array is
// the zero value; a null in a map is left out. Of two members of the same name
// the later replaces the earlier, whole. Empty arrays and objects make empty
// slices and maps that are not nil. Integers must be written as integers;
// times are RFC 3339 strings (an offset may lack its colon) and come out in
// UTC; invalid UTF-8 in a string becomes U+FFFD.
//
// Errors are of type *[Error] and hold nothing of the values. After an error
// the struct holds what was read up to there.
func Decode(data []byte, v any) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return &Error{Offset: -1, Msg: "want a pointer to a struct to decode into"}
	}
	p, err := structPlan(target.Type().Elem())
	if err != nil {
		return err
	}
	r := reader{data: data}
	if r.peek(); r.pos == len(data) {
		return nil
	}
	if err := decodeMember(&r, p, target.Elem(), false); err != nil {
		return err
	}
	if err := r.end(); err != nil {
		return err
	}
	return nil
}

// decodeMember decodes what comes next into v, unless it is null. It clears v
// first if reset, because v may have a value from an earlier duplicate.
func decodeMember(r *reader, p *plan, v reflect.Value, reset bool) *Error {
	if null, err := r.null(); err != nil || null {
		return err
	}
	if reset {
		v.SetZero()
	}
	return decodeValue(r, p, v)
}

func decodeValue(r *reader, p *plan, v reflect.Value) *Error {
	switch p.kind {
	case kindString:
		s, err := r.str()
		if err != nil {
			return err
		}
		v.SetString(string(s))
	case kindBool:
		b, err := r.boolean()
		if err != nil {
			return err
		}
		v.SetBool(b)
	case kindInt:
		i, err := r.integer(p.typ.Bits())
		if err != nil {
			return err
		}
		v.SetInt(i)
	case kindFloat:
		f, err := r.float(p.typ.Bits())
		if err != nil {
			return err
		}
		v.SetFloat(f)
	case kindTime:
		t, err := r.time()
		if err != nil {
			return err
		}
		*v.Addr().Interface().(*time.Time) = t
	case kindMap:
		return decodeMap(r, v)
	case kindSlice:
		return decodeSlice(r, p, v)
	case kindPointer:
		ptr := reflect.New(p.elem.typ)
		if err := decodeValue(r, p.elem, ptr.Elem()); err != nil {
			return err
		}
		v.Set(ptr)
	case kindStruct:
		return decodeStruct(r, p, v)
	}
	return nil
}

func decodeStruct(r *reader, p *plan, v reflect.Value) *Error {
	if err := r.openObject(); err != nil {
		return err
	}
	for first := true; ; first = false {
		name, more, err := r.member(first)
		if err != nil || !more {
			return err
		}
		i, known := p.byName[string(name)]
		if !known {
			if err := r.skip(); err != nil {
				return err
			}
			continue
		}
		f := &p.fields[i]
		if err := decodeMember(r, f.plan, v.Field(f.index), true); err != nil {
			return err.in(f.name)
		}
	}
}

func decodeSlice(r *reader, p *plan, v reflect.Value) *Error {
	if err := r.openArray(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		more, err := r.element(n == 0)
		if err != nil {
			return err
		}
		if !more {
			if n == 0 {
				v.Set(reflect.MakeSlice(p.typ, 0, 0))
			}
			return nil
		}
		if n == v.Cap() {
			// Four, then double: the input says nothing reliable about its size.
			v.Grow(max(4, n))
		}
		v.SetLen(n + 1)
		if err := decodeMember(r, p.elem, v.Index(n), false); err != nil {
			return err.in(indexStep(n))
		}
	}
}

func decodeMap(r *reader, v reflect.Value) *Error {
	if err := r.openObject(); err != nil {
		return err
	}
	m := map[string]string{}
	v.Set(reflect.ValueOf(m).Convert(v.Type()))
	for first := true; ; first = false {
		name, more, err := r.member(first)
		if err != nil || !more {
			return err
		}
		key := string(name)
		null, err := r.null()
		if err == nil && !null {
			var s []byte
			if s, err = r.str(); err == nil {
				m[key] = string(s)
			}
		}
		if err != nil {
			return err.in(keyStep(key))
		}
	}
}

// keyStep is the path step of a map's key, which the input chose: it is cut to
// 64 bytes, at the boundary of a character, and quoted.
func keyStep(key string) string {
	const limit = 64
	if len(key) > limit {
		n := limit
		for !utf8.RuneStart(key[n]) {
			n--
		}
		key = key[:n]
	}
	return "[" + strconv.Quote(key) + "]"
}
