package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/internal/wiretest"
)

// codecs measures reading and writing JSON alone: goal 3. Ours cannot be called
// from outside of the package, so that its own benchmark runs, by turns with
// go-json-experiment here, on the same texts and types: answers whose IDs differ, as
// those to many calls do.
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

	// A process of its own takes a while to get warm: longer turns, fewer rounds.
	rounds, benchtime := max(1, p.rounds/4), (5 * p.turn).String()
	if p.rounds == 0 {
		benchtime = "1000x" // enough for the allocations
	}
	var rows []row
	for _, d := range []struct {
		file   string
		newOut func() any
	}{
		{"stage-small.json", func() any { return new(ivsrealtime.GetStageOutput) }},
		{"stage-full.json", func() any { return new(ivsrealtime.GetStageOutput) }},
		{"participants-100.json", func() any { return new(ivsrealtime.ListParticipantsOutput) }},
	} {
		body, err := answerFile(d.file)
		if err != nil {
			return nil, err
		}
		texts, i := wiretest.Variants([]byte(body), 100), 0
		experiment := func() error {
			i++
			return json.Unmarshal(texts[i%len(texts)], d.newOut())
		}
		theirs := figures{name: "go-json-experiment"}
		if theirs.allocs, _, err = allocations(experiment); err != nil {
			return nil, err
		}
		n, err := calibrate(experiment, 5*p.turn)
		if err != nil {
			return nil, err
		}
		var ours figures
		for range rounds {
			if err := runBenchmark(binary, "decode/"+d.file+"/ours", benchtime, &ours); err != nil {
				return nil, err
			}
			wall, _, err := spent(n, experiment)
			if err != nil {
				return nil, err
			}
			theirs.wall = append(theirs.wall, float64(wall)/float64(n))
		}
		rows = append(rows, info(3, "decode "+d.file+": allocations", fmt.Sprint(ours.allocs), allocsOf([]figures{theirs})))
		if p.rounds > 0 {
			rows = append(rows, timeAtMost(3, "decode "+d.file+": time", ours, theirs, 1/2.5))
		}
	}
	for _, input := range []string{"GetStage", "StartComposition"} {
		ours, std := figures{}, figures{name: "encoding/json"}
		for range rounds {
			if err := runBenchmark(binary, "encode/"+input+"/ours", benchtime, &ours); err != nil {
				return nil, err
			}
			if err := runBenchmark(binary, "encode/"+input+"/encoding-json", benchtime, &std); err != nil {
				return nil, err
			}
		}
		rows = append(rows, atMost(3, "encode the input of "+input+": allocations", ours.allocs, 1, ""))
		if p.rounds > 0 {
			rows = append(rows, timeAtMost(3, "encode the input of "+input+": time", ours, std, 1/1.5))
		}
	}
	return rows, nil
}

// runBenchmark runs one of BenchmarkCodec of the root module and adds to f.
func runBenchmark(binary, name, benchtime string, f *figures) error {
	pattern := "^BenchmarkCodec$"
	for part := range strings.SplitSeq(name, "/") {
		pattern += "/^" + regexp.QuoteMeta(part) + "$"
	}
	cmd := exec.Command(binary, "-test.run", "^$", "-test.bench", pattern, "-test.benchtime", benchtime)
	cmd.Dir = rootDir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	// BenchmarkCodec/decode/x-2  1234  987 ns/op  65.4 MB/s  321 B/op  12 allocs/op
	lines := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "BenchmarkCodec/") {
			continue
		}
		lines++
		for i := 2; i+1 < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("%q: %w", line, err)
			}
			switch fields[i+1] {
			case "ns/op":
				f.wall = append(f.wall, v)
			case "allocs/op":
				f.allocs = v
			}
		}
	}
	if lines != 1 {
		return fmt.Errorf("%s: %d benchmarks ran, want one\n%s", name, lines, out)
	}
	return nil
}
