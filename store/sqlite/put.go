package sqlite

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"sarhad/record"
)

// Put implements record.Writer. On an error r is as it was.
func (t *tx) Put(r *record.Record) (err error) {
	defer record.Wrap(&err, "Put(%s %s)", r.Kind, r.ID)
	if err := t.mayWrite(); err != nil {
		return err
	}
	if r.Masked != nil {
		return record.Errorf(record.Conflict, "this %s was masked by the clock of the law: it is kept as it is and cannot be revised", r.Kind)
	}
	p := *r
	if err := t.s.complete(&p); err != nil {
		return err
	}
	before, err := t.before(&p)
	if err != nil {
		return err
	}
	if err := t.checkChunks(&p, before); err != nil {
		return err
	}
	if before != nil {
		former := before.Hash()
		if p.Writer, err = t.mayRevise(before, former, p.Writer); err != nil {
			return err
		}
		cites := p.Revision.Proposal
		if cites == before.Revision.Proposal { // read with the former revision: that one cites it
			cites = record.ID{}
		}
		p.Revision = record.Revision{Number: p.Revision.Number + 1, Former: former, Proposal: cites}
		p.Created = before.Created
	} else {
		if err := t.mayBegin(&p); err != nil {
			return err
		}
		p.Revision = record.Revision{Number: 1}
		if p.Created.IsZero() {
			p.Created = t.now
		}
		if p.ID.IsZero() {
			if p.ID, err = record.NewID(t.now, t.s.cfg.Rand); err != nil {
				return err
			}
		}
	}
	p.Received = t.now
	p.Occurred, p.Created, p.Expires = round(p.Occurred), round(p.Created), round(p.Expires)
	if err := record.Carry(before, &p); err != nil {
		return err
	}
	p.Seq = record.Seq(t.next.vid + 1)
	if err := t.store(&p, before, nil); err != nil {
		return err
	}
	t.changed = true
	*r = p
	return nil
}

// complete fills what the record does not say itself, and checks it.
func (s *Store) complete(p *record.Record) error {
	if p.Writer == "" {
		p.Writer = s.cfg.Node
	}
	if len(p.Raw) > record.MaxBody {
		return tooLarge(p)
	}
	envelope := *p
	if p.Body == nil {
		if p.Raw == nil {
			return record.Errorf(record.Invalid, "a %s record without a body cannot be stored", p.Kind)
		}
		// What a known kind cannot read is kept as it came, like an unknown kind: an error here is not the sender's end.
		p.Body, _ = s.cfg.Types.Decode(p.Kind, p.Version, p.Raw)
		return envelope.Validate()
	}
	if p.Kind == "" && p.Version == 0 {
		p.Kind, p.Version = p.Body.Kind(), p.Body.Version()
	}
	if p.Raw == nil && p.Body.Kind() == p.Kind && p.Body.Version() > p.Version {
		p.Version = p.Body.Version() // read in an older version, and upgraded: it is written in the present one
	}
	if p.Body.Kind() != p.Kind || p.Body.Version() != p.Version && (p.Raw == nil || p.Body.Version() < p.Version) {
		return record.Errorf(record.Internal, "a record of %s@%d holds a body of %s@%d", p.Kind, p.Version, p.Body.Kind(), p.Body.Version())
	}
	if err := p.Validate(); err != nil {
		return err
	}
	raw, err := json.Marshal(p.Body)
	if err != nil {
		return &record.Error{Kind: record.Internal, Message: fmt.Sprintf("the body of a %s cannot be written", p.Kind), Err: err}
	}
	if p.Raw == nil {
		p.Raw = raw
		if len(raw) > record.MaxBody {
			return tooLarge(p)
		}
		return nil
	}
	return s.agree(p, raw)
}

func tooLarge(p *record.Record) error {
	return record.Errorf(record.Invalid, "the body of this %s has more than %d bytes: divide it, or attach what is large", p.Kind, record.MaxBody)
}

// agree makes sure that bytes and typed view say the same: who changes the body of a record that was read must set Raw to
// nil, else the change would be lost without a word.
func (s *Store) agree(p *record.Record, raw []byte) error {
	if bytes.Equal(raw, p.Raw) {
		return nil
	}
	said, err := s.cfg.Types.Decode(p.Kind, p.Version, p.Raw)
	if err == nil && said != nil {
		if again, err := json.Marshal(said); err == nil && bytes.Equal(again, raw) {
			return nil
		}
	}
	return &record.Error{Kind: record.Internal, Err: err,
		Message: fmt.Sprintf("the body of a %s was changed but its bytes were not: set Raw to nil before Put", p.Kind)}
}

// before gives the present revision that p replaces; nil when p is new.
func (t *tx) before(p *record.Record) (*record.Record, error) {
	if p.Revision.Number == 0 {
		return nil, nil
	}
	old, err := t.Get(p.ID)
	if err != nil {
		return nil, err
	}
	if old.Revision.Number != p.Revision.Number {
		return nil, record.Errorf(record.Conflict, "somebody was faster: revision %d of this %s is now number %d; read it again and repeat your change",
			p.Revision.Number, p.Kind, old.Revision.Number)
	}
	if old.Masked != nil {
		return nil, record.Errorf(record.Conflict, "this %s was masked by the clock of the law: it is kept as it is and cannot be revised", old.Kind)
	}
	if old.Kind != p.Kind {
		return nil, record.Errorf(record.Invalid, "a %s cannot become a %s: the kind of a record never changes", old.Kind, p.Kind)
	}
	if p.Key != "" && p.Key != old.Key && t.s.writes(old.Writer) {
		if err := t.freeKey(p); err != nil {
			return nil, err
		}
	}
	return old, nil
}

func keyTaken(p *record.Record) error {
	return record.Errorf(record.Conflict, "a %s with this key is already stored: read it by its key and revise it", p.Kind)
}

func (t *tx) freeKey(p *record.Record) error {
	kind, err := t.internTerm(inKind, p.Kind)
	if err != nil {
		return err
	}
	var vid int64
	err = t.ses.one(t.ctx, `SELECT vid FROM record WHERE kind = $1 AND key = $2 AND until IS NULL`, []any{kind, p.Key}, &vid)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return keyTaken(p)
}

// row is a line of the table record, with terms as numbers.
type row struct {
	vid, kind, vis int64
	state          any
	key, until     any
	title          string
}

// store writes the rows of one revision; the number is used up only when they are written. until is nil, or the number that
// the revision was superseded by already.
func (t *tx) store(p *record.Record, before *record.Record, until any) (err error) {
	ix := p.IndexOf()
	if err := checkIndex(p, ix); err != nil {
		return err
	}
	w := row{vid: int64(p.Seq), title: ix.Title, until: until}
	if w.kind, err = t.internTerm(inKind, p.Kind); err != nil {
		return err
	}
	if w.vis, err = t.intern(p.Scope()); err != nil {
		return err
	}
	if ix.State != "" {
		if w.state, err = t.internTerm(inState, ix.State); err != nil {
			return err
		}
	}
	if p.Key != "" && t.s.writes(p.Writer) {
		w.key = p.Key
		if before != nil && before.Writer != p.Writer && t.freeKey(p) != nil {
			w.key = nil // handed over to us, and we have one of our own under this key
		}
	}
	if before != nil {
		if err := t.supersede(int64(before.Seq), w.vid); err != nil {
			return t.broke(err)
		}
	}
	if err := t.insertRecord(p, w); err != nil {
		switch {
		case before != nil:
		case violates(err, "record.key"):
			return keyTaken(p)
		case violates(err, "record.id"):
			return record.Errorf(record.Conflict, "record %s is already stored: revise it instead", p.ID)
		}
		return t.broke(err)
	}
	t.next.vid = w.vid
	if err := t.insertBody(p, w); err != nil {
		return t.broke(err)
	}
	if err := t.attach(p, w.until); err != nil {
		return t.broke(err)
	}
	if err := t.index(w.vid, w.vis, until, ix); err != nil {
		return t.broke(err)
	}
	return nil
}

func (t *tx) insertRecord(p *record.Record, w row) error {
	at := p.Occurred
	if at.IsZero() {
		at = p.Created
	}
	_, err := t.ses.exec(t.ctx, `INSERT INTO record (vid, id, rev, kind, version, key, vis, at, occurred, changed, expires, gen, state, title, until)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		w.vid, p.ID[:], p.Revision.Number, w.kind, p.Version, w.key, w.vis, ms(at), ms(p.Occurred), ms(p.Received), ms(p.Expires),
		t.s.gen, w.state, w.title, w.until)
	return err
}

func (t *tx) insertBody(p *record.Record, w row) error {
	envelope, err := json.Marshal(p)
	if err != nil {
		return err
	}
	var wire any
	if p.Envelope != nil {
		wire = p.Envelope
	}
	if _, err := t.ses.exec(t.ctx, `INSERT INTO body (vid, envelope, body, wire) VALUES ($1, $2, $3, $4)`, w.vid, envelope, p.Raw, wire); err != nil {
		return err
	}
	for i, parent := range p.Origin.Parents {
		if _, err := t.ses.exec(t.ctx, `INSERT INTO parent (k, parent, vis, until) VALUES ($1, $2, $3, $4)`, w.vid<<12|int64(i), parent[:], w.vis, w.until); err != nil {
			return err
		}
	}
	return nil
}

// closable are the tables whose rows carry until under k.
var closable = []string{"parent", "mention", "link", "event", "measure", "person", "attachment"}

// supersede closes the rows of a revision.
func (t *tx) supersede(old, by int64) error {
	if _, err := t.ses.exec(t.ctx, `UPDATE record SET until = $1 WHERE vid = $2`, by, old); err != nil {
		return err
	}
	from, to := rowsOf(old)
	for _, table := range closable {
		if _, err := t.ses.exec(t.ctx, `UPDATE `+table+` SET until = $1 WHERE k >= $2 AND k < $3`, by, from, to); err != nil {
			return err
		}
	}
	return nil
}
