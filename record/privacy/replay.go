package privacy

import (
	"context"

	"sarhad/record"
	"sarhad/record/access"
)

// Replayed tells what Replay did.
type Replayed struct {
	Lines    int `json:"lines"`
	Erased   int `json:"erased"`
	Masked   int `json:"masked"`
	Nameless int `json:"nameless"`
	Gone     int `json:"gone"`    // were not there, or masked already
	Waiting  int `json:"waiting"` // could not be masked: the keys are not there
}

// Replay forgets again in a restored store what the journal of erasures says was forgotten: what is there is erased, what
// is clear is masked. Lines may come in any number of calls and twice. A child that no line erased was held when its
// parent went, and stays. Keys may be nil: then what should be masked is counted as waiting, and nothing else is left out.
func Replay(ctx context.Context, store record.Store, keys *Keys, lines []record.Erasure) (rep Replayed, err error) {
	defer record.Wrap(&err, "privacy.Replay")
	ctx = record.WithActor(ctx, record.Machine("replay", ""))
	erased := map[record.ID]bool{}
	for _, l := range lines {
		if l.What == record.ErasureErase {
			erased[l.ID] = true
		}
	}
	c := &Clocks{Store: store, Keys: keys}
	for _, l := range lines {
		if err := ctx.Err(); err != nil {
			return rep, err
		}
		rep.Lines++
		did := ""
		err := store.Bulk(ctx, func(tx record.Tx) error {
			did, err = c.again(tx, l, erased)
			if err != nil || did == "" || did == "wait" {
				return err
			}
			return tx.Audit(record.Act{Action: l.What, Topic: access.Privacy, Subject: l.ID, Count: 1, Reason: "restored"})
		})
		if err != nil {
			return rep, err
		}
		switch did {
		case record.ErasureErase:
			rep.Erased++
		case record.ErasureMask:
			rep.Masked++
		case record.ErasureNameless:
			rep.Nameless++
		case "wait":
			rep.Waiting++
		default:
			rep.Gone++
		}
	}
	return rep, nil
}

// again does one line; "" when there was nothing to do.
func (c *Clocks) again(tx record.Tx, l record.Erasure, erased map[record.ID]bool) (did string, err error) {
	rec, err := tx.Get(l.ID)
	if record.KindOf(err) == record.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	switch l.What {
	case record.ErasureErase:
		stay, err := stays(tx, l.ID, erased)
		if err != nil {
			return "", err
		}
		_, err = tx.Erase(l.ID, stay...)
		return l.What, err
	case record.ErasureMask:
		if rec.Masked != nil {
			return "", nil
		}
		if !c.Keys.Ready() {
			return "wait", nil
		}
		return l.What, tx.Mask(l.ID, c.Masking("restored", false))
	}
	return l.What, tx.Mask(l.ID, c.Masking("restored", true))
}

// stays gives what lies under a record and was not erased with it.
func stays(tx record.Tx, id record.ID, erased map[record.ID]bool) (out []record.ID, err error) {
	under := []record.ID{id}
	seen := map[record.ID]bool{id: true}
	for i := 0; i < len(under); i++ {
		for q := (record.Query{Parent: under[i], Limit: record.MaxLimit}); ; {
			page, err := tx.List(q)
			if err != nil {
				return nil, err
			}
			for _, row := range page.Rows {
				switch {
				case seen[row.ID]:
				case erased[row.ID]:
					under = append(under, row.ID)
				default:
					out = append(out, row.ID)
				}
				seen[row.ID] = true
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
	return out, nil
}
