// Package tally keeps count of what the tests of this module compared, for the
// table at the end of `make conformance`.
package tally

import (
	"encoding/json"
	"os"
	"testing"
)

// File names the file that Record appends to. Unset, as in `go test ./...`, the
// counts only show in the log of the test.
const File = "CONFORMANCE_TALLY"

// Row is one comparison.
type Row struct {
	// Area is the part of the behaviour: Surface, Requests, Answers, ...
	Area string `json:"area"`
	// What was compared, in a few words.
	What string `json:"what"`
	// With what: "official v1.30.0", "contract", "lambda v1.114.4", ...
	With string `json:"with"`
	// Cases is how many comparisons were made.
	Cases int `json:"cases"`
	// Listed is how many of them differed as a list of known differences says, with
	// its reason.
	Listed int `json:"listed"`
	// Differences is how many differed otherwise, which the test must report as
	// failures too.
	Differences int `json:"differences"`
}

// Record adds a row. A comparison that compared nothing is a failure.
func Record(t testing.TB, row Row) {
	t.Helper()
	if row.Cases == 0 {
		t.Errorf("%s: %s: nothing was compared", row.Area, row.What)
	}
	t.Logf("%s: %s: %d cases with %s, %d differences, %d listed", row.Area, row.What, row.Cases, row.With, row.Differences, row.Listed)
	name := os.Getenv(File)
	if name == "" {
		return
	}
	line, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	// One write of one line, so that packages that run side by side do not mix.
	if _, err := f.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
}
