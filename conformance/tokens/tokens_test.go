// Package tokens compares ivstoken with an independent JWT library: what one signs
// the other must verify, and what one refuses the other must refuse.
package tokens

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

const (
	keyARN   = "arn:aws:ivs:eu-west-1:111122223333:public-key/0f4c2b8e-1111-4222-8333-444455556666"
	stageARN = "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56"
	with     = "golang-jwt v5.3.1"

	publish   = ivsrealtime.ParticipantTokenCapabilityPublish
	subscribe = ivsrealtime.ParticipantTokenCapabilitySubscribe
)

var now = time.Unix(1790000000, 0)

type fixture struct {
	key    *ecdsa.PrivateKey
	signer *ivstoken.Signer
}

func newFixture(t *testing.T) *fixture {
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	signer, err := ivstoken.NewSigner(keyARN, key, func(o *ivstoken.SignerOptions) { o.Now = func() time.Time { return now } })
	require.NoError(t, err)
	return &fixture{key, signer}
}

// theirs verifies a token with the other library, as strictly as it can.
func (f *fixture) theirs(token string) (*jwt.Token, error) {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"ES384"}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return now }))
	return parser.Parse(token, func(t *jwt.Token) (any, error) {
		if t.Header["kid"] != keyARN {
			return nil, errors.New("unknown key")
		}
		return &f.key.PublicKey, nil
	})
}

// ours verifies a token of either kind with ivstoken.
func (f *fixture) ours(token string) error {
	at := func(o *ivstoken.VerifyOptions) { o.Now = func() time.Time { return now } }
	_, err := ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), f.signer.PublicKey, at)
	if errors.Is(err, ivstoken.ErrWrongKind) {
		_, err = ivstoken.VerifyConnectionToken(ivsrealtime.Secret(token), f.signer.PublicKey, at)
	}
	return err
}

// sign signs a token with the other library.
func (f *fixture) sign(t *testing.T, claims jwt.MapClaims) string {
	token := jwt.NewWithClaims(jwt.SigningMethodES384, claims)
	token.Header["kid"] = keyARN
	text, err := token.SignedString(f.key)
	require.NoError(t, err)
	return text
}

func stage() ivsrealtime.Stage {
	return ivsrealtime.Stage{ARN: stageARN, Endpoints: ivsrealtime.StageEndpoints{
		Events: "wss://global.events.live-video.net",
		WHIP:   "https://0a1b2c3d4e5f.global-bm.whip.live-video.net",
	}}
}

// participants are options and the claims that they stand for.
func participants() (all []ivstoken.ParticipantTokenOptions) {
	for _, userID := range []string{"", "viewer-9", strings.Repeat("ü", 128), "\"\\/<>&\u2028\x00\x1f😀"} {
		for _, attributes := range []map[string]string{nil, {"role": "guest"}, {"": "", "é": "\n", "<": strings.Repeat("v", 900)}} {
			for _, capabilities := range [][]ivsrealtime.ParticipantTokenCapability{{publish}, {subscribe}, {publish, subscribe}} {
				for _, lifetime := range []time.Duration{0, time.Second, ivstoken.MaxParticipantTokenLifetime} {
					all = append(all, ivstoken.ParticipantTokenOptions{
						Stage: stage(), Capabilities: capabilities, UserID: userID, Attributes: attributes, Lifetime: lifetime,
						ParticipantID: fmt.Sprintf("p_%d-x", len(all)),
					})
				}
			}
		}
	}
	return all
}

func claimsOf(o ivstoken.ParticipantTokenOptions) jwt.MapClaims {
	lifetime, attributes, capabilities := o.Lifetime, map[string]any{}, map[string]any{}
	if lifetime == 0 {
		lifetime = 12 * time.Hour
	}
	for key, value := range o.Attributes {
		attributes[key] = value
	}
	for _, c := range o.Capabilities {
		capabilities["allow_"+strings.ToLower(string(c))] = true
	}
	claims := jwt.MapClaims{
		"exp": float64(now.Add(lifetime).Unix()), "iat": float64(now.Unix()), "jti": o.ParticipantID,
		"resource": stageARN, "topic": "Ab12Cd34Ef56", "events_url": o.Stage.Endpoints.Events, "whip_url": o.Stage.Endpoints.WHIP,
		"capabilities": capabilities, "attributes": attributes, "version": "1.0",
	}
	if o.UserID != "" {
		claims["user_id"] = o.UserID
	}
	return claims
}

func connectionClaims(id string, lifetime time.Duration) jwt.MapClaims {
	return jwt.MapClaims{
		"exp": float64(now.Add(lifetime).Unix()), "iat": float64(now.Unix()), "jti": id, "account_id": "111122223333", "region": "eu-west-1",
		"events_url": "wss://global.events.live-video.net", "version": "1.0",
	}
}

// count reports a difference and counts it.
func count(t *testing.T, row *tally.Row, same bool, format string, args ...any) {
	t.Helper()
	row.Cases++
	if !same {
		row.Differences++
		t.Errorf(format, args...)
	}
}

func TestTheyVerifyOurs(t *testing.T) {
	f := newFixture(t)
	row := tally.Row{Area: "Tokens", What: "what ivstoken signs, header and claims", With: with}
	check := func(token ivsrealtime.Secret, want jwt.MapClaims) {
		got, err := f.theirs(string(token))
		if err != nil {
			count(t, &row, false, "refused: %v", err)
			return
		}
		header := map[string]any{"alg": "ES384", "typ": "JWT", "kid": keyARN}
		count(t, &row, reflect.DeepEqual(got.Header, header) && reflect.DeepEqual(got.Claims, want), "header %v, claims %v; want %v", got.Header, got.Claims, want)
	}
	for _, o := range participants() {
		token, err := f.signer.SignParticipantToken(o)
		require.NoError(t, err)
		check(token.Token, claimsOf(o))

		changed := o
		changed.Capabilities, changed.Attributes, changed.Lifetime = []ivsrealtime.ParticipantTokenCapability{publish}, map[string]string{"role": "host"}, time.Hour
		other, err := f.signer.Exchange(token.Token, ivstoken.ExchangeOptions{Capabilities: changed.Capabilities, Attributes: changed.Attributes, Lifetime: changed.Lifetime})
		require.NoError(t, err)
		check(other.Token, claimsOf(changed))
	}
	for i, lifetime := range []time.Duration{time.Second, time.Hour, ivstoken.MaxConnectionTokenLifetime} {
		id := fmt.Sprintf("conn-%d", i)
		token, err := f.signer.SignConnectionToken(ivstoken.ConnectionTokenOptions{ID: id, Lifetime: lifetime})
		require.NoError(t, err)
		check(token.Token, connectionClaims(id, lifetime))
	}
	tally.Record(t, row)
}

func TestWeVerifyTheirs(t *testing.T) {
	f := newFixture(t)
	row := tally.Row{Area: "Tokens", What: "what the other library signs, verified by ivstoken", With: with}
	at := func(o *ivstoken.VerifyOptions) { o.Now = func() time.Time { return now } }
	for _, o := range participants() {
		got, err := ivstoken.VerifyParticipantToken(ivsrealtime.Secret(f.sign(t, claimsOf(o))), f.signer.PublicKey, at)
		if err != nil {
			count(t, &row, false, "refused: %v", err)
			continue
		}
		attributes := o.Attributes
		if attributes == nil {
			attributes = map[string]string{}
		}
		lifetime := o.Lifetime
		if lifetime == 0 {
			lifetime = 12 * time.Hour
		}
		want := &ivstoken.ParticipantClaims{
			KeyARN: keyARN, ParticipantID: o.ParticipantID, StageARN: stageARN, StageID: "Ab12Cd34Ef56",
			EventsURL: o.Stage.Endpoints.Events, WHIPURL: o.Stage.Endpoints.WHIP, UserID: o.UserID, Attributes: attributes,
			Capabilities: o.Capabilities, IssuedAt: now.UTC(), ExpirationTime: now.Add(lifetime).UTC(), Version: "1.0",
		}
		count(t, &row, reflect.DeepEqual(got, want), "got %+v, want %+v", got, want)
	}
	for i, lifetime := range []time.Duration{time.Second, ivstoken.MaxConnectionTokenLifetime} {
		id := fmt.Sprintf("conn-%d", i)
		got, err := ivstoken.VerifyConnectionToken(ivsrealtime.Secret(f.sign(t, connectionClaims(id, lifetime))), f.signer.PublicKey, at)
		want := &ivstoken.ConnectionClaims{
			KeyARN: keyARN, ID: id, AccountID: "111122223333", Region: "eu-west-1", EventsURL: "wss://global.events.live-video.net",
			IssuedAt: now.UTC(), ExpirationTime: now.Add(lifetime).UTC(), Version: "1.0",
		}
		count(t, &row, err == nil && reflect.DeepEqual(got, want), "got %+v, want %+v: %v", got, want, err)
	}
	tally.Record(t, row)
}

// Every character of a token counts, to both.
func TestBothRefuseChangedTokens(t *testing.T) {
	f := newFixture(t)
	row := tally.Row{Area: "Tokens", What: "a token with one character changed", With: with}
	participant, err := f.signer.SignParticipantToken(participants()[4])
	require.NoError(t, err)
	connection, err := f.signer.SignConnectionToken(ivstoken.ConnectionTokenOptions{})
	require.NoError(t, err)
	for _, token := range []string{string(participant.Token), string(connection.Token)} {
		require.NoError(t, f.ours(token))
		_, err := f.theirs(token)
		require.NoError(t, err)
		for i := range token {
			other := byte('A')
			if token[i] == other {
				other = 'B'
			}
			changed := token[:i] + string(other) + token[i+1:]
			_, theirs := f.theirs(changed)
			ours := f.ours(changed)
			count(t, &row, theirs != nil && ours != nil, "character %d: they say %v, we say %v", i, theirs, ours)
		}
	}
	tally.Record(t, row)
}

// What is wrong with a token beside its content.
func TestBothRefuse(t *testing.T) {
	f := newFixture(t)
	stranger := newFixture(t)
	row := tally.Row{Area: "Tokens", What: "tokens that are accepted or refused", With: with}
	o := participants()[4]
	good := f.sign(t, claimsOf(o))
	parts := strings.Split(good, ".")
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	require.NoError(t, err)
	b64 := base64.RawURLEncoding.EncodeToString
	changed := func(claim string, value any) string {
		claims := claimsOf(o)
		if claims[claim] = value; value == nil {
			delete(claims, claim)
		}
		return f.sign(t, claims)
	}
	other := func(method jwt.SigningMethod, key any) string {
		token := jwt.NewWithClaims(method, claimsOf(o))
		token.Header["kid"] = keyARN
		text, err := token.SignedString(key)
		require.NoError(t, err)
		return text
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	require.NoError(t, err)
	for _, tt := range []struct {
		name, token string
		accepted    bool
	}{
		{"as it is", good, true},
		{"without attributes", changed("attributes", nil), true},
		{"with a claim that nobody knows", changed("sub", "anna"), true},
		{"the last second", changed("exp", now.Unix()+1), true},
		{"expired now", changed("exp", now.Unix()), false},
		{"expired long ago", changed("exp", 1), false},
		{"without exp", changed("exp", nil), false},
		{"exp as a string", changed("exp", "1790043200"), false},
		{"issued in a second", changed("iat", now.Unix()+1), false},
		{"iat as a string", changed("iat", "1790000000"), false},
		{"dates with fractions", f.sign(t, func() jwt.MapClaims {
			claims := claimsOf(o)
			claims["exp"], claims["iat"] = 1790043200.5, json.RawMessage("1.79e+09")
			return claims
		}()), true},
		{"nbf now", changed("nbf", now.Unix()), true},
		{"nbf in a second", changed("nbf", now.Unix()+1), false},
		{"nbf as a string", changed("nbf", "1790000000"), false},
		{"of another key", stranger.sign(t, claimsOf(o)), false},
		{"of an unknown key", strings.Join([]string{b64([]byte(`{"alg":"ES384","typ":"JWT","kid":"` + keyARN + `0"}`)), parts[1], parts[2]}, "."), false},
		{"alg none", other(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType), false},
		{"alg HS384 with the public key", other(jwt.SigningMethodHS384, []byte(keyARN)), false},
		{"alg ES256", other(jwt.SigningMethodES256, p256), false},
		{"alg ES512", other(jwt.SigningMethodES512, p521), false},
		{"no signature", parts[0] + "." + parts[1] + ".", false},
		{"two parts", parts[0] + "." + parts[1], false},
		{"four parts", good + ".", false},
		{"R and S swapped", parts[0] + "." + parts[1] + "." + b64(append(signature[48:96:96], signature[:48]...)), false},
		{"R and S zero", parts[0] + "." + parts[1] + "." + b64(make([]byte, 96)), false},
		{"signature cut off", parts[0] + "." + parts[1] + "." + b64(signature[:95]), false},
		{"signature too long", parts[0] + "." + parts[1] + "." + b64(append(signature[:96:96], 0)), false},
		{"padding", good + "=", false},
		{"space in front", " " + good, false},
		{"nothing", "", false},
	} {
		_, theirs := f.theirs(tt.token)
		ours := f.ours(tt.token)
		count(t, &row, (theirs == nil) == tt.accepted && (ours == nil) == tt.accepted, "%s: they say %v, we say %v", tt.name, theirs, ours)
	}
	tally.Record(t, row)
}
