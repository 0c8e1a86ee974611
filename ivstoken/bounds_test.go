package ivstoken_test

import (
	"encoding/base64"
	"fmt"
	"runtime"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// padded returns a signed participant token of exactly the given length.
func padded(t *testing.T, length int) string {
	t.Helper()
	size := base64.RawURLEncoding.EncodedLen
	for more := range 3 { // spaces in the header, since base64 has no text of every length
		h := header + strings.Repeat(" ", more)
		n := (length - size(len(h)) - size(96) - 2) * 3 / 4 // bytes of payload
		if size(len(h))+size(n)+size(96)+2 == length {
			return sign(h, participant+strings.Repeat(" ", n-len(participant)))
		}
	}
	t.Fatal("no such token")
	return ""
}

// A token of 16 KiB is read. One of a character more is refused before anything of it
// is looked at: also if it would be opaque, and whatever asks.
func TestLongestToken(t *testing.T) {
	longest := padded(t, 16384)
	_, err := ivstoken.VerifyParticipantToken(ivsrealtime.Secret(longest), keys().PublicKey, at(1790000000))
	require.NoError(t, err)
	_, err = golden(t).Exchange(ivsrealtime.Secret(longest), ivstoken.ExchangeOptions{})
	require.NoError(t, err)

	opaque := b64(`{"alg":"KMS","typ":"JWT"}`) + "."
	for name, token := range map[string]string{
		"participant token": padded(t, 16385),
		"of the API":        opaque + strings.Repeat("A", 16385-len(opaque)-5) + ".AAAA",
		"64 MiB of dots":    strings.Repeat(".", 64<<20),
		"64 MiB of base64":  strings.Repeat("A", 64<<20),
	} {
		t.Run(name, func(t *testing.T) {
			const want = "characters, want at most 16384"
			allocated := totalAlloc(func() {
				_, err := ivstoken.ParseParticipantToken(ivsrealtime.Secret(token))
				require.ErrorIs(t, err, ivstoken.ErrMalformed)
				require.ErrorContains(t, err, want)
				_, err = ivstoken.ParseConnectionToken(ivsrealtime.Secret(token))
				require.ErrorContains(t, err, want)
				_, err = ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), keys().PublicKey)
				require.ErrorContains(t, err, want)
				_, err = ivstoken.VerifyConnectionToken(ivsrealtime.Secret(token), keys().PublicKey)
				require.ErrorContains(t, err, want)
				_, err = golden(t).Exchange(ivsrealtime.Secret(token), ivstoken.ExchangeOptions{})
				require.ErrorContains(t, err, want)
				require.False(t, ivstoken.IsAPIToken(ivsrealtime.Secret(token)))
			})
			require.Less(t, allocated, uint64(1<<20))
		})
	}
	require.True(t, ivstoken.IsAPIToken(ivsrealtime.Secret(opaque+strings.Repeat("A", 16384-len(opaque)-5)+".AAAA")))
}

// A Signer makes no token that its own package refuses. Of what makes up a token only
// the endpoints have no limit.
func TestLongestSignedToken(t *testing.T) {
	signed := func(n int) (*ivstoken.SignedParticipantToken, error) {
		o := viewer()
		o.Stage.Endpoints.WHIP = "https://" + strings.Repeat("h", n)
		return golden(t).SignParticipantToken(o)
	}
	refused := sort.Search(16384, func(n int) bool {
		_, err := signed(n)
		return err != nil
	})
	token, err := signed(refused - 1)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(token.Token), 16384-1)
	_, err = ivstoken.ParseParticipantToken(token.Token)
	require.NoError(t, err)
	_, err = signed(refused)
	require.ErrorIs(t, err, ivstoken.ErrInvalidClaims)
	require.ErrorContains(t, err, "which must be at most 16384")
}

func totalAlloc(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Whatever is in a token, reading it allocates less than 1 MiB.
func TestAllocationIsBounded(t *testing.T) {
	const room = 12000 // bytes of payload, some 16,000 characters of token
	fill := func(before, element, after string) string {
		return before + strings.Repeat(element, (room-len(before)-len(after))/len(element)) + after
	}
	numbered := func(before, format, after string) string {
		var b strings.Builder
		b.WriteString(before)
		for i := 0; b.Len() < room-len(after)-20; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return strings.TrimSuffix(b.String(), ",") + after
	}
	rest := "," + strings.TrimPrefix(participant, "{")
	tokens := map[string]string{
		"unknown claims":           sign(header, numbered("{", `"%x":0,`, rest)),
		"unknown objects":          sign(header, fill(`{"a":[`, "{},", "{}]"+rest)),
		"unknown arrays":           sign(header, fill(`{"a":[`, "[],", "[]]"+rest)),
		"unknown nesting":          sign(header, `{"a":`+strings.Repeat("[", 6000)+strings.Repeat("]", 5000)+rest),
		"nesting in objects":       sign(header, strings.Repeat(`{"a":`, 2400)),
		"attributes":               sign(header, numbered(`{"attributes":{`, `"%x":"",`, "}}")),
		"attributes over and over": sign(header, fill("{", `"attributes":{"a":"b"},`, `"a":0`+rest)),
		"capabilities again":       sign(header, fill("{", `"capabilities":{"allow_publish":true},`, `"a":0`+rest)),
		"dates again":              sign(header, fill("{", `"exp":1,"iat":1,"nbf":1,`, `"a":0`+rest)),
		"one long date":            sign(header, fill(`{"exp":1`, "0", rest)),
		"exponent":                 sign(header, fill(`{"exp":1e`, "9", rest)),
		"escapes":                  sign(header, fill(`{"user_id":"`, `\u0001`, `"}`)),
		"escaped names":            sign(header, fill("{", `"\u0065xp":1,`, `"a":0`+rest)),
		"connection token":         sign(header, numbered("{", `"%x":0,`, ","+strings.TrimPrefix(connection, "{"))),
		"header":                   sign(numbered("{", `"%x":0,`, ","+strings.TrimPrefix(header, "{")), ""),
		"crit":                     sign(fill(`{"crit":[`, `"",`, `""]`+","+strings.TrimPrefix(header, "{")), ""),
		"kid":                      sign(fill(`{"alg":"ES384","typ":"JWT","kid":"arn:aws:ivs:`, "a", `"}`), ""),
		"dots":                     strings.Repeat(".", 16384),
		"line ends":                b64(header) + "." + strings.Repeat("\n", 16000) + ".",
	}
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) {
			require.LessOrEqual(t, len(token), 16384)
			allocated := totalAlloc(func() {
				_, _ = ivstoken.VerifyParticipantToken(ivsrealtime.Secret(token), keys().PublicKey, at(1790000000))
				_, _ = ivstoken.VerifyConnectionToken(ivsrealtime.Secret(token), keys().PublicKey, at(1790000000))
				_ = ivstoken.IsAPIToken(ivsrealtime.Secret(token))
			})
			require.Less(t, allocated, uint64(1<<20))
		})
	}
}
