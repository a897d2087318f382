package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"sarhad/record"
	"sarhad/record/audit"
	"sarhad/store/storetest"
)

// explain gives the steps in which the database answers a query.
func (t *tx) explain(b *builder) (out string, err error) {
	err = t.ses.each(t.ctx, "EXPLAIN QUERY PLAN "+b.String(), b.args, func(rows *sql.Rows) error {
		var id, parent, unused int
		var step string
		err := rows.Scan(&id, &parent, &unused, &step)
		out += step + "\n"
		return err
	})
	return out, err
}

// TestPlans proves that the main lists read along an index, in its order, and never the whole table.
func TestPlans(t *testing.T) {
	s, _ := open(t)
	phone := record.Thing{Type: "phone", Key: "1"}
	parent := put(t, s, note(storetest.Note{Title: "a", State: "new", Texts: []string{"слово"}, Mentions: []record.Mention{{Thing: phone, Role: "owner"}}}))
	child := note(storetest.Note{Title: "b", State: "done", Mentions: []record.Mention{{Thing: phone, Role: "owner"}}})
	child.Kind, child.Body = "test.memo", &storetest.Memo{Note: storetest.Note{Title: "b", State: "done"}}
	child.Origin.Parents = []record.ID{parent.ID}
	put(t, s, child)
	put(t, s, note(storetest.Note{Title: "c"}))
	for _, c := range []struct {
		name string
		q    record.Query
		want string
	}{
		{"everything", record.Query{}, "SEARCH r USING INDEX record_at (at<?"},
		{"a period", record.Query{From: parent.Received, To: parent.Received.Add(1e9)}, "SEARCH r USING INDEX record_at (at>? AND at<?"},
		{"a kind", record.Query{Kinds: []string{"test.note"}}, "SEARCH r USING INDEX record_kind (kind=? AND at<?"},
		{"a kind in a period", record.Query{Kinds: []string{"test.note"}, From: parent.Received}, "SEARCH r USING INDEX record_kind (kind=? AND at>? AND at<?"},
		{"kinds", record.Query{Kinds: []string{"test.note", "test.memo"}}, "SEARCH r USING INDEX record_kind (kind=? AND at<?"},
		{"a state", record.Query{States: []string{"new"}}, "SEARCH r USING INDEX record_state (kind=? AND state=? AND at<?"},
		{"states of a kind", record.Query{Kinds: []string{"test.note"}, States: []string{"new", "done"}}, "SEARCH r USING INDEX record_state (kind=? AND state=? AND at<?"},
		{"a thing", record.Query{Thing: phone}, "SEARCH d USING COVERING INDEX mention_eid (eid=? AND k<?"},
		{"a thing in a role", record.Query{Thing: phone, Role: "owner"}, "SEARCH d USING INDEX mention_eid (eid=? AND k<?"},
		{"a parent", record.Query{Parent: parent.ID}, "SEARCH d USING COVERING INDEX parent_parent (parent=? AND k<?"},
		{"a text", record.Query{Text: "слово"}, "SCAN fts VIRTUAL TABLE INDEX"},
		{"a text and a thing", record.Query{Text: "слово", Thing: phone}, "INDEX mention_eid (eid=? AND k>? AND k<?"},
	} {
		for _, who := range []context.Context{machine(), record.WithActor(context.Background(), record.Actor{User: "u", Agency: "police", Roles: []string{"passenger"}})} {
			for asOf := range record.Seq(3) { // 0 is now
				must(t, s.reading(who, func(r *session) error {
					actor, _ := record.ActorFrom(who)
					x := &tx{s: s, ses: r, ctx: who, actor: actor, seq: -1, filters: map[string]filter{}}
					c.q.AsOf = asOf
					p, err := x.plan(c.q)
					must(t, err)
					if p.nothing {
						t.Fatalf("%s: the plan finds nothing", c.name)
					}
					p.from = &place{p.order, 2, parent.Received.UnixMilli(), 2}
					steps, err := x.explain(p.list())
					must(t, err)
					if !strings.Contains(steps, c.want) {
						t.Errorf("%s as of %d for %s: want %q in\n%s", c.name, asOf, actor.User, c.want, steps)
					}
					sorted := len(p.arms()) > 1 // the first rows of each range are
					if strings.Contains(steps, "SCAN r\n") || strings.Contains(steps, "SCAN d\n") || !sorted && strings.Contains(steps, "TEMP B-TREE") {
						t.Errorf("%s as of %d for %s reads or sorts too much:\n%s", c.name, asOf, actor.User, steps)
					}
					return nil
				}))
			}
		}
	}
}

// TestWordPlans proves the same of links, events and persons.
func TestWordPlans(t *testing.T) {
	s, _ := open(t)
	for _, c := range []struct{ name, query, want string }{
		{"links", `SELECT l.k FROM link l WHERE l.src = 1 AND l.vis IN (1, 2) AND l.until IS NULL ORDER BY l.k DESC LIMIT 5`, "COVERING INDEX link_src (src=?)"},
		{"a small box", `SELECT e.k FROM event e WHERE e.cell IN (1, 2) AND e.lat BETWEEN 1 AND 2 AND e.until IS NULL AND e.t >= 5 ORDER BY e.t DESC, e.k DESC LIMIT 5`, "INDEX event_cell (cell=? AND t>?)"},
		{"a place", `SELECT e.k FROM event e WHERE e.place = 3 AND e.until IS NULL AND e.t >= 5 ORDER BY e.t DESC, e.k DESC LIMIT 5`, "INDEX event_t (t>?)"},
		{"a period", `SELECT e.k FROM event e WHERE e.until IS NULL AND e.t >= 5 AND e.t < 6 ORDER BY e.t DESC, e.k DESC LIMIT 5`, "INDEX event_t (t>? AND t<?)"},
		{"behind", `SELECT count(*) FROM person p WHERE p.listed = 0 AND p.k >= 4096 AND p.until IS NULL`, "COVERING INDEX person_listed (listed=? AND k>?)"},
		{"a key", `SELECT vid, vis FROM record WHERE kind = $1 AND key = $2 AND until IS NULL`, "INDEX record_key (kind=? AND key=?)"},
	} {
		must(t, s.reading(context.Background(), func(r *session) error {
			x := &tx{s: s, ses: r, ctx: context.Background()}
			b := &builder{}
			fmt.Fprint(b, c.query)
			if strings.Contains(c.query, "$1") {
				b.args = []any{1, "k"}
			}
			steps, err := x.explain(b)
			must(t, err)
			if !strings.Contains(steps, c.want) {
				t.Errorf("%s: want %q in\n%s", c.name, c.want, steps)
			}
			return nil
		}))
	}
}

// TestAuditPlans proves that no question of the log reads all of it.
func TestAuditPlans(t *testing.T) {
	s, _ := open(t)
	hashes := &builder{}
	hashes.WriteString(treeHashes)
	hashes.args = []any{"[1,2]"}
	for _, c := range []struct {
		name, want string
		b          *builder
	}{
		{"everything", "SCAN audit", asked(audit.Question{})}, // backwards along its number, up to the limit
		{"an action", "INDEX audit_action (action=?)", asked(audit.Question{Actions: []string{"decide"}})},
		{"decided fast", "INDEX audit_action (action=?)", asked(audit.Question{Actions: []string{"decide"}, TookUnder: 1e9})},
		{"the page after of an action", "INDEX audit_action (action=? AND number<?)", asked(audit.Question{Actions: []string{"decide"}, Before: 7})},
		{"a user", "INDEX audit_user (user_id=?)", asked(audit.Question{User: "u"})},
		{"a case", "INDEX audit_ref (purpose_ref=?)", asked(audit.Question{Case: "c"})},
		{"hashes", "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)", hashes},
	} {
		must(t, s.reading(context.Background(), func(r *session) error {
			steps, err := (&tx{s: s, ses: r, ctx: context.Background()}).explain(c.b)
			must(t, err)
			if !strings.Contains(steps, c.want) || strings.Contains(steps, "TEMP B-TREE") {
				t.Errorf("%s: want %q in\n%s", c.name, c.want, steps)
			}
			return nil
		}))
	}
}
