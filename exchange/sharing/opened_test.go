package sharing

import (
	"fmt"
	"slices"
	"testing"

	"sarhad/record"
)

// TestOpenedIsToldOnce proves that the owner is told of every message whose edition the holder's officers had not seen, when one of
// the agency it is for reads it and not before; that nobody else's look tells it; and that nothing is told twice.
func TestOpenedIsToldOnce(t *testing.T) {
	w := newNetwork(t, "kz-one", "kg-one")
	kz, kg := w.nodes["kz-one"], w.nodes["kg-one"]
	var told []string
	kg.Open = func(_ record.Tx, from string, lane record.Lane, message record.ID) error {
		told = append(told, fmt.Sprint(from, " ", lane, " ", message))
		return nil
	}
	kz.agrees("kg-one", nil)
	rec := kz.put(kz.about(aSecret()))
	kz.shares(rec, "kg-one")
	kz.revise(rec.ID, func(r *record.Record) { r.Body.(*secret).Place = "NQZ" })
	w.settle()
	var want []string
	for _, e := range kz.shareOf(rec.ID, "kg-one").Editions {
		want = append(want, fmt.Sprint("kz-one routine ", e.Message))
	}
	if len(want) != 2 {
		t.Fatalf("%d editions", len(want))
	}
	elsewhere := record.WithActor(t.Context(), record.Actor{User: "x", Agency: "KGZ-MIA", Roles: []string{"oversight"}, Purpose: record.Purpose{Kind: "duty", Text: "test"}})
	kg.must(kg.Opened(kg.machine(), rec.ID))
	kg.must(kg.Opened(elsewhere, rec.ID))
	if len(told) != 0 {
		t.Fatalf("told before anybody of the agency read it: %v", told)
	}
	kg.must(kg.Opened(kg.analyst(), rec.ID))
	kg.must(kg.Opened(kg.boss(), rec.ID))
	if !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	if h := kg.holdingOf(rec.ID, "kz-one"); h.Unread != nil || h.Opened.IsZero() {
		t.Errorf("%+v", h)
	}
	kz.revise(rec.ID, func(r *record.Record) { r.Body.(*secret).Place = "SCO" })
	w.settle()
	kg.must(kg.Opened(kg.analyst(), rec.ID))
	if len(told) != 3 {
		t.Errorf("an update that was read: told %v", told)
	}
	own := kg.put(kg.about(&secret{Name: "OWN", Place: "FRU"}))
	kg.must(kg.Opened(kg.analyst(), own.ID))
	kg.must(kg.Opened(kg.analyst(), record.ID{9}))
	if len(told) != 3 {
		t.Errorf("own records are nobody's: %v", told)
	}
}
