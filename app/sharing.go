package app

import (
	"context"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/relay"
	"sarhad/exchange/sharing"
	"sarhad/record"
)

// sharing makes the room that shares. Without a network its directory is empty: agreements can be read, and nothing is sent.
func (a *App) sharing() *sharing.Room {
	r := &sharing.Room{Store: a.Store, Node: a.Config.Name, Country: a.Config.Country, Directory: shareable{a}, Clocks: a.Privacy, Now: a.opt.Now, Log: a.opt.Log, Types: Types(), Delivery: deliveryOf, Open: relay.Opened}
	if a.Vault != nil {
		r.SendFile = a.sendFile
	}
	return r
}

// shareable gives the room of sharing the parties of the directory.
type shareable struct{ a *App }

// Parties implements sharing.Directory.
func (s shareable) Parties() (out []sharing.Party) {
	d, err := s.a.Directory(context.Background())
	if err != nil {
		s.a.opt.Log.Error("sharing: the directory cannot be opened", "err", err)
		return nil
	}
	all := d.Parties()
	of := map[string]string{} // agency of a node
	for _, p := range all {
		if p.Type == directory.Node || p.Type == directory.Hub {
			of[p.ID] = p.Parent
		}
	}
	for _, p := range all {
		if !talks(p) || p.State != directory.Current && p.State != directory.Expired { // what came from an expired one is not refused for good
			continue
		}
		agency := p.Parent
		if p.Type == directory.Outpost {
			agency = of[p.Parent]
		}
		out = append(out, sharing.Party{Node: p.ID, Name: sharing.Text{En: p.Names.En, Ru: p.Names.Ru}, Country: p.Country, Agencies: []string{agency}, Hub: p.Type == directory.Hub})
	}
	return out
}

// deliveryOf tells how far a message of ours came.
func deliveryOf(tx record.Tx, message record.ID) (out sharing.Delivery, err error) {
	list, err := tx.Dispatches(record.DispatchQuery{ID: message})
	if err != nil || len(list) == 0 {
		return out, err
	}
	d := list[0]
	out = sharing.Delivery{State: d.State, Problem: d.Problem, At: d.Queued}
	for _, at := range []time.Time{d.Accepted, d.Delivered, d.Closed} {
		if !at.IsZero() {
			out.At = at
		}
	}
	return out, nil
}

// takeShared lets the room of sharing take up what comes for it. An edition counts as opened when an officer opens the record.
func (n *Network) takeShared() {
	for kind, take := range n.a.Sharing.Handlers() {
		n.Relay.Handle(kind, func(ctx context.Context, tx record.Tx, a record.Arrival) (bool, error) {
			return kind != sharing.MsgEdition, take(ctx, tx, a)
		})
	}
}

// runSharing brings holders up to date and asks them to erase what is gone, until ctx ends.
func (a *App) runSharing(ctx context.Context) {
	a.Sharing.Run(ctx, func(err error) { a.opt.Log.Error("sharing: a step was not finished, goes on soon", "err", err) })
}
