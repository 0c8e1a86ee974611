package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// clock is the time by which requests are signed and calls are paced.
type clock interface {
	Now() time.Time

	// Sleep returns after d, or with the error of ctx once that is done.
	Sleep(ctx context.Context, d time.Duration) error
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// httpClient is what a caller sends requests with.
type httpClient interface {
	Do(*http.Request) (*http.Response, error)
}

// caller makes single calls. It uses no client of the API: the checks also send what
// no client would send, and read responses before anything decodes them.
type caller struct {
	endpoint    *url.URL
	region      string
	credentials aws.Credentials
	http        httpClient
	clock       clock
	pace        pacer
	signer      *v4.Signer

	mu   sync.Mutex
	sent int // requests so far
}

// request is a call as it is sent.
type request struct {
	operation string // for the pace and the report
	method    string
	path      string // escaped
	query     string
	body      []byte
	unsigned  bool
	secret    string        // in place of the one of the credentials, if not ""
	skew      time.Duration // how far off the clock the request is signed
}

// response is what came back, unread.
type response struct {
	request *request
	status  int
	header  http.Header
	body    []byte

	exhausted bool // throttled at the last attempt
}

// obj is a JSON object.
type obj = map[string]any

// operation is the request of an operation other than those on tags. A string is sent
// as it is, everything else as JSON.
func operation(name string, body any) *request {
	text, literal := body.(string)
	b := []byte(text)
	if !literal {
		var err error
		if b, err = json.Marshal(body); err != nil {
			panic(err) // the checks build the body of maps, lists and strings
		}
	}
	return &request{operation: name, method: http.MethodPost, path: "/" + name, body: b}
}

// escapeARN makes an ARN one segment of a path.
func escapeARN(arn string) string { return strings.ReplaceAll(url.PathEscape(arn), ":", "%3A") }

// maxResponse is how much of a response is read.
const maxResponse = 1 << 20

// send makes one attempt, without waiting for its turn.
func (c *caller) send(ctx context.Context, r *request) (*response, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	u := *c.endpoint
	base := strings.TrimSuffix(u.EscapedPath(), "/")
	var err error
	if u.Path, err = url.PathUnescape(base + r.path); err != nil {
		return nil, err
	}
	u.RawPath, u.RawQuery = base+r.path, r.query
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	if r.method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	if !r.unsigned {
		creds, signer := c.credentials, c.signer
		if r.secret != "" {
			creds.SecretAccessKey, signer = r.secret, v4.NewSigner() // c.signer keeps keys, by the access key alone
		}
		hash := sha256.Sum256(r.body)
		if err := signer.SignHTTP(ctx, creds, req, hex.EncodeToString(hash[:]), "ivs", c.region, c.clock.Now().Add(r.skew)); err != nil {
			return nil, err
		}
	}
	c.mu.Lock()
	c.sent++
	c.mu.Unlock()
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	if err != nil {
		return nil, err
	}
	return &response{request: r, status: resp.StatusCode, header: resp.Header, body: body}, nil
}

// requests is how many were sent so far.
func (c *caller) requests() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent
}

// call waits for the operation's turn and sends the request. It tries again what was
// throttled or failed inside the service, since others may use the account, too.
func (c *caller) call(ctx context.Context, r *request) (*response, error) {
	for attempt := 1; ; attempt++ {
		if err := c.pace.wait(ctx, c.clock, r.operation); err != nil {
			return nil, err
		}
		resp, err := c.send(ctx, r)
		throttled := err == nil && resp.status == http.StatusTooManyRequests
		if attempt == 4 || ctx.Err() != nil || err == nil && !throttled && resp.status < 500 {
			if throttled {
				resp.exhausted = true
			}
			return resp, err
		}
		if err := c.clock.Sleep(ctx, time.Duration(attempt)*time.Second); err != nil {
			return nil, err
		}
	}
}

// pacer keeps the calls of each operation below its quota.
type pacer struct {
	mu   sync.Mutex
	next map[string]time.Time // when each operation may be called again
}

// wait returns when the operation may be called.
func (p *pacer) wait(ctx context.Context, c clock, operation string) error {
	p.mu.Lock()
	now := c.Now()
	at := p.next[operation]
	if at.Before(now) {
		at = now
	}
	// A fifth is left for whoever else uses the account.
	p.put(operation, at.Add(time.Duration(1.25*float64(time.Second)/callsPerSecond(operation))))
	p.mu.Unlock()
	if wait := at.Sub(now); wait > 0 {
		return c.Sleep(ctx, wait)
	}
	return ctx.Err()
}

// rest lets nobody call the operation before at.
func (p *pacer) rest(operation string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(operation, at)
}

func (p *pacer) put(operation string, at time.Time) {
	if p.next == nil {
		p.next = map[string]time.Time{}
	}
	p.next[operation] = at
}

// callsPerSecond is the documented quota of an operation. RevokeConnectionToken has
// none; it counts as most do.
// Source: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/service-quotas.html
func callsPerSecond(operation string) float64 {
	switch operation {
	case "CreateParticipantToken":
		return 50
	case "DeletePublicKey", "GetPublicKey", "ImportPublicKey", "ListPublicKeys":
		return 3
	case "ListTagsForResource", "TagResource", "UntagResource":
		return 10
	}
	return 5
}

// get returns the value at a path of the body: names of objects, indexes of lists.
// The second result is false where there is none, and for a body that is not JSON.
func (r *response) get(path ...any) (any, bool) {
	var v any
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil, false
	}
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(obj)
			var ok bool
			if v, ok = m[step]; !ok {
				return nil, false
			}
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil, false
			}
			v = list[step]
		}
	}
	return v, true
}

// text returns the string, number or boolean at a path as text, "" where there is none.
func (r *response) text(path ...any) string {
	v, ok := r.get(path...)
	if !ok || v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// code is the name of the error, "" for a success.
func (r *response) code() string { return r.header.Get("X-Amzn-Errortype") }

// message is the text of the error, under whichever name it was sent.
func (r *response) message() string {
	m, _ := r.get()
	body, _ := m.(obj)
	for name, value := range body {
		if strings.EqualFold(name, "message") || strings.EqualFold(name, "exceptionMessage") {
			return fmt.Sprint(value)
		}
	}
	return ""
}
