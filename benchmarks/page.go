package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// Marks of the part of the page that is written by the command.
const (
	beginMark = "<!-- begin: written by make bench -->\n"
	endMark   = "<!-- end: written by make bench -->\n"
)

// writePage puts the table between the marks of a file.
func writePage(name string, rows []row, took time.Duration, p plan) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(b), beginMark)
	_, after, ok2 := strings.Cut(rest, endMark)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no marks to write between", name)
	}
	text := before + beginMark + "\n" + setting(took, p) + "\n" + markdownTable(rows) + "\n" + endMark + after
	return os.WriteFile(name, []byte(text), 0o644)
}

// setting says when, where and with what was measured.
func setting(took time.Duration, p plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s in %.0f minutes, on %s/%s with %d processors and %s: %d rounds of %v a variant.\n",
		time.Now().UTC().Format("2 January 2006"), took.Minutes(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), p.rounds, p.turn)
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b.String()
	}
	b.WriteString("Versions:")
	separator := " "
	for _, m := range info.Deps {
		switch strings.TrimPrefix(m.Path, "github.com/aws/") {
		case "aws-sdk-go-v2", "aws-sdk-go-v2/service/ivsrealtime", "aws-sdk-go-v2/service/lambda", "smithy-go", "github.com/go-json-experiment/json":
			fmt.Fprintf(&b, "%s%s %s", separator, strings.TrimPrefix(m.Path, "github.com/"), m.Version)
			separator = ", "
		}
	}
	b.WriteString(".\n")
	return b.String()
}
