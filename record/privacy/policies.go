package privacy

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"sarhad/record"
	"sarhad/record/access"
)

//go:embed data/default.json
var defaults []byte

// Defaults are the policies a node of this country starts with, unsigned.
func Defaults(country string) ([]Policy, error) {
	var out []Policy
	if err := json.Unmarshal(defaults, &out); err != nil {
		return nil, fmt.Errorf("default policies: %w", err)
	}
	for i := range out {
		out[i].Country = country
	}
	return out, nil
}

// Policies are the policies of the node's country: those that hold, by subject, and those that are refused.
type Policies struct {
	Valid   []Policy  `json:"valid"`
	Refused []Refused `json:"refused"`
	Missing []string  `json:"missing"` // subjects that the defaults know and nobody set

	known []Policy
}

// legalRu is the Russian text of the law of a policy. One that was signed with the words of the defaults before they had
// Russian ones has theirs.
func (all Policies) legalRu(p Policy) string {
	if p.LegalRu != "" {
		return p.LegalRu
	}
	for _, d := range all.known {
		if d.Subject == p.Subject && d.Legal == p.Legal {
			return d.LegalRu
		}
	}
	return ""
}

// Refused is a policy that moves nothing, and why.
type Refused struct {
	Key string `json:"key"`
	Why string `json:"why"`
}

// Policies reads and checks the policies.
func (c *Clocks) Policies(ctx context.Context) (out Policies, err error) {
	defer record.Wrap(&err, "privacy.Policies")
	out = Policies{Valid: []Policy{}, Refused: []Refused{}, Missing: []string{}}
	err = c.Store.View(c.machine(ctx), func(tx record.Tx) error {
		out.Valid, out.Refused, err = c.policies(tx)
		return err
	})
	if err != nil {
		return out, err
	}
	known, err := Defaults(c.Country)
	if err != nil {
		return out, err
	}
	out.known = known
	for _, d := range known {
		have := slices.ContainsFunc(out.Valid, func(p Policy) bool { return p.Subject == d.Subject }) ||
			slices.ContainsFunc(out.Refused, func(r Refused) bool { return r.Key == d.Key() })
		if !have {
			out.Missing = append(out.Missing, d.Subject)
		}
	}
	slices.SortFunc(out.Valid, func(a, b Policy) int {
		if a.Subject < b.Subject {
			return -1
		}
		return 1
	})
	return out, nil
}

// SetDefaults signs and stores the default policies that nobody set yet. What is set, refused or not, stays.
func (c *Clocks) SetDefaults(ctx context.Context) error {
	have, err := c.Policies(ctx)
	if err != nil || len(have.Missing) == 0 {
		return err
	}
	all, err := Defaults(c.Country)
	if err != nil {
		return err
	}
	for _, p := range all {
		if slices.Contains(have.Missing, p.Subject) {
			if err := c.SetPolicy(c.machine(ctx), p); err != nil {
				return err
			}
		}
	}
	return nil
}

// SetPolicy checks, signs and stores a policy; the actor is who answers for it. A rule that the defaults know keeps the
// room that the law leaves it.
func (c *Clocks) SetPolicy(ctx context.Context, p Policy) (err error) {
	defer record.Wrap(&err, "privacy.SetPolicy(%s)", p.Subject)
	if p.Country == "" {
		p.Country = c.Country
	}
	if p.Country != c.Country {
		return record.Errorf(record.Invalid, "the policy is for %s and this node stands in %s", p.Country, c.Country)
	}
	if c.Signer == nil {
		return record.Errorf(record.Internal, "nothing can be signed here: the node was opened without its key")
	}
	if err := bound(&p); err != nil {
		return err
	}
	p.Since = c.Now().UTC().Truncate(1e9)
	if err := p.Validate(); err != nil {
		return err
	}
	if err := p.sign(c.Signer); err != nil {
		return err
	}
	return c.Store.Update(ctx, func(tx record.Tx) error {
		rec, err := tx.ByKey(KindPolicy, p.Key())
		if record.KindOf(err) == record.NotFound {
			rec, err = c.envelope(KindPolicy), nil
			rec.Key = p.Key()
		}
		if err != nil {
			return err
		}
		body := p
		rec.Body, rec.Raw, rec.Occurred = &body, nil, p.Since
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "policy", Topic: access.Privacy, Subject: rec.ID, Count: 1})
	})
}

// bound gives a rule the bounds of the default rule of its name.
func bound(p *Policy) error {
	all, err := Defaults(p.Country)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.Subject != p.Subject {
			continue
		}
		for i := range p.Rules {
			for _, r := range d.Rules {
				if r.Name == p.Rules[i].Name {
					p.Rules[i].Least, p.Rules[i].Most = r.Least, r.Most
				}
			}
		}
	}
	return nil
}

// envelope is the record around a body of this package.
func (c *Clocks) envelope(kind string) *record.Record {
	return &record.Record{Kind: kind, Version: 1, Writer: c.Node, Owner: record.Owner{Agency: c.Agency},
		Handling: record.Handling{Marking: record.MaxMarking, Topic: access.Privacy}}
}

// policies reads those of this country that count, and those that do not with the reason.
func (c *Clocks) policies(tx record.Reader) (valid []Policy, refused []Refused, err error) {
	valid, refused = []Policy{}, []Refused{}
	page, err := tx.List(record.Query{Kinds: []string{KindPolicy}, Full: true, Limit: record.MaxLimit})
	for _, row := range page.Rows {
		p, ok := row.Record.Body.(*Policy)
		switch {
		case !ok:
			refused = append(refused, Refused{row.Title, "this program cannot read it"})
		case p.Country != c.Country:
		case row.Record.Writer != c.Node:
			refused = append(refused, Refused{p.Key(), "it was written by another node"})
		case row.Key != p.Key():
			refused = append(refused, Refused{row.Key, "its key is not what it says of itself: " + p.Key()})
		default:
			if err := p.verify(c.Verifiers); err != nil {
				refused = append(refused, Refused{p.Key(), record.MessageOf(err)})
				continue
			}
			valid = append(valid, *p)
		}
	}
	return valid, refused, err
}
