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

func sec1PEM(t testing.TB) string {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(privateKey())
	return block("EC PRIVATE KEY", der, err)
}

// What openssl ecparam -genkey writes in front of the key, unless told -noout.
const opensslParameters = "-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----\n"

func TestParsePrivateKeyPEM(t *testing.T) {
	der, err := x509.MarshalPKCS8PrivateKey(privateKey())
	pkcs8 := block("PRIVATE KEY", der, err)
	sec1 := sec1PEM(t)
	key, err := ivstoken.ParsePrivateKeyPEM([]byte(sec1))
	require.NoError(t, err)
	for name, text := range map[string]string{
		"SEC 1":             sec1,
		"PKCS #8":           pkcs8,
		"with parameters":   opensslParameters + sec1,
		"no final newline":  strings.TrimSuffix(sec1, "\n"),
		"CRLF":              strings.ReplaceAll(pkcs8, "\n", "\r\n"),
		"with public half":  publicKeyPEM + sec1,
		"text around":       "keep this\n" + pkcs8 + "secret\n",
		"what PEM returned": string(key.PEM()),
	} {
		got, err := ivstoken.ParsePrivateKeyPEM([]byte(text))
		require.NoError(t, err, name)
		require.True(t, privateKey().PublicKey.Equal(got.Public()), name)
		s, err := ivstoken.NewSigner(keyARN, got, func(o *ivstoken.SignerOptions) { o.Deterministic = true })
		require.NoError(t, err, name)
		_, err = s.ConnectionToken(ivstoken.ConnectionTokenOptions{})
		require.NoError(t, err)
	}
	require.True(t, string(key.PEM()) == pkcs8)
}

func TestParsePrivateKeyPEMErrors(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	small, err := x509.MarshalECPrivateKey(p256)
	require.NoError(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	rsa8, err := x509.MarshalPKCS8PrivateKey(rsaKey)
	require.NoError(t, err)
	sec1 := sec1PEM(t)
	der, _ := pem.Decode([]byte(sec1))
	for name, tt := range map[string]struct{ text, want string }{
		"empty":             {"", "no PEM block"},
		"not PEM":           {"hunter2", "no PEM block"},
		"cut off":           {sec1[:100], "no PEM block"},
		"public half":       {publicKeyPEM, "this is a public key"},
		"parameters alone":  {opensslParameters, "no PEM block"},
		"two keys":          {sec1 + sec1, "more than one private key"},
		"encrypted PKCS #8": {block("ENCRYPTED PRIVATE KEY", []byte("x"), nil), "is encrypted"},
		"encrypted SEC 1":   {strings.Replace(sec1, "KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n", 1), "is encrypted"},
		"not SEC 1":         {block("EC PRIVATE KEY", []byte("hunter2"), nil), "the EC PRIVATE KEY block does not hold a private key"},
		"SEC 1 as PKCS #8":  {block("PRIVATE KEY", der.Bytes, nil), "the PRIVATE KEY block does not hold a private key"},
		"P-256":             {block("EC PRIVATE KEY", small, nil), "got one on P-256"},
		"RSA":               {block("PRIVATE KEY", rsa8, nil), "want an ECDSA key on P-384, got a *rsa.PrivateKey"},
	} {
		t.Run(name, func(t *testing.T) {
			key, err := ivstoken.ParsePrivateKeyPEM([]byte(tt.text))
			require.Nil(t, key)
			require.ErrorContains(t, err, tt.want)
			for _, line := range append(strings.Split(tt.text, "\n"), "hunter2") {
				if len(line) > 6 && !strings.HasPrefix(line, "-----") {
					require.NotContains(t, err.Error(), line)
				}
			}
		})
	}
}

func TestGenerateKey(t *testing.T) {
	key, err := ivstoken.GenerateKey()
	require.NoError(t, err)
	other, err := ivstoken.GenerateKey()
	require.NoError(t, err)
	require.NotEqual(t, string(key.PEM()), string(other.PEM()))
	text, err := ivstoken.MarshalPublicKeyPEM(key.Public())
	require.NoError(t, err)
	got, err := ivstoken.ParsePublicKeyPEM([]byte(text))
	require.NoError(t, err)
	require.True(t, got.Equal(key.Public()))
}

func TestMarshalPublicKeyPEM(t *testing.T) {
	got, err := ivstoken.MarshalPublicKeyPEM(&privateKey().PublicKey)
	require.NoError(t, err)
	require.Equal(t, publicKeyPEM, got)
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	require.NoError(t, err)
	for _, wrong := range []any{nil, &p521.PublicKey, privateKey(), (*ecdsa.PublicKey)(nil), "key"} {
		_, err := ivstoken.MarshalPublicKeyPEM(wrong)
		require.ErrorIs(t, err, ivstoken.ErrAlgorithm)
	}
}

// A key whose point was forgotten is an error wherever it is handed in.
func TestKeyWithoutPoint(t *testing.T) {
	empty := &ecdsa.PublicKey{Curve: elliptic.P384()}
	_, err := ivstoken.MarshalPublicKeyPEM(empty)
	require.ErrorIs(t, err, ivstoken.ErrAlgorithm)
	_, err = ivstoken.NewKeyring(golden(t), ivstoken.Keys{keyARN: empty})
	require.ErrorIs(t, err, ivstoken.ErrAlgorithm)
	_, err = ivstoken.NewSigner(keyARN, &ecdsa.PrivateKey{PublicKey: *empty})
	require.ErrorIs(t, err, ivstoken.ErrAlgorithm)
	token, err := golden(t).ParticipantToken(viewer())
	require.NoError(t, err)
	_, err = ivstoken.VerifyParticipantToken(string(token.Token), ivstoken.Keys{keyARN: empty}.Key)
	require.ErrorIs(t, err, ivstoken.ErrAlgorithm)
}
