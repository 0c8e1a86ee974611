package ivstoken

import (
	"bytes"
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

// ParsePrivateKeyPEM returns the private key in a PEM text: one block EC PRIVATE KEY
// (SEC 1, which openssl ecparam writes) or PRIVATE KEY (PKCS #8), not encrypted,
// with a key on P-384. Other text and blocks are ignored. No error holds any of the
// text.
func ParsePrivateKeyPEM(text []byte) (*PrivateKey, error) {
	var found *pem.Block
	public := false
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
			return nil, errors.New("ivstoken: the private key is encrypted; decrypt it first")
		case block.Type == "PUBLIC KEY":
			public = true
		case block.Type != "EC PRIVATE KEY" && block.Type != "PRIVATE KEY":
		case found != nil:
			return nil, errors.New("ivstoken: more than one private key")
		default:
			found = block
		}
	}
	switch {
	case found == nil && public:
		return nil, errors.New("ivstoken: this is a public key; want the private half, an EC PRIVATE KEY or PRIVATE KEY block")
	case found == nil:
		return nil, errors.New("ivstoken: no PEM block EC PRIVATE KEY or PRIVATE KEY that is well-formed")
	}
	var parsed any
	var err error
	if found.Type == "EC PRIVATE KEY" {
		parsed, err = x509.ParseECPrivateKey(found.Bytes)
	} else {
		parsed, err = x509.ParsePKCS8PrivateKey(found.Bytes)
	}
	if err != nil {
		return nil, fmt.Errorf("ivstoken: the %s block does not hold a private key", found.Type)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%w: want an ECDSA key on P-384, got a %T", ErrAlgorithm, parsed)
	}
	if _, err := p384(&key.PublicKey); err != nil {
		return nil, err
	}
	return newPrivateKey(key), nil
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

// ParsePublicKeyPEM returns the public key in a PEM text as ImportPublicKey takes
// it: one PUBLIC KEY block (SubjectPublicKeyInfo) with a key on P-384. Text before
// and after the block is ignored. A private key anywhere in the text is an error,
// so that it does not go to the service by mistake. No error holds any of the text.
func ParsePublicKeyPEM(text []byte) (*ecdsa.PublicKey, error) {
	if bytes.Contains(text, []byte("PRIVATE KEY-----")) {
		return nil, errors.New("ivstoken: this is a private key, which must stay secret; want the public half, a PUBLIC KEY block")
	}
	const blockType = "PUBLIC KEY"
	var found *pem.Block
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != blockType {
			continue
		}
		if found != nil {
			return nil, errors.New("ivstoken: more than one PUBLIC KEY block")
		}
		found = block
	}
	if found == nil || len(found.Headers) > 0 {
		return nil, errors.New("ivstoken: no PEM block that begins with -----BEGIN PUBLIC KEY----- and is well-formed")
	}
	parsed, err := x509.ParsePKIXPublicKey(found.Bytes)
	if err != nil {
		return nil, errors.New("ivstoken: the PUBLIC KEY block does not hold a public key (SubjectPublicKeyInfo)")
	}
	return p384(parsed)
}
