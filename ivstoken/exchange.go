package ivstoken

import (
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
)

// ExchangeOptions say what is to be different in the new token. What is left out
// stays as it is in the old one: nobody gains or loses anything by an option that
// was forgotten.
type ExchangeOptions struct {
	// Capabilities of the participant from now on; nil keeps the old ones. An empty
	// slice is an error.
	Capabilities []ivsrealtime.ParticipantTokenCapability

	// UserID from now on; nil keeps the old one, a pointer to "" removes it.
	UserID *string

	// Attributes from now on, all of them; nil keeps the old ones, an empty map
	// removes them.
	Attributes map[string]string

	// Lifetime from now, as in ParticipantTokenOptions; 0 keeps the old expiry.
	Lifetime time.Duration
}

// Exchange makes a new token out of a participant token, for the same participant
// and stage: the claims that a client SDK wants unchanged (topic, resource, jti,
// whip_url, events_url, and the minor part of version) are the old token's. The
// participant's app exchanges one for
// the other without leaving the stage, and may then do more, or less, than before.
//
// The old token must be good: signed with the Signer's key, and not expired. One that
// is forged, over or not good yet is never signed anew (ErrUnknownKey, ErrSignature,
// ErrExpired, ErrNotYetValid); for
// somebody whose token is over, make one with SignParticipantToken and the same
// ParticipantID. Whether the caller of this method may have what it asks for is for
// your service to decide: the old token proves who the participant is, not more.
//
// The new token passes all checks of SignParticipantToken. Tokens that the API made cannot
// be exchanged (ErrAPIToken).
func (s *Signer) Exchange(token ivsrealtime.Secret, options ExchangeOptions) (*SignedParticipantToken, error) {
	if err := s.made(); err != nil {
		return nil, err
	}
	return s.exchange(token, options, s.PublicKey)
}

func (s *Signer) exchange(token ivsrealtime.Secret, options ExchangeOptions, keys KeyFunc) (*SignedParticipantToken, error) {
	j, err := parse(string(token))
	if err != nil {
		return nil, err
	}
	old, err := j.participantPayload()
	if err != nil {
		return nil, err
	}
	if err := j.verifySignature(keys); err != nil {
		return nil, err
	}
	// The old iat does not matter: another machine's clock may be a little ahead.
	issuedAt, now := s.times()
	if now >= old.ExpirationTime {
		return nil, expired(time.Unix(old.ExpirationTime, 0), time.Unix(now, 0))
	}
	if now < old.NotBefore { // the new token has no nbf: it would be good at once
		return nil, tooEarly(time.Unix(old.NotBefore, 0), time.Unix(now, 0))
	}
	c := participantPayload{
		IssuedAt:       issuedAt,
		ExpirationTime: min(old.ExpirationTime, issuedAt+seconds(MaxParticipantTokenLifetime)),
		ID:             old.ID,
		StageARN:       old.StageARN,
		StageID:        old.StageID,
		EventsURL:      old.EventsURL,
		WHIPURL:        old.WHIPURL,
		UserID:         old.UserID,
		Capabilities:   old.Capabilities,
		Attributes:     old.Attributes,
		Version:        old.Version, // its minor part must stay
	}
	if options.Lifetime != 0 {
		if c.ExpirationTime, err = s.expiry(now, options.Lifetime, MaxParticipantTokenLifetime, "14 days"); err != nil {
			return nil, err
		}
	}
	if options.UserID != nil {
		c.UserID = *options.UserID
	}
	if options.Attributes != nil {
		c.Attributes = options.Attributes
	}
	switch {
	case options.Capabilities != nil:
		capabilities, err := claimCapabilities(options.Capabilities)
		if err != nil {
			return nil, err
		}
		c.Capabilities = &capabilities
	case !c.Capabilities.Publish && !c.Capabilities.Subscribe:
		return nil, claimError("capabilities", "must be stated: the old token has none")
	}
	return s.signParticipant(&c)
}
