package hit

import (
	"slices"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/access"
)

// hitsPerPerson bounds what one traveller can raise; more is a common name, and the best ones tell. Cleared and expired
// entries do not count.
const hitsPerPerson = 10

// Doubts about a decision that was taken on other facts. They decide nothing; they ask for a look.
const (
	DoubtTraveller = "traveller"     // the carrier corrected the traveller, who no longer comes up
	DoubtEntry     = "entry-changed" // the list changed the entry, and the traveller no longer comes up
	DoubtRemoved   = "entry-removed" // the entry is no longer listed
	DoubtPlace     = "place"         // the traveller no longer arrives where a booth of this country reads
)

// undone are the states in which a change of facts still matters to somebody.
func undone() []string { return []string{New, Claimed, Confirmed, Instructed, Acknowledged} }

// raise stores what was found: new hits, or new evidence on known ones.
func (r *Room) raise(tx record.Tx, work []finding) error {
	raised := 0
	for _, f := range work {
		seen, n, err := r.raiseAll(tx, f)
		if err != nil {
			return err
		}
		raised += n
		if f.rec.Revision.Number > 1 && !f.retro {
			n, err := r.reconsider(tx, f, seen)
			if err != nil {
				return err
			}
			raised += n
		}
	}
	if raised == 0 {
		return nil
	}
	return tx.Audit(record.Act{Action: "screen", Topic: access.Hit, Count: raised})
}

// raiseAll raises the matches of one person, best first. It gives the keys of the hits that hold.
func (r *Room) raiseAll(tx record.Tx, f finding) (seen map[string]bool, changed int, err error) {
	seen = map[string]bool{}
	for _, m := range f.matches {
		if len(seen) == hitsPerPerson {
			break
		}
		held, n, err := r.raiseOne(tx, f, m)
		if err != nil {
			return nil, 0, err
		}
		if held {
			seen[keyOf(f.rec.ID, f.n, m.listing.List, m.listing.Entry)] = true
		}
		changed += n
	}
	return seen, changed, nil
}

// raiseOne reports whether a hit stands for the match, and how many records changed.
func (r *Room) raiseOne(tx record.Tx, f finding, m foundMatch) (held bool, changed int, err error) {
	entry, err := tx.Get(m.record)
	if record.KindOf(err) == record.NotFound {
		return false, 0, nil // erased since it was read
	}
	if err != nil {
		return false, 0, err
	}
	h := found(f.rec.ID, f.n, f.facts, f.passage, m.listedPerson, m.match)
	h.Retro = f.retro
	handling := h.restrict(f.rec, entry)
	rec, err := tx.ByKey(KindHit, keyOf(f.rec.ID, f.n, m.listing.List, m.listing.Entry))
	switch {
	case record.KindOf(err) == record.NotFound:
		known, err := r.cleared(tx, h)
		if err != nil || known {
			return false, 0, err
		}
		h.step(record.Machine("screening", ""), r.Now().UTC(), "found", "", "")
		return true, 1, tx.Put(r.envelope(h, f.rec.Owner.Agency, handling))
	case err != nil:
		return false, 0, err
	}
	changed, err = r.renew(tx, rec, h)
	return true, changed, err
}

// restrict joins the handling of traveller and entry. Of an entry that the traveller's agency may not read the hit keeps
// the matched name and whom to call, no more: the owner tells the rest.
func (h *Hit) restrict(traveller, entry *record.Record) record.Handling {
	e := entry.Handling
	owner := entry.Owner.Agency == traveller.Owner.Agency
	closed := e.Case != "" || !owner && (e.TLP == "red" || len(e.Releasable) > 0 && !slices.Contains(e.Releasable, traveller.Owner.Agency))
	if !closed {
		joined := traveller.Handling.Join(e)
		joined.Case = traveller.Handling.Case
		return joined
	}
	h.Entry.Restricted, h.Entry.Reason = true, ""
	h.Entry.Facts = Facts{Role: h.Entry.Facts.Role, Names: []record.Name{{Full: h.Entry.Matched}}}
	for i, r := range h.Reasons { // a reason says how the two agree, not what the owner knows
		if r.Field != "name" {
			h.Reasons[i].Listed, h.Reasons[i].Text = "", ""
		}
	}
	return traveller.Handling
}

// renew puts new evidence on a known hit. An undecided one goes on; a dismissed one is opened again, because the officer
// decided on other facts; of one that was confirmed the booth learns what changed, and a doubt is raised when the traveller
// no longer comes up. What is closed stays as it was.
func (r *Room) renew(tx record.Tx, rec *record.Record, fresh *Hit) (int, error) {
	old, ok := rec.Body.(*Hit)
	if !ok || old.State == Closed || rec.Writer != r.Node { // another node's hit is kept up by that node
		return 0, nil
	}
	same := old.evidence() == fresh.evidence()
	if same && old.Passage.same(fresh.Passage) && old.Doubt == fresh.Doubt {
		return 0, nil
	}
	next := *old
	next.Steps = slices.Clone(old.Steps)
	next.Traveller, next.Passage, next.Entry, next.Score = fresh.Traveller, fresh.Passage, fresh.Entry, fresh.Score
	next.Reasons, next.Tokens, next.Doubt = fresh.Reasons, fresh.Tokens, fresh.Doubt
	machine, now := record.Machine("screening", ""), r.Now().UTC()
	switch old.State {
	case Dismissed:
		known, err := r.cleared(tx, &next)
		if err != nil {
			return 0, err
		}
		if !same && !known {
			next.State, next.Claim, next.Decision = New, nil, nil
			next.step(machine, now, "reopen", "", "")
		}
	case New, Claimed:
		next.Doubt = ""
		if !same {
			next.step(machine, now, "evidence", "", "")
		}
	default:
		if !same || next.Doubt != old.Doubt {
			next.step(machine, now, "evidence", next.Doubt, "")
		}
		if err := r.redirect(tx, old, &next); err != nil {
			return 0, err
		}
	}
	rec.Body, rec.Raw, rec.Occurred, rec.Handling.Place = &next, nil, next.Passage.Arrives, next.Passage.To
	return 1, tx.Put(rec)
}

// redirect brings an instruction up to what is known now: another time, another place, corrected facts, a doubt.
func (r *Room) redirect(tx record.Tx, old, h *Hit) error {
	if h.Instruction.IsZero() {
		return nil
	}
	rec, err := tx.Get(h.Instruction)
	if record.KindOf(err) == record.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	in, ok := rec.Body.(*Instruction)
	if !ok || in.State == Closed || in.State == Withdrawn || rec.Writer != r.Node || rec.Masked != nil {
		return nil
	}
	word := "evidence"
	if !old.Passage.same(h.Passage) {
		word = "moved"
	}
	if !r.Reaches(h.Passage.To) { // the booth that was told must hear it; no other would
		h.Doubt = DoubtPlace
	}
	told := in.Passage.To
	in.Passage, in.Person, in.Why, in.Doubt = h.Passage, h.Traveller, h.Reasons, h.Doubt
	if h.Doubt == DoubtPlace {
		in.Passage.To = told
	}
	in.Steps = append(in.Steps, Step{At: r.Now().UTC(), By: "machine:screening", Act: word, Reason: h.Doubt})
	if in.State != Waiting {
		rec.Handling.Place = in.Passage.To
	}
	rec.Raw, rec.Occurred = nil, in.Passage.Arrives
	return tx.Put(rec)
}

// reconsider looks at the hits of a corrected person that no longer come up: they stay, with the lower score, until an
// officer decides.
func (r *Room) reconsider(tx record.Tx, f finding, seen map[string]bool) (int, error) {
	page, err := tx.List(record.Query{Kinds: []string{KindHit}, States: undone(), Parent: f.rec.ID, Full: true, Limit: record.MaxLimit})
	if err != nil {
		return 0, err
	}
	done := 0
	for _, row := range page.Rows {
		h, ok := row.Record.Body.(*Hit)
		if !ok || row.Masked || h.Person != f.n || seen[row.Key] {
			continue
		}
		q, l, ok := r.listed.get(h.Entry.Record)
		if !ok {
			continue
		}
		entry, err := tx.Get(h.Entry.Record)
		if record.KindOf(err) == record.NotFound {
			continue
		}
		if err != nil {
			return 0, err
		}
		fresh := found(f.rec.ID, f.n, f.facts, f.passage, l, match.Compare(query("", f.facts), q))
		fresh.restrict(f.rec, entry)
		fresh.Doubt = DoubtTraveller
		n, err := r.renew(tx, row.Record, fresh)
		if err != nil {
			return 0, err
		}
		done += n
	}
	return done, nil
}

// revisit looks at the hits of an entry that was changed or removed. Who still matches is renewed by the pass over the
// stored travellers; here are those who do not.
func (r *Room) revisit(tx record.Tx, entry record.ID, thing record.Thing) (int, error) {
	page, err := tx.List(record.Query{Kinds: []string{KindHit}, States: undone(), Thing: thing, Role: roleListed, Full: true, Limit: record.MaxLimit})
	if err != nil {
		return 0, err
	}
	q, l, active := r.listed.get(entry)
	done := 0
	for _, row := range page.Rows {
		h, ok := row.Record.Body.(*Hit)
		if !ok || row.Masked || h.Entry.Record != entry || active && h.Entry.Fingerprint == l.listing.Fingerprint {
			continue
		}
		fresh := *h
		fresh.Doubt = DoubtRemoved
		if active {
			m := match.Compare(query("", h.Traveller), q)
			now, err := tx.Get(entry)
			if err != nil {
				return 0, err
			}
			fresh = *found(h.Subject, h.Person, h.Traveller, h.Passage, l, m)
			fresh.restrict(row.Record, now)
			if m.Score < r.alert() {
				fresh.Doubt = DoubtEntry
			}
		}
		n, err := r.doubt(tx, row.Record, h, &fresh)
		if err != nil {
			return 0, err
		}
		done += n
	}
	return done, nil
}

// doubt is renew for a hit whose entry is gone: an undecided hit keeps its evidence and says so too.
func (r *Room) doubt(tx record.Tx, rec *record.Record, old, fresh *Hit) (int, error) {
	if fresh.Doubt != DoubtRemoved || old.State != New && old.State != Claimed {
		return r.renew(tx, rec, fresh)
	}
	if old.Doubt == DoubtRemoved || rec.Writer != r.Node {
		return 0, nil
	}
	next := *old
	next.Steps, next.Doubt = slices.Clone(old.Steps), DoubtRemoved
	next.step(record.Machine("screening", ""), r.Now().UTC(), "evidence", DoubtRemoved, "")
	rec.Body, rec.Raw = &next, nil
	return 1, tx.Put(rec)
}

func (r *Room) alert() float64 {
	if r.Alert == 0 {
		return match.DefaultThreshold
	}
	return r.Alert
}
