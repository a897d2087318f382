package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	signed "golang.org/x/mod/sumdb/note"

	"sarhad/record"
	"sarhad/record/audit"
)

func sparing(s *scene) {
	parent := s.put(note(Note{Title: "parent"}))
	under := func(title string, p record.ID) *record.Record {
		r := note(Note{Title: title})
		r.Origin.Parents = []record.ID{p}
		return s.put(r)
	}
	kept, gone := under("kept", parent.ID), under("gone", parent.ID)
	under("under the kept one", kept.ID)
	under("under the one that goes", gone.ID)
	s.update(func(tx record.Tx) error {
		ids, err := tx.Erase(parent.ID, kept.ID)
		s.same("what went along", len(ids), 2)
		return err
	})
	s.same("left", s.titles(machine(), record.Query{}), []string{"under the kept one", "kept"})
	s.kind("erasing what is spared", s.Store.Update(machine(), func(tx record.Tx) error { _, err := tx.Erase(kept.ID, kept.ID); return err }), record.Internal)
}

// redact takes identity and text out, and what a note mentions.
func redact(r *record.Record) ([]byte, error) {
	n, ok := r.Body.(*Note)
	if !ok {
		return []byte("{}"), nil
	}
	if err := record.Redact(n, record.Identity, record.FreeText); err != nil {
		return nil, err
	}
	n.Mentions, n.Links = nil, nil
	return json.Marshal(n)
}

// turned is a seal that a test can look through: the bytes backwards.
func turned(plain []byte) ([]byte, error) {
	out := make([]byte, len(plain))
	for i, b := range plain {
		out[len(plain)-1-i] = b
	}
	return out, nil
}

// secret is a record about somebody, in two revisions, as it was before it was masked.
type secret struct {
	id   record.ID
	hash map[int]string // by revision
	head record.Seq
	mask record.Masking
}

// secrets stores one.
func (s *scene) secrets() secret {
	s.Helper()
	r := note(Note{Title: "SECRETOVA ANNA", State: "open", Texts: []string{"секретова"}, Mentions: []record.Mention{mention("document", "KAZ:N1")},
		Persons: []record.Person{traveller("SECRETOVA ANNA")}, Events: []record.Event{{Kind: "arrival", At: day(2), Place: "ALA"}},
		Links: []record.Link{{From: mention("document", "KAZ:N1").Thing, To: mention("phone", "7").Thing, Rel: "uses"}}})
	r.Key, r.Origin = "key-of-secretova", record.Origin{File: "Secretova.edi", Hash: "abc"}
	s.put(r)
	s.revise(r.ID, func(_ *record.Record, n *Note) { n.State = "closed" })
	out := secret{id: r.ID, hash: map[int]string{}, mask: record.Masking{Policy: "TST/test.note#masked", Redact: redact, Seal: turned}}
	for _, x := range s.revisions(r.ID) {
		out.hash[x.Revision.Number] = x.Hash()
	}
	out.head = s.head()
	return out
}

// masked stores one and masks it.
func (s *scene) masked() secret {
	s.Helper()
	x := s.secrets()
	s.update(func(tx record.Tx) error { return tx.Mask(x.id, x.mask) })
	return x
}

func (s *scene) revisions(id record.ID) (out []*record.Record) {
	s.Helper()
	s.view(machine(), func(tx record.Tx) (err error) {
		out, err = tx.Revisions(id)
		return err
	})
	return out
}

// says is everything that a stored revision says, in small letters.
func says(r *record.Record) string {
	env, err := json.Marshal(r)
	return strings.ToLower(string(r.Raw) + string(must(env, err)) + string(r.WrittenEnvelope()))
}

func masking(s *scene) {
	x := s.secrets()
	at := s.Clock.Tick(time.Hour)
	s.kind("a mask without an act", s.Store.Update(machine(), func(tx record.Tx) error { return tx.Mask(x.id, x.mask) }), record.Internal)
	s.kind("masking what one may not read", s.Store.Update(officer("nothing"), func(tx record.Tx) error { return tx.Mask(x.id, x.mask) }), record.NotFound)
	s.update(func(tx record.Tx) error { return tx.Mask(x.id, x.mask) })
	s.update(func(tx record.Tx) error { return tx.Mask(x.id, x.mask) }) // safe to repeat
	all := s.revisions(x.id)
	if len(all) != 2 || s.head() != x.head {
		s.Fatalf("masking changed the sequence: %d revisions, head %d, was %d", len(all), s.head(), x.head)
	}
	for _, r := range all {
		if text := says(r); strings.Contains(text, "secretova") || strings.Contains(text, "секретова") || strings.Contains(text, "n1") {
			s.Errorf("revision %d still says %s", r.Revision.Number, text)
		}
		if r.Origin.Hash != "abc" {
			s.Errorf("revision %d does not say any more which file it came in: %+v", r.Revision.Number, r.Origin)
		}
		if r.Masked == nil || !r.Masked.At.Equal(at) || r.Masked.Policy != x.mask.Policy || r.Hash() != x.hash[r.Revision.Number] {
			s.Errorf("revision %d: masked %+v, hash %s, was %s", r.Revision.Number, r.Masked, r.Hash(), x.hash[r.Revision.Number])
		}
	}
	if all[0].Revision.Former != all[1].Hash() {
		s.Error("the chain of revisions is broken")
	}
	s.view(machine(), func(tx record.Tx) error {
		lines, err := tx.Erasures(0, 0)
		if len(lines) != 1 || lines[0].What != record.ErasureMask || lines[0].ID != x.id {
			s.Errorf("the journal: %+v", lines)
		}
		return err
	})
}

func maskingSeals(s *scene) {
	x := s.masked()
	s.view(machine(), func(tx record.Tx) error {
		box, err := tx.Sealed(x.id)
		s.ok(err)
		plain := must(turned(box))
		if !bytes.Contains(plain, []byte("key-of-secretova")) || !bytes.Contains(plain, []byte("Secretova.edi")) || !bytes.Contains(plain, []byte(`"closed"`)) && !bytes.Contains(plain, []byte("body")) {
			s.Errorf("sealed is %s", plain)
		}
		return nil
	})
}

func maskingFound(s *scene) {
	x := s.masked()
	s.view(machine(), func(tx record.Tx) error {
		page, err := tx.List(record.Query{States: []string{"closed"}})
		s.ok(err)
		if len(page.Rows) != 1 || !page.Rows[0].Masked || page.Rows[0].Title != "" || page.Rows[0].Key != "" {
			s.Errorf("in a list: %+v", page.Rows)
		}
		l, err := tx.Links(record.LinkQuery{Thing: mention("document", "KAZ:N1").Thing})
		s.ok(err)
		p, err := tx.Persons(false, 0, 10)
		s.ok(err)
		e, err := tx.Events(record.EventQuery{Place: "ALA"})
		if len(l) != 0 || len(p) != 0 || len(e) != 1 {
			s.Errorf("the index has %d links, %d persons, %d events", len(l), len(p), len(e))
		}
		_, byKey := tx.ByKey("test.note", "key-of-secretova")
		s.kind("by its key", byKey, record.NotFound)
		return err
	})
	for _, q := range []record.Query{{Text: "secretova"}, {Text: "секретова"}, {Thing: mention("document", "KAZ:N1").Thing}, {Text: "secretova", AsOf: x.head}} {
		s.same(fmt.Sprintf("found by %+v", q), s.titles(machine(), q), []string(nil))
	}
}

func maskingStays(s *scene) {
	x := s.masked()
	change := func(what string, fn func(*record.Record)) {
		s.Helper()
		s.kind(what, s.Store.Update(machine(), func(tx record.Tx) error {
			r, err := tx.Get(x.id)
			if err != nil {
				return err
			}
			fn(r)
			return tx.Put(r)
		}), record.Conflict)
	}
	change("revising it", func(r *record.Record) { r.Raw = nil })
	change("revising it as if it were not masked", func(r *record.Record) { r.Raw, r.Masked = nil, nil })
	s.kind("putting a masked envelope", s.Store.Update(machine(), func(tx record.Tx) error {
		r := note(Note{Title: "x"})
		r.Masked = &record.Masked{Hash: "forged"}
		return tx.Put(r)
	}), record.Conflict)
}

func nameless(s *scene) {
	x := s.masked()
	s.update(func(tx record.Tx) error { return tx.Mask(x.id, record.Masking{Policy: "later", Redact: redact}) })
	s.view(machine(), func(tx record.Tx) error {
		_, err := tx.Sealed(x.id)
		s.kind("what was sealed of a nameless record", err, record.NotFound)
		r, err := tx.Get(x.id)
		if r.Hash() != x.hash[2] || r.Masked.Policy != "later" {
			s.Errorf("a nameless record is %+v", r.Masked)
		}
		lines, _ := tx.Erasures(1, 0)
		if len(lines) != 1 || lines[0].What != record.ErasureNameless {
			s.Errorf("the journal goes on with %+v", lines)
		}
		return err
	})
}

// maskingFiles proves that the names of attached files go with a mask, in every revision, and the files with the names for
// good; what another record carries too stays.
func maskingFiles(s *scene) {
	photo, scan := s.Shelf.file(1, "SECRETOVA ANNA.jpg", "a1", "a2"), s.Shelf.file(2, "passport of Secretova.pdf", "a2", "a3")
	r := note(Note{Title: "SECRETOVA ANNA"})
	r.Attachments = []record.Attachment{photo}
	s.put(r)
	s.revise(r.ID, func(r *record.Record, _ *Note) { r.Attachments = append(r.Attachments, scan) })
	other := note(Note{Title: "other"})
	other.Attachments = []record.Attachment{s.Shelf.file(3, "the same page", "a3")}
	s.put(other)
	attached := func(id record.ID) (err error) {
		return s.Store.View(machine(), func(tx record.Tx) error { _, _, err := tx.Attached(id); return err })
	}
	s.ok(attached(photo.ID))
	s.update(func(tx record.Tx) error {
		return tx.Mask(r.ID, record.Masking{Policy: "p", Redact: redact, Seal: turned})
	})
	for _, x := range s.revisions(r.ID) {
		if text := says(x); len(x.Attachments) != 0 || strings.Contains(text, "secretova") || strings.Contains(text, "attachments") {
			s.Errorf("revision %d of a masked record still says %s", x.Revision.Number, text)
		}
	}
	s.kind("a file of a masked record", attached(photo.ID), record.NotFound)
	s.same("dropped with the mask, which can be opened again", s.Shelf.dropped(), []string(nil))
	s.view(machine(), func(tx record.Tx) error {
		box, err := tx.Sealed(r.ID)
		if plain := must(turned(box)); !bytes.Contains(plain, []byte(scan.Name)) {
			s.Errorf("sealed is %s", plain)
		}
		return err
	})
	s.update(func(tx record.Tx) error { return tx.Mask(r.ID, record.Masking{Policy: "p", Redact: redact}) })
	s.same("dropped with the names for good", s.Shelf.dropped(), chunkNames("a1", "a2"))
	s.ok(attached(other.Attachments[0].ID))
}

// maskingReceived proves that the envelope as another node wrote it goes with a mask, and that the chain of its revisions holds.
func maskingReceived(s *scene) {
	one := foreign(1, "SECRETOVA ANNA", nil)
	newer := func(r *record.Record) {
		written := r.WrittenEnvelope()
		r.Envelope = append(written[:len(written)-1:len(written)-1], `,"alias":"SECRETOVA, the tall one"}`...)
	}
	newer(one)
	two := foreign(1, "SECRETOVA ANNA", one)
	newer(two)
	s.takes("a newer envelope", one, record.ReceivedNew)
	s.takes("its next revision", two, record.ReceivedNext)
	s.update(func(tx record.Tx) error {
		return tx.Mask(one.ID, record.Masking{Policy: "p", Redact: redact, Seal: turned})
	})
	all := s.revisions(one.ID)
	for _, x := range all {
		if text := says(x); x.Envelope != nil || strings.Contains(text, "secretova") {
			s.Errorf("revision %d of a masked record still says %s", x.Revision.Number, text)
		}
	}
	if len(all) != 2 || all[1].Hash() != one.Hash() || all[0].Hash() != two.Hash() || all[0].Revision.Former != all[1].Hash() {
		s.Error("the chain of a foreign record is broken")
	}
	s.view(machine(), func(tx record.Tx) error {
		box, err := tx.Sealed(one.ID)
		if plain := must(turned(box)); !bytes.Contains(plain, []byte(base64.StdEncoding.EncodeToString(two.Envelope))) {
			s.Errorf("sealed is %s, without the envelope as it came", plain)
		}
		return err
	})
}

func maskingWhole(s *scene) {
	r := note(Note{})
	r.Kind, r.Body, r.Raw = "unknown.kind", nil, []byte("SECRETOVA, raw")
	s.put(r)
	s.update(func(tx record.Tx) error {
		return tx.Mask(r.ID, record.Masking{Policy: "p", Redact: redact, Seal: turned})
	})
	s.view(machine(), func(tx record.Tx) error {
		x, err := tx.Get(r.ID)
		s.ok(err)
		box, err := tx.Sealed(r.ID)
		s.ok(err)
		if string(x.Raw) != "{}" || len(box) == 0 {
			s.Errorf("%q is left, %d bytes are sealed", x.Raw, len(box))
		}
		return nil
	})
	s.update(func(tx record.Tx) error { _, err := tx.Erase(r.ID); return err })
	s.same("left", s.titles(machine(), record.Query{}), []string(nil))
	s.kind("what was sealed of an erased record", s.Store.View(machine(), func(tx record.Tx) error { _, err := tx.Sealed(r.ID); return err }), record.NotFound)
}

func expiring(s *scene) {
	put := func(title string, d time.Duration) *record.Record {
		r := note(Note{Title: title})
		if d != 0 {
			r.Expires = s.Clock.Now().Add(d)
		}
		return s.put(r)
	}
	put("never", 0)
	put("later", 3*time.Hour)
	put("soon", 2*time.Hour)
	b := put("first", time.Hour)
	expired := func(at time.Duration) (out []string) {
		s.view(machine(), func(tx record.Tx) error {
			rows, err := tx.Expired(s.Clock.Now().Add(at), 10)
			for _, r := range rows {
				out = append(out, r.Title)
			}
			return err
		})
		return out
	}
	s.same("nothing yet", expired(0), []string(nil))
	s.same("in order", expired(2*time.Hour), []string{"first", "soon"})
	s.revise(b.ID, func(r *record.Record, _ *Note) { r.Expires = time.Time{} })
	s.same("a revision that does not expire", expired(9*time.Hour), []string{"soon", "later"})
}

func boxes(s *scene) {
	r := s.put(note(Note{Title: "a"}))
	s.update(func(tx record.Tx) error { return tx.SetBox(r.ID, []byte("one")) })
	s.update(func(tx record.Tx) error { return tx.SetBox(r.ID, []byte("two")) })
	box := func() (b []byte, err error) {
		err = s.Store.View(machine(), func(tx record.Tx) error { b, err = tx.Box(r.ID); return err })
		return b, err
	}
	b, err := box()
	s.ok(err)
	s.same("the box", string(b), "two")
	s.kind("another's box", s.Store.View(officer("nothing"), func(tx record.Tx) error { _, err := tx.Box(r.ID); return err }), record.NotFound)
	s.update(func(tx record.Tx) error { return tx.SetBox(r.ID, nil) })
	_, err = box()
	s.kind("a removed box", err, record.NotFound)
}

// sealedLog is a sequencer over the store, with what verifies it.
func (s *scene) sealedLog() (*audit.Sequencer, func() audit.Report) {
	skey, vkey, err := signed.GenerateKey(rand.Reader, "node-a")
	s.ok(err)
	signer, err := signed.NewSigner(skey)
	s.ok(err)
	verifier, err := signed.NewVerifier(vkey)
	s.ok(err)
	seq := &audit.Sequencer{Table: s.Store, Signer: signer, Now: s.Clock.Now}
	return seq, func() audit.Report {
		s.Helper()
		s.ok(seq.TakeIn(context.Background()))
		s.ok(seq.Sign(context.Background()))
		rep, err := audit.Verify(context.Background(), s.Store, signed.VerifierList(verifier), nil)
		s.ok(err)
		return rep
	}
}

func (s *scene) strip(what record.Stripping) (n int, more bool) {
	s.Helper()
	s.ok(s.Store.Update(machine(), func(tx record.Tx) (err error) {
		n, more, err = tx.Strip(what)
		return err
	}))
	return n, more
}

func stripping(s *scene) {
	seq, verify := s.sealedLog()
	for i := range 8 {
		s.put(note(Note{Title: fmt.Sprint(i)}))
	}
	if n, _ := s.strip(record.Stripping{Before: s.Clock.Now().Add(time.Hour)}); n != 0 {
		s.Errorf("%d acts were stripped that are not in the log yet", n)
	}
	s.ok(seq.TakeIn(context.Background()))
	border := s.Clock.Tick(time.Hour)
	s.put(note(Note{Title: "young"}))
	n, more := s.strip(record.Stripping{Before: border, Reason: "old", Limit: 5})
	if n != 5 || !more {
		s.Fatalf("%d stripped, more %v", n, more)
	}
	n, more = s.strip(record.Stripping{Before: border, Reason: "old", Limit: 5})
	if n != 3 || more {
		s.Fatalf("then %d stripped, more %v", n, more)
	}
	rep := verify()
	if !rep.OK() || rep.Stripped != 8 {
		s.Fatalf("a log with stripped acts: %+v", rep)
	}
	rows := s.acts()
	for i, r := range rows[:8] {
		if r.User != "" || len(r.Salt) != 0 || !r.Subject.IsZero() || r.Purpose.Text != "" || r.Action != "test" || r.At.IsZero() || r.Number != int64(i)+1 {
			s.Errorf("left of act %d: %+v", i+1, r)
		}
	}
	if a := rows[9]; a.Action != record.ActStrip || a.Count != 5 || a.Reason != "old" || len(a.IDs) != 64 {
		s.Errorf("the act that answers: %+v", a)
	}
	s.strip(record.Stripping{Before: s.Clock.Tick(time.Hour)})
	if rep := verify(); !rep.OK() || rep.Stripped != 9 { // acts of stripping stay whole
		s.Errorf("stripped to the end: %+v", rep)
	}
}

func strippingWords(s *scene) {
	_, verify := s.sealedLog()
	r := s.put(note(Note{Title: "a"}))
	other := s.put(note(Note{Title: "b"}))
	say := func(subject record.ID, p record.Purpose) {
		s.ok(s.Store.Update(officer("passenger"), func(tx record.Tx) error {
			return tx.Audit(record.Act{Action: "read", Subject: subject, Count: 1, Purpose: p})
		}))
	}
	free := record.Purpose{Kind: "free", Text: "looking for Secretova Anna"}
	say(r.ID, free)
	say(record.ID{}, free) // the same words, about nobody
	say(other.ID, free)
	say(r.ID, record.Purpose{Kind: "hit", Text: "possible match"})
	say(r.ID, record.Purpose{Kind: "duty", Text: "evening shift"})
	say(other.ID, record.Purpose{Kind: "free", Text: "other words"})
	s.update(func(tx record.Tx) error { _, err := tx.Erase(r.ID); return err })
	what := record.Stripping{Subjects: []record.ID{r.ID}, Words: []string{"possible match"}, Reason: "erased", Limit: 2}
	if n, more := s.strip(what); n != 0 || !more {
		s.Errorf("before the log has them: %d stripped, more %v", n, more)
	}
	if rep := verify(); !rep.OK() {
		s.Fatalf("%+v", rep)
	}
	total := 0
	for more := true; more; {
		n := 0
		n, more = s.strip(what)
		total += n
	}
	texts := map[string]int{}
	for _, a := range s.acts() {
		texts[a.Purpose.Text]++
		if a.Action == "read" && (a.User == "" || a.Count != 1) {
			s.Errorf("who looked is gone: %+v", a)
		}
	}
	if total != 3 || texts[free.Text] != 0 || texts["possible match"] != 1 || texts["evening shift"] != 1 || texts["other words"] != 1 {
		s.Errorf("%d stripped, left %v", total, texts)
	}
	if rep := verify(); !rep.OK() || rep.Stripped != 3 {
		s.Errorf("%+v", rep)
	}
	s.strip(record.Stripping{Before: s.Clock.Tick(time.Hour)}) // a row may be stripped twice
	if rep := verify(); !rep.OK() || rep.Stripped < 8 {
		s.Errorf("stripped of words and then of everything: %+v", rep)
	}
}
