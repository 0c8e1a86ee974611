package ivsrealtime_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/seed-433ec77c/ivsrealtime"
)

var tagOperations = []operation{
	{
		name:     "ListTagsForResource",
		in:       &ivsrealtime.ListTagsForResourceInput{ResourceARN: testStageARN},
		required: []string{"ResourceARN"},
		answer:   `{"tags": {"team": "red", "a key/with: odd + characters": "\"<&>\\ \u0001\t\u2028 \ud83d\ude00", "empty": ""}}`,
		want: &ivsrealtime.ListTagsForResourceOutput{Tags: map[string]string{
			"team":                         "red",
			"a key/with: odd + characters": "\"<&>\\ \x01\t\u2028 😀",
			"empty":                        "",
		}},
	},
	{
		name:    "ListTagsForResource",
		variant: "none",
		in:      &ivsrealtime.ListTagsForResourceInput{ResourceARN: testStageARN},
		answer:  `{"tags": {}}`,
		want:    &ivsrealtime.ListTagsForResourceOutput{Tags: map[string]string{}},
	},
	{
		// One segment of the path, whatever is in it.
		name:    "ListTagsForResource",
		variant: "odd-arn",
		in:      &ivsrealtime.ListTagsForResourceInput{ResourceARN: "a/..b//c?d=e&f#g h%2Fi+ü~-._"},
	},
	{
		name: "TagResource",
		in: &ivsrealtime.TagResourceInput{
			ResourceARN: testEncoderConfigurationARN,
			Tags:        map[string]string{"team": "red", "env": "test"},
		},
		required: []string{"ResourceARN", "Tags"},
		answer:   `{}`,
		want:     &ivsrealtime.TagResourceOutput{},
	},
	{
		name:    "TagResource",
		variant: "empty",
		in:      &ivsrealtime.TagResourceInput{ResourceARN: testStageARN, Tags: map[string]string{}},
	},
	{
		name:    "TagResource",
		variant: "odd-values",
		in: &ivsrealtime.TagResourceInput{ResourceARN: testStageARN, Tags: map[string]string{
			"quotes":        `"double" 'single' \back\`,
			"html":          "<a href='x'>&amp;</a>",
			"control":       "\x00\x01\b\f\n\r\t\x1f\x7f",
			"emoji":         "😀 é \u2028\u2029",
			"invalid":       "a\xff\xc3b\xed\xa0\x80",
			"":              "",
			`k"<&>😀` + "\n": "key",
		}},
	},
	{
		name:     "UntagResource",
		in:       &ivsrealtime.UntagResourceInput{ResourceARN: testStageARN, TagKeys: []string{"team", "env"}},
		required: []string{"ResourceARN", "TagKeys"},
		answer:   `{}`,
		want:     &ivsrealtime.UntagResourceOutput{},
	},
	{
		name:    "UntagResource",
		variant: "empty",
		in:      &ivsrealtime.UntagResourceInput{ResourceARN: testStageARN, TagKeys: []string{}},
	},
	{
		name:    "UntagResource",
		variant: "odd-keys",
		in: &ivsrealtime.UntagResourceInput{
			ResourceARN: testStageARN,
			TagKeys:     []string{"", "a b", "a+b", "a&b=c", "a;b", "a%20b", "a/b:c@d", "é😀", "a?#[]", `"'<>`, "\n\x00", "~-._", "a b"},
		},
	},
}

// The signer sorts the keys of a query's parameter, and nothing else changes.
func TestUntagResourceQuery(t *testing.T) {
	tests := []struct {
		name  string
		keys  []string
		query string
	}{
		{"one", []string{"team"}, "tagKeys=team"},
		{"two", []string{"b", "a"}, "tagKeys=a&tagKeys=b"},
		{"twice", []string{"a", "a"}, "tagKeys=a&tagKeys=a"},
		{"none", []string{}, ""},
		{"empty", []string{""}, "tagKeys="},
		{"space", []string{"a b"}, "tagKeys=a%20b"},
		{"plus", []string{"a+b"}, "tagKeys=a%2Bb"},
		{"ampersand and equals sign", []string{"a&tagKeys=b"}, "tagKeys=a%26tagKeys%3Db"},
		{"semicolon", []string{"a;b"}, "tagKeys=a%3Bb"},
		{"percent", []string{"a%20b"}, "tagKeys=a%2520b"},
		{"not ASCII", []string{"é😀"}, "tagKeys=%C3%A9%F0%9F%98%80"},
		{"invalid UTF-8", []string{"\xff"}, "tagKeys=%FF"},
		{"allowed in tags", []string{"_.:/=+-@"}, "tagKeys=_.%3A%2F%3D%2B-%40"},
		{"unreserved", []string{"~-._aZ9"}, "tagKeys=~-._aZ9"},
		{"reserved", []string{"!*'()"}, "tagKeys=%21%2A%27%28%29"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				h := answering(answer(200, ""))
				_, err := newClient(h).UntagResource(t.Context(), &ivsrealtime.UntagResourceInput{ResourceARN: testStageARN, TagKeys: tt.keys})
				if err != nil {
					t.Fatal(err)
				}
				r := h.requests[0]
				if want := "/tags/arn%3Aaws%3Aivs%3Aeu-west-1%3A111122223333%3Astage%2FAb12Cd34Ef56"; r.URL.EscapedPath() != want || r.URL.RawQuery != tt.query {
					t.Errorf("got  %s?%s\nwant %s?%s", r.URL.EscapedPath(), r.URL.RawQuery, want, tt.query)
				}
				verifySignature(t, r, h.bodies[0])
			})
		})
	}
}

// What the signer would do to the query is done without it too.
func TestUntagResourceQueryUnsigned(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		h := answering(answer(200, ""))
		client := newClient(h, func(o *ivsrealtime.Options) { o.Credentials = aws.AnonymousCredentials{} })
		_, err := client.UntagResource(t.Context(), &ivsrealtime.UntagResourceInput{ResourceARN: testStageARN, TagKeys: []string{"b c", "a+b&=", ""}})
		if err != nil {
			t.Fatal(err)
		}
		r := h.requests[0]
		if want := "tagKeys=b%20c&tagKeys=a%2Bb%26%3D&tagKeys="; r.URL.RawQuery != want || r.Header.Get("Authorization") != "" {
			t.Errorf("got %s, Authorization %q\nwant %s", r.URL.RawQuery, r.Header.Get("Authorization"), want)
		}
	})
}
