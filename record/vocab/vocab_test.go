package vocab

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

var ofacAddresses = flag.String("ofac-add", "", "path of a real OFAC add.csv: every country named there must be known")

// Every vocabulary has unique codes and both labels, and a note is given in both languages or in none.
func TestTermsAreUniqueAndComplete(t *testing.T) {
	for _, name := range Names() {
		seen := map[string]bool{}
		for _, term := range Labels(name) {
			if term.Code == "" || seen[term.Code] {
				t.Errorf("%s: code %q is empty or occurs twice", name, term.Code)
			}
			seen[term.Code] = true
			if strings.TrimSpace(term.En) == "" || strings.TrimSpace(term.Ru) == "" {
				t.Errorf("%s/%s: a label is missing: %q, %q", name, term.Code, term.En, term.Ru)
			}
			if (term.NoteEn == "") != (term.NoteRu == "") {
				t.Errorf("%s/%s: note in one language only", name, term.Code)
			}
		}
		if len(seen) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
}

// What other packages and stored records rely on must not disappear or change its order of weight.
func TestCodesThatRecordsCarry(t *testing.T) {
	for name, want := range map[string]string{
		Roles:            "border analyst supervisor oversight admin",
		Markings:         "open internal official",
		TLP:              "TLP:CLEAR TLP:GREEN TLP:AMBER TLP:AMBER+STRICT TLP:RED",
		Instructions:     "detain refuse-entry second-line discreet-check information",
		Severities:       "critical high medium low",
		HitStates:        "new claimed dismissed confirmed instructed acknowledged closed lapsed",
		DismissalReasons: "birth-date document sex nationality papers listing-ended other",
		ConfirmReasons:   "document name-and-birth name-and-facts owner check-needed other",
		Outcomes: "nothing-found handed-over detained refused-entry observed other-person not-seen " +
			"let-pass",
		LegalEffects:      "binding national information",
		SourceGrades:      "A B C D E F",
		InformationGrades: "1 2 3 4 5 6",
		Sexes:             "F M X",
		TravellerRoles:    "passenger crew transit",
	} {
		var got []string
		for _, term := range Labels(name) {
			if !term.Planned {
				got = append(got, term.Code)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s = %v, want %s", name, got, want)
		}
	}
}

// An officer in the booth gets a sentence for each instruction, in both languages, and the graver one ranks higher.
func TestInstructionsTellWhatToDo(t *testing.T) {
	last := 1 << 30
	for _, term := range Labels(Instructions) {
		if len(term.NoteEn) < 30 || !strings.HasSuffix(term.NoteEn, ".") || !strings.HasSuffix(term.NoteRu, ".") {
			t.Errorf("%s has no full sentence: %q / %q", term.Code, term.NoteEn, term.NoteRu)
		}
		if term.Rank >= last {
			t.Errorf("%s: rank %d is not below the one before", term.Code, term.Rank)
		}
		last = term.Rank
	}
}

// Russian labels are written in Russian: Cyrillic letters, and no Latin look-alike inside a Cyrillic word.
func TestRussianLabelsAreRussian(t *testing.T) {
	mixed := regexp.MustCompile(`\p{Cyrillic}[A-Za-z]|[A-Za-z]\p{Cyrillic}`)
	for _, name := range Names() {
		if name == TLP || name == Airports || name == GradingSchemes {
			continue // codes that are the same in every language
		}
		for _, term := range Labels(name) {
			if !strings.ContainsFunc(term.Ru, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
				t.Errorf("%s/%s: %q is not Russian", name, term.Code, term.Ru)
			}
			if mixed.MatchString(term.Ru) || mixed.MatchString(term.NoteRu) {
				t.Errorf("%s/%s: letters of two scripts in one word: %q %q", name, term.Code, term.Ru, term.NoteRu)
			}
		}
	}
}

func TestLookup(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{Roles, "border", "border"},
		{Markings, "ДСП", "official"},
		{Markings, "fouo", "official"},
		{Severities, "High", "high"},
		{Instructions, "Second-line check", "second-line"},
		{Instructions, "задержать", "detain"},
		{Airports, "UAAA", "ALA"},
		{Countries, "KZ", "KAZ"},
		{Roles, "emperor", ""},
		{Roles, "", ""},
		{"no-such-list", "border", ""},
	} {
		got, ok := Lookup(c.name, c.in)
		if got.Code != c.want || ok != (c.want != "") {
			t.Errorf("Lookup(%s, %q) = %q, %v; want %q", c.name, c.in, got.Code, ok, c.want)
		}
	}
	if got := Label(Outcomes, "detained", "ru"); got != "Задержан" {
		t.Errorf("Label ru = %q", got)
	}
	if got := Label(Outcomes, "from-a-newer-node", "ru"); got != "from-a-newer-node" {
		t.Errorf("an unknown code must be shown as it is, got %q", got)
	}
}

// What a caller gets is its own: changing it must not change the vocabulary for the next caller.
func TestValuesAreCopies(t *testing.T) {
	Labels(Roles)[0].Code = "spoilt"
	AllCountries()[0].Alpha3 = "ZZZ"
	a, _ := Airport("NQZ")
	a.Aka[0] = "ZZZ"
	if Labels(Roles)[0].Code == "spoilt" || AllCountries()[0].Alpha3 == "ZZZ" {
		t.Error("a caller's change reached the table")
	}
	if b, _ := Airport("NQZ"); b.Aka[0] != "TSE" {
		t.Error("a caller's change reached the airport's other codes")
	}
}

func TestCountryCodes(t *testing.T) {
	three, two, digits := regexp.MustCompile(`^[A-Z]{3}$`), regexp.MustCompile(`^[A-Z]{2}$`), regexp.MustCompile(`^\d{3}$`)
	seen := map[string]bool{}
	iso := 0
	for _, s := range AllCountries() {
		if !three.MatchString(s.Alpha3) || seen[s.Alpha3] {
			t.Errorf("alpha-3 %q malformed or twice", s.Alpha3)
		}
		seen[s.Alpha3] = true
		if s.Kind != KindISO {
			continue
		}
		iso++
		if !two.MatchString(s.Alpha2) || !digits.MatchString(s.Numeric) || seen[s.Alpha2] || seen[s.Numeric] {
			t.Errorf("%s: alpha-2 %q or numeric %q malformed or twice", s.Alpha3, s.Alpha2, s.Numeric)
		}
		seen[s.Alpha2], seen[s.Numeric] = true, true
	}
	if iso != 249 {
		t.Errorf("%d ISO countries, want 249", iso)
	}
	for in, want := range map[string]string{"kaz": "KAZ", "KZ": "KAZ", "398": "KAZ", "D": "DEU", "D<<": "DEU", "GBD": "GBD",
		"XXA": "XXA", "XXB": "XXB", "UNO": "UNO", "RKS": "RKS", "UTO": "UTO", " uz ": "UZB", "": "", "ZZZ": "", "<<<": ""} {
		got, ok := Country(in)
		if got.Alpha3 != want || ok != (want != "") {
			t.Errorf("Country(%q) = %q, %v; want %q", in, got.Alpha3, ok, want)
		}
	}
	for code, want := range map[string]bool{"XXA": true, "XXB": true, "XXC": true, "XXX": false, "KAZ": false} {
		if s, _ := Country(code); s.Protected() != want {
			t.Errorf("%s Protected = %v", code, !want)
		}
	}
}

func TestCountryByName(t *testing.T) {
	for in, want := range map[string]string{
		"Kazakhstan": "KAZ", "казахстан": "KAZ", "Республика Казахстан": "KAZ", "Republic of Kazakhstan": "KAZ",
		"Democratic People's Republic of Korea": "PRK", "Democratic People’s Republic of Korea": "PRK", "Korea, North": "PRK",
		"Korea, South": "KOR", "Republic of Korea": "KOR", "Korea, Republic of": "KOR", "Iran (Islamic Republic of)": "IRN",
		"Iran, Islamic Republic of": "IRN", "Syrian Arab Republic": "SYR", "Burma": "MMR", "West Bank": "PSE",
		"Region: Gaza": "PSE", "Palestinian": "PSE", "Turkey": "TUR", "Türkiye": "TUR", "Турция": "TUR",
		"Russian Federation": "RUS", "Россия": "RUS", "Congo, Democratic Republic of the": "COD", "Congo, Republic of the": "COG",
		"Cote d Ivoire": "CIV", "Côte d’Ivoire": "CIV", "Bahamas, The": "BHS", "The Gambia": "GMB", "Viet Nam": "VNM",
		"U.S.A.": "USA", "США": "USA", "United States of America": "USA", "UAE": "ARE", "ОАЭ": "ARE",
		"объединенные арабские эмираты": "ARE", "Virgin Islands, British": "VGB", "Macau": "MAC", "Kosovo": "RKS",
		"Soviet Union": "SUN", "Tanzania, United Republic of": "TZA", "Afghanistan": "AFG", "Лицо без гражданства": "XXA",
		"Moldova, Republic of": "MDA", "Saint Kitts and Nevis": "KNA", "Czech Republic": "CZE", "Киргизия": "KGZ",
		"": "", "Korea": "", "Region: Kafia Kingi": "", "undetermined": "", "Guinea Ecuatorial de Arriba": "",
	} {
		got, ok := CountryByName(in)
		if got != want || ok != (want != "") {
			t.Errorf("CountryByName(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
	for _, s := range AllCountries() {
		for _, name := range []string{s.En, s.Ru, strings.ToUpper(s.En)} {
			if got, _ := CountryByName(name); got != s.Alpha3 {
				t.Errorf("its own name %q leads to %q, not %s", name, got, s.Alpha3)
			}
		}
	}
}

// An alias must lead to one country only, and none may repeat another.
func TestAliasesDoNotClash(t *testing.T) {
	owner := map[string]string{}
	for _, s := range AllCountries() {
		for _, n := range []string{s.En, s.Ru} {
			if o := owner[foldName(n)]; o != "" && o != s.Alpha3 {
				t.Errorf("%q is both %s and %s", n, o, s.Alpha3)
			}
			owner[foldName(n)] = s.Alpha3
		}
	}
	for _, r := range table("country_aliases.csv", 2) {
		if _, ok := Country(r[0]); !ok {
			t.Errorf("alias %q of the unknown country %q", r[1], r[0])
		}
		if o := owner[foldName(r[1])]; o != "" && o != r[0] {
			t.Errorf("%q is both %s and %s", r[1], o, r[0])
		}
		owner[foldName(r[1])] = r[0]
	}
}

// The names a real list uses are known, but for regions and "undetermined". Run with -ofac-add FILE.
func TestNamesOnARealList(t *testing.T) {
	if *ofacAddresses == "" {
		t.Skip("no -ofac-add given")
	}
	f, err := os.Open(*ofacAddresses)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	rows, _ := r.ReadAll()
	unknown := map[string]bool{}
	for _, row := range rows {
		if len(row) > 4 {
			name := strings.TrimSpace(row[4])
			if _, ok := CountryByName(name); !ok && name != "-0-" && name != "undetermined" && !strings.HasPrefix(name, "Region:") {
				unknown[name] = true
			}
		}
	}
	if len(unknown) > 0 || len(rows) == 0 {
		t.Errorf("unknown in %d rows: %v", len(rows), unknown)
	}
}

func TestAirports(t *testing.T) {
	iata, icao := regexp.MustCompile(`^[A-Z]{3}$`), regexp.MustCompile(`^[A-Z]{4}$`)
	seen := map[string]string{}
	for _, a := range AllAirports() {
		if !iata.MatchString(a.IATA) || !icao.MatchString(a.ICAO) {
			t.Errorf("codes %q, %q", a.IATA, a.ICAO)
		}
		for _, code := range append([]string{a.IATA, a.ICAO}, a.Aka...) {
			if seen[code] != "" {
				t.Errorf("%s belongs to %s and %s", code, seen[code], a.IATA)
			}
			seen[code] = a.IATA
		}
		if s, ok := Country(a.Country); !ok || s.Alpha3 != a.Country {
			t.Errorf("%s lies in unknown country %q", a.IATA, a.Country)
		}
		if _, err := a.Location(); err != nil {
			t.Error(err)
		}
		if a.Lat < -90 || a.Lat > 90 || a.Lon < -180 || a.Lon > 180 || (a.Lat == 0 && a.Lon == 0) {
			t.Errorf("%s at %v, %v", a.IATA, a.Lat, a.Lon)
		}
		if (a.CityEn == "") != (a.CityRu == "") {
			t.Errorf("%s: city in one language only: %q %q", a.IATA, a.CityEn, a.CityRu)
		}
	}
	if len(seen) < 1900 {
		t.Errorf("only %d codes", len(seen))
	}
}

// The countries this system serves, and those their travellers come from, have every airport named in both languages.
func TestRegionalAirportsHaveCities(t *testing.T) {
	region := strings.Fields("KAZ KGZ TJK UZB TKM AZE ARM GEO RUS TUR IRN AFG PAK IND CHN KOR ARE QAT KWT")
	for _, a := range AllAirports() {
		if slices.Contains(region, a.Country) && a.CityEn == "" {
			t.Errorf("%s (%s) has no city", a.IATA, a.Country)
		}
	}
	five := "ALA NQZ CIT GUW SCO AKX KGF PWQ DMB PLX UKK KZO KSN URA PPK HSA TAS SKD BHK NMA FEG UGC NCU TMJ FRU OSS " +
		"DYU LBD KQT TJU ASB KRW MYP CRZ TAZ"
	for _, code := range strings.Fields(five) {
		if _, ok := Airport(code); !ok {
			t.Errorf("%s is missing", code)
		}
	}
}

// A zone is only right if it gives the right clock: checked against published offsets on a winter day.
func TestOffsets(t *testing.T) {
	day := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	for code, hours := range map[string]float64{"ALA": 5, "NQZ": 5, "SCO": 5, "KSN": 5, "TAS": 5, "FRU": 6, "OSS": 6, "DYU": 5,
		"ASB": 5, "SVO": 3, "OVB": 7, "SVX": 5, "KGD": 2, "VVO": 10, "URC": 8, "PEK": 8, "DEL": 5.5, "KBL": 4.5, "IKA": 3.5,
		"IST": 3, "DXB": 4, "GYD": 4, "TBS": 4, "EVN": 4, "ISB": 5, "KTM": 5.75, "ICN": 9, "FRA": 1, "LHR": 0, "YYZ": -5,
		"BAH": 3, "UBN": 8, "JFK": -5, "LAX": -8, "HNL": -10, "SYD": 11} {
		a, ok := Airport(code)
		if !ok {
			t.Errorf("%s is missing", code)
			continue
		}
		loc, err := a.Location()
		if err != nil {
			t.Fatal(err)
		}
		if _, off := day.In(loc).Zone(); float64(off)/3600 != hours {
			t.Errorf("%s (%s): UTC%+.2f, want %+.2f", code, a.Zone, float64(off)/3600, hours)
		}
	}
}

func TestAirportLookup(t *testing.T) {
	for in, want := range map[string]string{"ALA": "ALA", "ala": "ALA", "UAAA": "ALA", "TSE": "NQZ", "NQZ": "NQZ", "SDA": "BGW", "QQQ": "", "": ""} {
		got, ok := Airport(in)
		if got.IATA != want || ok != (want != "") {
			t.Errorf("Airport(%q) = %q, %v; want %q", in, got.IATA, ok, want)
		}
	}
	ala, _ := Airport("ALA")
	if ala.City("ru") != "Алматы" || ala.City("en") != "Almaty" {
		t.Errorf("city of ALA: %q, %q", ala.City("ru"), ala.City("en"))
	}
}

func TestCrossings(t *testing.T) {
	pair := regexp.MustCompile(`^([A-Z]{2})-([A-Z]{2})-\d{2}$`)
	for _, c := range AllCrossings() {
		m := pair.FindStringSubmatch(c.Code)
		if m == nil {
			t.Errorf("code %q", c.Code)
			continue
		}
		a, _ := Country(m[1])
		b, _ := Country(m[2])
		if a.Alpha3 != c.A.Country || b.Alpha3 != c.B.Country {
			t.Errorf("%s joins %s and %s", c.Code, c.A.Country, c.B.Country)
		}
		if _, ok := Lookup(CrossingModes, c.Mode); !ok {
			t.Errorf("%s: mode %q is not in the vocabulary", c.Code, c.Mode)
		}
		if c.Quality == "" {
			continue
		}
		if _, ok := Lookup(PositionQuality, c.Quality); !ok {
			t.Errorf("%s: quality %q", c.Code, c.Quality)
		}
		if c.Lat < 34 || c.Lat > 56 || c.Lon < 46 || c.Lon > 88 {
			t.Errorf("%s lies outside the region: %v, %v", c.Code, c.Lat, c.Lon)
		}
	}
	kordai, ok := Crossing("kz-kg-01")
	if !ok || kordai.Label("ru") != "Кордай – Ак-Жол" || kordai.Quality != "B" {
		t.Errorf("Kordai: %+v", kordai)
	}
}

// A vocabulary goes to a screen as JSON and comes back unchanged.
func TestTermsSurviveJSON(t *testing.T) {
	raw, err := json.Marshal(Labels(Instructions))
	if err != nil {
		t.Fatal(err)
	}
	var back []Term
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if len(back) != 5 || back[0].Label("ru") != "Задержать" || back[0].Note("en") != Labels(Instructions)[0].NoteEn {
		t.Errorf("came back as %+v", back)
	}
}

func FuzzCountryByName(f *testing.F) {
	for _, s := range []string{"Iran (Islamic Republic of)", "Korea, North", "", ",", "the the", "\xff\xfe", "Кот-д’Ивуар"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		code, ok := CountryByName(name)
		if _, known := Country(code); ok != known {
			t.Errorf("CountryByName(%q) = %q, %v", name, code, ok)
		}
	})
}
