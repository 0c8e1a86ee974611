// Command mutate makes one small change at a time to a package and reports the
// changes that its tests do not notice. Run it as `make mutate PKG=./internal/redact`.
//
// It does not touch the tree. It builds the tests once, with an overlay that holds
// all changes (mutants), and runs them once for each mutant, which an environment
// variable switches on. A survivor is a missing test or an equivalent mutant, which
// behaves like the original.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

var (
	every = flag.Int("every", 1, "try only every such mutant: 10 is a tenth of them")
	only  = flag.String("only", "", `try only mutants whose "file:line: kind" matches this expression`)
	skip  = flag.String("skip", "", "tests to leave out, as in go test -skip")
)

// listed is what go list prints about a package.
type listed struct {
	ImportPath, Dir, Name, Export string
	GoFiles                       []string
}

func main() {
	log.SetFlags(0)
	if flag.Parse(); flag.NArg() != 1 {
		log.Fatal("usage: mutate [flags] package")
	}
	tmp := must(os.MkdirTemp("", "mutate"))
	run(flag.Arg(0), tmp)
	must(0, os.RemoveAll(tmp))
}

// must returns v. On an error it ends the program; the temporary files stay.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

func run(pattern, tmp string) {
	pkg, exports := list(pattern)
	wanted := must(regexp.Compile(*only))
	mutants := slices.DeleteFunc(find(pkg, exports), func(m *mutant) bool { return m.id%*every != 0 || !wanted.MatchString(m.String()) })
	found := len(mutants)
	mutants = build(tmp, pkg, mutants)
	start := time.Now()
	must(0, test(tmp, pkg.Dir, 0, 10*time.Minute))
	limit := max(5*time.Second, 10*time.Since(start))
	survived := 0
	for _, m := range mutants {
		if test(tmp, pkg.Dir, m.id, limit) == nil {
			survived++
			fmt.Printf("SURVIVED %s\n%s", m, m.diff())
		}
	}
	fmt.Printf("%s: tried %d, killed %d, survived %d; %d more do not compile\n",
		pkg.ImportPath, len(mutants), len(mutants)-survived, survived, found-len(mutants))
}

// list returns a package and, by import path, the export data of what it imports.
func list(pattern string) (pkg listed, exports map[string]string) {
	exports = map[string]string{}
	out := must(command("go", "list", "-deps", "-export", "-json=ImportPath,Dir,Name,Export,GoFiles", pattern))
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); exports[pkg.ImportPath] = pkg.Export {
		pkg = listed{} // the last one is what pattern names
		must(0, d.Decode(&pkg))
	}
	return pkg, exports
}

// support is a file of the changed package, in which mutants ask for their number.
const support = `package %s
import ("os"; "strconv")
var mutantN, _ = strconv.Atoi(os.Getenv("MUTANT"))
func mutantIf[T any](n int, changed, original T) T { if mutantN == n { return changed }; return original }
`

// build builds the tests, and returns the mutants that compile: none of a line at
// which the compiler reports an error.
func build(tmp string, pkg listed, mutants []*mutant) []*mutant {
	for {
		code := map[string]string{"mutant_support.go": fmt.Sprintf(support, pkg.Name)}
		for _, m := range mutants {
			code[m.file] = m.src
		}
		overlay := map[string]string{}
		for name, src := range code {
			overlay[filepath.Join(pkg.Dir, name)] = filepath.Join(tmp, name)
			must(0, os.WriteFile(filepath.Join(tmp, name), []byte(render(name, src, mutants)), 0o600))
		}
		must(0, os.WriteFile(tmp+"/overlay.json", must(json.Marshal(map[string]any{"Replace": overlay})), 0o600))
		_, err := command("go", "test", "-c", "-vet=off", "-gcflags=-e", "-overlay", tmp+"/overlay.json", "-o", tmp+"/test", pkg.ImportPath)
		if err == nil {
			return mutants
		}
		before := len(mutants)
		if mutants = slices.DeleteFunc(mutants, func(m *mutant) bool { return strings.Contains(err.Error(), fmt.Sprintf("%s:%d:", m.file, m.line)) }); len(mutants) == before {
			log.Fatal(err)
		}
	}
}

// test runs the tests with one mutant switched on; 0 is none. Their memory is
// limited, because a mutant may allocate in an endless loop.
func test(tmp, dir string, id int, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", `ulimit -v 8000000; exec "$0" "$@"`, tmp+"/test", "-test.failfast", "-test.skip="+*skip)
	cmd.Dir = dir
	// A test that builds a program builds it with the mutant.
	cmd.Env = append(os.Environ(), fmt.Sprint("MUTANT=", id), "GOFLAGS=-overlay="+tmp+"/overlay.json")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

func command(name string, args ...string) ([]byte, error) {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return out, nil
}

// mutant is one change: text replaces src[from:to]. The overlay has before and
// after around what is replaced, which switch the change on.
type mutant struct {
	id, line, from, to       int
	file, kind               string
	src, text, before, after string
}

func (m *mutant) String() string { return fmt.Sprintf("%s:%d: %s", m.file, m.line, m.kind) }

// diff shows the lines that the change touches.
func (m *mutant) diff() string {
	from := strings.LastIndexByte(m.src[:m.from], '\n') + 1
	to := m.to + strings.IndexByte(m.src[m.to:]+"\n", '\n')
	return "- " + m.src[from:to] + "\n+ " + m.src[from:m.from] + m.text + m.src[m.to:to] + "\n"
}

// render puts the mutants of a file into its source, and keeps the lines. Where
// they are nested the outer one is earlier in the list.
func render(file, src string, mutants []*mutant) string {
	before, after := make([]string, len(src)+1), make([]string, len(src)+1)
	for _, m := range mutants {
		if m.file == file {
			before[m.from] += m.before
			after[m.to] = m.after + after[m.to]
		}
	}
	var out strings.Builder
	for i := range before {
		out.WriteString(after[i] + before[i] + src[i:min(i+1, len(src))])
	}
	return out.String()
}

// finder finds mutants in one file.
type finder struct {
	file, src string
	fset      *token.FileSet
	info      *types.Info
	pkg       *types.Package
	mutants   []*mutant
}

// find returns the mutants of a package, except in generated files.
func find(pkg listed, exports map[string]string) []*mutant {
	f := finder{fset: token.NewFileSet(), info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}}
	var files []*ast.File
	for _, name := range pkg.GoFiles {
		files = append(files, must(parser.ParseFile(f.fset, filepath.Join(pkg.Dir, name), nil, parser.ParseComments)))
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	conf := types.Config{Importer: importer.ForCompiler(f.fset, "gc", open)}
	f.pkg = must(conf.Check(pkg.ImportPath, f.fset, files, f.info))
	for i, file := range files {
		f.file = pkg.GoFiles[i]
		f.src = string(must(os.ReadFile(filepath.Join(pkg.Dir, f.file))))
		if !ast.IsGenerated(file) {
			ast.PreorderStack(file, nil, f.visit)
		}
	}
	return f.mutants
}

func (f *finder) text(n ast.Node) string {
	return f.src[f.fset.Position(n.Pos()).Offset:f.fset.Position(n.End()).Offset]
}

func (f *finder) add(kind string, from, to token.Pos, text, before, after string) {
	if strings.Contains(before, "\n") {
		return // render keeps the lines
	}
	at := f.fset.Position(from)
	m := &mutant{len(f.mutants) + 1, at.Line, at.Offset, f.fset.Position(to).Offset, f.file, kind, f.src, text, before, after}
	m.before = strings.ReplaceAll(before, "ID", fmt.Sprint(m.id))
	m.after = strings.ReplaceAll(after, "ID", fmt.Sprint(m.id))
	f.mutants = append(f.mutants, m)
}

func (f *finder) visit(n ast.Node, stack []ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec, *ast.ArrayType, *ast.StructType:
		return false
	case *ast.GenDecl:
		return n.Tok != token.CONST
	case *ast.FuncDecl:
		f.returnEarly(n)
	case *ast.BlockStmt:
		f.dropStatements(n.List, stack[len(stack)-1])
	case *ast.CaseClause:
		f.dropStatements(n.Body, nil)
	case *ast.CommClause:
		f.dropStatements(n.Body, nil)
	case *ast.IfStmt:
		if _, ok := n.Cond.(*ast.BinaryExpr); !ok { // else a comparison, or parts of it, are changed
			f.negate("negate condition", n.Cond, "!("+f.text(n.Cond)+")")
		}
	case *ast.ReturnStmt:
		if last := len(n.Results) - 1; last >= 0 {
			if tv := f.info.Types[n.Results[last]]; !tv.IsNil() && tv.Type == types.Universe.Lookup("error").Type() {
				f.replace("forget error", n.Results[last], "nil")
			}
		}
	case *ast.BinaryExpr:
		f.binary(n)
	case *ast.BasicLit:
		f.constant(n)
	case *ast.Ident:
		if n.Name == "true" || n.Name == "false" {
			f.negate("swap", n, "!"+n.Name)
		}
	}
	return true
}

// returnEarly makes a function return zero values at once.
func (f *finder) returnEarly(n *ast.FuncDecl) {
	if n.Body == nil || len(n.Body.List) == 0 {
		return
	}
	ret, at := "return", n.Body.Lbrace+1
	if n.Type.Results != nil && n.Type.Results.List[0].Names == nil {
		for i, r := range n.Type.Results.List {
			ret += []string{" ", ", "}[min(i, 1)] + "*new(" + f.text(r.Type) + ")"
		}
	}
	f.add("return early", at, at, " "+ret, "if mutantN == ID { "+ret+" };", "")
}

// dropStatements drops each statement of a list that no declaration and no missing
// return can depend on. parent is what the list is the block of.
func (f *finder) dropStatements(list []ast.Stmt, parent ast.Node) {
	p, isIf := parent.(*ast.IfStmt)
	for _, s := range list {
		ok := false
		switch s := s.(type) {
		case *ast.AssignStmt:
			ok = s.Tok != token.DEFINE
		case *ast.BranchStmt:
			ok = s.Tok != token.FALLTHROUGH
		case *ast.ReturnStmt:
			ok = isIf && p.Else == nil
		case *ast.ExprStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.DeferStmt, *ast.GoStmt:
			ok = true
		}
		if ok {
			f.add("drop statement", s.Pos(), s.End(), "", "if mutantN != ID { ", " }")
		}
	}
}

func (f *finder) negate(kind string, e ast.Expr, text string) {
	f.add(kind, e.Pos(), e.End(), text, "((mutantN == ID) != (", "))")
}

// replace puts text, of the same type, in the place of an expression. Both are
// evaluated.
func (f *finder) replace(kind string, e ast.Expr, text string) {
	t := types.TypeString(types.Default(f.info.TypeOf(e)), func(p *types.Package) string {
		if p == f.pkg {
			return ""
		}
		return p.Name()
	})
	f.add(kind, e.Pos(), e.End(), text, "mutantIf["+t+"](ID, "+text+", ", ")")
}

var (
	opposite = map[token.Token]string{token.EQL: "!=", token.NEQ: "==", token.LSS: ">=", token.GEQ: "<", token.GTR: "<=", token.LEQ: ">"}
	boundary = map[token.Token]string{token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">"}
	other    = map[token.Token]string{token.ADD: "-", token.SUB: "+", token.MUL: "+", token.QUO: "*", token.REM: "*", token.AND: "|", token.OR: "&", token.SHL: ">>", token.SHR: "<<"}
)

func (f *finder) binary(n *ast.BinaryExpr) {
	tv := f.info.Types[n]
	if tv.Value != nil {
		return // a constant; its parts are changed
	}
	x, y := f.text(n.X), f.text(n.Y)
	change := func(kind, text string) {
		f.add(kind, n.Pos(), n.End(), text, "(mutantN == ID && ("+text+") || mutantN != ID && (", "))")
	}
	switch {
	case n.Op == token.LAND || n.Op == token.LOR:
		change("only the left side", x)
		change("only the right side", y)
	case opposite[n.Op] != "":
		f.negate("negate comparison", n, x+" "+opposite[n.Op]+" "+y)
		if boundary[n.Op] != "" {
			change("move boundary", x+" "+boundary[n.Op]+" "+y)
		}
	case other[n.Op] != "" && !strings.Contains(x+y, "(") && tv.Type.Underlying().(*types.Basic).Info()&types.IsNumeric != 0:
		f.replace("change arithmetic", n, x+" "+other[n.Op]+" "+y)
	}
}

func (f *finder) constant(n *ast.BasicLit) {
	more := " + 1)"
	if n.Kind == token.STRING {
		more = ` + "mutant")`
	}
	f.replace("change constant", n, "("+n.Value+more)
}
