// Command live checks the behaviours of package ivsrealtimetest against an endpoint:
// the table in the documentation of that package, row by row, as far as the API
// alone can show it. Against AWS it settles what the fake can only assume.
//
//	go run ./live -region us-east-1 -bucket my-recordings
//
// It takes credentials from where the AWS SDKs take them. It says what it will create
// and delete, and asks before it does so, unless the endpoint is on this machine. The
// report shows for each row whether the service does as assumed, differs, with the
// literal response, or could not be reached. Credentials, tokens, stream keys and the
// number of the account are masked in it.
//
// The exit code is 0 if nothing differs, 1 if something differs or is not deleted or the
// run was interrupted, and 2 if it did not start.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second interrupt ends the program at once
	code, err := run(ctx, systemClock{}, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "live:", err)
	}
	os.Exit(code)
}

var errUsage = errors.New("nothing was done")

// run is the command. It returns the exit code.
func run(ctx context.Context, clock clock, args []string, in io.Reader, out, log io.Writer) (int, error) {
	flags := flag.NewFlagSet("live", flag.ContinueOnError)
	flags.SetOutput(log)
	endpoint := flags.String("endpoint", "", "base `URL` of the API; AWS, in the region, if it is empty")
	region := flags.String("region", "", "`region`, if not that of the environment or the profile")
	profile := flags.String("profile", "", "`profile` of the shared configuration")
	bucket := flags.String("bucket", "", "`name` of an S3 bucket of the account in the region, for compositions and recording")
	burst := flags.Bool("burst", false, "also provoke throttling: exceed the rate of two operations for a moment")
	yes := flags.Bool("yes", false, "do not ask")
	only := flags.String("run", "", "run only the checks of behaviours that match the `expression`")
	clean := flags.String("clean", "", "only delete what is left of the `run` of this name")
	if err := flags.Parse(args); err != nil {
		return 2, errUsage
	}
	if flags.NArg() > 0 {
		return 2, fmt.Errorf("unknown argument %q: want flags only", flags.Arg(0))
	}
	if *clean != "" && !runForm.MatchString(*clean) {
		return 2, fmt.Errorf("-clean %q: want the name of a run, such as %s", *clean, newRunID())
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return 2, fmt.Errorf("-run: %w", err)
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(*region), config.WithSharedConfigProfile(*profile))
	if err != nil {
		return 2, err
	}
	base, err := baseURL(*endpoint, cfg.Region)
	if err != nil {
		return 2, err
	}
	creds, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return 2, fmt.Errorf("no credentials: %w", err)
	}
	r := &runner{
		caller: &caller{
			endpoint: base, region: cfg.Region, credentials: creds, clock: clock, signer: v4.NewSigner(),
			// A redirect is a response like others, and nothing signed follows it.
			http: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		},
		rows: slices.DeleteFunc(table(), func(r row) bool { return !wanted.MatchString(r.behaviour) }), run: newRunID(), bucket: *bucket, burst: *burst, hide: hider(creds), log: log,
	}
	if *clean != "" {
		r.run, r.rows = *clean, nil
		fmt.Fprintf(log, "Deleting what is left of run %s at %s.\n", r.run, base.Redacted())
	} else {
		r.announce(log)
	}
	if !*yes && !onThisMachine(base) {
		fmt.Fprint(log, `Type "yes" to go on: `)
		if line, _ := bufio.NewReader(in).ReadString('\n'); strings.TrimSpace(line) != "yes" {
			return 2, errUsage
		}
	}
	if err := r.ready(ctx); err != nil {
		return 2, err
	}
	context.AfterFunc(ctx, func() {
		fmt.Fprintf(log, "\nInterrupted: deleting what there is. Another interrupt ends at once; -clean %s deletes later.\n", r.run)
	})
	rep := r.all(ctx)
	rep.write(out)
	if len(rep.named(differs)) > 0 || len(rep.left) > 0 || ctx.Err() != nil {
		return 1, nil
	}
	return 0, nil
}

var (
	runForm    = regexp.MustCompile(`^` + runTag + `-[0-9a-f]{8}$`)
	regionForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

// baseURL returns the URL of the API.
func baseURL(endpoint, region string) (*url.URL, error) {
	if !regionForm.MatchString(region) {
		return nil, fmt.Errorf("region %q: want -region or AWS_REGION, such as us-east-1", region)
	}
	if endpoint == "" {
		endpoint = "https://ivsrealtime." + region + ".amazonaws.com"
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("-endpoint is not a URL of scheme, host and path, such as http://localhost:8080")
	}
	return u, nil
}

// onThisMachine reports whether only this machine is concerned.
func onThisMachine(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
