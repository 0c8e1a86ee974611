package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// steps are what a newcomer reads.
var steps = []string{
	"Create a stage", "two participant tokens", "anna is participant", "[REDACTED]", "List the stages", `"quickstart"`,
	`now "quickstart-renamed"`, "map[owner:anna team:video]", "ErrNotFound) is true", "ResourceNotFoundException",
	"GetStageInput.ARN", "Delete the stage", "done",
}

func requireSteps(t *testing.T, output string) {
	t.Helper()
	for _, s := range steps {
		i := strings.Index(output, s)
		require.GreaterOrEqual(t, i, 0, "%q is missing or out of order in what is left:\n%s", s, output)
		output = output[i:]
	}
}

func TestQuickstart(t *testing.T) {
	var out bytes.Buffer
	client, err := newClient(t.Context(), &out, false)
	require.NoError(t, err)
	require.NoError(t, run(t.Context(), &out, client))
	requireSteps(t, out.String())
	left, err := client.ListStages(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, left.Stages)
}

// -live with the endpoint of the fake: configured by the environment, through
// aws-sdk-go-v2/config, over a real connection.
func TestLiveByEnvironment(t *testing.T) {
	fake := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) {
		o.Region, o.AccessKeyID, o.SecretAccessKey = "eu-west-1", "AKIAQUICKSTART", "a-secret-of-the-test"
	})
	srv := httptest.NewServer(fake)
	defer srv.Close()
	isolateAWS(t)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAQUICKSTART")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "a-secret-of-the-test")

	t.Run("AWS_ENDPOINT_URL_IVS_REALTIME", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL_IVS_REALTIME", srv.URL)
		t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1") // the variable of the service goes first
		var out bytes.Buffer
		client, err := newClient(t.Context(), &out, true)
		require.NoError(t, err)
		require.Contains(t, out.String(), "one stage named quickstart") // said before it is done
		require.NoError(t, run(t.Context(), &out, client))
		requireSteps(t, out.String())
	})
	t.Run("AWS_ENDPOINT_URL", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL", srv.URL)
		requireEndpoint(t, srv.URL)
	})
	t.Run("services section of the profile", func(t *testing.T) {
		profile(t, "[default]\nregion = eu-west-1\nservices = local\n[services local]\nivs_realtime =\n  endpoint_url = "+srv.URL+"\n")
		requireEndpoint(t, srv.URL)
	})
	t.Run("ignored by the environment", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL_IVS_REALTIME", srv.URL)
		t.Setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
		requireEndpoint(t, "")
	})
	t.Run("ignored by the profile", func(t *testing.T) {
		profile(t, "[default]\nregion = eu-west-1\nignore_configured_endpoint_urls = true\nendpoint_url = "+srv.URL+"\n")
		requireEndpoint(t, "")
	})
	t.Run("FIPS and dual stack", func(t *testing.T) {
		t.Setenv("AWS_USE_FIPS_ENDPOINT", "true")
		t.Setenv("AWS_USE_DUALSTACK_ENDPOINT", "true")
		client, err := newClient(t.Context(), new(bytes.Buffer), true)
		require.NoError(t, err)
		e := client.Options().EndpointOptions
		require.EqualValues(t, 1, e.UseFIPSEndpoint)
		require.EqualValues(t, 1, e.UseDualStackEndpoint)
	})
	t.Run("retries, app id and clock skew", func(t *testing.T) {
		t.Setenv("AWS_MAX_ATTEMPTS", "7")
		t.Setenv("AWS_RETRY_MODE", "adaptive")
		t.Setenv("AWS_SDK_UA_APP_ID", "quick")
		t.Setenv("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "true")
		client, err := newClient(t.Context(), new(bytes.Buffer), true)
		require.NoError(t, err)
		o := client.Options()
		require.Equal(t, 7, o.RetryMaxAttempts)
		require.EqualValues(t, "adaptive", o.RetryMode)
		require.Equal(t, "quick", o.AppID)
		require.True(t, o.DisableClockSkewCorrection)
	})
}

func TestNoCredentials(t *testing.T) {
	isolateAWS(t)
	t.Setenv("AWS_REGION", "eu-west-1")
	client, err := newClient(t.Context(), new(bytes.Buffer), true)
	require.NoError(t, err)
	_, err = client.ListStages(t.Context(), nil, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
	require.ErrorContains(t, err, "get credentials")
}

func requireEndpoint(t *testing.T, want string) {
	t.Helper()
	client, err := newClient(t.Context(), new(bytes.Buffer), true)
	require.NoError(t, err)
	base := client.Options().BaseEndpoint
	if want == "" {
		require.Nil(t, base)
		return
	}
	require.NotNil(t, base)
	require.Equal(t, want, *base)
	_, err = client.ListStages(t.Context(), nil)
	require.NoError(t, err)
}

// isolateAWS takes the machine's own configuration out of the way.
func isolateAWS(t *testing.T) {
	t.Helper()
	for _, kv := range os.Environ() {
		if name, value, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, value) // so that it is restored
			os.Unsetenv(name)
		}
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	profile(t, "")
}

func profile(t *testing.T, text string) {
	t.Helper()
	file := t.TempDir() + "/config"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
}
