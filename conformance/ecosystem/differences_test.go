package ecosystem

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
)

// absent lists an id that our stack has not.
func absent(id, why string) difference {
	return difference{
		Since: "2026-11-25",
		What:  "no middleware " + id,
		Why:   why,
		Ours:  without(func(line string) bool { return line == id }),
	}
}

// Steps of the newest runtime that do nothing here.
var stackOfLambda = []difference{
	absent("setOperationInput", "it serves endpoints that depend on the input, which this service has not"),
	absent("ResolveEndpoint", "the older endpoint resolvers are not called"),
	absent("ResolveAuthScheme", "the service has one way to sign"),
	absent("disableHTTPS", "resolving the endpoint does it"),
	absent("setLegacyContextSigningOptions", "Signing reads what it sets by itself"),
}

const older = "the newest runtime has it no longer"

var stackDifferences = map[string][]difference{
	withLambda: stackOfLambda,
	withOfficial: append(slices.Clip(stackOfLambda),
		absent("spanInitializeStart", older), absent("spanInitializeEnd", older), absent("spanBuildRequestStart", older), absent("spanBuildRequestEnd", older), absent("spanRetryLoop", older),
		absent("RegisterServiceMetadata", older), absent("legacyEndpointContextSetter", older), absent("SetLogger", older),
		absent("ComputeContentLength", older), absent("SetCredentialSourceMiddleware", older), absent("AddTimeOffsetMiddleware", older),
		absent("RetryMetricsHeader", older), absent("ErrorCloseResponseBody", older), absent("CloseResponseBody", older),
	),
}

var validatesAlways = difference{
	Since: "2026-11-28",
	What:  "OperationInputValidation is in the stack of every operation",
	Why:   "a place that callers can rely on; inputs without a required member pass it",
	Ours: func(name string, ids []string) []string {
		if !strings.HasSuffix(name, ", Initialize") || slices.Contains(ids, "OperationInputValidation") {
			return ids
		}
		return append(slices.Clip(ids), "OperationInputValidation")
	},
}

// rewritten rewrites each line.
func rewritten(pattern, to string) func(string, []string) []string {
	re := regexp.MustCompile(pattern)
	return func(_ string, lines []string) []string {
		lines = slices.Clone(lines)
		for i := range lines {
			lines[i] = re.ReplaceAllString(lines[i], to)
		}
		return lines
	}
}

var (
	noResult = difference{
		Since: "2026-11-25",
		What:  "a step that fails gives no result with the error",
		Why:   "the runtimes give an empty or half-filled output",
		Ours:  rewritten(`result true, (status \S+ )?error (true|\*)`, "result false, ${1}error $2"),
	}
	noAnswer = difference{
		Since: "2026-11-25",
		What:  "without an answer there is no RawResponse and no awshttp.ResponseError",
		Why:   "the core makes an answer with the status 0",
		Ours:  rewritten(`status 0, error \*http\.\w+`, "status -1, error *http.RequestSendError"),
	}
	apiError = difference{
		Since: "2026-11-25",
		What:  "a code that the model does not know is an *ivsrealtime.APIError",
		Why:   "it knows the status too, and matches the sentinels",
		Ours:  rewritten(`\*smithy\.GenericAPIError`, "*ivsrealtime.APIError"),
	}
)

var placedDifferences = []difference{noResult, noAnswer, apiError}

var attemptResults = difference{
	Since: "2026-11-25",
	What:  "no retry.GetAttemptResults in the metadata",
	Why:   "only the core's own retry middleware can fill it; the request id and the times of the last attempt are there",
	Ours:  without(func(line string) bool { return strings.HasPrefix(line, "attempt results: ") }),
}

func helperDifferences(oracle string) []difference {
	list := []difference{attemptResults}
	if oracle == withOfficial {
		list = append(list, difference{
			Since: "2026-11-25",
			What:  "without the middleware Retry there is no Amz-Sdk-Request",
			Why:   "v1.30.0 sets it in middleware of its own, the newest runtime does as we do",
			Ours: func(name string, lines []string) []string {
				if name != "removing the retries" {
					return lines
				}
				lines = without(func(line string) bool { return strings.HasSuffix(line, " Amz-Sdk-Request: attempt=0") })(name, lines)
				return replaced("amz-sdk-request;", "")(name, lines)
			},
		})
	}
	return list
}

var noteDifferences = []difference{
	attemptResults,
	{
		Since: "2026-11-25",
		What:  noAnswer.What,
		Why:   noAnswer.Why,
		Ours: func(_ string, lines []string) (out []string) {
			out = make([]string, 0, len(lines))
			unanswered := false
			for _, l := range lines {
				if strings.HasPrefix(l, "attempt ") {
					attempt, rest, found := strings.Cut(l, ", status 0, length 0")
					if unanswered = found; found {
						l = attempt + " without an answer" + rest
					}
				}
				if !unanswered || !strings.HasPrefix(l, "raw response") {
					out = append(out, l)
				}
			}
			return out
		},
	},
}

var interceptorDifferences = []difference{{
	Since: "2026-11-25",
	What:  "interceptors see an output only of an answer that was decoded",
	Why:   noResult.Why,
	Ours: func(name string, lines []string) []string {
		lines = slices.Clone(lines)
		for i, l := range lines {
			hook, _, _ := strings.Cut(l, ":")
			decoded := strings.HasSuffix(l, "status 200") && !strings.HasPrefix(name, "unreadable") &&
				(hook == "AfterDeserialization" || hook == "AfterAttempt" || hook == "AfterExecution")
			if !decoded {
				lines[i] = strings.Replace(l, "output true", "output false", 1)
			}
		}
		return lines
	},
}}

var otelDifferences = []difference{{
	Since: "2026-11-25",
	What:  noAnswer.What,
	Why:   noAnswer.Why,
	Ours:  replaced(" http.response.status_code=0", ""),
}}

var (
	fault = difference{
		Since: "2026-11-25",
		What:  "the fault of a code that the model does not know follows from the status",
		Why:   "the core says unknown",
		Ours: func(name string, lines []string) []string {
			of := map[string]string{"refused": "client", "exhausted": "server", "status 400": "client", "status 503": "server"}[name]
			if of == "" {
				return lines
			}
			return replaced("api.error_fault=unknown", "api.error_fault="+of)(name, lines)
		},
	}
	// The older runtime has spans for what is before the attempts too.
	olderSpans = []difference{
		{
			Since: "2026-11-25",
			What:  "no spans Initialize and BuildRequest",
			Why:   older,
			Ours: func(name string, lines []string) []string {
				lines = without(func(l string) bool {
					return strings.Contains(l, "/Initialize kind ") || strings.Contains(l, "/BuildRequest kind ")
				})(name, lines)
				return replaced("/BuildRequest/", "/")(name, lines)
			},
		},
		{
			Since: "2026-11-25",
			What:  "one span RetryLoop and not two",
			Why:   older,
			Ours: func(name string, lines []string) []string {
				lines = without(func(l string) bool { return strings.Contains(l, "/RetryLoop/RetryLoop kind ") })(name, lines)
				return replaced("/RetryLoop/RetryLoop/", "/RetryLoop/")(name, lines)
			},
		},
	}
	sendErrors = difference{
		Since: "2026-11-25",
		What:  noAnswer.What,
		Why:   noAnswer.Why,
		Ours: func(name string, lines []string) []string {
			if name != "retried" && name != "no connection" {
				return lines
			}
			return replaced("exception.type=*http.ResponseError", "exception.type=*http.RequestSendError")(name, lines)
		},
	}
)

func spanDifferences(oracle string) []difference {
	if oracle == withOfficial {
		return append([]difference{fault}, olderSpans...)
	}
	return []difference{fault}
}

// countedErrors has the kinds by which the scenario "no connection" counts errors.
var countedErrors = difference{
	Since: "2026-11-25",
	What:  "the last attempt's error is counted by its own type",
	Why:   "the core counts it as a *retry.MaxAttemptsError, which says nothing of what went wrong",
	Ours: func(name string, lines []string) []string {
		if name != "no connection" {
			return lines
		}
		lines = without(func(l string) bool { return strings.Contains(l, "exception.type=*retry.MaxAttemptsError") })(name, lines)
		for i, l := range lines {
			if strings.Contains(l, "exception.type=*http.RequestSendError") {
				lines[i] = strings.Replace(l, "2 in all", "3 in all", 1)
			}
		}
		return lines
	},
}

var metricDifferences = []difference{sendErrors, countedErrors}

// line changes the line of describe that begins with prefix.
func line(prefix string, change func(s defaultsSetup, line string) string) func(defaultsSetup, []string) []string {
	return func(s defaultsSetup, lines []string) []string {
		lines = slices.Clone(lines)
		for i, l := range lines {
			if strings.HasPrefix(l, prefix) {
				lines[i] = change(s, l)
			}
		}
		return lines
	}
}

var defaultsDifferences = []rules.Difference[defaultsSetup, []string]{
	{
		Since: "2026-11-25",
		What:  "up to 100 idle connections per host",
		Why:   "with 10, a burst of callers dials a new connection for most of its calls",
		Ours:  line("idle ", func(_ defaultsSetup, l string) string { return strings.Replace(l, "per host 10,", "per host 100,", 1) }),
	},
	{
		Since: "2026-11-25",
		What:  "at most a minute until the headers of an answer, unless a read timeout is set",
		Why:   "the runtimes wait without end for a server that went away",
		Ours: line("header timeout 0s", func(s defaultsSetup, l string) string {
			if b, ok := s.cfg.HTTPClient.(*awshttp.BuildableClient); ok {
				if _, set := b.GetReadTimeout(); set {
					return l
				}
			}
			return "header timeout 1m0s"
		}),
	},
	{
		Since: "2026-11-25",
		What:  "Options().Retryer is as it was set, RetryMaxAttempts stands beside it",
		Why:   "so that options of a call can change either, and the mark in the user agent stays",
		Ours: line("retryer *retry.withMaxAttempts", func(s defaultsSetup, _ string) string {
			if s.cfg.RetryMode == aws.RetryModeAdaptive {
				return "retryer *retry.AdaptiveMode of 3 attempts"
			}
			return "retryer *retry.Standard of 3 attempts"
		}),
	},
	{
		Since: "2026-11-25",
		What:  "DefaultsMode leaves a dial timeout alone that the caller set",
		Why:   "what is set in code goes before a mode",
		Ours: line("dial timeout", func(s defaultsSetup, l string) string {
			if s.dialer != 0 {
				return "dial timeout " + s.dialer.String()
			}
			return l
		}),
	},
	{
		Since: "2026-11-25",
		What:  "DefaultsMode leaves a handshake timeout alone that the caller set",
		Why:   "what is set in code goes before a mode",
		Ours: line("handshake timeout", func(s defaultsSetup, l string) string {
			if s.tls != 0 {
				return "handshake timeout " + s.tls.String()
			}
			return l
		}),
	},
}

var loggedHeaders = regexp.MustCompile(`headers (.*), body`)

var logDifferences = []difference{{
	Since: "2026-11-25",
	What:  "requests and answers are logged with the headers that middleware sees, in order",
	Why:   "the core dumps the bytes, with the headers that net/http adds; ours masks secrets and keeps the structure",
	Ours: func(_ string, lines []string) []string {
		lines = slices.Clone(lines)
		for i, l := range lines {
			m := loggedHeaders.FindStringSubmatch(l)
			if m == nil {
				continue
			}
			names := slices.DeleteFunc(strings.Split(m[1], ", "), func(n string) bool { return n == "Content-Length" || n == "Accept-Encoding" })
			if names[0] == "Host" {
				slices.Sort(names[1:])
			}
			lines[i] = strings.Replace(l, m[1], strings.Join(names, ", "), 1)
		}
		return lines
	},
}}
