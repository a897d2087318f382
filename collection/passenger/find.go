package passenger

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"sarhad/format/paxlst"
	"sarhad/record"
)

// stored is a journey of the same voyages that is in the store.
type stored struct {
	key  string
	body *Journey
	used bool
}

// find tells for each person of a message which stored journey is theirs: its key, or "" for a new one. Each stored
// journey is given to one person at most. A stored journey is a person's
//
//  1. when the carrier told it in the same segments before;
//  2. when it has a document in common, unless two of surname, given names and birth date differ (an infant on a parent's
//     passport);
//  3. when it has the carrier's own reference of the person, and the name, the surname or the birth date agrees;
//  4. when the name is the same and nothing speaks against it: birth dates, bookings and references agree where both have
//     them, and where both have documents (which then differ: one was corrected) the birth date is known.
//
// The rules are tried in this order, each on the whole list, so that a sure finding is never spoilt by a less sure one.
// A journey told by another part of the same list is never taken: parts hold different persons. Crew and passengers are
// never taken for each other.
func find(journeys []*Journey, have []*stored) []string {
	found := make([]string, len(journeys))
	for _, rule := range rules {
		byMark := map[string][]*stored{}
		for _, s := range have {
			if s.used {
				continue
			}
			for _, m := range rule.marks(s.body) {
				byMark[m] = append(byMark[m], s)
			}
		}
		for i, j := range journeys {
			if found[i] != "" {
				continue
			}
			for _, m := range rule.marks(j) {
				if s := pick(byMark[m], j, rule.fits); s != nil {
					s.used, found[i] = true, s.key
					break
				}
			}
		}
	}
	return found
}

var rules = []struct {
	marks func(*Journey) []string
	fits  func(in, had *Journey) bool
}{
	{heardMarks, func(_, _ *Journey) bool { return true }},
	{documentMarks, sameTraveller},
	{referenceMarks, func(in, had *Journey) bool {
		return sameName(in, had) || in.Born != "" && in.Born == had.Born || in.Surname != "" && strings.EqualFold(in.Surname, had.Surname)
	}},
	{nameMarks, fitsByName},
}

func pick(all []*stored, j *Journey, fits func(in, had *Journey) bool) *stored {
	for _, s := range all {
		if !s.used && (s.body.Role == "crew") == (j.Role == "crew") && !otherPart(s.body, j.Heard[0]) && fits(j, s.body) {
			return s
		}
	}
	return nil
}

// otherPart tells whether the journey was told by another part of the list that t is from, and not by this part.
func otherPart(had *Journey, t Told) bool {
	if t.List == "" {
		return false
	}
	other := false
	for _, h := range had.Heard {
		if h.List == t.List {
			if h.Part == t.Part {
				return false
			}
			other = true
		}
	}
	return other
}

func heardMarks(j *Journey) []string {
	var out []string
	for _, t := range j.Heard {
		out = append(out, t.Mark)
	}
	return out
}

func documentMarks(j *Journey) []string {
	var out []string
	for _, d := range j.Documents {
		if d.Type != "V" { // a visa may be shared, a passport is not
			if key := record.DocumentKey(d.Issuer, d.Number); key != "" {
				out = append(out, key)
			}
		}
	}
	return out
}

func referenceMarks(j *Journey) []string {
	if j.UniqueRef == "" {
		return nil
	}
	return []string{j.UniqueRef}
}

func nameMarks(j *Journey) []string {
	if n := j.fullName(); n != "" {
		return []string{strings.ToUpper(n)}
	}
	return nil
}

func sameName(a, b *Journey) bool {
	return a.fullName() != "" && strings.EqualFold(a.fullName(), b.fullName())
}

// sameTraveller reports whether two journeys under one document can be one person: at most one of surname, given names
// and birth date differs. A corrected letter or date passes, an infant on a parent's passport does not.
func sameTraveller(a, b *Journey) bool {
	differ := 0
	for _, pair := range [][2]string{{a.Surname, b.Surname}, {untitled(a.Given), untitled(b.Given)}, {a.Born, b.Born}} {
		if unlike(pair[0], pair[1]) {
			differ++
		}
	}
	return differ <= 1
}

// unlike: both are known and they are not the same.
func unlike(a, b string) bool { return a != "" && b != "" && !strings.EqualFold(a, b) }

func fitsByName(in, had *Journey) bool {
	if unlike(in.Born, had.Born) || unlike(in.Booking, had.Booking) || unlike(in.UniqueRef, had.UniqueRef) {
		return false
	}
	if len(documentMarks(in)) > 0 && len(documentMarks(had)) > 0 {
		return in.Born != "" && in.Born == had.Born
	}
	return true
}

// newKey makes the key of a new journey: its voyage, and a hash of what names the person, because it stands in places where
// no name belongs; an ordinal where that is taken, so that two persons alike in everything stay two.
func newKey(voyage string, j *Journey, taken func(string) bool) string {
	parts := append([]string{strings.ToUpper(j.fullName()), j.Born, j.UniqueRef, j.Booking}, documentMarks(j)...)
	base := voyage + "/" + hash(parts...)
	key := base
	for n := 2; taken(key); n++ {
		key = base + "." + strconv.Itoa(n)
	}
	return key
}

// hash is the first 16 bytes of SHA-256 over some lines, hexadecimal.
func hash(lines ...string) string {
	h := sha256.New()
	for _, l := range lines {
		h.Write([]byte(l))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// messageKey tells messages apart by sender, interchange and every segment.
func messageKey(m paxlst.Message) string {
	lines := append([]string{m.Header.Sender, m.Header.Interchange}, m.Header.Segments...)
	for i := range m.Travellers {
		lines = append(lines, m.Travellers[i].Details.Segments...)
	}
	return hash(lines...)
}

// listKey ties the parts of one list together; "" for a list in one part.
func listKey(h paxlst.Header) string {
	if h.First && h.Last {
		return ""
	}
	return hash(h.Sender, h.CommonRef, h.Reference, h.Document)
}
