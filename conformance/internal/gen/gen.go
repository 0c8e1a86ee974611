// Package gen makes random values of the API from the contract: inputs, which
// mostly keep to its constraints, and answers, which the service might send.
//
// A value is abstract, neither a type of this library nor of the official client:
// bool, int32, float32, string, Time, []any for a list, map[string]string for a
// map, map[string]any for a struct, nil for null.
package gen

import (
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
)

// Time is a time and how it is written.
type Time struct {
	Text string
	Time time.Time
}

// Gen makes values. It belongs to one goroutine.
type Gen struct {
	c *contract.Contract
	r *rand.Rand
	// answers says that values may be such as only a service sends: nulls, and
	// required members that are absent.
	answers bool
}

// Inputs returns a generator of inputs.
func Inputs(seed, stream uint64) *Gen {
	return &Gen{c: contract.Load(), r: rand.New(rand.NewPCG(seed, stream))}
}

// Answers returns a generator of answers.
func Answers(seed, stream uint64) *Gen {
	g := Inputs(seed, stream)
	g.answers = true
	return g
}

// Seed is 1 or what the environment variable CONFORMANCE_SEED says.
func Seed(t testing.TB) uint64 { return fromEnvironment(t, "CONFORMANCE_SEED", 1) }

// Cases is how many random values to try for an operation: 100 with -short, else
// 1000, or what the environment variable CONFORMANCE_CASES says.
func Cases(t testing.TB) int {
	n := uint64(1000)
	if testing.Short() {
		n = 100
	}
	return int(fromEnvironment(t, "CONFORMANCE_CASES", n))
}

func fromEnvironment(t testing.TB, name string, otherwise uint64) uint64 {
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

func (g *Gen) oneIn(n int) bool { return g.r.IntN(n) == 0 }

func pick[T any](g *Gen, from []T) T { return from[g.r.IntN(len(from))] }

// Struct returns a random value of a struct of the contract.
func (g *Gen) Struct(name string) map[string]any {
	v := map[string]any{}
	members := g.c.Structs[name]
	// Now and then all members, and none but the required ones: chance alone makes
	// neither of large structs.
	all, none := g.oneIn(12), g.oneIn(12)
	for _, m := range members {
		switch {
		case m.Required && !g.answers:
		case m.Required && strings.HasSuffix(name, "Output"):
			v[m.Name] = g.value(m.Type, true) // without it the response is no success
			continue
		case m.Required && g.oneIn(30):
			continue
		case m.Required || all:
		case none || g.oneIn(2):
			continue
		}
		if g.answers && g.oneIn(20) {
			v[m.Name] = nil
			continue
		}
		v[m.Name] = g.value(m.Type, m.Required)
	}
	if token, ok := v["participantToken"].(map[string]any); ok && name == "CreateParticipantTokenOutput" {
		token["token"] = "a token"
	}
	return v
}

func (g *Gen) value(typ contract.Type, required bool) any {
	switch typ.Kind {
	case contract.Bool:
		return g.oneIn(2)
	case contract.Int:
		return g.integer(typ)
	case contract.Float:
		return g.float(typ)
	case contract.String:
		return g.text(typ, required)
	case contract.Enum:
		if g.oneIn(15) {
			return "SOMETHING_NEW"
		}
		return pick(g, g.c.Enums[typ.Of])
	case contract.Time:
		return g.time()
	case contract.Struct:
		return g.Struct(typ.Of)
	case contract.Map:
		m := map[string]string{}
		for range g.size(typ, 4) {
			// Valid UTF-8: else two keys may become one, and one of the values wins.
			m[Valid(g.text(*typ.Key, true))] = g.text(*typ.Element, false)
		}
		return m
	case contract.List:
		l := []any{}
		for range g.size(typ, 4) {
			if g.answers && typ.Element.Kind != contract.Struct && g.oneIn(40) {
				l = append(l, nil)
				continue
			}
			l = append(l, g.value(*typ.Element, required))
		}
		return l
	}
	panic("gen: kind " + typ.Kind)
}

// size is how many elements a list or map has: mostly few.
func (g *Gen) size(typ contract.Type, usual int) int {
	low, high := limits(typ, 0, usual)
	if high > usual && !g.oneIn(20) {
		high = max(low, usual)
	}
	return low + g.r.IntN(high-low+1)
}

func limits(typ contract.Type, low, high int) (int, int) {
	if typ.Min != nil {
		low = *typ.Min
	}
	if typ.Max != nil {
		high = *typ.Max
	}
	return low, max(low, high)
}

// integer is mostly within the constraints; the clients must not mind others.
func (g *Gen) integer(typ contract.Type) int32 {
	if g.oneIn(15) {
		return pick(g, []int32{math.MinInt32, -1, 1, math.MaxInt32})
	}
	low, high := limits(typ, 0, 1<<16)
	switch {
	case g.oneIn(6):
		return int32(low)
	case g.oneIn(6):
		return int32(high)
	}
	return int32(low + g.r.IntN(high-low+1))
}

func (g *Gen) float(typ contract.Type) float32 {
	if g.oneIn(15) {
		return pick(g, []float32{-1.5, 0.1, 1e-7, 1e20, 1e21, 1e22, math.MaxFloat32, math.SmallestNonzeroFloat32, 16777216})
	}
	low, high := limits(typ, 0, 1000)
	if g.oneIn(2) {
		return float32(low + g.r.IntN(high-low+1))
	}
	return float32(low) + g.r.Float32()*float32(high-low)
}

// text follows the pattern and the length, but for some strings that are odd. A
// required one is empty only if its pattern says that this means something.
func (g *Gen) text(typ contract.Type, required bool) string {
	mayBeEmpty := !required || strings.HasPrefix(typ.Pattern, "^$|")
	low, high := limits(typ, 0, 1000)
	if !mayBeEmpty {
		low = max(low, 1)
	}
	if g.oneIn(10) {
		if s := g.odd(); s != "" || mayBeEmpty {
			return s
		}
	}
	fits := func(s string) bool {
		n := utf8.RuneCountInString(s)
		return n >= low && n <= high || mayBeEmpty && s == ""
	}
	if typ.Pattern == "" {
		for {
			if s := g.words(); fits(s) {
				return s
			}
		}
	}
	for range 1000 {
		if s := g.matching(typ.Pattern); fits(s) {
			return s
		}
	}
	panic("gen: nothing fits " + typ.Pattern)
}

func (g *Gen) words() string {
	var b strings.Builder
	for range g.r.IntN(5) {
		b.WriteString(pick(g, []string{"a", "Live", "über", "日本", "🎥", " ", "-", "x1", "the stage"}))
	}
	return b.String()
}

// odd is a string that an encoder, an escaper or a signer may stumble over.
func (g *Gen) odd() string {
	parts := []string{
		"", " ", "  ", "+", "%", "%2F", "/", "//", "..", "?", "#", "&", "=", ";", ":", "@", "~", "*", "'", `"`, `\`,
		"\n", "\r\n", "\t", "\x00", "\x1f", "\x7f", "<script>", "&amp;", "\u2028", "\u2029", "\u00a0", "é", "e\u0301", "ß",
		"日本語", "🎥", "👩\u200d💻", "\ufeff", "\ufffd", "\xff", "a\xc3", "null", "true", "0", "{}", `\u0041`, "aws:x",
		strings.Repeat("long ", 300),
	}
	var b strings.Builder
	for range 1 + g.r.IntN(4) {
		b.WriteString(pick(g, parts))
	}
	return b.String()
}

// time is written in one of the ways that the service's samples have.
func (g *Gen) time() Time {
	t := time.Unix(g.r.Int64N(4e9), 0).UTC()
	if g.oneIn(20) {
		t = pick(g, []time.Time{time.Unix(0, 0).UTC(), time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 30, 23, 59, 59, 0, time.UTC), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)})
	}
	if g.oneIn(2) {
		digits := 1 + g.r.IntN(9)
		unit := int64(math.Pow10(9 - digits))
		t = t.Add(time.Duration(g.r.Int64N(1e9) / unit * unit))
	}
	text := t.Format("2006-01-02T15:04:05.999999999Z07:00")
	switch {
	case g.oneIn(3):
		text = strings.TrimSuffix(text, "Z") + "+00:00"
	case g.oneIn(4):
		zone := time.FixedZone("", 60*(g.r.IntN(2*14*60)-14*60))
		text = t.In(zone).Format("2006-01-02T15:04:05.999999999Z07:00")
	case g.oneIn(4) && t.Nanosecond() == 0:
		text = t.Format("2006-01-02T15:04:05.000000Z07:00")
	}
	return Time{text, t}
}

// Valid returns s as JSON can say it: every byte that is not UTF-8 is U+FFFD.
func Valid(s string) string { return string([]rune(s)) }

// Sorted returns the keys of a struct or map in order.
func Sorted[V any](v map[string]V) []string { return slices.Sorted(maps.Keys(v)) }
