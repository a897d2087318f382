package transfer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sarhad/record"
	"sarhad/record/transfer"
	"sarhad/store/sqlite"
)

// v1 and v2 are one kind in two releases; home says what never leaves.
type v1 struct {
	Text string `json:"text" class:"text"`
	Home string `json:"home,omitempty" class:"home"`
}
type v2 struct {
	Words []string `json:"words" class:"text"`
}

func (*v1) Kind() string             { return "test.note" }
func (*v1) Version() int             { return 1 }
func (*v1) Validate() error          { return nil }
func (n *v1) Index(ix *record.Index) { ix.Title = n.Text }
func (n *v1) Upgrade() record.Body   { return &v2{Words: strings.Fields(n.Text)} }
func (*v2) Kind() string             { return "test.note" }
func (*v2) Version() int             { return 2 }
func (*v2) Validate() error          { return nil }
func (n *v2) Index(ix *record.Index) { ix.Title = strings.Join(n.Words, "+") }

// last is v1 as a release knows it for which it is the last version.
type last struct {
	Text string `json:"text" class:"text"`
	Home string `json:"home,omitempty" class:"home"`
}

func (*last) Kind() string             { return "test.note" }
func (*last) Version() int             { return 1 }
func (*last) Validate() error          { return nil }
func (n *last) Index(ix *record.Index) { ix.Title = n.Text }

func bodies(of ...record.Body) *record.Types {
	all := transfer.Bodies()
	for _, b := range of {
		switch b.(type) {
		case *last:
			all = append(all, func() record.Body { return &last{} })
		case *v1:
			all = append(all, func() record.Body { return &v1{} })
		case *v2:
			all = append(all, func() record.Body { return &v2{} })
		}
	}
	return record.NewTypes(all...)
}

// node is a store of one release.
type node struct {
	*testing.T
	*sqlite.Store
	name string
}

func newNode(t *testing.T, name string, types *record.Types) *node {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Types: types, Node: name,
		Allow: func(record.Actor, record.Scope) bool { return false }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &node{t, s, name}
}

func old(t *testing.T, name string) *node { t.Helper(); return newNode(t, name, bodies(&last{})) }
func fresh(t *testing.T, name string) *node {
	t.Helper()
	return newNode(t, name, bodies(&v1{}, &v2{}))
}

func (n *node) ctx() context.Context {
	return record.WithActor(n.Context(), record.Machine("test", "A"))
}

func (n *node) put(r *record.Record) *record.Record {
	n.Helper()
	err := n.Update(n.ctx(), func(tx record.Tx) error {
		if err := tx.Put(r); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test"})
	})
	if err != nil {
		n.Fatal(err)
	}
	return r
}

func rec(kind string, version int, raw string) *record.Record {
	return &record.Record{Kind: kind, Version: version, Owner: record.Owner{Agency: "A"}, Handling: record.Handling{Marking: "internal", Topic: "passenger"}, Raw: []byte(raw)}
}

func (n *node) export(sel transfer.Selection) string {
	n.Helper()
	var out bytes.Buffer
	sel.Node = n.name
	if sel.Purpose == "" {
		sel.Purpose = "test"
	}
	if _, err := transfer.Export(n.ctx(), n.Store, sel, &out); err != nil {
		n.Fatal(err)
	}
	return out.String()
}

func (n *node) take(lines string) transfer.Result {
	n.Helper()
	res, err := transfer.Import(n.ctx(), n.Store, transfer.Source{File: "f.jsonl", Node: n.name}, strings.NewReader(lines))
	if err != nil {
		n.Fatal(err)
	}
	if res.Lines != res.New+res.Revised+res.Earlier+res.Unchanged+res.Aside+res.Refused {
		n.Errorf("lines do not add up: %+v", res)
	}
	return res
}

func (n *node) titles(q record.Query) (out []string) {
	n.Helper()
	q.Oldest = true
	if err := n.View(n.ctx(), func(tx record.Tx) error {
		page, err := tx.List(q)
		for _, r := range page.Rows {
			out = append(out, r.Title)
		}
		return err
	}); err != nil {
		n.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func (n *node) get(id record.ID) (r *record.Record) {
	n.Helper()
	if err := n.View(n.ctx(), func(tx record.Tx) (err error) { r, err = tx.Get(id); return err }); err != nil {
		n.Fatal(err)
	}
	return r
}

func lines(s string) []string {
	out := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	slices.Sort(out)
	return out
}

// everything is an export that a node of either release makes: revisions, odd bytes, unknown kinds, and the envelopes of a
// program newer than both.
func everything(n *node) string {
	n.Helper()
	r := n.put(rec("test.note", 1, `{ "text":"first  state", "text2":1.0 }`))
	next := *n.get(r.ID)
	next.Body, next.Raw, next.Handling.Place = nil, []byte(`{"text":"second\u0020state"}`), "ALA"
	n.put(&next)
	n.put(rec("test.note", 2, `{"words":["in","two"]}`))
	n.put(rec("test.note", 3, `{"of":"no program here"}`))
	n.put(rec("elsewhere.thing", 7, "\x00\xff{"))
	n.put(rec("test.note", 1, "{\n \"text\": \"pretty\"\n}"))
	n.put(rec("test.note", 1, `{"text": broken`))
	lines := n.export(transfer.Selection{WithRevisions: true, Whole: true})
	return lines + newerLine(n.name, 1)
}

// newerLine is a record whose envelope says more than any program here knows.
func newerLine(node string, id byte) string {
	r := rec("test.note", 1, `{"text":"newer envelope"}`)
	r.ID, r.Writer, r.Revision.Number, r.Created = record.ID{0xc, id, node[0]}, node, 1, time.Unix(7, 0).UTC()
	written := strings.Replace(string(r.WrittenEnvelope()), `"owner":{`, `"seal":{"v":1.0},"owner":{"desk":"x",`, 1)
	r.Envelope = []byte(written)
	line, err := r.AppendWire(nil)
	if err != nil {
		panic(err)
	}
	return string(line)
}

// TestTwoVersions proves that yesterday's release and today's exchange records both ways and drop nothing: every line comes
// out as it went in, whatever of it a release understands, over two hops, and both index what they can.
func TestTwoVersions(t *testing.T) {
	for name, hops := range map[string][]func(*testing.T, string) *node{
		"old, new":      {old, fresh},
		"new, old":      {fresh, old},
		"old, new, old": {old, fresh, old},
		"new, old, new": {fresh, old, fresh},
		"new, new":      {fresh, fresh},
	} {
		t.Run(name, func(t *testing.T) {
			first := hops[0](t, "a-node")
			said := everything(first)
			for i, open := range hops[1:] {
				n := open(t, fmt.Sprintf("%c-node", 'b'+i))
				res := n.take(said)
				if res.New+res.Revised != res.Lines || res.Lines != 8 {
					t.Fatalf("hop %d: %+v", i, res)
				}
				told := n.export(transfer.Selection{WithRevisions: true, Whole: true})
				if told != said {
					t.Fatalf("hop %d passes on\n%s\nwant\n%s", i, told, said)
				}
				if again := n.take(said); again.Unchanged != again.Lines {
					t.Errorf("hop %d: the same again: %+v", i, again)
				}
				titles := strings.Join(n.titles(record.Query{Kinds: []string{"test.note"}}), "|")
				if want := map[bool]string{true: "||in+two|newer+envelope|pretty|second+state", false: "|||newer envelope|pretty|second state"}[n.get(record.ID{0xc, 1, 'a'}).Body.Version() == 2]; titles != want {
					t.Errorf("hop %d indexes %q, want %q", i, titles, want)
				}
				said = told
			}
			// Back where it began: everything is known there but the line that it never had.
			res := first.take(said)
			if res.Unchanged != 7 || res.Refused != 1 {
				t.Errorf("back at the first node: %+v", res)
			}
		})
	}
}

// TestOldBodyNewRevision proves that a newer release may revise what an older one wrote, and the older one passes it on.
func TestOldBodyNewRevision(t *testing.T) {
	a, b := fresh(t, "a-node"), old(t, "b-node")
	r := a.put(rec("test.note", 1, `{"text":"one"}`))
	b.take(a.export(transfer.Selection{}))
	got := a.get(r.ID)
	got.Body.(*v2).Words = []string{"two"}
	got.Raw = nil
	a.put(got)
	if res := b.take(a.export(transfer.Selection{})); res.Revised != 1 {
		t.Fatalf("%+v", res)
	}
	if now := b.get(r.ID); now.Version != 2 || now.Body != nil || string(now.Raw) != `{"words":["two"]}` {
		t.Errorf("the older release has %d %s", now.Version, now.Raw)
	}
	if one, two := a.export(transfer.Selection{WithRevisions: true}), b.export(transfer.Selection{WithRevisions: true}); one != two {
		t.Errorf("they differ:\n%s\n%s", one, two)
	}
}

// TestForksAreKeptAside proves that what does not follow is kept whole, once, and stored as soon as it follows.
func TestForksAreKeptAside(t *testing.T) {
	a, b := fresh(t, "a-node"), fresh(t, "b-node")
	r := a.put(rec("test.note", 2, `{"words":["one"]}`))
	b.take(a.export(transfer.Selection{}))
	for _, w := range []string{"two", "three"} {
		got := a.get(r.ID)
		got.Body, got.Raw = &v2{Words: []string{w}}, nil
		a.put(got)
	}
	newest := a.export(transfer.Selection{})
	for range 2 {
		if res := b.take(newest); res.Aside != 1 {
			t.Fatalf("a revision with one missing before it: %+v", res)
		}
	}
	q := record.Query{Kinds: []string{transfer.KindAside}, Parent: r.ID}
	if all := b.titles(q); len(all) != 1 || !strings.Contains(all[0], "gap") {
		t.Fatalf("kept aside: %q", all)
	}
	res := b.take(a.export(transfer.Selection{WithRevisions: true}))
	if res.Revised != 1 || res.Placed != 1 || res.Unchanged != 2 {
		t.Errorf("with what was missing: %+v", res)
	}
	if got := b.get(r.ID); string(got.Raw) != `{"words":["three"]}` || got.Revision.Number != 3 {
		t.Errorf("present is %d %s", got.Revision.Number, got.Raw)
	}
	q.States = []string{transfer.Placed}
	if all := b.titles(q); len(all) != 1 {
		t.Errorf("placed: %q", all)
	}
	// A fork: another third revision.
	fork := *b.get(r.ID)
	fork.Raw, fork.Body = []byte(`{"words":["other"]}`), nil
	line, err := fork.AppendWire(nil)
	if err != nil {
		t.Fatal(err)
	}
	if res := b.take(string(line)); res.Aside != 1 {
		t.Errorf("a fork: %+v", res)
	}
	q.States = []string{transfer.Open}
	page := b.page(q)
	if len(page) != 1 || page[0].Body.(*transfer.Aside).Line+"\n" != string(line) || page[0].Body.(*transfer.Aside).Why != record.ReceivedFork {
		t.Errorf("the fork was not kept as it came: %+v", page)
	}
	if page[0].Handling.Topic != "passenger" || page[0].Owner.Agency != "A" {
		t.Errorf("the fork is handled as %+v", page[0].Handling)
	}
	if err := b.Update(b.ctx(), func(tx record.Tx) error {
		if _, err := tx.Erase(r.ID); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "erase"})
	}); err != nil {
		t.Fatal(err)
	}
	q.States = nil
	if all := b.titles(q); len(all) != 0 {
		t.Errorf("erased with its record, and still here: %q", all)
	}
}

func (n *node) page(q record.Query) (out []*record.Record) {
	n.Helper()
	q.Full = true
	if err := n.View(n.ctx(), func(tx record.Tx) error {
		page, err := tx.List(q)
		for _, r := range page.Rows {
			out = append(out, r.Record)
		}
		return err
	}); err != nil {
		n.Fatal(err)
	}
	return out
}

// TestProblemsAreToldPerLine proves that one bad line costs itself only.
func TestProblemsAreToldPerLine(t *testing.T) {
	a, b := fresh(t, "a-node"), fresh(t, "b-node")
	for i := range 3 {
		a.put(rec("test.note", 2, fmt.Sprintf(`{"words":["w%d"]}`, i)))
	}
	good := strings.SplitAfter(a.export(transfer.Selection{}), "\n")
	ours := newerLine("b-node", 9)
	high := rec("test.note", 2, `{}`)
	high.ID, high.Writer, high.Revision.Number, high.Created, high.Handling.Marking = record.ID{9}, "c-node", 1, time.Unix(1, 0), "secret"
	secret, err := high.AppendWire(nil)
	if err != nil {
		t.Fatal(err)
	}
	file := "\ufeff" + good[0] + "\r\n" + strings.Replace(good[1], "w1", "w9", 1) + "UNA garbage\n" + ours + string(secret) + strings.TrimSuffix(good[2], "\n")
	res := b.take(file)
	if res.New != 2 || res.Refused != 4 || len(res.Problems) != 4 {
		t.Fatalf("%+v", res)
	}
	for i, want := range []struct {
		line int
		says string
	}{{3, "changed on the way"}, {4, "not one JSON"}, {5, "names this node"}, {6, "marking"}} {
		if found := slices.ContainsFunc(res.Problems, func(p transfer.Problem) bool { return p.Line == want.line && strings.Contains(p.Text, want.says) }); !found {
			t.Errorf("%d: no problem in line %d that says %q: %+v", i, want.line, want.says, res.Problems)
		}
	}
	if got := b.titles(record.Query{}); strings.Join(got, " ") != "w0 w2" {
		t.Errorf("stored %q", got)
	}
}

// TestWhatMayNotLeaveStays proves the judgement of an export that is not of one's own data.
func TestWhatMayNotLeaveStays(t *testing.T) {
	n := old(t, "a-node")
	put := func(text string, change func(*record.Record)) {
		r := rec("test.note", 1, fmt.Sprintf(`{"text":%q}`, text))
		change(r)
		n.put(r)
	}
	put("free", func(*record.Record) {})
	put("case", func(r *record.Record) { r.Handling.Case = "C1" })
	put("red", func(r *record.Record) { r.Handling.TLP = "red" })
	put("strict", func(r *record.Record) { r.Handling.TLP = "amber+strict" })
	put("released", func(r *record.Record) { r.Handling.Releasable = []string{"KGZ"} })
	put("h3", func(r *record.Record) { r.Handling.Codes = []string{"H3"} })
	put("h2", func(r *record.Record) { r.Handling.Codes = []string{"H2"} }) // our own: the owner exports it
	put("at home", func(r *record.Record) { r.Raw = []byte(`{"text":"at home","home":"x"}`) })
	put("unknown", func(r *record.Record) { r.Version = 9 })
	closed := n.put(rec("test.note", 1, `{"text":"open once"}`))
	later := n.get(closed.ID)
	later.Handling.TLP = "red"
	n.put(later)
	theirs := rec("test.note", 1, `{"text":"h2 of others"}`)
	theirs.ID, theirs.Writer, theirs.Revision.Number, theirs.Created, theirs.Handling.Codes = record.ID{9}, "c-node", 1, time.Unix(1, 0).UTC(), []string{"H2"}
	line, err := theirs.AppendWire(nil)
	if err != nil {
		t.Fatal(err)
	}
	n.take(string(line))

	var out bytes.Buffer
	told, err := transfer.Export(n.ctx(), n.Store, transfer.Selection{Node: n.name, Purpose: "to a neighbour", WithRevisions: true}, &out)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{transfer.LeftCase: 1, transfer.LeftTLP: 4, transfer.LeftReleasable: 1, transfer.LeftCodes: 2, transfer.LeftHome: 1, transfer.LeftUnknown: 1}
	if fmt.Sprint(told.LeftOut) != fmt.Sprint(want) || told.Lines != 2 {
		t.Errorf("left out %v, want %v; %d lines", told.LeftOut, want, told.Lines)
	}
	for _, word := range []string{"case", "red", "strict", "released", "h3", "at home", "unknown", "open once", "of others"} {
		if strings.Contains(out.String(), `"`+word+`"`) && strings.Contains(out.String(), `"text":"`+word) {
			t.Errorf("%q left", word)
		}
	}
	if got := n.export(transfer.Selection{For: "KGZ"}); !strings.Contains(got, "released") {
		t.Error("what is releasable to KGZ was not told to KGZ")
	}
	if got := lines(n.export(transfer.Selection{Whole: true, WithRevisions: true})); len(got) != 12 {
		t.Errorf("%d lines of one's own data, want 12", len(got))
	}
}

// TestExportIsAnAct proves that an export stands in the log with its purpose before anybody has a line, and none without.
func TestExportIsAnAct(t *testing.T) {
	n := fresh(t, "a-node")
	n.put(rec("test.note", 2, `{"words":["w"]}`))
	n.put(rec("elsewhere.thing", 1, `{}`))
	_, err := transfer.Export(n.ctx(), n.Store, transfer.Selection{Node: n.name}, os.Stderr)
	if record.KindOf(err) != record.NoPurpose {
		t.Errorf("an export without a purpose: %v", err)
	}
	before := n.acts()
	w := writer(func(b []byte) {
		if len(n.acts()) != len(before)+1 {
			t.Errorf("lines were written before the act: %d acts", len(n.acts()))
		}
	})
	told, err := transfer.Export(n.ctx(), n.Store, transfer.Selection{Node: n.name, Purpose: "request 7", Kinds: []string{"test.note"}}, w)
	if err != nil || told.Lines != 1 || told.Until != 2 {
		t.Fatal(told, err)
	}
	act := n.acts()[len(before)]
	if act.Action != "export" || act.Count != 1 || act.IDs == "" || act.Purpose.Text != "request 7" {
		t.Errorf("the act is %+v", act)
	}
	n.put(rec("test.note", 2, `{"words":["later"]}`))
	if got := n.export(transfer.Selection{Since: told.Until}); strings.Count(got, "\n") != 1 || !strings.Contains(got, "later") {
		t.Errorf("since the export before: %s", got)
	}
	b := fresh(t, "b-node")
	b.take(n.export(transfer.Selection{}))
	if acts := b.acts(); len(acts) != 1 || acts[0].Action != "import" || acts[0].Count != 2 {
		t.Errorf("the acts of an import: %+v", acts)
	}
	b.take(n.export(transfer.Selection{}))
	if acts := b.acts(); len(acts) != 1 {
		t.Errorf("an import that changed nothing wrote %d acts", len(acts)-1)
	}
}

type writer func([]byte)

func (w writer) Write(b []byte) (int, error) { w(b); return len(b), nil }

func (n *node) acts() (out []record.Act) {
	n.Helper()
	rows, err := n.AuditRows(n.Context(), 0, 1000)
	if err != nil {
		n.Fatal(err)
	}
	for _, r := range rows {
		out = append(out, r.Act)
	}
	return out
}

// TestPeriod proves what From and To select.
func TestPeriod(t *testing.T) {
	n := fresh(t, "a-node")
	for d := 1; d <= 3; d++ {
		r := rec("test.note", 2, fmt.Sprintf(`{"words":["day%d"]}`, d))
		r.Occurred = time.Date(2026, 10, d, 12, 0, 0, 0, time.UTC)
		n.put(r)
	}
	got := n.export(transfer.Selection{From: time.Date(2026, 10, 2, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 10, 3, 0, 0, 0, 0, time.UTC)})
	if strings.Count(got, "\n") != 1 || !strings.Contains(got, "day2") {
		t.Errorf("the second day: %s", got)
	}
	if !json.Valid([]byte(got)) || !transfer.IsRecords([]byte(got)) || transfer.IsRecords([]byte("UNA:+.? '")) {
		t.Error("the file does not say what it is")
	}
}
