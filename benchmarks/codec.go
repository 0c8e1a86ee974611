package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/seed-433ec77c/ivsrealtime"
)

// codecs measures reading and writing JSON alone: goal 3. Ours cannot be called
// from outside of the package, so that its own benchmark runs, by turns with
// go-json-experiment here, on the same bytes and types.
func codecs(p plan) ([]row, error) {
	dir, err := os.MkdirTemp("", "benchmarks")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "root.test")
	if out, err := exec.Command("go", "-C", rootDir, "test", "-c", "-o", binary, ".").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the tests of the root module: %w\n%s", err, out)
	}

	decoded := []struct {
		file   string
		newOut func() any
	}{
		{"stage-small.json", func() any { return new(ivsrealtime.GetStageOutput) }},
		{"stage-full.json", func() any { return new(ivsrealtime.GetStageOutput) }},
		{"participants-100.json", func() any { return new(ivsrealtime.ListParticipantsOutput) }},
	}
	experiment := make([]func() error, len(decoded))
	for i, d := range decoded {
		body, err := answerFile(d.file)
		if err != nil {
			return nil, err
		}
		raw := []byte(body)
		experiment[i] = func() error { return json.Unmarshal(raw, d.newOut()) }
	}

	rounds, turn, benchtime := max(1, p.rounds/3), p.turn, p.turn.String()
	if p.rounds == 0 {
		benchtime = "1000x" // enough for the allocations
	}
	ours := map[string]*figures{}
	theirs := make([]figures, len(decoded))
	times := make([]int, len(decoded))
	for i := range experiment {
		theirs[i].name = "go-json-experiment"
		if theirs[i].allocs, _, err = allocations(experiment[i]); err != nil {
			return nil, err
		}
		if times[i], err = calibrate(experiment[i], turn); err != nil {
			return nil, err
		}
	}
	for range rounds {
		if err := runBenchmark(binary, "^BenchmarkCodec$", benchtime, ours); err != nil {
			return nil, err
		}
		for i := range experiment {
			wall, _, err := spent(times[i], experiment[i])
			if err != nil {
				return nil, err
			}
			theirs[i].wall = append(theirs[i].wall, float64(wall)/float64(times[i]))
		}
	}

	figure := func(name string) figures {
		if f := ours["BenchmarkCodec/"+name]; f != nil {
			return *f
		}
		err = errors.Join(err, fmt.Errorf("the root module has no BenchmarkCodec/%s", name))
		return figures{}
	}
	var rows []row
	for i, d := range decoded {
		f := figure("decode/" + d.file)
		rows = append(rows, info(3, "decode "+d.file+": allocations", fmt.Sprint(f.allocs), allocsOf(theirs[i:i+1])))
		if p.rounds > 0 {
			rows = append(rows, timeAtMost(3, "decode "+d.file+": time", f, theirs[i], 1/2.5))
		}
	}
	for _, name := range []string{"GetStage", "StartComposition"} {
		f, std := figure("encode/"+name+"/ours"), figure("encode/"+name+"/encoding-json")
		std.name = "encoding/json"
		rows = append(rows, atMost(3, "encode the input of "+name+": allocations", f.allocs, 1, ""))
		if p.rounds > 0 {
			rows = append(rows, timeAtMost(3, "encode the input of "+name+": time", f, std, 1/1.5))
		}
	}
	return rows, err
}

// runBenchmark runs benchmarks of a test binary of the root module once and adds
// their figures to all.
func runBenchmark(binary, pattern, benchtime string, all map[string]*figures) error {
	cmd := exec.Command(binary, "-test.run", "^$", "-test.bench", pattern, "-test.benchtime", benchtime)
	cmd.Dir = rootDir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", pattern, err, out)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := fields[0]
		if i := strings.LastIndexByte(name, '-'); i >= 0 {
			if _, err := strconv.Atoi(name[i+1:]); err == nil { // GOMAXPROCS
				name = name[:i]
			}
		}
		f := all[name]
		if f == nil {
			f = &figures{name: name}
			all[name] = f
		}
		for i := 2; i+1 < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("%s: %q: %w", name, line, err)
			}
			switch fields[i+1] {
			case "ns/op":
				f.wall = append(f.wall, v)
			case "allocs/op":
				f.allocs = v
			case "B/op":
				f.bytes = v
			}
		}
	}
	return nil
}
