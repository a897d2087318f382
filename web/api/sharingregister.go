package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/exchange/sharing"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
)

// AgreementRow is an agreement of the register.
type AgreementRow struct {
	ID       string          `json:"id"`
	Side     string          `json:"side" enum:"ours,theirs" doc:"theirs: a partner's word about what it sends us"`
	From     string          `json:"from"`
	To       string          `json:"to"`
	Node     string          `json:"node"`
	Topic    string          `json:"topic"`
	Legal    SharingText     `json:"legal"`
	Marking  string          `json:"marking,omitempty" doc:"highest that goes; absent = all that is kept here"`
	Classes  []record.Class  `json:"classes"`
	Kinds    []AgreementKind `json:"kinds"`
	Updates  bool            `json:"updates"`
	Until    time.Time       `json:"until"`
	State    string          `json:"state" enum:"draft,agreed,ended"`
	InForce  bool            `json:"inForce"`
	Drafted  ExportStep      `json:"drafted"`
	Agreed   *ExportStep     `json:"agreed,omitempty"`
	Ended    *ExportStep     `json:"ended,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	MayAgree bool            `json:"mayAgree"`
	MayEnd   bool            `json:"mayEnd"`
}

// AgreementKind narrows an agreement for one kind.
type AgreementKind struct {
	Kind   string   `json:"kind" maxLength:"64"`
	Only   []string `json:"only,omitempty" maxItems:"200" doc:"these fields go and no other: paths without the places in lists"`
	Except []string `json:"except,omitempty" maxItems:"200"`
}

type newAgreement struct {
	Body struct {
		To      string          `json:"to" maxLength:"64"`
		Node    string          `json:"node" maxLength:"40"`
		Topic   string          `json:"topic" maxLength:"32"`
		Legal   SharingText     `json:"legal"`
		Marking string          `json:"marking,omitempty" maxLength:"32"`
		Classes []record.Class  `json:"classes" maxItems:"6"`
		Kinds   []AgreementKind `json:"kinds,omitempty" maxItems:"64"`
		Updates bool            `json:"updates,omitempty"`
		Until   time.Time       `json:"until"`
	}
}

type agreementList struct {
	Paging
	State string `query:"state" enum:"draft,agreed,ended,"`
}

// ShareRow is what one recipient has of one record of ours.
type ShareRow struct {
	ID        string         `json:"id"`
	Record    string         `json:"record"`
	Kind      string         `json:"kind"`
	Topic     string         `json:"topic"`
	To        Party          `json:"to"`
	Agency    string         `json:"agency"`
	Agreement string         `json:"agreement"`
	Legal     SharingText    `json:"legal"`
	Purpose   string         `json:"purpose"`
	Sent      ExportStep     `json:"sent" doc:"who signed, last"`
	Edition   int            `json:"edition"`
	Revision  int            `json:"revision" doc:"of ours that the recipient is up to date with"`
	Editions  []ShareEdition `json:"editions"`
	Delivery  *ShareDelivery `json:"delivery,omitempty" doc:"how far the last edition came"`
	Stale     *SharingReason `json:"stale,omitempty" doc:"out of date, because"`
	State     string         `json:"state" enum:"active,asked,held,waiting,refused,gone"`
	Asked     *ShareAsk      `json:"asked,omitempty"`
	Answers   []ShareAnswer  `json:"answers"`
	Late      bool           `json:"late" doc:"asked long ago, and not answered"`
}

// ShareEdition is one edition that went out.
type ShareEdition struct {
	Number   int       `json:"number"`
	Revision int       `json:"revision"`
	Hash     string    `json:"hash"`
	At       time.Time `json:"at"`
	Update   bool      `json:"update" doc:"it followed by itself"`
	Message  string    `json:"message,omitempty"`
}

// ShareAsk is that a holder was asked to erase.
type ShareAsk struct {
	What    string      `json:"what" enum:"recall,erase,mask,nameless"`
	By      *ExportStep `json:"by,omitempty" doc:"absent: it followed by itself"`
	Reason  string      `json:"reason,omitempty"`
	At      time.Time   `json:"at"`
	Message string      `json:"message,omitempty"`

	Delivery *ShareDelivery `json:"delivery,omitempty" doc:"how far the wish came"`
}

// ShareDelivery is how far a message came.
type ShareDelivery struct {
	State   string     `json:"state" enum:"queued,sealed,accepted,delivered,opened,refused,expired,recalled"`
	Problem string     `json:"problem,omitempty"`
	At      *time.Time `json:"at,omitempty"`
}

// ShareAnswer is what a holder did.
type ShareAnswer struct {
	What    string     `json:"what" enum:"erased,held,waiting,refused"`
	Basis   string     `json:"basis,omitempty"`
	Until   *time.Time `json:"until,omitempty"`
	Printed bool       `json:"printed" doc:"copies are out that the erasing does not reach"`
	Prints  int        `json:"prints"`
	Files   int        `json:"files"`
	Kept    int        `json:"kept" doc:"records made of it that a hold keeps"`
	Reason  string     `json:"reason,omitempty"`
	Own     bool       `json:"own" doc:"nobody asked: by the holder's own clocks"`
	At      time.Time  `json:"at" doc:"by the holder's clock"`
	Came    time.Time  `json:"came"`
}

type shareList struct {
	Paging
	State string `query:"state" enum:"active,asked,held,waiting,refused,gone,"`
	Late  bool   `query:"late" doc:"only those that have not answered for long"`
}

type recallShares struct {
	Body struct {
		Shares []string `json:"shares" minItems:"1" maxItems:"50" doc:"ids of shares, all of one record"`
		Reason string   `json:"reason" maxLength:"4000" doc:"told to the holders; names nobody"`
	}
}

func (a *API) sharingRegister(h huma.API) {
	register(a, h, "GET", "/sharing/agreements", "listAgreements", "Register of agreements", func(ctx context.Context, in *agreementList) (*body[List[AgreementRow]], error) {
		return answer(a.agreementList(ctx, in))
	})
	register(a, h, "POST", "/sharing/agreements", "draftAgreement", "Draft an agreement", func(ctx context.Context, in *newAgreement) (*body[AgreementRow], error) {
		return answer(a.draftAgreement(ctx, in))
	})
	register(a, h, "POST", "/sharing/agreements/{id}/agree", "agreeAgreement", "Put an agreement in force as the second person, signed", func(ctx context.Context, in *struct {
		ByID
		Body struct {
			Proof *Proof `json:"proof,omitempty" doc:"of {action: agreement-agree, topic: sharing, subject}"`
		}
	}) (*body[AgreementRow], error) {
		return answer(a.agreeAgreement(ctx, in.ByID, in.Body.Proof))
	})
	register(a, h, "POST", "/sharing/agreements/{id}/end", "endAgreement", "End an agreement", func(ctx context.Context, in *struct {
		ByID
		Body struct {
			Reason string `json:"reason" maxLength:"4000"`
		}
	}) (*body[AgreementRow], error) {
		return answer(a.endAgreement(ctx, in.ByID, in.Body.Reason))
	})
	register(a, h, "GET", "/records/{id}/sharing", "listShares", "Who has a record, and what they answered", func(ctx context.Context, in *ByID) (*body[List[ShareRow]], error) {
		return answer(a.sharesOf(ctx, *in))
	})
	register(a, h, "GET", "/sharing/shares", "listAllShares", "Register of what was shared", func(ctx context.Context, in *shareList) (*body[List[ShareRow]], error) {
		return answer(a.shareList(ctx, in))
	})
	register(a, h, "POST", "/sharing/recall", "recallShares", "Ask holders to erase what they have of a record", func(ctx context.Context, in *recallShares) (*body[List[ShareRow]], error) {
		return answer(a.recallShares(ctx, in))
	})
}

func stepOf(s sharing.Step) ExportStep { return ExportStep{s.User, s.Display, s.At} }

func stepsOf(s *sharing.Step) *ExportStep {
	if s == nil {
		return nil
	}
	out := stepOf(*s)
	return &out
}

func (a *API) agreementRow(actor record.Actor, e sharing.Entry) AgreementRow {
	g := e.Agreement
	scope := record.Scope{Agency: g.From, Marking: record.MaxMarking, Topic: access.Sharing}
	own := g.Side == sharing.Ours
	out := AgreementRow{ID: e.ID.String(), Side: g.Side, From: g.From, To: g.To, Node: g.Node, Topic: g.Topic, Legal: SharingText(g.Legal), Marking: g.Marking,
		Classes: nonNilOf(g.Classes), Kinds: []AgreementKind{}, Updates: g.Updates, Until: g.Until, State: g.State, InForce: g.InForce(a.Now()),
		Drafted: stepOf(g.Drafted), Agreed: stepsOf(g.Agreed), Ended: stepsOf(g.Ended), Reason: g.Reason,
		MayAgree: own && g.State == sharing.Draft && g.Drafted.User != actor.User && access.Allow(actor, access.Decide, scope),
		MayEnd:   own && g.State != sharing.Ended && access.Allow(actor, access.Change, scope)}
	for _, k := range g.Kinds {
		out.Kinds = append(out.Kinds, AgreementKind(k))
	}
	return out
}

// lookUp reads a page of the register of sharing as one look. fn gives the ids of the records whose content it shows.
func (a *API) lookUp(ctx context.Context, q question, fn func(record.Actor) ([]record.ID, error)) error {
	actor, err := a.purposed(ctx, access.Read, access.Sharing)
	if err != nil {
		return err
	}
	ids, err := fn(actor)
	if err != nil {
		return err
	}
	return a.noted(ctx, actor, record.Act{Action: "list", Topic: access.Sharing, Count: len(ids)}, q, ids)
}

func (a *API) agreementList(ctx context.Context, in *agreementList) (List[AgreementRow], error) {
	out := List[AgreementRow]{Items: []AgreementRow{}}
	err := a.lookUp(ctx, asked("", "agreements", in.State, in.Cursor), func(actor record.Actor) (ids []record.ID, err error) {
		all, next, err := a.Sharing.Agreements(ctx, in.State, in.Cursor, in.Limit)
		for _, e := range all {
			ids, out.Items = append(ids, e.ID), append(out.Items, a.agreementRow(actor, e))
		}
		out.Next = next
		return ids, err
	})
	return out, err
}

func (a *API) draftAgreement(ctx context.Context, in *newAgreement) (AgreementRow, error) {
	actor, err := a.purposed(ctx, access.Change, access.Sharing)
	if err != nil {
		return AgreementRow{}, err
	}
	b := in.Body
	g := sharing.Agreement{To: b.To, Node: b.Node, Topic: b.Topic, Legal: sharing.Text(b.Legal), Marking: b.Marking, Classes: b.Classes, Updates: b.Updates, Until: b.Until}
	for _, k := range b.Kinds {
		g.Kinds = append(g.Kinds, sharing.KindRule(k))
	}
	e, err := a.Sharing.Draft(ctx, g)
	return a.agreementRow(actor, e), err
}

func (a *API) agreeAgreement(ctx context.Context, in ByID, p *Proof) (AgreementRow, error) {
	actor, err := a.purposed(ctx, access.Decide, access.Sharing)
	if err != nil {
		return AgreementRow{}, err
	}
	id, err := in.id()
	if err != nil {
		return AgreementRow{}, err
	}
	if _, err := a.present(ctx, id); err != nil { // what is out of reach is not there, signed or not
		return AgreementRow{}, err
	}
	sig, err := a.signed(ctx, authn.Intent{Action: sharing.ActAgree, Topic: access.Sharing, Subject: id}, p)
	if err != nil {
		return AgreementRow{}, err
	}
	e, err := a.Sharing.Agree(ctx, id, sig)
	return a.agreementRow(actor, e), err
}

func (a *API) endAgreement(ctx context.Context, in ByID, reason string) (AgreementRow, error) {
	actor, err := a.purposed(ctx, access.Change, access.Sharing)
	if err != nil {
		return AgreementRow{}, err
	}
	id, err := in.id()
	if err != nil {
		return AgreementRow{}, err
	}
	e, err := a.Sharing.End(ctx, id, reason)
	return a.agreementRow(actor, e), err
}

func (a *API) shareRow(r sharing.Row) ShareRow {
	s := r.Share
	out := ShareRow{ID: r.ID.String(), Record: s.Record.String(), Kind: s.Of, Topic: s.Topic, To: a.partyAt(s.Node), Agency: s.To, Agreement: s.Agreement.String(),
		Legal: SharingText(s.Legal), Purpose: s.Purpose, Sent: stepOf(s.Sent), Edition: s.Number, Revision: s.Revision, Editions: []ShareEdition{},
		State: s.State, Answers: []ShareAnswer{}, Delivery: deliveryOf(r.Edition), Late: s.Late(a.Now())}
	for _, e := range s.Editions {
		out.Editions = append(out.Editions, ShareEdition{e.Number, e.Of, e.Hash, e.At, e.By == "", idText(e.Message)})
	}
	if s.Stale != nil {
		why := whyOf(*s.Stale)
		out.Stale = &why
	}
	if k := s.Asked; k != nil {
		out.Asked = &ShareAsk{What: k.What, By: stepsOf(k.By), Reason: k.Reason, At: k.At, Message: idText(k.Message), Delivery: deliveryOf(r.Wish)}
	}
	for _, w := range s.Answers {
		ans := ShareAnswer{What: w.What, Basis: w.Basis, Printed: w.Printed(), Prints: w.Prints, Files: w.Files, Kept: w.Kept, Reason: w.Reason, Own: w.Own, At: w.At, Came: w.Came}
		if !w.Until.IsZero() {
			until := w.Until
			ans.Until = &until
		}
		out.Answers = append(out.Answers, ans)
	}
	return out
}

func deliveryOf(d sharing.Delivery) *ShareDelivery {
	if d.State == "" {
		return nil
	}
	out := &ShareDelivery{State: string(d.State), Problem: d.Problem}
	if !d.At.IsZero() {
		out.At = &d.At
	}
	return out
}

func idText(id record.ID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

// partyAt gives a node as the directory knows it.
func (a *API) partyAt(node string) Party {
	for _, p := range a.Sharing.Directory.Parties() {
		if p.Node == node {
			return partyOf(p)
		}
	}
	return Party{Node: node, Name: PartyName{node, node}, Agencies: []string{}}
}

func (a *API) shares(all []sharing.Row) (out []ShareRow, ids []record.ID) {
	out = []ShareRow{}
	for _, r := range all {
		out, ids = append(out, a.shareRow(r)), append(ids, r.ID)
	}
	return out, ids
}

func (a *API) sharesOf(ctx context.Context, in ByID) (List[ShareRow], error) {
	out := List[ShareRow]{Items: []ShareRow{}}
	id, err := in.id()
	if err != nil {
		return out, err
	}
	err = a.look(ctx, record.Act{Action: "list", Topic: access.Sharing, Subject: id}, asked("", "shares"), func(tx record.Tx) (ids []record.ID, err error) {
		all, err := a.Sharing.Of(tx, id)
		out.Items, ids = a.shares(all)
		return ids, err
	})
	return out, err
}

func (a *API) shareList(ctx context.Context, in *shareList) (List[ShareRow], error) {
	out := List[ShareRow]{Items: []ShareRow{}}
	late := ""
	if in.Late {
		late = "late"
	}
	err := a.lookUp(ctx, asked("", "shares", in.State, late, in.Cursor), func(record.Actor) (ids []record.ID, err error) {
		all, next, err := a.Sharing.Register(ctx, one(in.State), in.Late, in.Cursor, in.Limit)
		out.Items, ids = a.shares(all)
		out.Next = next
		return ids, err
	})
	return out, err
}

func (a *API) recallShares(ctx context.Context, in *recallShares) (List[ShareRow], error) {
	out := List[ShareRow]{Items: []ShareRow{}}
	if _, err := a.purposed(ctx, access.Change, access.Sharing); err != nil {
		return out, err
	}
	var ids []record.ID
	for _, s := range in.Body.Shares {
		id, err := (ByID{s}).id()
		if err != nil {
			return out, err
		}
		ids = append(ids, id)
	}
	all, err := a.Sharing.Recall(ctx, ids, in.Body.Reason)
	out.Items, _ = a.shares(all)
	return out, err
}
