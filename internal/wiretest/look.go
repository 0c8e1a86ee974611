// Package wiretest is for the tests that hold the JSON code against encoding/json.
package wiretest

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Look says what of a valid text encoding/json treats otherwise than we do: it
// folds the case of names and merges duplicates, and has its own limit of depth.
type Look struct {
	Folds, Duplicates bool
	Depth             int
}

// LookAt looks at a text, which is decoded into a type whose members have these
// names.
func LookAt(data []byte, names []string) (l Look) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	type level struct {
		names map[string]bool // nil in an array
		value bool            // the next token is a value, not a name
	}
	var open []level
	for {
		token, err := dec.Token()
		if err != nil {
			return l
		}
		if n := len(open); n > 0 && open[n-1].names != nil && token != json.Delim('}') {
			if top := &open[n-1]; top.value {
				top.value = false
			} else {
				name := token.(string)
				l.Duplicates = l.Duplicates || top.names[name]
				for _, known := range names {
					l.Folds = l.Folds || name != known && strings.EqualFold(name, known)
				}
				top.names[name], top.value = true, true
				continue
			}
		}
		switch token {
		case json.Delim('{'):
			open = append(open, level{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, level{})
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
		l.Depth = max(l.Depth, len(open))
	}
}
