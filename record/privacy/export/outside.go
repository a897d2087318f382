package export

import "sarhad/record"

// Outside counts the copies of a record that somebody took out and nobody said to be destroyed.
type Outside struct {
	Prints int `json:"prints"` // on paper
	Files  int `json:"files"`
}

// OutsideOf looks a record up in the register. The transaction must be the program's own, or see the whole register.
func OutsideOf(tx record.Reader, id record.ID) (out Outside, err error) {
	q := record.Query{Kinds: []string{KindRows}, Thing: record.Thing{Type: thingRecord, Key: id.String()}, Full: true, Limit: record.MaxLimit}
	for {
		page, err := tx.List(q)
		if err != nil {
			return out, err
		}
		for _, row := range page.Rows {
			rows, ok := row.Record.Body.(*Rows)
			if !ok {
				continue
			}
			of, err := record.ParseID(rows.Export)
			if err != nil {
				return out, err
			}
			rec, err := tx.Get(of)
			if record.KindOf(err) == record.NotFound {
				continue
			}
			if err != nil {
				return out, err
			}
			if e, ok := rec.Body.(*Export); ok && e.Form == Print {
				out.Prints += e.Out()
			} else if ok {
				out.Files += e.Out()
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return out, nil
		}
	}
}
