package endpoints

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/sandbox"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// environment is a case: variables and lines of the shared files.
type environment struct {
	vars     map[string]string
	profile  []string // lines of the section
	services []string // lines of the services section that the profile names
	load     []func(*config.LoadOptions) error
	adjust   func(*aws.Config)
	broken   bool // adjust adds a source that fails
	blank    bool // adjust adds a source of a blank endpoint

	signRegion string // set by a service option
}

func (e environment) String() string {
	var vars []string
	for _, name := range slices.Sorted(maps.Keys(e.vars)) {
		vars = append(vars, fmt.Sprintf("%s=%q", name, e.vars[name]))
	}
	return strings.Join(vars, " ") + " profile: " + strings.Join(e.profile, "; ") + " services: " + strings.Join(e.services, "; ")
}

// unset stands for no value, which differs from an empty one.
const unset = "(unset)"

// place is where environments take effect.
type place struct {
	t    *testing.T
	file string
}

func newPlace(t *testing.T) place { return place{t, sandbox.New(t)} }

// compare puts e into effect and compares what becomes of a call.
func (s place) compare(c *rules.Comparison[setup, outcome], e environment) {
	s.t.Helper()
	text := "[profile p]\n" + strings.Join(e.profile, "\n") + "\n"
	if e.services != nil {
		text += "services = s\n\n[services s]\n" + strings.Join(e.services, "\n") + "\n"
	}
	require.NoError(s.t, os.WriteFile(s.file, []byte(text), 0o600))
	vars := map[string]string{"AWS_PROFILE": "p", "AWS_REGION": "eu-west-1"}
	maps.Copy(vars, e.vars)
	for name, value := range vars {
		if value == unset {
			continue
		}
		require.NoError(s.t, os.Setenv(name, value))
		defer func() { require.NoError(s.t, os.Unsetenv(name)) }()
	}

	load := func(adjust func(*aws.Config)) (aws.Config, error) {
		cfg, err := config.LoadDefaultConfig(s.t.Context(), e.load...)
		if adjust != nil && err == nil {
			adjust(&cfg)
		}
		cfg.RetryMaxAttempts = 1
		return cfg, err
	}
	theirs := func(cfg aws.Config) (outcome, official.Options) {
		w := newWire()
		cfg.HTTPClient = w
		client := official.NewFromConfig(cfg)
		return w.outcome(s.t, callOfficial(s.t.Context(), client, "")), client.Options()
	}
	cfg, err := load(e.adjust)
	if err != nil {
		return // neither client gets to see it
	}
	their, o := theirs(cfg)
	w := newWire()
	cfg.HTTPClient = w
	ours := w.outcome(s.t, callOurs(s.t.Context(), ivsrealtime.NewFromConfig(cfg), ""))
	// The list speaks of what the official client made of the configuration.
	var trimmed *outcome
	if clean, changed := withoutBlanks(vars); changed || e.blank {
		for name, value := range clean {
			if value == unset {
				require.NoError(s.t, os.Unsetenv(name))
			} else {
				require.NoError(s.t, os.Setenv(name, value))
			}
		}
		adjust := e.adjust
		if e.blank {
			adjust = nil
		}
		cleanCfg, err := load(adjust)
		require.NoError(s.t, err)
		var out outcome
		out, o = theirs(cleanCfg)
		trimmed = &out
	}
	//lint:ignore SA1019 compared
	legacy := cfg.EndpointResolverWithOptions != nil
	c.Case(e.String(), setup{
		Region: o.Region, Base: o.BaseEndpoint,
		FIPS:      o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled,
		DualStack: o.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled,
		Legacy:    legacy,
		Broken:    e.broken, SignRegion: e.signRegion, Trimmed: trimmed,
	}, their, ours)
}

// withoutBlanks returns the variables with the blanks of endpoints taken off, and
// whether there were any.
func withoutBlanks(vars map[string]string) (clean map[string]string, changed bool) {
	clean = maps.Clone(vars)
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_IVS_REALTIME"} {
		value, ok := clean[name]
		if !ok || value == unset {
			continue
		}
		if clean[name] = strings.TrimSpace(value); clean[name] == "" {
			clean[name] = unset
		}
		changed = changed || clean[name] != value
	}
	return clean, changed
}

// Every way to set an endpoint in the environment and in the shared files, in
// every combination.
func TestConfiguredEndpoints(t *testing.T) {
	here := newPlace(t)
	c := rules.Compare(t, tally.Row{Area: "Endpoints", What: "configured endpoints", With: "official v1.30.0"}, []difference{blankVariables})
	lines := func(s string) []string { return strings.Split(s, "\n") }
	global, service := []string{unset, "", " \t", " https://global.example/g\n"}, []string{unset, "", "\n", "https://service.example/s"}
	for _, services := range [][]string{nil, lines("ivs_realtime =\n  endpoint_url = https://services.example"), lines("ivs =\n  endpoint_url = https://ivs.example"), lines("ivsrealtime =\n  endpoint_url = https://x.example"), lines("ivs_realtime =\n  other = https://x.example")} {
		for _, profileURL := range []string{"", "endpoint_url = https://profile.example"} {
			for _, profileIgnore := range []string{"", "ignore_configured_endpoint_urls = true", "ignore_configured_endpoint_urls = false"} {
				e := environment{services: services}
				for _, line := range []string{profileURL, profileIgnore} {
					if line != "" {
						e.profile = append(e.profile, line)
					}
				}
				for _, g := range global {
					for _, s := range service {
						for _, ignore := range []string{unset, "", "true", "TRUE", "false", "nonsense"} {
							e.vars = map[string]string{"AWS_ENDPOINT_URL": g, "AWS_ENDPOINT_URL_IVS_REALTIME": s, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": ignore}
							here.compare(c, e)
						}
					}
				}
			}
		}
	}
	c.Done()
}

// Variants and regions by environment, profile and code.
func TestConfiguredVariants(t *testing.T) {
	here := newPlace(t)
	c := rules.Compare(t, tally.Row{Area: "Endpoints", What: "configured variants and regions", With: "official v1.30.0"}, []difference{signedRegion})
	values := []string{unset, "", "true", "True", "false", "nonsense"}
	profiles := []string{"", "true", "false"}
	for _, fips := range values {
		for _, dual := range values {
			for _, profileFIPS := range profiles {
				for _, profileDual := range profiles {
					for _, g := range []string{unset, "https://global.example"} {
						e := environment{vars: map[string]string{"AWS_USE_FIPS_ENDPOINT": fips, "AWS_USE_DUALSTACK_ENDPOINT": dual, "AWS_ENDPOINT_URL": g}}
						if profileFIPS != "" {
							e.profile = append(e.profile, "use_fips_endpoint = "+profileFIPS)
						}
						if profileDual != "" {
							e.profile = append(e.profile, "use_dualstack_endpoint = "+profileDual)
						}
						here.compare(c, e)
					}
				}
			}
		}
	}
	for _, region := range []string{unset, "", "us-west-2", "fips-us-east-1", "us-east-1-fips", "aws-global", "cn-north-1", "us-iso-east-1", "nowhere"} {
		for _, standby := range []string{unset, "ap-south-1"} {
			for _, profile := range []string{"", "region = eu-central-1", "region = us-gov-west-1-fips"} {
				for _, fips := range []string{unset, "true"} {
					e := environment{vars: map[string]string{"AWS_REGION": region, "AWS_DEFAULT_REGION": standby, "AWS_USE_FIPS_ENDPOINT": fips}}
					if profile != "" {
						e.profile = append(e.profile, profile)
					}
					here.compare(c, e)
				}
			}
		}
	}
	c.Done()
}

// source is a part of an aws.Config that a program brings along.
type source struct {
	url       string
	found     bool
	ignore    bool
	fips      aws.FIPSEndpointState
	dualStack aws.DualStackEndpointState

	urlErr, ignoreErr, fipsErr, dualErr error
}

func (s source) GetServiceBaseEndpoint(_ context.Context, id string) (string, bool, error) {
	if id != "IVS RealTime" {
		return "https://asked-for-another.example", true, nil
	}
	return s.url, s.found, s.urlErr
}

func (s source) GetIgnoreConfiguredEndpoints(context.Context) (bool, bool, error) {
	return s.ignore, s.ignore, s.ignoreErr
}

func (s source) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	return s.fips, s.fips != aws.FIPSEndpointStateUnset, s.fipsErr
}

func (s source) GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error) {
	return s.dualStack, s.dualStack != aws.DualStackEndpointStateUnset, s.dualErr
}

// What a program sets in code, before, between and after what was loaded.
func TestConfigurationInCode(t *testing.T) {
	here := newPlace(t)
	c := rules.Compare(t, tally.Row{Area: "Endpoints", What: "configuration in code", With: "official v1.30.0"}, []difference{blankVariables, brokenSource, legacyResolver})
	type option = func(*config.LoadOptions) error
	loads := map[string]option{
		"nothing":                      func(*config.LoadOptions) error { return nil },
		"base endpoint":                config.WithBaseEndpoint("https://code.example/c"),
		"FIPS":                         config.WithUseFIPSEndpoint(aws.FIPSEndpointStateEnabled),
		"no FIPS":                      config.WithUseFIPSEndpoint(aws.FIPSEndpointStateDisabled),
		"dual stack":                   config.WithUseDualStackEndpoint(aws.DualStackEndpointStateEnabled),
		"no dual stack":                config.WithUseDualStackEndpoint(aws.DualStackEndpointStateDisabled),
		"region":                       config.WithRegion("sa-east-1"),
		"default region":               config.WithDefaultRegion("sa-east-1"),
		"service option, base":         config.WithServiceOptions(serviceOption("https://option.example", "")),
		"service option, region":       config.WithServiceOptions(serviceOption("", "us-isob-east-1")),
		"service options, two":         config.WithServiceOptions(serviceOption("https://first.example", "us-west-2"), serviceOption("https://second.example", "")),
		"service option, signing name": config.WithServiceOptions(signingOption),
	}
	adjusts := map[string]func(*aws.Config){
		"nothing":                      nil,
		"base endpoint":                func(c *aws.Config) { c.BaseEndpoint = aws.String("https://adjusted.example") },
		"no base endpoint":             func(c *aws.Config) { c.BaseEndpoint = nil },
		"no sources":                   func(c *aws.Config) { c.ConfigSources = nil },
		"a source with a URL":          adding(source{url: "https://source.example", found: true}),
		"a source that found nothing":  adding(source{url: "https://source.example"}),
		"a source with an empty URL":   adding(source{found: true}),
		"a source with a blank URL":    adding(source{url: " ", found: true}),
		"a source that ignores":        adding(source{ignore: true, url: "https://source.example", found: true}),
		"a source with variants":       adding(source{fips: aws.FIPSEndpointStateEnabled, dualStack: aws.DualStackEndpointStateEnabled}),
		"a source against variants":    adding(source{fips: aws.FIPSEndpointStateDisabled, dualStack: aws.DualStackEndpointStateDisabled}),
		"a source that is of no use":   adding("useless"),
		"a broken source of the URL":   adding(source{urlErr: errors.New("broken URL")}),
		"a broken source that ignores": adding(source{ignoreErr: errors.New("broken ignore")}),
		"a broken source of FIPS":      adding(source{fipsErr: errors.New("broken FIPS")}),
		"a broken source, dual stack":  adding(source{dualErr: errors.New("broken dual stack")}),
		"a legacy resolver": func(c *aws.Config) {
			//lint:ignore SA1019 compared
			c.EndpointResolverWithOptions = aws.EndpointResolverWithOptionsFunc(legacyEndpoint)
		},
	}
	for _, load := range slices.Sorted(maps.Keys(loads)) {
		for _, adjust := range slices.Sorted(maps.Keys(adjusts)) {
			for _, vars := range []map[string]string{
				{}, {"AWS_ENDPOINT_URL": "https://global.example"}, {"AWS_ENDPOINT_URL_IVS_REALTIME": "https://service.example"},
				{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL": "https://global.example"},
				{"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
			} {
				e := environment{vars: vars, load: []option{loads[load]}, adjust: adjusts[adjust], services: []string{"# load " + load + ", adjust " + adjust}, broken: strings.Contains(adjust, "broken"), blank: adjust == "a source with an empty URL" || adjust == "a source with a blank URL"}
				if strings.Contains(load, "signing name") {
					e.signRegion = signRegion
				}
				if _, global := vars["AWS_ENDPOINT_URL"]; global && (strings.Contains(adjust, "URL") || strings.Contains(adjust, "ignores")) {
					e.broken = false // not asked: AWS_ENDPOINT_URL goes before it
				}
				here.compare(c, e)
			}
		}
	}
	c.Done()
}

//lint:ignore SA1019 compared
func legacyEndpoint(string, string, ...any) (aws.Endpoint, error) {
	//lint:ignore SA1019 compared
	return aws.Endpoint{URL: "https://legacy.example"}, nil
}

func adding(s any) func(*aws.Config) {
	return func(c *aws.Config) { c.ConfigSources = append([]any{s}, c.ConfigSources...) }
}

func serviceOption(base, region string) func(string, any) {
	return func(id string, o any) {
		if id != "IVS RealTime" {
			return
		}
		switch o := o.(type) {
		case *ivsrealtime.Options:
			if base != "" {
				o.BaseEndpoint = &base
			}
			if region != "" {
				o.Region = region
			}
		case *official.Options:
			if base != "" {
				o.BaseEndpoint = &base
			}
			if region != "" {
				o.Region = region
			}
		}
	}
}

const signRegion = "ap-south-1"

func signingOption(_ string, o any) {
	switch o := o.(type) {
	case *ivsrealtime.Options:
		ivsrealtime.WithSigV4SigningName("other")(o)
		ivsrealtime.WithSigV4SigningRegion(signRegion)(o)
	case *official.Options:
		official.WithSigV4SigningName("other")(o)
		official.WithSigV4SigningRegion(signRegion)(o)
	}
}

// Random environments and files, all settings at once.
func TestRandomConfigurations(t *testing.T) {
	const seed = 3
	random := rand.New(rand.NewPCG(seed, seed))
	n := 5000
	if testing.Short() {
		n = 300
	}
	vars := map[string][]string{
		"AWS_ENDPOINT_URL":                    {"", "https://global.example", "http://global.example:80/x", "host:1", "https://u:p@global.example"},
		"AWS_ENDPOINT_URL_IVS_REALTIME":       {"", "https://service.example", "https://service.example/a%20b", "nonsense"},
		"AWS_ENDPOINT_URL_IVS":                {"https://ivs.example"},
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": {"true", "false", "1"},
		"AWS_USE_FIPS_ENDPOINT":               {"true", "false", "yes"},
		"AWS_USE_DUALSTACK_ENDPOINT":          {"true", "false"},
		"AWS_REGION":                          {"us-east-1-fips", "eu-isoe-west-1", "", "fips-us-gov-west-1", "eu west"},
		"AWS_DEFAULT_REGION":                  {"ap-south-1"},
		"AWS_PROFILE":                         {"p"},
	}
	names := slices.Sorted(maps.Keys(vars))
	profile := []string{"endpoint_url = https://profile.example", "ignore_configured_endpoint_urls = true", "use_fips_endpoint = true", "use_dualstack_endpoint = true", "region = us-west-2"}
	services := []string{"ivs_realtime =\n  endpoint_url = https://services.example", "ivs =\n  endpoint_url = https://ivs.example", "IVS_REALTIME =\n  endpoint_url = https://upper.example", "s3 =\n  endpoint_url = https://s3.example"}
	here := newPlace(t)
	c := rules.Compare(t, tally.Row{Area: "Endpoints", What: "random configurations", With: "official v1.30.0"}, []difference{blankVariables, malformedRegion, signedRegion, regionRequired, droppedParts})
	for range n {
		e := environment{vars: map[string]string{}}
		for _, name := range names {
			if random.IntN(3) == 0 {
				e.vars[name] = vars[name][random.IntN(len(vars[name]))]
			}
		}
		for _, line := range profile {
			if random.IntN(4) == 0 {
				e.profile = append(e.profile, line)
			}
		}
		for _, line := range services {
			if random.IntN(3) == 0 {
				e.services = append(e.services, line)
			}
		}
		here.compare(c, e)
	}
	c.Done()
}
