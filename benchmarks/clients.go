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
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/seed-433ec77c/ivsrealtime"
)

const (
	region   = "eu-west-1"
	stageARN = "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56"
	session  = "st-A1b2C3d4E5f6G"
)

// credentials are what every client signs with, cached as users have them.
func credentials() aws.CredentialsProvider {
	return aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "not-a-secret"}, nil
	}))
}

// answerFile reads an answer that the tests of the root module use too.
func answerFile(name string) (string, error) {
	b, err := os.ReadFile(filepath.Join(rootDir, "testdata", "answers", name))
	return string(bytes.TrimSpace(b)), err
}

// rootDir is the root module's, seen from this one's.
const rootDir = ".."

// cannedAnswer answers every request with the same bytes, at the cost of what any
// transport allocates: the answer, its body and its header.
type cannedAnswer struct {
	status    int
	body      string
	errorType string
}

type cannedBody struct{ rest string }

func (b *cannedBody) Read(p []byte) (int, error) {
	if b.rest == "" {
		return 0, io.EOF
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (*cannedBody) Close() error { return nil }

// Do reads the request as a transport does, and answers it.
func (c *cannedAnswer) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	header := http.Header{"Content-Type": {"application/json"}, "X-Amzn-Requestid": {"0c7e1a52-1111-4222-8333-444455556666"}, "Date": {"Thu, 01 Oct 2026 08:15:30 GMT"}}
	if c.errorType != "" {
		header["X-Amzn-Errortype"] = []string{c.errorType}
	}
	return &http.Response{
		StatusCode: c.status, ProtoMajor: 1, ProtoMinor: 1, Request: r, ContentLength: int64(len(c.body)),
		Header: header, Body: &cannedBody{c.body},
	}, nil
}

func newOurs(answer *cannedAnswer, optFns ...func(*ivsrealtime.Options)) *ivsrealtime.Client {
	return ivsrealtime.New(ivsrealtime.Options{Region: region, HTTPClient: answer, Credentials: credentials()}, optFns...)
}

func newOfficial(answer *cannedAnswer, optFns ...func(*official.Options)) *official.Client {
	return official.New(official.Options{Region: region, HTTPClient: answer, Credentials: credentials()}, optFns...)
}

func newLambda(answer *cannedAnswer, optFns ...func(*lambda.Options)) *lambda.Client {
	return lambda.New(lambda.Options{Region: region, HTTPClient: answer, Credentials: credentials()}, optFns...)
}

// floor is what somebody writes by hand who wants no client: http.NewRequest, the
// core's signer and encoding/json.
type floor struct {
	client interface {
		Do(*http.Request) (*http.Response, error)
	}
	signer      *v4.Signer
	credentials aws.CredentialsProvider
}

func newFloor(answer *cannedAnswer) *floor {
	return &floor{client: answer, signer: v4.NewSigner(), credentials: credentials()}
}

func (f *floor) call(ctx context.Context, op string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://ivsrealtime."+region+".amazonaws.com/"+op, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	creds, err := f.credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(body)
	if err := f.signer.SignHTTP(ctx, creds, r, hex.EncodeToString(hash[:]), "ivs", region, time.Now()); err != nil {
		return err
	}
	resp, err := f.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return json.NewDecoder(resp.Body).Decode(out)
}
