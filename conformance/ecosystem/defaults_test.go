package ecosystem

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// defaultsSetup is a case: what the defaults of a client follow from.
type defaultsSetup struct {
	cfg    aws.Config
	dialer time.Duration // of the caller's HTTP client; 0: the core's
	tls    time.Duration
}

func describe(h any, mode aws.RetryMode, retryer aws.Retryer) []string {
	lines := []string{"retry mode " + string(mode), fmt.Sprintf("retryer %T of %d attempts", retryer, retryer.MaxAttempts())}
	b, ok := h.(*awshttp.BuildableClient)
	if !ok {
		return append(lines, fmt.Sprintf("client %T", h))
	}
	read, set := b.GetReadTimeout()
	tr := b.GetTransport()
	return append(lines,
		"dial timeout "+b.GetDialer().Timeout.String(), "handshake timeout "+tr.TLSHandshakeTimeout.String(),
		fmt.Sprintf("read timeout %v %t", read, set), "header timeout "+tr.ResponseHeaderTimeout.String(),
		fmt.Sprintf("idle connections %d, per host %d, for %v", tr.MaxIdleConns, tr.MaxIdleConnsPerHost, tr.IdleConnTimeout),
		"minimum TLS "+fmt.Sprint(tr.TLSClientConfig.MinVersion), fmt.Sprintf("HTTP/2 %t", tr.ForceAttemptHTTP2))
}

func TestDefaults(t *testing.T) {
	dial := func(d time.Duration) func(*net.Dialer) { return func(o *net.Dialer) { o.Timeout = d } }
	shake := func(d time.Duration) func(*http.Transport) {
		return func(tr *http.Transport) { tr.TLSHandshakeTimeout = d }
	}
	clients := map[string]defaultsSetup{
		"none":      {},
		"buildable": {cfg: aws.Config{HTTPClient: awshttp.NewBuildableClient()}},
		"with a dial timeout": {
			cfg: aws.Config{HTTPClient: awshttp.NewBuildableClient().WithDialerOptions(dial(5 * time.Second))}, dialer: 5 * time.Second,
		},
		"with a handshake timeout": {
			cfg: aws.Config{HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(shake(4 * time.Second))}, tls: 4 * time.Second,
		},
		"with a read timeout": {cfg: aws.Config{HTTPClient: awshttp.NewBuildableClient().WithReadTimeout(9 * time.Second)}},
		"of another kind":     {cfg: aws.Config{HTTPClient: http.DefaultClient}},
	}
	environments := []aws.RuntimeEnvironment{{}, {EnvironmentIdentifier: "AWS_Lambda_go1.x", Region: "eu-west-1"}, {EnvironmentIdentifier: "AWS_Lambda_go1.x", Region: "us-east-1"}, {EC2InstanceMetadataRegion: "eu-west-1"}}
	for _, oracle := range []string{withLambda, withOfficial} {
		c := rules.Compare(t, tally.Row{Area: "Ecosystem", What: "defaults of a client", With: oracle}, defaultsDifferences)
		for _, name := range slices.Sorted(maps.Keys(clients)) {
			for _, mode := range []aws.DefaultsMode{"", aws.DefaultsModeLegacy, aws.DefaultsModeStandard, aws.DefaultsModeInRegion, aws.DefaultsModeCrossRegion, aws.DefaultsModeMobile, aws.DefaultsModeAuto, "In-Region", "nonsense"} {
				for i, env := range environments {
					for _, retryMode := range []aws.RetryMode{"", aws.RetryModeStandard, aws.RetryModeAdaptive, "nonsense"} {
						for _, n := range []int{0, 2} {
							s := clients[name]
							s.cfg.Region, s.cfg.Credentials, s.cfg.DefaultsMode, s.cfg.RuntimeEnvironment = "eu-west-1", creds, mode, env
							s.cfg.RetryMode, s.cfg.RetryMaxAttempts = retryMode, n
							var theirs []string
							if oracle == withLambda {
								o := lambda.NewFromConfig(s.cfg).Options()
								theirs = describe(o.HTTPClient, o.RetryMode, o.Retryer)
							} else {
								o := official.NewFromConfig(s.cfg).Options()
								theirs = describe(o.HTTPClient, o.RetryMode, o.Retryer)
							}
							o := ivsrealtime.NewFromConfig(s.cfg).Options()
							c.Case(strings.Join([]string{name, string(mode), fmt.Sprint("environment ", i), string(retryMode), fmt.Sprint(n, " attempts")}, ", "), s, theirs, describe(o.HTTPClient, o.RetryMode, o.Retryer))
						}
					}
				}
			}
		}
		c.Done()
	}
}
