package sqlite

import (
	"database/sql"
	"errors"
	"time"

	"sarhad/record"
)

// Erase implements record.Writer. Children go with their parent whatever their scope unless they are spared, former
// revisions too; the ids that come back are theirs, without the record's own. Once the act is committed and nobody reads an older state any more, the
// bytes are in no file of the data directory.
func (t *tx) Erase(id record.ID, spare ...record.ID) (children []record.ID, err error) {
	defer record.Wrap(&err, "Erase(%s)", id)
	if err := t.mayWrite(); err != nil {
		return nil, err
	}
	if _, err := t.Get(id); err != nil {
		return nil, err
	}
	all := []record.ID{id}
	seen := map[record.ID]bool{}
	for _, s := range spare {
		seen[s] = true
	}
	if seen[id] {
		return nil, record.Errorf(record.Internal, "record %s cannot be erased and spared", id)
	}
	seen[id] = true
	for i := 0; i < len(all); i++ {
		err := t.ses.each(t.ctx, `SELECT DISTINCT r.id FROM parent p JOIN record r ON r.vid = p.k >> 12 WHERE p.parent = $1`, []any{all[i][:]},
			func(rows *sql.Rows) error {
				var b []byte
				var child record.ID
				err := rows.Scan(&b)
				copy(child[:], b)
				if err == nil && !seen[child] {
					seen[child] = true
					all = append(all, child)
				}
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	t.changed, t.erased = true, true
	for _, id := range all {
		if err := t.eraseOne(id); err != nil {
			return nil, t.broke(err)
		}
	}
	return all[1:], nil
}

func (t *tx) eraseOne(id record.ID) error {
	var vids []int64
	err := t.ses.each(t.ctx, `SELECT vid FROM record WHERE id = $1`, []any{id[:]}, func(rows *sql.Rows) error {
		var vid int64
		err := rows.Scan(&vid)
		vids = append(vids, vid)
		return err
	})
	if err != nil {
		return err
	}
	for _, vid := range vids {
		if err := t.dropIndex(vid, nil); err != nil {
			return err
		}
		from, to := rowsOf(vid)
		if _, err := t.ses.exec(t.ctx, `DELETE FROM parent WHERE k >= $1 AND k < $2`, from, to); err != nil {
			return err
		}
		if err := t.detach(vid); err != nil {
			return err
		}
		for _, table := range []string{"body", "sealed", "record"} {
			if _, err := t.ses.exec(t.ctx, `DELETE FROM `+table+` WHERE vid = $1`, vid); err != nil {
				return err
			}
		}
	}
	if _, err := t.ses.exec(t.ctx, `DELETE FROM box WHERE id = $1`, id[:]); err != nil {
		return err
	}
	if err := t.forgetMail(id); err != nil {
		return err
	}
	return t.journal(id, record.ErasureErase)
}

// journal writes a line into the journal of erasures.
func (t *tx) journal(id record.ID, what string) error {
	_, err := t.ses.exec(t.ctx, `INSERT INTO erasure (n, id, what, at) SELECT coalesce(max(n), 0) + 1, $1, $2, $3 FROM erasure`,
		id[:], what, t.now.UnixMilli())
	return err
}

// Erasures implements record.Sequence. Only ids and times are told: who may not read a record learns nothing of what it held.
func (t *tx) Erasures(after int64, limit int) (out []record.Erasure, err error) {
	defer record.Wrap(&err, "Erasures(%d)", after)
	err = t.ses.each(t.ctx, `SELECT n, id, what, at FROM erasure WHERE n > $1 ORDER BY n LIMIT $2`, []any{after, clamp(limit, record.MaxLimit, manyRows)},
		func(rows *sql.Rows) error {
			var e record.Erasure
			var id []byte
			var at int64
			err := rows.Scan(&e.Number, &id, &e.What, &at)
			copy(e.ID[:], id)
			e.At = time.UnixMilli(at).UTC()
			out = append(out, e)
			return err
		})
	return out, err
}

// ErasureHead implements record.Sequence.
func (t *tx) ErasureHead() (n int64, err error) {
	err = t.ses.one(t.ctx, `SELECT coalesce(max(n), 0) FROM erasure`, nil, &n)
	return n, err
}

// wordTables are the index tables with keys k.
var wordTables = []string{"mention", "link", "event", "measure", "person"}

// dropIndex takes a revision out of the index, and things that nothing else mentions. again, if not nil, writes the
// revision's new rows before it is decided which things those are.
func (t *tx) dropIndex(vid int64, again func() error) error {
	from, to := rowsOf(vid)
	var eids []int64
	err := t.ses.each(t.ctx, `SELECT eid FROM mention WHERE k >= $1 AND k < $2
		UNION SELECT src FROM link WHERE k >= $1 AND k < $2 UNION SELECT dst FROM link WHERE k >= $1 AND k < $2`,
		[]any{from, to}, func(rows *sql.Rows) error {
			var eid int64
			err := rows.Scan(&eid)
			eids = append(eids, eid)
			return err
		})
	if err != nil {
		return err
	}
	for _, table := range wordTables {
		if _, err := t.ses.exec(t.ctx, `DELETE FROM `+table+` WHERE k >= $1 AND k < $2`, from, to); err != nil {
			return err
		}
	}
	if err := t.dropText(vid); err != nil {
		return err
	}
	if again != nil {
		if err := again(); err != nil {
			return err
		}
	}
	for _, eid := range eids {
		if err := t.dropOrphan(eid); err != nil {
			return err
		}
	}
	return nil
}

// dropOrphan removes a thing that no row names any more: its key is personal data.
func (t *tx) dropOrphan(eid int64) error {
	var one int
	err := t.ses.one(t.ctx, `SELECT 1 WHERE EXISTS (SELECT 1 FROM mention WHERE eid = $1)
		OR EXISTS (SELECT 1 FROM link WHERE src = $1) OR EXISTS (SELECT 1 FROM link WHERE dst = $1)`, []any{eid}, &one)
	if !errors.Is(err, sql.ErrNoRows) {
		return err // named, or failed
	}
	th, err := t.thingOf(eid)
	if err != nil {
		return err
	}
	if _, err := t.ses.exec(t.ctx, `DELETE FROM entity WHERE eid = $1`, eid); err != nil {
		return err
	}
	delete(t.newThings, th)
	t.lost = append(t.lost, th)
	t.s.things.forget(th) // should the act fail, the next one looks it up again
	return nil
}
