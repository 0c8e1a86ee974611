package ivstoken_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// Misuse is an error of the call that is wrong, whatever the token is.
func TestMisuse(t *testing.T) {
	var ring *ivstoken.Keyring
	var signer *ivstoken.Signer
	var nobody *ivstoken.PrivateKey
	var keyFunc ivstoken.KeyFunc
	noClock := func(o *ivstoken.VerifyOptions) { o.Now = nil }
	good := golden(t)
	verify := func(token string, keys ivstoken.KeyFunc, optFns ...func(*ivstoken.VerifyOptions)) error {
		p, perr := ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), keys, optFns...)
		c, cerr := ivstoken.VerifyConnectionToken(ivsrealtime.Secret(token), keys, optFns...)
		require.Nil(t, p)
		require.Nil(t, c)
		require.Equal(t, fmt.Sprint(perr), fmt.Sprint(cerr))
		return perr
	}
	newSigner := func(key crypto.Signer, optFns ...func(*ivstoken.SignerOptions)) error {
		s, err := ivstoken.NewSigner(keyARN, key, optFns...)
		require.Nil(t, s)
		return err
	}
	second := func(_ any, err error) error { return err }
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"nil KeyFunc", verify(participantToken, nil), "the KeyFunc is nil; want one"},
		{"nil KeyFunc of its type", verify(connectionToken, keyFunc), "the KeyFunc is nil"},
		{"nil KeyFunc, malformed token", verify("", nil), "the KeyFunc is nil"},
		{"nil clock", verify(participantToken, keys().PublicKey, noClock), "VerifyOptions.Now is nil"},
		{"nil clock, malformed token", verify("hunter2", keys().PublicKey, noClock), "VerifyOptions.Now is nil"},
		{"nil option function", verify(participantToken, keys().PublicKey, nil), "an option function is nil"},
		{"nil option function after another", verify("", keys().PublicKey, at(1), nil), "an option function is nil"},
		{"nil option function of a Signer", newSigner(privateKey(), nil), "an option function is nil"},
		{"nil clock of a Signer", newSigner(privateKey(), func(o *ivstoken.SignerOptions) { o.Now = nil }), "SignerOptions.Now is nil"},
		{"nil key", newSigner(nil), "the key is nil"},
		{"nil *ecdsa.PrivateKey", newSigner((*ecdsa.PrivateKey)(nil)), "the key is nil"},
		{"nil *PrivateKey", newSigner(nobody), "the key is nil"},
		{"zero *PrivateKey", newSigner(&ivstoken.PrivateKey{}), "not made by GenerateKey or ParsePrivateKeyPEM"},
		{"zero PrivateKey", newSigner(ivstoken.PrivateKey{}), "not made by GenerateKey or ParsePrivateKeyPEM"},
		{"zero PrivateKey signs", second(ivstoken.PrivateKey{}.Sign(rand.Reader, make([]byte, 48), crypto.SHA384)), "not made by GenerateKey"},

		{"nil Keyring: Replace", ring.Replace(good, nil), "the Keyring was not made by NewKeyring"},
		{"nil Keyring: Key", second(ring.PublicKey(keyARN)), "the Keyring was not made by NewKeyring"},
		{"nil Keyring: ParticipantToken", second(ring.SignParticipantToken(viewer())), "the Keyring was not made by NewKeyring"},
		{"nil Keyring: ConnectionToken", second(ring.SignConnectionToken(ivstoken.ConnectionTokenOptions{})), "the Keyring was not made by NewKeyring"},
		{"nil Keyring: Exchange", second(ring.Exchange(participantToken, ivstoken.ExchangeOptions{})), "the Keyring was not made by NewKeyring"},
		{"key of a nil Keyring", second(ivstoken.VerifyParticipantToken(participantToken, ring.PublicKey)), "the Keyring was not made by NewKeyring"},
		{"nil Signer: Key", second(signer.PublicKey(keyARN)), "the Signer was not made by NewSigner"},
		{"nil Signer: ParticipantToken", second(signer.SignParticipantToken(viewer())), "the Signer was not made by NewSigner"},
		{"nil Signer: ConnectionToken", second(signer.SignConnectionToken(ivstoken.ConnectionTokenOptions{})), "the Signer was not made by NewSigner"},
		{"nil Signer: Exchange", second(signer.Exchange(participantToken, ivstoken.ExchangeOptions{})), "the Signer was not made by NewSigner"},
		{"key of a nil Signer", second(ivstoken.VerifyConnectionToken(connectionToken, signer.PublicKey)), "the Signer was not made by NewSigner"},
		{"nil Signer in a Keyring", second(ivstoken.NewKeyring(nil, nil)), "the Signer was not made by NewSigner"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.ErrorContains(t, tt.err, tt.want)
			require.NotContains(t, tt.err.Error(), "hunter2")
		})
	}
	require.ErrorIs(t, second(ring.PublicKey(keyARN)), ivstoken.ErrUnknownKey)
	require.ErrorIs(t, second(signer.PublicKey(keyARN)), ivstoken.ErrUnknownKey)

	// What cannot return an error returns nothing.
	require.Nil(t, ring.Active())
	require.Nil(t, ring.Keys())
	require.Equal(t, "ivstoken.Keyring()", fmt.Sprint(ring))
	require.Empty(t, ring.LogValue().String()[len("ivstoken.Keyring()"):])
	require.Empty(t, signer.KeyARN())
	require.Nil(t, ivstoken.PrivateKey{}.Public())
	require.Empty(t, string(ivstoken.PrivateKey{}.PEM()))
}
