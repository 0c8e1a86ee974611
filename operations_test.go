package ivsrealtime_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

var update = flag.Bool("update", false, "write the goldens instead of comparing with them")

// operation is a row of the tables that stand beside the resources. Its golden
// is testdata/requests/<name>[.<variant>].txt. TestOperations derives everything
// from it: the request, what the answer decodes to, and what happens when input
// or answer are not as they should be.
type operation struct {
	name    string // the method of Client
	variant string // tells a further row of an operation from its first, where it is empty

	in       any      // *<name>Input; in the first row every member is set
	required []string // the members of in that must not be absent, by their Go paths
	always   []string // the members that are sent also when absent, by their JSON paths

	answer string // literal JSON; in the first row it has every member
	want   any    // *<name>Output, what the answer decodes to

	// unset lists members that in and want leave zero, because they exclude others.
	unset []string
}

var operations = slices.Concat(
	stageOperations,
	participantOperations,
	compositionOperations,
	encoderConfigurationOperations,
	storageConfigurationOperations,
	ingestConfigurationOperations,
	publicKeyOperations,
	tagOperations,
)

// The two forms of a time, "2026-10-01T08:15:30Z" and
// "2026-10-01T08:15:30.602000+00:00".
var (
	timeWhole    = time.Date(2026, 10, 1, 8, 15, 30, 0, time.UTC)
	timeFraction = time.Date(2026, 10, 1, 8, 15, 30, 602_000_000, time.UTC)
)

func TestOperations(t *testing.T) {
	for _, op := range operations {
		t.Run(op.id(), func(t *testing.T) {
			t.Parallel()
			t.Run("request", op.testRequest)
			if op.answer != "" {
				t.Run("answer", op.testAnswer)
			}
			if op.variant == "" {
				t.Run("every member", op.testEveryMember)
				t.Run("other members", op.testOtherMembers)
				t.Run("wrong types", op.testWrongTypes)
				t.Run("zero input", op.testZeroInput)
				t.Run("absent input members", op.testAbsentInputMembers)
				t.Run("empty answer", op.testEmptyAnswer)
			}
		})
	}
}

func (op operation) id() string {
	if op.variant == "" {
		return op.name
	}
	return op.name + "." + op.variant
}

// call calls the method. out is a *<name>Output, nil with an error.
func (op operation) call(t *testing.T, client *ivsrealtime.Client, in any) (out any, err error) {
	t.Helper()
	results := reflect.ValueOf(client).MethodByName(op.name).Call([]reflect.Value{reflect.ValueOf(t.Context()), reflect.ValueOf(in)})
	err, _ = results[1].Interface().(error)
	if out = results[0].Interface(); (err != nil) != results[0].IsNil() {
		t.Fatalf("output %v with error %v", out, err)
	}
	return out, err
}

// decode calls the method and has body answer it. The output has no metadata.
func (op operation) decode(t *testing.T, body string, optFns ...func(*ivsrealtime.Options)) (any, error) {
	t.Helper()
	optFns = append([]func(*ivsrealtime.Options){func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }}, optFns...)
	out, err := op.call(t, ivsrealtime.New(testOptions(answering(answer(200, body))), optFns...), op.in)
	if err == nil {
		*metadataOf(out) = middleware.Metadata{}
	}
	return out, err
}

func metadataOf(out any) *middleware.Metadata {
	return reflect.ValueOf(out).Elem().FieldByName("ResultMetadata").Addr().Interface().(*middleware.Metadata)
}

// The request equals the golden, byte by byte the same on both paths, is signed,
// and its body is the JSON of the input. The input stays as it was.
func (op operation) testRequest(t *testing.T) {
	before := toJSON(t, op.in)
	var sent []string
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		h := answering(answer(200, leastAnswer(op.name)))
		if _, err := op.call(t, newClient(h), op.in); err != nil {
			t.Fatal(err)
		}
		if h.count() != 1 {
			t.Fatalf("%d requests", h.count())
		}
		r, body := h.requests[0], h.bodies[0]
		verifySignature(t, r, body)
		undated := *r
		undated.Header = r.Header.Clone()
		undated.Header.Del("X-Amz-Date")
		text := dump(t, &undated, body)
		sent = append(sent, text)
		golden(t, filepath.Join("testdata", "requests", op.id()+".txt"), withoutVersions(text))
		if r.URL.Path == "/"+op.name && !sameJSON(t, body, before) {
			t.Errorf("body %s\nbut encoding/json makes of the input %s", body, before)
		}
		if after := toJSON(t, op.in); after != before {
			t.Errorf("input was %s\nand is %s", before, after)
		}
	})
	if sent[0] != sent[1] {
		t.Errorf("the paths differ:\n%s\n%s", sent[0], sent[1])
	}
}

// The answer decodes to the wanted output, on both paths and by encoding/json.
func (op operation) testAnswer(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		out, err := op.call(t, newClient(answering(answer(200, op.answer, "X-Amzn-Requestid", "request-1"))), op.in)
		if err != nil {
			t.Fatal(err)
		}
		if id, ok := awsmiddleware.GetRequestIDMetadata(*metadataOf(out)); !ok || id != "request-1" {
			t.Errorf("request id %q, %t", id, ok)
		}
		*metadataOf(out) = middleware.Metadata{}
		if !reflect.DeepEqual(out, op.want) {
			t.Errorf("got  %s\nwant %s", reveal(t, out), reveal(t, op.want))
		}
	})
	if out := op.unmarshal(t, op.answer); !reflect.DeepEqual(out, op.want) {
		t.Errorf("encoding/json: got  %s\nwant %s", reveal(t, out), reveal(t, op.want))
	}
}

// unmarshal decodes an answer with encoding/json, which is right in all but the
// location of times.
func (op operation) unmarshal(t *testing.T, answer string) any {
	t.Helper()
	out := reflect.New(reflect.TypeOf(op.want).Elem())
	if err := json.Unmarshal([]byte(answer), out.Interface()); err != nil {
		t.Fatal(err)
	}
	toUTC(out)
	return out.Interface()
}

// Unknown members are skipped, unknown values of enums pass through, and null is
// as if the member were not there.
func (op operation) testOtherMembers(t *testing.T) {
	root := fromJSON(t, op.answer)
	members := membersOf(root, reflect.TypeOf(op.want), "")
	render := func() string { return toJSON(t, root) }
	mustDecode := func(text string) any {
		t.Helper()
		out, err := op.decode(t, text)
		if err != nil {
			t.Errorf("%v for %s", err, text)
		}
		return out
	}

	objects := []any{root}
	for _, m := range members {
		if m.kind() == reflect.Struct {
			objects = append(objects, m.value)
		}
	}
	unknown := map[string]any{"arn": []any{1.5, nil, map[string]any{"name": "x"}}, "name": true}
	for _, o := range objects {
		if o, ok := o.(map[string]any); ok { // a time is no object
			o["zzUnknown"] = unknown
		}
	}
	if out := mustDecode(render()); !reflect.DeepEqual(out, op.want) {
		t.Errorf("with unknown members: got  %s\nwant %s", reveal(t, out), reveal(t, op.want))
	}
	for _, o := range objects {
		if o, ok := o.(map[string]any); ok {
			delete(o, "zzUnknown")
		}
	}

	for _, m := range members {
		if m.remove == nil {
			continue // an element of an array
		}
		if m.path == alwaysThere(op.name) || m.path == "participantToken.token" {
			m.remove()
			_, err := op.decode(t, render())
			m.set(m.value)
			if err == nil || !strings.Contains(err.Error(), "the response has no "+m.path) {
				t.Errorf("without %s: %v", m.path, err)
			}
			continue
		}
		m.set(nil)
		null := mustDecode(render())
		m.remove()
		absent := mustDecode(render())
		m.set(m.value)
		zero := m.value == nil || m.value == "" || m.value == false
		if !reflect.DeepEqual(null, absent) || !zero && reflect.DeepEqual(null, op.want) {
			t.Errorf("%s null: got  %s\nwant %s", m.path, reveal(t, null), reveal(t, absent))
		}
	}

	enums := 0
	for _, m := range members {
		if isEnum(m.typ) {
			m.set("ZZ_UNKNOWN")
			enums++
		}
	}
	if out, want := mustDecode(render()), op.unmarshal(t, render()); !reflect.DeepEqual(out, want) || enums > 0 && reflect.DeepEqual(out, op.want) {
		t.Errorf("with unknown enum values: got  %s\nwant %s", reveal(t, out), reveal(t, want))
	}
}

// A member of a wrong JSON type is an error that names operation and member.
func (op operation) testWrongTypes(t *testing.T) {
	values := map[string]any{"string": "text", "integer": 7, "fraction": 7.5, "boolean": true, "object": map[string]any{}, "array": []any{}}
	right := map[reflect.Kind][]string{
		reflect.String: {"string"}, reflect.Bool: {"boolean"}, reflect.Int32: {"integer"}, reflect.Float32: {"integer", "fraction"},
		reflect.Struct: {"object"}, reflect.Map: {"object"}, reflect.Slice: {"array"},
	}
	check := func(path, text string) {
		t.Helper()
		_, err := op.decode(t, text)
		var operation *smithy.OperationError
		var deserialization *smithy.DeserializationError
		if !errors.As(err, &operation) || operation.OperationName != op.name || !errors.As(err, &deserialization) {
			t.Errorf("%s: %v for %s", path, err, text)
		} else if !strings.Contains(err.Error(), ", "+path) {
			t.Errorf("%v does not name %s", err, path)
		}
	}
	root := fromJSON(t, op.answer)
	for _, m := range membersOf(root, reflect.TypeOf(op.want), "") {
		types := right[m.kind()]
		if m.typ == reflect.TypeFor[time.Time]() {
			types = nil // "text" is no time either
		} else if types == nil {
			t.Fatalf("%s has the type %s: teach this test about it", m.path, m.typ)
		}
		for name, value := range values {
			if !slices.Contains(types, name) {
				m.set(value)
				check(m.path+": ", toJSON(t, root))
			}
		}
		m.set(m.value)
	}
	for name, value := range values {
		if name != "object" {
			check("want an object", toJSON(t, value))
		}
	}
}

// Input and wanted output set every member, so that no row forgets one.
func (op operation) testEveryMember(t *testing.T) {
	missing := append(unsetMembers(op.in), unsetMembers(op.want)...)
	if !slices.Equal(missing, op.unset) {
		t.Errorf("not set: %q, want %q", missing, op.unset)
	}
}

// The zero input and none are the same: an error that names the required
// members, or a request of {}.
func (op operation) testZeroInput(t *testing.T) {
	var required []string // what is not inside of others
	for _, path := range op.required {
		if !strings.Contains(path, ".") {
			required = append(required, path)
		}
	}
	typ := reflect.TypeOf(op.in)
	for name, in := range map[string]reflect.Value{"zero": reflect.New(typ.Elem()), "nil": reflect.Zero(typ)} {
		t.Run(name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				h := answering(answer(200, leastAnswer(op.name)))
				_, err := op.call(t, newClient(h), in.Interface())
				if len(required) > 0 {
					wantMissing(t, err, op.name, required...)
					if h.count() != 0 {
						t.Errorf("%d requests", h.count())
					}
				} else if err != nil || h.count() != 1 || h.bodies[0] != "{}" {
					t.Errorf("error %v, bodies %q", err, h.bodies)
				}
			})
		})
	}
}

// Every member of the input, at any depth, is either required or may be left out,
// and is then not sent.
func (op operation) testAbsentInputMembers(t *testing.T) {
	root := fromJSON(t, toJSON(t, op.in))
	for _, m := range membersOf(root, reflect.TypeOf(op.in), "") {
		if m.remove == nil {
			continue // an element of an array
		}
		m.remove()
		absent := toJSON(t, root)
		m.set(m.value)
		in := reflect.New(reflect.TypeOf(op.in).Elem()).Interface()
		if err := json.Unmarshal([]byte(absent), in); err != nil {
			t.Fatal(err)
		}
		h := answering(answer(200, leastAnswer(op.name)))
		_, err := op.call(t, ivsrealtime.New(testOptions(h)), in)
		if i := slices.IndexFunc(op.required, func(path string) bool { return strings.EqualFold(path, m.path) }); i >= 0 {
			wantMissing(t, err, op.name, op.required[i])
			continue
		}
		if m.path == "autoParticipantRecordingConfiguration.storageConfigurationArn" {
			// Its absence switches recording off, and the others are set.
			if err == nil || !strings.Contains(err.Error(), "switches recording off") || h.count() != 0 {
				t.Errorf("without %s: error %v, %d requests", m.path, err, h.count())
			}
			continue
		}
		if err != nil {
			t.Errorf("without %s: %v", m.path, err)
		} else if h.requests[0].URL.Path == "/"+op.name { // the input is the body
			sent, want := fromJSON(t, h.bodies[0]), fromJSON(t, absent)
			prune(sent)
			prune(want)
			if slices.Contains(op.always, m.path) == reflect.DeepEqual(sent, want) {
				t.Errorf("without %s: %s", m.path, h.bodies[0])
			}
		}
	}
}

// prune removes the members of a JSON value that are empty objects.
func prune(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			prune(value)
			if object, ok := value.(map[string]any); ok && len(object) == 0 {
				delete(v, name)
			}
		}
	case []any:
		for _, value := range v {
			prune(value)
		}
	}
}

// wantMissing checks that err reports exactly the missing members, given by
// their Go paths.
func wantMissing(t *testing.T, err error, op string, paths ...string) {
	t.Helper()
	want := fmt.Sprintf("%d validation error(s) found.\n", len(paths))
	for _, path := range paths {
		want += "- missing required field, " + op + "Input." + path + ".\n"
	}
	var invalid smithy.InvalidParamsError
	if !errors.As(err, &invalid) || invalid.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if !errors.Is(err, ivsrealtime.ErrValidation) {
		t.Errorf("%v is not ErrValidation", err)
	}
	var operation *smithy.OperationError
	if !errors.As(err, &operation) || operation.OperationName != op {
		t.Errorf("%v does not name the operation", err)
	}
}

// alwaysThere is the member that the output of an operation always has, empty if
// there is none.
func alwaysThere(op string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(leastAnswer(op), `{"`), `"`)
	return strings.Trim(name, "{}")
}

// A response without content is the zero output, or an error that names the member
// which is always there.
func (op operation) testEmptyAnswer(t *testing.T) {
	for _, p := range paths {
		for _, body := range []string{"{}", "", "null", " \r\n\t{ }\n"} {
			out, err := op.decode(t, body, p.option)
			if name := alwaysThere(op.name); name != "" {
				if err == nil || !strings.Contains(err.Error(), "the response has no "+name) {
					t.Errorf("%s, %q: %s, %v", p.name, body, reveal(t, out), err)
				}
			} else if err != nil || !reflect.ValueOf(out).Elem().IsZero() {
				t.Errorf("%s, %q: %s, %v", p.name, body, reveal(t, out), err)
			}
		}
	}
}

// golden compares text with a file, or writes it there.
func golden(t *testing.T, file, text string) {
	t.Helper()
	text += "\n"
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -run TestOperations -update writes it)", err)
	}
	if text != string(want) {
		t.Errorf("got\n%s\nwant, by %s,\n%s", text, file, want)
	}
}

var agentVersions = regexp.MustCompile(`(aws-sdk-go-v2/|os/|lang/go#|md/GOOS#|md/GOARCH#|lib/ivsrealtime-go#)\S+`)

// withoutVersions takes the versions and the platform out of the user agent.
func withoutVersions(request string) string {
	return agentVersions.ReplaceAllString(request, "${1}*")
}

// verifySignature checks the SigV4 signature of a request as a server would: on
// what goes over the wire, by the signed headers alone.
func verifySignature(t *testing.T, sent *http.Request, body string) {
	t.Helper()
	copied := sent.Clone(t.Context())
	copied.Body = io.NopCloser(strings.NewReader(body))
	var text bytes.Buffer
	if err := copied.Write(&text); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadRequest(bufio.NewReader(&text))
	if err != nil {
		t.Fatal(err)
	}
	authorization := r.Header.Get("Authorization")
	_, signed, _ := strings.Cut(authorization, "SignedHeaders=")
	signed, _, _ = strings.Cut(signed, ",")
	maps.DeleteFunc(r.Header, func(name string, _ []string) bool {
		return !slices.Contains(strings.Split(signed, ";"), strings.ToLower(name))
	})
	date, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		t.Fatal(err)
	}
	creds, _ := testCredentials().Retrieve(t.Context())
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, hex.EncodeToString(hash[:]), "ivs", "eu-west-1", date); err != nil {
		t.Fatal(err)
	}
	if want := r.Header.Get("Authorization"); authorization != want {
		t.Errorf("Authorization %q\nwant %q", authorization, want)
	}
}

// member is a member of a JSON value at any depth, or an element of an array
// there.
type member struct {
	path   string       // as errors name it
	typ    reflect.Type // of the Go field
	value  any
	set    func(any)
	remove func() // nil for an element
}

func (m member) kind() reflect.Kind { return m.typ.Kind() }

// membersOf returns all members of a JSON value that decodes into typ.
func membersOf(value any, typ reflect.Type, path string) (all []member) {
	add := func(m member) {
		for m.typ.Kind() == reflect.Pointer {
			m.typ = m.typ.Elem()
		}
		all = append(append(all, m), membersOf(m.value, m.typ, m.path)...)
	}
	switch v := value.(type) {
	case map[string]any:
		for typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		for i, name := range slices.Sorted(maps.Keys(v)) {
			m := member{path: fmt.Sprintf("%s[#%d]", path, i), value: v[name]}
			m.set = func(x any) { v[name] = x }
			m.remove = func() { delete(v, name) }
			if typ.Kind() == reflect.Map {
				m.typ = typ.Elem()
			} else if f, ok := typ.FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, name) }); ok {
				m.path, m.typ = strings.TrimPrefix(path+"."+name, "."), f.Type
			} else {
				panic(fmt.Sprintf("%s has no %s", typ, name))
			}
			add(m)
		}
	case []any:
		for i := range v {
			add(member{path: fmt.Sprintf("%s[%d]", path, i), typ: typ.Elem(), value: v[i], set: func(x any) { v[i] = x }})
		}
	}
	return all
}

// unsetMembers returns the paths of the members that are zero in v, a pointer to
// a struct. Of an array's elements one must have it.
func unsetMembers(v any) (unset []string) {
	set := map[string]bool{}
	var look func(v reflect.Value, path string)
	look = func(v reflect.Value, path string) {
		switch {
		case v.Kind() == reflect.Pointer && !v.IsNil():
			look(v.Elem(), path)
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				look(v.Index(i), path+"[]")
			}
		case isObject(v.Type()):
			for i := range v.NumField() {
				f := path + "." + v.Type().Field(i).Name
				filled := !v.Field(i).IsZero()
				if k := v.Field(i).Kind(); k == reflect.Slice || k == reflect.Map {
					filled = v.Field(i).Len() > 0
				}
				set[f] = set[f] || filled
				look(v.Field(i), f)
			}
		}
	}
	look(reflect.ValueOf(v), "")
	for _, path := range slices.Sorted(maps.Keys(set)) {
		if !set[path] && !strings.HasSuffix(path, ".ResultMetadata") {
			unset = append(unset, strings.TrimPrefix(path, "."))
		}
	}
	return unset
}

// isObject tells the structs that are JSON objects from the others.
func isObject(typ reflect.Type) bool {
	return typ.Kind() == reflect.Struct && typ != reflect.TypeFor[time.Time]() && typ != reflect.TypeFor[middleware.Metadata]()
}

func isEnum(typ reflect.Type) bool {
	_, ok := typ.MethodByName("Values")
	return ok && typ.Kind() == reflect.String
}

// toUTC changes all times in v to UTC.
func toUTC(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(v.Interface().(time.Time).UTC()))
	case v.Kind() == reflect.Pointer && !v.IsNil():
		toUTC(v.Elem())
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			toUTC(v.Index(i))
		}
	case isObject(v.Type()):
		for i := range v.NumField() {
			toUTC(v.Field(i))
		}
	}
}

// reveal writes an output for people, its secrets too.
func reveal(t *testing.T, out any) string {
	t.Helper()
	b, err := wire.Encode(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func fromJSON(t *testing.T, text string) (v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	return reflect.DeepEqual(fromJSON(t, a), fromJSON(t, b))
}
