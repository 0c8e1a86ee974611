package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// program is what one of the programs under startup costs before main, and on disk.
type program struct {
	allocs, bytes float64
	size          float64
}

// startup measures what importing a client costs: goal 8.
func startup(plan) ([]row, error) {
	dir, err := os.MkdirTemp("", "benchmarks")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", dir+string(filepath.Separator), "./startup/...")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	programs := map[string]program{}
	for _, name := range []string{"bare", "ours-one", "ours-all", "official-one", "official-all"} {
		if programs[name], err = weigh(filepath.Join(dir, name)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	// What it costs more than the bare program.
	more := func(name string) program {
		p, bare := programs[name], programs["bare"]
		return program{p.allocs - bare.allocs, p.bytes - bare.bytes, p.size - bare.size}
	}
	ours, theirs := more("ours-all"), more("official-all")
	return []row{
		atMost(8, "start-up: allocations more than bare net/http", ours.allocs, 80, ""),
		atMost(8, "start-up: bytes more than bare net/http", ours.bytes/1000, 30, "kB"),
		info(8, "the same, of the others", "", fmt.Sprintf("%.0f and %.0f kB official", theirs.allocs, theirs.bytes/1000)),
		atMostOf(8, "binary growth, every operation called", ours.size/1e6, "official", theirs.size/1e6, 0.6, "MB"),
		atMostOf(8, "binary growth, one operation called", more("ours-one").size/1e6, "official", more("official-one").size/1e6, 1, "MB"),
		info(8, "bare net/http: allocations, bytes, size", "", fmt.Sprintf("%.0f, %.0f kB, %.1f MB", programs["bare"].allocs, programs["bare"].bytes/1000, programs["bare"].size/1e6)),
	}, nil
}

// weigh runs a program and adds up what the runtime says of each package's
// initialization.
func weigh(path string) (p program, err error) {
	file, err := os.Stat(path)
	if err != nil {
		return p, err
	}
	p.size = float64(file.Size())
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return p, fmt.Errorf("%w\n%s", err, out)
	}
	// init net/http @0.44 ms, 0.021 ms clock, 6464 bytes, 91 allocs
	packages := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) != 11 || fields[0] != "init" || fields[8] != "bytes," || fields[10] != "allocs" {
			continue
		}
		size, err1 := strconv.ParseFloat(fields[7], 64)
		count, err2 := strconv.ParseFloat(fields[9], 64)
		if err1 != nil || err2 != nil {
			return p, fmt.Errorf("not understood: %s", line)
		}
		p.bytes, p.allocs = p.bytes+size, p.allocs+count
		packages++
	}
	if packages == 0 {
		return p, fmt.Errorf("the runtime traced no initialization:\n%s", out)
	}
	return p, nil
}
