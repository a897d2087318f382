package vocab

import (
	"encoding/csv"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Kinds of [State].
const (
	KindISO          = "iso"          // ISO 3166-1
	KindUK           = "uk"           // British nationality other than citizen (Doc 9303-3 section 5, part C)
	KindOrganisation = "organisation" // issuers that are not states
	KindPerson       = "person"       // stateless, refugee, unspecified: XXA, XXB, XXC, XXX
	KindInUse        = "in-use"       // in use without being assigned: RKS
	KindSpecimen     = "specimen"     // UTO and the like: never a real traveller
	KindFormer       = "former"       // withdrawn from ISO 3166-1, still met as a place of birth or on old listings
)

// State is what a three-letter code in a travel document stands for: a country, an organisation, or the status of a
// person without a nationality (ICAO Doc 9303-3 section 5).
type State struct {
	Alpha3 string `json:"alpha3"`
	// Alpha2 and Numeric are from ISO 3166-1; empty for codes that only travel documents know. Numeric keeps its zeros.
	Alpha2    string `json:"alpha2,omitempty"`
	Numeric   string `json:"numeric,omitempty"`
	En        string `json:"en"`
	Ru        string `json:"ru"`
	Region    string `json:"region,omitempty"`
	Subregion string `json:"subregion,omitempty"`
	Kind      string `json:"kind"`
}

// Label gives the name in a language ("ru", else English).
func (s State) Label(lang string) string {
	if strings.HasPrefix(lang, "ru") {
		return s.Ru
	}
	return s.En
}

// Protected tells whether the code marks a refugee or a stateless person: records with it are never suggested or sent to
// a country of nationality.
func (s State) Protected() bool { return s.Alpha3 == "XXA" || s.Alpha3 == "XXB" || s.Alpha3 == "XXC" }

type countryTable struct {
	list   []State
	byCode map[string]int // alpha-3, alpha-2, numeric, and D
	byName map[string]int // folded names and aliases
}

var countries = sync.OnceValue(loadCountries)

func loadCountries() countryTable {
	t := countryTable{byCode: map[string]int{}, byName: map[string]int{}}
	for _, r := range table("countries.csv", 8) {
		i := len(t.list)
		s := State{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]}
		t.list = append(t.list, s)
		for _, code := range []string{s.Alpha3, s.Alpha2, s.Numeric} {
			if code != "" {
				t.byCode[code] = i
			}
		}
		t.byName[foldName(s.En)] = i
		t.byName[foldName(s.Ru)] = i
	}
	t.byCode["D"] = t.byCode["DEU"] // Doc 9303-3: Germany alone writes one letter, D<< in the machine-readable zone
	for _, r := range table("country_aliases.csv", 2) {
		t.byName[foldName(r[1])] = t.byCode[r[0]]
	}
	return t
}

// Country finds a state by a code as documents, messages and lists write it: alpha-3 ("KAZ"), alpha-2 ("KZ"), ISO numeric
// ("398"), Germany's "D" and "D<<". Case and surrounding blanks do not matter.
func Country(code string) (State, bool) {
	code = strings.TrimRight(strings.ToUpper(strings.TrimSpace(code)), "<")
	t := countries()
	i, ok := t.byCode[code]
	if !ok {
		return State{}, false
	}
	return t.list[i], true
}

// CountryByName finds the alpha-3 code for a name in English or Russian: the short name, the official one, or a form used
// by the United Nations, OFAC and common practice ("Iran (Islamic Republic of)", "Korea, North", "Burma", "West Bank").
// Case, accents, punctuation, a leading "the" and "Republic of" do not matter. A name that could mean two countries, or a
// region inside one, is not found.
func CountryByName(name string) (code string, ok bool) {
	key := foldName(name)
	if key == "" {
		return "", false
	}
	t := countries()
	for _, k := range []string{key, turned(name), strings.TrimPrefix(key, "republic of ")} {
		if i, ok := t.byName[k]; ok {
			return t.list[i].Alpha3, true
		}
	}
	return "", false
}

// AllCountries gives every state, sorted by alpha-3 code.
func AllCountries() []State { return slices.Clone(countries().list) }

func countryTerms() []Term {
	list := countries().list
	out := make([]Term, len(list))
	for i, s := range list {
		out[i] = Term{Code: s.Alpha3, En: s.En, Ru: s.Ru}
		if s.Alpha2 != "" {
			out[i].Aka = []string{s.Alpha2}
		}
	}
	return out
}

// turned puts "Korea, Republic of" the right way round; empty if there is nothing to turn.
func turned(name string) string {
	before, after, found := strings.Cut(name, ",")
	if !found || strings.Contains(after, ",") {
		return ""
	}
	return foldName(after + " " + before)
}

// accents folds the letters that occur in names of countries; the full tables of Unicode are not needed for those.
var accents = strings.NewReplacer(
	"å", "a", "á", "a", "ã", "a", "ä", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "í", "i", "ñ", "n", "ô", "o", "ó", "o",
	"ö", "o", "ü", "u", "ú", "u", "ş", "s", "ё", "е", "&", " and ", "’", "", "'", "", "ʻ", "", "`", "")

// foldName brings a name to the form it is compared in: lower case, no accents, only letters and single blanks.
func foldName(name string) string {
	name = accents.Replace(strings.ToLower(name))
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		if r == '.' {
			return -1 // U.S. and U.A.E. are one word
		}
		return ' '
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	return strings.TrimPrefix(name, "the ")
}

// table reads an embedded CSV file without its heading; every row must have the given number of columns.
func table(file string, columns int) [][]string {
	raw, err := files.Open("data/" + file)
	if err != nil {
		panic(broken(file, err))
	}
	defer raw.Close()
	r := csv.NewReader(raw)
	r.FieldsPerRecord = columns
	rows, err := r.ReadAll()
	if err != nil {
		panic(broken(file, err))
	}
	return rows[1:]
}
