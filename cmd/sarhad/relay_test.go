package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sarhad/app"
	"sarhad/exchange/directory"
	"sarhad/record"
)

// introduce makes nodes known to each other: "introduce DIR...". They must not run; the first is the hub.
func introduce(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: introduce HUB DIR...")
	}
	var members []app.Member
	for i, dir := range args {
		if i == 0 {
			_, err := app.MakeTLS(ts.MkAbs(dir), []string{"localhost"}, time.Now())
			ts.Check(err)
		}
		members = append(members, app.Member{Dir: ts.MkAbs(dir), Names: directory.Names{En: dir, Ru: dir}})
	}
	ts.Check(app.MakeRegion(context.Background(), "region", members, app.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)}))
}

// dispatch queues a message in an act: "dispatch DIR TO WORDS". The node must not run.
func dispatch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: dispatch DIR TO WORDS")
	}
	ctx := record.WithActor(context.Background(), record.Machine("test", ""))
	a, err := app.New(ctx, ts.MkAbs(args[0]), app.Options{Log: slog.New(slog.DiscardHandler)})
	ts.Check(err)
	err = a.Store.Update(ctx, func(tx record.Tx) error {
		if err := tx.Dispatch(&record.Dispatch{To: args[1], Lane: record.Routine, Kind: "test", Content: []byte(args[2])}); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test-send", Topic: "test"})
	})
	ts.Check(errorsJoin(err, a.Stop()))
}
