package sqlite

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"sarhad/record"
)

// Mask implements record.Masks. Like an erasure it empties the log of the database: once it is committed and nobody reads an
// older state, the originals stand in no file in clear.
func (t *tx) Mask(id record.ID, m record.Masking) (err error) {
	defer record.Wrap(&err, "Mask(%s)", id)
	if err := t.mayWrite(); err != nil {
		return err
	}
	now, err := t.Get(id)
	if err != nil {
		return err
	}
	t.erased = true
	if err := t.forgetMail(id); err != nil {
		return t.broke(err)
	}
	if now.Masked != nil && m.Seal != nil {
		return nil
	}
	revisions, err := t.revisionsOf(id)
	if err != nil {
		return err
	}
	for _, r := range revisions {
		if err := t.maskOne(r, m); err != nil {
			return t.broke(err)
		}
	}
	t.changed, t.erased = true, true
	what := record.ErasureMask
	if m.Seal == nil {
		what = record.ErasureNameless
	}
	return t.journal(id, what)
}

// revision is one row of the table record, as far as masking and reindexing need it.
type revision struct {
	vid, vis int64
	until    any
}

func (t *tx) revisionsOf(id record.ID) (out []revision, err error) {
	err = t.ses.each(t.ctx, `SELECT vid, vis, until FROM record WHERE id = $1 ORDER BY rev`, []any{id[:]}, func(rows *sql.Rows) error {
		var r revision
		var until sql.NullInt64
		err := rows.Scan(&r.vid, &r.vis, &until)
		if until.Valid {
			r.until = until.Int64
		}
		out = append(out, r)
		return err
	})
	return out, err
}

// original is what is sealed of a revision.
type original struct {
	Envelope json.RawMessage `json:"envelope"`
	Wire     []byte          `json:"wire,omitempty"` // the envelope as another node wrote it
	Body     []byte          `json:"body"`
}

func (t *tx) maskOne(v revision, m record.Masking) error {
	rec, err := t.full(v.vid)
	if err != nil {
		return err
	}
	if rec.Masked == nil && m.Seal != nil {
		if err := t.seal(v.vid, m.Seal); err != nil {
			return err
		}
	}
	if m.Seal == nil {
		if _, err := t.ses.exec(t.ctx, `DELETE FROM sealed WHERE vid = $1`, v.vid); err != nil {
			return err
		}
	}
	hash := rec.Hash()
	if rec.Raw, err = m.Redact(rec); err != nil {
		return err
	}
	// People name files after people: the names of attached files go with the envelope, and that of the file it came in, whose
	// hash still tells which it was. The attached files themselves stay, without a way to them, as long as the record can be
	// opened again; what loses its names for good loses its files.
	rec.Attachments, rec.Origin.File = nil, ""
	if m.Seal == nil {
		if err := t.detach(v.vid); err != nil {
			return err
		}
	}
	rec.Masked, rec.Key = &record.Masked{At: t.now, Policy: m.Policy, Hash: hash}, ""
	envelope, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	if _, err := t.ses.exec(t.ctx, `UPDATE body SET envelope = $1, body = $2, wire = NULL WHERE vid = $3`, envelope, rec.Raw, v.vid); err != nil {
		return err
	}
	if _, err := t.ses.exec(t.ctx, `UPDATE record SET key = NULL, masked = $1 WHERE vid = $2`, t.now.UnixMilli(), v.vid); err != nil {
		return err
	}
	return t.reindexOne(v.vid, v.vis, v.until)
}

// seal keeps a revision as it was.
func (t *tx) seal(vid int64, seal func([]byte) ([]byte, error)) error {
	var o original
	var envelope []byte
	if err := t.ses.one(t.ctx, `SELECT envelope, body, wire FROM body WHERE vid = $1`, []any{vid}, &envelope, &o.Body, &o.Wire); err != nil {
		return err
	}
	o.Envelope = envelope
	plain, err := json.Marshal(o)
	if err != nil {
		return err
	}
	box, err := seal(plain)
	if err != nil {
		return err
	}
	_, err = t.ses.exec(t.ctx, `INSERT INTO sealed (vid, box) VALUES ($1, $2)`, vid, box)
	return err
}

// Sealed implements record.Masks.
func (t *tx) Sealed(id record.ID) (box []byte, err error) {
	defer record.Wrap(&err, "Sealed(%s)", id)
	rec, err := t.Get(id)
	if err != nil {
		return nil, err
	}
	err = t.ses.one(t.ctx, `SELECT box FROM sealed WHERE vid = $1`, []any{int64(rec.Seq)}, &box)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, record.Errorf(record.NotFound, "nothing is sealed of record %s: it was never masked, or made nameless for good", id)
	}
	return box, err
}

// SetBox implements record.Masks.
func (t *tx) SetBox(id record.ID, box []byte) (err error) {
	defer record.Wrap(&err, "SetBox(%s)", id)
	if err := t.mayWrite(); err != nil {
		return err
	}
	if _, err := t.Get(id); err != nil {
		return err
	}
	t.changed = true
	if box == nil {
		t.erased = true
		_, err = t.ses.exec(t.ctx, `DELETE FROM box WHERE id = $1`, id[:])
		return err
	}
	_, err = t.ses.exec(t.ctx, `INSERT INTO box (id, box) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET box = excluded.box`, id[:], box)
	return err
}

// Box implements record.Masks.
func (t *tx) Box(id record.ID) (box []byte, err error) {
	defer record.Wrap(&err, "Box(%s)", id)
	if _, err := t.Get(id); err != nil {
		return nil, err
	}
	err = t.ses.one(t.ctx, `SELECT box FROM box WHERE id = $1`, []any{id[:]}, &box)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, record.Errorf(record.NotFound, "nothing lies beside record %s", id)
	}
	return box, err
}

// Expired implements record.Masks.
func (t *tx) Expired(at time.Time, limit int) (out []record.Row, err error) {
	defer record.Wrap(&err, "Expired")
	may, err := t.filter(nil)
	if err != nil {
		return nil, err
	}
	b := &builder{}
	b.WriteString("SELECT " + lineColumns + " FROM record r INDEXED BY record_expires")
	b.WriteString(where("r.expires IS NOT NULL", "r.until IS NULL", "r.expires <= "+b.arg(at.UnixMilli()), may.on("r.vis")))
	b.WriteString(" ORDER BY r.expires, r.vid LIMIT " + b.arg(clamp(limit, record.MaxLimit, manyRows)))
	lines, err := t.lines(b)
	if err != nil {
		return nil, err
	}
	return t.fill(lines, false)
}
