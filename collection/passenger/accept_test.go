package passenger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/collection/passenger"
	"sarhad/format/paxlst"
	"sarhad/record"
	"sarhad/store/sqlite"
)

// tonight is when the tests happen.
var tonight = time.Date(2024, 3, 10, 4, 0, 0, 0, time.UTC)

// node is a store with the room on it.
type node struct {
	*testing.T
	store *sqlite.Store
	room  *passenger.Room
	ctx   context.Context
}

func open(t *testing.T) *node {
	t.Helper()
	now := func() time.Time { return tonight }
	s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Types: record.NewTypes(passenger.Bodies()...),
		Allow: func(record.Actor, record.Scope) bool { return true }, Now: now, Node: "zz-piu"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &node{t, s, &passenger.Room{Store: s, Node: "zz-piu", Agency: "ZZ-PIU", Now: now},
		record.WithActor(context.Background(), record.Machine("import", "ZZ-PIU"))}
}

// parse reads messages.
func (n *node) parse(text string) []paxlst.Message {
	n.Helper()
	all, err := paxlst.Parse(strings.NewReader(text), "t.edi")
	if err != nil {
		n.Fatal(err)
	}
	return all
}

// accept takes all messages of a text and adds up their receipts.
func (n *node) accept(text string) passenger.Receipt {
	n.Helper()
	var sum passenger.Receipt
	for _, m := range n.parse(text) {
		r, err := n.room.Accept(n.ctx, passenger.File{Name: "t.edi"}, m)
		if err != nil {
			n.Fatal(err)
		}
		if r.Accepted != len(m.Travellers) || r.Accepted != r.New+r.Revised+r.Unchanged {
			n.Fatalf("%d persons in, receipt %+v", len(m.Travellers), r)
		}
		sum.Voyages = r.Voyages
		sum.Accepted += r.Accepted
		sum.New += r.New
		sum.Revised += r.Revised
		sum.Unchanged += r.Unchanged
		sum.Problems = append(sum.Problems, r.Problems...)
	}
	return sum
}

func (n *node) want(what string, r passenger.Receipt, fresh, revised, unchanged int) {
	n.Helper()
	if r.New != fresh || r.Revised != revised || r.Unchanged != unchanged {
		n.Errorf("%s: new %d revised %d unchanged %d, want %d %d %d", what, r.New, r.Revised, r.Unchanged, fresh, revised, unchanged)
	}
}

// records gives every record of a kind, oldest first.
func (n *node) records(kind string) []*record.Record {
	n.Helper()
	var out []*record.Record
	err := n.store.View(n.ctx, func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{kind}, Full: true, Oldest: true, Limit: record.MaxLimit})
		for _, row := range page.Rows {
			out = append(out, row.Record)
		}
		return err
	})
	if err != nil {
		n.Fatal(err)
	}
	return out
}

func (n *node) journeys() []*passenger.Journey {
	n.Helper()
	var out []*passenger.Journey
	for _, r := range n.records(passenger.KindJourney) {
		out = append(out, r.Body.(*passenger.Journey))
	}
	return out
}

// one is the only journey there is.
func (n *node) one() *passenger.Journey {
	n.Helper()
	all := n.journeys()
	if len(all) != 1 {
		n.Fatalf("%d journeys, want 1", len(all))
	}
	return all[0]
}

// message is a list; tail is what follows the type in UNH, at the minute it was prepared.
type message struct {
	ref, tail, bgm, at, flight string
	persons                    []string
}

const flight = "TDT+20+KC123+++KC'LOC+125+ALA'DTM+189:2403101000:201'LOC+87+TAS'DTM+232:2403101130:201'"

func (m message) String() string {
	or := func(s, d string) string {
		if s == "" {
			return d
		}
		return s
	}
	return "UNB+UNOA:4+KCHOST+PIU+240310:" + or(m.at, "0700") + "+" + or(m.ref, "1") + "'UNH+" + or(m.ref, "1") + "+PAXLST:D:12B:UN:IATA" + m.tail +
		"'BGM+" + or(m.bgm, "745") + "'" + or(m.flight, flight) + strings.Join(m.persons, "") + "UNT+0+" + or(m.ref, "1") + "'UNZ+1+" + or(m.ref, "1") + "'"
}

const nurov = "NAD+FL+++NUROV:ALIM'ATT+2++M'DTM+329:800101'NAT+2+UZB'RFF+AVF:AB12CD'DOC+P+N1'DTM+36:300101'LOC+91+UZB'"

// A list becomes one voyage and one journey a person, with everything that screening, lists and charts need; the same
// list again, also in another file, is nothing new.
func TestListBecomesRecords(t *testing.T) {
	n := open(t)
	text := message{persons: []string{nurov + "RFF+SEA:12a'MEA+CT++:2'COM+998 71 1234567:TE'GEI+4+173'", "NAD+FM+++SEITOVA:AIDA'ATT+2++F'DTM+329:850505'NAT+2+KZ'DOC+P+N2'LOC+91+KZ'"}}.String()
	n.want("first", n.accept(text), 2, 0, 0)
	n.want("again", n.accept(text), 0, 0, 2)

	voyages := n.records(passenger.KindVoyage)
	if len(voyages) != 1 {
		t.Fatalf("%d voyages", len(voyages))
	}
	v := voyages[0].Body.(*passenger.Voyage)
	if voyages[0].Key != "KC123/2024-03-10/ALA-TAS" || v.Passengers != 1 || v.Crew != 1 || len(v.Sources) != 1 {
		t.Errorf("voyage %q %+v", voyages[0].Key, v)
	}
	// Almaty changed from UTC+6 to UTC+5 on 1 March 2024; Tashkent is UTC+5.
	if want := time.Date(2024, 3, 10, 6, 30, 0, 0, time.UTC); !v.Arrives.Equal(want) || !voyages[0].Occurred.Equal(want) || v.ZoneAssumed {
		t.Errorf("arrives %s, occurred %s, want %s", v.Arrives, voyages[0].Occurred, want)
	}
	var manifest record.Page
	err := n.store.View(n.ctx, func(tx record.Tx) (err error) {
		manifest, err = tx.List(record.Query{Parent: voyages[0].ID, Full: true})
		return err
	})
	if err != nil || len(manifest.Rows) != 2 {
		t.Fatalf("manifest of %d, %v", len(manifest.Rows), err)
	}
	for _, row := range manifest.Rows {
		if strings.Contains(row.Key, "NUROV") || strings.Contains(row.Key, "N1") {
			t.Errorf("the key %q names the person", row.Key)
		}
	}
	for _, j := range n.journeys() {
		if j.Surname == "NUROV" {
			checkWords(t, j)
		} else if j.Nationality != "KAZ" || j.Documents[0].Issuer != "KAZ" || j.Role != "crew" {
			t.Errorf("crew %+v", j)
		}
	}
}

// checkWords looks at what the index says of one passenger.
func checkWords(t *testing.T, j *passenger.Journey) {
	t.Helper()
	ix := &record.Index{}
	j.Index(ix)
	p := ix.Persons[0]
	if p.Role != "passenger" || p.Names[0].Full != "NUROV ALIM" || p.Born[0] != "1980-01-01" || p.Nationalities[0] != "UZB" || p.Documents[0].Number != "N1" {
		t.Errorf("person %+v", p)
	}
	var got []string
	for _, m := range ix.Mentions {
		got = append(got, m.Type+" "+m.Key)
	}
	for _, want := range []string{"document UZB:N1", "voyage KC123/2024-03-10/ALA-TAS", "booking KC/AB12CD", "seat KC123/2024-03-10/ALA-TAS/12A", "phone 998711234567"} {
		if !slices.Contains(got, want) {
			t.Errorf("no mention %q among %q", want, got)
		}
	}
	if len(ix.Events) != 2 || ix.Events[0].Kind != "departure" || !ix.Events[1].Located || ix.Events[1].Place != "TAS" {
		t.Errorf("events %+v", ix.Events)
	}
	if len(ix.Measures) != 2 || ix.Measures[1].Name != "bags" || ix.Measures[1].Value != 2 || len(ix.Measures[0].Dims) > record.MaxDims {
		t.Errorf("measures %+v", ix.Measures)
	}
	if !slices.Contains(j.Raw, "DOC+P+N1") {
		t.Errorf("raw %q", j.Raw)
	}
}

// Every field of the bodies has a class, so that masking and export know what to do with it.
func TestClasses(t *testing.T) {
	for _, f := range passenger.Bodies() {
		if err := record.CheckClasses(f()); err != nil {
			t.Error(err)
		}
	}
}

// What a later message on the same flight does to one person's record.
func TestLaterMessages(t *testing.T) {
	edit := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(nurov) }
	for _, c := range []struct {
		name                      string
		first, then               message
		fresh, revised, unchanged int
		check                     func(j *passenger.Journey) bool // of the one record; nil when there are more
	}{
		{"the same under another reference", message{}, message{ref: "2", at: "0800", persons: []string{nurov}}, 0, 0, 1, nil},
		{"name corrected", message{}, message{ref: "2", at: "0800", persons: []string{edit("ALIM", "ALIMJON")}}, 0, 1, 0,
			func(j *passenger.Journey) bool { return j.Given == "ALIMJON" }},
		{"birth date corrected", message{}, message{ref: "2", at: "0800", persons: []string{edit("800101", "810101")}}, 0, 1, 0,
			func(j *passenger.Journey) bool { return j.Born == "1981-01-01" }},
		{"document number corrected", message{}, message{ref: "2", at: "0800", persons: []string{edit("N1", "N7")}}, 0, 1, 0,
			func(j *passenger.Journey) bool { return len(j.Documents) == 1 && j.Documents[0].Number == "N7" }},
		{"document added", message{}, message{ref: "2", at: "0800", persons: []string{nurov + "DOC+V+V1'"}}, 0, 1, 0,
			func(j *passenger.Journey) bool { return len(j.Documents) == 2 }},
		{"less said: what was known stays", message{}, message{ref: "2", at: "0800", bgm: "266+CLOB", persons: []string{"NAD+FL+++NUROV:ALIM'RFF+AVF:AB12CD'"}}, 0, 1, 0,
			func(j *passenger.Journey) bool { return j.Born == "1980-01-01" && j.State == passenger.OnBoard }},
		{"not on board", message{}, message{ref: "2", at: "0800", bgm: "266+CLNB", persons: []string{"NAD+FL+++NUROV:ALIM'DOC+P+N1'LOC+91+UZB'"}}, 0, 1, 0,
			func(j *passenger.Journey) bool { return j.State == passenger.NotOnBoard }},
		{"reservation cancelled: nobody is deleted", message{}, message{ref: "2", at: "0800", bgm: "745+XR", persons: []string{nurov}}, 0, 1, 0,
			func(j *passenger.Journey) bool { return j.State == passenger.Cancelled && j.Born != "" }},
		{"cancelled, then listed again", message{bgm: "745+XR"}, message{ref: "2", at: "0800", persons: []string{edit("AB12CD", "AB12CE")}}, 0, 1, 0,
			func(j *passenger.Journey) bool { return j.State == passenger.Expected }},
		{"an older message only fills gaps", message{}, message{ref: "2", at: "0600", persons: []string{edit("ALIM", "OLD") + "RFF+SEA:1A'"}}, 0, 1, 0,
			func(j *passenger.Journey) bool { return j.Given == "ALIM" && j.Seat == "1A" }},
		{"somebody else on the passport: an infant", message{}, message{ref: "2", at: "0800", persons: []string{edit("ALIM", "BABY", "800101", "240101")}}, 1, 0, 0, nil},
		{"the same name, born otherwise, another document", message{}, message{ref: "2", at: "0800", persons: []string{edit("800101", "550101", "N1", "N9")}}, 1, 0, 0, nil},
		{"the same document among the crew", message{}, message{ref: "2", at: "0800", bgm: "250", persons: []string{edit("FL", "FM")}}, 1, 0, 0, nil},
		{"an empty list takes nobody away", message{}, message{ref: "2", at: "0800"}, 0, 0, 0, func(j *passenger.Journey) bool { return j.State == passenger.Expected }},
		{"another day is another journey", message{}, message{ref: "2", at: "0800", flight: strings.ReplaceAll(flight, "24031", "24032"), persons: []string{nurov}}, 1, 0, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := open(t)
			c.first.persons = []string{nurov}
			n.want("first", n.accept(c.first.String()), 1, 0, 0)
			n.want("then", n.accept(c.then.String()), c.fresh, c.revised, c.unchanged)
			if c.check != nil && !c.check(n.one()) {
				t.Errorf("journey %+v", n.one())
			}
			n.want("then again", n.accept(c.then.String()), 0, 0, len(c.then.persons))
			n.want("first again", n.accept(c.first.String()), 0, 0, 1)
		})
	}
}

// Parts of one list hold different persons, however alike: an infant without a passport of its own, a carrier reference
// that stands for a whole party, two of one name.
func TestPartsHoldDifferentPersons(t *testing.T) {
	alike := "NAD+FL+++KIM:SOO'RFF+ABO:PARTY1'"
	first := message{ref: "1", tail: "+L1+01:C", persons: []string{alike, alike}}.String()
	second := message{ref: "2", tail: "+L1+02:F", persons: []string{alike, nurov, strings.ReplaceAll(nurov, "ALIM", "BABY")}}.String()
	for _, order := range [][]string{{first, second}, {second, first}} {
		n := open(t)
		n.accept(order[0])
		n.accept(order[1])
		if got := len(n.journeys()); got != 5 {
			t.Errorf("%d journeys of 5 persons", got)
		}
		for _, text := range order {
			if r := n.accept(text); r.New+r.Revised != 0 {
				t.Errorf("again: %+v", r)
			}
		}
	}
}

// A person travels the legs between embarking and debarking; a list of several legs makes a voyage of each.
func TestLegs(t *testing.T) {
	n := open(t)
	legs := "TDT+20+KC123+++KC'LOC+92+ALA'DTM+189:2403101000:201'LOC+92+TAS'DTM+232:2403101130:201'TDT+20+KC124+++KC'LOC+92+TAS'DTM+189:2403101300:201'LOC+92+IST'DTM+232:2403101500:201'"
	n.accept(message{flight: legs, persons: []string{"NAD+FL+++ALL:LEGS'", "NAD+FL+++FIRST:LEG'LOC+179+TAS'", "NAD+FL+++LAST:LEG'LOC+178+TAS'", "NAD+FL+++FROM:ELSEWHERE'LOC+178+FRA'"}}.String())
	want := map[string]int{"ALL": 2, "FIRST": 1, "LAST": 1, "FROM": 2}
	for _, j := range n.journeys() {
		if len(j.Legs) != want[j.Surname] {
			t.Errorf("%s travels %d legs, want %d", j.Surname, len(j.Legs), want[j.Surname])
		}
	}
	if v := n.records(passenger.KindVoyage); len(v) != 2 {
		t.Errorf("%d voyages", len(v))
	}
	// One leg's list later finds the person who is on both.
	one := message{ref: "2", at: "0800", bgm: "266+CLOB", persons: []string{"NAD+FL+++ALL:LEGS'"}}
	n.want("one leg", n.accept(one.String()), 0, 1, 0)
	for _, j := range n.journeys() {
		if j.Surname == "ALL" && len(j.Legs) != 2 {
			t.Errorf("the later list took a leg away: %+v", j.Legs)
		}
	}
}

// Lists that name no flight keep their persons, each list its own.
func TestNoFlight(t *testing.T) {
	n := open(t)
	for _, ref := range []string{"1", "2"} {
		n.want(ref, n.accept(message{ref: ref, flight: "RFF+TN:" + ref + "'", persons: []string{"NAD+FL+++KIM:SOO'"}}.String()), 1, 0, 0)
	}
	if v := n.records(passenger.KindVoyage); len(v) != 2 {
		t.Errorf("%d voyages", len(v))
	}
}

// What is odd stands on the record it concerns.
func TestProblems(t *testing.T) {
	n := open(t)
	n.accept(message{flight: strings.Replace(flight, "ALA", "QQQ", 1), persons: []string{nurov, "NAD+FL+++BARE'ATT+2++Q'", "NAD+FL+++OLD:PASS'DTM+329:800101'ATT+2++F'NAT+2+ZQZ'DOC+P+N9'DTM+36:200101'LOC+91+UZB'"}}.String())
	has := func(ps []passenger.Problem, code string) bool {
		return slices.ContainsFunc(ps, func(p passenger.Problem) bool { return p.Code == code && p.Text != "" })
	}
	for _, j := range n.journeys() {
		var want []string
		switch j.Surname {
		case "BARE":
			want = []string{"bad-sex", "missing-birth-date", "missing-document", "missing-nationality", "missing-sex"}
		case "OLD":
			want = []string{"document-expired", "unknown-country"}
		}
		for _, w := range want {
			if !has(j.Problems, w) {
				t.Errorf("%s: no %s among %+v", j.Surname, w, j.Problems)
			}
		}
		if len(want) == 0 && len(j.Problems) > 0 {
			t.Errorf("%s: %+v", j.Surname, j.Problems)
		}
	}
	v := n.records(passenger.KindVoyage)[0].Body.(*passenger.Voyage)
	for _, w := range []string{"unknown-airport", "missing-count", "segment-count"} {
		if !has(v.Problems, w) {
			t.Errorf("voyage: no %s among %+v", w, v.Problems)
		}
	}
	if has(v.Problems, "bad-sex") {
		t.Error("a person's problem stands on the voyage")
	}
}

// crowd writes a list of persons drawn so that many are alike: few names, few documents, few references.
func crowd(r *rand.Rand, ref string, size int) string {
	var persons []string
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	for range size {
		p := "NAD+" + pick("FL", "FL", "FM", "DDU") + "+++" + pick("KIM", "NUROV", "PAK") + ":" + pick("LI", "ALIM", "SOO", "") + "'"
		p += pick("", "DTM+329:800101'", "DTM+329:900101'") + pick("", "RFF+ABO:P1'", "RFF+ABO:P2'") + pick("", "DOC+P+N1'", "DOC+P+N2'", "DOC+V+N1'")
		persons = append(persons, p)
	}
	return message{ref: ref, persons: persons}.String()
}

// However alike the persons of a list are: as many records as persons, a repeat is nothing new, also when each act is run
// twice by the database.
func TestNobodyIsLostInACrowd(t *testing.T) {
	for seed := range uint64(12) {
		n := open(t)
		if seed%2 == 1 {
			n.room.Store = retrying{n.store}
		}
		r := rand.New(rand.NewPCG(seed, 7))
		size := 5 + r.IntN(150)
		text := crowd(r, "1", size)
		n.want("first", n.accept(text), size, 0, 0)
		if got := len(n.journeys()); got != size {
			t.Fatalf("seed %d: %d records of %d persons", seed, got, size)
		}
		n.want("again", n.accept(text), 0, 0, size)
	}
}

// retrying runs each act twice, as a database does that asks for a retry: the first run is undone.
type retrying struct{ record.Store }

var errRetry = errors.New("again")

func (s retrying) Bulk(ctx context.Context, fn func(record.Tx) error) error {
	err := s.Store.Bulk(ctx, func(tx record.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return errRetry
	})
	if !errors.Is(err, errRetry) {
		return err
	}
	return s.Store.Bulk(ctx, fn)
}

// dying refuses every act after some, as a machine that is switched off.
type dying struct {
	record.Store
	left *int
}

var errDead = errors.New("power off")

func (s dying) Bulk(ctx context.Context, fn func(record.Tx) error) error {
	if *s.left--; *s.left < 0 {
		return errDead
	}
	return s.Store.Bulk(ctx, fn)
}

// Cut off after any act and run again, an import ends with every person once.
func TestCutOffAndRunAgain(t *testing.T) {
	text := crowd(rand.New(rand.NewPCG(3, 7)), "1", 150)
	whole := 2 + (150+passenger.BatchPersons-1)/passenger.BatchPersons // the voyage, the persons, the voyage again
	for acts := range whole + 2 {
		n := open(t)
		left := acts
		store := n.room.Store
		n.room.Store = dying{store, &left}
		m := n.parse(text)[0]
		r, err := n.room.Accept(n.ctx, passenger.File{Name: "t.edi"}, m)
		if (err == nil) != (acts >= whole) || err != nil && !errors.Is(err, errDead) {
			t.Fatalf("after %d acts: %v", acts, err)
		}
		if got := len(n.journeys()); got != r.Accepted || got != r.New {
			t.Errorf("after %d acts: %d records, receipt %+v", acts, got, r)
		}
		n.room.Store = store
		n.want(fmt.Sprintf("again after %d", acts), n.accept(text), 150-r.New, 0, r.New)
		v := n.records(passenger.KindVoyage)[0].Body.(*passenger.Voyage)
		if got := len(n.journeys()); got != 150 || v.Passengers+v.Crew != 150 || len(v.Sources) != 1 {
			t.Errorf("after %d acts and again: %d records, voyage %d+%d, %d sources", acts, got, v.Passengers, v.Crew, len(v.Sources))
		}
	}
}

// The same list imported by two at the same time is stored once.
func TestTwoAtOnce(t *testing.T) {
	n := open(t)
	m := n.parse(crowd(rand.New(rand.NewPCG(9, 7)), "1", 120))[0]
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			if _, err := n.room.Accept(n.ctx, passenger.File{Name: "t.edi"}, m); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if got := len(n.journeys()); got != 120 {
		t.Errorf("%d records of 120 persons", got)
	}
}

// Erasing a voyage erases who was on it.
func TestEraseTakesTheManifest(t *testing.T) {
	n := open(t)
	n.accept(message{persons: []string{nurov}}.String())
	id := n.records(passenger.KindVoyage)[0].ID
	err := n.store.Update(n.ctx, func(tx record.Tx) error {
		if _, err := tx.Erase(id); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "erase", Topic: passenger.Topic, Count: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(n.journeys()); got != 0 {
		t.Errorf("%d journeys left", got)
	}
}

// BenchmarkAccept prints persons a second through the room into the store.
func BenchmarkAccept(b *testing.B) {
	s, err := sqlite.Open(b.Context(), sqlite.Config{Dir: b.TempDir(), Types: record.NewTypes(passenger.Bodies()...),
		Allow: func(record.Actor, record.Scope) bool { return true }, Node: "zz-piu"})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	room := &passenger.Room{Store: s, Node: "zz-piu", Agency: "ZZ-PIU", Now: time.Now}
	ctx := record.WithActor(context.Background(), record.Machine("import", "ZZ-PIU"))
	persons, slowest, i := 0, time.Duration(0), 0
	for b.Loop() {
		i++
		var list []string
		for p := range 180 {
			list = append(list, strings.NewReplacer("NUROV", fmt.Sprintf("NUROV%d", p), "N1", fmt.Sprintf("N%d", i*1000+p)).Replace(nurov))
		}
		all, err := paxlst.Parse(strings.NewReader(message{ref: fmt.Sprint(i), flight: strings.Replace(flight, "KC123", fmt.Sprintf("KC%d", i), 1), persons: list}.String()), "b")
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		r, err := room.Accept(ctx, passenger.File{Name: "b"}, all[0])
		if err != nil || r.New != 180 {
			b.Fatalf("%+v %v", r, err)
		}
		slowest = max(slowest, time.Since(began))
		persons += r.New
	}
	b.ReportMetric(float64(persons)/b.Elapsed().Seconds(), "persons/s")
	b.ReportMetric(float64(slowest.Milliseconds()), "slowest-list-ms")
}
