package sqlite

import (
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"sarhad/record"
)

// internSlot gives the column, from 0, in which a dimension of a measure stands, and takes the next free one for a new
// dimension.
func (t *tx) internSlot(name int64, dim, measure string) (int, error) {
	d, err := t.internTerm(inDim, dim)
	if err != nil {
		return 0, err
	}
	key := [2]int64{name, d}
	if slot, ok := t.s.slots[key]; ok {
		return slot, nil
	}
	if slot, ok := t.newSlots[key]; ok {
		return slot, nil
	}
	var slot, used int
	err = t.ses.one(t.ctx, `SELECT slot FROM slot WHERE name = $1 AND dim = $2`, []any{name, d}, &slot)
	if err == nil {
		t.newSlots[key] = slot
		return slot, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return 0, t.broke(err)
	}
	if err := t.ses.one(t.ctx, `SELECT count(*) FROM slot WHERE name = $1`, []any{name}, &used); err != nil {
		return 0, t.broke(err)
	}
	if used >= record.MaxDims {
		return 0, record.Errorf(record.Internal, "the measure %s has more than %d dimensions over all records: give the one with %s another name",
			measure, record.MaxDims, dim)
	}
	if _, err := t.ses.exec(t.ctx, `INSERT INTO slot (name, slot, dim) VALUES ($1, $2, $3)`, name, used, d); err != nil {
		return 0, t.broke(err)
	}
	t.newSlots[key] = used
	return used, nil
}

// slotColumn gives the column of a dimension; "NULL" when no record ever said it.
func (t *tx) slotColumn(name int64, dim string) (string, error) {
	d, ok, err := t.term(inDim, dim)
	if err != nil || !ok {
		return "NULL", err
	}
	var slot int
	err = t.ses.one(t.ctx, `SELECT slot FROM slot WHERE name = $1 AND dim = $2`, []any{name, d}, &slot)
	if errors.Is(err, sql.ErrNoRows) {
		return "NULL", nil
	}
	return "m.d" + strconv.Itoa(slot+1), err
}

func sortCells(cells []record.Cell) {
	slices.SortFunc(cells, func(a, b record.Cell) int { return slices.Compare(a.By, b.By) })
}
