package wire

import (
	"bytes"
	"strconv"
	"time"
)

// number returns the number's text and whether it is written as an integer, which
// is to say has neither fraction nor exponent.
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

// Int32 reads a number that is whole, in any notation (4505780.0 and 4.50578E6 are),
// and fits an int32.
func (r *Reader) Int32() int32 { return int32(r.integer(32)) }

func (r *Reader) integer(bits int) int64 {
	r.peek()
	start := r.pos
	lit, plain := r.number()
	var i int64
	if r.err == nil && plain {
		var ok bool
		if i, ok = parseInt(lit, bits); !ok {
			r.failAt(start, outOfRange(bits))
		}
	} else if r.err == nil {
		var problem string
		if i, problem = parseWhole(lit, bits); problem != "" {
			r.failAt(start, problem)
		}
	}
	r.inMember()
	return i
}

func parseInt(lit []byte, bits int) (int64, bool) {
	if len(lit) > 18 { // it may not fit an int64
		i, err := strconv.ParseInt(string(lit), 10, bits)
		return i, err == nil
	}
	digits := bytes.TrimPrefix(lit, []byte("-"))
	var i int64
	for _, c := range digits {
		i = i*10 + int64(c-'0')
	}
	if len(digits) < len(lit) {
		i = -i
	}
	unused := 64 - bits
	return i, i<<unused>>unused == i
}

// float reads a number that fits a float of so many bits.
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
	r.inMember()
	return f
}

// decimal takes the text of a JSON number apart: its value is 0.digits times ten
// to the power of point. The digits neither begin nor end with a zero, so that a
// number is whole if it has no more of them than point.
func decimal(lit []byte) (negative bool, digits []byte, point int) {
	lit, negative = bytes.CutPrefix(lit, []byte("-"))
	if i := bytes.IndexAny(lit, "eE"); i >= 0 {
		point = exponent(lit[i+1:])
		lit = lit[:i]
	}
	whole, fraction, _ := bytes.Cut(lit, []byte("."))
	point += len(whole)
	digits = append(append(make([]byte, 0, len(lit)), whole...), fraction...)
	n := len(digits)
	digits = bytes.TrimLeft(digits, "0")
	point -= n - len(digits)
	return negative, bytes.TrimRight(digits, "0"), point
}

// exponent reads an exponent. One that no text is long enough for stays at a
// limit, far outside of what any type holds.
func exponent(lit []byte) int {
	const limit = 1 << 30
	e := 0
	for _, c := range bytes.TrimLeft(lit, "+-") {
		e = min(e*10+int(c-'0'), limit)
	}
	if lit[0] == '-' {
		return -e
	}
	return e
}

// parseWhole returns the value of a JSON number that is whole, in whatever
// notation: 4505780, 4505780.0 and 4.50578E6 are the same. The error is a text.
func parseWhole(lit []byte, bits int) (i int64, problem string) {
	negative, digits, point := decimal(lit)
	switch {
	case len(digits) == 0:
		return 0, ""
	case len(digits) > point:
		return 0, "want an integer, got a number with a fraction"
	case point > 19: // more than an int64 has
		return 0, outOfRange(bits)
	}
	plain := append(make([]byte, 0, 20), digits...)
	for len(plain) < point {
		plain = append(plain, '0')
	}
	if negative {
		plain = append([]byte("-"), plain...)
	}
	i, ok := parseInt(plain, bits)
	if !ok {
		return 0, outOfRange(bits)
	}
	return i, ""
}

func outOfRange(bits int) string {
	return "number out of the range of an int" + strconv.Itoa(bits)
}

// parseEpoch returns the time that is a number of seconds after the beginning of
// 1970, in UTC, if it is of the years 1 to 9999. What is less than a nanosecond is
// dropped.
func parseEpoch(lit []byte) (time.Time, bool) {
	negative, digits, point := decimal(lit)
	if point > 12 { // beyond the year 9999
		return time.Time{}, false
	}
	var seconds, nanoseconds int64
	for i := range max(0, point) + 9 {
		var digit int64
		if at := i + min(0, point); at >= 0 && at < len(digits) {
			digit = int64(digits[at] - '0')
		}
		if i < point {
			seconds = seconds*10 + digit
		} else {
			nanoseconds = nanoseconds*10 + digit
		}
	}
	if negative {
		seconds, nanoseconds = -seconds, -nanoseconds
	}
	t := time.Unix(seconds, nanoseconds).UTC()
	return t, t.Year() >= 1 && t.Year() <= 9999
}
