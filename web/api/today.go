package api

import (
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
	"sarhad/screening/hit"
	"sarhad/screening/watchlist"
)

// Today is the first page of every role: what waits, most urgent first.
type Today struct {
	Role         string      `json:"role"`
	Cards        []Card      `json:"cards"`
	Flights      []VoyageRow `json:"flights"`
	Hits         []HitRow    `json:"hits"`
	Instructions []OrderRow  `json:"instructions"`
	Quick        []Look      `json:"quick"`
}

// Card is one figure that opens what it counts.
type Card struct {
	Code  string `json:"code"`
	Count int    `json:"count"`
	Href  string `json:"href"`
	Tone  string `json:"tone" enum:"plain,accent,warn,bad"`
}

// What fits on a first page.
const (
	todayHits    = 6
	todayFlights = 60
	todayQuick   = 5
)

func (a *API) today(h huma.API) {
	register(a, h, "GET", "/today", "getToday", "What waits for me", func(ctx context.Context, _ *empty) (*body[Today], error) {
		return answer(a.todayPage(ctx))
	})
}

func (a *API) todayPage(ctx context.Context) (Today, error) {
	out := Today{Cards: []Card{}, Flights: []VoyageRow{}, Hits: []HitRow{}, Instructions: []OrderRow{}, Quick: []Look{}}
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return out, err
	}
	if len(actor.Roles) > 0 {
		out.Role = actor.Roles[0]
	}
	for _, part := range []struct {
		action, topic string
		add           func(context.Context, record.Actor, *Today) error
	}{
		{access.Read, access.Hit, a.todayHits},
		{access.Read, access.Passenger, a.todayFlights},
		{access.Read, access.Instruction, a.todayOrders},
		{access.Change, access.Watchlist, a.todayLists},
		{access.Read, access.Audit, a.todayOversight},
		{access.Oversee, access.Hit, a.todayOversight},
		{access.Read, access.Oversight, a.todayQuestions},
		{access.Read, access.Request, a.todayRequests},
		{access.Read, access.Users, a.todayUsers},
		{access.Decide, access.Sharing, a.todaySharing},
	} {
		if access.May(actor, part.action, part.topic) {
			if err := part.add(ctx, actor, &out); err != nil {
				return out, err
			}
		}
	}
	if correctable(actor) {
		if err := a.todayProposals(ctx, actor, &out); err != nil {
			return out, err
		}
	}
	return out, a.todayMine(ctx, &out)
}

func tone(count int, some string) string {
	if count == 0 {
		return "plain"
	}
	return some
}

func (a *API) todayHits(ctx context.Context, _ record.Actor, out *Today) error {
	q, err := a.hitList(ctx, &hitQuery{State: "open", Paging: Paging{Limit: todayHits}})
	if err != nil {
		return err
	}
	out.Hits = q.Items
	out.Cards = append(out.Cards,
		Card{"hits-overdue", q.Counts.Overdue, "/hits?state=overdue", tone(q.Counts.Overdue, "bad")},
		Card{"hits-open", q.Counts.Open, "/hits", tone(q.Counts.Open, "accent")},
		Card{"hits-mine", q.Counts.Mine, "/hits?state=mine", "plain"})
	return nil
}

func (a *API) todayFlights(ctx context.Context, _ record.Actor, out *Today) error {
	page, err := a.voyageList(ctx, &voyageQuery{When: "tonight", Paging: Paging{Limit: todayFlights}})
	if err != nil {
		return err
	}
	out.Flights = page.Items
	persons, problems := 0, 0
	for _, v := range page.Items {
		persons += v.Persons
		if v.Problems > 0 {
			problems++
		}
	}
	status, err := a.Events.Status(ctx)
	out.Cards = append(out.Cards,
		Card{"voyages-tonight", len(page.Items), "/voyages", "plain"},
		Card{"travellers-tonight", persons, "/voyages", "plain"},
		Card{"imports-with-problems", problems, "/voyages", tone(problems, "warn")},
		Card{"unscreened", status.Unscreened, "/voyages", tone(status.Unscreened, "warn")})
	return err
}

func (a *API) todayOrders(ctx context.Context, actor record.Actor, out *Today) error {
	page, err := a.orderList(ctx, &orderQuery{State: "open", Place: actor.Place})
	out.Instructions = page.Items
	open := 0
	for _, o := range page.Items {
		if o.State == hit.Open {
			open++
		}
	}
	out.Cards = append(out.Cards, Card{"instructions-open", open, "/instructions", tone(open, "accent")})
	return err
}

func (a *API) todayLists(ctx context.Context, _ record.Actor, out *Today) error {
	all, err := watchlist.Lists(ctx, a.Store)
	stale := 0
	for _, l := range all {
		if listRow(l, a.Now()).Stale {
			stale++
		}
	}
	out.Cards = append(out.Cards, Card{"lists-stale", stale, "/lists", tone(stale, "warn")})
	return err
}

// todayOversight shows what was closed too fast, to oversight and to the supervisor of the shift.
func (a *API) todayOversight(ctx context.Context, actor record.Actor, out *Today) error {
	topic := access.Audit
	if !access.May(actor, access.Read, access.Audit) { // a supervisor sees the own agency
		topic = access.Hit
	}
	if _, err := a.purposed(ctx, access.Read, topic); err != nil {
		return err
	}
	rows, err := a.Audit.AskAudit(ctx, audit.Question{Actions: []string{"decide"}, TookUnder: quickDecision, From: a.Now().Add(-24 * time.Hour), Limit: 100})
	if err != nil {
		return err
	}
	if topic == access.Hit {
		rows = slices.DeleteFunc(rows, func(r audit.Row) bool { return r.Agency != actor.Agency })
	}
	if err := a.overseen(ctx, actor, topic, asked("", "today"), rows); err != nil {
		return err
	}
	names, err := a.officers(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows[:min(len(rows), todayQuick)] {
		out.Quick = append(out.Quick, lookOf(r, names, nil))
	}
	out.Cards = append(out.Cards, Card{"decisions-quick", len(rows), "/oversight", tone(len(rows), "warn")})
	return nil
}

// quickDecision is faster than anybody reads a comparison.
const quickDecision = 10 * time.Second

func (a *API) todayUsers(ctx context.Context, _ record.Actor, out *Today) error {
	users, err := a.listUsers(ctx, "today")
	out.Cards = append(out.Cards, Card{"users", len(users), "/admin", "plain"})
	return err
}
