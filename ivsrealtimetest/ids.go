package ivsrealtimetest

import (
	cryptorand "crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"strconv"
	"sync"
)

// ids makes identifiers from a stream of random bytes.
type ids struct {
	mu     sync.Mutex
	random io.Reader
}

// newIDs returns a source that is random for seed 0, and else gives the same
// identifiers for the same seed and stream every time.
func newIDs(seed uint64, stream string) *ids {
	if seed == 0 {
		return &ids{random: cryptorand.Reader}
	}
	return &ids{random: rand.NewChaCha8(sha256.Sum256([]byte(stream + " " + strconv.FormatUint(seed, 10))))}
}

func (d *ids) bytes(n int) []byte {
	b := make([]byte, n)
	d.mu.Lock()
	defer d.mu.Unlock()
	_, _ = io.ReadFull(d.random, b) // neither source ever fails
	return b
}

// alnum returns n letters and digits, as the service's IDs are.
func (d *ids) alnum(n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	const fair = 256 - 256%len(alphabet) // bytes from here on would favour the first characters
	id := make([]byte, 0, n)
	for len(id) < n {
		for _, b := range d.bytes(n - len(id)) {
			if int(b) < fair {
				id = append(id, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(id)
}

// uuid returns a version 4 UUID.
func (d *ids) uuid() string {
	b := d.bytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	text := hex.EncodeToString(b)
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// rand returns a source of chance.
func (d *ids) rand() *rand.Rand { return rand.New(rand.NewChaCha8([32]byte(d.bytes(32)))) }
