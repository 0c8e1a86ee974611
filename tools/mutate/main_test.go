package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

const (
	testedCode = `package p

// Word is half tested.
func Word(n int) (string, error) {
	if n < 0 || n > 1000 {
		return "", Err
	}
	return "w", nil
}
`
	testedErr  = "package p\n\nimport \"errors\"\n\nvar Err = errors.New(\"e\")\n"
	testedTest = `package p

import "testing"

func TestWord(t *testing.T) {
	if _, err := Word(-1); err != Err {
		t.Fatal(err)
	}
	for n := range 2 {
		if w, err := Word(n); w != "w" || err != nil {
			t.Fatal(w, err)
		}
	}
}
`
)

func TestSurvivors(t *testing.T) {
	dir, tmp := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{"go.mod": "module p\n\ngo 1.25\n", "p.go": testedCode, "err.go": testedErr, "p_test.go": testedTest} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("GOWORK", "off")
	pkg, exports := list(".")
	mutants := build(tmp, pkg, find(pkg, exports))
	if err := test(tmp, pkg.Dir, 0, time.Minute); err != nil {
		t.Fatal("the tests fail without a change:", err)
	}
	var survived []string
	for _, m := range mutants {
		if test(tmp, pkg.Dir, m.id, time.Minute) == nil {
			survived = append(survived, m.String()+"\n"+m.diff())
		}
	}
	want := []string{
		"p.go:5: only the left side\n- \tif n < 0 || n > 1000 {\n+ \tif n < 0 {\n",
		"p.go:5: move boundary\n- \tif n < 0 || n > 1000 {\n+ \tif n < 0 || n >= 1000 {\n",
		"p.go:5: change constant\n- \tif n < 0 || n > 1000 {\n+ \tif n < 0 || n > (1000 + 1) {\n",
		"p.go:6: change constant\n- \t\treturn \"\", Err\n+ \t\treturn (\"\" + \"mutant\"), Err\n",
		"err.go:5: change constant\n- var Err = errors.New(\"e\")\n+ var Err = errors.New((\"e\" + \"mutant\"))\n",
	}
	slices.Sort(survived)
	slices.Sort(want)
	if !slices.Equal(survived, want) {
		t.Errorf("of %d mutants these survived:\n%q\nwant\n%q", len(mutants), survived, want)
	}
}
