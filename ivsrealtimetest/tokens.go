package ivsrealtimetest

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

const (
	defaultTokenMinutes = 720
	maxAttributeBytes   = 1024
)

// issuedToken is a participant token, and the participant that it stands for.
type issuedToken struct {
	stage        *stage
	id           string // of the participant
	userID       string
	attributes   map[string]string
	capabilities []ivsrealtime.ParticipantTokenCapability
	expires      time.Time
	token        *selfSigned // nil for one that the API made
}

// selfSigned is a token that is signed with a customer's key.
type selfSigned struct {
	text   ivsrealtime.Secret
	claims *ivstoken.ParticipantClaims
}

func (s *Server) createParticipantToken(c *call, in *ivsrealtime.CreateParticipantTokenInput) (*ivsrealtime.CreateParticipantTokenOutput, error) {
	wanted := ivsrealtime.ParticipantTokenConfiguration{
		Duration:     in.Duration,
		UserID:       in.UserID,
		Attributes:   in.Attributes,
		Capabilities: in.Capabilities,
	}
	c.arn("stageArn", in.StageARN, "stage")
	c.token(wanted)
	st, err := existing(c, &s.stages, in.StageARN)
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.CreateParticipantTokenOutput{ParticipantToken: s.issueToken(st, wanted, c.time)}, nil
}

// token checks the members of a participant token's description.
func (c *check) token(wanted ivsrealtime.ParticipantTokenConfiguration) {
	c.num("duration", wanted.Duration, 1, 20160)
	c.str("userId", wanted.UserID, 0, 128, anything)
	c.attributes(wanted.Attributes)
	checkEnums(c, "capabilities", wanted.Capabilities, 2)
}

// attributes checks the member attributes, which all kinds of participants have.
func (c *check) attributes(attributes map[string]string) {
	size := 0
	for key, value := range attributes {
		size += len(key) + len(value)
	}
	if size > maxAttributeBytes {
		c.fail("attributes", "keys and values together must be at most %d bytes", maxAttributeBytes)
	}
}

// issueToken makes a token. The response has the fields of the request. The
// defaults are in the token alone.
func (s *Server) issueToken(st *stage, wanted ivsrealtime.ParticipantTokenConfiguration, now time.Time) ivsrealtime.ParticipantToken {
	now = now.UTC().Truncate(time.Second)
	id := s.ids.alnum(12)
	issued := &issuedToken{
		stage:        st,
		id:           id,
		userID:       wanted.UserID,
		attributes:   wanted.Attributes,
		capabilities: orList(wanted.Capabilities, ivsrealtime.ParticipantTokenCapability("").Values()),
		expires:      now.Add(time.Duration(cmp.Or(wanted.Duration, defaultTokenMinutes)) * time.Minute),
	}
	token := s.signToken(claims{
		Expires:   issued.expires.Unix(),
		IssuedAt:  now.Unix(),
		ID:        id,
		StageARN:  st.arn,
		StageID:   st.id,
		EventsURL: st.endpoints.Events,
		WHIPURL:   st.endpoints.WHIP,
		UserID:    issued.userID,
		Capabilities: claimedCapabilities{
			Publish:   slices.Contains(issued.capabilities, ivsrealtime.ParticipantTokenCapabilityPublish),
			Subscribe: slices.Contains(issued.capabilities, ivsrealtime.ParticipantTokenCapabilitySubscribe),
		},
		Attributes: issued.attributes,
		Version:    "0.0",
	})
	st.tokens.add(id, now, issued.expires)
	return ivsrealtime.ParticipantToken{
		ParticipantID:  id,
		Token:          token,
		UserID:         wanted.UserID,
		Attributes:     wanted.Attributes,
		Duration:       wanted.Duration,
		Capabilities:   orList(wanted.Capabilities, nil),
		ExpirationTime: issued.expires,
	}
}

// claims is the payload of a participant token.
type claims struct {
	Expires      int64               `json:"exp"`
	IssuedAt     int64               `json:"iat"`
	ID           string              `json:"jti"`
	StageARN     string              `json:"resource"`
	StageID      string              `json:"topic"`
	EventsURL    string              `json:"events_url"`
	WHIPURL      string              `json:"whip_url"`
	UserID       string              `json:"user_id,omitempty"`
	Attributes   map[string]string   `json:"attributes,omitempty"`
	Capabilities claimedCapabilities `json:"capabilities"`
	Version      string              `json:"version"`
}

type claimedCapabilities struct {
	Publish   bool `json:"allow_publish,omitempty"`
	Subscribe bool `json:"allow_subscribe,omitempty"`
}

// issuedTokens knows for whom a stage has tokens that have not expired. The tokens
// themselves are not kept: the server knows its signature.
type issuedTokens struct {
	expires map[string]time.Time // by participant ID
	tidyAt  int                  // size of the map at which expired ones are taken out
}

func (t *issuedTokens) add(id string, now, expires time.Time) {
	if t.expires == nil {
		t.expires = map[string]time.Time{}
	}
	if len(t.expires) >= t.tidyAt {
		maps.DeleteFunc(t.expires, func(_ string, expires time.Time) bool { return !now.Before(expires) })
		t.tidyAt = 2*len(t.expires) + 64
	}
	t.expires[id] = expires
}

// live reports whether there is a token for the participant that has not expired.
func (t *issuedTokens) live(id string, now time.Time) bool { return now.Before(t.expires[id]) }

// signToken makes the token of the claims. The service signs with a key that
// nobody else knows and in a form that nobody else should read.
func (s *Server) signToken(c claims) ivsrealtime.Secret {
	payload, _ := json.Marshal(c) // strings, integers and booleans cannot fail
	return ivsrealtime.Secret(s.sign(payload))
}

// sign makes the token of a payload, which is always the same one.
func (s *Server) sign(payload []byte) string {
	return b64([]byte(`{"alg":"KMS","typ":"JWT"}`)) + "." + b64(payload) + "." + b64(s.tokenSignature(payload))
}

var b64 = base64.RawURLEncoding.EncodeToString

// tokenSignature has the form of an ECDSA signature on P-384: two integers of up
// to 48 bytes in DER, which makes 102 to 104 bytes.
func (s *Server) tokenSignature(payload []byte) []byte {
	var integers []byte
	for _, name := range []string{"r", "s"} {
		h := hmac.New(sha512.New384, s.tokenKey)
		h.Write([]byte(name))
		h.Write(payload)
		integer := h.Sum(nil)
		integer[0] |= 1 // not shorter
		if integer[0] >= 0x80 {
			integer = append([]byte{0}, integer...) // positive
		}
		integers = append(append(integers, 0x02, byte(len(integer))), integer...)
	}
	return append([]byte{0x30, byte(len(integers))}, integers...)
}

// openToken verifies a participant token, of the API or signed with an imported key.
// It does not check the expiry of the API's.
func (s *Server) openToken(token ivsrealtime.Secret, now time.Time) (*issuedToken, error) {
	if !ivstoken.IsAPIToken(token) {
		return s.openSelfSigned(token, now)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(string(token), ".")[1])
	if err != nil || !equal(string(token), s.sign(payload)) {
		return nil, ErrTokenMalformed // of another server, or changed
	}
	var c claims
	if err := json.Unmarshal(payload, &c); err != nil {
		return nil, ErrTokenMalformed
	}
	st, ok := s.stages.get(c.StageARN)
	if !ok {
		return nil, ErrStageDeleted
	}
	issued := &issuedToken{stage: st, id: c.ID, userID: c.UserID, attributes: c.Attributes, expires: time.Unix(c.Expires, 0).UTC()}
	if c.Capabilities.Publish {
		issued.capabilities = append(issued.capabilities, ivsrealtime.ParticipantTokenCapabilityPublish)
	}
	if c.Capabilities.Subscribe {
		issued.capabilities = append(issued.capabilities, ivsrealtime.ParticipantTokenCapabilitySubscribe)
	}
	return issued, nil
}

// openSelfSigned verifies a token that the server has not made.
func (s *Server) openSelfSigned(token ivsrealtime.Secret, now time.Time) (*issuedToken, error) {
	t, err := ivstoken.VerifyParticipantToken(token, s.importedKey, at(now))
	switch {
	case errors.Is(err, ivstoken.ErrExpired):
		return nil, fmt.Errorf("%w: %w", ErrTokenExpired, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrTokenMalformed, err)
	}
	st, ok := s.stages.get(t.StageARN)
	switch {
	case !ok:
		return nil, ErrStageDeleted
	case t.EventsURL != st.endpoints.Events || t.WHIPURL != st.endpoints.WHIP:
		return nil, fmt.Errorf("%w: events_url or whip_url is not the stage's", ErrTokenMalformed)
	}
	return &issuedToken{
		stage:        st,
		id:           t.ParticipantID,
		userID:       t.UserID,
		attributes:   t.Attributes,
		capabilities: t.Capabilities,
		expires:      t.ExpirationTime,
		token:        &selfSigned{token, t},
	}, nil
}

// openConnection verifies a connection token and returns its ID, "" for no token.
func (s *Server) openConnection(token ivsrealtime.Secret, now time.Time) (id string, err error) {
	if token == "" {
		return "", nil
	}
	t, err := ivstoken.VerifyConnectionToken(token, s.importedKey, at(now))
	switch {
	case errors.Is(err, ivstoken.ErrExpired):
		return "", fmt.Errorf("%w: %w", ErrConnectionTokenExpired, err)
	case err != nil:
		return "", fmt.Errorf("%w: %w", ErrConnectionTokenMalformed, err)
	case t.AccountID != s.options.AccountID: // the region is the key's, and that is the server's
		return "", fmt.Errorf("%w: account_id is not the server's", ErrConnectionTokenMalformed)
	}
	if _, revoked := s.revoked[t.ID]; revoked {
		return "", ErrConnectionTokenRevoked
	}
	return t.ID, nil
}

func at(now time.Time) func(*ivstoken.VerifyOptions) {
	return func(o *ivstoken.VerifyOptions) { o.Now = func() time.Time { return now } }
}

// importedKey is the KeyFunc of the keys that were imported and not deleted.
func (s *Server) importedKey(keyARN string) (*ecdsa.PublicKey, error) {
	k, ok := s.publicKeys.get(keyARN)
	if !ok {
		return nil, ivstoken.ErrUnknownKey
	}
	return k.key, nil
}
