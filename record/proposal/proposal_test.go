package proposal

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/transfer"
	"sarhad/store/sqlite"
)

// card is a body with every sort of field.
type card struct {
	Name    string    `json:"name" class:"identity" proposable:"yes"`
	Born    time.Time `json:"born,omitzero" class:"identity" proposable:"yes"`
	Age     int       `json:"age,omitempty" class:"plain" proposable:"yes"`
	Weight  float64   `json:"weight,omitempty" class:"plain" proposable:"yes"`
	Crew    bool      `json:"crew,omitempty" class:"plain" proposable:"yes"`
	Aliases []alias   `json:"aliases,omitempty" class:"identity" proposable:"yes"`
	Words   []string  `json:"words,omitempty" class:"text" proposable:"yes"`
	Note    *remark   `json:"note,omitempty" class:"plain"`
	Score   float64   `json:"score,omitempty" class:"plain"`
	State   string    `json:"state,omitempty" class:"plain"`
	Source  string    `json:"source,omitempty" class:"source" proposable:"yes"`
	Secret  string    `json:"secret,omitempty" class:"home" proposable:"yes"`
	Why     string    `json:"why,omitempty" class:"sensitive" proposable:"yes"`
	Print   string    `json:"print,omitempty" class:"plain"`
}

type alias struct {
	Full string `json:"full"`
	Weak bool   `json:"weak,omitempty" proposable:"no"`
}

type remark struct {
	Text string `json:"text" class:"text" proposable:"yes"`
	By   string `json:"by" class:"plain"`
}

func (*card) Kind() string             { return "test.card" }
func (*card) Version() int             { return 1 }
func (c *card) Index(ix *record.Index) { ix.Title = c.Name }
func (c *card) Seal()                  { c.Print = "sealed " + c.Name }
func (c *card) Validate() error {
	if c.Name == "" {
		return record.Errorf(record.Invalid, "a card has a name")
	}
	return nil
}

func paths(b record.Body) (out []string) {
	for _, f := range Fields(b) {
		out = append(out, f.Path)
	}
	return out
}

func TestWhatMayBeProposed(t *testing.T) {
	c := &card{Name: "A", Aliases: []alias{{"B", true}}}
	want := "name born age weight crew aliases.0.full aliases.1.full words.0"
	if got := strings.Join(paths(c), " "); got != want {
		t.Errorf("without a note: %s, want %s", got, want)
	}
	c.Note = &remark{"x", "me"}
	if got := strings.Join(paths(c), " "); got != want+" note.text" {
		t.Errorf("with a note: %s", got)
	}
	if Fields(nil) != nil || len(Fields(&Proposal{})) > 0 || len(Fields(&Handover{})) > 0 || len(Fields(&Answer{})) > 0 || len(Fields(&transfer.Aside{})) > 0 {
		t.Error("something of a machine's record, or of one that nobody here understands, may be proposed")
	}
}

func TestApply(t *testing.T) {
	day := time.Date(1980, 1, 2, 0, 0, 0, 0, time.UTC)
	c := &card{Name: "A", Born: day, Age: 5, Aliases: []alias{{"B", true}, {"C", false}}, Words: []string{"w"}}
	err := apply(c, []Change{
		{Path: "name", From: "A", To: "AA"}, {Path: "born", From: "1980-01-02T00:00:00Z", To: "1981-03-04"}, {Path: "age", From: "5", To: ""},
		{Path: "weight", To: "1.5"}, {Path: "crew", To: "true"}, {Path: "aliases.1.full", From: "C", To: ""},
		{Path: "aliases.2.full", To: "D"}, {Path: "words.1", To: "x"}, {Path: "words.2", To: "y"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "AA" || !c.Born.Equal(time.Date(1981, 3, 4, 0, 0, 0, 0, time.UTC)) || c.Age != 0 || c.Weight != 1.5 || !c.Crew ||
		!slices.Equal(c.Aliases, []alias{{"B", true}, {"D", false}}) || !slices.Equal(c.Words, []string{"w", "x", "y"}) || c.Print != "sealed AA" {
		t.Errorf("%+v", c)
	}
	for name, ch := range map[string]Change{
		"changed since": {Path: "name", From: "A", To: "B"}, "gone since": {Path: "aliases.5.full", From: "X", To: "Y"},
		"a list that is shorter now": {Path: "words.9", To: "x"},
	} {
		if err := apply(c, []Change{ch}); record.KindOf(err) != record.Conflict || !strings.Contains(record.MessageOf(err), ch.Path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, ch := range map[string]Change{
		"no number": {Path: "weight", From: "1.5", To: "heavy"}, "no day": {Path: "born", From: "1981-03-04T00:00:00Z", To: "soon"},
		"not valid then": {Path: "name", From: "AA", To: ""},
	} {
		d := *c
		if err := apply(&d, []Change{ch}); record.KindOf(err) != record.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := apply(c, []Change{{Path: "name", From: "old", To: "AA"}}); err != nil {
		t.Errorf("what is so already is no conflict: %v", err)
	}
}

// node is one node with its key.
type node struct {
	*testing.T
	*sqlite.Store
	*Desk
	signer note.Signer
}

// twoNodes are nodes that know each other's keys.
func twoNodes(t *testing.T) (a, b *node) {
	t.Helper()
	keys := map[string]note.Verifiers{}
	open := func(name string) *node {
		s, v, err := note.GenerateKey(rand.Reader, "sarhad/"+name)
		if err != nil {
			t.Fatal(err)
		}
		signer, err := note.NewSigner(s)
		if err != nil {
			t.Fatal(err)
		}
		verifier, err := note.NewVerifier(v)
		if err != nil {
			t.Fatal(err)
		}
		keys[name] = note.VerifierList(verifier)
		all := append(Bodies(), func() record.Body { return &card{} })
		all = append(all, transfer.Bodies()...)
		st, err := sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Types: record.NewTypes(all...), Node: name,
			Allow:    func(x record.Actor, s record.Scope) bool { return access.Allow(x, access.Read, s) },
			Handover: Verifier(func(n string) note.Verifiers { return keys[n] })})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = st.Close() })
		return &node{t, st, &Desk{Store: st, Node: name, Now: time.Now}, signer}
	}
	return open("a-node"), open("b-node")
}

func as(user, role string) context.Context {
	return record.WithActor(context.Background(), record.Actor{User: user, Display: "The " + user, Agency: "A", Roles: []string{role}, Purpose: record.Purpose{Kind: "duty", Text: "t"}})
}

func machine() context.Context {
	return record.WithActor(context.Background(), record.Machine("test", "A"))
}

func (n *node) put(r *record.Record) *record.Record {
	n.Helper()
	if err := n.try(r); err != nil {
		n.Fatal(err)
	}
	return r
}

func (n *node) try(r *record.Record) error {
	return n.Update(machine(), func(tx record.Tx) error {
		if err := tx.Put(r); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test"})
	})
}

func (n *node) read(id record.ID) (r *record.Record) {
	n.Helper()
	if err := n.View(machine(), func(tx record.Tx) (err error) { r, err = tx.Get(id); return err }); err != nil {
		n.Fatal(err)
	}
	return r
}

func (n *node) sendTo(to *node) transfer.Result {
	n.Helper()
	var file strings.Builder
	if _, err := transfer.Export(machine(), n.Store, transfer.Selection{Node: n.Node, Purpose: "test", WithRevisions: true, Whole: true}, &file); err != nil {
		n.Fatal(err)
	}
	res, err := transfer.Import(machine(), to.Store, transfer.Source{Node: to.Node}, strings.NewReader(file.String()))
	if err != nil || res.Refused > 0 {
		n.Fatalf("%+v, %v", res, err)
	}
	return res
}

func aCard(name string) *record.Record {
	return &record.Record{Kind: "test.card", Version: 1, Owner: record.Owner{Agency: "A"},
		Handling: record.Handling{Marking: "official", TLP: "amber", Topic: access.Watchlist, Codes: []string{"H1"}}, Body: &card{Name: name}}
}

func (n *node) seen(id record.ID) (out []*Seen) {
	n.Helper()
	if err := n.View(as("o", "analyst"), func(tx record.Tx) error {
		r, err := tx.Get(id)
		if err != nil {
			return err
		}
		out, err = n.Of(tx, r)
		return err
	}); err != nil {
		n.Fatal(err)
	}
	return out
}

// TestAProposalCrossesTheBorder proves that another node's officer asks and the writer's answers: the proposal goes over, the
// decision and the new revision come back, and nobody wrote what is not theirs.
func TestAProposalCrossesTheBorder(t *testing.T) {
	for verdict, decide := range map[string]func(*Desk, context.Context, record.ID, string) (*record.Record, error){Accepted: (*Desk).Accept, Refused: (*Desk).Refuse} {
		a, b := twoNodes(t)
		r := a.put(aCard("OLD"))
		a.sendTo(b)
		made, err := b.Make(as("b1", "analyst"), r.ID, r.Hash(), []Wish{{"name", "NEW"}}, "the passport says so")
		if err != nil {
			t.Fatal(err)
		}
		if s := b.seen(r.ID); len(s) != 1 || s[0].State != Waiting {
			t.Fatalf("at the proposer: %+v", s)
		}
		if _, err := b.Accept(as("b2", "supervisor"), made.ID, "yes"); record.KindOf(err) != record.Forbidden || !strings.Contains(record.MessageOf(err), "a-node") {
			t.Errorf("decided by who is not the writer: %v", err)
		}
		b.sendTo(a)
		if s := a.seen(r.ID); len(s) != 1 || s[0].State != Waiting || s[0].Record.Writer != "b-node" {
			t.Fatalf("at the writer: %+v", s)
		}
		todo := func() (n int) {
			if err := a.View(as("a1", "supervisor"), func(tx record.Tx) error {
				actor, err := record.ActorFrom(as("a1", "supervisor"))
				if err != nil {
					return err
				}
				n, err = a.ToDecide(tx, actor, 10)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := todo(); n != 1 {
			t.Errorf("%d wait for the writer's supervisor", n)
		}
		if _, err := decide(a.Desk, as("a1", "supervisor"), made.ID, "as you say"); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Refuse(as("a1", "supervisor"), made.ID, "again"); record.KindOf(err) != record.Conflict {
			t.Errorf("decided twice: %v", err)
		}
		if n := todo(); n != 0 {
			t.Errorf("%d wait after the decision", n)
		}
		a.sendTo(b)
		s := b.seen(r.ID)
		if len(s) != 1 || s[0].State != verdict || s[0].Decision.Reason != "as you say" || s[0].Proposal.State != Waiting {
			t.Errorf("back at the proposer: %+v", s[0])
		}
		now := b.read(r.ID)
		if want := map[string]string{Accepted: "NEW", Refused: "OLD"}[verdict]; now.Body.(*card).Name != want {
			t.Errorf("%s: the record says %s", verdict, now.Body.(*card).Name)
		}
		if verdict == Accepted && now.Revision.Proposal != made.ID {
			t.Errorf("the revision cites %s", now.Revision.Proposal)
		}
	}
}

// TestAnswerOfAStranger proves that only the writer's answer counts.
func TestAnswerOfAStranger(t *testing.T) {
	a, b := twoNodes(t)
	r := a.put(aCard("OLD"))
	made, err := a.Make(as("a1", "analyst"), r.ID, r.Hash(), []Wish{{"name", "NEW"}}, "so")
	if err != nil {
		t.Fatal(err)
	}
	a.sendTo(b)
	b.put(&record.Record{Kind: KindAnswer, Version: 1, Owner: r.Owner, Handling: r.Handling, Origin: record.Origin{Parents: []record.ID{made.ID, r.ID}},
		Body: &Answer{Proposal: made.ID, Target: r.ID, Decision: Decision{Verdict: Accepted, By: "b", Reason: "so be it"}}})
	b.sendTo(a)
	if s := a.seen(r.ID); s[0].State != Open {
		t.Errorf("a stranger's answer counted: %+v", s[0])
	}
}

// TestNextRevisionDoesNotCite proves that only the revision that took a proposal up cites it.
func TestNextRevisionDoesNotCite(t *testing.T) {
	a, _ := twoNodes(t)
	r := a.put(aCard("OLD"))
	made, err := a.Make(as("a1", "analyst"), r.ID, r.Hash(), []Wish{{"name", "NEW"}}, "so")
	if err != nil {
		t.Fatal(err)
	}
	if got := made.Scope(); got != r.Scope() {
		t.Errorf("the proposal is handled as %+v, its record as %+v", got, r.Scope())
	}
	if _, err := a.Accept(as("a2", "supervisor"), made.ID, "yes"); err != nil {
		t.Fatal(err)
	}
	now := a.read(r.ID)
	if now.Revision.Proposal != made.ID || now.Owner.Officer != "a2" {
		t.Errorf("accepted as %+v by %s", now.Revision, now.Owner.Officer)
	}
	now.Body.(*card).Age, now.Raw = 7, nil
	a.put(now)
	if now := a.read(r.ID); !now.Revision.Proposal.IsZero() {
		t.Errorf("the next revision cites it too")
	}
	if err := a.Update(machine(), func(tx record.Tx) error {
		gone, err := tx.Erase(r.ID)
		if err != nil || !slices.Contains(gone, made.ID) {
			t.Errorf("erased along: %v, %v", gone, err)
		}
		return tx.Audit(record.Act{Action: "erase"})
	}); err != nil {
		t.Fatal(err)
	}
}

// TestHandOver proves a hand-over with real keys: it is believed by who knows the key, moves the writer once, and a forged, a
// repeated or a stale one moves nothing.
func TestHandOver(t *testing.T) {
	a, b := twoNodes(t)
	r := a.put(aCard("ONE"))
	gift, err := HandOver(r, "b-node", "the case is theirs", time.Now(), a.signer)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := HandOver(r, "b-node", "mine", time.Now(), b.signer)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.try(forged); record.KindOf(err) != record.Invalid {
		t.Errorf("signed by another key: %v", err)
	}
	bent := *gift
	h := *gift.Body.(*Handover)
	h.To = "c-node"
	bent.Body = &h
	if err := a.try(&bent); record.KindOf(err) != record.Invalid {
		t.Errorf("another receiver under the same signature: %v", err)
	}
	a.put(gift)
	a.sendTo(b)
	next := b.read(r.ID)
	next.Body.(*card).Name, next.Raw = "TWO", nil
	b.put(next)
	if now := b.read(r.ID); now.Writer != "b-node" || now.Revision.Number != 2 {
		t.Errorf("the new writer's revision: %+v by %s", now.Revision, now.Writer)
	}
	mine := a.read(r.ID)
	mine.Body.(*card).Name, mine.Raw = "ALSO TWO", nil
	if err := a.try(mine); record.KindOf(err) != record.Forbidden || !strings.Contains(record.MessageOf(err), "revised by b-node: send a proposal") {
		t.Errorf("the former writer went on: %v", err)
	}
	b.sendTo(a)
	if now := a.read(r.ID); now.Writer != "b-node" || now.Body.(*card).Name != "TWO" {
		t.Errorf("at the former writer: %+v", now)
	}
	again := *gift
	again.ID, again.Revision, again.Key = record.ID{}, record.Revision{}, "again"
	if err := a.try(&again); record.KindOf(err) != record.Forbidden {
		t.Errorf("the same hand-over again: %v", err)
	}
	if Verifier(func(string) note.Verifiers { return nil })(record.Handover{From: "x"}, "y") == nil {
		t.Error("a hand-over of a node whose key nobody knows was believed")
	}
}

// TestMaskedIsNotCorrected proves that of a record whose names are sealed nothing is proposed, and nothing that was proposed
// before is accepted; both are told in a sentence.
func TestMaskedIsNotCorrected(t *testing.T) {
	a, _ := twoNodes(t)
	r := a.put(aCard("OLD"))
	before, err := a.Make(as("a1", "analyst"), r.ID, r.Hash(), []Wish{{"age", "7"}}, "so")
	if err != nil {
		t.Fatal(err)
	}
	if n := a.waiting(); n != 1 {
		t.Fatalf("%d proposals wait", n)
	}
	if err := a.Update(machine(), func(tx record.Tx) error {
		err := tx.Mask(r.ID, record.Masking{Policy: "p", Seal: func(plain []byte) ([]byte, error) { return []byte("sealed"), nil },
			Redact: func(*record.Record) ([]byte, error) { return []byte(`{"age":5}`), nil }})
		if err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "mask"})
	}); err != nil {
		t.Fatal(err)
	}
	_, err = a.Make(as("a1", "analyst"), r.ID, r.Hash(), []Wish{{"age", "6"}}, "so")
	if record.KindOf(err) != record.Conflict || !strings.Contains(record.MessageOf(err), "names of this record are sealed") {
		t.Errorf("proposed for a masked record: %v", err)
	}
	_, err = a.Accept(as("a2", "supervisor"), before.ID, "yes")
	if record.KindOf(err) != record.Conflict || !strings.Contains(record.MessageOf(err), "names of this record are sealed") {
		t.Errorf("accepted for a masked record: %v", err)
	}
	if n := a.waiting(); n != 0 {
		t.Errorf("%d proposals about masked records wait for a decision that nobody can take", n)
	}
}

// waiting counts what a supervisor sees in the queue.
func (n *node) waiting() (count int) {
	n.Helper()
	if err := n.View(as("a2", "supervisor"), func(tx record.Tx) error {
		all, _, err := n.Queue(tx, "", 10)
		count = len(all)
		return err
	}); err != nil {
		n.Fatal(err)
	}
	return count
}
