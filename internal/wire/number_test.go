package wire

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseWhole(t *testing.T) {
	for lit, want := range map[string]int64{
		"0": 0, "-0": 0, "0.0": 0, "0e99999999999999999999": 0, "-0.000E-7": 0,
		"4505780": 4505780, "4505780.0": 4505780, "4.50578E6": 4505780, "4.50578e+6": 4505780, "45057800E-1": 4505780, "-4505780.000": -4505780,
		"1e18": 1_000_000_000_000_000_000, "9223372036854775807": 9223372036854775807, "9.223372036854775807e18": 9223372036854775807,
		"-9223372036854775808.0": -9223372036854775808, "0.00000000000000000001e21": 10, "1e0": 1, "1E-0": 1,
		"0." + strings.Repeat("0", 300) + "5e301": 5,
		"1" + strings.Repeat("0", 300) + "e-300":  1,
	} {
		got, problem := parseWhole([]byte(lit), 64)
		require.Empty(t, problem, lit)
		require.Equal(t, want, got, lit)
	}
	for lit, want := range map[string]string{
		"1.5": "want an integer, got a number with a fraction", "1e-1": "want an integer, got a number with a fraction",
		"1e-99999999999999999999": "want an integer, got a number with a fraction", "-0.1": "want an integer, got a number with a fraction",
		"1e19": "number out of the range of an int64", "9223372036854775808": "number out of the range of an int64",
		"-9223372036854775809.0": "number out of the range of an int64", "1e99999999999999999999": "number out of the range of an int64",
	} {
		_, problem := parseWhole([]byte(lit), 64)
		require.Equal(t, want, problem, lit)
	}
	_, problem := parseWhole([]byte("2147483648.0"), 32)
	require.Equal(t, "number out of the range of an int32", problem)
}

func TestParseEpoch(t *testing.T) {
	for lit, want := range map[string]time.Time{
		"0":                              time.Unix(0, 0),
		"1793647805":                     time.Date(2026, 11, 2, 19, 30, 5, 0, time.UTC),
		"1793647805.0":                   time.Date(2026, 11, 2, 19, 30, 5, 0, time.UTC),
		"1.793647805E9":                  time.Date(2026, 11, 2, 19, 30, 5, 0, time.UTC),
		"1793647805.120450999":           time.Date(2026, 11, 2, 19, 30, 5, 120_450_999, time.UTC),
		"1793647805.1204509999":          time.Date(2026, 11, 2, 19, 30, 5, 120_450_999, time.UTC),
		"0.5":                            time.Unix(0, 500_000_000),
		"5e-9":                           time.Unix(0, 5),
		"5e-10":                          time.Unix(0, 0),
		"-1":                             time.Unix(-1, 0),
		"-0.5":                           time.Unix(0, -500_000_000),
		"253402300799":                   time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		"-62135596800":                   time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		"1793647805.99999999999999999e0": time.Date(2026, 11, 2, 19, 30, 5, 999_999_999, time.UTC),
	} {
		got, ok := parseEpoch([]byte(lit))
		require.True(t, ok, lit)
		require.Equal(t, want.UTC(), got, lit)
	}
	for _, lit := range []string{"253402300800", "-62135596801", "1793647805000", "1e400", "-1e99999999999999999999"} {
		_, ok := parseEpoch([]byte(lit))
		require.False(t, ok, lit)
	}
}

// Whole numbers are read in any notation: AWS's own senders write them so.
func TestWholeNumbers(t *testing.T) {
	tests := []struct {
		text string
		want int64
	}{
		{"0", 0}, {"-0", 0}, {"0.0", 0}, {"-0.000e5", 0}, {"0e1000000000", 0}, {"0.0e-99999999999999999999", 0},
		{"1", 1}, {"1.0", 1}, {"-1.0", -1}, {"1e0", 1}, {"1E+3", 1000}, {"1.5e1", 15}, {"10e-1", 1}, {"1200e-2", 12}, {"0.001e3", 1},
		{"4505780.0", 4505780}, {"4.50578E6", 4505780}, {"4.50578e+06", 4505780}, {"45057800000e-4", 4505780},
		{"0.000000000000000000000000000001e30", 1},
		{"2147483647", 1<<31 - 1}, {"2147483647.0", 1<<31 - 1}, {"2.147483647e9", 1<<31 - 1}, {"-2147483648.000", -1 << 31},
		{"9223372036854775807", 1<<63 - 1}, {"9223372036854775807.00", 1<<63 - 1}, {"9.223372036854775807E18", 1<<63 - 1},
		{"-9223372036854775808", -1 << 63}, {"-9.223372036854775808e18", -1 << 63},
		{"1" + strings.Repeat("0", 400) + "e-400", 1},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			var got other
			if err := Decode([]byte(`{"i64":`+tt.text+`}`), &got); err != nil || got.I64 != tt.want {
				t.Errorf("got %d, %v; want %d", got.I64, err, tt.want)
			}
		})
	}
	for text, want := range map[string]string{
		"0.5": "a fraction", "1e-1": "a fraction", "1.05e1": "a fraction", "-0.00001": "a fraction", "1e-1000000000": "a fraction",
		"1e-99999999999999999999": "a fraction", "9223372036854775807.5": "a fraction", "0.1e-1000000000": "a fraction",
		"9223372036854775808": "out of the range", "9223372036854775808.0": "out of the range", "-9223372036854775809": "out of the range",
		"1e19": "out of the range", "1e1000000000": "out of the range", "-1e1000000000": "out of the range", "9.3e18": "out of the range",
		"1e99999999999999999999": "out of the range", "1" + strings.Repeat("0", 400): "out of the range",
		"1.": "invalid number", "1e": "invalid number", ".5": "want a number", "+1": "want a number", "0x1": "want a comma",
	} {
		t.Run(text, func(t *testing.T) {
			var got other
			err := Decode([]byte(`{"i64":`+text+`}`), &got)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %d, %v; want %s", got.I64, err, want)
			}
		})
	}
	var small other
	if err := Decode([]byte(`{"i8":1.27e2}`), &small); err != nil || small.I8 != 127 {
		t.Errorf("got %d, %v", small.I8, err)
	}
	if err := Decode([]byte(`{"i8":1.28e2}`), &small); err == nil {
		t.Error("128 is no int8")
	}
}

// FuzzWholeNumber: what math/big takes for whole and in range is read, nothing else.
func FuzzWholeNumber(f *testing.F) {
	for _, s := range []string{"1", "4.50578E6", "-12.50e1", "1e18", "9.3e18", "100e-2", "0e9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var r Reader
		r.Reset([]byte(text))
		if lit, _ := r.number(); r.End() != nil || len(lit) != len(text) {
			return
		}
		if at := strings.IndexAny(text, "eE"); at >= 0 && len(text)-at > 5 {
			return // more than math/big should be given
		}
		want, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q is no number", text)
		}
		r.Reset([]byte(text))
		got := r.integer(64)
		if fits := want.IsInt() && want.Num().IsInt64(); fits != (r.End() == nil) || fits && fmt.Sprint(got) != want.Num().String() {
			t.Fatalf("%s: got %d, %v", text, got, r.End())
		}
	})
}
