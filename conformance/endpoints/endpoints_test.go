// Package endpoints compares where requests go and what they are signed for.
package endpoints

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// outcome is what came of a call: a request, or a refusal.
type outcome struct {
	Request string // method and URL
	Scope   string // region and service of the signature
	Refused string // why, in the words of classes
}

// wire is an HTTP client that goes as far as a connection: an http.Transport
// says whether the request could be sent at all.
type wire struct {
	transport http.Transport
	sent      *http.Request
	count     int
}

var errDialed = errors.New("dialed")

func newWire() *wire {
	dial := func(context.Context, string, string) (net.Conn, error) { return nil, errDialed }
	return &wire{transport: http.Transport{DialContext: dial, DialTLSContext: dial}}
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	w.count++
	if _, err := w.transport.RoundTrip(r); !errors.Is(err, errDialed) {
		return nil, err
	}
	w.sent = r
	return &http.Response{
		StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(both.Least)), ContentLength: int64(len(both.Least)), Request: r,
	}, nil
}

// classes are why a call is refused, by what its error says. The official
// clients leave it to the HTTP client to refuse a URL that cannot be sent to.
var classes = []struct {
	text  *regexp.Regexp
	class string
}{
	{regexp.MustCompile(`(?i)fips and (a )?custom endpoint`), "FIPS with a custom endpoint"},
	{regexp.MustCompile(`(?i)dual ?stack and (a )?custom endpoint`), "dual stack with a custom endpoint"},
	{regexp.MustCompile(`(?i)(missing|no) region`), "no region"},
	{regexp.MustCompile(`malformed region|invalid input region`), "malformed region"},
	{regexp.MustCompile(`configuration: .*broken`), brokenConfiguration},
	{regexp.MustCompile(`which this client does not call`), "older endpoint resolver"},
	{regexp.MustCompile(`BaseEndpoint|Failed to parse uri|unsupported protocol scheme|no Host in request URL`), badBase},
}

var scope = regexp.MustCompile(`Credential=[^/]+/\d{8}/([^/]*/[^/]*)/aws4_request`)

func (w *wire) outcome(t *testing.T, err error) outcome {
	t.Helper()
	if err != nil {
		var op *smithy.OperationError
		require.ErrorAs(t, err, &op)
		require.Nil(t, w.sent, "an error after sending: %v", err)
		for _, c := range classes {
			if c.text.MatchString(err.Error()) {
				return outcome{Refused: c.class}
			}
		}
		return outcome{Refused: err.Error()}
	}
	require.Equal(t, 1, w.count)
	o := outcome{Request: w.sent.Method + " " + w.sent.URL.String()}
	if m := scope.FindStringSubmatch(w.sent.Header.Get("Authorization")); m != nil {
		o.Scope = m[1]
	}
	if w.sent.Host != "" && w.sent.Host != w.sent.URL.Host {
		o.Request += " Host " + w.sent.Host
	}
	return o
}

// setup is a case: the configuration that the endpoint follows from.
type setup struct {
	Region          string
	FIPS, DualStack bool
	HTTP            bool // DisableHTTPS
	Base            *string
	Op              string // "" is GetStage
	SignName        string
	SignRegion      string
	OfCall          bool // set by an option of the call
	Legacy          bool // an older endpoint resolver is configured
	Broken          bool // a source of the configuration fails

	// Trimmed is what the official client does without the blanks around, or
	// instead of, endpoints; nil where there are none.
	Trimmed *outcome
}

func (s setup) String() string {
	out := fmt.Sprintf("region %q", s.Region)
	if s.Base != nil {
		out += fmt.Sprintf(" base %q", *s.Base)
	}
	for _, f := range []struct {
		on   bool
		text string
	}{{s.FIPS, "FIPS"}, {s.DualStack, "dual stack"}, {s.HTTP, "HTTP"}, {s.Op != "", s.Op}, {s.SignName != "", "name " + s.SignName}, {s.SignRegion != "", "signed for " + s.SignRegion}, {s.OfCall, "of the call"}} {
		if f.on {
			out += " " + f.text
		}
	}
	return out
}

func (s setup) fips() (v aws.FIPSEndpointState) {
	if s.FIPS {
		v = aws.FIPSEndpointStateEnabled
	}
	return v
}

func (s setup) dualStack() (v aws.DualStackEndpointState) {
	if s.DualStack {
		v = aws.DualStackEndpointStateEnabled
	}
	return v
}

var creds = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET"}, nil
})

const arn = "arn:aws:ivs:eu-west-1:123456789012:stage/AbC d+é"

func (s setup) ours(t *testing.T) outcome {
	w := newWire()
	set := func(o *ivsrealtime.Options) {
		o.Region, o.BaseEndpoint = s.Region, s.Base
		o.EndpointOptions = ivsrealtime.EndpointOptions{DisableHTTPS: s.HTTP, UseDualStackEndpoint: s.dualStack(), UseFIPSEndpoint: s.fips()}
		if s.SignName != "" {
			ivsrealtime.WithSigV4SigningName(s.SignName)(o)
		}
		if s.SignRegion != "" {
			ivsrealtime.WithSigV4SigningRegion(s.SignRegion)(o)
		}
	}
	o := ivsrealtime.Options{Region: "eu-west-1", Credentials: creds, HTTPClient: w, RetryMaxAttempts: 1}
	var ofCall []func(*ivsrealtime.Options)
	if s.OfCall {
		ofCall = append(ofCall, set)
	} else {
		set(&o)
	}
	return w.outcome(t, callOurs(t.Context(), ivsrealtime.New(o), s.Op, ofCall...))
}

func callOurs(ctx context.Context, c *ivsrealtime.Client, op string, optFns ...func(*ivsrealtime.Options)) (err error) {
	switch op {
	case "":
		_, err = c.GetStage(ctx, &ivsrealtime.GetStageInput{ARN: arn}, optFns...)
	case "ListTagsForResource":
		_, err = c.ListTagsForResource(ctx, &ivsrealtime.ListTagsForResourceInput{ResourceARN: arn}, optFns...)
	case "TagResource":
		_, err = c.TagResource(ctx, &ivsrealtime.TagResourceInput{ResourceARN: arn, Tags: map[string]string{"k": "v"}}, optFns...)
	case "UntagResource":
		_, err = c.UntagResource(ctx, &ivsrealtime.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"a b", "c&d/é"}}, optFns...)
	}
	return err
}

func (s setup) official(t *testing.T) outcome {
	w := newWire()
	set := func(o *official.Options) {
		o.Region, o.BaseEndpoint = s.Region, s.Base
		o.EndpointOptions = official.EndpointResolverOptions{DisableHTTPS: s.HTTP, UseDualStackEndpoint: s.dualStack(), UseFIPSEndpoint: s.fips()}
		if s.SignName != "" {
			official.WithSigV4SigningName(s.SignName)(o)
		}
		if s.SignRegion != "" {
			official.WithSigV4SigningRegion(s.SignRegion)(o)
		}
	}
	o := official.Options{Region: "eu-west-1", Credentials: creds, HTTPClient: w, RetryMaxAttempts: 1}
	var ofCall []func(*official.Options)
	if s.OfCall {
		ofCall = append(ofCall, set)
	} else {
		set(&o)
	}
	return w.outcome(t, callOfficial(t.Context(), official.New(o), s.Op, ofCall...))
}

func callOfficial(ctx context.Context, c *official.Client, op string, optFns ...func(*official.Options)) (err error) {
	switch op {
	case "":
		_, err = c.GetStage(ctx, &official.GetStageInput{Arn: aws.String(arn)}, optFns...)
	case "ListTagsForResource":
		_, err = c.ListTagsForResource(ctx, &official.ListTagsForResourceInput{ResourceArn: aws.String(arn)}, optFns...)
	case "TagResource":
		_, err = c.TagResource(ctx, &official.TagResourceInput{ResourceArn: aws.String(arn), Tags: map[string]string{"k": "v"}}, optFns...)
	case "UntagResource":
		_, err = c.UntagResource(ctx, &official.UntagResourceInput{ResourceArn: aws.String(arn), TagKeys: []string{"a b", "c&d/é"}}, optFns...)
	}
	return err
}

// lambda is what the newest runtime does, in the words of our service.
func (s setup) lambda(t *testing.T) outcome {
	w := newWire()
	_, err := lambda.New(lambda.Options{
		Region: s.Region, BaseEndpoint: s.Base, Credentials: creds, HTTPClient: w, RetryMaxAttempts: 1,
		EndpointOptions: lambda.EndpointResolverOptions{DisableHTTPS: s.HTTP, UseDualStackEndpoint: s.dualStack(), UseFIPSEndpoint: s.fips()},
	}).GetAccountSettings(t.Context(), nil)
	o := w.outcome(t, err)
	o.Request = strings.Replace(o.Request, "://lambda", "://ivsrealtime", 1)
	o.Request = strings.Replace(strings.Replace(o.Request, "GET", "POST", 1), "/2016-08-19/account-settings", "/GetStage", 1)
	o.Scope = strings.Replace(o.Scope, "/lambda", "/ivs", 1)
	return o
}

// partitions reads what the core knows of partitions, from its own file.
func partitions(t *testing.T) (regions, patterns []string) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2").Output()
	require.NoError(t, err)
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "internal", "endpoints", "awsrulesfn", "partitions.json"))
	require.NoError(t, err)
	var file struct {
		Partitions []struct {
			RegionRegex string              `json:"regionRegex"`
			Regions     map[string]struct{} `json:"regions"`
		} `json:"partitions"`
	}
	require.NoError(t, json.Unmarshal(data, &file))
	for _, p := range file.Partitions {
		patterns = append(patterns, p.RegionRegex)
		for r := range p.Regions {
			regions = append(regions, r)
		}
	}
	slices.Sort(regions)
	require.Greater(t, len(regions), 50)
	require.GreaterOrEqual(t, len(patterns), 8)
	return regions, patterns
}

// invented makes a region that a partition may have some day.
func invented(pattern string) string {
	pattern = strings.NewReplacer("^", "", "$", "", `\-`, "-", `\w+`, "newland", `\d+`, "42").Replace(pattern)
	for open := strings.IndexByte(pattern, '('); open >= 0; open = strings.IndexByte(pattern, '(') {
		end := strings.IndexByte(pattern, ')')
		first, _, _ := strings.Cut(pattern[open+1:end], "|")
		pattern = pattern[:open] + first + pattern[end+1:]
	}
	return pattern
}

// odd are regions that are none, or not written as one.
var odd = []string{
	"", "x", "nowhere", "xx-nowhere-1", "EU-WEST-1", "us-east-1a", "us-west-2-lax-1a", "global", "fips-global", "us-west-2-lax-1", "globally", "eu-west-1 ", "eu west 1", "eu_west_1", "us-iso-a_b-1", "-eu", "eu-", "-", "a.b", "a..b", ".a", "a.",
	"x/../y", "host/path?", "eu-west-1#", "eu-west-1:80", "user@eu-west-1", "eu-west-1\n", "%65u-west-1", "é", strings.Repeat("a", 63), strings.Repeat("a", 64),
	"fips-us-east-1", "us-east-1-fips", "us-fips-east-1", "fips-us-gov-west-1", "us-gov-west-1-fips", "fips-cn-north-1", "fips-aws-global", "aws-global-fips",
	"fips-", "-fips", "-fips-", "fips-fips-us-east-1", "us-east-1-fips-fips", "fips", "fips-us-iso-east-1", "fips-eusc-de-east-1", "xfips-y",
	"cn-north", "cn--1", "cn-a-b-1", "cn-north-1a", "us-iso-east", "us-isob--1", "us-isox-east-1", "eu-isoe-1", "eusc-fr-east-1", "eusc-de-1", "us-gov-1", "aws-iso-z-global",
}

func TestRegions(t *testing.T) {
	regions, patterns := partitions(t)
	for _, p := range patterns {
		regions = append(regions, invented(p))
	}
	real := len(regions)
	regions = append(regions, odd...)

	// Random ones, from the parts that rules look at.
	const seed = 1
	random := rand.New(rand.NewPCG(seed, seed))
	n := 20_000
	if testing.Short() {
		n = 500
	}
	parts := []string{"us", "eu", "cn", "ap", "mx", "iso", "isob", "isoe", "isof", "eusc", "de", "gov", "fips", "aws", "global", "east", "west", "1", "12", "x1", "x_y", "", "A", ".", " "}
	for range n {
		words := make([]string, 1+random.IntN(5))
		for i := range words {
			words[i] = parts[random.IntN(len(parts))]
		}
		regions = append(regions, strings.Join(words, "-"))
	}

	withOfficial := rules.Compare(t, tally.Row{Area: "Endpoints", What: "regions and variants", With: "official v1.30.0"}, regionDifferences)
	withLambda := rules.Compare(t, tally.Row{Area: "Endpoints", What: "regions and variants", With: "lambda v1.114.4"}, regionDifferences)
	for i, region := range regions {
		for bits := range 16 {
			s := setup{Region: region, FIPS: bits&1 != 0, DualStack: bits&2 != 0, HTTP: bits&4 != 0, OfCall: bits&8 != 0}
			if i >= real+len(odd) && bits != 0 && bits != 15 {
				continue
			}
			ours := s.ours(t)
			withOfficial.Case(s.String(), s, s.official(t), ours)
			if !s.OfCall {
				withLambda.Case(s.String(), s, s.lambda(t), ours)
			}
		}
	}
	withOfficial.Done()
	withLambda.Done()
}
