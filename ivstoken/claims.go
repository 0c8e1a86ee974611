package ivstoken

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// How long tokens may live, from iat to exp.
const (
	// MaxParticipantTokenLifetime is the documented limit: 14 days.
	MaxParticipantTokenLifetime = 14 * 24 * time.Hour

	// MaxConnectionTokenLifetime is the documented limit: 4 weeks.
	MaxConnectionTokenLifetime = 4 * 7 * 24 * time.Hour

	// DefaultLifetime of the tokens that a Signer makes: 12 hours, as the guide
	// recommends for participant tokens and CreateParticipantToken has it.
	DefaultLifetime = 12 * time.Hour
)

const (
	maxIDLength       = 64
	maxUserIDLength   = 128  // characters
	maxAttributeBytes = 1024 // keys and values; the guide says "1 KB total"
	maxARNLength      = 128
	accountIDLength   = 12
	maxTime           = 253402300799 // the last second of the year 9999

	// maxTokenLength is several times what the documented limits allow: user ID and
	// attributes of the largest size make a token of some 10,000 characters, if all of
	// them have to be escaped.
	maxTokenLength = 16 << 10

	tokenVersion  = "1.0"
	eventsURL     = "wss://global.events.live-video.net" // of every connection token
	algorithm     = "ES384"
	apiAlgorithm  = "KMS"
	tokenType     = "JWT"
	signatureSize = 2 * 48 // R and S
)

// participantPayload is the payload of a participant token.
type participantPayload struct {
	ExpirationTime int64             `json:"exp"`
	IssuedAt       int64             `json:"iat"`
	NotBefore      int64             `json:"-"` // nbf, which is read and never written
	ID             string            `json:"jti"`
	StageARN       string            `json:"resource"`
	StageID        string            `json:"topic"`
	EventsURL      string            `json:"events_url"`
	WHIPURL        string            `json:"whip_url"`
	UserID         string            `json:"user_id,omitzero"`
	Capabilities   *capabilityClaims `json:"capabilities"`
	// {} when there are none: the guide calls them optional in one place and mandatory
	// in another. AWS's own demos leave them out, so both are read.
	Attributes map[string]string `json:"attributes"`
	Version    string            `json:"version"`
}

type capabilityClaims struct {
	Publish   bool `json:"allow_publish,omitzero"`
	Subscribe bool `json:"allow_subscribe,omitzero"`
}

// connectionPayload is the payload of a connection token.
type connectionPayload struct {
	ExpirationTime int64  `json:"exp"`
	IssuedAt       int64  `json:"iat"`
	NotBefore      int64  `json:"-"` // nbf, which is read and never written
	ID             string `json:"jti"`
	AccountID      string `json:"account_id"`
	Region         string `json:"region"`
	EventsURL      string `json:"events_url"`
	Version        string `json:"version"`
}

// check checks what is documented, for tokens to be read and to be signed.
func (c *participantPayload) check() error {
	if err := checkCommon(c.IssuedAt, c.ExpirationTime, MaxParticipantTokenLifetime, "14 days", c.ID, c.Version); err != nil {
		return err
	}
	stage, ok := parseARN(c.StageARN, "stage")
	switch {
	case c.StageARN == "":
		return claimError("resource", "is missing")
	case !ok:
		return claimError("resource", "must be the ARN of a stage")
	case c.StageID == "":
		return claimError("topic", "is missing")
	case c.StageID != stage.id:
		return claimError("topic", "must be what follows stage/ in the ARN in resource")
	case c.EventsURL == "":
		return claimError("events_url", "is missing")
	case !utf8.ValidString(c.EventsURL):
		return claimError("events_url", "must be valid UTF-8")
	case c.WHIPURL == "":
		return claimError("whip_url", "is missing")
	case !utf8.ValidString(c.WHIPURL):
		return claimError("whip_url", "must be valid UTF-8")
	case !utf8.ValidString(c.UserID):
		return claimError("user_id", "must be valid UTF-8")
	case utf8.RuneCountInString(c.UserID) > maxUserIDLength:
		return claimError("user_id", "must have at most %d characters", maxUserIDLength)
	case c.Capabilities == nil:
		return claimError("capabilities", "is missing")
	}
	size := 0
	for key, value := range c.Attributes {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return claimError("attributes", "must be valid UTF-8")
		}
		size += len(key) + len(value)
	}
	if size > maxAttributeBytes {
		return claimError("attributes", "must have at most %d bytes in keys and values", maxAttributeBytes)
	}
	return nil
}

func (c *connectionPayload) check(keyARN string) error {
	if err := checkCommon(c.IssuedAt, c.ExpirationTime, MaxConnectionTokenLifetime, "4 weeks", c.ID, c.Version); err != nil {
		return err
	}
	key, _ := parseARN(keyARN, "public-key")
	switch {
	case c.AccountID == "":
		return claimError("account_id", "is missing")
	case len(c.AccountID) != accountIDLength || !only(c.AccountID, digits):
		return claimError("account_id", "must be %d digits", accountIDLength)
	case c.Region == "":
		return claimError("region", "is missing")
	case c.Region != key.region:
		return claimError("region", "must be the region of the key in kid")
	case c.EventsURL == "":
		return claimError("events_url", "is missing")
	case c.EventsURL != eventsURL:
		return claimError("events_url", "must be %s", eventsURL)
	}
	return nil
}

// checkCommon checks the claims that both kinds of tokens have.
func checkCommon(issuedAt, expiresAt int64, lifetime time.Duration, lifetimeText, id, version string) error {
	switch {
	case issuedAt == 0:
		return claimError("iat", "is missing or 0")
	case issuedAt < 0:
		return claimError("iat", "must not be before 1970")
	case expiresAt == 0:
		return claimError("exp", "is missing or 0")
	case expiresAt > maxTime:
		return claimError("exp", "must be in Unix seconds and before the year 10000")
	case expiresAt <= issuedAt:
		return claimError("exp", "must be after iat")
	case expiresAt-issuedAt > int64(lifetime/time.Second):
		return claimError("exp", "must be at most %s after iat", lifetimeText)
	case id == "":
		return claimError("jti", "is missing")
	case len(id) > maxIDLength || !only(id, letters+digits+"_-"):
		return claimError("jti", "must have at most %d characters, A-Z, a-z, 0-9, _ and -", maxIDLength)
	case version == "":
		return claimError("version", "is missing")
	case version != tokenVersion:
		return claimError("version", "must be %q", tokenVersion)
	}
	return nil
}

func claimError(claim, problem string, args ...any) error {
	return fmt.Errorf("%w: %s %s", ErrInvalidClaims, claim, fmt.Sprintf(problem, args...))
}

const (
	digits  = "0123456789"
	lower   = "abcdefghijklmnopqrstuvwxyz"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + lower
)

// only reports whether s consists of characters of the alphabet, and is not empty.
func only(s, alphabet string) bool { return s != "" && strings.Trim(s, alphabet) == "" }

// arn is what differs between the ARNs of one kind.
type arn struct{ region, account, id string }

// parseARN takes apart arn:aws:ivs:<region>:<account>:<kind>/<id>, as the API
// model has it for each kind.
func parseARN(text, kind string) (a arn, ok bool) {
	rest, ok := strings.CutPrefix(text, "arn:aws:ivs:")
	if !ok || len(text) > maxARNLength {
		return arn{}, false
	}
	a.region, rest, _ = strings.Cut(rest, ":")
	a.account, rest, _ = strings.Cut(rest, ":")
	prefix, id, _ := strings.Cut(rest, "/")
	a.id = id
	return a, prefix == kind && only(a.region, lower+digits+"-") && only(a.account, digits) && only(a.id, letters+digits+"-")
}
