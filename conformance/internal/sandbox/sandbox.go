// Package sandbox keeps what is configured on this machine away from a test.
package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// New takes all of AWS out of the environment until the end of the test, sets
// credentials, and returns the name of the shared configuration file, which does
// not exist yet. Nothing asks a metadata service.
func New(t *testing.T) (file string) {
	t.Helper()
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // which restores it in the end
			require.NoError(t, os.Unsetenv(name))
		}
	}
	file = filepath.Join(t.TempDir(), "config")
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": file, "AWS_SHARED_CREDENTIALS_FILE": file + ".none", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "SECRET",
	} {
		t.Setenv(name, value)
	}
	return file
}
