package api

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/relay"
	"sarhad/internal/bus"
	"sarhad/record"
	"sarhad/record/access"
)

// When something is wrong with a partner. A heartbeat comes each minute.
const (
	silentWarn  = 15 * time.Minute
	silentBad   = 24 * time.Hour
	waitingWarn = time.Hour
	waitingBad  = 24 * time.Hour
	skewWarn    = 2 * time.Minute
	keysWarn    = 7 * 24 * time.Hour // a registrar renews when ten days are left
)

// partnersOf tells how each partner stands, the worst first.
func partnersOf(st relay.Status, d *directory.Directory, sends []string, now time.Time) []NetworkPartner {
	out := []NetworkPartner{}
	for _, p := range st.Partners {
		out = append(out, partnerOf(p, d, sends, now))
	}
	weight := map[string]int{"bad": 0, "warn": 1, "ok": 2}
	slices.SortStableFunc(out, func(a, b NetworkPartner) int {
		return cmp.Or(cmp.Compare(weight[a.Worst], weight[b.Worst]), cmp.Compare(b.Waiting+b.Away, a.Waiting+a.Away), cmp.Compare(a.Node, b.Node))
	})
	return out
}

func partnerOf(p relay.Partner, d *directory.Directory, sends []string, now time.Time) NetworkPartner {
	out := NetworkPartner{Node: p.Name, Name: PartyName{p.Name, p.Name}, Type: "unknown", State: "unknown", Oldest: p.Oldest, Blocked: p.Why, BlockedSince: p.WhySince,
		LastSeen: p.LastSeen, DelayMS: p.Delay.Milliseconds(), Lacks: p.Lacks, Gone: p.Gone, SkewMS: p.Skew.Milliseconds(), Version: p.Version,
		Lanes: []NetworkBacklog{}, Gaps: []NetworkGap{}, Unread: []string{}, Keys: []NetworkKey{}, Call: []NetworkPerson{}}
	for _, l := range record.Lanes {
		out.Lanes = append(out.Lanes, NetworkBacklog{string(l), p.Waiting[l], p.Away[l]})
		out.Waiting += p.Waiting[l]
		out.Away += p.Away[l]
	}
	for _, g := range p.Gaps {
		out.Gaps = append(out.Gaps, NetworkGap{string(g.Lane), g.First, g.Last})
		out.Missing += g.Last - g.First + 1
	}
	reads := p.Reads
	if e, err := d.Party(p.Name); err == nil {
		out.Name, out.Country, out.Parent, out.Type = PartyName{e.Names.En, e.Names.Ru}, e.Country, e.Parent, string(e.Type)
		out.State, out.Why, out.Until, out.Keys = string(e.State), e.Why, e.Until, keysOf(e.Keys)
		out.Call = callees(d, e, now)
		if len(reads) == 0 {
			reads = readsOf(e.Reads)
		}
	}
	if len(reads) > 0 && out.Type != string(directory.Hub) {
		for _, k := range sends {
			if !slices.Contains(reads, k) {
				out.Unread = append(out.Unread, k)
			}
		}
	}
	out.Wrong, out.Worst = wrongs(out, now)
	return out
}

// wrongs says what is wrong with a partner, the worst first.
func wrongs(p NetworkPartner, now time.Time) (out []NetworkWrong, worst string) {
	out = []NetworkWrong{}
	say := func(yes bool, code, weight string, n int64, at time.Time) {
		if yes {
			out = append(out, NetworkWrong{code, weight, n, at})
		}
	}
	grave := func(bad bool) string {
		if bad {
			return "bad"
		}
		return "warn"
	}
	over := p.State != string(directory.Current)
	say(over, "keys-over", "bad", 0, p.Until)
	say(p.Blocked != "" && !over, "blocked", "bad", 0, p.BlockedSince)
	say(p.Gone > 0, "gone", "bad", p.Gone, time.Time{})
	waited := now.Sub(p.Oldest)
	say(!p.Oldest.IsZero() && waited >= waitingWarn, "waiting", grave(waited >= waitingBad), int64(p.Waiting+p.Away), p.Oldest)
	say(p.LastSeen.IsZero(), "never", "warn", 0, time.Time{})
	silent := now.Sub(p.LastSeen)
	say(!p.LastSeen.IsZero() && silent >= silentWarn, "silent", grave(silent >= silentBad), 0, p.LastSeen)
	skew := (time.Duration(p.SkewMS) * time.Millisecond).Abs()
	say(skew >= skewWarn, "clock", grave(skew >= directory.Skew), p.SkewMS/1000, time.Time{})
	say(p.Missing > 0, "gaps", "warn", p.Missing, time.Time{})
	say(p.Lacks > 0, "lacks", "warn", p.Lacks, time.Time{})
	say(!over && p.Until.Sub(now) < keysWarn, "keys-ending", "warn", 0, p.Until)
	say(len(p.Unread) > 0, "unread", "warn", int64(len(p.Unread)), time.Time{})
	slices.SortStableFunc(out, func(a, b NetworkWrong) int { return cmp.Compare(a.Weight, b.Weight) }) // bad before warn
	worst = "ok"
	if len(out) > 0 {
		worst = out[0].Weight
	}
	return out, worst
}

// callees gives the officers of a party; where it names none, those of what it belongs to.
func callees(d *directory.Directory, e directory.Entry, now time.Time) []NetworkPerson {
	for range len(directory.Types) {
		if len(e.People) > 0 || e.Parent == "" {
			break
		}
		up, err := d.Party(e.Parent)
		if err != nil {
			break
		}
		e = up
	}
	return peopleOf(e, now)
}

// peopleOf gives the officers of a party, who is on duty now first.
func peopleOf(e directory.Entry, now time.Time) []NetworkPerson {
	out := []NetworkPerson{}
	for _, p := range e.People {
		duty := "off"
		if on, known := p.OnDuty(now); !known {
			duty = "unknown"
		} else if on {
			duty = "on"
		}
		local := ""
		if zone, err := time.LoadLocation(p.Zone); err == nil && p.Zone != "" {
			local = now.In(zone).Format("15:04")
		}
		out = append(out, NetworkPerson{Role: p.Role, Name: PartyName{p.Names.En, p.Names.Ru}, Phones: nonNil(p.Phones), Hours: p.Hours, Zone: p.Zone, Local: local,
			Duty: duty, Languages: nonNil(p.Languages), Deputy: deputyOf(e, p.Deputy), Of: e.ID})
	}
	turn := []string{"on", "unknown", "off"}
	roles := []string{directory.RoleDuty, directory.RoleFocal, directory.RoleDeputy}
	slices.SortStableFunc(out, func(a, b NetworkPerson) int {
		return cmp.Or(cmp.Compare(slices.Index(turn, a.Duty), slices.Index(turn, b.Duty)), cmp.Compare(slices.Index(roles, a.Role), slices.Index(roles, b.Role)))
	})
	return out
}

// deputyOf gives the names of an officer whom another one names in English.
func deputyOf(e directory.Entry, en string) PartyName {
	for _, p := range e.People {
		if p.Names.En == en {
			return PartyName{p.Names.En, p.Names.Ru}
		}
	}
	return PartyName{}
}

func keysOf(k directory.Keys) []NetworkKey {
	out := []NetworkKey{}
	for _, use := range directory.Uses {
		for _, text := range k.Of(use) {
			out = append(out, NetworkKey{string(use), directory.KeyID(text)})
		}
	}
	return out
}

func readsOf(all map[string][]int) (out []string) {
	for kind, versions := range all {
		for _, v := range versions {
			out = append(out, kind+"@"+itoa(v))
		}
	}
	return out
}

// networkDirectory tells who is who.
func (a *API) networkDirectory(ctx context.Context) (List[NetworkParty], error) {
	out := List[NetworkParty]{Items: []NetworkParty{}}
	actor, err := a.mayNetwork(ctx, access.Read)
	if err != nil {
		return out, err
	}
	if a.Network != nil {
		for _, e := range a.Network.Directory().Parties() {
			out.Items = append(out.Items, NetworkParty{ID: e.ID, Type: string(e.Type), Country: e.Country, Parent: e.Parent, Name: PartyName{e.Names.En, e.Names.Ru}, Own: e.Names.Own,
				State: string(e.State), Why: e.Why, Until: e.Until, Topics: nonNil(e.Topics), Addresses: nonNil(e.Addresses), Keys: keysOf(e.Keys), People: peopleOf(e, a.Now())})
		}
	}
	act := record.Act{Action: "list", Topic: access.Network}
	return out, a.noted(ctx, actor, act, asked("", "directory"), nil)
}

// hubNodes tells what a hub carries, by node.
func hubNodes(counts []bus.Count, lines map[string]int, d *directory.Directory) []NetworkNode {
	at := map[string]*NetworkNode{}
	for id, n := range lines {
		at[id] = &NetworkNode{Node: id, Lines: n}
	}
	for _, c := range counts {
		n := at[c.Node]
		if n == nil {
			n = &NetworkNode{Node: c.Node}
			at[c.Node] = n
		}
		n.Waiting += c.Waiting
		n.Bytes += c.WaitingB
		n.Unrouted += c.Unrouted
		n.Sent += c.Sent
		n.Refused += c.Refused
		n.Denied += c.Denied
		n.Missing = n.Missing || c.StreamMissing
	}
	out := []NetworkNode{}
	for _, n := range at {
		n.Name = PartyName{n.Node, n.Node}
		if e, err := d.Party(n.Node); err == nil {
			n.Name = PartyName{e.Names.En, e.Names.Ru}
		}
		out = append(out, *n)
	}
	slices.SortFunc(out, func(a, b NetworkNode) int {
		return cmp.Or(cmp.Compare(b.Waiting, a.Waiting), strings.Compare(a.Node, b.Node))
	})
	return out
}
