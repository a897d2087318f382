package record

import "time"

// How any body says that records must not be erased or masked yet, so that who erases understands it without knowing the
// kind: a mention of ThingRecord by id in RoleHeld, labelled with the legal basis; an event EventHeldUntil where the day is
// known. While it applies no more, it is not said.
const (
	RoleHeld       = "held"
	EventHeldUntil = "held until"
)

// Hold says that records are held on a legal basis until a moment in UTC; zero = until somebody takes it back.
func (ix *Index) Hold(basis string, until time.Time, ids ...ID) {
	for _, id := range ids {
		ix.Mention(ThingRecord, id.String(), RoleHeld, basis)
	}
	if !until.IsZero() {
		ix.Events = append(ix.Events, Event{Kind: EventHeldUntil, At: until})
	}
}

// Held reports whether the index holds a record at a time, on which basis and until when (zero = open).
func (ix *Index) Held(id ID, now time.Time) (basis string, until time.Time, held bool) {
	for _, e := range ix.Events {
		if e.Kind == EventHeldUntil {
			until = e.At
		}
	}
	if !until.IsZero() && !now.Before(until) {
		return "", until, false
	}
	for _, m := range ix.Mentions {
		if m.Type == ThingRecord && m.Role == RoleHeld && m.Key == id.String() {
			return m.Label, until, true
		}
	}
	return "", time.Time{}, false
}
