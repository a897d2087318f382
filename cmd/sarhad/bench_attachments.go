package main

import (
	"os"

	"sarhad/store/vaultbench"
)

type benchAttachmentsCmd struct {
	N    int    `default:"100" help:"Files of 3.5 MB."`
	Seed uint64 `default:"1" help:"Chooses the files."`
	Dir  string `help:"Data directory to fill; a temporary one when absent."`
}

func (c *benchAttachmentsCmd) Run(e *env) error {
	dir := c.Dir
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "sarhad-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	last := -1
	res, err := vaultbench.Bench(e.ctx, dir, c.N, c.Seed, func(done int) {
		if tenth := done * 10 / c.N; tenth != last {
			last = tenth
			e.say("%d of %d files", done, c.N)
		}
	})
	if err != nil {
		return err
	}
	return e.json(res)
}
