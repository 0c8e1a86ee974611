package ivsrealtimetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// check collects what is wrong with an input: a method for each kind of
// constraint of the API model, called with the member's name, its value and the
// constraint's numbers. The messages have the form of the service's, and never
// repeat a value. Where a name alone does not say which member is meant, its
// place follows in brackets.
type check struct {
	violations *[]string
	path       string // of the structure that is being checked: "" or "a.b[2]."

	// members returns the structure as the JSON that was sent had it. It tells a 0
	// or "" that was sent from a member that was left out, which the typed input
	// cannot. Parsing a second time is put off until something asks.
	members func() map[string]any
}

func newCheck(body []byte) *check {
	return &check{violations: new([]string), members: sync.OnceValue(func() map[string]any {
		var m map[string]any
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		_ = d.Decode(&m) // wire.Decode has found the body valid, or there is none
		return m
	})}
}

// member returns a check of the structure in the member of this name.
func (c *check) member(name string) *check {
	return &check{violations: c.violations, path: c.path + name + ".", members: sync.OnceValue(func() map[string]any {
		m, _ := c.members()[name].(map[string]any)
		return m
	})}
}

// item returns a check of the i-th structure of the list in the member.
func (c *check) item(name string, i int) *check {
	return &check{violations: c.violations, path: fmt.Sprintf("%s%s[%d].", c.path, name, i), members: sync.OnceValue(func() map[string]any {
		list, _ := c.members()[name].([]any)
		if i >= len(list) {
			return nil
		}
		m, _ := list[i].(map[string]any)
		return m
	})}
}

// nulls finds the nulls in the lists and maps of the input, which the model does not
// allow there. A null member of a structure is one that was left out.
func (c *check) nulls(body []byte, input reflect.Type) {
	if bytes.Contains(body, []byte("null")) {
		c.nullsIn(c.members(), input)
	}
}

func (c *check) nullsIn(members map[string]any, input reflect.Type) {
	for i := range input.NumField() {
		name, _, _ := strings.Cut(input.Field(i).Tag.Get("json"), ",")
		typ := input.Field(i).Type
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		switch value := members[name].(type) {
		case []any:
			for i, element := range value {
				if element == nil {
					c.fail(fmt.Sprintf("%s[%d]", name, i), "must not be null")
				} else if m, ok := element.(map[string]any); ok {
					c.item(name, i).nullsIn(m, typ.Elem())
				}
			}
		case map[string]any:
			if typ.Kind() == reflect.Struct {
				c.member(name).nullsIn(value, typ)
			} else if slices.Contains(slices.Collect(maps.Values(value)), nil) {
				c.fail(name, "values must not be null")
			}
		}
	}
}

// sent reports whether the request has the member, with a value that is not null.
func (c *check) sent(name string) bool { return c.members()[name] != nil }

func (c *check) fail(name, constraint string, args ...any) {
	violation := fmt.Sprintf(constraint, args...)
	full := c.path + name
	leaf := name
	if i := strings.IndexByte(leaf, '['); i >= 0 {
		leaf = leaf[:i]
	}
	if leaf != full && violation != mustBeSpecified {
		violation += " (" + full + ")"
	}
	c.add("Request member: " + strings.ToUpper(leaf[:1]) + leaf[1:] + " failed to satisfy the constraints: " + violation)
}

// add adds a violation that has a text of its own.
func (c *check) add(violation string) { *c.violations = append(*c.violations, violation) }

// mustBeSpecified is the service's own text for a member that is missing.
const mustBeSpecified = "must be specified"

// err returns the ValidationException for everything found so far, or nil.
func (c *check) err() error {
	if len(*c.violations) == 0 {
		return nil
	}
	return newError(codeValidation, "%s", strings.Join(*c.violations, "; "))
}

// validationError is the error of a single constraint.
func validationError(name, constraint string) error {
	c := newCheck(nil)
	c.fail(name, "%s", constraint)
	return c.err()
}

// required checks that a member whose typed value is zero was sent.
func (c *check) required(name string, isZero bool) {
	if isZero && !c.sent(name) {
		c.fail(name, mustBeSpecified)
	}
}

// str checks a string's length, in characters, and its pattern.
func (c *check) str(name, v string, shortest, longest int, p pattern) {
	if v != "" || c.sent(name) {
		c.element(name, v, shortest, longest, p)
	}
}

// element checks a string of a list, which was sent.
func (c *check) element(name, v string, shortest, longest int, p pattern) {
	if n := utf8.RuneCountInString(v); n < shortest {
		c.fail(name, "must have length greater than or equal to %d", shortest)
	} else if n > longest {
		c.fail(name, "must have length less than or equal to %d", longest)
	}
	if p.match != nil && !p.match(v) {
		c.fail(name, "must satisfy regular expression pattern: %s", p.text)
	}
}

// arn checks a required ARN of a resource of the given kind, such as "stage".
func (c *check) arn(name, v, kind string) {
	c.required(name, v == "")
	c.str(name, v, 1, 128, arnPattern(kind))
}

// num checks an integer's range.
func (c *check) num(name string, v, least, greatest int32) {
	switch {
	case v == 0 && !c.sent(name):
	case v < least:
		c.fail(name, "must have value greater than or equal to %d", least)
	case v > greatest:
		c.fail(name, "must have value less than or equal to %d", greatest)
	}
}

// count checks the number of items of a list or map.
func (c *check) count(name string, n, most int) {
	if n > most {
		c.fail(name, "must have length less than or equal to %d", most)
	}
}

// page checks the members that all List operations have.
func (c *check) page(nextToken string, maxResults, most int32) {
	c.str("nextToken", nextToken, 0, 1024, pageTokenPattern)
	c.num("maxResults", maxResults, 1, most)
}

// enum is a type of the root package with a set of values.
type enum[E any] interface {
	~string
	Values() []E
}

// checkEnum checks that v is one of its type's values.
func checkEnum[E enum[E]](c *check, name string, v E) {
	if v != "" || c.sent(name) {
		enumItem(c, name, v)
	}
}

// checkEnums checks the length and the values of a list.
func checkEnums[E enum[E]](c *check, name string, list []E, most int) {
	c.count(name, len(list), most)
	for i, v := range list {
		enumItem(c, fmt.Sprintf("%s[%d]", name, i), v)
	}
}

func enumItem[E enum[E]](c *check, name string, v E) {
	var known []string
	for _, k := range v.Values() {
		known = append(known, string(k))
	}
	if !slices.Contains(known, string(v)) {
		c.fail(name, "must satisfy enum value set: [%s]", strings.Join(known, ", "))
	}
}

// pattern is a regular expression of the API model, which applies to the whole
// string, with a function that does the same without compiling it.
type pattern struct {
	text  string
	match func(string) bool // nil: anything matches
}

var (
	anything         = pattern{}
	namePattern      = pattern{"[a-zA-Z0-9-_]*", isName}
	bucketPattern    = pattern{"[a-z0-9-.]+", isBucket}
	sessionIDPattern = pattern{"st-[a-zA-Z0-9]+", isSessionID}
	pageTokenPattern = pattern{"[a-zA-Z0-9+/=_-]*", isPageToken}
)

// arnPattern is the pattern of the ARNs of a kind of resource.
func arnPattern(kind string) pattern {
	return pattern{
		text:  "arn:aws:ivs:[a-z0-9-]+:[0-9]+:" + kind + "/[a-zA-Z0-9-]+",
		match: func(s string) bool { return arnKind(s) == kind },
	}
}

// anyARN is what the model's pattern for the resources of tags must mean; taken
// literally it allows a kind of one letter only.
var anyARN = pattern{
	text:  "arn:aws:ivs:[a-z0-9-]+:[0-9]+:[a-z-]+/[a-zA-Z0-9-]+",
	match: func(s string) bool { return arnKind(s) != "" },
}

// arnKind returns the kind of resource that an ARN names, and "" for a string
// that is not an ARN of this service.
func arnKind(s string) string {
	rest, ok := strings.CutPrefix(s, "arn:aws:ivs:")
	region, rest, ok1 := strings.Cut(rest, ":")
	account, rest, ok2 := strings.Cut(rest, ":")
	kind, id, ok3 := strings.Cut(rest, "/")
	ok = ok && ok1 && ok2 && ok3 &&
		someOf(region, func(b byte) bool { return isLower(b) || isDigit(b) || b == '-' }) &&
		someOf(account, isDigit) &&
		someOf(kind, func(b byte) bool { return isLower(b) || b == '-' }) &&
		someOf(id, func(b byte) bool { return isNameChar(b) && b != '_' })
	if !ok {
		return ""
	}
	return kind
}

func isName(s string) bool { return allOf(s, isNameChar) }

func isBucket(s string) bool {
	return someOf(s, func(b byte) bool { return isLower(b) || isDigit(b) || b == '-' || b == '.' })
}

func isSessionID(s string) bool {
	id, ok := strings.CutPrefix(s, "st-")
	return ok && someOf(id, func(b byte) bool { return isNameChar(b) && b != '-' && b != '_' })
}

func isPageToken(s string) bool {
	return allOf(s, func(b byte) bool { return isNameChar(b) || b == '+' || b == '/' || b == '=' })
}

func someOf(s string, class func(byte) bool) bool { return s != "" && allOf(s, class) }

func allOf(s string, class func(byte) bool) bool {
	for i := range len(s) {
		if !class(s[i]) {
			return false
		}
	}
	return true
}

func isLower(b byte) bool { return 'a' <= b && b <= 'z' }
func isDigit(b byte) bool { return '0' <= b && b <= '9' }
func isNameChar(b byte) bool {
	return isLower(b) || 'A' <= b && b <= 'Z' || isDigit(b) || b == '-' || b == '_'
}
