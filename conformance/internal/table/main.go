// Command table prints the table of what was compared from the file that package
// tally wrote, given as its argument.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: table FILE")
	}
	f, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	var rows []tally.Row
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var row tally.Row
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			log.Fatal(err)
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
	slices.SortStableFunc(rows, func(a, b tally.Row) int {
		return cmp.Or(cmp.Compare(a.Area, b.Area), cmp.Compare(a.What, b.What), cmp.Compare(a.With, b.With))
	})
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "area\tcompared\twith\tcases\tlisted\tdifferences")
	var total tally.Row
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\n", r.Area, r.What, r.With, r.Cases, r.Listed, r.Differences)
		total.Cases += r.Cases
		total.Listed += r.Listed
		total.Differences += r.Differences
	}
	fmt.Fprintf(w, "all\t\t\t%d\t%d\t%d\n", total.Cases, total.Listed, total.Differences)
	if err := w.Flush(); err != nil {
		log.Fatal(err)
	}
}
