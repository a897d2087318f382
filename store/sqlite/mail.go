package sqlite

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sarhad/record"
)

// mayCarry is what holds for the calls of record.Mail that are the relay's.
func (t *tx) mayCarry() error {
	if err := t.mayWrite(); err != nil {
		return err
	}
	if !t.actor.Machine {
		return record.Errorf(record.Forbidden, "what waits and what came is moved by the relay, not by a person")
	}
	return nil
}

// Incarnation implements record.Mail.
func (t *tx) Incarnation() string { return t.s.incarnation }

// Dispatch implements record.Mail.
func (t *tx) Dispatch(d *record.Dispatch) (err error) {
	defer record.Wrap(&err, "Dispatch(%s to %s)", d.Kind, d.To)
	if err := t.mayWrite(); err != nil {
		return err
	}
	if d.Service {
		if err := t.mayCarry(); err != nil {
			return err
		}
	}
	if err := d.Check(); err != nil {
		return err
	}
	out := *d
	if out.ID, err = record.NewRandomID(t.s.cfg.Rand); err != nil {
		return err
	}
	out.Incarnation, out.State, out.Queued, out.Expires = t.s.incarnation, record.DispatchQueued, t.now, round(d.Expires)
	if out.Seq = 0; !d.Service {
		if err := t.ses.one(t.ctx, `INSERT INTO dispatch_seq_last (peer, lane, life, last) VALUES ($1, $2, $3, 1)
			ON CONFLICT (peer, lane, life) DO UPDATE SET last = dispatch_seq_last.last + 1 RETURNING last`,
			[]any{out.To, out.Lane, out.Incarnation}, &out.Seq); err != nil {
			return t.broke(err)
		}
		t.changed = true
	}
	if out.Content == nil {
		out.Content = []byte{}
	}
	err = t.ses.one(t.ctx, `INSERT INTO dispatch (id, peer, lane, seq, life, kind, about, state, problem, tries, due, service, queued, expires, content)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, 0, $9, $10, $11, $12) RETURNING number`,
		[]any{out.ID[:], out.To, out.Lane, out.Seq, out.Incarnation, out.Kind, idOrNil(out.About), out.State, out.Service, out.Queued.UnixMilli(),
			ms(out.Expires), out.Content}, &out.Number)
	if err != nil {
		return t.broke(err)
	}
	*d = out
	t.mail(out.Lane)
	return nil
}

func idOrNil(id record.ID) any {
	if id.IsZero() {
		return nil
	}
	return id[:]
}

// stored is a dispatch as far as Advance needs it.
type stored struct {
	number  int64
	to      string
	state   record.DispatchState
	service bool
	wire    bool
	settled sql.NullInt64
}

// Advance implements record.Mail.
func (t *tx) Advance(s record.Step) (moved bool, err error) {
	defer record.Wrap(&err, "Advance(%s to %s)", s.ID, s.State)
	if err := t.mayCarry(); err != nil {
		return false, err
	}
	var d stored
	err = t.ses.one(t.ctx, `SELECT number, peer, state, service, wire IS NOT NULL, settled FROM dispatch WHERE id = $1`, []any{s.ID[:]},
		&d.number, &d.to, &d.state, &d.service, &d.wire, &d.settled)
	if errors.Is(err, sql.ErrNoRows) || err == nil && s.To != "" && s.To != d.to {
		return false, record.Errorf(record.NotFound, "no message %s was sent to %s", s.ID, s.To)
	}
	if err != nil {
		return false, err
	}
	if s.State != "" && s.State.Rank() == 0 || s.State == record.DispatchQueued || s.State == record.DispatchSealed && len(s.Wire) == 0 {
		return false, record.Errorf(record.Internal, "a message cannot become %q", s.State)
	}
	if moved, err = t.advance(s, d); err != nil {
		return false, t.broke(err)
	}
	return moved, nil
}

func (t *tx) advance(s record.Step, d stored) (moved bool, err error) {
	if s.Tried {
		if _, err := t.ses.exec(t.ctx, `UPDATE dispatch SET tries = tries + 1, tried = $1, due = 0 WHERE number = $2`, t.now.UnixMilli(), d.number); err != nil {
			return false, err
		}
	}
	if s.Again && d.wire {
		if _, err := t.ses.exec(t.ctx, `UPDATE dispatch SET due = 1 WHERE number = $1`, d.number); err != nil {
			return false, err
		}
	}
	if err := t.keepReceipt(s, d.number); err != nil {
		return false, err
	}
	now := t.now.UnixMilli()
	if s.State == "" && s.Problem != "" {
		_, err := t.ses.exec(t.ctx, `UPDATE dispatch SET problem = $1 WHERE number = $2 AND settled IS NULL`, s.Problem, d.number)
		return false, err
	}
	if s.State.Rank() <= d.state.Rank() {
		if s.State.Rank() >= record.DispatchDelivered.Rank() && s.State != record.DispatchExpired && s.State != record.DispatchRecalled {
			_, err = t.ses.exec(t.ctx, `UPDATE dispatch SET delivered = $1 WHERE number = $2 AND delivered IS NULL`, now, d.number)
		}
		return false, err
	}
	b := &builder{}
	b.WriteString("UPDATE dispatch SET state = " + b.arg(s.State) + ", problem = " + b.arg(s.Problem))
	switch s.State {
	case record.DispatchSealed:
		b.WriteString(", content = NULL, wire = " + b.arg(s.Wire) + ", due = 1")
	case record.DispatchAccepted:
		b.WriteString(", due = 0, accepted = " + b.arg(now))
	case record.DispatchDelivered:
		b.WriteString(", due = 0, delivered = " + b.arg(now) + ", settled = " + b.arg(now))
	case record.DispatchOpened, record.DispatchRefused:
		b.WriteString(", due = 0, content = NULL, closed = " + b.arg(now) + ", delivered = coalesce(delivered, " + b.arg(now) + "), settled = coalesce(settled, " + b.arg(now) + ")")
	default: // expired, recalled: nobody needs the bytes any more
		b.WriteString(", due = 0, content = NULL, wire = NULL, closed = " + b.arg(now) + ", settled = coalesce(settled, " + b.arg(now) + ")")
	}
	if d.service && s.State == record.DispatchAccepted { // nobody answers it
		b.WriteString(", closed = " + b.arg(now) + ", settled = " + b.arg(now))
	}
	b.WriteString(" WHERE number = " + b.arg(d.number))
	_, err = t.ses.exec(t.ctx, b.String(), b.args...)
	return true, err
}

// keepReceipt stores a signed receipt once, and names it in the message: the first one, and the one that brings its end.
func (t *tx) keepReceipt(s record.Step, number int64) error {
	if len(s.Receipt) == 0 {
		return nil
	}
	hash := sha256.Sum256(s.Receipt)
	if _, err := t.ses.exec(t.ctx, `INSERT INTO dispatch_receipt (hash, body) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING`, hash[:], s.Receipt); err != nil {
		return err
	}
	_, err := t.ses.exec(t.ctx, `UPDATE dispatch SET receipt = $1 WHERE number = $2 AND (receipt IS NULL OR closed IS NULL)`, hash[:], number)
	return err
}

const dispatchColumns = `d.number, d.id, d.peer, d.lane, d.seq, d.life, d.kind, d.about, d.state, d.problem, d.tries, d.due, d.service, d.queued,
	d.tried, d.accepted, d.delivered, d.closed, d.expires`

// dispatches makes the statement of a query. The index is named: a plan that reads the whole outbox stops a border.
func dispatches(q record.DispatchQuery) (*builder, error) {
	b := &builder{}
	full := ", NULL, NULL, NULL"
	if q.Full {
		full = ", d.content, d.wire, (SELECT x.body FROM dispatch_receipt x WHERE x.hash = d.receipt)"
	}
	index, order, c := dispatchIndex(&q, b)
	if (q.Due || index == "dispatch_seq") && (q.Lane == "" || q.To == "") || (q.Delivered || q.Unclosed) && q.To == "" {
		return nil, record.Errorf(record.Internal, "a query of the outbox lacks its lane or addressee")
	}
	if q.Newest {
		order = "d.number DESC"
	}
	if q.State != "" {
		c = append(c, "d.state = "+b.arg(q.State))
	}
	if q.To != "" {
		c = append(c, "d.peer = "+b.arg(q.To))
	}
	if q.Lane != "" {
		c = append(c, "d.lane = "+b.arg(q.Lane))
	}
	if q.After > 0 {
		c = append(c, "d.number > "+b.arg(q.After))
	}
	if q.Before > 0 {
		c = append(c, "d.number < "+b.arg(q.Before))
	}
	if !q.Service {
		c = append(c, "d.service = 0")
	}
	from := " FROM dispatch d"
	if index != "" {
		from += " INDEXED BY " + index
	}
	b.WriteString("SELECT " + dispatchColumns + full + from + where(c...) + " ORDER BY " + order + " LIMIT " + b.arg(clamp(q.Limit, record.DefaultLimit, record.MaxLimit)))
	return b, nil
}

// dispatchIndex gives the index that answers a query, the order in which it lies, and the conditions that it needs. What the relay
// itself asks for includes service messages.
func dispatchIndex(q *record.DispatchQuery, b *builder) (index, order string, c []string) {
	order = "d.number"
	switch {
	case !q.ID.IsZero():
		index, c = "dispatch_id", append(c, "d.id = "+b.arg(q.ID[:]))
	case !q.About.IsZero():
		index, c = "dispatch_about", append(c, "d.about = "+b.arg(q.About[:]))
	case q.Due:
		index, c = "dispatch_due", append(c, "d.due = 1")
		q.Service = true
	case !q.TriedBefore.IsZero():
		index, order = "dispatch_tried", "d.tried, d.number"
		c = append(c, "d.state = 'accepted' AND d.tried < "+b.arg(q.TriedBefore.UnixMilli()))
	case !q.ExpiredBy.IsZero():
		index, order = "dispatch_expires", "d.expires, d.number"
		c = append(c, "d.closed IS NULL AND d.expires <= "+b.arg(q.ExpiredBy.UnixMilli()))
		q.Service = true
	case q.Delivered:
		index, order = "dispatch_delivered", "d.delivered DESC"
		c = append(c, "d.delivered IS NOT NULL")
	case q.Unclosed:
		index, c = "dispatch_unclosed", append(c, "d.state = 'delivered'")
	case q.Incarnation != "":
		index, order = "dispatch_seq", "d.seq"
		c = append(c, "d.seq > 0 AND d.life = "+b.arg(q.Incarnation)+" AND d.seq >= "+b.arg(max(q.First, 1)))
		if q.Last > 0 {
			c = append(c, "d.seq <= "+b.arg(q.Last))
		}
	case q.State.Rank() > 0 && q.State.Rank() < record.DispatchDelivered.Rank() && q.Lane != "" && q.To != "":
		index, c = "dispatch_queue", append(c, "d.settled IS NULL")
	case q.To != "" && !q.Service:
		index = "dispatch_peer"
	}
	return index, order, c
}

// Dispatches implements record.Mail.
func (t *tx) Dispatches(q record.DispatchQuery) (out []record.Dispatch, err error) {
	defer record.Wrap(&err, "Dispatches")
	b, err := dispatches(q)
	if err != nil {
		return nil, err
	}
	err = t.ses.each(t.ctx, b.String(), b.args, func(rows *sql.Rows) error {
		d, err := scanDispatch(rows)
		out = append(out, d)
		return err
	})
	if err != nil || t.actor.Machine {
		return out, err
	}
	for i := range out {
		out[i].Content, out[i].Wire, out[i].Receipt = nil, nil, nil
		if err := t.hideAbout(&out[i].About); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// hideAbout takes away the name of a record that the actor may not read.
func (t *tx) hideAbout(id *record.ID) error {
	if id.IsZero() {
		return nil
	}
	_, err := t.Get(*id)
	if record.KindOf(err) == record.NotFound {
		*id, err = record.ID{}, nil
	}
	return err
}

func scanDispatch(rows *sql.Rows) (d record.Dispatch, err error) {
	var id, about []byte
	var queued int64
	var tried, accepted, delivered, closed, expires sql.NullInt64
	err = rows.Scan(&d.Number, &id, &d.To, &d.Lane, &d.Seq, &d.Incarnation, &d.Kind, &about, &d.State, &d.Problem, &d.Tries, &d.Due, &d.Service, &queued,
		&tried, &accepted, &delivered, &closed, &expires, &d.Content, &d.Wire, &d.Receipt)
	copy(d.ID[:], id)
	copy(d.About[:], about)
	d.Queued, d.Tried, d.Accepted = time.UnixMilli(queued).UTC(), fromMS(tried), fromMS(accepted)
	d.Delivered, d.Closed, d.Expires = fromMS(delivered), fromMS(closed), fromMS(expires)
	return d, err
}

// backlogs counts along one index: a screen may ask every second.
const backlogs = `SELECT peer, lane, state, count(*), min(queued) FROM dispatch INDEXED BY dispatch_waiting
	WHERE settled IS NULL AND service = 0 GROUP BY peer, lane, state ORDER BY peer, lane, state`

// Backlogs implements record.Mail.
func (t *tx) Backlogs() (out []record.Backlog, err error) {
	defer record.Wrap(&err, "Backlogs")
	err = t.ses.each(t.ctx, backlogs, nil, func(rows *sql.Rows) error {
		var b record.Backlog
		var oldest int64
		err := rows.Scan(&b.To, &b.Lane, &b.State, &b.Count, &oldest)
		b.Oldest = time.UnixMilli(oldest).UTC()
		out = append(out, b)
		return err
	})
	return out, err
}

// Prune implements record.Mail.
func (t *tx) Prune(wires, before time.Time, limit int) (n int, err error) {
	defer record.Wrap(&err, "Prune")
	if err := t.mayCarry(); err != nil {
		return 0, err
	}
	limit = clamp(limit, record.MaxLimit, manyRows)
	for _, p := range prunes(wires, before) {
		res, err := t.ses.exec(t.ctx, p.query, append(p.args, limit)...)
		if err != nil {
			return n, t.broke(err)
		}
		k, err := res.RowsAffected()
		if err != nil {
			return n, t.broke(err)
		}
		n += int(k)
	}
	return n, nil
}

type pruning struct {
	query string
	args  []any
}

func prunes(wires, before time.Time) []pruning {
	return []pruning{
		{`DELETE FROM dispatch WHERE number IN (SELECT number FROM dispatch INDEXED BY dispatch_settled
			WHERE settled IS NOT NULL AND service = 1 AND closed IS NOT NULL LIMIT $1)`, nil},
		{`UPDATE dispatch SET wire = NULL, due = 0 WHERE number IN (SELECT number FROM dispatch INDEXED BY dispatch_wire
			WHERE wire IS NOT NULL AND settled < $1 LIMIT $2)`, []any{wires.UnixMilli()}},
		{`DELETE FROM dispatch WHERE number IN (SELECT number FROM dispatch INDEXED BY dispatch_settled
			WHERE settled < $1 AND closed IS NOT NULL LIMIT $2)`, []any{before.UnixMilli()}},
		{`DELETE FROM dispatch_receipt WHERE hash IN (SELECT x.hash FROM dispatch_receipt x
			WHERE NOT EXISTS (SELECT 1 FROM dispatch d WHERE d.receipt = x.hash) LIMIT $1)`, nil},
		{`DELETE FROM freight WHERE out IN (0, 1) AND state IN ('done', 'refused', 'recalled') AND since < $1 AND moved < $1 AND $2 > 0`, []any{before.UnixMilli()}},
	}
}

// forgetMail takes along what is queued and kept about a record. What had not left is recalled.
func (t *tx) forgetMail(id record.ID) error {
	for _, q := range forgets {
		args := []any{id[:]}
		if q.timed {
			args = append(args, t.now.UnixMilli())
		}
		if _, err := t.ses.exec(t.ctx, q.query, args...); err != nil {
			return fmt.Errorf("mail: %w", err)
		}
	}
	return nil
}

var forgets = []struct {
	query string
	timed bool
}{
	{`UPDATE dispatch INDEXED BY dispatch_about SET state = 'recalled', closed = $2, settled = coalesce(settled, $2), due = 0, content = NULL, wire = NULL
		WHERE about = $1 AND state IN ('queued', 'sealed')`, true},
	{`UPDATE dispatch INDEXED BY dispatch_about SET content = NULL, wire = NULL, due = 0 WHERE about = $1`, false},
	{`UPDATE arrival INDEXED BY arrival_about SET content = NULL, kept = NULL WHERE about = $1`, false},
	{`UPDATE freight INDEXED BY freight_about SET state = 'recalled', moved = $2 WHERE about = $1 AND state IN ('moving', 'whole')`, true},
	{`UPDATE freight INDEXED BY freight_about SET meta = NULL, ref = '' WHERE about = $1`, false},
}
