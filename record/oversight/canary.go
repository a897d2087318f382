package oversight

import (
	"context"
	"strings"

	"sarhad/record"
	"sarhad/record/access"
)

// Invented is the person that a canary is about. Oversight makes them up: nobody of this name and birth date may exist, and
// the document must be of a series that its country does not issue.
type Invented struct {
	Surname, Given, Born, Sex, Nationality, Document string
}

// Person gives the facts as the word of the index.
func (p Invented) Person() record.Person {
	return record.Person{Role: record.RolePassenger, Sex: p.Sex, Born: []string{p.Born}, Nationalities: []string{p.Nationality},
		Names:     []record.Name{{Full: p.Surname + " " + p.Given, Surname: p.Surname, Given: p.Given}},
		Documents: []record.Document{{Type: "P", Number: p.Document, Issuer: p.Nationality}}}
}

func (p *Invented) clean() error {
	for _, s := range []*string{&p.Surname, &p.Given, &p.Nationality} {
		*s = strings.ToUpper(strings.TrimSpace(*s))
	}
	p.Document = record.DocumentNumber(p.Document)
	switch {
	case p.Surname == "" || p.Given == "":
		return record.Errorf(record.Invalid, "write surname and given name of the invented person, in Latin letters as a carrier sends them")
	case len(p.Born) != len("2006-01-02"):
		return record.Errorf(record.Invalid, "write the whole birth date, year-month-day: without one the record does not look like the others")
	case len(p.Nationality) != 3:
		return record.Errorf(record.Invalid, "choose a nationality")
	case p.Document == "":
		return record.Errorf(record.Invalid, "write a document number of a series that is not issued")
	}
	return nil
}

// Plant stores an invented person among those of a flight that is past, and the mark that says so. It refuses a person whom a
// list could name, or whose document is stored already: nothing of this may fall on somebody real.
func (r *Room) Plant(ctx context.Context, p Invented, why string) (rec *record.Record, err error) {
	a, err := asker(ctx, access.Decide)
	if err != nil {
		return nil, err
	}
	if why = strings.TrimSpace(why); why == "" {
		return nil, record.Errorf(record.Invalid, "say why it is planted; whoever follows you at oversight must understand it")
	}
	if err := p.clean(); err != nil {
		return nil, err
	}
	machine := record.WithActor(ctx, record.Machine("oversight", ""))
	if like, err := r.Resembles(machine, p.Person()); err != nil {
		return nil, err
	} else if like {
		return nil, record.Errorf(record.Conflict, "a list names somebody who could be taken for this person; choose another name or birth date")
	}
	planted, err := r.Invent(machine, p)
	if err != nil {
		return nil, err
	}
	err = r.Store.Update(own(ctx, a), func(tx record.Tx) error {
		known, err := tx.Count(record.Query{Thing: record.Thing{Type: record.ThingDocument, Key: record.DocumentKey(p.Nationality, p.Document)}}, 1)
		if err != nil {
			return err
		}
		if known > 0 {
			return record.Errorf(record.Conflict, "a record with this document is stored already; choose another number")
		}
		if err := tx.Put(planted); err != nil {
			return err
		}
		rec = r.envelope(KindCanary, &Canary{Record: planted.ID, Why: why, By: a.User, Display: a.Display, At: r.Now().UTC(), State: Planted}, a.Agency)
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "plant", Topic: access.Oversight, Subject: rec.ID, Count: 1})
	})
	return rec, err
}

// Retire takes a planted record away: the record is erased, the mark stays as the memory of it.
func (r *Room) Retire(ctx context.Context, id record.ID) (rec *record.Record, err error) {
	a, err := asker(ctx, access.Decide)
	if err != nil {
		return nil, err
	}
	err = r.Store.Update(own(ctx, a), func(tx record.Tx) error {
		var err error
		if rec, err = tx.Get(id); err != nil {
			return err
		}
		c, ok := rec.Body.(*Canary)
		if !ok {
			return record.Errorf(record.NotFound, "there is no such planted record")
		}
		if c.State == Retired {
			return record.Errorf(record.Conflict, "this planted record was taken away already")
		}
		if _, err := tx.Erase(c.Record); err != nil && record.KindOf(err) != record.NotFound {
			return err
		}
		c.State, rec.Raw = Retired, nil
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "retire", Topic: access.Oversight, Subject: id, Count: 1})
	})
	return rec, err
}

// Canaries gives the records that are planted now. It is for parts of the program that must not take one for real, such as
// the exchange of records with other nodes; they read it as the program and tell nobody.
func Canaries(tx record.Reader) (map[record.ID]bool, error) {
	out := map[record.ID]bool{}
	q := record.Query{Kinds: []string{KindCanary}, States: []string{Planted}, Full: true, Limit: record.MaxLimit}
	for {
		page, err := tx.List(q)
		if err != nil {
			return nil, err
		}
		for _, row := range page.Rows {
			if c, ok := row.Record.Body.(*Canary); ok {
				out[c.Record] = true
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return out, nil
		}
	}
}
