package privacy

import (
	"time"

	"sarhad/record"
)

// Adult is the age from which a person is no minor where no policy says otherwise, in years.
const Adult = 18

// Minor reports whether an index names somebody who may be younger than Adult at a time. Of a birth date that is known in part
// the latest possible day counts; without one nobody is taken for a minor.
func Minor(ix *record.Index, at time.Time) bool { return minor(ix, Adult, at) }

// Unnamed refuses words that outlive a record and name whom it is about, by a name or the number of a document.
func Unnamed(rec *record.Record, words string) error { return unnamed(rec, words) }

// Forgotten is what became of a record that had to go.
type Forgotten struct {
	Held *Held       // it stays, and everything under it
	Gone []record.ID // it and what lay under it, erased
	Kept []record.ID // what lay under it and stays because it is held
}

// Forget erases a record and everything under it inside the caller's act, unless a hold, or an exhibit that says so, keeps it.
// The transaction must be the program's own: children go whatever their scope. The caller writes the act.
func (c *Clocks) Forget(tx record.Tx, id record.ID) (out Forgotten, err error) {
	defer record.Wrap(&err, "privacy.Forget(%s)", id)
	all, err := c.walk(tx, id)
	if err != nil {
		return out, err
	}
	if out.Held = all[0].Held; out.Held != nil {
		return out, nil
	}
	out.Kept = spared(all)
	gone, err := tx.Erase(id, out.Kept...)
	out.Gone = append([]record.ID{id}, gone...)
	return out, err
}

// HeldNow reports whether something keeps a record from being erased. The transaction must be the program's own.
func (c *Clocks) HeldNow(tx record.Tx, id record.ID) (bool, error) {
	held, err := c.holdsOf(tx).of(id)
	return held != nil, err
}
