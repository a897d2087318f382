package request

import (
	_ "embed"
	"encoding/json"
	"slices"
	"time"
)

//go:embed rules.json
var rulesFile []byte

// Rules are what a country says of requests. Days are calendar days.
type Rules struct {
	Country     string   `json:"country"` // ICAO 9303 alpha-3; "" = where nothing else is said
	Days        int      `json:"days"`    // to answer
	Extend      int      `json:"extend"`  // added once, with a reason
	Acknowledge int      `json:"acknowledge"`
	Approve     []string `json:"approve"` // roles that may approve a reply: oversight, supervisor
	ComplainEn  string   `json:"complain_en"`
	ComplainRu  string   `json:"complain_ru"`
	LegalEn     string   `json:"legal_en"`
	LegalRu     string   `json:"legal_ru"`
}

// AllRules gives the rules of this release. Their numbers are defaults of this system; each country confirms its own.
func AllRules() ([]Rules, error) {
	var all []Rules
	return all, json.Unmarshal(rulesFile, &all)
}

// RulesOf gives the rules of a country, or those for all others.
func RulesOf(all []Rules, country string) Rules {
	for _, want := range []string{country, ""} {
		if i := slices.IndexFunc(all, func(r Rules) bool { return r.Country == want }); i >= 0 {
			return all[i]
		}
	}
	return Rules{Days: 30, Extend: 30, Acknowledge: 5, Approve: []string{"oversight"}}
}

func days(from time.Time, n int) time.Time { return from.AddDate(0, 0, n) }
