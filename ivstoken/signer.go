package ivstoken

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// MaxBackdate is the limit of SignerOptions.Backdate.
const MaxBackdate = 5 * time.Minute

// SignerOptions change how a Signer makes tokens. The three Allow options each
// switch off a check that stands on what the documentation suggests and does not
// say.
type SignerOptions struct {
	// Now is the clock that iat and exp come from: time.Now.
	Now func() time.Time

	// Backdate sets iat back by that much, for a machine whose clock is a little
	// ahead of the service's: 0 to 5 minutes, 0 by default. exp stays, so that a token
	// lives as long as it should, but exp must be within 14 days (or 4 weeks) of the
	// earlier iat: the longest lifetime becomes shorter by Backdate. Fractions of a
	// second are cut off.
	Backdate time.Duration

	// Deterministic makes the signature of a text the same every time (RFC 6979), for
	// golden tests. It works with an *ecdsa.PrivateKey or *PrivateKey only. Tokens
	// are the same only if the participant ID is given and Now stands still.
	Deterministic bool

	// PublicKeyMaterial, when not "", is the PEM text that GetPublicKey returns for
	// the ARN. NewSigner then makes sure that key is its private half: if it were not,
	// nobody could join.
	PublicKeyMaterial string

	// AllowOtherAccountOrRegion lets a token be for a stage, or a connection token for
	// an account, that the key does not belong to. Keys belong to an account and a
	// region; that they do not work elsewhere is inferred.
	AllowOtherAccountOrRegion bool

	// AllowAnyEndpoint accepts endpoints of a stage that are not URLs of the form
	// wss://host (events) and https://host (WHIP). That the service always has these
	// is inferred.
	AllowAnyEndpoint bool

	// AllowFullKilobyte counts attributes as CreateParticipantToken is thought to: up
	// to 1024 bytes in keys and values. By default the JSON text of the attributes has
	// to fit in 1000 bytes, which is "1 KB in total" however that is meant.
	AllowFullKilobyte bool
}

// maxAttributeText is 1 KB in its narrowest sense.
const maxAttributeText = 1000

// Signer makes participant and connection tokens with one key, without asking the
// service. It is made by NewSigner, cannot be changed, and is safe for concurrent
// use if its key is, which *ecdsa.PrivateKey and *PrivateKey are.
type Signer struct {
	keyARN  string
	arn     arn
	header  string // in base64, with the dot
	public  *ecdsa.PublicKey
	sign    signFunc // it holds the key, so that fmt cannot get at it
	options SignerOptions
}

// NewSigner returns a Signer with the private key whose public half was imported
// with ImportPublicKey under that ARN. The key is any crypto.Signer on P-384:
// *PrivateKey, *ecdsa.PrivateKey, or one of a KMS or HSM.
//
// It checks the form of the ARN and the curve, and signs once, to see that key and
// public half fit and that the key answers; what a key other than *PrivateKey and
// *ecdsa.PrivateKey signs is verified every time. That the service has this public
// key under the ARN it can tell only with SignerOptions.PublicKeyMaterial.
func NewSigner(keyARN string, key crypto.Signer, optFns ...func(*SignerOptions)) (*Signer, error) {
	options := SignerOptions{Now: time.Now}
	for _, fn := range optFns {
		if fn == nil {
			return nil, errors.New("ivstoken: an option function is nil")
		}
		fn(&options)
	}
	a, ok := parseARN(keyARN, "public-key")
	switch {
	case !ok:
		return nil, claimError("kid", "must be the ARN of a public key, arn:aws:ivs:<region>:<account>:public-key/<id>")
	case options.Now == nil:
		return nil, errors.New("ivstoken: SignerOptions.Now is nil; want a clock, such as time.Now, its default")
	case options.Backdate < 0 || options.Backdate > MaxBackdate:
		return nil, fmt.Errorf("ivstoken: Backdate must be from 0 to %v", MaxBackdate)
	}
	sign, public, err := newSignFunc(key, options.Deterministic)
	if err != nil {
		return nil, err
	}
	if options.PublicKeyMaterial != "" {
		imported, err := ParsePublicKeyPEM([]byte(options.PublicKeyMaterial))
		if err != nil {
			return nil, err
		}
		if !imported.Equal(public) {
			return nil, fmt.Errorf("ivstoken: the key is not the private half of PublicKeyMaterial (%s)", keyARN)
		}
	}
	// Without a dot it can never be part of a token.
	trial := []byte("ivstoken: does this key sign?")
	signature, err := sign(trial)
	if err != nil {
		return nil, err
	}
	if !verifySignature(public, trial, signature[:]) {
		return nil, fmt.Errorf("%w: what the key signs does not fit its public half", ErrSignature)
	}
	header := `{"alg":"` + algorithm + `","typ":"` + tokenType + `","kid":"` + keyARN + `"}` // an ARN needs no escaping
	return &Signer{
		keyARN:  keyARN,
		arn:     a,
		header:  base64.RawURLEncoding.EncodeToString([]byte(header)) + ".",
		public:  public,
		sign:    sign,
		options: options,
	}, nil
}

// KeyARN returns the ARN that the Signer was made with, "" for a Signer that
// NewSigner did not make.
func (s *Signer) KeyARN() string {
	if s == nil {
		return ""
	}
	return s.keyARN
}

// PublicKey returns the public half of the Signer's key if the ARN is the key's, or
// ErrUnknownKey. It is a KeyFunc.
func (s *Signer) PublicKey(keyARN string) (*ecdsa.PublicKey, error) {
	if err := s.made(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnknownKey, err)
	}
	if keyARN != s.keyARN {
		return nil, ErrUnknownKey
	}
	return s.public, nil
}

// Format writes the type and the key's ARN, whatever the verb.
func (s Signer) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "ivstoken.Signer("+s.keyARN+")")
}

// LogValue returns what Format writes.
func (s Signer) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(s)) }

// ParticipantTokenOptions say what a participant token is to say.
type ParticipantTokenOptions struct {
	// Stage to join, as CreateStage, GetStage and UpdateStage return it: its ARN and
	// the endpoints Events and WHIP are used. Required. The endpoints may be cached for
	// up to 14 days; a stage of ListStages has none.
	Stage ivsrealtime.Stage

	// Capabilities of the participant. Required: unlike with CreateParticipantToken,
	// nobody may publish who was not said to.
	Capabilities []ivsrealtime.ParticipantTokenCapability

	// UserID is a name of the caller's choice, up to 128 characters (Unicode code
	// points). All participants of the stage see it: no personal data.
	UserID string

	// Attributes of the participant, up to 1 KB in total (see
	// SignerOptions.AllowFullKilobyte). All participants of the stage see them: no
	// personal data.
	Attributes map[string]string

	// Lifetime from now, from 1 second to 14 days; 0 for 12 hours. Fractions of a
	// second are cut off.
	Lifetime time.Duration

	// ParticipantID is the participant's ID in the API, events and recordings: up to
	// 64 characters, A–Z, a–z, 0–9, "_" and "-". It must be another one in every token,
	// but for those that Exchange makes. "", the default, for a random one of 26
	// characters with 130 bits from crypto/rand.
	ParticipantID string
}

// SignedParticipantToken is a participant token that a Signer made.
type SignedParticipantToken struct {
	// Token for the participant's app, which string(Token) reveals.
	Token ivsrealtime.Secret

	// ParticipantID of the participant that joins with the token.
	ParticipantID string

	// ExpirationTime is in UTC and in whole seconds.
	ExpirationTime time.Time
}

// SignParticipantToken makes a token with which one participant can join one stage.
// Every limit is checked first; an error names the claim and the limit and matches
// ErrInvalidClaims, unless the key failed to sign.
func (s *Signer) SignParticipantToken(options ParticipantTokenOptions) (*SignedParticipantToken, error) {
	if err := s.made(); err != nil {
		return nil, err
	}
	issuedAt, now := s.times()
	expiresAt, err := s.expiry(now, options.Lifetime, MaxParticipantTokenLifetime, "14 days")
	if err != nil {
		return nil, err
	}
	capabilities, err := claimCapabilities(options.Capabilities)
	if err != nil {
		return nil, err
	}
	_, stageID, _ := strings.Cut(options.Stage.ARN, "/")
	c := newClaims(participantPayload{
		ExpirationTime: expiresAt,
		IssuedAt:       issuedAt,
		ID:             idOr(options.ParticipantID),
		StageARN:       options.Stage.ARN,
		StageID:        stageID,
		EventsURL:      options.Stage.Endpoints.Events,
		WHIPURL:        options.Stage.Endpoints.WHIP,
		UserID:         options.UserID,
		Attributes:     options.Attributes,
		Version:        tokenVersion,
	}, capabilities)
	return s.signParticipant(c)
}

// newClaims puts capabilities into claims, with one allocation for both.
func newClaims(c participantPayload, capabilities capabilityClaims) *participantPayload {
	all := &struct {
		participantPayload
		capabilities capabilityClaims
	}{c, capabilities}
	all.Capabilities = &all.capabilities
	return &all.participantPayload
}

// signParticipant checks the claims and makes the token of them.
func (s *Signer) signParticipant(c *participantPayload) (*SignedParticipantToken, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	buffer := newBuffer()
	if err := s.checkInferred(buffer, c); err != nil {
		return nil, err
	}
	token, err := s.token(buffer, c)
	if err != nil {
		return nil, err
	}
	return &SignedParticipantToken{Token: token, ParticipantID: c.ID, ExpirationTime: time.Unix(c.ExpirationTime, 0).UTC()}, nil
}

// checkInferred checks what check does not, since it is documented nowhere.
func (s *Signer) checkInferred(buffer []byte, c *participantPayload) error {
	stage, _ := parseARN(c.StageARN, "stage")
	switch {
	case !s.options.AllowOtherAccountOrRegion && stage.region != s.arn.region:
		return claimError("resource", "must be a stage in the region of the key, %s (inferred; AllowOtherAccountOrRegion skips this)", s.arn.region)
	case !s.options.AllowOtherAccountOrRegion && stage.account != s.arn.account:
		return claimError("resource", "must be a stage of the account of the key (inferred; AllowOtherAccountOrRegion skips this)")
	case !s.options.AllowAnyEndpoint && !isURL(c.EventsURL, "wss://"):
		return claimError("events_url", "must be a URL of the form wss://host (inferred; AllowAnyEndpoint skips this)")
	case !s.options.AllowAnyEndpoint && !isURL(c.WHIPURL, "https://"):
		return claimError("whip_url", "must be a URL of the form https://host (inferred; AllowAnyEndpoint skips this)")
	case !s.options.AllowFullKilobyte && len(c.Attributes) > 0 && attributeText(buffer, c.Attributes) > maxAttributeText:
		return claimError("attributes", "must have at most %d bytes as JSON (inferred; AllowFullKilobyte allows 1024 in keys and values)", maxAttributeText)
	}
	return nil
}

// isURL is stricter than package url: a host right after the scheme, and nothing
// that would have to be escaped.
func isURL(text, scheme string) bool {
	rest, ok := strings.CutPrefix(text, scheme)
	return ok && rest != "" && only(rest[:1], letters+digits+"[") && only(rest, letters+digits+"-._~:/?#[]@!$&'()*+,;=%")
}

// attributeText is the length of the attributes in JSON.
func attributeText(buffer []byte, attributes map[string]string) int {
	text, _ := wire.Append(buffer[:0], struct { // strings cannot fail
		A map[string]string `json:"a"`
	}{attributes})
	return len(text) - len(`{"a":}`)
}

// claimCapabilities makes the claim of a list that names at least one.
func claimCapabilities(wanted []ivsrealtime.ParticipantTokenCapability) (c capabilityClaims, err error) {
	if len(wanted) == 0 {
		return c, claimError("capabilities", "must be stated: PUBLISH, SUBSCRIBE or both")
	}
	for _, capability := range wanted {
		switch capability {
		case ivsrealtime.ParticipantTokenCapabilityPublish:
			c.Publish = true
		case ivsrealtime.ParticipantTokenCapabilitySubscribe:
			c.Subscribe = true
		default:
			return c, claimError("capabilities", "must be PUBLISH and SUBSCRIBE only")
		}
	}
	return c, nil
}

// made reports a Signer that NewSigner did not make.
func (s *Signer) made() error {
	if s == nil || s.sign == nil {
		return errors.New("ivstoken: the Signer was not made by NewSigner")
	}
	return nil
}

// times returns iat, and the second that it is now.
func (s *Signer) times() (issuedAt, now int64) {
	now = s.options.Now().Unix()
	return now - seconds(s.options.Backdate), now
}

// expiry returns exp of a token that lives from now. check knows the limit, too, but
// not that Backdate has a part in it.
func (s *Signer) expiry(now int64, lifetime, longest time.Duration, longestText string) (int64, error) {
	switch {
	case lifetime == 0:
		lifetime = DefaultLifetime
	case lifetime < time.Second:
		return 0, claimError("exp", "must be at least a second from now")
	case s.options.Backdate > 0 && seconds(lifetime)+seconds(s.options.Backdate) > seconds(longest):
		return 0, claimError("exp", "must be at most %s after iat, which Backdate sets back by %v", longestText, s.options.Backdate)
	}
	return now + seconds(lifetime), nil
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

func idOr(id string) string {
	if id == "" {
		return rand.Text()
	}
	return id
}

// newBuffer returns room for everything that makes up a token of usual size.
func newBuffer() []byte { return make([]byte, 0, 2048) }

// token signs claims, a pointer to a struct.
func (s *Signer) token(buffer []byte, claims any) (ivsrealtime.Secret, error) {
	buffer, err := wire.Append(buffer[:0], claims)
	if err != nil {
		return "", fmt.Errorf("ivstoken: %w", err)
	}
	n := len(buffer)
	size := len(s.header) + base64.RawURLEncoding.EncodedLen(n) + len(".") + base64.RawURLEncoding.EncodedLen(signatureSize)
	if size > maxTokenLength { // only the endpoints of the stage have no limit of their own
		return "", claimError("events_url and whip_url", "make a token of %d characters, which must be at most %d", size, maxTokenLength)
	}
	buffer = append(buffer, s.header...)
	buffer = base64.RawURLEncoding.AppendEncode(buffer, buffer[:n])
	signature, err := s.sign(buffer[n:])
	if err != nil {
		return "", err
	}
	buffer = append(buffer, '.')
	buffer = base64.RawURLEncoding.AppendEncode(buffer, signature[:])
	return ivsrealtime.Secret(buffer[n:]), nil
}
