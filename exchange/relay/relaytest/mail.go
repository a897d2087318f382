package relaytest

import (
	"maps"
	"math"
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

// PeerNames implements record.Mail.
func (t *tx) PeerNames() ([]string, error) {
	names := map[string]bool{}
	for n := range t.state.peers {
		names[n] = true
	}
	for k := range t.state.seqs {
		names[k.peer] = true
	}
	for k := range t.state.spans {
		names[k.peer] = true
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// Peers implements record.Mail.
func (t *tx) Peers() (out []record.Peer, err error) {
	names, _ := t.PeerNames()
	for _, n := range names {
		p, _ := t.Peer(n)
		out = append(out, p)
	}
	return out, nil
}

// Peer implements record.Mail.
func (t *tx) Peer(name string) (record.Peer, error) {
	p := t.state.peers[name]
	p.Beats, p.Lanes = maps.Clone(p.Beats), maps.Clone(p.Lanes)
	p.Name, p.Next = name, map[record.Lane]int64{}
	for _, l := range record.Lanes {
		p.Next[l] = t.state.seqs[pairLane{name, l, t.state.life}] + 1
	}
	for k, last := range t.state.seqs {
		if k.peer == name && k.life != t.state.life {
			p.Given = append(p.Given, record.LaneLast{Lane: k.lane, Incarnation: k.life, Last: last})
		}
	}
	slices.SortFunc(p.Given, func(a, b record.LaneLast) int {
		return compare(a.Incarnation, b.Incarnation, string(a.Lane), string(b.Lane))
	})
	return p, nil
}

// SetPeer implements record.Mail.
func (t *tx) SetPeer(p record.Peer) error {
	if err := t.mayCarry(); err != nil {
		return err
	}
	p.Beats, p.Lanes, p.Next, p.Given = maps.Clone(p.Beats), maps.Clone(p.Lanes), nil, nil
	set(t, t.state.peers, p.Name, p)
	return nil
}

// Gaps implements record.Mail.
func (t *tx) Gaps(from string) (out []record.Gap, err error) {
	p := t.state.peers[from]
	for _, lane := range record.Lanes {
		var lives []string
		for k := range t.state.spans {
			if k.peer == from && k.lane == lane {
				lives = append(lives, k.life)
			}
		}
		slices.Sort(lives)
		for _, life := range lives {
			end := int64(0)
			for _, s := range t.state.spans[pairLane{from, lane, life}] {
				if s.first > end+1 {
					out = append(out, record.Gap{From: from, Lane: lane, Incarnation: life, First: end + 1, Last: s.first - 1})
				}
				end = s.last
			}
		}
		for _, e := range p.Ends() {
			had := int64(0)
			if list := t.state.spans[pairLane{from, lane, e.Incarnation}]; len(list) > 0 {
				had = list[len(list)-1].last
			}
			if e.Lane == lane && e.Last > had {
				out = append(out, record.Gap{From: from, Lane: lane, Incarnation: e.Incarnation, First: had + 1, Last: e.Last})
			}
		}
	}
	return out[:min(len(out), record.MaxGaps)], nil
}

// Skip implements record.Mail.
func (t *tx) Skip(g record.Gap) error {
	if err := t.mayCarry(); err != nil {
		return err
	}
	if g.First < 1 || g.Last < g.First || g.Last == math.MaxInt64 {
		return record.Errorf(record.Internal, "a range of numbers runs from 1 upwards")
	}
	t.span(pairLane{g.From, g.Lane, g.Incarnation}, span{g.First, g.Last})
	return nil
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

// Ship implements record.Mail.
func (t *tx) Ship(f *record.Freight) (err error) {
	if err := t.mayWrite(); err != nil {
		return err
	}
	out := *f
	out.Out = true
	if err := out.Check(); err != nil {
		return err
	}
	if out.ID, err = record.NewRandomID(t.s.random()); err != nil {
		return err
	}
	out.State, out.Problem, out.Since, out.Moved, out.Have, out.Sent, out.Rounds = record.FreightMoving, "", t.now, t.now, nil, 0, 0
	t.changed = true
	set(t, t.state.freight, freightKey{true, out.Peer, out.ID}, out)
	*f = out
	return nil
}

// SetFreight implements record.Mail.
func (t *tx) SetFreight(f record.Freight) (bool, error) {
	if err := t.mayCarry(); err != nil {
		return false, err
	}
	if f.ID.IsZero() || f.State == "" {
		return false, record.Errorf(record.Internal, "a file on its way has an id and a state")
	}
	k := freightKey{f.Out, f.Peer, f.ID}
	old, known := t.state.freight[k]
	switch {
	case !known && f.Out:
		return false, record.Errorf(record.NotFound, "there is no such file on its way")
	case !known:
		if err := f.Check(); err != nil {
			return false, err
		}
		if f.Since.IsZero() {
			f.Since = t.now
		}
		old = f
	case old.State.Closed():
		return false, nil
	}
	old.Have, old.Sent, old.Rounds, old.State, old.Problem, old.Moved = slices.Clone(f.Have), f.Sent, f.Rounds, f.State, f.Problem, t.now
	set(t, t.state.freight, k, old)
	return true, nil
}

// Freights implements record.Mail.
func (t *tx) Freights(q record.FreightQuery) (out []record.Freight, err error) {
	for k, f := range t.state.freight {
		if k.out == q.Out && (q.ID.IsZero() || k.id == q.ID) && (q.Peer == "" || k.peer == q.Peer) && (q.State == "" || f.State == q.State) &&
			(q.State != "" || q.Closed || !q.ID.IsZero() || !f.State.Closed()) {
			if !t.actor.Machine {
				f.Meta, f.Ref = nil, ""
			}
			t.hideAbout(&f.About)
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b record.Freight) int {
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return compare(a.Peer, b.Peer, string(a.ID[:]), string(b.ID[:]))
	})
	return out[:min(len(out), limit(q.Limit))], nil
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
