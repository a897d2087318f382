package app

import (
	"context"
	"errors"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/oversight"
	"sarhad/record/vocab"
	"sarhad/synth"
	"sarhad/web/api"
)

// What a demonstration hides for oversight to find. All of these people are invented.
var (
	curious = api.DemoUser{Name: "analyst.late", Password: "late-lantern-6612", Role: "analyst", Display: "Dinara Zhumadilova"}

	demoRelative = oversight.Invented{Surname: "ZHUMADILOV", Given: "YERNUR", Born: "1968-11-30", Sex: "M", Nationality: "KAZ", Document: "ZZ5550198"}
	demoCanary   = oversight.Invented{Surname: "SANDYBAROV", Given: "ILYAS", Born: "1979-02-11", Sex: "M", Nationality: "KAZ", Document: "ZZ5550412"}
)

// demoPast is what happened before the demonstration: accounts, a flight of the days before, and last night an officer
// who looked up a relative and then a planted record, for no case. It is written with the clock of that night, so that the log
// says so; the quick dismissals follow when the week is played.
func demoPast(ctx context.Context, dir string, anchor time.Time, region *synth.Region, opt Options) (err error) {
	clock := lastNight(anchor)
	opt.Now = func() time.Time { return clock }
	a, err := New(ctx, dir, opt)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Stop()) }()
	if err := a.demoAccounts(ctx); err != nil {
		return err
	}
	machine := record.WithActor(ctx, record.Machine("demo", ""))
	if err := a.takeIn(machine, landedLong(region, clock)); err != nil {
		return err
	}
	if err := a.demoMasked(machine); err != nil {
		return err
	}
	eye, err := a.demoActor(ctx, "oversight", record.Purpose{Kind: "duty", Text: "Oversight of access and decisions"})
	if err != nil {
		return err
	}
	mark, err := a.Oversight.Plant(eye, demoCanary, "Planted with the demonstration")
	if err != nil {
		return err
	}
	relative, err := a.invent(machine, demoRelative)
	if err != nil {
		return err
	}
	err = a.Store.Update(machine, func(tx record.Tx) error {
		if err := tx.Put(relative); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "import", Topic: access.Passenger, Count: 1})
	})
	if err != nil {
		return err
	}
	officer, err := a.demoActor(ctx, curious.Name, record.Purpose{Kind: "free", Text: "checking something"})
	if err != nil {
		return err
	}
	for _, id := range []record.ID{relative.ID, mark.Body.(*oversight.Canary).Record} {
		clock = clock.Add(3*time.Minute + 20*time.Second)
		err := a.Store.Update(officer, func(tx record.Tx) error {
			return tx.Audit(record.Act{Action: "read", Topic: access.Passenger, Subject: id, Count: 1})
		})
		if err != nil {
			return err
		}
	}
	clock = anchor.Add(-anchor.Sub(clock) / 2) // the night goes by in steps that the clocks of the law trust
	return a.Privacy.Begin(ctx)
}

// landedLong is the last message of a flight that landed long enough before a time to carry a planted record: an older one is
// near the end of its period, and the clocks take the record with it.
func landedLong(region *synth.Region, before time.Time) synth.Message {
	all := region.Messages()
	best := all[0]
	for _, m := range all {
		at := m.Flight.Arrival().Arrives
		if at.Before(before.Add(-canaryLanded)) && at.After(best.Flight.Arrival().Arrives) {
			best = m
		}
	}
	return best
}

// lastNight is the last 02:10 of Almaty that is over for an hour at least.
func lastNight(now time.Time) time.Time {
	zone := zoneOf("KAZ")
	if p, ok := vocab.Airport("ALA"); ok {
		if z, err := p.Location(); err == nil {
			zone = z
		}
	}
	local := now.In(zone)
	at := time.Date(local.Year(), local.Month(), local.Day(), 2, 10, 0, 0, zone)
	if now.Sub(at) < time.Hour {
		at = at.AddDate(0, 0, -1)
	}
	return at.UTC()
}

// demoActor is an officer of the demonstration at work.
func (a *App) demoActor(ctx context.Context, name string, p record.Purpose) (context.Context, error) {
	u, err := a.Authn.UserByName(ctx, name)
	return record.WithActor(ctx, record.Actor{User: u.ID, Display: u.Display, Agency: u.Agency, Place: u.Place, Roles: u.Roles, Purpose: p}), err
}
