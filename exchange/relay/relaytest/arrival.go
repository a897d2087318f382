package relaytest

import (
	"math"
	"slices"

	"sarhad/record"
)

// Arrive implements record.Mail.
func (t *tx) Arrive(a *record.Arrival) (bool, error) {
	if err := t.mayCarry(); err != nil {
		return false, err
	}
	if a.ID.IsZero() || len(a.From) > 40 || (a.From == "") != (a.State == record.ArrivalUnreadable) || a.Seq < 0 || a.Seq == math.MaxInt64 {
		return false, record.Errorf(record.Internal, "a message that came has an id, and a sender unless it is unreadable")
	}
	k := peerID{a.From, a.ID}
	if _, known := t.state.known[k]; known {
		return false, nil
	}
	out := *a
	if out.State == "" {
		out.State = record.ArrivalNew
	}
	out.Arrived, out.Sent, out.Signed = t.now, round(a.Sent), nil
	if out.Content == nil && out.State == record.ArrivalNew {
		out.Content = []byte{}
	}
	out.Number = insert(t, &t.state.arrivals, func(n int64) record.Arrival { out.Number = n; return out })
	set(t, t.state.known, k, out.Number)
	if out.Seq > 0 {
		t.span(pairLane{out.From, out.Lane, out.Incarnation}, span{out.Seq, out.Seq})
	}
	*a = out
	return true, nil
}

func (t *tx) span(k pairLane, s span) {
	var out []span
	for _, x := range t.state.spans[k] {
		switch {
		case x.last < s.first-1:
			out = append(out, x)
		case x.first > s.last+1:
			if s.last >= s.first {
				out = append(out, s)
				s = span{math.MaxInt64 / 2, 0}
			}
			out = append(out, x)
		default:
			s = span{min(s.first, x.first), max(s.last, x.last)}
		}
	}
	if s.last >= s.first {
		out = append(out, s)
	}
	set(t, t.state.spans, k, out)
}

// Arrivals implements record.Mail.
func (t *tx) Arrivals(q record.ArrivalQuery) (out []record.Arrival, err error) {
	pick := func(a record.Arrival) {
		if (q.From == "" || a.From == q.From) && (q.ID.IsZero() || a.ID == q.ID) && (q.About.IsZero() || a.About == q.About) && (q.State == "" || a.State == q.State) &&
			(q.Lane == "" || a.Lane == q.Lane) && (len(q.Kinds) == 0 || slices.Contains(q.Kinds, a.Kind)) && a.Number > q.After {
			if !q.Full || !t.actor.Machine {
				a.Content, a.Kept = nil, nil
			}
			t.hideAbout(&a.About)
			out = append(out, a)
		}
	}
	if q.From != "" && !q.ID.IsZero() {
		if n, known := t.state.known[peerID{q.From, q.ID}]; known {
			pick(t.state.arrivals.rows[n])
		}
		return out, nil
	}
	begin, _ := slices.BinarySearch(t.state.arrivals.order, q.After+1)
	for _, n := range t.state.arrivals.order[begin:] {
		if pick(t.state.arrivals.rows[n]); len(out) == limit(q.Limit) {
			break
		}
	}
	return out, nil
}

// Settle implements record.Mail.
func (t *tx) Settle(number int64, to record.ArrivalState, problem string) (bool, error) {
	if err := t.mayCarry(); err != nil {
		return false, err
	}
	if to != record.ArrivalDone && to != record.ArrivalRefused {
		return false, record.Errorf(record.Internal, "a message that came ends as done or refused, not as %q", to)
	}
	a, known := t.state.arrivals.rows[number]
	if !known || a.State != record.ArrivalNew && a.State != record.ArrivalUnreadable {
		return false, nil
	}
	a.State, a.Problem, a.Content = to, problem, nil
	if to == record.ArrivalRefused && t.state.erased[a.About] {
		a.Kept = nil
	}
	set(t, t.state.arrivals.rows, number, a)
	return true, nil
}

// Owe implements record.Mail.
func (t *tx) Owe(r record.Receipt) error {
	if err := t.mayCarry(); err != nil {
		return err
	}
	if r.To == "" || r.ID.IsZero() || r.State.Rank() < record.DispatchDelivered.Rank() {
		return record.Errorf(record.Internal, "a receipt names a message, its sender, and what became of it")
	}
	k := peerID{r.To, r.ID}
	if n, known := t.state.known[k]; known && r.State == record.DispatchOpened {
		if a := t.state.arrivals.rows[n]; a.Opened.IsZero() {
			a.Opened = t.now
			set(t, t.state.arrivals.rows, n, a)
		}
	}
	if n, known := t.state.owes[k]; known {
		if r.State.Rank() <= t.state.owed.rows[n].State.Rank() {
			return nil
		}
		remove(t, &t.state.owed, n)
	}
	set(t, t.state.owes, k, insert(t, &t.state.owed, func(n int64) record.Receipt { r.Number = n; return r }))
	return nil
}

// Owed implements record.Mail.
func (t *tx) Owed(to string, lane record.Lane, most int) (out []record.Receipt, err error) {
	for _, n := range t.state.owed.order {
		if r := t.state.owed.rows[n]; to == "" || r.To == to && r.Lane == lane {
			if out = append(out, r); len(out) == limit(most) {
				break
			}
		}
	}
	return out, nil
}

// Paid implements record.Mail.
func (t *tx) Paid(numbers ...int64) error {
	if err := t.mayCarry(); err != nil {
		return err
	}
	for _, n := range numbers {
		if r, known := t.state.owed.rows[n]; known {
			unset(t, t.state.owes, peerID{r.To, r.ID})
			remove(t, &t.state.owed, n)
		}
	}
	return nil
}
