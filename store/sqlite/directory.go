package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sarhad/record"
)

// The directory of the network (exchange/directory, whose Storage these methods are). It holds nothing that access filters: every
// node of the region has the same.

// DirectoryLeaves gives statements from a position on (0 = the first), ascending, at most limit. known is when one began to
// count here, UTC; zero while it waits for cosignatures.
func (s *Store) DirectoryLeaves(ctx context.Context, from int64, limit int) (leaves [][]byte, known []time.Time, err error) {
	defer record.Wrap(&err, "DirectoryLeaves(%d)", from)
	err = s.reading(ctx, func(r *session) error {
		return r.each(ctx, `SELECT data, known FROM directory_leaf WHERE pos >= $1 ORDER BY pos LIMIT $2`, []any{from, clamp(limit, 500, manyRows)}, func(rows *sql.Rows) error {
			var data []byte
			var when sql.NullInt64
			err := rows.Scan(&data, &when)
			leaves, known = append(leaves, data), append(known, fromMS(when))
			return err
		})
	})
	return leaves, known, err
}

// DirectoryCheckpoint gives the newest cosigned checkpoint of at most so many statements; nil when there is none.
func (s *Store) DirectoryCheckpoint(ctx context.Context, atMost int64) (text []byte, err error) {
	defer record.Wrap(&err, "DirectoryCheckpoint(%d)", atMost)
	err = s.reading(ctx, func(r *session) error {
		return r.one(ctx, `SELECT text FROM directory_checkpoint WHERE size <= $1 ORDER BY size DESC LIMIT 1`, []any{atMost}, &text)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return text, err
}

// SaveDirectory replaces the statements from a position on by these, of which the first counting ones count since known, and
// keeps a checkpoint of size statements unless it is nil. Conflict, and nothing is changed, when a statement that counts would
// be replaced or a position would be skipped.
func (s *Store) SaveDirectory(ctx context.Context, from int64, leaves [][]byte, counting int, known time.Time, size int64, checkpoint []byte) (err error) {
	defer record.Wrap(&err, "SaveDirectory(%d)", from)
	return s.turn(ctx, false, func() error {
		w, ctx := s.writer, context.WithoutCancel(ctx)
		var have, count int64
		if err := w.one(ctx, `SELECT count(*), count(known) FROM directory_leaf`, nil, &have, &count); err != nil {
			return err
		}
		if from < count || from > have || counting > len(leaves) {
			return record.Errorf(record.Conflict, "the directory has %d statements, of which %d count: it cannot be written from %d on", have, count, from)
		}
		if _, err := w.exec(ctx, `DELETE FROM directory_leaf WHERE pos >= $1`, from); err != nil {
			return err
		}
		for i, leaf := range leaves {
			var when any
			if i < counting {
				when = ms(known)
			}
			if _, err := w.exec(ctx, `INSERT INTO directory_leaf (pos, data, known) VALUES ($1, $2, $3)`, from+int64(i), leaf, when); err != nil {
				return err
			}
		}
		if checkpoint == nil {
			return nil
		}
		_, err := w.exec(ctx, `INSERT INTO directory_checkpoint (size, text) VALUES ($1, $2) ON CONFLICT (size) DO UPDATE SET text = excluded.text`, size, checkpoint)
		return err
	})
}

// DirectoryNote gives a durable value of the directory; nil when it was never set.
func (s *Store) DirectoryNote(ctx context.Context, key string) (value []byte, err error) {
	defer record.Wrap(&err, "DirectoryNote")
	err = s.reading(ctx, func(r *session) error {
		return r.one(ctx, `SELECT value FROM directory_note WHERE key = $1`, []any{key}, &value)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return value, err
}

// SetDirectoryNote sets it, on the disk when it returns; nil removes it.
func (s *Store) SetDirectoryNote(ctx context.Context, key string, value []byte) (err error) {
	defer record.Wrap(&err, "SetDirectoryNote")
	return s.writing(ctx, false, func(w *session) error {
		ctx := context.WithoutCancel(ctx)
		if value == nil {
			_, err := w.exec(ctx, `DELETE FROM directory_note WHERE key = $1`, key)
			return err
		}
		_, err := w.exec(ctx, `INSERT INTO directory_note (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
		return err
	})
}
