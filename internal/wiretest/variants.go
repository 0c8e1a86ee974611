package wiretest

import (
	"bytes"
	"fmt"
	"regexp"
)

// ids are what differs between the answers to many calls: IDs, names and hosts, as
// in testdata/answers.
var ids = regexp.MustCompile(`[A-Za-z0-9]{6}(Ef56"|E5f6G"|3d4e5f\.|Ii33")|"participantId":"\w{6}|"userId":"\w{5}|"town-|"nextToken":"\w{6}`)

// Variants returns n texts that differ from text in the middle of their IDs. Answers
// to many calls differ so, and a decoder that keeps the strings it has seen would
// otherwise look better in a benchmark than it is.
func Variants(text []byte, n int) [][]byte {
	variants := make([][]byte, n)
	for i := range variants {
		id := 7919 * i
		variants[i] = ids.ReplaceAllFunc(text, func(match []byte) []byte {
			id++
			out := bytes.Clone(match)
			last := len(out) - 1
			for last > 0 && (out[last] == '"' || out[last] == '.' || out[last] == '-') {
				last--
			}
			digits := fmt.Appendf(nil, "%04d", id%10000)
			copy(out[max(0, last-len(digits)+1):last+1], digits)
			return out
		})
	}
	return variants
}
