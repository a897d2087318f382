package api

import (
	"context"

	"sarhad/exchange/sharing"
	"sarhad/record"
	"sarhad/record/access"
)

// todayMost is up to how many a card of the first page counts.
const todayMost = 100

// opened tells the owner of a received record that an officer reads it: every look that is a reading passes here.
func (a *API) opened(ctx context.Context, act record.Act) error {
	if act.Action != "read" || act.Subject.IsZero() || a.Sharing == nil {
		return nil
	}
	return a.Sharing.Opened(ctx, act.Subject)
}

// todaySharing counts what waits for a supervisor in sharing: alarms, what only a second person or the owner can decide, and
// holders that do not answer.
func (a *API) todaySharing(ctx context.Context, actor record.Actor, out *Today) error {
	if _, err := a.purposed(ctx, access.Read, access.Sharing); err != nil {
		return err
	}
	alarms, _, err := a.Sharing.Alarms(ctx, sharing.AlarmOpen, "", todayMost)
	if err != nil {
		return err
	}
	drafts, _, err := a.Sharing.Agreements(ctx, sharing.Draft, "", todayMost)
	if err != nil {
		return err
	}
	mine := 0
	for _, e := range drafts {
		if a.agreementRow(actor, e).MayAgree {
			mine++
		}
	}
	asks, _, err := a.Sharing.OnwardList(ctx, sharing.Theirs, sharing.OnwardOpen, "", todayMost)
	if err != nil {
		return err
	}
	late, _, err := a.Sharing.Register(ctx, nil, true, "", todayMost)
	if err != nil {
		return err
	}
	ids := []record.ID{}
	for _, r := range alarms {
		ids = append(ids, r.ID)
	}
	for _, r := range asks {
		ids = append(ids, r.ID)
	}
	for _, c := range []Card{
		{"sharing-alarms", len(alarms), "/sharing/alarms", "bad"},
		{"sharing-agree", mine, "/sharing/agreements?state=draft", "accent"},
		{"sharing-onward", len(asks), "/sharing/onward", "accent"},
		{"sharing-late", len(late), "/sharing?late=1", "warn"},
	} {
		if c.Count > 0 { // a quiet day shows nothing
			out.Cards = append(out.Cards, c)
		}
	}
	return a.noted(ctx, actor, record.Act{Action: "list", Topic: access.Sharing, Count: len(ids)}, asked("", "today", "sharing"), ids)
}
