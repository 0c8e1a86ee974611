package wire

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

func read(text string) *Reader {
	r := new(Reader)
	r.Reset([]byte(text))
	return r
}

// Strings share memory of at most 4 KiB, and long ones do not.
func TestReaderChunks(t *testing.T) {
	var items []string
	for i := range 2000 {
		items = append(items, `"`+strings.Repeat(string(rune('a'+i%26)), i%1100)+`"`)
	}
	r := read("[" + strings.Join(items, ",") + "]")
	var got []string
	for ok := r.Array(); ok; ok = r.Element() {
		got = append(got, r.String())
	}
	if err := r.End(); err != nil {
		t.Fatal(err)
	}
	var from, to uintptr // of the strings that follow each other in memory
	chunks := 1
	for i, s := range got {
		if s != strings.Trim(items[i], `"`) {
			t.Fatalf("%d is %q", i, s)
		}
		if s == "" || len(s) > maxShared {
			continue
		}
		at := uintptr(unsafe.Pointer(unsafe.StringData(s)))
		if at != to {
			from = at
			chunks++
		}
		if to = at + uintptr(len(s)); to-from > maxChunk {
			t.Fatalf("%d bytes share memory", to-from)
		}
	}
	if chunks > 400 {
		t.Errorf("%d chunks", chunks)
	}
}

// A string that ends at, before and after a multiple of eight bytes, with a byte
// at each place that needs another look.
func TestReaderStrings(t *testing.T) {
	for n := range 40 {
		for i := range n {
			for _, special := range []string{`\n`, `\"`, `\\`, "é", "\xff", "\x7f", `\u00e9`} {
				text := strings.Repeat("a", i) + special + strings.Repeat("b", n-i-1)
				want := strings.Repeat("a", i) + map[string]string{`\n`: "\n", `\"`: `"`, `\\`: `\`, "\xff": "�", `\u00e9`: "é"}[special]
				if special == "é" || special == "\x7f" {
					want += special
				}
				want += strings.Repeat("b", n-i-1)
				r := read(`{"` + text + `":"` + text + `"}`)
				if !r.Object() || string(r.Name()) != want || r.String() != want || r.Member() || r.End() != nil {
					t.Fatalf("%q: %q, %v", text, r.Name(), r.End())
				}
			}
			r := read(`"` + strings.Repeat("a", i) + "\x1f" + strings.Repeat("b", n-i-1) + `"`)
			_ = r.String()
			if err := r.End(); err == nil || err.(*Error).Offset != i+1 {
				t.Fatalf("control character at %d of %d: %v", i, n, err)
			}
		}
	}
}

// A map is right whether it fits what is set aside for its members or not.
func TestReaderStringMap(t *testing.T) {
	for n := range 100 {
		var members []string
		want := map[string]string{}
		for i := range n {
			members = append(members, fmt.Sprintf(`"k%d":"v%d"`, i, i), fmt.Sprintf(`"k%d":null`, i), fmt.Sprintf(`"k%d":"w%d"`, i/2, i))
			want[fmt.Sprint("k", i)] = fmt.Sprint("v", i)
			want[fmt.Sprint("k", i/2)] = fmt.Sprint("w", i)
		}
		r := read("{" + strings.Join(members, ",") + "}")
		if got := r.StringMap(); !reflect.DeepEqual(got, want) || r.End() != nil {
			t.Fatalf("%d: %v, %v", n, got, r.End())
		}
	}
}

// After an error nothing more comes, and the first error stays.
func TestReaderStops(t *testing.T) {
	r := read(`{"a":{"b":1,"c":"d"},"e":[2],"f":3}`)
	outer, inner := r.Object(), r.Object()
	if !outer || !inner || r.String() != "" {
		t.Fatal(r.End())
	}
	for range 2 {
		if r.Member() || r.Element() {
			t.Error("there is more")
		}
	}
	if err := r.End(); err == nil || err.Error() != "b: want a string, got a number (byte 10)" {
		t.Error(err)
	}
	r.Reset([]byte("{}"))
	if r.Object() || r.End() != nil {
		t.Errorf("after Reset: %v", r.End())
	}
}

func TestReaderCapacity(t *testing.T) {
	item := `{"arn":"0123456789"}`
	page := func(n int) string { return strings.Repeat(item+",", n-1) + item + "]" }
	tests := []struct {
		name, text string
		depth      int // of the array
		want       int
	}{
		{"one", page(1), 2, 1},
		{"one, space", item + " ]", 2, 1},
		{"two", page(2), 2, 2},
		{"eighty", page(80), 2, 89},
		{"more than a page", page(1000), 2, 128},
		{"nested", page(80), 3, 2},
		{"nested, one", page(1), 3, 1},
		{"broken", "[tru," + page(80), 2, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := read(strings.Repeat("[", tt.depth) + tt.text)
			for range tt.depth {
				r.Array()
			}
			start := r.Offset()
			r.Skip()
			if got := r.Capacity(start); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
