package ivstoken_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

const (
	stageARN = "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56"

	publish   = ivsrealtime.ParticipantTokenCapabilityPublish
	subscribe = ivsrealtime.ParticipantTokenCapabilitySubscribe
)

// golden is a signer of the golden tokens: at 1790000000, deterministic.
func golden(t testing.TB, optFns ...func(*ivstoken.SignerOptions)) *ivstoken.Signer {
	t.Helper()
	s, err := ivstoken.NewSigner(keyARN, privateKey(), append([]func(*ivstoken.SignerOptions){func(o *ivstoken.SignerOptions) {
		o.Now = func() time.Time { return time.Unix(1790000000, 999_999_999) }
		o.Deterministic = true
	}}, optFns...)...)
	require.NoError(t, err)
	return s
}

func stage() ivsrealtime.Stage {
	return ivsrealtime.Stage{ARN: stageARN, Name: "lobby", Endpoints: ivsrealtime.StageEndpoints{
		Events: "wss://global.events.live-video.net",
		WHIP:   "https://0a1b2c3d4e5f.global-bm.whip.live-video.net",
		RTMPS:  "rtmps://0a1b2c3d4e5f.global-contribute.live-video.net:443/app/",
	}}
}

// viewer are the options of the golden participant token.
func viewer() ivstoken.ParticipantTokenOptions {
	return ivstoken.ParticipantTokenOptions{
		Stage:         stage(),
		Capabilities:  []ivsrealtime.ParticipantTokenCapability{subscribe},
		UserID:        "viewer-9",
		Attributes:    map[string]string{"role": "guest"},
		ParticipantID: "p_7Hq2-Zx91",
	}
}

// claimsOf reads the payload with encoding/json.
func claimsOf(t testing.TB, token ivsrealtime.Secret) map[string]any {
	t.Helper()
	parts := strings.Split(string(token), ".")
	require.Len(t, parts, 3)
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	var claims map[string]any
	require.NoError(t, json.Unmarshal(payload, &claims))
	return claims
}

func TestSignGolden(t *testing.T) {
	s := golden(t)
	p, err := s.SignParticipantToken(viewer())
	require.NoError(t, err)
	require.True(t, string(p.Token) == participantToken)
	require.Equal(t, "p_7Hq2-Zx91", p.ParticipantID)
	require.Equal(t, time.Date(2026, 9, 22, 2, 13, 20, 0, time.UTC), p.ExpirationTime)

	c, err := s.SignConnectionToken(ivstoken.ConnectionTokenOptions{ID: "conn-5f2c", Lifetime: ivstoken.MaxConnectionTokenLifetime})
	require.NoError(t, err)
	require.True(t, string(c.Token) == connectionToken)
	require.Equal(t, "conn-5f2c", c.ID)
	require.Equal(t, time.Date(2026, 10, 19, 14, 13, 20, 0, time.UTC), c.ExpirationTime)
}

// The bytes of the payload, of which the golden token shows one case.
func TestPayload(t *testing.T) {
	o := viewer()
	o.UserID, o.Attributes = "", nil
	o.Capabilities = []ivsrealtime.ParticipantTokenCapability{subscribe, publish, subscribe}
	token, err := golden(t).SignParticipantToken(o)
	require.NoError(t, err)
	payload := mustDecode(t, strings.Split(string(token.Token), ".")[1])
	require.Equal(t, `{"exp":1790043200,"iat":1790000000,"jti":"p_7Hq2-Zx91","resource":"`+stageARN+`","topic":"Ab12Cd34Ef56",`+
		`"events_url":"wss://global.events.live-video.net","whip_url":"https://0a1b2c3d4e5f.global-bm.whip.live-video.net",`+
		`"capabilities":{"allow_publish":true,"allow_subscribe":true},"attributes":{},"version":"1.0"}`, payload)

	o.UserID = "\"<é\u2028\x00😀"
	o.Attributes = map[string]string{"z": "1", "a": "2", "": "\n"}
	token, err = golden(t).SignParticipantToken(o)
	require.NoError(t, err)
	claims := claimsOf(t, token.Token)
	require.Equal(t, o.UserID, claims["user_id"])
	require.Equal(t, map[string]any{"z": "1", "a": "2", "": "\n"}, claims["attributes"])
	require.Contains(t, mustDecode(t, strings.Split(string(token.Token), ".")[1]), `"attributes":{"":"\n","a":"2","z":"1"}`)
}

func TestRandomIDs(t *testing.T) {
	s := golden(t)
	seen := map[string]bool{}
	for range 10 {
		o := viewer()
		o.ParticipantID = ""
		p, err := s.SignParticipantToken(o)
		require.NoError(t, err)
		require.Regexp(t, `^[A-Z2-7]{26}$`, p.ParticipantID)
		require.Equal(t, p.ParticipantID, claimsOf(t, p.Token)["jti"])
		c, err := s.SignConnectionToken(ivstoken.ConnectionTokenOptions{})
		require.NoError(t, err)
		require.Regexp(t, `^[A-Z2-7]{26}$`, c.ID)
		require.Equal(t, c.ID, claimsOf(t, c.Token)["jti"])
		require.False(t, seen[p.ParticipantID] || seen[c.ID])
		seen[p.ParticipantID], seen[c.ID] = true, true
	}
}

// Signatures are random by default, and the clock is package time's.
func TestSignByDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := ivstoken.NewSigner(keyARN, privateKey())
		require.NoError(t, err)
		a, err := s.SignParticipantToken(viewer())
		require.NoError(t, err)
		b, err := s.SignParticipantToken(viewer())
		require.NoError(t, err)
		require.False(t, a.Token == b.Token)
		for _, token := range []ivsrealtime.Secret{a.Token, b.Token} {
			got, err := ivstoken.VerifyParticipantToken(token, s.PublicKey)
			require.NoError(t, err)
			require.True(t, got.IssuedAt.Equal(time.Now()))
			require.Equal(t, 12*time.Hour, got.ExpirationTime.Sub(got.IssuedAt))
		}
	})
}

func TestParticipantTokenLimits(t *testing.T) {
	type options = ivstoken.ParticipantTokenOptions
	for _, tt := range []struct {
		name   string
		change func(*options)
		want   string // "" to be accepted
	}{
		{"no stage", func(o *options) { o.Stage = ivsrealtime.Stage{} }, "resource is missing"},
		{"not a stage", func(o *options) { o.Stage.ARN = keyARN }, "resource must be the ARN of a stage"},
		{"stage without ID", func(o *options) { o.Stage.ARN = strings.TrimSuffix(stageARN, "Ab12Cd34Ef56") }, "resource must be the ARN"},
		{"stage of another region", func(o *options) { o.Stage.ARN = strings.Replace(stageARN, "eu-west-1", "us-east-1", 1) }, "resource must be a stage in the region of the key, eu-west-1 (inferred; AllowOtherAccountOrRegion"},
		{"stage of another account", func(o *options) { o.Stage.ARN = strings.Replace(stageARN, "1111", "9999", 1) }, "resource must be a stage of the account of the key (inferred; AllowOtherAccountOrRegion"},
		{"no events endpoint", func(o *options) { o.Stage.Endpoints.Events = "" }, "events_url is missing"},
		{"no WHIP endpoint", func(o *options) { o.Stage.Endpoints.WHIP = "" }, "whip_url is missing"},
		{"endpoints swapped", func(o *options) { o.Stage.Endpoints.Events = o.Stage.Endpoints.WHIP }, "events_url must be a URL of the form wss://host (inferred; AllowAnyEndpoint"},
		{"WHIP without TLS", func(o *options) { o.Stage.Endpoints.WHIP = "http://host" }, "whip_url must be a URL of the form https://host (inferred; AllowAnyEndpoint"},
		{"WHIP without host", func(o *options) { o.Stage.Endpoints.WHIP = "https://" }, "whip_url must"},
		{"WHIP with a path alone", func(o *options) { o.Stage.Endpoints.WHIP = "https:///whip" }, "whip_url must"},
		{"WHIP with a space", func(o *options) { o.Stage.Endpoints.WHIP = "https://host /" }, "whip_url must"},
		{"WHIP not UTF-8", func(o *options) { o.Stage.Endpoints.WHIP = "https://host\xff" }, "whip_url must be valid UTF-8"},
		{"events not UTF-8", func(o *options) { o.Stage.Endpoints.Events = "wss://host\xff" }, "events_url must be valid UTF-8"},
		{"no capabilities", func(o *options) { o.Capabilities = nil }, "capabilities must be stated"},
		{"empty capabilities", func(o *options) { o.Capabilities = []ivsrealtime.ParticipantTokenCapability{} }, "capabilities must be stated"},
		{"unknown capability", func(o *options) { o.Capabilities = append(o.Capabilities, "publish") }, "capabilities must be PUBLISH and SUBSCRIBE only"},
		{"user ID of 129", func(o *options) { o.UserID = strings.Repeat("ü", 129) }, "user_id must have at most 128 characters"},
		{"user ID not UTF-8", func(o *options) { o.UserID = "hunter2\xff" }, "user_id must be valid UTF-8"},
		{"1001 bytes of attributes as JSON", func(o *options) { o.Attributes = map[string]string{"k": strings.Repeat("v", 1000-len(`{"k":""}`)+1)} }, "attributes must have at most 1000 bytes as JSON (inferred; AllowFullKilobyte"},
		{"attributes to be escaped", func(o *options) { o.Attributes = map[string]string{"k": strings.Repeat("\x00", 200)} }, "attributes must have at most 1000 bytes as JSON"},
		{"1025 bytes of attributes", func(o *options) { o.Attributes = map[string]string{"k": strings.Repeat("v", 1024)} }, "attributes must have at most 1024 bytes in keys and values"},
		{"attribute not UTF-8", func(o *options) { o.Attributes = map[string]string{"k": "hunter2\xff"} }, "attributes must be valid UTF-8"},
		{"attribute's key not UTF-8", func(o *options) { o.Attributes = map[string]string{"\xc0": "v"} }, "attributes must be valid UTF-8"},
		{"14 days and a second", func(o *options) { o.Lifetime = 14*24*time.Hour + time.Second }, "exp must be at most 14 days after iat"},
		{"the longest duration", func(o *options) { o.Lifetime = 1<<63 - 1 }, "exp must be at most 14 days after iat"},
		{"half a second", func(o *options) { o.Lifetime = time.Second / 2 }, "exp must be at least a second from now"},
		{"negative", func(o *options) { o.Lifetime = -time.Hour }, "exp must be at least a second from now"},
		{"ID of 65", func(o *options) { o.ParticipantID = strings.Repeat("a", 65) }, "jti must have at most 64 characters"},
		{"ID with a dot", func(o *options) { o.ParticipantID = "hunter2." }, "jti must have"},
		{"ID not ASCII", func(o *options) { o.ParticipantID = "é" }, "jti must have"},

		{"14 days", func(o *options) { o.Lifetime = ivstoken.MaxParticipantTokenLifetime }, ""},
		{"a second", func(o *options) { o.Lifetime = time.Second }, ""},
		{"a fraction beyond 14 days", func(o *options) { o.Lifetime = ivstoken.MaxParticipantTokenLifetime + time.Second - 1 }, ""},
		{"ID of 64", func(o *options) { o.ParticipantID = strings.Repeat("_", 64) }, ""},
		{"user ID of 128", func(o *options) { o.UserID = strings.Repeat("😀", 128) }, ""},
		{"1000 bytes of attributes as JSON", func(o *options) { o.Attributes = map[string]string{"k": strings.Repeat("v", 1000-len(`{"k":""}`))} }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := viewer()
			tt.change(&o)
			before := maps.Clone(o.Attributes)
			s := golden(t)
			token, err := s.SignParticipantToken(o)
			require.Equal(t, before, o.Attributes)
			if tt.want == "" {
				require.NoError(t, err)
				checkParticipant(t, token.Token, o)
				return
			}
			require.Nil(t, token)
			require.ErrorIs(t, err, ivstoken.ErrInvalidClaims)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

// Each named option switches off its own check, and what is then made is still
// what Parse takes.
func TestAllow(t *testing.T) {
	type options = ivstoken.ParticipantTokenOptions
	for name, tt := range map[string]struct {
		allow  func(*ivstoken.SignerOptions)
		change func(*options)
	}{
		"account":   {func(o *ivstoken.SignerOptions) { o.AllowOtherAccountOrRegion = true }, func(o *options) { o.Stage.ARN = strings.Replace(stageARN, "1111", "9999", 1) }},
		"region":    {func(o *ivstoken.SignerOptions) { o.AllowOtherAccountOrRegion = true }, func(o *options) { o.Stage.ARN = strings.Replace(stageARN, "eu-west-1", "us-east-1", 1) }},
		"events":    {func(o *ivstoken.SignerOptions) { o.AllowAnyEndpoint = true }, func(o *options) { o.Stage.Endpoints.Events = "ws://localhost" }},
		"WHIP":      {func(o *ivstoken.SignerOptions) { o.AllowAnyEndpoint = true }, func(o *options) { o.Stage.Endpoints.WHIP = "localhost" }},
		"1024":      {func(o *ivstoken.SignerOptions) { o.AllowFullKilobyte = true }, func(o *options) { o.Attributes = map[string]string{"k": strings.Repeat("v", 1023)} }},
		"6 a byte":  {func(o *ivstoken.SignerOptions) { o.AllowFullKilobyte = true }, func(o *options) { o.Attributes = map[string]string{"k": strings.Repeat("\x00", 1023)} }},
		"many keys": {func(o *ivstoken.SignerOptions) { o.AllowFullKilobyte = true }, func(o *options) { o.Attributes = manyAttributes(256) }},
	} {
		t.Run(name, func(t *testing.T) {
			o := viewer()
			tt.change(&o)
			_, err := golden(t).SignParticipantToken(o)
			require.ErrorContains(t, err, "inferred")
			token, err := golden(t, tt.allow).SignParticipantToken(o)
			require.NoError(t, err)
			got, err := ivstoken.VerifyParticipantToken(token.Token, keys().PublicKey, at(1790000000))
			require.NoError(t, err)
			require.Equal(t, o.Attributes, got.Attributes)
		})
	}
	other := ivstoken.ConnectionTokenOptions{AccountID: "999922223333"}
	_, err := golden(t).SignConnectionToken(other)
	require.ErrorContains(t, err, "account_id must be the account of the key (inferred; AllowOtherAccountOrRegion")
	token, err := golden(t, func(o *ivstoken.SignerOptions) { o.AllowOtherAccountOrRegion = true }).SignConnectionToken(other)
	require.NoError(t, err)
	require.Equal(t, "999922223333", claimsOf(t, token.Token)["account_id"])
}

func manyAttributes(n int) map[string]string {
	m := map[string]string{}
	for i := range n {
		m[string([]byte{byte('a' + i%26), byte('a' + i/26)})] = "12"
	}
	return m
}

func TestConnectionTokenLimits(t *testing.T) {
	type options = ivstoken.ConnectionTokenOptions
	for _, tt := range []struct {
		name    string
		options options
		want    string
	}{
		{"account of 11 digits", options{AccountID: "11112222333"}, "account_id must be 12 digits"},
		{"region of another key", options{Region: "us-east-1"}, "region must be the region of the key"},
		{"4 weeks and a second", options{Lifetime: ivstoken.MaxConnectionTokenLifetime + time.Second}, "exp must be at most 4 weeks after iat"},
		{"negative", options{Lifetime: -1}, "exp must be at least a second from now"},
		{"ID of 65", options{ID: strings.Repeat("a", 65)}, "jti must have at most 64 characters"},
		{"ID with a space", options{ID: "a b"}, "jti must have"},
		{"nothing", options{}, ""},
		{"everything", options{"111122223333", "eu-west-1", ivstoken.MaxConnectionTokenLifetime, strings.Repeat("-", 64)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			token, err := golden(t).SignConnectionToken(tt.options)
			if tt.want != "" {
				require.Nil(t, token)
				require.ErrorIs(t, err, ivstoken.ErrInvalidClaims)
				require.ErrorContains(t, err, tt.want)
				return
			}
			require.NoError(t, err)
			claims := claimsOf(t, token.Token)
			require.ElementsMatch(t, []string{"exp", "iat", "jti", "account_id", "region", "events_url", "version"}, slices.Collect(maps.Keys(claims)))
			got, err := ivstoken.VerifyConnectionToken(token.Token, keys().PublicKey, at(1790000000))
			require.NoError(t, err)
			require.Equal(t, "111122223333", got.AccountID)
			require.Equal(t, "eu-west-1", got.Region)
			require.Equal(t, token.ID, got.ID)
			require.Equal(t, token.ExpirationTime, got.ExpirationTime)
		})
	}
}

func TestBackdate(t *testing.T) {
	backdate := func(d time.Duration) func(*ivstoken.SignerOptions) {
		return func(o *ivstoken.SignerOptions) { o.Backdate = d }
	}
	s := golden(t, backdate(30*time.Second+time.Millisecond))
	token, err := s.SignParticipantToken(viewer())
	require.NoError(t, err)
	claims := claimsOf(t, token.Token)
	require.EqualValues(t, 1789999970, claims["iat"])
	require.EqualValues(t, 1790043200, claims["exp"], "from now, not from iat")

	o := viewer()
	o.Lifetime = ivstoken.MaxParticipantTokenLifetime - 30*time.Second
	_, err = s.SignParticipantToken(o)
	require.NoError(t, err)
	o.Lifetime += time.Second
	_, err = s.SignParticipantToken(o)
	require.ErrorContains(t, err, "exp must be at most 14 days after iat, which Backdate sets back by 30.001s")
	_, err = s.SignConnectionToken(ivstoken.ConnectionTokenOptions{Lifetime: ivstoken.MaxConnectionTokenLifetime})
	require.ErrorContains(t, err, "exp must be at most 4 weeks after iat, which Backdate")

	for _, d := range []time.Duration{-1, ivstoken.MaxBackdate + 1} {
		_, err := ivstoken.NewSigner(keyARN, privateKey(), backdate(d))
		require.ErrorContains(t, err, "Backdate must be from 0 to 5m0s")
	}
	golden(t, backdate(ivstoken.MaxBackdate))
}

// A clock that is off the scale gives an error, not a token.
func TestImpossibleClock(t *testing.T) {
	for _, now := range []time.Time{{}, time.Unix(0, 0), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(1<<62, 0)} {
		s := golden(t, func(o *ivstoken.SignerOptions) { o.Now = func() time.Time { return now } })
		_, err := s.SignParticipantToken(viewer())
		require.ErrorIs(t, err, ivstoken.ErrInvalidClaims, now)
	}
}

// documented are the rules of the guide for a participant token's payload, written
// down here once more and read with encoding/json.
func checkParticipant(t testing.TB, token ivsrealtime.Secret, o ivstoken.ParticipantTokenOptions) {
	t.Helper()
	require.Regexp(t, `^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{128}$`, string(token))
	var head map[string]string
	require.NoError(t, json.Unmarshal([]byte(mustDecode(t, strings.Split(string(token), ".")[0])), &head))
	require.Equal(t, map[string]string{"alg": "ES384", "typ": "JWT", "kid": keyARN}, head)

	payload := mustDecode(t, strings.Split(string(token), ".")[1])
	var c struct {
		Exp, Iat     json.Number
		Jti          string
		Resource     string
		Topic        string
		EventsURL    string `json:"events_url"`
		WHIPURL      string `json:"whip_url"`
		UserID       string `json:"user_id"`
		Capabilities map[string]bool
		Attributes   map[string]string
		Version      string
	}
	d := json.NewDecoder(strings.NewReader(payload))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&c))
	exp, err := c.Exp.Int64()
	require.NoError(t, err)
	iat, err := c.Iat.Int64()
	require.NoError(t, err)
	require.Greater(t, exp, iat)
	require.LessOrEqual(t, exp-iat, int64(14*86400))
	require.Regexp(t, `^[A-Za-z0-9_-]{1,64}$`, c.Jti)
	require.Regexp(t, regexp.MustCompile(`^arn:aws:ivs:[a-z0-9-]+:[0-9]+:stage/[A-Za-z0-9-]+$`), c.Resource)
	require.Equal(t, c.Resource[strings.Index(c.Resource, "/")+1:], c.Topic)
	require.Equal(t, "1.0", c.Version)
	require.LessOrEqual(t, utf8.RuneCountInString(c.UserID), 128)
	size := 0
	for key, value := range c.Attributes {
		size += len(key) + len(value)
	}
	require.LessOrEqual(t, size, 1024)
	require.NotNil(t, c.Attributes)
	require.NotEmpty(t, c.Capabilities)
	for key, allowed := range c.Capabilities {
		require.Contains(t, []string{"allow_publish", "allow_subscribe"}, key)
		require.True(t, allowed, "what is not allowed is left out")
	}

	// And it says what was asked for.
	require.Equal(t, o.Stage.ARN, c.Resource)
	require.Equal(t, o.Stage.Endpoints.Events, c.EventsURL)
	require.Equal(t, o.Stage.Endpoints.WHIP, c.WHIPURL)
	require.Equal(t, o.UserID, c.UserID)
	require.Equal(t, len(o.Attributes), len(c.Attributes))
	for key, value := range o.Attributes {
		require.Equal(t, value, c.Attributes[key])
	}
	require.Equal(t, slices.Contains(o.Capabilities, publish), c.Capabilities["allow_publish"])
	require.Equal(t, slices.Contains(o.Capabilities, subscribe), c.Capabilities["allow_subscribe"])
	if o.ParticipantID != "" {
		require.Equal(t, o.ParticipantID, c.Jti)
	}
	_, err = ivstoken.VerifyParticipantToken(token, keys().PublicKey, at(iat))
	require.NoError(t, err)
}
