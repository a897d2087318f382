package api

import (
	"iter"

	"sarhad/record"
)

// recordOf reads a record that must have one kind of body. Another kind under the id is answered like nothing at all, so that a
// door tells nobody what lies behind a different one. noun is what the door calls it.
func recordOf[B record.Body](tx record.Reader, id record.ID, noun string) (*record.Record, B, error) {
	var none B
	rec, err := tx.Get(id)
	if err != nil {
		return nil, none, err
	}
	b, ok := rec.Body.(B)
	if !ok {
		return nil, none, record.Errorf(record.NotFound, "there is no such %s", noun)
	}
	return rec, b, nil
}

// bodies walks the rows of a full list whose body is of one type; a version that this program does not know is passed over.
func bodies[B record.Body](rows []record.Row) iter.Seq2[record.Row, B] {
	return func(yield func(record.Row, B) bool) {
		for _, row := range rows {
			if row.Record == nil {
				continue
			}
			if b, ok := row.Record.Body.(B); ok && !yield(row, b) {
				return
			}
		}
	}
}
