package sqlite

import (
	"database/sql"
	"encoding/json"

	"sarhad/record"
)

// Get implements record.Reader.
func (t *tx) Get(id record.ID) (r *record.Record, err error) {
	defer record.Wrap(&err, "Get(%s)", id)
	var vid, vis int64
	if err := t.ses.one(t.ctx, `SELECT vid, vis FROM record WHERE id = $1 AND until IS NULL`, []any{id[:]}, &vid, &vis); err != nil {
		return nil, noRow(err, "record "+id.String())
	}
	if ok, err := t.mayRead(vis); err != nil || !ok {
		return nil, noRow(err, "record "+id.String(), !ok)
	}
	return t.full(vid)
}

// ByKey implements record.Reader.
func (t *tx) ByKey(kind, key string) (r *record.Record, err error) {
	defer record.Wrap(&err, "ByKey(%s)", kind)
	what := kind + " with this key"
	k, ok, err := t.term(inKind, kind)
	if err != nil || !ok {
		return nil, noRow(err, what, !ok)
	}
	var vid, vis int64
	if err := t.ses.one(t.ctx, `SELECT vid, vis FROM record WHERE kind = $1 AND key = $2 AND until IS NULL`, []any{k, key}, &vid, &vis); err != nil {
		return nil, noRow(err, what)
	}
	if ok, err := t.mayRead(vis); err != nil || !ok {
		return nil, noRow(err, what, !ok)
	}
	return t.full(vid)
}

// Revisions implements record.Reader. The actor must be able to read the present revision; former ones of a scope the
// actor may not read are left out.
func (t *tx) Revisions(id record.ID) (out []*record.Record, err error) {
	defer record.Wrap(&err, "Revisions(%s)", id)
	type line struct{ vid, vis int64 }
	var lines []line
	err = t.ses.each(t.ctx, `SELECT vid, vis FROM record WHERE id = $1 ORDER BY rev DESC`, []any{id[:]}, func(rows *sql.Rows) error {
		var l line
		err := rows.Scan(&l.vid, &l.vis)
		lines = append(lines, l)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, l := range lines {
		ok, err := t.mayRead(l.vis)
		if err != nil {
			return nil, err
		}
		if !ok && i == 0 {
			break
		}
		if !ok {
			continue
		}
		r, err := t.full(l.vid)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil, notFound("record " + id.String())
	}
	return out, nil
}

func damaged(err error) error {
	return &record.Error{Kind: record.Internal, Message: "the envelope of a record is damaged: restore it from a backup", Err: err}
}

// mayRead reports whether the actor may read a class.
func (t *tx) mayRead(vis int64) (bool, error) {
	if t.actor.Machine {
		return true, nil
	}
	s, err := t.scope(vis)
	return err == nil && t.reads(s), err
}

// full reads a revision with its body. Whether the actor may is the caller's business.
func (t *tx) full(vid int64) (*record.Record, error) {
	var envelope, raw, wire []byte
	if err := t.ses.one(t.ctx, `SELECT envelope, body, wire FROM body WHERE vid = $1`, []any{vid}, &envelope, &raw, &wire); err != nil {
		return nil, err
	}
	return t.s.decode(vid, envelope, raw, wire)
}

// decode makes a record of what is stored. Bytes that cannot be read stay raw. wire is the envelope as another node wrote it;
// nil when it says what envelope says.
func (s *Store) decode(vid int64, envelope, raw, wire []byte) (r *record.Record, err error) {
	r = &record.Record{}
	if err := json.Unmarshal(envelope, r); err != nil {
		return nil, damaged(err)
	}
	if wire != nil { // a program that learnt new fields since finds them there
		received := r.Received
		if r, err = record.ReadEnvelope(wire); err != nil {
			return nil, damaged(err)
		}
		r.Received = received
	}
	if raw == nil {
		raw = []byte{}
	}
	r.Raw, r.Seq = raw, record.Seq(vid)
	r.Body, _ = s.cfg.Types.Decode(r.Kind, r.Version, raw)
	return r, nil
}
