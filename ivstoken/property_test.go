package ivstoken_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// checkOptions is the property: what a Signer accepts breaks no documented rule,
// says what was asked for, and can be exchanged with all that must stay the same.
// It reports whether the options were accepted.
func checkOptions(t testing.TB, s *ivstoken.Signer, o ivstoken.ParticipantTokenOptions) bool {
	t.Helper()
	token, err := s.SignParticipantToken(o)
	if err != nil {
		require.Nil(t, token)
		require.ErrorIs(t, err, ivstoken.ErrInvalidClaims)
		return false
	}
	checkParticipant(t, token.Token, o)
	before := claimsOf(t, token.Token)
	require.Equal(t, token.ParticipantID, before["jti"])
	require.EqualValues(t, token.ExpirationTime.Unix(), before["exp"])

	other, err := s.Exchange(token.Token, ivstoken.ExchangeOptions{Capabilities: []ivsrealtime.ParticipantTokenCapability{publish}})
	require.NoError(t, err)
	o.Capabilities = []ivsrealtime.ParticipantTokenCapability{publish}
	checkParticipant(t, other.Token, o)
	after := claimsOf(t, other.Token)
	for _, claim := range []string{"topic", "resource", "jti", "whip_url", "events_url"} {
		require.Equal(t, before[claim], after[claim])
	}
	return true
}

// TestSignedTokensKeepTheRules tries options that are good but for, now and then,
// one of the values at or beyond a limit.
func TestSignedTokensKeepTheRules(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	signers := []*ivstoken.Signer{
		golden(t),
		golden(t, func(o *ivstoken.SignerOptions) { o.Backdate = ivstoken.MaxBackdate }),
		golden(t, func(o *ivstoken.SignerOptions) {
			o.AllowAnyEndpoint, o.AllowFullKilobyte, o.AllowOtherAccountOrRegion = true, true, true
		}),
	}
	lifetimes := []time.Duration{0, 1, time.Second, 90 * time.Minute, ivstoken.MaxParticipantTokenLifetime - ivstoken.MaxBackdate, ivstoken.MaxParticipantTokenLifetime, ivstoken.MaxParticipantTokenLifetime + time.Second, -1, 1<<63 - 1}
	accepted, refused := 0, 0
	for range 100 {
		o := viewer()
		o.UserID = strings.Repeat(pick("a", "ü", "😀", "\x00", "<", "\u2028"), random.IntN(129))
		o.Lifetime = time.Duration(random.Int64N(int64(ivstoken.MaxParticipantTokenLifetime)))
		o.ParticipantID = pick("", "a", strings.Repeat("Z", 64), "_-_")
		o.Capabilities = []ivsrealtime.ParticipantTokenCapability{publish, subscribe}[random.IntN(2):]
		o.Attributes = map[string]string{}
		for range random.IntN(5) {
			o.Attributes[strings.Repeat(pick("k", "é", `"`), random.IntN(20))] = strings.Repeat(pick("v", "\n", "\x7f"), random.IntN(200))
		}
		switch random.IntN(12) {
		case 0:
			o.Lifetime = lifetimes[random.IntN(len(lifetimes))]
		case 1:
			o.UserID = strings.Repeat(pick("a", "ü"), 120+random.IntN(20))
		case 2:
			o.UserID += pick("\xff", "\xed\xa0\x80", "\ufffd")
		case 3:
			o.ParticipantID = strings.Repeat(pick("a", "é", ".", " "), random.IntN(70))
		case 4:
			o.Attributes[strings.Repeat("x", random.IntN(1100))] = pick("", "\xff", "y")
		case 5:
			o.Stage.ARN = pick("", stageARN+"/x", strings.ToUpper(stageARN), stageARN+" ", strings.Replace(stageARN, "1111", "2222", 1), strings.Replace(stageARN, ":stage", ":STAGE", 1), stageARN+strings.Repeat("a", 100))
		case 6:
			o.Stage.Endpoints.Events = pick("", "wss://", "WSS://host", "ws://host", "wss://host/ünicode", "wss://h:1/p?q=1", "\xff")
		case 7:
			o.Stage.Endpoints.WHIP = pick("", "https://", "https://[::1]:8443", "http://host", "https://a b", "https://a\n", "\xff")
		case 8:
			o.Capabilities = append(o.Capabilities, ivsrealtime.ParticipantTokenCapability(pick("", "ADMIN", "PUBLISH")))
		case 9:
			o.Capabilities = nil
		}
		if checkOptions(t, signers[random.IntN(len(signers))], o) {
			accepted++
		} else {
			refused++
		}
	}
	require.Greater(t, accepted, 30)
	require.Greater(t, refused, 15)
}

func FuzzParticipantToken(f *testing.F) {
	f.Add(stageARN, "wss://global.events.live-video.net", "https://host", "PUBLISH", "SUBSCRIBE", "user", "k", "v", "p_1", int64(time.Hour), int64(1790000000), int64(0), false)
	f.Add(stageARN, "wss://h", "https://h", "SUBSCRIBE", "", "\xff", strings.Repeat("k", 1000), "", "", int64(ivstoken.MaxParticipantTokenLifetime), int64(1), int64(time.Minute), true)
	f.Add("arn:aws:ivs:eu-west-1:1:stage/", "", "x", "", "", "\"\\\u2028", "é", "\x00", "a.b", int64(-1), int64(253402300799), int64(1), true)
	f.Fuzz(func(t *testing.T, arn, events, whip, capability, another, userID, key, value, id string, lifetime, now, backdate int64, allow bool) {
		s, err := ivstoken.NewSigner(keyARN, privateKey(), func(o *ivstoken.SignerOptions) {
			o.Now = func() time.Time { return time.Unix(now, 0) }
			o.Backdate = time.Duration(backdate)
			o.Deterministic = true
			o.AllowAnyEndpoint, o.AllowFullKilobyte, o.AllowOtherAccountOrRegion = allow, allow, allow
		})
		if err != nil {
			require.ErrorContains(t, err, "Backdate")
			return
		}
		o := ivstoken.ParticipantTokenOptions{
			Stage:         ivsrealtime.Stage{ARN: arn, Endpoints: ivsrealtime.StageEndpoints{Events: events, WHIP: whip}},
			Capabilities:  []ivsrealtime.ParticipantTokenCapability{ivsrealtime.ParticipantTokenCapability(capability)},
			UserID:        userID,
			Attributes:    map[string]string{key: value},
			Lifetime:      time.Duration(lifetime),
			ParticipantID: id,
		}
		if another != "" {
			o.Capabilities = append(o.Capabilities, ivsrealtime.ParticipantTokenCapability(another))
		}
		checkOptions(t, s, o)
	})
}

func FuzzConnectionToken(f *testing.F) {
	f.Add("", "", "", int64(0), int64(1790000000))
	f.Add("111122223333", "eu-west-1", "conn-1", int64(ivstoken.MaxConnectionTokenLifetime), int64(1))
	f.Add("1", "us-east-1", "a b", int64(-1), int64(-1))
	f.Fuzz(func(t *testing.T, account, region, id string, lifetime, now int64) {
		s := golden(t, func(o *ivstoken.SignerOptions) { o.Now = func() time.Time { return time.Unix(now, 0) } })
		token, err := s.SignConnectionToken(ivstoken.ConnectionTokenOptions{AccountID: account, Region: region, ID: id, Lifetime: time.Duration(lifetime)})
		if err != nil {
			require.ErrorIs(t, err, ivstoken.ErrInvalidClaims)
			return
		}
		var c struct {
			Exp, Iat  int64
			Jti       string
			AccountID string `json:"account_id"`
			Region    string
			EventsURL string `json:"events_url"`
			Version   string
		}
		d := json.NewDecoder(strings.NewReader(mustDecode(t, strings.Split(string(token.Token), ".")[1])))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&c))
		require.Greater(t, c.Exp, c.Iat)
		require.LessOrEqual(t, c.Exp-c.Iat, int64(28*86400))
		require.Regexp(t, `^[A-Za-z0-9_-]{1,64}$`, c.Jti)
		require.Equal(t, "111122223333", c.AccountID)
		require.Equal(t, "eu-west-1", c.Region)
		require.Equal(t, "wss://global.events.live-video.net", c.EventsURL)
		require.Equal(t, "1.0", c.Version)
		require.Equal(t, token.ID, c.Jti)
		_, err = ivstoken.VerifyConnectionToken(token.Token, keys().PublicKey, at(c.Iat))
		require.NoError(t, err)
	})
}
