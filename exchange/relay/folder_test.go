package relay_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sarhad/exchange/relay/relaytest"
	"sarhad/record"
)

// TestFolderCarries proves the button of twin posts: what waits goes into a folder, once however often it is exported, and is taken
// in once however often it is imported; receipts come back the same way, and what went through the hub as well is known.
func TestFolderCarries(t *testing.T) {
	dir := t.TempDir()
	play(t, func(w *world) {
		ctx := context.Background()
		w.hub.SetDown(true)
		defer w.a.run()()
		defer w.b.run()()
		var sent []record.Dispatch
		for range 3 {
			sent = append(sent, w.a.send("b", record.Routine, "by hand"))
		}
		w.a.send("c", record.Flash, "for another")
		for range 2 {
			out, err := w.a.relay.Export(ctx, dir, "")
			if err != nil || out.Count != 4 {
				t.Fatalf("exported %+v: %v", out, err)
			}
		}
		for round := range 2 {
			in, err := w.b.relay.Import(ctx, dir)
			if err != nil || in.Files != 4 || in.New != 3*(1-round) || in.Known != 3*round || in.Others != 1 || len(in.Damaged) != 0 || in.Indexes != 1 || in.Unlisted != 0 {
				t.Fatalf("round %d: imported %+v: %v", round, in, err)
			}
		}
		for _, d := range sent {
			w.b.until("taken up", time.Second, func() bool { return w.b.has(d.ID) })
		}
		back := t.TempDir()
		if out, err := w.b.relay.Export(ctx, back, "a"); err != nil || out.Count == 0 {
			t.Fatalf("exported %+v: %v", out, err)
		}
		in, err := w.a.relay.Import(ctx, back)
		if err != nil || in.Service == 0 || in.New != 0 {
			t.Fatalf("imported %+v: %v", in, err)
		}
		for _, d := range sent {
			w.state(w.a, d.ID, record.DispatchOpened)
		}
		w.hub.SetDown(false)
		time.Sleep(time.Hour)
		for id, n := range w.b.store.Records() {
			if n != 1 {
				t.Errorf("%s was taken up %d times", id, n)
			}
		}
	})
}

// TestHalfCopiedFolder proves that what was cut off, changed, or never copied is told by name, and the rest is taken in.
func TestHalfCopiedFolder(t *testing.T) {
	dir := t.TempDir()
	play(t, func(w *world) {
		ctx := context.Background()
		w.hub.SetDown(true)
		defer w.a.run()()
		defer w.b.run()()
		name := func(d record.Dispatch) string { return d.ID.String() + ".envelope" }
		short, changed, missing, whole := w.a.send("b", record.Routine, "1"), w.a.send("b", record.Routine, "2"), w.a.send("b", record.Routine, "3"), w.a.send("b", record.Routine, "4")
		if _, err := w.a.relay.Export(ctx, dir, "b"); err != nil {
			t.Fatal(err)
		}
		edit := func(d record.Dispatch, fn func([]byte) []byte) {
			path := filepath.Join(dir, name(d))
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, fn(b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		edit(short, func(b []byte) []byte { return b[:len(b)/2] })
		edit(changed, func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
		if err := os.Remove(filepath.Join(dir, name(missing))); err != nil {
			t.Fatal(err)
		}
		in, err := w.b.relay.Import(ctx, dir)
		if err != nil || in.Files != 4 || in.New != 1 || len(in.Damaged) != 3 || in.Unreadable != 0 {
			t.Fatalf("imported %+v: %v", in, err)
		}
		w.b.until("the whole one", time.Second, func() bool { return w.b.has(whole.ID) })
		if err := os.Remove(filepath.Join(dir, "index-a.json")); err != nil { // the copying was broken off before its end
			t.Fatal(err)
		}
		if in, err := w.b.relay.Import(ctx, dir); err != nil || in.Unlisted != 3 || in.Indexes != 0 || in.Known != 1 {
			t.Errorf("without the index: %+v: %v", in, err)
		}
		if _, err := w.b.relay.Import(ctx, filepath.Join(dir, "nothing")); record.KindOf(err) != record.Invalid {
			t.Errorf("a folder that is not there: %v", err)
		}
	})
}

// TestTwinsTalkDirectly proves that a twin on the same network gets what waits at once, that its receipts come back the same way, and
// that the copy through the hub is known.
func TestTwinsTalkDirectly(t *testing.T) {
	play(t, func(w *world) {
		ctx := context.Background()
		w.hub.Cut("a", true)
		defer w.a.run()()
		defer w.b.run()()
		d := w.a.send("b", record.Flash, "over the river")
		if n, err := w.a.relay.Offer(ctx, "b", w.b.relay.Accept); n != 1 || err != nil {
			t.Fatalf("%d were taken: %v", n, err)
		}
		w.b.until("taken up", time.Second, func() bool { return w.b.has(d.ID) })
		w.hub.Cut("b", true)
		time.Sleep(time.Second)
		if _, err := w.b.relay.Offer(ctx, "a", w.a.relay.Accept); err != nil {
			t.Fatal(err)
		}
		w.hub.Cut("a", false)
		w.hub.Cut("b", false)
		w.becomes(w.a, d.ID, record.DispatchOpened, time.Minute)
		again := w.a.send("b", record.Flash, "both ways")
		w.becomes(w.a, again.ID, record.DispatchOpened, time.Minute)
		wire, _ := relaytest.Seal("a")(ctx, again)
		if err := w.b.relay.Accept(ctx, wire); err != nil {
			t.Error(err)
		}
		if err := w.b.relay.Accept(ctx, []byte("noise")); record.KindOf(err) != record.Invalid {
			t.Errorf("noise gave %v", err)
		}
		time.Sleep(time.Minute)
		for id, n := range w.b.store.Records() {
			if n != 1 {
				t.Errorf("%s was taken up %d times", id, n)
			}
		}
	})
}
