package api

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/screening/hit"
)

// Who is one side of a comparison in a line.
type Who struct {
	Name        string `json:"name"`
	Native      string `json:"native,omitempty" doc:"name in its own script"`
	Born        string `json:"born,omitempty" doc:"ISO 8601 or EDTF"`
	Sex         string `json:"sex,omitempty"`
	Nationality string `json:"nationality,omitempty"`
	Document    string `json:"document,omitempty"`
	Seat        string `json:"seat,omitempty"`
}

// Listed is the list entry in a line.
type Listed struct {
	Who
	List      string `json:"list"`
	ListTitle string `json:"listTitle"`
	Effect    string `json:"effect" doc:"binding, national or information"`
}

// Verdict is what the machine thinks, in words. It decides nothing.
type Verdict struct {
	Code   string `json:"code"`
	Leans  string `json:"leans" enum:"same,different,unclear"`
	TextEn string `json:"text_en"`
	TextRu string `json:"text_ru"`
}

// Flight is the voyage a person arrives on.
type Flight struct {
	ID           string    `json:"id,omitempty"`
	Label        string    `json:"label"`
	From         string    `json:"from"`
	To           string    `json:"to"`
	Arrives      time.Time `json:"arrives,omitzero"`
	ArrivesLocal string    `json:"arrivesLocal,omitempty" doc:"wall time at the place of arrival"`
}

// HitRow is a hit in the queue.
type HitRow struct {
	ID               string       `json:"id"`
	State            string       `json:"state"`
	Severity         string       `json:"severity"`
	Score            float64      `json:"score"`
	Priority         float64      `json:"priority"`
	Traveller        Who          `json:"traveller"`
	Listed           Listed       `json:"listed"`
	Verdict          Verdict      `json:"verdict"`
	Strongest        []ReasonText `json:"strongest"`
	Voyage           *Flight      `json:"voyage,omitempty"`
	Place            string       `json:"place"`
	ClaimedBy        *Officer     `json:"claimedBy,omitempty"`
	ClaimedAt        *time.Time   `json:"claimedAt,omitempty"`
	Overdue          bool         `json:"overdue"`
	Landed           bool         `json:"landed"`
	Retro            bool         `json:"retro"`
	Doubt            string       `json:"doubt,omitempty" enum:"traveller,entry-changed,entry-removed,place," doc:"why the decision should be looked at again"`
	Created          time.Time    `json:"created"`
	MinutesToArrival *int         `json:"minutesToArrival,omitempty"`
}

// Officer names who did something.
type Officer struct {
	ID      string `json:"id"`
	Display string `json:"display"`
}

// ReasonText is one piece of evidence in both languages.
type ReasonText struct {
	Field     string  `json:"field"`
	Agreement string  `json:"agreement"`
	Query     string  `json:"query,omitempty"`
	Listed    string  `json:"listed,omitempty"`
	Code      string  `json:"code"`
	TextEn    string  `json:"text_en"`
	TextRu    string  `json:"text_ru"`
	Weight    float64 `json:"weight"`
}

// HitCounts are the heads of the queue's tabs.
type HitCounts struct {
	Open    int `json:"open"`
	Mine    int `json:"mine"`
	Overdue int `json:"overdue"`
	Decided int `json:"decided" doc:"capped at 1000"`
}

// HitList is a page of the queue.
type HitList struct {
	List[HitRow]
	Counts HitCounts `json:"counts"`
}

type hitQuery struct {
	Paging
	State string `query:"state" enum:"open,mine,overdue,decided,all" default:"open"`
	Place string `query:"place" maxLength:"8"`
	List  string `query:"list" maxLength:"64"`
	Leans string `query:"leans" enum:"same,different,unclear,"`
	Q     string `query:"q" maxLength:"200"`
}

type decideBody struct {
	ByID
	Body struct {
		Reason      string `json:"reason" maxLength:"64"`
		Note        string `json:"note,omitempty" maxLength:"2000"`
		Instruction *struct {
			Action string `json:"action" maxLength:"64"`
			Text   string `json:"text,omitempty" maxLength:"500"`
		} `json:"instruction,omitempty"`
		Proof *Proof `json:"proof,omitempty" doc:"the officer's signature; needed with an instruction"`
	}
}

func (a *API) hits(h huma.API) {
	register(a, h, "GET", "/hits", "listHits", "Queue of hits, most urgent first", func(ctx context.Context, in *hitQuery) (*body[HitList], error) {
		return answer(a.hitList(ctx, in))
	})
	register(a, h, "GET", "/hits/{id}", "getHit", "One hit with its evidence", func(ctx context.Context, in *ByID) (*body[HitPage], error) {
		return answer(a.hitPage(ctx, *in))
	})
	act := func(path, id, summary string, fn func(context.Context, record.ID) (*record.Record, error)) {
		register(a, h, "POST", "/hits/{id}/"+path, id, summary, func(ctx context.Context, in *ByID) (*body[HitPage], error) {
			return answer(a.hitAct(ctx, *in, fn))
		})
	}
	act("claim", "claimHit", "Take a hit", a.onHits((*hit.Room).Claim))
	act("release", "releaseHit", "Give a hit back", a.onHits((*hit.Room).Release))
	act("undo", "undoHit", "Take the own decision back within 10 s", a.onHits((*hit.Room).Undo))
	register(a, h, "POST", "/hits/{id}/confirm", "confirmHit", "Confirm and instruct the place of arrival", func(ctx context.Context, in *decideBody) (*body[HitPage], error) {
		return answer(a.hitAct(ctx, in.ByID, func(ctx context.Context, id record.ID) (*record.Record, error) {
			if err := known("confirmreason", in.Body.Reason, "reason"); err != nil {
				return nil, err
			}
			if err := needsNote("confirmreason", in.Body.Reason, in.Body.Note); err != nil {
				return nil, err
			}
			var order hit.Order
			if in.Body.Instruction != nil {
				order = hit.Order{Action: in.Body.Instruction.Action, Text: strings.TrimSpace(in.Body.Instruction.Text)}
				if err := known("instruction", order.Action, "instruction"); err != nil {
					return nil, err
				}
			}
			note := strings.TrimSpace(in.Body.Note)
			if in.Body.Instruction != nil || in.Body.Proof != nil {
				var err error
				if order.Signature, err = a.signed(ctx, confirmation(id, in.Body.Reason, note, order), in.Body.Proof); err != nil {
					return nil, err
				}
			}
			return a.Hits.Confirm(ctx, id, in.Body.Reason, note, order)
		}))
	})
	register(a, h, "POST", "/hits/{id}/dismiss", "dismissHit", "Dismiss with a reason", func(ctx context.Context, in *decideBody) (*body[HitPage], error) {
		return answer(a.hitAct(ctx, in.ByID, func(ctx context.Context, id record.ID) (*record.Record, error) {
			if err := known("dismissreason", in.Body.Reason, "reason"); err != nil {
				return nil, err
			}
			if err := needsNote("dismissreason", in.Body.Reason, in.Body.Note); err != nil {
				return nil, err
			}
			return a.Hits.Dismiss(ctx, id, in.Body.Reason, strings.TrimSpace(in.Body.Note))
		}))
	})
}

// confirmation is what an officer signs who confirms a hit.
func confirmation(id record.ID, reason, note string, o hit.Order) authn.Intent {
	return authn.Intent{Action: "decide", Topic: access.Hit, Subject: id, Verdict: hit.Confirmed, Reason: reason,
		Details: map[string]string{"instruction": o.Action, "text": o.Text, "note": note}}
}

// onHits binds a method of the room late: the OpenAPI document is made without a room.
func (a *API) onHits(fn func(*hit.Room, context.Context, record.ID) (*record.Record, error)) func(context.Context, record.ID) (*record.Record, error) {
	return func(ctx context.Context, id record.ID) (*record.Record, error) { return fn(a.Hits, ctx, id) }
}

func (a *API) hitAct(ctx context.Context, in ByID, fn func(context.Context, record.ID) (*record.Record, error)) (HitPage, error) {
	id, err := in.id()
	if err != nil {
		return HitPage{}, err
	}
	if _, err := a.purposed(ctx, access.Decide, access.Hit); err != nil {
		return HitPage{}, err
	}
	if _, err := fn(ctx, id); err != nil {
		return HitPage{}, err
	}
	return a.hitPage(ctx, in)
}

func (a *API) hitList(ctx context.Context, in *hitQuery) (HitList, error) {
	var out HitList
	err := a.look(ctx, record.Act{Action: "list", Topic: access.Hit}, asked(in.Q, in.State, in.Place, in.List, in.Leans, in.Cursor), func(tx record.Tx) ([]record.ID, error) {
		actor, err := record.ActorFrom(ctx)
		if err != nil {
			return nil, err
		}
		lists, err := a.listTitles(tx)
		if err != nil {
			return nil, err
		}
		open, err := openHits(tx)
		if err != nil {
			return nil, err
		}
		now := a.Now()
		if out.Counts, err = countHits(tx, open, actor.User, now); err != nil {
			return nil, err
		}
		var rows []record.Row
		if in.State == "decided" || in.State == "all" {
			rows, out.Next, err = decidedHits(tx, in)
		} else {
			rows, out.Next = queuePage(open, in, actor.User, now)
		}
		out.Items = make([]HitRow, 0, len(rows))
		for _, row := range rows {
			out.Items = append(out.Items, hitRow(row.Record, lists, now))
		}
		return idsOf(rows), err
	})
	return out, err
}

func countHits(tx record.Reader, open []record.Row, user string, now time.Time) (c HitCounts, err error) {
	for _, row := range open {
		h := row.Record.Body.(*hit.Hit)
		c.Open++
		if h.Claim != nil && h.Claim.By == user {
			c.Mine++
		}
		if h.Overdue(now) {
			c.Overdue++
		}
	}
	c.Decided, err = tx.Count(record.Query{Kinds: []string{hit.KindHit}, States: hit.DecidedStates()}, 1000)
	return c, err
}

// queuePage orders the open hits by urgency and cuts a page; the cursor is how many were shown.
func queuePage(open []record.Row, in *hitQuery, user string, now time.Time) ([]record.Row, string) {
	rows := slices.DeleteFunc(slices.Clone(open), func(r record.Row) bool {
		h := r.Record.Body.(*hit.Hit)
		return in.Place != "" && h.Passage.To != in.Place || in.List != "" && h.Entry.List != in.List ||
			in.Leans != "" && h.Lean().Leans != in.Leans || in.Q != "" && !hitHas(h, in.Q) ||
			in.State == "mine" && (h.Claim == nil || h.Claim.By != user) || in.State == "overdue" && !h.Overdue(now)
	})
	slices.SortStableFunc(rows, func(x, y record.Row) int {
		return cmp.Compare(y.Record.Body.(*hit.Hit).Urgency(now), x.Record.Body.(*hit.Hit).Urgency(now))
	})
	limit := in.Limit
	if limit <= 0 {
		limit = record.DefaultLimit
	}
	start, err := strconv.Atoi(in.Cursor)
	if err != nil || start < 0 || start > len(rows) {
		start = 0
	}
	end := min(start+limit, len(rows))
	next := ""
	if end < len(rows) {
		next = strconv.Itoa(end)
	}
	return rows[start:end], next
}

func hitHas(h *hit.Hit, q string) bool {
	q = strings.ToLower(q)
	for _, s := range []string{h.Traveller.Name(), h.Entry.Matched, h.Passage.Label, h.Entry.Facts.Name()} {
		if strings.Contains(strings.ToLower(s), q) {
			return true
		}
	}
	return false
}

func decidedHits(tx record.Reader, in *hitQuery) ([]record.Row, string, error) {
	q := record.Query{Kinds: []string{hit.KindHit}, Full: true, Cursor: in.Cursor, Limit: in.Limit, Text: in.Q}
	if in.State == "decided" {
		q.States = hit.DecidedStates()
	}
	if in.List != "" {
		q.Thing = record.Thing{Type: record.ThingList, Key: in.List}
	}
	page, err := tx.List(q)
	rows := slices.DeleteFunc(page.Rows, func(r record.Row) bool {
		h, ok := r.Record.Body.(*hit.Hit)
		return !ok || in.Place != "" && h.Passage.To != in.Place || in.Leans != "" && h.Lean().Leans != in.Leans
	})
	return rows, page.Next, err
}

func hitRow(rec *record.Record, lists map[string]listInfo, now time.Time) HitRow {
	h := rec.Body.(*hit.Hit)
	row := HitRow{
		ID: rec.ID.String(), State: h.State, Severity: h.Entry.Severity, Score: h.Score, Priority: h.Urgency(now),
		Traveller: who(h.Traveller), Verdict: leaningOf(h), Strongest: reasonTexts(h.Reasons, 3),
		Listed: Listed{Who: who(h.Entry.Facts), List: h.Entry.List, ListTitle: lists[h.Entry.List].title, Effect: lists[h.Entry.List].effect},
		Place:  h.Passage.To, Overdue: h.Overdue(now), Retro: h.Retro, Doubt: h.Doubt, Created: rec.Created,
		Landed:           !h.Passage.Arrives.IsZero() && now.After(h.Passage.Arrives),
		MinutesToArrival: minutesTo(h.Passage.Arrives, now),
	}
	row.Traveller.Seat = h.Passage.Seat
	if h.Entry.Matched != "" && h.Entry.Matched != row.Listed.Native {
		row.Listed.Name = h.Entry.Matched
	}
	if h.Passage.Label != "" {
		f := flight(h.Passage)
		row.Voyage = &f
	}
	if h.Claim != nil {
		row.ClaimedBy, row.ClaimedAt = &Officer{h.Claim.By, h.Claim.Display}, &h.Claim.At
	}
	return row
}

func who(f hit.Facts) Who {
	w := Who{Name: f.Name(), Native: f.Native(), Born: strings.Join(f.Born, "; "), Sex: f.Sex, Nationality: strings.Join(f.Nationalities, " ")}
	if len(f.Documents) > 0 {
		w.Document = documentText(f.Documents[0])
	}
	return w
}

func documentText(d record.Document) string {
	return strings.TrimSpace(d.Number + " " + d.Issuer)
}

func flight(p hit.Passage) Flight {
	return Flight{Label: p.Label, From: p.From, To: p.To, Arrives: p.Arrives, ArrivesLocal: localTime(p.Arrives, p.To)}
}

func reasonTexts(rs []hit.Reason, most int) []ReasonText {
	rs = slices.Clone(rs)
	slices.SortStableFunc(rs, func(x, y hit.Reason) int { return cmp.Compare(max(y.Weight, -y.Weight), max(x.Weight, -x.Weight)) })
	if most > 0 && len(rs) > most {
		rs = rs[:most]
	}
	out := make([]ReasonText, 0, len(rs))
	for _, r := range rs {
		s := phrase(r)
		out = append(out, ReasonText{r.Field, r.Agreement, r.Query, r.Listed, r.Code, s.en, s.ru, r.Weight})
	}
	return out
}
