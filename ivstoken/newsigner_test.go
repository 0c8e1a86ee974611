package ivstoken_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// kms stands for a key that is elsewhere.
type kms struct {
	public crypto.PublicKey
	sign   func(digest []byte) ([]byte, error)
}

func (k *kms) Public() crypto.PublicKey { return k.public }

func (k *kms) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts.HashFunc() != crypto.SHA384 || len(digest) != 48 {
		return nil, errors.New("want SHA-384")
	}
	return k.sign(digest)
}

func signWith(key *ecdsa.PrivateKey) func([]byte) ([]byte, error) {
	return func(digest []byte) ([]byte, error) { return ecdsa.SignASN1(rand.Reader, key, digest) }
}

func TestForeignSigner(t *testing.T) {
	key := &kms{&privateKey().PublicKey, signWith(privateKey())}
	s, err := ivstoken.NewSigner(keyARN, key)
	require.NoError(t, err)
	token, err := s.SignParticipantToken(viewer())
	require.NoError(t, err)
	_, err = ivstoken.VerifyParticipantToken(token.Token, keys().PublicKey)
	require.NoError(t, err)

	// It goes wrong later, on any one token.
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	down := errors.New("KMS is down")
	for name, tt := range map[string]struct {
		sign func([]byte) ([]byte, error)
		want error
		text string
	}{
		"another key":   {signWith(other), ivstoken.ErrSignature, "does not fit its public half"},
		"another text":  {func(d []byte) ([]byte, error) { d[0] ^= 1; return signWith(privateKey())(d) }, ivstoken.ErrSignature, "does not fit"},
		"raw, not DER":  {func([]byte) ([]byte, error) { return bytes.Repeat([]byte{1}, 96), nil }, ivstoken.ErrSignature, "not an ECDSA signature on P-384 in DER"},
		"nothing":       {func([]byte) ([]byte, error) { return nil, nil }, ivstoken.ErrSignature, "in DER"},
		"of P-521 size": {func([]byte) ([]byte, error) { return bytes.Repeat([]byte{0x30}, 300), nil }, ivstoken.ErrSignature, "in DER"},
		"error":         {func([]byte) ([]byte, error) { return nil, down }, down, "KMS is down"},
		"panic":         {func([]byte) ([]byte, error) { panic("hunter2") }, nil, "method Sign panicked"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := &kms{&privateKey().PublicKey, tt.sign}
			_, err := ivstoken.NewSigner(keyARN, broken)
			require.ErrorContains(t, err, tt.text)
			require.NotContains(t, err.Error(), "hunter2")

			broken.sign = signWith(privateKey())
			s, err := ivstoken.NewSigner(keyARN, broken)
			require.NoError(t, err)
			broken.sign = tt.sign
			token, err := s.SignParticipantToken(viewer())
			require.Nil(t, token)
			require.ErrorContains(t, err, tt.text)
			if tt.want != nil {
				require.ErrorIs(t, err, tt.want)
			}
			connection, err := s.SignConnectionToken(ivstoken.ConnectionTokenOptions{})
			require.Nil(t, connection)
			require.ErrorContains(t, err, tt.text)
		})
	}
}

func TestNewSignerRefuses(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	halves := privateKey()
	halves.PublicKey = other.PublicKey
	good := privateKey()
	type options = func(*ivstoken.SignerOptions)
	for name, tt := range map[string]struct {
		arn    string
		key    crypto.Signer
		change options
		want   string
	}{
		"no ARN":           {"", good, nil, "kid must be the ARN of a public key"},
		"ARN of a stage":   {stageARN, good, nil, "kid must be"},
		"ID alone":         {"0f4c2b8e-1111-4222-8333-444455556666", good, nil, "kid must be"},
		"the guide's ARN":  {"arn:aws:ivs:123456789012:us-east-1:public-key/abc", good, nil, "kid must be"},
		"ARN and space":    {keyARN + " ", good, nil, "kid must be"},
		"no key":           {keyARN, nil, nil, "the key is nil"},
		"nil pointer":      {keyARN, (*kms)(nil), nil, "method Public panicked"},
		"nil curve":        {keyARN, &ecdsa.PrivateKey{PublicKey: ecdsa.PublicKey{Curve: (*elliptic.CurveParams)(nil), X: big.NewInt(1), Y: big.NewInt(1)}}, nil, "the public key is empty"},
		"empty key":        {keyARN, &ecdsa.PrivateKey{}, nil, "the public key is empty"},
		"P-256":            {keyARN, p256, nil, "want a key on P-384, got one on P-256"},
		"Ed25519":          {keyARN, ed, nil, "want an ECDSA key on P-384, got a ed25519.PublicKey"},
		"no public key":    {keyARN, &kms{nil, nil}, nil, "want an ECDSA key on P-384, got a <nil>"},
		"not on the curve": {keyARN, &kms{&ecdsa.PublicKey{Curve: elliptic.P384(), X: big.NewInt(1), Y: big.NewInt(1)}, nil}, nil, "not a point of P-384"},
		"two keys' halves": {keyARN, halves, nil, "does not fit its public half"},
		"KMS's other key":  {keyARN, &kms{&other.PublicKey, signWith(good)}, nil, "does not fit its public half"},

		"deterministic KMS":  {keyARN, &kms{&good.PublicKey, signWith(good)}, func(o *ivstoken.SignerOptions) { o.Deterministic = true }, "Deterministic wants a key in memory"},
		"nil clock":          {keyARN, good, func(o *ivstoken.SignerOptions) { o.Now = nil }, "Now is nil"},
		"another public key": {keyARN, good, func(o *ivstoken.SignerOptions) { o.PublicKeyMaterial = spki(&other.PublicKey) }, "not the private half of PublicKeyMaterial"},
		"no public key PEM":  {keyARN, good, func(o *ivstoken.SignerOptions) { o.PublicKeyMaterial = "hunter2" }, "no PEM block"},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.change == nil {
				tt.change = func(*ivstoken.SignerOptions) {}
			}
			s, err := ivstoken.NewSigner(tt.arn, tt.key, tt.change)
			require.Nil(t, s)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
	_, err = ivstoken.NewSigner(keyARN, good, func(o *ivstoken.SignerOptions) { o.PublicKeyMaterial = publicKeyPEM })
	require.NoError(t, err)
}

// A Signer keeps its own copy of the public key.
func TestSignerKeepsItsPublicKey(t *testing.T) {
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	key := &kms{&privateKey().PublicKey, signWith(privateKey())}
	s, err := ivstoken.NewSigner(keyARN, key)
	require.NoError(t, err)
	*key.public.(*ecdsa.PublicKey) = other.PublicKey
	token, err := s.SignParticipantToken(viewer())
	require.NoError(t, err)
	_, err = ivstoken.VerifyParticipantToken(token.Token, keys().PublicKey)
	require.NoError(t, err)
}

// Nothing that holds a key shows it, whatever prints it.
func TestKeysDoNotPrint(t *testing.T) {
	d := "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5"
	raw, err := hex.DecodeString(d)
	require.NoError(t, err)
	number := new(big.Int).SetBytes(raw)
	text, _ := number.GobEncode()
	codes := strings.Trim(fmt.Sprint(raw), "[]")
	words := strings.Trim(fmt.Sprint(number.Bits()), "[]")
	hidden := []string{d[:24], strings.ToUpper(d[:24]), number.String()[:24], string(raw[:12]), codes[:30], words[:30], strings.ReplaceAll(codes, " ", ", ")[:30], string(text), "PRIVATE KEY", "MIG2"}

	key, err := ivstoken.ParsePrivateKeyPEM([]byte(sec1PEM(t)))
	require.NoError(t, err)
	signers := map[string]*ivstoken.Signer{}
	for name, k := range map[string]crypto.Signer{"PrivateKey": key, "ecdsa": privateKey()} {
		signers[name], err = ivstoken.NewSigner(keyARN, k)
		require.NoError(t, err)
	}
	ring, err := ivstoken.NewKeyring(signers["ecdsa"], ivstoken.Keys{keyARN: &privateKey().PublicKey})
	require.NoError(t, err)
	token, err := ring.SignParticipantToken(viewer())
	require.NoError(t, err)
	hidden = append(hidden, strings.Split(string(token.Token), ".")[1:]...)

	type named struct {
		Key  *ivstoken.PrivateKey
		By   *ivstoken.Signer
		Ring *ivstoken.Keyring
		Any  any
	}
	type unexported struct {
		key   *ivstoken.PrivateKey
		value ivstoken.PrivateKey
		by    ivstoken.Signer
		to    *ivstoken.Signer
		ring  *ivstoken.Keyring
		any   any
	}
	values := map[string]any{
		"private key":       key,
		"private key value": *key,
		"signer":            signers["ecdsa"],
		"signer value":      *signers["ecdsa"],
		"of a PrivateKey":   signers["PrivateKey"],
		"keyring":           ring,
		"token":             token,
		"token value":       *token,
		"PEM":               key.PEM(),
		"struct":            named{key, signers["ecdsa"], ring, *key},
		"struct pointer":    &named{key, signers["ecdsa"], ring, *key},
		"unexported":        unexported{key, *key, *signers["ecdsa"], signers["ecdsa"], ring, key},
		"slice":             []any{key, signers, ring, *token},
		"map":               map[string]any{"k": key, "s": signers, "r": ring},
		"error":             fmt.Errorf("with %v, %v, %v", key, signers, ring),
	}
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			for _, verb := range strings.Fields("%v %+v %#v %s %q %+q %x %X %U %c %d %b %o %O %e %f %g %t %z %10v %.3s %020d") {
				fmt.Fprintf(&out, strings.Clone(verb)+"\n", v)
			}
			fmt.Fprintf(&out, strings.Clone("% x % X % d\n"), v, v, v)
			fmt.Fprintln(&out, v)
			for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
				slog.New(handler).LogAttrs(context.Background(), slog.LevelInfo, "made", slog.Any("v", v), slog.Group("g", slog.Any("v", v)))
			}
			if text, err := json.Marshal(v); err == nil {
				out.Write(text)
			}
			for i, secret := range hidden {
				require.False(t, strings.Contains(out.String(), secret), "shows secret %d", i)
			}
		})
	}
	require.Equal(t, "ivstoken.PrivateKey", fmt.Sprint(key))
	require.Equal(t, "ivstoken.Signer("+keyARN+")", fmt.Sprintf("%+v", signers["ecdsa"]))
	require.Equal(t, "ivstoken.Keyring("+keyARN+")", fmt.Sprintf("%#v", ring))
	require.Equal(t, "ivstoken.Keyring()", fmt.Sprint(&ivstoken.Keyring{}))
	require.Contains(t, fmt.Sprint(*token), "[REDACTED]")
}
