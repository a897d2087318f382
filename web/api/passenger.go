package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/collection/passenger"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/screening/hit"
)

// VoyageRow is a flight on the board.
type VoyageRow struct {
	ID           string     `json:"id"`
	Carrier      string     `json:"carrier"`
	Number       string     `json:"number"`
	Label        string     `json:"label"`
	From         string     `json:"from"`
	To           string     `json:"to"`
	Departs      *time.Time `json:"departs,omitempty"`
	Arrives      *time.Time `json:"arrives,omitempty"`
	ArrivesLocal string     `json:"arrivesLocal,omitempty"`
	Minutes      *int       `json:"minutesToArrival,omitempty"`
	Persons      int        `json:"persons" doc:"passengers stored"`
	Crew         int        `json:"crew"`
	Hits         int        `json:"hits"`
	OpenHits     int        `json:"openHits"`
	Problems     int        `json:"problems"`
	Unscreened   int        `json:"unscreened" doc:"persons on board while the flight is not yet screened"`
	State        string     `json:"state"`
	Received     time.Time  `json:"received"`
}

// VoyagePage is one flight with what its messages said.
type VoyagePage struct {
	VoyageRow
	Key          string              `json:"key"`
	DepartsLocal string              `json:"departsLocal,omitempty"`
	ZoneAssumed  bool                `json:"zoneAssumed"`
	Problems     []passenger.Problem `json:"problems"`
	Raw          []string            `json:"raw"`
	Sources      []passenger.Source  `json:"sources"`
}

// JourneyRow is a person on a manifest.
type JourneyRow struct {
	ID          string              `json:"id"`
	Surname     string              `json:"surname"`
	Given       string              `json:"given"`
	Name        string              `json:"name"`
	Sex         string              `json:"sex,omitempty"`
	Born        string              `json:"born,omitempty"`
	Nationality string              `json:"nationality,omitempty"`
	Role        string              `json:"role"`
	State       string              `json:"state"`
	Documents   []record.Document   `json:"documents"`
	Booking     string              `json:"booking,omitempty"`
	Seat        string              `json:"seat,omitempty"`
	Bags        *int                `json:"bags,omitempty"`
	From        string              `json:"from"`
	To          string              `json:"to"`
	Hits        []HitMark           `json:"hits"`
	Problems    []passenger.Problem `json:"problems"`
	Screened    bool                `json:"screened"`
}

// HitMark points from a person to a hit.
type HitMark struct {
	ID    string  `json:"id"`
	State string  `json:"state"`
	Score float64 `json:"score"`
	Leans string  `json:"leans"`
}

type voyageQuery struct {
	Paging
	When string `query:"when" enum:"tonight,past,all" default:"tonight" doc:"tonight: from 3 h ago to 24 h ahead"`
	To   string `query:"to" maxLength:"8"`
	From string `query:"from" maxLength:"8"`
	Q    string `query:"q" maxLength:"100"`
}

type journeyQuery struct {
	Paging
	ByID
	Q string `query:"q" maxLength:"100"`
}

// "Tonight" on the board: who landed within three hours may still be in the hall; a day ahead is what carriers announce.
const (
	boardBack  = 3 * time.Hour
	boardAhead = 24 * time.Hour
)

func (a *API) voyages(h huma.API) {
	register(a, h, "GET", "/voyages", "listVoyages", "Flights", func(ctx context.Context, in *voyageQuery) (*body[List[VoyageRow]], error) {
		return answer(a.voyageList(ctx, in))
	})
	register(a, h, "GET", "/voyages/{id}", "getVoyage", "One flight", func(ctx context.Context, in *ByID) (*body[VoyagePage], error) {
		return answer(a.voyagePage(ctx, *in))
	})
	register(a, h, "GET", "/voyages/{id}/journeys", "listJourneys", "Who is on board", func(ctx context.Context, in *journeyQuery) (*body[List[JourneyRow]], error) {
		return answer(a.journeys(ctx, in))
	})
}

func (in *voyageQuery) query(now time.Time) record.Query {
	q := record.Query{Kinds: []string{passenger.KindVoyage}, Full: true, Cursor: in.Cursor, Limit: in.Limit, Text: strings.TrimSpace(in.Q)}
	switch in.When {
	case "tonight":
		q.From, q.To, q.Oldest = now.Add(-boardBack), now.Add(boardAhead), true
	case "past":
		q.To = now.Add(-boardBack)
	}
	switch {
	case in.To != "":
		q.Thing, q.Role = record.Thing{Type: record.ThingPlace, Key: in.To}, "to"
	case in.From != "":
		q.Thing, q.Role = record.Thing{Type: record.ThingPlace, Key: in.From}, "from"
	}
	return q
}

func (a *API) voyageList(ctx context.Context, in *voyageQuery) (List[VoyageRow], error) {
	out := List[VoyageRow]{Items: []VoyageRow{}}
	now := a.Now()
	screened, err := a.screenedUpTo(ctx)
	if err != nil {
		return out, err
	}
	err = a.look(ctx, record.Act{Action: "list", Topic: access.Passenger}, asked(in.Q, in.When, in.To, in.From, in.Cursor), func(tx record.Tx) ([]record.ID, error) {
		page, err := tx.List(in.query(now))
		if err != nil {
			return nil, err
		}
		out.Next = page.Next
		for _, row := range page.Rows {
			if v, ok := row.Record.Body.(*passenger.Voyage); ok {
				r, err := voyageRow(tx, row.Record, v, screened, now)
				if err != nil {
					return nil, err
				}
				out.Items = append(out.Items, r)
			}
		}
		return idsOf(page.Rows), nil
	})
	return out, err
}

// screenedUpTo is how far screening has come in the change sequence.
func (a *API) screenedUpTo(ctx context.Context) (seq record.Seq, err error) {
	err = a.Store.View(a.machine(ctx, "status"), func(tx record.Tx) error {
		seq, err = tx.Cursor(hit.CursorScreening)
		return err
	})
	return seq, err
}

func voyageRow(tx record.Reader, rec *record.Record, v *passenger.Voyage, screened record.Seq, now time.Time) (VoyageRow, error) {
	row := VoyageRow{ID: rec.ID.String(), Carrier: v.Carrier, Number: v.Number, Label: v.Label(), From: v.From, To: v.To,
		ArrivesLocal: v.ArrivesLocal, Minutes: minutesTo(v.Arrives, now), Persons: v.Passengers, Crew: v.Crew,
		Problems: len(v.Problems), State: v.State, Received: rec.Received}
	if rec.Seq > screened {
		row.Unscreened = v.Passengers + v.Crew
	}
	if !v.Departs.IsZero() {
		row.Departs = &v.Departs
	}
	if !v.Arrives.IsZero() {
		row.Arrives = &v.Arrives
	}
	q := record.Query{Kinds: []string{hit.KindHit}, Thing: record.Thing{Type: record.ThingVoyage, Key: v.Key()}}
	var err error
	if row.Hits, err = tx.Count(q, 1000); err != nil || row.Hits == 0 {
		return row, err
	}
	q.States = hit.OpenStates()
	row.OpenHits, err = tx.Count(q, 1000)
	return row, err
}

func (a *API) voyagePage(ctx context.Context, in ByID) (VoyagePage, error) {
	var out VoyagePage
	id, err := in.id()
	if err != nil {
		return out, err
	}
	screened, err := a.screenedUpTo(ctx)
	if err != nil {
		return out, err
	}
	err = a.look(ctx, record.Act{Action: "read", Topic: access.Passenger, Subject: id}, question{}, func(tx record.Tx) ([]record.ID, error) {
		rec, v, err := voyageOf(tx, id)
		if err != nil {
			return nil, err
		}
		row, err := voyageRow(tx, rec, v, screened, a.Now())
		out = VoyagePage{VoyageRow: row, Key: v.Key(), DepartsLocal: v.DepartsLocal, ZoneAssumed: v.ZoneAssumed,
			Problems: nonNilOf(v.Problems), Raw: nonNil(v.Raw), Sources: nonNilOf(v.Sources)}
		return []record.ID{id}, err
	})
	return out, err
}

func voyageOf(tx record.Reader, id record.ID) (*record.Record, *passenger.Voyage, error) {
	return recordOf[*passenger.Voyage](tx, id, "voyage")
}

// voyageByKey finds the record of a voyage; the zero id when there is none.
func voyageByKey(tx record.Reader, key string) (record.ID, error) {
	rec, err := tx.ByKey(passenger.KindVoyage, key)
	if record.KindOf(err) == record.NotFound {
		return record.ID{}, nil
	}
	if err != nil {
		return record.ID{}, err
	}
	return rec.ID, nil
}

// rawSegments gives what came of a person, as it came.
func rawSegments(rec *record.Record) []string {
	if j, ok := rec.Body.(*passenger.Journey); ok {
		return nonNil(j.Raw)
	}
	return []string{}
}

func (a *API) journeys(ctx context.Context, in *journeyQuery) (List[JourneyRow], error) {
	out := List[JourneyRow]{Items: []JourneyRow{}}
	id, err := in.id()
	if err != nil {
		return out, err
	}
	screened, err := a.screenedUpTo(ctx)
	if err != nil {
		return out, err
	}
	err = a.look(ctx, record.Act{Action: "list", Topic: access.Passenger, Subject: id}, asked(in.Q, in.Cursor), func(tx record.Tx) ([]record.ID, error) {
		_, v, err := voyageOf(tx, id)
		if err != nil {
			return nil, err
		}
		thing := record.Thing{Type: record.ThingVoyage, Key: v.Key()}
		marks, err := hitMarks(tx, thing)
		if err != nil {
			return nil, err
		}
		page, err := tx.List(record.Query{Kinds: []string{passenger.KindJourney}, Thing: thing, Text: strings.TrimSpace(in.Q),
			Full: true, Oldest: true, Cursor: in.Cursor, Limit: in.Limit})
		out.Next = page.Next
		for _, row := range page.Rows {
			if j, ok := row.Record.Body.(*passenger.Journey); ok {
				out.Items = append(out.Items, journeyRow(row.Record, j, marks[row.ID], screened))
			}
		}
		return idsOf(page.Rows), err
	})
	return out, err
}

// hitMarks gives the hits of a voyage by traveller, for officers who may read hits; others get none.
func hitMarks(tx record.Reader, voyage record.Thing) (map[record.ID][]HitMark, error) {
	page, err := tx.List(record.Query{Kinds: []string{hit.KindHit}, Thing: voyage, Full: true, Limit: record.MaxLimit})
	out := map[record.ID][]HitMark{}
	for _, row := range page.Rows {
		if h, ok := row.Record.Body.(*hit.Hit); ok {
			out[h.Subject] = append(out[h.Subject], HitMark{row.ID.String(), h.State, h.Score, h.Lean().Leans})
		}
	}
	return out, err
}

func journeyRow(rec *record.Record, j *passenger.Journey, marks []HitMark, screened record.Seq) JourneyRow {
	row := JourneyRow{ID: rec.ID.String(), Surname: j.Surname, Given: j.Given, Name: j.Name(), Sex: j.Sex, Born: j.Born,
		Nationality: j.Nationality, Role: j.Role, State: j.State, Documents: nonNilOf(j.Documents), Booking: j.Booking, Seat: j.Seat, Bags: j.Bags,
		Hits: nonNilOf(marks), Problems: nonNilOf(j.Problems), Screened: rec.Seq <= screened}
	if len(j.Legs) > 0 {
		row.From, row.To = j.Legs[0].From, j.Legs[len(j.Legs)-1].To
	}
	return row
}

func nonNilOf[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return slices.Clone(s)
}
