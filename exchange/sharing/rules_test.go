package sharing

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sarhad/collection/passenger"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/oversight"
	"sarhad/screening/hit"
)

// generous lets everything go that can be agreed at all.
func generous(g *Agreement) {
	g.Classes = []record.Class{record.Plain, record.Sensitive, record.Identity, record.FreeText}
}

// TestWhatKeepsARecordHome proves each rule about a record as a whole: it does not go, with its own sentence, neither in the
// preview nor through Send.
func TestWhatKeepsARecordHome(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one")
	kz := w.nodes["kz-one"]
	kz.agrees("kg-one", func(g *Agreement) { generous(g); g.Marking = "internal" })
	for name, c := range map[string]struct {
		change func(*record.Record)
		code   string
	}{
		"nothing against it": {func(*record.Record) {}, ""},
		"TLP red":            {func(r *record.Record) { r.Handling.TLP = "red" }, TooRed},
		"TLP amber+strict":   {func(r *record.Record) { r.Handling.TLP = "amber+strict" }, TooStrict},
		"too large":          {func(r *record.Record) { r.Body.(*secret).Place = strings.Repeat("x", MaxEdition) }, TooLarge},
		"compartment":        {func(r *record.Record) { r.Handling.Case = "2026-1" }, Compartment},
		"marking":            {func(r *record.Record) { r.Handling.Marking = "official" }, TooHigh},
		"released to others": {func(r *record.Record) { r.Handling.Releasable = []string{"UZB-PIU"} }, NotReleased},
		"released to it":     {func(r *record.Record) { r.Handling.Releasable = []string{"KGZ-PIU", "UZB-PIU"} }, ""},
		"other topic":        {func(r *record.Record) { r.Handling.Topic = access.Watchlist }, NoAgreement},
		"expired":            {func(r *record.Record) { r.Expires = w.now().Add(-time.Hour) }, NotOpen},
		"H2 of our own":      {func(r *record.Record) { r.Handling.Codes = []string{"H2"} }, ""},
	} {
		r := kz.about(aSecret())
		r.Key = ""
		r.Handling.Marking = "internal"
		c.change(r)
		kz.put(r)
		var told *Told
		p, err := kz.Preview(kz.boss(), r.ID, []string{"kg-one"})
		if name == "compartment" { // closed to every officer: it is not even there
			if record.KindOf(err) != record.NotFound {
				t.Errorf("%s: %v", name, err)
			}
			kz.must(kz.Store.View(kz.machine(), func(tx record.Tx) (err error) { told, err = kz.view(tx).tell(kz.read(r.ID), "kg-one"); return err }))
		} else {
			kz.must(err)
			told = p.For[0]
		}
		if c.code == "" {
			if !told.Goes() || !slices.Equal(told.edition.Handling.Releasable, []string{"KGZ-PIU"}) { // no word of other recipients
				t.Errorf("%s: %v, released to %v", name, codes(told), told.edition.Handling.Releasable)
			}
			continue
		}
		if !slices.Equal(codes(told), []string{c.code}) || strings.Contains(told.Stays[0].Text, "%") || told.Stays[0].Text == "" {
			t.Errorf("%s: %+v, want %s", name, told.Stays, c.code)
		}
		if slices.ContainsFunc(told.Fields, func(f Field) bool { return f.Goes }) || told.Hash != "" || len(told.Readers) > 0 {
			t.Errorf("%s: something goes all the same", name)
		}
		if _, err := kz.Send(kz.boss(), Wish{Record: r.ID, To: []string{"kg-one"}, Editions: []string{told.Hash}, Purpose: "test"}, nil); err == nil {
			t.Errorf("%s: sent", name)
		}
	}
	if len(kz.out) != 1 { // the partner's copy of the agreement
		t.Errorf("%d messages left", len(kz.out))
	}
}

// TestPlantedAndMaskedStay proves that a planted record, a masked one and the node's own housekeeping are never sent, and that
// nobody is told which record is planted.
func TestPlantedAndMaskedStay(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one")
	kz := w.nodes["kz-one"]
	kz.agrees("kg-one", generous)
	planted, old := kz.about(aSecret()), kz.about(aSecret())
	planted.Key, old.Key = "", ""
	kz.put(planted)
	old.Expires = w.now().Add(-time.Hour)
	kz.put(old)
	mark := kz.house("KAZ-PIU", &oversight.Canary{Record: planted.ID, By: "o", State: oversight.Planted}, w.now())
	mark.Handling.Topic = access.Oversight
	kz.put(mark)
	a, b := kz.tell(planted.ID, "kg-one"), kz.tell(old.ID, "kg-one")
	if a.Goes() || len(a.Stays) != 1 || a.Stays[0] != b.Stays[0] {
		t.Errorf("planted: %+v, expired: %+v", a.Stays, b.Stays)
	}
	masked := kz.about(aSecret())
	masked.Key = ""
	kz.put(masked)
	kz.must(kz.Store.Update(kz.machine(), func(tx record.Tx) error {
		if err := tx.Mask(masked.ID, kz.Clocks.Masking("test", true)); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "mask"})
	}))
	if got := kz.tell(masked.ID, "kg-one"); !slices.Contains(codes(got), IsMasked) {
		t.Errorf("masked: %v", codes(got))
	}
	if got := kz.told(kz.read(mark.ID), "kg-one"); !slices.Contains(codes(got), HouseOnly) {
		t.Errorf("house: %v", codes(got))
	}
	disguised := kz.about(aSecret())
	disguised.Key, disguised.Body, disguised.Kind = "", &Alarm{From: "x", State: AlarmOpen}, KindAlarm
	kz.put(disguised)
	if got := kz.told(kz.read(disguised.ID), "kg-one"); !slices.Contains(codes(got), HouseOnly) {
		t.Errorf("a house body under another topic: %v", codes(got))
	}
	if _, err := kz.Draft(kz.boss(), kz.anAgreement("kg-one", func(g *Agreement) { g.Topic = access.Audit })); record.KindOf(err) != record.Invalid {
		t.Errorf("an agreement about the log: %v", err)
	}
	for _, c := range []record.Class{record.Home, record.Source, "invented"} {
		if _, err := kz.Draft(kz.boss(), kz.anAgreement("kg-one", func(g *Agreement) { g.Classes = []record.Class{c} })); record.KindOf(err) != record.Invalid {
			t.Errorf("an agreement about class %s: %v", c, err)
		}
	}
}

// told is tell as the program sees it.
func (n *node) told(rec *record.Record, to string) (t *Told) {
	n.Helper()
	n.must(n.Store.View(n.machine(), func(tx record.Tx) (err error) { t, err = n.view(tx).tell(rec, to); return err }))
	return t
}

// TestRefugees proves the rule for persons who fled, whatever kind of record names them: by a code of a document or nationality,
// by an asylum mark, in a hit about the journey that says it, and in a kind without a person's word.
func TestRefugees(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one", "uz-one")
	kz := w.nodes["kz-one"]
	for _, to := range []string{"kg-one", "uz-one"} {
		kz.agrees(to, generous)
		kz.agrees(to, func(g *Agreement) { generous(g); g.Topic = access.Hit })
	}
	journey := func(nation string, docs ...record.Document) *record.Record {
		r := kz.about(&passenger.Journey{Surname: "NOBODY", Given: "ANY", Born: "1980-01-02", Nationality: nation, Role: "passenger", State: "on-board", Documents: docs})
		r.Key = ""
		return kz.put(r)
	}
	check := func(name string, rec *record.Record, kg, uz bool) {
		t.Helper()
		for to, want := range map[string]bool{"kg-one": kg, "uz-one": uz} {
			got := kz.tell(rec.ID, to)
			if got.Goes() != want || !want && !slices.Contains(codes(got), Refuge) {
				t.Errorf("%s to %s: goes %v, %v", name, to, got.Goes(), codes(got))
			}
			p, err := kz.Preview(kz.boss(), rec.ID, nil)
			kz.must(err)
			if slices.ContainsFunc(p.Suggested, func(p Party) bool { return p.Node == to }) != want {
				t.Errorf("%s: suggested %v", name, p.Suggested)
			}
		}
	}
	check("a traveller of KGZ", journey("KGZ", record.Document{Number: "A1", Issuer: "KGZ"}), true, true)
	flight := journey("KGZ", record.Document{Type: "P", Number: "Z1", Issuer: "XXB"})
	check("a refugee's document, of KGZ", flight, false, true)
	check("a refugee of unknown origin", journey("XXB", record.Document{Type: "P", Number: "Z2", Issuer: "DEU"}), false, false)
	check("a stateless person", journey("XXA"), false, false)
	check("a refugee otherwise", journey("XXC"), false, false)
	h := kz.about(&hit.Hit{Subject: flight.ID, Traveller: hit.Facts{Names: []record.Name{{Full: "NOBODY ANY"}}}, State: hit.New, Entry: hit.Entry{List: "l", Key: "k"}, Reasons: []hit.Reason{{Code: "c"}}})
	h.Key, h.Origin.Parents, h.Handling.Topic = "", []record.ID{flight.ID}, access.Hit
	check("a hit about a refugee", kz.put(h), false, true)
	mark := kz.about(&secret{Name: "NOBODY", Nation: "UZB", Asylum: true})
	mark.Key = ""
	check("an asylum mark", kz.put(mark), true, false)
	words := kz.about(&secret{Place: "XXB"})
	words.Key = ""
	check("a code in a field that no word tells", kz.put(words), false, false)
	raw := kz.about(aSecret())
	raw.Kind, raw.Body, raw.Raw, raw.Key = "future.kind", nil, []byte(`{"nationality":"XXB"}`), ""
	check("a kind that nobody here knows", kz.put(raw), false, false)
}

// TestAShareThatBecameUnsafeIsTakenBack proves that a record whose person turns out to have fled is erased in the country of
// nationality without a word about why, and goes on elsewhere.
func TestAShareThatBecameUnsafeIsTakenBack(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one", "uz-one")
	kz, kg, uz := w.nodes["kz-one"], w.nodes["kg-one"], w.nodes["uz-one"]
	kz.agrees("kg-one", nil)
	kz.agrees("uz-one", nil)
	rec := kz.put(kz.about(aSecret())) // of KGZ
	kz.shares(rec, "kg-one")
	kz.shares(rec, "uz-one")
	kz.revise(rec.ID, func(r *record.Record) { r.Body.(*secret).Asylum = true })
	w.settle()
	if kg.read(rec.ID) != nil || uz.read(rec.ID) == nil || uz.read(rec.ID).Revision.Number != 2 {
		t.Error("it is where it must not be, or not where it may")
	}
	if h := kg.holdingOf(rec.ID, "kz-one"); h.State != Gone || h.Wanted.What != AskErase || h.Wanted.Reason != "" {
		t.Errorf("%+v", h)
	}
	if s := kz.shareOf(rec.ID, "kg-one"); s.State != GoneState || s.Stale == nil || s.Stale.Code != Refuge {
		t.Errorf("%+v", s)
	}
}

// TestMinors proves that nothing that tells who a minor is leaves, in any record about them, at the time of sending.
func TestMinors(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one")
	kz, kg := w.nodes["kz-one"], w.nodes["kg-one"]
	kz.agrees("kg-one", generous)
	kz.agrees("kg-one", func(g *Agreement) { generous(g); g.Topic = access.Hit })
	child := kz.about(&passenger.Journey{Surname: "KIDMAN", Given: "LITTLE", Born: "2010", Nationality: "KGZ", Role: "passenger", State: "on-board", Seat: "12A", Raw: []string{"NAD+FL+++KIDMAN:LITTLE"}})
	kz.put(child)
	h := kz.about(&hit.Hit{Subject: child.ID, Traveller: hit.Facts{Names: []record.Name{{Full: "KIDMAN LITTLE"}}}, Score: 0.5, State: hit.New, Entry: hit.Entry{List: "l", Key: "k"}, Reasons: []hit.Reason{{Code: "c"}}})
	h.Origin.Parents, h.Handling.Topic = []record.ID{child.ID}, access.Hit
	kz.put(h)
	kz.shares(child, "kg-one")
	kz.shares(h, "kg-one")
	if j := kg.read(child.ID).Body.(*passenger.Journey); j.Seat != "12A" || j.Surname+j.Given+j.Born+j.Nationality != "" || len(j.Raw) > 0 {
		t.Errorf("%+v", j)
	}
	if where := kg.finds("KIDMAN"); len(where) > 0 {
		t.Errorf("the name of a child arrived, in %v", where)
	}
	if f := field(kz.tell(h.ID, "kg-one"), "traveller.names.0.full"); f.Why.Code != StaysMinor {
		t.Errorf("%+v", f)
	}
	w.later(4 * 366 * 24 * time.Hour) // the agreement is over by then; the rule is asked by itself
	if got := kz.told(kz.read(child.ID), "kg-one"); field(got, "surname").Why.Code == StaysMinor {
		t.Error("somebody of 20 is taken for a minor")
	}
}

func field(t *Told, path string) Field {
	for _, f := range append(slices.Clone(t.Fields), t.Envelope...) {
		if f.Path == path {
			return f
		}
	}
	return Field{}
}

// TestFieldsOfAKind proves that an agreement narrows a kind by the paths it names, and that the screen says why.
func TestFieldsOfAKind(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one", "uz-one")
	kz, kg, uz := w.nodes["kz-one"], w.nodes["kg-one"], w.nodes["uz-one"]
	kz.agrees("kg-one", func(g *Agreement) {
		generous(g)
		g.Kinds = []KindRule{{Kind: "test.secret", Only: []string{"place", "phones"}}}
	})
	kz.agrees("uz-one", func(g *Agreement) {
		generous(g)
		g.Kinds = []KindRule{{Kind: "test.secret", Except: []string{"phones"}}}
	})
	rec := kz.put(kz.about(aSecret()))
	kz.shares(rec, "kg-one")
	kz.shares(rec, "uz-one")
	if s := kg.read(rec.ID).Body.(*secret); s.Place == "" || len(s.Phones) != 2 || s.Name+s.Why+s.Words != "" {
		t.Errorf("only: %+v", s)
	}
	if s := uz.read(rec.ID).Body.(*secret); len(s.Phones) != 0 || s.Name == "" || s.Words == "" {
		t.Errorf("except: %+v", s)
	}
	if a, b := field(kz.tell(rec.ID, "kg-one"), "name"), field(kz.tell(rec.ID, "uz-one"), "phones.1"); a.Why.Code != NotListed || b.Why.Code != Excluded {
		t.Errorf("%+v, %+v", a, b)
	}
	if _, err := kz.Draft(kz.boss(), kz.anAgreement("kg-one", func(g *Agreement) { g.Kinds = []KindRule{{Kind: "x", Only: []string{"documents.0.number"}}} })); record.KindOf(err) != record.Invalid {
		t.Errorf("a path with a place in a list: %v", err)
	}
}

// TestUnknownKinds proves that a body that this program cannot cut goes only where the strictest class was agreed as a whole.
func TestUnknownKinds(t *testing.T) {
	w := newNetwork(t, "kz-one old", "kg-one", "uz-one")
	kz, kg := w.nodes["kz-one"], w.nodes["kg-one"]
	kz.agrees("kg-one", generous)
	kz.agrees("uz-one", nil)
	rec := kz.about(aSecret())
	rec.Raw, rec.Body = []byte(`{"name":"IVANOVA ANNA","place":"ALA","newer":1}`), nil
	kz.put(rec)
	if got := kz.tell(rec.ID, "uz-one"); !slices.Equal(codes(got), []string{Unknown}) {
		t.Errorf("without the strictest class: %v", codes(got))
	}
	kz.shares(rec, "kg-one")
	if got := kg.read(rec.ID); string(got.Raw) != string(rec.Raw) || got.Body.(*secret).Name != "IVANOVA ANNA" {
		t.Errorf("%s", got.Raw)
	}
	narrowed := kz.agrees("kg-one", func(g *Agreement) { generous(g); g.Kinds = []KindRule{{Kind: "test.secret", Except: []string{"name"}}} })
	if got := kz.tell(rec.ID, "kg-one"); got.Agreement != narrowed.ID || !slices.Contains(codes(got), Unknown) {
		t.Errorf("a field is excluded that nobody can find: %v", codes(got))
	}
}

// TestWhoReads proves that the preview names exactly those that the table lets read the edition where it will stand.
func TestWhoReads(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one")
	kz := w.nodes["kz-one"]
	kz.agrees("kg-one", nil)
	rec := kz.put(kz.about(aSecret()))
	got := kz.tell(rec.ID, "kg-one")
	want := []Reader{{"KGZ-PIU", "analyst", ""}, {"KGZ-PIU", "supervisor", ""}}
	if !slices.Equal(got.Readers, want) {
		t.Errorf("%+v, want %+v", got.Readers, want)
	}
	if got.Hub.Code != HubNobody || !slices.ContainsFunc(got.Notes, func(r Reason) bool { return r.Code == OnwardNot }) {
		t.Errorf("%+v, %+v", got.Hub, got.Notes)
	}
	for _, who := range []string{"hub", "kz-one", "nobody"} {
		if got := kz.tell(rec.ID, who); !slices.Equal(codes(got), []string{NoParty}) {
			t.Errorf("%s: %v", who, codes(got))
		}
	}
	if _, err := kz.Preview(kz.analyst(), rec.ID, nil); record.KindOf(err) != record.Forbidden {
		t.Errorf("an analyst previews: %v", err)
	}
	stranger := record.WithActor(t.Context(), record.Actor{User: "s", Agency: "KAZ-CUST", Roles: []string{"supervisor"}, Purpose: record.Purpose{Kind: "duty", Text: "t"}})
	if _, err := kz.Preview(stranger, rec.ID, nil); record.KindOf(err) != record.NotFound {
		t.Errorf("another agency previews: %v", err)
	}
	lent := kz.about(&secret{Name: "NOBODY"})
	lent.Key, lent.Handling.Releasable = "", []string{"KAZ-CUST", "KGZ-PIU"}
	kz.put(lent)
	if _, err := kz.Preview(stranger, lent.ID, nil); record.KindOf(err) != record.Forbidden {
		t.Errorf("another agency shares what it may only read: %v", err)
	}
	if _, err := kz.Send(kz.boss(), Wish{Record: rec.ID, To: []string{"kg-one"}, Editions: []string{got.Hash}, Purpose: "we know Ivanova"}, nil); record.KindOf(err) != record.Invalid {
		t.Errorf("a purpose that names the person: %v", err)
	}
	kz.revise(rec.ID, func(r *record.Record) { r.Body.(*secret).Place = "NQZ" })
	if _, err := kz.Send(kz.boss(), Wish{Record: rec.ID, To: []string{"kg-one"}, Editions: []string{got.Hash}, Purpose: "test"}, nil); record.KindOf(err) != record.Conflict {
		t.Errorf("something else than what was seen: %v", err)
	}
	kz.shares(rec, "kg-one")
	if _, err := kz.sends(rec.ID, "kg-one"); record.KindOf(err) != record.Conflict {
		t.Errorf("sent twice: %v", err)
	}
}
