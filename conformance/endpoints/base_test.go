package endpoints

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// bases are custom endpoints, good and bad.
var bases = []string{
	"https://host", "http://host", "https://host:8443", "HTTPS://Host.Example", "http://localhost:4566/", "http://127.0.0.1:8080", "http://[::1]:8080/x", "http://[fe80::1%25lo]/",
	"https://host/", "https://host//", "https://host/a", "https://host/a/", "https://host/a/b//", "https://host//a", "https://host/a//b", "https://host/a%20b", "https://host/a b", "https://host/a%2Fb/", "https://host/é",
	"https://host/a+b;c=d", "https://host/./a/../b", "https://host/%2e%2e/x", "https://host/%e9",
	"https://host?x=y", "https://host/a?x=y&z", "https://host?", "https://host/#f", "https://host/#", "https://user@host", "https://user:pass@host/a",
	"", "host", "host:8080", "//host", "/path", "https:", "https://", "https:///a", "https://:8080", "http:host", "ftp://host", "ws://host", "unix:///tmp/x", "://host", "https://ho st", "https://host:port",
	"https://[2001:db8::1]:443", "http://[::1]:80/", "http://[::1]:443/x", "https://[2001:db8::1]", "http://[fe80::1%25eth0]:8080", "https://[fe80::1%25eth0]:443/a", "http://host:80", "https://host:443/x",
	"\t https://host/a \r\n", " https://user:pass@host ", "\"https://host\"", "'https://host'", "https://host/\"a\"", "https://host/it's", "https://host/\u00a0x", " \n", "https://host/%20%22",
	"https://host/%zz", "https://%41host", "https://host\n", " https://host", "https://ho_st", "https://host.", "https://a..b", "https://bücher.example", "localhost", "127.0.0.1:80", "https://host:99999", "https://host:",
}

func TestBaseEndpoint(t *testing.T) {
	all := bases
	const seed = 2
	random := rand.New(rand.NewPCG(seed, seed))
	n := 20_000
	if testing.Short() {
		n = 300
	}
	parts := []string{"https://", "http://", "host", ":8080", "/", "//", "a", "%2F", "%20", "%", "?", "x=y", "#", "@", ".", "..", "é", " ", ":", "[::1]", "&", "+"}
	for range n {
		var b strings.Builder
		b.WriteString("https://host")
		if random.IntN(4) == 0 {
			b.Reset()
		}
		for range 1 + random.IntN(6) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		all = append(all, b.String())
	}

	c := rules.Compare(t, tally.Row{Area: "Endpoints", What: "custom endpoints", With: "official v1.30.0"}, baseDifferences)
	for i, base := range all {
		for _, op := range []string{"", "ListTagsForResource", "TagResource", "UntagResource"} {
			for bits := range 16 {
				s := setup{Region: "eu-west-1", Base: &base, Op: op, FIPS: bits&1 != 0, DualStack: bits&2 != 0, HTTP: bits&4 != 0, OfCall: bits&8 != 0}
				if op != "" && bits != 0 && bits != 8 || i >= len(bases) && bits != 0 {
					continue // what is between the two was seen with GetStage
				}
				if text := strings.TrimSpace(base); text != base {
					without := s
					without.Base = &text
					o := without.official(t)
					s.Trimmed = &o
				}
				c.Case(s.String(), s, s.official(t), s.ours(t))
			}
		}
	}
	good := "https://host:8443/a"
	for _, base := range []*string{nil, &good} {
		for _, region := range []string{"", "us-west-2", "fips-us-east-1", "us-east-1-fips", "aws-global", "a.b", "eu west 1"} {
			for _, name := range []string{"", "other"} {
				for _, signRegion := range []string{"", "ap-south-1"} {
					for _, ofCall := range []bool{false, true} {
						s := setup{Region: region, Base: base, SignName: name, SignRegion: signRegion, OfCall: ofCall}
						c.Case(s.String(), s, s.official(t), s.ours(t))
					}
				}
			}
		}
	}
	c.Done()
}
