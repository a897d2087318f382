package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/screening/hit"
	"sarhad/screening/watchlist"
	"sarhad/synth"
	"sarhad/web/api"
)

// demoMarker lies in every directory that Demo made. Nothing else is ever made anew.
const demoMarker = "DEMO"

// demoForm is the second line of the marker: which people and places there are. A demonstration of another form is made anew.
const demoForm = "region 1"

// demoPasswords cost little: everybody reads them on the first page.
var demoPasswords = authn.Params{Memory: 8 << 10, Passes: 1, Lanes: 1, Salt: 16, Key: 32}

// demoFresh is how long a demonstration can be taken up again; an older one is made anew, so that tonight is tonight.
const demoFresh = 4 * time.Hour

// demoSeed chooses the region everybody sees.
const demoSeed = 1

// demoDrip is how often a held-back message comes in, so that the region lives while somebody looks.
const demoDrip = 25 * time.Second

// demoFilled is the setting that says the beginning is stored.
const demoFilled = "demo.filled"

// demoHeldBack is how many messages come in one by one.
const demoHeldBack = 12

// demoUsers are one sign-in for each role.
var demoUsers = []struct {
	api.DemoUser
	agency, place string
}{
	{api.DemoUser{Name: "analyst", Password: "quiet-river-4417", Role: "analyst", Display: "Aigerim Satova"}, "PIU", ""},
	{api.DemoUser{Name: "border", Password: "stone-bridge-2093", Role: "border", Display: "Bolat Kenesov"}, "BGS", "ALA"},
	{api.DemoUser{Name: "supervisor", Password: "north-window-7720", Role: "supervisor", Display: "Marat Iskanov"}, "PIU", ""},
	{api.DemoUser{Name: "oversight", Password: "clear-water-5158", Role: "oversight", Display: "Olga Lindt"}, "OVS", ""},
	{api.DemoUser{Name: "admin", Password: "green-ladder-3306", Role: "admin", Display: "Timur Vail"}, "PIU", ""},
	{api.DemoUser{Name: "border.nqz", Password: "white-train-8841", Role: "border", Display: "Saule Nurova"}, "BGS", "NQZ"},
	{curious, "PIU", ""},
	{api.DemoUser{Name: secondChief, Password: "amber-stair-6085", Role: "supervisor", Display: "Gulnara Akhmet"}, "PIU", ""},
}

// nightShift is who dismissed look-alikes on earlier days.
const nightShift = "night.shift"

// DemoUsers gives the sign-ins of a demonstration.
func DemoUsers() []api.DemoUser {
	out := make([]api.DemoUser, 0, len(demoUsers))
	for _, u := range demoUsers {
		out = append(out, u.DemoUser)
	}
	return out
}

// OpenDemo opens the demonstration in a directory, making or renewing it where needed, and gives the region it shows.
func OpenDemo(ctx context.Context, dir string, opt Options) (*App, *synth.Region, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	anchor, err := demoAnchor(dir)
	if err != nil {
		return nil, nil, err
	}
	now := opt.Now().UTC().Truncate(time.Second)
	fresh := anchor.IsZero() || now.Sub(anchor) > demoFresh || now.Before(anchor) || demoHalfMade(dir)
	if fresh {
		anchor = now
		if err := makeDemo(ctx, dir, anchor, opt); err != nil {
			return nil, nil, err
		}
	}
	region, err := synth.New(synth.Config{Now: anchor, Seed: demoSeed})
	if err != nil {
		return nil, nil, err
	}
	opt.Demo, opt.Passwords = DemoUsers(), demoPasswords
	if opt.Around != nil {
		opt.HubAt = opt.Around.hubAt
	}
	if fresh {
		if err := demoPast(ctx, dir, anchor, region, opt); err != nil {
			return nil, nil, err
		}
	}
	a, err := New(ctx, dir, opt)
	return a, region, err
}

// demoAnchor reads when the demonstration in a directory was made; zero when there is none. A directory with something
// else in it is refused.
func demoAnchor(dir string) (time.Time, error) {
	text, err := os.ReadFile(filepath.Join(dir, demoMarker))
	if err == nil {
		made, form, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
		at, err := time.Parse(time.RFC3339, made)
		if err != nil || form != demoForm {
			return time.Unix(0, 0), nil // unreadable, or of another program: made anew
		}
		return at, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, err
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		return time.Time{}, record.Errorf(record.Conflict, "%s holds something that is no demonstration; choose another directory with --dir", dir)
	}
	return time.Time{}, nil
}

func makeDemo(ctx context.Context, dir string, anchor time.Time, opt Options) error {
	if _, err := os.Stat(filepath.Join(dir, "sarhad.toml")); err == nil {
		a, err := New(ctx, dir, Options{Log: opt.Log, Now: opt.Now})
		if record.KindOf(err) == record.Unavailable {
			return err // another demonstration runs there: it is not ours to remove
		}
		if a != nil {
			_ = a.Stop() // whatever is wrong with it, it is made anew
		}
	}
	if err := os.RemoveAll(dir); err != nil { // it has the marker, or is empty
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, demoMarker), []byte(anchor.Format(time.RFC3339)+"\n"+demoForm+"\n"), 0o600); err != nil {
		return err
	}
	night := func() time.Time { return lastNight(anchor) } // before the past that is played, so that its clock never goes back
	_, err := Init(ctx, dir, Setup{Role: "node", Country: "KAZ", Name: demoMain, Now: night, Phrases: demoPhrases, Work: demoWork})
	return err
}

func (a *App) demoAccounts(ctx context.Context) error {
	ctx = record.WithActor(ctx, record.Machine("demo", ""))
	for _, u := range demoUsers {
		profile := authn.Profile{Display: u.Display, Agency: a.Config.Country + "-" + u.agency, Place: u.place, Roles: []string{u.Role}, Lang: "en"}
		if _, err := a.Authn.CreateUser(ctx, u.Name, profile, u.Password, false); err != nil {
			return fmt.Errorf("demo user %s: %w", u.Name, err)
		}
	}
	password, err := a.Authn.NewPassword()
	if err != nil {
		return err
	}
	profile := authn.Profile{Display: "Night shift", Agency: a.Config.Country + "-PIU", Roles: []string{"analyst"}, Lang: "en"}
	_, err = a.Authn.CreateUser(ctx, nightShift, profile, password, true)
	return err
}

// FillDemo stores the beginning, once: lists, a week of flights, what was dismissed then, tonight but for the last messages.
func (a *App) FillDemo(ctx context.Context, region *synth.Region, say func(string, ...any)) error {
	ctx = record.WithActor(ctx, record.Machine("demo", ""))
	filled, err := a.Store.Setting(ctx, demoFilled)
	if err != nil || filled != "" {
		return err
	}
	history, tonight, now := demoMessages(region)
	return a.fillDemo(ctx, region, history, tonight[:now], say)
}

// demoMessages are those of the days before, those of tonight, and how many of these are there at the beginning.
func demoMessages(region *synth.Region) (history, tonight []synth.Message, now int) {
	for _, m := range region.Messages() {
		if m.Flight.History {
			history = append(history, m)
		} else {
			tonight = append(tonight, m)
		}
	}
	return history, tonight, max(len(tonight)-demoHeldBack, 0)
}

// PlayDemo fills the region and keeps it alive until ctx ends: lists, a week of flights with what was dismissed then, tonight
// at once but for the last messages, which come in one by one. Everything is safe to repeat. say tells progress.
func (a *App) PlayDemo(ctx context.Context, region *synth.Region, say func(string, ...any)) error {
	if err := a.FillDemo(ctx, region, say); err != nil {
		return err
	}
	ctx = record.WithActor(ctx, record.Machine("demo", ""))
	_, tonight, now := demoMessages(region)
	say("More messages will come in while you look: %d.", len(tonight)-now)
	tick := time.NewTicker(demoDrip)
	defer tick.Stop()
	for _, m := range tonight[now:] {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := a.takeIn(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// fillDemo is the beginning: lists, a week of flights, what was dismissed then, tonight.
func (a *App) fillDemo(ctx context.Context, region *synth.Region, history, tonight []synth.Message, say func(string, ...any)) error {
	if err := a.demoLists(ctx, region); err != nil {
		return err
	}
	say("Lists imported.")
	persons, err := a.takeAllIn(ctx, history)
	if err != nil {
		return err
	}
	say("Travellers of a week of earlier flights: %d.", persons)
	if err := a.demoDismissals(ctx, region); err != nil {
		return err
	}
	if persons, err = a.takeAllIn(ctx, tonight); err != nil {
		return err
	}
	say("Travellers of tonight: %d.", persons)
	return a.Store.SetSetting(ctx, demoFilled, "yes")
}

func (a *App) takeAllIn(ctx context.Context, messages []synth.Message) (persons int, err error) {
	for _, m := range messages {
		if err := a.takeIn(ctx, m); err != nil {
			return persons, err
		}
		persons += m.Persons
	}
	return persons, nil
}

func (a *App) demoLists(ctx context.Context, region *synth.Region) error {
	files := region.ListFiles()
	var own, un, ofac []watchlist.File
	for _, name := range sortedNames(files) {
		f := watchlist.File{Name: name, Data: bytes.NewReader(files[name])}
		switch filepath.Ext(name) {
		case ".xml":
			un = append(un, f)
		default:
			if name == "sdn.csv" || name == "alt.csv" || name == "add.csv" {
				ofac = append(ofac, f)
			} else {
				own = append(own, f)
			}
		}
	}
	sets := [][]watchlist.File{own, ofac}
	for _, f := range un { // by date: the second one is a delta
		sets = append(sets, []watchlist.File{f})
	}
	for _, set := range sets {
		src := watchlist.Source{Files: set, Node: a.Config.Name, Agency: Agency(a.Config.Country), Now: a.opt.Now}
		if set[0].Name == "national.csv" {
			src.Title = "National watchlist"
		}
		if _, err := watchlist.Import(ctx, a.Store, src); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) takeIn(ctx context.Context, m synth.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := api.TakeInOwn(ctx, a.Passengers, m.Name, m.Body)
	return err
}

// demoDismissals plays what the night shift decided on earlier days, so that cleared travellers raise nothing tonight.
func (a *App) demoDismissals(ctx context.Context, region *synth.Region) error {
	if err := a.caughtUp(ctx); err != nil {
		return err
	}
	u, err := a.Authn.UserByName(ctx, nightShift)
	if err != nil {
		return err
	}
	officer := record.WithActor(ctx, record.Actor{User: u.ID, Display: u.Display, Agency: u.Agency, Roles: u.Roles,
		Purpose: record.Purpose{Kind: "duty", Text: "Screening of arrivals, this shift"}})
	for _, c := range region.Truth.Cases {
		if !c.DismissedBefore {
			continue
		}
		var due []record.Row
		err := a.Store.View(ctx, func(tx record.Tx) error {
			page, err := tx.List(record.Query{Kinds: []string{hit.KindHit}, States: []string{hit.New}, Full: true, Limit: record.MaxLimit})
			due = due[:0]
			for _, row := range page.Rows {
				if h, ok := row.Record.Body.(*hit.Hit); ok && len(h.Traveller.Documents) > 0 && h.Traveller.Documents[0].Number == c.Document {
					due = append(due, row)
				}
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, row := range due {
			if _, err := a.Hits.Claim(officer, row.ID); err != nil {
				return err
			}
			if _, err := a.Hits.Dismiss(officer, row.ID, c.Reason, c.WhyEn); err != nil {
				return err
			}
		}
	}
	return nil
}

// caughtUp waits until screening has seen everything that is stored.
func (a *App) caughtUp(ctx context.Context) error {
	for {
		behind := false
		err := a.Store.View(ctx, func(tx record.Tx) error {
			head, err := tx.Head()
			if err != nil {
				return err
			}
			at, err := tx.Cursor(hit.CursorScreening)
			behind = at < head
			return err
		})
		if err != nil || !behind {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func sortedNames(files map[string][]byte) []string {
	names := make([]string, 0, len(files))
	for n := range files {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
