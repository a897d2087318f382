package watchlist

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sarhad/engine/match"
	"sarhad/record"
)

// An OFAC trio of two invented entries, without line ends so that tests can see each row.
const (
	sdn = "90001,\"MINSIZOV, Askar\",\"individual\",\"SAMPLE] [TWO\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 07 Sep 1972; POB Shymkent, Kazakhstan; nationality Kazakhstan; citizen Ruritania; Gender Male; Passport N 01234567 (Kazakhstan); a.k.a. 'CLERK'; Religion of nobody.\"\r\n" +
		"90002,\"EXAMPLE STAR\",\"vessel\",\"SAMPLE\",-0- ,\"ZZ1\",\"Tug\",-0- ,-0- ,\"Cuba\",-0- ,\"Vessel Registration Identification IMO 9404546.\"\r\n\x1a"
	alt = "90001,1,\"aka\",\"MINSIZ, Asqar\",-0- \r\n\x1a"
	add = "90001,1,\"1 Sample Road\",\"Almaty\",\"Kazakhstan\",-0- \r\n\x1a"
	own = "id,name,aliases,born,nationality,sex,documents,reason,severity,instruction,contact,valid_until\n" +
		"A-1,\"MINSIZOV, Askar\",Аскар Минсизов,07.09.1972,Казахстан;Atlantis,M,passport:N01234567:KAZ,court order,Critical,Refuse entry,duty officer,2026-12-31\n" +
		"A-2,Expired Person,,,,,,,,,,2020-01-01\n"
)

func file(name, text string) File { return File{name, strings.NewReader(text)} }

// TestParseTellsFormats: files are told apart by content, the OFAC ones make one publication, and
// entries of all three formats have the same shape.
func TestParseTellsFormats(t *testing.T) {
	pubs, err := Parse(file("a", alt), file("list.csv", own), file("b", add), file("c", unXML("2026-03-01T23:00:00Z", people[2:3])), file("d", sdn))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]*Publication{}
	for _, p := range pubs {
		got[p.List] = p
		if p.FileHash == "" || p.Entries[0].Fingerprint == "" {
			t.Errorf("%s: no hash", p.List)
		}
	}
	if len(got) != 3 || got[UNList].Effect != Binding || got[OFACList].Effect != Information || got["list"].Effect != National {
		t.Fatalf("publications %v", got)
	}
	if d := cmp.Diff([]string{"a", "b", "d"}, got[OFACList].Files); d != "" {
		t.Error(d)
	}
	wantOFAC := &Entry{List: OFACList, ID: "90001", Type: Person, State: Active,
		Names: []Name{{Full: "MINSIZOV, Askar", Surname: "MINSIZOV", Given: "Askar", Quality: Primary},
			{Full: "MINSIZ, Asqar", Surname: "MINSIZ", Given: "Asqar", Quality: Alias}, {Full: "CLERK", Quality: Weak}},
		Born: []string{"1972-09-07"}, Sex: "M", Nationalities: []string{"KAZ"}, Countries: []string{"Ruritania"},
		Documents: []Document{{Type: "P", Number: "N 01234567", Issuer: "KAZ", Note: "Passport"}},
		Places:    []Place{{"birth", "Shymkent, Kazakhstan", "KAZ"}, {"address", "1 Sample Road, Almaty, Kazakhstan", "KAZ"}},
		Remarks:   got[OFACList].Entries[0].Remarks, Programme: "SAMPLE, TWO", Reason: "OFAC designation, SAMPLE, TWO",
		Severity: "low", Instruction: "information", Fingerprint: got[OFACList].Entries[0].Fingerprint}
	if d := cmp.Diff(wantOFAC, got[OFACList].Entries[0]); d != "" {
		t.Error(d)
	}
	wantOwn := &Entry{List: "list", ID: "A-1", Type: Person, State: Active,
		Names: []Name{{Full: "MINSIZOV, Askar", Surname: "MINSIZOV", Given: "Askar", Quality: Primary}, {Full: "Аскар Минсизов", Quality: Alias}},
		Born:  []string{"1972-09-07"}, Sex: "M", Nationalities: []string{"KAZ"}, Countries: []string{"Atlantis"},
		Documents: []Document{{Type: "P", Number: "N01234567", Issuer: "KAZ"}}, Reason: "court order", Severity: "critical",
		Instruction: "refuse-entry", Contact: "duty officer", ValidUntil: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		Fingerprint: got["list"].Entries[0].Fingerprint}
	if d := cmp.Diff(wantOwn, got["list"].Entries[0]); d != "" {
		t.Error(d)
	}
	if p := got["list"].Problems; len(p) != 1 || !strings.Contains(p[0], `line 2: the nationality "Atlantis"`) {
		t.Errorf("problems %q", p)
	}
}

// TestIndex: the entry says in the six words what others need: the person to be matched, its
// document under the key that a traveller's document has, and its list.
func TestIndex(t *testing.T) {
	pubs, err := Parse(file("list.csv", own), file("sdn.csv", sdn))
	if err != nil {
		t.Fatal(err)
	}
	ix := &record.Index{}
	pubs[0].Entries[0].Index(ix)
	l := ix.Persons[0].Listing
	if ix.Title != "MINSIZOV, Askar" || ix.State != Active || l.List != "list" || l.Entry != "A-1" || !l.Active || l.Severity != "critical" ||
		l.Instruction != "refuse-entry" || l.Contact != "duty officer" || l.ValidUntil.IsZero() || l.Fingerprint == "" || ix.Persons[0].Role != record.RoleListed {
		t.Errorf("index %+v, listing %+v", ix, l)
	}
	keys := map[record.Thing]bool{}
	for _, m := range ix.Mentions {
		keys[m.Thing] = true
	}
	for _, want := range []record.Thing{{Type: "document", Key: "KAZ:N01234567"}, {Type: "list", Key: "list"}, {Type: "entry", Key: "list/A-1"}} {
		if !keys[want] {
			t.Errorf("%v is not mentioned", want)
		}
	}
	ship := &record.Index{}
	pubs[1].Entries[1].Index(ship)
	if len(ship.Persons) != 0 || !strings.Contains(strings.Join(ship.Texts, "|"), "EXAMPLE STAR") {
		t.Errorf("a vessel must be found and never screened: %+v", ship)
	}
}

// TestDocumentKey: a listed document is the thing that a traveller's is, however its number was published, and the body keeps
// it as published; a number of signs only is no document.
func TestDocumentKey(t *testing.T) {
	pubs, err := Parse(file("list.csv", "id,name,documents\nA-1,Nobody Atall,passport:n 01-234/5.67<:KAZ;passport:./-:KAZ\n"))
	if err != nil {
		t.Fatal(err)
	}
	e, ix := pubs[0].Entries[0], &record.Index{}
	e.Index(ix)
	var things []record.Thing
	for _, m := range ix.Mentions {
		if m.Type == record.ThingDocument {
			things = append(things, m.Thing)
		}
	}
	if len(things) != 1 || things[0].Key != record.DocumentKey("KAZ", "N01234567") || len(ix.Persons[0].Documents) != 1 || ix.Persons[0].Documents[0].Number != "N01234567" ||
		len(e.Match().Documents) != 1 || e.Match().Documents[0].Number != "N01234567" || e.Documents[0].Number != "n 01-234/5.67<" {
		t.Errorf("mentions %v, persons %+v, match %+v, body %+v", things, ix.Persons, e.Match(), e.Documents)
	}
}

// TestOnlyWordsAreCounted: a severity that is no word of the vocabulary is not counted by.
func TestOnlyWordsAreCounted(t *testing.T) {
	for sent, want := range map[string]string{"high": "high", "": "", "High": "unknown", "because of PERSON": "unknown"} {
		ix := &record.Index{}
		(&Entry{List: "own", ID: "1", Type: Person, State: Active, Names: []Name{{Full: "Nobody"}}, Severity: sent}).Index(ix)
		for _, d := range ix.Measures[0].Dims {
			if d.Name == "severity" && d.Value != want {
				t.Errorf("severity %q is counted as %q, want %q", sent, d.Value, want)
			}
		}
	}
}

func TestBodies(t *testing.T) {
	for _, f := range Bodies() {
		if err := record.CheckClasses(f()); err != nil {
			t.Error(err)
		}
	}
}

// TestFingerprint: each statement of an entry changes it, the order and the state do not.
func TestFingerprint(t *testing.T) {
	pubs, err := Parse(file("list.csv", own))
	if err != nil {
		t.Fatal(err)
	}
	base := *pubs[0].Entries[0]
	seal := func(change func(*Entry)) string {
		e := base
		change(&e)
		e.Seal()
		return e.Fingerprint
	}
	for _, f := range []string{"ID", "Type", "Titles", "Born", "BornText", "Sex", "Nationalities", "Countries", "Related", "Remarks", "Programme", "Listed",
		"Reason", "Severity", "Instruction", "Contact", "ValidUntil", "Names", "Documents", "Places"} {
		got := seal(func(e *Entry) {
			v := reflect.ValueOf(e).Elem().FieldByName(f)
			switch v.Interface().(type) {
			case string:
				v.SetString("other")
			case []string:
				v.Set(reflect.ValueOf([]string{"other"}))
			case time.Time:
				v.Set(reflect.ValueOf(tonight))
			case []Name:
				v.Set(reflect.ValueOf([]Name{{Full: "other"}}))
			case []Document:
				v.Set(reflect.ValueOf([]Document{{Number: "other"}}))
			case []Place:
				v.Set(reflect.ValueOf([]Place{{Text: "other"}}))
			}
		})
		if got == base.Fingerprint {
			t.Errorf("%s does not count", f)
		}
	}
	for name, f := range map[string]func(*Entry){
		"state": func(e *Entry) { e.State = Removed }, "publication": func(e *Entry) { e.Publication = "x" },
		"order":       func(e *Entry) { e.Names = []Name{e.Names[1], e.Names[0]} },
		"white space": func(e *Entry) { e.Reason = " court  order" },
	} {
		if seal(f) != base.Fingerprint {
			t.Errorf("%s counts", name)
		}
	}
}

// TestScreen: a person listed in one script is found from a name in another, with document and
// birth date; vessels and expired entries are not searched.
func TestScreen(t *testing.T) {
	pubs, err := Parse(file("list.csv", own), file("sdn.csv", sdn), file("un.xml", unXML("2026-03-01T23:00:00Z", people)),
		file("older.xml", unXML("2025-03-01T23:00:00Z", append(people, person{"ZZi.900", "LONG GONE", "", "1970-01-01", ""}))))
	if err != nil {
		t.Fatal(err)
	}
	s := NewScreener(tonight, pubs...)
	if s.Len() != 1+1+len(people) {
		t.Errorf("%d persons are searched", s.Len())
	}
	for _, c := range []struct {
		name, born, entry string
	}{
		{"MINSIZOV ASKAR", "1972-09-07", "list/A-1"},
		{"Минсизов Аскар", "1972-09-07", "ofac-sdn/90001"},
		{"DARWISH HICHKAS", "1958-01-02", "un-sc/ZZi.002"},
		{"درويش هيچكس", "1958-01-02", "un-sc/ZZi.002"},
	} {
		found := s.Screen(match.Person{Names: []match.Name{{Full: c.name}}, Born: []string{c.born}}, 0)
		ok := false
		for _, f := range found {
			ok = ok || f.Entry.Key() == c.entry && f.Score > 0 && len(f.Reasons) > 0
		}
		if !ok {
			t.Errorf("%s: %+v", c.name, found)
		}
	}
	if found := s.Screen(match.Person{Names: []match.Name{{Full: "EXAMPLE STAR"}}}, 0); len(found) > 0 {
		t.Errorf("a vessel matches a traveller: %+v", found)
	}
}

// TestReadTravellers: nobody is lost because of another's bad line, and both sides are read alike.
func TestReadTravellers(t *testing.T) {
	in := "id,name,born,nationality,sex,document\n1,\"MINSIZOV, Askar\",07.09.1972,Казахстан,м,KAZ:n 01234567\n,Nobody,,Atlantis,,\n3,Bad Date,soon,,,\n"
	people, problems, err := ReadTravellers(strings.NewReader(in), "in.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := []Traveller{
		{ID: "1", Name: "MINSIZOV, Askar", Line: 2, Person: match.Person{ID: "1", Names: []match.Name{{Full: "MINSIZOV, Askar", Surname: "MINSIZOV", Given: "Askar"}},
			Born: []string{"1972-09-07"}, Sex: "M", Nationalities: []string{"KAZ"}, Documents: []match.Document{{Number: "N01234567", Issuer: "KAZ"}}}},
		{ID: "3", Name: "Nobody", Line: 3, Person: match.Person{ID: "3", Names: []match.Name{{Full: "Nobody"}}}},
	}
	if d := cmp.Diff(want, people); d != "" {
		t.Error(d)
	}
	if len(problems) != 2 || !strings.Contains(problems[0].Error(), `line 4: the date of birth "soon"`) || !strings.Contains(problems[1].Error(), `line 3: the nationality "Atlantis"`) {
		t.Errorf("problems %v", problems)
	}
	if _, _, err := ReadTravellers(strings.NewReader("id\n1\n"), "in.csv"); record.KindOf(err) != record.Invalid {
		t.Errorf("%v", err)
	}
}

// TestUnknownFiles: what is no list is refused in one sentence (golden by hand: few texts).
func TestUnknownFiles(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ name, in, want string }{
		{"letter.doc", "\xd0\xcf\x11\xe0\x00", "letter.doc: this is neither the UN Security Council list (XML), nor a file of the OFAC SDN list (sdn.csv, alt.csv, add.csv), nor an own list (CSV or XLSX whose first line names the columns id and name); give one of these."},
		{"empty.xml", "", "empty.xml: the file is empty; download the list again from the publisher."},
		{"alt.csv", alt, "alt.csv: sdn.csv is missing, and the other files only add to it; give sdn.csv together with alt.csv and add.csv."},
		{"own.csv", "name;born\nx;1970\n", `own.csv, line 1: the column "id" is missing; the first line has: name, born; the first line must name the columns id,name,aliases,born,nationality,sex,documents,reason,severity,instruction,contact,valid_until (those you have).`},
		{"own.csv", "id,name,severity\n1,Nobody,terrible\n", `own.csv, line 2: the severity "terrible" is not known; write one of: critical, high, medium, low.`},
		{"page.html", "<html></html>", "page.html, line 1: the first element is <html>, not <CONSOLIDATED_LIST>; give the XML form of the UN Security Council consolidated list."},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, []byte(c.in), 0o600); err != nil {
			t.Fatal(err)
		}
		pubs, err := Open(path)
		if pubs != nil || record.KindOf(err) != record.Invalid || err.Error() != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := Open(filepath.Join(dir, "absent.xml")); record.KindOf(err) != record.Invalid || !strings.Contains(err.Error(), "absent.xml: the file cannot be opened") {
		t.Errorf("%v", err)
	}
}

// FuzzParse: any bytes under any name are publications whose entries are valid bodies, or one error
// for a person.
func FuzzParse(f *testing.F) {
	for _, s := range []string{sdn, alt, own, unXML("2026-03-01T23:00:00Z", people), "", "<", "id;name\n"} {
		f.Add("list.csv", []byte(s))
	}
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		pubs, err := Parse(File{name, bytes.NewReader(b)})
		if err != nil {
			if record.KindOf(err) != record.Invalid {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, p := range pubs {
			for _, e := range p.Entries {
				if err := e.Validate(); err != nil {
					t.Fatal(err)
				}
				e.Index(&record.Index{})
			}
		}
	})
}
