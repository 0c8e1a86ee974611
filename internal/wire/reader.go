package wire

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// reader is a pull parser over a JSON text: the caller says what it wants next
// and gets it or an error. It accepts RFC 8259 and nothing else.
type reader struct {
	data    []byte
	pos     int
	depth   int    // open objects and arrays
	scratch []byte // what str returns when the text has escapes
}

func (r *reader) fail(msg string) *Error { return &Error{Offset: r.pos, Msg: msg} }

func (r *reader) want(what string) *Error {
	return r.fail("want " + what + ", got " + r.got())
}

// got names what comes next by its type alone.
func (r *reader) got() string {
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
func (r *reader) peek() byte {
	for ; r.pos < len(r.data); r.pos++ {
		switch c := r.data[r.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// end checks that only white space is left.
func (r *reader) end() *Error {
	if r.peek(); r.pos < len(r.data) {
		return r.want("the end of the text")
	}
	return nil
}

func (r *reader) openObject() *Error { return r.open('{', "an object") }

func (r *reader) openArray() *Error { return r.open('[', "an array") }

func (r *reader) open(c byte, what string) *Error {
	if r.peek() != c {
		return r.want(what)
	}
	if r.depth == maxDepth {
		return r.fail(tooDeep)
	}
	r.depth++
	r.pos++
	return nil
}

// member moves to the value of the next member of the open object, or past the
// object's end. The name is valid until the next call of str.
func (r *reader) member(first bool) (name []byte, more bool, err *Error) {
	if more, err = r.next(first, '}', "a comma or the end of the object"); err != nil || !more {
		return nil, false, err
	}
	if r.peek() != '"' {
		return nil, false, r.want("a member name")
	}
	if name, err = r.str(); err != nil {
		return nil, false, err
	}
	if r.peek() != ':' {
		return nil, false, r.want("a colon")
	}
	r.pos++
	return name, true, nil
}

// element moves to the next element of the open array, or past the array's end.
func (r *reader) element(first bool) (more bool, err *Error) {
	return r.next(first, ']', "a comma or the end of the array")
}

// next need not look at what follows a comma: neither a name nor a value
// begins with a closing bracket, so a trailing comma fails there.
func (r *reader) next(first bool, closing byte, what string) (more bool, err *Error) {
	switch r.peek() {
	case closing:
		r.pos++
		r.depth--
		return false, nil
	case ',':
		if !first {
			r.pos++
			return true, nil
		}
	}
	if !first {
		return false, r.want(what)
	}
	return true, nil
}

// null consumes null, if that is what comes next.
func (r *reader) null() (bool, *Error) {
	if r.peek() != 'n' {
		return false, nil
	}
	return true, r.literal("null")
}

func (r *reader) boolean() (bool, *Error) {
	switch r.peek() {
	case 't':
		return true, r.literal("true")
	case 'f':
		return false, r.literal("false")
	}
	return false, r.want("a boolean")
}

// literal need not look at what follows: no token may follow a literal
// directly but punctuation, which the caller checks.
func (r *reader) literal(lit string) *Error {
	if !bytes.HasPrefix(r.data[r.pos:], []byte(lit)) {
		return r.fail("invalid literal")
	}
	r.pos += len(lit)
	return nil
}

// number returns the number's text and whether it is an integer, which is to
// say has neither fraction nor exponent.
func (r *reader) number() (lit []byte, integer bool, err *Error) {
	if c := r.peek(); c != '-' && !isDigit(c) {
		return nil, false, r.want("a number")
	}
	start := r.pos
	if r.data[r.pos] == '-' {
		r.pos++
	}
	if r.at('0') {
		r.pos++ // what follows a leading zero is no part of this number
	} else if !r.digits() {
		return nil, false, r.fail("invalid number")
	}
	integer = true
	if r.at('.') {
		integer = false
		r.pos++
		if !r.digits() {
			return nil, false, r.fail("invalid number")
		}
	}
	if r.at('e') || r.at('E') {
		integer = false
		r.pos++
		if r.at('+') || r.at('-') {
			r.pos++
		}
		if !r.digits() {
			return nil, false, r.fail("invalid number")
		}
	}
	return r.data[start:r.pos], integer, nil
}

// integer wants a number that is written as an integer and fits the bits.
func (r *reader) integer(bits int) (int64, *Error) {
	r.peek()
	start := r.pos
	lit, integer, err := r.number()
	if err != nil {
		return 0, err
	}
	if !integer {
		return 0, &Error{Offset: start, Msg: "want an integer, got a number with a fraction or an exponent"}
	}
	i, perr := strconv.ParseInt(string(lit), 10, bits)
	if perr != nil {
		return 0, &Error{Offset: start, Msg: "number out of the range of an int" + strconv.Itoa(bits)}
	}
	return i, nil
}

// float wants a number that fits a float of the bits.
func (r *reader) float(bits int) (float64, *Error) {
	r.peek()
	start := r.pos
	lit, _, err := r.number()
	if err != nil {
		return 0, err
	}
	f, perr := strconv.ParseFloat(string(lit), bits)
	if perr != nil {
		return 0, &Error{Offset: start, Msg: "number out of the range of a float" + strconv.Itoa(bits)}
	}
	return f, nil
}

func (r *reader) at(c byte) bool { return r.pos < len(r.data) && r.data[r.pos] == c }

// digits consumes digits and reports whether there was one.
func (r *reader) digits() bool {
	start := r.pos
	for r.pos < len(r.data) && isDigit(r.data[r.pos]) {
		r.pos++
	}
	return r.pos > start
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// str returns the string's value, which is valid UTF-8 and aliases the input
// or the scratch space: it is valid until the next call.
func (r *reader) str() ([]byte, *Error) {
	if r.peek() != '"' {
		return nil, r.want("a string")
	}
	start := r.pos + 1
	ascii := true
	for i := start; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '"':
			s := r.data[start:i]
			if !ascii && !utf8.Valid(s) {
				return r.unescape(start)
			}
			r.pos = i + 1
			return s, nil
		case c == '\\' || c < ' ':
			return r.unescape(start)
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	r.pos = len(r.data)
	return nil, r.fail("unterminated string")
}

// unescape is the slow path of str. As in encoding/json, each byte of invalid
// UTF-8 and each lone surrogate becomes U+FFFD.
func (r *reader) unescape(start int) ([]byte, *Error) {
	r.pos = start
	out := r.scratch[:0]
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; {
		case c == '"':
			r.pos++
			r.scratch = out
			return out, nil
		case c < ' ':
			return nil, r.fail("control character in a string")
		case c == '\\':
			char, err := r.escape()
			if err != nil {
				return nil, err
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
	return nil, r.fail("unterminated string")
}

// escape consumes the escape sequence, or the two of a surrogate pair, that
// begins at the current byte.
func (r *reader) escape() (rune, *Error) {
	rest := r.data[r.pos+1:]
	if len(rest) == 0 {
		return 0, r.fail("invalid escape")
	}
	var char rune
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
			return 0, r.fail("invalid escape")
		}
		r.pos += len(`\uXXXX`)
		if utf16.IsSurrogate(char) {
			char = utf16.DecodeRune(char, hex4(r.data[r.pos:]))
			if char != utf8.RuneError {
				r.pos += len(`\uXXXX`)
			}
		}
		return char, nil
	default:
		return 0, r.fail("invalid escape")
	}
	r.pos += 2
	return char, nil
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

// time wants a string that parseTime takes.
func (r *reader) time() (time.Time, *Error) {
	r.peek()
	start := r.pos
	s, err := r.str()
	if err != nil {
		return time.Time{}, err
	}
	t, ok := parseTime(s)
	if !ok {
		return time.Time{}, &Error{Offset: start, Msg: "want a date and time as in RFC 3339, got another string"}
	}
	return t, nil
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

// skip consumes one value of any type and checks that it is valid.
func (r *reader) skip() *Error {
	switch c := r.peek(); c {
	case '{':
		if err := r.openObject(); err != nil {
			return err
		}
		for first := true; ; first = false {
			if _, more, err := r.member(first); err != nil || !more {
				return err
			}
			if err := r.skip(); err != nil {
				return err
			}
		}
	case '[':
		if err := r.openArray(); err != nil {
			return err
		}
		for first := true; ; first = false {
			if more, err := r.element(first); err != nil || !more {
				return err
			}
			if err := r.skip(); err != nil {
				return err
			}
		}
	case '"':
		_, err := r.str()
		return err
	case 't', 'f':
		_, err := r.boolean()
		return err
	case 'n':
		_, err := r.null()
		return err
	default:
		if c == '-' || isDigit(c) {
			_, _, err := r.number()
			return err
		}
		return r.want("a value")
	}
}
