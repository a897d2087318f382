package app_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/record"
	"sarhad/record/audit"
	"sarhad/record/transfer"
	"sarhad/screening/hit"
	"sarhad/screening/watchlist"
	"sarhad/synth"
	"sarhad/web/api"
)

// quietNode is a node that does not serve: its parts run when the test says so.
func quietNode(t *testing.T, name string) (*app.App, context.Context) {
	t.Helper()
	dir := t.TempDir()
	if _, err := app.Init(t.Context(), dir, app.Setup{Role: "node", Country: "KZ", Name: name}); err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
	})
	return a, record.WithActor(t.Context(), record.Machine("test", "KAZ-PIU"))
}

// collect takes the national list and all flights in, and screens.
func collect(t *testing.T, a *app.App, ctx context.Context, r *synth.Region) {
	t.Helper()
	all, err := watchlist.Parse(watchlist.File{Name: "national.csv", Data: bytes.NewReader(r.ListFiles()["national.csv"])})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watchlist.Import(ctx, a.Store, watchlist.Source{Publication: all[0], Node: a.Config.Name, Agency: "KAZ-PIU", Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Messages() {
		if res, err := api.TakeIn(ctx, a.Passengers, m.Name, m.Body); err != nil || res.Error != "" {
			t.Fatal(res.Error, err)
		}
	}
	if err := a.Hits.Step(ctx); err != nil {
		t.Fatal(err)
	}
}

// hashes gives the hash of every present record of a writer.
func hashes(t *testing.T, a *app.App, ctx context.Context, writer string) map[record.ID]string {
	t.Helper()
	out := map[record.ID]string{}
	q := record.Query{Full: true, Limit: record.MaxLimit}
	for {
		var next string
		if err := a.Store.View(ctx, func(tx record.Tx) error {
			page, err := tx.List(q)
			for _, row := range page.Rows {
				if row.Record.Writer == writer {
					out[row.ID] = row.Record.Hash()
				}
			}
			next = page.Next
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if next == "" {
			return out
		}
		q.Cursor = next
	}
}

// TestHandOver proves that a record given away by a signed act is no longer revised here, and that the act is in the log.
func TestHandOver(t *testing.T) {
	a, ctx := quietNode(t, "kz-one")
	r, err := synth.New(synth.Config{Now: time.Now(), Seed: 3, FlightsPerDay: 1, HistoryDays: -1, Known: 1, LookAlikes: 1, National: 3, UN: 1, OFAC: 1})
	if err != nil {
		t.Fatal(err)
	}
	collect(t, a, ctx, r)
	var list *record.Record
	if err := a.Store.View(ctx, func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{watchlist.ListKind}, Full: true})
		list = page.Rows[0].Record
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.HandOver(ctx, list.ID, "kz-one", "to ourselves"); record.KindOf(err) != record.Invalid {
		t.Errorf("to ourselves: %v", err)
	}
	given, err := a.HandOver(ctx, list.ID, "kz-two", "they publish it now")
	if err != nil {
		t.Fatal(err)
	}
	if given.Scope() != list.Scope() {
		t.Errorf("the hand-over is handled as %+v, its record as %+v", given.Scope(), list.Scope())
	}
	err = watchlist.SetEffect(ctx, a.Store, list.Key, "information")
	if record.KindOf(err) != record.Forbidden || record.MessageOf(err) != "this record is revised by kz-two: send a proposal" {
		t.Errorf("revised after it was given away: %v", err)
	}
	if _, err := a.HandOver(ctx, list.ID, "kz-three", "again"); record.KindOf(err) != record.Conflict {
		t.Errorf("given away twice: %v", err)
	}
	rows, err := a.Store.AskAudit(t.Context(), audit.Question{Actions: []string{"hand-over"}, Limit: 10})
	if err != nil || len(rows) != 1 || rows[0].Subject != list.ID {
		t.Errorf("acts: %+v, %v", rows, err)
	}
}

// count counts the present records of a kind and a writer.
func count(t *testing.T, a *app.App, ctx context.Context, kind, writer string) (n int) {
	t.Helper()
	if err := a.Store.View(ctx, func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{kind}, Full: true, Limit: record.MaxLimit})
		for _, row := range page.Rows {
			if row.Record.Writer == writer {
				n++
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// twin stores a copy of a traveller of ours as another node would tell it, on our own flight.
func twin(t *testing.T, a *app.App, ctx context.Context, own, other string) *record.Record {
	t.Helper()
	var copied record.Record
	err := a.Store.Bulk(ctx, func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{"passenger.journey"}, Full: true, Limit: record.MaxLimit})
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			if row.Record.Writer == own {
				copied = *row.Record
			}
		}
		copied.ID, copied.Writer, copied.Key, copied.Revision = record.ID{0x77}, other, "", record.Revision{Number: 1}
		if _, err := tx.Receive(&copied, false); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "import"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return &copied
}

// TestRoomsKeepToTheirOwn proves that no room of a node revises what another node writes, also when both took in the same list
// and the same flights, so that all natural keys are the same: the node works on, the other's records stay as they came.
func TestRoomsKeepToTheirOwn(t *testing.T) {
	r, err := synth.New(synth.Config{Now: time.Now(), Seed: 3, FlightsPerDay: 2, HistoryDays: -1, Known: 3, LookAlikes: 6, National: 20, UN: 1, OFAC: 1})
	if err != nil {
		t.Fatal(err)
	}
	theirs, ctx := quietNode(t, "kz-one")
	collect(t, theirs, ctx, r)
	analyst := record.WithActor(t.Context(), record.Actor{User: "u1", Display: "The analyst", Agency: "KAZ-PIU", Roles: []string{"analyst"},
		Purpose: record.Purpose{Kind: "duty", Text: "test"}})
	var waiting bool
	for id := range hashes(t, theirs, ctx, "kz-one") { // one instruction is on its way when the records leave
		rec, err := theirs.Hits.Claim(analyst, id)
		if err != nil {
			continue // no hit
		}
		if h := rec.Body.(*hit.Hit); !theirs.Hits.Reaches(h.Passage.To) {
			continue
		}
		if _, err := theirs.Hits.Confirm(analyst, id, "document", "told the desk", hit.Order{Action: "second-line", Text: "look"}); err != nil {
			t.Fatal(err)
		}
		waiting = true
		break
	}
	if !waiting {
		t.Fatal("no hit of this region reaches a booth; choose another seed")
	}
	var file bytes.Buffer
	if _, err := transfer.Export(ctx, theirs.Store, transfer.Selection{Node: "kz-one", Purpose: "test", Whole: true, WithRevisions: true}, &file); err != nil {
		t.Fatal(err)
	}

	ours, ctx := quietNode(t, "kz-two")
	res, err := transfer.Import(ctx, ours.Store, transfer.Source{Node: "kz-two"}, bytes.NewReader(file.Bytes()))
	if err != nil || res.New == 0 || res.Refused == 0 || res.New+res.Revised+res.Refused != res.Lines { // how the other is run is refused
		t.Fatalf("%+v, %v", res, err)
	}
	if res.Refused > 20 {
		t.Fatalf("%+v, %v", res, err)
	}
	came := hashes(t, ours, ctx, "kz-one")
	collect(t, ours, ctx, r)
	mine := hashes(t, ours, ctx, "kz-two")
	foreign := twin(t, ours, ctx, "kz-two", "kz-one")
	came[foreign.ID] = foreign.Hash()
	collect(t, ours, ctx, r) // the same files once more, beside a foreign traveller on our own flight
	if again := hashes(t, ours, ctx, "kz-two"); len(again) != len(mine) {
		t.Errorf("%d own records after the same files again, were %d", len(again), len(mine))
	}
	later := time.Now().Add(time.Hour) // long after an own instruction would have left
	ours.Hits.Now = func() time.Time { return later }
	if err := ours.Hits.Step(ctx); err != nil {
		t.Errorf("screening stops at what another node writes: %v", err)
	}
	for _, kind := range []string{"passenger.voyage", "passenger.journey", "watchlist.list", "watchlist.entry"} {
		if got, want := count(t, ours, ctx, kind, "kz-two"), count(t, theirs, ctx, kind, "kz-one"); got != want || got == 0 {
			t.Errorf("%d own %s of the same files, want %d", got, kind, want)
		}
	}
	for id, hash := range hashes(t, ours, ctx, "kz-one") {
		if came[id] != hash {
			t.Errorf("record %s of kz-one was changed here", id)
		}
		delete(came, id)
	}
	if len(came) > 0 {
		t.Errorf("%d records of kz-one are gone", len(came))
	}
	for id := range hashes(t, ours, ctx, "kz-one") {
		if _, err := ours.Hits.Claim(analyst, id); err == nil {
			t.Errorf("an officer here claimed %s: %v", id, err)
		}
	}
}
