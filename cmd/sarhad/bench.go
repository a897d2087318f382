package main

import (
	"os"

	"sarhad/app/exchangebench"
	"sarhad/store/storebench"
	"sarhad/store/vaultbench"
)

type benchCmd struct {
	Attachments benchAttachmentsCmd `cmd:"" help:"Attachments: files in, encrypted and named by records, and out again."`
	Store       benchStoreCmd       `cmd:"" help:"The store: import with all indexes, lists, searches, acts of people beside it."`
	Exchange    benchExchangeCmd    `cmd:"" help:"Messages between nodes: a hub and two nodes with real TLS, everything on disk at each hop."`
	Backup      benchBackupCmd      `cmd:"" help:"Backups: full, incremental, restore, beside a person who works."`
}

type benchBackupCmd struct {
	N     int    `default:"20000" help:"Records."`
	Seed  uint64 `default:"1" help:"Chooses the records."`
	Dir   string `help:"Directory for data, backups and a restore; a temporary one when absent."`
	Chunk int    `help:"Size of the chunks, KiB; the default when absent."`
}

// Run measures backup and restore; the figures go to stdout, the progress to stderr.
func (c *benchBackupCmd) Run(e *env) error {
	return e.bench(c.Dir, c.N, "records", func(dir string, done func(int)) (any, error) {
		return storebench.Backup(e.ctx, dir, c.N, c.Seed, c.Chunk<<10, done)
	})
}

type benchStoreCmd struct {
	N    int    `default:"20000" help:"Records."`
	Seed uint64 `default:"1" help:"Chooses the records."`
	Dir  string `help:"Data directory to fill; a temporary one when absent."`
}

// Run measures writing, lists and search of a store.
func (c *benchStoreCmd) Run(e *env) error {
	return e.bench(c.Dir, c.N, "records", func(dir string, done func(int)) (any, error) {
		return storebench.Bench(e.ctx, dir, c.N, c.Seed, done)
	})
}

type benchAttachmentsCmd struct {
	N    int    `default:"100" help:"Files of 3.5 MB."`
	Seed uint64 `default:"1" help:"Chooses the files."`
	Dir  string `help:"Data directory to fill; a temporary one when absent."`
}

// Run measures how fast files are taken in and read back.
func (c *benchAttachmentsCmd) Run(e *env) error {
	return e.bench(c.Dir, c.N, "files", func(dir string, done func(int)) (any, error) {
		return vaultbench.Bench(e.ctx, dir, c.N, c.Seed, done)
	})
}

// bench measures in a directory, a temporary one when dir is "", says how far it is, and prints what came out.
func (e *env) bench(dir string, n int, noun string, run func(dir string, done func(int)) (any, error)) (err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("", "sarhad-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	last := -1
	res, err := run(dir, func(done int) {
		if tenth := done * 10 / n; tenth != last {
			last = tenth
			e.say("%d of %d %s", done, n, noun)
		}
	})
	if err != nil {
		return err
	}
	return e.json(res)
}

type benchExchangeCmd struct {
	N        int    `default:"500" help:"Messages of the even flow, and of the burst."`
	Backlog  int    `default:"5000" help:"Messages that wait for a node that was away; 0: none."`
	Rate     int    `default:"50" help:"Messages a second of the even flow."`
	Seed     uint64 `default:"1" hidden:"" help:"Taken by every bench; nothing is chosen here."`
	Dir      string `help:"Directory of the nodes; a temporary one when absent."`
	Evidence string `help:"Directory for ids-in.txt and ids-out.txt, so that losses can be counted from outside."`
}

// Run measures the exchange of messages.
func (c *benchExchangeCmd) Run(e *env) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	all := 2*c.N + c.Backlog + 1
	return e.bench(c.Dir, all, "messages", func(dir string, done func(int)) (any, error) {
		return exchangebench.Run(e.ctx, exchangebench.Config{Dir: dir, N: c.N, Rate: c.Rate, Backlog: c.Backlog, Evidence: c.Evidence, Program: program, Done: done})
	})
}
