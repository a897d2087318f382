package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"sarhad/record"
)

// Snapshot is what a backup says of the state that it holds.
type Snapshot struct {
	PageSize   int   // bytes
	Pages      int64 // the database file has PageSize * Pages bytes
	Schema     int64 // newest migration of the truth tables
	Head       record.Seq
	Journal    int64  // newest line of the journal of erasures
	AuditRows  int64  // acts written
	AuditSize  int64  // of them in the tree
	Checkpoint []byte // newest signed one; nil = none

	Incarnation string
}

// Snapshot gives one consistent state of the database, page by page, to fn: what pages reads is the database file as it
// would lie on the disk if everybody stopped now. Nobody has to: readers and writers go on beside it, and no copy in the
// clear is made. It is a read transaction (SQLite's sqlite_dbpage in WAL mode), so what is erased meanwhile leaves the log
// when it ends.
func (s *Store) Snapshot(ctx context.Context, fn func(state Snapshot, pages io.Reader) error) (err error) {
	defer record.Wrap(&err, "Snapshot")
	ses, err := newSession(ctx, s.db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ses.close()) }()
	if err := ses.raw(ctx, "BEGIN"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ses.raw(context.WithoutCancel(ctx), "COMMIT")) }()
	state, err := ses.state(ctx) // fixes the state: the first read of a transaction does
	if err != nil {
		return err
	}
	rows, err := ses.conn.QueryContext(ctx, `SELECT data FROM sqlite_dbpage ORDER BY pgno`)
	if err != nil {
		return err
	}
	defer rows.Close()
	pages := &pageReader{rows: rows}
	if err := fn(state, pages); err != nil {
		return err
	}
	if pages.err != nil && pages.err != io.EOF {
		return pages.err
	}
	return rows.Err()
}

func (s *session) state(ctx context.Context) (out Snapshot, err error) {
	for _, q := range []struct {
		query string
		to    any
	}{
		{`SELECT coalesce(max(value), 0) FROM counter WHERE name = 'vid'`, (*int64)(&out.Head)},
		{`SELECT coalesce(max(n), 0) FROM erasure`, &out.Journal},
		{`SELECT coalesce(max(number), 0) FROM audit`, &out.AuditRows},
		{`SELECT coalesce(max(value), 0) FROM counter WHERE name = 'tree'`, &out.AuditSize},
		{`SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`, &out.Schema},
		{`PRAGMA page_size`, &out.PageSize},
		{`PRAGMA page_count`, &out.Pages},
	} {
		if err := s.one(ctx, q.query, nil, q.to); err != nil {
			return out, fmt.Errorf("%s: %w", q.query, err)
		}
	}
	err = s.one(ctx, `SELECT text FROM checkpoint ORDER BY n DESC LIMIT 1`, nil, &out.Checkpoint)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return out, err
	}
	out.Incarnation, err = s.setting(ctx, setIncarnation)
	return out, err
}

// pageReader reads the pages of a query one after another.
type pageReader struct {
	rows *sql.Rows
	page sql.RawBytes
	err  error
}

// Read fills p from as many pages as it takes; a page is copied once.
func (r *pageReader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(r.page) == 0 {
			if r.err != nil {
				break
			}
			if !r.rows.Next() {
				if r.err = r.rows.Err(); r.err == nil {
					r.err = io.EOF
				}
				break
			}
			if r.err = r.rows.Scan(&r.page); r.err != nil {
				break
			}
		}
		c := copy(p[n:], r.page)
		n, r.page = n+c, r.page[c:]
	}
	if n > 0 {
		return n, nil
	}
	return 0, r.err
}
