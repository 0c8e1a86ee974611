package ivstoken_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

func keys() ivstoken.Keys { return ivstoken.Keys{keyARN: &privateKey().PublicKey} }

func at(seconds int64) func(*ivstoken.VerifyOptions) {
	return func(o *ivstoken.VerifyOptions) { o.Now = func() time.Time { return time.Unix(seconds, 0) } }
}

func leeway(d time.Duration) func(*ivstoken.VerifyOptions) {
	return func(o *ivstoken.VerifyOptions) { o.Leeway = d }
}

func TestVerify(t *testing.T) {
	want, err := ivstoken.ParseParticipantToken(participantToken)
	require.NoError(t, err)
	got, err := ivstoken.VerifyParticipantToken(participantToken, keys().PublicKey, at(1790000000))
	require.NoError(t, err)
	require.Equal(t, want, got)

	wantConnection, err := ivstoken.ParseConnectionToken(connectionToken)
	require.NoError(t, err)
	gotConnection, err := ivstoken.VerifyConnectionToken(connectionToken, keys().PublicKey, at(1790000000))
	require.NoError(t, err)
	require.Equal(t, wantConnection, gotConnection)

	_, err = ivstoken.VerifyParticipantToken(connectionToken, keys().PublicKey, at(1790000000))
	require.ErrorIs(t, err, ivstoken.ErrWrongKind)
	_, err = ivstoken.VerifyConnectionToken(participantToken, keys().PublicKey, at(1790000000))
	require.ErrorIs(t, err, ivstoken.ErrWrongKind)
}

func TestVerifyTime(t *testing.T) {
	const issued, expires = 1790000000, 1790043200
	for _, tt := range []struct {
		name   string
		now    int64
		leeway time.Duration
		want   error
	}{
		{"at iat", issued, 0, nil},
		{"before iat", issued - 1, 0, ivstoken.ErrNotYetValid},
		{"last second", expires - 1, 0, nil},
		{"at exp", expires, 0, ivstoken.ErrExpired},
		{"long after", expires * 2, time.Minute, ivstoken.ErrExpired},
		{"long before", 0, time.Minute, ivstoken.ErrNotYetValid},
		{"leeway before iat", issued - 60, time.Minute, nil},
		{"beyond leeway before iat", issued - 61, time.Minute, ivstoken.ErrNotYetValid},
		{"leeway after exp", expires + 59, time.Minute, nil},
		{"end of leeway after exp", expires + 60, time.Minute, ivstoken.ErrExpired},
		{"negative leeway", issued, -time.Hour, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ivstoken.VerifyParticipantToken(participantToken, keys().PublicKey, at(tt.now), leeway(tt.leeway))
			require.ErrorIs(t, err, tt.want)
			require.Equal(t, err == nil, got != nil)
			if err != nil {
				requireQuiet(t, err, participantToken)
			}
		})
	}
	_, err := ivstoken.VerifyConnectionToken(connectionToken, keys().PublicKey, at(1792419200))
	require.ErrorIs(t, err, ivstoken.ErrExpired)
	_, err = ivstoken.VerifyConnectionToken(connectionToken, keys().PublicKey, at(1789999999))
	require.ErrorIs(t, err, ivstoken.ErrNotYetValid)

	synctest.Test(t, func(t *testing.T) { // where it is the year 2000: the default clock is package time's
		_, err := ivstoken.VerifyParticipantToken(participantToken, keys().PublicKey)
		require.ErrorIs(t, err, ivstoken.ErrNotYetValid)
		time.Sleep(time.Until(time.Unix(issued, 0)))
		_, err = ivstoken.VerifyParticipantToken(participantToken, keys().PublicKey)
		require.NoError(t, err)
	})
}

func TestVerifySignature(t *testing.T) {
	cut := strings.LastIndex(participantToken, ".") + 1
	text := participantToken[:cut]
	good, err := base64.RawURLEncoding.DecodeString(participantToken[cut:])
	require.NoError(t, err)
	half := func(s string) string {
		raw, err := hex.DecodeString(s)
		require.NoError(t, err)
		require.Len(t, raw, 48)
		return string(raw)
	}
	zero, ones := strings.Repeat("\x00", 48), strings.Repeat("\xff", 48)
	order := half(elliptic.P384().Params().N.Text(16))
	r, s := string(good[:48]), string(good[48:])
	flipped := func(i int) string {
		b := append([]byte(nil), good...)
		b[i] ^= 1
		return string(b)
	}
	for name, signature := range map[string]string{
		"r zero":          zero + s,
		"s zero":          r + zero,
		"both zero":       zero + zero,
		"r is the order":  order + s,
		"s is the order":  r + order,
		"all ones":        ones + ones,
		"swapped":         s + r,
		"first bit":       flipped(0),
		"last bit":        flipped(95),
		"another token's": mustDecode(t, connectionToken[strings.LastIndex(connectionToken, ".")+1:]),
	} {
		t.Run(name, func(t *testing.T) {
			token := text + b64(signature)
			_, err := ivstoken.ParseParticipantToken(ivsrealtime.Secret(token)) // which does not look
			require.NoError(t, err)
			got, err := ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), keys().PublicKey, at(1790000000))
			require.Nil(t, got)
			require.ErrorIs(t, err, ivstoken.ErrSignature)
			requireQuiet(t, err, token)
		})
	}

	t.Run("payload changed", func(t *testing.T) {
		parts := strings.Split(participantToken, ".")
		parts[1] = b64(with(participant, "capabilities", `{"allow_publish":true}`))
		_, err := ivstoken.VerifyParticipantToken(ivsrealtime.Secret(strings.Join(parts, ".")), keys().PublicKey, at(1790000000))
		require.ErrorIs(t, err, ivstoken.ErrSignature)
	})
	t.Run("expired and forged", func(t *testing.T) { // a forged token tells nothing about time
		_, err := ivstoken.VerifyParticipantToken(ivsrealtime.Secret(text+b64(ones+ones)), keys().PublicKey, at(1990000000))
		require.ErrorIs(t, err, ivstoken.ErrSignature)
		require.NotErrorIs(t, err, ivstoken.ErrExpired)
	})
	t.Run("connection token", func(t *testing.T) {
		_, err := ivstoken.VerifyConnectionToken(ivsrealtime.Secret(connectionToken[:strings.LastIndex(connectionToken, ".")+1]+b64(string(good))), keys().PublicKey, at(1790000000))
		require.ErrorIs(t, err, ivstoken.ErrSignature)
	})
}

// The text of a token is no ID of it: whoever has a token can write its signature in
// a second way, and both are valid.
func TestSignatureHasTwoForms(t *testing.T) {
	cut := strings.LastIndex(participantToken, ".") + 1
	signature := []byte(mustDecode(t, participantToken[cut:]))
	s := new(big.Int).SetBytes(signature[48:])
	s.Sub(elliptic.P384().Params().N, s).FillBytes(signature[48:])
	other := participantToken[:cut] + b64(string(signature))
	require.False(t, other == participantToken)
	want, err := ivstoken.VerifyParticipantToken(participantToken, keys().PublicKey, at(1790000000))
	require.NoError(t, err)
	got, err := ivstoken.VerifyParticipantToken(ivsrealtime.Secret(other), keys().PublicKey, at(1790000000))
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func mustDecode(t testing.TB, s string) string {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	require.NoError(t, err)
	return string(raw)
}

func TestVerifyKeys(t *testing.T) {
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	small, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	large, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	require.NoError(t, err)
	down := errors.New("directory is down")
	for name, tt := range map[string]struct {
		keys ivstoken.KeyFunc
		want error
	}{
		"none":          {ivstoken.Keys(nil).PublicKey, ivstoken.ErrUnknownKey},
		"another ARN":   {ivstoken.Keys{keyARN + "0": &other.PublicKey}.PublicKey, ivstoken.ErrUnknownKey},
		"nil in Keys":   {ivstoken.Keys{keyARN: nil}.PublicKey, ivstoken.ErrUnknownKey},
		"nil, no error": {func(string) (*ecdsa.PublicKey, error) { return nil, nil }, ivstoken.ErrUnknownKey},
		"own error":     {func(string) (*ecdsa.PublicKey, error) { return &other.PublicKey, down }, down},
		"another key":   {ivstoken.Keys{keyARN: &other.PublicKey}.PublicKey, ivstoken.ErrSignature},
		"P-256":         {ivstoken.Keys{keyARN: &small.PublicKey}.PublicKey, ivstoken.ErrAlgorithm},
		"P-521":         {ivstoken.Keys{keyARN: &large.PublicKey}.PublicKey, ivstoken.ErrAlgorithm},
		"no curve":      {ivstoken.Keys{keyARN: {}}.PublicKey, ivstoken.ErrAlgorithm},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ivstoken.VerifyParticipantToken(participantToken, tt.keys, at(1790000000))
			require.Nil(t, got)
			require.ErrorIs(t, err, tt.want)
			require.ErrorContains(t, err, keyARN)
			requireQuiet(t, err, participantToken)
		})
	}
	_, err = ivstoken.VerifyParticipantToken(participantToken, func(arn string) (*ecdsa.PublicKey, error) {
		require.Equal(t, keyARN, arn)
		return &privateKey().PublicKey, nil
	}, at(1790000000))
	require.NoError(t, err)
}
