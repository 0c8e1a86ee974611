package main

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// board prints what a tracker knows.
type board struct {
	out   io.Writer
	clear bool // the screen before it draws
}

func (b *board) draw(title string, lines []string, stats ivstracker.Stats) {
	if b.clear {
		fmt.Fprint(b.out, "\x1b[H\x1b[2J")
	}
	fmt.Fprintf(b.out, "\n── %s %s\n", title, strings.Repeat("─", max(2, 76-len([]rune(title)))))
	printAligned(b.out, append([]string{line("STAGE", "WHO", "STATE", "SINCE", "RECORDING", "NOTES")}, lines...))
	fmt.Fprintf(b.out, "events: %d with news, %d repeated or overtaken by later ones\n", stats.Applied, stats.Superseded+stats.Stale)
}

// printAligned prints lines whose columns are separated by tabs.
func printAligned(out io.Writer, lines []string) {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, l := range lines {
		fmt.Fprintln(w, l)
	}
	w.Flush() // to a strings.Builder: no error
	for l := range strings.Lines(text.String()) {
		fmt.Fprintln(out, strings.TrimRight(l, " \n"))
	}
}

// line makes a line of the board. What users call themselves is shown to an operator's
// terminal, which obeys control characters: they go.
func line(cells ...string) string {
	for i, c := range cells {
		cells[i] = strings.Map(func(r rune) rune {
			if unicode.IsPrint(r) {
				return r
			}
			return '·'
		}, c)
	}
	return strings.Join(cells, "\t")
}

// lines are the lines of the board: of each stage the newest session, who is known of
// in it, and the compositions of the stage.
func lines(s ivstracker.Snapshot) []string {
	names := map[string]string{}
	for _, st := range s.Stages {
		names[st.ARN] = cmp.Or(st.Name, path.Base(st.ARN)) // events have no names
	}
	slices.SortFunc(s.Stages, func(a, b ivstracker.Stage) int {
		return cmp.Or(cmp.Compare(names[a.ARN], names[b.ARN]), cmp.Compare(a.ARN, b.ARN))
	})
	var all []string
	for _, st := range s.Stages {
		name := names[st.ARN]
		if len(st.Sessions) == 0 {
			all = append(all, line(name, "(session)", "none yet", "", "", ""))
		} else {
			newest := st.Sessions[len(st.Sessions)-1]
			all = append(all, line(name, "(session)", string(newest.Status), clockTime(newest.EndTime), "", ""))
			slices.SortFunc(newest.Participants, func(a, b ivstracker.Participant) int {
				return cmp.Or(cmp.Compare(a.UserID, b.UserID), cmp.Compare(a.ParticipantID, b.ParticipantID))
			})
			for _, p := range newest.Participants {
				all = append(all, participantLine(name, p, st.Recordings, names))
			}
		}
		for _, c := range s.Compositions {
			if c.StageARN == st.ARN {
				all = append(all, compositionLines(name, c)...)
			}
		}
	}
	return all
}

func participantLine(stage string, p ivstracker.Participant, recordings []ivstracker.Recording, names map[string]string) string {
	state, since := "off", p.PublishTime
	switch {
	case p.Publishing:
		state = "publishing"
	case p.PublishError != nil:
		state, since = "failed", p.PublishError.Time
	}
	var recording string
	for _, r := range recordings { // the last one counts
		if r.ParticipantID == p.ParticipantID {
			recording = string(r.State)
		}
	}
	var notes []string
	if p.PublishError != nil {
		notes = append(notes, string(p.PublishError.Code))
	}
	if len(p.Capabilities) > 0 { // only events of an exchange have them
		notes = append(notes, fmt.Sprintf("exchanged the token, now %v", p.Capabilities))
	}
	if p.Replica {
		notes = append(notes, "a replica from "+cmp.Or(names[p.SourceStageARN], path.Base(p.SourceStageARN)))
	}
	for _, r := range p.Replications {
		if r.Active {
			notes = append(notes, "replicated to "+cmp.Or(names[r.DestinationStageARN], path.Base(r.DestinationStageARN)))
		}
	}
	return line(stage, cmp.Or(p.UserID, p.ParticipantID), state, clockTime(since), recording, strings.Join(notes, ", "))
}

func compositionLines(stage string, c ivstracker.Composition) []string {
	all := []string{line(stage, "(composition)", string(c.State), clockTime(c.Time), "", string(c.ErrorCode))}
	for _, d := range c.Destinations {
		all = append(all, line(stage, "  → "+d.ID, string(d.State), clockTime(d.Time), "", string(d.ErrorCode)))
	}
	return all
}

func clockTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.TimeOnly)
}

// difference returns the lines that only one of two boards has.
func difference(before, after []string) (gone, news []string) {
	without := func(from, lines []string) (left []string) {
		for _, l := range from {
			if !slices.Contains(lines, l) {
				left = append(left, l)
			}
		}
		return left
	}
	return without(before, after), without(after, before)
}

func marked(with string, lines []string) []string {
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		out = append(out, with+" "+l)
	}
	return out
}
