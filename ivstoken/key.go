package ivstoken

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/seed-433ec77c/ivsrealtime"
)

// PrivateKey is an ECDSA key on P-384 that does not print: an *ecdsa.PrivateKey
// shows itself in a log by any verb of fmt. It is a crypto.Signer, made by
// GenerateKey and ParsePrivateKeyPEM.
type PrivateKey struct {
	// In a function, where fmt does not look, not even from an unexported field of
	// somebody's struct.
	key func() *ecdsa.PrivateKey
}

var errNoKey = errors.New("ivstoken: the PrivateKey was not made by GenerateKey or ParsePrivateKeyPEM")

// GenerateKey returns a new private key. [MarshalPublicKeyPEM] of its Public gives
// what ImportPublicKey wants; PEM gives what to keep.
func GenerateKey() (*PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("ivstoken: generate a key: %w", err)
	}
	return newPrivateKey(key), nil
}

func newPrivateKey(key *ecdsa.PrivateKey) *PrivateKey {
	return &PrivateKey{key: func() *ecdsa.PrivateKey { return key }}
}

// Public returns the public half, an *ecdsa.PublicKey. For the zero PrivateKey it
// returns nil.
func (k PrivateKey) Public() crypto.PublicKey {
	if k.key == nil {
		return nil
	}
	return &k.key().PublicKey
}

// Sign signs a digest as ecdsa.PrivateKey.Sign does: in DER.
func (k PrivateKey) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if k.key == nil {
		return nil, errNoKey
	}
	return k.key().Sign(random, digest, opts)
}

// PEM returns the key as a PRIVATE KEY block (PKCS #8), to be kept where secrets are.
// For the zero PrivateKey it returns "".
func (k PrivateKey) PEM() ivsrealtime.Secret {
	if k.key == nil {
		return ""
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.key())
	if err != nil {
		panic("ivstoken: a key on P-384 that cannot be marshalled") // which there is not
	}
	return ivsrealtime.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// Format writes the type and nothing of the key, whatever the verb.
func (PrivateKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "ivstoken.PrivateKey") }

// LogValue returns what Format writes.
func (k PrivateKey) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(k)) }

// MarshalPublicKeyPEM returns the PEM text that ImportPublicKey takes as
// PublicKeyMaterial: one PUBLIC KEY block (SubjectPublicKeyInfo). The key is what
// Public of a PrivateKey, a KMS or an HSM returns, and must be on P-384.
func MarshalPublicKeyPEM(key crypto.PublicKey) (string, error) {
	public, err := p384(key)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", fmt.Errorf("ivstoken: marshal the public key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}
