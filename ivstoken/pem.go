package ivstoken

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	maxPEMLength = 64 << 10 // a key on P-384 has some 300 bytes, but there may be text around it
	maxDERLength = 8 << 10  // the largest RSA keys in use have 5,000 bytes
)

// What a caller wants, at the end of errors.
const (
	wantPrivate = "want an EC PRIVATE KEY or PRIVATE KEY block with a key on P-384"
	wantPublic  = "want a PUBLIC KEY block with a key on P-384"
)

var errPrivate = errors.New("ivstoken: this is a private key, which must stay secret; want the public half, a PUBLIC KEY block")

// ParsePrivateKeyPEM returns the private key in a PEM text: one block EC PRIVATE KEY
// (SEC 1, which openssl ecparam writes) or PRIVATE KEY (PKCS #8), not encrypted,
// with a key on P-384. Other text and blocks are ignored.
//
// The text may look as keys do that were kept in environment variables, YAML or JSON:
// line ends written as the characters \n or \r\n or replaced by blanks, blanks in front
// of lines, quotes around the text, CRLF, a byte order mark, UTF-16. It has at most
// 64 KiB.
//
// An error says what the text holds instead. It matches ErrAlgorithm for a key that is
// not on P-384, and it holds none of the text.
func ParsePrivateKeyPEM(text []byte) (*PrivateKey, error) {
	blocks, err := pemBlocks(text)
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, wantPrivate)
	}
	for _, b := range blocks {
		if !strings.HasSuffix(b.label, "PRIVATE KEY") {
			continue
		}
		if b.label == "ENCRYPTED PRIVATE KEY" || strings.Contains(b.body, "Proc-Type:") || strings.Contains(b.body, "DEK-Info:") {
			return nil, errors.New("ivstoken: the private key is encrypted; decrypt it first; " + wantPrivate)
		}
	}
	b, err := theBlock(blocks, wantPrivate, "EC PRIVATE KEY", "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	key, label, err := b.key(wantPrivate)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(label, "PUBLIC KEY") {
		return nil, fmt.Errorf("ivstoken: the %s block holds a public key; %s", b.label, wantPrivate)
	}
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%w: the %s block holds %s; %s", ErrAlgorithm, b.label, kindOf(key), wantPrivate)
	}
	if _, err := p384(&private.PublicKey); err != nil {
		return nil, err
	}
	if label != b.label {
		return nil, fmt.Errorf("ivstoken: the %s block holds a private key in the form of a block %s; want that label on it", b.label, label)
	}
	return newPrivateKey(private), nil
}

// ParsePublicKeyPEM returns the public key in a PEM text as ImportPublicKey takes
// it: one PUBLIC KEY block (SubjectPublicKeyInfo) with a key on P-384. Text before
// and after the block is ignored. A private key anywhere in the text is an error,
// so that it does not go to the service by mistake.
//
// It reads the same forms of text as ParsePrivateKeyPEM, which are more than the
// service accepts: [MarshalPublicKeyPEM] of the key returns what ImportPublicKey takes.
//
// An error says what the text holds instead. It matches ErrAlgorithm for a key that is
// not on P-384, and it holds none of the text.
func ParsePublicKeyPEM(text []byte) (*ecdsa.PublicKey, error) {
	if bytes.Contains(text, []byte("PRIVATE KEY-----")) { // also one that is cut off
		return nil, errPrivate
	}
	blocks, err := pemBlocks(text)
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, wantPublic)
	}
	b, err := theBlock(blocks, wantPublic, "PUBLIC KEY")
	if err != nil {
		return nil, err
	}
	key, label, err := b.key(wantPublic)
	if err != nil {
		return nil, err
	}
	public, ok := key.(*ecdsa.PublicKey)
	switch {
	case strings.HasSuffix(label, "PRIVATE KEY"):
		return nil, errPrivate
	case !ok:
		return nil, fmt.Errorf("%w: the %s block holds %s; %s", ErrAlgorithm, b.label, kindOf(key), wantPublic)
	}
	return p384(public)
}

// pemBlock is one block of a PEM text.
type pemBlock struct{ label, body string }

// pemBlocks returns the blocks of a text. Package encoding/pem wants each boundary on
// a line of its own, which they often are not once they were in a variable.
func pemBlocks(text []byte) (blocks []pemBlock, err error) {
	if len(text) > maxPEMLength {
		return nil, fmt.Errorf("ivstoken: the PEM text has %d bytes, want at most %d", len(text), maxPEMLength)
	}
	// PEM has neither NUL nor backslash. UTF-16 has the first, JSON and shells write the
	// second, twice if they quoted twice.
	rest := strings.NewReplacer("\x00", "", `\\`, `\`).Replace(string(text))
	rest = strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\/`, "/").Replace(rest)
	for {
		_, after, ok := strings.Cut(rest, "-----BEGIN ")
		if !ok {
			return blocks, nil
		}
		label, after, ok := strings.Cut(after, "-----")
		if !ok {
			return nil, errors.New("ivstoken: the PEM block is cut off in its BEGIN line")
		}
		body, after, ok := strings.Cut(after, "-----END ")
		if !ok {
			return nil, errors.New("ivstoken: the PEM block has no END line")
		}
		last, after, ok := strings.Cut(after, "-----")
		if !ok || last != label {
			return nil, errors.New("ivstoken: the PEM block has other labels in its BEGIN and END lines")
		}
		blocks, rest = append(blocks, pemBlock{label, body}), after
	}
}

// theBlock returns the only block with one of the labels.
func theBlock(blocks []pemBlock, want string, labels ...string) (found *pemBlock, err error) {
	var other *pemBlock
	for i := range blocks {
		b := &blocks[i]
		switch {
		case want == wantPublic && strings.HasSuffix(b.label, "PRIVATE KEY"):
			return nil, errPrivate
		case !slices.Contains(labels, b.label):
			if other == nil || other.label == "EC PARAMETERS" { // which stand in front of keys
				other = b
			}
		case found != nil:
			return nil, fmt.Errorf("ivstoken: more than one %s block; want one", b.label)
		default:
			found = b
		}
	}
	switch {
	case found != nil:
		return found, nil
	case other == nil:
		return nil, errors.New("ivstoken: no PEM block, which begins with -----BEGIN; " + want)
	}
	return nil, other.unwanted(want)
}

// unwanted is the error for a text with this block in place of the one that is wanted.
// It names labels that are well known, and no others: they could be part of a secret.
func (b *pemBlock) unwanted(want string) error {
	switch b.label {
	case "PUBLIC KEY":
		return fmt.Errorf("ivstoken: this is a public key (PUBLIC KEY); %s", want)
	case "RSA PRIVATE KEY", "RSA PUBLIC KEY":
		return fmt.Errorf("%w: this is an RSA key (%s); %s", ErrAlgorithm, b.label, want)
	case "EC PARAMETERS":
		return fmt.Errorf("ivstoken: these are EC PARAMETERS without a key; %s", want)
	case "CERTIFICATE", "CERTIFICATE REQUEST", "DSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "SSH2 PUBLIC KEY", "PGP PRIVATE KEY BLOCK", "PGP PUBLIC KEY BLOCK":
		return fmt.Errorf("ivstoken: this is a block %s; %s", b.label, want)
	}
	if _, label, err := b.key(want); err == nil {
		return fmt.Errorf("ivstoken: this is a block with an unknown label, which holds what belongs in a block %s; %s", label, want)
	}
	return fmt.Errorf("ivstoken: this is a block with an unknown label; %s", want)
}

// key returns the key in a block, whatever that is, and the label that fits it.
func (b *pemBlock) key(want string) (key any, label string, err error) {
	der, err := base64.StdEncoding.Strict().DecodeString(strings.Join(strings.Fields(b.body), ""))
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("ivstoken: the PEM block holds something other than base64; %s", want)
	case len(der) > maxDERLength:
		return nil, "", fmt.Errorf("ivstoken: the PEM block has %d bytes, more than any key; %s", len(der), want)
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, "EC PRIVATE KEY", nil
	}
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return key, "PRIVATE KEY", nil
	}
	if key, err := x509.ParsePKIXPublicKey(der); err == nil {
		return key, "PUBLIC KEY", nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, "RSA PRIVATE KEY", nil
	}
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key, "RSA PUBLIC KEY", nil
	}
	return nil, "", fmt.Errorf("ivstoken: the PEM block does not hold a key, or one on a curve that package crypto/x509 does not know; %s", want)
}

// kindOf says what a key is.
func kindOf(key any) string {
	switch key.(type) {
	case *rsa.PrivateKey, *rsa.PublicKey:
		return "an RSA key"
	case ed25519.PrivateKey, ed25519.PublicKey:
		return "an Ed25519 key"
	}
	return fmt.Sprintf("a %T", key)
}
