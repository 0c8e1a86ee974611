package ivstoken_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

const (
	keyARN = "arn:aws:ivs:eu-west-1:111122223333:public-key/0f4c2b8e-1111-4222-8333-444455556666"

	header      = `{"alg":"ES384","typ":"JWT","kid":"` + keyARN + `"}`
	participant = `{"exp":1790043200,"iat":1790000000,"jti":"p_7Hq2-Zx91","resource":"arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56","topic":"Ab12Cd34Ef56","events_url":"wss://global.events.live-video.net","whip_url":"https://0a1b2c3d4e5f.global-bm.whip.live-video.net","user_id":"viewer-9","capabilities":{"allow_subscribe":true},"attributes":{"role":"guest"},"version":"1.0"}`
	connection  = `{"exp":1792419200,"iat":1790000000,"jti":"conn-5f2c","account_id":"111122223333","region":"eu-west-1","events_url":"wss://global.events.live-video.net","version":"1.0"}`

	// The tokens of the above, made with pyca/cryptography (deterministic signatures,
	// RFC 6979) and the P-384 key of RFC 6979 A.2.6, which everybody knows.
	participantToken = "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCIsImtpZCI6ImFybjphd3M6aXZzOmV1LXdlc3QtMToxMTExMjIyMjMzMzM6cHVibGljLWtleS8wZjRjMmI4ZS0xMTExLTQyMjItODMzMy00NDQ0NTU1NTY2NjYifQ." +
		"eyJleHAiOjE3OTAwNDMyMDAsImlhdCI6MTc5MDAwMDAwMCwianRpIjoicF83SHEyLVp4OTEiLCJyZXNvdXJjZSI6ImFybjphd3M6aXZzOmV1LXdlc3QtMToxMTExMjIyMjMzMzM6c3RhZ2UvQWIxMkNkMzRFZjU2IiwidG9waWMiOiJBYjEyQ2QzNEVmNTYiLCJldmVudHNfdXJsIjoid3NzOi8vZ2xvYmFsLmV2ZW50cy5saXZlLXZpZGVvLm5ldCIsIndoaXBfdXJsIjoiaHR0cHM6Ly8wYTFiMmMzZDRlNWYuZ2xvYmFsLWJtLndoaXAubGl2ZS12aWRlby5uZXQiLCJ1c2VyX2lkIjoidmlld2VyLTkiLCJjYXBhYmlsaXRpZXMiOnsiYWxsb3dfc3Vic2NyaWJlIjp0cnVlfSwiYXR0cmlidXRlcyI6eyJyb2xlIjoiZ3Vlc3QifSwidmVyc2lvbiI6IjEuMCJ9." +
		"ZOJ3K0NfdI6kihox_OXOq-IBKttd_sPUoqNCKzW1v_sbERNvO5LUyuI_FpHNQg_bFvvtQuU1xpY5Kf7T6TQhOiyOSv3Sw9VCvaoHfpiSewqbKYN7jdIqUugcL5Bp0-cN"
	connectionToken = "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCIsImtpZCI6ImFybjphd3M6aXZzOmV1LXdlc3QtMToxMTExMjIyMjMzMzM6cHVibGljLWtleS8wZjRjMmI4ZS0xMTExLTQyMjItODMzMy00NDQ0NTU1NTY2NjYifQ." +
		"eyJleHAiOjE3OTI0MTkyMDAsImlhdCI6MTc5MDAwMDAwMCwianRpIjoiY29ubi01ZjJjIiwiYWNjb3VudF9pZCI6IjExMTEyMjIyMzMzMyIsInJlZ2lvbiI6ImV1LXdlc3QtMSIsImV2ZW50c191cmwiOiJ3c3M6Ly9nbG9iYWwuZXZlbnRzLmxpdmUtdmlkZW8ubmV0IiwidmVyc2lvbiI6IjEuMCJ9." +
		"BQKaq4crxr2GY-zSuiI_tCyVfAzqWcJ1zvnIervV3xQQ7vRp4cTKcFQx8GL9d1Xt7ep-5NkR2It7Bt-DI4qvX8aorDrjsCpCBoh4Q56_bn_CZMxDfeJl6FQDkxyjFbxQ"
	publicKeyPEM = "-----BEGIN PUBLIC KEY-----\n" +
		"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE7DpOQVtOGaRWhhgCn0J/pdqai8SukuAu\n" +
		"BqrlKGswDGTe+PDqkFWGYGSiVFFUgLwTgBXZty19VyROqO+awMYhiWcIpZNn+d+5\n" +
		"9UyoSz8cnbEoiyMcOuDU/nNE/SUzJkcg\n" +
		"-----END PUBLIC KEY-----\n"
)

func privateKey() *ecdsa.PrivateKey {
	d, _ := hex.DecodeString("6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5")
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), d)
	if err != nil {
		panic(err)
	}
	return key
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func signDER(key *ecdsa.PrivateKey, text string) []byte {
	hash := sha512.Sum384([]byte(text))
	der, err := key.Sign(nil, hash[:], crypto.SHA384)
	if err != nil {
		panic(err)
	}
	return der
}

// sign returns the signed token of a header and a payload, whatever they are.
func sign(header, payload string) string {
	text := b64(header) + "." + b64(payload)
	var sig struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signDER(privateKey(), text), &sig); err != nil {
		panic(err)
	}
	raw := make([]byte, 96)
	sig.R.FillBytes(raw[:48])
	sig.S.FillBytes(raw[48:])
	return text + "." + b64(string(raw))
}

// with returns the JSON object with one member set to the JSON value, or removed
// if that is "".
func with(object, member, value string) string {
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &m); err != nil {
		panic(err)
	}
	m[member] = json.RawMessage(value)
	if value == "" {
		delete(m, member)
	}
	out, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(out)
}

func quoted(n int, s string) string { return `"` + strings.Repeat(s, n) + `"` }

// requireQuiet checks that an error shows nothing of the token.
func requireQuiet(t *testing.T, err error, token string) {
	t.Helper()
	for _, part := range append(strings.Split(token, "."), token, "hunter2") {
		if len(part) > 3 {
			require.NotContains(t, err.Error(), part)
		}
	}
}

func TestParseParticipantToken(t *testing.T) {
	got, err := ivstoken.ParseParticipantToken(participantToken)
	require.NoError(t, err)
	require.Equal(t, &ivstoken.ParticipantClaims{
		KeyARN:         keyARN,
		ParticipantID:  "p_7Hq2-Zx91",
		StageARN:       "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56",
		StageID:        "Ab12Cd34Ef56",
		EventsURL:      "wss://global.events.live-video.net",
		WHIPURL:        "https://0a1b2c3d4e5f.global-bm.whip.live-video.net",
		UserID:         "viewer-9",
		Attributes:     map[string]string{"role": "guest"},
		Capabilities:   []ivsrealtime.ParticipantTokenCapability{"SUBSCRIBE"},
		IssuedAt:       time.Date(2026, 9, 21, 14, 13, 20, 0, time.UTC),
		ExpirationTime: time.Date(2026, 9, 22, 2, 13, 20, 0, time.UTC),
		Version:        "1.0",
	}, got)
	_, err = ivstoken.ParseConnectionToken(participantToken)
	require.ErrorIs(t, err, ivstoken.ErrWrongKind)
	require.False(t, ivstoken.IsAPIToken(participantToken))
}

func TestParseConnectionToken(t *testing.T) {
	got, err := ivstoken.ParseConnectionToken(connectionToken)
	require.NoError(t, err)
	require.Equal(t, &ivstoken.ConnectionClaims{
		KeyARN:         keyARN,
		ID:             "conn-5f2c",
		AccountID:      "111122223333",
		Region:         "eu-west-1",
		EventsURL:      "wss://global.events.live-video.net",
		IssuedAt:       time.Date(2026, 9, 21, 14, 13, 20, 0, time.UTC),
		ExpirationTime: time.Date(2026, 10, 19, 14, 13, 20, 0, time.UTC),
		Version:        "1.0",
	}, got)
	_, err = ivstoken.ParseParticipantToken(connectionToken)
	require.ErrorIs(t, err, ivstoken.ErrWrongKind)
}

func TestCapabilities(t *testing.T) {
	for claim, want := range map[string][]ivsrealtime.ParticipantTokenCapability{
		`{"allow_publish":true,"allow_subscribe":true}`:    {"PUBLISH", "SUBSCRIBE"},
		`{"allow_subscribe":false,"allow_publish":true}`:   {"PUBLISH"},
		`{"allow_publish":null,"allow_subscribe":true}`:    {"SUBSCRIBE"},
		`{"allow_fly":"high","ALLOW_PUBLISH":true}`:        nil,
		`{"allow_subscribe":true,"allow_subscribe":false}`: nil,
		`{}`: nil,
	} {
		// Not through with, which would lose the duplicate.
		token := sign(header, strings.Replace(participant, `{"allow_subscribe":true}`, claim, 1))
		got, err := ivstoken.ParseParticipantToken(ivsrealtime.Secret(token))
		require.NoError(t, err, claim)
		require.Equal(t, want, got.Capabilities, claim)
	}
}

// Tokens at the limits, and with what is to be ignored.
func TestAccepted(t *testing.T) {
	for _, tt := range []struct{ member, value string }{
		{"exp", "1791209600"}, // 14 days
		{"exp", "1790000001"},
		{"jti", quoted(64, "_")},
		{"jti", `"-"`},
		{"user_id", quoted(128, "ü")},
		{"user_id", `""`},
		{"user_id", "null"},
		{"user_id", ""},
		{"attributes", ""},
		{"attributes", "{}"},
		{"attributes", `{"k":` + quoted(1023, "v") + `}`},
		{"whip_url", `"https://host:8443/path"`},
		{"whip_url", `"http://localhost"`}, // that it is https is stated nowhere
		{"events_url", `"ws://localhost"`},
		{"iss", `{"a":[1,2,{"b":null}]}`},
		{"account_id", "12"}, // of no meaning in a participant token
		{"JTI", "1"},
	} {
		_, err := ivstoken.ParseParticipantToken(ivsrealtime.Secret(sign(header, with(participant, tt.member, tt.value))))
		require.NoError(t, err, "%s = %s", tt.member, tt.value)
	}
	// The last of two counts, and null is as good as absent.
	for _, more := range []string{`,"jti":"other"}`, `,"jti":"other","jti":null}`} {
		got, err := ivstoken.ParseParticipantToken(ivsrealtime.Secret(sign(header, strings.TrimSuffix(participant, "}")+more)))
		require.NoError(t, err)
		require.Equal(t, "other", got.ParticipantID)
	}
}

func TestParticipantClaims(t *testing.T) {
	for _, tt := range []struct {
		member, value string
		want          error
		text          string
	}{
		{"exp", "", ivstoken.ErrInvalidClaims, "exp is missing"},
		{"iat", "", ivstoken.ErrInvalidClaims, "iat is missing"},
		{"jti", "", ivstoken.ErrInvalidClaims, "jti is missing"},
		{"resource", "", ivstoken.ErrInvalidClaims, "resource is missing"},
		{"topic", "", ivstoken.ErrInvalidClaims, "topic is missing"},
		{"events_url", "", ivstoken.ErrInvalidClaims, "events_url is missing"},
		{"whip_url", "", ivstoken.ErrInvalidClaims, "whip_url is missing"},
		{"capabilities", "", ivstoken.ErrInvalidClaims, "capabilities is missing"},
		{"version", "", ivstoken.ErrInvalidClaims, "version is missing"},
		{"exp", "null", ivstoken.ErrInvalidClaims, "exp is missing"},
		{"exp", "1791209601", ivstoken.ErrInvalidClaims, "exp must be at most 14 days after iat"},
		{"exp", "1790000000", ivstoken.ErrInvalidClaims, "exp must be after iat"},
		{"exp", "-1", ivstoken.ErrInvalidClaims, "exp must be after iat"},
		{"exp", "9223372036854775807", ivstoken.ErrInvalidClaims, "exp must be in Unix seconds"},
		{"exp", "1790043200000", ivstoken.ErrInvalidClaims, "exp must be in Unix seconds"},
		{"exp", "9223372036854775808", ivstoken.ErrInvalidClaims, "exp must be in Unix seconds"},
		{"exp", "1e999999999", ivstoken.ErrInvalidClaims, "exp must be in Unix seconds"},
		{"exp", "1e-999999999", ivstoken.ErrInvalidClaims, "exp is missing or 0"},
		{"exp", "1790000000.9", ivstoken.ErrInvalidClaims, "exp must be after iat"}, // once the fraction is cut off
		{"exp", "1791209601.0", ivstoken.ErrInvalidClaims, "exp must be at most 14 days after iat"},
		{"iat", "0.5", ivstoken.ErrInvalidClaims, "iat is missing or 0"},
		{"iat", "-1.5", ivstoken.ErrInvalidClaims, "iat must not be before 1970"},
		{"iat", "1e999999999", ivstoken.ErrInvalidClaims, "exp must be after iat"},
		{"iat", "-9223372036854775808", ivstoken.ErrInvalidClaims, "iat must not be before 1970"},
		{"iat", "1788833599", ivstoken.ErrInvalidClaims, "exp must be at most 14 days after iat"},
		{"iat", "9223372036854775807", ivstoken.ErrInvalidClaims, "exp must be after iat"},
		{"jti", quoted(65, "a"), ivstoken.ErrInvalidClaims, "jti must have at most 64 characters"},
		{"jti", `"hunter2!"`, ivstoken.ErrInvalidClaims, "jti must have"},
		{"jti", `"hünter2"`, ivstoken.ErrInvalidClaims, "jti must have"},
		{"jti", `" a"`, ivstoken.ErrInvalidClaims, "jti must have"},
		{"resource", `"hunter2"`, ivstoken.ErrInvalidClaims, "resource must be the ARN of a stage"},
		{"resource", `"` + keyARN + `"`, ivstoken.ErrInvalidClaims, "resource must be the ARN of a stage"},
		{"resource", `"arn:aws:ivs:eu-west-1:1111:stage/"`, ivstoken.ErrInvalidClaims, "resource must"},
		{"resource", `"arn:aws:ivs:EU:1111:stage/Ab12Cd34Ef56"`, ivstoken.ErrInvalidClaims, "resource must"},
		{"resource", `"arn:aws:ivs:eu-west-1:x:stage/Ab12Cd34Ef56"`, ivstoken.ErrInvalidClaims, "resource must"},
		{"resource", `"arn:aws-cn:ivs:eu-west-1:1111:stage/Ab12Cd34Ef56"`, ivstoken.ErrInvalidClaims, "resource must"},
		{"resource", `"arn:aws:ivs:eu-west-1:1111:stage/Ab12Cd34Ef56:x"`, ivstoken.ErrInvalidClaims, "resource must"},
		{"resource", `"arn:aws:ivs:eu-west-1:1111:stage/` + strings.Repeat("a", 100) + `"`, ivstoken.ErrInvalidClaims, "resource must"},
		{"topic", `"Ab12Cd34Ef57"`, ivstoken.ErrInvalidClaims, "topic must be what follows stage/"},
		{"topic", `"arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56"`, ivstoken.ErrInvalidClaims, "topic must"},
		{"user_id", quoted(129, "ü"), ivstoken.ErrInvalidClaims, "user_id must have at most 128 characters"},
		{"attributes", `{"k":` + quoted(1024, "v") + `}`, ivstoken.ErrInvalidClaims, "attributes must have at most 1024 bytes"},
		{"attributes", `{"` + strings.Repeat("ü", 512) + `":"v"}`, ivstoken.ErrInvalidClaims, "attributes must have"},
		{"version", `"1.1"`, ivstoken.ErrInvalidClaims, `version must be "1.0"`},

		{"exp", `"1790043200"`, ivstoken.ErrMalformed, "exp: want a number, got a string"},
		{"exp", "true", ivstoken.ErrMalformed, "exp: want a number, got a boolean"},
		{"exp", `{"seconds":1790043200}`, ivstoken.ErrMalformed, "exp: want a number, got an object"},
		{"nbf", `"1790000000"`, ivstoken.ErrMalformed, "nbf: want a number, got a string"},
		{"nbf", "[]", ivstoken.ErrMalformed, "nbf: want a number, got an array"},
		{"iat", `"hunter2"`, ivstoken.ErrMalformed, "iat: want a number"},
		{"jti", "1", ivstoken.ErrMalformed, "jti: want a string"},
		{"resource", `["hunter2"]`, ivstoken.ErrMalformed, "resource: want a string"},
		{"topic", "{}", ivstoken.ErrMalformed, "topic: want a string"},
		{"events_url", "true", ivstoken.ErrMalformed, "events_url: want a string"},
		{"whip_url", "0", ivstoken.ErrMalformed, "whip_url: want a string"},
		{"user_id", "9", ivstoken.ErrMalformed, "user_id: want a string"},
		{"capabilities", `["PUBLISH"]`, ivstoken.ErrMalformed, "capabilities: want an object"},
		{"capabilities", `{"allow_publish":"true"}`, ivstoken.ErrMalformed, "capabilities.allow_publish: want a boolean"},
		{"attributes", `"hunter2"`, ivstoken.ErrMalformed, "attributes: want an object"},
		{"attributes", `{"age":2}`, ivstoken.ErrMalformed, "attributes[#0]: want a string"},
		{"version", "1.0", ivstoken.ErrMalformed, "version: want a string, got a number"},
	} {
		t.Run(tt.member+" "+tt.text, func(t *testing.T) {
			token := sign(header, with(participant, tt.member, tt.value))
			got, err := ivstoken.ParseParticipantToken(ivsrealtime.Secret(token))
			require.Nil(t, got)
			require.ErrorIs(t, err, tt.want)
			require.ErrorContains(t, err, tt.text)
			requireQuiet(t, err, token)
			// The signature is good, but that must not help.
			_, err = ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), keys().PublicKey, at(1790000000))
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestConnectionClaims(t *testing.T) {
	for _, tt := range []struct {
		member, value string
		want          error
		text          string
	}{
		{"exp", "", ivstoken.ErrInvalidClaims, "exp is missing"},
		{"iat", "", ivstoken.ErrInvalidClaims, "iat is missing"},
		{"jti", "", ivstoken.ErrInvalidClaims, "jti is missing"},
		{"account_id", "", ivstoken.ErrInvalidClaims, "account_id is missing"},
		{"region", "", ivstoken.ErrInvalidClaims, "region is missing"},
		{"events_url", "", ivstoken.ErrInvalidClaims, "events_url is missing"},
		{"version", "", ivstoken.ErrInvalidClaims, "version is missing"},
		{"exp", "1792419201", ivstoken.ErrInvalidClaims, "exp must be at most 4 weeks after iat"},
		{"exp", "1789999999", ivstoken.ErrInvalidClaims, "exp must be after iat"},
		{"jti", quoted(65, "a"), ivstoken.ErrInvalidClaims, "jti must have at most 64 characters"},
		{"jti", `"a.b"`, ivstoken.ErrInvalidClaims, "jti must"},
		{"account_id", `"11112222333"`, ivstoken.ErrInvalidClaims, "account_id must be 12 digits"},
		{"account_id", `"11112222333x"`, ivstoken.ErrInvalidClaims, "account_id must be 12 digits"},
		{"region", `"us-east-1"`, ivstoken.ErrInvalidClaims, "region must be the region of the key"},
		{"events_url", `"wss://hunter2"`, ivstoken.ErrInvalidClaims, "events_url must be wss://global.events.live-video.net"},
		{"version", `"1"`, ivstoken.ErrInvalidClaims, `version must be "1.0"`},
		{"resource", `"arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56"`, ivstoken.ErrInvalidClaims, "resource must not be in a connection token"},
		{"resource", "1e999", ivstoken.ErrInvalidClaims, "resource must not be"},
		{"resource", "null", ivstoken.ErrInvalidClaims, "resource must not be"},
		{"topic", `""`, ivstoken.ErrInvalidClaims, "topic must not be"},
		{"whip_url", `"https://hunter2"`, ivstoken.ErrInvalidClaims, "whip_url must not be"},
		{"capabilities", "{}", ivstoken.ErrInvalidClaims, "capabilities must not be"},
		{"attributes", `{"a":"hunter2"}`, ivstoken.ErrInvalidClaims, "attributes must not be"},
		{"user_id", `"hunter2"`, ivstoken.ErrInvalidClaims, "user_id must not be"},
		{"exp", "1792419201.5", ivstoken.ErrInvalidClaims, "exp must be at most 4 weeks after iat"},
		{"exp", `"1"`, ivstoken.ErrMalformed, "exp: want a number"},
		{"iat", "[]", ivstoken.ErrMalformed, "iat: want a number"},
		{"nbf", "{}", ivstoken.ErrMalformed, "nbf: want a number, got an object"},
		{"jti", "1", ivstoken.ErrMalformed, "jti: want a string"},
		{"account_id", "111122223333", ivstoken.ErrMalformed, "account_id: want a string, got a number"},
		{"region", "true", ivstoken.ErrMalformed, "region: want a string"},
		{"events_url", "{}", ivstoken.ErrMalformed, "events_url: want a string"},
		{"version", "1.0", ivstoken.ErrMalformed, "version: want a string"},
	} {
		t.Run(tt.member+" "+tt.text, func(t *testing.T) {
			token := sign(header, with(connection, tt.member, tt.value))
			got, err := ivstoken.ParseConnectionToken(ivsrealtime.Secret(token))
			require.Nil(t, got)
			require.ErrorIs(t, err, tt.want)
			require.ErrorContains(t, err, tt.text)
			requireQuiet(t, err, token)
			_, err = ivstoken.VerifyConnectionToken(ivsrealtime.Secret(token), keys().PublicKey, at(1790000000))
			require.ErrorIs(t, err, tt.want)
		})
	}
	_, err := ivstoken.ParseConnectionToken(ivsrealtime.Secret(sign(header, with(connection, "note", `"ignored"`))))
	require.NoError(t, err)
}

func TestForm(t *testing.T) {
	parts := strings.Split(participantToken, ".")
	h, p, s := parts[0], parts[1], parts[2]
	der := base64.RawURLEncoding.EncodeToString(signDER(privateKey(), h+"."+p))
	sized := func(n int) string { return b64(strings.Repeat("\x01", n)) }
	changed := func(member, value string) string { return sign(with(header, member, value), participant) }
	for _, tt := range []struct {
		name, token string
		want        error
	}{
		{"empty", "", ivstoken.ErrMalformed},
		{"dots only", "..", ivstoken.ErrMalformed},
		{"one part", "hunter2", ivstoken.ErrMalformed},
		{"two parts", h + "." + p, ivstoken.ErrMalformed},
		{"four parts", participantToken + ".", ivstoken.ErrMalformed},
		{"dot in front", "." + participantToken, ivstoken.ErrMalformed},
		{"five parts", "a.b.c.d.e", ivstoken.ErrMalformed},
		{"padding in the header", b64(header+" ") + "=." + p + "." + s, ivstoken.ErrMalformed},
		{"padding in the payload", h + "." + p + "=." + s, ivstoken.ErrMalformed},
		{"padding in the signature", h + "." + p + "." + s + "=", ivstoken.ErrMalformed},
		{"base64, not url", h + "." + p + "." + strings.NewReplacer("-", "+", "_", "/").Replace(s), ivstoken.ErrMalformed},
		{"trailing bits", h[:len(h)-1] + "R." + p + "." + s, ivstoken.ErrMalformed},
		{"line end at the end", participantToken + "\n", ivstoken.ErrMalformed},
		{"line end in the header", h[:8] + "\r\n" + h[8:] + "." + p + "." + s, ivstoken.ErrMalformed},
		{"space", " " + participantToken, ivstoken.ErrMalformed},
		{"too long", sign(header, participant+strings.Repeat(" ", 12000)), ivstoken.ErrMalformed},
		{"bearer", "Bearer " + participantToken, ivstoken.ErrMalformed},
		{"header null", sign("null", participant), ivstoken.ErrMalformed},
		{"header array", sign("["+header+"]", participant), ivstoken.ErrMalformed},
		{"header and more", sign(header+"{}", participant), ivstoken.ErrMalformed},
		{"payload empty", sign(header, ""), ivstoken.ErrMalformed},
		{"payload null", sign(header, "null"), ivstoken.ErrMalformed},
		{"payload cut off", sign(header, participant[:40]), ivstoken.ErrMalformed},
		{"payload and more", sign(header, participant+"x"), ivstoken.ErrMalformed},
		{"payload not UTF-8", sign(header, strings.Replace(participant, "viewer-9", "\xff", 1)), ivstoken.ErrMalformed},
		{"payload with comment", sign(header, "/**/"+participant), ivstoken.ErrMalformed},
		{"signature empty", h + "." + p + ".", ivstoken.ErrSignature},
		{"signature of 95 bytes", h + "." + p + "." + sized(95), ivstoken.ErrSignature},
		{"signature of 97 bytes", h + "." + p + "." + sized(97), ivstoken.ErrSignature},
		{"signature of ES256", h + "." + p + "." + sized(64), ivstoken.ErrSignature},
		{"signature in DER", h + "." + p + "." + der, ivstoken.ErrSignature},
		{"alg missing", changed("alg", ""), ivstoken.ErrAlgorithm},
		{"alg null", changed("alg", "null"), ivstoken.ErrAlgorithm},
		{"alg none", changed("alg", `"none"`), ivstoken.ErrAlgorithm},
		{"alg none, unsigned", b64(with(header, "alg", `"none"`)) + "." + p + ".", ivstoken.ErrAlgorithm},
		{"alg HS256", changed("alg", `"HS256"`), ivstoken.ErrAlgorithm},
		{"alg HS384", changed("alg", `"HS384"`), ivstoken.ErrAlgorithm},
		{"alg ES256", changed("alg", `"ES256"`), ivstoken.ErrAlgorithm},
		{"alg lower case", changed("alg", `"es384"`), ivstoken.ErrAlgorithm},
		{"alg number", changed("alg", "384"), ivstoken.ErrMalformed},
		{"Alg", sign(strings.Replace(header, "alg", "Alg", 1), participant), ivstoken.ErrAlgorithm},
		{"alg KMS", changed("alg", `"KMS"`), ivstoken.ErrAPIToken},
		{"typ missing", changed("typ", ""), ivstoken.ErrMalformed},
		{"typ lower case", changed("typ", `"jwt"`), ivstoken.ErrMalformed},
		{"crit", changed("crit", `["b64"]`), ivstoken.ErrMalformed},
		{"crit empty", changed("crit", `[]`), ivstoken.ErrMalformed},
		{"kid missing", changed("kid", ""), ivstoken.ErrMalformed},
		{"kid empty", changed("kid", `""`), ivstoken.ErrMalformed},
		{"kid not an ARN", changed("kid", `"hunter2"`), ivstoken.ErrMalformed},
		{"kid of a stage", changed("kid", `"arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56"`), ivstoken.ErrMalformed},
		{"kid as in the guide", changed("kid", `"arn:aws:ivs:123456789012:us-east-1:public-key/abc"`), ivstoken.ErrMalformed},
		{"kid number", changed("kid", "1"), ivstoken.ErrMalformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ivstoken.ParseParticipantToken(ivsrealtime.Secret(tt.token))
			require.Nil(t, got)
			require.ErrorIs(t, err, tt.want)
			requireQuiet(t, err, tt.token)
			_, err = ivstoken.ParseConnectionToken(ivsrealtime.Secret(tt.token))
			require.ErrorIs(t, err, tt.want)
			_, err = ivstoken.VerifyParticipantToken(ivsrealtime.Secret(tt.token), keys().PublicKey, at(1790000000))
			require.ErrorIs(t, err, tt.want)
			require.Equal(t, tt.want == ivstoken.ErrAPIToken, ivstoken.IsAPIToken(ivsrealtime.Secret(tt.token)))
		})
	}
}

func TestAPIToken(t *testing.T) {
	// As short as the guide's sample: no claims that self-signed tokens must have.
	token := b64(`{"alg":"KMS","typ":"JWT"}`) + "." + b64(`{"exp":1663893360,"jti":"Mx6clRRHODPy"}`) + "." + b64("0d\x020")
	require.True(t, ivstoken.IsAPIToken(ivsrealtime.Secret(token)))
	_, err := ivstoken.ParseParticipantToken(ivsrealtime.Secret(token))
	require.Equal(t, ivstoken.ErrAPIToken, err)
	_, err = ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), keys().PublicKey)
	require.ErrorIs(t, err, ivstoken.ErrAPIToken)
	_, err = ivstoken.VerifyConnectionToken(ivsrealtime.Secret(token), keys().PublicKey)
	require.ErrorIs(t, err, ivstoken.ErrAPIToken)
	require.False(t, ivstoken.IsAPIToken(""))
	require.False(t, ivstoken.IsAPIToken(ivsrealtime.Secret(token+".x")))
}
