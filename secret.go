package ivsrealtime

import (
	"fmt"
	"log/slog"
)

// redacted is what a Secret shows in place of its value.
const redacted = "[REDACTED]"

// Secret is a string that does not print: participant tokens and stream keys
// have this type. string(s) reveals the value and nothing else does: every fmt
// verb, log/slog (text and JSON), encoding/json and encoding.TextMarshaler give
// [REDACTED], at any depth of a struct, slice or map. A service that hands a
// token to a browser therefore converts it first, and finds out at once if it
// forgot:
//
//	json.NewEncoder(w).Encode(map[string]string{"token": string(t.Token)})
//
// Two limits: fmt's %p and %T do not look at the value, and code that reads
// unexported struct fields by reflection (a Secret stored in an unexported
// field and printed with %v among them) goes past the methods of any type.
type Secret string

// String returns [REDACTED].
func (Secret) String() string { return redacted }

// GoString returns [REDACTED].
func (Secret) GoString() string { return redacted }

// Format writes [REDACTED], whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue returns [REDACTED] as a string value.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON returns the JSON string "[REDACTED]". Decoding JSON into a Secret
// keeps the value that was sent.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText returns [REDACTED], which covers map keys, XML and other encoders
// that ask for text.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
