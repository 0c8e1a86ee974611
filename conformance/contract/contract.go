// Package contract holds the API of Amazon IVS Real-Time as a table, which knows
// nothing of the library nor of the official client.
package contract

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

//go:embed contract.json
var table []byte

// Contract is the API.
type Contract struct {
	SDKID          string              `json:"sdkId"`
	APIVersion     string              `json:"apiVersion"`
	EndpointPrefix string              `json:"endpointPrefix"`
	SigningName    string              `json:"signingName"`
	Operations     []Operation         `json:"operations"` // sorted by name
	Structs        map[string][]Member `json:"structs"`    // inputs and outputs among them
	Enums          map[string][]string `json:"enums"`
	Errors         map[string]Error    `json:"errors"`       // that operations name
	CommonErrors   map[string]Error    `json:"commonErrors"` // that any AWS service may answer with
}

// Operation is one operation.
type Operation struct {
	Name   string `json:"name"`
	Method string `json:"method"`
	Path   string `json:"path"`
	// Errors are the names of the errors that the operation documents.
	Errors []string `json:"errors"`
	// Items names the member of the output that holds a page; empty when the
	// operation does not page.
	Items    string `json:"items"`
	MaxItems int    `json:"maxItems"`
	// Idempotent says that a repeated call does no harm.
	Idempotent bool `json:"idempotent"`
	// Since is the day of the addition of what the official client compared with
	// does not have; empty for all else.
	Since string `json:"since"`
}

// Error is a kind of error.
type Error struct {
	Status int    `json:"status"`
	Fault  string `json:"fault"` // client, server; unknown for the common errors
}

// Type is the type of a value.
type Type struct {
	Kind Kind `json:"type"`
	// Of names the enum or struct.
	Of string `json:"of"`
	// Key is of a map, Element of a list or a map.
	Key     *Type `json:"key"`
	Element *Type `json:"element"`
	// Min and Max limit a number, the characters of a string, the elements of a
	// list or map.
	Min     *int   `json:"min"`
	Max     *int   `json:"max"`
	Pattern string `json:"pattern"` // of the whole string
	Secret  bool   `json:"secret"`
}

// Kind is the kind of a Type.
type Kind string

// The kinds.
const (
	Bool   Kind = "bool"
	Int    Kind = "int"   // of 32 bits
	Float  Kind = "float" // of 32 bits
	String Kind = "string"
	Time   Kind = "time" // an ISO 8601 string
	Enum   Kind = "enum"
	List   Kind = "list"
	Map    Kind = "map" // of string to string
	Struct Kind = "struct"
)

// Member is a member of a struct.
type Member struct {
	Name string `json:"name"`
	Type
	Required bool `json:"required"`
	// Default is what the service takes when the member is absent, in words.
	Default string `json:"default"`
	// In says where a member goes that is not in the JSON: path or query.
	In string `json:"in"`
	// IdempotencyToken says that clients fill it in.
	IdempotencyToken bool `json:"idempotencyToken"`
}

// Load returns the contract, which nobody may change.
var Load = sync.OnceValue(func() *Contract {
	var c Contract
	d := json.NewDecoder(strings.NewReader(string(table)))
	if err := d.Decode(&c); err != nil {
		panic("contract.json: " + err.Error())
	}
	return &c
})

// Input returns the members of an operation's input.
func (c *Contract) Input(op string) []Member { return c.Structs[op+"Input"] }

// Output returns the members of an operation's output.
func (c *Contract) Output(op string) []Member { return c.Structs[op+"Output"] }

// Operation returns the operation of that name.
func (c *Contract) Operation(name string) (Operation, bool) {
	i := slices.IndexFunc(c.Operations, func(o Operation) bool { return o.Name == name })
	if i < 0 {
		return Operation{}, false
	}
	return c.Operations[i], true
}

// Official returns the operations that the official client has.
func (c *Contract) Official() []Operation {
	return slices.DeleteFunc(slices.Clone(c.Operations), func(o Operation) bool { return o.Since != "" })
}
