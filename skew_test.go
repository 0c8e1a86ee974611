package ivsrealtime_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// A proxy with a wrong clock turns a denial into a wrong signature: the client signs
// with the time of the proxy. The error holds both.
func TestDenialBehindAWrongDate(t *testing.T) {
	wrong := func() string { return time.Now().Add(10 * time.Minute).UTC().Format(http.TimeFormat) }
	reply := func(status int, code string) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) {
			return answer(status, `{"message":"of `+code+`"}`, "X-Amzn-Errortype", code, "Date", wrong())(r)
		}
	}
	for name, test := range map[string]struct {
		replies []func(*http.Request) (*http.Response, error)
		code    string // of the error
		denied  bool
	}{
		"a denial, then a wrong signature": {
			[]func(*http.Request) (*http.Response, error){reply(403, "AccessDeniedException"), reply(403, "InvalidSignatureException")}, "InvalidSignatureException", true,
		},
		"with another failure between": {
			[]func(*http.Request) (*http.Response, error){reply(403, "AccessDeniedException"), reply(503, "X"), reply(403, "SignatureDoesNotMatch")}, "SignatureDoesNotMatch", true,
		},
		"a wrong signature alone": {
			[]func(*http.Request) (*http.Response, error){reply(403, "InvalidSignatureException"), reply(403, "InvalidSignatureException")}, "InvalidSignatureException", false,
		},
		"an error of another kind": {
			[]func(*http.Request) (*http.Response, error){reply(403, "AccessDeniedException"), reply(409, "ConflictException")}, "ConflictException", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				tr := answering(test.replies...)
				c := newClient(tr)
				_, err := getStage(t.Context(), c)
				var api *ivsrealtime.APIError
				require.ErrorAs(t, err, &api)
				require.Equal(t, test.code, api.Code)
				require.Len(t, test.replies, tr.count())
				if test.denied {
					require.ErrorIs(t, err, ivsrealtime.ErrAccessDenied)
					require.ErrorContains(t, err, "of "+test.code+"; before the correction of the clock: ")
					require.ErrorContains(t, err, "AccessDeniedException: of AccessDeniedException")
				} else {
					require.NotErrorIs(t, err, ivsrealtime.ErrAccessDenied)
				}
			})
		})
	}
}
