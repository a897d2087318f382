package api

import (
	"context"
	"net/http"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy/request"
	"sarhad/web/page"
)

type replyQuery struct {
	ByID
	Lang string `query:"lang" enum:"ru,en," doc:"of the letter; absent = as the person asked"`
}

// ReplyPage is the reply as it stands: the letter that is printed, and the hash that an approval cites.
type ReplyPage struct {
	Letter page.Letter `json:"letter"`
	Hash   string      `json:"hash"`
	State  string      `json:"state"`
}

// reply gives the letter, computed by the code that prints it.
func (a *API) reply(ctx context.Context, in *replyQuery) (ReplyPage, error) {
	var out ReplyPage
	letter, r, err := a.letter(ctx, in.ByID, in.Lang, "read")
	if err != nil {
		return out, err
	}
	return ReplyPage{Letter: letter, Hash: r.Hash, State: r.Request.State}, nil
}

// letter computes the reply and writes down that the actor saw it, before it is shown. Not only the request is opened: so are
// the records that are told.
func (a *API) letter(ctx context.Context, in ByID, lang, action string) (page.Letter, *request.Reply, error) {
	var none page.Letter
	actor, err := a.purposed(ctx, access.Read, request.Topic)
	if err != nil {
		return none, nil, err
	}
	id, err := in.id()
	if err != nil {
		return none, nil, err
	}
	r, err := a.Requests.Reply(ctx, id)
	if err != nil {
		return none, nil, err
	}
	ids := []record.ID{id}
	for _, it := range r.Items {
		if told, err := record.ParseID(it.ID); err == nil {
			ids = append(ids, told)
		}
	}
	act := record.Act{Action: action, Topic: request.Topic, Subject: id, Count: len(ids),
		Purpose: record.Purpose{Kind: "request", Ref: r.Request.Number, Text: "request of a person"}}
	if action == "print" { // each print is one, also the second within minutes
		act.IDs = record.HashIDs(ids)
		err = a.Store.Update(ctx, func(tx record.Tx) error { return tx.Audit(act) })
	} else {
		err = a.noted(ctx, actor, act, asked("", "reply", lang), ids)
	}
	if err != nil {
		return none, nil, err
	}
	if lang == "" {
		lang = r.Request.Lang
	}
	return page.RequestLetter(r, lang), r, nil
}

// printRequest serves the letter as a page to print. Each print is an act of its own.
func (a *API) printRequest(w http.ResponseWriter, r *http.Request) {
	letter, reply, err := a.letter(r.Context(), ByID{r.PathValue("id")}, r.URL.Query().Get("lang"), "print")
	if err != nil {
		writeProblem(w, a.problem("printRequest", err))
		return
	}
	actor, err := record.ActorFrom(r.Context())
	if err != nil {
		writeProblem(w, err)
		return
	}
	page.WriteLetter(w, letter, page.Mark{Who: actor.Agency, At: reply.At, Draft: reply.Request.ApprovedBy == nil})
}
