package privacy

import (
	"context"
	"encoding/json"

	"sarhad/record"
	"sarhad/record/access"
)

// ruleOrphan is the rule of what a hold kept when its parent went.
const ruleOrphan = "parent-erased"

// partedLines is how many lines of the journal one run looks at for children that stayed: a second, on a node that erased
// millions before it knew of this.
const partedLines = 20_000

// parted is what the clocks remember of records that a hold, said by whatever kind, kept when their parent went: they go the
// same way when nothing holds them any more. It holds ids only.
type parted struct {
	Done int64    `json:"done"` // line of the journal of erasures up to which children were looked for
	Left []stayed `json:"left,omitempty"`
}

// stayed is a record that stayed behind, and what was done to its parent under which rule.
type stayed struct {
	ID     record.ID `json:"id"`
	Action string    `json:"action"`
	Rule   string    `json:"rule"`
}

// add remembers a record once. What is to be erased need not be masked, and what loses its names need not be sealed.
func (p *parted) add(s stayed) {
	strict := map[string]int{Mask: 0, Nameless: 1, Erase: 2}
	for i, have := range p.Left {
		if have.ID == s.ID {
			if strict[s.Action] > strict[have.Action] {
				p.Left[i] = s
			}
			return
		}
	}
	p.Left = append(p.Left, s)
}

// follows lets records follow their parents that a hold kept when those went, once nothing holds them any more.
func (c *Clocks) follows(ctx context.Context, rep *Report) error {
	text, err := c.State.Setting(ctx, setParted)
	if err != nil {
		return err
	}
	var p parted
	if text != "" {
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return err
		}
	}
	if err := c.part(ctx, &p); err != nil {
		return err
	}
	var left []stayed
	var failed error
	for i, s := range p.Left {
		done := false
		if done, failed = c.followParent(ctx, s, rep); failed != nil {
			left = append(left, p.Left[i:]...)
			break
		}
		if !done {
			left = append(left, s)
		}
	}
	p.Left = left
	b, err := json.Marshal(p)
	if err == nil && string(b) != text {
		err = c.State.SetSetting(ctx, setParted, string(b))
	}
	if failed != nil {
		return failed
	}
	return err
}

// part reads the journal of erasures on and remembers the children that stayed.
func (c *Clocks) part(ctx context.Context, p *parted) error {
	for range partedLines / followLines {
		n := 0
		err := c.Store.View(ctx, func(tx record.Tx) error {
			lines, err := tx.Erasures(p.Done, followLines)
			if err != nil {
				return err
			}
			for _, l := range lines {
				if err := partedFrom(tx, l, p); err != nil {
					return err
				}
				p.Done = l.Number
			}
			n = len(lines)
			return nil
		})
		if err != nil || n < followLines {
			return err
		}
	}
	return ctx.Err()
}

// partedFrom remembers the children that stayed when one record went. What was made only after a record was masked does not count:
// an unmasking is such a child.
func partedFrom(tx record.Tx, l record.Erasure, p *parted) error {
	s := stayed{Action: l.What, Rule: ruleOrphan}
	if parent, err := tx.Get(l.ID); err == nil && parent.Masked != nil {
		s.Rule = parent.Masked.Policy
	} else if err != nil && record.KindOf(err) != record.NotFound {
		return err
	}
	for q := (record.Query{Parent: l.ID, Full: true, Limit: record.MaxLimit}); ; {
		page, err := tx.List(q)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			stays, err := stayedBehind(tx, row, l)
			if err != nil {
				return err
			}
			if stays {
				s.ID = row.ID
				p.add(s)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// stayedBehind reports whether a child was there when a record went, and kept what the record lost.
func stayedBehind(tx record.Tx, row record.Row, l record.Erasure) (bool, error) {
	switch {
	case l.What == record.ErasureErase:
		return true, nil
	case !row.Record.Created.Before(l.At):
		return false, nil
	case !row.Masked || l.What == record.ErasureMask:
		return !row.Masked, nil
	}
	_, err := tx.Sealed(row.ID)
	if record.KindOf(err) == record.NotFound {
		return false, nil
	}
	return err == nil, err
}

// followParent does to a record what was done to its parent, unless it is still held; true = nothing is left to do.
func (c *Clocks) followParent(ctx context.Context, s stayed, rep *Report) (done bool, err error) {
	if s.Action == Mask && !c.Keys.Ready() {
		return false, nil
	}
	d := Due{ID: s.ID, Rule: s.Rule, Action: s.Action}
	free := func(tx record.Tx) (all []Taken, err error) {
		if all, err = c.walk(tx, s.ID); record.KindOf(err) == record.NotFound {
			return nil, nil
		}
		return all, err
	}
	var all []Taken
	err = c.Store.View(ctx, func(tx record.Tx) error { all, err = free(tx); return err })
	switch {
	case err != nil:
		return false, err
	case len(all) == 0 || s.Action == Mask && all[0].masked:
		return true, nil
	case all[0].Held != nil:
		return false, nil
	}
	if err := c.stripNaming(ctx, []Due{d}, rep); err != nil {
		return false, err
	}
	along := 0
	err = c.Store.Bulk(ctx, func(tx record.Tx) error {
		all, err := free(tx)
		if done = err == nil && len(all) > 0 && all[0].Held == nil; !done {
			return err
		}
		ids, err := c.forget(tx, d, all)
		if err != nil || len(ids) == 0 {
			return err
		}
		along = len(ids) - 1
		return tx.Audit(record.Act{Action: d.Action, Topic: access.Privacy, Subject: d.ID, Count: len(ids), IDs: record.HashIDs(ids), Reason: d.Rule})
	})
	if err != nil || !done {
		return false, err
	}
	rep.count(d.Action, 1)
	rep.Along += along
	return true, nil
}

// count adds records to what a run did.
func (r *Report) count(action string, n int) {
	switch action {
	case Erase:
		r.Erased += n
	case Mask:
		r.Masked += n
	case Nameless:
		r.Nameless += n
	}
}
