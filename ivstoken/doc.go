// Package ivstoken makes, looks into and checks the tokens that a customer of
// Amazon IVS Real-Time signs with a key pair of its own: participant tokens, with
// which a participant joins a stage, and connection tokens, which authorise a
// transport that many stages share. It needs no network: no call to
// CreateParticipantToken with its 50 per second, and participants whose tokens can
// be exchanged while they are on the stage.
//
// A key pair is made and imported once, and a [Signer] then makes the tokens:
//
//	key, err := ivstoken.GenerateKey() // keep key.PEM() where secrets are
//	material, err := ivstoken.MarshalPublicKeyPEM(key.Public())
//	out, err := client.ImportPublicKey(ctx, &ivsrealtime.ImportPublicKeyInput{PublicKeyMaterial: material})
//
//	signer, err := ivstoken.NewSigner(out.PublicKey.ARN, key)
//	token, err := signer.SignParticipantToken(ivstoken.ParticipantTokenOptions{
//		Stage:        stage, // of CreateStage or GetStage
//		Capabilities: ivsrealtime.Subscribe(),
//	})
//
// A token that breaks a rule is not made: every documented limit, and what little
// is inferred beyond that, is checked before signing, and the error names claim and
// limit. [Signer.Exchange] makes a token for the same participant with more or fewer
// rights, [Signer.SignConnectionToken] a connection token. A [Keyring] holds several
// keys, to replace one while its tokens are about.
//
// [VerifyParticipantToken] and [VerifyConnectionToken] tell whether a token is good:
// form, signature, every documented claim and limit, time. [ParseParticipantToken]
// and [ParseConnectionToken] do the same without signature and time, for tools that
// show what is inside; what they return may have been written by anybody.
//
// # Tokens of the API
//
// Tokens that the API makes (CreateParticipantToken, CreateStage) are opaque: the
// service signs them with a key that nobody else has, in a form that may change.
// The functions of this package return ErrAPIToken, and IsAPIToken tells them apart.
// Today their header has the algorithm "KMS", their version is "0.0", and their
// signature is in DER; do not rely on it.
//
// # What a token may leave out
//
// user_id and attributes of a participant token are optional: Parse and Verify return
// "" and nil for them. allow_publish and allow_subscribe of capabilities are optional
// too. A false one means the same as none. A Signer writes only those that are true.
//
// # Expiry
//
// The client SDKs check exp of a participant token against the clock of the device,
// without leeway: at the join and at each new subscription. They allow 60 seconds for
// a connection token. Leave room for devices whose clock is wrong: make tokens that
// live longer than the session, and set SignerOptions.Backdate if iat may be ahead.
// Whether the service ends a connection at exp is not documented.
//
// VerifyOptions.Leeway is 0 by default, which is as strict as the client SDKs are with
// participant tokens. 60 seconds is what they allow for connection tokens.
//
// # Reuse
//
// One participant token has one connection. If a second device joins with it, the
// service closes the connection of the first (token-reused). Make one token for each
// participant and device.
//
// # Exchange
//
// The app exchanges the token of a participant who stays on the stage. topic, resource,
// jti, whip_url and events_url must stay, and the number after the dot in version,
// which is a set of flags: [Signer.Exchange] keeps them. The client SDK refuses another
// token by itself, and the participant stays. If the service refuses the exchange, the
// participant leaves (failed-exchange). Tokens of the API cannot be exchanged.
//
// # Revocation
//
// RevokeConnectionToken with the ID of a connection token closes the connections that
// were made with it ("token has been revoked"). Joins with it fail with TOKEN_REVOKED,
// and the client SDKs do not retry. It does not revoke the participant tokens.
//
// No operation revokes a participant token. DisconnectParticipant removes a participant,
// whose token cannot join again. DeletePublicKey stops all tokens of a key from joining.
// Give tokens short lifetimes where that is not enough.
//
// # Reading tokens
//
// The text of a token is not a unique ID of it: everybody can turn a valid signature
// into another valid one of the same token (R, S and R, n-S). Use ParticipantID of a
// participant token, or ID of a connection token, for lists of tokens that were seen,
// used or revoked, never the text or a hash of it.
//
// Parsing and verifying enforce only what is documented. And a good token need not
// open the door: whether the stage exists, whether the URLs are the stage's, whether
// the participant was disconnected or the token revoked, only the service knows.
//
// Errors about a token match one of the Err values with errors.Is and say which
// claim and which limit it was. They never hold the token, nor of what is in it more
// than the ARN of the key, the times, and names of claims. An error of a
// crypto.Signer is wrapped as it is. Nothing that holds a private key prints it.
//
// # Sources
//
//   - https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html
//     has the claims and their limits.
//   - https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/broadcast-mobile-token-exchange.html
//     has the exchange.
//   - https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_RevokeConnectionToken.html
//     has the revocation.
//   - RFC 7515, RFC 7518 and RFC 7519 have the form, the signature and the dates.
//   - The client SDK for the web, version 1.41.0, shows version and its flags, reuse, the
//     checks of expiry and the reasons for leaving. The documentation does not have them.
package ivstoken
