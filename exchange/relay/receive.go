package relay

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"time"

	"sarhad/record"
)

// fetchMany is how many envelopes are stored in one act. Pieces of files are large: few at a time.
func fetchMany(l record.Lane) int {
	if l == record.Bulk {
		return 4
	}
	return batch
}

// fetchLane takes in what comes in one lane.
func (r *Relay) fetchLane(ctx context.Context, l record.Lane) {
	for tries := 0; ctx.Err() == nil; {
		came, err := r.cfg.Bearer.Fetch(ctx, l, fetchMany(l))
		if err == nil {
			r.line(true)
			err = r.take(ctx, came)
		} else if ctx.Err() == nil {
			r.line(false)
		}
		if err == nil {
			tries = 0
			continue
		}
		tries++
		r.failed(ctx, "fetch", err)
		if sleep(ctx, r.cfg.Timing.retry(l, tries)) != nil {
			return
		}
	}
}

// opened is an envelope that was opened, or is to be kept as it came.
type opened struct {
	record.Arrival
	wire []byte
	ack  func(context.Context) error
}

// take opens envelopes, stores them in one act with the receipts that go back, and then acknowledges each by itself. What could not
// be opened just now is not acknowledged: it comes again.
func (r *Relay) take(ctx context.Context, came []Delivery) error {
	var list []opened
	var later error
	for _, d := range came {
		a, err := r.open(ctx, d.Wire)
		if record.KindOf(err) == record.Unavailable || ctx.Err() != nil {
			later = err
			continue
		}
		if err != nil {
			r.cfg.Log.Warn("relay: a message cannot be read and is kept", "id", a.ID, "err", err)
		}
		list = append(list, opened{a, d.Wire, d.Ack})
	}
	if err := r.storeAll(ctx, list); err != nil {
		return err
	}
	for _, o := range list {
		if err := o.ack(ctx); err != nil {
			later = err // it comes again, and is known
		}
	}
	return later
}

// storeAll stores what came, in one act, or each in an act of its own when one of them cannot be stored: that one is kept like one
// that cannot be read, so that nobody can stop a lane with a message.
func (r *Relay) storeAll(ctx context.Context, list []opened) error {
	if len(list) == 0 {
		return nil
	}
	err := r.store(ctx, list)
	if err == nil || ctx.Err() != nil || record.KindOf(err) == record.Unavailable {
		return err
	}
	for _, o := range list {
		if len(list) > 1 {
			err = r.store(ctx, []opened{o})
		}
		if err != nil && ctx.Err() == nil && record.KindOf(err) != record.Unavailable {
			r.cfg.Log.Error("relay: a message cannot be stored and is kept as it came", "id", o.ID, "err", err)
			o.Arrival = record.Arrival{ID: o.ID, Lane: o.Lane, State: record.ArrivalUnreadable, Problem: "it was opened and could not be stored here", Kept: o.wire}
			err = r.store(ctx, []opened{o})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// open opens one envelope. What cannot be read comes back as an unreadable arrival with the reason as the error.
func (r *Relay) open(ctx context.Context, wire []byte) (record.Arrival, error) {
	a, err := r.cfg.Open(ctx, wire)
	told := a.From
	if err == nil || len(told) > 40 {
		told = "" // what a message says wrongly of itself is nobody's to be told
	}
	if err == nil && (a.From == "" || len(a.From) > 40 || a.ID.IsZero() || a.Kind == "" || len(a.Kind) > 100 || a.Seq < 0 || a.Seq >= 1<<53 || !slices.Contains(record.Lanes, a.Lane)) {
		err = record.Errorf(record.Invalid, "the opened message does not say rightly from whom it is, in which lane, and what")
	}
	if err == nil && !IsService(a.Kind) && a.Seq == 0 {
		err = record.Errorf(record.Invalid, "a message of kind %.40s has no number", a.Kind)
	}
	if err == nil {
		return a, nil
	}
	if record.KindOf(err) == record.Unavailable {
		return a, err
	}
	out := record.Arrival{ID: a.ID, From: told, Lane: a.Lane, State: record.ArrivalUnreadable, Problem: record.MessageOf(err), Kept: wire}
	if out.ID.IsZero() { // not even the header could be read
		hash := sha256.Sum256(wire)
		copy(out.ID[:], hash[:])
	}
	if out.Lane == "" {
		out.Lane = record.Routine
	}
	return out, err
}

// store keeps what came. In the same act it notes the receipts and does what service messages say.
func (r *Relay) store(ctx context.Context, list []opened) error {
	woken := map[string]bool{}
	var told []record.ID
	var beats []record.Peer
	var files []record.Freight
	keep := r.update // what is acknowledged must be on the disk
	if !slices.ContainsFunc(list, func(o opened) bool { return o.State == record.ArrivalUnreadable || !IsService(o.Kind) }) {
		keep = func(ctx context.Context, fn func(record.Tx) error) error { return r.note(ctx, list[0].Lane, fn) }
	}
	err := keep(ctx, func(tx record.Tx) error {
		clear(woken)
		s := &storing{r: r, tx: tx, now: r.cfg.Now(), woken: woken, heard: map[string]bool{}}
		for _, o := range list {
			if err := s.one(ctx, o.Arrival); err != nil {
				return err
			}
		}
		told, beats, files = s.told, s.beats, s.files
		return s.hear()
	})
	if err != nil {
		return err
	}
	for part := range woken {
		r.wake(part)
	}
	for _, p := range beats {
		if r.cfg.Heard != nil {
			r.cfg.Heard(p)
		}
	}
	for _, f := range files {
		if r.cfg.ToldFile != nil {
			r.cfg.ToldFile(f)
		}
	}
	return r.tell(ctx, told)
}

// tell hands messages of ours that moved to Config.Told.
func (r *Relay) tell(ctx context.Context, ids []record.ID) error {
	if r.cfg.Told == nil || len(ids) == 0 {
		return nil
	}
	var list []record.Dispatch
	err := r.view(ctx, func(tx record.Tx) error {
		list = nil
		for _, id := range ids {
			some, err := tx.Dispatches(record.DispatchQuery{ID: id})
			if err != nil {
				return err
			}
			list = append(list, some...)
		}
		return nil
	})
	for _, d := range list {
		r.cfg.Told(d)
	}
	return err
}

// storing is one act that takes in what came.
type storing struct {
	r     *Relay
	tx    record.Tx
	now   time.Time
	woken map[string]bool
	heard map[string]bool
	told  []record.ID
	beats []record.Peer
	files []record.Freight
}

func (s *storing) one(ctx context.Context, a record.Arrival) error {
	if a.State == record.ArrivalUnreadable {
		return s.unreadable(a)
	}
	if IsService(a.Kind) {
		return s.service(ctx, a)
	}
	a.State, a.Number = record.ArrivalNew, 0
	fresh, err := s.tx.Arrive(&a)
	if err != nil {
		return err
	}
	if fresh { // a replay does not prove that the peer lives
		s.heard[a.From] = true
		if s.r.cfg.Arrived != nil {
			if err := s.r.cfg.Arrived(s.tx, a); err != nil {
				return err
			}
		}
	}
	// Known or new: who sends it again has no receipt of it.
	state, why := record.DispatchDelivered, ""
	if !fresh {
		if state, why, err = s.stands(a.From, a.ID); err != nil {
			return err
		}
	}
	s.woken["takeup "+string(a.Lane)] = true
	return s.owe(record.Receipt{To: a.From, Lane: receiptLane(a.Lane), ID: a.ID, State: state, Problem: why})
}

// stands tells what there is to say about a message that is stored.
func (s *storing) stands(from string, id record.ID) (state record.DispatchState, why string, err error) {
	known, err := s.tx.Arrivals(record.ArrivalQuery{From: from, ID: id})
	switch {
	case err != nil || len(known) == 0:
		return "", "", err
	case known[0].State == record.ArrivalRefused:
		return record.DispatchRefused, known[0].Problem, nil
	case !known[0].Opened.IsZero():
		return record.DispatchOpened, "", nil
	}
	return record.DispatchDelivered, "", nil
}

// how says again how messages stand. One that is not here is no answer: its number is missing, and asked for.
func (s *storing) how(from string, b howBody) error {
	for _, id := range b.IDs[:min(len(b.IDs), answerMost)] {
		state, why, err := s.stands(from, id)
		if err != nil {
			return err
		}
		if state == record.DispatchOpened || state == record.DispatchRefused {
			if err := s.owe(record.Receipt{To: from, Lane: record.Routine, ID: id, State: state, Problem: why}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *storing) owe(rc record.Receipt) error {
	s.woken["receipts"] = true
	return s.tx.Owe(rc)
}

// receiptLane is the lane a receipt goes back in: never bulk, which may be full of files.
func receiptLane(l record.Lane) record.Lane {
	if l == record.Flash {
		return record.Flash
	}
	return record.Routine
}

// unreadable keeps what could not be opened. The sender is told if it is sure who that is.
func (s *storing) unreadable(a record.Arrival) error {
	from := a.From
	a.From = ""
	if _, err := s.tx.Arrive(&a); err != nil || from == "" {
		return err
	}
	known, err := s.tx.Arrivals(record.ArrivalQuery{From: from, ID: a.ID})
	if err != nil || len(known) > 0 {
		return err // a readable copy is here
	}
	return s.owe(record.Receipt{To: from, Lane: receiptLane(a.Lane), ID: a.ID, State: record.DispatchRefused, Problem: a.Problem})
}

// hear notes that peers were heard.
func (s *storing) hear() error {
	for name := range s.heard {
		p, err := s.tx.Peer(name)
		if err != nil {
			return err
		}
		if s.now.Sub(p.Heard) < time.Second && !p.Heard.IsZero() {
			continue // a row less to write in a burst
		}
		p.Heard = s.now
		if err := s.tx.SetPeer(p); err != nil {
			return err
		}
	}
	return nil
}

// service does what a service message says. One that makes no sense is noted in the log and left: nothing depends on it.
func (s *storing) service(ctx context.Context, a record.Arrival) error {
	var err error
	switch a.Kind {
	case KindReceipt:
		var b receiptBody
		if err = json.Unmarshal(a.Content, &b); err == nil {
			return s.receipts(a, b)
		}
	case KindAsk:
		var b ranges
		if err = json.Unmarshal(a.Content, &b); err == nil {
			return s.asked(a.From, b)
		}
	case KindGone:
		var b ranges
		if err = json.Unmarshal(a.Content, &b); err == nil {
			return s.gone(a.From, b)
		}
	case KindHeartbeat:
		var b beatBody
		if err = json.Unmarshal(a.Content, &b); err == nil {
			return s.beat(a.From, b)
		}
	case KindPiece:
		var h pieceHead
		var data []byte
		if h, data, err = readPiece(a.Content); err == nil {
			return s.piece(ctx, a.From, h, data)
		}
	case KindHow:
		var b howBody
		if err = json.Unmarshal(a.Content, &b); err == nil {
			return s.how(a.From, b)
		}
	case KindHave:
		var b haveBody
		if err = json.Unmarshal(a.Content, &b); err == nil {
			return s.have(a.From, b)
		}
	case KindAccepted, KindReturned:
		return s.byHub(a)
	default: // of a later release
		s.r.cfg.Log.Info("relay: a service message of an unknown kind is left", "peer", a.From, "kind", a.Kind)
		return nil
	}
	s.r.cfg.Log.Warn("relay: a service message makes no sense", "peer", a.From, "kind", a.Kind, "id", a.ID, "err", err)
	return nil
}
