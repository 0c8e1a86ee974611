package wire

import (
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// Sizes of what strings are copied to.
const (
	maxChunk  = 4096
	maxShared = 1024 // a longer string has memory of its own
)

// String reads a string. It is copied, to a chunk that it shares with others:
// a string that is kept keeps at most 4 KiB.
func (r *Reader) String() string { return r.Copy(r.Text()) }

// Sizes of the memory of enum.
const (
	maxEnum  = 32 // the longest value
	enumRoom = 16 // values, a power of two
)

// enum is String for a value of an enum. Of those that come again one copy is
// enough: a page of a hundred items has a few hundred of them.
func (r *Reader) enum() string {
	s := r.Text()
	if len(s) == 0 || len(s) > maxEnum {
		return r.Copy(s)
	}
	known := &r.enums[hash(s)%enumRoom]
	if string(s) != *known {
		*known = r.Copy(s)
	}
	return *known
}

// Copy copies what Text returned, as String does.
func (r *Reader) Copy(s []byte) string {
	if len(s) > maxShared {
		return string(s)
	}
	if r.chunk.Cap()-r.chunk.Len() < len(s) {
		n := len(s) + len(r.data) - r.pos // no more can be needed
		if n > maxChunk/8 {
			n = max(len(s), n/8*5) // some of the rest is no strings
		}
		r.chunk.Reset()
		r.chunk.Grow(min(n, maxChunk))
	}
	start := r.chunk.Len()
	r.chunk.Write(s)
	return r.chunk.String()[start:]
}

// Text reads a string that is valid UTF-8 and valid until the next value is
// read.
func (r *Reader) Text() []byte {
	if start := r.pos + 1; start <= len(r.data) && r.data[start-1] == '"' { // the usual case in one look
		if end := plainEnd(r.data, start); end < len(r.data) && r.data[end] == '"' {
			r.pos = end + 1
			return r.data[start:end]
		}
	}
	s, ok := r.str()
	if !ok {
		r.inMember()
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
				return r.unescape(start, &r.scratch)
			}
			r.pos = end + 1
			return s, true
		case c == '\\' || c < ' ':
			return r.unescape(start, &r.scratch)
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
func plainEnd[T []byte | string](data T, i int) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
	)
	for ; i+8 <= len(data); i += 8 {
		d := data[i : i+8]
		x := uint64(d[0]) | uint64(d[1])<<8 | uint64(d[2])<<16 | uint64(d[3])<<24 |
			uint64(d[4])<<32 | uint64(d[5])<<40 | uint64(d[6])<<48 | uint64(d[7])<<56 // one load
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

// unescape is the slow path of str: it writes to *buf and returns that. As in
// encoding/json, each byte of invalid UTF-8 and each lone surrogate becomes U+FFFD.
//
// It measures first, so that a long string takes its own length of memory and not
// several times that.
func (r *Reader) unescape(start int, buf *[]byte) (s []byte, ok bool) {
	n, invalid, ok := r.measure(start)
	if !ok {
		return nil, false
	}
	if r.invalid += invalid; r.invalid > maxInvalid {
		r.fail(tooManyInvalid)
		return nil, false
	}
	if cap(*buf) < n {
		*buf = make([]byte, 0, max(n, min(2*cap(*buf), maxChunk), 64))
	}
	end := r.pos
	out := (*buf)[:0]
	for r.pos = start; r.pos < end-1; {
		switch c := r.data[r.pos]; {
		case c == '\\':
			char, _ := r.escape()
			out = utf8.AppendRune(out, char)
		case c < utf8.RuneSelf:
			out = append(out, c)
			r.pos++
		default:
			char, size := utf8.DecodeRune(r.data[r.pos:end])
			out = utf8.AppendRune(out, char)
			r.pos += size
		}
	}
	r.pos = end
	*buf = out
	return out, true
}

// measure checks the string whose first byte is at start and moves past its end. It
// returns how long the string is without escapes, and how many bytes of it are not
// UTF-8.
func (r *Reader) measure(start int) (n, invalid int, ok bool) {
	for r.pos = start; r.pos < len(r.data); {
		switch c := r.data[r.pos]; {
		case c == '"':
			r.pos++
			return n, invalid, true
		case c < ' ':
			r.fail("control character in a string")
			return 0, 0, false
		case c == '\\':
			char, ok := r.escape()
			if !ok {
				r.fail("invalid escape")
				return 0, 0, false
			}
			n += utf8.RuneLen(char)
		case c < utf8.RuneSelf:
			n++
			r.pos++
		default:
			char, size := utf8.DecodeRune(r.data[r.pos:])
			if char == utf8.RuneError && size == 1 {
				invalid++
			}
			n += utf8.RuneLen(char)
			r.pos += size
		}
	}
	r.fail("unterminated string")
	return 0, 0, false
}

// skipString is str for a string that nobody wants.
func (r *Reader) skipString() {
	start := r.pos + 1
	if end := plainEnd(r.data, start); end < len(r.data) && r.data[end] == '"' {
		r.pos = end + 1
		return
	}
	r.measure(start)
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
