package sqlite

import (
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"

	"sarhad/record"
)

// Arrive implements record.Mail.
func (t *tx) Arrive(a *record.Arrival) (fresh bool, err error) {
	defer record.Wrap(&err, "Arrive(%s from %s)", a.ID, a.From)
	if err := t.mayCarry(); err != nil {
		return false, err
	}
	if a.ID.IsZero() || len(a.From) > 40 || (a.From == "") != (a.State == record.ArrivalUnreadable) || a.Seq < 0 || a.Seq == math.MaxInt64 {
		return false, record.Errorf(record.Internal, "a message that came has an id, and a sender unless it is unreadable")
	}
	out := *a
	if out.State == "" {
		out.State = record.ArrivalNew
	}
	out.Arrived, out.Sent = t.now, round(a.Sent)
	content := any(out.Content)
	if out.Content == nil && out.State == record.ArrivalNew {
		content = []byte{}
	}
	err = t.ses.one(t.ctx, `INSERT INTO arrival (id, peer, lane, seq, life, kind, about, state, problem, sent, arrived, content, kept)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (peer, id) DO NOTHING RETURNING number`,
		[]any{out.ID[:], out.From, out.Lane, out.Seq, out.Incarnation, out.Kind, idOrNil(out.About), out.State, out.Problem, ms(out.Sent),
			out.Arrived.UnixMilli(), content, out.Kept}, &out.Number)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err == nil && out.Seq > 0 {
		err = t.span(record.Gap{From: out.From, Lane: out.Lane, Incarnation: out.Incarnation, First: out.Seq, Last: out.Seq})
	}
	if err != nil {
		return false, t.broke(err)
	}
	*a = out
	return true, nil
}

// span adds a range to those that came, and joins the ranges it touches.
func (t *tx) span(g record.Gap) error {
	type span struct{ first, last int64 }
	var touched []span
	err := t.ses.each(t.ctx, spansTouched, []any{g.From, g.Lane, g.Incarnation, g.Last + 1, g.First - 1}, func(rows *sql.Rows) error {
		var s span
		err := rows.Scan(&s.first, &s.last)
		touched = append(touched, s)
		return err
	})
	if err != nil {
		return err
	}
	if len(touched) == 1 && touched[0].first <= g.First && touched[0].last >= g.Last {
		return nil
	}
	for _, s := range touched {
		g.First, g.Last = min(g.First, s.first), max(g.Last, s.last)
		if _, err := t.ses.exec(t.ctx, `DELETE FROM arrival_span WHERE peer = $1 AND lane = $2 AND life = $3 AND first = $4`, g.From, g.Lane, g.Incarnation, s.first); err != nil {
			return err
		}
	}
	_, err = t.ses.exec(t.ctx, `INSERT INTO arrival_span (peer, lane, life, first, last) VALUES ($1, $2, $3, $4, $5)`, g.From, g.Lane, g.Incarnation, g.First, g.Last)
	return err
}

// spansTouched gives the ranges that begin before one number ($4) and end after another ($5). They do not overlap, so the one that
// begins last below $5 is the first that can.
const spansTouched = `SELECT s.first, s.last FROM arrival_span s WHERE s.peer = $1 AND s.lane = $2 AND s.life = $3 AND s.first <= $4 AND s.last >= $5
	AND s.first >= coalesce((SELECT max(b.first) FROM arrival_span b WHERE b.peer = $1 AND b.lane = $2 AND b.life = $3 AND b.first <= $5), 0)`

// Skip implements record.Mail.
func (t *tx) Skip(g record.Gap) (err error) {
	defer record.Wrap(&err, "Skip(%s %s %d-%d)", g.From, g.Lane, g.First, g.Last)
	if err := t.mayCarry(); err != nil {
		return err
	}
	if g.First < 1 || g.Last < g.First || g.Last == math.MaxInt64 {
		return record.Errorf(record.Internal, "a range of numbers runs from 1 upwards")
	}
	if err := t.span(g); err != nil {
		return t.broke(err)
	}
	return nil
}

// Gaps implements record.Mail.
func (t *tx) Gaps(from string) (out []record.Gap, err error) {
	defer record.Wrap(&err, "Gaps(%s)", from)
	p, err := t.Peer(from)
	if err != nil {
		return nil, err
	}
	found := map[record.Lane][]record.Gap{}
	top := map[record.LaneLast]int64{} // highest number that came, by lane and incarnation
	err = t.ses.each(t.ctx, `SELECT lane, life, first, last FROM arrival_span WHERE peer = $1 ORDER BY lane, life, first`, []any{from}, eachHole(from, func(g record.Gap) {
		if len(found[g.Lane]) < record.MaxGaps {
			found[g.Lane] = append(found[g.Lane], g)
		}
	}, func(lane record.Lane, life string, last int64) {
		top[record.LaneLast{Lane: lane, Incarnation: life}] = last
	}))
	if err != nil {
		return nil, err
	}
	for _, e := range p.Ends() {
		if had := top[record.LaneLast{Lane: e.Lane, Incarnation: e.Incarnation}]; e.Last > had {
			found[e.Lane] = append(found[e.Lane], record.Gap{From: from, Lane: e.Lane, Incarnation: e.Incarnation, First: had + 1, Last: e.Last})
		}
	}
	for _, lane := range record.Lanes {
		out = append(out, found[lane]...)
	}
	return out[:min(len(out), record.MaxGaps)], nil
}

// eachHole meets what is missing between ranges that come in order, and tells where each incarnation ends so far.
func eachHole(from string, hole func(record.Gap), top func(record.Lane, string, int64)) func(*sql.Rows) error {
	var lane record.Lane
	var life string
	var end int64
	return func(rows *sql.Rows) error {
		g := record.Gap{From: from}
		var first, last int64
		if err := rows.Scan(&g.Lane, &g.Incarnation, &first, &last); err != nil {
			return err
		}
		if g.Lane != lane || g.Incarnation != life {
			lane, life, end = g.Lane, g.Incarnation, 0
		}
		if first > end+1 {
			g.First, g.Last = end+1, first-1
			hole(g)
		}
		end = last
		top(lane, life, end)
		return nil
	}
}

const arrivalColumns = `a.number, a.id, a.peer, a.lane, a.seq, a.life, a.kind, a.about, a.state, a.problem, a.sent, a.arrived, a.opened`

func arrivals(q record.ArrivalQuery) *builder {
	b := &builder{}
	full := ", NULL, NULL"
	if q.Full {
		full = ", a.content, a.kept"
	}
	var c []string
	index := ""
	switch {
	case !q.ID.IsZero() && q.From != "":
		index, c = "arrival_id", append(c, "a.id = "+b.arg(q.ID[:]))
	case !q.About.IsZero():
		index, c = "arrival_about", append(c, "a.about = "+b.arg(q.About[:]))
	case q.State == record.ArrivalNew && q.Lane != "":
		index = "arrival_lane"
	case q.State == record.ArrivalNew:
		index = "arrival_new"
	case q.State == record.ArrivalUnreadable:
		index = "arrival_unreadable"
	case q.From != "":
		index = "arrival_peer"
	}
	if !q.ID.IsZero() && index != "arrival_id" {
		c = append(c, "a.id = "+b.arg(q.ID[:]))
	}
	if q.From != "" {
		c = append(c, "a.peer = "+b.arg(q.From))
	}
	if q.State != "" {
		c = append(c, "a.state = "+literal(q.State))
	}
	if q.Lane != "" {
		c = append(c, "a.lane = "+b.arg(q.Lane))
	}
	if len(q.Kinds) > 0 {
		marks := make([]string, len(q.Kinds))
		for i, k := range q.Kinds {
			marks[i] = b.arg(k)
		}
		c = append(c, "a.kind IN ("+strings.Join(marks, ", ")+")")
	}
	if q.After > 0 {
		c = append(c, "a.number > "+b.arg(q.After))
	}
	order := "a.number"
	if q.Newest {
		order = "a.number DESC"
	}
	if q.Before > 0 {
		c = append(c, "a.number < "+b.arg(q.Before))
	}
	from := " FROM arrival a"
	if index != "" {
		from += " INDEXED BY " + index
	}
	b.WriteString("SELECT " + arrivalColumns + full + from + where(c...) + " ORDER BY " + order + " LIMIT " + b.arg(clamp(q.Limit, record.DefaultLimit, record.MaxLimit)))
	return b
}

// literal writes a state into the text of a statement: a partial index wants to see it there.
func literal(s record.ArrivalState) string {
	switch s {
	case record.ArrivalNew, record.ArrivalDone, record.ArrivalRefused, record.ArrivalUnreadable:
		return "'" + string(s) + "'"
	}
	return "''"
}

// Arrivals implements record.Mail.
func (t *tx) Arrivals(q record.ArrivalQuery) (out []record.Arrival, err error) {
	defer record.Wrap(&err, "Arrivals")
	b := arrivals(q)
	err = t.ses.each(t.ctx, b.String(), b.args, func(rows *sql.Rows) error {
		var a record.Arrival
		var id, about []byte
		var sent, opened sql.NullInt64
		var arrived int64
		err := rows.Scan(&a.Number, &id, &a.From, &a.Lane, &a.Seq, &a.Incarnation, &a.Kind, &about, &a.State, &a.Problem, &sent, &arrived, &opened, &a.Content, &a.Kept)
		copy(a.ID[:], id)
		copy(a.About[:], about)
		a.Sent, a.Arrived, a.Opened = fromMS(sent), time.UnixMilli(arrived).UTC(), fromMS(opened)
		out = append(out, a)
		return err
	})
	if err != nil || t.actor.Machine {
		return out, err
	}
	for i := range out {
		out[i].Content, out[i].Kept = nil, nil
		if err := t.hideAbout(&out[i].About); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Settle implements record.Mail.
func (t *tx) Settle(number int64, to record.ArrivalState, problem string) (settled bool, err error) {
	defer record.Wrap(&err, "Settle(%d, %s)", number, to)
	if err := t.mayCarry(); err != nil {
		return false, err
	}
	if to != record.ArrivalDone && to != record.ArrivalRefused {
		return false, record.Errorf(record.Internal, "a message that came ends as done or refused, not as %q", to)
	}
	keep := "kept"
	if to == record.ArrivalRefused { // what was erased or masked here does not stay in what was refused
		keep = "CASE WHEN about IN (SELECT e.id FROM erasure e WHERE e.id = arrival.about) THEN NULL ELSE kept END"
	}
	res, err := t.ses.exec(t.ctx, `UPDATE arrival SET state = $1, problem = $2, content = NULL, kept = `+keep+` WHERE number = $3 AND state IN ('new', 'unreadable')`, to, problem, number)
	if err != nil {
		return false, t.broke(err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Owe implements record.Mail.
func (t *tx) Owe(r record.Receipt) (err error) {
	defer record.Wrap(&err, "Owe(%s to %s)", r.ID, r.To)
	if err := t.mayCarry(); err != nil {
		return err
	}
	if r.To == "" || r.ID.IsZero() || r.State.Rank() < record.DispatchDelivered.Rank() {
		return record.Errorf(record.Internal, "a receipt names a message, its sender, and what became of it")
	}
	if r.State == record.DispatchOpened {
		if _, err := t.ses.exec(t.ctx, `UPDATE arrival SET opened = $1 WHERE peer = $2 AND id = $3 AND opened IS NULL`, t.now.UnixMilli(), r.To, r.ID[:]); err != nil {
			return t.broke(err)
		}
	}
	var old record.DispatchState
	err = t.ses.one(t.ctx, `SELECT state FROM owed WHERE peer = $1 AND id = $2`, []any{r.To, r.ID[:]}, &old)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	case err == nil && r.State.Rank() <= old.Rank():
		return nil
	case err == nil:
		if _, err := t.ses.exec(t.ctx, `DELETE FROM owed WHERE peer = $1 AND id = $2`, r.To, r.ID[:]); err != nil {
			return t.broke(err)
		}
	}
	if _, err := t.ses.exec(t.ctx, `INSERT INTO owed (peer, lane, id, state, problem) VALUES ($1, $2, $3, $4, $5)`, r.To, r.Lane, r.ID[:], r.State, r.Problem); err != nil {
		return t.broke(err)
	}
	return nil
}

// Owed implements record.Mail.
func (t *tx) Owed(to string, lane record.Lane, limit int) (out []record.Receipt, err error) {
	defer record.Wrap(&err, "Owed")
	b := &builder{}
	var c []string
	if to != "" {
		c = append(c, "peer = "+b.arg(to), "lane = "+b.arg(lane))
	}
	b.WriteString("SELECT number, peer, lane, id, state, problem FROM owed" + where(c...) + " ORDER BY number LIMIT " + b.arg(clamp(limit, record.DefaultLimit, record.MaxLimit)))
	err = t.ses.each(t.ctx, b.String(), b.args, func(rows *sql.Rows) error {
		var r record.Receipt
		var id []byte
		err := rows.Scan(&r.Number, &r.To, &r.Lane, &id, &r.State, &r.Problem)
		copy(r.ID[:], id)
		out = append(out, r)
		return err
	})
	return out, err
}

// Paid implements record.Mail.
func (t *tx) Paid(numbers ...int64) (err error) {
	defer record.Wrap(&err, "Paid")
	if err := t.mayCarry(); err != nil {
		return err
	}
	for _, n := range numbers {
		if _, err := t.ses.exec(t.ctx, `DELETE FROM owed WHERE number = $1`, n); err != nil {
			return t.broke(err)
		}
	}
	return nil
}

// PeerNames implements record.Mail.
func (t *tx) PeerNames() (names []string, err error) {
	defer record.Wrap(&err, "PeerNames")
	err = t.ses.each(t.ctx, `SELECT name FROM peer UNION SELECT peer FROM dispatch_seq_last UNION SELECT DISTINCT peer FROM arrival_span ORDER BY 1`, nil, func(rows *sql.Rows) error {
		var n string
		err := rows.Scan(&n)
		names = append(names, n)
		return err
	})
	return names, err
}

// Peers implements record.Mail.
func (t *tx) Peers() (out []record.Peer, err error) {
	names, err := t.PeerNames()
	for _, n := range names {
		if err != nil {
			break
		}
		var p record.Peer
		p, err = t.Peer(n)
		out = append(out, p)
	}
	return out, err
}

// Peer implements record.Mail.
func (t *tx) Peer(name string) (p record.Peer, err error) {
	defer record.Wrap(&err, "Peer(%s)", name)
	var text string
	err = t.ses.one(t.ctx, `SELECT state FROM peer WHERE name = $1`, []any{name}, &text)
	if err == nil {
		err = json.Unmarshal([]byte(text), &p)
	} else if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil {
		return p, err
	}
	p.Name, p.Next = name, map[record.Lane]int64{}
	for _, l := range record.Lanes {
		p.Next[l] = 1
	}
	err = t.ses.each(t.ctx, `SELECT lane, life, last FROM dispatch_seq_last WHERE peer = $1 ORDER BY life, lane`, []any{name}, func(rows *sql.Rows) error {
		var l record.LaneLast
		err := rows.Scan(&l.Lane, &l.Incarnation, &l.Last)
		if l.Incarnation == t.s.incarnation {
			p.Next[l.Lane] = l.Last + 1
		} else {
			p.Given = append(p.Given, l)
		}
		return err
	})
	return p, err
}

// SetPeer implements record.Mail.
func (t *tx) SetPeer(p record.Peer) (err error) {
	defer record.Wrap(&err, "SetPeer(%s)", p.Name)
	if err := t.mayCarry(); err != nil {
		return err
	}
	if p.Name == "" {
		return record.Errorf(record.Internal, "a peer has a name")
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if _, err = t.ses.exec(t.ctx, `INSERT INTO peer (name, state) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET state = excluded.state`, p.Name, string(text)); err != nil {
		return t.broke(err)
	}
	return nil
}
