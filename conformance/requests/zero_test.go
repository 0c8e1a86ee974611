package requests_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/gen"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/known"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// spot is a member of a struct, somewhere within an input.
type spot struct {
	op     contract.Operation
	parent string // the struct
	member contract.Member
	// input returns an otherwise minimal input whose member has a value.
	input func(value any) map[string]any
}

// spots returns one spot for every member of the structs that inputs consist of.
func spots(c *contract.Contract, ops []contract.Operation) []spot {
	var all []spot
	seen := map[string]bool{}
	var walk func(op contract.Operation, name string, wrap func(map[string]any) map[string]any)
	walk = func(op contract.Operation, name string, wrap func(map[string]any) map[string]any) {
		if seen[name] {
			return
		}
		seen[name] = true
		for _, m := range c.Structs[name] {
			with := func(value any) map[string]any {
				v := minimal(c, name)
				v[m.Name] = value
				return wrap(v)
			}
			all = append(all, spot{op, name, m, with})
			if m.Kind == contract.Struct {
				walk(op, m.Of, func(v map[string]any) map[string]any { return with(v) })
			}
			if m.Kind == contract.List && m.Element.Kind == contract.Struct {
				walk(op, m.Element.Of, func(v map[string]any) map[string]any { return with([]any{v}) })
			}
		}
	}
	for _, op := range ops {
		walk(op, op.Name+"Input", func(v map[string]any) map[string]any { return v })
	}
	return all
}

// minimal returns a struct with what is required, at any depth.
func minimal(c *contract.Contract, name string) map[string]any {
	all := gen.Inputs(1, 1).Struct(name)
	v := map[string]any{}
	for _, m := range c.Structs[name] {
		switch {
		case !m.Required:
		case m.Kind == contract.Struct:
			v[m.Name] = minimal(c, m.Of)
		case m.Kind == contract.List && m.Element.Kind == contract.Struct:
			v[m.Name] = []any{minimal(c, m.Element.Of)}
		default:
			v[m.Name] = all[m.Name]
			if v[m.Name] == "" {
				v[m.Name] = "s" // a storage configuration: "" goes with nothing else, see refused
			}
		}
	}
	return v
}

// zero returns the zero of a type, an empty one of what is composed.
func zero(typ contract.Type) any {
	switch typ.Kind {
	case contract.Bool:
		return false
	case contract.Int:
		return int32(0)
	case contract.Float:
		return float32(0)
	case contract.List:
		return []any{}
	case contract.Map:
		return map[string]string{}
	case contract.Struct:
		return map[string]any{}
	}
	return ""
}

// Which zero values each client can send: differences.txt says where they differ.
func TestZeroValues(t *testing.T) {
	c := contract.Load()
	list := known.Read(t, "differences.txt")
	row := tally.Row{Area: "Requests", What: "zero and empty values", With: both.Official}
	clients := both.NewClients()
	clients.Reply(both.Answer{Status: 200, Body: both.Least})
	for _, s := range spots(c, c.Official()) {
		where := s.parent + "." + s.member.Name
		if s.member.In != "" || s.member.Kind == contract.Struct && len(minimal(c, s.member.Of)) > 0 {
			continue // not in the JSON, or cannot be empty
		}
		row.Cases++
		value := s.input(zero(s.member.Type))
		our, ourErr := try(t, clients, clients.Ours, s.op.Name, value)
		their, theirErr := try(t, clients, clients.Theirs, s.op.Name, value)
		if errors.Is(theirErr, errNoMember) {
			continue
		}
		if ourErr != nil && theirErr != nil {
			require.Equal(t, strings.ToLower(theirErr.Error()), strings.ToLower(ourErr.Error()), where)
			continue
		}
		require.NoError(t, theirErr, where)
		if ourErr != nil {
			var missing smithy.InvalidParamsError
			require.ErrorAs(t, ourErr, &missing, where)
		}
		ourSends, theirSends := ourErr == nil && has(our.Body, s.member.Name), has(their.Body, s.member.Name)
		difference := ""
		switch {
		case ourErr != nil:
			difference = where + ": zero is refused before sending"
		case ourSends && !theirSends:
			difference = where + ": only this library can send zero"
		case !ourSends && theirSends:
			difference = where + ": only the official client can send zero"
		case !sameButForEmpty(t, our.Body, their.Body):
			difference = where + ": this library sends something else than zero"
		default:
			continue
		}
		if !list.Has(difference) {
			row.Differences++
			t.Errorf("%s: a difference that is not listed", difference)
			continue
		}
		row.Listed++
		if ourSends && !theirSends {
			require.Empty(t, compareWithContract(c, s.op, our, value), where)
		}
	}
	tally.Record(t, row)
}

var errNoMember = errors.New("no such member")

// try calls an operation and returns what was sent.
func try(t *testing.T, clients *both.Clients, client any, op string, value map[string]any) (both.Request, error) {
	t.Helper()
	in := reflect.New(both.Operations(reflect.TypeOf(client))[op].Input)
	if err := both.Fill(in.Elem(), value); err != nil {
		return both.Request{}, errors.Join(errNoMember, err)
	}
	_, err := both.Call(t.Context(), client, op, in)
	our, their := clients.Last()
	if client == any(clients.Ours) {
		return our, err
	}
	return their, err
}

// sameButForEmpty compares two bodies without objects that are empty: whether a
// client can send such is looked at where the object is the member.
func sameButForEmpty(t *testing.T, our, their []byte) bool {
	t.Helper()
	if len(our) == 0 || len(their) == 0 {
		return len(our) == len(their)
	}
	a, err := parse(our)
	require.NoError(t, err)
	b, err := parse(their)
	require.NoError(t, err)
	return reflect.DeepEqual(prune(a), prune(b))
}

func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			if x = prune(x); reflect.DeepEqual(x, map[string]any{}) {
				delete(v, name)
			}
		}
	case []any:
		for i := range v {
			v[i] = prune(v[i])
		}
	}
	return v
}

// has reports whether a body has a member of the name at any depth.
func has(body []byte, name string) bool {
	return strings.Contains(string(body), `"`+name+`":`)
}

// What the official client cannot say, in full.
func TestWhatTheOfficialClientCannotSend(t *testing.T) {
	const stage = `"arn:aws:ivs:eu-west-1:123456789012:stage/abcdABCDefgh"`
	object := func(text string) map[string]any {
		var v map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &v))
		return abstract(v).(map[string]any)
	}
	tests := []struct{ name, op, ours, theirs string }{
		{"replicas are not recorded", "UpdateStage",
			`{"arn":` + stage + `,"autoParticipantRecordingConfiguration":{"storageConfigurationArn":"s","recordParticipantReplicas":false}}`,
			`{"arn":` + stage + `,"autoParticipantRecordingConfiguration":{"storageConfigurationArn":"s"}}`},
		{"recordings are not merged", "UpdateStage",
			`{"arn":` + stage + `,"autoParticipantRecordingConfiguration":{"storageConfigurationArn":"s","recordingReconnectWindowSeconds":0}}`,
			`{"arn":` + stage + `,"autoParticipantRecordingConfiguration":{"storageConfigurationArn":"s"}}`},
		{"no gap in the grid", "StartComposition",
			`{"stageArn":` + stage + `,"idempotencyToken":"t","layout":{"grid":{"gridGap":0}},"destinations":[]}`,
			`{"stageArn":` + stage + `,"idempotencyToken":"t","layout":{"grid":{}},"destinations":[]}`},
		{"those that did not publish", "ListParticipants",
			`{"stageArn":` + stage + `,"sessionId":"s","filterByPublished":false}`,
			`{"stageArn":` + stage + `,"sessionId":"s"}`},
	}
	clients := both.NewClients()
	clients.Reply(both.Answer{Status: 200, Body: both.Least})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			value := object(tt.ours)
			our, err := try(t, clients, clients.Ours, tt.op, value)
			require.NoError(t, err)
			require.JSONEq(t, tt.ours, string(our.Body))
			their, err := try(t, clients, clients.Theirs, tt.op, value)
			require.NoError(t, err)
			require.JSONEq(t, tt.theirs, string(their.Body))
		})
	}
	tally.Record(t, tally.Row{Area: "Requests", What: "what the official client cannot send", With: both.Official, Cases: len(tests)})
}

// abstract makes an abstract value of what encoding/json made.
func abstract(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			v[name] = abstract(x)
		}
	case []any:
		for i, x := range v {
			v[i] = abstract(x)
		}
	case float64:
		return int32(v)
	}
	return v
}

// Both clients refuse an input that lacks required members, send nothing, and
// name the same members.
func TestMissingMembers(t *testing.T) {
	c := contract.Load()
	clients := both.NewClients()
	clients.Reply(both.Answer{Status: 200, Body: both.Least})
	cases := 0
	for _, s := range spots(c, c.Official()) {
		if !s.member.Required {
			continue
		}
		where := s.parent + "." + s.member.Name
		cases++
		value := s.input(nil) // as if it were not there
		_, ourErr := try(t, clients, clients.Ours, s.op.Name, value)
		_, theirErr := try(t, clients, clients.Theirs, s.op.Name, value)
		if where == "AutoParticipantRecordingConfiguration.storageConfigurationArn" {
			require.NoError(t, ourErr, "a value without it says that recording is off")
			continue
		}
		require.Error(t, ourErr, where)
		require.Error(t, theirErr, where)
		require.Equal(t, strings.ToLower(theirErr.Error()), strings.ToLower(ourErr.Error()), where)
		var our, their smithy.InvalidParamsError
		require.ErrorAs(t, ourErr, &our)
		require.ErrorAs(t, theirErr, &their)
		require.Equal(t, their.Len(), our.Len())
		require.Empty(t, clients.OurHTTP.Requests)
		require.Empty(t, clients.TheirHTTP.Requests)
	}
	tally.Record(t, tally.Row{Area: "Requests", What: "missing members", With: both.Official, Cases: cases})
}
