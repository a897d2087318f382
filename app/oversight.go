package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"time"

	"sarhad/collection/passenger"
	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/oversight"
	"sarhad/record/vocab"
	"sarhad/web/api"
)

// oversight makes what follows the log and asks.
func (a *App) oversight() *oversight.Room {
	zone := zoneOf(a.Config.Country)
	return &oversight.Room{Store: a.Store, Audit: a.Store, Node: a.Config.Name, Now: a.opt.Now, Log: a.opt.Log, Kin: kin, Display: a.display,
		Code:   func(words string) string { return api.QueryCode(a.queryKey(), match.Fold(words)) },
		Zone:   func(place string) *time.Location { return cmp.Or(placeZone(place), zone) },
		Invent: a.invent, Resembles: a.resembles}
}

// sameSurname is the similarity from which two surnames are one: the same letters, an ending that goes by sex, another
// romanization.
const sameSurname = 0.95

// kin says how a person is called beside an officer, of whom only a display name is known.
func kin(officer string, p record.Person) string {
	who, sign := match.Person{Names: []match.Name{{Full: officer}}}, ""
	for _, n := range p.Names {
		m := match.Compare(who, match.Person{Names: []match.Name{{Full: n.Full, Surname: n.Surname, Given: n.Given, Patronymic: n.Patronymic}}})
		if m.Score >= match.DefaultThreshold {
			return oversight.Self
		}
		for _, t := range m.Tokens {
			if t.Role == "surname" && t.Query != "" && t.Listed != "" && t.Similarity >= sameSurname {
				sign = oversight.Relative
			}
		}
	}
	return sign
}

func (a *App) display(ctx context.Context, user string) (string, error) {
	u, err := a.Authn.User(ctx, user)
	if record.KindOf(err) == record.NotFound {
		return "", nil
	}
	return u.Display, err
}

// placeZone gives the time zone of a place; nil when it is not known.
func placeZone(place string) *time.Location {
	if p, ok := vocab.Airport(place); ok {
		if zone, err := p.Location(); err == nil {
			return zone
		}
	}
	return nil
}

// zoneOf gives the zone that most airports of a country lie in; UTC when there is none.
func zoneOf(country string) *time.Location {
	count := map[string]int{}
	best := ""
	for _, p := range vocab.AllAirports() {
		if p.Country != country {
			continue
		}
		if count[p.Zone]++; best == "" || count[p.Zone] > count[best] {
			best = p.Zone
		}
	}
	if zone, err := time.LoadLocation(best); err == nil {
		return zone
	}
	return time.UTC
}

// resembleFrom is the score from which a listed person could be taken for an invented one: far below an alert.
const resembleFrom = 0.3

// resembles reports whether a list names somebody like this.
func (a *App) resembles(ctx context.Context, p record.Person) (bool, error) {
	index, found := match.New([]match.Person{matchable(p)}), false
	for after, more := record.Seq(0), true; more && !found; {
		var page []record.FoundPerson
		err := a.Store.View(ctx, func(tx record.Tx) (err error) {
			page, err = tx.Persons(true, after, 2000)
			return err
		})
		if err != nil {
			return false, err
		}
		for _, l := range page {
			found = found || len(index.Search(matchable(l.Person), match.Options{Threshold: resembleFrom, Limit: 1})) > 0
		}
		if more = len(page) > 0; more {
			after = page[len(page)-1].Seq
		}
	}
	return found, nil
}

// A canary travels on a flight that landed long enough ago not to be held against changed lists, and not so long ago that
// nobody would open it, or that the clocks would erase it before anybody can: nothing matches it, so its life is short.
const (
	canaryLanded = 30 * time.Hour
	canaryOldest = 30 * 24 * time.Hour
	canaryLife   = 24 * time.Hour // every shift has seen it once
)

// lives reports whether the clocks would leave a canary after this pattern alone for as long as it is worth anything.
func (a *App) lives(tx record.Tx, pattern *record.Record, p oversight.Invented, now time.Time) (bool, error) {
	like, _ := pattern.Body.(*passenger.Journey)
	id, err := record.NewID(now, rand.Reader) // nothing hangs on it
	if err != nil {
		return false, err
	}
	canary := &record.Record{ID: id, Kind: pattern.Kind, Occurred: pattern.Occurred, Created: now, Received: now, Expires: pattern.Expires,
		Body: &passenger.Journey{Surname: p.Surname, Given: p.Given, Born: p.Born, Role: like.Role, State: like.State}}
	s, err := a.Privacy.StandingOf(tx, canary)
	return err == nil && (s.Until.IsZero() || s.Until.Sub(now) >= canaryLife), err
}

// invent makes a journey of an invented person on a real flight that is past, after the pattern of somebody who was on it.
func (a *App) invent(ctx context.Context, p oversight.Invented) (rec *record.Record, err error) {
	now := a.opt.Now()
	mark := make([]byte, 16)
	if _, err := io.ReadFull(rand.Reader, mark); err != nil {
		return nil, err
	}
	var pattern *record.Record
	err = a.Store.View(ctx, func(tx record.Tx) error {
		flights, err := tx.List(record.Query{Kinds: []string{passenger.KindVoyage}, From: now.Add(-canaryOldest), To: now.Add(-canaryLanded), Limit: 50})
		if err != nil {
			return err
		}
		for _, f := range flights.Rows {
			page, err := tx.List(record.Query{Parent: f.ID, Kinds: []string{passenger.KindJourney}, Full: true, Limit: 50})
			if err != nil {
				return err
			}
			for _, row := range page.Rows {
				j, ok := row.Record.Body.(*passenger.Journey)
				if !ok || j.Role != "passenger" || len(j.Documents) == 0 || len(row.Record.Origin.Parents) != 1 {
					continue
				}
				if lives, err := a.lives(tx, row.Record, p, now); err != nil {
					return err
				} else if lives {
					pattern = row.Record
					return nil
				}
			}
		}
		return record.Errorf(record.Conflict, "there is no flight to plant it on: import one that landed at least %d hours ago and whose travellers are kept for another %d", int(canaryLanded.Hours()), int(canaryLife.Hours()))
	})
	if err != nil {
		return nil, err
	}
	like := pattern.Body.(*passenger.Journey)
	j := &passenger.Journey{Surname: p.Surname, Given: p.Given, Sex: p.Sex, Born: p.Born, Nationality: p.Nationality, Role: like.Role, State: like.State,
		Documents: []record.Document{{Type: "P", Number: p.Document, Issuer: p.Nationality, Expires: now.AddDate(4, 3, 0).Format(time.DateOnly)}},
		Legs:      slices.Clone(like.Legs), Embark: like.Embark, Debark: like.Debark, AsOf: like.AsOf}
	for _, h := range like.Heard {
		h.Mark = hex.EncodeToString(mark)
		j.Heard = append(j.Heard, h)
	}
	rec = &record.Record{Kind: pattern.Kind, Version: pattern.Version, Writer: pattern.Writer, Owner: pattern.Owner, Handling: pattern.Handling,
		Grading: pattern.Grading, Basis: pattern.Basis, Origin: pattern.Origin, Occurred: pattern.Occurred, Expires: pattern.Expires, Body: j}
	if i := strings.LastIndexAny(pattern.Key, "/#"); i >= 0 && len(pattern.Key)-i-1 <= 2*len(mark) {
		rec.Key = pattern.Key[:i+1] + hex.EncodeToString(mark)[:len(pattern.Key)-i-1]
	}
	return rec, nil
}
