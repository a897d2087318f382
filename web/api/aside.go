package api

import (
	"sarhad/record"
	"sarhad/record/transfer"
)

// asideOf lists the revisions that are kept beside a record because they do not follow what is stored.
func asideOf(tx record.Reader, id record.ID) ([]AsideRow, error) {
	out := []AsideRow{}
	page, err := tx.List(record.Query{Kinds: []string{transfer.KindAside}, States: []string{transfer.Open}, Parent: id, Full: true, Limit: 100})
	for _, row := range page.Rows {
		if k, ok := row.Record.Body.(*transfer.Aside); ok {
			out = append(out, AsideRow{row.ID.String(), k.Revision, k.By, string(k.Why), k.Hash, row.Changed})
		}
	}
	return out, err
}
