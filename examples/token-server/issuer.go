package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

const resourceName = "token-server" // of stage and keys

// role is what its holder may do.
type role string

const (
	host   role = "host"
	guest  role = "guest"
	viewer role = "viewer"
)

// capabilities of the role; nil for one that does not exist.
func (r role) capabilities() []ivsrealtime.ParticipantTokenCapability {
	switch r {
	case host, guest:
		return ivsrealtime.PublishAndSubscribe()
	case viewer:
		return ivsrealtime.Subscribe()
	}
	return nil
}

// attributes are seen by all participants, whose apps can tell a host by them.
func (r role) attributes() map[string]string { return map[string]string{"role": string(r)} }

// issuer makes tokens for a stage and replaces its key.
type issuer struct {
	client   *ivsrealtime.Client
	log      *slog.Logger
	lifetime time.Duration
	ownStage bool // created, so to be deleted
	ring     *ivstoken.Keyring
	stage    atomic.Pointer[ivsrealtime.Stage]

	mu       sync.Mutex // of what replaces keys
	imported []string   // ARNs of the keys that the service has, the active one last
}

func newIssuer(ctx context.Context, client *ivsrealtime.Client, logger *slog.Logger, set settings) (*issuer, error) {
	switch {
	case set.lifetime < time.Second || set.lifetime > ivstoken.MaxParticipantTokenLifetime:
		return nil, errors.New("lifetime must be from a second to 14 days")
	case set.rotate < set.lifetime:
		return nil, errors.New("rotate must not be shorter than lifetime: a key is deleted when the next one is replaced, and its tokens must be over by then")
	case set.rotate > 14*24*time.Hour:
		return nil, errors.New("rotate must be at most 14 days: the stage's endpoints are read anew with each key, and may be kept for that long")
	}
	is := &issuer{client: client, log: logger, lifetime: set.lifetime}
	if set.stageARN == "" {
		created, err := client.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: resourceName})
		if err != nil {
			return nil, err
		}
		is.ownStage = true
		set.stageARN = created.Stage.ARN
		is.stage.Store(&created.Stage)
	}
	if err := is.start(ctx, set.stageARN); err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		return nil, errors.Join(err, is.close(ctx))
	}
	return is, nil
}

func (is *issuer) start(ctx context.Context, stageARN string) error {
	if err := is.readStage(ctx, stageARN); err != nil {
		return err
	}
	signer, err := is.newKey(ctx)
	if err != nil {
		return err
	}
	is.ring, err = ivstoken.NewKeyring(signer, nil)
	return err
}

func (is *issuer) readStage(ctx context.Context, stageARN string) error {
	got, err := is.client.GetStage(ctx, &ivsrealtime.GetStageInput{ARN: stageARN})
	if err == nil {
		is.stage.Store(&got.Stage)
	}
	return err
}

// newKey makes a key pair, imports its public half, and returns a Signer once it is
// sure that what the service has is that.
func (is *issuer) newKey(ctx context.Context) (*ivstoken.Signer, error) {
	key, err := ivstoken.GenerateKey()
	if err != nil {
		return nil, err
	}
	material, err := ivstoken.MarshalPublicKeyPEM(key.Public())
	if err != nil {
		return nil, err
	}
	imported, err := is.client.ImportPublicKey(ctx, &ivsrealtime.ImportPublicKeyInput{Name: resourceName, PublicKeyMaterial: material},
		func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }) // so that none is imported twice
	if err != nil {
		return nil, err
	}
	keyARN := imported.PublicKey.ARN
	is.imported = append(is.imported, keyARN)
	got, err := is.client.GetPublicKey(ctx, &ivsrealtime.GetPublicKeyInput{ARN: keyARN})
	if err != nil {
		return nil, err
	}
	return ivstoken.NewSigner(keyARN, key, func(o *ivstoken.SignerOptions) {
		o.PublicKeyMaterial = got.PublicKey.PublicKeyMaterial
		o.Backdate = 5 * time.Second // this machine's clock may be ahead of the service's
	})
}

// rotateEvery replaces the key until the context ends, that long after the last
// time. When that fails the old one goes on, and the next time it is tried again.
func (is *issuer) rotateEvery(ctx context.Context, every time.Duration) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
			if err := is.rotate(ctx); err != nil {
				is.log.Error("the key was not replaced", "err", err)
			}
		}
	}
}

// rotate replaces the key: it deletes those that the last rotation replaced, whose
// tokens are over by now, imports a new one, verifies and switches. There are never
// more than two.
func (is *issuer) rotate(ctx context.Context) error {
	is.mu.Lock()
	defer is.mu.Unlock()
	if err := is.deleteKeys(ctx, is.ring.Active().KeyARN()); err != nil {
		return err
	}
	if err := is.readStage(ctx, is.stage.Load().ARN); err != nil {
		return err
	}
	next, err := is.newKey(ctx)
	if err != nil {
		return err
	}
	// The old one goes on verifying, so that its tokens can be exchanged.
	old := is.ring.Active()
	oldKey, err := old.PublicKey(old.KeyARN())
	if err != nil {
		return err
	}
	if err := is.ring.Replace(next, ivstoken.Keys{old.KeyARN(): oldKey}); err != nil {
		return err
	}
	is.log.Info("key replaced", "new", next.KeyARN(), "old", old.KeyARN())
	return nil
}

// deleteKeys deletes all imported keys but one; "" for all.
func (is *issuer) deleteKeys(ctx context.Context, but string) error {
	var left []string
	var errs []error
	for _, keyARN := range is.imported {
		if keyARN == but {
			left = append(left, keyARN)
			continue
		}
		_, err := is.client.DeletePublicKey(ctx, &ivsrealtime.DeletePublicKeyInput{ARN: keyARN})
		if err != nil && !errors.Is(err, ivsrealtime.ErrNotFound) {
			left = append(left, keyARN)
			errs = append(errs, err)
		}
	}
	is.imported = left
	return errors.Join(errs...)
}

// issue makes a token for a new participant.
func (is *issuer) issue(r role, name string) (*ivstoken.SignedParticipantToken, error) {
	return is.ring.SignParticipantToken(ivstoken.ParticipantTokenOptions{
		Stage:        *is.stage.Load(),
		Capabilities: r.capabilities(),
		UserID:       name,
		Attributes:   r.attributes(),
		Lifetime:     is.lifetime,
	})
}

// exchange makes a token in another role for the participant of a token.
func (is *issuer) exchange(r role, token ivsrealtime.Secret) (*ivstoken.SignedParticipantToken, error) {
	return is.ring.Exchange(token, ivstoken.ExchangeOptions{
		Capabilities: r.capabilities(),
		Attributes:   r.attributes(),
		Lifetime:     is.lifetime,
	})
}

// close deletes what was created.
func (is *issuer) close(ctx context.Context) error {
	is.mu.Lock()
	defer is.mu.Unlock()
	err := is.deleteKeys(ctx, "")
	if is.ownStage {
		_, stageErr := is.client.DeleteStage(ctx, &ivsrealtime.DeleteStageInput{ARN: is.stage.Load().ARN})
		err = errors.Join(err, stageErr)
	}
	if err != nil {
		return fmt.Errorf("clean up: %w", err)
	}
	return nil
}
