package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
)

// State keeps durable values that hold nothing about people.
type State interface {
	Setting(ctx context.Context, key string) (string, error)
	SetSetting(ctx context.Context, key, value string) error
}

// Settings of this package.
const (
	setTime     = "privacy.time"     // trusted time, and whether the clocks are stopped
	setLast     = "privacy.last"     // report of the last run
	setFollowed = "privacy.followed" // line of the journal of erasures up to which free words left the log
	setParted   = "privacy.parted"   // line up to which children were looked for that a hold kept, and who they are
)

// Every is how often the clocks of a serving node run: the shortest period of the law is a day.
const Every = 10 * time.Minute

const (
	// scanPage is how many narrow rows are looked at in one read.
	scanPage = 200
	// actRecords is how many due records one act takes, so that it stays below 50 ms with their children.
	actRecords = 5
	// minorsAgain is how often records that were no minors' are looked at again: birth dates are corrected.
	minorsAgain = 24 * time.Hour
)

// Clocks find what is due and do it. Store, State, Audit, Country, Node, Agency, Keys, Verifiers and Now are required; without
// Signer no policy can be set.
type Clocks struct {
	Store     record.Store
	State     State
	Audit     audit.Asker
	Country   string // ISO 3166 alpha-3
	Node      string
	Agency    string // owner of policies
	Keys      *Keys
	Signer    note.Signer
	Verifiers note.Verifiers
	Now       func() time.Time
	Log       *slog.Logger
	Settle    func(context.Context) error        // takes waiting acts into the log; nil = somebody else does
	Whole     func(context.Context) (int, error) // how many revisions the index lacks; nil = it is whole
	Types     *record.Types                      // reads what was opened; nil = it stays raw
	Words     []string                           // texts of purposes that the program itself writes

	mu       sync.Mutex // one run, or one follow, at a time
	grownups map[string]seenUpTo
}

// seenUpTo says that up to a time no record of a rule is a minor's, as looked up at another.
type seenUpTo struct{ to, at time.Time }

// Bodies lists the bodies of this package for record.NewTypes.
func Bodies() []func() record.Body {
	return []func() record.Body{
		func() record.Body { return &Policy{} },
		func() record.Body { return &Hold{} },
		func() record.Body { return &Unmasking{} },
	}
}

func (c *Clocks) machine(ctx context.Context) context.Context {
	return record.WithActor(ctx, record.Machine("privacy", c.Agency))
}

// Due is one record that a rule takes, or that a hold keeps from it.
type Due struct {
	ID     record.ID `json:"id"`
	Kind   string    `json:"kind"`
	Rule   string    `json:"rule"` // COUNTRY/SUBJECT#NAME; "expires" for what says itself when it must go
	Action string    `json:"action"`
	Since  time.Time `json:"since"` // when it became due
	Held   *Held     `json:"held,omitempty"`
}

// ruleExpires is the rule of records that say themselves when they must go.
const ruleExpires = "expires"

// Report tells what a run did. Numbers are of records that a rule named; what lay under them went along.
type Report struct {
	At       time.Time `json:"at"`
	Erased   int       `json:"erased"`
	Masked   int       `json:"masked"`
	Nameless int       `json:"nameless"`
	Along    int       `json:"along"` // children that went along
	Held     int       `json:"held"`
	Stripped int       `json:"stripped"` // acts whose detail left the log
	Closed   int       `json:"closed"`   // unmaskings and holds that ran out
	Waiting  []string  `json:"waiting,omitempty"`
	Refused  []Refused `json:"refused,omitempty"`
	Stopped  *Stopped  `json:"stopped,omitempty"`
}

// Run does everything that is due, in small acts, unless the clocks are stopped. It may be broken off and run again at any
// time. One rule that fails keeps no other from running.
func (c *Clocks) Run(ctx context.Context) (rep Report, err error) {
	defer record.Wrap(&err, "privacy.Run")
	c.mu.Lock()
	defer c.mu.Unlock()
	rep.At = c.Now().UTC()
	ctx = c.machine(ctx)
	if err := c.whole(ctx); err != nil {
		return rep, err
	}
	if rep.Stopped, err = c.tick(ctx); err != nil {
		return rep, err
	}
	var all error
	if rep.Stopped == nil {
		all = c.runRules(ctx, &rep)
	}
	// What was opened for a time closes whatever the clocks think of the time: stopped clocks close it at once.
	for _, step := range []func(context.Context, *Report) error{c.closeOpened, c.followJournal} {
		all = errors.Join(all, step(ctx, &rep))
	}
	if text, err := json.Marshal(rep); err == nil {
		all = errors.Join(all, c.State.SetSetting(ctx, setLast, string(text)))
	}
	return rep, all
}

// whole refuses to forget while the index is rebuilt: holds are found through it, and children by it.
func (c *Clocks) whole(ctx context.Context) error {
	if c.Whole == nil {
		return nil
	}
	n, err := c.Whole(ctx)
	if err == nil && n > 0 {
		err = record.Errorf(record.Unavailable, "the index is being rebuilt: what is held is not known yet; nothing is erased or masked before it is whole")
	}
	return err
}

func (c *Clocks) runRules(ctx context.Context, rep *Report) error {
	have, err := c.Policies(ctx)
	if err != nil {
		return err
	}
	rep.Refused = have.Refused
	all := errors.Join(c.endHolds(ctx, rep), c.follows(ctx, rep), c.runExpired(ctx, rep))
	for _, p := range have.Valid {
		for _, r := range p.Rules {
			if err := ctx.Err(); err != nil {
				return errors.Join(all, err)
			}
			switch {
			case r.Action == Strip:
				all = errors.Join(all, c.stripOld(ctx, p, r, rep))
			case r.Action == Mask && !c.Keys.Ready():
				rep.Waiting = append(rep.Waiting, name(p, r)+": the keys of unit and oversight are not made yet; run 'sarhad node keys make'")
			default:
				all = errors.Join(all, c.runRule(ctx, p, r, rep))
			}
		}
	}
	return all
}

func name(p Policy, r Rule) string { return p.Key() + "#" + r.Name }

// runRule does one rule page by page.
func (c *Clocks) runRule(ctx context.Context, p Policy, r Rule, rep *Report) error {
	return c.scan(ctx, p, r, running, func(page []Due) error {
		if err := c.stripNaming(ctx, page, rep); err != nil {
			return err
		}
		for len(page) > 0 {
			n := min(actRecords, len(page))
			if err := c.act(ctx, &r, page[:n], rep); err != nil {
				return err
			}
			page = page[n:]
		}
		return nil
	})
}

// runExpired erases what says itself that its time is over, such as a clearance.
func (c *Clocks) runExpired(ctx context.Context, rep *Report) error {
	due, err := c.expired(ctx)
	if err == nil {
		err = c.stripNaming(ctx, due, rep)
	}
	for err == nil && len(due) > 0 {
		n := min(actRecords, len(due))
		err = c.act(ctx, nil, due[:n], rep)
		due = due[n:]
	}
	return err
}

func (c *Clocks) expired(ctx context.Context) (out []Due, err error) {
	err = c.Store.View(ctx, func(tx record.Tx) error {
		rows, err := tx.Expired(c.Now(), record.MaxLimit)
		out = nil
		h := c.holdsOf(tx)
		for _, row := range rows {
			held, err := h.of(row.ID)
			if err != nil {
				return err
			}
			out = append(out, Due{row.ID, row.Kind, ruleExpires, Erase, row.Expires, held})
		}
		return err
	})
	return out, err
}

// act does some due records in one act. What is no longer due is left alone, so it may be repeated.
func (c *Clocks) act(ctx context.Context, r *Rule, due []Due, rep *Report) error {
	var done, along, held int
	err := c.Store.Bulk(ctx, func(tx record.Tx) error {
		done, along, held = 0, 0, 0
		var ids, roots []record.ID
		for _, d := range due {
			rec, err := tx.Get(d.ID)
			if record.KindOf(err) == record.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			still, err := c.still(tx, r, rec)
			if err != nil {
				return err
			}
			if !still {
				continue
			}
			all, err := c.walk(tx, d.ID)
			if err != nil {
				return err
			}
			if all[0].Held != nil {
				held++
				continue
			}
			gone, err := c.forget(tx, d, all)
			if err != nil {
				return err
			}
			done, along, roots, ids = done+1, along+len(gone)-1, append(roots, d.ID), append(ids, gone...)
		}
		if done == 0 {
			return nil
		}
		a := record.Act{Action: due[0].Action, Topic: access.Privacy, Count: len(ids), IDs: record.HashIDs(ids), Reason: due[0].Rule}
		if len(roots) == 1 {
			a.Subject = roots[0]
		}
		return tx.Audit(a)
	})
	if err != nil {
		return err
	}
	rep.Held, rep.Along = rep.Held+held, rep.Along+along
	rep.count(due[0].Action, done)
	return nil
}

// still asks again within the act whether a rule takes a record.
func (c *Clocks) still(tx record.Tx, r *Rule, rec *record.Record) (bool, error) {
	if r == nil {
		return !rec.Expires.IsZero() && !rec.Expires.After(c.Now()), nil
	}
	if r.Action == Mask && rec.Masked != nil {
		return false, nil
	}
	ix := rec.IndexOf()
	row := record.Row{ID: rec.ID, Kind: rec.Kind, State: ix.State, Occurred: rec.Occurred, Changed: rec.Received}
	if row.Occurred.IsZero() {
		row.Occurred = rec.Created
	}
	if len(r.States) > 0 && !contains(r.States, ix.State) {
		return false, nil
	}
	after := r.After
	if r.Minors != "" && minor(ix, r.adult(), row.Occurred) {
		after = r.Minors
	}
	if r.since(row, after).After(c.Now()) {
		return false, nil
	}
	return r.conditions(tx, rec.ID)
}

// forget does the action and gives the ids it touched, the record's own first.
func (c *Clocks) forget(tx record.Tx, d Due, all []Taken) ([]record.ID, error) {
	if d.Action == Erase {
		gone, err := tx.Erase(d.ID, spared(all)...)
		return append([]record.ID{d.ID}, gone...), err
	}
	m := c.Masking(d.Rule, d.Action == Nameless)
	var ids []record.ID
	for _, t := range all {
		if t.Held != nil || t.masked && d.Action == Mask {
			continue
		}
		if err := tx.Mask(t.ID, m); err != nil {
			return nil, err
		}
		ids = append(ids, t.ID)
	}
	return ids, nil
}

// stripOld takes the detail of old acts out of the log.
func (c *Clocks) stripOld(ctx context.Context, p Policy, r Rule, rep *Report) error {
	before := r.After.before(c.Now()).Add(-monthSlack)
	for more := true; more && ctx.Err() == nil; {
		n := 0
		err := c.Store.Bulk(ctx, func(tx record.Tx) error {
			var err error
			n, more, err = tx.Strip(record.Stripping{Before: before, Reason: name(p, r)})
			return err
		})
		if err != nil {
			return err
		}
		rep.Stripped += n
	}
	return ctx.Err()
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
