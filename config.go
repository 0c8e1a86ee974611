package ivsrealtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// optionsFromConfig takes over everything of cfg that applies to this client.
func optionsFromConfig(cfg aws.Config) Options {
	o := Options{
		APIOptions:                 cfg.APIOptions,
		AppID:                      cfg.AppID,
		BaseEndpoint:               cfg.BaseEndpoint,
		ClientLogMode:              cfg.ClientLogMode,
		Credentials:                cfg.Credentials,
		DefaultsMode:               cfg.DefaultsMode,
		DisableClockSkewCorrection: cfg.DisableClockSkewCorrection,
		HTTPClient:                 cfg.HTTPClient,
		Interceptors:               cfg.Interceptors,
		Logger:                     cfg.Logger,
		Region:                     cfg.Region,
		RetryMaxAttempts:           cfg.RetryMaxAttempts,
		RetryMode:                  cfg.RetryMode,
		RuntimeEnvironment:         cfg.RuntimeEnvironment,
	}
	//lint:ignore SA1019 read to refuse them
	o.legacyResolver = !isNil(cfg.EndpointResolver) || !isNil(cfg.EndpointResolverWithOptions)
	if cfg.Retryer != nil {
		o.Retryer = cfg.Retryer()
	}
	o.configErr = errors.Join(
		applyConfiguredEndpoint(cfg.ConfigSources, &o),
		applyEndpointVariants(cfg.ConfigSources, &o),
	)
	return o
}

// The sources of an aws.Config say what they know through methods; each is
// asked through the smallest interface, and the first that knows wins.
type (
	serviceBaseEndpointSource interface {
		GetServiceBaseEndpoint(ctx context.Context, sdkID string) (string, bool, error)
	}
	ignoreConfiguredEndpointsSource interface {
		GetIgnoreConfiguredEndpoints(context.Context) (bool, bool, error)
	}
	useDualStackEndpointSource interface {
		GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error)
	}
	useFIPSEndpointSource interface {
		GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error)
	}
)

// applyConfiguredEndpoint sets BaseEndpoint from AWS_ENDPOINT_URL_IVS_REALTIME or
// the services section of a profile. aws.Config.BaseEndpoint already holds
// AWS_ENDPOINT_URL, which goes before the profile but not before the variable of
// the service. A blank value counts as none wherever it comes from: that is how
// containers pass a variable that nobody set.
func applyConfiguredEndpoint(sources []any, o *Options) error {
	const variable = "AWS_ENDPOINT_URL"
	all := os.Getenv(variable)
	if !blank(all) && blank(os.Getenv(variable+"_IVS_REALTIME")) {
		return nil
	}
	if all != "" && blank(all) && o.BaseEndpoint != nil && *o.BaseEndpoint == all {
		o.BaseEndpoint = profileEndpoint(sources) // config took the blanks for an endpoint
	}
	ignore, _, err := firstOf("whether to ignore configured endpoints", sources, func(s ignoreConfiguredEndpointsSource) (bool, bool, error) {
		return s.GetIgnoreConfiguredEndpoints(context.Background())
	})
	if err != nil || ignore {
		return err
	}
	url, found, err := firstOf("the endpoint of the service", sources, func(s serviceBaseEndpointSource) (string, bool, error) {
		url, found, err := s.GetServiceBaseEndpoint(context.Background(), ServiceID)
		return url, found && !blank(url), err
	})
	if found && err == nil {
		o.BaseEndpoint = &url
	}
	return err
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// profileEndpoint returns the endpoint_url of a profile, nil if it has none.
// aws-sdk-go-v2/config has no method that tells it, but an exported field.
func profileEndpoint(sources []any) *string {
	for _, source := range sources {
		v := reflect.Indirect(reflect.ValueOf(source))
		if v.Kind() != reflect.Struct {
			continue
		}
		if f := v.FieldByName("BaseEndpoint"); f.IsValid() && f.Kind() == reflect.String && !blank(f.String()) {
			url := f.String()
			return &url
		}
	}
	return nil
}

func applyEndpointVariants(sources []any, o *Options) (err error) {
	o.EndpointOptions.UseDualStackEndpoint, _, err = firstOf("whether to use dual stack", sources, func(s useDualStackEndpointSource) (aws.DualStackEndpointState, bool, error) {
		return s.GetUseDualStackEndpoint(context.Background())
	})
	if err != nil {
		return err
	}
	o.EndpointOptions.UseFIPSEndpoint, _, err = firstOf("whether to use FIPS", sources, func(s useFIPSEndpointSource) (aws.FIPSEndpointState, bool, error) {
		return s.GetUseFIPSEndpoint(context.Background())
	})
	return err
}

// firstOf asks each source that is an S and returns the first answer or error.
func firstOf[S, V any](what string, sources []any, ask func(S) (V, bool, error)) (V, bool, error) {
	var zero V
	for _, source := range sources {
		if s, ok := source.(S); ok && !isNil(s) {
			switch v, found, err := ask(s); {
			case err != nil:
				return zero, false, fmt.Errorf("find out %s: %w", what, err)
			case found:
				return v, true, nil
			}
		}
	}
	return zero, false, nil
}
