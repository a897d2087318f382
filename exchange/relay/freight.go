package relay

import (
	"context"
	"errors"
	"io"
	"time"

	"sarhad/record"
)

// shipping is a file of ours on its way, in memory.
type shipping struct {
	rounds int
	at     int64           // what lies before it was handed over in this round, or is under way, or is there
	open   map[int64]int64 // under way: offset, end
	src    Source
	saved  time.Time
	low    int64 // last saved
}

// piece is one part of a file that goes now.
type piece struct {
	f          record.Freight
	s          *shipping
	first, end int64
	last       bool
}

type pieceDone struct {
	piece
	err  error
	took time.Duration
}

// flight is how many pieces are under way; more where the line is so fast that the largest pieces do not fill it.
func (l *lane) flight() int {
	w := l.window
	return min(max(w.bytes()/w.piece(), 1), 8)
}

// sendFreight sends pieces of files until nothing is left that can be sent. Files that need least go first, so that small pictures
// overtake a film; each eighth piece is of the oldest, so that the film gets there too.
func (r *Relay) sendFreight(ctx context.Context) (next time.Duration) {
	if r.cfg.Source == nil {
		return 0
	}
	l := r.lanes[record.Bulk]
	done := make(chan pieceDone)
	under := 0
	finish := func() {
		d := <-done
		under--
		r.pieceDone(ctx, l, d)
	}
	defer func() {
		for under > 0 {
			finish()
		}
		r.closeSources(ctx)
	}()
	for turn := 0; ctx.Err() == nil; turn++ {
		if under >= l.flight() {
			finish()
		}
		p, wait, err := r.nextPiece(ctx, l, turn)
		if err != nil {
			r.failed(ctx, "freight", err)
			return r.cfg.Timing.BulkRetry
		}
		if p == nil && under > 0 {
			finish()
			continue
		}
		if p == nil {
			return wait
		}
		content, err := r.readPiece(p)
		if err != nil {
			r.brokenSource(ctx, p.f, err)
			continue
		}
		if r.bucket.take(ctx, len(content)) != nil {
			return 0
		}
		p.s.open[p.first] = p.end
		p.s.at = p.end
		under++
		go func() {
			began := r.cfg.Now()
			err := r.postPiece(ctx, p.f, content)
			done <- pieceDone{*p, err, r.cfg.Now().Sub(began)}
		}()
	}
	return 0
}

func (r *Relay) postPiece(ctx context.Context, f record.Freight, content []byte) (err error) {
	d := record.Dispatch{To: f.Peer, Lane: record.Bulk, Kind: KindPiece, Content: content, Service: true, Queued: r.cfg.Now(), Expires: r.cfg.Now().Add(pieceLife)}
	if d.ID, err = record.NewRandomID(r.cfg.Rand); err != nil {
		return err
	}
	wire, err := r.cfg.Seal(ctx, d)
	if err != nil {
		return err
	}
	return r.publish(ctx, record.Bulk, d.ID, wire)
}

// pieceLife is how long the hub keeps a piece for who is away; after it, the piece is sent again.
const pieceLife = 7 * 24 * time.Hour

// nextPiece chooses what goes now.
func (r *Relay) nextPiece(ctx context.Context, l *lane, turn int) (best *piece, wait time.Duration, err error) {
	var list []record.Freight
	err = r.view(ctx, func(tx record.Tx) (err error) {
		list, err = tx.Freights(record.FreightQuery{Out: true, State: record.FreightMoving, Limit: record.MaxLimit})
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	r.dropShips(list)
	now := r.cfg.Now()
	most := int64(0)
	for _, f := range list {
		if held := l.holds(f.Peer, now); held > 0 {
			wait = soonest(wait, held)
			continue
		}
		s := r.ship(f)
		p, left := s.next(f, int64(l.window.piece()))
		if p == nil {
			if len(s.open) == 0 && s.low < f.Size { // what lies behind is there already: the round is over
				r.saveSent(ctx, s, f, f.Size)
			}
			continue
		}
		if best == nil || turn%8 != 7 && left < most {
			best, most = p, left
		}
	}
	return best, wait, nil
}

func (r *Relay) ship(f record.Freight) *shipping {
	s := r.ships[f.ID]
	if s == nil {
		s = &shipping{rounds: f.Rounds, at: f.Sent, low: f.Sent, open: map[int64]int64{}}
		r.ships[f.ID] = s
	}
	if s.rounds != f.Rounds {
		s.rounds, s.at, s.low = f.Rounds, f.Sent, f.Sent
	}
	return s
}

// dropShips forgets files that are closed.
func (r *Relay) dropShips(list []record.Freight) {
	live := map[record.ID]bool{}
	for _, f := range list {
		live[f.ID] = true
	}
	for id, s := range r.ships {
		if !live[id] && len(s.open) == 0 {
			if s.src != nil {
				s.src.Close()
			}
			delete(r.ships, id)
		}
	}
}

// closeSources lets go of open files when there is nothing to send; they are opened again.
func (r *Relay) closeSources(context.Context) {
	for _, s := range r.ships {
		if s.src != nil {
			s.src.Close()
			s.src = nil
		}
	}
}

// next gives the next piece of a file that the receiver lacks, and how many bytes are left with it; nil when all was handed over.
// When the receiver has all and did not say that it took it, the last bytes go again, to ask.
func (s *shipping) next(f record.Freight, size int64) (*piece, int64) {
	first, end := int64(-1), int64(0)
	left := int64(0)
	at := s.at
	for _, h := range append(f.Have, record.Span{First: f.Size, End: f.Size}) {
		if at < h.First {
			if first < 0 {
				first, end = at, min(h.First, at+size)
			}
			left += h.First - at
		}
		at = max(at, h.End)
	}
	if first < 0 && s.at == 0 {
		first, end, left = f.Size-1, f.Size, 1
	}
	if first < 0 {
		return nil, 0
	}
	return &piece{f: f, s: s, first: first, end: end, last: left <= end-first}, left
}

func (r *Relay) readPiece(p *piece) ([]byte, error) {
	if p.s.src == nil {
		src, err := r.cfg.Source(context.Background(), p.f)
		if err != nil {
			return nil, err
		}
		p.s.src = src
	}
	data := make([]byte, p.end-p.first)
	if n, err := p.s.src.ReadAt(data, p.first); n < len(data) {
		if err == nil || errors.Is(err, io.EOF) {
			err = record.Errorf(record.NotFound, "the file that is sent is shorter than it was when it was queued")
		}
		return nil, err
	}
	h := pieceHead{File: p.f.ID, Kind: p.f.Kind, About: p.f.About, Meta: p.f.Meta, Size: p.f.Size, Hash: p.f.Hash[:], Offset: p.first, Round: p.f.Rounds, Last: p.last}
	return h.write(data)
}

// brokenSource ends a file whose bytes are not there any more; what may be a passing fault is tried later.
func (r *Relay) brokenSource(ctx context.Context, f record.Freight, err error) {
	r.failed(ctx, "freight", err)
	r.lanes[record.Bulk].failed(f.Peer, r.cfg.Now(), func(n int) time.Duration { return r.cfg.Timing.retry(record.Bulk, n) })
	if record.KindOf(err) != record.NotFound {
		return
	}
	f.State, f.Problem = record.FreightRefused, "the bytes of the file are not on this node any more: "+record.MessageOf(err)
	if err := r.update(ctx, func(tx record.Tx) error { _, err := tx.SetFreight(f); return err }); err != nil {
		r.failed(ctx, "freight", err)
		return
	}
	r.lanes[record.Bulk].worked(f.Peer)
	if r.cfg.ToldFile != nil {
		r.cfg.ToldFile(f)
	}
}

// pieceDone learns from a piece that was handed over or not, and now and then stores how far the file came.
func (r *Relay) pieceDone(ctx context.Context, l *lane, d pieceDone) {
	s := d.s
	delete(s.open, d.first)
	if s.rounds != d.f.Rounds {
		return
	}
	if d.err != nil {
		s.at = min(s.at, d.first)
		l.failed(d.f.Peer, r.cfg.Now(), func(n int) time.Duration { return r.cfg.Timing.retry(record.Bulk, n) })
		r.failed(ctx, "freight", d.err)
		return
	}
	if int(d.end-d.first)*2 >= l.window.piece() {
		l.window.took(d.took)
	}
	l.worked(d.f.Peer)
	low := s.at
	for first := range s.open {
		low = min(low, first)
	}
	now := r.cfg.Now()
	if low <= s.low || low < d.f.Size && now.Sub(s.saved) < time.Second {
		return
	}
	r.saveSent(ctx, s, d.f, low)
}

// saveSent stores how far a file was handed over in this round.
func (r *Relay) saveSent(ctx context.Context, s *shipping, f record.Freight, low int64) {
	err := r.note(ctx, record.Bulk, func(tx record.Tx) error {
		f, err := oneFreight(tx, record.FreightQuery{ID: f.ID, Peer: f.Peer, Out: true})
		if err != nil || f.ID.IsZero() || f.Rounds != s.rounds {
			return err
		}
		f.Sent = low
		_, err = tx.SetFreight(f)
		return err
	})
	if err != nil {
		r.failed(ctx, "freight", err)
		return
	}
	s.low, s.saved = low, r.cfg.Now()
}

// oneFreight gives the file that a query names; none when it is not there, or closed and the query does not say so.
func oneFreight(tx record.Tx, q record.FreightQuery) (record.Freight, error) {
	closed := q.Closed
	q.Closed = true
	list, err := tx.Freights(q)
	if err != nil || len(list) == 0 || list[0].State.Closed() && !closed {
		return record.Freight{}, err
	}
	return list[0], nil
}

// have takes in what a receiver has of a file of ours.
func (s *storing) have(from string, b haveBody) error {
	f, err := oneFreight(s.tx, record.FreightQuery{ID: b.File, Peer: from, Out: true})
	if err != nil || f.ID.IsZero() {
		return err
	}
	f.Have = nil
	for _, h := range b.Have[:min(len(b.Have), maxSpans)] {
		f.Have = addSpan(f.Have, record.Span{First: max(h.First, 0), End: min(h.End, f.Size)})
	}
	s.heard[from] = true
	switch b.State {
	case record.FreightDone, record.FreightRefused:
		f.State, f.Problem = b.State, abridge(b.Why)
		s.files = append(s.files, f)
	default:
		if b.End && b.Round == f.Rounds && covered(f.Have) < f.Size {
			f.Sent, f.Rounds = 0, f.Rounds+1
		}
	}
	s.woken["freight"] = true
	_, err = s.tx.SetFreight(f)
	return err
}

// nudgeFreight sends files on of which nothing was said for a while though their receiver lives.
func (r *Relay) nudgeFreight(ctx context.Context) error {
	now := r.cfg.Now()
	err := r.update(ctx, func(tx record.Tx) error {
		list, err := tx.Freights(record.FreightQuery{Out: true, State: record.FreightMoving, Limit: record.MaxLimit})
		if err != nil {
			return err
		}
		for _, f := range list {
			if left, _ := (&shipping{at: f.Sent}).next(f, 1); left != nil || now.Sub(f.Moved) < r.cfg.Timing.FreightIdle {
				continue
			}
			p, err := tx.Peer(f.Peer)
			if err != nil {
				return err
			}
			if !p.Heard.After(f.Moved) && now.Sub(f.Moved) < r.cfg.Timing.ResendBlind {
				continue
			}
			f.Sent, f.Rounds = 0, f.Rounds+1
			if _, err := tx.SetFreight(f); err != nil {
				return err
			}
		}
		return nil
	})
	r.wake("freight")
	return err
}

// maxSpans bounds the ranges that are remembered of a file; a piece that would make more is sent again later.
const maxSpans = 64

// addSpan adds a range to ranges that are ascending and apart.
func addSpan(list []record.Span, s record.Span) (out []record.Span) {
	if s.End <= s.First {
		return list
	}
	i := 0
	for ; i < len(list) && list[i].End < s.First; i++ {
		out = append(out, list[i])
	}
	for ; i < len(list) && list[i].First <= s.End; i++ {
		s.First, s.End = min(s.First, list[i].First), max(s.End, list[i].End)
	}
	return append(append(out, s), list[i:]...)
}

func covered(list []record.Span) (n int64) {
	for _, s := range list {
		n += s.End - s.First
	}
	return n
}
