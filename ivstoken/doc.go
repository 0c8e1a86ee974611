// Package ivstoken looks into and checks the tokens that a customer of Amazon
// IVS Real-Time signs with a key pair of its own: participant tokens, with which
// a participant joins a stage, and connection tokens, which authorise a transport
// that many stages share. It needs no network.
//
// VerifyParticipantToken and VerifyConnectionToken tell whether a token is good:
// form, signature, every documented claim and limit, time. ParseParticipantToken
// and ParseConnectionToken do the same without signature and time, for tools that
// show what is inside; what they return may have been written by anybody.
// ParsePublicKeyPEM reads the public key that ImportPublicKey takes.
//
// So far that is all: the package does not sign tokens, nor keep keys.
//
// Tokens that the API makes (CreateParticipantToken, CreateStage) are opaque: the
// service signs them with a key that nobody else has, in a form that may change.
// The functions of this package answer ErrOpaque, and IsAPIToken tells them apart.
//
// Only what is documented is enforced. That a participant token's key and stage
// should be of one account and region, for one, is likely but stated nowhere. And a
// good token need not open the door: whether the stage exists, whether the URLs are
// the stage's, whether the participant was disconnected or the token revoked, only
// the service knows.
//
// Errors match one of the Err values with errors.Is and say which claim and which
// limit it was. They never hold the token, nor of what is in it more than the ARN
// of the key, the two times, and names of members.
//
// Sources: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html
// for the claims and their limits, RFC 7515 and RFC 7518 for the signature.
package ivstoken
