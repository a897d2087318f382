package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/exchange/sharing"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
)

// Party is a node that can be shared with.
type Party struct {
	Node     string    `json:"node"`
	Name     PartyName `json:"name"`
	Country  string    `json:"country,omitempty" doc:"ISO 3166-1 alpha-3"`
	Agencies []string  `json:"agencies"`
}

// PartyName is what a node is called.
type PartyName struct {
	En string `json:"en"`
	Ru string `json:"ru"`
}

// Shareable is what an agreement can name.
type Shareable struct {
	Topics  []string        `json:"topics"`
	Classes []record.Class  `json:"classes"`
	Kinds   []ShareableKind `json:"kinds"`
}

// ShareableKind is a kind of record with its fields.
type ShareableKind struct {
	Kind   string           `json:"kind"`
	Fields []ShareableField `json:"fields"`
}

// ShareableField is a field of a kind.
type ShareableField struct {
	Path  string       `json:"path" doc:"without the places in lists"`
	Class record.Class `json:"class"`
	May   bool         `json:"may" doc:"an agreement can let it go; else it never leaves"`
}

// SharingReason is why something goes or stays.
type SharingReason struct {
	Code string `json:"code" doc:"for the translation"`
	Text string `json:"text" doc:"in English"`
	Ref  string `json:"ref,omitempty" doc:"what it speaks of: an agency, a country, a class"`
}

// SharingPreview is who would get what of a record.
type SharingPreview struct {
	Record    RecordRow     `json:"record"`
	Hash      string        `json:"hash" doc:"of the present revision: what is signed"`
	For       []SharingTold `json:"for"`
	Suggested []Party       `json:"suggested" doc:"whom something is agreed with, and nothing speaks against"`
	Purpose   string        `json:"purpose" doc:"what you are working on, as a proposal"`
}

// SharingTold is what one recipient would get, and why not more.
type SharingTold struct {
	To        Party           `json:"to"`
	Agency    string          `json:"agency,omitempty" doc:"that would get it"`
	Goes      bool            `json:"goes"`
	Stays     []SharingReason `json:"stays" doc:"why nothing goes; empty when something does"`
	Notes     []SharingReason `json:"notes" doc:"what holds for who gets it"`
	Agreement string          `json:"agreement,omitempty"`
	Legal     SharingText     `json:"legal"`
	Updates   bool            `json:"updates" doc:"later revisions follow by themselves"`
	Until     *time.Time      `json:"until,omitempty" doc:"end of the agreement"`
	Readers   []SharingReader `json:"readers" doc:"who exactly will be able to read"`
	Hub       SharingReason   `json:"hub" doc:"what the hub can read"`
	Fields    []SharingField  `json:"fields"`
	Envelope  []SharingField  `json:"envelope"`
	Files     []SharingFile   `json:"files"`
	Edition   int             `json:"edition,omitempty" doc:"number it would have"`
	Hash      string          `json:"hash,omitempty" doc:"of the edition: sent back with the send, so that what goes is what was seen"`
}

// SharingText is a sentence in both languages.
type SharingText struct {
	En string `json:"en" maxLength:"500"`
	Ru string `json:"ru" maxLength:"500"`
}

// SharingReader is a role that will be able to read.
type SharingReader struct {
	Agency string `json:"agency"`
	Role   string `json:"role"`
	Place  string `json:"place,omitempty" doc:"only at this place"`
}

// SharingField is one value and what becomes of it.
type SharingField struct {
	Code  string        `json:"code" doc:"path of the field"`
	Class record.Class  `json:"class,omitempty" doc:"absent: of the envelope"`
	Value string        `json:"value"`
	Goes  bool          `json:"goes"`
	Why   SharingReason `json:"why"`
}

// SharingFile is a file of the record and what becomes of it.
type SharingFile struct {
	ID   string        `json:"id"`
	Name string        `json:"name"`
	Type string        `json:"type"`
	Size int64         `json:"size"`
	Goes bool          `json:"goes"`
	Why  SharingReason `json:"why"`
}

type previewSharing struct {
	ByID
	Body struct {
		To []string `json:"to,omitempty" maxItems:"50" doc:"nodes; none = those that are suggested"`
	}
}

// SendTo is one recipient of a send.
type SendTo struct {
	Node    string `json:"node" maxLength:"40"`
	Edition string `json:"edition" maxLength:"64" doc:"hash as the preview told it"`
}

type sendRecord struct {
	ByID
	Body struct {
		To      []SendTo `json:"to" minItems:"1" maxItems:"50"`
		Purpose string   `json:"purpose" maxLength:"4000" doc:"what the recipients get it for; names nobody"`
		Onward  string   `json:"onward,omitempty" maxLength:"36" doc:"the request to share further that this fulfils"`
		Proof   *Proof   `json:"proof,omitempty" doc:"of {action: release, topic: sharing, subject, details: {to: nodes with spaces, editions: hashes with spaces, purpose, onward}}"`
	}
}

func (a *API) sharing(h huma.API) {
	register(a, h, "GET", "/sharing/parties", "listParties", "Nodes that can be shared with", func(ctx context.Context, _ *empty) (*body[List[Party]], error) {
		return answer(a.sharingParties(ctx))
	})
	register(a, h, "GET", "/sharing/kinds", "listShareable", "What an agreement can name: topics, kinds, their fields", func(ctx context.Context, _ *empty) (*body[Shareable], error) {
		return answer(a.shareable(ctx))
	})
	register(a, h, "POST", "/records/{id}/sharing/preview", "previewSharing", "Who would get which field of a record, and why the others not", func(ctx context.Context, in *previewSharing) (*body[SharingPreview], error) {
		return answer(a.sharingPreview(ctx, in))
	})
	register(a, h, "POST", "/records/{id}/sharing", "shareRecord", "Send a record, signed", func(ctx context.Context, in *sendRecord) (*body[List[ShareRow]], error) {
		return answer(a.shareRecord(ctx, in))
	})
	a.sharingRegister(h)
	a.sharingRequests(h)
}

func (a *API) sharingParties(ctx context.Context) (List[Party], error) {
	out := List[Party]{Items: []Party{}}
	if _, err := a.purposed(ctx, access.Ask, access.Sharing); err != nil {
		return out, err
	}
	for _, p := range a.Sharing.Directory.Parties() {
		if p.Node != a.Node.Name && !p.Hub {
			out.Items = append(out.Items, partyOf(p))
		}
	}
	return out, nil
}

func (a *API) shareable(ctx context.Context) (Shareable, error) {
	out := Shareable{Topics: nonNil(sharing.Topics()), Classes: []record.Class{record.Plain, record.Sensitive, record.Identity, record.FreeText}, Kinds: []ShareableKind{}}
	if _, err := a.purposed(ctx, access.Read, access.Sharing); err != nil || a.Sharing.Types == nil {
		return out, err
	}
	for _, k := range sharing.Kinds(a.Sharing.Types) {
		kind := ShareableKind{Kind: k.Kind, Fields: []ShareableField{}}
		for _, f := range k.Fields {
			kind.Fields = append(kind.Fields, ShareableField{f.Path, f.Class, f.Class != record.Home && f.Class != record.Source})
		}
		out.Kinds = append(out.Kinds, kind)
	}
	return out, nil
}

func partyOf(p sharing.Party) Party {
	return Party{p.Node, PartyName(p.Name), p.Country, nonNil(p.Agencies)}
}

func whyOf(r sharing.Reason) SharingReason { return SharingReason(r) }

func whys(all []sharing.Reason) []SharingReason {
	out := []SharingReason{}
	for _, r := range all {
		out = append(out, whyOf(r))
	}
	return out
}

// mayShare gives the actor if there is anything that they may share.
func (a *API) mayShare(ctx context.Context) (record.Actor, error) {
	actor, err := a.purposed(ctx, "", "")
	if err != nil {
		return actor, err
	}
	if slices.ContainsFunc(access.Rules(), func(r access.Rule) bool {
		return r.Action == access.Share && access.May(actor, access.Share, r.Topic)
	}) {
		return actor, nil
	}
	return actor, record.Errorf(record.Forbidden, "your role may not share records; ask your supervisor if your work needs it")
}

func (a *API) sharingPreview(ctx context.Context, in *previewSharing) (SharingPreview, error) {
	out := SharingPreview{For: []SharingTold{}, Suggested: []Party{}}
	actor, err := a.mayShare(ctx)
	if err != nil {
		return out, err
	}
	id, err := in.id()
	if err != nil {
		return out, err
	}
	p, err := a.Sharing.Preview(ctx, id, in.Body.To)
	if err != nil {
		return out, err
	}
	out.Record, out.Hash, out.Purpose = rowOf(p.Record), p.Record.Hash(), actor.Purpose.Text
	for _, t := range p.For {
		out.For = append(out.For, toldOf(t))
	}
	for _, s := range p.Suggested {
		out.Suggested = append(out.Suggested, partyOf(s))
	}
	return out, a.noted(ctx, actor, record.Act{Action: "share-preview", Topic: access.Sharing, Subject: id, Count: 1}, asked("", in.Body.To...), []record.ID{id})
}

func toldOf(t *sharing.Told) SharingTold {
	out := SharingTold{To: partyOf(t.To), Agency: t.Agency, Goes: t.Goes(), Stays: whys(t.Stays), Notes: whys(t.Notes), Legal: SharingText(t.Legal),
		Updates: t.Updates, Readers: []SharingReader{}, Hub: whyOf(t.Hub), Files: []SharingFile{}, Edition: t.Number, Hash: t.Hash,
		Fields: sharingFields(t.Fields), Envelope: sharingFields(t.Envelope)}
	if !t.Agreement.IsZero() {
		out.Agreement, out.Until = t.Agreement.String(), &t.Until
	}
	for _, r := range t.Readers {
		out.Readers = append(out.Readers, SharingReader(r))
	}
	for _, f := range t.Files {
		out.Files = append(out.Files, SharingFile{f.ID.String(), f.Name, f.Type, f.Size, f.Goes, whyOf(f.Why)})
	}
	return out
}

func sharingFields(all []sharing.Field) []SharingField {
	out := []SharingField{}
	for _, f := range all {
		out = append(out, SharingField{f.Path, f.Class, f.Value, f.Goes, whyOf(f.Why)})
	}
	return out
}

func (a *API) shareRecord(ctx context.Context, in *sendRecord) (List[ShareRow], error) {
	out := List[ShareRow]{Items: []ShareRow{}}
	if _, err := a.mayShare(ctx); err != nil {
		return out, err
	}
	id, err := in.id()
	if err != nil {
		return out, err
	}
	w := sharing.Wish{Record: id, Purpose: strings.TrimSpace(in.Body.Purpose)}
	for _, to := range in.Body.To {
		w.To, w.Editions = append(w.To, to.Node), append(w.Editions, to.Edition)
	}
	if in.Body.Onward != "" {
		if w.Onward, err = record.ParseID(in.Body.Onward); err != nil {
			return out, err
		}
	}
	if _, err := a.Sharing.Preview(ctx, id, w.To); err != nil { // the right is asked before the signature
		return out, err
	}
	sig, err := a.signed(ctx, authn.Intent{Action: sharing.ActRelease, Topic: access.Sharing, Subject: id, Details: w.Details()}, in.Body.Proof)
	if err != nil {
		return out, err
	}
	rows, err := a.Sharing.Send(ctx, w, sig)
	for _, r := range rows {
		out.Items = append(out.Items, a.shareRow(r))
	}
	return out, err
}
