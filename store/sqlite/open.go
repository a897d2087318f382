package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // registers the driver

	"sarhad/record"
)

// Config of a store. Dir, Types and Allow are required.
type Config struct {
	Dir   string                                // data directory; made when it is missing
	Types *record.Types                         // bodies that are understood
	Allow func(record.Actor, record.Scope) bool // may the actor read records of the scope; asked once for each class
	Fold  func(string) string                   // search form of a text in any script; nil = lower case
	Now   func() time.Time                      // nil = time.Now
	Rand  io.Reader                             // ids, salts; nil = crypto/rand
	Node  string                                // name of this node: the writer of records that name none; "" = no node, and no rule of writers

	// Handover believes the signature of a hand-over, or says why not; nil believes none.
	Handover func(h record.Handover, signature string) error

	Mailed func(lanes []record.Lane) // told after each act that dispatched or shipped something; must not wait; nil = nobody

	Observe func(op string, took time.Duration, err error) // told of each View, Update and Bulk; nil = nobody

	ReadOnly bool // read beside or without the owner of the directory: no lock, no writing
	Readers  int  // connections that read at once; 0 = DefaultReaders
}

const (
	// DefaultReaders is enough for two cores and the reads that wait for a slow client; each keeps up to readerCache of
	// pages, and the rest is in the cache of the system.
	DefaultReaders = 8

	fileName    = "sarhad.db"
	readerCache = 8 << 10  // KiB
	writerCache = 32 << 10 // KiB; more makes commits slower: SQLite walks the whole cache after some of them
)

// Store is a data directory. It implements record.Store, audit.Table, audit.Asker and authn.Store.
type Store struct {
	cfg  Config
	lock *os.File
	db   *sql.DB

	readers chan *session // idle ones; nil stands for one not opened yet
	queue   queue
	writer  *session         // used by who holds the queue's turn
	bulk    bool             // whether the writer's synchronous mode is that of bulk acts
	closed  bool             // under the queue's turn
	next    counters         // under the queue's turn
	gen     int64            // generation of the index that is written; under the queue's turn
	things  *things          // under the queue's turn
	slots   map[[2]int64]int // columns of dimensions by measure and dimension; under the queue's turn

	scopes *scopes
	terms  *terms
	chunks Chunks // nil = records carry no attachments

	incarnation string
	wal         wal
	once        sync.Once
}

// counters are the last numbers given. They live in memory and in the tables they count.
type counters struct{ vid, eid, term, vis, act int64 }

// Open opens or makes a data directory. A directory that another process owns is an Unavailable error that names it.
func Open(ctx context.Context, cfg Config) (_ *Store, err error) {
	defer record.Wrap(&err, "sqlite.Open(%s)", cfg.Dir)
	if cfg.Dir == "" || cfg.Types == nil || cfg.Allow == nil {
		return nil, record.Errorf(record.Internal, "a store needs a directory, types and a rule of access")
	}
	cfg.defaults()
	s := &Store{cfg: cfg, scopes: newScopes(cfg.Allow), terms: newTerms(), things: newThings(), slots: map[[2]int64]int{}, readers: make(chan *session, cfg.Readers)}
	for range cfg.Readers {
		s.readers <- nil
	}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if !cfg.ReadOnly {
		if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
			return nil, err
		}
		if s.lock, err = lockDir(cfg.Dir); err != nil {
			return nil, err
		}
		if err = closeToOthers(cfg.Dir); err != nil {
			return nil, err
		}
	} else if _, err := os.Stat(filepath.Join(cfg.Dir, fileName)); err != nil {
		return nil, &record.Error{Kind: record.Invalid, Err: err, Message: fmt.Sprintf(
			"%s is no data directory: it holds no %s; name the directory that 'sarhad init' made", cfg.Dir, fileName)}
	}
	if err := notNewer(ctx, cfg); err != nil {
		return nil, err
	}
	if s.db, err = sql.Open("sqlite", dsn(cfg)); err != nil {
		return nil, err
	}
	s.db.SetMaxOpenConns(cfg.Readers + 3) // readers, writer, checkpoint, migration
	if !cfg.ReadOnly {
		if err := migrate(ctx, s.db); err != nil {
			return nil, err
		}
	}
	return s, s.start(ctx)
}

func (cfg *Config) defaults() {
	if cfg.Fold == nil {
		cfg.Fold = strings.ToLower
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Readers <= 0 {
		cfg.Readers = DefaultReaders
	}
}

// dsn names the file and what holds for every connection.
func dsn(cfg Config) string {
	path := filepath.ToSlash(filepath.Join(cfg.Dir, fileName))
	if abs, err := filepath.Abs(filepath.Join(cfg.Dir, fileName)); err == nil {
		path = filepath.ToSlash(abs)
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/... on Windows
	}
	q := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "secure_delete(ON)", "synchronous(FULL)", "temp_store(MEMORY)",
		"wal_autocheckpoint(0)", fmt.Sprintf("journal_size_limit(%d)", walPages*pageSize), fmt.Sprintf("cache_size(-%d)", readerCache),
	}}
	if cfg.ReadOnly {
		q = url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(10000)", "temp_store(MEMORY)"}}
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// start opens the writer and learns where the counters stand.
func (s *Store) start(ctx context.Context) (err error) {
	if s.cfg.ReadOnly {
		return s.reading(ctx, func(r *session) error {
			s.incarnation, err = r.setting(ctx, setIncarnation)
			return err
		})
	}
	if s.writer, err = newSession(ctx, s.db); err != nil {
		return err
	}
	w := s.writer
	if err := w.raw(ctx, fmt.Sprintf("PRAGMA cache_size = -%d", writerCache)); err != nil {
		return err
	}
	if err := s.prepareIndex(ctx, w); err != nil {
		return err
	}
	if err := w.endReindex(ctx); err != nil {
		return err
	}
	if s.incarnation, err = w.setting(ctx, setIncarnation); err != nil {
		return err
	}
	if s.incarnation == "" {
		id, err := record.NewID(s.cfg.Now(), s.cfg.Rand)
		if err != nil {
			return err
		}
		s.incarnation = id.String()
		if err := w.set(ctx, setIncarnation, s.incarnation); err != nil {
			return err
		}
	}
	if s.gen, err = w.number(ctx, setGeneration); err != nil {
		return err
	}
	if err := s.count(ctx); err != nil {
		return err
	}
	return s.wal.start(ctx, s)
}

// count reads the counters. vid has a row of its own, because erased numbers must not be given again.
func (s *Store) count(ctx context.Context) error {
	for _, c := range []struct {
		query string
		to    *int64
	}{
		{`SELECT coalesce(max(value), 0) FROM counter WHERE name = 'vid'`, &s.next.vid},
		{`SELECT coalesce(max(eid), 0) FROM entity`, &s.next.eid},
		{`SELECT coalesce(max(id), 0) FROM term`, &s.next.term},
		{`SELECT coalesce(max(vis), 0) FROM vis`, &s.next.vis},
		{`SELECT coalesce(max(number), 0) FROM audit`, &s.next.act},
	} {
		if err := s.writer.one(ctx, c.query, nil, c.to); err != nil {
			return err
		}
	}
	return nil
}

// Incarnation names this life of the audit and of the sequence: a UUID made when the directory was.
func (s *Store) Incarnation() string { return s.incarnation }

// Close waits for the act that runs, writes the journal back and gives the directory free.
func (s *Store) Close() (err error) {
	s.once.Do(func() {
		if s.writer != nil {
			_ = s.queue.take(context.Background(), false)
			s.closed = true
			s.wal.stop()
			err = s.writer.raw(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
			s.writer.close()
			s.queue.give()
		}
		for range cap(s.readers) {
			if r := <-s.readers; r != nil {
				r.close()
			}
		}
		close(s.readers)
		if s.db != nil {
			if e := s.db.Close(); err == nil {
				err = e
			}
		}
		if s.lock != nil {
			s.lock.Close()
		}
	})
	return err
}
