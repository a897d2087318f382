package app_test

import (
	"strings"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/record"
	"sarhad/record/oversight"
)

// TestAPlantedRecordLives proves that a record is planted only where the clocks leave it for a day: not on an old flight, of
// which only travellers with hits are left, and nobody so young that the clocks take them sooner.
func TestAPlantedRecordLives(t *testing.T) {
	l := newLegal(t)
	b := signIn(t, l.app, "analyst")
	b.upload("/lists/import", map[string][]byte{"own.csv": []byte(stopList)}, 200)
	l.flight(b, "209")
	hit := openHits(t, b)[0] // its journey outlives the others of the flight
	b.do("POST", "/hits/"+hit+"/claim", map[string]any{}, nil, 200)
	b.confirm(hit, "second-line", "look", nil)
	eye := record.WithActor(t.Context(), record.Actor{User: "u-eye", Display: "Eye", Agency: app.Agency("KAZ"), Roles: []string{"oversight"}})
	plant := func(born, document string) (record.ID, error) {
		mark, err := l.app.Oversight.Plant(eye, oversight.Invented{Surname: "CANARYBEKOV", Given: "NOBODY", Born: born, Sex: "M", Nationality: "KAZ", Document: document}, "a test")
		if err != nil {
			return record.ID{}, err
		}
		return mark.Body.(*oversight.Canary).Record, nil
	}
	refused := func(what string, err error) {
		t.Helper()
		if record.KindOf(err) != record.Conflict || !strings.Contains(record.MessageOf(err), "kept for another 24") {
			t.Errorf("%s: %v", what, err)
		}
	}
	l.days(2) // landed 46 hours ago: 26 are left
	_, err := plant(l.clock.Now().AddDate(-12, 0, 0).Format(time.DateOnly), "ZZ5550498")
	refused("a child", err)
	planted, err := plant("1979-02-11", "ZZ5550499")
	must(t, err)
	l.clock.on(canaryDay)
	if _, err := l.app.Privacy.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	must(t, l.app.Store.View(record.WithActor(t.Context(), record.Machine("test", "")), func(tx record.Tx) error { _, err := tx.Get(planted); return err }))
	_, err = plant("1979-02-11", "ZZ5550497")
	refused("on a flight that is nearly forgotten", err)
	l.days(2)
	_, err = plant("1979-02-11", "ZZ5550496")
	refused("on a flight of which only a hit is left", err)
}

// canaryDay is a little less than what the clocks take for one step.
const canaryDay = 24*time.Hour - time.Minute
