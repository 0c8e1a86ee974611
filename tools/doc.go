// Package tools pins, in its go.mod, the tools that make check runs. Package mutate
// is a tool of its own, see make mutate.
package tools
