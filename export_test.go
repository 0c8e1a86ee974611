package ivsrealtime

import "github.com/seed-433ec77c/ivsrealtime/internal/wire"

// Decoder has what a call has to decode an answer with.
type Decoder struct{ reader wire.Reader }

// Decode decodes data into out, a pointer to an output, by the generated code.
func (d *Decoder) Decode(data []byte, out any) error {
	d.reader = wire.Reader{} // as the new one of a call
	d.reader.Reset(data)
	out.(output).decodeJSON(&d.reader)
	return d.reader.End()
}

// Encode encodes in, a pointer to an input, by the generated code.
func Encode(in any) ([]byte, error) {
	w := wire.NewWriter()
	in.(input).encodeJSON(w)
	return w.Finish()
}

// Missing returns the paths of the required members that in, a pointer to an
// input, lacks.
func Missing(in any) []string { return in.(input).missing(nil) }

// FrozenClients counts the BuildableClients that something is kept for.
func FrozenClients() (n int) {
	frozenClients.Range(func(any, any) bool { n++; return true })
	return n
}
