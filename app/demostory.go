package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sarhad/collection/passenger"
	"sarhad/exchange/relay"
	"sarhad/exchange/sharing"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy"
	"sarhad/record/proposal"
)

// demoTraveller is an invented traveller on an invented flight.
type demoTraveller struct {
	surname, given, born, sex, nationality, document string
	carrier, number, from, to                        string
}

// The travellers of the story: what became of the copy of each.
var (
	demoOpened   = demoTraveller{"KHAKIMOV", "ULUGBEK", "1980-02-23", "M", "UZB", "ZZ5552001", "Q4", "281", "TAS", "ALA"}
	demoRecalled = demoTraveller{"YUNUSOV", "TIMUR", "1977-07-11", "M", "UZB", "ZZ5552002", "Q4", "281", "TAS", "ALA"}
	demoHeld     = demoTraveller{"SULTANOVA", "FERUZA", "1986-10-05", "F", "UZB", "ZZ5552003", "Q4", "281", "TAS", "ALA"}
	demoProposed = demoTraveller{"RAHIMOV", "DALER", "1989-01-19", "M", "TJK", "ZZ5552004", "Q2", "640", "DYU", "ALA"}
	demoWaiting  = demoTraveller{"NAZRIEV", "SHERALI", "1975-06-08", "M", "TJK", "ZZ5552005", "Q2", "640", "DYU", "ALA"}
)

// demoPurpose is what the story is about. It names nobody.
const demoPurpose = "Joint check of couriers on the southern route"

// demoOffice makes the accounts of a place and its few records.
func (a *App) demoOffice(ctx context.Context, c demoCast) error {
	machine := record.WithActor(ctx, record.Machine("demo", ""))
	for _, u := range c.users() {
		p := authn.Profile{Display: u.Display, Agency: a.agency(), Place: c.post, Roles: []string{u.Role}, Lang: "en"}
		if _, err := a.Authn.CreateUser(machine, u.Name, p, u.Password, false); err != nil {
			return fmt.Errorf("%s: demo user %s: %w", c.node, u.Name, err)
		}
	}
	for _, t := range c.travellers {
		if _, err := a.demoTravels(machine, t); err != nil {
			return fmt.Errorf("%s: %w", c.node, err)
		}
	}
	return nil
}

// demoLanded is how long ago the flights of the story landed: before tonight, and not so long that the clocks take them.
const demoLanded = 10 * time.Hour

// demoTravels stores a traveller, and the flight when it is not there yet.
func (a *App) demoTravels(machine context.Context, t demoTraveller) (id record.ID, err error) {
	lands := a.opt.Now().UTC().Add(-demoLanded).Truncate(time.Hour)
	leaves := lands.Add(-3 * time.Hour)
	local := func(code string, at time.Time) string {
		if z := placeZone(code); z != nil {
			at = at.In(z)
		}
		return at.Format("2006-01-02T15:04")
	}
	v := &passenger.Voyage{Carrier: t.carrier, Number: t.number, From: t.from, To: t.to, Departs: leaves, Arrives: lands,
		DepartsLocal: local(t.from, leaves), ArrivesLocal: local(t.to, lands), State: passenger.ClosedOut, Passengers: 2}
	leg := passenger.Leg{Key: v.Key(), Label: v.Label(), From: t.from, To: t.to, Departs: leaves, Arrives: lands, DepartsLocal: v.DepartsLocal, ArrivesLocal: v.ArrivesLocal}
	j := &passenger.Journey{Surname: t.surname, Given: t.given, Born: t.born, Sex: t.sex, Nationality: t.nationality, Role: "passenger", State: passenger.OnBoard,
		Documents: []record.Document{{Type: "P", Number: t.document, Issuer: t.nationality, Expires: lands.AddDate(3, 2, 0).Format(time.DateOnly)}},
		Legs:      []passenger.Leg{leg}, Embark: t.from, Debark: t.to, Seat: "14C", AsOf: leaves.Format("2006-01-02T15:04")}
	envelope := func(b record.Body, key string, parents ...record.ID) *record.Record {
		return &record.Record{Key: key, Owner: record.Owner{Agency: a.agency()}, Handling: record.Handling{Marking: passenger.DefaultMarking, Topic: passenger.Topic},
			Basis: record.Basis{Purpose: "advance passenger information"}, Occurred: lands, Origin: record.Origin{Parents: parents}, Body: b}
	}
	err = a.Store.Update(machine, func(tx record.Tx) error {
		flight, err := tx.ByKey(passenger.KindVoyage, v.Key())
		if record.KindOf(err) == record.NotFound {
			flight = envelope(v, v.Key())
			err = tx.Put(flight)
		}
		if err != nil {
			return err
		}
		rec := envelope(j, v.Key()+"#"+strings.ToLower(t.document), flight.ID)
		if err := tx.Put(rec); err != nil {
			return err
		}
		id = rec.ID
		return tx.Audit(record.Act{Action: "import", Topic: passenger.Topic, Count: 1})
	})
	return id, err
}

// tell plays what happened before the visitor came, over the network itself, and leaves the line of Tajikistan cut.
func (d *DemoRegion) tell(ctx context.Context) error {
	t := &demoTale{ctx: ctx, kaz: d.main, uzb: d.Node(demoUZB), tjk: d.Node(demoTJK), kgz: d.Node(demoKGZ)}
	for _, step := range []func() error{t.agreements, t.shares, t.held, t.received, t.proposed, t.recalls} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := d.SetLine(ctx, demoTJK, true); err != nil {
		return err
	}
	return t.waits()
}

// demoTale is the story under way.
type demoTale struct {
	ctx                     context.Context
	kaz, uzb, tjk, kgz      *App
	opened, recalled, keeps record.ID // records of Kazakhstan that went to Uzbekistan
	proposedOn              record.ID // one that went to Tajikistan
}

// officer is a supervisor at work, who releases, recalls and agrees.
func (t *demoTale) officer(a *App, name string) (context.Context, error) {
	return a.demoActor(t.ctx, name, record.Purpose{Kind: "duty", Text: "Supervision of the shift"})
}

// agreements puts in force what the story needs, and leaves one with Turkmenistan to the visitor.
func (t *demoTale) agreements() error {
	for _, g := range []struct {
		from   *App
		to     string
		agency string
		agreed bool
	}{
		{t.kaz, demoUZB, "UZB-PIU", true}, {t.kaz, demoTJK, "TJK-PIU", true}, {t.kaz, demoKGZ, "KGZ-PIU", true}, {t.kaz, demoTKM, "TKM-PIU", false},
		{t.uzb, demoMain, "KAZ-PIU", true}, {t.tjk, demoMain, "KAZ-PIU", true}, {t.kgz, demoMain, "KAZ-PIU", true},
	} {
		one, err := t.officer(g.from, "supervisor")
		if err != nil {
			return err
		}
		e, err := g.from.Sharing.Draft(one, sharing.Agreement{To: g.agency, Node: g.to, Topic: access.Passenger, Updates: true,
			Legal:   sharing.Text{En: "Protocol on the exchange of passenger data, article 4", Ru: "Протокол об обмене данными о пассажирах, статья 4"},
			Classes: []record.Class{record.Plain, record.Identity}, Until: g.from.opt.Now().AddDate(1, 0, 0)})
		if err != nil || !g.agreed {
			if err != nil {
				return err
			}
			continue
		}
		two, err := t.officer(g.from, secondChief)
		if err != nil {
			return err
		}
		if _, err := g.from.Sharing.Agree(two, e.ID, nil); err != nil {
			return err
		}
	}
	return nil
}

// shares sends what is opened, recalled, held and answered later.
func (t *demoTale) shares() (err error) {
	machine := record.WithActor(t.ctx, record.Machine("demo", ""))
	for _, s := range []struct {
		who demoTraveller
		to  string
		id  *record.ID
	}{{demoOpened, demoUZB, &t.opened}, {demoRecalled, demoUZB, &t.recalled}, {demoHeld, demoUZB, &t.keeps}, {demoProposed, demoTJK, &t.proposedOn}} {
		if *s.id, err = t.kaz.demoTravels(machine, s.who); err != nil {
			return err
		}
		if err := t.send(t.kaz, *s.id, s.to); err != nil {
			return err
		}
	}
	for _, id := range []record.ID{t.opened, t.recalled, t.keeps} {
		if err := t.arrives(t.uzb, id); err != nil {
			return err
		}
	}
	return t.open()
}

func (t *demoTale) send(a *App, id record.ID, to string) error {
	chief, err := t.officer(a, "supervisor")
	if err != nil {
		return err
	}
	p, err := a.Sharing.Preview(chief, id, []string{to})
	if err != nil {
		return err
	}
	_, err = a.Sharing.Send(chief, sharing.Wish{Record: id, To: []string{to}, Editions: []string{p.For[0].Hash}, Purpose: demoPurpose}, nil)
	return err
}

// open lets an officer of Uzbekistan read the first record; Kazakhstan hears that it was opened.
func (t *demoTale) open() error {
	var message record.ID
	err := t.kaz.Store.View(record.WithActor(t.ctx, record.Machine("demo", "")), func(tx record.Tx) error {
		rows, err := t.kaz.Sharing.Of(tx, t.opened)
		if err == nil && len(rows) == 1 {
			message = rows[0].Editions[0].Message
		}
		return err
	})
	if err != nil {
		return err
	}
	reader, err := t.uzb.demoActor(t.ctx, "analyst", record.Purpose{Kind: "duty", Text: "Screening of arrivals, this shift"})
	if err != nil {
		return err
	}
	if err := t.uzb.Store.Update(reader, func(tx record.Tx) error {
		if _, err := tx.Get(t.opened); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "read", Topic: access.Passenger, Subject: t.opened, Count: 1})
	}); err != nil {
		return err
	}
	return t.uzb.Store.Update(record.WithActor(t.ctx, record.Machine("demo", "")), func(tx record.Tx) error {
		if err := relay.Opened(tx, demoMain, record.Routine, message); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "opened", Topic: access.Passenger, Subject: t.opened, Count: 1})
	})
}

// held lets a court in Tashkent keep a copy.
func (t *demoTale) held() error {
	chief, err := t.officer(t.uzb, "supervisor")
	if err != nil {
		return err
	}
	actor, err := record.ActorFrom(chief)
	if err != nil {
		return err
	}
	actor.Machine = true // the court's order reaches the node by its operator: the record belongs to Kazakhstan
	_, err = t.uzb.Privacy.AddHold(record.WithActor(t.ctx, actor), privacy.Hold{Targets: []record.ID{t.keeps}, Basis: "Order 14/2 of the court of Tashkent",
		Until: t.uzb.opt.Now().AddDate(0, 6, 0), Reason: "evidence in an open case"})
	return err
}

// received lets Kazakhstan have something of Uzbekistan.
func (t *demoTale) received() error {
	machine := record.WithActor(t.ctx, record.Machine("demo", ""))
	id, err := t.uzb.demoTravels(machine, demoTraveller{"ERGASHEV", "KAMOL", "1982-12-30", "M", "UZB", "ZZ5552006", "Q4", "272", "IST", "TAS"})
	if err != nil {
		return err
	}
	if err := t.send(t.uzb, id, demoMain); err != nil {
		return err
	}
	return t.arrives(t.kaz, id)
}

// proposed lets Tajikistan ask for a correction, which waits at Kazakhstan.
func (t *demoTale) proposed() error {
	if err := t.arrives(t.tjk, t.proposedOn); err != nil {
		return err
	}
	analyst, err := t.tjk.demoActor(t.ctx, "analyst", record.Purpose{Kind: "duty", Text: "Screening of arrivals, this shift"})
	if err != nil {
		return err
	}
	var hash string
	if err := t.tjk.Store.View(analyst, func(tx record.Tx) error {
		rec, err := tx.Get(t.proposedOn)
		if err == nil {
			hash = rec.Hash()
		}
		return err
	}); err != nil {
		return err
	}
	desk := &proposal.Desk{Store: t.tjk.Store, Node: t.tjk.Config.Name, Now: t.tjk.opt.Now}
	asked, err := desk.Make(analyst, t.proposedOn, hash, []proposal.Wish{{Path: "born", To: "1988-01-19"}}, "The passport register here has another year of birth")
	if err != nil {
		return err
	}
	return t.arrives(t.kaz, asked.ID)
}

// recalls takes two copies back: one is erased, one is held.
func (t *demoTale) recalls() error {
	chief, err := t.officer(t.kaz, "supervisor")
	if err != nil {
		return err
	}
	for id, state := range map[record.ID]string{t.recalled: sharing.GoneState, t.keeps: sharing.HeldThere} {
		share, err := t.share(id)
		if err != nil {
			return err
		}
		if _, err := t.kaz.Sharing.Recall(chief, []record.ID{share.ID}, "It was another person: the check is over"); err != nil {
			return err
		}
		if err := t.wait("the answer of "+demoUZB, func() (bool, error) {
			share, err := t.share(id)
			return share.State == state, err
		}); err != nil {
			return err
		}
	}
	return t.wait("the word that it was opened", func() (bool, error) {
		share, err := t.share(t.opened)
		return share.Edition.State == record.DispatchOpened, err
	})
}

// waits sends both ways over the line that is cut now.
func (t *demoTale) waits() error {
	machine := record.WithActor(t.ctx, record.Machine("demo", ""))
	id, err := t.kaz.demoTravels(machine, demoWaiting)
	if err != nil {
		return err
	}
	if err := t.send(t.kaz, id, demoTJK); err != nil {
		return err
	}
	id, err = t.tjk.demoTravels(machine, demoTraveller{"KARIMZODA", "PARVIZ", "1984-04-04", "M", "TJK", "ZZ5552007", "Q2", "611", "DXB", "DYU"})
	if err != nil {
		return err
	}
	return t.send(t.tjk, id, demoMain)
}

// share is the one share of a record of Kazakhstan.
func (t *demoTale) share(id record.ID) (out sharing.Row, err error) {
	err = t.kaz.Store.View(record.WithActor(t.ctx, record.Machine("demo", "")), func(tx record.Tx) error {
		rows, err := t.kaz.Sharing.Of(tx, id)
		if err == nil && len(rows) == 1 {
			out = rows[0]
		}
		return err
	})
	return out, err
}

// arrives waits until a record is there.
func (t *demoTale) arrives(a *App, id record.ID) error {
	return t.wait("a record at "+a.Config.Name, func() (bool, error) {
		err := a.Store.View(record.WithActor(t.ctx, record.Machine("demo", "")), func(tx record.Tx) error {
			_, err := tx.Get(id)
			return err
		})
		if record.KindOf(err) == record.NotFound {
			return false, nil
		}
		return err == nil, err
	})
}

// demoPatience is how long one step of the story may take: the machine may be busy with other things.
const demoPatience = 3 * time.Minute

func (t *demoTale) wait(what string, ok func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(t.ctx, demoPatience)
	defer cancel()
	for {
		done, err := ok()
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return record.Errorf(record.Unavailable, "waited in vain for %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
