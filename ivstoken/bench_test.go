package ivstoken_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha512"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

func benchSigner(tb testing.TB) *ivstoken.Signer {
	s, err := ivstoken.NewSigner(keyARN, privateKey())
	require.NoError(tb, err)
	return s
}

func benchOptions() ivstoken.ParticipantTokenOptions {
	o := viewer()
	o.ParticipantID = "" // to be generated
	return o
}

// BenchmarkBareSign is what the others cannot do without: an ECDSA signature on
// P-384 of a digest that is there.
func BenchmarkBareSign(b *testing.B) {
	b.ReportAllocs()
	sign := bareSign(b)
	for b.Loop() {
		sign()
	}
}

func bareSign(tb testing.TB) func() {
	key, digest := privateKey(), sha512.Sum384([]byte("text"))
	return func() {
		if _, err := key.Sign(rand.Reader, digest[:], crypto.SHA384); err != nil {
			tb.Fatal(err)
		}
	}
}

func BenchmarkParticipantToken(b *testing.B) {
	b.ReportAllocs()
	s, o := benchSigner(b), benchOptions()
	for b.Loop() {
		if _, err := s.SignParticipantToken(o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkConnectionToken(b *testing.B) {
	b.ReportAllocs()
	s := benchSigner(b)
	for b.Loop() {
		if _, err := s.SignConnectionToken(ivstoken.ConnectionTokenOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExchange(b *testing.B) {
	b.ReportAllocs()
	s := benchSigner(b)
	token, err := s.SignParticipantToken(benchOptions())
	require.NoError(b, err)
	for b.Loop() {
		if _, err := s.Exchange(token.Token, ivstoken.ExchangeOptions{Capabilities: []ivsrealtime.ParticipantTokenCapability{publish}}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	b.ReportAllocs()
	s := benchSigner(b)
	token, err := s.SignParticipantToken(benchOptions())
	require.NoError(b, err)
	for b.Loop() {
		if _, err := ivstoken.VerifyParticipantToken(token.Token, s.PublicKey); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareVerify is to BenchmarkVerify what BenchmarkBareSign is to the rest.
func BenchmarkBareVerify(b *testing.B) {
	b.ReportAllocs()
	key, digest := privateKey(), sha512.Sum384([]byte("text"))
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA384)
	require.NoError(b, err)
	for b.Loop() {
		if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
			b.Fatal("not verified")
		}
	}
}
