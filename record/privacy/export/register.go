package export

import (
	"context"
	"slices"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// Register gives a page of exports, newest first: all of the agencies that the actor may read, or with own set those the
// actor asked for. states narrows it; none is every state.
func (r *Room) Register(ctx context.Context, own bool, states []string, cursor string, limit int) (out []Entry, next string, err error) {
	defer record.Wrap(&err, "export.Register")
	a, all, err := r.elevated(ctx)
	if err != nil {
		return nil, "", err
	}
	q := record.Query{Kinds: []string{Kind}, States: states, Full: true, Cursor: cursor, Limit: limit}
	if own {
		q.Thing, q.Role, ctx = record.Thing{Type: thingOfficer, Key: a.User}, roleAsked, all
	} else if err := access.Check(a, access.Read, access.Exports); err != nil {
		return nil, "", err
	}
	err = r.Store.View(ctx, func(tx record.Tx) error {
		page, err := tx.List(q)
		out, next = nil, page.Next
		for _, row := range page.Rows {
			if e, ok := row.Record.Body.(*Export); ok {
				out = append(out, Entry{row.ID, row.Scope.Agency, *e})
			}
		}
		return err
	})
	return out, next, err
}

// CursorErasures is where Follow stands in the journal of erasures.
const CursorErasures = "export.erasures"

// followLines is how many lines of the journal one act takes.
const followLines = 100

// Follow marks the exports that hold what was erased or masked, up to the end of the journal. It may be broken off at any
// moment and goes on where it was; a mark is set once.
func (r *Room) Follow(ctx context.Context) (err error) {
	defer record.Wrap(&err, "export.Follow")
	ctx = record.WithActor(ctx, record.Machine("exports", ""))
	after := int64(0)
	err = r.Store.View(ctx, func(tx record.Tx) error {
		at, err := tx.Cursor(CursorErasures)
		after = int64(at)
		return err
	})
	for err == nil {
		done := false
		err = r.Store.Bulk(ctx, func(tx record.Tx) error {
			lines, err := tx.Erasures(after, followLines)
			if err != nil || len(lines) == 0 {
				done = true
				return err
			}
			for _, l := range lines {
				if err := r.mark(tx, l); err != nil {
					return err
				}
			}
			after = lines[len(lines)-1].Number
			head, err := tx.Head()
			if err != nil {
				return err
			}
			return tx.SetCursor(CursorErasures, min(record.Seq(after), head)) // a cursor stands within the sequence; a mark twice is one
		})
		if done {
			break
		}
	}
	return err
}

// mark marks every export that holds a record.
func (r *Room) mark(tx record.Tx, l record.Erasure) error {
	q := record.Query{Kinds: []string{KindRows}, Thing: record.Thing{Type: thingRecord, Key: l.ID.String()}, Full: true, Limit: record.MaxLimit}
	for {
		page, err := tx.List(q)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			rows, ok := row.Record.Body.(*Rows)
			if !ok {
				continue
			}
			id, err := record.ParseID(rows.Export)
			if err != nil {
				return err
			}
			if err := r.markOne(tx, id, l); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.Cursor = page.Next
	}
}

func (r *Room) markOne(tx record.Tx, id record.ID, l record.Erasure) error {
	rec, err := tx.Get(id)
	if record.KindOf(err) == record.NotFound {
		return nil // the export itself was erased
	}
	if err != nil {
		return err
	}
	e, ok := rec.Body.(*Export)
	gone := Gone{l.ID.String(), l.What, l.At}
	if !ok || slices.ContainsFunc(e.Gone, func(g Gone) bool { return g.ID == gone.ID && g.What == gone.What }) {
		return nil
	}
	e.Gone, rec.Raw = append(e.Gone, gone), nil
	if err := tx.Put(rec); err != nil {
		return err
	}
	return tx.Audit(record.Act{Action: "export-recall", Topic: access.Exports, Subject: id, Count: e.Out()})
}

// Run follows the journal until the context ends, a little after each change.
func (r *Room) Run(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		if err := r.Follow(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// followEvery is how soon a copy is recalled.
const followEvery = 10 * time.Second
