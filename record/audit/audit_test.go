package audit

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
)

// memory is a table in memory.
type memory struct {
	rows        []Row
	size        int64
	hashes      []tlog.Hash
	checkpoints [][]byte
	life        string
	strips      []Strip // by number and act

	asked, most int // calls of AuditRows, and the most rows asked for at once
}

func (m *memory) AuditTree(context.Context) (Tree, error) {
	return Tree{Size: m.size, Rows: int64(len(m.rows)), Incarnation: m.life}, nil
}

func (m *memory) AuditRows(_ context.Context, after int64, limit int) ([]Row, error) {
	m.asked++
	if limit > m.most {
		m.most = limit
	}
	rows := slices.SortedFunc(slices.Values(m.rows), func(a, b Row) int { return cmp.Compare(a.Number, b.Number) })
	var out []Row
	for _, r := range rows {
		if r.Number > after && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, nil
}

func (m *memory) AuditStrips(_ context.Context, from, to int64) (out []Strip, _ error) {
	for _, x := range m.strips {
		if x.Number > from && x.Number <= to {
			out = append(out, x)
		}
	}
	return out, nil
}

func (m *memory) CountActs(_ context.Context, action string, upTo int64) (n int64, _ error) {
	for _, r := range m.rows {
		if r.Action == action && r.Number <= upTo {
			n++
		}
	}
	return n, nil
}

func (m *memory) GrowTree(_ context.Context, size int64, leaves, hashes []tlog.Hash) error {
	if size != m.size {
		return record.Errorf(record.Conflict, "the tree has %d leaves", m.size)
	}
	m.size += int64(len(leaves))
	m.hashes = append(m.hashes, hashes...)
	return nil
}

func (m *memory) TreeHashes(_ context.Context, positions []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(positions))
	for i, p := range positions {
		if p >= int64(len(m.hashes)) {
			return nil, fmt.Errorf("no hash %d", p)
		}
		out[i] = m.hashes[p]
	}
	return out, nil
}

func (m *memory) Checkpoints(_ context.Context, after int64, limit int) (out []Signed, _ error) {
	for i, text := range m.checkpoints {
		if n := int64(i) + 1; n > after && len(out) < limit {
			out = append(out, Signed{n, text})
		}
	}
	return out, nil
}

func (m *memory) LastCheckpoint(context.Context) (Signed, error) {
	n := len(m.checkpoints)
	if n == 0 {
		return Signed{}, nil
	}
	return Signed{int64(n), m.checkpoints[n-1]}, nil
}

func (m *memory) AddCheckpoint(_ context.Context, text []byte) error {
	m.checkpoints = append(m.checkpoints, text)
	return nil
}

func (m *memory) write(n int) {
	for range n {
		number := int64(len(m.rows)) + 1
		salt := make([]byte, 16)
		if _, err := rand.Read(salt); err != nil {
			panic(err)
		}
		m.rows = append(m.rows, Row{Act: record.Act{Number: number, At: time.Unix(number, 0).UTC(), User: "u", Action: "read", Subject: record.ID{byte(number)}}, Salt: salt})
	}
}

// log is a table with its sequencer and a log of n acts, signed at two sizes.
func log(t *testing.T, n int) (*memory, *Sequencer, note.Verifiers) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "sarhad/test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{life: "life-1"}
	s := &Sequencer{Table: m, Signer: signer, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Unix(77, 0) }, Batch: 7}
	for _, part := range []int{n / 2, n - n/2} {
		m.write(part)
		if err := s.TakeIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Sign(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return m, s, note.VerifierList(verifier)
}

func verify(t *testing.T, m *memory, v note.Verifiers, extra ...[]byte) Report {
	t.Helper()
	rep, err := Verify(t.Context(), m, v, extra)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestAnUntouchedLogVerifies(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 50, 300} {
		m, _, v := log(t, n)
		m.write(2) // written and not yet taken in
		rep := verify(t, m, v)
		if !rep.OK() || rep.Size != int64(n) || rep.Waiting != 2 {
			t.Errorf("%d acts: %+v", n, rep)
		}
		if want := len(m.checkpoints); rep.Checkpoints != want {
			t.Errorf("%d acts: %d checkpoints agree, want %d", n, rep.Checkpoints, want)
		}
	}
}

// TestEveryTamperingIsFound proves the promise: a row changed, removed, slipped in or reordered, a tree rewritten to fit, a
// log cut short and a forged checkpoint are each found.
func TestEveryTamperingIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		tamper func(*testing.T, *memory)
		want   string
	}{
		"user changed":   {func(_ *testing.T, m *memory) { m.rows[10].User = "somebody else" }, "changed"},
		"time changed":   {func(_ *testing.T, m *memory) { m.rows[10].At = m.rows[10].At.Add(time.Second) }, "changed"},
		"purpose added":  {func(_ *testing.T, m *memory) { m.rows[10].Purpose.Text = "case 5" }, "changed"},
		"salt changed":   {func(_ *testing.T, m *memory) { m.rows[10].Salt[0]++ }, "changed"},
		"row removed":    {func(_ *testing.T, m *memory) { m.rows = append(m.rows[:10], m.rows[11:]...) }, "removed"},
		"first removed":  {func(_ *testing.T, m *memory) { m.rows = m.rows[1:] }, "removed"},
		"rows exchanged": {func(_ *testing.T, m *memory) { m.rows[3].Act.User, m.rows[4].Act.User = "b", "a" }, "changed"},
		"row slipped in": {func(_ *testing.T, m *memory) { m.rows = append(m.rows, Row{Act: record.Act{Number: -1}}) }, "added"},
		"tree rewritten": {func(t *testing.T, m *memory) {
			m.rows[10].User = "somebody else"
			rewrite(t, m, len(m.rows))
		}, "tree"},
		"log cut": {func(t *testing.T, m *memory) {
			m.rows = m.rows[:20]
			rewrite(t, m, 20)
		}, "removed"},
		"checkpoint forged": {func(_ *testing.T, m *memory) {
			m.checkpoints[0] = []byte(strings.Replace(string(m.checkpoints[0]), "\n20\n", "\n19\n", 1))
		}, "checkpoint"},
		"incarnation changed": {func(_ *testing.T, m *memory) { m.life = "life-2" }, "checkpoint"},
		"rewritten as another log": {func(t *testing.T, m *memory) {
			m.rows[10].User = "somebody else"
			m.life = "life-2"
			rewrite(t, m, len(m.rows))
		}, "checkpoint"},
		"tree hash removed":  {func(_ *testing.T, m *memory) { m.hashes = m.hashes[:30] }, "tree"},
		"checkpoint damaged": {func(_ *testing.T, m *memory) { m.checkpoints[1] = []byte("hello") }, "checkpoint"},
	} {
		m, _, v := log(t, 40)
		c.tamper(t, m)
		rep := verify(t, m, v)
		found := false
		for _, f := range rep.Findings {
			found = found || f.Kind == c.want
		}
		if !found {
			t.Errorf("%s: findings %v, want one of kind %q", name, rep.Findings, c.want)
		}
	}
}

// rewrite makes the tree fit the rows, as somebody with the database but without the key would.
func rewrite(t *testing.T, m *memory, n int) {
	t.Helper()
	m.size, m.hashes = 0, nil
	s := &Sequencer{Table: m, Batch: 1000}
	m.rows = m.rows[:n]
	if err := s.TakeIn(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestACheckpointThatLeftTheMachineProves(t *testing.T) {
	m, _, v := log(t, 40)
	outside := m.checkpoints[1]
	m.rows[10].User = "somebody else"
	rewrite(t, m, 40)
	m.checkpoints = nil // even the stored ones are gone
	if rep := verify(t, m, v); !rep.OK() {
		t.Fatalf("a log of 40 seconds without any checkpoint may be new: %v", rep.Findings)
	}
	if rep := verify(t, m, v, outside); rep.OK() {
		t.Error("the checkpoint kept elsewhere proves nothing")
	}
}

// TestAnotherIncarnationIsTampering proves that nobody silences the check by giving the log another name, with the
// checkpoints in the table or only in a file, and that many of them are told once.
func TestAnotherIncarnationIsTampering(t *testing.T) {
	for name, where := range map[string]func(*memory) [][]byte{
		"in the table":           func(*memory) [][]byte { return nil },
		"in a file":              func(m *memory) [][]byte { old := m.checkpoints; m.checkpoints = nil; return old },
		"beside newly made ones": func(m *memory) [][]byte { return [][]byte{m.checkpoints[0]} },
	} {
		m, s, v := log(t, 40)
		extra := where(m)
		m.rows[8].User = "somebody else"
		m.life = "life-2"
		rewrite(t, m, 40)
		if name == "beside newly made ones" {
			m.checkpoints = nil
			if err := s.Sign(t.Context()); err != nil || len(m.checkpoints) != 1 {
				t.Fatal(err)
			}
		}
		rep := verify(t, m, v, extra...)
		if len(rep.Findings) != 1 || rep.Findings[0].Kind != "checkpoint" || !strings.Contains(rep.Findings[0].Text, "not the one that was signed") {
			t.Errorf("%s: findings %v", name, rep.Findings)
		}
	}
}

// TestALogNobodySigned proves that a log without a checkpoint of its own is excused only while it is new, whatever waits.
func TestALogNobodySigned(t *testing.T) {
	for _, c := range []struct {
		name    string
		seconds int // of the last act in the tree
		waiting time.Duration
		ok      bool
	}{
		{"killed before the first checkpoint", 100, 0, true},
		{"killed, and written to much later", 100, 3 * time.Hour, true},
		{"older than a checkpoint period", 140, 0, false},
	} {
		m, _, v := log(t, c.seconds)
		m.checkpoints = nil
		if c.waiting > 0 {
			m.write(1)
			m.rows[len(m.rows)-1].At = time.Unix(0, 0).Add(c.waiting)
		}
		rep := verify(t, m, v)
		if rep.OK() != c.ok || !c.ok && rep.Findings[0].Kind != "checkpoint" {
			t.Errorf("%s: %v", c.name, rep.Findings)
		}
	}
}

func TestTheSameCheckpointCountsOnce(t *testing.T) {
	m, _, v := log(t, 40)
	if rep := verify(t, m, v, m.checkpoints...); rep.Checkpoints != 2 || !rep.OK() {
		t.Errorf("two checkpoints, in the table and in files: %+v", rep)
	}
}

// TestVerifyBesideARunningNode proves that a checkpoint signed while the log is verified is no finding.
func TestVerifyBesideARunningNode(t *testing.T) {
	m, s, v := log(t, 40)
	grows := &growingTable{memory: m, between: func() {
		m.write(5)
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}}
	rep, err := Verify(t.Context(), grows, v, nil)
	if err != nil || !rep.OK() || rep.Size == 0 {
		t.Errorf("%+v %v", rep, err)
	}
}

// growingTable is a table that another process signs as soon as Verify knows how far it is.
type growingTable struct {
	*memory
	between func()
}

func (g *growingTable) AuditTree(ctx context.Context) (Tree, error) {
	tree, err := g.memory.AuditTree(ctx)
	if f := g.between; f != nil {
		g.between = nil
		f()
	}
	return tree, err
}

// TestVerifyReadsInBlocks proves that a long log is read in order, each row once, and never asked for as a whole.
func TestVerifyReadsInBlocks(t *testing.T) {
	m, _, v := log(t, 2500)
	m.asked, m.most = 0, 0
	rep := verify(t, m, v)
	if !rep.OK() || rep.Rows != 2500 || rep.Checkpoints != 2 {
		t.Errorf("%+v", rep)
	}
	if m.most > block || m.asked > 2500/block+4 {
		t.Errorf("%d calls, %d rows at most", m.asked, m.most)
	}
	root, err := Root(t.Context(), m, 2500)
	if err != nil || rep.Root != root.String() {
		t.Errorf("root %s, want %s; %v", rep.Root, root, err)
	}
}

// TestGrowingIsTheTree holds the tree kept as peaks against the one of the library.
func TestGrowingIsTheTree(t *testing.T) {
	m, _, _ := log(t, 70)
	var g growing
	for n := range int64(70) {
		g.add(m.hashes[tlog.StoredHashIndex(0, n)])
		if want, err := Root(t.Context(), m, n+1); err != nil || g.root() != want {
			t.Fatalf("%d leaves: %v", n+1, err)
		}
	}
}

func TestTheSequencerStopsAtAGap(t *testing.T) {
	m, s, _ := log(t, 4)
	m.write(2)
	m.rows = append(m.rows[:4], m.rows[5:]...)
	m.write(0)
	m.rows = append(m.rows, Row{Act: record.Act{Number: 7}})
	if err := s.TakeIn(t.Context()); err == nil || !strings.Contains(err.Error(), "act 5 is missing") {
		t.Errorf("a gap was taken in: %v", err)
	}
	if m.size != 4 {
		t.Errorf("the tree grew to %d over a gap", m.size)
	}
}

func TestNothingNewIsNotSignedAgain(t *testing.T) {
	m, s, _ := log(t, 4)
	n := len(m.checkpoints)
	if err := s.Sign(t.Context()); err != nil || len(m.checkpoints) != n {
		t.Errorf("%d checkpoints after signing an unchanged tree, want %d; %v", len(m.checkpoints), n, err)
	}
}

func TestRunTakesInAndEnds(t *testing.T) {
	m, s, _ := log(t, 2)
	m.write(3)
	s.Every = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Run(ctx) // takes in once even when it is told to end at once
	if m.size != 5 {
		t.Errorf("%d of 5 acts in the log", m.size)
	}
	if c, err := ReadCheckpoint(m.checkpoints[len(m.checkpoints)-1]); err != nil || c.Size != 5 {
		t.Errorf("a node that starts signs what the last life left: %+v %v", c, err)
	}
	if _, err := ReadCheckpoint([]byte("a\nb\nc\nd\ne\n\n")); err == nil {
		t.Error("letters are no checkpoint")
	}
	if !errors.Is(ctx.Err(), context.Canceled) {
		t.Error("context")
	}
}
