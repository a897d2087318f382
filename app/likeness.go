package app

import (
	"context"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/privacy/request"
)

// likeness compares stored persons with one who asks, by the matcher that screening uses and from the same score on.
func likeness(asked record.Person) func(record.Person) (float64, []request.Reason) {
	index := match.New([]match.Person{matchable(asked)})
	return func(found record.Person) (float64, []request.Reason) {
		hits := index.Search(matchable(found), match.Options{Limit: 1})
		if len(hits) == 0 {
			return 0, nil
		}
		var why []request.Reason
		for _, r := range hits[0].Reasons { // the stored person is the query here
			why = append(why, request.Reason{Field: r.Field, Agreement: r.Agreement, Code: r.Code, Asked: r.Listed, Found: r.Query, Weight: r.Weight})
		}
		return hits[0].Score, why
	}
}

// matchable is a person word as the matcher takes it.
func matchable(p record.Person) match.Person {
	m := match.Person{ID: "1", Born: p.Born, Sex: p.Sex, Nationalities: p.Nationalities}
	for _, n := range p.Names {
		m.Names = append(m.Names, match.Name{Full: n.Full, Surname: n.Surname, Given: n.Given, Patronymic: n.Patronymic})
	}
	for _, d := range p.Documents {
		m.Documents = append(m.Documents, match.Document{Type: d.Type, Number: d.Number, Issuer: d.Issuer})
	}
	return m
}

// requests makes the register of what persons ask.
func (a *App) requests() (*request.Room, error) {
	rules, err := request.AllRules()
	if err != nil {
		return nil, err
	}
	return &request.Room{Store: a.Store, Audit: a.Store, Node: a.Config.Name, Country: a.Config.Country, Rules: rules, Now: a.opt.Now,
		Likeness: likeness, Cleared: a.Hits.ClearancesOf, Officers: a.officers, Standing: func(tx record.Tx, rec *record.Record) (request.Standing, error) {
			s, err := a.Privacy.StandingOf(tx, rec)
			return request.Standing{Masked: s.Masked, Held: s.Held, Until: s.Until}, err
		}}, nil
}

// officers gives the ids and names of all officers, also of those who left: no reply to a person tells one.
func (a *App) officers(ctx context.Context) ([]string, error) {
	users, err := a.Authn.ListUsers(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, u := range users {
		out = append(out, u.ID, u.Name, u.Display)
	}
	return out, nil
}
