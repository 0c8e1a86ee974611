package surface_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/smithy-go"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/known"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

var ourErrors = map[string]smithy.APIError{
	"AccessDeniedException":         &ivsrealtime.AccessDeniedException{},
	"ConflictException":             &ivsrealtime.ConflictException{},
	"InternalServerException":       &ivsrealtime.InternalServerException{},
	"PendingVerification":           &ivsrealtime.PendingVerification{},
	"ResourceNotFoundException":     &ivsrealtime.ResourceNotFoundException{},
	"ServiceQuotaExceededException": &ivsrealtime.ServiceQuotaExceededException{},
	"ValidationException":           &ivsrealtime.ValidationException{},
}

var officialErrors = map[string]smithy.APIError{
	"AccessDeniedException":         &types.AccessDeniedException{},
	"ConflictException":             &types.ConflictException{},
	"InternalServerException":       &types.InternalServerException{},
	"PendingVerification":           &types.PendingVerification{},
	"ResourceNotFoundException":     &types.ResourceNotFoundException{},
	"ServiceQuotaExceededException": &types.ServiceQuotaExceededException{},
	"ValidationException":           &types.ValidationException{},
}

// comparison is what TestOursAgainstOfficial compares.
type comparison struct {
	t    *testing.T
	list *known.List
	seen map[reflect.Type]bool
	row  tally.Row
}

func (k *comparison) differs(what string) {
	if k.list.Has(what) {
		k.row.Listed++
		return
	}
	k.row.Differences++
	k.t.Errorf("%s: a difference that is not listed", what)
}

// Both clients have the same operations, types, members, enum values, errors,
// paginators and options under names that are equal but for case.
func TestOursAgainstOfficial(t *testing.T) {
	k := &comparison{t: t, list: known.Read(t, "differences.txt"), seen: map[reflect.Type]bool{}}
	k.operations()
	k.errors()
	k.names("option", fields(reflect.TypeFor[ivsrealtime.Options]()), fields(reflect.TypeFor[official.Options]()))
	k.names("paginator option", fields(reflect.TypeFor[ivsrealtime.PaginatorOptions]()), fields(reflect.TypeFor[official.ListStagesPaginatorOptions]()))
	ours := declarations(t, "github.com/seed-433ec77c/ivsrealtime")
	theirs := declarations(t, "github.com/aws/aws-sdk-go-v2/service/ivsrealtime")
	theirTypes := declarations(t, "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types")
	k.names("paginator", matching(ours.funcs, "NewList", "Paginator"), matching(theirs.funcs, "NewList", "Paginator"))
	k.names("interface", matching(ours.types, "List", "APIClient"), matching(theirs.types, "List", "APIClient"))
	k.names("constant", ours.constants, theirTypes.constants)
	// That a type of theirs is among ours; ours has others besides.
	for _, name := range slices.Concat(theirTypes.types, matching(theirs.types, "", "Input"), matching(theirs.types, "", "Output")) {
		k.row.Cases++
		if !slices.ContainsFunc(ours.types, func(s string) bool { return strings.EqualFold(s, name) }) {
			k.differs("type " + name + ": missing")
		}
	}
	k.row.Area, k.row.What, k.row.With = "Surface", "operations, types, members, enums, errors, paginators, options", both.Official
	tally.Record(t, k.row)
}

func (k *comparison) operations() {
	ours, theirs := both.Operations(both.OursType), both.Operations(both.OfficialType)
	k.names("operation", keys(ours), keys(theirs))
	for name, their := range theirs {
		if our, ok := ours[name]; ok {
			k.structs(our.Input, their.Input)
			k.structs(our.Output, their.Output)
		}
	}
}

// structs compares two structs, member by member.
func (k *comparison) structs(our, their reflect.Type) {
	if k.seen[their] {
		return
	}
	k.seen[their] = true
	k.row.Cases++
	if !strings.EqualFold(our.Name(), their.Name()) {
		k.differs("type " + their.Name() + ": named " + our.Name())
	}
	k.names("member of "+their.Name()+":", fields(our), fields(their))
	for _, name := range fields(their) {
		if o, ok := both.Field(our, name); ok {
			t, _ := both.Field(their, name)
			k.types(their.Name()+"."+name, o.Type, t.Type)
		}
	}
}

// types compares the types of two members.
func (k *comparison) types(where string, our, their reflect.Type) {
	switch {
	case our.Kind() != reflect.Pointer && their.Kind() == reflect.Pointer:
		// The rule of this library, which the list has as a whole: plain values.
		what := "scalars are plain values"
		if their.Elem().Kind() == reflect.Struct && their.Elem() != reflect.TypeFor[time.Time]() {
			what = "structs whose absence means nothing are plain values"
		}
		k.differs(what)
	case our.Kind() == reflect.Pointer && their.Kind() != reflect.Pointer:
		k.differs(where + ": a pointer")
	}
	our, their = both.Deref(our), both.Deref(their)
	switch {
	case our == their:
	case our == reflect.TypeFor[ivsrealtime.Secret]() && their.Kind() == reflect.String:
		k.differs(where + ": Secret")
	case our.Kind() != their.Kind():
		k.differs(where + ": " + our.String() + " for " + their.String())
	case their.Kind() == reflect.Slice:
		k.types(where+"[]", our.Elem(), their.Elem())
	case their.Kind() == reflect.Struct:
		k.structs(our, their)
	case their.Kind() == reflect.String:
		if !strings.EqualFold(our.Name(), their.Name()) {
			k.differs(where + ": " + our.String() + " for " + their.String())
		}
		if !k.seen[their] {
			k.seen[their] = true
			k.names("value of "+their.Name()+":", values(our), values(their))
		}
	default:
		k.differs(where + ": " + our.String() + " for " + their.String())
	}
}

func (k *comparison) errors() {
	k.names("error", keys(ourErrors), keys(officialErrors))
	for name, their := range officialErrors {
		our := ourErrors[name]
		k.row.Cases++
		if our.ErrorCode() != their.ErrorCode() {
			k.differs("error " + name + ": code")
		}
		if our.ErrorFault() != their.ErrorFault() {
			k.differs("error " + name + ": fault of one that no answer made")
		}
		k.names("member of "+name+":", fields(reflect.TypeOf(our).Elem()), fields(reflect.TypeOf(their).Elem()))
	}
}

// names compares two sets of names without case.
func (k *comparison) names(what string, ours, theirs []string) {
	has := map[string]bool{}
	for _, name := range ours {
		has[strings.ToLower(name)] = true
	}
	for _, name := range theirs {
		k.row.Cases++
		if !has[strings.ToLower(name)] {
			k.differs(what + " " + name + ": missing")
		}
		delete(has, strings.ToLower(name))
	}
	for _, name := range ours {
		if has[strings.ToLower(name)] {
			k.differs(what + " " + name + ": new")
		}
	}
}

// fields returns the names of a struct's exported fields, those of what it embeds
// included.
func fields(typ reflect.Type) []string {
	var names []string
	for _, f := range reflect.VisibleFields(typ) {
		if f.IsExported() && !f.Anonymous {
			names = append(names, f.Name)
		}
	}
	return names
}

func keys[V any](m map[string]V) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func matching(names []string, prefix, suffix string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(s string) bool { return !strings.HasPrefix(s, prefix) || !strings.HasSuffix(s, suffix) })
}
