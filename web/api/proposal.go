package api

import (
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/proposal"
)

// ProposedChange is one field of a proposal, side by side.
type ProposedChange struct {
	Field    string       `json:"field" doc:"path of the field, names.0.full"`
	Class    record.Class `json:"class"`
	From     string       `json:"from" doc:"as it was when the proposal was made"`
	To       string       `json:"to" doc:"as it should be; empty = nothing"`
	Conflict bool         `json:"conflict" doc:"the field was changed since, to something else"`
}

// ProposalRow is a proposal with what became of it.
type ProposalRow struct {
	ID          string           `json:"id"`
	Target      RecordRow        `json:"target"`
	State       string           `json:"state" enum:"open,waiting,accepted,refused,withdrawn" doc:"waiting: another node decides"`
	Revision    int              `json:"revision" doc:"of the record that it was based on"`
	Changes     []ProposedChange `json:"changes"`
	Reason      string           `json:"reason"`
	By          Officer          `json:"by"`
	Node        string           `json:"node" doc:"where it was made"`
	At          time.Time        `json:"at"`
	Decision    *ProposalVerdict `json:"decision,omitempty"`
	MayDecide   bool             `json:"mayDecide"`
	MayWithdraw bool             `json:"mayWithdraw"`
}

// ProposalVerdict is what was decided.
type ProposalVerdict struct {
	Verdict string    `json:"verdict" enum:"accepted,refused,withdrawn"`
	Reason  string    `json:"reason,omitempty"`
	By      Officer   `json:"by"`
	At      time.Time `json:"at"`
}

// ProposableField is what of a record may be proposed.
type ProposableField struct {
	Code  string       `json:"code"`
	Value string       `json:"value"`
	Class record.Class `json:"class"`
	New   bool         `json:"new" doc:"in one more element at the end of a list"`
}

// Proposals is what stands beside a record.
type Proposals struct {
	Items  []ProposalRow     `json:"items"`
	Fields []ProposableField `json:"fields" doc:"empty: nothing of this record can be corrected by a proposal"`
	Hash   string            `json:"hash" doc:"of the present revision; a proposal says which one it is based on"`
	Writer string            `json:"writer" doc:"node that revises the record and decides"`
	Here   bool              `json:"here" doc:"this node is the writer"`
	Aside  []AsideRow        `json:"aside" doc:"revisions that came and do not follow what is stored"`
}

// AsideRow is a revision that came and could not be placed.
type AsideRow struct {
	ID       string    `json:"id"`
	Revision int       `json:"revision"`
	By       string    `json:"by"`
	Why      string    `json:"why" enum:"fork,gap,writer"`
	Hash     string    `json:"hash"`
	At       time.Time `json:"at"`
}

// ProposedField is what one field should say.
type ProposedField struct {
	Field string `json:"field" maxLength:"200"`
	To    string `json:"to" maxLength:"8000"`
}

type makeProposal struct {
	ByID
	Body struct {
		Hash    string          `json:"hash" maxLength:"64"`
		Reason  string          `json:"reason" maxLength:"4000"`
		Changes []ProposedField `json:"changes" maxItems:"50"`
	}
}

type decideProposal struct {
	ByID
	Body struct {
		Reason string `json:"reason" maxLength:"4000"`
	}
}

func (a *API) proposals(h huma.API) {
	register(a, h, "GET", "/records/{id}/proposals", "listRecordProposals", "Proposals about a record, and what may be proposed",
		func(ctx context.Context, in *ByID) (*body[Proposals], error) { return answer(a.proposalsOf(ctx, *in)) })
	register(a, h, "POST", "/records/{id}/proposals", "makeProposal", "Propose a correction",
		func(ctx context.Context, in *makeProposal) (*body[Proposals], error) {
			return answer(a.propose(ctx, in))
		})
	register(a, h, "GET", "/proposals", "listProposals", "Undecided proposals, oldest first",
		func(ctx context.Context, in *Paging) (*body[List[ProposalRow]], error) {
			return answer(a.proposalQueue(ctx, in))
		})
	act := func(path, id, summary string, fn func(*proposal.Desk, context.Context, record.ID, string) (*record.Record, error)) {
		register(a, h, "POST", "/proposals/{id}/"+path, id, summary, func(ctx context.Context, in *decideProposal) (*body[Proposals], error) {
			return answer(a.decideOn(ctx, in, fn))
		})
	}
	act("accept", "acceptProposal", "Apply a proposal to the present revision", (*proposal.Desk).Accept)
	act("refuse", "refuseProposal", "Leave the record as it is", (*proposal.Desk).Refuse)
	register(a, h, "POST", "/proposals/{id}/withdraw", "withdrawProposal", "Take one's own proposal back", func(ctx context.Context, in *ByID) (*body[Proposals], error) {
		return answer(a.decideOn(ctx, &decideProposal{ByID: *in}, func(d *proposal.Desk, ctx context.Context, id record.ID, _ string) (*record.Record, error) {
			return d.Withdraw(ctx, id)
		}))
	})
}

func (a *API) proposalDesk() *proposal.Desk {
	return &proposal.Desk{Store: a.Store, Node: a.Node.Name, Now: a.Now}
}

func (a *API) proposalsOf(ctx context.Context, in ByID) (Proposals, error) {
	out := Proposals{Items: []ProposalRow{}, Fields: []ProposableField{}, Aside: []AsideRow{}}
	id, err := in.id()
	if err != nil {
		return out, err
	}
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return out, err
	}
	err = a.look(ctx, record.Act{Action: "read", Subject: id}, asked("", "proposals"), func(tx record.Tx) ([]record.ID, error) {
		rec, err := tx.Get(id)
		if err != nil {
			return nil, err
		}
		ids := []record.ID{id}
		out.Hash, out.Writer, out.Here = rec.Hash(), rec.Writer, rec.Writer == a.Node.Name
		for _, f := range proposal.Fields(rec.Body) {
			out.Fields = append(out.Fields, ProposableField{f.Path, f.Value, f.Class, f.New})
		}
		desk := a.proposalDesk()
		all, err := desk.Of(tx, rec)
		for _, p := range all {
			ids, out.Items = append(ids, p.Record.ID), append(out.Items, rowOfProposal(desk, actor, rec, p))
		}
		if err != nil {
			return nil, err
		}
		out.Aside, err = asideOf(tx, id)
		return ids, err
	})
	return out, err
}

func rowOfProposal(d *proposal.Desk, actor record.Actor, target *record.Record, p *proposal.Seen) ProposalRow {
	row := ProposalRow{ID: p.Record.ID.String(), Target: rowOf(target), State: p.State, Revision: p.Revision, Changes: []ProposedChange{},
		Reason: p.Reason, By: Officer{p.By, p.Display}, Node: p.Record.Writer, At: p.At,
		MayDecide:   d.MayDecide(actor, target, p),
		MayWithdraw: p.By == actor.User && p.Record.Writer == d.Node && (p.State == proposal.Open || p.State == proposal.Waiting)}
	for _, c := range p.Changes {
		row.Changes = append(row.Changes, ProposedChange{c.Path, c.Class, c.From, c.To, slices.Contains(p.Conflicts, c.Path)})
	}
	if v := p.Decision; v != nil {
		row.Decision = &ProposalVerdict{v.Verdict, v.Reason, Officer{v.By, v.Display}, v.At}
	}
	return row
}

func (a *API) propose(ctx context.Context, in *makeProposal) (Proposals, error) {
	id, err := in.id()
	if err != nil {
		return Proposals{}, err
	}
	if _, err := a.purposed(ctx, access.Read, ""); err != nil {
		return Proposals{}, err
	}
	wishes := make([]proposal.Wish, len(in.Body.Changes))
	for i, c := range in.Body.Changes {
		wishes[i] = proposal.Wish{Path: c.Field, To: c.To}
	}
	if _, err := a.proposalDesk().Make(ctx, id, in.Body.Hash, wishes, in.Body.Reason); err != nil {
		return Proposals{}, err
	}
	return a.proposalsOf(ctx, in.ByID)
}

func (a *API) decideOn(ctx context.Context, in *decideProposal, fn func(*proposal.Desk, context.Context, record.ID, string) (*record.Record, error)) (Proposals, error) {
	id, err := in.id()
	if err != nil {
		return Proposals{}, err
	}
	if _, err := a.purposed(ctx, access.Read, ""); err != nil {
		return Proposals{}, err
	}
	target, err := fn(a.proposalDesk(), ctx, id, in.Body.Reason)
	if err != nil {
		return Proposals{}, err
	}
	return a.proposalsOf(ctx, ByID{target.ID.String()})
}

func (a *API) proposalQueue(ctx context.Context, in *Paging) (List[ProposalRow], error) {
	out := List[ProposalRow]{Items: []ProposalRow{}}
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return out, err
	}
	err = a.look(ctx, record.Act{Action: "list"}, asked("", "proposals", in.Cursor), func(tx record.Tx) ([]record.ID, error) {
		desk := a.proposalDesk()
		page, next, err := desk.Queue(tx, in.Cursor, in.Limit)
		var ids []record.ID
		for _, q := range page {
			ids, out.Items = append(ids, q.Record.ID, q.Target.ID), append(out.Items, rowOfProposal(desk, actor, q.Target, q.Seen))
		}
		out.Next = next
		return ids, err
	})
	return out, err
}

// correctable are the topics whose proposals the actor decides.
func correctable(actor record.Actor) bool {
	return slices.ContainsFunc(access.Rules(), func(r access.Rule) bool {
		return r.Action == access.Correct && slices.Contains(actor.Roles, r.Role)
	})
}

// todayProposals counts what waits for the actor's decision; a figure, not a look at named data.
func (a *API) todayProposals(ctx context.Context, actor record.Actor, out *Today) error {
	n := 0
	err := a.Store.View(ctx, func(tx record.Tx) (err error) {
		n, err = a.proposalDesk().ToDecide(tx, actor, manyProposals)
		return err
	})
	out.Cards = append(out.Cards, Card{"proposals-open", n, "/proposals", tone(n, "accent")})
	return err
}

// manyProposals is where the figure on the first page ends.
const manyProposals = 100
