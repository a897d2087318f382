package relay_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"sarhad/exchange/relay"
	"sarhad/exchange/relay/relaytest"
	"sarhad/record"
)

func (p *post) freight(id record.ID, out bool) record.Freight {
	p.t.Helper()
	var f record.Freight
	err := p.store.View(machine(), func(tx record.Tx) error {
		list, err := tx.Freights(record.FreightQuery{ID: id, Out: out})
		if len(list) == 1 {
			f = list[0]
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return f
}

func (w *world) fileBecomes(p *post, f record.Freight, want record.FreightState, most time.Duration) record.Freight {
	w.Helper()
	p.until("the file becomes "+string(want), most, func() bool { return p.freight(f.ID, true).State == want })
	return p.freight(f.ID, true)
}

func staged(t *testing.T, dir string) int {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestFileArrivesWhole(t *testing.T) {
	staging := ""
	play(t, func(w *world) {
		defer w.a.run()()
		defer w.b.run()()
		f := w.a.ship("b", "picture", 1_234_567)
		w.fileBecomes(w.a, f, record.FreightDone, time.Minute)
		if !bytes.Equal(w.b.bytes[f.ID], content("picture", 1_234_567)) {
			t.Error("other bytes came")
		}
		if n := staged(t, staging); n != 0 {
			t.Errorf("%d files are left in staging", n)
		}
	}, stagingOf(&staging))
}

func stagingOf(dir *string) func(string, *relay.Config) {
	return func(node string, c *relay.Config) {
		if node == "b" {
			*dir = c.Staging
		}
	}
}

// TestFileGoesOnAfterCrashes proves that neither side begins anew: of 4 MB little more than 4 MB go over a line that is cut, with
// sender and receiver killed in turn.
func TestFileGoesOnAfterCrashes(t *testing.T) {
	play(t, func(w *world) {
		line := w.a.line
		line.SetUp(true)
		stops := []func(){w.a.run(), w.b.run()}
		f := w.a.ship("b", "picture", 4<<20)
		for i := range 12 {
			time.Sleep(2300 * time.Millisecond)
			switch i % 3 {
			case 0:
				stops[0]()
				stops[0] = w.a.again().run()
			case 1:
				stops[1]()
				stops[1] = w.b.again().run()
			case 2:
				line.SetUp(false)
				time.Sleep(time.Second)
				line.SetUp(true)
			}
		}
		w.fileBecomes(w.a, f, record.FreightDone, 10*time.Minute)
		for _, stop := range stops {
			stop()
		}
		if !bytes.Equal(w.b.bytes[f.ID], content("picture", 4<<20)) {
			t.Error("other bytes came")
		}
		if got := w.b.store.Records()[f.ID.String()]; got != 1 {
			t.Errorf("it was taken up %d times", got)
		}
		t.Logf("%d bytes went over the line for %d", line.Bytes, 4<<20)
		if line.Bytes > 4<<20*5/4 {
			t.Errorf("%d bytes went over the line for %d", line.Bytes, 4<<20)
		}
	}, func(node string, c *relay.Config) {
		if node == "a" {
			c.Bearer = relaytest.NewLine(c.Bearer, 1, 50*time.Millisecond, 1_000_000, 0)
		}
	})
}

// TestFilesUnderSchedules plays faults of the hub and kills of both sides while files and messages are on their way: each file
// arrives whole and is taken up once.
func TestFilesUnderSchedules(t *testing.T) {
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 5))
			hub := relaytest.NewHub(seed, relaytest.Faults{Refuse: rnd.Float64() / 3, LoseWord: rnd.Float64() / 3, Lose: rnd.Float64() / 3, Repeat: rnd.Float64() / 3,
				Reorder: rnd.Float64(), LoseAck: rnd.Float64() / 3, Corrupt: rnd.Float64() / 10, MostDelay: time.Second})
			posts := []*post{newPost(t, "a", hub.Bearer("a"), seldom), newPost(t, "b", hub.Bearer("b"), seldom)}
			stops := []func(){posts[0].run(), posts[1].run()}
			var files []record.Freight
			for range 3 {
				files = append(files, posts[0].ship("b", "picture", 1+rnd.IntN(200_000)))
				posts[0].send("b", record.Bulk, "x")
			}
			for range rnd.IntN(6) {
				time.Sleep(time.Duration(rnd.IntN(5000)) * time.Millisecond)
				i := rnd.IntN(2)
				stops[i]()
				time.Sleep(time.Duration(rnd.IntN(5000)) * time.Millisecond)
				stops[i] = posts[i].again().run()
			}
			time.Sleep(time.Minute)
			hub.Heal()
			for _, f := range files {
				defer func() {
					if t.Failed() {
						t.Logf("seed %d: there %+v\nhere %+v", seed, posts[0].freight(f.ID, true), posts[1].freight(f.ID, false))
					}
				}()
				posts[0].until("a file is taken", 3*time.Hour, func() bool { time.Sleep(time.Second); return posts[0].freight(f.ID, true).State == record.FreightDone })
				if posts[1].store.Records()[f.ID.String()] != 1 || !bytes.Equal(posts[1].bytes[f.ID], content("picture", int(f.Size))) {
					t.Errorf("seed %d: a file of %d bytes came as %d bytes, taken up %d times", seed, f.Size, len(posts[1].bytes[f.ID]), posts[1].store.Records()[f.ID.String()])
				}
			}
			stops[0]()
			stops[1]()
		})
	}
}

// TestLostPiecesAreSentAgain proves that only they are.
func TestLostPiecesAreSentAgain(t *testing.T) {
	play(t, func(w *world) {
		n, lost := 0, 0
		w.hub.Seen = func(to string, lane record.Lane, wire []byte) bool {
			if to == "b" && lane == record.Bulk {
				if n++; n%5 == 2 && lost < 6 {
					lost++
					return false
				}
			}
			return true
		}
		defer w.a.run()()
		defer w.b.run()()
		f := w.a.ship("b", "picture", 3<<20)
		w.fileBecomes(w.a, f, record.FreightDone, 10*time.Minute) // the last piece of all may be among them
		if !bytes.Equal(w.b.bytes[f.ID], content("picture", 3<<20)) || lost == 0 {
			t.Errorf("%d pieces were lost, and %d bytes came", lost, len(w.b.bytes[f.ID]))
		}
	})
}

// TestStagingIsLost proves that a receiver that lost what it had says so, and gets it again.
func TestStagingIsLost(t *testing.T) {
	staging := ""
	play(t, func(w *world) {
		line := w.a.line
		line.SetUp(true)
		defer w.a.run()()
		defer w.b.run()()
		f := w.a.ship("b", "picture", 1<<20)
		time.Sleep(4 * time.Second)
		list, _ := filepath.Glob(filepath.Join(staging, "*"))
		if len(list) != 1 || os.Remove(list[0]) != nil {
			t.Fatalf("in staging are %v", list)
		}
		w.fileBecomes(w.a, f, record.FreightDone, 10*time.Minute)
		if !bytes.Equal(w.b.bytes[f.ID], content("picture", 1<<20)) {
			t.Error("other bytes came")
		}
		if n := w.b.freight(f.ID, false).Rounds; n != 0 {
			t.Errorf("it was found out only by the hash, %d times", n)
		}
	}, stagingOf(&staging), func(node string, c *relay.Config) {
		if node == "a" {
			c.Bearer = relaytest.NewLine(c.Bearer, 1, 50*time.Millisecond, 1_000_000, 0)
		}
	})
}

// damaged is a file that is not what its hash says.
type damaged struct{ io.ReaderAt }

func (damaged) Close() error { return nil }

func TestFilesThatAreRefused(t *testing.T) {
	play(t, func(w *world) {
		defer w.a.run()()
		defer w.b.run()()
		wrong := record.Freight{Peer: "b", Kind: "file", Ref: "picture", Size: 100_000, Hash: [32]byte{1}}
		w.a.act(func(tx record.Tx) error { return tx.Ship(&wrong) })
		if f := w.fileBecomes(w.a, wrong, record.FreightRefused, 30*time.Minute); f.Problem != "the file came damaged three times" {
			t.Errorf("a damaged file: %q", f.Problem)
		}
		if f := w.fileBecomes(w.a, w.a.ship("b", "lost", 1000), record.FreightRefused, time.Minute); f.Problem == "" {
			t.Error("a file that is not there any more")
		}
		if f := w.fileBecomes(w.a, w.a.ship("b", "picture", 2_000_000), record.FreightRefused, time.Minute); f.Problem != "files of 2 MB are too large" {
			t.Errorf("a file that is not admitted: %q", f.Problem)
		}
		ok := w.a.ship("b", "picture", 1000)
		w.fileBecomes(w.a, ok, record.FreightDone, time.Minute)
	}, func(node string, c *relay.Config) {
		c.Admit = func(f record.Freight) error {
			if f.Size >= 2_000_000 {
				return record.Errorf(record.Forbidden, "files of 2 MB are too large")
			}
			return nil
		}
	})
}

// TestFileHandlerThatCannot proves that a file waits for its handler, is shown, and that a refusal is told.
func TestFileHandlerThatCannot(t *testing.T) {
	staging := ""
	play(t, func(w *world) {
		tries := 0
		w.b.relay.HandleFile("file", func(_ context.Context, tx record.Tx, f record.Freight, path string) error {
			if tries++; tries < 3 {
				return record.Errorf(record.Unavailable, "the vault is locked")
			}
			return record.Errorf(record.Forbidden, "nobody expects it")
		})
		defer w.a.run()()
		defer w.b.run()()
		f := w.a.ship("b", "picture", 10_000)
		time.Sleep(1500 * time.Millisecond)
		if st := w.b.status(); len(st.Stuck) != 1 || st.Stuck[0].Why != "the vault is locked" || len(st.Files) != 1 || st.Files[0].Moved != 10_000 {
			t.Errorf("the status is %+v and %+v", st.Stuck, st.Files)
		}
		if got := w.fileBecomes(w.a, f, record.FreightRefused, time.Minute); got.Problem != "nobody expects it" || tries != 3 {
			t.Errorf("after %d tries: %q", tries, got.Problem)
		}
		if n := staged(t, staging); n != 0 {
			t.Errorf("%d files are left in staging", n)
		}
	}, stagingOf(&staging))
}

// TestErasedFileStops proves that erasing its record stops a file, here and there.
func TestErasedFileStops(t *testing.T) {
	staging := ""
	play(t, func(w *world) {
		w.a.line.SetUp(true)
		defer w.a.run()()
		defer w.b.run()()
		there, here := record.Record{Kind: "note"}, record.Record{Kind: "note"}
		w.b.act(func(tx record.Tx) error { return tx.Put(&there) })
		w.a.act(func(tx record.Tx) error { return tx.Put(&here) })
		one := w.a.shipAbout("b", there.ID, 2<<20)
		time.Sleep(time.Second)
		two := w.a.shipAbout("b", here.ID, 1<<20)
		w.b.until("both files are in staging", 30*time.Second, func() bool { return staged(t, staging) == 2 })
		w.b.act(func(tx record.Tx) error { _, err := tx.Erase(there.ID); return err })
		w.a.act(func(tx record.Tx) error { _, err := tx.Erase(here.ID); return err })
		time.Sleep(10 * time.Minute)
		if a, b := w.a.freight(two.ID, true).State, w.b.freight(one.ID, false).State; a != record.FreightRecalled || b != record.FreightRecalled || len(w.b.files) != 0 {
			t.Errorf("the files are %s and %s, %d were taken", a, b, len(w.b.files))
		}
		if n := staged(t, staging); n > 1 { // that of two waits for the erasure to be told
			t.Errorf("%d files are left in staging", n)
		}
	}, stagingOf(&staging), func(node string, c *relay.Config) {
		if node == "a" {
			c.Bearer = relaytest.NewLine(c.Bearer, 1, 50*time.Millisecond, 200_000, 0)
		}
	})
}

func (p *post) shipAbout(to string, about record.ID, size int) record.Freight {
	p.t.Helper()
	f := record.Freight{Peer: to, Kind: "file", Ref: "picture", Size: int64(size), Hash: hashOf("picture", size), About: about}
	p.act(func(tx record.Tx) error { return tx.Ship(&f) })
	return f
}
