package request

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"sarhad/record"
	"sarhad/record/access"
)

// Sizes of one search.
const (
	searchPage = 2000 // persons compared in one consistent read
	// MaxFound is how many records one request keeps; an officer reads no more. The surest come first and Search.Cut says
	// that there were others: narrow the facts.
	MaxFound = 500
	// maxKept is how many findings one search holds at a time; above it the least sure ones by name alone are let go.
	maxKept   = 4 * MaxFound
	childPage = 100 // records whose children are read in one consistent read
	maxWhy    = 8   // reasons kept for one record: name, dates, sex, nationality, documents
)

// Search looks for everything that may speak of the person, in what the actor may read. It can be repeated, such as after
// another document was shown: opinions and answers stay with their records, and what was found before stays found.
//
// The person is owed all of it, so every person in the store is compared, and the time grows with them: in pages, each a
// short read of its own, so that nobody else waits. It ends with its context, and then nothing of the request has changed.
// What it holds is bounded by maxKept, whatever the name.
func (r *Room) Search(ctx context.Context, id record.ID) (*record.Record, error) {
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	var q *Request
	err = r.Store.View(ctx, func(tx record.Tx) error {
		var rec *record.Record
		if rec, q, err = load(tx, id); err != nil {
			return err
		}
		if !access.Allow(a, access.Decide, rec.Scope()) {
			return record.Errorf(record.Forbidden, "your role may not work on requests of persons")
		}
		return in(q, Proven, Searching)
	})
	if err != nil {
		return nil, err
	}
	s := &searcher{asked: q.Person.Person(), found: map[record.ID]*Found{}}
	if err := s.run(ctx, r); err != nil {
		return nil, err
	}
	return r.change(ctx, id, access.Decide, "search", func(_ record.Tx, _ *record.Record, now *Request, a record.Actor) error {
		if err := in(now, Proven, Searching); err != nil {
			return err
		}
		at := r.Now().UTC()
		found, cut := merge(now.Found, s.found)
		now.Found = found
		now.Search = &Search{At: at, By: a.User, Persons: s.persons, Clears: s.clears, Cut: cut || s.cut}
		now.State = Searching
		now.step(a, at, "search", "")
		return nil
	})
}

// merge adds what was found to what is known; the surest first among those that nobody has an opinion on.
func merge(old []Found, found map[record.ID]*Found) (out []Found, cut bool) {
	for _, f := range old {
		if n, ok := found[f.Record]; ok {
			f.How, f.Score, f.Why, f.Revision, f.Person = n.How, n.Score, n.Why, n.Revision, n.Person
			delete(found, f.Record)
		}
		out = append(out, f)
	}
	for _, f := range found {
		out = append(out, *f)
	}
	slices.SortStableFunc(out, func(a, b Found) int {
		return cmp.Or(cmp.Compare(b.weight(), a.weight()), slices.Compare(a.Record[:], b.Record[:]))
	})
	if len(out) > MaxFound {
		return out[:MaxFound], true
	}
	return out, false
}

// weight orders by how sure the finding is; what somebody has an opinion on is never cut off.
func (f Found) weight() float64 {
	w := f.Score
	for _, how := range f.How {
		switch how {
		case ByDocument, ByClearance:
			w += 2
		case ByParent:
			w += 0.5
		}
	}
	if f.Opinion != nil {
		w += 10
	}
	return w
}

// searcher is one search.
type searcher struct {
	asked           record.Person
	found           map[record.ID]*Found
	persons, clears int
	cut             bool // something that was found is not kept
}

// prune lets the least sure findings go when there are more than a search holds.
func (s *searcher) prune() {
	if len(s.found) <= maxKept {
		return
	}
	kept, _ := merge(nil, s.found)
	s.found, s.cut = make(map[record.ID]*Found, len(kept)), true
	for _, f := range kept {
		s.found[f.Record] = &f
	}
}

func (s *searcher) run(ctx context.Context, r *Room) error {
	if err := s.documents(ctx, r.Store); err != nil {
		return err
	}
	for _, listed := range []bool{false, true} {
		if err := s.names(ctx, r, listed); err != nil {
			return err
		}
	}
	if err := s.clearances(ctx, r); err != nil {
		return err
	}
	return s.children(ctx, r.Store)
}

// add notes a record; n is which person of it, -1 for none.
func (s *searcher) add(rec *record.Record, how string, n int) *Found {
	f, ok := s.found[rec.ID]
	if !ok {
		f = &Found{Record: rec.ID, Person: n, Kind: rec.Kind, Revision: rec.Revision.Number}
		s.found[rec.ID] = f
	}
	if !slices.Contains(f.How, how) {
		f.How = append(f.How, how)
	}
	if f.Person < 0 {
		f.Person = n
	}
	return f
}

// documents finds every record that mentions one of the documents.
func (s *searcher) documents(ctx context.Context, store record.Store) error {
	for _, d := range s.asked.Documents {
		if number := record.DocumentNumber(d.Number); d.Issuer == "" && number != "" {
			if err := s.numbers(ctx, store, number); err != nil {
				return err
			}
		}
		for _, key := range documentKeys(d) {
			query := record.Query{Thing: record.Thing{Type: record.ThingDocument, Key: key}, Full: true, Limit: record.MaxLimit}
			for {
				err := store.View(ctx, func(tx record.Tx) error {
					page, err := tx.List(query)
					for _, row := range page.Rows {
						s.add(row.Record, ByDocument, holder(row.Record, key))
					}
					query.Cursor = page.Next
					return err
				})
				if err != nil {
					return err
				}
				if query.Cursor == "" || len(s.found) > maxKept {
					s.cut = s.cut || query.Cursor != ""
					break
				}
			}
		}
	}
	return nil
}

// numbers finds a document whose issuer the person did not say: by its number as a word, then by its key.
func (s *searcher) numbers(ctx context.Context, store record.Store, number string) error {
	query := record.Query{Text: number, Full: true, Limit: record.MaxLimit}
	for {
		err := store.View(ctx, func(tx record.Tx) error {
			page, err := tx.List(query)
			if err != nil {
				return err
			}
			for _, row := range page.Rows {
				for _, m := range row.Record.IndexOf().Mentions {
					if m.Type == record.ThingDocument && strings.HasSuffix(m.Key, ":"+number) {
						s.add(row.Record, ByDocument, holder(row.Record, m.Key))
					}
				}
			}
			query.Cursor = page.Next
			return nil
		})
		if err != nil || query.Cursor == "" || len(s.found) > maxKept {
			s.cut = s.cut || query.Cursor != ""
			return err
		}
	}
}

// documentKeys are the keys a document can stand under: with its issuer, and as one whose issuer nobody wrote down.
func documentKeys(d record.Document) []string {
	keys := []string{record.DocumentKey(d.Issuer, d.Number)}
	if d.Issuer != "" {
		keys = append(keys, record.DocumentKey("", d.Number))
	}
	return slices.DeleteFunc(keys, func(k string) bool { return k == "" })
}

// holder is which person of a record holds a document; -1 when it does not say.
func holder(rec *record.Record, key string) int {
	for n, p := range rec.IndexOf().Persons {
		for _, d := range p.Documents {
			if record.DocumentKey(d.Issuer, d.Number) == key {
				return n
			}
		}
	}
	return -1
}

// names compares every present person, listed ones or the others.
func (s *searcher) names(ctx context.Context, r *Room, listed bool) error {
	if r.Likeness == nil {
		return nil
	}
	like := r.Likeness(s.asked)
	for after, more := record.Seq(0), true; more; {
		var page []record.FoundPerson
		err := r.Store.View(ctx, func(tx record.Tx) (err error) {
			if page, err = tx.Persons(listed, after, searchPage); err != nil {
				return err
			}
			for _, p := range page {
				if err := ctx.Err(); err != nil { // whoever asked has gone: a page takes a moment
					return err
				}
				score, why := like(p.Person)
				if score <= 0 {
					continue
				}
				rec, err := tx.Get(p.Record)
				if record.KindOf(err) == record.NotFound {
					continue
				}
				if err != nil {
					return err
				}
				if f := s.add(rec, ByName, p.N); score > f.Score {
					f.Score, f.Why = score, why[:min(len(why), maxWhy)]
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		s.prune()
		s.persons += len(page)
		if more = len(page) > 0; more {
			after = page[len(page)-1].Seq
		}
	}
	return nil
}

// clearances finds that the person was told apart from a listed one before, though nothing of the journey may be left.
func (s *searcher) clearances(ctx context.Context, r *Room) error {
	if r.Cleared == nil {
		return nil
	}
	return r.Store.View(ctx, func(tx record.Tx) error {
		ids, looked, err := r.Cleared(tx, s.asked)
		if err != nil {
			return err
		}
		s.clears = looked
		for _, id := range ids {
			rec, err := tx.Get(id)
			if record.KindOf(err) == record.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			s.add(rec, ByClearance, -1)
		}
		return nil
	})
}

// children finds what was made from records that were found: a hit of a journey, an instruction of a hit.
func (s *searcher) children(ctx context.Context, store record.Store) error {
	var due []record.ID
	for id, f := range s.found {
		if !slices.Equal(f.How, []string{ByName}) || f.Score >= sure {
			due = append(due, id)
		}
	}
	for len(due) > 0 && len(s.found) <= maxKept {
		now := due[:min(childPage, len(due))]
		due = due[len(now):]
		var more []record.ID
		err := store.View(ctx, func(tx record.Tx) (err error) {
			more, err = s.childrenOf(tx, now)
			return err
		})
		if err != nil {
			return err
		}
		due = append(due, more...)
	}
	s.cut = s.cut || len(due) > 0
	return nil
}

// childrenOf notes what was made from some records, and gives it.
func (s *searcher) childrenOf(tx record.Reader, of []record.ID) (made []record.ID, err error) {
	for _, id := range of {
		page, err := tx.List(record.Query{Parent: id, Full: true, Limit: record.MaxLimit})
		if err != nil {
			return nil, err
		}
		for _, row := range page.Rows {
			// Of a record that was made from several, such as a passenger on a flight's list, another person is no child of ours.
			if _, known := s.found[row.ID]; known || len(row.Record.IndexOf().Persons) > 0 {
				continue
			}
			s.add(row.Record, ByParent, -1)
			made = append(made, row.ID)
		}
	}
	return made, nil
}

// sure is the score of the name search from which children are looked for: below it the record is likely somebody else's.
const sure = 0.75
