package app

import (
	"context"
	"slices"
	"time"

	"sarhad/collection/passenger"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/oversight"
	"sarhad/screening/hit"
)

// demoLong is a traveller of seven months ago, of whom two confirmed hits are left. All of them are invented.
var demoLong = oversight.Invented{Surname: "TASKYNBAYEV", Given: "RUSLAN", Born: "1974-03-08", Sex: "M", Nationality: "KAZ", Document: "ZZ5550733"}

// demoAge is how long ago that was: longer than the six months after which the clocks mask.
const demoAge = -7 // months

// demoMasked lets a traveller of long ago pass into the hands of the clocks, and leaves the wish of an analyst to have one of
// the masked hits opened, so that the way of unmasking can be walked in a demonstration.
func (a *App) demoMasked(machine context.Context) error {
	journey, err := a.invent(machine, demoLong)
	if err != nil {
		return err
	}
	then := journey.Occurred.AddDate(0, demoAge, 0)
	body := journey.Body.(*passenger.Journey)
	body.Legs = slices.Clone(body.Legs)
	for i := range body.Legs {
		l := &body.Legs[i]
		l.Departs, l.Arrives = l.Departs.AddDate(0, demoAge, 0), l.Arrives.AddDate(0, demoAge, 0)
		l.DepartsLocal, l.ArrivesLocal = "", ""
	}
	journey.Occurred, journey.Expires, journey.Origin.Parents = then, time.Time{}, nil
	var hits []*record.Record
	err = a.Store.Update(machine, func(tx record.Tx) error {
		hits = nil
		if err := tx.Put(journey); err != nil {
			return err
		}
		for _, list := range []string{"national", "interpol"} {
			h := longHit(journey, list)
			if err := tx.Put(h); err != nil {
				return err
			}
			hits = append(hits, h)
		}
		return tx.Audit(record.Act{Action: "import", Topic: access.Passenger, Count: 1 + len(hits)})
	})
	if err != nil {
		return err
	}
	if _, err := a.Privacy.Run(machine); err != nil {
		return err
	}
	officer, err := a.demoActor(machine, "analyst", record.Purpose{Kind: "case", Ref: "DEMO-118", Text: "Case DEMO-118"})
	if err != nil {
		return err
	}
	_, err = a.Privacy.Ask(officer, hits[0].ID, "DEMO-118", "The court asks whether the man of this case was the one who was stopped in spring")
	return err
}

// longHit is a hit of the demonstration that was confirmed and closed long ago.
func longHit(journey *record.Record, list string) *record.Record {
	j := journey.Body.(*passenger.Journey)
	leg := j.Legs[len(j.Legs)-1]
	facts := hit.Facts{Names: []record.Name{{Full: j.Surname + " " + j.Given}}, Born: []string{j.Born}, Sex: j.Sex, Nationalities: []string{j.Nationality}, Documents: j.Documents}
	h := &hit.Hit{Subject: journey.ID, Traveller: facts, State: hit.Closed, Score: 0.97,
		Passage: hit.Passage{Label: leg.Label, From: leg.From, To: leg.To, Arrives: leg.Arrives},
		Entry:   hit.Entry{List: list, Key: "DEMO-7", Facts: facts, Matched: facts.Name(), Severity: "high"},
		Reasons: []hit.Reason{{Field: "document", Agreement: "same", Query: demoLong.Document, Listed: demoLong.Document, Code: "document-same", Text: "Same passport number", Weight: 9}},
	}
	handling := journey.Handling
	handling.Topic, handling.Place = access.Hit, leg.To
	return &record.Record{Kind: hit.KindHit, Version: 1, Writer: journey.Writer, Owner: journey.Owner, Handling: handling,
		Basis: record.Basis{Purpose: "screening of arrivals against " + list}, Origin: record.Origin{Parents: []record.ID{journey.ID}}, Occurred: leg.Arrives, Body: h}
}
