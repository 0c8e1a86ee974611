package requests_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/gen"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// Random inputs make the same request in both clients: method, host, path, query,
// headers, JSON and signature. Time stands still in the bubble, so that both sign
// at the same second.
func TestRandomInputs(t *testing.T) {
	c := contract.Load()
	ours, theirs := both.Operations(both.OursType), both.Operations(both.OfficialType)
	cases, signatures, differences, listed := 0, 0, 0, 0
	for i, op := range c.Official() {
		t.Run(op.Name, func(t *testing.T) {
			defer countFailure(t, &differences)
			synctest.Test(t, func(t *testing.T) {
				paths := bothPaths()
				g := gen.Inputs(gen.Seed(t), uint64(i))
				for n := range gen.Cases(t) {
					value := both.Common(c, op.Name+"Input", g.Struct(op.Name+"Input"), ours[op.Name].Input, theirs[op.Name].Input)
					if refused(t, paths[n%2], op, value) {
						listed++
						continue
					}
					our, their := send(t, paths[n%2], op, value)
					if diff := compare(op, our, their); diff != "" {
						t.Fatalf("case %d: %s\ninput %s", n, diff, show(value))
					}
					checkSignatures(t, our, their)
					cases++
					signatures += 3
				}
			})
		})
	}
	tally.Record(t, tally.Row{Area: "Requests", What: "random inputs", With: both.Official, Cases: cases + listed, Differences: differences, Listed: listed})
	tally.Record(t, tally.Row{Area: "Requests", What: "signatures", With: "v4.Signer of the core, " + both.Official, Cases: signatures, Differences: differences})
}

// Random inputs make the request that the contract says, in operations and
// members too that the official client is too old for.
func TestRandomInputsAgainstContract(t *testing.T) {
	c := contract.Load()
	ours := both.Operations(both.OursType)
	cases, differences := 0, 0
	for i, op := range c.Operations {
		t.Run(op.Name, func(t *testing.T) {
			defer countFailure(t, &differences)
			paths := bothPaths()
			g := gen.Inputs(gen.Seed(t), uint64(1000+i))
			typ := ours[op.Name].Input
			for n := range gen.Cases(t) {
				value := both.Common(c, op.Name+"Input", g.Struct(op.Name+"Input"), typ, typ)
				in := reflect.New(typ)
				require.NoError(t, both.Fill(in.Elem(), value))
				clients := paths[n%2]
				if refused(t, clients, op, value) {
					continue
				}
				_, err := both.Call(t.Context(), clients.Ours, op.Name, in)
				require.NoError(t, err)
				our, _ := clients.Last()
				if diff := compareWithContract(c, op, our, value); diff != "" {
					t.Fatalf("case %d: %s\ninput %s", n, diff, show(value))
				}
				cases++
			}
		})
	}
	tally.Record(t, tally.Row{Area: "Requests", What: "random inputs", With: "contract", Cases: cases, Differences: differences})
}

// countFailure counts a test that ends at the first difference it finds.
func countFailure(t *testing.T, differences *int) {
	if t.Failed() {
		*differences++
	}
}

// bothPaths returns clients of which ours takes plain function calls, and such of
// which it takes the middleware stack.
func bothPaths() [2]*both.Clients {
	paths := [2]*both.Clients{both.NewClients(), both.NewClients(both.OnStack)}
	for _, clients := range paths {
		clients.Reply(both.Answer{Status: 200, Body: both.Least})
	}
	return paths
}

type refusal struct {
	since, what, why string
	text             string // of the error
	may              func(value map[string]any) bool
}

// refusals are inputs that this library does not send, and the official client
// does: by date, what differs and why, and whether an input can be one.
var refusals = []refusal{
	{
		"2026-11-28", "an ARN with a segment of dots in a tag operation", "servers and proxies take it for another path",
		`"." or ".." as a segment`, func(value map[string]any) bool {
			arn, _ := value["resourceArn"].(string)
			return strings.Contains(strings.ReplaceAll(strings.ToLower(arn), "%2e", "."), ".")
		},
	},
	{
		"2026-11-28", `a recording configuration with the storage "" and another member that has not its default`,
		"it switches recording off, and resets the other; the official client refuses it where the storage is absent, which is the same in plain Go",
		"switches recording off", func(value map[string]any) bool {
			c, _ := value["autoParticipantRecordingConfiguration"].(map[string]any)
			arn, _ := c["storageConfigurationArn"].(string)
			return arn == "" && len(c) > 0
		},
	},
}

// refused reports whether this library refuses an input as refusals say.
func refused(t *testing.T, clients *both.Clients, op contract.Operation, value map[string]any) bool {
	t.Helper()
	may := slices.IndexFunc(refusals, func(r refusal) bool { return r.may(value) })
	if may < 0 {
		return false
	}
	in := reflect.New(both.Operations(both.OursType)[op.Name].Input)
	require.NoError(t, both.Fill(in.Elem(), value))
	_, err := both.Call(t.Context(), clients.Ours, op.Name, in)
	if err == nil {
		return false
	}
	require.ErrorContains(t, err, refusals[may].text, show(value))
	return true
}

// send calls an operation of both clients and returns what they sent.
func send(t *testing.T, clients *both.Clients, op contract.Operation, value map[string]any) (our, their both.Request) {
	t.Helper()
	in := reflect.New(both.Operations(both.OursType)[op.Name].Input)
	require.NoError(t, both.Fill(in.Elem(), value))
	_, err := both.Call(t.Context(), clients.Ours, op.Name, in)
	require.NoError(t, err, "ours, input %s", show(value))
	in = reflect.New(both.Operations(both.OfficialType)[op.Name].Input)
	require.NoError(t, both.Fill(in.Elem(), value))
	_, err = both.Call(t.Context(), clients.Theirs, op.Name, in)
	require.NoError(t, err, "theirs, input %s", show(value))
	return clients.Last()
}

// compare says what differs between two requests, but for what must: the
// signature, which checkSignatures compares, the user agent and the random id of
// the invocation.
func compare(op contract.Operation, our, their both.Request) string {
	for _, part := range [][3]string{
		{"method", our.Method, their.Method},
		{"host", our.Host, their.Host},
		{"path", our.Path, their.Path},
		{"query", our.Query, their.Query},
	} {
		if part[1] != part[2] {
			return fmt.Sprintf("%s: %q here, %q there", part[0], part[1], part[2])
		}
	}
	if our.Method != op.Method {
		return "method: " + our.Method + ", the contract says " + op.Method
	}
	ourHeader, theirHeader := our.Header.Clone(), their.Header.Clone()
	for _, name := range []string{"Authorization", "User-Agent", "Amz-Sdk-Invocation-Id"} {
		for _, h := range []http.Header{ourHeader, theirHeader} {
			if h.Get(name) == "" {
				return "no header " + name
			}
			h.Del(name)
		}
	}
	if !reflect.DeepEqual(ourHeader, theirHeader) {
		return fmt.Sprintf("headers: %v here, %v there", ourHeader, theirHeader)
	}
	if our.Length != int64(len(our.Body)) {
		return fmt.Sprintf("a body of %d bytes announced with %d", len(our.Body), our.Length)
	}
	return compareJSON(our.Body, their.Body)
}

// compareJSON says what differs between two bodies: bytes, if they are no JSON,
// else values.
func compareJSON(our, their []byte) string {
	if len(our) == 0 || len(their) == 0 {
		if len(our) != len(their) {
			return fmt.Sprintf("body: %q here, %q there", our, their)
		}
		return ""
	}
	a, err := parse(our)
	if err != nil {
		return "our body: " + err.Error()
	}
	b, err := parse(their)
	if err != nil {
		return "their body: " + err.Error()
	}
	if !reflect.DeepEqual(a, b) {
		return fmt.Sprintf("body: %s here, %s there", our, their)
	}
	return ""
}

// parse parses JSON such that equal values are DeepEqual however they are written.
func parse(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("more than one value: %s", body)
	}
	return numbers(v), nil
}

func numbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			v[name] = numbers(x)
		}
	case []any:
		for i, x := range v {
			v[i] = numbers(x)
		}
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		// With 64 bits, so that 29.97 is not 29.969999313354492.
		f, err := strconv.ParseFloat(v.String(), 64)
		if err != nil {
			return err
		}
		if i := int64(f); float64(i) == f && f < 1<<53 && f > -1<<53 {
			return i
		}
		return f
	}
	return v
}

// compareWithContract says what differs between a request and what the contract
// makes of a value.
func compareWithContract(c *contract.Contract, op contract.Operation, r both.Request, value map[string]any) string {
	path, query, body := op.Path, "", maps.Clone(value)
	wantBody := op.Method == http.MethodPost
	for _, m := range c.Input(op.Name) {
		if m.IdempotencyToken && value[m.Name] == nil {
			body[m.Name] = both.IdempotencyToken
		}
		if m.In != "" {
			delete(body, m.Name)
		}
		switch m.In {
		case "path":
			path = strings.Replace(path, "{"+m.Name+"}", escape(value[m.Name].(string)), 1)
		case "query":
			var elements []string
			for _, e := range value[m.Name].([]any) {
				elements = append(elements, m.Name+"="+escape(e.(string)))
			}
			slices.Sort(elements) // as the core's signer does
			query = strings.Join(elements, "&")
		}
	}
	switch {
	case r.Method != op.Method:
		return "method " + r.Method
	case r.Host != "ivsrealtime."+both.Region+".amazonaws.com":
		return "host " + r.Host
	case r.Path != path:
		return fmt.Sprintf("path %s, want %s", r.Path, path)
	case r.Query != query:
		return fmt.Sprintf("query %s, want %s", r.Query, query)
	case r.Header.Get("X-Amz-Security-Token") != both.Credentials.SessionToken:
		return "security token"
	case !strings.Contains(r.Header.Get("Authorization"), "/"+both.Region+"/"+c.SigningName+"/aws4_request"):
		return "credential scope"
	case !wantBody:
		if len(r.Body) != 0 || r.Header.Get("Content-Type") != "" {
			return fmt.Sprintf("%s with a body %q", r.Method, r.Body)
		}
		return ""
	case r.Header.Get("Content-Type") != "application/json":
		return "content type " + r.Header.Get("Content-Type")
	}
	want, err := json.Marshal(body)
	if err != nil {
		return err.Error()
	}
	return compareJSON(r.Body, want)
}

// escape is percent-encoding as SigV4 wants it: all but A-Z a-z 0-9 - . _ ~.
func escape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func show(value map[string]any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
