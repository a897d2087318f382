package request

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"sarhad/record"
	"sarhad/record/audit"
)

// Reply is what the person is told, before it is put into words of a language. It is computed from the present state of the
// records by the same function for the preview, the approval and the print.
type Reply struct {
	Request Request   `json:"-"`
	Rules   Rules     `json:"-"`
	Agency  string    `json:"agency"`
	Items   []Item    `json:"items"`
	Hash    string    `json:"hash"`
	Silent  bool      `json:"silent"` // one record at least is neither confirmed nor denied
	At      time.Time `json:"at"`
}

// Item is one record of the person in the reply.
type Item struct {
	ID       string        `json:"id"` // for the officer; not printed
	Kind     string        `json:"kind"`
	What     string        `json:"what"`
	Ground   string        `json:"ground,omitempty"`
	Until    string        `json:"until,omitempty"`
	Fields   []TellField   `json:"fields"`
	Left     int           `json:"left"` // fields that are not told
	Purpose  string        `json:"purpose,omitempty"`
	Legal    string        `json:"legal,omitempty"`
	Origin   string        `json:"origin,omitempty"` // how it came: message, list, officer, computed
	Shared   []string      `json:"shared,omitempty"` // recipients
	Created  time.Time     `json:"created"`
	Standing Standing      `json:"standing"`
	Looks    []AgencyLooks `json:"looks"`
}

// TellField is a field of a record that is told.
type TellField struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

// AgencyLooks is how often an agency opened a record on its own page, and when; lists that showed it among others are not
// counted. No officer is named.
type AgencyLooks struct {
	Agency string    `json:"agency"`
	Count  int       `json:"count"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
	Days   int       `json:"days"`
}

// Reply computes the reply. The records are read as the program, because who approves may not open them; what it gives is
// only what an officer who may has decided to tell. The actor must be able to read the request.
func (r *Room) Reply(ctx context.Context, id record.ID) (*Reply, error) {
	var out *Reply
	err := r.Store.View(ctx, func(tx record.Tx) error {
		_, _, err := load(tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	officers, err := r.officers(ctx)
	if err != nil {
		return nil, err
	}
	err = r.Store.View(record.WithActor(ctx, record.Machine("request", "")), func(tx record.Tx) error {
		rec, q, err := load(tx, id)
		if err != nil {
			return err
		}
		out = &Reply{Request: *q, Rules: r.rules(q), Agency: rec.Owner.Agency, At: r.Now().UTC()}
		if q.Draft != nil && q.Draft.Refuse {
			out.Hash = hashOf(q, nil)
			return nil
		}
		if out.Items, err = r.items(tx, q, officers); err != nil {
			return err
		}
		out.Hash = hashOf(q, out.Items)
		out.Silent = slices.ContainsFunc(out.Items, func(i Item) bool { return i.What == Silent })
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range out.Items {
		id, err := record.ParseID(out.Items[i].ID)
		if err != nil {
			return nil, err
		}
		if out.Items[i].Looks, err = r.looks(ctx, id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *Room) items(tx record.Tx, q *Request, officers []string) ([]Item, error) {
	out := []Item{}
	for _, f := range q.Found {
		if !f.Told() || f.Answer == nil {
			continue
		}
		it, err := r.item(tx, q, f, officers)
		if err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	return out, nil
}

func (r *Room) item(tx record.Tx, q *Request, f Found, officers []string) (Item, error) {
	it := Item{ID: f.Record.String(), Kind: f.Kind, What: f.Answer.What, Ground: f.Answer.Ground, Until: f.Answer.Until, Fields: []TellField{}}
	rec, err := tx.Get(f.Record)
	if record.KindOf(err) == record.NotFound {
		it.Standing.Erased, err = r.erased(tx, f.Record)
		return it, err
	}
	if err != nil {
		return it, err
	}
	if it.Standing, err = r.standing(tx, rec); err != nil {
		return it, err
	}
	it.Created, it.Purpose, it.Legal = rec.Created, rec.Basis.Purpose, rec.Basis.Legal
	it.Shared = slices.Clone(rec.Handling.Releasable)
	filed := rec.Origin.File != "" || rec.Origin.Hash != "" // a masked record has lost the name of its file
	switch {
	case len(rec.Origin.Parents) > 0 && rec.Owner.Officer == "" && !filed:
		it.Origin = "computed"
	case rec.Origin.Message != "" || filed:
		it.Origin = "message"
	case rec.Owner.Officer != "":
		it.Origin = "officer"
	}
	it.Fields, it.Left = tell(rec, f, q.Person.Person(), officers)
	return it, nil
}

// officers gives what no reply tells.
func (r *Room) officers(ctx context.Context) ([]string, error) {
	if r.Officers == nil {
		return nil, nil
	}
	return r.Officers(ctx)
}

func (r *Room) standing(tx record.Tx, rec *record.Record) (Standing, error) {
	if r.Standing == nil {
		return Standing{Until: rec.Expires}, nil
	}
	return r.Standing(tx, rec)
}

// erased tells when a record was erased, from the journal; zero when it was not.
func (r *Room) erased(tx record.Tx, id record.ID) (time.Time, error) {
	for after := int64(0); ; {
		page, err := tx.Erasures(after, record.MaxLimit)
		if err != nil || len(page) == 0 {
			return time.Time{}, err
		}
		for _, e := range page {
			if after = e.Number; e.ID == id && e.What == record.ErasureErase {
				return e.At, nil
			}
		}
	}
}

// hash is SHA-256 over what the records say in the reply: approval and sending are of one and the same text.
func (r *Room) hash(tx record.Tx, q *Request, officers []string) (string, error) {
	if q.Draft != nil && q.Draft.Refuse {
		return hashOf(q, nil), nil
	}
	items, err := r.items(tx, q, officers)
	return hashOf(q, items), err
}

func hashOf(q *Request, items []Item) string {
	type said struct {
		What, Kind, Ground, Until string
		Fields                    []TellField
		Erased                    bool
	}
	all := struct {
		Number, Ground, Words, Waiting string
		Items                          []said
	}{Number: q.Number}
	if d := q.Draft; d != nil {
		all.Ground, all.Words, all.Waiting = d.Ground, d.Words, d.Waiting
	}
	for _, it := range items {
		all.Items = append(all.Items, said{it.What, it.Kind, it.Ground, it.Until, it.Fields, !it.Standing.Erased.IsZero()})
	}
	b, err := json.Marshal(all)
	if err != nil { // strings and booleans
		panic("request: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// lookActions are the acts of opening one record.
var lookActions = []string{"read", "revisions", "print", "export"}

const (
	looksPage = 500
	maxLooks  = 10_000 // acts on one record that are counted; nobody opens one so often
)

// looks counts who opened a record, by agency.
func (r *Room) looks(ctx context.Context, id record.ID) ([]AgencyLooks, error) {
	out := []AgencyLooks{}
	if r.Audit == nil {
		return out, nil
	}
	at := map[string]int{}
	days := map[string]map[string]bool{}
	q := audit.Question{Subject: id, Actions: lookActions, Limit: looksPage}
	for seen := 0; seen < maxLooks; {
		rows, err := r.Audit.AskAudit(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			i, ok := at[row.Agency]
			if !ok {
				i = len(out)
				at[row.Agency], days[row.Agency] = i, map[string]bool{}
				out = append(out, AgencyLooks{Agency: row.Agency, Last: row.At})
			}
			out[i].Count++
			out[i].First = row.At
			days[row.Agency][row.At.Format(time.DateOnly)] = true
		}
		if len(rows) < looksPage {
			break
		}
		seen, q.Before = seen+len(rows), rows[len(rows)-1].Number
	}
	for i := range out {
		out[i].Days = len(days[out[i].Agency])
	}
	return out, nil
}
