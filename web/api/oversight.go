package api

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
)

// Look is one act as oversight reads it.
type Look struct {
	Number  int64          `json:"seq"`
	At      time.Time      `json:"at"`
	User    Officer        `json:"user"`
	Role    string         `json:"role,omitempty"`
	Place   string         `json:"place,omitempty"`
	Action  string         `json:"action"`
	Topic   string         `json:"topic,omitempty"`
	Subject *Subject       `json:"subject,omitempty"`
	Count   int            `json:"count"`
	Purpose record.Purpose `json:"purpose"`
	Verdict string         `json:"verdict,omitempty"`
	Reason  string         `json:"reason,omitempty"`
	Seconds float64        `json:"seconds,omitempty"`
	Signed  string         `json:"signed,omitempty" enum:"passkey,password+totp,password" doc:"how the officer signed the act; missing when it is not signed"`
}

// Subject is the record an act was about, by its heading only.
type Subject struct {
	ID    string `json:"id"`
	Title string `json:"title,omitempty"`
	Kind  string `json:"kind,omitempty"`
}

// LogState is how far the log is.
type LogState struct {
	Size         int64      `json:"size"`
	Rows         int64      `json:"rows"`
	Waiting      int64      `json:"unsequenced"`
	Root         string     `json:"root"`
	Incarnation  string     `json:"incarnation"`
	CheckpointAt *time.Time `json:"checkpointAt,omitempty"`
	Checkpoints  int        `json:"checkpoints"`
}

// Verified is the answer of a verification.
type Verified struct {
	OK bool `json:"ok"`
	audit.Report
	Seconds float64 `json:"seconds"`
}

type looksQuery struct {
	User    string    `query:"user" maxLength:"64"`
	Subject string    `query:"subject" maxLength:"36"`
	Case    string    `query:"case" maxLength:"200"`
	Action  string    `query:"action" maxLength:"32"`
	From    time.Time `query:"from"`
	To      time.Time `query:"to"`
	Cursor  int64     `query:"cursor" doc:"numbers below"`
	Limit   int       `query:"limit" minimum:"0" maximum:"500"`
}

// LookList is a page of acts.
type LookList struct {
	Items []Look `json:"items"`
	Next  int64  `json:"next,omitempty"`
}

func (a *API) oversight(h huma.API) {
	register(a, h, "GET", "/oversight/looks", "listLooks", "Who looked at whom, for what", func(ctx context.Context, in *looksQuery) (*body[LookList], error) {
		return answer(a.lookList(ctx, in, 0))
	})
	register(a, h, "GET", "/oversight/quick", "listQuick", "Decisions taken very fast", func(ctx context.Context, in *struct {
		Seconds int   `query:"seconds" minimum:"1" maximum:"600" default:"10"`
		Cursor  int64 `query:"cursor"`
	}) (*body[LookList], error) {
		return answer(a.lookList(ctx, &looksQuery{Action: "decide", Cursor: in.Cursor}, time.Duration(in.Seconds)*time.Second))
	})
	register(a, h, "GET", "/oversight/purposes", "listRepeatedPurposes", "Most repeated purposes", func(ctx context.Context, in *struct {
		From time.Time `query:"from"`
		To   time.Time `query:"to"`
	}) (*body[[]PurposeCount], error) {
		return answer(a.purposes(ctx, in.From, in.To))
	})
	register(a, h, "GET", "/oversight/log", "getLog", "State of the log", func(ctx context.Context, _ *empty) (*body[LogState], error) {
		return answer(a.logState(ctx))
	})
	register(a, h, "POST", "/oversight/verify", "verifyLog", "Recompute the log", func(ctx context.Context, _ *empty) (*body[Verified], error) {
		return answer(a.verify(ctx))
	})
}

// overseen writes down what oversight looked at, before it is answered: who watches is watched. The ids are the subjects of
// the acts shown; none is the subject of the look itself, or looking at the looks at a record would never come to rest.
func (a *API) overseen(ctx context.Context, actor record.Actor, topic string, q question, rows []audit.Row) error {
	var ids []record.ID
	for _, r := range rows {
		if !r.Subject.IsZero() && !slices.Contains(ids, r.Subject) {
			ids = append(ids, r.Subject)
		}
	}
	return a.noted(ctx, actor, record.Act{Action: "oversee", Topic: topic, Count: len(rows)}, q, ids)
}

func (a *API) lookList(ctx context.Context, in *looksQuery, under time.Duration) (LookList, error) {
	out := LookList{Items: []Look{}}
	actor, err := a.purposed(ctx, access.Read, access.Audit)
	if err != nil {
		return out, err
	}
	q := audit.Question{User: in.User, Case: in.Case, Actions: one(in.Action), From: in.From, To: in.To, TookUnder: under, Before: in.Cursor, Limit: in.Limit}
	if in.Subject != "" {
		id, err := record.ParseID(in.Subject)
		if err != nil {
			return out, err
		}
		q.Subject = id
	}
	if q.Limit == 0 {
		q.Limit = record.DefaultLimit
	}
	rows, err := a.Audit.AskAudit(ctx, q)
	if err != nil {
		return out, err
	}
	question := asked("", "looks", in.User, in.Subject, in.Case, in.Action, moment(in.From), moment(in.To), under.String(), strconv.FormatInt(in.Cursor, 10))
	if err := a.overseen(ctx, actor, access.Audit, question, rows); err != nil {
		return out, err
	}
	names, err := a.officers(ctx)
	if err != nil {
		return out, err
	}
	titles, err := a.titles(ctx, rows)
	if err != nil {
		return out, err
	}
	for _, r := range rows {
		out.Items = append(out.Items, lookOf(r, names, titles))
	}
	if len(rows) == q.Limit {
		out.Next = rows[len(rows)-1].Number
	}
	return out, nil
}

func lookOf(r audit.Row, names map[string]string, titles map[record.ID]Subject) Look {
	display := names[r.User]
	if part, ok := strings.CutPrefix(r.User, "machine:"); ok {
		display = part
	}
	l := Look{Number: r.Number, At: r.At, User: Officer{r.User, display}, Role: r.Role, Place: r.Place, Action: r.Action,
		Topic: r.Topic, Count: r.Count, Purpose: r.Purpose, Verdict: r.Verdict, Reason: r.Reason, Seconds: r.Took.Seconds()}
	if !r.Subject.IsZero() {
		s := titles[r.Subject]
		s.ID = r.Subject.String()
		l.Subject = &s
	}
	if r.Signature != nil {
		l.Signed = r.Signature.Method
	}
	return l
}

// officers gives the display names of users by id.
func (a *API) officers(ctx context.Context) (map[string]string, error) {
	users, err := a.Authn.ListUsers(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, u := range users {
		out[u.ID] = u.Display
	}
	return out, nil
}

// titles reads the headings of the records that acts were about. Oversight reads no more of them.
func (a *API) titles(ctx context.Context, rows []audit.Row) (map[record.ID]Subject, error) {
	out := map[record.ID]Subject{}
	err := a.Store.View(a.machine(ctx, "oversight"), func(tx record.Tx) error {
		for _, r := range rows {
			if _, ok := out[r.Subject]; ok || r.Subject.IsZero() {
				continue
			}
			rec, err := tx.Get(r.Subject)
			if record.KindOf(err) == record.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			out[r.Subject] = Subject{Title: rec.IndexOf().Title, Kind: rec.Kind}
		}
		return nil
	})
	return out, err
}

// PurposeCount is how often a purpose was given.
type PurposeCount struct {
	Kind  string    `json:"kind"`
	Ref   string    `json:"ref,omitempty"`
	Text  string    `json:"text"`
	Count int       `json:"count"`
	Users int       `json:"users"`
	Last  time.Time `json:"last"`
}

func (a *API) purposes(ctx context.Context, from, to time.Time) ([]PurposeCount, error) {
	actor, err := a.purposed(ctx, access.Read, access.Audit)
	if err != nil {
		return nil, err
	}
	got, err := a.Audit.Purposes(ctx, from, to, 50)
	if err != nil {
		return nil, err
	}
	act := record.Act{Action: "oversee", Topic: access.Audit, Count: len(got)}
	if err := a.noted(ctx, actor, act, asked("", "purposes", moment(from), moment(to)), nil); err != nil {
		return nil, err
	}
	out := make([]PurposeCount, 0, len(got))
	for _, p := range got {
		out = append(out, PurposeCount(p))
	}
	return out, nil
}

func (a *API) logState(ctx context.Context) (LogState, error) {
	actor, err := a.purposed(ctx, access.Read, access.Audit)
	if err != nil {
		return LogState{}, err
	}
	if err := a.overseen(ctx, actor, access.Audit, asked("", "log"), nil); err != nil {
		return LogState{}, err
	}
	tree, err := a.Audit.AuditTree(ctx)
	if err != nil {
		return LogState{}, err
	}
	s := LogState{Size: tree.Size, Rows: tree.Rows, Waiting: tree.Rows - tree.Size, Incarnation: tree.Incarnation}
	if tree.Size > 0 {
		root, err := audit.Root(ctx, a.Audit, tree.Size)
		if err != nil {
			return s, err
		}
		s.Root = root.String()
	}
	last, err := a.Audit.LastCheckpoint(ctx)
	if err != nil {
		return s, err
	}
	s.Checkpoints = int(last.Number)
	if c, err := audit.ReadCheckpoint(last.Text); err == nil {
		s.CheckpointAt = &c.At
	}
	return s, nil
}

func (a *API) verify(ctx context.Context) (Verified, error) {
	var out Verified
	if _, err := a.purposed(ctx, access.Read, access.Audit); err != nil {
		return out, err
	}
	if !a.verifying.TryLock() { // it reads the whole log
		return out, record.Errorf(record.Conflict, "the log is being verified already: wait until that ends and ask again")
	}
	defer a.verifying.Unlock()
	err := a.Store.Update(ctx, func(tx record.Tx) error { return tx.Audit(record.Act{Action: "verify", Topic: access.Audit}) })
	if err != nil {
		return out, err
	}
	var extra [][]byte
	if a.Checkpoints != nil {
		var err error
		if extra, err = a.Checkpoints(); err != nil {
			return out, err
		}
	}
	start := a.Now()
	rep, err := audit.Verify(ctx, a.Audit, a.Verifiers, extra)
	return Verified{OK: rep.OK(), Report: rep, Seconds: a.Now().Sub(start).Seconds()}, err
}
