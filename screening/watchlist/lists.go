package watchlist

import (
	"context"
	"slices"

	"sarhad/record"
)

// Lists gives the lists that the actor may read, in the order of their ids.
func Lists(ctx context.Context, store record.Store) ([]*List, error) {
	var out []*List
	err := store.View(ctx, func(tx record.Tx) error {
		out = nil
		q := record.Query{Kinds: []string{ListKind}, Full: true, Limit: record.MaxLimit}
		for {
			page, err := tx.List(q)
			if err != nil {
				return err
			}
			for _, row := range page.Rows {
				if l, ok := row.Record.Body.(*List); ok {
					out = append(out, l)
				}
			}
			if page.Next == "" {
				return nil
			}
			q.Cursor = page.Next
		}
	})
	slices.SortFunc(out, func(a, b *List) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return out, err
}

// SetEffect changes the legal effect of a list in this country. That is a decision of a person: the
// door checks that the actor may change lists.
func SetEffect(ctx context.Context, store record.Store, list, effect string) error {
	return store.Update(ctx, func(tx record.Tx) error {
		r, err := tx.ByKey(ListKind, list)
		if err != nil {
			return err
		}
		l, ok := r.Body.(*List)
		if !ok {
			return record.Errorf(record.Conflict, "list %s was written by a newer program; change it there.", list)
		}
		changed := *l
		changed.Effect = effect
		if err := changed.Validate(); err != nil {
			return err
		}
		next := *r
		next.Body, next.Raw = &changed, nil
		if err := tx.Put(&next); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "revise", Topic: Topic, Subject: next.ID, Count: 1})
	})
}

// Bodies are the constructors of this room's bodies, for record.NewTypes.
func Bodies() []func() record.Body {
	return []func() record.Body{
		func() record.Body { return &Entry{} },
		func() record.Body { return &List{} },
	}
}
