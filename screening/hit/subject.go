package hit

import (
	"slices"

	"sarhad/record"
)

// ClearancesOf gives the clearances of a person: of each one that the reader may read, the keyed hash is made anew from the
// person's documents and birth date and the clearance's own entry, and compared with its key. It is the only way to find
// them, and it needs the key of the node. Documents without issuer, and persons without a full birth date, have none. looked
// is how many there were. Entries that were changed or removed since are found as well.
func (r *Room) ClearancesOf(tx record.Reader, p record.Person) (ids []record.ID, looked int, err error) {
	facts := factsOf(p)
	q := record.Query{Kinds: []string{KindClearance}, Oldest: true, Full: true, Limit: record.MaxLimit}
	for {
		page, err := tx.List(q)
		if err != nil {
			return nil, looked, err
		}
		for _, row := range page.Rows {
			c, ok := row.Record.Body.(*Clearance)
			if !ok {
				continue
			}
			looked++
			if slices.Contains(r.tags(facts, c.List, c.Entry, c.Fingerprint), row.Key) {
				ids = append(ids, row.ID)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return ids, looked, nil
		}
	}
}
