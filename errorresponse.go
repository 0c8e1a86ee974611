package ivsrealtime

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/smithy-go"

	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// decodeError makes an error of a response whose status is not 2xx. body may be
// anything; readErr says why it is not whole.
func (k *call) decodeError(resp *http.Response, body []byte, readErr error) error {
	members, isJSON := wire.ErrorBody(body)
	if k.requestID == "" && isRequestID(members.RequestID) {
		k.requestID = members.RequestID
	}
	e := APIError{
		Code:       firstCode(resp.Header.Get("X-Amzn-Errortype"), members.Type, members.Code, members.CodeUpper),
		Message:    readable(firstNonEmpty(members.ExceptionMessage, members.Message, members.MessageUpper, resp.Header.Get("X-Amzn-Errormessage"))),
		StatusCode: resp.StatusCode,
	}
	switch {
	case e.StatusCode >= 500:
		e.Fault = smithy.FaultServer
	case e.StatusCode >= 400:
		e.Fault = smithy.FaultClient
	}
	if e.Message == "" {
		e.Message = strings.TrimSpace(fmt.Sprintf("status %d %s", e.StatusCode, http.StatusText(e.StatusCode))) + ", " + k.bodyTrouble(resp, body, isJSON, readErr)
	}
	return typedError(e)
}

// bodyTrouble says why there is no message. It never repeats the body.
func (k *call) bodyTrouble(resp *http.Response, body []byte, isJSON bool, readErr error) string {
	switch {
	case errors.Is(readErr, errBodyTooLarge):
		return fmt.Sprintf("the answer is larger than %d KiB", maxErrorBody>>10)
	case readErr != nil:
		return fmt.Sprintf("the answer was cut off: %v", k.networkErrors().clean(readErr))
	case len(bytes.TrimSpace(body)) == 0:
		return "the answer is empty"
	case !isJSON:
		return "the answer is not the JSON of an error (content type " + contentType(resp.Header.Get("Content-Type")) + ")"
	}
	return "the answer has no message"
}

// contentType returns what a response says that it is, if it is one of the types
// that things between client and service send. A header can hold anything.
func contentType(header string) string {
	if header == "" {
		return "missing"
	}
	switch t, _, _ := mime.ParseMediaType(header); t {
	case "text/html", "text/plain", "text/xml", "application/xml", "application/json", "application/problem+json",
		"application/x-amz-json-1.0", "application/x-amz-json-1.1", "application/octet-stream":
		return `"` + t + `"`
	}
	return "another one"
}

// maxMessage is how many bytes of the service's text are kept.
const maxMessage = 1 << 10

// readable returns a text of the service that fits a log: cut, on one line, without
// what a terminal would obey.
func readable(s string) string {
	if len(s) > maxMessage {
		n := maxMessage
		for !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n] + "…"
	}
	if strings.IndexFunc(s, unreadable) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !unreadable(r):
			b.WriteRune(r)
		case r < utf8.RuneSelf:
			b.WriteString(strings.Trim(fmt.Sprintf("%q", string(r)), `"`))
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// unreadable reports whether r controls a terminal or the direction of a text, or
// ends a line.
func unreadable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// firstCode returns the first that is a code of an error, "UnknownError" if there
// is none.
func firstCode(values ...string) string {
	for _, v := range values {
		if code := errorCode(v); code != "" {
			return code
		}
	}
	return codeUnknown
}

// errorCode takes the namespace and the URI off a code, as in
// com.amazonaws.ivs#ConflictException:http://internal.amazon.com/. What has not the
// form of a code is none: the header and the body can hold anything.
func errorCode(s string) string {
	s, _, _ = strings.Cut(s, ":")
	if _, name, ok := strings.Cut(s, "#"); ok {
		s = name
	}
	s = strings.TrimSpace(s)
	if len(s) > 64 || strings.Trim(s, alphanumeric+".") != "" {
		return ""
	}
	return s
}
