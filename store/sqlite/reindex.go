package sqlite

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"sarhad/record"
)

// reindexSlice is how long one act of a reindex lasts at most, so that a person who waits is soon served.
const reindexSlice = 15 * time.Millisecond

// ToReindex tells how many revisions an unfinished reindex still has to do, 0 when the index is whole. It is not 0 after a
// program with another index opened the directory, or when a Reindex was broken off: then start one in the background.
// Until it ends Persons is Unavailable.
func (s *Store) ToReindex(ctx context.Context) (n int, err error) {
	defer record.Wrap(&err, "ToReindex")
	err = s.reading(ctx, func(r *session) error {
		left, err := r.unindexed(ctx)
		if err != nil || left == nil {
			return err
		}
		return r.one(ctx, `SELECT count(*) FROM record WHERE vid > $1 AND gen < $2`, []any{left.after, left.gen}, &n)
	})
	return n, err
}

// rebuild is how far an unfinished reindex is: revisions above after of a generation before gen are not in the index.
type rebuild struct{ after, gen int64 }

// unindexed gives what an unfinished reindex has left; nil when the index is whole.
func (s *session) unindexed(ctx context.Context) (*rebuild, error) {
	at, err := s.setting(ctx, setReindexed)
	if err != nil || at == "" {
		return nil, err
	}
	var left rebuild
	if left.after, err = strconv.ParseInt(at, 10, 64); err != nil {
		return nil, err
	}
	if left.gen, err = s.number(ctx, setGeneration); err != nil {
		return nil, err
	}
	var some bool
	err = s.one(ctx, `SELECT EXISTS (SELECT 1 FROM record WHERE vid > $1 AND gen < $2)`, []any{left.after, left.gen}, &some)
	if err != nil || !some {
		return nil, err
	}
	return &left, nil
}

// endReindex closes a reindex that has nothing left, such as that of an empty store.
func (s *session) endReindex(ctx context.Context) error {
	at, err := s.setting(ctx, setReindexed)
	if err != nil || at == "" {
		return err
	}
	left, err := s.unindexed(ctx)
	if err != nil || left != nil {
		return err
	}
	return s.set(ctx, setReindexed, "")
}

// Reindex writes the index of every revision again from its body, in a new generation, while the store is used. It goes
// on where an earlier one was broken off. progress is told how many are done and how many there are.
func (s *Store) Reindex(ctx context.Context, progress func(done, total int)) (err error) {
	defer record.Wrap(&err, "Reindex")
	after, err := s.beginReindex(ctx)
	if err != nil {
		return err
	}
	left, err := s.ToReindex(ctx)
	if err != nil {
		return err
	}
	for done := 0; ; {
		if progress != nil {
			progress(done, max(left, done))
		}
		n := 0
		err := s.change(record.WithActor(ctx, record.Machine("reindex", "")), true, func(rt record.Tx) error {
			t := rt.(*tx)
			after, n, err = t.reindexSome(after)
			return err
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		done += n
	}
}

// beginReindex opens a new generation, unless one is unfinished, and gives the number to begin after.
func (s *Store) beginReindex(ctx context.Context) (after int64, err error) {
	err = s.writing(ctx, false, func(w *session) error {
		at, err := w.setting(ctx, setReindexed)
		if err != nil {
			return err
		}
		if at != "" {
			after, err = strconv.ParseInt(at, 10, 64)
			return err
		}
		if err := w.set(ctx, setGeneration, strconv.FormatInt(s.gen+1, 10)); err != nil {
			return err
		}
		return w.set(ctx, setReindexed, "0")
	})
	if err != nil {
		return 0, err
	}
	return after, s.writing(ctx, false, func(w *session) (err error) {
		s.gen, err = w.number(ctx, setGeneration)
		return err
	})
}

// reindexSome does revisions until its time is over; n is 0 when none was left, and the generation closed.
func (t *tx) reindexSome(after int64) (last int64, n int, err error) {
	begun := t.s.cfg.Now()
	const most = 500
	type todo struct {
		vid, vis int64
		until    any
	}
	var list []todo
	err = t.ses.each(t.ctx, `SELECT vid, vis, until FROM record WHERE vid > $1 AND gen < $2 ORDER BY vid LIMIT $3`,
		[]any{after, t.s.gen, most}, func(rows *sql.Rows) error {
			var x todo
			var until sql.NullInt64
			err := rows.Scan(&x.vid, &x.vis, &until)
			if until.Valid {
				x.until = until.Int64
			}
			list = append(list, x)
			return err
		})
	if err != nil {
		return after, 0, err
	}
	for _, x := range list {
		if err := t.reindexOne(x.vid, x.vis, x.until); err != nil {
			return after, 0, err
		}
		after, n = x.vid, n+1
		if t.s.cfg.Now().Sub(begun) > reindexSlice {
			break
		}
	}
	at := strconv.FormatInt(after, 10)
	if n == 0 {
		at = ""
	}
	return after, n, t.ses.set(t.ctx, setReindexed, at)
}

func (t *tx) reindexOne(vid, vis int64, until any) error {
	r, err := t.full(vid)
	if err != nil {
		return err
	}
	ix := r.IndexOf()
	if checkIndex(r, ix) != nil {
		ix = &record.Index{} // a newer body says more than fits: the record stays, and is not found by its words
	}
	var state any
	if ix.State != "" {
		if state, err = t.internTerm(inState, ix.State); err != nil {
			return err
		}
	}
	if err := t.dropIndex(vid, func() error { return t.index(vid, vis, until, ix) }); err != nil {
		return t.broke(err)
	}
	_, err = t.ses.exec(t.ctx, `UPDATE record SET title = $1, state = $2, gen = $3 WHERE vid = $4`, ix.Title, state, t.s.gen, vid)
	return err
}
