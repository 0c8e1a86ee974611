package wire

import (
	"reflect"
	"time"
)

// Walker reads a JSON text member by member, for a caller whose types Decode does
// not know. As with Decode names match exactly, what is null is as if it were not
// there, and errors hold nothing of the values. A copy is a place to come back to.
type Walker struct{ r reader }

// NewWalker returns a Walker at the beginning of data.
func NewWalker(data []byte) Walker { return Walker{reader{data: data}} }

// Object reads an object. It calls member for each member that is not null:
// member reads the value or, if it does not know the name, reads nothing and
// returns false. The name is valid until something is read.
func (w *Walker) Object(member func(name []byte) (known bool, err *Error)) *Error {
	if err := w.r.openObject(); err != nil {
		return err
	}
	for first := true; ; first = false {
		start := w.r
		name, more, err := w.r.member(first)
		if err != nil || !more {
			return err
		}
		if null, err := w.r.null(); err != nil {
			return err
		} else if null {
			continue
		}
		known, err := member(name)
		if err == nil && !known {
			err = w.r.skip()
		}
		if err == nil {
			continue
		}
		if known {
			name, _, _ = start.member(first) // what it was may be overwritten by now
			return err.in(string(name))
		}
		return err
	}
}

// Array reads an array. It calls element, which reads the value, for each element
// that is not null.
func (w *Walker) Array(element func() *Error) *Error {
	if err := w.r.openArray(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		more, err := w.r.element(n == 0)
		if err != nil || !more {
			return err
		}
		null, err := w.r.null()
		if err == nil && !null {
			err = element()
		}
		if err != nil {
			return err.in(indexStep(n))
		}
	}
}

// Text reads a string.
func (w *Walker) Text(to *string) *Error {
	s, err := w.r.str()
	if err == nil {
		*to = string(s)
	}
	return err
}

// Bool reads a boolean.
func (w *Walker) Bool(to *bool) *Error {
	b, err := w.r.boolean()
	if err == nil {
		*to = b
	}
	return err
}

// Int reads a number that is written as an integer and not beyond the limit on
// either side.
func (w *Walker) Int(to *int64, limit int64) *Error {
	w.r.peek()
	start := w.r.pos
	i, err := w.r.integer(64)
	if err != nil {
		return err
	}
	if i > limit || i < -limit {
		return &Error{Offset: start, Msg: "number out of range"}
	}
	*to = i
	return nil
}

// Time reads a time as Decode does.
func (w *Walker) Time(to *time.Time) *Error {
	t, err := w.r.time()
	if err == nil {
		*to = t
	}
	return err
}

// Decode reads an object into the struct that v points to, as the function Decode
// does.
func (w *Walker) Decode(v any) *Error {
	target := reflect.ValueOf(v).Elem()
	p, err := structPlan(target.Type())
	if err != nil {
		return err
	}
	return decodeValue(&w.r, p, target)
}

// End checks that only white space is left.
func (w *Walker) End() *Error { return w.r.end() }
