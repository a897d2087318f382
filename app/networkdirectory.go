package app

import (
	"context"
	"encoding/json"
	"time"

	"sarhad/exchange/directory"
	"sarhad/record"
)

const (
	// refreshEvery is how often the keeper of the log asks the witnesses to cosign it again, so that nobody believes it is old.
	refreshEvery = time.Hour
	// askAgain is how soon it asks again while something waits; doubled each time, up to refreshEvery.
	askAgain = 5 * time.Second
	// renewEvery is how often a registrar looks whose statements are due.
	renewEvery = time.Hour
)

// takeSaid takes a message about the directory up. It is worked on outside of the act, because it writes acts of its own; should
// that be lost, the next heartbeat asks again.
func (n *Network) takeSaid(_ context.Context, _ record.Tx, a record.Arrival) (opened bool, err error) {
	select {
	case n.said <- said{a.From, a.Content}:
		return true, nil
	default:
		return false, record.Errorf(record.Unavailable, "more is said about the directory than this node can read at once")
	}
}

// heard compares the directory of a node with ours.
func (n *Network) heard(p record.Peer) {
	var h directory.Head
	if p.Directory == "" || json.Unmarshal([]byte(p.Directory), &h) != nil {
		return
	}
	c, err := n.dir.Compare(context.Background(), h)
	if err != nil {
		n.a.opt.Log.Warn("directory: the head of another node cannot be compared", "peer", p.Name, "err", err)
		return
	}
	switch c.Relation {
	case directory.Forked:
		n.a.opt.Log.Error("directory: two directories are shown; nothing is sent until a person has cleared it up", "peer", p.Name, "why", c.Why)
		if !c.Proven { // the whole log of the other side proves it, or clears it up
			n.tell(context.Background(), p.Name, []directory.Answer{{Body: []byte(`{"want":0}`)}}, nil)
		}
	case directory.Behind:
		n.ask(p.Name)
	}
}

// ask asks a node for what is missing here.
func (n *Network) ask(whom string) {
	answers, err := n.talk.Ask()
	n.tell(context.Background(), whom, answers, err)
}

// upkeep answers messages about the directory, keeps it fresh and renews what runs out.
func (n *Network) upkeep(ctx context.Context) {
	every := time.NewTicker(acceptedEvery)
	defer every.Stop()
	var renewed time.Time
	var asked asking
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-n.said:
			n.equip(ctx)
			answers, err := n.talk.Handle(n.machine(ctx), s.from, s.body)
			n.tell(ctx, s.from, answers, err)
		case d := <-n.denials:
			n.noteDenied(ctx, d)
		case <-every.C:
			if err := n.tellAccepted(ctx); err != nil && ctx.Err() == nil {
				n.a.opt.Log.Warn("hub: receipts could not be queued", "err", err)
			}
			now := n.a.opt.Now()
			if n.dir.Identity() == "" {
				continue
			}
			if n.equip(ctx); n.talk.Keeper && asked.due(now, len(n.dir.Waiting())) {
				answers, err := n.talk.AskWitnesses()
				n.tell(ctx, "", answers, err)
			}
			if now.Sub(renewed) >= renewEvery {
				renewed = now
				n.renew(ctx)
			}
		}
	}
}

// asking is when the witnesses were asked last. While something waits they are asked again, soon at first, for one may just have been
// behind, and ever more seldom, for they may be away.
type asking struct {
	at      time.Time
	tries   int
	waiting int // statements then
}

func (a *asking) due(now time.Time, waiting int) bool {
	if waiting != a.waiting {
		a.tries, a.waiting = 0, waiting
	}
	wait := refreshEvery
	if waiting > 0 {
		wait = min(askAgain<<min(a.tries, 10), refreshEvery)
	}
	if now.Sub(a.at) < wait {
		return false
	}
	a.at = now
	a.tries++
	return true
}

// equip finds out what this node is to the directory: it may have become a witness or the keeper of the log.
func (n *Network) equip(ctx context.Context) {
	if n.talk.Witness == nil {
		if w, err := n.a.Witness(ctx); err == nil {
			n.talk.Witness = w
		}
	}
	keeper := n.keeper()
	n.talk.Keeper, n.talk.Keepers = keeper == n.a.Config.Name, nil
	if keeper != "" {
		n.talk.Keepers = []string{keeper}
	}
}

// keeper is the node that keeps the log: the first hub by name, so that of three processes one does.
func (n *Network) keeper() string {
	for _, p := range n.dir.Parties() {
		if p.Type == directory.Hub && p.State == directory.Current {
			return p.ID
		}
	}
	return ""
}

// renew renews statements of this country that are due, when this node is its registrar, and destroys old keys of its own.
func (n *Network) renew(ctx context.Context) {
	if r, err := n.a.Registrar(ctx); err == nil {
		if done, err := r.Renew(ctx); err != nil {
			n.a.opt.Log.Error("directory: statements could not be renewed", "err", err)
		} else if len(done) > 0 {
			n.a.opt.Log.Info("directory: statements are renewed", "parties", done)
		}
	}
	if err := n.clearOutgoing(ctx); err != nil && ctx.Err() == nil {
		n.a.opt.Log.Error("network: encrypted copies of files could not be removed", "err", err)
	}
	if err := n.reread(ctx); err != nil && ctx.Err() == nil {
		n.a.opt.Log.Error("network: what could not be read could not be tried again", "err", err)
	}
	if err := n.sweepKeys(ctx); err != nil {
		n.a.opt.Log.Error("network: old keys could not be destroyed", "err", err)
	}
}

// submit hands a statement to the keeper of the log.
func (n *Network) submit(ctx context.Context, statement []byte) error {
	keeper := n.keeper()
	if keeper == "" || keeper == n.a.Config.Name {
		return n.dir.Propose(ctx, statement)
	}
	body, err := directory.StatementMessage(statement)
	if err != nil {
		return err
	}
	return n.send(ctx, keeper, body)
}

// tell sends answers about the directory: to all, or to whom it concerns.
func (n *Network) tell(ctx context.Context, whom string, answers []directory.Answer, err error) {
	if err != nil {
		n.a.opt.Log.Warn("directory: a message was not taken up", "peer", whom, "err", err)
		return
	}
	for _, a := range answers {
		to := []string{whom}
		if a.All {
			to = n.partners()
			n.toSelf(a.Body)
		}
		for _, name := range to {
			if err := n.send(ctx, name, a.Body); err != nil && ctx.Err() == nil {
				n.a.opt.Log.Warn("directory: a message could not be queued", "peer", name, "err", err)
			}
		}
	}
}

// toSelf lets a witness that lives on the keeper's node hear the keeper.
func (n *Network) toSelf(body []byte) {
	if n.talk.Witness == nil {
		return
	}
	select {
	case n.said <- said{n.a.Config.Name, body}:
	default:
	}
}

func (n *Network) send(ctx context.Context, to string, body []byte) error {
	if to == "" {
		return nil
	}
	if to == n.a.Config.Name {
		n.toSelf(body)
		return nil
	}
	return n.a.Store.Update(n.machine(ctx), func(tx record.Tx) error {
		d := &record.Dispatch{To: to, Lane: record.Routine, Kind: directory.MessageKind, Content: body, Expires: n.a.opt.Now().Add(directory.StaleAfter)}
		if err := tx.Dispatch(d); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "directory-send", Topic: "directory"})
	})
}
