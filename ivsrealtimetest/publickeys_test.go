package ivsrealtimetest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// publicPEM is a new public key on the curve.
func publicPEM(t *testing.T, curve elliptic.Curve) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func TestPublicKeys(t *testing.T) {
	c := ivsrealtimetest.NewServer().Client()
	var all []ivsrealtime.PublicKeySummary
	var material string
	for range 3 {
		material = publicPEM(t, elliptic.P384())
		out, err := c.ImportPublicKey(t.Context(), &ivsrealtime.ImportPublicKeyInput{Name: "n", PublicKeyMaterial: material})
		require.NoError(t, err)
		k := out.PublicKey
		require.Regexp(t, `^arn:aws:ivs:us-east-1:111122223333:public-key/[0-9a-f-]{36}$`, k.ARN)
		require.Regexp(t, `^[0-9a-f]{2}(:[0-9a-f]{2}){15}$`, k.Fingerprint)
		require.Equal(t, ivsrealtime.PublicKey{ARN: k.ARN, Name: "n", PublicKeyMaterial: material, Fingerprint: k.Fingerprint, Tags: map[string]string{}}, k)
		got, err := c.GetPublicKey(t.Context(), &ivsrealtime.GetPublicKeyInput{ARN: k.ARN})
		require.NoError(t, err)
		require.Equal(t, k, got.PublicKey)
		all = append(all, ivsrealtime.PublicKeySummary{ARN: k.ARN, Name: "n", Tags: map[string]string{}})
	}
	_, err := c.ImportPublicKey(t.Context(), &ivsrealtime.ImportPublicKeyInput{PublicKeyMaterial: publicPEM(t, elliptic.P384())})
	require.ErrorIs(t, err, ivsrealtime.ErrQuotaExceeded)
	list, err := c.ListPublicKeys(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, all, list.PublicKeys)

	arn := all[0].ARN
	requireTagsEndWith(t, c, arn, func() error {
		_, err := c.DeletePublicKey(t.Context(), &ivsrealtime.DeletePublicKeyInput{ARN: arn})
		return err
	})
	_, err = c.GetPublicKey(t.Context(), &ivsrealtime.GetPublicKeyInput{ARN: arn})
	require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
	for _, same := range []string{material, strings.ReplaceAll(material, "\n", "\r\n")} {
		_, err = c.ImportPublicKey(t.Context(), &ivsrealtime.ImportPublicKeyInput{PublicKeyMaterial: same})
		require.ErrorIs(t, err, ivsrealtime.ErrConflict)
	}
}

func TestConstraintsOfPublicKeys(t *testing.T) {
	const imp = "ImportPublicKey"
	material := func(pem string, more ...string) string {
		b, err := json.Marshal(pem)
		require.NoError(t, err)
		return `{"publicKeyMaterial":` + string(b) + strings.Join(more, "") + `}`
	}
	good := publicPEM(t, elliptic.P384())
	block := func(base64 string) string {
		return "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----"
	}
	srv := ivsrealtimetest.NewServer(unsigned, func(o *ivsrealtimetest.Options) { o.Quotas.PublicKeys = 9 })
	requireConstraints(t, srv, []constraint{
		{imp, `{}`, "publicKeyMaterial"},
		{imp, material(``), "publicKeyMaterial"},
		{imp, material(`key`), "publicKeyMaterial"},
		{imp, material(block(`AAAA`)), "publicKeyMaterial"},
		{imp, material(block(`A`)), "publicKeyMaterial"},
		{imp, material(block(`-`)), "publicKeyMaterial"},
		{imp, material("two\nlines\n" + good), "publicKeyMaterial"},
		{imp, material(strings.ReplaceAll(good, "PUBLIC", "PRIVATE")), "publicKeyMaterial"},
		{imp, material(publicPEM(t, elliptic.P256())), "publicKeyMaterial"},
		{imp, material(publicPEM(t, elliptic.P521())), "publicKeyMaterial"},
		{imp, material(good, `,"name":"."`), "name"},
		{imp, material(good, `,"tags":{"":""}`), "tags"},
		{imp, material(good), ""},
		{imp, material(strings.TrimSpace(publicPEM(t, elliptic.P384()))), ""},
		{imp, material(strings.ReplaceAll(publicPEM(t, elliptic.P384()), "\n", "\r\n")), ""},
		{"GetPublicKey", `{}`, "arn"},
		{"GetPublicKey", `{"arn":"arn:aws:ivs:us-east-1:111122223333:stage/a"}`, "arn"},
		{"DeletePublicKey", `{}`, "arn"},
		{"ListPublicKeys", `{"maxResults":100}`, ""},
		{"ListPublicKeys", `{"maxResults":101}`, "maxResults"},
		{"ListPublicKeys", `{"nextToken":"x"}`, "nextToken"},
	})
}
