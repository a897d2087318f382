package watchlist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/unicode"

	"sarhad/record"
)

var tonight = time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC)

// person is one individual of an invented UN list; unXML writes a list of them.
type person struct {
	ref, name, script, born, extra string
}

var people = []person{
	{"ZZi.001", "ASKAR MINSIZOV", "Аскар Минсизов", "1972-09-07", "<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Asqar Minsiz</ALIAS_NAME></INDIVIDUAL_ALIAS><INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>“The Clerk”</ALIAS_NAME></INDIVIDUAL_ALIAS>"},
	{"ZZi.002", "DARWESH HICHKAS", "درويش هيچكس", "1958-01-02", "<NATIONALITY><VALUE>Afghanistan</VALUE></NATIONALITY><COMMENTS1>Father’s name is unknown – “nobody” knows it.</COMMENTS1>"},
	{"ZZi.003", "NOBODY ATALL", "", "1980-03-04", "<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>N 01234567</NUMBER><ISSUING_COUNTRY>Kazakhstan</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT>"},
	{"ZZi.004", "SOMEBODY ELSE", "某人", "1990-05-06", ""},
	{"ZZi.005", "PERHAPS SAMPLE", "Рамиль Примеров", "1991-05-06", ""},
	{"ZZi.006", "MAYBE SAMPLE", "", "1992-05-06", ""},
	{"ZZi.007", "ANOTHER SAMPLE", "", "1993-05-06", ""},
	{"ZZi.008", "FURTHER SAMPLE", "", "1994-05-06", ""},
}

func unXML(date string, people []person) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CONSOLIDATED_LIST dateGenerated=%q><INDIVIDUALS>\n", date)
	for _, p := range people {
		fmt.Fprintf(&b, "<INDIVIDUAL><FIRST_NAME>%s</FIRST_NAME><REFERENCE_NUMBER>%s</REFERENCE_NUMBER><NAME_ORIGINAL_SCRIPT>%s</NAME_ORIGINAL_SCRIPT>%s"+
			"<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>%s</DATE></INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL>\n", p.name, p.ref, p.script, p.extra, p.born)
	}
	b.WriteString("</INDIVIDUALS><ENTITIES/></CONSOLIDATED_LIST>\n")
	return b.String()
}

func source(name, text string) Source {
	return Source{Files: []File{{name, strings.NewReader(text)}}, Node: "zz-piu", Agency: "piu", Now: func() time.Time { return tonight }}
}

func mustImport(t *testing.T, m *memory, src Source) Delta {
	t.Helper()
	d, err := Import(context.Background(), m, src)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func wantDelta(t *testing.T, d Delta, added, changed, removed, unchanged int) {
	t.Helper()
	if d.Added != added || d.Changed != changed || d.Removed != removed || d.Unchanged != unchanged {
		t.Errorf("delta +%d ~%d -%d =%d, want +%d ~%d -%d =%d", d.Added, d.Changed, d.Removed, d.Unchanged, added, changed, removed, unchanged)
	}
}

// second is the list a month later: one changed, two gone, one new.
func second() []person {
	next := append([]person(nil), people[:6]...)
	next[0].extra += "<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Oskar Minsiz</ALIAS_NAME></INDIVIDUAL_ALIAS>"
	return append(next, person{"ZZi.009", "QUITE NEW", "", "1970-01-02", ""})
}

// TestDelta: what changed between two publications is counted and kept as revisions; what is gone
// is a revision in state "removed" that matches nobody, and can come back.
func TestDelta(t *testing.T) {
	m := newMemory()
	d := mustImport(t, m, source("un.xml", unXML("2026-03-01T23:00:00Z", people)))
	wantDelta(t, d, 8, 0, 0, 0)
	d = mustImport(t, m, source("un2.xml", unXML("2026-04-01T23:00:00Z", second())))
	wantDelta(t, d, 1, 1, 2, 5)

	if e, revisions := m.entry(t, "un-sc/ZZi.001"); revisions != 2 || len(e.Names) != 5 {
		t.Errorf("changed entry: %d revisions, names %v", revisions, e.Names)
	}
	gone, revisions := m.entry(t, "un-sc/ZZi.007")
	ix := &record.Index{}
	gone.Index(ix)
	if gone.State != Removed || revisions != 2 || gone.Screened(tonight) || ix.State != Removed || ix.Persons[0].Listing.Active || gone.Name() != "ANOTHER SAMPLE" {
		t.Errorf("removed entry: %+v, %d revisions", gone, revisions)
	}
	l := m.list(t, UNList)
	if l.Counts != (Counts{Active: 7, Persons: 7, Removed: 2}) || l.Pending != nil || len(l.History) != 2 || l.History[0].Removed != 2 || l.History[1].Added != 8 ||
		l.Effect != Binding || l.Current.Version != "2026-04-01T23:00:00Z" || !l.Current.Published.Equal(time.Date(2026, 4, 1, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("list %+v", l)
	}
	d = mustImport(t, m, source("un.xml", unXML("2026-05-01T23:00:00Z", append(second(), people[6]))))
	wantDelta(t, d, 1, 0, 0, 7)
	if e, revisions := m.entry(t, "un-sc/ZZi.007"); e.State != Active || revisions != 3 {
		t.Errorf("entry that came back: %s, %d revisions", e.State, revisions)
	}
	for _, a := range m.acts {
		if a.Count == 0 || a.Topic != Topic || a.Subject.IsZero() {
			t.Errorf("act %+v", a)
		}
	}
}

// TestSameMeaning: reordered or re-encoded, it is the same list: 0/0/0.
func TestSameMeaning(t *testing.T) {
	m := newMemory()
	text := unXML("2026-03-01T23:00:00Z", people)
	mustImport(t, m, source("un.xml", text))
	shuffled := append([]person(nil), people...)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	parts := strings.SplitAfter(people[0].extra, "</INDIVIDUAL_ALIAS>")
	for i := range shuffled {
		if shuffled[i].ref == "ZZi.001" {
			shuffled[i].extra = parts[1] + parts[0]
		}
	}
	wide, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(strings.Replace(text, "UTF-8", "UTF-16", 1))
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]string{
		"again": text, "reordered": unXML("2026-03-01T08:00:00Z", shuffled), "utf-16": wide, "mark and crlf": "\uFEFF" + strings.ReplaceAll(text, "\n", "\r\n"),
		"indented": strings.ReplaceAll(text, "><", ">\n\t<"), "decomposed": strings.ReplaceAll(text, "й", "и\u0306"),
		"references": strings.ReplaceAll(text, "А", "&#1040;"),
	} {
		d := mustImport(t, m, source("un.xml", in))
		if !d.Empty() || d.Unchanged != len(people) {
			t.Errorf("%s: %+v", name, d)
		}
	}
	if _, revisions := m.entry(t, "un-sc/ZZi.001"); revisions != 1 {
		t.Errorf("%d revisions of an entry that never changed", revisions)
	}
}

// TestLossyPublicationKeepsLetters: a publication cut to lowest bytes changes only what it changes,
// and never replaces letters by their remains.
func TestLossyPublicationKeepsLetters(t *testing.T) {
	cut := func(text string) string {
		var b bytes.Buffer
		for _, r := range text {
			b.WriteByte(byte(r))
		}
		return b.String()
	}
	m := newMemory()
	mustImport(t, m, source("un.xml", unXML("2026-03-01T23:00:00Z", people)))
	d := mustImport(t, m, source("un.xml", cut(unXML("2026-03-02T23:00:00Z", people))))
	if !d.Empty() || len(d.Problems) == 0 || !m.list(t, UNList).Current.Lossy {
		t.Errorf("the same list with letters lost: %+v", d)
	}
	d = mustImport(t, m, source("un.xml", cut(unXML("2026-04-01T23:00:00Z", second()))))
	wantDelta(t, d, 1, 1, 2, 5)
	e, _ := m.entry(t, "un-sc/ZZi.001")
	var all []string
	for _, n := range e.Names {
		all = append(all, n.Full)
		if n.Restored {
			t.Errorf("%q is marked restored, but was stored whole", n.Full)
		}
	}
	if got := strings.Join(all, "|"); got != "ASKAR MINSIZOV|Аскар Минсизов|Asqar Minsiz|The Clerk|Oskar Minsiz" {
		t.Errorf("names %s", got)
	}
	if e, _ := m.entry(t, "un-sc/ZZi.004"); len(e.Names) != 2 || e.Names[1].Full != "某人" {
		t.Errorf("a name that cannot be rebuilt was lost: %v", e.Names)
	}
	d = mustImport(t, m, source("un.xml", unXML("2026-04-02T23:00:00Z", second())))
	if !d.Empty() {
		t.Errorf("the whole list after the lossy one: %+v", d)
	}
}

// TestKilledAnywhere: an import killed after any number of acts and started again ends in the same
// state with the same delta, and until then the list does not name the publication.
func TestKilledAnywhere(t *testing.T) {
	many := append([]person(nil), people...)
	for i := range 40 {
		many = append(many, person{fmt.Sprintf("ZZi.1%02d", i), fmt.Sprintf("SAMPLE PERSON %c%c", 'A'+i%26, 'A'+i/26), "", "1970-01-02", ""})
	}
	// One was gone and comes back, one is new, two go, twenty change.
	next := append(append([]person{many[0]}, many[3:]...), person{"ZZi.900", "QUITE NEW", "", "1970-01-02", ""})
	for i := range 20 {
		next[i+6].born = "1971-01-02"
	}
	for kill := range 8 {
		m := newMemory()
		mustImport(t, m, source("un.xml", unXML("2026-02-01T23:00:00Z", many)))
		first := mustImport(t, m, source("un.xml", unXML("2026-03-01T23:00:00Z", many[1:])))
		src := source("un.xml", unXML("2026-04-01T23:00:00Z", next))
		m.kill = kill
		_, err := Import(context.Background(), m, src)
		killed := errors.Is(err, errKilled)
		if !killed && err != nil || kill == 0 && !killed {
			t.Fatal(err)
		}
		l := m.list(t, UNList)
		if killed && (l.Current.Hash != first.Hash || len(l.History) != 2 || kill > 0 && l.Pending == nil) {
			t.Errorf("killed after %d acts: list names %q, pending %v", kill, l.Current.Version, l.Pending)
		}
		m.kill = -1
		if killed {
			src = source("un.xml", unXML("2026-04-01T23:00:00Z", next))
			src.Now = func() time.Time { return tonight.Add(time.Hour) }
			d := mustImport(t, m, src)
			wantDelta(t, d, 2, 20, 2, 25)
			if d.Resumed != (kill > 0) {
				t.Errorf("killed after %d acts: resumed %v", kill, d.Resumed)
			}
		}
		for _, revs := range m.records {
			if revs[0].Kind == EntryKind && len(revs) > 2 && revs[0].Key != "un-sc/ZZi.001" || len(revs) > 3 && revs[0].Kind == EntryKind {
				t.Errorf("killed after %d acts: %s was written twice", kill, revs[0].Key)
			}
		}
		if l = m.list(t, UNList); l.Pending != nil || l.Counts != (Counts{47, 47, 2}) || len(l.History) != 3 {
			t.Errorf("killed after %d acts: at the end %+v", kill, l)
		}
	}
}

// TestBrokenFileChangesNothing also proves the guard against emptied and shrunken lists.
func TestBrokenFileChangesNothing(t *testing.T) {
	m := newMemory()
	text := unXML("2026-03-01T23:00:00Z", people)
	mustImport(t, m, source("un.xml", text))
	acts := len(m.acts)
	for _, c := range []struct {
		name, in, want string
		kind           record.ErrorKind
	}{
		{"cut", text[:len(text)/2], "was cut short", record.Invalid},
		{"bomb", "<!DOCTYPE a [<!ENTITY a \"b\">]>" + text, "document type", record.Invalid},
		{"emptied", unXML("2026-04-01T23:00:00Z", nil), "un.xml holds no entries; an empty list is not imported, because it would remove everybody. Get the list again.", record.Conflict},
		{"shrunken", unXML("2026-04-01T23:00:00Z", people[:5]), "un.xml would remove 3 of the 8 entries of un-sc (38 %, more than 25 %); nothing was changed. Check the file, and import it with force if it is right.", record.Conflict},
	} {
		_, err := Import(context.Background(), m, source("un.xml", c.in))
		if record.KindOf(err) != c.kind || !strings.Contains(record.MessageOf(err), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	preview := source("un.xml", unXML("2026-04-01T23:00:00Z", second()))
	preview.Preview = true
	wantDelta(t, mustImport(t, m, preview), 1, 1, 2, 5)
	if len(m.acts) != acts {
		t.Errorf("%d acts were written", len(m.acts)-acts)
	}
	forced := source("un.xml", unXML("2026-04-01T23:00:00Z", people[:5]))
	forced.Force = true
	d := mustImport(t, m, forced)
	wantDelta(t, d, 0, 0, 3, 5)
	if !d.Forced {
		t.Error("the delta does not say that it was forced")
	}
}

// TestOlderPublication: what was published before the stored publication takes nothing back, neither in a preview nor in
// earnest, unless a person forces it; another issue of the same day is no older.
func TestOlderPublication(t *testing.T) {
	m := newMemory()
	mustImport(t, m, source("march.xml", unXML("2026-03-01T23:00:00Z", people)))
	april := mustImport(t, m, source("april.xml", unXML("2026-04-01T12:00:00Z", second())))
	acts := len(m.acts)
	for _, preview := range []bool{true, false} {
		for _, in := range []string{unXML("2026-03-01T23:00:00Z", people), unXML("2026-03-31T23:59:59Z", second())} {
			src := source("march.xml", in)
			src.Preview = preview
			_, err := Import(context.Background(), m, src)
			const want = "march.xml was published on 2026-03-"
			const rest = ", and the stored publication of un-sc is of 2026-04-01; nothing was changed. Get the newest publication, or import this one with force if it is the right one."
			if text := record.MessageOf(err); record.KindOf(err) != record.Conflict || !strings.HasPrefix(text, want) || !strings.HasSuffix(text, rest) {
				t.Errorf("preview %v: %v", preview, err)
			}
		}
	}
	if l := m.list(t, UNList); len(m.acts) != acts || l.Current.Hash != april.Hash || l.Pending != nil {
		t.Errorf("%d acts were written, the list is %+v", len(m.acts)-acts, l.Current)
	}
	wantDelta(t, mustImport(t, m, source("same day.xml", unXML("2026-04-01T01:00:00Z", second()))), 0, 0, 0, 7)
	forced := source("march.xml", unXML("2026-03-01T23:00:00Z", people))
	forced.Force, forced.Preview = true, true
	wantDelta(t, mustImport(t, m, forced), 2, 1, 1, 5)
	forced = source("march.xml", unXML("2026-03-01T23:00:00Z", people))
	forced.Force = true
	d := mustImport(t, m, forced)
	wantDelta(t, d, 2, 1, 1, 5)
	if l := m.list(t, UNList); !d.Forced || l.Current.Published.Month() != time.March {
		t.Errorf("forced: %+v", l.Current)
	}
	mustImport(t, m, source("april.xml", unXML("2026-04-01T12:00:00Z", second())))
}

// TestOlderThanInterrupted: entries of an import that was killed are stored, so an older publication is older than it.
func TestOlderThanInterrupted(t *testing.T) {
	m := newMemory()
	mustImport(t, m, source("march.xml", unXML("2026-03-01T23:00:00Z", people)))
	m.kill = 2
	if _, err := Import(context.Background(), m, source("april.xml", unXML("2026-04-01T12:00:00Z", second()))); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	m.kill = -1
	if _, err := Import(context.Background(), m, source("march.xml", unXML("2026-03-01T23:00:00Z", people))); record.KindOf(err) != record.Conflict {
		t.Errorf("%v", err)
	}
	wantDelta(t, mustImport(t, m, source("april.xml", unXML("2026-04-01T12:00:00Z", second()))), 1, 1, 2, 5)
}

// TestDatelessPublication: an own list states no date and is never too old.
func TestDatelessPublication(t *testing.T) {
	m := newMemory()
	src := source("own.csv", "id,name\nA-1,Nobody Atall\n")
	src.Published = tonight
	mustImport(t, m, src)
	wantDelta(t, mustImport(t, m, source("own.csv", "id,name\nA-1,Nobody Atall\nA-2,Somebody\n")), 1, 0, 0, 1)
}

func TestTwoImportsAtOnce(t *testing.T) {
	m := newMemory()
	mustImport(t, m, source("un.xml", unXML("2026-03-01T23:00:00Z", people)))
	src := source("un.xml", unXML("2026-04-01T23:00:00Z", second()))
	src.Progress = func(done, of int) {
		if done < of {
			return
		}
		mustImport(t, m, source("un.xml", unXML("2026-04-02T23:00:00Z", second())))
	}
	_, err := Import(context.Background(), m, src)
	if record.KindOf(err) != record.Conflict || !strings.Contains(err.Error(), "another import of un-sc is running") {
		t.Errorf("%v", err)
	}
}

func TestSetEffect(t *testing.T) {
	m := newMemory()
	own := source("Own list.csv", "id,name\nA-1,Nobody Atall\n")
	mustImport(t, m, own)
	ctx := context.Background()
	if err := SetEffect(ctx, m, "own-list", Information); err != nil {
		t.Fatal(err)
	}
	if err := SetEffect(ctx, m, "own-list", "sometimes"); record.KindOf(err) != record.Invalid {
		t.Errorf("%v", err)
	}
	mustImport(t, m, source("Own list.csv", "id,name\nA-1,Nobody Atall\nA-2,Somebody\n"))
	lists, err := Lists(ctx, m)
	if err != nil || len(lists) != 1 || lists[0].Effect != Information || lists[0].Counts.Active != 2 {
		t.Errorf("%v %+v", err, lists)
	}
}
