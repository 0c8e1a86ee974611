package wire

import (
	"bytes"
	"strconv"
	"time"
)

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
