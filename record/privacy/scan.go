package privacy

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"sarhad/record"
)

func (r *Rule) adult() int {
	if r.Adult > 0 {
		return r.Adult
	}
	return 18
}

// since is when a record became due. Occurred of the row is when it was made where nobody said when it occurred.
func (r *Rule) since(row record.Row, after Period) time.Time {
	at := row.Occurred
	if r.From == FromChanged && row.Changed.After(at) {
		at = row.Changed
	}
	return after.From(at)
}

// conditions asks for the children a rule wants or does not want.
func (r *Rule) conditions(tx record.Reader, id record.ID) (bool, error) {
	ask := func(c Condition) (bool, error) {
		n, err := tx.Count(record.Query{Parent: id, Kinds: []string{c.Kind}, States: c.States}, 1)
		return n > 0, err
	}
	for _, c := range r.With {
		if has, err := ask(c); err != nil || !has {
			return false, err
		}
	}
	for _, c := range r.Without {
		if has, err := ask(c); err != nil || has {
			return false, err
		}
	}
	return true, nil
}

// Who scans. A glance is for a screen: it reads few bodies.
type scanning int

const (
	running scanning = iota
	planning
	glancing
)

// glancePages is how many pages of bodies a glance reads for minors.
const glancePages = 2

// scan gives what a rule takes, page by page, oldest first: adults by the narrow rows of a list, then minors, whose bodies
// must be read. After a run, bodies that are no minor's are not read again for a day.
func (c *Clocks) scan(ctx context.Context, p Policy, r Rule, how scanning, take func([]Due) error) error {
	now := c.Now()
	q := record.Query{Kinds: []string{p.Subject}, States: r.States, To: r.After.before(now), Oldest: true, Limit: scanPage}
	if err := c.pages(ctx, p, r, q, r.After, 0, take); err != nil {
		return err
	}
	if r.Minors == "" {
		return nil
	}
	key := name(p, r)
	q.From, q.To, q.Full = r.After.before(now).Add(-2*monthSlack), r.Minors.before(now), true
	most := 0
	if how == glancing {
		most = glancePages
	}
	if seen, ok := c.grownups[key]; how == running && ok && now.Sub(seen.at) < minorsAgain {
		q.From = later(q.From, seen.to)
	}
	if err := c.pages(ctx, p, r, q, r.Minors, most, take); err != nil {
		return err
	}
	if how == running {
		if c.grownups == nil {
			c.grownups = map[string]seenUpTo{}
		}
		seen := seenUpTo{q.To, now}
		if old, ok := c.grownups[key]; ok && now.Sub(old.at) < minorsAgain {
			seen.at = old.at
		}
		c.grownups[key] = seen
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// pages reads one list to its end, or most pages of it; 0 = all.
func (c *Clocks) pages(ctx context.Context, p Policy, r Rule, q record.Query, after Period, most int, take func([]Due) error) error {
	for n := 1; ; n++ {
		var due []Due
		var next string
		err := c.Store.View(ctx, func(tx record.Tx) error {
			page, err := tx.List(q)
			if err != nil {
				return err
			}
			next, due = page.Next, nil
			h := c.holdsOf(tx)
			for _, row := range page.Rows {
				d, ok, err := c.judge(tx, h, p, r, row, after)
				if err != nil {
					return err
				}
				if ok {
					due = append(due, d)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if len(due) > 0 {
			if err := take(due); err != nil {
				return err
			}
		}
		if q.Cursor = next; next == "" || n == most {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// judge reports whether a rule takes the record of a row.
func (c *Clocks) judge(tx record.Tx, h *holds, p Policy, r Rule, row record.Row, after Period) (d Due, ok bool, err error) {
	if row.Occurred.IsZero() {
		rec := row.Record
		if rec == nil {
			if rec, err = tx.Get(row.ID); err != nil {
				return d, false, err
			}
		}
		row.Occurred = rec.Created
	}
	since := r.since(row, after)
	if since.After(c.Now()) || row.Masked && r.Action == Mask {
		return d, false, nil
	}
	if row.Record != nil && !minor(row.Record.IndexOf(), r.adult(), row.Occurred) {
		return d, false, nil // an adult's: the other period is theirs
	}
	if row.Masked && r.Action == Nameless {
		rec, err := tx.Get(row.ID)
		if err != nil || rec.Masked != nil && strings.HasSuffix(rec.Masked.Policy, "#"+r.Name) {
			return d, false, err
		}
	}
	if ok, err = r.conditions(tx, row.ID); err != nil || !ok {
		return d, false, err
	}
	held, err := h.of(row.ID)
	return Due{row.ID, row.Kind, name(p, r), r.Action, since, held}, err == nil, err
}

// Plan lists what a run would do now, at most limit records, and whether that is all. Nothing is changed; stopped clocks
// plan all the same.
func (c *Clocks) Plan(ctx context.Context, limit int) (out []Due, whole bool, err error) {
	defer record.Wrap(&err, "privacy.Plan")
	return c.plan(ctx, limit, planning)
}

func (c *Clocks) plan(ctx context.Context, limit int, how scanning) (out []Due, whole bool, err error) {
	ctx = c.machine(ctx)
	have, err := c.Policies(ctx)
	if err != nil {
		return nil, false, err
	}
	if out, err = c.expired(ctx); err != nil {
		return nil, false, err
	}
	seen := map[record.ID]bool{}
	for _, d := range out {
		seen[d.ID] = true
	}
	for _, p := range have.Valid {
		for _, r := range p.Rules {
			if r.Action == Strip {
				continue
			}
			err := c.scan(ctx, p, r, how, func(page []Due) error {
				for _, d := range page {
					if len(out) > limit {
						return errEnough
					}
					if !seen[d.ID] {
						seen[d.ID], out = true, append(out, d)
					}
				}
				return nil
			})
			if err != nil && err != errEnough {
				return nil, false, err
			}
		}
	}
	if len(out) > limit {
		return out[:limit], false, nil
	}
	return out, true, nil
}

var errEnough = record.Errorf(record.Internal, "enough")

// RuleState is one rule as a screen shows it.
type RuleState struct {
	Policy  string     `json:"policy"` // COUNTRY/SUBJECT
	Subject string     `json:"subject"`
	Rule    Rule       `json:"rule"`
	Legal   string     `json:"legal"`
	LegalRu string     `json:"legal_ru,omitempty"`
	Next    *time.Time `json:"next,omitempty"` // when the oldest record that it may take is due; in the past: with the next run
}

// Overview is the state of the clocks.
type Overview struct {
	Now        time.Time   `json:"now"`
	Trusted    time.Time   `json:"trusted"`
	Stopped    *Stopped    `json:"stopped,omitempty"`
	Keys       bool        `json:"keys"` // whether masking can seal
	Last       *Report     `json:"last,omitempty"`
	Rules      []RuleState `json:"rules"`
	Refused    []Refused   `json:"refused"`
	Missing    []string    `json:"missing"`
	Due        []Due       `json:"due"` // the first of what the next run takes or holds
	DueIsWhole bool        `json:"dueIsWhole"`
}

// overviewDue is how many due records an overview names.
const overviewDue = 100

// Overview tells what is due next, what the last run did and whether the clocks are stopped.
func (c *Clocks) Overview(ctx context.Context) (out Overview, err error) {
	defer record.Wrap(&err, "privacy.Overview")
	ctx = c.machine(ctx)
	out = Overview{Now: c.Now().UTC(), Keys: c.Keys.Ready(), Rules: []RuleState{}}
	t, err := c.time(ctx)
	if err != nil {
		return out, err
	}
	out.Trusted, out.Stopped = t.At, t.Stopped
	text, err := c.State.Setting(ctx, setLast)
	if err != nil {
		return out, err
	}
	if text != "" {
		out.Last = &Report{}
		if err := json.Unmarshal([]byte(text), out.Last); err != nil {
			return out, err
		}
	}
	have, err := c.Policies(ctx)
	if err != nil {
		return out, err
	}
	out.Refused, out.Missing = have.Refused, have.Missing
	for _, p := range have.Valid {
		for _, r := range p.Rules {
			s := RuleState{Policy: p.Key(), Subject: p.Subject, Rule: r, Legal: p.Legal, LegalRu: have.legalRu(p)}
			if s.Next, err = c.next(ctx, p, r); err != nil {
				return out, err
			}
			out.Rules = append(out.Rules, s)
		}
	}
	out.Due, out.DueIsWhole, err = c.plan(ctx, overviewDue, glancing)
	if out.Due == nil {
		out.Due = []Due{}
	}
	return out, err
}

// next is when the oldest record of a rule that it has not done yet is due.
func (c *Clocks) next(ctx context.Context, p Policy, r Rule) (at *time.Time, err error) {
	if r.Action == Strip {
		return nil, nil
	}
	err = c.Store.View(ctx, func(tx record.Tx) error {
		at = nil
		page, err := tx.List(record.Query{Kinds: []string{p.Subject}, States: r.States, Oldest: true, Limit: scanPage})
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			if row.Masked && r.Action != Erase {
				continue
			}
			if row.Occurred.IsZero() {
				row.Occurred = row.Changed
			}
			ok, err := r.conditions(tx, row.ID)
			if err != nil {
				return err
			}
			if ok {
				since := r.since(row, r.After)
				at = &since
				return nil
			}
		}
		return nil
	})
	return at, err
}
