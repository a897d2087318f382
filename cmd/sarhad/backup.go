package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sarhad/app"
	"sarhad/record"
	"sarhad/store/backup"
)

type backupCmd struct {
	Now    backupNowCmd    `cmd:"" default:"withargs" help:"Make a backup (also while the node serves)."`
	Verify backupVerifyCmd `cmd:"" help:"Try whether the backups can be restored, and say what was proved."`
	List   backupListCmd   `cmd:"" help:"List the backups in a directory."`
}

type backupNowCmd struct {
	dirFlag
	To      string `type:"path" help:"Directory of the backups, best on another disk; as in the settings when absent." placeholder:"DIR"`
	Keep    int    `help:"How many backups stay; as in the settings when absent, -1 for all."`
	Recheck bool   `help:"Read all that is there already, and write what is damaged anew."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// Run makes one backup; it may be run as often as one likes, also while the node serves.
func (c *backupNowCmd) Run(e *env) error {
	return withHouse(e, c.Dir, func(a *app.App) error {
		began, last := e.now(), int64(-1)
		res, err := a.Backup(e.ctx, app.BackupOptions{Dir: c.To, Keep: c.Keep, Recheck: c.Recheck, Progress: func(done, total int64) {
			if tenth := done * 10 / max(total, 1); tenth != last && total > 100<<20 {
				last = tenth
				e.say("%d %%", tenth*10)
			}
		}})
		if err != nil {
			return err
		}
		e.failed = len(res.Problems) > 0
		for _, p := range res.Problems {
			fmt.Fprintln(e.errs, "sarhad:", p)
		}
		if c.JSON {
			return e.json(res)
		}
		fmt.Fprintf(e.out, "Backup %d: %s, and %s beside the database. %d of %s new: %s were written in %.1f s and read back.\n",
			res.Number, size(res.Bytes), count(res.Files, "file"), res.New, number(res.Chunks, "chunk was", "chunks were"), size(res.Written), e.now().Sub(began).Seconds())
		if res.Removed > 0 {
			fmt.Fprintf(e.out, "%s removed, %s are free again.\n", number(res.Removed, "old backup was", "old backups were"), size(res.Freed))
		}
		fmt.Fprintf(e.out, "%s kept. Try a restore from time to time: sarhad backup verify --identity FILE --dir %s %s\n", number(res.Kept, "backup is", "backups are"), c.Dir, setOf(a, c.To))
		return nil
	})
}

func setOf(a *app.App, to string) string {
	if to != "" {
		return to
	}
	return a.Config.BackupDir
}

// secrets are what a restore needs beside the set.
type secrets struct {
	Identity string `type:"existingfile" help:"File with the recovery key, as it was printed when the node was made." placeholder:"FILE"`
	Keys     string `type:"existingfile" help:"File with the keys of the node, from 'sarhad node keys export'." placeholder:"FILE"`
	Words    string `type:"existingfile" help:"File with the words of the keys; asked for when absent." placeholder:"FILE"`
}

// open reads the files and asks for the words.
func (s secrets) open(e *env, o *app.RestoreOptions) error {
	if s.Identity != "" {
		b, err := os.ReadFile(s.Identity)
		if err != nil {
			return err
		}
		o.Identity = string(b)
	}
	if s.Keys == "" {
		return nil
	}
	var err error
	if o.Keys, err = os.ReadFile(s.Keys); err != nil {
		return err
	}
	o.Words, err = words(e, o.Keys, s.Words)
	return err
}

// words gives what opens exported keys: from a file, or as somebody types it.
func words(e *env, sealed []byte, file string) (string, error) {
	if !backup.NeedsWords(sealed) {
		return "", nil
	}
	if file != "" {
		b, err := os.ReadFile(file)
		return string(b), err
	}
	fmt.Fprint(e.errs, "The words of the node's keys: ")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		if backup.ReadWords(in.Text()) != "" {
			return in.Text(), nil
		}
	}
	return "", record.Errorf(record.Invalid, "the words of the node's keys are missing: type them, or give a file with --words")
}

type backupVerifyCmd struct {
	secrets
	Set     string   `arg:"" type:"path" help:"Directory of the backups."`
	Dir     string   `type:"path" help:"Data directory of the node, if this is its machine: its keys are used."`
	Number  int64    `help:"Which backup; the newest when absent."`
	Tmp     string   `type:"existingdir" help:"Where the trial is made; it needs as much room as the node, and holds it in the clear meanwhile."`
	Journal []string `type:"existingfile" help:"Further journals of erasures."`
	JSON    bool     `name:"json" help:"Print JSON."`
}

// Run proves what can be proved: with the recovery key by a trial restore, without it by what lies on the disk.
func (c *backupVerifyCmd) Run(e *env) error {
	keys := ""
	if c.Dir != "" {
		var err error
		if keys, err = app.KeysDir(c.Dir); err != nil {
			return err
		}
	}
	if c.Identity == "" {
		return c.check(e, keys)
	}
	o := app.RestoreOptions{From: c.Set, KeysDir: keys, Number: c.Number, Journals: c.Journal, Now: e.now, Log: e.log}
	if err := c.secrets.open(e, &o); err != nil {
		return err
	}
	if o.Keys != nil {
		o.KeysDir = ""
	}
	if o.Keys == nil && keys == "" {
		return record.Errorf(record.Invalid, "the keys of the node are needed too: --dir with its data directory on its own machine, --keys with their file elsewhere")
	}
	out, err := app.TryRestore(e.ctx, c.Tmp, o)
	if err != nil {
		return err
	}
	e.failed = !out.Audit.OK()
	if c.JSON {
		return e.json(out)
	}
	e.proved(out)
	if e.failed {
		fmt.Fprintln(e.out, "The trial restore is not sound.")
		return nil
	}
	fmt.Fprintf(e.out, "The trial restore was removed again. Backup %d of %s can be relied on.\n", out.Number, when(out.At))
	return nil
}

// check is what can be said without the recovery key.
func (c *backupVerifyCmd) check(e *env, keys string) error {
	node, out, err := app.CheckBackups(e.ctx, c.Set, keys)
	if err != nil {
		return err
	}
	e.failed = !out.OK()
	if c.JSON {
		return e.json(out)
	}
	fmt.Fprintf(e.out, "Backups of the node %s: %s and %s, %s, are on the disk as they were written.\n", node, number(out.Backups, "backup", "backups"), number(out.Chunks, "chunk", "chunks"), size(out.Bytes))
	for _, f := range out.Faults {
		fmt.Fprintln(e.out, "FAULT", f)
	}
	if out.More > 0 {
		fmt.Fprintf(e.out, "... and %d more\n", out.More)
	}
	if keys == "" {
		fmt.Fprintln(e.out, "Whose they are was not looked at: name the node's directory with --dir for its signature.")
	}
	fmt.Fprintln(e.out, "Whether they can be opened was not tried: that needs the recovery key, --identity FILE.")
	return nil
}

// proved says in sentences what a restore proved.
func (e *env) proved(r app.Restored) {
	p := func(format string, args ...any) { fmt.Fprintf(e.out, format+"\n", args...) }
	p("Backup %d of the node %s, made %s by version %s, opens with this recovery key and is signed by the node: %s, %s beside the database.", r.Number, r.Node, when(r.At), r.Program, size(r.Bytes), count(r.Files, "file"))
	p("Every chunk is what its name says; SQLite finds the database whole.")
	p("It holds %s in %s, each with its body, and %s.", count(r.Holding.Records, "record"), count(r.Holding.Revisions, "revision"), count(r.Holding.Users, "account"))
	if r.Journal != "" {
		p("WARNING: %s", strings.ReplaceAll(r.Journal, "\n", "\n         "))
		p("         What was erased after the backup may be back. Tell the oversight body.")
	} else {
		p("The journal of erasures is whole: %s newer than the backup and carried out again.", number(r.Erased, "of its lines was", "of its lines were"))
	}
	if r.Audit.OK() {
		p("The log of %s verifies, with %s; nothing was changed or removed.", count(r.Audit.Rows, "act"), count(r.Audit.Checkpoints, "signed checkpoint"))
	} else {
		p("The log does not verify:")
	}
	for _, f := range r.Audit.Findings {
		p("%-10s %s", f.Kind, f.Text)
	}
}

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

type backupListCmd struct {
	Set  string `arg:"" type:"path" help:"Directory of the backups."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run prints the heads of the backups; it needs no key, and a head that cannot be read costs exit code 1.
func (c *backupListCmd) Run(e *env) error {
	set, err := backup.Open(c.Set)
	if err != nil {
		return err
	}
	headers, problems, err := set.Headers(nil)
	if err != nil {
		return err
	}
	e.failed = len(problems) > 0
	for _, p := range problems {
		fmt.Fprintln(e.errs, "sarhad:", p)
	}
	if c.JSON {
		return e.json(headers)
	}
	fmt.Fprintf(e.out, "Backups of the node %s:\n", set.Node())
	for _, h := range headers {
		fmt.Fprintf(e.out, "%6d  %s  %9s  %9s new  %s\n", h.Number, when(h.At), size(h.Bytes), size(h.Written), h.Program)
	}
	return nil
}

type restoreCmd struct {
	secrets
	From           string   `required:"" type:"path" help:"Directory of the backups." placeholder:"DIR"`
	Dir            string   `required:"" type:"path" help:"New data directory; it must be empty or missing." placeholder:"NEW"`
	Number         int64    `help:"Which backup; the newest when absent."`
	Journal        []string `type:"existingfile" help:"Further journals of erasures, such as that of the lost directory."`
	WithoutJournal bool     `help:"Restore though the journal of erasures is missing or damaged: what was erased may come back."`
	JSON           bool     `name:"json" help:"Print JSON."`
}

// Run makes a new directory of a backup; nothing is overwritten, and what is not sound is said and costs exit code 1.
func (c *restoreCmd) Run(e *env) error {
	if err := e.alone(c.Dir); err != nil {
		return err
	}
	o := app.RestoreOptions{From: c.From, Dir: c.Dir, Number: c.Number, Journals: c.Journal, WithoutJournal: c.WithoutJournal, Now: e.now, Log: e.log}
	if c.Identity == "" || c.Keys == "" {
		return record.Errorf(record.Invalid, "a restore needs the recovery key (--identity FILE) and the keys of the node (--keys FILE): both left the machine when the node was made")
	}
	if err := c.secrets.open(e, &o); err != nil {
		return err
	}
	last := int64(-1)
	o.Progress = func(done, total int64) {
		if tenth := done * 10 / max(total, 1); tenth != last && total > 100<<20 {
			last = tenth
			e.say("%d %%", tenth*10)
		}
	}
	out, err := app.Restore(e.ctx, o)
	if err != nil {
		return err
	}
	e.failed = !out.Audit.OK() || out.Journal != ""
	if c.JSON {
		return e.json(out)
	}
	e.proved(out)
	fmt.Fprintf(e.out, "The log goes on as %s and cites the last checkpoint of %s, over %s. Everybody has to sign in again.\n", out.New, out.Former, count(out.Cited, "act"))
	if len(out.Settings) > 0 {
		fmt.Fprintf(e.out, "These settings spoke of the other machine and were set back: %s. Look at %s.\n", strings.Join(out.Settings, ", "), filepath.Join(c.Dir, "sarhad.toml"))
	}
	fmt.Fprintf(e.out, "Never start the former directory again. Start this one with: sarhad serve --dir %s\n", c.Dir)
	return nil
}

type keysCmd struct {
	Make   keysMakeCmd   `cmd:"" help:"Make keys that a directory of an older program lacks; secrets are printed once."`
	Export keysExportCmd `cmd:"" help:"Write the keys of the node into a file, closed with words that are printed once."`
	Import keysImportCmd `cmd:"" help:"Put exported keys back into a data directory that has none."`
}

type keysMakeCmd struct{ dirFlag }

// Run makes what is missing and nothing else; the secrets are printed once, each as a sheet.
func (c *keysMakeCmd) Run(e *env) error {
	return withHouse(e, c.Dir, func(a *app.App) error {
		phrases, err := newPhrases()
		if err != nil {
			return err
		}
		var all []sheet
		made, err := a.MakeMissingKeys(phrases, func(what, secret string) { all = append(all, secretSheets(what, secret)...) })
		if made {
			all = append(all, phraseSheets(phrases)...)
		}
		if len(all) > 0 {
			fmt.Fprintf(e.out, "Keys were made. Print this page, cut it at the lines, and give each sheet to its keeper: they are shown now and never again.\nThen take the keys of the node out anew: sarhad node keys export --dir %s FILE\n\n", c.Dir)
		}
		e.sheets(a.Config.Name, all...) // what was made is told, whatever failed behind it
		return err
	})
}

type keysExportCmd struct {
	dirFlag
	File       string `arg:"" type:"path" help:"New file."`
	ToRecovery bool   `help:"Close it with the recovery key instead of words."`
}

// Run writes the keys into a new file; the words that open it are printed and kept nowhere.
func (c *keysExportCmd) Run(e *env) error {
	return withHouse(e, c.Dir, func(a *app.App) error {
		if _, err := os.Stat(c.File); err == nil {
			return record.Errorf(record.Conflict, "%s is there already: nothing is overwritten", c.File)
		}
		out, err := a.ExportKeys(e.ctx, c.ToRecovery)
		if err != nil {
			return err
		}
		if err := out.Save(c.File); err != nil {
			return err
		}
		if out.Words == "" {
			fmt.Fprintf(e.out, "%s in %s. The recovery key opens it; keep the file away from the backups.\n", number(out.Files, "key is", "keys are"), c.File)
			return nil
		}
		fmt.Fprintf(e.out, `%s in %s. These words open it; they are shown now and never again:

  %s

Print them. Keep the file and the words apart: who has both can pose as this node.
`, number(out.Files, "key is", "keys are"), c.File, out.Words)
		return nil
	})
}

type keysImportCmd struct {
	dirFlag
	File     string `arg:"" type:"existingfile" help:"File of 'sarhad node keys export'."`
	Words    string `type:"existingfile" help:"File with the words; asked for when absent." placeholder:"FILE"`
	Identity string `type:"existingfile" help:"File with the recovery key, if the keys were closed with it." placeholder:"FILE"`
}

// Run puts the keys back; a directory that has keys is refused.
func (c *keysImportCmd) Run(e *env) error {
	var o app.RestoreOptions
	if err := (secrets{Identity: c.Identity, Keys: c.File, Words: c.Words}).open(e, &o); err != nil {
		return err
	}
	n, err := app.ImportKeys(c.Dir, o.Keys, o.Words, o.Identity)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s back in %s.\n", number(n, "key is", "keys are"), filepath.Join(c.Dir, "keys"))
	return nil
}
