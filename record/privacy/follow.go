package privacy

import (
	"context"
	"slices"
	"strconv"

	"sarhad/record"
	"sarhad/record/access"
)

// followLines is how many lines of the journal one step looks at.
const followLines = 100

// settleTries is how often a step waits for acts to reach the log before it leaves the rest to the next run.
const settleTries = 3

// follow takes the free words of purposes about what was forgotten out of the log. It reads the journal of erasures, so that
// it misses nothing, whoever erased.
func (c *Clocks) follow(ctx context.Context) error {
	if !c.mu.TryLock() {
		return nil // a run is under way, and ends with this
	}
	defer c.mu.Unlock()
	return c.followJournal(ctx, &Report{})
}

func (c *Clocks) followJournal(ctx context.Context, rep *Report) error {
	ctx = c.machine(ctx)
	text, err := c.State.Setting(ctx, setFollowed)
	if err != nil {
		return err
	}
	done, _ := strconv.ParseInt(text, 10, 64) // "": nothing was followed yet
	for ctx.Err() == nil {
		var lines []record.Erasure
		err := c.Store.View(ctx, func(tx record.Tx) error {
			lines, err = tx.Erasures(done, followLines)
			return err
		})
		if err != nil || len(lines) == 0 {
			return err
		}
		ids := make([]record.ID, len(lines))
		for i, l := range lines {
			ids[i] = l.ID
		}
		whole, err := c.stripWords(ctx, record.Stripping{Subjects: ids, Words: c.Words, Reason: "erased"}, rep)
		if err != nil || !whole {
			return err
		}
		done = lines[len(lines)-1].Number
		if err := c.State.SetSetting(ctx, setFollowed, strconv.FormatInt(done, 10)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// stripWords reports whether nothing is left to strip.
func (c *Clocks) stripWords(ctx context.Context, what record.Stripping, rep *Report) (whole bool, err error) {
	for tries := 0; tries < settleTries; {
		if c.Settle != nil {
			if err := c.Settle(ctx); err != nil {
				return false, err
			}
		}
		n, more := 0, false
		err := c.Store.Bulk(ctx, func(tx record.Tx) error {
			n, more, err = tx.Strip(what)
			return err
		})
		if err != nil || !more {
			rep.Stripped += n
			return err == nil, err
		}
		if rep.Stripped += n; n == 0 {
			tries++
		}
	}
	return false, nil
}

// stripNaming takes out of the log the free words of purposes that name whom the records are about, by a document or by
// surname and given name, whatever they were said about. It comes before the records go: afterwards nobody knows the names.
func (c *Clocks) stripNaming(ctx context.Context, due []Due, rep *Report) error {
	ctx = c.machine(ctx)
	var texts []string
	err := c.Store.View(ctx, func(tx record.Tx) error {
		texts = nil
		var free []string
		for after := ""; ; {
			page, err := tx.FreeWords(after, record.MaxLimit)
			if err != nil {
				return err
			}
			if free = append(free, page...); len(page) < record.MaxLimit {
				break
			}
			after = page[len(page)-1]
		}
		free = slices.DeleteFunc(free, func(text string) bool { return slices.Contains(c.Words, text) })
		if len(free) == 0 {
			return nil
		}
		said := make([][]string, len(free))
		for i, text := range free {
			said[i] = words(text)
		}
		for _, d := range due {
			rec, err := tx.Get(d.ID)
			if record.KindOf(err) == record.NotFound || d.Held != nil {
				continue
			}
			if err != nil {
				return err
			}
			for i, text := range free {
				if naming(rec.IndexOf(), said[i]) && !slices.Contains(texts, text) {
					texts = append(texts, text)
				}
			}
		}
		return nil
	})
	if err != nil || len(texts) == 0 {
		return err
	}
	_, err = c.stripWords(ctx, record.Stripping{Texts: texts, Words: c.Words, Reason: "erased"}, rep)
	return err
}

// naming reports whether words name a person of an index.
func naming(ix *record.Index, said []string) bool {
	has := func(name string) bool {
		all := words(name)
		for _, w := range all {
			if !slices.Contains(said, w) {
				return false
			}
		}
		return len(all) > 0
	}
	for _, p := range ix.Persons {
		for _, n := range p.Names {
			if n.Surname != "" && has(n.Surname) && has(n.Given) || n.Surname == "" && has(n.Full) {
				return true
			}
		}
		for _, d := range p.Documents {
			if has(d.Number) {
				return true
			}
		}
	}
	return false
}

// endHolds ends the holds whose time is over.
func (c *Clocks) endHolds(ctx context.Context, rep *Report) error {
	var over []record.ID
	err := c.Store.View(ctx, func(tx record.Tx) error {
		over = nil
		for q := (record.Query{Kinds: []string{KindHold}, States: []string{Active}, Full: true, Limit: record.MaxLimit}); ; {
			page, err := tx.List(q)
			if err != nil {
				return err
			}
			for _, row := range page.Rows {
				if h, ok := row.Record.Body.(*Hold); ok && !h.Until.After(c.Now()) {
					over = append(over, row.ID)
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return nil
			}
		}
	})
	if err != nil {
		return err
	}
	for _, id := range over {
		err := c.Store.Update(ctx, func(tx record.Tx) error {
			rec, err := tx.Get(id)
			if err != nil {
				return err
			}
			h, ok := rec.Body.(*Hold)
			if !ok || h.State != Active {
				return nil
			}
			if err := c.endHold(tx, rec, h, ""); err != nil {
				return err
			}
			return tx.Audit(record.Act{Action: "hold-end", Topic: access.Privacy, Subject: id, Count: len(h.Targets), IDs: record.HashIDs(h.Targets)})
		})
		if err != nil {
			return err
		}
		rep.Closed++
	}
	return nil
}
