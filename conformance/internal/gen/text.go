package gen

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// JSON writes a value as a service might: members in any order, some of them
// unknown, some given twice, white space, characters escaped that need not be.
func (g *Gen) JSON(v map[string]any) []byte {
	var b strings.Builder
	g.write(&b, v)
	g.space(&b)
	return []byte(b.String())
}

func (g *Gen) space(b *strings.Builder) {
	if g.oneIn(8) {
		b.WriteString(pick(g, []string{" ", "\n", "\r\n", "\t", "  "}))
	}
}

func (g *Gen) write(b *strings.Builder, v any) {
	g.space(b)
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int32:
		b.WriteString(strconv.Itoa(int(v)))
	case float32:
		g.writeFloat(b, v)
	case string:
		g.writeString(b, v)
	case Time:
		g.writeString(b, v.Text)
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			g.write(b, e)
			g.space(b)
		}
		b.WriteByte(']')
	case map[string]string:
		members := make([]member, 0, len(v))
		for _, key := range Sorted(v) {
			members = append(members, member{key, v[key]})
		}
		g.writeObject(b, members)
	case map[string]any:
		g.writeObject(b, g.members(v))
	default:
		panic(fmt.Sprintf("gen: a %T", v))
	}
}

type member struct {
	name  string
	value any
}

// members returns the members of a struct, now and then with more than it has.
func (g *Gen) members(v map[string]any) []member {
	var members []member
	for _, name := range Sorted(v) {
		members = append(members, member{name, v[name]})
	}
	g.r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	if len(members) > 0 && g.oneIn(10) {
		// Given twice: the later one counts. A null in its place would be another
		// matter, which a test of its own looks at.
		if m := pick(g, members); m.value != nil {
			members = append([]member{{m.name, g.another(m.value)}}, members...)
		}
	}
	if g.oneIn(4) {
		names := []string{"addedLater", "", "ResultMetadata", "__type", "résumé", "$"}
		for _, name := range Sorted(v) {
			// Names are not known by another case.
			names = append(names, strings.ToUpper(name), strings.ToUpper(name[:1])+name[1:], name+" ")
		}
		name := pick(g, names)
		if _, known := v[name]; !known {
			at := g.r.IntN(len(members) + 1)
			members = append(members[:at], append([]member{{name, g.unknown(2)}}, members[at:]...)...)
		}
	}
	return members
}

// another returns a value of the same type.
func (g *Gen) another(v any) any {
	switch v.(type) {
	case bool:
		return g.oneIn(2)
	case int32:
		return int32(7)
	case float32:
		return float32(7)
	case string:
		return "earlier"
	case Time:
		return Time{Text: "2001-02-03T04:05:06Z"}
	case []any:
		return []any{}
	case map[string]string:
		return map[string]string{"earlier": "earlier"}
	}
	return map[string]any{}
}

// unknown returns any JSON.
func (g *Gen) unknown(depth int) any {
	switch g.r.IntN(7) {
	case 0:
		return nil
	case 1:
		return g.oneIn(2)
	case 2:
		return g.r.Int32()
	case 3:
		return float32(g.r.NormFloat64() * 1e6)
	case 4:
		return g.odd()
	case 5:
		list := []any{}
		for range depth {
			list = append(list, g.unknown(depth-1))
		}
		return list
	}
	object := map[string]any{}
	for i := range depth {
		object["k"+strconv.Itoa(i)] = g.unknown(depth - 1)
	}
	return object
}

func (g *Gen) writeObject(b *strings.Builder, members []member) {
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		g.space(b)
		g.writeString(b, m.name)
		g.space(b)
		b.WriteByte(':')
		g.write(b, m.value)
		g.space(b)
	}
	b.WriteByte('}')
}

func (g *Gen) writeFloat(b *strings.Builder, f float32) {
	b.WriteString(strconv.FormatFloat(float64(f), pick(g, []byte("gef")), -1, 32))
}

// writeString escapes some characters that need not be. Bytes that are not UTF-8
// are written as they are: only a broken service does so.
func (g *Gen) writeString(b *strings.Builder, s string) {
	b.WriteByte('"')
	often := g.oneIn(6)
	for i, r := range s {
		switch {
		case r == '"' || r == '\\' || r < ' ':
			quoted, _ := json.Marshal(string(r))
			b.Write(quoted[1 : len(quoted)-1])
		case often && r == '/':
			b.WriteString(`\/`)
		case often && r != '\ufffd':
			for _, unit := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(b, pick(g, []string{`\u%04x`, `\u%04X`}), unit)
			}
		case r == '\ufffd':
			b.WriteByte(s[i]) // itself, or the byte that is no UTF-8
			if s[i] == 0xef {
				b.WriteString(s[i+1 : i+3])
			}
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}
