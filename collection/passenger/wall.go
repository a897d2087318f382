package passenger

import (
	"slices"
	"time"

	"sarhad/record/vocab"
)

// Wall times are local at the airport, "2026-11-22T21:40"; of some flights carriers send only the day, "2026-11-22". A day
// stays a day in the record. Where a moment is needed, a flight leaves when its day begins and has arrived when its day is
// over: so nobody counts as landed, and no clock as run out, before it must be so.
const (
	wallTime  = "2006-01-02T15:04"
	dayBegins = "T00:00"
	dayEnds   = "T23:59"
	dayLen    = len(time.DateOnly)
)

// dayOnly tells whether a wall time has no hour.
func dayOnly(wall string) bool { return len(wall) == dayLen }

// dayOf is the local day of a wall time.
func dayOf(wall string) string { return wall[:min(len(wall), dayLen)] }

// moment turns a wall time at an airport into UTC, with the hour of a wall time that has none; known is false when UTC had
// to be assumed.
func moment(wall, offset, airport, hour string) (at time.Time, known bool) {
	if wall == "" {
		return time.Time{}, true
	}
	if dayOnly(wall) {
		wall += hour
	}
	if offset != "" {
		if t, err := time.Parse(wallTime+"-07:00", wall+offset); err == nil {
			return t.UTC(), true
		}
	}
	zone, known := zoneOf(airport)
	t, err := time.ParseInLocation(wallTime, wall, zone)
	if err != nil {
		return time.Time{}, true
	}
	return t.UTC(), known
}

// zoneOf is the time zone of an airport, UTC where that is not known.
func zoneOf(airport string) (zone *time.Location, known bool) {
	if a, ok := vocab.Airport(airport); ok {
		if z, err := a.Location(); err == nil {
			return z, true
		}
	}
	return time.UTC, false
}

// replaces tells whether a wall time that is said takes the place of the one that is known. What was heard later counts,
// and nothing said takes nothing away; but an hour is never lost to the bare day it is in, and fills that day even when it
// was heard before.
func replaces(had, said string, newer bool) bool {
	switch {
	case said == "" || had == "":
		return said != ""
	case dayOf(had) == dayOf(said) && dayOnly(had) != dayOnly(said):
		return dayOnly(had)
	}
	return newer
}

// inOrder mends a day that contradicts the hour at the other end: a flight that leaves late on the day it is said to arrive
// arrives on the day it has when it leaves, and one said to leave on the day after it arrives leaves before it arrives. Two
// hours that contradict each other stand as they were sent.
func inOrder(departs, arrives time.Time, departsLocal, arrivesLocal, to string) (time.Time, time.Time) {
	if departs.IsZero() || arrives.IsZero() || !arrives.Before(departs) {
		return departs, arrives
	}
	switch zone, _ := zoneOf(to); {
	case dayOnly(arrivesLocal):
		arrives, _ = moment(departs.In(zone).Format(time.DateOnly), "", to, dayEnds)
		if arrives.Before(departs) { // the clock is put back at midnight
			arrives = departs
		}
	case dayOnly(departsLocal):
		departs = arrives
	}
	return departs, arrives
}

// arrivalDay is the local day of the last known arrival, or of departure where no arrival is known; "" when neither is.
func (j *Journey) arrivalDay() string {
	for _, l := range slices.Backward(j.Legs) {
		if day := localDay(l.ArrivesLocal, l.Arrives, l.To); day != "" {
			return day
		}
	}
	for _, l := range j.Legs {
		if day := localDay(l.DepartsLocal, l.Departs, l.From); day != "" {
			return day
		}
	}
	return ""
}

// localDay is the day of a wall time; of a leg stored without one, of its moment at the airport.
func localDay(wall string, at time.Time, airport string) string {
	if wall != "" {
		return dayOf(wall)
	}
	if at.IsZero() {
		return ""
	}
	zone, _ := zoneOf(airport)
	return at.In(zone).Format(time.DateOnly)
}
