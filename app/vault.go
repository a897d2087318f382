package app

import (
	"maps"
	"path/filepath"
	"time"

	"sarhad/internal/config"
	"sarhad/internal/quarantine"
	"sarhad/record"
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

// Intake reads files of messages and lists from outside; all readings of this process share one ward.
func (a *App) Intake() intake.Reader {
	return intake.Reader{Cell: quarantine.Cell{Ward: a.ward}}
}

// vaultLimits are the limits of the settings, the store's where those are silent. Limits that do not fit into each other are
// refused before anything is opened: an officer would learn of them at the worst moment.
func vaultLimits(c config.Config) (vault.Limits, error) {
	l := vault.Limits(c.Attachments()).OrDefaults()
	if l.File > l.User || l.User > l.Node {
		const mb = 1 << 20
		return l, record.Errorf(record.Invalid, "%s: one attached file may have %d MB, all of one user %d MB, all of the node %d MB; none may be less than the one before: change attachment_file, attachment_user or attachment_node",
			config.FileName, l.File/mb, l.User/mb, l.Node/mb)
	}
	return l, nil
}

// openVault opens the attachments beside the store, once the directory is owned. Who only reads the store has none.
func (a *App) openVault() error {
	if a.opt.ReadOnly {
		return nil
	}
	dir := a.Config.DataDir
	limits, err := vaultLimits(a.Config)
	if err != nil {
		return err
	}
	keys, err := vault.LoadKeys(dir, filepath.Join(dir, keysDir), true)
	if err != nil {
		return err
	}
	a.Vault, err = vault.Open(vault.Config{Dir: dir, Keys: keys, Limits: limits, Now: a.opt.Now, Log: a.opt.Log,
		Open: vault.Quarantined(quarantine.Cell{Limits: attachmentLimits(a.opt.Attachments), Ward: a.ward})})
	if err != nil {
		return err
	}
	a.Vault.Follow(a.Store.Unnamed, a.Store.AttachedBytes)
	a.Store.UseChunks(a.Vault)
	return nil
}
