package watchlist

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"sarhad/record"
)

var errKilled = errors.New("killed")

// memory is the part of a store that imports use. Updates are all or nothing; after kill acts it
// fails every write, as a killed process would.
type memory struct {
	types   *record.Types
	records map[record.ID][]*record.Record // oldest first
	order   []record.ID
	acts    []record.Act
	kill    int // -1 = never
}

func newMemory() *memory {
	return &memory{types: record.NewTypes(Bodies()...), records: map[record.ID][]*record.Record{}, kill: -1}
}

func (m *memory) View(_ context.Context, fn func(record.Tx) error) error { return fn(&memTx{m: m}) }
func (m *memory) Bulk(ctx context.Context, fn func(record.Tx) error) error {
	return m.Update(ctx, fn)
}

func (m *memory) Update(_ context.Context, fn func(record.Tx) error) error {
	if m.kill == 0 {
		return errKilled
	}
	m.kill--
	tx := &memTx{m: m, write: true}
	if err := fn(tx); err != nil {
		return err
	}
	if len(tx.put) > 0 && len(tx.acts) == 0 {
		return errors.New("an update without an act")
	}
	for _, r := range tx.put {
		if r.Revision.Number == 1 {
			m.order = append(m.order, r.ID)
		}
		m.records[r.ID] = append(m.records[r.ID], r)
	}
	m.acts = append(m.acts, tx.acts...)
	return nil
}

type memTx struct {
	record.Tx // what imports do not use panics
	m         *memory
	write     bool
	put       []*record.Record
	acts      []record.Act
}

func (tx *memTx) present() []*record.Record {
	var out []*record.Record
	for _, id := range tx.m.order {
		revs := tx.m.records[id]
		r := *revs[len(revs)-1]
		r.Body, _ = tx.m.types.Decode(r.Kind, r.Version, r.Raw)
		out = append(out, &r)
	}
	return out
}

func (tx *memTx) ByKey(kind, key string) (*record.Record, error) {
	for _, r := range tx.present() {
		if r.Kind == kind && r.Key == key {
			return r, nil
		}
	}
	return nil, record.Errorf(record.NotFound, "no %s %s", kind, key)
}

func (tx *memTx) List(q record.Query) (record.Page, error) {
	var page record.Page
	from, _ := strconv.Atoi(q.Cursor)
	for i, r := range tx.present() {
		if i < from || !slices.Contains(q.Kinds, r.Kind) {
			continue
		}
		ix := r.IndexOf()
		if q.Thing.Key != "" && !slices.ContainsFunc(ix.Mentions, func(m record.Mention) bool { return m.Thing == q.Thing }) {
			continue
		}
		page.Rows = append(page.Rows, record.Row{ID: r.ID, Kind: r.Kind, Key: r.Key, State: ix.State, Revision: r.Revision.Number, Record: r})
		if len(page.Rows) == min(q.Limit, 3) { // small pages, so that paging is tested
			page.Next = strconv.Itoa(i + 1)
			break
		}
	}
	return page, nil
}

func (tx *memTx) Put(r *record.Record) error {
	if !tx.write {
		return errors.New("put in a view")
	}
	if err := r.Validate(); err != nil {
		return err
	}
	have := 0
	if !r.ID.IsZero() {
		have = len(tx.m.records[r.ID])
	}
	if have != r.Revision.Number {
		return record.Errorf(record.Conflict, "stale revision")
	}
	if have == 0 {
		if _, err := tx.ByKey(r.Kind, r.Key); err == nil {
			return record.Errorf(record.Conflict, "the key %s is taken", r.Key)
		}
		var err error
		if r.ID, err = record.NewID(time.Now(), rand.Reader); err != nil {
			return err
		}
	}
	r.Revision.Number++
	var err error
	if r.Raw, err = json.Marshal(r.Body); err != nil {
		return err
	}
	kept := *r
	tx.put = append(tx.put, &kept)
	return nil
}

func (tx *memTx) Audit(a record.Act) error { tx.acts = append(tx.acts, a); return nil }

// entry gives the present body of an entry and how many revisions it has.
func (m *memory) entry(t *testing.T, key string) (*Entry, int) {
	t.Helper()
	r, err := (&memTx{m: m}).ByKey(EntryKind, key)
	if err != nil {
		t.Fatal(err)
	}
	return r.Body.(*Entry), len(m.records[r.ID])
}

func (m *memory) list(t *testing.T, id string) *List {
	t.Helper()
	r, err := (&memTx{m: m}).ByKey(ListKind, id)
	if err != nil {
		t.Fatal(err)
	}
	return r.Body.(*List)
}
