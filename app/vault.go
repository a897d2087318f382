package app

import (
	"maps"
	"path/filepath"
	"time"

	"sarhad/internal/quarantine"
	"sarhad/store/vault"
	"sarhad/web/intake"
)

// Kinds are the parsers of files from outside that a program with a node in it offers: quarantine.Main takes them, before
// anything else.
func Kinds() quarantine.Kinds {
	all := intake.Kinds()
	maps.Copy(all, vault.Kinds())
	return all
}

// attachmentLimits bound the reading of one attachment. A picture of the largest size is drawn in seconds; what takes longer
// keeps others waiting, because one is read at a time. A film of the largest size is read to its end.
func attachmentLimits(l quarantine.Limits) quarantine.Limits {
	if l == (quarantine.Limits{}) {
		l = quarantine.Limits{CPU: 40 * time.Second, Wait: 90 * time.Second, Line: 1 << 20, Output: 128 << 20}
	}
	return l
}

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
	a.Vault, err = vault.Open(vault.Config{Dir: dir, Keys: keys, Now: a.opt.Now, Log: a.opt.Log,
		Open: vault.Quarantined(quarantine.Cell{Limits: attachmentLimits(a.opt.Attachments)})})
	if err != nil {
		return err
	}
	a.Vault.Follow(a.Store.Unnamed, a.Store.AttachedBytes)
	a.Store.UseChunks(a.Vault)
	return nil
}
