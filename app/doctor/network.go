package doctor

import (
	"fmt"
	"time"
)

// Network is how the node stands in the network. The zero value: it is in none.
type Network struct {
	Joined     bool      // it has a directory
	Node       string    // its name
	State      string    // of its own statement: "current", else why not in Why
	Why        string    //
	Until      time.Time // its statement ends
	Cosigned   time.Time // the directory was cosigned by a quorum
	Sends      bool      // it is fresh enough to send by
	Forked     bool      // two directories are shown
	LineDown   time.Time // the line to the hub fails since; zero = it works, or who asks does not know
	LineKnown  bool      // who asks is the serving node
	Unreadable int       // messages that came and cannot be read
	HubEnds    time.Time // the earliest end of the authority of a hub's certificate
	HubName    string
	Err        string // it could not be learned
}

const (
	// statementSoon warns before a statement ends: the registrar renews from day 20, so something is wrong for days already.
	statementSoon = 7 * 24 * time.Hour
	// directoryOld warns as the directory does.
	directoryOld = 24 * time.Hour
	// lineLate is how long a line may be down before somebody should look: outposts are connected once in an hour.
	lineLate = 4 * time.Hour
	// hubSoon is how long before the end the certificate of a hub is renewed and told to all nodes.
	hubSoon = 30 * 24 * time.Hour
)

// network says how the node stands among the others.
func network(f Facts) []Finding {
	n := f.Network
	switch {
	case n.Err != "":
		return untold("network.unknown", "How the node stands in the network cannot be told", n.Err, "Look into the log of the node")
	case !n.Joined:
		return nil // most nodes begin alone
	case n.Forked:
		return found("network.fork", Bad, "Somebody shows two directories: nothing is sent until a person has cleared it up.", "sarhad directory fork --dir '{dir}', and telephone the registrars of the countries", "dir", f.Dir)
	}
	var out []Finding
	add := func(more []Finding) { out = append(out, more...) }
	age, left := f.Now.Sub(n.Cosigned), n.Until.Sub(f.Now)
	switch {
	case !n.Sends:
		add(found("network.stale", Bad, "The directory was cosigned last at {at}, {age} ago: nothing is sent by it.", "Look at the line to the hub, or bring a bundle by hand: sarhad directory import --dir '{dir}' FILE",
			"at", stamp(n.Cosigned), "age", span(age), "dir", f.Dir))
	case age > directoryOld:
		add(found("network.old", Warn, "The directory was cosigned last at {at}, {age} ago; after four days nothing is sent.", "Look at the line to the hub", "at", stamp(n.Cosigned), "age", span(age)))
	}
	switch {
	case n.State != "current":
		add(found("network.out", Bad, "The keys of {node} do not count: {why}.", "Telephone the registrar of your country: sarhad directory people", "node", n.Node, "why", n.Why))
	case left < statementSoon:
		add(found("network.ends", Warn, "The statement with the keys of {node} ends in {left} and was not renewed.", "Telephone the registrar of your country: sarhad node renew there", "node", n.Node, "left", span(left)))
	}
	if n.LineKnown && !n.LineDown.IsZero() && f.Now.Sub(n.LineDown) > lineLate {
		add(found("network.down", Warn, "The line to the hub is down since {at}, for {age}. What is urgent can be carried by hand.", "sarhad relay status --dir '{dir}'; sarhad relay export --dir '{dir}' FOLDER",
			"at", stamp(n.LineDown), "age", span(f.Now.Sub(n.LineDown)), "dir", f.Dir))
	}
	if n.Unreadable > 0 {
		add(found("network.unreadable", Warn, "{many} came that cannot be read and are kept as they came.", "Telephone the senders: their keys may be newer than your directory", "many", number(n.Unreadable, "message", "messages"), "n", fmt.Sprint(n.Unreadable)))
	}
	if !n.HubEnds.IsZero() && n.HubEnds.Sub(f.Now) < hubSoon {
		add(found("network.hub", Warn, "The certificate authority of {hub} ends on {until}: then no node enters it.", "On the hub: sarhad node tls, then sarhad node rekey, so that the directory tells the new one",
			"hub", n.HubName, "until", n.HubEnds.UTC().Format("2006-01-02")))
	}
	if len(out) == 0 {
		return found("network.good", OK, "The node is in the network; its keys count until {until} and the directory was cosigned {age} ago.", "", "until", stamp(n.Until), "age", span(max(age, 0)))
	}
	return out
}
