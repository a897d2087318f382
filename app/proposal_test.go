package app_test

import (
	"strings"
	"testing"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/proposal"
)

// propose makes a proposal as somebody who never walks, and gives its id.
func (w *world) propose(target, path, to string) string {
	w.t.Helper()
	id, err := record.ParseID(target)
	if err != nil {
		w.t.Fatal(err)
	}
	other := record.Actor{User: "01900000-0000-7000-8000-0000000000ab", Display: "Other", Agency: "KAZ-PIU", Roles: []string{"analyst"}, Purpose: record.Purpose{Kind: "duty", Text: "test"}}
	ctx := record.WithActor(w.t.Context(), other)
	var hash string
	w.see(func(tx record.Tx) error {
		r, err := tx.Get(id)
		if err == nil {
			hash = r.Hash()
		}
		return err
	})
	desk := proposal.Desk{Store: w.app.Store, Node: w.app.Config.Name, Now: w.app.Hits.Now}
	rec, err := desk.Make(ctx, id, hash, []proposal.Wish{{Path: path, To: to}}, "it is wrong")
	if err != nil {
		w.t.Fatal(err)
	}
	return rec.ID.String()
}

// corrections are the doors of proposals: about a listed entry, a traveller and a decided hit.
func (w *world) corrections() (ds []door) {
	var dismissed string
	w.see(func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{"screening.hit"}, States: []string{"dismissed"}, Limit: 50})
		for _, row := range page.Rows {
			if !row.Masked {
				dismissed = row.ID.String()
			}
		}
		return err
	})
	for topic, of := range map[string]struct{ id, path, to string }{
		access.Watchlist: {w.entry, "remarks", "seen before"},
		access.Passenger: {w.first("passenger.journey"), "seat", "1A"},
		access.Hit:       {dismissed, "decision.note", "compared with the photograph"},
	} {
		listed, open := w.propose(of.id, of.path, of.to), w.propose(of.id, of.path, of.to)
		ds = append(ds,
			door{method: "GET", path: "/proposals", action: access.Read, topic: topic, at: "/proposals?limit=200", shows: listed, everybody: true},
			door{method: "POST", path: "/records/{id}/proposals", action: access.Read, topic: topic, everybody: true, at: "/records/" + of.id + "/proposals",
				body: `{"hash":"stale","reason":"test","changes":[{"field":"` + of.path + `","to":"x"}]}`},
			door{method: "POST", path: "/proposals/{id}/refuse", action: access.Correct, topic: topic, at: "/proposals/" + open + "/refuse", body: `{"reason":"test"}`, decides: true},
			door{method: "POST", path: "/proposals/{id}/accept", action: access.Correct, topic: topic, at: "/proposals/" + open + "/accept", body: `{"reason":"test"}`, decides: true},
			door{method: "POST", path: "/proposals/{id}/withdraw", action: access.Read, topic: topic, at: "/proposals/" + open + "/withdraw", decides: true, others: true})
	}
	return ds
}

type proposalsPage struct {
	Items []struct {
		ID, State, Reason      string
		MayDecide, MayWithdraw bool
		Changes                []struct {
			Field, Class, From, To string
			Conflict               bool
		}
		Decision *struct {
			Verdict, Reason string
			By              struct{ Display string }
		}
	}
	Fields []struct {
		Code, Value string
		New         bool
	}
	Hash, Writer string
	Here         bool
}

// TestACorrectionIsProposedAndDecided proves the way of a correction through the API: an analyst proposes, sees that they do not
// decide, a supervisor accepts with a reason, the record has a new revision that cites the proposal; a conflict is shown; a
// refusal says why; and every act stands in the log.
func TestACorrectionIsProposedAndDecided(t *testing.T) {
	w := newWorld(t)
	analyst, boss, booth := signIn(t, w.app, "analyst"), signIn(t, w.app, "supervisor"), signIn(t, w.app, "border")
	at := "/records/" + w.entry + "/proposals"
	booth.do("GET", at, nil, nil, 404)
	var page proposalsPage
	analyst.get(at, &page)
	values := map[string]string{}
	for _, f := range page.Fields {
		values[f.Code] = f.Value
	}
	if _, ok := values["names.1.full"]; !ok || values["names.0.full"] == "" || !page.Here {
		t.Fatalf("what may be proposed: %+v", page)
	}
	for _, never := range []string{"list", "id", "state", "fingerprint", "reason", "severity", "contact", "names.0.restored"} {
		if _, ok := values[never]; ok {
			t.Errorf("%s may be proposed", never)
		}
	}
	ask := func(b *browser, hash, reason string, changes map[string]string, want int) {
		t.Helper()
		var list []map[string]string
		for f, to := range changes {
			list = append(list, map[string]string{"field": f, "to": to})
		}
		b.do("POST", at, map[string]any{"hash": hash, "reason": reason, "changes": list}, &page, want)
	}
	old := values["names.0.full"]
	good := map[string]string{"names.1.full": "ERGASHEV BOTIR JR", "names.1.quality": "alias", "born.0": "1980-01-02"}
	ask(analyst, page.Hash, "", good, 422)
	ask(analyst, "stale", "passport seen", good, 409)
	ask(analyst, page.Hash, "passport seen", map[string]string{"state": "removed"}, 422)
	ask(analyst, page.Hash, "passport seen", map[string]string{"names.0.full": old}, 422)
	ask(analyst, page.Hash, "passport seen", map[string]string{"names.0.full": ""}, 422) // an entry without a name
	ask(booth, page.Hash, "passport seen", good, 404)
	ask(analyst, page.Hash, "passport seen", good, 200)
	if len(page.Items) != 1 || page.Items[0].State != "open" || page.Items[0].MayDecide || !page.Items[0].MayWithdraw || len(page.Items[0].Changes) != 3 {
		t.Fatalf("proposed: %+v", page.Items)
	}
	first := page.Items[0].ID
	ask(boss, page.Hash, "another date", map[string]string{"born.0": "1981-05-05"}, 200)
	second := page.Items[0].ID

	analyst.do("POST", "/proposals/"+first+"/accept", map[string]string{"reason": "me"}, nil, 403)
	analyst.do("POST", "/proposals/"+second+"/refuse", map[string]string{"reason": "not mine to decide"}, nil, 403)
	boss.do("POST", "/proposals/"+second+"/accept", map[string]string{"reason": "my own"}, nil, 403)
	boss.do("POST", "/proposals/"+first+"/accept", map[string]string{"reason": " "}, nil, 422)
	var today struct {
		Cards []struct {
			Code  string
			Count int
		}
	}
	boss.get("/today", &today)
	counted := -1
	for _, c := range today.Cards {
		if c.Code == "proposals-open" {
			counted = c.Count
		}
	}
	if counted != 1 {
		t.Errorf("%d proposals wait for the supervisor, want 1: nobody decides their own", counted)
	}
	boss.do("POST", "/proposals/"+first+"/accept", map[string]string{"reason": "passport copy in the file"}, &page, 200)
	var rec struct {
		Revision int
		Fields   []struct{ Code, Value string }
	}
	boss.get("/records/"+w.entry, &rec)
	now := map[string]string{}
	for _, f := range rec.Fields {
		now[f.Code] = f.Value
	}
	if rec.Revision != 2 || now["names.1.full"] != "ERGASHEV BOTIR JR" || now["born.0"] != "1980-01-02" || now["names.0.full"] != old {
		t.Errorf("after accepting: %+v", rec)
	}
	id, err := record.ParseID(w.entry)
	if err != nil {
		t.Fatal(err)
	}
	w.see(func(tx record.Tx) error {
		r, err := tx.Get(id)
		if r.Revision.Proposal.String() != first {
			t.Errorf("the revision cites %q", r.Revision.Proposal)
		}
		p, err := tx.Get(r.Revision.Proposal)
		if p.Scope() != r.Scope() {
			t.Errorf("the proposal is handled as %+v, its record as %+v", p.Scope(), r.Scope())
		}
		return err
	})
	analyst.get(at, &page)
	for _, p := range page.Items {
		switch {
		case p.ID == first && (p.State != "accepted" || p.Decision == nil || p.Decision.Reason != "passport copy in the file" || p.Decision.By.Display != "The supervisor"):
			t.Errorf("the accepted one: %+v", p)
		case p.ID == second && (p.State != "open" || !p.Changes[0].Conflict):
			t.Errorf("the other one does not show its conflict: %+v", p)
		}
	}
	machine := record.Actor{User: "01900000-0000-7000-8000-0000000000ac", Display: "Second boss", Agency: "KAZ-PIU", Roles: []string{"supervisor"}, Purpose: record.Purpose{Kind: "duty", Text: "test"}}
	desk := proposal.Desk{Store: w.app.Store, Node: w.app.Config.Name, Now: w.app.Hits.Now}
	secondID, err := record.ParseID(second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := desk.Accept(record.WithActor(t.Context(), machine), secondID, "yes"); record.KindOf(err) != record.Conflict || !strings.Contains(record.MessageOf(err), "born.0") {
		t.Errorf("a proposal about a field that changed: %v", err)
	}
	if _, err := desk.Refuse(record.WithActor(t.Context(), machine), secondID, "the passport says otherwise"); err != nil {
		t.Error(err)
	}
	boss.do("POST", "/proposals/"+second+"/withdraw", map[string]any{}, nil, 409)
	boss.do("POST", "/proposals/"+first+"/refuse", map[string]string{"reason": "again"}, nil, 409)
	analyst.get(at, &page)
	ask(analyst, page.Hash, "take it back", map[string]string{"remarks": "x"}, 200)
	analyst.do("POST", "/proposals/"+page.Items[0].ID+"/withdraw", map[string]any{}, &page, 200)
	if page.Items[0].State != "withdrawn" {
		t.Errorf("withdrawn: %+v", page.Items[0])
	}
	if got := acts(t, w.app, "analyst", "propose", "withdraw"); len(got) != 3 {
		t.Errorf("%d acts of the analyst, want 3", len(got))
	}
	if got := acts(t, w.app, "supervisor", "propose", "decide"); len(got) != 2 || got[0].Verdict != "accepted" || got[0].Subject.String() != first {
		t.Errorf("acts of the supervisor: %+v", got)
	}
}
