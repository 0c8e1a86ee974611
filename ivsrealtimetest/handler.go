package ivsrealtimetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// maxBody is the largest request body that is read.
const maxBody = 1 << 20

// ServeHTTP answers one request as the service does. A fault that cuts the
// connection panics with http.ErrAbortHandler, which net/http's servers take as
// the request to do so.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := s.answer(r)
	if a.lost {
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if a.cut {
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush() // or the server would drop it
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(a.body) // a client that is gone is not our concern
}

// inProcess is an HTTP client whose requests a Server answers, in the caller's
// goroutine and without a network.
type inProcess struct{ server *Server }

// Do answers r. Like a transport it fails when r's context is done, closes r's
// body and does not change r otherwise.
func (p inProcess) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	received := *r
	if received.Host == "" {
		received.Host = r.URL.Host
	}
	a := p.server.answer(&received)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if a.lost {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	body := io.Reader(bytes.NewReader(a.body))
	if a.cut {
		body = io.MultiReader(bytes.NewReader(a.body[:len(a.body)/2]), cutOff{})
	}
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		Body:          io.NopCloser(body),
		ContentLength: int64(len(a.body)),
		Request:       r,
	}, nil
}

// cutOff is the end of a body whose connection broke.
type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// answer is what is sent back for one request.
type answer struct {
	status int
	header http.Header
	body   []byte
	lost   bool // the connection breaks before the answer
	cut    bool // and in the middle of it
}

// answer takes a request through everything: it is the one way in, for
// ServeHTTP and for the in-process client.
func (s *Server) answer(r *http.Request) *answer {
	now := s.options.Clock.Now()
	a := &answer{status: http.StatusOK, header: http.Header{
		"Date":             {now.UTC().Format(http.TimeFormat)},
		"X-Amzn-Requestid": {s.requestIDs.uuid()},
	}}
	record := s.newCall(a, now)
	err := s.run(r, a, record)
	if err != nil {
		var e *apiError
		if !errors.As(err, &e) {
			e = &apiError{code: codeInternalFailure, message: err.Error()}
		}
		s.refuse(a, e)
	}
	if len(a.body) > 0 && a.header.Get("Content-Type") == "" {
		a.header.Set("Content-Type", "application/json")
	}
	if !a.lost {
		record.StatusCode, record.ErrorCode = a.status, a.header.Get("X-Amzn-Errortype")
	}
	s.history.addCall(*record)
	return a
}

// run does what a request asks for, and what a fault adds to it. Of a request that
// is not signed as it must be the record gets the operation alone, and its body is
// read only when everything else about the signature is right.
func (s *Server) run(r *http.Request, a *answer, record *recordedCall) error {
	req, misrouted := route(r)
	var op *operation
	if misrouted == nil {
		if op = s.operations[req.operation]; op != nil {
			record.Operation = req.operation
		}
	}
	var signature *signature
	if !s.options.SkipSignatureCheck {
		var err error
		if signature, err = s.readSignature(r, record.Time); err != nil {
			return err
		}
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	if signature != nil {
		if err := s.verifySignature(r, body, signature); err != nil {
			return err
		}
	}
	if misrouted == nil && r.Method == http.MethodPost {
		req.body = body
	}
	record.authentic(r, op, req)
	switch {
	case misrouted != nil:
		return misrouted
	case op == nil:
		return errUnknownOperation()
	}
	req.time, req.header = record.Time, a.header
	if !s.rates.take(req.operation, req.time) {
		return s.throttled(req)
	}
	fault := s.faults.next(req.operation)
	if fault == nil {
		a.body, err = op.run(s, req)
		return err
	}
	return s.suffer(r.Context(), fault, a, func() error {
		a.body, err = op.run(s, req)
		return err
	})
}

// readBody reads the body, which net/http gives no server as nil but a caller of
// ServeHTTP may.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, newError(codeMalformedRequest, "The request body could not be read.")
	case len(body) > maxBody:
		return nil, newError(codeTooLarge, "The request body is larger than %d bytes.", maxBody)
	}
	return bytes.Clone(body), nil // without the room that ReadAll leaves
}

// request is an HTTP request with its bindings undone.
type request struct {
	operation   string
	resourceARN string     // from the path of the tag operations
	rawQuery    string     // of these
	query       url.Values // the same, read
	body        []byte     // nil unless the operation has one
	time        time.Time
	header      http.Header // of the answer
}

// route finds out which operation a request means. The operations on tags have
// /tags/{resourceArn}, the ARN escaped to one segment; all others are a POST to
// their name.
func route(r *http.Request) (*request, error) {
	path := r.URL.EscapedPath()
	name, ok := strings.CutPrefix(path, "/")
	if !ok {
		return nil, errUnknownOperation()
	}
	label, ok := strings.CutPrefix(name, "tags/")
	if !ok {
		switch name {
		case "ListTagsForResource", "TagResource", "UntagResource":
			return nil, errUnknownOperation()
		}
		if r.Method != http.MethodPost {
			return nil, errUnknownOperation()
		}
		return &request{operation: name}, nil
	}
	arn, err := url.PathUnescape(label)
	if err != nil || arn == "" || strings.Contains(label, "/") {
		return nil, errUnknownOperation()
	}
	req := &request{resourceARN: arn, rawQuery: r.URL.RawQuery}
	if req.query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return nil, newError(codeValidation, "The query string is malformed.")
	}
	switch r.Method {
	case http.MethodGet:
		req.operation = "ListTagsForResource"
	case http.MethodPost:
		req.operation = "TagResource"
	case http.MethodDelete:
		req.operation = "UntagResource"
	default:
		return nil, errUnknownOperation()
	}
	return req, nil
}

func errUnknownOperation() error {
	return newError(codeUnknownOperation, "There is no operation with this method and path.")
}

// operation is what the server can do: decode an input (as it was sent, for the
// record of calls; nil when that fails), and run with one.
type operation struct {
	input func(*request) any
	run   func(*Server, *request) ([]byte, error)
}

// on makes an operation of a handler: a method that checks the input and
// returns the output, nil for an empty body. bind fills in what does not come
// from the body.
//
// Handlers run one at a time, with Server.mu held until the output is encoded.
// They may therefore keep what they find in the input, which was decoded for
// them alone, and may return what belongs to the state.
func on[I, O any](handle func(*Server, *call, *I) (*O, error), bind ...func(*I, *request)) *operation {
	decode := func(req *request) (*I, error) {
		if string(bytes.TrimSpace(req.body)) == "null" {
			return nil, newError(codeValidation, "Malformed request: want an object, got null")
		}
		in := new(I)
		if err := wire.Decode(req.body, in); err != nil {
			return nil, newError(codeValidation, "Malformed request: %v", err)
		}
		for _, fn := range bind {
			fn(in, req)
		}
		return in, nil
	}
	return &operation{
		input: func(req *request) any {
			in, err := decode(req)
			if err != nil {
				return nil
			}
			return in
		},
		run: func(s *Server, req *request) ([]byte, error) {
			in, err := decode(req)
			if err != nil {
				return nil, err
			}
			c := &call{newCheck(req.body), req.time, req.header}
			c.nulls(req.body, reflect.TypeFor[I]())
			s.mu.Lock()
			defer s.unlock()
			out, err := handle(s, c, in)
			if err != nil || out == nil {
				return nil, err
			}
			return wire.Encode(out)
		},
	}
}

// call is what a handler knows of a call beside its input.
type call struct {
	*check
	time   time.Time   // at which the request came
	header http.Header // of the answer
}
