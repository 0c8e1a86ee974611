// Command api keeps the exported declarations of every package of this module
// in api/, a line each, so that no change of them goes unseen. It compares, and
// with -update writes them anew. Run it at the root of the module.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/importer"
	"go/token"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// dir has a file for each package.
const dir = "api"

func main() {
	log.SetFlags(0)
	update := flag.Bool("update", false, "write the files anew")
	flag.Parse()
	want, err := describeAll()
	if err != nil {
		log.Fatal(err)
	}
	if *update {
		if err := write(want); err != nil {
			log.Fatal(err)
		}
		return
	}
	have, err := read()
	if err != nil {
		log.Fatal(err)
	}
	if diff := compare(have, want); diff != "" {
		log.Fatalf("the exported declarations are not those of %s/ (-); if the change is wanted, run \"make update\" and commit it:\n%s", dir, diff)
	}
}

// describeAll describes the packages that users can import, by file name.
func describeAll() (map[string][]string, error) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Name,Export,DepOnly,Module", "./...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	exports := map[string]string{} // by import path
	var paths []string
	var module string
	for list := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Name, Export string
			DepOnly                  bool
			Module                   struct{ Path string }
		}
		if err := list.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly && p.Name != "main" && !slices.Contains(strings.Split(p.ImportPath, "/"), "internal") {
			paths = append(paths, p.ImportPath)
			module = p.Module.Path
		}
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	described := map[string][]string{}
	for _, path := range paths {
		pkg, err := imp.Import(path)
		if err != nil {
			return nil, err
		}
		name := strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(path, module), "/"), "/", "-")
		if name == "" {
			name = pkg.Name()
		}
		described[name+".txt"] = describe(pkg, module)
	}
	return described, nil
}

func read() (map[string][]string, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, err
	}
	have := map[string][]string{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		have[filepath.Base(name)] = strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	}
	return have, nil
}

func write(want map[string][]string) error {
	have, err := read()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name := range have {
		if want[name] == nil {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	for name, lines := range want {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// compare lists the lines that only one side has; "" when there are none.
func compare(have, want map[string][]string) string {
	all := map[string]bool{}
	for _, side := range []map[string][]string{have, want} {
		for name := range side {
			all[name] = true
		}
	}
	var diff strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, line := range have[name] {
			if !slices.Contains(want[name], line) {
				fmt.Fprintf(&diff, "- %s: %s\n", name, line)
			}
		}
		for _, line := range want[name] {
			if !slices.Contains(have[name], line) {
				fmt.Fprintf(&diff, "+ %s: %s\n", name, line)
			}
		}
	}
	return diff.String()
}
