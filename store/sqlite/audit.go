package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
	"sarhad/record/audit"
)

var (
	_ audit.Table = (*Store)(nil)
	_ audit.Asker = (*Store)(nil)
	_ audit.Units = (*Store)(nil)
)

// saltBytes keeps a leaf from telling its content.
const saltBytes = 16

// Audit implements record.Writer.
func (t *tx) Audit(a record.Act) (err error) {
	defer record.Wrap(&err, "Audit(%s)", a.Action)
	if err := t.mayWrite(); err != nil {
		return err
	}
	if a.Action == "" {
		return record.Errorf(record.Internal, "an act needs an action: say in one word what was done")
	}
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(t.s.cfg.Rand, salt); err != nil {
		return err
	}
	a.Number, a.At = t.next.act+1, t.now
	a.User, a.Role, a.Agency, a.Place, a.Purpose = t.actor.User, "", t.actor.Agency, t.actor.Place, purposeOf(a.Purpose, t.actor.Purpose)
	if len(t.actor.Roles) > 0 {
		a.Role = t.actor.Roles[0]
	}
	var subject any
	if !a.Subject.IsZero() {
		subject = a.Subject[:]
	}
	signature, err := signatureText(a)
	if err != nil {
		return err
	}
	if _, err := t.ses.exec(t.ctx, `INSERT INTO audit (number, at, user_id, role, agency, place, action, topic, subject, many, ids,
		purpose_kind, purpose_ref, purpose_text, purpose_since, purpose_until, verdict, reason, took, salt, signature)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		a.Number, a.At.UnixMilli(), a.User, a.Role, a.Agency, a.Place, a.Action, a.Topic, subject, a.Count, a.IDs,
		a.Purpose.Kind, a.Purpose.Ref, a.Purpose.Text, ms(a.Purpose.Since), ms(a.Purpose.Until), a.Verdict, a.Reason, int64(a.Took), salt, signature); err != nil {
		return t.broke(err)
	}
	t.next.act++
	t.acts++
	return nil
}

// purposeOf is why an act was done: what the act itself says, such as the hit that was opened, else what the session says. An
// act that does not say how long its purpose holds, has it for as long as the session's.
func purposeOf(act, session record.Purpose) record.Purpose {
	if act.Kind == "" && act.Ref == "" && act.Text == "" {
		return session
	}
	if act.Since.IsZero() && act.Until.IsZero() {
		act.Since, act.Until = session.Since, session.Until
	}
	return act
}

const actColumns = `number, at, user_id, role, agency, place, action, topic, subject, many, ids, purpose_kind, purpose_ref,
	purpose_text, purpose_since, purpose_until, verdict, reason, took, salt, leaf, signature`

func scanAct(rows *sql.Rows) (r audit.Row, err error) {
	var at int64
	var subject, leaf []byte
	var since, until sql.NullInt64
	var signature sql.NullString
	err = rows.Scan(&r.Number, &at, &r.User, &r.Role, &r.Agency, &r.Place, &r.Action, &r.Topic, &subject, &r.Count, &r.IDs,
		&r.Purpose.Kind, &r.Purpose.Ref, &r.Purpose.Text, &since, &until, &r.Verdict, &r.Reason, (*int64)(&r.Took), &r.Salt, &leaf, &signature)
	r.At = time.UnixMilli(at).UTC()
	r.Purpose.Since, r.Purpose.Until = fromMS(since), fromMS(until)
	copy(r.Subject[:], subject)
	copy(r.Leaf[:], leaf)
	if err == nil && signature.Valid {
		r.Signature, err = readSignature(signature.String)
	}
	return r, err
}

func acts(ctx context.Context, ses *session, b *builder) (out []audit.Row, err error) {
	err = ses.each(ctx, b.String(), b.args, func(rows *sql.Rows) error {
		r, err := scanAct(rows)
		out = append(out, r)
		return err
	})
	return out, err
}

// AuditTree implements audit.Table.
func (s *Store) AuditTree(ctx context.Context) (tree audit.Tree, err error) {
	defer record.Wrap(&err, "AuditTree")
	tree.Incarnation = s.incarnation
	err = s.reading(ctx, func(r *session) error {
		if tree.Size, err = treeSize(ctx, r); err != nil {
			return err
		}
		return r.one(ctx, `SELECT coalesce(max(number), 0) FROM audit`, nil, &tree.Rows)
	})
	return tree, err
}

// treeSize is kept as a counter, so that a row taken out of the table does not move it.
func treeSize(ctx context.Context, ses *session) (n int64, err error) {
	err = ses.one(ctx, `SELECT coalesce(max(value), 0) FROM counter WHERE name = 'tree'`, nil, &n)
	return n, err
}

// AuditRows implements audit.Table.
func (s *Store) AuditRows(ctx context.Context, after int64, limit int) (out []audit.Row, err error) {
	defer record.Wrap(&err, "AuditRows(%d)", after)
	b := &builder{}
	b.WriteString("SELECT " + actColumns + " FROM audit WHERE number > " + b.arg(after) + " ORDER BY number LIMIT " + b.arg(clamp(limit, 1000, manyRows)))
	err = s.reading(ctx, func(r *session) error {
		out, err = acts(ctx, r, b)
		return err
	})
	return out, err
}

// GrowTree implements audit.Table.
func (s *Store) GrowTree(ctx context.Context, size int64, leaves, hashes []tlog.Hash) (err error) {
	defer record.Wrap(&err, "GrowTree(%d)", size)
	return s.turn(ctx, false, func() error {
		w, ctx := s.writer, context.WithoutCancel(ctx)
		now, err := treeSize(ctx, w)
		if err != nil {
			return err
		}
		if now != size {
			return record.Errorf(record.Conflict, "the tree of the audit has %d leaves, not %d: another sequencer runs on this store", now, size)
		}
		for i, leaf := range leaves {
			if _, err := w.exec(ctx, `UPDATE audit SET leaf = $1 WHERE number = $2`, leaf[:], size+int64(i)+1); err != nil {
				return err
			}
		}
		pos := tlog.StoredHashCount(size)
		for i, h := range hashes {
			if _, err := w.exec(ctx, `INSERT INTO tree (pos, hash) VALUES ($1, $2)`, pos+int64(i), h[:]); err != nil {
				return err
			}
		}
		_, err = w.exec(ctx, `INSERT INTO counter (name, value) VALUES ('tree', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, size+int64(len(leaves)))
		return err
	})
}

// TreeHashes implements audit.Table.
func (s *Store) TreeHashes(ctx context.Context, positions []int64) (out []tlog.Hash, err error) {
	defer record.Wrap(&err, "TreeHashes")
	list, err := json.Marshal(positions)
	if err != nil {
		return nil, err
	}
	found := make(map[int64]tlog.Hash, len(positions))
	err = s.reading(ctx, func(r *session) error {
		return r.each(ctx, treeHashes, []any{string(list)}, func(rows *sql.Rows) error {
			var p int64
			var b []byte
			if err := rows.Scan(&p, &b); err != nil {
				return err
			}
			var h tlog.Hash
			if len(b) != tlog.HashSize {
				return fmt.Errorf("hash %d of the tree is damaged", p)
			}
			copy(h[:], b)
			found[p] = h
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	out = make([]tlog.Hash, len(positions))
	for i, p := range positions {
		h, ok := found[p]
		if !ok {
			return nil, fmt.Errorf("hash %d of the tree is missing", p)
		}
		out[i] = h
	}
	return out, nil
}

// treeHashes is one statement however many positions are asked for.
const treeHashes = `SELECT t.pos, t.hash FROM json_each($1) j CROSS JOIN tree t ON t.pos = j.value`

// Checkpoints implements audit.Table.
func (s *Store) Checkpoints(ctx context.Context, after int64, limit int) (out []audit.Signed, err error) {
	defer record.Wrap(&err, "Checkpoints(%d)", after)
	err = s.reading(ctx, func(r *session) error {
		return r.each(ctx, `SELECT n, text FROM checkpoint WHERE n > $1 ORDER BY n LIMIT $2`, []any{after, clamp(limit, 1000, manyRows)}, func(rows *sql.Rows) error {
			var c audit.Signed
			err := rows.Scan(&c.Number, &c.Text)
			out = append(out, c)
			return err
		})
	})
	return out, err
}

// LastCheckpoint implements audit.Table.
func (s *Store) LastCheckpoint(ctx context.Context) (c audit.Signed, err error) {
	defer record.Wrap(&err, "LastCheckpoint")
	err = s.reading(ctx, func(r *session) error {
		return r.one(ctx, `SELECT n, text FROM checkpoint ORDER BY n DESC LIMIT 1`, nil, &c.Number, &c.Text)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Signed{}, nil
	}
	return c, err
}

// AddCheckpoint implements audit.Table. What a checkpoint signs is on the disk when this returns.
func (s *Store) AddCheckpoint(ctx context.Context, text []byte) (err error) {
	defer record.Wrap(&err, "AddCheckpoint")
	return s.writing(ctx, false, func(w *session) error {
		_, err := w.exec(context.WithoutCancel(ctx), `INSERT INTO checkpoint (n, text) SELECT coalesce(max(n), 0) + 1, $1 FROM checkpoint`, text)
		return err
	})
}

// AskAudit implements audit.Asker. Who may ask is the caller's business.
func (s *Store) AskAudit(ctx context.Context, q audit.Question) (out []audit.Row, err error) {
	defer record.Wrap(&err, "AskAudit")
	err = s.reading(ctx, func(r *session) error {
		out, err = acts(ctx, r, asked(q))
		return err
	})
	return out, err
}

func asked(q audit.Question) *builder {
	b := &builder{}
	var c []string
	if q.User != "" {
		c = append(c, "user_id = "+b.arg(q.User))
	}
	if !q.Subject.IsZero() {
		c = append(c, "subject = "+b.arg(q.Subject[:]))
	}
	if q.Case != "" {
		c = append(c, "purpose_ref <> '' AND purpose_ref = "+b.arg(q.Case))
	}
	if len(q.Actions) > 0 {
		marks := make([]string, len(q.Actions))
		for i, a := range q.Actions {
			marks[i] = b.arg(a)
		}
		c = append(c, "action IN ("+strings.Join(marks, ", ")+")")
	}
	c = append(c, period(b, q.From, q.To)...)
	if q.TookUnder > 0 {
		c = append(c, "took > 0 AND took < "+b.arg(int64(q.TookUnder)))
	}
	if q.Before > 0 {
		c = append(c, "number < "+b.arg(q.Before))
	}
	b.WriteString("SELECT " + actColumns + " FROM audit" + where(c...) + " ORDER BY number DESC LIMIT " + b.arg(clamp(q.Limit, record.DefaultLimit, manyRows)))
	return b
}

func period(b *builder, from, to time.Time) (c []string) {
	if !from.IsZero() {
		c = append(c, "at >= "+b.arg(from.UnixMilli()))
	}
	if !to.IsZero() {
		c = append(c, "at < "+b.arg(to.UnixMilli()))
	}
	return c
}

// Purposes implements audit.Asker.
func (s *Store) Purposes(ctx context.Context, from, to time.Time, limit int) (out []audit.PurposeCount, err error) {
	defer record.Wrap(&err, "Purposes")
	if to.IsZero() && from.IsZero() {
		from = s.cfg.Now().Add(-audit.PurposePeriod)
	} else if from.IsZero() {
		from = to.Add(-audit.PurposePeriod)
	}
	b := &builder{}
	c := append([]string{"purpose_kind <> ''"}, period(b, from, to)...)
	b.WriteString("SELECT purpose_kind, purpose_ref, purpose_text, count(*) AS n, count(DISTINCT user_id), max(at) FROM audit" + where(c...) +
		" GROUP BY purpose_kind, purpose_ref, purpose_text ORDER BY n DESC, purpose_kind, purpose_ref, purpose_text LIMIT " + b.arg(clamp(limit, record.DefaultLimit, manyRows)))
	err = s.reading(ctx, func(r *session) error {
		return r.each(ctx, b.String(), b.args, func(rows *sql.Rows) error {
			var p audit.PurposeCount
			var last int64
			err := rows.Scan(&p.Kind, &p.Ref, &p.Text, &p.Count, &p.Users, &last)
			p.Last = time.UnixMilli(last).UTC()
			out = append(out, p)
			return err
		})
	})
	return out, err
}
