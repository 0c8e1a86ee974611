// Package tools pins, in its go.mod, the tools that make check runs.
package tools
