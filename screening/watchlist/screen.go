package watchlist

import (
	"io"
	"strconv"
	"time"

	"sarhad/engine/match"
	"sarhad/format/listcsv"
	"sarhad/record"
)

// MaxMatches is how many matches a screening gives at most.
const MaxMatches = 10

// Screener searches publications without any store.
type Screener struct {
	index   *match.Index
	entries map[string]*Entry
	effects map[string]string
}

// Found is one listed person that may be the one asked for.
type Found struct {
	Entry  *Entry
	Effect string // legal effect of the list, as it starts
	match.Match
}

// NewScreener makes an index of the persons of publications, without those whose validity has
// ended. Of two publications of one list the newer one counts.
func NewScreener(now time.Time, publications ...*Publication) *Screener {
	newest := map[string]*Publication{}
	for _, p := range publications {
		if other := newest[p.List]; other == nil || !p.Published.Before(other.Published) {
			newest[p.List] = p
		}
	}
	s := &Screener{entries: map[string]*Entry{}, effects: map[string]string{}}
	var people []match.Person
	for _, p := range publications {
		if newest[p.List] != p {
			continue
		}
		s.effects[p.List] = p.Effect
		for _, e := range p.Entries {
			if e.Screened(now) {
				s.entries[e.Key()] = e
				people = append(people, e.Match())
			}
		}
	}
	s.index = match.New(people)
	return s
}

// Len is how many persons are searched.
func (s *Screener) Len() int { return len(s.entries) }

// Screen finds the listed persons for a traveller, best first, at most MaxMatches. threshold is
// the least score, 0 to 1; 0 means the engine's default.
func (s *Screener) Screen(traveller match.Person, threshold float64) []Found {
	var out []Found
	for _, m := range s.index.Search(traveller, match.Options{Threshold: threshold, Limit: MaxMatches}) {
		e := s.entries[m.ID]
		out = append(out, Found{Entry: e, Effect: s.effects[e.List], Match: m})
	}
	return out
}

// Traveller is one line of a table of people to be screened.
type Traveller struct {
	ID     string // as given; the line number when none is
	Name   string
	Line   int
	Person match.Person
}

// ReadTravellers reads people to be screened from CSV with the header
// id,name,born,nationality,sex,document (package listcsv; only name must be there). Good rows are
// kept beside bad ones, which are given as errors with their line; the last error is about the file
// as a whole.
func ReadTravellers(r io.Reader, file string) ([]Traveller, []error, error) {
	list, bad, err := listcsv.ReadRows(r, file, "name")
	if err != nil {
		return nil, nil, invalid(err)
	}
	var problems []error
	for _, b := range bad {
		problems = append(problems, invalid(b))
	}
	var out []Traveller
	for _, row := range list.Rows {
		// The row is read as an entry of a list, so that both sides of a comparison are alike; words
		// of lists (severity, instruction) mean nothing here.
		row.Severity, row.Instruction = "", ""
		e, err := fromOwn("", file, row)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		t := Traveller{ID: row.ID, Name: row.Name, Line: row.Line, Person: e.Match()}
		if t.ID == "" {
			t.ID = strconv.Itoa(row.Line)
		}
		t.Person.ID = t.ID
		for _, c := range e.Countries {
			problems = append(problems, record.Errorf(record.Invalid, "%s, line %d: the nationality %q is no known country or code; the person was screened without it.", file, row.Line, c))
		}
		out = append(out, t)
	}
	return out, problems, nil
}
