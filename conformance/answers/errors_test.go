package answers_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/known"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// errorCase is one error answer.
type errorCase struct {
	op       contract.Operation
	code     string
	modelled bool // by the operation
	status   int
	place    string // where the code is
	text     string // where the message is
	answer   both.Answer
}

func (c errorCase) String() string {
	return fmt.Sprintf("%s: %s, status %d, code in %s, message in %s", c.op.Name, c.code, c.status, c.place, c.text)
}

// Where the code may be. The value is what to say there.
var places = map[string]func(code string) string{
	"header":                            func(code string) string { return code },
	"header in lower case":              strings.ToLower,
	"header with a URI":                 func(code string) string { return code + ":http://internal.amazon.com/coral/com.amazonaws.ivs/" },
	"header with a namespace":           func(code string) string { return "com.amazonaws.ivs#" + code },
	"header with a namespace and a URI": func(code string) string { return "com.amazonaws.ivs#" + code + ":http://internal.amazon.com/" },
	"header, another one in the body":   func(code string) string { return code },
	"__type":                            func(code string) string { return code },
	"__type with a namespace":           func(code string) string { return "com.amazonaws.ivs#" + code },
	"code":                              func(code string) string { return code },
	"code with a URI":                   func(code string) string { return code + ":http://internal.amazon.com/" },
	"code, __type says the same":        func(code string) string { return code },
	"nowhere":                           func(string) string { return "" },
}

// Where the message may be, or why there is none.
var texts = []string{
	"exceptionMessage", "message", "Message", "header", "exceptionMessage and message", "an empty message", "a null message",
	"no member", "an empty body", "HTML", "cut-off JSON", "a list", "a message with quotes",
}

const theText = `The "stage" is not there: über 🎥`

// answerWith makes an answer, or reports that a code cannot be there.
func answerWith(code, place, text string, status int) (both.Answer, bool) {
	a := both.Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}, "X-Amzn-Requestid": {requestID}}}
	members := map[string]string{}
	value := places[place](code)
	switch {
	case strings.HasPrefix(place, "header"):
		a.Header.Set("X-Amzn-Errortype", value)
		if strings.HasSuffix(place, "body") {
			members["__type"] = `"SomethingElse"`
		}
	case strings.HasPrefix(place, "__type"):
		members["__type"] = quote(value)
	case strings.HasPrefix(place, "code"):
		members["code"] = quote(value)
		if strings.Contains(place, "__type") {
			members["__type"] = quote(value)
		}
	}
	switch text {
	case "exceptionMessage", "message", "Message":
		members[text] = `"the text"`
	case "header":
		a.Header.Set("X-Amzn-Errormessage", "the text")
	case "exceptionMessage and message":
		members["exceptionMessage"], members["message"] = `"the text"`, `"another text"`
	case "an empty message":
		members["exceptionMessage"], members["message"] = `""`, `""`
	case "a null message":
		members["exceptionMessage"], members["message"] = `null`, `null`
	case "a message with quotes":
		members["message"] = quote(theText)
	}
	a.Body = object(members)
	bodyless := strings.HasPrefix(place, "header") && !strings.HasSuffix(place, "body") || place == "nowhere"
	switch text {
	case "an empty body":
		a.Body = ""
	case "HTML":
		a.Body = "<html><body>Service Unavailable</body></html>"
		a.Header.Set("Content-Type", "text/html")
	case "cut-off JSON":
		a.Body = `{"exceptionMessage":"the te`
	case "a list":
		a.Body = `["the text"]`
	default:
		return a, true
	}
	return a, bodyless
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

func object(members map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		parts = append(parts, quote(name)+":"+members[name])
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// errorCases returns every error in every form, each with the status that it has
// and some that it should not have.
func errorCases() []errorCase {
	c := contract.Load()
	statuses := map[string]int{"SomethingNew": 418, "TooManyRequestsException": 429, "RequestLimitExceeded": 503, "Throttling": 400}
	for name, e := range c.CommonErrors {
		statuses[name] = e.Status
	}
	for name, e := range c.Errors {
		statuses[name] = e.Status
	}
	var cases []errorCase
	for _, name := range []string{"StartComposition", "ListTagsForResource"} {
		op, _ := c.Operation(name)
		for _, code := range slices.Sorted(maps.Keys(statuses)) {
			all := []int{statuses[code], 400, 429, 503}
			switch {
			case !testing.Short():
				all = append(all, 403, 404, 408, 409, 500, 502, 504)
			case name != "StartComposition":
				all = all[:1]
			}
			slices.Sort(all)
			for _, status := range slices.Compact(all) {
				for _, place := range slices.Sorted(maps.Keys(places)) {
					for _, text := range texts {
						if a, ok := answerWith(code, place, text, status); ok {
							cases = append(cases, errorCase{op, code, slices.Contains(op.Errors, code), status, place, text, a})
						}
					}
				}
			}
		}
	}
	// What each operation documents, as the service sends it.
	for _, op := range c.Official() {
		for code, e := range c.Errors {
			a, _ := answerWith(code, "header", "exceptionMessage", e.Status)
			cases = append(cases, errorCase{op, code, slices.Contains(op.Errors, code), e.Status, "header", "exceptionMessage", a})
		}
	}
	return cases
}

// view is what a caller sees of an error.
type view struct {
	code, message string
	fault         smithy.ErrorFault
	status        int
	id            string
	retry         bool
	typ           string // the modelled type that errors.As finds
}

var retryer = retry.NewStandard()

func look(err error, typed map[string]func(error) bool) view {
	var v view
	var api smithy.APIError
	if errors.As(err, &api) {
		v.code, v.message, v.fault = api.ErrorCode(), api.ErrorMessage(), api.ErrorFault()
	}
	var re *awshttp.ResponseError
	if errors.As(err, &re) {
		v.status, v.id = re.HTTPStatusCode(), re.ServiceRequestID()
	}
	v.retry = retryer.IsErrorRetryable(err)
	for name, is := range typed {
		if is(err) {
			v.typ += name
		}
	}
	return v
}

func as[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

var ourTypes = map[string]func(error) bool{
	"AccessDeniedException":         as[*ivsrealtime.AccessDeniedException],
	"ConflictException":             as[*ivsrealtime.ConflictException],
	"InternalServerException":       as[*ivsrealtime.InternalServerException],
	"PendingVerification":           as[*ivsrealtime.PendingVerification],
	"ResourceNotFoundException":     as[*ivsrealtime.ResourceNotFoundException],
	"ServiceQuotaExceededException": as[*ivsrealtime.ServiceQuotaExceededException],
	"ValidationException":           as[*ivsrealtime.ValidationException],
}

var theirTypes = map[string]func(error) bool{
	"AccessDeniedException":         as[*types.AccessDeniedException],
	"ConflictException":             as[*types.ConflictException],
	"InternalServerException":       as[*types.InternalServerException],
	"PendingVerification":           as[*types.PendingVerification],
	"ResourceNotFoundException":     as[*types.ResourceNotFoundException],
	"ServiceQuotaExceededException": as[*types.ServiceQuotaExceededException],
	"ValidationException":           as[*types.ValidationException],
}

// aspects are what is compared of an error.
var aspects = []string{"code", "message", "fault", "status", "request id", "retry", "type"}

// differences says in which aspects two views differ.
func differences(our, their view) []string {
	same := []bool{
		our.code == their.code, our.message == their.message, our.fault == their.fault, our.status == their.status,
		our.id == their.id, our.retry == their.retry, our.typ == their.typ,
	}
	var all []string
	for i, aspect := range aspects {
		if !same[i] {
			all = append(all, aspect)
		}
	}
	return all
}

// Errors in every form: see error-differences.txt for where the clients differ,
// and rules for when.
func TestErrors(t *testing.T) {
	list := known.Read(t, "error-differences.txt")
	row := tally.Row{Area: "Answers", What: "errors: " + strings.Join(aspects, ", "), With: both.Official}
	paths := bothPaths()
	for i, c := range errorCases() {
		clients := paths[i%2]
		row.Cases += len(aspects)
		clients.Reply(c.answer)
		_, ourErr := call(t, clients.Ours, c.op.Name)
		_, theirErr := call(t, clients.Theirs, c.op.Name)
		our, their := look(ourErr, ourTypes), look(theirErr, theirTypes)
		checkOurs(t, c, ourErr, our)

		expected := map[string]string{} // aspect to the rule that has it differ
		for _, r := range rules {
			if r.when(c) {
				for _, aspect := range r.aspects {
					expected[aspect] = r.name
				}
			}
		}
		for _, aspect := range differences(our, their) {
			rule := expected[aspect]
			if rule == "" || !list.Has(rule) {
				row.Differences++
				t.Errorf("%s: %s: a difference that is not listed\nours   %+v\ntheirs %+v", c, aspect, our, their)
			} else {
				row.Listed++
			}
			delete(expected, aspect)
		}
		for aspect, rule := range expected {
			t.Errorf("%s: %s: %s, but there is no difference\nours   %+v\ntheirs %+v", c, aspect, rule, our, their)
		}
		if t.Failed() && row.Differences > 20 {
			t.FailNow()
		}
	}
	tally.Record(t, row)
}

// Errors of operations that the official client is too old for.
func TestErrorsOfNewOperations(t *testing.T) {
	c := contract.Load()
	cases := 0
	for _, op := range c.Operations {
		if op.Since == "" {
			continue
		}
		for code, e := range c.Errors {
			for _, clients := range bothPaths() {
				a, _ := answerWith(code, "header", "exceptionMessage", e.Status)
				clients.Reply(a)
				_, err := call(t, clients.Ours, op.Name)
				v := look(err, ourTypes)
				checkOurs(t, errorCase{op, code, slices.Contains(op.Errors, code), e.Status, "header", "exceptionMessage", a}, err, v)
				require.Equal(t, e.Fault == "server", v.fault == smithy.FaultServer)
				require.Equal(t, e.Fault == "server", v.retry)
				cases++
			}
		}
	}
	tally.Record(t, tally.Row{Area: "Answers", What: "errors of new operations", With: "contract", Cases: cases})
}

// checkOurs checks what this library promises of every error.
func checkOurs(t *testing.T, c errorCase, err error, v view) {
	t.Helper()
	code := c.code
	switch c.place {
	case "nowhere":
		code = "UnknownError"
	case "header in lower case":
		code = strings.ToLower(code)
	}
	require.Equal(t, code, v.code, c)
	require.NotEmpty(t, v.message, c)
	require.Contains(t, err.Error(), v.code+": "+v.message, c)
	require.Equal(t, c.status, v.status, c)
	require.Equal(t, requestID, v.id, c)
	if _, modelled := ourTypes[code]; modelled {
		require.Equal(t, code, v.typ, c)
	} else {
		require.Empty(t, v.typ, c)
	}
	switch c.text {
	case "exceptionMessage", "message", "Message", "header", "exceptionMessage and message":
		require.Equal(t, "the text", v.message, c)
	case "a message with quotes":
		require.Equal(t, theText, v.message, c)
	default:
		require.Contains(t, v.message, fmt.Sprint("status ", c.status), c)
	}
}
