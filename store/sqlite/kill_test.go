package sqlite

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/store/storetest"
)

var childDir = flag.String("sqlite.child", "", "directory in which this process writes until it is killed; for TestKilled")

// childConfig is how parent and child open the directory.
func childConfig(dir string) Config {
	return Config{Dir: dir, Types: storetest.Types(), Allow: storetest.Allow, Fold: match.Fold, Node: "node-a"}
}

// TestKilled kills a process that writes, at any moment and several times, and looks at what is left: everything that was
// acknowledged is there, nothing is there by half, the sequences have no gaps, and the cursor tells what work was done.
func TestKilled(t *testing.T) {
	if *childDir != "" {
		t.Skip("this is the child")
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(uint64(os.Getpid()), 1))
	acknowledged := map[string]bool{}
	rounds := 8
	if testing.Short() {
		rounds = 2
	}
	for round := range rounds {
		acks := runAndKill(t, dir, 1+rng.IntN(600))
		for _, a := range acks {
			acknowledged[a] = true
		}
		s, err := Open(context.Background(), childConfig(dir))
		must(t, err)
		checkWhole(t, s, acknowledged)
		must(t, s.Close())
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	t.Logf("%d acts were acknowledged in %d lives", len(acknowledged), rounds)
	if len(acknowledged) < 100 {
		t.Errorf("only %d acts were acknowledged: the test proves little", len(acknowledged))
	}
}

// runAndKill starts the child, kills it after a number of acknowledged acts and gives all it acknowledged.
func runAndKill(t *testing.T, dir string, after int) (acks []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledChild$", "-test.v=false", "-sqlite.child="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewReader(out)
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		if err != nil { // a half line was not acknowledged
			if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
				t.Log(err)
			}
			break
		}
		if word, ok := strings.CutPrefix(strings.TrimSpace(line), "ack "); ok {
			acks = append(acks, word)
		}
		if n == after {
			must(t, cmd.Process.Kill())
		}
	}
	_ = cmd.Wait()
	return acks
}

// TestKilledChild writes until it is killed: acts of people, bulk acts, and a machine that follows the sequence.
func TestKilledChild(t *testing.T) {
	if *childDir == "" {
		t.Skip("started by TestKilled")
	}
	s, err := Open(context.Background(), childConfig(*childDir))
	must(t, err)
	var mu sync.Mutex
	say := func(id record.ID) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Printf("ack %s\n", id)
	}
	written := func(run func(context.Context, func(record.Tx) error) error, many int) {
		for {
			ids := make([]record.ID, many)
			must(t, run(machine(), func(tx record.Tx) error {
				for i := range many {
					r := source()
					if err := tx.Put(r); err != nil {
						return err
					}
					ids[i] = r.ID
					if err := tx.Audit(record.Act{Action: "create", Subject: r.ID}); err != nil {
						return err
					}
				}
				return nil
			}))
			for _, id := range ids {
				say(id)
			}
		}
	}
	go written(s.Update, 1)
	go written(s.Bulk, 5)
	for {
		must(t, s.Bulk(machine(), follow))
	}
}

// source is a record whose index has a row of every word.
func source() *record.Record {
	thing := record.Thing{Type: "phone", Key: "1"}
	return note(storetest.Note{Title: "source", Texts: []string{"слово"}, Mentions: []record.Mention{{Thing: thing}},
		Links:    []record.Link{{From: thing, To: record.Thing{Type: "phone", Key: "2"}, Rel: "r"}},
		Events:   []record.Event{{Kind: "call", Place: "ALA"}},
		Measures: []record.Measure{{Name: "m", Value: 1}},
		Persons:  []record.Person{{Role: "passenger"}}})
}

// follow does the work of a machine part: one memo for each source, and the cursor moved in the same act.
func follow(tx record.Tx) error {
	at, err := tx.Cursor("follow")
	if err != nil {
		return err
	}
	rows, err := tx.Changes(at, 20)
	if err != nil || len(rows) == 0 {
		return err
	}
	for _, row := range rows {
		if row.Kind == "test.note" {
			n := storetest.Note{Title: "done", Mentions: []record.Mention{{Thing: record.Thing{Type: "phone", Key: "1"}}}}
			memo := note(n)
			memo.Kind, memo.Body = "test.memo", &storetest.Memo{Note: n}
			memo.Key = fmt.Sprint(row.Seq)
			if err := tx.Put(memo); err != nil {
				return err
			}
			if err := tx.Audit(record.Act{Action: "create", Subject: memo.ID}); err != nil {
				return err
			}
		}
		at = row.Seq
	}
	return tx.SetCursor("follow", at)
}

// checkWhole looks at a directory that was left in the middle of something.
func checkWhole(t *testing.T, s *Store, acknowledged map[string]bool) {
	t.Helper()
	number := func(query string) (n int64) {
		t.Helper()
		must(t, s.reading(context.Background(), func(r *session) error { return r.one(context.Background(), query, nil, &n) }))
		return n
	}
	same := func(what string, got, want int64) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
	head := number(`SELECT value FROM counter WHERE name = 'vid'`)
	notes := number(`SELECT count(*) FROM record WHERE title = 'source'`)
	same("records in the sequence", number(`SELECT count(*) FROM record`), head)
	same("its last number", number(`SELECT max(vid) FROM record`), head)
	same("acts", number(`SELECT count(*) FROM audit`), head)
	same("last act", number(`SELECT max(number) FROM audit`), head)
	same("records with an act of their own", number(`SELECT count(DISTINCT a.subject) FROM audit a JOIN record r ON r.id = a.subject`), head)
	same("bodies", number(`SELECT count(*) FROM body b JOIN record r ON r.vid = b.vid`), head)
	same("mentions", number(`SELECT count(*) FROM mention`), head)
	for _, table := range []string{"link", "event", "measure", "person"} {
		same(table, number(`SELECT count(*) FROM `+table), notes)
	}
	same("texts", number(`SELECT count(*) FROM txt`), head)
	same("full text", number(`SELECT count(*) FROM fts WHERE fts MATCH 'слово'`), notes)
	cursor := number(`SELECT coalesce(max(at), 0) FROM cursor`)
	same("memos for sources up to the cursor", number(`SELECT count(*) FROM record WHERE title = 'done'`),
		number(fmt.Sprintf(`SELECT count(*) FROM record WHERE title = 'source' AND vid <= %d`, cursor)))
	same("memos without a source", number(`SELECT count(*) FROM record m WHERE m.title = 'done' AND NOT EXISTS
		(SELECT 1 FROM record r WHERE r.vid = CAST(m.key AS INTEGER) AND r.title = 'source')`), 0)

	var broken []string
	must(t, s.reading(context.Background(), func(r *session) error {
		return r.each(context.Background(), `PRAGMA integrity_check`, nil, func(rows *sql.Rows) error {
			var line string
			err := rows.Scan(&line)
			if line != "ok" {
				broken = append(broken, line)
			}
			return err
		})
	}))
	if len(broken) > 0 {
		t.Errorf("the file is damaged: %v", broken)
	}
	must(t, s.View(machine(), func(tx record.Tx) error {
		for id := range acknowledged {
			rid, err := record.ParseID(id)
			must(t, err)
			if _, err := tx.Get(rid); err != nil {
				t.Errorf("acknowledged and gone: %s: %v", id, err)
			}
		}
		return nil
	}))
}
