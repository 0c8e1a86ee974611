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
		reader: reader{data: data},
		secret: secretMembers,
		mask:   appendString(nil, mask),
		out:    make([]byte, 0, len(data)),
	}
	if m.value() != nil || m.end() != nil {
		return nil, false
	}
	return append(m.out, data[m.copied:]...), true
}

type masker struct {
	reader
	secret func(name string) bool
	mask   []byte // as JSON
	out    []byte
	copied int // data[:copied] is in out, masked
}

func (m *masker) value() *Error {
	switch m.peek() {
	case '{':
		if err := m.openObject(); err != nil {
			return err
		}
		for first := true; ; first = false {
			name, more, err := m.member(first)
			if err != nil || !more {
				return err
			}
			if m.secret(string(name)) && m.peek() != 'n' {
				err = m.hide()
			} else {
				err = m.value()
			}
			if err != nil {
				return err
			}
		}
	case '[':
		if err := m.openArray(); err != nil {
			return err
		}
		for first := true; ; first = false {
			if more, err := m.element(first); err != nil || !more {
				return err
			}
			if err := m.value(); err != nil {
				return err
			}
		}
	default:
		return m.skip()
	}
}

// hide puts the mask in the place of the value that begins at the current byte.
func (m *masker) hide() *Error {
	m.out = append(m.out, m.data[m.copied:m.pos]...)
	m.out = append(m.out, m.mask...)
	err := m.skip()
	m.copied = m.pos
	return err
}
