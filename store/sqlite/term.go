package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"sarhad/record"
)

// Spaces of terms.
const (
	inKind    = "kind"
	inState   = "state"
	inType    = "type"
	inRole    = "role"
	inRel     = "rel"
	inEvent   = "event"
	inPlace   = "place"
	inMeasure = "measure"
	inUnit    = "unit"
	inDim     = "dim"
	inValue   = "value"
)

type termKey struct{ space, code string }

// terms remembers the committed words of vocabularies.
type terms struct {
	mu   sync.RWMutex
	id   map[termKey]int64
	code map[int64]termKey
}

func newTerms() *terms { return &terms{id: map[termKey]int64{}, code: map[int64]termKey{}} }

func (ts *terms) add(k termKey, id int64) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.id[k], ts.code[id] = id, k
}

func (ts *terms) find(k termKey) (int64, bool) {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	id, ok := ts.id[k]
	return id, ok
}

func (ts *terms) get(id int64) (termKey, bool) {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	k, ok := ts.code[id]
	return k, ok
}

// term gives the number of a word; ok is false when nothing was ever stored with it.
func (t *tx) term(space, code string) (id int64, ok bool, err error) {
	k := termKey{space, code}
	if id, ok := t.newTerms[k]; ok {
		return id, true, nil
	}
	if id, ok := t.s.terms.find(k); ok {
		return id, true, nil
	}
	err = t.ses.one(t.ctx, `SELECT id FROM term WHERE space = $1 AND code = $2`, []any{space, code}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	t.s.terms.add(k, id) // not of this transaction, so it is committed
	return id, true, nil
}

// terms gives the numbers of those words that are known.
func (t *tx) terms(space string, codes []string) ([]int64, error) {
	var out []int64
	for _, code := range codes {
		id, ok, err := t.term(space, code)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, id)
		}
	}
	return out, nil
}

// internTerm gives the number of a word and makes it when it is new.
func (t *tx) internTerm(space, code string) (int64, error) {
	id, ok, err := t.term(space, code)
	if ok || err != nil {
		return id, err
	}
	t.next.term++
	id = t.next.term
	if _, err := t.ses.exec(t.ctx, `INSERT INTO term (id, space, code) VALUES ($1, $2, $3)`, id, space, code); err != nil {
		return 0, t.broke(err)
	}
	t.newTerms[termKey{space, code}] = id
	return id, nil
}

// code gives the word of a number.
func (t *tx) code(id int64) (string, error) {
	if k, ok := t.s.terms.get(id); ok {
		return k.code, nil
	}
	for k, n := range t.newTerms {
		if n == id {
			return k.code, nil
		}
	}
	var k termKey
	if err := t.ses.one(t.ctx, `SELECT space, code FROM term WHERE id = $1`, []any{id}, &k.space, &k.code); err != nil {
		return "", fmt.Errorf("term %d: %w", id, err)
	}
	t.s.terms.add(k, id)
	return k.code, nil
}

// things remembers the numbers of things lately written, in two generations: when the young one is full, the old one goes.
type things struct{ young, old map[record.Thing]int64 }

// maxThings is the size of one generation: some 10 MB.
const maxThings = 50_000

func newThings() *things {
	return &things{young: map[record.Thing]int64{}, old: map[record.Thing]int64{}}
}

func (c *things) find(th record.Thing) (int64, bool) {
	if eid, ok := c.young[th]; ok {
		return eid, true
	}
	eid, ok := c.old[th]
	if ok {
		c.add(th, eid)
	}
	return eid, ok
}

func (c *things) add(th record.Thing, eid int64) {
	if len(c.young) >= maxThings {
		c.young, c.old = map[record.Thing]int64{}, c.young
	}
	c.young[th] = eid
}

func (c *things) forget(th record.Thing) {
	delete(c.young, th)
	delete(c.old, th)
}

// thing gives the number of a thing; ok is false when nothing mentions it.
func (t *tx) thing(th record.Thing) (eid int64, ok bool, err error) {
	typ, ok, err := t.term(inType, th.Type)
	if !ok || err != nil {
		return 0, false, err
	}
	err = t.ses.one(t.ctx, `SELECT eid FROM entity WHERE type = $1 AND key = $2`, []any{typ, th.Key}, &eid)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return eid, err == nil, err
}

// internThing gives the number of a thing and makes it when it is new.
func (t *tx) internThing(th record.Thing) (int64, error) {
	if eid, ok := t.newThings[th]; ok {
		return eid, nil
	}
	if eid, ok := t.s.things.find(th); ok {
		return eid, nil
	}
	typ, err := t.internTerm(inType, th.Type)
	if err != nil {
		return 0, err
	}
	// Most things are new, so the insert goes first.
	res, err := t.ses.exec(t.ctx, `INSERT INTO entity (eid, type, key) VALUES ($1, $2, $3) ON CONFLICT (type, key) DO NOTHING`,
		t.next.eid+1, typ, th.Key)
	if err != nil {
		return 0, t.broke(err)
	}
	eid := t.next.eid + 1
	if n, _ := res.RowsAffected(); n == 0 {
		if err := t.ses.one(t.ctx, `SELECT eid FROM entity WHERE type = $1 AND key = $2`, []any{typ, th.Key}, &eid); err != nil {
			return 0, t.broke(err)
		}
	} else {
		t.next.eid++
	}
	t.newThings[th] = eid
	return eid, nil
}

// thingOf gives the thing of a number.
func (t *tx) thingOf(eid int64) (th record.Thing, err error) {
	var typ int64
	if err := t.ses.one(t.ctx, `SELECT type, key FROM entity WHERE eid = $1`, []any{eid}, &typ, &th.Key); err != nil {
		return th, fmt.Errorf("thing %d: %w", eid, err)
	}
	th.Type, err = t.code(typ)
	return th, err
}
