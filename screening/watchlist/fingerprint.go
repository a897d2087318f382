package watchlist

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Seal sets the fingerprint: a hash of what the entry means. It covers everything the publisher
// says and nothing of how it is written down: not the order of names, documents, dates or places,
// not white space, not the Unicode form of letters; nor the state and the publication.
func (e *Entry) Seal() {
	e.Fingerprint = hashOf(e.meaning(clean))
}

// meaning is the entry with every text passed through f, and every list sorted and without
// repetitions.
func (e *Entry) meaning(f func(string) string) map[string]any {
	names := make([]string, 0, len(e.Names))
	for _, n := range e.Names {
		former := ""
		if n.Former {
			former = "former"
		}
		names = append(names, text(f, n.Full, n.Surname, n.Given, n.Quality, former))
	}
	documents := make([]string, 0, len(e.Documents))
	for _, d := range e.Documents {
		documents = append(documents, text(f, d.Type, d.Number, d.Issuer, d.Issued, d.Expires, d.Note))
	}
	places := make([]string, 0, len(e.Places))
	for _, p := range e.Places {
		places = append(places, text(f, p.Role, p.Text, p.Country))
	}
	until := ""
	if !e.ValidUntil.IsZero() {
		until = e.ValidUntil.UTC().Format("2006-01-02T15:04:05Z")
	}
	return map[string]any{
		"id": text(f, e.List, e.ID, e.Type), "names": set(names), "documents": set(documents), "places": set(places),
		"titles": each(f, e.Titles), "born": each(f, e.Born), "born_text": each(f, e.BornText), "sex": e.Sex,
		"nationalities": each(f, e.Nationalities), "countries": each(f, e.Countries), "related": each(f, e.Related),
		"remarks": f(e.Remarks), "programme": f(e.Programme), "listed": e.Listed, "reason": f(e.Reason),
		"severity": e.Severity, "instruction": e.Instruction, "contact": f(e.Contact), "until": until,
	}
}

func text(f func(string) string, parts ...string) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = f(p)
	}
	return strings.Join(out, "\x1f")
}

func each(f func(string) string, in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = f(s)
	}
	return set(out)
}

func set(in []string) []string {
	slices.Sort(in)
	return slices.Compact(in)
}

// clean evens out white space and the Unicode form.
func clean(s string) string { return norm.NFC.String(strings.Join(strings.Fields(s), " ")) }

func hashOf(v any) string {
	b, err := json.Marshal(v) // maps are written with sorted keys
	if err != nil {           // strings and lists of strings only
		panic("watchlist: meaning cannot be written: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// lowest is what a lossy publication keeps of a text: the lowest byte of each letter, without
// what such a publication cannot tell apart (spaces, control characters).
func lowest(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range norm.NFC.String(s) {
		if c := byte(r); c > ' ' && c < 0x7F || c > 0xA0 {
			b = append(b, c)
		}
	}
	return string(b)
}

// sameButForLoss says whether a lossy publication's entry can be the stored one with letters lost:
// everything agrees in its lowest bytes, and no name is new. Names in scripts that cannot be
// rebuilt may be missing.
func sameButForLoss(stored, lossy *Entry) bool {
	a, b := *stored, *lossy
	a.Names, b.Names = nil, nil
	if hashOf(a.meaning(lowest)) != hashOf(b.meaning(lowest)) {
		return false
	}
	have, seen := map[string]bool{}, map[string]bool{}
	for _, n := range stored.Names {
		have[lossKey(n)] = true
	}
	for _, n := range lossy.Names {
		if !have[lossKey(n)] {
			return false
		}
		seen[lossKey(n)] = true
	}
	for _, n := range stored.Names {
		if !n.Original && !seen[lossKey(n)] {
			return false
		}
	}
	return true
}

// lossKey leaves out punctuation: a bracket or stop may have been taken for a letter.
func lossKey(n Name) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') && !n.Original {
			return -1
		}
		return r
	}, lowest(n.Full)) + "\x1f" + n.Quality
}

// keepLetters gives an entry of a lossy publication the names that are stored with all letters.
func keepLetters(stored, lossy *Entry) {
	full := map[string]Name{}
	for _, n := range stored.Names {
		if !n.Restored {
			full[lossKey(n)] = n
		}
	}
	seen := map[string]bool{}
	for i, n := range lossy.Names {
		if s, ok := full[lossKey(n)]; ok {
			lossy.Names[i] = s
		}
		seen[lossKey(n)] = true
	}
	for _, n := range stored.Names {
		if n.Original && !n.Restored && !seen[lossKey(n)] {
			lossy.Names = append(lossy.Names, n)
		}
	}
	lossy.Seal()
}
