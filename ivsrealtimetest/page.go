package ivsrealtimetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// listing is what a List operation was asked for.
type listing struct {
	op      string   // the operation
	filters []string // what narrows the list: filters, and the resource it belongs to
	token   string   // nextToken as sent; "" for the first page
	size    int32    // of the page
	newest  bool     // first; else the oldest
}

// page returns one page of the rows that show accepts, in the order of their
// creation or the other way round, and the token of the next page, "" on the last.
func page[T, S any](s *Server, t *table[T], l listing, show func(T) (S, bool)) ([]S, string, error) {
	var from uint64
	if l.token != "" {
		var ok bool
		if from, ok = s.openPageToken(l); !ok {
			return nil, "", validationError("nextToken", "must be a token that this list returned, with the same filters")
		}
	}
	var items []S
	rows := t.after
	if l.newest {
		rows = t.before
	}
	for seq, value := range rows(from) {
		item, ok := show(value)
		if !ok {
			continue
		}
		if len(items) == int(l.size) {
			return items, s.pageToken(l, from), nil
		}
		items = append(items, item)
		from = seq
	}
	return items, "", nil
}

// A page token holds the sequence number of the last row shown, and a code that
// only this server can make for this number, list and filters.
const (
	pageTokenSeq  = 8
	pageTokenSize = pageTokenSeq + 16
)

func (s *Server) pageToken(l listing, seq uint64) string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, pageTokenSize), seq)
	b = append(b, s.pageCode(l, b)[:pageTokenSize-pageTokenSeq]...)
	return base64.RawURLEncoding.EncodeToString(b)
}

func (s *Server) openPageToken(l listing) (seq uint64, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(l.token)
	if err != nil || len(b) != pageTokenSize {
		return 0, false
	}
	position, code := b[:pageTokenSeq], b[pageTokenSeq:]
	if !hmac.Equal(code, s.pageCode(l, position)[:len(code)]) {
		return 0, false
	}
	return binary.BigEndian.Uint64(position), true
}

func (s *Server) pageCode(l listing, position []byte) []byte {
	h := hmac.New(sha256.New, s.pageKey)
	h.Write(position)
	h.Write([]byte(l.op + "\x00" + strings.Join(l.filters, "\x00")))
	return h.Sum(nil)
}
