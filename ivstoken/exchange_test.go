package ivstoken_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// later is a signer of the golden key two hours after the golden tokens.
func later(t *testing.T, optFns ...func(*ivstoken.SignerOptions)) *ivstoken.Signer {
	return golden(t, append(optFns, func(o *ivstoken.SignerOptions) {
		o.Now = func() time.Time { return time.Unix(1790007200, 0) }
	})...)
}

func TestExchange(t *testing.T) {
	type claims = map[string]any
	both := []ivsrealtime.ParticipantTokenCapability{publish, subscribe}
	for name, tt := range map[string]struct {
		options ivstoken.ExchangeOptions
		change  claims // what is different from the old token; nil for absent
	}{
		"nothing":              {ivstoken.ExchangeOptions{}, claims{}},
		"promoted":             {ivstoken.ExchangeOptions{Capabilities: both}, claims{"capabilities": claims{"allow_publish": true, "allow_subscribe": true}}},
		"publish alone":        {ivstoken.ExchangeOptions{Capabilities: both[:1]}, claims{"capabilities": claims{"allow_publish": true}}},
		"other attributes":     {ivstoken.ExchangeOptions{Attributes: map[string]string{"seat": "1"}}, claims{"attributes": claims{"seat": "1"}}},
		"no attributes":        {ivstoken.ExchangeOptions{Attributes: map[string]string{}}, claims{"attributes": claims{}}},
		"other user ID":        {ivstoken.ExchangeOptions{UserID: aws.String("anna")}, claims{"user_id": "anna"}},
		"no user ID":           {ivstoken.ExchangeOptions{UserID: aws.String("")}, claims{"user_id": nil}},
		"longer":               {ivstoken.ExchangeOptions{Lifetime: 24 * time.Hour}, claims{"exp": 1790007200.0 + 86400}},
		"shorter":              {ivstoken.ExchangeOptions{Lifetime: time.Minute}, claims{"exp": 1790007260.0}},
		"everything, 14 days ": {ivstoken.ExchangeOptions{both, aws.String("x"), map[string]string{"y": "z"}, ivstoken.MaxParticipantTokenLifetime}, claims{"capabilities": claims{"allow_publish": true, "allow_subscribe": true}, "user_id": "x", "attributes": claims{"y": "z"}, "exp": 1790007200.0 + 14*86400}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := later(t).Exchange(participantToken, tt.options)
			require.NoError(t, err)
			want := claimsOf(t, participantToken)
			want["iat"] = 1790007200.0
			for claim, value := range tt.change {
				if want[claim] = value; value == nil {
					delete(want, claim)
				}
			}
			require.Equal(t, want, claimsOf(t, got.Token))
			require.Equal(t, "p_7Hq2-Zx91", got.ParticipantID)
			require.EqualValues(t, want["exp"], got.ExpirationTime.Unix())
			_, err = ivstoken.VerifyParticipantToken(got.Token, keys().PublicKey, at(1790007200))
			require.NoError(t, err)
		})
	}
}

// A token that is not good is never signed anew.
func TestExchangeRefuses(t *testing.T) {
	other, err := ivstoken.GenerateKey()
	require.NoError(t, err)
	stranger, err := ivstoken.NewSigner(keyARN, other, func(o *ivstoken.SignerOptions) { o.Now = func() time.Time { return time.Unix(1790000000, 0) } })
	require.NoError(t, err)
	forged, err := stranger.SignParticipantToken(viewer())
	require.NoError(t, err)
	parts := strings.Split(participantToken, ".")
	parts[1] = b64(with(participant, "capabilities", `{"allow_publish":true}`))
	signed := func(member, value string) ivsrealtime.Secret {
		return ivsrealtime.Secret(sign(header, with(participant, member, value)))
	}
	for name, tt := range map[string]struct {
		token   ivsrealtime.Secret
		options ivstoken.ExchangeOptions
		want    error
	}{
		"forged":              {forged.Token, ivstoken.ExchangeOptions{}, ivstoken.ErrSignature},
		"changed":             {ivsrealtime.Secret(strings.Join(parts, ".")), ivstoken.ExchangeOptions{}, ivstoken.ErrSignature},
		"of another key":      {ivsrealtime.Secret(sign(with(header, "kid", `"`+keyARN+`0"`), participant)), ivstoken.ExchangeOptions{}, ivstoken.ErrUnknownKey},
		"connection token":    {connectionToken, ivstoken.ExchangeOptions{}, ivstoken.ErrWrongKind},
		"of the API":          {ivsrealtime.Secret(b64(`{"alg":"KMS","typ":"JWT"}`) + "." + b64(participant) + ".AAAA"), ivstoken.ExchangeOptions{}, ivstoken.ErrAPIToken},
		"nonsense":            {"hunter2", ivstoken.ExchangeOptions{}, ivstoken.ErrMalformed},
		"unsigned":            {ivsrealtime.Secret(b64(with(header, "alg", `"none"`)) + "." + b64(participant) + "."), ivstoken.ExchangeOptions{}, ivstoken.ErrAlgorithm},
		"expired this second": {signed("exp", "1790007200"), ivstoken.ExchangeOptions{Lifetime: time.Hour}, ivstoken.ErrExpired},
		"breaks a rule":       {signed("topic", `"x"`), ivstoken.ExchangeOptions{}, ivstoken.ErrInvalidClaims},
		"no capability":       {signed("capabilities", "{}"), ivstoken.ExchangeOptions{}, ivstoken.ErrInvalidClaims},
		"other region":        {ivsrealtime.Secret(sign(header, strings.ReplaceAll(participant, "eu-west-1", "us-east-1"))), ivstoken.ExchangeOptions{}, ivstoken.ErrInvalidClaims},

		"empty capabilities":  {participantToken, ivstoken.ExchangeOptions{Capabilities: []ivsrealtime.ParticipantTokenCapability{}}, ivstoken.ErrInvalidClaims},
		"unknown capability":  {participantToken, ivstoken.ExchangeOptions{Capabilities: []ivsrealtime.ParticipantTokenCapability{"ADMIN"}}, ivstoken.ErrInvalidClaims},
		"too long":            {participantToken, ivstoken.ExchangeOptions{Lifetime: ivstoken.MaxParticipantTokenLifetime + time.Second}, ivstoken.ErrInvalidClaims},
		"too short":           {participantToken, ivstoken.ExchangeOptions{Lifetime: 1}, ivstoken.ErrInvalidClaims},
		"user ID too long":    {participantToken, ivstoken.ExchangeOptions{UserID: aws.String(strings.Repeat("a", 129))}, ivstoken.ErrInvalidClaims},
		"attributes too many": {participantToken, ivstoken.ExchangeOptions{Attributes: manyAttributes(300)}, ivstoken.ErrInvalidClaims},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := later(t).Exchange(tt.token, tt.options)
			require.Nil(t, got)
			require.ErrorIs(t, err, tt.want)
			requireQuiet(t, err, string(tt.token))
		})
	}
	_, err = later(t).Exchange(signed("exp", "1790007201"), ivstoken.ExchangeOptions{})
	require.NoError(t, err, "a second before the end")
}

// The clock of the machine that made the old token was ahead. It is good, and
// keeps its expiry as far as that goes.
func TestExchangeAcrossClocks(t *testing.T) {
	o := viewer()
	o.Lifetime = ivstoken.MaxParticipantTokenLifetime
	ahead, err := later(t).SignParticipantToken(o)
	require.NoError(t, err)
	got, err := golden(t).Exchange(ahead.Token, ivstoken.ExchangeOptions{}) // two hours before
	require.NoError(t, err)
	require.EqualValues(t, 1790000000+14*86400, got.ExpirationTime.Unix())
	got, err = later(t, func(o *ivstoken.SignerOptions) { o.Backdate = time.Minute }).Exchange(ahead.Token, ivstoken.ExchangeOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1790007200-60+14*86400, got.ExpirationTime.Unix())
}

// Claims that nobody documents are not carried over.
func TestExchangeDropsUnknownClaims(t *testing.T) {
	got, err := later(t).Exchange(ivsrealtime.Secret(sign(header, with(participant, "admin", "true"))), ivstoken.ExchangeOptions{})
	require.NoError(t, err)
	require.NotContains(t, claimsOf(t, got.Token), "admin")
	_, err = base64.RawURLEncoding.DecodeString(strings.Split(string(got.Token), ".")[2])
	require.NoError(t, err)
}
