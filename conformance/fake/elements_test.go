package fake_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// TestConstraintsOfElements breaks every constraint that the contract has for the
// elements of lists, and the keys and values of maps, one at a time, in every
// operation whose input has them at any depth. The fake must refuse each, and name
// the member.
func TestConstraintsOfElements(t *testing.T) {
	srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.SkipSignatureCheck = true })
	row := tally.Row{Area: "Fake", What: "constraints of elements", With: "contract"}
	for _, op := range contract.Load().Operations {
		for _, b := range brokenElements(op.Name + "Input") {
			row.Cases++
			if !t.Run(op.Name+" "+b.name, func(t *testing.T) { requireRefused(t, srv, op, b) }) {
				row.Differences++
			}
		}
	}
	tally.Record(t, row)
	require.GreaterOrEqual(t, row.Cases, 60, "there were as many")
}

// broken is a value of a struct with one element that breaks a constraint.
type broken struct {
	name   string // what is broken
	member string // whose element it is
	value  map[string]any
}

// brokenElements makes the broken values of a struct. Everything else about them is
// left out, so that the fake may have more to say.
func brokenElements(name string) (list []broken) {
	for _, m := range contract.Load().Structs[name] {
		add := func(what string, value any) {
			list = append(list, broken{m.Name + " " + what, m.Name, map[string]any{m.Name: value}})
		}
		deeper := func(of string, wrap func(map[string]any) any) {
			for _, b := range brokenElements(of) {
				list = append(list, broken{m.Name + "." + b.name, b.member, map[string]any{m.Name: wrap(b.value)}})
			}
		}
		switch m.Kind {
		case contract.Struct:
			deeper(m.Of, func(v map[string]any) any { return v })
		case contract.List:
			if m.Element.Kind == contract.Struct {
				deeper(m.Element.Of, func(v map[string]any) any { return []any{v} })
			}
			for what, text := range badTexts(*m.Element) {
				add("element "+what, []any{text})
			}
			if m.In != "query" {
				add("element null", []any{nil})
			}
		case contract.Map:
			for what, text := range badTexts(*m.Key) {
				add("key "+what, map[string]any{text: ""})
			}
			for what, text := range badTexts(*m.Element) {
				add("value "+what, map[string]any{"k": text})
			}
			add("value null", map[string]any{"k": nil})
		}
	}
	return list
}

// badTexts are texts that break one constraint of a type each.
func badTexts(typ contract.Type) map[string]string {
	bad := map[string]string{}
	if typ.Kind == contract.Enum {
		bad["unknown"], bad["lower case"] = "SOMETHING_NEW", strings.ToLower(contract.Load().Enums[typ.Of][0])
	}
	if typ.Min != nil && *typ.Min > 0 {
		bad["too short"] = strings.Repeat("a", *typ.Min-1)
	}
	if typ.Max != nil {
		bad["too long"] = strings.Repeat("a", *typ.Max+1)
		bad["too long, beyond ASCII"] = strings.Repeat("ü", *typ.Max+1)
		if kind := strings.TrimPrefix(typ.Pattern, "arn:aws:ivs:[a-z0-9-]+:[0-9]+:"); kind != typ.Pattern {
			prefix := "arn:aws:ivs:us-east-1:111122223333:" + strings.TrimSuffix(kind, "[a-zA-Z0-9-]+")
			bad["too long, else good"] = prefix + strings.Repeat("a", *typ.Max+1-len(prefix))
		}
	}
	if typ.Pattern != "" {
		bad["against the pattern"] = "a b"
	}
	return bad
}

func requireRefused(t *testing.T, srv *ivsrealtimetest.Server, op contract.Operation, b broken) {
	path := strings.Replace(op.Path, "{resourceArn}", url.PathEscape("arn:aws:ivs:us-east-1:111122223333:stage/a"), 1)
	for _, m := range contract.Load().Input(op.Name) {
		if list, ok := b.value[m.Name].([]any); ok && m.In == "query" {
			path += fmt.Sprintf("?%s=%s", m.Name, url.QueryEscape(list[0].(string)))
		}
	}
	body, err := json.Marshal(b.value)
	require.NoError(t, err)
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, httptest.NewRequest(op.Method, path, strings.NewReader(string(body))))
	require.Equal(t, 400, w.Code, w.Body)
	require.Equal(t, "ValidationException", w.Header().Get("X-Amzn-Errortype"))
	var answer map[string]string
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	text := strings.Join(slices.Collect(maps.Values(answer)), " ")
	require.Contains(t, text, "Request member: "+strings.ToUpper(b.member[:1])+b.member[1:]+" failed")
}
