package ecosystem

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// What is written to the logger in each mode: the kind of each entry, the names
// of its headers and whether it has a body. Texts and values are our own.
func TestLogs(t *testing.T) {
	modes := map[string]aws.ClientLogMode{
		"none": 0, "signing": aws.LogSigning, "retries": aws.LogRetries, "requests": aws.LogRequest, "requests with bodies": aws.LogRequestWithBody,
		"answers": aws.LogResponse, "answers with bodies": aws.LogResponseWithBody, "deprecated": aws.LogDeprecatedUsage,
		"all": aws.LogRetries | aws.LogRequest | aws.LogRequestWithBody | aws.LogResponse | aws.LogResponseWithBody,
	}
	for _, oracle := range oracles {
		c := rules.Compare(t, tally.Row{Area: "Ecosystem", What: "logs", With: oracle.name}, logDifferences)
		for name, mode := range modes {
			for _, own := range []bool{false, true} { // the caller's middleware sets another logger
				for _, sc := range scenarios {
					play := func(s subject) (lines []string) {
						logger := func(who string) logging.Logger {
							return logging.LoggerFunc(func(class logging.Classification, format string, v ...any) {
								text := fmt.Sprintf(format, v...)
								require.NotContains(t, text, "SECRET")
								lines = append(lines, fmt.Sprintf("%s %s %s", who, class, entry(text)))
							})
						}
						with := setup{logMode: mode, logger: logger("client's")}
						if own {
							with.api = append(with.api, func(stack *middleware.Stack) error {
								// The official client of the service has one already.
								_, _ = stack.Initialize.Remove("SetLogger")
								return middleware.AddSetLoggerMiddleware(stack, logger("caller's"))
							})
						}
						_, _, _ = s.run(t, sc, with)
						return s.neutral(lines)
					}
					name := fmt.Sprintf("%s, %s, logger of its own %t", name, sc.name, own)
					c.Case(name, name, play(oracle), play(ours))
				}
			}
		}
		c.Done()
	}
}

// entry says what an entry is about.
func entry(text string) string {
	head, rest, _ := strings.Cut(text, "\n")
	if head != "Request" && head != "Response" {
		for word, means := range map[string]string{"Signature": "signing", "unretryable": "given up", "not retryable": "given up", "retrying": "retrying", "exhausted": "exhausted"} {
			if strings.Contains(text, word) {
				return means
			}
		}
		return head
	}
	rest = strings.ReplaceAll(rest, "\r", "")
	first, rest, _ := strings.Cut(rest, "\n")
	headers, body, _ := strings.Cut(rest, "\n\n")
	var names []string
	for l := range strings.Lines(headers) {
		n, _, _ := strings.Cut(l, ":")
		names = append(names, n)
	}
	return fmt.Sprintf("%s %s, headers %s, body %t", head, strings.Fields(first)[0], strings.Join(names, ", "), strings.TrimSpace(body) != "")
}
