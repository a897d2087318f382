package passenger

import (
	"slices"

	"sarhad/record"
)

// add takes what a message says of the person into a stored journey; false when the same was said before. A value the
// message does not have stays. A message prepared earlier than what is stored only fills gaps.
func (j *Journey) add(in *Journey) bool {
	told := in.Heard[0]
	for _, had := range j.Heard {
		if had.Function == told.Function && had.Mark == told.Mark {
			return false
		}
	}
	newer := in.AsOf >= j.AsOf
	for _, f := range []struct {
		to   *string
		said string
	}{
		{&j.Surname, in.Surname}, {&j.Given, in.Given}, {&j.Sex, in.Sex}, {&j.Born, in.Born}, {&j.Nationality, in.Nationality},
		{&j.Residence, in.Residence}, {&j.BirthPlace, in.BirthPlace}, {&j.Booking, in.Booking}, {&j.Ticket, in.Ticket}, {&j.Seat, in.Seat},
		{&j.Address, in.Address}, {&j.Verified, in.Verified}, {&j.UniqueRef, in.UniqueRef}, {&j.Embark, in.Embark}, {&j.Debark, in.Debark},
		{&j.Cleared, in.Cleared}, {&j.BagWeight, in.BagWeight}, {&j.Employment, in.Employment}, {&j.GovRef, in.GovRef}, {&j.CustomerRef, in.CustomerRef},
	} {
		if f.said != "" && (newer || *f.to == "") {
			*f.to = f.said
		}
	}
	if in.Bags != nil && (newer || j.Bags == nil) {
		j.Bags = in.Bags
	}
	if len(in.Contacts) > 0 && (newer || len(j.Contacts) == 0) {
		j.Contacts = in.Contacts
	}
	if len(in.BagTags) > 0 && (newer || len(j.BagTags) == 0) {
		j.BagTags = in.BagTags
	}
	j.Documents = mergeDocuments(j.Documents, in.Documents, newer)
	j.Legs = mergeLegs(j.Legs, in.Legs, newer)
	if newer {
		j.AsOf, j.Role, j.Raw = in.AsOf, in.Role, in.Raw
		if in.State != Expected || j.State == Cancelled { // who was cancelled and is listed again travels again
			j.State = in.State
		}
	}
	j.Heard = append(j.Heard, told)
	j.Problems = append(j.Problems, in.Problems...)
	j.doubt()
	return true
}

// mergeDocuments joins two lists: of one type the newer message's stand, types that only one of them has stay.
func mergeDocuments(had, said []record.Document, newer bool) []record.Document {
	if !newer {
		had, said = said, had
	}
	out := slices.Clone(said)
	for _, d := range had {
		if !slices.ContainsFunc(said, func(s record.Document) bool {
			return s.Type == d.Type || record.DocumentKey(s.Issuer, s.Number) == record.DocumentKey(d.Issuer, d.Number)
		}) {
			out = append(out, d)
		}
	}
	return out
}

// mergeLegs joins the legs by voyage, in the order of departure where it is known.
func mergeLegs(had, said []Leg, newer bool) []Leg {
	out := slices.Clone(had)
	for _, l := range said {
		if i := slices.IndexFunc(out, func(x Leg) bool { return x.Key == l.Key }); i >= 0 {
			out[i] = out[i].merged(l, newer)
		} else {
			out = append(out, l)
		}
	}
	if len(out) > len(had) && !slices.ContainsFunc(out, func(l Leg) bool { return l.Departs.IsZero() }) {
		slices.SortStableFunc(out, func(a, b Leg) int { return a.Departs.Compare(b.Departs) })
	}
	return out
}

// merged is a leg with what another message says of it.
func (l Leg) merged(said Leg, newer bool) Leg {
	out := l
	if newer {
		out = said
		out.Departs, out.DepartsLocal, out.Arrives, out.ArrivesLocal = l.Departs, l.DepartsLocal, l.Arrives, l.ArrivesLocal
	}
	if replaces(l.DepartsLocal, said.DepartsLocal, newer) {
		out.Departs, out.DepartsLocal = said.Departs, said.DepartsLocal
	}
	if replaces(l.ArrivesLocal, said.ArrivesLocal, newer) {
		out.Arrives, out.ArrivesLocal = said.Arrives, said.ArrivesLocal
	}
	out.Departs, out.Arrives = inOrder(out.Departs, out.Arrives, out.DepartsLocal, out.ArrivesLocal, out.To)
	return out
}
