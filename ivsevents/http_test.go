package ivsevents_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

const apiKey = "s3cret-of-the-connection"

// serve sends a request with a header and returns the answer.
func serve(handler http.Handler, method, body string, header ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "/events", strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer
}

func withKey(o *ivsevents.MuxOptions) {
	o.AuthorizationHeader, o.AuthorizationValues = "X-Api-Key", []ivsrealtime.Secret{apiKey}
}

func TestServeHTTP(t *testing.T) {
	event := publishedJSON("", `,"user_id":"anna"`)
	for name, test := range map[string]struct {
		method, body string
		fail         error
		status       int
		answer       string
		got          []string
	}{
		"handled":               {"POST", event, nil, 204, "", []string{"published anna"}},
		"no handler":            {"POST", string(literal(t, &ivsevents.RecordingStart{})), nil, 204, "", nil},
		"unknown":               {"POST", `{"source":"aws.ivs","detail-type":"New","detail":{}}`, nil, 204, "", nil},
		"handler failed":        {"POST", event, errHandler, 500, "a handler failed\n", []string{"published anna"}},
		"invalid":               {"POST", `{"source":7}`, nil, 400, "ivsevents: malformed event: source: want a string, got a number (byte 10)\n", nil},
		"foreign":               {"POST", foreign, nil, 400, "ivsevents: event of another source than aws.ivs\n", nil},
		"empty":                 {"POST", "", nil, 400, "ivsevents: malformed event: want an object, got the end of the text (byte 0)\n", nil},
		"get":                   {"GET", "", nil, 405, "want a POST\n", nil},
		"put":                   {"PUT", event, nil, 405, "want a POST\n", nil},
		"as large as it may be": {"POST", event + strings.Repeat(" ", 1<<20-len(event)), nil, 204, "", []string{"published anna"}},
		"too large":             {"POST", event + strings.Repeat(" ", 1<<20+1-len(event)), nil, 413, "ivsevents: malformed event: body of more than 1048576 bytes\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecorder(withKey)
			r.fail = test.fail
			answer := serve(r, test.method, test.body, "X-Api-Key", apiKey)
			require.Equal(t, test.status, answer.Code)
			require.Equal(t, test.answer, answer.Body.String())
			require.Equal(t, test.got, r.got)
			require.Equal(t, test.status == 405, answer.Header().Get("Allow") == "POST")
			require.Equal(t, test.status/100 == 2 || test.status == 405, r.log.Len() == 0, "what went wrong is logged: %s", &r.log)
			if test.fail != nil {
				require.Contains(t, r.log.String(), errHandler.Error())
			}
		})
	}

	t.Run("OnInvalid", func(t *testing.T) {
		r := newRecorder()
		r.Mux = ivsevents.NewMux(r.keepInvalid, withKey, func(o *ivsevents.MuxOptions) { o.MaxBodyBytes = 20 })
		require.Equal(t, 400, serve(r, "POST", "{}", "X-Api-Key", apiKey).Code)
		require.Equal(t, 413, serve(r, "POST", event, "X-Api-Key", apiKey).Code)
		require.Equal(t, []string{"{}: ivsevents: malformed event: source: missing", ": ivsevents: malformed event: body of more than 20 bytes"}, r.invalid)
	})
	t.Run("OnInvalid fails", func(t *testing.T) {
		r := newRecorder(withKey, func(o *ivsevents.MuxOptions) {
			o.OnInvalid = func(_ context.Context, _ []byte, _ error) error { return errHandler }
		})
		require.Equal(t, 500, serve(r, "POST", "{}", "X-Api-Key", apiKey).Code)
	})
	t.Run("body cut off", func(t *testing.T) {
		r := newRecorder(withKey)
		request := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader(event), iotest.ErrReader(errors.New("gone"))))
		request.Header.Set("X-Api-Key", apiKey)
		answer := httptest.NewRecorder()
		r.ServeHTTP(answer, request)
		require.Equal(t, 500, answer.Code, "it is worth another try")
		require.Empty(t, r.got)
	})
	t.Run("no body at all", func(t *testing.T) {
		r := newRecorder(withKey)
		answer := httptest.NewRecorder()
		r.ServeHTTP(answer, &http.Request{Method: "POST", Header: http.Header{"X-Api-Key": {apiKey}}})
		require.Equal(t, 400, answer.Code)
	})
}

func TestAuthorization(t *testing.T) {
	event := publishedJSON("", "")
	type values = []ivsrealtime.Secret
	for name, test := range map[string]struct {
		option func(*ivsevents.MuxOptions)
		header []string
		status int
	}{
		"right":               {withKey, []string{"x-api-key", apiKey}, 204},
		"wrong":               {withKey, []string{"X-Api-Key", apiKey + "x"}, 401},
		"prefix":              {withKey, []string{"X-Api-Key", apiKey[:5]}, 401},
		"case":                {withKey, []string{"X-Api-Key", strings.ToUpper(apiKey)}, 401},
		"empty":               {withKey, []string{"X-Api-Key", ""}, 401},
		"missing":             {withKey, nil, 401},
		"in another header":   {withKey, []string{"Authorization", apiKey}, 401},
		"twice":               {withKey, []string{"X-Api-Key", apiKey, "X-Api-Key", apiKey}, 401},
		"default header":      {func(o *ivsevents.MuxOptions) { o.AuthorizationValues = values{"Basic YTpi"} }, []string{"Authorization", "Basic YTpi"}, 204},
		"old of two":          {func(o *ivsevents.MuxOptions) { o.AuthorizationValues = values{"new", "old"} }, []string{"Authorization", "old"}, 204},
		"new of two":          {func(o *ivsevents.MuxOptions) { o.AuthorizationValues = values{"new", "old"} }, []string{"Authorization", "new"}, 204},
		"neither of two":      {func(o *ivsevents.MuxOptions) { o.AuthorizationValues = values{"new", "old"} }, []string{"Authorization", "newold"}, 401},
		"nothing configured":  {func(*ivsevents.MuxOptions) {}, []string{"Authorization", ""}, 401},
		"empty configured":    {func(o *ivsevents.MuxOptions) { o.AuthorizationValues = values{""} }, []string{"Authorization", ""}, 401},
		"empty, no header":    {func(o *ivsevents.MuxOptions) { o.AuthorizationValues = values{"", ""} }, nil, 401},
		"open":                {func(o *ivsevents.MuxOptions) { o.NoAuthorization = true }, nil, 204},
		"open and a value":    {func(o *ivsevents.MuxOptions) { o.NoAuthorization = true; withKey(o) }, nil, 401},
		"open and no value":   {func(o *ivsevents.MuxOptions) { o.NoAuthorization = true; o.AuthorizationValues = values{""} }, nil, 401},
		"open and that value": {func(o *ivsevents.MuxOptions) { o.NoAuthorization = true; withKey(o) }, []string{"X-Api-Key", apiKey}, 204},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecorder(test.option)
			answer := serve(r, "POST", event, test.header...)
			require.Equal(t, test.status, answer.Code)
			require.Equal(t, test.status == 204, r.got != nil)
			require.Equal(t, test.status == 204, r.log.Len() == 0)
			for _, printed := range []string{r.log.String(), answer.Body.String(), fmt.Sprintf("%+v %#v", r.Mux, r.Mux)} {
				require.NotContains(t, printed, apiKey)
			}
			if test.status == 401 {
				require.Equal(t, 401, serve(r, "GET", "", test.header...).Code, "authorization comes first")
			}
		})
	}
	t.Run("zero value", func(t *testing.T) {
		var log bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
		defer slog.SetDefault(before)
		require.Equal(t, 401, serve(&ivsevents.Mux{}, "POST", event).Code)
		require.Contains(t, log.String(), "neither AuthorizationValues nor NoAuthorization is set")
	})
	t.Run("changes later have no effect", func(t *testing.T) {
		given := values{apiKey}
		r := newRecorder(func(o *ivsevents.MuxOptions) { o.AuthorizationValues = given })
		given[0] = "other"
		require.Equal(t, 204, serve(r, "POST", event, "Authorization", apiKey).Code)
	})
}

// A panic of a handler is a 500, so that EventBridge sends the event again, and the
// connection goes on.
func TestServeHTTPPanic(t *testing.T) {
	r := newRecorder(withKey)
	ivsevents.On(r.Mux, func(_ context.Context, e *ivsevents.RecordingEnd) error { panic(http.ErrAbortHandler) })
	server := httptest.NewServer(r)
	defer server.Close()
	post := func(body []byte) (*http.Response, error) {
		request, err := http.NewRequestWithContext(t.Context(), "POST", server.URL, strings.NewReader(string(body)))
		require.NoError(t, err)
		request.Header.Set("X-Api-Key", apiKey)
		return server.Client().Do(request)
	}
	failed, err := post(literal(t, &ivsevents.RecordingEnd{}))
	require.NoError(t, err)
	require.NoError(t, failed.Body.Close())
	require.Equal(t, 500, failed.StatusCode)
	answer, err := post(literal(t, &ivsevents.RecordingStart{}))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, 204, answer.StatusCode)
}
