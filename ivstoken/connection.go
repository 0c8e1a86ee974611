package ivstoken

import (
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
)

// ConnectionTokenOptions say what a connection token is to say. What is left out
// comes from the key.
type ConnectionTokenOptions struct {
	// AccountID owns the stages that can be joined: 12 digits. "" for the account of
	// the key. Another one is refused without SignerOptions.AllowOtherAccountOrRegion.
	AccountID string

	// Region of these stages. "" for the region of the key, which is the only one that
	// the service accepts.
	Region string

	// Lifetime from now, from 1 second to 4 weeks; 0 for 12 hours. Fractions of a
	// second are cut off.
	Lifetime time.Duration

	// ID of the token, another one in every token: up to 64 characters, A–Z, a–z, 0–9,
	// "_" and "-". "", the default, for a random one of 26 characters with 130 bits
	// from crypto/rand.
	ID string
}

// SignedConnectionToken is a connection token that a Signer made.
type SignedConnectionToken struct {
	// Token for the app, which string(Token) reveals.
	Token ivsrealtime.Secret

	// ID is what RevokeConnectionToken takes as TokenID (inferred: it is the one ID in
	// the token). Revoking closes the connections that were made with the token.
	ID string

	// ExpirationTime is in UTC and in whole seconds.
	ExpirationTime time.Time
}

// SignConnectionToken makes a token that authorises a transport, over which the stages
// of an account and region are joined (RealTimeConnection of the client SDKs, since
// August 2026). It opens no stage: each join takes a participant token, too. Keep
// the ID to be able to revoke it.
func (s *Signer) SignConnectionToken(options ConnectionTokenOptions) (*SignedConnectionToken, error) {
	if err := s.made(); err != nil {
		return nil, err
	}
	issuedAt, now := s.times()
	expiresAt, err := s.expiry(now, options.Lifetime, MaxConnectionTokenLifetime, "4 weeks")
	if err != nil {
		return nil, err
	}
	c := connectionPayload{
		ExpirationTime: expiresAt,
		IssuedAt:       issuedAt,
		ID:             idOr(options.ID),
		AccountID:      options.AccountID,
		Region:         options.Region,
		EventsURL:      eventsURL,
		Version:        tokenVersion,
	}
	if c.AccountID == "" {
		c.AccountID = s.arn.account
	}
	if c.Region == "" {
		c.Region = s.arn.region
	}
	if err := c.check(s.keyARN); err != nil {
		return nil, err
	}
	if c.AccountID != s.arn.account && !s.options.AllowOtherAccountOrRegion {
		return nil, claimError("account_id", "must be the account of the key (inferred; AllowOtherAccountOrRegion skips this)")
	}
	token, err := s.token(newBuffer(), &c)
	if err != nil {
		return nil, err
	}
	return &SignedConnectionToken{Token: token, ID: c.ID, ExpirationTime: time.Unix(c.ExpirationTime, 0).UTC()}, nil
}
