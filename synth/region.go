package synth

import (
	"fmt"
	"time"
)

// Config says which region to make. The zero value of every field but Now means its default.
type Config struct {
	// Now is the clock: tonight is the day around it, from six hours before to eighteen after.
	Now time.Time
	// Seed chooses the region. The same seed, clock and sizes give the same bytes, on every machine.
	Seed uint64
	// Home is the country of the node, alpha-3: KAZ (default), UZB, KGZ, TJK or TKM. Flights arrive at its airports.
	Home string
	// FlightsPerDay is the number of arrivals tonight, by default 60, with about 125 persons each.
	FlightsPerDay int
	// HistoryDays is how many days before tonight have flights, by default 7; negative for none.
	HistoryDays int
	// HistoryFlights is the number of arrivals on each of those days, by default 8: enough to have a past, little enough
	// to import in seconds.
	HistoryFlights int
	// Known is the number of listed persons who travel tonight, by default 7; LookAlikes the number of innocents who
	// resemble somebody listed, by default ten times as many: a careful matcher rules a few out, and of the hits that remain
	// nine in ten are innocent.
	Known, LookAlikes int
	// National, UN and OFAC are the numbers of persons on the three lists, by default 400, 150 and 300. They are raised
	// where needed to hold Known and LookAlikes.
	National, UN, OFAC int
}

const (
	// Tonight reaches from before to after Config.Now.
	before = 6 * time.Hour
	after  = 18 * time.Hour
)

func (c Config) withDefaults() (Config, error) {
	set := func(v *int, preset int) {
		if *v == 0 {
			*v = preset
		}
	}
	set(&c.FlightsPerDay, 60)
	set(&c.HistoryDays, 7)
	set(&c.HistoryFlights, 8)
	set(&c.Known, 7)
	set(&c.LookAlikes, 10*max(c.Known, 0))
	set(&c.National, 400)
	set(&c.UN, 150)
	set(&c.OFAC, 300)
	for _, v := range []*int{&c.HistoryDays, &c.HistoryFlights, &c.Known, &c.LookAlikes} {
		*v = max(*v, 0)
	}
	if c.Home == "" {
		c.Home = "KAZ"
	}
	if c.Now.IsZero() {
		return c, fmt.Errorf("synth: Config.Now is not set; tonight needs a clock")
	}
	c.Now = c.Now.UTC().Truncate(time.Second)
	if _, ok := homes[c.Home]; !ok {
		return c, fmt.Errorf("synth: no region for home country %q; use KAZ, UZB, KGZ, TJK or TKM", c.Home)
	}
	if c.FlightsPerDay < 1 || c.National < 1 || c.UN < 1 || c.OFAC < 1 {
		return c, fmt.Errorf("synth: flights per day and the sizes of the lists must be at least 1")
	}
	return c, nil
}

// Region is a synthetic region with everything known about it.
type Region struct {
	Config
	Flights []*Flight // in order of arrival, history first
	Lists   Lists
	Truth   Truth

	taken map[string]bool // document numbers given out
	cases []*planned
}

// New makes a region.
func New(c Config) (*Region, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	r := &Region{Config: c, taken: map[string]bool{}}
	r.schedule()
	r.makeLists()
	r.board()
	r.plant()
	r.spoil()
	r.finish()
	return r, nil
}

// Tonight gives the flights that arrive in the day around the clock.
func (r *Region) Tonight() []*Flight {
	for i, f := range r.Flights {
		if !f.History {
			return r.Flights[i:]
		}
	}
	return nil
}

// fresh draws again until a document number is one nobody has yet. Where a country's series is used up, as in very large
// regions, numbers are counted on in a series of their own.
func (r *Region) fresh(d dice, doc Document) Document {
	for try := 0; r.taken[doc.Number]; try++ {
		switch {
		case try > patience:
			doc.Number = fmt.Sprintf("ZZX%08d", len(r.taken))
		case doc.Type == "AC":
			doc.Number = d.crewCertificate(doc.Issuer, r.Now).Number
		default:
			doc.Number = d.documentNumber(doc.Issuer)
		}
	}
	r.taken[doc.Number] = true
	return doc
}
