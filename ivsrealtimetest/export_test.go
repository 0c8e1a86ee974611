package ivsrealtimetest

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// RequireValidation checks that w is a ValidationException that names the member,
// whose path is as in "a.b[2].c".
func RequireValidation(t *testing.T, w *httptest.ResponseRecorder, member string) {
	t.Helper()
	require.Equal(t, 400, w.Code, w.Body)
	require.Equal(t, "ValidationException", w.Header().Get("X-Amzn-Errortype"))
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	var body map[string]string
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body))
	require.Len(t, body, 3)
	require.Equal(t, "ValidationException", body["Code"])
	message := body["Message"]
	if strings.HasPrefix(message, "Malformed request:") { // by the decoder
		require.True(t, strings.Contains(message, " "+member+":") || strings.Contains(message, " "+member+"[") || strings.HasSuffix(message, " "+member), message)
		return
	}
	name, _, _ := strings.Cut(member[strings.LastIndex(member, ".")+1:], "[")
	require.Contains(t, message, "Request member: "+strings.ToUpper(name[:1])+name[1:]+" failed to satisfy the constraints: ")
	if member != name && !strings.Contains(message, ": must be specified") {
		require.Contains(t, message, " ("+member+")")
	}
}
