package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/seed-433ec77c/ivsrealtime/internal/sigv4"
)

// signing measures one signature: goal 4.
func signing(p plan) ([]row, error) {
	creds, err := credentials().Retrieve(context.Background())
	if err != nil {
		return nil, err
	}
	rows, err := signingWith(p, "with long-term keys", creds)
	if err != nil {
		return nil, err
	}
	creds.SessionToken = strings.Repeat("session-token", 50) // about as long as they are
	more, err := signingWith(p, "with a session token", creds)
	return append(rows, more...), err
}

func signingWith(p plan, what string, creds aws.Credentials) ([]row, error) {
	ctx := context.Background()
	body := []byte(`{"arn":"` + stageARN + `"}`)
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	newRequest := func() *http.Request {
		r := httptest.NewRequest(http.MethodPost, "https://ivsrealtime."+region+".amazonaws.com/GetStage", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("User-Agent", "aws-sdk-go-v2/1.48.0 os/linux lang/go#1.26.8")
		r.Header.Set("Amz-Sdk-Invocation-Id", "0c7e1a52-1111-4222-8333-444455556666")
		r.Header.Set("Amz-Sdk-Request", "attempt=1; max=3")
		return r
	}
	r1, r2 := newRequest(), newRequest()
	ours, theirs := new(sigv4.Signer), v4.NewSigner()
	at := time.Date(2026, 10, 1, 8, 15, 30, 0, time.UTC)
	f, err := p.measure(
		variant{"ours", func() error { ours.Sign(r1, creds, hash, "ivs", region, at); return nil }},
		variant{"v4.Signer", func() error { return theirs.SignHTTP(ctx, creds, r2, hash, "ivs", region, at) }},
	)
	if err != nil {
		return nil, err
	}
	if r1.Header.Get("Authorization") != r2.Header.Get("Authorization") {
		return nil, errWrongAnswer
	}
	rows := []row{
		atMost(4, "sign "+what+": allocations", f[0].allocs, 3, ""),
		info(4, "the same, of the others", "", allocsOf(f[1:])),
	}
	if p.rounds > 0 {
		rows = append(rows, timeAtMost(4, "sign "+what+": time", f[0], f[1], 1.0/4))
	}
	return rows, nil
}
