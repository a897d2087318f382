package transfer

import (
	"strconv"

	"sarhad/record"
)

// KindAside is the kind of an Aside.
const KindAside = "record.aside"

// States of an Aside.
const (
	Open   = "open"   // somebody has to look at it
	Placed = "placed" // it was stored as a revision after all
)

// Aside is a revision that came and could not be placed, as its line said it. It is a child of the record it speaks of, so
// that it is erased with it.
type Aside struct {
	Target   record.ID        `json:"target" class:"plain"`
	Revision int              `json:"revision" class:"plain"` // number it claims
	Hash     string           `json:"hash" class:"plain"`
	By       string           `json:"by" class:"plain"`  // writer it names
	Why      record.Reception `json:"why" class:"plain"` // fork, gap, writer
	State    string           `json:"state" class:"plain"`
	File     string           `json:"file,omitempty" class:"source"`
	Line     string           `json:"line" class:"text"` // record.Wire
}

// Bodies lists the bodies of this package for record.NewTypes.
func Bodies() []func() record.Body {
	return []func() record.Body{func() record.Body { return &Aside{} }}
}

// Kind implements record.Body.
func (*Aside) Kind() string { return KindAside }

// Version implements record.Body.
func (*Aside) Version() int { return 1 }

// Validate implements record.Body.
func (a *Aside) Validate() error {
	if a.Target.IsZero() || a.Hash == "" || a.Line == "" || !a.Why.Aside() {
		return record.Errorf(record.Invalid, "what is kept aside names its record, its hash and the reason")
	}
	return nil
}

// Index implements record.Body. What stands in the line is not indexed: it is not what the record says.
func (a *Aside) Index(ix *record.Index) {
	ix.Title = "revision " + strconv.Itoa(a.Revision) + " by " + a.By + ": " + string(a.Why)
	ix.State = a.State
}

func asideKey(r *record.Record) string { return r.ID.String() + "/" + r.Hash() }

// keepAside stores a revision that could not be placed beside its record, once.
func (in *intake) keepAside(tx record.Tx, r *record.Record, why record.Reception) error {
	_, err := tx.ByKey(KindAside, asideKey(r))
	if record.KindOf(err) != record.NotFound {
		return err
	}
	line, err := r.AppendWire(nil)
	if err != nil {
		return err
	}
	rec := &record.Record{Kind: KindAside, Version: 1, Key: asideKey(r), Owner: r.Owner, Handling: r.Handling, Occurred: r.Occurred,
		Origin: record.Origin{File: in.src.File, Parents: []record.ID{r.ID}},
		Body: &Aside{Target: r.ID, Revision: r.Revision.Number, Hash: r.Hash(), By: r.Writer, Why: why, State: Open,
			File: in.src.File, Line: string(line[:len(line)-1])}}
	if now, err := tx.Get(r.ID); err == nil { // as closed as the record it speaks of
		rec.Owner.Agency, rec.Handling = now.Owner.Agency, now.Handling.Join(r.Handling)
		rec.Handling.Topic, rec.Handling.Place, rec.Handling.Case = now.Handling.Topic, now.Handling.Place, now.Handling.Case
	} else if record.KindOf(err) != record.NotFound {
		return err
	}
	rec.Owner.Officer = ""
	return tx.Put(rec)
}

// placeAside stores what was kept aside of a record and follows now, until nothing follows any more. It gives how many.
func (in *intake) placeAside(tx record.Tx, id record.ID) (placed int, err error) {
	for again := true; again; {
		again = false
		page, err := tx.List(record.Query{Kinds: []string{KindAside}, States: []string{Open}, Parent: id, Full: true, Limit: record.MaxLimit})
		if err != nil {
			return placed, err
		}
		for _, row := range page.Rows {
			a, ok := row.Record.Body.(*Aside)
			if !ok || row.Record.Writer != in.src.Node {
				continue
			}
			r, err := record.ReadWire([]byte(a.Line))
			if err != nil {
				continue // damaged here: it stays for people to look at
			}
			out, err := tx.Receive(r, in.src.Own)
			if refused(err) || err == nil && out.Aside() {
				continue
			}
			if err != nil {
				return placed, err
			}
			a.State, row.Record.Raw = Placed, nil
			if err := tx.Put(row.Record); err != nil {
				return placed, err
			}
			placed, again = placed+1, true
		}
	}
	return placed, nil
}
