package evidence_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sarhad/collection/evidence"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/attach"
	"sarhad/store/sqlite"
	"sarhad/store/vault"
)

var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

// scene is a room over a real store and a real vault.
type scene struct {
	*testing.T
	evidence.Room
	store *sqlite.Store
	vault *vault.Vault
	dir   string
	now   time.Time
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{T: t, now: noon}
	now := func() time.Time { return s.now }
	dir := t.TempDir()
	s.dir = dir
	var err error
	s.store, err = sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Types: record.NewTypes(evidence.Bodies()...), Node: "kz-node", Now: now,
		Allow: func(a record.Actor, sc record.Scope) bool { return access.Allow(a, access.Read, sc) }})
	s.ok(err)
	t.Cleanup(func() { s.store.Close() })
	keys, _, err := vault.NewKeys()
	s.ok(err)
	s.vault, err = vault.Open(vault.Config{Dir: dir, Keys: keys, Now: now, Log: slog.New(slog.DiscardHandler)})
	s.ok(err)
	s.vault.Follow(s.store.Unnamed, s.store.AttachedBytes)
	s.store.UseChunks(s.vault)
	s.Room = evidence.Room{Store: s.store, Files: s.vault, Node: "kz-node", Now: now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)}
	return s
}

func (s *scene) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func officer(role string) context.Context {
	return record.WithActor(context.Background(), record.Actor{User: "u-" + role, Agency: "KAZ-PIU", Roles: []string{role},
		Purpose: record.Purpose{Kind: "duty", Text: "test"}})
}

func (s *scene) parent(h record.Handling) record.ID {
	s.Helper()
	h.Topic = access.Hit
	r := &record.Record{Kind: "test.parent", Version: 1, Owner: record.Owner{Agency: "KAZ-PIU"}, Handling: h, Raw: []byte("{}"), Basis: record.Basis{Case: "K-7"}}
	s.ok(s.store.Update(record.WithActor(context.Background(), record.Machine("test", "")), func(tx record.Tx) error {
		if err := tx.Put(r); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test"})
	}))
	return r.ID
}

func (s *scene) file(ctx context.Context, content string) record.ID {
	s.Helper()
	a, err := record.ActorFrom(ctx)
	s.ok(err)
	u, err := s.vault.Begin(ctx, a.User, attach.Begin{Name: "x.txt", Size: int64(len(content))})
	s.ok(err)
	_, err = s.vault.Append(ctx, a.User, u.ID, 0, bytes.NewReader([]byte(content)), nil)
	s.ok(err)
	return u.ID
}

func (s *scene) new(ctx context.Context, parents ...record.ID) evidence.New {
	s.Helper()
	return evidence.New{Exhibit: evidence.Exhibit{Title: "Ledger", How: "seized"}, Parents: parents, Files: []evidence.File{{Upload: s.file(ctx, "content "+s.Name())}}}
}

// TestWords proves what an exhibit says: what it proves, and a hold in the words that anybody reads.
func TestWords(t *testing.T) {
	own, parent := record.ID{6: 0x70, 8: 0x80, 15: 1}, record.ID{6: 0x70, 8: 0x80, 15: 2}
	until := noon.AddDate(1, 0, 0)
	e := &evidence.Exhibit{ID: own, Title: "Тетрадь", Description: "записи", How: "изъято", Taken: noon, Hold: &evidence.Hold{Basis: "order 4", Until: until}, Proves: []record.ID{parent}}
	ix := (&record.Record{Body: e}).IndexOf()
	thing := func(id record.ID) record.Thing { return record.Thing{Type: "record", Key: id.String()} }
	want := &record.Index{Title: "Тетрадь", State: "held", Mentions: []record.Mention{
		{Thing: thing(parent), Role: "proves"}, {Thing: thing(own), Role: "held", Label: "order 4"}, {Thing: thing(parent), Role: "held", Label: "order 4"}},
		Events: []record.Event{{Kind: "held until", At: until}, {Kind: "taken", At: noon}}, Texts: []string{"Тетрадь", "записи"}}
	if d := cmp.Diff(want, ix); d != "" {
		t.Error(d)
	}
	for _, id := range []record.ID{own, parent} {
		basis, to, held := ix.Held(id, noon)
		if !held || basis != "order 4" || !to.Equal(until) {
			t.Errorf("%s: %q %v %v", id, basis, to, held)
		}
	}
	if _, _, held := ix.Held(parent, until); held {
		t.Error("held when the hold is over")
	}
	if _, _, held := ix.Held(record.ID{1}, noon); held {
		t.Error("another record is held")
	}
	e.Hold.Until = time.Time{}
	if _, to, held := (&record.Record{Body: e}).IndexOf().Held(parent, until); !held || !to.IsZero() {
		t.Error("an open hold ends")
	}
	e.Hold = nil
	if _, _, held := (&record.Record{Body: e}).IndexOf().Held(parent, noon); held {
		t.Error("held without a hold")
	}
}

// TestHandledAsStrictlyAsAll proves the join over everything an exhibit proves, and the acts.
func TestHandledAsStrictlyAsAll(t *testing.T) {
	s := newScene(t)
	ctx := officer("analyst")
	a := s.parent(record.Handling{Marking: "internal", TLP: "red", Codes: []string{"H1"}})
	b := s.parent(record.Handling{Marking: "official", TLP: "green", Codes: []string{"H2"}, Releasable: []string{"UZB-PIU"}})
	rec, err := s.Create(ctx, s.new(ctx, a, b))
	s.ok(err)
	want := record.Handling{Marking: "official", TLP: "red", Topic: "evidence", Codes: []string{"H1", "H2"}, Releasable: []string{"UZB-PIU"}}
	if d := cmp.Diff(want, rec.Handling); d != "" {
		t.Error(d)
	}
	if rec.Basis.Case != "K-7" || rec.Owner != (record.Owner{Agency: "KAZ-PIU", Officer: "u-analyst"}) || !cmp.Equal(rec.Origin.Parents, []record.ID{a, b}) {
		t.Errorf("%+v %+v %+v", rec.Basis, rec.Owner, rec.Origin)
	}
	if len(s.vault.List("u-analyst")) != 0 {
		t.Error("the upload is still on its way")
	}
}

// TestRefused proves that nothing is half stored: the files wait, and nothing is recorded.
func TestRefused(t *testing.T) {
	s := newScene(t)
	ctx := officer("analyst")
	parent := s.parent(record.Handling{Marking: "internal"})
	for name, c := range map[string]struct {
		ctx    context.Context
		change func(*evidence.New)
		kind   record.ErrorKind
	}{
		"no title":               {ctx, func(n *evidence.New) { n.Exhibit.Title = " " }, record.Invalid},
		"not how":                {ctx, func(n *evidence.New) { n.Exhibit.How = "" }, record.Invalid},
		"no file":                {ctx, func(n *evidence.New) { n.Files = nil }, record.Invalid},
		"one file twice":         {ctx, func(n *evidence.New) { n.Files = append(n.Files, n.Files[0]) }, record.Invalid},
		"kept without a reason":  {ctx, func(n *evidence.New) { n.Files[0].Choice = attach.Choice{Keep: true} }, record.Invalid},
		"other without words":    {ctx, func(n *evidence.New) { n.Files[0].Choice = attach.Choice{Keep: true, Reason: "other"} }, record.Invalid},
		"a hold without a basis": {ctx, func(n *evidence.New) { n.Exhibit.Hold = &evidence.Hold{} }, record.Invalid},
		"a hold that is over":    {ctx, func(n *evidence.New) { n.Exhibit.Hold = &evidence.Hold{Basis: "x", Until: noon} }, record.Invalid},
		"taken tomorrow":         {ctx, func(n *evidence.New) { n.Exhibit.Taken = noon.AddDate(0, 0, 1) }, record.Invalid},
		"an unknown parent":      {ctx, func(n *evidence.New) { n.Parents = []record.ID{{1}} }, record.NotFound},
		"a border officer":       {officer("border"), func(*evidence.New) {}, record.NotFound},
		"somebody else's file":   {officer("supervisor"), func(*evidence.New) {}, record.Invalid},
	} {
		n := s.new(ctx, parent)
		c.change(&n)
		if _, err := s.Create(c.ctx, n); record.KindOf(err) != c.kind || err != nil && strings.TrimSpace(record.MessageOf(err)) == "" {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
	}
	if n := len(s.vault.List("u-analyst")); n != 12 {
		t.Errorf("%d of 12 files still wait", n)
	}
	s.ok(s.store.View(officer("analyst"), func(tx record.Tx) error {
		n, err := tx.Count(record.Query{Kinds: []string{evidence.KindExhibit}}, 10)
		if n != 0 {
			t.Errorf("%d exhibits", n)
		}
		return err
	}))
}

// TestHoldKeepsIt proves that a held exhibit stays until its day or until a supervisor ends the hold.
func TestHoldKeepsIt(t *testing.T) {
	s := newScene(t)
	ctx, boss := officer("analyst"), officer("supervisor")
	parent := s.parent(record.Handling{Marking: "internal"})
	make := func(h *evidence.Hold) record.ID {
		n := s.new(ctx, parent)
		n.Exhibit.Hold = h
		rec, err := s.Create(ctx, n)
		s.ok(err)
		return rec.ID
	}
	dated, open := make(&evidence.Hold{Basis: "order 4", Until: noon.Add(time.Hour)}), make(&evidence.Hold{Basis: "order 5"})
	for _, id := range []record.ID{dated, open} {
		if err := s.Erase(boss, id, "court"); record.KindOf(err) != record.Conflict || !strings.Contains(record.MessageOf(err), "order") {
			t.Errorf("a held one: %v", err)
		}
	}
	if err := s.EndHold(ctx, open); record.KindOf(err) != record.Forbidden {
		t.Errorf("an analyst ends a hold: %v", err)
	}
	if err := s.Erase(boss, dated, "because"); record.KindOf(err) != record.Invalid {
		t.Errorf("an unknown reason: %v", err)
	}
	s.now = noon.Add(time.Hour)
	s.ok(s.Erase(boss, dated, "court"))
	s.ok(s.EndHold(boss, open))
	s.ok(s.Erase(boss, open, "court"))
	if left, err := filepath.Glob(filepath.Join(s.dir, "attachments", "*", "*")); len(left) > 0 || err != nil {
		t.Errorf("chunks are left: %v, %v", left, err)
	}
}
