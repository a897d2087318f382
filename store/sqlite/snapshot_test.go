package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"sarhad/record"
	"sarhad/store/storetest"
)

// TestSnapshotWhileWriting proves that a snapshot is one state, though acts are committed while it is read, and that it opens
// as a database of its own that holds what was there when it began.
func TestSnapshotWhileWriting(t *testing.T) {
	s, _ := open(t)
	fill := func(from, to int) {
		for i := from; i < to; i++ {
			put(t, s, note(storetest.Note{Title: fmt.Sprintf("Other %d", i), Texts: []string{"обычная запись"},
				Mentions: []record.Mention{{Thing: record.Thing{Type: "phone", Key: fmt.Sprint(i)}}}}))
		}
	}
	fill(0, 200)
	dir := filepath.Join(t.TempDir(), "copy")
	must(t, os.MkdirAll(dir, 0o700))
	f, err := os.Create(filepath.Join(dir, fileName))
	must(t, err)
	must(t, s.Snapshot(context.Background(), func(state Snapshot, pages io.Reader) error {
		if state.AuditRows != 200 || state.Head != 200 || state.PageSize != pageSize || state.Incarnation != s.Incarnation() || state.Schema < 3 {
			t.Errorf("the state: %+v", state)
		}
		first := make([]byte, 3*pageSize)
		if _, err := io.ReadFull(pages, first); err != nil {
			return err
		}
		fill(200, 300) // writers do not wait
		n, err := io.Copy(f, io.MultiReader(bytes.NewReader(first), pages))
		if n != state.Pages*int64(state.PageSize) {
			t.Errorf("%d bytes of %d pages", n, state.Pages)
		}
		return err
	}))
	must(t, f.Close())
	c, err := Open(context.Background(), Config{Dir: dir, Types: s.cfg.Types, Allow: s.cfg.Allow})
	must(t, err)
	defer c.Close()
	faults, err := c.Integrity(context.Background())
	must(t, err)
	if len(faults) > 0 {
		t.Errorf("the copy is not whole: %v", faults)
	}
	h, err := c.Holding(context.Background())
	must(t, err)
	if h.Records != 200 || h.Bodies != 200 || h.Acts != 200 {
		t.Errorf("the copy holds %+v, want the 200 of its beginning", h)
	}
	if h, _ := s.Holding(context.Background()); h.Records != 300 {
		t.Errorf("the original holds %+v", h)
	}
}
