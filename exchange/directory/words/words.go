// Package words turns a fingerprint into words that two people read to each other over a bad telephone line.
//
// A Print is eight words: seven carry 70 bits, the eighth is a checksum, so that a misheard word is told from a wrong key.
// The hash behind it is repeated 65,536 times, which a person does not notice and which costs whoever searches for
// a second key with the same words 16 bits more. English and Russian have a list of 1024 plain nouns each; any two of a list
// differ in at least two letters. A word means its place in the list: the lists are frozen, a change would
// make two releases speak different words.
package words

import (
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

//go:embed en.txt
var english string

//go:embed ru.txt
var russian string

// Counts.
const (
	Count  = 8    // words of a print
	Size   = 1024 // words of a list
	rounds = 1 << 16
)

// Print is a fingerprint: places in a list.
type Print [Count]int

// Of makes the fingerprint of parts. Their borders count: ("ab", "c") is not ("a", "bc").
func Of(parts ...string) Print {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	sum := [sha256.Size]byte(h.Sum(nil))
	for range rounds {
		sum = sha256.Sum256(sum[:])
	}
	var p Print
	bits := binary.BigEndian.Uint64(sum[:8])
	rest := binary.BigEndian.Uint64(sum[8:16])
	for i := range Count - 1 {
		if i < 6 {
			p[i] = int(bits >> (54 - 10*i) & (Size - 1))
		} else {
			p[i] = int(rest & (Size - 1))
		}
	}
	p[Count-1] = p.check()
	return p
}

// check is the last word: it changes whenever one word before it changes, and nearly always when two neighbours are exchanged.
func (p Print) check() int {
	sum := 0
	for i, n := range p[:Count-1] {
		sum += (2*i + 1) * n // odd factors: no change of one word is lost modulo 1024
	}
	return sum % Size
}

// List gives the words of a language, "en" or "ru"; nil for another.
func List(lang string) []string {
	switch lang {
	case "en":
		return strings.Fields(english)
	case "ru":
		return strings.Fields(russian)
	}
	return nil
}

// In writes the print in a language.
func (p Print) In(lang string) string {
	list := List(lang)
	out := make([]string, Count)
	for i, n := range p {
		out[i] = list[n]
	}
	return strings.Join(out, " ")
}

// String is the print in English.
func (p Print) String() string { return p.In("en") }

// Heard compares what somebody heard with the print. The error says in words what does not fit: a word that is in no list, a
// misheard word, or words of something else.
func (p Print) Heard(text string) error {
	said := strings.Fields(strings.NewReplacer("ё", "е", ",", " ", ".", " ").Replace(strings.ToLower(text)))
	if len(said) != Count {
		return fmt.Errorf("%d words were typed; %d are read out", len(said), Count)
	}
	for _, lang := range []string{"en", "ru"} {
		got, bad := read(said, List(lang))
		if bad == Count {
			continue // the other language
		}
		if bad >= 0 && !slices.Contains(List("en"), said[bad]) && !slices.Contains(List("ru"), said[bad]) {
			return fmt.Errorf("word %d, %q, is not in the list: ask for it again", bad+1, said[bad])
		}
		switch {
		case bad >= 0:
			continue
		case got == p:
			return nil
		case got.check() != got[Count-1]:
			return fmt.Errorf("the last word does not fit the others: one of them was misheard. Have them read again")
		}
		return fmt.Errorf("the words are whole and they are not these: the file is not the one that was sent, or somebody exchanged it on its way. Stop, and send it again by another way")
	}
	return fmt.Errorf("the words are not of one language: have them read again, in English or in Russian")
}

// read finds words in a list. bad is the first that is not there, Count when none is, -1 when all are.
func read(said, list []string) (p Print, bad int) {
	bad = -1
	missing := 0
	for i, w := range said {
		if p[i] = slices.Index(list, w); p[i] < 0 {
			missing++
			if bad < 0 {
				bad = i
			}
		}
	}
	if missing == Count {
		return p, Count
	}
	return p, bad
}
