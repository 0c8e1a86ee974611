package main

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDescribe(t *testing.T) {
	const src = `package p
import "io"
type kind int
type Kind string
const (
	A Kind = "a"
	b Kind = "b"
	C = 1 << iota
)
var (
	Err error
	hidden int
)
func F(ctx io.Reader, more ...string) (n int, err error) { return 0, nil }
func G[T any, K comparable](m map[K]T) []T { return nil }
func helper() {}
type base struct {
	Shared int ` + "`json:\"shared\"`" + `
	secret int
}
func (b *base) Reset() {}
type S struct {
	base
	io.Writer
	Name string ` + "`json:\"name,omitzero\"`" + `
	key  []byte
}
func (s S) String() string { return "" }
func (s *S) Set(name string) {}
func (s *S) unseen() {}
type List[T any] struct{ Items []T }
func (l *List[T]) Add(item T) {}
type Doer interface{ Do(n int) error; io.Closer }
type Sealed interface{ Is(); is() }
type Number interface{ ~int | ~float64 }
type Alias = map[string]int
`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, 0)
	require.NoError(t, err)
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	pkg, err := conf.Check("example.org/m/p", fset, []*ast.File{file}, nil)
	require.NoError(t, err)
	require.Equal(t, strings.Split(strings.TrimSpace(`
const A Kind = "a"
const C untyped int = 4
func F(io.Reader, ...string) (int, error)
func G[T any, K comparable](map[K]T) []T
method (*List) Add(T)
method (*S) Reset()
method (*S) Set(string)
method (S) String() string
method (S) Write([]byte) (int, error)
type Alias = map[string]int
type Doer interface
type Doer interface, method Close() error
type Doer interface, method Do(int) error
type Kind string
type List struct, field Items []T
type List[T any] struct
type Number interface
type Number interface, of ~int | ~float64
type S struct
type S struct, embedded io.Writer
type S struct, field Name string `+"`json:\"name,omitzero\"`"+`
type S struct, field Shared int `+"`json:\"shared\"`"+`
type Sealed interface
type Sealed interface, method Is()
type Sealed interface, only this package implements it
var Err error
`), "\n"), describe(pkg, "example.org/m"))
}

func TestCompare(t *testing.T) {
	have := map[string][]string{"a.txt": {"func F()", "func G()"}, "gone.txt": {"var V int"}}
	want := map[string][]string{"a.txt": {"func G()", "func H()"}, "new.txt": {"var W int"}}
	require.Equal(t, "- a.txt: func F()\n+ a.txt: func H()\n- gone.txt: var V int\n+ new.txt: var W int\n", compare(have, want))
	require.Empty(t, compare(have, have))
}
