package ivstoken_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

func block(kind string, der []byte, err error) string {
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func spki(key any) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	return block("PUBLIC KEY", der, err)
}

func TestParsePublicKeyPEM(t *testing.T) {
	want := &privateKey().PublicKey
	for name, text := range map[string]string{
		"as generated":     publicKeyPEM,
		"no final newline": strings.TrimSuffix(publicKeyPEM, "\n"),
		"CRLF":             strings.ReplaceAll(publicKeyPEM, "\n", "\r\n"),
		"text around":      "my key\n" + publicKeyPEM + "ends here\n",
		"another block":    block("EC PARAMETERS", []byte{6, 5, 0x2b, 0x81, 4, 0, 0x22}, nil) + publicKeyPEM,
	} {
		got, err := ivstoken.ParsePublicKeyPEM([]byte(text))
		require.NoError(t, err, name)
		require.True(t, want.Equal(got), name)
	}
}

func TestParsePublicKeyPEMErrors(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	edKey, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	sec1, err := x509.MarshalECPrivateKey(privateKey())
	private := block("EC PRIVATE KEY", sec1, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(privateKey())
	body := strings.Split(publicKeyPEM, "\n")[1]
	block8 := block("PRIVATE KEY", pkcs8, err)

	for name, tt := range map[string]struct{ text, want string }{
		"empty":              {"", "no PEM block"},
		"not PEM":            {body, "no PEM block"},
		"cut off":            {publicKeyPEM[:100], "no PEM block"},
		"bad base64":         {strings.Replace(publicKeyPEM, "M", "!", 1), "no PEM block"},
		"certificate":        {block("CERTIFICATE", []byte("x"), nil), "no PEM block"},
		"headers":            {strings.Replace(publicKeyPEM, "KEY-----\n", "KEY-----\na: b\n\n", 1), "no PEM block"},
		"two keys":           {publicKeyPEM + publicKeyPEM, "more than one PUBLIC KEY block"},
		"SEC1 private key":   {private, "this is a private key"},
		"PKCS#8 private key": {block8, "this is a private key"},
		"both halves":        {publicKeyPEM + private, "this is a private key"},
		"broken private key": {private[:60], "this is a private key"},
		"not SPKI":           {block("PUBLIC KEY", []byte("nothing"), nil), "does not hold a public key"},
		"private inside":     {block("PUBLIC KEY", sec1, nil), "does not hold a public key"},
		"P-256":              {spki(&p256.PublicKey), "got one on P-256"},
		"RSA":                {spki(&rsaKey.PublicKey), "want an ECDSA key on P-384, got a *rsa.PublicKey"},
		"Ed25519":            {spki(edKey), "got a ed25519.PublicKey"},
	} {
		t.Run(name, func(t *testing.T) {
			key, err := ivstoken.ParsePublicKeyPEM([]byte(tt.text))
			require.Nil(t, key)
			require.ErrorContains(t, err, tt.want)
			for _, line := range strings.Split(tt.text, "\n") {
				if len(line) > 10 && !strings.HasPrefix(line, "-----") {
					require.NotContains(t, err.Error(), line)
				}
			}
		})
	}
	// A point that is not on the curve.
	der, _ := pem.Decode([]byte(publicKeyPEM))
	der.Bytes[len(der.Bytes)-1] ^= 1
	_, err = ivstoken.ParsePublicKeyPEM(pem.EncodeToMemory(der))
	require.ErrorContains(t, err, "does not hold a public key")
}
