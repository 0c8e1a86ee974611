package retries

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/sandbox"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// What environment, profile and code say about retries.
func TestConfiguredRetries(t *testing.T) {
	file := sandbox.New(t)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_RETRY_MODE", "") // as if unset
	t.Setenv("AWS_MAX_ATTEMPTS", "")

	load := map[string]func(*config.LoadOptions) error{
		"nothing":           func(*config.LoadOptions) error { return nil },
		"WithRetryMode":     config.WithRetryMode(aws.RetryModeAdaptive),
		"WithMaxAttempts":   config.WithRetryMaxAttempts(4),
		"WithRetryer":       config.WithRetryer(standard(attempts(6))),
		"WithRetryer, nop":  config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }),
		"WithDefaultsMode":  config.WithDefaultsMode(aws.DefaultsModeStandard),
		"WithDefaultsMode2": config.WithDefaultsMode(aws.DefaultsModeMobile),
		"WithRetryer, codes": config.WithRetryer(func() aws.Retryer {
			return retry.AddWithErrorCodes(retry.NewStandard(), "ValidationException")
		}),
	}
	c := rules.Compare(t, tally.Row{Area: "Retries", What: "configured retries", With: newest}, []difference(nil))
	for name, option := range load {
		for _, mode := range []string{"", "standard", "adaptive", "legacy"} {
			for _, n := range []string{"", "1", "5"} {
				for _, profile := range []string{"", "retry_mode = adaptive", "max_attempts = 2", "defaults_mode = in-region"} {
					require.NoError(t, os.Setenv("AWS_RETRY_MODE", mode))
					require.NoError(t, os.Setenv("AWS_MAX_ATTEMPTS", n))
					require.NoError(t, os.WriteFile(file, []byte("[default]\n"+profile+"\n"), 0o600))
					cfg, err := config.LoadDefaultConfig(context.Background(), option)
					if err != nil {
						continue // no client gets to see it
					}
					for _, st := range []step{internal, invalid, throttled} {
						if st == throttled && cfg.RetryMode == aws.RetryModeAdaptive {
							continue // see patient about the waiting of the adaptive mode
						}
						s := script{Name: fmt.Sprintf("%s, AWS_RETRY_MODE=%q AWS_MAX_ATTEMPTS=%q, %s", name, mode, n, profile), Config: &cfg, Steps: []step{st}, Calls: 2}
						c.Case(s.String(), s, play(t, s, newest), play(t, s, "plain"))
					}
				}
			}
		}
	}
	c.Done()
}
