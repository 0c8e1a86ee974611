package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// row is a behaviour of the fake's table, with the check of it, or the reason why
// there can be none.
type row struct {
	section   string
	behaviour string
	evidence  string

	beyond string // why the API alone cannot show it; "" for a row with a check

	creates []kind // what the check creates, at most
	calls   int    // how many calls it makes, at most, unless it has to wait or to try again; without those that delete
	bucket  bool   // whether it needs an S3 bucket
	burst   bool   // whether it exceeds a rate on purpose
	run     func(*probe)
}

// kind is a kind of resource.
type kind struct {
	name   string // in the plural
	create string // the operation
	field  string // of its response
	list   string
	items  string // the field of the list's response
	delete string
}

var (
	stages       = kind{"stages", "CreateStage", "stage", "ListStages", "stages", "DeleteStage"}
	encoders     = kind{"encoder configurations", "CreateEncoderConfiguration", "encoderConfiguration", "ListEncoderConfigurations", "encoderConfigurations", "DeleteEncoderConfiguration"}
	storages     = kind{"storage configurations", "CreateStorageConfiguration", "storageConfiguration", "ListStorageConfigurations", "storageConfigurations", "DeleteStorageConfiguration"}
	ingests      = kind{"ingest configurations", "CreateIngestConfiguration", "ingestConfiguration", "ListIngestConfigurations", "ingestConfigurations", "DeleteIngestConfiguration"}
	publicKeys   = kind{"public keys", "ImportPublicKey", "publicKey", "ListPublicKeys", "publicKeys", "DeletePublicKey"}
	compositions = kind{"compositions", "StartComposition", "composition", "ListCompositions", "compositions", "StopComposition"}
)

// kinds are all kinds, in the order in which they are deleted: what others refer to
// comes after these.
var kinds = []kind{compositions, stages, ingests, encoders, storages, publicKeys}

// runTag is the key of the tag that everything created has; its value is the run.
const runTag = "ivsrealtime-live"

// runner runs the checks.
type runner struct {
	caller *caller
	rows   []row
	run    string // names the run, and begins the name of everything that it creates
	bucket string // for recordings; "" for none
	burst  bool   // whether checks may exceed a rate
	hide   func(string) string
	log    io.Writer
}

func newRunID() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return runTag + "-" + hex.EncodeToString(b[:])
}

// why returns the reason for which a row is not run, or "".
func (r *runner) why(row *row) string {
	switch {
	case row.beyond != "":
		return "The API alone cannot show it: " + row.beyond + "."
	case row.bucket && r.bucket == "":
		return "It needs an S3 bucket of the account in the region: -bucket NAME."
	case row.burst && !r.burst:
		return "It exceeds the rate of an operation on purpose: -burst."
	}
	return ""
}

// announce says what a run will do.
func (r *runner) announce(w io.Writer) {
	checks, calls := 0, 0
	creates := map[string]int{}
	for i := range r.rows {
		if row := &r.rows[i]; r.why(row) == "" {
			checks++
			calls += row.calls
			for _, k := range row.creates {
				creates[k.name]++
			}
		}
	}
	creds := r.caller.credentials
	fmt.Fprintf(w, "Run %s: %d checks against %s, signed for %s with the credentials of %s (account %s).\n", r.run, checks, r.caller.endpoint.Redacted(), r.caller.region,
		cmp.Or(creds.Source, "the caller"), cmp.Or(creds.AccountID, "not known beforehand"))
	fmt.Fprintf(w, "It creates at most, few at a time, and deletes again:\n")
	total := 0
	for _, k := range kinds {
		if n := creates[k.name]; n > 0 {
			fmt.Fprintf(w, "    %3d %s\n", n, k.name)
			total += n
		}
	}
	fmt.Fprintf(w, "Each is named %s-... and has the tag %s=%s.\n", r.run, runTag, r.run)
	fmt.Fprintf(w, "It makes about %d calls, each operation at four fifths of its quota. An interrupt ends it, and it deletes what there is.\n", calls+total+len(kinds))
	fmt.Fprintln(w, "What it leaves: revoked connection tokens of invented IDs, and compositions that have ended, which the service removes.")
	if creates[compositions.name] > 0 {
		fmt.Fprintf(w, "Compositions cost money while they run, here seconds each, and may leave recordings in the bucket %s.\n", r.bucket)
	}
	if r.burst {
		fmt.Fprintln(w, "-burst: some checks exceed the rate of ListPublicKeys or RevokeConnectionToken for a moment. Others may be throttled then.")
	}
}

// ready returns an error if the service does not take the credentials.
func (r *runner) ready(ctx context.Context) error {
	resp, err := r.caller.call(ctx, operation(stages.list, obj{"maxResults": 1}))
	switch {
	case err != nil:
		return fmt.Errorf("no response to ListStages: %s", r.hide(err.Error()))
	case resp.status != http.StatusOK:
		return fmt.Errorf("the service does not take these credentials, or has no such region: %s", r.hide(resp.String()))
	}
	return nil
}

// all runs every check, until ctx is done. What a check created is deleted after it,
// even then.
func (r *runner) all(ctx context.Context) *report {
	rep := &report{run: r.run, hide: r.hide}
	for i := range r.rows {
		row := &r.rows[i]
		f := finding{row: row, verdict: notReachable, why: r.why(row)}
		switch {
		case f.why != "":
		case ctx.Err() != nil:
			f.why = "The run was interrupted before."
		default:
			fmt.Fprintf(r.log, "%s\n", row.behaviour)
			p := &probe{runner: r, ctx: ctx}
			before := r.caller.requests()
			f = p.check(row)
			f.calls = r.caller.requests() - before
			for _, m := range p.made {
				f.created = append(f.created, m.kind)
			}
			rep.left = append(rep.left, p.clean()...)
		}
		rep.findings = append(rep.findings, f)
	}
	rep.left = append(rep.left, r.sweep(ctx)...)
	rep.sent = r.caller.requests()
	return rep
}

// cleaning is a context for deleting, which an interrupt does not end.
func cleaning(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
}

// sweep finds what has the run's tag or name and deletes it: what a response that was
// lost would have told of. It returns what is left.
func (r *runner) sweep(ctx context.Context) (left []string) {
	ctx, cancel := cleaning(ctx)
	defer cancel()
	for _, k := range kinds {
		next := ""
		for {
			in := obj{"maxResults": 100}
			if next != "" {
				in["nextToken"] = next
			}
			resp, err := r.caller.call(ctx, operation(k.list, in))
			if err != nil || resp.status != http.StatusOK {
				left = append(left, fmt.Sprintf("perhaps %s: %s failed", k.name, k.list))
				break
			}
			list, _ := resp.get(k.items)
			items, _ := list.([]any)
			for i := range items {
				state := resp.text(k.items, i, "state")
				ended := k.name == compositions.name && state != "STARTING" && state != "ACTIVE"
				mine := resp.text(k.items, i, "tags", runTag) == r.run || strings.HasPrefix(resp.text(k.items, i, "name"), r.run+"-")
				if arn := resp.text(k.items, i, "arn"); mine && !ended {
					left = append(left, r.remove(ctx, k, arn)...)
				}
			}
			if next = resp.text("nextToken"); next == "" {
				break
			}
		}
	}
	return left
}

// remove deletes a resource. What something else still uses it tries again.
func (r *runner) remove(ctx context.Context, k kind, arn string) (left []string) {
	in := obj{"arn": arn}
	if k.name == ingests.name {
		in["force"] = true
	}
	for attempt := 1; ; attempt++ {
		resp, err := r.caller.call(ctx, operation(k.delete, in))
		switch {
		case err != nil:
			return []string{arn + ": " + err.Error()}
		case resp.status == http.StatusOK || resp.status == http.StatusNotFound:
			return nil
		case resp.status == http.StatusConflict && k == compositions:
			return nil // it ends already, or does so with its stage, which is next
		case resp.status != http.StatusConflict || attempt == 20:
			return []string{fmt.Sprintf("%s: %d %s", arn, resp.status, resp.code())}
		}
		if err := r.caller.clock.Sleep(ctx, 2*time.Second); err != nil {
			return []string{arn + ": " + err.Error()}
		}
	}
}

// probe is what a check looks at the service with. Its methods end the check, by a
// panic that check recovers, as soon as the verdict is clear: a check reads as the
// list of what it expects.
type probe struct {
	*runner
	ctx  context.Context
	row  *row
	made []made
}

type made struct {
	kind kind
	arn  string
}

type ended struct{ finding }

// check runs the check of a row.
func (p *probe) check(row *row) (f finding) {
	p.row = row
	defer func() {
		switch e := recover().(type) {
		case nil:
		case ended:
			f = e.finding
			f.row = row
		default: // a response that the check is not prepared for; what it created is still to be deleted
			f = finding{row: row, verdict: notReachable, why: fmt.Sprintf("The check fails: %v.", e)}
		}
	}()
	row.run(p)
	return finding{row: row, verdict: asAssumed}
}

func (p *probe) stop(v verdict, r *response, format string, args ...any) {
	panic(ended{finding{verdict: v, response: r, why: fmt.Sprintf(format, args...)}})
}

// want ends the check unless ok: the response is not what the fake would send.
func (p *probe) want(ok bool, r *response, format string, args ...any) {
	if ok {
		return
	}
	switch {
	case r.code() == "AccessDeniedException":
		p.stop(notReachable, r, "The credentials have no permission for %s.", r.request.operation)
	case r.code() == "ExpiredTokenException":
		p.stop(notReachable, r, "The credentials have expired.")
	case r.exhausted:
		p.stop(notReachable, r, "%s is throttled, however often it is called.", r.request.operation)
	}
	p.stop(differs, r, "want "+format, args...)
}

// do sends a request in its turn. A creation is not interrupted, so that its response
// tells what there is to delete.
func (p *probe) do(req *request) *response {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.create == req.operation })
	if err := p.ctx.Err(); err != nil {
		p.stop(notReachable, nil, "The run was interrupted.")
	}
	ctx := p.ctx
	if i >= 0 {
		ctx = context.WithoutCancel(ctx)
	}
	resp, err := p.caller.call(ctx, req)
	switch {
	case errors.Is(err, context.Canceled):
		p.stop(notReachable, nil, "The run was interrupted.")
	case err != nil:
		p.stop(notReachable, nil, "%s got no response: %v", req.operation, err)
	}
	if i >= 0 && resp.status == http.StatusOK {
		m := made{kinds[i], resp.text(kinds[i].field, "arn")}
		if m.arn != "" && !slices.Contains(p.made, m) {
			p.made = append(p.made, m)
		}
	}
	return resp
}

// call calls an operation and returns whatever comes back.
func (p *probe) call(name string, body any) *response { return p.do(operation(name, body)) }

// get calls an operation that must succeed for the check to go on.
func (p *probe) get(name string, body any) *response {
	r := p.call(name, body)
	if r.status != http.StatusOK {
		p.stop(notReachable, r, "%s fails, which the check builds upon.", name)
	}
	return r
}

// with adds to the input of a creation the name and the tag of the run, unless it has
// a name of its own.
func (p *probe) with(in obj) obj {
	out := obj{"name": fmt.Sprintf("%s-%d", p.run, len(p.made)), "tags": obj{runTag: p.run}}
	for name, value := range in {
		out[name] = value
	}
	return out
}

// create calls the operation that creates a resource, and returns whatever comes back.
func (p *probe) create(k kind, in obj) *response {
	in = p.with(in)
	if k.name == compositions.name {
		delete(in, "name") // it has none
	}
	return p.call(k.create, in)
}

// make creates a resource that the check needs, and returns its ARN.
func (p *probe) make(k kind, in obj) (arn string, r *response) {
	r = p.create(k, in)
	if arn = r.text(k.field, "arn"); r.status != http.StatusOK || arn == "" {
		p.stop(notReachable, r, "%s fails, which the check builds upon.", k.create)
	}
	return arn, r
}

// stage creates a stage and returns its ARN.
func (p *probe) stage() string {
	arn, _ := p.make(stages, nil)
	return arn
}

// clean deletes what the check created, the last first. It returns what is left.
func (p *probe) clean() (left []string) {
	ctx, cancel := cleaning(p.ctx)
	defer cancel()
	for _, k := range kinds {
		for _, m := range slices.Backward(p.made) {
			if m.kind == k {
				left = append(left, p.remove(ctx, k, m.arn)...)
			}
		}
	}
	return left
}

// sleep waits, by the clock of the run.
func (p *probe) sleep(d time.Duration) {
	if p.caller.clock.Sleep(p.ctx, d) != nil {
		p.stop(notReachable, nil, "The run was interrupted.")
	}
}
