package ivstoken_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

func newSigner(t *testing.T, keyARN string) *ivstoken.Signer {
	t.Helper()
	key, err := ivstoken.GenerateKey()
	require.NoError(t, err)
	s, err := ivstoken.NewSigner(keyARN, key)
	require.NoError(t, err)
	return s
}

func public(s *ivstoken.Signer) *ecdsa.PublicKey {
	key, err := s.PublicKey(s.KeyARN())
	if err != nil {
		panic(err)
	}
	return key
}

func TestKeyring(t *testing.T) {
	old, next := newSigner(t, keyARN+"-old"), newSigner(t, keyARN+"-next")
	ring, err := ivstoken.NewKeyring(old, nil)
	require.NoError(t, err)
	require.Same(t, old, ring.Active())
	before, err := ring.SignParticipantToken(viewer())
	require.NoError(t, err)
	connection, err := ring.SignConnectionToken(ivstoken.ConnectionTokenOptions{})
	require.NoError(t, err)

	handed := ivstoken.Keys{old.KeyARN(): public(old)}
	require.NoError(t, ring.Replace(next, handed))
	delete(handed, old.KeyARN()) // the caller's map is the caller's
	require.Len(t, ring.Keys(), 2)
	delete(ring.Keys(), old.KeyARN())
	for _, token := range []string{string(before.Token)} {
		got, err := ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), ring.PublicKey)
		require.NoError(t, err)
		require.Equal(t, old.KeyARN(), got.KeyARN)
	}
	_, err = ivstoken.VerifyConnectionToken(connection.Token, ring.PublicKey)
	require.NoError(t, err)

	// The new key signs, and takes over the old one's tokens.
	after, err := ring.Exchange(before.Token, ivstoken.ExchangeOptions{})
	require.NoError(t, err)
	got, err := ivstoken.VerifyParticipantToken(after.Token, next.PublicKey)
	require.NoError(t, err)
	require.Equal(t, "p_7Hq2-Zx91", got.ParticipantID)
	_, err = next.Exchange(before.Token, ivstoken.ExchangeOptions{})
	require.ErrorIs(t, err, ivstoken.ErrUnknownKey, "which the Signer alone does not")

	require.NoError(t, ring.Replace(next, nil))
	_, err = ivstoken.VerifyParticipantToken(before.Token, ring.PublicKey)
	require.ErrorIs(t, err, ivstoken.ErrUnknownKey)
	_, err = ring.Exchange(before.Token, ivstoken.ExchangeOptions{})
	require.ErrorIs(t, err, ivstoken.ErrUnknownKey)
}

func TestKeyringRefuses(t *testing.T) {
	good, other := newSigner(t, keyARN), newSigner(t, keyARN)
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	ring, err := ivstoken.NewKeyring(good, ivstoken.Keys{keyARN: public(good)})
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		active *ivstoken.Signer
		others ivstoken.Keys
		want   string
	}{
		"no signer":           {nil, nil, "not made by NewSigner"},
		"empty signer":        {&ivstoken.Signer{}, nil, "not made by NewSigner"},
		"two keys of one ARN": {good, ivstoken.Keys{keyARN: public(other)}, "two keys with one ARN"},
		"not an ARN":          {good, ivstoken.Keys{"hunter2": public(other)}, "kid must be the ARN"},
		"nil key":             {good, ivstoken.Keys{keyARN + "1": nil}, "public key is empty"},
		"P-256":               {good, ivstoken.Keys{keyARN + "1": &p256.PublicKey}, "got one on P-256"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ivstoken.NewKeyring(tt.active, tt.others)
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, ring.Replace(tt.active, tt.others), tt.want)
			require.Same(t, good, ring.Active())
			require.Equal(t, ivstoken.Keys{keyARN: public(good)}, ring.Keys(), "nothing has changed")
		})
	}
}

// What was not made by its constructor gives errors, no panics.
func TestZeroValues(t *testing.T) {
	var ring ivstoken.Keyring
	var none *ivstoken.Signer
	require.Nil(t, ring.Active())
	require.Nil(t, ring.Keys())
	_, err := ring.PublicKey(keyARN)
	require.ErrorIs(t, err, ivstoken.ErrUnknownKey)
	_, err = new(ivstoken.Signer).PublicKey("")
	require.ErrorIs(t, err, ivstoken.ErrUnknownKey)
	_, err = ring.SignParticipantToken(viewer())
	require.ErrorContains(t, err, "not made by NewKeyring")
	_, err = ring.SignConnectionToken(ivstoken.ConnectionTokenOptions{})
	require.ErrorContains(t, err, "not made by NewKeyring")
	_, err = ring.Exchange(participantToken, ivstoken.ExchangeOptions{})
	require.ErrorContains(t, err, "not made by NewKeyring")
	_, err = none.Exchange(participantToken, ivstoken.ExchangeOptions{})
	require.ErrorContains(t, err, "not made by NewSigner")
}

// Whoever uses a Keyring while it is swapped sees one whole state or the other: the
// key that signs is always among those that verify. Wants the race detector.
func TestKeyringConcurrency(t *testing.T) {
	a, b := newSigner(t, keyARN+"-a"), newSigner(t, keyARN+"-b")
	both := ivstoken.Keys{a.KeyARN(): public(a), b.KeyARN(): public(b)}
	ring, err := ivstoken.NewKeyring(a, both)
	require.NoError(t, err)
	var users sync.WaitGroup
	for range 4 {
		users.Go(func() {
			for range 10 {
				token, err := ring.SignParticipantToken(viewer())
				if err == nil {
					token, err = ring.Exchange(token.Token, ivstoken.ExchangeOptions{})
				}
				if err == nil {
					_, err = ivstoken.VerifyParticipantToken(token.Token, ring.PublicKey)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 1000 {
		active, other := a, b
		if i%2 == 0 {
			active, other = b, a
		}
		require.NoError(t, ring.Replace(active, ivstoken.Keys{other.KeyARN(): public(other)}))
	}
	users.Wait()
}
