package wire

import (
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
