package synth

import (
	"strconv"
	"strings"
)

// The background must not be full of accidents: with some 850 listed and a few thousand common names, chance alone would
// make more look-alikes than are planted, and nobody would know which. So a traveller who shares a listed name and whose
// birth year comes near it is drawn again. Namesakes born in another year stay, as in life.

// patience is how often a person is drawn again. With very long lists every name is on one, and then a likeness stands.
const patience = 100

// remembered is what is kept of a listed person to recognise an accident.
type remembered struct {
	first, last int // birth years, 0/0 unknown
}

// remember notes the listed names by their bones.
func (r *Region) remember() {
	r.Lists.bones = map[string][]remembered{}
	for _, e := range r.Lists.all() {
		m := remembered{}
		if len(e.Born) >= 4 {
			m.first, _ = strconv.Atoi(e.Born[:4])
			m.last = m.first
			if _, to, ok := strings.Cut(e.Born, "/"); ok {
				m.last, _ = strconv.Atoi(to)
			}
		}
		p := e.Person
		for _, given := range []string{p.Given.latin(), lastWord(e.Aliases)} {
			if given != "" {
				key := bones(p.Surname.latin()) + "|" + bones(given)
				r.Lists.bones[key] = append(r.Lists.bones[key], m)
			}
		}
	}
}

func lastWord(aliases []string) string {
	if len(aliases) == 0 {
		return ""
	}
	words := strings.Fields(aliases[len(aliases)-1])
	return words[len(words)-1]
}

// collides tells whether a person drawn by chance could be taken for somebody listed.
func (r *Region) collides(p *Person) bool {
	a, b := bones(p.Surname.latin()), bones(p.Given.latin())
	year, _ := strconv.Atoi(p.Born[:4])
	for _, key := range []string{a + "|" + b, b + "|" + a} {
		for _, m := range r.Lists.bones[key] {
			if m.first == 0 || (year >= m.first-3 && year <= m.last+3) {
				return true
			}
		}
	}
	return false
}

// bones reduces a Latin name to what survives any spelling: its consonants, in classes, without repeats and without a
// woman's ending.
func bones(s string) string {
	var b strings.Builder
	last := byte(0)
	for i := range len(s) {
		c := byte(0)
		switch s[i] {
		case 'B', 'P':
			c = 'P'
		case 'F', 'V', 'W':
			c = 'V'
		case 'K', 'Q', 'G', 'X':
			c = 'K'
		case 'Z', 'S', 'J', 'C':
			c = 'S'
		case 'D', 'T':
			c = 'T'
		case 'L', 'M', 'N', 'R':
			c = s[i]
		default:
			if i == 0 {
				c = 'A'
			}
		}
		if c != 0 && c != last {
			b.WriteByte(c)
			last = c
		}
	}
	return b.String()
}
