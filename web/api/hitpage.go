package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/screening/hit"
)

// HitPage is one hit with everything an officer needs to decide.
type HitPage struct {
	HitRow
	Subject     HitSubject    `json:"subject"`
	Entry       HitEntry      `json:"entry"`
	Compare     []CompareRow  `json:"compare" doc:"one row for each field, most weighty first"`
	Tokens      []hit.Token   `json:"tokens"`
	Reasons     []ReasonText  `json:"reasons"`
	Raw         RawText       `json:"raw"`
	Companions  []Companion   `json:"companions"`
	History     []HistoryStep `json:"history"`
	Decision    *HitDecision  `json:"decision,omitempty"`
	Instruction *OrderPage    `json:"instruction,omitempty"`
	Revision    int           `json:"revision"`
	Booth       bool          `json:"booth" doc:"a booth of this country can be told; without one a confirmation needs a note"`
	Clearable   bool          `json:"clearable" doc:"a dismissal will clear the traveller: document and full birth date are known"`
}

// HitSubject is the traveller's record.
type HitSubject struct {
	Record string       `json:"record"`
	Fields []FieldValue `json:"fields"`
}

// HitEntry is the list entry's record as it stood.
type HitEntry struct {
	Record      string       `json:"record"`
	Key         string       `json:"key"`
	Fields      []FieldValue `json:"fields"`
	Reason      string       `json:"reason,omitempty"`
	Contact     string       `json:"contact,omitempty"`
	Instruction string       `json:"instruction,omitempty"`
	ValidUntil  *time.Time   `json:"validUntil,omitempty"`
	Restricted  bool         `json:"restricted,omitempty" doc:"the owner tells the rest: call the contact"`
}

// FieldValue is one field of a body with its class.
type FieldValue struct {
	Code   string       `json:"code" doc:"path of the field, documents.0.number"`
	Value  string       `json:"value"`
	Class  record.Class `json:"class"`
	Source string       `json:"source,omitempty"`
}

// CompareRow is one field side by side.
type CompareRow struct {
	Field     string   `json:"field"`
	Traveller []string `json:"traveller"`
	Listed    []string `json:"listed"`
	Agreement string   `json:"agreement" enum:"same,similar,different,unknown,one-sided"`
	Weight    float64  `json:"weight"`
	NoteEn    string   `json:"note_en,omitempty"`
	NoteRu    string   `json:"note_ru,omitempty"`
}

// RawText is what came, as it came.
type RawText struct {
	Segments []string `json:"segments"`
	Source   string   `json:"source"`
}

// Companion is somebody on the same booking.
type Companion struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Relation string `json:"relation"`
}

// HistoryStep is one line of a history.
type HistoryStep struct {
	At     time.Time `json:"at"`
	By     Officer   `json:"by"`
	Act    string    `json:"act"`
	Reason string    `json:"reason,omitempty"`
	Note   string    `json:"note,omitempty"`
}

// HitDecision is an officer's word.
type HitDecision struct {
	By        Officer    `json:"by"`
	At        time.Time  `json:"at"`
	Verdict   string     `json:"verdict"`
	Reason    string     `json:"reason"`
	Note      string     `json:"note,omitempty"`
	Seconds   float64    `json:"seconds" doc:"from claim to decision"`
	Cleared   bool       `json:"cleared"`
	UndoUntil *time.Time `json:"undoUntil,omitempty"`
}

func (a *API) hitPage(ctx context.Context, in ByID) (HitPage, error) {
	var out HitPage
	id, err := in.id()
	if err != nil {
		return out, err
	}
	act := record.Act{Action: "read", Topic: access.Hit, Subject: id, Purpose: record.Purpose{Kind: "hit", Ref: id.String(), Text: "possible match"}}
	err = a.look(ctx, act, question{}, func(tx record.Tx) ([]record.ID, error) {
		rec, h, err := recordOf[*hit.Hit](tx, id, "hit")
		if err != nil {
			return nil, err
		}
		lists, err := a.listTitles(tx)
		if err != nil {
			return nil, err
		}
		out = a.hitBody(rec, h, lists)
		ids := []record.ID{id}
		for _, add := range []func(record.Tx, *hit.Hit, *HitPage) ([]record.ID, error){a.addSubject, a.addCompanions, a.addOrder, a.addVoyage} {
			more, err := add(tx, h, &out)
			if err != nil {
				return nil, err
			}
			ids = append(ids, more...)
		}
		return ids, nil
	})
	return out, err
}

func (a *API) hitBody(rec *record.Record, h *hit.Hit, lists map[string]listInfo) HitPage {
	now := a.Now()
	out := HitPage{
		HitRow: hitRow(rec, lists, now), Revision: rec.Revision.Number, Tokens: slices.Clone(h.Tokens),
		Reasons: reasonTexts(h.Reasons, 0), Compare: compare(h), Companions: []Companion{},
		Subject: HitSubject{Record: h.Subject.String(), Fields: fieldsOf(h.Traveller)},
		Entry: HitEntry{Record: h.Entry.Record.String(), Key: h.Entry.Key, Fields: fieldsOf(h.Entry.Facts), Reason: h.Entry.Reason,
			Contact: h.Entry.Contact, Instruction: h.Entry.Instruction, Restricted: h.Entry.Restricted},
		Booth:     a.Hits.Tells(rec, h),
		Clearable: h.Clearable(),
	}
	if !h.Entry.ValidUntil.IsZero() {
		out.Entry.ValidUntil = &h.Entry.ValidUntil
	}
	out.History = history(h.Steps)
	if d := h.Decision; d != nil {
		out.Decision = &HitDecision{By: Officer{d.By, d.Display}, At: d.At, Verdict: d.Verdict, Reason: d.Reason, Note: d.Note,
			Seconds: d.Took.Seconds(), Cleared: len(d.Cleared) > 0}
		if until := d.At.Add(hit.UndoFor); now.Before(until) {
			out.Decision.UndoUntil = &until
		}
	}
	return out
}

func history(steps []hit.Step) []HistoryStep {
	out := make([]HistoryStep, 0, len(steps))
	for _, s := range slices.Backward(steps) {
		out = append(out, HistoryStep{s.At, Officer{s.By, s.Display}, s.Act, s.Reason, s.Note})
	}
	return out
}

// compare lines the two sides up field by field.
func compare(h *hit.Hit) []CompareRow {
	sides := []struct {
		field  string
		ours   []string
		listed []string
	}{
		{"name", names(h.Traveller), names(h.Entry.Facts)},
		{"born", h.Traveller.Born, h.Entry.Facts.Born},
		{"sex", one(h.Traveller.Sex), one(h.Entry.Facts.Sex)},
		{"nationality", h.Traveller.Nationalities, h.Entry.Facts.Nationalities},
		{"document", documents(h.Traveller), documents(h.Entry.Facts)},
	}
	var out []CompareRow
	for _, s := range sides {
		row := CompareRow{Field: s.field, Traveller: nonNil(s.ours), Listed: nonNil(s.listed), Agreement: "unknown"}
		if (len(s.ours) == 0) != (len(s.listed) == 0) {
			row.Agreement = "one-sided"
		}
		for _, r := range h.Reasons {
			if r.Field == s.field && (row.NoteEn == "" || max(r.Weight, -r.Weight) > max(row.Weight, -row.Weight)) {
				s := phrase(r)
				row.Weight, row.NoteEn, row.NoteRu = r.Weight, s.en, s.ru
				if r.Agreement != "unknown" {
					row.Agreement = r.Agreement
				}
			}
		}
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(x, y CompareRow) int {
		switch d := max(y.Weight, -y.Weight) - max(x.Weight, -x.Weight); {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return 0
	})
	return out
}

func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func names(f hit.Facts) []string {
	var out []string
	for _, n := range f.Names {
		if !slices.Contains(out, n.Full) && n.Full != "" {
			out = append(out, n.Full)
		}
	}
	return out
}

func documents(f hit.Facts) []string {
	var out []string
	for _, d := range f.Documents {
		out = append(out, strings.TrimSpace(d.Type+" "+documentText(d)))
	}
	return out
}

// addSubject shows the traveller's record as it came.
func (a *API) addSubject(tx record.Tx, h *hit.Hit, out *HitPage) ([]record.ID, error) {
	rec, err := tx.Get(h.Subject)
	if record.KindOf(err) == record.NotFound {
		return nil, nil // erased, or not for this officer: the hit keeps what it needs
	}
	if err != nil {
		return nil, err
	}
	out.Raw = RawText{Segments: rawSegments(rec), Source: strings.TrimSpace(rec.Origin.File + " " + rec.Origin.Message)}
	return []record.ID{rec.ID}, nil
}

// addCompanions finds who travels on the same booking.
func (a *API) addCompanions(tx record.Tx, h *hit.Hit, out *HitPage) ([]record.ID, error) {
	if h.Passage.Booking == "" {
		return nil, nil
	}
	page, err := tx.List(record.Query{Topics: []string{access.Passenger}, Thing: record.Thing{Type: record.ThingBooking, Key: h.Passage.Booking}, Limit: 20})
	if err != nil {
		return nil, err
	}
	var ids []record.ID
	for _, row := range page.Rows {
		if row.ID == h.Subject {
			continue
		}
		out.Companions = append(out.Companions, Companion{row.ID.String(), row.Title, "booking"})
		ids = append(ids, row.ID)
	}
	return ids, nil
}

// addOrder shows the instruction that followed.
func (a *API) addOrder(tx record.Tx, h *hit.Hit, out *HitPage) ([]record.ID, error) {
	if h.Instruction.IsZero() {
		return nil, nil
	}
	rec, err := tx.Get(h.Instruction)
	if record.KindOf(err) == record.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if in, ok := rec.Body.(*hit.Instruction); ok {
		page := orderPage(rec, in, true, a.Now())
		out.Instruction = &page
	}
	return []record.ID{rec.ID}, nil
}

// addVoyage links to the voyage's record.
func (a *API) addVoyage(tx record.Tx, h *hit.Hit, out *HitPage) ([]record.ID, error) {
	if out.Voyage == nil {
		return nil, nil
	}
	id, err := voyageByKey(tx, h.Passage.Key)
	if err == nil && !id.IsZero() {
		out.Voyage.ID = id.String()
	}
	return nil, err
}
