package sharing

import (
	"context"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/proposal"
	"sarhad/record/transfer"
)

// carry sends a proposal of ours about a received record to its writer, and the decision about another node's proposal back to
// it. It reports whether something was sent.
func (v *view) carry(rec *record.Record) (bool, error) {
	if rec.Writer != v.r.Node || rec.Masked != nil {
		return false, nil
	}
	about, kind := record.ID{}, ""
	switch b := rec.Body.(type) {
	case *proposal.Proposal:
		about, kind = b.Target, MsgProposal
	case *proposal.Answer:
		about, kind = b.Proposal, MsgDecision
	default:
		return false, nil
	}
	other, err := v.tx.Get(about)
	if record.KindOf(err) == record.NotFound {
		return false, nil
	}
	if err != nil || other.Writer == v.r.Node {
		return false, err
	}
	line, err := rec.AppendWire(nil)
	if err != nil {
		return false, err
	}
	if _, ok := v.r.party(other.Writer); !ok { // came as a file, from a node that is in no network
		return false, nil
	}
	d := &record.Dispatch{To: other.Writer, Kind: kind, About: rec.ID, Content: frame(kind, empty{}, line)}
	if err := v.r.send(v.tx, d); record.KindOf(err) == record.Invalid { // longer than a message: nothing that comes after it waits for it
		return false, v.tx.Audit(record.Act{Action: kind + "-too-large", Topic: rec.Handling.Topic, Subject: rec.ID, Count: 1})
	} else if err != nil {
		return false, err
	}
	return true, v.tx.Audit(record.Act{Action: kind + "-sent", Topic: rec.Handling.Topic, Subject: rec.ID, Count: 1})
}

// takeProposal keeps a correction that a holder of a record of ours asks for; it is decided like our own officers' proposals.
func (r *Room) takeProposal(_ context.Context, tx record.Tx, a record.Arrival) error {
	rec, err := r.spoken(a)
	if err != nil {
		return err
	}
	p, ok := rec.Body.(*proposal.Proposal)
	if !ok {
		return record.Errorf(record.Invalid, "%s sends a %s@%d as a proposal", a.From, rec.Kind, rec.Version)
	}
	target, err := tx.Get(p.Target)
	if err != nil && record.KindOf(err) != record.NotFound {
		return err
	}
	has, err2 := r.view(tx).sharedWith(p.Target, a.From)
	switch {
	case err2 != nil:
		return err2
	case target == nil || target.Writer != r.Node || !has:
		return record.Errorf(record.Forbidden, "%s proposes to correct a record that it does not have from here", a.From)
	case !beside(rec, target):
		return record.Errorf(record.Forbidden, "the proposal is not handled as the record it is about")
	case p.State == proposal.Accepted || p.State == proposal.Refused:
		return record.Errorf(record.Forbidden, "%s decides on its own proposal", a.From)
	}
	return r.keep(tx, rec, a)
}

// takeDecision keeps the word of a record's writer about a proposal of ours.
func (r *Room) takeDecision(_ context.Context, tx record.Tx, a record.Arrival) error {
	rec, err := r.spoken(a)
	if err != nil {
		return err
	}
	ans, ok := rec.Body.(*proposal.Answer)
	if !ok {
		return record.Errorf(record.Invalid, "%s sends a %s@%d as a decision", a.From, rec.Kind, rec.Version)
	}
	target, err := tx.Get(ans.Target)
	if err != nil {
		return err
	}
	own, err := tx.Get(ans.Proposal)
	if err != nil {
		return err
	}
	p, ok := own.Body.(*proposal.Proposal)
	if !ok || own.Writer != r.Node || p.Target != ans.Target || target.Writer != a.From || !beside(rec, target) {
		return record.Errorf(record.Forbidden, "%s decides on a proposal that was not made to it", a.From)
	}
	return r.keep(tx, rec, a)
}

// spoken reads a record that its writer sends, with its typed view.
func (r *Room) spoken(a record.Arrival) (*record.Record, error) {
	line, err := unframe(a, &empty{})
	if err != nil {
		return nil, err
	}
	if _, err := r.fromParty(a); err != nil {
		return nil, err
	}
	rec, err := record.ReadWire(line)
	if err != nil {
		return nil, err
	}
	if rec.Writer != a.From {
		return nil, record.Errorf(record.Forbidden, "%s sends what %s wrote", a.From, rec.Writer)
	}
	rec.Body, err = record.NewTypes(proposal.Bodies()...).Decode(rec.Kind, rec.Version, rec.Raw)
	return rec, err
}

// beside reports whether what speaks of a record is its child and as closed as it is.
func beside(rec, of *record.Record) bool {
	h, t := rec.Handling, of.Handling
	level, ok := record.MarkingLevel(h.Marking)
	least, _ := record.MarkingLevel(t.Marking)
	child := false
	for _, p := range rec.Origin.Parents {
		child = child || p == of.ID
	}
	return child && ok && level >= least && h.Topic == t.Topic && h.Case == "" && rec.Owner.Agency == of.Owner.Agency && !access.House(h.Topic) && len(rec.Attachments) == 0
}

func (r *Room) keep(tx record.Tx, rec *record.Record, a record.Arrival) error {
	became, err := transfer.Take(tx, r.Node, a.From, rec)
	if err != nil || became == record.ReceivedSame {
		return err
	}
	return tx.Audit(record.Act{Action: "receive", Topic: rec.Handling.Topic, Subject: rec.ID, Count: 1, Verdict: string(became)})
}
