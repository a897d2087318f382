package app

import (
	"context"
	"path/filepath"
	"time"

	"sarhad/record/privacy"
)

// demoPhrases open the keys of a demonstration. A real node's are made at random and printed once.
var demoPhrases = privacy.Phrases{Unit: "north-lantern-6021", Oversight: "quiet-harbour-9385"}

// demoWork is the scrypt work factor of the demonstration: its phrases are known, so nobody must wait for them.
const demoWork = 12

// DemoPhrases gives the phrases of a demonstration.
func DemoPhrases() privacy.Phrases { return demoPhrases }

// ownWords are the texts of purposes that the program itself writes: no free words of an officer.
var ownWords = []string{"possible match"}

// makePrivacy puts the clocks together over the open store.
func (a *App) makePrivacy() error {
	signer, verifiers, err := a.keys.Log()
	if err != nil {
		return err
	}
	keys, err := privacy.LoadKeys(filepath.Join(a.Config.DataDir, keysDir))
	if err != nil {
		return err
	}
	a.Privacy = &privacy.Clocks{
		Store: a.Store, State: a.Store, Audit: a.Store, Country: a.Config.Country, Node: a.Config.Name, Agency: a.agency(),
		Keys: keys, Signer: signer, Verifiers: verifiers, Now: a.opt.Now, Log: a.opt.Log, Settle: a.Sequencer.TakeIn, Whole: a.Store.ToReindex, Words: ownWords, Types: Types(),
	}
	return nil
}

// beginPrivacy sets the policies that nobody set yet and looks at the time, before anybody signs in.
func (a *App) beginPrivacy(ctx context.Context) error {
	if err := a.Privacy.Begin(ctx); err != nil {
		return err
	}
	return a.Privacy.SetDefaults(ctx)
}

// MakePrivacyKeys makes the keys of unit and oversight of a directory that has none, and gives the phrases, which are kept
// nowhere.
func (a *App) MakePrivacyKeys(p privacy.Phrases, work int) error {
	keys, err := privacy.NewKeys(filepath.Join(a.Config.DataDir, keysDir), p, work)
	if err != nil {
		return err
	}
	a.Privacy.Keys = keys
	return nil
}

// runClocks lets the clocks run by themselves until ctx ends.
func (a *App) runClocks(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		rep, err := a.Privacy.Run(ctx)
		if err != nil && ctx.Err() == nil {
			a.opt.Log.Error("privacy: a run of the clocks was not finished, goes on later", "err", err)
		}
		if rep.Erased+rep.Masked+rep.Nameless+rep.Stripped > 0 {
			a.opt.Log.Info("privacy: the clocks ran", "erased", rep.Erased, "masked", rep.Masked, "nameless", rep.Nameless, "along", rep.Along, "stripped", rep.Stripped, "held", rep.Held)
		}
		timer.Reset(privacy.Every)
	}
}
