package gen

import (
	"regexp/syntax"
	"strings"
)

// matching returns a random string that matches a pattern as a whole.
func (g *Gen) matching(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic("gen: " + err.Error())
	}
	var b strings.Builder
	g.match(&b, re)
	return b.String()
}

func (g *Gen) match(b *strings.Builder, re *syntax.Regexp) {
	repeat := func(low, high int) {
		for range low + g.r.IntN(high-low+1) {
			g.match(b, re.Sub[0])
		}
	}
	const many = 20
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText:
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		i := 2 * g.r.IntN(len(re.Rune)/2)
		low, high := re.Rune[i], re.Rune[i+1]
		b.WriteRune(low + g.r.Int32N(high-low+1))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune(pick(g, []rune("abcXYZ019 .-_é日🎥")))
	case syntax.OpCapture:
		g.match(b, re.Sub[0])
	case syntax.OpStar:
		repeat(0, many)
	case syntax.OpPlus:
		repeat(1, many)
	case syntax.OpQuest:
		repeat(0, 1)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			g.match(b, sub)
		}
	case syntax.OpAlternate:
		g.match(b, pick(g, re.Sub))
	default:
		panic("gen: the pattern has a " + re.Op.String())
	}
}
