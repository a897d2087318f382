package sharing

import (
	"context"
	"strings"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy"
	"sarhad/record/transfer"
)

// Handler takes one message up, in an act of its own whose actor is a part of the program. An error of kind Invalid, Forbidden
// or NotFound refuses the message for good, and its sentence is for the sender; any other is tried again.
type Handler func(ctx context.Context, tx record.Tx, a record.Arrival) error

// Handlers gives what takes up each kind of message.
func (r *Room) Handlers() map[string]Handler {
	return map[string]Handler{
		MsgEdition: r.takeEdition, MsgRecall: r.takeAsk, MsgErase: r.takeAsk, MsgAnswer: r.takeAnswer,
		MsgOnward: r.takeOnward, MsgAgreement: r.takeAgreement, MsgProposal: r.takeProposal, MsgDecision: r.takeDecision,
	}
}

// takeEdition stores what another node shares with us.
func (r *Room) takeEdition(_ context.Context, tx record.Tx, a record.Arrival) error {
	var says editionSays
	line, err := unframe(a, &says)
	if err != nil {
		return err
	}
	rec, err := record.ReadWire(line)
	if err != nil {
		return err
	}
	if len(says.Files) > record.MaxAttachments {
		return record.Errorf(record.Invalid, "the edition names %d files; a record carries %d at most", len(says.Files), record.MaxAttachments)
	}
	for i := range says.Files {
		says.Files[i].Name = short(says.Files[i].Name)
	}
	to, err := r.acceptable(rec, a)
	if err != nil {
		return err
	}
	v := r.view(tx)
	row, h, err := v.holding(rec.ID, a.From)
	if err != nil {
		return err
	}
	if h != nil && (h.Wanted != nil || h.State == Gone) {
		return record.Errorf(record.Forbidden, "record %s had to be erased here: an edition of it does not come back", rec.ID)
	}
	if have, err := tx.Get(rec.ID); err == nil && have.Writer != a.From {
		return record.Errorf(record.Forbidden, "record %s is written by %s and not by %s", rec.ID, have.Writer, a.From)
	} else if err != nil && record.KindOf(err) != record.NotFound {
		return err
	}
	became, err := transfer.Take(tx, r.Node, a.From, rec)
	if err != nil {
		return err
	}
	if became == record.ReceivedFork || became == record.ReceivedWriter {
		return record.Errorf(record.Forbidden, "edition %d of record %s does not follow what is here: the register of %s may have been restored from a backup; recall the record and make it anew", rec.Revision.Number, rec.ID, a.From)
	}
	if became == record.ReceivedSame && h != nil {
		return nil
	}
	if h == nil {
		h = &Holding{Record: rec.ID, From: a.From, State: Kept, First: a.Arrived}
		row = r.house(to, h, v.now)
		row.Key = keyOf(rec.ID, a.From)
	}
	if rec.Revision.Number >= h.Number { // one that was overtaken says nothing new
		h.Of, h.Topic, h.Owner, h.To, h.Number, h.Revision, h.Last = rec.Kind, rec.Handling.Topic, rec.Owner.Agency, to, rec.Revision.Number, rec.Edition.Of, a.Arrived
		h.Agreement, h.Legal, h.Files = says.Agreement, Text{short(says.Legal.En), short(says.Legal.Ru)}, says.Files
		if h.Purpose = short(says.Purpose); privacy.Unnamed(rec, h.Purpose) != nil {
			h.Purpose = "" // it outlives the record
		}
	}
	h.came(a)
	if err := put(tx, row); err != nil {
		return err
	}
	return tx.Audit(record.Act{Action: "receive", Topic: rec.Handling.Topic, Subject: rec.ID, Count: 1, Verdict: string(became)})
}

// acceptable checks what must be true of an edition, whatever is stored, and gives the agency of ours that it is for.
func (r *Room) acceptable(rec *record.Record, a record.Arrival) (to string, err error) {
	p, err := r.fromParty(a)
	if err != nil {
		return "", err
	}
	own, _ := r.party(r.Node)
	refuse := func(format string, args ...any) error { return record.Errorf(record.Forbidden, format, args...) }
	switch h := rec.Handling; {
	case rec.Writer != a.From:
		return "", refuse("%s sends an edition in the name of %s: only the writer shares a record", a.From, rec.Writer)
	case rec.Edition == nil || rec.Edition.Of < 1:
		return "", refuse("%s sends a record that says of itself that it is no edition", a.From)
	case !lives(p, rec.Owner.Agency):
		return "", refuse("%s sends a record of %s, which has no officers there", a.From, rec.Owner.Agency)
	case len(h.Releasable) != 1 || !lives(own, h.Releasable[0]):
		return "", refuse("the edition is not released to one agency of this node")
	case access.House(h.Topic) || strings.HasPrefix(rec.Kind, "record."):
		return "", refuse("a %s of topic %s is no record that is shared", rec.Kind, h.Topic)
	case h.Case != "" || h.TLP == "red" || rec.Masked != nil:
		return "", refuse("the edition is closed, TLP:RED or masked, and should not have been sent")
	case len(rec.Attachments) > 0:
		return "", refuse("the edition names files in its envelope; they come by reference")
	case !a.About.IsZero() && a.About != rec.ID:
		return "", refuse("the message says it is about another record than it holds")
	default:
		return h.Releasable[0], nil
	}
}

// sharedWith reports whether a node has, or had, a record of ours.
func (v *view) sharedWith(id record.ID, node string) (bool, error) {
	_, s, err := v.share(id, node)
	return s != nil, err
}

// Final reports whether an error of a handler refuses the message for good.
func Final(err error) bool {
	switch record.KindOf(err) {
	case record.Invalid, record.Forbidden, record.NotFound:
		return true
	}
	return false
}
