package ivsrealtime

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/seed-433ec77c/ivsrealtime/internal/redact"
)

// growBody makes room for more of a body that may be of limit bytes. Large steps keep
// what is allocated in total near the size of the body.
func growBody(buf []byte, limit int) []byte {
	const large = 64 << 10
	if cap(buf) < large {
		return slices.Grow(buf, 512)
	}
	return append(make([]byte, 0, min(4*cap(buf), limit+1)), buf...)
}

// isGzip reports whether a body begins as gzip does. JSON never does. The header says
// less: the transport removes it when it has undone the compression, other clients
// do not.
func isGzip(start []byte) bool { return len(start) >= 2 && start[0] == 0x1f && start[1] == 0x8b }

// ungzip returns a reader of what is compressed in start, which was read before, and
// rest. What is read of rest is limited too: gzip can hold any number of empty parts.
func ungzip(start []byte, rest io.Reader, limit int) (io.Reader, error) {
	return gzip.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(start)), &bodyLimit{rest, limit + limit/64 + 1<<10}))
}

// bodyLimit reads at most left bytes of a body, and is strict with it: package bufio
// panics if a reader returns a negative count.
type bodyLimit struct {
	body io.Reader
	left int
}

func (l *bodyLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errBodyTooLarge
	}
	n, err := readOnce(l.body, p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// readOnce is a Read whose count can be relied on.
func readOnce(body io.Reader, p []byte) (int, error) {
	n, err := body.Read(p)
	if n < 0 || n > len(p) { // it is a caller's HTTPClient that made the body
		return 0, fmt.Errorf("the reader of the body says that it read %d of %d bytes", n, len(p))
	}
	return n, err
}

// cleanResponse returns resp without headers that are not what they should be and
// that would be shown in errors and logs: an id of the request that has not the form
// of an id, and a Date that is none. resp is not changed.
func cleanResponse(resp *http.Response) *http.Response {
	if resp == nil {
		return nil
	}
	var wrong []string
	for _, name := range requestIDHeaders {
		if v := resp.Header.Get(name); v != "" && !redact.IsID(v) {
			wrong = append(wrong, name)
		}
	}
	if v := resp.Header.Get("Date"); v != "" {
		if _, err := smithyhttp.ParseTime(v); err != nil {
			wrong = append(wrong, "Date")
		}
	}
	if wrong == nil {
		return resp
	}
	c := *resp
	c.Header = resp.Header.Clone()
	for _, name := range wrong {
		c.Header.Del(name)
	}
	return &c
}

var requestIDHeaders = []string{"X-Amzn-Requestid", "X-Amz-Requestid"}

// requestID returns the id that the service gave a request, "" if there is none.
func requestID(resp *http.Response) string {
	if resp == nil {
		return ""
	}
	for _, name := range requestIDHeaders {
		if id := resp.Header.Get(name); redact.IsID(id) {
			return id
		}
	}
	return ""
}
