package hit

import (
	"math"
	"time"
)

// OverdueBefore is how long before landing an unclaimed hit turns red and reaches the supervisor: the time a booth needs
// to be told and to prepare.
const OverdueBefore = 45 * time.Minute

// severityWeight orders lists by what is at stake; each step counts double.
var severityWeight = map[string]float64{"critical": 8, "high": 4, "medium": 2, "low": 1}

// Urgency orders the queue: severity x score x time to arrival. It falls from 4 at landing to 1 some hours before, and
// again after landing as the traveller leaves the hall.
func (h *Hit) Urgency(now time.Time) float64 {
	weight, ok := severityWeight[h.Entry.Severity]
	if !ok {
		weight = severityWeight["medium"]
	}
	return weight * h.Score * nearness(h.Passage.Arrives, now)
}

func nearness(arrives, now time.Time) float64 {
	if arrives.IsZero() {
		return 1
	}
	minutes := arrives.Sub(now).Minutes()
	if minutes >= 0 {
		return 1 + 3*math.Exp(-minutes/180)
	}
	const inTheHall = 60 // minutes from landing until most have passed the booth
	return 0.25 + 3.75*math.Exp(minutes/inTheHall)
}

// Overdue reports whether nobody has claimed the hit although the flight lands within OverdueBefore or has landed.
func (h *Hit) Overdue(now time.Time) bool {
	return h.State == New && !h.Passage.Arrives.IsZero() && h.Passage.Arrives.Sub(now) <= OverdueBefore
}
