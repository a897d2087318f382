package app

import (
	"context"

	"sarhad/exchange/sharing"
)

// sharing makes the room that shares. Without a network its directory is empty: agreements can be read, and nothing is sent.
func (a *App) sharing() *sharing.Room {
	return &sharing.Room{Store: a.Store, Node: a.Config.Name, Country: a.Config.Country, Directory: sharing.Nobody{}, Clocks: a.Privacy, Now: a.opt.Now, Log: a.opt.Log, Types: Types()}
}

// runSharing brings holders up to date and asks them to erase what is gone, until ctx ends.
func (a *App) runSharing(ctx context.Context) {
	a.Sharing.Run(ctx, func(err error) { a.opt.Log.Error("sharing: a step was not finished, goes on soon", "err", err) })
}
