package api

import (
	"context"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
	"sarhad/record/privacy"
)

// UnmaskRequest is the opening of one masked record for one case: requested, agreed by the unit, opened by oversight, ended;
// or refused, or withdrawn.
type UnmaskRequest struct {
	ID     string      `json:"id"`
	Record string      `json:"record" doc:"id of the masked record"`
	Case   string      `json:"case"`
	Reason string      `json:"reason"`
	State  string      `json:"state" enum:"requested,agreed,opened,ended,refused,withdrawn"`
	Asked  UnmaskStep  `json:"asked"`
	Agreed *UnmaskStep `json:"agreed,omitempty" doc:"the unit's word"`
	Opened *UnmaskStep `json:"opened,omitempty" doc:"oversight's"`
	Closed *UnmaskStep `json:"closed,omitempty"`
	Until  time.Time   `json:"until" doc:"while it waits: when it ends by itself; while it is open: how long it can be read"`
	Why    string      `json:"why,omitempty" doc:"of a refusal"`
	May    []string    `json:"may" doc:"what this officer may do with it now: agree, open, refuse, withdraw, read"`
}

// UnmaskStep is who did something with a request. by.id is empty when its time was over.
type UnmaskStep struct {
	By Officer   `json:"by"`
	At time.Time `json:"at"`
}

// UnmaskedRecord is a masked record as it was, for 24 hours.
type UnmaskedRecord struct {
	RecordPage
	Request string    `json:"request"`
	Until   time.Time `json:"until"`
}

type newUnmasking struct {
	Body struct {
		Record string `json:"record" maxLength:"36"`
		Case   string `json:"case" maxLength:"200" doc:"must be what the officer works on when the record is read"`
		Reason string `json:"reason" maxLength:"2000"`
	}
}

type phraseFor struct {
	ByID
	Body struct {
		Phrase string `json:"phrase" maxLength:"200"`
		Proof  *Proof `json:"proof,omitempty" doc:"of {action: unmask-agree or unmask, topic: privacy, subject: the masked record, verdict: agreed or opened, details: {request}}"`
	}
}

func (a *API) unmaskings(h huma.API) {
	register(a, h, "GET", "/privacy/unmaskings", "listUnmaskings", "Requests to open masked records, newest first", func(ctx context.Context, in *Paging) (*body[List[UnmaskRequest]], error) {
		return answer(a.unmaskList(ctx, false, *in))
	})
	register(a, h, "GET", "/privacy/unmaskings/mine", "listOwnUnmaskings", "One's own requests", func(ctx context.Context, in *Paging) (*body[List[UnmaskRequest]], error) {
		return answer(a.unmaskList(ctx, true, *in))
	})
	register(a, h, "POST", "/privacy/unmaskings", "askUnmasking", "Ask that a masked record be opened for a case", func(ctx context.Context, in *newUnmasking) (*body[UnmaskRequest], error) {
		return answer(a.unmaskAsk(ctx, in))
	})
	step := func(path, id, summary, action string, act authn.Intent, do func(context.Context, record.ID, string, *record.Signature) (privacy.Request, error)) {
		register(a, h, "POST", "/privacy/unmaskings/{id}/"+path, id, summary, func(ctx context.Context, in *phraseFor) (*body[UnmaskRequest], error) {
			return answer(a.unmaskStep(ctx, in, act, action, do))
		})
	}
	step("agree", "agreeUnmasking", "The unit's word, with the phrase of its key", access.Change, authn.Intent{Action: privacy.ActAgree, Verdict: privacy.Agreed}, func(ctx context.Context, id record.ID, phrase string, sig *record.Signature) (privacy.Request, error) {
		return a.Privacy.Agree(ctx, id, phrase, sig)
	})
	step("open", "openUnmasking", "Oversight's word, with the phrase of its key", access.Decide, authn.Intent{Action: audit.ActUnmask, Verdict: privacy.Opened}, func(ctx context.Context, id record.ID, phrase string, sig *record.Signature) (privacy.Request, error) {
		return a.Privacy.Open(ctx, id, phrase, sig)
	})
	register(a, h, "POST", "/privacy/unmaskings/{id}/refuse", "refuseUnmasking", "Refuse a request, with the reason", func(ctx context.Context, in *groundsFor) (*body[UnmaskRequest], error) {
		return answer(a.unmaskRefuse(ctx, in))
	})
	register(a, h, "POST", "/privacy/unmaskings/{id}/withdraw", "withdrawUnmasking", "Withdraw or end one's own request", func(ctx context.Context, in *ByID) (*body[UnmaskRequest], error) {
		return answer(a.unmaskWithdraw(ctx, *in))
	})
	register(a, h, "GET", "/privacy/unmaskings/{id}/record", "readUnmasked", "The opened record, for who asked, while they work on its case", func(ctx context.Context, in *ByID) (*body[UnmaskedRecord], error) {
		return answer(a.unmaskRead(ctx, *in))
	})
}

func (a *API) unmaskList(ctx context.Context, own bool, p Paging) (List[UnmaskRequest], error) {
	out := List[UnmaskRequest]{Items: []UnmaskRequest{}}
	topic := access.Privacy
	if own {
		topic = "" // no rule is needed for what one asked oneself
	}
	actor, err := a.purposed(ctx, access.Read, topic)
	if err != nil {
		return out, err
	}
	list, next, err := a.Privacy.Requests(ctx, own, p.Cursor, p.Limit)
	if err != nil {
		return out, err
	}
	var ids []record.ID
	for _, r := range list {
		out.Items, ids = append(out.Items, a.unmaskRequest(actor, r)), append(ids, r.ID)
	}
	out.Next = next
	page := "unmaskings"
	if own {
		page = "own unmaskings"
	}
	return out, a.noted(ctx, actor, record.Act{Action: "list", Topic: access.Privacy, Count: len(ids)}, asked("", page, p.Cursor), ids)
}

func unmaskStep(s *privacy.Step) *UnmaskStep {
	if s == nil {
		return nil
	}
	return &UnmaskStep{Officer{s.By, s.Display}, s.At}
}

func (a *API) unmaskRequest(actor record.Actor, r privacy.Request) UnmaskRequest {
	return UnmaskRequest{ID: r.ID.String(), Record: r.Target.String(), Case: r.Case, Reason: r.Reason, State: r.State, Asked: *unmaskStep(&r.Asked),
		Agreed: unmaskStep(r.Agreed), Opened: unmaskStep(r.Opened), Closed: unmaskStep(r.Closed), Until: r.Until, Why: r.Why, May: nonNil(r.May(actor, a.Now()))}
}

func (a *API) unmaskAsk(ctx context.Context, in *newUnmasking) (UnmaskRequest, error) {
	actor, err := a.purposed(ctx, access.Ask, access.Privacy)
	if err != nil {
		return UnmaskRequest{}, err
	}
	id, err := ByID{in.Body.Record}.id()
	if err != nil {
		return UnmaskRequest{}, err
	}
	r, err := a.Privacy.Ask(ctx, id, in.Body.Case, in.Body.Reason)
	if err != nil {
		return UnmaskRequest{}, err
	}
	return a.unmaskRequest(actor, r), nil
}

func (a *API) unmaskStep(ctx context.Context, in *phraseFor, act authn.Intent, action string, do func(context.Context, record.ID, string, *record.Signature) (privacy.Request, error)) (UnmaskRequest, error) {
	actor, err := a.purposed(ctx, action, access.Privacy)
	if err != nil {
		return UnmaskRequest{}, err
	}
	id, err := in.id()
	if err != nil {
		return UnmaskRequest{}, err
	}
	req, err := a.present(ctx, id)
	if err != nil {
		return UnmaskRequest{}, err
	}
	u, ok := req.Body.(*privacy.Unmasking)
	if !ok {
		return UnmaskRequest{}, record.Errorf(record.NotFound, "there is no such request")
	}
	act.Topic, act.Subject, act.Details = access.Privacy, u.Target, map[string]string{"request": id.String()}
	sig, err := a.signed(ctx, act, in.Body.Proof)
	if err != nil {
		return UnmaskRequest{}, err
	}
	r, err := do(ctx, id, strings.TrimSpace(in.Body.Phrase), sig)
	if err != nil {
		return UnmaskRequest{}, err
	}
	return a.unmaskRequest(actor, r), nil
}

func (a *API) unmaskRefuse(ctx context.Context, in *groundsFor) (UnmaskRequest, error) {
	actor, err := a.purposed(ctx, access.Change, access.Privacy)
	if record.KindOf(err) == record.Forbidden {
		actor, err = a.purposed(ctx, access.Decide, access.Privacy)
	}
	if err != nil {
		return UnmaskRequest{}, err
	}
	id, err := in.id()
	if err != nil {
		return UnmaskRequest{}, err
	}
	r, err := a.Privacy.Refuse(ctx, id, in.Body.Reason)
	if err != nil {
		return UnmaskRequest{}, err
	}
	return a.unmaskRequest(actor, r), nil
}

func (a *API) unmaskWithdraw(ctx context.Context, in ByID) (UnmaskRequest, error) {
	actor, err := a.purposed(ctx, "", "")
	if err != nil {
		return UnmaskRequest{}, err
	}
	id, err := in.id()
	if err != nil {
		return UnmaskRequest{}, err
	}
	r, err := a.Privacy.Withdraw(ctx, id)
	if err != nil {
		return UnmaskRequest{}, err
	}
	return a.unmaskRequest(actor, r), nil
}

func (a *API) unmaskRead(ctx context.Context, in ByID) (UnmaskedRecord, error) {
	if _, err := a.purposed(ctx, "", ""); err != nil {
		return UnmaskedRecord{}, err
	}
	id, err := in.id()
	if err != nil {
		return UnmaskedRecord{}, err
	}
	rec, until, err := a.Privacy.Read(ctx, id)
	if err != nil {
		return UnmaskedRecord{}, err
	}
	out := UnmaskedRecord{RecordPage: pageOf(rec), Request: id.String(), Until: until}
	out.Children = []RecordRow{}
	return out, nil
}
