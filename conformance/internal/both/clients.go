package both

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/smithy-go/middleware"

	"github.com/seed-433ec77c/ivsrealtime"
)

// What the clients are configured with.
const (
	Region           = "eu-west-1"
	IdempotencyToken = "idempotency-token"
)

// Credentials are what the clients sign with.
var Credentials = aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "SECRETEXAMPLE", SessionToken: "SESSION+EXAMPLE/="}

// Request is a request as it was sent.
type Request struct {
	Method, Host, Path, Query string // path and query as on the wire
	Header                    http.Header
	Body                      []byte
	Length                    int64 // ContentLength
}

// Least is the body of a success of any operation: all members that an output
// always has.
const Least = `{"composition":{},"encoderConfiguration":{},"ingestConfiguration":{},"participant":{},"participantToken":{"token":"t"},` +
	`"publicKey":{},"stage":{},"stageSession":{},"storageConfiguration":{},"tags":{},"compositions":[],"encoderConfigurations":[],` +
	`"ingestConfigurations":[],"events":[],"replicas":[],"participants":[],"publicKeys":[],"stageSessions":[],"stages":[],"storageConfigurations":[]}`

// Answer is what to answer with.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Transport is an HTTP client that records what it sends and answers as it is
// told to. It belongs to one goroutine.
type Transport struct {
	Answer   Answer
	Requests []Request
}

// Do records a request and answers.
func (t *Transport) Do(r *http.Request) (*http.Response, error) {
	sent := Request{
		Method: r.Method, Host: r.URL.Host, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
		Header: r.Header.Clone(), Length: r.ContentLength,
	}
	if r.Body != nil {
		var err error
		if sent.Body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	t.Requests = append(t.Requests, sent)
	header := t.Answer.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", t.Answer.Status, http.StatusText(t.Answer.Status)), StatusCode: t.Answer.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(strings.NewReader(t.Answer.Body)), ContentLength: int64(len(t.Answer.Body)), Request: r,
	}, nil
}

// Clients are both clients, configured alike.
type Clients struct {
	Ours   *ivsrealtime.Client
	Theirs *official.Client
	// OurHTTP and TheirHTTP are their HTTP clients.
	OurHTTP, TheirHTTP *Transport
}

// NewClients makes both clients. Functions may change the configuration, which is
// that of both but for the HTTP client.
func NewClients(optFns ...func(*aws.Config)) *Clients {
	c := &Clients{OurHTTP: &Transport{}, TheirHTTP: &Transport{}}
	config := func(tr *Transport) aws.Config {
		cfg := aws.Config{Region: Region, HTTPClient: tr, Credentials: credentials.StaticCredentialsProvider{Value: Credentials}}
		for _, fn := range optFns {
			fn(&cfg)
		}
		return cfg
	}
	c.Ours = ivsrealtime.NewFromConfig(config(c.OurHTTP), func(o *ivsrealtime.Options) { o.IdempotencyTokenProvider = fixedToken{} })
	c.Theirs = official.NewFromConfig(config(c.TheirHTTP), func(o *official.Options) { o.IdempotencyTokenProvider = fixedToken{} })
	return c
}

// OnStack has this library run calls as a smithy middleware stack, its other path,
// as it does for callers who bring middleware.
func OnStack(cfg *aws.Config) {
	cfg.APIOptions = append(cfg.APIOptions, func(*middleware.Stack) error { return nil })
}

type fixedToken struct{}

func (fixedToken) GetIdempotencyToken() (string, error) { return IdempotencyToken, nil }

// Reply has both HTTP clients answer with the same.
func (c *Clients) Reply(a Answer) { c.OurHTTP.Answer, c.TheirHTTP.Answer = a, a }

// Call calls an operation of a client with its input, a pointer, and returns the
// output as a pointer, nil with an error.
func Call(ctx context.Context, client any, op string, in reflect.Value) (reflect.Value, error) {
	results := reflect.ValueOf(client).MethodByName(op).Call([]reflect.Value{reflect.ValueOf(ctx), in})
	err, _ := results[1].Interface().(error)
	return results[0], err
}

// Last returns the last request of each client, and forgets all.
func (c *Clients) Last() (our, their Request) {
	take := func(tr *Transport) (r Request) {
		if n := len(tr.Requests); n > 0 {
			r = tr.Requests[n-1]
		}
		tr.Requests = nil
		return r
	}
	return take(c.OurHTTP), take(c.TheirHTTP)
}

// HTTP returns a recorded request as one to send, with another body.
func (r Request) HTTP(ctx context.Context, body []byte) (*http.Request, error) {
	url := "https://" + r.Host + r.Path
	if r.Query != "" {
		url += "?" + r.Query
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = r.Header.Clone()
	return req, nil
}
