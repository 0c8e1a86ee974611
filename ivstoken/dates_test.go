package ivstoken_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// Dates are numbers in any notation, of which fractions are cut off.
func TestNumericDates(t *testing.T) {
	for _, tt := range []struct {
		exp, iat string
		wantExp  int64
		wantIat  int64
	}{
		{"1.7800432e+09", "1.78e+09", 1780043200, 1780000000},
		{"1.7800432E9", "178e7", 1780043200, 1780000000},
		{"1780043200.0", "1780000000.0", 1780043200, 1780000000},
		{"1780043200.5", "1780000000.5", 1780043200, 1780000000},
		{"1780043200.999999999999", "1780000000.999999999999", 1780043200, 1780000000},
		{"17800432009e-1", "17800000009e-1", 1780043200, 1780000000},
		{"1781209600.9", "1780000000", 1781209600, 1780000000}, // 14 days once it is cut
		{" 1780043200 ", "\t1780000000\n", 1780043200, 1780000000},
	} {
		t.Run(tt.exp+" "+tt.iat, func(t *testing.T) {
			token := sign(header, `{"exp":`+tt.exp+`,"iat":`+tt.iat+`,"jti":"p_7Hq2-Zx91","resource":"arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56","topic":"Ab12Cd34Ef56","events_url":"wss://global.events.live-video.net","whip_url":"https://0a1b2c3d4e5f.global-bm.whip.live-video.net","capabilities":{"allow_subscribe":true},"version":"1.0"}`)
			got, err := ivstoken.ParseParticipantToken(ivsrealtime.Secret(token))
			require.NoError(t, err)
			require.Equal(t, time.Unix(tt.wantIat, 0).UTC(), got.IssuedAt)
			require.Equal(t, time.Unix(tt.wantExp, 0).UTC(), got.ExpirationTime)

			_, err = ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), keys().PublicKey, at(tt.wantIat))
			require.NoError(t, err)
			_, err = ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), keys().PublicKey, at(tt.wantExp-1))
			require.NoError(t, err)
			_, err = ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), keys().PublicKey, at(tt.wantExp))
			require.ErrorIs(t, err, ivstoken.ErrExpired)

			signer := golden(t, func(o *ivstoken.SignerOptions) { o.Now = func() time.Time { return time.Unix(tt.wantIat, 0) } })
			exchanged, err := signer.Exchange(ivsrealtime.Secret(token), ivstoken.ExchangeOptions{})
			require.NoError(t, err)
			require.Equal(t, float64(tt.wantExp), claimsOf(t, exchanged.Token)["exp"])

			token = sign(header, `{"exp":`+tt.exp+`,"iat":`+tt.iat+`,"jti":"conn-5f2c","account_id":"111122223333","region":"eu-west-1","events_url":"wss://global.events.live-video.net","version":"1.0"}`)
			connection, err := ivstoken.ParseConnectionToken(ivsrealtime.Secret(token))
			require.NoError(t, err)
			require.Equal(t, time.Unix(tt.wantIat, 0).UTC(), connection.IssuedAt)
			require.Equal(t, time.Unix(tt.wantExp, 0).UTC(), connection.ExpirationTime)
			_, err = ivstoken.VerifyConnectionToken(ivsrealtime.Secret(token), keys().PublicKey, at(tt.wantExp-1))
			require.NoError(t, err)
			_, err = ivstoken.VerifyConnectionToken(ivsrealtime.Secret(token), keys().PublicKey, at(tt.wantExp))
			require.ErrorIs(t, err, ivstoken.ErrExpired)
		})
	}
}

// A token is not good before nbf, if it has one.
func TestNotBefore(t *testing.T) {
	for _, tt := range []struct {
		nbf    string
		now    int64
		leeway time.Duration
		want   error
	}{
		{"1790003600", 1790003599, 0, ivstoken.ErrNotYetValid},
		{"1790003600", 1790003600, 0, nil},
		{"1790003600", 1790003540, time.Minute, nil},
		{"1790003600", 1790003539, time.Minute, ivstoken.ErrNotYetValid},
		{"1.7900036e9", 1790003599, 0, ivstoken.ErrNotYetValid},
		{"1790003600.9", 1790003600, 0, nil},
		{"1790003600.9", 1790003599, 0, ivstoken.ErrNotYetValid},
		{"9223372036854775807", 1790000000, 0, ivstoken.ErrNotYetValid},
		{"1e999999999", 1790000000, time.Hour, ivstoken.ErrNotYetValid},
		{"1789999999", 1790000000, 0, nil},
		{"0", 1790000000, 0, nil},
		{"-1e99", 1790000000, 0, nil},
		{"null", 1790000000, 0, nil},
	} {
		t.Run(tt.nbf, func(t *testing.T) {
			token := sign(header, with(participant, "nbf", tt.nbf))
			_, err := ivstoken.ParseParticipantToken(ivsrealtime.Secret(token)) // which does not look at the time
			require.NoError(t, err)
			got, err := ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), keys().PublicKey, at(tt.now), leeway(tt.leeway))
			require.ErrorIs(t, err, tt.want)
			require.Equal(t, tt.want == nil, got != nil)

			connection := sign(header, with(connection, "nbf", tt.nbf))
			_, err = ivstoken.ParseConnectionToken(ivsrealtime.Secret(connection))
			require.NoError(t, err)
			_, err = ivstoken.VerifyConnectionToken(ivsrealtime.Secret(connection), keys().PublicKey, at(tt.now), leeway(tt.leeway))
			require.ErrorIs(t, err, tt.want)

			if tt.leeway > 0 {
				return // Exchange has none
			}
			signer := golden(t, func(o *ivstoken.SignerOptions) { o.Now = func() time.Time { return time.Unix(tt.now, 0) } })
			exchanged, err := signer.Exchange(ivsrealtime.Secret(token), ivstoken.ExchangeOptions{})
			require.ErrorIs(t, err, tt.want)
			if tt.want == nil {
				require.NotContains(t, claimsOf(t, exchanged.Token), "nbf")
			}
		})
	}
	_, err := ivstoken.VerifyParticipantToken(ivsrealtime.Secret(sign(header, with(participant, "nbf", "1790003600"))), keys().PublicKey, at(1790000000))
	require.EqualError(t, err, "ivstoken: token not valid yet: not before 2026-09-21T15:13:20Z (nbf), now it is 2026-09-21T14:13:20Z")
}
