package api

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/exchange/directory"
	"sarhad/exchange/relay"
	"sarhad/internal/bus"
	"sarhad/record"
	"sarhad/record/access"
)

// Network is how this node takes part in the network: the app.
type Network interface {
	// Line tells in short how the line stands and what waits; every screen asks it every few seconds.
	Line(ctx context.Context) (Line, error)
	// Joined reports whether the directory knows this node.
	Joined() bool
	// Broken says in words why the line or the hub could not be opened; "" = it could, or need not be.
	Broken() string
	// Lanes are the lanes of the line as they stand; none before it is opened.
	Lanes() []bus.State
	// Directory is who is who as this node knows it.
	Directory() *directory.Directory
	// Status tells what waits and how things stand with each partner.
	Status(ctx context.Context) (relay.Status, error)
	// HubCounts tells what the hub of this node carries; nil when it is none.
	HubCounts(ctx context.Context) []bus.Count
	// Entered counts the connections of each node at the hub of this node; nil when it is none.
	Entered() map[string]int
	// Sends lists what this node may send, as "kind@version".
	Sends() []string
	// TryAgain tries at once what waits because something failed.
	TryAgain(ctx context.Context)
	// SettleUnreadable ends a message that could not be read, after a person looked; false when it is none any more.
	SettleUnreadable(ctx context.Context, number int64, note string) (bool, error)
}

// reasoned is a request that says why.
type reasoned struct {
	Body struct {
		Reason string `json:"reason" maxLength:"500" doc:"for the log, without names of persons"`
	}
}

func (r reasoned) why() (string, error) {
	text := strings.TrimSpace(r.Body.Reason)
	if len(text) < 3 {
		return "", record.Errorf(record.Invalid, "say why, in a few words: it stands in the log")
	}
	return text, nil
}

type settleMessage struct {
	Number int64 `path:"number" minimum:"1"`
	reasoned
}

func (a *API) network(h huma.API) {
	register(a, h, "GET", "/network", "getNetwork", "How the line, the directory and every partner stand", func(ctx context.Context, _ *empty) (*body[NetworkPage], error) {
		return answer(a.networkPage(ctx))
	})
	register(a, h, "GET", "/network/messages", "listMessages", "Messages that go out and that came, without contents", func(ctx context.Context, in *messageQuery) (*body[List[NetworkMessage]], error) {
		return answer(a.messageList(ctx, in))
	})
	register(a, h, "GET", "/network/directory", "listDirectory", "Who is who in the network, and whom to call", func(ctx context.Context, _ *empty) (*body[List[NetworkParty]], error) {
		return answer(a.networkDirectory(ctx))
	})
	register(a, h, "POST", "/network/try", "tryNetwork", "Try at once what waits because something failed", func(ctx context.Context, _ *empty) (*body[NetworkPage], error) {
		return answer(a.tryNetwork(ctx))
	})
	register(a, h, "POST", "/network/messages/{number}/settle", "settleMessage", "End a message that could not be read, after looking", func(ctx context.Context, in *settleMessage) (*struct{}, error) {
		return nil, a.settleMessage(ctx, in)
	})
	register(a, h, "POST", "/network/fork/clear", "clearFork", "Say that ours is the right directory of two, after asking other countries", func(ctx context.Context, in *reasoned) (*body[NetworkPage], error) {
		return answer(a.clearFork(ctx, in))
	})
}

// mayNetwork gives the actor if they may do something with the network, and this node is one that takes part in it.
func (a *API) mayNetwork(ctx context.Context, action string) (record.Actor, error) {
	return a.purposed(ctx, action, access.Network)
}

// acted writes an act of the network down, before it is done: what somebody began stands in the log in any case.
func (a *API) acted(ctx context.Context, action, reason string) error {
	return a.Store.Update(ctx, func(tx record.Tx) error {
		return tx.Audit(record.Act{Action: action, Topic: access.Network, Reason: reason})
	})
}

func (a *API) tryNetwork(ctx context.Context) (NetworkPage, error) {
	if _, err := a.mayNetwork(ctx, access.Carry); err != nil {
		return NetworkPage{}, err
	}
	if a.Network != nil {
		if err := a.acted(ctx, "network-try", ""); err != nil {
			return NetworkPage{}, err
		}
		a.Network.TryAgain(ctx)
	}
	return a.networkPage(ctx)
}

func (a *API) settleMessage(ctx context.Context, in *settleMessage) error {
	if _, err := a.mayNetwork(ctx, access.Carry); err != nil {
		return err
	}
	why, err := in.why()
	if err != nil {
		return err
	}
	gone := record.Errorf(record.Conflict, "message %d does not wait for a person: somebody ended it, or it was read after all", in.Number)
	if a.Network == nil {
		return gone
	}
	if err := a.acted(ctx, "message-settle", strconv.FormatInt(in.Number, 10)+": "+why); err != nil {
		return err
	}
	done, err := a.Network.SettleUnreadable(ctx, in.Number, why)
	if err == nil && !done {
		err = gone
	}
	return err
}

func (a *API) clearFork(ctx context.Context, in *reasoned) (NetworkPage, error) {
	if _, err := a.mayNetwork(ctx, access.Carry); err != nil {
		return NetworkPage{}, err
	}
	why, err := in.why()
	if err != nil {
		return NetworkPage{}, err
	}
	if a.Network == nil || a.Network.Directory().Fork() == nil {
		return NetworkPage{}, record.Errorf(record.Conflict, "there is no alarm: this node knows one directory")
	}
	if err := a.acted(ctx, "fork-clear", why); err != nil {
		return NetworkPage{}, err
	}
	if _, err := a.Network.Directory().ClearFork(ctx); err != nil {
		return NetworkPage{}, err
	}
	return a.networkPage(ctx)
}

// networkPage tells all and writes down that it was looked at: it names officers on duty elsewhere.
func (a *API) networkPage(ctx context.Context) (NetworkPage, error) {
	out := NetworkPage{At: a.Now().UTC(), Node: a.Node.Name, Lanes: []NetworkLane{}, Stuck: []NetworkStuck{}, Files: []NetworkFile{}, Partners: []NetworkPartner{}, Hub: []NetworkNode{}}
	actor, err := a.mayNetwork(ctx, access.Read)
	if err != nil {
		return out, err
	}
	if a.Network != nil {
		if err := a.fillNetwork(ctx, &out); err != nil {
			return out, err
		}
	}
	return out, a.noted(ctx, actor, record.Act{Action: "read", Topic: access.Network}, asked("", "network"), nil)
}

func (a *API) fillNetwork(ctx context.Context, out *NetworkPage) error {
	n := a.Network
	st, err := n.Status(ctx)
	if err != nil {
		return err
	}
	if out.Line, err = n.Line(ctx); err != nil {
		return err
	}
	d := n.Directory()
	out.Joined, out.Problem, out.Network = n.Joined(), n.Broken(), d.Name()
	out.Waiting, out.Oldest, out.Unreadable = st.Waiting, st.Oldest, st.Unreadable
	for _, l := range n.Lanes() {
		out.Lanes = append(out.Lanes, NetworkLane{Lane: string(l.Lane), Up: l.Up, Since: l.Since, Way: l.Way, Problem: l.Problem})
	}
	for _, s := range st.Stuck {
		out.Stuck = append(out.Stuck, NetworkStuck{ID: s.ID.String(), From: s.From, Kind: s.Kind, Why: s.Why, Since: s.Since, Next: s.Next, Tries: s.Tries})
	}
	for _, f := range st.Files {
		out.Files = append(out.Files, NetworkFile{ID: f.ID.String(), Partner: f.Peer, Out: f.Out, Kind: f.Kind, Size: f.Size, Moved: f.Moved, Since: f.Since, State: string(f.State)})
	}
	out.Directory = freshness(d, out.At)
	out.Partners = partnersOf(st, d, n.Sends(), out.At)
	if entered := n.Entered(); entered != nil {
		out.Hub = hubNodes(n.HubCounts(ctx), entered, d)
	}
	return nil
}

// messages page: how much is looked through for one answer.
const (
	messagePage = 500
	messageLook = 20 // pages of it
)

func limitOf(n int) int {
	if n <= 0 {
		return 50
	}
	return min(n, record.MaxLimit-1)
}

// freshness tells how old the directory is, and whether there are two.
func freshness(d *directory.Directory, now time.Time) NetworkDirectory {
	f := d.Fresh(now)
	size, root := d.Size()
	countries, quorum := d.Members()
	out := NetworkDirectory{State: "fresh", Cosigned: f.Cosigned, Why: f.Why, Statements: size, Root: root.String(), Countries: nonNil(countries), Quorum: quorum}
	switch fork := d.Fork(); {
	case fork != nil:
		out.State, out.Fork = "forked", &NetworkFork{Found: fork.Found, Ours: fork.Ours, Theirs: fork.Theirs}
	case size == 0:
		out.State = "none"
	case !f.Sends:
		out.State = "stale"
	case f.Warn:
		out.State = "old"
	}
	return out
}
