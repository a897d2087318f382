package sqlite

import (
	"context"
	"sync"
	"time"
)

// The write-ahead log is written back by a goroutine of its own, so that no act waits for it: first what it can without
// disturbing anybody, then, when little is left, the rest in a turn of the queue, after which the log starts at its
// beginning again.
const (
	// walPages is from how many pages the log is written back: 64 MiB. Many, because bulk import dirties the same pages
	// again and again, and each is then written back once. The file keeps that size until the store is closed or something
	// is erased: to grow it anew each time would make everybody wait for the file system.
	walPages = 16 << 10
	pageSize = 4 << 10
	// fewPages is so little of the log that everybody can wait for it to be written back: some 5 ms. While more was
	// written meanwhile it is done again, passes times at most: each pass is shorter than the one before.
	fewPages = 512
	passes   = 5
	// scrubAgain is how soon an erasure tries to empty the log again while somebody still reads an older state.
	scrubAgain = 100 * time.Millisecond
)

type wal struct {
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
			if waiting, _, err := ses.checkpoint(run, "NOOP"); err == nil && waiting >= walPages {
				s.writeBack(run, ses)
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

// writeBack writes the log back beside the acts that go on, then what little is left with nobody beside.
func (s *Store) writeBack(ctx context.Context, ses *session) {
	before := int64(0)
	for range passes {
		_, back, err := ses.checkpoint(ctx, "PASSIVE")
		if err != nil || back-before < fewPages {
			break
		}
		before = back
	}
	s.rewind(ctx)
}

// rewind writes back what came since the passive checkpoint; no act runs meanwhile, so the log can start anew.
func (s *Store) rewind(ctx context.Context) {
	if s.queue.take(ctx, false) != nil {
		return
	}
	defer s.queue.give()
	if !s.closed {
		_, _, _ = s.writer.checkpoint(ctx, "PASSIVE")
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
	if err := w.raw(ctx, "PRAGMA busy_timeout = 20"); err != nil {
		return err
	}
	defer w.raw(context.WithoutCancel(ctx), "PRAGMA busy_timeout = 10000")
	if _, _, err := w.checkpoint(ctx, "TRUNCATE"); err != nil {
		return err
	}
	s.wal.setDirty(false)
	return nil
}

// checkpoint writes the log back, as it stands when it begins, and tells how many of its pages still wait and how many are
// back. NOOP only tells.
func (s *session) checkpoint(ctx context.Context, mode string) (waiting, back int64, err error) {
	var busy, log int64
	if err := s.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &log, &back); err != nil {
		return 0, 0, err
	}
	if busy != 0 {
		err = errBusyLog
	}
	return log - back, back, err
}
