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
		"cut off":            {publicKeyPEM[:100], "the PEM block has no END line; want a PUBLIC KEY block"},
		"cut off early":      {publicKeyPEM[:20], "the PEM block is cut off in its BEGIN line"},
		"other END":          {strings.Replace(publicKeyPEM, "END PUBLIC", "END EC", 1), "other labels in its BEGIN and END lines"},
		"bad base64":         {strings.Replace(publicKeyPEM, "M", "!", 1), "something other than base64"},
		"certificate":        {block("CERTIFICATE", []byte("x"), nil), "this is a block CERTIFICATE; want a PUBLIC KEY block with a key on P-384"},
		"EC PUBLIC KEY":      {strings.ReplaceAll(publicKeyPEM, "PUBLIC", "EC PUBLIC"), "unknown label, which holds what belongs in a block PUBLIC KEY; want a PUBLIC KEY block"},
		"hunter2":            {block("HUNTER2", []byte("x"), nil), "unknown label; want a PUBLIC KEY block"},
		"RSA, PKCS #1":       {block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey), nil), "this is an RSA key (RSA PUBLIC KEY); want a PUBLIC KEY block with a key on P-384"},
		"encrypted private":  {block("ENCRYPTED PRIVATE KEY", []byte("x"), nil), "this is a private key"},
		"private, UTF-16":    {utf16le(private), "this is a private key"},
		"headers":            {strings.Replace(publicKeyPEM, "KEY-----\n", "KEY-----\na: b\n\n", 1), "something other than base64"},
		"too long":           {publicKeyPEM + strings.Repeat(" ", 64<<10), "want at most 65536; want a PUBLIC KEY block"},
		"a key of 9 KB":      {block("PUBLIC KEY", make([]byte, 9000), nil), "has 9000 bytes, more than any key"},
		"two keys":           {publicKeyPEM + publicKeyPEM, "more than one PUBLIC KEY block"},
		"SEC1 private key":   {private, "this is a private key"},
		"PKCS#8 private key": {block8, "this is a private key"},
		"both halves":        {publicKeyPEM + private, "this is a private key"},
		"broken private key": {private[:60], "this is a private key"},
		"not SPKI":           {block("PUBLIC KEY", []byte("nothing"), nil), "does not hold a key"},
		"private inside":     {block("PUBLIC KEY", sec1, nil), "this is a private key"},
		"PKCS #8 inside":     {block("PUBLIC KEY", pkcs8, nil), "this is a private key"},
		"P-256":              {spki(&p256.PublicKey), "got one on P-256"},
		"RSA":                {spki(&rsaKey.PublicKey), "the PUBLIC KEY block holds an RSA key; want a PUBLIC KEY block with a key on P-384"},
		"Ed25519":            {spki(edKey), "the PUBLIC KEY block holds an Ed25519 key; want"},
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
	require.ErrorContains(t, err, "does not hold a key")
}

func sec1PEM(t testing.TB) string {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(privateKey())
	return block("EC PRIVATE KEY", der, err)
}

// secp256k1 is of openssl ecparam -name secp256k1 -genkey -noout.
const secp256k1 = "-----BEGIN EC PRIVATE KEY-----\n" +
	"MHQCAQEEILmBTAH7QZ+voBhSb87RnVcM01Lgm1uyQgFU2QV92DsfoAcGBSuBBAAK\n" +
	"oUQDQgAE0nNZ1ubsO4RBndLtQSnVS97Fwff2QhCUlzE+efpflnU2KUMzwPblZ+ZK\n" +
	"5gM9UQDbzxNNXGWpNQ/mCCYBpyOQ3Q==\n" +
	"-----END EC PRIVATE KEY-----\n"

func utf16le(s string) string {
	out := "\xff\xfe"
	for _, c := range []byte(s) {
		out += string([]byte{c, 0})
	}
	return out
}

// The forms that keys have in environment variables and in files that were edited.
func forms(pem string) map[string]string {
	return map[string]string{
		"as it is":                   pem,
		"BOM":                        "\ufeff" + pem,
		"BOM and CRLF":               "\ufeff" + strings.ReplaceAll(pem, "\n", "\r\n"),
		"CR alone":                   strings.ReplaceAll(pem, "\n", "\r"),
		"UTF-16":                     utf16le(pem),
		"\\n":                        strings.ReplaceAll(pem, "\n", `\n`),
		"\\r\\n":                     strings.ReplaceAll(pem, "\n", `\r\n`),
		"\\\\n":                      strings.ReplaceAll(pem, "\n", `\\n`),
		"\\n and line ends":          strings.ReplaceAll(pem, "\n", "\\n\n"),
		"\\n in quotes":              `"` + strings.ReplaceAll(pem, "\n", `\n`) + `"`,
		"single quotes":              "'" + pem + "'",
		"JSON that escapes slashes":  `{"key":"` + strings.NewReplacer("\n", `\n`, "/", `\/`).Replace(pem) + `"}`,
		"blanks in front":            "  \t" + pem,
		"blanks in front of lines":   "    " + strings.ReplaceAll(pem, "\n", "\n    "),
		"tabs in front of lines":     strings.ReplaceAll(pem, "\n", "\n\t"),
		"blanks at the end of lines": strings.ReplaceAll(pem, "\n", "  \n"),
		"empty lines":                strings.ReplaceAll(pem, "\n", "\n\n"),
		"blanks for line ends":       strings.ReplaceAll(pem, "\n", " "),
		"no line ends":               strings.ReplaceAll(pem, "\n", ""),
		"in YAML":                    "key: |\n  " + strings.ReplaceAll(pem, "\n", "\n  "),
		"in an env file":             "KEY=" + strings.ReplaceAll(pem, "\n", `\n`) + "\n",
	}
}

func TestPEMForms(t *testing.T) {
	der, err := x509.MarshalPKCS8PrivateKey(privateKey())
	for form, pem := range map[string]string{"SEC 1": sec1PEM(t), "PKCS #8": block("PRIVATE KEY", der, err), "with parameters": opensslParameters + sec1PEM(t)} {
		for name, text := range forms(pem) {
			key, err := ivstoken.ParsePrivateKeyPEM([]byte(text))
			require.NoError(t, err, "%s: %s", form, name)
			require.True(t, privateKey().PublicKey.Equal(key.Public()), "%s: %s", form, name)
			_, err = ivstoken.ParsePublicKeyPEM([]byte(text))
			require.ErrorContains(t, err, "this is a private key", "%s: %s", form, name)
		}
	}
	for name, text := range forms(publicKeyPEM) {
		key, err := ivstoken.ParsePublicKeyPEM([]byte(text))
		require.NoError(t, err, name)
		require.True(t, privateKey().PublicKey.Equal(key), name)
		_, err = ivstoken.NewSigner(keyARN, privateKey(), func(o *ivstoken.SignerOptions) { o.PublicKeyMaterial = text })
		require.NoError(t, err, name)
		_, err = ivstoken.ParsePrivateKeyPEM([]byte(text))
		require.ErrorContains(t, err, "this is a public key", name)
	}
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
		_, err = s.SignConnectionToken(ivstoken.ConnectionTokenOptions{})
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
	small8, err := x509.MarshalPKCS8PrivateKey(p256)
	require.NoError(t, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	ed8, err := x509.MarshalPKCS8PrivateKey(ed)
	require.NoError(t, err)
	sec1 := sec1PEM(t)
	der, _ := pem.Decode([]byte(sec1))
	der8, err := x509.MarshalPKCS8PrivateKey(privateKey())
	pkcs8 := block("PRIVATE KEY", der8, err)
	for name, tt := range map[string]struct{ text, want string }{
		"empty":              {"", "no PEM block"},
		"not PEM":            {"hunter2", "no PEM block"},
		"cut off":            {sec1[:100], "the PEM block has no END line; want an EC PRIVATE KEY or PRIVATE KEY block"},
		"public half":        {publicKeyPEM, "this is a public key (PUBLIC KEY); want an EC PRIVATE KEY or PRIVATE KEY block with a key on P-384"},
		"public inside":      {strings.ReplaceAll(publicKeyPEM, "PUBLIC", "PRIVATE"), "the PRIVATE KEY block holds a public key; want"},
		"parameters alone":   {opensslParameters, "these are EC PARAMETERS without a key; want"},
		"parameters, public": {opensslParameters + publicKeyPEM, "this is a public key (PUBLIC KEY)"},
		"two keys":           {sec1 + sec1, "more than one EC PRIVATE KEY block; want one"},
		"two forms":          {sec1 + pkcs8, "more than one PRIVATE KEY block; want one"},
		"certificate":        {block("CERTIFICATE", []byte("x"), nil), "this is a block CERTIFICATE; want"},
		"OpenSSH":            {block("OPENSSH PRIVATE KEY", []byte("x"), nil), "this is a block OPENSSH PRIVATE KEY; want"},
		"unknown label":      {strings.ReplaceAll(sec1, "EC PRIVATE", "P384 PRIVATE"), "unknown label, which holds what belongs in a block EC PRIVATE KEY; want"},
		"lower case":         {strings.ReplaceAll(sec1, "EC PRIVATE KEY", "ec private key"), "unknown label, which holds what belongs in a block EC PRIVATE KEY"},
		"RSA, PKCS #1":       {block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), nil), "this is an RSA key (RSA PRIVATE KEY); want an EC PRIVATE KEY or PRIVATE KEY block with a key on P-384"},
		"RSA as EC":          {block("EC PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), nil), "the EC PRIVATE KEY block holds an RSA key; want"},
		"P-256, PKCS #8":     {block("PRIVATE KEY", small8, nil), "want a key on P-384, got one on P-256"},
		"secp256k1":          {secp256k1, "does not hold a key, or one on a curve that package crypto/x509 does not know; want"},
		"Ed25519":            {block("PRIVATE KEY", ed8, nil), "the PRIVATE KEY block holds an Ed25519 key; want"},
		"too long":           {strings.Repeat(" ", 64<<10) + sec1, "want at most 65536; want"},
		"encrypted PKCS #8":  {block("ENCRYPTED PRIVATE KEY", []byte("x"), nil), "is encrypted"},
		"encrypted SEC 1":    {strings.Replace(sec1, "KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n", 1), "is encrypted"},
		"not SEC 1":          {block("EC PRIVATE KEY", []byte("hunter2"), nil), "the PEM block does not hold a key"},
		"SEC 1 as PKCS #8":   {block("PRIVATE KEY", der.Bytes, nil), "the PRIVATE KEY block holds a private key in the form of a block EC PRIVATE KEY; want that label on it"},
		"PKCS #8 as SEC 1":   {strings.ReplaceAll(pkcs8, "PRIVATE", "EC PRIVATE"), "the EC PRIVATE KEY block holds a private key in the form of a block PRIVATE KEY; want that label on it"},
		"P-256":              {block("EC PRIVATE KEY", small, nil), "got one on P-256"},
		"RSA":                {block("PRIVATE KEY", rsa8, nil), "the PRIVATE KEY block holds an RSA key; want an EC PRIVATE KEY or PRIVATE KEY block with a key on P-384"},
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
	token, err := golden(t).SignParticipantToken(viewer())
	require.NoError(t, err)
	_, err = ivstoken.VerifyParticipantToken(token.Token, ivstoken.Keys{keyARN: empty}.PublicKey)
	require.ErrorIs(t, err, ivstoken.ErrAlgorithm)
}
