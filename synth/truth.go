package synth

import "time"

// Truth is what the region's maker knows and its machinery must find out. It is written apart from the data.
type Truth struct {
	Seed       uint64    `json:"seed"`
	Now        time.Time `json:"now"`
	Home       string    `json:"home"`
	Flights    int       `json:"flights"`
	Tonight    int       `json:"flights_tonight"`
	Travellers int       `json:"travellers"`         // persons in all messages
	OnTonight  int       `json:"travellers_tonight"` // of them tonight
	// Lists tells, file by file, how many persons each holds, and the delta between the two dates of the UN list.
	Lists []TruthList `json:"lists"`
	// Cases is every listed person who travels and every innocent who resembles one. Any other hit is an accident.
	Cases    []TruthCase    `json:"cases"`
	Problems []TruthProblem `json:"problems"`
}

// TruthList is one list file.
type TruthList struct {
	File    string `json:"file"`
	Persons int    `json:"persons"`
	// Against the older date of the same list, where there is one.
	Added   int `json:"added,omitempty"`
	Changed int `json:"changed,omitempty"`
	Removed int `json:"removed,omitempty"`
}

// Kinds of [TruthCase].
const (
	CaseKnown     = "known"      // the listed person
	CaseLookAlike = "look-alike" // an innocent
)

// TruthCase is one traveller and the entry he or she is, or is not.
type TruthCase struct {
	Kind    string    `json:"kind"`
	Flight  string    `json:"flight"`
	Arrives time.Time `json:"arrives"`
	To      string    `json:"to"`
	// The traveller as sent. Document is the key: no number occurs twice in a region.
	Document    string `json:"document"`
	Surname     string `json:"surname"`
	Given       string `json:"given"`
	Born        string `json:"born"`
	Sex         string `json:"sex"`
	Nationality string `json:"nationality"`
	// The entry: list ("national", "un", "ofac"), publisher's id and name as listed.
	List       string   `json:"list"`
	Entry      string   `json:"entry"`
	ListedName string   `json:"listed_name"`
	ListedBorn string   `json:"listed_born,omitempty"`
	How        string   `json:"how"`                 // recipe or kind of resemblance
	Distorted  []string `json:"distorted,omitempty"` // known: what became of the name
	Reason     string   `json:"reason,omitempty"`    // look-alike: dismissal reason code
	WhyEn      string   `json:"why_en"`              // in words for a person
	WhyRu      string   `json:"why_ru"`
	// DismissedBefore: the same traveller came on an earlier day and was found to be somebody else.
	DismissedBefore bool      `json:"dismissed_before,omitempty"`
	EarlierFlight   string    `json:"earlier_flight,omitempty"`
	EarlierArrival  time.Time `json:"earlier_arrival,omitzero"`
}

// TruthProblem is something wrong that was put into a message on purpose.
type TruthProblem struct {
	Code    string    `json:"code"` // a code of the problems vocabulary
	Flight  string    `json:"flight"`
	Arrives time.Time `json:"arrives"`
	Ref     string    `json:"ref,omitempty"` // the carrier's unique reference of the person
}

func (r *Region) truthCase(c *planned, f *Flight, t *Traveller) TruthCase {
	k := TruthCase{Kind: CaseLookAlike, Flight: f.Name(), Arrives: f.Arrival().Arrives, To: f.Arrival().To,
		Document: t.Document.Number, Surname: t.Surname, Given: t.Given, Born: t.Born, Sex: t.Sex, Nationality: t.Nationality,
		List: c.entry.List, Entry: c.entry.ID, ListedName: c.entry.Name(), ListedBorn: c.entry.Born,
		How: c.code, Distorted: c.distorted, Reason: c.reason, WhyEn: c.why[0], WhyRu: c.why[1]}
	if c.known {
		k.Kind = CaseKnown
	}
	return k
}

// spoil puts the mistakes of everyday into the messages: about one person in a hundred, never one the truth is about.
func (r *Region) spoil() {
	d := newDice(r.Seed, "spoil")
	for _, f := range r.Flights {
		for i, t := range f.Travellers {
			t.Ref = f.Carrier.Code + f.Number + three(i+1)
			chance := d.IntN(1000)
			if t.fixed {
				continue
			}
			code := ""
			switch {
			case chance < 4:
				code, t.Born = "missing-birth-date", ""
			case chance < 7:
				code, t.Document = "missing-document", nil
			case chance < 8:
				code, t.Sex = "missing-sex", ""
			case chance < 9 && t.Document.Type == "P":
				code, t.Document.Expires = "document-expired", date(f.Legs[0].Departs.AddDate(0, 0, -d.between(3, 200)))
			case chance < 10:
				code, t.Nationality = "unknown-country", "ZZQ"
			default:
				continue
			}
			r.problem(code, f, t.Ref)
		}
		if !f.Carrier.habit.noCount && d.IntN(30) == 0 {
			f.miscount = 1 + d.IntN(2)
			r.problem("count-mismatch", f, "")
		}
		if f.Carrier.habit.noCount {
			r.problem("missing-count", f, "")
		}
	}
}

func (r *Region) problem(code string, f *Flight, ref string) {
	r.Truth.Problems = append(r.Truth.Problems, TruthProblem{Code: code, Flight: f.Name(), Arrives: f.Arrival().Arrives, Ref: ref})
}

func three(n int) string {
	return string([]byte{byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
}

// finish counts.
func (r *Region) finish() {
	t := &r.Truth
	t.Seed, t.Now, t.Home = r.Seed, r.Now, r.Home
	t.Flights, t.Tonight = len(r.Flights), len(r.Tonight())
	for _, f := range r.Flights {
		t.Travellers += len(f.Travellers)
		if !f.History {
			t.OnTonight += len(f.Travellers)
		}
	}
	l := r.Lists
	t.Lists = []TruthList{
		{File: l.nationalFile(), Persons: len(l.National)},
		{File: l.unFile(l.UNBeforeDate), Persons: len(l.UNBefore)},
		{File: l.unFile(l.UNDate), Persons: len(l.UN), Added: l.added, Changed: l.changed, Removed: l.removed},
		{File: "sdn.csv", Persons: len(l.OFAC)},
	}
}
