package privacy

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/audit"
	"sarhad/store/storetest"
)

// Traces gives every form in which a name may stand in a file: as written, upper, lower, folded; each in UTF-8, UTF-16 of
// both orders, windows-1251, KOI8-R, with JSON escapes, in hexadecimal and in base64 at each of its three phases.
func traces(name string) map[string][]byte {
	out := map[string][]byte{}
	for how, s := range map[string]string{"as written": name, "upper": strings.ToUpper(name), "lower": strings.ToLower(name), "folded": match.Fold(name)} {
		forms := map[string][]byte{"utf-8": []byte(s)}
		for order, put := range map[string]func([]byte, uint16) []byte{
			"utf-16le": func(b []byte, u uint16) []byte { return append(b, byte(u), byte(u>>8)) },
			"utf-16be": func(b []byte, u uint16) []byte { return append(b, byte(u>>8), byte(u)) },
		} {
			var b []byte
			for _, u := range utf16.Encode([]rune(s)) {
				b = put(b, u)
			}
			forms[order] = b
		}
		for charset, m := range map[string]*charmap.Charmap{"windows-1251": charmap.Windows1251, "koi8-r": charmap.KOI8R} {
			if b, err := m.NewEncoder().Bytes([]byte(s)); err == nil {
				forms[charset] = b
			}
		}
		var esc strings.Builder
		for _, u := range utf16.Encode([]rune(s)) {
			fmt.Fprintf(&esc, `\u%04x`, u)
		}
		forms["json escapes"] = []byte(esc.String())
		for enc, b := range forms {
			out[how+" "+enc] = b
			out[how+" "+enc+" hex"] = []byte(hex.EncodeToString(b))
			out[how+" "+enc+" HEX"] = []byte(strings.ToUpper(hex.EncodeToString(b)))
			for phase := range 3 { // base64 of a text depends on where in its block of three it begins
				enc64 := base64.StdEncoding.EncodeToString(append(make([]byte, phase), b...))
				from, to := (phase*8+5)/6, (phase+len(b))*8/6
				out[fmt.Sprintf("%s %s base64 %d", how, enc, phase)] = []byte(enc64[from:to])
			}
		}
	}
	return out
}

// inFiles names the files under a directory that hold a trace of a name.
func inFiles(t *testing.T, dir string, names ...string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, n := range names {
			for how, form := range traces(n) {
				if bytes.Contains(b, form) {
					out = append(out, fmt.Sprintf("%s: %s, %s", filepath.Base(path), n, how))
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTracesAreFound(t *testing.T) {
	const name = "Қонысбаева"
	utf, _ := json.Marshal(strings.ToUpper(name))
	koi, _ := charmap.KOI8R.NewEncoder().String("КОНЫСБАЕВА")
	for what, text := range map[string]string{
		"plain": "xx" + name, "json": string(utf), "base64 one byte on": base64.StdEncoding.EncodeToString([]byte("x" + name + "yy")),
		"base64 two bytes on": base64.StdEncoding.EncodeToString([]byte("xx" + strings.ToLower(name))), "folded": "xx" + match.Fold(name), "hex": hex.EncodeToString([]byte(name)),
	} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, "f"), []byte("before "+text+" after"), 0o600))
		if len(inFiles(t, dir, name)) == 0 {
			t.Errorf("%s is not found", what)
		}
	}
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "f"), []byte(koi), 0o600))
	if len(inFiles(t, dir, "Конысбаева")) == 0 {
		t.Error("KOI8-R is not found")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const (
	surname  = "Тлеуғабылова"
	given    = "Zhannatbibi"
	document = "ZZ55781903"
)

// trip is a body whose every word names somebody.
type trip struct {
	Title    string           `json:"title,omitempty" class:"identity"`
	State    string           `json:"state,omitempty" class:"plain"`
	Mentions []record.Mention `json:"mentions,omitempty" class:"identity"`
	Persons  []record.Person  `json:"persons,omitempty" class:"identity"`
	Links    []record.Link    `json:"links,omitempty" class:"identity"`
	Texts    []string         `json:"texts,omitempty" class:"text"`
}

func (*trip) Kind() string    { return "test.trip" }
func (*trip) Version() int    { return 1 }
func (*trip) Validate() error { return nil }
func (n *trip) Index(ix *record.Index) {
	*ix = record.Index{Title: n.Title, State: n.State, Mentions: n.Mentions, Persons: n.Persons, Links: n.Links, Texts: n.Texts}
}

// everywhere puts a person into every word of two records and of two revisions, and into the purpose of looks.
func everywhere(s *scene) (journey, hit record.ID) {
	thing := record.Thing{Type: "document", Key: "KAZ:" + document}
	full := surname + " " + given
	n := trip{Title: full, State: "new", Texts: []string{"фамилия " + surname, given, document}, Mentions: []record.Mention{{Thing: thing, Role: "travel document", Label: document}},
		Persons: []record.Person{{Role: "passenger", Names: []record.Name{{Full: full, Surname: surname, Given: given}}, Born: []string{"1980-01-02"}, Documents: []record.Document{{Number: document, Issuer: "KAZ"}}}},
		Links:   []record.Link{{From: thing, To: record.Thing{Type: "email", Key: strings.ToLower(given) + "@zz.test"}, Rel: "uses"}}}
	journey = s.put(&n)
	s.update(func(tx record.Tx) error {
		r, err := tx.Get(journey)
		r.Raw = nil
		r.Body.(*trip).State = "seen"
		s.ok(err)
		return tx.Put(r)
	})
	again := n
	again.Title += " again" // its key is another
	hit = s.put(&again, journey)
	for _, subject := range []record.ID{journey, {}} { // a look, and a list under the same words
		s.ok(s.store.Update(record.WithActor(context.Background(), record.Actor{User: "u-1", Agency: "POL", Roles: []string{"analyst"},
			Purpose: record.Purpose{Kind: "free", Text: "the brother of " + surname}}), func(tx record.Tx) error {
			return tx.Audit(record.Act{Action: "read", Subject: subject, Count: 1})
		}))
	}
	s.ok(s.store.Update(record.WithActor(context.Background(), record.Actor{User: "u-2", Agency: "POL", Roles: []string{"analyst"}, // about nobody, and naming
		Purpose: record.Purpose{Kind: "free", Text: "whoever travels on " + document}}), func(tx record.Tx) error {
		return tx.Audit(record.Act{Action: "search"})
	}))
	for i := range 120 { // others around, so that pages are shared
		s.put(&storetest.Note{Title: fmt.Sprintf("Other %d", i), Texts: []string{"обычная запись"}})
	}
	return journey, hit
}

// TestErasedEverywhere proves that after an erasure no file of the data directory holds the person in any form, children,
// revisions and the purposes of looks included, while the log still proves itself and the deletion.
func TestErasedEverywhere(t *testing.T) {
	s := newScene(t)
	journey, _ := everywhere(s)
	if before := inFiles(t, s.dir, surname, given, document); len(before) < 10 {
		t.Fatalf("the test finds too little before: %v", before)
	}
	boss := person("supervisor", "boss")
	for _, reason := range []string{"", "asked for by " + strings.ToLower(given), "document " + document} {
		s.kind("the reason "+reason, second(s.c.Erase(boss, journey, reason, nil)), record.Invalid)
	}
	s.kind("an analyst erases", second(s.c.Erase(person("analyst", "a"), journey, "request 12", nil)), record.Forbidden)
	took, err := s.c.Erase(boss, journey, "request 12", nil)
	s.ok(err)
	if len(took) != 2 {
		t.Errorf("it took along %+v", took)
	}
	gone(s, "erased")
	acts, err := s.store.AskAudit(context.Background(), audit.Question{Subject: journey, Actions: []string{"erase"}})
	s.ok(err)
	if len(acts) != 1 || acts[0].User != "boss" || acts[0].Purpose.Text != "request 12" || acts[0].Count != 2 || len(acts[0].Salt) == 0 {
		t.Errorf("the proof of the deletion: %+v", acts)
	}
	looks, err := s.store.AskAudit(context.Background(), audit.Question{Subject: journey, Actions: []string{"read"}})
	s.ok(err)
	if len(looks) != 1 || looks[0].User != "u-1" || looks[0].Purpose.Kind != "free" {
		t.Errorf("who looked: %+v", looks)
	}
}

// gone checks that no trace is in the files and that the log verifies.
func gone(s *scene, what string) {
	s.Helper()
	if left := inFiles(s.T, s.dir, surname, given, document); len(left) > 0 {
		s.Errorf("%s and still in the files:\n%s", what, strings.Join(left, "\n"))
	}
	s.ok(s.seq.Close(context.Background()))
	rep, err := audit.Verify(context.Background(), s.store, s.c.Verifiers, nil)
	s.ok(err)
	if !rep.OK() || rep.Stripped < 2 {
		s.Errorf("%s, and the log: %+v", what, rep)
	}
}

// TestMaskedEverywhere proves the same of masking by the clock, that the rest of the record stays, and that unmasking for a
// day leaves nothing in clear either.
func TestMaskedEverywhere(t *testing.T) {
	s := newScene(t)
	s.policy("test.trip", Rule{Name: "m", Action: Mask, After: "P6M"})
	journey, hit := everywhere(s)
	s.forward(180)
	if s.get(journey).Masked != nil {
		t.Fatal("masked before its time")
	}
	if rep := s.forward(1); rep.Masked != 1 || rep.Along != 1 {
		t.Fatalf("not masked in time: %+v", rep)
	}
	for _, id := range []record.ID{journey, hit} {
		r := s.get(id)
		n := r.Body.(*trip)
		if r.Masked == nil || n.Title != "" || len(n.Persons) != 0 || n.State == "" || r.Key != "" {
			t.Errorf("left of a masked record: %+v", n)
		}
	}
	gone(s, "masked")
}

// TestNameless proves that identity is gone for good after its time, with nothing sealed, and that what is counted stays.
func TestNameless(t *testing.T) {
	s := newScene(t)
	s.policy("test.note", Rule{Name: "m", Action: Mask, After: "P1M"}, Rule{Name: "n", Action: Nameless, After: "P10Y"})
	n := named("SECRETOVA")
	n.Measures = []record.Measure{{Name: "travellers", Value: 1, Unit: "1"}}
	id := s.put(n)
	s.jump(40 * 24 * time.Hour)
	if err := s.store.View(machineCtx(), func(tx record.Tx) error { _, err := tx.Sealed(id); return err }); err != nil {
		t.Fatal("masked first, and not sealed: ", err)
	}
	s.jump(9 * 365 * 24 * time.Hour)
	if r := s.get(id); !strings.HasSuffix(r.Masked.Policy, "#m") {
		t.Error("nameless before its time")
	}
	s.jump(2 * 365 * 24 * time.Hour)
	r := s.get(id)
	if !strings.HasSuffix(r.Masked.Policy, "#n") || r.Body.(*storetest.Note).Title != "" || len(r.Body.(*storetest.Note).Measures) != 1 {
		t.Errorf("a nameless record: %+v %+v", r.Masked, r.Body)
	}
	s.kind("what is sealed of it", s.store.View(machineCtx(), func(tx record.Tx) error { _, err := tx.Sealed(id); return err }), record.NotFound)
	if rep := s.run(); rep.Nameless != 0 {
		t.Errorf("made nameless again: %+v", rep)
	}
}
