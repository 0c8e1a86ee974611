package main

import (
	"os/exec"
	"strings"
)

// races runs the tests of the root module that goal 11 is about, under the race
// detector: one client and 64 goroutines; and every operation on both paths, whose
// requests must be equal byte by byte.
func races(plan) ([]row, error) {
	var rows []row
	for _, t := range []struct{ what, name string }{
		{"64 goroutines on one client, race detector", "TestConcurrentUse"},
		{"both paths byte-equal, every operation, race detector", "TestOperations"},
	} {
		out, err := exec.Command("go", "-C", rootDir, "test", "-race", "-count=1", "-v", "-run", "^"+t.name+"$", ".").CombinedOutput()
		r := row{goal: 11, what: t.what, ours: t.name, verdict: met}
		if err != nil || !ran(out, t.name) {
			r.verdict, r.note = failed, lastLine(out)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// ran reports whether the output of go test -v says that a test passed: a pattern
// that matches nothing is no failure to go test.
func ran(out []byte, name string) bool {
	return strings.Contains(string(out), "--- PASS: "+name+" ")
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}
