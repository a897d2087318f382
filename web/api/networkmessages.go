package api

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"sarhad/record"
	"sarhad/record/access"
)

type messageQuery struct {
	Box     string `query:"box" enum:"out,in" default:"out"`
	Partner string `query:"partner" maxLength:"40" doc:"node"`
	State   string `query:"state" enum:"waiting,away,delivered,opened,failed,new,done,unreadable" doc:"absent = all; out: waiting (here), away (at the hub), delivered, opened, failed; in: new, done, failed, unreadable"`
	Cursor  string `query:"cursor" maxLength:"20"`
	Limit   int    `query:"limit" minimum:"0" maximum:"500" doc:"0 = 50"`
}

func itoa(n int) string { return strconv.Itoa(n) }

// outStates are the states of ours by what the screen calls them.
var outStates = map[string][]record.DispatchState{
	"waiting":   {record.DispatchQueued, record.DispatchSealed},
	"away":      {record.DispatchAccepted},
	"delivered": {record.DispatchDelivered},
	"opened":    {record.DispatchOpened},
	"failed":    {record.DispatchRefused, record.DispatchExpired, record.DispatchRecalled},
}

var inStates = map[string]record.ArrivalState{
	"new": record.ArrivalNew, "done": record.ArrivalDone, "failed": record.ArrivalRefused, "unreadable": record.ArrivalUnreadable,
}

func (a *API) messageList(ctx context.Context, in *messageQuery) (List[NetworkMessage], error) {
	out := List[NetworkMessage]{Items: []NetworkMessage{}}
	at := int64(0)
	if in.Cursor != "" {
		n, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil || n < 1 {
			return out, record.Errorf(record.Invalid, "%.20q is no place in the list; begin it anew", in.Cursor)
		}
		at = n
	}
	read := a.outbox
	if in.Box == "in" {
		read = inbox
	}
	act := record.Act{Action: "list", Topic: access.Network}
	return out, a.look(ctx, act, asked("", "messages", in.Box, in.Partner, in.State, in.Cursor), func(tx record.Tx) (ids []record.ID, err error) {
		rows, next, err := read(tx, in, at)
		if err != nil {
			return nil, err
		}
		out.Items = rows
		if next > 0 {
			out.Next = strconv.FormatInt(next, 10)
		}
		for _, r := range rows {
			if id, err := record.ParseID(r.About); err == nil && r.About != "" {
				ids = append(ids, id)
			}
		}
		return ids, nil
	})
}

// outbox gives messages of ours: what waits oldest first, everything else newest first.
func (a *API) outbox(tx record.Tx, in *messageQuery, at int64) ([]NetworkMessage, int64, error) {
	if in.State == "waiting" || in.State == "away" {
		return backlog(tx, in, at)
	}
	states, limited := outStates[in.State]
	if in.State != "" && !limited {
		return nil, 0, record.Errorf(record.Invalid, "what goes out is never %q", in.State)
	}
	return walk(at, limitOf(in.Limit), func(before int64) (rows []NetworkMessage, numbers []int64, err error) {
		list, err := tx.Dispatches(record.DispatchQuery{To: in.Partner, Newest: true, Before: before, Limit: messagePage})
		for _, d := range list {
			numbers = append(numbers, d.Number)
			rows = append(rows, outRow(d))
			if limited && !slices.Contains(states, d.State) {
				rows[len(rows)-1].Number = 0
			}
		}
		return rows, numbers, err
	})
}

// backlog gives what is not delivered yet, oldest first, through the index of each queue that is not empty.
func backlog(tx record.Tx, in *messageQuery, at int64) (out []NetworkMessage, next int64, err error) {
	limit := limitOf(in.Limit)
	queues, err := tx.Backlogs()
	if err != nil {
		return nil, 0, err
	}
	out = []NetworkMessage{}
	for _, q := range queues {
		if !slices.Contains(outStates[in.State], q.State) || in.Partner != "" && q.To != in.Partner {
			continue
		}
		list, err := tx.Dispatches(record.DispatchQuery{State: q.State, To: q.To, Lane: q.Lane, After: at, Limit: min(limit+1, record.MaxLimit)})
		if err != nil {
			return nil, 0, err
		}
		for _, d := range list {
			out = append(out, outRow(d))
		}
	}
	slices.SortFunc(out, func(a, b NetworkMessage) int { return cmp.Compare(a.Number, b.Number) })
	if len(out) > limit {
		out = out[:limit]
		next = out[limit-1].Number
	}
	return out, next, nil
}

// inbox gives messages that came, newest first.
func inbox(tx record.Tx, in *messageQuery, at int64) ([]NetworkMessage, int64, error) {
	state, limited := inStates[in.State]
	if in.State != "" && !limited {
		return nil, 0, record.Errorf(record.Invalid, "what came is never %q", in.State)
	}
	return walk(at, limitOf(in.Limit), func(before int64) (rows []NetworkMessage, numbers []int64, err error) {
		q := record.ArrivalQuery{From: in.Partner, Newest: true, Before: before, Limit: messagePage}
		if state == record.ArrivalUnreadable || state == record.ArrivalNew {
			q.State = state // an index knows them
		}
		list, err := tx.Arrivals(q)
		for _, m := range list {
			numbers = append(numbers, m.Number)
			rows = append(rows, inRow(m))
			if limited && m.State != state {
				rows[len(rows)-1].Number = 0
			}
		}
		return rows, numbers, err
	})
}

// walk reads pages downwards until limit rows fit (those with a number), the end comes, or enough was looked through: then it goes on
// from where it stands.
func walk(at int64, limit int, page func(before int64) ([]NetworkMessage, []int64, error)) (out []NetworkMessage, next int64, err error) {
	out = []NetworkMessage{}
	for range messageLook {
		rows, numbers, err := page(at)
		if err != nil {
			return nil, 0, err
		}
		for i, r := range rows {
			if r.Number != 0 && len(out) == limit {
				return out, at, nil
			}
			if at = numbers[i]; r.Number != 0 {
				out = append(out, r)
			}
		}
		if len(rows) < min(messagePage, record.MaxLimit) {
			return out, 0, nil
		}
	}
	return out, at, nil
}

func outRow(d record.Dispatch) NetworkMessage {
	return NetworkMessage{Number: d.Number, ID: d.ID.String(), Box: "out", Partner: d.To, Lane: string(d.Lane), Kind: d.Kind, State: string(d.State), Problem: d.Problem,
		About: aboutOf(d.About), Seq: d.Seq, At: d.Queued, Tries: d.Tries, Tried: d.Tried, Accepted: d.Accepted, Delivered: d.Delivered, Closed: d.Closed, Expires: d.Expires}
}

func inRow(m record.Arrival) NetworkMessage {
	return NetworkMessage{Number: m.Number, ID: m.ID.String(), Box: "in", Partner: m.From, Lane: string(m.Lane), Kind: m.Kind, State: string(m.State), Problem: m.Problem,
		About: aboutOf(m.About), Seq: m.Seq, At: m.Arrived, Sent: m.Sent, Opened: m.Opened}
}

func aboutOf(id record.ID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}
