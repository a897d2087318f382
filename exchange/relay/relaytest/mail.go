package relaytest

import (
	"slices"
	"time"

	"sarhad/record"
)

func limit(n int) int {
	if n <= 0 {
		return record.DefaultLimit
	}
	return min(n, record.MaxLimit)
}

func round(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Millisecond)
}

// Incarnation implements record.Mail.
func (t *tx) Incarnation() string { return t.state.life }

// Dispatch implements record.Mail.
func (t *tx) Dispatch(d *record.Dispatch) (err error) {
	may := t.mayWrite
	if d.Service {
		may = t.mayCarry
	}
	if err := may(); err != nil {
		return err
	}
	if err := d.Check(); err != nil {
		return err
	}
	out := *d
	if out.ID, err = record.NewRandomID(t.s.random()); err != nil {
		return err
	}
	out.Incarnation, out.State, out.Queued, out.Expires, out.Seq = t.state.life, record.DispatchQueued, t.now, round(d.Expires), 0
	if !d.Service {
		k := pairLane{out.To, out.Lane, out.Incarnation}
		out.Seq = t.state.seqs[k] + 1
		set(t, t.state.seqs, k, out.Seq)
		t.changed = true
	}
	if out.Content == nil {
		out.Content = []byte{}
	}
	out.Number = insert(t, &t.state.dispatches, func(n int64) record.Dispatch { out.Number = n; return out })
	set(t, t.state.byID, out.ID, out.Number)
	*d = out
	return nil
}

func settled(d record.Dispatch) bool { return !d.Delivered.IsZero() || !d.Closed.IsZero() }

// Advance implements record.Mail.
func (t *tx) Advance(s record.Step) (moved bool, err error) {
	if err := t.mayCarry(); err != nil {
		return false, err
	}
	n, known := t.state.byID[s.ID]
	d := t.state.dispatches.rows[n]
	if !known || s.To != "" && s.To != d.To {
		return false, record.Errorf(record.NotFound, "no message %s was sent to %s", s.ID, s.To)
	}
	if s.State != "" && s.State.Rank() == 0 || s.State == record.DispatchQueued || s.State == record.DispatchSealed && len(s.Wire) == 0 {
		return false, record.Errorf(record.Internal, "a message cannot become %q", s.State)
	}
	if s.Tried {
		d.Tries, d.Tried, d.Due = d.Tries+1, t.now, false
	}
	if s.Again && d.Wire != nil {
		d.Due = true
	}
	if len(s.Receipt) > 0 && (d.Receipt == nil || d.Closed.IsZero()) {
		d.Receipt = s.Receipt
	}
	if moved = s.State.Rank() > d.State.Rank(); moved {
		t.move(&d, s)
	} else if s.State.Rank() >= record.DispatchDelivered.Rank() && s.State != record.DispatchExpired && s.State != record.DispatchRecalled && d.Delivered.IsZero() {
		d.Delivered = t.now
	}
	set(t, t.state.dispatches.rows, n, d)
	return moved, nil
}

func (t *tx) move(d *record.Dispatch, s record.Step) {
	d.State, d.Problem = s.State, s.Problem
	switch s.State {
	case record.DispatchSealed:
		d.Content, d.Wire, d.Due = nil, s.Wire, true
		return
	case record.DispatchAccepted:
		d.Due, d.Accepted = false, t.now
		if d.Service {
			d.Closed = t.now
		}
		return
	case record.DispatchExpired, record.DispatchRecalled:
		d.Wire = nil
	default:
		if d.Delivered.IsZero() {
			d.Delivered = t.now
		}
	}
	d.Due = false
	if s.State.Final() {
		d.Content, d.Closed = nil, t.now
	}
}

// Dispatches implements record.Mail.
func (t *tx) Dispatches(q record.DispatchQuery) (out []record.Dispatch, err error) {
	if q.Due && (q.To == "" || q.Lane == "") || (q.Delivered || q.Unclosed) && q.To == "" {
		return nil, record.Errorf(record.Internal, "a query of the outbox lacks its lane or addressee")
	}
	if !q.ID.IsZero() {
		if n, known := t.state.byID[q.ID]; known && wanted(t.state.dispatches.rows[n], q) {
			out = append(out, t.state.dispatches.rows[n])
		}
	} else {
		begin, _ := slices.BinarySearch(t.state.dispatches.order, q.After+1)
		for _, n := range t.state.dispatches.order[begin:] {
			if d := t.state.dispatches.rows[n]; wanted(d, q) {
				out = append(out, d)
			}
		}
	}
	switch {
	case !q.TriedBefore.IsZero():
		slices.SortStableFunc(out, func(a, b record.Dispatch) int { return a.Tried.Compare(b.Tried) })
	case !q.ExpiredBy.IsZero():
		slices.SortStableFunc(out, func(a, b record.Dispatch) int { return a.Expires.Compare(b.Expires) })
	case q.Delivered:
		slices.SortStableFunc(out, func(a, b record.Dispatch) int { return b.Delivered.Compare(a.Delivered) })
	case q.Incarnation != "":
		slices.SortStableFunc(out, func(a, b record.Dispatch) int { return int(a.Seq - b.Seq) })
	case q.Newest:
		slices.Reverse(out)
	}
	out = out[:min(len(out), limit(q.Limit))]
	for i := range out {
		if !q.Full || !t.actor.Machine {
			out[i].Content, out[i].Wire, out[i].Receipt = nil, nil, nil
		}
		t.hideAbout(&out[i].About)
	}
	return out, nil
}

func wanted(d record.Dispatch, q record.DispatchQuery) bool {
	return (q.About.IsZero() || d.About == q.About) && (!q.Due || d.Due) &&
		(q.TriedBefore.IsZero() || d.State == record.DispatchAccepted && d.Tried.Before(q.TriedBefore)) &&
		(q.ExpiredBy.IsZero() || d.Closed.IsZero() && !d.Expires.IsZero() && !d.Expires.After(q.ExpiredBy)) &&
		(!q.Delivered || !d.Delivered.IsZero()) && (!q.Unclosed || d.State == record.DispatchDelivered) &&
		(q.Incarnation == "" || d.Incarnation == q.Incarnation && d.Seq >= max(q.First, 1) && (q.Last == 0 || d.Seq <= q.Last)) &&
		(q.State == "" || d.State == q.State && (!d.Service || !settled(d))) && (q.To == "" || d.To == q.To) && (q.Lane == "" || d.Lane == q.Lane) &&
		(q.Service || q.Due || !q.ExpiredBy.IsZero() || !d.Service)
}

func (t *tx) hideAbout(id *record.ID) {
	if t.actor.Machine {
		return
	}
	if _, err := t.Get(*id); err != nil {
		*id = record.ID{}
	}
}

// Backlogs implements record.Mail.
func (t *tx) Backlogs() (out []record.Backlog, err error) {
	at := map[record.Backlog]int{}
	for _, n := range t.state.dispatches.order {
		d := t.state.dispatches.rows[n]
		if settled(d) || d.Service {
			continue
		}
		k := record.Backlog{To: d.To, Lane: d.Lane, State: d.State}
		i, known := at[k]
		if !known {
			i = len(out)
			at[k] = i
			k.Oldest = d.Queued
			out = append(out, k)
		}
		out[i].Count++
	}
	slices.SortFunc(out, func(a, b record.Backlog) int {
		return compare(a.To, b.To, string(a.Lane), string(b.Lane), string(a.State), string(b.State))
	})
	return out, nil
}

// compare compares pairs of words.
func compare(words ...string) int {
	for i := 0; i < len(words); i += 2 {
		if words[i] != words[i+1] {
			if words[i] < words[i+1] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// Prune implements record.Mail.
func (t *tx) Prune(wires, before time.Time, _ int) (n int, err error) {
	if err := t.mayCarry(); err != nil {
		return 0, err
	}
	for _, i := range slices.Clone(t.state.dispatches.order) {
		d := t.state.dispatches.rows[i]
		since := d.Delivered
		if since.IsZero() {
			since = d.Closed
		}
		switch {
		case since.IsZero():
			continue
		case !d.Closed.IsZero() && (d.Service || since.Before(before)):
			unset(t, t.state.byID, d.ID)
			remove(t, &t.state.dispatches, i)
		case d.Wire != nil && since.Before(wires):
			d.Wire, d.Due = nil, false
			set(t, t.state.dispatches.rows, i, d)
		default:
			continue
		}
		n++
	}
	return n, nil
}

// forgetMail takes along what is queued and kept about a record.
func (t *tx) forgetMail(id record.ID) {
	for n, d := range t.state.dispatches.rows {
		if d.About != id {
			continue
		}
		if d.State == record.DispatchQueued || d.State == record.DispatchSealed {
			d.State, d.Closed = record.DispatchRecalled, t.now
		}
		d.Content, d.Wire, d.Due = nil, nil, false
		set(t, t.state.dispatches.rows, n, d)
	}
	for n, a := range t.state.arrivals.rows {
		if a.About == id {
			a.Content, a.Kept = nil, nil
			set(t, t.state.arrivals.rows, n, a)
		}
	}
	for k, f := range t.state.freight {
		if f.About == id {
			f.Meta, f.Ref = nil, ""
			if !f.State.Closed() {
				f.State = record.FreightRecalled
			}
			set(t, t.state.freight, k, f)
		}
	}
}
