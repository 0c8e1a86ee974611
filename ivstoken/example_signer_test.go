package ivstoken_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// newService is a fake of the service with one stage, at the time of the clock.
func newService(clock ivsrealtimetest.Clock) (*ivsrealtimetest.Server, ivsrealtime.Stage) {
	srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) {
		o.Clock, o.Region = clock, "eu-west-1"
		o.SkipSignatureCheck = true // the client signs requests with the time of today
	})
	created, err := srv.Client().CreateStage(context.Background(), &ivsrealtime.CreateStageInput{Name: "lobby"})
	if err != nil {
		panic(err)
	}
	return srv, created.Stage
}

// newKey makes a key pair, imports the public half, reads it back, and returns a
// Signer that is known to fit what the service has.
func newKey(ctx context.Context, client *ivsrealtime.Client, now func() time.Time) (*ivstoken.Signer, error) {
	key, err := ivstoken.GenerateKey()
	if err != nil {
		return nil, err
	}
	material, err := ivstoken.MarshalPublicKeyPEM(key.Public())
	if err != nil {
		return nil, err
	}
	imported, err := client.ImportPublicKey(ctx, &ivsrealtime.ImportPublicKeyInput{PublicKeyMaterial: material})
	if err != nil {
		return nil, err
	}
	got, err := client.GetPublicKey(ctx, &ivsrealtime.GetPublicKeyInput{ARN: imported.PublicKey.ARN})
	if err != nil {
		return nil, err
	}
	return ivstoken.NewSigner(got.PublicKey.ARN, key, func(o *ivstoken.SignerOptions) {
		o.PublicKeyMaterial = got.PublicKey.PublicKeyMaterial
		o.Now = now
	})
}

func ExampleSigner_SignParticipantToken() {
	clock := ivsrealtimetest.NewManualClock(time.Date(2026, 9, 21, 18, 0, 0, 0, time.UTC))
	srv, stage := newService(clock)
	signer, err := newKey(context.Background(), srv.Client(), clock.Now)
	if err != nil {
		panic(err)
	}

	token, err := signer.SignParticipantToken(ivstoken.ParticipantTokenOptions{
		Stage:         stage,
		Capabilities:  ivsrealtime.Subscribe(),
		UserID:        "viewer-9",
		Attributes:    map[string]string{"role": "guest"},
		ParticipantID: "p_7Hq2-Zx91", // a random one without this
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(token.ParticipantID, token.Token, "until", token.ExpirationTime)
	anna, err := srv.Join(token.Token) // what the app does with string(token.Token)
	fmt.Println(anna.ID(), "has joined:", err)

	// What would not work is not signed.
	_, err = signer.SignParticipantToken(ivstoken.ParticipantTokenOptions{
		Stage:        stage,
		Capabilities: ivsrealtime.Subscribe(),
		Lifetime:     15 * 24 * time.Hour,
	})
	fmt.Println(err)
	// Output:
	// p_7Hq2-Zx91 [REDACTED] until 2026-09-22 06:00:00 +0000 UTC
	// p_7Hq2-Zx91 has joined: <nil>
	// ivstoken: invalid claim: exp must be at most 14 days after iat
}

// A viewer becomes a publisher without leaving the stage.
func ExampleSigner_Exchange() {
	clock := ivsrealtimetest.NewManualClock(time.Date(2026, 9, 21, 18, 0, 0, 0, time.UTC))
	srv, stage := newService(clock)
	signer, err := newKey(context.Background(), srv.Client(), clock.Now)
	if err != nil {
		panic(err)
	}
	viewer, err := signer.SignParticipantToken(ivstoken.ParticipantTokenOptions{
		Stage:        stage,
		Capabilities: ivsrealtime.Subscribe(),
	})
	if err != nil {
		panic(err)
	}
	ben, err := srv.Join(viewer.Token)
	if err != nil {
		panic(err)
	}
	fmt.Println(ben.Publish())

	speaker, err := signer.Exchange(viewer.Token, ivstoken.ExchangeOptions{
		Capabilities: ivsrealtime.PublishAndSubscribe(),
		Attributes:   map[string]string{"role": "speaker"},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(speaker.ParticipantID == viewer.ParticipantID, ben.ExchangeToken(speaker.Token), ben.Publish())
	// Output:
	// ivsrealtimetest: publish: INSUFFICIENT_CAPABILITIES
	// true <nil> <nil>
}

func ExampleSigner_SignConnectionToken() {
	ctx := context.Background()
	clock := ivsrealtimetest.NewManualClock(time.Date(2026, 9, 21, 18, 0, 0, 0, time.UTC))
	srv, stage := newService(clock)
	client := srv.Client()
	signer, err := newKey(ctx, client, clock.Now)
	if err != nil {
		panic(err)
	}
	connection, err := signer.SignConnectionToken(ivstoken.ConnectionTokenOptions{Lifetime: 7 * 24 * time.Hour})
	if err != nil {
		panic(err)
	}
	// Each join takes a participant token, too.
	token, err := client.CreateParticipantToken(ctx, &ivsrealtime.CreateParticipantTokenInput{StageARN: stage.ARN})
	if err != nil {
		panic(err)
	}
	join := func() error {
		_, err := srv.Join(token.ParticipantToken.Token, func(o *ivsrealtimetest.JoinOptions) { o.ConnectionToken = connection.Token })
		return err
	}
	fmt.Println(join())
	if _, err := client.RevokeConnectionToken(ctx, &ivsrealtime.RevokeConnectionTokenInput{TokenID: connection.ID}); err != nil {
		panic(err)
	}
	fmt.Println(join())
	// Output:
	// <nil>
	// ivsrealtimetest: connection token revoked: TOKEN_REVOKED (FAILED, 4)
}

// The key is replaced while its tokens are about: import, verify, switch, wait,
// delete. The service has at most three public keys; this takes two.
func ExampleKeyring() {
	ctx := context.Background()
	clock := ivsrealtimetest.NewManualClock(time.Date(2026, 9, 21, 18, 0, 0, 0, time.UTC))
	srv, stage := newService(clock)
	client := srv.Client()
	const longest = 12 * time.Hour // no token of this service lives longer
	viewer := ivstoken.ParticipantTokenOptions{
		Stage:        stage,
		Capabilities: ivsrealtime.Subscribe(),
		Lifetime:     longest,
	}
	first, err := newKey(ctx, client, clock.Now)
	if err != nil {
		panic(err)
	}
	ring, err := ivstoken.NewKeyring(first, nil) // what the handlers of a server use
	if err != nil {
		panic(err)
	}
	early, err := ring.SignParticipantToken(viewer)
	if err != nil {
		panic(err)
	}

	// Import and verify: newKey compares with what the service has.
	second, err := newKey(ctx, client, clock.Now)
	if err != nil {
		panic(err)
	}
	// Switch. The old key goes on verifying: ring.Keys has it.
	if err := ring.Replace(second, ring.Keys()); err != nil {
		panic(err)
	}
	late, err := ring.SignParticipantToken(viewer)
	if err != nil {
		panic(err)
	}
	for _, token := range []*ivstoken.SignedParticipantToken{early, late} {
		_, err := srv.Join(token.Token)
		fmt.Println("while both keys are there:", err)
	}

	// Wait until the last token of the old key is over, and delete.
	clock.Advance(longest)
	if _, err := client.DeletePublicKey(ctx, &ivsrealtime.DeletePublicKeyInput{ARN: first.KeyARN()}); err != nil {
		panic(err)
	}
	if err := ring.Replace(second, nil); err != nil {
		panic(err)
	}
	list, err := client.ListPublicKeys(ctx, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(len(list.PublicKeys), "key left, the active one:", list.PublicKeys[0].ARN == ring.Active().KeyARN())
	_, err = ring.PublicKey(first.KeyARN())
	fmt.Println(errors.Is(err, ivstoken.ErrUnknownKey))
	// Output:
	// while both keys are there: <nil>
	// while both keys are there: <nil>
	// 1 key left, the active one: true
	// true
}

// A key in a KMS or HSM fits, if it is a crypto.Signer: what NewSigner needs is its
// public half and ECDSA signatures in DER.
func ExampleNewSigner() {
	var key crypto.Signer = privateKey()
	signer, err := ivstoken.NewSigner(keyARN, key, func(o *ivstoken.SignerOptions) {
		o.Backdate = 30 * time.Second      // this machine's clock may be a little ahead
		o.PublicKeyMaterial = publicKeyPEM // as GetPublicKey returns it: is it the same key?
	})
	fmt.Println(signer, err)

	_, err = ivstoken.NewSigner("public-key/0f4c2b8e", key)
	fmt.Println(err)
	// Output:
	// ivstoken.Signer(arn:aws:ivs:eu-west-1:111122223333:public-key/0f4c2b8e-1111-4222-8333-444455556666) <nil>
	// ivstoken: invalid claim: kid must be the ARN of a public key, arn:aws:ivs:<region>:<account>:public-key/<id>
}

// The private key stays with the service that signs; the public half is imported.
func ExampleParsePrivateKeyPEM() {
	generated, err := ivstoken.GenerateKey()
	if err != nil {
		panic(err)
	}
	kept := []byte(generated.PEM()) // or what openssl ecparam -name secp384r1 -genkey wrote
	key, err := ivstoken.ParsePrivateKeyPEM(kept)
	if err != nil {
		panic(err)
	}
	material, err := ivstoken.MarshalPublicKeyPEM(key.Public())
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s... for ImportPublicKey\n", material[:26])
	fmt.Printf("%v, %+v: nothing to see\n", key, *key)
	// Output:
	// -----BEGIN PUBLIC KEY-----... for ImportPublicKey
	// ivstoken.PrivateKey, ivstoken.PrivateKey: nothing to see
}
