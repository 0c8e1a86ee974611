package ivsrealtime

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"sync"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/seed-433ec77c/ivsrealtime/internal/redact"
	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// Limits of what is read of a response.
const (
	maxBody      = 16 << 20
	maxErrorBody = 64 << 10
)

// errBodyTooLarge says that a response was not read to its end.
var errBodyTooLarge = errors.New("too large")

// decode reads the response into the output, or into an error.
func (k *call) decode(ctx context.Context, resp *http.Response) error {
	ok := resp.StatusCode >= 200 && resp.StatusCode < 300
	limit := maxBody
	if !ok {
		limit = maxErrorBody
	}
	buf := bodies.Get().(*[]byte)
	body, err := readBody(resp, limit, (*buf)[:0])
	// A reader that fails because a context ended may have left another goroutine
	// behind, which writes to the memory later, though readers must not do so.
	whole := err == nil
	defer func() {
		// Nothing that was decoded points into the body. It may hold a token.
		clear(body)
		if *buf = body; whole && cap(body) <= maxPooledBody {
			bodies.Put(buf)
		}
	}()
	if err != nil && ctx.Err() != nil {
		if err = k.transportError(ctx, err); ok {
			err = k.lost(err, true)
		}
		return err
	}
	if !ok {
		k.noteGateway(resp.StatusCode)
		return k.decodeError(resp, body, err)
	}
	early := false
	if errors.Is(err, errBodyTooLarge) {
		err = fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)
	} else if err != nil {
		early = true
		err = fmt.Errorf("read the answer: %w", k.networkErrors().clean(err))
	} else {
		if k.decoded { // a caller's Retryer wanted another answer
			reflect.ValueOf(k.out).Elem().SetZero()
		}
		k.decoded = true
		var missing string
		if missing, err = wire.DecodeOutput(body, k.out); err != nil {
			early = endsEarly(body)
		} else if missing = cmp.Or(missing, k.lacks()); missing != "" {
			early = true
			err = fmt.Errorf("the response has no %s", missing)
		}
	}
	if err != nil {
		return k.lost(&smithy.DeserializationError{Err: err}, early)
	}
	return nil
}

// lacks names a member inside of a field of the output that the response must have
// and had not, if there is one.
func (k *call) lacks() string {
	if out, ok := k.out.(interface{ lacks() string }); ok {
		return out.lacks()
	}
	return ""
}

// bodies keeps the memory that answers are read into.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

// maxEmptyReads is how often a body may in turn give neither bytes nor an error, as
// in package bufio.
const maxEmptyReads = 100

// maxPooledBody keeps one large answer from staying in memory.
const maxPooledBody = 64 << 10

// readBody reads the body to buf, which is empty, and closes it, so that the
// connection can be used again. One that is larger than limit is closed unread, which
// ends the connection. One in gzip that nobody has undone is, within the limit.
func readBody(resp *http.Response, limit int, buf []byte) ([]byte, error) {
	defer closeBody(resp)
	// The body of a 101 is the connection itself. No context ends the reading of it.
	if resp.Body == nil || resp.StatusCode == http.StatusSwitchingProtocols {
		return buf, nil
	}
	if n := resp.ContentLength; n > 0 && n <= int64(limit) {
		buf = slices.Grow(buf, int(min(n, 1<<20))+1) // what a header claims is not to be trusted
	}
	var body io.Reader = resp.Body
	for empty, start := 0, true; ; {
		if len(buf) == cap(buf) {
			buf = growBody(buf, limit)
		}
		n, err := readOnce(body, buf[len(buf):min(cap(buf), limit+1)])
		buf = buf[:len(buf)+n]
		if start && len(buf) >= 2 {
			start = false
			if isGzip(buf) {
				if body, err = ungzip(buf, body, limit); err != nil {
					return buf[:0], err
				}
				buf = buf[:0]
				continue
			}
		}
		if empty++; n > 0 {
			empty = 0
		}
		switch {
		case len(buf) > limit:
			return buf, errBodyTooLarge
		case err == io.EOF:
			return buf, nil
		case err != nil:
			return buf, err
		case empty == maxEmptyReads:
			return buf, io.ErrNoProgress
		}
	}
}

// closeBody closes the body of resp and lets go of it: responses stay reachable
// from errors and metadata, and must not keep their bytes. A response without a body
// is not written to: a test's HTTPClient may give the same one to several calls.
func closeBody(resp *http.Response) {
	if resp != nil && resp.Body != nil && resp.Body != http.NoBody {
		_ = resp.Body.Close()
		resp.Body = http.NoBody
	}
}

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
