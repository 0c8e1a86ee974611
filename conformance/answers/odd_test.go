package answers_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/known"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// Answers that the service should not give: both clients refuse them, or both
// read the same, but for what differences.txt lists.
func TestOddAnswers(t *testing.T) {
	list := known.Read(t, "differences.txt")
	row := tally.Row{Area: "Answers", What: "odd answers", With: both.Official}
	for _, o := range oddAnswers() {
		for _, clients := range bothPaths() {
			row.Cases++
			difference := compareOdd(t, clients, o)
			switch {
			case difference == "":
			case list.Has(o.name):
				row.Listed++
			default:
				row.Differences++
				t.Errorf("%s: a difference that is not listed: %s", o.name, difference)
			}
		}
	}
	tally.Record(t, row)
}

// compareOdd says in what the clients differ about an answer.
func compareOdd(t *testing.T, clients *both.Clients, o oddAnswer) string {
	t.Helper()
	a := ok(o.body)
	if o.status != 0 {
		a.Status = o.status
	}
	clients.Reply(a)
	our, ourErr := call(t, clients.Ours, o.op)
	their, theirErr := call(t, clients.Theirs, o.op)
	if ourErr != nil {
		var de *smithy.DeserializationError
		require.ErrorAs(t, ourErr, &de, o.name)
	}
	switch {
	case ourErr == nil && theirErr == nil:
		if diff := both.Equal(our.Elem(), their.Elem()); len(diff) > 0 {
			return fmt.Sprint(diff)
		}
	case ourErr == nil:
		return "theirs: " + theirErr.Error()
	case theirErr == nil:
		return "ours: " + ourErr.Error()
	}
	return ""
}

type oddAnswer struct {
	name, op string
	status   int // 0: 200
	body     string
}

func oddAnswers() []oddAnswer {
	var all []oddAnswer
	seen := map[string]bool{}
	add := func(name, op string, status int, body string) {
		if seen[name] {
			panic("two answers " + name)
		}
		seen[name] = true
		all = append(all, oddAnswer{name, op, status, body})
	}
	for name, body := range map[string]string{
		"body: empty": "", "body: white space": " \n\t", "body: null": "null", "body: an empty object": "{}", "body: []": "[]",
		"body: a string": `"x"`, "body: a number": "1", "body: HTML": "<html></html>", "body: a BOM": "\ufeff{}",
		"body: cut off in a string": `{"stage":{"arn":"a`, "body: cut off after a member": `{"stage":{"arn":"a"}`,
		"body: garbage after it": `{"stage":{"arn":"a"}}x`, "body: a second object after it": `{"stage":{"arn":"a"}}{}`,
		"body: a comma too many": `{"stage":{"arn":"a",}}`, "body: single quotes": `{'stage':{}}`, "body: a comment": `{"stage":{}/**/}`,
		"body: names without quotes": `{stage:{}}`,
	} {
		add(name, "GetStage", 0, body)
	}
	// An output without members: the official client does not read the body.
	for name, body := range map[string]string{
		": HTML": "<html></html>", ": a list": "[]", ": a string": `"x"`, ": cut-off JSON": `{"x":`,
		": null": "null", ": unknown ones": `{"x":[1]}`, ": white space": " \n",
	} {
		add("no members"+name, "DeleteStage", 0, body)
		add("no members in tags"+name, "UntagResource", 0, body)
	}
	for _, status := range []int{201, 202, 204, 299} {
		add(fmt.Sprintf("status %d", status), "GetStage", status, `{"stage":{"arn":"a"}}`)
		add(fmt.Sprintf("status %d without body", status), "DeleteStage", status, "")
	}
	// The value of one member.
	value := func(op, before, after string, values map[string]string) {
		for name, v := range values {
			add(name, op, 0, before+v+after)
		}
	}
	value("GetStage", `{"stage":{"name":`, `,"arn":"a"}}`, map[string]string{
		"string: a number": "1", "string: a boolean": "true", "string: an object": "{}", "string: a list": "[]", "string: null": "null",
		"string: a lone surrogate": `"\ud83c"`, "string: surrogates in the wrong order": `"\udfa5\ud83c"`, "string: surrogates": `"\ud83c\udfa5"`,
		"string: no UTF-8": "\"a\xffb\"", "string: a cut off character": "\"\xe6\x97\"", "string: a control character": "\"a\nb\"",
		"string: NUL": `"\u0000"`, "string: an unknown escape": `"\x41"`, "string: a short escape": `"\u41"`, "string: escapes": `"\"\\\/\b\f\n\r\t"`,
		"string: a megabyte": `"` + strings.Repeat("x", 1<<20) + `"`,
	})
	value("GetStage", `{"stage":{"tags":`, `,"arn":"a"}}`, map[string]string{
		"map: a list": "[]", "map: a string": `"x"`, "map: null": "null", "map: empty": "{}", "map: a number as value": `{"k":1}`,
		"map: null as value": `{"k":null,"l":"v"}`, "map: a key twice": `{"k":"1","k":"2"}`, "map: an empty key": `{"":"v"}`,
	})
	value("GetStage", `{"stage":`, `}`, map[string]string{
		"struct: a string": `"x"`, "struct: a list": "[]", "struct: null": "null", "struct: empty": "{}",
		"struct: names in another case":                       `{"ARN":"a","Name":"n"}`,
		"struct: a member twice":                              `{"name":"1","name":"2"}`,
		"struct: a member twice, the later null":              `{"name":"1","name":null}`,
		"struct: a member twice, the earlier of another type": `{"name":1,"name":"2"}`,
		"struct: a struct twice":                              `{"endpoints":{"whip":"1","rtmp":"1"},"endpoints":{"whip":"2"}}`,
		"struct: a map twice":                                 `{"tags":{"a":"1","b":"1"},"tags":{"a":"2"}}`,
		"struct: an escaped name":                             `{"\u0061rn":"a"}`,
		"struct: unknown members":                             `{"x":{"arn":"b"},"arn":"a","y":[[{"arn":"c"}]]}`,
		"struct: unknown and 50 levels deep":                  `{"x":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `}`,
		"struct: unknown and 200 levels deep":                 `{"x":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`,
		"struct: unknown and 20,000 levels deep":              `{"x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`,
		"struct: unknown and an invalid number":               `{"x":01}`,
		"struct: unknown and an invalid string":               `{"x":"\q"}`,
		"struct: unknown and a number out of all":             `{"x":1e999}`,
	})
	value("GetParticipant", `{"participant":{"published":`, `}}`, map[string]string{
		"bool: a string": `"true"`, "bool: a number": "1", "bool: null": "null", "bool: in capitals": "TRUE",
	})
	value("GetEncoderConfiguration", `{"encoderConfiguration":{"arn":"a","video":{"width":`, `}}}`, map[string]string{
		"int: a string": `"1"`, "int: a fraction": "1.5", "int: a fraction of zero": "1.0", "int: an exponent": "1e2", "int: null": "null",
		"int: minus zero": "-0", "int: the greatest": "2147483647", "int: the least": "-2147483648", "int: too great for 32 bits": "2147483648",
		"int: too small for 32 bits": "-2147483649", "int: too great for 64 bits": "9223372036854775808", "int: a leading zero": "01", "int: a plus": "+1",
	})
	value("GetEncoderConfiguration", `{"encoderConfiguration":{"arn":"a","video":{"framerate":`, `}}}`, map[string]string{
		"float: an integer": "30", "float: a fraction": "29.97", "float: an exponent": "2.5E+1", "float: a string": `"30"`, "float: null": "null",
		"float: NaN as string": `"NaN"`, "float: Infinity as string": `"Infinity"`, "float: -Infinity as string": `"-Infinity"`, "float: NaN": "NaN",
		"float: minus zero": "-0.0", "float: many digits": "0.1000000014901161193847656250", "float: too small for 32 bits": "1e-50",
		"float: too great for 32 bits": "3.5e38", "float: too great for 64 bits": "1e999", "float: no digit before the point": ".5", "float: no digit after the point": "1.",
		"float: the middle of two": "16777217.0000000000000001",
	})
	value("ListStages", `{"stages":`, `}`, map[string]string{
		"list: an object": "{}", "list: a string": `"x"`, "list: null": "null", "list: empty": "[]", "list: of null": `[null,{"arn":"a"}]`, "list: of strings": `["x"]`,
	})
	value("GetStageSession", `{"stageSession":{"startTime":`, `}}`, times)
	return all
}

// times are values of a timestamp.
var times = map[string]string{
	"time: null": "null", "time: a number": "1700000000", "time: a fraction as number": "1700000000.5", "time: empty": `""`, "time: not one": `"x"`,
	"time: Z": `"2024-02-29T12:34:56Z"`, "time: a fraction": `"2024-02-29T12:34:56.5Z"`, "time: nanoseconds": `"2024-02-29T12:34:56.123456789Z"`,
	"time: more digits than nanoseconds": `"2024-02-29T12:34:56.1234567899Z"`, "time: +00:00": `"2024-02-29T12:34:56+00:00"`,
	"time: a fraction and +00:00": `"2024-02-29T12:34:56.602000+00:00"`, "time: an offset": `"2024-02-29T12:34:56+05:30"`,
	"time: the greatest offset": `"2024-02-29T12:34:56-23:59"`, "time: an offset of 24 hours": `"2024-02-29T12:34:56+24:00"`,
	"time: an offset without colon": `"2024-02-29T12:34:56+0530"`, "time: no zone": `"2024-02-29T12:34:56"`, "time: a fraction and no zone": `"2024-02-29T12:34:56.5"`,
	"time: lower case": `"2024-02-29t12:34:56z"`, "time: a space for T": `"2024-02-29 12:34:56Z"`, "time: a date": `"2024-02-29"`,
	"time: no such day": `"2023-02-29T12:34:56Z"`, "time: hour 24": `"2024-02-29T24:00:00Z"`, "time: a leap second": `"2016-12-31T23:59:60Z"`,
	"time: a comma": `"2024-02-29T12:34:56,5Z"`, "time: an hour of one digit": `"2024-02-29T1:34:56Z"`, "time: a point without digits": `"2024-02-29T12:34:56.Z"`,
	"time: year 0": `"0000-01-01T00:00:00Z"`, "time: year 1": `"0001-01-01T00:00:00Z"`, "time: year 9999": `"9999-12-31T23:59:59Z"`,
	"time: year 10000": `"10000-01-01T00:00:00Z"`, "time: of HTTP": `"Thu, 29 Feb 2024 12:34:56 GMT"`,
}

// The samples of the service's documentation that look different from what the
// contract says are read as such.
func TestAnswersLikeTheSamples(t *testing.T) {
	samples := map[string]struct{ op, body string }{
		"layout null":                  {"GetComposition", `{"composition":{"arn":"a","layout":null,"stageArn":"s","state":"ACTIVE","destinations":[]}}`},
		"fill mode that is no value":   {"GetComposition", `{"composition":{"arn":"a","layout":{"grid":{"videoFillMode":"","gridGap":2}}}}`},
		"unset strings are empty":      {"GetParticipant", `{"participant":{"userId":"","sdkVersion":"","recordingS3Prefix":"","published":true}}`},
		"recording switched off":       {"GetStage", `{"stage":{"arn":"a","autoParticipantRecordingConfiguration":{"storageConfigurationArn":"","mediaTypes":["AUDIO_VIDEO"],"recordParticipantReplicas":true}}}`},
		"an end time of null":          {"GetStageSession", `{"stageSession":{"sessionId":"st-1","startTime":"2024-02-29T12:34:56.602000+00:00","endTime":null}}`},
		"a last page without token":    {"ListStages", `{"stages":[{"arn":"a","tags":{}}]}`},
		"a last page with token null":  {"ListStages", `{"stages":[],"nextToken":null}`},
		"no body where none is needed": {"UntagResource", ``},
		"headers where JSON might be":  {"StartParticipantReplication", `{"accessControlAllowOrigin":"*"}`},
	}
	for name, s := range samples {
		t.Run(name, func(t *testing.T) {
			clients := both.NewClients(tryOnce)
			clients.Reply(ok(s.body))
			our, err := call(t, clients.Ours, s.op)
			require.NoError(t, err)
			their, err := call(t, clients.Theirs, s.op)
			require.NoError(t, err)
			require.Empty(t, both.Equal(our.Elem(), their.Elem()))
			require.Equal(t, reflect.Pointer, our.Kind())
		})
	}
	tally.Record(t, tally.Row{Area: "Answers", What: "like the documentation's samples", With: both.Official, Cases: len(samples)})
}
