package wire

import (
	"math"
	"strings"
	"testing"
	"time"
)

func writeVideo(w *Writer, v Video) {
	w.Open()
	w.Int32(`,"width":`, v.Width)
	w.Float32(`,"framerate":`, v.Framerate)
	w.Close()
}

func TestWriter(t *testing.T) {
	w := NewWriter()
	w.Open()
	w.String(`,"name":`, "{")
	w.Bool(`,"on":`, true)
	w.Time(`,"at":`, time.Date(2024, 5, 6, 14, 0, 0, 0, time.FixedZone("", 7200)))
	w.StringMap(`,"tags":`, map[string]string{"b": "[", "a": "{"})
	w.StringMap(`,"none":`, nil)
	WriteStrings(w, `,"states":`, []State{"A", "<é>\n"})
	WriteStrings[string](w, `,"no strings":`, nil)
	w.Null(`,"null":`)
	w.In(`,"video":`)
	writeVideo(w, Video{Width: -1})
	w.Out()
	w.InArray(`,"videos":`)
	for i, v := range []Video{{}, {Framerate: 29.97}} {
		w.Item(i)
		writeVideo(w, v)
	}
	w.OutArray()
	w.InArray(`,"nothing":`)
	w.OutArray()
	w.In(`,"empty":`)
	w.Open()
	w.Close()
	w.Out()
	w.Close()
	got, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"name":"{","on":true,"at":"2024-05-06T12:00:00Z","tags":{"a":"{","b":"["},"none":{},"states":["A","<é>\n"],"no strings":[],` +
		`"null":null,"video":{"width":-1,"framerate":0},"videos":[{"width":0,"framerate":0},{"width":0,"framerate":29.97}],"nothing":[],"empty":{}}`
	if string(got) != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}

// The first error counts, with the path to its member, and does not stay in the
// Writer for the next text.
func TestWriterErrors(t *testing.T) {
	tests := []struct {
		name  string
		write func(*Writer)
		want  string
	}{
		{"float", func(w *Writer) { w.Float32(`,"rate":`, float32(math.NaN())) }, "rate: NaN and infinities have no JSON"},
		{"time", func(w *Writer) { w.Time(`,"at":`, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)) }, "at: year outside of 0 to 9999"},
		{"first of two", func(w *Writer) {
			w.Float32(`,"a":`, float32(math.Inf(1)))
			w.In(`,"video":`)
			writeVideo(w, Video{Framerate: float32(math.NaN())})
			w.Out()
		}, "a: NaN and infinities have no JSON"},
		{"nested", func(w *Writer) {
			w.In(`,"before":`)
			writeVideo(w, Video{})
			w.Out()
			w.InArray(`,"stages":`)
			for i := range 3 {
				w.Item(i)
				w.Open()
				w.In(`,"video":`)
				writeVideo(w, Video{Framerate: float32(math.Inf(i - 1))})
				w.Out()
				w.Close()
			}
			w.OutArray()
		}, "stages[0].video.framerate: NaN and infinities have no JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := NewWriter()
			w.Open()
			tt.write(w)
			w.Close()
			text, err := w.Finish()
			if err == nil || err.Error() != tt.want || text != nil {
				t.Errorf("got %s, %v", text, err)
			}
			w = NewWriter()
			w.Open()
			w.Close()
			if text, err := w.Finish(); string(text) != "{}" || err != nil {
				t.Errorf("then %s, %v", text, err)
			}
		})
	}
}

// The text is the caller's own, whatever is written next.
func TestWriterText(t *testing.T) {
	write := func(s string) []byte {
		w := NewWriter()
		w.Open()
		w.String(`,"a":`, s)
		w.Close()
		text, err := w.Finish()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first := write("first")
	long := write(strings.Repeat("x", 2*maxPooled))
	write("other")
	if string(first) != `{"a":"first"}` || len(long) != 2*maxPooled+len(`{"a":""}`) || cap(first) > 64 {
		t.Errorf("%s (%d), %d", first, cap(first), len(long))
	}
}
