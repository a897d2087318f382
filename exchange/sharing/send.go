package sharing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy"
)

// ActRelease is the action of a send: what it releases leaves the node.
const ActRelease = "release"

// Preview is who would get what of a record.
type Preview struct {
	Record    *record.Record // as it stands now
	For       []*Told
	Suggested []Party // whom something is agreed with, and nothing speaks against
}

// Preview tells for every recipient, a node, who exactly will be able to read which field, and why the others not; without
// recipients for those that are suggested. It is computed by what makes the editions. The actor must be able to share the record.
func (r *Room) Preview(ctx context.Context, id record.ID, nodes []string) (out Preview, err error) {
	defer record.Wrap(&err, "sharing.Preview(%s)", id)
	a, all, err := r.elevated(ctx)
	if err != nil {
		return out, err
	}
	if len(nodes) > MaxTo {
		return out, record.Errorf(record.Invalid, "choose at most %d recipients at once", MaxTo)
	}
	err = r.Store.View(all, func(tx record.Tx) error {
		out = Preview{}
		rec, err := r.mayShare(tx, a, id)
		if err != nil {
			return err
		}
		v := r.view(tx)
		out.Record = rec
		some, err := v.recipients(rec)
		if err != nil {
			return err
		}
		told := map[string]*Told{}
		for _, p := range some {
			t, err := v.tell(rec, p.Node)
			if err != nil {
				return err
			}
			if told[p.Node] = t; t.Goes() {
				out.Suggested = append(out.Suggested, p)
			}
		}
		if len(nodes) == 0 {
			for _, p := range out.Suggested {
				out.For = append(out.For, told[p.Node])
			}
			return nil
		}
		for _, node := range slices.Compact(slices.Sorted(slices.Values(nodes))) {
			t := told[node]
			if t == nil {
				if t, err = v.tell(rec, node); err != nil {
					return err
				}
			}
			out.For = append(out.For, t)
		}
		return nil
	})
	return out, err
}

// mayShare gives a record that the actor reads and may send; what they do not read is not there.
func (r *Room) mayShare(tx record.Tx, a record.Actor, id record.ID) (*record.Record, error) {
	rec, err := tx.Get(id)
	if err == nil && !access.Allow(a, access.Read, rec.Scope()) {
		err = record.Errorf(record.NotFound, "there is no record %s", id)
	}
	if err != nil {
		return nil, err
	}
	// What came from another node is shown too, with the reason why it is not sent from here.
	if !access.May(a, access.Share, rec.Handling.Topic) || rec.Writer == r.Node && !access.Allow(a, access.Share, rec.Scope()) {
		return nil, record.Errorf(record.Forbidden, "your role may not share records of %s in %s; ask your supervisor if your work needs it", rec.Owner.Agency, rec.Handling.Topic)
	}
	return rec, nil
}

// Wish is what somebody signs to send.
type Wish struct {
	Record   record.ID
	To       []string // nodes
	Editions []string // Told.Hash of each, in the order of To: what goes is what was seen
	Purpose  string   // what for, told to the recipients; names nobody
	Onward   record.ID
}

// Details is what else makes the act, for the signature.
func (w Wish) Details() map[string]string {
	d := map[string]string{"to": strings.Join(w.To, " "), "editions": strings.Join(w.Editions, " "), "purpose": strings.TrimSpace(w.Purpose)}
	if !w.Onward.IsZero() {
		d["onward"] = w.Onward.String()
	}
	return d
}

// Send sends a record to the recipients as the preview told it, all or none, in one act with its messages. sig is of ActRelease,
// topic sharing, about the record, with Details; nil where none is asked for.
func (r *Room) Send(ctx context.Context, w Wish, sig *record.Signature) (out []Row, err error) {
	defer record.Wrap(&err, "sharing.Send(%s)", w.Record)
	a, all, err := r.elevated(ctx)
	if err != nil {
		return nil, err
	}
	w.Purpose = strings.TrimSpace(w.Purpose)
	switch {
	case len(w.To) == 0 || len(w.To) > MaxTo || len(w.Editions) != len(w.To):
		return nil, record.Errorf(record.Invalid, "choose 1 to %d recipients, and look at what each gets before you send", MaxTo)
	case len(slices.Compact(slices.Sorted(slices.Values(w.To)))) < len(w.To):
		return nil, record.Errorf(record.Invalid, "a recipient is named twice")
	case !a.Purpose.Valid(r.now()):
		return nil, record.Errorf(record.NoPurpose, "say what you are working on: named data is sent for a purpose")
	}
	if err := words(w.Purpose, "what the recipients get it for"); err != nil {
		return nil, err
	}
	err = r.Store.Update(all, func(tx record.Tx) error {
		out = nil
		rec, err := r.mayShare(tx, a, w.Record)
		if err != nil {
			return err
		}
		if sig != nil && sig.Revision != rec.Hash() {
			return record.Errorf(record.Conflict, "the record was changed while you signed; look at it again and sign anew")
		}
		if err := privacy.Unnamed(rec, w.Purpose); err != nil {
			return err
		}
		v := r.view(tx)
		for i, node := range w.To {
			row, err := v.sendOne(a, rec, node, w.Editions[i], w)
			if err != nil {
				return err
			}
			out = append(out, row)
		}
		if err := v.onwardSent(w); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: ActRelease, Topic: access.Sharing, Subject: rec.ID, Count: len(w.To), Signature: sig})
	})
	return out, err
}

// sendOne sends to one recipient what was seen, or nothing.
func (v *view) sendOne(a record.Actor, rec *record.Record, node, seen string, w Wish) (Row, error) {
	t, err := v.tell(rec, node)
	switch {
	case err != nil:
		return Row{}, err
	case !t.Goes():
		return Row{}, record.Errorf(record.Forbidden, "nothing is sent to %s: %s", node, t.Stays[0].Text)
	case t.Hash != seen:
		return Row{}, record.Errorf(record.Conflict, "what %s would get is no longer what you saw: look at it again, then sign", node)
	case t.prior != nil && t.prior.Content == t.content:
		return Row{}, record.Errorf(record.Conflict, "%s has this record as it is now", node)
	}
	s := t.prior
	if s == nil {
		s = &Share{}
	}
	s.Purpose, s.Sent, s.Onward = w.Purpose, v.r.step(a), w.Onward
	return v.dispatch(rec, t, s, a.User)
}

// dispatch puts an edition beside the act and remembers it.
func (v *view) dispatch(rec *record.Record, t *Told, s *Share, by string) (Row, error) {
	line, err := t.edition.AppendWire(nil)
	if err != nil {
		return Row{}, err
	}
	says := editionSays{Agreement: t.Agreement, Legal: t.Legal, Purpose: s.Purpose}
	if says.Files, err = v.files(rec, t); err != nil {
		return Row{}, err
	}
	d := &record.Dispatch{To: t.To.Node, Kind: MsgEdition, About: rec.ID, Content: frame(MsgEdition, says, line), Expires: rec.Expires}
	if err := v.r.send(v.tx, d); err != nil {
		return Row{}, err
	}
	s.Record, s.Of, s.Topic, s.To, s.Node, s.Agreement, s.Legal = rec.ID, rec.Kind, rec.Handling.Topic, t.Agency, t.To.Node, t.Agreement, t.Legal
	s.Number, s.Hash, s.Revision, s.Content, s.Stale, s.State, s.Changed = t.Number, t.Hash, rec.Revision.Number, t.content, nil, Active, v.now
	s.Editions = append(s.Editions, Sent{t.Number, rec.Revision.Number, t.Hash, v.now, by, d.ID})
	s.Editions = s.Editions[max(0, len(s.Editions)-maxSent):]
	row := t.row
	if row == nil {
		row = v.r.house(rec.Owner.Agency, s, v.now)
		row.Key = keyOf(rec.ID, t.To.Node)
	}
	row.Body = s
	if err := put(v.tx, row); err != nil {
		return Row{}, err
	}
	return Row{ID: row.ID, Share: *s}, nil
}

// files sends the files that go, the small pictures first.
func (v *view) files(rec *record.Record, t *Told) (out []File, err error) {
	for i, w := range t.Files {
		if !w.Goes {
			continue
		}
		at := rec.Attachments[i]
		f := File{ID: at.ID, Name: at.Name, Type: at.Type, Size: at.Size, Width: at.Width, Height: at.Height, Pages: at.Pages}
		if at.Small != nil {
			if f.Small, err = v.r.SendFile(v.tx, t.To.Node, rec.ID, at, true); err != nil {
				return nil, err
			}
		}
		if f.Ref, err = v.r.SendFile(v.tx, t.To.Node, rec.ID, at, false); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// hashIDs is SHA-256 over the sorted ids, hexadecimal, as every act of many records has it.
func hashIDs(ids []record.ID) string {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b record.ID) int { return bytes.Compare(a[:], b[:]) })
	h := sha256.New()
	for _, id := range ids {
		h.Write(id[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}
