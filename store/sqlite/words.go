package sqlite

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"sarhad/record"
)

// defaultRows is how many links or events come when the query does not say.
const defaultRows = 500

// Links implements record.Words: both directions, newest first, at most manyRows, 500 when no limit is given.
func (t *tx) Links(q record.LinkQuery) (out []record.FoundLink, err error) {
	defer record.Wrap(&err, "Links")
	eid, ok, err := t.thing(q.Thing)
	if err != nil || !ok {
		return nil, err
	}
	rels, err := t.terms(inRel, q.Rels)
	if err != nil || len(q.Rels) > 0 && len(rels) == 0 {
		return nil, err
	}
	may, asOf, err := t.window(q.AsOf)
	if err != nil {
		return nil, err
	}
	b := &builder{}
	b.WriteString("SELECT u.k, u.src, u.dst, u.rel, u.t, r.id FROM (")
	for i, side := range []string{"src", "dst"} {
		is := "l." + side + " = " + b.arg(eid)
		if i > 0 {
			b.WriteString(" UNION ALL ")
			is += " AND l.src <> l.dst" // a link to itself comes once
		}
		b.WriteString("SELECT * FROM (SELECT l.k AS k, l.src AS src, l.dst AS dst, l.rel AS rel, l.t AS t FROM link l")
		b.WriteString(where(is, in("l.rel", rels), may.on("l.vis"), known(b, "l", "l.k >> 12", idOf("l"), asOf, may)))
		b.WriteString(" ORDER BY l.k DESC LIMIT " + b.arg(clamp(q.Limit, defaultRows, manyRows)) + ")")
	}
	b.WriteString(") u CROSS JOIN record r ON r.vid = u.k >> 12 ORDER BY u.k DESC LIMIT " + b.arg(clamp(q.Limit, defaultRows, manyRows)))
	type ends struct{ src, dst, rel int64 }
	var nums []ends
	err = t.ses.each(t.ctx, b.String(), b.args, func(rows *sql.Rows) error {
		var f record.FoundLink
		var e ends
		var k int64
		var at sql.NullInt64
		var id []byte
		err := rows.Scan(&k, &e.src, &e.dst, &e.rel, &at, &id)
		copy(f.Record[:], id)
		f.Seq, f.At = record.Seq(k>>12), fromMS(at)
		out, nums = append(out, f), append(nums, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	seen := map[int64]record.Thing{}
	for i, e := range nums {
		if out[i].From, err = t.thingOnce(seen, e.src); err != nil {
			return nil, err
		}
		if out[i].To, err = t.thingOnce(seen, e.dst); err != nil {
			return nil, err
		}
		if out[i].Rel, err = t.code(e.rel); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (t *tx) thingOnce(seen map[int64]record.Thing, eid int64) (th record.Thing, err error) {
	th, ok := seen[eid]
	if !ok {
		if th, err = t.thingOf(eid); err == nil {
			seen[eid] = th
		}
	}
	return th, err
}

// window gives what a read of index rows has in common: the filter and the number "as known on", 0 = now.
func (t *tx) window(asOf record.Seq) (filter, int64, error) {
	if asOf < 0 {
		return filter{}, 0, record.Errorf(record.Invalid, "the sequence has no number %d", asOf)
	}
	head, err := t.Head()
	if err != nil {
		return filter{}, 0, err
	}
	if asOf >= head {
		asOf = 0
	}
	may, err := t.filter(nil)
	return may, int64(asOf), err
}

// Events implements record.Words: newest first, at most manyRows, 500 when no limit is given. Events without a time come
// only when no period is asked for, last.
func (t *tx) Events(q record.EventQuery) (out []record.FoundEvent, err error) {
	defer record.Wrap(&err, "Events")
	kinds, err := t.terms(inEvent, q.Kinds)
	if err != nil || len(q.Kinds) > 0 && len(kinds) == 0 {
		return nil, err
	}
	may, asOf, err := t.window(q.AsOf)
	if err != nil {
		return nil, err
	}
	b := &builder{}
	c := []string{in("e.kind", kinds), may.on("e.vis"), known(b, "e", "e.k >> 12", idOf("e"), asOf, may)}
	if q.Place != "" {
		place, ok, err := t.term(inPlace, q.Place)
		if err != nil || !ok {
			return nil, err
		}
		c = append(c, in("e.place", []int64{place}))
	}
	if !q.From.IsZero() {
		c = append(c, "e.t >= "+b.arg(q.From.UnixMilli()))
	}
	if !q.To.IsZero() {
		c = append(c, "e.t < "+b.arg(q.To.UnixMilli()))
	}
	if q.Box != nil {
		c = append(c, inBox(b, *q.Box))
	}
	b.WriteString("SELECT e.k, e.t, e.kind, e.place, e.lat, e.lon, r.id FROM event e CROSS JOIN record r ON r.vid = e.k >> 12")
	b.WriteString(where(c...))
	b.WriteString(" ORDER BY e.t DESC, e.k DESC LIMIT " + b.arg(clamp(q.Limit, defaultRows, manyRows)))
	type words struct{ kind, place int64 }
	var nums []words
	err = t.ses.each(t.ctx, b.String(), b.args, func(rows *sql.Rows) error {
		var f record.FoundEvent
		var w words
		var k int64
		var at sql.NullInt64
		var lat, lon sql.NullFloat64
		var id []byte
		err := rows.Scan(&k, &at, &w.kind, &w.place, &lat, &lon, &id)
		copy(f.Record[:], id)
		f.Seq, f.At = record.Seq(k>>12), fromMS(at)
		f.Lat, f.Lon, f.Located = lat.Float64, lon.Float64, lat.Valid
		out, nums = append(out, f), append(nums, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, w := range nums {
		if out[i].Kind, err = t.code(w.kind); err != nil {
			return nil, err
		}
		if out[i].Place, err = t.code(w.place); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// smallBox is up to how many cells a box is looked up by cell; a wider one is read along the time.
const smallBox = 500

func inBox(b *builder, box record.Box) string {
	south, north, west, east := b.arg(box.South), b.arg(box.North), b.arg(box.West), b.arg(box.East)
	exact := fmt.Sprintf("e.lat BETWEEN %s AND %s AND e.lon BETWEEN %s AND %s", south, north, west, east)
	if box.West > box.East {
		return fmt.Sprintf("e.lat BETWEEN %s AND %s AND (e.lon >= %s OR e.lon <= %s)", south, north, west, east)
	}
	rows, columns := cellRow(box.North)-cellRow(box.South)+1, cellColumn(box.East)-cellColumn(box.West)+1
	if rows < 1 || columns < 1 || rows*columns > smallBox {
		return exact
	}
	var cells []int64
	for r := cellRow(box.South); r <= cellRow(box.North); r++ {
		for c := cellColumn(box.West); c <= cellColumn(box.East); c++ {
			cells = append(cells, r*cellColumns+c)
		}
	}
	return in("e.cell", cells) + " AND " + exact
}

// maxBy is by how many dimensions a measure is summed at once.
const maxBy = 3

// Measures implements record.Words; cells come in the order of their values.
func (t *tx) Measures(q record.MeasureQuery) (out []record.Cell, err error) {
	defer record.Wrap(&err, "Measures(%s)", q.Name)
	if len(q.By) > maxBy {
		return nil, record.Errorf(record.Invalid, "a measure can be counted by %d dimensions at once, not by %d: choose fewer", maxBy, len(q.By))
	}
	name, ok, err := t.term(inMeasure, q.Name)
	if err != nil || !ok {
		return nil, err
	}
	may, asOf, err := t.window(q.AsOf)
	if err != nil {
		return nil, err
	}
	b := &builder{}
	c := []string{in("m.name", []int64{name}), may.on("m.vis"), known(b, "m", "m.k >> 12", idOf("m"), asOf, may)}
	if !q.From.IsZero() {
		c = append(c, "m.t >= "+b.arg(q.From.UnixMilli()))
	}
	if !q.To.IsZero() {
		c = append(c, "m.t < "+b.arg(q.To.UnixMilli()))
	}
	by := make([]string, len(q.By))
	for i, dim := range q.By {
		if by[i], err = t.slotColumn(name, dim); err != nil {
			return nil, err
		}
	}
	for _, d := range q.Where {
		column, err := t.slotColumn(name, d.Name)
		if err != nil {
			return nil, err
		}
		value, ok, err := t.term(inValue, d.Value)
		if err != nil || !ok || column == "NULL" {
			return nil, err
		}
		c = append(c, in(column, []int64{value}))
	}
	return t.cells(b, by, c)
}

func (t *tx) cells(b *builder, by, conditions []string) (out []record.Cell, err error) {
	b.WriteString("SELECT ")
	var group []string
	for i, column := range by {
		fmt.Fprintf(b, "coalesce(%s, 0) AS g%d, ", column, i)
		group = append(group, fmt.Sprintf("g%d", i))
	}
	b.WriteString("sum(m.value), count(*) FROM measure m")
	b.WriteString(where(conditions...))
	if len(group) > 0 {
		b.WriteString(" GROUP BY " + strings.Join(group, ", "))
	}
	var nums [][maxBy]int64
	err = t.ses.each(t.ctx, b.String(), b.args, func(rows *sql.Rows) error {
		var values [maxBy]int64
		var sum sql.NullFloat64
		var cell record.Cell
		dest := make([]any, 0, maxBy+2)
		for i := range by {
			dest = append(dest, &values[i])
		}
		err := rows.Scan(append(dest, &sum, &cell.Count)...)
		cell.Sum = sum.Float64
		if cell.Count > 0 {
			out, nums = append(out, cell), append(nums, values)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].By = make([]string, len(by))
		for j := range by {
			if nums[i][j] == 0 {
				continue
			}
			if out[i].By[j], err = t.code(nums[i][j]); err != nil {
				return nil, err
			}
		}
	}
	sortCells(out)
	return out, nil
}

// Persons implements record.Words. A record's persons always come together, even when they are more than the limit: who
// moves a cursor behind the record has seen them all. While the index is rebuilt it is Unavailable: whoever moved a cursor
// over persons that are not indexed yet, or held travellers against half of the lists, would miss them for ever.
func (t *tx) Persons(listed bool, after record.Seq, limit int) (out []record.FoundPerson, err error) {
	defer record.Wrap(&err, "Persons")
	if left, err := t.ses.unindexed(t.ctx); err != nil {
		return nil, err
	} else if left != nil {
		return nil, record.Errorf(record.Unavailable, "the index is being rebuilt: persons are read when it is whole; start the node and wait, or run 'sarhad reindex'")
	}
	may, err := t.filter(nil)
	if err != nil {
		return nil, err
	}
	limit = clamp(limit, record.MaxLimit, manyRows)
	from := (int64(after) + 1) << 12
	if out, err = t.persons(listed, from, 1<<62, limit+1, may); err != nil || len(out) <= limit {
		return out, err
	}
	cut := out[limit].Seq // perhaps only a part of its persons is there
	n := limit
	for n > 0 && out[n-1].Seq == cut {
		n--
	}
	if n > 0 {
		return out[:n], nil
	}
	from, to := rowsOf(int64(cut))
	return t.persons(listed, from, to, maxRows+1, may)
}

func (t *tx) persons(listed bool, from, to int64, limit int, may filter) (out []record.FoundPerson, err error) {
	is := "p.listed = 0"
	if listed {
		is = "p.listed = 1"
	}
	b := &builder{}
	b.WriteString("SELECT p.k, p.person, r.id FROM person p CROSS JOIN record r ON r.vid = p.k >> 12")
	b.WriteString(where(is, "p.k >= "+b.arg(from), "p.k < "+b.arg(to), "p.until IS NULL", may.on("p.vis")))
	b.WriteString(" ORDER BY p.k LIMIT " + b.arg(limit))
	err = t.ses.each(t.ctx, b.String(), b.args, func(rows *sql.Rows) error {
		var f record.FoundPerson
		var k int64
		var body, id []byte
		if err := rows.Scan(&k, &body, &id); err != nil {
			return err
		}
		copy(f.Record[:], id)
		f.Seq, f.N = record.Seq(k>>12), int(k&maxRows)
		out = append(out, f)
		return json.Unmarshal(body, &out[len(out)-1].Person)
	})
	return out, err
}
