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

var regionDifferences = []difference{malformedRegion, signedRegion}

// parsed is the custom endpoint where it is well-formed, nil otherwise.
func (s setup) parsed() *url.URL {
	u, err := url.Parse(*s.Base)
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

var baseDifferences = []difference{
	malformedRegion,
	signedRegion,
	droppedParts,
	regionRequired,
	{
		Since: "2026-11-25",
		What:  "a custom endpoint that has a port and no host is refused",
		Why:   "net/http takes it for the machine itself, which nobody means",
		Ours: func(s setup, o outcome) outcome {
			if s.Base == nil || o.Refused != "" {
				return o
			}
			if u, err := url.Parse(*s.Base); err == nil && u.Host != "" && u.Hostname() == "" {
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
