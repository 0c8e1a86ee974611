package gen_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/gen"
)

// The values are as varied as the tests that use them rely on.
func TestValues(t *testing.T) {
	c := contract.Load()
	g := gen.Inputs(1, 1)
	seen := map[string]int{}
	patterns := map[string]*regexp.Regexp{}
	var look func(typ contract.Type, v any)
	look = func(typ contract.Type, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, m := range c.Structs[typ.Of] {
				x, ok := v[m.Name]
				require.True(t, ok || !m.Required, "%s.%s", typ.Of, m.Name)
				if ok {
					look(m.Type, x)
				}
			}
			seen["struct"]++
		case []any:
			if len(v) == 0 {
				seen["empty list"]++
			}
			for _, e := range v {
				look(*typ.Element, e)
			}
		case map[string]string:
			if len(v) == 0 {
				seen["empty map"]++
			}
		case string:
			switch {
			case typ.Kind == contract.Enum:
				seen["enum"]++
			case typ.Pattern != "":
				re := patterns[typ.Pattern]
				if re == nil {
					re = regexp.MustCompile(`^(?s:` + typ.Pattern + `)$`)
					patterns[typ.Pattern] = re
				}
				if re.MatchString(v) {
					seen["matching"]++
				} else {
					seen["odd"]++
				}
			}
			if !utf8.ValidString(v) {
				seen["no UTF-8"]++
			} else if strings.ContainsFunc(v, func(r rune) bool { return r > 127 }) {
				seen["non-ASCII"]++
			}
		case bool, int32, float32:
			seen["scalar"]++
		}
	}
	for _, op := range c.Operations {
		for range 200 {
			look(contract.Type{Kind: contract.Struct, Of: op.Name + "Input"}, g.Struct(op.Name+"Input"))
		}
	}
	for _, what := range []string{"struct", "empty list", "empty map", "enum", "matching", "odd", "no UTF-8", "non-ASCII", "scalar"} {
		require.Greater(t, seen[what], 50, what)
	}
	require.Greater(t, seen["matching"], 4*seen["odd"])
}

// What JSON writes is JSON that says what the value says, and now and then more.
func TestJSON(t *testing.T) {
	c := contract.Load()
	g := gen.Answers(1, 1)
	nulls, unknown := 0, 0
	for _, op := range c.Operations {
		for range 200 {
			value := g.Struct(op.Name + "Output")
			text := g.JSON(value)
			require.True(t, json.Valid(text), "%s", text)
			var got map[string]any
			require.NoError(t, json.Unmarshal(text, &got))
			for name, v := range value {
				x, ok := got[name]
				require.True(t, ok, "%s", text)
				if v == nil {
					nulls++
					require.Nil(t, x, "%s", text)
				}
				if s, ok := v.(string); ok {
					require.Equal(t, strings.ToValidUTF8(s, "\ufffd"), strings.ToValidUTF8(x.(string), "\ufffd"))
				}
			}
			if len(got) > len(value) {
				unknown++
			}
		}
	}
	require.Greater(t, nulls, 50)
	require.Greater(t, unknown, 500)
}

// A seed gives the same values each time.
func TestSeed(t *testing.T) {
	one, two := gen.Answers(7, 1), gen.Answers(7, 1)
	for range 100 {
		require.Equal(t, string(one.JSON(one.Struct("GetStageOutput"))), string(two.JSON(two.Struct("GetStageOutput"))))
	}
}
