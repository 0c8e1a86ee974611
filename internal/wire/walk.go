package wire

import (
	"reflect"
	"strings"
	"time"
)

// Walker reads a JSON text member by member, as a Reader does, for a caller who
// must be able to come back to a place, which a copy of a Walker is. As with Decode
// names match exactly, what is null is as if it were not there, and errors hold
// nothing of the values.
type Walker struct{ r Reader }

// NewWalker returns a Walker at the beginning of data.
func NewWalker(data []byte) Walker { return Walker{Reader{data: data}} }

// Object reads an object. It calls member for each member that is not null:
// member reads the value or, if it does not know the name, reads nothing and
// returns false.
func (w *Walker) Object(member func(name []byte) (known bool, err *Error)) *Error {
	if w.r.peek() != '{' { // a Reader takes null and nothing for objects
		w.r.want("an object")
		return w.r.err
	}
	for ok := w.r.Object(); ok; ok = w.r.Member() {
		name := w.r.Name()
		w.r.noName()
		if known, _ := member(name); known {
			w.r.inName(name)
		} else {
			w.r.Skip()
		}
	}
	return w.r.err
}

// Array reads an array. It calls element, which reads the value, for each element
// that is not null.
func (w *Walker) Array(element func() *Error) *Error {
	n := 0
	for ok := w.r.Array(); ok; ok = w.r.Element() {
		if !w.r.null() {
			_ = element()
		}
		w.r.At(n)
		n++
	}
	return w.r.err
}

// Text reads a string.
func (w *Walker) Text(to *string) *Error {
	if s, ok := w.r.str(); ok {
		*to = string(s)
	}
	return w.r.err
}

// Bool reads a boolean.
func (w *Walker) Bool(to *bool) *Error {
	if b := w.r.boolean(); w.r.err == nil {
		*to = b
	}
	return w.r.err
}

// Int reads a number that is written as an integer and not beyond the limit on
// either side.
func (w *Walker) Int(to *int64, limit int64) *Error {
	start := w.r.Offset()
	i := w.r.integer(64)
	if i > limit || i < -limit {
		w.r.failAt(start, "number out of range")
	}
	if w.r.err == nil {
		*to = i
	}
	return w.r.err
}

// Time reads a time as Decode does.
func (w *Walker) Time(to *time.Time) *Error {
	if t := w.r.Time(); w.r.err == nil {
		*to = t
	}
	return w.r.err
}

// Decode reads an object into the struct that v points to, as the function Decode
// does.
func (w *Walker) Decode(v any) *Error {
	target := reflect.ValueOf(v).Elem()
	p, err := structPlan(target.Type())
	if err != nil {
		return err
	}
	decodeStruct(&w.r, p, target)
	w.r.chunk = strings.Builder{} // which cannot be copied
	return w.r.err
}

// End checks that only white space is left.
func (w *Walker) End() *Error {
	_ = w.r.End()
	return w.r.err
}
