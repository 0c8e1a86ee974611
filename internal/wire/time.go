package wire

import "time"

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
	r.inMember()
	return t
}

// parseTime parses the date-time of RFC 3339, with an upper case T and Z; the
// offset may lack its colon, as in ISO 8601. The time is in UTC.
//
// Package time's parser takes more: an hour of one digit, a comma, an offset of
// 24:60.
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
	year, month, day := digits2(s)*100+digits2(s[2:]), digits2(s[5:]), digits2(s[8:])
	hour, minute, second := digits2(s[11:]), digits2(s[14:]), digits2(s[17:])
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	s = s[len(form):]
	nanosecond := 0
	if len(s) > 0 && s[0] == '.' {
		n := 1
		for unit := 100_000_000; n < len(s) && isDigit(s[n]); n++ {
			nanosecond += int(s[n]-'0') * unit // what is less than a nanosecond is dropped
			unit /= 10
		}
		if n == 1 {
			return time.Time{}, false
		}
		s = s[n:]
	}
	offset, ok := parseOffset(s)
	if !ok {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanosecond, time.UTC)
	return t.Add(-offset), true
}

// digits2 returns the number that the two digits at the beginning of s make.
func digits2(s []byte) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
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
