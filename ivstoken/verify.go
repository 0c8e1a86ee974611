package ivstoken

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha512"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
)

// KeyFunc returns the public key of an ARN, or an error that matches ErrUnknownKey
// if there is none; a nil key without an error means the same. The ARN comes from a
// token that is not verified yet: it has the form of a public key's ARN, and nothing
// else is known about it.
type KeyFunc func(keyARN string) (*ecdsa.PublicKey, error)

// Keys are public keys by ARN. The method PublicKey is a KeyFunc:
//
//	keys := ivstoken.Keys{keyARN: publicKey}
//	t, err := ivstoken.VerifyParticipantToken(token, keys.PublicKey)
type Keys map[string]*ecdsa.PublicKey

// PublicKey returns the key of the ARN, or ErrUnknownKey.
func (k Keys) PublicKey(keyARN string) (*ecdsa.PublicKey, error) {
	if key := k[keyARN]; key != nil {
		return key, nil
	}
	return nil, ErrUnknownKey
}

// VerifyOptions change how a token is verified.
type VerifyOptions struct {
	// Now is the clock that iat and exp are compared with: time.Now.
	Now func() time.Time

	// Leeway is how far the clock that made the token may be off: a token is good
	// from Leeway before iat and nbf until Leeway after exp. The default is 0; what the
	// service allows is not documented. The client SDKs allow nothing for participant
	// tokens and 60 seconds for connection tokens. A negative Leeway counts as 0.
	Leeway time.Duration
}

// VerifyParticipantToken returns what is in a self-signed participant token after
// checking everything that can be checked: all that ParseParticipantToken checks,
// the ES384 signature with the key that the token names, and that now is neither
// before iat or nbf nor at or after exp. No other algorithm is accepted, whatever the
// token says. The result is nil if there is an error.
//
// A KeyFunc, an option function or a clock that is nil is an error, whatever the
// token is.
//
// Errors: those of ParseParticipantToken, ErrUnknownKey, ErrSignature, ErrNotYetValid,
// ErrExpired, and any other error of keys, wrapped.
func VerifyParticipantToken(token ivsrealtime.Secret, keys KeyFunc, optFns ...func(*VerifyOptions)) (*ParticipantClaims, error) {
	v, err := newVerifier(keys, optFns)
	if err != nil {
		return nil, err
	}
	j, err := parse(string(token))
	if err != nil {
		return nil, err
	}
	c, err := j.participantPayload()
	if err != nil {
		return nil, err
	}
	if err := v.verify(j, c.NotBefore, c.IssuedAt, c.ExpirationTime); err != nil {
		return nil, err
	}
	return c.claims(j.keyARN), nil
}

// VerifyConnectionToken returns what is in a connection token after checking
// everything that can be checked, as VerifyParticipantToken does.
func VerifyConnectionToken(token ivsrealtime.Secret, keys KeyFunc, optFns ...func(*VerifyOptions)) (*ConnectionClaims, error) {
	v, err := newVerifier(keys, optFns)
	if err != nil {
		return nil, err
	}
	j, err := parse(string(token))
	if err != nil {
		return nil, err
	}
	c, err := j.connectionPayload()
	if err != nil {
		return nil, err
	}
	if err := v.verify(j, c.NotBefore, c.IssuedAt, c.ExpirationTime); err != nil {
		return nil, err
	}
	return c.claims(j.keyARN), nil
}

// verifier is what a caller verifies with.
type verifier struct {
	keys    KeyFunc
	options VerifyOptions
}

// newVerifier reports what is wrong with a call, whatever its token is.
func newVerifier(keys KeyFunc, optFns []func(*VerifyOptions)) (*verifier, error) {
	v := &verifier{keys, VerifyOptions{Now: time.Now}}
	for _, fn := range optFns {
		if fn == nil {
			return nil, errors.New("ivstoken: an option function is nil")
		}
		fn(&v.options)
	}
	switch {
	case keys == nil:
		return nil, errors.New("ivstoken: the KeyFunc is nil; want one, such as the method PublicKey of Keys, Signer or Keyring")
	case v.options.Now == nil:
		return nil, errors.New("ivstoken: VerifyOptions.Now is nil; want a clock, such as time.Now, its default")
	}
	return v, nil
}

// verify checks signature and time. The times are in Unix seconds.
func (v *verifier) verify(j *jws, notBefore, issuedAt, expiresAt int64) error {
	if err := j.verifySignature(v.keys); err != nil {
		return err
	}
	now, leeway := v.options.Now(), max(v.options.Leeway, 0)
	if issued := time.Unix(issuedAt, 0); now.Before(issued.Add(-leeway)) {
		return fmt.Errorf("%w: issued at %s, now it is %s", ErrNotYetValid, stamp(issued), stamp(now))
	}
	if from := time.Unix(notBefore, 0); now.Before(from.Add(-leeway)) && notBefore != 0 {
		return tooEarly(from, now)
	}
	if expires := time.Unix(expiresAt, 0); !now.Before(expires.Add(leeway)) {
		return expired(expires, now)
	}
	return nil
}

func tooEarly(from, now time.Time) error {
	return fmt.Errorf("%w: not before %s (nbf), now it is %s", ErrNotYetValid, stamp(from), stamp(now))
}

func expired(at, now time.Time) error {
	return fmt.Errorf("%w: at %s, now it is %s", ErrExpired, stamp(at), stamp(now))
}

func (j *jws) verifySignature(keys KeyFunc) error {
	key, err := keys(j.keyARN)
	if err == nil && key == nil {
		err = ErrUnknownKey
	}
	if err != nil {
		return fmt.Errorf("%w (%s)", err, j.keyARN)
	}
	if key.Curve != elliptic.P384() {
		return fmt.Errorf("%w: the key is not on P-384 (%s)", ErrAlgorithm, j.keyARN)
	}
	if noPoint(key) {
		return fmt.Errorf("%w: the key is empty (%s)", ErrAlgorithm, j.keyARN)
	}
	if !verifySignature(key, []byte(j.signed), j.signature) {
		return fmt.Errorf("%w: it was not made with the key, or not for this token (%s)", ErrSignature, j.keyARN)
	}
	return nil
}

// verifySignature checks a signature of 96 bytes, R and S.
func verifySignature(key *ecdsa.PublicKey, text, signature []byte) bool {
	hash := sha512.Sum384(text)
	r := new(big.Int).SetBytes(signature[:signatureSize/2])
	s := new(big.Int).SetBytes(signature[signatureSize/2:])
	return ecdsa.Verify(key, hash[:], r, s)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
