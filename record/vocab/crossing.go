package vocab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Post is one side of a crossing point.
type Post struct {
	Country string `json:"country"` // alpha-3
	En      string `json:"en"`
	Ru      string `json:"ru"`
}

// CrossingPoint is a pair of posts facing each other on a land border. Code names the pair ("KZ-KG-01").
type CrossingPoint struct {
	Code     string   `json:"code"`
	A        Post     `json:"a"`
	B        Post     `json:"b"`
	Mode     string   `json:"mode"` // a code of [CrossingModes]
	Bridge   bool     `json:"bridge,omitempty"`
	Seasonal bool     `json:"seasonal,omitempty"`
	Lat      float64  `json:"lat"` // degrees north, WGS 84; meaningless when Quality is empty
	Lon      float64  `json:"lon"`
	Quality  string   `json:"quality,omitempty"` // a code of [PositionQuality]; empty: position not known
	Aka      []string `json:"aka,omitempty"`     // other spellings and neighbouring places people say instead
}

// Label names both posts in a language ("ru", else English): "Kordai - Ak-Jol".
func (c CrossingPoint) Label(lang string) string {
	if strings.HasPrefix(lang, "ru") {
		return c.A.Ru + " – " + c.B.Ru
	}
	return c.A.En + " – " + c.B.En
}

var crossings = sync.OnceValue(loadCrossings)

func loadCrossings() []CrossingPoint {
	var list []CrossingPoint
	for _, r := range table("crossings.csv", 14) {
		c := CrossingPoint{Code: r[0], A: Post{r[1], r[2], r[3]}, B: Post{r[4], r[5], r[6]}, Mode: r[7],
			Bridge: r[8] == "yes", Seasonal: r[9] == "yes", Quality: r[12], Aka: split(r[13])}
		if c.Quality != "" {
			lat, errLat := strconv.ParseFloat(r[10], 64)
			lon, errLon := strconv.ParseFloat(r[11], 64)
			if errLat != nil || errLon != nil {
				panic(broken("crossings.csv", fmt.Errorf("position of %s", c.Code)))
			}
			c.Lat, c.Lon = lat, lon
		}
		list = append(list, c)
	}
	return list
}

// Crossing finds a crossing point by the code of the pair.
func Crossing(code string) (CrossingPoint, bool) {
	for _, c := range crossings() {
		if strings.EqualFold(c.Code, strings.TrimSpace(code)) {
			c.Aka = slices.Clone(c.Aka)
			return c, true
		}
	}
	return CrossingPoint{}, false
}

// AllCrossings gives every crossing point, sorted by code.
func AllCrossings() []CrossingPoint { return slices.Clone(crossings()) }

func crossingTerms() []Term {
	list := crossings()
	out := make([]Term, len(list))
	for i, c := range list {
		out[i] = Term{Code: c.Code, En: c.Label("en"), Ru: c.Label("ru"), Aka: slices.Clone(c.Aka)}
	}
	return out
}
