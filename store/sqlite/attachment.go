package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"sarhad/record"
)

// Chunks is where the bytes of attachments lie.
type Chunks interface {
	// Has gives the first of the names that is not there whole on the disk; "" when all are.
	Has(names []string) (missing string, err error)
	// Drop deletes chunks that an act left without a record, but for those that a file on its way in needs too. It is called
	// after the commit and before the next act, so that no record can begin to name them meanwhile. What cannot be deleted
	// now it keeps in mind.
	Drop(names []string)
}

// UseChunks says where attachments lie. It must be called before the first record with one is put: the place is opened
// only when the directory is owned.
func (s *Store) UseChunks(c Chunks) { s.chunks = c }

// Attached implements record.Reader. Where several present records carry the file, one that the actor may read is given.
func (t *tx) Attached(id record.ID) (r *record.Record, a record.Attachment, err error) {
	defer record.Wrap(&err, "Attached(%s)", id)
	var vids []int64
	err = t.ses.each(t.ctx, `SELECT DISTINCT k >> 12 FROM attachment WHERE id = $1 AND until IS NULL`, []any{id[:]}, func(rows *sql.Rows) error {
		var vid int64
		err := rows.Scan(&vid)
		vids = append(vids, vid)
		return err
	})
	if err != nil {
		return nil, a, err
	}
	for _, vid := range vids {
		var vis int64
		if err := t.ses.one(t.ctx, `SELECT vis FROM record WHERE vid = $1 AND until IS NULL`, []any{vid}, &vis); errors.Is(err, sql.ErrNoRows) {
			continue
		} else if err != nil {
			return nil, a, err
		}
		if ok, err := t.mayRead(vis); err != nil {
			return nil, a, err
		} else if !ok {
			continue
		}
		if r, err = t.full(vid); err != nil {
			return nil, a, err
		}
		if i := slices.IndexFunc(r.Attachments, func(a record.Attachment) bool { return a.ID == id }); i >= 0 {
			return r, r.Attachments[i], nil
		}
	}
	return nil, a, notFound("attachment " + id.String())
}

// checkChunks refuses a revision that names what is not on the disk. What the revision before named too is not looked for,
// so that a record with a damaged file can still be revised.
func (t *tx) checkChunks(p, before *record.Record) error {
	if len(p.Attachments) == 0 {
		return nil
	}
	if t.s.chunks == nil {
		return record.Errorf(record.Internal, "this store was opened without a place for attachments")
	}
	known := map[string]bool{}
	if before != nil {
		for _, a := range before.Attachments {
			for _, name := range a.Names() {
				known[name] = true
			}
		}
	}
	for _, a := range p.Attachments {
		fresh := slices.DeleteFunc(a.Names(), func(name string) bool { return known[name] })
		missing, err := t.s.chunks.Has(fresh)
		if err != nil {
			return err
		}
		if missing != "" {
			return record.Errorf(record.Conflict, "a part of the attached file %s is not on the disk: send the file again", a.ID)
		}
	}
	return nil
}

// attach writes the rows of what a revision carries.
func (t *tx) attach(p *record.Record, until any) error {
	for i, a := range p.Attachments {
		k := int64(p.Seq)<<12 | int64(i)
		if _, err := t.ses.exec(t.ctx, `INSERT INTO attachment (k, id, hash, size, by_, until) VALUES ($1, $2, $3, $4, $5, $6)`, k, a.ID[:], a.Hash, a.Size, a.By, until); err != nil {
			return err
		}
		for _, name := range a.Names() {
			b, err := hex.DecodeString(name)
			if err != nil {
				return err
			}
			if _, err := t.ses.exec(t.ctx, `INSERT INTO chunk (name, k) VALUES ($1, $2) ON CONFLICT DO NOTHING`, b, k); err != nil {
				return err
			}
		}
	}
	return nil
}

// detach removes the rows of a revision and remembers the chunks that no row names any more.
func (t *tx) detach(vid int64) error {
	from, to := rowsOf(vid)
	var names [][]byte
	err := t.ses.each(t.ctx, `SELECT DISTINCT name FROM chunk WHERE k >= $1 AND k < $2`, []any{from, to}, func(rows *sql.Rows) error {
		var name []byte
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	})
	if err != nil {
		return err
	}
	for _, q := range []string{`DELETE FROM chunk WHERE k >= $1 AND k < $2`, `DELETE FROM attachment WHERE k >= $1 AND k < $2`} {
		if _, err := t.ses.exec(t.ctx, q, from, to); err != nil {
			return err
		}
	}
	for _, name := range names {
		var one int
		err := t.ses.one(t.ctx, `SELECT 1 FROM chunk WHERE name = $1 LIMIT 1`, []any{name}, &one)
		if errors.Is(err, sql.ErrNoRows) {
			t.unnamed = append(t.unnamed, hex.EncodeToString(name))
		} else if err != nil {
			return err
		}
	}
	return nil
}

// namesAtOnce is how many chunks one query asks about: far below what SQLite takes as parameters.
const namesAtOnce = 500

// Unnamed gives those of the chunks that no stored revision names.
func (s *Store) Unnamed(ctx context.Context, names []string) (out []string, err error) {
	defer record.Wrap(&err, "Unnamed")
	err = s.reading(ctx, func(r *session) error {
		for part := range slices.Chunk(names, namesAtOnce) {
			named := map[string]bool{}
			args := make([]any, len(part))
			marks := make([]string, len(part))
			for i, name := range part {
				b, err := hex.DecodeString(name)
				if err != nil {
					return record.Errorf(record.Internal, "%.80q is no name of a chunk", name)
				}
				args[i], marks[i] = b, "?"
			}
			err := r.each(ctx, `SELECT DISTINCT name FROM chunk WHERE name IN (`+strings.Join(marks, ",")+`)`, args, func(rows *sql.Rows) error {
				var b []byte
				err := rows.Scan(&b)
				named[hex.EncodeToString(b)] = true
				return err
			})
			if err != nil {
				return err
			}
			for _, name := range part {
				if !named[name] {
					out = append(out, name)
				}
			}
		}
		return nil
	})
	return out, err
}

// AttachedBytes counts the bytes of all attachments that records carry: those that a user brought, and everybody's. A file in
// several revisions counts once.
func (s *Store) AttachedBytes(ctx context.Context, user string) (mine, all int64, err error) {
	defer record.Wrap(&err, "AttachedBytes")
	err = s.reading(ctx, func(r *session) error {
		const sum = `SELECT coalesce(sum(size), 0) FROM (SELECT DISTINCT id, size FROM attachment`
		if err := r.one(ctx, sum+` WHERE by_ = $1)`, []any{user}, &mine); err != nil {
			return err
		}
		return r.one(ctx, sum+`)`, nil, &all)
	})
	return mine, all, err
}
