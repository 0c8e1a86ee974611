package ivstoken

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

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
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("ivstoken: want an ECDSA key on P-384, got a %T", parsed)
	}
	if key.Curve != elliptic.P384() {
		return nil, fmt.Errorf("ivstoken: want a key on P-384, got one on %s", key.Params().Name)
	}
	return key, nil
}
