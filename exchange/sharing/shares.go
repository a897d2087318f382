package sharing

import (
	"context"
	"slices"
	"strings"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy"
)

// Row is a share with the id of its record, and how far its messages came.
type Row struct {
	ID record.ID
	Share
	Edition Delivery // of the last edition
	Wish    Delivery // of the wish to erase
}

// row tells how far the messages of a share came.
func (r *Room) row(tx record.Tx, id record.ID, s *Share) (out Row, err error) {
	out = Row{ID: id, Share: *s}
	if r.Delivery == nil {
		return out, nil
	}
	if n := len(s.Editions); n > 0 && !s.Editions[n-1].Message.IsZero() {
		if out.Edition, err = r.Delivery(tx, s.Editions[n-1].Message); err != nil {
			return out, err
		}
	}
	if s.Asked != nil && !s.Asked.Message.IsZero() {
		out.Wish, err = r.Delivery(tx, s.Asked.Message)
	}
	return out, err
}

// Of gives what holders have of a record, oldest first; also of one that is gone here. What the actor may not read of the
// register is left out.
func (r *Room) Of(tx record.Tx, id record.ID) (out []Row, err error) {
	recs, err := sharesOf(tx, id)
	if err != nil {
		return nil, err
	}
	for _, rec := range recs {
		row, err := r.row(tx, rec.ID, rec.Body.(*Share))
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

// Register gives a page of shares, newest first, in some states; none is all. late leaves only those whose holder has not
// answered for longer than Patience; a page may be short then and still have a next one.
func (r *Room) Register(ctx context.Context, states []string, late bool, cursor string, limit int) (out []Row, next string, err error) {
	defer record.Wrap(&err, "sharing.Register")
	if late {
		states = []string{Asked, WaitingThere}
	}
	err = r.Store.View(ctx, func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{KindShare}, States: states, Full: true, Cursor: cursor, Limit: limit})
		out, next = []Row{}, page.Next
		for _, row := range page.Rows {
			s, ok := row.Record.Body.(*Share)
			if !ok || late && !s.Late(r.now()) {
				continue
			}
			one, err := r.row(tx, row.ID, s)
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return err
	})
	return out, next, err
}

// Recall asks holders on the word of a person to erase what they have of a record: the given shares, all of one record. The
// reason is told to them and names nobody.
func (r *Room) Recall(ctx context.Context, shares []record.ID, reason string) (out []Row, err error) {
	defer record.Wrap(&err, "sharing.Recall")
	a, all, err := r.elevated(ctx)
	if err != nil {
		return nil, err
	}
	reason = strings.TrimSpace(reason)
	if len(shares) == 0 {
		return nil, record.Errorf(record.Invalid, "say from whom it is recalled")
	}
	err = r.Store.Update(all, func(tx record.Tx) error {
		out = nil
		for _, id := range shares {
			rec, err := tx.Get(id)
			if err != nil {
				return err
			}
			s, ok := rec.Body.(*Share)
			switch {
			case !ok || !access.Allow(a, access.Read, rec.Scope()):
				return record.Errorf(record.NotFound, "there is no such share")
			case !access.Allow(a, access.Change, rec.Scope()):
				return record.Errorf(record.Forbidden, "only a supervisor of %s recalls what it shared", rec.Owner.Agency)
			case words(reason, "why it is recalled") != nil:
				return words(reason, "why it is recalled")
			case s.Asked != nil || s.State != Active:
				return record.Errorf(record.Conflict, "%s was asked to erase it already", s.Node)
			case len(out) > 0 && s.Record != out[0].Record:
				return record.Errorf(record.Invalid, "recall one record at a time")
			}
			if about, err := tx.Get(s.Record); err == nil {
				if err := privacy.Unnamed(about, reason); err != nil {
					return err
				}
			}
			by := r.step(a)
			if err := r.ask(tx, rec, s, Ask{What: AskRecall, By: &by, Reason: reason}); err != nil {
				return err
			}
			out = append(out, Row{ID: id, Share: *s})
		}
		return tx.Audit(record.Act{Action: "recall", Topic: access.Sharing, Subject: out[0].Record, Count: len(out), IDs: hashIDs(slices.Clone(shares))})
	})
	return out, err
}

// ask asks one holder to erase, beside the caller's act.
func (r *Room) ask(tx record.Tx, rec *record.Record, s *Share, ask Ask) error {
	kind := MsgErase
	if ask.What == AskRecall {
		kind = MsgRecall
	}
	d := &record.Dispatch{To: s.Node, Kind: kind, Content: frame(kind, askSays{s.Record, ask.What, ask.Reason}, nil)}
	if err := r.send(tx, d); err != nil {
		return err
	}
	ask.At, ask.Message = r.now(), d.ID
	s.Asked, s.State, s.Changed, s.Stale = &ask, Asked, ask.At, nil
	return put(tx, rec)
}

// takeAnswer keeps what a holder did.
func (r *Room) takeAnswer(_ context.Context, tx record.Tx, a record.Arrival) error {
	var says answerSays
	if _, err := unframe(a, &says); err != nil {
		return err
	}
	if _, err := r.fromParty(a); err != nil {
		return err
	}
	rec, s, err := r.view(tx).share(says.Record, a.From)
	if err != nil {
		return err
	}
	if s == nil {
		return record.Errorf(record.Invalid, "%s answers about a record that it never got from here", a.From)
	}
	if !slices.Contains([]string{SaysErased, SaysHeld, SaysWaiting, SaysRefused}, says.What) {
		return record.Errorf(record.Invalid, "%s answers %.40q, which this program does not know", a.From, says.What)
	}
	ans := says.Answer
	ans.Basis, ans.Reason, ans.Came = short(ans.Basis), short(ans.Reason), a.Arrived
	s.Answers = append(s.Answers, ans)
	s.Answers = s.Answers[max(0, len(s.Answers)-maxSent):]
	if s.Changed = r.now(); s.State != GoneState { // an answer that was overtaken takes nothing back
		s.State = answered(ans.What)
	}
	if s.State == GoneState && s.Asked == nil { // by the holder's own clocks: it does not come back either
		s.Asked = &Ask{What: AskErase, At: ans.At}
	}
	if err := put(tx, rec); err != nil {
		return err
	}
	return tx.Audit(record.Act{Action: "share-answer", Topic: access.Sharing, Subject: s.Record, Count: 1, Verdict: ans.What})
}
