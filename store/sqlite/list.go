package sqlite

import (
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"sarhad/record"
)

// How a list is driven decides its order: newest first means by when it happened (order byTime), but a list of a text, a
// thing or a parent is by when it was learned (order byVid), because that is how their indexes lie.
type order byte

const (
	byTime order = 't'
	byVid  order = 'v'
)

// place is where a page ended. A list is read as known when its first page was: so no row is missed or shown twice while
// others are revised.
type place struct {
	order order
	asOf  int64
	at    int64
	vid   int64
}

// String is the cursor that a caller gets: base64 of its numbers, no personal data.
func (p place) String() string {
	b := []byte{byte(p.order)}
	b = binary.AppendVarint(b, p.asOf)
	b = binary.AppendVarint(b, p.at)
	b = binary.AppendVarint(b, p.vid)
	return base64.RawURLEncoding.EncodeToString(b)
}

func readPlace(s string) (p place, err error) {
	bad := record.Errorf(record.Invalid, "the cursor %.40q is none that a list gave: begin with the first page", s)
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < 4 || b[0] != byte(byTime) && b[0] != byte(byVid) {
		return p, bad
	}
	p.order = order(b[0])
	b = b[1:]
	for _, to := range []*int64{&p.asOf, &p.at, &p.vid} {
		v, n := binary.Varint(b)
		if n <= 0 {
			return p, bad
		}
		*to, b = v, b[n:]
	}
	if len(b) > 0 {
		return p, bad
	}
	return p, nil
}

// plan is a query with everything looked up.
type plan struct {
	q       record.Query
	order   order
	nothing bool // a word of the query was never stored
	may     filter
	anyMay  filter // without topics: the present revision must be readable, whatever its topic
	kinds   []int64
	states  []int64
	eid     int64 // 0 = no thing
	role    int64
	match   string // FTS5 expression; "" = no text
	asOf    int64  // 0 = now
	pinned  int64  // what the next page reads as of
	from    *place
	limit   int
}

// List implements record.Reader.
func (t *tx) List(q record.Query) (page record.Page, err error) {
	defer record.Wrap(&err, "List")
	p, err := t.plan(q)
	if err != nil || p.nothing {
		return page, err
	}
	limit := p.limit
	p.limit++ // one more tells whether there is a next page
	b := p.list()
	lines, err := t.lines(b)
	if err != nil {
		return page, err
	}
	if len(lines) > limit {
		lines = lines[:limit]
		last := lines[limit-1]
		page.Next = place{p.order, p.pinned, last.at, int64(last.Seq)}.String()
	}
	page.Rows, err = t.fill(lines, q.Full)
	return page, err
}

// lines reads rows of the table record.
func (t *tx) lines(b *builder) (out []line, err error) {
	err = t.ses.each(t.ctx, b.String(), b.args, func(rows *sql.Rows) error {
		l, err := scanLine(rows)
		out = append(out, l)
		return err
	})
	return out, err
}

// Count implements record.Reader.
func (t *tx) Count(q record.Query, limit int) (n int, err error) {
	defer record.Wrap(&err, "Count")
	if limit <= 0 {
		return 0, record.Errorf(record.Invalid, "say up to how many are counted: an exact count of everything is slow")
	}
	q.Cursor = ""
	p, err := t.plan(q)
	if err != nil || p.nothing {
		return 0, err
	}
	p.limit = limit
	b := p.count()
	err = t.ses.one(t.ctx, b.String(), b.args, &n)
	return n, err
}

// plan looks everything up.
func (t *tx) plan(q record.Query) (p plan, err error) {
	p = plan{q: q, order: byTime, limit: clamp(q.Limit, record.DefaultLimit, record.MaxLimit)}
	if q.AsOf < 0 {
		return p, record.Errorf(record.Invalid, "the sequence has no number %d", q.AsOf)
	}
	if err := t.words(&p); err != nil || p.nothing {
		return p, err
	}
	head, err := t.Head()
	if err != nil {
		return p, err
	}
	p.pinned = int64(head)
	if q.AsOf > 0 {
		p.pinned = min(int64(q.AsOf), int64(head))
	}
	if q.Cursor != "" {
		at, err := readPlace(q.Cursor)
		if err != nil {
			return p, err
		}
		if at.order != p.order {
			return p, record.Errorf(record.Invalid, "the cursor belongs to another list: begin with the first page")
		}
		p.from, p.pinned = &at, min(at.asOf, int64(head))
	}
	if p.pinned < int64(head) {
		p.asOf = p.pinned
	}
	if p.may, err = t.filter(q.Topics); err != nil {
		return p, err
	}
	p.anyMay, err = t.filter(nil)
	return p, err
}

// words looks up the words of a query and chooses the order.
func (t *tx) words(p *plan) (err error) {
	q := p.q
	if p.kinds, err = t.terms(inKind, q.Kinds); err != nil {
		return err
	}
	if p.states, err = t.terms(inState, q.States); err != nil {
		return err
	}
	p.nothing = len(q.Kinds) > 0 && len(p.kinds) == 0 || len(q.States) > 0 && len(p.states) == 0
	if q.Thing.Key != "" || q.Thing.Type != "" {
		p.order = byVid
		eid, ok, err := t.thing(q.Thing)
		if err != nil {
			return err
		}
		p.eid, p.nothing = eid, p.nothing || !ok
		if q.Role != "" {
			role, ok, err := t.term(inRole, q.Role)
			if err != nil {
				return err
			}
			p.role, p.nothing = role, p.nothing || !ok
		}
	}
	if strings.TrimSpace(q.Text) != "" {
		p.order = byVid
		p.match = matchAll(q.Text, t.s.cfg.Fold)
		p.nothing = p.nothing || p.match == ""
		if err := t.flushTexts(); err != nil {
			return err
		}
	}
	if !q.Parent.IsZero() {
		p.order = byVid
	}
	// Without a kind, an index by state needs all of them.
	if p.order == byTime && len(p.states) > 0 && len(p.kinds) == 0 {
		p.kinds, err = t.allKinds()
	}
	return err
}

func (t *tx) allKinds() (out []int64, err error) {
	err = t.ses.each(t.ctx, `SELECT id FROM term WHERE space = $1`, []any{inKind}, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	})
	return out, err
}

// line is a row with its terms still as numbers.
type line struct {
	record.Row
	kind, vis, at int64
	state         sql.NullInt64
}

// lineColumns are what scanLine reads, of the table record as r.
const lineColumns = `r.vid AS vid, r.until, r.id, r.kind, r.version, r.rev, r.key, r.title, r.state, r.vis, r.occurred, r.changed, r.expires, r.masked, r.at AS at`

func scanLine(rows *sql.Rows) (l line, err error) {
	var until, occurred, changed, expires, masked sql.NullInt64
	var key sql.NullString
	var id []byte
	err = rows.Scan((*int64)(&l.Seq), &until, &id, &l.kind, &l.Version, &l.Revision, &key, &l.Title, &l.state, &l.vis, &occurred, &changed, &expires, &masked, &l.at)
	copy(l.ID[:], id)
	l.Until, l.Key = record.Seq(until.Int64), key.String
	l.Occurred, l.Changed, l.Expires, l.Masked = fromMS(occurred), fromMS(changed), fromMS(expires), masked.Valid
	return l, err
}

// fill turns numbers into words, after the rows are read.
func (t *tx) fill(lines []line, full bool) (out []record.Row, err error) {
	for _, l := range lines {
		row := l.Row
		if row.Kind, err = t.code(l.kind); err != nil {
			return nil, err
		}
		if l.state.Valid {
			if row.State, err = t.code(l.state.Int64); err != nil {
				return nil, err
			}
		}
		if row.Scope, err = t.scope(l.vis); err != nil {
			return nil, err
		}
		if full {
			if row.Record, err = t.full(int64(l.Seq)); err != nil {
				return nil, err
			}
		}
		out = append(out, row)
	}
	return out, nil
}

func clamp(n, otherwise, most int) int {
	if n <= 0 {
		return otherwise
	}
	return min(n, most)
}
