package surface_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// declared are the exported names of a package, which reflection cannot list.
type declared struct {
	types, funcs []string
	constants    []string // of enums, as <type>.<constant>=<value>
}

// declarations reads the source of a package.
func declarations(t *testing.T, path string) declared {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", path).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", path, err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of %s: %v", path, err)
	}
	var d declared
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			d.add(decl)
		}
	}
	return d
}

func (d *declared) add(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv == nil && decl.Name.IsExported() {
			d.funcs = append(d.funcs, decl.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() {
					d.types = append(d.types, spec.Name.Name)
				}
			case *ast.ValueSpec:
				typ, named := spec.Type.(*ast.Ident)
				if decl.Tok == token.CONST && named && typ.IsExported() && len(spec.Values) == 1 {
					d.constants = append(d.constants, typ.Name+"."+spec.Names[0].Name+"="+spec.Values[0].(*ast.BasicLit).Value)
				}
			}
		}
	}
}
