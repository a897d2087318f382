package match

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func full(name string) Person { return Person{Names: []Name{{Full: name}}} }

// namePairs: least and most bound the score of two names without other evidence.
var namePairs = []struct {
	a, b        string
	least, most float64
}{
	{"محمد رضا احمدی", "Mohammad Reza Ahmadi", 0.75, 0.90},
	{"Усама бин Ладен", "OSAMA BIN LADIN", 0.75, 0.90},
	{"أسامة بن لادن", "Усама бин Ладен", 0.70, 0.90},
	{"Абдуллоев Файзуллохон", "Abdulloev Fayzullokhon", 0.85, 0.92},
	{"Абдуллоев Файзуллохон", "ABDULLOYEV FAIZULLOKHON", 0.85, 0.92},
	{"Юсуф Каримов", "Joseph Karimov", 0.75, 0.90},
	{"Чжан Вэй", "Zhang Wei", 0.75, 0.90},
	{"Си Цзиньпин", "Xi Jinping", 0.75, 0.92},
	{"عبد الرحمن الراوي", "ABDULRAHMAN ALRAWI", 0.70, 0.92},
	{"عبدالرحمن الراوي", "Abd al-Rahman al-Rawi", 0.75, 0.92},
	{"IVANOV/IVANMR", "Иванов Иван Иванович", 0.72, 0.85},
	{"IVANOVA/ANNAMRS", "Anna Ivanova", 0.75, 0.85},
	{"Asan uulu Bakyt", "Асан уулу Бакыт", 0.75, 0.92},
	{"Zhumabaev Erlan Nurlanuly", "Жумабаев Ерлан Нурланович", 0.75, 0.92},
	{"Rahmonov Sherali", "Раҳмон Шералӣ", 0.70, 0.90},
	{"Karimzoda Sherali", "Karimov Sherali", 0.60, 0.88},
	{"Sardorbek Akhmadjonov", "AXMADJONOV SARDOR BEK", 0.80, 0.92},
	{"Toʻraqulov Gʻayrat", "ТУРАКУЛОВ ГАЙРАТ", 0.80, 0.92},
	{"Berdimuhamedow Gurbanguly", "Бердымухамедов Гурбангулы", 0.80, 0.92},
	{"Muhammad Ali", "Muhammad Ali", 0.75, 0.85},
	{"Ivan Ivanov", "IVANOV, Ivan", 0.75, 0.85},
	{"Ivanov Ivan", "Ivanov Petr", 0, 0.2},
	{"Ivanov Ivan", "Petrov Ivan", 0, 0.2},
	{"Karimov Rustam", "Kasimov Rustam", 0, 0.74},
	{"Li Wei", "Liu Wei", 0, 0.74},
	{"Muhammad", "Muhammad", 0, 0.74},
	{"Ivanov", "Ivanov Ivan Ivanovich", 0, 0.5},
	{"", "Ivanov Ivan", 0, 0.1},
	{"Mr", "Mrs", 0, 0.5},
}

// TestNamesAcrossScripts proves that names alone agree or differ as an officer
// would say; least and most bound the score without other evidence.
func TestNamesAcrossScripts(t *testing.T) {
	for _, c := range namePairs {
		m := Compare(full(c.a), full(c.b))
		if m.Score < c.least || m.Score > c.most {
			t.Errorf("%s | %s: score %.3f outside %.2f..%.2f: %+v", c.a, c.b, m.Score, c.least, c.most, m.Tokens)
		}
	}
}

func known() Person {
	return Person{ID: "1", Names: []Name{{Surname: "Жумабаев", Given: "Ерлан"}}, Born: []string{"1972-09-07"}, Sex: "M",
		Nationalities: []string{"KAZ"}, Documents: []Document{{Type: "P", Number: "N01234580", Issuer: "KAZ"}}}
}

func changed(f func(*Person)) Person {
	p := known()
	p.Names = []Name{{Full: "ZHUMABAYEV YERLAN"}}
	p.Documents = nil
	f(&p)
	return p
}

// evidenceCases change one fact of a person whose name agrees in another script.
var evidenceCases = []struct {
	what, code  string
	least, most float64
	q           Person
}{
	{"all agrees", "born.same", 0.97, 1, changed(func(p *Person) {})},
	{"no date", "born.unknown", 0.85, 0.95, changed(func(p *Person) { p.Born = nil })},
	{"year only", "born.year-only", 0.87, 0.96, changed(func(p *Person) { p.Born = []string{"1972"} })},
	{"00 as unknown", "born.year-only", 0.87, 0.96, changed(func(p *Person) { p.Born = []string{"1972-00-00"} })},
	{"1 January", "born.year-only", 0.87, 0.96, changed(func(p *Person) { p.Born = []string{"1972-01-01"} })},
	{"month only", "born.month-only", 0.9, 0.99, changed(func(p *Person) { p.Born = []string{"1972-09"} })},
	{"interval", "born.within", 0.85, 0.96, changed(func(p *Person) { p.Born = []string{"1970/1975"} })},
	{"approximate", "born.near-range", 0.6, 0.9, changed(func(p *Person) { p.Born = []string{"1971~"} })},
	{"swapped", "born.day-month-swapped", 0.9, 0.99, changed(func(p *Person) { p.Born = []string{"1972-07-09"} })},
	{"one digit", "born.one-digit", 0.75, 0.95, changed(func(p *Person) { p.Born = []string{"1972-09-08"} })},
	{"same year", "born.same-year", 0, 0.749, changed(func(p *Person) { p.Born = []string{"1972-03-21"} })},
	{"near year", "born.near-year", 0, 0.749, changed(func(p *Person) { p.Born = []string{"1974-03-21"} })},
	{"other year", "born.other-year", 0, 0.5, changed(func(p *Person) { p.Born = []string{"1990-03-21"} })},
	{"one digit of the decade", "born.year-digit", 0, 0.749, changed(func(p *Person) { p.Born = []string{"1992-09-07"} })},
	{"other sex", "sex.different", 0, 0.94, changed(func(p *Person) { p.Sex = "F" })},
	{"other sex, no date", "sex.different", 0, 0.749, changed(func(p *Person) { p.Sex = "F"; p.Born = nil })},
	{"other nationality", "nationality.different", 0.93, 0.99, changed(func(p *Person) { p.Nationalities = []string{"TUR"} })},
	{"same document", "document.same", 0.99, 1, changed(func(p *Person) { p.Documents = known().Documents })},
	{"document without issuer", "document.same-number", 0.99, 1, changed(func(p *Person) { p.Documents = []Document{{Number: "n 01234580"}} })},
	{"confusable document", "document.confusable", 0.99, 1, changed(func(p *Person) { p.Documents = []Document{{Number: "NO1234S8O", Issuer: "KAZ"}} })},
	{"other document", "document.different", 0.97, 1, changed(func(p *Person) { p.Documents = []Document{{Number: "N7777777", Issuer: "KAZ"}} })},
	{"document of another name", "document.same", DefaultThreshold, 0.99, changed(func(p *Person) {
		p.Names, p.Born, p.Documents = []Name{{Full: "Petrov Oleg"}}, []string{"1990-01-02"}, known().Documents
	})},
}

// TestEvidence proves what each piece of evidence does to one and the same name.
func TestEvidence(t *testing.T) {
	for _, c := range evidenceCases {
		m := Compare(c.q, known())
		if m.Score < c.least || m.Score > c.most {
			t.Errorf("%s: score %.3f outside %.3f..%.3f: %+v", c.what, m.Score, c.least, c.most, m.Reasons)
		}
		found := false
		for i, r := range m.Reasons {
			found = found || r.Code == c.code
			if !slices.Contains(Codes(), r.Code) {
				t.Errorf("%s: %s is missing in Codes", c.what, r.Code)
			}
			if r.Text == "" || r.Code == "" || !strings.HasPrefix(r.Code, r.Field+".") {
				t.Errorf("%s: reason without text or code: %+v", c.what, r)
			}
			if i > 0 && math.Abs(r.Weight) > math.Abs(m.Reasons[i-1].Weight) {
				t.Errorf("%s: reasons are not ordered by weight: %+v", c.what, m.Reasons)
			}
		}
		if !found {
			t.Errorf("%s: no reason %s in %+v", c.what, c.code, m.Reasons)
		}
	}
}

// TestYearExchange proves that exchanged digits that put years between two dates
// do not pass as a typing error.
func TestYearExchange(t *testing.T) {
	m := Compare(changed(func(p *Person) { p.Born = []string{"1927-09-07"} }), known())
	if m.Score >= DefaultThreshold {
		t.Errorf("1927 against 1972 scored %.3f", m.Score)
	}
}

// TestText proves the sentence an officer reads.
func TestText(t *testing.T) {
	m := Compare(known(), Person{Names: []Name{{Full: "Erlan Zhumabaev"}}, Born: []string{"1972"}})
	for _, r := range m.Reasons {
		if r.Field == "born" && r.Text != "Born 1972-09-07, listed with the year 1972 only" {
			t.Errorf("text: %s", r.Text)
		}
	}
	if m.Name != "Erlan Zhumabaev" {
		t.Errorf("name: %s", m.Name)
	}
}

// TestAgreeingEvidenceNeverLowers adds agreeing facts one by one, in every order
// of listed persons of an invented region.
func TestAgreeingEvidenceNeverLowers(t *testing.T) {
	truths, people := region(11, 300)
	w := newWriter(12)
	for i := range people {
		q := pick(w, distortions).apply(w, truths[w.IntN(len(truths))])
		l := people[i]
		q.Born, q.Sex, q.Nationalities, q.Documents = nil, "", nil, nil
		l.Documents = []Document{{Number: truths[i].number, Issuer: truths[i].nation}}
		last := Compare(q, l).Score
		for step, add := range []func(){
			func() { q.Sex = l.Sex }, func() { q.Nationalities = l.Nationalities },
			func() { q.Born = []string{l.Born[0][:4]} }, func() { q.Born = append(q.Born, l.Born...) },
			func() { q.Names = append(q.Names, l.Names...) }, func() { q.Documents = l.Documents },
		} {
			add()
			next := Compare(q, l).Score
			if next < last {
				t.Fatalf("step %d lowered %.3f to %.3f: %+v / %+v", step, last, next, q, l)
			}
			last = next
		}
		if last < 0.99 {
			t.Errorf("everything agrees, but the score is %.3f", last)
		}
	}
}

// TestCompareIsSymmetric proves that the order of the two does not matter.
func TestCompareIsSymmetric(t *testing.T) {
	truths, people := region(13, 400)
	w := newWriter(14)
	for i := range people {
		q := pick(w, distortions).apply(w, truths[max(0, i-w.IntN(3))])
		if a, b := Compare(q, people[i]).Score, Compare(people[i], q).Score; a != b {
			t.Errorf("%.3f one way, %.3f the other: %+v / %+v", a, b, q, people[i])
		}
	}
}

// FuzzCompare proves that no text breaks the comparison, that the score stays in
// 0..1, is symmetric, and equal for Search of a list of one.
func FuzzCompare(f *testing.F) {
	f.Add("Жумабаев Ерлан", "ZHUMABAYEV/ERLANMR", "1972-09-07", "1972/1975~", "N01234567")
	f.Add("عبد الرحمن الراوي", "Abdul Rahman al-Rawi bin Ahmad", "1958~", "1958-13-45", "АВ 1")
	f.Add("al", "bin ibn von", "/", "--", "")
	f.Add("Чжан Вэй", "Zhang Wei", "1972-XX-XX", "1972-01-01", "O0I1")
	f.Fuzz(func(t *testing.T, a, b, bornA, bornB, number string) {
		x := Person{ID: "x", Names: []Name{{Full: a}}, Born: []string{bornA}, Documents: []Document{{Number: number}}, Sex: "M"}
		y := Person{ID: "y", Names: []Name{{Full: b}, {Surname: a, Given: b}}, Born: []string{bornB}, Documents: []Document{{Number: number, Issuer: bornA}}}
		one, two := Compare(x, y), Compare(y, x)
		if one.Score != two.Score || one.Score < 0 || one.Score > 1 || math.IsNaN(one.Score) {
			t.Errorf("scores %v and %v for %q | %q", one.Score, two.Score, a, b)
		}
		New([]Person{y}).Search(x, Options{Threshold: -1})
	})
}
