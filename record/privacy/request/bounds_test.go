package request_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy/request"
)

// TestSearchEndsWithItsContext proves that a search whose asker has gone compares nobody more, and leaves the request as it was.
func TestSearchEndsWithItsContext(t *testing.T) {
	d := open(t)
	for n := range 20 {
		d.put(access.Passenger, "KAZ-PIU", &journey{P: someone("IBRAGIMOV", "FARRUKH", "1984-05-17", fmt.Sprintf("ZZ70000%02d", n)), Flight: "ZZ 1"})
	}
	id := d.ask(asked)
	ctx, cancel := context.WithCancel(boss)
	compared := 0
	d.room.Likeness = func(record.Person) func(record.Person) (float64, []request.Reason) {
		return func(record.Person) (float64, []request.Reason) {
			if compared++; compared == 3 {
				cancel()
			}
			return 0, nil
		}
	}
	if _, err := d.room.Search(ctx, id); !errors.Is(err, context.Canceled) {
		t.Fatalf("ended with %v", err)
	}
	if compared != 3 {
		t.Errorf("%d persons were compared, 17 of them for nobody", compared)
	}
	err := d.store.View(boss, func(tx record.Tx) error {
		rec, err := tx.Get(id)
		if err != nil {
			return err
		}
		if q := rec.Body.(*request.Request); q.State != request.Proven || q.Search != nil || len(q.Found) != 0 {
			t.Errorf("state %s, %d found: half a search is kept", q.State, len(q.Found))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSearchIsBounded proves that a name which everybody has fills neither the memory nor the request, that the surest are
// kept, a document before any name, and that the request says that there were others.
func TestSearchIsBounded(t *testing.T) {
	d := open(t)
	const persons = 4*request.MaxFound + 50
	err := d.store.Update(machine(), func(tx record.Tx) error {
		for n := range persons {
			rec := &record.Record{Writer: "kz-node", Owner: record.Owner{Agency: "KAZ-PIU"}, Handling: record.Handling{Marking: "official", Topic: access.Passenger},
				Body: &journey{P: someone("IBRAGIMOV", fmt.Sprint("F", n), "1984-05-17", fmt.Sprintf("ZZ2%06d", n)), Flight: "ZZ 1"}, Basis: record.Basis{Purpose: "test purpose"}}
			if err := tx.Put(rec); err != nil {
				return err
			}
		}
		return tx.Audit(record.Act{Action: "import", Topic: access.Passenger, Count: persons})
	})
	if err != nil {
		t.Fatal(err)
	}
	byDoc := d.put(access.Passenger, "KAZ-PIU", &journey{P: someone("QODIROV", "ANVAR", "1990-01-01", "ZZ1234567"), Flight: "ZZ 2"})
	n := 0
	d.room.Likeness = func(record.Person) func(record.Person) (float64, []request.Reason) {
		return func(record.Person) (float64, []request.Reason) {
			n++
			return 0.1 + float64(n)/10_000, nil
		}
	}
	q := d.must(d.room.Search(boss, d.ask(asked)))
	if q.Search.Persons != persons+1 || !q.Search.Cut || len(q.Found) != request.MaxFound {
		t.Errorf("%d found of %d persons, cut %v", len(q.Found), q.Search.Persons, q.Search.Cut)
	}
	if q.Found[0].Record != byDoc || q.Found[len(q.Found)-1].Score < q.Found[1].Score-0.06 {
		t.Errorf("the surest are not kept: first %v, scores %g to %g", q.Found[0].How, q.Found[1].Score, q.Found[len(q.Found)-1].Score)
	}
}
