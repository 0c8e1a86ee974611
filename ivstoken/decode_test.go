package ivstoken

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNumericDate(t *testing.T) {
	const beyond = 253402300800
	for number, want := range map[string]int64{
		"1780000000":                 1780000000,
		"1.78e+09":                   1780000000,
		"1.78E9":                     1780000000,
		"1780000000.0":               1780000000,
		"1780000000.5":               1780000000,
		"1780000000.999999999999999": 1780000000, // a float64 would be a second more
		"178000000055e-2":            1780000000,
		"17800000009e-1":             1780000000,
		"0.178e10":                   1780000000,
		"0.00000000178e18":           1780000000,
		"1780000000e0":               1780000000,
		"1780000000.0e-0":            1780000000,
		"-1780000000.9":              -1780000000,
		"0":                          0,
		"-0":                         0,
		"0.0":                        0,
		"0e5":                        0,
		"0.999":                      0,
		"-0.999":                     0,
		"9e-1":                       0,
		"9.9e0":                      9,
		"12.5e1":                     125,
		"1e-9223372036854775808":     0,
		"1e-99999999999999999999":    0,
		"0e99999999999999999999":     0,
		"253402300799":               253402300799,
		"253402300799.9":             253402300799,
		"253402300800":               beyond,
		"999999999999":               beyond,
		"1000000000000":              beyond,
		"1e11":                       100000000000,
		"1e12":                       beyond,
		"1e9223372036854775807":      beyond,
		"1e+99999999999999999999":    beyond,
		"-1e99999999999999999999":    -beyond,
		"-999999999999":              -beyond,
		"9223372036854775808":        beyond,
		strings.Repeat("9", 10000):   beyond,
		"0." + strings.Repeat("0", 9999) + "178e10009": 1780000000,
		strings.Repeat("1", 9999) + "e-9990":           111111111,
	} {
		require.Equal(t, want, numericDate(number), "%.30s", number)
	}
}

// FuzzNumericDate compares numericDate with exact arithmetic.
func FuzzNumericDate(f *testing.F) {
	for _, number := range []string{"1780000000", "1.78e+09", "-1780000000.5", "253402300800", "0.00178e12", "17899999999999999999e-10", "1e-3", "-0"} {
		f.Add(number)
	}
	f.Fuzz(func(t *testing.T, number string) {
		if !json.Valid([]byte(number)) || strings.ContainsAny(number, "\" \t\r\n[{tfn") || len(number) > 100 {
			return // not a number
		}
		if i := strings.IndexAny(number, "eE"); i >= 0 && len(number)-i > 5 {
			return // an exponent that big.Rat would work on for long
		}
		r, ok := new(big.Rat).SetString(number)
		require.True(t, ok)
		want := new(big.Int).Quo(r.Num(), r.Denom()) // which cuts towards zero
		limit := big.NewInt(maxTime + 1)
		if want.CmpAbs(limit) > 0 {
			want.Mul(limit, big.NewInt(int64(want.Sign())))
		}
		require.Equal(t, want.Int64(), numericDate(number))
	})
}
