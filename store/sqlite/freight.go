package sqlite

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"sarhad/record"
)

// Ship implements record.Mail.
func (t *tx) Ship(f *record.Freight) (err error) {
	defer record.Wrap(&err, "Ship(%s to %s)", f.Kind, f.Peer)
	if err := t.mayWrite(); err != nil {
		return err
	}
	out := *f
	out.Out = true
	if err := out.Check(); err != nil {
		return err
	}
	if out.ID, err = record.NewRandomID(t.s.cfg.Rand); err != nil {
		return err
	}
	out.State, out.Problem, out.Since, out.Have, out.Sent, out.Rounds = record.FreightMoving, "", t.now, nil, 0, 0
	t.changed = true
	if err := t.storeFreight(&out); err != nil {
		return t.broke(err)
	}
	*f = out
	t.mail(record.Bulk)
	return nil
}

// SetFreight implements record.Mail.
func (t *tx) SetFreight(f record.Freight) (stored bool, err error) {
	defer record.Wrap(&err, "SetFreight(%s)", f.ID)
	if err := t.mayCarry(); err != nil {
		return false, err
	}
	if f.ID.IsZero() || f.State == "" {
		return false, record.Errorf(record.Internal, "a file on its way has an id and a state")
	}
	var state record.FreightState
	err = t.ses.one(t.ctx, `SELECT state FROM freight WHERE out = $1 AND peer = $2 AND id = $3`, []any{f.Out, f.Peer, f.ID[:]}, &state)
	switch {
	case errors.Is(err, sql.ErrNoRows) && !f.Out:
		if err := f.Check(); err != nil {
			return false, err
		}
	case errors.Is(err, sql.ErrNoRows):
		return false, notFound("file on its way")
	case err != nil:
		return false, err
	case state.Closed():
		return false, nil
	}
	if err := t.storeFreight(&f); err != nil {
		return false, t.broke(err)
	}
	return true, nil
}

func (t *tx) storeFreight(f *record.Freight) error {
	if f.Since = round(f.Since); f.Since.IsZero() {
		f.Since = t.now
	}
	f.Moved = t.now
	if f.Have == nil {
		f.Have = []record.Span{}
	}
	have, err := json.Marshal(f.Have)
	if err != nil {
		return err
	}
	_, err = t.ses.exec(t.ctx, `INSERT INTO freight (id, peer, out, kind, about, ref, meta, size, hash, have, sent, rounds, state, problem, since, moved)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (out, peer, id) DO UPDATE SET
		have = excluded.have, sent = excluded.sent, rounds = excluded.rounds, state = excluded.state, problem = excluded.problem, moved = excluded.moved`,
		f.ID[:], f.Peer, f.Out, f.Kind, idOrNil(f.About), f.Ref, f.Meta, f.Size, f.Hash[:], string(have), f.Sent, f.Rounds, f.State, f.Problem,
		f.Since.UnixMilli(), f.Moved.UnixMilli())
	return err
}

func freights(q record.FreightQuery) *builder {
	b := &builder{}
	c := []string{"f.out = " + b.arg(q.Out)}
	index := ""
	switch {
	case !q.ID.IsZero():
		c = append(c, "f.id = "+b.arg(q.ID[:]))
	case q.State == record.FreightMoving || q.State == record.FreightWhole:
		index, c = " INDEXED BY freight_state", append(c, "f.state = "+b.arg(q.State))
	case q.State != "":
		c = append(c, "f.state = "+b.arg(q.State))
	case !q.Closed:
		index, c = " INDEXED BY freight_state", append(c, "f.state IN ('moving', 'whole')")
	}
	if q.Peer != "" {
		c = append(c, "f.peer = "+b.arg(q.Peer))
	}
	b.WriteString(`SELECT f.id, f.peer, f.out, f.kind, f.about, f.ref, f.meta, f.size, f.hash, f.have, f.sent, f.rounds, f.state, f.problem, f.since, f.moved
		FROM freight f` + index + where(c...) + " ORDER BY f.since, f.peer, f.id LIMIT " + b.arg(clamp(q.Limit, record.DefaultLimit, record.MaxLimit)))
	return b
}

// Freights implements record.Mail.
func (t *tx) Freights(q record.FreightQuery) (out []record.Freight, err error) {
	defer record.Wrap(&err, "Freights")
	b := freights(q)
	err = t.ses.each(t.ctx, b.String(), b.args, func(rows *sql.Rows) error {
		f, err := scanFreight(rows)
		out = append(out, f)
		return err
	})
	if err != nil || t.actor.Machine {
		return out, err
	}
	for i := range out {
		out[i].Meta, out[i].Ref = nil, ""
		if err := t.hideAbout(&out[i].About); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func scanFreight(rows *sql.Rows) (f record.Freight, err error) {
	var id, about, hash []byte
	var have string
	var since, moved int64
	if err = rows.Scan(&id, &f.Peer, &f.Out, &f.Kind, &about, &f.Ref, &f.Meta, &f.Size, &hash, &have, &f.Sent, &f.Rounds, &f.State, &f.Problem, &since, &moved); err != nil {
		return f, err
	}
	copy(f.ID[:], id)
	copy(f.About[:], about)
	copy(f.Hash[:], hash)
	f.Since, f.Moved = time.UnixMilli(since).UTC(), time.UnixMilli(moved).UTC()
	return f, json.Unmarshal([]byte(have), &f.Have)
}
