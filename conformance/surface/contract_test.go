package surface_test

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/known"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// checker compares Go types with the contract.
type checker struct {
	t     *testing.T
	c     *contract.Contract
	list  *known.List
	seen  map[reflect.Type]string
	ours  bool // with json tags, which the official client's types have not
	cases int
	row   tally.Row
}

func (k *checker) differs(what string) {
	if k.list.Has(what) {
		k.row.Listed++
		return
	}
	k.row.Differences++
	k.t.Errorf("%s: a difference that is not listed", what)
}

// Our types are those of the contract, answer-only ones included: every member
// under its exact wire name, of a Go type that fits, with omitzero exactly if it
// is optional.
func TestOursAgainstContract(t *testing.T) {
	k := &checker{t: t, c: contract.Load(), list: known.Read(t, "contract-differences.txt"), seen: map[reflect.Type]string{}, ours: true}
	k.service(ivsrealtime.ServiceID, ivsrealtime.ServiceAPIVersion)
	k.operations(both.Operations(both.OursType))
	k.errors()
	k.paginators(declarations(t, "github.com/seed-433ec77c/ivsrealtime").funcs)
	k.row.Area, k.row.What, k.row.With, k.row.Cases = "Surface", "operations, members, enum values", "contract", k.cases
	tally.Record(t, k.row)
}

// The official client agrees with the contract but for what is new, which says
// that the contract is right.
func TestOfficialAgainstContract(t *testing.T) {
	k := &checker{t: t, c: contract.Load(), list: known.Read(t, "official-contract-differences.txt"), seen: map[reflect.Type]string{}}
	k.service(official.ServiceID, official.ServiceAPIVersion)
	k.operations(both.Operations(both.OfficialType))
	k.paginators(declarations(t, "github.com/aws/aws-sdk-go-v2/service/ivsrealtime").funcs)
	k.row.Area, k.row.What, k.row.With, k.row.Cases = "Surface", "the contract itself", both.Official, k.cases
	tally.Record(t, k.row)
}

func (k *checker) service(id, version string) {
	k.cases += 2
	if id != k.c.SDKID || version != k.c.APIVersion {
		k.differs("service " + id + " " + version)
	}
}

// paginators checks that the operations that page have a paginator, and no other
// has.
func (k *checker) paginators(funcs []string) {
	for _, op := range k.c.Operations {
		k.cases++
		if name := "New" + op.Name + "Paginator"; slices.Contains(funcs, name) != (op.Items != "") {
			k.differs("paginator " + name)
		}
	}
}

func (k *checker) operations(ops map[string]both.Operation) {
	for name := range ops {
		if _, ok := k.c.Operation(name); !ok {
			k.differs("operation " + name + ": not in the contract")
		}
	}
	for _, op := range k.c.Operations {
		k.cases++
		types, ok := ops[op.Name]
		if !ok {
			k.differs("operation " + op.Name + ": missing")
			continue
		}
		k.structs(op.Name+"Input", types.Input)
		k.structs(op.Name+"Output", types.Output)
	}
}

func (k *checker) structs(name string, typ reflect.Type) {
	if other, ok := k.seen[typ]; ok {
		if other != name {
			k.t.Errorf("%v stands for %s and for %s", typ, other, name)
		}
		return
	}
	k.seen[typ] = name
	if !strings.EqualFold(typ.Name(), name) {
		k.differs("type " + typ.Name() + ": not named " + name)
	}
	has := map[string]bool{"ResultMetadata": strings.HasSuffix(name, "Output")}
	for _, m := range k.c.Structs[name] {
		k.cases++
		f, ok := both.Field(typ, m.Name)
		if !ok {
			k.differs(typ.Name() + "." + m.Name + ": missing")
			continue
		}
		has[f.Name] = true
		k.member(typ.Name()+"."+f.Name, m, f)
	}
	for i := range typ.NumField() {
		if f := typ.Field(i); f.IsExported() && !has[f.Name] {
			k.differs(typ.Name() + "." + f.Name + ": not in the contract")
		}
	}
}

func (k *checker) member(where string, m contract.Member, f reflect.StructField) {
	k.typ(where, m.Type, f.Type)
	if !k.ours {
		return
	}
	name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name != m.Name {
		k.differs(where + ": named " + name + " on the wire")
	}
	if option != "" && option != "omitzero" || (option == "omitzero") == m.Required {
		k.differs(where + ": tag `" + string(f.Tag) + "`, where omitzero is what a member has that is not required")
	}
	if f.Tag.Get("required") != "" {
		k.differs(where + ": tag required:" + strconv.Quote(f.Tag.Get("required")))
	}
	scalar := m.Kind != contract.Struct && m.Kind != contract.List && m.Kind != contract.Map
	pointer := f.Type.Kind() == reflect.Pointer
	switch {
	case scalar && zeroIsNotDefault(m):
		if !pointer {
			k.differs(where + ": zero is not the default, yet cannot be told from absence")
		}
	case scalar && pointer:
		k.differs(where + ": pointer")
	}
}

// zeroIsNotDefault reports whether the zero value is allowed and means something
// else than leaving the member out.
func zeroIsNotDefault(m contract.Member) bool {
	switch m.Kind {
	case contract.Bool:
		return strings.HasPrefix(m.Default, "true")
	case contract.Int, contract.Float:
		n, err := strconv.Atoi(strings.SplitN(m.Default, " ", 2)[0])
		return err == nil && n != 0 && (m.Min == nil || *m.Min <= 0)
	}
	return false
}

// typ checks that a Go type can hold exactly the values of a contract's type.
func (k *checker) typ(where string, want contract.Type, got reflect.Type) {
	if got.Kind() == reflect.Pointer {
		got = got.Elem()
	}
	fits := false
	switch want.Kind {
	case contract.Bool:
		fits = got == reflect.TypeFor[bool]()
	case contract.Int:
		fits = got == reflect.TypeFor[int32]()
	case contract.Float:
		fits = got == reflect.TypeFor[float32]()
	case contract.Time:
		fits = got == reflect.TypeFor[time.Time]()
	case contract.String:
		fits = got == reflect.TypeFor[string]()
		if k.ours && want.Secret {
			fits = got == reflect.TypeFor[ivsrealtime.Secret]()
		}
	case contract.Map:
		fits = got == reflect.TypeFor[map[string]string]()
	case contract.List:
		if fits = got.Kind() == reflect.Slice; fits {
			k.typ(where+"[]", *want.Element, got.Elem())
		}
	case contract.Struct:
		if fits = got.Kind() == reflect.Struct; fits {
			k.structs(want.Of, got)
		}
	case contract.Enum:
		if fits = got.Kind() == reflect.String && strings.EqualFold(got.Name(), want.Of); fits {
			k.enum(got, k.c.Enums[want.Of])
		}
	}
	if !fits {
		k.differs(where + ": " + got.String() + " for " + string(want.Kind))
	}
}

func (k *checker) enum(typ reflect.Type, want []string) {
	if _, ok := k.seen[typ]; ok {
		return
	}
	k.seen[typ] = typ.Name()
	got := values(typ)
	for _, v := range want {
		k.cases++
		if !slices.Contains(got, v) {
			k.differs(typ.Name() + ": no " + v)
		}
	}
	for _, v := range got {
		if !slices.Contains(want, v) {
			k.differs(typ.Name() + ": " + v + " is not in the contract")
		}
	}
}

// values returns what the Values method of an enum gives.
func values(typ reflect.Type) []string {
	var all []string
	if m, ok := typ.MethodByName("Values"); ok {
		for _, v := range m.Func.Call([]reflect.Value{reflect.Zero(typ)})[0].Seq2() {
			all = append(all, v.String())
		}
	}
	return all
}

// errors checks that every error of the contract is a type with its code and,
// made from an answer, its status and fault. (What a call makes of an answer is
// compared in package answers.)
func (k *checker) errors() {
	for name := range k.c.Errors {
		k.cases++
		typ, ok := ourErrors[name]
		if !ok {
			k.differs("error " + name + ": missing")
			continue
		}
		if code := typ.ErrorCode(); code != name || reflect.TypeOf(typ).Elem().Name() != name {
			k.differs("error " + name + ": code " + code)
		}
	}
	if len(ourErrors) != len(k.c.Errors) {
		k.differs("errors that the contract does not have")
	}
}
