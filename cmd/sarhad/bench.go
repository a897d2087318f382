package main

import (
	"os"

	"sarhad/store/storebench"
)

type benchCmd struct {
	Attachments benchAttachmentsCmd `cmd:"" help:"Attachments: files in, encrypted and named by records, and out again."`
	Store       benchStoreCmd       `cmd:"" help:"The store: import with all indexes, lists, searches, acts of people beside it."`
	Backup      benchBackupCmd      `cmd:"" help:"Backups: full, incremental, restore, beside a person who works."`
}

type benchBackupCmd struct {
	N     int    `default:"20000" help:"Records."`
	Seed  uint64 `default:"1" help:"Chooses the records."`
	Dir   string `help:"Directory for data, backups and a restore; a temporary one when absent."`
	Chunk int    `help:"Size of the chunks, KiB; the default when absent."`
}

func (c *benchBackupCmd) Run(e *env) error {
	dir := c.Dir
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "sarhad-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	last := -1
	res, err := storebench.Backup(e.ctx, dir, c.N, c.Seed, c.Chunk<<10, func(done int) {
		if tenth := done * 10 / c.N; tenth != last {
			last = tenth
			e.say("%d of %d records", done, c.N)
		}
	})
	if err != nil {
		return err
	}
	return e.json(res)
}

type benchStoreCmd struct {
	N    int    `default:"20000" help:"Records."`
	Seed uint64 `default:"1" help:"Chooses the records."`
	Dir  string `help:"Data directory to fill; a temporary one when absent."`
}

func (c *benchStoreCmd) Run(e *env) error {
	dir := c.Dir
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "sarhad-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	last := -1
	res, err := storebench.Bench(e.ctx, dir, c.N, c.Seed, func(done int) {
		if tenth := done * 10 / c.N; tenth != last {
			last = tenth
			e.say("%d of %d records", done, c.N)
		}
	})
	if err != nil {
		return err
	}
	return e.json(res)
}
