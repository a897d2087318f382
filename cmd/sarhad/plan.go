package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"sarhad/record/privacy"
)

// ruleDue is one rule of a dry run: what it would take now.
type ruleDue struct {
	name, country, what string
	due, held           int
	strip               bool // takes detail of the log, not records: a run counts it
	oldest              time.Time
	next                *time.Time
}

// byRule counts what is due by the rule that takes it: the rules of the policies in their order, then what says itself when
// it must go.
func byRule(due []privacy.Due, rules []privacy.RuleState) []*ruleDue {
	var out []*ruleDue
	at := map[string]*ruleDue{}
	rule := func(key string, r ruleDue) *ruleDue {
		if at[key] == nil {
			at[key] = &r
			out = append(out, &r)
		}
		return at[key]
	}
	for _, s := range rules {
		country, _, _ := strings.Cut(s.Policy, "/")
		rule(s.Policy+"#"+s.Rule.Name, ruleDue{name: s.Subject + "#" + s.Rule.Name, country: country,
			what: fmt.Sprintf("%s %s after %s", s.Rule.Action, s.Rule.After, s.Rule.From), strip: s.Rule.Action == privacy.Strip, next: s.Next})
	}
	for _, d := range due {
		r := rule(d.Rule, ruleDue{name: d.Rule, country: "-", what: d.Action})
		if r.due++; d.Held != nil {
			r.held++
		}
		if r.oldest.IsZero() || d.Since.Before(r.oldest) {
			r.oldest = d.Since
		}
	}
	return out
}

// printPlan prints a dry run rule by rule.
func (e *env) printPlan(p planned, rules []privacy.RuleState) error {
	w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "rule\tcountry\twhat it does\tdue now\theld\toldest\tnext due")
	for _, r := range byRule(p.Due, rules) {
		next := "-"
		switch {
		case r.due > 0:
			next = "now"
		case r.next != nil:
			next = minute(*r.next)
		}
		oldest := "-"
		if r.due > 0 {
			oldest = minute(r.oldest)
		}
		due, held := fmt.Sprint(r.due), fmt.Sprint(r.held)
		if r.strip {
			due, held = "-", "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.name, r.country, r.what, due, held, oldest, next)
	}
	return w.Flush()
}

// printDue prints the records of a dry run, one a line.
func (e *env) printDue(due []privacy.Due) error {
	w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
	for _, d := range due {
		what := d.Action
		if d.Held != nil {
			what = heldBy(d.Held)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", d.ID, d.Kind, d.Rule, minute(d.Since), what)
	}
	return w.Flush()
}

// heldBy says why a record stays, and until when.
func heldBy(h *privacy.Held) string {
	if h.Until.IsZero() {
		return fmt.Sprintf("held: %s, until it is taken back", h.Basis)
	}
	return fmt.Sprintf("held: %s, until %s", h.Basis, h.Until.UTC().Format(time.DateOnly))
}

// minute is a time in a table, UTC.
func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
