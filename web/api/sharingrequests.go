package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/exchange/sharing"
	"sarhad/record"
	"sarhad/record/access"
)

// ReceivedRow is a record of a partner that is here.
type ReceivedRow struct {
	Record   RecordRow     `json:"record"`
	From     Party         `json:"from" doc:"node that writes it and decides on proposals"`
	Owner    string        `json:"owner" doc:"agency"`
	Legal    SharingText   `json:"legal"`
	Purpose  string        `json:"purpose" doc:"what it may be used for"`
	Edition  int           `json:"edition"`
	Revision int           `json:"revision" doc:"of the owner"`
	First    time.Time     `json:"first"`
	Last     time.Time     `json:"last"`
	Opened   *time.Time    `json:"opened,omitempty" doc:"when an officer here first read the newest that was new; absent: nobody has"`
	Unread   bool          `json:"unread" doc:"the newest edition was read by nobody here yet"`
	Files    []SharedFile  `json:"files"`
	State    string        `json:"state" enum:"kept,held,waiting,gone"`
	Wanted   *ReceivedWish `json:"wanted,omitempty" doc:"the owner wants it erased"`
	Codes    []string      `json:"codes" doc:"handling codes H1-H3"`
	Onward   []OnwardRow   `json:"onward" doc:"requests to share it further; of one record only"`
}

// ReceivedWish is that the owner wants a record erased.
type ReceivedWish struct {
	What   string    `json:"what" enum:"recall,erase,mask,nameless"`
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
}

// SharedFile is a file of a received record, by reference.
type SharedFile struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Type  string `json:"type"`
	Size  int64  `json:"size"`
	Small string `json:"small,omitempty"`
	Ref   string `json:"ref,omitempty"`
}

// ReceivedPage is what the register says of one record; Received is absent when it did not come by a share.
type ReceivedPage struct {
	Received *ReceivedRow `json:"received,omitempty"`
}

type receivedList struct {
	Paging
	From string `query:"from" maxLength:"40" doc:"node"`
}

// AlarmRow is a partner that wants more erased at once than is believed without a person.
type AlarmRow struct {
	ID        string      `json:"id"`
	From      Party       `json:"from"`
	State     string      `json:"state" enum:"open,allowed,refused"`
	At        time.Time   `json:"at"`
	Hour      int         `json:"hour" doc:"wanted within the hour when it was raised"`
	Share     int         `json:"share" doc:"percent of what we held from it"`
	Waiting   int         `json:"waiting" doc:"records that wait; 500 means: at least"`
	Decided   *ExportStep `json:"decided,omitempty"`
	Reason    string      `json:"reason,omitempty"`
	Until     *time.Time  `json:"until,omitempty" doc:"of allowed: no new alarm before"`
	MayDecide bool        `json:"mayDecide"`
}

type alarmList struct {
	Paging
	State string `query:"state" enum:"open,allowed,refused,"`
}

type decideAlarm struct {
	ByID
	Body struct {
		GoOn   bool   `json:"goOn" doc:"erase what waits; else it stays and the partner is told why"`
		Reason string `json:"reason" maxLength:"4000" doc:"what you found out"`
	}
}

// OnwardRow is a request to share a record further.
type OnwardRow struct {
	ID        string      `json:"id"`
	Side      string      `json:"side" enum:"ours,theirs" doc:"ours: we ask the owner; theirs: a holder asks us"`
	Record    string      `json:"record"`
	With      Party       `json:"with" doc:"who is asked, or who asks"`
	For       Party       `json:"for"`
	Why       string      `json:"why"`
	State     string      `json:"state" enum:"open,granted,refused,sent"`
	By        *ExportStep `json:"by,omitempty"`
	At        time.Time   `json:"at"`
	Decided   *ExportStep `json:"decided,omitempty"`
	Told      *time.Time  `json:"told,omitempty" doc:"when the owner's word came"`
	Reason    string      `json:"reason,omitempty"`
	MayDecide bool        `json:"mayDecide"`
}

type onwardList struct {
	Paging
	Side  string `query:"side" enum:"ours,theirs,"`
	State string `query:"state" enum:"open,granted,refused,sent,"`
}

type askOnward struct {
	ByID
	Body struct {
		For string `json:"for" maxLength:"40" doc:"node that should get it"`
		Why string `json:"why" maxLength:"4000"`
	}
}

type decideOnward struct {
	ByID
	Body struct {
		Grant  bool   `json:"grant"`
		Reason string `json:"reason,omitempty" maxLength:"4000"`
	}
}

func (a *API) sharingRequests(h huma.API) {
	register(a, h, "GET", "/received", "listReceived", "Records of partners that are here", func(ctx context.Context, in *receivedList) (*body[List[ReceivedRow]], error) {
		return answer(a.receivedList(ctx, in))
	})
	register(a, h, "GET", "/records/{id}/received", "getReceived", "From whom a record came, for what, and what its owner wants", func(ctx context.Context, in *ByID) (*body[ReceivedPage], error) {
		return answer(a.receivedPage(ctx, *in))
	})
	register(a, h, "POST", "/records/{id}/onward", "askOnward", "Ask the owner of a record to share it with somebody else", func(ctx context.Context, in *askOnward) (*body[OnwardRow], error) {
		return answer(a.askOnward(ctx, in))
	})
	register(a, h, "GET", "/sharing/onward", "listOnward", "Requests to share further", func(ctx context.Context, in *onwardList) (*body[List[OnwardRow]], error) {
		return answer(a.onwardList(ctx, in))
	})
	register(a, h, "POST", "/sharing/onward/{id}/decide", "decideOnward", "Decide on a request to share further", func(ctx context.Context, in *decideOnward) (*body[OnwardRow], error) {
		return answer(a.decideOnward(ctx, in))
	})
	register(a, h, "GET", "/sharing/alarms", "listAlarms", "Partners that want much erased at once", func(ctx context.Context, in *alarmList) (*body[List[AlarmRow]], error) {
		return answer(a.alarmList(ctx, in))
	})
	register(a, h, "POST", "/sharing/alarms/{id}/decide", "decideAlarm", "Let a flood of erasures go on, or refuse it", func(ctx context.Context, in *decideAlarm) (*body[AlarmRow], error) {
		return answer(a.decideAlarm(ctx, in))
	})
}

func (a *API) receivedRow(h sharing.Have, rec *record.Record) ReceivedRow {
	out := ReceivedRow{Record: rowOf(rec), From: a.partyAt(h.From), Owner: h.Owner, Legal: SharingText(h.Legal), Purpose: h.Purpose, Edition: h.Number, Revision: h.Revision,
		First: h.First, Last: h.Last, Files: []SharedFile{}, State: h.State, Codes: nonNil(rec.Handling.Codes), Onward: []OnwardRow{}}
	for _, f := range h.Files {
		out.Files = append(out.Files, SharedFile{f.ID.String(), f.Name, f.Type, f.Size, f.Small, f.Ref})
	}
	if out.Unread = len(h.Unread) > 0; !h.Opened.IsZero() {
		out.Opened = &h.Opened
	}
	if w := h.Wanted; w != nil {
		out.Wanted = &ReceivedWish{w.What, w.Reason, w.At}
	}
	return out
}

func (a *API) receivedList(ctx context.Context, in *receivedList) (List[ReceivedRow], error) {
	out := List[ReceivedRow]{Items: []ReceivedRow{}}
	actor, err := a.purposed(ctx, "", "")
	if err != nil {
		return out, err
	}
	all, next, err := a.Sharing.Received(ctx, in.From, in.Cursor, in.Limit)
	if err != nil {
		return out, err
	}
	var ids []record.ID
	for _, r := range all {
		out.Items, ids = append(out.Items, a.receivedRow(r.Have, r.Record)), append(ids, r.Record.ID)
	}
	out.Next = next
	return out, a.noted(ctx, actor, record.Act{Action: "list", Count: len(ids)}, asked("", "received", in.From, in.Cursor), ids)
}

func (a *API) receivedPage(ctx context.Context, in ByID) (ReceivedPage, error) {
	var out ReceivedPage
	id, err := in.id()
	if err != nil {
		return out, err
	}
	actor, err := a.purposed(ctx, "", "")
	if err != nil {
		return out, err
	}
	rec, err := a.present(ctx, id)
	if err != nil {
		return out, err
	}
	have, err := a.Sharing.HoldingOf(ctx, id)
	if err != nil {
		return out, err
	}
	if have != nil {
		row := a.receivedRow(*have, rec)
		asks, err := a.Sharing.OnwardOf(ctx, id)
		if err != nil {
			return out, err
		}
		for _, w := range asks {
			row.Onward = append(row.Onward, a.onwardRow(actor, w))
		}
		out.Received = &row
	}
	return out, a.noted(ctx, actor, record.Act{Action: "read", Subject: id, Count: 1}, asked("", "received"), []record.ID{id})
}

func (a *API) onwardRow(actor record.Actor, w sharing.Wanting) OnwardRow {
	out := OnwardRow{ID: w.ID.String(), Side: w.Side, Record: w.Record.String(), With: a.partyAt(w.Onward.Node), For: a.partyAt(w.For), Why: w.Why, State: w.State,
		By: stepsOf(w.By), At: w.At, Decided: stepsOf(w.Decided), Reason: w.Reason,
		MayDecide: w.Side == sharing.Theirs && w.State == sharing.OnwardOpen && access.May(actor, access.Decide, access.Sharing)}
	if !w.Told.IsZero() {
		out.Told = &w.Told
	}
	return out
}

func (a *API) askOnward(ctx context.Context, in *askOnward) (OnwardRow, error) {
	actor, err := a.purposed(ctx, access.Ask, access.Sharing)
	if err != nil {
		return OnwardRow{}, err
	}
	id, err := in.id()
	if err != nil {
		return OnwardRow{}, err
	}
	w, err := a.Sharing.AskOnward(ctx, id, in.Body.For, in.Body.Why)
	return a.onwardRow(actor, w), err
}

func (a *API) onwardList(ctx context.Context, in *onwardList) (List[OnwardRow], error) {
	out := List[OnwardRow]{Items: []OnwardRow{}}
	err := a.lookUp(ctx, asked("", "onward", in.Side, in.State, in.Cursor), func(actor record.Actor) (ids []record.ID, err error) {
		all, next, err := a.Sharing.OnwardList(ctx, in.Side, in.State, in.Cursor, in.Limit)
		for _, w := range all {
			ids, out.Items = append(ids, w.ID), append(out.Items, a.onwardRow(actor, w))
		}
		out.Next = next
		return ids, err
	})
	return out, err
}

func (a *API) decideOnward(ctx context.Context, in *decideOnward) (OnwardRow, error) {
	actor, err := a.purposed(ctx, access.Decide, access.Sharing)
	if err != nil {
		return OnwardRow{}, err
	}
	id, err := in.id()
	if err != nil {
		return OnwardRow{}, err
	}
	w, err := a.Sharing.DecideOnward(ctx, id, in.Body.Grant, in.Body.Reason)
	return a.onwardRow(actor, w), err
}

func (a *API) alarmRow(actor record.Actor, r sharing.Raised) AlarmRow {
	out := AlarmRow{ID: r.ID.String(), From: a.partyAt(r.From), State: r.State, At: r.At, Hour: r.Hour, Share: r.Share, Waiting: r.Waiting, Decided: stepsOf(r.Decided),
		Reason: r.Reason, MayDecide: r.State == sharing.AlarmOpen && access.May(actor, access.Decide, access.Sharing)}
	if !r.Until.IsZero() {
		out.Until = &r.Until
	}
	return out
}

func (a *API) alarmList(ctx context.Context, in *alarmList) (List[AlarmRow], error) {
	out := List[AlarmRow]{Items: []AlarmRow{}}
	err := a.lookUp(ctx, asked("", "alarms", in.State, in.Cursor), func(actor record.Actor) (ids []record.ID, err error) {
		all, next, err := a.Sharing.Alarms(ctx, in.State, in.Cursor, in.Limit)
		for _, r := range all {
			ids, out.Items = append(ids, r.ID), append(out.Items, a.alarmRow(actor, r))
		}
		out.Next = next
		return ids, err
	})
	return out, err
}

func (a *API) decideAlarm(ctx context.Context, in *decideAlarm) (AlarmRow, error) {
	actor, err := a.purposed(ctx, access.Decide, access.Sharing)
	if err != nil {
		return AlarmRow{}, err
	}
	id, err := in.id()
	if err != nil {
		return AlarmRow{}, err
	}
	r, err := a.Sharing.DecideAlarm(ctx, id, in.Body.GoOn, in.Body.Reason)
	return a.alarmRow(actor, r), err
}
