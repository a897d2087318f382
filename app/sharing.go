package app

import (
	"sarhad/exchange/sharing"
)

// sharing makes the room that shares. Without a network its directory is empty: agreements can be read, and nothing is sent.
func (a *App) sharing() *sharing.Room {
	return &sharing.Room{Store: a.Store, Node: a.Config.Name, Country: a.Config.Country, Directory: sharing.Nobody{}, Clocks: a.Privacy, Now: a.opt.Now, Log: a.opt.Log}
}
