package privacy

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
	"sarhad/store/sqlite"
	"sarhad/store/storetest"
)

// phrases of the tests' keys.
var phrases = Phrases{Unit: "unit-phrase-of-tests", Oversight: "oversight-phrase-of-tests"}

// keysOf makes keys once for all tests: they are slow even with a small work factor.
var keysOf = sync.OnceValue(func() *Keys {
	dir, err := mkdir()
	if err != nil {
		panic(err)
	}
	k, err := NewKeys(dir, phrases, 4)
	if err != nil {
		panic(err)
	}
	return k
})

// scene is a store with clocks and a policy on notes.
type scene struct {
	*testing.T
	c     *Clocks
	store *sqlite.Store
	clock *storetest.Clock
	seq   *audit.Sequencer
	dir   string
}

func machineCtx() context.Context {
	return record.WithActor(context.Background(), record.Machine("test", "POL"))
}

func person(role, name string) context.Context {
	return record.WithActor(context.Background(), record.Actor{User: name, Display: name, Agency: "POL", Roles: []string{role},
		Purpose: record.Purpose{Kind: "duty", Text: "test"}})
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{T: t, clock: storetest.NewClock(), dir: t.TempDir()}
	bodies := append(Bodies(), func() record.Body { return &storetest.Note{} }, func() record.Body { return &storetest.Memo{} },
		func() record.Body { return &trip{} }, func() record.Body { return &proof{} })
	var err error
	s.store, err = sqlite.Open(context.Background(), sqlite.Config{Dir: s.dir, Types: record.NewTypes(bodies...), Fold: match.Fold, Now: s.clock.Now, Node: "node-a",
		Allow: func(a record.Actor, sc record.Scope) bool { return access.Allow(a, access.Read, sc) }})
	s.ok(err)
	t.Cleanup(func() { s.store.Close() })
	skey, vkey, err := note.GenerateKey(rand.Reader, "sarhad/test")
	s.ok(err)
	signer, err := note.NewSigner(skey)
	s.ok(err)
	verifier, err := note.NewVerifier(vkey)
	s.ok(err)
	s.seq = &audit.Sequencer{Table: s.store, Signer: signer, Now: s.clock.Now}
	s.c = &Clocks{Store: s.store, State: s.store, Audit: s.store, Country: "TST", Node: "node-a", Agency: "POL", Keys: keysOf(), Signer: signer,
		Verifiers: note.VerifierList(verifier), Now: s.clock.Now, Log: slog.New(slog.DiscardHandler), Settle: s.seq.TakeIn}
	return s
}

// restarted is the clocks as after a restart: nothing is in memory.
func (s *scene) restarted() *Clocks {
	c := s.c
	return &Clocks{Store: c.Store, State: c.State, Audit: c.Audit, Country: c.Country, Node: c.Node, Agency: c.Agency, Keys: c.Keys, Signer: c.Signer,
		Verifiers: c.Verifiers, Now: c.Now, Log: c.Log, Settle: c.Settle}
}

func (s *scene) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *scene) kind(what string, err error, want record.ErrorKind) {
	s.Helper()
	if got := record.KindOf(err); got != want {
		s.Fatalf("%s: error kind %q (%v), want %q", what, got, err, want)
	}
}

// policy sets one rule about notes.
func (s *scene) policy(subject string, rules ...Rule) {
	s.Helper()
	for i := range rules {
		if rules[i].From == "" {
			rules[i].From = FromOccurred
		}
	}
	s.ok(s.c.SetPolicy(machineCtx(), Policy{Subject: subject, Rules: rules}))
}

func (s *scene) update(fn func(record.Tx) error) {
	s.Helper()
	s.ok(s.store.Update(machineCtx(), func(tx record.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test"})
	}))
}

// put stores a body that occurred now, under a key that holds its title.
func (s *scene) put(b record.Body, parents ...record.ID) record.ID {
	s.Helper()
	ix := &record.Index{}
	b.Index(ix)
	r := &record.Record{Kind: b.Kind(), Version: 1, Owner: record.Owner{Agency: "POL"}, Occurred: s.clock.Now(), Key: "key of " + ix.Title,
		Handling: record.Handling{Marking: "internal", Topic: access.Passenger}, Origin: record.Origin{Parents: parents}, Body: b}
	s.update(func(tx record.Tx) error { return tx.Put(r) })
	return r.ID
}

func named(name string) *storetest.Note {
	return &storetest.Note{Title: name, State: "open", Texts: []string{name},
		Persons: []record.Person{{Role: "passenger", Names: []record.Name{{Full: name}}, Born: []string{"1980-01-02"}}}}
}

func (s *scene) get(id record.ID) *record.Record {
	s.Helper()
	var out *record.Record
	err := s.store.View(machineCtx(), func(tx record.Tx) (err error) { out, err = tx.Get(id); return err })
	if record.KindOf(err) == record.NotFound {
		return nil
	}
	s.ok(err)
	return out
}

// forward moves time on in days, the clocks running each day as in a node.
func (s *scene) forward(days int) (last Report) {
	s.Helper()
	for range days {
		s.clock.Tick(24 * time.Hour)
		last = s.run()
	}
	return last
}

func (s *scene) run() Report {
	s.Helper()
	rep, err := s.c.Run(context.Background())
	s.ok(err)
	return rep
}

// jump moves time on at once, as somebody who confirms it.
func (s *scene) jump(d time.Duration) Report {
	s.Helper()
	s.clock.Tick(d)
	s.ok(s.c.ConfirmTime(machineCtx(), "test"))
	return s.run()
}

func TestPeriods(t *testing.T) {
	at := time.Date(2026, 8, 31, 10, 0, 0, 0, time.UTC)
	for p, want := range map[Period]time.Time{"PT72H": at.Add(72 * time.Hour), "P30D": at.AddDate(0, 0, 30), "P6M": at.AddDate(0, 6, 0), "P5Y": at.AddDate(5, 0, 0), "P1Y6M": at.AddDate(1, 6, 0)} {
		if got := p.From(at); !p.Valid() || !got.Equal(want) {
			t.Errorf("%s from %s is %s, want %s", p, at, got, want)
		}
		if back := p.before(p.From(at)); !back.After(at) {
			t.Errorf("a list of what began before %s would miss what is due", back)
		}
	}
	for _, p := range []Period{"", "P", "72h", "PT", "P5", "-P5Y", "P5Y "} {
		if p.Valid() {
			t.Errorf("%q is read as a period", p)
		}
	}
}

// TestPoliciesMustBeSigned proves that a policy that nobody signed, or that was changed, moves nothing and is told.
func TestPoliciesMustBeSigned(t *testing.T) {
	s := newScene(t)
	s.policy("test.note", Rule{Name: "all", Action: Erase, After: "PT24H"})
	id := s.put(named("A"))
	for name, change := range map[string]func(*Policy){
		"altered":  func(p *Policy) { p.Rules[0].After = "PT1H" },
		"unsigned": func(p *Policy) { p.Signature = "" },
		"another's": func(p *Policy) {
			other, _, _ := note.GenerateKey(rand.Reader, "sarhad/test")
			signer, _ := note.NewSigner(other)
			p.Rules[0].After = "PT1H"
			_ = p.sign(signer)
		},
	} {
		var was *record.Record
		s.update(func(tx record.Tx) error {
			rec, err := tx.ByKey(KindPolicy, "TST/test.note")
			s.ok(err)
			was, _ = tx.Get(rec.ID)
			change(rec.Body.(*Policy))
			rec.Raw = nil
			return tx.Put(rec)
		})
		s.clock.Tick(2 * time.Hour)
		rep := s.run()
		over, err := s.c.Overview(context.Background())
		s.ok(err)
		if rep.Erased != 0 || s.get(id) == nil || len(rep.Refused) != 1 || len(over.Refused) != 1 || !strings.Contains(over.Refused[0].Why, "moves nothing") {
			t.Errorf("%s: %+v, overview %+v", name, rep, over.Refused)
		}
		s.update(func(tx record.Tx) error { // back as it was signed
			rec, err := tx.Get(was.ID)
			s.ok(err)
			rec.Body, rec.Raw = was.Body, nil
			return tx.Put(rec)
		})
	}
	s.clock.Tick(20 * time.Hour)
	if rep := s.run(); rep.Erased != 1 || s.get(id) != nil {
		t.Errorf("the policy as it was signed: %+v", rep)
	}
}

func TestPoliciesAreChecked(t *testing.T) {
	s := newScene(t)
	ok := Rule{Name: "unmatched", Action: Erase, From: FromOccurred, After: "PT48H"}
	for name, c := range map[string]struct {
		subject string
		change  func(*Rule)
	}{
		"no period":              {"test.note", func(r *Rule) { r.After = "" }},
		"a period in words":      {"test.note", func(r *Rule) { r.After = "three days" }},
		"an unknown action":      {"test.note", func(r *Rule) { r.Action = "hide" }},
		"stripping a record":     {"test.note", func(r *Rule) { r.Action = Strip }},
		"erasing the log":        {"audit", func(*Rule) {}},
		"minors longer":          {"test.note", func(r *Rule) { r.Minors = "PT49H" }},
		"counted from nowhere":   {"test.note", func(r *Rule) { r.From = "created" }},
		"more than the law says": {"passenger.journey", func(r *Rule) { r.After = "PT73H" }},
		"less than the law says": {"passenger.journey", func(r *Rule) { r.After = "PT23H" }},
		"bounds of one's own":    {"passenger.journey", func(r *Rule) { r.After, r.Most = "P9Y", "P9Y" }},
	} {
		r := ok
		c.change(&r)
		s.kind(name, s.c.SetPolicy(machineCtx(), Policy{Subject: c.subject, Rules: []Rule{r}}), record.Invalid)
	}
	s.kind("another country", s.c.SetPolicy(machineCtx(), Policy{Country: "XXX", Subject: "test.note", Rules: []Rule{ok}}), record.Invalid)
	s.ok(s.c.SetPolicy(machineCtx(), Policy{Subject: "passenger.journey", Rules: []Rule{ok}}))
}

func TestDefaultsAreSetOnce(t *testing.T) {
	s := newScene(t)
	s.policy("passenger.journey", Rule{Name: "unmatched", Action: Erase, After: "PT24H"})
	s.ok(s.c.SetDefaults(context.Background()))
	s.ok(s.c.SetDefaults(context.Background()))
	have, err := s.c.Policies(context.Background())
	s.ok(err)
	all, _ := Defaults("TST")
	if len(have.Valid) != len(all) || len(have.Refused)+len(have.Missing) != 0 {
		t.Errorf("%d of %d defaults hold, refused %v, missing %v", len(have.Valid), len(all), have.Refused, have.Missing)
	}
	for _, p := range have.Valid {
		if p.Subject == "passenger.journey" && p.Rules[0].After != "PT24H" {
			t.Error("a policy that was set was replaced by the default")
		}
	}
}

// TestClocks proves each part of a rule: period, states, conditions on children, minors, what expires by itself.
func TestClocks(t *testing.T) {
	s := newScene(t)
	s.policy("test.note",
		Rule{Name: "unmatched", Action: Erase, After: "PT72H", Minors: "PT24H", Without: []Condition{{Kind: "test.memo"}}},
		Rule{Name: "later", Action: Erase, After: "P30D", States: []string{"open"}})
	free, matched, closed := s.put(named("FREE")), s.put(named("MATCHED")), named("CLOSED")
	closed.State = "closed"
	kept := s.put(closed)
	for _, id := range []record.ID{matched, kept} {
		s.update(func(tx record.Tx) error {
			return tx.Put(&record.Record{Kind: "test.memo", Version: 1, Owner: record.Owner{Agency: "POL"}, Handling: record.Handling{Marking: "internal", Topic: "hit"},
				Origin: record.Origin{Parents: []record.ID{id}}, Body: &storetest.Memo{}})
		})
	}
	child := named("CHILD")
	child.Persons[0].Born = []string{"2010"}
	small := s.put(child)
	old := named("OLD")
	old.Persons[0].Born = []string{"1950/1960~"}
	grown := s.put(old)
	s.update(func(tx record.Tx) error {
		return tx.Put(&record.Record{Kind: "test.other", Version: 1, Owner: record.Owner{Agency: "POL"}, Handling: record.Handling{Marking: "internal", Topic: "hit"},
			Raw: []byte("{}"), Expires: s.clock.Now().Add(47 * time.Hour)})
	})
	here := func(when string, ids map[string]record.ID, want string) {
		t.Helper()
		var got []string
		for _, n := range []string{"free", "matched", "kept", "small", "grown"} {
			if s.get(ids[n]) != nil {
				got = append(got, n)
			}
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: left are %q, want %q", when, g, want)
		}
	}
	all := map[string]record.ID{"free": free, "matched": matched, "kept": kept, "small": small, "grown": grown}
	s.clock.Tick(23 * time.Hour)
	s.run()
	here("after 23 hours", all, "free matched kept small grown")
	if rep := s.forward(1); rep.Erased != 2 { // the minor, and what expired by itself
		t.Errorf("after 47 hours: %+v", rep)
	}
	here("after 47 hours", all, "free matched kept grown")
	due, whole, err := s.c.Plan(context.Background(), 10)
	s.ok(err)
	if len(due) != 0 || !whole {
		t.Errorf("due: %+v", due)
	}
	s.clock.Tick(24 * time.Hour)
	s.run()
	here("after 71 hours", all, "free matched kept grown")
	s.clock.Tick(time.Hour)
	due, _, err = s.c.Plan(context.Background(), 10)
	s.ok(err)
	if len(due) != 2 || due[0].Rule != "TST/test.note#unmatched" || due[0].Action != Erase || !due[0].Since.Equal(s.clock.Now()) {
		t.Errorf("due: %+v", due)
	}
	here("after a plan", all, "free matched kept grown")
	s.run()
	here("after 72 hours", all, "matched kept")
	s.forward(28)
	here("after 30 days", all, "kept")
}

func TestMinor(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for born, want := range map[string]bool{"2008-11-01": false, "2008-11-02": true, "2008": true, "2007": false, "2008-11": true, "2008-10": false, "2000/2009": true, "1958~": false, "": false, "unknown": false} {
		if got := minor(&record.Index{Persons: []record.Person{{Born: []string{born}}}}, 18, at); got != want {
			t.Errorf("born %q: a minor %v, want %v", born, got, want)
		}
	}
}
