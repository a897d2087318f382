package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	driver "modernc.org/sqlite"

	"sarhad/record"
)

// SQLite's primary result codes that mean something to us.
const (
	codeBusy       = 5
	codeFull       = 13
	codeConstraint = 19
)

var (
	errBusyLog  = errors.New("somebody still reads an older state")
	errReadOnly = record.Errorf(record.Internal, "this transaction only reads: write in Update or Bulk")
	errClosed   = record.Errorf(record.Unavailable, "the store is closed: the node is stopping")
)

// tx is one transaction: record.Tx.
type tx struct {
	s     *Store
	ses   *session
	ctx   context.Context
	actor record.Actor
	write bool
	now   time.Time // of the transaction; Received of its records and At of its acts
	seq   record.Seq

	classes int64             // classes of visibility this state knows; 0 = not asked yet
	filters map[string]filter // by topics

	next      counters
	newScopes []record.Scope
	newTerms  map[termKey]int64
	newThings map[record.Thing]int64
	newSlots  map[[2]int64]int
	lost      []record.Thing // things that went with an erasure
	texts     []text         // full-text rows, written last
	unnamed   []string       // chunks of attachments that went with the last record that named them
	acts      int
	mailed    []record.Lane // lanes in which something was dispatched or shipped
	changed   bool          // something was put or erased
	erased    bool          // the log must be emptied
	broken    error         // a statement failed half way: nothing of this can be kept
}

// View implements record.Store.
func (s *Store) View(ctx context.Context, fn func(record.Tx) error) (err error) {
	defer s.observe("view", &err)()
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return err
	}
	return s.reading(ctx, func(r *session) error {
		return fn(&tx{s: s, ses: r, ctx: ctx, actor: actor, seq: -1, filters: map[string]filter{}})
	})
}

// Update implements record.Store; what it returns nil for is on the disk.
func (s *Store) Update(ctx context.Context, fn func(record.Tx) error) (err error) {
	defer s.observe("update", &err)()
	return s.change(ctx, false, fn)
}

// Bulk implements record.Store; a power failure may take the last acts away again, see Sync.
func (s *Store) Bulk(ctx context.Context, fn func(record.Tx) error) (err error) {
	defer s.observe("bulk", &err)()
	return s.change(ctx, true, fn)
}

// Sync puts every bulk act committed so far on the disk. A sender is told "received" only after it.
func (s *Store) Sync(ctx context.Context) (err error) {
	defer record.Wrap(&err, "Sync")
	return s.writing(ctx, false, func(w *session) error {
		_, err := w.exec(context.WithoutCancel(ctx), `INSERT INTO counter (name, value) VALUES ('sync', 1)
			ON CONFLICT (name) DO UPDATE SET value = counter.value + 1`)
		return err
	})
}

// reading runs fn on one consistent state.
func (s *Store) reading(ctx context.Context, fn func(*session) error) (err error) {
	var r *session
	select {
	case ses, open := <-s.readers:
		if !open {
			return errClosed
		}
		r = ses
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { s.readers <- r }()
	if r == nil {
		if r, err = newSession(ctx, s.db); err != nil {
			return err
		}
	}
	r.tidy()
	if _, err := r.exec(context.Background(), "BEGIN"); err != nil {
		return err
	}
	// COMMIT and not ROLLBACK: the temporary table of granted classes stays.
	defer func() {
		if _, e := r.exec(context.Background(), "COMMIT"); err == nil && e != nil {
			err = e
		}
	}()
	return fn(r)
}

// writing runs fn as one act of the writer, without records: settings, tree, users.
func (s *Store) writing(ctx context.Context, bulk bool, fn func(*session) error) error {
	return s.turn(ctx, bulk, func() error { return fn(s.writer) })
}

// change runs fn as one act on records.
func (s *Store) change(ctx context.Context, bulk bool, fn func(record.Tx) error) error {
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return err
	}
	var t *tx
	err = s.turn(ctx, bulk, func() error {
		t = &tx{s: s, ses: s.writer, actor: actor, write: true, seq: -1, now: s.cfg.Now().UTC().Truncate(time.Millisecond),
			ctx:     context.WithoutCancel(ctx), // a statement is never broken off: the act is short
			filters: map[string]filter{}, next: s.next, newTerms: map[termKey]int64{}, newThings: map[record.Thing]int64{}, newSlots: map[[2]int64]int{}}
		if err := fn(t); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return t.finish()
	}, func() { t.keep() })
	return err
}

// turn waits for the writer, runs fn in a transaction and commits it. kept is called after the commit, before the next act.
func (s *Store) turn(ctx context.Context, bulk bool, fn func() error, kept ...func()) (err error) {
	if s.cfg.ReadOnly {
		return record.Errorf(record.Forbidden, "the data directory %s was opened for reading only", s.cfg.Dir)
	}
	if err := s.queue.take(ctx, bulk); err != nil {
		return err
	}
	defer s.wal.wake()
	defer s.queue.give()
	if s.closed {
		return errClosed
	}
	w := s.writer
	w.tidy()
	if err := s.pace(bulk); err != nil {
		return err
	}
	bg := context.Background()
	if _, err := w.exec(bg, "BEGIN IMMEDIATE"); err != nil {
		return explain(err)
	}
	done := false
	defer func() {
		if !done { // an error or a panic
			clear(w.granted)
			if _, e := w.exec(bg, "ROLLBACK"); e != nil && err == nil {
				err = e
			}
		}
	}()
	if err := fn(); err != nil {
		return explain(err)
	}
	if _, err := w.exec(bg, "COMMIT"); err != nil {
		return explain(err)
	}
	done = true
	for _, f := range kept {
		f()
	}
	return nil
}

// pace sets how careful the next commit is: FULL syncs the log at each commit, NORMAL only before it is written back.
func (s *Store) pace(bulk bool) error {
	if bulk == s.bulk {
		return nil
	}
	mode := "FULL"
	if bulk {
		mode = "NORMAL"
	}
	if _, err := s.writer.exec(context.Background(), "PRAGMA synchronous = "+mode); err != nil {
		return err
	}
	s.bulk = bulk
	return nil
}

// finish writes what comes last and checks the promise: no change without an act.
func (t *tx) finish() error {
	if t.broken != nil {
		return t.broken
	}
	if t.changed && t.acts == 0 {
		return record.Errorf(record.Internal, "records were changed without a word about it: say in an Act who did what, or nothing is kept")
	}
	if err := t.flushTexts(); err != nil {
		return err
	}
	if t.next.vid != t.s.next.vid {
		if _, err := t.ses.exec(t.ctx, `INSERT INTO counter (name, value) VALUES ('vid', $1)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, t.next.vid); err != nil {
			return err
		}
	}
	return nil
}

// keep makes the store remember what is committed.
func (t *tx) keep() {
	s := t.s
	s.scopes.add(s.next.vis+1, t.newScopes)
	for k, id := range t.newTerms {
		s.terms.add(k, id)
	}
	for th, eid := range t.newThings {
		s.things.add(th, eid)
	}
	for k, slot := range t.newSlots {
		s.slots[k] = slot
	}
	for _, th := range t.lost {
		s.things.forget(th)
	}
	s.next = t.next
	if len(t.mailed) > 0 && s.cfg.Mailed != nil {
		s.cfg.Mailed(t.mailed)
	}
	if len(t.unnamed) > 0 && s.chunks != nil {
		s.chunks.Drop(t.unnamed)
	}
	if t.erased {
		s.wal.setDirty(true)
		_ = s.truncate(t.ctx) // at once if nobody reads; else the log's goroutine goes on trying
	}
}

// broke remembers that the transaction holds half of something.
func (t *tx) broke(err error) error {
	if t.broken == nil {
		t.broken = err
	}
	return err
}

// Hurry reports whether a person waits for the writer. A long bulk act asks now and then and ends early; what is left goes
// into the next one.
func (t *tx) Hurry() bool { return t.write && t.s.queue.hurry() }

func (t *tx) mayWrite() error {
	if !t.write {
		return errReadOnly
	}
	return t.broken
}

// explain turns what the database says into a sentence where a person can do something about it.
func explain(err error) error {
	var e *driver.Error
	var known *record.Error
	if errors.As(err, &known) || !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case codeBusy:
		return &record.Error{Kind: record.Unavailable, Message: "the database is busy: try again in a moment", Err: err}
	case codeFull:
		return &record.Error{Kind: record.Unavailable, Message: "the disk of this node is full: nothing was stored; tell the administrator to make room", Err: err}
	}
	return err
}

// violates reports whether a statement broke the uniqueness of a column.
func violates(err error, column string) bool {
	var e *driver.Error
	return errors.As(err, &e) && e.Code()&0xff == codeConstraint && strings.Contains(e.Error(), column)
}

func notFound(what string) error {
	return record.Errorf(record.NotFound, "there is no %s here, or you may not read it", what)
}

// noRow turns "no row" into NotFound, and so what is hidden: both give the same answer.
func noRow(err error, what string, hidden ...bool) error {
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(hidden) > 0 && hidden[0] {
		return notFound(what)
	}
	return err
}

// ms is a time as it is stored; nil when it is zero.
func ms(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

func fromMS(v sql.NullInt64) time.Time {
	if !v.Valid {
		return time.Time{}
	}
	return time.UnixMilli(v.Int64).UTC()
}

// round cuts a time to what is stored.
func round(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// rowsOf gives the range of keys that index rows of a revision have.
func rowsOf(vid int64) (from, to int64) { return vid << 12, (vid + 1) << 12 }

// maxRows is how many rows of one word a revision can have: what fits into the 12 bits beside its number.
const maxRows = 4095

func tooMany(word string, n int) error {
	return record.Errorf(record.Invalid, "the record has %d %s; at most %d fit into one record: divide it", n, word, maxRows)
}

var _ record.Store = (*Store)(nil)

// mail notes that something was dispatched in a lane.
func (t *tx) mail(l record.Lane) {
	if !slices.Contains(t.mailed, l) {
		t.mailed = append(t.mailed, l)
	}
}
