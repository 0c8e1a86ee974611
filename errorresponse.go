package ivsrealtime

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/smithy-go"

	"github.com/seed-433ec77c/ivsrealtime/internal/redact"
	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// decodeError makes an error of a response whose status is not 2xx. body may be
// anything; readErr says why it is not whole.
func (k *call) decodeError(resp *http.Response, body []byte, readErr error) error {
	members, isJSON := wire.ErrorBody(body)
	if k.requestID == "" && redact.IsID(members.RequestID) {
		k.requestID = members.RequestID
	}
	e := APIError{
		Code:       firstCode(resp.Header.Get("X-Amzn-Errortype"), members.Type, members.Code, members.CodeUpper),
		Message:    readable(firstText(members.ExceptionMessage, members.Message, members.MessageUpper, resp.Header.Get("X-Amzn-Errormessage"))),
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
	if !redact.IsMediaType(header) {
		return "another one"
	}
	t, _, _ := strings.Cut(header, ";")
	return `"` + strings.ToLower(strings.TrimSpace(t)) + `"`
}

// maxMessage is how many bytes of the service's text are kept.
const maxMessage = 1 << 10

// readable returns a text of the service that fits a log: at most maxMessage bytes and
// an ellipsis, on one line, in valid UTF-8, and without what a terminal would obey.
func readable(s string) string {
	if len(s) <= maxMessage && utf8.ValidString(s) && strings.IndexFunc(s, unreadable) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		part := string(r)
		if unreadable(r) {
			part = strings.Trim(strconv.QuoteRuneToASCII(r), "'")
		}
		if b.Len()+len(part) > maxMessage {
			b.WriteString("…")
			break
		}
		b.WriteString(part)
	}
	return b.String()
}

// unreadable reports whether r controls a terminal or the direction of a text, or
// ends a line.
func unreadable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// firstText returns the first that is not blank.
func firstText(values ...string) string {
	for _, v := range values {
		if strings.TrimSpace(v) != "" {
			return v
		}
	}
	return ""
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
// com.amazonaws.ivs#ConflictException:http://internal.amazon.com/. It returns "" for
// what does not have the form of a code: the header and the body can hold anything.
func errorCode(s string) string {
	s, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimPrefix(s, "http://"), "https://"), ":")
	s = strings.TrimSpace(s[strings.LastIndexByte(s, '#')+1:])
	if !redact.IsCode(s) {
		return ""
	}
	return s
}
