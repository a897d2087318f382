package transfer

import (
	"bufio"
	"context"
	"io"
	"slices"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// Selection says what an export tells. Node and Purpose are required; the rest narrows.
type Selection struct {
	Node          string     // this node
	Purpose       string     // why it is exported, in words; stands in the act
	Kinds         []string   // none = all
	Since         record.Seq // revisions stored after this number
	From, To      time.Time  // that happened (else: were made) at or after, before
	WithRevisions bool       // former revisions too
	For           string     // node, agency or topic that it is for: opens what is releasable to it
	Whole         bool       // the node moves its own data: nothing is held back

	// Planted gives the records that oversight planted: neither they nor what was made from them leave, and no number tells
	// of it. It is asked in the name of the program. nil = there are none.
	Planted func(record.Reader) (map[record.ID]bool, error)
}

// Reasons why a revision is left out of an export that is not Whole.
const (
	LeftCase       = "case"       // in the compartment of a case
	LeftTLP        = "tlp"        // TLP:RED or AMBER+STRICT: for its agency only
	LeftReleasable = "releasable" // released to others than whom the export is for
	LeftCodes      = "codes"      // H3, or H2 of another owner: somebody has to be asked
	LeftHome       = "home"       // says what never leaves its owner's node
	LeftHouse      = "house"      // how this node is run: policies, holds, questions to officers, requests of persons
	LeftUnknown    = "unknown"    // written here in a version this program cannot judge
)

// Told is what an export told.
type Told struct {
	Lines   int            // revisions
	Records int            // distinct records
	LeftOut map[string]int // revisions, by reason
	Until   record.Seq     // the export is complete up to here: the next one goes on since this number
}

// line names one revision to tell.
type line struct {
	seq record.Seq
	id  record.ID
}

// pageRows is how many rows of the sequence are looked at in one view.
const pageRows = 500

// Export writes the selected revisions as lines, in the order of the change sequence. It first looks what there is and writes
// the act, and only then the lines. The context needs an actor.
func Export(ctx context.Context, store record.Store, sel Selection, w io.Writer) (told Told, err error) {
	defer record.Wrap(&err, "transfer.Export")
	if sel.Purpose == "" {
		return told, record.NeedPurpose()
	}
	e := &export{store: store, sel: sel}
	if sel.Planted != nil && !sel.Whole {
		err := store.View(record.WithActor(ctx, record.Machine("transfer", "")), func(tx record.Tx) error {
			e.planted, err = sel.Planted(tx)
			return err
		})
		if err != nil {
			return told, err
		}
	}
	if err := store.View(ctx, func(tx record.Tx) error {
		var err error
		e.head, err = tx.Head()
		return err
	}); err != nil {
		return told, err
	}
	var lines []line
	told = Told{LeftOut: map[string]int{}, Until: e.head}
	err = e.each(ctx, func(r *record.Record, left string) error {
		if left != "" {
			told.LeftOut[left]++
			return nil
		}
		lines = append(lines, line{r.Seq, r.ID})
		return nil
	})
	if err != nil {
		return told, err
	}
	ids := make([]record.ID, len(lines))
	for i, l := range lines {
		ids[i] = l.id
	}
	act := record.Act{Action: "export", Count: len(ids), IDs: record.HashIDs(ids), Purpose: record.Purpose{Kind: "free", Text: sel.Purpose}}
	if sel.Whole {
		act.Reason = "whole"
	}
	if err := store.Update(ctx, func(tx record.Tx) error { return tx.Audit(act) }); err != nil {
		return told, err
	}
	return told, e.write(ctx, lines, &told, w)
}

type export struct {
	store record.Store
	sel   Selection
	head  record.Seq

	planted map[record.ID]bool
}

// write tells the lines that were counted. What was erased or closed since is not told.
func (e *export) write(ctx context.Context, lines []line, told *Told, w io.Writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	seen := map[record.ID]bool{}
	var buf []byte
	err := e.each(ctx, func(r *record.Record, left string) (err error) {
		if left != "" || len(lines) == 0 {
			return nil
		}
		for len(lines) > 0 && lines[0].seq < r.Seq {
			lines = lines[1:]
		}
		if len(lines) == 0 || lines[0].seq != r.Seq {
			return nil
		}
		if buf, err = r.AppendWire(buf[:0]); err != nil {
			return err
		}
		told.Lines++
		seen[r.ID] = true
		_, err = out.Write(buf)
		return err
	})
	told.Records = len(seen)
	if err != nil {
		return err
	}
	return out.Flush()
}

// each meets the selected revisions up to the head in order, with the reason why one is left out.
func (e *export) each(ctx context.Context, meet func(r *record.Record, left string) error) error {
	for at := e.sel.Since; at < e.head; {
		last := e.head
		err := e.store.View(ctx, func(tx record.Tx) error {
			rows, err := tx.Changes(at, pageRows)
			if err != nil {
				return err
			}
			if len(rows) == pageRows {
				last = rows[len(rows)-1].Seq
			}
			states := map[record.ID][]*record.Record{} // of this page: a record revised often is read once
			for _, row := range rows {
				if row.Seq > e.head {
					return nil
				}
				r, left, err := e.pick(tx, row, states)
				if err != nil {
					return err
				}
				if r != nil {
					if err := meet(r, left); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		at = last
	}
	return nil
}

// pick gives the revision of a row if it is selected.
func (e *export) pick(tx record.Tx, row record.Row, states map[record.ID][]*record.Record) (r *record.Record, left string, err error) {
	former := row.Until != 0 && row.Until <= e.head
	if former && !e.sel.WithRevisions || len(e.sel.Kinds) > 0 && !slices.Contains(e.sel.Kinds, row.Kind) {
		return nil, "", nil
	}
	now, err := tx.Get(row.ID)
	if record.KindOf(err) == record.NotFound {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	if e.planted[now.ID] || slices.ContainsFunc(now.Origin.Parents, func(p record.ID) bool { return e.planted[p] }) {
		return nil, "", nil
	}
	r = now
	if now.Seq != row.Seq {
		if r, err = revision(tx, row, states); err != nil || r == nil {
			return nil, "", err
		}
	}
	at := r.Occurred
	if at.IsZero() {
		at = r.Created
	}
	if !e.sel.From.IsZero() && at.Before(e.sel.From) || !e.sel.To.IsZero() && !at.Before(e.sel.To) {
		return nil, "", nil
	}
	if left, err = e.sel.holdsBack(r); err == nil && left == "" && r != now {
		left, err = e.sel.holdsBack(now) // what was closed since is closed in its past too
	}
	return r, left, err
}

func revision(tx record.Tx, row record.Row, states map[record.ID][]*record.Record) (*record.Record, error) {
	all, known := states[row.ID]
	if !known {
		var err error
		if all, err = tx.Revisions(row.ID); err != nil && record.KindOf(err) != record.NotFound {
			return nil, err
		}
		states[row.ID] = all
	}
	for _, r := range all {
		if r.Seq == row.Seq {
			return r, nil
		}
	}
	return nil, nil
}

// holdsBack tells why a revision may not leave; "" when it may.
func (s Selection) holdsBack(r *record.Record) (string, error) {
	h := r.Handling
	switch {
	case s.Whole:
		return "", nil
	case access.House(h.Topic):
		return LeftHouse, nil
	case h.Case != "":
		return LeftCase, nil
	case h.TLP == "red" || h.TLP == "amber+strict":
		return LeftTLP, nil
	case len(h.Releasable) > 0 && (s.For == "" || !slices.Contains(h.Releasable, s.For)):
		return LeftReleasable, nil
	case slices.Contains(h.Codes, "H3") || slices.Contains(h.Codes, "H2") && r.Writer != s.Node:
		return LeftCodes, nil
	case r.Body == nil && r.Writer == s.Node:
		return LeftUnknown, nil
	case r.Body == nil:
		return "", nil // its writer let it go, and we pass on what we do not understand
	}
	left := ""
	err := record.Walk(r.Body, func(f record.Field) error {
		if f.Class == record.Home {
			left = LeftHome
		}
		return nil
	})
	return left, err
}
