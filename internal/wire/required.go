package wire

import "reflect"

// Missing returns the paths of the fields that v, a pointer to a struct, must not
// leave zero and does: those without omitzero in their tag, except booleans and
// structs, at any level. The paths consist of the names of the fields in Go, such as
// Destinations[1].S3.EncoderConfigurationARNs. The option `required:"false"` is for a
// field that is always written and may be zero.
func Missing(v any) ([]string, error) {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return nil, &Error{Offset: -1, Msg: "want a pointer to a struct"}
	}
	p, err := structPlan(target.Type().Elem())
	if err != nil {
		return nil, err
	}
	return p.missing(nil, target.Elem(), 0), nil
}

// missing appends the paths for v, a struct.
func (p *plan) missing(paths []string, v reflect.Value, depth int) []string {
	if depth > maxDepth { // Encode tells why this is an error
		return paths
	}
	for i := range p.fields {
		f := &p.fields[i]
		if !f.required && !f.hasParts {
			continue
		}
		fv, n := v.Field(f.index), len(paths)
		switch f.plan.kind {
		case kindStruct:
			if !f.omitZero || !fv.IsZero() {
				paths = within(f.plan.missing(paths, fv, depth+1), n, f.goName)
			}
			continue
		case kindPointer:
			if !fv.IsNil() && f.plan.elem.kind == kindStruct {
				paths = within(f.plan.elem.missing(paths, fv.Elem(), depth+1), n, f.goName)
			}
		case kindSlice:
			for i := 0; f.plan.elem.kind == kindStruct && i < fv.Len(); i++ {
				n := len(paths)
				if paths = f.plan.elem.missing(paths, fv.Index(i), depth+1); len(paths) > n {
					within(paths, n, f.goName+indexStep(i))
				}
			}
		}
		if f.required && f.plan.isZero(fv) {
			paths = append(paths, f.goName)
		}
	}
	return paths
}

// within puts a step in front of the paths from the index n on.
func within(paths []string, n int, step string) []string {
	for i := n; i < len(paths); i++ {
		paths[i] = joinPath(step, paths[i])
	}
	return paths
}
