package ivstoken_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

func ExampleVerifyParticipantToken() {
	publicKey, err := ivstoken.ParsePublicKeyPEM([]byte(publicKeyPEM)) // as given to ImportPublicKey
	if err != nil {
		panic(err)
	}
	keys := ivstoken.Keys{keyARN: publicKey} // by the ARN that ImportPublicKey returned

	now := time.Date(2026, 9, 21, 18, 0, 0, 0, time.UTC)
	t, err := ivstoken.VerifyParticipantToken(participantToken, keys.PublicKey, func(o *ivstoken.VerifyOptions) {
		o.Now = func() time.Time { return now }
		o.Leeway = time.Minute
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(t.ParticipantID, "may", t.Capabilities, "on stage", t.StageID, "until", t.ExpirationTime)

	now = now.AddDate(0, 0, 1)
	_, err = ivstoken.VerifyParticipantToken(participantToken, keys.PublicKey, func(o *ivstoken.VerifyOptions) {
		o.Now = func() time.Time { return now }
	})
	fmt.Println(errors.Is(err, ivstoken.ErrExpired), err)
	// Output:
	// p_7Hq2-Zx91 may [SUBSCRIBE] on stage Ab12Cd34Ef56 until 2026-09-22 02:13:20 +0000 UTC
	// true ivstoken: token expired: at 2026-09-22T02:13:20Z, now it is 2026-09-22T18:00:00Z
}

// Looking into a token, to find out what to revoke.
// The signature is not checked.
func ExampleParseConnectionToken() {
	t, err := ivstoken.ParseConnectionToken(connectionToken)
	if err != nil {
		panic(err)
	}
	fmt.Println("RevokeConnectionToken takes", t.ID)
	// Output: RevokeConnectionToken takes conn-5f2c
}
