package directorytest

import (
	"slices"
	"testing"
	"time"

	"sarhad/exchange/directory"
	"sarhad/record"
)

// Opened is a storage under test. Reopen gives it as after a restart.
type Opened struct {
	Storage directory.Storage
	Reopen  func() directory.Storage
}

// Run is the suite that every directory.Storage must pass.
func Run(t *testing.T, open func(*testing.T) Opened) {
	t.Helper()
	t.Run("leaves", func(t *testing.T) { leaves(t, open(t)) })
	t.Run("refusals", func(t *testing.T) { refusals(t, open(t)) })
	t.Run("notes", func(t *testing.T) { notes(t, open(t)) })
	t.Run("directory", func(t *testing.T) { whole(t, open(t)) })
}

func expect(t *testing.T, s directory.Storage, text string, counting int, when time.Time) {
	t.Helper()
	got, known, err := s.DirectoryLeaves(t.Context(), 0, 100)
	if err != nil || len(got) != len(text) {
		t.Fatalf("%d leaves, want %d; %v", len(got), len(text), err)
	}
	for i := range got {
		want := time.Time{}
		if i < counting {
			want = when
		}
		if string(got[i]) != text[i:i+1] || !known[i].Equal(want) || known[i].IsZero() != want.IsZero() {
			t.Errorf("leaf %d is %q since %v, want %q since %v", i, got[i], known[i], text[i:i+1], want)
		}
	}
}

func bytesOf(text string) (out [][]byte) {
	for _, r := range text {
		out = append(out, []byte(string(r)))
	}
	return out
}

func leaves(t *testing.T, o Opened) {
	s, ctx, when := o.Storage, t.Context(), time.Date(2026, 3, 2, 8, 0, 0, 123e6, time.UTC)
	step := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if c, err := s.DirectoryCheckpoint(ctx, 1<<40); c != nil || err != nil {
		t.Errorf("an empty storage has the checkpoint %q, %v", c, err)
	}
	expect(t, s, "", 0, when)
	step(s.SaveDirectory(ctx, 0, bytesOf("abc"), 0, time.Time{}, 0, nil))
	expect(t, s, "abc", 0, when)
	step(s.SaveDirectory(ctx, 0, bytesOf("abx"), 2, when, 2, []byte("two")))
	expect(t, s, "abx", 2, when)
	step(s.SaveDirectory(ctx, 2, bytesOf("cd"), 1, when, 3, []byte("three")))
	step(s.SaveDirectory(ctx, 3, nil, 0, when, 3, []byte("three again")))
	s = o.Reopen()
	expect(t, s, "abc", 3, when)
	for size, want := range map[int64]string{1: "", 2: "two", 3: "three again", 99: "three again"} {
		if c, err := s.DirectoryCheckpoint(ctx, size); string(c) != want || err != nil {
			t.Errorf("checkpoint of at most %d: %q, want %q; %v", size, c, want, err)
		}
	}
	page, _, err := s.DirectoryLeaves(ctx, 1, 1)
	if err != nil || len(page) != 1 || string(page[0]) != "b" {
		t.Errorf("page: %q %v", page, err)
	}
}

func refusals(t *testing.T, o Opened) {
	s, ctx, when := o.Storage, t.Context(), time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	if err := s.SaveDirectory(ctx, 0, bytesOf("abc"), 2, when, 2, []byte("two")); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"a leaf that counts replaced": s.SaveDirectory(ctx, 1, bytesOf("x"), 1, when, 2, []byte("x")),
		"a position skipped":          s.SaveDirectory(ctx, 4, bytesOf("x"), 1, when, 5, []byte("x")),
		"before the first":            s.SaveDirectory(ctx, -1, bytesOf("x"), 1, when, 1, []byte("x")),
	} {
		if record.KindOf(err) != record.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	expect(t, s, "abc", 2, when)
	if c, _ := s.DirectoryCheckpoint(ctx, 99); string(c) != "two" {
		t.Errorf("a refused write changed the checkpoint: %q", c)
	}
}

func notes(t *testing.T, o Opened) {
	s, ctx := o.Storage, t.Context()
	if v, err := s.DirectoryNote(ctx, "k"); v != nil || err != nil {
		t.Errorf("never set: %q %v", v, err)
	}
	for _, v := range []string{"one", "two"} {
		if err := s.SetDirectoryNote(ctx, "k", []byte(v)); err != nil {
			t.Fatal(err)
		}
	}
	s = o.Reopen()
	if v, err := s.DirectoryNote(ctx, "k"); string(v) != "two" || err != nil {
		t.Errorf("%q %v", v, err)
	}
	if err := s.SetDirectoryNote(ctx, "k", nil); err != nil {
		t.Fatal(err)
	}
	if v, err := s.DirectoryNote(ctx, "k"); v != nil || err != nil {
		t.Errorf("removed: %q %v", v, err)
	}
}

// whole takes a real directory up, reopens it and compares.
func whole(t *testing.T, o Opened) {
	r := NewRegion(t)
	d, err := directory.Open(t.Context(), o.Storage, r.Now)
	r.must(err)
	r.must(d.Pin(t.Context(), r.Countries["KAZ"].Directory.Identity()))
	b, err := r.Countries["KAZ"].Directory.Missing(t.Context(), 0)
	r.must(err)
	data, err := b.Encode()
	r.must(err)
	_, err = d.Take(t.Context(), data)
	r.must(err)
	again, err := directory.Open(t.Context(), o.Reopen(), r.Now)
	r.must(err)
	size, root := r.Countries["KAZ"].Directory.Size()
	if n, other := again.Size(); n != size || other != root {
		t.Errorf("%d statements with root %v, want %d with %v", n, other, size, root)
	}
	if !slices.EqualFunc(again.Parties(), d.Parties(), func(a, b directory.Entry) bool { return a.ID == b.ID && a.State == b.State }) {
		t.Error("other parties after a restart")
	}
}
