package app

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"sarhad/record"
	"sarhad/store/backup"
	"sarhad/web/api"
)

const (
	// journalEvery is how often the journal of erasures is written out: "within seconds".
	journalEvery = time.Second
	// backupEvery is how often the clock is looked at for the daily backup.
	backupEvery = 30 * time.Second
)

// saving is what the node knows of its backups while it runs.
type saving struct {
	running  sync.Mutex // one backup at a time
	mu       sync.Mutex // guards the rest
	journals map[string]*backup.Journal
	silent   map[string]bool // journals whose fault was logged
	done     int64           // of the backup that runs
	total    int64
	busy     bool
	failed   string // why the last one that nobody waits for was not made
}

// BackupOptions of one backup; the zero value does what the settings say.
type BackupOptions struct {
	Dir      string                  // "" = backup_dir of the settings
	Keep     int                     // backups that stay; 0 = backup_keep of the settings, below 0 = all
	Recheck  bool                    // read all chunks that are there, and write damaged ones anew
	Progress func(done, total int64) // bytes of the database; nil = none
}

// Backup makes a backup beside whatever else the node does. The actor of ctx stands in the log with it, before it begins.
func (a *App) Backup(ctx context.Context, o BackupOptions) (res backup.Result, err error) {
	defer record.Wrap(&err, "Backup")
	recipient, err := a.ready(&o)
	if err != nil {
		return res, err
	}
	if !a.saving.running.TryLock() {
		return res, errBackupRuns
	}
	defer a.saving.running.Unlock()
	return a.backup(ctx, o, recipient)
}

var errBackupRuns = record.Errorf(record.Unavailable, "a backup is running: wait for its end")

// ready looks whether a backup can be made as it is asked for, and fills in what the settings say.
func (a *App) ready(o *BackupOptions) (recipient string, err error) {
	if o.Dir == "" {
		o.Dir = a.Config.BackupDir
	}
	if o.Dir == "" {
		return "", record.Errorf(record.Invalid, "nobody said where backups go: name a directory with --to, or set backup_dir in sarhad.toml")
	}
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return "", err
	}
	if inside(a.Config.DataDir, o.Dir) {
		return "", record.Errorf(record.Invalid, "%s lies in the data directory: what takes one takes both. Choose another disk", o.Dir)
	}
	if err := a.away(o.Dir); err != nil {
		return "", err
	}
	if o.Keep == 0 {
		o.Keep = a.Config.Keep()
	}
	return a.recovery()
}

// away says that the last backup went to a directory where no set is any more: mostly a disk that is not mounted, and what was
// written to the empty place would lie on the disk of the node.
func (a *App) away(dir string) error {
	state, err := backup.ReadState(a.Config.DataDir)
	if err != nil || state.Dir != dir {
		return nil
	}
	if _, err := backup.Open(dir); err != nil {
		return &record.Error{Kind: record.Unavailable, Err: err, Message: fmt.Sprintf(
			"the backups that were in %s are not there: is the disk mounted? To begin anew in that place, remove %s first", dir, filepath.Join(a.Config.DataDir, backup.StateFile))}
	}
	return nil
}

func (a *App) backup(ctx context.Context, o BackupOptions, recipient string) (res backup.Result, err error) {
	a.progress(true, 0, 0)
	defer a.progress(false, 0, 0)
	if err := a.Store.Update(ctx, func(tx record.Tx) error { return tx.Audit(record.Act{Action: "backup"}) }); err != nil {
		return res, err
	}
	signer, verifiers, err := a.keys.Log()
	if err != nil {
		return res, err
	}
	opt := backup.Options{Set: o.Dir, Data: a.Config.DataDir, Node: a.Config.Name, Program: Version, Recipient: recipient, Key: backupKey(a.keys.Clearance),
		Signer: signer, Verifiers: verifiers, Now: a.opt.Now, Keep: max(o.Keep, 0), Recheck: o.Recheck,
		Settings: a.dir,
		Journal: func() error { // what the backup cites must be there before it
			return a.extend(ctx, backup.JournalIn(o.Dir, a.Store.Incarnation()))
		},
		Progress: func(done, total int64) {
			a.progress(true, done, total)
			if o.Progress != nil {
				o.Progress(done, total)
			}
		}}
	if res, err = backup.Write(ctx, a.Store, opt); err != nil {
		return res, err
	}
	state, err := backup.ReadState(a.Config.DataDir)
	if err != nil || state.Dir != o.Dir {
		state = backup.State{} // another set was never tried yet, and a damaged note is none
	}
	state.At, state.Dir, state.Number, state.Bytes, state.Written = res.At, o.Dir, res.Number, res.Bytes, res.Written
	return res, state.Note(a.Config.DataDir)
}

// inside reports whether a path lies in a directory or is it.
func inside(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

func (a *App) progress(busy bool, done, total int64) {
	a.saving.mu.Lock()
	a.saving.busy, a.saving.done, a.saving.total = busy, done, total
	a.saving.mu.Unlock()
}

// BackupState implements api.Backups.
func (a *App) BackupState() (api.Backup, error) {
	s, err := backup.ReadState(a.Config.DataDir)
	if err != nil {
		return api.Backup{}, err
	}
	a.saving.mu.Lock()
	defer a.saving.mu.Unlock()
	out := api.Backup{Configured: a.Config.BackupDir != "", Daily: a.Config.BackupAt, Dir: s.Dir, Number: s.Number, At: s.At, Bytes: s.Bytes, Written: s.Written,
		VerifiedAt: s.VerifiedAt, VerifiedNumber: s.VerifiedNumber, Running: a.saving.busy, Failed: a.saving.failed}
	if out.Data, err = filepath.Abs(a.Config.DataDir); err != nil {
		return out, err
	}
	if a.saving.total > 0 {
		out.Percent = int(a.saving.done * 100 / a.saving.total)
	}
	return out, nil
}

// BeginBackup implements api.Backups: the backup goes on when the browser is gone, and ends with the node.
func (a *App) BeginBackup(ctx context.Context) error {
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return err
	}
	var o BackupOptions
	recipient, err := a.ready(&o)
	if err != nil {
		return err
	}
	if !a.saving.running.TryLock() {
		return errBackupRuns
	}
	a.progress(true, 0, 0)
	a.part(func() {
		defer a.saving.running.Unlock()
		ctx := record.WithActor(a.run, actor)
		res, err := a.backup(ctx, o, recipient)
		a.ended(ctx, res, err)
	})
	return nil
}

// ended notes how a backup that nobody waits for went.
func (a *App) ended(ctx context.Context, res backup.Result, err error) {
	a.saving.mu.Lock()
	a.saving.failed = ""
	if err != nil {
		a.saving.failed = record.MessageOf(err)
	}
	a.saving.mu.Unlock()
	switch {
	case err == nil:
		a.opt.Log.Info("backup: made", "number", res.Number, "bytes", res.Bytes, "written", res.Written, "removed", res.Removed, "damaged", len(res.Problems))
	case ctx.Err() == nil:
		a.opt.Log.Error("backup: not made", "err", err)
	}
}

// keepBackups makes the daily backup when its time has come, also when the node did not run then.
func (a *App) keepBackups(ctx context.Context) {
	tick := time.NewTicker(backupEvery)
	defer tick.Stop()
	var tried time.Time
	for {
		if a.backupDue(tried) {
			tried = a.opt.Now()
			res, err := a.Backup(record.WithActor(ctx, record.Machine("backup", "")), BackupOptions{})
			a.ended(ctx, res, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// backupDue reports whether the time of the day has passed since the last backup; what failed waits an hour.
func (a *App) backupDue(tried time.Time) bool {
	hour, minute, ok := a.Config.BackupTime()
	now := a.opt.Now()
	if !ok || now.Sub(tried) < time.Hour {
		return false
	}
	state, err := backup.ReadState(a.Config.DataDir)
	return err != nil || state.Dir != a.Config.BackupDir || due(now, hour, minute, state.At)
}

// due reports whether the time of the day, by the clock of now, has come since the last backup.
func due(now time.Time, hour, minute int, last time.Time) bool {
	at := time.Date(now.Year(), now.Month(), now.Day(), hour, minute, 0, 0, now.Location())
	if at.After(now) {
		at = at.AddDate(0, 0, -1)
	}
	return last.Before(at)
}

// keepJournals writes what was erased into the journals within seconds.
func (a *App) keepJournals(ctx context.Context) {
	tick := time.NewTicker(journalEvery)
	defer tick.Stop()
	for {
		a.writeJournals(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// writeJournals brings the journal of the data directory and that of the set of backups up to the table. A fault is logged when
// it begins, not each second: a disk with backups is often away.
func (a *App) writeJournals(ctx context.Context) {
	paths := []string{filepath.Join(a.Config.DataDir, backup.JournalFile)}
	if dir := a.backupSet(); dir != "" {
		paths = append(paths, backup.JournalIn(dir, a.Store.Incarnation()))
	}
	for _, path := range paths {
		err := a.away(filepath.Dir(path))
		if err == nil {
			err = a.extend(ctx, path)
		}
		a.saving.mu.Lock()
		told := a.saving.silent[path]
		if a.saving.silent == nil {
			a.saving.silent = map[string]bool{}
		}
		a.saving.silent[path] = err != nil
		a.saving.mu.Unlock()
		if err != nil && !told && ctx.Err() == nil {
			a.opt.Log.Error("journal of erasures: not written; a backup that is restored without it would not erase again", "file", path, "err", err)
		}
	}
}

// backupSet is where backups go: as the settings say, else where the last one went; "" when there is no set yet.
func (a *App) backupSet() string {
	dir := a.Config.BackupDir
	if dir == "" {
		state, err := backup.ReadState(a.Config.DataDir)
		if err != nil {
			return ""
		}
		dir = state.Dir
	}
	if dir == "" {
		return ""
	}
	if _, err := backup.Open(dir); err != nil && a.away(dir) == nil {
		return "" // no backup went there yet: nothing to erase again
	}
	return dir
}

// extend brings one journal up to the table.
func (a *App) extend(ctx context.Context, path string) error {
	a.saving.mu.Lock()
	defer a.saving.mu.Unlock()
	j := a.saving.journals[path]
	if j == nil {
		if a.saving.journals == nil {
			a.saving.journals = map[string]*backup.Journal{}
		}
		j = &backup.Journal{Path: path, Node: a.Config.Name, Incarnation: a.Store.Incarnation(), Key: backupKey(a.keys.Clearance)}
		a.saving.journals[path] = j
	}
	ctx = record.WithActor(ctx, record.Machine("backup", ""))
	_, err := j.Extend(func(after int64, limit int) (lines []record.Erasure, err error) {
		err = a.Store.View(ctx, func(tx record.Tx) error {
			lines, err = tx.Erasures(after, limit)
			return err
		})
		return lines, err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
