// Package redact takes secrets out of what is logged about requests and
// answers. It keeps the structure and masks the leaves.
package redact

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/aws/smithy-go/logging"

	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// Mask stands for what was taken out.
const Mask = "[REDACTED]"

// Header returns a copy of h whose secret values are masked. Of an
// Authorization header the parts around the signature stay.
func Header(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		switch strings.ToLower(name) {
		case "authorization":
			for _, v := range values {
				out[name] = append(out[name], authorization(v))
			}
		case "x-amz-security-token", "cookie", "set-cookie", "proxy-authorization":
			for range values {
				out[name] = append(out[name], Mask)
			}
		default:
			out[name] = values
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

// patterns are compiled when something is logged, not when a program starts.
// They also find what was printed with %q and %#v. Where the quotes are escaped
// the end of a token cannot be told from that of the text, and all is masked.
// What is masked already stays as it is.
var patterns = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`(?i)(x-amz-security-token[\\"']*\s*[:=]\s*(?:\[\]string)?[\[{]??[\\"']*)(?:\[REDACTED\]|[^\s&"'\\\[\]{}][^\s&"'\\\]}]*)`),
		regexp.MustCompile(`(?i)(signature[\\"']*\s*[:=]\s*[\\"']*)[0-9a-f]{16,}`),
		regexp.MustCompile(`(?i)("(?:token|streamKey)\\*"\s*:\s*\\*")(?:[^"\\]|\\.)*`),
	}
})

// Text masks what looks like a secret in free text, such as the canonical
// string that the signer of the core logs.
func Text(s string) string {
	for _, p := range patterns() {
		s = p.ReplaceAllString(s, "${1}"+Mask)
	}
	return s
}

// Logger returns a logger that masks secrets and passes on to next.
func Logger(next logging.Logger) logging.Logger { return logger{next} }

type logger struct{ next logging.Logger }

func (l logger) Logf(c logging.Classification, format string, args ...any) {
	l.next.Logf(c, "%s", Text(fmt.Sprintf(format, args...)))
}

// WithContext passes ctx on to a logger that wants it.
func (l logger) WithContext(ctx context.Context) logging.Logger {
	return logger{logging.WithContext(ctx, l.next)}
}
