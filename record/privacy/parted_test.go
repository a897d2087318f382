package privacy

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"sarhad/record"
)

// proof says in words that it is held, as an exhibit does; no rule knows its kind.
type proof struct {
	Title string    `json:"title" class:"identity"`
	Self  record.ID `json:"self" class:"plain"`
	Basis string    `json:"basis,omitempty" class:"plain"`
	Until time.Time `json:"until,omitzero" class:"plain"`
}

func (*proof) Kind() string    { return "test.proof" }
func (*proof) Version() int    { return 1 }
func (*proof) Validate() error { return nil }
func (p *proof) Index(ix *record.Index) {
	ix.Title = p.Title
	ix.Persons = []record.Person{{Role: "subject", Names: []record.Name{{Full: p.Title}}}}
	if p.Basis != "" {
		ix.Hold(p.Basis, p.Until, p.Self)
	}
}

// held puts a proof that holds itself, and something under it.
func (s *scene) held(title string, until time.Time, parent record.ID) (id, under record.ID) {
	s.Helper()
	id = s.put(&proof{Title: title}, parent)
	s.change(id, func(p *proof) { p.Self, p.Basis, p.Until = id, "order 9", until })
	return id, s.put(&trip{Title: "UNDER " + title}, id)
}

func (s *scene) change(id record.ID, fn func(*proof)) {
	s.Helper()
	s.update(func(tx record.Tx) error {
		r, err := tx.Get(id)
		if err != nil {
			return err
		}
		fn(r.Body.(*proof))
		r.Raw = nil
		return tx.Put(r)
	})
}

// TestHeldInWords proves that what a body of another kind holds in words stays when its parent goes, and goes the same way
// when that hold is taken back or runs out: erased when the parent was erased, masked when it was masked, with what lies
// under it; also by clocks that were started anew.
func TestHeldInWords(t *testing.T) {
	for action, goneTheSameWay := range map[string]func(s *scene, id record.ID) bool{
		Erase:    func(s *scene, id record.ID) bool { return s.get(id) == nil },
		Mask:     func(s *scene, id record.ID) bool { return s.get(id).Masked != nil && s.sealed(id) == nil },
		Nameless: func(s *scene, id record.ID) bool { return s.get(id).Masked != nil && s.sealed(id) != nil },
	} {
		t.Run(action, func(t *testing.T) {
			s := newScene(t)
			s.policy("test.note", Rule{Name: "r", Action: action, After: "P1D"})
			top := s.put(named("TOP"))
			taken, underTaken := s.held("TAKEN BACK", time.Time{}, top)
			over, underOver := s.held("RUNS OUT", s.clock.Now().AddDate(0, 0, 5), top)
			free := s.put(&trip{Title: "FREE"}, top)
			left := func(ids ...record.ID) (n int) {
				for _, id := range ids {
					if !goneTheSameWay(s, id) {
						n++
					}
				}
				return n
			}
			s.forward(1)
			if left(top, free) != 0 || left(taken, underTaken, over, underOver) != 4 {
				t.Fatal("not exactly what is held is left")
			}
			s.clock.Tick(time.Minute)
			late := s.put(&trip{Title: "LATE"}, top) // as an unmasking is
			s.says("asked for TAKEN BACK")
			s.run()
			s.forward(1)
			s.change(taken, func(p *proof) { p.Basis = "" })
			s.c = s.restarted()
			if action == Mask {
				s.c.Keys = &Keys{Dir: t.TempDir()}
				if s.run(); left(taken) != 1 {
					t.Fatal("masked without keys")
				}
				s.c = s.restarted()
				s.c.Keys = keysOf()
			}
			if rep := s.forward(1); left(taken, underTaken) != 0 || left(over, underOver) != 2 || rep.Along != 1 {
				t.Fatalf("after one hold was taken back: %+v", rep)
			}
			if words := s.freeWords(); len(words) != 0 {
				t.Errorf("the log still says %q", words)
			}
			if action != Erase && (s.get(late).Masked != nil || s.get(taken).Masked.Policy != "TST/test.note#r") {
				t.Errorf("what was made after the mask: %+v; what was held, by %s", s.get(late).Masked, s.get(taken).Masked.Policy)
			}
			s.forward(1)
			if left(over) == 0 {
				t.Error("gone before the hold ran out")
			}
			s.forward(2)
			if left(over, underOver) != 0 {
				t.Error("what was held outlives its hold")
			}
			if rep := s.run(); rep.Erased+rep.Masked+rep.Nameless != 0 {
				t.Errorf("and again: %+v", rep)
			}
			var p parted
			text, err := s.store.Setting(context.Background(), setParted)
			s.ok(err)
			if err := json.Unmarshal([]byte(text), &p); err != nil || p.Done == 0 || len(p.Left) != 0 {
				t.Errorf("the journal would be read again: %s", text)
			}
		})
	}
}

// says writes a look with words of a purpose, at nobody.
func (s *scene) says(words string) {
	s.Helper()
	s.ok(s.store.Update(record.WithActor(context.Background(), record.Actor{User: "u-1", Agency: "POL", Roles: []string{"analyst"},
		Purpose: record.Purpose{Kind: "free", Text: words}}), func(tx record.Tx) error { return tx.Audit(record.Act{Action: "search"}) }))
}

func (s *scene) freeWords() (out []string) {
	s.Helper()
	s.ok(s.store.View(machineCtx(), func(tx record.Tx) (err error) { out, err = tx.FreeWords("", 10); return err }))
	return out
}

// sealed is the error of reading what is sealed of a record.
func (s *scene) sealed(id record.ID) error {
	return s.store.View(machineCtx(), func(tx record.Tx) error { _, err := tx.Sealed(id); return err })
}

// TestMaskedThenNameless proves that a record which a hold kept from both masks loses its names for good when it is free, and
// that one which was sealed before does too.
func TestMaskedThenNameless(t *testing.T) {
	s := newScene(t)
	s.policy("test.note", Rule{Name: "m", Action: Mask, After: "P1D"}, Rule{Name: "n", Action: Nameless, After: "P4D"})
	top := s.put(named("TOP"))
	never, _ := s.held("NEVER MASKED", time.Time{}, top)
	sealed := s.put(&trip{Title: "SEALED"}, top)
	s.forward(2)
	if s.get(never).Masked != nil || s.sealed(sealed) != nil {
		t.Fatal("not masked as it should be")
	}
	hold, err := s.c.AddHold(person("supervisor", "boss"), Hold{Targets: []record.ID{sealed}, Basis: "order 1", Until: s.clock.Now().AddDate(1, 0, 0)})
	s.ok(err)
	s.forward(3)
	if s.get(never).Masked != nil || s.sealed(sealed) != nil {
		t.Fatal("what is held lost its names")
	}
	s.change(never, func(p *proof) { p.Basis = "" })
	_, err = s.c.EndHold(person("supervisor", "boss"), hold.ID)
	s.ok(err)
	if _, err := s.c.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []record.ID{never, sealed} {
		if r := s.get(id); r.Masked == nil || record.KindOf(s.sealed(id)) != record.NotFound {
			t.Errorf("%s: %+v, sealed %v", id, r.Masked, s.sealed(id))
		}
	}
}
