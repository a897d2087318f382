package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/screening/hit"
)

// OrderRow is an instruction in a list.
type OrderRow struct {
	ID             string        `json:"id"`
	Action         string        `json:"action"`
	Text           string        `json:"text,omitempty"`
	Person         Who           `json:"person"`
	Voyage         Flight        `json:"voyage"`
	Place          string        `json:"place"`
	State          string        `json:"state" enum:"waiting,open,acknowledged,closed,withdrawn"`
	Severity       string        `json:"severity"`
	Doubt          string        `json:"doubt,omitempty" enum:"traveller,entry-changed,entry-removed,place," doc:"the facts changed since: ask the analyst before acting"`
	IssuedAt       time.Time     `json:"issuedAt"`
	IssuedBy       Officer       `json:"issuedBy"`
	AcknowledgedAt *time.Time    `json:"acknowledgedAt,omitempty"`
	AcknowledgedBy *Officer      `json:"acknowledgedBy,omitempty"`
	Outcome        *OrderOutcome `json:"outcome,omitempty"`
	EffectiveAt    time.Time     `json:"effectiveAt"`
	Minutes        *int          `json:"minutesToArrival,omitempty"`
}

// OrderOutcome is what came of it.
type OrderOutcome struct {
	Code string    `json:"code"`
	Note string    `json:"note,omitempty"`
	At   time.Time `json:"at"`
	By   Officer   `json:"by"`
}

// OrderPage is one instruction with its reasons.
type OrderPage struct {
	OrderRow
	Why     []ReasonText  `json:"why"`
	Contact string        `json:"contact,omitempty"`
	Hit     string        `json:"hit,omitempty" doc:"only for who may read hits"`
	History []HistoryStep `json:"history"`
}

type orderQuery struct {
	Paging
	State string `query:"state" enum:"open,closed,all" default:"open"`
	Place string `query:"place" maxLength:"8"`
}

type outcomeBody struct {
	ByID
	Body struct {
		Code string `json:"code" maxLength:"64"`
		Note string `json:"note,omitempty" maxLength:"2000"`
	}
}

func (a *API) instructions(h huma.API) {
	register(a, h, "GET", "/instructions", "listInstructions", "Instructions of a place", func(ctx context.Context, in *orderQuery) (*body[List[OrderRow]], error) {
		return answer(a.orderList(ctx, in))
	})
	register(a, h, "GET", "/instructions/{id}", "getInstruction", "One instruction with its reasons", func(ctx context.Context, in *ByID) (*body[OrderPage], error) {
		return answer(a.order(ctx, *in))
	})
	register(a, h, "POST", "/instructions/{id}/acknowledge", "acknowledgeInstruction", "Say that somebody is on it", func(ctx context.Context, in *ByID) (*body[OrderPage], error) {
		return answer(a.orderAct(ctx, *in, func(ctx context.Context, id record.ID) error {
			_, err := a.Hits.Acknowledge(ctx, id)
			return err
		}))
	})
	register(a, h, "POST", "/instructions/{id}/outcome", "reportOutcome", "Record what came of it", func(ctx context.Context, in *outcomeBody) (*body[OrderPage], error) {
		return answer(a.orderAct(ctx, in.ByID, func(ctx context.Context, id record.ID) error {
			if err := known("outcome", in.Body.Code, "outcome"); err != nil {
				return err
			}
			if err := needsNote("outcome", in.Body.Code, in.Body.Note); err != nil {
				return err
			}
			_, err := a.Hits.Report(ctx, id, in.Body.Code, strings.TrimSpace(in.Body.Note))
			return err
		}))
	})
}

// orderStates are what a tab shows. A booth never sees what may still be undone.
var orderStates = map[string][]string{
	"open":   {hit.Open, hit.Acknowledged},
	"closed": {hit.Closed, hit.Withdrawn},
	"all":    {hit.Open, hit.Acknowledged, hit.Closed, hit.Withdrawn},
}

func (a *API) orderList(ctx context.Context, in *orderQuery) (List[OrderRow], error) {
	out := List[OrderRow]{Items: []OrderRow{}}
	err := a.look(ctx, record.Act{Action: "list", Topic: access.Instruction}, asked("", in.State, in.Place, in.Cursor), func(tx record.Tx) ([]record.ID, error) {
		q := record.Query{Kinds: []string{hit.KindInstruction}, States: orderStates[in.State], Full: true, Cursor: in.Cursor, Limit: in.Limit, Oldest: in.State == "open"}
		if in.Place != "" {
			q.Thing = record.Thing{Type: record.ThingPlace, Key: in.Place}
		}
		page, err := tx.List(q)
		out.Next = page.Next
		for _, row := range page.Rows {
			if o, ok := row.Record.Body.(*hit.Instruction); ok {
				out.Items = append(out.Items, orderRow(row.Record, o, a.Now()))
			}
		}
		slices.SortStableFunc(out.Items, func(x, y OrderRow) int { // what nobody has taken comes first
			return strings.Compare(openFirst(x), openFirst(y))
		})
		return idsOf(page.Rows), err
	})
	return out, err
}

func openFirst(o OrderRow) string {
	if o.State == hit.Open {
		return "0"
	}
	return "1"
}

func (a *API) order(ctx context.Context, in ByID) (OrderPage, error) {
	var out OrderPage
	id, err := in.id()
	if err != nil {
		return out, err
	}
	err = a.look(ctx, record.Act{Action: "read", Topic: access.Instruction, Subject: id}, question{}, func(tx record.Tx) ([]record.ID, error) {
		rec, o, err := recordOf[*hit.Instruction](tx, id, "instruction")
		if err != nil {
			return nil, err
		}
		actor, err := record.ActorFrom(ctx)
		if err != nil {
			return nil, err
		}
		out = orderPage(rec, o, access.May(actor, access.Read, access.Hit), a.Now())
		return []record.ID{id}, nil
	})
	return out, err
}

func (a *API) orderAct(ctx context.Context, in ByID, fn func(context.Context, record.ID) error) (OrderPage, error) {
	id, err := in.id()
	if err != nil {
		return OrderPage{}, err
	}
	if _, err := a.purposed(ctx, access.Carry, access.Instruction); err != nil {
		return OrderPage{}, err
	}
	if err := fn(ctx, id); err != nil {
		return OrderPage{}, err
	}
	return a.order(ctx, in)
}

func orderRow(rec *record.Record, o *hit.Instruction, now time.Time) OrderRow {
	row := OrderRow{
		ID: rec.ID.String(), Action: o.Action, Text: o.Text, Person: who(o.Person), Voyage: flight(o.Passage), Place: o.Passage.To,
		State: o.State, Severity: o.Severity, Doubt: o.Doubt, IssuedAt: o.IssuedBy.At, IssuedBy: Officer{o.IssuedBy.By, o.IssuedBy.Display},
		EffectiveAt: o.Effective, Minutes: minutesTo(o.Passage.Arrives, now),
	}
	row.Person.Seat = o.Passage.Seat
	if o.Taken != nil {
		row.AcknowledgedAt, row.AcknowledgedBy = &o.Taken.At, &Officer{o.Taken.By, o.Taken.Display}
	}
	if c := o.Outcome; c != nil {
		row.Outcome = &OrderOutcome{c.Code, c.Note, c.At, Officer{c.By, c.Display}}
	}
	return row
}

func orderPage(rec *record.Record, o *hit.Instruction, seesHits bool, now time.Time) OrderPage {
	page := OrderPage{OrderRow: orderRow(rec, o, now), Why: reasonTexts(o.Why, 0), Contact: o.Contact, History: history(o.Steps)}
	if seesHits {
		page.Hit = o.Hit.String()
	}
	return page
}
