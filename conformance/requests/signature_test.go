package requests_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
)

// checkSignatures checks that both requests are signed as the core's signer signs
// them, and that the signatures are equal: the clients differ in the id of the
// invocation, which is random, and in the order of the members in the body, so
// ours is signed with theirs for these two. All else that a signature covers is
// thereby the same.
func checkSignatures(t *testing.T, our, their both.Request) {
	t.Helper()
	require.Equal(t, sign(t, our, our), our.Header.Get("Authorization"), "our signature")
	require.Equal(t, sign(t, their, their), their.Header.Get("Authorization"), "their signature")
	require.Equal(t, their.Header.Get("Authorization"), sign(t, our, their), "our request with their id and body")
}

// sign returns the Authorization that the core's signer gives r at the time it
// names, with the id of the invocation and the body of another request.
func sign(t *testing.T, r, other both.Request) string {
	t.Helper()
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	require.NoError(t, err)
	req, err := r.HTTP(t.Context(), other.Body)
	require.NoError(t, err)
	require.Equal(t, r.Path, req.URL.EscapedPath())
	req.Header.Set("Amz-Sdk-Invocation-Id", other.Header.Get("Amz-Sdk-Invocation-Id"))
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
		req.Header.Del(name)
	}
	if n := r.Header.Get("Content-Length"); n != "" {
		req.Header.Set("Content-Length", strconv.Itoa(len(other.Body)))
	}
	sum := sha256.Sum256(other.Body)
	require.NoError(t, v4.NewSigner().SignHTTP(t.Context(), both.Credentials, req, hex.EncodeToString(sum[:]), "ivs", both.Region, at))
	return req.Header.Get("Authorization")
}

// What checkSignatures relies on: any change of a request changes its signature.
func TestSignatureCoversTheRequest(t *testing.T) {
	clients := both.NewClients()
	clients.Reply(both.Answer{Status: 200, Body: both.Least})
	op, _ := contract.Load().Operation("UntagResource")
	our, _ := send(t, clients, op, map[string]any{"resourceArn": "arn:aws:ivs:eu-west-1:1:stage/a", "tagKeys": []any{"k"}})
	valid := our.Header.Get("Authorization")
	require.Equal(t, valid, sign(t, our, our))
	for name, change := range map[string]func(*both.Request){
		"method": func(r *both.Request) { r.Method = "POST" },
		"path":   func(r *both.Request) { r.Path = strings.ReplaceAll(r.Path, "%3A", ":") + "b" },
		"query":  func(r *both.Request) { r.Query += "&tagKeys=l" },
		"header": func(r *both.Request) { r.Header.Set("Amz-Sdk-Request", "attempt=2") },
		"host":   func(r *both.Request) { r.Host = "example.com" },
	} {
		changed := our
		changed.Header = our.Header.Clone()
		change(&changed)
		require.NotEqual(t, valid, sign(t, changed, changed), name)
	}
}
