package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record/vocab"
)

// screenVocab is what the workbench needs of the vocabularies, under the names it uses.
var screenVocab = map[string]string{
	"country": vocab.Countries, "instruction": vocab.Instructions, "severity": vocab.Severities, "hitstate": vocab.HitStates,
	"dismissreason": vocab.DismissalReasons, "confirmreason": vocab.ConfirmReasons, "outcome": vocab.Outcomes,
	"effect": vocab.LegalEffects, "marking": vocab.Markings, "role": vocab.Roles, "doctype": vocab.DocumentTypes,
	"problem": vocab.Problems, "sex": vocab.Sexes, "travellerrole": vocab.TravellerRoles,
	"requestkind": vocab.RequestKinds, "requestchannel": vocab.RequestChannels, "requestanswer": vocab.RequestAnswers,
	"requestground": vocab.RequestGrounds, "requeststate": vocab.RequestStates, "identityproof": vocab.IdentityProofs,
	"sign": vocab.Signs, "judgement": vocab.Judgements,
	"locationreason": vocab.LocationReasons, "exhibiterasure": vocab.ExhibitErasures,
}

// Airport is what a screen needs of an aerodrome.
type Airport struct {
	Code    string  `json:"code"`
	NameEn  string  `json:"name_en"`
	NameRu  string  `json:"name_ru"`
	Country string  `json:"country"`
	Lat     float64 `json:"lat"`
	Lon     float64 `json:"lon"`
	TZ      string  `json:"tz"`
}

func (a *API) vocab(h huma.API) {
	register(a, h, "GET", "/vocab", "getVocab", "Vocabularies with labels", func(context.Context, *empty) (*body[map[string][]vocab.Term], error) {
		out := make(map[string][]vocab.Term, len(screenVocab))
		for name, source := range screenVocab {
			out[name] = vocab.Labels(source)
			if out[name] == nil {
				out[name] = derived(source)
			}
		}
		return &body[map[string][]vocab.Term]{out}, nil
	})
	register(a, h, "GET", "/airports", "listAirports", "Airports", func(context.Context, *empty) (*body[[]Airport], error) {
		var out []Airport
		for _, p := range vocab.AllAirports() {
			out = append(out, Airport{p.IATA, p.City("en"), p.City("ru"), p.Country, p.Lat, p.Lon, p.Zone})
		}
		return &body[[]Airport]{out}, nil
	})
}

func derived(name string) []vocab.Term {
	var out []vocab.Term
	if name == vocab.Countries {
		for _, c := range vocab.AllCountries() {
			out = append(out, vocab.Term{Code: c.Alpha3, En: c.Label("en"), Ru: c.Label("ru")})
		}
	}
	return out
}

// localTime gives the wall time at an airport, "2026-11-22T21:40"; "" when its zone is not known.
func localTime(t time.Time, place string) string {
	airport, ok := vocab.Airport(place)
	if !ok || t.IsZero() {
		return ""
	}
	zone, err := airport.Location()
	if err != nil {
		return ""
	}
	return t.In(zone).Format("2006-01-02T15:04")
}
