// Package retries compares what is sent when, and how a call ends, over scripted
// servers and in virtual time.
package retries

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
)

// step is what becomes of one attempt.
type step struct {
	Status int // of the answer; 0 with Err
	Code   string
	Header string        // more headers, as "Name: value", separated by newlines
	Body   string        // "" is a body that fits Status
	Cut    error         // what reading the body ends with
	Err    error         // instead of an answer
	Hang   bool          // until the context ends
	Took   time.Duration // until the answer
	Reads  time.Duration // until the body is there

	Date bool // the answer has a Date
	Skew time.Duration
	Age  bool // it comes from a cache
}

// script is a case: some calls of one client, and what its server does.
type script struct {
	Name  string
	Steps []step // of all calls, in turn; the last repeats
	Calls int    // 0 is 1
	Gap   time.Duration

	Retryer     func() aws.Retryer // nil: of Mode
	Mode        aws.RetryMode
	MaxAttempts int
	OfCall      bool // MaxAttempts is set by an option of the call
	NoSkew      bool // DisableClockSkewCorrection
	HTTPClient  bool // through a *http.Client
	ReadTimeout time.Duration

	Config *aws.Config // what configures the client instead

	Deadline time.Duration // of each call; 0: none
	Zone     *time.Location
	Cancel   time.Duration
}

// trace is what can be seen of a script that was played.
type trace []call

type call struct {
	Start    time.Duration // since that of the script
	Attempts []attempt
	End      time.Duration // since the beginning of the call
	Result   result
}

type attempt struct {
	At      time.Duration // since the beginning of the call
	Header  string        // Amz-Sdk-Request
	Skew    time.Duration // of the signature
	SameID  bool          // Amz-Sdk-Invocation-Id is that of the first attempt
	SameAll bool          // so are the body and all headers that do not change by attempt
}

// result is how a call ended, by what errors.As and errors.Is find.
type result struct {
	OK           bool
	Operation    bool   // a smithy.OperationError
	Exhausted    int    // a retry.MaxAttemptsError
	Quota        bool   // a ratelimit.QuotaExceededError
	Response     string // an awshttp.ResponseError: status and request id
	Code         string // a smithy.APIError
	Canceled     bool   // it has CanceledError
	Context      string // the error of the context that it matches
	Send         bool   // a smithyhttp.RequestSendError
	Timeout      bool
	Deserialized bool // a smithy.DeserializationError
}

func (s script) String() string {
	var steps []string
	for _, st := range s.Steps {
		steps = append(steps, fmt.Sprintf("%+v", st))
	}
	return fmt.Sprintf("%s [mode %q, attempts %d, own retryer %t, skew off %t, http.Client %t, deadline %v, cancel %v, calls %d]\n\t%s",
		s.Name, s.Mode, s.MaxAttempts, s.Retryer != nil, s.NoSkew, s.HTTPClient, s.Deadline, s.Cancel, max(s.Calls, 1), strings.Join(steps, "\n\t"))
}

// player is the server and the clock of a script.
type player struct {
	script
	t     *testing.T
	next  int       // step
	start time.Time // of the call
	trace trace
	first http.Header
	body  string
}

func (p *player) Do(r *http.Request) (*http.Response, error) { return p.RoundTrip(r) }

func (p *player) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
	}
	now := &p.trace[len(p.trace)-1]
	signed, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	require.NoError(p.t, err)
	a := attempt{At: time.Since(p.start), Header: r.Header.Get("Amz-Sdk-Request"), Skew: signed.Sub(time.Now().Truncate(time.Second))}
	stable := r.Header.Clone()
	for _, name := range []string{"Amz-Sdk-Request", "X-Amz-Date", "Authorization"} {
		stable.Del(name)
	}
	if len(now.Attempts) == 0 {
		p.first, p.body = stable, string(body)
	}
	a.SameID = stable.Get("Amz-Sdk-Invocation-Id") == p.first.Get("Amz-Sdk-Invocation-Id")
	a.SameAll = fmt.Sprint(stable) == fmt.Sprint(p.first) && string(body) == p.body && p.body != ""
	now.Attempts = append(now.Attempts, a)

	st := p.Steps[min(p.next, len(p.Steps)-1)]
	p.next++
	wait := time.NewTimer(st.Took)
	defer wait.Stop()
	done := wait.C
	if st.Hang {
		done = nil
	}
	select {
	case <-done:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if st.Err != nil {
		return nil, st.Err
	}
	return st.answer(r), nil
}

func (st step) answer(r *http.Request) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}, "X-Amzn-Requestid": {"id"}}
	if st.Code != "" {
		h.Set("X-Amzn-Errortype", st.Code)
	}
	for line := range strings.Lines(st.Header) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		h.Set(name, value)
	}
	if st.Date {
		h.Set("Date", time.Now().Add(st.Skew).UTC().Format(http.TimeFormat))
	}
	if st.Age {
		h.Set("Age", "1")
	}
	text := st.Body
	if text == "" {
		text = both.Least
	}
	body := &slowBody{Reader: strings.NewReader(text), st: st, ctx: r.Context()}
	return &http.Response{StatusCode: st.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h, Body: body, ContentLength: -1, Request: r}
}

// slowBody takes its time, and can end before its end.
type slowBody struct {
	io.Reader
	st     step
	ctx    context.Context
	waited bool
}

func (b *slowBody) Read(p []byte) (int, error) {
	if !b.waited {
		b.waited = true
		select {
		case <-time.After(b.st.Reads):
		case <-b.ctx.Done():
			return 0, b.ctx.Err()
		}
	}
	n, err := b.Reader.Read(p)
	if err == io.EOF && b.st.Cut != nil {
		err = b.st.Cut
	}
	return n, err
}

func (b *slowBody) Close() error { return nil }

// newest is the client of the newest runtime.
const newest = "lambda v1.114.4"

// clients are how to make a client for a player, and a call of it.
var clients = map[string]func(*player) func(context.Context) error{
	"plain": func(p *player) func(context.Context) error { return p.ours() },
	"stack": func(p *player) func(context.Context) error {
		return p.ours(func(*middleware.Stack) error { return nil })
	},
	newest:             (*player).lambda,
	"official v1.30.0": (*player).official,
}

var creds = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET"}, nil
})

func (p *player) client() aws.HTTPClient {
	if p.HTTPClient {
		return &http.Client{Transport: p, Timeout: p.ReadTimeout}
	}
	return p
}

func (p *player) retryer() aws.Retryer {
	if p.Retryer == nil {
		return nil
	}
	return p.Retryer()
}

func (p *player) ours(apiOptions ...func(*middleware.Stack) error) func(context.Context) error {
	o := ivsrealtime.Options{
		Region: "eu-west-1", Credentials: creds, HTTPClient: p.client(), APIOptions: apiOptions,
		Retryer: p.retryer(), RetryMode: p.Mode, DisableClockSkewCorrection: p.NoSkew,
	}
	var ofCall []func(*ivsrealtime.Options)
	if p.OfCall {
		ofCall = append(ofCall, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = p.MaxAttempts })
	} else {
		o.RetryMaxAttempts = p.MaxAttempts
	}
	c := ivsrealtime.New(o)
	if p.Config != nil {
		cfg := *p.Config
		cfg.HTTPClient, cfg.APIOptions = p.client(), apiOptions
		c = ivsrealtime.NewFromConfig(cfg)
	}
	return func(ctx context.Context) error {
		_, err := c.GetStage(ctx, &ivsrealtime.GetStageInput{ARN: "arn"}, ofCall...)
		return err
	}
}

func (p *player) official() func(context.Context) error {
	o := official.Options{
		Region: "eu-west-1", Credentials: creds, HTTPClient: p.client(), Retryer: p.retryer(), RetryMode: p.Mode,
	}
	var ofCall []func(*official.Options)
	if p.OfCall {
		ofCall = append(ofCall, func(o *official.Options) { o.RetryMaxAttempts = p.MaxAttempts })
	} else {
		o.RetryMaxAttempts = p.MaxAttempts
	}
	c := official.New(o)
	return func(ctx context.Context) error {
		_, err := c.GetStage(ctx, &official.GetStageInput{Arn: aws.String("arn")}, ofCall...)
		return err
	}
}

func (p *player) lambda() func(context.Context) error {
	o := lambda.Options{
		Region: "eu-west-1", Credentials: creds, HTTPClient: p.client(), Retryer: p.retryer(), RetryMode: p.Mode,
		DisableClockSkewCorrection: p.NoSkew,
	}
	var ofCall []func(*lambda.Options)
	if p.OfCall {
		ofCall = append(ofCall, func(o *lambda.Options) { o.RetryMaxAttempts = p.MaxAttempts })
	} else {
		o.RetryMaxAttempts = p.MaxAttempts
	}
	c := lambda.New(o)
	if p.Config != nil {
		cfg := *p.Config
		cfg.HTTPClient = p.client()
		c = lambda.NewFromConfig(cfg)
	}
	return func(ctx context.Context) error {
		_, err := c.PutFunctionConcurrency(ctx, &lambda.PutFunctionConcurrencyInput{FunctionName: aws.String("f"), ReservedConcurrentExecutions: aws.Int32(1)}, ofCall...)
		return err
	}
}

// play plays s with one client. Jitter is the same for all: they draw from the
// same source in the same order.
func play(t *testing.T, s script, client string) (tr trace) {
	cryptotest.SetGlobalRandom(t, 1)
	synctest.Test(t, func(t *testing.T) {
		p := &player{script: s, t: t}
		do := clients[client](p)
		begin := time.Now()
		for i := range max(s.Calls, 1) {
			if i > 0 {
				time.Sleep(s.Gap)
			}
			p.start = time.Now()
			p.trace = append(p.trace, call{Start: p.start.Sub(begin)})
			err := p.call(do)
			now := &p.trace[i]
			now.End, now.Result = time.Since(p.start), classify(t, err)
		}
		tr = p.trace
	})
	return tr
}

func (p *player) call(do func(context.Context) error) error {
	ctx, cancel := context.WithCancel(p.t.Context())
	defer cancel()
	if p.Deadline != 0 {
		zone := time.UTC
		if p.Zone != nil {
			zone = p.Zone
		}
		var stop context.CancelFunc
		ctx, stop = context.WithDeadline(ctx, p.start.Add(p.Deadline).In(zone))
		defer stop()
	}
	if p.Cancel < 0 {
		cancel()
	} else if p.Cancel > 0 {
		defer time.AfterFunc(p.Cancel, cancel).Stop()
	}
	return do(ctx)
}

func classify(t *testing.T, err error) (r result) {
	if err == nil {
		return result{OK: true}
	}
	var (
		op          *smithy.OperationError
		exhausted   *retry.MaxAttemptsError
		quota       ratelimit.QuotaExceededError
		response    *awshttp.ResponseError
		api         smithy.APIError
		canceled    interface{ CanceledError() bool }
		send        *smithyhttp.RequestSendError
		timeout     interface{ Timeout() bool }
		deserialize *smithy.DeserializationError
	)
	r.Operation = errors.As(err, &op)
	if errors.As(err, &exhausted) {
		r.Exhausted = exhausted.Attempt
	}
	r.Quota = errors.As(err, &quota)
	if errors.As(err, &response) {
		r.Response = strconv.Itoa(response.HTTPStatusCode()) + " " + response.ServiceRequestID()
	}
	if errors.As(err, &api) {
		r.Code = api.ErrorCode()
	}
	r.Canceled = errors.As(err, &canceled) && canceled.CanceledError()
	for _, e := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, e) {
			r.Context += e.Error()
		}
	}
	r.Send = errors.As(err, &send)
	r.Timeout = errors.As(err, &timeout) && timeout.Timeout()
	r.Deserialized = errors.As(err, &deserialize)
	require.NotEmpty(t, err.Error())
	return r
}
