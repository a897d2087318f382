package privacy

import (
	"time"

	"sarhad/record"
)

// Standing is how the clocks see one record.
type Standing struct {
	Masked bool
	Held   bool
	Until  time.Time // the first rule that erases takes it then, UTC; zero = none does, as it stands now
}

// StandingOf tells it for who may read the record; the reader sees holds and policies as far as they are open to it.
func (c *Clocks) StandingOf(tx record.Tx, rec *record.Record) (out Standing, err error) {
	out.Masked, out.Until = rec.Masked != nil, rec.Expires
	held, err := c.holdsOf(tx).of(rec.ID)
	if err != nil {
		return out, err
	}
	out.Held = held != nil
	valid, _, err := c.policies(tx)
	if err != nil {
		return out, err
	}
	ix := rec.IndexOf()
	row := record.Row{ID: rec.ID, Kind: rec.Kind, State: ix.State, Occurred: rec.Occurred, Changed: rec.Received}
	if row.Occurred.IsZero() {
		row.Occurred = rec.Created
	}
	for _, p := range valid {
		for _, r := range p.Rules {
			if p.Subject != rec.Kind || r.Action != Erase || len(r.States) > 0 && !contains(r.States, ix.State) {
				continue
			}
			if ok, err := r.conditions(tx, rec.ID); err != nil || !ok {
				if err != nil {
					return out, err
				}
				continue
			}
			after := r.After
			if r.Minors != "" && minor(ix, r.adult(), row.Occurred) {
				after = r.Minors
			}
			if at := r.since(row, after).UTC(); out.Until.IsZero() || at.Before(out.Until) {
				out.Until = at
			}
		}
	}
	return out, nil
}
