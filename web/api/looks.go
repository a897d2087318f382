package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// LookAgain is how long the same look (same officer, purpose, records) is one act: a screen that refreshes itself is not
// somebody looking again.
const LookAgain = 5 * time.Minute

// looks remembers recent looks so that a refreshed screen does not flood the audit.
type looks struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

func (l *looks) again(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = map[string]time.Time{}
	}
	if at, ok := l.seen[key]; ok && now.Sub(at) < LookAgain {
		return true
	}
	if len(l.seen) > 10_000 {
		for k, at := range l.seen {
			if now.Sub(at) >= LookAgain {
				delete(l.seen, k)
			}
		}
	}
	return false
}

func (l *looks) done(key string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[key] = now
}

// look runs a read for an officer: access, purpose, the read itself, and the act that says it, before anything is
// answered. fn gives the ids of the records whose content it shows.
func (a *API) look(ctx context.Context, act record.Act, fn func(record.Tx) ([]record.ID, error)) error {
	actor, err := a.purposed(ctx, access.Read, act.Topic)
	if err != nil {
		return err
	}
	var ids []record.ID
	err = a.Store.View(ctx, func(tx record.Tx) error {
		var err error
		ids, err = fn(tx)
		return err
	})
	if err != nil {
		return err
	}
	act.Count, act.IDs = len(ids), hashIDs(ids)
	if len(ids) == 1 && act.Subject.IsZero() && act.Action == "read" {
		act.Subject = ids[0]
	}
	now := a.Now()
	key := actor.User + "\x00" + act.Action + act.Topic + act.Subject.String() + act.IDs + act.Purpose.Ref + actor.Purpose.Kind + actor.Purpose.Ref + actor.Purpose.Text
	if a.looks.again(key, now) {
		return nil
	}
	if err := a.Store.Update(ctx, func(tx record.Tx) error { return tx.Audit(act) }); err != nil {
		return err
	}
	a.looks.done(key, now)
	return nil
}

// purposed gives the actor if they may do the action and have said why they work with named data.
func (a *API) purposed(ctx context.Context, action, topic string) (record.Actor, error) {
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return actor, err
	}
	if topic != "" {
		if err := access.Check(actor, action, topic); err != nil {
			return actor, err
		}
	}
	if !actor.Machine && !actor.Purpose.Valid(a.Now()) {
		return actor, record.Errorf(record.NoPurpose, "say what you are working on: named data is opened for a purpose")
	}
	return actor, nil
}

// hashIDs is SHA-256 over the sorted ids: two looks at the same records have the same hash, and it names none.
func hashIDs(ids []record.ID) string {
	if len(ids) == 0 {
		return ""
	}
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b record.ID) int { return bytes.Compare(a[:], b[:]) })
	h := sha256.New()
	for _, id := range ids {
		h.Write(id[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// idsOf gives the ids of rows.
func idsOf(rows []record.Row) []record.ID {
	out := make([]record.ID, len(rows))
	for i, r := range rows {
		out[i] = r.ID
	}
	return out
}

// machine reads for the program itself: counters and headings that are not named data of anybody's case.
func (a *API) machine(ctx context.Context, part string) context.Context {
	return record.WithActor(ctx, record.Machine(part, ""))
}
