package sharing

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/store/sqlite"
)

// sighting is a kind in its first version, as the program of a year ago knows it.
type sighting struct {
	Words string `json:"words" class:"plain"`
}

func (*sighting) Kind() string             { return "test.sighting" }
func (*sighting) Version() int             { return 1 }
func (*sighting) Validate() error          { return nil }
func (s *sighting) Index(ix *record.Index) { ix.Title = s.Words }

// formerSighting is the same as the program of today knows it.
type formerSighting struct{ sighting }

func (s *formerSighting) Upgrade() record.Body { return &placedSighting{Words: s.Words} }

// placedSighting is its second version.
type placedSighting struct {
	Words string `json:"words" class:"plain"`
	Place string `json:"place,omitempty" class:"plain"`
}

func (*placedSighting) Kind() string             { return "test.sighting" }
func (*placedSighting) Version() int             { return 2 }
func (*placedSighting) Validate() error          { return nil }
func (s *placedSighting) Index(ix *record.Index) { ix.Title = s.Words }

// program gives a node another program: its store is opened anew with what that program knows.
func (n *node) program(bodies ...func() record.Body) {
	n.Helper()
	n.must(n.sql.Close())
	all := []func() record.Body{}
	for _, some := range [][]func() record.Body{Bodies(), bodies} {
		all = append(all, some...)
	}
	st, err := sqlite.Open(n.Context(), sqlite.Config{Dir: n.dir, Types: record.NewTypes(all...), Node: n.name, Now: n.net.now,
		Allow: func(a record.Actor, s record.Scope) bool { return access.Allow(a, access.Read, s) }})
	n.must(err)
	n.Cleanup(func() { _ = st.Close() })
	n.sql = st
	n.Store = pipe{st, n}
	n.Clocks.Store = n.Store
}

// TestTwoReleasesShareForADay proves that a node of today and a node of a year ago exchange a kind, of which one knows a newer version,
// for a simulated day with revisions in both directions, and that nothing is refused, dropped or changed: the older keeps bytes that
// it cannot read as they came, and reads them on the day of its update; the newer reads the older's at once.
func TestTwoReleasesShareForADay(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one")
	today, ago := w.nodes["kz-one"], w.nodes["kg-one"]
	newer := []func() record.Body{func() record.Body { return &formerSighting{} }, func() record.Body { return &placedSighting{} }}
	today.program(newer...)
	ago.program(func() record.Body { return &sighting{} })
	today.agrees("kg-one", nil)
	ago.agrees("kz-one", nil)
	w.settle()
	share := func(n *node, to string, b record.Body, hour int) record.ID {
		rec := n.about(b)
		rec.Key = fmt.Sprint("natural/key/", n.name, hour)
		n.put(rec)
		told := n.tell(rec.ID, to)
		if !told.Goes() {
			t.Fatalf("%s does not go to %s: %+v", n.name, to, told.Stays)
		}
		_, err := n.Send(n.boss(), Wish{Record: rec.ID, To: []string{to}, Editions: []string{told.Hash}, Purpose: "joint check"}, nil)
		n.must(err)
		return rec.ID
	}
	var fromToday, fromAgo []record.ID
	for hour := range 24 {
		fromToday = append(fromToday, share(today, "kg-one", &placedSighting{Words: fmt.Sprint("lorry ", hour), Place: "bridge"}, hour))
		fromAgo = append(fromAgo, share(ago, "kz-one", &sighting{Words: fmt.Sprint("car ", hour)}, hour))
		if hour%4 == 3 { // what was shared an hour ago is corrected
			today.revise(fromToday[hour-1], func(r *record.Record) { r.Body.(*placedSighting).Place = "ferry" })
			ago.revise(fromAgo[hour-1], func(r *record.Record) { r.Body.(*sighting).Words += " again" })
		}
		w.settle()
		w.later(time.Hour)
	}
	if len(today.refused)+len(ago.refused) > 0 {
		t.Fatalf("refused: %v %v", today.refused, ago.refused)
	}
	raw := map[record.ID][]byte{}
	for hour, id := range fromToday {
		rec := ago.read(id)
		if rec == nil || rec.Version != 2 || rec.Body != nil || !bytes.Contains(rec.Raw, fmt.Append(nil, "lorry ", hour)) {
			t.Fatalf("hour %d at the older: %+v", hour, rec)
		}
		raw[id] = rec.Raw
	}
	for hour, id := range fromAgo {
		want := fmt.Sprint("car ", hour)
		if hour%4 == 2 {
			want += " again"
		}
		rec := today.read(id)
		if rec == nil || rec.Version != 1 {
			t.Fatalf("hour %d at the newer: %+v", hour, rec)
		}
		if b, ok := rec.Body.(*placedSighting); !ok || b.Words != want {
			t.Errorf("hour %d at the newer: %#v", hour, rec.Body)
		}
	}
	ago.program(newer...) // the day of the update
	for hour, id := range fromToday {
		want := "bridge"
		if hour%4 == 2 {
			want = "ferry"
		}
		rec := ago.read(id)
		if b, ok := rec.Body.(*placedSighting); !ok || b.Place != want || !bytes.Equal(rec.Raw, raw[id]) {
			t.Errorf("hour %d after the update: %#v", hour, rec.Body)
		}
	}
}
