package sqlite

import (
	"fmt"
	"strconv"
	"strings"
)

// builder collects the text of a query and its arguments.
type builder struct {
	strings.Builder
	args []any
}

// arg adds an argument and gives its placeholder.
func (b *builder) arg(v any) string {
	b.args = append(b.args, v)
	return "$" + strconv.Itoa(len(b.args))
}

// where joins conditions; empty ones are left out.
func where(conditions ...string) string {
	var kept []string
	for _, c := range conditions {
		if c != "" {
			kept = append(kept, c)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(kept, " AND ")
}

// in gives a condition on numbers that we made ourselves; "" when there are none.
func in(column string, ids []int64) string {
	switch len(ids) {
	case 0:
		return ""
	case 1:
		return column + " = " + strconv.FormatInt(ids[0], 10)
	}
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.FormatInt(id, 10)
	}
	return column + " IN (" + strings.Join(words, ", ") + ")"
}

// known gives the conditions "as known on" for a table with until. number is the expression that gave the row its place
// in the sequence, id one that gives the record's id. Now: the row is not closed. Else: it was known and not closed then,
// and whoever reads a former state may read the present one too, so that a record which was marked higher does not stay
// open in its past.
func known(b *builder, table, number, id string, asOf int64, may filter) string {
	if asOf == 0 {
		return table + ".until IS NULL"
	}
	v := b.arg(asOf)
	closed := fmt.Sprintf("%s.until > %s", table, v)
	if c := may.on("p.vis"); c != "" {
		closed += fmt.Sprintf(" AND EXISTS (SELECT 1 FROM record p WHERE p.id = %s AND p.until IS NULL AND %s)", id, c)
	}
	return fmt.Sprintf("%s <= %s AND (%s.until IS NULL OR %s)", number, v, table, closed)
}

// idOf gives the id of the record an index row belongs to.
func idOf(table string) string {
	return "(SELECT o.id FROM record o WHERE o.vid = " + table + ".k >> 12)"
}

// maxArms is up to how many combinations of kind and state are read each by its own index range; above, one range is
// scanned.
const maxArms = 48

// list is the query of a page.
func (p *plan) list() *builder {
	b := &builder{}
	if p.order == byVid {
		p.byVid(b, lineColumns)
		return b
	}
	arms := p.arms()
	if len(arms) == 1 {
		p.byTime(b, lineColumns, arms[0])
		return b
	}
	for i, a := range arms {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		b.WriteString("SELECT * FROM (")
		p.byTime(b, lineColumns, a)
		b.WriteString(")")
	}
	fmt.Fprintf(b, " ORDER BY at %[1]s, vid %[1]s LIMIT %[2]s", p.direction(), b.arg(p.limit))
	return b
}

// count is the same with a number as the result.
func (p *plan) count() *builder {
	b := &builder{}
	b.WriteString("SELECT count(*) FROM (")
	if p.order == byVid {
		p.byVid(b, "1")
	} else {
		arms := p.arms()
		for i, a := range arms {
			if i > 0 {
				b.WriteString(" UNION ALL ")
			}
			b.WriteString("SELECT * FROM (")
			p.byTime(b, "1", a)
			b.WriteString(")")
		}
		if len(arms) > 1 {
			b.WriteString(" LIMIT " + b.arg(p.limit))
		}
	}
	b.WriteString(")")
	return b
}

func (p *plan) direction() string {
	if p.q.Oldest {
		return "ASC"
	}
	return "DESC"
}

// arm is one range of an index: a kind, perhaps with a state, or everything.
type arm struct{ kinds, states []int64 }

func (p *plan) arms() []arm {
	if n := len(p.kinds) * max(len(p.states), 1); n <= 1 || n > maxArms {
		return []arm{{p.kinds, p.states}}
	}
	var out []arm
	for _, k := range p.kinds {
		if len(p.states) == 0 {
			out = append(out, arm{kinds: []int64{k}})
		}
		for _, s := range p.states {
			out = append(out, arm{[]int64{k}, []int64{s}})
		}
	}
	return out
}

// byTime reads one range in the order of its index. Only a list is ordered; a count takes rows as they come.
func (p *plan) byTime(b *builder, columns string, a arm) {
	b.WriteString("SELECT " + columns + " FROM record r")
	conditions := append(p.onRecord(b, a), p.after(b), p.may.on("r.vis"), known(b, "r", "r.vid", "r.id", p.asOf, p.anyMay))
	b.WriteString(where(conditions...))
	if columns != "1" {
		fmt.Fprintf(b, " ORDER BY r.at %[1]s, r.vid %[1]s", p.direction())
	}
	b.WriteString(" LIMIT " + b.arg(p.limit))
}

// onRecord gives the conditions on the narrow row that every list has in common.
func (p *plan) onRecord(b *builder, a arm) []string {
	c := []string{in("r.kind", a.kinds), in("r.state", a.states)}
	if !p.q.From.IsZero() {
		c = append(c, "r.at >= "+b.arg(p.q.From.UnixMilli()))
	}
	if !p.q.To.IsZero() {
		c = append(c, "r.at < "+b.arg(p.q.To.UnixMilli()))
	}
	return c
}

// after begins where the page before ended.
func (p *plan) after(b *builder) string {
	if p.from == nil {
		return ""
	}
	than := "<"
	if p.q.Oldest {
		than = ">"
	}
	at, vid := b.arg(p.from.at), b.arg(p.from.vid)
	return fmt.Sprintf("r.at %[1]s= %[2]s AND (r.at %[1]s %[2]s OR r.vid %[1]s %[3]s)", than, at, vid)
}

// byVid reads in the order of the sequence, driven by the most telling word: parent, text or thing. CROSS JOIN keeps the
// database from turning the order of the tables round.
func (p *plan) byVid(b *builder, columns string) {
	switch {
	case !p.q.Parent.IsZero():
		p.byRow(b, columns, "parent", "d.parent = "+b.arg(p.q.Parent[:]))
	case p.match != "":
		p.byText(b, columns)
	default:
		p.byRow(b, columns, "mention", "d.eid = "+b.arg(p.eid)+p.inRole("d"))
	}
}

func (p *plan) inRole(table string) string {
	if p.role == 0 {
		return ""
	}
	return " AND " + in(table+".role", []int64{p.role})
}

// byRow reads by a table with keys k; a record that has several such rows comes once, by its first.
func (p *plan) byRow(b *builder, columns, table, is string) {
	fmt.Fprintf(b, "SELECT %s FROM %s d CROSS JOIN record r ON r.vid = d.k >> 12", columns, table)
	first := fmt.Sprintf("NOT EXISTS (SELECT 1 FROM %s e WHERE %s AND e.k >= (d.k >> 12) << 12 AND e.k < d.k)", table, strings.ReplaceAll(is, "d.", "e."))
	c := append(p.onRecord(b, arm{p.kinds, p.states}), is, first, p.may.on("d.vis"), known(b, "d", "d.k >> 12", "r.id", p.asOf, p.anyMay))
	if p.from != nil {
		if p.q.Oldest {
			c = append(c, "d.k >= "+b.arg((p.from.vid+1)<<12))
		} else {
			c = append(c, "d.k < "+b.arg(p.from.vid<<12))
		}
	}
	c = append(c, p.alsoText(b, table), p.alsoThing(b, table))
	b.WriteString(where(c...))
	if columns != "1" {
		b.WriteString(" ORDER BY d.k " + p.direction())
	}
	b.WriteString(" LIMIT " + b.arg(p.limit))
}

func (p *plan) byText(b *builder, columns string) {
	fmt.Fprintf(b, "SELECT %s FROM fts CROSS JOIN record r ON r.vid = fts.rowid", columns)
	c := append([]string{"fts MATCH " + b.arg(p.match)}, p.onRecord(b, arm{p.kinds, p.states})...)
	c = append(c, p.may.on("r.vis"), known(b, "r", "r.vid", "r.id", p.asOf, p.anyMay))
	if p.from != nil {
		than := "<"
		if p.q.Oldest {
			than = ">"
		}
		c = append(c, "fts.rowid "+than+" "+b.arg(p.from.vid))
	}
	c = append(c, p.alsoThing(b, "fts"))
	b.WriteString(where(c...))
	if columns != "1" {
		b.WriteString(" ORDER BY fts.rowid " + p.direction())
	}
	b.WriteString(" LIMIT " + b.arg(p.limit))
}

// alsoText and alsoThing are conditions when another word drives the list.
func (p *plan) alsoText(b *builder, driver string) string {
	if p.match == "" || driver == "fts" {
		return ""
	}
	return "r.vid IN (SELECT rowid FROM fts WHERE fts MATCH " + b.arg(p.match) + ")"
}

func (p *plan) alsoThing(b *builder, driver string) string {
	if p.eid == 0 || driver == "mention" {
		return ""
	}
	return fmt.Sprintf("EXISTS (SELECT 1 FROM mention m WHERE m.eid = %s AND m.k >= r.vid << 12 AND m.k < (r.vid + 1) << 12%s)",
		b.arg(p.eid), p.inRole("m"))
}
