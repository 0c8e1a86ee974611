package ivstoken

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
)

// groupOrder is the order of P-384's base point, big-endian. R and S are less.
const groupOrder = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xc7\x63\x4d\x81\xf4\x37\x2d\xdf\x58\x1a\x0d\xb2\x48\xb0\xa7\x7a\xec\xec\x19\x6a\xcc\xc5\x29\x73"

// signFunc returns the signature of a text as ES384 wants it: R and S.
type signFunc func(text []byte) ([signatureSize]byte, error)

// newSignFunc returns the function that signs with the key, and a copy of the
// public half. What a key other than Go's own makes is verified every time: a wrong
// signature would show only when somebody cannot join.
func newSignFunc(key crypto.Signer, deterministic bool) (signFunc, *ecdsa.PublicKey, error) {
	public, err := publicKeyOf(key)
	if err != nil {
		return nil, nil, err
	}
	own := false
	switch key.(type) {
	case *ecdsa.PrivateKey, *PrivateKey, PrivateKey:
		own = true
	}
	random := rand.Reader
	if deterministic {
		if !own {
			return nil, nil, fmt.Errorf("ivstoken: Deterministic wants a key in memory, an *ecdsa.PrivateKey or *PrivateKey, not a %T", key)
		}
		random = nil
	}
	sign := func(text []byte) (signature [signatureSize]byte, err error) {
		digest := sha512.Sum384(text)
		der, err := callSigner(key, random, digest[:])
		if err != nil {
			return signature, err
		}
		signature, ok := parseDER(der)
		if !ok {
			return signature, fmt.Errorf("%w: what the key returned is not an ECDSA signature on P-384 in DER", ErrSignature)
		}
		if !own && !verifySignature(public, text, signature[:]) {
			return signature, fmt.Errorf("%w: what the key signs does not fit its public half", ErrSignature)
		}
		return signature, nil
	}
	return sign, public, nil
}

// publicKeyOf returns a copy of the key's public half, which is on P-384.
func publicKeyOf(key crypto.Signer) (public *ecdsa.PublicKey, err error) {
	defer recovered(&err, "Public")
	missing := key == nil
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		missing = k == nil
	case *PrivateKey:
		if missing = k == nil; !missing && k.key == nil {
			return nil, errNoKey
		}
	case PrivateKey:
		if k.key == nil {
			return nil, errNoKey
		}
	}
	if missing {
		return nil, errors.New("ivstoken: the key is nil")
	}
	return p384(key.Public())
}

// p384 returns a copy of a public key if that is one on P-384.
func p384(public crypto.PublicKey) (*ecdsa.PublicKey, error) {
	key, ok := public.(*ecdsa.PublicKey)
	switch {
	case !ok:
		return nil, fmt.Errorf("%w: want an ECDSA key on P-384, got a %T", ErrAlgorithm, public)
	case key == nil || key.Curve == nil || key.Params() == nil || noPoint(key):
		return nil, fmt.Errorf("%w: the public key is empty", ErrAlgorithm)
	case key.Curve != elliptic.P384():
		return nil, fmt.Errorf("%w: want a key on P-384, got one on %s", ErrAlgorithm, key.Params().Name)
	}
	point, err := key.Bytes()
	if err == nil {
		key, err = ecdsa.ParseUncompressedPublicKey(elliptic.P384(), point)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the public key is not a point of P-384", ErrAlgorithm)
	}
	return key, nil
}

// noPoint reports a key whose point was never set, which package ecdsa panics at.
func noPoint(key *ecdsa.PublicKey) bool { return key.X == nil || key.Y == nil }

func callSigner(key crypto.Signer, random io.Reader, digest []byte) (der []byte, err error) {
	defer recovered(&err, "Sign")
	der, err = key.Sign(random, digest, crypto.SHA384)
	if err != nil {
		return nil, fmt.Errorf("ivstoken: sign: %w", err)
	}
	return der, nil
}

// recovered makes a panic of somebody's crypto.Signer an error. What it panicked
// with is left out: it may hold anything.
func recovered(err *error, method string) {
	if recover() != nil {
		*err = fmt.Errorf("ivstoken: the key's method %s panicked", method)
	}
}

// parseDER returns R and S of an ECDSA signature on P-384: SEQUENCE { R, S INTEGER }
// in DER, nothing else.
func parseDER(der []byte) (signature [signatureSize]byte, ok bool) {
	const half = signatureSize / 2
	if len(der) < 2 || der[0] != 0x30 || der[1] > 127 || int(der[1]) != len(der)-2 {
		return signature, false
	}
	rest := der[2:]
	for i := range 2 {
		if len(rest) < 3 || rest[0] != 0x02 || rest[1] == 0 || rest[1] > 127 || int(rest[1]) > len(rest)-2 {
			return signature, false
		}
		n := rest[2 : 2+rest[1]]
		rest = rest[2+rest[1]:]
		switch {
		case n[0] > 127: // negative
			return signature, false
		case n[0] == 0 && len(n) > 1:
			if n = n[1:]; n[0] <= 127 { // not the shortest form
				return signature, false
			}
		}
		if len(n) > half {
			return signature, false
		}
		out := signature[i*half : (i+1)*half]
		copy(out[half-len(n):], n)
		if n[0] == 0 || string(out) >= groupOrder { // n[0] is 0 for zero alone
			return signature, false
		}
	}
	return signature, len(rest) == 0
}
