package sqlite

import (
	"database/sql"
	"errors"

	"sarhad/record"
	"sarhad/record/access"
)

// Receive implements record.Writer. On an error, and when the revision is to be kept aside, nothing is stored.
func (t *tx) Receive(r *record.Record, own bool) (out record.Reception, err error) {
	defer record.Wrap(&err, "Receive(%s %s)", r.Kind, r.ID)
	if err := t.mayWrite(); err != nil {
		return "", err
	}
	p := *r
	if err := t.s.acceptable(&p, own); err != nil {
		return "", err
	}
	if err := t.notErased(p.ID); err != nil {
		return "", err
	}
	have, err := t.states(p.ID)
	if err != nil {
		return "", err
	}
	if len(have) == 0 { // it may have stayed because it is held; coming anew it may not
		for _, parent := range p.Origin.Parents {
			if err := t.notErased(parent); err != nil {
				return "", err
			}
		}
	}
	out, before, err := t.place(&p, have)
	if err != nil || out.Aside() || out == record.ReceivedSame {
		return out, err
	}
	if !own && t.s.cfg.Node != "" && p.Writer == t.s.cfg.Node {
		return "", record.Errorf(record.Forbidden, "the revision names this node as its writer, and this node does not know it: only its own export brings it back")
	}
	p.Received, p.Seq = t.now, record.Seq(t.next.vid+1)
	var until any
	if out == record.ReceivedEarlier {
		until = int64(p.Seq) // it was never the present one here
	}
	if err := t.store(&p, before, until); err != nil {
		return "", err
	}
	t.changed = true
	*r = p
	return out, nil
}

// acceptable checks what holds for every received revision, whatever is stored.
func (s *Store) acceptable(p *record.Record, own bool) error {
	if p.ID.IsZero() || p.Raw == nil || p.Created.IsZero() {
		return record.Errorf(record.Invalid, "a received %s needs an id, a body and the time it was made", p.Kind)
	}
	if len(p.Raw) > record.MaxBody {
		return tooLarge(p)
	}
	if (p.Revision.Number == 1) != (p.Revision.Former == "") || p.Revision.Number < 1 {
		return record.Errorf(record.Invalid, "revision %d of record %s does not say rightly what went before it", p.Revision.Number, p.ID)
	}
	p.Body = nil
	if err := p.Validate(); err != nil { // of the envelope: what is in the body is its writer's to answer for
		return err
	}
	p.Body, _ = s.cfg.Types.Decode(p.Kind, p.Version, p.Raw)
	if _, house := p.Body.(record.HouseBody); !own && (house || access.House(p.Handling.Topic)) {
		return record.Errorf(record.Forbidden, "the record says how another node is run, and nothing of that counts here")
	}
	if checkIndex(p, p.IndexOf()) != nil {
		p.Body = nil // says more than fits: kept, and not found by its words
	}
	if b, ok := p.Body.(record.HandoverBody); ok {
		if h, signature := b.Handover(); record.KindOf(s.believes(h, signature)) == record.Invalid {
			return record.Errorf(record.Forbidden, "the hand-over is not signed by %s", h.From)
		}
	}
	return nil
}

// notErased keeps what was erased or masked here from coming back.
func (t *tx) notErased(id record.ID) error {
	var what string
	err := t.ses.one(t.ctx, `SELECT what FROM erasure WHERE id = $1 ORDER BY what LIMIT 1`, []any{id[:]}, &what)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case what == record.ErasureErase:
		return record.Errorf(record.Forbidden, "record %s was erased here and stays so", id)
	}
	return record.Errorf(record.Forbidden, "record %s was masked here: what names a person does not come back", id)
}

// state is one stored revision.
type state struct {
	vid int64
	rev int
}

// states gives the stored revisions of a record, oldest first, whoever may read them.
func (t *tx) states(id record.ID) (out []state, err error) {
	err = t.ses.each(t.ctx, `SELECT vid, rev FROM record WHERE id = $1 ORDER BY rev`, []any{id[:]}, func(rows *sql.Rows) error {
		var s state
		err := rows.Scan(&s.vid, &s.rev)
		out = append(out, s)
		return err
	})
	return out, err
}

// place tells where a received revision stands to those that are stored, and gives the one it replaces.
func (t *tx) place(p *record.Record, have []state) (out record.Reception, before *record.Record, err error) {
	if len(have) == 0 {
		return record.ReceivedNew, nil, nil
	}
	first, last := have[0], have[len(have)-1]
	top, err := t.full(last.vid)
	if err != nil {
		return "", nil, err
	}
	if top.Kind != p.Kind {
		return "", nil, record.Errorf(record.Invalid, "record %s is a %s here and cannot become a %s: the kind of a record never changes", p.ID, top.Kind, p.Kind)
	}
	for _, s := range have {
		if s.rev == p.Revision.Number {
			stored, err := t.full(s.vid)
			if err != nil {
				return "", nil, err
			}
			if stored.Hash() == p.Hash() {
				return record.ReceivedSame, nil, nil
			}
			return record.ReceivedFork, nil, nil
		}
	}
	switch n := p.Revision.Number; {
	case n == last.rev+1:
		hash := top.Hash()
		if p.Revision.Former != hash {
			return record.ReceivedFork, nil, nil
		}
		writer, err := t.writerAfter(top, hash)
		if err != nil {
			return "", nil, err
		}
		if p.Writer != writer {
			return record.ReceivedWriter, nil, nil
		}
		return record.ReceivedNext, top, nil
	case n == first.rev-1:
		lowest, err := t.full(first.vid)
		if err != nil {
			return "", nil, err
		}
		if lowest.Revision.Former != p.Hash() {
			return record.ReceivedFork, nil, nil
		}
		return record.ReceivedEarlier, nil, nil
	default:
		return record.ReceivedGap, nil, nil
	}
}
