package relaytest

import (
	"time"

	"sarhad/record"
)

// errNotHere is what the parts of record.Tx answer that no relay needs.
var errNotHere = record.Errorf(record.Internal, "the store of relaytest does not do this")

// Get implements record.Reader.
func (t *tx) Get(id record.ID) (*record.Record, error) {
	r, known := t.state.records[id]
	if !known || t.s.Allow != nil && !t.s.Allow(t.actor, r.Scope()) {
		return nil, record.Errorf(record.NotFound, "there is no record %s here, or you may not read it", id)
	}
	return &r, nil
}

// ByKey implements record.Reader.
func (t *tx) ByKey(kind, key string) (*record.Record, error) {
	for _, r := range t.state.records {
		if r.Kind == kind && r.Key == key {
			return &r, nil
		}
	}
	return nil, record.Errorf(record.NotFound, "there is no %s %q here", kind, key)
}

// Put implements record.Writer: new records only.
func (t *tx) Put(r *record.Record) (err error) {
	if err := t.mayWrite(); err != nil {
		return err
	}
	out := *r
	if out.ID, err = record.NewID(t.now, t.s.random()); err != nil {
		return err
	}
	out.Revision.Number, t.changed = 1, true
	set(t, t.state.records, out.ID, out)
	*r = out
	return nil
}

// Erase implements record.Writer.
func (t *tx) Erase(id record.ID, _ ...record.ID) ([]record.ID, error) {
	if _, err := t.Get(id); err != nil {
		return nil, err
	}
	t.changed = true
	unset(t, t.state.records, id)
	set(t, t.state.erased, id, true)
	t.forgetMail(id)
	return nil, nil
}

// Mask implements record.Masks: only mail is forgotten.
func (t *tx) Mask(id record.ID, _ record.Masking) error {
	if _, err := t.Get(id); err != nil {
		return err
	}
	t.changed = true
	set(t, t.state.erased, id, true)
	t.forgetMail(id)
	return nil
}

// Audit implements record.Writer.
func (t *tx) Audit(record.Act) error {
	t.acted = true
	return t.mayWrite()
}

// Cursor implements record.Sequence.
func (t *tx) Cursor(name string) (record.Seq, error) { return t.state.cursors[name], nil }

// SetCursor implements record.Sequence.
func (t *tx) SetCursor(name string, at record.Seq) error {
	if err := t.mayWrite(); err != nil {
		return err
	}
	set(t, t.state.cursors, name, at)
	return nil
}

// The rest of record.Tx answers that it is not here.

func (t *tx) List(record.Query) (record.Page, error)                      { return record.Page{}, errNotHere }
func (t *tx) Count(record.Query, int) (int, error)                        { return 0, errNotHere }
func (t *tx) Revisions(record.ID) ([]*record.Record, error)               { return nil, errNotHere }
func (t *tx) Links(record.LinkQuery) ([]record.FoundLink, error)          { return nil, errNotHere }
func (t *tx) Events(record.EventQuery) ([]record.FoundEvent, error)       { return nil, errNotHere }
func (t *tx) Measures(record.MeasureQuery) ([]record.Cell, error)         { return nil, errNotHere }
func (t *tx) Head() (record.Seq, error)                                   { return 0, errNotHere }
func (t *tx) SeqAt(time.Time) (record.Seq, error)                         { return 0, errNotHere }
func (t *tx) Changes(record.Seq, int) ([]record.Row, error)               { return nil, errNotHere }
func (t *tx) Erasures(int64, int) ([]record.Erasure, error)               { return nil, errNotHere }
func (t *tx) ErasureHead() (int64, error)                                 { return 0, errNotHere }
func (t *tx) Behind(record.Seq) (int, error)                              { return 0, errNotHere }
func (t *tx) Receive(*record.Record, bool) (record.Reception, error)      { return "", errNotHere }
func (t *tx) Sealed(record.ID) ([]byte, error)                            { return nil, errNotHere }
func (t *tx) SetBox(record.ID, []byte) error                              { return errNotHere }
func (t *tx) Box(record.ID) ([]byte, error)                               { return nil, errNotHere }
func (t *tx) Strip(record.Stripping) (int, bool, error)                   { return 0, false, errNotHere }
func (t *tx) FreeWords(string, int) ([]string, error)                     { return nil, errNotHere }
func (t *tx) Expired(time.Time, int) ([]record.Row, error)                { return nil, errNotHere }
func (t *tx) Persons(bool, record.Seq, int) ([]record.FoundPerson, error) { return nil, errNotHere }
func (t *tx) Attached(record.ID) (*record.Record, record.Attachment, error) {
	return nil, record.Attachment{}, errNotHere
}

var _ record.Store = (*Store)(nil)
