package wire

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Writer writes a JSON text, byte for byte as [Encode] does, and like it REVEALS
// SECRETS. A key is given with the comma before it and the colon after it, which
// is how it stands in the text:
//
//	w.Open()
//	w.String(`,"name":`, v.Name)
//	w.In(`,"video":`)
//	v.Video.encode(w)
//	w.Out()
//	w.Close()
//
// The first error stays, and Finish returns it. None of the methods may be inlined:
// there are hundreds of calls in the generated code, and calling costs little.
type Writer struct {
	buf  []byte
	path []step // to the value that is being written
	err  *Error
}

// step is a member that is being written: where its key is in the text, and the
// index of the element of its array, or -1.
type step struct{ from, to, index int }

var writers sync.Pool

// maxPooled is how large a buffer may be that is kept for the next text.
const maxPooled = 16 << 10

// NewWriter returns an empty Writer, which belongs to the caller until Finish.
func NewWriter() *Writer {
	if w, ok := writers.Get().(*Writer); ok {
		return w
	}
	return &Writer{buf: make([]byte, 0, 1024)}
}

// Finish returns the text, in memory of its own, or the error. The Writer is not
// to be used after it.
func (w *Writer) Finish() ([]byte, error) {
	text, err := bytes.Clone(w.buf), w.err
	if cap(w.buf) <= maxPooled {
		w.buf, w.path, w.err = w.buf[:0], w.path[:0], nil
		writers.Put(w)
	}
	if err != nil {
		return nil, err
	}
	return text, nil
}

func (w *Writer) fail(key, msg string) {
	if w.err != nil {
		return
	}
	w.err = &Error{Path: nameOf(key), Offset: -1, Msg: msg}
	for _, s := range slices.Backward(w.path) {
		if s.index >= 0 {
			w.err.in(indexStep(s.index))
		}
		w.err.in(nameOf(string(w.buf[s.from:s.to])))
	}
}

func nameOf(key string) string { return strings.Trim(key, `,":`) }

// set is w.buf = b, which costs more while the garbage collector is at work.
func (w *Writer) set(b []byte) {
	if cap(b) == cap(w.buf) {
		w.buf = w.buf[:len(b)]
	} else {
		w.buf = b
	}
}

// Open begins an object.
//
//go:noinline
func (w *Writer) Open() { w.buf = append(w.buf, '{') }

// Close ends an object.
//
//go:noinline
func (w *Writer) Close() { w.buf = append(w.buf, '}') }

// In begins a member whose value is written by other code, and Out ends it.
//
//go:noinline
func (w *Writer) In(key string) {
	from := len(w.buf)
	w.key(key)
	w.path = append(w.path, step{from, len(w.buf), -1})
}

// Out ends what In began.
//
//go:noinline
func (w *Writer) Out() { w.path = w.path[:len(w.path)-1] }

// InArray begins a member that is an array, and OutArray ends it. Each element
// is written by other code after a call of Item.
//
//go:noinline
func (w *Writer) InArray(key string) {
	w.In(key)
	w.buf = append(w.buf, '[')
}

// OutArray ends what InArray began.
//
//go:noinline
func (w *Writer) OutArray() {
	w.buf = append(w.buf, ']')
	w.Out()
}

// Item begins the element i.
//
//go:noinline
func (w *Writer) Item(i int) {
	if i > 0 {
		w.buf = append(w.buf, ',')
	}
	w.path[len(w.path)-1].index = i
}

// key leaves the comma out if the member is the first.
//
//go:noinline
func (w *Writer) key(key string) {
	if w.buf[len(w.buf)-1] == '{' {
		key = key[1:]
	}
	w.buf = append(w.buf, key...)
}

// Null writes a member that is null.
//
//go:noinline
func (w *Writer) Null(key string) {
	w.key(key)
	w.buf = append(w.buf, "null"...)
}

// String writes a member that is a string.
//
//go:noinline
func (w *Writer) String(key, s string) {
	w.key(key)
	w.set(appendString(w.buf, s))
}

// Bool writes a member that is a boolean.
//
//go:noinline
func (w *Writer) Bool(key string, b bool) {
	w.key(key)
	w.set(strconv.AppendBool(w.buf, b))
}

// Int32 writes a member that is an integer.
//
//go:noinline
func (w *Writer) Int32(key string, i int32) {
	w.key(key)
	w.set(strconv.AppendInt(w.buf, int64(i), 10))
}

// Float32 writes a member that is a number.
func (w *Writer) Float32(key string, f float32) {
	w.key(key)
	b, ok := appendFloat(w.buf, float64(f), 32)
	w.set(b)
	if !ok {
		w.fail(key, noNumber)
	}
}

// Time writes a member that is a time.
func (w *Writer) Time(key string, t time.Time) {
	w.key(key)
	b, ok := appendTime(w.buf, t)
	w.set(b)
	if !ok {
		w.fail(key, yearOutside)
	}
}

// StringMap writes a member that is an object of strings, the keys in order.
//
//go:noinline
func (w *Writer) StringMap(key string, m map[string]string) {
	w.key(key)
	w.set(appendStringMap(w.buf, m))
}

// WriteStrings writes a member that is an array of strings.
func WriteStrings[S ~string](w *Writer, key string, all []S) {
	w.key(key)
	w.buf = append(w.buf, '[')
	for i, s := range all {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.set(appendString(w.buf, string(s)))
	}
	w.buf = append(w.buf, ']')
}
