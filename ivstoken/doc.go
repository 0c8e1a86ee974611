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
//	token, err := signer.ParticipantToken(ivstoken.ParticipantTokenOptions{
//		Stage:        stage, // of CreateStage or GetStage
//		Capabilities: []ivsrealtime.ParticipantTokenCapability{ivsrealtime.ParticipantTokenCapabilitySubscribe},
//	})
//
// A token that breaks a rule is not made: every documented limit, and what little
// is inferred beyond that, is checked before signing, and the error names claim and
// limit. [Signer.Exchange] makes a token for the same participant with more or fewer
// rights, [Signer.ConnectionToken] a connection token. A [Keyring] holds several
// keys, to replace one while its tokens are about.
//
// [VerifyParticipantToken] and [VerifyConnectionToken] tell whether a token is good:
// form, signature, every documented claim and limit, time. [ParseParticipantToken]
// and [ParseConnectionToken] do the same without signature and time, for tools that
// show what is inside; what they return may have been written by anybody.
//
// Tokens that the API makes (CreateParticipantToken, CreateStage) are opaque: the
// service signs them with a key that nobody else has, in a form that may change.
// The functions of this package answer ErrOpaque, and IsAPIToken tells them apart.
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
// than the ARN of the key, the two times, and names of members. An error of a
// crypto.Signer is wrapped as it is. Nothing that holds a private key prints it.
//
// Sources: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html
// for the claims and their limits, broadcast-mobile-token-exchange.html beside it for
// the exchange, RFC 7515 and RFC 7518 for the signature.
package ivstoken
