package sharing

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/collection/evidence"
	"sarhad/collection/passenger"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/oversight"
	"sarhad/record/privacy"
	"sarhad/record/privacy/export"
	"sarhad/record/proposal"
	"sarhad/record/transfer"
	"sarhad/screening/hit"
	"sarhad/screening/watchlist"
	"sarhad/store/sqlite"
)

// parties of the tests: Kazakhstan, Kyrgyzstan, Uzbekistan, and the hub.
var parties = []Party{
	{Node: "kz-one", Name: Text{En: "Kazakhstan"}, Country: "KAZ", Agencies: []string{"KAZ-PIU"}},
	{Node: "kg-one", Name: Text{En: "Kyrgyzstan"}, Country: "KGZ", Agencies: []string{"KGZ-PIU"}},
	{Node: "uz-one", Name: Text{En: "Uzbekistan"}, Country: "UZB", Agencies: []string{"UZB-PIU"}},
	{Node: "hub", Name: Text{En: "CARICC"}, Hub: true},
}

type directory []Party

func (d directory) Parties() []Party { return d }

// secret is a body with a field of every class.
type secret struct {
	Name   string   `json:"name,omitempty" class:"identity" proposable:"yes"`
	Born   string   `json:"born,omitempty" class:"identity"`
	Nation string   `json:"nation,omitempty" class:"identity"`
	Place  string   `json:"place,omitempty" class:"plain" proposable:"yes"`
	Pin    string   `json:"pin,omitempty" class:"home"`
	Print  []byte   `json:"print,omitempty" class:"home"`
	Told   string   `json:"told,omitempty" class:"source"`
	Why    string   `json:"why,omitempty" class:"sensitive"`
	Words  string   `json:"words,omitempty" class:"text"`
	Phones []string `json:"phones,omitempty" class:"identity"`
	Asylum bool     `json:"asylum,omitempty" class:"sensitive"`
}

func (*secret) Kind() string    { return "test.secret" }
func (*secret) Version() int    { return 1 }
func (*secret) Validate() error { return nil }
func (s *secret) Index(ix *record.Index) {
	ix.Title = s.Name
	if s.Name != "" {
		p := record.Person{Role: record.RolePassenger, Names: []record.Name{{Full: s.Name}}}
		if s.Born != "" {
			p.Born = []string{s.Born}
		}
		if s.Nation != "" {
			p.Nationalities = []string{s.Nation}
		}
		if s.Asylum {
			p.Role = record.RoleProtected
		}
		ix.Persons = append(ix.Persons, p)
	}
}

// bodies are what a node of the tests knows; newer knows one kind more.
func bodies(newer bool) *record.Types {
	var all []func() record.Body
	for _, some := range [][]func() record.Body{Bodies(), hit.Bodies(), watchlist.Bodies(), passenger.Bodies(), transfer.Bodies(), proposal.Bodies(),
		privacy.Bodies(), evidence.Bodies(), oversight.Bodies(), export.Bodies()} {
		all = append(all, some...)
	}
	if newer {
		all = append(all, func() record.Body { return &secret{} })
	}
	return record.NewTypes(all...)
}

// pipe is a store whose transactions send, as a store with a network does.
type pipe struct {
	record.Store
	n *node
}

type pipeTx struct {
	record.Tx
	out *[]record.Dispatch
}

func (t pipeTx) Dispatch(d *record.Dispatch) error {
	id, err := record.NewID(time.Now(), rand.Reader)
	d.ID = id
	*t.out = append(*t.out, *d)
	return err
}

func (p pipe) act(ctx context.Context, run func(context.Context, func(record.Tx) error) error, fn func(record.Tx) error) error {
	var out []record.Dispatch
	err := run(ctx, func(tx record.Tx) error {
		out = nil
		return fn(pipeTx{tx, &out})
	})
	if err == nil {
		p.n.out = append(p.n.out, out...)
	}
	return err
}

func (p pipe) Update(ctx context.Context, fn func(record.Tx) error) error {
	return p.act(ctx, p.Store.Update, fn)
}

func (p pipe) Bulk(ctx context.Context, fn func(record.Tx) error) error {
	return p.act(ctx, p.Store.Bulk, fn)
}

// node is one node with its room.
type node struct {
	*testing.T
	*Room
	name, agency string
	dir          string
	sql          *sqlite.Store
	out          []record.Dispatch // what left, not yet delivered
	refused      []error           // of deliveries here
	net          *network
}

// network is the nodes and one clock.
type network struct {
	*testing.T
	nodes map[string]*node
	mu    sync.Mutex
	at    time.Time
}

func (n *network) now() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.at = n.at.Add(time.Millisecond)
	return n.at
}

func (n *network) later(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.at = n.at.Add(d)
}

// newNetwork opens the nodes. All but old know the kind test.secret.
func newNetwork(t *testing.T, names ...string) *network {
	t.Helper()
	w := &network{T: t, nodes: map[string]*node{}, at: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
	for _, name := range names {
		name, old := strings.CutSuffix(name, " old")
		n := &node{T: t, name: name, dir: t.TempDir(), net: w}
		var country string
		for _, p := range parties {
			if p.Node == name {
				n.agency, country = p.Agencies[0], p.Country
			}
		}
		st, err := sqlite.Open(t.Context(), sqlite.Config{Dir: n.dir, Types: bodies(!old), Node: name, Now: w.now,
			Allow: func(a record.Actor, s record.Scope) bool { return access.Allow(a, access.Read, s) }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = st.Close() })
		n.sql = st
		store := pipe{st, n}
		n.Room = &Room{Store: store, Node: name, Country: country, Directory: directory(parties), Now: w.now,
			Clocks: &privacy.Clocks{Store: store, Country: country, Node: name, Agency: n.agency, Now: w.now}}
		w.nodes[name] = n
	}
	return w
}

func (n *node) officer(user, role string) context.Context {
	return record.WithActor(n.Context(), record.Actor{User: user, Display: "The " + user, Agency: n.agency, Roles: []string{role},
		Purpose: record.Purpose{Kind: "duty", Text: "test"}})
}

func (n *node) boss() context.Context    { return n.officer("boss", "supervisor") }
func (n *node) other() context.Context   { return n.officer("other", "supervisor") }
func (n *node) analyst() context.Context { return n.officer("ana", "analyst") }
func (n *node) machine() context.Context {
	return record.WithActor(n.Context(), record.Machine("test", n.agency))
}

func (n *node) must(err error) {
	n.Helper()
	if err != nil {
		n.Fatal(err)
	}
}

// put stores a record of this node.
func (n *node) put(rec *record.Record) *record.Record {
	n.Helper()
	n.must(n.Store.Update(n.machine(), func(tx record.Tx) error {
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test"})
	}))
	return rec
}

// about makes a record of this node with a body.
func (n *node) about(b record.Body) *record.Record {
	return &record.Record{Kind: b.Kind(), Version: b.Version(), Owner: record.Owner{Agency: n.agency, Officer: "officer-77"},
		Handling: record.Handling{Marking: "official", TLP: "amber", Topic: access.Passenger}, Basis: record.Basis{Legal: "home law", Purpose: "checked at the desk", Case: "CASE-9"},
		Origin: record.Origin{Message: "REF-12345", File: "source-file.txt", Hash: "ffff", Form: "F1"}, Key: "natural/key/" + b.Kind(), Body: b}
}

func aSecret() *secret {
	return &secret{Name: "IVANOVA ANNA", Born: "1980-02-03", Nation: "KGZ", Place: "ALA", Pin: "PIN-777001", Print: []byte("fingerprint-bytes"), Told: "a friend of hers",
		Why: "suspected courier", Words: "walks with a stick", Phones: []string{"77010001122", "77010001133"}}
}

// read gives a record as it stands here; nil when it is not there.
func (n *node) read(id record.ID) (rec *record.Record) {
	n.Helper()
	err := n.Store.View(n.machine(), func(tx record.Tx) (err error) { rec, err = tx.Get(id); return err })
	if record.KindOf(err) == record.NotFound {
		return nil
	}
	n.must(err)
	return rec
}

// revise changes a record of this node.
func (n *node) revise(id record.ID, change func(*record.Record)) {
	n.Helper()
	rec := n.read(id)
	change(rec)
	rec.Raw = nil
	n.put(rec)
}

func (n *node) erase(id record.ID) {
	n.Helper()
	n.must(n.Store.Update(n.machine(), func(tx record.Tx) error {
		if _, err := tx.Erase(id); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "erase"})
	}))
}

// step lets every node do its own work and delivers until nobody has anything to say.
func (w *network) settle() {
	w.Helper()
	for busy := true; busy; {
		busy = false
		for _, p := range parties {
			n := w.nodes[p.Node]
			if n == nil {
				continue
			}
			if _, err := n.Step(n.Context()); err != nil {
				w.Fatal(err)
			}
			out := n.out
			n.out = nil
			for _, d := range out {
				busy = true
				if to := w.nodes[d.To]; to != nil {
					to.take(n.name, d)
				}
			}
		}
	}
}

// take takes one message up; what is refused is remembered.
func (n *node) take(from string, d record.Dispatch) {
	n.Helper()
	a := record.Arrival{ID: d.ID, From: from, Lane: d.Lane, Kind: d.Kind, About: d.About, Content: bytes.Clone(d.Content), Sent: n.net.now(), Arrived: n.net.now()}
	h := n.Handlers()[d.Kind]
	if h == nil {
		n.Fatalf("%s has no handler for %s", n.name, d.Kind)
	}
	err := n.Store.Update(n.machine(), func(tx record.Tx) error { return h(n.machine(), tx, a) })
	if err != nil {
		if !Final(err) {
			n.Fatalf("%s: %s: %v", n.name, d.Kind, err)
		}
		n.refused = append(n.refused, err)
	}
}

// anAgreement lets identity, plain and sensitive fields go, with updates.
func (n *node) anAgreement(to string, change func(*Agreement)) Agreement {
	p, _ := n.party(to)
	g := Agreement{To: p.Agencies[0], Node: to, Topic: access.Passenger, Legal: Text{"Treaty of Test, article 5", "Договор о проверке, статья 5"},
		Classes: []record.Class{record.Plain, record.Identity, record.Sensitive}, Updates: true, Until: n.net.now().AddDate(1, 0, 0)}
	if change != nil {
		change(&g)
	}
	return g
}

// agrees puts an agreement in force.
func (n *node) agrees(to string, change func(*Agreement)) Entry {
	n.Helper()
	e, err := n.Draft(n.boss(), n.anAgreement(to, change))
	n.must(err)
	e, err = n.Agree(n.other(), e.ID, nil)
	n.must(err)
	return e
}

// tell previews one recipient.
func (n *node) tell(id record.ID, to string) *Told {
	n.Helper()
	p, err := n.Preview(n.boss(), id, []string{to})
	n.must(err)
	return p.For[0]
}

// sends sends a record to a node as it is previewed.
func (n *node) sends(id record.ID, to string) (Row, error) {
	n.Helper()
	rows, err := n.Send(n.boss(), Wish{Record: id, To: []string{to}, Editions: []string{n.tell(id, to).Hash}, Purpose: "joint check at the border"}, nil)
	if err != nil {
		return Row{}, err
	}
	return rows[0], nil
}

// shares sends, and everything is delivered.
func (n *node) shares(rec *record.Record, to string) Row {
	n.Helper()
	row, err := n.sends(rec.ID, to)
	n.must(err)
	n.net.settle()
	return row
}

// shareOf gives what a node has of a record.
func (n *node) shareOf(id record.ID, to string) (s *Share) {
	n.Helper()
	n.must(n.Store.View(n.machine(), func(tx record.Tx) (err error) { _, s, err = n.view(tx).share(id, to); return err }))
	return s
}

func (n *node) holdingOf(id record.ID, from string) (h *Holding) {
	n.Helper()
	n.must(n.Store.View(n.machine(), func(tx record.Tx) (err error) { _, h, err = n.view(tx).holding(id, from); return err }))
	return h
}

// finds looks for bytes in every file of the data directory.
func (n *node) finds(what string) (where []string) {
	n.Helper()
	n.must(n.sql.Sync(n.Context()))
	n.must(filepath.WalkDir(n.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(what)) {
			where = append(where, filepath.Base(path))
		}
		return err
	}))
	return where
}

// codes are the reasons why a record does not go.
func codes(t *Told) (out []string) {
	for _, r := range t.Stays {
		out = append(out, r.Code)
	}
	return out
}
