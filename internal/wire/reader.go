package wire

import (
	"bytes"
	"maps"
	"strings"
)

// Reader is a pull parser over a JSON text: the caller says what it wants next
// and gets it. It accepts RFC 8259 and nothing else.
//
// The first error stays. From then on Member and Element say that there is no
// more, so that code that reads one value for each of them need not ask for the
// error; End returns it.
//
//	for ok := r.Object(); ok; ok = r.Member() {
//		switch string(r.Name()) {
//		case "name":
//			v.Name = r.String()
//		case "video":
//			v.Video.decode(&r)
//			r.In("video")
//		default:
//			r.Skip()
//		}
//	}
//
// Methods that read a value without parts, an array of strings or a map put the
// Name of the member into the path of an error; for other values that have parts
// the caller does so, by In or At, when it has read them.
type Reader struct {
	data  []byte
	pos   int
	depth int // open objects and arrays
	err   *Error

	elements int // counted against maxElements
	objects  int // counted against maxObjects
	reserved int // elements that Capacity made room for
	invalid  int // bytes that are no UTF-8, counted against maxInvalid
	skipping int // open values that are skipped; what is in them does not count

	// The last name is data[from:to], or oddName if from is negative.
	from, to int
	oddName  []byte // memory of its own: the value may need the scratch space

	chunk   strings.Builder // holds the strings that were returned last
	scratch []byte          // what str returns when the string has escapes
	enums   [enumRoom]string
}

// Reset begins a text, which must not change while it is read. The Reader may be
// new or have read another.
func (r *Reader) Reset(data []byte) {
	r.data, r.pos, r.depth, r.err = data, 0, 0, nil
	r.elements, r.objects, r.reserved, r.invalid, r.skipping = 0, 0, 0, 0, 0
	r.noName()
}

// End returns the error of what was read, or checks that only white space is
// left.
func (r *Reader) End() error {
	if r.err == nil {
		if r.peek(); r.pos < len(r.data) {
			r.want("the end of the text")
		}
	}
	if r.err != nil {
		return r.err
	}
	return nil
}

// Name is the name of the member whose value comes next, and empty in an array.
// It is valid until the name of another member is read.
func (r *Reader) Name() []byte {
	if r.from < 0 {
		return r.oddName
	}
	return r.data[r.from:r.to]
}

// keptName is the Name for a caller who needs it after another was read. No name that
// a type has is longer than maxName, and longer ones are not kept.
func (r *Reader) keptName() []byte {
	name := r.Name()
	if r.from < 0 {
		if len(name) > maxName {
			return nil
		}
		return bytes.Clone(name)
	}
	return name
}

func (r *Reader) noName() { r.from, r.to = 0, 0 }

func (r *Reader) failAt(pos int, msg string) {
	if r.err == nil {
		r.err = &Error{Offset: pos, Msg: msg}
	}
}

func (r *Reader) fail(msg string) { r.failAt(r.pos, msg) }

func (r *Reader) want(what string) { r.fail("want " + what + ", got " + r.got()) }

// wantValue is want where a null would have been accepted.
func (r *Reader) wantValue(what string) {
	if r.peek() == 'n' {
		r.fail("invalid literal")
		return
	}
	r.want(what)
}

// In puts the step to a member in front of the error's path, if there is an
// error. Paths are built on the way up, so that they cost nothing when all is
// well.
func (r *Reader) In(name string) {
	if r.err != nil {
		r.err.in(name)
	}
}

// At is In for an element of an array.
func (r *Reader) At(i int) {
	if r.err != nil {
		r.err.in(indexStep(i))
	}
}

// inMember is In for the Name, if there is one.
func (r *Reader) inMember() {
	if r.err != nil {
		r.inName(r.Name())
	}
}

// inName is In for a Name, which is empty when there is no step to add.
func (r *Reader) inName(name []byte) {
	if r.err != nil && len(name) > 0 {
		r.err.in(string(name))
	}
}

// got names what comes next by its type alone.
func (r *Reader) got() string {
	c := r.peek()
	if r.pos == len(r.data) {
		return "the end of the text"
	}
	switch c {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return "a number"
	}
	return "an unexpected character"
}

// peek skips white space and returns the byte that follows, 0 at the end. No
// token begins with 0, so callers need not tell the end from a NUL.
func (r *Reader) peek() byte {
	if r.pos < len(r.data) && r.data[r.pos] > ' ' {
		return r.data[r.pos]
	}
	return r.skipSpace()
}

func (r *Reader) skipSpace() byte {
	for ; r.pos < len(r.data); r.pos++ {
		switch c := r.data[r.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// Object opens an object and moves to its first member, as Member does. A null
// has no members, nor has a text of nothing but white space.
func (r *Reader) Object() bool {
	if r.peek() != '{' {
		if !r.null() && (r.depth > 0 || r.pos < len(r.data)) {
			r.wantValue("an object")
		}
		return false
	}
	if !r.open() {
		return false
	}
	if r.skipping == 0 {
		if r.objects++; r.objects > maxObjects {
			r.fail(tooManyObjects)
			return false
		}
	}
	if r.peek() == '}' {
		return r.close()
	}
	return r.member()
}

// Array opens an array and moves to its first element, as Element does. A null
// has no elements.
func (r *Reader) Array() bool {
	if r.peek() != '[' {
		if !r.null() {
			r.wantValue("an array")
		}
		return false
	}
	r.noName()
	if !r.open() {
		return false
	}
	if r.peek() == ']' {
		return r.close()
	}
	return r.element()
}

// element counts an element of an array or a map that is read, and says whether
// there may be so many.
func (r *Reader) element() bool {
	if r.skipping > 0 {
		return true
	}
	if r.elements++; r.elements > maxElements {
		r.fail(tooManyElements)
		return false
	}
	return true
}

func (r *Reader) open() bool {
	if r.depth == maxDepth {
		r.fail(tooDeep)
		return false
	}
	r.depth++
	r.pos++
	return true
}

// close moves past a closing bracket and returns false.
func (r *Reader) close() bool {
	r.depth--
	r.pos++
	return false
}

// Member moves to the value of the next member of the open object and sets
// Name, or moves past the object's end and returns false. Members that are null
// are as if they were not there.
func (r *Reader) Member() bool {
	if r.err != nil {
		return false
	}
	switch r.peek() {
	case ',': // no name begins with a closing bracket, so a trailing comma fails there
		r.pos++
		return r.member()
	case '}':
		return r.close()
	}
	r.want("a comma or the end of the object")
	return false
}

// member moves to the value of the member whose name comes next, or on if that
// is null.
func (r *Reader) member() bool {
	for {
		if r.peek() != '"' {
			r.want("a member name")
			return false
		}
		start := r.pos + 1
		if end := plainEnd(r.data, start); end < len(r.data) && r.data[end] == '"' {
			r.from, r.to = start, end
			r.pos = end + 1
			// What follows in a text without white space, in one look.
			if end+2 < len(r.data) && r.data[end+1] == ':' && r.data[end+2] > ' ' && r.data[end+2] != 'n' {
				r.pos = end + 2
				return true
			}
		} else {
			name, ok := r.unescape(start, &r.oddName)
			if !ok {
				return false
			}
			r.from, r.oddName = -1, name
		}
		if r.peek() != ':' {
			r.want("a colon")
			return false
		}
		r.pos++
		if r.peek() != 'n' || !r.null() {
			return true
		}
		switch r.peek() {
		case ',':
			r.pos++
		case '}':
			return r.close()
		default:
			r.want("a comma or the end of the object")
			return false
		}
	}
}

// Element moves to the next element of the open array, or past the array's end
// and returns false.
func (r *Reader) Element() bool {
	if r.err != nil {
		return false
	}
	switch r.peek() {
	case ',':
		// No value begins with a closing bracket, so a trailing comma fails there.
		r.pos++
		r.noName()
		return r.element()
	case ']':
		return r.close()
	}
	r.want("a comma or the end of the array")
	return false
}

// Capacity guesses, after the first element of an array, how many it has in all
// if each is as long as that, which began at start. What comes after the array
// counts as if it belonged to it: the guess is for the list of a page, of which
// no operation returns more than 100 at a time, and for nested ones it is small.
func (r *Reader) Capacity(start int) int {
	if r.err != nil || r.peek() == ']' {
		return 1
	}
	if r.depth > 2 || r.reserved > maxReserved {
		return 2
	}
	n := (len(r.data) - r.pos) / (r.pos - start + 1)
	n = max(2, min(1+n+n/8, 128)) // an eighth more, because the first may be longer than most
	r.reserved += n
	return n
}

// Offset is the index of the byte that comes next, white space skipped.
func (r *Reader) Offset() int {
	r.peek()
	return r.pos
}

// null consumes null, if that is what comes next.
func (r *Reader) null() bool {
	if r.peek() == 'n' && hasPrefix(r.data[r.pos:], "null") {
		r.pos += len("null")
		return true
	}
	return false
}

func hasPrefix(data []byte, lit string) bool {
	return len(data) >= len(lit) && string(data[:len(lit)]) == lit
}

// Bool reads a boolean.
func (r *Reader) Bool() bool {
	b := r.boolean()
	r.inMember()
	return b
}

func (r *Reader) boolean() bool {
	switch r.peek() {
	case 't':
		r.literal("true")
		return true
	case 'f':
		r.literal("false")
		return false
	}
	r.wantValue("a boolean")
	return false
}

// literal need not look at what follows: no token may follow a literal
// directly but punctuation, which the caller checks.
func (r *Reader) literal(lit string) {
	if !hasPrefix(r.data[r.pos:], lit) {
		r.fail("invalid literal")
		return
	}
	r.pos += len(lit)
}

// StringMap reads an object of strings. Values that are null are left out.
func (r *Reader) StringMap() map[string]string {
	name := r.keptName()
	m := map[string]string{}
	large := false
	for ok, i := r.Object(), 0; ok; ok, i = r.Member(), i+1 {
		if !r.element() {
			break
		}
		key := r.Copy(r.Name())
		r.noName()
		value := r.String()
		if r.err != nil {
			r.err.in(entryStep(i))
			break
		}
		if len(m) == 8 && !large { // as many as a map takes without growing
			small := m
			m, large = make(map[string]string, 32), true
			maps.Copy(m, small)
		}
		m[key] = value
	}
	r.inName(name)
	return m
}

// Skip reads one value of any type and checks that it is valid. An error's path
// does not lead into it. What it holds takes no memory, and counts for no limit
// except that of the depth.
func (r *Reader) Skip() {
	r.skipping++
	switch c := r.peek(); c {
	case '{':
		for ok := r.Object(); ok; ok = r.Member() {
			r.Skip()
		}
	case '[':
		for ok := r.Array(); ok; ok = r.Element() {
			r.Skip()
		}
	case '"':
		r.skipString()
	case 't', 'f':
		r.boolean()
	case 'n':
		r.literal("null")
	default:
		if c == '-' || isDigit(c) {
			r.number()
		} else {
			r.want("a value")
		}
	}
	r.skipping--
}
