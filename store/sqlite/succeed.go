package sqlite

import (
	"context"
	"database/sql"

	"sarhad/record"
)

// Succeed makes this database, which was restored from a backup, go on as another life of the log: it takes the name of
// the new incarnation, writes the act that says so, and ends all sessions, in one transaction. Everything that is numbered
// goes on where the backup stood.
func (s *Store) Succeed(ctx context.Context, incarnation string, act record.Act) (err error) {
	defer record.Wrap(&err, "Succeed(%s)", incarnation)
	if incarnation == "" || incarnation == s.incarnation {
		return record.Errorf(record.Internal, "a restored log needs a name that it never had")
	}
	err = s.change(ctx, false, func(in record.Tx) error {
		t := in.(*tx)
		if err := t.ses.set(t.ctx, setIncarnation, incarnation); err != nil {
			return err
		}
		if _, err := t.ses.exec(t.ctx, `DELETE FROM session`); err != nil {
			return err
		}
		return t.Audit(act)
	})
	if err == nil {
		s.incarnation = incarnation
	}
	return err
}

// SetErasures makes the journal of erasures the lines given, numbered from 1 in their order. It is for a restored database,
// after everything in them was erased again: the journal is then the union of all lives of the node.
func (s *Store) SetErasures(ctx context.Context, lines []record.Erasure) (err error) {
	defer record.Wrap(&err, "SetErasures(%d)", len(lines))
	return s.writing(ctx, false, func(w *session) error {
		ctx := context.WithoutCancel(ctx)
		if _, err := w.exec(ctx, `DELETE FROM erasure`); err != nil {
			return err
		}
		for i, l := range lines {
			if _, err := w.exec(ctx, `INSERT INTO erasure (n, id, what, at) VALUES ($1, $2, $3, $4)`, i+1, l.ID[:], l.What, l.At.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
}

// Empty empties the write-ahead log, so that what was erased is in no file. It fails while somebody reads an older state.
func (s *Store) Empty(ctx context.Context) (err error) {
	defer record.Wrap(&err, "Empty")
	return s.scrub(ctx)
}

// Integrity asks SQLite whether the file is whole: tables, indexes and their agreement. Each line of the answer is a fault;
// none is said of a sound file. It reads everything.
func (s *Store) Integrity(ctx context.Context) (faults []string, err error) {
	defer record.Wrap(&err, "Integrity")
	err = s.reading(ctx, func(r *session) error {
		return r.each(ctx, `PRAGMA integrity_check(20)`, nil, func(rows *sql.Rows) error {
			var line string
			err := rows.Scan(&line)
			if line != "ok" {
				faults = append(faults, line)
			}
			return err
		})
	})
	return faults, err
}

// Holding is how much a database holds.
type Holding struct {
	Records    int64 `json:"records"`    // present ones
	Revisions  int64 `json:"revisions"`  // all stored states
	Users      int64 `json:"users"`      // accounts
	Acts       int64 `json:"acts"`       // rows of the log
	Bodies     int64 `json:"bodies"`     // must be as many as revisions
	Erasures   int64 `json:"erasures"`   // lines of the journal
	Signatures int64 `json:"signatures"` // checkpoints
}

// Holding counts. It reads the narrow tables through and is for a trial restore, not for a screen.
func (s *Store) Holding(ctx context.Context) (h Holding, err error) {
	defer record.Wrap(&err, "Holding")
	err = s.reading(ctx, func(r *session) error {
		for _, q := range []struct {
			query string
			to    *int64
		}{
			{`SELECT count(*) FROM record WHERE until IS NULL`, &h.Records},
			{`SELECT count(*) FROM record`, &h.Revisions},
			{`SELECT count(*) FROM body`, &h.Bodies},
			{`SELECT count(*) FROM users`, &h.Users},
			{`SELECT count(*) FROM audit`, &h.Acts},
			{`SELECT count(*) FROM erasure`, &h.Erasures},
			{`SELECT count(*) FROM checkpoint`, &h.Signatures},
		} {
			if err := r.one(ctx, q.query, nil, q.to); err != nil {
				return err
			}
		}
		return nil
	})
	return h, err
}
