package answers_test

import (
	"net/http"
	"reflect"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/gen"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

const requestID = "0c7e1a52-1111-4222-8333-444455556666"

// Random answers decode to equal outputs in both clients, and in ours to what the
// contract says, members too that the official client is too old for. The answers
// have unknown members, nulls, members given twice or missing, times of all kinds,
// white space and escapes.
func TestRandomAnswers(t *testing.T) {
	c := contract.Load()
	withOfficial, withContract, differences := 0, 0, 0
	for i, op := range c.Operations {
		t.Run(op.Name, func(t *testing.T) {
			defer func() {
				if t.Failed() {
					differences++ // it ends at the first that it finds
				}
			}()
			paths := bothPaths()
			g := gen.Answers(gen.Seed(t), uint64(i))
			for n := range gen.Cases(t) {
				value := g.Struct(op.Name + "Output")
				text := string(g.JSON(value))
				clients := paths[n%2]
				clients.Reply(ok(text))

				our, err := call(t, clients.Ours, op.Name)
				require.NoError(t, err, "case %d: %s", n, text)
				id, _ := awsmiddleware.GetRequestIDMetadata(metadata(our))
				require.Equal(t, requestID, id)
				want := reflect.New(our.Type().Elem())
				require.NoError(t, both.Fill(want.Elem(), valid(value).(map[string]any)))
				our.Elem().FieldByName("ResultMetadata").SetZero()
				if !reflect.DeepEqual(our.Interface(), want.Interface()) {
					t.Fatalf("case %d: %s\n%q", n, text, both.Equal(our.Elem(), want.Elem()))
				}
				withContract++

				if op.Since != "" {
					continue
				}
				their, err := call(t, clients.Theirs, op.Name)
				require.NoError(t, err, "case %d: %s", n, text)
				require.Empty(t, both.Equal(our.Elem(), their.Elem()), "case %d: %s", n, text)
				theirID, _ := awsmiddleware.GetRequestIDMetadata(metadata(their))
				require.Equal(t, theirID, id)
				withOfficial++
			}
		})
	}
	tally.Record(t, tally.Row{Area: "Answers", What: "random answers", With: both.Official, Cases: withOfficial, Differences: differences})
	tally.Record(t, tally.Row{Area: "Answers", What: "random answers", With: "contract", Cases: withContract, Differences: differences})
}

func ok(body string) both.Answer {
	return both.Answer{Status: 200, Body: body, Header: http.Header{"Content-Type": {"application/json"}, "X-Amzn-Requestid": {requestID}}}
}

// bothPaths returns clients that try once: such of which ours takes plain function
// calls, and such of which it takes the middleware stack.
func bothPaths() [2]*both.Clients {
	return [2]*both.Clients{both.NewClients(tryOnce), both.NewClients(tryOnce, both.OnStack)}
}

func tryOnce(cfg *aws.Config) { cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} } }

// call calls an operation of a client with some input.
func call(t *testing.T, client any, op string) (reflect.Value, error) {
	t.Helper()
	in := reflect.New(both.Operations(reflect.TypeOf(client))[op].Input)
	require.NoError(t, both.Fill(in.Elem(), inputs()[op]))
	return both.Call(t.Context(), client, op, in)
}

// inputs returns an input with what is required for every operation.
var inputs = sync.OnceValue(func() map[string]map[string]any {
	c := contract.Load()
	all := map[string]map[string]any{}
	for _, op := range c.Operations {
		typ := both.Operations(both.OursType)[op.Name].Input
		value := gen.Inputs(1, 1).Struct(op.Name + "Input")
		for _, m := range c.Input(op.Name) {
			if !m.Required {
				delete(value, m.Name)
			}
		}
		all[op.Name] = both.Common(c, op.Name+"Input", value, typ, typ)
	}
	return all
})

func metadata(out reflect.Value) middleware.Metadata {
	return out.Elem().FieldByName("ResultMetadata").Interface().(middleware.Metadata)
}

// valid returns an abstract value as JSON can say it.
func valid(v any) any {
	switch v := v.(type) {
	case string:
		return gen.Valid(v)
	case map[string]string:
		m := map[string]string{}
		for key, s := range v {
			m[key] = gen.Valid(s)
		}
		return m
	case []any:
		l := make([]any, len(v))
		for i := range v {
			l[i] = valid(v[i])
		}
		return l
	case map[string]any:
		m := map[string]any{}
		for name, x := range v {
			m[name] = valid(x)
		}
		return m
	}
	return v
}
