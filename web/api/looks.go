package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"sarhad/engine/match"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
)

// LookAgain is how long the same look (same officer, purpose, question, records) is one act: a screen that refreshes itself
// is not somebody looking again. A search is an act each time somebody searches.
const LookAgain = 5 * time.Minute

// manyLooks is when a generation of remembered looks is full: an hour of two hundred officers. Forgetting one costs a second
// act, never a missing one.
const manyLooks = 10_000

// looks remembers recent looks so that a refreshed screen does not flood the audit. It keeps two generations and drops the
// elder when the younger is full or old, so it neither grows nor is searched through.
type looks struct {
	mu           sync.Mutex
	young, elder map[lookKey]time.Time
	since        time.Time // of the young
}

type lookKey [sha256.Size]byte

func (l *looks) again(key lookKey, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, seen := range []map[lookKey]time.Time{l.young, l.elder} {
		if at, ok := seen[key]; ok && now.Sub(at) < LookAgain {
			return true
		}
	}
	return false
}

func (l *looks) done(key lookKey, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.young == nil || len(l.young) >= manyLooks || now.Sub(l.since) >= LookAgain {
		l.elder, l.young, l.since = l.young, map[lookKey]time.Time{}, now
	}
	l.young[key] = now
}

// question is what an officer asked for, beside the right to see it.
type question struct {
	text  string // words or a key to find; "" = a list as it stands
	parts []string
}

// asked makes a question of the text searched for and of everything else that chooses what is shown.
func asked(text string, parts ...string) question {
	return question{match.Fold(strings.TrimSpace(text)), parts}
}

// look runs a read for an officer: access, purpose, the read itself, and the act that says it, before anything is
// answered. fn gives the ids of the records whose content it shows.
func (a *API) look(ctx context.Context, act record.Act, q question, fn func(record.Tx) ([]record.ID, error)) error {
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
	if len(ids) == 1 && act.Subject.IsZero() && act.Action == "read" {
		act.Subject = ids[0]
	}
	act.Count = len(ids)
	return a.noted(ctx, actor, act, q, ids)
}

// noted writes down that the actor saw these records, unless the same look was written down a moment ago. What was
// searched for goes into the act as a keyed hash: oversight sees that somebody asks the same again, not what.
func (a *API) noted(ctx context.Context, actor record.Actor, act record.Act, q question, ids []record.ID) error {
	if err := a.opened(ctx, act); err != nil {
		return err
	}
	act.IDs = record.HashIDs(ids)
	if q.text != "" {
		act.Reason = a.queryCode(q.text)
		if act.Action == "list" {
			act.Action = "search"
		}
	}
	now, key := a.Now(), keyOfLook(actor, act, q)
	if (q.text == "" || isQuiet(ctx)) && a.looks.again(key, now) {
		return nil
	}
	if err := a.Store.Update(ctx, func(tx record.Tx) error { return tx.Audit(act) }); err != nil {
		return err
	}
	a.looks.done(key, now)
	return nil
}

// keyOfLook is everything that makes a look another one.
func keyOfLook(actor record.Actor, act record.Act, q question) (key lookKey) {
	h := sha256.New()
	words := []string{actor.User, act.Action, act.Topic, act.Subject.String(), act.IDs,
		act.Purpose.Kind, act.Purpose.Ref, act.Purpose.Text, actor.Purpose.Kind, actor.Purpose.Ref, actor.Purpose.Text, q.text}
	for _, w := range append(words, q.parts...) {
		fmt.Fprintf(h, "%d:%s", len(w), w)
	}
	h.Sum(key[:0])
	return key
}

func (a *API) queryCode(folded string) string { return QueryCode(a.QueryKey, folded) }

// QueryCode is HMAC-SHA-256 over the folded text under a key of the node, cut to 64 bits: what the log keeps of a search.
func QueryCode(key []byte, folded string) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(folded))
	return "query:" + hex.EncodeToString(m.Sum(nil)[:8])
}

type quietKey struct{}

// quietly marks the requests that a screen makes by itself, as authn.Unattended tells them.
func quietly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if authn.Unattended(r) {
			r = r.WithContext(context.WithValue(r.Context(), quietKey{}, true))
		}
		next.ServeHTTP(w, r)
	})
}

func isQuiet(ctx context.Context) bool {
	quiet, _ := ctx.Value(quietKey{}).(bool)
	return quiet
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
		return actor, record.NeedPurpose()
	}
	return actor, nil
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
