package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sarhad/record"
	"sarhad/store/storetest"
)

// TestNewerSchemaIsLeftAlone proves that an old program cannot destroy what a newer one wrote: it refuses with a sentence and
// writes nothing, neither into the database nor into its log.
func TestNewerSchemaIsLeftAlone(t *testing.T) {
	s, _ := open(t)
	put(t, s, note(storetest.Note{Title: "a"}))
	must(t, s.Close())
	db, err := sql.Open("sqlite", dsn(s.cfg))
	must(t, err)
	_, err = db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`)
	must(t, err)
	must(t, db.Close())
	before := files(t, s.cfg.Dir)
	for _, readOnly := range []bool{false, true} {
		cfg := s.cfg
		cfg.ReadOnly = readOnly
		_, err = Open(context.Background(), cfg)
		if record.KindOf(err) != record.Invalid || !strings.Contains(record.MessageOf(err), "newer program") || !strings.Contains(record.MessageOf(err), "99999") {
			t.Errorf("read only %v: %v", readOnly, err)
		}
	}
	for name, sum := range files(t, s.cfg.Dir) {
		if was, ok := before[name]; strings.HasPrefix(name, fileName) && (!ok || was != sum) && sum != sha256.Sum256(nil) && !strings.HasSuffix(name, "-shm") {
			t.Errorf("%s was written", name)
		}
	}
}

func files(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	out := map[string][32]byte{}
	all, err := os.ReadDir(dir)
	must(t, err)
	for _, f := range all {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		must(t, err)
		out[f.Name()] = sha256.Sum256(b)
	}
	return out
}
