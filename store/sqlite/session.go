package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// maxStatements bounds the prepared statements of one session; filters are written into the text of a query, so a busy
// node makes many. 200 statements are about 2 MB.
const maxStatements = 200

// session is one connection with its prepared statements. A connection is held rather than a pool used, because preparing
// on the pool while the only writing connection is inside a transaction waits for ever.
type session struct {
	conn    *sql.Conn
	stmts   map[string]*sql.Stmt
	granted map[string]int // long lists of classes in the temporary table: their number there
	grants  int            // numbers given
}

func newSession(ctx context.Context, db *sql.DB) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &session{conn: conn, stmts: map[string]*sql.Stmt{}, granted: map[string]int{}}, nil
}

// tidy drops the statements when there are too many; only between transactions, when no rows are open.
func (s *session) tidy() {
	if len(s.stmts) < maxStatements {
		return
	}
	for q, st := range s.stmts {
		st.Close()
		delete(s.stmts, q)
	}
}

func (s *session) close() error {
	for _, st := range s.stmts {
		st.Close()
	}
	s.stmts = nil
	return s.conn.Close()
}

func (s *session) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if st, ok := s.stmts[query]; ok {
		return st, nil
	}
	st, err := s.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%w in %q", err, abridge(query))
	}
	s.stmts[query] = st
	return st, nil
}

// abridge keeps filters of thousands of classes out of the log.
func abridge(query string) string {
	const most = 400
	if len(query) > most {
		return query[:most] + "..."
	}
	return query
}

func (s *session) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	st, err := s.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(ctx, args...)
}

// one scans the only row of a query; sql.ErrNoRows when there is none.
func (s *session) one(ctx context.Context, query string, args []any, dest ...any) error {
	st, err := s.prepare(ctx, query)
	if err != nil {
		return err
	}
	return st.QueryRowContext(ctx, args...).Scan(dest...)
}

// each calls scan for every row. scan must not run another query: the statement is busy.
func (s *session) each(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) error {
	st, err := s.prepare(ctx, query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// raw runs statements that are not worth keeping: pragmas, DDL, BEGIN.
func (s *session) raw(ctx context.Context, query string) error {
	_, err := s.conn.ExecContext(ctx, query)
	return err
}
