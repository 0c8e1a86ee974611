package contract_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
)

// The table has no word that the loader does not know.
func TestTableIsReadWhole(t *testing.T) {
	f, err := os.Open("contract.json")
	require.NoError(t, err)
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	var c struct {
		About string `json:"about"`
		contract.Contract
	}
	require.NoError(t, d.Decode(&c))
	require.Equal(t, *contract.Load(), c.Contract)
}

// The table agrees with itself: every name is defined, every definition used.
func TestTableIsConsistent(t *testing.T) {
	c := contract.Load()
	require.GreaterOrEqual(t, len(c.Operations), 40, "there were 40")
	require.Len(t, c.Official(), 39)
	require.Len(t, c.Errors, 7)
	require.True(t, slices.IsSortedFunc(c.Operations, func(a, b contract.Operation) int { return strings.Compare(a.Name, b.Name) }))

	used := map[string]bool{}
	var walk func(where string, typ contract.Type)
	walkStruct := func(name string) {
		if used["struct "+name] {
			return
		}
		used["struct "+name] = true
		members, ok := c.Structs[name]
		require.True(t, ok, "struct %s", name)
		seen := map[string]bool{}
		for _, m := range members {
			require.False(t, seen[strings.ToLower(m.Name)], "%s.%s twice", name, m.Name)
			seen[strings.ToLower(m.Name)] = true
			walk(name+"."+m.Name, m.Type)
		}
	}
	walk = func(where string, typ contract.Type) {
		if typ.Pattern != "" {
			require.Equal(t, contract.String, typ.Kind, where)
			_, err := regexp.Compile(typ.Pattern)
			require.NoError(t, err, where)
		}
		if typ.Min != nil && typ.Max != nil {
			require.LessOrEqual(t, *typ.Min, *typ.Max, where)
		}
		switch typ.Kind {
		case contract.Bool, contract.Int, contract.Float, contract.String, contract.Time:
			require.Empty(t, typ.Of, where)
		case contract.Enum:
			require.NotEmpty(t, c.Enums[typ.Of], where)
			used["enum "+typ.Of] = true
		case contract.List:
			walk(where+"[]", *typ.Element)
		case contract.Map:
			require.Equal(t, contract.String, typ.Key.Kind, where)
			require.Equal(t, contract.String, typ.Element.Kind, where)
		case contract.Struct:
			walkStruct(typ.Of)
		default:
			t.Errorf("%s is a %q", where, typ.Kind)
		}
	}
	for _, op := range c.Operations {
		walkStruct(op.Name + "Input")
		walkStruct(op.Name + "Output")
		for _, name := range op.Errors {
			require.Contains(t, c.Errors, name, op.Name)
			used["error "+name] = true
		}
		if op.Since != "" {
			_, err := time.Parse(time.DateOnly, op.Since)
			require.NoError(t, err, op.Name)
		}
		// What is bound to the path is in it, and only there.
		path := op.Path
		for _, m := range c.Input(op.Name) {
			if m.In == "path" {
				require.Contains(t, path, "{"+m.Name+"}", op.Name)
				path = strings.Replace(path, "{"+m.Name+"}", "", 1)
			}
		}
		require.NotContains(t, path, "{", op.Name)
		checkPaging(t, c, op)
	}
	require.Len(t, used, len(c.Structs)+len(c.Enums)+len(c.Errors))
}

func checkPaging(t *testing.T, c *contract.Contract, op contract.Operation) {
	require.Equal(t, strings.HasPrefix(op.Name, "List") && op.Method == "POST", op.Items != "", op.Name)
	if op.Items == "" {
		return
	}
	kinds := map[string]string{}
	for _, m := range c.Input(op.Name) {
		kinds["in "+m.Name] = string(m.Kind)
		if m.Name == "maxResults" {
			kinds["max"] = fmt.Sprint(*m.Max)
		}
	}
	for _, m := range c.Output(op.Name) {
		kinds["out "+m.Name] = string(m.Kind)
	}
	require.Subset(t, kinds, map[string]string{
		"in nextToken": "string", "in maxResults": "int", "max": fmt.Sprint(op.MaxItems),
		"out nextToken": "string", "out " + op.Items: "list",
	}, op.Name)
}
