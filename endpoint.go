package ivsrealtime

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// endpoint is where the requests of a client go and what they are signed for.
type endpoint struct {
	scheme, host  string
	path, rawPath string // of a BaseEndpoint; rawPath is path, escaped
	signingRegion string
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
		return endpoint{}, fmt.Errorf("malformed region %q: want letters, digits and hyphens, such as eu-west-1", o.Region)
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

	suffix, dualStackSuffix := dnsSuffixes(region)
	e := endpoint{scheme: "https", host: "ivsrealtime", signingRegion: region}
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

// parseBaseEndpoint takes a custom endpoint apart. Its errors do not repeat the
// URL, which may hold a password.
func parseBaseEndpoint(base, region string) (endpoint, error) {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return endpoint{}, errors.New("BaseEndpoint is not a URL")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return endpoint{}, errors.New("BaseEndpoint is not an absolute http or https URL, such as https://host:8080")
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return endpoint{}, errors.New("BaseEndpoint has a user, a query or a fragment: want scheme, host and path only")
	}
	return endpoint{scheme: u.Scheme, host: u.Host, path: u.Path, rawPath: u.EscapedPath(), signingRegion: region}, nil
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
