package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"sarhad/record"
)

// Slip is a body that has a second version.
type Slip struct {
	Text string `json:"text" class:"text"`
}

// Kind names the body.
func (*Slip) Kind() string { return "test.slip" }

// Version is the former one.
func (*Slip) Version() int { return 1 }

// Validate takes everything.
func (*Slip) Validate() error { return nil }

// Index is found by nothing but its title.
func (s *Slip) Index(ix *record.Index) { ix.Title = s.Text }

// Upgrade makes what is read of it today.
func (s *Slip) Upgrade() record.Body { return &Slip2{Words: strings.Fields(s.Text)} }

// Slip2 is what a Slip became.
type Slip2 struct {
	Words []string `json:"words" class:"text"`
}

// Kind is that of a Slip.
func (*Slip2) Kind() string { return "test.slip" }

// Version is the present one.
func (*Slip2) Version() int { return 2 }

// Validate takes everything.
func (*Slip2) Validate() error { return nil }

// Index joins the words otherwise than a Slip, so that a test sees which one was read.
func (s *Slip2) Index(ix *record.Index) { ix.Title = strings.Join(s.Words, "+") }

// Give is a hand-over; Believe takes its word for signed when it says so.
type Give struct {
	Target   record.ID `json:"target" class:"plain"`
	Revision string    `json:"revision" class:"plain"`
	From     string    `json:"from" class:"plain"`
	To       string    `json:"to" class:"plain"`
	Signed   string    `json:"signed" class:"plain"`
}

// Kind is that of a real hand-over.
func (*Give) Kind() string { return record.KindHandover }

// Version is the first one.
func (*Give) Version() int { return 1 }

// Validate takes everything: Believe is what refuses.
func (*Give) Validate() error { return nil }

// Index says nothing.
func (*Give) Index(*record.Index) {}

// Handover implements record.HandoverBody.
func (g *Give) Handover() (record.Handover, string) {
	return record.Handover{Target: g.Target, Revision: g.Revision, From: g.From, To: g.To}, g.Signed
}

// Believe is the verifier a store under test is opened with: the signature is the text with "signed" before it.
func Believe(h record.Handover, signature string) error {
	if signature != "signed "+h.Text() {
		return record.Errorf(record.Invalid, "not signed by %s", h.From)
	}
	return nil
}

func give(r *record.Record, to string) *record.Record {
	g := &Give{Target: r.ID, Revision: r.Hash(), From: r.Writer, To: to}
	h, _ := g.Handover()
	g.Signed = "signed " + h.Text()
	out := note(Note{})
	out.Kind, out.Body, out.Writer = record.KindHandover, g, r.Writer
	out.Origin.Parents = []record.ID{r.ID}
	return out
}

// foreign is a record of node-b that was told here.
func foreign(n int, title string, former *record.Record) *record.Record {
	r := note(Note{Title: title})
	raw, err := json.Marshal(r.Body)
	if err != nil {
		panic(err)
	}
	r.ID, r.Writer, r.Body, r.Raw, r.Created = record.ID{0xb, byte(n)}, "node-b", nil, raw, day(1)
	r.Revision.Number = 1
	if former != nil {
		r.ID, r.Revision = former.ID, record.Revision{Number: former.Revision.Number + 1, Former: former.Hash()}
	}
	return r
}

// receive stores what another node told, in an act.
func (s *scene) receive(r *record.Record, own ...bool) (out record.Reception, err error) {
	s.Helper()
	err = s.Store.Bulk(machine(), func(tx record.Tx) error {
		c := *r
		if out, err = tx.Receive(&c, len(own) > 0); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "import"})
	})
	return out, err
}

func (s *scene) takes(what string, r *record.Record, want record.Reception) {
	s.Helper()
	out, err := s.receive(r)
	if err != nil || out != want {
		s.Fatalf("%s: %q, %v; want %q", what, out, err, want)
	}
}

func (s *scene) get(id record.ID) (r *record.Record) {
	s.Helper()
	s.view(machine(), func(tx record.Tx) (err error) {
		r, err = tx.Get(id)
		return err
	})
	return r
}

func upgraded(s *scene) {
	r := note(Note{})
	r.Kind, r.Version, r.Body, r.Raw = "test.slip", 1, nil, []byte(`{ "text":"one  two" }`)
	s.put(r)
	got := s.get(r.ID)
	b, ok := got.Body.(*Slip2)
	if !ok || got.Version != 1 || string(got.Raw) != `{ "text":"one  two" }` {
		s.Fatalf("it is seen as %#v, version %d, bytes %s", got.Body, got.Version, got.Raw)
	}
	s.same("listed", s.titles(machine(), record.Query{}), []string{"one+two"})
	b.Words = append(b.Words, "three")
	got.Raw = nil
	s.update(func(tx record.Tx) error { return tx.Put(got) })
	s.view(machine(), func(tx record.Tx) error {
		all, err := tx.Revisions(r.ID)
		s.ok(err)
		if len(all) != 2 || all[0].Version != 2 || string(all[0].Raw) != `{"words":["one","two","three"]}` || all[0].Revision.Former != all[1].Hash() {
			s.Fatalf("the next revision is %d@%d %s", all[0].Revision.Number, all[0].Version, all[0].Raw)
		}
		if all[1].Version != 1 || string(all[1].Raw) != `{ "text":"one  two" }` {
			s.Fatalf("the former revision is @%d %s", all[1].Version, all[1].Raw)
		}
		return nil
	})
	// A change of the envelope alone leaves the body as it came.
	again := note(Note{})
	again.Kind, again.Version, again.Body, again.Raw = "test.slip", 1, nil, []byte(`{ "text":"x" }`)
	s.put(again)
	got = s.get(again.ID)
	got.Handling.Place = "ALA"
	s.update(func(tx record.Tx) error { return tx.Put(got) })
	if got = s.get(again.ID); got.Version != 1 || string(got.Raw) != `{ "text":"x" }` || got.Handling.Place != "ALA" {
		s.Fatalf("a new envelope around an old body: @%d %s", got.Version, got.Raw)
	}
	newer := note(Note{})
	newer.Kind, newer.Version, newer.Body, newer.Raw = "test.slip", 3, nil, []byte(`{"text":"of a newer program","words":["x"]}`)
	s.put(newer)
	if got = s.get(newer.ID); got.Body != nil || got.Version != 3 || string(got.Raw) != string(newer.Raw) {
		s.Fatalf("a newer version is seen as %#v", got.Body)
	}
	s.same("a newer version is not indexed", s.titles(machine(), record.Query{Text: "newer"}), []string(nil))
}

func receivedWhole(s *scene) {
	r := foreign(1, "ЕРЛАН", nil)
	r.Raw = []byte(`{ "title":"ЕРЛАН", "extra":1.0 }`)
	r.Key = "k"
	s.takes("a new record", r, record.ReceivedNew)
	got := s.get(r.ID)
	if got.Hash() != r.Hash() || string(got.Raw) != string(r.Raw) || got.Writer != "node-b" || !got.Created.Equal(day(1)) || !got.Received.Equal(s.Clock.Now()) {
		s.Fatalf("it came back as %+v", got)
	}
	s.same("it is indexed", s.titles(machine(), record.Query{Text: "ерлан"}), []string{"ЕРЛАН"})
	head := s.head()
	s.takes("again", r, record.ReceivedSame)
	if s.head() != head {
		s.Fatal("the same again took a number of the sequence")
	}
	second := foreign(1, "ЕРЛАН II", r)
	s.takes("its next revision", second, record.ReceivedNext)
	s.takes("the first again", r, record.ReceivedSame)
	s.same("the list", s.titles(machine(), record.Query{}), []string{"ЕРЛАН II"})
	s.view(machine(), func(tx record.Tx) error {
		all, err := tx.Revisions(r.ID)
		s.ok(err)
		if len(all) != 2 || all[0].Hash() != second.Hash() || all[1].Hash() != r.Hash() {
			s.Fatalf("revisions %+v", all)
		}
		return nil
	})
}

func foreignWriter(s *scene) {
	r := foreign(1, "theirs", nil)
	s.takes("a new record", r, record.ReceivedNew)
	got := s.get(r.ID)
	got.Body.(*Note).Title, got.Raw = "ours", nil
	err := s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(got) })
	s.kind("a revision of what another node writes", err, record.Forbidden)
	if !strings.Contains(record.MessageOf(err), "node-b: send a proposal") {
		s.Errorf("the sentence does not say who and what to do: %s", record.MessageOf(err))
	}
	got.Writer = "node-a"
	s.kind("taking it", s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(got) }), record.Forbidden)
	mine := s.put(note(Note{Title: "mine"}))
	mine.Writer = "node-c"
	s.kind("giving mine away", s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(mine) }), record.Forbidden)
	begun := note(Note{Title: "begun"})
	begun.Writer = "node-b"
	s.kind("a new record in another name", s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(begun) }), record.Forbidden)
	s.same("nothing of it was stored", s.titles(machine(), record.Query{Oldest: true}), []string{"theirs", "mine"})
}

func receivedPlaces(s *scene) {
	one := foreign(1, "one", nil)
	two := foreign(1, "two", one)
	three := foreign(1, "three", two)
	four := foreign(1, "four", three)
	s.takes("a later revision first", three, record.ReceivedNew)
	s.takes("an earlier one, with one missing between", one, record.ReceivedGap)
	s.takes("the one before", two, record.ReceivedEarlier)
	s.takes("and the first", one, record.ReceivedEarlier)
	s.same("the present one stays", s.titles(machine(), record.Query{}), []string{"three"})
	s.view(machine(), func(tx record.Tx) error {
		head, err := tx.Head()
		s.ok(err)
		for seq := record.Seq(1); seq <= head; seq++ {
			page, err := tx.List(record.Query{AsOf: seq})
			s.ok(err)
			if len(page.Rows) != 1 || page.Rows[0].Title != "three" {
				s.Errorf("as known at %d: %+v", seq, page.Rows)
			}
		}
		return nil
	})
	s.takes("one too far", foreign(1, "five", four), record.ReceivedGap)
	fork := foreign(1, "another three", two)
	s.takes("another third", fork, record.ReceivedFork)
	s.takes("a fourth after another third", foreign(1, "another four", fork), record.ReceivedFork)
	stranger := foreign(1, "four", three)
	stranger.Writer = "node-c"
	s.takes("a fourth by another node", stranger, record.ReceivedWriter)
	s.takes("the fourth", four, record.ReceivedNext)

	for what, change := range map[string]func(*record.Record){
		"no id":                       func(r *record.Record) { r.ID = record.ID{} },
		"no body":                     func(r *record.Record) { r.Raw = nil },
		"a marking above the ceiling": func(r *record.Record) { r.Handling.Marking = "secret" },
		"no writer":                   func(r *record.Record) { r.Writer = "" },
		"no topic":                    func(r *record.Record) { r.Handling.Topic = "" },
		"revision 0":                  func(r *record.Record) { r.Revision.Number = 0 },
		"a first with a former":       func(r *record.Record) { r.Revision.Former = "x" },
		"a second without one":        func(r *record.Record) { r.Revision.Number = 2 },
		"a body beyond the limit":     func(r *record.Record) { r.Raw = bytes.Repeat([]byte("x"), record.MaxBody+1) },
	} {
		bad := foreign(9, "bad", nil)
		change(bad)
		_, err := s.receive(bad)
		s.kind(what, err, record.Invalid)
	}
	other := foreign(1, "five", four)
	other.Kind = "test.memo"
	_, err := s.receive(other)
	s.kind("another kind", err, record.Invalid)
	ours := foreign(8, "said to be ours", nil)
	ours.Writer = "node-a"
	_, err = s.receive(ours)
	s.kind("a record in our name", err, record.Forbidden)
	if out, err := s.receive(ours, true); out != record.ReceivedNew || err != nil {
		s.Fatalf("our own data coming back: %q %v", out, err)
	}
	s.same("the list", s.titles(machine(), record.Query{Oldest: true}), []string{"four", "said to be ours"})
}

func receivedKeys(s *scene) {
	theirs := foreign(1, "theirs", nil)
	theirs.Key = "k"
	s.takes("a record with a key", theirs, record.ReceivedNew)
	s.put(keyed("k", "ours"))
	other := foreign(2, "a third node's", nil)
	other.Key, other.Writer = "k", "node-c"
	s.takes("the key again", other, record.ReceivedNew)
	s.view(machine(), func(tx record.Tx) error {
		r, err := tx.ByKey("test.note", "k")
		s.ok(err)
		if r.Body.(*Note).Title != "ours" {
			s.Errorf("the key gives %v", r.Body)
		}
		r, err = tx.Get(theirs.ID)
		s.ok(err)
		if r.Key != "k" || r.Hash() != theirs.Hash() {
			s.Errorf("its own key was lost: %+v", r)
		}
		return nil
	})
}

func receivedErased(s *scene) {
	r := foreign(1, "gone", nil)
	s.takes("a new record", r, record.ReceivedNew)
	s.update(func(tx record.Tx) error { _, err := tx.Erase(r.ID); return err })
	_, err := s.receive(r)
	s.kind("what was erased", err, record.Forbidden)
	child := foreign(2, "about what is gone", nil)
	child.Origin.Parents = []record.ID{r.ID}
	_, err = s.receive(child)
	s.kind("what was made from it", err, record.Forbidden)

	top := foreign(3, "masked", nil)
	held, late := foreign(4, "held", nil), foreign(5, "about what is masked", nil)
	held.Origin.Parents, late.Origin.Parents = []record.ID{top.ID}, []record.ID{top.ID}
	s.takes("another record", top, record.ReceivedNew)
	s.takes("what was made from it", held, record.ReceivedNew)
	s.update(func(tx record.Tx) error {
		return tx.Mask(top.ID, record.Masking{Policy: "p", Redact: redact, Seal: turned})
	})
	_, err = s.receive(late)
	s.kind("what was made from a masked record", err, record.Forbidden)
	next := foreign(4, "held, next", held)
	next.Origin = held.Origin
	s.takes("a revision of what a hold kept", next, record.ReceivedNext)
}

func receivedUnknown(s *scene) {
	r := foreign(1, "one", nil)
	written := strings.Replace(string(r.WrittenEnvelope()), `"topic":"passenger"`, `"topic":"passenger","embargo":"2027"`, 1)
	r.Envelope = []byte(written[:len(written)-1] + `,"seal":{"n":1.0}}`)
	s.takes("a newer envelope", r, record.ReceivedNew)
	got := s.get(r.ID)
	if got.Hash() != r.Hash() || string(got.WrittenEnvelope()) != string(r.Envelope) || got.Handling.Topic != "passenger" {
		s.Fatalf("it came back as %s", got.WrittenEnvelope())
	}
	gift := give(got, "node-a")
	gift.ID, gift.Created, gift.Revision.Number = record.ID{7}, day(1), 1
	gift.Raw = must(json.Marshal(gift.Body))
	s.takes("its hand-over", gift, record.ReceivedNew)
	got.Body.(*Note).Title, got.Raw = "two", nil
	s.update(func(tx record.Tx) error { return tx.Put(got) })
	now := s.get(r.ID)
	for _, want := range []string{`"embargo":"2027"`, `"seal":{"n":1.0}`, `"writer":"node-a"`, `"number":2`} {
		if !strings.Contains(string(now.WrittenEnvelope()), want) {
			s.Errorf("the next revision does not say %s: %s", want, now.WrittenEnvelope())
		}
	}
	if now.Hash() != got.Hash() || now.Revision.Former != r.Hash() {
		s.Errorf("the chain is %+v after %s", now.Revision, r.Hash())
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprint(err))
	}
	return v
}

func handedOver(s *scene) {
	r := s.put(note(Note{Title: "one"}))
	s.put(give(r, "node-b"))
	got := s.get(r.ID)
	got.Body.(*Note).Title, got.Raw = "two", nil
	err := s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(got) })
	s.kind("a revision after it was given away", err, record.Forbidden)
	next := foreign(1, "theirs now", r)
	s.takes("the next revision by its new writer", next, record.ReceivedNext)
	s.takes("one by a third", func() *record.Record { x := foreign(1, "x", next); x.Writer = "node-c"; return x }(), record.ReceivedWriter)
	gift := give(next, "node-a")
	gift.ID, gift.Created, gift.Revision.Number = record.ID{7}, day(1), 1
	gift.Raw = must(json.Marshal(gift.Body))
	s.takes("and back", gift, record.ReceivedNew)
	back := s.revise(r.ID, func(_ *record.Record, n *Note) { n.Title = "ours again" })
	if back.Writer != "node-a" || back.Revision.Number != 3 || back.Revision.Former != next.Hash() {
		s.Fatalf("the next revision is %+v by %s", back.Revision, back.Writer)
	}
}

func handedOverWrongly(s *scene) {
	r := s.put(note(Note{Title: "one"}))
	put := func(g *record.Record) error {
		return s.Store.Update(machine(), func(tx record.Tx) error {
			if err := tx.Put(g); err != nil {
				return err
			}
			return tx.Audit(record.Act{Action: "hand-over"})
		})
	}
	unsigned := give(r, "node-b")
	unsigned.Body.(*Give).Signed = "signed by nobody"
	s.kind("an unsigned one", put(unsigned), record.Invalid)
	stale := give(r, "node-b")
	s.revise(r.ID, func(_ *record.Record, n *Note) { n.Title = "two" })
	s.kind("a stale one", put(stale), record.Conflict)
	now := s.get(r.ID)
	s.kind("one to ourselves", put(give(now, "node-a")), record.Invalid)
	s.ok(put(give(now, "node-b")))
	s.kind("a second one", put(give(now, "node-c")), record.Conflict)

	// From another node: a stale one, and one that its receiver signed, are kept and move nothing.
	theirs := foreign(1, "theirs", nil)
	s.takes("a new record", theirs, record.ReceivedNew)
	old := give(theirs, "node-a")
	next := foreign(1, "theirs again", theirs)
	s.takes("its next revision", next, record.ReceivedNext)
	old.ID, old.Created, old.Revision.Number = record.ID{7}, day(1), 1
	old.Raw = must(json.Marshal(old.Body))
	s.takes("a hand-over of the former revision", old, record.ReceivedNew)
	forged := give(next, "node-a")
	forged.ID, forged.Created, forged.Revision.Number, forged.Writer = record.ID{8}, day(1), 1, "node-c"
	forged.Raw = must(json.Marshal(forged.Body))
	s.takes("a hand-over that another node wrote", forged, record.ReceivedNew)
	bad := give(next, "node-a")
	bad.Body.(*Give).Signed = "no"
	bad.ID, bad.Created, bad.Revision.Number = record.ID{9}, day(1), 1
	bad.Raw = must(json.Marshal(bad.Body))
	_, err := s.receive(bad)
	s.kind("an unsigned hand-over", err, record.Forbidden)
	got := s.get(theirs.ID)
	got.Body.(*Note).Title, got.Raw = "ours", nil
	s.kind("revising by them", s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(got) }), record.Forbidden)
}
