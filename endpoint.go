package ivsrealtime

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// endpoint is where the requests of a client go and what they are signed for.
type endpoint struct {
	scheme, host  string
	path, rawPath string // of a BaseEndpoint; rawPath is path, escaped
	signingRegion string
	// region is the region that host was made of, "" for a BaseEndpoint.
	region string
}

// resolveEndpoint finds the endpoint of o, or says what is wrong with the
// configuration. Nothing is sent to find out.
func resolveEndpoint(o *Options) (endpoint, error) {
	if o.Region == "" {
		return endpoint{}, errors.New("no region: set Options.Region, or AWS_REGION or the profile's region for aws-sdk-go-v2/config")
	}
	// fips-us-east-1 and us-east-1-fips are older spellings of region and FIPS.
	region := strings.ReplaceAll(o.Region, "-fips-", "-")
	region = strings.ReplaceAll(strings.ReplaceAll(region, "fips-", ""), "-fips", "")
	if !validRegion(region) {
		return endpoint{}, fmt.Errorf("malformed region %q: want %s", o.Region, whatARegionIs)
	}
	fips := region != o.Region || o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled
	dualStack := o.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled

	if o.BaseEndpoint != nil {
		switch {
		case fips:
			return endpoint{}, errors.New("FIPS and a custom endpoint (BaseEndpoint) do not go together")
		case dualStack:
			return endpoint{}, errors.New("dual stack and a custom endpoint (BaseEndpoint) do not go together")
		}
		return parseBaseEndpoint(*o.BaseEndpoint, region)
	}
	if o.legacyResolver {
		return endpoint{}, errors.New("the aws.Config has an EndpointResolver or EndpointResolverWithOptions, which this client does not call: set BaseEndpoint instead")
	}

	if reason := notARegion(region); reason != "" {
		return endpoint{}, fmt.Errorf("malformed region %q: %s; want %s", o.Region, reason, whatARegionIs)
	}

	suffix, dualStackSuffix := dnsSuffixes(region)
	e := endpoint{scheme: "https", host: "ivsrealtime", signingRegion: region, region: region}
	if o.EndpointOptions.DisableHTTPS {
		e.scheme = "http"
	}
	if fips {
		e.host += "-fips"
	}
	if dualStack {
		suffix = dualStackSuffix
	}
	e.host += "." + region + "." + suffix
	return e, nil
}

// parseBaseEndpoint takes a custom endpoint apart. Blanks around it are ignored:
// they are what an environment variable of a container often ends in. Its errors
// do not repeat the URL, which may hold a password.
func parseBaseEndpoint(base, region string) (endpoint, error) {
	base = strings.TrimSpace(base)
	switch {
	case base == "":
		return endpoint{}, errors.New("BaseEndpoint is blank: want an absolute http or https URL, such as https://host:8080, or nil for the endpoint of the region")
	case strings.ContainsFunc(base, blankOrQuote):
		return endpoint{}, errors.New("BaseEndpoint (which AWS_ENDPOINT_URL and profiles set, too) contains a blank or a quotation mark: want the plain URL, such as https://host:8080")
	}
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return endpoint{}, errors.New("BaseEndpoint is not a URL")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return endpoint{}, errors.New("BaseEndpoint is not an absolute http or https URL, such as https://host:8080")
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return endpoint{}, errors.New("BaseEndpoint has a user, a query or a fragment: want scheme, host and path only")
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }):
		// net/http sends such a name in another form than the one that is signed.
		return endpoint{}, errors.New("BaseEndpoint has a host with letters beyond ASCII: want its form in ASCII, which begins with xn--")
	}
	return endpoint{scheme: u.Scheme, host: u.Host, path: u.Path, rawPath: u.EscapedPath(), signingRegion: region}, nil
}

// blankOrQuote reports whether r has no place in a URL and a habit of getting
// there, from files and shells.
func blankOrQuote(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("\"'`\u2018\u2019\u201c\u201d", r)
}

// setURL completes u, which holds the path and query of an operation.
func (e *endpoint) setURL(u *url.URL) {
	u.Scheme, u.Host = e.scheme, e.host
	if e.path == "" {
		return
	}
	rawPath := smithyhttp.JoinPath(e.rawPath, u.EscapedPath())
	u.Path, u.RawPath = smithyhttp.JoinPath(e.path, u.Path), rawPath
}

// validRegion reports whether region can be a label of a host name.
func validRegion(region string) bool {
	return smithyhttp.ValidHostLabel(region) && region[0] != '-' && region[len(region)-1] != '-'
}

const whatARegionIs = "lower-case letters, digits and hyphens with a number at the end, such as eu-west-1"

// notARegion says why a host cannot be made of a valid label, "" if it can.
// Unknown names can: new regions need no new version of this package. A name that
// only signs is not held to this.
func notARegion(region string) string {
	letter := func(c byte) bool { return 'a' <= c && c <= 'z' }
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	n := len(region)
	switch {
	case region != strings.ToLower(region):
		return "regions have no capitals"
	case region == "global":
		return "the service has no global endpoint"
	case n > 1 && digit(region[n-2]) && letter(region[n-1]):
		return "this looks like a zone of a region"
	}
	return ""
}

// serviceRegions are the regions of IVS Real-Time as of November 2026, see
// https://docs.aws.amazon.com/general/latest/gr/ivs.html.
const serviceRegions = "ap-northeast-1, ap-northeast-2, ap-south-1, eu-central-1, eu-west-1, us-east-1 and us-west-2"

// explain adds the regions of the service to an error that comes of a region's
// host that does not resolve. It does not touch errors of other hosts, such as a
// proxy's, or of a resolver that fails.
func (e *endpoint) explain(err error) error {
	var dns *net.DNSError
	if e.region == "" || !errors.As(err, &dns) || !dns.IsNotFound || !strings.EqualFold(strings.TrimSuffix(dns.Name, "."), e.host) {
		return err
	}
	return &unknownHostError{err, e.region}
}

// unknownHostError is an error of a host that does not resolve.
type unknownHostError struct {
	err    error
	region string
}

// Error adds the regions of the service to the text of the error.
func (e *unknownHostError) Error() string {
	return fmt.Sprintf("%v: no endpoint for region %q, the service is in %s", e.err, e.region, serviceRegions)
}

// Unwrap returns the error as the HTTP client returned it.
func (e *unknownHostError) Unwrap() error { return e.err }

// dnsSuffixes returns the domain of a region's partition, for IPv4 and for dual
// stack. A region of no known form counts as commercial AWS, as it does for the
// official clients. (Partitions as of aws-sdk-go-v2 v1.48.0.)
func dnsSuffixes(region string) (suffix, dualStack string) {
	switch {
	case region == "aws-cn-global", regionOf(region, "cn-"):
		return "amazonaws.com.cn", "api.amazonwebservices.com.cn"
	case regionOf(region, "eusc-de-"):
		return "amazonaws.eu", "api.amazonwebservices.eu"
	case region == "aws-iso-global", regionOf(region, "us-iso-"):
		return "c2s.ic.gov", "api.aws.ic.gov"
	case region == "aws-iso-b-global", regionOf(region, "us-isob-"):
		return "sc2s.sgov.gov", "api.aws.scloud"
	case region == "aws-iso-e-global", regionOf(region, "eu-isoe-"):
		return "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"
	case region == "aws-iso-f-global", regionOf(region, "us-isof-"):
		return "csp.hci.ic.gov", "api.aws.hci.ic.gov"
	}
	return "amazonaws.com", "api.aws" // aws-us-gov has the same
}

// regionOf reports whether region is prefix, a word, a hyphen and a number.
func regionOf(region, prefix string) bool {
	rest, ok := strings.CutPrefix(region, prefix)
	word, number, hyphen := strings.Cut(rest, "-")
	return ok && hyphen && word != "" && number != "" && strings.Trim(number, "0123456789") == ""
}
