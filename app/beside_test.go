package app_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/collection/passenger"
	"sarhad/record"
	"sarhad/record/proposal"
	"sarhad/record/transfer"
)

// What is said beside a journey, each word in one place only: a proposal and its reason, a proposal of another node and the
// answer to it, a revision of another node that was kept aside, and the file's name it came in.
var besideWords = []string{"PROPOSEDBAY", "REASONBAY", "FOREIGNBAY", "ANSWERBAY", "ASIDEBAY", "FILEBAY"}

// beside lays it beside a journey.
func (l *legal) beside(journey record.ID) {
	l.Helper()
	machine := record.WithActor(l.Context(), record.Machine("test", ""))
	var rec *record.Record
	must(l.T, l.app.Store.View(machine, func(tx record.Tx) (err error) { rec, err = tx.Get(journey); return err }))
	desk := proposal.Desk{Store: l.app.Store, Node: l.app.Config.Name, Now: l.clock.Now}
	as := func(role string) record.Actor {
		return record.Actor{User: "01900000-0000-7000-8000-0000000000ab", Display: "Other", Agency: app.Agency("KAZ"), Roles: []string{role}, Purpose: record.Purpose{Kind: "duty", Text: "test"}}
	}
	_, err := desk.Make(record.WithActor(l.Context(), as("analyst")), journey, rec.Hash(), []proposal.Wish{{Path: "given", To: "PROPOSEDBAY"}}, "REASONBAY says so")
	must(l.T, err)
	theirs := &record.Record{ID: record.ID{7, 1}, Kind: proposal.KindProposal, Version: 1, Writer: "xx-node", Owner: rec.Owner, Handling: rec.Handling,
		Created: l.clock.Now().UTC().Truncate(time.Millisecond), Revision: record.Revision{Number: 1}, Origin: record.Origin{Parents: []record.ID{journey}}}
	theirs.Raw, err = json.Marshal(&proposal.Proposal{Target: journey, Of: rec.Kind, Revision: 1, Hash: rec.Hash(), Reason: "so", By: "x", State: proposal.Waiting,
		Changes: []proposal.Change{{Path: "given", Class: record.Identity, From: "ZHANDOSBEK", To: "FOREIGNBAY"}}})
	must(l.T, err)
	next := *rec
	next.Revision, next.Writer, next.Body = record.Revision{Number: rec.Revision.Number + 1, Former: rec.Hash()}, "xx-node", nil
	next.Raw = bytes.ReplaceAll(rec.Raw, []byte("ZHANDOSBEK"), []byte("ASIDEBAY"))
	var file []byte
	for _, r := range []*record.Record{theirs, &next} {
		file, err = r.AppendWire(file)
		must(l.T, err)
	}
	res, err := transfer.Import(machine, l.app.Store, transfer.Source{File: "FILEBAY.jsonl", Node: l.app.Config.Name}, bytes.NewReader(file))
	must(l.T, err)
	if res.New != 1 || res.Aside != 1 || res.Refused != 0 {
		l.Fatalf("the other node's words: %+v", res)
	}
	_, err = desk.Refuse(record.WithActor(l.Context(), as("supervisor")), theirs.ID, "ANSWERBAY knows better")
	must(l.T, err)
	for _, word := range besideWords {
		if len(inFiles(l.T, l.dir, word)) == 0 {
			l.Errorf("%s is in no file: the test proves nothing", word)
		}
	}
}

// journey is the listed traveller's.
func (l *legal) journey() (id record.ID) {
	l.Helper()
	must(l.T, l.app.Store.View(record.WithActor(l.Context(), record.Machine("test", "")), func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{passenger.KindJourney}, Text: "ZHANDOSBEK", Limit: 2})
		if err == nil && len(page.Rows) != 1 {
			l.Fatalf("%d journeys", len(page.Rows))
		}
		if err == nil {
			id = page.Rows[0].ID
		}
		return err
	}))
	return id
}

func (l *legal) erase(id record.ID) {
	l.Helper()
	boss := record.Actor{User: "u-boss", Display: "Boss", Agency: app.Agency("KAZ"), Roles: []string{"supervisor"}, Purpose: record.Purpose{Kind: "duty", Text: "test"}}
	_, err := l.app.Privacy.Erase(record.WithActor(l.Context(), boss), id, "request 3", nil)
	must(l.T, err)
}

// TestWhatLiesBesideIsForgotten proves that a mask and an erasure take along what others said about a person beside the
// record: proposals, answers, revisions kept aside; no file of the data directory says a word of it any more.
func TestWhatLiesBesideIsForgotten(t *testing.T) {
	l := newLegal(t)
	b := signIn(t, l.app, "analyst")
	b.upload("/lists/import", map[string][]byte{"own.csv": []byte(stopList)}, 200)
	l.flight(b, "207")
	hit := openHits(t, b)[0]
	b.do("POST", "/hits/"+hit+"/claim", map[string]any{}, nil, 200)
	b.confirm(hit, "second-line", "look", nil)
	journey := l.journey()
	l.beside(journey)

	l.jump(185)
	machine := record.WithActor(t.Context(), record.Machine("test", ""))
	must(t, l.app.Store.View(machine, func(tx record.Tx) error {
		for kind, want := range map[string]int{passenger.KindJourney: 1, proposal.KindProposal: 2, proposal.KindAnswer: 1, transfer.KindAside: 1} {
			q := record.Query{Kinds: []string{kind}, Limit: 10}
			if kind != passenger.KindJourney {
				q.Parent = journey
			}
			rows, err := tx.List(q)
			if err != nil {
				return err
			}
			if len(rows.Rows) != want {
				t.Errorf("%d of kind %s, want %d", len(rows.Rows), kind, want)
			}
			for _, r := range rows.Rows {
				if !r.Masked {
					t.Errorf("%s %s is not masked", kind, r.ID)
				}
			}
		}
		return nil
	}))
	if left := inFiles(t, l.dir, append(besideWords, "ZZ7700551")...); len(left) > 0 {
		t.Errorf("masked, and still in the files: %v", left)
	}
	l.erase(journey)
	if left := inFiles(t, l.dir, append(besideWords, "ZZ7700551")...); len(left) > 0 {
		t.Errorf("erased, and still in the files: %v", left)
	}
}

// TestWhatLiesBesideIsErased proves the same of an erasure that comes before any mask.
func TestWhatLiesBesideIsErased(t *testing.T) {
	l := newLegal(t)
	b := signIn(t, l.app, "analyst")
	l.flight(b, "208")
	journey := l.journey()
	l.beside(journey)
	l.erase(journey)
	if left := inFiles(t, l.dir, append(besideWords, "ZZ7700551", "ZHANDOSBEK")...); len(left) > 0 {
		t.Errorf("erased, and still in the files: %v", left)
	}
}
