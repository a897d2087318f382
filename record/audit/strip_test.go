package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
)

// stripped is a log of 40 acts and one that took detail out of rows 11 to 15.
func stripped(t *testing.T) (*memory, *Sequencer, note.Verifiers) {
	t.Helper()
	m, s, v := log(t, 40)
	sum := sha256.New()
	for i := 10; i < 15; i++ {
		r := &m.rows[i]
		leaf, err := LeafOf(r.Act, r.Salt)
		if err != nil {
			t.Fatal(err)
		}
		r.Act, r.Salt = record.Act{Number: r.Number, At: r.At, Action: r.Action}, nil
		rest, err := Rest(r.Act)
		if err != nil {
			t.Fatal(err)
		}
		AddStrip(sum, r.Number, leaf, rest)
		m.strips = append(m.strips, Strip{r.Number, 41, rest})
	}
	m.write(1)
	m.rows[40].Act = record.Act{Number: 41, At: time.Unix(41, 0).UTC(), User: "machine", Action: record.ActStrip, Count: 5, IDs: hex.EncodeToString(sum.Sum(nil))}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m, s, v
}

// TestStrippedRowsVerify proves that exactly the rows that an act answers for may lack their detail.
func TestStrippedRowsVerify(t *testing.T) {
	m, _, v := stripped(t)
	if rep := verify(t, m, v); !rep.OK() || rep.Stripped != 5 {
		t.Fatalf("%+v", rep)
	}
	for name, tamper := range map[string]func(*memory){
		"one row more": func(m *memory) { m.rows[20].Act = record.Act{Number: 21, At: m.rows[20].At}; m.rows[20].Salt = nil },
		"one row more, and a line for it": func(m *memory) {
			r := &m.rows[20]
			r.Act, r.Salt = record.Act{Number: 21, At: r.At}, nil
			rest, _ := Rest(r.Act)
			m.strips = append(m.strips, Strip{21, 41, rest})
		},
		"only the salt": func(m *memory) { m.rows[20].Salt = nil },
		"what is left was changed": func(m *memory) {
			m.rows[12].Action = "list"
		},
		"what is left was changed, and its line": func(m *memory) {
			m.rows[12].Action = "list"
			m.strips[2].Rest, _ = Rest(m.rows[12].Act)
		},
		"a line removed":           func(m *memory) { m.strips = m.strips[1:] },
		"all lines removed":        func(m *memory) { m.strips = nil },
		"a line to another act":    func(m *memory) { m.strips[4].Act = 40 },
		"a line to an act to come": func(m *memory) { m.strips[4].Act = 99 },
		"the act that answers":     func(m *memory) { m.rows[40].Count = 6 },
		"a stripped row removed":   func(m *memory) { m.rows = append(m.rows[:12], m.rows[13:]...) },
		"the act has another word": func(m *memory) { m.rows[40].Action = "read" },
	} {
		m, _, v := stripped(t)
		tamper(m)
		if rep := verify(t, m, v); rep.OK() {
			t.Errorf("%s: not found", name)
		}
	}
}

// TestCheckpointsOfTheFirstRelease proves that checkpoints of five lines are still read and still prove.
func TestCheckpointsOfTheFirstRelease(t *testing.T) {
	m, s, v := log(t, 40)
	for i, text := range m.checkpoints {
		c, err := ReadCheckpoint(text)
		if err != nil || c.Unmaskings != 0 || strings.Count(c.Text(), "\n") != 6 {
			t.Fatalf("%+v %v", c, err)
		}
		c.Unmaskings = -1
		if strings.Count(c.Text(), "\n") != 5 {
			t.Fatalf("%q", c.Text())
		}
		if m.checkpoints[i], err = note.Sign(&note.Note{Text: c.Text()}, s.Signer); err != nil {
			t.Fatal(err)
		}
		if again, err := ReadCheckpoint(m.checkpoints[i]); err != nil || again != c {
			t.Errorf("%+v %v", again, err)
		}
	}
	if rep := verify(t, m, v); !rep.OK() || rep.Checkpoints != 2 {
		t.Errorf("%+v", rep)
	}
	m.rows[3].User = "somebody"
	if rep := verify(t, m, v); rep.OK() {
		t.Error("tampering is not found under old checkpoints")
	}
}

// TestUnmaskingsAreCounted proves that the count in a checkpoint is that of the acts.
func TestUnmaskingsAreCounted(t *testing.T) {
	m, s, v := log(t, 10)
	m.write(2)
	m.rows[10].Action = ActUnmask
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := m.checkpoints[len(m.checkpoints)-1]
	c, err := ReadCheckpoint(last)
	if err != nil || c.Unmaskings != 1 || !verify(t, m, v).OK() {
		t.Fatalf("%+v %v", c, err)
	}
	c.Unmaskings = 0
	forged, err := note.Sign(&note.Note{Text: c.Text()}, s.Signer)
	if err != nil {
		t.Fatal(err)
	}
	m.checkpoints[len(m.checkpoints)-1] = forged
	if rep := verify(t, m, v); rep.OK() {
		t.Error("a checkpoint that counts one less is believed")
	}
}

// TestStrippingBesideAVerification proves that detail taken out while a log is verified is no finding.
func TestStrippingBesideAVerification(t *testing.T) {
	m, s, v := log(t, 40)
	grows := &growingTable{memory: m, between: func() {
		sum := sha256.New()
		for i := range 20 {
			r := &m.rows[i]
			leaf, _ := LeafOf(r.Act, r.Salt)
			r.Act, r.Salt = record.Act{Number: r.Number, At: r.At, Action: r.Action}, nil
			rest, _ := Rest(r.Act)
			AddStrip(sum, r.Number, leaf, rest)
			m.strips = append(m.strips, Strip{r.Number, 41, rest})
		}
		m.write(1)
		m.rows[40].Act = record.Act{Number: 41, At: time.Unix(41, 0).UTC(), Action: record.ActStrip, Count: 99} // not even looked at
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}}
	rep, err := Verify(t.Context(), grows, v, nil)
	if err != nil || !rep.OK() || rep.Stripped != 20 {
		t.Errorf("%+v %v", rep, err)
	}
}
