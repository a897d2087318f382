package synth

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"
	"unicode"

	"sarhad/format/ofac"
	"sarhad/format/unsc"
	"sarhad/record/vocab"
)

var realLists = flag.String("real-lists", "", "folder with real UN and OFAC files: no invented entry may equal a listed person in name and birth year")

// a winter night on which Almaty, Tashkent and Ashgabat keep UTC+5
var night = time.Date(2026, 11, 22, 23, 7, 9, 0, time.UTC)

func small(t *testing.T, c Config) *Region {
	t.Helper()
	if c.Now.IsZero() {
		c.Now = night
	}
	if c.FlightsPerDay == 0 {
		c.FlightsPerDay, c.HistoryFlights, c.HistoryDays = 14, 3, 2
	}
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// everything gives all files of a region as one text.
func everything(t *testing.T, r *Region) string {
	t.Helper()
	dir := t.TempDir()
	if err := r.WriteDir(dir); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		b.WriteString("== " + filepath.ToSlash(rel) + "\n")
		b.Write(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The same seed and clock give the same bytes; another seed or another night gives others.
func TestSameSeedSameBytes(t *testing.T) {
	first := everything(t, small(t, Config{Seed: 5}))
	if first != everything(t, small(t, Config{Seed: 5})) {
		t.Error("the same seed and clock gave different bytes")
	}
	if first == everything(t, small(t, Config{Seed: 6})) {
		t.Error("another seed gave the same bytes")
	}
	if first == everything(t, small(t, Config{Seed: 5, Now: night.Add(3 * time.Hour)})) {
		t.Error("another hour gave the same bytes")
	}
}

// The default region has the size of a demonstration.
func TestDefaultSize(t *testing.T) {
	r, err := New(Config{Now: night, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	tr := r.Truth
	if tr.Tonight != 60 || tr.Flights != 60+7*8 {
		t.Errorf("%d flights, %d tonight", tr.Flights, tr.Tonight)
	}
	if tr.OnTonight < 6000 || tr.OnTonight > 9000 {
		t.Errorf("%d travellers tonight, want 6,000 to 9,000", tr.OnTonight)
	}
	known, alike, again := 0, 0, 0
	for _, c := range tr.Cases {
		switch {
		case c.Kind == CaseKnown:
			known++
		case c.DismissedBefore:
			again++
			alike++
		default:
			alike++
		}
	}
	if known != 7 || alike != 70 || again != 4 {
		t.Errorf("%d known, %d look-alikes of whom %d were dismissed before; want 7, 70, 4", known, alike, again)
	}
	if n, u, o := len(r.Lists.National), len(r.Lists.UN), len(r.Lists.OFAC); n != 400 || u != 150 || o != 300 {
		t.Errorf("lists of %d, %d, %d", n, u, o)
	}
}

// Tonight is around the clock, flights take as long as they must, and everybody lands at home.
func TestTonightIsTonight(t *testing.T) {
	for _, home := range []string{"KAZ", "UZB", "KGZ", "TJK", "TKM"} {
		r := small(t, Config{Seed: 2, Home: home})
		soon := 0
		for _, f := range r.Tonight() {
			at := f.Arrival().Arrives
			if at.Before(night.Add(-before-5*time.Minute)) || at.After(night.Add(after)) {
				t.Errorf("%s arrives %v, outside the window", f.Name(), at)
			}
			if at.After(night) && at.Before(night.Add(10*time.Hour)) {
				soon++
			}
			for i, l := range f.Legs {
				from, ok1 := vocab.Airport(l.From)
				to, ok2 := vocab.Airport(l.To)
				if !ok1 || !ok2 || l.From == l.To {
					t.Errorf("%s flies %s to %s", f.Name(), l.From, l.To)
				}
				if d := l.Arrives.Sub(l.Departs); d < 35*time.Minute || d > 14*time.Hour {
					t.Errorf("%s: %s-%s takes %v", f.Name(), l.From, l.To, d)
				}
				if i == f.home && to.Country != home || i == 0 && from.Country == home {
					t.Errorf("%s: %s-%s does not come from abroad to %s", f.Name(), l.From, l.To, home)
				}
				if i > 0 && l.Departs.Before(f.Legs[i-1].Arrives) {
					t.Errorf("%s leaves %s before it is there", f.Name(), l.From)
				}
			}
		}
		if soon == 0 {
			t.Errorf("%s: nothing arrives in the next hours", home)
		}
	}
}

// No two flights of a day share a number, no two persons of a flight a seat or a reference.
func TestNothingTwice(t *testing.T) {
	r := small(t, Config{Seed: 3, FlightsPerDay: 40})
	documents := map[string]*Person{}
	for _, f := range r.Flights {
		seen := map[string]bool{}
		for _, tr := range f.Travellers {
			for _, key := range []string{"ref " + tr.Ref, "seat " + tr.Seat} {
				if key != "seat " && seen[key] {
					t.Errorf("%s: %s twice", f.Name(), key)
				}
				seen[key] = true
			}
			if tr.Document == nil {
				continue
			}
			if other := documents[tr.Document.Number]; other != nil && other != tr.Person {
				t.Errorf("document %s belongs to two persons", tr.Document.Number)
			}
			documents[tr.Document.Number] = tr.Person
		}
	}
}

// Every person is possible: a birth date in the past, papers for the right state, letters a passport can have.
func TestPersonsArePossible(t *testing.T) {
	latin := regexp.MustCompile(`^[A-Z][A-Z -]*$`)
	r := small(t, Config{Seed: 4})
	minors, women := 0, 0
	for _, f := range r.Flights {
		for _, tr := range f.Travellers {
			p := tr.Person
			if !latin.MatchString(tr.Surname) || !latin.MatchString(tr.Given) {
				t.Errorf("%s: %q %q cannot stand in a passport", tr.Ref, tr.Surname, tr.Given)
			}
			born, err := time.Parse(time.DateOnly, p.Born)
			if err != nil || born.After(night) || born.Before(night.AddDate(-90, 0, 0)) {
				t.Errorf("%s: born %q", tr.Ref, p.Born)
			}
			if p.Sex != "M" && p.Sex != "F" {
				t.Errorf("%s: sex %q", tr.Ref, p.Sex)
			}
			if _, ok := vocab.Country(p.Nationality); !ok {
				t.Errorf("%s: nationality %q", tr.Ref, p.Nationality)
			}
			if tr.Role == RoleCrew && born.After(night.AddDate(-20, 0, 0)) {
				t.Errorf("%s: a crew member born %s", tr.Ref, p.Born)
			}
			if born.After(night.AddDate(-18, 0, 0)) {
				minors++
			}
			if p.Sex == "F" {
				women++
			}
		}
	}
	n := r.Truth.Travellers
	if minors*100 < n*5 || minors*100 > n*30 || women*100 < n*35 || women*100 > n*60 {
		t.Errorf("of %d, %d are minors and %d women", n, minors, women)
	}
}

// Children in a family booking bear the surname of one who is old enough to be a parent.
func TestFamiliesShareASurname(t *testing.T) {
	r := small(t, Config{Seed: 8, FlightsPerDay: 30})
	families := 0
	for _, f := range r.Flights {
		bookings := map[string][]*Person{}
		for _, tr := range f.Travellers {
			if tr.Booking != "" {
				bookings[tr.Booking] = append(bookings[tr.Booking], tr.Person)
			}
		}
		for _, party := range bookings {
			for _, p := range party {
				if r.age(p) >= 15 {
					continue
				}
				parent := slices.ContainsFunc(party, func(o *Person) bool {
					return r.age(o) >= r.age(p)+18 && (bones(o.Surname.latin()) == bones(p.Surname.latin()) ||
						strings.HasPrefix(p.Surname.Native, o.Given.Native+" "))
				})
				if !parent {
					t.Errorf("a child %s of %s travels without a parent", p.NativeName(), p.Born)
				}
				families++
			}
		}
	}
	if families < 20 {
		t.Errorf("only %d children", families)
	}
}

// Names follow the customs of those who bear them.
func TestPatronymicsAndPractices(t *testing.T) {
	for father, want := range map[string][2]string{
		"Сергей": {"Сергеевич", "Сергеевна"}, "Юрий": {"Юрьевич", "Юрьевна"}, "Дмитрий": {"Дмитриевич", "Дмитриевна"},
		"Игорь": {"Игоревич", "Игоревна"}, "Илья": {"Ильич", "Ильинична"}, "Пётр": {"Петрович", "Петровна"},
		"Иван": {"Иванович", "Ивановна"}, "Абдулло": {"Абдуллоевич", "Абдуллоевна"}, "Шодӣ": {"Шодиевич", "Шодиевна"},
	} {
		if m, f := russianPatronymic(father, "M"), russianPatronymic(father, "F"); m != want[0] || f != want[1] {
			t.Errorf("%s: %s, %s; want %v", father, m, f, want)
		}
	}
	for _, c := range []struct {
		name string
		p    practice
		want string
	}{
		{"Жұмабаев", practiceKazakh, "ZHUMABAEV"}, {"Жұмабаев", practiceTurkic, "JUMABAEV"}, {"Жұмабаев", practiceFrench, "JOUMABAEV"},
		{"Юлия", practiceRussian, "IULIIA"}, {"Юлия", practiceRussianOld, "YULIYA"}, {"Ҳоҷиев", practiceTajik, "HOJIEV"},
		{"Хўжаев", practiceUzbek, "XOJAEV"}, {"Чарыев", practiceTurkmen, "CARYEW"}, {"Şükrü", practiceTurkish, "SUKRU"},
		{"Müller", practiceGerman, "MUELLER"},
	} {
		if got := romanize(c.name, c.p); got != c.want {
			t.Errorf("%s by practice %d: %s, want %s", c.name, c.p, got, c.want)
		}
	}
	if feminine("Каримов") != "Каримова" || feminine("Мирзозода") != "Мирзозода" {
		t.Error("women's surnames")
	}
}

// Each name of the tables has a Latin form that a passport can carry, and no table mixes scripts inside a name.
func TestNameTables(t *testing.T) {
	for id, n := range namings() {
		for _, list := range [][]Name{n.men, n.women, n.familiesM, n.familiesF, n.fathersM, n.fathersF, n.russianM, n.russianF} {
			for _, name := range list {
				if name.Native == "" || len(name.Latin) == 0 {
					t.Errorf("%s: empty name %+v", id, name)
				}
				for _, l := range name.Latin {
					if l == "" || l != passportLetters(l) {
						t.Errorf("%s: %s is written %q", id, name.Native, l)
					}
				}
				latin := strings.ContainsFunc(name.Native, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
				other := strings.ContainsFunc(name.Native, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) })
				if latin && other {
					t.Errorf("%s: %q mixes scripts", id, name.Native)
				}
			}
		}
		if len(n.men) < 8 || len(n.women) < 8 || len(n.familiesM) < 11 {
			t.Errorf("%s: %d, %d, %d names", id, len(n.men), len(n.women), len(n.familiesM))
		}
	}
}

// The bench's people are many, cheap and repeatable.
func TestPeople(t *testing.T) {
	a, b := People(9, night, 500), People(9, night, 500)
	names := map[string]bool{}
	for i := range a {
		if a[i].NativeName() != b[i].NativeName() || a[i].Document != b[i].Document {
			t.Fatal("the same seed gave other people")
		}
		names[a[i].LatinName()] = true
	}
	if len(names) < 450 {
		t.Errorf("only %d names among 500", len(names))
	}
	if a[0].LatinName() == People(10, night, 1)[0].LatinName() {
		t.Error("another seed gave the same person")
	}
}

func BenchmarkPeople(b *testing.B) { People(1, night, b.N) }

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []Config{{}, {Now: night, Home: "FRA"}, {Now: night, FlightsPerDay: -1}, {Now: night, UN: -3}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
	r := small(t, Config{FlightsPerDay: 2, HistoryDays: -1, Known: -1, LookAlikes: -1})
	if len(r.Truth.Cases) != 0 || len(r.Flights) != 2 {
		t.Errorf("%d cases, %d flights; want none and 2", len(r.Truth.Cases), len(r.Flights))
	}
}

// No invented entry of the default region equals a person on the real lists in name and birth year. Run with
// -real-lists FOLDER.
func TestNobodyRealIsListed(t *testing.T) {
	if *realLists == "" {
		t.Skip("no -real-lists given")
	}
	bag := func(s string) string {
		words := strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return !unicode.IsLetter(r) })
		sort.Strings(words)
		return strings.Join(words, " ")
	}
	years := map[string]string{}
	var files []ofac.File
	for _, name := range []string{"sdn.csv", "alt.csv"} {
		body, err := os.ReadFile(filepath.Join(*realLists, name))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, ofac.File{Name: name, Data: bytes.NewReader(body)})
	}
	treasury, err := ofac.Read(files...)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range treasury.Entries {
		for _, n := range e.Names {
			years[bag(n.Full)] += " " + strings.Join(e.Births, " ")
		}
	}
	paths, _ := filepath.Glob(filepath.Join(*realLists, "un_*.xml"))
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		council, err := unsc.Read(bytes.NewReader(body), path)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range council.Entries {
			for _, n := range e.Names {
				for _, b := range e.Births {
					years[bag(n.Full)] += " " + b.Date
				}
			}
		}
	}
	for seed := range uint64(5) {
		r := small(t, Config{Seed: seed})
		for _, e := range r.Lists.all() {
			p := e.Person
			for _, name := range []string{joined(p.Surname.latin(), p.Given.latin()), p.LatinName()} {
				if strings.Contains(years[bag(name)], p.Born[:4]) {
					t.Errorf("seed %d: entry %s has the name and birth year of somebody real", seed, e.ID)
				}
			}
		}
	}
}
