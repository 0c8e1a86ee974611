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
	}}
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
			"too long a life":         {map[string]any{"exp": time.Now().Unix() + 15*86400}, ivsrealtimetest.ErrTokenMalformed, ivstoken.ErrClaims},
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

		require.ErrorIs(t, anna.ExchangeToken(g.sign(map[string]any{"jti": "ben"})), ivsrealtimetest.ErrTokenExchange)
		require.ErrorIs(t, anna.ExchangeToken(r.token("x").Token), ivsrealtimetest.ErrTokenExchange)
		require.ErrorIs(t, anna.ExchangeToken("nonsense"), ivsrealtimetest.ErrTokenMalformed)
		require.ErrorIs(t, r.join("api").ExchangeToken(g.sign(nil)), ivsrealtimetest.ErrTokenExchange)
	})
}
