package wire

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Reader is a pull parser over a JSON text: the caller says what it wants next
// and gets it. It accepts RFC 8259 and nothing else.
//
// The first error stays: from then on Member and Element report the end of
// what they walk through, and the values are zero. End returns it.
//
//	for ok := r.Object(); ok; ok = r.Member() {
//		switch string(r.Name) {
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
// Methods that read a value without parts put the Name of its member into the
// path of an error; for what has parts the caller does so, by In or At, when it
// has read them.
type Reader struct {
	// Name is the name of the member whose value comes next, and empty in an
	// array. It is valid until the value is read.
	Name []byte

	data    []byte
	pos     int
	depth   int // open objects and arrays
	err     *Error
	chunk   strings.Builder // holds the strings that were returned last
	scratch []byte          // what text returns when the string has escapes
}

// NewReader returns a Reader of a text, which must not change while it is read.
func NewReader(data []byte) Reader { return Reader{data: data} }

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

// inName is In for a name that is empty when there is no step to add.
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
	r.Name = nil
	if !r.open() {
		return false
	}
	if r.peek() == ']' {
		return r.close()
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
	case ',':
		r.pos++
		return r.member()
	case '}':
		return r.close()
	}
	r.want("a comma or the end of the object")
	return false
}

// member need not expect the object's end: no name begins with a closing
// bracket, so a trailing comma fails here.
func (r *Reader) member() bool {
	for {
		if r.peek() != '"' {
			r.want("a member name")
			return false
		}
		start := r.pos + 1
		if end := plainEnd(r.data, start); end < len(r.data) && r.data[end] == '"' {
			r.Name = r.data[start:end]
			r.pos = end + 1
		} else {
			name, ok := r.str()
			if !ok {
				return false
			}
			r.Name = bytes.Clone(name) // the value may need the scratch space
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
		r.Name = nil
		return true
	case ']':
		return r.close()
	}
	r.want("a comma or the end of the array")
	return false
}

// Capacity guesses, after the first element of an array, how many it has in all
// if each is as long as that, which began at start and whose Go value takes size
// bytes. What comes after the array's end counts as if it belonged to it: the
// guess is for the list of a page, and for others it is small. It never asks for
// much more memory than the text takes.
func (r *Reader) Capacity(start, size int) int {
	if r.err != nil || r.peek() == ']' {
		return 1
	}
	if r.depth > 2 {
		return 2
	}
	rest := len(r.data) - r.pos
	n := rest/(r.pos-start+1) + 1
	n += n / 8 // the first may be longer than most
	return max(2, min(n, 2*rest/size))
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
	r.inName(r.Name)
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

// number returns the number's text and whether it is an integer, which is to
// say has neither fraction nor exponent.
func (r *Reader) number() (lit []byte, integer bool) {
	if c := r.peek(); c != '-' && !isDigit(c) {
		r.wantValue("a number")
		return nil, false
	}
	start := r.pos
	if r.data[r.pos] == '-' {
		r.pos++
	}
	if r.at('0') {
		r.pos++ // what follows a leading zero is no part of this number
	} else if !r.digits() {
		return nil, false
	}
	integer = true
	if r.at('.') {
		integer = false
		r.pos++
		if !r.digits() {
			return nil, false
		}
	}
	if r.at('e') || r.at('E') {
		integer = false
		r.pos++
		if r.at('+') || r.at('-') {
			r.pos++
		}
		if !r.digits() {
			return nil, false
		}
	}
	return r.data[start:r.pos], integer
}

func (r *Reader) at(c byte) bool { return r.pos < len(r.data) && r.data[r.pos] == c }

// digits wants one digit and consumes all.
func (r *Reader) digits() bool {
	start := r.pos
	for r.pos < len(r.data) && isDigit(r.data[r.pos]) {
		r.pos++
	}
	if r.pos == start {
		r.fail("invalid number")
		return false
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// Int32 reads a number that is written as an integer and fits an int32.
func (r *Reader) Int32() int32 { return int32(r.integer(32)) }

func (r *Reader) integer(bits int) int64 {
	r.peek()
	start := r.pos
	lit, integer := r.number()
	var i int64
	if r.err == nil && !integer {
		r.failAt(start, "want an integer, got a number with a fraction or an exponent")
	} else if r.err == nil {
		var err error
		if i, err = strconv.ParseInt(string(lit), 10, bits); err != nil {
			r.failAt(start, "number out of the range of an int"+strconv.Itoa(bits))
		}
	}
	r.inName(r.Name)
	return i
}

// Float32 reads a number that fits a float32.
func (r *Reader) Float32() float32 { return float32(r.float(32)) }

func (r *Reader) float(bits int) float64 {
	r.peek()
	start := r.pos
	lit, _ := r.number()
	var f float64
	if r.err == nil {
		var err error
		if f, err = strconv.ParseFloat(string(lit), bits); err != nil {
			r.failAt(start, "number out of the range of a float"+strconv.Itoa(bits))
		}
	}
	r.inName(r.Name)
	return f
}

// Sizes of what strings are copied to.
const (
	maxChunk  = 4096
	maxShared = 1024 // a longer string has memory of its own
)

// String reads a string. It is copied, to a chunk that it shares with others:
// a string that is kept keeps at most 4 KiB.
func (r *Reader) String() string { return r.Copy(r.Text()) }

// Copy copies what Text returned, as String does.
func (r *Reader) Copy(s []byte) string {
	if len(s) > maxShared {
		return string(s)
	}
	if r.chunk.Cap()-r.chunk.Len() < len(s) {
		r.chunk.Reset()
		r.chunk.Grow(min(maxChunk, len(s)+len(r.data)-r.pos)) // no more can be needed
	}
	start := r.chunk.Len()
	r.chunk.Write(s)
	return r.chunk.String()[start:]
}

// Text reads a string that is valid UTF-8 and valid until the next value is
// read.
func (r *Reader) Text() []byte {
	s, ok := r.str()
	if !ok {
		r.inName(r.Name)
	}
	return s
}

func (r *Reader) str() (s []byte, ok bool) {
	if r.peek() != '"' {
		r.wantValue("a string")
		return nil, false
	}
	start := r.pos + 1
	end := plainEnd(r.data, start)
	if end < len(r.data) && r.data[end] == '"' {
		r.pos = end + 1
		return r.data[start:end], true
	}
	for ; end < len(r.data); end++ {
		switch c := r.data[end]; {
		case c == '"':
			s := r.data[start:end]
			if !utf8.Valid(s) {
				return r.unescape(start)
			}
			r.pos = end + 1
			return s, true
		case c == '\\' || c < ' ':
			return r.unescape(start)
		}
	}
	r.pos = len(r.data)
	r.fail("unterminated string")
	return nil, false
}

// plainEnd returns the index of the first byte from i on that is not a printable
// character of ASCII or that is a quote or a backslash, len(data) if there is
// none. It looks at eight bytes at a time: in each byte of mask the highest bit
// says that the byte is one of those. The subtractions may carry from one byte
// to those above, so that only the lowest of the bits is to be believed.
func plainEnd(data []byte, i int) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
	)
	for ; i+8 <= len(data); i += 8 {
		x := binary.LittleEndian.Uint64(data[i:])
		quote, backslash := x^'"'*ones, x^'\\'*ones
		mask := (x | (x - ' '*ones) | (quote - ones) | (backslash - ones)) & highs
		if mask != 0 {
			return i + bits.TrailingZeros64(mask)/8
		}
	}
	for ; i < len(data); i++ {
		if c := data[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return i
		}
	}
	return i
}

// unescape is the slow path of str. As in encoding/json, each byte of invalid
// UTF-8 and each lone surrogate becomes U+FFFD.
func (r *Reader) unescape(start int) (s []byte, ok bool) {
	r.pos = start
	out := r.scratch[:0]
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; {
		case c == '"':
			r.pos++
			r.scratch = out
			return out, true
		case c < ' ':
			r.fail("control character in a string")
			return nil, false
		case c == '\\':
			char, ok := r.escape()
			if !ok {
				r.fail("invalid escape")
				return nil, false
			}
			out = utf8.AppendRune(out, char)
		case c < utf8.RuneSelf:
			out = append(out, c)
			r.pos++
		default:
			char, size := utf8.DecodeRune(r.data[r.pos:])
			out = utf8.AppendRune(out, char)
			r.pos += size
		}
	}
	r.fail("unterminated string")
	return nil, false
}

// escape consumes the escape sequence, or the two of a surrogate pair, that
// begins at the current byte.
func (r *Reader) escape() (char rune, ok bool) {
	rest := r.data[r.pos+1:]
	if len(rest) == 0 {
		return 0, false
	}
	switch rest[0] {
	case '"', '\\', '/':
		char = rune(rest[0])
	case 'b':
		char = '\b'
	case 'f':
		char = '\f'
	case 'n':
		char = '\n'
	case 'r':
		char = '\r'
	case 't':
		char = '\t'
	case 'u':
		if char = hex4(r.data[r.pos:]); char < 0 {
			return 0, false
		}
		r.pos += len(`\uXXXX`)
		if utf16.IsSurrogate(char) {
			char = utf16.DecodeRune(char, hex4(r.data[r.pos:]))
			if char != utf8.RuneError {
				r.pos += len(`\uXXXX`)
			}
		}
		return char, true
	default:
		return 0, false
	}
	r.pos += 2
	return char, true
}

// hex4 returns the value of the \uXXXX that s begins with, or -1.
func hex4(s []byte) rune {
	if len(s) < len(`\uXXXX`) || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	var char rune
	for _, c := range s[2:6] {
		switch {
		case isDigit(c):
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		char = char<<4 | rune(c)
	}
	return char
}

// Time reads a string that is a date and time of RFC 3339. The time is in UTC.
func (r *Reader) Time() time.Time {
	r.peek()
	start := r.pos
	s, ok := r.str()
	var t time.Time
	if ok {
		if t, ok = parseTime(s); !ok {
			r.failAt(start, "want a date and time as in RFC 3339, got another string")
		}
	}
	r.inName(r.Name)
	return t
}

// parseTime parses the date-time of RFC 3339, with an upper case T and Z; the
// offset may lack its colon, as in ISO 8601. The time is in UTC.
//
// The form is checked here and only the calendar left to package time, whose
// parser takes more: an hour of one digit, a comma, an offset of 24:60.
func parseTime(s []byte) (time.Time, bool) {
	const form = "0000-00-00T00:00:00"
	if len(s) < len(form) {
		return time.Time{}, false
	}
	for i := range len(form) {
		if form[i] == '0' && !isDigit(s[i]) || form[i] != '0' && form[i] != s[i] {
			return time.Time{}, false
		}
	}
	end := len(form) // of the fraction
	if end < len(s) && s[end] == '.' {
		for end++; end < len(s) && isDigit(s[end]); end++ {
		}
		if end == len(form)+len(".") {
			return time.Time{}, false
		}
	}
	offset, ok := parseOffset(s[end:])
	if !ok {
		return time.Time{}, false
	}
	utc := append(make([]byte, 0, len(form)+len(".123456789Z")), s[:end]...)
	var t time.Time
	if t.UnmarshalText(append(utc, 'Z')) != nil {
		return time.Time{}, false
	}
	return t.Add(-offset), true
}

// parseOffset parses Z, ±hh:mm and ±hhmm.
func parseOffset(s []byte) (time.Duration, bool) {
	if string(s) == "Z" {
		return 0, true
	}
	if len(s) == len("+hh:mm") && s[3] == ':' {
		s = append(append(make([]byte, 0, len("+hhmm")), s[:3]...), s[4:]...)
	}
	if len(s) != len("+hhmm") || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	for _, c := range s[1:] {
		if !isDigit(c) {
			return 0, false
		}
	}
	hours := time.Duration(s[1]-'0')*10 + time.Duration(s[2]-'0')
	minutes := time.Duration(s[3]-'0')*10 + time.Duration(s[4]-'0')
	if hours > 23 || minutes > 59 {
		return 0, false
	}
	offset := hours*time.Hour + minutes*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}

// StringMap reads an object of strings. Values that are null are left out.
func (r *Reader) StringMap() map[string]string {
	name := r.Name
	var few [16][2]string // so that the map can be made in its right size
	pairs := few[:0]
	var m map[string]string
	for ok := r.Object(); ok; ok = r.Member() {
		key := r.Copy(r.Name)
		r.Name = nil
		value := r.String()
		if r.err != nil {
			r.err.in(keyStep(key))
			break
		}
		if len(pairs) == len(few) && m == nil {
			m = make(map[string]string, 4*len(few))
			insert(m, pairs)
		}
		if m != nil {
			m[key] = value
			continue
		}
		pairs = append(pairs, [2]string{key, value})
	}
	r.inName(name)
	if m == nil {
		m = make(map[string]string, len(pairs))
		insert(m, pairs)
	}
	return m
}

func insert(m map[string]string, pairs [][2]string) {
	for _, pair := range pairs {
		m[pair[0]] = pair[1]
	}
}

// Strings reads an array of strings, each by read: (*Reader).String or what
// knows the values of an enum. An element that is null is empty.
func Strings[S ~string](r *Reader, read func(*Reader) string) []S {
	name := r.Name
	var few [8]S // so that the slice can be made in its right size
	all := few[:0]
	for ok := r.Array(); ok; ok = r.Element() {
		var s S
		if !r.null() {
			s = S(read(r))
		}
		all = append(all, s)
		r.At(len(all) - 1)
	}
	r.inName(name)
	if len(all) > len(few) {
		return all
	}
	return append(make([]S, 0, len(all)), all...)
}

// Skip reads one value of any type and checks that it is valid. An error's path
// does not lead into it.
func (r *Reader) Skip() {
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
		r.str()
	case 't', 'f':
		r.boolean()
	case 'n':
		r.literal("null")
	default:
		if c == '-' || isDigit(c) {
			r.number()
			return
		}
		r.want("a value")
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
