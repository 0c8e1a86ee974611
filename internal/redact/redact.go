// Package redact takes secrets out of what is logged about requests and
// answers. It keeps the structure and masks the leaves.
package redact

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/aws/smithy-go/logging"

	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// Mask stands for what was taken out.
const Mask = "[REDACTED]"

// Header returns a copy of h with the secret values masked. In an Authorization
// header only the signature is masked.
func Header(h http.Header) http.Header {
	out := h.Clone()
	if out == nil {
		return http.Header{}
	}
	for name, values := range out {
		for i, v := range values {
			switch {
			case strings.EqualFold(name, "authorization"):
				values[i] = authorization(v)
			case strings.EqualFold(name, "x-amz-security-token"), strings.EqualFold(name, "cookie"),
				strings.EqualFold(name, "set-cookie"), strings.EqualFold(name, "proxy-authorization"):
				values[i] = Mask
			}
		}
	}
	return out
}

// authorization masks the signature, or all of a value of another form.
func authorization(v string) string {
	before, _, ok := strings.Cut(v, "Signature=")
	if !ok || !strings.HasPrefix(v, "AWS4-HMAC-SHA256 ") {
		return Mask
	}
	return before + "Signature=" + Mask
}

// URL returns u's path and query, with the parameters of a presigned request masked.
func URL(u *url.URL) string {
	s := u.EscapedPath()
	if u.RawQuery != "" {
		s += "?" + Text(u.RawQuery)
	}
	return s
}

// Body returns a JSON body with the values of token and streamKey masked. A body
// that is not JSON is described, not shown: there is no telling what is in it.
func Body(body []byte) string {
	if len(body) == 0 {
		return ""
	}
	masked, ok := wire.Mask(body, secretMember, Mask)
	if !ok {
		return fmt.Sprintf("[%d bytes that are not JSON, not shown]", len(body))
	}
	return string(masked)
}

func secretMember(name string) bool {
	return strings.EqualFold(name, "token") || strings.EqualFold(name, "streamKey")
}

// Text masks what looks like a secret in free text, such as the canonical string
// that the signer of the core logs. It also finds what was printed with %q and %#v.
// Where the quotes are escaped the end of a token cannot be told from that of the
// text, and all is masked. What is masked already stays as it is.
//
// It reads the text by hand: package regexp would be the larger part of what the
// client costs at the start of a program. The tests have the same as expressions.
func Text(s string) string {
	for _, find := range []func(string) (int, int){sessionToken, signature, secretString} {
		s = maskAll(s, find)
	}
	return s
}

// maskAll masks what find finds from each position on. find returns the bounds of
// the secret, and 0, 0 if the text does not begin with what it looks for.
func maskAll(s string, find func(string) (from, to int)) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(s); i++ {
		from, to := find(s[i:])
		if from == 0 {
			continue
		}
		out.WriteString(s[done : i+from])
		out.WriteString(Mask)
		done = i + to
		i = done - 1
	}
	return out.String() + s[done:]
}

const (
	space  = "\t\n\f\r "
	quotes = `\"'`
)

// sessionToken finds the value of an X-Amz-Security-Token header or parameter.
func sessionToken(s string) (from, to int) {
	i := word(s, "x-amz-security-token")
	if i == 0 {
		return 0, 0
	}
	if i = sign(s, i, ":="); i == 0 {
		return 0, 0
	}
	i += word(s[i:], "[]string")
	start := skip(s, i, quotes)
	if n := word(s[start:], "[redacted]"); n > 0 {
		return start, start + n
	}
	if i < len(s) && (s[i] == '[' || s[i] == '{') {
		start = skip(s, i+1, quotes)
		if n := word(s[start:], "[redacted]"); n > 0 {
			return start, start + n
		}
	}
	const never = space + "&\"'\\]}"
	if start == len(s) || strings.IndexByte(never+"[{", s[start]) >= 0 {
		return 0, 0
	}
	return start, until(s, start, never)
}

// signature finds the hex digits of a signature.
func signature(s string) (from, to int) {
	i := word(s, "signature")
	if i == 0 {
		return 0, 0
	}
	if i = sign(s, i, ":="); i == 0 {
		return 0, 0
	}
	from = skip(s, i, quotes)
	if to = skip(s, from, "0123456789abcdefABCDEF"); to-from < 16 {
		return 0, 0
	}
	return from, to
}

// secretString finds the string of a JSON member that holds a secret, to its
// closing quote or to the end of the text.
func secretString(s string) (from, to int) {
	if s[0] != '"' {
		return 0, 0
	}
	n := word(s[1:], "token") + word(s[1:], "streamkey")
	if n == 0 {
		return 0, 0
	}
	i := skip(s, 1+n, `\`)
	if i == len(s) || s[i] != '"' {
		return 0, 0
	}
	if i = skip(s, i+1, space); i == len(s) || s[i] != ':' {
		return 0, 0
	}
	i = skip(s, skip(s, i+1, space), `\`)
	if i == len(s) || s[i] != '"' {
		return 0, 0
	}
	from = i + 1
	for to = from; to < len(s) && s[to] != '"'; to++ {
		if s[to] == '\\' {
			if to++; to == len(s) || s[to] == '\n' {
				return from, to - 1
			}
		}
	}
	return from, to
}

// sign returns the index after one of the given signs and the white space around
// it, before which there may be quotes; 0 if there is none.
func sign(s string, i int, signs string) int {
	i = skip(s, skip(s, i, quotes), space)
	if i == len(s) || strings.IndexByte(signs, s[i]) < 0 {
		return 0
	}
	return skip(s, i+1, space)
}

// word returns the length of the word that s begins with, whatever its case, and 0
// if s does not. lower is in lower case.
func word(s, lower string) int {
	i := 0
	for _, want := range lower {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case 'A' <= r && r <= 'Z':
			r += 'a' - 'A'
		case r == '\u017f': // long s, which is an s to Unicode
			r = 's'
		case r == '\u212a': // the Kelvin sign
			r = 'k'
		}
		if r != want {
			return 0
		}
		i += size
	}
	return i
}

// skip returns the index of the first byte of s from i on that is not in set.
func skip(s string, i int, set string) int {
	for i < len(s) && strings.IndexByte(set, s[i]) >= 0 {
		i++
	}
	return i
}

// until returns the index of the first byte of s from i on that is in set.
func until(s string, i int, set string) int {
	for i < len(s) && strings.IndexByte(set, s[i]) < 0 {
		i++
	}
	return i
}

// Logger returns a logger that masks secrets and passes on to next.
func Logger(next logging.Logger) logging.Logger { return logger{next} }

type logger struct{ next logging.Logger }

func (l logger) Logf(c logging.Classification, format string, args ...any) {
	l.next.Logf(c, "%s", Text(fmt.Sprintf(format, args...)))
}

// WithContext passes ctx on to a logger that wants it. One that returns nil logs
// without it.
func (l logger) WithContext(ctx context.Context) logging.Logger {
	next := logging.WithContext(ctx, l.next)
	if v := reflect.ValueOf(next); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return l
	}
	return logger{next}
}
