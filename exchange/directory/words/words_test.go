package words

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTheListsCanBeReadOverABadLine(t *testing.T) {
	for _, lang := range []string{"en", "ru"} {
		list := List(lang)
		if len(list) != Size {
			t.Fatalf("%s has %d words", lang, len(list))
		}
		for i, a := range list {
			if n := utf8.RuneCountInString(a); n < 3 || strings.ToLower(a) != a || strings.Contains(a, "ё") {
				t.Errorf("%q is too short or has letters that are typed in two ways", a)
			}
			for _, b := range list[:i] {
				if near([]rune(a), []rune(b)) {
					t.Errorf("%q and %q differ in one letter", a, b)
				}
			}
		}
	}
}

// near reports whether one letter changed, added or left out makes one word of the other.
func near(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i == len(a) || string(a[i+1:]) == string(b[i+1:])
	}
	return string(a[i:]) == string(b[i+1:])
}

// TestTheListsAreFrozen holds the lists and the print against what the first release speaks: two releases must say the same words.
func TestTheListsAreFrozen(t *testing.T) {
	for text, want := range map[string]string{english: "67c2d8c4b00d9841787f83e4dbb964bbe2d08c13c3d1d3545e7f7a08ba20defa", russian: "41104ab80d1133bf450f1c71dad7e3e4bbb571499e46bc248fe1f469f9c7f562"} {
		if got := fmt.Sprintf("%x", sha256.Sum256([]byte(text))); got != want {
			t.Errorf("the list changed: %s", got)
		}
	}
	p := Of("a", "b")
	if got := p.String(); got != "builder stairs shoulder dolphin parsley bamboo highway jury" {
		t.Errorf("%q", got)
	}
	if got := p.In("ru"); got != "вареник туннель сустав желудь принц барсук кулак маркиз" {
		t.Errorf("%q", got)
	}
}

func TestBordersOfPartsCount(t *testing.T) {
	if Of("ab", "c") == Of("a", "bc") || Of("a") == Of("a", "") {
		t.Error("two different things have the same words")
	}
}

func TestWhatWasHeard(t *testing.T) {
	p, other := Of("one"), Of("two")
	for _, ok := range []string{p.String(), p.In("ru"), strings.ToUpper(p.In("ru")), "  " + strings.ReplaceAll(p.String(), " ", ",  ") + "."} {
		if err := p.Heard(ok); err != nil {
			t.Errorf("%q: %v", ok, err)
		}
	}
	list := List("en")
	misheard := strings.Fields(p.String())
	misheard[3] = list[(p[3]+7)%Size]
	unknown := strings.Fields(p.String())
	unknown[2] = "xylophonist"
	mixed := strings.Fields(p.String())
	mixed[0] = List("ru")[p[0]]
	for _, c := range []struct{ text, want string }{
		{"", "0 words"},
		{other.String(), "Stop"},
		{other.In("ru"), "Stop"},
		{strings.Join(misheard, " "), "misheard"},
		{strings.Join(unknown, " "), "word 3, \"xylophonist\""},
		{strings.Join(mixed, " "), "one language"},
		{"a b c d e f g h", "language"},
	} {
		if err := p.Heard(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

// TestEveryMisheardWordIsTold proves it for each place and each other word.
func TestEveryMisheardWordIsTold(t *testing.T) {
	p := Of("whatever")
	for i := range Count {
		for d := 1; d < Size; d++ {
			q := p
			q[i] = (q[i] + d) % Size
			if q.check() == q[Count-1] {
				t.Fatalf("word %d misheard by %d goes through", i+1, d)
			}
		}
	}
}
