package wire

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// walked is what a test reads with a Walker.
type walked struct {
	text  string
	flag  bool
	count int64
	at    time.Time
	list  []string
	raw   string
	kind  byte
	inner string
}

func walk(data string) (out walked, err *Error) {
	w := NewWalker([]byte(data))
	err = w.Object(func(name []byte) (bool, *Error) {
		switch string(name) {
		case "text":
			return true, w.Text(&out.text)
		case "flag":
			return true, w.Bool(&out.flag)
		case "count":
			return true, w.Int(&out.count, 10)
		case "at":
			return true, w.Time(&out.at)
		case "list":
			return true, w.Array(func() *Error {
				out.list = append(out.list, "")
				return w.Text(&out.list[len(out.list)-1])
			})
		case "any":
			return true, w.Skip()
		case "raw":
			raw, err := w.Raw()
			out.raw = string(raw)
			return true, err
		case "kind":
			out.kind = w.Kind()
		case "bad":
			return true, w.Fail("no good")
		case "object":
			return true, w.Object(func(name []byte) (bool, *Error) {
				if string(name) != "inner" {
					return false, nil
				}
				return true, w.Text(&out.inner)
			})
		}
		return false, nil
	})
	if err == nil {
		err = w.End()
	}
	return out, err
}

func TestWalker(t *testing.T) {
	got, err := walk(` {"text":"\u0061","other":{"text":[1,{}]},"flag":true,"count":-10,"at":"2026-11-02T20:30:05+01:00","list":["a",null,"b"],` +
		`"raw": {"width": 7 } ,"kind":-1,"any":[{}],"object":{"inner":"i","x":null,"text":1},"Text":2} `)
	require.Nil(t, err)
	require.Equal(t, walked{
		text: "a", flag: true, count: -10, at: time.Date(2026, 11, 2, 19, 30, 5, 0, time.UTC), list: []string{"a", "b"}, raw: `{"width": 7 }`, kind: '-', inner: "i",
	}, got)

	got, err = walk(`{"count":1.0e1,"at":1793647805.5}`)
	require.Nil(t, err)
	require.Equal(t, walked{count: 10, at: time.Date(2026, 11, 2, 19, 30, 5, 500_000_000, time.UTC)}, got)

	got, err = walk(`{"text":"a","text":null,"flag":null,"list":null,"object":null}`)
	require.Nil(t, err)
	require.Equal(t, walked{text: "a"}, got)

	for data, want := range map[string]string{
		``:                              "want an object, got the end of the text (byte 0)",
		`{} 1`:                          "want the end of the text, got a number (byte 3)",
		`{"text":1}`:                    "text: want a string, got a number (byte 8)",
		`{"t\u0065xt":1}`:               "text: want a string, got a number (byte 13)",
		`{"flag":"a\n"}`:                "flag: want a boolean, got a string (byte 8)",
		`{"count":11}`:                  "count: number out of range (byte 9)",
		`{"count": -11}`:                "count: number out of range (byte 10)",
		`{"count":1.5}`:                 "count: want an integer, got a number with a fraction (byte 9)",
		`{"count":1e99}`:                "count: number out of the range of an int64 (byte 9)",
		`{"at":1e12}`:                   "at: time out of the years 1 to 9999 (byte 6)",
		`{"at":true}`:                   "at: want a string, got a boolean (byte 6)",
		`{"any":tru}`:                   "any: invalid literal (byte 7)",
		`{"raw":[1,]}`:                  "raw: want a value, got an unexpected character (byte 10)",
		`{"bad":1}`:                     "bad: no good (byte 7)",
		`{"count":1e-1}`:                "count: want an integer, got a number with a fraction (byte 9)",
		`{"at":"a\n"}`:                  "at: want a date and time as in RFC 3339, got another string (byte 6)",
		`{"list":{}}`:                   "list: want an array, got an object (byte 8)",
		`{"list":["a",1]}`:              "list[1]: want a string, got a number (byte 13)",
		`{"list":["a" 1]}`:              "list: want a comma or the end of the array, got a number (byte 13)",
		`{"list":[nul]}`:                "list[0]: invalid literal (byte 9)",
		`{"object":{"inner":1}}`:        "object.inner: want a string, got a number (byte 19)",
		`{"object":{"a":{"b":}}}`:       "object: want a value, got an unexpected character (byte 20)",
		`{"other":nul}`:                 "invalid literal (byte 9)",
		`{"other":` + nested(100) + `}`: "nested deeper than 100 levels (byte 108)",
	} {
		_, err := walk(data)
		require.NotNil(t, err, data)
		require.Equal(t, want, err.Error(), data)
	}
}

// A copy of a Walker is a place to come back to.
func TestWalkerCopy(t *testing.T) {
	w := NewWalker([]byte(`{"a":{"b":"\u0063"},"d":"e"}`))
	var first, second, last string
	read := func(w *Walker, to *string) *Error {
		return w.Object(func([]byte) (bool, *Error) { return true, w.Text(to) })
	}
	require.Nil(t, w.Object(func(name []byte) (bool, *Error) {
		if string(name) == "d" {
			return true, w.Text(&last)
		}
		again := w
		if err := read(&again, &first); err != nil {
			return true, err
		}
		return true, read(&w, &second)
	}))
	require.Equal(t, [3]string{"c", "c", "e"}, [3]string{first, second, last})
}
