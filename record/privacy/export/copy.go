package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// Sheet is what stands on a copy.
type Sheet struct {
	Entry
	Copy  int       // number of the copy
	At    time.Time // when it was made
	Cells [][]string
}

// ready checks that an export can be copied now, by this actor.
func (r *Room) ready(a record.Actor, e *Export) error {
	switch {
	case e.Asked.User != a.User:
		return record.Errorf(record.Forbidden, "only who asked for an export takes it out")
	case e.State == Requested:
		return record.Errorf(record.Conflict, "this export waits for a second person; a supervisor must agree first")
	case e.State == Refused:
		return record.Errorf(record.Conflict, "this export was refused")
	case !r.Now().Before(e.Until):
		return record.Errorf(record.Conflict, "the time in which copies could be made is over; ask again")
	case len(e.Gone) > 0:
		return record.Errorf(record.Conflict, "records of this export were erased or masked meanwhile; ask again")
	}
	return nil
}

// sheet reads what goes out now.
func (r *Room) sheet(ctx context.Context, id record.ID) (out Sheet, ids []record.ID, err error) {
	a, all, err := r.elevated(ctx)
	if err != nil {
		return out, nil, err
	}
	if !a.Purpose.Valid(r.Now()) {
		return out, nil, record.NeedPurpose()
	}
	err = r.Store.View(all, func(tx record.Tx) error {
		rec, e, err := r.load(tx, a, id)
		if err != nil {
			return err
		}
		if err := r.ready(a, e); err != nil {
			return err
		}
		out.Entry = Entry{id, rec.Owner.Agency, *e}
		rows, err := r.rows(tx, e.Number)
		ids = rows
		return err
	})
	if err != nil {
		return out, nil, err
	}
	recs, err := r.read(ctx, a, ids) // as the officer: what they may not read any more does not go out
	if err != nil {
		return out, nil, err
	}
	ids = ids[:0]
	for _, rec := range recs {
		out.Cells, ids = append(out.Cells, CellsOf(rec, out.Columns)), append(ids, rec.ID)
	}
	if len(recs) == 0 {
		return out, nil, record.Errorf(record.Conflict, "none of the records is there any more; nothing can be taken out")
	}
	if !out.Second && slices.ContainsFunc(ColumnsOf(recs), func(c Column) bool { // a revision of today may say more in a field
		return slices.Contains(strict, c.Class) && slices.ContainsFunc(out.Columns, func(w Column) bool { return w.Code == c.Code })
	}) {
		return out, nil, record.Errorf(record.Conflict, "the records have changed, and what is in them now needs a second person; ask again")
	}
	return out, ids, nil
}

func (r *Room) rows(tx record.Tx, number int) ([]record.ID, error) {
	rec, err := tx.ByKey(KindRows, keyOf(number))
	if err != nil {
		return nil, err
	}
	rows, ok := rec.Body.(*Rows)
	if !ok {
		return nil, record.Errorf(record.Internal, "the rows of export %d are of a newer program", number)
	}
	var out []record.ID
	for _, s := range rows.IDs {
		id, err := record.ParseID(s)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

// Take makes a copy: render writes it, and what it wrote is given back only after the copy stands in the register with its
// hash and the act in the log.
func (r *Room) Take(ctx context.Context, id record.ID, render func(Sheet) ([]byte, error)) (sheet Sheet, data []byte, err error) {
	defer record.Wrap(&err, "export.Take(%s)", id)
	sheet, ids, err := r.sheet(ctx, id)
	if err != nil {
		return sheet, nil, err
	}
	sheet.Copy, sheet.At = len(sheet.Copies)+1, r.Now().UTC().Truncate(time.Millisecond)
	if data, err = render(sheet); err != nil {
		return sheet, nil, err
	}
	entry, err := r.change(ctx, id, func(a record.Actor, _ *record.Record, e *Export) (record.Act, error) {
		if err := r.ready(a, e); err != nil {
			return record.Act{}, err
		}
		if len(e.Copies)+1 != sheet.Copy {
			return record.Act{}, record.Errorf(record.Conflict, "another copy was made at the same moment; try again")
		}
		e.Copies = append(e.Copies, Copy{Number: sheet.Copy, At: sheet.At, Rows: len(ids), Hash: hashOf(data)})
		return record.Act{Action: action(e.Form), Count: len(ids), IDs: record.HashIDs(ids)}, nil
	})
	if err != nil {
		return sheet, nil, err
	}
	sheet.Entry = entry
	return sheet, data, nil
}

// action is what the log calls a copy.
func action(form string) string {
	if form == Print {
		return "print"
	}
	return "export"
}

// Again renders a copy that was made, for the browser to print. It is the same to the byte, or a Conflict: what changed since
// needs a copy of its own. Showing it is an act again.
func (r *Room) Again(ctx context.Context, id record.ID, number int, render func(Sheet) ([]byte, error)) (data []byte, err error) {
	defer record.Wrap(&err, "export.Again(%s)", id)
	sheet, ids, err := r.sheet(ctx, id)
	if err != nil {
		return nil, err
	}
	if number < 1 || number > len(sheet.Copies) {
		return nil, record.Errorf(record.NotFound, "there is no copy %d of this export", number)
	}
	c := sheet.Copies[number-1]
	sheet.Copy, sheet.At, sheet.Copies = c.Number, c.At, nil
	if data, err = render(sheet); err != nil {
		return nil, err
	}
	if hashOf(data) != c.Hash || c.Destroyed != nil {
		return nil, record.Errorf(record.Conflict, "the records have changed since this copy was made; make another one")
	}
	_, all, err := r.elevated(ctx)
	if err != nil {
		return nil, err
	}
	return data, r.Store.Update(all, func(tx record.Tx) error {
		return tx.Audit(record.Act{Action: action(sheet.Form), Topic: access.Exports, Subject: id, Count: len(ids), IDs: record.HashIDs(ids)})
	})
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
