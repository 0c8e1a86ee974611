package ivsrealtime

import (
	"fmt"
	"log/slog"
)

// redacted is what a Secret shows in place of its value.
const redacted = "[REDACTED]"

// Secret is a string that does not print: participant tokens and stream keys
// have this type. string(s) reveals the value. fmt, log/slog (text and JSON),
// encoding/json, encoding/xml and whatever else asks for text give [REDACTED], at
// any depth of a struct, slice or map. A service that hands a token to a browser
// therefore converts it first, and finds out at once if it forgot:
//
//	json.NewEncoder(w).Encode(map[string]string{"token": string(t.Token)})
//
// Some code goes past the methods of any type, and shows the value:
//   - fmt with a verb that does not fit, which go vet reports: %p and %w of a
//     Secret, %s and %q of a pointer within a struct, slice or map.
//   - encoding/json with a Secret as the key of a map (as a value it is masked).
//   - Reflection: encoding/gob, spew, and fmt with a Secret in an unexported field.
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

// MarshalText returns [REDACTED], which covers XML, YAML and other encoders that
// ask for text.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
