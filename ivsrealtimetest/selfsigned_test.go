package ivsrealtimetest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// signer signs participant tokens by hand, from literal claims.
type signer struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	keyARN string
	claims map[string]any
	room   *room
}

func newSigner(r *room) *signer {
	r.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(r.t, err)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(r.t, err)
	out, err := r.client.ImportPublicKey(r.t.Context(), &ivsrealtime.ImportPublicKeyInput{PublicKeyMaterial: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))})
	require.NoError(r.t, err)
	stage, err := r.client.GetStage(r.t.Context(), &ivsrealtime.GetStageInput{ARN: r.arn})
	require.NoError(r.t, err)
	now := time.Now().Unix()
	return &signer{r.t, key, out.PublicKey.ARN, map[string]any{
		"exp": now + 3600, "iat": now, "jti": "anna_1", "resource": r.arn, "topic": r.arn[strings.LastIndex(r.arn, "/")+1:],
		"events_url": stage.Stage.Endpoints.Events, "whip_url": stage.Stage.Endpoints.WHIP, "user_id": "anna",
		"capabilities": map[string]bool{"allow_publish": true, "allow_subscribe": true}, "version": "1.0",
	}, r}
}

func (g *signer) sign(change map[string]any) ivsrealtime.Secret {
	g.t.Helper()
	claims := maps.Clone(g.claims)
	maps.Copy(claims, change)
	payload, err := json.Marshal(claims)
	require.NoError(g.t, err)
	b64 := base64.RawURLEncoding.EncodeToString
	text := b64([]byte(`{"alg":"ES384","typ":"JWT","kid":"`+g.keyARN+`"}`)) + "." + b64(payload)
	hash := sha512.Sum384([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, g.key, hash[:])
	require.NoError(g.t, err)
	return ivsrealtime.Secret(text + "." + b64(append(r.FillBytes(make([]byte, 48)), s.FillBytes(make([]byte, 48))...)))
}

func TestJoinWithASelfSignedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		g := newSigner(r)
		anna, err := r.srv.Join(g.sign(nil))
		require.NoError(t, err)
		require.Equal(t, "anna_1", anna.ID())
		require.Equal(t, "anna", r.participant(anna).UserID)
		require.NoError(t, anna.Publish())

		refused := map[string]struct {
			change    map[string]any
			err, also error
		}{
			"expired":                 {map[string]any{"iat": time.Now().Unix() - 10, "exp": time.Now().Unix() - 1}, ivsrealtimetest.ErrTokenExpired, ivstoken.ErrExpired},
			"too long a life":         {map[string]any{"exp": time.Now().Unix() + 15*86400}, ivsrealtimetest.ErrTokenMalformed, ivstoken.ErrInvalidClaims},
			"not yet":                 {map[string]any{"iat": time.Now().Unix() + 60}, ivsrealtimetest.ErrTokenMalformed, ivstoken.ErrNotYetValid},
			"version as a number":     {map[string]any{"version": 1}, ivsrealtimetest.ErrTokenMalformed, ivstoken.ErrMalformed},
			"another stage's WHIP":    {map[string]any{"whip_url": "https://elsewhere.example"}, ivsrealtimetest.ErrTokenMalformed, nil},
			"a stage that is no more": {map[string]any{"resource": r.arn + "x", "topic": r.arn[strings.LastIndex(r.arn, "/")+1:] + "x"}, ivsrealtimetest.ErrStageDeleted, nil},
		}
		for name, tt := range refused {
			_, err := r.srv.Join(g.sign(tt.change))
			require.ErrorIs(t, err, tt.err, name)
			if tt.also != nil {
				require.ErrorIs(t, err, tt.also, name)
			}
		}

		other := newSigner(newRoom(t))
		_, err = r.srv.Join(other.sign(nil))
		require.ErrorIs(t, err, ivstoken.ErrUnknownKey)
		forged := *other
		forged.keyARN, forged.claims = g.keyARN, g.claims
		_, err = r.srv.Join(forged.sign(nil))
		require.ErrorIs(t, err, ivstoken.ErrSignature)

		_, err = r.client.DisconnectParticipant(t.Context(), &ivsrealtime.DisconnectParticipantInput{StageARN: r.arn, ParticipantID: "anna_1"})
		require.NoError(t, err)
		_, err = r.srv.Join(g.sign(map[string]any{"user_id": "somebody else"}))
		require.ErrorIs(t, err, ivsrealtimetest.ErrParticipantDisconnected, "the id is what is shut out")

		_, err = r.client.DeletePublicKey(t.Context(), &ivsrealtime.DeletePublicKeyInput{ARN: g.keyARN})
		require.NoError(t, err)
		_, err = r.srv.Join(g.sign(map[string]any{"jti": "ben"}))
		require.ErrorIs(t, err, ivstoken.ErrUnknownKey)
	})
}

// Who comes again with another token for the same participant has what that
// token gives.
func TestJoinAgainWithAnotherToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		g := newSigner(r)
		anna, err := r.srv.Join(g.sign(nil))
		require.NoError(t, err)
		r.join("ben") // so that the session goes on
		anna.Leave()
		anna, err = r.srv.Join(g.sign(map[string]any{"capabilities": map[string]bool{"allow_subscribe": true}, "user_id": "second"}))
		require.NoError(t, err)
		require.ErrorIs(t, anna.Publish(), ivsrealtimetest.ErrTokenNotAllowed)
		require.Equal(t, "second", r.participant(anna).UserID)
	})
}

// A replica makes way for somebody of the same ID, and does not come in where one is.
func TestReplicaAndParticipantOfOneID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		main := newRoom(t)
		side := main.overflow()
		there := newSigner(side)
		anna, err := main.srv.Join(newSigner(main).sign(nil))
		require.NoError(t, err)
		require.NoError(t, anna.Publish())
		require.NoError(t, main.replicate(anna, side, 0))
		same, err := main.srv.Join(there.sign(nil))
		require.NoError(t, err)
		require.Equal(t, ivsrealtime.ReplicationTypeNone, side.participant(same).ReplicationType)
		require.Equal(t, ivsrealtime.ReplicationTypeNone, main.participant(anna).ReplicationType)
		require.ErrorIs(t, main.replicate(anna, side, 0), ivsrealtime.ErrConflict)
		same.Leave()
		require.Empty(t, side.activeSession(), "the refused replica left no session open")
	})
}

func TestExchangeToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		g := newSigner(r)
		viewer := map[string]bool{"allow_subscribe": true}
		anna, err := r.srv.Join(g.sign(map[string]any{"capabilities": viewer, "attributes": map[string]string{"role": "viewer"}}))
		require.NoError(t, err)
		require.ErrorIs(t, anna.Publish(), ivsrealtimetest.ErrTokenNotAllowed)
		require.NoError(t, anna.ExchangeToken(g.sign(map[string]any{"user_id": "anna-host", "attributes": map[string]string{"role": "host"}})))
		require.NoError(t, anna.Publish())
		require.Equal(t, "anna-host", r.participant(anna).UserID)
		require.Equal(t, map[string]string{"role": "host"}, r.participant(anna).Attributes)
		require.NoError(t, anna.ExchangeToken(g.sign(map[string]any{"capabilities": viewer})))
		require.Equal(t, "JOINED PUBLISH_ERROR=INSUFFICIENT_CAPABILITIES TOKEN_EXCHANGED PUBLISH_STARTED TOKEN_EXCHANGED PUBLISH_STOPPED", r.events(anna))

		out, err := r.client.ListParticipantEvents(t.Context(), &ivsrealtime.ListParticipantEventsInput{StageARN: r.arn, SessionID: anna.SessionID(), ParticipantID: anna.ID()})
		require.NoError(t, err)
		e := out.Events[2]
		require.Equal(t, []ivsrealtime.ParticipantTokenCapability{subscribe}, e.PreviousToken.Capabilities)
		require.Equal(t, []ivsrealtime.ParticipantTokenCapability{publish, subscribe}, e.NewToken.Capabilities)
		require.Equal(t, "anna-host", e.NewToken.UserID)
		require.False(t, e.NewToken.ExpirationTime.IsZero())

		// Tokens that cannot be exchanged at all only fail.
		for name, token := range map[string]ivsrealtime.Secret{
			"another participant": g.sign(map[string]any{"jti": "ben"}),
			"another stage":       g.sign(map[string]any{"resource": "arn:aws:ivs:us-east-1:111122223333:stage/Other", "topic": "Other"}),
			"another WHIP URL":    g.sign(map[string]any{"whip_url": "https://other.example"}),
			"another events URL":  g.sign(map[string]any{"events_url": "wss://other.example"}),
			"of the API":          r.token("x").Token,
			"malformed":           "nonsense",
		} {
			require.ErrorIs(t, anna.ExchangeToken(token), ivsrealtimetest.ErrTokenExchangeRequestInvalid, name)
			require.Empty(t, anna.LeftReason(), name)
		}
		require.ErrorIs(t, anna.ExchangeToken("nonsense"), ivsrealtimetest.ErrTokenMalformed)
		require.ErrorIs(t, r.join("api").ExchangeToken(g.sign(nil)), ivsrealtimetest.ErrTokenExchangeRequestInvalid)

		// The token that she has already is ignored.
		again := g.sign(map[string]any{"user_id": "again"})
		require.NoError(t, anna.ExchangeToken(again))
		n := len(r.events(anna))
		require.NoError(t, anna.ExchangeToken(again))
		require.Len(t, r.events(anna), n)
	})
}

// An exchange that the server refuses makes the participant leave.
func TestExchangeThatTheServerRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().Unix()
		for name, tt := range map[string]struct {
			token func(*signer) ivsrealtime.Secret
			also  error
		}{
			"expired":   {func(g *signer) ivsrealtime.Secret { return g.sign(map[string]any{"iat": now - 60, "exp": now}) }, ivsrealtimetest.ErrTokenExpired},
			"signature": {func(g *signer) ivsrealtime.Secret { return g.sign(nil) + "AAAA" }, ivsrealtimetest.ErrTokenMalformed},
			"key": {func(g *signer) ivsrealtime.Secret {
				_, err := g.room.client.DeletePublicKey(t.Context(), &ivsrealtime.DeletePublicKeyInput{ARN: g.keyARN})
				require.NoError(t, err)
				return g.sign(map[string]any{"user_id": "new"})
			}, ivstoken.ErrUnknownKey},
		} {
			r := newRoom(t)
			g := newSigner(r)

			anna, err := r.srv.Join(g.sign(map[string]any{"user_id": "old"}))
			require.NoError(t, err)
			require.NoError(t, anna.Publish())
			err = anna.ExchangeToken(tt.token(g))
			require.ErrorIs(t, err, ivsrealtimetest.ErrTokenExchangeFailed, name)
			require.ErrorIs(t, err, tt.also, name)
			require.Equal(t, ivsrealtimetest.LeftReasonFailedExchange, anna.LeftReason(), name)
			require.Equal(t, "JOINED PUBLISH_STARTED PUBLISH_STOPPED LEFT", r.events(anna), name)
			require.Empty(t, r.activeSession(), "she was the last")
		}
	})
}

func TestTokenReuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		g := newSigner(r)
		for name, token := range map[string]ivsrealtime.Secret{"of the API": r.token("anna").Token, "self-signed": g.sign(nil)} {
			phone, err := r.srv.Join(token)
			require.NoError(t, err, name)
			require.NoError(t, phone.Publish())
			session := phone.SessionID()
			laptop, err := r.srv.Join(token)
			require.NoError(t, err, name)
			require.Equal(t, session, laptop.SessionID(), "the session goes on")
			require.Equal(t, phone.ID(), laptop.ID())
			require.Equal(t, ivsrealtimetest.LeftReasonTokenReused, phone.LeftReason())
			require.ErrorIs(t, phone.Publish(), ivsrealtimetest.ErrNotConnected)
			require.ErrorContains(t, phone.Publish(), "token-reused")
			phone.Leave() // does not disconnect the laptop
			require.NoError(t, laptop.Publish())
			require.Empty(t, laptop.LeftReason())
			require.Equal(t, "JOINED PUBLISH_STARTED PUBLISH_STOPPED LEFT JOINED PUBLISH_STARTED", r.events(laptop), name)
			laptop.Leave()
			require.Equal(t, ivsrealtimetest.LeftReasonUserInitiated, laptop.LeftReason())
		}
	})
}

// The numbers and names of the client SDKs.
func TestClientErrors(t *testing.T) {
	for name, err := range map[string]error{
		"TOKEN_MALFORMED 1":                 ivsrealtimetest.ErrTokenMalformed,
		"TOKEN_EXPIRED 2":                   ivsrealtimetest.ErrTokenExpired,
		"FAILED 4":                          ivsrealtimetest.ErrConnectionTokenRevoked,
		"STAGE_AT_CAPACITY 6":               &ivsrealtimetest.MediaError{Op: "publish", Code: "QUOTA_EXCEEDED"},
		"TOKEN_NOT_ALLOWED 8":               &ivsrealtimetest.MediaError{Op: "publish", Code: "INSUFFICIENT_CAPABILITIES"},
		"STAGE_DELETED 9":                   ivsrealtimetest.ErrStageDeleted,
		"PARTICIPANT_DISCONNECTED 10":       ivsrealtimetest.ErrParticipantDisconnected,
		"TOKEN_EXCHANGE_REQUEST_INVALID 11": ivsrealtimetest.ErrTokenExchangeRequestInvalid,
		"TOKEN_EXCHANGE_FAILED 12":          ivsrealtimetest.ErrTokenExchangeFailed,
		"CONNECTION_TOKEN_INVALID 1053":     ivsrealtimetest.ErrConnectionTokenMalformed,
		"CONNECTION_TOKEN_EXPIRED 1054":     ivsrealtimetest.ErrConnectionTokenExpired,
	} {
		var e *ivsrealtimetest.ClientError
		require.ErrorAs(t, err, &e, name)
		require.Equal(t, name, fmt.Sprint(e.Name, " ", e.Number))
		require.Contains(t, e.Error(), fmt.Sprintf("(%s, %d)", e.Name, e.Number))
	}
	require.ErrorContains(t, ivsrealtimetest.ErrConnectionTokenRevoked, "TOKEN_REVOKED")
}

// connection signs a connection token.
func (g *signer) connection(id string, change map[string]any) func(*ivsrealtimetest.JoinOptions) {
	own := *g
	now := time.Now().Unix()
	own.claims = map[string]any{
		"exp": now + 3600, "iat": now, "jti": id, "account_id": "111122223333", "region": "us-east-1",
		"events_url": "wss://global.events.live-video.net", "version": "1.0",
	}
	token := own.sign(change)
	return func(o *ivsrealtimetest.JoinOptions) { o.ConnectionToken = token }
}

func TestConnectionToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		g := newSigner(r)
		now := time.Now().Unix()
		for name, tt := range map[string]struct {
			join      func(*ivsrealtimetest.JoinOptions)
			err, also error
		}{
			"expired":              {g.connection("c", map[string]any{"iat": now - 10, "exp": now}), ivsrealtimetest.ErrConnectionTokenExpired, ivstoken.ErrExpired},
			"not yet":              {g.connection("c", map[string]any{"iat": now + 1}), ivsrealtimetest.ErrConnectionTokenMalformed, ivstoken.ErrNotYetValid},
			"too long a life":      {g.connection("c", map[string]any{"exp": now + 29*86400}), ivsrealtimetest.ErrConnectionTokenMalformed, ivstoken.ErrInvalidClaims},
			"of another account":   {g.connection("c", map[string]any{"account_id": "999922223333"}), ivsrealtimetest.ErrConnectionTokenMalformed, nil},
			"of another region":    {g.connection("c", map[string]any{"region": "eu-west-1"}), ivsrealtimetest.ErrConnectionTokenMalformed, ivstoken.ErrInvalidClaims},
			"with a stage":         {g.connection("c", map[string]any{"resource": r.arn}), ivsrealtimetest.ErrConnectionTokenMalformed, ivstoken.ErrInvalidClaims},
			"of an unknown key":    {newSigner(newRoom(t)).connection("c", nil), ivsrealtimetest.ErrConnectionTokenMalformed, ivstoken.ErrUnknownKey},
			"a participant token":  {func(o *ivsrealtimetest.JoinOptions) { o.ConnectionToken = g.sign(nil) }, ivsrealtimetest.ErrConnectionTokenMalformed, ivstoken.ErrWrongKind},
			"a token of the API's": {func(o *ivsrealtimetest.JoinOptions) { o.ConnectionToken = r.token("x").Token }, ivsrealtimetest.ErrConnectionTokenMalformed, ivstoken.ErrAPIToken},
			"an ID":                {func(o *ivsrealtimetest.JoinOptions) { o.ConnectionToken = "conn-1" }, ivsrealtimetest.ErrConnectionTokenMalformed, ivstoken.ErrMalformed},
		} {
			_, err := r.srv.Join(r.token("anna").Token, tt.join)
			require.ErrorIs(t, err, tt.err, name)
			if tt.also != nil {
				require.ErrorIs(t, err, tt.also, name)
			}
		}
		require.Empty(t, r.activeSession(), "nobody came in")
		_, err := r.srv.Join(ivsrealtime.Secret("nonsense"), g.connection("c", nil))
		require.ErrorIs(t, err, ivsrealtimetest.ErrTokenMalformed, "the participant token counts, too")

		// One connection for participants of two stages, with either kind of token.
		side := r.overflow()
		one, two := g.connection("conn-1", nil), g.connection("conn-2", nil)
		anna, err := r.srv.Join(r.token("anna").Token, one)
		require.NoError(t, err)
		aside, err := r.srv.Join(side.token("anna").Token, one)
		require.NoError(t, err)
		ben, err := r.srv.Join(g.sign(nil), two)
		require.NoError(t, err)

		revoke := func(id string) {
			t.Helper()
			_, err := r.client.RevokeConnectionToken(t.Context(), &ivsrealtime.RevokeConnectionTokenInput{TokenID: id})
			require.NoError(t, err)
		}
		revoke("conn-1")
		revoke("conn-1")
		revoke("never-seen")
		require.ErrorIs(t, anna.Publish(), ivsrealtimetest.ErrNotConnected)
		require.ErrorIs(t, aside.Publish(), ivsrealtimetest.ErrNotConnected)
		require.Equal(t, ivsrealtimetest.LeftReason("real-time-connection-token-revocation"), anna.LeftReason())
		require.NoError(t, ben.Publish())
		_, err = r.srv.Join(r.token("cleo").Token, one)
		require.ErrorIs(t, err, ivsrealtimetest.ErrConnectionTokenRevoked)
		_, err = r.srv.Join(r.token("anna").Token)
		require.NoError(t, err, "without it")

		// Who comes again without it is not of that connection any more.
		ben, err = r.srv.Join(g.sign(nil))
		require.NoError(t, err)
		revoke("conn-2")
		require.NoError(t, ben.Unpublish())

		_, err = r.client.DeletePublicKey(t.Context(), &ivsrealtime.DeletePublicKeyInput{ARN: g.keyARN})
		require.NoError(t, err)
		_, err = r.srv.Join(r.token("dora").Token, g.connection("conn-3", nil))
		require.ErrorIs(t, err, ivstoken.ErrUnknownKey)
	})
}

// What ivstoken signs the server accepts, to the second, and what it exchanges.
func TestTokensOfAnIVSTokenSigner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		key, err := ivstoken.GenerateKey()
		require.NoError(t, err)
		material, err := ivstoken.MarshalPublicKeyPEM(key.Public())
		require.NoError(t, err)
		imported, err := r.client.ImportPublicKey(t.Context(), &ivsrealtime.ImportPublicKeyInput{PublicKeyMaterial: material})
		require.NoError(t, err)
		s, err := ivstoken.NewSigner(imported.PublicKey.ARN, key, func(o *ivstoken.SignerOptions) {
			o.PublicKeyMaterial = imported.PublicKey.PublicKeyMaterial
		})
		require.NoError(t, err)
		got, err := r.client.GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: r.arn})
		require.NoError(t, err)

		token, err := s.SignParticipantToken(ivstoken.ParticipantTokenOptions{
			Stage:        got.Stage,
			Capabilities: []ivsrealtime.ParticipantTokenCapability{subscribe},
			Attributes:   map[string]string{"role": "viewer"},
			Lifetime:     time.Minute,
		})
		require.NoError(t, err)
		connection, err := s.SignConnectionToken(ivstoken.ConnectionTokenOptions{Lifetime: 2 * time.Minute})
		require.NoError(t, err)
		via := func(o *ivsrealtimetest.JoinOptions) { o.ConnectionToken = connection.Token }
		anna, err := r.srv.Join(token.Token, via)
		require.NoError(t, err)
		require.Equal(t, token.ParticipantID, anna.ID())
		require.ErrorIs(t, anna.Publish(), ivsrealtimetest.ErrTokenNotAllowed)

		host, err := s.Exchange(token.Token, ivstoken.ExchangeOptions{Capabilities: []ivsrealtime.ParticipantTokenCapability{publish, subscribe}, Attributes: map[string]string{"role": "host"}})
		require.NoError(t, err)
		require.NoError(t, anna.ExchangeToken(host.Token))
		require.NoError(t, anna.Publish())

		time.Sleep(time.Minute - time.Nanosecond)
		anna, err = r.srv.Join(token.Token)
		require.NoError(t, err, "in the last second")
		time.Sleep(time.Nanosecond)
		_, err = r.srv.Join(token.Token)
		require.ErrorIs(t, err, ivsrealtimetest.ErrTokenExpired)
		require.Empty(t, anna.LeftReason(), "who is there stays")
		require.ErrorIs(t, anna.ExchangeToken(host.Token), ivsrealtimetest.ErrTokenExpired)
		require.Equal(t, ivsrealtimetest.LeftReasonFailedExchange, anna.LeftReason())
		_, err = s.Exchange(host.Token, ivstoken.ExchangeOptions{})
		require.ErrorIs(t, err, ivstoken.ErrExpired)

		_, err = r.srv.Join(r.token("ben").Token, via)
		require.NoError(t, err)
		time.Sleep(time.Minute)
		_, err = r.srv.Join(r.token("ben").Token, via)
		require.ErrorIs(t, err, ivsrealtimetest.ErrConnectionTokenExpired)
		_, err = r.client.RevokeConnectionToken(t.Context(), &ivsrealtime.RevokeConnectionTokenInput{TokenID: connection.ID})
		require.NoError(t, err)

	})
}
