package ivstoken_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// The payloads of tokens that the API made from 2023 to 2025, as apps published them:
// IDs, labels and values are replaced, the order of the claims is theirs. All had the
// header {"alg":"KMS","typ":"JWT"}.
var apiTokens = []struct {
	payload      string
	signature    int // bytes
	exp          int64
	stageID      string
	userID       string
	attributes   map[string]string
	capabilities []ivsrealtime.ParticipantTokenCapability
}{
	{`{"exp":1705557409,"iat":1704347809,"jti":"AbCdEfGhIjKl","resource":"arn:aws:ivs:ap-northeast-2:111122223333:stage/Stage0000001","topic":"Stage0000001","events_url":"wss://global.eevee.events.live-video.net","whip_url":"https://a00000000000.global-bm.whip.live-video.net","user_id":"user-1","capabilities":{"allow_publish":true,"allow_subscribe":true},"version":"0.0"}`, 103, 1705557409, "Stage0000001", "user-1", nil, []ivsrealtime.ParticipantTokenCapability{publish, subscribe}},
	{`{"exp":1691766274,"iat":1691757154,"jti":"AbCdEfGhIjKl","resource":"arn:aws:ivs:eu-central-1:111122223333:stage/Stage0000002","topic":"Stage0000002","events_url":"wss://eu-central-1.events.live-video.net","whip_url":"https://a00000000001.global.whip.live-video.net","user_id":"user-1","attributes":{"displayName":"x"},"capabilities":{"allow_publish":true,"allow_subscribe":true},"version":"0.3"}`, 104, 1691766274, "Stage0000002", "user-1", map[string]string{"displayName": "x"}, []ivsrealtime.ParticipantTokenCapability{publish, subscribe}},
	{`{"exp":1731721397,"iat":1731678197,"jti":"AbCdEfGhIjKl","resource":"arn:aws:ivs:ap-south-1:111122223333:stage/Stage0000003","topic":"Stage0000003","events_url":"wss://global.events.live-video.net","whip_url":"https://a00000000002.global-bm.whip.live-video.net","user_id":"user-1","capabilities":{"allow_subscribe":true},"version":"0.0"}`, 103, 1731721397, "Stage0000003", "user-1", nil, []ivsrealtime.ParticipantTokenCapability{subscribe}},
	{`{"exp":1764862162,"iat":1763652562,"jti":"AbCdEfGhIjKl","resource":"arn:aws:ivs:us-west-2:111122223333:stage/Stage0000004","topic":"Stage0000004","events_url":"wss://global.events.live-video.net","whip_url":"https://a00000000003.global-bm.whip.live-video.net","user_id":"user-1","attributes":{"stream_source":"x","username":"x"},"capabilities":{"allow_subscribe":true},"version":"0.0"}`, 103, 1764862162, "Stage0000004", "user-1", map[string]string{"stream_source": "x", "username": "x"}, []ivsrealtime.ParticipantTokenCapability{subscribe}},
	{`{"exp":1691126771,"iat":1691083571,"jti":"AbCdEfGhIjKl","resource":"arn:aws:ivs:us-east-1:111122223333:stage/Stage0000005","topic":"Stage0000005","events_url":"wss://us-east-1.events.live-video.net","whip_url":"https://a00000000004.global.whip.live-video.net","attributes":{"screen-share":"true"},"capabilities":{"allow_publish":true,"allow_subscribe":true},"version":"0.3"}`, 103, 1691126771, "Stage0000005", "", map[string]string{"screen-share": "true"}, []ivsrealtime.ParticipantTokenCapability{publish, subscribe}},
	{`{"exp":1721624529,"iat":1721538129,"jti":"AbCdEfGhIjKl","resource":"arn:aws:ivs:us-east-1:111122223333:stage/Stage0000006","topic":"Stage0000006","events_url":"wss://global.events.live-video.net","whip_url":"https://a00000000005.global-bm.whip.live-video.net","user_id":"user-1","attributes":{"username":"x"},"capabilities":{"allow_publish":true,"allow_subscribe":true},"version":"0.0"}`, 102, 1721624529, "Stage0000006", "user-1", map[string]string{"username": "x"}, []ivsrealtime.ParticipantTokenCapability{publish, subscribe}},
	{`{"exp":1764657029,"iat":1764225029,"jti":"AbCdEfGhIjKl","resource":"arn:aws:ivs:us-east-1:111122223333:stage/Stage0000007","topic":"Stage0000007","events_url":"wss://global.events.live-video.net","whip_url":"https://a00000000006.global-bm.whip.live-video.net","user_id":"user-1","attributes":{"role":"x","username":"x"},"capabilities":{"allow_publish":true,"allow_subscribe":true},"version":"0.0"}`, 103, 1764657029, "Stage0000007", "user-1", map[string]string{"role": "x", "username": "x"}, []ivsrealtime.ParticipantTokenCapability{publish, subscribe}},
	{`{"exp":1764657029,"iat":1764225029,"jti":"AbCdEfGhIjKl","resource":"arn:aws:ivs:us-east-1:111122223333:stage/Stage0000007","topic":"Stage0000007","events_url":"wss://global.events.live-video.net","whip_url":"https://a00000000006.global-bm.whip.live-video.net","attributes":{"role":"x"},"capabilities":{"allow_publish":true,"allow_subscribe":true},"version":"0.0"}`, 103, 1764657029, "Stage0000007", "", map[string]string{"role": "x"}, []ivsrealtime.ParticipantTokenCapability{publish, subscribe}},
}

// derSignature has the form of the tokens' signatures: two integers of 48 bytes or,
// where the first bit is set, of 49.
func derSignature(t *testing.T, size int) string {
	t.Helper()
	short, long := "\x02\x30"+strings.Repeat("\x7f", 48), "\x02\x31\x00"+strings.Repeat("\xff", 48)
	signature := map[int]string{102: "\x30\x64" + short + short, 103: "\x30\x65" + short + long, 104: "\x30\x66" + long + long}[size]
	require.Len(t, signature, size)
	return signature
}

func TestTokensOfTheAPI(t *testing.T) {
	for _, tt := range apiTokens {
		t.Run(tt.stageID, func(t *testing.T) {
			token := b64(`{"alg":"KMS","typ":"JWT"}`) + "." + b64(tt.payload) + "." + b64(derSignature(t, tt.signature))
			require.True(t, ivstoken.IsAPIToken(ivsrealtime.Secret(token)))
			_, err := ivstoken.ParseParticipantToken(ivsrealtime.Secret(token))
			require.ErrorIs(t, err, ivstoken.ErrAPIToken)
			_, err = ivstoken.ParseConnectionToken(ivsrealtime.Secret(token))
			require.ErrorIs(t, err, ivstoken.ErrAPIToken)
			_, err = ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), keys().PublicKey, at(tt.exp-1))
			require.ErrorIs(t, err, ivstoken.ErrAPIToken)
			_, err = ivstoken.VerifyConnectionToken(ivsrealtime.Secret(token), keys().PublicKey, at(tt.exp-1))
			require.ErrorIs(t, err, ivstoken.ErrAPIToken)
			_, err = golden(t).Exchange(ivsrealtime.Secret(token), ivstoken.ExchangeOptions{})
			require.ErrorIs(t, err, ivstoken.ErrAPIToken)

			// Signed with a key of the customer, its version is wrong, and nothing else.
			_, err = ivstoken.ParseParticipantToken(ivsrealtime.Secret(sign(header, tt.payload)))
			require.ErrorIs(t, err, ivstoken.ErrInvalidClaims)
			require.ErrorContains(t, err, `version must be "1.0"`)
			payload, _, _ := strings.Cut(tt.payload, `,"version":`)
			got, err := ivstoken.VerifyParticipantToken(ivsrealtime.Secret(sign(header, payload+`,"version":"1.0"}`)), keys().PublicKey, at(tt.exp-1))
			require.NoError(t, err)
			require.Equal(t, "AbCdEfGhIjKl", got.ParticipantID)
			require.Equal(t, tt.stageID, got.StageID)
			require.Equal(t, time.Unix(tt.exp, 0).UTC(), got.ExpirationTime)
			require.Equal(t, tt.userID, got.UserID)
			require.Equal(t, tt.attributes, got.Attributes)
			require.Equal(t, tt.capabilities, got.Capabilities)
		})
	}
}

// A viewer's token as demos of AWS sign it: no user_id, no attributes, and
// allow_publish false.
func TestTokenOfADemo(t *testing.T) {
	const (
		header  = `{"alg":"ES384","typ":"JWT","kid":"arn:aws:ivs:us-east-1:111122223333:public-key/Ab12Cd34Ef56"}`
		payload = `{"version":"1.0","exp":1790043200,"iat":1790000000,"jti":"aB3dE5fG7hJ9","resource":"arn:aws:ivs:us-east-1:111122223333:stage/Ab12Cd34Ef56","topic":"Ab12Cd34Ef56","events_url":"wss://global.events.live-video.net","whip_url":"https://a00000000000.global-bm.whip.live-video.net","capabilities":{"allow_publish":false,"allow_subscribe":true}}`
	)
	want := &ivstoken.ParticipantClaims{
		KeyARN:         "arn:aws:ivs:us-east-1:111122223333:public-key/Ab12Cd34Ef56",
		ParticipantID:  "aB3dE5fG7hJ9",
		StageARN:       "arn:aws:ivs:us-east-1:111122223333:stage/Ab12Cd34Ef56",
		StageID:        "Ab12Cd34Ef56",
		EventsURL:      "wss://global.events.live-video.net",
		WHIPURL:        "https://a00000000000.global-bm.whip.live-video.net",
		Capabilities:   []ivsrealtime.ParticipantTokenCapability{subscribe},
		IssuedAt:       time.Unix(1790000000, 0).UTC(),
		ExpirationTime: time.Unix(1790043200, 0).UTC(),
		Version:        "1.0",
	}
	token := sign(header, payload)
	got, err := ivstoken.ParseParticipantToken(ivsrealtime.Secret(token))
	require.NoError(t, err)
	require.Equal(t, want, got)
	key := ivstoken.Keys{"arn:aws:ivs:us-east-1:111122223333:public-key/Ab12Cd34Ef56": &privateKey().PublicKey}
	got, err = ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), key.PublicKey, at(1790000000))
	require.NoError(t, err)
	require.Equal(t, want, got)

	// Exchanged, the viewer's token says the same, without what was false.
	signer, err := ivstoken.NewSigner(want.KeyARN, privateKey(), func(o *ivstoken.SignerOptions) { o.Now = func() time.Time { return time.Unix(1790000000, 0) } })
	require.NoError(t, err)
	exchanged, err := signer.Exchange(ivsrealtime.Secret(token), ivstoken.ExchangeOptions{})
	require.NoError(t, err)
	claims := claimsOf(t, exchanged.Token)
	require.Equal(t, map[string]any{"allow_subscribe": true}, claims["capabilities"])
	require.Equal(t, "1.0", claims["version"])
	require.NotContains(t, claims, "user_id")
}
