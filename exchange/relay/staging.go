package relay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sarhad/record"
)

// maxRounds is how often a file that came damaged is asked for anew before it is refused.
const maxRounds = 3

// abandoned is how long a file that came in part is kept when nothing more comes.
const abandoned = 30 * 24 * time.Hour

const partSuffix = ".part"

// partPath is where a file that comes in is put together.
func (r *Relay) partPath(f record.Freight) string {
	return filepath.Join(r.cfg.Staging, f.Peer+"."+f.ID.String()+partSuffix)
}

// piece takes in a part of a file.
func (s *storing) piece(_ context.Context, from string, h pieceHead, data []byte) error {
	f, err := oneFreight(s.tx, record.FreightQuery{ID: h.File, Peer: from, Closed: true})
	if err != nil {
		return err
	}
	s.heard[from] = true
	if f.ID.IsZero() {
		f = record.Freight{ID: h.File, Peer: from, Kind: h.Kind, About: h.About, Meta: h.Meta, Size: h.Size, State: record.FreightMoving}
		copy(f.Hash[:], h.Hash)
		if err := s.admit(f); err != nil {
			f.State, f.Problem = record.FreightRefused, record.MessageOf(err)
		}
		if _, err := s.tx.SetFreight(f); err != nil {
			return err
		}
	}
	if f.State != record.FreightMoving || f.Size != h.Size || !bytes.Equal(f.Hash[:], h.Hash) {
		return s.sayHave(f, h, f.State.Closed() && h.Last)
	}
	if err := s.r.writePart(&f, h.Offset, data); err != nil {
		return err
	}
	if have := addSpan(f.Have, record.Span{First: h.Offset, End: h.Offset + int64(len(data))}); len(have) <= maxSpans {
		f.Have = have
	}
	if _, err := s.tx.SetFreight(f); err != nil {
		return err
	}
	whole := covered(f.Have) == f.Size
	if whole {
		s.woken["whole"] = true
	}
	return s.sayHave(f, h, h.Last || whole)
}

func (s *storing) admit(f record.Freight) error {
	if s.r.cfg.Staging == "" {
		return record.Errorf(record.Forbidden, "this node takes no files")
	}
	if strings.ContainsAny(f.Peer, "/\\") {
		return record.Errorf(record.Invalid, "the name of the sender is no name of a node")
	}
	if s.r.cfg.Admit != nil {
		return s.r.cfg.Admit(f)
	}
	return nil
}

// sayHave tells the sender what is here, at once or if it was not told for a while.
func (s *storing) sayHave(f record.Freight, h pieceHead, now bool) error {
	s.r.mu.Lock()
	last := s.r.said[f.ID]
	if now = now || s.now.Sub(last) >= s.r.cfg.Timing.Have; now {
		s.r.said[f.ID] = s.now
	}
	s.r.mu.Unlock()
	if !now {
		return nil
	}
	s.woken["seal "+string(record.Routine)] = true
	return s.r.serve(s.tx, f.Peer, record.Routine, KindHave, haveBody{f.ID, f.Have, f.State, f.Problem, h.Round, h.Last}, 24*time.Hour)
}

// writePart writes into the staging file. If that is gone, what was here is not here any more.
func (r *Relay) writePart(f *record.Freight, at int64, data []byte) (err error) {
	flags := os.O_WRONLY
	if len(f.Have) == 0 {
		if err := os.MkdirAll(r.cfg.Staging, 0o700); err != nil {
			return full(err)
		}
		flags |= os.O_CREATE
	}
	file, err := os.OpenFile(r.partPath(*f), flags, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		f.Have = nil
		return r.writePart(f, at, data)
	}
	if err != nil {
		return full(err)
	}
	defer func() {
		if e := file.Close(); err == nil && e != nil {
			err = full(e)
		}
	}()
	_, err = file.WriteAt(data, at)
	return full(err)
}

// full says of an error of the disk that it is to be tried again.
func full(err error) error {
	if err == nil {
		return nil
	}
	return &record.Error{Kind: record.Unavailable, Message: "a part of a file could not be written: the disk of this node may be full", Err: err}
}

// takeFiles checks files that are complete and hands them to their handlers.
func (r *Relay) takeFiles(ctx context.Context) (next time.Duration) {
	var list []record.Freight
	err := r.view(ctx, func(tx record.Tx) (err error) {
		list, err = tx.Freights(record.FreightQuery{Limit: record.MaxLimit})
		return err
	})
	if err != nil {
		r.failed(ctx, "files", err)
		return r.cfg.Timing.Handler
	}
	now := r.cfg.Now()
	for _, f := range list {
		if covered(f.Have) < f.Size || ctx.Err() != nil {
			continue
		}
		r.mu.Lock()
		st := r.fstuck[f.ID]
		r.mu.Unlock()
		if st != nil && st.next.After(now) {
			next = soonest(next, st.next.Sub(now))
			continue
		}
		if err := r.takeFile(ctx, f); err != nil {
			next = soonest(next, r.stickFile(f, err))
			continue
		}
		r.mu.Lock()
		delete(r.fstuck, f.ID)
		r.mu.Unlock()
	}
	return next
}

func (r *Relay) stickFile(f record.Freight, err error) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	st := r.fstuck[f.ID]
	if st == nil {
		st = &stuck{arrival: record.Arrival{ID: f.ID, From: f.Peer, Kind: f.Kind, Lane: record.Bulk}, since: now}
		r.fstuck[f.ID] = st
	}
	if st.tries++; st.tries == 3 { // at first it may only be read
		r.cfg.Log.Warn("relay: a file could not be taken up and is tried again", "peer", f.Peer, "id", f.ID, "kind", f.Kind, "err", err)
	}
	wait := doubled(r.cfg.Timing.Handler, st.tries, r.cfg.Timing.HandlerMost)
	st.why, st.next = record.MessageOf(err), now.Add(wait)
	return wait
}

// takeFile checks one complete file and hands it over.
func (r *Relay) takeFile(ctx context.Context, f record.Freight) error {
	if f.State == record.FreightMoving {
		sound, err := r.sound(f)
		if err != nil {
			return err
		}
		f.State = record.FreightWhole
		if !sound {
			f.State, f.Have, f.Rounds = record.FreightMoving, nil, f.Rounds+1
			if f.Rounds >= maxRounds {
				f.State, f.Problem = record.FreightRefused, "the file came damaged three times"
			}
			os.Remove(r.partPath(f))
		}
		if err := r.moveFreight(ctx, f, !sound); err != nil || !sound {
			return err
		}
	}
	h := r.files[f.Kind]
	if h == nil {
		return record.Errorf(record.Unavailable, "no part of this program takes files of kind %s", f.Kind)
	}
	err := r.update(ctx, func(tx record.Tx) error {
		now, err := oneFreight(tx, record.FreightQuery{ID: f.ID, Peer: f.Peer})
		if err != nil || now.State != record.FreightWhole {
			return unavailable(err)
		}
		if err := h(ctx, tx, now, r.partPath(f)); err != nil {
			return err
		}
		now.State = record.FreightDone
		return unavailable(r.closeFreight(tx, now))
	})
	switch record.KindOf(err) {
	case "":
	case record.Invalid, record.Forbidden, record.NotFound, record.NoPurpose:
		f.State, f.Problem = record.FreightRefused, abridge(record.MessageOf(err))
		if err := r.moveFreight(ctx, f, true); err != nil {
			return err
		}
	default:
		return err
	}
	os.Remove(r.partPath(f)) // else the sweep does
	if r.cfg.TookFile != nil {
		r.cfg.TookFile(f)
	}
	r.mu.Lock()
	delete(r.said, f.ID)
	r.mu.Unlock()
	r.wake("seal " + string(record.Routine))
	return nil
}

func (r *Relay) closeFreight(tx record.Tx, f record.Freight) error {
	if _, err := tx.SetFreight(f); err != nil {
		return err
	}
	return r.serve(tx, f.Peer, record.Routine, KindHave, haveBody{File: f.ID, Have: f.Have, State: f.State, Why: f.Problem}, 7*24*time.Hour)
}

// moveFreight stores a file's state, and tells the sender if say.
func (r *Relay) moveFreight(ctx context.Context, f record.Freight, say bool) error {
	err := r.update(ctx, func(tx record.Tx) error {
		if say {
			return r.closeFreight(tx, f)
		}
		_, err := tx.SetFreight(f)
		return err
	})
	if say {
		r.wake("seal " + string(record.Routine))
	}
	return err
}

// sound reports whether a file in staging is the one that was announced. It is on the disk then.
func (r *Relay) sound(f record.Freight) (bool, error) {
	file, err := os.OpenFile(r.partPath(f), os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, full(err)
	}
	defer file.Close()
	if err := file.Sync(); err != nil {
		return false, full(err)
	}
	h := sha256.New()
	n, err := io.Copy(h, file)
	if err != nil {
		return false, full(err)
	}
	return n == f.Size && bytes.Equal(h.Sum(nil), f.Hash[:]), nil
}

// clearStaging removes what is left in staging of files that are closed, gives files up of which nothing comes any more, and
// sends ours on.
func (r *Relay) clearStaging(ctx context.Context) error {
	if r.cfg.Source != nil {
		if err := r.nudgeFreight(ctx); err != nil {
			return err
		}
	}
	if r.cfg.Staging == "" {
		return nil
	}
	r.wake("whole")
	open := map[string]bool{}
	now := r.cfg.Now()
	err := r.update(ctx, func(tx record.Tx) error {
		clear(open)
		list, err := tx.Freights(record.FreightQuery{Limit: record.MaxLimit})
		if err != nil {
			return err
		}
		if len(list) == record.MaxLimit {
			return errTooMany
		}
		for _, f := range list {
			if f.State == record.FreightMoving && now.Sub(f.Moved) > abandoned {
				f.State, f.Problem = record.FreightRefused, "nothing more of the file came for a month"
				if err := r.closeFreight(tx, f); err != nil {
					return err
				}
				continue
			}
			open[filepath.Base(r.partPath(f))] = true
		}
		return nil
	})
	if errors.Is(err, errTooMany) {
		return nil
	}
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(r.cfg.Staging)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), partSuffix) && !open[e.Name()] {
			os.Remove(filepath.Join(r.cfg.Staging, e.Name()))
		}
	}
	return err
}

var errTooMany = errors.New("more files are on their way than are looked through at once")
