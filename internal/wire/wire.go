// Package wire reads and writes the JSON of the IVS Real-Time API (restJson1),
// strictly.
//
// It exists because encoding/json is too lenient for a wire protocol (it folds
// the case of member names and merges duplicates), calls the methods of the
// types it meets (a redacting Secret would be sent redacted) and quotes input
// in its errors, where a token may stand.
//
// The types are plain Go structs. The fields may be strings, booleans, signed
// integers, floats (named types of these kinds too), time.Time, map[string]string,
// and structs, slices and pointers of these. Methods of the types are never called,
// except those of time.Time. The json tags say all that the package knows:
//
//   - `json:"name"` is a field that is always there: it is always written, an input
//     must not leave it zero ([Missing]), and an output has it ([DecodeOutput]).
//     Nested fields of outputs are not checked.
//   - `json:"name,omitzero"` is an optional field, which is not written when zero.
//   - `json:"name" required:"false"` is a field that is always written and may be zero.
//   - `json:"-"` is a field that is not part of the JSON.
//
// The layers: reader.go (with text.go, number.go and time.go) and append.go know JSON
// and no types. decode.go, encode.go and required.go drive them by reflection, from a
// plan that plan.go makes once for each type. walk.go, mask.go and errorbody.go read
// JSON whose form is not known.
package wire

import "strconv"

// maxDepth is how many objects and arrays may be open at once, skipped ones
// included. The API's own values nest to about six levels; the limit keeps the
// stack small whatever the input is.
const maxDepth = 100

// Limits of what one text may make of itself in memory. What is skipped does not
// count, as it takes none.
const (
	// maxElements is how many elements of arrays and entries of maps a text may have
	// in all. A page of 100 stages with 50 tags each has 5,100.
	maxElements = 10_000
	// maxObjects is how many objects it may have, maps among them. It is about members
	// that come again and again, each time with an object: elements have their own
	// limit, and no type has more than a handful of objects an element.
	maxObjects = 100_000
	// maxReserved is after how many elements that a Capacity has made room for the
	// next ones guess no longer.
	maxReserved = 1024
	// maxInvalid is how many bytes may be no UTF-8, each of which becomes three.
	maxInvalid = 1 << 20
	// maxName is the length of the longest name that is kept.
	maxName = 64
)

const (
	tooDeep         = "nested deeper than 100 levels"
	tooManyElements = "more than 10000 elements in lists and maps"
	tooManyObjects  = "more than 100000 objects"
	tooManyInvalid  = "more than 1 MiB of bytes that are not UTF-8"

	noNumber    = "NaN and infinities have no JSON"
	yearOutside = "year outside of 0 to 9999"
)

// Error says why a text could not be decoded or a value not be encoded. It
// holds nothing of the text, which may be secret: only types, offsets and
// the path, which has only names that the types have.
type Error struct {
	// Path leads to the member in wire names, such as stages[3].tags[#0]: a map's
	// entry is given by its position, for its key may be anything. The path stops
	// at the parent of a member that the type does not have, and is empty for the
	// value as a whole.
	Path string
	// Offset is the index of the byte in the input at which the error was
	// noticed, and -1 if the error is not about an input.
	Offset int
	// Msg is what is wrong there.
	Msg string
}

// Error returns path, message and offset, such as
//
//	stages[3].name: want a string, got a number (byte 123)
func (e *Error) Error() string {
	s := e.Msg
	if e.Path != "" {
		s = e.Path + ": " + s
	}
	if e.Offset >= 0 {
		s += " (byte " + strconv.Itoa(e.Offset) + ")"
	}
	return s
}

// in prefixes the path with the step that leads to it. Paths are built while
// an error travels up, so that they cost nothing when all is well.
func (e *Error) in(step string) *Error {
	e.Path = joinPath(step, e.Path)
	return e
}

func joinPath(step, rest string) string {
	if rest == "" || rest[0] == '[' {
		return step + rest
	}
	return step + "." + rest
}

func entryStep(i int) string { return "[#" + strconv.Itoa(i) + "]" }

func indexStep(i int) string { return "[" + strconv.Itoa(i) + "]" }
