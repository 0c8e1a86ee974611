package answers_test

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
)

// A rule says for which error answers the clients differ, and in what. It must
// hold exactly: where it says so and there is no difference, the test fails too.
type rule struct {
	name    string // in error-differences.txt
	aspects []string
	when    func(c errorCase) bool
}

var rules = []rule{
	{"body that is no JSON object", []string{"code", "message", "fault"}, unreadable},
	{"body that is no JSON object: type", []string{"type"}, func(c errorCase) bool {
		return unreadable(c) && documented(c) && !lower(c)
	}},
	{"code in another case", []string{"code", "type"}, func(c errorCase) bool {
		return !unreadable(c) && typed(c) && lower(c)
	}},
	{"body that is no JSON object: retry", []string{"retry"}, func(c errorCase) bool {
		return unreadable(c) && c.status != 429 && !retriedByStatus(c) && retriedByCode(c)
	}},
	{"modelled error without message", []string{"message"}, func(c errorCase) bool {
		return !unreadable(c) && typed(c)
	}},
	{"other error without message", []string{"message"}, func(c errorCase) bool {
		return !unreadable(c) && !typed(c) && !slices.Contains([]string{"message", "Message", "a message with quotes"}, c.text)
	}},
	{"fault of an error that is not modelled", []string{"fault"}, func(c errorCase) bool {
		return !unreadable(c) && !typed(c)
	}},
	{"fault of a modelled error under another status", []string{"fault"}, func(c errorCase) bool {
		return !unreadable(c) && typed(c) && (contract.Load().Errors[c.code].Fault == "server") != (c.status >= 500)
	}},
	{"type of an error that the operation does not document", []string{"type"}, func(c errorCase) bool {
		return !unreadable(c) && documented(c) && !c.modelled && !lower(c)
	}},
	{"status 429 with a documented code", []string{"retry"}, func(c errorCase) bool {
		ours := documented(c) && !lower(c)
		theirs := typed(c) && !unreadable(c)
		return c.status == 429 && ours != theirs
	}},
}

// unreadable reports whether the body is no JSON object, nor empty.
func unreadable(c errorCase) bool {
	return slices.Contains([]string{"HTML", "cut-off JSON", "a list"}, c.text)
}

func lower(c errorCase) bool { return c.place == "header in lower case" }

// documented reports whether the code is one that the API documents; typed, that it is
// one that the operation documents.
func documented(c errorCase) bool { return c.place != "nowhere" && ourTypes[c.code] != nil }

func typed(c errorCase) bool { return documented(c) && c.modelled }

// retriedByStatus and retriedByCode report what the core retries.
func retriedByStatus(c errorCase) bool {
	_, ok := retry.DefaultRetryableHTTPStatusCodes[c.status]
	return ok
}

func retriedByCode(c errorCase) bool {
	_, throttle := retry.DefaultThrottleErrorCodes[c.code]
	_, retryable := retry.DefaultRetryableErrorCodes[c.code]
	return c.place != "nowhere" && !lower(c) && (throttle || retryable)
}
