package relay

import (
	"context"
	"encoding/json"
	"time"

	"sarhad/record"
)

// Opened notes, in the act of the officer's machine part, that a message was opened by whom it is for. tx needs a machine actor.
func Opened(tx record.Tx, from string, lane record.Lane, id record.ID) error {
	return tx.Owe(record.Receipt{To: from, Lane: receiptLane(lane), ID: id, State: record.DispatchOpened})
}

// receiptLife is how long a receipt is worth sending: by then the message came again and there is a new one.
const receiptLife = 7 * 24 * time.Hour

// sendReceipts puts what is owed into messages. It waits a little first, so that a burst shares them.
func (r *Relay) sendReceipts(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		some, err := r.owes(ctx)
		if err == nil && !some {
			return 0
		}
		if err == nil {
			if sleep(ctx, r.cfg.Timing.Receipts) != nil {
				return 0
			}
			some, err = r.payReceipts(ctx)
		}
		if err != nil {
			r.failed(ctx, "receipts", err)
			return r.cfg.Timing.FlashRetry
		}
		if !some { // what came meanwhile woke us
			return 0
		}
	}
	return 0
}

func (r *Relay) owes(ctx context.Context) (some bool, err error) {
	err = r.view(ctx, func(tx record.Tx) error {
		list, err := tx.Owed("", "", 1)
		some = len(list) > 0
		return err
	})
	return some, err
}

// payReceipts makes messages of what is owed now, in one act; more tells that there may be more.
func (r *Relay) payReceipts(ctx context.Context) (more bool, err error) {
	lanes := map[record.Lane]bool{}
	err = r.note(ctx, record.Routine, func(tx record.Tx) error {
		clear(lanes)
		list, err := tx.Owed("", "", record.MaxLimit)
		if err != nil {
			return err
		}
		more = len(list) == record.MaxLimit
		type pair struct {
			to   string
			lane record.Lane
		}
		var order []pair
		of := map[pair][]record.Receipt{}
		for _, rc := range list {
			p := pair{rc.To, rc.Lane}
			if of[p] == nil {
				order = append(order, p)
			}
			of[p] = append(of[p], rc)
		}
		for _, p := range order {
			lanes[p.lane] = true
			for rest := of[p]; len(rest) > 0; {
				n := min(len(rest), r.cfg.Timing.ReceiptBatch)
				if err := r.payOne(tx, p.to, p.lane, rest[:n]); err != nil {
					return err
				}
				rest = rest[n:]
			}
		}
		return nil
	})
	for l := range lanes {
		r.wake("seal " + string(l))
	}
	return more, err
}

func (r *Relay) payOne(tx record.Tx, to string, lane record.Lane, list []record.Receipt) error {
	var b receiptBody
	var numbers []int64
	for _, rc := range list {
		b.Receipts = append(b.Receipts, receiptLine{rc.ID, rc.State, rc.Problem})
		numbers = append(numbers, rc.Number)
	}
	if err := r.serve(tx, to, lane, KindReceipt, b, receiptLife); err != nil {
		return err
	}
	return tx.Paid(numbers...)
}

// serve queues a service message.
func (r *Relay) serve(tx record.Tx, to string, lane record.Lane, kind string, body any, life time.Duration) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return tx.Dispatch(&record.Dispatch{To: to, Lane: lane, Kind: kind, Content: content, Service: true, Expires: r.cfg.Now().Add(life)})
}

// receipts moves messages of ours on. A receipt about a message that was not sent to who signed it is left.
func (s *storing) receipts(a record.Arrival, b receiptBody) error {
	signed := a.Signed
	if signed == nil {
		signed = a.Content
	}
	for _, l := range b.Receipts {
		if l.State != record.DispatchDelivered && l.State != record.DispatchOpened && l.State != record.DispatchRefused {
			s.r.cfg.Log.Warn("relay: a receipt makes no sense", "peer", a.From, "id", l.ID)
			continue
		}
		moved, err := s.tx.Advance(record.Step{ID: l.ID, To: a.From, State: l.State, Problem: abridge(l.Why), Receipt: signed})
		if record.KindOf(err) == record.NotFound {
			continue // before a restore of ours, or a forgery
		}
		if err != nil {
			return err
		}
		if moved {
			s.heard[a.From] = true
			s.told = append(s.told, l.ID)
		}
	}
	return nil
}

// abridge bounds a reason that another node gives.
func abridge(s string) string {
	r := []rune(s)
	return string(r[:min(len(r), 500)])
}
