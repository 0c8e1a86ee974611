package ivstoken

import (
	"bytes"
	"crypto/elliptic"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

// The last R and S that there are, and the first that there are not: the order of
// P-384's base point, from FIPS 186-4.
func TestParseDERAtTheOrder(t *testing.T) {
	const (
		order = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
		last  = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52972"
		more  = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52974"
		one   = "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001"
	)
	for _, tt := range []struct{ name, der, want string }{
		{"R last", "3036" + "023100" + last + "020101", last + one},
		{"S last", "3036" + "020101" + "023100" + last, one + last},
		{"both last", "3066" + "023100" + last + "023100" + last, last + last},
		{"R is the order", "3036" + "023100" + order + "020101", ""},
		{"S is the order", "3036" + "020101" + "023100" + order, ""},
		{"R is more", "3036" + "023100" + more + "020101", ""},
		{"S is more", "3036" + "020101" + "023100" + more, ""},
		{"R of 49 bytes", "3037" + "023101" + last + "020101", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			der, err := hex.DecodeString(tt.der)
			require.NoError(t, err)
			got, ok := parseDER(der)
			require.Equal(t, tt.want != "", ok)
			if ok {
				require.Equal(t, tt.want, hex.EncodeToString(got[:]))
			}
		})
	}
}

// FuzzParseDER compares parseDER with encoding/asn1: it takes what that takes, if R
// and S are in range and marshal to the same bytes again.
func FuzzParseDER(f *testing.F) {
	order := elliptic.P384().Params().N
	less := new(big.Int).Sub(order, big.NewInt(1))
	for _, pair := range [][2]*big.Int{
		{big.NewInt(1), big.NewInt(1)}, {less, less}, {order, less}, {less, order}, {big.NewInt(0), less}, {less, big.NewInt(0)},
		{big.NewInt(-1), less}, {big.NewInt(127), big.NewInt(128)}, {big.NewInt(255), big.NewInt(256)},
		{new(big.Int).Lsh(less, 8), less}, {new(big.Int).Lsh(less, 400), less},
	} {
		der, err := asn1.Marshal(struct{ R, S *big.Int }{pair[0], pair[1]})
		require.NoError(f, err)
		f.Add(der)
		f.Add(append(der, 0))
		f.Add(der[:len(der)-1])
	}
	for _, s := range []string{
		"", "0", "0\x00", "0\x02\x02\x00", "0\x06\x02\x01\x01\x02\x01", "0\x08\x02\x02\x00\x01\x02\x02\x00\x01", "0\x81\x06\x02\x01\x01\x02\x01\x01",
		"0\x80\x02\x01\x01\x02\x01\x01\x00\x00", "1\x06\x02\x01\x01\x02\x01\x01", "0\x06\x02\x01\x01\x03\x01\x01", "0\x09\x02\x01\x01\x02\x01\x01\x02\x01\x01", "0\x06\x02\x84\x01\x02\x01\x01",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		got, ok := parseDER(der)
		var want struct{ R, S *big.Int }
		rest, err := asn1.Unmarshal(der, &want)
		good := err == nil && len(rest) == 0 && want.R.Sign() > 0 && want.S.Sign() > 0 && want.R.Cmp(order) < 0 && want.S.Cmp(order) < 0
		if good {
			again, err := asn1.Marshal(want)
			require.NoError(t, err)
			good = bytes.Equal(again, der) // nothing that encoding/asn1 tolerates
		}
		require.Equal(t, good, ok)
		if ok {
			require.Equal(t, want.R.FillBytes(make([]byte, 48)), got[:48])
			require.Equal(t, want.S.FillBytes(make([]byte, 48)), got[48:])
		}
	})
}
