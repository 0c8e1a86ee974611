package ivstoken

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"sync/atomic"

	"github.com/seed-433ec77c/ivsrealtime"
)

// Keyring signs with one key and knows the public halves of others: those that are
// being replaced, whose tokens are still about, and those to come. It is made by
// NewKeyring and safe for concurrent use; Replace replaces all of it in one step.
//
// To replace a key, within the quota of three public keys per account and region:
//
//  1. Import: GenerateKey, ImportPublicKey with MarshalPublicKeyPEM.
//  2. Verify: NewSigner with what GetPublicKey returns as
//     SignerOptions.PublicKeyMaterial. With several instances of a service, call
//     Replace on all of them with the new public key among the others.
//  3. Switch: call Replace with the new Signer as the active one and the old key among the
//     others. The old private key is of no use any more.
//  4. Wait for the longest lifetime of the tokens that were signed with the old key.
//  5. Delete: DeletePublicKey, which stops what is left of its tokens from joining,
//     and call Replace without it.
//
// A key that was stolen is deleted at once, after the switch.
type Keyring struct {
	ring atomic.Pointer[ring]
}

// ring is never changed.
type ring struct {
	active *Signer
	keys   Keys
}

// errNoKeyring reports a Keyring that is nil or was not made by NewKeyring.
var errNoKeyring = errors.New("ivstoken: the Keyring was not made by NewKeyring")

// load returns nil for a Keyring that NewKeyring did not make.
func (k *Keyring) load() *ring {
	if k == nil {
		return nil
	}
	return k.ring.Load()
}

// NewKeyring returns a Keyring that signs with the active Signer. The others are
// public keys by ARN, of which Exchange accepts tokens, too; they may be nil, and may
// contain the active one's.
func NewKeyring(active *Signer, others Keys) (*Keyring, error) {
	var k Keyring
	if err := k.Replace(active, others); err != nil {
		return nil, err
	}
	return &k, nil
}

// Replace replaces the active Signer and the other keys in one step: every method sees
// either all of the old or all of the new. With an error nothing changes.
func (k *Keyring) Replace(active *Signer, others Keys) error {
	if k == nil {
		return errNoKeyring
	}
	if err := active.made(); err != nil {
		return err
	}
	keys := make(Keys, len(others)+1)
	for keyARN, key := range others {
		if _, ok := parseARN(keyARN, "public-key"); !ok {
			return claimError("kid", "must be the ARN of a public key, in all keys of a Keyring")
		}
		copied, err := p384(key)
		if err != nil {
			return fmt.Errorf("%w (%s)", err, keyARN)
		}
		keys[keyARN] = copied
	}
	if key, ok := keys[active.keyARN]; ok && !key.Equal(active.public) {
		return fmt.Errorf("ivstoken: two keys with one ARN (%s)", active.keyARN)
	}
	keys[active.keyARN] = active.public
	k.ring.Store(&ring{active, keys})
	return nil
}

// Active returns the Signer that signs now, nil for a Keyring that NewKeyring did not
// make.
func (k *Keyring) Active() *Signer {
	if r := k.load(); r != nil {
		return r.active
	}
	return nil
}

// Keys returns the public keys of now by ARN, the active one's among them. It is a
// copy: change it and hand it to Replace.
func (k *Keyring) Keys() Keys {
	if r := k.load(); r != nil {
		return maps.Clone(r.keys)
	}
	return nil
}

// PublicKey returns the public key of the ARN, or ErrUnknownKey. It is a KeyFunc.
func (k *Keyring) PublicKey(keyARN string) (*ecdsa.PublicKey, error) {
	r := k.load()
	if r == nil {
		return nil, fmt.Errorf("%w: %w", ErrUnknownKey, errNoKeyring)
	}
	return r.keys.PublicKey(keyARN)
}

// SignParticipantToken is that of the active Signer.
func (k *Keyring) SignParticipantToken(options ParticipantTokenOptions) (*SignedParticipantToken, error) {
	r := k.load()
	if r == nil {
		return nil, errNoKeyring
	}
	return r.active.SignParticipantToken(options)
}

// SignConnectionToken is that of the active Signer.
func (k *Keyring) SignConnectionToken(options ConnectionTokenOptions) (*SignedConnectionToken, error) {
	r := k.load()
	if r == nil {
		return nil, errNoKeyring
	}
	return r.active.SignConnectionToken(options)
}

// Exchange is that of the active Signer, but the old token may be signed with any key
// of the Keyring.
func (k *Keyring) Exchange(token ivsrealtime.Secret, options ExchangeOptions) (*SignedParticipantToken, error) {
	r := k.load()
	if r == nil {
		return nil, errNoKeyring
	}
	return r.active.exchange(token, options, r.keys.PublicKey)
}

// Format writes the type and the ARN of the active key, whatever the verb.
func (k *Keyring) Format(f fmt.State, _ rune) {
	active := ""
	if s := k.Active(); s != nil {
		active = s.keyARN
	}
	_, _ = io.WriteString(f, "ivstoken.Keyring("+active+")")
}

// LogValue returns what Format writes.
func (k *Keyring) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(k)) }
