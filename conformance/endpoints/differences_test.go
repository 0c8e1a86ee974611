package endpoints

import (
	"cmp"
	"net/url"
	"regexp"
	"strings"

	"github.com/aws/smithy-go/encoding/httpbinding"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
)

type difference = rules.Difference[setup, outcome]

// label is one label of a host name.
var label = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// plainRegion is a region without the older marks of FIPS.
func plainRegion(region string) string {
	region = strings.ReplaceAll(region, "-fips-", "-")
	return strings.ReplaceAll(strings.ReplaceAll(region, "fips-", ""), "-fips", "")
}

var malformedRegion = difference{
	Since: "2026-11-25",
	What:  "a region that is not one label of a host name is refused",
	Why:   "v1.30.0 makes a host name of it all the same, the newest runtime lets dots and hyphens at the ends pass; none of them is a region",
	Ours: func(s setup, o outcome) outcome {
		if s.Region == "" || label.MatchString(plainRegion(s.Region)) {
			return o
		}
		return outcome{Refused: "malformed region"}
	},
}

var signedRegion = difference{
	Since: "2026-11-25",
	What:  "us-east-1-fips and the like are signed for us-east-1",
	Why:   "the official clients sign for the name as it was written, which is no region",
	Ours: func(s setup, o outcome) outcome {
		if region := plainRegion(s.Region); region != s.Region && s.SignRegion == "" && o.Refused == "" {
			o.Scope = strings.Replace(o.Scope, s.Region+"/", region+"/", 1)
		}
		return o
	},
}

var noRegion = difference{
	Since: "2026-11-28",
	What:  "without a custom endpoint, a region with capitals, one that ends in a digit and a letter, and global are refused",
	Why:   "there is no such host: it is a region in another notation, a zone, or nothing that the service has",
	Ours: func(s setup, o outcome) outcome {
		region := plainRegion(s.Region)
		if s.Base != nil || o.Refused != "" || region == strings.ToLower(region) && region != "global" && !zone.MatchString(region) {
			return o
		}
		return outcome{Refused: "malformed region"}
	},
}

var zone = regexp.MustCompile(`[0-9][a-z]$`)

var regionDifferences = []difference{malformedRegion, signedRegion, noRegion}

// base is the custom endpoint without blanks around it.
func (s setup) base() string { return strings.TrimSpace(*s.Base) }

// parsed is the custom endpoint where it is well-formed, nil otherwise.
func (s setup) parsed() *url.URL {
	u, err := url.Parse(s.base())
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil
	}
	return u
}

// Classes of refusals, see classes.
const (
	badBase             = "custom endpoint cannot be sent to"
	brokenConfiguration = "broken configuration"
)

var droppedParts = difference{
	Since: "2026-11-25",
	What:  "a custom endpoint with a user, a query or a fragment is refused",
	Why:   "the official client drops them without a word, and a password or key in them is never sent",
	Ours: func(s setup, o outcome) outcome {
		if s.Base == nil || o.Refused != "" {
			return o
		}
		if u := s.parsed(); u != nil && (u.User != nil || u.RawQuery != "" || u.Fragment != "") {
			return outcome{Refused: badBase}
		}
		return o
	},
}

var regionRequired = difference{
	Since: "2026-11-25",
	What:  "a region has to be set with a custom endpoint too",
	Why:   "the official client signs for an empty one, which no service accepts; Options.Region says so",
	Ours: func(s setup, o outcome) outcome {
		if s.Base == nil || s.Region != "" {
			return o
		}
		return outcome{Refused: "no region"}
	},
}

var trimmed = difference{
	Since: "2026-11-28",
	What:  "blanks around a custom endpoint are ignored",
	Why:   "variables of containers often end in one; the official client says that it is no URL",
	Ours: func(s setup, o outcome) outcome {
		if s.Trimmed != nil {
			return *s.Trimmed
		}
		return o
	},
}

var baseDifferences = []difference{
	trimmed,
	malformedRegion,
	signedRegion,
	droppedParts,
	regionRequired,
	{
		Since: "2026-11-28",
		What:  "a custom endpoint with a blank or a quotation mark in it is refused",
		Why:   "it comes of a shell or a file; the official client sends the blank escaped",
		Ours: func(s setup, o outcome) outcome {
			if s.Base == nil || o.Refused != "" || !strings.ContainsAny(s.base(), " \t\n\u00a0\"'`\u201c") {
				return o
			}
			return outcome{Refused: badBase}
		},
	},
	{
		Since: "2026-11-28",
		What:  "a custom endpoint whose host is not ASCII is refused",
		Why:   "net/http sends the host in another form than the one that is signed",
		Ours: func(s setup, o outcome) outcome {
			if s.Base == nil || o.Refused != "" {
				return o
			}
			if u := s.parsed(); u != nil && strings.ContainsFunc(u.Host, func(r rune) bool { return r > 127 }) {
				return outcome{Refused: badBase}
			}
			return o
		},
	},
	{
		Since: "2026-11-28",
		What:  "an IPv6 address keeps its brackets when a default port goes, and is signed without its zone",
		Why:   "without brackets it is no host, which the core refuses to send to; and net/http does not send the zone, so that no server can verify it",
		Ours: func(s setup, o outcome) outcome {
			if s.Base == nil || o.Refused != "" && !strings.Contains(o.Refused, "invalid endpoint host") {
				return o
			}
			u := s.parsed()
			if u == nil || !strings.HasPrefix(u.Host, "[") {
				return o
			}
			host := u.Host
			if address, _, ok := strings.Cut(u.Hostname(), "%"); ok {
				host = "[" + address + "]" + strings.TrimPrefix(u.Host[strings.IndexByte(u.Host, ']'):], "]")
			}
			if port := u.Port(); port == "80" && u.Scheme == "http" || port == "443" && u.Scheme == "https" {
				host = strings.TrimSuffix(host, ":"+port)
			}
			if host == u.Host {
				return o
			}
			method, path := map[string]string{"": "POST", "ListTagsForResource": "GET", "TagResource": "POST", "UntagResource": "DELETE"}[s.Op], "/GetStage"
			if s.Op != "" {
				path = "/tags/" + httpbinding.EscapePath(arn, true)
			}
			if s.Op == "UntagResource" {
				path += "?tagKeys=a%20b&tagKeys=c%26d%2F%C3%A9"
			}
			return outcome{
				Request: method + " " + u.Scheme + "://" + strings.Replace(u.Host, "%", "%25", 1) + strings.TrimSuffix(u.EscapedPath(), "/") + path + " Host " + host,
				Scope:   "eu-west-1/ivs",
			}
		},
	},
	{
		Since: "2026-11-25",
		What:  "a custom endpoint that has a port and no host is refused",
		Why:   "net/http takes it for the machine itself, which nobody means",
		Ours: func(s setup, o outcome) outcome {
			if s.Base == nil || o.Refused != "" {
				return o
			}
			if u, err := url.Parse(s.base()); err == nil && u.Host != "" && u.Hostname() == "" {
				return outcome{Refused: badBase}
			}
			return o
		},
	},
	{
		Since: "2026-11-25",
		What:  "DisableHTTPS leaves the scheme of a custom endpoint alone",
		Why:   "an endpoint that says https must not be called in the clear",
		Ours: func(s setup, o outcome) outcome {
			if s.Base == nil || !s.HTTP || o.Refused != "" {
				return o
			}
			if u := s.parsed(); u == nil {
				return outcome{Refused: badBase}
			} else if u.Scheme == "https" {
				o.Request = strings.Replace(o.Request, "http://", "https://", 1)
				if u.Port() == "443" && !strings.HasPrefix(u.Host, "[") {
					o.Request += " Host " + u.Hostname() // the port is that of the scheme now
				}
			}
			return o
		},
	},
	{
		Since: "2026-11-25",
		What:  "the ARN in the path stays escaped below a custom endpoint whose own path needs escaping",
		Why:   "the official client joins the escaped ARN to the unescaped path, which net/url takes for a mistake, so that the ARN's slash becomes one of the path",
		Ours: func(s setup, o outcome) outcome {
			if s.Base == nil || s.Op == "" || o.Refused != "" {
				return o
			}
			u := s.parsed()
			joined := cmp.Or(u.RawPath, u.Path)
			if (&url.URL{Path: u.Path, RawPath: joined}).EscapedPath() != joined {
				o.Request = strings.Replace(o.Request, (&url.URL{Path: arn}).EscapedPath(), httpbinding.EscapePath(arn, true), 1)
			}
			return o
		},
	},
}

var blankVariables = difference{
	Since: "2026-11-28",
	What:  "an endpoint that is blank in the environment, or in a source of the configuration, counts as unset",
	Why:   "containers pass variables so that nobody set; to the official client AWS_ENDPOINT_URL then hides the endpoint of the profile's services, and calls go to AWS",
	Ours:  trimmed.Ours,
}

var brokenSource = difference{
	Since: "2026-11-25",
	What:  "a source of the configuration that fails makes every call fail",
	Why:   "the official client drops the error, and so goes to an endpoint that nobody chose",
	Ours: func(s setup, o outcome) outcome {
		if s.Broken {
			return outcome{Refused: brokenConfiguration}
		}
		return o
	},
}

var legacyResolver = difference{
	Since: "2026-11-25",
	What:  "an endpoint resolver of the older kind is not called: without a BaseEndpoint every call fails",
	Why:   "it is deprecated, and going to AWS instead of where it points would be worse",
	Ours: func(s setup, o outcome) outcome {
		if !s.Legacy {
			return o
		}
		switch {
		case s.Base == nil:
			return outcome{Refused: "older endpoint resolver"}
		case s.FIPS:
			return outcome{Refused: "FIPS with a custom endpoint"}
		case s.DualStack:
			return outcome{Refused: "dual stack with a custom endpoint"}
		}
		if s.SignRegion != "" {
			// The older resolvers sign for their own choice of region.
			_, name, _ := strings.Cut(o.Scope, "/")
			o.Scope = s.SignRegion + "/" + name
		}
		o.Request = "POST " + strings.TrimSuffix(*s.Base, "/") + "/GetStage"
		return o
	},
}
