package wire

import "reflect"

// Missing returns the required fields that have no value in v, a struct or a
// pointer to one, in the order of declaration: their paths in Go names, such as
// Destinations[0].S3.StorageConfigurationARN. It is nil when nothing is missing.
//
// A field is required unless its json tag has omitzero or it has the struct tag
// `required:"false"`. It has no value when it is zero: an empty string, a zero
// number or time, a nil slice, map or pointer. A boolean always has one. The
// fields of a required struct are looked at in any case, those of other structs,
// of slices and behind pointers when these are not zero. A nil pointer v counts
// as a struct without any value.
//
// Of a type that the package does not know, Missing says nothing; Encode does.
func Missing(v any) []string {
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer {
		if rv.IsNil() {
			rv = reflect.Zero(rv.Type().Elem())
		} else {
			rv = rv.Elem()
		}
	}
	if rv.Kind() != reflect.Struct {
		return nil
	}
	p, err := structPlan(rv.Type())
	if err != nil {
		return nil
	}
	return missing(nil, p, rv, 0)
}

// missing appends paths that begin at v. The callers add their step to those,
// so that a path costs something only when it is needed.
func missing(out []string, p *plan, v reflect.Value, depth int) []string {
	if depth > maxDepth { // a value that contains itself, which Encode refuses
		return out
	}
	switch p.kind {
	case kindPointer:
		if !v.IsNil() {
			return missing(out, p.elem, v.Elem(), depth+1)
		}
	case kindSlice:
		if k := p.elem.kind; k != kindStruct && k != kindPointer && k != kindSlice {
			break
		}
		for i := range v.Len() {
			n := len(out)
			if out = missing(out, p.elem, v.Index(i), depth+1); len(out) > n {
				prefix(out[n:], indexStep(i))
			}
		}
	case kindStruct:
		for i := range p.fields {
			f := &p.fields[i]
			fv := v.Field(f.index)
			if f.plan.isZero(fv) {
				switch {
				case !f.required || f.plan.kind == kindBool:
					continue
				case f.plan.kind != kindStruct:
					out = append(out, f.goName)
					continue
				}
			}
			n := len(out)
			if out = missing(out, f.plan, fv, depth+1); len(out) > n {
				prefix(out[n:], f.goName)
			}
		}
	}
	return out
}

func prefix(paths []string, step string) {
	for i, path := range paths {
		paths[i] = joinPath(step, path)
	}
}
