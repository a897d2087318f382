package api

import (
	"context"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy"
)

// PrivacyClocks is the state of the clocks of the law.
type PrivacyClocks struct {
	Now        time.Time       `json:"now"`
	Trusted    time.Time       `json:"trusted" doc:"how far time has moved in small steps; more than a day away from now and the clocks stop"`
	Stopped    *ClocksStopped  `json:"stopped,omitempty" doc:"absent while the clocks run; a person's word starts them again"`
	Keys       bool            `json:"keys" doc:"false: nothing can be masked before the keys of unit and oversight are made"`
	Last       *ClocksRun      `json:"last,omitempty" doc:"absent before the first run"`
	Rules      []ClockRule     `json:"rules"`
	Refused    []RefusedPolicy `json:"refused" doc:"policies that move nothing, and why"`
	Missing    []string        `json:"missing" doc:"kinds that should have a policy and have none"`
	Due        []DueRecord     `json:"due" doc:"the first hundred of what the next run takes, or a hold keeps from it"`
	DueIsWhole bool            `json:"dueIsWhole"`
}

// ClocksStopped says why the clocks stand still.
type ClocksStopped struct {
	Since   time.Time `json:"since"`
	Trusted time.Time `json:"trusted"`
	Wall    time.Time `json:"wall" doc:"what the clock of the machine said"`
}

// ClocksRun is what the last run did, in records that a rule named.
type ClocksRun struct {
	At       time.Time `json:"at"`
	Erased   int       `json:"erased"`
	Masked   int       `json:"masked"`
	Nameless int       `json:"nameless"`
	Along    int       `json:"along" doc:"children that went along"`
	Held     int       `json:"held"`
	Stripped int       `json:"stripped" doc:"acts whose detail left the log"`
	Waiting  []string  `json:"waiting"`
}

// ClockRule is one rule of a policy.
type ClockRule struct {
	Policy  string     `json:"policy" doc:"COUNTRY/KIND"`
	Kind    string     `json:"kind" doc:"kind of record, or audit"`
	Name    string     `json:"name"`
	Action  string     `json:"action" enum:"erase,mask,nameless,strip"`
	From    string     `json:"from" enum:"occurred,changed"`
	After   string     `json:"after" doc:"ISO 8601 duration"`
	Minors  string     `json:"minors,omitempty" doc:"the shorter period of who was under age"`
	Least   string     `json:"least,omitempty"`
	Most    string     `json:"most,omitempty"`
	States  []string   `json:"states" doc:"only records in these; empty = in any"`
	Legal   string     `json:"legal,omitempty"`
	LegalRu string     `json:"legal_ru,omitempty" doc:"the same in Russian"`
	Next    *time.Time `json:"next,omitempty" doc:"when the oldest record it may take is due; absent when there is none"`
}

// RefusedPolicy is a policy that moves nothing.
type RefusedPolicy struct {
	Key string `json:"key"`
	Why string `json:"why"`
}

// DueRecord is one record whose time is over. It is named by id and kind only.
type DueRecord struct {
	ID     string      `json:"id"`
	Kind   string      `json:"kind"`
	Rule   string      `json:"rule"`
	Action string      `json:"action"`
	Since  time.Time   `json:"since"`
	Held   *HeldRecord `json:"held,omitempty"`
}

// HeldRecord answers for a record that stays.
type HeldRecord struct {
	Hold  string     `json:"hold" doc:"id of the record that holds it: a hold, or an exhibit that it belongs to"`
	Basis string     `json:"basis"`
	Until *time.Time `json:"until,omitempty" doc:"absent = until somebody takes the hold back"`
}

// ErasedRecord is one record that goes with another, or stays because it is held.
type ErasedRecord struct {
	ID    string      `json:"id"`
	Kind  string      `json:"kind"`
	State string      `json:"state,omitempty"`
	Under string      `json:"under,omitempty" doc:"the record it goes with"`
	Held  *HeldRecord `json:"held,omitempty"`
}

// LegalHold keeps records from the clocks.
type LegalHold struct {
	ID      string     `json:"id"`
	Records []string   `json:"records"`
	Basis   string     `json:"basis"`
	Until   time.Time  `json:"until"`
	Reason  string     `json:"reason,omitempty"`
	State   string     `json:"state" enum:"active,ended"`
	By      Officer    `json:"by"`
	At      time.Time  `json:"at"`
	EndedAt *time.Time `json:"endedAt,omitempty"`
}

type newHold struct {
	Body struct {
		Records []string  `json:"records" minItems:"1" maxItems:"200"`
		Basis   string    `json:"basis" maxLength:"300"`
		Until   time.Time `json:"until"`
		Reason  string    `json:"reason,omitempty" maxLength:"2000"`
	}
}

type grounds struct {
	Body struct {
		Reason string `json:"reason" maxLength:"2000"`
	}
}

type erasureFor struct {
	ByID
	Body struct {
		Reason string `json:"reason" maxLength:"2000" doc:"the ground; stays in the log, so it names nobody"`
		Proof  *Proof `json:"proof,omitempty" doc:"of {action: erase, topic: privacy, reason: person, details: {ground}}"`
	}
}

type groundsFor struct {
	ByID
	grounds
}

func (a *API) privacy(h huma.API) {
	register(a, h, "GET", "/privacy/clocks", "getClocks", "What is due next, and whether the clocks run", func(ctx context.Context, _ *empty) (*body[PrivacyClocks], error) {
		return answer(a.clocks(ctx))
	})
	register(a, h, "POST", "/privacy/clocks/time", "confirmTime", "Say that the clock of the machine is right", func(ctx context.Context, in *grounds) (*body[PrivacyClocks], error) {
		return answer(a.confirmTime(ctx, in.Body.Reason))
	})
	register(a, h, "GET", "/privacy/holds", "listHolds", "Legal holds, newest first", func(ctx context.Context, in *struct {
		Paging
		State string `query:"state" enum:"active,ended" doc:"none = all"`
	}) (*body[List[LegalHold]], error) {
		return answer(a.holdList(ctx, in.State, in.Paging))
	})
	register(a, h, "POST", "/privacy/holds", "addHold", "Keep records from the clocks", func(ctx context.Context, in *newHold) (*body[LegalHold], error) {
		return answer(a.addHold(ctx, in))
	})
	register(a, h, "POST", "/privacy/holds/{id}/end", "endHold", "End a hold", func(ctx context.Context, in *ByID) (*body[LegalHold], error) {
		return answer(a.endHold(ctx, *in))
	})
	register(a, h, "GET", "/privacy/records/{id}/erasure", "previewErasure", "What erasing a record takes along, before anything is deleted", func(ctx context.Context, in *ByID) (*body[List[ErasedRecord]], error) {
		return answer(a.previewErasure(ctx, *in))
	})
	register(a, h, "POST", "/privacy/records/{id}/erasure", "eraseRecord", "Erase a record and everything under it", func(ctx context.Context, in *erasureFor) (*body[List[ErasedRecord]], error) {
		return answer(a.eraseRecord(ctx, in))
	})
	a.unmaskings(h)
}

// reaching gives the actor if they may do the action with privacy matters of this node's own agency.
func (a *API) reaching(ctx context.Context, action string) (record.Actor, error) {
	actor, err := a.purposed(ctx, action, access.Privacy)
	if err != nil {
		return actor, err
	}
	own := record.Scope{Agency: a.Agency, Marking: record.MaxMarking, Topic: access.Privacy}
	if !access.Allow(actor, action, own) {
		return actor, record.Errorf(record.Forbidden, "the clocks of this node are a matter of %s", a.Agency)
	}
	return actor, nil
}

func (a *API) clocks(ctx context.Context) (PrivacyClocks, error) {
	actor, err := a.reaching(ctx, access.Read)
	if err != nil {
		return PrivacyClocks{}, err
	}
	over, err := a.Privacy.Overview(ctx)
	if err != nil {
		return PrivacyClocks{}, err
	}
	ids := make([]record.ID, len(over.Due))
	for i, d := range over.Due {
		ids[i] = d.ID
	}
	return clocksOf(over), a.noted(ctx, actor, record.Act{Action: "list", Topic: access.Privacy, Count: len(ids)}, asked("", "clocks"), ids)
}

func clocksOf(o privacy.Overview) PrivacyClocks {
	out := PrivacyClocks{Now: o.Now, Trusted: o.Trusted, Keys: o.Keys, Rules: []ClockRule{}, Refused: []RefusedPolicy{}, Missing: o.Missing, Due: []DueRecord{}, DueIsWhole: o.DueIsWhole}
	if s := o.Stopped; s != nil {
		out.Stopped = &ClocksStopped{s.Since, s.Trusted, s.Wall}
	}
	if l := o.Last; l != nil {
		out.Last = &ClocksRun{l.At, l.Erased, l.Masked, l.Nameless, l.Along, l.Held, l.Stripped, nonNil(l.Waiting)}
	}
	for _, s := range o.Rules {
		r := s.Rule
		out.Rules = append(out.Rules, ClockRule{s.Policy, s.Subject, r.Name, r.Action, r.From, string(r.After), string(r.Minors), string(r.Least), string(r.Most), nonNil(r.States), s.Legal, s.LegalRu, s.Next})
	}
	for _, r := range o.Refused {
		out.Refused = append(out.Refused, RefusedPolicy{r.Key, r.Why})
	}
	for _, d := range o.Due {
		out.Due = append(out.Due, DueRecord{d.ID.String(), d.Kind, d.Rule, d.Action, d.Since, heldOf(d.Held)})
	}
	return out
}

func heldOf(h *privacy.Held) *HeldRecord {
	if h == nil {
		return nil
	}
	out := &HeldRecord{Hold: h.Hold.String(), Basis: h.Basis}
	if !h.Until.IsZero() {
		out.Until = &h.Until
	}
	return out
}

func (a *API) confirmTime(ctx context.Context, reason string) (PrivacyClocks, error) {
	if _, err := a.reaching(ctx, access.Change); err != nil {
		return PrivacyClocks{}, err
	}
	if err := a.Privacy.ConfirmTime(ctx, reason); err != nil {
		return PrivacyClocks{}, err
	}
	over, err := a.Privacy.Overview(ctx)
	return clocksOf(over), err
}

func (a *API) holdList(ctx context.Context, state string, p Paging) (List[LegalHold], error) {
	out := List[LegalHold]{Items: []LegalHold{}}
	actor, err := a.purposed(ctx, access.Read, access.Privacy)
	if err != nil {
		return out, err
	}
	list, next, err := a.Privacy.Holds(ctx, state, p.Cursor, p.Limit)
	if err != nil {
		return out, err
	}
	var ids []record.ID
	for _, h := range list {
		out.Items, ids = append(out.Items, legalHold(h)), append(ids, h.ID)
	}
	out.Next = next
	return out, a.noted(ctx, actor, record.Act{Action: "list", Topic: access.Privacy, Count: len(ids)}, asked("", "holds", state, p.Cursor), ids)
}

func legalHold(h privacy.Holding) LegalHold {
	out := LegalHold{ID: h.ID.String(), Records: []string{}, Basis: h.Basis, Until: h.Until, Reason: h.Reason, State: h.State, By: Officer{h.By, h.Display}, At: h.At}
	for _, id := range h.Targets {
		out.Records = append(out.Records, id.String())
	}
	if !h.EndedAt.IsZero() {
		out.EndedAt = &h.EndedAt
	}
	return out
}

func (a *API) addHold(ctx context.Context, in *newHold) (LegalHold, error) {
	if _, err := a.purposed(ctx, access.Change, access.Privacy); err != nil {
		return LegalHold{}, err
	}
	h := privacy.Hold{Basis: in.Body.Basis, Until: in.Body.Until, Reason: in.Body.Reason}
	for _, text := range in.Body.Records {
		id, err := ByID{text}.id()
		if err != nil {
			return LegalHold{}, err
		}
		h.Targets = append(h.Targets, id)
	}
	made, err := a.Privacy.AddHold(ctx, h)
	return legalHold(made), err
}

func (a *API) endHold(ctx context.Context, in ByID) (LegalHold, error) {
	if _, err := a.purposed(ctx, access.Change, access.Privacy); err != nil {
		return LegalHold{}, err
	}
	id, err := in.id()
	if err != nil {
		return LegalHold{}, err
	}
	ended, err := a.Privacy.EndHold(ctx, id)
	return legalHold(ended), err
}

func (a *API) previewErasure(ctx context.Context, in ByID) (List[ErasedRecord], error) {
	actor, err := a.purposed(ctx, access.Change, access.Privacy)
	if err != nil {
		return List[ErasedRecord]{}, err
	}
	id, err := in.id()
	if err != nil {
		return List[ErasedRecord]{}, err
	}
	took, err := a.Privacy.Preview(ctx, id)
	if err != nil {
		return List[ErasedRecord]{}, err
	}
	out, ids := erasedOf(took)
	return out, a.noted(ctx, actor, record.Act{Action: "preview", Topic: access.Privacy, Subject: id, Count: len(ids)}, question{}, ids)
}

func erasedOf(took []privacy.Taken) (out List[ErasedRecord], ids []record.ID) {
	out.Items = []ErasedRecord{}
	for _, t := range took {
		e := ErasedRecord{ID: t.ID.String(), Kind: t.Kind, State: t.State, Held: heldOf(t.Held)}
		if len(t.Under) > 0 {
			e.Under = t.Under[0].String()
		}
		out.Items, ids = append(out.Items, e), append(ids, t.ID)
	}
	return out, ids
}

func (a *API) eraseRecord(ctx context.Context, in *erasureFor) (List[ErasedRecord], error) {
	if _, err := a.purposed(ctx, access.Change, access.Privacy); err != nil {
		return List[ErasedRecord]{}, err
	}
	id, err := in.id()
	if err != nil {
		return List[ErasedRecord]{}, err
	}
	if _, err := a.Privacy.Preview(ctx, id); err != nil { // the right is asked before the signature
		return List[ErasedRecord]{}, err
	}
	ground := strings.TrimSpace(in.Body.Reason)
	sig, err := a.signed(ctx, authn.Intent{Action: "erase", Topic: access.Privacy, Subject: id, Reason: "person", Details: map[string]string{"ground": ground}}, in.Body.Proof)
	if err != nil {
		return List[ErasedRecord]{}, err
	}
	took, err := a.Privacy.Erase(ctx, id, ground, sig)
	out, _ := erasedOf(took)
	return out, err
}
