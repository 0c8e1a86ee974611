package wire

import "time"

// Walker reads a JSON text member by member, as a Reader does, for a caller who
// must be able to come back to a place, which a copy of a Walker is. As with Decode
// names match exactly, what is null is as if it were not there, and errors hold
// nothing of the text.
type Walker struct{ r Reader }

// NewWalker returns a Walker at the beginning of data.
//
// It does not count elements: a caller who comes back would count them twice.
func NewWalker(data []byte) Walker { return Walker{Reader{data: data, skipping: 1}} }

// Object reads an object. It calls member for each member that is not null:
// member reads the value or, if it does not know the name, reads nothing and
// returns false.
func (w *Walker) Object(member func(name []byte) (known bool, err *Error)) *Error {
	if w.r.peek() != '{' { // a Reader takes null and nothing for objects
		w.r.want("an object")
		return w.r.err
	}
	for ok := w.r.Object(); ok; ok = w.r.Member() {
		name := w.r.keptName()
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

// Int reads a whole number, in whatever notation, that is not beyond the limit on
// either side.
func (w *Walker) Int(to *int64, limit int64) *Error {
	start := w.r.Offset()
	lit, _ := w.r.number()
	if w.r.err != nil {
		return w.r.err
	}
	i, problem := parseWhole(lit, 64)
	switch {
	case problem != "":
		w.r.failAt(start, problem)
	case i > limit || i < -limit:
		w.r.failAt(start, "number out of range")
	default:
		*to = i
	}
	return w.r.err
}

// Time reads a time: a string, as Decode reads it, or a number of seconds after
// the beginning of 1970. It comes out in UTC.
func (w *Walker) Time(to *time.Time) *Error {
	var t time.Time
	if c := w.r.peek(); c == '-' || isDigit(c) {
		start := w.r.pos
		if lit, _ := w.r.number(); w.r.err == nil {
			var ok bool
			if t, ok = parseEpoch(lit); !ok {
				w.r.failAt(start, "time out of the years 1 to 9999")
			}
		}
	} else {
		t = w.r.Time()
	}
	if w.r.err == nil {
		*to = t
	}
	return w.r.err
}

// Skip reads one value of any type and checks that it is valid.
func (w *Walker) Skip() *Error {
	w.r.Skip()
	return w.r.err
}

// Raw reads one value of any type and returns its text, a part of the data.
func (w *Walker) Raw() ([]byte, *Error) {
	start := w.r.Offset()
	w.r.Skip()
	return w.r.data[start:w.r.pos], w.r.err
}

// Kind returns the first byte of what comes next, which tells the type of a value:
// a quote, a bracket, a digit, t, f or n. It is 0 at the end.
func (w *Walker) Kind() byte { return w.r.peek() }

// Fail reports an error of the caller's at the place that was reached.
func (w *Walker) Fail(msg string) *Error {
	w.r.fail(msg)
	return w.r.err
}

// End checks that only white space is left.
func (w *Walker) End() *Error {
	_ = w.r.End()
	return w.r.err
}
