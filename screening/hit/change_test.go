package hit_test

import (
	"strings"
	"testing"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/screening/hit"
)

// confirmed brings one hit to the booth and gives it with its instruction.
func (u *unit) confirmed() (record.ID, record.ID) {
	u.t.Helper()
	u.list("e1", "Жумабаев Айдар", "1984-05-12", "f1")
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	id, _ := u.one()
	analyst := as("asel", "analyst", "")
	u.must(u.room.Claim(analyst, id))
	u.must(u.room.Confirm(analyst, id, "document", "", hit.Order{Action: "detain"}))
	u.now = u.now.Add(hit.UndoFor)
	u.step()
	u.step() // what was sent is heard
	_, h := u.one()
	if h.State != hit.Instructed {
		u.t.Fatalf("hit is %s", h.State)
	}
	return id, h.Instruction
}

func (u *unit) order(id record.ID) (*record.Record, *hit.Instruction) {
	u.t.Helper()
	var rec *record.Record
	if err := u.store.View(machine(), func(tx record.Tx) (err error) { rec, err = tx.Get(id); return err }); err != nil {
		u.t.Fatal(err)
	}
	return rec, rec.Body.(*hit.Instruction)
}

func (u *unit) correct(change func(*journey)) {
	u.t.Helper()
	j := &journey{Voyage: "ZZ204/2026-03-01/IST-ALA", Arrives: u.now.Add(3 * time.Hour),
		P: record.Person{Role: "passenger", Names: []record.Name{{Full: "ZHUMABAYEV AIDAR"}}, Born: []string{"1984-05-12"}, Sex: "M", Nationalities: []string{"KAZ"},
			Documents: []record.Document{{Type: "P", Number: "N01234567", Issuer: "KAZ"}}}}
	change(j)
	u.put("test.journey", "j1", access.Passenger, j)
	u.step()
}

// TestTheBoothLearnsOfADelay proves that an instruction follows the flight.
func TestTheBoothLearnsOfADelay(t *testing.T) {
	u := open(t)
	_, order := u.confirmed()
	late := u.now.Add(8 * time.Hour)
	u.correct(func(j *journey) { j.Arrives = late })
	_, in := u.order(order)
	if !in.Passage.Arrives.Equal(late) || in.Steps[len(in.Steps)-1].Act != "moved" || in.Doubt != "" {
		t.Errorf("instruction says %s, last step %+v", in.Passage.Arrives, in.Steps[len(in.Steps)-1])
	}
	if _, h := u.one(); !h.Passage.Arrives.Equal(late) {
		t.Errorf("hit says %s", h.Passage.Arrives)
	}
}

// TestACorrectedTravellerRaisesADoubt proves that nobody is detained on facts that were corrected without a word.
func TestACorrectedTravellerRaisesADoubt(t *testing.T) {
	u := open(t)
	_, order := u.confirmed()
	u.correct(func(j *journey) {
		j.P.Names, j.P.Sex, j.P.Born = []record.Name{{Full: "SMIRNOVA OLGA"}}, "F", []string{"1999-01-02"}
	})
	_, h := u.one()
	_, in := u.order(order)
	if h.Doubt != hit.DoubtTraveller || in.Doubt != hit.DoubtTraveller || in.Person.Name() != "SMIRNOVA OLGA" {
		t.Errorf("hit doubt %q, instruction doubt %q for %s", h.Doubt, in.Doubt, in.Person.Name())
	}
	if h.State != hit.Instructed {
		t.Errorf("a machine changed the decision: %s", h.State)
	}
}

// TestDelistingReachesOpenHits proves that nobody is confirmed against an entry that is gone or changed.
func TestDelistingReachesOpenHits(t *testing.T) {
	for _, c := range []struct{ name, fingerprint, born, doubt string }{
		{"removed", "", "", hit.DoubtRemoved},
		{"changed to somebody else", "f2", "1950-01-09", ""},
	} {
		u := open(t)
		u.list("e1", "Жумабаев Айдар", "1984-05-12", "f1")
		u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
		u.step()
		id, before := u.one()
		analyst := as("asel", "analyst", "")
		u.must(u.room.Claim(analyst, id))
		if c.fingerprint == "" {
			u.put("test.entry", "e1", access.Watchlist, &entry{record.Person{Role: record.RoleListed, Names: []record.Name{{Full: "Жумабаев Айдар"}}, Listing: &record.Listing{List: "own", Entry: "e1", Fingerprint: "f1"}}})
		} else {
			u.list("e1", "Жумабаев Айдар", c.born, c.fingerprint)
		}
		_, err := u.room.Confirm(analyst, id, "document", "", hit.Order{Action: "detain"})
		wantKind(t, err, record.Conflict)
		u.step()
		_, h := u.one()
		if h.Doubt != c.doubt || h.State != hit.Claimed || c.doubt == "" && h.Score >= before.Score {
			t.Errorf("%s: doubt %q, state %s, score %.2f -> %.2f", c.name, h.Doubt, h.State, before.Score, h.Score)
		}
		u.step()
		if _, again := u.one(); len(again.Steps) != len(h.Steps) {
			t.Errorf("%s: every step of the machine adds to the history", c.name)
		}
	}
}

// TestADelistedPersonIsDoubtedAtTheBooth proves the same for an instruction on its way.
func TestADelistedPersonIsDoubtedAtTheBooth(t *testing.T) {
	u := open(t)
	_, order := u.confirmed()
	u.put("test.entry", "e1", access.Watchlist, &entry{record.Person{Role: record.RoleListed, Names: []record.Name{{Full: "Жумабаев Айдар"}}, Listing: &record.Listing{List: "own", Entry: "e1", Fingerprint: "f1"}}})
	u.step()
	if _, in := u.order(order); in.Doubt != hit.DoubtRemoved {
		t.Errorf("doubt %q", in.Doubt)
	}
}

// TestAClearanceDoesNotOutliveItsFacts proves that stronger evidence on the same passport is looked at again.
func TestAClearanceDoesNotOutliveItsFacts(t *testing.T) {
	u := open(t)
	u.list("e1", "Karimov Azizbek", "1984-05-12", "f1")
	u.arrive("j1", "KARIMOV AZAMBEK", "1984-05-12", "N01234567")
	u.step()
	id, before := u.one()
	analyst := as("asel", "analyst", "")
	u.must(u.room.Claim(analyst, id))
	u.must(u.room.Dismiss(analyst, id, "papers", ""))
	u.arrive("j2", "KARIMOV AZAMBEK MR", "1984-05-12", "N01234567")
	u.step()
	if n := len(u.hits()); n != 1 {
		t.Errorf("%d hits: a title on the same name and passport raised something", n)
	}
	u.arrive("j3", "KARIMOV AZIZBEK", "1984-05-12", "N01234567")
	u.step()
	if n := len(u.hits()); n != 2 {
		t.Errorf("%d hits: the listed name on a cleared passport (was %.2f) raised nothing", n, before.Score)
	}
}

// TestUndoLeavesOthersClearances proves that taking a decision back takes back nobody else's.
func TestUndoLeavesOthersClearances(t *testing.T) {
	u := open(t)
	u.list("e1", "Жумабаев Айдар", "1984-05-12", "f1")
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.arrive("j2", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	all := u.hits()
	if len(all) != 2 {
		t.Fatalf("%d hits", len(all))
	}
	for i, officer := range []string{"asel", "olga"} {
		ctx := as(officer, "analyst", "")
		u.must(u.room.Claim(ctx, all[i].ID))
		u.must(u.room.Dismiss(ctx, all[i].ID, "papers", ""))
	}
	u.must(u.room.Undo(as("olga", "analyst", ""), all[1].ID))
	u.arrive("j3", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	if n := len(u.hits()); n != 2 {
		t.Errorf("%d hits: the first officer's clearance is gone", n)
	}
}

// TestAVisaClearsNobody proves that a document that others may share identifies no one.
func TestAVisaClearsNobody(t *testing.T) {
	h := &hit.Hit{Traveller: hit.Facts{Born: []string{"1984-05-12"}, Documents: []record.Document{{Type: "V", Number: "V1", Issuer: "KAZ"}}}}
	if h.Clearable() {
		t.Error("a visa clears")
	}
	h.Traveller.Documents[0].Type = "P"
	if !h.Clearable() {
		t.Error("a passport does not clear")
	}
	h.Traveller.Born = []string{"1984"}
	if h.Clearable() {
		t.Error("a year clears")
	}
}

// TestNoBoothToTell proves that a hit can be confirmed where no booth of this country reads, with a note of who was told.
func TestNoBoothToTell(t *testing.T) {
	u := open(t)
	u.room.Home = func(p string) bool { return p == "TAS" }
	u.list("e1", "Жумабаев Айдар", "1984-05-12", "f1")
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	id, _ := u.one()
	analyst := as("asel", "analyst", "")
	u.must(u.room.Claim(analyst, id))
	_, err := u.room.Confirm(analyst, id, "document", "", hit.Order{Action: "detain"})
	wantKind(t, err, record.Invalid)
	_, err = u.room.Confirm(analyst, id, "document", "", hit.Order{})
	wantKind(t, err, record.Invalid)
	u.must(u.room.Confirm(analyst, id, "document", "told the twin unit by telephone", hit.Order{}))
	if _, h := u.one(); h.State != hit.Confirmed || !h.Instruction.IsZero() {
		t.Errorf("hit %s with instruction %s", h.State, h.Instruction)
	}
}

// TestAClosedEntryStaysWithItsOwner proves that a hit keeps of an entry in a compartment the matched name and whom to call.
func TestAClosedEntryStaysWithItsOwner(t *testing.T) {
	u := open(t)
	err := u.store.Update(machine(), func(tx record.Tx) error {
		r := &record.Record{Kind: "test.entry", Version: 1, Key: "s1", Writer: "kz-node", Owner: record.Owner{Agency: "KAZ-KNB"},
			Handling: record.Handling{Marking: "official", TLP: "red", Topic: access.Watchlist, Case: "OP-7"},
			Body: &entry{record.Person{Role: record.RoleListed, Names: []record.Name{{Full: "Zhumabayev Aidar"}, {Full: "Cover Name"}}, Born: []string{"1984-05-12"},
				Listing: &record.Listing{List: "own", Entry: "s1", Active: true, Fingerprint: "x", Severity: "high", Reason: "secret source", Contact: "desk 7"}}}}
		if err := tx.Put(r); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "put"})
	})
	if err != nil {
		t.Fatal(err)
	}
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	all := u.hits()
	if len(all) != 1 {
		t.Fatalf("%d hits", len(all))
	}
	h := all[0].Body.(*hit.Hit)
	if strings.Contains(string(all[0].Raw), "secret source") || strings.Contains(string(all[0].Raw), "Cover Name") || !h.Entry.Restricted || h.Entry.Contact != "desk 7" {
		t.Errorf("the hit tells %+v", h.Entry)
	}
	u.correct(func(j *journey) { j.P.Born = []string{"1951-03-04"} }) // the match falls away, and tells no more
	raw := string(u.hits()[0].Raw)
	if strings.Contains(raw, "secret source") || strings.Contains(raw, "Cover Name") || strings.Contains(raw, `"listed":"1984-05-12"`) {
		t.Errorf("after a correction the hit tells %s", raw)
	}
}

// TestATravellerWhoGoesElsewhere proves that the booth that was told hears when the traveller no longer arrives there.
func TestATravellerWhoGoesElsewhere(t *testing.T) {
	u := open(t)
	_, order := u.confirmed()
	u.correct(func(j *journey) { j.Place = "DXB" })
	rec, in := u.order(order)
	if in.Doubt != hit.DoubtPlace || rec.Handling.Place != "ALA" {
		t.Errorf("doubt %q, the instruction is at %q", in.Doubt, rec.Handling.Place)
	}
}

// TestARedEntryTellsNoBooth proves that what may not leave its agency is confirmed without an instruction that nobody could
// read.
func TestARedEntryTellsNoBooth(t *testing.T) {
	u := open(t)
	err := u.store.Update(machine(), func(tx record.Tx) error {
		r := &record.Record{Kind: "test.entry", Version: 1, Key: "r1", Writer: "kz-node", Owner: record.Owner{Agency: "KAZ-PIU"},
			Handling: record.Handling{Marking: "official", TLP: "red", Topic: access.Watchlist},
			Body: &entry{record.Person{Role: record.RoleListed, Names: []record.Name{{Full: "Zhumabayev Aidar"}}, Born: []string{"1984-05-12"},
				Listing: &record.Listing{List: "own", Entry: "r1", Active: true, Fingerprint: "x", Severity: "high"}}}}
		if err := tx.Put(r); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "put"})
	})
	if err != nil {
		t.Fatal(err)
	}
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	id, _ := u.one()
	analyst := as("asel", "analyst", "")
	u.must(u.room.Claim(analyst, id))
	_, err = u.room.Confirm(analyst, id, "document", "", hit.Order{Action: "detain"})
	wantKind(t, err, record.Invalid)
	u.must(u.room.Confirm(analyst, id, "document", "told the head of the shift", hit.Order{}))
}
