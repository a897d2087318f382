package vocab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // Windows has no IANA database, and a landing time without its zone is wrong by hours
)

// Aerodrome is an airport that messages name.
type Aerodrome struct {
	IATA    string `json:"iata"` // location identifier (Resolution 763), unique
	ICAO    string `json:"icao"` // location indicator (Doc 7910), unique
	Name    string `json:"name"` // in English
	Country string `json:"country"`
	// CityEn and CityRu name the place served. Both are present for the region and its neighbours, both empty elsewhere.
	CityEn string  `json:"city_en,omitempty"`
	CityRu string  `json:"city_ru,omitempty"`
	Lat    float64 `json:"lat"` // degrees north, WGS 84
	Lon    float64 `json:"lon"` // degrees east
	// Zone is the name in the IANA time zone database. Messages carry local times without a zone; this is how they become
	// moments.
	Zone string `json:"zone"`
	// Aka lists identifiers the airport had before or has beside IATA (TSE for NQZ).
	Aka []string `json:"aka,omitempty"`
}

// City gives the place in a language ("ru", else English), or the airport's name where the place is not known.
func (a Aerodrome) City(lang string) string {
	if a.CityEn == "" {
		return a.Name
	}
	if strings.HasPrefix(lang, "ru") {
		return a.CityRu
	}
	return a.CityEn
}

// Location loads the time zone. It cannot fail for an airport of this package.
func (a Aerodrome) Location() (*time.Location, error) {
	loc, err := time.LoadLocation(a.Zone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q of airport %s: %w", a.Zone, a.IATA, err)
	}
	return loc, nil
}

type airportTable struct {
	list   []Aerodrome
	byCode map[string]int
}

var airports = sync.OnceValue(loadAirports)

func loadAirports() airportTable {
	t := airportTable{byCode: map[string]int{}}
	for _, r := range table("airports.csv", 11) {
		lat, errLat := strconv.ParseFloat(r[6], 64)
		lon, errLon := strconv.ParseFloat(r[7], 64)
		if errLat != nil || errLon != nil {
			panic(broken("airports.csv", fmt.Errorf("position of %s", r[0])))
		}
		a := Aerodrome{IATA: r[0], ICAO: r[1], Name: r[2], Country: r[3], CityEn: r[4], CityRu: r[5],
			Lat: lat, Lon: lon, Zone: r[8], Aka: split(r[9])}
		for _, code := range append([]string{a.ICAO}, a.Aka...) {
			if _, taken := t.byCode[code]; !taken {
				t.byCode[code] = len(t.list)
			}
		}
		t.byCode[a.IATA] = len(t.list)
		t.list = append(t.list, a)
	}
	return t
}

// Airport finds an airport by IATA or ICAO code, in any case; former identifiers are understood.
func Airport(code string) (Aerodrome, bool) {
	t := airports()
	i, ok := t.byCode[strings.ToUpper(strings.TrimSpace(code))]
	if !ok {
		return Aerodrome{}, false
	}
	a := t.list[i]
	a.Aka = slices.Clone(a.Aka)
	return a, true
}

// AllAirports gives every airport, sorted by IATA code.
func AllAirports() []Aerodrome { return slices.Clone(airports().list) }

func airportTerms() []Term {
	list := airports().list
	out := make([]Term, len(list))
	for i, a := range list {
		out[i] = Term{Code: a.IATA, En: a.Name, Ru: a.Name, Aka: append([]string{a.ICAO}, a.Aka...)}
		if a.CityEn != "" {
			out[i].En, out[i].Ru = a.CityEn+" ("+a.IATA+")", a.CityRu+" ("+a.IATA+")"
		}
	}
	return out
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ";")
}
