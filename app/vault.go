package app

import (
	"path/filepath"

	"sarhad/store/vault"
)

// openVault opens the attachments beside the store, once the directory is owned. Who only reads the store has none.
func (a *App) openVault() error {
	if a.opt.ReadOnly {
		return nil
	}
	dir := a.Config.DataDir
	keys, err := vault.LoadKeys(dir, filepath.Join(dir, keysDir), true)
	if err != nil {
		return err
	}
	a.Vault, err = vault.Open(vault.Config{Dir: dir, Keys: keys, Now: a.opt.Now, Log: a.opt.Log})
	if err != nil {
		return err
	}
	a.Vault.Follow(a.Store.Unnamed, a.Store.AttachedBytes)
	a.Store.UseChunks(a.Vault)
	return nil
}
