package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/seed-433ec77c/ivsrealtime/internal/redact"
)

// verdict is what a run found out about a row.
type verdict string

const (
	asAssumed    verdict = "as assumed"
	differs      verdict = "differs"
	notReachable verdict = "not reachable"
)

// finding is a row of the report.
type finding struct {
	row      *row
	verdict  verdict
	why      string    // what was wanted, or why the row could not be reached
	response *response // that shows it, or nil
	created  []kind
	calls    int // without those that delete
}

// report is what a run ends with.
type report struct {
	run      string
	findings []finding
	left     []string // what could not be deleted
	sent     int      // requests
	hide     func(string) string
}

// named returns the behaviours with a verdict.
func (r *report) named(v verdict) []string {
	var found []string
	for _, f := range r.findings {
		if f.verdict == v {
			found = append(found, f.row.behaviour)
		}
	}
	return found
}

// write prints the report in the form of the table in package ivsrealtimetest.
func (r *report) write(w io.Writer) {
	const form = "%-86s  %-12s  %s\n"
	fmt.Fprintf(w, form, "Behaviour", "Evidence", "Found")
	section := ""
	for _, f := range r.findings {
		if f.row.section != section {
			section = f.row.section
			fmt.Fprintf(w, "\n%s\n", section)
		}
		fmt.Fprintf(w, form, f.row.behaviour, f.row.evidence, f.verdict)
		if f.why != "" {
			fmt.Fprintf(w, "    %s\n", r.hide(f.why))
		}
		if f.response != nil {
			for line := range strings.Lines(r.hide(f.response.String())) {
				fmt.Fprintf(w, "    | %s\n", strings.TrimSuffix(line, "\n"))
			}
		}
	}
	fmt.Fprintf(w, "\n%d as assumed, %d differ, %d not reachable; %d requests in run %s.\n",
		len(r.named(asAssumed)), len(r.named(differs)), len(r.named(notReachable)), r.sent, r.run)
	if len(r.left) == 0 {
		fmt.Fprintln(w, "Everything that the run created is deleted.")
		return
	}
	fmt.Fprintf(w, "NOT DELETED, try -clean %s:\n", r.run)
	for _, left := range r.left {
		fmt.Fprintf(w, "    %s\n", r.hide(left))
	}
}

// maxShown is how much of a body the report shows.
const maxShown = 4000

// shown is a body as the report shows it: literally, except for secret fields.
func shown(body []byte) string {
	text := string(body)
	if json.Valid(body) {
		text = redact.Body(body)
	}
	if len(text) > maxShown {
		text = text[:maxShown] + "..."
	}
	return text
}

// String is the request and the response as the report shows them. The header of the
// request, which differs only in its signature, is left out.
func (r *response) String() string {
	var b strings.Builder
	path := r.request.path
	if r.request.query != "" {
		path += "?" + r.request.query
	}
	fmt.Fprintf(&b, "%s %s %s\n", r.request.method, path, shown(r.request.body))
	fmt.Fprintf(&b, "%d %s\n", r.status, http.StatusText(r.status))
	header := redact.Header(r.header)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(header[name], ", "))
	}
	if len(r.body) > 0 {
		b.WriteString(shown(r.body) + "\n")
	}
	return b.String()
}

var (
	accountInARN = regexp.MustCompile(`(arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:)\d{12}`)
	looksSecret  = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]*|\brt_\d+_[\w-]+`)
)

// hider returns a function that masks in a text the credentials, whatever looks like
// a token or stream key, and the account.
func hider(creds aws.Credentials) func(string) string {
	var secrets []string
	for _, secret := range []string{creds.SessionToken, creds.SecretAccessKey, creds.AccessKeyID} {
		if secret != "" {
			secrets = append(secrets, secret, redact.Mask)
		}
	}
	known := strings.NewReplacer(secrets...)
	return func(text string) string {
		text = redact.Text(known.Replace(text))
		text = looksSecret.ReplaceAllLiteralString(text, redact.Mask)
		return accountInARN.ReplaceAllString(text, "${1}111122223333")
	}
}
