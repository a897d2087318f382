package relaytest

import (
	"slices"

	"sarhad/record"
)

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
