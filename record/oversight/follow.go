package oversight

import (
	"context"
	"slices"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
)

// Cursors of the follower in the log: acts that were read one by one, and acts of days that were seen as a whole.
const (
	CursorActs = record.LogCursor + "oversight.acts"
	CursorDays = record.LogCursor + "oversight.days"
)

const (
	followBatch = 200 // acts read at once; what is asked about them is one act of the store
	// pause is how long Run waits when it has caught up. A question an hour later would do; a demonstration should not wait.
	pause = time.Second
)

// Run follows the log until ctx ends. Errors are logged and tried again.
func (r *Room) Run(ctx context.Context) {
	ctx = record.WithActor(ctx, record.Machine("oversight", ""))
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if err := r.CatchUp(ctx); err != nil && ctx.Err() == nil {
			r.Log.Error("oversight: the log could not be followed, will be tried again", "err", err)
		}
		timer.Reset(pause)
	}
}

// CatchUp reads everything that is in the log now, and the days that are over.
func (r *Room) CatchUp(ctx context.Context) error {
	ctx = record.WithActor(ctx, record.Machine("oversight", ""))
	for {
		n, err := r.Step(ctx)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	return r.days(ctx)
}

// raised is a question that is about to be asked, or acts that are added to one.
type raised struct {
	sign, key string // key: sign, officer and what makes it one question
	row       audit.Row
	acts      []int64
	facts     []Fact
	subject   record.ID
}

// Step reads the next acts and asks what is to be asked; it gives how many acts it read. Questions and cursor commit together.
func (r *Room) Step(ctx context.Context) (n int, err error) {
	defer record.Wrap(&err, "oversight.Step")
	var at record.Seq
	var planted targets
	err = r.Store.View(ctx, func(tx record.Tx) (err error) {
		if at, err = tx.Cursor(CursorActs); err != nil {
			return err
		}
		ids, err := Canaries(tx)
		planted = targetsOf(ids)
		return err
	})
	if err != nil {
		return 0, err
	}
	tree, err := r.Audit.AuditTree(ctx)
	if err != nil {
		return 0, err
	}
	rows, err := r.Audit.AuditRows(ctx, int64(at), followBatch)
	if err != nil {
		return 0, err
	}
	rows = slices.DeleteFunc(rows, func(a audit.Row) bool { return a.Number > tree.Size }) // the lot is drawn by the leaf
	if len(rows) == 0 {
		return 0, nil
	}
	var due []raised
	for _, row := range rows {
		found, err := r.signs(ctx, row, planted)
		if err != nil {
			return 0, err
		}
		due = append(due, found...)
	}
	return len(rows), r.ask(ctx, due, CursorActs, at, record.Seq(rows[len(rows)-1].Number))
}

// ask stores questions and moves a cursor, in one act.
func (r *Room) ask(ctx context.Context, due []raised, cursor string, from, to record.Seq) error {
	return r.Store.Bulk(ctx, func(tx record.Tx) error {
		at, err := tx.Cursor(cursor)
		if err != nil {
			return err
		}
		if at != from {
			return record.Errorf(record.Conflict, "two programs follow the same log: stop one of them")
		}
		for _, d := range due {
			if err := r.put(tx, d); err != nil {
				return err
			}
		}
		return tx.SetCursor(cursor, to)
	})
}

// put asks a question, or adds the acts to one that waits for its answer.
func (r *Room) put(tx record.Tx, d raised) error {
	rec, err := tx.ByKey(KindQuestion, d.key)
	now := r.Now().UTC()
	switch {
	case record.KindOf(err) == record.NotFound:
		q := &Question{Sign: d.sign, Acts: d.acts, User: d.row.User, Agency: d.row.Agency, Role: d.row.Role, Place: d.row.Place, Subject: d.subject,
			Facts: d.facts, First: d.row.At, Last: d.row.At, Upto: d.acts[len(d.acts)-1], At: now, Due: now.AddDate(0, 0, AnswerDays), State: Asked}
		rec = r.envelope(KindQuestion, q, d.row.Agency)
		rec.Key = d.key
	case err != nil:
		return err
	default:
		q, ok := rec.Body.(*Question)
		if !ok || q.State != Asked || !q.add(d) {
			return nil
		}
		rec.Raw = nil
	}
	if err := tx.Put(rec); err != nil {
		return err
	}
	return tx.Audit(record.Act{Action: "ask", Topic: access.Oversight, Subject: rec.ID, Count: len(d.acts)})
}

// add takes further acts in; false when they are known.
func (q *Question) add(d raised) bool {
	fresh := false
	for _, n := range d.acts {
		if n <= q.Upto { // acts come in the order of the log
			continue
		}
		fresh, q.Upto = true, n
		if len(q.Acts) < maxActs {
			q.Acts = append(q.Acts, n)
		} else {
			q.More++
		}
	}
	if fresh {
		q.Last = d.row.At
		if d.sign == Quick || d.sign == Many {
			q.Facts = d.facts
		}
	}
	return fresh
}

// key makes the natural key of a question.
func key(sign string, parts ...string) string { return sign + "/" + strings.Join(parts, "/") }
