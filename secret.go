package ivsrealtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
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
// Decoding JSON, XML and other text into a Secret keeps the value that was sent,
// except the mask: what holds [REDACTED] was printed somewhere before, and is an
// error instead of a token that no service accepts.
//
// Some code goes past the methods of any type, and shows the value:
//   - fmt with a verb that does not fit, which go vet reports: %p and %w of a
//     Secret, %s and %q of a pointer within a struct, slice or map.
//   - encoding/json with a Secret as the key of a map (as a value it is masked).
//   - database/sql, which stores the value, as a query argument.
//   - Reflection: encoding/gob, spew, and fmt with a Secret in an unexported field.
//     Differences of tests are made so: cmp.Diff, and the output of testify's
//     Equal when it fails.
type Secret string

// String returns [REDACTED].
func (Secret) String() string { return redacted }

// GoString returns [REDACTED].
func (Secret) GoString() string { return redacted }

// Format writes [REDACTED], whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue returns [REDACTED] as a string value.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON returns the JSON string "[REDACTED]".
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText returns [REDACTED], which covers XML, YAML and other encoders that
// ask for text.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalJSON sets s to a JSON string. null changes nothing. It is an error if
// the string holds [REDACTED], or if data is something else.
func (s *Secret) UnmarshalJSON(data []byte) error {
	var text *string
	if err := json.Unmarshal(data, &text); err != nil {
		return errors.New("decode a secret: want a JSON string") // err may quote data
	}
	if text == nil {
		return nil
	}
	return s.set(*text)
}

// UnmarshalText sets s to text, which covers XML, YAML and other decoders that
// look for it. It is an error if text holds [REDACTED].
func (s *Secret) UnmarshalText(text []byte) error { return s.set(string(text)) }

func (s *Secret) set(text string) error {
	if strings.Contains(text, redacted) {
		return errors.New("decode a secret: the value is " + redacted + ", which stands for one that was not printed")
	}
	*s = Secret(text)
	return nil
}
