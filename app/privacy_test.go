package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"sarhad/app"
	"sarhad/engine/match"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/audit"
	"sarhad/record/privacy"
)

// phrases of the tests' keys.
var phrases = privacy.Phrases{Unit: "unit-of-tests", Oversight: "oversight-of-tests"}

// movable is a clock that a test moves.
type movable struct {
	mu  sync.Mutex
	off time.Duration
}

func (m *movable) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().Add(m.off)
}

func (m *movable) on(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.off += d
}

// private adds to the world a hold, a masked record and a request to open it.
func (w *world) private() {
	w.t.Helper()
	must(w.t, w.app.MakePrivacyKeys(phrases, 4))
	b := signIn(w.t, w.app, "supervisor")
	var made struct{ ID string }
	b.do("POST", "/privacy/holds", map[string]any{"records": []string{w.held}, "basis": "order 1", "until": "2999-01-01T00:00:00Z"}, &made, 200)
	w.keep = made.ID
	b.do("POST", "/privacy/holds", map[string]any{"records": []string{w.held}, "basis": "order 2", "until": "2999-01-01T00:00:00Z"}, &made, 200)
	w.kept = made.ID
	analyst := signIn(w.t, w.app, "analyst")
	w.see(func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{"screening.hit"}, States: []string{"dismissed"}, Limit: 1})
		w.masked = page.Rows[0].ID.String()
		return err
	})
	w.mask(w.masked)
	analyst.do("POST", "/privacy/unmaskings", map[string]string{"record": w.masked, "case": "C-7", "reason": "the investigator asks"}, &made, 200)
	w.unmask = made.ID
}

// mask masks one record, as the clocks do.
func (w *world) mask(text string) {
	w.t.Helper()
	id, err := record.ParseID(text)
	must(w.t, err)
	must(w.t, w.app.Store.Update(record.WithActor(w.t.Context(), record.Machine("test", "")), func(tx record.Tx) error {
		if err := tx.Mask(id, w.app.Privacy.Masking("test", false)); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "mask", Subject: id})
	}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestEveryBodyWithoutNames proves that what is left of a masked record of any kind can be indexed: also in a room that
// never thought of it.
func TestEveryBodyWithoutNames(t *testing.T) {
	for _, b := range app.Types().Each() {
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("%s@%d breaks when nothing is left of it: %v", b.Kind(), b.Version(), p)
				}
			}()
			b.Index(&record.Index{})
		}()
	}
}

// forms gives how a word may stand in a file.
func forms(word string) (out [][]byte) {
	for _, s := range []string{word, strings.ToLower(word), strings.ToUpper(word), match.Fold(word), strings.ToUpper(word[:1]) + strings.ToLower(word[1:])} {
		var le, be []byte
		var esc strings.Builder
		for _, u := range utf16.Encode([]rune(s)) {
			le, be = append(le, byte(u), byte(u>>8)), append(be, byte(u>>8), byte(u))
			fmt.Fprintf(&esc, `\u%04x`, u)
		}
		for _, b := range [][]byte{[]byte(s), le, be, []byte(esc.String())} {
			out = append(out, b, []byte(hex.EncodeToString(b)))
			for phase := range 3 {
				enc := base64.StdEncoding.EncodeToString(append(make([]byte, phase), b...))
				out = append(out, []byte(enc[(phase*8+5)/6:(phase+len(b))*8/6]))
			}
		}
	}
	return out
}

// inFiles names the files of a data directory that hold one of the words in any form.
func inFiles(t *testing.T, dir string, words ...string) (out []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, w := range words {
			for _, f := range forms(w) {
				if bytes.Contains(b, f) {
					out = append(out, filepath.Base(path)+": "+w)
					break
				}
			}
		}
		return err
	}))
	return out
}

// legal is a node with a clock that the test moves, and keys.
type legal struct {
	*testing.T
	dir   string
	clock *movable
	app   *app.App
}

func newLegal(t *testing.T) *legal {
	l := &legal{T: t, dir: t.TempDir(), clock: &movable{}}
	l.app = nodeWith(t, l.dir, app.Options{Now: l.clock.Now})
	must(t, l.app.MakePrivacyKeys(phrases, 4))
	t.Cleanup(func() { must(t, l.app.Stop()) })
	return l
}

// days moves time on day by day; the clocks run each day.
func (l *legal) days(n int) {
	l.Helper()
	for range 2 * n { // by halves: a whole day and the seconds of the test would be more than the clocks trust
		l.clock.on(12 * time.Hour)
		if rep, err := l.app.Privacy.Run(l.Context()); err != nil || rep.Stopped != nil || len(rep.Refused)+len(rep.Waiting) > 0 {
			l.Fatalf("%+v %v", rep, err)
		}
	}
}

// jump moves time on at once, as somebody who confirms it.
func (l *legal) jump(days int) {
	l.Helper()
	l.clock.on(time.Duration(days) * 24 * time.Hour)
	must(l.T, l.app.Privacy.ConfirmTime(record.WithActor(l.Context(), record.Machine("test", "")), "test"))
	l.days(1)
}

// openHits are the hits that wait.
func openHits(t *testing.T, b *browser) (ids []string) {
	t.Helper()
	var hits struct{ Items []struct{ ID string } }
	b.get("/hits", &hits)
	for _, h := range hits.Items {
		ids = append(ids, h.ID)
	}
	return ids
}

const stopList = "id,name,born,sex,nationality\ne1,TLEUGABYLOV ZHANDOSBEK,1980-01-01,M,UZB\n"

// flight brings in a flight with the listed traveller on one passport, and somebody else.
func (l *legal) flight(b *browser, ref string) {
	l.Helper()
	lands := l.clock.Now().Add(2 * time.Hour)
	data := strings.Replace(string(manifest(ref, "ZZ"+ref, "ALA", lands, "TLEUGABYLOV:ZHANDOSBEK", "OTHERMANOV:SOMEBODYBEK")), "DOC+P+ZZ"+ref+"0000", "DOC+P+ZZ7700551", 1)
	b.upload("/imports", map[string][]byte{ref + ".edi": []byte(data)}, 200)
	until(l.T, "everybody is screened", func() bool {
		var s struct{ Behind int }
		b.get("/status", &s)
		return s.Behind == 0 && l.caughtUp()
	})
}

func (l *legal) caughtUp() bool {
	var at, head record.Seq
	must(l.T, l.app.Store.View(record.WithActor(l.Context(), record.Machine("test", "")), func(tx record.Tx) (err error) {
		if head, err = tx.Head(); err == nil {
			at, err = tx.Cursor("screening")
		}
		return err
	}))
	return at >= head
}

// TestAClearedTravellerIsForgottenAndNotStopped proves the promise of the clearance: forty days later, when every clock ran
// and no file holds the traveller any more, the same passport raises no alert; a changed entry raises one again.
func TestAClearedTravellerIsForgottenAndNotStopped(t *testing.T) {
	l := newLegal(t)
	b := signIn(t, l.app, "analyst")
	b.upload("/lists/import", map[string][]byte{"own.csv": []byte(stopList)}, 200)
	l.flight(b, "201")
	hits := openHits(t, b)
	if len(hits) != 1 {
		t.Fatalf("%d hits", len(hits))
	}
	b.do("POST", "/hits/"+hits[0]+"/claim", map[string]any{}, nil, 200)
	b.do("POST", "/hits/"+hits[0]+"/dismiss", map[string]any{"reason": "birth-date", "note": "OTHERMANOV is his brother"}, nil, 200)
	l.days(4)
	if left := inFiles(t, l.dir, "OTHERMANOV"); len(left) == 0 {
		t.Fatal("the note of the hit should still be there: the test proves nothing")
	}
	if left := inFiles(t, l.dir, "SOMEBODYBEK"); len(left) > 0 {
		t.Errorf("unmatched, and after four days still in %v", left)
	}
	l.days(36)
	if left := inFiles(t, l.dir, "OTHERMANOV", "ZZ7700551"); len(left) > 0 {
		t.Errorf("dismissed, and after forty days still in %v", left)
	}
	b = signIn(t, l.app, "analyst")
	l.flight(b, "202")
	if hits := openHits(t, b); len(hits) != 0 {
		t.Errorf("the cleared traveller is stopped again: %v", hits)
	}
	b.upload("/lists/import", map[string][]byte{"own.csv": []byte(strings.Replace(stopList, "1980-01-01", "1980-01-02", 1))}, 200)
	until(t, "a changed entry alerts again", func() bool { return len(openHits(t, b)) == 1 })
}

// TestAConfirmedTravellerIsMasked proves masking through the doors: after six months the traveller is in no list, search,
// revision or file; two people open the record for one case, one day, and the log counts it.
func TestAConfirmedTravellerIsMasked(t *testing.T) {
	l := newLegal(t)
	b := signIn(t, l.app, "analyst")
	b.upload("/lists/import", map[string][]byte{"own.csv": []byte("id,name,born,sex,nationality\ne1,TLEUGABYLOV ZHANDOSBEK,1980-01-01,M,UZB\n")}, 200)
	l.flight(b, "203")
	hit := openHits(t, b)[0]
	b.do("POST", "/hits/"+hit+"/claim", map[string]any{}, nil, 200)
	signed := toConfirm(hit, "second-line", "ask ZHANDOSBEK")
	signed["details"].(map[string]string)["note"] = "ZHANDOSBEK in person"
	b.do("POST", "/hits/"+hit+"/confirm", map[string]any{"reason": "document", "note": "ZHANDOSBEK in person", "instruction": map[string]string{"action": "second-line", "text": "ask ZHANDOSBEK"},
		"proof": b.sign(signed)}, nil, 200)
	b.do("PUT", "/session/purpose", map[string]string{"kind": "free", "text": "friends of ZZ7700551"}, nil, 200)
	var page struct{ Traveller struct{ Journey string } }
	b.get("/hits/"+hit, &page)
	l.clock.on(12 * time.Second)
	until(t, "the instruction leaves", func() bool {
		return strings.Contains(string(second(signIn(t, l.app, "border").send("GET", "/instructions?state=all", "", nil))), "second-line")
	})
	l.jump(185)
	b = signIn(t, l.app, "analyst")
	if left := inFiles(t, l.dir, "ZZ7700551"); len(left) > 0 {
		t.Errorf("masked, and the document still in %v", left)
	}
	for _, path := range []string{"/records?q=zhandosbek&kind=passenger.journey", "/records?q=ZZ7700551", "/mentions?type=document&key=UZB:ZZ7700551", "/suggest?q=ZZ7700551", "/hits?state=all&q=zhandosbek"} {
		if got := string(second(b.send("GET", path, "", nil))); strings.Contains(got, `"kind"`) || strings.Contains(got, "ZZ7700551") {
			t.Errorf("%s still finds %.300s", path, got)
		}
	}
	if got := string(second(b.send("GET", "/records/"+hit, "", nil))); strings.Contains(strings.ToUpper(got), "ZHANDOSBEK") || !strings.Contains(got, `"known":true`) {
		t.Errorf("the masked hit says %.600s", got)
	}
	b.get("/records/"+hit+"/revisions", nil)

	var req struct {
		ID  string
		May []string
	}
	b.do("POST", "/privacy/unmaskings", map[string]string{"record": hit, "case": "C-7", "reason": "the court asks"}, &req, 200)
	boss, watch := signIn(t, l.app, "supervisor"), signIn(t, l.app, "oversight")
	no := map[string]string{"reason": "no ground"}
	b.do("POST", "/privacy/unmaskings/"+req.ID+"/refuse", no, nil, 403)
	signIn(t, l.app, "border").do("POST", "/privacy/unmaskings/"+req.ID+"/refuse", no, nil, 403)
	watch.do("POST", "/privacy/unmaskings/"+req.ID+"/refuse", no, nil, 200)
	boss.do("POST", "/privacy/unmaskings/"+req.ID+"/refuse", no, nil, 409)
	b.do("POST", "/privacy/unmaskings", map[string]string{"record": hit, "case": "C-7", "reason": "the court asks again"}, &req, 200)
	step := func(who *browser, path, action, verdict, phrase string, out any, want int) {
		t.Helper()
		who.do("POST", "/privacy/unmaskings/"+req.ID+"/"+path, map[string]any{"phrase": phrase, "proof": who.sign(map[string]any{
			"action": action, "topic": "privacy", "subject": hit, "verdict": verdict, "details": map[string]string{"request": req.ID}})}, out, want)
	}
	boss.refused("an unsigned word", "/privacy/unmaskings/"+req.ID+"/agree", map[string]string{"phrase": phrases.Unit}, 403, authn.SignatureNeeded)
	step(boss, "agree", "unmask-agree", "agreed", phrases.Oversight, nil, 422)
	step(boss, "agree", "unmask", "opened", phrases.Unit, nil, 409) // signed for another step
	step(boss, "agree", "unmask-agree", "agreed", phrases.Unit, nil, 200)
	step(boss, "open", "unmask", "opened", phrases.Oversight, nil, 403)
	step(watch, "open", "unmask", "opened", phrases.Oversight, &req, 200)
	if len(req.May) != 0 {
		t.Errorf("oversight may now %v", req.May)
	}
	b.do("GET", "/privacy/unmaskings/"+req.ID+"/record", nil, nil, 403) // on duty, not on the case
	b.do("PUT", "/session/purpose", map[string]string{"kind": "case", "ref": "C-7", "text": "case seven"}, nil, 200)
	if got := string(second(b.send("GET", "/privacy/unmaskings/"+req.ID+"/record", "", nil))); !strings.Contains(got, "ZHANDOSBEK") || !strings.Contains(got, "ZZ7700551") {
		t.Errorf("opened it says %.300s", got)
	}
	watch.do("GET", "/privacy/unmaskings/"+req.ID+"/record", nil, nil, 404)
	if left := inFiles(t, l.dir, "ZZ7700551"); len(left) > 0 {
		t.Errorf("open, and in clear in %v", left)
	}
	l.days(1)
	b = signIn(t, l.app, "analyst")
	b.do("PUT", "/session/purpose", map[string]string{"kind": "case", "ref": "C-7", "text": "case seven"}, nil, 200)
	b.do("GET", "/privacy/unmaskings/"+req.ID+"/record", nil, nil, 409)
	must(t, l.app.Sequencer.Close(t.Context()))
	last, err := l.app.Store.LastCheckpoint(t.Context())
	must(t, err)
	if c, err := audit.ReadCheckpoint(last.Text); err != nil || c.Unmaskings != 1 {
		t.Errorf("the checkpoint counts %d unmaskings: %v", c.Unmaskings, err)
	}
	if rep, err := l.app.VerifyAudit(t.Context(), nil); err != nil || !rep.OK() {
		t.Errorf("the log: %+v %v", rep.Findings, err)
	}
}

func second[A, B any](_ A, b B) B { return b }
