package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sarhad/record"
)

const (
	// literalClasses is up to how many classes a filter is written as numbers into the query: reading 325 numbers costs
	// 0.4 ms, 5,000 cost 4 ms, and 0.1 ms through a table.
	literalClasses = 500
	// maxProfiles bounds the remembered answers of Allow.
	maxProfiles = 256
)

// scopes knows every class of visibility and what Allow said of it. Classes are numbered from 1 without gaps.
type scopes struct {
	allow func(record.Actor, record.Scope) bool

	mu       sync.RWMutex
	all      []record.Scope // class n is all[n-1]
	number   map[record.Scope]int64
	profiles map[string]*profile
}

// profile is what one set of rights may read.
type profile struct {
	seen    int     // classes asked about
	allowed []int64 // ascending
}

func newScopes(allow func(record.Actor, record.Scope) bool) *scopes {
	return &scopes{allow: allow, number: map[record.Scope]int64{}, profiles: map[string]*profile{}}
}

// rightsOf names everything of an actor that Allow may look at, so that two actors with the same rights share a profile.
func rightsOf(a record.Actor) string {
	return strings.Join(append([]string{a.User, a.Agency, a.Place, strconv.FormatBool(a.Machine), a.Purpose.Kind, a.Purpose.Ref}, a.Roles...), "\x00")
}

// ForgetAccess drops the remembered answers of Allow. The app calls it when the table of rights or the officers of a case
// changed.
func (s *Store) ForgetAccess() {
	s.scopes.mu.Lock()
	defer s.scopes.mu.Unlock()
	clear(s.scopes.profiles)
}

// add takes in the classes above those known. Several transactions may bring the same ones.
func (sc *scopes) add(first int64, fresh []record.Scope) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	for i, s := range fresh {
		if n := first + int64(i); n == int64(len(sc.all))+1 {
			sc.all = append(sc.all, s)
			sc.number[s] = n
		}
	}
}

func (sc *scopes) known() int64 {
	sc.mu.RLock()
	defer sc.mu.RUnlock()
	return int64(len(sc.all))
}

func (sc *scopes) get(vis int64) (record.Scope, bool) {
	sc.mu.RLock()
	defer sc.mu.RUnlock()
	if vis < 1 || vis > int64(len(sc.all)) {
		return record.Scope{}, false
	}
	return sc.all[vis-1], true
}

func (sc *scopes) find(s record.Scope) (int64, bool) {
	sc.mu.RLock()
	defer sc.mu.RUnlock()
	n, ok := sc.number[s]
	return n, ok
}

// readable gives the classes an actor may read, among the first n.
func (sc *scopes) readable(a record.Actor, n int64) []int64 {
	rights := rightsOf(a)
	sc.mu.Lock()
	defer sc.mu.Unlock()
	p := sc.profiles[rights]
	if p == nil {
		if len(sc.profiles) >= maxProfiles {
			clear(sc.profiles)
		}
		p = &profile{}
		sc.profiles[rights] = p
	}
	for ; p.seen < len(sc.all); p.seen++ {
		if sc.allow(a, sc.all[p.seen]) {
			p.allowed = append(p.allowed, int64(p.seen)+1)
		}
	}
	end, _ := slices.BinarySearch(p.allowed, n+1)
	return p.allowed[:end:end]
}

// loadScopes makes sure that every class this transaction can see is known.
func (t *tx) loadScopes() error {
	if t.classes > 0 {
		return nil
	}
	n := t.next.vis // the writer counts them itself
	if !t.write {
		if err := t.ses.one(t.ctx, `SELECT coalesce(max(vis), 0) FROM vis`, nil, &n); err != nil {
			return err
		}
	}
	if have := t.s.scopes.known(); n-int64(len(t.newScopes)) > have {
		var fresh []record.Scope
		err := t.ses.each(t.ctx, `SELECT node, agency, marking, tlp, topic, place, releasable, codes, case_ FROM vis WHERE vis > $1 ORDER BY vis`,
			[]any{have}, func(rows *sql.Rows) error {
				var s record.Scope
				err := rows.Scan(&s.Node, &s.Agency, &s.Marking, &s.TLP, &s.Topic, &s.Place, &s.Releasable, &s.Codes, &s.Case)
				fresh = append(fresh, s)
				return err
			})
		if err != nil {
			return err
		}
		t.s.scopes.add(have+1, fresh[:len(fresh)-len(t.newScopes)])
	}
	if !t.write { // in an Update the number grows
		t.classes = n
	}
	return nil
}

// scope gives the scope of a class.
func (t *tx) scope(vis int64) (record.Scope, error) {
	if s, ok := t.s.scopes.get(vis); ok {
		return s, nil
	}
	if err := t.loadScopes(); err != nil {
		return record.Scope{}, err
	}
	if s, ok := t.s.scopes.get(vis); ok {
		return s, nil
	}
	if i := vis - t.s.scopes.known() - 1; i >= 0 && i < int64(len(t.newScopes)) {
		return t.newScopes[i], nil
	}
	return record.Scope{}, fmt.Errorf("class of visibility %d is not in the table vis", vis)
}

// intern gives the class of a scope and makes it when it is new.
func (t *tx) intern(s record.Scope) (int64, error) {
	if err := t.loadScopes(); err != nil {
		return 0, err
	}
	if n, ok := t.s.scopes.find(s); ok {
		return n, nil
	}
	if i := slices.Index(t.newScopes, s); i >= 0 {
		return t.s.scopes.known() + int64(i) + 1, nil
	}
	t.next.vis++
	_, err := t.ses.exec(t.ctx, `INSERT INTO vis (vis, node, agency, marking, tlp, topic, place, releasable, codes, case_)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		t.next.vis, s.Node, s.Agency, s.Marking, s.TLP, s.Topic, s.Place, s.Releasable, s.Codes, s.Case)
	if err != nil {
		return 0, t.broke(err)
	}
	t.newScopes = append(t.newScopes, s)
	clear(t.filters)
	return t.next.vis, nil
}

// reads reports whether the actor may read a scope.
func (t *tx) reads(s record.Scope) bool { return t.actor.Machine || t.s.cfg.Allow(t.actor, s) }

// filter is the set of classes a query may touch.
type filter struct {
	all  bool   // no condition
	none bool   // nothing can be found
	in   string // what stands between the brackets of IN
}

// on gives the condition for a column; "" when there is none.
func (f filter) on(column string) string {
	switch {
	case f.all:
		return ""
	case f.none:
		return "1 = 0"
	}
	return column + " IN (" + f.in + ")"
}

// filter gives the classes the actor may read, of the given topics when there are any.
func (t *tx) filter(topics []string) (filter, error) {
	if t.actor.Machine && len(topics) == 0 {
		return filter{all: true}, nil
	}
	key := strings.Join(topics, "\x00")
	if f, ok := t.filters[key]; ok {
		return f, nil
	}
	if err := t.loadScopes(); err != nil {
		return filter{}, err
	}
	known := t.s.scopes.known()
	if t.classes > 0 {
		known = min(known, t.classes)
	}
	var classes []int64
	if t.actor.Machine {
		for n := range known {
			classes = append(classes, n+1)
		}
	} else {
		classes = t.s.scopes.readable(t.actor, known)
	}
	for i, s := range t.newScopes {
		if t.reads(s) {
			classes = append(classes, known+int64(i)+1)
		}
	}
	if len(topics) > 0 {
		classes = slices.DeleteFunc(slices.Clone(classes), func(n int64) bool {
			s, err := t.scope(n)
			return err != nil || !slices.Contains(topics, s.Topic)
		})
	}
	f, err := t.filterOf(classes)
	if err == nil {
		t.filters[key] = f
	}
	return f, err
}

func (t *tx) filterOf(classes []int64) (filter, error) {
	if len(classes) == 0 {
		return filter{none: true}, nil
	}
	list := make([]byte, 0, 6*len(classes))
	for i, n := range classes {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, n, 10)
	}
	if len(classes) <= literalClasses {
		return filter{in: string(list)}, nil
	}
	n, err := t.ses.grant(context.WithoutCancel(t.ctx), string(list), classes)
	return filter{in: "SELECT vis FROM granted WHERE profile = " + strconv.Itoa(n)}, err
}

// grant writes a long list of classes into a temporary table of this connection, once.
func (s *session) grant(ctx context.Context, list string, classes []int64) (int, error) {
	if n, ok := s.granted[list]; ok {
		return n, nil
	}
	if len(s.granted) == 0 { // new connection, or rolled back
		if err := s.raw(ctx, `CREATE TEMPORARY TABLE IF NOT EXISTS granted (profile INTEGER NOT NULL, vis INTEGER NOT NULL, PRIMARY KEY (profile, vis))`); err != nil {
			return 0, err
		}
	}
	if len(s.granted) >= maxProfiles/8 {
		if _, err := s.exec(ctx, `DELETE FROM granted`); err != nil {
			return 0, err
		}
		clear(s.granted)
	}
	s.grants++
	for _, vis := range classes {
		if _, err := s.exec(ctx, `INSERT INTO granted (profile, vis) VALUES ($1, $2)`, s.grants, vis); err != nil {
			return 0, err
		}
	}
	s.granted[list] = s.grants
	return s.grants, nil
}
