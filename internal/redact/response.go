package redact

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// TokenStart is how every participant token begins: the Base64 of {" in a JWT.
const TokenStart = "eyJ"

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// IsID reports whether s has the form of the IDs of requests: UUIDs, and the Base64 of
// API Gateway and CloudFront.
func IsID(s string) bool { return consistsOf(s, 128, alphanumeric+"-_=+/") }

// IsCode reports whether s has the form of an error code, such as ConflictException.
func IsCode(s string) bool { return consistsOf(s, 64, alphanumeric+".") }

// consistsOf reports whether s is of 1 to limit bytes of set, and no part of a token.
func consistsOf(s string, limit int, set string) bool {
	return s != "" && len(s) <= limit && strings.Trim(s, set) == "" && !strings.HasPrefix(s, TokenStart)
}

// IsMediaType reports whether the value of a Content-Type header begins with one of the
// types that the service, and proxies before it, send.
func IsMediaType(s string) bool {
	t, _, _ := strings.Cut(s, ";")
	switch strings.ToLower(strings.TrimSpace(t)) {
	case "text/html", "text/plain", "text/xml", "application/xml", "application/json", "application/problem+json",
		"application/x-amz-json-1.0", "application/x-amz-json-1.1", "application/octet-stream":
		return true
	}
	return false
}

// ResponseHeader returns a copy of the headers of a response that help to understand a
// call. A value that does not have the form of its header is masked. Of other headers the
// copy has only the number: a proxy may put anything there.
func ResponseHeader(h http.Header) http.Header {
	out := make(http.Header)
	other := 0
	for name, values := range h {
		show := shown[http.CanonicalHeaderKey(name)]
		if show == nil {
			other += len(values)
			continue
		}
		for _, v := range values {
			out[name] = append(out[name], show(v))
		}
	}
	if other > 0 {
		out["Other-Headers"] = []string{fmt.Sprintf("%d, not shown", other)}
	}
	return out
}

// shown has a function for each header that is shown, which masks values of another
// form. Headers with free text, such as Server, are not shown.
var shown = map[string]func(string) string{
	"Age":               unless(isNumber),
	"Connection":        unless(isOneOf("close", "keep-alive")),
	"Content-Encoding":  unless(isOneOf("br", "deflate", "gzip", "identity", "x-gzip", "zstd")),
	"Content-Length":    unless(isNumber),
	"Content-Type":      mediaType,
	"Date":              unless(isDate),
	"Retry-After":       unless(func(s string) bool { return isNumber(s) || isDate(s) }),
	"Transfer-Encoding": unless(isOneOf("chunked", "identity")),
	"X-Amz-Apigw-Id":    unless(IsID),
	"X-Amz-Cf-Id":       unless(IsID),
	"X-Amz-Cf-Pop":      unless(IsID),
	"X-Amz-Requestid":   unless(IsID),
	"X-Amz-Retry-After": unless(isNumber),
	"X-Amzn-Errortype":  errorType,
	"X-Amzn-Requestid":  unless(IsID),
	"X-Amzn-Trace-Id":   unless(isTrace),
}

// unless returns a function that masks what does not have a form.
func unless(form func(string) bool) func(string) string {
	return func(s string) string {
		if !form(s) {
			return Mask
		}
		return s
	}
}

func isNumber(s string) bool { return consistsOf(s, 20, "0123456789") }

func isDate(s string) bool {
	_, err := http.ParseTime(s)
	return err == nil
}

func isOneOf(values ...string) func(string) bool {
	return func(s string) bool { return slices.Contains(values, strings.ToLower(s)) }
}

// isTrace reports whether s is as Root=1-67891233-abcdef012345678912345678;Sampled=1.
func isTrace(s string) bool {
	return strings.HasPrefix(s, "Root=") && consistsOf(s, 256, alphanumeric+"=;:-")
}

// mediaType masks the parameters of a type: nothing but charset is of interest.
func mediaType(s string) string {
	if !IsMediaType(s) {
		return Mask
	}
	t, parameters, _ := strings.Cut(s, ";")
	switch strings.ToLower(strings.TrimSpace(parameters)) {
	case "", "charset=utf-8", "charset=iso-8859-1":
		return s
	}
	return t + "; " + Mask
}

// errorType masks what follows a code, and a namespace that is none.
func errorType(s string) string {
	code, uri, hasURI := strings.Cut(s, ":")
	for _, part := range strings.SplitN(code, "#", 2) {
		if !IsCode(part) {
			return Mask
		}
	}
	if hasURI && uri != "" {
		return code + ":" + Mask
	}
	return s
}
