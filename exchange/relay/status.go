package relay

import (
	"context"
	"maps"
	"slices"
	"time"

	"sarhad/record"
)

// Status is how things stand, for the queue screen. Times are UTC.
type Status struct {
	At         time.Time // by our clock
	Waiting    int       // messages of ours not delivered yet
	Oldest     time.Time // queued; zero = nothing waits
	LineSince  time.Time // the line works since; zero = it does not
	LineDown   time.Time // the line fails since; zero = it does not, or was not tried yet
	Unreadable int       // messages that could not be read, at most MaxLimit are counted
	Partners   []Partner // by name
	Stuck      []Stuck   // what came and could not be taken up, oldest first
	Files      []File    // on their way, oldest first
}

// Partner is how things stand with one node.
type Partner struct {
	Name     string
	Waiting  map[record.Lane]int // queued or sealed here
	Away     map[record.Lane]int // the hub has them, their addressee said nothing yet
	Oldest   time.Time           // queued, of all these; zero = nothing waits
	Why      string              // why messages to it cannot be sealed; "" = they can
	WhySince time.Time
	LastSeen time.Time     // by our clock; zero = never
	Delay    time.Duration // half of the last hundred messages were delivered faster; 0 = none was
	Gaps     []record.Gap  // numbers of its that are missing here
	Lacks    int64         // numbers of ours that it says are missing there
	Gone     int64         // numbers that it can send no more
	Skew     time.Duration // its clock minus ours, as its last heartbeat told it, the way included
	Version  string
	Reads    []string
	Peer     record.Peer
}

// Stuck is a message or file that came and waits for a part of this program.
type Stuck struct {
	ID    record.ID
	From  string
	Kind  string
	Why   string
	Since time.Time
	Next  time.Time // tried again
	Tries int
}

// File is a large file on its way.
type File struct {
	ID    record.ID
	Peer  string
	Out   bool
	Kind  string
	Size  int64 // bytes
	Moved int64 // bytes: handed over or received
	Since time.Time
	State record.FreightState
}

// Status gives how things stand. It reads a few ranges of indexes: a screen may ask every second.
func (r *Relay) Status(ctx context.Context) (st Status, err error) {
	defer record.Wrap(&err, "relay.Status")
	ctx = record.WithActor(ctx, record.Machine("relay", ""))
	err = r.view(ctx, func(tx record.Tx) error {
		st = Status{At: r.cfg.Now().UTC()}
		if err := r.partnersStatus(tx, &st); err != nil {
			return err
		}
		bad, err := tx.Arrivals(record.ArrivalQuery{State: record.ArrivalUnreadable, Limit: record.MaxLimit})
		if err != nil {
			return err
		}
		st.Unreadable = len(bad)
		for _, out := range []bool{true, false} {
			list, err := tx.Freights(record.FreightQuery{Out: out, Limit: record.MaxLimit})
			if err != nil {
				return err
			}
			for _, f := range list {
				st.Files = append(st.Files, File{f.ID, f.Peer, f.Out, f.Kind, f.Size, max(f.Sent, covered(f.Have)), f.Since, f.State})
			}
		}
		return nil
	})
	if err != nil {
		return st, err
	}
	slices.SortStableFunc(st.Files, func(a, b File) int { return a.Since.Compare(b.Since) })
	r.mu.Lock()
	defer r.mu.Unlock()
	st.LineSince, st.LineDown = r.since, r.down
	for _, list := range []map[record.ID]*stuck{byID(r.stuck), r.fstuck} {
		for _, s := range list {
			st.Stuck = append(st.Stuck, Stuck{s.arrival.ID, s.arrival.From, s.arrival.Kind, s.why, s.since, s.next, s.tries})
		}
	}
	slices.SortFunc(st.Stuck, func(a, b Stuck) int { return a.Since.Compare(b.Since) })
	for i := range st.Partners {
		p := r.waits[st.Partners[i].Name]
		st.Partners[i].Why, st.Partners[i].WhySince = p.text, p.since
	}
	return st, nil
}

func byID(m map[int64]*stuck) map[record.ID]*stuck {
	out := map[record.ID]*stuck{}
	for _, s := range m {
		out[s.arrival.ID] = s
	}
	return out
}

func (r *Relay) partnersStatus(tx record.Tx, st *Status) error {
	names := map[string]bool{}
	if r.cfg.Partners != nil {
		for _, n := range r.cfg.Partners() {
			names[n] = true
		}
	}
	known, err := tx.PeerNames()
	if err != nil {
		return err
	}
	for _, n := range known {
		names[n] = true
	}
	backlogs, err := tx.Backlogs()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		p := Partner{Name: name, Waiting: map[record.Lane]int{}, Away: map[record.Lane]int{}}
		for _, b := range backlogs {
			if b.To != name {
				continue
			}
			if b.State == record.DispatchAccepted {
				p.Away[b.Lane] += b.Count
			} else {
				p.Waiting[b.Lane] += b.Count
			}
			st.Waiting += b.Count
			if p.Oldest.IsZero() || b.Oldest.Before(p.Oldest) {
				p.Oldest = b.Oldest
			}
		}
		if err := fill(tx, &p); err != nil {
			return err
		}
		if !p.Oldest.IsZero() && (st.Oldest.IsZero() || p.Oldest.Before(st.Oldest)) {
			st.Oldest = p.Oldest
		}
		st.Partners = append(st.Partners, p)
	}
	return nil
}

func fill(tx record.Tx, p *Partner) (err error) {
	if p.Peer, err = tx.Peer(p.Name); err != nil {
		return err
	}
	p.LastSeen, p.Gone, p.Skew, p.Version, p.Reads = p.Peer.Heard, p.Peer.Gone, p.Peer.Skew, p.Peer.Version, p.Peer.Reads
	for _, l := range p.Peer.Lanes {
		p.Lacks += l.Missing
	}
	if p.Gaps, err = tx.Gaps(p.Name); err != nil {
		return err
	}
	list, err := tx.Dispatches(record.DispatchQuery{To: p.Name, Delivered: true, Limit: 100})
	if err != nil || len(list) == 0 {
		return err
	}
	delays := make([]time.Duration, len(list))
	for i, d := range list {
		delays[i] = d.Delivered.Sub(d.Queued)
	}
	slices.Sort(delays)
	p.Delay = delays[len(delays)/2]
	return nil
}
