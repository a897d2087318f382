package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"sarhad/internal/config"
	"sarhad/record"
	"sarhad/record/audit"
	"sarhad/record/privacy"
	"sarhad/store/backup"
	"sarhad/store/sqlite"
)

// RestoreOptions say what is restored, with which keys, and where to.
type RestoreOptions struct {
	From     string // set of backups
	Identity string // text of the recovery key
	Keys     []byte // exported keys of the node
	Words    string // that open them; "" when the recovery key does
	KeysDir  string // instead of Keys: the keys directory of the node on this machine
	Dir      string // empty or not there

	Number         int64    // of the backup; 0 = the newest
	Journals       []string // further journals of erasures
	WithoutJournal bool     // restores though the journal is missing or damaged; what can be read of it is used

	Now      func() time.Time // nil = time.Now
	Log      *slog.Logger     // nil = slog.Default
	Progress func(done, total int64)
}

// Restored is what a restore did and proved.
type Restored struct {
	Node    string       `json:"node"`
	Number  int64        `json:"number"` // of the backup
	At      time.Time    `json:"at"`     // when it was made
	Program string       `json:"program"`
	Former  string       `json:"former"`      // incarnation of the log in the backup
	New     string       `json:"incarnation"` // under which it goes on
	Cited   int64        `json:"cited"`       // acts of the last checkpoint in the backup
	Bytes   int64        `json:"bytes"`
	Files   int          `json:"files"`   // beside the database
	Erased  int          `json:"erased"`  // lines of the journal that were new to the backup
	Journal string       `json:"journal"` // "" = sound; else what is wrong with it
	Audit   audit.Report `json:"audit"`

	Holding  sqlite.Holding `json:"holding"`
	Settings []string       `json:"settings"` // that were set back, because they spoke of the other machine
}

// nodeKeys are the keys of a node that is restored.
type nodeKeys struct {
	*backup.Keys
	verifiers note.Verifiers
	key       backup.Key
	identity  age.Identity
}

// openKeys opens what was handed over; nothing is written yet.
func openKeys(o RestoreOptions) (k nodeKeys, err error) {
	if k.identity, err = parseIdentity(o.Identity); err != nil {
		return k, err
	}
	if k.identity == nil {
		return k, record.Errorf(record.Invalid, "the recovery key is missing: give the file with the secret that was printed when the node was made, with --identity")
	}
	if o.KeysDir != "" {
		k.Keys, err = backup.ReadKeys(o.KeysDir, "", time.Now())
	} else {
		k.Keys, err = backup.OpenKeys(o.Keys, o.Words, k.identity)
	}
	if err != nil {
		return k, err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(k.Files[logPublicFile])))
	if err != nil {
		return k, record.Errorf(record.Invalid, "the node's keys hold no sound %s: take another copy of them", logPublicFile)
	}
	clearance, err := hex.DecodeString(strings.TrimSpace(string(k.Files[clearanceFile])))
	if err != nil || len(clearance) != 32 {
		return k, record.Errorf(record.Invalid, "the node's keys hold no sound %s: take another copy of them", clearanceFile)
	}
	k.verifiers, k.key = note.VerifierList(verifier), backupKey(clearance)
	return k, nil
}

// Restore brings a node back in an empty directory, on any machine: files, keys, the log under a new incarnation, and erases
// again what was erased since. A restore that ends with an error, or is killed, leaves a directory that is not served.
func Restore(ctx context.Context, o RestoreOptions) (out Restored, err error) {
	defer record.Wrap(&err, "Restore(%s)", o.Dir)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	set, err := backup.Open(o.From)
	if err != nil {
		return out, err
	}
	keys, err := openKeys(o)
	if err != nil {
		return out, err
	}
	r := backup.Restore{Set: set, Identity: keys.identity, Key: keys.key, Verifiers: keys.verifiers, Dir: o.Dir, Number: o.Number, Progress: o.Progress}
	h, m, headers, err := r.Pick()
	if err != nil {
		return out, err
	}
	lines, damage, wrong := set.Journals(keys.key, headers, o.Journals...)
	out.Journal = damage
	if wrong != nil {
		if out.Journal == "" {
			out.Journal = record.MessageOf(wrong)
		}
		if !o.WithoutJournal {
			return out, &record.Error{Kind: record.Invalid, Message: out.Journal + "\nWhat was erased since the backup would come back. Find the journal (erasures.journal in the node's directory, erasures-*.journal in another copy of the set) and give it with --journal; or take the responsibility with --without-journal"}
		}
	}
	if err := backup.Begin(o.Dir); err != nil {
		return out, err
	}
	out.Node, out.Number, out.At, out.Program, out.Former, out.Bytes = h.Node, h.Number, h.At, h.Program, h.Incarnation, h.Bytes
	out.Files = len(m.Files) - 1 + len(m.Pack.Parts)
	if err := r.Files(ctx, m); err != nil {
		return out, err
	}
	if err := keys.Write(filepath.Join(o.Dir, keysDir)); err != nil {
		return out, err
	}
	if out.Settings, err = settleIn(o.Dir); err != nil {
		return out, err
	}
	err = o.wake(ctx, m, lines, &out)
	return out, err
}

// settleIn sets settings back that speak of the former machine.
func settleIn(dir string) (changed []string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, config.FileName))
	if err != nil {
		return nil, err
	}
	c, err := config.Parse(text)
	if err != nil {
		return nil, err
	}
	if c.DataDir != "." {
		c.DataDir, changed = ".", append(changed, "data_dir")
	}
	if c.BackupDir != "" || c.BackupAt != "" { // a trial on another machine must not write into the set of the node
		c.BackupDir, c.BackupAt, changed = "", "", append(changed, "backup_dir", "backup_at")
	}
	for _, p := range []*string{&c.TLSCert, &c.TLSKey} {
		here := filepath.Join(keysDir, filepath.Base(*p))
		if _, err := os.Stat(filepath.Join(dir, here)); *p != "" && filepath.IsAbs(*p) && err == nil {
			*p, changed = here, append(changed, "tls_cert, tls_key")
		}
	}
	if len(changed) == 0 {
		return nil, nil
	}
	return changed, config.Write(dir, c)
}

// wake opens the restored node, begins its new life, erases again, and proves what can be proved.
func (o RestoreOptions) wake(ctx context.Context, m *backup.Manifest, lines []record.Erasure, out *Restored) (err error) {
	a, err := New(ctx, o.Dir, Options{Log: o.Log, Now: o.Now, half: true})
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, a.Stop()); err == nil {
			err = backup.End(o.Dir)
		}
	}()
	ctx = record.WithActor(ctx, record.Machine("restore", ""))
	if err := a.succeed(ctx, m, out); err != nil {
		return err
	}
	if err := a.eraseAgain(ctx, lines, out); err != nil {
		return err
	}
	if err := a.Store.Empty(ctx); err != nil {
		return err
	}
	if err := a.signRestored(ctx); err != nil {
		return err
	}
	return a.prove(ctx, out)
}

// succeed begins the new incarnation.
func (a *App) succeed(ctx context.Context, m *backup.Manifest, out *Restored) error {
	id, err := record.NewID(a.opt.Now(), rand.Reader)
	if err != nil {
		return err
	}
	s := audit.Succession{Former: m.Incarnation, New: id.String(), Backup: m.Number, At: m.At}
	if m.Checkpoint != "" {
		c, err := audit.ReadCheckpoint([]byte(m.Checkpoint))
		if err != nil {
			return err
		}
		if c.Incarnation == m.Incarnation { // a former restore that was never signed has none of its own
			s.Size, s.Root = c.Size, c.Root
		}
	}
	out.New, out.Cited = s.New, s.Size
	return a.Store.Succeed(ctx, s.New, s.Told())
}

// eraseAgain replays the journals, and makes the table their union.
func (a *App) eraseAgain(ctx context.Context, lines []record.Erasure, out *Restored) error {
	had, err := a.erasures(ctx)
	if err != nil {
		return err
	}
	type what struct {
		id   record.ID
		what string
	}
	known := map[what]bool{}
	for _, e := range had {
		known[what{e.ID, e.What}] = true
	}
	var fresh []record.Erasure
	for _, e := range lines {
		if !known[what{e.ID, e.What}] {
			known[what{e.ID, e.What}] = true
			fresh = append(fresh, e)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	did, err := privacy.Replay(ctx, a.Store, a.Privacy.Keys, fresh)
	if err != nil {
		return err
	}
	if did.Waiting > 0 {
		return record.Errorf(record.NotFound, "%d records were masked after this backup and cannot be masked again: the keys of unit and oversight are not among the keys of the node", did.Waiting)
	}
	now, err := a.erasures(ctx)
	if err != nil {
		return err
	}
	all := append(had, fresh...)
	for _, e := range now { // what the replay took along and nobody had written down
		if !known[what{e.ID, e.What}] {
			known[what{e.ID, e.What}] = true
			all = append(all, e)
		}
	}
	out.Erased = len(fresh)
	return a.Store.SetErasures(ctx, all)
}

func (a *App) erasures(ctx context.Context) (all []record.Erasure, err error) {
	for {
		var page []record.Erasure
		err := a.Store.View(ctx, func(tx record.Tx) error {
			after := int64(0)
			if len(all) > 0 {
				after = all[len(all)-1].Number
			}
			page, err = tx.Erasures(after, 1000)
			return err
		})
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
	}
}

// signRestored signs the act of the restore, and writes that checkpoint out under the new name: those of the former life have
// their files already.
func (a *App) signRestored(ctx context.Context) error {
	if err := a.Sequencer.Close(ctx); err != nil {
		return err
	}
	last, err := a.Store.LastCheckpoint(ctx)
	if err != nil {
		return err
	}
	dir := filepath.Join(a.Config.DataDir, checkpointsDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return writeWhole(filepath.Join(dir, fmt.Sprintf("%s-%08d.txt", a.Store.Incarnation(), last.Number)), last.Text)
}

// prove looks whether the restored node is whole. What it finds is an error: a directory with a fault is not served.
func (a *App) prove(ctx context.Context, out *Restored) error {
	faults, err := a.Store.Integrity(ctx)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return record.Errorf(record.Internal, "the restored database is damaged: %s. Restore another backup with --number", strings.Join(faults, "; "))
	}
	if out.Holding, err = a.Store.Holding(ctx); err != nil {
		return err
	}
	if out.Holding.Bodies != out.Holding.Revisions {
		return record.Errorf(record.Internal, "the restored database has %d revisions of records and %d bodies: something is lost. Restore another backup with --number", out.Holding.Revisions, out.Holding.Bodies)
	}
	out.Audit, err = a.VerifyAudit(ctx, nil)
	return err
}
