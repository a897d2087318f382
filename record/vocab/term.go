package vocab

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"
)

// Names of the small vocabularies, as [Labels] takes them.
const (
	Roles             = "roles"
	Markings          = "markings"
	TLP               = "tlp"
	Handling          = "handling"
	Instructions      = "instructions"
	Severities        = "severities"
	HitStates         = "hit-states"
	DismissalReasons  = "dismissal-reasons"
	ConfirmReasons    = "confirm-reasons"
	Outcomes          = "outcomes"
	LegalEffects      = "legal-effects"
	DocumentTypes     = "document-types"
	SourceGrades      = "source-grades"
	InformationGrades = "information-grades"
	GradingSchemes    = "grading-schemes"
	Sexes             = "sexes"
	TravellerRoles    = "traveller-roles"
	CrossingModes     = "crossing-modes"
	PositionQuality   = "position-quality"
	Problems          = "problems"
	RequestKinds      = "request-kinds"
	RequestChannels   = "request-channels"
	RequestAnswers    = "request-answers"
	RequestGrounds    = "request-grounds"
	RequestStates     = "request-states"
	IdentityProofs    = "identity-proofs"
	ToldKinds         = "told-kinds"
	ToldFields        = "told-fields"
	ToldValues        = "told-values"
	Signs             = "oversight-signs"
	Judgements        = "oversight-judgements"
	LocationReasons   = "location-reasons"
	ExhibitErasures   = "exhibit-erasures"

	// Derived from the larger tables, so that a screen can ask for any list in one way.
	Countries = "countries"
	Airports  = "airports"
	Crossings = "crossings"
)

// Term is one code of a vocabulary.
type Term struct {
	// Code is what records and messages carry. It never changes its meaning; a term that falls out of use stays listed.
	Code string `json:"code"`
	// En and Ru are the labels, in the nominative, fit for a table cell.
	En string `json:"en"`
	Ru string `json:"ru"`
	// NoteEn and NoteRu are a sentence for the person who meets the term; for an instruction, what to do at the booth.
	// Both are present or both are empty.
	NoteEn string `json:"note_en,omitempty"`
	NoteRu string `json:"note_ru,omitempty"`
	// Rank orders terms by weight, greater is graver or stricter; 0 where the vocabulary has no such order.
	Rank int `json:"rank,omitempty"`
	// Aka lists other spellings accepted on input.
	Aka []string `json:"aka,omitempty"`
	// Text says that choosing this term asks for words of one's own.
	Text bool `json:"text,omitempty"`
	// Planned marks a term that is agreed but not yet in service.
	Planned bool `json:"planned,omitempty"`
}

// Label gives the label in a language ("ru", else English).
func (t Term) Label(lang string) string {
	if strings.HasPrefix(lang, "ru") {
		return t.Ru
	}
	return t.En
}

// Note gives the sentence in a language ("ru", else English); empty if there is none.
func (t Term) Note(lang string) string {
	if strings.HasPrefix(lang, "ru") {
		return t.NoteRu
	}
	return t.NoteEn
}

//go:embed data
var files embed.FS

var terms = sync.OnceValue(loadTerms)

func loadTerms() map[string][]Term {
	all := map[string][]Term{}
	entries, err := fs.ReadDir(files, "data/terms")
	if err != nil {
		panic(broken("data/terms", err))
	}
	for _, e := range entries {
		name := path.Join("data/terms", e.Name())
		raw, err := files.ReadFile(name)
		if err != nil {
			panic(broken(name, err))
		}
		var list []Term
		if err := json.Unmarshal(raw, &list); err != nil {
			panic(broken(name, err))
		}
		all[strings.TrimSuffix(e.Name(), ".json")] = list
	}
	all[Countries] = countryTerms()
	all[Airports] = airportTerms()
	all[Crossings] = crossingTerms()
	return all
}

// broken words the panic for data that the build itself carries: no input can cause it, only a bad commit.
func broken(file string, err error) string {
	return fmt.Sprintf("vocab: embedded file %s is broken: %v", file, err)
}

// Names gives the names of all vocabularies, sorted.
func Names() []string {
	all := terms()
	names := make([]string, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Labels gives the terms of a vocabulary in reading order; nil if there is no vocabulary of that name.
func Labels(name string) []Term { return slices.Clone(terms()[name]) }

// Lookup finds a term by its code, exactly; failing that by an accepted other spelling or by a label, in any case.
func Lookup(name, code string) (Term, bool) {
	list := terms()[name]
	for _, t := range list {
		if t.Code == code {
			return t, true
		}
	}
	code = strings.TrimSpace(code)
	if code == "" {
		return Term{}, false
	}
	for _, t := range list {
		if strings.EqualFold(t.Code, code) || strings.EqualFold(t.En, code) || strings.EqualFold(t.Ru, code) {
			return t, true
		}
		for _, a := range t.Aka {
			if strings.EqualFold(a, code) {
				return t, true
			}
		}
	}
	return Term{}, false
}

// Label gives the label of a code in a language, or the code itself where it is unknown: a screen never goes blank
// because another node has a newer vocabulary.
func Label(name, code, lang string) string {
	if t, ok := Lookup(name, code); ok {
		return t.Label(lang)
	}
	return code
}
