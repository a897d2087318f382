package sharing

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sarhad/collection/evidence"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy"
	"sarhad/record/privacy/export"
	"sarhad/record/proposal"
)

// plain makes a small record of this node without a key.
func (n *node) small(i int) *record.Record {
	r := n.about(&secret{Name: fmt.Sprintf("QUX %c%c", 'A'+i/26, 'A'+i%26), Place: "ALA"})
	r.Key = ""
	return n.put(r)
}

// TestAHoldAnswersHeld proves that a hold, and an exhibit that says so, keeps a received record, that the owner is told the basis
// and until when, and that it goes by itself when the hold is over.
func TestAHoldAnswersHeld(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one")
	kz, kg := w.nodes["kz-one"], w.nodes["kg-one"]
	kz.agrees("kg-one", nil)
	rec := kz.put(kz.about(aSecret()))
	row := kz.shares(rec, "kg-one")
	until := w.now().Add(240 * time.Hour).Truncate(time.Second)
	kg.put(&record.Record{Kind: privacy.KindHold, Version: 1, Owner: record.Owner{Agency: "KGZ-PIU"}, Handling: record.Handling{Marking: "official", Topic: access.Privacy},
		Body: &privacy.Hold{Targets: []record.ID{rec.ID}, Basis: "order of the court 17", Until: until, State: privacy.Active}})
	_, err := kz.Recall(kz.boss(), []record.ID{row.ID}, "wrong person")
	kz.must(err)
	w.settle()
	s := kz.shareOf(rec.ID, "kg-one")
	if s.State != HeldThere || len(s.Answers) != 1 || s.Answers[0].Basis != "order of the court 17" || !s.Answers[0].Until.Equal(until) {
		t.Fatalf("%+v", s)
	}
	if kg.read(rec.ID) == nil || kg.holdingOf(rec.ID, "kz-one").State != Held {
		t.Error("what is held is gone")
	}
	w.later(241 * time.Hour)
	w.settle()
	if s := kz.shareOf(rec.ID, "kg-one"); s.State != GoneState || len(s.Answers) != 2 || kg.read(rec.ID) != nil {
		t.Errorf("after the hold: %+v", s)
	}

	other := kz.small(1)
	row = kz.shares(other, "kg-one")
	id := record.ID{0x01, 0x99, 0x55}
	kg.put(&record.Record{Kind: evidence.KindExhibit, Version: 1, Owner: record.Owner{Agency: "KGZ-PIU"}, Handling: record.Handling{Marking: "official", Topic: access.Evidence},
		Origin: record.Origin{Parents: []record.ID{other.ID}},
		Body:   &evidence.Exhibit{ID: id, Title: "the parcel", How: "opened", Proves: []record.ID{other.ID}, Hold: &evidence.Hold{Basis: "trial 5"}}})
	_, err = kz.Recall(kz.boss(), []record.ID{row.ID}, "wrong person")
	kz.must(err)
	w.settle()
	if s := kz.shareOf(other.ID, "kg-one"); s.State != HeldThere || s.Answers[0].Basis != "trial 5" || !s.Answers[0].Until.IsZero() {
		t.Errorf("an exhibit: %+v", s)
	}
}

// TestPrintedIsSaid proves that the owner hears of copies that the erasing does not reach, and that what was made of the record
// goes with it.
func TestPrintedIsSaid(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one")
	kz, kg := w.nodes["kz-one"], w.nodes["kg-one"]
	kz.agrees("kg-one", nil)
	rec := kz.put(kz.about(aSecret()))
	kz.shares(rec, "kg-one")
	exports := &export.Room{Store: kg.Store, Node: "kg-one", Now: w.now}
	for _, form := range []string{export.Print, export.Print, export.CSV} {
		e, err := exports.Ask(kg.machine(), export.Wish{Form: form, Lang: "en", View: "records", IDs: []record.ID{rec.ID}, Columns: []export.Column{{Code: "@kind"}}})
		kg.must(err)
		_, _, err = exports.Take(kg.machine(), e.ID, func(export.Sheet) ([]byte, error) { return []byte("a copy"), nil })
		kg.must(err)
	}
	made := kg.about(&secret{Name: "IVANOVA AGAIN"})
	made.Key, made.Origin.Parents = "", []record.ID{rec.ID}
	kg.put(made)
	kz.erase(rec.ID)
	w.settle()
	s := kz.shareOf(rec.ID, "kg-one")
	if s.State != GoneState || !s.Answers[0].Printed() || s.Answers[0].Prints != 2 || s.Answers[0].Files != 1 {
		t.Errorf("%+v", s.Answers)
	}
	if kg.read(made.ID) != nil || len(kg.finds("IVANOVA")) > 0 {
		t.Error("what was made of it is still there")
	}
}

// TestAFloodWaitsForAPerson proves that a partner that erases much at once raises an alarm, that what it wants waits and is not
// lost, that a supervisor alone decides, and that both decisions are told to the owner.
func TestAFloodWaitsForAPerson(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one")
	kz, kg := w.nodes["kz-one"], w.nodes["kg-one"]
	kz.agrees("kg-one", nil)
	var ids []record.ID
	for i := range 40 {
		rec := kz.small(i)
		_, err := kz.sends(rec.ID, "kg-one")
		kz.must(err)
		ids = append(ids, rec.ID)
	}
	w.settle()
	count := func(state string) (n int) {
		for _, id := range ids {
			if kg.holdingOf(id, "kz-one").State == state {
				n++
			}
		}
		return n
	}
	if count(Kept) != 40 {
		t.Fatalf("%d came", count(Kept))
	}
	for _, id := range ids[:30] {
		kz.erase(id)
	}
	w.settle()
	if count(Gone) != FloodFloor || count(Waiting) != 30-FloodFloor {
		t.Fatalf("%d gone, %d wait", count(Gone), count(Waiting))
	}
	for _, id := range ids[FloodFloor:30] {
		if kg.read(id) == nil {
			t.Error("what waits is gone")
		}
		if s := kz.shareOf(id, "kg-one"); s.State != WaitingThere {
			t.Errorf("the owner is told %q", s.State)
		}
	}
	open := func() Raised {
		t.Helper()
		all, _, err := kg.Alarms(kg.boss(), AlarmOpen, "", 10)
		kg.must(err)
		if len(all) != 1 {
			t.Fatalf("%d alarms", len(all))
		}
		return all[0]
	}
	a := open()
	if a.Waiting != 20 || a.From != "kz-one" {
		t.Errorf("%+v", a)
	}
	if _, err := kg.DecideAlarm(kg.analyst(), a.ID, true, "called them"); err == nil {
		t.Error("an analyst decides")
	}
	_, err := kg.DecideAlarm(kg.boss(), a.ID, false, "they did not mean it")
	kg.must(err)
	w.settle()
	if count(Waiting) != 0 || count(Gone) != FloodFloor {
		t.Errorf("refused: %d gone, %d wait", count(Gone), count(Waiting))
	}
	if s := kz.shareOf(ids[20], "kg-one"); s.State != RefusedThere || s.Answers[len(s.Answers)-1].Reason != "they did not mean it" {
		t.Errorf("%+v", s)
	}

	w.later(2 * time.Hour)
	for _, id := range ids[30:] { // ten of the thirty that are left: too many again
		kz.erase(id)
	}
	fresh := kz.small(99)
	kz.shares(fresh, "kg-one")
	kz.erase(fresh.ID)
	w.settle()
	if count(Waiting) != 0 || kg.holdingOf(fresh.ID, "kz-one").State != Waiting {
		t.Fatalf("%d wait", count(Waiting))
	}
	_, err = kg.DecideAlarm(kg.other(), open().ID, true, "called their duty officer")
	kg.must(err)
	w.settle()
	if kg.holdingOf(fresh.ID, "kz-one").State != Gone || kz.shareOf(fresh.ID, "kg-one").State != GoneState {
		t.Error("what was let go on did not go on")
	}
	next := kz.small(98)
	kz.shares(next, "kg-one")
	kz.erase(next.ID)
	w.settle()
	if kg.read(next.ID) != nil {
		t.Error("what a person let go on raises the next alarm at once")
	}
	if len(kz.refused)+len(kg.refused) > 0 {
		t.Errorf("refused: %v %v", kz.refused, kg.refused)
	}
}

// TestOnwardByTheOwnerOnly proves that a holder passes nothing on itself, H2 or not, that it can ask, that the owner decides and
// sends, and that all hear of it.
func TestOnwardByTheOwnerOnly(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one", "uz-one")
	kz, kg, uz := w.nodes["kz-one"], w.nodes["kg-one"], w.nodes["uz-one"]
	kz.agrees("kg-one", nil)
	rec := kz.about(aSecret())
	rec.Handling.Codes = []string{"H2"}
	kz.put(rec)
	free := kz.small(1)
	kz.shares(rec, "kg-one")
	kz.shares(free, "kg-one")
	kg.agrees("uz-one", generous)
	for id, code := range map[record.ID]string{rec.ID: OwnersWord, free.ID: Foreign} {
		got := kg.tell(id, "uz-one")
		if got.Goes() || !slices.Contains(codes(got), code) {
			t.Errorf("%v, want %s", codes(got), code)
		}
		if _, err := kg.sends(id, "uz-one"); record.KindOf(err) != record.Forbidden {
			t.Errorf("passed on: %v", err)
		}
	}
	asked, err := kg.AskOnward(kg.analyst(), rec.ID, "uz-one", "their case needs it")
	kg.must(err)
	w.settle()
	list, _, err := kz.OnwardList(kz.boss(), Theirs, OnwardOpen, "", 10)
	kz.must(err)
	if len(list) != 1 || list[0].For != "uz-one" || list[0].Why != "their case needs it" || list[0].Onward.Node != "kg-one" {
		t.Fatalf("%+v", list)
	}
	wish := Wish{Record: rec.ID, To: []string{"uz-one"}, Purpose: "their case", Onward: list[0].ID}
	kz.agrees("uz-one", nil)
	wish.Editions = []string{kz.tell(rec.ID, "uz-one").Hash}
	if _, err := kz.Send(kz.boss(), wish, nil); record.KindOf(err) != record.Conflict {
		t.Errorf("sent before it was granted: %v", err)
	}
	if _, err := kz.DecideOnward(kz.analyst(), list[0].ID, true, ""); err == nil {
		t.Error("an analyst decides")
	}
	_, err = kz.DecideOnward(kz.boss(), list[0].ID, true, "")
	kz.must(err)
	w.settle()
	state := func() string {
		all, err := kg.OnwardOf(kg.analyst(), rec.ID)
		kg.must(err)
		if len(all) != 1 || all[0].ID != asked.ID {
			t.Fatalf("%+v", all)
		}
		return all[0].State
	}
	if state() != OnwardGranted {
		t.Error(state())
	}
	_, err = kz.Send(kz.boss(), wish, nil)
	kz.must(err)
	w.settle()
	if got := uz.read(rec.ID); got == nil || got.Writer != "kz-one" || state() != OnwardSent {
		t.Errorf("%+v, %s", got, state())
	}
	if got := uz.read(rec.ID).Handling.Releasable; !slices.Equal(got, []string{"UZB-PIU"}) {
		t.Errorf("a recipient is told of others: %v", got)
	}
	uz.take("kg-one", record.Dispatch{Kind: MsgOnward, Content: frame(MsgOnward, onwardSays{Request: asked.ID, Record: rec.ID, For: "kz-one", Why: "x", State: OnwardOpen}, nil)})
	if len(uz.refused) != 1 {
		t.Errorf("a holder was asked as if it were the owner: %v", uz.refused)
	}
}

// TestOnlyItsWriterShares proves what a node does not take: an edition in another's name, of an agency that does not live there,
// for nobody here, of this node's own record, changed on the way, or no edition at all; and no wish to erase what is another's.
func TestOnlyItsWriterShares(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one", "uz-one")
	kz, kg := w.nodes["kz-one"], w.nodes["kg-one"]
	kz.agrees("kg-one", nil)
	rec := kz.put(kz.about(aSecret()))
	_, err := kz.sends(rec.ID, "kg-one")
	kz.must(err)
	sent := kz.out[len(kz.out)-1]
	good, err := record.ReadWire(sent.Content[strings.IndexByte(string(sent.Content), '\n')+1:])
	kz.must(err)
	mine := kg.put(kg.about(aSecret()))
	for name, change := range map[string]func(*record.Record){
		"another writer":      func(r *record.Record) { r.Writer = "uz-one" },
		"this node's name":    func(r *record.Record) { r.Writer = "kg-one" },
		"another's agency":    func(r *record.Record) { r.Owner.Agency = "UZB-PIU" },
		"for another agency":  func(r *record.Record) { r.Handling.Releasable = []string{"UZB-PIU"} },
		"for everybody":       func(r *record.Record) { r.Handling.Releasable = nil },
		"for two":             func(r *record.Record) { r.Handling.Releasable = []string{"KGZ-PIU", "UZB-PIU"} },
		"no edition":          func(r *record.Record) { r.Edition = nil },
		"a house topic":       func(r *record.Record) { r.Handling.Topic = access.Audit },
		"a house body":        func(r *record.Record) { r.Kind, r.Raw = KindAlarm, []byte(`{"from":"x","state":"open"}`) },
		"closed":              func(r *record.Record) { r.Handling.Case = "1" },
		"TLP red":             func(r *record.Record) { r.Handling.TLP = "red" },
		"a record of our own": func(r *record.Record) { r.ID = mine.ID },
		"a proposal":          func(r *record.Record) { r.Kind = proposal.KindProposal },
		"above the ceiling":   func(r *record.Record) { r.Handling.Marking = "secret" },
	} {
		bad := *good
		change(&bad)
		line, err := bad.AppendWire(nil)
		kz.must(err)
		kg.refused = nil
		kg.take("kz-one", record.Dispatch{Kind: MsgEdition, Content: frame(MsgEdition, editionSays{}, line)})
		if len(kg.refused) != 1 {
			t.Errorf("%s: taken", name)
		}
	}
	bent := strings.Replace(string(sent.Content), "IVANOVA", "IVANOVO", 1)
	kg.refused = nil
	kg.take("kz-one", record.Dispatch{Kind: MsgEdition, Content: []byte(bent)})
	kg.take("uz-one", sent)
	kg.take("nobody", sent)
	kg.take("kz-one", record.Dispatch{Kind: MsgRecall, Content: sent.Content})
	if len(kg.refused) != 4 || kg.read(rec.ID) != nil {
		t.Errorf("%v", kg.refused)
	}
	w.settle() // the good one
	if kg.read(rec.ID) == nil {
		t.Fatal("the good one was not taken")
	}
	kg.refused = nil
	kg.take("uz-one", record.Dispatch{Kind: MsgErase, Content: frame(MsgErase, askSays{Record: rec.ID, What: AskErase}, nil)})
	kg.take("uz-one", record.Dispatch{Kind: MsgErase, Content: frame(MsgErase, askSays{Record: mine.ID, What: AskErase}, nil)})
	kg.take("uz-one", record.Dispatch{Kind: MsgAnswer, Content: frame(MsgAnswer, answerSays{rec.ID, Answer{What: SaysErased}}, nil)})
	if len(kg.refused) != 3 || kg.read(rec.ID) == nil || kg.read(mine.ID) == nil {
		t.Errorf("a stranger erased: %v", kg.refused)
	}
}

// TestEditionsInAnyOrder proves that an edition that overtakes another waits for it, that a repeated one changes nothing, and
// that an edition which came later is not replaced by an earlier one.
func TestEditionsInAnyOrder(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one")
	kz, kg := w.nodes["kz-one"], w.nodes["kg-one"]
	kz.agrees("kg-one", nil)
	rec := kz.put(kz.about(aSecret()))
	_, err := kz.sends(rec.ID, "kg-one")
	kz.must(err)
	for _, place := range []string{"P2", "P3", "P4"} {
		kz.revise(rec.ID, func(r *record.Record) { r.Body.(*secret).Place = place })
		_, err := kz.Step(kz.Context())
		kz.must(err)
	}
	var all []record.Dispatch
	for _, d := range kz.out {
		if d.Kind == MsgEdition {
			all = append(all, d)
		}
	}
	if len(all) != 4 {
		t.Fatalf("%d editions", len(all))
	}
	for _, i := range []int{1, 3, 0, 0, 2, 1} {
		kg.take("kz-one", all[i])
	}
	if got := kg.read(rec.ID); got.Revision.Number != 4 || got.Body.(*secret).Place != "P4" {
		t.Errorf("%+v %+v", got.Revision, got.Body)
	}
	if h := kg.holdingOf(rec.ID, "kz-one"); h.Number != 4 || len(kg.refused) > 0 {
		t.Errorf("%+v, %v", h, kg.refused)
	}
	fork := kg.read(rec.ID)
	fork.Envelope, fork.Raw = nil, []byte(`{"name":"ANOTHER"}`)
	line, err := fork.AppendWire(nil)
	kz.must(err)
	kg.take("kz-one", record.Dispatch{Kind: MsgEdition, Content: frame(MsgEdition, editionSays{}, line)})
	if len(kg.refused) != 1 || kg.read(rec.ID).Body.(*secret).Name == "ANOTHER" {
		t.Errorf("another edition of the same number: %v", kg.refused)
	}
}

// TestAProposalGoesBackAndItsDecisionReturns proves that a holder corrects only by a proposal, that the owner decides it like its
// own officers', that the decision comes back and the correction follows as the next edition.
func TestAProposalGoesBackAndItsDecisionReturns(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one", "uz-one")
	kz, kg, uz := w.nodes["kz-one"], w.nodes["kg-one"], w.nodes["uz-one"]
	kz.agrees("kg-one", nil)
	rec := kz.put(kz.about(aSecret()))
	kz.shares(rec, "kg-one")
	there := &proposal.Desk{Store: kg.Store, Node: "kg-one", Now: w.now}
	here := &proposal.Desk{Store: kz.Store, Node: "kz-one", Now: w.now}
	propose := func(path, to string) record.ID {
		t.Helper()
		p, err := there.Make(kg.analyst(), rec.ID, kg.read(rec.ID).Hash(), []proposal.Wish{{Path: path, To: to}}, "seen in the passport")
		kg.must(err)
		w.settle()
		return p.ID
	}
	first := propose("name", "IVANOVA HANNA")
	if _, err := there.Accept(kg.boss(), first, "yes"); record.KindOf(err) != record.Forbidden {
		t.Errorf("decided by the holder: %v", err)
	}
	if got := kz.read(first); got == nil || got.Writer != "kg-one" {
		t.Fatal("the proposal did not arrive")
	}
	_, err := here.Accept(kz.boss(), first, "right")
	kz.must(err)
	w.settle()
	seen := func(id record.ID) (out *proposal.Seen) {
		kg.must(kg.Store.View(kg.analyst(), func(tx record.Tx) error {
			target, err := tx.Get(rec.ID)
			if err != nil {
				return err
			}
			all, err := there.Of(tx, target)
			for _, s := range all {
				if s.Record.ID == id {
					out = s
				}
			}
			return err
		}))
		return out
	}
	if s := seen(first); s == nil || s.State != proposal.Accepted || s.Decision.Reason != "right" {
		t.Errorf("%+v", s)
	}
	if got := kg.read(rec.ID); got.Body.(*secret).Name != "IVANOVA HANNA" || got.Revision.Number != 2 {
		t.Errorf("%+v", got.Body)
	}
	second := propose("place", "NQZ")
	_, err = here.Refuse(kz.boss(), second, "we know better")
	kz.must(err)
	w.settle()
	if s := seen(second); s.State != proposal.Refused {
		t.Errorf("%+v", s)
	}
	third := propose("place", "OSS")
	_, err = there.Withdraw(kg.analyst(), third)
	kg.must(err)
	w.settle()
	if got := kz.read(third).Body.(*proposal.Proposal).State; got != proposal.Withdrawn {
		t.Errorf("withdrawn there, %s here", got)
	}
	line, err := kg.read(third).AppendWire(nil)
	kg.must(err)
	kz.take("uz-one", record.Dispatch{Kind: MsgProposal, Content: frame(MsgProposal, empty{}, line)})
	answer, _ := kz.read(first).AppendWire(nil)
	uz.take("kg-one", record.Dispatch{Kind: MsgProposal, Content: frame(MsgProposal, empty{}, answer)})
	if len(kz.refused) != 1 || len(uz.refused) != 1 {
		t.Errorf("taken from who has nothing to say: %v, %v", kz.refused, uz.refused)
	}
	if len(kg.refused) > 0 {
		t.Error(kg.refused)
	}
	foreign := func(b record.Body, parents ...record.ID) []byte {
		r := &record.Record{ID: record.ID{0x01, 0x99, 0x44, byte(len(kz.refused))}, Kind: b.Kind(), Version: 1, Revision: record.Revision{Number: 1}, Writer: "uz-one", Owner: rec.Owner,
			Handling: rec.Handling, Created: w.now(), Origin: record.Origin{Parents: parents}}
		r.Owner.Officer = ""
		r.Raw, _ = json.Marshal(b)
		line, err := r.AppendWire(nil)
		kg.must(err)
		return line
	}
	made := &proposal.Proposal{Target: rec.ID, Of: rec.Kind, Revision: 1, Hash: "00", Changes: []proposal.Change{{Path: "place", To: "X"}}, Reason: "x", By: "u", At: w.now(), State: proposal.Waiting}
	kz.take("uz-one", record.Dispatch{Kind: MsgProposal, Content: frame(MsgProposal, empty{}, foreign(made, rec.ID))})
	if len(kz.refused) != 2 {
		t.Error("a proposal of who does not have the record was taken")
	}
	word := &proposal.Answer{Proposal: second, Target: rec.ID, Decision: proposal.Decision{Verdict: proposal.Accepted, By: "u", At: w.now(), Reason: "x"}}
	kg.take("uz-one", record.Dispatch{Kind: MsgDecision, Content: frame(MsgDecision, empty{}, foreign(word, second, rec.ID))})
	if len(kg.refused) != 1 {
		t.Error("a stranger decided")
	}
	kz.agrees("uz-one", nil)
	kz.shares(rec, "uz-one")
	kz.take("uz-one", record.Dispatch{Kind: MsgProposal, Content: frame(MsgProposal, empty{}, line)}) // what another holder wrote
	kz.take("uz-one", record.Dispatch{Kind: MsgProposal, Content: frame(MsgProposal, empty{}, foreign(made, rec.ID))})
	if len(kz.refused) != 3 || kz.read(record.ID{0x01, 0x99, 0x44, 3}) == nil {
		t.Errorf("%v", kz.refused)
	}
}

// TestLateIsListed proves that holders that do not answer are found, and that an own erasing is told to the owner.
func TestLateIsListed(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one")
	kz, kg := w.nodes["kz-one"], w.nodes["kg-one"]
	kz.agrees("kg-one", nil)
	a, b := kz.small(1), kz.small(2)
	row := kz.shares(a, "kg-one")
	kz.shares(b, "kg-one")
	_, err := kz.Recall(kz.boss(), []record.ID{row.ID}, "by mistake")
	kz.must(err)
	cut := kz.out
	kz.out = nil
	late := func() int {
		rows, _, err := kz.Register(kz.boss(), nil, true, "", 10)
		kz.must(err)
		return len(rows)
	}
	if late() != 0 {
		t.Error("listed at once")
	}
	w.later(Patience + time.Hour)
	if late() != 1 {
		t.Error("a holder that does not answer is not listed")
	}
	kz.out = cut
	w.settle()
	if late() != 0 {
		t.Error("listed after the answer")
	}
	kg.erase(b.ID)
	w.settle()
	if s := kz.shareOf(b.ID, "kg-one"); s.State != GoneState || !s.Answers[0].Own {
		t.Errorf("%+v", s)
	}
}
