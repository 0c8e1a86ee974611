package ivstoken_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

var (
	idPattern  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	keyPattern = regexp.MustCompile(`^arn:aws:ivs:[a-z0-9-]+:[0-9]+:public-key/[a-zA-Z0-9-]+$`)
)

// FuzzParse parses a token of any text, and one of the header and payload given
// with a signature of the right size. Whatever is accepted keeps every limit.
func FuzzParse(f *testing.F) {
	f.Add(participantToken, header, participant)
	f.Add(connectionToken, header, connection)
	f.Add("..", `{"alg":"KMS","typ":"JWT"}`, with(connection, "resource", "null"))
	f.Add("a.b.c", with(header, "crit", `["b64"]`), with(participant, "attributes", `{"a":"b","a":null}`))
	signature := participantToken[strings.LastIndex(participantToken, "."):]
	f.Fuzz(func(t *testing.T, token, header, payload string) {
		checkParse(t, token)
		checkParse(t, b64(header)+"."+b64(payload)+signature)
	})
}

func checkParse(t *testing.T, token string) {
	p, perr := ivstoken.ParseParticipantToken(ivsrealtime.Secret(token))
	require.Equal(t, perr == nil, p != nil)
	if p != nil {
		require.Regexp(t, keyPattern, p.KeyARN)
		require.Regexp(t, idPattern, p.ParticipantID)
		require.Regexp(t, `^arn:aws:ivs:[a-z0-9-]+:[0-9]+:stage/[a-zA-Z0-9-]+$`, p.StageARN)
		require.LessOrEqual(t, len(p.StageARN), 128)
		require.True(t, strings.HasSuffix(p.StageARN, ":stage/"+p.StageID))
		require.NotEmpty(t, p.EventsURL)
		require.NotEmpty(t, p.WHIPURL)
		require.LessOrEqual(t, utf8.RuneCountInString(p.UserID), 128)
		size := 0
		for key, value := range p.Attributes {
			size += len(key + value)
		}
		require.LessOrEqual(t, size, 1024)
		require.LessOrEqual(t, len(p.Capabilities), 2)
		checkTimes(t, p.IssuedAt, p.ExpirationTime, 14*24*time.Hour)
		require.Equal(t, "1.0", p.Version)
	}
	c, cerr := ivstoken.ParseConnectionToken(ivsrealtime.Secret(token))
	require.Equal(t, cerr == nil, c != nil)
	require.False(t, p != nil && c != nil, "a token of both kinds")
	if c != nil {
		require.Regexp(t, keyPattern, c.KeyARN)
		require.Regexp(t, idPattern, c.ID)
		require.Regexp(t, `^[0-9]{12}$`, c.AccountID)
		require.Equal(t, strings.Split(c.KeyARN, ":")[3], c.Region)
		require.Equal(t, "wss://global.events.live-video.net", c.EventsURL)
		checkTimes(t, c.IssuedAt, c.ExpirationTime, 28*24*time.Hour)
		require.Equal(t, "1.0", c.Version)
	}
	if perr != nil && len(token) > 200 {
		require.NotContains(t, perr.Error(), token)
	}
	if ivstoken.IsAPIToken(ivsrealtime.Secret(token)) {
		require.ErrorIs(t, perr, ivstoken.ErrAPIToken)
		require.ErrorIs(t, cerr, ivstoken.ErrAPIToken)
	}
}

func mustKey(tb testing.TB) *ivstoken.PrivateKey {
	key, err := ivstoken.ParsePrivateKeyPEM([]byte(sec1PEM(tb)))
	require.NoError(tb, err)
	return key
}

func checkTimes(t *testing.T, issued, expires time.Time, longest time.Duration) {
	require.Equal(t, time.UTC, issued.Location())
	require.Equal(t, time.UTC, expires.Location())
	require.True(t, expires.After(issued))
	require.LessOrEqual(t, expires.Sub(issued), longest)
	_, err := expires.MarshalJSON()
	require.NoError(t, err)
}

// FuzzParsePEM reads any text as a key of either kind. What is accepted is on P-384
// and reads back the same; an error holds none of the text.
func FuzzParsePEM(f *testing.F) {
	for _, text := range []string{publicKeyPEM, string(mustKey(f).PEM()), opensslParameters + publicKeyPEM, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", ""} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		key, err := ivstoken.ParsePrivateKeyPEM(text)
		require.Equal(t, err == nil, key != nil)
		if key != nil {
			again, err := ivstoken.ParsePrivateKeyPEM([]byte(key.PEM()))
			require.NoError(t, err)
			require.True(t, again.PEM() == key.PEM())
		}
		public, publicErr := ivstoken.ParsePublicKeyPEM(text)
		require.Equal(t, publicErr == nil, public != nil)
		if public != nil {
			again, err := ivstoken.MarshalPublicKeyPEM(public)
			require.NoError(t, err)
			same, err := ivstoken.ParsePublicKeyPEM([]byte(again))
			require.NoError(t, err)
			require.True(t, same.Equal(public))
		}
		for _, err := range []error{err, publicErr} {
			for _, line := range strings.Split(string(text), "\n") {
				if err != nil && len(line) >= 40 { // as the lines of keys are
					require.NotContains(t, err.Error(), line)
				}
			}
		}
	})
}
