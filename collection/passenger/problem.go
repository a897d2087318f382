package passenger

import (
	"slices"
	"strings"
	"time"

	"sarhad/format/edifact"
	"sarhad/format/paxlst"
	"sarhad/record"
	"sarhad/record/vocab"
)

// sort puts the reader's problems on the persons they concern; the rest is the voyages'.
func sortProblems(m paxlst.Message, journeys []*Journey) (rest []Problem) {
	for _, p := range m.Problems {
		out := Problem{p.Segment, p.Code, p.Text}
		who := slices.IndexFunc(m.Travellers, func(t paxlst.Traveller) bool {
			return t.Details.Segment > 0 && p.Segment >= t.Details.Segment && p.Segment < t.Details.Segment+len(t.Details.Segments)
		})
		if who < 0 {
			rest = append(rest, out)
		} else {
			journeys[who].Problems = append(journeys[who].Problems, out)
		}
	}
	if m.Header.Passengers == nil && m.Header.Crew == nil && len(m.Travellers) > 0 {
		rest = append(rest, Problem{Code: "missing-count", Text: "The message does not say how many persons it holds; nobody can tell whether it is complete."})
	}
	return rest
}

func problemsOf(ps []edifact.Problem) []Problem {
	out := make([]Problem, 0, len(ps))
	for _, p := range ps {
		out = append(out, Problem{p.Segment, p.Code, p.Text})
	}
	return out
}

// doubts are the codes of the vocabulary "problems" that are told from the journey as it stands, not from a message.
var doubts = []string{"missing-name", "missing-birth-date", "missing-sex", "missing-nationality", "missing-document", "document-expired", "unknown-country"}

// doubt names what is missing or odd about a person, in place of what it named before; screening works with what there is.
func (j *Journey) doubt() {
	j.Problems = slices.DeleteFunc(j.Problems, func(p Problem) bool { return p.Segment == 0 && slices.Contains(doubts, p.Code) })
	add := func(odd bool, code, text string) {
		if odd && !slices.ContainsFunc(j.Problems, func(p Problem) bool { return p.Code == code }) {
			j.Problems = append(j.Problems, Problem{Code: code, Text: text})
		}
	}
	add(j.fullName() == "", "missing-name", "No name was sent; the person is screened by what there is.")
	add(j.Born == "", "missing-birth-date", "No birth date was sent, or none that is one; expect more look-alikes.")
	add(j.Nationality == "", "missing-nationality", "No nationality was sent.")
	add(j.Sex == "", "missing-sex", "Sex was not sent, or not disclosed.")
	add(!slices.ContainsFunc(j.Documents, func(d record.Document) bool { return d.Type != "V" }), "missing-document",
		"No travel document was sent; a dismissal cannot clear this person.")
	arrives := j.arrivalDay()
	for _, d := range j.Documents {
		add(len(d.Expires) == len(time.DateOnly) && d.Expires < arrives, "document-expired", "A document expires before arrival.")
		add(unknownState(d.Issuer), "unknown-country", "The issuer of a document is no country code.")
	}
	add(unknownState(j.Nationality) || unknownState(j.Residence), "unknown-country", "The nationality or the residence is no country code.")
}

func unknownState(code string) bool {
	if code == "" {
		return false
	}
	_, ok := vocab.Country(code)
	return !ok
}

// voyageDoubts are the codes of the vocabulary "problems" that are told from the voyage as it stands.
var voyageDoubts = []string{"unknown-airport", "time-missing"}

// doubt says of a voyage what its times are worth: whose airports are unknown, they may be hours off; where only the day was
// sent, it is said what is taken for the hour.
func (v *Voyage) doubt() {
	v.Problems = slices.DeleteFunc(v.Problems, func(p Problem) bool { return p.Segment == 0 && slices.Contains(voyageDoubts, p.Code) })
	if v.ZoneAssumed {
		v.Problems = append(v.Problems, Problem{Code: "unknown-airport", Text: "The time zone of " + strings.TrimSpace(unknownAirport(v.From)+" "+unknownAirport(v.To)) +
			" is not known: its times were taken for UTC."})
	}
	text := ""
	if dayOnly(v.ArrivesLocal) {
		text = "Only the day of arrival was sent, not the hour: the flight counts as under way until that day ends at the place of arrival."
	}
	if dayOnly(v.DepartsLocal) {
		text = strings.TrimSpace(text + " Only the day of departure was sent, not the hour: the beginning of that day stands for it.")
	}
	if text != "" {
		v.Problems = append(v.Problems, Problem{Code: "time-missing", Text: text})
	}
}

func unknownAirport(code string) string {
	if _, ok := vocab.Airport(code); ok {
		return ""
	}
	return code
}
