package wire

// Mask returns a copy of a JSON text in which the value of each member, at any
// depth, whose name satisfies secretMembers is the JSON string mask, whatever
// type it had; only null stays null. Everything else, white space included, is
// copied as it is. The names are unescaped before the question.
//
// It reports false when data is not one valid JSON value (nested at most 100
// levels), and then returns nothing: of a text that it does not understand it
// cannot say where the secrets are.
func Mask(data []byte, secretMembers func(name string) bool, mask string) ([]byte, bool) {
	m := masker{
		secret: secretMembers,
		mask:   appendString(nil, mask),
		out:    make([]byte, 0, len(data)),
	}
	m.Reset(data)
	m.skipping = 1 // nothing of it is decoded, so it counts for no limit
	if m.peek(); m.pos == len(data) {
		return nil, false
	}
	m.value()
	if m.End() != nil {
		return nil, false
	}
	return append(m.out, data[m.copied:]...), true
}

type masker struct {
	Reader
	secret func(name string) bool
	mask   []byte // as JSON
	out    []byte
	copied int // data[:copied] is in out, masked
}

func (m *masker) value() {
	switch m.peek() {
	case '{':
		for ok := m.Object(); ok; ok = m.Member() {
			if m.secret(string(m.Name())) {
				m.hide()
			} else {
				m.value()
			}
		}
	case '[':
		for ok := m.Array(); ok; ok = m.Element() {
			m.value()
		}
	default:
		m.Skip()
	}
}

// hide puts the mask in the place of the value that begins at the current byte.
func (m *masker) hide() {
	m.peek()
	m.out = append(m.out, m.data[m.copied:m.pos]...)
	m.out = append(m.out, m.mask...)
	m.Skip()
	m.copied = m.pos
}
