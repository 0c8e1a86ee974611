package requests_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// The operations on tags are the only ones that put members in the path and the
// query. Whatever these are, they arrive as one segment and one value.
func TestTagsWithOddNames(t *testing.T) {
	const plain = "arn:aws:ivs:eu-west-1:123456789012:stage/abcdABCDefgh"
	names := []struct{ text, escaped string }{
		{plain, "arn%3Aaws%3Aivs%3Aeu-west-1%3A123456789012%3Astage%2FabcdABCDefgh"},
		{"a", "a"},
		{"/", "%2F"},
		{"//a//", "%2F%2Fa%2F%2F"},
		{"...", "..."},
		{"a/..b", "a%2F..b"},
		{" ", "%20"},
		{"a b", "a%20b"},
		{"a+b", "a%2Bb"},
		{"%", "%25"},
		{"%2F", "%252F"},
		{"a?b=c&d#e", "a%3Fb%3Dc%26d%23e"},
		{"a;b,c", "a%3Bb%2Cc"},
		{"-._~", "-._~"},
		{"!$'()*@[]", "%21%24%27%28%29%2A%40%5B%5D"},
		{`"\<>^{|}` + "`", "%22%5C%3C%3E%5E%7B%7C%7D%60"},
		{"é日🎥", "%C3%A9%E6%97%A5%F0%9F%8E%A5"},
		{"\x00\n\x7f", "%00%0A%7F"},
		{"\xff", "%FF"},
		{"{resourceArn}", "%7BresourceArn%7D"},
	}
	c := contract.Load()
	cases := 0
	check := func(t *testing.T, clients *both.Clients, name string, value map[string]any, path, query string) {
		t.Helper()
		op, _ := c.Operation(name)
		our, their := send(t, clients, op, value)
		require.Equal(t, path, our.Path)
		require.Equal(t, query, our.Query)
		require.Empty(t, compare(op, our, their))
		require.Empty(t, compareWithContract(c, op, our, value))
		checkSignatures(t, our, their)
		cases++
	}
	for _, n := range names {
		t.Run(fmt.Sprintf("%q", n.text), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clients := both.NewClients()
				clients.Reply(both.Answer{Status: 200, Body: both.Least})
				path := "/tags/" + n.escaped
				check(t, clients, "ListTagsForResource", map[string]any{"resourceArn": n.text}, path, "")
				check(t, clients, "TagResource", map[string]any{"resourceArn": n.text, "tags": map[string]string{n.text: n.text}}, path, "")
				check(t, clients, "UntagResource", map[string]any{"resourceArn": n.text, "tagKeys": []any{}}, path, "")
				check(t, clients, "UntagResource", map[string]any{"resourceArn": plain, "tagKeys": []any{n.text}}, "/tags/"+names[0].escaped, "tagKeys="+n.escaped)
				check(t, clients, "UntagResource", map[string]any{"resourceArn": plain, "tagKeys": []any{n.text, n.text, ""}}, "/tags/"+names[0].escaped,
					"tagKeys=&tagKeys="+n.escaped+"&tagKeys="+n.escaped)
			})
		})
	}
	listed := 0
	for _, arn := range []string{".", "..", "a/../b", "a/.", "%2e", "%2E%2e", `a\..`} {
		for _, op := range []struct {
			name  string
			value map[string]any
		}{
			{"ListTagsForResource", map[string]any{"resourceArn": arn}},
			{"TagResource", map[string]any{"resourceArn": arn, "tags": map[string]string{}}},
			{"UntagResource", map[string]any{"resourceArn": arn, "tagKeys": []any{}}},
		} {
			clients := both.NewClients()
			clients.Reply(both.Answer{Status: 200, Body: `{}`})
			operation, _ := c.Operation(op.name)
			require.True(t, refused(t, clients, operation, op.value), arn)
			_, err := try(t, clients, clients.Theirs, op.name, op.value)
			require.NoError(t, err, arn)
			listed++
		}
	}
	tally.Record(t, tally.Row{Area: "Requests", What: "escaping of ARNs and tag keys", With: both.Official + ", contract", Cases: cases + listed, Listed: listed})
}
