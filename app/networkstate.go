package app

import (
	"context"
	"fmt"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/relay"
	"sarhad/exchange/sharing"
	"sarhad/internal/bus"
	"sarhad/record"
	"sarhad/web/api"
)

// networkDoor gives the API the network; nothing when the node has none.
func (a *App) networkDoor() api.Network {
	if a.Network == nil {
		return nil
	}
	return networkDoor{a.Network}
}

// lineOf tells every screen how the line stands.
func (a *App) lineOf(ctx context.Context) (api.Line, error) {
	if a.Network == nil {
		return api.Line{State: api.LineStandalone}, nil
	}
	return networkDoor{a.Network}.Line(ctx)
}

// networkDoor is the network as the API sees it.
type networkDoor struct{ *Network }

var _ api.Network = networkDoor{}

// Joined implements api.Network.
func (n networkDoor) Joined() bool {
	_, err := n.dir.Party(n.a.Config.Name)
	return err == nil
}

// Broken implements api.Network.
func (n networkDoor) Broken() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.broken
}

// Lanes implements api.Network.
func (n networkDoor) Lanes() []bus.State {
	n.mu.Lock()
	line := n.line
	n.mu.Unlock()
	if line == nil {
		return nil
	}
	return line.States()
}

// Directory implements api.Network.
func (n networkDoor) Directory() *directory.Directory { return n.dir }

// Status implements api.Network.
func (n networkDoor) Status(ctx context.Context) (relay.Status, error) { return n.Relay.Status(ctx) }

// HubCounts implements api.Network.
func (n networkDoor) HubCounts(ctx context.Context) []bus.Count {
	n.mu.Lock()
	hub := n.hub
	n.mu.Unlock()
	if hub == nil {
		return nil
	}
	return hub.Counts(ctx)
}

// Sends implements api.Network.
func (n networkDoor) Sends() (out []string) {
	types := Types()
	for _, k := range sharing.Kinds(types) {
		out = append(out, fmt.Sprintf("%s@%d", k.Kind, types.Present(k.Kind)))
	}
	return out
}

// TryAgain implements api.Network.
func (n networkDoor) TryAgain(ctx context.Context) {
	n.wake() // a line that could not be opened is tried as well
	n.Relay.TryAgain(ctx)
}

// SettleUnreadable implements api.Network.
func (n networkDoor) SettleUnreadable(ctx context.Context, number int64, note string) (settled bool, err error) {
	err = n.a.Store.Update(n.machine(ctx), func(tx record.Tx) error {
		list, err := tx.Arrivals(record.ArrivalQuery{State: record.ArrivalUnreadable, After: number - 1, Limit: 1})
		if err != nil || len(list) == 0 || list[0].Number != number {
			return err
		}
		settled, err = tx.Settle(number, record.ArrivalDone, list[0].Problem+" | "+note)
		return err
	})
	return settled, err
}

// Line implements api.Network. It reads the queues and the peers, nothing more: every screen asks it every few seconds.
func (n networkDoor) Line(ctx context.Context) (api.Line, error) {
	out := api.Line{State: api.LineStandalone}
	if !n.Joined() {
		return out, nil
	}
	err := n.a.Store.View(n.machine(ctx), func(tx record.Tx) error {
		queues, err := tx.Backlogs()
		if err != nil {
			return err
		}
		for _, q := range queues {
			out.Waiting += q.Count
			if out.Oldest.IsZero() || q.Oldest.Before(out.Oldest) {
				out.Oldest = q.Oldest
			}
		}
		peers, err := tx.Peers()
		for _, p := range peers {
			if p.Heard.After(out.Seen) {
				out.Seen = p.Heard
			}
		}
		return err
	})
	if err != nil {
		return out, err
	}
	if lines := n.Entered(); lines != nil {
		out.State = api.LineHub
		for id, k := range lines {
			if k > 0 && id != n.a.Config.Name {
				out.Nodes++
			}
		}
		return out, nil
	}
	out.State, out.Since = lineState(n.Lanes())
	return out, nil
}

// lineState says of all lanes whether the line is up, and since when.
func lineState(lanes []bus.State) (state string, since time.Time) {
	var up int
	var last, first time.Time // of those that are up, of those that are down
	for _, l := range lanes {
		switch {
		case l.Up:
			up++
			if l.Since.After(last) {
				last = l.Since
			}
		case first.IsZero() || l.Since.Before(first):
			first = l.Since
		}
	}
	switch {
	case up == 0:
		return api.LineOffline, first
	case up < len(lanes):
		return api.LinePartly, first
	}
	return api.LineOnline, last
}
