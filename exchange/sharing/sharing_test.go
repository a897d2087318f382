package sharing

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// TestARecordIsSharedRevisedAndRecalled proves the way of an edition: agreed by two, seen, sent, read there by its officers only,
// brought up to date by itself, recalled with a reason, and gone from the holder's disk.
func TestARecordIsSharedRevisedAndRecalled(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one")
	kz, kg := w.nodes["kz-one"], w.nodes["kg-one"]
	rec := kz.put(kz.about(aSecret()))
	if got := kz.tell(rec.ID, "kg-one"); got.Goes() || !slices.Contains(codes(got), NoAgreement) {
		t.Fatalf("without an agreement: %v", codes(got))
	}
	if _, err := kz.sends(rec.ID, "kg-one"); record.KindOf(err) != record.Forbidden {
		t.Fatalf("sent without an agreement: %v", err)
	}
	e, err := kz.Draft(kz.boss(), kz.anAgreement("kg-one", nil))
	kz.must(err)
	if got := kz.tell(rec.ID, "kg-one"); got.Goes() {
		t.Error("a draft lets something go")
	}
	if _, err := kz.Agree(kz.boss(), e.ID, nil); record.KindOf(err) != record.Forbidden {
		t.Errorf("agreed by who drafted it: %v", err)
	}
	if _, err := kz.Agree(kz.analyst(), e.ID, nil); err == nil {
		t.Error("agreed by an analyst")
	}
	_, err = kz.Agree(kz.other(), e.ID, nil)
	kz.must(err)
	row := kz.shares(rec, "kg-one")
	if row.Number != 1 || row.Revision != 1 || row.Agreement != e.ID {
		t.Fatalf("%+v", row.Share)
	}

	got := kg.read(rec.ID)
	s := got.Body.(*secret)
	if s.Name != "IVANOVA ANNA" || s.Place != "ALA" || s.Why == "" || len(s.Phones) != 2 || s.Pin+s.Told+s.Words != "" || s.Print != nil {
		t.Errorf("what arrived: %+v", s)
	}
	if got.Writer != "kz-one" || got.Owner != (record.Owner{Agency: "KAZ-PIU"}) || got.Edition.Of != 1 || got.Hash() != row.Hash || !slices.Equal(got.Handling.Releasable, []string{"KGZ-PIU"}) {
		t.Errorf("envelope: %+v", got)
	}
	for _, never := range []string{"PIN-777001", "fingerprint", "a friend of hers", "walks with", "officer-77", "CASE-9", "REF-12345", "source-file", "natural/key", "checked at the desk"} {
		if where := kg.finds(never); len(where) > 0 {
			t.Errorf("%q arrived, in %v", never, where)
		}
	}
	reads := func(n *node, user, role string) bool {
		one, listed := false, 0
		n.must(n.Store.View(n.officer(user, role), func(tx record.Tx) error {
			_, err := tx.Get(rec.ID)
			one = err == nil
			page, err := tx.List(record.Query{Kinds: []string{"test.secret"}, Limit: 10})
			if count, err := tx.Count(record.Query{Kinds: []string{"test.secret"}}, 10); err != nil || count != len(page.Rows) {
				t.Errorf("%s counts %d and sees %d: %v", role, count, len(page.Rows), err)
			}
			listed = len(page.Rows)
			return err
		}))
		if one != (listed == 1) {
			t.Errorf("%s reads it: %v, and sees %d in the list", role, one, listed)
		}
		return one
	}
	if !reads(kg, "a", "analyst") || reads(kg, "a", "border") || reads(kg, "a", "admin") {
		t.Error("who reads it there is not whom the table names")
	}
	if err := kg.Store.Update(kg.analyst(), func(tx record.Tx) error {
		got.Body.(*secret).Place, got.Raw = "OSS", nil
		return tx.Put(got)
	}); record.KindOf(err) != record.Forbidden {
		t.Errorf("revised by the holder: %v", err)
	}

	kz.revise(rec.ID, func(r *record.Record) { r.Body.(*secret).Place = "NQZ" })
	w.settle()
	kz.revise(rec.ID, func(r *record.Record) { r.Body.(*secret).Pin = "PIN-777002" }) // nothing that goes
	w.settle()
	now := kg.read(rec.ID)
	if now.Body.(*secret).Place != "NQZ" || now.Revision.Number != 2 || now.Revision.Former != row.Hash || now.Edition.Of != 2 {
		t.Errorf("after a revision: %+v, %+v", now.Revision, now.Body)
	}
	if s := kz.shareOf(rec.ID, "kg-one"); s.Number != 2 || s.Revision != 3 || s.Stale != nil {
		t.Errorf("share: %+v", s)
	}

	if _, err := kz.Recall(kz.boss(), []record.ID{row.ID}, ""); record.KindOf(err) != record.Invalid {
		t.Errorf("recalled without a reason: %v", err)
	}
	if _, err := kz.Recall(kz.boss(), []record.ID{row.ID}, "we took her for Ivanova"); record.KindOf(err) != record.Invalid {
		t.Errorf("recalled with a name in the reason: %v", err)
	}
	_, err = kz.Recall(kz.boss(), []record.ID{row.ID}, "wrong person")
	kz.must(err)
	w.settle()
	if kg.read(rec.ID) != nil {
		t.Error("it is still there")
	}
	if where := kg.finds("IVANOVA"); len(where) > 0 {
		t.Errorf("its bytes are still in %v", where)
	}
	sh := kz.shareOf(rec.ID, "kg-one")
	if sh.State != GoneState || len(sh.Answers) != 1 || sh.Answers[0].What != SaysErased || sh.Answers[0].At.IsZero() {
		t.Errorf("share: %+v", sh)
	}
	if got := kz.tell(rec.ID, "kg-one"); !slices.Contains(codes(got), GoneThere) {
		t.Errorf("sent again after a recall: %v", codes(got))
	}
	if len(kz.refused)+len(kg.refused) > 0 {
		t.Errorf("refused: %v %v", kz.refused, kg.refused)
	}
}

// TestErasedHereErasedThere proves that an erasure travels to every holder by itself, and that an old edition that comes late,
// or for the first time after it, stays out.
func TestErasedHereErasedThere(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one", "uz-one")
	kz, kg, uz := w.nodes["kz-one"], w.nodes["kg-one"], w.nodes["uz-one"]
	kz.agrees("kg-one", nil)
	kz.agrees("uz-one", nil)
	rec := kz.put(kz.about(aSecret()))
	_, err := kz.sends(rec.ID, "kg-one")
	kz.must(err)
	first := kz.out[len(kz.out)-1]
	w.settle()
	_, err = kz.sends(rec.ID, "uz-one")
	kz.must(err)
	late := kz.out // to uz-one: the line is cut
	kz.out = nil
	kz.erase(rec.ID)
	w.settle()
	if kg.read(rec.ID) != nil || len(kg.finds("IVANOVA")) > 0 {
		t.Error("it is still at a holder")
	}
	for _, d := range late {
		uz.take("kz-one", d)
	}
	kg.take("kz-one", first)
	if kg.read(rec.ID) != nil || uz.read(rec.ID) != nil || len(kg.refused) != 1 || len(uz.refused) != 1 {
		t.Errorf("an old edition came back: %v, %v", kg.refused, uz.refused)
	}
	if len(uz.finds("IVANOVA")) > 0 {
		t.Error("an edition that came after its erasure left its bytes")
	}
	for _, to := range []string{"kg-one", "uz-one"} {
		if s := kz.shareOf(rec.ID, to); s.State != GoneState || s.Asked.What != AskErase || s.Asked.By != nil {
			t.Errorf("%s: %+v", to, s)
		}
	}
	masked := kz.put(kz.about(&secret{Name: "SOMEBODY ELSE", Place: "ALA"}))
	kz.shares(masked, "kg-one")
	kz.must(kz.Store.Update(kz.machine(), func(tx record.Tx) error {
		if err := tx.Mask(masked.ID, kz.Clocks.Masking("test", true)); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "mask"})
	}))
	w.settle()
	if kg.read(masked.ID) != nil || kz.shareOf(masked.ID, "kg-one").Asked.What != AskNameless {
		t.Error("what was made nameless here still has its name there")
	}
}

// TestUpdatesNeedAnAgreement proves that nothing follows when the agreement is over or lets no updates go, and that the share
// says why.
func TestUpdatesNeedAnAgreement(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one", "uz-one")
	kz, kg := w.nodes["kz-one"], w.nodes["kg-one"]
	e := kz.agrees("kg-one", nil)
	kz.agrees("uz-one", func(g *Agreement) { g.Updates = false })
	rec := kz.put(kz.about(aSecret()))
	kz.shares(rec, "kg-one")
	kz.shares(rec, "uz-one")
	told, _, err := kg.Agreements(kg.boss(), Agreed, "", 50)
	kg.must(err)
	if len(told) != 1 || told[0].Side != Theirs || told[0].InForce(w.now()) {
		t.Errorf("a partner's word lets something of ours go: %+v", told)
	}
	if _, err := kz.End(kz.boss(), e.ID, "treaty left"); err != nil {
		t.Fatal(err)
	}
	kz.revise(rec.ID, func(r *record.Record) { r.Body.(*secret).Place = "NQZ" })
	w.settle()
	for to, code := range map[string]string{"kg-one": AgreementOver, "uz-one": NoUpdates} {
		if s := kz.shareOf(rec.ID, to); s.Stale == nil || s.Stale.Code != code || s.Number != 1 {
			t.Errorf("%s: %+v", to, s)
		}
		if got := w.nodes[to].read(rec.ID).Body.(*secret).Place; got != "ALA" {
			t.Errorf("%s got %q", to, got)
		}
	}
	if _, err := kz.sends(rec.ID, "kg-one"); record.KindOf(err) != record.Forbidden || !strings.Contains(record.MessageOf(err), "is over") {
		t.Errorf("sent under an agreement that ended: %v", err)
	}
	w.later(2 * 366 * 24 * time.Hour)
	if _, err := kz.sends(rec.ID, "uz-one"); record.KindOf(err) != record.Forbidden {
		t.Errorf("sent under an agreement whose time is over: %v", err)
	}
	var theirs []Entry
	all, _, err := kg.Agreements(kg.boss(), "", "", 50)
	kg.must(err)
	for _, g := range all {
		if g.Side == Theirs {
			theirs = append(theirs, g)
		}
	}
	if len(theirs) != 1 || theirs[0].State != Ended || theirs[0].Drafted.User+theirs[0].Reason != "" || theirs[0].From != "KAZ-PIU" {
		t.Errorf("what the partner keeps of it: %+v", theirs)
	}
	late := e.Agreement
	late.State = Agreed
	kg.take("kz-one", record.Dispatch{Kind: MsgAgreement, Content: frame(MsgAgreement, copyOf(e.ID, &late), nil)})
	if again, _, err := kg.Agreements(kg.boss(), Agreed, "", 50); err != nil || len(again) > 0 {
		t.Errorf("an old word came after the end: %+v, %v", again, err)
	}
	if _, err := kg.End(kg.boss(), theirs[0].ID, "ours now"); record.KindOf(err) != record.Forbidden {
		t.Errorf("a partner's word was changed here: %v", err)
	}
	if access.May(record.Actor{Roles: []string{"analyst"}}, access.Read, access.Sharing) {
		t.Error("an analyst reads the register")
	}
}
