package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The write-ahead log is written back by a goroutine of its own, so that no act waits for it: first what it can without
// disturbing anybody, then, when little is left, the rest in a turn of the queue, after which the log starts at its
// beginning again.
const (
	// walLimit is the size from which the log is written back. Large, because bulk import dirties the same pages again
	// and again: each page is then written back once.
	walLimit = 64 << 20
	// scrubAgain is how soon an erasure tries to empty the log again while somebody still reads an older state.
	scrubAgain = 100 * time.Millisecond
)

type wal struct {
	path string
	kick chan struct{}
	quit context.CancelFunc
	done sync.WaitGroup

	mu    sync.Mutex
	scrub bool // the log holds what was erased
}

func (w *wal) start(ctx context.Context, s *Store) error {
	ses, err := newSession(ctx, s.db)
	if err != nil {
		return err
	}
	w.path = filepath.Join(s.cfg.Dir, fileName+"-wal")
	w.kick = make(chan struct{}, 1)
	run, quit := context.WithCancel(context.Background())
	w.quit = quit
	w.done.Add(1)
	go func() {
		defer w.done.Done()
		defer ses.close()
		for {
			select {
			case <-run.Done():
				return
			case <-w.kick:
			}
			if w.size() >= walLimit {
				_ = ses.raw(run, "PRAGMA wal_checkpoint(PASSIVE)")
				s.rewind(run)
			}
			for w.dirty() && run.Err() == nil {
				if s.scrub(run) == nil {
					break
				}
				select {
				case <-run.Done():
				case <-time.After(scrubAgain):
				}
			}
		}
	}()
	return nil
}

func (w *wal) stop() {
	if w.quit != nil {
		w.quit()
		w.done.Wait()
	}
}

func (w *wal) size() int64 {
	info, err := os.Stat(w.path)
	if err != nil {
		return 0
	}
	return info.Size()
}

func (w *wal) dirty() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.scrub
}

func (w *wal) setDirty(dirty bool) {
	w.mu.Lock()
	w.scrub = dirty
	w.mu.Unlock()
}

// wake tells the goroutine that an act is committed.
func (w *wal) wake() {
	select {
	case w.kick <- struct{}{}:
	default:
	}
}

// rewind writes back what came since the passive checkpoint; no act runs meanwhile, so the log can start anew.
func (s *Store) rewind(ctx context.Context) {
	if s.queue.take(ctx, false) != nil {
		return
	}
	defer s.queue.give()
	if !s.closed {
		_ = s.writer.raw(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	}
}

// scrub empties the log, so that erased bytes are in no file. It fails while somebody reads an older state.
func (s *Store) scrub(ctx context.Context) error {
	if err := s.queue.take(ctx, false); err != nil {
		return err
	}
	defer s.queue.give()
	return s.truncate(ctx)
}

func (s *Store) truncate(ctx context.Context) error {
	if s.closed {
		return nil
	}
	w := s.writer
	if err := w.raw(ctx, "PRAGMA busy_timeout = 50"); err != nil {
		return err
	}
	defer w.raw(context.WithoutCancel(ctx), "PRAGMA busy_timeout = 10000")
	var busy, log, done int64
	if err := w.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done); err != nil {
		return err
	}
	if busy != 0 {
		return errBusyLog
	}
	s.wal.setDirty(false)
	return nil
}
