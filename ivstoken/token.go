package ivstoken

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// What can be wrong with a token. The errors of this package wrap these.
var (
	// ErrMalformed: longer than 16 KiB, not three parts of base64url without padding,
	// a header or payload that is not JSON, a claim of the wrong JSON type, or a header
	// without what IVS wants in it.
	ErrMalformed = errors.New("ivstoken: malformed token")

	// ErrAPIToken: the API made this token, and only the service can read it.
	ErrAPIToken = errors.New("ivstoken: the token was made by the API and is opaque")

	// ErrWrongKind: a connection token where a participant token is wanted, or the
	// reverse.
	ErrWrongKind = errors.New("ivstoken: token of the other kind")

	// ErrAlgorithm: the token is not signed with ES384, or the key found for it is
	// not on P-384.
	ErrAlgorithm = errors.New("ivstoken: not ES384")

	// ErrInvalidClaims: a claim is missing, beyond its limit, or must not be there.
	ErrInvalidClaims = errors.New("ivstoken: invalid claim")

	// ErrUnknownKey: there is no key of the ARN that the token names.
	ErrUnknownKey = errors.New("ivstoken: unknown key")

	// ErrSignature: the signature is not the key's, or has not the form of one.
	ErrSignature = errors.New("ivstoken: invalid signature")

	// ErrExpired: the token's time is over.
	ErrExpired = errors.New("ivstoken: token expired")

	// ErrNotYetValid: iat or nbf is in the future.
	ErrNotYetValid = errors.New("ivstoken: token not valid yet")
)

// ParticipantClaims are what a self-signed participant token says. ParticipantID
// identifies the participant, and all the tokens that an exchange made for it. The
// text of a token identifies nothing; see the package documentation.
type ParticipantClaims struct {
	// KeyARN of the public key that the token is to be verified with (kid).
	KeyARN string

	// ParticipantID of the participant that joins with the token (jti): 1–64
	// characters, A–Z, a–z, 0–9, "_" and "-".
	ParticipantID string

	// StageARN of the stage that the token is for (resource).
	StageARN string

	// StageID is the end of StageARN, after "stage/" (topic).
	StageID string

	// EventsURL and WHIPURL are the stage's endpoints (events_url, whip_url). Only
	// that they are there is checked.
	EventsURL string
	WHIPURL   string

	// UserID that the customer gave the participant, at most 128 characters; ""
	// when absent.
	UserID string

	// Attributes that the customer gave the participant, at most 1024 bytes in keys
	// and values; nil when absent.
	Attributes map[string]string

	// Capabilities that are allowed (allow_publish, allow_subscribe), publish first. A
	// claim that is false counts as absent. Capabilities may be empty: what the service
	// makes of that is not documented.
	Capabilities []ivsrealtime.ParticipantTokenCapability

	// IssuedAt and ExpirationTime are in UTC, in whole seconds and at most 14 days apart.
	IssuedAt       time.Time
	ExpirationTime time.Time

	// Version is "1.0".
	Version string
}

// ConnectionClaims are what a connection token says.
type ConnectionClaims struct {
	// KeyARN of the public key that the token is to be verified with (kid).
	KeyARN string

	// ID of the token, which RevokeConnectionToken takes (jti): 1–64 characters, A–Z,
	// a–z, 0–9, "_" and "-".
	ID string

	// AccountID owns the stages that can be joined: 12 digits.
	AccountID string

	// Region of these stages and of the key.
	Region string

	// EventsURL is wss://global.events.live-video.net.
	EventsURL string

	// IssuedAt and ExpirationTime are in UTC, in whole seconds and at most 4 weeks apart.
	IssuedAt       time.Time
	ExpirationTime time.Time

	// Version is "1.0".
	Version string
}

// ParseParticipantToken returns what is in a self-signed participant token. It
// does NOT check the signature, nor whether the token has expired: anybody can
// write such a token. To trust one, call VerifyParticipantToken.
//
// Form, required claims and limits are checked. user_id and attributes may be
// absent. Claims that IVS does not document are ignored, except nbf; of two of the
// same name the last counts; null is as good as absent.
//
// exp, iat and nbf are numbers in any JSON notation, such as 1790043200.0 or
// 1.7900432e+09 (NumericDate of RFC 7519). Fractions of a second are cut off.
//
// Errors: ErrMalformed, ErrAPIToken, ErrWrongKind, ErrAlgorithm, ErrSignature (not of
// 96 bytes), ErrInvalidClaims.
func ParseParticipantToken(token ivsrealtime.Secret) (*ParticipantClaims, error) {
	j, err := parse(string(token))
	if err != nil {
		return nil, err
	}
	c, err := j.participantPayload()
	if err != nil {
		return nil, err
	}
	return c.claims(j.keyARN), nil
}

// ParseConnectionToken returns what is in a connection token. It does NOT check
// the signature, nor whether the token has expired: anybody can write such a token.
// To trust one, call VerifyConnectionToken. Otherwise it is like
// ParseParticipantToken. A claim that only participant tokens have is an error,
// even when null.
func ParseConnectionToken(token ivsrealtime.Secret) (*ConnectionClaims, error) {
	j, err := parse(string(token))
	if err != nil {
		return nil, err
	}
	c, err := j.connectionPayload()
	if err != nil {
		return nil, err
	}
	return c.claims(j.keyARN), nil
}

// IsAPIToken reports whether the token has the form of those that the API makes:
// three parts, and a header that names the algorithm "KMS". It says nothing about
// whether the service would accept it.
func IsAPIToken(token ivsrealtime.Secret) bool {
	_, err := parse(string(token))
	return errors.Is(err, ErrAPIToken)
}

// jws is a signed token whose header and form are in order.
type jws struct {
	keyARN    string
	payload   []byte
	signed    string // what the signature is over
	signature []byte
}

func parse(token string) (*jws, error) {
	if len(token) > maxTokenLength {
		return nil, fmt.Errorf("%w: it has %d characters, want at most %d", ErrMalformed, len(token), maxTokenLength)
	}
	header64, rest, _ := strings.Cut(token, ".")
	payload64, signature64, ok := strings.Cut(rest, ".")
	if !ok || strings.Contains(signature64, ".") {
		return nil, fmt.Errorf("%w: want three parts with dots between them", ErrMalformed)
	}
	var header struct {
		algorithm, tokenType, keyARN string
		critical                     bool
	}
	data, err := decodeBase64("header", header64)
	if err != nil {
		return nil, err
	}
	err = decodeObject("header", data, func(r *wire.Reader) {
		switch string(r.Name()) {
		case "alg":
			header.algorithm = r.String()
		case "typ":
			header.tokenType = r.String()
		case "kid":
			header.keyARN = r.String()
		case "crit":
			header.critical = true
			r.Skip()
		default:
			r.Skip()
		}
	})
	if err != nil {
		return nil, err
	}
	switch {
	case header.algorithm == apiAlgorithm:
		return nil, ErrAPIToken
	case header.algorithm != algorithm:
		return nil, fmt.Errorf("%w: alg in the header must be %q", ErrAlgorithm, algorithm)
	case header.tokenType != tokenType:
		return nil, fmt.Errorf("%w: typ in the header must be %q", ErrMalformed, tokenType)
	case header.critical: // RFC 7515 section 4.1.11
		return nil, fmt.Errorf("%w: crit in the header is not supported", ErrMalformed)
	}
	if _, ok := parseARN(header.keyARN, "public-key"); !ok {
		return nil, fmt.Errorf("%w: kid in the header must be the ARN of a public key", ErrMalformed)
	}
	payload, err := decodeBase64("payload", payload64)
	if err != nil {
		return nil, err
	}
	signature, err := decodeBase64("signature", signature64)
	if err != nil {
		return nil, err
	}
	if len(signature) != signatureSize {
		return nil, fmt.Errorf("%w: it has %d bytes, want %d (R and S of 48 bytes each, not DER)", ErrSignature, len(signature), signatureSize)
	}
	return &jws{
		keyARN:    header.keyARN,
		payload:   payload,
		signed:    token[:len(header64)+len(".")+len(payload64)],
		signature: signature,
	}, nil
}

func decodeBase64(part, text string) ([]byte, error) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") { // which package base64 skips
		return nil, fmt.Errorf("%w: the %s is not base64url without padding", ErrMalformed, part)
	}
	return data, nil
}

// participantPayload returns the payload once all of it is checked.
func (j *jws) participantPayload() (*participantPayload, error) {
	c, err := decodeParticipantPayload(j.payload)
	if err != nil {
		return nil, err
	}
	if c.StageARN == "" && j.claimOf("account_id") != "" {
		return nil, fmt.Errorf("%w: this is a connection token", ErrWrongKind)
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *participantPayload) claims(keyARN string) *ParticipantClaims {
	t := &ParticipantClaims{
		KeyARN:         keyARN,
		ParticipantID:  c.ID,
		StageARN:       c.StageARN,
		StageID:        c.StageID,
		EventsURL:      c.EventsURL,
		WHIPURL:        c.WHIPURL,
		UserID:         c.UserID,
		Attributes:     c.Attributes,
		IssuedAt:       time.Unix(c.IssuedAt, 0).UTC(),
		ExpirationTime: time.Unix(c.ExpirationTime, 0).UTC(),
		Version:        c.Version,
	}
	if c.Capabilities.Publish {
		t.Capabilities = append(t.Capabilities, ivsrealtime.ParticipantTokenCapabilityPublish)
	}
	if c.Capabilities.Subscribe {
		t.Capabilities = append(t.Capabilities, ivsrealtime.ParticipantTokenCapabilitySubscribe)
	}
	return t
}

// connectionPayload returns the payload once all of it is checked.
func (j *jws) connectionPayload() (*connectionPayload, error) {
	c, err := decodeConnectionPayload(j.payload)
	if err != nil {
		return nil, err
	}
	if c.AccountID == "" && j.claimOf("resource") != "" {
		return nil, fmt.Errorf("%w: this is a participant token", ErrWrongKind)
	}
	if name := j.claimOf("resource", "topic", "whip_url", "capabilities", "attributes", "user_id"); name != "" {
		return nil, claimError(name, "must not be in a connection token")
	}
	if err := c.check(j.keyARN); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *connectionPayload) claims(keyARN string) *ConnectionClaims {
	return &ConnectionClaims{
		KeyARN:         keyARN,
		ID:             c.ID,
		AccountID:      c.AccountID,
		Region:         c.Region,
		EventsURL:      c.EventsURL,
		IssuedAt:       time.Unix(c.IssuedAt, 0).UTC(),
		ExpirationTime: time.Unix(c.ExpirationTime, 0).UTC(),
		Version:        c.Version,
	}
}

// claimOf returns the first of the names that the payload has a claim of, whatever
// its value, or "".
func (j *jws) claimOf(names ...string) string {
	var claims map[string]json.RawMessage
	_ = json.Unmarshal(j.payload, &claims) // which decodeJSON found to be an object
	for _, name := range names {
		if _, ok := claims[name]; ok {
			return name
		}
	}
	return ""
}
