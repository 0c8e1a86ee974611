package wire

import (
	"strings"
	"testing"
)

func TestElementLimit(t *testing.T) {
	entries := func(n int) string {
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"k":"v"`)
		}
		return b.String()
	}
	items := func(item string, n int) string { return item + strings.Repeat(","+item, n-1) }
	const tooMany = "more than 10000 elements"
	tests := []struct{ name, text, err string }{
		{"10,000 in a list", `{"stages":[` + items("{}", 10_000) + `]}`, ""},
		{"one more", `{"stages":[` + items("{}", 10_001) + `]}`, tooMany},
		{"nulls", `{"stages":[` + items("null", 10_001) + `]}`, tooMany},
		{"10,000 in a map", `{"stages":[{"tags":{` + entries(9_999) + `}}]}`, ""},
		{"one more in a map", `{"stages":[{"tags":{` + entries(10_000) + `}}]}`, "stages[0].tags: " + tooMany},
		{"strings", `{"stages":[{"capabilities":[` + items(`""`, 10_000) + `]}]}`, tooMany},
		{"lists and maps together", `{"stages":[` + items(`{"tags":{"a":"","b":""},"capabilities":["",""]}`, 2_001) + `]}`, tooMany},
		{"the same list again and again", `{` + items(`"stages":[{},{}]`, 5_001) + `}`, tooMany},
		{"the same map again and again", `{"stages":[{` + items(`"tags":{"a":"b"}`, 10_000) + `}]}`, tooMany},
		{"objects again and again", `{"stages":[{` + items(`"layout":{}`, 100_000) + `}]}`, "more than 100000 objects"},
		{"maps again and again", `{"stages":[{` + items(`"tags":{}`, 100_000) + `}]}`, "more than 100000 objects"},
		{"100 stages with 50 tags each", `{"stages":[` + items(`{"tags":{`+entries(50)+`}}`, 100) + `]}`, ""},
		{"skipped", `{"other":[` + items(`[{},{"a":{}},"b"]`, 50_000) + `],"stages":[{}],"more":{` + items(`"a":{}`, 200_000) + `}}`, ""},
		{"skipped before too many", `{"other":[` + items(`[]`, 50_000) + `],"stages":[` + items("{}", 10_001) + `]}`, tooMany},
		{"invalid UTF-8", `{"stages":[{"name":"` + strings.Repeat("\xff", 1<<20) + `"}]}`, ""},
		{"one byte more", `{"stages":[{"name":"` + strings.Repeat("\xff", 1<<20+1) + `"}]}`, "stages[0].name: more than 1 MiB of bytes that are not UTF-8"},
		{"in many strings", `{"stages":[{` + items(`"name":"`+strings.Repeat("\xff", 1<<10)+`"`, 1_025) + `}]}`, "more than 1 MiB"},
		{"skipped invalid UTF-8", `{"other":"` + strings.Repeat("\xff", 1<<22) + `"}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check := func(err error) {
				t.Helper()
				switch {
				case tt.err == "" && err != nil:
					t.Error(err)
				case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
					t.Errorf("got %v, want %s", err, tt.err)
				}
			}
			check(Decode([]byte(tt.text), &list{}))
			if _, ok := Mask([]byte(tt.text), func(string) bool { return false }, "***"); !ok {
				t.Error("the limits are for what is decoded")
			}
		})
	}
}

// A Reader starts to count anew with each text.
func TestElementLimitOfTheNextText(t *testing.T) {
	var r Reader
	for range 3 {
		r.Reset([]byte(`[` + strings.Repeat("null,", 5_999) + `null]`))
		for ok := r.Array(); ok; ok = r.Element() {
			r.null()
		}
		if err := r.End(); err != nil {
			t.Fatal(err)
		}
	}
}
